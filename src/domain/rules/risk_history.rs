//! Rule 4.7, history: what earlier changes of the same kind, and their reviews, add to the risk.

use super::Ruling;
use crate::domain::policy::{Policy, RiskHistory};

/// How many changes ended in the last twelve months, and how many of them failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HistoryCount {
    pub changes: u32,
    pub failures: u32,
}

/// An adjustment that a review found and a person approved; it fades over a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CauseAdjustment {
    pub weight: i32,
    pub months_since: u32,
}

/// Rule 4.7: the points for how often changes like this one failed.
///
/// `counts` go from the narrowest group (category, service, environment) to the widest (category): the first with
/// enough changes counts. Where none has, the default rate does.
pub fn history_points(policy: &Policy, counts: &[HistoryCount]) -> Ruling<i32> {
    let history = &policy.risk.history;
    let enough = counts.iter().find(|count| count.changes >= history.changes_min);
    let (failed, of) = match enough {
        Some(count) => rate(history, *count),
        None => (u64::from(history.default_rate.parts), u64::from(history.default_rate.of)),
    };
    let step = history.rate_below_percent.iter().filter(|limit| failed * 100 >= u64::from(**limit) * of).count();
    let points = history.points[step];
    let sentence = match enough {
        Some(count) => format!("{} of {} changes like this one failed: {points:+}.", count.failures, count.changes),
        None => format!("Too few changes like this one to count: {points:+}."),
    };
    Ruling::new("4.7", points, sentence)
}

/// The smoothed failure rate as a fraction of whole numbers: one early failure is no verdict.
fn rate(history: &RiskHistory, count: HistoryCount) -> (u64, u64) {
    let prior = history.prior_failures;
    let failed = u64::from(count.failures) * u64::from(prior.of) + u64::from(prior.parts);
    let of = (u64::from(count.changes) + u64::from(history.prior_changes)) * u64::from(prior.of);
    (failed, of)
}

/// Rule 4.7: the points for approved causes, fading month by month, their sum limited.
pub fn cause_points(policy: &Policy, adjustments: &[CauseAdjustment]) -> i32 {
    let months = policy.risk.history.cause_fades_months.max(1);
    let faded = |adjustment: &CauseAdjustment| {
        let left = i64::from(months.saturating_sub(adjustment.months_since));
        // Half a point rounds up, also below zero: floor(2x + 1) / 2 in whole numbers.
        (2 * i64::from(adjustment.weight) * left + i64::from(months)).div_euclid(2 * i64::from(months))
    };
    let sum: i64 = adjustments.iter().map(faded).sum();
    i32::try_from(sum.clamp(0, policy.risk.modifiers.cause_points_max.into())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_of_too_few_changes_gives_way_to_the_wider_one() {
        let policy = Policy::sample();
        let narrow = HistoryCount { changes: 4, failures: 4 };
        let wide = HistoryCount { changes: 40, failures: 0 };
        assert_eq!(history_points(&policy, &[narrow, wide]).verdict, -1);
        assert_eq!(history_points(&policy, &[HistoryCount { changes: 5, ..narrow }, wide]).verdict, 6);
        assert_eq!(history_points(&policy, &[]).verdict, 0, "the default rate of 5% adds nothing");
    }
}
