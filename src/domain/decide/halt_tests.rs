//! What becomes of a change that runs: who may decide it, in which state, and who lets it go on.

use std::fmt::Write;

use insta::assert_snapshot;

use super::decide;
use super::test_world::{actor, id, now, organisation};
use super::tests::{cell, change, incident};
use crate::domain::policy::Policy;
use crate::domain::{
    Asked, Change, ChangeStatus, Command, Decision, Halt, HaltRuling, Incident, Refusal, State, Target, Window, World,
};

/// Ana carries it out for INC-1; INC-2, a major incident on the same service, is commanded by raj.
fn running() -> Change {
    let closes = now() + chrono::TimeDelta::hours(1);
    let window = Some(Window { opens: now(), closes });
    Change { status: ChangeStatus::Implementing, window, started_at: Some(now()), ..change() }
}

fn major() -> Incident {
    Incident { number: 2, commander: Some(id("raj")), major_at: Some(now()), ..incident() }
}

fn attempt(change: &Change, near: &[Incident], by: &str, command: Command) -> Result<Decision, Refusal> {
    let (organisation, policy) = (organisation(), Policy::sample());
    let about = World::about(
        &organisation,
        &policy,
        1,
        Target::Change { change: Box::new(change.clone()), incident: Some(incident()) },
    );
    let world = World { incidents_near: near.to_vec(), ..about };
    decide(&world, Asked { by: &actor(by), at: now() }, command)
}

fn after(decision: Result<Decision, Refusal>) -> Change {
    match decision.expect("it is decided").state {
        State::Change(change) => *change,
        State::Incident(_)
        | State::Freeze(_)
        | State::Meeting(_)
        | State::Proposal(_)
        | State::Organisation
        | State::Unchanged => {
            panic!("a change is written")
        }
    }
}

fn rule(ruling: HaltRuling) -> Command {
    Command::Halt { ruling, why: Some("x".into()) }
}

fn start(why: Option<&str>) -> Command {
    Command::Start { why: why.map(str::to_owned) }
}

fn halted() -> Change {
    after(attempt(&running(), &[major()], "raj", rule(HaltRuling::Halt)))
}

