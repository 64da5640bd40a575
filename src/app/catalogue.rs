//! Entries of the catalogue, for those who keep them: what they are told, and the section of the policy file to load.

use serde_json::json;
use sha2::{Digest, Sha256};
use toml::{Table, Value};

use super::answer::Teller;
use super::cards::{button, row};
use super::handle::{Caller, HandleError};
use super::questions::slip;
use super::{App, Tenant};
use crate::domain::policy::{CatalogueEntry, DEFAULT_TOML};
use crate::domain::{CatalogueEvent, Change, Decision, Event, Organisation, Refusal, Role, Subject};
use crate::language::presses::{EntryKey, Press, PressAction};
use crate::render::cut::first_chars;
use crate::render::{Block, ButtonStyle, Message};
use crate::store::{Job, Later, Tx};

/// As long as the check of a policy lets a key, a title, and a text of an entry be, in characters.
const KEY_CHARS: usize = 32;
const TITLE_CHARS: usize = 80;
const TEXT_CHARS: usize = 300;
/// A window of a standard change, in minutes: at most a week, and an hour where none was planned.
const MINUTES_MAX: i64 = 7 * 24 * 60;
const MINUTES: i64 = 60;
/// Characters of a part of a section: a message of either platform holds several of them.
const PART_CHARS: usize = 1_500;

impl App {
    /// Whoever keeps an entry is told what happens to it, in private, unless they did it; the change managers, where nobody
    /// keeps it any more.
    pub(super) fn follow_catalogue(
        tx: &mut Tx,
        teller: &Teller<'_>,
        decision: &Decision,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let organisation = &teller.tenant.organisation;
        for event in &decision.events {
            let Event::Catalogue(of) = event else { continue };
            let step = of.step();
            let managers = || organisation.holding(Role::ChangeManager);
            let mut people = step.owner.clone().map_or_else(managers, |owner| vec![owner]);
            people.retain(|person| teller.actor.person() != Some(person));
            let mut blocks = vec![Block::Paragraph { text: teller.line(decision.subject, event)? }];
            blocks.extend(entry_buttons(&step.entry, actions(of)));
            let message = Message { blocks, ..Message::default() };
            let (state, at) = (of.mark(decision.at).state, decision.at.timestamp_millis());
            let key = format!("entry-{}-{}-{at}", step.entry, state.as_str());
            jobs.extend(Job::direct_each(tx.tenant(), people, &key, &message));
        }
        Ok(())
    }

    /// `/cab standard draft`
    pub(super) async fn entry_draft(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        named: Option<Subject>,
        entry: Option<&str>,
    ) -> Result<Message, HandleError> {
        let (of, key, section) = if let Some(key) = entry {
            let source = tx.policy().await?.map(|policy| policy.source);
            let Some(section) = revised(source.as_deref().unwrap_or(DEFAULT_TOML), key) else {
                let sentence = format!("The policy file has no section for {key}.");
                return Ok(slip(&Refusal::slip(sentence, "`/change std` shows what there is.")));
            };
            (key.to_owned(), key.to_owned(), section)
        } else {
            let change = match self.change_meant(tx, caller, named).await? {
                Ok(change) => change,
                Err(refusal) => return Ok(slip(&refusal)),
            };
            if let Some(standard) = &change.standard {
                let sentence = format!("{} came from {} of the catalogue.", change.subject(), standard.entry);
                let next = format!("`/cab standard draft {}` shows that entry.", standard.entry);
                return Ok(slip(&Refusal::slip(sentence, next)));
            }
            let key = key_of(&change.title, |key| tenant.policy.catalogue.entries.contains_key(key));
            (change.subject().to_string(), key, promoted(&tenant.organisation, &change))
        };
        let data = json!({ "of": of, "is_new": entry.is_none() });
        let mut message = self.renderer.message("answer/entry_draft", &data, &tenant.organisation)?;
        let after_sentence = message.blocks.len().min(1);
        let parts = parts(&text_of(&key, section));
        message.blocks.splice(after_sentence..after_sentence, parts.into_iter().map(|text| Block::Code { text }));
        Ok(message)
    }
}

/// Of all that an entry says, in hex: the same text in the policy file gives the same.
pub(super) fn sha256_of(entry: &CatalogueEntry) -> String {
    crate::ledger::hex(&Sha256::digest(serde_json::to_vec(entry).unwrap_or_default()))
}

/// The buttons of an entry; none where its key is none that a policy may have.
pub(super) fn entry_buttons(key: &str, actions: &[PressAction]) -> Option<Block> {
    let entry = EntryKey::parse(key)?;
    let of = |action: &PressAction| button(Press::of_entry(*action, entry), ButtonStyle::Plain);
    Some(row(actions.iter().map(of).collect()))
}

fn actions(event: &CatalogueEvent) -> &'static [PressAction] {
    match event {
        CatalogueEvent::Suspended { .. } => &[PressAction::ReviseEntry, PressAction::ResumeEntry],
        CatalogueEvent::Resumed { .. } => &[PressAction::SuspendEntry],
        CatalogueEvent::Expiring { .. } | CatalogueEvent::Expired { .. } => {
            &[PressAction::ReviseEntry, PressAction::SuspendEntry]
        }
    }
}

/// The entry as the policy file has it, as its next version.
fn revised(source: &str, key: &str) -> Option<Table> {
    let policy: Table = toml::from_str(source).ok()?;
    let mut entry = policy.get("catalogue")?.get("entries")?.get(key)?.as_table()?.clone();
    let version = entry.get("version")?.as_integer()?;
    entry.insert("version".to_owned(), Value::Integer(version + 1));
    Some(entry)
}

