//! The board's regular meeting: its agenda is told ahead, once, whatever was down meanwhile.

use chrono::TimeDelta;
use chrono::{Timelike, Weekday};

use super::{JobError, Jobs, schedule};
use crate::domain::policy::MeetingPolicy;
use crate::store::{Job, Later};

impl Jobs {
    /// Announces the next regular meeting where its moment has come, and plans to look again when that of the one after
    /// comes. Looking is harmless: what is announced stays announced, so a start of the process looks too.
    pub(super) async fn convene(&self, tenant: i64) -> Result<(), JobError> {
        let mut tx = self.app.store.begin(tenant).await?;
        let unit = self.app.tenant(&mut tx).await?;
        tx.rollback().await?;
        let numbers = &unit.policy.meetings;
        let (zone, weekly, now) = (unit.organisation.time_zone, expression(numbers), self.app.clock.now());
        let before = TimeDelta::hours(numbers.agenda_hours_before.into());
        let Some(start) = schedule::next(&weekly, zone, now) else { return Ok(()) };
        let is_due = start - before <= now + TimeDelta::seconds(1);
        if is_due {
            self.app.announce_meeting(tenant, start).await?;
        }
        let following = if is_due { schedule::next(&weekly, zone, start) } else { Some(start) };
        let Some(following) = following else { return Ok(()) };
        let run_at = following - before - self.app.clock.ahead();
        let mut tx = self.app.store.begin(tenant).await?;
        tx.enqueue([Later { job: Job::Meet { tenant }, run_at: Some(run_at) }]);
        Ok(tx.commit().await?)
    }
}

/// Once a week, as the `cron` crate reads it.
fn expression(numbers: &MeetingPolicy) -> String {
    let day = match numbers.day {
        Weekday::Mon => "Mon",
        Weekday::Tue => "Tue",
        Weekday::Wed => "Wed",
        Weekday::Thu => "Thu",
        Weekday::Fri => "Fri",
        Weekday::Sat => "Sat",
        Weekday::Sun => "Sun",
    };
    format!("0 {} {} * * {day}", numbers.at.minute(), numbers.at.hour())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_regular_meeting_keeps_its_hour_in_the_tenants_zone_over_a_change_of_the_clocks() {
        let weekly = expression(&MeetingPolicy::default());
        let zone = chrono_tz::Europe::Lisbon;
        let mut at = "2030-03-25T12:00:00Z".parse().expect("a moment");
        let mut starts = Vec::new();
        for _ in 0..3 {
            at = schedule::next(&weekly, zone, at).expect("it recurs");
            starts.push(at.with_timezone(&zone).to_rfc3339());
        }
        assert_eq!(starts, ["2030-03-27T14:00:00+00:00", "2030-04-03T14:00:00+01:00", "2030-04-10T14:00:00+01:00"]);
    }
}
