//! Concerns and reminders on every state of a vote, in a table: what changes, or why not.

use std::fmt::Write;

use chrono::TimeDelta;
use insta::assert_snapshot;

use super::test_world::{id, now};
use super::tests::{attempt, cell, change, on};
use crate::domain::rules::Seat;
use crate::domain::{
    Approval, Ballot, BallotChoice, Change, ChangeStatus, Command, Concern, ConcernCommand, DeadlineKind, Platform,
};

fn voted(mut change: Change, ballots: &[(&str, BallotChoice)]) -> Change {
    change.ballots.extend(ballots.iter().map(|(person, choice)| Ballot {
        person: id(person),
        on_behalf: None,
        choice: *choice,
        why: None,
        platform: Platform::Slack,
        at: now(),
        owns: Vec::new(),
    }));
    change
}

fn reviewed(mut change: Change) -> Change {
    change.approvals.push(Approval {
        seat: Seat::PeerReviewer,
        person: id("raj"),
        on_behalf: None,
        platform: Platform::Slack,
        at: now(),
        owns: Vec::new(),
    });
    change
}

fn concerned(mut change: Change, person: &str, is_open: bool) -> Change {
    let entry = i32::try_from(change.concerns.len()).expect("a few") + 2;
    let why = Some("nobody tried it".to_owned());
    change.concerns.push(Concern { entry, person: id(person), why, at: now(), is_open });
    change
}

/// The vote has lasted for this share of its time by now.
fn aged(mut change: Change, percent: i32) -> Change {
    let vote = change.vote.as_mut().expect("it is voted on");
    let lasted = (vote.closes_at - vote.opened_at) * percent / 100;
    vote.opened_at -= lasted;
    vote.closes_at -= lasted;
    change
}

