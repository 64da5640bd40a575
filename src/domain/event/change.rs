//! What happens to a change.

use chrono::{DateTime, Utc};

use super::{
    ChecklistEvent, Draft, EntryEvent, Fact, HaltEvent, HoldEvent, Recorded, RollbackEvent, SlotEvent, Suspended,
    ValidationEvent,
};
use crate::domain::change::{VoteResult, Window};
use crate::domain::command::BallotChoice;
use crate::domain::rules::{ChangeKind, ClassNote, RiskAssessment, Seat};
use crate::domain::{PersonId, SeatAsk, Standard, StandsFor, Subject};

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
    ChangesWanted {
        why: String,
    },
    SeatGranted {
        seat: Seat,
        revision: i32,
        /// Where it is somebody else's.
        on_behalf: Option<StandsFor>,
        /// The risk that an executive accepts, in full.
        accepted: Option<String>,
        why: Option<String>,
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
    /// Nobody is left to be asked for a seat.
    Unanswered {
        seat: Seat,
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
    /// Whoever had to has said that a record is right.
    Attested {
        works: bool,
    },
    Slot(SlotEvent),
    Halt(HaltEvent),
    Hold(HoldEvent),
    Checklist(ChecklistEvent),
    Validation(ValidationEvent),
    Rollback(RollbackEvent),
}

/// What was asked for, and what policy made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    pub title: String,
    pub kind: ChangeKind,
    pub revision: i32,
    pub incident: Option<i64>,
    pub service: String,
    pub impact: String,
    pub why_now: String,
    pub rollback_plan: String,
    pub tested: bool,
    pub planned: Option<Window>,
    pub standard: Option<Standard>,
    pub risk: RiskAssessment,
    pub requires: String,
    pub policy: i32,
    /// Who is asked at once.
    pub asks: Vec<SeatAsk>,
    /// Where the words of its form came from, where it was filled in before anybody typed: `impact INC-7` each.
    pub sources: Vec<String>,
    /// The draft of its incident that it completes.
    pub draft: Option<i32>,
    /// What it comes from, where that is no urgency.
    pub cause: Option<ClassNote>,
    /// When it is bound to be done, and by which regulation.
    pub due: Option<DateTime<Utc>>,
    pub regulation: Option<String>,
}

/// What a material edit changed, and what it voids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revised {
    pub kind: ChangeKind,
    /// The new one.
    pub revision: i32,
    pub fields: Vec<EditedField>,
    pub risk: RiskAssessment,
    pub requires: String,
    pub policy: i32,
    /// The entry of the catalogue, where it is standard still.
    pub standard: Option<Standard>,
    /// The names of those whose reviews, seats and ballots are void.
    pub voided: Vec<String>,
    /// Who is asked anew, at once.
    pub asks: Vec<SeatAsk>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditedField {
    /// The word of the command's argument: `plan`, `svc`.
    pub name: &'static str,
    pub before: String,
    pub after: String,
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
            | ChangeEvent::ChangesWanted { .. }
            | ChangeEvent::SeatGranted { .. }
            | ChangeEvent::BallotCast { .. }
            | ChangeEvent::ConcernRaised { .. }
            | ChangeEvent::ConcernResolved { .. }
            | ChangeEvent::VoteReminded { .. }
            | ChangeEvent::ChairAsked { .. }
            | ChangeEvent::VoteClosed { .. }
            | ChangeEvent::Unanswered { .. }
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
            | ChangeEvent::Attested { .. }
            | ChangeEvent::Slot(_)
            | ChangeEvent::Checklist(_)
            | ChangeEvent::Validation(_)
            | ChangeEvent::Rollback(_)
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
            ChangeEvent::ChangesWanted { why } => Draft::new("review.changes_wanted").text("why", why),
            ChangeEvent::SeatGranted { seat, revision, on_behalf, accepted, why } => {
                granted(*seat, *revision, on_behalf.as_ref())
                    .maybe(accepted.as_ref(), |draft, accepted| draft.text("accepted", accepted))
                    .maybe(why.as_ref(), |draft, why| draft.text("why", why))
            }
            ChangeEvent::BallotCast { choice, revision, round, on_behalf, why, replaces } => Draft::new("ballot.cast")
                .word("choice", choice.as_str())
                .int("revision", *revision)
                .maybe(on_behalf.as_ref(), for_whom)
                .maybe((*round > 0).then_some(*round), |draft, round| draft.int("round", round))
                .fact("replaces", Fact::Yes(*replaces))
                .maybe(why.as_ref(), |draft, why| draft.text("why", why)),
            ChangeEvent::ConcernRaised { revision, why } => {
                Draft::new("concern.raised").int("revision", *revision).text("why", why)
            }
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
            ChangeEvent::Unanswered { seat } => Draft::new("approval.unanswered").word("seat", seat.as_str()),
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
            ChangeEvent::Recorded(recorded) => recorded.draft(),
            ChangeEvent::Attested { works } => Draft::new("change.attested").fact("works", Fact::Yes(*works)),
            ChangeEvent::Slot(event) => event.draft(),
            ChangeEvent::Halt(event) => event.draft(),
            ChangeEvent::Hold(event) => event.draft(),
            ChangeEvent::Checklist(event) => event.draft(),
            ChangeEvent::Validation(event) => event.draft(),
            ChangeEvent::Rollback(event) => event.draft(),
        }
    }
}

