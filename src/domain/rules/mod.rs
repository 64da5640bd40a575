//! The rules in force: pure functions from facts and numbers to a verdict, one rule per file.
//!
//! | rule | file | question |
//! |---|---|---|
//! | 4.1 | `impact` | how hard is it felt? |
//! | 4.2 | `priority` | how urgent is it? |
//! | 4.3 | `effective_priority`, `priority_override` | what raises it, and who may change it? |
//! | 4.4 | `surge` | is so much broken that less may be changed? |
//! | 4.5 | `major` | who may declare a major incident? |
//! | 4.7 | `risk`, `risk_history`, `disposition` | how risky is a change, and how may it run? |
//! | 4.8 | `classify` | what type of change is it? |
//! | 4.9 | `contingency` | does it know its way back? |
//! | 4.10 | `approvals`, `seat`, `owner_seats` | whose yes does it need, and who may give it? |
//! | 4.11 | `freeze` | does a freeze let it through? |
//! | 4.12 | `freeze_override` | who may let it through all the same? |
//! | 4.13 | `vote`, `seat_matching` | how does a vote stand? |
//! | 4.13 | `vote_reminder` | when are those without a ballot reminded? |
//! | 4.14 | `links` | did a change break it? |
//! | 4.15 | `duties` | which duties may not meet in one person? |
//! | 4.16 | `deadlines` | by when must they answer? |
//! | 4.17 | `window` | may it run now? |
//! | 4.18 | `throttle` | may it start beside what runs already? |
//! | 4.20 | `updates`, `audience` | when do stakeholders hear, and what? |
//! | 4.22 | `candidates` | whom do we ask, in which order? |
//! | 4.23 | `permissions`, `role`, `log_reading` | who may do what, and read what? |
//! | 4.23 | `activity` | who answers for what? |
//! | 4.33 | `coordination` | who should coordinate incidents here? |
//! | 4.34 | `retention` | how long is it kept? |
//! | 4.35 | `exceptions`, `authority` | which rule may be set aside, and by whom; who rules on a dispute? |
//! | 4.38 | `notice` | who has to say that they have read a notice? |
//! | 4.39 | `checklists` | what has to be ticked first? |
//! | 4.41 | `catalogue` | does an entry of the catalogue deserve its trust? |
//! | 4.48 | `standby` | do the people stand ready who would take it back? |
//! | 4.49 | `reviews` | what has to be looked back on, and by when? |
//!
//! Every number comes from [`Policy`](super::policy::Policy); nothing here reads a clock.

#[macro_use]
mod words;

mod activity;
mod approvals;
mod audience;
mod authority;
mod batch_stop;
mod calendar;
mod candidates;
mod catalogue;
mod checklists;
mod claim;
mod classify;
mod conflict;
mod contingency;
mod coordination;
mod deadlines;
mod disposition;
mod duties;
mod effective_priority;
mod exceptions;
mod freeze;
mod freeze_override;
mod impact;
mod links;
mod log_reading;
mod major;
mod meeting;
mod notice;
mod owner_seats;
mod permissions;
mod priority;
mod priority_override;
mod ratio;
mod recurrence;
mod retention;
mod reviews;
mod risk;
mod risk_history;
mod role;
mod ruling;
mod seat;
mod seat_matching;
mod standby;
mod surge;
mod throttle;
mod touches;
mod updates;
mod vote;
mod vote_reminder;
mod window;

