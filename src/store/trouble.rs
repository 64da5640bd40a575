//! What a platform refused, kept so that whoever can mend it is told once a day and not more.

use chrono::{DateTime, NaiveDate, Utc};

use super::error::Doing;
use super::{StoreError, Tx};
use crate::domain::{Place, Platform, Subject};
use crate::render::Message;

/// A refusal in a place; an empty channel stands for the workspace as a whole.
#[derive(Debug, Clone)]
pub struct NewTrouble<'a> {
    pub subject: Subject,
    pub place: &'a Place,
    pub cause: &'a str,
    pub at: DateTime<Utc>,
    /// The sentence for whoever can mend it.
    pub message: &'a Message,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TroubleRow {
    pub subject: Subject,
    pub place: Place,
    pub message: Message,
}

impl Tx {
    /// Keeps a trouble. `None` where the same was met today already.
    pub async fn meet_trouble(&mut self, new: &NewTrouble<'_>) -> Result<Option<i64>, StoreError> {
        let tenant = self.tenant;
        let day: NaiveDate = new.at.date_naive();
        sqlx::query_scalar!(
            "insert into trouble (tenant_id, subject, platform, workspace, channel, cause, day, body)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (tenant_id, platform, workspace, channel, cause, day) do nothing
             returning id",
            tenant,
            new.subject.to_string(),
            new.place.platform.as_str(),
            new.place.workspace,
            new.place.channel,
            new.cause,
            day,
            serde_json::to_value(new.message).expect("plain data")
        )
        .fetch_optional(self.conn())
        .await
        .doing("keeping a trouble")
    }

    pub async fn trouble(&mut self, id: i64) -> Result<Option<TroubleRow>, StoreError> {
        let row = sqlx::query!("select subject, platform, workspace, channel, body from trouble where id = $1", id)
            .fetch_optional(self.conn())
            .await
            .doing("reading a trouble")?;
        let Some(row) = row else { return Ok(None) };
        let odd = || StoreError::impossible("an unreadable trouble");
        Ok(Some(TroubleRow {
            subject: Subject::parse(&row.subject).ok_or_else(odd)?,
            place: Place {
                platform: Platform::parse(&row.platform).ok_or_else(odd)?,
                workspace: row.workspace,
                channel: row.channel,
            },
            message: serde_json::from_value(row.body).map_err(|_| odd())?,
        }))
    }

    /// Forgets troubles of days long gone.
    pub(super) async fn forget_troubles(&mut self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let result = sqlx::query!("delete from trouble where day < $1", before.date_naive())
            .execute(self.conn())
            .await
            .doing("forgetting old troubles")?;
        Ok(result.rows_affected())
    }
}
