//! A form asks for what a command still needs.

use serde::{Deserialize, Serialize};

/// A form, as both platforms can show it: a modal on Slack; on Discord selects in an ephemeral message, then a modal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// Opaque, under 40 characters: names the stored form, which holds what was already given.
    pub id: String,
    /// At most 24 characters (Slack's limit for a modal's title).
    pub title: String,
    /// Label of the button that sends it, at most 24 characters.
    pub submit: String,
    /// Sentences that stand above the fields.
    #[serde(default)]
    pub notes: Vec<String>,
    /// At most five [`FieldKind::Line`] or [`FieldKind::Paragraph`] (Discord's limit); any number of choices.
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    /// At most 45 characters (Discord's limit for a modal's label).
    pub label: String,
    /// One sentence of help, at most 100 characters; empty for none.
    pub hint: String,
    pub kind: FieldKind,
    pub required: bool,
    /// What was already given, or an earlier choice.
    pub value: Option<String>,
    /// Where the value came from, where nobody typed it: `INC-7`, `CHG-12`, `step`.
    #[serde(default)]
    pub source: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line of text.
    Line,
    /// Several lines of text, at most 3,000 characters (Slack's limit).
    Paragraph,
    /// One of (value, label), at most 25 (Discord's limit).
    Choice(Vec<(String, String)>),
}
