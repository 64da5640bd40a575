//! Whether a change works that is done, and how it is taken back.

use super::Reader;
use crate::domain::{RollbackCommand, ValidationCommand};

impl Reader<'_> {
    pub(super) fn validation(&mut self) -> Option<ValidationCommand> {
        let why = self.text("why");
        match self.choice("verdict")?.as_str() {
            "ok" => Some(ValidationCommand::Works { why }),
            "again" => Some(ValidationCommand::Again),
            // "Reason where it hurts": what is seen is what is mended.
            _ => match why {
                Some(why) => Some(ValidationCommand::DoesNotWork { why }),
                None => self.wanting("why", "Say what does not work."),
            },
        }
    }

    pub(super) fn step(&mut self) -> Option<RollbackCommand> {
        let why = self.text("why");
        match (self.choice("verdict")?.as_str(), why) {
            ("done", _) => Some(RollbackCommand::StepDone),
            ("begin", Some(why)) => Some(RollbackCommand::Begin { why }),
            (_, Some(why)) => Some(RollbackCommand::StepFailed { why }),
            ("begin", None) => self.wanting("why", "Say why it is taken back."),
            (_, None) => self.wanting("why", "Say what happened."),
        }
    }
}
