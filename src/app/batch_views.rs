//! How batches look: the card, kept up to date in its place, the items a page at a time, and the list of open ones.

use serde_json::{Value, json};

use super::batches::{OPEN_MAX, changes_of};
use super::cards::{button, change_button, headline, row};
use super::handle::HandleError;
use super::lists::listed;
use super::questions::slip;
use super::rollbacks::back_button;
use super::target::no_such;
use super::validations::validation_buttons;
use super::{App, Tenant};
use crate::domain::batch::{Batch, BatchItem, BatchStatus, ItemState, Next};
use crate::domain::rules::BatchStop;
use crate::domain::{Change, ChangeStatus, Subject};
use crate::language::presses::{Press, PressAction};
use crate::render::{Block, Button, ButtonStyle, Message};
use crate::store::Tx;

/// Items that a card shows, what needs somebody first; so many fit one message of Discord.
const SHOWN: usize = 8;
/// Changes in conflict that have a button each to take them out.
const EXCLUDES_MAX: usize = 4;
/// Findings that are told in private; the pages of the batch have all.
const FOUND_SHOWN: usize = 12;

impl App {
    pub(super) async fn batch_card(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        number: i64,
    ) -> Result<Option<Message>, HandleError> {
        let Some(batch) = tx.batch(number).await? else { return Ok(None) };
        let changes = changes_with_gone(tx, &batch).await?;
        let mut lines = lines(tenant, &batch, &changes);
        lines.sort_by_key(|line| (line.rank, line.place));
        let left = lines.len().saturating_sub(SHOWN);
        let items: Vec<Value> = lines.into_iter().take(SHOWN).map(|line| line.data).collect();
        let command = format!("/change plan batch {}", batch.subject());
        let left = if left > 0 { json!({"count": left.to_string(), "command": command}) } else { Value::Null };
        let mut message = self.batch_message(tenant, &batch, &changes, &items, &left)?;
        message.rest = Some(command);
        message.blocks.extend(batch_buttons(&batch, &own(&batch, &changes)));
        Ok(Some(message))
    }

    fn batch_message(
        &self,
        tenant: &Tenant,
        batch: &Batch,
        changes: &[Change],
        items: &[Value],
        left: &Value,
    ) -> Result<Message, HandleError> {
        let own = own(batch, changes);
        let strictest = batch.strictest(&own).filter(|_| batch.status.is_filed());
        let tally = strictest.and_then(|change| {
            change.vote.as_ref().filter(|vote| vote.outcome.is_none())?;
            Some(change.tally(&tenant.policy).sentence)
        });
        let missing = strictest.map(|change| {
            let seats: Vec<&str> = change.open_seats().iter().map(|seat| seat.phrase()).collect();
            seats.join(", ")
        });
        let done = own.iter().filter(|change| change.status == ChangeStatus::Completed).count();
        let progress = (done > 0 || matches!(batch.status, BatchStatus::Running | BatchStatus::Paused))
            .then(|| format!("{done} of {}", own.len()));
        let riskiest = own.iter().map(|change| &change.risk).max_by_key(|risk| risk.score);
        let data = json!({
            "subject": batch.subject(), "title": headline(&batch.title), "status": batch.status.as_str(),
            "count": batch.items.len().to_string(), "counts": counts(batch, &own), "requester": batch.requester,
            "runner": batch.runner, "from": batch.window.opens, "until": batch.window.closes,
            "risk": riskiest.map(|risk| format!("up to {}, band {}", risk.score, risk.band.as_str())),
            "needs": strictest.map(|change| change.required.describe()),
            "missing": missing.filter(|missing| !missing.is_empty()), "tally": tally, "progress": progress,
            "held": batch.held, "stop": stops(batch).phrase(), "stopped": stopped(batch), "items": items, "left": left,
        });
        Ok(self.renderer.message("card/batch", &data, &tenant.organisation)?)
    }

    /// The items of a batch, a page at a time, without buttons: those are on the card.
    pub(super) async fn batch_shown(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        number: i64,
        page: u32,
    ) -> Result<Message, HandleError> {
        let Some(batch) = tx.batch(number).await? else { return Ok(slip(&no_such(Subject::Batch(number)))) };
        let changes = changes_with_gone(tx, &batch).await?;
        let lines = lines(tenant, &batch, &changes);
        let (shown, left) = listed(&lines, page, &format!("/change plan batch {}", batch.subject()));
        let items: Vec<Value> = shown.iter().map(|line| line.data.clone()).collect();
        self.batch_message(tenant, &batch, &changes, &items, &left)
    }

