//! A change that was made without one.

use super::Reader;
use crate::domain::{Command, PersonId, RetroForm, RiskFactors};

impl Reader<'_> {
    /// Everything is read before anything is missed: what is wrong is named at once.
    pub(super) fn retro(&mut self) -> Option<Command> {
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
        let mut services = self.services_of_change().into_iter();
        let (at, from, found) = (self.when("at"), self.when("from"), self.when("found"));
        let (by, allowed_by) = (self.somebody("by"), self.somebody("allowed"));
        let works = self.choice("works").map(|word| word == "yes");
        Some(Command::RecordChange(Box::new(RetroForm {
            title: self.text("title")?,
            service: services.next(),
            also: services.collect(),
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
        })))
    }

    /// A person, or whoever says it.
    pub(super) fn somebody(&mut self, name: &'static str) -> Option<PersonId> {
        match self.call.get(name)? {
            word if word.eq_ignore_ascii_case("me") => self.listener.me.cloned(),
            word => self.person(name, word),
        }
    }
}
