//! A change: what will be done, how risky it is, who agreed, and when it may run.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::command::BallotChoice;
use super::rules::{ChangeKind, Required, RiskAssessment, Seat, VotePolicyName, VoteTime};
use super::{
    Checklist, Concern, ConflictRecord, CustomFields, Escalation, Halt, Hold, NoticeAnswer, PeerReview, PersonId, Pir,
    Platform, Rehearsal, Retro, RiskFactors, RollbackWalk, SeatAsk, Slot, Standard, StandbyBooking, Subject,
    Submission, Validation,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub number: i64,
    pub version: i32,
    /// Grows with every material edit; reviews, approvals and ballots hold for one revision.
    pub revision: i32,
    pub kind: ChangeKind,
    pub status: ChangeStatus,
    pub title: String,
    /// Number of the incident that it resolves.
    pub incident: Option<i64>,
    /// The main service.
    pub service: String,
    /// What it touches besides, in the order in which that was named.
    pub also: Vec<String>,
    pub requester: PersonId,
    pub implementer: PersonId,
    pub impact: String,
    pub why_now: String,
    pub rollback_plan: String,
    pub tested: bool,
    pub factors: RiskFactors,
    pub risk: RiskAssessment,
    pub required: Required,
    /// Version of the policy that said what is required.
    pub policy: i32,
    /// Granted on this revision, in the order of granting.
    pub approvals: Vec<Approval>,
    /// Who was asked on this revision: for every seat of an emergency, for the acceptance of its risk of any other, and
    /// whoever policy names once nobody decided in time.
    pub asks: Vec<SeatAsk>,
    /// The newest: that on the change itself, later that on a longer window.
    pub vote: Option<Vote>,
    /// Which vote of this revision that is: 0 for the one on the change itself.
    pub round: i32,
    /// Cast in this round, in the order of casting; the newest of a member counts.
    pub ballots: Vec<Ballot>,
    /// Raised on this revision, in the order of raising.
    pub concerns: Vec<Concern>,
    /// What the decision authority was asked to rule on, of this revision, in the order of asking.
    pub escalations: Vec<Escalation>,
    /// What it is in the way of, on record and not settled.
    pub conflicts: Vec<ConflictRecord>,
    /// What was said to the notice of this revision, and objections that nobody has settled.
    pub answers: Vec<NoticeAnswer>,
    /// Who was booked to stand ready for it, in the order of booking.
    pub standby: Vec<StandbyBooking>,
    /// Where its way back was tried, or is to be, in the order of planning.
    pub rehearsals: Vec<Rehearsal>,
    /// What peer reviewers said of this revision, in the order of saying.
    pub reviews: Vec<PeerReview>,
    /// Until when what its audiences are told waits for a look; it goes out by itself then.
    pub preview: Option<DateTime<Utc>>,
    /// When the vote, or the time to decide without one, ends.
    pub decide_by: Option<DateTime<Utc>>,
    /// The entry of the catalogue by which it is standard.
    pub standard: Option<Standard>,
    /// The entry of the catalogue that it puts to the board, where it does nothing else.
    pub submits: Option<Submission>,
    /// What is known only of one that was recorded after the fact.
    pub retro: Option<Retro>,
    /// When a change that is no emergency is planned to run.
    pub planned: Option<Window>,
    pub window: Option<Window>,
    /// How often a vote made its window longer (rule 4.17).
    pub reapprovals: u32,
    /// Since when freezes hold it up.
    pub hold: Option<Hold>,
    /// What was decided about it while it runs: it may finish, or it is halted.
    pub halt: Option<Halt>,
    /// Its turn to run, once it wanted to.
    pub slot: Option<Slot>,
    pub requested_at: DateTime<Utc>,
    pub approved_at: Option<DateTime<Utc>>,
    pub started_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub outcome: Option<String>,
    /// Whether it works, once it was done.
    pub validation: Option<Validation>,
    /// How it is, or was, taken back step by step.
    pub walk: Option<RollbackWalk>,
    /// What has to be shown before it goes on.
    pub checklist: Checklist,
    /// What the organisation wants to know besides.
    pub fields: CustomFields,
    /// The review after an emergency.
    pub pir: Option<Pir>,
}

