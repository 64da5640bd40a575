//! What happens to a change.

use chrono::{DateTime, Utc};

use super::requested::with_fields;
use super::review::with_answers;
use super::{
    ApprovalEvent, Draft, EditedField, EntryEvent, Fact, FindingEvent, HaltEvent, HoldEvent, Recorded, Requested,
    ReviewEvent, Revised, RiskEvent, RollbackEvent, SlotEvent, Suspended, ValidationEvent,
};
use crate::domain::change::{VoteResult, Window};
use crate::domain::command::BallotChoice;
use crate::domain::rules::Seat;
use crate::domain::{PersonId, ReviewAnswers, SeatAsk, StandsFor, Subject};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeEvent {
    Requested(Box<Requested>),
    /// A material edit: a new revision, and what was said of the old one is void.
    Revised(Box<Revised>),
    /// An edit that changes nothing which anybody agreed to.
    Edited {
        fields: Vec<EditedField>,
    },
    Scheduled {
        window: Window,
    },
    SeatGranted {
        seat: Seat,
        revision: i32,
        /// Where it is somebody else's.
        on_behalf: Option<StandsFor>,
        /// The risk that an executive accepts, in full.
        accepted: Option<String>,
        /// Of a peer reviewer.
        answers: Option<ReviewAnswers>,
        why: Option<String>,
        /// The services of the change that it is the yes of an owner for, where there are several.
        owns: Vec<String>,
    },
    BallotCast {
        choice: BallotChoice,
        revision: i32,
        /// Which vote of this revision: 0 for the one on the change itself.
        round: i32,
        /// The member whose ballot it is, where a delegate casts it.
        on_behalf: Option<StandsFor>,
        why: Option<String>,
        replaces: bool,
        /// As of a seat.
        owns: Vec<String>,
    },
    ConcernRaised {
        revision: i32,
        why: String,
    },
    /// `raised`: the entry that raised it, by `of`.
    ConcernResolved {
        revision: i32,
        raised: i32,
        of: PersonId,
        why: Option<String>,
    },
    /// Whoever had no ballot at this share of the vote's time was told so.
    VoteReminded {
        revision: i32,
        percent: i32,
        closes: DateTime<Utc>,
        people: Vec<PersonId>,
    },
    /// A tie waits for the chair alone, who was told so.
    ChairAsked {
        revision: i32,
        chair: PersonId,
    },
    VoteClosed {
        result: VoteResult,
    },
    /// The next in line is asked for a seat, because nobody answered.
    Asked {
        ask: SeatAsk,
    },
    /// Nobody is left to be asked for a seat. `nobody`: nobody could be, from the start.
    Unanswered {
        seat: Seat,
        nobody: bool,
    },
    /// `window`: `None` until somebody says when. `taken_by`: the change that has the one it asked for.
    Approved {
        window: Option<Window>,
        taken_by: Option<Subject>,
        /// The window opens later than now.
        ahead: bool,
    },
    Rejected {
        why: String,
    },
    ApprovalExpired {
        sentence: String,
    },
    Started,
    Done {
        summary: Option<String>,
    },
    RolledBack {
        why: String,
    },
    Withdrawn {
        why: String,
    },
    /// It waits for its window. `left`: how long before that is; `None` where it was announced late, and has begun.
    Announced {
        window: Window,
        left: Option<String>,
    },
    WindowWarned {
        minutes_left: i32,
        closes: DateTime<Utc>,
    },
    /// `extendable`: whether a vote can still make it longer.
    WindowExpired {
        closed: DateTime<Utc>,
        late: bool,
        extendable: bool,
    },
    /// It ended before the change was started. `over`: the change ended with it; otherwise it is planned again.
    WindowMissed {
        closed: DateTime<Utc>,
        over: bool,
    },
    /// `until`: the end of the vote. `closes`: the end of the window as it is; `None` once it has passed.
    ExtensionRequested {
        round: i32,
        why: String,
        until: DateTime<Utc>,
        closes: Option<DateTime<Utc>>,
    },
    /// `times`: how often that has happened now.
    WindowExtended {
        window: Window,
        times: u32,
    },
    /// `closes`: the end of the window as it is; `None` once it has passed.
    ExtensionDenied {
        sentence: String,
        closes: Option<DateTime<Utc>>,
    },
    EntrySuspended(Suspended),
    Entry(EntryEvent),
    /// Made without having been asked for, and recorded after it.
    Recorded(Box<Recorded>),
    /// Somebody came upon it, and does not know who made it.
    Finding(FindingEvent),
    /// Whoever had to has said that a record is right.
    Attested {
        works: bool,
    },
    Approval(ApprovalEvent),
    Review(ReviewEvent),
    Slot(SlotEvent),
    Halt(HaltEvent),
    Hold(HoldEvent),
    Validation(ValidationEvent),
    Rollback(RollbackEvent),
    /// A change manager judges its risk otherwise than its score.
    Risk(RiskEvent),
}

