//! What is said of a policy that waits for signatures.

use super::Reader;
use crate::domain::proposal::PolicyCommand;
use crate::domain::{Ask, Command, Question};

impl Reader<'_> {
    /// Without more it is a question.
    pub(super) fn policy(&mut self) -> Option<Ask> {
        if self.call.get("do").is_none() {
            return Some(Ask::Question(Question::Policy));
        }
        let to = self.choice("do")?;
        match to.as_str() {
            // What is typed without a key is taken for a hash.
            "show" => {
                let rule = self.text("rule").or_else(|| self.text("hash"));
                return Some(Ask::Question(Question::PolicyRule { rule }));
            }
            "history" => return Some(Ask::Question(Question::PolicyHistory)),
            "simulate" => return Some(Ask::Question(Question::PolicySimulation)),
            "read" => return Some(Ask::Command(Command::Policy(PolicyCommand::Read))),
            _ => {}
        }
        let hash = self.text("hash");
        let command = if to == "sign" {
            PolicyCommand::Sign { hash }
        } else {
            let why = self.text("why").or_else(|| self.wanting("why", "Say why: those who wrote it read it."))?;
            PolicyCommand::Object { hash, why }
        };
        Some(Ask::Command(Command::Policy(command)))
    }
}