#[test]
fn many_may_stop_a_change_and_the_commander_of_a_major_incident_decides_what_becomes_of_it() {
    let mut table = String::new();
    for (name, near) in [("no incident near", vec![]), ("a major incident near", vec![major()])] {
        writeln!(table, "{name}").expect("a string takes it");
        for ruling in HaltRuling::ALL {
            let cells = ["raj", "ana", "mia", "ines", "tom", "ben"]
                .map(|by| format!("{by}: {}", cell(attempt(&running(), &near, by, rule(ruling)))));
            writeln!(table, "  {ruling:?}: {}", cells.join(" | ")).expect("a string takes it");
        }
    }
    assert_snapshot!(table, @"
    no incident near
      Finish: raj: no | ana: no | mia: no | ines: no | tom: no | ben: no
      Halt: raj: no, rule 4.23 | ana: change.halted => halted | mia: change.halted => halted | ines: change.halted => halted | tom: no, rule 4.23 | ben: no, rule 4.23
      RollBack: raj: no | ana: no | mia: no | ines: no | tom: no | ben: no
    a major incident near
      Finish: raj: change.let_finish => implementing | ana: no, rule 4.23 | mia: no, rule 4.23 | ines: change.let_finish => implementing | tom: no, rule 4.23 | ben: no, rule 4.23
      Halt: raj: change.halted => halted | ana: change.halted => halted | mia: change.halted => halted | ines: change.halted => halted | tom: no, rule 4.23 | ben: no, rule 4.23
      RollBack: raj: change.halted => halted | ana: no, rule 4.23 | mia: no, rule 4.23 | ines: change.halted => halted | tom: no, rule 4.23 | ben: no, rule 4.23
    ");
}

#[test]
fn every_ruling_on_a_change_in_every_state() {
    let mut table = String::new();
    for status in ChangeStatus::ALL {
        let change = if status == ChangeStatus::Halted { halted() } else { Change { status, ..running() } };
        let cells = HaltRuling::ALL
            .map(|ruling| format!("{ruling:?}: {}", cell(attempt(&change, &[major()], "raj", rule(ruling)))));
        writeln!(table, "{:18} {}", status.as_str(), cells.join(" | ")).expect("a string takes it");
    }
    assert_snapshot!(table, @"
    awaiting_approval  Finish: no | Halt: no | RollBack: no
    approved           Finish: no | Halt: no | RollBack: no
    queued             Finish: no | Halt: no | RollBack: no
    on_hold            Finish: no | Halt: no | RollBack: no
    implementing       Finish: change.let_finish => implementing | Halt: change.halted => halted | RollBack: change.halted => halted
    halted             Finish: no | Halt: stands | RollBack: change.halted => halted
    window_expired     Finish: no, rule 4.17 | Halt: no, rule 4.17 | RollBack: no, rule 4.17
    completed          Finish: no | Halt: no | RollBack: no
    rolled_back        Finish: no | Halt: no | RollBack: no
    rejected           Finish: no | Halt: no | RollBack: no
    approval_expired   Finish: no | Halt: no | RollBack: no
    cancelled          Finish: no | Halt: no | RollBack: no
    ");
}

#[test]
fn a_ruling_may_be_followed_by_a_stricter_one_and_a_late_click_says_who_decided() {
    let finish = after(attempt(&running(), &[major()], "raj", rule(HaltRuling::Finish)));
    assert_eq!(finish.status, ChangeStatus::Implementing);
    let again = attempt(&finish, &[major()], "raj", rule(HaltRuling::Finish)).expect("it stands");
    assert_eq!(again.answer.stands.as_deref(), Some("CHG-1: raj let it finish already, at 14:00 UTC."));
    let halted = after(attempt(&finish, &[major()], "raj", rule(HaltRuling::Halt)));
    let late = attempt(&halted, &[major()], "ines", rule(HaltRuling::Finish)).expect_err("it is halted");
    assert_eq!(late.sentence, "CHG-1: raj halted it already, at 14:00 UTC.");
    let back = after(attempt(&halted, &[major()], "raj", rule(HaltRuling::RollBack)));
    assert_eq!(back.halt.map(|halt| halt.ruling), Some(HaltRuling::RollBack));
    // Another major incident is another decision.
    let other = Incident { number: 3, ..major() };
    assert_eq!(cell(attempt(&finish, &[other], "raj", rule(HaltRuling::Finish))), "change.let_finish => implementing");
}

#[test]
fn what_is_halted_is_neither_done_nor_made_longer_and_may_go_back() {
    let done = attempt(&halted(), &[], "ana", Command::Done { summary: None }).expect_err("it is halted");
    assert_eq!((done.rule.as_str(), done.logged), ("4.24", true));
    assert_eq!(done.sentence, "CHG-1 is halted since 14:00 UTC: raj halted it.");
    let more = attempt(&halted(), &[], "ana", Command::Extend { why: "x".into() }).expect_err("it is halted");
    assert_eq!(more.rule, "4.24");
    let back = attempt(&halted(), &[], "ana", Command::RollBack { why: "x".into() });
    assert_eq!(cell(back), "change.rolled_back + pir.opened => rolled_back");
}

#[test]
fn what_is_halted_goes_on_when_whoever_carries_it_out_and_another_who_may_have_both_said_so() {
    let near = [major()];
    let no_reason = attempt(&halted(), &near, "ana", start(None)).expect_err("a reason is asked for");
    assert!(no_reason.next.contains("/change start CHG-1 why: …"), "{}", no_reason.next);
    let asked = after(attempt(&halted(), &near, "ana", start(Some("x"))));
    assert_eq!(
        (asked.status, asked.halt.as_ref().and_then(|h| h.resume_by.clone())),
        (ChangeStatus::Halted, Some(id("ana")))
    );
    let again = attempt(&asked, &near, "ana", start(Some("y"))).expect("it stands");
    assert_eq!(again.answer.stands.as_deref(), Some("ana asked for it already. It goes on when tom agrees."));
    for (by, outcome) in [
        ("tom", "change.resumed => implementing"),
        ("raj", "change.resumed => implementing"),
        ("mia", "no, rule 4.23"),
        ("ben", "no, rule 4.23"),
    ] {
        assert_eq!(cell(attempt(&asked, &near, by, start(None))), outcome, "{by}");
    }
    // The commander's word is for what was halted for the incident; another's is not.
    let by_hand = Change { halt: asked.halt.clone().map(|halt| Halt { incident: None, ..halt }), ..asked.clone() };
    assert_eq!(cell(attempt(&by_hand, &near, "raj", start(None))), "no, rule 4.23");
    // The other way round, and never by two of the same side.
    let agreed = after(attempt(&halted(), &near, "tom", start(Some("x"))));
    let twice = attempt(&agreed, &near, "raj", start(Some("x"))).expect("it stands");
    assert_eq!(
        twice.answer.stands.as_deref(),
        Some("tom asked for it already. It goes on when ana, who carries it out, agrees.")
    );
    let resumed = after(attempt(&agreed, &near, "ana", start(None)));
    assert_eq!((resumed.status, resumed.halt), (ChangeStatus::Implementing, None));
}

#[test]
fn a_window_that_closes_over_a_halt_ends_as_any_other() {
    let mut change = halted();
    change.window = Some(Window { opens: now(), closes: now() });
    let refused = attempt(&change, &[], "ana", start(Some("x"))).expect_err("the window is over");
    assert_eq!(refused.rule, "4.17");
    let due = Command::Due { deadline: crate::domain::DeadlineKind::WindowEnd, at: now() };
    let expired = after(attempt(&change, &[], "ana", due));
    assert_eq!((expired.status, expired.halt), (ChangeStatus::WindowExpired, None));
}
