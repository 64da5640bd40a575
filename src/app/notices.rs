//! What the owners of what a change touches are told of it, in the changes' channels: that it was agreed to, is ahead,
//! begins and ends, is moved or taken back.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::answer::{Teller, told};
use super::cards::{change_button, headline, row};
use super::freezes::calling;
use super::handle::HandleError;
use super::{App, Tenant};
use crate::domain::event::HaltEvent;
use crate::domain::policy::NoticeMark;
use crate::domain::rules::{ChangeKind, Field, Shown, Viewing, shown};
use crate::domain::{
    Audience, Change, ChangeEvent, ChangeStatus, Decision, Event, PersonId, Place, State, Subject, Target, Urgency,
};
use crate::language::presses::PressAction;
use crate::render::{Block, Button, ButtonStyle, Message};
use crate::store::{Job, Tx};

/// People whom one notice calls.
const CALLED_MAX: usize = 10;

impl App {
    /// Tells it, where it is a notice: to the owners in the changes' channels, and to the room without calling anybody.
    pub(super) fn tell_notice(
        &self,
        tx: &mut Tx,
        teller: &Teller<'_>,
        target: &Target,
        decision: &Decision,
        event: &Event,
        rooms: &[Place],
    ) -> Result<bool, HandleError> {
        let (Event::Change(of), State::Change(change)) = (event, &decision.state) else { return Ok(false) };
        let Some(mark) = mark_of(of, before(target, change)) else { return Ok(false) };
        if !is_planned(teller.tenant, change, mark) {
            return Ok(false);
        }
        let line = teller.line(decision.subject, event)?;
        let plain = Message { blocks: vec![Block::Paragraph { text: line.clone() }], ..Message::default() };
        let mut notice = calling(&teller.tenant.organisation, line, &called(teller, change));
        notice.blocks.extend(self.about(teller.tenant, change, of)?);
        notice.blocks.extend(owner_buttons(teller.tenant, change, of));
        let channels = self.change_channels(teller.tenant);
        for room in rooms.iter().filter(|room| !channels.contains(room)) {
            self.say(tx, decision.subject, room, Urgency::Decision, &plain);
        }
        for channel in &channels {
            self.say(tx, decision.subject, channel, Urgency::Decision, &notice);
        }
        if let Some(word) = word_of(change, before(target, change), of) {
            self.tell_audiences(tx, teller.tenant, change, &word)?;
        }
        App::tell_of_nobody(tx, teller, change, of);
        Ok(true)
    }

    /// Tells it to the audiences that subscribe to changes of its services, each as far as it may read (rule 4.20).
    pub(super) fn tell_audiences(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        change: &Change,
        word: &Word<'_>,
    ) -> Result<(), HandleError> {
        for audience in tenant.organisation.audiences_of_change(change) {
            let mut message = self.audience_message(tenant, change, audience, word)?;
            message.blocks.extend(acknowledge_button(tenant, change, word.asks).map(|button| row(vec![button])));
            for place in self.served(audience.places.iter().map(|(place, _)| place.clone()).collect()) {
                self.say(tx, change.subject(), &place, Urgency::Update, &message);
            }
        }
        Ok(())
    }

    fn audience_message(
        &self,
        tenant: &Tenant,
        change: &Change,
        audience: &Audience,
        word: &Word<'_>,
    ) -> Result<Message, HandleError> {
        let is_technical = shown(Field::TechnicalDetail, audience.kind, Viewing::default()) == Shown::Full;
        let window = change.window.filter(|_| word.is_ahead);
        let own_words = |text| Some(text).filter(|_| word.text.is_none());
        let data = json!({
            "what": word.what, "subject": change.subject(), "audience": audience.name, "text": word.text,
            "service": tenant.organisation.services_of(change),
            "title": is_technical.then(|| headline(&change.title)),
            "from": window.map(|window| window.opens), "until": window.map(|window| window.closes),
            "impact": own_words(&change.impact).filter(|_| word.is_ahead),
            "incident": change.incident.map(Subject::Incident),
            "why": own_words(&change.why_now).filter(|_| word.is_unplanned),
            "rollback": (word.is_unplanned && is_technical).then_some(&change.rollback_plan),
        });
        Ok(self.renderer.message("update/change_audience", &data, &tenant.organisation)?)
    }

