//! Cards: each is kept up to date in its place, and pinned where it is what everybody looks for first.

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::trouble::{Reach, Trouble};
use super::{JobError, Jobs, PERSON_PAUSE};
use crate::app::card_message;
use crate::domain::{Place, Subject};
use crate::platform::{Adapter, Cause, MessageRef, Outbound, SendError, Sending};
use crate::render::Message;
use crate::store::{CardKey, CardRow, Job};

/// A card that is refused for so long is only tried again when it has something new to show.
const REFUSED_FOR: TimeDelta = TimeDelta::days(1);

const KINDS: [&str; 9] =
    ["incident", "announcement", "change", "running", "freeze", "override", "meeting", "ask", "batch"];
/// What passes is not pinned.
const UNPINNED: [&str; 4] = ["announcement", "running", "override", "ask"];

impl Jobs {
    pub(super) async fn show(&self, tenant: i64, subject: Subject, kind: &str, place: &Place) -> Result<(), JobError> {
        let Some(adapter) = self.adapters.of(place.platform) else { return Ok(()) };
        let Some(kind) = KINDS.into_iter().find(|known| *known == kind) else { return Ok(()) };
        let key = CardKey { subject, kind, place: place.clone() };
        let mut tx = self.app.store.begin(tenant).await?;
        let card = tx.card(&key).await?;
        let Some(message) = card_message(&self.app, &mut tx, subject, kind, place).await? else { return Ok(()) };
        let shown = hash(&message);
        let is_new = card.shown.as_deref() != Some(shown.as_slice());
        if card.message.is_none() {
            tx.try_card(card.id).await?;
        }
        tx.commit().await?;
        let sent = match (&card.message, is_new) {
            (Some(id), false) => Ok(MessageRef { place: place.clone(), id: id.clone() }),
            (Some(id), true) => self.edit_card(&adapter, place, id, &message).await,
            (None, _) => {
                let card_key = format!("card-{}", card.id);
                adapter.post(place, &message, &Sending::new(&card_key, card.attempts > 0)).await
            }
        };
        let sent = match sent {
            Ok(sent) => sent,
            Err(error) => return self.unshown(tenant, &key, &card, error).await,
        };
        if is_new {
            let mut tx = self.app.store.begin(tenant).await?;
            tx.card_shown(card.id, &sent.id, &shown).await?;
            tx.commit().await?;
        }
        self.pin(tenant, &adapter, &key, &card, is_new, &sent).await
    }

    async fn edit_card(
        &self,
        adapter: &Adapter,
        place: &Place,
        id: &str,
        message: &Message,
    ) -> Result<MessageRef, SendError> {
        let at = MessageRef { place: place.clone(), id: id.to_owned() };
        adapter.edit(&at, message).await?;
        Ok(at)
    }

    /// Pins a card of a room, until it is done or refused. What was refused is tried again when the card changes.
    async fn pin(
        &self,
        tenant: i64,
        adapter: &Adapter,
        key: &CardKey,
        card: &CardRow,
        is_new: bool,
        sent: &MessageRef,
    ) -> Result<(), JobError> {
        let is_pinned = match card.pin.as_str() {
            "done" => card.message.is_some(),
            "refused" => !is_new,
            _ => false,
        };
        if UNPINNED.contains(&key.kind) || is_pinned {
            return Ok(());
        }
        let pinned = adapter.pin(sent).await;
        if let Err(error) = &pinned {
            if error.meaning().is_none() {
                pinned?;
                return Ok(());
            }
            let deed = format!("pin the card of {}", key.subject);
            let (subject, place) = (key.subject, &key.place);
            let trouble = Trouble { subject, place, deed, kind: "pin", reach: Reach::Fixers, again: false };
            self.meet(tenant, &trouble, error).await?;
        }
        let mut tx = self.app.store.begin(tenant).await?;
        tx.card_pinned(card.id, if pinned.is_ok() { "done" } else { "refused" }).await?;
        Ok(tx.commit().await?)
    }

    /// A card whose message is gone is posted anew; one that is refused is tried again for a day.
    async fn unshown(&self, tenant: i64, key: &CardKey, card: &CardRow, error: SendError) -> Result<(), JobError> {
        if error.meaning().is_none() {
            return Err(error.into());
        }
        let now = self.app.clock.now();
        let mut tx = self.app.store.begin(tenant).await?;
        if error.is(Cause::NoMessage) && card.message.is_some() {
            tx.card_lost(card.id).await?;
            tx.commit().await?;
            return Err(JobError::CardGone);
        }
        tx.card_refused(card.id, now).await?;
        tx.commit().await?;
        let again = card.refused_since.is_none_or(|since| now - since < REFUSED_FOR);
        let (subject, place) = (key.subject, &key.place);
        let deed = format!("show the card of {subject}");
        let trouble = Trouble { subject, place, deed, kind: "", reach: Reach::Rooms, again };
        self.meet(tenant, &trouble, &error).await?;
        if !again {
            return Ok(());
        }
        let (kind, place) = (key.kind.to_owned(), key.place.clone());
        self.later(Job::Show { tenant, subject, kind, place }, PERSON_PAUSE).await
    }
}

pub(super) fn hash(message: &Message) -> Vec<u8> {
    Sha256::digest(serde_json::to_vec(message).expect("plain data")).to_vec()
}
