//! Samples of what happens to incidents.

use wardroom::domain::event::IncidentEvent;
use wardroom::domain::rules::{Priority, TechnicalImpact, Urgency};
use wardroom::domain::{IncidentStatus, PendingStep, Place, Platform};

use super::events::{at, somebody, text};

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<IncidentEvent> {
    let lower = PendingStep::Lower(Priority::P3);
    let place = Place { platform: Platform::Slack, workspace: "T0OTHER".to_owned(), channel: "C0OTHER".to_owned() };
    vec![
        IncidentEvent::Declared {
            title: text("title"),
            priority: Priority::P2,
            computed: Some(Priority::P1),
            services: vec!["payments".to_owned(), "checkout".to_owned()],
            impact: Some(TechnicalImpact::Outage),
            urgency: Some(Urgency::U1),
        },
        IncidentEvent::PrioritySet { from: Priority::P1, to: Priority::P2, why: text("why") },
        IncidentEvent::StepRequested { step: lower, why: text("why") },
        IncidentEvent::StepConfirmed { step: lower, asked_by: somebody() },
        IncidentEvent::StepDeclined { step: lower, asked_by: somebody() },
        IncidentEvent::StatusSet {
            from: IncidentStatus::Declared,
            to: IncidentStatus::Investigating,
            why: Some(text("why")),
        },
        IncidentEvent::LeadSet { from: Some(somebody()), to: somebody() },
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
    ]
}
