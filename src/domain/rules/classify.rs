//! Rule 4.8: what type of change it is. Rows top-down, the first that holds decides.

use super::ruling::listed;
use super::{Band, Priority, Ruling};
use crate::domain::policy::{EmergencyPolicy, Policy};

words! {
    /// The type of a change; it decides who has to agree and how fast.
    ChangeKind {
        Standard = "standard", "a standard change";
        Normal = "normal", "a normal change";
        Expedited = "expedited", "an expedited normal change";
        Emergency = "emergency", "an emergency change";
        /// Recorded after the fact.
        Retroactive = "retroactive", "a retroactive change";
    }
}

words! {
    /// What an emergency has to bring, in the order in which missing items are named.
    Evidence {
        /// Or the security lead's confirmation with evidence.
        Incident = "incident", "the incident it belongs to (or the security lead's confirmation with evidence)";
        ImpactStatement = "impact", "an impact statement";
        WhyNow = "why_now", "why it cannot wait";
        /// Or the irreversibility, accepted.
        RollbackPlan = "rollback_plan", "a rollback plan";
        Tested = "tested", "whether it is tested";
        Service = "service", "the service";
    }
}

words! {
    /// What a classification carries along.
    ClassNote {
        AuthorisationCleared = "authorisation_cleared", "the template's authorisation does not hold for it";
        CausePlanning = "planning", "the cause is planning, not urgency";
    }
}

/// The catalogue entry that a standard change refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplateFacts {
    /// Active, and not expired.
    pub active: bool,
    pub service_allowed: bool,
    pub parameters_in_range: bool,
}

/// The incident that an emergency refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkedIncident {
    /// Not closed, cancelled or merged.
    pub open: bool,
    pub priority: Priority,
    /// Steps between the change's service and the incident's: 0 the same, `None` unrelated.
    pub service_distance: Option<u32>,
}

/// What is known where an emergency is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergencyAsk {
    pub incident: Option<LinkedIncident>,
    /// The security lead confirmed active exploitation or imminent failure, with the alert, advisory or projection.
    pub security_confirmed: bool,
    /// The items that are present. `Incident` need not be listed: it is taken from the two facts above.
    pub given: Vec<Evidence>,
    /// The reason is a release date, a missed planning, or convenience.
    pub planning_reason: bool,
    /// By how much the oldest emergency review of the requester's team is overdue.
    pub review_overdue_minutes: Option<u32>,
}

/// A change as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRequest {
    pub band: Band,
    pub template: Option<TemplateFacts>,
    pub emergency: Option<EmergencyAsk>,
    /// It must be done before the next CAB meeting, for an incident or a regulation.
    pub bound_deadline_before_cab: bool,
}

/// Why an emergency is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// In the order of the table.
    Missing(Vec<Evidence>),
    IncidentDoesNotMatch,
    /// The decision authority can let it pass.
    ReviewOverdue,
}

/// What a request is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Classified {
    As { kind: ChangeKind, note: Option<ClassNote> },
    Rejected(Rejection),
}

/// Rule 4.8: the type of a change. The disposition of rule 4.7 comes after it and can only add conditions or demote.
pub fn classify_change(policy: &Policy, request: &ChangeRequest) -> Ruling<Classified> {
    if let Some(template) = request.template {
        return by_template(policy, request.band, template);
    }
    match &request.emergency {
        Some(ask) => by_emergency(&policy.emergency, request.band, ask),
        None if request.bound_deadline_before_cab => {
            kind(ChangeKind::Expedited, None, "its deadline comes before the next CAB meeting")
        }
        None => kind(ChangeKind::Normal, None, "nothing calls for a faster way"),
    }
}

fn by_template(policy: &Policy, band: Band, template: TemplateFacts) -> Ruling<Classified> {
    let fits = template.active && template.service_allowed && template.parameters_in_range;
    if fits && band <= policy.emergency.standard_band_max {
        kind(ChangeKind::Standard, None, "it stays within its template")
    } else {
        kind(
            ChangeKind::Normal,
            Some(ClassNote::AuthorisationCleared),
            "it leaves the range, the services, the risk or the life of its template",
        )
    }
}

