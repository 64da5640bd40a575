//! The rota of a team: who of those on call is first, and when the next one takes over.

use chrono::{DateTime, Days, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::event::RotaEvent;
use super::when::first_of;
use super::{Absence, Organisation, PersonId, Team};

/// A gap is told of so long before it (`delegation-oncall` of the requirements).
const GAP_NOTICE: TimeDelta = TimeDelta::hours(24);

/// People take turns in the order of `on_call`. A turn ends at the same hour of the organisation's clocks as it began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rota {
    /// When the first one's turn began, on the organisation's clocks.
    pub since: NaiveDateTime,
    /// How long a turn is, in days.
    pub days: u16,
}

impl Rota {
    /// How many turns were over at this moment. Before the first has begun it is the first one's.
    fn turn(&self, now: DateTime<Utc>, zone: Tz) -> u64 {
        let days = (now.with_timezone(&zone).naive_local() - self.since).num_days();
        let about = u64::try_from(days).unwrap_or(0) / u64::from(self.days.max(1));
        // Where the clocks were put back the hours do not say which side of the change it is.
        [about + 1, about].into_iter().find(|turn| self.begins(*turn, zone) <= now).unwrap_or(about.saturating_sub(1))
    }

    fn begins(&self, turn: u64, zone: Tz) -> DateTime<Utc> {
        let days = turn.saturating_mul(u64::from(self.days.max(1)));
        first_of(self.since.checked_add_days(Days::new(days)).unwrap_or(self.since), zone)
    }

    /// When the turn of this moment began.
    pub fn began(&self, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        self.begins(self.turn(now, zone), zone)
    }

    /// When the turn of this moment ends.
    pub fn ends(&self, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        if now < self.begins(0, zone) {
            return self.begins(0, zone);
        }
        self.begins(self.turn(now, zone) + 1, zone)
    }
}

impl Team {
    /// Who is on call at this moment, whoever's turn it is first. Without a rota that is who is named first.
    pub fn on_call_at(&self, now: DateTime<Utc>, zone: Tz) -> Vec<PersonId> {
        let mut people = self.on_call.clone();
        if let (Some(rota), false) = (&self.rota, people.is_empty()) {
            let turn = rota.turn(now, zone) % u64::try_from(people.len()).unwrap_or(1);
            people.rotate_left(usize::try_from(turn).unwrap_or_default());
        }
        people
    }

    /// When somebody is the first to be called, within a stretch of time. Without a rota that is always so, or never.
    pub fn turns_of(
        &self,
        person: &PersonId,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
        zone: Tz,
    ) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
        let mut turns = Vec::new();
        let mut at = from;
        while at < until {
            let ends = self.rota.as_ref().map_or(until, |rota| rota.ends(at, zone)).min(until);
            if self.on_call_at(at, zone).first() == Some(person) {
                turns.push((at, ends));
            }
            at = ends;
        }
        turns
    }

    /// Who takes over next, and when.
    pub fn next_on_call(&self, now: DateTime<Utc>, zone: Tz) -> Option<(PersonId, DateTime<Utc>)> {
        let at = self.rota.as_ref()?.ends(now, zone);
        let person = self.on_call_at(at, zone).into_iter().next()?;
        Some((person, at))
    }
}

impl Organisation {
    /// When the next turn begins, or somebody is to be told that whoever takes over is away then.
    pub fn rota_promise(&self, absences: &[Absence], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let moments = self.teams.values().filter_map(|team| {
            let (person, at) = team.next_on_call(now, self.time_zone)?;
            let notice = at - GAP_NOTICE;
            let is_gap = absences.iter().any(|one| one.person == person && one.holds(at));
            Some(if is_gap && notice > now { notice } else { at })
        });
        moments.min()
    }

