//! A change on its way back: what the card shows of it, who is called, and the buttons that say how a step went.

use serde_json::{Value, json};

use super::App;
use super::answer::{Teller, plain};
use super::cards::{change_button, row};
use super::freezes::calling;
use super::handle::HandleError;
use super::plans::step_phrase;
use crate::domain::event::RollbackEvent;
use crate::domain::{Change, ChangeEvent, Decision, Event, Organisation, PersonId, State, Target};
use crate::language::presses::PressAction;
use crate::render::{Block, Button, ButtonStyle, Message};
use crate::store::{Job, Later, Tx};

impl App {
    /// The sentence for the room, with the step that is next and the buttons that say how it went.
    pub(super) fn rollback_message(
        teller: &Teller<'_>,
        change: &Change,
        event: &RollbackEvent,
    ) -> Result<Message, HandleError> {
        let organisation = &teller.tenant.organisation;
        let line = teller.line(change.subject(), &of(event))?;
        let owner = change.next_step().and_then(|step| step.person(organisation));
        let mut message = calling(organisation, line, owner.as_slice());
        message.blocks.extend(next_step(organisation, change));
        Ok(message)
    }

    /// Where a step failed, whose it is, whoever carries the change out and whoever commands are told in private.
    pub(super) fn follow_rollbacks(
        tx: &mut Tx,
        teller: &Teller<'_>,
        target: &Target,
        decision: &Decision,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let State::Change(change) = &decision.state else { return Ok(()) };
        for event in &decision.events {
            let Event::Change(ChangeEvent::Rollback(event @ RollbackEvent::StepFailed { person, .. })) = event else {
                continue;
            };
            let line = Block::Paragraph { text: teller.line(change.subject(), &of(event))? };
            let blocks = [line].into_iter().chain(next_step(&teller.tenant.organisation, change)).collect();
            let message = Message { blocks, ..Message::default() };
            let key = format!("rollback-{}-{}", change.number, change.version);
            let mut people: Vec<PersonId> = Vec::new();
            for person in person.iter().chain([&change.implementer]).chain(commander(target)) {
                if teller.actor.person() != Some(person) && !people.contains(person) {
                    people.push(person.clone());
                }
            }
            jobs.extend(Job::direct_each(tx.tenant(), people, &key, &message));
        }
        Ok(())
    }
}

/// How far it is taken back, for its card.
pub(super) fn walk_data(organisation: &Organisation, change: &Change) -> Value {
    let Some(walk) = &change.walk else { return Value::Null };
    let step = change.next_step().map(|step| step_phrase(organisation, &step));
    json!({
        "since": walk.began_at, "next": walk.next().to_string(), "of": walk.of.to_string(), "step": step,
        "took": walk.is_over().then(|| walk.took()),
    })
}

/// The button that takes a change back: at once where its plan has one step, otherwise step by step.
pub(super) fn back_button(change: &Change, style: ButtonStyle) -> Button {
    change_button(change, back_action(change), style)
}

pub(super) fn back_action(change: &Change) -> PressAction {
    if change.has_steps() { PressAction::WalkBack } else { PressAction::RollBack }
}

pub(super) fn step_buttons(change: &Change) -> Vec<Button> {
    vec![
        change_button(change, PressAction::StepDone, ButtonStyle::Primary),
        change_button(change, PressAction::StepFailed, ButtonStyle::Danger),
    ]
}

fn next_step(organisation: &Organisation, change: &Change) -> Vec<Block> {
    let (Some(walk), Some(step)) = (change.open_walk(), change.next_step()) else { return Vec::new() };
    let told = format!("Step {} of {}: {}", walk.next(), walk.of, step_phrase(organisation, &step).replace('`', "'"));
    vec![Block::Paragraph { text: plain(&told) }, row(step_buttons(change))]
}

fn commander(target: &Target) -> Option<&PersonId> {
    match target {
        Target::Change { incident, .. } => incident.as_ref().filter(|incident| incident.is_open())?.commander.as_ref(),
        _ => None,
    }
}

fn of(event: &RollbackEvent) -> Event {
    Event::Change(ChangeEvent::Rollback(event.clone()))
}
