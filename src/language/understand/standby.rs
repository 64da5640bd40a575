//! Who stands ready to take a change back.

use super::Reader;
use crate::domain::rules::StandbyRole;
use crate::domain::{Ask, Command, Question, StandbyCommand};

impl Reader<'_> {
    /// Without anybody, and with nothing said, it is a question.
    pub(super) fn standby(&mut self) -> Option<Ask> {
        if self.call.get("do").is_some() {
            let (said, page) = (self.choice("do"), self.page());
            let said = said?;
            if said == "pool" {
                return Some(Ask::Question(Question::StandbyPool { page }));
            }
            let command = match said.as_str() {
                "ready" => StandbyCommand::Confirm,
                "cannot" => StandbyCommand::Decline { why: self.text("why") },
                _ => StandbyCommand::OnCall,
            };
            return Some(Ask::Command(Command::Standby(command)));
        }
        let mut named = Vec::new();
        for role in StandbyRole::ALL {
            if self.call.get(role.as_str()).is_some() {
                named.push((role, self.somebody(role.as_str())));
            }
        }
        if named.is_empty() {
            return Some(Ask::Question(Question::Standby));
        }
        let named = named.into_iter().map(|(role, person)| Some((role, person?))).collect::<Option<_>>()?;
        Some(Ask::Command(Command::Standby(StandbyCommand::Book(named))))
    }
}