    /// What the audiences are about to be told, for whoever speaks with them: as one of them will read it.
    pub(super) fn notice_preview(
        &self,
        tenant: &Tenant,
        change: &Change,
        until: DateTime<Utc>,
    ) -> Result<Message, HandleError> {
        let organisation = &tenant.organisation;
        let audiences: Vec<&Audience> = organisation.audiences_of_change(change).collect();
        let names: Vec<&str> = audiences.iter().map(|audience| audience.name.as_str()).collect();
        let data = json!({ "subject": change.subject(), "audiences": names, "until": until });
        let mut message = self.renderer.message("direct/notice_preview", &data, organisation)?;
        if let Some(audience) = audiences.first() {
            message.blocks.extend(self.audience_message(tenant, change, audience, &sent_word(change, None))?.blocks);
        }
        message.blocks.push(row(vec![
            change_button(change, PressAction::SendNotice, ButtonStyle::Primary),
            change_button(change, PressAction::EditNotice, ButtonStyle::Plain),
            change_button(change, PressAction::Details, ButtonStyle::Plain),
        ]));
        Ok(message)
    }

    /// Whoever asked for a change that nobody is told of is told that.
    fn tell_of_nobody(tx: &mut Tx, teller: &Teller<'_>, change: &Change, event: &ChangeEvent) {
        let organisation = &teller.tenant.organisation;
        let is_heard =
            !organisation.owners_told(change).is_empty() || organisation.audiences_of_change(change).next().is_some();
        if is_heard || !matches!(event, ChangeEvent::Approved { .. }) {
            return;
        }
        let (id, service) = (change.subject(), organisation.services_of(change));
        let message = told(&format!(
            "Nobody else is told of {id}: {service} and what depends on it have no other owner, and no audience subscribes \
             to changes there. Tell those whom it concerns yourself; an administrator can add `changes = true` to an audience."
        ));
        let key = format!("nobody-{}-{}", change.number, change.revision);
        tx.enqueue(Job::direct_each(tx.tenant(), [change.requester.clone()], &key, &message));
    }

    /// What it is, for whoever has not followed it.
    fn about(&self, tenant: &Tenant, change: &Change, event: &ChangeEvent) -> Result<Vec<Block>, HandleError> {
        let is_given = matches!(event, ChangeEvent::Approved { .. }) && change.kind != ChangeKind::Emergency;
        let window = change.window.filter(|_| is_given);
        let is_ahead = change.is_open().then(|| headline(&change.impact));
        let data = json!({
            "title": headline(&change.title), "service": tenant.organisation.services_of(change),
            "from": window.map(|window| window.opens), "until": window.map(|window| window.closes), "impact": is_ahead,
        });
        Ok(self.renderer.message("update/change_notice", &data, &tenant.organisation)?.blocks)
    }
}

/// The change as it was, where it is the one that something was said of.
pub(super) fn before<'a>(target: &'a Target, change: &Change) -> Option<&'a Change> {
    match target {
        Target::Change { change: before, .. } if before.number == change.number => Some(before),
        _ => None,
    }
}

/// Whether the policy has it told of a change of this kind. What was announced was planned when it was.
fn is_planned(tenant: &Tenant, change: &Change, mark: NoticeMark) -> bool {
    mark.is_ahead() || tenant.policy.notices.of(change.kind).contains(&mark)
}

/// Which notice an event is; `None` where it is none. What is moved or taken back concerns others only once they were told
/// of it.
fn mark_of(event: &ChangeEvent, before: Option<&Change>) -> Option<NoticeMark> {
    let was_told = before.is_some_and(|before| before.status != ChangeStatus::AwaitingApproval);
    mark_of_kind(event.draft().kind, was_told)
}

/// The same, of an entry of the log.
pub(super) fn mark_of_kind(kind: &str, was_told: bool) -> Option<NoticeMark> {
    Some(match kind {
        "change.approved" | "change.scheduled" => NoticeMark::Approval,
        "change.announced" => NoticeMark::Ahead,
        "change.started" | "change.resumed" => NoticeMark::Start,
        "change.done" | "change.rolled_back" | "change.halted" => NoticeMark::End,
        "change.revised" if was_told => NoticeMark::Moved,
        "change.withdrawn" if was_told => NoticeMark::Cancelled,
        _ => return None,
    })
}

