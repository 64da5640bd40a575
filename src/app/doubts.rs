//! Incidents that begin where a change runs, or is still watched: when that is looked at, and who hears of it.

use std::collections::BTreeSet;

use super::answer::Teller;
use super::cards::{button, row};
use super::freezes::calling;
use super::halts::READ_MAX;
use super::handle::HandleError;
use super::{App, Tenant};
use crate::domain::rules::{LinkKind, Priority};
use crate::domain::suspect::{felt_by, looked_back};
use crate::domain::{
    Change, ChangeEvent, ChangeStatus, Command, Decision, Event, Incident, IncidentEvent, PersonId, Place, State,
    Subject, Target, Urgency, ValidationEvent, World,
};
use crate::language::presses::{Press, PressAction};
use crate::render::{Button, ButtonStyle};
use crate::store::{Job, Later, Tx};

/// Fills in the incidents around a change, and what it is to them, where it is looked at whether one comes from it.
pub(super) async fn load_incidents_around(
    tx: &mut Tx,
    world: &mut World<'_>,
    command: &Command,
) -> Result<(), HandleError> {
    let Target::Change { change, .. } = &world.target else { return Ok(()) };
    if !matches!(command, Command::Validation(_)) {
        return Ok(());
    }
    let links = tx.links_of_change(change.number).await?;
    let mut near = tx.incidents(READ_MAX).await?;
    let felt =
        |incident: &Incident, service: &String| world.organisation.steps_down(&incident.services, service).is_some();
    near.retain(|incident| change.services().iter().any(|service| felt(incident, service)));
    // What a person came upon is wherever it is, and what is known is still known where there are very many.
    let named = links.iter().filter(|link| link.kind == LinkKind::Caused).map(|link| link.incident);
    let known = change.validation.iter().flat_map(|validation| &validation.doubts).map(|doubt| doubt.incident);
    let named: BTreeSet<i64> = named.chain(known).collect();
    for number in named {
        if near.iter().all(|incident| incident.number != number) {
            near.extend(tx.incident(number).await?);
        }
    }
    near.retain(Incident::is_open);
    (world.incidents_near, world.change_links) = (near, links);
    Ok(())
}

impl App {
    /// Enqueues a look at every change that what happened to an incident may concern, and at one that is watched from
    /// now on.
    pub(super) async fn look_at_changes(
        tx: &mut Tx,
        tenant: &Tenant,
        decision: &Decision,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let mut looks: BTreeSet<(i64, Option<i64>)> = BTreeSet::new();
        for event in &decision.events {
            match (event, &decision.state) {
                (Event::Link(link), _) => drop(looks.insert((link.change, None))),
                (Event::Incident(event), State::Incident(incident)) => {
                    let critical = becomes_critical(event).then_some(incident.number);
                    if critical.is_some() || concerns_changes(event) {
                        let changes = running_or_watched(tx, tenant, incident).await?;
                        looks.extend(changes.into_iter().map(|change| (change, critical)));
                    }
                }
                (Event::Change(ChangeEvent::Validation(event)), State::Change(change)) if opens(event) => {
                    looks.insert((change.number, None));
                }
                _ => {}
            }
        }
        let tenant = tx.tenant();
        let look = |(change, critical)| Job::CheckIncidents { tenant, change, critical }.now();
        jobs.extend(looks.into_iter().map(look));
        Ok(())
    }

    /// The room of the incident hears that a change waits for its word, and that it does so no more. `lines`: where that
    /// was said already.
    pub(super) async fn follow_doubts(
        &self,
        tx: &mut Tx,
        teller: &Teller<'_>,
        decision: &Decision,
        lines: &[Place],
    ) -> Result<(), HandleError> {
        let State::Change(change) = &decision.state else { return Ok(()) };
        for event in &decision.events {
            let (number, asks) = match event {
                Event::Change(ChangeEvent::Validation(ValidationEvent::Doubted { incident, .. })) => (*incident, true),
                Event::Change(ChangeEvent::Validation(ValidationEvent::Cleared { incident, .. })) => (*incident, false),
                _ => continue,
            };
            let rooms = self.rooms_of(tx, Some(number)).await?;
            let commander =
                if asks { tx.incident(number).await?.and_then(|incident| incident.commander) } else { None };
            let called: Vec<PersonId> = commander.into_iter().collect();
            let line = teller.line(decision.subject, event)?;
            let mut message = calling(&teller.tenant.organisation, line, &called);
            if asks {
                message.blocks.push(row(cause_buttons(number, change.number, change.subject())));
            }
            for room in rooms.iter().filter(|room| !lines.contains(room)) {
                self.say(tx, decision.subject, room, Urgency::Decision, &message);
            }
        }
        Ok(())
    }
}

/// What the commander of an incident may say of it and a change, where `named` is what the reader does not have before
/// their eyes.
pub(super) fn cause_buttons(incident: i64, change: i64, named: Subject) -> Vec<Button> {
    let of = |action: PressAction, style| {
        let press = Press::about(action, Subject::Incident(incident), change);
        Button { label: format!("{named}: {}", action.label()), ..button(press, style) }
    };
    vec![of(PressAction::ConfirmCause, ButtonStyle::Danger), of(PressAction::NotRelated, ButtonStyle::Plain)]
}

/// What the first of the incidents that hold a change up waits for.
pub(super) fn doubt_buttons(change: &Change) -> Vec<Button> {
    let first = change.doubts().into_iter().next();
    first.map(|incident| cause_buttons(incident, change.number, Subject::Incident(incident))).unwrap_or_default()
}

/// Whether changes on its services are looked at: it begins, is over, or comes back.
fn concerns_changes(event: &IncidentEvent) -> bool {
    matches!(
        event,
        IncidentEvent::Declared { .. }
            | IncidentEvent::Resolved { .. }
            | IncidentEvent::Cancelled { .. }
            | IncidentEvent::Reopened { .. }
    )
}

/// Whether it halts what runs on its very service (rule 4.24).
fn becomes_critical(event: &IncidentEvent) -> bool {
    matches!(
        event,
        IncidentEvent::Declared { priority: Priority::P1, .. }
            | IncidentEvent::PrioritySet { to: Priority::P1, .. }
            | IncidentEvent::Reopened { priority: Priority::P1, .. }
            | IncidentEvent::Reopened { major: true, .. }
            | IncidentEvent::MajorDeclared { .. }
    )
}

fn opens(event: &ValidationEvent) -> bool {
    matches!(event, ValidationEvent::Opened { .. } | ValidationEvent::Again)
}

/// The changes that an incident may come from, while they run or are watched.
async fn running_or_watched(tx: &mut Tx, tenant: &Tenant, incident: &Incident) -> Result<Vec<i64>, HandleError> {
    let services = felt_by(&tenant.organisation, &incident.services);
    let since = incident.declared_at - looked_back(&tenant.policy);
    let ran = tx.ran_lately(&services, since, incident.number).await?;
    let is_open = |status| matches!(status, ChangeStatus::Implementing | ChangeStatus::Validating);
    Ok(ran.into_iter().filter(|ran| is_open(ran.status)).map(|ran| ran.number).collect())
}
