//! What is said of a checklist.

use super::super::nearest::nearest;
use super::{Reader, VerbId};
use crate::domain::{Ask, ChecklistCommand, Command, Question};

impl Reader<'_> {
    /// Without a category it is a question.
    pub(super) fn checklist(&mut self) -> Option<Ask> {
        if self.call.get("category").is_none() {
            return Some(Ask::Question(Question::Checklist));
        }
        let category = self.category()?;
        Some(Ask::Command(Command::Checklist(ChecklistCommand::Add { category })))
    }

    pub(super) fn item(&mut self) -> Option<ChecklistCommand> {
        let item = self.text("item").map(|item| item.to_ascii_lowercase());
        match self.verb.id {
            VerbId::ChangeTick => Some(ChecklistCommand::Tick { item, evidence: self.text("evidence")? }),
            VerbId::ChangeUntick => Some(ChecklistCommand::Untick { item: item?, why: self.text("why")? }),
            _ => Some(ChecklistCommand::Waive { item: item?, why: self.text("why")? }),
        }
    }

    /// A category of the policy, by its key.
    pub(super) fn category(&mut self) -> Option<String> {
        let word = self.call.get("category")?.to_ascii_lowercase();
        let known = &self.listener.policy.checklists;
        if known.contains_key(&word) {
            return Some(word);
        }
        let keys: Vec<&str> = known.keys().map(String::as_str).collect();
        let near = nearest(&word, keys.iter().copied(), 1);
        let sentence = match near.first() {
            Some(near) => format!("There is no category “{word}”. Did you mean “{near}”?"),
            None => format!("There is no category “{word}”; there is {}.", keys.join(", ")),
        };
        self.wanting("category", &sentence)
    }
}