impl ChangeEvent {
    /// Whom it asks for a yes.
    pub fn asks(&self) -> &[SeatAsk] {
        match self {
            ChangeEvent::Requested(requested) => &requested.asks,
            ChangeEvent::Revised(revised) => &revised.asks,
            ChangeEvent::Asked { ask } => std::slice::from_ref(ask),
            ChangeEvent::Edited { .. }
            | ChangeEvent::Scheduled { .. }
            | ChangeEvent::Review(_)
            | ChangeEvent::SeatGranted { .. }
            | ChangeEvent::BallotCast { .. }
            | ChangeEvent::ConcernRaised { .. }
            | ChangeEvent::ConcernResolved { .. }
            | ChangeEvent::VoteReminded { .. }
            | ChangeEvent::ChairAsked { .. }
            | ChangeEvent::VoteClosed { .. }
            | ChangeEvent::Unanswered { .. }
            | ChangeEvent::Approval(_)
            | ChangeEvent::Approved { .. }
            | ChangeEvent::Rejected { .. }
            | ChangeEvent::ApprovalExpired { .. }
            | ChangeEvent::Started
            | ChangeEvent::Done { .. }
            | ChangeEvent::RolledBack { .. }
            | ChangeEvent::Withdrawn { .. }
            | ChangeEvent::WindowWarned { .. }
            | ChangeEvent::WindowExpired { .. }
            | ChangeEvent::Announced { .. }
            | ChangeEvent::WindowMissed { .. }
            | ChangeEvent::ExtensionRequested { .. }
            | ChangeEvent::WindowExtended { .. }
            | ChangeEvent::ExtensionDenied { .. }
            | ChangeEvent::EntrySuspended(_)
            | ChangeEvent::Entry(_)
            | ChangeEvent::Recorded(_)
            | ChangeEvent::Finding(_)
            | ChangeEvent::Attested { .. }
            | ChangeEvent::Slot(_)
            | ChangeEvent::Validation(_)
            | ChangeEvent::Rollback(_)
            | ChangeEvent::Risk(_)
            | ChangeEvent::Halt(_)
            | ChangeEvent::Hold(_) => &[],
        }
    }

    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        match self {
            ChangeEvent::Requested(requested) => requested.draft(),
            ChangeEvent::Revised(revised) => revised.draft(),
            ChangeEvent::Edited { fields } => with_fields(Draft::new("change.edited"), fields),
            ChangeEvent::Scheduled { window } => with_window(Draft::new("change.scheduled"), *window),
            ChangeEvent::Review(event) => event.draft(),
            ChangeEvent::SeatGranted { seat, revision, on_behalf, accepted, answers, why, owns } => {
                owning(granted(*seat, *revision, on_behalf.as_ref(), *answers), owns)
                    .maybe(accepted.as_ref(), |draft, accepted| draft.text("accepted", accepted))
                    .maybe(why.as_ref(), |draft, why| draft.text("why", why))
            }
            ChangeEvent::BallotCast { choice, revision, round, on_behalf, why, replaces, owns } => {
                owning(Draft::new("ballot.cast").word("choice", choice.as_str()), owns)
                    .int("revision", *revision)
                    .maybe(on_behalf.as_ref(), for_whom)
                    .maybe((*round > 0).then_some(*round), |draft, round| draft.int("round", round))
                    .fact("replaces", Fact::Yes(*replaces))
                    .maybe(why.as_ref(), |draft, why| draft.text("why", why))
            }
            ChangeEvent::ConcernRaised { revision, why } => raised(*revision, why),
            ChangeEvent::ConcernResolved { revision, raised, of, why } => {
                resolved(*revision, *raised, of).maybe(why.as_ref(), |draft, why| draft.text("why", why))
            }
            ChangeEvent::VoteReminded { revision, percent, closes, people } => {
                reminded(*revision, *percent, *closes, people)
            }
            ChangeEvent::ChairAsked { revision, chair } => {
                Draft::new("vote.chair_asked").int("revision", *revision).fact("chair", Fact::Person(chair.clone()))
            }
            ChangeEvent::VoteClosed { result } => closed(result),
            ChangeEvent::Asked { ask } => asked(ask),
            ChangeEvent::Unanswered { seat, nobody } => unanswered(*seat, *nobody),
            ChangeEvent::Approval(event) => event.draft(),
            ChangeEvent::Approved { window, ahead, taken_by } => approved(*window, *ahead, *taken_by),
            ChangeEvent::Rejected { why } => Draft::new("change.rejected").text("why", why),
            ChangeEvent::ApprovalExpired { sentence } => approval_expired(sentence),
            ChangeEvent::Started => Draft::new("change.started"),
            ChangeEvent::Done { summary } => {
                Draft::new("change.done").maybe(summary.as_ref(), |draft, summary| draft.text("summary", summary))
            }
            ChangeEvent::RolledBack { why } => Draft::new("change.rolled_back").text("why", why),
            ChangeEvent::Withdrawn { why } => Draft::new("change.withdrawn").text("why", why),
            ChangeEvent::Announced { window, left } => announced(*window, left.as_deref()),
            ChangeEvent::WindowWarned { minutes_left, closes } => {
                Draft::new("window.warned").int("minutes_left", *minutes_left).fact("closes", Fact::At(*closes))
            }
            ChangeEvent::WindowExpired { closed, late, extendable } => expired(*closed, *late, *extendable),
            ChangeEvent::WindowMissed { closed, over } => missed(*closed, *over),
            ChangeEvent::ExtensionRequested { round, why, until, closes } => {
                extension_requested(*round, *until, *closes).text("why", why)
            }
            ChangeEvent::WindowExtended { window, times } => {
                with_window(Draft::new("window.extended"), *window).int("times", small(*times))
            }
            ChangeEvent::ExtensionDenied { sentence, closes } => extension_denied(sentence, *closes),
            ChangeEvent::EntrySuspended(suspended) => suspended.draft(),
            ChangeEvent::Entry(event) => event.draft(),
            ChangeEvent::Recorded(recorded) => recorded.said(Draft::new("change.recorded")),
            ChangeEvent::Finding(event) => event.draft(),
            ChangeEvent::Attested { works } => Draft::new("change.attested").fact("works", Fact::Yes(*works)),
            ChangeEvent::Slot(event) => event.draft(),
            ChangeEvent::Halt(event) => event.draft(),
            ChangeEvent::Hold(event) => event.draft(),
            ChangeEvent::Validation(event) => event.draft(),
            ChangeEvent::Rollback(event) => event.draft(),
            ChangeEvent::Risk(event) => event.draft(),
        }
    }
}

