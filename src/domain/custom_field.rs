//! Fields of an organisation's own: what its records have to say besides, before they go on.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::PersonId;
use super::rules::{Gate, ItemEvidence};

/// Fields asked for always, of one kind of record: whoever is asked for more fills in anything (S2.M6.1).
pub const ALWAYS_MAX: usize = 10;

/// The fields of a record, in the order in which they were asked for. What is asked for stays as it was then, whatever the
/// policy says later; only a record that changes so that a condition holds no longer is not asked any more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CustomFields {
    pub fields: Vec<CustomField>,
}

/// A field, and what was said last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomField {
    pub asked: AskedField,
    /// Whether it was filled: what was said may be erased.
    pub filled: bool,
    pub value: Option<String>,
    pub by: Option<PersonId>,
    pub at: Option<DateTime<Utc>>,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedField {
    /// One word that stays when the text is put better.
    pub key: String,
    /// An empty field holds up this step and every later one.
    pub before: Gate,
    pub what: String,
    pub kind: ItemEvidence,
    /// The words to choose from; empty where anything of its kind will do.
    pub one_of: Vec<String>,
    /// The regulation that it is there for.
    pub regime: Option<String>,
}

/// Values for the fields of the record that is meant, by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FillCommand {
    pub of: FieldsOf,
    pub values: BTreeMap<String, String>,
}

/// Which records have fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldsOf {
    Incident,
    Change,
}

impl FieldsOf {
    /// What is typed to fill them.
    pub fn verb(self) -> &'static str {
        match self {
            FieldsOf::Incident => "inc fill",
            FieldsOf::Change => "change plan fill",
        }
    }
}

impl AskedField {
    /// The value as it is kept; `None` where it is none.
    pub fn read(&self, value: &str) -> Option<String> {
        if self.one_of.is_empty() {
            return self.kind.is_met_by(value).then(|| value.to_owned());
        }
        self.one_of.iter().find(|word| word.eq_ignore_ascii_case(value)).cloned()
    }

    /// `mail, web or phone`; `a link (https://…)`
    pub fn wants(&self) -> String {
        match self.one_of.split_last() {
            None => self.kind.phrase().to_owned(),
            Some((only, [])) => only.clone(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
        }
    }

    /// `ticket:…`, and of words to choose from the first.
    pub fn example(&self) -> String {
        format!("{}:{}", self.key, self.one_of.first().map_or("…", String::as_str))
    }
}

impl CustomFields {
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    pub fn get(&self, key: &str) -> Option<&CustomField> {
        self.fields.iter().find(|field| field.asked.key.eq_ignore_ascii_case(key))
    }

    /// Asks for what is not asked for yet; returns that.
    pub fn ask(&mut self, asked: impl IntoIterator<Item = AskedField>) -> Vec<AskedField> {
        let new: Vec<AskedField> = asked.into_iter().filter(|asked| self.get(&asked.key).is_none()).collect();
        let empty = |asked| CustomField { asked, filled: false, value: None, by: None, at: None };
        self.fields.extend(new.iter().cloned().map(empty));
        new
    }

    /// Takes back what nobody has filled in yet; returns the keys. What was said stays.
    pub fn drop_empty(&mut self, is_void: impl Fn(&str) -> bool) -> Vec<String> {
        let is_void = |field: &CustomField| !field.filled && is_void(&field.asked.key);
        let dropped = self.fields.iter().filter(|field| is_void(field)).map(|field| field.asked.key.clone()).collect();
        self.fields.retain(|field| !is_void(field));
        dropped
    }

    /// Those that hold up this step.
    pub fn missing(&self, gate: Gate) -> impl Iterator<Item = &AskedField> {
        let is_empty = move |field: &&CustomField| !field.filled && field.asked.before <= gate;
        self.fields.iter().filter(is_empty).map(|field| &field.asked)
    }

    /// Keeps a value.
    pub fn fill(&mut self, key: &str, value: &str, by: Option<&PersonId>, at: DateTime<Utc>) {
        for field in self.fields.iter_mut().filter(|field| field.asked.key == key) {
            field.filled = true;
            field.value = Some(value.to_owned());
            field.by = by.cloned();
            field.at = Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(key: &str, before: Gate, one_of: &[&str]) -> AskedField {
        AskedField {
            key: key.to_owned(),
            before,
            what: format!("the {key}"),
            kind: ItemEvidence::Text,
            one_of: one_of.iter().map(|word| (*word).to_owned()).collect(),
            regime: None,
        }
    }

    #[test]
    fn an_empty_field_holds_up_its_step_and_every_later_one() {
        let mut fields = CustomFields::default();
        fields.ask([field("ticket", Gate::Start, &[]), field("cause", Gate::Close, &[])]);
        assert!(fields.ask([field("ticket", Gate::Start, &[])]).is_empty(), "what is asked for is not asked for twice");
        let missing = |fields: &CustomFields, gate| fields.missing(gate).map(|f| f.key.clone()).collect::<Vec<_>>();
        assert_eq!(missing(&fields, Gate::Approve), Vec::<String>::new());
        assert_eq!(missing(&fields, Gate::Start), ["ticket"]);
        fields.fill("ticket", "OPS-1", None, DateTime::UNIX_EPOCH);
        assert_eq!(missing(&fields, Gate::Close), ["cause"]);
    }

    #[test]
    fn what_is_taken_back_is_what_nobody_has_said() {
        let mut fields = CustomFields::default();
        fields.ask([field("ticket", Gate::Start, &[]), field("cause", Gate::Close, &[])]);
        fields.fill("ticket", "OPS-1", None, DateTime::UNIX_EPOCH);
        assert_eq!(fields.drop_empty(|_| true), ["cause"]);
        assert_eq!(fields.drop_empty(|_| true), Vec::<String>::new());
        assert!(fields.get("ticket").is_some() && fields.get("cause").is_none());
    }

    #[test]
    fn a_choice_is_one_of_its_words_however_it_is_spelt() {
        let channel = field("channel", Gate::Start, &["mail", "web", "phone"]);
        assert_eq!(channel.read("MAIL"), Some("mail".to_owned()));
        assert_eq!(channel.read("fax"), None);
        assert_eq!((channel.wants(), channel.example()), ("mail, web or phone".into(), "channel:mail".into()));
        assert_eq!(field("note", Gate::Start, &[]).read("anything"), Some("anything".to_owned()));
    }
}
