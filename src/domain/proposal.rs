//! A policy that waits for the signatures of those who have to sign it.

use chrono::{DateTime, TimeDelta, Utc};

use super::amendment::NewAmendment;
use super::{Organisation, PersonId, Role};

/// The roster whose members sign policies. Without it a policy is in force when it is loaded.
pub const SIGNATORIES: &str = "signatories";

/// The roster whose members read what comes into force.
pub const READERS: &str = "readers";
/// People who are asked to read one policy: a message each.
const READERS_MAX: usize = 200;

/// How much of a hash names a file, in hexadecimal digits.
const HASH_DIGITS: usize = 12;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The entry that proposes it.
    pub entry: i32,
    /// sha256 of the file, hex.
    pub hash: String,
    pub source: String,
    /// What made somebody write it.
    pub origin: Option<Origin>,
    /// When it is to come into force; without one, as soon as it is signed.
    pub effective_at: Option<DateTime<Utc>>,
    /// Who was asked to sign it when it was proposed.
    pub signatories: Vec<PersonId>,
    pub signed: Vec<PersonId>,
    pub state: ProposalState,
    pub proposed_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProposalState {
    Open,
    /// Nobody's signature is missing; its day is still to come.
    Signed,
    Effective,
    Rejected,
}

impl ProposalState {
    pub const ALL: [ProposalState; 4] =
        [ProposalState::Open, ProposalState::Signed, ProposalState::Effective, ProposalState::Rejected];

    pub fn as_str(self) -> &'static str {
        match self {
            ProposalState::Open => "open",
            ProposalState::Signed => "signed",
            ProposalState::Effective => "effective",
            ProposalState::Rejected => "rejected",
        }
    }

    pub fn parse(word: &str) -> Option<ProposalState> {
        ProposalState::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What a policy is written for: a finding, an audit, a regulation or a quarter's review, with its number.
///
/// A reference, never prose: it stands in the log for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The words that say what kind of thing it is.
    pub const KINDS: [&str; 4] = ["finding", "audit", "regulation", "quarter"];
    /// Room for a reference of every auditor; a longer one is prose.
    const CHARS_MAX: usize = 60;

    /// `audit finding 12`: one of the kinds first, and every other word a kind too or one with a digit.
    pub fn parse(words: &str) -> Option<Origin> {
        let words: Vec<&str> = words.split_whitespace().collect();
        let is_kind = |word: &str| Origin::KINDS.contains(&word);
        let is_mark = |c: char| c.is_ascii_alphanumeric() || "-./_#".contains(c);
        let is_number = |word: &str| word.chars().all(is_mark) && word.contains(|c: char| c.is_ascii_digit());
        let (first, rest) = words.split_first()?;
        let said = words.join(" ");
        let is_sound = is_kind(first)
            && rest.iter().all(|word| is_kind(word) || is_number(word))
            && rest.iter().any(|word| is_number(word))
            && said.len() <= Origin::CHARS_MAX;
        is_sound.then_some(Origin(said))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an auditor waits for it.
    pub fn is_audit(&self) -> bool {
        self.0.starts_with("audit")
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is said of a policy when it is loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    pub effective_at: Option<DateTime<Utc>>,
    pub origin: Option<Origin>,
}

impl Terms {
    /// Whether this is what was said of a policy that is proposed already.
    pub fn is_of(&self, known: &Proposal) -> bool {
        self.effective_at == known.effective_at && self.origin == known.origin
    }
}

/// The policy in force, as far as somebody looks after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    pub version: i32,
    pub hash: String,
    pub since: DateTime<Utc>,
    /// Whoever asks has said already that they have read it.
    pub has_read: bool,
    /// When somebody last looked at it, and it stayed.
    pub reviewed_at: Option<DateTime<Utc>>,
    /// How often those who sign were asked to look at it since then, and when last: nobody has yet.
    pub reviews_asked: u32,
    pub review_asked_at: Option<DateTime<Utc>>,
    /// It was told that nobody has.
    pub review_late_told: bool,
    /// It was told already that the newest proposal is not signed in time.
    pub overdue_told: bool,
}

/// What is said of a proposal. `hash`: the beginning of the file's, unless a button says which is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyCommand {
    Sign {
        hash: Option<String>,
    },
    Object {
        hash: Option<String>,
        why: String,
    },
    /// I have read the policy in force.
    Read,
    /// The policy is to be different in something, and somebody is to write it.
    Propose(Box<NewAmendment>),
    /// It is to stay as it is. `amendment`: its number, unless a button says which is meant.
    Decline {
        amendment: Option<i32>,
        why: String,
    },
    /// I have looked at the policy in force, and it stays.
    Reviewed {
        note: Option<String>,
    },
    /// Is the policy in force to be looked at again, or a proposal overdue? Asked by the housekeeping, once a day.
    LookAfter,
}

