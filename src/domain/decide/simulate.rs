//! Decides again what was decided, under a policy that is not in force: the same rules, the same facts, nothing written.
//!
//! What a record does not keep is taken as it was: the points for earlier failures, and whether another change ran beside
//! it. The services are those of today.

use chrono::{DateTime, Utc};

use super::assessment::{Facts, requirements};
use super::barrier::ruling_on;
use super::incident::computed_of;
use crate::domain::history;
use crate::domain::policy::Policy;
use crate::domain::rules::{
    ChangeKind, ChangeRequest, Classified, EmergencyAsk, Evidence, LinkedIncident, Rehearsal, RiskAssessment,
    RiskInput, Touch, classify_change, freeze_meets, risk_score,
};
use crate::domain::simulation::{Facet, Sight};
use crate::domain::{Change, Freeze, FreezeStatus, Incident, Organisation, Target, World};

/// How an incident comes out.
pub fn sight_of_incident(organisation: &Organisation, policy: &Policy, incident: &Incident) -> Sight {
    let computed = computed_of(organisation, policy, &incident.services, incident.impact, incident.urgency);
    Sight(computed.map(|priority| (Facet::Priority, priority.to_string())).into_iter().collect())
}

/// How a change comes out. `incident`: the one that it was made for; `freezes`: those of the time.
pub fn sight_of_change(
    organisation: &Organisation,
    policy: &Policy,
    change: &Change,
    incident: Option<&Incident>,
    freezes: &[Freeze],
) -> Sight {
    let risk = risk_again(organisation, policy, change);
    let band = risk.band;
    let mut sight = vec![(Facet::Risk, band.to_string())];
    let world = World::about(organisation, policy, 0, Target::Organisation { code: None, charter: None });
    let asked = match kind_again(organisation, policy, change, incident, &risk) {
        Ok(kind) => kind,
        Err(sentence) => {
            sight.push((Facet::Type, sentence));
            return Sight(sight);
        }
    };
    let services = change.services();
    let facts = Facts {
        kind: asked,
        tested: change.tested,
        services: &services,
        incident,
        risk: &risk,
        touches: change.factors.touches.unwrap_or_default(),
        exploit: false,
    };
    match requirements(&world, facts) {
        Ok((kind, required)) => {
            sight.push((Facet::Type, kind.to_string()));
            sight.push((Facet::Approvals, required.describe()));
            let again = Change { kind, risk, ..change.clone() };
            sight.extend(
                freeze_again(organisation, policy, &again, incident, freezes).map(|says| (Facet::Freeze, says)),
            );
        }
        Err(refusal) => sight.push((Facet::Type, refusal.sentence)),
    }
    Sight(sight)
}

fn risk_again(organisation: &Organisation, policy: &Policy, change: &Change) -> RiskAssessment {
    let (factors, services) = (change.factors, change.services());
    let lines = &change.risk.breakdown;
    let points = |what: &str| lines.iter().find(|line| line.what == what).map(|line| line.points);
    let counted = lines.iter().find(|line| line.what.starts_with(history::PREFIX)).map(|line| line.points);
    let input = RiskInput {
        data: factors.data,
        availability: factors.availability,
        compliance: factors.compliance,
        complexity: factors.complexity,
        rollback: factors.rollback,
        tier: organisation.strictest_tier(&services),
        downstream: organisation.downstream_of(&services),
        tested: Some(change.tested),
        privileged: factors.touches.is_some_and(|touches| touches.has(Touch::Privileged)),
        concurrent_change: points(RiskInput::CONCURRENT).is_some(),
        expired_fix: false,
        rehearsal: rehearsal_of(change),
        history_points: counted.or(points(RiskInput::HISTORY)).unwrap_or(0),
        cause_points: 0,
    };
    change.risk.still_raised(risk_score(policy, &input).verdict)
}

/// What a rehearsal had shown: by how much the complexity that counted was not the one that was given.
fn rehearsal_of(change: &Change) -> Rehearsal {
    match change.factors.rollback {
        Some(given) if change.risk.rollback < given => Rehearsal::Proven,
        Some(given) if change.risk.rollback > given => Rehearsal::Failed,
        Some(_) | None => Rehearsal::NotDone,
    }
}

