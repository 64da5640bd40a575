//! One line of the doctor.

use std::fmt;

use crate::platform::SendError;

/// What was looked at, and how it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub is_wrong: bool,
    /// Says how it is and, where it is wrong, what to do.
    pub sentence: String,
}

impl Finding {
    pub fn good(sentence: impl Into<String>) -> Finding {
        Finding { is_wrong: false, sentence: sentence.into() }
    }

    pub fn wrong(sentence: impl Into<String>) -> Finding {
        Finding { is_wrong: true, sentence: sentence.into() }
    }

    /// Something that a platform did not let be looked at.
    pub(super) fn failed(what: &str, error: &SendError) -> Finding {
        Finding::wrong(match error.meaning() {
            Some(meaning) => format!("{what}: {}. {}", meaning.because, meaning.remedy).trim_end().to_owned(),
            None => format!("{what}: {error}. Try again in a while."),
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}", if self.is_wrong { "FAIL" } else { "ok  " }, self.sentence)
    }
}

/// An error with its causes, in one line.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
