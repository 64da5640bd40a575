//! Rule 4.7: how risky a change is. Not the score decides, the band does; the breakdown says where it comes from.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::ruling::listed;
use super::{Denial, Ruling, Tier};
use crate::domain::PersonId;
use crate::domain::acceptance::AcceptedRisk;
use crate::domain::policy::{Policy, RiskModifiers};

words! {
    /// How risky a change is, in the four steps that the approvals are made for.
    Band {
        Low = "low", "low risk";
        Medium = "medium", "medium risk";
        High = "high", "high risk";
        Critical = "critical", "critical risk";
    }
}

impl Band {
    /// One step up; critical stays.
    #[must_use]
    pub fn raised(self) -> Band {
        match self {
            Band::Low => Band::Medium,
            Band::Medium => Band::High,
            Band::High | Band::Critical => Band::Critical,
        }
    }
}

words! {
    /// What a rehearsal of the rollback showed.
    Rehearsal {
        NotDone = "not_done", "the rollback was not rehearsed";
        /// Proven lately; how lately counts is a number of the policy.
        Proven = "proven", "the rollback was rehearsed";
        /// The last rehearsal failed.
        Failed = "failed", "the last rehearsal failed";
    }
}

impl Rehearsal {
    /// What was proven too long ago proves nothing any more; a failure stays one until the next rehearsal.
    #[must_use]
    pub fn aged(self, policy: &Policy, days: u32) -> Rehearsal {
        match self {
            Rehearsal::Proven if days > policy.risk.modifiers.rehearsal_valid_days => Rehearsal::NotDone,
            Rehearsal::NotDone | Rehearsal::Proven | Rehearsal::Failed => self,
        }
    }
}

/// What is known of a change. What is not known counts as the worst, and is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RiskInput {
    /// 1 none to 5 severe or irreversible. So are `availability` and `compliance`.
    pub data: Option<u8>,
    pub availability: Option<u8>,
    pub compliance: Option<u8>,
    /// 1 one automated step to 5 new technology or many interdependent steps.
    pub complexity: Option<u8>,
    /// 1 automatic and proven to 5 irreversible or none.
    pub rollback: Option<u8>,
    /// Of the most critical service.
    pub tier: Tier,
    /// Services within distance 2 that would feel it.
    pub downstream: Option<u32>,
    pub tested: Option<bool>,
    /// Privileged accounts or cryptographic keys.
    pub privileged: bool,
    /// Another change runs on the service or next to it.
    pub concurrent_change: bool,
    /// An expired temporary fix is on the service.
    pub expired_fix: bool,
    pub rehearsal: Rehearsal,
    /// See [`history_points`](super::history_points).
    pub history_points: i32,
    /// See [`cause_points`](super::cause_points); limited here once more.
    pub cause_points: i32,
}

impl RiskInput {
    /// The lines that say what was so at that moment, and stands nowhere else afterwards.
    pub const HISTORY: &str = "how often changes like this one failed";
    pub const CONCURRENT: &str = "another change is running next to it";
}

/// One line of the breakdown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskLine {
    pub what: Cow<'static, str>,
    pub points: i32,
    /// The fact was missing, so the worst was assumed.
    pub assumed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskAssessment {
    /// Inside the limits of the policy.
    pub score: i32,
    pub band: Band,
    /// Highest impact times complexity.
    pub base: i32,
    /// The base first, then every modifier that says something. Its sum is the score before the limits.
    pub breakdown: Vec<RiskLine>,
    /// The rollback complexity that counted: as given, or the worst, after the rehearsal.
    pub rollback: u8,
    /// Where change managers judged it otherwise than its score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<MovedBand>,
    /// A lower band that waits for a second change manager.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowering: Option<Lowering>,
    /// What an executive took upon them; none where nobody had to, or before that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<AcceptedRisk>,
}

/// The band by the score, and the one that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedBand {
    pub from: Band,
    pub to: Band,
}

/// A lower band that one change manager asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lowering {
    pub to: Band,
    pub by: PersonId,
}

impl RiskAssessment {
    /// What is assessed anew, after a change manager raised this one: a plan that is edited is not less risky for that. What
    /// was lowered was this plan, so another is lowered anew.
    #[must_use]
    pub fn still_raised(&self, anew: RiskAssessment) -> RiskAssessment {
        match self.moved.filter(|moved| moved.to > moved.from && moved.to > anew.band) {
            Some(MovedBand { to, .. }) => {
                RiskAssessment { moved: Some(MovedBand { from: anew.band, to }), band: to, ..anew }
            }
            None => anew,
        }
    }

    /// "Change managers moved it from medium risk to high risk."
    pub fn moved_phrase(&self) -> Option<String> {
        self.moved.map(|MovedBand { from, to }| format!("Change managers moved it from {from} to {to}."))
    }

