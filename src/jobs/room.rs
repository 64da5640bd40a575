//! War rooms: opened on each platform, with the people who are needed.

use super::trouble::{Reach, Trouble};
use super::{JobError, Jobs, PERSON_PAUSE};
use crate::domain::rules::Exposure;
use crate::domain::{Account, Command, Incident, Link, Person, Place, Platform, Role, Subject};
use crate::platform::{NewRoom, Outbound, SendError};
use crate::store::Job;

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
        let unit = self.app.tenant(&mut tx).await?;
        tx.rollback().await?;
        let subject = Subject::Incident(incident);
        // Units that share a workspace count their incidents each, so the room says whose it is.
        let (before_name, before_mark) = if unit.organisation.shares(platform, workspace) {
            (format!("{}-", unit.row.key), format!("{} · ", unit.row.key))
        } else {
            (String::new(), String::new())
        };
        let topic = format!("{before_mark}{subject} · {} · {}", found.title, found.services_phrase());
        let room = NewRoom {
            workspace: workspace.to_owned(),
            name: format!("{before_name}{}", found.room_name()),
            mark: format!("{before_mark}{subject} ·"),
            topic: topic.chars().take(250).collect(),
        };
        let place = match adapter.open_room(&room).await {
            Ok(place) => place,
            Err(error @ SendError::Refused { .. }) => {
                return self.no_room(tenant, &found, platform, workspace, &error).await;
            }
            Err(error) => return Err(error.into()),
        };
        let command = format!("room:{}:{workspace}:{incident}", platform.as_str());
        self.app.perform(tenant, subject, Command::RoomOpened { place }, &command).await?;
        Ok(())
    }

    /// On call for every affected service, its owners, whoever leads, and whoever carried out what may have caused it; to
    /// a major incident also the board that votes on its emergencies, and where data may have left the house its officers.
    pub(super) async fn invite(&self, tenant: i64, incident: i64, place: &Place) -> Result<(), JobError> {
        let Some(adapter) = self.adapters.of(place.platform) else { return Ok(()) };
        let mut tx = self.app.store.begin(tenant).await?;
        let organisation = self.app.tenant(&mut tx).await?;
        let Some(found) = tx.incident(incident).await? else { return Ok(()) };
        let links = tx.links_of_incident(incident).await?;
        tx.rollback().await?;
        let mut people = organisation.organisation.responders_of(&found.services, self.app.clock.now());
        people.extend(found.declared_by.clone());
        people.extend(found.commander.clone());
        if found.is_major() {
            let board = organisation.organisation.emergency_board();
            people.extend(board.into_iter().flat_map(|board| board.members.iter().cloned()));
        }
        if found.exposure != Exposure::None {
            people.extend(
                [Role::Privacy, Role::Security].into_iter().flat_map(|role| organisation.organisation.holding(role)),
            );
        }
        people.extend(links.into_iter().filter(Link::flags).map(|link| link.implementer));
        let mut accounts: Vec<Account> = people
            .iter()
            .filter_map(|id| organisation.organisation.person(id))
            .filter(|person| person.active)
            .flat_map(Person::accounts)
            .filter(|account| account.platform == place.platform && account.workspace == place.workspace)
            .cloned()
            .collect();
        accounts.dedup();
        let invited = adapter.invite(place, &accounts).await;
        if let Err(error @ SendError::Refused { .. }) = &invited {
            // Who is called can read of it in the incidents' channel; the room goes on without them.
            let subject = found.subject();
            let deed = format!("bring the people of {subject} together");
            let trouble = Trouble { subject, place, deed, kind: "invite", reach: Reach::Fixers, again: false };
            return self.meet(tenant, &trouble, error).await;
        }
        Ok(invited?)
    }

    /// Goes on without a room: the incident is worked on in its other room and in the incidents' channel, which both say
    /// so, until it can be opened or the incident is over.
    async fn no_room(
        &self,
        tenant: i64,
        incident: &Incident,
        platform: Platform,
        workspace: &str,
        error: &SendError,
    ) -> Result<(), JobError> {
        let place = Place { platform, workspace: workspace.to_owned(), channel: String::new() };
        let (subject, again) = (incident.subject(), incident.is_open());
        let deed = format!("open the war room of {subject}");
        let trouble = Trouble { subject, place: &place, deed, kind: "room", reach: Reach::Rooms, again };
        self.meet(tenant, &trouble, error).await?;
        if !again {
            return Ok(());
        }
        let (incident, workspace) = (incident.number, workspace.to_owned());
        self.later(Job::OpenRoom { tenant, incident, platform, workspace }, PERSON_PAUSE).await
    }
}
