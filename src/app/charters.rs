//! Charters of teams: published to their members, acknowledged, shown; and the successor of a commander who is silent is paged.

use serde_json::{Value, json};

use super::answer::Teller;
use super::cards::{button, headline, row};
use super::handle::{Caller, HandleError};
use super::questions::slip;
use super::{App, Tenant};
use crate::domain::decide::charter_reviewers;
use crate::domain::event::CharterEvent;
use crate::domain::{
    Charter, Command, DeadlineKind, Decision, Event, Incident, IncidentEvent, Organisation, PersonId, Refusal, Role,
    Subject, Target, World,
};
use crate::language::presses::{Press, PressAction};
use crate::render::{Block, Button, ButtonStyle, Message};
use crate::store::{Job, Later, OrganisationFile, Tx, Writes};

/// Fills in when the commander was last heard, where their silence is looked at.
pub(super) async fn load_heard(tx: &mut Tx, world: &mut World<'_>, command: &Command) -> Result<(), HandleError> {
    let Target::Incident(incident) = &world.target else { return Ok(()) };
    let Command::Due { deadline: DeadlineKind::Succession, .. } = command else { return Ok(()) };
    let Some(commander) = &incident.commander else { return Ok(()) };
    let mut subjects = vec![incident.subject().to_string()];
    for number in super::links::changes_for(tx, incident.number).await? {
        subjects.push(Subject::Change(number).to_string());
        world.linked_changes.extend(tx.change(number).await?);
    }
    world.heard_at = tx.last_heard(commander, &subjects).await?;
    Ok(())
}

impl App {
    /// Makes what the file newly says of charters their next editions, and asks every member to acknowledge them.
    pub(super) async fn publish_charters(
        &self,
        tx: &mut Tx,
        file: &OrganisationFile,
        caller: &Caller<'_>,
    ) -> Result<(), HandleError> {
        let organisation = tx.organisation().await?;
        let mut events = Vec::new();
        for mut event in file.new_charters(&organisation) {
            if let CharterEvent::Published { team, edition, .. } = &mut event {
                *edition = tx.last_edition(team).await? + 1;
            }
            events.push(Event::Charter(event));
        }
        if events.is_empty() {
            return Ok(());
        }
        let log = tx.tenant_row().await?.log();
        let writes = Writes::State { state: &crate::domain::State::Unchanged, promises: &[] };
        let receipts = self.record(tx, &log, caller, Subject::Organisation, &events, writes).await?;
        let organisation = tx.organisation().await?;
        for receipt in receipts {
            let Some(charter) = organisation.charters.iter().find(|one| one.entry == receipt.seq) else { continue };
            let mut message = self.charter_message(&organisation, charter, "direct/charter")?;
            message.blocks.push(row(vec![acknowledge(charter)]));
            let members: Vec<PersonId> = organisation.members_of(&charter.team).into_iter().cloned().collect();
            tx.enqueue(Job::direct_each(tx.tenant(), members, &format!("charter-{}", charter.entry), &message));
        }
        Ok(())
    }

    /// Whoever leads a team is asked to look at its charter again; where nobody does, the compliance officers hear of it.
    pub(super) fn follow_charters(
        &self,
        tx: &mut Tx,
        teller: &Teller<'_>,
        decision: &Decision,
    ) -> Result<(), HandleError> {
        let organisation = &teller.tenant.organisation;
        for event in &decision.events {
            let (entry, people) = match event {
                Event::Charter(CharterEvent::ReviewDue { charter, team, .. }) => {
                    (*charter, charter_reviewers(organisation, team))
                }
                Event::Charter(CharterEvent::ReviewLate { charter, .. }) => {
                    (*charter, organisation.holding(Role::Compliance))
                }
                _ => continue,
            };
            let Some(charter) = organisation.charters.iter().find(|one| one.entry == entry) else { continue };
            let line = Block::Paragraph { text: teller.line(decision.subject, event)? };
            let mut message = self.charter_message(organisation, charter, "answer/charter")?;
            message.blocks.insert(0, line);
            let press = Press::on(PressAction::ReviewedCharter, Subject::Organisation, Some(entry));
            message.blocks.push(row(vec![button(press, ButtonStyle::Primary)]));
            let key = format!("charter-review-{entry}-{}", decision.at.timestamp());
            tx.enqueue(Job::direct_each(tx.tenant(), people, &key, &message));
        }
        Ok(())
    }

