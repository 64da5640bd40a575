//! What happens to an incident.

use chrono::{DateTime, Utc};

use super::{Draft, DraftEvent, Fact};
use crate::domain::incident::{IncidentStatus, PendingStep};
use crate::domain::rules::{Exposure, Priority, TechnicalImpact, Urgency};
use crate::domain::{PersonId, Place};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IncidentEvent {
    Declared {
        title: String,
        priority: Priority,
        computed: Option<Priority>,
        services: Vec<String>,
        impact: Option<TechnicalImpact>,
        urgency: Option<Urgency>,
    },
    /// The severity was said in a word that nobody knows.
    WordUnmapped {
        /// What it counts as.
        taken: Priority,
        typed: String,
    },
    PrioritySet {
        from: Priority,
        to: Priority,
        why: String,
    },
    /// Data may have left the house, or did not after all (rule 4.3).
    ExposureSet {
        from: Exposure,
        to: Exposure,
        why: String,
    },
    StepRequested {
        step: PendingStep,
        why: String,
    },
    StepConfirmed {
        step: PendingStep,
        asked_by: PersonId,
    },
    StepDeclined {
        step: PendingStep,
        asked_by: PersonId,
    },
    StatusSet {
        from: IncidentStatus,
        to: IncidentStatus,
        why: Option<String>,
    },
    /// `unaccountable`: the services on which nobody is Accountable for it, which stands in an emergency with a reason.
    LeadSet {
        from: Option<PersonId>,
        to: PersonId,
        why: Option<String>,
        unaccountable: Vec<String>,
    },
    /// Nothing was heard of the commander for so many minutes: the next of the succession is paged; `None`: nobody is left.
    SuccessorPaged {
        commander: PersonId,
        person: Option<PersonId>,
        minutes: i32,
    },
    /// They were heard in the meantime, and are listened for on.
    CommanderHeard {
        person: PersonId,
        heard_at: DateTime<Utc>,
    },
    NoteAdded {
        text: String,
    },
    DecisionRecorded {
        question: String,
        chose: Option<String>,
        why: Option<String>,
    },
    /// `slot`: the promised moment that it keeps, if it keeps one; `missed`: how many more passed while the bot was
    /// away.
    UpdateSent {
        slot: Option<DateTime<Utc>>,
        late: bool,
        missed: i32,
        text: Option<String>,
    },
    /// Declared a major incident.
    MajorDeclared {
        why: String,
    },
    /// `why`: where a person stood it down before its end.
    MajorStoodDown {
        why: Option<String>,
    },
    Resolved {
        summary: String,
    },
    Cancelled {
        why: String,
    },
    /// What was resolved came back. `major`: it is a major incident again, as it was to its end.
    Reopened {
        priority: Priority,
        major: bool,
        why: String,
    },
    RoomOpened {
        place: Place,
    },
    /// What becomes of a step that looks like a change.
    Draft(DraftEvent),
}

