//! The verbs of `/freeze`, and of major incidents, which begin one.

use super::Reader;
use crate::domain::{Command, FreezeCommand, NewFreeze, Question};

impl Reader<'_> {
    pub(super) fn new_freeze(&mut self) -> Option<Command> {
        let services = self.scope();
        let from = self.when("from");
        let until = self.when("until");
        let hard = self.choice("hard").is_some_and(|word| word == "yes");
        let why = self.text("why")?;
        Some(Command::Freeze(FreezeCommand::On(NewFreeze { services, from, until: until?, why, hard })))
    }

    pub(super) fn extend_freeze(&mut self) -> Option<Command> {
        let until = self.when("until");
        self.text("why").map(|why| Command::Freeze(FreezeCommand::Extend { until, why }))
    }

    /// A verb that takes nothing but a reason.
    pub(super) fn freeze_with(&self, command: fn(String) -> FreezeCommand) -> Option<Command> {
        self.text("why").map(|why| Command::Freeze(command(why)))
    }

    pub(super) fn freeze_check(&mut self) -> Question {
        Question::FreezeCheck { services: self.scope() }
    }

    /// The services that were named; none of them is everything.
    fn scope(&mut self) -> Option<Vec<String>> {
        if self.call.get("svc")?.eq_ignore_ascii_case("all") { Some(Vec::new()) } else { self.services() }
    }
}