fn granted(seat: Seat, revision: i32, on_behalf: Option<&StandsFor>, answers: Option<ReviewAnswers>) -> Draft {
    let draft = Draft::new("seat.granted").word("seat", seat.as_str()).int("revision", revision);
    draft.maybe(on_behalf, for_whom).maybe(answers, with_answers)
}

fn raised(revision: i32, why: &str) -> Draft {
    Draft::new("concern.raised").int("revision", revision).text("why", why)
}

fn owning(draft: Draft, owns: &[String]) -> Draft {
    draft.words_if_any("owns", owns.to_vec())
}

fn for_whom(draft: Draft, from: &StandsFor) -> Draft {
    draft.fact("on_behalf", Fact::Person(from.person.clone())).fact("until", Fact::At(from.until))
}

fn asked(ask: &SeatAsk) -> Draft {
    Draft::new("approval.asked")
        .word("seat", ask.seat.as_str())
        .fact("person", Fact::Person(ask.person.clone()))
        .word("because", ask.because.as_str())
        .maybe(ask.until, |draft, until| draft.fact("until", Fact::At(until)))
}

fn unanswered(seat: Seat, nobody: bool) -> Draft {
    let draft = Draft::new("approval.unanswered").word("seat", seat.as_str());
    if nobody { draft.fact("nobody", Fact::Yes(true)) } else { draft }
}

