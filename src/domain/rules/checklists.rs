//! Rule 4.39: what has to be ticked before a change or an incident goes on.

use serde::Deserialize;

use super::Ruling;
use super::ruling::listed;
use crate::domain::policy::Policy;

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

/// Something that has to be done, and shown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistItem {
    /// One word that stays when the text is put better.
    pub key: String,
    /// It holds up this step and every later one.
    pub before: Gate,
    pub what: String,
}

/// Rule 4.39: the items of a category that hold up this step. `done` are the keys of those ticked, or waived by two.
pub fn open_items<'a>(policy: &'a Policy, category: &str, gate: Gate, done: &[&str]) -> Ruling<Vec<&'a ChecklistItem>> {
    let items = policy.checklists.get(category).map(Vec::as_slice).unwrap_or_default();
    let open: Vec<&ChecklistItem> =
        items.iter().filter(|item| item.before <= gate && !done.contains(&item.key.as_str())).collect();
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

    #[test]
    fn an_open_item_is_named_until_it_is_ticked() {
        let policy = Policy::sample();
        let open = open_items(&policy, "network", Gate::Start, &["security_seat"]);
        assert_eq!(open.sentence, "Before it starts, the checklist asks for access to the console.");
        let ticked = open_items(&policy, "network", Gate::Start, &["security_seat", "console_access"]);
        assert_eq!(ticked.sentence, "Nothing on the checklist is open before it starts.");
        assert_eq!(open_items(&policy, "gardening", Gate::Close, &[]).verdict, Vec::<&ChecklistItem>::new());
    }
}
