//! Rules 4.35, 4.39, 4.41 and 4.49.

use super::column::{Actual, number, numbers, of, one, several, text, texts, yes_no};
use super::priority::answer;
use super::{CaseProblem, Given, Table, Verdict};
use crate::domain::policy::Policy;
use crate::domain::rules::{
    Band, CatalogueVerdict, ChangeEnd, ChangeKind, EntryUse, ExceptionClass, ExceptionSubject, Gate, PatternUse,
    Priority, ReviewFact, ReviewKind, ReviewSubject, Role, ShownItem, Span, catalogue_verdict, exception_allowed,
    open_items, promotion_verdict, review_required,
};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "exception",
        rule: "4.35",
        about: "may a rule be set aside, and by whom?",
        given: &[one::<ExceptionSubject>("subject")],
        expected: &[one::<ExceptionClass>("class"), several::<Role>("approvers")],
        ask: exception,
    },
    Table {
        name: "checklist",
        rule: "4.39",
        about: "which items are open before this step? by their keys; age_minutes: since what shows those done was done",
        given: &[text("category"), one::<Gate>("before"), texts("done"), number("age_minutes")],
        expected: &[texts("open")],
        ask: checklist,
    },
    Table {
        name: "catalogue",
        rule: "4.41",
        about: "does an entry deserve its trust? or, with uses, do normal changes deserve an entry?",
        given: &[
            number("failures"),
            yes_no("caused_major"),
            yes_no("expired"),
            yes_no("owner_inactive"),
            numbers("ratings"),
            numbers("ratings_since_revision"),
            number("uses"),
            one::<Band>("band"),
        ],
        expected: &[one::<CatalogueVerdict>("verdict")],
        ask: catalogue,
    },
    Table {
        name: "review",
        rule: "4.49",
        about: "which review has to be, and by when?",
        given: &[
            of("subject", subjects),
            one::<Priority>("priority"),
            several::<ReviewFact>("facts"),
            one::<ChangeKind>("type"),
            one::<ChangeEnd>("end"),
        ],
        expected: &[one::<ReviewKind>("review"), text("hold"), text("publish")],
        ask: review,
    },
];

fn exception(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    Ok(answer(exception_allowed(policy, given.word("subject")?), |class| {
        vec![("class", Actual::word(class)), ("approvers", Actual::words(class.approvers().iter().copied()))]
    }))
}

fn checklist(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let category = given.text("category")?;
    let Some(items) = policy.checklists.get(category) else {
        let known: Vec<&str> = policy.checklists.keys().map(String::as_str).collect();
        return Err(given.problem(format!("category: {category:?} is none of {}", known.join(", "))));
    };
    let age_minutes = given.maybe_number("age_minutes")?;
    let shown: Vec<ShownItem<'_>> = given.texts("done").into_iter().map(|key| ShownItem { key, age_minutes }).collect();
    Ok(answer(open_items(items, given.word("before")?, &shown), |open| {
        vec![("open", Actual::List(open.iter().map(|item| item.key.clone()).collect()))]
    }))
}

fn catalogue(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let failures = given.number_or("failures", 0)?;
    let ruling = if let Some(uses) = given.maybe_number("uses")? {
        promotion_verdict(policy, PatternUse { uses, failures, band: given.word("band")? })
    } else {
        let (ratings, since): (Vec<u8>, Vec<u8>) =
            (given.numbers("ratings")?, given.numbers("ratings_since_revision")?);
        let entry = EntryUse {
            failures,
            suspended: false,
            caused_major: given.yes("caused_major")?,
            expired: given.yes("expired")?,
            owner_inactive: given.yes("owner_inactive")?,
            ratings: &ratings,
            ratings_since_revision: &since,
        };
        catalogue_verdict(policy, &entry)
    };
    Ok(answer(ruling, |verdict| vec![("verdict", Actual::word(verdict))]))
}

fn subjects() -> Vec<&'static str> {
    vec!["incident", "change", "breach", "drill"]
}

fn review(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let facts: Vec<ReviewFact> = given.several("facts")?;
    let subject = match given.text("subject")? {
        "incident" => ReviewSubject::Incident { priority: given.word("priority")?, facts: &facts },
        "change" => ReviewSubject::Change { kind: given.word("type")?, end: given.word("end")? },
        "breach" => ReviewSubject::Breach,
        "drill" => ReviewSubject::Drill,
        other => {
            return Err(given.problem(format!("subject: {other:?} is none of {}", subjects().join(", "))));
        }
    };
    Ok(answer(review_required(policy, subject), |due| {
        let span = |span: Option<Span>| Actual::Word(span.map_or_else(|| "none".to_owned(), |span| span.to_string()));
        vec![
            ("review", Actual::word_or_none(due.map(|due| due.kind))),
            ("hold", span(due.and_then(|due| due.clock.hold))),
            ("publish", span(due.and_then(|due| due.clock.publish))),
        ]
    }))
}
