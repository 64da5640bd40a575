//! The words that matter of a record's own row.

use serde_json::Value;

use super::checklist::Listed;
use super::custom_field::Fields;
use super::draft::Drafts;
use super::{Effect, Kind, Record};

/// The entry of the catalogue that approved a change beforehand, and its version.
pub(super) fn entry_of(facts: &Value) -> Option<String> {
    let entry = facts["entry"].as_str()?;
    Some(format!("{entry} {}", facts["entry_version"].as_i64().unwrap_or_default()))
}

/// Whom a change asks with the entry that requests or revises it.
pub(super) fn asked(facts: &Value) -> Vec<String> {
    facts["asks_as"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What a change touches, by the entry that requests, records or revises it.
pub(super) fn touches(facts: &Value) -> Vec<String> {
    facts["touches"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Somebody who is asked later, in the same words.
pub(super) fn one_asked(facts: &Value) -> String {
    let word = |name: &str| facts[name].as_str().unwrap_or_default();
    format!("{} {} {}", word("person"), word("seat"), word("because"))
}

impl Record {
    /// As the entry that begins a record says.
    pub(super) fn first(seq: i32, effect: Effect, facts: &Value) -> Record {
        if effect == Effect::Declared {
            let priority = facts["priority"].as_str().unwrap_or_default().to_owned();
            return Record::new(
                seq,
                "declared",
                Kind::Incident { priority, commander: String::new(), exposure: None, drafts: Drafts::default() },
            );
        }
        let revision = facts["revision"].as_i64().unwrap_or_default();
        let of = Kind::Change { revision, window: None, extended: 0, entry: entry_of(facts), accepted: None };
        Record { asked: asked(facts), touches: touches(facts), ..Record::new(seq, "awaiting_approval", of) }
    }

    pub(super) fn new(version: i32, status: &str, of: Kind) -> Record {
        let (status, listed, fields) = (status.to_owned(), Listed::default(), Fields::default());
        Record { version, status, listed, fields, asked: Vec::new(), touches: Vec::new(), of }
    }

    pub(super) fn approve(&mut self, opens: String, closes: String) {
        "approved".clone_into(&mut self.status);
        if let Kind::Change { window, .. } = &mut self.of {
            // Approved before anybody said when it may run.
            *window = (!opens.is_empty()).then_some((opens, closes));
        }
    }

    pub(super) fn accept(&mut self, until: String, over: bool) {
        if let Kind::Change { accepted, .. } = &mut self.of {
            *accepted = Some((until, over));
        }
    }

    pub(super) fn rate(&mut self, facts: &Value) {
        if let Kind::Change { entry: Some(entry), .. } = &mut self.of {
            let helpful = facts["helpful"].as_i64().unwrap_or_default();
            *entry = format!("{entry} rated {helpful}");
        }
    }

    pub(super) fn schedule(&mut self, opens: String, closes: String) {
        if let Kind::Change { window, .. } = &mut self.of {
            *window = Some((opens, closes));
        }
    }

    /// Of an incident: its priority, its data exposure, or who leads it.
    pub(super) fn set_of_incident(&mut self, effect: Effect, to: String) {
        let Kind::Incident { priority, commander, exposure, .. } = &mut self.of else { return };
        match effect {
            Effect::PrioritySet => *priority = to,
            Effect::ExposureSet => *exposure = Some(to).filter(|to| to != "none"),
            _ => *commander = to,
        }
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub(super) fn words(&self) -> String {
        let status = &self.status;
        match &self.of {
            Kind::Incident { priority, commander, exposure, drafts } => {
                let commander = if commander.is_empty() { "nobody" } else { commander };
                let (listed, fields) = (self.listed.words(), self.fields.words());
                let exposed =
                    exposure.as_ref().map(|exposure| format!(", data exposure {exposure}")).unwrap_or_default();
                format!("{status}, {priority}, led by {commander}{exposed}{listed}{fields}{}", drafts.words())
            }
            Kind::Meeting(meeting) => meeting.words(status),
            Kind::Batch(batch) => batch.words(status),
            Kind::Exception { what, until, signed, review } => {
                super::exception::words(status, (what, until), signed, review)
            }
            Kind::Change { revision, window, extended, entry, accepted } => {
                let accepted = accepted.as_ref().map(|(until, over)| {
                    format!(", risk accepted until {until}{}", if *over { ", which is over" } else { "" })
                });
                let accepted = accepted.unwrap_or_default();
                let window = match window {
                    Some((opens, closes)) => format!("from {opens} to {closes}"),
                    None => "no window".to_owned(),
                };
                let extended = if *extended > 0 { format!(", extended {extended} times") } else { String::new() };
                let entry = entry.as_ref().map(|entry| format!(", by {entry}")).unwrap_or_default();
                let asked: Vec<String> = self.asked.iter().map(|one| format!(", asked {one}")).collect();
                let touches = self.touches.join(" ");
                let touches = if touches.is_empty() { touches } else { format!(", touches {touches}") };
                let (listed, fields, asked) = (self.listed.words(), self.fields.words(), asked.concat());
                format!(
                    "{status}, revision {revision}, {window}{extended}{entry}{listed}{fields}{asked}{touches}{accepted}"
                )
            }
            Kind::Freeze { kind, hard, wide, from, until, rest } => {
                let hard = if *hard { ", hard" } else { "" };
                let wide = if *wide { ", wide" } else { "" };
                let until = until.as_ref().map(|until| format!(" to {until}")).unwrap_or_default();
                format!("{kind}, {status}{hard}{wide}, from {from}{until}{rest}")
            }
        }
    }
}
