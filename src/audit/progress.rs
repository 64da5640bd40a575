//! How far a long piece of work is, for whoever waits at a terminal.

use std::io::{IsTerminal, Write};

/// A line on standard error that writes over itself; nothing where nobody watches.
pub(super) struct Progress {
    what: String,
    is_watched: bool,
    is_shown: bool,
}

impl Progress {
    pub(super) fn new(what: &str) -> Progress {
        Progress { what: what.to_owned(), is_watched: std::io::stderr().is_terminal(), is_shown: false }
    }

    pub(super) fn tell(&mut self, entries: u64) {
        if self.is_watched {
            self.is_shown = true;
            // Nobody is worse off without it.
            let _ = write!(std::io::stderr(), "\r{}: {entries} entries read", self.what);
        }
    }

    /// Leaves the line as it was before.
    pub(super) fn end(&mut self) {
        if self.is_shown {
            let _ = write!(std::io::stderr(), "\r\x1b[2K");
        }
    }
}
