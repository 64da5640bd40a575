//! What was erased and is there again, because a backup from before the erasure was restored: told, and erased again.

use std::sync::Arc;

use super::{Ground, Notary, NotaryError, on_disk};
use crate::domain::privacy::{Because, ERASED, PrivacyCommand, Scope};
use crate::domain::{Command, PersonId, Subject};
use crate::ledger::erased::Erased;

/// What an erasure named and the database has again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackAgain {
    pub erased: Erased,
    /// The names and texts that are there; empty where it is the row of a person.
    pub digests: Vec<String>,
}

impl Notary {
    /// Lists what was erased since the newest checkpoint, before the next one covers it.
    pub(super) async fn list_erased(&self, tenant: i64, ground: &Ground) -> Result<(), NotaryError> {
        let (anchors, name) = (self.anchors()?, ground.name.clone());
        // Where the list is new, the log may be old.
        let from = if anchors.lists_erased(&name) { ground.signed_size() } else { 0 };
        let mut tx = self.app.store.begin(tenant).await?;
        let bodies = tx.erasing_entries(from, ground.there.size).await?;
        tx.rollback().await?;
        Ok(on_disk(move || anchors.list_erased(&name, &bodies)).await?)
    }

    /// What was erased and is there again.
    pub async fn back_again(&self, tenant: i64) -> Result<Vec<BackAgain>, NotaryError> {
        let (anchors, name) = (self.anchors()?, self.name(tenant).await?);
        let erased = {
            let anchors = Arc::clone(&anchors);
            on_disk(move || anchors.erased(&name)).await?
        };
        let mut tx = self.app.store.begin(tenant).await?;
        let organisation = tx.organisation().await?;
        let mut again = Vec::new();
        for erased in erased {
            let digests = tx.digests_there(&erased.subject, &erased.data.digests).await?;
            let person = erased.data.person.clone().map(PersonId);
            let is_there = person.and_then(|person| organisation.person(&person).map(|found| found.name != ERASED));
            if !digests.is_empty() || is_there == Some(true) {
                again.push(BackAgain { erased, digests });
            }
        }
        tx.rollback().await?;
        Ok(again)
    }

    /// Erases it again, each under an entry of its own that names the one before. What a hold of the backup keeps, and the
    /// row of a person, is left: it comes back.
    pub async fn erase_again(&self, tenant: i64, again: &[BackAgain]) -> Result<Vec<BackAgain>, NotaryError> {
        let Some(alone) = self.app.store.stand_alone().await? else { return Err(NotaryError::BotRuns) };
        for one in again.iter().filter(|one| !one.digests.is_empty()) {
            let Some(subject) = Subject::parse(&one.erased.subject) else { continue };
            let before = format!(
                "erased before, as {} of {}; a restored backup had it again",
                one.erased.entry(),
                one.erased.at
            );
            let (scope, because) = (Scope::Digests(one.digests.clone()), Because::Again { before });
            let command = Command::Privacy(PrivacyCommand::EraseDue { scope, because });
            self.app.perform(tenant, subject, command, &format!("restored:{}", one.erased.entry())).await?;
        }
        self.sign(tenant).await?;
        alone.stand_back().await?;
        self.back_again(tenant).await
    }
}
