//! Nobody decided in time (rule 4.16). Of an emergency the next authority is asked, then the decision authority, whose
//! silence is a no. Any other change has more time once, and whoever policy names is asked; then it is over.

use chrono::{DateTime, Utc};

use super::approval::{end, incident_of, vote_result};
use super::asking::{next_authorities, next_in_line};
use super::assessment::{deadline_case, next_cab};
use super::candidates::ranked;
use super::update::calendar;
use super::{escalation, exempt, review};
use crate::domain::event::ApprovalEvent;
use crate::domain::rules::{
    ApprovalDeadlines, AskedAs, Band, ChangeKind, Dispute, Gate, NextHop, Role, Seat, approval_deadlines,
};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeStatus, Event, Person, PersonId, SeatAsk, VoteResult, World,
};

/// So many of those who could fill a seat are reminded where nobody was asked for it.
const REMINDED_MAX: usize = 2;

/// The time to decide is over, and the change still waits.
pub(super) fn decision(world: &World<'_>, asked: Asked<'_>, change: &mut Change, events: &mut Vec<Event>) {
    let is_emergency = change.kind == ChangeKind::Emergency;
    let goes_on = if is_emergency {
        ask_next_authority(world, asked, change, events)
    } else {
        prolong(world, asked, change, events)
    };
    if goes_on {
        return;
    }
    let is_ruled_on = is_emergency || hops(world, change, asked.at).contains(&NextHop::DecisionAuthority);
    let why = sentence(world, change, asked.at);
    if !is_ruled_on || change.put_before(Dispute::Decision).is_some() {
        expire(asked, change, events, &why);
        return;
    }
    match escalation::of_decision(world, asked, change, Dispute::Decision, why.clone()) {
        Some(put) => {
            // Those who were asked first can still decide; it ends when the last of the chain was silent.
            change.decide_by = None;
            events.extend(put);
        }
        None => expire(asked, change, events, &format!("{why} {NOBODY_RULES}")),
    }
}

/// Nobody of the decision authority ruled, which is a no.
pub(super) fn unruled(world: &World<'_>, asked: Asked<'_>, change: &mut Change, events: &mut Vec<Event>) {
    let why = sentence(world, change, asked.at);
    if let Some(result) = vote_result(world.policy, asked, change, true) {
        end_vote(change, events, result);
    }
    expire(asked, change, events, &format!("{why} Nobody of the decision authority ruled on it."));
}

/// Too few may vote, and nobody may appoint others.
pub(super) fn close(asked: Asked<'_>, change: &mut Change, events: &mut Vec<Event>, result: VoteResult) {
    let why = format!("{} {NOBODY_RULES}", result.sentence);
    end_vote(change, events, result);
    expire(asked, change, events, &why);
}

pub(super) fn end_vote(change: &mut Change, events: &mut Vec<Event>, result: VoteResult) {
    events.push(Event::Change(ChangeEvent::VoteClosed { result: result.clone() }));
    if let Some(vote) = &mut change.vote {
        vote.outcome = Some(result);
    }
}

/// What the authority cannot set aside has as long again.
pub(super) fn allowed(world: &World<'_>, asked: Asked<'_>, mut change: Change) -> (Change, Answer) {
    if change.status != ChangeStatus::AwaitingApproval {
        return (change, Answer::default());
    }
    let by = deadlines(world, &change, asked.at).map(|deadlines| deadlines.decision);
    change.decide_by = by;
    let until = by.map(|by| format!(" until {}", super::freeze::moment(by))).unwrap_or_default();
    let waits = format!("{} still waits{until}. {}", change.subject(), sentence(world, &change, asked.at));
    (change, Answer::default().also(waits))
}

const NOBODY_RULES: &str = "Nobody who is no party may rule on it: an administrator names who does in the roster \
                            `authority` of the organisation file.";

fn expire(asked: Asked<'_>, change: &mut Change, events: &mut Vec<Event>, why: &str) {
    let again = if change.kind == ChangeKind::Emergency { "emergency" } else { "new" };
    let sentence = format!("{why} `/change {again}` asks again.");
    end(change, asked, ChangeStatus::ApprovalExpired, sentence.clone());
    events.push(Event::Change(ChangeEvent::ApprovalExpired { sentence }));
}

/// What is missing, as those are told who can do something about it.
fn sentence(world: &World<'_>, change: &Change, now: DateTime<Utc>) -> String {
    let seats = exempt::missing_seats(world, change, now);
    let held = change.checklist.holding(Gate::Approve, now);
    let fields = change.fields.missing(Gate::Approve).map(|field| field.what.as_str());
    let items = held.verdict.iter().map(|item| item.what.as_str()).chain(fields);
    let missing: Vec<&str> = seats.iter().map(|seat| seat.phrase()).chain(items).collect();
    let result = change.vote.as_ref().and_then(|vote| vote.outcome.as_ref());
    let voted = result.filter(|result| !result.passed && !change.is_ruled_away(Seat::CabMember));
    let is_open = change.vote.as_ref().is_some_and(|vote| vote.outcome.is_none());
    let mut said: Vec<String> = voted.map(|result| result.sentence.clone()).into_iter().collect();
    said.extend(is_open.then(|| change.tally(world.policy).sentence));
    said.extend(review::held_phrase(world, change));
    if !missing.is_empty() {
        said.push(format!("Missing: {}.", missing.join(", ")));
    }
    said.join(" ")
}

