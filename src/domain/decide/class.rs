//! Of which type a request is (rule 4.8): an emergency or what it is instead, and what cannot wait for the board.

use chrono::{DateTime, Utc};

use super::freeze::moment;
use crate::domain::rules::{
    Band, ChangeKind, ChangeRequest, ClassNote, Classified, EmergencyAsk, Evidence, LinkedIncident, Rejection,
    RiskAssessment, classify_change,
};
use crate::domain::{Asked, ChangeForm, Incident, OwedPir, Refusal, World};

/// What rule 4.8 makes of an emergency that is asked for.
pub(super) struct Class {
    pub kind: ChangeKind,
    /// The security lead's word would make it an emergency: it is asked for.
    pub claims: bool,
    pub cause: Option<ClassNote>,
}

/// Rule 4.8: an emergency, or what it is instead; refused where something is missing.
pub(super) fn classify(
    world: &World<'_>,
    request: &ChangeForm,
    services: &[String],
    near: Option<&Incident>,
    risk: &RiskAssessment,
    owed: Option<(&OwedPir, u32)>,
) -> Result<Class, Refusal> {
    let incident = near.map(|incident| LinkedIncident {
        open: incident.is_open(),
        priority: incident.priority,
        // Nothing that the incident is not near to goes along with it.
        service_distance: world.organisation.farthest(services, &incident.services),
    });
    let given = [
        (Evidence::ImpactStatement, request.impact.is_some()),
        (Evidence::WhyNow, request.why_now.is_some()),
        (Evidence::RollbackPlan, request.rollback_plan.is_some()),
        (Evidence::Tested, request.tested.is_some()),
        (Evidence::Service, !services.is_empty()),
    ];
    let ask = EmergencyAsk {
        incident,
        security_confirmed: request.exploit.is_some(),
        given: given.into_iter().filter(|(_, there)| *there).map(|(evidence, _)| evidence).collect(),
        planning_reason: request.planning,
        review_overdue_minutes: owed.map(|(_, minutes)| minutes),
    };
    let unconfirmed = EmergencyAsk { security_confirmed: false, ..ask.clone() };
    let of =
        |ask| ChangeRequest { band: risk.band, template: None, emergency: Some(ask), bound_deadline_before_cab: false };
    let ruling = classify_change(world.policy, &of(ask));
    let (claimed, cause) = match ruling.verdict {
        Classified::As { kind, note } => (kind, note),
        Classified::Rejected(rejection) => {
            return Err(rejected(&rejection, ruling.rule, ruling.sentence, near, owed));
        }
    };
    // Until it is confirmed: what it is without that. Nothing but the incident can be missing then.
    let kind = match classify_change(world.policy, &of(unconfirmed)).verdict {
        Classified::As { kind, .. } => kind,
        Classified::Rejected(_) => ChangeKind::Normal,
    };
    Ok(Class { kind, claims: claimed == ChangeKind::Emergency && kind != claimed, cause })
}

fn rejected(
    rejection: &Rejection,
    rule: &str,
    sentence: String,
    near: Option<&Incident>,
    owed: Option<(&OwedPir, u32)>,
) -> Refusal {
    let next = match rejection {
        Rejection::Missing(missing) => {
            let names: Vec<&str> = missing.iter().map(|evidence| evidence.phrase()).collect();
            format!(
                "Missing: {}. Press Change on the incident's card, or type `/change emergency` again.",
                names.join("; ")
            )
        }
        Rejection::IncidentDoesNotMatch => match near {
            Some(incident) => {
                format!("{} is {} and on {}.", incident.subject(), incident.status.as_str(), incident.services_phrase())
            }
            None => "Name the incident that it resolves.".to_owned(),
        },
        Rejection::ReviewOverdue => {
            let change = owed.map(|(owed, _)| format!("CHG-{}", owed.change)).unwrap_or_default();
            format!(
                "The review of {change} is owed: somebody else closes it with `/change after pir {change}`; then ask again. \
                 `/cab escalate {change}` and why puts it to the decision authority."
            )
        }
    };
    Refusal::by_rule(rule, sentence, next)
}

/// When it is bound to be done. A date alone binds nobody: an incident or a regulation does.
pub(super) fn bound_by(
    world: &World<'_>,
    asked: Asked<'_>,
    form: &ChangeForm,
    near: Option<&Incident>,
) -> Result<Option<DateTime<Utc>>, Refusal> {
    let Some(due) = form.due else { return Ok(None) };
    if near.is_none() && form.regulation.is_none() {
        return Err(Refusal::by_rule(
            "4.8",
            "A deadline makes a change faster only where an incident or a regulation binds it.",
            "Say which: `incident:INC-7`, or `regulation:` and its name. Without that leave `due:` out.",
        ));
    }
    let due = due.ahead(asked.at, world.organisation.time_zone);
    if due <= asked.at {
        return Err(Refusal::slip("It was bound to be done before now.", "Say a moment to come, like due:+2d."));
    }
    Ok(Some(due))
}

/// Rule 4.8, row 11: what is bound to be done before the board meets does not wait for it.
pub(super) fn class_of_bound(
    world: &World<'_>,
    asked: Asked<'_>,
    bound: Option<DateTime<Utc>>,
    band: Band,
) -> (ChangeKind, Option<String>) {
    let meeting = world.policy.meetings.next_after(asked.at, world.organisation.time_zone);
    let comes_first = bound.zip(meeting).is_some_and(|(bound, meeting)| bound < meeting);
    let request = ChangeRequest { band, template: None, emergency: None, bound_deadline_before_cab: comes_first };
    let kind = match classify_change(world.policy, &request).verdict {
        Classified::As { kind, .. } => kind,
        Classified::Rejected(_) => ChangeKind::Normal,
    };
    let told = bound.zip(meeting).map(|(bound, meeting)| {
        let (bound, meeting) = (moment(bound), moment(meeting));
        if comes_first {
            format!("It is bound to be done by {bound}, before the board meets at {meeting}: it is {kind}.")
        } else {
            format!("The board meets at {meeting}, before it is bound to be done: it is {kind}.")
        }
    });
    (kind, told)
}
