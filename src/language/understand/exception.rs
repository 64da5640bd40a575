//! Exceptions from a procedure: which rule, for what, until when, and what is done instead.

use super::super::nearest::nearest;
use super::{Reader, VerbId};
use crate::domain::ExceptionCommand;
use crate::domain::exception::{ExceptionScope, NewException};
use crate::domain::rules::ExceptionSubject;

impl Reader<'_> {
    /// `None` only where something is missing or wrong.
    pub(super) fn exception(&mut self) -> Option<ExceptionCommand> {
        match self.verb.id {
            VerbId::ExceptionAsk => self.new_exception().map(ExceptionCommand::Ask),
            VerbId::ExceptionDeny => self.text("why").map(|why| ExceptionCommand::Deny { why }),
            VerbId::ExceptionRevoke => self.text("why").map(|why| ExceptionCommand::Revoke { why }),
            VerbId::ExceptionReview => {
                let kept = self.choice("kept").map(|word| word == "yes");
                Some(ExceptionCommand::Review { kept: kept?, notes: self.text("notes") })
            }
            _ => Some(ExceptionCommand::Approve),
        }
    }

    fn new_exception(&mut self) -> Option<NewException> {
        let rule = self.choice("rule").and_then(|word| ExceptionSubject::parse(&word));
        let until = self.when("until");
        let scope = self.exception_scope();
        let control = self.text("control")?;
        let why = self.text("why")?;
        Some(NewException { rule: rule?, scope, until: until?, control, why })
    }

    /// One of a change, a service, a team: two of them would leave open which is meant.
    fn exception_scope(&mut self) -> Option<ExceptionScope> {
        let given = ["change", "svc", "team"].into_iter().filter(|name| self.call.get(name).is_some());
        if given.count() > 1 {
            return self.wanting("svc", "Name a change, a service or a team, not several of them.");
        }
        if let Some(word) = self.call.get("team") {
            return self.exception_team(word);
        }
        if self.call.get("svc")?.eq_ignore_ascii_case("all") {
            return Some(ExceptionScope::Everything);
        }
        match self.services()?.as_slice() {
            [service] => Some(ExceptionScope::Service(service.clone())),
            _ => self.wanting("svc", "Name one service, or the team that keeps them."),
        }
    }

    fn exception_team(&mut self, word: &str) -> Option<ExceptionScope> {
        let known = &self.listener.organisation.teams;
        let named = |key: &str, name: &str| key.eq_ignore_ascii_case(word) || name.eq_ignore_ascii_case(word);
        if let Some(team) = known.values().find(|team| named(&team.key, &team.name)) {
            return Some(ExceptionScope::Team(team.key.clone()));
        }
        let keys: Vec<&str> = known.keys().map(String::as_str).collect();
        let near = nearest(word, keys.iter().copied(), 5);
        let offer = if near.is_empty() { keys.into_iter().take(5).collect() } else { near };
        self.wanting("team", &format!("There is no team “{word}”. Nearest: {}.", offer.join(", ")))
    }
}
