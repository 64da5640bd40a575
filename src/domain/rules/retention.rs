//! Rule 4.34: how long what people wrote is kept. The chain and its facts stay for good.

use chrono::TimeDelta;

use crate::domain::policy::{RetentionPolicy, RetentionRule};

words! {
    /// What kind of record it is.
    RecordClass {
        Incident = "incident", "incidents and their timelines";
        Restricted = "restricted", "restricted records and breaches";
        Change = "change", "changes and their approvals";
        Log = "log", "what the log keeps of people, rules and the deployment";
        Chat = "chat", "messages as they were sent";
        Drill = "drill", "drills";
    }
}

words! {
    /// What becomes of a record at the end.
    Fate {
        /// Names and texts go, facts stay: it still counts in every trend.
        Anonymise = "anonymise", "made anonymous";
        /// Everything that can go does, and the chain stays.
        DeletePayloads = "delete_payloads", "its texts are deleted";
        Delete = "delete", "deleted";
    }
}

/// What is to be done with a record now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetentionAction {
    /// Nothing, whatever its age: a hold.
    Hold,
    Keep,
    /// Kept, but no longer among what people look at every day.
    Archive,
    End(Fate),
}

/// Rule 4.34. `age` runs from the end of the record; of the rules that apply, the longest wins, and without any rule it
/// is kept.
pub fn retention_action(
    policy: &RetentionPolicy,
    class: RecordClass,
    regimes: &[String],
    age: TimeDelta,
    held: bool,
) -> RetentionAction {
    if held {
        return RetentionAction::Hold;
    }
    let Some(rule) = retention_rule(policy, class, regimes) else { return RetentionAction::Keep };
    let days = age.num_days();
    if days >= i64::from(rule.until_days) {
        RetentionAction::End(rule.then)
    } else if days >= i64::from(rule.hot_days) {
        RetentionAction::Archive
    } else {
        RetentionAction::Keep
    }
}

/// The rule that a record of these regimes follows.
pub fn retention_rule<'a>(
    policy: &'a RetentionPolicy,
    class: RecordClass,
    regimes: &[String],
) -> Option<&'a RetentionRule> {
    let applies = |rule: &&RetentionRule| {
        rule.class == class && rule.regime.as_ref().is_none_or(|regime| regimes.iter().any(|own| own == regime))
    };
    policy.rule.iter().filter(applies).max_by_key(|rule| rule.until_days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_rule_everything_is_kept() {
        let none = RetentionPolicy::default();
        for class in RecordClass::ALL {
            assert_eq!(retention_action(&none, class, &[], TimeDelta::days(100_000), false), RetentionAction::Keep);
        }
    }
}
