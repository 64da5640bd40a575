//! Steps of an incident that looked like changes.

use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DraftEffect {
    Offered,
    Reminded,
    /// It is this from now on.
    Became(&'static str),
}

impl DraftEffect {
    pub(super) fn of(kind: &str) -> Option<DraftEffect> {
        Some(match kind {
            "draft.offered" => DraftEffect::Offered,
            "draft.reminded" => DraftEffect::Reminded,
            "draft.submitted" => DraftEffect::Became("submitted"),
            "draft.joined" => DraftEffect::Became("joined"),
            "draft.dismissed" => DraftEffect::Became("dismissed"),
            "draft.left" => DraftEffect::Became("left"),
            _ => return None,
        })
    }
}

/// The drafts of one incident, in the order of their numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Drafts(Vec<Draft>);

#[derive(Debug, Clone)]
struct Draft {
    number: i64,
    service: Option<String>,
    state: &'static str,
    change: Option<String>,
    reminded: bool,
}

impl Drafts {
    pub(super) fn push(&mut self, effect: DraftEffect, facts: &Value) {
        let word = |name: &str| facts[name].as_str().map(str::to_owned);
        let number = facts["draft"].as_i64().unwrap_or_default();
        if effect == DraftEffect::Offered {
            let (service, change) = (word("service"), word("change"));
            self.0.push(Draft { number, service, state: "offered", change, reminded: false });
        }
        for draft in self.0.iter_mut().filter(|draft| draft.number == number) {
            match effect {
                DraftEffect::Offered => {}
                DraftEffect::Reminded => draft.reminded = true,
                DraftEffect::Became("left") => draft.state = "left",
                DraftEffect::Became(state) => {
                    draft.state = state;
                    draft.change = word("change");
                }
            }
        }
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub(super) fn words(&self) -> String {
        self.0.iter().map(Draft::words).collect()
    }
}

impl Draft {
    fn words(&self) -> String {
        let service = self.service.as_ref().map(|service| format!(" {service}")).unwrap_or_default();
        let change = self.change.as_ref().map(|change| format!(" {change}")).unwrap_or_default();
        let reminded = if self.reminded { ", reminded" } else { "" };
        format!(", draft {}{service} {}{change}{reminded}", self.number, self.state)
    }
}