fn by_emergency(numbers: &EmergencyPolicy, band: Band, ask: &EmergencyAsk) -> Ruling<Classified> {
    let missing = missing(ask);
    if !missing.is_empty() {
        return rejected(Rejection::Missing(missing));
    }
    if ask.incident.is_some_and(|incident| !matches(numbers, incident)) {
        return rejected(Rejection::IncidentDoesNotMatch);
    }
    if ask.review_overdue_minutes.is_some_and(|overdue| overdue > numbers.review_overdue_blocks_after_minutes) {
        return rejected(Rejection::ReviewOverdue);
    }
    if ask.planning_reason {
        let note = Some(ClassNote::CausePlanning);
        return kind(ChangeKind::Normal, note, "a missed plan or a date is not an emergency");
    }
    let priority = ask.incident.map(|incident| incident.priority);
    if let Some(priority) = priority.filter(|priority| *priority <= numbers.incident_priority_at_least) {
        return kind(ChangeKind::Emergency, None, &format!("a {priority} incident is open"));
    }
    if ask.security_confirmed {
        return kind(ChangeKind::Emergency, None, "the security lead confirmed it");
    }
    if priority.is_some_and(|priority| priority <= numbers.expedited_priority_at_least)
        && band <= numbers.expedited_band_max
    {
        return kind(ChangeKind::Expedited, None, "its incident can wait a few hours, not for the next meeting");
    }
    kind(ChangeKind::Normal, None, "its incident or its risk does not call for an emergency")
}

fn missing(ask: &EmergencyAsk) -> Vec<Evidence> {
    let present = |evidence: Evidence| match evidence {
        Evidence::Incident => ask.incident.is_some() || ask.security_confirmed,
        Evidence::ImpactStatement
        | Evidence::WhyNow
        | Evidence::RollbackPlan
        | Evidence::Tested
        | Evidence::Service => ask.given.contains(&evidence),
    };
    Evidence::ALL.into_iter().filter(|evidence| !present(*evidence)).collect()
}

fn matches(numbers: &EmergencyPolicy, incident: LinkedIncident) -> bool {
    incident.open && incident.service_distance.is_some_and(|distance| distance <= numbers.related_distance_max)
}

fn kind(kind: ChangeKind, note: Option<ClassNote>, because: &str) -> Ruling<Classified> {
    let aside = note.map_or_else(String::new, |note| format!(" ({note})"));
    Ruling::new("4.8", Classified::As { kind, note }, format!("This is {kind}: {because}{aside}."))
}

fn rejected(rejection: Rejection) -> Ruling<Classified> {
    let sentence = match &rejection {
        Rejection::Missing(items) => {
            let items: Vec<&str> = items.iter().map(|item| item.phrase()).collect();
            format!("An emergency needs more before it can be decided. Missing: {}.", listed(&items, "and"))
        }
        Rejection::IncidentDoesNotMatch => {
            "The incident does not match: it is no longer open, or its services have nothing to do with this one."
                .to_owned()
        }
        Rejection::ReviewOverdue => "Your team owes an emergency review that is long overdue. \
                                     The decision authority can let this one pass."
            .to_owned(),
    };
    Ruling::new("4.8", Classified::Rejected(rejection), sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_in_the_order_of_the_table() {
        let policy = Policy::sample();
        let ask = EmergencyAsk {
            incident: None,
            security_confirmed: false,
            given: vec![Evidence::Tested],
            planning_reason: false,
            review_overdue_minutes: None,
        };
        let request =
            ChangeRequest { band: Band::Low, template: None, emergency: Some(ask), bound_deadline_before_cab: false };
        assert_eq!(
            classify_change(&policy, &request).sentence,
            "An emergency needs more before it can be decided. Missing: the incident it belongs to (or the security \
             lead's confirmation with evidence), an impact statement, why it cannot wait, a rollback plan and the \
             service."
        );
    }
}
