//! Samples of what people say to the notices of a change.

use wardroom::domain::rules::AnswerState;
use wardroom::domain::{NoticeEvent, PersonId};

use super::events::{at, text};

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<NoticeEvent> {
    vec![
        NoticeEvent::Acknowledged { revision: 1 },
        NoticeEvent::Reminded { revision: 1, owners: vec![PersonId("p_kim".to_owned())] },
        NoticeEvent::Objected { revision: 1, until: Some(at(18)), why: text("why") },
        settled(Some(text("why"))),
        NoticeEvent::Unsettled { objected: 3, of: PersonId("p_kim".to_owned()) },
    ]
}

/// Those that may hold less, with as little as they may hold.
pub fn sparse() -> Vec<NoticeEvent> {
    vec![settled(None), NoticeEvent::Objected { revision: 1, until: None, why: text("why") }]
}

fn settled(why: Option<String>) -> NoticeEvent {
    NoticeEvent::Settled { objected: 3, of: PersonId("p_kim".to_owned()), how: AnswerState::TakenBack, why }
}

pub fn kind_of(event: &NoticeEvent) -> &'static str {
    match event {
        NoticeEvent::Acknowledged { .. } => "notice.acknowledged",
        NoticeEvent::Reminded { .. } => "notice.reminded",
        NoticeEvent::Objected { .. } => "notice.objected",
        NoticeEvent::Settled { .. } => "notice.settled",
        NoticeEvent::Unsettled { .. } => "notice.unsettled",
    }
}
