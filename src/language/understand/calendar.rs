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
            let (services, days, page) = (self.services(), self.days(DAYS, DAYS_MAX), self.page());
            return Some(Ask::Question(Question::ChangeCalendar { services, days, page }));
        }
        let command = match self.choice("feed")?.as_str() {
            "new" => FeedCommand::Open,
            _ => FeedCommand::Close,
        };
        Some(Ask::Command(Command::Feed(command)))
    }

    /// How many days: `usual` where nobody says, and no more than `most`.
    pub(super) fn days(&mut self, usual: u32, most: u32) -> u32 {
        let Some(word) = self.call.get("days") else { return usual };
        match word.parse() {
            Ok(days) if (1..=most).contains(&days) => days,
            _ => self.wanting("days", &format!("“{word}” is no number of days from 1 to {most}.")).unwrap_or(usual),
        }
    }
}
