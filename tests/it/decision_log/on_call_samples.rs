//! Samples of what happens to those who are on call: their turns, their absences, and who stands in for them.

use wardroom::domain::PersonId;
use wardroom::domain::event::{AbsenceEvent, DelegationEvent, Event, RotaEvent};

use super::events::{at, text};

/// One of each, with everything that it may hold.
pub fn samples() -> impl Iterator<Item = Event> {
    let person = || PersonId("p_1".to_owned());
    let people = || (person(), PersonId("p_2".to_owned()));
    let (starts, ends) = (at(9), at(17));
    let ((from, to), (began_from, began_to), (ended_from, ended_to)) = (people(), people(), people());
    let delegations = [
        DelegationEvent::Granted { from, to, starts, ends, why: Some(text("why")) },
        DelegationEvent::Began { granted: 3, from: began_from, to: began_to, ends },
        DelegationEvent::Ended { granted: 3, from: ended_from, to: ended_to, by_hand: true },
    ];
    let absences = [
        AbsenceEvent::Noted { person: person(), starts, ends, why: Some(text("why")) },
        AbsenceEvent::Began { noted: 3, person: person(), ends },
        AbsenceEvent::Ended { noted: 3, person: person(), by_hand: true },
    ];
    let (from, to) = people();
    let team = || "payments".to_owned();
    let turns = [
        RotaEvent::HandedOver { team: team(), from, to, ends },
        RotaEvent::GapFound { team: team(), person: person(), starts },
    ];
    let absences = absences.into_iter().map(Event::Absence);
    delegations.into_iter().map(Event::Delegation).chain(absences).chain(turns.into_iter().map(Event::Rota))
}

pub fn kind_of_delegation(event: &DelegationEvent) -> &'static str {
    match event {
        DelegationEvent::Granted { .. } => "delegation.granted",
        DelegationEvent::Began { .. } => "delegation.began",
        DelegationEvent::Ended { .. } => "delegation.ended",
    }
}

pub fn kind_of_absence(event: &AbsenceEvent) -> &'static str {
    match event {
        AbsenceEvent::Noted { .. } => "absence.noted",
        AbsenceEvent::Began { .. } => "absence.began",
        AbsenceEvent::Ended { .. } => "absence.ended",
    }
}

pub fn kind_of_rota(event: &RotaEvent) -> &'static str {
    match event {
        RotaEvent::HandedOver { .. } => "on_call.handed_over",
        RotaEvent::GapFound { .. } => "on_call.gap_found",
    }
}