    /// The one that was named, or the only open one, otherwise all that are open.
    pub(super) async fn batches(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        named: Option<Subject>,
        page: u32,
    ) -> Result<Message, HandleError> {
        if let Some(Subject::Batch(number)) = named {
            return self.batch_shown(tx, tenant, number, page).await;
        }
        let open = tx.open_batches(OPEN_MAX).await?;
        if let [only] = open.as_slice() {
            return self.batch_shown(tx, tenant, only.number, page).await;
        }
        let (shown, left) = listed(&open, page, "/change plan batch");
        let line = |batch: &Batch| {
            json!({
                "subject": batch.subject(), "title": headline(&batch.title), "status": batch.status.as_str(),
                "count": batch.items.len().to_string(), "from": batch.window.opens, "until": batch.window.closes,
            })
        };
        let data = json!({ "batches": shown.iter().map(line).collect::<Vec<_>>(), "left": left });
        Ok(self.renderer.message("answer/batches", &data, &tenant.organisation)?)
    }
}

/// What was found, for whoever asked for it.
pub(super) fn found_data(batch: &Batch, found: Option<&str>) -> Value {
    let lines: Vec<&str> = found.unwrap_or_default().lines().collect();
    let (conflicts, refused) = (batch.count(ItemState::Conflict), batch.count(ItemState::Refused));
    let more = lines.len().saturating_sub(FOUND_SHOWN);
    json!({
        "subject": batch.subject(), "title": headline(&batch.title), "count": batch.items.len().to_string(),
        "conflicts": (conflicts > 0).then(|| conflicts.to_string()), "refused": (refused > 0).then(|| refused.to_string()),
        "left": (batch.items.len() - refused).to_string(),
        "found": lines.into_iter().take(FOUND_SHOWN).map(headline).collect::<Vec<_>>(),
        "more": (more > 0).then(|| more.to_string()),
    })
}

/// Also those that went, for their titles.
async fn changes_with_gone(tx: &mut Tx, batch: &Batch) -> Result<Vec<Change>, HandleError> {
    let mut changes = changes_of(tx, batch).await?;
    for item in batch.items.iter().filter(|item| item.state == ItemState::Out) {
        if let Some(number) = item.change {
            changes.extend(tx.change(number).await?);
        }
    }
    Ok(changes)
}

fn own(batch: &Batch, changes: &[Change]) -> Vec<Change> {
    changes.iter().filter(|change| batch.item_of(change.number).is_some()).cloned().collect()
}

/// What a failure stops: of a single group, all of it.
fn stops(batch: &Batch) -> BatchStop {
    if batch.has_groups() { batch.stop } else { BatchStop::All }
}

fn stopped(batch: &Batch) -> Option<String> {
    let groups: Vec<String> = batch.stopped.iter().map(u8::to_string).collect();
    (!groups.is_empty()).then(|| groups.join(", "))
}

/// One item, as it is shown.
struct Line {
    /// What needs somebody comes first, what is over last.
    rank: u8,
    place: usize,
    data: Value,
}

fn lines(tenant: &Tenant, batch: &Batch, changes: &[Change]) -> Vec<Line> {
    let line = |(place, item): (usize, &BatchItem)| {
        let change = item.change.and_then(|number| changes.iter().find(|change| change.number == number));
        let (rank, mut state) = state(item, change);
        let waits = change.is_some_and(|change| change.is_open() && change.started_at.is_none());
        if waits && item.is_in() && batch.stopped.contains(&item.group) {
            state.push_str(", its group stopped");
        }
        let why = match change.and_then(|change| change.rivals().first().copied()) {
            Some(rival) if item.is_in() => Some(format!("in the way of {rival}")),
            _ => item.why.clone(),
        };
        let rank = match item.state {
            // Once the others are asked for, what was refused is over.
            ItemState::Refused if batch.status != BatchStatus::Waiting => 4,
            _ if why.is_some() && item.is_in() => 0,
            _ => rank,
        };
        let what = change.map_or(item.what.as_str(), |change| change.title.as_str());
        let services = change.map_or_else(|| item.services().cloned().collect(), Change::services);
        let data = json!({
            "place": (place + 1).to_string(), "subject": item.change.map(Subject::Change), "what": headline(what),
            "service": tenant.organisation.named(&services), "state": state,
            "group": batch.has_groups().then(|| item.group.to_string()),
            "why": why.map(|why| headline(&why)),
        });
        Line { rank, place, data }
    };
    batch.items.iter().enumerate().map(line).collect()
}

