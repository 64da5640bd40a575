//! Links between an incident and changes, in tables: who says what of them, and what an end makes of the rest.

use chrono::{DateTime, TimeDelta, Utc};

use super::decide;
use super::test_world::{actor, id, now, organisation};
use super::tests::{change, incident};
use crate::domain::policy::Policy;
use crate::domain::rules::{
    ChangeKind, LinkConfidence, LinkKind, LinkOrigin, LinkRelation, LinkState, LinkVerdict, Priority,
};
use crate::domain::suspect::{Ran, Suspect};
use crate::domain::{
    Asked, Change, ChangeStatus, Command, Decision, Event, Incident, IncidentStatus, Link, LinkAnswer, LinkCommand,
    LinkEvent, Linked, Refusal, Target, World,
};

const CAUSED: (LinkKind, LinkState) = (LinkKind::Caused, LinkState::Confirmed);
const PROPOSED: (LinkKind, LinkState) = (LinkKind::Caused, LinkState::Proposed);
const NOT: (LinkKind, LinkState) = (LinkKind::Caused, LinkState::Rejected);
const RESOLVES: (LinkKind, LinkState) = (LinkKind::Resolves, LinkState::Confirmed);

fn minute(minute: i64) -> DateTime<Utc> {
    now() + TimeDelta::minutes(minute)
}

/// Of a service that nobody of the table owns, led by ana.
fn led() -> Incident {
    Incident { commander: Some(id("ana")), services: vec!["mail".to_owned()], ..incident() }
}

fn ran() -> Change {
    Change { started_at: Some(minute(-30)), status: ChangeStatus::Completed, ..change() }
}

fn link(change: i64, origin: LinkOrigin, (kind, state): (LinkKind, LinkState)) -> Link {
    let is_decided = state != LinkState::Proposed;
    let (decided_by, decided_at) = (is_decided.then(|| id("ana")), is_decided.then(now));
    let (incident, implementer, relation, confidence) = (1, id("raj"), None, None);
    Link { incident, change, implementer, kind, origin, state, relation, confidence, decided_by, decided_at }
}

fn suspect(number: i64, confidence: i32, verdict: LinkVerdict) -> Suspect {
    let change = Ran {
        number,
        title: "a change".to_owned(),
        service: "mail".to_owned(),
        also: Vec::new(),
        kind: ChangeKind::Normal,
        status: ChangeStatus::Completed,
        implementer: id("raj"),
        started_at: minute(-90),
        ended_at: Some(minute(-60)),
        rollback_plan: String::new(),
        entry: None,
        clean_template: false,
        categories: Vec::new(),
        elsewhere: false,
    };
    let likely = LinkConfidence { confidence, verdict };
    Suspect { change, relation: LinkRelation::SameCi, facts: Vec::new(), likely }
}

fn attempt(target: Target, links: Linked, by: &str, command: Command) -> Result<Decision, Refusal> {
    let (organisation, policy) = (organisation(), Policy::sample());
    let about = World::about(&organisation, &policy, 1, target);
    let world = World { links, ..about };
    let actor = actor(by);
    decide(&world, Asked { by: &actor, at: now() }, command)
}

/// Every event in short, or why there is none.
fn told(outcome: Result<Decision, Refusal>) -> String {
    let decision = match outcome {
        Ok(decision) => decision,
        Err(refusal) => return format!("no: {}", refusal.sentence),
    };
    let of = |event: &LinkEvent| {
        let unanswered = if event.unanswered { " unanswered" } else { "" };
        format!("CHG-{} {} {}{unanswered}", event.change, event.kind.as_str(), event.state.as_str())
    };
    let links = decision.events.iter().filter_map(|event| match event {
        Event::Link(link) => Some(of(link)),
        _ => None,
    });
    let told: Vec<String> = links.collect();
    decision.answer.stands.unwrap_or_else(|| told.join(", "))
}

