//! What is said of a change that was made without one.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::PersonId;
use crate::domain::rules::{RiskAssessment, Touches};

/// The record. Its entry is of now; when the change was made is what it says, and nothing is dated back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub title: String,
    pub incident: Option<i64>,
    pub service: String,
    /// What it touched besides.
    pub also: Vec<String>,
    pub impact: Option<String>,
    /// Why it was not asked for.
    pub why: String,
    pub evidence: String,
    pub works: bool,
    pub touches: Touches,
    pub from: DateTime<Utc>,
    pub made: DateTime<Utc>,
    pub late: bool,
    /// When somebody else came upon it.
    pub found: Option<DateTime<Utc>>,
    pub made_by: PersonId,
    /// Who said yes at the time.
    pub allowed_by: Option<PersonId>,
    /// The freezes that would have held it up.
    pub frozen: Vec<String>,
    pub risk: RiskAssessment,
    pub requires: String,
    pub policy: i32,
}

impl Recorded {
    /// As an entry says it, of one of the kinds that do.
    pub(super) fn said(&self, draft: Draft) -> Draft {
        draft
            .int("revision", 1)
            .maybe(self.incident, |draft, number| draft.word("incident", format!("INC-{number}")))
            .word("service", &self.service)
            .words_if_any("also", self.also.clone())
            .fact("made_from", Fact::At(self.from))
            .fact("made_at", Fact::At(self.made))
            .fact("made_by", Fact::Person(self.made_by.clone()))
            .maybe(self.allowed_by.clone(), |draft, person| draft.fact("allowed_by", Fact::Person(person)))
            .fact("late", Fact::Yes(self.late))
            .maybe(self.found, |draft, found| draft.fact("found_at", Fact::At(found)))
            .fact("works", Fact::Yes(self.works))
            .words_if_any("touches", self.touches.words())
            .fact("frozen", Fact::Words(self.frozen.clone()))
            .int("risk_score", self.risk.score)
            .word("risk_band", self.risk.band.as_str())
            .word("requires", &self.requires)
            .int("policy", self.policy)
            .text("title", &self.title)
            .maybe(self.impact.as_ref(), |draft, impact| draft.text("impact", impact))
            .text("why", &self.why)
            .text("evidence", &self.evidence)
    }
}
