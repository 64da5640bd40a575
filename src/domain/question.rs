//! What can be asked that only reads.

use super::rules::Complexity;
use super::{ChecklistOf, KindWord, PersonId, When};

/// Something that only reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// In a room its card, elsewhere what waits for the caller.
    Panel,
    IncidentList {
        /// From 1; 0 and 1 are the first.
        page: u32,
    },
    Summary,
    Timeline,
    /// Which changes it may come from.
    IncidentChanges,
    ChangeShow,
    ChangeList {
        /// From 1; 0 and 1 are the first.
        page: u32,
    },
    /// What the catalogue approves beforehand; of one service, where one was named.
    StandardList {
        service: Option<String>,
    },
    /// The section of the policy file for an entry to revise, otherwise for a change that could become one.
    EntryDraft {
        entry: Option<String>,
    },
    Risk,
    Checklist {
        of: ChecklistOf,
    },
    /// Who is on call, away, or stood in for.
    OnCall,
    /// Which policy is in force, and which waits for signatures.
    Policy,
    /// `/admin policy show`: what a rule says, by its number or its name; which there are, where none is named.
    PolicyRule {
        rule: Option<String>,
    },
    /// `/admin policy history`
    PolicyHistory,
    /// An amendment, by its number: what is asked for, and what became of it.
    Amendment {
        number: i32,
    },
    /// `/admin policy simulate`
    PolicySimulation,
    /// Which changes run, and which wait.
    ChangeQueue,
    /// What is planned, runs and is frozen in the days ahead.
    ChangeCalendar {
        /// Of these services; without it of all.
        services: Option<Vec<String>>,
        days: u32,
        /// From 1; 0 and 1 are the first.
        page: u32,
    },
    /// What is in the way of a change, and when nothing is.
    ChangeConflicts,
    /// Which notices of a change went to whom, who has acknowledged it, and what is still to come.
    ChangeNotices,
    /// Who stands ready to take a change back, and what is missing.
    Standby,
    /// Who could stand by in the coming days. `page` 0 and 1 are the first.
    StandbyPool {
        page: u32,
    },
    /// Whether the way back of a change was rehearsed.
    Rehearsals,
    /// Every freeze, or the one that was named.
    FreezeList {
        /// From 1; 0 and 1 are the first.
        page: u32,
    },
    /// What the freezes say of a change, or of changes on a service.
    FreezeCheck {
        services: Option<Vec<String>>,
    },
    VoteStatus,
    /// Who may vote: the roster as it was when the vote opened.
    VoteMembers,
    /// What a vote still takes to pass.
    VoteQuorum,
    /// What the board's meeting talks about.
    CabAgenda,
    CabMinutes,
    /// Every exception from a procedure, or the one that was named.
    ExceptionList {
        /// From 1; 0 and 1 are the first.
        page: u32,
    },
    /// What went past the regular way of changes.
    Bypasses {
        days: u32,
        /// From 1; 0 and 1 are the first.
        page: u32,
    },
    /// Records whose fields are still empty, and how long forms and fields take.
    EmptyFields {
        days: u32,
        /// From 1; 0 and 1 are the first.
        page: u32,
    },
    LogShow(LogQuery),
    LogVerify,
    /// A batch of changes, or all that are not over.
    Batches {
        page: u32,
    },
    /// How long texts are kept, what is due, what is held, what waits for a second person.
    Retention,
    /// What is sealed of an incident.
    Archive,
    /// Whether one desk or the teams should coordinate incidents (rule 4.33).
    Coordination {
        of: Complexity,
    },
    /// What of the organisation hangs on one person.
    Check,
    /// Who answers for what: of the unit, or of one service.
    Responsibilities {
        service: Option<String>,
    },
    /// The charters of teams, or that of one.
    Charters {
        team: Option<String>,
    },
    Whoami,
    /// How to link this account to a person.
    LinkCode,
    Help {
        command: &'static str,
    },
}

/// Which entries of the log are looked for; everything that is not named is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogQuery {
    pub by: Option<PersonId>,
    pub kind: Option<&'static KindWord>,
    pub since: Option<When>,
    pub until: Option<When>,
    /// From 1, the newest; 0 and 1 are the first.
    pub page: u32,
}
