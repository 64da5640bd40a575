//! What came in: each delivery is answered once, and the same again gets the same answer.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::Doing;
use super::{StoreError, TenantRow, Tx};

/// What is known when a delivery arrives.
#[derive(Debug)]
pub struct Arrival<R> {
    pub tenant: TenantRow,
    /// The answer that this delivery was already given.
    pub reply: Option<R>,
}

impl Tx {
    /// The tenant's newest versions and the saved reply, in one statement.
    pub async fn arrival<R: DeserializeOwned>(&mut self, delivery: &str) -> Result<Arrival<R>, StoreError> {
        let tenant = self.tenant;
        let row = sqlx::query!(
            r#"select key, organisation, policy, homes, epoch, (select reply from delivery where id = $2) as "reply?"
               from tenant where id = $1"#,
            tenant,
            delivery
        )
        .fetch_optional(self.conn())
        .await
        .doing("looking up a delivery")?
        .ok_or_else(|| StoreError::impossible(format!("tenant {tenant} is not there")))?;
        let (key, homes, epoch) = (row.key, row.homes, row.epoch);
        let tenant = TenantRow { key, organisation: row.organisation, policy: row.policy, homes, epoch };
        Ok(Arrival { tenant, reply: row.reply.map(read_reply).transpose()? })
    }

    /// The answer that this delivery was already given.
    pub async fn saved_reply<R: DeserializeOwned>(&mut self, delivery: &str) -> Result<Option<R>, StoreError> {
        let reply = sqlx::query_scalar!("select reply from delivery where id = $1", delivery)
            .fetch_optional(self.conn())
            .await
            .doing("looking up a delivery")?;
        reply.map(read_reply).transpose()
    }

    /// Keeps the answer with its delivery. Fails where another transaction has answered it in the meantime.
    pub async fn save_reply<R: Serialize>(
        &mut self,
        delivery: &str,
        reply: &R,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        sqlx::query!(
            "insert into delivery (tenant_id, id, reply, answered_at) values ($1, $2, $3, $4)",
            tenant,
            delivery,
            serde_json::to_value(reply).expect("plain data"),
            at
        )
        .execute(self.conn())
        .await
        .doing("keeping an answer")?;
        Ok(())
    }

    /// Forgets answers that nobody repeats any more, forms that nobody sent, and troubles that were told.
    pub async fn forget_before(&mut self, at: DateTime<Utc>) -> Result<u64, StoreError> {
        let deliveries = sqlx::query!("delete from delivery where answered_at < $1", at)
            .execute(self.conn())
            .await
            .doing("forgetting old deliveries")?;
        let forms = self.give_up_forms(at).await?;
        Ok(deliveries.rows_affected() + forms + self.forget_troubles(at).await?)
    }
}

fn read_reply<R: DeserializeOwned>(reply: serde_json::Value) -> Result<R, StoreError> {
    serde_json::from_value(reply).map_err(|_| StoreError::impossible("an unreadable saved reply"))
}
