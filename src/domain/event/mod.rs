//! What happened. Each event becomes one entry of the decision log, and one line for people to read.

mod absence;
mod amendment;
mod approval;
mod archive;
mod batch;
mod catalogue;
mod change;
mod charter;
mod checklist;
mod checkpoint;
mod claim;
mod conflict;
mod custom_field;
mod delegation;
mod draft;
mod entry;
mod exception;
mod feed;
mod finding;
mod freeze;
mod halt;
mod hold;
mod identity;
mod incident;
mod kind;
mod link;
mod log;
mod meeting;
mod notice;
mod pir;
mod privacy;
mod proposal;
mod rehearsal;
mod requested;
mod retro;
mod review;
mod risk;
mod rollback;
mod rota;
mod ruling;
mod slot;
mod standby;
mod validation;

use chrono::{DateTime, Utc};

pub use absence::AbsenceEvent;
pub use amendment::AmendmentEvent;
pub use approval::ApprovalEvent;
pub use archive::ArchiveEvent;
pub use batch::BatchEvent;
pub use catalogue::CatalogueEvent;
pub use change::ChangeEvent;
pub use charter::CharterEvent;
pub use checklist::ChecklistEvent;
pub use checkpoint::CheckpointDue;
pub use claim::ClaimEvent;
pub use conflict::ConflictEvent;
pub use custom_field::CustomFieldEvent;
pub use delegation::DelegationEvent;
pub use draft::{DraftEvent, DraftFate};
pub use entry::{EntryEvent, Suspended};
pub use exception::ExceptionEvent;
pub use feed::FeedEvent;
pub use finding::{FindingEvent, Found};
pub use freeze::{Created, FreezeEvent};
pub use halt::HaltEvent;
pub use hold::HoldEvent;
pub use identity::IdentityEvent;
pub use incident::IncidentEvent;
pub use kind::{KIND_WORDS, KindWord};
pub use link::LinkEvent;
pub use log::{LogEvent, Recovered, RecoveryCause};
pub use meeting::MeetingEvent;
pub use notice::NoticeEvent;
pub use pir::PirEvent;
pub use privacy::{PayloadErased, PrivacyEvent};
pub use proposal::ProposalEvent;
pub use rehearsal::RehearsalEvent;
pub use requested::{EditedField, Requested, Revised};
pub use retro::Recorded;
pub use review::ReviewEvent;
pub use risk::RiskEvent;
pub use rollback::RollbackEvent;
pub use rota::RotaEvent;
pub use ruling::RulingEvent;
pub use slot::SlotEvent;
pub use standby::StandbyEvent;
pub use validation::ValidationEvent;

use super::{PersonId, Subject};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Incident(IncidentEvent),
    Change(ChangeEvent),
    Freeze(FreezeEvent),
    Delegation(DelegationEvent),
    Absence(AbsenceEvent),
    Rota(RotaEvent),
    Exception(ExceptionEvent),
    Batch(BatchEvent),
    Pir(PirEvent),
    Ruling(RulingEvent),
    Conflict(ConflictEvent),
    Notice(NoticeEvent),
    Claim(ClaimEvent),
    Catalogue(CatalogueEvent),
    Standby(StandbyEvent),
    Rehearsal(RehearsalEvent),
    CustomField(CustomFieldEvent),
    Checklist(ChecklistEvent),
    Link(LinkEvent),
    Meeting(MeetingEvent),
    Identity(IdentityEvent),
    Feed(FeedEvent),
    Charter(CharterEvent),
    Log(LogEvent),
    Privacy(PrivacyEvent),
    Proposal(ProposalEvent),
    Amendment(AmendmentEvent),
    /// An attempt against a rule.
    Refused {
        asked: String,
        rule: String,
        sentence: String,
    },
    OrganisationApplied {
        people: i32,
        services: i32,
        changed: i32,
    },
    /// `proposed`: the entry that proposed it, where its day came after the last signature.
    PolicyLoaded {
        hash: String,
        proposed: Option<i32>,
    },
    ClockMoved {
        seconds: i32,
    },
    /// `of`: what was exported; `None` is the whole log. `texts`: whether names and texts went with it.
    LogExported {
        of: Option<Subject>,
        entries: i32,
        texts: bool,
    },
}

