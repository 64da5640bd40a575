//! Every state and every command, in a table: what changes, or why not.

use std::fmt::Write;

use insta::assert_snapshot;

use super::decide;
use super::test_world::{actor, id, now, organisation};
use crate::domain::command::{Declare, ReviewVerdict};
use crate::domain::peer_review::ReviewAnswers;
use crate::domain::policy::Policy;
use crate::domain::rules::Priority;
use crate::domain::{
    Actor, Asked, BallotChoice, Change, ChangeForm, ChangeStatus, Command, DeadlineKind, Decision, HaltRuling,
    Incident, IncidentStatus, Platform, Refusal, RiskFactors, State, Target, World,
};

/// Tries one command, as one person.
pub(super) fn attempt(target: Target, linked: &[Change], by: &str, command: Command) -> Result<Decision, Refusal> {
    let (organisation, policy) = (organisation(), Policy::sample());
    let about = World::about(&organisation, &policy, 1, target);
    let world = World { linked_changes: linked.to_vec(), ..about };
    let actor = if by == "wardroom" { Actor::Wardroom } else { actor(by) };
    decide(&world, Asked { by: &actor, at: now() }, command)
}

pub(super) fn incident() -> Incident {
    let declare = Command::Declare(Declare {
        title: "cards fail".into(),
        priority: Priority::P1,
        services: vec!["cards".into()],
        impact: None,
        urgency: None,
        after: None,
        unmapped: None,
    });
    let decision = attempt(Target::New { number: 1, near: None }, &[], "ana", declare).expect("ana may declare");
    let State::Incident(incident) = decision.state else { panic!("an incident is declared") };
    *incident
}

pub(super) fn change() -> Change {
    let factors = RiskFactors {
        data: Some(2),
        availability: Some(3),
        compliance: Some(1),
        complexity: Some(4),
        rollback: Some(3),
        touches: None,
    };
    let request = Command::RequestEmergency(Box::new(ChangeForm {
        title: Some("roll back".into()),
        service: None,
        also: Vec::new(),
        impact: Some("cards fail".into()),
        why_now: Some("sales".into()),
        rollback_plan: Some("again".into()),
        tested: Some(true),
        factors,
        ..ChangeForm::default()
    }));
    let near = Some(incident());
    changed(attempt(Target::New { number: 1, near }, &[], "ana", request))
}

/// The change as a decision leaves it.
pub(super) fn changed(decision: Result<Decision, Refusal>) -> Change {
    let State::Change(change) = decision.expect("it is decided").state else { panic!("a change is written") };
    *change
}

/// A change of INC-1.
pub(super) fn on(change: &Change) -> Target {
    Target::Change { change: Box::new(change.clone()), incident: Some(incident()) }
}

/// One cell: the kinds of entries and the new state, or the rule that refuses.
pub(super) fn cell(outcome: Result<Decision, Refusal>) -> String {
    match outcome {
        Ok(decision) if decision.events.is_empty() => "stands".to_owned(),
        Ok(decision) => {
            let kinds: Vec<&str> = decision.events.iter().map(|event| event.draft().kind).collect();
            let state = match decision.state {
                State::Proposal(_) | State::ByEvents | State::Unchanged => String::new(),
                State::Incident(incident) => format!(" => {}", incident.status.as_str()),
                State::Change(change) => format!(" => {}", change.status.as_str()),
                State::Freeze(freeze) => format!(" => {}", freeze.status.as_str()),
                State::Meeting(meeting) => format!(" => {}", meeting.status.as_str()),
                State::Exception(exception) => format!(" => {}", exception.status.as_str()),
                State::Batch(batch) => format!(" => {}", batch.status.as_str()),
            };
            format!("{}{state}", kinds.join(" + "))
        }
        Err(refusal) if refusal.logged => format!("no, rule {}", refusal.rule),
        Err(_) => "no".to_owned(),
    }
}

