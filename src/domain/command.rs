//! What can be asked for that changes something, or is refused.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::charter::CharterCommand;
use super::incident::IncidentStatus;
use super::privacy::PrivacyCommand;
use super::proposal::PolicyCommand;
use super::rules::{Band, Priority, TechnicalImpact, Touches, Urgency};
use super::{
    Acceptance, Account, BatchCommand, CatalogueCommand, ChecklistCommand, ClaimCommand, ConcernCommand,
    ConflictCommand, DeadlineKind, DelegationCommand, DraftCommand, ExceptionCommand, ExposureMark, FeedCommand,
    FillCommand, FindingCommand, FreezeCommand, HaltRuling, LineCommand, LinkCommand, MeetingCommand, NoticeCommand,
    PersonId, PirAnswers, Place, Platform, Profile, Question, RateCommand, RehearsalCommand, ReviewAnswers,
    RollbackCommand, RulingCommand, StandardForm, StandbyCommand, Subject, ValidationCommand, When,
};

/// A major incident is declared, or is none any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MajorCommand {
    /// Or proposed, by whom rule 4.5 does not let declare it.
    Declare {
        why: String,
    },
    StandDown {
        why: String,
    },
}

/// Something that would change the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Declare(Declare),
    SetPriority {
        to: Priority,
        why: Option<String>,
    },
    MarkExposure(ExposureMark),
    /// The second person's yes to a step that waits for one.
    Confirm,
    /// The second person's no.
    Decline,
    SetStatus {
        to: IncidentStatus,
        why: Option<String>,
    },
    /// `why`: needed where nobody is Accountable for it.
    Lead {
        person: Option<PersonId>,
        why: Option<String>,
    },
    Note {
        text: String,
    },
    Decide {
        question: String,
        chose: Option<String>,
        why: Option<String>,
    },
    SendUpdate {
        text: String,
    },
    Resolve {
        summary: String,
    },
    CancelIncident {
        why: String,
    },
    /// What was resolved comes back.
    Reopen {
        why: String,
    },
    Major(MajorCommand),
    /// What a change is to the incident.
    Link(LinkCommand),
    /// What a step is that looked like a change.
    Draft(DraftCommand),
    RequestEmergency(Box<ChangeForm>),
    /// A change that takes the regular way.
    RequestChange(Box<ChangeForm>),
    /// A change that the catalogue approves beforehand.
    RequestStandard(Box<StandardForm>),
    /// A change that was made without one.
    Finding(FindingCommand),
    /// What is not given stays as it was.
    EditChange(Box<ChangeForm>),
    /// Says when an approved change may run.
    ScheduleChange {
        from: Option<When>,
        until: When,
    },
    Review {
        verdict: ReviewVerdict,
        answers: ReviewAnswers,
    },
    Vote {
        choice: BallotChoice,
        why: Option<String>,
    },
    /// What a change has to show before it goes on.
    Checklist(ChecklistCommand),
    /// What the organisation wants to know besides.
    Fill(FillCommand),
    /// A voter's blocking concern.
    Concern(ConcernCommand),
    AcceptRisk(Acceptance),
    /// A change manager's judgement of how risky it is.
    AdjustRisk {
        to: Band,
        why: String,
    },
    /// `why`: where it was halted, why it may go on.
    Start {
        why: Option<String>,
    },
    /// A freeze that may hold a change up, or an exception that may let it go on, has begun, changed or ended. Said by
    /// wardroom itself.
    CheckHold,
    /// What becomes of a change that runs.
    Halt {
        ruling: HaltRuling,
        why: Option<String>,
        /// An incident is declared for it too.
        declares: bool,
    },
    Done {
        summary: Option<String>,
    },
    /// Whether what is done works.
    Validation(ValidationCommand),
    /// Whether the entry of the catalogue was of help.
    Rate(RateCommand),
    RollBack {
        why: String,
    },
    /// The same, step by step.
    Rollback(RollbackCommand),
    Withdraw {
        why: String,
    },
    /// Asks for a longer window of a change that runs.
    Extend {
        why: String,
    },
    /// What is said to, or by, the decision authority.
    Ruling(RulingCommand),
    /// What is said of the conflicts of a change.
    Conflict(ConflictCommand),
    /// What is done to an entry of the catalogue.
    Catalogue(CatalogueCommand),
    /// What is said to the notice of a change.
    Notice(NoticeCommand),
    /// What is said of its claims.
    Claim(ClaimCommand),
    /// What is said of the people on standby.
    Standby(StandbyCommand),
    /// What is said of a rehearsal of its way back.
    Rehearsal(RehearsalCommand),
    /// What is said of an exception from a procedure.
    Exception(ExceptionCommand),
    /// What is said of a batch of changes.
    Batch(BatchCommand),
    /// Closes the review of a change.
    ClosePir(PirAnswers),
    Freeze(FreezeCommand),
    Delegation(DelegationCommand),
    /// The address under which the caller's calendar program fetches the change calendar.
    Feed(FeedCommand),
    Meeting(MeetingCommand),
    /// Who runs next.
    Line(LineCommand),
    /// A promised moment has come. Said by wardroom itself.
    Due {
        deadline: DeadlineKind,
        at: DateTime<Utc>,
    },
    /// A war room was opened on a platform. Said by wardroom itself.
    RoomOpened {
        place: Place,
    },
    /// Vouches for another account of the caller's, by the code that it was given.
    LinkByCode {
        code: String,
    },
    /// The platform was asked about an account. Said by wardroom itself.
    LinkByEmail {
        account: Account,
        profile: Profile,
    },
    /// Removes the caller's own link: of the account that is spoken through, or of those on one platform.
    Unlink {
        on: Option<Platform>,
    },
    /// The charter of a team.
    Charter(CharterCommand),
    /// Takes a part of the log out, to check it or to show it elsewhere.
    ExportLog,
    /// A platform has deactivated an account, or taken it back. Said by wardroom itself.
    SetAccountActive {
        account: Account,
        active: bool,
    },
    /// The bot was removed from a workspace, or its token there is dead. Said by wardroom itself.
    LoseWorkspace {
        platform: Platform,
        workspace: String,
        why: String,
    },
    /// The bot is a member again. Said by wardroom itself.
    RegainWorkspace {
        platform: Platform,
        workspace: String,
    },
    /// A policy is signed, or objected to.
    Policy(PolicyCommand),
    /// Erasure, legal hold and retention.
    Privacy(PrivacyCommand),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declare {
    pub title: String,
    pub priority: Priority,
    pub services: Vec<String>,
    pub impact: Option<TechnicalImpact>,
    pub urgency: Option<Urgency>,
    /// The change that went wrong, where that is why it is declared.
    pub after: Option<i64>,
    /// The severity as it was typed, where nobody knows the word.
    pub unmapped: Option<String>,
}