/// Who is asked; and for each ask the person, the seat and why them.
fn with_asks(draft: Draft, asks: &[SeatAsk]) -> Draft {
    if asks.is_empty() {
        return draft;
    }
    let mut people: Vec<String> = Vec::new();
    for ask in asks {
        if !people.contains(&ask.person.0) {
            people.push(ask.person.0.clone());
        }
    }
    let told = |ask: &SeatAsk| format!("{} {} {}", ask.person.0, ask.seat.as_str(), ask.because.as_str());
    let reasons = asks.iter().map(told).collect();
    draft.fact("asks", Fact::Words(people)).fact("asks_as", Fact::Words(reasons))
}

fn granted(seat: Seat, revision: i32, on_behalf: Option<&StandsFor>) -> Draft {
    Draft::new("seat.granted").word("seat", seat.as_str()).int("revision", revision).maybe(on_behalf, for_whom)
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

fn with_window(draft: Draft, window: Window) -> Draft {
    draft.fact("opens", Fact::At(window.opens)).fact("closes", Fact::At(window.closes))
}

pub(super) fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The entry and the values are facts: each is one of what the policy of that version allows, and no text of a person.
fn approval_expired(sentence: &str) -> Draft {
    Draft::new("change.approval_expired").text("sentence", sentence)
}

fn with_standard(draft: Draft, standard: &Standard) -> Draft {
    draft
        .word("entry", &standard.entry)
        .int("entry_version", small(standard.version))
        .fact("parameters", Fact::Words(standard.values()))
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

/// Which fields are facts; what stood in them is a text, which can be erased.
fn with_fields(draft: Draft, fields: &[EditedField]) -> Draft {
    let names = fields.iter().map(|field| field.name.to_owned()).collect();
    let told = |field: &EditedField| format!("{}: {} → {}", field.name, field.before, field.after);
    let edits: Vec<String> = fields.iter().map(told).collect();
    draft.fact("fields", Fact::Words(names)).text("edits", edits.join("\n"))
}

impl Revised {
    fn draft(&self) -> Draft {
        let draft = Draft::new("change.revised")
            .word("change_kind", self.kind.as_str())
            .int("revision", self.revision)
            .int("risk_score", self.risk.score)
            .word("risk_band", self.risk.band.as_str())
            .int("policy", self.policy)
            .int("voided", i32::try_from(self.voided.len()).unwrap_or(i32::MAX))
            .word("requires", &self.requires)
            .maybe(self.standard.as_ref(), with_standard);
        let draft = with_asks(with_fields(draft, &self.fields), &self.asks);
        if self.voided.is_empty() { draft } else { draft.text("voided_people", self.voided.join(", ")) }
    }
}

impl Requested {
    fn draft(&self) -> Draft {
        let draft = Draft::new("change.requested")
            .word("change_kind", self.kind.as_str())
            .int("revision", self.revision)
            .maybe(self.incident, |draft, number| draft.word("incident", format!("INC-{number}")))
            .word("service", &self.service)
            .fact("tested", Fact::Yes(self.tested))
            .maybe(self.planned, |draft, planned| {
                draft.fact("planned_from", Fact::At(planned.opens)).fact("planned_until", Fact::At(planned.closes))
            })
            .int("risk_score", self.risk.score)
            .word("risk_band", self.risk.band.as_str())
            .word("requires", &self.requires)
            .int("policy", self.policy)
            .maybe(self.standard.as_ref(), with_standard)
            .maybe((!self.sources.is_empty()).then(|| self.sources.clone()), |draft, sources| {
                draft.fact("sources", Fact::Words(sources))
            })
            .maybe(self.draft, |draft, completes| draft.int("draft", completes))
            .maybe(self.cause, |draft, cause| draft.word("cause", cause.as_str()))
            .maybe(self.due, |draft, due| draft.fact("due", Fact::At(due)))
            .maybe(self.regulation.as_ref(), |draft, regulation| draft.text("regulation", regulation))
            .text("title", &self.title)
            .text("impact", &self.impact)
            .text("why_now", &self.why_now)
            .text("rollback_plan", &self.rollback_plan);
        with_asks(draft, &self.asks)
    }
}
