//! What a platform refuses is told to people who can mend it: once a day for a cause and a place, in one sentence.

use std::collections::BTreeSet;

use super::direct::Reached;
use super::{JobError, Jobs};
use crate::domain::{Account, Incident, Organisation, PersonId, Place, Platform, Role, Subject, Urgency};
use crate::platform::{Cause, SendError};
use crate::render::{Block, Inline, Message};
use crate::store::{Job, NewSay, NewTrouble, Tx};

/// So many people are told: one may be asleep.
const TOLD_MAX: usize = 3;

/// Who has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Whoever can mend it.
    Fixers,
    /// They, and whoever works on the incident elsewhere: something is not seen where it should be.
    Rooms,
}

/// Something that was refused.
pub(super) struct Trouble<'a> {
    pub subject: Subject,
    /// Without a channel where it concerns the workspace as a whole.
    pub place: &'a Place,
    /// Goes on after "Wardroom could not".
    pub deed: String,
    /// Tells deeds apart whose troubles are told apart.
    pub kind: &'static str,
    pub reach: Reach,
    /// Whether it is tried again without anybody's doing.
    pub again: bool,
}

impl Jobs {
    /// Takes note of a refusal, and has it told where it was not told today.
    ///
    /// A dead token is not for the people of a room: [`Jobs::run`] takes the whole workspace for lost.
    pub(super) async fn meet(&self, tenant: i64, trouble: &Trouble<'_>, error: &SendError) -> Result<(), JobError> {
        if error.dead_token().is_some() {
            return Err(error.clone().into());
        }
        self.report(tenant, trouble, error).await
    }

    /// The same, whatever it is.
    pub(super) async fn report(&self, tenant: i64, trouble: &Trouble<'_>, error: &SendError) -> Result<(), JobError> {
        if let SendError::Refused { platform, call, code } = error {
            let (platform, code) = (platform.as_str(), code.clone());
            metrics::counter!("wardroom_refusals_total", "platform" => platform, "call" => *call, "code" => code)
                .increment(1);
        }
        let cause = match error.meaning() {
            Some(meaning) => format!("{}{}", trouble.kind, meaning.key()),
            None => trouble.kind.to_owned(),
        };
        // What concerns the whole workspace is one trouble, wherever it is met first.
        let everywhere = error.meaning().is_some_and(|meaning| meaning.is_everywhere(trouble.place.platform));
        let channel = if everywhere { String::new() } else { trouble.place.channel.clone() };
        let mut tx = self.app.store.begin(tenant).await?;
        let loaded = self.app.tenant(&mut tx).await?;
        let organisation = &loaded.organisation;
        let incident = self.incident_of(&mut tx, trouble.subject).await?;
        let message = sentence(trouble, error, organisation, incident.as_ref());
        let new = NewTrouble {
            subject: trouble.subject,
            place: &Place { channel, ..trouble.place.clone() },
            cause: &cause,
            at: self.app.clock.now(),
            message: &message,
        };
        let Some(id) = tx.meet_trouble(&new).await? else { return Ok(()) };
        tracing::warn!(subject = %trouble.subject, error = %error, "{}", message.plain());
        if trouble.reach == Reach::Rooms {
            let mut message = message.clone();
            if trouble.place.channel.is_empty() {
                let goes_on = format!("{} goes on here.", trouble.subject);
                message.blocks.push(Block::Context { text: vec![Inline::Plain { text: goes_on }] });
            }
            for place in self.elsewhere(&mut tx, organisation, incident.as_ref(), trouble.place).await? {
                let (subject, at) = (trouble.subject, self.app.clock.now());
                tx.say(NewSay { subject, place, urgency: Urgency::Page, message: message.clone(), at });
            }
        }
        let people = fixers(organisation, incident.as_ref());
        if people.is_empty() {
            tracing::error!("nobody can be told of this: give somebody the role tenant_admin");
        }
        tx.enqueue(people.into_iter().map(|person| Job::Tell { tenant, trouble: id, person }.now()));
        Ok(tx.commit().await?)
    }

    /// Tells one person in private, by whichever of their accounts takes the message.
    pub(super) async fn tell(&self, tenant: i64, trouble: i64, person: &PersonId) -> Result<(), JobError> {
        let mut tx = self.app.store.begin(tenant).await?;
        let Some(row) = tx.trouble(trouble).await? else { return Ok(()) };
        let tenant = self.app.tenant(&mut tx).await?;
        tx.rollback().await?;
        let Some(person) = tenant.organisation.person(person).filter(|person| person.active) else { return Ok(()) };
        let mut accounts: Vec<&Account> = person.accounts().collect();
        // Where the trouble is, it can be mended; they may also be unreachable there.
        accounts.sort_by_key(|account| account.platform != row.place.platform);
        if let Reached::Nowhere(_) = self.reach(accounts, &format!("trouble-{trouble}"), &row.message).await? {
            tracing::error!(person = person.key, "could not be told: {}", row.message.plain());
        }
        Ok(())
    }

