//! What a decision is about. Each subject has one chain of log entries.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A subject, written as people type it: `INC-7`, `CHG-88`, `FRZ-9`, `EXC-3`, `BAT-2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Subject {
    Incident(i64),
    Change(i64),
    Freeze(i64),
    /// A meeting of the change advisory board.
    Meeting(i64),
    /// An exception from a procedure.
    Exception(i64),
    /// Changes that are voted on together, and run in order.
    Batch(i64),
    /// People, teams, services, rosters and audiences.
    Organisation,
    Policy,
    /// The deployment itself: the sandbox's clock, refusals that concern no record.
    Deployment,
}

impl Subject {
    /// Reads `INC-7` or `chg-88`; `None` for anything else.
    pub fn parse(word: &str) -> Option<Subject> {
        let word = word.to_ascii_uppercase();
        match word.as_str() {
            "ORG" => return Some(Subject::Organisation),
            "POLICY" => return Some(Subject::Policy),
            "WARDROOM" => return Some(Subject::Deployment),
            _ => {}
        }
        let (kind, number) = word.split_once('-')?;
        let canonical = !number.is_empty() && !number.starts_with('0') && number.bytes().all(|b| b.is_ascii_digit());
        let number: i64 = if canonical { number.parse().ok()? } else { return None };
        match kind {
            "INC" => Some(Subject::Incident(number)),
            "CHG" => Some(Subject::Change(number)),
            "FRZ" => Some(Subject::Freeze(number)),
            "CAB" => Some(Subject::Meeting(number)),
            "EXC" => Some(Subject::Exception(number)),
            "BAT" => Some(Subject::Batch(number)),
            _ => None,
        }
    }
}

impl Subject {
    /// Reads an entry by its receipt's name: `INC-7#3`.
    pub fn parse_entry(word: &str) -> Option<(Subject, i32)> {
        let (subject, seq) = word.split_once('#')?;
        let seq: i32 = seq.parse().ok().filter(|seq| *seq > 0)?;
        Some((Subject::parse(subject)?, seq))
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Incident(number) => write!(f, "INC-{number}"),
            Subject::Change(number) => write!(f, "CHG-{number}"),
            Subject::Freeze(number) => write!(f, "FRZ-{number}"),
            Subject::Meeting(number) => write!(f, "CAB-{number}"),
            Subject::Exception(number) => write!(f, "EXC-{number}"),
            Subject::Batch(number) => write!(f, "BAT-{number}"),
            Subject::Organisation => f.write_str("ORG"),
            Subject::Policy => f.write_str("POLICY"),
            Subject::Deployment => f.write_str("WARDROOM"),
        }
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> String {
        subject.to_string()
    }
}

impl TryFrom<String> for Subject {
    type Error = String;

    fn try_from(word: String) -> Result<Subject, String> {
        Subject::parse(&word).ok_or_else(|| format!("{word} is not a subject"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_reads_what_it_writes() {
        let numbered = [
            Subject::Incident(7),
            Subject::Change(88),
            Subject::Freeze(9),
            Subject::Meeting(3),
            Subject::Exception(4),
            Subject::Batch(5),
        ];
        for subject in numbered.into_iter().chain([Subject::Organisation, Subject::Policy, Subject::Deployment]) {
            assert_eq!(Subject::parse(&subject.to_string()), Some(subject));
        }
    }

    #[test]
    fn an_entry_is_read_as_its_receipt_names_it() {
        assert_eq!(Subject::parse_entry("inc-7#3"), Some((Subject::Incident(7), 3)));
        assert_eq!(Subject::parse_entry("ORG#12"), Some((Subject::Organisation, 12)));
        for word in ["INC-7", "INC-7#", "INC-7#0", "INC-7#-1", "#3", "FOO-1#1"] {
            assert_eq!(Subject::parse_entry(word), None, "{word}");
        }
    }

    #[test]
    fn what_only_looks_like_a_subject_is_not_one() {
        for word in ["INC-", "INC-0", "INC-07", "INC-x", "INC7", "FOO-1", "INC-99999999999999999999"] {
            assert_eq!(Subject::parse(word), None, "{word}");
        }
    }
}
