//! Cards: the newest state of a record, with its buttons. Nothing of them is stored; they are rendered when shown.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::halts::halt_data;
use super::handle::HandleError;
use super::holds::{hold_buttons, hold_data};
use super::links::links_data;
use super::plans::{plan_data, steps_phrase};
use super::rollbacks::{back_button, step_buttons, walk_data};
use super::rulings::{escalate_button, escalation_data};
use super::seats::seats_data;
use super::validations::{validation_buttons, validation_data};
use super::{App, Tenant};
use crate::domain::rules::{ChangeKind, Exposure, Gate, Priority, Touches, VotePolicyName};
use crate::domain::{
    Change, ChangeStatus, ContingencyPlan, Incident, IncidentStatus, PendingStep, PersonId, Place, Platform, Retro,
    Subject, Vote, Window,
};
use crate::language::presses::{Press, PressAction};
use crate::render::cut::first_chars;
use crate::render::{Block, Button, ButtonStyle, Message};
use crate::store::Tx;

/// The message of a card as the state stands now; `None` where its record is gone or the kind is unknown.
pub async fn card_message(
    app: &App,
    tx: &mut Tx,
    subject: Subject,
    kind: &str,
    place: &Place,
) -> Result<Option<Message>, HandleError> {
    let tenant = app.tenant(tx).await?;
    match (kind, subject) {
        ("incident", Subject::Incident(number)) => app.incident_card(tx, &tenant, number).await,
        ("announcement", Subject::Incident(number)) => app.announcement(tx, &tenant, number, place.platform).await,
        ("change" | "ask", Subject::Change(number)) => app.change_card(tx, &tenant, number).await,
        ("running", Subject::Change(number)) => app.running_card(tx, &tenant, number, place).await,
        ("freeze", Subject::Freeze(number)) => app.freeze_card(tx, &tenant, number).await,
        ("meeting", Subject::Meeting(number)) => app.meeting_card(tx, &tenant, number).await,
        ("batch", Subject::Batch(number)) => app.batch_card(tx, &tenant, number).await,
        ("override", Subject::Change(number)) => app.override_card(tx, &tenant, number).await,
        _ => Ok(None),
    }
}

impl App {
    pub(super) async fn incident_card(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        number: i64,
    ) -> Result<Option<Message>, HandleError> {
        let Some(incident) = tx.incident(number).await? else { return Ok(None) };
        let changes = tx.changes_of_incident(number).await?;
        let mut data = incident_data(tenant, &incident, self.clock.now());
        let on_call = tenant.organisation.on_call_of(&incident.services, self.clock.now());
        data["on_call"] = json!(on_call.iter().take(ON_CALL_SHOWN).collect::<Vec<_>>());
        data["on_call_others"] = others(on_call.len(), ON_CALL_SHOWN);
        data["pending"] = pending_data(&incident);
        data["unmapped"] = json!(self.unmapped_of(tx, &incident).await?);
        data["changes"] = changes
            .iter()
            .map(|change| json!({"subject": change.subject(), "title": headline(&change.title), "status": change.status.phrase()}))
            .collect();
        data["links"] = json!(links_data(&tx.links_of_incident(number).await?, |link| Subject::Change(link.change)));
        data["drafts"] = json!(super::drafts::drafts_data(tenant, &incident));
        let mut message = self.renderer.message("card/incident", &data, &tenant.organisation)?;
        message.accent = Some(accent(&incident));
        message.rest = Some("/change list".to_owned());
        message.blocks.extend(incident_buttons(&incident));
        Ok(Some(message))
    }

    /// What the incidents' channel shows: short, with the way into the room of its own platform.
    async fn announcement(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        number: i64,
        platform: Platform,
    ) -> Result<Option<Message>, HandleError> {
        let Some(incident) = tx.incident(number).await? else { return Ok(None) };
        let rooms = tx.rooms(number).await?;
        let mut data = incident_data(tenant, &incident, self.clock.now());
        data["room"] = json!(rooms.iter().find(|room| room.platform == platform));
        data["room_name"] = json!(incident.room_name());
        let mut message = self.renderer.message("card/announcement", &data, &tenant.organisation)?;
        message.accent = Some(accent(&incident));
        Ok(Some(message))
    }