impl IncidentEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            IncidentEvent::Declared { title, priority, computed, services, impact, urgency } => {
                Draft::new("incident.declared")
                    .word("priority", priority.to_string())
                    .maybe(*computed, |draft, p| draft.word("computed", p.to_string()))
                    .fact("services", Fact::Words(services.clone()))
                    .maybe(*impact, |draft, impact| draft.word("impact", impact.as_str()))
                    .maybe(*urgency, |draft, urgency| draft.word("urgency", urgency.as_str()))
                    .text("title", title)
            }
            IncidentEvent::WordUnmapped { taken, typed } => {
                Draft::new("incident.word_unmapped").word("taken", taken.to_string()).text("typed", typed)
            }
            IncidentEvent::PrioritySet { from, to, why } => Draft::new("incident.priority_set")
                .word("from", from.to_string())
                .word("to", to.to_string())
                .fact("raised", Fact::Yes(to < from))
                .text("why", why),
            IncidentEvent::ExposureSet { from, to, why } => Draft::new("incident.exposure_set")
                .word("from", from.as_str())
                .word("to", to.as_str())
                .fact("exposed", Fact::Yes(*to != Exposure::None))
                .text("why", why),
            IncidentEvent::StepRequested { step, why } => step.draft("incident.step_requested").text("why", why),
            IncidentEvent::StepConfirmed { step, asked_by } => {
                step.draft("incident.step_confirmed").fact("asked_by", Fact::Person(asked_by.clone()))
            }
            IncidentEvent::StepDeclined { step, asked_by } => {
                step.draft("incident.step_declined").fact("asked_by", Fact::Person(asked_by.clone()))
            }
            IncidentEvent::StatusSet { from, to, why } => Draft::new("incident.status_set")
                .word("from", from.as_str())
                .word("to", to.as_str())
                .maybe(why.as_ref(), |draft, why| draft.text("why", why)),
            IncidentEvent::LeadSet { from, to, why, unaccountable } => {
                lead_set(from.as_ref(), to, why.as_ref(), unaccountable)
            }
            IncidentEvent::SuccessorPaged { commander, person, minutes } => Draft::new("successor.paged")
                .fact("commander", Fact::Person(commander.clone()))
                .maybe(person.clone(), |draft, person| draft.fact("person", Fact::Person(person)))
                .int("minutes", *minutes),
            IncidentEvent::CommanderHeard { person, heard_at } => Draft::new("commander.heard")
                .fact("person", Fact::Person(person.clone()))
                .fact("heard_at", Fact::At(*heard_at)),
            IncidentEvent::NoteAdded { text } => Draft::new("incident.noted").text("text", text),
            IncidentEvent::DecisionRecorded { question, chose, why } => Draft::new("incident.decided")
                .text("question", question)
                .maybe(chose.as_ref(), |draft, chose| draft.text("chose", chose))
                .maybe(why.as_ref(), |draft, why| draft.text("why", why)),
            IncidentEvent::UpdateSent { slot, late, missed, text } => Draft::new("update.sent")
                .maybe(*slot, |draft, slot| draft.fact("slot", Fact::At(slot)))
                .fact("late", Fact::Yes(*late))
                .int("missed", *missed)
                .maybe(text.as_ref(), |draft, text| draft.text("text", text)),
            IncidentEvent::MajorDeclared { why } => Draft::new("major.declared").word("rule", "4.5").text("why", why),
            IncidentEvent::MajorStoodDown { why } => {
                Draft::new("major.stood_down").maybe(why.as_ref(), |draft, why| draft.text("why", why))
            }
            IncidentEvent::Resolved { summary } => Draft::new("incident.resolved").text("summary", summary),
            IncidentEvent::Cancelled { why } => Draft::new("incident.cancelled").text("why", why),
            IncidentEvent::Reopened { priority, major, why } => reopened(*priority, *major).text("why", why),
            IncidentEvent::Draft(event) => event.draft(),
            IncidentEvent::RoomOpened { place } => Draft::new("room.opened")
                .word("platform", place.platform.as_str())
                .word("workspace", &place.workspace)
                .word("channel", &place.channel),
        }
    }
}

fn reopened(priority: Priority, major: bool) -> Draft {
    Draft::new("incident.reopened").word("priority", priority.to_string()).fact("major", Fact::Yes(major))
}

impl PendingStep {
    fn draft(self, kind: &'static str) -> Draft {
        match self {
            PendingStep::Lower(to) => Draft::new(kind).word("step", "lower").word("to", to.to_string()),
            PendingStep::Cancel => Draft::new(kind).word("step", "cancel"),
            PendingStep::Major => Draft::new(kind).word("step", "major"),
        }
    }
}

fn lead_set(from: Option<&PersonId>, to: &PersonId, why: Option<&String>, unaccountable: &[String]) -> Draft {
    Draft::new("incident.lead_set")
        .maybe(from.cloned(), |draft, from| draft.fact("from", Fact::Person(from)))
        .fact("to", Fact::Person(to.clone()))
        .words_if_any("unaccountable", unaccountable.to_vec())
        .maybe(why, |draft, why| draft.text("why", why))
}
