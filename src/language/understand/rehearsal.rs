//! How a way back is rehearsed.

use super::Reader;
use crate::domain::rehearsal::Environment;
use crate::domain::{Ask, Command, Question, RehearsalCommand};

/// A rehearsal that takes longer than a day is a project.
const MINUTES_MAX: i32 = 1_440;

impl Reader<'_> {
    /// With nothing said, it is a question.
    pub(super) fn rehearsal(&mut self) -> Option<Ask> {
        let minutes = self.rehearsal_minutes();
        if self.call.get("do").is_some() {
            let said = self.choice("do")?;
            let (took, why) = (minutes, self.text("why"));
            let command = match said.as_str() {
                "begin" => RehearsalCommand::Begin,
                "proven" => RehearsalCommand::Proven { took, note: why },
                "failed" => RehearsalCommand::Failed { took, note: why },
                "later" => RehearsalCommand::Unavailable { why },
                _ => RehearsalCommand::Waive { why },
            };
            return Some(Ask::Command(Command::Rehearsal(command)));
        }
        let environment = self.environment();
        let observer = self.call.get("observer").is_some().then(|| self.somebody("observer")).flatten();
        let said_nothing = ["env", "observer", "minutes"].iter().all(|name| self.call.get(name).is_none());
        if said_nothing {
            return Some(Ask::Question(Question::Rehearsals));
        }
        Some(Ask::Command(Command::Rehearsal(RehearsalCommand::Plan { environment, observer, minutes })))
    }

    fn environment(&mut self) -> Option<Environment> {
        let word = self.call.get("env")?;
        Environment::parse(word.trim()).or_else(|| {
            let sentence = format!("“{word}” is no environment: a name of letters, digits and -, like staging-2.");
            self.wanting("env", &sentence)
        })
    }

    fn rehearsal_minutes(&mut self) -> Option<i32> {
        let word = self.call.get("minutes")?;
        match word.parse::<i32>() {
            Ok(minutes) if (1..=MINUTES_MAX).contains(&minutes) => Some(minutes),
            _ => {
                let sentence = format!("“{word}” is no number of minutes from 1 to {MINUTES_MAX}.");
                self.wanting("minutes", &sentence)
            }
        }
    }
}
