//! A standard change: an entry of the catalogue and its values.

use super::super::nearest::nearest;
use super::super::parameters;
use super::responsibility::ONE_OF_A_LIST;
use super::{Reader, VerbId};
use crate::domain::{Ask, CatalogueCommand, Command, Question, RateCommand, StandardForm};

impl Reader<'_> {
    /// Without an entry it says what there is.
    pub(super) fn standard(&mut self) -> Option<Ask> {
        let mut services = self.services_of_change().into_iter();
        let (service, also): (_, Vec<String>) = (services.next(), services.collect());
        let (from, until) = (self.when("from"), self.when("until"));
        let Some(word) = self.call.get("entry") else {
            if !also.is_empty() {
                return self.wanting("svc", ONE_OF_A_LIST);
            }
            return Some(Ask::Question(Question::StandardList { service }));
        };
        let Some((key, entry)) = parameters::entry(self.listener.policy, self.call) else {
            return self.unknown_entry(word);
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
        let form = StandardForm { entry: key.clone(), service, also, parameters: values, why, from, until };
        Some(Ask::Command(Command::RequestStandard(Box::new(form))))
    }

    /// What is done to an entry needs a reason; what is asked of the board is in the entry.
    pub(super) fn of_entry(&mut self) -> Option<CatalogueCommand> {
        let entry = self.known_entry()?;
        if self.verb.id == VerbId::CabSubmit {
            return Some(CatalogueCommand::Submit { entry });
        }
        let why = self.text("why")?;
        Some(match self.verb.id {
            VerbId::CabSuspend => CatalogueCommand::Suspend { entry, why },
            _ => CatalogueCommand::Resume { entry, why },
        })
    }

    /// Of an entry where one is named, otherwise of the change that is meant.
    pub(super) fn entry_draft(&mut self) -> Option<Question> {
        let entry = match self.call.get("entry") {
            Some(_) => Some(self.known_entry()?),
            None => None,
        };
        Some(Question::EntryDraft { entry })
    }

    fn known_entry(&mut self) -> Option<String> {
        let word = self.call.get("entry")?;
        match parameters::entry(self.listener.policy, self.call) {
            Some((key, _)) => Some(key.clone()),
            None => self.unknown_entry(word),
        }
    }

    fn unknown_entry<T>(&mut self, word: &str) -> Option<T> {
        let known = self.listener.policy.catalogue.entries.keys().map(String::as_str);
        let near = nearest(word, known, 3).join(", ");
        let near = if near.is_empty() { String::new() } else { format!(" Nearest: {near}.") };
        self.wanting("entry", &format!("There is no “{word}” in the catalogue.{near} `/change std` lists it."))
    }

    pub(super) fn rating(&mut self) -> Option<RateCommand> {
        let (helpful, wrong) = (self.scale("helpful"), self.choice("wrong").map(|word| word == "yes"));
        Some(RateCommand { helpful: helpful?, wrong: wrong?, why: self.text("why") })
    }
}
