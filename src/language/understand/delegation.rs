//! `/cab delegate`: to whom and until when, or `end`.

use super::Reader;
use crate::domain::{Command, DelegationCommand};

impl Reader<'_> {
    pub(super) fn delegate(&mut self) -> Option<Command> {
        if self.call.get("do").is_some() {
            return self.choice("do").map(|_| Command::Delegation(DelegationCommand::End));
        }
        let from = self.when("from");
        let until = match self.call.get("until") {
            Some(_) => self.when("until"),
            None => self.wanting("until", "Say until when, as in `until:+2d`; `/cab delegate end` ends it."),
        };
        let to = match self.call.get("to") {
            Some(word) => self.person("to", word),
            None => self.wanting("to", "Say who stands in for you, as in `to:@tom`."),
        };
        let why = self.text("why");
        Some(Command::Delegation(DelegationCommand::Grant { to: to?, from, until: until?, why }))
    }
}
