//! Buttons: what a click means. An id names an action and its subject, never state or authority: both are looked up
//! when it is clicked.

use super::call::Call;
use super::catalogue::{self, VerbId};
use crate::domain::Subject;

/// What names a draft in a call.
pub const DRAFT: &str = "draft";

/// What a button does. Each is a verb that was already told what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PressAction {
    TakeLead,
    Update,
    Severity,
    Change,
    Resolve,
    Confirm,
    Decline,
    ReviewOk,
    ReviewChanges,
    Approve,
    /// Approve, as it is called for what was done already.
    Attest,
    Reject,
    Abstain,
    Recuse,
    Concern,
    Details,
    Checklist,
    AcceptRisk,
    Start,
    Done,
    Extend,
    RollBack,
    StartNow,
    /// What becomes of a change that runs into the freeze of a major incident.
    LetFinish,
    Halt,
    /// Roll back, for whoever does not carry it out.
    HaveBack,
    Continue,
    /// What whoever is held up by a freeze can do.
    Except,
    Reschedule,
    Allow,
    Deny,
    Lift,
    ExtendFreeze,
    AgreeFreeze,
    ObjectFreeze,
    PirCompliant,
    PirNotCompliant,
    PirMisclassified,
    Present,
    NextItem,
    Defer,
    CloseMeeting,
    SignPolicy,
    ObjectPolicy,
    ReadPolicy,
    ConfirmCause,
    NotRelated,
    /// A dispute for the decision authority, and its ruling.
    Escalate,
    RuleAllow,
    RuleDeny,
    Works,
    DoesNotWork,
    CheckAgain,
    FixForward,
    ApproveRedaction,
    DeclineRedaction,
    /// What one side of a conflict can do.
    Yield,
    Move,
    Coexist,
    /// What becomes of a step that looks like a change.
    CompleteDraft,
    PartOf,
    NotAChange,
    /// The two questions after a use of an entry of the catalogue.
    RateEntry,
}

impl PressAction {
    pub const ALL: [PressAction; 63] = [
        PressAction::TakeLead,
        PressAction::Update,
        PressAction::Severity,
        PressAction::Change,
        PressAction::Resolve,
        PressAction::Confirm,
        PressAction::Decline,
        PressAction::ReviewOk,
        PressAction::ReviewChanges,
        PressAction::Approve,
        PressAction::Attest,
        PressAction::Reject,
        PressAction::Abstain,
        PressAction::Recuse,
        PressAction::Concern,
        PressAction::Details,
        PressAction::Checklist,
        PressAction::AcceptRisk,
        PressAction::Start,
        PressAction::Done,
        PressAction::Extend,
        PressAction::RollBack,
        PressAction::StartNow,
        PressAction::LetFinish,
        PressAction::Halt,
        PressAction::HaveBack,
        PressAction::Continue,
        PressAction::Except,
        PressAction::Reschedule,
        PressAction::Allow,
        PressAction::Deny,
        PressAction::Lift,
        PressAction::ExtendFreeze,
        PressAction::AgreeFreeze,
        PressAction::ObjectFreeze,
        PressAction::PirCompliant,
        PressAction::PirNotCompliant,
        PressAction::PirMisclassified,
        PressAction::Present,
        PressAction::NextItem,
        PressAction::Defer,
        PressAction::CloseMeeting,
        PressAction::SignPolicy,
        PressAction::ObjectPolicy,
        PressAction::ReadPolicy,
        PressAction::ConfirmCause,
        PressAction::NotRelated,
        PressAction::Escalate,
        PressAction::RuleAllow,
        PressAction::RuleDeny,
        PressAction::Works,
        PressAction::DoesNotWork,
        PressAction::CheckAgain,
        PressAction::FixForward,
        PressAction::ApproveRedaction,
        PressAction::DeclineRedaction,
        PressAction::Yield,
        PressAction::Move,
        PressAction::Coexist,
        PressAction::CompleteDraft,
        PressAction::PartOf,
        PressAction::NotAChange,
        PressAction::RateEntry,
    ];

