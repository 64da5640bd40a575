//! Goes on reading after an error: what is wrong is noted and replaced by what the compiled-in policy says there.

use std::borrow::Cow;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::policy_file::FileProblem;
use super::spot::{Lines, lies_in};
use crate::domain::policy::{DEFAULT_TOML, Policy};

/// More problems than this are not worth one reading.
const PROBLEMS_MAX: usize = 200;

pub(super) struct Repair {
    pub problems: Vec<FileProblem>,
    /// The dotted places that are not the file's own.
    pub places: Vec<String>,
    /// Nothing was wrong; some of these places were not there, that is all.
    pub only_completed: bool,
    /// `None` where a problem could not be stepped over; what follows it is not known.
    pub policy: Option<Policy>,
}

/// What an error complains of.
enum Complaint {
    Unknown,
    Missing(String),
    Value,
}

pub(super) fn repaired(lines: &Lines, mut document: Spanned<DeTable<'_>>) -> Repair {
    let model = DeTable::parse(DEFAULT_TOML).expect("deploy/policy.toml is TOML");
    let mut repair = Repair { problems: Vec::new(), places: Vec::new(), only_completed: true, policy: None };
    while repair.problems.len() < PROBLEMS_MAX {
        let error = match Policy::deserialize(toml::Deserializer::from(document.clone())) {
            Ok(policy) => {
                repair.policy = Some(policy);
                return repair;
            }
            Err(error) => error,
        };
        let complaint = complaint(error.message());
        let path = place_of(document.get_ref(), model.get_ref(), &repair.places, error.span(), &complaint);
        repair.problems.push(problem(lines, &error, &complaint, path.as_deref()));
        repair.only_completed &=
            matches!(&complaint, Complaint::Missing(name) if path.as_ref().and_then(|path| path.last()) == Some(name));
        let Some(path) = path else { break };
        repair.places.push(path.join("."));
        replace(document.get_mut(), model.get_ref(), &path);
    }
    repair
}

fn complaint(message: &str) -> Complaint {
    let named = |rest: &str| rest.split('`').next().unwrap_or_default().to_owned();
    if message.starts_with("unknown field `") {
        Complaint::Unknown
    } else if let Some(rest) = message.strip_prefix("missing field `") {
        Complaint::Missing(named(rest))
    } else {
        Complaint::Value
    }
}

fn problem(lines: &Lines, error: &toml::de::Error, complaint: &Complaint, path: Option<&[String]>) -> FileProblem {
    let place = path.map(|path| path.join(".")).unwrap_or_default();
    let sentence = match complaint {
        Complaint::Unknown => {
            let (_, known) = error.message().split_once(", expected ").unwrap_or_default();
            format!("{place}: there is no such entry; there is {}.", listed(known))
        }
        Complaint::Missing(name) if path.and_then(|path| path.last()) != Some(name) => {
            format!("{place}: {name} is missing in an entry of this list.")
        }
        Complaint::Missing(_) => format!("{place}: it is missing."),
        Complaint::Value if place.is_empty() => format!("{}.", plain(error.message())),
        Complaint::Value => format!("{place}: {}.", plain(error.message())),
    };
    let whole = matches!(complaint, Complaint::Missing(_)) && path.is_some_and(|path| path.len() == 1);
    let line = error.span().filter(|_| !whole).map(|span| lines.at(span.start));
    FileProblem { line, sentence }
}

/// The words of the reader of TOML, in those of the people who write policies. What it does not know stays as it is.
fn plain(message: &str) -> String {
    let (found, expected) = message.split_once(", expected ").unwrap_or((message, ""));
    if let Some(word) = found.strip_prefix("unknown variant ") {
        return format!("{} is unknown; there is {}", word.replace('`', ""), listed(expected));
    }
    if let Some(value) = found.strip_prefix("invalid type: ").or_else(|| found.strip_prefix("invalid value: ")) {
        // string "x", floating point `0.7`: the value alone says it.
        let value = value.split('`').nth(1).unwrap_or_else(|| value.split_once(' ').map_or(value, |(_, value)| value));
        let expected = match expected {
            "u8" | "u32" | "u64" => "a whole number from 0 on",
            "i32" | "i64" => "a whole number",
            "a sequence" => "a list",
            "a string" => "words in quotation marks",
            other => other,
        };
        return format!("{value} is not what belongs here: {expected}");
    }
    match message {
        "input contains invalid characters" | "premature end of input" | "input is out of range" => {
            "this is no time like \"09:00\", and no date like \"2026-12-25\"".to_owned()
        }
        "short or long weekday names expected" => "days are written mon, tue, wed, thu, fri, sat, sun".to_owned(),
        other => other.to_owned(),
    }
}

