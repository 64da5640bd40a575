//! How often each call was made, for `tests/wire.rs` to read.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;
use wardroom::domain::Platform;
use wardroom::sandbox::Exchange;

/// Different findings that are kept.
const FINDINGS_KEPT: usize = 200;

pub struct Tally {
    has_document: bool,
    /// By platform, HTTP method and route: how many were sound, and how many could not be checked.
    counts: BTreeMap<String, [u64; 2]>,
    /// With how often each was found.
    findings: BTreeMap<String, u64>,
    written: bool,
}

impl Tally {
    pub fn new(has_document: bool) -> Tally {
        Tally { has_document, counts: BTreeMap::new(), findings: BTreeMap::new(), written: false }
    }

    pub fn count(&mut self, exchange: &Exchange, has_document: bool, found: &[String]) {
        let route = format!("{} {}", exchange.platform.as_str(), exchange.route);
        let checked = exchange.platform == Platform::Slack || has_document;
        let counted = self.counts.entry(route).or_default();
        if found.is_empty() {
            counted[usize::from(!checked)] += 1;
        }
        for finding in found {
            if self.findings.len() < FINDINGS_KEPT || self.findings.contains_key(finding) {
                *self.findings.entry(finding.clone()).or_default() += 1;
            }
        }
        self.written = false;
    }

    /// Writes the file anew. A run of some of the tests says so: it need not have made every call.
    pub fn write(&mut self) {
        if std::mem::replace(&mut self.written, true) {
            return;
        }
        let report = json!({
            "whole_suite": is_whole_suite(std::env::args().skip(1)),
            "has_document": self.has_document,
            "counts": self.counts,
            "findings": self.findings,
        });
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wire.json");
        std::fs::write(file, report.to_string()).expect("the recording can be written");
    }
}

/// Whether the arguments of a test binary leave no test out.
fn is_whole_suite(mut arguments: impl Iterator<Item = String>) -> bool {
    let mut takes_value = false;
    !arguments.any(|argument| {
        let is_value = std::mem::take(&mut takes_value);
        takes_value = matches!(argument.as_str(), "--test-threads" | "--color" | "--format" | "--logfile" | "-Z");
        let leaves_out = matches!(argument.as_str(), "--skip" | "--exact" | "--ignored" | "--list");
        leaves_out || !(is_value || argument.starts_with('-'))
    })
}

#[test]
fn a_filter_leaves_tests_out_and_a_number_of_threads_does_not() {
    let whole = |line: &str| is_whole_suite(line.split_whitespace().map(str::to_owned));
    assert!(whole("") && whole("--nocapture --test-threads 2") && whole("--test-threads=2"));
    assert!(
        !whole("sends") && !whole("--nocapture sends") && !whole("--skip sends") && !whole("--test-threads 2 sends")
    );
}
