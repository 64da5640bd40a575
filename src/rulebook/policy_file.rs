//! Reads a policy file, and names every problem in it, not the first only.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::de::DeTable;

use super::redaction;
use super::repair::repaired;
use super::spot::Lines;
use crate::domain::policy::Policy;

/// Something wrong with a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    /// `None` where something is missing as a whole.
    pub line: Option<usize>,
    pub sentence: String,
}

impl std::fmt::Display for FileProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.sentence),
            None => f.write_str(&self.sentence),
        }
    }
}

/// Reads and checks a policy.
///
/// What can't be read is taken from the compiled-in policy, so that the reading goes on to the next problem; a
/// contradiction is looked for in the parts that needed no such help.
pub fn read_policy(source: &str) -> Result<Policy, Vec<FileProblem>> {
    let lines = Lines::of(source);
    let (document, errors) = DeTable::parse_recoverable(source);
    if !errors.is_empty() {
        let problem = |error: &toml::de::Error| FileProblem {
            line: Some(lines.of_error(error)),
            sentence: format!("this is no TOML: {}", error.message()),
        };
        return Err(sorted(errors.iter().map(problem).collect()));
    }
    let repair = repaired(&lines, document.clone());
    let mut problems = repair.problems;
    problems.extend(redaction_problems(&lines, document.get_ref()));
    if let Some(policy) = repair.policy {
        let touched = |place: &str| repair.places.iter().any(|repaired| related(place, repaired));
        let contradictions = policy.problems().into_iter().filter(|problem| !touched(&problem.place));
        problems.extend(contradictions.map(|problem| FileProblem {
            line: lines.of_place(document.get_ref(), &problem.place),
            sentence: problem.to_string(),
        }));
    }
    if !problems.is_empty() {
        return Err(sorted(problems));
    }
    Policy::deserialize(toml::Deserializer::from(document))
        .map_err(|error| vec![FileProblem { line: None, sentence: error.message().to_owned() }])
}

/// A policy that was complete when it was stored, by an earlier version of this program: what it could not know of is
/// taken from the compiled-in policy. Says which places those are; `None` where more is wrong with it.
pub fn complete_policy(source: &str) -> Option<(Policy, Vec<String>)> {
    let document = DeTable::parse(source).ok()?;
    let repair = repaired(&Lines::of(source), document);
    repair.policy.filter(|_| repair.only_completed).map(|policy| (policy, repair.places))
}

/// Services that fields are asked of and that nobody has, each with its line.
pub fn unknown_services(source: &str, policy: &Policy, known: &BTreeSet<String>) -> Vec<FileProblem> {
    let Ok(document) = DeTable::parse(source) else { return Vec::new() };
    let lines = Lines::of(source);
    let fields = &policy.custom_fields;
    let rules = [("change", &fields.change), ("incident", &fields.incident)];
    let named = rules.into_iter().flat_map(|(of, rules)| {
        rules.iter().flat_map(move |(key, rule)| rule.services.iter().map(move |service| (of, key, service)))
    });
    let unknown = named.filter(|(.., service)| !known.contains(*service));
    let problem = |(of, key, service)| {
        let place = format!("custom_fields.{of}.{key}.services");
        let line = lines.of_place(document.get_ref(), &place);
        FileProblem { line, sentence: format!("{place}: there is no service {service:?}.") }
    };
    sorted(unknown.map(problem).collect())
}

/// Patterns that cannot be read, each with its line.
fn redaction_problems(lines: &Lines, document: &DeTable) -> Vec<FileProblem> {
    let table = document.get("redaction").and_then(|table| table.get_ref().as_table());
    let patterns = table.and_then(|table| table.get("customer_ids")).and_then(|list| list.get_ref().as_array());
    let Some(patterns) = patterns else { return Vec::new() };
    let too_many = redaction::too_many(patterns.len()).map(|what| (0, what));
    let bad = patterns.iter().enumerate().filter_map(|(place, pattern)| {
        let what = redaction::pattern_problem(pattern.get_ref().as_str()?)?;
        Some((place, what))
    });
    let problem = |(place, what): (usize, String)| FileProblem {
        line: patterns.get(place).map(|pattern| lines.at(pattern.span().start)),
        sentence: format!("redaction.customer_ids: {what}."),
    };
    too_many.into_iter().chain(bad).map(problem).collect()
}

/// What was taken from elsewhere speaks neither for nor against its neighbours in the same table.
fn related(place: &str, repaired: &str) -> bool {
    let table = repaired.rsplit_once('.').map_or("", |(table, _)| table);
    place == repaired || (!table.is_empty() && (place == table || place.starts_with(&format!("{table}."))))
}

fn sorted(mut problems: Vec<FileProblem>) -> Vec<FileProblem> {
    problems.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
    problems
}
