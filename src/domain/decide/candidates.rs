//! Whom to ask for an open seat (rule 4.22).

use chrono::{DateTime, Utc};

use super::approval::fills;
use super::delegation::authority;
use crate::domain::rules::{AskedAs, Candidate, ChangeKind, Obstacle, Role, Seat, Source, resolve};
use crate::domain::{Change, Incident, Organisation, Person, PersonId};

/// So many are named of those who could be asked.
const NAMED_MAX: usize = 2;

/// The people to look to for a seat: those who were asked and can still fill it, and of what can wait the first others who
/// can.
pub fn to_ask(
    organisation: &Organisation,
    change: &Change,
    incident: Option<&Incident>,
    seat: Seat,
    now: DateTime<Utc>,
) -> Vec<PersonId> {
    // Who was asked for a review and has voted since cannot review any more, and who commands since signs nothing.
    let commands = |person: &PersonId| incident.is_some_and(|incident| incident.commander.as_ref() == Some(person));
    let may = |person: &&PersonId| {
        authority(organisation, change, incident, (*person, seat), now).is_ok()
            && (seat == Seat::PeerReviewer || !commands(person))
    };
    // Whoever stands in for somebody is asked in their place.
    let is_there = |person: &PersonId| {
        organisation.away_until(person, now).is_none()
            && (change.kind == ChangeKind::Emergency || organisation.delegate_of(person, now).is_none())
    };
    let mut named: Vec<PersonId> = Vec::new();
    for person in change.asked_for(seat).filter(may) {
        if is_there(person) && !named.contains(person) {
            named.push(person.clone());
        }
    }
    if change.kind == ChangeKind::Emergency {
        return named;
    }
    // Of several owners each is named.
    let open = change.open_seats().iter().filter(|open| **open == seat).count();
    let left = (NAMED_MAX * open.max(1)).saturating_sub(named.len());
    let able = ranked(organisation, change, incident, seat, now).into_iter().map(|(person, _)| person);
    let others: Vec<PersonId> = able.filter(|person| !named.contains(person)).take(left).collect();
    named.into_iter().chain(others).collect()
}

/// The people who can fill a seat of this change, and why they are asked, first one first.
pub(super) fn ranked(
    organisation: &Organisation,
    change: &Change,
    incident: Option<&Incident>,
    seat: Seat,
    now: DateTime<Utc>,
) -> Vec<(PersonId, AskedAs)> {
    let commander = incident.and_then(|incident| incident.commander.as_ref());
    let delegate_of = |person: &PersonId| {
        let delegate = organisation.delegate_of(person, now)?;
        let may = authority(organisation, change, incident, (delegate, seat), now).is_ok();
        let is_there = organisation.person(delegate).is_some_and(Person::is_reachable);
        (may && is_there && commander != Some(delegate)).then(|| delegate.clone())
    };
    let mut asked = Vec::new();
    for (person, source) in sources(organisation, change, now) {
        let delegate = delegate_of(&person).filter(|_| fills(organisation, change, incident, &person, seat).is_ok());
        let barred = commander == Some(&person) && seat != Seat::PeerReviewer;
        let obstacles = [
            (Obstacle::Inactive, !organisation.person(&person).is_some_and(Person::is_reachable)),
            (Obstacle::ExcludedByDuties, barred),
            // They may still act; whoever stands in for them is asked, or the next one.
            (Obstacle::Absent, delegate.is_some() || organisation.away_until(&person, now).is_some()),
            (Obstacle::WithoutGrant, fills(organisation, change, incident, &person, seat).is_err()),
        ];
        let obstacles = obstacles.into_iter().filter(|(_, applies)| *applies).map(|(obstacle, _)| obstacle).collect();
        let stands_in = delegate.map(|person| Candidate { person, source: Source::Delegate, obstacles: Vec::new() });
        asked.push(Candidate { person, source, obstacles });
        asked.extend(stands_in);
    }
    let source = |person: &PersonId| {
        let able = asked.iter().filter(|candidate| &candidate.person == person && candidate.obstacles.is_empty());
        able.map(|candidate| candidate.source).min()
    };
    let mut people = resolve(&asked, true).verdict.people;
    if seat != Seat::ServiceOwner {
        // Nobody fills two seats, and an owner's is nobody else's: others are asked before them.
        people.sort_by_key(|person| change.is_wanted_as_owner(organisation, person));
    }
    // Who is on call and owns the service fills the owner's seat because they own it.
    let because = |source: Source| match (seat, source) {
        (Seat::ServiceOwner, source) if source != Source::Delegate => AskedAs::Owner,
        (_, source) => source.into(),
    };
    people.into_iter().filter_map(|person| source(&person).map(|source| (person, because(source)))).collect()
}

/// Everybody who could be asked, by why: the service's own people first, then whoever holds the role anywhere.
pub(super) fn sources(organisation: &Organisation, change: &Change, now: DateTime<Utc>) -> Vec<(PersonId, Source)> {
    let mut sources = Vec::new();
    let services = change.services();
    for team in services.iter().filter_map(|service| organisation.team_of(service)) {
        let shifts = [Source::Primary, Source::Secondary].into_iter().chain(std::iter::repeat(Source::Secondary));
        sources.extend(team.on_call_at(now, organisation.time_zone).into_iter().zip(shifts));
        sources.extend(team.lead.iter().map(|lead| (lead.clone(), Source::TeamLead)));
        sources.extend(team.approvers.iter().map(|approver| (approver.clone(), Source::TeamLead)));
    }
    sources.extend(organisation.owners_of(&services).into_iter().map(|owner| (owner, Source::ServiceOwner)));
    let known = services.iter().filter_map(|key| organisation.services.get(key));
    sources.extend(known.filter_map(|service| service.sponsor.clone()).map(|sponsor| (sponsor, Source::TeamLead)));
    let elsewhere = |role: Role| organisation.holding(role).into_iter().map(|id| (id, Source::DutyManager));
    let officers = [Role::DataOwner, Role::Compliance];
    for role in [Role::Reviewer, Role::ChangeManager, Role::Security, Role::Executive, Role::DutyManager] {
        sources.extend(elsewhere(role));
    }
    sources.extend(officers.into_iter().flat_map(elsewhere));
    sources
}
