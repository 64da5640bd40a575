//! Steps of an incident that look like changes: what the room is asked, with the buttons that answer it.

use serde_json::{Value, json};

use super::answer::Teller;
use super::cards::{button, row};
use super::freezes::calling;
use super::handle::HandleError;
use super::{App, Tenant};
use crate::domain::configuration_step::configuration_step;
use crate::domain::{
    ChangeDraft, Command, DraftEvent, DraftFate, Event, Incident, IncidentEvent, PersonId, Subject, Target, World,
};
use crate::language::presses::{Press, PressAction};
use crate::render::{Block, Button, ButtonStyle, Message};
use crate::store::Tx;

/// Fills in the changes of an incident, where a step that somebody notes may be part of one.
pub(super) async fn load_covering(
    tx: &mut Tx,
    tenant: &Tenant,
    world: &mut World<'_>,
    command: &Command,
) -> Result<(), HandleError> {
    let (Target::Incident(incident), Command::Note { text }) = (&world.target, command) else { return Ok(()) };
    if configuration_step(text, &tenant.organisation.services).is_some() {
        world.linked_changes = tx.changes_of_incident(incident.number).await?;
    }
    Ok(())
}

impl App {
    /// The sentence for the room; what waits for an answer comes with its buttons, and a reminder calls its author.
    pub(super) fn draft_message(
        teller: &Teller<'_>,
        incident: &Incident,
        event: &DraftEvent,
    ) -> Result<Message, HandleError> {
        let line = teller.line(incident.subject(), &Event::Incident(IncidentEvent::Draft(event.clone())))?;
        let called: &[PersonId] = match event.fate {
            DraftFate::Reminded => std::slice::from_ref(&event.author),
            _ => &[],
        };
        let mut message = calling(&teller.tenant.organisation, line, called);
        let waits = matches!(event.fate, DraftFate::Offered { .. } | DraftFate::Reminded);
        message.blocks.extend(incident.draft(event.draft).filter(|_| waits).map(|draft| buttons(incident, draft)));
        Ok(message)
    }
}

fn buttons(incident: &Incident, draft: &ChangeDraft) -> Block {
    let press = |action| Press::on(action, incident.subject(), Some(draft.number));
    let complete = |style| button(press(PressAction::CompleteDraft), style);
    let no_change = button(press(PressAction::NotAChange), ButtonStyle::Plain);
    row(match draft.change {
        Some(change) => {
            let part = Button {
                label: format!("{} {}", PressAction::PartOf.label(), Subject::Change(change)),
                ..button(press(PressAction::PartOf), ButtonStyle::Primary)
            };
            vec![part, complete(ButtonStyle::Plain), no_change]
        }
        None => vec![complete(ButtonStyle::Primary), no_change],
    })
}

/// What waits for an answer, for the incident's card.
pub(super) fn drafts_data(tenant: &Tenant, incident: &Incident) -> Vec<Value> {
    let service = |draft: &ChangeDraft| draft.service.as_ref().map(|key| tenant.organisation.service_name(key));
    incident
        .open_drafts()
        .map(|draft| json!({"number": draft.number.to_string(), "person": draft.by, "service": service(draft)}))
        .collect()
}