/// Rule 4.8, of what was asked for as an emergency; or why it is refused.
fn kind_again(
    organisation: &Organisation,
    policy: &Policy,
    change: &Change,
    incident: Option<&Incident>,
    risk: &RiskAssessment,
) -> Result<ChangeKind, String> {
    match change.kind {
        ChangeKind::Standard | ChangeKind::Normal | ChangeKind::Retroactive => return Ok(change.kind),
        ChangeKind::Expedited | ChangeKind::Emergency => {}
    }
    let linked = incident.map(|incident| LinkedIncident {
        open: true,
        priority: incident.priority,
        service_distance: organisation.farthest(&change.services(), &incident.services),
    });
    let given =
        [Evidence::ImpactStatement, Evidence::WhyNow, Evidence::RollbackPlan, Evidence::Tested, Evidence::Service];
    let ask = EmergencyAsk {
        incident: linked,
        security_confirmed: false,
        given: given.to_vec(),
        planning_reason: false,
        review_overdue_minutes: None,
    };
    let request =
        ChangeRequest { band: risk.band, template: None, emergency: Some(ask), bound_deadline_before_cab: false };
    let ruling = classify_change(policy, &request);
    match ruling.verdict {
        Classified::As { kind, .. } => Ok(kind),
        Classified::Rejected(_) => Err(ruling.sentence),
    }
}

/// Rule 4.11, at the moment when it began, or was to begin: what the strictest of the freezes of then says.
fn freeze_again(
    organisation: &Organisation,
    policy: &Policy,
    change: &Change,
    incident: Option<&Incident>,
    freezes: &[Freeze],
) -> Option<String> {
    let began = change.started_at.or(change.window.map(|window| window.opens));
    let at = began.or(change.planned.map(|planned| planned.opens))?;
    let open = freezes.iter().filter(|freeze| held_then(freeze, at));
    let urgent_for = incident.map(|incident| incident.priority);
    let rulings = open.map(|freeze| (freeze, ruling_on(organisation, policy, (freeze, &[]), change, urgent_for)));
    let (freeze, ruling) = rulings.max_by_key(|(_, ruling)| ruling.verdict)?;
    Some(format!("{}: {}", freeze.subject(), ruling.verdict))
}

fn held_then(freeze: &Freeze, at: DateTime<Utc>) -> bool {
    let until = [freeze.until, freeze.ended_at].into_iter().flatten().min();
    // One that was only proposed has held nothing up.
    let held = !matches!(freeze.status, FreezeStatus::Proposed | FreezeStatus::Cancelled);
    held && freeze_meets(freeze.from, until, (at, at))
}

#[cfg(test)]
mod tests {
    use super::super::freeze_tests::begin;
    use super::super::test_world::{now, organisation};
    use super::super::tests::change;
    use super::*;

    fn said(sight: &Sight, facet: Facet) -> &str {
        sight.0.iter().find(|(of, _)| *of == facet).map_or("", |(_, words)| words.as_str())
    }

    #[test]
    fn a_freeze_that_nobody_agreed_to_holds_nothing_up() {
        let (organisation, policy) = (organisation(), Policy::sample());
        let began = Some(now() + chrono::TimeDelta::hours(30));
        let change = Change { kind: ChangeKind::Normal, incident: None, started_at: began, ..change() };
        // From 24 hours on, for a day.
        let proposed = begin(Some(24));
        let active = Freeze { status: FreezeStatus::Active, ..proposed.clone() };
        let says = |freeze: Freeze| {
            said(&sight_of_change(&organisation, &policy, &change, None, &[freeze]), Facet::Freeze).to_owned()
        };
        assert_eq!(says(proposed), "");
        assert_ne!(says(active), "");
    }

    #[test]
    fn a_change_comes_out_as_it_did_under_the_same_policy_and_otherwise_under_another() {
        let (organisation, policy) = (organisation(), Policy::sample());
        let change = Change { kind: ChangeKind::Normal, incident: None, ..change() };
        let again = sight_of_change(&organisation, &policy, &change, None, &[]);
        assert_eq!(said(&again, Facet::Type), "a normal change");
        let mut stricter = policy.clone();
        stricter.risk.modifiers.not_tested += 40;
        let untested = Change { tested: false, ..change };
        let before = sight_of_change(&organisation, &policy, &untested, None, &[]);
        let after = sight_of_change(&organisation, &stricter, &untested, None, &[]);
        assert_ne!(said(&before, Facet::Risk), said(&after, Facet::Risk));
        assert_eq!(said(&after, Facet::Risk), "critical risk");
        assert_ne!(said(&before, Facet::Approvals), said(&after, Facet::Approvals));
    }
}
