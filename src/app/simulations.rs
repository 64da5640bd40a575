//! What a policy would have made of the last months: decided again, counted, and told to whoever has to sign it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::handle::HandleError;
use super::setup::SetupError;
use super::{App, Tenant};
use crate::domain::decide::{sight_of_change, sight_of_incident};
use crate::domain::policy::Policy;
use crate::domain::simulation::{Otherwise, Simulation};
use crate::domain::{Freeze, Incident};
use crate::render::Message;
use crate::rulebook::read_policy;
use crate::store::{StoreError, Tx};

/// A quarter: what a policy is looked at for.
pub const SIMULATED_DAYS: u32 = 90;
/// A year is what the history of risks goes back.
pub const SIMULATED_DAYS_MAX: u32 = 366;
/// Records of each kind that a message looks at: fewer than a second of work, since whoever asked waits.
const LOOKED_AT: u32 = 2_000;
/// Rows held in memory at once.
const PAGE: i64 = 200;
/// Freezes of a year: more are looked at no further.
const FREEZES: i64 = 500;
/// Records that a message names.
const NAMED: usize = 10;
/// Those that the message to a signatory names: it has the differences between the files too.
pub(super) const FEW: usize = 3;

impl App {
    /// What a policy would have made of the last days, in each unit that it is meant for. Reads only.
    pub async fn simulate_policy(&self, source: &str, days: u32) -> Result<Vec<(String, Simulation)>, SetupError> {
        let proposed = read_policy(source).map_err(SetupError::BadPolicy)?;
        let mut simulated = Vec::new();
        for id in self.store.tenants().await? {
            let mut tx = self.store.begin(id).await?;
            let tenant = self.tenant(&mut tx).await?;
            let is_meant = proposed.unit.as_ref().map_or(tenant.policy.unit.is_none(), |unit| *unit == tenant.row.key);
            if is_meant {
                let simulation = self.simulate(&mut tx, &tenant, &proposed, (days, u32::MAX, NAMED * 2)).await?;
                simulated.push((tenant.organisation.name.clone(), simulation));
            }
            tx.rollback().await?;
        }
        Ok(simulated)
    }

    /// `/admin policy simulate`: the newest policy that waits.
    pub(super) async fn policy_simulation(&self, tx: &mut Tx, tenant: &Tenant) -> Result<Message, HandleError> {
        let waiting = tx.waiting_proposals().await?;
        let proposal = waiting.first();
        let simulated = match proposal {
            Some(proposal) => self.simulated(tx, tenant, &proposal.source, NAMED).await?,
            None => None,
        };
        let data = json!({ "hash": proposal.map(|proposal| proposal.short().to_owned()), "simulated": simulated });
        Ok(self.renderer.message("answer/policy_simulation", &data, &tenant.organisation)?)
    }

    /// For a message; `None` where the file can't be read by this version any more.
    pub(super) async fn simulated(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        source: &str,
        rows: usize,
    ) -> Result<Option<Value>, HandleError> {
        let Ok(proposed) = read_policy(source) else { return Ok(None) };
        let simulation = self.simulate(tx, tenant, &proposed, (SIMULATED_DAYS, LOOKED_AT, rows)).await?;
        Ok(Some(simulation_data(&simulation)))
    }

    /// The days, how many records of each kind at most, and how many that differ are named. Goes through them page by
    /// page: however many there are, a page is what it holds.
    async fn simulate(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        proposed: &Policy,
        (days, looked_at, rows): (u32, u32, usize),
    ) -> Result<Simulation, StoreError> {
        let (organisation, in_force) = (&tenant.organisation, &tenant.policy);
        let since = self.clock.now() - TimeDelta::days(days.into());
        let mut simulation = Simulation::of(days, rows);
        let freezes = tx.freezes(FREEZES).await?;
        let mut before = i64::MAX;
        while simulation.changes < looked_at {
            let page = tx.changes_since(since, before, PAGE).await?;
            let Some(last) = page.last() else { break };
            before = last.number;
            for change in &page {
                let incident = incident_of(tx, change.incident).await?;
                let sight = |policy: &Policy, freezes: &[Freeze]| {
                    sight_of_change(organisation, policy, change, incident.as_ref(), freezes)
                };
                simulation.add(change.subject(), &sight(in_force, &freezes), &sight(proposed, &freezes));
            }
        }
        let all_changes = simulation.changes < looked_at;
        before = i64::MAX;
        while simulation.incidents < looked_at {
            let page = tx.incidents_since(since, before, PAGE).await?;
            let Some(last) = page.last() else { break };
            before = last.number;
            for incident in &page {
                let sight = |policy: &Policy| sight_of_incident(organisation, policy, incident);
                simulation.add(incident.subject(), &sight(in_force), &sight(proposed));
            }
        }
        simulation.cut = !all_changes || simulation.incidents >= looked_at;
        Ok(simulation)
    }
}

async fn incident_of(tx: &mut Tx, number: Option<i64>) -> Result<Option<Incident>, StoreError> {
    match number {
        Some(number) => tx.incident(number).await,
        None => Ok(None),
    }
}

fn simulation_data(simulation: &Simulation) -> Value {
    let named = simulation.rows.len();
    let differ = usize::try_from(simulation.differ()).unwrap_or(usize::MAX);
    json!({
        "days": simulation.days.to_string(), "counted": simulation.counted(),
        "by_facet": Some(simulation.by_facet()).filter(|words| !words.is_empty()),
        "rows": simulation.rows.iter().map(row_data).collect::<Vec<_>>(),
        "more": (differ > named).then(|| (differ - named).to_string()), "cut": simulation.cut,
    })
}

fn row_data(row: &Otherwise) -> Value {
    let facets: Vec<Value> = row
        .facets
        .iter()
        .map(|(facet, before, after)| json!({ "facet": facet.phrase(), "before": before, "after": after }))
        .collect();
    json!({ "subject": row.subject.to_string(), "facets": facets })
}
