//! Whom a change asks (rules 4.16 and 4.22): two people for every seat of an emergency, and for the acceptance of a risk
//! of any change, at once, and one for every other seat of what can wait; and after each silence the next in line. Silence
//! never approves, and nobody loses their say by it: whoever was asked can still answer. Whoever says that they look at it
//! is left to it until the time to decide is over.

use chrono::{DateTime, Utc};

use super::approval::{end_asks, incident_of};
use super::candidates::ranked;
use super::update::calendar;
use super::{change_decision, change_of, missed, stands};
use crate::domain::event::ApprovalEvent;
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
        let at_once = at_once(change, seat);
        let asks = next_in_line(world, asked, change, seat, count * at_once);
        // That nobody can be asked is an entry of its own.
        if let (true, [only]) = (at_once > 1, asks.as_slice()) {
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
    let mut events = hand_on(world, asked, &mut next, &waiting);
    let is_due = !silent.is_empty() || !events.is_empty();
    let Some((first, _)) = waiting.first().copied().filter(|_| is_due) else {
        return Ok(stands(asked, change.subject(), "Somebody answered in the meantime."));
    };
    for (seat, count) in waiting {
        let is_waited_for = next.asks.iter().any(|ask| ask.seat == seat && ask.until.is_some());
        if is_waited_for || next.looked_at(seat) >= count {
            continue;
        }
        let most = if next.asked_for(seat).next().is_some() { 1 } else { at_once(&next, seat) };
        let asks = deputies(world, asked, &next, seat, most);
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
    not_asked(world, asked, change, seat, line(world, change, seat, asked.at)).take(most).collect()
}

/// Who is asked after a silence: the next in line, and after the owner of what can wait whoever is above them.
fn deputies(world: &World<'_>, asked: Asked<'_>, change: &Change, seat: Seat, most: usize) -> Vec<SeatAsk> {
    let above = missed::above_owner(world, change, seat).map(|person| (person, AskedAs::Deputy));
    let line = line(world, change, seat, asked.at).into_iter().chain(above);
    not_asked(world, asked, change, seat, line).take(most).collect()
}

fn not_asked(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    seat: Seat,
    line: impl IntoIterator<Item = (PersonId, AskedAs)>,
) -> impl Iterator<Item = SeatAsk> {
    let until = Some(ack_by(world, change, seat, asked.at));
    let fresh = line.into_iter().filter(move |(person, _)| !change.asked_for(seat).any(|other| other == person));
    fresh.map(move |(person, because)| SeatAsk { seat, person, because, until, acknowledged: None })
}

/// Whoever was asked and has somebody stand in for them is waited for no more: their delegate is asked, with as much time
/// as they had.
fn hand_on(world: &World<'_>, asked: Asked<'_>, next: &mut Change, waiting: &[(Seat, usize)]) -> Vec<Event> {
    let mut events = Vec::new();
    for (seat, _) in waiting {
        let line = line(world, next, *seat, asked.at);
        let delegates = line.into_iter().filter(|(_, because)| *because == AskedAs::Delegate);
        let fresh: Vec<SeatAsk> = not_asked(world, asked, next, *seat, delegates).collect();
        for ask in fresh {
            let hands_on = |one: &&mut SeatAsk| {
                one.seat == *seat && world.organisation.delegate_of(&one.person, asked.at) == Some(&ask.person)
            };
            let mut handed = next.asks.iter_mut().filter(hands_on).peekable();
            if handed.peek().is_none() {
                continue;
            }
            handed.for_each(|one| (one.until, one.acknowledged) = (None, None));
            next.asks.push(ask.clone());
            events.push(Event::Change(ChangeEvent::Asked { ask }));
        }
    }
    events
}

fn at_once(change: &Change, seat: Seat) -> usize {
    if change.kind == ChangeKind::Emergency || seat == Seat::Executive { ASKED_AT_ONCE } else { 1 }
}

/// Somebody who was asked looks at it: the clock of the first answer stops for them, that of the decision does not.
pub(super) fn acknowledge(world: &World<'_>, asked: Asked<'_>, change: &Change, me: &PersonId) -> Decision {
    let id = change.subject();
    if let Some(at) = change.asks.iter().filter(|ask| &ask.person == me).filter_map(|ask| ask.acknowledged).min() {
        let at = super::freeze::moment(at);
        return stands(asked, id, format!("You said at {at} that you look at {id}; your yes or no is still missing."));
    }
    let waiting = change.waiting_seats(world.policy);
    let is_voted_on = change.vote.as_ref().is_some_and(|vote| vote.outcome.is_none());
    let mut seats: Vec<Seat> = change.asks.iter().filter(|ask| &ask.person == me).map(|ask| ask.seat).collect();
    seats.retain(|seat| waiting.contains(seat) || (is_voted_on && *seat == Seat::CabMember));
    seats.sort();
    seats.dedup();
    if seats.is_empty() {
        return stands(asked, id, format!("What you were asked for on {id} is settled: nobody waits for you."));
    }
    let mut next = change.clone();
    for ask in next.asks.iter_mut().filter(|ask| &ask.person == me && seats.contains(&ask.seat)) {
        (ask.until, ask.acknowledged) = (None, Some(asked.at));
    }
    end_asks(&mut next, world.policy);
    let by = change.decide_by.map(|by| format!(" by {}", super::freeze::moment(by))).unwrap_or_default();
    let answer =
        Answer::default().also(format!("Nobody else is asked in your place for now. It is no yes: decide{by}."));
    let event = ApprovalEvent::Acknowledged { revision: change.revision, seats };
    change_decision(world, asked, next, vec![Event::Change(ChangeEvent::Approval(event))], answer)
}

/// Rule 4.16: by when an answer is expected of those who are asked now.
fn ack_by(world: &World<'_>, change: &Change, seat: Seat, now: DateTime<Utc>) -> DateTime<Utc> {
    let priority = incident_of(world).map(|incident| incident.priority);
    if seat == Seat::Executive {
        return calendar(world).after(now, world.policy.deadlines.acceptance.of(priority), 1);
    }
    let deadlines = missed::deadlines(world, change, now)
        .unwrap_or_else(|| emergency_deadlines(world.policy, EmergencyCase::of(priority), now).verdict);
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
pub(super) fn counted(seats: Vec<Seat>) -> Vec<(Seat, usize)> {
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
    /// The seats that wait for somebody who is to be asked: an executive's wherever one is needed, all those of what is asked
    /// for, and of an emergency those of its vote too. A vote that has the yes of each of its seats and still is not decided
    /// waits for members.
    pub(super) fn waiting_seats(&self, policy: &crate::domain::policy::Policy) -> Vec<Seat> {
        if self.status != ChangeStatus::AwaitingApproval {
            return Vec::new();
        }
        let mut seats = self.open_seats();
        seats.retain(|seat| !self.is_ruled_away(*seat));
        match self.kind {
            ChangeKind::Emergency => {}
            // Whoever has not voted is reminded by the vote itself.
            ChangeKind::Normal | ChangeKind::Expedited => return seats,
            ChangeKind::Standard | ChangeKind::Retroactive => {
                seats.retain(|seat| *seat == Seat::Executive);
                return seats;
            }
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
