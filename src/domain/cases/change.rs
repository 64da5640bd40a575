//! Rules 4.8 and 4.9.

use super::column::{Actual, hours, number, of, one, several, yes_no};
use super::priority::answer;
use super::{CaseProblem, Given, Table, Verdict};
use crate::domain::policy::Policy;
use crate::domain::rules::{
    Band, ChangeKind, ChangeRequest, ClassNote, Classified, ContingencyItem, ContingencySection, EmergencyAsk,
    Evidence, LinkedIncident, Priority, Rejection, TemplateFacts, Verification, classify_change, contingency_ok,
};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "classification",
        rule: "4.8",
        about: "what type of change is it? say template or emergency, or neither",
        given: &[
            one::<Band>("band"),
            yes_no("template"),
            yes_no("active"),
            yes_no("service_allowed"),
            yes_no("in_range"),
            yes_no("emergency"),
            one::<Priority>("incident"),
            yes_no("open"),
            number("distance"),
            yes_no("security_confirmed"),
            several::<Evidence>("without"),
            yes_no("planning"),
            hours("review_overdue_hours"),
            yes_no("bound_deadline"),
        ],
        expected: &[of("type", types), one::<ClassNote>("note"), of("reason", reasons), several::<Evidence>("missing")],
        ask: classification,
    },
    Table {
        name: "contingency",
        rule: "4.9",
        about: "does the change know its way back?",
        given: &[
            one::<Band>("band"),
            one::<ChangeKind>("type"),
            yes_no("irreversible"),
            number("rollback_steps"),
            number("failure_modes"),
            one::<Verification>("verification"),
            number("rehearsed_days_ago"),
            several::<ContingencyItem>("has"),
        ],
        expected: &[yes_no("enough"), several::<ContingencyItem>("missing"), yes_no("rehearsal_in_review")],
        ask: contingency,
    },
];

fn types() -> Vec<&'static str> {
    ChangeKind::ALL.iter().map(|kind| kind.as_str()).chain(["rejected"]).collect()
}

fn reasons() -> Vec<&'static str> {
    vec!["missing", "incident_does_not_match", "review_overdue"]
}

fn classification(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let template = TemplateFacts {
        active: given.yes_or("active", true)?,
        service_allowed: given.yes_or("service_allowed", true)?,
        parameters_in_range: given.yes_or("in_range", true)?,
    };
    let request = ChangeRequest {
        band: given.word("band")?,
        template: given.yes("template")?.then_some(template),
        emergency: if given.yes("emergency")? { Some(emergency(given)?) } else { None },
        bound_deadline_before_cab: given.yes("bound_deadline")?,
    };
    Ok(answer(classify_change(policy, &request), |classified| {
        let word = |word: &str| Actual::Word(word.to_owned());
        let nothing = || Actual::word_or_none(None::<ClassNote>);
        let (kind, note, reason, missing) = match classified {
            Classified::As { kind, note } => (word(kind.as_str()), Actual::word_or_none(note), nothing(), Vec::new()),
            Classified::Rejected(rejection) => {
                let (reason, missing) = match rejection {
                    Rejection::Missing(items) => ("missing", items),
                    Rejection::IncidentDoesNotMatch => ("incident_does_not_match", Vec::new()),
                    Rejection::ReviewOverdue => ("review_overdue", Vec::new()),
                };
                (word("rejected"), nothing(), word(reason), missing)
            }
        };
        vec![("type", kind), ("note", note), ("reason", reason), ("missing", Actual::words(missing))]
    }))
}

/// Everything is given that is not named as missing; the incident is open and on the same service.
fn emergency(given: &Given) -> Result<EmergencyAsk, CaseProblem> {
    let incident: Option<Priority> = given.maybe_word("incident")?;
    let service_distance = if given.has("distance") { given.maybe_number("distance")? } else { Some(0) };
    let open = given.yes_or("open", true)?;
    let without: Vec<Evidence> = given.several("without")?;
    let review_overdue_minutes = if given.has("review_overdue_hours") {
        let overdue = given.hours("review_overdue_hours")?.num_seconds();
        // A started minute counts: what is overdue by more than the limit is overdue.
        Some(u32::try_from((overdue + 59) / 60).map_err(|_| given.problem("review_overdue_hours is out of range"))?)
    } else {
        None
    };
    Ok(EmergencyAsk {
        incident: incident.map(|priority| LinkedIncident { open, priority, service_distance }),
        security_confirmed: given.yes("security_confirmed")?,
        given: Evidence::ALL.into_iter().filter(|evidence| !without.contains(evidence)).collect(),
        planning_reason: given.yes("planning")?,
        review_overdue_minutes,
    })
}

fn contingency(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let has: Vec<ContingencyItem> = given.several("has")?;
    let section = ContingencySection {
        rollback_steps: given.number_or("rollback_steps", 0)?,
        failure_modes: given.number_or("failure_modes", 0)?,
        verification: given.word_or("verification", Verification::None)?,
        rehearsed_days_ago: given.maybe_number("rehearsed_days_ago")?,
        has: &has,
    };
    let kind = given.word_or("type", ChangeKind::Normal)?;
    let ruling = contingency_ok(policy, given.word("band")?, kind, given.yes("irreversible")?, &section);
    Ok(answer(ruling, |found| {
        vec![
            ("enough", Actual::yes(found.missing.is_empty())),
            ("missing", Actual::words(found.missing)),
            ("rehearsal_in_review", Actual::yes(found.rehearsal_in_review)),
        ]
    }))
}