#[test]
fn every_command_on_an_incident_in_every_state() {
    let commands: [(&str, Command); 10] = [
        ("lead", Command::Lead { person: None, why: None }),
        ("note", Command::Note { text: "x".into() }),
        ("decide", Command::Decide { question: "x".into(), chose: None, why: None }),
        ("sev 2", Command::SetPriority { to: Priority::P2, why: Some("x".into()) }),
        ("status identified", Command::SetStatus { to: IncidentStatus::Identified, why: Some("x".into()) }),
        ("status mitigated", Command::SetStatus { to: IncidentStatus::Mitigated, why: None }),
        ("update", Command::SendUpdate { text: "x".into() }),
        ("resolve", Command::Resolve { summary: "x".into() }),
        ("cancel", Command::CancelIncident { why: "x".into() }),
        ("reopen", Command::Reopen { why: "x".into() }),
    ];
    let mut table = String::new();
    for status in IncidentStatus::ALL {
        writeln!(table, "{}", status.as_str()).expect("a string takes it");
        for (name, command) in &commands {
            let mut incident = incident();
            incident.status = status;
            let outcome = cell(attempt(Target::Incident(incident), &[], "ana", command.clone()));
            writeln!(table, "  {name:18} {outcome}").expect("a string takes it");
        }
    }
    assert_snapshot!(table, @"
    declared
      lead               incident.lead_set + incident.status_set => investigating
      note               incident.noted
      decide             incident.decided
      sev 2              incident.step_requested => declared
      status identified  incident.status_set => identified
      status mitigated   incident.status_set => mitigated
      update             update.sent => declared
      resolve            no
      cancel             incident.step_requested => declared
      reopen             stands
    investigating
      lead               incident.lead_set => investigating
      note               incident.noted
      decide             incident.decided
      sev 2              incident.step_requested => investigating
      status identified  incident.status_set => identified
      status mitigated   incident.status_set => mitigated
      update             update.sent => investigating
      resolve            no
      cancel             incident.step_requested => investigating
      reopen             stands
    identified
      lead               incident.lead_set => identified
      note               incident.noted
      decide             incident.decided
      sev 2              incident.step_requested => identified
      status identified  stands
      status mitigated   incident.status_set => mitigated
      update             update.sent => identified
      resolve            no
      cancel             no
      reopen             stands
    mitigated
      lead               incident.lead_set => mitigated
      note               incident.noted
      decide             incident.decided
      sev 2              incident.step_requested => mitigated
      status identified  no
      status mitigated   stands
      update             update.sent => mitigated
      resolve            incident.resolved + update.sent => resolved
      cancel             no
      reopen             stands
    monitoring
      lead               incident.lead_set => monitoring
      note               incident.noted
      decide             incident.decided
      sev 2              incident.step_requested => monitoring
      status identified  no
      status mitigated   no
      update             update.sent => monitoring
      resolve            incident.resolved + update.sent => resolved
      cancel             no
      reopen             stands
    resolved
      lead               no
      note               incident.noted
      decide             no
      sev 2              no
      status identified  no
      status mitigated   no
      update             no
      resolve            no
      cancel             no
      reopen             incident.reopened + update.sent => investigating
    cancelled
      lead               no
      note               incident.noted
      decide             no
      sev 2              no
      status identified  no
      status mitigated   no
      update             no
      resolve            no
      cancel             no
      reopen             no
    ");
}

#[test]
fn every_command_on_a_change_in_every_state() {
    let approve = Command::Vote { choice: BallotChoice::Approve, why: None };
    let go_on = Command::Start { why: Some("x".into()) };
    let halt = Command::Halt { ruling: HaltRuling::Halt, why: Some("x".into()), declares: false };
    let commands: [(&str, &str, Command); 10] = [
        ("review", "raj", Command::Review { verdict: ReviewVerdict::Ok, answers: ReviewAnswers::YES }),
        ("approve", "tom", approve),
        ("start", "ana", Command::Start { why: None }),
        ("go on", "ana", go_on),
        ("halt", "ana", halt),
        ("done", "ana", Command::Done { summary: None }),
        ("rollback", "ana", Command::RollBack { why: "x".into() }),
        ("withdraw", "ana", Command::Withdraw { why: "x".into() }),
        ("vote end", "wardroom", Command::Due { deadline: DeadlineKind::VoteEnd, at: now() }),
        ("window end", "wardroom", Command::Due { deadline: DeadlineKind::WindowEnd, at: now() }),
    ];
    let mut table = String::new();
    // One that waits for its turn is tried with the line that it stands in, in tests/it/planning.rs.
    for status in ChangeStatus::ALL.into_iter().filter(|status| *status != ChangeStatus::Queued) {
        writeln!(table, "{}", status.as_str()).expect("a string takes it");
        for (name, by, command) in &commands {
            let mut change = change();
            change.status = status;
            if !matches!(status, ChangeStatus::AwaitingApproval) {
                let closes = now() + chrono::TimeDelta::hours(1);
                change.window = Some(crate::domain::Window { opens: now(), closes });
                change.approved_at = Some(now());
            }
            let target = on(&change);
            let outcome = cell(attempt(target, &[], by, command.clone()));
            writeln!(table, "  {name:18} {outcome}").expect("a string takes it");
        }
    }
    assert_snapshot!(table, @"
    awaiting_approval
      review             seat.granted => awaiting_approval
      approve            ballot.cast
      start              no, rule 4.17
      go on              no, rule 4.17
      halt               no
      done               no
      rollback           no
      withdraw           change.withdrawn => cancelled
      vote end           stands
      window end         stands
    approved
      review             no
      approve            no
      start              standby.taken + change.started => implementing
      go on              standby.taken + change.started => implementing
      halt               no
      done               no
      rollback           no
      withdraw           change.withdrawn => cancelled
      vote end           stands
      window end         stands
    on_hold
      review             no
      approve            no
      start              standby.taken + change.started => implementing
      go on              standby.taken + change.started => implementing
      halt               no
      done               no
      rollback           no
      withdraw           change.withdrawn => cancelled
      vote end           stands
      window end         stands
    implementing
      review             no
      approve            no
      start              stands
      go on              stands
      halt               change.halted => halted
      done               change.done + validation.opened + pir.opened => validating
      rollback           change.rolled_back + pir.opened + rehearsal.asked => rolled_back
      withdraw           no
      vote end           stands
      window end         stands
    halted
      review             no
      approve            no
      start              no
      go on              change.resume_asked => halted
      halt               change.halted => halted
      done               no, rule 4.24
      rollback           change.rolled_back + pir.opened + rehearsal.asked => rolled_back
      withdraw           no
      vote end           stands
      window end         stands
    window_expired
      review             no
      approve            no
      start              no, rule 4.17
      go on              no, rule 4.17
      halt               no, rule 4.17
      done               no, rule 4.17
      rollback           change.rolled_back + pir.opened + rehearsal.asked => rolled_back
      withdraw           no
      vote end           stands
      window end         stands
    validating
      review             no
      approve            no
      start              no
      go on              no
      halt               no
      done               stands
      rollback           change.rolled_back + pir.opened + rehearsal.asked => rolled_back
      withdraw           no
      vote end           stands
      window end         stands
    failed
      review             no
      approve            no
      start              no
      go on              no
      halt               no
      done               stands
      rollback           change.rolled_back + pir.opened + rehearsal.asked => rolled_back
      withdraw           no
      vote end           stands
      window end         stands
    completed
      review             no
      approve            no
      start              no
      go on              no
      halt               no
      done               stands
      rollback           no
      withdraw           no
      vote end           stands
      window end         stands
    rolled_back
      review             no
      approve            no
      start              no
      go on              no
      halt               no
      done               no
      rollback           stands
      withdraw           no
      vote end           stands
      window end         stands
    rejected
      review             no
      approve            no
      start              no
      go on              no
      halt               no
      done               no
      rollback           no
      withdraw           no
      vote end           stands
      window end         stands
    approval_expired
      review             no
      approve            no
      start              no
      go on              no
      halt               no
      done               no
      rollback           no
      withdraw           no
      vote end           stands
      window end         stands
    cancelled
      review             no
      approve            no
      start              no
      go on              no
      halt               no
      done               no
      rollback           no
      withdraw           stands
      vote end           stands
      window end         stands
    ");
}

#[test]
fn who_may_do_what() {
    let mut table = String::new();
    for who in ["ana", "raj", "mia", "tom", "ines", "omar", "ben"] {
        let on_incident = |command| cell(attempt(Target::Incident(incident()), &[], who, command));
        let on_change = |command| {
            let target = on(&change());
            cell(attempt(target, &[], who, command))
        };
        let cells = [
            ("lead", on_incident(Command::Lead { person: None, why: None })),
            ("sev 2", on_incident(Command::SetPriority { to: Priority::P2, why: Some("x".into()) })),
            ("note", on_incident(Command::Note { text: "x".into() })),
            ("update", on_incident(Command::SendUpdate { text: "x".into() })),
            ("review", on_change(Command::Review { verdict: ReviewVerdict::Ok, answers: ReviewAnswers::YES })),
            ("approve", on_change(Command::Vote { choice: BallotChoice::Approve, why: None })),
            ("withdraw", on_change(Command::Withdraw { why: "x".into() })),
        ];
        let cells: Vec<String> = cells.iter().map(|(name, cell)| format!("{name}: {cell}")).collect();
        writeln!(table, "{who}\n  {}", cells.join("\n  ")).expect("a string takes it");
    }
    assert_snapshot!(table, @"
    ana
      lead: incident.lead_set + incident.status_set => investigating
      sev 2: incident.step_requested => declared
      note: incident.noted
      update: update.sent => declared
      review: no, rule 4.15
      approve: no, rule 4.15
      withdraw: change.withdrawn => cancelled
    raj
      lead: incident.lead_set + incident.status_set => investigating
      sev 2: no, rule 4.3
      note: incident.noted
      update: no, rule 4.23
      review: seat.granted => awaiting_approval
      approve: no, rule 4.13
      withdraw: no, rule 4.23
    mia
      lead: incident.lead_set + incident.status_set => investigating
      sev 2: no, rule 4.3
      note: incident.noted
      update: update.sent => declared
      review: seat.granted => awaiting_approval
      approve: ballot.cast
      withdraw: no, rule 4.23
    tom
      lead: incident.lead_set + incident.status_set => investigating
      sev 2: no, rule 4.3
      note: incident.noted
      update: no, rule 4.23
      review: seat.granted => awaiting_approval
      approve: ballot.cast
      withdraw: no, rule 4.23
    ines
      lead: no, rule 4.23
      sev 2: no, rule 4.3
      note: incident.noted
      update: no, rule 4.23
      review: seat.granted => awaiting_approval
      approve: ballot.cast
      withdraw: change.withdrawn => cancelled
    omar
      lead: no, rule 4.23
      sev 2: incident.step_requested => declared
      note: no, rule 4.23
      update: no, rule 4.23
      review: seat.granted => awaiting_approval
      approve: no, rule 4.13
      withdraw: no, rule 4.23
    ben
      lead: no, rule 4.23
      sev 2: no, rule 4.3
      note: no, rule 4.23
      update: no, rule 4.23
      review: seat.granted => awaiting_approval
      approve: no, rule 4.13
      withdraw: no, rule 4.23
    ");
}

#[test]
fn an_emergency_without_its_evidence_is_refused_by_name() {
    let request = ChangeForm { title: Some("x".into()), impact: Some("y".into()), ..ChangeForm::default() };
    let ask = |near| {
        let target = Target::New { number: 1, near };
        attempt(target, &[], "ana", Command::RequestEmergency(Box::new(request.clone()))).expect_err("it is incomplete")
    };
    assert_snapshot!(ask(Some(incident())).next, @"Missing: why it cannot wait; a rollback plan; whether it is tested. Press Change on the incident's card, or type `/change emergency` again.");
    assert_snapshot!(ask(None).next, @"Missing: the incident it belongs to (or the security lead's confirmation with evidence); why it cannot wait; a rollback plan; whether it is tested; the service. Press Change on the incident's card, or type `/change emergency` again.");
}

#[test]
fn whoever_approved_a_change_does_not_take_the_command_of_its_incident() {
    let mut change = change();
    change.ballots.push(crate::domain::Ballot {
        person: id("tom"),
        on_behalf: None,
        choice: BallotChoice::Approve,
        why: None,
        platform: Platform::Slack,
        at: now(),
        owns: Vec::new(),
    });
    let refused = attempt(Target::Incident(incident()), &[change], "tom", Command::Lead { person: None, why: None });
    assert_eq!(refused.expect_err("rule 4.15 bars it").rule, "4.15");
}