impl PolicyCommand {
    pub fn name(&self) -> &'static str {
        match self {
            PolicyCommand::Sign { .. } => "admin policy sign",
            PolicyCommand::Object { .. } => "admin policy object",
            PolicyCommand::Read => "admin policy read",
            PolicyCommand::Propose(_) => "admin propose",
            PolicyCommand::Decline { .. } => "admin policy decline",
            PolicyCommand::Reviewed { .. } => "admin policy reviewed",
            PolicyCommand::LookAfter => "admin policy look after",
        }
    }

    pub fn hash(&self) -> Option<&str> {
        match self {
            PolicyCommand::Sign { hash } | PolicyCommand::Object { hash, .. } => hash.as_deref(),
            PolicyCommand::Read
            | PolicyCommand::Propose(_)
            | PolicyCommand::Decline { .. }
            | PolicyCommand::Reviewed { .. }
            | PolicyCommand::LookAfter => None,
        }
    }
}

impl InForce {
    /// When those who sign are next asked to look at it.
    pub fn next_review(&self, after_days: u32) -> DateTime<Utc> {
        let times = i32::try_from(self.reviews_asked).unwrap_or(0) + 1;
        self.reviewed_at.unwrap_or(self.since) + TimeDelta::days(after_days.into()) * times
    }
}

impl Proposal {
    /// What people call it by.
    pub fn short(&self) -> &str {
        short(&self.hash)
    }

    /// Whether something is still to become of it.
    pub fn is_waiting(&self) -> bool {
        matches!(self.state, ProposalState::Open | ProposalState::Signed)
    }

    /// Whether its day is still to come.
    pub fn is_ahead(&self, now: DateTime<Utc>) -> bool {
        self.effective_at.is_some_and(|at| at > now)
    }

    /// When it comes into force by itself.
    pub fn starts_at(&self) -> Option<DateTime<Utc>> {
        self.effective_at.filter(|_| self.state == ProposalState::Signed)
    }

    /// Whose signature is still missing: of those whom the organisation names now. Whoever has left signs nothing.
    pub fn missing(&self, organisation: &Organisation) -> Vec<PersonId> {
        let listed = organisation.signatories().unwrap_or_default();
        listed.into_iter().filter(|person| !self.signed.contains(person)).collect()
    }
}

/// The beginning of a file's hash.
pub fn short(hash: &str) -> &str {
    hash.get(..HASH_DIGITS).unwrap_or(hash)
}

impl Organisation {
    /// Who reads a policy that comes into force: the roster `readers`; without one whoever lives by it every day, the
    /// boards, the change managers, the leads of the teams and the owners of services.
    pub fn policy_readers(&self) -> Vec<PersonId> {
        let mut readers: Vec<PersonId> = if let Some(roster) = self.rosters.get(READERS) {
            roster.members.clone()
        } else {
            let boards = ["cab", "ecab"].into_iter().filter_map(|key| self.rosters.get(key));
            let boards = boards.flat_map(|roster| roster.members.iter().cloned());
            let managers = self.with_role(Role::ChangeManager).into_iter().cloned();
            let leads = self.teams.values().filter_map(|team| team.lead.clone());
            let owners = self.services.values().map(|service| service.owner.clone());
            boards.chain(managers).chain(leads).chain(owners).collect()
        };
        readers.retain(|id| self.person(id).is_some_and(|person| person.active));
        readers.sort_by_key(|id| (self.name_of(id), id.clone()));
        readers.dedup();
        readers.truncate(READERS_MAX);
        readers
    }

    /// Who has to sign a policy, of those who are here; `None` where the organisation names no such roster.
    pub fn signatories(&self) -> Option<Vec<PersonId>> {
        let members = &self.rosters.get(SIGNATORIES)?.members;
        let is_here = |id: &&PersonId| self.person(id).is_some_and(|person| person.active);
        Some(members.iter().filter(is_here).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_reference_and_never_prose() {
        for (words, read) in [
            ("audit finding 12", Some("audit finding 12")),
            ("  quarter   2026-Q4 ", Some("quarter 2026-Q4")),
            ("regulation GDPR-33", Some("regulation GDPR-33")),
            ("audit", None),
            ("finding", None),
            ("the auditor said so 12", None),
            ("audit what Kim found in room 12", None),
            ("finding <12>", None),
            ("", None),
        ] {
            assert_eq!(Origin::parse(words).as_ref().map(Origin::as_str), read, "{words}");
        }
        assert_eq!(Origin::parse(&format!("audit {}", "1".repeat(60))), None);
    }
}
