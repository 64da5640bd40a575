//! Rule 4.39: what has to be ticked before a change or an incident goes on.

use serde::{Deserialize, Serialize};

use super::Ruling;
use super::ruling::listed;

words! {
    /// A step that open items hold up. In the order in which a record passes them.
    Gate {
        Submit = "submit", "it is submitted";
        Approve = "approve", "it is approved";
        Start = "start", "it starts";
        Validate = "validate", "it is validated";
        Close = "close", "it is closed";
    }
}

words! {
    /// What shows that an item is done.
    ItemEvidence {
        Text = "text", "a few words";
        Link = "link", "a link (https://…)";
        Hash = "hash", "a hash (32 to 128 hexadecimal digits)";
        Number = "number", "a number";
        Person = "person", "a person of the organisation (@name)";
    }
}

impl ItemEvidence {
    /// What is asked for where nothing else is.
    pub(in crate::domain) fn in_words() -> ItemEvidence {
        ItemEvidence::Text
    }

    /// Whether these words can be it. A person is looked up, not read from words.
    pub fn is_met_by(self, words: &str) -> bool {
        match self {
            ItemEvidence::Text => !words.is_empty(),
            ItemEvidence::Link => words
                .strip_prefix("https://")
                .is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace)),
            ItemEvidence::Hash => {
                let digits = words.rsplit_once(':').map_or(words, |(_, digits)| digits);
                (32..=128).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
            ItemEvidence::Number => words.parse::<f64>().is_ok_and(f64::is_finite),
            ItemEvidence::Person => false,
        }
    }
}

/// Something that has to be done, and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistItem {
    /// One word that stays when the text is put better.
    pub key: String,
    /// It holds up this step and every later one.
    pub before: Gate,
    pub what: String,
    #[serde(default = "ItemEvidence::in_words")]
    pub evidence: ItemEvidence,
}

/// Rule 4.39: those of the items that hold up this step. `done` are the keys of those ticked, or waived by two.
pub fn open_items<'a>(
    items: impl IntoIterator<Item = &'a ChecklistItem>,
    gate: Gate,
    done: &[&str],
) -> Ruling<Vec<&'a ChecklistItem>> {
    let is_open = |item: &&ChecklistItem| item.before <= gate && !done.contains(&item.key.as_str());
    let open: Vec<&ChecklistItem> = items.into_iter().filter(is_open).collect();
    let sentence = if open.is_empty() {
        format!("Nothing on the checklist is open before {gate}.")
    } else {
        let names: Vec<&str> = open.iter().map(|item| item.what.as_str()).collect();
        format!("Before {gate}, the checklist asks for {}.", listed(&names, "and"))
    };
    Ruling::new("4.39", open, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::Policy;

    #[test]
    fn an_open_item_is_named_until_it_is_ticked() {
        let policy = Policy::sample();
        let network = &policy.checklists["network"];
        let open = open_items(network, Gate::Start, &["security_seat"]);
        assert_eq!(open.sentence, "Before it starts, the checklist asks for access to the console.");
        let ticked = open_items(network, Gate::Start, &["security_seat", "console_access"]);
        assert_eq!(ticked.sentence, "Nothing on the checklist is open before it starts.");
    }

    #[test]
    fn evidence_is_of_its_kind() {
        let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        for (evidence, words, met) in [
            (ItemEvidence::Text, "done by hand", true),
            (ItemEvidence::Text, "", false),
            (ItemEvidence::Link, "https://ci.example/1", true),
            (ItemEvidence::Link, "http://ci.example/1", false),
            (ItemEvidence::Link, "https://", false),
            (ItemEvidence::Link, "https://ci.example/1 and more", false),
            (ItemEvidence::Hash, hash, true),
            (ItemEvidence::Hash, "sha256:9f86d081884c7d659a2feaa0c55ad015", true),
            (ItemEvidence::Hash, &hash[..31], false),
            (ItemEvidence::Hash, "not a hash at all, by any measure of it", false),
            (ItemEvidence::Number, "-4.5", true),
            (ItemEvidence::Number, "inf", false),
            (ItemEvidence::Number, "four", false),
            (ItemEvidence::Person, "Ana Ruiz", false),
        ] {
            assert_eq!(evidence.is_met_by(words), met, "{evidence}: {words}");
        }
    }
}
