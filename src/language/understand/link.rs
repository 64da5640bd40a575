//! What a change is to an incident.

use super::Reader;
use crate::domain::rules::LinkKind;
use crate::domain::{LinkAnswer, LinkCommand, Subject};

impl Reader<'_> {
    /// What has nothing to do with it needs a reason: without one a form asks for it.
    pub(super) fn link_change(&mut self) -> Option<LinkCommand> {
        let change = self.named_change("change");
        let word = self.choice("as");
        let confirmed = self.choice("confirm").is_some_and(|word| word == "yes");
        let why = self.text("why");
        let answer = match LinkKind::parse(&word?) {
            Some(kind) => LinkAnswer::Is { kind, why },
            None => LinkAnswer::IsNot { why: why? },
        };
        Some(LinkCommand { change: change?, answer, confirmed })
    }

    fn named_change(&mut self, name: &'static str) -> Option<i64> {
        let word = self.call.get(name)?;
        match Subject::parse(word) {
            Some(Subject::Change(number)) => Some(number),
            _ => self.wanting(name, &format!("“{word}” is no change like CHG-88.")),
        }
    }
}
