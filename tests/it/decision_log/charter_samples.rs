//! One of each that may happen to a charter.

use wardroom::domain::event::CharterEvent;

use super::events::somebody;

pub fn samples() -> Vec<CharterEvent> {
    let (team, hash, responsibilities) = ("payments".to_owned(), "0a1b2c".to_owned(), "cards".to_owned());
    let succession = vec![somebody()];
    vec![
        CharterEvent::Published { team: team.clone(), edition: 2, hash, minutes: 15, succession, responsibilities },
        CharterEvent::Acknowledged { charter: 7, team: team.clone(), edition: 2 },
        CharterEvent::ReviewDue { charter: 7, team: team.clone(), edition: 2 },
        CharterEvent::ReviewLate { charter: 7, team: team.clone(), edition: 2 },
        CharterEvent::Reviewed { charter: 7, team, edition: 2 },
    ]
}

pub fn kind_of(event: &CharterEvent) -> &'static str {
    match event {
        CharterEvent::Published { .. } => "charter.published",
        CharterEvent::Acknowledged { .. } => "charter.acknowledged",
        CharterEvent::ReviewDue { .. } => "charter.review_due",
        CharterEvent::ReviewLate { .. } => "charter.review_late",
        CharterEvent::Reviewed { .. } => "charter.reviewed",
    }
}
