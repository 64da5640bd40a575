//! Rule 4.3, first half: what raises a computed priority. Nothing here ever lowers one.

use super::ruling::listed;
use super::{Priority, Ruling};
use crate::domain::policy::Policy;

words! {
    /// Whether data may have left the house.
    Exposure {
        None = "none", "no data exposure";
        Suspected = "suspected", "suspected data exposure";
        Confirmed = "confirmed", "confirmed data exposure";
    }
}

/// What may raise a priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modifiers {
    /// The service is inside an active `peak` calendar entry.
    pub peak: bool,
    pub exposure: Exposure,
    /// The priority of the parent, for a child by surge merge.
    pub parent: Option<Priority>,
}

/// What is shown, and what was computed for this incident itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EffectivePriority {
    /// With the parent's priority for a child of a surge merge.
    pub shown: Priority,
    /// Kept for the day on which the child stands alone again.
    pub own: Priority,
}

/// Rule 4.3: the priority after the modifiers, all applied in order.
pub fn effective_priority(policy: &Policy, base: Priority, modifiers: Modifiers) -> Ruling<EffectivePriority> {
    let mut own = base;
    let mut because: Vec<String> = Vec::new();
    if modifiers.peak {
        for _ in 0..policy.priority.peak_raises_steps {
            own = own.raised();
        }
        because.push("a peak period".to_owned());
    }
    let at_least = match modifiers.exposure {
        Exposure::None => None,
        Exposure::Suspected => Some(policy.priority.exposure_suspected_at_least),
        Exposure::Confirmed => Some(policy.priority.exposure_confirmed_at_least),
    };
    if let Some(at_least) = at_least {
        own = own.min(at_least);
        because.push(modifiers.exposure.phrase().to_owned());
    }
    // A child shows its parent's priority, yet a modifier can only raise: a child of a calmer parent keeps its own.
    let shown = modifiers.parent.map_or(own, |parent| own.min(parent));
    if shown != own {
        because.push("the parent incident".to_owned());
    }
    let sentence = if because.is_empty() {
        format!("Nothing raises it: the priority is {shown}.")
    } else {
        format!("The priority is {shown}: {base} by the matrix, with {}.", listed(&because, "and"))
    };
    Ruling::new("4.3", EffectivePriority { shown, own }, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_shows_its_parents_priority_and_keeps_its_own() {
        let policy = Policy::sample();
        let child = Modifiers { peak: false, exposure: Exposure::None, parent: Some(Priority::P1) };
        let ruling = effective_priority(&policy, Priority::P3, child);
        assert_eq!(ruling.verdict, EffectivePriority { shown: Priority::P1, own: Priority::P3 });
        assert_eq!(ruling.sentence, "The priority is P1: P3 by the matrix, with the parent incident.");
        let calm = Modifiers { parent: Some(Priority::P4), ..child };
        assert_eq!(
            effective_priority(&policy, Priority::P2, calm).verdict.shown,
            Priority::P2,
            "a modifier only raises"
        );
    }
}
