//! The verbs of `/freeze`, and of major incidents, which begin one.

use super::Reader;
use crate::domain::rules::{ChangeKind, Every};
use crate::domain::{FreezeCommand, NewFreeze, Question};
use crate::language::catalogue::VerbId;

impl Reader<'_> {
    /// `None` only where something is missing or wrong.
    pub(super) fn freeze(&mut self) -> Option<FreezeCommand> {
        match self.verb.id {
            VerbId::FreezeOn => self.new_freeze().map(FreezeCommand::On),
            VerbId::FreezeOff => self.text("why").map(|why| FreezeCommand::Off { why }),
            VerbId::FreezeExtend => {
                let until = self.when("until");
                self.text("why").map(|why| FreezeCommand::Extend { until, why })
            }
            VerbId::FreezeAgree => Some(FreezeCommand::Agree),
            VerbId::FreezeObject => self.text("why").map(|why| FreezeCommand::Object { why }),
            VerbId::FreezeExcept => self.text("why").map(|why| FreezeCommand::Except { why }),
            VerbId::FreezeAllow => self.text("why").map(|why| FreezeCommand::Allow { why }),
            VerbId::FreezeDeny => self.text("why").map(|why| FreezeCommand::Deny { why }),
            _ => None,
        }
    }

    fn new_freeze(&mut self) -> Option<NewFreeze> {
        let services = self.scope();
        let from = self.when("from");
        let until = self.when("until");
        let every = self.choice("every").and_then(|word| Every::parse(&word));
        let hard = self.choice("hard").is_some_and(|word| word == "yes");
        let blocks = self.types();
        let why = self.text("why")?;
        Some(NewFreeze { services, from, until: until?, every, why, hard, blocks: blocks? })
    }

    /// The types of changes that a freeze holds up; none of them is all. What is recorded after the fact is no plan.
    fn types(&mut self) -> Option<Vec<ChangeKind>> {
        let words = self.call.get("types").unwrap_or_default().to_owned();
        let mut kinds = Vec::new();
        for word in words.split([',', ' ']).filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case("and")) {
            let kind = ChangeKind::parse(word).filter(|kind| *kind != ChangeKind::Retroactive);
            let Some(kind) = kind else {
                let next = format!("“{word}” is no type of changes: standard, normal, expedited or emergency.");
                return self.wanting("types", &next);
            };
            kinds.push(kind);
        }
        kinds.sort_unstable();
        kinds.dedup();
        Some(kinds)
    }

    pub(super) fn freeze_check(&mut self) -> Question {
        Question::FreezeCheck { services: self.scope() }
    }

    /// The services that were named; none of them is everything.
    fn scope(&mut self) -> Option<Vec<String>> {
        if self.call.get("svc")?.eq_ignore_ascii_case("all") { Some(Vec::new()) } else { self.services() }
    }
}
