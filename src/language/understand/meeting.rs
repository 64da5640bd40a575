//! The verbs of the board's meetings.

use super::Reader;
use crate::domain::meeting::FindingVerdict;
use crate::domain::{Command, MeetingCommand};
use crate::language::catalogue::VerbId;

impl Reader<'_> {
    /// `None` where a reason is missing, or for a verb of something else.
    pub(super) fn meeting(&mut self) -> Option<Command> {
        let command = match self.verb.id {
            VerbId::CabOpen => MeetingCommand::Open,
            VerbId::CabPresent => MeetingCommand::Present,
            VerbId::CabNext => MeetingCommand::Next,
            VerbId::CabDefer => MeetingCommand::Defer { why: self.text("why")? },
            VerbId::CabDecide => {
                let verdict = self.choice("verdict").and_then(|word| FindingVerdict::parse(&word));
                MeetingCommand::Decide { what: self.text("what")?, cites: self.text("cites"), verdict }
            }
            VerbId::CabClose => MeetingCommand::Close,
            _ => return None,
        };
        Some(Command::Meeting(command))
    }
}
