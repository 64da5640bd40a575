//! Samples of what happens to freezes and to major incidents.

use wardroom::domain::PersonId;
use wardroom::domain::event::{Created, FreezeEvent, IncidentEvent};
use wardroom::domain::rules::{ChangeKind, Every, FreezeKind, Priority, Role};

use super::events::{at, text};

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<FreezeEvent> {
    let (change, revision, why) = (1, 1, text("why"));
    vec![
        FreezeEvent::Created(Box::new(created())),
        FreezeEvent::Agreed { missing: missing() },
        FreezeEvent::Objected { why: why.clone() },
        FreezeEvent::Awaited { missing: missing(), from: at(18) },
        FreezeEvent::NotAgreed { missing: missing() },
        FreezeEvent::Announced { days_left: 14, from: at(18) },
        FreezeEvent::Begun { late: true },
        FreezeEvent::Stabilising { until: at(18) },
        FreezeEvent::Restored { incident: 1, wide: true, running: vec!["CHG-1".into()], held: vec!["CHG-2".into()] },
        FreezeEvent::Extended { until: at(20), why: why.clone() },
        FreezeEvent::Ending { until: at(20) },
        FreezeEvent::ReviewDue { since: at(10) },
        FreezeEvent::Lifted { why: Some(why.clone()), late: true },
        FreezeEvent::Cancelled { why: why.clone() },
        FreezeEvent::Passed { change, why: why.clone() },
        FreezeEvent::OverrideRequested { change, revision, why: why.clone() },
        FreezeEvent::OverrideSigned { change, revision, role: Role::Commander, why: why.clone() },
        FreezeEvent::OverrideGranted {
            change,
            revision,
            role: Role::ChangeManager,
            from: Some(at(14)),
            until: at(16),
            why: why.clone(),
        },
        FreezeEvent::OverrideDenied { change, revision, why },
        FreezeEvent::OverrideUsed { change, revision },
        FreezeEvent::OverrideExpired { change, revision },
        FreezeEvent::OverrideVoid { change, revision },
    ]
}

/// Those that may hold less, with as little as they may hold.
pub fn sparse() -> Vec<FreezeEvent> {
    let bare = Created {
        hard: false,
        wide: false,
        services: Vec::new(),
        blocks: Vec::new(),
        reach: Vec::new(),
        until: None,
        planned: false,
        asked: Vec::new(),
        every: None,
        follows: None,
        incident: None,
        running: Vec::new(),
        held: Vec::new(),
        ..created()
    };
    let agreed = FreezeEvent::Agreed { missing: Vec::new() };
    let granted = FreezeEvent::OverrideGranted {
        change: 3,
        revision: 2,
        role: Role::ChangeManager,
        from: None,
        until: at(16),
        why: text("why"),
    };
    vec![FreezeEvent::Created(Box::new(bare)), agreed, FreezeEvent::Lifted { why: None, late: false }, granted]
}

pub fn major() -> Vec<IncidentEvent> {
    vec![
        IncidentEvent::MajorDeclared { why: text("why") },
        IncidentEvent::MajorStoodDown { why: Some(text("why")) },
        IncidentEvent::Reopened { priority: Priority::P1, major: true, why: text("why") },
    ]
}

fn missing() -> Vec<PersonId> {
    vec![PersonId("p_1".to_owned())]
}

fn created() -> Created {
    Created {
        kind: FreezeKind::Major,
        hard: true,
        wide: true,
        services: vec!["payments".to_owned()],
        blocks: vec![ChangeKind::Normal, ChangeKind::Expedited],
        reach: vec!["checkout".to_owned(), "ledger".to_owned()],
        from: at(9),
        until: Some(at(18)),
        planned: true,
        asked: missing(),
        every: Some(Every::MonthEnd),
        follows: Some(8),
        incident: Some(1),
        running: vec!["CHG-3".to_owned()],
        held: vec!["CHG-4".to_owned()],
        why: text("why"),
    }
}

pub fn kind_of(event: &FreezeEvent) -> &'static str {
    match event {
        FreezeEvent::Created(_) => "freeze.created",
        FreezeEvent::Agreed { .. } => "freeze.agreed",
        FreezeEvent::Objected { .. } => "freeze.objected",
        FreezeEvent::Awaited { .. } => "freeze.awaited",
        FreezeEvent::NotAgreed { .. } => "freeze.not_agreed",
        FreezeEvent::Announced { .. } => "freeze.announced",
        FreezeEvent::Begun { .. } => "freeze.begun",
        FreezeEvent::Stabilising { .. } => "freeze.stabilising",
        FreezeEvent::Restored { .. } => "freeze.restored",
        FreezeEvent::Extended { .. } => "freeze.extended",
        FreezeEvent::Ending { .. } => "freeze.ending",
        FreezeEvent::ReviewDue { .. } => "freeze.review_due",
        FreezeEvent::Lifted { .. } => "freeze.lifted",
        FreezeEvent::Cancelled { .. } => "freeze.cancelled",
        FreezeEvent::Passed { .. } => "freeze.passed",
        FreezeEvent::OverrideRequested { .. } => "override.requested",
        FreezeEvent::OverrideSigned { .. } => "override.signed",
        FreezeEvent::OverrideGranted { .. } => "override.granted",
        FreezeEvent::OverrideDenied { .. } => "override.denied",
        FreezeEvent::OverrideUsed { .. } => "override.used",
        FreezeEvent::OverrideExpired { .. } => "override.expired",
        FreezeEvent::OverrideVoid { .. } => "override.void",
    }
}
