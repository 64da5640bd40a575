//! When an entry says it was written, against when Postgres wrote it.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// A command waits for locks and retries for seconds, and two hosts' clocks differ by less than that; a claim that is
/// further from the truth was not made in good faith, or by a clock that is wrong.
const APART_MAX: TimeDelta = TimeDelta::minutes(5);
/// A clock that is kept right by small steps goes back by milliseconds.
const STEP_BACK_MAX: TimeDelta = TimeDelta::seconds(1);

/// The clock that entries were dated by: real time, or real time moved by the sandbox, which says so in the log.
#[derive(Debug, Clone, Default)]
pub struct Times {
    /// From when on, and how far ahead in all, in the order of time.
    moves: Vec<(DateTime<Utc>, TimeDelta)>,
}

impl Times {
    /// `moves` are the entries `clock.moved`: when each was recorded, and by how many seconds it moved the clock.
    pub fn moved(moves: impl IntoIterator<Item = (DateTime<Utc>, i64)>) -> Times {
        let mut moves: Vec<(DateTime<Utc>, i64)> = moves.into_iter().collect();
        moves.sort_unstable();
        let mut ahead = TimeDelta::zero();
        let add = |(at, seconds): (DateTime<Utc>, i64)| {
            ahead += TimeDelta::try_seconds(seconds).unwrap_or_default();
            (at, ahead)
        };
        Times { moves: moves.into_iter().map(add).collect() }
    }

    pub fn moves(&self) -> u64 {
        self.moves.len() as u64
    }

    /// How far the clock was moved in all.
    pub fn ahead(&self) -> TimeDelta {
        self.moves.last().map_or_else(TimeDelta::zero, |(_, ahead)| *ahead)
    }

    /// What is wrong with the time that an entry claims.
    pub fn doubt_claim(&self, claimed: DateTime<Utc>, recorded: DateTime<Utc>) -> Option<String> {
        let apart = |ahead: TimeDelta| (claimed - recorded - ahead).abs();
        let fits = self.ahead_about(recorded).any(|ahead| apart(ahead) <= APART_MAX);
        (!fits).then(|| format!("it claims to be of {}, and was written at {}", moment(claimed), moment(recorded)))
    }

    /// What is wrong with when it was recorded, after the one before it on the same chain.
    pub fn doubt_order(previous: DateTime<Utc>, recorded: DateTime<Utc>) -> Option<String> {
        let back = previous - recorded;
        (back > STEP_BACK_MAX).then(|| {
            format!("written {} s before the entry that it follows: a clock was set back", back.num_seconds().max(1))
        })
    }

    /// Whatever the clock was ahead by shortly before: a command keeps the time at which it began.
    fn ahead_about(&self, recorded: DateTime<Utc>) -> impl Iterator<Item = TimeDelta> {
        let known = self.moves.partition_point(|(at, _)| *at <= recorded);
        let begun = self.moves.partition_point(|(at, _)| *at <= recorded - APART_MAX);
        let before = if begun == 0 { TimeDelta::zero() } else { self.moves[begun - 1].1 };
        std::iter::once(before).chain(self.moves[begun..known].iter().map(|(_, ahead)| *ahead))
    }
}

fn moment(at: DateTime<Utc>) -> String {
    at.trunc_subsecs(0).format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + minutes * 60, 0).unwrap()
    }

    #[test]
    fn a_claim_is_near_the_moment_of_writing() {
        let times = Times::default();
        for (claimed, fits) in [(0, true), (4, true), (-4, true), (6, false), (-6, false), (-3 * 24 * 60, false)] {
            assert_eq!(times.doubt_claim(at(claimed), at(0)).is_none(), fits, "{claimed} minutes");
        }
    }

    #[test]
    fn a_moved_clock_is_honoured_from_when_it_was_moved() {
        let times = Times::moved([(at(100), 3_600), (at(0), 600)]);
        assert_eq!(times.ahead(), TimeDelta::minutes(70));
        for (ahead, written, fits) in [
            (0, -10, true),   // before any move
            (10, -10, false), // nobody had moved it yet
            (0, 1, true),     // begun before the move, written after it
            (10, 1, true),    // and begun after it
            (10, 50, true),   // long after it
            (0, 50, false),   // the old time is over
            (70, 101, true),  // after both moves
            (70, 99, false),  // not before the second
            (10, 200, false), // and not with the first alone
        ] {
            let claimed = at(written) + TimeDelta::minutes(ahead);
            assert_eq!(times.doubt_claim(claimed, at(written)).is_none(), fits, "{ahead} ahead at {written}");
        }
    }

    #[test]
    fn an_entry_is_written_after_the_one_that_it_follows() {
        assert_eq!(Times::doubt_order(at(0), at(0)), None);
        assert_eq!(Times::doubt_order(at(0), at(0) - TimeDelta::milliseconds(300)), None);
        assert!(Times::doubt_order(at(60), at(0)).is_some_and(|what| what.contains("3600 s before")));
    }
}
