//! The tables whose rows the log accounts for.

/// A row of state that entries account for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Incident,
    Change,
    Ballot,
    Approval,
    Concern,
    Freeze,
    Override,
    Delegation,
    Absence,
    Pir,
    Meeting,
    Feed,
    Proposal,
    Reading,
    Link,
    Archive,
    Slot,
    Escalation,
    Redaction,
    Conflict,
    Exception,
    ExceptionUse,
    NoticeAnswer,
    Claim,
    CatalogueMark,
    Batch,
    Standby,
    Rehearsal,
    Charter,
    Acknowledgement,
    PeerReview,
    Amendment,
    CharterReview,
}

impl Part {
    pub const ALL: [Part; 33] = [
        Part::Incident,
        Part::Change,
        Part::Ballot,
        Part::Approval,
        Part::Concern,
        Part::Freeze,
        Part::Override,
        Part::Delegation,
        Part::Absence,
        Part::Pir,
        Part::Meeting,
        Part::Feed,
        Part::Proposal,
        Part::Reading,
        Part::Link,
        Part::Archive,
        Part::Slot,
        Part::Escalation,
        Part::Redaction,
        Part::Conflict,
        Part::Exception,
        Part::ExceptionUse,
        Part::NoticeAnswer,
        Part::Claim,
        Part::CatalogueMark,
        Part::Batch,
        Part::Standby,
        Part::Rehearsal,
        Part::Charter,
        Part::Acknowledgement,
        Part::PeerReview,
        Part::Amendment,
        Part::CharterReview,
    ];

    /// The table, and the word for a row of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Part::Incident => "incident",
            Part::Change => "change",
            Part::Ballot => "ballot",
            Part::Approval => "approval",
            Part::Concern => "concern",
            Part::Freeze => "change_freeze",
            Part::Override => "freeze_override",
            Part::Delegation => "delegation",
            Part::Absence => "absence",
            Part::Pir => "emergency_review",
            Part::Meeting => "cab_meeting",
            Part::Feed => "calendar_feed",
            Part::Proposal => "policy_proposal",
            Part::Reading => "policy_reading",
            Part::Link => "incident_change_link",
            Part::Archive => "archive",
            Part::Slot => "change_slot",
            Part::Escalation => "decision_escalation",
            Part::Redaction => "redaction",
            Part::Conflict => "change_conflict",
            Part::Exception => "procedure_exception",
            Part::ExceptionUse => "exception_use",
            Part::NoticeAnswer => "notice_answer",
            Part::Claim => "change_claim",
            Part::CatalogueMark => "catalogue_mark",
            Part::Batch => "change_batch",
            Part::Standby => "standby_booking",
            Part::Rehearsal => "rehearsal",
            Part::Charter => "charter",
            Part::Acknowledgement => "charter_acknowledgement",
            Part::PeerReview => "peer_review",
            Part::Amendment => "policy_amendment",
            Part::CharterReview => "charter_review",
        }
    }

    pub fn parse(word: &str) -> Option<Part> {
        Part::ALL.into_iter().find(|part| part.as_str() == word)
    }

    /// Whether a record has many of it, each named by the entry that wrote it last, or one, which its entries change.
    pub fn is_one_for_an_entry(self) -> bool {
        match self {
            Part::Incident
            | Part::Change
            | Part::Freeze
            | Part::Pir
            | Part::Meeting
            | Part::Slot
            | Part::Exception
            | Part::Batch => false,
            Part::Ballot
            | Part::Approval
            | Part::Concern
            | Part::Override
            | Part::Delegation
            | Part::Absence
            | Part::Feed
            | Part::Proposal
            | Part::Reading
            | Part::Link
            | Part::Archive
            | Part::Escalation
            | Part::Redaction
            | Part::Conflict
            | Part::ExceptionUse
            | Part::NoticeAnswer
            | Part::Claim
            | Part::CatalogueMark
            | Part::Standby
            | Part::Rehearsal
            | Part::Charter
            | Part::Acknowledgement
            | Part::PeerReview
            | Part::Amendment
            | Part::CharterReview => true,
        }
    }
}
