//! What happens to a freeze, and to the overrides that are asked of it.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::PersonId;
use crate::domain::rules::{ChangeKind, Every, FreezeKind, Role};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FreezeEvent {
    Created(Box<Created>),
    /// The business owner of something that it freezes agrees. `missing`: whose word is still out.
    Agreed {
        missing: Vec<PersonId>,
    },
    /// It is not to be: one objection is enough.
    Objected {
        why: String,
    },
    /// It is soon to begin, and waits for agreement.
    Awaited {
        missing: Vec<PersonId>,
        from: DateTime<Utc>,
    },
    /// Its time came before everybody had agreed: it does not begin.
    NotAgreed {
        missing: Vec<PersonId>,
    },
    /// A planned one is announced.
    Announced {
        days_left: i32,
        from: DateTime<Utc>,
    },
    /// A planned one begins.
    Begun {
        late: bool,
    },
    /// The major incident is over; for a while nothing else changes.
    Stabilising {
        until: DateTime<Utc>,
    },
    /// The incident came back while things settled: it is in force as before.
    Restored {
        incident: i64,
        wide: bool,
        running: Vec<String>,
        held: Vec<String>,
    },
    Extended {
        until: DateTime<Utc>,
        why: String,
    },
    Ending {
        until: DateTime<Utc>,
    },
    /// The commander is asked whether it is still needed.
    ReviewDue {
        since: DateTime<Utc>,
    },
    /// `why`: where a person lifted it.
    Lifted {
        why: Option<String>,
        late: bool,
    },
    Cancelled {
        why: String,
    },
    /// A change started that the rules let through, and of which somebody is to be told.
    Passed {
        change: i64,
        why: String,
    },
    OverrideRequested {
        change: i64,
        revision: i32,
        why: String,
    },
    /// One yes of two.
    OverrideSigned {
        change: i64,
        revision: i32,
        role: Role,
        why: String,
    },
    OverrideGranted {
        change: i64,
        revision: i32,
        role: Role,
        /// Of a freeze that is still ahead: from when it is good.
        from: Option<DateTime<Utc>>,
        until: DateTime<Utc>,
        why: String,
    },
    OverrideDenied {
        change: i64,
        revision: i32,
        why: String,
    },
    OverrideUsed {
        change: i64,
        revision: i32,
    },
    OverrideExpired {
        change: i64,
        revision: i32,
    },
    OverrideVoid {
        change: i64,
        revision: i32,
    },
}

/// A new freeze, with all that it reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    pub kind: FreezeKind,
    pub hard: bool,
    pub wide: bool,
    pub services: Vec<String>,
    /// The types of changes that it holds up; empty: every type.
    pub blocks: Vec<ChangeKind>,
    /// What it reaches besides, at this moment.
    pub reach: Vec<String>,
    pub from: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
    pub planned: bool,
    /// Who has to agree to it first.
    pub asked: Vec<PersonId>,
    pub every: Option<Every>,
    /// The one that it comes after, where it comes again.
    pub follows: Option<i64>,
    pub incident: Option<i64>,
    /// Changes that run in its scope.
    pub running: Vec<String>,
    /// Approved changes that it holds up.
    pub held: Vec<String>,
    pub why: String,
}

