//! What is said about the line of changes.

use super::Reader;
use crate::domain::{Ask, Command, LineCommand, Question};

impl Reader<'_> {
    /// Without a move it is a question.
    pub(super) fn line(&mut self) -> Option<Ask> {
        if self.call.get("move").is_none() {
            return Some(Ask::Question(Question::ChangeQueue));
        }
        let to = self.choice("move")?;
        let why = self.text("why").or_else(|| self.wanting("why", "Say why: everybody in the line reads it."))?;
        let command = match to.as_str() {
            "first" => LineCommand::First { why },
            "beside" => LineCommand::Beside { why },
            _ => LineCommand::Release { why },
        };
        Some(Ask::Command(Command::Line(command)))
    }
}
