//! The numbers of rule 4.7.

use serde::Deserialize;

use super::PerBand;
use crate::domain::rules::{Band, Disposition, Ratio};

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskPolicy {
    pub bands: Bands,
    pub modifiers: RiskModifiers,
    pub history: RiskHistory,
    /// One column per priority, P1 first; P4 also stands for no incident.
    pub disposition: PerBand<[Disposition; 4]>,
}

/// From and to, both included. The lowest and the highest number are the limits of the score.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bands {
    pub low: (i32, i32),
    pub medium: (i32, i32),
    pub high: (i32, i32),
    pub critical: (i32, i32),
}

impl Bands {
    /// The band of a score inside the limits.
    pub fn band_of(&self, score: i32) -> Band {
        let ends = [(self.low.1, Band::Low), (self.medium.1, Band::Medium), (self.high.1, Band::High)];
        ends.into_iter().find(|(end, _)| score <= *end).map_or(Band::Critical, |(_, band)| band)
    }

    /// For people: "low 1-7, medium 8-14, high 15-21, critical 22-40".
    pub fn describe(&self) -> String {
        let all = [
            (Band::Low, self.low),
            (Band::Medium, self.medium),
            (Band::High, self.high),
            (Band::Critical, self.critical),
        ];
        all.map(|(band, (from, to))| format!("{} {from}-{to}", band.as_str())).join(", ")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskModifiers {
    /// Tier 1 to tier 4 of the most critical service.
    pub tier: [i32; 4],
    /// Rollback complexity 1 to 5.
    pub rollback: [i32; 5],
    /// By how much a rehearsal moves the rollback complexity: down where proven, up where it failed.
    pub rehearsal_steps: u8,
    /// How long a proven rehearsal counts.
    pub rehearsal_valid_days: u32,
    pub downstream: Downstream,
    pub not_tested: i32,
    pub privileged: i32,
    pub concurrent_change: i32,
    pub expired_fix: i32,
    /// The most that causes found in reviews can add.
    pub cause_points_max: i32,
}

/// Services that would feel it, within two steps.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Downstream {
    pub few_up_to: u32,
    pub few: i32,
    pub some_up_to: u32,
    pub some: i32,
    pub many: i32,
    pub unknown: i32,
}

impl Downstream {
    pub fn points(&self, services: Option<u32>) -> i32 {
        match services {
            None => self.unknown,
            Some(count) if count <= self.few_up_to => self.few,
            Some(count) if count <= self.some_up_to => self.some,
            Some(_) => self.many,
        }
    }
}

/// How earlier failures count.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskHistory {
    /// Fewer changes than this say nothing: the wider group is asked.
    pub changes_min: u32,
    /// Added to the failures and to the changes before they are divided.
    pub prior_failures: Ratio,
    pub prior_changes: u32,
    /// The rate where no group has enough changes.
    pub default_rate: Ratio,
    /// Limits between the steps of `points`: a rate below the first takes the first points.
    pub rate_below_percent: [u32; 4],
    pub points: [i32; 5],
    /// A cause found in a review fades to nothing in this time.
    pub cause_fades_months: u32,
}

#[cfg(test)]
mod tests {
    use super::super::Policy;

    #[test]
    fn the_bands_read_as_people_say_them() {
        let bands = Policy::sample().risk.bands;
        assert_eq!(bands.describe(), "low 1-7, medium 8-14, high 15-21, critical 22-40");
    }
}
