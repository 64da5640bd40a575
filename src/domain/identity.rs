//! How an account is known to be a person's. A display name is never a reason.

use super::{Account, Standing};

/// What links an account to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkSource {
    /// The organisation file names it.
    File,
    /// The platform vouches for an e-mail address that one person of the organisation has.
    Email,
    /// A one-time code, confirmed by an account of the same person.
    Code,
}

impl LinkSource {
    pub const ALL: [LinkSource; 3] = [LinkSource::File, LinkSource::Email, LinkSource::Code];

    /// The word used in SQL and in log entries.
    pub fn as_str(self) -> &'static str {
        match self {
            LinkSource::File => "file",
            LinkSource::Email => "email",
            LinkSource::Code => "code",
        }
    }

    /// As people read it, after "linked by".
    pub fn phrase(self) -> &'static str {
        match self {
            LinkSource::File => "the organisation file",
            LinkSource::Email => "e-mail address",
            LinkSource::Code => "code",
        }
    }

    pub fn parse(word: &str) -> Option<LinkSource> {
        LinkSource::ALL.into_iter().find(|source| source.as_str() == word)
    }
}

/// One account of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub account: Account,
    pub source: LinkSource,
    /// False once the platform has deactivated the account: nobody acts through it, nobody is asked there.
    pub active: bool,
}

/// What a platform vouches for about an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub email: Option<String>,
    /// False only where the platform says that the address was never confirmed.
    pub email_confirmed: bool,
    pub standing: Standing,
    /// The account was not deactivated.
    pub active: bool,
}

/// What a code that somebody typed stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypedCode {
    For(Account),
    /// Mistyped, used already, or too old.
    Unknown,
    /// Too many wrong ones: this one was not even looked at.
    Barred,
}
