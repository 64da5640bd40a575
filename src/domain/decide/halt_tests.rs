//! What becomes of a change that runs: who may decide it, in which state, and who lets it go on.

use std::fmt::Write;

use insta::assert_snapshot;

use super::decide;
use super::test_world::{actor, id, now, organisation};
use super::tests::{self, cell, change, changed, incident, on};
use crate::domain::policy::Policy;
use crate::domain::rules::{LinkKind, LinkOrigin, LinkState, Priority};
use crate::domain::{
    Actor, Asked, Change, ChangeStatus, Command, DeadlineKind, DecidedBy, Decision, Halt, HaltRuling, InLine, Incident,
    IncidentStatus, Link, Refusal, Slot, SlotState, Target, ValidationCommand, Window, World,
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
    attempt_in_line(change, near, &[], by, command)
}

/// Where others run or wait.
fn attempt_in_line(
    change: &Change,
    near: &[Incident],
    line: &[Change],
    by: &str,
    command: Command,
) -> Result<Decision, Refusal> {
    let (organisation, policy) = (organisation(), Policy::sample());
    let about = World::about(&organisation, &policy, 1, on(change));
    let in_line = line.iter().map(|change| InLine { change: change.clone(), priority: None }).collect();
    let world = World { incidents_near: near.to_vec(), in_line, ..about };
    decide(&world, Asked { by: &actor(by), at: now() }, command)
}

fn rule(ruling: HaltRuling) -> Command {
    Command::Halt { ruling, why: Some("x".into()), declares: false }
}

fn start(why: Option<&str>) -> Command {
    Command::Start { why: why.map(str::to_owned) }
}

fn halted() -> Change {
    changed(attempt(&running(), &[major()], "raj", rule(HaltRuling::Halt)))
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
    validating         Finish: no | Halt: no | RollBack: no
    failed             Finish: no | Halt: no | RollBack: no
    completed          Finish: no | Halt: no | RollBack: no
    rolled_back        Finish: no | Halt: no | RollBack: no
    rejected           Finish: no | Halt: no | RollBack: no
    approval_expired   Finish: no | Halt: no | RollBack: no
    cancelled          Finish: no | Halt: no | RollBack: no
    ");
}

#[test]
fn a_ruling_may_be_followed_by_a_stricter_one_and_a_late_click_says_who_decided() {
    let finish = changed(attempt(&running(), &[major()], "raj", rule(HaltRuling::Finish)));
    assert_eq!(finish.status, ChangeStatus::Implementing);
    let again = attempt(&finish, &[major()], "raj", rule(HaltRuling::Finish)).expect("it stands");
    assert_eq!(again.answer.stands.as_deref(), Some("CHG-1: raj let it finish already, at 14:00 UTC."));
    let halted = changed(attempt(&finish, &[major()], "raj", rule(HaltRuling::Halt)));
    let late = attempt(&halted, &[major()], "ines", rule(HaltRuling::Finish)).expect_err("it is halted");
    assert_eq!(late.sentence, "CHG-1: raj halted it already, at 14:00 UTC.");
    let back = changed(attempt(&halted, &[major()], "raj", rule(HaltRuling::RollBack)));
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
    assert_eq!(cell(back), "change.rolled_back + pir.opened + rehearsal.asked => rolled_back");
}

#[test]
fn what_is_halted_goes_on_when_whoever_carries_it_out_and_another_who_may_have_both_said_so() {
    let near = [major()];
    let no_reason = attempt(&halted(), &near, "ana", start(None)).expect_err("a reason is asked for");
    assert!(no_reason.next.contains("/change start CHG-1 why: …"), "{}", no_reason.next);
    let asked = changed(attempt(&halted(), &near, "ana", start(Some("x"))));
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
    let agreed = changed(attempt(&halted(), &near, "tom", start(Some("x"))));
    let twice = attempt(&agreed, &near, "raj", start(Some("x"))).expect("it stands");
    assert_eq!(
        twice.answer.stands.as_deref(),
        Some("tom asked for it already. It goes on when ana, who carries it out, agrees.")
    );
    let resumed = changed(attempt(&agreed, &near, "ana", start(None)));
    assert_eq!((resumed.status, resumed.halt), (ChangeStatus::Implementing, None));
}

