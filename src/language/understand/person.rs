//! A person, as they are named: mentioned, or by their short or their whole name.

use super::super::nearest::nearest;
use super::Reader;
use crate::domain::{Account, Person, PersonId, Place, Platform};

impl Reader<'_> {
    pub(super) fn person(&mut self, name: &'static str, word: &str) -> Option<PersonId> {
        if let Some(found) = self.who_is(word) {
            return Some(found);
        }
        if mention(word, self.listener.place).is_some() {
            return self.wanting(name, "That account is not linked to a person here.");
        }
        let bare = word.trim_start_matches('@');
        let near = nearest(bare, self.active().map(|person| person.key.as_str()), 3).join(", ");
        let offer = if near.is_empty() { "Mention them with @.".to_owned() } else { format!("Nearest: {near}.") };
        self.wanting(name, &format!("There is nobody called “{bare}” here. {offer}"))
    }

    /// Whom these words name, where they name somebody who is still here.
    pub(super) fn who_is(&self, words: &str) -> Option<PersonId> {
        if let Some(account) = mention(words, self.listener.place) {
            return self.listener.organisation.person_of(&account).map(|person| person.id.clone());
        }
        let bare = words.trim_start_matches('@');
        let is_it = |person: &&Person| person.key.eq_ignore_ascii_case(bare) || person.name.eq_ignore_ascii_case(bare);
        self.active().find(is_it).map(|person| person.id.clone())
    }

    fn active(&self) -> impl Iterator<Item = &Person> {
        self.listener.organisation.people.values().filter(|person| person.active)
    }
}

/// Reads the neutral spelling of a mention, `<@slack:U123>`.
pub(super) fn mention(word: &str, place: &Place) -> Option<Account> {
    let (platform, id) = word.strip_prefix("<@")?.strip_suffix('>')?.split_once(':')?;
    Some(Account { platform: Platform::parse(platform)?, workspace: place.workspace.clone(), id: id.to_owned() })
}