    pub(super) async fn change_card(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        number: i64,
    ) -> Result<Option<Message>, HandleError> {
        let Some(change) = tx.change(number).await? else { return Ok(None) };
        let incident = match change.incident {
            Some(incident) => tx.incident(incident).await?,
            None => None,
        };
        let mut data = change_data(tenant, &change, incident.as_ref(), self.clock.now());
        data["links"] = json!(links_data(&tx.links_of_change(number).await?, |link| Subject::Incident(link.incident)));
        data["exceptions"] = self.exceptions_of(tx, tenant, &change).await?;
        data["standby"] = self.standby_on_card(tenant, &change);
        data["wanted"] = super::peer_reviews::wanted(tx, &change).await?;
        data["rehearsal"] = super::rehearsals::on_a_card(&change);
        let mut message = self.renderer.message("card/change", &data, &tenant.organisation)?;
        message.accent = Some(change_accent(change.status));
        message.rest = Some(format!("/cab status {}", change.subject()));
        message.blocks.extend(change_buttons(&change));
        Ok(Some(message))
    }
}

fn incident_data(tenant: &Tenant, incident: &Incident, now: DateTime<Utc>) -> Value {
    let services: Vec<String> = incident.services.iter().map(|key| tenant.organisation.service_name(key)).collect();
    json!({
        "subject": incident.subject(),
        "title": headline(&incident.title),
        "whole_title": beyond_headline(&incident.title),
        "status": incident.status.as_str(),
        "priority": incident.priority.to_string(),
        "computed": incident.computed.filter(|computed| *computed != incident.priority).map(|p| p.to_string()),
        "services": services,
        "commander": incident.commander,
        "without_liaison": incident.is_open() && tenant.organisation.liaisons(&incident.services).is_empty(),
        "exposure": exposure_shown(incident),
        "major_at": incident.major_at, "stood_down_at": incident.stood_down_at,
        "declared_at": incident.declared_at,
        "by": incident.declared_by.as_ref().map_or("somebody", |person| person.as_str()),
        "by_name": "somebody",
        "next_update": incident.updates.next,
        "outcome": incident.outcome, "fields": super::custom_fields::data(&incident.fields),
        "checklist": super::checklists::progress(&incident.checklist, incident.evidence_as_of(now)),
    })
}

/// Nothing where none is marked.
pub(super) fn exposure_shown(incident: &Incident) -> Option<&'static str> {
    (incident.exposure != Exposure::None).then(|| incident.exposure.as_str())
}

/// Characters of a title that stand in a heading beside number and priority: Slack's holds 150.
const HEADLINE_MAX: usize = 110;
/// People on call that a card names.
const ON_CALL_SHOWN: usize = 10;
/// Voters that are shown one by one; of more, who voted how.
const VOTERS_SHOWN: usize = 15;
/// Open concerns that are told on a card; the log has all.
const CONCERNS_SHOWN: usize = 5;
/// People of one choice that are named.
const GROUP_SHOWN: usize = 80;

/// A title as far as a heading holds it.
pub(super) fn headline(title: &str) -> String {
    let short = first_chars(title, HEADLINE_MAX);
    if short.len() == title.len() { title.to_owned() } else { format!("{short}…") }
}

/// All of a title, where the heading could not hold it.
pub(super) fn beyond_headline(title: &str) -> Option<&str> {
    (title.chars().count() > HEADLINE_MAX).then_some(title)
}

/// How many there are beside those that are shown; nothing where that is all.
pub(super) fn others(all: usize, shown: usize) -> Value {
    if all > shown { json!((all - shown).to_string()) } else { Value::Null }
}

fn pending_data(incident: &Incident) -> Value {
    match &incident.pending {
        None => Value::Null,
        Some(pending) => {
            let to = match pending.step {
                PendingStep::Lower(to) => Some(to.to_string()),
                PendingStep::Cancel | PendingStep::Major => None,
            };
            let is_major = pending.step == PendingStep::Major;
            json!({"by": pending.by, "to": to, "major": is_major, "why": pending.why})
        }
    }
}

