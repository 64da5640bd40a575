//! Rule 4.10.

use super::column::{Actual, number, one, several, text, yes_no};
use super::{CaseProblem, Given, Table, Verdict};
use crate::domain::policy::Policy;
use crate::domain::rules::{
    ApprovalFacts, Band, ChangeKind, ClaimTie, Condition, Flag, Required, Role, Seat, SeatClaim, Tier, VotePolicyName,
    eligible, required_approvals,
};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "approvals",
        rule: "4.10",
        about: "whose yes does a change need? a seat that its vote fills is not listed again",
        given: &[
            one::<ChangeKind>("type"),
            one::<Band>("band"),
            one::<Tier>("tier"),
            number("owner_groups"),
            several::<Flag>("flags"),
        ],
        expected: &[
            yes_no("allowed"),
            several::<Seat>("seats"),
            number("peer_reviews"),
            one::<VotePolicyName>("vote"),
            yes_no("executive_acceptance"),
            several::<Condition>("conditions"),
            yes_no("asynchronous"),
            yes_no("security_votes"),
        ],
        ask: approvals,
    },
    Table {
        name: "seats",
        rule: "4.10, 4.15",
        about: "may somebody fill this seat?",
        given: &[one::<Seat>("seat"), several::<Role>("roles"), several::<ClaimTie>("ties"), one::<Seat>("other_seat")],
        expected: &[yes_no("allowed"), text("by_rule")],
        ask: seats,
    },
];

fn approvals(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let flags: Vec<Flag> = given.several("flags")?;
    let facts = ApprovalFacts {
        kind: given.word("type")?,
        band: given.word("band")?,
        tier: given.word_or("tier", Tier::T3)?,
        owner_groups: given.number_or("owner_groups", 1)?,
        flags: &flags,
    };
    let (rule, sentence, required) = match required_approvals(policy, &facts) {
        Ok(ruling) => (ruling.rule, ruling.sentence, Some(ruling.verdict)),
        Err(denial) => (denial.rule, format!("{} {}", denial.sentence, denial.who_can), None),
    };
    let allowed = required.is_some();
    let Required {
        seats,
        peer_reviews,
        vote,
        asynchronous,
        security_flagged,
        executive_acceptance,
        conditions,
        owners: _,
        owner_seats: _,
    } = required.unwrap_or_default();
    let said = vec![
        ("allowed", Actual::yes(allowed)),
        ("seats", Actual::words(seats)),
        ("peer_reviews", Actual::number(peer_reviews)),
        ("vote", Actual::word_or_none(vote)),
        ("executive_acceptance", Actual::yes(executive_acceptance)),
        ("conditions", Actual::words(conditions)),
        ("asynchronous", Actual::yes(asynchronous)),
        ("security_votes", Actual::yes(security_flagged)),
    ];
    Ok(Verdict { rule, sentence, said })
}

fn seats(_: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let seat: Seat = given.word("seat")?;
    let (roles, ties): (Vec<Role>, Vec<ClaimTie>) = (given.several("roles")?, given.several("ties")?);
    let claim = SeatClaim { roles: &roles, ties: &ties, other_seat: given.maybe_word("other_seat")? };
    let (rule, sentence, allowed) = match eligible(seat, claim) {
        Ok(()) => ("4.10", format!("The seat of {seat} may be filled."), true),
        Err(denial) => (denial.rule, format!("{} {}", denial.sentence, denial.who_can), false),
    };
    let said = vec![("allowed", Actual::yes(allowed)), ("by_rule", Actual::Word(rule.to_owned()))];
    Ok(Verdict { rule, sentence, said })
}
