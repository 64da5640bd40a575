//! Too few may vote, or nobody may fill a seat: the decision authority appoints somebody who votes (rule 4.13), or fills the
//! seat (rule 4.10). Until then nothing is decided.

use chrono::{DateTime, Utc};

use super::approval::{incident_of, settle};
use super::assessment::seats_of;
use super::candidates::ranked;
use super::{escalation, exempt, missed};
use crate::domain::change::Approval;
use crate::domain::rules::{AskedAs, ChangeKind, Dispute, Seat};
use crate::domain::{
    Asked, Change, ChangeEvent, ChangeStatus, Escalation, Event, Member, Person, PersonId, Refusal, RulingEvent,
    SeatAsk, VoteResult, World,
};

/// Too few may vote on it.
pub(super) fn too_few(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &mut Change,
    events: &mut Vec<Event>,
    result: VoteResult,
) {
    if change.open_escalation().is_some_and(|open| open.dispute == Dispute::Roster) {
        return;
    }
    match escalation::of_decision(world, asked, change, Dispute::Roster, result.sentence.clone()) {
        Some(put) => {
            // Nobody can be late as long as nobody can vote.
            change.decide_by = None;
            events.extend(put);
        }
        None => missed::close(asked, change, events, result),
    }
}

/// Seats that nobody may fill are on record as soon as they are asked for, and the decision authority fills one.
pub(super) fn unfillable(world: &World<'_>, asked: Asked<'_>, change: &mut Change, events: &mut Vec<Event>) {
    if change.status != ChangeStatus::AwaitingApproval || change.kind == ChangeKind::Retroactive {
        return;
    }
    let seats = empty_seats(world, change, asked.at);
    events.extend(seats.iter().map(|seat| Event::Change(ChangeEvent::Unanswered { seat: *seat, nobody: true })));
    put(world, asked, change, events, &seats);
}

fn put(world: &World<'_>, asked: Asked<'_>, change: &mut Change, events: &mut Vec<Event>, seats: &[Seat]) {
    let Some(seat) = seats.iter().find(|seat| change.may_be_ruled_away(**seat)) else { return };
    if change.open_escalation().is_none() {
        let why = format!("Nobody may fill the seat of {seat}.");
        events.extend(escalation::of_decision(world, asked, change, Dispute::Seat, why).into_iter().flatten());
    }
}

fn empty_seats(world: &World<'_>, change: &Change, now: DateTime<Utc>) -> Vec<Seat> {
    let mut seats = exempt::missing_seats(world, change, now);
    seats.dedup();
    seats.retain(|seat| ranked(world.organisation, change, incident_of(world), *seat, now).is_empty());
    seats
}

/// The authority fills the first seat that nobody else may; nobody fills two, so the next of them is for the next in the
/// chain.
pub(super) fn fill(world: &World<'_>, asked: Asked<'_>, mut change: Change, events: &mut Vec<Event>) -> Change {
    let seat = empty_seats(world, &change, asked.at).into_iter().find(|seat| change.may_be_ruled_away(*seat));
    if let (Some(seat), Some(me), Some(account)) = (seat, asked.by.person(), asked.by.account()) {
        let (person, platform, at) = (me.clone(), account.platform, asked.at);
        let owns = change.owns_for(world.organisation, seat, me);
        change.approvals.push(Approval { seat, person, on_behalf: None, platform, at, owns: owns.clone() });
        let revision = change.revision;
        let (on_behalf, accepted, answers, why) = (None, None, None, None);
        let granted = ChangeEvent::SeatGranted { seat, revision, on_behalf, accepted, answers, why, owns };
        events.push(Event::Change(granted));
    }
    let mut settled = settle(world, asked, change, events, false);
    if settled.status == ChangeStatus::AwaitingApproval {
        let seats = empty_seats(world, &settled, asked.at);
        put(world, asked, &mut settled, events, &seats);
    }
    settled
}

/// Puts somebody on the roster of the vote, and asks them for their ballot. How many more it takes comes back.
pub(super) fn appoint(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &mut Change,
    (open, who): (&Escalation, Option<PersonId>),
    events: &mut Vec<Event>,
) -> Result<u32, Refusal> {
    let id = change.subject();
    let next = format!("`/cab rule {id} allow appoint:@name why: …` names somebody who votes.");
    let Some(person) = who else {
        return Err(Refusal::slip(format!("Too few may vote on {id}: whom do you appoint?"), next));
    };
    if let Some(why) = barred(world, asked, change, open, &person) {
        let name = world.organisation.name_of(&person);
        return Err(Refusal::by_rule("4.13", format!("{name} cannot be appointed to vote on {id}: {why}."), next));
    }
    let seats = seats_of(world, &person, &change.services());
    let band = change.risk.band;
    let Some(vote) = change.vote.as_mut() else { return Ok(0) };
    vote.roster.push(Member { person: person.clone(), seats });
    let needed = world.policy.votes.of(vote.policy, band).min_count;
    let ask = SeatAsk {
        seat: Seat::CabMember,
        person: person.clone(),
        because: AskedAs::Appointed,
        until: None,
        acknowledged: None,
    };
    change.asks.push(ask.clone());
    events.push(Event::Ruling(RulingEvent::Appointed { asked: open.asked, person }));
    events.push(Event::Change(ChangeEvent::Asked { ask }));
    let counting = change.vote_members().iter().filter(|member| !member.recused).count();
    Ok(needed.saturating_sub(u32::try_from(counting).unwrap_or(u32::MAX)))
}

fn barred(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    open: &Escalation,
    person: &PersonId,
) -> Option<&'static str> {
    let commands = incident_of(world).is_some_and(|incident| incident.commander.as_ref() == Some(person));
    let on_roster = change.vote.iter().flat_map(|vote| &vote.roster).any(|member| &member.person == person);
    let rules = asked.by.person() == Some(person) || open.chain.contains(person);
    let is_reachable = world.organisation.person(person).is_some_and(Person::is_reachable);
    [
        (change.is_own(person), "they asked for it or carry it out"),
        (commands, "they command its incident"),
        (on_roster, "they are on the roster already"),
        (change.has_part(person), "their word on it counts already"),
        (rules, "whoever rules on it does not vote"),
        (!is_reachable, "they cannot be reached here"),
    ]
    .into_iter()
    .find_map(|(applies, why)| applies.then_some(why))
}
