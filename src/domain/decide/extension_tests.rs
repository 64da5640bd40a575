//! A window that is not long enough, in tables: who may ask for more time, how the vote on it ends, and what stops.

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;

use super::decide;
use super::test_world::{actor, id, now, organisation};
use super::tests::{cell, change, on};
use crate::domain::change::{Approval, Ballot};
use crate::domain::policy::Policy;
use crate::domain::rules::{ChangeKind, Seat};
use crate::domain::{
    Actor, Asked, BallotChoice, Change, ChangeStatus, Command, DeadlineKind, Decision, Platform, Refusal, Slot,
    SlotState, State, VoteResult, Window, World,
};

fn minute(minute: i64) -> DateTime<Utc> {
    now() + TimeDelta::minutes(minute)
}

/// Tries one command on a change, at a minute after its window opened.
fn attempt_at(at: i64, change: &Change, by: &str, command: Command) -> Result<Decision, Refusal> {
    let (organisation, policy) = (organisation(), Policy::sample());
    let world = World::about(&organisation, &policy, 1, on(change));
    let actor = if by == "wardroom" { Actor::Wardroom } else { actor(by) };
    decide(&world, Asked { by: &actor, at: minute(at) }, command)
}

/// An emergency that mia and tom approved, and whose window is open for four hours.
fn running() -> Change {
    let mut change = change();
    let yes = |key: &str| Ballot {
        person: id(key),
        on_behalf: None,
        choice: BallotChoice::Approve,
        why: None,
        platform: Platform::Slack,
        at: now(),
        owns: Vec::new(),
    };
    change.ballots = vec![yes("mia"), yes("tom")];
    change.approvals = vec![Approval {
        seat: Seat::PeerReviewer,
        person: id("raj"),
        on_behalf: None,
        platform: Platform::Slack,
        at: now(),
        owns: Vec::new(),
    }];
    let sentence = "Passed.".to_owned();
    let outcome = VoteResult { passed: true, outcome: "passed".to_owned(), sentence, at: now(), by: Some(id("tom")) };
    change.vote.as_mut().expect("an E-CAB votes on it").outcome = Some(outcome);
    change.status = ChangeStatus::Implementing;
    change.approved_at = Some(now());
    change.started_at = Some(now());
    change.window = Some(Window { opens: now(), closes: minute(240) });
    change
}

fn extend() -> Command {
    Command::Extend { why: "the replay takes longer".into() }
}

fn votes(choice: BallotChoice) -> Command {
    Command::Vote { choice, why: None }
}

fn due(deadline: DeadlineKind) -> Command {
    Command::Due { deadline, at: minute(240) }
}

/// One command after the other, each told with the state that it leaves.
fn story(mut change: Change, steps: &[(i64, &str, &str, Command)]) -> String {
    let mut told = String::new();
    for (at, by, name, command) in steps {
        let outcome = attempt_at(*at, &change, by, command.clone());
        let line = cell(outcome.clone());
        let decision = match outcome {
            Ok(decision) => decision,
            Err(refusal) => {
                writeln!(told, "{at:3} {by:8} {name:9} {line} · {} {}", refusal.sentence, refusal.next)
                    .expect("a string takes it");
                continue;
            }
        };
        // A ballot that settles nothing is an insert of its own.
        if let Command::Vote { choice, .. } = command {
            let cast = Ballot {
                person: id(by),
                on_behalf: None,
                choice: *choice,
                why: None,
                platform: Platform::Slack,
                at: minute(*at),
                owns: Vec::new(),
            };
            change.ballots.push(cast);
        }
        if let State::Change(next) = &decision.state {
            change = (**next).clone();
        }
        let closes = change.window.map_or("none".to_owned(), |window| window.closes.format("%H:%M").to_string());
        writeln!(told, "{at:3} {by:8} {name:9} {line} · closes {closes}, extended {}", change.reapprovals)
            .expect("a string takes it");
    }
    told
}