    /// The rooms of the incident that are not concerned, and the incidents' channel beside one that is.
    async fn elsewhere(
        &self,
        tx: &mut Tx,
        organisation: &Organisation,
        incident: Option<&Incident>,
        place: &Place,
    ) -> Result<BTreeSet<Place>, JobError> {
        let Some(incident) = incident else { return Ok(BTreeSet::new()) };
        let mut places: BTreeSet<Place> = tx.rooms(incident.number).await?.into_iter().collect();
        let announced = organisation.workspaces.iter().filter(|workspace| {
            // A room that is missing or mute is missed where the incident was announced.
            let is_room = place.channel.is_empty() || places.contains(place);
            is_room && workspace.platform == place.platform && workspace.id == place.workspace
        });
        let announced: Vec<Place> = announced
            .filter_map(|workspace| Some(Place { channel: workspace.incidents_channel.clone()?, ..place.clone() }))
            .collect();
        places.extend(announced);
        places.retain(|other| other != place && self.adapters.of(other.platform).is_some());
        Ok(places)
    }

    async fn incident_of(&self, tx: &mut Tx, subject: Subject) -> Result<Option<Incident>, JobError> {
        let number = match subject {
            Subject::Incident(number) => Some(number),
            Subject::Change(number) => tx.change(number).await?.and_then(|change| change.incident),
            Subject::Freeze(number) => tx.freeze(number).await?.and_then(|freeze| freeze.incident),
            Subject::Meeting(_)
            | Subject::Exception(_)
            | Subject::Batch(_)
            | Subject::Organisation
            | Subject::Policy
            | Subject::Deployment => None,
        };
        match number {
            Some(number) => Ok(tx.incident(number).await?),
            None => Ok(None),
        }
    }
}

/// Tenant administrators; where there are none, whoever leads or declared it.
fn fixers(organisation: &Organisation, incident: Option<&Incident>) -> Vec<PersonId> {
    let admins: Vec<PersonId> = organisation.with_role(Role::TenantAdmin).into_iter().take(TOLD_MAX).cloned().collect();
    if !admins.is_empty() {
        return admins;
    }
    incident
        .and_then(|incident| incident.commander.clone().or_else(|| incident.declared_by.clone()))
        .into_iter()
        .collect()
}

/// "Wardroom could not … in … on …: why. What a person can do. Whether it is tried again."
fn sentence(
    trouble: &Trouble<'_>,
    error: &SendError,
    organisation: &Organisation,
    incident: Option<&Incident>,
) -> Message {
    let place = trouble.place;
    let mut text = vec![Inline::Plain { text: format!("Wardroom could not {} ", trouble.deed) }];
    if place.channel.is_empty() {
        text.push(Inline::Plain { text: format!("on {}", place.platform.name()) });
    } else {
        let name = channel_name(organisation, incident, place);
        text.push(Inline::Plain { text: "in ".to_owned() });
        text.push(Inline::Channel { place: place.clone(), name });
        text.push(Inline::Plain { text: format!(" on {}", place.platform.name()) });
    }
    let mut end = match error.meaning() {
        Some(meaning) => {
            // A permission of Discord is held in one server of several.
            let within = match (meaning.cause, place.platform) {
                (Cause::Right, Platform::Discord) => format!(" in {}", organisation.name),
                _ => String::new(),
            };
            format!(": {}{within}. {}", meaning.because, meaning.remedy)
        }
        None => format!(": {} does not answer.", place.platform.name()),
    };
    if trouble.again {
        end = format!("{} It tries again by itself.", end.trim_end());
    }
    // What is meant to be typed stands between backticks.
    for (index, part) in end.trim_end().split('`').enumerate().filter(|(_, part)| !part.is_empty()) {
        let text_of = part.to_owned();
        text.push(if index % 2 == 0 { Inline::Plain { text: text_of } } else { Inline::Code { text: text_of } });
    }
    Message { blocks: vec![Block::Paragraph { text }], ..Message::default() }
}

fn channel_name(organisation: &Organisation, incident: Option<&Incident>, place: &Place) -> String {
    let audience = organisation.audiences.iter().flat_map(|audience| &audience.places);
    let mut known = audience.filter(|(other, _)| other == place).map(|(_, name)| name.clone());
    let workspace = organisation.workspaces.iter().find(|w| w.platform == place.platform && w.id == place.workspace);
    let channel = Some(&place.channel);
    known.next().unwrap_or_else(|| match workspace {
        Some(workspace) if workspace.incidents_channel.as_ref() == channel => "incidents".to_owned(),
        Some(workspace) if workspace.changes_channel.as_ref() == channel => "changes".to_owned(),
        Some(workspace) if workspace.log_channel.as_ref() == channel => "decision-log".to_owned(),
        Some(_) | None => incident.map_or_else(|| place.channel.clone(), Incident::room_name),
    })
}
