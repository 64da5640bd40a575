//! What a decision makes visible: lines in rooms, cards, rooms, updates. All of it enqueued before the commit.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::answer::Teller;
use super::batches::Around;
use super::cards::{beyond_headline, headline};
use super::freezes::{awaited, calling};
use super::handle::{Caller, HandleError};
use super::reach::{seen_on_cards, told_in_room, urgency};
use super::reminders::reminders;
use super::slots::slot_events;
use super::{App, Tenant};
use crate::domain::decide::LogExport;
use crate::domain::rules::{AudienceKind, ChangeKind, Field, Shown, Viewing, Visibility, shown};
use crate::domain::{
    Account, Change, ChangeEvent, ChangeStatus, Decision, Event, Incident, IncidentEvent, Place, State, Subject,
    Target, Urgency, Workspace,
};
use crate::render::{Block, Message};
use crate::store::{ExportPart, Job, Later, NewSay, Tx};

impl App {
    /// Enqueues everything that follows from a decision.
    pub(super) async fn spread(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        target: &Target,
        decision: &Decision,
    ) -> Result<(), HandleError> {
        // Of a change that is one of many, the batch tells: its card, and a line where it stops.
        let batch = self.batch_around(tx, decision).await?;
        if batch.is_none() && self.spread_apart(tx, tenant, caller, decision).await? {
            return Ok(());
        }
        let incident = incident_of(target, &decision.state);
        let rooms = match incident {
            Some(incident) => self.served(tx.rooms(incident.number).await?),
            None => Vec::new(),
        };
        // A change that belongs to no incident has no war room: its lines go where changes are watched.
        let lines = match (incident, decision.subject) {
            _ if batch.is_some() => Vec::new(),
            (None, Subject::Change(_) | Subject::Policy) => {
                self.served(tenant.organisation.channels(|workspace| workspace.changes_channel.as_ref()))
            }
            _ => rooms.clone(),
        };
        let mut jobs: Vec<Later> = Vec::new();
        let teller = Teller { app: self, tenant, actor: caller.actor };
        for event in &decision.events {
            let notifies = batch.is_none_or(|around| around.speaks_for_its_service);
            if !(notifies && self.tell_notice(tx, &teller, target, decision, event, &lines)?) {
                self.tell(tx, &teller, decision, event, &lines)?;
            }
            match (event, &batch) {
                (Event::Change(event), None) => jobs.extend(reminders(tx.tenant(), decision.subject, event)),
                (Event::Change(event), Some(around)) => self.remind_of_batch(tx, tenant, *around, event).await?,
                _ => {}
            }
            if let (Some(incident), Event::Incident(event)) = (incident, event) {
                self.follow(tx, (tenant, incident, event), &mut jobs).await?;
            }
        }
        if decision.events.iter().any(seen_on_cards) {
            match &batch {
                Some(around) => self.follow_batch(tx, tenant, around.batch),
                None => self.show_cards(tx.tenant(), tenant, decision.subject, incident, &rooms, &mut jobs),
            }
            if let Subject::Freeze(number) = decision.subject {
                self.show_exceptions(tx, tenant, number, &mut jobs).await?;
            }
            if let Subject::Change(number) = decision.subject {
                self.show_in_meetings(tx, number, &mut jobs).await?;
            }
            if tenant.row.homes {
                jobs.push(Job::Homes { tenant: tx.tenant() }.now());
            }
        }
        self.follow_changes(tx, &teller, (target, decision), (batch, &lines), &mut jobs).await?;
        self.follow_people(tx, tenant, caller, decision, &mut jobs).await?;
        self.follow_delegations(tx, tenant, caller, decision, &mut jobs).await?;
        self.follow_policies(tx, &teller, decision).await?;
        App::follow_catalogue(tx, &teller, decision, &mut jobs)?;
        if let (Target::Log(export), Some(account), Some(place)) = (target, caller.actor.account(), caller.place) {
            jobs.push(hand(tx.tenant(), export, account, place, decision.at).now());
        }
        tx.enqueue(jobs);
        Ok(())
    }

