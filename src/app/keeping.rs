//! What keeps the decision log: waiting for its signature, and the entries about itself.

use std::time::Duration;

use serde_json::json;

use super::inbound::Reply;
use super::{App, HandleError, SetupError, Tenant};
use crate::domain::event::Recovered;
use crate::domain::{Event, LogEvent, Place, State, Subject};
use crate::render::{Block, Message};
use crate::store::{KeptCheckpoint, Sealed, Tx, Writes};

/// Platforms wait three seconds in all. A signature takes a few milliseconds, and a disk that needs longer than this is in
/// trouble.
pub const SEAL_PATIENCE: Duration = Duration::from_millis(800);

impl App {
    /// Waits until what was committed is signed outside the database, and says in the answer where it is not. No
    /// transaction is open meanwhile, and one signature serves all who wait.
    pub(super) async fn sealed(&self, tenant: i64, mut reply: Reply) -> Reply {
        match self.store.sealed(tenant, SEAL_PATIENCE).await {
            Sealed::Yes | Sealed::Never => {}
            Sealed::Pending => {
                metrics::counter!("wardroom_checkpoints_pending_total").increment(1);
                if let Reply::Tell { message } = &mut reply {
                    super::answer::add_pending(message);
                }
            }
        }
        reply
    }

    /// The places that this process serves in which chat keeps the log's checkpoints.
    pub fn log_places(&self, tenant: &Tenant) -> Vec<Place> {
        self.served(tenant.organisation.log_places().collect())
    }

    /// A checkpoint as a sentence, and as the signed note that anybody can check.
    pub fn checkpoint_message(&self, tenant: &Tenant, kept: &KeptCheckpoint) -> Result<Message, HandleError> {
        let data = json!({"entries": kept.size.to_string(), "log": tenant.row.log(), "signed_at": kept.created_at});
        let mut message = self.renderer.message("update/checkpoint", &data, &tenant.organisation)?;
        let after_sentence = message.blocks.len().min(1);
        message.blocks.insert(after_sentence, Block::Code { text: kept.note.trim_end().to_owned() });
        Ok(message)
    }

    /// Records that another key signs the log from the next checkpoint on.
    pub async fn record_key(&self, tenant: i64, vkey: &str, replaces: &str) -> Result<(), SetupError> {
        let mut tx = self.store.begin(tenant).await?;
        tx.lock_tenant().await?;
        let event = Event::Log(LogEvent::KeyRotated { vkey: vkey.to_owned(), replaces: replaces.to_owned() });
        let unchanged = Writes::State { state: &State::Unchanged, promises: &[] };
        self.record_setup(&mut tx, Subject::Deployment, event, unchanged).await?;
        Ok(tx.commit().await?)
    }

    /// Records that the log goes on under a new name: the first entry that bears it.
    pub async fn record_recovery(&self, mut tx: Tx, recovered: Recovered, statement: &str) -> Result<(), SetupError> {
        tx.lock_tenant().await?;
        let log = tx.tenant_row().await?.log_name().with_epoch(recovered.epoch).to_string();
        let writes = Writes::Epoch { epoch: recovered.epoch, statement };
        let event = Event::Log(LogEvent::Recovered(Box::new(recovered)));
        self.record_as(&mut tx, &log, Subject::Deployment, event, writes).await?;
        Ok(tx.commit().await?)
    }
}
