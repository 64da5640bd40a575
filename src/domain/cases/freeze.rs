//! Rules 4.11 and 4.12.

use super::column::{Actual, one, yes_no};
use super::priority::answer;
use super::{CaseProblem, Given, Table, Verdict};
use crate::domain::policy::Policy;
use crate::domain::rules::{
    Band, ChangeKind, FreezeFacts, FreezeKind, FreezeVerdict, FrozenChange, Priority, Role, freeze_verdict,
    override_authority,
};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "freeze",
        rule: "4.11",
        about: "does the freeze let the change through?",
        given: &[
            one::<FreezeKind>("freeze"),
            yes_no("hard"),
            yes_no("everywhere"),
            one::<ChangeKind>("type"),
            one::<Band>("band"),
            yes_no("freeze_safe"),
            yes_no("spared"),
            yes_no("linked"),
            one::<Priority>("urgent_for"),
            yes_no("inside"),
        ],
        expected: &[one::<FreezeVerdict>("verdict")],
        ask: freeze,
    },
    Table {
        name: "freeze_override",
        rule: "4.12",
        about: "who may let a change through a freeze, and who agrees?",
        given: &[one::<FreezeKind>("freeze"), yes_no("hard"), yes_no("commander")],
        expected: &[one::<Role>("first"), one::<Role>("instead"), one::<Role>("second")],
        ask: authority,
    },
];

fn freeze(_: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let facts =
        FreezeFacts { kind: given.word("freeze")?, hard: given.yes("hard")?, tenant_wide: given.yes("everywhere")? };
    let change = FrozenChange {
        kind: given.word("type")?,
        band: given.word("band")?,
        freeze_safe: given.yes("freeze_safe")?,
        spared: given.yes("spared")?,
        linked: given.yes("linked")?,
        urgent_for: given.maybe_word("urgent_for")?,
        inside: given.yes_or("inside", true)?,
    };
    Ok(answer(freeze_verdict(facts, change), |verdict| vec![("verdict", Actual::Word(verdict.as_str().to_owned()))]))
}

fn authority(_: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let ruling = override_authority(given.word("freeze")?, given.yes("hard")?, given.yes_or("commander", true)?);
    Ok(answer(ruling, |authority| {
        let word = |role: Role| Actual::Word(role.as_str().to_owned());
        vec![
            ("first", word(authority.first)),
            ("instead", word(authority.instead)),
            ("second", Actual::word_or_none(authority.second)),
        ]
    }))
}