fn listed(expected: &str) -> String {
    expected.trim_start_matches("one of ").replace('`', "")
}

/// The keys that lead to what an error complains of.
fn place_of(
    document: &DeTable,
    model: &DeTable,
    repaired: &[String],
    span: Option<Range<usize>>,
    complaint: &Complaint,
) -> Option<Vec<String>> {
    let span = span?;
    let mut places = Vec::new();
    let mut path = Vec::new();
    match complaint {
        Complaint::Missing(name) => {
            tables_at(document, model, &span, name, &mut path, &mut places);
            if places.is_empty() && model.get(name.as_str()).is_some() && document.get(name.as_str()).is_none() {
                places.push(vec![name.clone()]);
            }
            if places.is_empty() {
                // In an entry of a list, which is replaced as a whole.
                values_at(document, repaired, &span, &mut path, &mut places);
            }
        }
        Complaint::Unknown | Complaint::Value => values_at(document, repaired, &span, &mut path, &mut places),
    }
    places.into_iter().max_by_key(Vec::len)
}

/// Every entry whose key is at the span, or whose value holds it.
fn values_at(
    table: &DeTable,
    repaired: &[String],
    span: &Range<usize>,
    path: &mut Vec<String>,
    places: &mut Vec<Vec<String>>,
) {
    for (key, value) in table {
        path.push(key.get_ref().to_string());
        let own = !repaired.contains(&path.join("."));
        if own && (key.span() == *span || lies_in(span, &value.span())) {
            places.push(path.clone());
        }
        if let (true, DeValue::Table(inner)) = (own, value.get_ref()) {
            values_at(inner, repaired, span, path, places);
        }
        path.pop();
    }
}

/// Every table at the span that lacks an entry of the model.
fn tables_at(
    table: &DeTable,
    model: &DeTable,
    span: &Range<usize>,
    name: &str,
    path: &mut Vec<String>,
    places: &mut Vec<Vec<String>>,
) {
    for (key, value) in table {
        let (DeValue::Table(inner), Some(DeValue::Table(model))) =
            (value.get_ref(), model.get(key.get_ref().as_ref()).map(Spanned::get_ref))
        else {
            continue;
        };
        path.push(key.get_ref().to_string());
        if value.span() == *span && inner.get(name).is_none() && model.get(name).is_some() {
            places.push(path.iter().cloned().chain([name.to_owned()]).collect());
        }
        tables_at(inner, model, span, name, path, places);
        path.pop();
    }
}

/// Puts what the model has at this path there; takes it out where the model has nothing.
fn replace<'a>(document: &mut DeTable<'a>, model: &DeTable<'a>, path: &[String]) {
    let Some((name, rest)) = path.split_first() else { return };
    let theirs = model.get(name.as_str());
    if rest.is_empty() {
        let key = document.remove_entry(name.as_str()).map(|(key, _)| key);
        if let Some(value) = theirs {
            let key = key.unwrap_or_else(|| Spanned::new(0..0, Cow::Owned(name.clone())));
            // Not of this file, so nothing in it is found by this span.
            document.insert(key, Spanned::new(0..0, value.get_ref().clone()));
        }
        return;
    }
    if let (Some(DeValue::Table(inner)), Some(DeValue::Table(model))) =
        (document.get_mut(name.as_str()).map(Spanned::get_mut), theirs.map(Spanned::get_ref))
    {
        replace(inner, model, rest);
    } else {
        document.remove(name.as_str());
    }
}
