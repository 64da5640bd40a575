//! The rules and the nouns of incident command and change control. Pure: no async, no IO, no clock, no chance.
//!
//! What cannot touch the world cannot fail in odd ways, and is tested in microseconds. Time comes in as a value.

pub mod archive;
pub mod bypass;
pub mod cases;
pub mod change;
pub mod change_draft;
pub mod checklist;
pub mod command;
pub mod concern;
pub mod configuration_step;
pub mod conflict;
pub mod contingency;
pub mod custom_field;
pub mod decide;
pub mod delegation;
pub mod earlier_change;
pub mod escalation;
pub mod event;
pub mod exception;
pub mod freeze;
pub mod freeze_command;
pub mod halt;
pub mod hold;
pub mod identity;
pub mod incident;
pub mod link;
pub mod meeting;
pub mod minutes;
pub mod organisation;
pub mod person;
pub mod pir;
pub mod place;
pub mod policy;
pub mod privacy;
pub mod proposal;
pub mod question;
pub mod refusal;
pub mod retro;
pub mod rollback;
pub mod rules;
pub mod scheduled;
pub mod seat_ask;
pub mod simulation;
pub mod single_points;
pub mod skipped;
pub mod slot;
pub mod standard;
pub mod standby;
pub mod subject;
pub mod suspect;
pub mod urgency;
pub mod validation;
pub mod when;
pub mod world;

pub use bypass::{Bypass, BypassCounts, Way};
pub use change::{Approval, Ballot, Change, ChangeStatus, Member, Vote, VoteResult, Window};
pub use change_draft::{ChangeDraft, DraftAnswer, DraftCommand, DraftState};
pub use checklist::{Checklist, ChecklistCommand};
pub use command::{Ask, BallotChoice, ChangeForm, Command, DeadlineKind, RiskFactors, Utterance};
pub use concern::{Concern, ConcernCommand};
pub use conflict::{ConflictCommand, ConflictRecord};
pub use contingency::{ContingencyPlan, FailureMode, RollbackStep};
pub use custom_field::{CustomFields, FieldsOf, FillCommand};
pub use decide::decide;
pub use delegation::{Delegation, DelegationCommand, StandsFor};
pub use escalation::{Escalation, RulingCommand};
pub use event::{
    ChangeEvent, ChecklistEvent, CheckpointDue, ConflictEvent, CustomFieldEvent, DelegationEvent, DraftEvent,
    DraftFate, EntryEvent, Event, ExceptionEvent, Fact, FeedEvent, FreezeEvent, IdentityEvent, IncidentEvent,
    KIND_WORDS, KindWord, LinkEvent, LogEvent, MeetingEvent, PirEvent, PrivacyEvent, ProposalEvent, RulingEvent,
    SlotEvent, StandbyEvent, ValidationEvent,
};
pub use exception::{ExceptionCommand, ExceptionTarget, ProcedureException};
pub use freeze::{Freeze, FreezeOverride, FreezeStatus, Frozen, OverrideState};
pub use freeze_command::{FreezeCommand, NewFreeze};
pub use halt::{Halt, HaltRuling};
pub use hold::Hold;
pub use identity::{Identity, LinkSource, Profile, TypedCode};
pub use incident::{Incident, IncidentStatus, Pending, PendingStep, UpdateSchedule};
pub use link::{Link, LinkAnswer, LinkCommand, LinkGuess, Linked};
pub use meeting::{Meeting, MeetingCommand, MeetingStatus, MeetingTarget};
pub use organisation::{Audience, Organisation, Roster, Service, Team, Workspace};
pub use person::{Actor, Person, PersonId};
pub use pir::{OwedPir, Pir, PirAnswers, PirCheck, PirVerdict};
pub use place::{Account, Place, Platform, Standing};
pub use question::{LogQuery, Question};
pub use refusal::Refusal;
pub use retro::{Retro, RetroForm};
pub use rollback::{RollbackCommand, RollbackWalk};
pub use rules::Role;
pub use scheduled::{FeedCommand, FeedTarget, Scheduled};
pub use seat_ask::SeatAsk;
pub use slot::{InLine, LineCommand, Slot, SlotState};
pub use standard::{EntryRating, EntryRecord, EntryUses, RateCommand, Standard, StandardForm};
pub use standby::{Engagement, StandbyBooking, StandbyCommand, StandbyState};
pub use subject::Subject;
pub use urgency::Urgency;
pub use validation::{Validation, ValidationCommand};
pub use when::When;
pub use world::{Answer, Asked, Decision, History, State, Target, World};
