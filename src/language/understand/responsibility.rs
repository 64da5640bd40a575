//! What is asked of who answers for what.

use super::Reader;
use crate::domain::Question;

impl Reader<'_> {
    /// Of one service, where one is named.
    pub(super) fn responsibilities(&mut self) -> Question {
        Question::Responsibilities { service: self.services().and_then(|services| services.into_iter().next()) }
    }
}
