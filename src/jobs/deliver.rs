//! Messages: a sentence is said once, a card is kept up to date.

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::{JobError, Jobs};
use crate::app::card_message;
use crate::domain::{Place, Subject};
use crate::platform::{Adapter, MessageRef, Outbound, SendError};
use crate::render::Message;
use crate::store::{CardKey, Job};

/// A room where much is said must not keep others waiting: after so many it is their turn.
const SAYS_AT_A_TIME: u32 = 5;

/// A sentence that could not be said for so long is no news any more; what happened is on the card and in the log.
const GIVE_UP_AFTER: TimeDelta = TimeDelta::days(1);

/// The platforms' words for "this message is not there any more".
const GONE: [&str; 3] = ["message_not_found", "10008", "cant_update_message"];

impl Jobs {
    /// Says what waits in a place, in order. A sentence that is refused does not hold up those after it.
    pub(super) async fn say(&self, tenant: i64, place: &Place) -> Result<(), JobError> {
        let Some(adapter) = self.adapters.of(place.platform) else { return Ok(()) };
        let old = self.app.clock.now() - GIVE_UP_AFTER;
        let (mut after, mut said, mut refused) = (0, 0, None);
        while said < SAYS_AT_A_TIME {
            let mut tx = self.app.store.begin(tenant).await?;
            let Some(say) = tx.try_say(place, after, old).await? else { break };
            tx.commit().await?;
            after = say.id;
            match adapter.post(place, &say.message, &format!("say-{}", say.id), say.attempts > 1).await {
                Ok(sent) => {
                    let mut tx = self.app.store.begin(tenant).await?;
                    tx.said(say.id, &sent.id).await?;
                    tx.commit().await?;
                    said += 1;
                }
                Err(error @ SendError::Refused { .. }) => refused = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        if said == SAYS_AT_A_TIME {
            let mut tx = self.app.store.begin(tenant).await?;
            tx.enqueue([Job::Say { tenant, place: place.clone() }.now()]);
            return Ok(tx.commit().await?);
        }
        refused.map_or(Ok(()), |error| Err(error.into()))
    }

    pub(super) async fn show(&self, tenant: i64, subject: Subject, kind: &str, place: &Place) -> Result<(), JobError> {
        let Some(adapter) = self.adapters.of(place.platform) else { return Ok(()) };
        let Some(kind) = KINDS.into_iter().find(|known| *known == kind) else { return Ok(()) };
        let key = CardKey { subject, kind, place: place.clone() };
        let mut tx = self.app.store.begin(tenant).await?;
        let card = tx.card(&key).await?;
        let Some(message) = card_message(&self.app, &mut tx, subject, kind, place).await? else { return Ok(()) };
        let shown = hash(&message);
        if card.shown.as_deref() == Some(shown.as_slice()) {
            return Ok(());
        }
        let Some(id) = card.message else {
            tx.try_card(card.id).await?;
            tx.commit().await?;
            return self.post_card(tenant, &adapter, &key, card.id, card.attempts > 0, &message, &shown).await;
        };
        tx.commit().await?;
        let at = MessageRef { place: place.clone(), id };
        let edited = adapter.edit(&at, &message).await;
        let mut tx = self.app.store.begin(tenant).await?;
        if edited.as_ref().is_err_and(is_gone) {
            tx.card_lost(card.id).await?;
            tx.commit().await?;
            return Err(JobError::CardGone);
        }
        edited?;
        tx.card_shown(card.id, &at.id, &shown).await?;
        tx.commit().await?;
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "what is posted, where, as what, and whether it was tried before")]
    async fn post_card(
        &self,
        tenant: i64,
        adapter: &Adapter,
        key: &CardKey,
        id: i64,
        retry: bool,
        message: &Message,
        shown: &[u8],
    ) -> Result<(), JobError> {
        let sent = adapter.post(&key.place, message, &format!("card-{id}"), retry).await?;
        let mut tx = self.app.store.begin(tenant).await?;
        tx.card_shown(id, &sent.id, shown).await?;
        tx.commit().await?;
        // In a war room its card and the cards of its changes are what everybody looks for first.
        if key.kind != "announcement"
            && let Err(error) = adapter.pin(&sent).await
        {
            tracing::warn!(subject = %key.subject, error = %error, "a card could not be pinned");
        }
        Ok(())
    }
}

const KINDS: [&str; 3] = ["incident", "announcement", "change"];

pub(super) fn hash(message: &Message) -> Vec<u8> {
    Sha256::digest(serde_json::to_vec(message).expect("plain data")).to_vec()
}

fn is_gone(error: &SendError) -> bool {
    match error {
        SendError::Refused { code, .. } => GONE.contains(&code.as_str()),
        SendError::RateLimited { .. } | SendError::Unclear { .. } => false,
    }
}