    /// What has come to pass in rotas since the moment `due` that was waited for. Of several turns that were missed only
    /// the newest is worth a word.
    pub fn rota_steps(&self, due: DateTime<Utc>, now: DateTime<Utc>) -> Vec<RotaEvent> {
        let zone = self.time_zone;
        let mut steps = Vec::new();
        for team in self.teams.values() {
            let Some(rota) = &team.rota else { continue };
            let began = rota.began(now, zone);
            let first = |at| team.on_call_at(at, zone).into_iter().next();
            if began >= due
                && began <= now
                && let (Some(from), Some(to)) = (first(began - TimeDelta::seconds(1)), first(now))
                && from != to
            {
                let ends = rota.ends(now, zone);
                steps.push(RotaEvent::HandedOver { team: team.key.clone(), from, to, ends });
            }
            let Some((person, at)) = team.next_on_call(now, zone) else { continue };
            if at - GAP_NOTICE <= now && at - GAP_NOTICE >= due && self.away_until(&person, at).is_some() {
                steps.push(RotaEvent::GapFound { team: team.key.clone(), person, starts: at });
            }
        }
        steps
    }

    /// The turns of a person that an absence leaves without them: of which team, and from when.
    pub fn turns_missed(&self, absence: &Absence) -> Vec<(String, DateTime<Utc>)> {
        let spell = (absence.starts, absence.ends);
        let missed = |team: &Team| {
            team.rota.as_ref()?;
            let (at, _) = *team.turns_of(&absence.person, spell, self.time_zone).first()?;
            Some((team.name.clone(), at))
        };
        self.teams.values().filter_map(missed).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISBON: Tz = chrono_tz::Europe::Lisbon;

    fn at(word: &str) -> DateTime<Utc> {
        word.parse().expect("a moment")
    }

    fn team(since: &str, days: u16) -> Team {
        Team {
            key: "payments".to_owned(),
            name: "Payments".to_owned(),
            lead: None,
            approvers: Vec::new(),
            on_call: ["mia", "raj", "sam"].map(|key| PersonId(key.to_owned())).to_vec(),
            rota: Some(Rota { since: since.parse().expect("a local moment"), days }),
        }
    }

    fn first(team: &Team, word: &str) -> String {
        team.on_call_at(at(word), LISBON)[0].0.clone()
    }

    #[test]
    fn each_is_first_for_a_turn_and_then_again() {
        let team = team("2030-01-07T09:00:00", 7);
        let turns = ["2030-01-07T09:00:00Z", "2030-01-14T08:59:59Z", "2030-01-14T09:00:00Z", "2030-01-21T09:00:00Z"];
        assert_eq!(turns.map(|word| first(&team, word)), ["mia", "mia", "raj", "sam"]);
        assert_eq!(first(&team, "2030-01-28T09:00:00Z"), "mia");
        // Not begun: the first one's.
        assert_eq!(first(&team, "2030-01-01T00:00:00Z"), "mia");
        let order = team.on_call_at(at("2030-01-22T09:00:00Z"), LISBON);
        assert_eq!(order.iter().map(|id| id.0.as_str()).collect::<Vec<_>>(), ["sam", "mia", "raj"]);
    }

    #[test]
    fn a_turn_ends_at_the_same_hour_though_the_clocks_change_meanwhile() {
        let team = team("2030-03-25T09:00:00", 7);
        // Lisbon goes to summer time on 31 March 2030: nine is eight in UTC from then on.
        let next = team.next_on_call(at("2030-03-26T09:00:00Z"), LISBON).expect("a rota");
        assert_eq!((next.0.0.as_str(), next.1), ("raj", at("2030-04-01T08:00:00Z")));
        assert_eq!(first(&team, "2030-04-01T07:59:59Z"), "mia");
        assert_eq!(first(&team, "2030-04-01T08:00:00Z"), "raj");
        // And back on 27 October.
        let autumn = self::team("2030-10-21T01:30:00", 3);
        assert_eq!(first(&autumn, "2030-10-27T00:29:59Z"), "raj");
        assert_eq!(first(&autumn, "2030-10-27T00:30:00Z"), "sam");
        assert_eq!(first(&autumn, "2030-10-27T01:10:00Z"), "sam");
    }
}
