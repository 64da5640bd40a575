//! The review of an emergency change.

use super::Reader;
use crate::domain::{Command, PirAnswers, PirCheck, PirVerdict};

/// The arguments that answer with yes or no.
const CHECKS: [(&str, PirCheck); 4] = [
    ("effective", PirCheck::Effective),
    ("policy", PirCheck::PolicyFollowed),
    ("evidence", PirCheck::Evidence),
    ("rollback", PirCheck::RollbackProven),
];

impl Reader<'_> {
    /// Everything is read before anything is missed: what is wrong is named at once.
    pub(super) fn pir(&mut self) -> Option<Command> {
        let verdict = self.choice("verdict").and_then(|word| PirVerdict::parse(&word));
        let answers = CHECKS.map(|(name, check)| (check, self.choice(name).map(|word| word == "yes")));
        let mut passed = Vec::new();
        for (check, answer) in answers {
            if answer? {
                passed.push(check);
            }
        }
        Some(Command::ClosePir(PirAnswers { verdict: verdict?, passed, notes: self.text("notes") }))
    }
}
