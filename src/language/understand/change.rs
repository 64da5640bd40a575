//! What is said of a change.

use super::person::mention;
use super::{Reader, VerbId};
use crate::domain::change_services::SERVICES_MAX;
use crate::domain::rules::{Band, Touch, Touches};
use crate::domain::{Acceptance, ChangeForm, Command, HaltRuling, Person, RiskFactors, When};
use crate::language::presses::DRAFT;

impl Reader<'_> {
    pub(super) fn change(&mut self) -> Option<Command> {
        match self.verb.id {
            VerbId::ChangeEdit => self.edit(),
            VerbId::ChangeSched => self.schedule(),
            VerbId::ChangeEmergency => Some(Command::RequestEmergency(Box::new(self.change_form()))),
            _ => Some(Command::RequestChange(Box::new(self.change_form()))),
        }
    }

    fn change_form(&mut self) -> ChangeForm {
        let factors = RiskFactors {
            data: self.scale("data"),
            availability: self.scale("availability"),
            compliance: self.scale("compliance"),
            complexity: self.scale("complexity"),
            rollback: self.scale("rollback"),
            touches: self.touches(),
        };
        let form = ChangeForm {
            title: self.text("title"),
            service: None,
            also: Vec::new(),
            impact: self.text("impact"),
            why_now: self.text("why"),
            rollback_plan: self.plan(),
            tested: self.choice("tested").map(|word| word == "yes"),
            factors,
            category: self.category(),
            sources: Vec::new(),
            exploit: self.text("exploit"),
            planning: self.choice("planning").is_some_and(|word| word == "yes"),
            due: self.optional_when("due"),
            regulation: self.text("regulation"),
            draft: self.call.get(DRAFT).and_then(|number| number.parse().ok()),
            from: self.optional_when("from"),
            until: self.optional_when("until"),
        };
        form.on(&self.services_of_change())
    }

    /// What the change touches, the main service first, each once.
    pub(super) fn services_of_change(&mut self) -> Vec<String> {
        let mut services: Vec<String> = Vec::new();
        for service in self.services().unwrap_or_default() {
            if !services.contains(&service) {
                services.push(service);
            }
        }
        // What follows a space is part of the title: it would be dropped from the services without a word.
        if self.call.get("svc").is_some_and(|typed| typed.trim_end().ends_with(',')) {
            let sentence = "Write them without a space between: svc:payments,ledger.".to_owned();
            self.wrong.push(("svc", sentence));
        }
        if services.len() > SERVICES_MAX {
            let sentence = format!(
                "A change is on {SERVICES_MAX} services at most, and these are {}: ask for several changes, or a batch.",
                services.len()
            );
            self.wrong.push(("svc", sentence));
        }
        services
    }

    /// What it touches: every word that is none is named.
    pub(super) fn touches(&mut self) -> Option<Touches> {
        match Touches::read(self.call.get("touches")?) {
            Ok(touches) => Some(touches),
            Err(odd) => {
                let known: Vec<&str> = Touch::ALL.iter().map(|touch| touch.as_str()).collect();
                let sentence = format!("“{odd}” is none of: {}, or none of them: none.", known.join(", "));
                self.wanting("touches", &sentence)
            }
        }
    }

    /// Why, and what else was weighed, are asked for where they are missing.
    pub(super) fn acceptance(&mut self) -> Option<Command> {
        let until = self.optional_when("until");
        let alternatives = self.text("alternatives");
        Some(Command::AcceptRisk(Acceptance { why: self.text("why")?, alternatives: alternatives?, until }))
    }

    /// Both are asked for where they are missing.
    pub(super) fn adjustment(&mut self) -> Option<Command> {
        let to = self.choice("band").and_then(|word| Band::parse(&word));
        Some(Command::AdjustRisk { to: to?, why: self.text("why")? })
    }

    /// The plan, in which whoever does a step is named by key: a mention means nothing to the other platform. Whom nobody
    /// knows stays as typed, so that no emergency waits for a slip.
    pub(super) fn plan(&self) -> Option<String> {
        let text = self.text("plan")?;
        Some(text.split_inclusive(|c: char| c.is_whitespace() || c == ';').map(|word| self.by_key(word)).collect())
    }

    fn by_key(&self, word: &str) -> String {
        let end = word.find('>').map_or(word.trim_end_matches([',', '.', ')', ';', ' ', '\n']).len(), |end| end + 1);
        let (named, rest) = word.split_at(end);
        match self.named(named) {
            Some(person) => format!("@{}{rest}", person.key),
            None => word.to_owned(),
        }
    }

    /// The person behind `@me`, `@ana` or a mention.
    fn named(&self, word: &str) -> Option<&Person> {
        let organisation = self.listener.organisation;
        if let Some(account) = mention(word, self.listener.place) {
            return organisation.person_of(&account);
        }
        let key = word.strip_prefix('@')?;
        let me = self.listener.me.filter(|_| key.eq_ignore_ascii_case("me"));
        let has_key = |person: &&Person| person.active && person.key.eq_ignore_ascii_case(key);
        me.and_then(|me| organisation.person(me)).or_else(|| organisation.people.values().find(has_key))
    }

    fn edit(&mut self) -> Option<Command> {
        let form = self.change_form();
        if form == ChangeForm::default() {
            return self.wanting("title", "Say what changes, like plan: … or until:23:30.");
        }
        Some(Command::EditChange(Box::new(form)))
    }

    fn schedule(&mut self) -> Option<Command> {
        let from = self.when("from");
        self.when("until").map(|until| Command::ScheduleChange { from, until })
    }

    /// What stops others is not done without a reason: without one a form asks.
    pub(super) fn running(&mut self) -> Option<Command> {
        let why = self.text("why");
        if self.verb.id == VerbId::ChangeStart {
            return Some(Command::Start { why });
        }
        let verdict = self.choice("verdict");
        let ruling = match verdict.as_deref() {
            Some("finish") => HaltRuling::Finish,
            Some("rollback") => HaltRuling::RollBack,
            _ => HaltRuling::Halt,
        };
        let declares = verdict.as_deref() == Some("incident");
        (ruling != HaltRuling::Halt || why.is_some()).then_some(Command::Halt { ruling, why, declares })
    }

    /// A verb that takes nothing but a reason.
    pub(super) fn with_reason(&self) -> Option<Command> {
        let why = self.text("why")?;
        match self.verb.id {
            VerbId::ChangeWithdraw => Some(Command::Withdraw { why }),
            VerbId::ChangeExtend => Some(Command::Extend { why }),
            _ => Some(Command::RollBack { why }),
        }
    }

    /// Of a verb that may have no such argument: an emergency is not planned.
    pub(super) fn optional_when(&mut self, name: &'static str) -> Option<When> {
        self.verb.arg(name).is_some().then(|| self.when(name)).flatten()
    }
}
