//! What is asked of who answers for what.

use super::Reader;
use crate::domain::Question;

/// Of several nothing is dropped without a word.
pub(super) const ONE_OF_A_LIST: &str = "Name one service: this list is of one.";

impl Reader<'_> {
    /// Of one service, where one is named.
    pub(super) fn responsibilities(&mut self) -> Question {
        let mut services = self.services_of_change().into_iter();
        let service = services.next();
        if services.next().is_some() {
            self.wrong.push(("svc", ONE_OF_A_LIST.to_owned()));
        }
        Question::Responsibilities { service }
    }
}
