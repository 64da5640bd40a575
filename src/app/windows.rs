//! What is said of a window that runs out, or is to be longer: to whom, with the buttons that help.

use super::App;
use super::answer::Teller;
use super::cards::{ballot_buttons, change_button, row};
use super::freezes::calling;
use super::handle::HandleError;
use super::rollbacks::back_button;
use crate::domain::{Change, ChangeEvent, Event, PersonId};
use crate::language::presses::PressAction;
use crate::render::{ButtonStyle, Message};

/// Voters whom one message asks.
const ASKED_MAX: usize = 8;

impl App {
    /// Whether an event is told with more than its line.
    pub(super) fn has_window_message(event: &ChangeEvent) -> bool {
        matches!(
            event,
            ChangeEvent::WindowWarned { .. }
                | ChangeEvent::WindowExpired { .. }
                | ChangeEvent::ExtensionRequested { .. }
                | ChangeEvent::ExtensionDenied { .. }
        )
    }

    /// The sentence, for those who are asked, with what they can press.
    pub(super) fn window_message(
        teller: &Teller<'_>,
        change: &Change,
        event: &ChangeEvent,
    ) -> Result<Message, HandleError> {
        let organisation = &teller.tenant.organisation;
        let line = teller.line(change.subject(), &Event::Change(event.clone()))?;
        let asks = matches!(event, ChangeEvent::ExtensionRequested { .. }) && change.is_extending();
        let mut message = calling(organisation, line, &if asks { voters(change) } else { Vec::new() });
        let button = |action, style| change_button(change, action, style);
        let mut buttons = Vec::new();
        if asks {
            buttons = ballot_buttons(&button);
        } else if change.may_be_extended(&teller.tenant.policy) {
            buttons.push(button(PressAction::Extend, ButtonStyle::Primary));
        }
        let is_at_end = !asks && !change.may_be_extended(&teller.tenant.policy) && !change.is_to_go_back();
        if matches!(event, ChangeEvent::WindowExpired { .. }) && is_at_end {
            buttons.push(button(PressAction::Escalate, ButtonStyle::Plain));
        }
        if change.status.is_running() && !asks {
            buttons.push(back_button(change, ButtonStyle::Danger));
        }
        if !buttons.is_empty() {
            message.blocks.push(row(buttons));
        }
        Ok(message)
    }
}

/// Those of the roster whose ballots count.
fn voters(change: &Change) -> Vec<PersonId> {
    let roster = change.vote.iter().flat_map(|vote| &vote.roster).map(|member| &member.person);
    roster.filter(|person| !change.is_own(person)).take(ASKED_MAX).cloned().collect()
}
