//! Whose accounts are whose, and the tries to find out.

use chrono::{DateTime, Utc};

use super::error::{Doing, expect_rows};
use super::record::Recorded;
use super::{Store, StoreError, Tx};
use crate::domain::{Account, IdentityEvent, LinkSource, PersonId, Platform};

/// A workspace that the bot is not a member of any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostWorkspace {
    pub platform: Platform,
    pub workspace: String,
    pub at: DateTime<Utc>,
    pub why: String,
}

impl Tx {
    /// Whether the bot has lost this workspace. It stays so until the end of the transaction: what is set aside in it is
    /// there for the bot's return to find.
    pub async fn is_lost_until_commit(&mut self, platform: Platform, workspace: &str) -> Result<bool, StoreError> {
        let lost = sqlx::query_scalar!(
            r#"select lost_at is not null as "lost!" from workspace where platform = $1 and workspace = $2 for share"#,
            platform.as_str(),
            workspace
        )
        .fetch_optional(self.conn())
        .await
        .doing("asking for a workspace's state")?;
        if let Some(lost) = lost {
            return Ok(lost);
        }
        let lost = sqlx::query_scalar!(
            r#"select lost_at is not null as "lost!" from workspace_share
               where platform = $1 and workspace = $2 for share"#,
            platform.as_str(),
            workspace
        )
        .fetch_optional(self.conn())
        .await
        .doing("asking for a workspace's state")?;
        Ok(lost.unwrap_or(false))
    }
}

impl Store {
    /// Whether the bot has lost this workspace: asked before anything is sent there.
    pub async fn is_lost(&self, platform: Platform, workspace: &str) -> Result<bool, StoreError> {
        sqlx::query_scalar!(r#"select is_lost($1, $2) as "lost!""#, platform.as_str(), workspace)
            .fetch_one(&self.pool)
            .await
            .doing("asking for a workspace's state")
    }

    /// Every workspace that the bot has lost.
    pub async fn lost_workspaces(&self) -> Result<Vec<LostWorkspace>, StoreError> {
        let rows = sqlx::query!(
            r#"select platform as "platform!", workspace as "workspace!", lost_at as "at!", lost_why from lost_workspaces()"#
        )
        .fetch_all(&self.pool)
        .await
        .doing("listing lost workspaces")?;
        let lost = rows.into_iter().filter_map(|row| {
            let platform = Platform::parse(&row.platform)?;
            Some(LostWorkspace {
                platform,
                workspace: row.workspace,
                at: row.at,
                why: row.lost_why.unwrap_or_default(),
            })
        });
        Ok(lost.collect())
    }
}

impl Tx {
    /// Writes what happened to an account or a workspace, under the entry `seq` of ORG.
    pub(super) async fn write_identity(
        &mut self,
        recorded: &Recorded<'_>,
        event: &IdentityEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        match event {
            IdentityEvent::Linked { person, account, source } => {
                self.insert_identity(person, account, *source, seq).await?;
            }
            IdentityEvent::Unlinked { account, .. } => self.delete_identity(account, recorded.at).await?,
            IdentityEvent::Deactivated { account, .. } => self.set_identity_active(account, false, seq).await?,
            IdentityEvent::Reactivated { account, .. } => self.set_identity_active(account, true, seq).await?,
            IdentityEvent::WorkspaceLost { platform, workspace, why } => {
                self.set_workspace_lost(*platform, workspace, Some((recorded.at, why)), seq).await?;
            }
            IdentityEvent::WorkspaceRegained { platform, workspace } => {
                self.set_workspace_lost(*platform, workspace, None, seq).await?;
            }
        }
        self.mark_organisation(seq).await
    }

    /// Tells every cached copy of the organisation that it is old.
    pub(super) async fn mark_organisation(&mut self, version: i32) -> Result<(), StoreError> {
        let tenant = self.tenant;
        sqlx::query!("update tenant set organisation = $2 where id = $1", tenant, version)
            .execute(self.conn())
            .await
            .doing("marking the organisation's version")?;
        Ok(())
    }

    async fn insert_identity(
        &mut self,
        person: &PersonId,
        account: &Account,
        source: LinkSource,
        seq: i32,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into identity (tenant_id, platform, workspace, account, person, source, version)
             values ($1, $2, $3, $4, $5, $6, $7)",
            tenant,
            account.platform.as_str(),
            account.workspace,
            account.id,
            person.as_str(),
            source.as_str(),
            seq
        )
        .execute(self.conn())
        .await
        .doing("linking an account")?;
        self.drop_link_code(account).await?;
        expect_rows("linking an account", 1, &result)
    }

    /// Whoever unlinks an account does not want it linked again by the next word that is typed through it.
    async fn delete_identity(&mut self, account: &Account, at: DateTime<Utc>) -> Result<(), StoreError> {
        let result = sqlx::query!(
            "delete from identity where platform = $1 and workspace = $2 and account = $3",
            account.platform.as_str(),
            account.workspace,
            account.id
        )
        .execute(self.conn())
        .await
        .doing("unlinking an account")?;
        expect_rows("unlinking an account", 1, &result)?;
        let tenant = self.tenant;
        sqlx::query!(
            "insert into lookup (tenant_id, platform, workspace, account, asked_at, declined)
             values ($1, $2, $3, $4, $5, true)
             on conflict (tenant_id, platform, workspace, account) do update set declined = true",
            tenant,
            account.platform.as_str(),
            account.workspace,
            account.id,
            at
        )
        .execute(self.conn())
        .await
        .doing("declining to look an account up")?;
        Ok(())
    }

