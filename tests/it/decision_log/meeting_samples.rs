//! Samples of what happens to meetings of the board.

use wardroom::domain::Platform;
use wardroom::domain::event::MeetingEvent;
use wardroom::domain::meeting::FindingVerdict;
use wardroom::domain::trend::CauseTag;

use super::events::{at, text};

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<MeetingEvent> {
    let agenda = vec!["CHG-3".to_owned(), "CHG-1".to_owned()];
    vec![
        MeetingEvent::Announced { starts_at: at(14), agenda: agenda.clone() },
        MeetingEvent::Called { late: true },
        MeetingEvent::Missed,
        MeetingEvent::Opened { agenda, minutes: 25 },
        MeetingEvent::Attended { platform: Platform::Discord, member: true, quorate: true },
        MeetingEvent::ItemBegun { change: 3, minutes: 15, until: at(15) },
        MeetingEvent::ItemTimeOver { change: 3, minutes: 15, decided: false },
        MeetingEvent::ItemDeferred { change: 1, why: text("why") },
        MeetingEvent::ReviewsListed { reviews: vec!["CHG-1".to_owned()] },
        MeetingEvent::PackPosted { items: 9, sha256: "0a1b2c".to_owned(), pack: text("pack") },
        MeetingEvent::TrendRising {
            changes: 8,
            before: 5,
            cause: Some(CauseTag::Planning),
            service: Some("cards".to_owned()),
        },
        MeetingEvent::Decided {
            number: 1,
            cites: Some("P2".to_owned()),
            pack: Some("0a1b2c".to_owned()),
            verdict: Some(FindingVerdict::Adopt),
            text: text("text"),
        },
        MeetingEvent::Closed {
            present: 3,
            quorate: true,
            decided: 1,
            deferred: 1,
            undecided: 0,
            sha256: "0a1b2c".to_owned(),
            minutes: text("minutes"),
        },
    ]
}

pub fn kind_of(event: &MeetingEvent) -> &'static str {
    match event {
        MeetingEvent::Announced { .. } => "meeting.announced",
        MeetingEvent::Called { .. } => "meeting.called",
        MeetingEvent::Missed => "meeting.missed",
        MeetingEvent::Opened { .. } => "meeting.opened",
        MeetingEvent::Attended { .. } => "meeting.attended",
        MeetingEvent::ItemBegun { .. } => "meeting.item_begun",
        MeetingEvent::ItemTimeOver { .. } => "meeting.item_time_over",
        MeetingEvent::ItemDeferred { .. } => "meeting.item_deferred",
        MeetingEvent::ReviewsListed { .. } => "meeting.reviews_listed",
        MeetingEvent::PackPosted { .. } => "meeting.pack_posted",
        MeetingEvent::TrendRising { .. } => "meeting.trend_rising",
        MeetingEvent::Decided { .. } => "meeting.decided",
        MeetingEvent::Closed { .. } => "meeting.closed",
    }
}
