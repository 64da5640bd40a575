//! Samples of what happens to incidents.

use wardroom::domain::event::{DraftEvent, DraftFate, IncidentEvent};
use wardroom::domain::rules::{Exposure, Priority, TechnicalImpact, Urgency};
use wardroom::domain::{IncidentStatus, PendingStep, Place, Platform};

use super::events::{at, somebody, text};

/// What becomes of a step that looks like a change.
fn drafts() -> impl Iterator<Item = IncidentEvent> {
    let offered = DraftFate::Offered { covered_by: Some(88) };
    let (submitted, joined) = (DraftFate::Submitted { change: 88 }, DraftFate::Joined { change: 88 });
    let fates = [offered, DraftFate::Reminded, submitted, joined, DraftFate::Dismissed, DraftFate::Left];
    let of = |fate| DraftEvent { draft: 1, service: Some("payments".to_owned()), author: somebody(), fate };
    fates.map(of).into_iter().map(IncidentEvent::Draft)
}

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<IncidentEvent> {
    let lower = PendingStep::Lower(Priority::P3);
    let place = Place { platform: Platform::Slack, workspace: "T0OTHER".to_owned(), channel: "C0OTHER".to_owned() };
    let others = [
        IncidentEvent::Declared {
            title: text("title"),
            priority: Priority::P2,
            computed: Some(Priority::P1),
            services: vec!["payments".to_owned(), "checkout".to_owned()],
            impact: Some(TechnicalImpact::Outage),
            urgency: Some(Urgency::U1),
        },
        IncidentEvent::WordUnmapped { taken: Priority::P2, typed: text("typed") },
        IncidentEvent::PrioritySet { from: Priority::P1, to: Priority::P2, why: text("why") },
        IncidentEvent::ExposureSet { from: Exposure::None, to: Exposure::Suspected, why: text("why") },
        IncidentEvent::StepRequested { step: lower, why: text("why") },
        IncidentEvent::StepConfirmed { step: lower, asked_by: somebody() },
        IncidentEvent::StepDeclined { step: lower, asked_by: somebody() },
        IncidentEvent::StatusSet {
            from: IncidentStatus::Declared,
            to: IncidentStatus::Investigating,
            why: Some(text("why")),
        },
        IncidentEvent::LeadSet {
            from: Some(somebody()),
            to: somebody(),
            why: Some(text("why")),
            unaccountable: vec!["payments".into()],
        },
        IncidentEvent::SuccessorPaged { commander: somebody(), person: Some(somebody()), minutes: 15 },
        IncidentEvent::CommanderHeard { person: somebody(), heard_at: at(9) },
        IncidentEvent::NoteAdded { text: text("text") },
        IncidentEvent::DecisionRecorded {
            question: text("question"),
            chose: Some(text("chose")),
            why: Some(text("why")),
        },
        IncidentEvent::UpdateSent { slot: Some(at(9)), late: true, missed: 2, text: Some(text("text")) },
        IncidentEvent::Resolved { summary: text("summary") },
        IncidentEvent::Cancelled { why: text("why") },
        IncidentEvent::RoomOpened { place },
    ];
    others.into_iter().chain(drafts()).collect()
}

pub fn kind_of(event: &DraftEvent) -> &'static str {
    match event.fate {
        DraftFate::Offered { .. } => "draft.offered",
        DraftFate::Reminded => "draft.reminded",
        DraftFate::Submitted { .. } => "draft.submitted",
        DraftFate::Joined { .. } => "draft.joined",
        DraftFate::Dismissed => "draft.dismissed",
        DraftFate::Left => "draft.left",
    }
}

/// Those that may hold less, with as little as they may hold.
pub fn sparse() -> Vec<IncidentEvent> {
    let cancel = PendingStep::Cancel;
    vec![
        IncidentEvent::Declared {
            title: text("title"),
            priority: Priority::P2,
            computed: None,
            services: Vec::new(),
            impact: None,
            urgency: None,
        },
        IncidentEvent::PrioritySet { from: Priority::P2, to: Priority::P1, why: text("why") },
        IncidentEvent::MajorStoodDown { why: None },
        IncidentEvent::StepRequested { step: PendingStep::Major, why: text("why") },
        IncidentEvent::StepConfirmed { step: PendingStep::Major, asked_by: somebody() },
        IncidentEvent::StepDeclined { step: PendingStep::Major, asked_by: somebody() },
        IncidentEvent::StepRequested { step: cancel, why: text("why") },
        IncidentEvent::StepConfirmed { step: cancel, asked_by: somebody() },
        IncidentEvent::StepDeclined { step: cancel, asked_by: somebody() },
        IncidentEvent::StatusSet { from: IncidentStatus::Declared, to: IncidentStatus::Identified, why: None },
        IncidentEvent::LeadSet { from: None, to: somebody(), why: None, unaccountable: Vec::new() },
        IncidentEvent::SuccessorPaged { commander: somebody(), person: None, minutes: 15 },
        IncidentEvent::DecisionRecorded { question: text("question"), chose: None, why: None },
        IncidentEvent::UpdateSent { slot: None, late: false, missed: 0, text: None },
    ]
}