pub(super) fn deadlines(world: &World<'_>, change: &Change, now: DateTime<Utc>) -> Option<ApprovalDeadlines> {
    let priority = incident_of(world).map(|incident| incident.priority);
    let case = deadline_case(world, (change.kind, change.risk.band), change.required.vote, priority, now);
    approval_deadlines(world.policy, &calendar(world), case, now).map(|ruling| ruling.verdict)
}

/// Whom policy names, one after the other.
fn hops(world: &World<'_>, change: &Change, now: DateTime<Utc>) -> Vec<NextHop> {
    deadlines(world, change, now).map(|deadlines| deadlines.on_decision_miss).unwrap_or_default()
}

/// Once for a revision, and for as long as a first answer may take. A vote that has ended is not filled by a seat.
fn ask_next_authority(world: &World<'_>, asked: Asked<'_>, change: &mut Change, events: &mut Vec<Event>) -> bool {
    let has_voted = change.vote.as_ref().and_then(|vote| vote.outcome.as_ref()).is_some_and(|result| !result.passed);
    let Some(deadlines) = deadlines(world, change, asked.at).filter(|_| !has_voted && !change.is_after_miss()) else {
        return false;
    };
    if !deadlines.on_decision_miss.contains(&NextHop::NextAuthority) {
        return false;
    }
    let asks = next_authorities(world, asked, change);
    if asks.is_empty() {
        return false;
    }
    change.decide_by = Some(deadlines.approval_ack);
    ask(change, events, asks);
    true
}

/// Once for a revision: its vote goes on, and whoever policy names is asked. Where there is no vote and nobody to be asked,
/// more time would change nothing.
fn prolong(world: &World<'_>, asked: Asked<'_>, change: &mut Change, events: &mut Vec<Event>) -> bool {
    let asks = hop_asks(world, asked, change);
    let is_voted_on = change.vote.as_ref().is_some_and(|vote| vote.outcome.is_none());
    if change.is_prolonged() || (asks.is_empty() && !is_voted_on) {
        return false;
    }
    let until = more_time(world, change, asked.at);
    if let Some(vote) = change.vote.as_mut().filter(|_| is_voted_on) {
        vote.prolonged = true;
        vote.closes_at = until;
    }
    change.decide_by = Some(until);
    let voters = if is_voted_on { change.without_ballot() } else { Vec::new() };
    let mut people = silent(world, asked, change);
    people.retain(|person| !asks.iter().any(|ask| &ask.person == person));
    let (revision, sentence) = (change.revision, sentence(world, change, asked.at));
    let prolonged = ApprovalEvent::Prolonged { revision, until, people, voters, sentence };
    events.push(Event::Change(ChangeEvent::Approval(prolonged)));
    ask(change, events, asks);
    true
}

/// A business day; what policy puts on the agenda has until the next meeting of the board is over.
fn more_time(world: &World<'_>, change: &Change, now: DateTime<Utc>) -> DateTime<Utc> {
    let more = calendar(world).after(now, world.policy.deadlines.extension.regular, 1);
    let is_on_agenda = change.vote.is_some() && hops(world, change, now).contains(&NextHop::Agenda);
    next_cab(world, now).filter(|_| is_on_agenda).map_or(more, |cab| cab.max(more))
}

fn ask(change: &mut Change, events: &mut Vec<Event>, asks: Vec<SeatAsk>) {
    events.extend(asks.iter().cloned().map(|ask| Event::Change(ChangeEvent::Asked { ask })));
    change.asks.extend(asks);
}