    /// What follows from a step for those who have to do with it. `lines`: where its lines go.
    async fn follow_changes(
        &self,
        tx: &mut Tx,
        teller: &Teller<'_>,
        (target, decision): (&Target, &Decision),
        (batch, lines): (Option<Around>, &[Place]),
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let tenant = teller.tenant;
        let is_asked = batch.is_none_or(|around| around.speaks_for_all);
        self.follow_links(tx, tenant, decision, jobs).await?;
        App::look_at_changes(tx, tenant, decision, jobs).await?;
        self.follow_doubts(tx, teller, decision, lines).await?;
        App::ask_for_rating(tx, tenant, decision, jobs);
        App::follow_validations(tx, teller, decision, jobs)?;
        App::follow_failures(tx, tenant, decision, jobs);
        App::follow_rollbacks(tx, teller, target, decision, jobs)?;
        App::follow_holds(tx, teller, decision, is_asked, jobs)?;
        self.follow_halts(tx, teller, target, decision, lines, jobs).await?;
        self.follow_rulings(tx, teller, decision, jobs).await?;
        self.follow_conflicts(tx, teller, decision, jobs).await?;
        let notifies = batch.is_none_or(|around| around.speaks_for_its_service);
        self.follow_notices(tx, teller, decision, notifies, jobs)?;
        App::follow_claims(tx, teller, decision, jobs).await?;
        self.follow_standby(tx, teller, decision, batch, jobs).await?;
        self.follow_rehearsals(tx, teller, decision, jobs)?;
        if is_asked {
            App::follow_reviews(tx, teller, decision, jobs)?;
            App::follow_responsibilities(tx, teller, decision, jobs)?;
        }
        self.follow_asks(tx, tenant, decision, batch, jobs).await?;
        Ok(())
    }

