//! The checks of the catalogue of standard changes: what is approved before it is asked for must be said whole.

use std::collections::BTreeSet;

use super::{Found, sensible};
use crate::domain::policy::{CatalogueEntry, CataloguePolicy, Checklists, Parameter};
use crate::domain::rules::Span;

/// A list to choose from holds so many on either platform.
const CHOICES_MAX: usize = 25;
/// One form of Discord holds five texts.
const PARAMETERS_MAX: usize = 5;
const STEPS_MAX: usize = 10;
const KEY_CHARS_MAX: usize = 32;
const NAME_CHARS_MAX: usize = 20;
const VALUE_CHARS_MAX: usize = 40;
/// A title and a text, in characters: they stand on cards.
const TITLE_CHARS_MAX: usize = 80;
const TEXT_CHARS_MAX: usize = 300;
/// An irreversible change is never standard: nobody could take it back.
const IRREVERSIBLE: u8 = 5;

/// Words that the command reads as something else.
const RESERVED: [&str; 9] = ["entry", "svc", "service", "with", "why", "from", "until", "incident", "inc"];

pub(super) fn check(catalogue: &CataloguePolicy, checklists: &Checklists, found: &mut Found) {
    let days = catalogue.valid_days;
    found.needs((1..=366).contains(&days), "catalogue.valid_days", "it is between one day and a year.");
    found.needs(catalogue.warn_days <= 366, "catalogue.warn_days", "it is at most a year.");
    found.unless(catalogue.entries.len() <= CHOICES_MAX, "catalogue.entries", || {
        format!("it has more than {CHOICES_MAX} entries; so many fit a list to choose from.")
    });
    for (key, entry) in &catalogue.entries {
        let place = format!("catalogue.entries.{key}");
        found.needs(is_key(key), place.as_str(), "a key is one word of a-z, 0-9 and -, at most 32 letters long.");
        whole(entry, &place, found);
        if let Some(category) = entry.category.as_ref().filter(|category| !checklists.contains_key(*category)) {
            found.unless(false, format!("{place}.category"), || format!("there is no checklist {category:?}."));
        }
        risk(entry, &place, found);
        let fits = entry.parameters.len() <= PARAMETERS_MAX;
        found.needs(fits, format!("{place}.parameters"), "it has more than 5; so many fit one form.");
        for (name, parameter) in &entry.parameters {
            named(name, parameter, &format!("{place}.parameters.{name}"), found);
        }
    }
}

fn whole(entry: &CatalogueEntry, place: &str, found: &mut Found) {
    let at = |field: &str| format!("{place}.{field}");
    let is_text = |text: &str, max: usize| !text.trim().is_empty() && text.chars().count() <= max;
    found.needs(entry.version > 0, at("version"), "it must be at least 1.");
    found.needs(is_text(&entry.title, TITLE_CHARS_MAX), at("title"), "it has between 1 and 80 characters.");
    found.needs(is_text(&entry.owner, KEY_CHARS_MAX), at("owner"), "it names nobody.");
    for (field, text) in [("impact", &entry.impact), ("rollback", &entry.rollback)] {
        found.needs(is_text(text, TEXT_CHARS_MAX), at(field), "it has between 1 and 300 characters.");
    }
    for (field, list) in [("steps", &entry.steps), ("checks", &entry.checks)] {
        let fits = (1..=STEPS_MAX).contains(&list.len()) && list.iter().all(|text| is_text(text, TEXT_CHARS_MAX));
        found.needs(fits, at(field), "it has between 1 and 10 lines of at most 300 characters each.");
    }
    let services: BTreeSet<&String> = entry.services.iter().collect();
    found.needs(!services.is_empty(), at("services"), "it names no service.");
    found.needs(services.len() == entry.services.len(), at("services"), "a service stands twice.");
    sensible(Span::Minutes(entry.minutes), &at("minutes"), found);
    found.needs(entry.minutes <= 7 * 24 * 60, at("minutes"), "a window lasts for at most seven days.");
}

fn risk(entry: &CatalogueEntry, place: &str, found: &mut Found) {
    let risk = entry.risk;
    let factors = [
        ("data", risk.data),
        ("availability", risk.availability),
        ("compliance", risk.compliance),
        ("complexity", risk.complexity),
        ("rollback", risk.rollback),
    ];
    for (name, factor) in factors {
        found.needs((1..=5).contains(&factor), format!("{place}.risk.{name}"), "it goes from 1 to 5.");
    }
    let back = risk.rollback < IRREVERSIBLE;
    found.needs(back, format!("{place}.risk.rollback"), "what cannot be taken back is no standard change.");
}

fn named(name: &str, parameter: &Parameter, place: &str, found: &mut Found) {
    let is_word = !name.is_empty()
        && name.len() <= NAME_CHARS_MAX
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    found.needs(is_word, place, "a name is one word of a-z, 0-9 and _, at most 20 letters long.");
    found.needs(!RESERVED.contains(&name), place, "the command reads that word as something else.");
    let told = (3..=TITLE_CHARS_MAX).contains(&parameter.what.trim().chars().count());
    found.needs(told, format!("{place}.what"), "it has between 3 and 80 characters.");
    let is_range = parameter.from.is_some() && parameter.to.is_some();
    let half = parameter.from.is_some() != parameter.to.is_some();
    let is_list = !parameter.one_of.is_empty();
    found.needs(!half && is_range != is_list, place, "there is a gap: give from and to, or one_of, and not both.");
    found.needs(parameter.from <= parameter.to || half, place, "it ends before it begins.");
    let words: BTreeSet<String> = parameter.one_of.iter().map(|word| word.to_lowercase()).collect();
    let one = |word: &String| {
        !word.is_empty() && word.len() <= VALUE_CHARS_MAX && word.bytes().all(|b| b.is_ascii_graphic() && b != b',')
    };
    let fits = words.len() == parameter.one_of.len() && words.len() <= CHOICES_MAX && words.iter().all(one);
    found.needs(fits, format!("{place}.one_of"), "it has at most 25 different words without spaces or commas.");
}

fn is_key(key: &str) -> bool {
    key.len() <= KEY_CHARS_MAX
        && key.starts_with(|letter: char| letter.is_ascii_lowercase())
        && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
