//! What is asked of the reports.

use super::Reader;
use crate::domain::Question;

/// Days back, where nobody says how many: a quarter.
const DAYS: u32 = 90;
/// An audit looks back on a year.
const DAYS_MAX: u32 = 365;

impl Reader<'_> {
    pub(super) fn bypasses(&mut self) -> Question {
        let (days, page) = (self.days(DAYS, DAYS_MAX), self.page());
        Question::Bypasses { days, page }
    }

    pub(super) fn empty_fields(&mut self) -> Question {
        let (days, page) = (self.days(DAYS, DAYS_MAX), self.page());
        Question::EmptyFields { days, page }
    }
}
