//! Business units that share a workspace: whose a channel is, and what a unit's file binds.

use super::error::{Doing, expect_rows};
use super::organisation_file::{OrganisationFile, WorkspaceEntry};
use super::{Store, StoreError, Tx};
use crate::domain::{Account, Place, Platform};

/// A unit that something may be said to, with the workspace in which the speaker is known to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitAt {
    pub tenant: i64,
    pub workspace: String,
}

impl Store {
    /// The units that something may be said to: one, several that the speaker belongs to, or none.
    pub async fn units_at(
        &self,
        place: &Place,
        account: &Account,
        form: Option<&str>,
    ) -> Result<Vec<UnitAt>, StoreError> {
        let rows = sqlx::query!(
            r#"select tenant_id as "tenant!", workspace as "workspace!" from tenants_at($1, $2, $3, $4, $5) order by 1, 2"#,
            place.platform.as_str(),
            place.workspace,
            place.channel,
            account.id,
            form
        )
        .fetch_all(&self.pool)
        .await
        .doing("looking up whose a channel is")?;
        let mut units: Vec<UnitAt> =
            rows.into_iter().map(|row| UnitAt { tenant: row.tenant, workspace: row.workspace }).collect();
        units.dedup_by_key(|unit| unit.tenant);
        Ok(units)
    }
}

impl Tx {
    /// What a file would take that is another unit's, a sentence each.
    pub async fn taken_from_others(&mut self, file: &OrganisationFile) -> Result<Vec<String>, StoreError> {
        let mut taken = Vec::new();
        for entry in &file.workspace {
            let tenant = self.tenant;
            let rows = sqlx::query!(
                r#"select channel as "channel!", unit as "unit!" from taken_from_others($1, $2, $3, $4)"#,
                tenant,
                entry.platform.as_str(),
                entry.id,
                &entry.channels
            )
            .fetch_all(self.conn())
            .await
            .doing("looking for what is another unit's")?;
            let platform = entry.platform.name();
            taken.extend(rows.into_iter().map(|row| match row.channel.as_str() {
                "" => format!(
                    "the {platform} workspace {} belongs to {} as a whole; a channel belongs to one unit, so that one's file has \
                     to name its own channels first.",
                    entry.id, row.unit
                ),
                channel => format!(
                    "the {platform} channel {channel} of {} is bound to {} already; a channel belongs to one unit.",
                    entry.id, row.unit
                ),
            }));
        }
        Ok(taken)
    }

    /// Binds what the file names, and frees what it does not name any more.
    pub(super) async fn write_shares(&mut self, file: &OrganisationFile, version: i32) -> Result<(), StoreError> {
        let shares: Vec<&WorkspaceEntry> = file.workspace.iter().filter(|entry| entry.is_shared()).collect();
        let column = |of: fn(&WorkspaceEntry) -> String| shares.iter().map(|entry| of(entry)).collect::<Vec<_>>();
        let bound: Vec<(&str, &str, &str)> = shares
            .iter()
            .flat_map(|entry| entry.channels.iter().map(|c| (entry.platform.as_str(), entry.id.as_str(), c.as_str())))
            .collect();
        let part = |of: fn(&(&str, &str, &str)) -> String| bound.iter().map(of).collect::<Vec<_>>();
        let doing = "binding channels";
        sqlx::query!(
            "delete from workspace_channel where (platform, workspace, channel) not in (
               select * from unnest($1::text[], $2::text[], $3::text[]))",
            &part(|bound| bound.0.to_owned()),
            &part(|bound| bound.1.to_owned()),
            &part(|bound| bound.2.to_owned())
        )
        .execute(self.conn())
        .await
        .doing(doing)?;
        sqlx::query!(
            "delete from workspace_share where (platform, workspace) not in (select * from unnest($1::text[], $2::text[]))",
            &column(|entry| entry.platform.as_str().to_owned()),
            &column(|entry| entry.id.clone())
        )
        .execute(self.conn())
        .await
        .doing(doing)?;
        for entry in shares {
            self.write_share(entry, version).await?;
        }
        Ok(())
    }

    async fn write_share(&mut self, entry: &WorkspaceEntry, version: i32) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let (platform, doing) = (entry.platform.as_str(), "binding channels");
        // A unit that had the whole workspace has a part of it now.
        sqlx::query!("delete from workspace where platform = $1 and workspace = $2", platform, entry.id)
            .execute(self.conn())
            .await
            .doing(doing)?;
        let result = sqlx::query!(
            "insert into workspace_share (tenant_id, platform, workspace, incidents_channel, changes_channel,
                                          log_channel, version)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (tenant_id, platform, workspace) do update set incidents_channel = excluded.incidents_channel,
                changes_channel = excluded.changes_channel, log_channel = excluded.log_channel,
                version = excluded.version",
            tenant,
            platform,
            entry.id,
            entry.incidents_channel,
            entry.changes_channel,
            entry.log_channel,
            version
        )
        .execute(self.conn())
        .await
        .doing(doing)?;
        expect_rows(doing, 1, &result)?;
        sqlx::query!(
            "insert into workspace_channel (tenant_id, platform, workspace, channel, version)
             select $1, $2, $3, channel, $5 from unnest($4::text[]) as bound (channel)
             where not exists (select from workspace_channel c
                               where c.platform = $2 and c.workspace = $3 and c.channel = bound.channel)",
            tenant,
            platform,
            entry.id,
            &entry.channels,
            version
        )
        .execute(self.conn())
        .await
        .doing(doing)?;
        Ok(())
    }

    /// Marks a workspace of this unit, whole or shared, as lost or found.
    pub(super) async fn set_share_lost(
        &mut self,
        platform: Platform,
        workspace: &str,
        lost: Option<(chrono::DateTime<chrono::Utc>, &String)>,
        seq: i32,
    ) -> Result<u64, StoreError> {
        let (at, why) = lost.unzip();
        let result = sqlx::query!(
            "update workspace_share set lost_at = $3, lost_why = $4, version = $5 where platform = $1 and workspace = $2",
            platform.as_str(),
            workspace,
            at,
            why,
            seq
        )
        .execute(self.conn())
        .await
        .doing("marking a workspace's state")?;
        Ok(result.rows_affected())
    }
}
