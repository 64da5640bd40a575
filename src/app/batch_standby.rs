//! The people on standby for a batch: asked once for all of its changes, and one answer is for all of them.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::answer::Teller;
use super::cards::{button, headline, row};
use super::handle::HandleError;
use super::{App, Tenant};
use crate::domain::batch::Batch;
use crate::domain::rules::StandbyRole;
use crate::domain::standby::{BatchBooking, asks_for_all};
use crate::domain::{Change, Command, PersonId, StandbyCommand, StandbyEvent, StandbyState};
use crate::language::presses::{Press, PressAction};
use crate::render::{Block, ButtonStyle, Message};
use crate::store::{Job, Later, Tx};

/// Changes that a message names; the pages of the batch have all.
const NAMED: usize = 8;

/// What is heard of somebody's bookings for a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    Booked { asked: bool },
    Asked { again: bool },
    Declined,
    Released,
}

impl Heard {
    /// Whether it is about a booking in this state.
    fn is_about(self, state: StandbyState) -> bool {
        match (self, state) {
            (Heard::Booked { .. } | Heard::Asked { .. }, StandbyState::Requested)
            | (Heard::Asked { again: true }, StandbyState::Confirmed)
            | (Heard::Declined, StandbyState::Declined)
            | (Heard::Released, StandbyState::Released) => true,
            (
                _,
                StandbyState::Requested
                | StandbyState::Confirmed
                | StandbyState::ConfirmedAgain
                | StandbyState::Declined
                | StandbyState::Missed
                | StandbyState::Released,
            ) => false,
        }
    }

    fn asks(self) -> bool {
        matches!(self, Heard::Booked { asked: true } | Heard::Asked { .. })
    }

    fn word(self) -> &'static str {
        match self {
            Heard::Booked { .. } => "booked",
            Heard::Asked { again: false } => "asked",
            Heard::Asked { again: true } => "again",
            Heard::Declined => "declined",
            Heard::Released => "released",
        }
    }
}

/// What is heard of all changes of a batch at once, of whom and in which role. What somebody else lacks is told of each
/// change: there silence would cost more than a line too many.
fn heard<'a>(event: &'a StandbyEvent, by: Option<&'a PersonId>) -> Option<(Heard, StandbyRole, &'a PersonId)> {
    match event {
        StandbyEvent::Booked { role, person, asked, .. } => Some((Heard::Booked { asked: *asked }, *role, person)),
        StandbyEvent::Asked { role, person, again, .. } => Some((Heard::Asked { again: *again }, *role, person)),
        StandbyEvent::Declined { role, .. } => Some((Heard::Declined, *role, by?)),
        StandbyEvent::Released { role, person, .. } => Some((Heard::Released, *role, person)),
        StandbyEvent::Taken { .. }
        | StandbyEvent::Confirmed { .. }
        | StandbyEvent::Missed { .. }
        | StandbyEvent::Moved { .. }
        | StandbyEvent::Exhausted { .. }
        | StandbyEvent::Alerted { .. } => None,
    }
}

impl App {
    /// What follows for those whom it concerns from a booking for a change of a batch; `None`: it is told as of any change.
    pub(super) async fn standby_of_batch(
        &self,
        tx: &mut Tx,
        teller: &Teller<'_>,
        (batch, at): (i64, DateTime<Utc>),
        change: &Change,
        event: &StandbyEvent,
    ) -> Result<Option<Vec<Later>>, HandleError> {
        let Some((heard, role, person)) = heard(event, teller.actor.person()) else { return Ok(None) };
        let Some(batch) = tx.batch(batch).await? else { return Ok(None) };
        let mut booked = tx.standby_in(&batch.changes(), role, person).await?;
        booked.retain(|one| heard.is_about(one.state));
        if let Heard::Asked { .. } = heard {
            booked.retain(|one| one.starts_at == change.planned_start());
            let last = TimeDelta::minutes(teller.tenant.policy.standby.last_confirmation_minutes.into());
            if !asks_for_all(&booked, change.number, last, at) {
                return Ok(Some(Vec::new()));
            }
        }
        let why = match event {
            StandbyEvent::Declined { why, .. } => why.as_deref(),
            _ => None,
        };
        let data = heard_data(teller.tenant, &batch, (heard, role, person), why, &booked);
        let message = self.heard_message(teller.tenant, &batch, heard, &data)?;
        let people = match heard {
            Heard::Declined => vec![change.requester.clone(), change.implementer.clone()],
            Heard::Booked { .. } | Heard::Asked { .. } | Heard::Released => vec![person.clone()],
        };
        let mut people: Vec<PersonId> =
            people.into_iter().filter(|person| teller.actor.person() != Some(person)).collect();
        people.dedup();
        // Of a word on the whole batch, which is written to each change at one moment, the last message has all of them.
        let key = format!("standby-{}-{}-{}-{}", batch.number, heard.word(), role.as_str(), at.timestamp_millis());
        Ok(Some(Job::direct_each(tx.tenant(), people, &key, &message).collect()))
    }

