//! The numbers of incidents and changes, counted by each tenant for itself.

use super::error::Doing;
use super::{StoreError, Tx};

impl Tx {
    /// The next incident's number, held by the tenant's lock and used up only when the incident is written.
    pub async fn next_incident_number(&mut self) -> Result<i64, StoreError> {
        let tenant = self.tenant;
        sqlx::query_scalar!("select next_incident from tenant where id = $1 for no key update", tenant)
            .fetch_one(self.conn())
            .await
            .doing("numbering an incident")
    }

    pub(super) async fn use_up_incident_number(&mut self, number: i64) -> Result<(), StoreError> {
        let tenant = self.tenant;
        sqlx::query!("update tenant set next_incident = $2 where id = $1", tenant, number + 1)
            .execute(self.conn())
            .await
            .doing("using up an incident's number")?;
        Ok(())
    }

    /// The next change's number, held by the tenant's lock and used up only when the change is written.
    pub async fn next_change_number(&mut self) -> Result<i64, StoreError> {
        let tenant = self.tenant;
        sqlx::query_scalar!("select next_change from tenant where id = $1 for no key update", tenant)
            .fetch_one(self.conn())
            .await
            .doing("numbering a change")
    }

    pub(super) async fn use_up_change_number(&mut self, number: i64) -> Result<(), StoreError> {
        let tenant = self.tenant;
        sqlx::query!("update tenant set next_change = $2 where id = $1", tenant, number + 1)
            .execute(self.conn())
            .await
            .doing("using up a change's number")?;
        Ok(())
    }
}
