//! Somebody is asked for a yes, in private: a word that calls them, and the change's card with its buttons.

use super::direct::Reached;
use super::trouble::{Reach, Trouble};
use super::{JobError, Jobs};
use crate::domain::{ChangeStatus, PersonId, Place, Subject};
use crate::platform::SendError;
use crate::render::Message;

impl Jobs {
    /// Repeated, it finds what an earlier attempt has sent.
    pub(super) async fn ask(
        &self,
        tenant: i64,
        change: i64,
        person: &PersonId,
        key: &str,
        message: &Message,
    ) -> Result<(), JobError> {
        let mut tx = self.app.store.begin(tenant).await?;
        let loaded = self.app.tenant(&mut tx).await?;
        let waits = tx.change(change).await?.is_some_and(|change| change.status == ChangeStatus::AwaitingApproval);
        tx.rollback().await?;
        let organisation = &loaded.organisation;
        let Some(person) = organisation.person(person).filter(|person| person.active && waits) else {
            return Ok(());
        };
        let subject = Subject::Change(change);
        match self.reach(person.accounts(), key, message).await? {
            Reached::At(place) => self.show(tenant, subject, "ask", &place).await,
            Reached::Nowhere(refusal) => {
                tracing::error!(person = person.key, "could not be asked: {}", message.plain());
                match refusal {
                    Some((place, error)) => self.unasked(tenant, subject, &person.name, &place, &error).await,
                    None => Ok(()),
                }
            }
        }
    }

    /// Whoever works on the incident learns that somebody was not reached: they can call them.
    async fn unasked(
        &self,
        tenant: i64,
        subject: Subject,
        name: &str,
        place: &Place,
        error: &SendError,
    ) -> Result<(), JobError> {
        let deed = format!("ask {name} for a yes to {subject}");
        let trouble = Trouble { subject, place, deed, kind: "ask", reach: Reach::Rooms, again: false };
        self.meet(tenant, &trouble, error).await
    }
}