/// What a change says of itself. How one sees that it worked it does not say, so that stays to be filled in.
fn promoted(organisation: &Organisation, change: &Change) -> Table {
    let text = |text: &str, most: usize| Value::String(first_chars(text.trim(), most).to_owned());
    let owner = organisation.services.get(&change.service).and_then(|service| organisation.people.get(&service.owner));
    let minutes = change.planned.as_ref().or(change.window.as_ref());
    let minutes = minutes.map_or(MINUTES, |window| (window.closes - window.opens).num_minutes().clamp(1, MINUTES_MAX));
    let factors = &change.factors;
    let risk = [
        ("data", factors.data),
        ("availability", factors.availability),
        ("compliance", factors.compliance),
        ("complexity", factors.complexity),
        ("rollback", factors.rollback),
    ];
    let risk = risk.map(|(name, factor)| (name.to_owned(), Value::Integer(factor.map_or(5, i64::from))));
    let entry = [
        ("title", text(&change.title, TITLE_CHARS)),
        ("version", Value::Integer(1)),
        ("owner", Value::String(owner.map(|owner| owner.key.clone()).unwrap_or_default())),
        ("services", Value::Array(change.services().into_iter().map(Value::String).collect())),
        ("steps", Value::Array(vec![text(&change.title, TEXT_CHARS)])),
        ("impact", text(&change.impact, TEXT_CHARS)),
        ("checks", Value::Array(Vec::new())),
        ("rollback", text(&change.rollback_plan, TEXT_CHARS)),
        ("minutes", Value::Integer(minutes)),
        ("risk", Value::Table(risk.into_iter().collect())),
    ];
    entry.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A key that the title makes, and no other entry has.
fn key_of(title: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let letters = title.to_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    let words: Vec<&str> = letters.split('-').filter(|word| !word.is_empty()).collect();
    let words = words.join("-");
    let begins = words.trim_start_matches(|letter: char| !letter.is_ascii_lowercase());
    // Room for a number behind it.
    let key = first_chars(begins, KEY_CHARS - 3).trim_end_matches('-');
    let key = if key.is_empty() { "entry" } else { key };
    let numbered = (2..100).map(|number| format!("{key}-{number}"));
    std::iter::once(key.to_owned()).chain(numbered).find(|key| !is_taken(key)).unwrap_or_else(|| key.to_owned())
}

/// `[catalogue.entries.log-rotation]` and what stands below it.
fn text_of(key: &str, entry: Table) -> String {
    let nest = |name: &str, table: Table| Table::from_iter([(name.to_owned(), Value::Table(table))]);
    let policy = nest("catalogue", nest("entries", nest(key, entry)));
    // Nothing that somebody wrote ends the lines of fixed width.
    toml::to_string(&policy).unwrap_or_default().trim_end().replace("```", "'''")
}

/// Whole lines, in parts that fit.
fn parts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for line in text.lines() {
        match parts.last_mut().filter(|part| part.chars().count() + line.chars().count() < PART_CHARS) {
            Some(part) => {
                part.push('\n');
                part.push_str(line);
            }
            None => parts.push(line.to_owned()),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::Policy;

    #[test]
    fn a_section_to_revise_is_taken_by_the_check_of_a_policy_as_the_next_version() {
        let entry = revised(DEFAULT_TOML, "log-rotation").expect("it is in the file");
        let section = text_of("log-rotation", entry);
        assert!(section.starts_with("[catalogue.entries.log-rotation]"), "{section}");
        let source: Table = toml::from_str(DEFAULT_TOML).expect("a file");
        let table: Table = toml::from_str(&section).expect("a section");
        let mut merged = source.clone();
        let entries = merged["catalogue"]["entries"].as_table_mut().expect("entries");
        entries.insert("log-rotation".to_owned(), table["catalogue"]["entries"]["log-rotation"].clone());
        let policy: Policy = merged.try_into().expect("a policy");
        let before = Policy::sample();
        let (old, new) = (&before.catalogue.entries["log-rotation"], &policy.catalogue.entries["log-rotation"]);
        assert_eq!(new.version, old.version + 1);
        assert_eq!((&new.steps, &new.parameters, new.risk), (&old.steps, &old.parameters, old.risk));
        assert_eq!(revised(DEFAULT_TOML, "nothing"), None);
    }

    #[test]
    fn a_title_makes_a_key_that_a_policy_may_have() {
        let free = |_: &str| false;
        assert_eq!(key_of("Empty the queue (again)!", free), "empty-the-queue-again");
        assert_eq!(key_of("2nd failover", free), "nd-failover");
        assert_eq!(key_of("Журнал", free), "entry");
        assert_eq!(key_of("Empty the queue", |key| key == "empty-the-queue"), "empty-the-queue-2");
        for title in ["a".repeat(90), "word ".repeat(20)] {
            let key = key_of(&title, |key| !key.ends_with("-9"));
            assert!(EntryKey::parse(&key).is_some(), "{key}");
        }
    }

    #[test]
    fn a_long_section_is_told_in_whole_lines() {
        let text = "x".repeat(700) + "\n" + &"y".repeat(700) + "\n" + &"z".repeat(700);
        let parts = parts(&text);
        assert_eq!(parts.len(), 2);
        assert_eq!(parts.join("\n"), text);
    }
}
