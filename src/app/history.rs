//! What is read of the past where the risk of a change is assessed.

use chrono::{DateTime, TimeDelta, Utc};

use super::Tenant;
use super::handle::HandleError;
use crate::domain::change_services::SERVICES_MAX;
use crate::domain::history::{HistoryGroup, HistorySample};
use crate::domain::policy::Policy;
use crate::domain::rules::ChangeKind;
use crate::domain::{Command, FindingCommand, Target, World};
use crate::store::Tx;

/// History is what happened in the last 12 months (rule 4.7).
const DAYS: i64 = 365;

/// A change that is about to be assessed.
pub(super) struct Assessed {
    pub services: Vec<String>,
    pub kind: ChangeKind,
    /// The checklist that is on it, or will be.
    category: Option<String>,
}

/// What is about to be assessed, where the command asks for a change or edits one.
pub(super) fn assessed(policy: &Policy, command: &Command, target: &Target) -> Option<Assessed> {
    let (services, kind, category) = match (command, target) {
        (Command::RequestEmergency(form), Target::New { near, .. }) => {
            (form.services_near(near.as_ref()), ChangeKind::Emergency, form.category.clone())
        }
        (Command::RequestChange(form), Target::New { near, .. }) => {
            (form.services_near(near.as_ref()), ChangeKind::Normal, form.category.clone())
        }
        (Command::RequestStandard(form), Target::New { near, .. }) => {
            let category = policy.catalogue.entries.get(&form.entry).and_then(|entry| entry.category.clone());
            (form.services_of(policy, near.as_ref()), ChangeKind::Standard, category)
        }
        (Command::Finding(FindingCommand::Record(form)), Target::New { near, .. }) => {
            (form.services_near(near.as_ref()), ChangeKind::Retroactive, None)
        }
        (Command::Finding(FindingCommand::Claim(_)), Target::Change { change, .. }) => {
            (change.services(), ChangeKind::Retroactive, None)
        }
        (Command::EditChange(form), Target::Change { change, .. }) => {
            let named = form.services_near(None);
            let services = if named.is_empty() { change.services() } else { named };
            (services, change.kind, change.checklist.category().map(str::to_owned))
        }
        (Command::ScheduleChange { .. }, Target::Change { change, .. }) => {
            (change.services(), change.kind, change.checklist.category().map(str::to_owned))
        }
        _ => return None,
    };
    // What names too many is refused, and nothing is read for it.
    (1..=SERVICES_MAX).contains(&services.len()).then_some(Assessed { services, kind, category })
}

/// Fills in how changes like it went, the latest that failed, and what runs beside it.
pub(super) async fn load_history(
    tx: &mut Tx,
    tenant: &Tenant,
    world: &mut World<'_>,
    assessed: &Assessed,
    now: DateTime<Utc>,
) -> Result<(), HandleError> {
    let since = now - TimeDelta::days(DAYS);
    for service in &assessed.services {
        let mut samples = Vec::new();
        for group in HistoryGroup::of(service, assessed.category.as_deref(), assessed.kind) {
            // The groups of all services are the same for each of them.
            let known = world.history.of_services.iter().flatten().find(|known| known.group == group);
            let count = match known {
                Some(known) => known.count,
                None => tx.changes_like(&group, since).await?,
            };
            let sample = HistorySample { group, count };
            let is_enough = sample.is_enough(&tenant.policy);
            samples.push(sample);
            if is_enough {
                break;
            }
        }
        world.history.of_services.push(samples);
    }
    world.failed_before = tx.failed_before(&assessed.services, since).await?;
    let neighbours = |service: &String| tenant.organisation.neighbours(service);
    let near: Vec<String> = assessed.services.iter().flat_map(neighbours).collect();
    world.concurrent_change = tx.change_runs_on(&near).await?;
    Ok(())
}