#[test]
fn a_window_that_closes_over_a_halt_ends_as_any_other_and_the_ruling_stands() {
    let mut change = halted();
    change.window = Some(Window { opens: now(), closes: now() });
    let refused = attempt(&change, &[], "ana", start(Some("x"))).expect_err("the window is over");
    assert_eq!(refused.rule, "4.17");
    let due = Command::Due { deadline: DeadlineKind::WindowEnd, at: now() };
    let expired = changed(attempt(&change, &[], "ana", due));
    assert_eq!(
        (expired.status, expired.halt.map(|halt| halt.ruling)),
        (ChangeStatus::WindowExpired, Some(HaltRuling::Halt))
    );
}

/// Its window has closed over what was decided.
fn expired(ruling: HaltRuling) -> Change {
    let decided = changed(attempt(&running(), &[major()], "raj", rule(ruling)));
    Change { status: ChangeStatus::WindowExpired, window: Some(Window { opens: now(), closes: now() }), ..decided }
}

#[test]
fn what_is_to_be_taken_back_gets_no_more_time() {
    let more = || Command::Extend { why: "x".into() };
    let refused = attempt(&expired(HaltRuling::RollBack), &[], "ana", more()).expect_err("it is to be taken back");
    assert_eq!(refused.rule, "4.24");
    assert_eq!(refused.sentence, "CHG-1 is halted since 14:00 UTC: raj asked to take it back.");
    assert_eq!(refused.next, "`/change rollback` takes it back; a new `/change emergency` asks again.");
    assert!(!expired(HaltRuling::RollBack).may_be_extended(&Policy::sample()));
    let asked = attempt(&expired(HaltRuling::Halt), &[], "ana", more());
    assert_eq!(cell(asked), "window.extension_requested => window_expired");
}

#[test]
fn what_is_to_be_taken_back_goes_on_only_with_the_word_of_its_commander_or_of_a_change_manager() {
    let near = [major()];
    let back = changed(attempt(&running(), &near, "raj", rule(HaltRuling::RollBack)));
    let ask = attempt(&back, &near, "ana", start(Some("x"))).expect("she may ask");
    assert_eq!(ask.answer.also, ["It goes on when raj or ines agrees."]);
    let asked = changed(Ok(ask));
    for (by, outcome) in [
        ("tom", "no, rule 4.23"),
        ("mia", "no, rule 4.23"),
        ("raj", "change.resumed => implementing"),
        ("ines", "change.resumed => implementing"),
    ] {
        assert_eq!(cell(attempt(&asked, &near, by, start(None))), outcome, "{by}");
    }
}

#[test]
fn an_incident_is_named_only_where_its_commander_decides_or_where_it_freezes() {
    let ordinary = Incident { major_at: None, ..major() };
    for (by, near, named) in [
        ("ana", ordinary.clone(), None),
        ("ines", ordinary.clone(), None),
        ("raj", ordinary.clone(), Some(2)),
        ("ana", major(), Some(2)),
        ("raj", major(), Some(2)),
    ] {
        let halted = changed(attempt(&running(), std::slice::from_ref(&near), by, rule(HaltRuling::Halt)));
        assert_eq!(halted.halt.and_then(|halt| halt.incident), named, "{by}");
    }
    // The commander of an incident that freezes nothing is no technical authority.
    let halted = changed(attempt(&running(), std::slice::from_ref(&ordinary), "raj", rule(HaltRuling::Halt)));
    let asked = changed(attempt(&halted, &[], "ana", start(Some("x"))));
    assert_eq!(cell(attempt(&asked, &[ordinary], "raj", start(None))), "no, rule 4.23");
}

