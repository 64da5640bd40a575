//! What is said of the review of a change: to whom, with the buttons that close it; and what one may have to look at.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::answer::{Teller, plain};
use super::cards::{button, row};
use super::freezes::calling;
use super::handle::HandleError;
use super::{App, Tenant};
use crate::domain::decide::reviewers;
use crate::domain::{Change, Command, Event, Organisation, PersonId, PirEvent, PirVerdict, Role, Target, World};
use crate::language::presses::{Press, PressAction};
use crate::render::{Block, ButtonStyle, Message};
use crate::store::Tx;

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
    pub(super) fn skipped_steps(&self, tenant: &Tenant, change: &Change) -> Result<Vec<Block>, HandleError> {
        let steps = change.skipped(&tenant.organisation, &tenant.policy);
        if steps.is_empty() {
            return Ok(Vec::new());
        }
        let steps: Vec<Value> =
            steps.iter().map(|skipped| json!({ "step": skipped.step, "instead": skipped.instead })).collect();
        let within = tenant.policy.reviews.emergency_change.hold.as_ref().map(ToString::to_string);
        let data = json!({
            "steps": steps, "within": within, "due": change.pir.as_ref().map(|pir| pir.due_at),
            "verdict": change.pir.as_ref().and_then(|pir| pir.verdict).map(PirVerdict::as_str),
        });
        Ok(self.renderer.message("answer/skipped", &data, &tenant.organisation)?.blocks)
    }

    /// The sentence for the room and the changes' channels, for those who are asked, with the buttons while it is due.
    pub(super) fn pir_message(teller: &Teller<'_>, change: &Change, event: &PirEvent) -> Result<Message, HandleError> {
        let organisation = &teller.tenant.organisation;
        let line = teller.line(change.subject(), &Event::Pir(event.clone()))?;
        let mut message = calling(organisation, line, &called(organisation, change, event, teller.app.clock.now()));
        if matches!(event, PirEvent::Opened { .. }) {
            let skipped = change.skipped(organisation, &teller.tenant.policy);
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
        PirEvent::Overdue { .. } => organisation.with_role(Role::ChangeManager).into_iter().cloned().collect(),
        PirEvent::Closed { .. } => Vec::new(),
    }
}
