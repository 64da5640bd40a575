//! What changes claim: what a command has to know of it, and whom it is put to in private.

use super::App;
use super::answer::{Teller, plain};
use super::cards::{change_button, row};
use super::handle::HandleError;
use crate::domain::rules::{ClaimKind, ClaimState};
use crate::domain::{Change, ClaimEvent, Command, Decision, Event, PersonId, State, Target, World};
use crate::language::presses::{Press, PressAction};
use crate::render::{Block, Button, ButtonStyle, Message};
use crate::store::{Job, Later, Tx};

/// Fills in what a change claims, and the incidents that hold its start up, where the command may need it.
pub(super) async fn load_claims(tx: &mut Tx, world: &mut World<'_>, command: &Command) -> Result<(), HandleError> {
    let Target::Change { change, .. } = &world.target else { return Ok(()) };
    match command {
        Command::EditChange(_) | Command::ScheduleChange { .. } | Command::Extend { .. } => {}
        Command::Claim(_) => {
            world.bookings.troubles = tx.troubles(change.number).await?;
            for trouble in &world.bookings.troubles {
                world.incidents_near.extend(tx.incident(trouble.incident).await?);
            }
        }
        _ => return Ok(()),
    }
    world.claims = tx.claims(change.number).await?;
    Ok(())
}

impl App {
    /// Puts a claim to whoever decides on it, in private; and tells those whose change it is what was said.
    pub(super) async fn follow_claims(
        tx: &mut Tx,
        teller: &Teller<'_>,
        decision: &Decision,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let State::Change(change) = &decision.state else { return Ok(()) };
        for (nth, event) in decision.events.iter().enumerate() {
            let Event::Claim(of) = event else { continue };
            let people = match of {
                ClaimEvent::Made { kind, incident, .. } => deciders(tx, teller, change, *kind, *incident).await?,
                ClaimEvent::Decided { .. } => {
                    let mut own = vec![change.requester.clone(), change.implementer.clone()];
                    own.dedup();
                    own
                }
            };
            let line = Block::Paragraph { text: teller.line(decision.subject, event)? };
            let (hint, buttons) = what_to_do(change, of);
            let hint = (!hint.is_empty()).then(|| Block::Paragraph { text: plain(&hint) });
            let blocks = [line].into_iter().chain(hint).chain([row(buttons)]).collect();
            let message = Message { blocks, ..Message::default() };
            let key = format!("claim-{}-{}-{nth}", change.number, change.version);
            jobs.extend(Job::direct_each(tx.tenant(), people, &key, &message));
        }
        Ok(())
    }
}

async fn deciders(
    tx: &mut Tx,
    teller: &Teller<'_>,
    change: &Change,
    kind: ClaimKind,
    incident: Option<i64>,
) -> Result<Vec<PersonId>, HandleError> {
    let organisation = &teller.tenant.organisation;
    let beside = match incident {
        Some(number) => tx.incident(number).await?,
        None => None,
    };
    Ok(match (kind, beside) {
        (ClaimKind::Clearance, Some(incident)) => organisation.clearers(&incident, change),
        _ => organisation.confirmers(&change.requester, &change.implementer),
    })
}

fn what_to_do(change: &Change, event: &ClaimEvent) -> (String, Vec<Button>) {
    let button = |action, style| change_button(change, action, style);
    let details = button(PressAction::Details, ButtonStyle::Plain);
    let id = change.subject();
    match event {
        ClaimEvent::Made { kind: ClaimKind::Exploit, .. } => {
            // Whatever revision it is at by then: what is exploited is the service.
            let button = |action, style| super::cards::button(Press::on(action, change.subject(), None), style);
            let hint = format!(
                "Is it exploited now, or about to fail? {id} is an emergency once you confirm it, and goes its regular way \
                 until then."
            );
            let buttons = vec![
                button(PressAction::ConfirmExploit, ButtonStyle::Primary),
                button(PressAction::DenyExploit, ButtonStyle::Danger),
                details,
            ];
            (hint, buttons)
        }
        ClaimEvent::Made { kind: ClaimKind::Clearance, .. } => {
            let hint = "It starts beside the incident only if you clear it, with a reason.".to_owned();
            let buttons = vec![
                button(PressAction::Clear, ButtonStyle::Primary),
                button(PressAction::RefuseClearance, ButtonStyle::Danger),
                details,
            ];
            (hint, buttons)
        }
        ClaimEvent::Decided { kind: ClaimKind::Clearance, state: ClaimState::Confirmed, .. } => {
            let start = button(PressAction::Start, ButtonStyle::Primary);
            ("It may start inside its window.".to_owned(), vec![start, details])
        }
        ClaimEvent::Decided { .. } => (String::new(), vec![details]),
    }
}
