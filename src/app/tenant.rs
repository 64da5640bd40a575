//! A tenant's organisation and policy, cached; a number in the tenant's row tells a copy from the truth.

use std::collections::HashMap;
use std::sync::Arc;

use super::App;
use super::handle::HandleError;
use crate::domain::policy::Policy;
use crate::domain::{Organisation, Platform};
use crate::rulebook::complete_policy;
use crate::store::{TenantRow, Tx};

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
    workspaces: HashMap<(Platform, String), i64>,
}

impl App {
    /// The tenant of a workspace; `None` for a workspace that no organisation file names.
    pub async fn tenant_of(&self, platform: Platform, workspace: &str) -> Result<Option<i64>, HandleError> {
        let key = (platform, workspace.to_owned());
        if let Some(tenant) = self.tenants.read().expect("never poisoned").workspaces.get(&key) {
            return Ok(Some(*tenant));
        }
        let tenant = self.store.tenant_of(platform, workspace).await?;
        if let Some(tenant) = tenant {
            self.tenants.write().expect("never poisoned").workspaces.insert(key, tenant);
        }
        Ok(tenant)
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
