//! A change that goes wrong on what matters most opens an incident by itself, or because somebody stops it with one: with
//! the service, the change and whoever carries it out filled in.

use super::cards::headline;
use super::handle::{Caller, HandleError};
use super::{App, Tenant};
use crate::domain::command::Declare;
use crate::domain::event::{HaltEvent, RollbackEvent};
use crate::domain::rules::{LinkKind, Priority};
use crate::domain::{
    Actor, Change, ChangeEvent, Command, Decision, Event, Incident, Place, State, Subject, Target, ValidationEvent,
};
use crate::store::{Job, Later, Tx};

impl App {
    /// Enqueues the incident of a change that went wrong.
    pub(super) fn follow_failures(tx: &Tx, tenant: &Tenant, decision: &Decision, jobs: &mut Vec<Later>) {
        let State::Change(change) = &decision.state else { return };
        let tier = tenant.organisation.strictest_tier(&change.services()).number();
        let matters = tier <= tenant.policy.validation.incident_up_to_tier;
        for event in &decision.events {
            let asked = match event {
                Event::Change(ChangeEvent::Halt(HaltEvent::Halted { declares: true, .. })) => true,
                Event::Change(
                    ChangeEvent::Validation(ValidationEvent::Failed { .. })
                    | ChangeEvent::Rollback(RollbackEvent::StepFailed { .. }),
                ) if matters => false,
                _ => continue,
            };
            jobs.push(Job::DeclareFailure { tenant: tx.tenant(), change: change.number, asked }.now());
        }
    }

    /// Declares it once: tried again, or because more than one thing went wrong, it finds its own incident.
    pub async fn declare_failure(&self, tenant: i64, number: i64, asked: bool) -> Result<(), HandleError> {
        let mut tx = self.store.begin(tenant).await?;
        // Numbers are given one after the other, so that two tries never both find none.
        let incident = tx.next_incident_number().await?;
        let Some(change) = tx.change(number).await? else { return Ok(tx.rollback().await?) };
        if is_declared(&mut tx, &change, asked).await? {
            return Ok(tx.rollback().await?);
        }
        let of = self.tenant(&mut tx).await?;
        let id = format!("failure:{}:{}", change.subject(), change.revision);
        let caller = Caller { actor: &Actor::Wardroom, place: None, command: &id };
        let declare = Declare {
            title: format!("{} went wrong: {}", change.subject(), headline(&change.title)),
            priority: Priority::P2,
            services: change.services(),
            impact: None,
            urgency: None,
            after: Some(number),
            unmapped: None,
        };
        let target = Target::New { number: incident, near: None };
        self.act(&mut tx, &of, &caller, Command::Declare(declare), target).await?;
        Ok(tx.commit().await?)
    }

    /// The room of an incident that nobody declared shows what went wrong: the change, with its way back.
    pub(super) async fn show_failure_in_room(
        tx: &mut Tx,
        incident: &Incident,
        room: &Place,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        if incident.declared_by.is_some() {
            return Ok(());
        }
        let links = tx.links_of_incident(incident.number).await?;
        for link in links.iter().filter(|link| link.flags()) {
            let (subject, kind, place) = (Subject::Change(link.change), "change".to_owned(), room.clone());
            jobs.push(Job::Show { tenant: tx.tenant(), subject, kind, place }.now());
        }
        Ok(())
    }
}

/// Whether an incident knows of it: the one that it is to resolve, which is open, or one since it started.
async fn is_declared(tx: &mut Tx, change: &Change, asked: bool) -> Result<bool, HandleError> {
    if let Some(own) = change.incident.filter(|_| !asked)
        && tx.incident(own).await?.is_some_and(|incident| incident.is_open())
    {
        return Ok(true);
    }
    for link in tx.links_of_change(change.number).await?.iter().filter(|link| link.kind == LinkKind::Caused) {
        let incident = tx.incident(link.incident).await?;
        if incident.is_some_and(|incident| change.started_at.is_some_and(|started| incident.declared_at >= started)) {
            return Ok(true);
        }
    }
    Ok(false)
}