    fn word(self) -> &'static str {
        match self {
            PressAction::TakeLead => "lead",
            PressAction::Update => "update",
            PressAction::Severity => "sev",
            PressAction::Change => "change",
            PressAction::Resolve => "resolve",
            PressAction::Confirm => "confirm",
            PressAction::Decline => "decline",
            PressAction::ReviewOk => "review_ok",
            PressAction::ReviewChanges => "review_no",
            PressAction::Approve => "approve",
            PressAction::Attest => "attest",
            PressAction::Reject => "reject",
            PressAction::Abstain => "abstain",
            PressAction::Recuse => "recuse",
            PressAction::Concern => "concern",
            PressAction::Details => "details",
            PressAction::Checklist => "checklist",
            PressAction::AcceptRisk => "accept_risk",
            PressAction::Start => "start",
            PressAction::Done => "done",
            PressAction::Extend => "extend",
            PressAction::RollBack => "back",
            PressAction::StartNow => "start_now",
            PressAction::LetFinish => "finish",
            PressAction::Halt => "halt",
            PressAction::HaveBack => "have_back",
            PressAction::Continue => "continue",
            PressAction::Except => "except",
            PressAction::Reschedule => "resched",
            PressAction::Allow => "allow",
            PressAction::Deny => "deny",
            PressAction::Lift => "lift",
            PressAction::ExtendFreeze => "extend_freeze",
            PressAction::AgreeFreeze => "agree_freeze",
            PressAction::ObjectFreeze => "object_freeze",
            PressAction::PirCompliant => "pir_ok",
            PressAction::PirNotCompliant => "pir_no",
            PressAction::PirMisclassified => "pir_mis",
            PressAction::Present => "present",
            PressAction::NextItem => "next",
            PressAction::Defer => "defer",
            PressAction::CloseMeeting => "close",
            PressAction::SignPolicy => "sign",
            PressAction::ObjectPolicy => "object",
            PressAction::ReadPolicy => "read_policy",
            PressAction::ConfirmCause => "cause",
            PressAction::NotRelated => "other",
            PressAction::Escalate => "escalate",
            PressAction::RuleAllow => "rule_allow",
            PressAction::RuleDeny => "rule_deny",
            PressAction::Works => "works",
            PressAction::DoesNotWork => "works_not",
            PressAction::CheckAgain => "again",
            PressAction::FixForward => "forward",
            PressAction::ApproveRedaction => "redact_ok",
            PressAction::DeclineRedaction => "redact_no",
            PressAction::Yield => "yield",
            PressAction::Move => "move",
            PressAction::Coexist => "coexist",
            PressAction::CompleteDraft => "complete",
            PressAction::PartOf => "part",
            PressAction::NotAChange => "no_change",
            PressAction::RateEntry => "rate",
        }
    }

    /// What the button says.
    pub fn label(self) -> &'static str {
        match self {
            PressAction::TakeLead => "Take lead",
            PressAction::Update => "Update",
            PressAction::Severity => "Severity",
            PressAction::Change => "Change",
            PressAction::Resolve => "Resolve",
            PressAction::Confirm => "Confirm",
            PressAction::Decline => "Decline",
            PressAction::ReviewOk => "Peer review OK",
            PressAction::ReviewChanges => "Ask for changes",
            PressAction::Approve => "Approve",
            PressAction::Attest => "Attest",
            PressAction::Reject => "Reject",
            PressAction::Abstain => "Abstain",
            PressAction::Recuse => "Recuse",
            PressAction::Concern => "Concern",
            PressAction::Details => "Details",
            PressAction::Checklist => "Checklist",
            PressAction::AcceptRisk => "Accept risk",
            PressAction::Start => "Start",
            PressAction::Done => "Done",
            PressAction::Extend => "More time",
            PressAction::RollBack | PressAction::HaveBack => "Roll back",
            PressAction::StartNow => "Start now",
            PressAction::LetFinish => "Let finish",
            PressAction::Halt => "Halt",
            PressAction::Continue => "Continue",
            PressAction::Except => "Request override",
            PressAction::Reschedule => "Reschedule",
            PressAction::Allow | PressAction::RuleAllow => "Allow",
            PressAction::Deny | PressAction::RuleDeny => "Deny",
            PressAction::Lift => "Lift",
            PressAction::ExtendFreeze => "Extend",
            PressAction::AgreeFreeze => "Agree",
            PressAction::PirCompliant => "Compliant",
            PressAction::PirNotCompliant => "Not compliant",
            PressAction::PirMisclassified => "Misclassified",
            PressAction::Present => "Present",
            PressAction::NextItem => "Next",
            PressAction::Defer => "Defer",
            PressAction::CloseMeeting => "Close",
            PressAction::SignPolicy => "Sign",
            PressAction::ReadPolicy => "I have read it",
            PressAction::ObjectFreeze | PressAction::ObjectPolicy => "Object",
            PressAction::ConfirmCause => "Confirm cause",
            PressAction::NotRelated => "Not related",
            PressAction::Escalate => "Escalate",
            PressAction::Works => "Works",
            PressAction::DoesNotWork => "Does not work",
            PressAction::CheckAgain => "Re-run",
            PressAction::FixForward => "Fix forward",
            PressAction::ApproveRedaction => "Approve redaction",
            PressAction::DeclineRedaction => "Decline redaction",
            PressAction::Yield => "Yield",
            PressAction::Move => "Move",
            PressAction::Coexist => "Coexist",
            PressAction::CompleteDraft => "Complete and submit",
            PressAction::PartOf => "Part of",
            PressAction::NotAChange => "Not a change",
            PressAction::RateEntry => "Rate it",
        }
    }

    /// Whether it is about a draft of its incident, whose number stands where others have their revision.
    fn is_on_draft(self) -> bool {
        matches!(self, PressAction::CompleteDraft | PressAction::PartOf | PressAction::NotAChange)
    }

    fn verb(self) -> VerbId {
        match self {
            PressAction::TakeLead => VerbId::IncLead,
            PressAction::Update => VerbId::IncUpdate,
            PressAction::Severity => VerbId::IncSev,
            PressAction::Change | PressAction::CompleteDraft => VerbId::ChangeEmergency,
            PressAction::PartOf | PressAction::NotAChange => VerbId::IncDraft,
            PressAction::RateEntry => VerbId::CabRate,
            PressAction::Resolve => VerbId::IncResolve,
            PressAction::Confirm => VerbId::IncConfirm,
            PressAction::Decline => VerbId::IncDecline,
            PressAction::ReviewOk | PressAction::ReviewChanges => VerbId::ChangeReview,
            PressAction::Approve | PressAction::Attest => VerbId::ChangeApprove,
            PressAction::Reject => VerbId::ChangeReject,
            PressAction::Abstain => VerbId::ChangeAbstain,
            PressAction::Recuse => VerbId::CabRecuse,
            PressAction::Concern => VerbId::CabConcern,
            PressAction::Details => VerbId::ChangeShow,
            PressAction::Checklist => VerbId::ChangeChecklist,
            PressAction::AcceptRisk => VerbId::ChangeAcceptRisk,
            PressAction::Start | PressAction::StartNow | PressAction::Continue => VerbId::ChangeStart,
            PressAction::LetFinish | PressAction::Halt | PressAction::HaveBack => VerbId::ChangeHalt,
            PressAction::Done => VerbId::ChangeDone,
            PressAction::Extend => VerbId::ChangeExtend,
            PressAction::RollBack => VerbId::ChangeRollback,
            PressAction::Except => VerbId::FreezeExcept,
            PressAction::Reschedule => VerbId::ChangeSched,
            PressAction::Allow => VerbId::FreezeAllow,
            PressAction::Deny => VerbId::FreezeDeny,
            PressAction::Lift => VerbId::FreezeOff,
            PressAction::ExtendFreeze => VerbId::FreezeExtend,
            PressAction::AgreeFreeze => VerbId::FreezeAgree,
            PressAction::ObjectFreeze => VerbId::FreezeObject,
            PressAction::PirCompliant | PressAction::PirNotCompliant | PressAction::PirMisclassified => {
                VerbId::ChangePir
            }
            PressAction::Present => VerbId::CabPresent,
            PressAction::NextItem => VerbId::CabNext,
            PressAction::Defer => VerbId::CabDefer,
            PressAction::CloseMeeting => VerbId::CabClose,
            PressAction::SignPolicy | PressAction::ObjectPolicy | PressAction::ReadPolicy => VerbId::AdminPolicy,
            PressAction::ConfirmCause | PressAction::NotRelated => VerbId::IncLink,
            PressAction::Escalate => VerbId::CabEscalate,
            PressAction::Yield => VerbId::ChangeYield,
            PressAction::Move => VerbId::ChangeConflicts,
            PressAction::Coexist => VerbId::ChangeCoexist,
            PressAction::RuleAllow | PressAction::RuleDeny => VerbId::CabRule,
            PressAction::Works | PressAction::DoesNotWork | PressAction::CheckAgain => VerbId::ChangeValidate,
            PressAction::FixForward => VerbId::ChangeEdit,
            PressAction::ApproveRedaction | PressAction::DeclineRedaction => VerbId::LogRedact,
        }
    }

    /// What it says beside what it is about: an argument, and its word.
    fn says(self) -> Option<(&'static str, &'static str)> {
        let said = match self {
            PressAction::ReviewOk | PressAction::Works => ("verdict", "ok"),
            PressAction::ReviewChanges => ("verdict", "changes"),
            PressAction::SignPolicy => ("do", "sign"),
            PressAction::ObjectPolicy => ("do", "object"),
            PressAction::ReadPolicy => ("do", "read"),
            PressAction::LetFinish => ("verdict", "finish"),
            PressAction::HaveBack => ("verdict", "rollback"),
            PressAction::PirCompliant => ("verdict", "compliant"),
            PressAction::PirNotCompliant => ("verdict", "non-compliant"),
            PressAction::PirMisclassified => ("verdict", "misclassified"),
            PressAction::ConfirmCause => ("as", "caused"),
            PressAction::NotRelated | PressAction::NotAChange => ("as", "none"),
            PressAction::RuleAllow => ("verdict", "allow"),
            PressAction::RuleDeny => ("verdict", "deny"),
            PressAction::DoesNotWork => ("verdict", "failed"),
            PressAction::CheckAgain => ("verdict", "again"),
            PressAction::ApproveRedaction => ("do", "approve"),
            PressAction::DeclineRedaction => ("do", "decline"),
            PressAction::PartOf => ("as", "part"),
            PressAction::TakeLead
            | PressAction::Update
            | PressAction::Severity
            | PressAction::Change
            | PressAction::Resolve
            | PressAction::Confirm
            | PressAction::Decline
            | PressAction::Approve
            | PressAction::Attest
            | PressAction::Reject
            | PressAction::Abstain
            | PressAction::Recuse
            | PressAction::Concern
            | PressAction::Details
            | PressAction::Checklist
            | PressAction::AcceptRisk
            | PressAction::Start
            | PressAction::Done
            | PressAction::Extend
            | PressAction::RollBack
            | PressAction::StartNow
            | PressAction::Halt
            | PressAction::Continue
            | PressAction::Except
            | PressAction::Reschedule
            | PressAction::Allow
            | PressAction::Deny
            | PressAction::Lift
            | PressAction::AgreeFreeze
            | PressAction::ObjectFreeze
            | PressAction::ExtendFreeze
            | PressAction::Present
            | PressAction::NextItem
            | PressAction::Defer
            | PressAction::CloseMeeting
            | PressAction::Escalate
            | PressAction::FixForward
            | PressAction::Yield
            | PressAction::Move
            | PressAction::Coexist
            | PressAction::CompleteDraft
            | PressAction::RateEntry => return None,
        };
        Some(said)
    }
}

