//! What is said of the review of a change: to whom, with the buttons that close it; and what one may have to look at.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::answer::{Teller, plain};
use super::cards::{button, row};
use super::freezes::calling;
use super::handle::HandleError;
use super::inbound::Inbound;
use super::target::subject_meant;
use super::{App, Tenant};
use crate::domain::decide::reviewers;
use crate::domain::rules::ChangeKind;
use crate::domain::skipped::Skipped;
use crate::domain::{
    Change, Command, Event, Organisation, PersonId, PirCheck, PirEvent, PirVerdict, Role, Subject, Target, World,
};
use crate::language::presses::{Press, PressAction};
use crate::language::{Call, Filled, VerbId};
use crate::render::{Block, ButtonStyle, Message};
use crate::store::Tx;

/// Entries of a change that are looked through for what it was asked for as, from the first and from the last.
const READ_MAX: i64 = 200;
/// People whom one message asks.
const ASKED_MAX: usize = 2;

/// Fills in what there is to look back on in a change that may come to its end.
pub(super) async fn load_look_back(tx: &mut Tx, world: &mut World<'_>, command: &Command) -> Result<(), HandleError> {
    let ends = matches!(
        command,
        Command::Done { .. } | Command::RollBack { .. } | Command::Rollback(_) | Command::Validation(_)
    );
    match &world.target {
        Target::Change { change, .. } if ends => {
            world.look_back = tx.look_back(change.number).await?;
        }
        _ => {}
    }
    Ok(())
}

impl App {
    /// What an emergency left out of the regular way, what made up for it, and the review that follows.
    pub(super) async fn skipped_steps(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        change: &Change,
    ) -> Result<Vec<Block>, HandleError> {
        let steps = skipped(tx, tenant, change).await?;
        if steps.is_empty() {
            return Ok(Vec::new());
        }
        let step = |one: &Skipped| json!({"step": one.step, "instead": one.instead, "review": one.review.label()});
        let steps: Vec<Value> = steps.iter().map(step).collect();
        let within = tenant.policy.reviews.emergency_change.hold.as_ref().map(ToString::to_string);
        let data = json!({
            "steps": steps, "within": within, "due": change.pir.as_ref().map(|pir| pir.due_at),
            "verdict": change.pir.as_ref().and_then(|pir| pir.verdict).map(PirVerdict::as_str),
        });
        Ok(self.renderer.message("answer/skipped", &data, &tenant.organisation)?.blocks)
    }

    /// Whoever closes the review of an emergency is asked about each step that was left out.
    pub(super) async fn asking_about_skipped(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        inbound: &Inbound,
        call: &Call,
        filled: &mut Filled,
    ) -> Result<(), HandleError> {
        if call.verb().is_none_or(|verb| verb.id != VerbId::ChangePir) {
            return Ok(());
        }
        let named = subject_meant(tx, call, &inbound.place).await?;
        let Some(Subject::Change(number)) = named else { return Ok(()) };
        let Some(change) = tx.change(number).await? else { return Ok(()) };
        let steps = skipped(tx, tenant, &change).await?;
        for check in PirCheck::ALL {
            let of_it = steps.iter().filter(|one| one.review == check);
            let asked: Vec<String> = of_it.map(|one| format!("{} (instead: {})", one.step, one.instead)).collect();
            if !asked.is_empty() {
                filled.notes.push(format!("{}: was this enough? Skipped: {}.", check.label(), asked.join("; ")));
            }
        }
        Ok(())
    }

    /// The sentence for the room and the changes' channels, for those who are asked, with the buttons while it is due.
    pub(super) fn pir_message(teller: &Teller<'_>, change: &Change, event: &PirEvent) -> Result<Message, HandleError> {
        let organisation = &teller.tenant.organisation;
        let line = teller.line(change.subject(), &Event::Pir(event.clone()))?;
        let mut message = calling(organisation, line, &called(organisation, change, event, teller.app.clock.now()));
        if matches!(event, PirEvent::Opened { .. }) {
            // What its plan lacked is said in the line.
            let skipped = change.skipped(organisation, &teller.tenant.policy, []);
            let steps: Vec<String> = skipped.into_iter().map(|skipped| skipped.step).collect();
            let told =
                format!("Skipped: {} · `/change show {}` says what made up for it", steps.join("; "), change.subject());
            message.blocks.extend((!steps.is_empty()).then(|| Block::Context { text: plain(&told) }));
        }
        if change.due_pir().is_some() {
            message.blocks.push(pir_buttons(change));
        }
        if let PirEvent::Closed { answers } = event
            && answers.finds_something()
        {
            let propose = Press::on(PressAction::ProposeAmendment, change.subject(), None);
            message.blocks.push(row(vec![button(propose, ButtonStyle::Plain)]));
        }
        Ok(message)
    }
}

/// The steps that an emergency left out. What its plan lacked is what the log says, as it stood when it was asked for.
async fn skipped(tx: &mut Tx, tenant: &Tenant, change: &Change) -> Result<Vec<Skipped>, HandleError> {
    if change.kind != ChangeKind::Emergency {
        return Ok(Vec::new());
    }
    let first = tx.log_page(&[change.subject()], 0, READ_MAX).await?;
    let mut entries = first.entries;
    if first.total > READ_MAX {
        let from = (first.total - READ_MAX).max(READ_MAX);
        entries.extend(tx.log_page(&[change.subject()], from, READ_MAX).await?.entries);
    }
    let asked =
        entries.iter().rev().find(|entry| ["change.requested", "change.revised"].contains(&entry.kind.as_str()));
    let words = asked.and_then(|entry| entry.data.get("skipped")).and_then(Value::as_array);
    let words = words.into_iter().flatten().filter_map(Value::as_str);
    Ok(change.skipped(&tenant.organisation, &tenant.policy, words.filter_map(Skipped::deferred)))
}

/// One button for each verdict; the form behind it asks for the rest.
pub(super) fn pir_buttons(change: &Change) -> Block {
    let press = |action, style| button(Press::on(action, change.subject(), None), style);
    row(vec![
        press(PressAction::PirCompliant, ButtonStyle::Primary),
        press(PressAction::PirNotCompliant, ButtonStyle::Danger),
        press(PressAction::PirMisclassified, ButtonStyle::Plain),
    ])
}

fn called(organisation: &Organisation, change: &Change, event: &PirEvent, now: DateTime<Utc>) -> Vec<PersonId> {
    match event {
        PirEvent::Opened { .. } | PirEvent::Reminded { .. } => {
            reviewers(organisation, change, now).into_iter().take(ASKED_MAX).collect()
        }
        PirEvent::Overdue { .. } => organisation.holding(Role::ChangeManager),
        PirEvent::Closed { .. } => Vec::new(),
    }
}
