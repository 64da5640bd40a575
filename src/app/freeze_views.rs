//! How freezes look: the card of each, the card of an exception that is asked for, the list, and what a check says.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::answer::plain;
use super::cards::{button, headline, row};
use super::exceptions::exception_from_freezes;
use super::freezes::frozen;
use super::handle::{Caller, HandleError};
use super::lists::{LISTED_MAX, listed};
use super::target::no_such;
use super::{App, Tenant};
use crate::domain::decide::{deciders, met};
use crate::domain::rules::{
    Band, ChangeKind, Every, FreezeKind, FreezeVerdict, FrozenChange, Priority, freeze_verdict,
};
use crate::domain::{Change, Freeze, FreezeOverride, FreezeStatus, Frozen, OverrideState, PersonId, Refusal, Subject};
use crate::language::presses::{Press, PressAction};
use crate::render::{Block, ButtonStyle, Message};
use crate::store::Tx;

/// Overrides that a card names, the newest.
const OVERRIDES_SHOWN: usize = 8;
/// So many are named of those who could say the word.
const DECIDERS_SHOWN: usize = 2;

impl App {
    pub(super) async fn freeze_card(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        number: i64,
    ) -> Result<Option<Message>, HandleError> {
        let Some(freeze) = tx.freeze(number).await? else { return Ok(None) };
        let organisation = &tenant.organisation;
        let names = |keys: &[String]| keys.iter().map(|key| organisation.service_name(key)).collect::<Vec<_>>();
        let older = freeze.overrides.len().saturating_sub(OVERRIDES_SHOWN);
        let data = json!({
            "subject": freeze.subject(), "kind": label(freeze.kind), "status": freeze.status.as_str(),
            "why": freeze.why, "services": names(&freeze.services), "types": types(&freeze),
            "reach": names(&freeze.neighbours(organisation, &tenant.policy)),
            "wide": freeze.wide, "hard": freeze.hard, "incident": freeze.incident.map(Subject::Incident),
            "from": freeze.from, "until": freeze.until, "ended_at": freeze.ended_at,
            "every": freeze.every.map(Every::phrase),
            "missing": if freeze.status == FreezeStatus::Proposed { freeze.missing(organisation) } else { Vec::new() },
            "owners": freeze.owners(organisation), "by": freeze.by.as_ref().map_or("wardroom", PersonId::as_str),
            "overrides": freeze.overrides.iter().skip(older).map(override_data).collect::<Vec<_>>(),
        });
        let mut message = self.renderer.message("card/freeze", &data, organisation)?;
        message.accent = Some(accent(&freeze));
        message.rest = Some(format!("/log show {}", freeze.subject()));
        message.blocks.extend(freeze_buttons(&freeze));
        Ok(Some(message))
    }

    /// What is asked for a change, of every freeze that holds it up, with the buttons for whoever decides.
    pub(super) async fn override_card(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        number: i64,
    ) -> Result<Option<Message>, HandleError> {
        let Some(change) = tx.change(number).await? else { return Ok(None) };
        let mut asks = Vec::new();
        let mut waits = false;
        for freeze in tx.freezes(LISTED_MAX).await? {
            let Some(newest) = freeze.overrides.iter().rev().find(|of| of.change == number).cloned() else { continue };
            let incident = match freeze.incident {
                Some(incident) => tx.incident(incident).await?,
                None => None,
            };
            waits |= newest.state == OverrideState::Requested && newest.revision == change.revision;
            asks.push(ask_data(tenant, &Frozen { freeze, incident, links: Vec::new() }, &change, &newest));
        }
        if asks.is_empty() {
            return Ok(None);
        }
        let data = json!({
            "subject": change.subject(), "title": headline(&change.title), "status": change.status.phrase(),
            "band": change.risk.band.as_str(), "service": tenant.organisation.services_of(&change),
            "incident": change.incident.map(Subject::Incident), "implementer": change.implementer, "asks": asks,
        });
        let mut message = self.renderer.message("card/override", &data, &tenant.organisation)?;
        if waits {
            message.blocks.push(override_buttons(&change));
        }
        Ok(Some(message))
    }

    /// The list, or the one that was named.
    pub(super) async fn freeze_list(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        named: Option<Subject>,
        page: u32,
    ) -> Result<Message, HandleError> {
        if let Some(Subject::Freeze(number)) = named {
            let card = self.freeze_card(tx, tenant, number).await?;
            return Ok(card.unwrap_or_else(|| slip(&no_such(Subject::Freeze(number)))));
        }
        let all = tx.freezes(LISTED_MAX).await?;
        let (freezes, left) = listed(&all, page, "/freeze list");
        let freezes: Vec<Value> = freezes
            .iter()
            .map(|freeze| {
                json!({
                    "subject": freeze.subject(), "kind": label(freeze.kind), "status": freeze.status.as_str(),
                    "types": types(freeze), "scope": freeze.scope(), "why": headline(&freeze.why), "from": freeze.from, "until": freeze.until,
                })
            })
            .collect();
        let data = json!({ "freezes": freezes, "left": left });
        Ok(self.renderer.message("answer/freezes", &data, &tenant.organisation)?)
    }

