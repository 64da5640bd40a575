//! Batches of changes: what they are made of, and what is said of one.

use super::Reader;
use crate::domain::batch::{ITEMS_MAX, NewBatch, SharedText};
use crate::domain::item_list::{ListedItem, read_items};
use crate::domain::rules::BatchStop;
use crate::domain::{Ask, BatchCommand, Command, Question, RiskFactors, Subject};

impl Reader<'_> {
    /// `None` only where something is missing or wrong.
    pub(super) fn bulk(&mut self) -> Option<BatchCommand> {
        let (from, until) = (self.when("from"), self.when("until"));
        let items = self.items();
        let factors = RiskFactors { touches: self.touches(), ..self.factors() };
        let tested = self.choice("tested").map(|word| word == "yes");
        let why = self.text("why").or_else(|| self.text("title"));
        let shared = SharedText { impact: self.text("impact"), why, plan: self.plan(), tested, factors };
        let title = self.text("title")?;
        let stop = self.choice("stop").and_then(|word| BatchStop::parse(&word));
        Some(BatchCommand::Plan(Box::new(NewBatch { title, shared, from, until: until?, items: items?, stop })))
    }

    fn items(&mut self) -> Option<Vec<ListedItem>> {
        let items = match read_items(self.call.get("items")?) {
            Ok(items) => items,
            Err(faults) => return self.wanting("items", &faults),
        };
        if items.is_empty() || items.len() > ITEMS_MAX {
            let sentence = format!("{} items; a batch has 1 to {ITEMS_MAX}.", items.len());
            return self.wanting("items", &sentence);
        }
        Some(items)
    }

    /// Five numbers, in the order of the form of a single change; what is not said counts as the worst.
    fn factors(&mut self) -> RiskFactors {
        let Some(word) = self.call.get("risk") else { return RiskFactors::default() };
        let digits = word.chars().filter(|c| !c.is_whitespace() && !matches!(c, ',' | '/'));
        let numbers: Option<Vec<u8>> =
            digits.map(|c| c.to_digit(10).filter(|n| (1..=5).contains(n)).and_then(|n| u8::try_from(n).ok())).collect();
        let Some(&[data, availability, compliance, complexity, rollback]) = numbers.as_deref() else {
            let sentence = "Say five numbers from 1 to 5: data, availability, compliance, complexity, rollback.";
            return self.wanting("risk", sentence).unwrap_or_default();
        };
        RiskFactors {
            data: Some(data),
            availability: Some(availability),
            compliance: Some(compliance),
            complexity: Some(complexity),
            rollback: Some(rollback),
            touches: None,
        }
    }

    pub(super) fn batch(&mut self) -> Option<Ask> {
        let word = self.choice("do").unwrap_or_else(|| "show".to_owned());
        let page = self.page();
        let command = match word.as_str() {
            "go" => BatchCommand::Proceed,
            "start" => BatchCommand::Start,
            "pause" => BatchCommand::Pause,
            "resume" => BatchCommand::Resume,
            "stop" => BatchCommand::Stop { why: self.text("why")? },
            "exclude" => BatchCommand::Exclude { change: self.excluded()?, why: self.text("why") },
            _ => return Some(Ask::Question(Question::Batches { page })),
        };
        Some(Ask::Command(Command::Batch(command)))
    }

    fn excluded(&mut self) -> Option<i64> {
        let word = self.call.get("change")?;
        match Subject::parse(word) {
            Some(Subject::Change(number)) => Some(number),
            _ => self.wanting("change", &format!("“{word}” is no change like CHG-88.")),
        }
    }
}
