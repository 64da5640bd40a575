//! How standby stands for a change (rule 4.48): which roles it needs, who fills them, who could, and what is missing.

use chrono::{DateTime, TimeDelta, Utc};

use super::freeze::moment;
use super::standby_booking::order;
use crate::domain::policy::Policy;
use crate::domain::rules::{
    Booking, BookingState, ChangeKind, Ruling, Standby, StandbyChange, StandbyRole, StandbyVerdict, Tier,
    standby_verdict,
};
use crate::domain::{
    Change, Engagement, Organisation, Person, PersonId, StandbyBooking, StandbyState, Subject, Team, World,
};

/// The answer on the scale of availability that says that the service goes down as a whole.
const FULL_OUTAGE: u8 = 5;
/// How long somebody is counted as busy for a change that has no end yet.
const UNPLANNED: TimeDelta = TimeDelta::hours(1);

/// What it is read from.
#[derive(Debug, Clone, Copy)]
pub struct Readiness<'a> {
    pub organisation: &'a Organisation,
    pub policy: &'a Policy,
    pub engagements: &'a [Engagement],
    pub change: &'a Change,
    pub now: DateTime<Utc>,
}

/// One role, as people are shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleStands {
    pub role: StandbyRole,
    pub state: BookingState,
    /// Who is booked; in an emergency also whoever carries it out and is on call.
    pub person: Option<PersonId>,
    /// Why they cannot be there.
    pub conflict: Option<String>,
    /// Nobody is booked, and nobody has to be: whoever starts it stands ready by that.
    pub by_starting: bool,
    /// Who could be booked in their place, where that is needed.
    pub proposed: Option<PersonId>,
}

impl<'a> Readiness<'a> {
    pub(super) fn of(world: &'a World<'_>, change: &'a Change, now: DateTime<Utc>) -> Readiness<'a> {
        Readiness {
            organisation: world.organisation,
            policy: world.policy,
            engagements: &world.engagements,
            change,
            now,
        }
    }

    fn facts(&self) -> StandbyChange {
        let is_tier_1 = self.organisation.strictest_tier(&self.change.services()) == Tier::MOST_CRITICAL;
        // Without a time nothing is late yet.
        let far = self.now + TimeDelta::minutes(self.policy.standby.first_confirmation_minutes.into()) + UNPLANNED;
        StandbyChange {
            band: self.change.risk.band,
            // Only where somebody says so: of what nobody answered, the risk takes account.
            tier_1_outage: is_tier_1 && self.change.factors.availability == Some(FULL_OUTAGE),
            emergency: self.is_emergency(),
            starts_at: self.change.planned_start().unwrap_or(far),
        }
    }

    fn is_emergency(&self) -> bool {
        self.change.kind == ChangeKind::Emergency
    }

    /// Whether the change needs anybody on standby. What is recorded after the fact does not.
    pub fn is_required(&self) -> bool {
        let ruling = standby_verdict(self.policy, &self.facts(), &[], self.now);
        self.change.kind != ChangeKind::Retroactive && ruling.verdict.verdict != StandbyVerdict::NotRequired
    }

    /// The roles that it needs, the owner of the rollback first.
    pub fn roles(&self) -> Vec<StandbyRole> {
        if !self.is_required() {
            return Vec::new();
        }
        let services = self.change.services();
        let is_theirs = |service: &String| services.contains(service);
        let more = self.policy.standby.roles.iter().filter(|(_, duty)| duty.services.iter().any(is_theirs));
        [StandbyRole::RollbackOwner].into_iter().chain(more.map(|(role, _)| *role)).collect()
    }

    /// Rule 4.48, of all roles.
    pub fn ruling(&self) -> Ruling<Standby> {
        let bookings: Vec<Booking> = self.roles().into_iter().map(|role| self.booking(role)).collect();
        standby_verdict(self.policy, &self.facts(), &bookings, self.now)
    }

    /// Of the roles alone that hold up the start: all, but of an emergency the owner of the rollback.
    pub fn start(&self) -> Ruling<Standby> {
        let roles = self.roles().into_iter().filter(|role| !self.is_emergency() || *role == StandbyRole::RollbackOwner);
        let bookings: Vec<Booking> = roles.map(|role| self.booking(role)).collect();
        let mut facts = self.facts();
        // Whoever starts it early starts it now.
        facts.starts_at = facts.starts_at.min(self.now);
        standby_verdict(self.policy, &facts, &bookings, self.now)
    }

    fn booking(&self, role: StandbyRole) -> Booking {
        let asked_at = self.booked_for(role).and_then(|one| one.asked_at);
        Booking { role, state: self.state_of(role), asked_at }
    }

    /// Who fills a role best: without a conflict, and the furthest confirmed.
    pub fn booked_for(&self, role: StandbyRole) -> Option<&'a StandbyBooking> {
        let live = self.change.on_standby().filter(|one| one.role == role);
        live.max_by_key(|one| (self.conflict_of(&one.person).is_none(), order(one.state), one.booked))
    }

    pub fn state_of(&self, role: StandbyRole) -> BookingState {
        match self.booked_for(role) {
            Some(one) if self.conflict_of(&one.person).is_some() => BookingState::Conflict,
            Some(one) => match one.state {
                StandbyState::Confirmed => BookingState::Confirmed,
                StandbyState::ConfirmedAgain => BookingState::ConfirmedTwice,
                _ => BookingState::Booked,
            },
            None if self.stands_ready_by_starting(role) => BookingState::Confirmed,
            None => BookingState::Unbooked,
        }
    }