fn incident_buttons(incident: &Incident) -> Vec<Block> {
    let button = |action, style| button(Press::on(action, incident.subject(), None), style);
    if incident.status == IncidentStatus::Resolved {
        return vec![row(vec![button(PressAction::Reopen, ButtonStyle::Plain)])];
    }
    if !incident.is_open() {
        return Vec::new();
    }
    let lead = if incident.commander.is_none() { ButtonStyle::Primary } else { ButtonStyle::Plain };
    let mut rows = vec![Block::Actions {
        buttons: vec![
            button(PressAction::TakeLead, lead),
            button(PressAction::Update, ButtonStyle::Plain),
            button(PressAction::Severity, ButtonStyle::Plain),
            button(PressAction::Change, ButtonStyle::Plain),
            button(PressAction::Resolve, ButtonStyle::Plain),
        ],
    }];
    let mut asked = Vec::new();
    if !incident.checklist.is_empty() {
        asked.push(button(PressAction::IncidentChecklist, ButtonStyle::Plain));
    }
    if incident.fields.missing(Gate::Close).next().is_some() {
        asked.push(button(PressAction::FillInIncident, ButtonStyle::Plain));
    }
    if !asked.is_empty() {
        rows.push(row(asked));
    }
    if incident.pending.is_some() {
        rows.push(Block::Actions {
            buttons: vec![
                button(PressAction::Confirm, ButtonStyle::Primary),
                button(PressAction::Decline, ButtonStyle::Danger),
            ],
        });
    }
    rows
}

/// Red while business stops, grey once it is over.
fn accent(incident: &Incident) -> u32 {
    match (incident.is_open(), incident.priority) {
        (false, _) => 0x6B_72_80,
        (true, Priority::P1) => 0xDC_26_26,
        (true, Priority::P2) => 0xEA_58_0C,
        (true, Priority::P3) => 0xCA_8A_04,
        (true, Priority::P4) => 0x25_63_EB,
    }
}

fn change_accent(status: ChangeStatus) -> u32 {
    match status {
        ChangeStatus::AwaitingApproval | ChangeStatus::OnHold => 0xCA_8A_04,
        ChangeStatus::Approved | ChangeStatus::Queued | ChangeStatus::Implementing | ChangeStatus::Validating => {
            0x25_63_EB
        }
        ChangeStatus::Completed => 0x16_A3_4A,
        ChangeStatus::Halted
        | ChangeStatus::WindowExpired
        | ChangeStatus::Failed
        | ChangeStatus::Rejected
        | ChangeStatus::ApprovalExpired => 0xDC_26_26,
        ChangeStatus::RolledBack | ChangeStatus::Cancelled => 0x6B_72_80,
    }
}

/// When, by whom and by whose word it was made, and what shows it.
fn retro_data(change: &Change, retro: &Retro) -> Value {
    json!({
        "from": change.started_at.filter(|from| Some(*from) != change.ended_at), "made": change.ended_at, "by": change.implementer, "allowed_by": retro.allowed_by,
        "unclaimed": retro.unclaimed.map(|of| json!({"due_at": of.due_at, "escalated": of.escalated, "open": change.unclaimed().is_some()})), "found": retro.found_at, "late": retro.late, "works": if !retro.works { "no, it was taken back" } else if change.status == ChangeStatus::Failed { "no" } else { "yes" },
        "evidence": change.outcome.as_ref().filter(|_| change.status != ChangeStatus::Failed),
    })
}

fn span(window: Window) -> Value {
    json!({"opens": window.opens, "closes": window.closes})
}

fn change_data(tenant: &Tenant, change: &Change, incident: Option<&Incident>, now: DateTime<Utc>) -> Value {
    let plan = ContingencyPlan::read(&change.rollback_plan);
    json!({
        "subject": change.subject(),
        "kind": change.kind.as_str(),
        "band": change.risk.band.as_str(),
        "status": change.state_phrase(),
        "title": change.title,
        "service": tenant.organisation.services_of(change),
        "incident": change.incident.map(Subject::Incident),
        "requester": change.requester,
        "score": change.risk.score.to_string(),
        "impact": change.impact,
        "why_now": change.why_now,
        "rollback_plan": steps_phrase(&tenant.organisation, &plan),
        "plan": plan_data(&plan),
        "tested": if change.tested { "yes" } else { "no" }, "touches": change.factors.touches.map(Touches::phrase), "moved": change.risk.moved_phrase(),
        "seats": seats_data(tenant, change, incident, now),
        "vote": change.vote.as_ref().map(|vote| vote_data(tenant, change, vote)),
        "halt": halt_data(change),
        "hold": hold_data(change),
        "escalation": escalation_data(change),
        "validation": validation_data(change),
        "walk": walk_data(&tenant.organisation, change),
        "objections": objections_data(change),
        "rivals": if change.is_open() { change.rivals() } else { Vec::new() }, "near": change.neighbours(),
        "decided": change.vote.as_ref().and_then(|vote| vote.outcome.as_ref()).map(|result| result.sentence.clone()),
        "planned": change.planned.filter(|_| change.window.is_none()).map(span),
        "is_emergency": change.kind == ChangeKind::Emergency,
        "catalogue": change.standard.as_ref().map(|standard| format!("{} (version {})", standard.entry, standard.version)),
        "retro": change.retro.as_ref().map(|retro| retro_data(change, retro)),
        "window": change.window.map(span),
        "requested_at": change.requested_at,
        "checklist": super::checklists::progress(&change.checklist, change.evidence_as_of(now)), "fields": super::custom_fields::data(&change.fields),
        "revised": change.revision > 1,
        "revision": change.revision,
    })
}

