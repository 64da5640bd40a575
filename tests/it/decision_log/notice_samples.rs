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
        NoticeEvent::Previewed { revision: 1, until: at(18), people: vec![PersonId("p_kim".to_owned())] },
        NoticeEvent::Sent { revision: 1, text: Some(text("text")) },
    ]
}

/// Those that may hold less, with as little as they may hold.
pub fn sparse() -> Vec<NoticeEvent> {
    let sent = NoticeEvent::Sent { revision: 1, text: None };
    vec![settled(None), NoticeEvent::Objected { revision: 1, until: None, why: text("why") }, sent]
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
        NoticeEvent::Previewed { .. } => "notice.previewed",
        NoticeEvent::Sent { .. } => "notice.sent",
    }
}
