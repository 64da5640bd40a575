//! What is said of a policy that waits for signatures.

use super::Reader;
use crate::domain::amendment::{NewAmendment, number_of};
use crate::domain::proposal::{Origin, PolicyCommand};
use crate::domain::{Ask, Command, Question};

impl Reader<'_> {
    /// What somebody asks for: where it comes from is a reference, what and why are theirs to say.
    pub(super) fn amendment(&mut self) -> Option<Command> {
        let origin = self.origin();
        let due = match self.call.get("due") {
            Some(_) => Some(self.when("due")?),
            None => None,
        };
        let (what, why) = (self.text("what"), self.text("why"));
        let new = NewAmendment { origin: origin?, what: what?, why: why?, due };
        Some(Command::Policy(PolicyCommand::Propose(Box::new(new))))
    }

    /// `audit F-12`; of a record that shows it, its own number will do.
    fn origin(&mut self) -> Option<Origin> {
        let source = self.choice("source")?;
        let about = self.call.get("about").map(str::to_uppercase);
        let Some(number) = self.text("ref").or(about) else {
            return self.wanting("ref", "Say which: a number like F-12 or 2030-Q1, or name the record like CHG-88.");
        };
        match Origin::parse(&format!("{source} {number}")) {
            Some(origin) => Some(origin),
            None => self.wanting("ref", &format!("“{number}” is no number like F-12, GDPR-33 or 2030-Q1.")),
        }
    }

    fn decline(&mut self) -> Option<PolicyCommand> {
        let amendment = match self.text("hash") {
            None => None,
            Some(word) => match number_of(&word) {
                Some(number) => Some(number),
                None => return self.wanting("hash", &format!("“{word}” is no amendment like AMD-3.")),
            },
        };
        let why = self.text("why").or_else(|| self.wanting("why", "Say why: whoever asked for it reads it."))?;
        Some(PolicyCommand::Decline { amendment, why })
    }

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
                if let Some(number) = rule.as_deref().and_then(number_of) {
                    return Some(Ask::Question(Question::Amendment { number }));
                }
                return Some(Ask::Question(Question::PolicyRule { rule }));
            }
            "history" => return Some(Ask::Question(Question::PolicyHistory)),
            "simulate" => return Some(Ask::Question(Question::PolicySimulation)),
            "read" => return Some(Ask::Command(Command::Policy(PolicyCommand::Read))),
            _ => {}
        }
        if to == "reviewed" {
            return Some(Ask::Command(Command::Policy(PolicyCommand::Reviewed { note: self.text("why") })));
        }
        if to == "decline" {
            return self.decline().map(Command::Policy).map(Ask::Command);
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
