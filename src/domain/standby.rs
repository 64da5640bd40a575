//! Who stands ready to take a change back (rule 4.48): booked by role, asked in private, bound to the planned start.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::rules::{ChangeKind, StandbyRole};
use super::{Change, ChangeStatus, PersonId, Subject};

/// Somebody who was booked for a role.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StandbyBooking {
    /// The entry that booked them; 0 until it is written.
    pub booked: i32,
    pub role: StandbyRole,
    pub person: PersonId,
    pub state: StandbyState,
    /// The planned start that it is bound to; `None`: no time is known yet, or it is an emergency.
    pub starts_at: Option<DateTime<Utc>>,
    /// When they were asked last.
    pub asked_at: Option<DateTime<Utc>>,
}

/// How far one person's booking has come. That it was served shows in how its change ended.
///
/// ```text
///   requested -> confirmed -> confirmed_again
///   any of them -> declined | released (somebody else is booked); requested -> missed (silent in an emergency)
///   a window that moves brings each of them back to requested
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandbyState {
    Requested,
    /// A day before; in an emergency the only time that they are asked.
    Confirmed,
    /// An hour before.
    ConfirmedAgain,
    Declined,
    /// Silent in an emergency: the next person was asked. Their word still counts.
    Missed,
    /// Somebody else is booked in their place.
    Released,
}

impl StandbyState {
    pub fn as_str(self) -> &'static str {
        match self {
            StandbyState::Requested => "requested",
            StandbyState::Confirmed => "confirmed",
            StandbyState::ConfirmedAgain => "confirmed_again",
            StandbyState::Declined => "declined",
            StandbyState::Missed => "missed",
            StandbyState::Released => "released",
        }
    }

    /// Whether somebody is still counted on.
    pub fn is_live(self) -> bool {
        matches!(self, StandbyState::Requested | StandbyState::Confirmed | StandbyState::ConfirmedAgain)
    }
}

/// What else keeps somebody busy who is booked, or may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engagement {
    pub person: PersonId,
    /// A change that they stand by for, or an open incident that they command.
    pub with: Subject,
    /// `None`: for as long as it is open.
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

impl Engagement {
    /// Whether it falls into a stretch of time.
    pub fn meets(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
        self.from.is_none_or(|own| own < until) && self.until.is_none_or(|own| from < own)
    }
}

/// What is said of the people on standby.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StandbyCommand {
    /// Who is booked for which role.
    Book(Vec<(StandbyRole, PersonId)>),
    /// For every role that lacks somebody, whoever is on call.
    OnCall,
    /// I am on standby.
    Confirm,
    Decline {
        why: Option<String>,
    },
}

impl StandbyCommand {
    /// The verb, as the log names what was asked.
    pub fn name(&self) -> &'static str {
        "change plan standby"
    }
}

impl Change {
    /// The bookings that are counted on.
    pub fn on_standby(&self) -> impl Iterator<Item = &StandbyBooking> {
        self.standby.iter().filter(|one| one.state.is_live())
    }

    /// The planned start that bookings are bound to: that of the window it has, or asks for. An emergency has none.
    pub fn planned_start(&self) -> Option<DateTime<Utc>> {
        let planned = self.window.or(self.planned).filter(|_| self.kind != ChangeKind::Emergency);
        planned.map(|window| window.opens)
    }

    /// Whether it may still begin.
    pub fn is_before_start(&self) -> bool {
        matches!(
            self.status,
            ChangeStatus::AwaitingApproval | ChangeStatus::Approved | ChangeStatus::Queued | ChangeStatus::OnHold
        )
    }
}
