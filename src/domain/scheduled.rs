//! A change as it stands on the calendar, and what is asked of a calendar's address.

use chrono::{DateTime, Utc};

use super::rules::{Band, ChangeKind};
use super::{ChangeStatus, Subject};

/// A change with its window, given or asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    pub number: i64,
    pub version: i32,
    pub kind: ChangeKind,
    pub status: ChangeStatus,
    pub title: String,
    pub service: String,
    /// What it touches besides.
    pub also: Vec<String>,
    pub band: Band,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Scheduled {
    pub fn subject(&self) -> Subject {
        Subject::Change(self.number)
    }

    /// All that it touches, the main service first.
    pub fn services(&self) -> Vec<String> {
        std::iter::once(&self.service).chain(&self.also).cloned().collect()
    }
}

/// About the address under which a person's calendar program fetches the change calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedCommand {
    /// A new one; an older one ends.
    Open,
    Close,
}

/// What is known of a person's address before it is decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedTarget {
    /// Whether they have one.
    pub is_open: bool,
    /// sha256, in hexadecimal digits, of the secret that a new one would have.
    pub hash: String,
}