    async fn set_identity_active(&mut self, account: &Account, active: bool, seq: i32) -> Result<(), StoreError> {
        let result = sqlx::query!(
            "update identity set active = $4, version = $5 where platform = $1 and workspace = $2 and account = $3",
            account.platform.as_str(),
            account.workspace,
            account.id,
            active,
            seq
        )
        .execute(self.conn())
        .await
        .doing("marking an account's state")?;
        expect_rows("marking an account's state", 1, &result)
    }

    async fn set_workspace_lost(
        &mut self,
        platform: Platform,
        workspace: &str,
        lost: Option<(DateTime<Utc>, &String)>,
        seq: i32,
    ) -> Result<(), StoreError> {
        let (at, why) = lost.unzip();
        let result = sqlx::query!(
            "update workspace set lost_at = $3, lost_why = $4, version = $5 where platform = $1 and workspace = $2",
            platform.as_str(),
            workspace,
            at,
            why,
            seq
        )
        .execute(self.conn())
        .await
        .doing("marking a workspace's state")?;
        if result.rows_affected() == 0 && self.set_share_lost(platform, workspace, lost, seq).await? == 1 {
            return Ok(());
        }
        expect_rows("marking a workspace's state", 1, &result)
    }

    /// Whether this account is to be looked up now: once in a while, and not where its person declined, unless they
    /// `wish` it.
    pub async fn want_lookup(
        &mut self,
        account: &Account,
        wish: bool,
        at: DateTime<Utc>,
        again_before: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let tenant = self.tenant;
        let wanted = sqlx::query_scalar!(
            "insert into lookup (tenant_id, platform, workspace, account, asked_at, declined)
             values ($1, $2, $3, $4, $5, false)
             on conflict (tenant_id, platform, workspace, account) do update set asked_at = excluded.asked_at,
                declined = false
             where $7 or (lookup.asked_at < $6 and not lookup.declined)
             returning account",
            tenant,
            account.platform.as_str(),
            account.workspace,
            account.id,
            at,
            again_before,
            wish
        )
        .fetch_optional(self.conn())
        .await
        .doing("wanting to look an account up")?;
        Ok(wanted.is_some())
    }

    /// Keeps the hash of an account's code; an older code of the same account is void.
    pub async fn save_link_code(
        &mut self,
        account: &Account,
        hash: &[u8],
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into link_code (tenant_id, platform, workspace, account, hash, made_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (tenant_id, platform, workspace, account) do update set hash = excluded.hash,
                made_at = excluded.made_at",
            tenant,
            account.platform.as_str(),
            account.workspace,
            account.id,
            hash,
            at
        )
        .execute(self.conn())
        .await
        .doing("keeping a code")?;
        expect_rows("keeping a code", 1, &result)
    }

    /// The account that a code made since `since` stands for.
    pub async fn account_of_code(&mut self, hash: &[u8], since: DateTime<Utc>) -> Result<Option<Account>, StoreError> {
        let row = sqlx::query!(
            "select platform, workspace, account from link_code where hash = $1 and made_at > $2",
            hash,
            since
        )
        .fetch_optional(self.conn())
        .await
        .doing("looking a code up")?;
        let Some(row) = row else { return Ok(None) };
        let platform = Platform::parse(&row.platform).ok_or_else(|| StoreError::impossible("a code's platform"))?;
        Ok(Some(Account { platform, workspace: row.workspace, id: row.account }))
    }

    async fn drop_link_code(&mut self, account: &Account) -> Result<(), StoreError> {
        sqlx::query!(
            "delete from link_code where platform = $1 and workspace = $2 and account = $3",
            account.platform.as_str(),
            account.workspace,
            account.id
        )
        .execute(self.conn())
        .await
        .doing("using a code up")?;
        Ok(())
    }

    /// Counts a wrong code.
    pub async fn save_link_miss(&mut self, person: &PersonId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let tenant = self.tenant;
        sqlx::query!(
            "insert into link_miss (tenant_id, person, missed_at) values ($1, $2, $3)",
            tenant,
            person.as_str(),
            at
        )
        .execute(self.conn())
        .await
        .doing("counting a wrong code")?;
        Ok(())
    }

    /// The wrong codes that a person has typed since a moment.
    pub async fn link_misses(&mut self, person: &PersonId, since: DateTime<Utc>) -> Result<i64, StoreError> {
        sqlx::query_scalar!(
            r#"select count(*) as "misses!" from link_miss where person = $1 and missed_at > $2"#,
            person.as_str(),
            since
        )
        .fetch_one(self.conn())
        .await
        .doing("counting wrong codes")
    }

    /// Forgets codes, wrong ones included, that nobody can use any more.
    pub async fn forget_link_codes(&mut self, before: DateTime<Utc>) -> Result<(), StoreError> {
        let doing = "forgetting old codes";
        sqlx::query!("delete from link_code where made_at < $1", before).execute(self.conn()).await.doing(doing)?;
        sqlx::query!("delete from link_miss where missed_at < $1", before).execute(self.conn()).await.doing(doing)?;
        Ok(())
    }
}
