//! What people say to the notices of a change: whoever asked for it hears of an objection at once, owners who have said
//! nothing are reminded, and `/change plan notices` shows who knows.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::answer::Teller;
use super::cards::{change_button, headline, row};
use super::handle::{Caller, HandleError};
use super::notices::{mark_of_kind, sent_word};
use super::questions::slip;
use super::{App, Tenant};
use crate::domain::decide::notices_ahead;
use crate::domain::policy::NoticeMark;
use crate::domain::{
    Change, ChangeStatus, Decision, Event, NoticeAnswer, NoticeEvent, Organisation, PersonId, State, Subject,
};
use crate::language::presses::PressAction;
use crate::render::{Block, ButtonStyle, Message};
use crate::store::{Job, Later, LogEntry, Tx};

/// Entries that are read at once.
const LOG_CHUNK: i64 = 500;
/// Notices, and answers to them, that are shown; the log has all.
const SHOWN: usize = 15;

impl App {
    /// Enqueues what follows from an answer, or from none, for those whom it concerns. `notifies`: whether owners hear of this
    /// change; of a batch, one change speaks for its service.
    pub(super) fn follow_notices(
        &self,
        tx: &mut Tx,
        teller: &Teller<'_>,
        decision: &Decision,
        notifies: bool,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let State::Change(change) = &decision.state else { return Ok(()) };
        for event in &decision.events {
            let Event::Notice(of) = event else { continue };
            let own = [change.requester.clone(), change.implementer.clone()];
            let (people, message) = match of {
                NoticeEvent::Acknowledged { .. } => continue,
                NoticeEvent::Previewed { until, people, .. } => {
                    let message = self.notice_preview(teller.tenant, change, *until)?;
                    let key = format!("preview-{}-{}", change.number, change.revision);
                    jobs.extend(Job::direct_each(tx.tenant(), people.clone(), &key, &message));
                    continue;
                }
                NoticeEvent::Sent { text, .. } => {
                    self.tell_audiences(tx, teller.tenant, change, &sent_word(change, text.as_deref()))?;
                    continue;
                }
                NoticeEvent::Reminded { .. } if !notifies => continue,
                NoticeEvent::Reminded { owners, .. } => {
                    let organisation = &teller.tenant.organisation;
                    let stand_in = |owner: &PersonId| organisation.delegate_of(owner, decision.at).cloned();
                    let people = owners.iter().filter_map(stand_in).chain(owners.iter().cloned()).collect();
                    (people, self.reminder(teller.tenant, change)?)
                }
                NoticeEvent::Objected { .. } => (own.to_vec(), answered(teller, decision, event, change)?),
                NoticeEvent::Settled { of, .. } | NoticeEvent::Unsettled { of, .. } => {
                    let people = own.into_iter().chain([of.clone()]).collect();
                    (people, answered(teller, decision, event, change)?)
                }
            };
            let mut others: Vec<PersonId> = people;
            others.sort();
            others.dedup();
            others.retain(|person| teller.actor.person() != Some(person));
            let key = format!("notice-{}-{}", change.number, change.version);
            jobs.extend(Job::direct_each(tx.tenant(), others, &key, &message));
        }
        Ok(())
    }

    fn reminder(&self, tenant: &Tenant, change: &Change) -> Result<Message, HandleError> {
        let data = json!({
            "subject": change.subject(), "title": headline(&change.title), "impact": headline(&change.impact),
            "service": tenant.organisation.services_of(change),
            "from": change.window.map(|window| window.opens), "until": change.window.map(|window| window.closes),
        });
        let mut message = self.renderer.message("direct/notice_reminder", &data, &tenant.organisation)?;
        message.blocks.push(row(vec![
            change_button(change, PressAction::Acknowledge, ButtonStyle::Primary),
            change_button(change, PressAction::ObjectChange, ButtonStyle::Plain),
            change_button(change, PressAction::Details, ButtonStyle::Plain),
        ]));
        Ok(message)
    }