impl FreezeEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            FreezeEvent::Created(created) => created.draft(),
            FreezeEvent::Agreed { missing } => Draft::new("freeze.agreed").fact("missing", people(missing)),
            FreezeEvent::Objected { why } => Draft::new("freeze.objected").text("why", why),
            FreezeEvent::Awaited { missing, from } => {
                Draft::new("freeze.awaited").fact("missing", people(missing)).fact("from", Fact::At(*from))
            }
            FreezeEvent::NotAgreed { missing } => Draft::new("freeze.not_agreed").fact("missing", people(missing)),
            FreezeEvent::Announced { days_left, from } => {
                Draft::new("freeze.announced").int("days_left", *days_left).fact("from", Fact::At(*from))
            }
            FreezeEvent::Begun { late } => Draft::new("freeze.begun").fact("late", Fact::Yes(*late)),
            FreezeEvent::Stabilising { until } => Draft::new("freeze.stabilising").fact("until", Fact::At(*until)),
            FreezeEvent::Restored { incident, wide, running, held } => Draft::new("freeze.restored")
                .word("incident", format!("INC-{incident}"))
                .fact("wide", Fact::Yes(*wide))
                .fact("running", Fact::Words(running.clone()))
                .fact("held", Fact::Words(held.clone())),
            FreezeEvent::Extended { until, why } => {
                Draft::new("freeze.extended").fact("until", Fact::At(*until)).text("why", why)
            }
            FreezeEvent::Ending { until } => Draft::new("freeze.ending").fact("until", Fact::At(*until)),
            FreezeEvent::ReviewDue { since } => Draft::new("freeze.review_due").fact("since", Fact::At(*since)),
            FreezeEvent::Lifted { why, late } => Draft::new("freeze.lifted")
                .fact("late", Fact::Yes(*late))
                .maybe(why.as_ref(), |draft, why| draft.text("why", why)),
            FreezeEvent::Cancelled { why } => Draft::new("freeze.cancelled").text("why", why),
            FreezeEvent::Passed { change, why } => {
                Draft::new("freeze.passed").word("change", named(*change)).word("rule", "4.11").text("why", why)
            }
            FreezeEvent::OverrideRequested { change, revision, why } => {
                of(Draft::new("override.requested"), *change, *revision).text("why", why)
            }
            FreezeEvent::OverrideSigned { change, revision, role, why } => {
                of(Draft::new("override.signed"), *change, *revision).word("role", role.as_str()).text("why", why)
            }
            FreezeEvent::OverrideGranted { change, revision, role, from, until, why } => {
                of(Draft::new("override.granted"), *change, *revision)
                    .word("role", role.as_str())
                    .maybe(*from, |draft, from| draft.fact("from", Fact::At(from)))
                    .fact("until", Fact::At(*until))
                    .text("why", why)
            }
            FreezeEvent::OverrideDenied { change, revision, why } => {
                of(Draft::new("override.denied"), *change, *revision).text("why", why)
            }
            FreezeEvent::OverrideUsed { change, revision } => of(Draft::new("override.used"), *change, *revision),
            FreezeEvent::OverrideExpired { change, revision } => of(Draft::new("override.expired"), *change, *revision),
            FreezeEvent::OverrideVoid { change, revision } => of(Draft::new("override.void"), *change, *revision),
        }
    }

    /// The change that it is about, where it is about one.
    pub fn change(&self) -> Option<i64> {
        match self {
            FreezeEvent::Passed { change, .. }
            | FreezeEvent::OverrideRequested { change, .. }
            | FreezeEvent::OverrideSigned { change, .. }
            | FreezeEvent::OverrideGranted { change, .. }
            | FreezeEvent::OverrideDenied { change, .. }
            | FreezeEvent::OverrideUsed { change, .. }
            | FreezeEvent::OverrideExpired { change, .. }
            | FreezeEvent::OverrideVoid { change, .. } => Some(*change),
            FreezeEvent::Created(_)
            | FreezeEvent::Agreed { .. }
            | FreezeEvent::Objected { .. }
            | FreezeEvent::Awaited { .. }
            | FreezeEvent::NotAgreed { .. }
            | FreezeEvent::Announced { .. }
            | FreezeEvent::Begun { .. }
            | FreezeEvent::Stabilising { .. }
            | FreezeEvent::Restored { .. }
            | FreezeEvent::Extended { .. }
            | FreezeEvent::Ending { .. }
            | FreezeEvent::ReviewDue { .. }
            | FreezeEvent::Lifted { .. }
            | FreezeEvent::Cancelled { .. } => None,
        }
    }
}

fn named(change: i64) -> String {
    format!("CHG-{change}")
}

fn people(missing: &[PersonId]) -> Fact {
    Fact::Words(missing.iter().map(|person| person.0.clone()).collect())
}

fn of(draft: Draft, change: i64, revision: i32) -> Draft {
    draft.word("change", named(change)).int("revision", revision)
}

impl Created {
    fn draft(&self) -> Draft {
        Draft::new("freeze.created")
            .word("freeze_kind", self.kind.as_str())
            .fact("hard", Fact::Yes(self.hard))
            .fact("wide", Fact::Yes(self.wide))
            .fact("services", Fact::Words(self.services.clone()))
            .words_if_any("blocks", self.blocks.iter().map(|kind| kind.as_str().to_owned()).collect())
            .fact("reach", Fact::Words(self.reach.clone()))
            .fact("from", Fact::At(self.from))
            .maybe(self.until, |draft, until| draft.fact("until", Fact::At(until)))
            .fact("planned", Fact::Yes(self.planned))
            .maybe(Some(&self.asked).filter(|asked| !asked.is_empty()), |draft, asked| {
                draft.fact("asked", people(asked))
            })
            .maybe(self.every, |draft, every| draft.word("every", every.as_str()))
            .maybe(self.follows, |draft, number| draft.word("follows", format!("FRZ-{number}")))
            .maybe(self.incident, |draft, number| draft.word("incident", format!("INC-{number}")))
            .fact("running", Fact::Words(self.running.clone()))
            .fact("held", Fact::Words(self.held.clone()))
            .text("why", &self.why)
    }
}
