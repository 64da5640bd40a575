//! Taking a part of the log out of the house.

use super::logged;
use crate::domain::rules::{Denial, LogReading};
use crate::domain::{Answer, Asked, Decision, Event, Refusal, Subject, Target, World};

/// What chat can hand over: entries, and bytes with their texts and proofs.
const ENTRIES_MAX: i64 = 10_000;
const BYTES_MAX: i64 = 6 << 20;

/// A part of the log that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogExport {
    /// `None`: all of it.
    pub of: Option<Subject>,
    /// What rule 4.23 says of it as a whole.
    pub reading: Result<LogReading, Denial>,
    /// Its subjects, and whether names and texts go with each. Empty: every subject.
    pub parts: Vec<(Subject, bool)>,
    /// The newest entry that belongs to it.
    pub newest: i64,
    pub entries: i64,
    /// How much it weighs; counted only where the number of entries allows it.
    pub bytes: i64,
}

impl LogExport {
    /// Whether names and texts go with it.
    pub fn with_texts(&self) -> bool {
        self.reading == Ok(LogReading::Full)
    }

    /// Whether so many entries may be weighed.
    pub fn is_weighed(entries: i64) -> bool {
        entries <= ENTRIES_MAX
    }
}

/// An export is an entry: who took what, and how much of it.
pub(super) fn export(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let Target::Log(export) = &world.target else {
        return Err(Refusal::slip("This is about the log.", "Name a record, like INC-7."));
    };
    let event = exported(export)?;
    let answer = Answer::default().also("It comes to you by direct message, as a file with a note on how to check it.");
    Ok(logged(asked, Subject::Deployment, vec![event], answer))
}

fn exported(export: &LogExport) -> Result<Event, Refusal> {
    if let Err(denial) = &export.reading {
        return Err(denial.clone().into());
    }
    let what = export.of.map_or_else(|| "the whole log".to_owned(), |subject| format!("the log of {subject}"));
    if export.entries > ENTRIES_MAX || export.bytes > BYTES_MAX {
        let size = if export.entries > ENTRIES_MAX {
            format!("{} entries, and chat takes {ENTRIES_MAX}", export.entries)
        } else {
            format!("{} MB, and chat takes {}", export.bytes.div_euclid(1 << 20) + 1, BYTES_MAX >> 20)
        };
        let command = match export.of {
            Some(subject) => format!("wardroom log export FOLDER --subject {subject}"),
            None => "wardroom log export FOLDER".to_owned(),
        };
        return Err(Refusal::slip(
            format!("This is too much for chat: {what} has {size}."),
            format!("Whoever runs Wardroom can write it to a folder: `{command}`."),
        ));
    }
    let entries = i32::try_from(export.entries).unwrap_or(i32::MAX);
    Ok(Event::LogExported { of: export.of, entries, texts: export.with_texts() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::{LogTies, read_log};

    fn of(reading: Result<LogReading, Denial>, entries: i64, bytes: i64) -> LogExport {
        LogExport { of: Some(Subject::Incident(7)), reading, parts: Vec::new(), newest: 9, entries, bytes }
    }

    #[test]
    fn an_export_is_an_entry_and_what_is_too_large_names_the_command_line() {
        let event = exported(&of(Ok(LogReading::Metadata), 12, 9_000)).expect("it fits");
        let expected = Event::LogExported { of: Some(Subject::Incident(7)), entries: 12, texts: false };
        assert_eq!(event, expected);
        for (entries, bytes, words) in
            [(10_001, 0, "10001 entries, and chat takes 10000"), (10, 7 << 20, "8 MB, and chat takes 6")]
        {
            let refusal = exported(&of(Ok(LogReading::Full), entries, bytes)).expect_err("it is too large");
            assert!(refusal.sentence.contains(words) && !refusal.logged, "{refusal:?}");
            assert!(refusal.next.contains("wardroom log export FOLDER --subject INC-7"), "{refusal:?}");
        }
        let refusal = exported(&of(read_log(&[], LogTies::default()), 1, 1)).expect_err("it is not theirs");
        assert!(refusal.logged && refusal.rule == "4.23", "{refusal:?}");
    }
}