/// How a vote stands, for a card and for `/cab status`.
pub(super) fn vote_data(tenant: &Tenant, change: &Change, vote: &Vote) -> Value {
    let tally = change.tally(&tenant.policy);
    let one_by_one = vote.roster.len() <= VOTERS_SHOWN;
    let ballots: Vec<Value> = vote
        .roster
        .iter()
        .filter(|_| one_by_one)
        .map(|member| {
            let ballot = change.ballot_of(&member.person);
            let seats: Vec<&str> = member.seats.iter().map(|seat| seat.phrase()).collect();
            json!({
                "person": member.person,
                "choice": ballot.map(|ballot| ballot.choice.as_str()),
                "by": ballot.filter(|ballot| ballot.on_behalf.is_some()).map(|ballot| &ballot.person),
                "why": ballot.and_then(|ballot| ballot.why.clone()),
                "seats": (!seats.is_empty()).then(|| seats.join(", ")),
            })
        })
        .collect();
    json!({
        "cast": tally.cast,
        "members": tally.members,
        "quorum": tally.quorum,
        "open": vote.outcome.is_none(),
        "outcome": vote.outcome.as_ref().map(|result| result.outcome.clone()),
        "closes_at": vote.closes_at,
        "again": vote.policy == VotePolicyName::EcabReapproval,
        "concerns": concerns_data(change),
        "ballots": ballots,
        "groups": if one_by_one { Vec::new() } else { groups(change, vote) },
    })
}

/// Who objects to it, and whether that holds it up.
fn objections_data(change: &Change) -> Value {
    let people: Vec<&PersonId> = change.open_objections().take(CONCERNS_SHOWN).map(|one| &one.person).collect();
    if people.is_empty() || !change.is_open() {
        return Value::Null;
    }
    json!({ "people": people, "hold": change.is_held_by_objection() })
}

/// What stops the vote from passing.
fn concerns_data(change: &Change) -> Vec<Value> {
    let shown = change.open_concerns().take(CONCERNS_SHOWN);
    shown.map(|concern| json!({"person": concern.person, "why": concern.why})).collect()
}

/// Who voted how, where they are too many to be shown one by one.
fn groups(change: &Change, vote: &Vote) -> Vec<Value> {
    let mut groups: BTreeMap<&str, Vec<&PersonId>> = BTreeMap::new();
    for member in &vote.roster {
        let choice = change.ballot_of(&member.person).map_or("not yet", |ballot| ballot.choice.as_str());
        groups.entry(choice).or_default().push(&member.person);
    }
    let group = |(choice, people): (&str, Vec<&PersonId>)| {
        json!({
            "choice": choice, "count": people.len(), "people": people.iter().take(GROUP_SHOWN).collect::<Vec<_>>(),
            "others": others(people.len(), GROUP_SHOWN),
        })
    };
    groups.into_iter().map(group).collect()
}

