//! Whom a change asks (rules 4.16 and 4.22): two people for every seat of an emergency, and for the acceptance of a risk
//! of any change, at once; and after each silence the next in line. Silence never approves, and nobody loses their say by it: whoever was asked can still answer.

use chrono::{DateTime, Utc};

use super::approval::{end_asks, incident_of};
use super::candidates::ranked;
use super::update::calendar;
use super::{change_decision, change_of, stands};
use crate::domain::rules::{AskedAs, ChangeKind, EmergencyCase, Seat, emergency_deadlines};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeStatus, Decision, Event, PersonId, Refusal, SeatAsk, World,
};

/// One silence does not stop an emergency.
const ASKED_AT_ONCE: usize = 2;

/// Asks for every seat anew, and says where fewer people than two can be asked.
pub(super) fn begin(world: &World<'_>, asked: Asked<'_>, change: &mut Change) -> Vec<String> {
    change.asks.clear();
    let mut warnings = Vec::new();
    for (seat, count) in counted(change.waiting_seats(world.policy)) {
        let asks = next_in_line(world, asked, change, seat, count * ASKED_AT_ONCE);
        // That nobody can be asked is an entry of its own.
        if let [only] = asks.as_slice() {
            let name = world.organisation.name_of(&only.person);
            warnings.push(format!("Only {name} can be asked as {seat}: a single point."));
        }
        change.asks.extend(asks);
    }
    warnings
}

/// Somebody was silent for the time to answer.
pub(super) fn due(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let mut next = change.clone();
    let mut silent: Vec<Seat> = Vec::new();
    for ask in next.asks.iter_mut().filter(|ask| ask.until.is_some_and(|until| until <= asked.at)) {
        ask.until = None;
        silent.push(ask.seat);
    }
    let waiting = counted(next.waiting_seats(world.policy));
    let Some((first, _)) = waiting.first().copied().filter(|_| !silent.is_empty()) else {
        return Ok(stands(asked, change.subject(), "Somebody answered in the meantime."));
    };
    let mut events = Vec::new();
    for (seat, _) in waiting {
        if next.asks.iter().any(|ask| ask.seat == seat && ask.until.is_some()) {
            continue;
        }
        let most = if next.asked_for(seat).next().is_some() { 1 } else { ASKED_AT_ONCE };
        let asks = next_in_line(world, asked, &next, seat, most);
        if asks.is_empty() && silent.contains(&seat) {
            events.push(Event::Change(ChangeEvent::Unanswered { seat, nobody: false }));
        }
        events.extend(asks.iter().cloned().map(|ask| Event::Change(ChangeEvent::Asked { ask })));
        next.asks.extend(asks);
    }
    // A promise is kept by an entry, also where ballots came and went and nobody is left.
    if events.is_empty() {
        events.push(Event::Change(ChangeEvent::Unanswered { seat: first, nobody: false }));
    }
    end_asks(&mut next, world.policy);
    Ok(change_decision(world, asked, next, events, Answer::default()))
}

/// The next authorities of every seat that waits, once nobody decided in time. They are asked until the decision authority
/// is: no clock of their own runs.
pub(super) fn next_authorities(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Vec<SeatAsk> {
    let seats = counted(change.waiting_seats(world.policy));
    let next = seats.into_iter().flat_map(|(seat, _)| next_in_line(world, asked, change, seat, ASKED_AT_ONCE));
    next.map(|ask| SeatAsk { because: AskedAs::NextAuthority, until: None, ..ask }).collect()
}

/// The next who were not asked for this seat yet.
pub(super) fn next_in_line(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    seat: Seat,
    most: usize,
) -> Vec<SeatAsk> {
    let until = Some(ack_by(world, seat, asked.at));
    let line = line(world, change, seat, asked.at);
    let fresh = line.into_iter().filter(|(person, _)| !change.asked_for(seat).any(|other| other == person));
    fresh.take(most).map(|(person, because)| SeatAsk { seat, person, because, until }).collect()
}

/// Rule 4.16: by when an answer is expected of those who are asked now.
fn ack_by(world: &World<'_>, seat: Seat, now: DateTime<Utc>) -> DateTime<Utc> {
    let priority = incident_of(world).map(|incident| incident.priority);
    if seat == Seat::Executive {
        return calendar(world).after(now, world.policy.deadlines.acceptance.of(priority), 1);
    }
    let case = EmergencyCase::of(priority);
    let deadlines = emergency_deadlines(world.policy, case, now).verdict;
    if seat == Seat::PeerReviewer { deadlines.peer_ack } else { deadlines.approval_ack }
}

/// Everybody who may fill a seat, first one first; of a vote's seats only members may.
fn line(world: &World<'_>, change: &Change, seat: Seat, now: DateTime<Utc>) -> Vec<(PersonId, AskedAs)> {
    let incident = incident_of(world);
    let ranked = ranked(world.organisation, change, incident, seat, now);
    if change.open_seats().contains(&seat) {
        return ranked;
    }
    let commander = incident.and_then(|incident| incident.commander.as_ref());
    let ballots = change.newest_ballots();
    let may = |person: &&PersonId| {
        let active = world.organisation.person(person).is_some_and(crate::domain::Person::is_reachable);
        let tied = **person == change.requester || **person == change.implementer || commander == Some(*person);
        active && !tied && !ballots.contains_key(*person) && change.approval_of(person).is_none()
    };
    let roster = change.vote.iter().flat_map(|vote| &vote.roster);
    let holders = roster.filter(|member| seat == Seat::CabMember || member.seats.contains(&seat));
    let is_member =
        |person: &PersonId| change.vote.iter().flat_map(|vote| &vote.roster).any(|one| &one.person == person);
    let mut line: Vec<(PersonId, AskedAs)> = holders
        .map(|member| &member.person)
        .filter(may)
        .map(|person| match world.organisation.delegate_of(person, now).filter(|delegate| !is_member(delegate)) {
            Some(delegate) if may(&delegate) => (delegate.clone(), AskedAs::Delegate),
            Some(_) | None => {
                let known = ranked.iter().find(|(other, _)| other == person);
                (person.clone(), known.map_or(AskedAs::Roster, |(_, because)| *because))
            }
        })
        .collect();
    line.sort_by_key(|(_, because)| *because);
    line
}

/// Each seat once, with how often it is there.
fn counted(seats: Vec<Seat>) -> Vec<(Seat, usize)> {
    let mut counted: Vec<(Seat, usize)> = Vec::new();
    for seat in seats {
        match counted.iter_mut().find(|(known, _)| *known == seat) {
            Some((_, count)) => *count += 1,
            None => counted.push((seat, 1)),
        }
    }
    counted
}

impl Change {
    /// The seats that wait for somebody who is to be asked: an executive's wherever one is needed, and all those of an
    /// emergency, those of its vote too. A vote that has the yes of each of its seats and still is not decided waits for
    /// members.
    pub(super) fn waiting_seats(&self, policy: &crate::domain::policy::Policy) -> Vec<Seat> {
        if self.status != ChangeStatus::AwaitingApproval {
            return Vec::new();
        }
        let mut seats = self.open_seats();
        seats.retain(|seat| !self.is_ruled_away(*seat));
        if self.kind != ChangeKind::Emergency {
            seats.retain(|seat| *seat == Seat::Executive);
            return seats;
        }
        match self.unfilled_in_vote(policy) {
            None => {}
            Some(missing) if missing.is_empty() => seats.push(Seat::CabMember),
            Some(missing) => {
                let others: Vec<Seat> = missing.into_iter().filter(|seat| !seats.contains(seat)).collect();
                seats.extend(others);
            }
        }
        seats
    }
}
