//! Rows of voters' concerns: each an insert, for raising one and for resolving it.

use super::error::{Doing, expect_rows};
use super::record::Recorded;
use super::{StoreError, Tx};
use crate::domain::{Change, Concern, PersonId, Platform};

/// One thing said of a concern: `settles` names the entry of the one that it resolves.
pub(super) struct ConcernSaid<'a> {
    pub person: &'a PersonId,
    pub settles: Option<i32>,
    pub why: Option<&'a str>,
    pub platform: Platform,
}

impl Tx {
    /// Those raised on the change's revision, in the order of raising.
    pub(super) async fn concerns(&mut self, change: &Change) -> Result<Vec<Concern>, StoreError> {
        let rows = sqlx::query!(
            r#"select version, person, why, said_at,
                      not exists (select from concern s where s.subject = c.subject and s.settles = c.version)
                        as "is_open!"
               from concern c where subject = $1 and revision = $2 and settles is null order by version"#,
            change.subject().to_string(),
            change.revision
        )
        .fetch_all(self.conn())
        .await
        .doing("loading concerns")?;
        let concerns = rows.into_iter().map(|row| Concern {
            entry: row.version,
            person: PersonId(row.person),
            why: row.why,
            at: row.said_at,
            is_open: row.is_open,
        });
        Ok(concerns.collect())
    }

    pub(super) async fn insert_concern(
        &mut self,
        recorded: &Recorded<'_>,
        version: i32,
        revision: i32,
        said: ConcernSaid<'_>,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into concern (tenant_id, subject, version, revision, person, settles, why, platform, said_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            tenant,
            recorded.subject.to_string(),
            version,
            revision,
            said.person.as_str(),
            said.settles,
            said.why,
            said.platform.as_str(),
            recorded.at
        )
        .execute(self.conn())
        .await
        .doing("keeping a concern")?;
        expect_rows("keeping a concern", 1, &result)
    }
}