    /// What the freezes say of a change, or of changes on services.
    pub(super) async fn freeze_check(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        named: Option<Subject>,
        services: Option<Vec<String>>,
    ) -> Result<Message, HandleError> {
        let data = if let Some(services) = services {
            check_services(tenant, &frozen(tx, None, false).await?, &services)
        } else {
            let number = match self.change_number(tx, caller, named).await? {
                Ok(number) => number,
                Err(refusal) => return Ok(slip(&refusal)),
            };
            match tx.change(number).await? {
                Some(change) => self.check_change(tx, tenant, &change).await?,
                None => return Ok(slip(&no_such(Subject::Change(number)))),
            }
        };
        Ok(self.renderer.message("answer/freeze_check", &data, &tenant.organisation)?)
    }

    async fn check_change(&self, tx: &mut Tx, tenant: &Tenant, change: &Change) -> Result<Value, HandleError> {
        let freezes = frozen(tx, None, false).await?;
        let incident = match change.incident {
            Some(incident) => tx.incident(incident).await?,
            None => None,
        };
        let now = self.clock.now();
        let planned = (now, change.window.map_or(now, |window| window.closes.max(now)));
        let met = met(&tenant.organisation, &tenant.policy, &freezes, change, incident.as_ref(), planned);
        let past = exception_from_freezes(tx, tenant, change, now).await?;
        let past = |freeze: &Freeze| past.as_ref().filter(|_| freeze.hard);
        let lets = |freeze: &Freeze| freeze.lets_through(change, now) || past(freeze).is_some();
        let holding: Vec<String> = met
            .iter()
            .filter(|met| met.holds() && !lets(&met.frozen.freeze))
            .map(|met| met.frozen.freeze.subject().to_string())
            .collect();
        let lines: Vec<Value> = met
            .iter()
            .map(|met| {
                let also = match past(&met.frozen.freeze).filter(|_| met.holds()) {
                    Some(exception) => format!(" For this one: passed by {}.", exception.subject()),
                    None if met.holds() && lets(&met.frozen.freeze) => " An exception was granted.".to_owned(),
                    None => String::new(),
                };
                line_data(&met.frozen.freeze, &format!("{}{also}", met.ruling.sentence))
            })
            .collect();
        let sentence = match holding.as_slice() {
            [] if lines.is_empty() => "Nothing is frozen while it may run.".to_owned(),
            [] => "No freeze holds it up.".to_owned(),
            many => format!(
                "It may not start: {} holds it up. `/freeze except {} why: …` asks for an exception.",
                many.join(" and "),
                change.subject()
            ),
        };
        Ok(json!({
            "about": format!("{} · {}", change.subject(), headline(&change.title)), "sentence": sentence, "lines": lines,
            "standby": self.standby_holds(tx, tenant, change).await?,
        }))
    }
}

/// What each freeze says of an emergency, of a small change and of a risky one.
fn check_services(tenant: &Tenant, freezes: &[Frozen], services: &[String]) -> Value {
    let line = |frozen: &Frozen| {
        let freeze = &frozen.freeze;
        let reaches = |key: &String| freeze.reaches(&tenant.organisation, &tenant.policy, key);
        let inside = freeze.services.is_empty() || services.is_empty() || services.iter().any(reaches);
        let look = |kind, band, urgent_for| {
            let spared = freeze.spares(kind);
            let change = FrozenChange { kind, band, freeze_safe: false, spared, linked: false, urgent_for, inside };
            freeze_verdict(freeze.facts(), change)
        };
        let mut rulings = vec![
            look(ChangeKind::Emergency, Band::Medium, Some(Priority::P2)),
            look(ChangeKind::Normal, Band::Medium, None),
            look(ChangeKind::Normal, Band::High, None),
        ];
        // Where only some types are frozen, each of them is looked at.
        rulings.extend(freeze.blocks.iter().map(|kind| look(*kind, Band::Low, None)));
        if rulings.iter().all(|ruling| ruling.verdict == FreezeVerdict::Allow) {
            return None;
        }
        let mut seen = BTreeSet::new();
        let sentences: Vec<&str> =
            rulings.iter().map(|ruling| ruling.sentence.as_str()).filter(|sentence| seen.insert(*sentence)).collect();
        let types = if freeze.blocks.is_empty() { String::new() } else { format!(" A {}.", freeze.noun()) };
        Some(line_data(freeze, &format!("{}{types}", sentences.join(" "))))
    };
    let binding = freezes.iter().filter(|frozen| frozen.freeze.status.binds());
    let lines: Vec<Value> = binding.filter_map(line).collect();
    let about = if services.is_empty() { "everything".to_owned() } else { services.join(", ") };
    let sentence = if lines.is_empty() { "No freeze reaches it." } else { "Frozen, or about to be:" };
    json!({ "about": about, "sentence": sentence, "lines": lines, "standby": Value::Null })
}

