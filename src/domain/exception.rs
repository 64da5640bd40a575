//! An exception from a procedure (rule 4.35): for a while, and within its scope, a rule is set aside.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::rules::{ExceptionClass, ExceptionSubject, Role};
use super::{Change, DeadlineKind, Organisation, PersonId, Subject, When};

/// Nothing is an exception for longer: by then it is the rule, and the policy should say so.
pub const EXCEPTION_MAX: TimeDelta = TimeDelta::days(90);
/// How long before its end its requester and those who approved it hear of it.
pub const NOTICES: [TimeDelta; 2] = [TimeDelta::days(14), TimeDelta::days(3)];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcedureException {
    pub number: i64,
    pub version: i32,
    /// The rule that it sets aside.
    pub rule: ExceptionSubject,
    /// As the policy had it when it was asked for: whose approval it takes.
    pub class: ExceptionClass,
    pub scope: ExceptionScope,
    pub status: ExceptionStatus,
    pub why: String,
    /// What is done instead of what the rule asks for.
    pub control: String,
    pub requester: PersonId,
    pub asked_at: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// Who approved it, and as what, in the order in which they did.
    pub signed: Vec<(Role, PersonId)>,
    /// When its end is still to be announced, the next first.
    pub notices: Vec<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    /// What is asked for after its end; `None` while it is not over, and where it never was in force.
    pub look_back: Option<LookBack>,
    /// In the order in which they happened.
    pub uses: Vec<ExceptionUse>,
}

/// Whoever might have approved it says after its end whether what was to be done instead was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookBack {
    pub due_at: DateTime<Utc>,
    /// Those who are asked were told that it is late.
    pub overdue: bool,
    pub done: Option<LookedBack>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedBack {
    pub by: PersonId,
    pub at: DateTime<Utc>,
    /// What was promised instead was done.
    pub kept: bool,
}

/// A change went past the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionUse {
    pub change: i64,
    pub revision: i32,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExceptionStatus {
    Requested,
    Active,
    Denied,
    /// Its time was over, or it was while it still waited.
    Expired,
    Revoked,
}

/// What it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExceptionScope {
    Everything,
    /// Every service that a team keeps.
    Team(String),
    Service(String),
    Change(i64),
}

/// What can be said of an exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExceptionCommand {
    Ask(NewException),
    Approve,
    Deny {
        why: String,
    },
    Revoke {
        why: String,
    },
    /// Looks back on it. `kept`: what was to be done instead was done.
    Review {
        kept: bool,
        notes: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewException {
    pub rule: ExceptionSubject,
    /// `None`: the change that was named.
    pub scope: Option<ExceptionScope>,
    pub until: When,
    pub control: String,
    pub why: String,
}

/// The exception that a command is about.
#[derive(Debug, Clone)]
pub enum ExceptionTarget {
    /// A number for a new one, and the change that it is for, where one was named.
    New {
        number: i64,
        change: Option<Box<Change>>,
    },
    Known {
        exception: Box<ProcedureException>,
        change: Option<Box<Change>>,
    },
}

impl ExceptionStatus {
    pub const ALL: [ExceptionStatus; 5] = [
        ExceptionStatus::Requested,
        ExceptionStatus::Active,
        ExceptionStatus::Denied,
        ExceptionStatus::Expired,
        ExceptionStatus::Revoked,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            ExceptionStatus::Requested => "requested",
            ExceptionStatus::Active => "active",
            ExceptionStatus::Denied => "denied",
            ExceptionStatus::Expired => "expired",
            ExceptionStatus::Revoked => "revoked",
        }
    }

    pub fn parse(word: &str) -> Option<ExceptionStatus> {
        ExceptionStatus::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

impl ExceptionScope {
    /// As it is stored, and written by [`fmt::Display`]: `all`, `team:core`, `svc:payments`, `CHG-88`.
    pub fn parse(word: &str) -> Option<ExceptionScope> {
        if word == "all" {
            return Some(ExceptionScope::Everything);
        }
        if let Some(team) = word.strip_prefix("team:") {
            return Some(ExceptionScope::Team(team.to_owned()));
        }
        if let Some(service) = word.strip_prefix("svc:") {
            return Some(ExceptionScope::Service(service.to_owned()));
        }
        match Subject::parse(word) {
            Some(Subject::Change(number)) => Some(ExceptionScope::Change(number)),
            _ => None,
        }
    }

    /// Whether a change on a service is within it.
    pub fn reaches(&self, organisation: &Organisation, change: i64, service: &str) -> bool {
        match self {
            ExceptionScope::Everything => true,
            ExceptionScope::Team(team) => organisation.team_of(service).is_some_and(|keeps| &keeps.key == team),
            ExceptionScope::Service(own) => own == service,
            ExceptionScope::Change(number) => *number == change,
        }
    }

    /// The services within it. `of_change`: those of the change that it is for.
    pub fn services(&self, organisation: &Organisation, of_change: Vec<String>) -> Vec<String> {
        let kept = |team: Option<&str>| {
            let own = organisation.services.values().filter(|own| team.is_none_or(|team| own.team == team));
            own.map(|service| service.key.clone()).collect()
        };
        match self {
            ExceptionScope::Everything => kept(None),
            ExceptionScope::Team(team) => kept(Some(team)),
            ExceptionScope::Service(service) => vec![service.clone()],
            ExceptionScope::Change(_) => of_change,
        }
    }

    /// As people read it.
    pub fn phrase(&self, organisation: &Organisation) -> String {
        match self {
            ExceptionScope::Everything => "everything".to_owned(),
            ExceptionScope::Team(team) => {
                let name = organisation.teams.get(team).map_or(team.as_str(), |team| team.name.as_str());
                format!("everything that {name} keeps")
            }
            ExceptionScope::Service(service) => organisation.service_name(service),
            ExceptionScope::Change(number) => Subject::Change(*number).to_string(),
        }
    }
}

impl fmt::Display for ExceptionScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExceptionScope::Everything => f.write_str("all"),
            ExceptionScope::Team(team) => write!(f, "team:{team}"),
            ExceptionScope::Service(service) => write!(f, "svc:{service}"),
            ExceptionScope::Change(number) => write!(f, "CHG-{number}"),
        }
    }
}

