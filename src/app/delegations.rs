//! What follows from a delegation: both people are told in private, but for whoever said it, and cards ask the delegate.

use chrono::{DateTime, Utc};

use super::App;
use super::Tenant;
use super::answer::Teller;
use super::handle::{Caller, HandleError};
use crate::domain::{Decision, DelegationEvent, Event, PersonId};
use crate::render::{Block, Message};
use crate::store::{Job, Later, Tx};

impl App {
    pub(super) async fn follow_delegations(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        decision: &Decision,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let teller = Teller { app: self, tenant, actor: caller.actor };
        if decision.events.iter().any(|event| matches!(event, Event::Delegation(_))) {
            jobs.extend(self.show_undecided(tx, None).await?);
        }
        let begun: Vec<_> = decision.events.iter().filter_map(|event| begins(event, decision.at)).collect();
        if !begun.is_empty() {
            jobs.extend(self.ask_delegates(tx, &begun).await?);
        }
        for (number, event) in decision.events.iter().enumerate() {
            let Event::Delegation(what) = event else { continue };
            let line = Block::Paragraph { text: teller.line(decision.subject, event)? };
            let message = Message { blocks: vec![line], ..Message::default() };
            let key = format!("dlg-{}-{number}", decision.at.format("%y%m%d%H%M%S"));
            let others = what.people().into_iter().filter(|person| caller.actor.person() != Some(*person)).cloned();
            jobs.extend(Job::direct_each(tenant.organisation.tenant, others, &key, &message));
        }
        Ok(())
    }
}

/// Whose delegation begins with this.
fn begins(event: &Event, at: DateTime<Utc>) -> Option<&PersonId> {
    match event {
        Event::Delegation(DelegationEvent::Granted { from, starts, .. }) if *starts <= at => Some(from),
        Event::Delegation(DelegationEvent::Began { from, .. }) => Some(from),
        _ => None,
    }
}