/// Those who were asked for what is missing, or could be.
fn silent(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Vec<PersonId> {
    let mut people: Vec<PersonId> = Vec::new();
    for seat in exempt::missing_seats(world, change, asked.at) {
        let were_asked: Vec<PersonId> = change.asked_for(seat).cloned().collect();
        if were_asked.is_empty() {
            let could_be = ranked(world.organisation, change, incident_of(world), seat, asked.at);
            people.extend(could_be.into_iter().take(REMINDED_MAX).map(|(person, _)| person));
        }
        people.extend(were_asked);
    }
    people.sort();
    people.dedup();
    people
}

/// Whoever policy names, of each seat that waits; of a vote, for its members.
fn hop_asks(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Vec<SeatAsk> {
    let mut seats = exempt::missing_seats(world, change, asked.at);
    seats.sort();
    seats.dedup();
    if change.vote.as_ref().is_some_and(|vote| vote.outcome.is_none()) {
        seats.push(Seat::CabMember);
    }
    let hops = hops(world, change, asked.at);
    let mut asks: Vec<SeatAsk> = Vec::new();
    for seat in seats {
        for hop in &hops {
            let person = hop_person(world, asked, change, seat, *hop);
            // Whoever was asked before is asked again: for another reason, and with less time.
            let fresh = person.filter(|(person, because)| {
                !change.asks.iter().any(|ask| ask.seat == seat && &ask.person == person && ask.because == *because)
            });
            asks.extend(fresh.map(|(person, because)| SeatAsk {
                seat,
                person,
                because,
                until: None,
                acknowledged: None,
            }));
        }
    }
    asks
}

fn hop_person(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    seat: Seat,
    hop: NextHop,
) -> Option<(PersonId, AskedAs)> {
    let is_free = |person: &&PersonId| {
        !change.is_own(person) && world.organisation.person(person).is_some_and(Person::is_reachable)
    };
    let holder = |role| world.organisation.with_role(role).into_iter().find(is_free).cloned();
    match hop {
        NextHop::Deputy | NextHop::NextAuthority => {
            let next = next_in_line(world, asked, change, seat, 1).into_iter().next();
            next.map(|ask| (ask.person, AskedAs::NextAuthority))
        }
        NextHop::Manager => {
            let above = above_owner(world, change, seat);
            let silent = ranked(world.organisation, change, incident_of(world), seat, asked.at).into_iter().next();
            let of_silent = || manager(world, change, silent.as_ref().map(|(person, _)| person));
            above.or_else(of_silent).map(|person| (person, AskedAs::Manager))
        }
        NextHop::ChangeManager => holder(Role::ChangeManager).map(|person| (person, AskedAs::ChangeManager)),
        NextHop::Executive => holder(Role::Executive).map(|person| (person, AskedAs::Executive)),
        // What is voted on is on the agenda already, and has time until then; the authority is asked when that is over.
        NextHop::Agenda | NextHop::DecisionAuthority => None,
    }
}

/// Of what is no emergency, whoever may sign for an owner who does not answer (rule 4.10: owner, delegate, manager).
pub(super) fn above_owner(world: &World<'_>, change: &Change, seat: Seat) -> Option<PersonId> {
    if change.kind == ChangeKind::Emergency || seat != Seat::ServiceOwner {
        return None;
    }
    let owners = world.organisation.owners_of(&change.services());
    // Of several the first who has not agreed.
    let silent = owners.iter().find(|owner| change.is_wanted_as_owner(world.organisation, owner)).or(owners.first())?;
    manager(world, change, Some(silent))
}

/// The lead of the team of whoever is silent, or of a service where nobody alone is; else a duty manager.
fn manager(world: &World<'_>, change: &Change, silent: Option<&PersonId>) -> Option<PersonId> {
    let organisation = world.organisation;
    let own = silent.and_then(|person| organisation.person(person)).and_then(|person| person.team.as_ref());
    let teams = match own {
        Some(key) => organisation.teams.get(key).into_iter().collect(),
        None => organisation.teams_of(change),
    };
    let leads = teams.into_iter().filter_map(|team| team.lead.as_ref());
    let is_free = |person: &&PersonId| {
        Some(*person) != silent
            && !change.is_own(person)
            && organisation.person(person).is_some_and(Person::is_reachable)
    };
    leads.chain(organisation.with_role(Role::DutyManager)).find(is_free).cloned()
}

impl Change {
    /// Whether somebody is asked because nobody decided this revision in time.
    pub(super) fn is_after_miss(&self) -> bool {
        self.asks.iter().any(|ask| ask.because.is_after_miss())
    }

    /// Whether this revision has had its one extension.
    pub(super) fn is_prolonged(&self) -> bool {
        self.is_after_miss() || self.vote.as_ref().is_some_and(|vote| vote.prolonged)
    }

    /// Whether a ruling of the decision authority stands in for the yes of this seat, or of the members of a vote.
    pub fn is_ruled_away(&self, seat: Seat) -> bool {
        self.may_be_ruled_away(seat) && self.ruled_past(Dispute::Decision).is_some()
    }

    /// Whether the decision authority may stand in for this seat. The peer review of high risk is set aside by nobody (rule
    /// 4.35), and the risk is taken by an executive in words.
    pub(super) fn may_be_ruled_away(&self, seat: Seat) -> bool {
        match seat {
            Seat::PeerReviewer => matches!(self.risk.band, Band::Low | Band::Medium),
            Seat::Executive => false,
            Seat::TechnicalAuthority
            | Seat::ServiceOwner
            | Seat::ChangeManager
            | Seat::CabMember
            | Seat::Security
            | Seat::DataOwner
            | Seat::PrivacyOfficer
            | Seat::ComplianceOfficer
            | Seat::BusinessOwner
            | Seat::InternalSponsor
            | Seat::SecondPerson
            | Seat::Commander
            | Seat::DecisionAuthority => true,
        }
    }

    /// Whether somebody manages the owner of the service, who did not answer in time: then their yes counts as the owner's
    /// (rule 4.10: owner, delegate, owner's manager).
    pub(super) fn manages_owner(&self, person: &PersonId) -> bool {
        let is_manager = |ask: &&SeatAsk| {
            ask.seat == Seat::ServiceOwner && matches!(ask.because, AskedAs::Manager | AskedAs::Deputy)
        };
        self.asks.iter().filter(is_manager).any(|ask| &ask.person == person)
    }
}
