//! What is said of a change.

use super::{Reader, VerbId};
use crate::domain::{ChangeForm, Command, HaltRuling, RiskFactors, When};
use crate::language::presses::DRAFT;

impl Reader<'_> {
    pub(super) fn change(&mut self) -> Option<Command> {
        match self.verb.id {
            VerbId::ChangeEdit => self.edit(),
            VerbId::ChangeSched => self.schedule(),
            VerbId::ChangeEmergency => Some(Command::RequestEmergency(Box::new(self.change_form()))),
            _ => Some(Command::RequestChange(Box::new(self.change_form()))),
        }
    }

    fn change_form(&mut self) -> ChangeForm {
        let factors = RiskFactors {
            data: self.scale("data"),
            availability: self.scale("availability"),
            compliance: self.scale("compliance"),
            complexity: self.scale("complexity"),
            rollback: self.scale("rollback"),
        };
        ChangeForm {
            title: self.text("title"),
            service: self.services().and_then(|services| services.into_iter().next()),
            impact: self.text("impact"),
            why_now: self.text("why"),
            rollback_plan: self.text("plan"),
            tested: self.choice("tested").map(|word| word == "yes"),
            factors,
            category: self.category(),
            sources: Vec::new(),
            draft: self.call.get(DRAFT).and_then(|number| number.parse().ok()),
            from: self.optional_when("from"),
            until: self.optional_when("until"),
        }
    }

    fn edit(&mut self) -> Option<Command> {
        let form = self.change_form();
        if form == ChangeForm::default() {
            return self.wanting("title", "Say what changes, like plan: … or until:23:30.");
        }
        Some(Command::EditChange(Box::new(form)))
    }

    fn schedule(&mut self) -> Option<Command> {
        let from = self.when("from");
        self.when("until").map(|until| Command::ScheduleChange { from, until })
    }

    /// What stops others is not done without a reason: without one a form asks.
    pub(super) fn running(&mut self) -> Option<Command> {
        let why = self.text("why");
        if self.verb.id == VerbId::ChangeStart {
            return Some(Command::Start { why });
        }
        let ruling = match self.choice("verdict").as_deref() {
            Some("finish") => HaltRuling::Finish,
            Some("rollback") => HaltRuling::RollBack,
            _ => HaltRuling::Halt,
        };
        (ruling != HaltRuling::Halt || why.is_some()).then_some(Command::Halt { ruling, why })
    }

    /// A verb that takes nothing but a reason.
    pub(super) fn with_reason(&self) -> Option<Command> {
        let why = self.text("why")?;
        match self.verb.id {
            VerbId::ChangeWithdraw => Some(Command::Withdraw { why }),
            VerbId::ChangeExtend => Some(Command::Extend { why }),
            _ => Some(Command::RollBack { why }),
        }
    }

    /// An emergency is not planned, so its verb has no such argument.
    fn optional_when(&mut self, name: &'static str) -> Option<When> {
        self.verb.args.iter().any(|arg| arg.name == name).then(|| self.when(name)).flatten()
    }
}
