//! Whether what is done works: who is asked, what the card shows of the checks, and what can be done where it does not.

use serde_json::{Value, json};

use super::App;
use super::answer::Teller;
use super::cards::{change_button, row};
use super::doubts::doubt_buttons;
use super::freezes::calling;
use super::handle::HandleError;
use super::rollbacks::back_action;
use crate::domain::rules::ChangeKind;
use crate::domain::{Change, ChangeEvent, ChangeStatus, Decision, Event, PersonId, State, Subject, ValidationEvent};
use crate::language::presses::PressAction;
use crate::render::{Block, Button, ButtonStyle, Message};
use crate::store::{Job, Later, Tx};

impl App {
    /// The sentence for the room, for whoever has to do something now, with the buttons that do it.
    pub(super) fn validation_message(
        teller: &Teller<'_>,
        change: &Change,
        event: &ValidationEvent,
    ) -> Result<Message, HandleError> {
        let line = teller.line(change.subject(), &of(event))?;
        let called: Vec<PersonId> = called(change, event).cloned().into_iter().collect();
        let mut message = calling(&teller.tenant.organisation, line, &called);
        if waits_for_somebody(event) {
            message.blocks.extend(rows(change));
        }
        Ok(message)
    }

    /// Whoever is called is asked in private too, but for what they did themselves.
    pub(super) fn follow_validations(
        tx: &mut Tx,
        teller: &Teller<'_>,
        decision: &Decision,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let State::Change(change) = &decision.state else { return Ok(()) };
        for event in &decision.events {
            let Event::Change(ChangeEvent::Validation(event)) = event else { continue };
            let person = called(change, event).filter(|person| teller.actor.person() != Some(person));
            let Some(person) = person.cloned() else { continue };
            let line = Block::Paragraph { text: teller.line(change.subject(), &of(event))? };
            let blocks = [line].into_iter().chain(rows(change)).collect();
            let message = Box::new(Message { blocks, ..Message::default() });
            let key = format!("validation-{}-{}", change.number, change.version);
            jobs.push(Job::Direct { tenant: tx.tenant(), person, key, message }.now());
        }
        Ok(())
    }
}

/// What is known of whether it works, for its card.
pub(super) fn validation_data(change: &Change) -> Value {
    let Some(validation) = &change.validation else { return Value::Null };
    let state = |passed: Option<bool>| match passed {
        None => "runs",
        Some(true) => "passed",
        Some(false) => "did not pass",
    };
    let checks: Vec<Value> =
        validation.checks.iter().map(|check| json!({"key": check.key, "state": state(check.passed)})).collect();
    match change.status {
        ChangeStatus::Validating => json!({
            "checks": checks, "asked": validation.asked, "implementer": change.implementer,
            "until": validation.watched_until, "failed": null,
            "doubts": change.doubts().into_iter().map(Subject::Incident).collect::<Vec<_>>(),
        }),
        ChangeStatus::Failed => json!({
            "checks": checks, "asked": null, "implementer": change.implementer, "until": null,
            "failed": change.outcome, "doubts": [],
        }),
        _ => Value::Null,
    }
}

/// What can be said while it is not known whether it works; where it does not, what can be done.
pub(super) fn validation_buttons(change: &Change) -> Vec<Button> {
    let attested = change.validation.as_ref().is_some_and(crate::domain::Validation::is_attested);
    let again = (!attested).then_some((PressAction::CheckAgain, ButtonStyle::Plain));
    let said: Vec<(PressAction, ButtonStyle)> = match change.status {
        // Whether an incident comes from it is said first.
        ChangeStatus::Validating if !change.doubts().is_empty() => {
            let ways = [(back_action(change), ButtonStyle::Danger), (PressAction::DoesNotWork, ButtonStyle::Danger)];
            ways.into_iter().chain(again).collect()
        }
        ChangeStatus::Validating if attested => {
            vec![(PressAction::Works, ButtonStyle::Primary), (PressAction::DoesNotWork, ButtonStyle::Danger)]
        }
        ChangeStatus::Validating => {
            [(PressAction::DoesNotWork, ButtonStyle::Danger)].into_iter().chain(again).collect()
        }
        ChangeStatus::Failed => {
            // A record stands as it was written; a change of its own mends what it did.
            let forward = (change.kind != ChangeKind::Retroactive).then_some(PressAction::FixForward);
            let forward = forward.map(|action| (action, ButtonStyle::Plain));
            [(back_action(change), ButtonStyle::Danger)].into_iter().chain(forward).chain(again).collect()
        }
        _ => Vec::new(),
    };
    let said = said.into_iter().map(|(action, style)| change_button(change, action, style));
    doubt_buttons(change).into_iter().chain(said).collect()
}

fn rows(change: &Change) -> Option<Block> {
    let buttons = validation_buttons(change);
    (!buttons.is_empty()).then(|| row(buttons))
}

/// Who has to do something now.
fn called<'a>(change: &'a Change, event: &'a ValidationEvent) -> Option<&'a PersonId> {
    match event {
        ValidationEvent::Opened { asked, .. } => asked.as_ref(),
        ValidationEvent::Reminded { person } => person.as_ref(),
        ValidationEvent::Failed { .. } | ValidationEvent::Doubted { .. } => Some(&change.implementer),
        // Whoever was asked may say now that it works.
        ValidationEvent::Cleared { .. } => {
            let open = change.open_validation().filter(|open| !open.is_doubted());
            open.map(|open| open.asked.as_ref().unwrap_or(&change.implementer))
        }
        ValidationEvent::Again => change.validation.as_ref().and_then(|validation| validation.asked.as_ref()),
        ValidationEvent::Checked { .. } | ValidationEvent::Passed { .. } => None,
    }
}

/// What checks find by themselves asks nobody for anything.
fn waits_for_somebody(event: &ValidationEvent) -> bool {
    match event {
        ValidationEvent::Opened { checks, .. } => checks.is_empty(),
        ValidationEvent::Reminded { .. }
        | ValidationEvent::Failed { .. }
        | ValidationEvent::Doubted { .. }
        | ValidationEvent::Cleared { .. } => true,
        ValidationEvent::Checked { .. } | ValidationEvent::Again | ValidationEvent::Passed { .. } => false,
    }
}

fn of(event: &ValidationEvent) -> Event {
    Event::Change(ChangeEvent::Validation(event.clone()))
}
