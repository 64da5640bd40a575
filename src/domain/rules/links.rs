//! Rule 4.14: how likely a change is what broke something.

use chrono::TimeDelta;

use super::Ruling;
use crate::domain::policy::Policy;

words! {
    /// What the changed part is to the failing one.
    LinkRelation {
        SameCi = "same_ci", "the part that was changed";
        SameService = "same_service", "another part of the service that was changed";
        /// The failing part depends on the changed one.
        Up1 = "up1", "a part that depends on the changed one";
        Up2 = "up2", "a part that depends on the changed one over one other";
        Unrelated = "unrelated", "a part that has nothing to do with the changed one";
    }
}

words! {
    /// What makes the link more or less likely.
    LinkFact {
        /// The change failed, or was taken back.
        Failed = "failed", "the change failed";
        Category = "category" | "cat", "its category matches the symptom";
        OtherIncident = "other_incident" | "other", "another incident is linked to it";
        /// An emergency, or recorded after the fact.
        Emergency = "emergency", "it was an emergency";
        /// From a template without a failure in its last uses.
        CleanTemplate = "clean_template" | "clean", "its template never failed lately";
    }
}

words! {
    /// What is done about it.
    LinkVerdict {
        Nothing = "none", "no link";
        Suggest = "suggest", "the link is suggested";
        /// The commander's confirmation makes it count.
        Auto = "auto", "the link is set, and waits for the commander";
    }
}

words! {
    /// What a change is to an incident.
    LinkKind {
        Caused = "caused", "caused";
        Resolves = "resolves", "resolves";
        Related = "related", "is related to";
    }
}

words! {
    /// Who came upon a link.
    LinkOrigin {
        Manual = "manual", "by hand";
        Auto = "auto", "by rule 4.14";
    }
}

words! {
    /// How far a link is.
    LinkState {
        /// It waits for the commander.
        Proposed = "proposed", "to be confirmed";
        Confirmed = "confirmed", "confirmed";
        Rejected = "rejected", "not related";
    }
}

/// How sure it is, out of a hundred, and what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkConfidence {
    pub confidence: i32,
    pub verdict: LinkVerdict,
}

/// Rule 4.14: how likely a change caused an incident that began `age` after it was implemented.
///
/// While the change is being implemented the age is zero. A change that came after the incident did not cause it.
pub fn link_confidence(
    policy: &Policy,
    relation: LinkRelation,
    age: TimeDelta,
    facts: &[LinkFact],
) -> Ruling<LinkConfidence> {
    let links = &policy.links;
    let within = |hours: u32| age >= TimeDelta::zero() && age <= TimeDelta::hours(hours.into());
    let base = links.of(relation).iter().find(|(hours, _)| within(*hours)).map(|(_, confidence)| *confidence);
    let points: i32 =
        LinkFact::ALL.into_iter().filter(|fact| facts.contains(fact)).map(|fact| links.facts.of(fact)).sum();
    // What is too old or unrelated stays out, whatever else speaks for it.
    let confidence = base.map_or(0, |base| (base + points).clamp(0, links.confidence_max));
    let verdict = if confidence >= links.auto_from {
        LinkVerdict::Auto
    } else if confidence >= links.suggest_from {
        LinkVerdict::Suggest
    } else {
        LinkVerdict::Nothing
    };
    let sentence = format!("It fails in {relation}; {confidence} of 100 that the change caused it: {verdict}.");
    Ruling::new("4.14", LinkConfidence { confidence, verdict }, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_came_later_is_not_the_cause() {
        let policy = Policy::sample();
        let ruling = link_confidence(&policy, LinkRelation::SameCi, TimeDelta::seconds(-1), &LinkFact::ALL);
        assert_eq!(ruling.verdict, LinkConfidence { confidence: 0, verdict: LinkVerdict::Nothing });
        assert_eq!(
            ruling.sentence,
            "It fails in the part that was changed; 0 of 100 that the change caused it: no link."
        );
    }
}
