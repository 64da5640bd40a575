//! Who could stand by in the coming days: by role, with what they are booked for and when they are away or on call.

use chrono::{DateTime, TimeDelta, Utc};

use super::policy::Policy;
use super::rules::StandbyRole;
use super::{Engagement, Organisation, Person, PersonId, StandbyState, Subject, Team};

/// How far ahead it looks: what is planned further ahead is asked for again by then.
pub const POOL_TIME: TimeDelta = TimeDelta::days(7);

/// A booking for a change that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolBooking {
    pub change: i64,
    pub role: StandbyRole,
    pub person: PersonId,
    pub state: StandbyState,
    /// `None`: no time is known yet, or it is an emergency.
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

/// A stretch of time.
pub type Stretch = (DateTime<Utc>, DateTime<Utc>);

/// Somebody who could fill a role, or is booked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pooled {
    pub role: StandbyRole,
    pub person: PersonId,
    /// The names of the teams for which they are on call.
    pub teams: Vec<String>,
    /// They are the first to be called, and nobody takes turns with them.
    pub always: bool,
    /// When it is their turn; what goes on beyond the time that is looked at ends with it.
    pub turns: Vec<Stretch>,
    pub away: Vec<Away>,
    /// For any role.
    pub booked: Vec<PoolBooking>,
    /// The open incidents that they command.
    pub commands: Vec<Subject>,
}

/// A time at which somebody is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// Who stands in for them.
    pub delegate: Option<PersonId>,
}

impl Pooled {
    /// Whether nothing keeps them from standing by at any time that is looked at.
    pub fn is_free(&self) -> bool {
        self.away.is_empty() && self.booked.is_empty() && self.commands.is_empty()
    }

    fn join(&mut self, team: &Team, looked_at: Stretch, zone: chrono_tz::Tz) {
        self.teams.push(team.name.clone());
        if team.rota.is_some() {
            self.turns.extend(team.turns_of(&self.person, looked_at, zone));
            self.turns.sort_unstable();
        } else {
            self.always |= team.on_call.first() == Some(&self.person);
        }
    }
}

/// Everybody who may be asked for each role, the first on call first, and whoever is booked for it besides.
pub fn pool(
    organisation: &Organisation,
    policy: &Policy,
    (bookings, engagements): (&[PoolBooking], &[Engagement]),
    now: DateTime<Utc>,
) -> Vec<Pooled> {
    let until = now + POOL_TIME;
    let mut pooled: Vec<Pooled> = Vec::new();
    let zone = organisation.time_zone;
    for role in StandbyRole::ALL {
        let teams = teams_of(organisation, policy, role);
        let on_call = teams
            .iter()
            .flat_map(|team| team.on_call_at(now, zone).into_iter().map(move |person| (person, Some(*team))));
        let booked = bookings.iter().filter(|one| one.role == role).map(|one| (one.person.clone(), None));
        let begins = pooled.len();
        for (person, team) in on_call.chain(booked) {
            let is_here = organisation.person(&person).is_some_and(Person::is_reachable);
            // Whoever is booked is shown, also where they cannot be reached any more.
            if team.is_some() && !is_here {
                continue;
            }
            let known = pooled[begins..].iter().position(|one| one.person == person);
            let known = known.unwrap_or_else(|| {
                pooled.push(busy(organisation, (role, &person), (bookings, engagements), (now, until)));
                pooled.len() - 1 - begins
            });
            if let Some(team) = team {
                pooled[begins + known].join(team, (now, until), zone);
            }
        }
    }
    pooled
}

/// Somebody and what keeps them busy, whoever has them on call.
fn busy(
    organisation: &Organisation,
    (role, person): (StandbyRole, &PersonId),
    (bookings, engagements): (&[PoolBooking], &[Engagement]),
    looked_at: Stretch,
) -> Pooled {
    Pooled {
        role,
        person: person.clone(),
        teams: Vec::new(),
        always: false,
        turns: Vec::new(),
        away: away(organisation, person, looked_at),
        booked: bookings.iter().filter(|one| &one.person == person).cloned().collect(),
        commands: commands(engagements, person),
    }
}

/// The owner of a rollback is of a team that keeps a service; the other roles have a team of their own.
fn teams_of<'a>(organisation: &'a Organisation, policy: &Policy, role: StandbyRole) -> Vec<&'a Team> {
    match role {
        StandbyRole::RollbackOwner => {
            let keeps = |team: &&Team| organisation.services.values().any(|service| service.team == team.key);
            organisation.teams.values().filter(keeps).collect()
        }
        StandbyRole::Database | StandbyRole::Network | StandbyRole::ServiceDesk => {
            organisation.team_for(policy, role).into_iter().collect()
        }
    }
}

