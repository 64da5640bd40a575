//! What people say to the notice of a change: they have read it, or they object to it.

use chrono::{DateTime, Utc};

use super::rules::{AnswerState, ChangeKind, must_acknowledge};
use super::{Change, ChangeStatus, Organisation, PersonId};

/// One person's, to the notice of one revision. Why somebody objects is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeAnswer {
    /// The entry that says it; 0 until it is written.
    pub answered: i32,
    pub revision: i32,
    pub person: PersonId,
    pub state: AnswerState,
    pub at: DateTime<Utc>,
    /// Of an objection that holds the change up: when the decision authority is asked.
    pub due_at: Option<DateTime<Utc>>,
}

impl NoticeAnswer {
    pub fn is_open(&self) -> bool {
        self.state == AnswerState::Objects
    }
}

/// What is said to a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeCommand {
    Acknowledge,
    Object {
        why: String,
    },
    TakeBack {
        why: Option<String>,
    },
    /// The notice that waits for a look goes out, in these words where there are any.
    Send {
        text: Option<String>,
    },
}

impl NoticeCommand {
    pub fn name(&self) -> &'static str {
        match self {
            NoticeCommand::Acknowledge => "change plan ack",
            NoticeCommand::Object { .. } => "change plan object",
            NoticeCommand::TakeBack { .. } => "change plan unobject",
            NoticeCommand::Send { .. } => "inc notice",
        }
    }
}

impl Change {
    /// The objections that nobody has settled, in the order of objecting.
    pub fn open_objections(&self) -> impl Iterator<Item = &NoticeAnswer> {
        self.answers.iter().filter(|answer| answer.is_open())
    }

    pub fn objection_of(&self, person: &PersonId) -> Option<&NoticeAnswer> {
        self.open_objections().find(|answer| &answer.person == person)
    }

    /// This person's word that they have read the notice of this revision.
    pub fn acknowledged_by(&self, person: &PersonId) -> Option<&NoticeAnswer> {
        let acknowledges = |answer: &&NoticeAnswer| {
            answer.state == AnswerState::Acknowledged && answer.revision == self.revision && &answer.person == person
        };
        self.answers.iter().find(acknowledges)
    }

    /// Whether this person knows of this revision: they said so, object to it, or agreed to it.
    pub fn is_known_to(&self, person: &PersonId) -> bool {
        let agreed = || self.approvals.iter().any(|approval| &approval.person == person);
        self.acknowledged_by(person).is_some()
            || self.objection_of(person).is_some()
            || agreed()
            || self.has_voted(person)
    }

    /// Whether an objection keeps it from starting. Nothing slows an emergency, and what runs is halted in other ways.
    pub fn is_held_by_objection(&self) -> bool {
        self.may_be_held() && self.open_objections().next().is_some()
    }

    /// Whether an objection to it would hold it up.
    pub fn may_be_held(&self) -> bool {
        let waits = matches!(
            self.status,
            ChangeStatus::AwaitingApproval | ChangeStatus::Approved | ChangeStatus::Queued | ChangeStatus::OnHold
        );
        waits && self.kind != ChangeKind::Emergency
    }

    /// Whether others were told of this revision, and it is not over.
    pub fn is_told(&self) -> bool {
        self.is_open() && self.status != ChangeStatus::AwaitingApproval
    }
}

impl Organisation {
    /// Who hears of a change: whoever owns what it touches or what depends on that, but for those whose change it is.
    pub fn owners_told(&self, change: &Change) -> Vec<PersonId> {
        let mut owners: Vec<PersonId> = Vec::new();
        for key in self.touched_by(change) {
            let Some(owner) = self.services.get(&key).map(|service| &service.owner) else { continue };
            if !change.is_own(owner) && !owners.contains(owner) {
                owners.push(owner.clone());
            }
        }
        owners
    }

    /// Rule 4.38: a notice of a change that touches a service of tier 1 is to be acknowledged.
    pub fn must_acknowledge(&self, change: &Change) -> bool {
        must_acknowledge(self.strictest_tier(&self.touched_by(change)))
    }
}