/// One button on one record, as it was when the button was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Press {
    pub action: PressAction,
    pub subject: Subject,
    /// The revision that the clicker was looking at; a later one is not what they agreed to. Of a draft, its number.
    pub revision: Option<i32>,
    /// The change that is meant, where the button of another record is about one.
    pub change: Option<i64>,
}

impl Press {
    /// A button on a record, as it was at this revision where it has any.
    pub fn on(action: PressAction, subject: Subject, revision: Option<i32>) -> Press {
        Press { action, subject, revision, change: None }
    }

    /// A button on a record, about a change.
    pub fn about(action: PressAction, subject: Subject, change: i64) -> Press {
        Press { action, subject, revision: None, change: Some(change) }
    }

    pub fn id(&self) -> String {
        let revision = self.revision.map(|revision| format!(".{revision}")).unwrap_or_default();
        let change = self.change.map(|change| format!(".{}", Subject::Change(change))).unwrap_or_default();
        format!("b1.{}.{}{revision}{change}", self.action.word(), self.subject)
    }

    pub fn parse(id: &str) -> Option<Press> {
        let mut parts = id.split('.');
        (parts.next()? == "b1").then_some(())?;
        let word = parts.next()?;
        let action = PressAction::ALL.into_iter().find(|action| action.word() == word)?;
        let press = Press::on(action, Subject::parse(parts.next()?)?, None);
        let press = match parts.next() {
            Some(last) => match Subject::parse(last) {
                Some(Subject::Change(change)) => Press { change: Some(change), ..press },
                Some(_) => return None,
                None => Press { revision: Some(last.parse().ok()?), ..press },
            },
            None => press,
        };
        parts.next().is_none().then_some(press)
    }

    /// The call that this click makes.
    pub fn call(&self) -> Call {
        let verb = catalogue::verb(self.action.verb());
        // Whoever takes a risk upon them types what they take.
        if self.action == PressAction::AcceptRisk {
            return Call::new(verb);
        }
        let call = Call::new(verb).with(verb.about().map_or("about", |arg| arg.name), &self.subject.to_string());
        let call = match self.revision.filter(|_| self.action.is_on_draft()) {
            Some(draft) => call.with(DRAFT, &draft.to_string()),
            None => call,
        };
        let call = match self.change {
            Some(change) => call.with("change", &Subject::Change(change).to_string()),
            None => call,
        };
        match self.action.says() {
            Some((key, word)) => call.with(key, word),
            None => call,
        }
    }
}

#[cfg(test)]
mod tests;
