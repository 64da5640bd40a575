//! Another key takes the place of the one that signs. Each step is on the disk, or committed, before the next; whoever is
//! killed between two leaves a state from which the same command, or the bot, goes on.

use std::sync::Arc;

use super::{Notary, NotaryError, on_disk};
use crate::ledger::LogName;
use crate::ledger::anchors::{AnchorError, Anchors};
use crate::ledger::note::NoteVerifier;

/// What became of a rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    pub log: String,
    pub replaces: String,
    /// The public half of the key that signs now.
    pub vkey: String,
}

impl Notary {
    /// Has a new key sign a log from now on: an entry names it, and one checkpoint is signed by both.
    pub async fn rotate_key(&self, tenant: i64) -> Result<Rotated, NotaryError> {
        let anchors = self.anchors()?;
        let name = self.name(tenant).await?;
        let log = name.to_string();
        if let Some(rotated) = on_disk({
            let (anchors, name) = (Arc::clone(&anchors), name.clone());
            move || complete(&anchors, &name)
        })
        .await?
        {
            return Ok(rotated);
        }
        self.ground(tenant).await?;
        let (replaces, next) = on_disk({
            let (anchors, name, log) = (Arc::clone(&anchors), name.clone(), log.clone());
            move || {
                // Held no longer than this line: the next one holds the files again.
                let replaces = anchors.hold(&name)?.key.verifier().vkey();
                Ok((replaces, anchors.next_key(&log)?))
            }
        })
        .await?;
        let vkey = next.verifier().vkey();
        let mut tx = self.app.store.begin(tenant).await?;
        let is_recorded = tx.is_key_recorded(&vkey).await?;
        tx.rollback().await?;
        if !is_recorded {
            self.app.record_key(tenant, &vkey, &replaces).await?;
        }
        self.app.store.sequence(tenant).await?;
        let next = Arc::new(next);
        self.publish(tenant, Some(&next)).await?;
        // Whoever holds the files next gives the new key its place.
        self.tell_of_newest(tenant, true).await?;
        let signs = on_disk(move || Ok(anchors.hold(&name)?.key.verifier().vkey())).await?;
        Ok(Rotated { log, replaces, vkey: signs })
    }
}

/// Ends a rotation that was left after both keys had signed; `None` where there is none.
fn complete(anchors: &Anchors, name: &LogName) -> Result<Option<Rotated>, AnchorError> {
    let log = name.to_string();
    let was_rotating = anchors.is_rotating(&log);
    let vkey = anchors.hold(name)?.key.verifier().vkey();
    if !was_rotating || anchors.is_rotating(&log) {
        return Ok(None);
    }
    let listed: Vec<String> = anchors.verifiers(&log)?.iter().map(NoteVerifier::vkey).collect();
    let replaces = listed.iter().take_while(|other| **other != vkey).last().cloned().unwrap_or_default();
    Ok(Some(Rotated { log, replaces, vkey }))
}
