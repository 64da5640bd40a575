//! What a form was filled in with before anybody typed, and where each word came from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::call::Call;
use super::catalogue::ArgKind;
use crate::domain::change_draft::MANUAL;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    fields: BTreeMap<String, Given>,
    /// What whoever fills it in should know beside its fields.
    pub notes: Vec<String>,
    /// Fields that it needs for what it is about, and mostly has not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Given {
    value: String,
    /// `INC-7`, `CHG-12`, `step`
    source: String,
}

impl Filled {
    /// Fills a field in that was not given.
    pub fn fill(&mut self, call: &mut Call, name: &str, value: &str, source: &str) {
        let value = value.trim();
        if call.get(name).is_none() && !value.is_empty() {
            call.give(name, value);
            self.fields.insert(name.to_owned(), Given { value: value.to_owned(), source: source.to_owned() });
        }
    }

    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Where the value that a field has now came from; `None` where somebody typed it.
    pub fn source_of(&self, call: &Call, name: &str) -> Option<&str> {
        let given = self.fields.get(name)?;
        let same = |value: &str| value.split_whitespace().eq(given.value.split_whitespace());
        call.get(name).is_some_and(same).then_some(given.source.as_str())
    }

    /// Each field that was sent with the source of its value; none where nothing was filled in.
    pub fn sources(&self, call: &Call) -> Vec<(String, String)> {
        if self.fields.is_empty() {
            return Vec::new();
        }
        let verb = call.verb();
        let is_field =
            |name: &&String| verb.and_then(|verb| verb.arg(name)).is_some_and(|arg| arg.kind != ArgKind::Subject);
        let fields = call.given.keys().filter(is_field);
        fields.map(|name| (name.clone(), self.source_of(call, name).unwrap_or(MANUAL).to_owned())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::catalogue::{self, VerbId};

    #[test]
    fn what_was_typed_over_is_manual_and_what_was_given_is_not_filled_in() {
        let mut call = Call::new(catalogue::verb(VerbId::ChangeEmergency)).with("title", "roll back");
        let mut filled = Filled::default();
        filled.fill(&mut call, "title", "something else", "step");
        filled.fill(&mut call, "impact", "cards fail", "INC-7");
        filled.fill(&mut call, "why", "it is P1", "INC-7");
        filled.fill(&mut call, "plan", "  ", "CHG-1");
        assert_eq!((call.get("title"), call.get("plan")), (Some("roll back"), None));
        call.give("impact", "cards\nfail");
        call.give("why", "the peak comes");
        let sources: Vec<String> =
            filled.sources(&call).iter().map(|(field, source)| format!("{field} {source}")).collect();
        assert_eq!(sources, ["impact INC-7", "title manual", "why manual"]);
        assert!(Filled::default().sources(&call).is_empty());
    }
}