/// What an owner can say to the notice of what is ahead.
fn owner_buttons(tenant: &Tenant, change: &Change, event: &ChangeEvent) -> Option<Block> {
    if !tells_what_is_ahead(event) || tenant.organisation.owners_told(change).is_empty() {
        return None;
    }
    let object = change_button(change, PressAction::ObjectChange, ButtonStyle::Plain);
    Some(row(acknowledge_button(tenant, change, true).into_iter().chain([object]).collect()))
}

/// What touches a service of tier 1 is to be acknowledged (rule 4.38).
fn acknowledge_button(tenant: &Tenant, change: &Change, tells_what_is_ahead: bool) -> Option<Button> {
    let asks = tells_what_is_ahead && tenant.organisation.must_acknowledge(change);
    asks.then(|| change_button(change, PressAction::Acknowledge, ButtonStyle::Primary))
}

fn tells_what_is_ahead(event: &ChangeEvent) -> bool {
    matches!(event, ChangeEvent::Approved { .. } | ChangeEvent::Scheduled { .. } | ChangeEvent::Announced { .. })
}

/// Who owns the service or one that depends on it; not whoever asked for the change, carries it out, or acts just now.
fn called(teller: &Teller<'_>, change: &Change) -> Vec<PersonId> {
    let mut called = teller.tenant.organisation.owners_told(change);
    called.retain(|owner| teller.actor.person() != Some(owner));
    called.truncate(CALLED_MAX);
    called
}

/// What audiences are told of a change.
pub(super) struct Word<'a> {
    what: String,
    /// It is still to come, or under way.
    is_ahead: bool,
    /// They did not know that it would come.
    is_unplanned: bool,
    /// In place of what it means, and why it cannot wait.
    text: Option<&'a str>,
    /// Whether they are asked to acknowledge it.
    asks: bool,
}

/// What they are told of an event; `None`: nothing now. While the first word waits for a look, what follows waits with it.
fn word_of(change: &Change, before: Option<&Change>, event: &ChangeEvent) -> Option<Word<'static>> {
    if change.preview.is_some() {
        return None;
    }
    let what = in_audiences_words(change, event)?;
    // What is done is over for them, also while somebody looks whether it works.
    let is_done = matches!(event, ChangeEvent::Done { .. });
    let is_approval = matches!(event, ChangeEvent::Approved { .. });
    let was_unsaid = before.is_some_and(|before| before.preview.is_some());
    let is_unplanned = change.kind == ChangeKind::Emergency && (is_approval || was_unsaid);
    let is_ahead = change.is_open() && !is_done;
    Some(Word { what, is_ahead, is_unplanned, text: None, asks: tells_what_is_ahead(event) })
}

/// What they are told once somebody has looked at it, or its time has come.
pub(super) fn sent_word<'a>(change: &Change, text: Option<&'a str>) -> Word<'a> {
    let begun = change.status == ChangeStatus::Implementing;
    let what = if begun { "Unplanned change under way" } else { "Unplanned change" }.to_owned();
    Word { what, is_ahead: true, is_unplanned: true, text, asks: true }
}

/// What an audience is told of it; `None`: nothing yet, since it has no window.
fn in_audiences_words(change: &Change, event: &ChangeEvent) -> Option<String> {
    let said = match event {
        ChangeEvent::Approved { .. } if change.kind == ChangeKind::Emergency => "Unplanned change",
        ChangeEvent::Approved { window: None, .. } => return None,
        ChangeEvent::Approved { .. } | ChangeEvent::Scheduled { .. } => "Planned change",
        ChangeEvent::Announced { left: Some(left), .. } => return Some(format!("Planned change in {left}")),
        ChangeEvent::Started => "Change under way",
        ChangeEvent::Done { .. } => "Change done",
        ChangeEvent::RolledBack { .. } => "Change taken back",
        ChangeEvent::Withdrawn { .. } => "Change called off",
        ChangeEvent::Revised(_) => "Change planned anew, not at the time that was said",
        ChangeEvent::Halt(HaltEvent::Halted { .. }) => "Change stopped",
        ChangeEvent::Halt(HaltEvent::Resumed { .. }) => "Change goes on",
        _ => return None,
    };
    Some(said.to_owned())
}