    /// Whether whoever carries out an emergency owns its rollback without being asked. The rule books who is on call; where
    /// that is the very person who starts it and takes it back, pressing Start says "I am here" as well as a second
    /// button would, and at three in the morning one click less is worth having. Nobody else is spared the click.
    pub fn stands_ready_by_starting(&self, role: StandbyRole) -> bool {
        let me = &self.change.implementer;
        let declined =
            |one: &StandbyBooking| one.role == role && &one.person == me && one.state == StandbyState::Declined;
        role == StandbyRole::RollbackOwner
            && self.is_emergency()
            && self.is_required()
            && self.on_call(role, self.now).contains(me)
            && self.is_free(me)
            && self.change.on_standby().all(|one| one.role != role)
            && !self.change.standby.iter().any(declined)
    }

    /// Why somebody cannot be there.
    pub fn conflict_of(&self, person: &PersonId) -> Option<String> {
        let name = self.organisation.name_of(person);
        if !self.organisation.person(person).is_some_and(Person::is_reachable) {
            return Some(format!("{name} is not active"));
        }
        let (from, until) = self.stretch();
        if let Some(delegate) = self.organisation.delegate_of(person, from) {
            return Some(format!("{name} is absent, {} stands in", self.organisation.name_of(delegate)));
        }
        let mut spells = self.organisation.absences.iter().filter(|one| &one.person == person);
        if let Some(spell) = spells.find(|one| one.overlaps(from, until)) {
            let since = if spell.starts > from { format!(" from {}", moment(spell.starts)) } else { String::new() };
            return Some(format!("{name} is away{since} until {}", moment(spell.ends)));
        }
        let met = self.engagements.iter().find(|one| &one.person == person && one.meets(from, until))?;
        let does = if matches!(met.with, Subject::Incident(_)) { "commands" } else { "stands by for" };
        Some(format!("{name} {does} {}", met.with))
    }

    fn is_free(&self, person: &PersonId) -> bool {
        self.conflict_of(person).is_none()
    }

    /// From when to when people have to be there.
    fn stretch(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let window = self.change.window.or(self.change.planned);
        let from = self.change.planned_start().unwrap_or(self.now).max(self.now);
        (from, window.map_or(from + UNPLANNED, |window| window.closes.max(from)))
    }

    /// Who is on call for a role at this moment. The owner of the rollback may be of the team of any service that it
    /// touches; the first on call of each team come before the second.
    fn on_call(&self, role: StandbyRole, at: DateTime<Utc>) -> Vec<PersonId> {
        let shifts: Vec<_> =
            self.teams(role).iter().map(|team| team.on_call_at(at, self.organisation.time_zone)).collect();
        let most = shifts.iter().map(Vec::len).max().unwrap_or(0);
        (0..most).flat_map(|place| shifts.iter().filter_map(move |shift| shift.get(place).cloned())).collect()
    }

    fn teams(&self, role: StandbyRole) -> Vec<&'a Team> {
        match role {
            StandbyRole::RollbackOwner => self.organisation.teams_of(self.change),
            StandbyRole::Database | StandbyRole::Network | StandbyRole::ServiceDesk => {
                self.organisation.team_for(self.policy, role).into_iter().collect()
            }
        }
    }

    /// That it is somebody else's turn on call by then, where the team takes turns. It holds nothing up: whoever says
    /// that they stand by knows their shifts.
    pub fn off_shift(&self, role: StandbyRole, person: &PersonId) -> Option<String> {
        let (from, _) = self.stretch();
        let zone = self.organisation.time_zone;
        let teams = self.teams(role);
        let turn = |team: &&&Team| team.rota.is_some() && team.on_call.contains(person);
        let first = |team: &Team| team.on_call_at(from, zone).into_iter().next();
        if teams.iter().filter(turn).any(|team| first(team).as_ref() == Some(person)) {
            return None;
        }
        let team = teams.iter().find(turn)?;
        let (name, other) = (self.organisation.name_of(person), self.organisation.name_of(&first(team)?));
        Some(format!("{name} is off shift then, {other} is on call for {}", team.name))
    }

    /// Whom of those on call nobody has asked for this role yet, first one first; for whoever is absent, whoever stands in.
    pub fn candidates(&self, role: StandbyRole) -> Vec<PersonId> {
        let (from, _) = self.stretch();
        let asked = |person: &PersonId| self.change.standby.iter().any(|one| one.role == role && &one.person == person);
        let mut candidates: Vec<PersonId> = Vec::new();
        for person in &self.on_call(role, from) {
            let there = self.organisation.delegate_of(person, from).unwrap_or(person);
            if self.is_free(there) && !asked(there) && !candidates.contains(there) {
                candidates.push(there.clone());
            }
        }
        candidates
    }

    /// Everything that there is to show: what it needs, and whoever is booked besides.
    pub fn stands(&self) -> Vec<RoleStands> {
        let mut roles = self.roles();
        for one in self.change.on_standby() {
            if !roles.contains(&one.role) {
                roles.push(one.role);
            }
        }
        roles.into_iter().map(|role| self.role_stands(role)).collect()
    }

    fn role_stands(&self, role: StandbyRole) -> RoleStands {
        let state = self.state_of(role);
        let booked = self.booked_for(role).map(|one| one.person.clone());
        let by_starting = booked.is_none() && state == BookingState::Confirmed;
        let person = booked.or_else(|| by_starting.then(|| self.change.implementer.clone()));
        let conflict = person.as_ref().and_then(|person| self.conflict_of(person));
        let needs = matches!(state, BookingState::Unbooked | BookingState::Conflict);
        let proposed = self.candidates(role).into_iter().next().filter(|_| needs);
        RoleStands { role, state, person, conflict, by_starting, proposed }
    }
}
