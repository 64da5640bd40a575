//! What is said of the review of an emergency change: to whom, with the buttons that close it.

use super::App;
use super::answer::Teller;
use super::cards::{button, row};
use super::freezes::calling;
use super::handle::HandleError;
use crate::domain::decide::reviewers;
use crate::domain::{Change, Event, Organisation, PersonId, PirEvent, Role};
use crate::language::presses::{Press, PressAction};
use crate::render::{Block, ButtonStyle, Message};

/// People whom one message asks.
const ASKED_MAX: usize = 2;

impl App {
    /// The sentence for the room and the changes' channels, for those who are asked, with the buttons while it is due.
    pub(super) fn pir_message(teller: &Teller<'_>, change: &Change, event: &PirEvent) -> Result<Message, HandleError> {
        let organisation = &teller.tenant.organisation;
        let line = teller.line(change.subject(), &Event::Pir(event.clone()))?;
        let mut message = calling(organisation, line, &called(organisation, change, event));
        if change.due_pir().is_some() {
            message.blocks.push(pir_buttons(change));
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

fn called(organisation: &Organisation, change: &Change, event: &PirEvent) -> Vec<PersonId> {
    match event {
        PirEvent::Opened { .. } | PirEvent::Reminded { .. } => {
            reviewers(organisation, change).into_iter().take(ASKED_MAX).collect()
        }
        PirEvent::Overdue { .. } => organisation.with_role(Role::ChangeManager).into_iter().cloned().collect(),
        PirEvent::Closed { .. } => Vec::new(),
    }
}