/// Somebody says something of CHG-1, which is this already, by rule or by hand, and is likely where a number says so.
fn said(by: &str, now: Option<(LinkKind, LinkState)>, likely: bool, answer: &str, confirmed: bool) -> String {
    let answer = match LinkKind::parse(answer) {
        Some(kind) => LinkAnswer::Is { kind, why: None },
        None => LinkAnswer::IsNot { why: "the network".to_owned() },
    };
    let links = Linked {
        links: now.map(|now| link(1, LinkOrigin::Auto, now)).into_iter().collect(),
        suspects: likely.then(|| suspect(1, 60, LinkVerdict::Suggest)).into_iter().collect(),
        named: Some(Box::new(ran())),
        blamed: Vec::new(),
    };
    let command = Command::Link(LinkCommand { change: 1, answer, confirmed });
    told(attempt(Target::Incident(led()), links, by, command))
}

#[test]
fn whoever_helps_links_and_the_commander_decides_what_caused_it() {
    let cannot = "no: You cannot decide what caused this incident.";
    let is_cause = "CHG-1 is the cause of INC-1: ana decided so 7 Jan 14:00 UTC.";
    let is_not = "CHG-1 has nothing to do with INC-1: ana decided so 7 Jan 14:00 UTC.";
    let late = |sentence: &str| format!("no: {sentence}");
    for (by, now, likely, answer, confirmed, expected) in [
        ("ana", None, true, "caused", false, "CHG-1 caused confirmed".to_owned()),
        ("ana", None, false, "caused", false, "CHG-1 caused confirmed".to_owned()),
        ("ana", Some(PROPOSED), true, "caused", false, "CHG-1 caused confirmed".to_owned()),
        ("ana", Some(PROPOSED), true, "none", false, "CHG-1 caused rejected".to_owned()),
        ("ana", Some(CAUSED), true, "caused", false, is_cause.to_owned()),
        ("raj", Some(CAUSED), true, "caused", false, is_cause.to_owned()),
        ("ana", Some(CAUSED), true, "none", false, late(is_cause)),
        ("ana", Some(CAUSED), true, "none", true, "CHG-1 caused rejected".to_owned()),
        ("ana", Some(CAUSED), true, "related", false, late(is_cause)),
        ("ana", Some(NOT), true, "none", false, is_not.to_owned()),
        ("ana", Some(NOT), true, "caused", false, late(is_not)),
        ("ana", Some(NOT), true, "caused", true, "CHG-1 caused confirmed".to_owned()),
        ("ana", None, false, "none", false, "no: CHG-1 is not linked to INC-1.".to_owned()),
        ("ana", None, true, "none", false, "CHG-1 caused rejected".to_owned()),
        ("raj", None, false, "caused", false, "CHG-1 caused proposed".to_owned()),
        ("raj", None, true, "caused", false, cannot.to_owned()),
        ("raj", None, true, "none", false, cannot.to_owned()),
        ("raj", Some(PROPOSED), true, "caused", false, cannot.to_owned()),
        ("raj", Some(PROPOSED), true, "none", false, cannot.to_owned()),
        ("raj", Some(CAUSED), true, "none", true, cannot.to_owned()),
        ("raj", Some(NOT), true, "related", true, cannot.to_owned()),
        ("raj", None, true, "related", false, "CHG-1 related confirmed".to_owned()),
        ("raj", Some(RESOLVES), false, "related", false, "CHG-1 related confirmed".to_owned()),
        // Ana carries it out, so the word of somebody else is one more.
        ("raj", Some(RESOLVES), false, "resolves", false, "CHG-1 resolves confirmed".to_owned()),
        ("raj", Some(RESOLVES), false, "none", false, "CHG-1 resolves rejected".to_owned()),
        ("raj", Some(RESOLVES), false, "caused", false, cannot.to_owned()),
        ("ana", Some(RESOLVES), false, "caused", false, "CHG-1 caused confirmed".to_owned()),
        ("ben", None, false, "related", false, "no: You cannot link a change to this incident.".to_owned()),
    ] {
        let outcome = said(by, now, likely, answer, confirmed);
        assert_eq!(outcome, expected, "{by} says {answer} of {now:?}, confirmed: {confirmed}");
    }
}