    /// Says which changes the points for history come from, also where they add none.
    pub fn name_history(&mut self, points: i32, sample: String) {
        let line = RiskLine { what: Cow::Owned(sample), points, assumed: false };
        match self.breakdown.iter_mut().find(|line| line.what == RiskInput::HISTORY) {
            Some(unnamed) => *unnamed = line,
            None => self.breakdown.push(line),
        }
    }

    /// The sum of the modifiers.
    pub fn modifiers(&self) -> i32 {
        self.breakdown.iter().map(|line| line.points).sum::<i32>() - self.base
    }
}

/// A factor from 1 to 5; what is missing or outside the scale counts as 5.
#[derive(Clone, Copy)]
struct Factor {
    value: u8,
    assumed: bool,
}

impl Factor {
    fn of(given: Option<u8>) -> Factor {
        match given {
            Some(value) if (1..=5).contains(&value) => Factor { value, assumed: false },
            Some(_) | None => Factor { value: 5, assumed: true },
        }
    }
}

/// Rule 4.7: score, band and breakdown of a change.
pub fn risk_score(policy: &Policy, input: &RiskInput) -> Ruling<RiskAssessment> {
    let risk = &policy.risk;
    let base_line = base_line(input);
    let rollback = rehearsed(Factor::of(input.rollback), input.rehearsal, &risk.modifiers);
    let base = base_line.points;
    let mut breakdown = vec![base_line];
    let modifiers = modifier_lines(&risk.modifiers, input, rollback);
    breakdown.extend(modifiers.into_iter().filter(|line| line.points != 0 || line.assumed));
    let total: i32 = breakdown.iter().map(|line| line.points).sum();
    let score = total.clamp(risk.bands.low.0, risk.bands.critical.1);
    let band = risk.bands.band_of(score);
    let sentence = sentence(score, band, &breakdown);
    let (rollback, moved, lowering, accepted) = (rollback.value, None, None, None);
    let assessed = RiskAssessment { score, band, base, breakdown, rollback, moved, lowering, accepted };
    Ruling::new("4.7", assessed, sentence)
}

fn base_line(input: &RiskInput) -> RiskLine {
    let impacts = [input.data, input.availability, input.compliance].map(Factor::of);
    let complexity = Factor::of(input.complexity);
    let impact = impacts.iter().map(|factor| factor.value).max().unwrap_or(5);
    RiskLine {
        what: Cow::Owned(format!("highest impact {impact} times complexity {}", complexity.value)),
        points: i32::from(impact) * i32::from(complexity.value),
        assumed: complexity.assumed || impacts.iter().any(|factor| factor.assumed),
    }
}

fn rehearsed(rollback: Factor, rehearsal: Rehearsal, modifiers: &RiskModifiers) -> Factor {
    let value = match rehearsal {
        Rehearsal::NotDone => rollback.value,
        Rehearsal::Proven => rollback.value.saturating_sub(modifiers.rehearsal_steps).max(1),
        Rehearsal::Failed => rollback.value.saturating_add(modifiers.rehearsal_steps).min(5),
    };
    Factor { value, ..rollback }
}

fn modifier_lines(modifiers: &RiskModifiers, input: &RiskInput, rollback: Factor) -> Vec<RiskLine> {
    let line = |what: &'static str, points: i32, assumed: bool| RiskLine { what: Cow::Borrowed(what), points, assumed };
    let when = |holds: bool, points: i32| if holds { points } else { 0 };
    let untested = !input.tested.unwrap_or(false);
    vec![
        line(tier_words(input.tier), modifiers.tier[input.tier as usize], false),
        line(
            rollback_words(rollback.value),
            modifiers.rollback[usize::from(rollback.value.clamp(1, 5) - 1)],
            rollback.assumed,
        ),
        line("services that depend on it", modifiers.downstream.points(input.downstream), input.downstream.is_none()),
        line("not tested", when(untested, modifiers.not_tested), input.tested.is_none()),
        line("privileged accounts or keys", when(input.privileged, modifiers.privileged), false),
        line(RiskInput::CONCURRENT, when(input.concurrent_change, modifiers.concurrent_change), false),
        line("an expired temporary fix on the service", when(input.expired_fix, modifiers.expired_fix), false),
        line(RiskInput::HISTORY, input.history_points, false),
        line("causes found in earlier reviews", input.cause_points.clamp(0, modifiers.cause_points_max), false),
    ]
}

fn tier_words(tier: Tier) -> &'static str {
    match tier {
        Tier::T1 => "a tier 1 service",
        Tier::T2 => "a tier 2 service",
        Tier::T3 => "a tier 3 service",
        Tier::T4 => "a tier 4 service",
    }
}

fn rollback_words(rollback: u8) -> &'static str {
    match rollback {
        0 | 1 => "rollback automatic and proven",
        2 => "rollback scripted",
        3 => "rollback manual, under 30 minutes",
        4 => "rollback manual, longer or with data steps",
        5.. => "irreversible, or no rollback",
    }
}

