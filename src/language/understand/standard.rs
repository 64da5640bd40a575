//! A standard change: an entry of the catalogue and its values.

use super::super::nearest::nearest;
use super::super::parameters;
use super::Reader;
use crate::domain::{Ask, Command, Question, RateCommand, StandardForm};

impl Reader<'_> {
    /// Without an entry it says what there is.
    pub(super) fn standard(&mut self) -> Option<Ask> {
        let service = self.services().and_then(|services| services.into_iter().next());
        let (from, until) = (self.when("from"), self.when("until"));
        let Some(word) = self.call.get("entry") else {
            return Some(Ask::Question(Question::StandardList { service }));
        };
        let Some((key, entry)) = parameters::entry(self.listener.policy, self.call) else {
            let known = || self.listener.policy.catalogue.entries.keys().map(String::as_str);
            let near = nearest(word, known(), 3).join(", ");
            let near = if near.is_empty() { String::new() } else { format!(" Nearest: {near}.") };
            return self
                .wanting("entry", &format!("There is no “{word}” in the catalogue.{near} `/change std` lists it."));
        };
        let (values, loose) = parameters::given(self.call);
        let takes = || entry.parameters.iter().map(|(name, parameter)| format!("{name}: {}", parameter.range()));
        if let Some(odd) = loose.first().or_else(|| values.keys().find(|name| !entry.parameters.contains_key(*name))) {
            let takes =
                if entry.parameters.is_empty() { "nothing".to_owned() } else { takes().collect::<Vec<_>>().join("; ") };
            return self.wanting("with", &format!("“{odd}” is not understood. {key} takes {takes}."));
        }
        if entry.parameters.keys().any(|name| !values.contains_key(name)) {
            return None;
        }
        let why = self.text("why");
        let form = StandardForm { entry: key.clone(), service, parameters: values, why, from, until };
        Some(Ask::Command(Command::RequestStandard(Box::new(form))))
    }

    pub(super) fn rating(&mut self) -> Option<RateCommand> {
        let (helpful, wrong) = (self.scale("helpful"), self.choice("wrong").map(|word| word == "yes"));
        Some(RateCommand { helpful: helpful?, wrong: wrong?, why: self.text("why") })
    }
}