impl ExceptionCommand {
    /// The verb, as the log names what was asked.
    pub fn name(&self) -> &'static str {
        match self {
            ExceptionCommand::Ask(_) => "cab exception ask",
            ExceptionCommand::Approve => "cab exception approve",
            ExceptionCommand::Deny { .. } => "cab exception deny",
            ExceptionCommand::Revoke { .. } => "cab exception revoke",
            ExceptionCommand::Review { .. } => "cab exception review",
        }
    }
}

impl ProcedureException {
    pub fn subject(&self) -> Subject {
        Subject::Exception(self.number)
    }

    /// Whether it holds at this moment; at exactly its end it does not any more, whether or not that was noticed.
    pub fn is_in_force(&self, now: DateTime<Utc>) -> bool {
        self.status == ExceptionStatus::Active && now < self.until
    }

    /// Whether it sets this rule aside for this change now.
    pub fn sets_aside(
        &self,
        organisation: &Organisation,
        rule: ExceptionSubject,
        change: &Change,
        now: DateTime<Utc>,
    ) -> bool {
        self.rule == rule
            && self.is_in_force(now)
            && self.scope.reaches_all(organisation, change.number, &change.services())
    }

    /// The moments that it promises now.
    pub fn promises(&self) -> Vec<(DeadlineKind, DateTime<Utc>)> {
        match self.status {
            ExceptionStatus::Requested => vec![(DeadlineKind::ExceptionEnd, self.until)],
            ExceptionStatus::Active => {
                let notice = self.notices.first().map(|at| (DeadlineKind::ExceptionNotice, *at));
                notice.into_iter().chain([(DeadlineKind::ExceptionEnd, self.until)]).collect()
            }
            ExceptionStatus::Denied | ExceptionStatus::Expired | ExceptionStatus::Revoked => {
                let due = self.due_look_back().filter(|due| !due.overdue);
                due.map(|due| (DeadlineKind::ExceptionEnd, due.due_at)).into_iter().collect()
            }
        }
    }

    /// What nobody has looked back on yet.
    pub fn due_look_back(&self) -> Option<&LookBack> {
        self.look_back.as_ref().filter(|one| one.done.is_none())
    }

    /// As it is listed: "reviewed" is the last that can become of one that was in force.
    pub fn state(&self) -> &'static str {
        match &self.look_back {
            Some(LookBack { done: Some(_), .. }) => "reviewed",
            _ => self.status.as_str(),
        }
    }

    /// Whoever asked for it, and whoever approved it.
    pub fn people(&self) -> Vec<PersonId> {
        let signers = self.signed.iter().map(|(_, person)| person);
        let mut people: Vec<PersonId> = Vec::new();
        for person in [&self.requester].into_iter().chain(signers) {
            if !people.contains(person) {
                people.push(person.clone());
            }
        }
        people
    }

    /// Whether a change went past its rule by it.
    pub fn was_used_by(&self, change: i64) -> bool {
        self.uses.iter().any(|used| used.change == change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_reads_what_it_writes() {
        for scope in [
            ExceptionScope::Everything,
            ExceptionScope::Team("core".into()),
            ExceptionScope::Service("payments".into()),
            ExceptionScope::Change(88),
        ] {
            assert_eq!(ExceptionScope::parse(&scope.to_string()), Some(scope));
        }
        for word in ["", "INC-7", "CHG-0", "svc", "everything"] {
            assert_eq!(ExceptionScope::parse(word), None, "{word}");
        }
    }
}