impl Organisation {
    /// The team that a role is named for.
    pub(super) fn team_for(&self, policy: &Policy, role: StandbyRole) -> Option<&Team> {
        self.teams.get(&policy.standby.roles.get(&role)?.team)
    }
}

fn away(organisation: &Organisation, person: &PersonId, (from, until): Stretch) -> Vec<Away> {
    let absent = organisation.absences.iter().filter(|one| &one.person == person && one.overlaps(from, until));
    let absent = absent.map(|one| Away { from: one.starts, until: one.ends, delegate: None });
    let stood_in = organisation.delegations.iter().filter(|one| &one.from == person && one.overlaps(from, until));
    let stood_in = stood_in.map(|one| Away { from: one.starts, until: one.ends, delegate: Some(one.to.clone()) });
    let mut all: Vec<Away> = absent.chain(stood_in).collect();
    all.sort_by_key(|one| one.from);
    all
}

fn commands(engagements: &[Engagement], person: &PersonId) -> Vec<Subject> {
    let is_incident = |one: &&Engagement| &one.person == person && matches!(one.with, Subject::Incident(_));
    engagements.iter().filter(is_incident).map(|one| one.with).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::decide::test_world::{id, now, organisation};
    use crate::domain::{Absence, Rota};

    fn hour(hours: i64) -> DateTime<Utc> {
        now() + TimeDelta::hours(hours)
    }

    fn booking(key: &str, role: StandbyRole) -> PoolBooking {
        let (from, until) = (Some(hour(5)), Some(hour(7)));
        PoolBooking { change: 7, role, person: id(key), state: StandbyState::Requested, from, until }
    }

    fn of(organisation: &Organisation, bookings: &[PoolBooking], engagements: &[Engagement]) -> Vec<Pooled> {
        pool(organisation, &Policy::sample(), (bookings, engagements), now())
    }

    #[test]
    fn whoever_is_on_call_for_a_service_may_own_a_rollback_and_is_free_until_something_keeps_them_busy() {
        let organisation = organisation();
        let all = of(&organisation, &[], &[]);
        let shown: Vec<(&str, bool)> = all.iter().map(|one| (one.person.as_str(), one.is_free())).collect();
        assert_eq!(shown, [("p_ana", true), ("p_raj", true)]);
        assert_eq!((all[0].always, all[1].always), (true, false), "without a rota the first is always first");
        assert_eq!((&all[0].turns, &all[1].turns), (&Vec::new(), &Vec::new()));

        let booked = [booking("raj", StandbyRole::RollbackOwner), booking("tom", StandbyRole::Database)];
        let engaged = [Engagement { person: id("ana"), with: Subject::Incident(3), from: None, until: None }];
        let all = of(&organisation, &booked, &engaged);
        let shown: Vec<(StandbyRole, &str, bool)> =
            all.iter().map(|one| (one.role, one.person.as_str(), one.is_free())).collect();
        let (owner, database) = (StandbyRole::RollbackOwner, StandbyRole::Database);
        assert_eq!(shown, [(owner, "p_ana", false), (owner, "p_raj", false), (database, "p_tom", false)]);
        assert_eq!((&all[0].commands, &all[1].booked), (&vec![Subject::Incident(3)], &vec![booked[0].clone()]));
    }

    #[test]
    fn turns_and_absences_are_those_of_the_coming_week() {
        let mut organisation = organisation();
        let team = organisation.teams.get_mut("payments").expect("a team");
        team.rota = Some(Rota { since: (now() - TimeDelta::days(1)).naive_utc(), days: 3 });
        let absence =
            |from, until| Absence { noted: 1, person: id("raj"), starts: hour(from), ends: hour(until), begun: false };
        organisation.absences = vec![absence(24, 48), absence(8 * 24, 9 * 24)];
        let all = of(&organisation, &[], &[]);
        assert_eq!(all[0].turns, [(now(), hour(48)), (hour(5 * 24), now() + POOL_TIME)]);
        assert_eq!(all[1].turns, [(hour(48), hour(5 * 24))]);
        assert_eq!(all[1].away, [Away { from: hour(24), until: hour(48), delegate: None }]);
    }
}
