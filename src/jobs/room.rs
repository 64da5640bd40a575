//! War rooms: opened on each platform, with the people who are needed.

use super::{JobError, Jobs};
use crate::domain::{Account, Command, Person, Place, Platform, Subject};
use crate::platform::{NewRoom, Outbound};

impl Jobs {
    pub(super) async fn open_room(
        &self,
        tenant: i64,
        incident: i64,
        platform: Platform,
        workspace: &str,
    ) -> Result<(), JobError> {
        let Some(adapter) = self.adapters.of(platform) else { return Ok(()) };
        let mut tx = self.app.store.begin(tenant).await?;
        let is_here = |room: &Place| room.platform == platform && room.workspace == workspace;
        if tx.rooms(incident).await?.iter().any(is_here) {
            return Ok(());
        }
        let Some(found) = tx.incident(incident).await? else { return Ok(()) };
        tx.rollback().await?;
        let subject = Subject::Incident(incident);
        let room = NewRoom {
            workspace: workspace.to_owned(),
            name: found.room_name(),
            mark: format!("{subject} ·"),
            topic: format!("{subject} · {} · {}", found.title, found.services_phrase()).chars().take(250).collect(),
        };
        let place = adapter.open_room(&room).await?;
        let command = format!("room:{}:{workspace}:{incident}", platform.as_str());
        self.app.perform(tenant, subject, Command::RoomOpened { place }, &command).await?;
        Ok(())
    }

    /// On call for every affected service, its owners, and whoever leads.
    pub(super) async fn invite(&self, tenant: i64, incident: i64, place: &Place) -> Result<(), JobError> {
        let Some(adapter) = self.adapters.of(place.platform) else { return Ok(()) };
        let mut tx = self.app.store.begin(tenant).await?;
        let organisation = self.app.tenant(&mut tx).await?;
        let Some(found) = tx.incident(incident).await? else { return Ok(()) };
        tx.rollback().await?;
        let mut people = organisation.organisation.responders_of(&found.services);
        people.extend(found.declared_by);
        people.extend(found.commander);
        let mut accounts: Vec<Account> = people
            .iter()
            .filter_map(|id| organisation.organisation.person(id))
            .filter(|person| person.active)
            .flat_map(Person::accounts)
            .filter(|account| account.platform == place.platform && account.workspace == place.workspace)
            .cloned()
            .collect();
        accounts.dedup();
        adapter.invite(place, &accounts).await?;
        Ok(())
    }
}
