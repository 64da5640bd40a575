//! Rehearsals of a way back: whoever tries it and whoever watches are told in private, with the buttons that say how it goes.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::answer::Teller;
use super::cards::{button, headline, row};
use super::handle::{Caller, HandleError};
use super::plans::steps_phrase;
use super::questions::slip;
use super::{App, Tenant};
use crate::domain::rehearsal::{EarlierRehearsal, Environment, Rehearsal, RehearsalState};
use crate::domain::{
    Change, Command, ContingencyPlan, Decision, Event, PersonId, RehearsalEvent, Role, State, Subject, Target, World,
};
use crate::language::presses::{Press, PressAction};
use crate::render::{Block, Button, ButtonStyle, Message};
use crate::store::{Job, Later, Tx};

/// Rehearsals that an answer lists, the newest; the log has all.
const LISTED: usize = 5;

/// Fills in what was rehearsed on the same services before, where a way back counts. `assessed`: the services of a change whose
/// risk is assessed.
pub(super) async fn load(
    tx: &mut Tx,
    world: &mut World<'_>,
    command: &Command,
    assessed: Option<&[String]>,
) -> Result<(), HandleError> {
    world.digest = digest;
    let own = match (&world.target, command) {
        (
            Target::Change { change, .. },
            Command::Start { .. }
            | Command::ClosePir(_)
            | Command::Rehearsal(_)
            | Command::RollBack { .. }
            | Command::Rollback(_),
        ) => Some(change.services()),
        _ => None,
    };
    let but = match &world.target {
        Target::Change { change, .. } => change.number,
        _ => 0,
    };
    if let Some(services) = assessed.map(<[String]>::to_vec).or(own) {
        world.rehearsals = tx.rehearsals_on(&services, but).await?;
    }
    Ok(())
}

/// What the rows keep of rollback steps, which people wrote.
fn digest(text: &str) -> String {
    crate::ledger::hex(&Sha256::digest(text.as_bytes()))
}

/// The newest rehearsal of a change, for its card.
pub(super) fn on_a_card(change: &Change) -> Value {
    let newest = change.open_rehearsal().or_else(|| change.rehearsals.last());
    newest.map_or(Value::Null, |one| rehearsal_data(change, one))
}

fn rehearsal_data(change: &Change, one: &Rehearsal) -> Value {
    let state = match one.state {
        RehearsalState::Planned if one.observer.is_none() => "asked for by its review",
        RehearsalState::Planned => "planned",
        RehearsalState::Running => "has begun",
        RehearsalState::Proven => "proven",
        RehearsalState::Failed => "failed",
        RehearsalState::Waived => "waived",
        RehearsalState::Accepted => "an executive accepts that there is none",
    };
    let is_void = one.plan.is_some() && one.plan != change.rehearsal_key(digest);
    json!({
        "state": state, "environment": one.environment.as_ref().map(Environment::as_str), "observer": one.observer,
        "took": one.took.map(|took| took.to_string()), "minutes": one.minutes.map(|minutes| minutes.to_string()),
        "due": one.state.is_open().then_some(one.due_at), "at": one.decided_at, "void": is_void,
    })
}

