//! Rule 4.1: how hard an outage is felt.

use serde::{Deserialize, Serialize};

use super::{Ruling, Word};
use crate::domain::policy::Policy;

words! {
    /// What users notice.
    TechnicalImpact {
        Outage = "outage", "an outage";
        Partial = "partial", "a partial outage";
        Degraded = "degraded", "degraded service";
        NoneVisible = "none_visible" | "none", "nothing visible to users";
    }
}

words! {
    /// How hard it is felt, I1 the hardest.
    Impact {
        I1 = "I1", "I1";
        I2 = "I2", "I2";
        I3 = "I3", "I3";
        I4 = "I4", "I4";
    }
}

/// How critical a service is: 1 mission critical, 2 business critical, 3 operational, 4 administrative.
///
/// Ordered so that the most critical is the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Tier {
    T1,
    T2,
    T3,
    T4,
}

impl Tier {
    pub const ALL: [Tier; 4] = [Tier::T1, Tier::T2, Tier::T3, Tier::T4];
    pub const MOST_CRITICAL: Tier = Tier::T1;
    pub const LEAST_CRITICAL: Tier = Tier::T4;

    pub fn number(self) -> u8 {
        match self {
            Tier::T1 => 1,
            Tier::T2 => 2,
            Tier::T3 => 3,
            Tier::T4 => 4,
        }
    }
}

impl Word for Tier {
    fn words() -> Vec<&'static str> {
        Tier::ALL.iter().map(|tier| tier.word()).collect()
    }

    fn of_word(word: &str) -> Option<Tier> {
        Tier::ALL.into_iter().find(|tier| tier.word() == word)
    }

    fn word(self) -> &'static str {
        match self {
            Tier::T1 => "1",
            Tier::T2 => "2",
            Tier::T3 => "3",
            Tier::T4 => "4",
        }
    }
}

impl TryFrom<u8> for Tier {
    type Error = String;

    fn try_from(number: u8) -> Result<Tier, String> {
        Tier::ALL
            .into_iter()
            .find(|tier| tier.number() == number)
            .ok_or_else(|| format!("a tier is a number from 1 to 4, not {number}"))
    }
}

impl From<Tier> for u8 {
    fn from(tier: Tier) -> u8 {
        tier.number()
    }
}

impl std::fmt::Display for Tier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "tier {}", self.number())
    }
}

/// Rule 4.1: the impact of what users notice on a service of this tier.
pub fn impact_level(policy: &Policy, technical: TechnicalImpact, tier: Tier) -> Ruling<Impact> {
    let impact = policy.impact.matrix.of(technical)[tier as usize];
    Ruling::new("4.1", impact, format!("With {technical} on a {tier} service, the impact is {impact}."))
}

/// Rule 4.1 for several services: the strictest of all. `None` where no service is named.
pub fn strictest_impact(policy: &Policy, services: &[(TechnicalImpact, Tier)]) -> Option<Ruling<Impact>> {
    services.iter().map(|(technical, tier)| impact_level(policy, *technical, *tier)).min_by_key(|ruling| ruling.verdict)
}

#[cfg(test)]
mod tests {
    use super::*;
    use TechnicalImpact::{Degraded, NoneVisible, Partial};

    #[test]
    fn the_strictest_of_several_services_counts() {
        let policy = Policy::sample();
        let services = [(Degraded, Tier::T4), (Partial, Tier::T2), (NoneVisible, Tier::T1)];
        let ruling = strictest_impact(&policy, &services).expect("there are services");
        assert_eq!(ruling.verdict, Impact::I2);
        assert_eq!(ruling.sentence, "With a partial outage on a tier 2 service, the impact is I2.");
        assert_eq!(strictest_impact(&policy, &[]), None);
    }

    #[test]
    fn a_tier_outside_one_to_four_is_refused() {
        assert_eq!(Tier::try_from(1), Ok(Tier::MOST_CRITICAL));
        assert_eq!(Tier::try_from(4), Ok(Tier::LEAST_CRITICAL));
        assert!(Tier::try_from(0).is_err() && Tier::try_from(5).is_err());
    }
}
