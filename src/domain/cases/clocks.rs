//! Rules 4.16 and 4.17.

use chrono::TimeDelta;

use super::column::{Actual, moment, number, of, one, ordered, text};
use super::priority::answer;
use super::votes::zone;
use super::{CaseProblem, Given, Table, Verdict};
use crate::domain::policy::Policy;
use crate::domain::rules::{
    ApprovalDeadlines, Band, Calendar, ChangeKind, DeadlineCase, EmergencyCase, NextHop, Priority, WindowVerdict,
    approval_deadlines, window_length, window_verdict,
};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "deadlines",
        rule: "4.16",
        about: "by when does a change have to be answered, and who is asked after that?",
        given: &[
            one::<ChangeKind>("type"),
            one::<Band>("band"),
            one::<Priority>("priority"),
            moment("now"),
            moment("next_cab"),
            text("zone"),
        ],
        expected: &[
            moment("peer_ack"),
            moment("approval_ack"),
            moment("decision"),
            one::<NextHop>("on_ack_miss"),
            ordered::<NextHop>("on_decision_miss"),
        ],
        ask: deadlines,
    },
    Table {
        name: "window",
        rule: "4.17",
        about: "may an emergency change run now?",
        given: &[moment("opens"), moment("closes"), moment("now"), number("reapprovals")],
        expected: &[of("verdict", verdicts), number("minutes_left"), number("warning")],
        ask: window,
    },
    Table {
        name: "window_length",
        rule: "4.17",
        about: "how long may an approved emergency run?",
        given: &[one::<EmergencyCase>("case")],
        expected: &[number("minutes")],
        ask: length,
    },
];

fn deadlines(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let calendar = Calendar { hours: &policy.calendar, zone: zone(given)? };
    let case = DeadlineCase {
        kind: given.word("type")?,
        band: given.word_or("band", Band::Low)?,
        priority: given.maybe_word("priority")?,
        next_cab: given.maybe_moment("next_cab")?,
    };
    let Some(ruling) = approval_deadlines(policy, &calendar, case, given.moment("now")?) else {
        let sentence = "A standard change waits for nobody.".to_owned();
        let none = || Actual::Set(Vec::new());
        let columns = ["peer_ack", "approval_ack", "decision", "on_ack_miss", "on_decision_miss"];
        return Ok(Verdict { rule: "4.16", sentence, said: columns.map(|column| (column, none())).into() });
    };
    Ok(answer(ruling, |deadlines| {
        let ApprovalDeadlines { peer_ack, approval_ack, decision, on_ack_miss, on_decision_miss, at_cab: _ } =
            deadlines;
        vec![
            ("peer_ack", Actual::Moment(peer_ack)),
            ("approval_ack", Actual::Moment(approval_ack)),
            ("decision", Actual::Moment(decision)),
            ("on_ack_miss", Actual::word(on_ack_miss)),
            ("on_decision_miss", Actual::ordered(on_decision_miss)),
        ]
    }))
}

fn verdicts() -> Vec<&'static str> {
    vec!["not_approved", "not_yet", "open", "expired_extend", "expired_decision_authority"]
}

fn window(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let window = match (given.maybe_moment("opens")?, given.maybe_moment("closes")?) {
        (Some(opens), Some(closes)) => Some((opens, closes)),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => return Err(given.problem("a window has both opens and closes")),
    };
    let ruling = window_verdict(policy, window, given.moment("now")?, given.number_or("reapprovals", 0)?);
    Ok(answer(ruling, |verdict| {
        let none = || Actual::Word("none".to_owned());
        let (word, left, warning) = match verdict {
            WindowVerdict::NotApproved => ("not_approved", none(), none()),
            WindowVerdict::NotYet => ("not_yet", none(), none()),
            WindowVerdict::Open { minutes_left, warning } => {
                ("open", Actual::number(minutes_left), warning.map_or_else(none, Actual::number))
            }
            WindowVerdict::ExpiredExtend => ("expired_extend", none(), none()),
            WindowVerdict::ExpiredDecisionAuthority => ("expired_decision_authority", none(), none()),
        };
        vec![("verdict", Actual::Word(word.to_owned())), ("minutes_left", left), ("warning", warning)]
    }))
}

fn length(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let case: EmergencyCase = given.word("case")?;
    let length: TimeDelta = window_length(policy, case);
    let sentence = format!("{} may run for {} minutes.", case.phrase(), length.num_minutes());
    Ok(Verdict { rule: "4.17", sentence, said: vec![("minutes", Actual::number(length.num_minutes()))] })
}
