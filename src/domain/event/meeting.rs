//! What happens to a meeting of the board.

use chrono::{DateTime, Utc};

use super::{Draft, Fact};
use crate::domain::Platform;
use crate::domain::meeting::FindingVerdict;
use crate::domain::trend::CauseTag;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MeetingEvent {
    /// The agenda of a regular meeting is told ahead.
    Announced {
        starts_at: DateTime<Utc>,
        agenda: Vec<String>,
    },
    /// A regular meeting is to begin now.
    Called {
        late: bool,
    },
    Missed,
    Opened {
        agenda: Vec<String>,
        /// How long all of it is to take.
        minutes: i32,
    },
    Attended {
        platform: Platform,
        /// Whether they are on the roster.
        member: bool,
        quorate: bool,
    },
    ItemBegun {
        change: i64,
        minutes: i32,
        until: DateTime<Utc>,
    },
    /// The time for a change is over, whether it was decided in it or not.
    ItemTimeOver {
        change: i64,
        minutes: i32,
        decided: bool,
    },
    ItemDeferred {
        change: i64,
        why: String,
    },
    /// Reviews that are overdue are on the agenda by themselves.
    ReviewsListed {
        reviews: Vec<String>,
    },
    /// The data pack of a monthly meeting.
    PackPosted {
        items: i32,
        /// Of the text of the pack, in hex.
        sha256: String,
        pack: String,
    },
    /// Emergencies rise for months: of all services, or of one.
    TrendRising {
        changes: i32,
        before: i32,
        /// The leading one, where one is on record.
        cause: Option<CauseTag>,
        service: Option<String>,
    },
    /// The board decided something besides its votes.
    Decided {
        number: i32,
        /// The item of the pack that it goes by, and the hash of that pack.
        cites: Option<String>,
        pack: Option<String>,
        /// What becomes of the finding that it goes by.
        verdict: Option<FindingVerdict>,
        text: String,
    },
    Closed {
        present: i32,
        quorate: bool,
        decided: i32,
        deferred: i32,
        undecided: i32,
        /// Of the text of the minutes, in hex.
        sha256: String,
        minutes: String,
    },
}

impl MeetingEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        let of = |draft: Draft, change: i64| draft.word("change", format!("CHG-{change}"));
        match self {
            MeetingEvent::Announced { starts_at, agenda } => Draft::new("meeting.announced")
                .fact("starts_at", Fact::At(*starts_at))
                .fact("agenda", Fact::Words(agenda.clone())),
            MeetingEvent::Called { late } => Draft::new("meeting.called").fact("late", Fact::Yes(*late)),
            MeetingEvent::Missed => Draft::new("meeting.missed"),
            MeetingEvent::Opened { agenda, minutes } => {
                Draft::new("meeting.opened").fact("agenda", Fact::Words(agenda.clone())).int("minutes", *minutes)
            }
            MeetingEvent::Attended { platform, member, quorate } => Draft::new("meeting.attended")
                .word("platform", platform.as_str())
                .fact("member", Fact::Yes(*member))
                .fact("quorate", Fact::Yes(*quorate)),
            MeetingEvent::ItemBegun { change, minutes, until } => {
                of(Draft::new("meeting.item_begun"), *change).int("minutes", *minutes).fact("until", Fact::At(*until))
            }
            MeetingEvent::ItemTimeOver { change, minutes, decided } => {
                let draft = of(Draft::new("meeting.item_time_over"), *change).int("minutes", *minutes);
                draft.fact("decided", Fact::Yes(*decided))
            }
            MeetingEvent::ItemDeferred { change, why } => {
                of(Draft::new("meeting.item_deferred"), *change).text("why", why)
            }
            MeetingEvent::ReviewsListed { reviews } => {
                Draft::new("meeting.reviews_listed").fact("reviews", Fact::Words(reviews.clone()))
            }
            MeetingEvent::PackPosted { items, sha256, pack } => {
                Draft::new("meeting.pack_posted").int("items", *items).word("pack_sha256", sha256).text("pack", pack)
            }
            MeetingEvent::TrendRising { changes, before, cause, service } => Draft::new("meeting.trend_rising")
                .int("changes", *changes)
                .int("before", *before)
                .maybe(*cause, |draft, cause| draft.word("cause", cause.as_str()))
                .maybe(service.clone(), |draft, service| draft.word("service", service)),
            MeetingEvent::Decided { number, cites, pack, verdict, text } => Draft::new("meeting.decided")
                .int("number", *number)
                .maybe(cites.clone(), |draft, cites| draft.word("cites", cites))
                .maybe(pack.clone(), |draft, pack| draft.word("pack_sha256", pack))
                .maybe(*verdict, |draft, verdict| draft.word("verdict", verdict.as_str()))
                .text("text", text),
            MeetingEvent::Closed { present, quorate, decided, deferred, undecided, sha256, minutes } => {
                Draft::new("meeting.closed")
                    .int("present", *present)
                    .fact("quorate", Fact::Yes(*quorate))
                    .int("decided", *decided)
                    .int("deferred", *deferred)
                    .int("undecided", *undecided)
                    .word("sha256", sha256)
                    .text("minutes", minutes)
            }
        }
    }
}