    /// The charter of a team, else all of them in short.
    pub(super) fn charters(
        &self,
        tenant: &Tenant,
        caller: &Caller<'_>,
        team: Option<&str>,
    ) -> Result<Message, HandleError> {
        let organisation = &tenant.organisation;
        let Some(team) = team else {
            let short = |charter: &Charter| {
                let waits = organisation.unacknowledged(charter);
                json!({
                    "team": team_name(organisation, &charter.team), "key": charter.team,
                    "edition": charter.edition.to_string(), "minutes": charter.availability_minutes.to_string(),
                    "successors": charter.succession.len().to_string(), "waits": waits.len().to_string(),
                    "open": !waits.is_empty(),
                })
            };
            let charters: Vec<Value> = organisation.charters.iter().map(short).collect();
            let without = organisation.teams.values().filter(|team| organisation.charter(&team.key).is_none());
            let without: Vec<&str> = without.map(|team| team.name.as_str()).collect();
            let data = json!({ "charters": charters, "without": without });
            return Ok(self.renderer.message("answer/charters", &data, organisation)?);
        };
        let Some(charter) = organisation.charter(team) else {
            let sentence = format!("{} has no charter.", team_name(organisation, team));
            let next = "It is written below the team in the organisation file, as `[team.charter]`.";
            return Ok(slip(&Refusal::slip(sentence, next)));
        };
        let mut message = self.charter_message(organisation, charter, "answer/charter")?;
        let waits = caller.actor.person().is_some_and(|me| organisation.unacknowledged(charter).contains(&me));
        message.blocks.extend(waits.then(|| row(vec![acknowledge(charter)])));
        Ok(message)
    }

    fn charter_message(
        &self,
        organisation: &Organisation,
        charter: &Charter,
        template: &str,
    ) -> Result<Message, HandleError> {
        let is_old = charter.review_due_at() <= self.clock.now();
        let data = json!({
            "team": team_name(organisation, &charter.team), "edition": charter.edition.to_string(),
            "since": charter.published_at, "responsibilities": charter.responsibilities,
            "minutes": charter.availability_minutes.to_string(), "succession": charter.succession,
            "members": organisation.members_of(&charter.team).len().to_string(),
            "acknowledged": acknowledged(organisation, charter).to_string(),
            "waits": organisation.unacknowledged(charter), "old": is_old,
        });
        Ok(self.renderer.message(template, &data, organisation)?)
    }

    /// Pages whoever is to take over from a commander who is silent: the successor, else the duty managers.
    pub(super) fn page_successor(
        &self,
        tx: &Tx,
        tenant: &Tenant,
        incident: &Incident,
        event: &IncidentEvent,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let IncidentEvent::SuccessorPaged { commander, person, minutes } = event else { return Ok(()) };
        let organisation = &tenant.organisation;
        let people = match person {
            Some(person) => vec![person.clone()],
            None => organisation.holding(Role::DutyManager),
        };
        let data = json!({
            "subject": incident.subject(), "priority": incident.priority.to_string(), "title": headline(&incident.title),
            "commander": commander, "minutes": minutes.to_string(), "last": person.is_none(),
        });
        let mut message = self.renderer.message("direct/successor", &data, organisation)?;
        let lead = button(Press::on(PressAction::TakeLead, incident.subject(), None), ButtonStyle::Primary);
        message.blocks.push(row(vec![lead]));
        let key = format!("successor-{}-{}", incident.number, incident.version);
        jobs.extend(Job::direct_each(tx.tenant(), people, &key, &message));
        Ok(())
    }
}

/// What is missing from charters, a sentence each: who has not acknowledged, and which is to be looked at again.
pub(super) fn charter_gaps(organisation: &Organisation, now: chrono::DateTime<chrono::Utc>) -> Vec<String> {
    let mut gaps = Vec::new();
    for charter in &organisation.charters {
        let team = team_name(organisation, &charter.team);
        let waits = organisation.unacknowledged(charter);
        if !waits.is_empty() {
            let names: Vec<String> = waits.iter().map(|person| organisation.name_of(person)).collect();
            gaps.push(format!("the charter of {team} is not acknowledged by {}", names.join(", ")));
        }
        if charter.review_due_at() <= now {
            let since = charter.review_waits_since().map(|at| format!(", asked for {}", at.format("%-d %b %Y")));
            let since = since.unwrap_or_default();
            gaps.push(format!("the charter of {team} is older than a year: look at it again{since}"));
        }
    }
    gaps
}

fn acknowledged(organisation: &Organisation, charter: &Charter) -> usize {
    organisation.members_of(&charter.team).len() - organisation.unacknowledged(charter).len()
}

fn team_name(organisation: &Organisation, key: &str) -> String {
    organisation.teams.get(key).map_or_else(|| key.to_owned(), |team| team.name.clone())
}

/// It is about the edition that it was shown with.
fn acknowledge(charter: &Charter) -> Button {
    button(Press::on(PressAction::AcknowledgeCharter, Subject::Organisation, Some(charter.entry)), ButtonStyle::Primary)
}
