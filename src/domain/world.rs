//! What a decision may look at: loaded under lock, in a fixed order, before anything is decided.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::amendment::AskedFor;
use super::decide::LogExport;
use super::incident::Incident;
use super::policy::Policy;
use super::privacy::PrivacyTarget;
use super::proposal::{InForce, Proposal};
use super::rehearsal::EarlierRehearsal;
use super::rules::{Bookings, PatternUse};
use super::{
    Actor, Batch, BatchTarget, Change, Claim, DeadlineKind, Engagement, EntryRecord, Event, ExceptionTarget,
    FeedTarget, Freeze, Frozen, History, InLine, Link, Linked, Meeting, MeetingTarget, Organisation, OwedPir,
    PirReason, ProcedureException, Subject, TypedCode,
};

#[derive(Debug)]
pub struct World<'a> {
    pub organisation: &'a Organisation,
    pub policy: &'a Policy,
    pub policy_version: i32,
    pub target: Target,
    /// How often changes like this one failed in the last 12 months; filled where a risk is assessed.
    pub history: History,
    /// The latest of those that failed there: `CHG-3: the queue grew`.
    pub failed_before: Vec<String>,
    /// A change that runs on the same service or next to it.
    pub concurrent_change: bool,
    /// The changes of the incident, where the command is about one.
    pub linked_changes: Vec<Change>,
    /// What changes are to the incident or may be, where the command may propose or decide it.
    pub links: Linked,
    /// The incidents that the change is linked to as what resolves them, where somebody says yes or no to it.
    pub resolves: Vec<Incident>,
    /// What the change claims, where somebody decides on that or it is edited.
    pub claims: Vec<Claim>,
    /// The freezes that are not over, where the command may meet one.
    pub freezes: Vec<Frozen>,
    /// The changes that are not over, where a freeze may begin.
    pub open_changes: Vec<Change>,
    /// The reviews of changes that nobody has closed, where another emergency is asked for.
    pub owed_pirs: Vec<OwedPir>,
    /// What else there is to look back on in a change, where it comes to its end.
    pub look_back: Vec<PirReason>,
    /// How the entry of the catalogue did, where a standard change is asked for or taken back.
    pub entry: EntryRecord,
    /// How the entries of the catalogue did, by key, where the housekeeping looks after them.
    pub entries: BTreeMap<String, EntryRecord>,
    /// How earlier changes like it went, where one of the regular way is found to work.
    pub alike: Option<PatternUse>,
    /// The open incidents near a change, where somebody decides what becomes of it while it runs, or whether it works;
    /// those that the open changes are for, where a freeze may begin.
    pub incidents_near: Vec<Incident>,
    /// What the change is to incidents, where it is looked at whether one of them comes from it.
    pub change_links: Vec<Link>,
    /// The number of a freeze that begins.
    pub next_freeze: i64,
    /// The changes that run, soak or wait, where somebody's turn may come or go.
    pub in_line: Vec<InLine>,
    /// Whether there is a surge of incidents (rule 4.4), where somebody's turn may come.
    pub surge: bool,
    /// The changes on the other side of its conflicts, where one is looked at or settled.
    pub rivals: Vec<Change>,
    /// What a planned change is held against, where one asks for its window, gets it or starts.
    pub bookings: Bookings,
    /// What keeps people busy beside a change, where somebody may stand ready for it.
    pub engagements: Vec<Engagement>,
    /// The results of rehearsals of other changes on the same service, where one may count for the way back of this.
    pub rehearsals: Vec<EarlierRehearsal>,
    /// What a text is known by where it is not to be kept: a digest, but for tests, in which it is the text.
    pub digest: fn(&str) -> String,
    /// The exceptions that are not over, where a rule may hold a change up that one of them sets aside.
    pub exceptions: Vec<ProcedureException>,
    /// When the commander last did something on the incident or its changes, where their silence is looked at.
    pub heard_at: Option<DateTime<Utc>>,
}

