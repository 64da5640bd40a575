//! What changes claim, in tables: what it makes of them, and whose word it takes.

use chrono::TimeDelta;

use super::decide;
use super::test_world::{actor, id, now, organisation};
use super::tests::{cell, change, incident};
use crate::domain::policy::Policy;
use crate::domain::rules::{
    Band, Bookings, ChangeKind, ClaimKind, ClaimState, FreezeKind, Priority, RiskAssessment, Trouble,
};
use crate::domain::{
    Asked, BallotChoice, Change, ChangeForm, ChangeStatus, Claim, ClaimCommand, Command, Decision, Freeze, Frozen,
    Incident, Organisation, Person, Refusal, RiskFactors, Role, State, Target, When, Window, World,
};

/// Kim and lena hold the role of the security lead.
fn with_security() -> Organisation {
    let mut organisation = organisation();
    for key in ["kim", "lena"] {
        let known = organisation.people[&id("ben")].clone();
        let lead = Person { id: id(key), key: key.into(), name: key.into(), roles: vec![Role::Security], ..known };
        organisation.people.insert(lead.id.clone(), lead);
    }
    organisation
}

fn form() -> ChangeForm {
    ChangeForm {
        title: Some("patch the gateway".into()),
        service: Some("cards".into()),
        impact: Some("receipts are read".into()),
        why_now: Some("now".into()),
        rollback_plan: Some(
            "the old one @ana 5m; again @raj 5m fails: a -> b; c -> d; e -> f abort: cards fail verify: a purchase"
                .into(),
        ),
        tested: Some(true),
        factors: RiskFactors {
            data: Some(1),
            availability: Some(2),
            compliance: Some(1),
            complexity: Some(2),
            rollback: Some(2),
            touches: None,
        },
        ..ChangeForm::default()
    }
}

fn file(organisation: &Organisation, near: Option<Incident>, form: ChangeForm, by: &str) -> Result<Decision, Refusal> {
    let policy = Policy::sample();
    let world = World::about(organisation, &policy, 1, Target::New { number: 1, near });
    decide(&world, Asked { by: &actor(by), at: now() }, Command::RequestEmergency(Box::new(form)))
}

fn kind_of(decision: &Decision) -> ChangeKind {
    let State::Change(change) = &decision.state else { panic!("a change is written") };
    change.kind
}

fn has(decision: &Decision, kind: &str) -> bool {
    decision.events.iter().any(|event| event.draft().kind == kind)
}

#[test]
fn an_exploit_is_claimed_where_the_security_leads_word_would_make_it_an_emergency() {
    let of = |priority| Some(Incident { priority, ..incident() });
    let evidence = || Some("CVE-2030-7".to_owned());
    #[rustfmt::skip]
    let rows = [
        ("nothing open, claimed", None, evidence(), false, Some((ChangeKind::Normal, true))),
        ("nothing open, not claimed", None, None, false, None),
        ("a P3, claimed", of(Priority::P3), evidence(), false, Some((ChangeKind::Expedited, true))),
        ("a P4, claimed", of(Priority::P4), evidence(), false, Some((ChangeKind::Normal, true))),
        ("a P1 is enough", of(Priority::P1), evidence(), false, Some((ChangeKind::Emergency, false))),
        ("a P1, a missed plan", of(Priority::P1), None, true, Some((ChangeKind::Normal, false))),
        ("claimed, a missed plan", None, evidence(), true, Some((ChangeKind::Normal, false))),
    ];
    for (name, near, exploit, planning, expected) in rows {
        let outcome = file(&with_security(), near, ChangeForm { exploit, planning, ..form() }, "ana");
        let told = outcome.as_ref().ok().map(|decision| (kind_of(decision), has(decision, "exploit.claimed")));
        assert_eq!(told, expected, "{name}: {outcome:?}");
    }
    // What else is missing is named all the same, and somebody else has to be there who could confirm it.
    let bare = ChangeForm { exploit: evidence(), rollback_plan: None, ..form() };
    let refused = file(&with_security(), None, bare, "ana").expect_err("no plan");
    assert!(refused.sentence.contains("a rollback plan") && !refused.sentence.contains("incident"), "{refused:?}");
    let claimed = || ChangeForm { exploit: evidence(), ..form() };
    assert_eq!(file(&organisation(), None, claimed(), "ana").expect_err("nobody confirms it").rule, "4.8");
}