pub use activity::{Activity, ServiceFunction};
pub(in crate::domain) use approvals::move_into_vote;
pub use approvals::{ApprovalFacts, Condition, Flag, Required, required_approvals};
pub use audience::{AudienceKind, Field, Shown, Viewing, Visibility, shown, visibility};
pub use authority::{Dispute, EscalationState, RulingClock, RulingVerdict, next_authority};
pub use batch_stop::BatchStop;
pub use calendar::{BusinessHours, Calendar, Span};
pub use candidates::{AskedAs, Candidate, Candidates, Obstacle, Source, delegate_may_act, resolve};
pub use catalogue::{
    CatalogueApproval, CatalogueState, CatalogueVerdict, EntryUse, PatternUse, catalogue_verdict, promotion_verdict,
};
pub use checklists::{ChecklistItem, EvidenceAge, Gate, ItemEvidence, ShownItem, asked_for, evidence_age, open_items};
pub use claim::{ClaimKind, ClaimState};
pub use classify::{
    ChangeKind, ChangeRequest, ClassNote, Classified, EmergencyAsk, Evidence, LinkedIncident, Rejection, TemplateFacts,
    classify_change,
};
pub use conflict::{Bookings, Conflict, ConflictLevel, ConflictState, Planned, Trouble, conflicts, free_windows};
pub use contingency::{
    Contingency, ContingencyItem, ContingencySection, RehearsalHold, RehearsalNeed, Verification, contingency_ok,
};
pub use coordination::{Complexity, CoordinationMode, complexity_tenths, coordination_mode};
pub use deadlines::{
    AcceptanceClock, ApprovalDeadlines, DeadlineCase, EmergencyCase, EmergencyClock, ExtensionClock, NextHop,
    RegularClock, approval_deadlines, emergency_deadlines,
};
pub use disposition::{Disposition, disposition};
pub use duties::{Duty, Relation, duties_ok};
pub use effective_priority::{EffectivePriority, Exposure, Modifiers, effective_priority};
pub use exceptions::{ExceptionClass, ExceptionSubject, exception_allowed};
pub use freeze::{FreezeFacts, FreezeKind, FreezeVerdict, FrozenChange, freeze_meets, freeze_verdict};
pub use freeze_override::{Deciders, OverrideAuthority, override_authority};
pub use impact::{Impact, TechnicalImpact, Tier, impact_level, strictest_impact};
pub use links::{
    LinkConfidence, LinkFact, LinkKind, LinkOrigin, LinkRelation, LinkState, LinkVerdict, link_confidence,
};
pub use log_reading::{LogReach, LogReading, LogTies, log_reach, read_log};
pub use major::{DECLARES_MAJOR, may_declare_major, may_stand_down};
pub use meeting::{MeetingQuorum, Pending, agenda};
pub use notice::{AnswerState, must_acknowledge};
pub use owner_seats::unspoken;
pub use permissions::{Action, HeldRole, Scope, Tie, authorize, authorize_unlinked};
pub use priority::{Priority, Urgency, priority};
pub use priority_override::{OverrideRequest, OverrideVerdict, may_override};
pub use ratio::{Ratio, Threshold};
pub use recurrence::Every;
pub use retention::{Fate, RecordClass, RetentionAction, retention_action, retention_rule};
pub use reviews::{ChangeEnd, ReviewClock, ReviewDue, ReviewFact, ReviewKind, ReviewSubject, review_required};
pub use risk::{Band, Lowering, MovedBand, Rehearsal, RiskAssessment, RiskInput, RiskLine, may_move_band, risk_score};
pub use risk_history::{CauseAdjustment, HistoryCount, cause_points, history_points};
pub use role::Role;
pub(in crate::domain) use ruling::listed;
pub use ruling::{Denial, Ruling};
pub use seat::{ClaimTie, Seat, SeatClaim, eligible};
pub use seat_matching::unfilled;
pub use standby::{Booking, BookingState, Standby, StandbyChange, StandbyRole, StandbyVerdict, standby_verdict};
pub use surge::{OpenFor, in_surge, lasts_on};
pub use throttle::{Queued, Running, Throttle, ThrottleFact, ThrottleReason, throttle_verdict};
pub use touches::{Touch, Touches};
pub use updates::{Pace, after_priority_change, next_update, slot, slot_after};
pub use vote::{
    Ballot, FailReason, Passed, VoteInput, VoteMember, VoteOutcome, VotePolicyName, vote_closes, vote_outcome,
};
pub use vote_reminder::{TIMER_EARLY, VoteReminder, VoteTime, vote_reminder};
pub use window::{WindowVerdict, window_length, window_verdict};
pub use words::Word;