pub(super) fn change_buttons(change: &Change) -> Vec<Block> {
    let button = |action, style| change_button(change, action, style);
    let mut details = vec![button(PressAction::Details, ButtonStyle::Plain)];
    if !change.checklist.is_empty() {
        details.push(button(PressAction::Checklist, ButtonStyle::Plain));
    }
    if change.fields.missing(Gate::Close).next().is_some() {
        details.push(button(PressAction::FillIn, ButtonStyle::Plain));
    }
    if change.open_walk().is_some() {
        return vec![row(step_buttons(change).into_iter().chain(details).collect())];
    }
    let with_details = |first: Button| [first].into_iter().chain(details.clone()).collect();
    match change.status {
        ChangeStatus::AwaitingApproval if change.unclaimed().is_some() => {
            vec![row(with_details(button(PressAction::Claim, ButtonStyle::Primary)))]
        }
        ChangeStatus::AwaitingApproval => approval_buttons(change, &button, details.clone()),
        ChangeStatus::Approved | ChangeStatus::Queued => {
            vec![row(with_details(button(PressAction::Start, ButtonStyle::Primary)))]
        }
        ChangeStatus::OnHold => vec![row(hold_buttons(change))],
        ChangeStatus::Implementing => {
            let mut buttons: Vec<Button> = with_details(button(PressAction::Done, ButtonStyle::Primary));
            buttons.insert(1, button(PressAction::Halt, ButtonStyle::Danger));
            if change.has_steps() {
                buttons.push(back_button(change, ButtonStyle::Danger));
            }
            let abort = row(vec![button(PressAction::Abort, ButtonStyle::Danger)]);
            running_buttons(change, &button, buttons).into_iter().chain([abort]).collect()
        }
        ChangeStatus::Halted => vec![row(halted_buttons(change, &button, details.clone()))],
        ChangeStatus::WindowExpired => {
            running_buttons(change, &button, with_details(back_button(change, ButtonStyle::Danger)))
        }
        ChangeStatus::Rejected if !change.vetoes().is_empty() && change.escalations.is_empty() => {
            vec![escalate_button(change)]
        }
        ChangeStatus::Validating | ChangeStatus::Failed => {
            vec![row(validation_buttons(change).into_iter().chain(details).collect())]
        }
        ChangeStatus::Completed
        | ChangeStatus::RolledBack
        | ChangeStatus::Rejected
        | ChangeStatus::ApprovalExpired
        | ChangeStatus::Cancelled => Vec::new(),
    }
}

/// Whoever agrees that it goes on can say so once the first of the two has.
fn halted_buttons(
    change: &Change,
    button: &impl Fn(PressAction, ButtonStyle) -> Button,
    details: Vec<Button>,
) -> Vec<Button> {
    let asks = change.halt.as_ref().is_some_and(|halt| halt.resume_by.is_some());
    let goes_on = asks.then(|| button(PressAction::Continue, ButtonStyle::Plain));
    [back_button(change, ButtonStyle::Danger)].into_iter().chain(goes_on).chain(details).collect()
}

/// With those of the vote on a longer window, while it is open.
fn running_buttons(
    change: &Change,
    button: &impl Fn(PressAction, ButtonStyle) -> Button,
    buttons: Vec<Button>,
) -> Vec<Block> {
    let vote = change.is_extending().then(|| {
        let concern = button(PressAction::Concern, ButtonStyle::Plain);
        row(ballot_buttons(button).into_iter().chain([concern]).collect())
    });
    [row(buttons)].into_iter().chain(vote).collect()
}

pub(super) fn ballot_buttons(button: &impl Fn(PressAction, ButtonStyle) -> Button) -> Vec<Button> {
    vec![
        button(PressAction::Approve, ButtonStyle::Primary),
        button(PressAction::Reject, ButtonStyle::Danger),
        button(PressAction::Abstain, ButtonStyle::Plain),
        button(PressAction::Recuse, ButtonStyle::Plain),
    ]
}

fn approval_buttons(
    change: &Change,
    button: &impl Fn(PressAction, ButtonStyle) -> Button,
    details: Vec<Button>,
) -> Vec<Block> {
    let mut rows = Vec::new();
    // Whoever wanted changes can agree, also once the seat is filled.
    if change.needs_review() || change.is_held_by_review() {
        rows.push(row(vec![
            button(PressAction::ReviewOk, ButtonStyle::Primary),
            button(PressAction::ReviewChanges, ButtonStyle::Plain),
        ]));
    }
    let mut decide = ballot_buttons(button);
    if change.vote.as_ref().is_some_and(|vote| vote.outcome.is_none()) {
        // Discord's rows hold five.
        rows.push(row(decide));
        rows.push(row([button(PressAction::Concern, ButtonStyle::Plain)].into_iter().chain(details).collect()));
    } else {
        // A seat is filled by a yes or a no.
        decide.truncate(2);
        if change.kind == ChangeKind::Retroactive {
            decide[0] = button(PressAction::Attest, ButtonStyle::Primary);
        }
        decide.extend(details);
        rows.push(row(decide));
    }
    if change.needs_acceptance() {
        rows.push(row(vec![button(PressAction::AcceptRisk, ButtonStyle::Danger)]));
    }
    rows
}

pub(super) fn row(buttons: Vec<Button>) -> Block {
    Block::Actions { buttons }
}

/// One on a change, for the revision that is shown.
pub(super) fn change_button(change: &Change, action: PressAction, style: ButtonStyle) -> Button {
    button(Press::on(action, change.subject(), Some(change.revision)), style)
}

pub(super) fn button(press: Press, style: ButtonStyle) -> Button {
    Button { id: press.id(), label: press.action.label().to_owned(), style }
}
