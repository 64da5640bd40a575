//! The line of changes: who is in it, what becomes visible of it, and what it answers when it is asked.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::answer::Teller;
use super::cards::{button, headline, row};
use super::freezes::calling;
use super::handle::{Caller, HandleError};
use super::{App, Tenant};
use crate::domain::rules::{Priority, in_surge, lasts_on};
use crate::domain::slot::line;
use crate::domain::{
    Account, Change, ChangeEvent, ChangeStatus, Command, DeadlineKind, Decision, Event, InLine, Incident, SlotEvent,
    SlotState, Subject, Target, Urgency, World,
};
use crate::language::presses::{Press, PressAction};
use crate::render::{ButtonStyle, Message};
use crate::store::{Job, Later, Tx};

/// Changes that are listed of those that run, and of those that wait: so many fit one message of Discord.
const SHOWN: usize = 6;

impl App {
    /// Fills in who is in the line, each locked, where somebody's turn may come or go. The line itself is held already.
    pub(super) async fn load_line(
        &self,
        tx: &mut Tx,
        world: &mut World<'_>,
        command: &Command,
        now: DateTime<Utc>,
    ) -> Result<(), HandleError> {
        let Target::Change { change, .. } = &world.target else { return Ok(()) };
        if takes_turn(command) {
            let own = change.number;
            let grave = tx.open_since(Priority::P2, now - lasts_on(world.policy)).await?;
            world.surge = in_surge(world.policy, &grave, now);
            for number in tx.changes_in_line().await? {
                if number != own {
                    let other = tx.lock_change(number).await?;
                    world.in_line.extend(in_line(tx, other).await?);
                }
            }
        }
        Ok(())
    }

    /// Enqueues what follows from a change's turn: the line in its own rooms, its card, and a word in private.
    pub(super) async fn spread_slot(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        change: &Change,
        events: &[&SlotEvent],
    ) -> Result<(), HandleError> {
        let teller = Teller { app: self, tenant, actor: caller.actor };
        let rooms = self.rooms_of(tx, change.incident).await?;
        let channels = self.change_channels(tenant);
        let places = if rooms.is_empty() { &channels } else { &rooms };
        let mut jobs: Vec<Later> = Vec::new();
        for event in events {
            if !is_told(event) {
                continue;
            }
            let line = teller.line(change.subject(), &Event::Change(ChangeEvent::Slot((*event).clone())))?;
            let people = if calls(event) { std::slice::from_ref(&change.implementer) } else { &[] };
            let mut message = calling(&tenant.organisation, line, people);
            if let SlotEvent::Offered { .. } = event {
                message.blocks.push(row(vec![start_now(change)]));
                jobs.push(Job::Turn { tenant: tx.tenant(), change: change.number }.now());
            }
            for place in places {
                self.say(tx, change.subject(), place, Urgency::Decision, &message);
            }
        }
        let places = rooms.iter().chain(&channels).cloned();
        jobs.extend(Job::show_each(tx.tenant(), change.subject(), "change", places));
        if tenant.row.homes {
            jobs.push(Job::Homes { tenant: tx.tenant() }.now());
        }
        tx.enqueue(jobs);
        Ok(())
    }

    /// What somebody is told in private whose change has its turn, and through which accounts; `None` where the turn has
    /// passed.
    pub(crate) async fn turn_told(
        &self,
        tx: &mut Tx,
        number: i64,
    ) -> Result<Option<(Vec<Account>, Message, String)>, HandleError> {
        let Some(change) = tx.change(number).await? else { return Ok(None) };
        let Some(slot) = change.slot.filter(|slot| slot.state == SlotState::Offered) else { return Ok(None) };
        let tenant = self.tenant(tx).await?;
        let until = slot.until.unwrap_or(slot.asked_at);
        let data = json!({ "subject": change.subject(), "until": until, "title": headline(&change.title) });
        let mut message = self.renderer.message("answer/turn", &data, &tenant.organisation)?;
        message.blocks.push(row(vec![start_now(&change)]));
        let person = tenant.organisation.person(&change.implementer).filter(|person| person.active);
        let accounts = person.map(|person| person.accounts().cloned().collect()).unwrap_or_default();
        Ok(Some((accounts, message, format!("turn-{number}-{}", until.timestamp()))))
    }

