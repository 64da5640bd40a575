//! A meeting of the board: who is there, what is talked about in which order and for how long, and what came of it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::amendment::AskedFor;
use super::pack::{Pack, PackFigures, PackPeriod};
use super::policy::Policy;
use super::proposal::Proposal;
use super::rules::{Band, MeetingQuorum, VotePolicyName};
use super::{Change, ChangeStatus, DeadlineKind, Organisation, OwedPir, PersonId, Place, Platform, Role, Subject};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meeting {
    pub number: i64,
    pub version: i32,
    pub status: MeetingStatus,
    /// When it is to begin, where it is a regular one.
    pub starts_at: Option<DateTime<Utc>>,
    /// Whether its beginning was told.
    pub called: bool,
    /// Where its card is: first where it is held, then where people of the other platforms follow it.
    pub places: Vec<Place>,
    /// As it was when the meeting was opened.
    pub roster: Vec<PersonId>,
    pub chair: Option<PersonId>,
    /// In the order in which it is talked about.
    pub agenda: Vec<Item>,
    pub patterns: Vec<Pattern>,
    /// Changes whose review was overdue when the agenda was made.
    pub reviews: Vec<OverdueReview>,
    /// Of the first regular meeting of a month: what happened in the month before.
    pub pack: Option<Pack>,
    /// What it decided besides its votes, in order.
    pub decisions: Vec<BoardDecision>,
    /// In the order of coming; one for a person, whatever their platform.
    pub attendance: Vec<Attendance>,
    /// The change under discussion.
    pub current: Option<i64>,
    pub opened_at: Option<DateTime<Utc>>,
    pub opened_by: Option<PersonId>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_by: Option<PersonId>,
    /// sha256 of the text of its minutes, in hex.
    pub minutes_hash: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeetingStatus {
    /// A regular one that is to come.
    Announced,
    Open,
    Closed,
    /// Nobody opened it before the next one was announced.
    Missed,
}

/// A change on the agenda.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub change: i64,
    pub band: String,
    /// How long it is talked about.
    pub minutes: u32,
    pub began_at: Option<DateTime<Utc>>,
    /// Whether its time was said to be over.
    pub warned: bool,
    pub deferred: Option<Deferral>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deferral {
    pub by: PersonId,
    pub at: DateTime<Utc>,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendance {
    pub person: PersonId,
    pub platform: Platform,
    pub at: DateTime<Utc>,
}

/// A service whose incidents needed changes again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    pub service: String,
    pub changes: i64,
}

/// A change whose review nobody had closed in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverdueReview {
    pub change: i64,
    pub due_at: DateTime<Utc>,
}

/// What the board decided, besides its votes on changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardDecision {
    pub what: String,
    /// The item of the pack that it goes by: `P3`.
    pub cites: Option<String>,
    /// What becomes of the finding that it goes by.
    #[serde(default)]
    pub verdict: Option<FindingVerdict>,
    pub by: PersonId,
    pub at: DateTime<Utc>,
}

/// What becomes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingVerdict {
    /// Another rule is asked for.
    Adopt,
    Reject,
    /// It comes again with the next quarter.
    Defer,
}

impl FindingVerdict {
    pub const ALL: [FindingVerdict; 3] = [FindingVerdict::Adopt, FindingVerdict::Reject, FindingVerdict::Defer];

    pub fn as_str(self) -> &'static str {
        match self {
            FindingVerdict::Adopt => "adopt",
            FindingVerdict::Reject => "reject",
            FindingVerdict::Defer => "defer",
        }
    }

    pub fn parse(word: &str) -> Option<FindingVerdict> {
        FindingVerdict::ALL.into_iter().find(|verdict| verdict.as_str() == word)
    }
}