/// One seat, filled by one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    pub seat: Seat,
    pub person: PersonId,
    /// Whom they stood in for.
    pub on_behalf: Option<PersonId>,
    pub platform: Platform,
    pub at: DateTime<Utc>,
    /// The services of the change that it is the yes of an owner for, where there are several.
    pub owns: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    pub policy: VotePolicyName,
    /// As it was when the vote opened.
    pub roster: Vec<Member>,
    pub chair: PersonId,
    /// Whose yes was part of an earlier round; a longer window takes the yes of somebody else too.
    #[serde(default)]
    pub approved_before: Vec<PersonId>,
    pub opened_at: DateTime<Utc>,
    pub closes_at: DateTime<Utc>,
    /// `None` while it is open.
    pub outcome: Option<VoteResult>,
    /// The chair was told of a tie that waits for the chair alone.
    #[serde(default)]
    pub chair_asked: bool,
    /// It had ended without a quorum, and goes on once for that.
    #[serde(default)]
    pub prolonged: bool,
}

impl Vote {
    pub fn time(&self) -> VoteTime {
        VoteTime { opened: self.opened_at, closes: self.closes_at }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub person: PersonId,
    /// What this member may speak for; nobody fills two.
    pub seats: Vec<Seat>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoteResult {
    pub passed: bool,
    /// `passed(early)`, `failed(veto)`, `expired(no quorum)`: the outcome's name in rule 4.13.
    pub outcome: String,
    pub sentence: String,
    pub at: DateTime<Utc>,
    /// Whose ballot decided it; `None` where time did.
    pub by: Option<PersonId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ballot {
    /// Who cast it.
    pub person: PersonId,
    /// The member whom they stood in for.
    pub on_behalf: Option<PersonId>,
    pub choice: BallotChoice,
    pub why: Option<String>,
    pub platform: Platform,
    pub at: DateTime<Utc>,
    /// As of an approval.
    pub owns: Vec<String>,
}

impl Ballot {
    /// The member whose ballot it is.
    pub fn voice(&self) -> &PersonId {
        self.on_behalf.as_ref().unwrap_or(&self.person)
    }
}

/// How a vote stands: ballots and members without the recused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    pub cast: usize,
    pub members: usize,
    pub quorum: u32,
    pub sentence: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub opens: DateTime<Utc>,
    pub closes: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeStatus {
    AwaitingApproval,
    Approved,
    /// It wanted to start, and waits for its turn.
    Queued,
    /// Approved, and held up by freezes.
    OnHold,
    Implementing,
    /// Stopped half way, until two agree that it goes on, or it is taken back.
    Halted,
    WindowExpired,
    /// Done, and it is not known yet whether it works.
    Validating,
    /// Done, and it does not work: it is taken back, or edited and approved anew.
    Failed,
    Completed,
    RolledBack,
    Rejected,
    ApprovalExpired,
    Cancelled,
}

impl ChangeStatus {
    pub const ALL: [ChangeStatus; 14] = [
        ChangeStatus::AwaitingApproval,
        ChangeStatus::Approved,
        ChangeStatus::Queued,
        ChangeStatus::OnHold,
        ChangeStatus::Implementing,
        ChangeStatus::Halted,
        ChangeStatus::WindowExpired,
        ChangeStatus::Validating,
        ChangeStatus::Failed,
        ChangeStatus::Completed,
        ChangeStatus::RolledBack,
        ChangeStatus::Rejected,
        ChangeStatus::ApprovalExpired,
        ChangeStatus::Cancelled,
    ];

    /// Whether it has yet to begin, or is held up before that.
    pub fn is_before_start(self) -> bool {
        match self {
            ChangeStatus::AwaitingApproval | ChangeStatus::Approved | ChangeStatus::Queued | ChangeStatus::OnHold => {
                true
            }
            ChangeStatus::Implementing
            | ChangeStatus::Halted
            | ChangeStatus::WindowExpired
            | ChangeStatus::Validating
            | ChangeStatus::Failed
            | ChangeStatus::Completed
            | ChangeStatus::RolledBack
            | ChangeStatus::Rejected
            | ChangeStatus::ApprovalExpired
            | ChangeStatus::Cancelled => false,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            ChangeStatus::AwaitingApproval => "awaiting_approval",
            ChangeStatus::Approved => "approved",
            ChangeStatus::Queued => "queued",
            ChangeStatus::OnHold => "on_hold",
            ChangeStatus::Implementing => "implementing",
            ChangeStatus::Halted => "halted",
            ChangeStatus::WindowExpired => "window_expired",
            ChangeStatus::Validating => "validating",
            ChangeStatus::Failed => "failed",
            ChangeStatus::Completed => "completed",
            ChangeStatus::RolledBack => "rolled_back",
            ChangeStatus::Rejected => "rejected",
            ChangeStatus::ApprovalExpired => "approval_expired",
            ChangeStatus::Cancelled => "cancelled",
        }
    }

    /// For people: "awaiting approval".
    pub fn phrase(self) -> String {
        self.as_str().replace('_', " ")
    }

    pub fn parse(word: &str) -> Option<ChangeStatus> {
        ChangeStatus::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether it was begun and has not ended.
    pub fn is_running(self) -> bool {
        matches!(self, ChangeStatus::Implementing | ChangeStatus::Halted | ChangeStatus::WindowExpired)
    }

    pub fn is_open(self) -> bool {
        match self {
            ChangeStatus::AwaitingApproval
            | ChangeStatus::Approved
            | ChangeStatus::Queued
            | ChangeStatus::OnHold
            | ChangeStatus::Implementing
            | ChangeStatus::Halted
            | ChangeStatus::WindowExpired
            | ChangeStatus::Validating
            | ChangeStatus::Failed => true,
            ChangeStatus::Completed
            | ChangeStatus::RolledBack
            | ChangeStatus::Rejected
            | ChangeStatus::ApprovalExpired
            | ChangeStatus::Cancelled => false,
        }
    }
}

impl Change {
    pub fn subject(&self) -> Subject {
        Subject::Change(self.number)
    }

    pub fn is_open(&self) -> bool {
        self.status.is_open()
    }

    /// For people: what is recorded after the fact waits for attestation, not for approval.
    pub fn state_phrase(&self) -> String {
        match (self.kind, self.status) {
            (ChangeKind::Retroactive, ChangeStatus::AwaitingApproval) if self.unclaimed().is_some() => {
                "unclaimed".to_owned()
            }
            (ChangeKind::Retroactive, ChangeStatus::AwaitingApproval) => "awaiting attestation".to_owned(),
            (ChangeKind::Retroactive, ChangeStatus::Completed) => "attested".to_owned(),
            (ChangeKind::Retroactive, ChangeStatus::RolledBack) => "attested, taken back".to_owned(),
            (ChangeKind::Retroactive, ChangeStatus::Rejected) => "not attested".to_owned(),
            (_, status) => status.phrase(),
        }
    }

    /// Whether this person asked for it or carries it out, and so has no say in it (rule 4.15).
    pub fn is_own(&self, person: &PersonId) -> bool {
        &self.requester == person || &self.implementer == person
    }

    /// Whether a vote on a longer window is open.
    pub fn is_extending(&self) -> bool {
        self.vote.as_ref().is_some_and(|vote| vote.policy == VotePolicyName::EcabReapproval && vote.outcome.is_none())
    }

    /// Whether a yes or no still counts.
    pub fn is_undecided(&self) -> bool {
        self.status == ChangeStatus::AwaitingApproval || self.is_extending()
    }

    /// The ballot of a member that counts: the newest, whoever cast it.
    pub fn ballot_of(&self, member: &PersonId) -> Option<&Ballot> {
        self.ballots.iter().rev().find(|ballot| ballot.voice() == member)
    }

    /// Whether somebody voted, for themselves or for a member.
    pub fn has_voted(&self, person: &PersonId) -> bool {
        self.ballots.iter().any(|ballot| &ballot.person == person || ballot.voice() == person)
    }

    /// The ballots that count, of every member at once: a crowd's are not searched through for each of its members.
    pub fn newest_ballots(&self) -> HashMap<&PersonId, &Ballot> {
        self.ballots.iter().map(|ballot| (ballot.voice(), ballot)).collect()
    }

    pub fn approval_of(&self, person: &PersonId) -> Option<&Approval> {
        self.approvals.iter().find(|approval| &approval.person == person)
    }

    /// The seat that a delegate filled for this person.
    pub fn approval_for(&self, person: &PersonId) -> Option<&Approval> {
        self.approvals.iter().find(|approval| approval.on_behalf.as_ref() == Some(person))
    }

    pub fn approvals_in(&self, seat: Seat) -> usize {
        self.standing_approvals().filter(|approval| approval.seat == seat).count()
    }
}