impl App {
    /// Whether the way back of a change that was named or is open here was rehearsed.
    pub(super) async fn rehearsals_answer(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Message, HandleError> {
        let change = match self.change_meant(tx, caller, named).await? {
            Ok(change) => change,
            Err(refusal) => return Ok(slip(&refusal)),
        };
        let key = change.rehearsal_key(digest);
        let earlier = tx.rehearsals_on(&change.services(), change.number).await?;
        let same = earlier.iter().filter(|one| Some(&one.plan) == key.as_ref()).take(LISTED);
        let earlier = |one: &EarlierRehearsal| json!({"proven": one.proven, "at": one.decided_at, "subject": Subject::Change(one.change)});
        let newest = change.rehearsals.iter().rev().take(LISTED);
        let data = json!({
            "subject": change.subject(), "title": headline(&change.title),
            "steps": steps_phrase(&tenant.organisation, &ContingencyPlan::read(&change.rollback_plan)),
            "need": tenant.policy.contingency.of(change.risk.band).rehearsal.phrase(),
            "rehearsals": newest.map(|one| rehearsal_data(&change, one)).collect::<Vec<_>>(),
            "earlier": same.map(earlier).collect::<Vec<_>>(),
        });
        let mut message = self.renderer.message("answer/rehearsals", &data, &tenant.organisation)?;
        let buttons = next_buttons(&change);
        message.blocks.extend((!buttons.is_empty()).then(|| row(buttons)));
        Ok(message)
    }

    /// Enqueues what follows for those whom it concerns.
    pub(super) fn follow_rehearsals(
        &self,
        tx: &Tx,
        teller: &Teller<'_>,
        decision: &Decision,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let State::Change(change) = &decision.state else { return Ok(()) };
        for (place, event) in decision.events.iter().enumerate() {
            let Event::Rehearsal(of) = event else { continue };
            let key = format!("rehearsal-{}-{}-{place}", change.number, change.version);
            for person in told(teller, change, of) {
                if teller.actor.person() == Some(&person) {
                    continue;
                }
                let message = self.rehearsal_message(teller, change, (event, of), &person)?;
                jobs.extend(Job::direct_each(tx.tenant(), [person], &key, &message));
            }
        }
        Ok(())
    }

    fn rehearsal_message(
        &self,
        teller: &Teller<'_>,
        change: &Change,
        (event, of): (&Event, &RehearsalEvent),
        person: &PersonId,
    ) -> Result<Message, HandleError> {
        let asks = matches!(of, RehearsalEvent::Planned { .. } | RehearsalEvent::Begun { .. });
        let one = change.open_rehearsal().filter(|_| asks);
        let mut message = if let Some(data) = one.and_then(|one| asked_data(teller.tenant, change, one, person)) {
            self.renderer.message("direct/rehearsal", &data, &teller.tenant.organisation)?
        } else {
            let line = Block::Paragraph { text: teller.line(change.subject(), event)? };
            Message { blocks: vec![line], ..Message::default() }
        };
        let mut buttons = own_buttons(change, person);
        buttons.push(press(change, PressAction::Details, ButtonStyle::Plain));
        message.blocks.push(row(buttons));
        Ok(message)
    }
}

/// Who hears of it in private.
fn told(teller: &Teller<'_>, change: &Change, event: &RehearsalEvent) -> BTreeSet<PersonId> {
    let mut people = BTreeSet::new();
    let observer = change.open_rehearsal().and_then(|one| one.observer.clone());
    let managers = || teller.tenant.organisation.holding(Role::ChangeManager);
    match event {
        RehearsalEvent::Begun { .. } => people.extend(observer),
        RehearsalEvent::Planned { .. } | RehearsalEvent::Moved { .. } => {
            people.extend(observer.into_iter().chain([change.implementer.clone()]));
        }
        RehearsalEvent::Asked { .. }
        | RehearsalEvent::Proven { .. }
        | RehearsalEvent::Failed { .. }
        | RehearsalEvent::Waived { .. }
        | RehearsalEvent::Voided { .. } => people.extend([change.implementer.clone(), change.requester.clone()]),
        RehearsalEvent::Reminded { overdue, .. } => {
            people.extend(observer.into_iter().chain([change.implementer.clone()]));
            people.extend(overdue.then(managers).into_iter().flatten());
        }
    }
    people
}

/// What whoever sees it all can press; who may is checked when they do.
fn next_buttons(change: &Change) -> Vec<Button> {
    match change.open_rehearsal().filter(|one| one.observer.is_some()).map(|one| one.state) {
        Some(RehearsalState::Planned) => vec![press(change, PressAction::BeginRehearsal, ButtonStyle::Primary)],
        Some(RehearsalState::Running) => vec![
            press(change, PressAction::RehearsalProven, ButtonStyle::Primary),
            press(change, PressAction::RehearsalFailed, ButtonStyle::Danger),
        ],
        _ => Vec::new(),
    }
}

/// What this person is waited for.
fn own_buttons(change: &Change, person: &PersonId) -> Vec<Button> {
    let Some(one) = change.open_rehearsal() else { return Vec::new() };
    let watches = one.observer.as_ref() == Some(person);
    let is_next = match one.state {
        RehearsalState::Running => watches,
        _ => !watches && change.is_own(person),
    };
    if is_next { next_buttons(change) } else { Vec::new() }
}

/// An edit leaves a planned rehearsal as it is: the button holds for whatever the change is by then.
fn press(change: &Change, action: PressAction, style: ButtonStyle) -> Button {
    button(Press::on(action, change.subject(), None), style)
}

fn asked_data(tenant: &Tenant, change: &Change, one: &Rehearsal, person: &PersonId) -> Option<Value> {
    let (observer, environment) = (one.observer.as_ref()?, one.environment.as_ref()?);
    let began: Option<DateTime<Utc>> = one.began_at;
    Some(json!({
        "subject": change.subject(), "title": headline(&change.title), "running": began.is_some(), "began": began,
        "watches": observer == person, "environment": environment.as_str(), "due": one.due_at,
        "service": tenant.organisation.services_of(change), "minutes": one.minutes.map(|n| n.to_string()),
        "steps": steps_phrase(&tenant.organisation, &ContingencyPlan::read(&change.rollback_plan)),
        "implementer": change.implementer, "observer": observer,
    }))
}