impl Event {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            Event::Incident(event) => event.draft(),
            Event::Change(event) => event.draft(),
            Event::Freeze(event) => event.draft(),
            Event::Delegation(event) => event.draft(),
            Event::Absence(event) => event.draft(),
            Event::Rota(event) => event.draft(),
            Event::Exception(event) => event.draft(),
            Event::Batch(event) => event.draft(),
            Event::Pir(event) => event.draft(),
            Event::Ruling(event) => event.draft(),
            Event::Conflict(event) => event.draft(),
            Event::Notice(event) => event.draft(),
            Event::Claim(event) => event.draft(),
            Event::Catalogue(event) => event.draft(),
            Event::Standby(event) => event.draft(),
            Event::Rehearsal(event) => event.draft(),
            Event::CustomField(event) => event.draft(),
            Event::Checklist(event) => event.draft(),
            Event::Link(event) => event.draft(),
            Event::Meeting(event) => event.draft(),
            Event::Identity(event) => event.draft(),
            Event::Feed(event) => event.draft(),
            Event::Charter(event) => event.draft(),
            Event::Log(event) => event.draft(),
            Event::Privacy(event) => event.draft(),
            Event::Proposal(event) => event.draft(),
            Event::Amendment(event) => event.draft(),
            Event::Refused { asked, rule, sentence } => {
                Draft::new("refused").word("asked", asked).word("rule", rule).text("sentence", sentence)
            }
            Event::OrganisationApplied { people, services, changed } => Draft::new("organisation.applied")
                .int("people", *people)
                .int("services", *services)
                .int("changed", *changed),
            Event::PolicyLoaded { hash, proposed } => Draft::new("policy.loaded")
                .word("hash", hash)
                .maybe(*proposed, |draft, proposed| draft.int("proposed", proposed)),
            Event::ClockMoved { seconds } => Draft::new("clock.moved").int("seconds", *seconds),
            Event::LogExported { of, entries, texts } => Draft::new("log.exported")
                .maybe(*of, |draft, of| draft.word("of", of.to_string()))
                .int("entries", *entries)
                .fact("texts", Fact::Yes(*texts)),
        }
    }
}

/// A fact of an entry's body: no free text, no floats, no integer beyond 2^53, so that every canonicaliser agrees on
/// the bytes (RFC 8785).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    Int(i32),
    Yes(bool),
    /// A token of ours: a status, a seat, a rule, an identifier of a platform. Never what a person wrote.
    Word(String),
    Words(Vec<String>),
    At(DateTime<Utc>),
    Person(PersonId),
}

/// An event as the log keeps it: facts in the chained body, texts as erasable disclosures beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// `incident.declared`: also the name of the template of its line.
    pub kind: &'static str,
    pub facts: Vec<(&'static str, Fact)>,
    pub texts: Vec<(&'static str, String)>,
}

impl Draft {
    pub(super) fn new(kind: &'static str) -> Draft {
        Draft { kind, facts: Vec::new(), texts: Vec::new() }
    }

    pub(super) fn fact(mut self, name: &'static str, fact: Fact) -> Draft {
        self.facts.push((name, fact));
        self
    }

    pub(super) fn word(self, name: &'static str, word: impl Into<String>) -> Draft {
        self.fact(name, Fact::Word(word.into()))
    }

    pub(super) fn int(self, name: &'static str, number: i32) -> Draft {
        self.fact(name, Fact::Int(number))
    }

    pub(super) fn text(mut self, name: &'static str, text: impl Into<String>) -> Draft {
        self.texts.push((name, text.into()));
        self
    }

    /// Absent facts and texts are left out of the entry.
    /// Words where there are any: a fact that is absent says that there are none.
    pub(super) fn words_if_any(self, name: &'static str, words: Vec<String>) -> Draft {
        if words.is_empty() { self } else { self.fact(name, Fact::Words(words)) }
    }

    pub(super) fn maybe<T>(self, value: Option<T>, with: impl FnOnce(Draft, T) -> Draft) -> Draft {
        match value {
            Some(value) => with(self, value),
            None => self,
        }
    }
}