#[test]
fn what_started_later_or_never_is_a_cause_only_where_it_is_said_twice() {
    for (started, confirmed, expected) in [
        (Some(minute(0)), false, "CHG-1 caused confirmed"),
        (Some(minute(1)), false, "no: INC-1 was declared 7 Jan 14:00 UTC, before CHG-1 started 7 Jan 14:01 UTC."),
        (Some(minute(1)), true, "CHG-1 caused confirmed"),
        (None, false, "no: CHG-1 has not started, so it is hardly what broke it."),
        (None, true, "CHG-1 caused confirmed"),
    ] {
        let links = Linked { named: Some(Box::new(Change { started_at: started, ..ran() })), ..Linked::default() };
        let answer = LinkAnswer::Is { kind: LinkKind::Caused, why: None };
        let command = Command::Link(LinkCommand { change: 1, answer, confirmed });
        assert_eq!(told(attempt(Target::Incident(led()), links, "ana", command)), expected, "{started:?} {confirmed}");
    }
}

#[test]
fn the_end_of_a_great_incident_waits_for_a_word_and_that_of_a_lesser_one_takes_the_likely_for_the_cause() {
    let links = || Linked {
        links: vec![
            link(1, LinkOrigin::Auto, PROPOSED),
            link(2, LinkOrigin::Manual, PROPOSED),
            link(3, LinkOrigin::Auto, NOT),
        ],
        suspects: vec![suspect(3, 95, LinkVerdict::Auto), suspect(4, 60, LinkVerdict::Suggest)],
        named: None,
        blamed: Vec::new(),
    };
    let undecided = "no: Whether CHG-1 caused INC-1 is not decided yet.";
    let rest = "CHG-1 caused confirmed unanswered, CHG-2 caused rejected unanswered, CHG-4 caused rejected unanswered";
    for (priority, is_major, expected) in [
        (Priority::P1, false, undecided),
        (Priority::P2, false, undecided),
        (Priority::P3, true, undecided),
        (Priority::P3, false, rest),
        (Priority::P4, false, rest),
    ] {
        let incident = Incident { priority, major_at: is_major.then(now), status: IncidentStatus::Mitigated, ..led() };
        let resolve = Command::Resolve { summary: "moved back".to_owned() };
        assert_eq!(
            told(attempt(Target::Incident(incident), links(), "ana", resolve)),
            expected,
            "{priority} {is_major}"
        );
    }
    let cancel = Command::CancelIncident { why: "a test".to_owned() };
    let lesser = Incident { priority: Priority::P3, ..led() };
    let dropped = "CHG-1 caused rejected unanswered, CHG-2 caused rejected unanswered";
    assert_eq!(told(attempt(Target::Incident(lesser), links(), "ana", cancel)), dropped);
}

#[test]
fn a_declaration_proposes_what_is_likely_and_no_more_than_ten() {
    let suspects = (1..=12).map(|number| suspect(number, 95, LinkVerdict::Auto));
    let suspects = [suspect(20, 60, LinkVerdict::Suggest)].into_iter().chain(suspects).collect();
    let declare = Command::Declare(crate::domain::command::Declare {
        title: "mails are late".into(),
        priority: Priority::P3,
        services: vec!["mail".into()],
        impact: None,
        urgency: None,
        after: None,
        unmapped: None,
    });
    let links = Linked { suspects, ..Linked::default() };
    let told = told(attempt(Target::New { number: 1, near: None }, links, "ana", declare));
    let expected: Vec<String> = (1..=10).map(|number| format!("CHG-{number} caused proposed")).collect();
    assert_eq!(told, expected.join(", "));
}