    /// Who runs, and who waits in which place.
    pub(super) async fn change_queue(&self, tx: &mut Tx, tenant: &Tenant) -> Result<Message, HandleError> {
        let mut all = Vec::new();
        for number in tx.changes_in_line().await? {
            let change = tx.change(number).await?;
            all.extend(in_line(tx, change).await?);
        }
        let now = self.clock.now();
        let mut running: Vec<&InLine> = all.iter().filter(|one| one.takes_slot(now)).collect();
        running.sort_by_key(|one| one.change.number);
        let waiting = line(&all);
        let more = running.len().saturating_sub(SHOWN) + waiting.len().saturating_sub(SHOWN);
        let running: Vec<Value> = running.into_iter().take(SHOWN).map(|one| line_data(tenant, one)).collect();
        let waiting: Vec<Value> = waiting.into_iter().take(SHOWN).map(|one| line_data(tenant, one)).collect();
        let throttle = &tenant.policy.throttle;
        let grave = tx.open_since(Priority::P2, now - lasts_on(&tenant.policy)).await?;
        let surge = in_surge(&tenant.policy, &grave, now);
        let data = json!({
            "running": running, "waiting": waiting, "more": (more > 0).then(|| more.to_string()),
            "per_service": throttle.running_per_service_max.to_string(),
            "per_incident": throttle.running_per_incident_max.to_string(),
            "in_surge": surge.then(|| throttle.running_in_surge_max.to_string()),
        });
        Ok(self.renderer.message("answer/queue", &data, &tenant.organisation)?)
    }
}

/// Whether a command gives or takes somebody's turn, and so holds the line.
pub(super) fn takes_turn(command: &Command) -> bool {
    match command {
        Command::Start { .. }
        | Command::CheckHold
        | Command::Done { .. }
        | Command::RollBack { .. }
        | Command::Rollback(_)
        | Command::Withdraw { .. }
        | Command::Ruling(_)
        | Command::Conflict(_)
        // What is mended forward gives its slot back.
        | Command::EditChange(_)
        | Command::Line(_) => true,
        Command::Due { deadline, .. } => {
            matches!(deadline, DeadlineKind::Slot | DeadlineKind::WindowEnd | DeadlineKind::Conflict)
        }
        _ => false,
    }
}

/// The events of a decision that are about a change's turn.
pub(super) fn slot_events(decision: &Decision) -> Vec<&SlotEvent> {
    decision.events.iter().filter_map(of_slot).collect()
}

fn of_slot(event: &Event) -> Option<&SlotEvent> {
    match event {
        Event::Change(ChangeEvent::Slot(event)) => Some(event),
        _ => None,
    }
}

async fn in_line(tx: &mut Tx, change: Option<Change>) -> Result<Option<InLine>, HandleError> {
    let Some(change) = change else { return Ok(None) };
    let incident = match change.incident {
        Some(number) => tx.incident(number).await?,
        None => None,
    };
    let priority = incident.filter(Incident::is_open).map(|incident| incident.priority);
    Ok(Some(InLine { change, priority }))
}

fn start_now(change: &Change) -> crate::render::Button {
    let press = Press::on(PressAction::StartNow, change.subject(), Some(change.revision));
    button(press, ButtonStyle::Primary)
}

/// What is worth a sentence in the room: a slot that is free is told to whoever gets it.
fn is_told(event: &SlotEvent) -> bool {
    match event {
        SlotEvent::Released { why } => why.is_some(),
        SlotEvent::Renewed { waiting, .. } => *waiting > 0,
        SlotEvent::Queued { .. }
        | SlotEvent::Offered { .. }
        | SlotEvent::Missed
        | SlotEvent::PutFirst { .. }
        | SlotEvent::AllowedBoth { .. } => true,
    }
}

/// Whether whoever carries the change out is to do something now.
fn calls(event: &SlotEvent) -> bool {
    matches!(event, SlotEvent::Offered { .. } | SlotEvent::Renewed { .. })
}

fn line_data(tenant: &Tenant, one: &InLine) -> Value {
    let change = &one.change;
    let slot = change.slot;
    let state = match (slot.map(|slot| slot.state), change.status) {
        (Some(SlotState::Leased), ChangeStatus::Halted) => "is halted, keeps its slot",
        (Some(SlotState::Leased), ChangeStatus::WindowExpired) => "past its window, keeps its slot",
        (Some(SlotState::Leased), _) => "runs, keeps its slot",
        (Some(SlotState::Soaking), _) => "is in, and watched",
        (Some(SlotState::Offered), _) => "may start",
        _ => "waits",
    };
    json!({
        "subject": Subject::Change(change.number), "title": headline(&change.title), "state": state,
        "service": tenant.organisation.services_of(change),
        "incident": change.incident.map(Subject::Incident),
        "priority": one.priority.map(|priority| priority.to_string()),
        "implementer": change.implementer, "until": slot.and_then(|slot| slot.until),
        "since": slot.map(|slot| slot.asked_at), "ahead": slot.is_some_and(|slot| slot.ahead),
    })
}
