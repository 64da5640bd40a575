//! What is said about the change calendar.

use super::Reader;
use crate::domain::{Ask, Command, FeedCommand, Question};

/// Days ahead, where nobody says how many.
const DAYS: u32 = 7;
/// Nobody plans further ahead than a quarter.
const DAYS_MAX: u32 = 92;

impl Reader<'_> {
    /// Where nothing is said about a calendar program it is a question.
    pub(super) fn calendar(&mut self) -> Option<Ask> {
        if self.call.get("feed").is_none() {
            let (services, days, page) = (self.services(), self.days(), self.page());
            return Some(Ask::Question(Question::ChangeCalendar { services, days, page }));
        }
        let command = match self.choice("feed")?.as_str() {
            "new" => FeedCommand::Open,
            _ => FeedCommand::Close,
        };
        Some(Ask::Command(Command::Feed(command)))
    }

    fn days(&mut self) -> u32 {
        let Some(word) = self.call.get("days") else { return DAYS };
        match word.parse() {
            Ok(days @ 1..=DAYS_MAX) => days,
            _ => self.wanting("days", &format!("“{word}” is no number of days from 1 to {DAYS_MAX}.")).unwrap_or(DAYS),
        }
    }
}