fn claimed(kind: ClaimKind) -> Claim {
    Claim {
        claimed: 2,
        kind,
        incident: (kind == ClaimKind::Clearance).then_some(1),
        revision: 1,
        by: id("ana"),
        state: ClaimState::Open,
        decided_by: None,
        decided_at: None,
    }
}

/// Ana's normal change on the cards, which belongs to no incident.
fn normal(status: ChangeStatus) -> Change {
    let window = Window { opens: now(), closes: now() + TimeDelta::hours(1) };
    Change { kind: ChangeKind::Normal, incident: None, status, window: Some(window), planned: Some(window), ..change() }
}

fn say(change: &Change, claim: Claim, by: &str, command: ClaimCommand) -> Result<Decision, Refusal> {
    let (organisation, policy) = (with_security(), Policy::sample());
    let target = Target::Change { change: Box::new(change.clone()), incident: None };
    let beside = Incident { commander: Some(id("tom")), ..incident() };
    let trouble = Trouble { incident: 1, priority: Priority::P1, services: vec!["cards".into()] };
    let world = World {
        claims: vec![claim],
        incidents_near: vec![beside],
        bookings: Bookings { troubles: vec![trouble], ..Bookings::default() },
        ..World::about(&organisation, &policy, 1, target)
    };
    decide(&world, Asked { by: &actor(by), at: now() }, Command::Claim(command))
}

#[test]
fn the_security_lead_confirms_once_what_waits_for_approval_and_is_not_their_own() {
    let waits = normal(ChangeStatus::AwaitingApproval);
    // Without a vote, which has a clock of its own.
    let waits = Change { risk: RiskAssessment { band: Band::Medium, ..waits.risk.clone() }, ..waits };
    let open = || claimed(ClaimKind::Exploit);
    let confirm = || ClaimCommand::ConfirmExploit;
    let confirmed = say(&waits, open(), "kim", confirm()).expect("she may");
    assert!(has(&confirmed, "exploit.confirmed") && has(&confirmed, "change.revised"), "{confirmed:?}");
    let State::Change(next) = &confirmed.state else { panic!("a change is written") };
    assert_eq!((next.kind, next.revision, next.planned), (ChangeKind::Emergency, 2, None));
    assert_eq!(next.decide_by, Some(now() + TimeDelta::minutes(60)), "the clock of an exploit");

    let denied = || ClaimCommand::DenyExploit { why: "our own scanner".into() };
    assert_eq!(kind_of(&say(&waits, open(), "kim", denied()).expect("she may")), ChangeKind::Normal);
    let done = Claim { state: ClaimState::Denied, decided_by: Some(id("kim")), decided_at: Some(now()), ..open() };
    let own = Change { requester: id("kim"), ..waits.clone() };
    let approved = normal(ChangeStatus::Approved);
    #[rustfmt::skip]
    let rows = [
        ("another", say(&waits, open(), "raj", confirm()), "no, rule 4.8"),
        ("her own", say(&own, open(), "kim", confirm()), "no, rule 4.15"),
        ("decided already", say(&waits, done, "lena", confirm()), "stands"),
        ("approved meanwhile", say(&approved, open(), "kim", confirm()), "no"),
        ("of another kind", say(&waits, claimed(ClaimKind::Clearance), "kim", confirm()), "no"),
    ];
    for (name, outcome, expected) in rows {
        assert_eq!(cell(outcome), expected, "{name}");
    }
}