fn slot(state: SlotState) -> Slot {
    Slot::waiting(now()).to(state, Some(now()))
}

#[test]
fn a_halted_change_keeps_its_slot_inside_its_window() {
    let due = || Command::Due { deadline: DeadlineKind::Slot, at: now() };
    let mut change = Change { slot: Some(slot(SlotState::Leased)), ..halted() };
    let renewed = attempt(&change, &[], "ana", due()).expect("it is renewed");
    assert_eq!(cell(Ok(renewed.clone())), "slot.renewed => halted");
    assert_eq!(changed(Ok(renewed)).slot.map(|slot| slot.state), Some(SlotState::Leased));
    change.window = Some(Window { opens: now(), closes: now() });
    assert_eq!(cell(attempt(&change, &[], "ana", due())), "slot.released => halted");
}

#[test]
fn what_lost_its_slot_goes_on_only_where_the_way_is_free() {
    let near = [major()];
    let asked = changed(attempt(&halted(), &near, "ana", start(Some("x"))));
    let other = Change { number: 2, incident: None, slot: Some(slot(SlotState::Leased)), ..running() };
    for (state, outcome) in [(SlotState::Leased, "change.resumed => implementing"), (SlotState::Free, "no, rule 4.18")]
    {
        let change = Change { slot: Some(slot(state)), ..asked.clone() };
        let resumed = attempt_in_line(&change, &near, std::slice::from_ref(&other), "tom", start(None));
        assert_eq!(cell(resumed), outcome, "{state:?}");
    }
    let lost = Change { slot: Some(slot(SlotState::Free)), ..asked };
    let refused = attempt_in_line(&lost, &near, &[other], "tom", start(None)).expect_err("another has the slot");
    assert_eq!(
        (refused.sentence.as_str(), refused.next.as_str()),
        (
            "CHG-1 has lost its slot, and goes on only after CHG-2: its service has as many changes running as may be.",
            "Say it again when that is over; `/change queue` shows the line. `/change rollback` never waits."
        )
    );
    let resumed = changed(attempt(&lost, &near, "tom", start(None)));
    assert_eq!(resumed.slot.map(|slot| slot.state), Some(SlotState::Leased));
}

#[test]
fn who_ends_what_is_halted_is_not_sent_to_a_command_that_is_refused() {
    let way_out = "`/change rollback`, or `/change start CHG-1 why: …` to go on.";
    let withdrawn = attempt(&halted(), &[], "ana", Command::Withdraw { why: "x".into() }).expect_err("it has started");
    assert_eq!(withdrawn.next, way_out);
    let mitigated = Incident { status: IncidentStatus::Mitigated, ..incident() };
    let resolve = |change: Change| {
        let resolve = Command::Resolve { summary: "x".into() };
        tests::attempt(Target::Incident(mitigated.clone()), &[change], "ana", resolve).expect_err("it runs").next
    };
    assert_eq!(resolve(halted()), format!("First {way_out}"));
    assert_eq!(resolve(running()), "First `/change done` or `/change rollback`.");
}

/// What becomes of a change as INC-2 just became critical.
fn look(policy: &Policy, change: &Change, near: &Incident, links: &[Link]) -> Result<Decision, Refusal> {
    let organisation = organisation();
    let about = World::about(&organisation, policy, 1, on(change));
    let world = World { incidents_near: vec![near.clone()], change_links: links.to_vec(), ..about };
    let critical = Some(near.number);
    let look = Command::Validation(ValidationCommand::Incidents { critical });
    decide(&world, Asked { by: &Actor::Wardroom, at: now() }, look)
}

fn p1() -> Incident {
    Incident { major_at: None, ..major() }
}

