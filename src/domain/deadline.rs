//! What is promised for a moment: each kind once a record.

use serde::{Deserialize, Serialize};

/// A moment that something was promised for. One of a kind per subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineKind {
    /// The next stakeholder update (rule 4.20).
    Update,
    /// The end of a vote (rule 4.13).
    VoteEnd,
    /// Half of a vote's time is over, then 80 %.
    VoteReminder,
    /// 30, then 10 minutes left in a window (rule 4.17).
    WindowWarning,
    WindowEnd,
    /// A change that waits for its window is announced.
    ChangeNotice,
    /// A planned freeze is announced, and begins.
    FreezeNotice,
    FreezeStart,
    /// The end of a freeze is announced, and comes.
    FreezeWarning,
    FreezeEnd,
    /// The commander of a major is asked whether its freeze is still needed.
    FreezeReview,
    /// An override that was granted is not good any more.
    OverrideEnd,
    /// Somebody begins to be away or to stand in for somebody else, and ceases to.
    DelegationStart,
    DelegationEnd,
    /// Whoever is on call hands over, or is told that whoever takes over is away then.
    Rota,
    /// Who was asked for a yes did not answer.
    Silence,
    /// What an executive accepted for a time is accepted no more.
    AcceptanceEnd,
    /// Whoever is to review an emergency change is reminded (timer `emergency.pir`).
    PirReminder,
    /// That review is due.
    PirEnd,
    /// A regular meeting of the board is to begin.
    MeetingStart,
    /// The time for the change under discussion is over.
    MeetingItem,
    /// The checks of what is done run, or whoever is to say whether it works is reminded.
    Validation,
    /// A change's turn lapses, is asked about, or is over (rule 4.18).
    Slot,
    /// Nobody has ruled on a dispute: the next authority is asked.
    Ruling,
    /// A policy that is signed comes into force.
    PolicyStart,
    /// An amendment of the policy is due soon, or now.
    Amendment,
    /// Nobody has settled a conflict: a change manager is asked, then the decision authority.
    Conflict,
    /// People on standby are asked, somebody was silent, or a confirmation is missing.
    Standby,
    /// A rehearsal of a way back is due in some days, or now.
    Rehearsal,
    /// The end of an exception is near.
    ExceptionNotice,
    ExceptionEnd,
    /// Whoever wrote a step that looks like a change is reminded of it.
    Draft,
    /// An owner who has not acknowledged a change is reminded.
    Acknowledgement,
    /// Nobody has settled an objection: the decision authority is asked.
    Objection,
    /// The notice of an unplanned change goes out, whether anybody has looked at it or not.
    NoticePreview,
    /// The commander is silent for as long as the charter of their team allows.
    Succession,
    /// Nobody has claimed a change that was found: the owners of its services are asked.
    Finding,
}

impl DeadlineKind {
    pub const ALL: [DeadlineKind; 37] = [
        DeadlineKind::Update,
        DeadlineKind::VoteEnd,
        DeadlineKind::VoteReminder,
        DeadlineKind::WindowWarning,
        DeadlineKind::WindowEnd,
        DeadlineKind::ChangeNotice,
        DeadlineKind::FreezeNotice,
        DeadlineKind::FreezeStart,
        DeadlineKind::FreezeWarning,
        DeadlineKind::FreezeEnd,
        DeadlineKind::FreezeReview,
        DeadlineKind::OverrideEnd,
        DeadlineKind::DelegationStart,
        DeadlineKind::DelegationEnd,
        DeadlineKind::Rota,
        DeadlineKind::Silence,
        DeadlineKind::AcceptanceEnd,
        DeadlineKind::PirReminder,
        DeadlineKind::PirEnd,
        DeadlineKind::MeetingStart,
        DeadlineKind::MeetingItem,
        DeadlineKind::Validation,
        DeadlineKind::Slot,
        DeadlineKind::Ruling,
        DeadlineKind::PolicyStart,
        DeadlineKind::Amendment,
        DeadlineKind::Conflict,
        DeadlineKind::Standby,
        DeadlineKind::Rehearsal,
        DeadlineKind::ExceptionNotice,
        DeadlineKind::ExceptionEnd,
        DeadlineKind::Draft,
        DeadlineKind::Acknowledgement,
        DeadlineKind::Objection,
        DeadlineKind::NoticePreview,
        DeadlineKind::Succession,
        DeadlineKind::Finding,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            DeadlineKind::Update => "update",
            DeadlineKind::VoteEnd => "vote_end",
            DeadlineKind::VoteReminder => "vote_reminder",
            DeadlineKind::WindowWarning => "window_warning",
            DeadlineKind::WindowEnd => "window_end",
            DeadlineKind::ChangeNotice => "change_notice",
            DeadlineKind::FreezeNotice => "freeze_notice",
            DeadlineKind::FreezeStart => "freeze_start",
            DeadlineKind::FreezeWarning => "freeze_warning",
            DeadlineKind::FreezeEnd => "freeze_end",
            DeadlineKind::FreezeReview => "freeze_review",
            DeadlineKind::OverrideEnd => "override_end",
            DeadlineKind::DelegationStart => "delegation_start",
            DeadlineKind::DelegationEnd => "delegation_end",
            DeadlineKind::Rota => "rota",
            DeadlineKind::Silence => "silence",
            DeadlineKind::AcceptanceEnd => "acceptance_end",
            DeadlineKind::PirReminder => "pir_reminder",
            DeadlineKind::PirEnd => "pir_end",
            DeadlineKind::MeetingStart => "meeting_start",
            DeadlineKind::MeetingItem => "meeting_item",
            DeadlineKind::Validation => "validation",
            DeadlineKind::Slot => "slot",
            DeadlineKind::Ruling => "ruling",
            DeadlineKind::PolicyStart => "policy_start",
            DeadlineKind::Amendment => "amendment",
            DeadlineKind::Conflict => "conflict",
            DeadlineKind::Standby => "standby",
            DeadlineKind::Rehearsal => "rehearsal",
            DeadlineKind::ExceptionNotice => "exception_notice",
            DeadlineKind::ExceptionEnd => "exception_end",
            DeadlineKind::Draft => "draft",
            DeadlineKind::Acknowledgement => "acknowledgement",
            DeadlineKind::Objection => "objection",
            DeadlineKind::NoticePreview => "notice_preview",
            DeadlineKind::Succession => "succession",
            DeadlineKind::Finding => "finding",
        }
    }

    pub fn parse(word: &str) -> Option<DeadlineKind> {
        DeadlineKind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}