    /// Which notices of a change went out, to whom, who has acknowledged it, and what is still to come.
    pub(super) async fn change_notices(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Message, HandleError> {
        let change = match self.change_meant(tx, caller, named).await? {
            Ok(change) => change,
            Err(refusal) => return Ok(slip(&refusal)),
        };
        let organisation = &tenant.organisation;
        let mut answers = Vec::new();
        for answer in change.answers.iter().take(SHOWN) {
            answers.push(answer_data(organisation, answer, why_of(tx, &change, answer).await?.as_deref()));
        }
        let told = organisation.owners_told(&change);
        answers.extend(
            told.iter().filter(|owner| unsaid(&change, owner)).map(|owner| silent_data(organisation, &change, owner)),
        );
        let owners: Vec<String> = told.iter().map(|owner| organisation.name_of(owner)).collect();
        let audiences: Vec<&str> =
            organisation.audiences_of_change(&change).map(|audience| audience.name.as_str()).collect();
        let data = json!({
            "subject": change.subject(), "title": headline(&change.title),
            "service": organisation.services_of(&change), "owners": owners, "audiences": audiences,
            "sent": sent(tx, tenant, &change).await?, "ahead": ahead(tenant, &change, self.clock.now()),
            "answers": answers, "must": organisation.must_acknowledge(&change),
            "waits": change.status == ChangeStatus::AwaitingApproval,
        });
        let mut message = self.renderer.message("answer/notices", &data, organisation)?;
        message.blocks.extend(own_buttons(organisation, &change, caller));
        Ok(message)
    }
}

/// What can be said to it by whoever asks.
fn own_buttons(organisation: &Organisation, change: &Change, caller: &Caller<'_>) -> Option<Block> {
    let me = caller.actor.person().filter(|_| change.is_told())?;
    let objects = change.objection_of(me).is_some();
    let may_object = !objects && organisation.owners_told(change).contains(me);
    let asks = !change.is_own(me) && change.acknowledged_by(me).is_none();
    let button = |action, style| change_button(change, action, style);
    let buttons: Vec<_> = asks
        .then(|| button(PressAction::Acknowledge, ButtonStyle::Primary))
        .into_iter()
        .chain(may_object.then(|| button(PressAction::ObjectChange, ButtonStyle::Plain)))
        .chain(objects.then(|| button(PressAction::TakeBack, ButtonStyle::Plain)))
        .collect();
    (!buttons.is_empty()).then(|| row(buttons))
}

/// The line, with what whoever is held up can do.
fn answered(teller: &Teller<'_>, decision: &Decision, event: &Event, change: &Change) -> Result<Message, HandleError> {
    let line = Block::Paragraph { text: teller.line(decision.subject, event)? };
    let waits = change.is_held_by_objection() && change.open_escalation().is_none();
    let escalate = waits.then(|| change_button(change, PressAction::Escalate, ButtonStyle::Plain));
    let details = change_button(change, PressAction::Details, ButtonStyle::Plain);
    let buttons = row(escalate.into_iter().chain([details]).collect());
    Ok(Message { blocks: vec![line, buttons], ..Message::default() })
}

/// Whether an owner has neither acknowledged it nor objected.
fn unsaid(change: &Change, owner: &PersonId) -> bool {
    change.acknowledged_by(owner).is_none() && change.objection_of(owner).is_none()
}

fn silent_data(organisation: &Organisation, change: &Change, owner: &PersonId) -> Value {
    let what = if change.is_known_to(owner) { "agreed to it" } else { "has said nothing yet" };
    json!({ "who": organisation.name_of(owner), "what": what, "at": null, "why": null })
}

fn answer_data(organisation: &Organisation, answer: &NoticeAnswer, why: Option<&str>) -> Value {
    let who = organisation.name_of(&answer.person);
    json!({ "who": who, "what": answer.state.phrase(), "at": answer.at, "why": why })
}

/// Who objects, and why, for whoever rules.
pub(super) async fn objection_reasons(
    tx: &mut Tx,
    tenant: &Tenant,
    change: &Change,
) -> Result<Vec<String>, HandleError> {
    let mut reasons = Vec::new();
    for objection in change.open_objections().take(SHOWN) {
        let name = tenant.organisation.name_of(&objection.person);
        let why = why_of(tx, change, objection).await?;
        reasons.push(why.map_or_else(|| name.clone(), |why| format!("{name}: {why}")));
    }
    Ok(reasons)
}

/// Why somebody objects: as the entry says that objects, unless that is erased.
async fn why_of(tx: &mut Tx, change: &Change, answer: &NoticeAnswer) -> Result<Option<String>, HandleError> {
    if !answer.is_open() {
        return Ok(None);
    }
    // A chain has no gaps: an entry's place in it is its number.
    let page = tx.log_page(&[change.subject()], i64::from(answer.answered) - 1, 1).await?;
    let said = page.entries.first().and_then(|entry| entry.data.get("why")).and_then(Value::as_str);
    Ok(said.map(str::to_owned))
}

/// The notices that went out, by the entries that they told of; the newest where there are many.
async fn sent(tx: &mut Tx, tenant: &Tenant, change: &Change) -> Result<Vec<Value>, HandleError> {
    let (mut sent, mut was_told, mut read) = (Vec::new(), false, 0);
    let planned = tenant.policy.notices.of(change.kind);
    loop {
        let page = tx.log_page(&[change.subject()], read, LOG_CHUNK).await?;
        for entry in &page.entries {
            let mark = mark_of_kind(&entry.kind, was_told);
            let is_told = mark.is_some_and(|mark| mark.is_ahead() || planned.contains(&mark));
            if is_told || ["notice.reminded", "notice.sent"].contains(&entry.kind.as_str()) {
                sent.push(json!({ "at": entry.at, "what": told_of(entry) }));
            }
            was_told = match entry.kind.as_str() {
                "change.approved" => true,
                "change.revised" => false,
                _ => was_told,
            };
        }
        read += LOG_CHUNK;
        if read >= page.total {
            break;
        }
    }
    Ok(sent.split_off(sent.len().saturating_sub(SHOWN)))
}

fn told_of(entry: &LogEntry) -> String {
    let left = || entry.data.get("left").and_then(Value::as_str);
    match entry.kind.as_str() {
        "change.approved" => "it is approved".to_owned(),
        "change.scheduled" => "it has a window".to_owned(),
        "change.announced" => left().map_or_else(|| "it may run".to_owned(), |left| format!("it begins in {left}")),
        "change.started" => "it begins".to_owned(),
        "change.resumed" => "it goes on".to_owned(),
        "change.done" => "it is done".to_owned(),
        "change.rolled_back" => "it is taken back".to_owned(),
        "change.halted" => "it is halted".to_owned(),
        "change.revised" => "it is planned anew".to_owned(),
        "change.withdrawn" => "it is called off".to_owned(),
        _ => "owners who have said nothing are reminded".to_owned(),
    }
}

/// What is still to come, as the policy has it now.
fn ahead(tenant: &Tenant, change: &Change, now: DateTime<Utc>) -> Vec<Value> {
    let plan = tenant.policy.notices.of(change.kind);
    let coming = notices_ahead(&tenant.organisation, &tenant.policy, change, now).into_iter();
    let mut ahead: Vec<Value> =
        coming.map(|(at, span)| json!({ "what": format!("{span} before"), "at": at })).collect();
    let has_begun = change.started_at.is_some();
    let is_over = !change.is_open() || change.ended_at.is_some();
    let mut also = |mark: NoticeMark, comes: bool, what: &str| {
        if comes && plan.contains(&mark) {
            ahead.push(json!({ "what": what, "at": null }));
        }
    };
    also(NoticeMark::Approval, change.status == ChangeStatus::AwaitingApproval, "its approval");
    also(NoticeMark::Start, !has_begun && !is_over, "its start");
    also(NoticeMark::End, !is_over, "its end");
    ahead
}
