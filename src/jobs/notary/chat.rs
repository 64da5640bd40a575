//! What chat keeps of the checkpoints: read back, and held against the log. People other than us see it there, and the
//! platform dates it; an administrator of the workspace can delete messages, so the file always counts as well.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::{Notary, NotaryError, continuation, on_disk};
use crate::domain::Place;
use crate::ledger::outside::Judged;
use crate::ledger::recovery::TreeAt;
use crate::platform::{Adapters, Outbound};

/// Between two messages in a place, where nothing presses.
pub(super) const PAUSE: TimeDelta = TimeDelta::seconds(60);
/// And where something does: a few a minute.
pub(super) const PAUSE_URGENT: TimeDelta = TimeDelta::seconds(15);

/// A platform that does not answer keeps nobody from starting.
const READ_PATIENCE: Duration = Duration::from_secs(5);

/// The newest checkpoints of a place: an older one says no more than they do, unless they were deleted.
const NOTES_MAX: usize = 20;

/// The signed notes that one place keeps, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptInChat {
    /// The log channel, as a person would name it.
    pub place: String,
    pub notes: Vec<String>,
}

/// What chat keeps of one log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChatNotes {
    pub kept: Vec<KeptInChat>,
    /// Places that could not be read, and why.
    pub unread: Vec<String>,
}

impl Notary {
    /// Whether every log continues what chat keeps of it. A place that cannot be reached is skipped with a warning.
    pub async fn check_chat(&self, adapters: &Adapters) -> Result<(), NotaryError> {
        if self.anchors.is_none() {
            return Ok(());
        }
        for tenant in self.app.store.tenants().await? {
            let chat = self.read_chat(tenant, adapters).await?;
            for unread in &chat.unread {
                tracing::warn!("{unread}");
            }
            if let Some((found, signed, there)) = self.contradiction(tenant, &chat).await? {
                let log = self.name(tenant).await?.to_string();
                return Err(NotaryError::Fork { log, found, signed: signed.size, there: there.size });
            }
        }
        Ok(())
    }

    /// Reads what chat keeps of a log.
    pub async fn read_chat(&self, tenant: i64, adapters: &Adapters) -> Result<ChatNotes, NotaryError> {
        let mut tx = self.app.store.begin(tenant).await?;
        let organisation = self.app.tenant(&mut tx).await?;
        tx.rollback().await?;
        let mut chat = ChatNotes::default();
        for place in organisation.organisation.log_places() {
            let Some(adapter) = adapters.of(place.platform) else { continue };
            let name = name_of(&place);
            match tokio::time::timeout(READ_PATIENCE, adapter.recent(&place)).await {
                Ok(Ok(texts)) => {
                    let notes = texts.iter().flat_map(|text| notes_in(text)).take(NOTES_MAX).collect();
                    chat.kept.push(KeptInChat { place: name, notes });
                }
                Ok(Err(error)) => chat.unread.push(format!("The checkpoints in {name} were not compared: {error}")),
                Err(_) => chat.unread.push(format!("The checkpoints in {name} were not compared: no answer in time")),
            }
        }
        Ok(chat)
    }

    /// The greatest of the checkpoints in chat that the log does not continue, with where it stands and what is there.
    pub(super) async fn contradiction(
        &self,
        tenant: i64,
        chat: &ChatNotes,
    ) -> Result<Option<(String, TreeAt, TreeAt)>, NotaryError> {
        let (anchors, name) = (self.anchors()?, self.name(tenant).await?);
        let trust = on_disk(move || Arc::clone(&anchors).trust(&name)).await?;
        let mut tx = self.app.store.begin(tenant).await?;
        let head = tx.tree_head().await?;
        let there = TreeAt { size: head.size, root: head.root };
        let mut worst: Option<(String, TreeAt, TreeAt)> = None;
        for (kept, note) in chat.kept.iter().flat_map(|kept| kept.notes.iter().map(move |note| (kept, note))) {
            let Judged::Holds(checkpoint) = trust.judge(note) else { continue };
            let signed = TreeAt::of(&checkpoint);
            let is_worse = worst.as_ref().is_none_or(|(_, other, _)| other.size < signed.size);
            if is_worse && continuation(&mut tx, signed, there).await?.is_none() {
                worst = Some((format!("found in {}", kept.place), signed, there));
            }
        }
        tx.rollback().await?;
        Ok(worst)
    }
}

fn name_of(place: &Place) -> String {
    format!("the log channel on {}", place.platform.name())
}

/// The signed notes in a message: what stands between fences.
fn notes_in(text: &str) -> impl Iterator<Item = String> + '_ {
    let fenced = text.split("```").skip(1).step_by(2);
    fenced.map(|part| format!("{}\n", part.trim_matches('\n'))).filter(|note| note.contains("\n\n— "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_back_from_between_its_fences() {
        let note = "wardroom/harbour\n47\nroot=\n\n— wardroom/harbour abc=\n";
        let said = format!("The log has 47 entries.\n```\n{note}```\n-# small print");
        assert_eq!(notes_in(&said).collect::<Vec<_>>(), [note]);
        assert_eq!(notes_in("```\nlet x = 1;\n``` and `code`").count(), 0);
        assert_eq!(notes_in("no fence at all").count(), 0);
    }
}