    fn heard_message(
        &self,
        tenant: &Tenant,
        batch: &Batch,
        heard: Heard,
        data: &Value,
    ) -> Result<Message, HandleError> {
        let mut message = self.renderer.message("direct/standby_batch", data, &tenant.organisation)?;
        message.rest = Some(format!("/change plan batch {}", batch.subject()));
        let press = |action, style| button(Press::on(action, batch.subject(), None), style);
        let mut buttons = Vec::new();
        if heard.asks() {
            buttons.push(press(PressAction::StandReady, ButtonStyle::Primary));
        }
        match heard {
            Heard::Booked { .. } | Heard::Asked { .. } => {
                buttons.push(press(PressAction::CannotStandBy, ButtonStyle::Danger));
            }
            Heard::Declined => buttons.push(press(PressAction::BookOnCall, ButtonStyle::Primary)),
            Heard::Released => {}
        }
        buttons.push(press(PressAction::Details, ButtonStyle::Plain));
        message.blocks.push(row(buttons));
        Ok(message)
    }
}

fn heard_data(
    tenant: &Tenant,
    batch: &Batch,
    (heard, role, person): (Heard, StandbyRole, &PersonId),
    why: Option<&str>,
    booked: &[BatchBooking],
) -> Value {
    let change = |one: &BatchBooking| {
        json!({
            "subject": one.subject(), "title": headline(&one.title),
            "service": tenant.organisation.named(&one.services),
        })
    };
    let more = booked.len().saturating_sub(NAMED);
    json!({
        "subject": batch.subject(), "title": headline(&batch.title), "role": role.phrase(), "person": person, "why": why,
        "from": batch.window.opens, "until": batch.window.closes, "count": booked.len().to_string(),
        "asked": heard.asks(), "booked": heard == Heard::Booked { asked: false }, "declined": heard == Heard::Declined,
        "released": heard == Heard::Released, "changes": booked.iter().take(NAMED).map(change).collect::<Vec<_>>(),
        "more": (more > 0).then(|| more.to_string()),
    })
}

/// The word of somebody on standby that is meant for each change of a batch.
pub(super) fn standby_word(command: &StandbyCommand) -> &'static str {
    match command {
        StandbyCommand::Book(_) => "standby_booked",
        StandbyCommand::OnCall => "on_call_booked",
        StandbyCommand::Confirm => "on_standby",
        StandbyCommand::Decline { .. } => "cannot_stand_by",
    }
}

/// The changes of a batch that a word on all of them is for: what is undecided, or what may still begin; of the word of
/// somebody on standby those that they are booked for.
pub(super) fn meant(changes: Vec<Change>, command: &Command, me: Option<&PersonId>) -> Vec<Change> {
    let is_booked = |change: &Change| change.standby.iter().any(|one| Some(&one.person) == me && one.state.is_live());
    match command {
        Command::Standby(StandbyCommand::Confirm | StandbyCommand::Decline { .. }) => {
            let waiting: Vec<Change> = changes.into_iter().filter(Change::is_before_start).collect();
            let own: Vec<Change> = waiting.iter().filter(|change| is_booked(change)).cloned().collect();
            // Nobody's: the first one says so.
            if own.is_empty() { waiting.into_iter().take(1).collect() } else { own }
        }
        Command::Standby(_) => changes.into_iter().filter(Change::is_before_start).collect(),
        _ => changes.into_iter().filter(Change::is_undecided).collect(),
    }
}

/// What the answers to a word on all changes say besides, each once.
pub(super) fn paragraphs(said: &[String]) -> impl Iterator<Item = Block> + '_ {
    said.iter().map(|line| Block::Paragraph { text: super::answer::plain(line) })
}
