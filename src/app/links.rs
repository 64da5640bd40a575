//! What changes are to an incident: what a command has to know of them, and what follows for their cards.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::handle::HandleError;
use super::suspects::{suspects_of, suspects_on};
use super::{App, Tenant};
use crate::domain::rules::{LinkKind, LinkState};
use crate::domain::suspect::Symptom;
use crate::domain::{Command, Decision, Event, Incident, Link, Linked, MajorCommand, Subject, Target, World};
use crate::store::{Job, Later, Tx};

/// Links that a card names; `/log show` has all.
const LINKS_SHOWN: usize = 5;

/// Fills in what is known of the changes around an incident, where the command proposes or decides it.
pub(super) async fn load_links(
    tx: &mut Tx,
    tenant: &Tenant,
    world: &mut World<'_>,
    command: &Command,
    now: DateTime<Utc>,
) -> Result<(), HandleError> {
    world.links = match (&world.target, command) {
        (Target::New { number, .. }, Command::Declare(declare)) => {
            let symptom = Symptom { services: &declare.services, began: now, title: &declare.title };
            Linked { suspects: suspects_on(tx, tenant, symptom, *number).await?, ..Linked::default() }
        }
        (Target::Incident(incident), Command::Link(link)) => {
            // What is found to be the cause is looked back on: that is written on its own chain.
            let named = tx.lock_change(link.change).await?.map(Box::new);
            Linked { named, ..links_of(tx, tenant, incident).await? }
        }
        (Target::Incident(incident), Command::Resolve { .. }) => {
            let mut linked = links_of(tx, tenant, incident).await?;
            let mut numbers: Vec<i64> = linked.undecided().map(|link| link.change).collect();
            numbers.sort_unstable();
            for number in numbers {
                linked.blamed.extend(tx.lock_change(number).await?);
            }
            linked
        }
        // What resolves it is not held up by its freeze.
        (Target::Incident(incident), Command::Major(MajorCommand::Declare { .. }) | Command::Reopen { .. }) => {
            Linked { links: tx.links_of_incident(incident.number).await?, ..Linked::default() }
        }
        (Target::Change { change, .. }, Command::Vote { .. } | Command::Concern(_)) => {
            world.resolves = resolved_by(tx, change.number).await?;
            return Ok(());
        }
        // A cancellation may be what is confirmed.
        (Target::Incident(incident), Command::CancelIncident { .. } | Command::Confirm) => {
            links_of(tx, tenant, incident).await?
        }
        _ => return Ok(()),
    };
    Ok(())
}

/// The incidents that a change is linked to as what resolves them.
async fn resolved_by(tx: &mut Tx, change: i64) -> Result<Vec<Incident>, HandleError> {
    let mut incidents = Vec::new();
    for link in tx.links_of_change(change).await?.into_iter().filter(helps) {
        incidents.extend(tx.incident(link.incident).await?);
    }
    Ok(incidents)
}

fn helps(link: &Link) -> bool {
    link.kind == LinkKind::Resolves && link.state == LinkState::Confirmed
}

async fn links_of(tx: &mut Tx, tenant: &Tenant, incident: &Incident) -> Result<Linked, HandleError> {
    let links = tx.links_of_incident(incident.number).await?;
    Ok(Linked { links, suspects: suspects_of(tx, tenant, incident).await?, ..Linked::default() })
}

impl App {
    /// The cards of the changes that were linked, wherever they stand: a link is seen from both sides. Whoever carried
    /// out what is the cause is brought into the room. What a freeze holds up is looked at anew: the link may let it go,
    /// and without it it may be held.
    pub(super) async fn follow_links(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        decision: &Decision,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        for event in &decision.events {
            let Event::Link(link) = event else { continue };
            if !link.unanswered {
                jobs.push(Job::CheckHold { tenant: tx.tenant(), change: link.change }.now());
            }
            let mut places = self.change_channels(tenant);
            if let Some(incident) = tx.incident_of_change(link.change).await?.flatten() {
                places.extend(self.served(tx.rooms(incident).await?));
            }
            let subject = Subject::Change(link.change);
            if let (Subject::Incident(incident), true) = (decision.subject, link.blames() && !link.unanswered) {
                let rooms = self.served(tx.rooms(incident).await?);
                jobs.extend(rooms.into_iter().map(|place| Job::Invite { tenant: tx.tenant(), incident, place }.now()));
            }
            jobs.extend(Job::show_each(tx.tenant(), subject, "change", places));
        }
        Ok(())
    }
}

/// The numbers of the changes that help to end an incident: asked for in its name, or linked as such.
pub(super) async fn changes_for(tx: &mut Tx, incident: i64) -> Result<BTreeSet<i64>, HandleError> {
    let asked = tx.changes_of_incident(incident).await?.into_iter().map(|change| change.number);
    let linked = tx.links_of_incident(incident).await?.into_iter().filter(helps).map(|link| link.change);
    Ok(asked.chain(linked).collect())
}

/// The links of a card: of an incident's what each change is to it, of a change's what it is to each incident.
pub(super) fn links_data(links: &[Link], other: fn(&Link) -> Subject) -> Vec<Value> {
    let mut shown: Vec<&Link> = links.iter().filter(|link| link.state != LinkState::Rejected).collect();
    // What caused it comes first, and what is decided before what is not.
    shown.sort_by_key(|link| (link.kind != LinkKind::Caused, link.is_undecided()));
    shown
        .into_iter()
        .take(LINKS_SHOWN)
        .map(|link| {
            json!({
                "subject": other(link),
                "caused": link.kind == LinkKind::Caused,
                "kind": link.kind.phrase(),
                "proposed": link.is_undecided(),
                "unanswered": link.is_unanswered(),
                "confidence": link.confidence,
            })
        })
        .collect()
}