/// What is said of a change (rule 4.8, row 3). What is missing is refused by name, so nothing here is required.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangeForm {
    pub title: Option<String>,
    /// The main service.
    pub service: Option<String>,
    /// Those that were named after it.
    pub also: Vec<String>,
    pub impact: Option<String>,
    pub why_now: Option<String>,
    pub rollback_plan: Option<String>,
    pub tested: Option<bool>,
    pub factors: RiskFactors,
    /// What kind of change it is, as far as a checklist of the policy goes with that.
    pub category: Option<String>,
    /// Where the words of a form came from that was filled in before anybody typed: its field, its source each.
    pub sources: Vec<(String, String)>,
    /// The draft of the incident that it completes.
    pub draft: Option<i32>,
    /// What shows that it meets an exploit, or what is about to fail: the security lead is asked to confirm it.
    pub exploit: Option<String>,
    /// The reason is a date or a plan that was missed: that is no emergency.
    pub planning: bool,
    /// When it is bound to be done, and by which regulation, where it is not by an incident.
    pub due: Option<When>,
    pub regulation: Option<String>,
    /// When it is planned to run. An emergency runs once it is approved.
    pub from: Option<When>,
    pub until: Option<When>,
}

/// The requester's answers to the risk questions, 1 to 5; a missing one counts as the worst and is marked (rule 4.7). And
/// what the change touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RiskFactors {
    pub data: Option<u8>,
    pub availability: Option<u8>,
    pub compliance: Option<u8>,
    pub complexity: Option<u8>,
    pub rollback: Option<u8>,
    /// `None` where nothing was said, and nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touches: Option<Touches>,
}

