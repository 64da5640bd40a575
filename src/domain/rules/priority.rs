//! Rule 4.2: impact and urgency make the priority.

use super::{Impact, Ruling};
use crate::domain::policy::Policy;

words! {
    /// How soon it must be dealt with.
    Urgency {
        /// Growing, no workaround, or safety.
        U1 = "U1" | "immediate" | "1", "immediate urgency";
        /// No workaround.
        U2 = "U2" | "high" | "2", "high urgency";
        /// A workaround exists.
        U3 = "U3" | "medium" | "3", "medium urgency";
        /// Can be planned.
        U4 = "U4" | "low" | "4", "low urgency";
    }
}

words! {
    /// What comes first. Ordered so that the most urgent is the smallest: P1 < P2.
    Priority {
        P1 = "P1" | "sev1" | "s1" | "1", "P1";
        P2 = "P2" | "sev2" | "s2" | "2", "P2";
        P3 = "P3" | "sev3" | "s3" | "3", "P3";
        P4 = "P4" | "sev4" | "s4" | "4", "P4";
    }
}

impl Priority {
    pub fn number(self) -> u8 {
        match self {
            Priority::P1 => 1,
            Priority::P2 => 2,
            Priority::P3 => 3,
            Priority::P4 => 4,
        }
    }

    /// The priority of a number of the database or of a form.
    pub fn of_number(number: u8) -> Option<Priority> {
        Priority::ALL.into_iter().find(|priority| priority.number() == number)
    }

    /// A person's word for it: `sev1`.
    pub fn sev(self) -> &'static str {
        match self {
            Priority::P1 => "sev1",
            Priority::P2 => "sev2",
            Priority::P3 => "sev3",
            Priority::P4 => "sev4",
        }
    }

    /// One step more urgent; P1 stays.
    #[must_use]
    pub fn raised(self) -> Priority {
        match self {
            Priority::P1 | Priority::P2 => Priority::P1,
            Priority::P3 => Priority::P2,
            Priority::P4 => Priority::P3,
        }
    }
}

/// Rule 4.2: the priority that impact and urgency call for.
pub fn priority(policy: &Policy, impact: Impact, urgency: Urgency) -> Ruling<Priority> {
    let priority = policy.priority.matrix.of(impact)[urgency as usize];
    Ruling::new("4.2", priority, format!("Impact {impact} with {urgency} is {priority}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_severity_is_understood_in_every_way_people_write_it() {
        for word in ["sev1", "SEV1", "s1", "S1", "p1", "P1", "1"] {
            assert_eq!(Priority::parse(word), Some(Priority::P1), "{word}");
        }
        for word in ["", "0", "5", "sev", "sev5", "p11", " p1"] {
            assert_eq!(Priority::parse(word), None, "{word:?}");
        }
        for priority in Priority::ALL {
            assert_eq!(Priority::parse(priority.sev()), Some(priority));
            assert_eq!(Priority::parse(&priority.to_string()), Some(priority));
            assert_eq!(Priority::of_number(priority.number()), Some(priority));
        }
        assert!(Priority::P1 < Priority::P4, "the most urgent is the smallest");
    }
}