#[test]
fn more_time_is_for_what_runs_and_for_whoever_carries_it_out() {
    let mut table = String::new();
    for status in ChangeStatus::ALL {
        let change = Change { status, ..running() };
        let [own, other] = ["ana", "mia"].map(|by| cell(attempt_at(200, &change, by, extend())));
        writeln!(table, "{:18} {own}; by somebody else {other}", status.as_str()).expect("a string takes it");
    }
    assert_snapshot!(table, @"
    awaiting_approval  no; by somebody else no, rule 4.17
    approved           no; by somebody else no, rule 4.17
    queued             no; by somebody else no, rule 4.17
    on_hold            no; by somebody else no, rule 4.17
    implementing       window.extension_requested => implementing; by somebody else no, rule 4.17
    halted             no, rule 4.24; by somebody else no, rule 4.17
    window_expired     window.extension_requested => window_expired; by somebody else no, rule 4.17
    validating         no; by somebody else no, rule 4.17
    failed             no; by somebody else no, rule 4.17
    completed          no; by somebody else no, rule 4.17
    rolled_back        no; by somebody else no, rule 4.17
    rejected           no; by somebody else no, rule 4.17
    approval_expired   no; by somebody else no, rule 4.17
    cancelled          no; by somebody else no, rule 4.17
    ");
}

#[test]
fn a_fresh_vote_with_somebody_new_makes_the_window_longer() {
    let yes = || votes(BallotChoice::Approve);
    let told = story(
        running(),
        &[
            (200, "ana", "extend", extend()),
            (201, "ana", "extend", extend()),
            (202, "ana", "approve", yes()),
            (203, "mia", "approve", yes()),
            (204, "tom", "approve", yes()),
            (205, "ines", "approve", yes()),
            (206, "ines", "approve", yes()),
            (240, "wardroom", "window", due(DeadlineKind::WindowEnd)),
            (250, "ana", "done", Command::Done { summary: None }),
        ],
    );
    assert_snapshot!(told, @"
    200 ana      extend    window.extension_requested => implementing · closes 18:00, extended 0
    201 ana      extend    stands · closes 18:00, extended 0
    202 ana      approve   no, rule 4.15 · You cannot approve this change: you asked for it and carry it out. Somebody else who is entitled to it can.
    203 mia      approve   ballot.cast · closes 18:00, extended 0
    204 tom      approve   ballot.cast · closes 18:00, extended 0
    205 ines     approve   ballot.cast + vote.closed + window.extended => implementing · closes 21:25, extended 1
    206 ines     approve   no · The vote on more time for CHG-1 ended at 17:25 UTC. Passed before its end: 3 for, 0 against, 0 abstained, of 3. Nothing was changed.
    240 wardroom window    stands · closes 21:25, extended 1
    250 ana      done      change.done + validation.opened + pir.opened => validating · closes 21:25, extended 1
    ");
}

#[test]
fn the_old_window_holds_while_the_vote_lasts_and_its_end_stops_the_work() {
    let yes = || votes(BallotChoice::Approve);
    let told = story(
        running(),
        &[
            (235, "ana", "extend", extend()),
            (236, "mia", "approve", yes()),
            (240, "wardroom", "window", due(DeadlineKind::WindowEnd)),
            (241, "ana", "done", Command::Done { summary: None }),
            (242, "ana", "start", Command::Start { why: None }),
            (243, "ines", "approve", yes()),
            (244, "tom", "approve", yes()),
            (245, "ines", "reject", votes(BallotChoice::Reject)),
            (246, "ana", "done", Command::Done { summary: None }),
        ],
    );
    assert_snapshot!(told, @"
    235 ana      extend    window.extension_requested => implementing · closes 18:00, extended 0
    236 mia      approve   ballot.cast · closes 18:00, extended 0
    240 wardroom window    window.expired => window_expired · closes 18:00, extended 0
    241 ana      done      no, rule 4.17 · The window of CHG-1 has closed. The E-CAB votes on more time: `/cab status CHG-1` shows how it stands. `/change rollback` makes it safe.
    242 ana      start     no, rule 4.17 · The window of CHG-1 has closed. The E-CAB votes on more time: `/cab status CHG-1` shows how it stands. `/change rollback` makes it safe.
    243 ines     approve   ballot.cast · closes 18:00, extended 0
    244 tom      approve   ballot.cast + vote.closed + window.extended => implementing · closes 22:04, extended 1
    245 ines     reject    no · The vote on more time for CHG-1 ended at 18:04 UTC. Passed before its end: 3 for, 0 against, 0 abstained, of 3. Nothing was changed.
    246 ana      done      change.done + validation.opened + pir.opened => validating · closes 22:04, extended 1
    ");
}

#[test]
fn without_a_yes_nothing_is_longer_and_it_can_be_asked_again() {
    let told = story(
        running(),
        &[
            (235, "ana", "extend", extend()),
            (236, "mia", "reject", votes(BallotChoice::Reject)),
            (240, "wardroom", "window", due(DeadlineKind::WindowEnd)),
            (249, "wardroom", "vote end", due(DeadlineKind::VoteEnd)),
            (250, "wardroom", "vote end", due(DeadlineKind::VoteEnd)),
            (251, "tom", "approve", votes(BallotChoice::Approve)),
            (252, "ana", "extend", extend()),
            (267, "wardroom", "vote end", due(DeadlineKind::VoteEnd)),
            (268, "ana", "rollback", Command::RollBack { why: "no more time".into() }),
        ],
    );
    assert_snapshot!(told, @"
    235 ana      extend    window.extension_requested => implementing · closes 18:00, extended 0
    236 mia      reject    ballot.cast · closes 18:00, extended 0
    240 wardroom window    window.expired => window_expired · closes 18:00, extended 0
    249 wardroom vote end  stands · closes 18:00, extended 0
    250 wardroom vote end  vote.closed + window.extension_denied => window_expired · closes 18:00, extended 0
    251 tom      approve   no · The vote on more time for CHG-1 ended at 18:10 UTC. Expired: 1 of 3 took part, 2 were needed. Nothing was changed.
    252 ana      extend    window.extension_requested => window_expired · closes 18:00, extended 0
    267 wardroom vote end  vote.closed + window.extension_denied => window_expired · closes 18:00, extended 0
    268 ana      rollback  change.rolled_back + pir.opened + rehearsal.asked => rolled_back · closes 18:00, extended 0
    ");
}

#[test]
fn policy_says_how_often_a_window_may_be_longer() {
    let mut table = String::new();
    for reapprovals in 0..4 {
        let told = story(Change { reapprovals, ..running() }, &[(200, "ana", "extend", extend())]);
        write!(table, "{reapprovals}: {told}").expect("a string takes it");
    }
    assert_snapshot!(table, @"
    0: 200 ana      extend    window.extension_requested => implementing · closes 18:00, extended 0
    1: 200 ana      extend    window.extension_requested => implementing · closes 18:00, extended 1
    2: 200 ana      extend    no, rule 4.17 · CHG-1 got more time 2 times; policy allows no more. `/change rollback` makes it safe; `/cab escalate CHG-1` and why asks the decision authority for more time; a new `/change emergency` asks again.
    3: 200 ana      extend    no, rule 4.17 · CHG-1 got more time 3 times; policy allows no more. `/change rollback` makes it safe; `/cab escalate CHG-1` and why asks the decision authority for more time; a new `/change emergency` asks again.
    ");
}

#[test]
fn what_ends_takes_its_open_vote_with_it() {
    for (name, command) in
        [("done", Command::Done { summary: None }), ("rollback", Command::RollBack { why: "worse".into() })]
    {
        let told = story(running(), &[(200, "ana", "extend", extend()), (201, "ana", name, command)]);
        assert!(told.contains("vote.closed + change."), "{told}");
        let asked = attempt_at(200, &running(), "ana", extend()).expect("ana may");
        let State::Change(asked) = asked.state else { panic!("the change is written") };
        assert!(asked.promises(&Policy::sample(), minute(200)).iter().any(|(kind, _)| *kind == DeadlineKind::VoteEnd));
    }
}

#[test]
fn what_was_not_started_in_its_window_is_planned_again_unless_it_was_an_emergency() {
    let mut table = String::new();
    for kind in [ChangeKind::Emergency, ChangeKind::Expedited, ChangeKind::Normal] {
        let planned = Some(Window { opens: now(), closes: minute(240) });
        let approved = Change { kind, planned, status: ChangeStatus::Approved, started_at: None, ..running() };
        let told = story(
            approved,
            &[
                (240, "wardroom", "window", due(DeadlineKind::WindowEnd)),
                (241, "ana", "start", Command::Start { why: None }),
            ],
        );
        write!(table, "{}\n{told}", kind.as_str()).expect("a string takes it");
    }
    assert_snapshot!(table, @"
    emergency
    240 wardroom window    window.missed => approval_expired · closes 18:00, extended 0
    241 ana      start     no · CHG-1 is approval expired since 18:00 UTC. It was not started inside its window.
    expedited
    240 wardroom window    window.missed => approved · closes none, extended 0
    241 ana      start     no, rule 4.17 · CHG-1 is approved, and has no window in which it may run. `/change sched CHG-1 from:22:00 until:23:30` does.
    normal
    240 wardroom window    window.missed => approved · closes none, extended 0
    241 ana      start     no, rule 4.17 · CHG-1 is approved, and has no window in which it may run. `/change sched CHG-1 from:22:00 until:23:30` does.
    ");
}

#[test]
fn more_time_takes_the_slot_again_that_lapsed_while_the_work_was_stopped() {
    let lapsed = Slot::waiting(now()).to(SlotState::Free, None);
    let stopped = Change { status: ChangeStatus::WindowExpired, slot: Some(lapsed), ..running() };
    let mut asked_for = changed(attempt_at(250, &stopped, "ana", extend()));
    assert_eq!(asked_for.slot, Some(lapsed), "the work stays stopped until they agree");
    let yes = |by: &str| Ballot {
        person: id(by),
        on_behalf: None,
        choice: BallotChoice::Approve,
        why: None,
        platform: Platform::Slack,
        at: minute(251),
        owns: Vec::new(),
    };
    asked_for.ballots = vec![yes("ines"), yes("mia")];
    let extended = changed(attempt_at(252, &asked_for, "tom", votes(BallotChoice::Approve)));
    assert_eq!(extended.status, ChangeStatus::Implementing);
    assert_eq!(extended.slot, Some(lapsed.to(SlotState::Leased, Some(minute(252 + 30)))));
}

#[test]
fn what_waits_for_its_turn_past_a_planned_window_is_planned_again_and_out_of_the_line() {
    let waiting = Slot::waiting(now());
    let queued = Change { kind: ChangeKind::Normal, status: ChangeStatus::Queued, slot: Some(waiting), ..running() };
    let missed = changed(attempt_at(240, &queued, "wardroom", due(DeadlineKind::WindowEnd)));
    assert_eq!((missed.status, missed.window), (ChangeStatus::Approved, None));
    assert_eq!(missed.slot, Some(waiting.to(SlotState::Free, None)));
}

/// The change as the decision leaves it.
fn changed(outcome: Result<Decision, Refusal>) -> Change {
    match outcome.expect("it is allowed").state {
        State::Change(change) => *change,
        other => panic!("not a change: {other:?}"),
    }
}