impl RiskFactors {
    /// The same, touching this besides.
    #[must_use]
    pub fn touching(self, known: Touches) -> RiskFactors {
        let touches = self.touches.unwrap_or_default().with(known);
        RiskFactors { touches: (!touches.is_empty()).then_some(touches), ..self }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewVerdict {
    Ok,
    ChangesWanted { why: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BallotChoice {
    Approve,
    Reject,
    Abstain,
    /// Steps aside: counts neither for the quorum nor for the outcome.
    Recuse,
}

impl BallotChoice {
    pub const ALL: [BallotChoice; 4] =
        [BallotChoice::Approve, BallotChoice::Reject, BallotChoice::Abstain, BallotChoice::Recuse];

    pub fn as_str(self) -> &'static str {
        match self {
            BallotChoice::Approve => "approve",
            BallotChoice::Reject => "reject",
            BallotChoice::Abstain => "abstain",
            BallotChoice::Recuse => "recuse",
        }
    }

    /// The command that says it.
    pub fn verb(self) -> &'static str {
        match self {
            BallotChoice::Approve => "change approve",
            BallotChoice::Reject => "change reject",
            BallotChoice::Abstain => "change abstain",
            BallotChoice::Recuse => "change recuse",
        }
    }

    pub fn parse(word: &str) -> Option<BallotChoice> {
        BallotChoice::ALL.into_iter().find(|choice| choice.as_str() == word)
    }
}

impl Command {
    /// The verb, as the log names what was asked.
    pub fn name(&self) -> &'static str {
        match self {
            Command::Declare(_) => "inc declare",
            Command::SetPriority { .. } => "inc sev",
            Command::MarkExposure(_) => "inc plan exposure",
            Command::Confirm => "inc confirm",
            Command::Decline => "inc decline",
            Command::SetStatus { .. } => "inc status",
            Command::Lead { .. } => "inc lead",
            Command::Note { .. } => "inc note",
            Command::Decide { .. } => "inc decide",
            Command::SendUpdate { .. } => "inc update",
            Command::Resolve { .. } => "inc resolve",
            Command::CancelIncident { .. } => "inc cancel",
            Command::Reopen { .. } => "inc reopen",
            Command::Major(MajorCommand::Declare { .. }) => "inc major",
            Command::Major(MajorCommand::StandDown { .. }) => "inc stand-down",
            Command::Link(_) => "inc link",
            Command::Draft(_) => "inc draft",
            Command::RequestEmergency(_) => "change emergency",
            Command::RequestChange(_) => "change new",
            Command::RequestStandard(_) => "change std",
            Command::Finding(command) => command.name(),
            Command::EditChange(_) => "change edit",
            Command::ScheduleChange { .. } => "change sched",
            Command::Review { .. } => "change review",
            Command::Vote { choice, .. } => choice.verb(),
            Command::Checklist(command) => command.name(),
            Command::Fill(command) => command.of.verb(),
            Command::Concern(command) => command.name(),
            Command::AcceptRisk(_) => "change accept-risk",
            Command::AdjustRisk { .. } => "cab risk",
            Command::Start { .. } => "change start",
            Command::Halt { .. } => "change halt",
            Command::CheckHold => "a look at what holds it up",
            Command::Done { .. } => "change done",
            Command::Validation(command) => command.name(),
            Command::Rate(_) => "cab standard rate",
            Command::RollBack { .. } => "change rollback",
            Command::Rollback(_) => "change after step",
            Command::Withdraw { .. } => "change withdraw",
            Command::Extend { .. } => "change extend",
            Command::Ruling(command) => command.name(),
            Command::Conflict(command) => command.name(),
            Command::Notice(command) => command.name(),
            Command::Claim(command) => command.name(),
            Command::Catalogue(command) => command.name(),
            Command::Standby(command) => command.name(),
            Command::Rehearsal(command) => command.name(),
            Command::Exception(command) => command.name(),
            Command::Batch(command) => command.name(),
            Command::ClosePir(_) => "change after pir",
            Command::Freeze(command) => command.name(),
            Command::Delegation(command) => command.name(),
            Command::Feed(_) => "change cal",
            Command::Meeting(command) => command.name(),
            Command::Line(command) => command.name(),
            Command::Due { .. } => "a promised moment",
            Command::RoomOpened { .. } => "a war room",
            Command::LinkByCode { .. } => "admin link",
            Command::LinkByEmail { .. } => "a look at an account",
            Command::Unlink { .. } => "admin unlink",
            Command::Charter(_) => "admin charter",
            Command::ExportLog => "log export",
            Command::SetAccountActive { .. } => "an account's state",
            Command::LoseWorkspace { .. } | Command::RegainWorkspace { .. } => "a workspace's state",
            Command::Policy(command) => command.name(),
            Command::Privacy(command) => command.name(),
        }
    }

    /// Whether it changes the organisation, whose lock is the tenant's.
    pub fn changes_organisation(&self) -> bool {
        matches!(
            self,
            Command::Delegation(_)
                | Command::LinkByCode { .. }
                | Command::LinkByEmail { .. }
                | Command::Unlink { .. }
                | Command::Charter(_)
                | Command::SetAccountActive { .. }
                | Command::LoseWorkspace { .. }
                | Command::RegainWorkspace { .. }
        )
    }
}

/// What a person asks for, and about what. `subject` is what they named, not yet what the place implies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utterance {
    pub subject: Option<Subject>,
    pub ask: Ask,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    Command(Command),
    Question(Question),
}
