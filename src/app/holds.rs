//! Changes that freezes hold up: when that is looked at, and what those who asked for them are told.

use serde_json::{Value, json};

use super::App;
use super::answer::{Teller, plain};
use super::cards::change_button;
use super::handle::HandleError;
use crate::domain::event::HoldEvent;
use crate::domain::rules::ChangeKind;
use crate::domain::{
    Change, ChangeEvent, ChangeStatus, Decision, Event, Freeze, FreezeEvent, FreezeStatus, PersonId, State, Subject,
};
use crate::language::presses::PressAction;
use crate::render::{Block, Button, ButtonStyle, Message};
use crate::store::{Job, Later, Tx};

impl App {
    /// Enqueues a look at every change that what happened to a freeze may hold up, or let go.
    pub(super) async fn check_holds(
        &self,
        tx: &mut Tx,
        freeze: &Freeze,
        decision: &Decision,
    ) -> Result<(), HandleError> {
        let mut changes: Vec<i64> = Vec::new();
        for event in &decision.events {
            let Event::Freeze(event) = event else { continue };
            match looked_at(event, freeze) {
                Looked::None => {}
                Looked::One(change) => changes.push(change),
                // All of them, by number only: the rules say of each which freezes it meets.
                Looked::All => changes.extend(tx.changes_agreed().await?),
            }
        }
        let check = |change| Job::CheckHold { tenant: tx.tenant(), change }.now();
        let jobs: Vec<Later> = changes.into_iter().map(check).collect();
        tx.enqueue(jobs);
        Ok(())
    }

    /// Enqueues what follows from a hold for those who asked for the change; and a look at the freezes where a change is
    /// agreed to, or gets its window: a freeze that begins at the same moment does not see it yet, nor it the freeze.
    /// `is_asked`: whether anybody is told; of a batch, one of its changes speaks for all.
    pub(super) fn follow_holds(
        tx: &Tx,
        teller: &Teller<'_>,
        decision: &Decision,
        is_asked: bool,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let State::Change(change) = &decision.state else { return Ok(()) };
        for event in &decision.events {
            let is_planned =
                matches!(event, Event::Change(ChangeEvent::Approved { .. } | ChangeEvent::Scheduled { .. }));
            if is_planned {
                jobs.push(Job::CheckHold { tenant: tx.tenant(), change: change.number }.now());
            }
            let Event::Change(ChangeEvent::Hold(of)) = event else { continue };
            // Whoever starts it knows that it is let go; where it waits for its turn instead, the line says so.
            if !is_asked || matches!(change.status, ChangeStatus::Implementing | ChangeStatus::Queued) {
                continue;
            }
            let line = Block::Paragraph { text: teller.line(decision.subject, event)? };
            let (hint, buttons) = what_to_do(change, of);
            let hint = Block::Paragraph { text: plain(&hint) };
            let blocks = vec![line, hint, Block::Actions { buttons }];
            let message = Message { blocks, ..Message::default() };
            let key = format!("hold-{}-{}", change.number, change.version);
            jobs.extend(Job::direct_each(tx.tenant(), owners(change), &key, &message));
        }
        Ok(())
    }
}

/// Which changes are looked at.
enum Looked {
    None,
    One(i64),
    All,
}

fn looked_at(event: &FreezeEvent, freeze: &Freeze) -> Looked {
    match event {
        FreezeEvent::Created(_) if freeze.status != FreezeStatus::Active => Looked::None,
        FreezeEvent::Created(_)
        | FreezeEvent::Begun { .. }
        | FreezeEvent::Stabilising { .. }
        | FreezeEvent::Restored { .. }
        | FreezeEvent::Extended { .. }
        | FreezeEvent::Lifted { .. } => Looked::All,
        FreezeEvent::OverrideGranted { change, .. } | FreezeEvent::OverrideExpired { change, .. } => {
            Looked::One(*change)
        }
        FreezeEvent::Agreed { .. }
        | FreezeEvent::Objected { .. }
        | FreezeEvent::Awaited { .. }
        | FreezeEvent::NotAgreed { .. }
        | FreezeEvent::Announced { .. }
        | FreezeEvent::Ending { .. }
        | FreezeEvent::ReviewDue { .. }
        | FreezeEvent::Cancelled { .. }
        | FreezeEvent::Passed { .. }
        | FreezeEvent::OverrideRequested { .. }
        | FreezeEvent::OverrideSigned { .. }
        | FreezeEvent::OverrideDenied { .. }
        | FreezeEvent::OverrideUsed { .. }
        | FreezeEvent::OverrideVoid { .. } => Looked::None,
    }
}

/// Since when freezes hold a change up, for its card.
pub(super) fn hold_data(change: &Change) -> Value {
    let hold = change.hold.as_ref().filter(|_| change.status == ChangeStatus::OnHold);
    hold.map_or(Value::Null, |hold| {
        let freezes: Vec<String> = hold.freezes.iter().map(|number| Subject::Freeze(*number).to_string()).collect();
        json!({ "since": hold.since, "freezes": freezes })
    })
}

/// What helps whoever is held up. The window of an emergency opens with its approval, and is not planned.
pub(super) fn hold_buttons(change: &Change) -> Vec<Button> {
    let mut buttons = vec![change_button(change, PressAction::Except, ButtonStyle::Primary)];
    if change.kind != ChangeKind::Emergency {
        buttons.push(change_button(change, PressAction::Reschedule, ButtonStyle::Plain));
    }
    buttons.push(change_button(change, PressAction::Details, ButtonStyle::Plain));
    buttons
}

fn what_to_do(change: &Change, event: &HoldEvent) -> (String, Vec<Button>) {
    let id = change.subject();
    match event {
        HoldEvent::Held { .. } => {
            let mut hint =
                format!("It stays approved, and is not started until then. `/freeze check {id}` says by which rule.");
            if change.planned.is_some() && change.kind != ChangeKind::Emergency {
                hint += " Another time asks for all approvals again.";
            }
            (hint, hold_buttons(change))
        }
        HoldEvent::Released { passed: true, .. } => {
            let first = change_button(change, PressAction::Reschedule, ButtonStyle::Primary);
            let hint = format!(
                "`/change sched {id}` says when it may run, and asks for all approvals again; `/change plan conflicts \
                 {id}` finds a time."
            );
            (hint, vec![first, change_button(change, PressAction::Details, ButtonStyle::Plain)])
        }
        HoldEvent::Released { passed: false, .. } => {
            let first = change_button(change, PressAction::Start, ButtonStyle::Primary);
            let hint = "It may start inside its window, as before.".to_owned();
            (hint, vec![first, change_button(change, PressAction::Details, ButtonStyle::Plain)])
        }
    }
}

/// Whoever asked for it, and whoever carries it out.
pub(super) fn owners(change: &Change) -> Vec<PersonId> {
    let mut owners = vec![change.requester.clone(), change.implementer.clone()];
    owners.dedup();
    owners
}