fn with_window(draft: Draft, window: Window) -> Draft {
    draft.fact("opens", Fact::At(window.opens)).fact("closes", Fact::At(window.closes))
}

pub(super) fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn approval_expired(sentence: &str) -> Draft {
    Draft::new("change.approval_expired").text("sentence", sentence)
}

fn extension_requested(round: i32, until: DateTime<Utc>, closes: Option<DateTime<Utc>>) -> Draft {
    Draft::new("window.extension_requested")
        .int("round", round)
        .fact("until", Fact::At(until))
        .maybe(closes, |draft, closes| draft.fact("closes", Fact::At(closes)))
        .word("rule", "4.17")
}

fn extension_denied(sentence: &str, closes: Option<DateTime<Utc>>) -> Draft {
    Draft::new("window.extension_denied")
        .maybe(closes, |draft, closes| draft.fact("closes", Fact::At(closes)))
        .text("sentence", sentence)
}

fn approved(window: Option<Window>, ahead: bool, taken_by: Option<Subject>) -> Draft {
    Draft::new("change.approved")
        .maybe(window, with_window)
        .maybe(ahead.then_some(ahead), |draft, ahead| draft.fact("ahead", Fact::Yes(ahead)))
        .maybe(taken_by, |draft, taken_by| draft.word("taken_by", taken_by.to_string()))
}

fn missed(closed: DateTime<Utc>, over: bool) -> Draft {
    Draft::new("window.missed").fact("closed", Fact::At(closed)).fact("over", Fact::Yes(over))
}

fn announced(window: Window, left: Option<&str>) -> Draft {
    with_window(Draft::new("change.announced"), window).maybe(left, |draft, left| draft.word("left", left))
}

fn reminded(revision: i32, percent: i32, closes: DateTime<Utc>, people: &[PersonId]) -> Draft {
    Draft::new("vote.reminded")
        .int("revision", revision)
        .int("percent", percent)
        .int("people", i32::try_from(people.len()).unwrap_or(i32::MAX))
        .fact("closes", Fact::At(closes))
}

fn expired(closed: DateTime<Utc>, late: bool, extendable: bool) -> Draft {
    Draft::new("window.expired")
        .fact("closed", Fact::At(closed))
        .fact("late", Fact::Yes(late))
        .fact("extendable", Fact::Yes(extendable))
}

fn closed(result: &VoteResult) -> Draft {
    Draft::new("vote.closed")
        .word("outcome", &result.outcome)
        .word("rule", "4.13")
        .fact("passed", Fact::Yes(result.passed))
        .text("sentence", &result.sentence)
}

fn resolved(revision: i32, raised: i32, of: &PersonId) -> Draft {
    Draft::new("concern.resolved").int("revision", revision).int("raised", raised).fact("of", Fact::Person(of.clone()))
}