fn states() -> [(&'static str, Change); 9] {
    let approve = BallotChoice::Approve;
    let mut done = change();
    done.status = ChangeStatus::Rejected;
    let enough = || voted(reviewed(change()), &[("mia", approve), ("tom", approve)]);
    [
        ("nobody voted", change()),
        ("half of its time is over", aged(change(), 50)),
        ("80 % are over", aged(voted(change(), &[("mia", approve)]), 80)),
        ("a concern of tom's", concerned(change(), "tom", true)),
        ("all that it takes, but a concern of tom's", concerned(enough(), "tom", true)),
        ("all that it takes, but concerns of two", concerned(concerned(enough(), "tom", true), "mia", true)),
        ("a concern of tom's was resolved", concerned(change(), "tom", false)),
        ("tom is recused", voted(change(), &[("tom", BallotChoice::Recuse)])),
        ("it was rejected", concerned(done, "tom", true)),
    ]
}

#[test]
fn concerns_and_reminders_in_every_state_of_a_vote() {
    let raise = || Command::Concern(ConcernCommand::Raise { why: "nobody tried it".into() });
    let resolve = || Command::Concern(ConcernCommand::Resolve { why: None });
    let reminder = Command::Due { deadline: DeadlineKind::VoteReminder, at: now() };
    let commands = [
        ("concern, a voter", "tom", raise()),
        ("concern, the requester", "ana", raise()),
        ("concern, no voter", "raj", raise()),
        ("resolved, a voter", "tom", resolve()),
        ("resolved, another", "mia", resolve()),
        ("resolved, the chair", "ines", resolve()),
        ("reminder", "wardroom", reminder),
        ("end", "wardroom", Command::Due { deadline: DeadlineKind::VoteEnd, at: now() }),
    ];
    let mut table = String::new();
    for (name, mut change) in states() {
        writeln!(table, "{name}").expect("a string takes it");
        for (name, by, command) in &commands {
            if *name == "end" {
                // Its time is over: what it takes to pass is counted as it stands.
                change.decide_by = Some(now() - TimeDelta::seconds(1));
            }
            let target = on(&change);
            let outcome = cell(attempt(target, &[], by, command.clone()));
            writeln!(table, "  {name:23} {outcome}").expect("a string takes it");
        }
    }
    assert_snapshot!(table, @"
    nobody voted
      concern, a voter        concern.raised
      concern, the requester  no, rule 4.15
      concern, no voter       no, rule 4.13
      resolved, a voter       stands
      resolved, another       stands
      resolved, the chair     stands
      reminder                stands
      end                     vote.closed + change.approval_expired => approval_expired
    half of its time is over
      concern, a voter        concern.raised
      concern, the requester  no, rule 4.15
      concern, no voter       no, rule 4.13
      resolved, a voter       stands
      resolved, another       stands
      resolved, the chair     stands
      reminder                vote.reminded => awaiting_approval
      end                     vote.closed + change.approval_expired => approval_expired
    80 % are over
      concern, a voter        concern.raised
      concern, the requester  no, rule 4.15
      concern, no voter       no, rule 4.13
      resolved, a voter       stands
      resolved, another       stands
      resolved, the chair     stands
      reminder                vote.reminded => awaiting_approval
      end                     vote.closed + change.approval_expired => approval_expired
    a concern of tom's
      concern, a voter        stands
      concern, the requester  no, rule 4.15
      concern, no voter       no, rule 4.13
      resolved, a voter       concern.resolved
      resolved, another       no, rule 4.13
      resolved, the chair     concern.resolved
      reminder                stands
      end                     vote.closed + change.approval_expired => approval_expired
    all that it takes, but a concern of tom's
      concern, a voter        stands
      concern, the requester  no, rule 4.15
      concern, no voter       no, rule 4.13
      resolved, a voter       concern.resolved + vote.closed + change.approved => approved
      resolved, another       no, rule 4.13
      resolved, the chair     concern.resolved + vote.closed + change.approved => approved
      reminder                stands
      end                     vote.closed + change.rejected => rejected
    all that it takes, but concerns of two
      concern, a voter        stands
      concern, the requester  no, rule 4.15
      concern, no voter       no, rule 4.13
      resolved, a voter       concern.resolved
      resolved, another       concern.resolved
      resolved, the chair     concern.resolved + concern.resolved + vote.closed + change.approved => approved
      reminder                stands
      end                     vote.closed + change.rejected => rejected
    a concern of tom's was resolved
      concern, a voter        concern.raised
      concern, the requester  no, rule 4.15
      concern, no voter       no, rule 4.13
      resolved, a voter       stands
      resolved, another       stands
      resolved, the chair     stands
      reminder                stands
      end                     vote.closed + change.approval_expired => approval_expired
    tom is recused
      concern, a voter        no, rule 4.13
      concern, the requester  no, rule 4.15
      concern, no voter       no, rule 4.13
      resolved, a voter       stands
      resolved, another       stands
      resolved, the chair     stands
      reminder                stands
      end                     vote.closed + change.approval_expired => approval_expired
    it was rejected
      concern, a voter        no
      concern, the requester  no
      concern, no voter       no
      resolved, a voter       no
      resolved, another       no
      resolved, the chair     no
      reminder                stands
      end                     stands
    ");
}

#[test]
fn everybody_without_a_ballot_is_reminded_but_those_who_may_not_vote() {
    let mut change = aged(voted(change(), &[("mia", BallotChoice::Abstain)]), 80);
    change.implementer = id("tom");
    let target = on(&change);
    let command = Command::Due { deadline: DeadlineKind::VoteReminder, at: now() };
    let decision = attempt(target, &[], "wardroom", command).expect("it is due");
    let (kept, promised) = (format!("{:?}", decision.events), decision.promises);
    assert!(kept.contains("percent: 80") && kept.contains("people: [PersonId(\"p_ines\")]"), "{kept}");
    assert!(!promised.iter().any(|(kind, _)| *kind == DeadlineKind::VoteReminder), "the last one: {promised:?}");
}
