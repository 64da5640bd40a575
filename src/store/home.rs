//! The app's homes that people have opened: what each shows is rendered when it is sent.

use super::error::Doing;
use super::{StoreError, Tx};
use crate::domain::{Account, Platform};

/// A home, and the hash of what it shows; without one it is to be shown anew whatever it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeRow {
    pub account: Account,
    pub shown: Option<Vec<u8>>,
}

impl Tx {
    /// Remembers that an account has its home open.
    pub async fn open_home(&mut self, account: &Account) -> Result<(), StoreError> {
        let tenant = self.tenant;
        sqlx::query!(
            "insert into home (tenant_id, platform, workspace, account) values ($1, $2, $3, $4)
             on conflict (tenant_id, platform, workspace, account) do update set shown = null",
            tenant,
            account.platform.as_str(),
            account.workspace,
            account.id
        )
        .execute(self.conn())
        .await
        .doing("opening a home")?;
        sqlx::query!("update tenant set homes = true where id = $1 and not homes", tenant)
            .execute(self.conn())
            .await
            .doing("marking that there are homes")?;
        Ok(())
    }

    pub async fn homes(&mut self) -> Result<Vec<HomeRow>, StoreError> {
        let rows = sqlx::query!("select platform, workspace, account, shown from home")
            .fetch_all(self.conn())
            .await
            .doing("listing homes")?;
        let home = |row: (String, String, String, Option<Vec<u8>>)| {
            let platform = Platform::parse(&row.0).ok_or_else(|| StoreError::impossible("a home's platform"))?;
            Ok(HomeRow { account: Account { platform, workspace: row.1, id: row.2 }, shown: row.3 })
        };
        rows.into_iter().map(|row| home((row.platform, row.workspace, row.account, row.shown))).collect()
    }

    pub async fn home_shown(&mut self, account: &Account, shown: &[u8]) -> Result<(), StoreError> {
        sqlx::query!(
            "update home set shown = $4 where platform = $1 and workspace = $2 and account = $3",
            account.platform.as_str(),
            account.workspace,
            account.id,
            shown
        )
        .execute(self.conn())
        .await
        .doing("marking a home as shown")?;
        Ok(())
    }
}
