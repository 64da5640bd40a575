//! Whether a change works that is done.

use super::Reader;
use crate::domain::ValidationCommand;

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
}
