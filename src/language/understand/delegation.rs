//! `/cab delegate`: to whom and until when, `away`, `end`, or `show`.

use super::Reader;
use crate::domain::{Ask, Command, DelegationCommand, Question};

impl Reader<'_> {
    pub(super) fn delegate(&mut self) -> Option<Ask> {
        let does = match self.call.get("do") {
            Some(_) => Some(self.choice("do")?),
            None => None,
        };
        let is_away = match does.as_deref() {
            Some("show") => return Some(Ask::Question(Question::OnCall)),
            Some("end") => return Some(command(DelegationCommand::End)),
            does => does.is_some(),
        };
        let from = self.when("from");
        let until = match self.call.get("until") {
            Some(_) => self.when("until"),
            None => self.wanting("until", "Say until when, as in `until:+2d`; `/cab delegate end` ends it."),
        };
        if is_away {
            if self.call.get("to").is_some() {
                return self.wanting("to", "Say it without `away`, as in `/cab delegate to:@tom until:+2d`.");
            }
            let why = self.text("why");
            return Some(command(DelegationCommand::Away { from, until: until?, why }));
        }
        let to = match self.call.get("to") {
            Some(word) => self.person("to", word),
            None => self.wanting("to", "Say who stands in for you, as in `to:@tom`."),
        };
        let why = self.text("why");
        Some(command(DelegationCommand::Grant { to: to?, from, until: until?, why }))
    }
}

fn command(command: DelegationCommand) -> Ask {
    Ask::Command(Command::Delegation(command))
}
