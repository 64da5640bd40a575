//! Rule 4.38, as far as it is about the notices of changes: who has to say that they have read one.

use super::Tier;

words! {
    /// Where an answer to a notice is.
    AnswerState {
        Acknowledged = "acknowledged", "acknowledged it";
        /// An objection that nobody has settled.
        Objects = "objects", "objects";
        TakenBack = "taken_back", "took the objection back";
        /// By a ruling of the decision authority.
        Overruled = "overruled", "was overruled";
    }
}

/// Rule 4.38: the notice of a change that touches a service of tier 1 is to be acknowledged.
pub fn must_acknowledge(tier: Tier) -> bool {
    tier == Tier::MOST_CRITICAL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_touches_tier_1_has_to_be_acknowledged() {
        let has_to: Vec<Tier> = Tier::ALL.into_iter().filter(|tier| must_acknowledge(*tier)).collect();
        assert_eq!(has_to, [Tier::T1]);
    }
}