fn state(item: &BatchItem, change: Option<&Change>) -> (u8, String) {
    match (item.state, change) {
        (ItemState::Refused, _) => (0, "refused".to_owned()),
        (ItemState::Conflict, _) => (0, "in conflict".to_owned()),
        (ItemState::New, _) | (_, None) => (2, "not asked for yet".to_owned()),
        (ItemState::Out, Some(change)) => (4, format!("goes on by itself, {}", change.state_phrase())),
        (ItemState::Failed, Some(change)) => (0, change.state_phrase()),
        (ItemState::Filed, Some(change)) => {
            let rank = match change.status {
                status if status.is_running() => 1,
                ChangeStatus::Validating | ChangeStatus::Failed => 1,
                _ if change.is_open() => 2,
                _ => 3,
            };
            (rank, change.state_phrase())
        }
    }
}

/// `24 approved, 1 awaiting approval · 2 refused`
fn counts(batch: &Batch, own: &[Change]) -> Option<String> {
    let mut phrases = Vec::new();
    for status in ChangeStatus::ALL {
        let many = own.iter().filter(|change| change.status == status).count();
        if many > 0 {
            phrases.push(format!("{many} {}", status.phrase()));
        }
    }
    let others = [
        (ItemState::New, "not asked for yet"),
        (ItemState::Conflict, "in conflict"),
        (ItemState::Refused, "refused"),
        (ItemState::Out, "excluded"),
    ];
    for (state, phrase) in others {
        let many = batch.count(state);
        if many > 0 {
            phrases.push(format!("{many} {phrase}"));
        }
    }
    (!phrases.is_empty()).then(|| phrases.join(" · "))
}

pub(super) fn batch_buttons(batch: &Batch, own: &[Change]) -> Vec<Block> {
    let on = |action, style| button(Press::on(action, batch.subject(), None), style);
    match batch.status {
        BatchStatus::Checking | BatchStatus::Filing | BatchStatus::Completed | BatchStatus::Stopped => Vec::new(),
        BatchStatus::Waiting => {
            vec![row(vec![
                on(PressAction::BatchGo, ButtonStyle::Primary),
                on(PressAction::BatchStop, ButtonStyle::Danger),
            ])]
        }
        BatchStatus::Open => open_buttons(batch, own, &on),
        BatchStatus::Running => {
            let mut buttons = current_buttons(batch, own);
            buttons.push(on(PressAction::BatchPause, ButtonStyle::Plain));
            vec![row(buttons)]
        }
        BatchStatus::Paused => vec![row(vec![
            on(PressAction::BatchResume, ButtonStyle::Primary),
            on(PressAction::BatchExclude, ButtonStyle::Plain),
            on(PressAction::BatchStop, ButtonStyle::Danger),
        ])],
    }
}

fn open_buttons(batch: &Batch, own: &[Change], on: &impl Fn(PressAction, ButtonStyle) -> Button) -> Vec<Block> {
    let mut rows = Vec::new();
    let Some(strictest) = batch.strictest(own) else {
        return vec![row(vec![
            on(PressAction::BatchStart, ButtonStyle::Primary),
            on(PressAction::BatchExclude, ButtonStyle::Plain),
            on(PressAction::BatchStop, ButtonStyle::Danger),
        ])];
    };
    if strictest.needs_review() || own.iter().any(Change::is_held_by_review) {
        rows.push(row(vec![
            on(PressAction::ReviewOk, ButtonStyle::Primary),
            on(PressAction::ReviewChanges, ButtonStyle::Plain),
        ]));
    }
    rows.push(row(super::cards::ballot_buttons(on)));
    if strictest.needs_acceptance() {
        rows.push(row(vec![on(PressAction::AcceptRisk, ButtonStyle::Danger)]));
    }
    let in_conflict = own.iter().filter(|change| change.is_undecided() && change.blockers().next().is_some());
    let mut out: Vec<Button> = in_conflict
        .take(EXCLUDES_MAX)
        .map(|change| {
            let press = Press::about(PressAction::BatchExclude, batch.subject(), change.number);
            Button { id: press.id(), label: format!("Exclude {}", change.subject()), style: ButtonStyle::Danger }
        })
        .collect();
    out.push(on(PressAction::BatchExclude, ButtonStyle::Plain));
    rows.push(row(out));
    rows
}

/// What can be done about the one that runs or failed.
fn current_buttons(batch: &Batch, own: &[Change]) -> Vec<Button> {
    let current = match batch.next(own) {
        Next::Wait(number, _) => own.iter().find(|change| change.number == number),
        Next::Start(_) | Next::Pause(..) | Next::StopGroup(..) | Next::Through(..) | Next::Complete => None,
    };
    match current {
        Some(change) if change.status == ChangeStatus::Implementing => vec![
            change_button(change, PressAction::Done, ButtonStyle::Primary),
            back_button(change, ButtonStyle::Danger),
            change_button(change, PressAction::Halt, ButtonStyle::Danger),
        ],
        Some(change) if change.status == ChangeStatus::Validating => validation_buttons(change),
        _ => Vec::new(),
    }
}