/// What a command about a meeting is decided on.
#[derive(Debug, Clone)]
pub struct MeetingTarget {
    /// The one that is meant, where it is there already.
    pub meeting: Option<Meeting>,
    /// Those that are announced or open.
    pub standing: Vec<Meeting>,
    /// The number of a new one.
    pub number: i64,
    /// Where it was asked.
    pub place: Option<Place>,
    /// The change that was named.
    pub item: Option<i64>,
    /// Those on its agenda; for a new one, those that await approval.
    pub changes: Vec<Change>,
    pub patterns: Vec<Pattern>,
    /// The reviews of changes that nobody has closed, where an agenda or the minutes are made.
    pub owed: Vec<OwedPir>,
    /// What the pack of the meeting that is announced is made of, where it gets one.
    pub counted: Option<(PackPeriod, PackFigures)>,
    /// The policies that wait and what is asked of the policy, where a finding is adopted.
    pub registry: Option<(Vec<Proposal>, AskedFor)>,
    /// sha256 in hex: a function of the text alone, given from outside.
    pub digest: fn(&str) -> String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MeetingCommand {
    Open,
    Present,
    Next,
    Defer {
        why: String,
    },
    /// The board decides something besides its votes; `cites`: the item of the pack that it goes by; `verdict`: where that
    /// is a finding.
    Decide {
        what: String,
        cites: Option<String>,
        verdict: Option<FindingVerdict>,
    },
    Close,
    /// The agenda of the regular meeting is to be told. Said by wardroom itself.
    Announce {
        starts_at: DateTime<Utc>,
    },
}

impl MeetingCommand {
    /// The verb, as the log names what was asked.
    pub fn name(&self) -> &'static str {
        match self {
            MeetingCommand::Open => "cab open",
            MeetingCommand::Present => "cab present",
            MeetingCommand::Next => "cab next",
            MeetingCommand::Defer { .. } => "cab defer",
            MeetingCommand::Decide { .. } => "cab decide",
            MeetingCommand::Close => "cab close",
            MeetingCommand::Announce { .. } => "a regular meeting",
        }
    }
}

impl MeetingStatus {
    pub const ALL: [MeetingStatus; 4] =
        [MeetingStatus::Announced, MeetingStatus::Open, MeetingStatus::Closed, MeetingStatus::Missed];

    pub fn as_str(self) -> &'static str {
        match self {
            MeetingStatus::Announced => "announced",
            MeetingStatus::Open => "open",
            MeetingStatus::Closed => "closed",
            MeetingStatus::Missed => "missed",
        }
    }

    pub fn parse(word: &str) -> Option<MeetingStatus> {
        MeetingStatus::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

impl OverdueReview {
    pub fn subject(&self) -> Subject {
        Subject::Change(self.change)
    }

    /// Whether somebody still owes it.
    pub fn is_owed(&self, owed: &[OwedPir]) -> bool {
        owed.iter().any(|owed| owed.change == self.change)
    }
}

impl Item {
    /// When its time is over, once it is talked about.
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.began_at.map(|began| began + TimeDelta::minutes(self.minutes.into()))
    }

    pub fn subject(&self) -> Subject {
        Subject::Change(self.change)
    }
}

/// Whether a change still waits for the board.
pub fn is_undecided(change: Option<&Change>) -> bool {
    change.is_some_and(|change| change.status == ChangeStatus::AwaitingApproval)
}

impl Meeting {
    pub fn subject(&self) -> Subject {
        Subject::Meeting(self.number)
    }

    pub fn is_open(&self) -> bool {
        self.status == MeetingStatus::Open
    }

    pub fn item(&self, change: i64) -> Option<&Item> {
        self.agenda.iter().find(|item| item.change == change)
    }

    pub fn attended(&self, person: &PersonId) -> Option<&Attendance> {
        self.attendance.iter().find(|one| &one.person == person)
    }

    /// Members who are not there.
    pub fn absent(&self) -> impl Iterator<Item = &PersonId> {
        self.roster.iter().filter(|member| self.attended(member).is_none())
    }

    /// As many as the board's vote on a change of high risk needs, and somebody of incident management.
    pub fn quorum(&self, organisation: &Organisation, policy: &Policy) -> MeetingQuorum {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let roster = count(self.roster.len());
        let numbers = policy.votes.of(VotePolicyName::CabHigh, Band::High);
        let speaks = |person: &PersonId| {
            organisation.has_role(person, Role::Commander) || organisation.has_role(person, Role::DutyManager)
        };
        MeetingQuorum {
            roster,
            present: count(self.roster.len() - self.absent().count()),
            needed: numbers.min_count.max(numbers.min_participation.of_rounded_up(roster)),
            incident_management: self.attendance.iter().any(|one| speaks(&one.person)),
        }
    }

    /// What the record promises now.
    pub fn promises(&self) -> Vec<(DeadlineKind, DateTime<Utc>)> {
        match self.status {
            MeetingStatus::Announced if !self.called => {
                self.starts_at.map(|at| (DeadlineKind::MeetingStart, at)).into_iter().collect()
            }
            MeetingStatus::Open => {
                let current = self.current.and_then(|change| self.item(change)).filter(|item| !item.warned);
                current.and_then(Item::ends_at).map(|at| (DeadlineKind::MeetingItem, at)).into_iter().collect()
            }
            MeetingStatus::Announced | MeetingStatus::Closed | MeetingStatus::Missed => Vec::new(),
        }
    }
}
