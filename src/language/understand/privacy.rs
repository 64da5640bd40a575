//! Reading calls of erasure, legal hold and retention.

use super::Reader;
use super::person::mention;
use crate::domain::archive::ArchiveCommand;
use crate::domain::privacy::{ErasureOf, PrivacyCommand};
use crate::domain::rules::Complexity;
use crate::domain::{Ask, Command, PersonId, Platform, Question, Subject};
use crate::language::catalogue::VerbId;

impl Reader<'_> {
    /// `None` only where something is missing or wrong.
    pub(super) fn privacy(&mut self) -> Option<PrivacyCommand> {
        match self.verb.id {
            VerbId::LogErase => {
                let of = self.erasure_of();
                let basis = self.text("basis")?;
                match of {
                    Some(of) => Some(PrivacyCommand::Erase { of, basis }),
                    None if self.wrong.is_empty() => {
                        self.wanting("entry", "Name an entry, like INC-7#3, or a person, like person:mia.")
                    }
                    None => None,
                }
            }
            VerbId::LogApprove => Some(PrivacyCommand::Approve { of: self.erasure_of() }),
            VerbId::LogDecline => Some(PrivacyCommand::Decline { of: self.erasure_of() }),
            VerbId::LogHold => self.text("why").map(|why| PrivacyCommand::Hold { why }),
            VerbId::LogRelease => self.text("why").map(|why| PrivacyCommand::Release { why }),
            VerbId::LogRedact => Some(PrivacyCommand::Archive(self.redaction())),
            _ => None,
        }
    }

    /// What is to be erased, where it was named.
    fn erasure_of(&mut self) -> Option<ErasureOf> {
        if let Some(word) = self.call.get("entry") {
            return Subject::parse_entry(word).map(|(_, seq)| ErasureOf::Entry(seq));
        }
        let word = self.call.get("person")?.to_owned();
        let person = self.anybody("person", &word)?;
        let whole = self.verb.arg("what").is_some() && self.choice("what").is_some_and(|what| what == "all");
        Some(ErasureOf::Person { person, whole })
    }

    /// Somebody by short name, name or mention, also if they have left: what they did stays theirs, and that is when their
    /// name may go.
    pub(super) fn anybody(&mut self, name: &'static str, word: &str) -> Option<PersonId> {
        let organisation = self.listener.organisation;
        let account = mention(word, self.listener.place);
        let owner = account.as_ref().and_then(|account| organisation.owner_of(account));
        let bare = word.trim_start_matches('@');
        let named = || {
            let is_named = |own: &str| own.eq_ignore_ascii_case(bare);
            organisation.people.values().find(|person| is_named(&person.key) || is_named(&person.name))
        };
        match owner.or_else(named) {
            Some(person) => Some(person.id.clone()),
            // An account that was nobody's: the log names it as `slack:U0PAT`.
            None if account.is_some() => account.map(|account| PersonId(account.pseudonym())),
            None if bare.split_once(':').is_some_and(|(platform, _)| Platform::parse(platform).is_some()) => {
                Some(PersonId(bare.to_owned()))
            }
            None => self.wanting(name, &format!("There is nobody called “{bare}” here, and never was.")),
        }
    }

    /// `/admin retention`, which only reads, and `/admin retention confirm`.
    pub(super) fn retention(&mut self) -> Ask {
        match self.choice("do") {
            Some(_) => Ask::Command(Command::Privacy(PrivacyCommand::ConfirmRetention)),
            None => Ask::Question(Question::Retention),
        }
    }

    fn redaction(&mut self) -> ArchiveCommand {
        match self.choice("do").as_deref() {
            Some("approve") => ArchiveCommand::ApproveRedaction,
            Some(_) => ArchiveCommand::DeclineRedaction,
            None => ArchiveCommand::Redact { mark: self.text("mark") },
        }
    }

    /// `/log archive`, which only reads, and `/log archive INC-7 seal`.
    pub(super) fn archive(&mut self) -> Ask {
        match self.choice("do") {
            Some(_) => Ask::Command(Command::Privacy(PrivacyCommand::Archive(ArchiveCommand::Seal))),
            None => Ask::Question(Question::Archive),
        }
    }

    /// What is left out is taken from the organisation, or as the least.
    pub(super) fn assessment(&mut self) -> Ask {
        let teams = u32::try_from(self.listener.organisation.teams.len()).unwrap_or(u32::MAX);
        let of = Complexity {
            teams: self.count("teams").unwrap_or(teams),
            regions: self.count("regions").unwrap_or(1),
            desk_around_the_clock: self.choice("desk").is_some_and(|word| word == "yes"),
            tooling: self.count("tooling").unwrap_or(1),
        };
        Ask::Question(Question::Coordination { of })
    }

    fn count(&mut self, name: &'static str) -> Option<u32> {
        let word = self.call.get(name)?;
        match word.parse::<u32>() {
            Ok(count) if count <= 100_000 => Some(count),
            _ => self.wanting(name, &format!("“{word}” is no such number.")),
        }
    }
}