fn link(kind: LinkKind, state: LinkState) -> Link {
    let (incident, change, implementer, origin) = (2, 1, id("ana"), LinkOrigin::Manual);
    let (relation, confidence, decided_by, decided_at) = (None, None, None, None);
    Link { incident, change, implementer, kind, origin, state, relation, confidence, decided_by, decided_at }
}

#[test]
fn what_runs_on_the_very_service_of_what_becomes_critical_is_halted_by_the_rule() {
    let policy = Policy::sample();
    let p2 = Incident { priority: Priority::P2, ..p1() };
    let over = Incident { status: IncidentStatus::Resolved, ..p1() };
    for (name, near, outcome) in [
        ("a P1", p1(), "change.halted => halted"),
        ("a major incident", Incident { major_at: Some(now()), ..p2.clone() }, "change.halted => halted"),
        ("a P2", p2, "stands"),
        ("one that is over", over, "stands"),
        ("its own", Incident { number: 1, ..p1() }, "stands"),
        ("one elsewhere", Incident { services: vec!["mail".into()], ..p1() }, "stands"),
    ] {
        assert_eq!(cell(look(&policy, &running(), &near, &[])), outcome, "{name}");
    }
    for (kind, state, outcome) in [
        (LinkKind::Resolves, LinkState::Confirmed, "stands"),
        (LinkKind::Caused, LinkState::Rejected, "stands"),
        (LinkKind::Related, LinkState::Confirmed, "change.halted => halted"),
        (LinkKind::Caused, LinkState::Proposed, "change.halted => halted"),
    ] {
        assert_eq!(cell(look(&policy, &running(), &p1(), &[link(kind, state)])), outcome, "{kind} {state:?}");
    }
    for status in ChangeStatus::ALL.into_iter().filter(|status| *status != ChangeStatus::Implementing) {
        assert_eq!(cell(look(&policy, &Change { status, ..running() }, &p1(), &[])), "stands", "{status:?}");
    }
    let mut off = Policy::sample();
    off.freezes.halts_running = false;
    assert_eq!(cell(look(&off, &running(), &p1(), &[])), "stands");
}

#[test]
fn what_a_rule_halted_goes_on_when_two_agree_and_is_not_halted_for_the_same_incident_again() {
    let (policy, near) = (Policy::sample(), [p1()]);
    let halted = changed(look(&policy, &running(), &p1(), &[]));
    let done = attempt(&halted, &near, "ana", Command::Done { summary: None }).expect_err("it is halted");
    assert_eq!(done.sentence, "CHG-1 is halted since 14:00 UTC: rule 4.24 halted it.");
    let late = attempt(&halted, &[major()], "raj", rule(HaltRuling::Halt)).expect("it stands");
    assert_eq!(late.answer.stands.as_deref(), Some("CHG-1: rule 4.24 halted it already, at 14:00 UTC."));
    assert_eq!(cell(look(&policy, &halted, &p1(), &[])), "stands");

    let by = halted.halt.as_ref().map(|halt| String::from(halt.by.clone()));
    assert_eq!(
        (by.as_deref(), by.clone().map(DecidedBy::from)),
        (Some("wardroom"), Some(DecidedBy::Rule)),
        "as it is kept"
    );

    let asked = changed(attempt(&halted, &near, "ana", start(Some("it only reads"))));
    let resumed = changed(attempt(&asked, &near, "tom", start(None)));
    let halt = resumed.halt.clone().expect("their word stands");
    assert_eq!((resumed.status, halt.ruling, halt.incident), (ChangeStatus::Implementing, HaltRuling::Finish, Some(2)));
    assert_eq!(halt.by, DecidedBy::Person(id("tom")));
    assert_eq!(cell(look(&policy, &resumed, &major(), &[])), "stands", "INC-2 became a major one");
    let other = Incident { number: 3, ..p1() };
    assert_eq!(cell(look(&policy, &resumed, &other, &[])), "change.halted => halted");
}
