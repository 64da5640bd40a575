//! Rule 4.7, urgency against risk: how a change for an incident may run.

use super::{Band, Priority, Ruling};
use crate::domain::policy::Policy;

words! {
    /// How a change for an incident may run.
    Disposition {
        Go = "go", "go, as an emergency";
        Expedited = "expedited", "an expedited normal change";
        Normal = "normal", "a normal change";
        EcabStandby = "ecab_standby", "go with an E-CAB vote and standby";
        EcabExecutiveStandby = "ecab_executive_standby", "an E-CAB vote, executive acceptance and standby";
        /// Go only with executive acceptance and a vote.
        DeferUnlessExecutive = "defer_unless_executive",
            "defer; go only with executive acceptance and an E-CAB vote";
        NormalCab = "normal_cab", "a normal change with a CAB vote";
        NormalCabCritical = "normal_cab_critical", "a normal change with a critical CAB vote";
        RefusedAsEmergency = "refused_as_emergency", "not as an emergency";
    }
}

/// A change that cannot be rolled back counts one band higher.
const IRREVERSIBLE: u8 = 5;

/// Rule 4.7: urgency against risk. `rollback` is the rollback complexity that counted; no incident counts as P4.
pub fn disposition(policy: &Policy, band: Band, priority: Option<Priority>, rollback: u8) -> Ruling<Disposition> {
    let counted = if rollback >= IRREVERSIBLE { band.raised() } else { band };
    let column = priority.unwrap_or(Priority::P4);
    let verdict = policy.risk.disposition.of(counted)[column as usize];
    let because = if counted == band {
        String::new()
    } else {
        ", counted one band higher because it cannot be rolled back".to_owned()
    };
    let incident = priority.map_or_else(|| "no incident".to_owned(), |priority| priority.to_string());
    Ruling::new("4.7", verdict, format!("With {band} and {incident}{because}: {verdict}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_without_a_way_back_counts_one_band_higher() {
        let policy = Policy::sample();
        let ruling = disposition(&policy, Band::Medium, Some(Priority::P1), 5);
        assert_eq!(ruling.verdict, Disposition::EcabStandby);
        assert_eq!(
            ruling.sentence,
            "With medium risk and P1, counted one band higher because it cannot be rolled back: \
             go with an E-CAB vote and standby."
        );
        assert_eq!(
            disposition(&policy, Band::Critical, Some(Priority::P1), 5).verdict,
            Disposition::EcabExecutiveStandby,
            "critical stays critical"
        );
    }
}