    /// What happens to freezes, meetings and turns is told in ways of its own. Whether that is all there is to tell.
    async fn spread_apart(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        decision: &Decision,
    ) -> Result<bool, HandleError> {
        match &decision.state {
            State::Freeze(freeze) => self.spread_freeze(tx, tenant, caller, freeze, decision).await?,
            State::Meeting(meeting) => self.spread_meeting(tx, tenant, caller, meeting, decision).await?,
            State::Exception(exception) => self.spread_exception(tx, tenant, caller, exception, decision).await?,
            State::Batch(batch) => self.spread_batch(tx, tenant, caller, batch, decision).await?,
            State::Change(change) => {
                let turn = slot_events(decision);
                let is_all = turn.len() == decision.events.len();
                if !turn.is_empty() {
                    self.spread_slot(tx, tenant, caller, change, &turn).await?;
                }
                return Ok(is_all);
            }
            State::Incident(_) | State::Proposal(_) | State::ByEvents | State::Unchanged => {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The line of an event, where it has one, with the buttons that answer it; a review is told where changes are
    /// watched too.
    fn tell(
        &self,
        tx: &mut Tx,
        teller: &Teller<'_>,
        decision: &Decision,
        event: &Event,
        lines: &[Place],
    ) -> Result<(), HandleError> {
        let mut places = lines.to_vec();
        let message = match (event, &decision.state) {
            (Event::Pir(event), State::Change(change)) => {
                let more = self.change_channels(teller.tenant).into_iter().filter(|place| !lines.contains(place));
                places.extend(more);
                App::pir_message(teller, change, event)?
            }
            (Event::Change(ChangeEvent::Validation(of)), State::Change(change)) if told_in_room(event) => {
                App::validation_message(teller, change, of)?
            }
            (Event::Change(ChangeEvent::Rollback(of)), State::Change(change)) => {
                App::rollback_message(teller, change, of)?
            }
            (Event::Change(event), State::Change(change)) if App::has_window_message(event) => {
                App::window_message(teller, change, event)?
            }
            (Event::Change(event), State::Change(change)) if App::concerns_an_owner(change, event) => {
                App::owner_message(teller, change, event)?
            }
            (Event::Incident(IncidentEvent::Draft(draft)), State::Incident(incident)) => {
                App::draft_message(teller, incident, draft)?
            }
            (Event::Incident(IncidentEvent::Reopened { .. }), State::Incident(incident)) => {
                let people = awaited(teller.tenant, incident, decision.at);
                calling(&teller.tenant.organisation, teller.line(decision.subject, event)?, &people)
            }
            (Event::Link(link), _) if link.blames() && !link.unanswered => {
                let blamed = std::slice::from_ref(&link.implementer);
                calling(&teller.tenant.organisation, teller.line(decision.subject, event)?, blamed)
            }
            _ if told_in_room(event) => {
                let line = Block::Paragraph { text: teller.line(decision.subject, event)? };
                Message { blocks: vec![line], ..Message::default() }
            }
            _ => return Ok(()),
        };
        for place in &places {
            self.say(tx, decision.subject, place, urgency(event), &message);
        }
        Ok(())
    }

    /// What follows for people's accounts, and for what is theirs in the log.
    async fn follow_people(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        decision: &Decision,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        for event in &decision.events {
            match event {
                Event::Identity(event) => self.follow_identity(tx, tenant, event, jobs).await?,
                Event::Privacy(event) => {
                    self.follow_privacy(tx, tenant, caller, decision.subject, event, jobs).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A war room in every workspace that is served.
    fn open_rooms(&self, tenant: i64, of: &Tenant, incident: i64) -> Vec<Later> {
        let served = of.organisation.workspaces.iter().filter(|workspace| self.platforms.contains(&workspace.platform));
        let room = |workspace: &Workspace| {
            let (platform, workspace) = (workspace.platform, workspace.id.clone());
            Job::OpenRoom { tenant, incident, platform, workspace }.now()
        };
        served.map(room).collect()
    }

    /// What follows from what happened to an incident.
    async fn follow(
        &self,
        tx: &mut Tx,
        (tenant, incident, event): (&Tenant, &Incident, &IncidentEvent),
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        match event {
            IncidentEvent::Declared { .. } => {
                jobs.extend(self.open_rooms(tx.tenant(), tenant, incident.number));
            }
            IncidentEvent::RoomOpened { place } => self.follow_room(tx, tenant, incident, place, jobs).await?,
            IncidentEvent::LeadSet { .. } => jobs.extend(self.show_undecided(tx, Some(incident.number)).await?),
            IncidentEvent::MajorDeclared { .. } | IncidentEvent::ExposureSet { .. } => {
                jobs.extend(self.invite_again(tx, incident.number).await?);
            }
            IncidentEvent::UpdateSent { slot, late, text, .. } => {
                self.update_audiences(tx, tenant, incident, slot.filter(|_| *late), text.as_deref()).await?;
            }
            IncidentEvent::SuccessorPaged { .. } => self.page_successor(tx, tenant, incident, event, jobs)?,
            IncidentEvent::WordUnmapped { .. }
            | IncidentEvent::PrioritySet { .. }
            | IncidentEvent::StepRequested { .. }
            | IncidentEvent::StepConfirmed { .. }
            | IncidentEvent::StepDeclined { .. }
            | IncidentEvent::StatusSet { .. }
            | IncidentEvent::CommanderHeard { .. }
            | IncidentEvent::NoteAdded { .. }
            | IncidentEvent::DecisionRecorded { .. }
            | IncidentEvent::MajorStoodDown { .. }
            | IncidentEvent::Draft(_)
            | IncidentEvent::Resolved { .. }
            | IncidentEvent::Reopened { .. }
            | IncidentEvent::Cancelled { .. } => {}
        }
        Ok(())
    }

    /// The board votes where the incident is, and officers look after data there: its rooms are opened to them.
    async fn invite_again(&self, tx: &mut Tx, incident: i64) -> Result<Vec<Later>, HandleError> {
        let (tenant, rooms) = (tx.tenant(), tx.rooms(incident).await?);
        Ok(self.served(rooms).into_iter().map(|place| Job::Invite { tenant, incident, place }.now()).collect())
    }

    /// Brings people into a room that was opened, and says there what is known already.
    async fn follow_room(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        incident: &Incident,
        place: &Place,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        jobs.push(Job::Invite { tenant: tx.tenant(), incident: incident.number, place: place.clone() }.now());
        if let Some(suspects) = self.suspects_for_room(tx, tenant, incident).await? {
            self.say(tx, incident.subject(), place, Urgency::Decision, &suspects);
        }
        self.show_running_in_room(tx, tenant, incident, place).await?;
        App::show_failure_in_room(tx, incident, place, jobs).await
    }

    /// One message to every channel of every audience of this incident, fixed now.
    async fn update_audiences(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        incident: &Incident,
        late: Option<chrono::DateTime<chrono::Utc>>,
        text: Option<&str>,
    ) -> Result<(), HandleError> {
        let changes = tx.changes_of_incident(incident.number).await?;
        let audiences: Vec<_> = tenant.organisation.audiences_of(incident.priority, &incident.services).collect();
        for audience in audiences {
            let services: Vec<String> =
                incident.services.iter().map(|key| tenant.organisation.service_name(key)).collect();
            let data = json!({
                "subject": incident.subject(),
                "title": headline(&incident.title),
                "whole_title": beyond_headline(&incident.title),
                "text": text,
                "status": incident.status.as_str(),
                "priority": incident.priority.to_string(),
                "services": services,
                "declared_at": incident.declared_at,
                "changes": changes_phrase(&changes, audience.kind),
                "outcome": incident.outcome.as_ref().filter(|_| is_shown(Field::CauseHypothesis, audience.kind)),
                "next_update": incident.updates.next,
                "audience": audience.name,
                "late": late.is_some(),
                "slot": late,
            });
            let message = self.renderer.message("update/managerial", &data, &tenant.organisation)?;
            for place in self.served(audience.places.iter().map(|(place, _)| place.clone()).collect()) {
                self.say(tx, incident.subject(), &place, Urgency::Update, &message);
            }
        }
        Ok(())
    }

    pub(super) fn say(&self, tx: &mut Tx, subject: Subject, place: &Place, urgency: Urgency, message: &Message) {
        tx.say(NewSay { subject, place: place.clone(), urgency, message: message.clone(), at: self.clock.now() });
    }

    /// Every card that shows something of this record is brought up to date; ten quick changes become one edit.
    fn show_cards(
        &self,
        tenant_id: i64,
        tenant: &Tenant,
        subject: Subject,
        incident: Option<&Incident>,
        rooms: &[Place],
        jobs: &mut Vec<Later>,
    ) {
        let mut show = |subject: Subject, kind: &str, place: &Place| {
            let (kind, place) = (kind.to_owned(), place.clone());
            jobs.push(Job::Show { tenant: tenant_id, subject, kind, place }.now());
        };
        let channels = |of: fn(&Workspace) -> Option<&String>| self.served(tenant.organisation.channels(of));
        if let Some(incident) = incident {
            for room in rooms {
                show(incident.subject(), "incident", room);
            }
        }
        match subject {
            Subject::Incident(_) => {
                for place in channels(|workspace| workspace.incidents_channel.as_ref()) {
                    show(subject, "announcement", &place);
                }
            }
            Subject::Change(_) => {
                for place in rooms.iter().cloned().chain(channels(|workspace| workspace.changes_channel.as_ref())) {
                    show(subject, "change", &place);
                }
            }
            // Its own events are told in `spread_freeze`; here one of its texts was erased.
            Subject::Freeze(_) => {
                for place in rooms.iter().cloned().chain(channels(|workspace| workspace.changes_channel.as_ref())) {
                    show(subject, "freeze", &place);
                }
            }
            Subject::Meeting(_)
            | Subject::Exception(_)
            | Subject::Batch(_)
            | Subject::Organisation
            | Subject::Policy
            | Subject::Deployment => {}
        }
    }

    pub(super) fn served(&self, mut places: Vec<Place>) -> Vec<Place> {
        places.retain(|place| self.platforms.contains(&place.platform));
        places
    }
}

/// Hands an export to whoever asked for it. The moment names it: nobody asks for two at once.
fn hand(tenant: i64, export: &LogExport, account: &Account, place: &Place, at: DateTime<Utc>) -> Job {
    let part = ExportPart {
        of: export.of,
        parts: export.parts.clone(),
        texts: export.with_texts(),
        newest: Some(export.newest),
        since: None,
    };
    let key = at.format("%y%m%dT%H%M%S%3f").to_string();
    Job::Hand { tenant, account: account.clone(), place: place.clone(), key, part: Box::new(part) }
}

/// What an audience hears of changes (rule 4.20): all of it, how many and how risky, how many, or nothing.
fn changes_phrase(changes: &[Change], audience: AudienceKind) -> Option<String> {
    // What is done is not under way any more, also while somebody looks whether it works.
    let is_under_way = |change: &&Change| change.is_open() && change.status != ChangeStatus::Validating;
    let open = changes.iter().filter(is_under_way).count();
    let emergencies = changes.iter().all(|change| change.kind == ChangeKind::Emergency);
    let noun = if emergencies { "emergency change" } else { "change" };
    let count = match (changes.len(), open) {
        (0, _) => return None,
        (1, 1) => format!("one {noun} is under way"),
        (1, 0) => format!("one {noun} was decided"),
        (all, 0) => format!("{all} {noun}s were decided"),
        (all, open) => format!("{open} of {all} {noun}s are under way"),
    };
    let riskiest = changes.iter().map(|change| change.risk.band).max().map(|band| format!("{count}, {band}"));
    match shown(Field::LinkedChanges, audience, Viewing::default()) {
        Shown::Hidden => None,
        Shown::Full | Shown::Reduced(Visibility::CountAndRisk) => riskiest,
        Shown::Reduced(_) => Some(count),
    }
}

fn is_shown(field: Field, audience: AudienceKind) -> bool {
    shown(field, audience, Viewing::default()) != Shown::Hidden
}

/// The incident whose rooms hear of it, as it stands after the decision.
fn incident_of<'a>(target: &'a Target, state: &'a State) -> Option<&'a Incident> {
    match (state, target) {
        (State::Incident(incident), _) => Some(incident),
        (
            State::Change(_)
            | State::Freeze(_)
            | State::Meeting(_)
            | State::Exception(_)
            | State::Batch(_)
            | State::Proposal(_)
            | State::ByEvents
            | State::Unchanged,
            target,
        ) => match target {
            Target::Incident(incident) => Some(incident),
            Target::New { near: incident, .. } | Target::Change { incident, .. } | Target::Freeze { incident, .. } => {
                incident.as_ref()
            }
            Target::Privacy(target) => target.incident.as_ref(),
            Target::Meeting(_)
            | Target::Exception(_)
            | Target::Batch(_)
            | Target::Organisation { .. }
            | Target::Proposal { .. }
            | Target::Feed(_)
            | Target::Log(_) => None,
        },
    }
}
