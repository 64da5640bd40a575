//! The names of a log. One that did not fit what was signed of it goes on under a new name, so that what is signed of
//! one history can't be taken for the other's.

use std::fmt;

/// `wardroom/harbour`, and from the second epoch on `wardroom/harbour/2`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogName {
    /// Deployment and tenant.
    pub base: String,
    /// From 1.
    pub epoch: i32,
}

impl LogName {
    #[must_use]
    pub fn with_epoch(&self, epoch: i32) -> LogName {
        LogName { base: self.base.clone(), epoch }
    }

    /// Every name of this log up to this one, oldest first.
    pub fn and_before(&self) -> impl DoubleEndedIterator<Item = LogName> + '_ {
        (1..=self.epoch).map(|epoch| self.with_epoch(epoch))
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.epoch {
            1 => f.write_str(&self.base),
            epoch => write!(f, "{}/{epoch}", self.base),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_epoch_has_no_number() {
        let log = LogName { base: "wardroom/harbour".to_owned(), epoch: 3 };
        let names: Vec<String> = log.and_before().map(|name| name.to_string()).collect();
        assert_eq!(names, ["wardroom/harbour", "wardroom/harbour/2", "wardroom/harbour/3"]);
    }
}