impl<'a> World<'a> {
    /// With nothing else loaded than what the command is about.
    pub fn about(organisation: &'a Organisation, policy: &'a Policy, policy_version: i32, target: Target) -> World<'a> {
        World {
            organisation,
            policy,
            policy_version,
            target,
            history: History::default(),
            failed_before: Vec::new(),
            concurrent_change: false,
            linked_changes: Vec::new(),
            resolves: Vec::new(),
            claims: Vec::new(),
            freezes: Vec::new(),
            open_changes: Vec::new(),
            owed_pirs: Vec::new(),
            look_back: Vec::new(),
            entry: EntryRecord::default(),
            entries: BTreeMap::new(),
            alike: None,
            next_freeze: 1,
            in_line: Vec::new(),
            surge: false,
            bookings: Bookings::default(),
            engagements: Vec::new(),
            rehearsals: Vec::new(),
            digest: str::to_owned,
            rivals: Vec::new(),
            links: Linked::default(),
            incidents_near: Vec::new(),
            change_links: Vec::new(),
            exceptions: Vec::new(),
            heard_at: None,
        }
    }
}

/// What the command is about.
#[derive(Debug, Clone)]
pub enum Target {
    /// A number to give to a new record. `near` is the open incident, if any, that a new change belongs to.
    New {
        number: i64,
        near: Option<Incident>,
    },
    Incident(Incident),
    /// A change, and the incident that it resolves.
    Change {
        change: Box<Change>,
        incident: Option<Incident>,
    },
    /// A freeze, and the incident that it protects.
    Freeze {
        freeze: Box<Freeze>,
        incident: Option<Incident>,
    },
    Meeting(Box<MeetingTarget>),
    Exception(ExceptionTarget),
    Batch(BatchTarget),
    /// The organisation itself. `code` is what a typed code stands for, where one was typed. `charter`: the edition below
    /// which the caller pressed a button, by its entry.
    Organisation {
        code: Option<TypedCode>,
        charter: Option<i32>,
    },
    /// The address of the caller's own calendar.
    Feed(FeedTarget),
    /// The policies that wait: the newest for signatures, others for their day. `read`: the one below which the caller
    /// pressed a button, having seen what it changes.
    Proposal {
        waiting: Vec<Proposal>,
        read: Option<i32>,
        in_force: Option<InForce>,
        asked_for: AskedFor,
    },
    /// A record as far as erasure is concerned.
    Privacy(Box<PrivacyTarget>),
    /// A part of the log that is to be taken out.
    Log(Box<LogExport>),
}

/// What was decided: what happened, in order, and how the record stands now.
#[derive(Debug, Clone)]
pub struct Decision {
    pub subject: Subject,
    pub events: Vec<Event>,
    pub state: State,
    /// The moments that the record promises now; what was armed before and is not among them is over.
    pub promises: Vec<(DeadlineKind, DateTime<Utc>)>,
    pub answer: Answer,
    pub at: DateTime<Utc>,
    /// What the same command decides about other records, in the same transaction.
    pub with: Vec<Decision>,
}

/// The record as it stands after the decision.
#[derive(Debug, Clone)]
pub enum State {
    /// Only the log grew: a note, a ballot that settles nothing.
    Unchanged,
    Incident(Box<Incident>),
    Change(Box<Change>),
    Freeze(Box<Freeze>),
    Meeting(Box<Meeting>),
    Exception(Box<ProcedureException>),
    Batch(Box<Batch>),
    Proposal(Box<Proposal>),
    /// The organisation, or what is asked of the policy: the rows come with the events.
    ByEvents,
}

/// What the caller is told beyond what happened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// Said instead of what happened, where nothing did: "already P1 since 14:02".
    pub stands: Option<String>,
    /// What else the caller should know.
    pub also: Vec<String>,
    /// How to take it back.
    pub undo: Option<String>,
}

impl Answer {
    pub fn stands(sentence: impl Into<String>) -> Answer {
        Answer { stands: Some(sentence.into()), ..Answer::default() }
    }

    pub fn undo(how: impl Into<String>) -> Answer {
        Answer { undo: Some(how.into()), ..Answer::default() }
    }

    #[must_use]
    pub fn also(mut self, sentence: impl Into<String>) -> Answer {
        self.also.push(sentence.into());
        self
    }
}

/// Who asks, and when.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub by: &'a Actor,
    pub at: DateTime<Utc>,
}
