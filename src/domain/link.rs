//! What a change is to an incident: one link for both, seen from either (rule 4.14).

use chrono::{DateTime, Utc};

use super::rules::{LinkFact, LinkKind, LinkOrigin, LinkRelation, LinkState};
use super::suspect::Suspect;
use super::{Change, PersonId};

/// How sure rule 4.14 is that a change caused an incident, and what led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkGuess {
    pub relation: LinkRelation,
    pub confidence: i32,
    pub facts: Vec<LinkFact>,
}

/// One for an incident and a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub incident: i64,
    pub change: i64,
    /// Who carried the change out.
    pub implementer: PersonId,
    pub kind: LinkKind,
    pub origin: LinkOrigin,
    pub state: LinkState,
    pub relation: Option<LinkRelation>,
    pub confidence: Option<i32>,
    /// `None` while it is proposed, and where nobody answered.
    pub decided_by: Option<PersonId>,
    pub decided_at: Option<DateTime<Utc>>,
}

impl Link {
    /// Whether the commander is still to say if the change is the cause.
    pub fn is_undecided(&self) -> bool {
        self.state == LinkState::Proposed
    }

    /// Whether it makes the incident one that a change may have caused.
    pub fn flags(&self) -> bool {
        self.kind == LinkKind::Caused && self.state != LinkState::Rejected
    }

    /// Whether it counts for the change that it is of: somebody said so who does not carry it out.
    pub fn is_vouched_for(&self) -> bool {
        self.state == LinkState::Confirmed && self.decided_by.as_ref().is_some_and(|by| *by != self.implementer)
    }

    /// It was decided by the end of the incident, not by a person.
    pub fn is_unanswered(&self) -> bool {
        self.decided_at.is_some() && self.decided_by.is_none()
    }
}

/// What somebody says of a change and an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkCommand {
    pub change: i64,
    pub answer: LinkAnswer,
    /// To be done although the times speak against it, or although it was decided otherwise.
    pub confirmed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkAnswer {
    Is { kind: LinkKind, why: Option<String> },
    IsNot { why: String },
}

/// What is known of the changes around an incident, where a command needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Linked {
    pub links: Vec<Link>,
    /// What it may come from by rule 4.14, the likeliest first.
    pub suspects: Vec<Suspect>,
    /// The change that is named.
    pub named: Option<Box<Change>>,
    /// Those that count as its cause unless somebody says otherwise before its end.
    pub blamed: Vec<Change>,
}

impl Linked {
    pub fn of(&self, change: i64) -> Option<&Link> {
        self.links.iter().find(|link| link.change == change)
    }

    pub fn suspect(&self, change: i64) -> Option<&Suspect> {
        self.suspects.iter().find(|suspect| suspect.change.number == change)
    }

    /// The changes that wait for the commander's word.
    pub fn undecided(&self) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(|link| link.is_undecided())
    }
}
