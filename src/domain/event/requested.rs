//! What a change was asked for as, and what an edit made of it.

use chrono::{DateTime, Utc};

use super::change::small;
use super::{Draft, Fact};
use crate::domain::change::Window;
use crate::domain::rules::{ChangeKind, ClassNote, RiskAssessment, Touches};
use crate::domain::{SeatAsk, Standard};

/// What was asked for, and what policy made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    pub title: String,
    pub kind: ChangeKind,
    pub revision: i32,
    pub incident: Option<i64>,
    pub service: String,
    /// What it touches besides.
    pub also: Vec<String>,
    pub impact: String,
    pub why_now: String,
    pub rollback_plan: String,
    pub tested: bool,
    pub touches: Touches,
    pub planned: Option<Window>,
    pub standard: Option<Standard>,
    pub risk: RiskAssessment,
    pub requires: String,
    pub policy: i32,
    /// What of the regular way it leaves out, each with what its review is to say of it.
    pub skipped: Vec<String>,
    /// Who is asked at once.
    pub asks: Vec<SeatAsk>,
    /// Where the words of its form came from, where it was filled in before anybody typed: `impact INC-7` each.
    pub sources: Vec<String>,
    /// The draft of its incident that it completes.
    pub draft: Option<i32>,
    /// What it comes from, where that is no urgency.
    pub cause: Option<ClassNote>,
    /// When it is bound to be done, and by which regulation.
    pub due: Option<DateTime<Utc>>,
    pub regulation: Option<String>,
}

/// What a material edit changed, and what it voids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revised {
    pub kind: ChangeKind,
    /// The new one.
    pub revision: i32,
    pub fields: Vec<EditedField>,
    pub risk: RiskAssessment,
    pub requires: String,
    pub policy: i32,
    /// As of a request.
    pub skipped: Vec<String>,
    /// The entry of the catalogue, where it is standard still.
    pub standard: Option<Standard>,
    pub touches: Touches,
    /// The names of those whose reviews, seats and ballots are void.
    pub voided: Vec<String>,
    /// Who is asked anew, at once.
    pub asks: Vec<SeatAsk>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditedField {
    /// The word of the command's argument: `plan`, `svc`.
    pub name: &'static str,
    pub before: String,
    pub after: String,
}

impl Revised {
    pub(super) fn draft(&self) -> Draft {
        let draft = Draft::new("change.revised")
            .word("change_kind", self.kind.as_str())
            .int("revision", self.revision)
            .int("risk_score", self.risk.score)
            .word("risk_band", self.risk.band.as_str())
            .int("policy", self.policy)
            .int("voided", i32::try_from(self.voided.len()).unwrap_or(i32::MAX))
            .word("requires", &self.requires)
            .words_if_any("touches", self.touches.words())
            .words_if_any("skipped", self.skipped.clone())
            .maybe(self.standard.as_ref(), with_standard);
        let draft = with_asks(with_fields(draft, &self.fields), &self.asks);
        if self.voided.is_empty() { draft } else { draft.text("voided_people", self.voided.join(", ")) }
    }
}

impl Requested {
    pub(super) fn draft(&self) -> Draft {
        let draft = Draft::new("change.requested")
            .word("change_kind", self.kind.as_str())
            .int("revision", self.revision)
            .maybe(self.incident, |draft, number| draft.word("incident", format!("INC-{number}")))
            .word("service", &self.service)
            .words_if_any("also", self.also.clone())
            .fact("tested", Fact::Yes(self.tested))
            .words_if_any("touches", self.touches.words())
            .maybe(self.planned, |draft, planned| {
                draft.fact("planned_from", Fact::At(planned.opens)).fact("planned_until", Fact::At(planned.closes))
            })
            .int("risk_score", self.risk.score)
            .word("risk_band", self.risk.band.as_str())
            .word("requires", &self.requires)
            .int("policy", self.policy)
            .words_if_any("skipped", self.skipped.clone())
            .maybe(self.standard.as_ref(), with_standard)
            .words_if_any("sources", self.sources.clone())
            .maybe(self.draft, |draft, completes| draft.int("draft", completes))
            .maybe(self.cause, |draft, cause| draft.word("cause", cause.as_str()))
            .maybe(self.due, |draft, due| draft.fact("due", Fact::At(due)))
            .maybe(self.regulation.as_ref(), |draft, regulation| draft.text("regulation", regulation))
            .text("title", &self.title)
            .text("impact", &self.impact)
            .text("why_now", &self.why_now)
            .text("rollback_plan", &self.rollback_plan);
        with_asks(draft, &self.asks)
    }
}

/// Who is asked; and for each ask the person, the seat and why them.
fn with_asks(draft: Draft, asks: &[SeatAsk]) -> Draft {
    if asks.is_empty() {
        return draft;
    }
    let mut people: Vec<String> = Vec::new();
    for ask in asks {
        if !people.contains(&ask.person.0) {
            people.push(ask.person.0.clone());
        }
    }
    let told = |ask: &SeatAsk| format!("{} {} {}", ask.person.0, ask.seat.as_str(), ask.because.as_str());
    let reasons = asks.iter().map(told).collect();
    draft.fact("asks", Fact::Words(people)).fact("asks_as", Fact::Words(reasons))
}

/// The entry and the values are facts: each is one of what the policy of that version allows, and no text of a person.
fn with_standard(draft: Draft, standard: &Standard) -> Draft {
    draft
        .word("entry", &standard.entry)
        .int("entry_version", small(standard.version))
        .fact("parameters", Fact::Words(standard.values()))
}

/// Which fields are facts; what stood in them is a text, which can be erased.
pub(super) fn with_fields(draft: Draft, fields: &[EditedField]) -> Draft {
    let names = fields.iter().map(|field| field.name.to_owned()).collect();
    let told = |field: &EditedField| format!("{}: {} → {}", field.name, field.before, field.after);
    let edits: Vec<String> = fields.iter().map(told).collect();
    draft.fact("fields", Fact::Words(names)).text("edits", edits.join("\n"))
}
