//! Rule 4.48: whether the people who would take a change back stand ready.

use chrono::{DateTime, TimeDelta, Utc};

use super::ruling::listed;
use super::{Band, Ruling};
use crate::domain::policy::Policy;

words! {
    /// What somebody on standby is there for.
    StandbyRole {
        RollbackOwner = "rollback_owner", "the owner of the rollback";
        Database = "database", "the database";
        Network = "network", "the network";
        ServiceDesk = "service_desk", "the service desk";
    }
}

words! {
    /// How far a booking has come.
    BookingState {
        Unbooked = "unbooked", "nobody is booked";
        Booked = "booked", "somebody is booked";
        /// Once, well before the start. In an emergency this is the only time they are asked.
        Confirmed = "confirmed", "confirmed once";
        /// Again, shortly before the start.
        ConfirmedTwice = "confirmed_twice", "confirmed again";
        /// Booked for two changes at once, absent, or commanding another incident.
        Conflict = "conflict", "cannot be there";
    }
}

words! {
    /// What follows.
    StandbyVerdict {
        NotRequired = "not_required", "nobody needs to be on standby";
        Ready = "ready", "everybody stands ready";
        Warn = "warn", "somebody has yet to be booked";
        /// The requester hears, and somebody on call is proposed.
        Alert = "alert", "a confirmation is missing";
        RefuseStart = "refuse_start", "it cannot start without them";
        /// Somebody else is proposed.
        Conflict = "conflict", "somebody booked cannot be there";
        /// Without being asked to, in an emergency.
        BookOnCall = "book_on_call", "whoever is on call is booked";
        AskNext = "ask_next", "the next person is asked";
        AwaitRollbackOwner = "await_rollback_owner", "it starts when the owner of the rollback confirms";
    }
}

/// A role that the change needs, and who would fill it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booking {
    pub role: StandbyRole,
    pub state: BookingState,
    /// Since when somebody booked has not answered.
    pub asked_at: Option<DateTime<Utc>>,
}

/// A change that may need people on standby.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandbyChange {
    pub band: Band,
    /// It takes a tier 1 service down as a whole.
    pub tier_1_outage: bool,
    pub emergency: bool,
    pub starts_at: DateTime<Utc>,
}

/// What follows, and for which roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standby {
    pub verdict: StandbyVerdict,
    pub roles: Vec<StandbyRole>,
}

/// Rule 4.48: how standby stands at `now`.
pub fn standby_verdict(
    policy: &Policy,
    change: &StandbyChange,
    bookings: &[Booking],
    now: DateTime<Utc>,
) -> Ruling<Standby> {
    let bookings = with_rollback_owner(bookings);
    let standby = if change.band < policy.standby.required_from && !change.tier_1_outage {
        Standby { verdict: StandbyVerdict::NotRequired, roles: Vec::new() }
    } else if change.emergency {
        in_emergency(policy, &bookings, now)
    } else {
        planned(policy, change.starts_at - now, &bookings)
    };
    let names: Vec<&str> = standby.roles.iter().map(|role| role.phrase()).collect();
    let sentence = match names.as_slice() {
        [] => format!("Standby: {}.", standby.verdict),
        names => format!("Standby: {}, for {}.", standby.verdict, listed(names, "and")),
    };
    Ruling::new("4.48", standby, sentence)
}

/// Whatever else a change needs, somebody takes it back.
fn with_rollback_owner(bookings: &[Booking]) -> Vec<Booking> {
    let role = StandbyRole::RollbackOwner;
    let mut all = bookings.to_vec();
    if bookings.iter().all(|booking| booking.role != role) {
        all.insert(0, Booking { role, state: BookingState::Unbooked, asked_at: None });
    }
    all
}

fn planned(policy: &Policy, left: TimeDelta, bookings: &[Booking]) -> Standby {
    use BookingState::{Booked, Confirmed, Conflict, Unbooked};
    let due = |minutes: u32| left <= TimeDelta::minutes(minutes.into());
    let (first, last) = (policy.standby.first_confirmation_minutes, policy.standby.last_confirmation_minutes);
    let unconfirmed: &[BookingState] = match (due(last), due(first)) {
        (true, _) => &[Unbooked, Booked, Confirmed],
        (false, true) => &[Unbooked, Booked],
        (false, false) => &[],
    };
    let steps = [
        (left <= TimeDelta::zero(), &[Unbooked, Booked, Confirmed, Conflict][..], StandbyVerdict::RefuseStart),
        (true, &[Conflict], StandbyVerdict::Conflict),
        (true, unconfirmed, StandbyVerdict::Alert),
        (true, &[Unbooked], StandbyVerdict::Warn),
    ];
    for (applies, states, verdict) in steps {
        let roles = roles_in(bookings, states);
        if applies && !roles.is_empty() {
            return Standby { verdict, roles };
        }
    }
    Standby { verdict: StandbyVerdict::Ready, roles: Vec::new() }
}

/// There is no time to plan: whoever is on call is booked and asked once, and the change waits for the owner of the
/// rollback alone.
fn in_emergency(policy: &Policy, bookings: &[Booking], now: DateTime<Utc>) -> Standby {
    let patience = TimeDelta::minutes(policy.standby.emergency_silence_minutes.into());
    let unbooked = roles_in(bookings, &[BookingState::Unbooked, BookingState::Conflict]);
    if !unbooked.is_empty() {
        return Standby { verdict: StandbyVerdict::BookOnCall, roles: unbooked };
    }
    let silent = |booking: &&Booking| {
        booking.state == BookingState::Booked && booking.asked_at.is_some_and(|asked| now - asked >= patience)
    };
    let silent: Vec<StandbyRole> = bookings.iter().filter(silent).map(|booking| booking.role).collect();
    if !silent.is_empty() {
        return Standby { verdict: StandbyVerdict::AskNext, roles: silent };
    }
    let waits = bookings
        .iter()
        .any(|booking| booking.role == StandbyRole::RollbackOwner && booking.state == BookingState::Booked);
    if waits {
        Standby { verdict: StandbyVerdict::AwaitRollbackOwner, roles: vec![StandbyRole::RollbackOwner] }
    } else {
        Standby { verdict: StandbyVerdict::Ready, roles: Vec::new() }
    }
}

fn roles_in(bookings: &[Booking], states: &[BookingState]) -> Vec<StandbyRole> {
    bookings.iter().filter(|booking| states.contains(&booking.state)).map(|booking| booking.role).collect()
}

#[cfg(test)]
mod tests {
    use super::super::calendar::tests::at;
    use super::*;

    #[test]
    fn a_missing_confirmation_names_the_roles() {
        let change = StandbyChange {
            band: Band::High,
            tier_1_outage: false,
            emergency: false,
            starts_at: at("2026-11-24T10:00:00Z"),
        };
        let booked = |role| Booking { role, state: BookingState::Booked, asked_at: None };
        let bookings = [booked(StandbyRole::RollbackOwner), booked(StandbyRole::Database)];
        let ruling = standby_verdict(&Policy::sample(), &change, &bookings, at("2026-11-24T10:00:00Z"));
        assert_eq!(
            ruling.sentence,
            "Standby: it cannot start without them, for the owner of the rollback and the database."
        );
    }
}
