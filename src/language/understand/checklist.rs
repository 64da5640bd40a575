//! What is said of a checklist.

use super::super::nearest::nearest;
use super::{Reader, VerbId};
use crate::domain::{Ask, ChecklistCommand, ChecklistOf, ChecklistStep, Command, Question};

impl Reader<'_> {
    /// Without a category it is a question.
    pub(super) fn checklist(&mut self, of: ChecklistOf) -> Option<Ask> {
        if self.call.get("category").is_none() {
            return Some(Ask::Question(Question::Checklist { of }));
        }
        let step = ChecklistStep::Add { category: self.category()? };
        Some(Ask::Command(Command::Checklist(ChecklistCommand { of, step })))
    }

    pub(super) fn item(&mut self, of: ChecklistOf) -> Option<Command> {
        let item = self.text("item").map(|item| item.to_ascii_lowercase());
        let step = match self.verb.id {
            VerbId::ChangeTick | VerbId::IncTick => {
                let evidence = self.text("evidence")?;
                let is_me = evidence.trim_start_matches('@').eq_ignore_ascii_case("me");
                let person = if is_me { self.listener.me.cloned() } else { self.who_is(&evidence) };
                ChecklistStep::Tick { item, evidence, person, done: self.when("at") }
            }
            VerbId::ChangeUntick | VerbId::IncUntick => ChecklistStep::Untick { item: item?, why: self.text("why")? },
            _ => ChecklistStep::Waive { item: item?, why: self.text("why")? },
        };
        Some(Command::Checklist(ChecklistCommand { of, step }))
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
