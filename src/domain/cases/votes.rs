//! Rule 4.13.

use super::column::{Actual, moment, number, of, one, text, yes_no};
use super::priority::answer;
use super::{CaseProblem, Given, Table, Verdict};
use crate::domain::policy::Policy;
use crate::domain::rules::{
    Ballot, Band, Calendar, EmergencyCase, Seat, VoteInput, VoteMember, VotePolicyName, VoteTime, vote_closes,
    vote_outcome, vote_reminder,
};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "vote",
        rule: "4.13",
        about: "how does a vote stand? seats_approve stands for all seats that have to approve",
        given: &[
            one::<VotePolicyName>("policy"),
            one::<Band>("band"),
            number("roster"),
            number("approve"),
            number("reject"),
            number("abstain"),
            number("recused"),
            number("approved_before"),
            yes_no("seats_approve"),
            yes_no("veto"),
            one::<Ballot>("chair"),
            yes_no("concern"),
            yes_no("closed"),
        ],
        expected: &[of("outcome", outcomes)],
        ask: vote,
    },
    Table {
        name: "vote_window",
        rule: "4.13",
        about: "when does a vote close?",
        given: &[one::<VotePolicyName>("policy"), one::<EmergencyCase>("case"), moment("opened"), text("zone")],
        expected: &[moment("closes")],
        ask: vote_window,
    },
    Table {
        name: "vote_reminder",
        rule: "4.13",
        about: "which reminder of a vote is due, and when is the next one? due in percent of the vote's time",
        given: &[moment("opened"), moment("closes"), moment("now")],
        expected: &[number("due"), moment("next")],
        ask: reminder,
    },
];

fn outcomes() -> Vec<&'static str> {
    vec![
        "open",
        "passed",
        "passed(early)",
        "passed(casting)",
        "failed(veto)",
        "failed(votes)",
        "failed(casting)",
        "failed(seat missing)",
        "failed(nobody fresh)",
        "failed(open concern)",
        "expired(no quorum)",
        "invalid(roster too small)",
    ]
}

fn vote(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let numbers = policy.votes.of(given.word("policy")?, given.word_or("band", Band::High)?);
    let count = |column| given.number_or::<u16>(column, 0).map(usize::from);
    let roster = usize::from(given.number::<u16>("roster")?);
    let ballots = [
        (Ballot::Approve, count("approve")?),
        (Ballot::Reject, count("reject")?),
        (Ballot::Abstain, count("abstain")?),
    ];
    if ballots.iter().map(|(_, cast)| cast).sum::<usize>() > roster {
        return Err(given.problem("more ballots than the roster has members"));
    }
    let mut cast = ballots.into_iter().flat_map(|(ballot, count)| std::iter::repeat_n(ballot, count));
    let mut members: Vec<VoteMember> =
        (0..roster).map(|_| VoteMember { ballot: cast.next(), ..VoteMember::default() }).collect();
    for member in members.iter_mut().take(count("approved_before")?) {
        member.approved_before = true;
    }
    for member in members.iter_mut().rev().take(count("recused")?) {
        member.recused = true;
    }
    let veto = given.yes("veto")?;
    for member in members.iter_mut().filter(|member| veto && member.ballot == Some(Ballot::Reject)) {
        member.seats.push(Seat::Security);
    }
    let input = VoteInput {
        policy: &numbers,
        members: &members,
        chair: given.maybe_word("chair")?,
        security_flagged: veto,
        risk_accepted: false,
        concern_open: given.yes("concern")?,
        closed: given.yes("closed")?,
        seats_approve: Some(given.yes_or("seats_approve", true)?),
    };
    Ok(answer(vote_outcome(&input), |outcome| vec![("outcome", Actual::Word(outcome.name().to_owned()))]))
}

fn vote_window(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let numbers = policy.votes.of(given.word("policy")?, Band::High);
    let calendar = Calendar { hours: &policy.calendar, zone: zone(given)? };
    let case = given.word_or("case", EmergencyCase::Exploit)?;
    let closes = vote_closes(&numbers, &calendar, case, given.moment("opened")?);
    let sentence = "The vote closes then.".to_owned();
    Ok(Verdict { rule: "4.13", sentence, said: vec![("closes", Actual::Moment(closes))] })
}

fn reminder(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let time = VoteTime { opened: given.moment("opened")?, closes: given.moment("closes")? };
    let ruling = vote_reminder(&policy.votes.remind_at, time, given.moment("now")?);
    Ok(answer(ruling, |reminder| {
        let due = reminder.due.map_or_else(|| Actual::Word("none".to_owned()), |share| Actual::number(share.percent()));
        let next = reminder.next.map_or_else(|| Actual::Word("none".to_owned()), Actual::Moment);
        vec![("due", due), ("next", next)]
    }))
}

/// The tenant's time zone; UTC where none is given.
pub(super) fn zone(given: &Given) -> Result<chrono_tz::Tz, CaseProblem> {
    if !given.has("zone") {
        return Ok(chrono_tz::UTC);
    }
    let name = given.text("zone")?;
    name.parse().map_err(|_| given.problem(format!("zone: {name:?} is no time zone like Europe/Berlin")))
}