#[test]
fn the_commander_clears_one_revision_and_nobody_their_own() {
    let change = normal(ChangeStatus::Approved);
    let open = || claimed(ClaimKind::Clearance);
    let why = || "x".to_owned();
    let revised = Change { revision: 2, ..change.clone() };
    let given = Claim { state: ClaimState::Confirmed, decided_by: Some(id("tom")), decided_at: Some(now()), ..open() };
    let toms = Change { requester: id("tom"), ..change.clone() };
    #[rustfmt::skip]
    let rows = [
        ("asked", say(&change, claimed(ClaimKind::Exploit), "ana", ClaimCommand::AskClearance { why: why() }), "clearance.asked => approved"),
        ("asked twice", say(&change, open(), "ana", ClaimCommand::AskClearance { why: why() }), "stands"),
        ("asked of another revision", say(&revised, open(), "ana", ClaimCommand::AskClearance { why: why() }), "clearance.asked => approved"),
        ("asked too early", say(&normal(ChangeStatus::AwaitingApproval), open(), "ana", ClaimCommand::AskClearance { why: why() }), "no"),
        ("the commander", say(&change, open(), "tom", ClaimCommand::Clear { why: why() }), "clearance.given => approved"),
        ("the commander's no", say(&change, open(), "tom", ClaimCommand::RefuseClearance { why: why() }), "clearance.denied => approved"),
        ("another", say(&change, open(), "raj", ClaimCommand::Clear { why: why() }), "no, rule change-conflict"),
        ("whose it is", say(&change, open(), "ana", ClaimCommand::Clear { why: why() }), "no, rule 4.15"),
        ("the commander, of their own", say(&toms, open(), "tom", ClaimCommand::Clear { why: why() }), "no, rule 4.15"),
        ("the duty manager then", say(&toms, open(), "omar", ClaimCommand::Clear { why: why() }), "clearance.given => approved"),
        ("of another revision", say(&revised, open(), "tom", ClaimCommand::Clear { why: why() }), "no"),
        ("given already", say(&change, given, "tom", ClaimCommand::RefuseClearance { why: why() }), "stands"),
    ];
    for (name, outcome, expected) in rows {
        assert_eq!(cell(outcome), expected, "{name}");
    }
}

#[test]
fn what_is_bound_before_the_board_meets_is_expedited() {
    let (organisation, policy) = (organisation(), Policy::sample());
    let raise = |due: Option<i64>, regulation: Option<&str>, near: Option<Incident>| {
        let world = World::about(&organisation, &policy, 1, Target::New { number: 1, near });
        let due = due.map(|hours| When::At(now() + TimeDelta::hours(hours)));
        let form = ChangeForm { due, regulation: regulation.map(str::to_owned), ..form() };
        decide(&world, Asked { by: &actor("ana"), at: now() }, Command::RequestChange(Box::new(form)))
            .map(|decision| kind_of(&decision))
            .map_err(|refusal| refusal.rule)
    };
    // It is Monday 14:00, and the board meets on Wednesday at 14:00.
    assert_eq!(raise(Some(47), Some("PCI"), None), Ok(ChangeKind::Expedited));
    assert_eq!(raise(Some(48), Some("PCI"), None), Ok(ChangeKind::Normal));
    assert_eq!(raise(Some(47), None, Some(incident())), Ok(ChangeKind::Expedited));
    assert_eq!(raise(Some(47), None, None), Err("4.8".to_owned()));
    assert_eq!(raise(None, Some("PCI"), None), Ok(ChangeKind::Normal));
}

#[test]
fn a_risky_change_is_not_agreed_to_in_a_major_and_anything_else_is() {
    let freeze = |kind| Freeze { kind, incident: Some(1), wide: true, until: None, ..super::freeze_tests::begin(None) };
    let try_it = |kind, band, of: ChangeKind, choice| {
        let (organisation, policy) = (organisation(), Policy::sample());
        let waits = normal(ChangeStatus::AwaitingApproval);
        let change = Change { kind: of, risk: RiskAssessment { band, ..waits.risk.clone() }, ..waits };
        let target = Target::Change { change: Box::new(change), incident: None };
        let frozen = Frozen { freeze: freeze(kind), incident: Some(incident()), links: Vec::new() };
        let world = World { freezes: vec![frozen], ..World::about(&organisation, &policy, 1, target) };
        let vote = Command::Vote { choice, why: Some("x".into()) };
        let refused = decide(&world, Asked { by: &actor("mia"), at: now() }, vote).err();
        refused.is_some_and(|refusal| refusal.rule == "4.11")
    };
    let (normal, approve) = (ChangeKind::Normal, BallotChoice::Approve);
    #[rustfmt::skip]
    let rows = [
        ("high", FreezeKind::Major, Band::High, normal, approve, true),
        ("critical", FreezeKind::Major, Band::Critical, ChangeKind::Expedited, approve, true),
        ("medium", FreezeKind::Major, Band::Medium, normal, approve, false),
        ("a no", FreezeKind::Major, Band::High, normal, BallotChoice::Reject, false),
        ("of the catalogue", FreezeKind::Major, Band::High, ChangeKind::Standard, approve, false),
        ("settling", FreezeKind::Stabilising, Band::High, normal, approve, false),
        ("by hand", FreezeKind::Manual, Band::High, normal, approve, false),
    ];
    for (name, freeze, band, kind, choice, expected) in rows {
        assert_eq!(try_it(freeze, band, kind, choice), expected, "{name}");
    }
}