/// For whoever may end it sooner or later; a freeze of a major incident ends with that.
fn freeze_buttons(freeze: &Freeze) -> Option<Block> {
    let button = |action, style| button(Press::on(action, freeze.subject(), None), style);
    let lift = button(PressAction::Lift, ButtonStyle::Plain);
    match (freeze.status, freeze.until) {
        (FreezeStatus::Proposed | FreezeStatus::Scheduled, _) | (FreezeStatus::Active, None) => Some(row(vec![lift])),
        (FreezeStatus::Active, Some(_)) => Some(row(vec![button(PressAction::ExtendFreeze, ButtonStyle::Plain), lift])),
        (FreezeStatus::Lifted | FreezeStatus::Cancelled, _) => None,
    }
}

/// For whoever decides on an exception.
pub(super) fn override_buttons(change: &Change) -> Block {
    let press = |action| Press::on(action, change.subject(), Some(change.revision));
    row(vec![
        button(press(PressAction::Allow), ButtonStyle::Primary),
        button(press(PressAction::Deny), ButtonStyle::Danger),
    ])
}

fn line_data(freeze: &Freeze, sentence: &str) -> Value {
    json!({
        "freeze": freeze.subject(), "why": freeze.why, "from": (freeze.status == FreezeStatus::Scheduled).then_some(freeze.from),
        "until": freeze.until, "sentence": sentence,
    })
}

fn override_data(of: &FreezeOverride) -> Value {
    json!({
        "change": Subject::Change(of.change), "state": of.state.as_str(), "by": of.by, "why": of.why,
        "until": of.valid_until.filter(|_| of.state == OverrideState::Granted),
        "ahead": of.valid_until.is_some_and(|until| until - of.asked_at > TimeDelta::days(1)),
        "signed": of.authority.iter().chain(&of.second).collect::<Vec<_>>(),
    })
}

fn ask_data(tenant: &Tenant, frozen: &Frozen, change: &Change, newest: &FreezeOverride) -> Value {
    let mut data = override_data(newest);
    let freeze = &frozen.freeze;
    let who = deciders(&tenant.organisation, frozen, change, Some(&newest.by));
    let waits = newest.state == OverrideState::Requested;
    let ask = |people: Vec<PersonId>, signed: bool| -> Vec<PersonId> {
        if waits && !signed { people.into_iter().take(DECIDERS_SHOWN).collect() } else { Vec::new() }
    };
    data["freeze"] = json!(freeze.subject());
    data["reason"] = json!(freeze.why);
    data["ask"] = json!(ask(who.first.1, newest.authority.is_some()));
    data["ask_second"] = json!(ask(who.second.map(|(_, people)| people).unwrap_or_default(), newest.second.is_some()));
    data
}

/// The types of changes that it holds up, where not all.
fn types(freeze: &Freeze) -> Vec<&'static str> {
    freeze.blocks.iter().map(|kind| kind.as_str()).collect()
}

/// A kind as a heading has it.
fn label(kind: FreezeKind) -> &'static str {
    match kind {
        FreezeKind::Major => "major incident",
        FreezeKind::Stabilising => "settling",
        FreezeKind::Business => "business calendar",
        FreezeKind::Manual => "by hand",
    }
}

/// Blue while it holds, grey once it is over.
fn accent(freeze: &Freeze) -> u32 {
    match (freeze.status, freeze.kind) {
        (FreezeStatus::Lifted | FreezeStatus::Cancelled, _) => 0x6B_72_80,
        (FreezeStatus::Proposed | FreezeStatus::Scheduled | FreezeStatus::Active, FreezeKind::Major) => 0xDC_26_26,
        (FreezeStatus::Proposed | FreezeStatus::Scheduled | FreezeStatus::Active, _) => 0x25_63_EB,
    }
}

fn slip(refusal: &Refusal) -> Message {
    let sentences = [&refusal.sentence, &refusal.next].into_iter().filter(|sentence| !sentence.is_empty());
    let blocks = sentences.map(|sentence| Block::Paragraph { text: plain(sentence) }).collect();
    Message { blocks, ..Message::default() }
}
