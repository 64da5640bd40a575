//! A tenant's organisation and policy, cached; a number in the tenant's row tells a copy from the truth.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::App;
use super::answer::told;
use super::handle::HandleError;
use super::inbound::{Act, Inbound};
use crate::domain::policy::Policy;
use crate::domain::rules::{Complexity, complexity_tenths, coordination_mode};
use crate::domain::{Organisation, Platform};
use crate::render::Message;
use crate::rulebook::complete_policy;
use crate::store::{TenantRow, Tx, UnitAt};

/// One tenant's rules and people, at the versions that its row names.
#[derive(Debug)]
pub struct Tenant {
    pub row: TenantRow,
    pub organisation: Organisation,
    pub policy: Policy,
}

#[derive(Debug, Default)]
pub(super) struct Cache {
    tenants: HashMap<i64, Arc<Tenant>>,
    /// Those that are one unit's as a whole, with when that was looked up.
    workspaces: HashMap<(Platform, String), (i64, Instant)>,
}

/// How long it is believed that a workspace is one unit's as a whole: another process may have shared it since.
const WHOLE_FOR: Duration = Duration::from_secs(30);

/// Whose affair it is, where something was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whose {
    Of(UnitAt),
    /// The speaker belongs to several units, and the place to none.
    OfSeveral(Vec<UnitAt>),
    OfNobody,
}

impl App {
    /// The unit that has a workspace as a whole; `None` where several share it, or where no organisation file names it.
    async fn owner_of(&self, platform: Platform, workspace: &str) -> Result<Option<i64>, HandleError> {
        let key = (platform, workspace.to_owned());
        if let Some((tenant, at)) = self.tenants.read().expect("never poisoned").workspaces.get(&key)
            && at.elapsed() < WHOLE_FOR
        {
            return Ok(Some(*tenant));
        }
        let tenant = self.store.tenant_of(platform, workspace).await?;
        if let Some(tenant) = tenant {
            self.tenants.write().expect("never poisoned").workspaces.insert(key, (tenant, Instant::now()));
        }
        Ok(tenant)
    }

    /// Whether a workspace is still taken for one unit's as a whole.
    pub(super) fn was_whole(&self, platform: Platform, workspace: &str) -> bool {
        let key = (platform, workspace.to_owned());
        self.tenants.read().expect("never poisoned").workspaces.contains_key(&key)
    }

    /// Looks workspaces up anew: a file has changed whose they are.
    pub(super) fn forget_workspaces(&self) {
        self.tenants.write().expect("never poisoned").workspaces.clear();
    }

    /// Whose affair a delivery is: the channel's unit, the war room's, the form's; in a direct message, the speaker's.
    pub(super) async fn whose(&self, inbound: &Inbound) -> Result<Whose, HandleError> {
        let place = &inbound.place;
        if let Some(tenant) = self.owner_of(place.platform, &place.workspace).await? {
            return Ok(Whose::Of(UnitAt { tenant, workspace: inbound.account.workspace.clone() }));
        }
        let form = match &inbound.act {
            Act::Selects { form, .. } | Act::Continues { form } | Act::Submits { form, .. } => Some(form.as_str()),
            // What happens to the bot in a workspace happens to all who share it.
            Act::BotWasRemoved { .. } | Act::BotIsMember => {
                let all = self.workspaces_of(place.platform).await?;
                let here = all.into_iter().filter(|(_, workspace)| *workspace == place.workspace);
                return Ok(Whose::OfSeveral(here.map(|(tenant, workspace)| UnitAt { tenant, workspace }).collect()));
            }
            Act::Says { .. }
            | Act::Chooses { .. }
            | Act::Presses { .. }
            | Act::Writes { .. }
            | Act::OpensHome
            | Act::WasDeactivated
            | Act::IsActive
            | Act::Types { .. } => None,
        };
        let mut units = self.store.units_at(place, &inbound.account, form).await?;
        Ok(match units.len() {
            0 => Whose::OfNobody,
            1 => Whose::Of(units.remove(0)),
            _ => Whose::OfSeveral(units),
        })
    }

    /// The names of units, as people know them.
    pub(super) async fn unit_names(&self, units: &[UnitAt]) -> Result<Vec<String>, HandleError> {
        let mut names = Vec::new();
        for unit in units {
            let mut tx = self.store.begin(unit.tenant).await?;
            names.push(self.tenant(&mut tx).await?.organisation.name.clone());
        }
        Ok(names)
    }

    /// Every workspace of a platform, whole or shared, with its tenant.
    pub(super) async fn workspaces_of(&self, platform: Platform) -> Result<Vec<(i64, String)>, HandleError> {
        let mut found = Vec::new();
        for id in self.store.tenants().await? {
            let mut tx = self.store.begin(id).await?;
            let tenant = self.tenant(&mut tx).await?;
            let own = tenant.organisation.workspaces.iter().filter(|own| own.platform == platform);
            found.extend(own.map(|own| (id, own.id.clone())));
        }
        Ok(found)
    }

    /// The organisation and the policy as they stand in this transaction.
    pub async fn tenant(&self, tx: &mut Tx) -> Result<Arc<Tenant>, HandleError> {
        let row = tx.tenant_row().await?;
        self.tenant_at(tx, row).await
    }

    /// The same, where the tenant's row was read already.
    pub(super) async fn tenant_at(&self, tx: &mut Tx, row: TenantRow) -> Result<Arc<Tenant>, HandleError> {
        let cached = self.tenants.read().expect("never poisoned").tenants.get(&tx.tenant()).cloned();
        if let Some(cached) = cached.filter(|cached| cached.row == row) {
            return Ok(cached);
        }
        let organisation = tx.organisation().await?;
        let policy = match tx.policy().await? {
            Some(loaded) => read_policy(&loaded.source)?,
            None => return Err(HandleError::NoPolicy),
        };
        let tenant = Arc::new(Tenant { row, organisation, policy });
        self.tenants.write().expect("never poisoned").tenants.insert(tx.tenant(), Arc::clone(&tenant));
        Ok(tenant)
    }
}

/// A stored policy was checked before it was stored. One of an earlier version may lack what came later, and must not
/// stop the bot; one that does not read for another reason is for the operator to mend.
fn read_policy(source: &str) -> Result<Policy, HandleError> {
    toml::from_str(source).or_else(|error| match complete_policy(source) {
        Some((policy, places)) => {
            let places = places.join(", ");
            tracing::warn!(places, "the policy in force says nothing about {places}: the built-in numbers hold there");
            Ok(policy)
        }
        None => Err(HandleError::BadPolicy { source: Box::new(error) }),
    })
}

/// What this business unit is called, and how its incidents had best be coordinated.
pub(super) fn assessment(tenant: &Tenant, of: Complexity) -> Message {
    let (tenths, mode) = (complexity_tenths(of), coordination_mode(of));
    let desk = if of.desk_around_the_clock { "a desk around the clock" } else { "no desk around the clock" };
    told(&format!(
        "This is {} (`{}`). With {} teams, {} regions, {desk} and tooling at level {}, the score is {}{}.{}, which says {mode}. \
         Rule 4.33: below 2 federated, 2 to 4 hybrid, above 4 central.",
        tenant.organisation.name,
        tenant.row.key,
        of.teams,
        of.regions,
        of.tooling.clamp(1, 5),
        if tenths < 0 { "-" } else { "" },
        tenths.abs() / 10,
        tenths.abs() % 10,
    ))
}
