//! A change that was made without one.

use super::Reader;
use crate::domain::{Command, FindingCommand, FindingForm, PersonId, RetroForm, RiskFactors};

impl Reader<'_> {
    /// Everything is read before anything is missed: what is wrong is named at once.
    pub(super) fn retro(&mut self) -> Option<Command> {
        let mut services = self.services_of_change().into_iter();
        let (service, also) = (services.next(), services.collect());
        let (title, form) = (self.text("title"), self.made());
        let form = RetroForm { title: title?, service, also, ..form? };
        Some(Command::Finding(FindingCommand::Record(Box::new(form))))
    }

    /// What somebody came upon.
    pub(super) fn found(&mut self) -> Option<Command> {
        let mut services = self.services_of_change().into_iter();
        let (at, found) = (self.when("at"), self.when("found"));
        Some(Command::Finding(FindingCommand::Report(Box::new(FindingForm {
            title: self.text("title")?,
            service: services.next(),
            also: services.collect(),
            evidence: self.text("evidence")?,
            at,
            found,
        }))))
    }

    /// What whoever made it says of it.
    pub(super) fn claimed(&mut self) -> Option<Command> {
        Some(Command::Finding(FindingCommand::Claim(Box::new(self.made()?))))
    }

    /// What there is to say of what was made, but for its title and its services.
    fn made(&mut self) -> Option<RetroForm> {
        // The highest of the three is what counts (rule 4.7), and so one question is enough.
        let impact = self.scale("risk");
        let factors = RiskFactors {
            data: impact,
            availability: impact,
            compliance: impact,
            complexity: self.scale("complexity"),
            rollback: self.scale("rollback"),
            touches: None,
        };
        // Of what somebody else found it is known when.
        let found = self.optional_when("found");
        let (at, from) = (self.when("at"), self.when("from"));
        let (by, allowed_by) = (self.somebody("by"), self.somebody("allowed"));
        let works = self.choice("works").map(|word| word == "yes");
        Some(RetroForm {
            title: String::new(),
            service: None,
            also: Vec::new(),
            impact: self.text("impact"),
            why: self.text("why")?,
            evidence: self.text("evidence")?,
            works: works?,
            factors,
            from,
            at: at?,
            found,
            by,
            allowed_by,
        })
    }

    /// A person, or whoever says it.
    pub(super) fn somebody(&mut self, name: &'static str) -> Option<PersonId> {
        match self.call.get(name)? {
            word if word.eq_ignore_ascii_case("me") => self.listener.me.cloned(),
            word => self.person(name, word),
        }
    }
}