fn sentence(score: i32, band: Band, breakdown: &[RiskLine]) -> String {
    let assumed: Vec<&str> = breakdown.iter().filter(|line| line.assumed).map(|line| line.what.as_ref()).collect();
    if assumed.is_empty() {
        format!("Risk {score}, {band}.")
    } else {
        format!("Risk {score}, {band}; assumed for lack of an answer: {}.", listed(&assumed, "and"))
    }
}

/// Rule 4.7: may a person move the band? A change manager raises it; lowering needs a second one and a reason.
pub fn may_move_band(from: Band, to: Band, change_managers: u8, has_reason: bool) -> Result<(), Denial> {
    let needed = if to < from { 2 } else { 1 };
    if change_managers < needed {
        let who = match needed {
            1 => "A change manager can.",
            _ => "Two change managers can, with a reason.",
        };
        return Err(Denial::new("4.7", format!("The band cannot be moved from {from} to {to} like this."), who));
    }
    if to < from && !has_reason {
        return Err(Denial::new("4.7", "Lowering a band needs a reason.", "Say why, and it is lowered."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: RiskInput = RiskInput {
        data: None,
        availability: None,
        compliance: None,
        complexity: None,
        rollback: None,
        tier: Tier::T3,
        downstream: Some(0),
        tested: Some(true),
        privileged: false,
        concurrent_change: false,
        expired_fix: false,
        rehearsal: Rehearsal::NotDone,
        history_points: 0,
        cause_points: 0,
    };
    #[test]
    fn what_is_missing_counts_as_the_worst_and_is_marked() {
        let policy = Policy::sample();
        let ruling = risk_score(&policy, &RiskInput { tested: None, downstream: None, ..PLAIN });
        let risk = ruling.verdict;
        // 5 times 5, +6 for the rollback, +4 untested, +1 for an unknown map.
        assert_eq!((risk.base, risk.modifiers(), risk.score, risk.band), (25, 11, 36, Band::Critical));
        assert_eq!(risk.breakdown.iter().filter(|line| line.assumed).count(), 4);
        assert_eq!(
            ruling.sentence,
            "Risk 36, critical risk; assumed for lack of an answer: highest impact 5 times complexity 5, \
             irreversible, or no rollback, services that depend on it and not tested."
        );
        let outside =
            RiskInput { data: Some(9), availability: Some(1), compliance: Some(1), complexity: Some(1), ..PLAIN };
        assert!(risk_score(&policy, &outside).verdict.breakdown[0].assumed, "9 is not on the scale");
    }

    #[test]
    fn the_score_stays_inside_its_limits_and_rehearsals_inside_the_scale() {
        let policy = Policy::sample();
        let worst = RiskInput { history_points: 6, privileged: true, tier: Tier::T1, ..PLAIN };
        assert_eq!(risk_score(&policy, &worst).verdict.score, 40);
        let proven = RiskInput { rollback: Some(1), rehearsal: Rehearsal::Proven, ..PLAIN };
        assert_eq!(risk_score(&policy, &proven).verdict.rollback, 1);
        let failed = RiskInput { rollback: Some(5), rehearsal: Rehearsal::Failed, ..PLAIN };
        assert_eq!(risk_score(&policy, &failed).verdict.rollback, 5);
    }

    #[test]
    fn what_was_raised_stays_raised_when_it_is_assessed_anew_and_what_was_lowered_does_not_stay_lowered() {
        let policy = Policy::sample();
        let anew = risk_score(
            &policy,
            &RiskInput {
                data: Some(1),
                availability: Some(1),
                compliance: Some(1),
                complexity: Some(2),
                rollback: Some(2),
                ..PLAIN
            },
        )
        .verdict;
        assert_eq!(anew.band, Band::Low);
        let moved = |from, to| RiskAssessment { band: to, moved: Some(MovedBand { from, to }), ..anew.clone() };
        let raised = moved(Band::Medium, Band::High).still_raised(anew.clone());
        assert_eq!((raised.band, raised.moved), (Band::High, Some(MovedBand { from: Band::Low, to: Band::High })));
        assert_eq!(moved(Band::High, Band::Medium).still_raised(anew.clone()), anew);
        let higher = RiskAssessment { band: Band::Critical, ..anew.clone() };
        assert_eq!(moved(Band::Medium, Band::High).still_raised(higher.clone()), higher, "it is above that by itself");
    }

    #[test]
    fn a_band_is_raised_by_one_change_manager_and_lowered_by_two_with_a_reason() {
        assert!(may_move_band(Band::Low, Band::High, 1, false).is_ok());
        assert!(may_move_band(Band::Low, Band::High, 0, true).is_err());
        assert!(may_move_band(Band::High, Band::Low, 1, true).is_err());
        assert!(may_move_band(Band::High, Band::Low, 2, false).is_err());
        assert!(may_move_band(Band::High, Band::Low, 2, true).is_ok());
    }
}
