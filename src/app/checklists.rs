//! The checklist of an incident or a change, for people.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::cards::{button, change_button, others, row};
use super::handle::{Caller, HandleError};
use super::inbound::Inbound;
use super::questions::slip;
use super::target::subject_meant;
use super::{App, Tenant};
use crate::domain::checklist::{Checklist, ItemState, ListedItem};
use crate::domain::rules::Gate;
use crate::domain::{Change, ChecklistOf, Incident, Subject};
use crate::language::presses::{Press, PressAction};
use crate::language::{Call, Filled, VerbId};
use crate::render::{Block, ButtonStyle, Message};
use crate::store::Tx;

/// Open items that a card names; the list has all.
const NAMED: usize = 4;

/// The record whose checklist is shown.
#[derive(Clone, Copy)]
pub(super) enum Listing<'a> {
    Incident(&'a Incident),
    Change(&'a Change),
}

impl Listing<'_> {
    fn of(self) -> ChecklistOf {
        match self {
            Listing::Incident(_) => ChecklistOf::Incident,
            Listing::Change(_) => ChecklistOf::Change,
        }
    }

    fn parts(&self) -> (Subject, &str, &Checklist) {
        match self {
            Listing::Incident(incident) => (incident.subject(), &incident.title, &incident.checklist),
            Listing::Change(change) => (change.subject(), &change.title, &change.checklist),
        }
    }

    /// When what shows an item has to count.
    fn as_of(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Listing::Incident(incident) => incident.evidence_as_of(now),
            Listing::Change(change) => change.evidence_as_of(now),
        }
    }

    /// What can be said of the next item, while anything can be.
    fn buttons(self) -> Option<Block> {
        let buttons = match self {
            Listing::Incident(incident) if incident.is_open() => {
                let of = |action, style| button(Press::on(action, incident.subject(), None), style);
                vec![
                    of(PressAction::TickIncident, ButtonStyle::Primary),
                    of(PressAction::WaiveIncident, ButtonStyle::Plain),
                ]
            }
            Listing::Change(change) if change.ended_at.is_none() || change.due_pir().is_some() => vec![
                change_button(change, PressAction::Tick, ButtonStyle::Primary),
                change_button(change, PressAction::Waive, ButtonStyle::Plain),
            ],
            Listing::Incident(_) | Listing::Change(_) => return None,
        };
        Some(row(buttons))
    }
}

impl App {
    pub(super) fn checklist(&self, tenant: &Tenant, listing: Listing<'_>) -> Result<Message, HandleError> {
        let (subject, title, checklist) = listing.parts();
        let as_of = listing.as_of(self.clock.now());
        let categories: Vec<&String> = tenant.policy.checklists.keys().collect();
        let example =
            categories.iter().find(|category| listing.of() == ChecklistOf::Incident && category.as_str() == "breach");
        let next = checklist.open(as_of).next();
        let data = json!({
            "subject": subject, "title": title, "progress": progress(checklist, as_of), "call": listing.of().group(),
            "items": checklist.items.iter().map(|item| item_data(listing.of(), item, as_of)).collect::<Vec<_>>(),
            "next": next.map(|item| item.asked.key.clone()), "dated": next.is_some_and(|item| item.asked.counts_for().is_some()),
            "categories": categories, "category": example.or(categories.first()),
        });
        let mut message = self.renderer.message("answer/checklist", &data, &tenant.organisation)?;
        message.blocks.extend(next.and_then(|_| listing.buttons()));
        Ok(message)
    }

    pub(super) async fn incident_checklist(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Message, HandleError> {
        match self.incident_meant(tx, caller, named).await? {
            Ok(incident) => self.checklist(tenant, Listing::Incident(&incident)),
            Err(refusal) => Ok(slip(&refusal)),
        }
    }

    /// Whoever ticks or waives without naming an item is asked about the next open one, by its name; and of what grows
    /// old, when it was done.
    pub(super) async fn asking_for_item(
        &self,
        tx: &mut Tx,
        inbound: &Inbound,
        call: &mut Call,
        filled: &mut Filled,
    ) -> Result<(), HandleError> {
        let Some(of) = of_verb(call) else { return Ok(()) };
        let named = subject_meant(tx, call, &inbound.place).await?;
        let now = self.clock.now();
        let listed = match (of, named) {
            (ChecklistOf::Incident, Some(Subject::Incident(number))) => {
                let incident = tx.incident(number).await?;
                incident.map(|incident| (incident.evidence_as_of(now), incident.checklist))
            }
            (ChecklistOf::Change, Some(Subject::Change(number))) => {
                let change = tx.change(number).await?;
                change.map(|change| (change.evidence_as_of(now), change.checklist))
            }
            _ => None,
        };
        let (Some(subject), Some((as_of, checklist))) = (named, listed) else { return Ok(()) };
        let meant = match call.get("item") {
            Some(key) => checklist.item(&key.to_ascii_lowercase()),
            None => checklist.open(as_of).next(),
        };
        if let Some(asked) = meant.map(|item| &item.asked) {
            filled.fill(call, "item", &asked.key, &subject.to_string());
            let counts = asked.counts_for().map(|most| format!(", and counts for {most}")).unwrap_or_default();
            filled.notes.push(format!("{}: its evidence is {}{counts}.", asked.what, asked.evidence));
            if asked.counts_for().is_some() && call.verb().is_some_and(|verb| verb.takes("at")) {
                filled.needs.push("at".to_owned());
            }
        }
        Ok(())
    }
}

/// Whose items a verb ticks or waives.
fn of_verb(call: &Call) -> Option<ChecklistOf> {
    match call.verb()?.id {
        VerbId::ChangeTick | VerbId::ChangeWaive => Some(ChecklistOf::Change),
        VerbId::IncTick | VerbId::IncWaive => Some(ChecklistOf::Incident),
        _ => None,
    }
}

/// How far a checklist is, what is open on it, and what is the first to grow too old; `null` where nothing is on it.
pub(super) fn progress(checklist: &Checklist, as_of: DateTime<Utc>) -> Value {
    let all = checklist.items.len();
    if all == 0 {
        return Value::Null;
    }
    let open: Vec<String> = checklist.open(as_of).map(|item| item.asked_for(as_of)).collect();
    let done = checklist.items.iter().filter(|item| !item.is_open(as_of));
    let dated = done.filter_map(|item| Some((item.counts_until()?, item.evidence_at?, &item.asked.key))).min();
    json!({
        "done": (all - open.len()).to_string(), "all": all.to_string(),
        "open": open.iter().take(NAMED).collect::<Vec<_>>(),
        "others": others(open.len(), NAMED), "dated": dated.map(|(until, at, key)| json!({"key": key, "at": at, "until": until})),
    })
}

fn item_data(of: ChecklistOf, item: &ListedItem, as_of: DateTime<Utc>) -> Value {
    let outgrown = item.outgrown_minutes(as_of).is_some();
    json!({
        "done": !item.is_open(as_of), "outgrown": outgrown, "evidence_at": item.evidence_at,
        "counts_until": item.counts_until(), "counts_for": item.asked.counts_for().map(|most| most.to_string()), "key": item.asked.key, "what": item.asked.what,
        "evidence": item.asked.evidence.phrase(), "person": item.person,
        "before": gate_word(of, item.asked.before), "by": item.by, "at": item.at, "said": item.said,
        "waived": item.state == ItemState::Waived, "waiver_asked": item.state == ItemState::WaiverAsked,
        "reopened": item.state == ItemState::Open && item.by.is_some(),
    })
}

/// What is asked for before a change is submitted is shown before it is approved: both are one step here. An incident has
/// one step that items hold up.
fn gate_word(of: ChecklistOf, gate: Gate) -> &'static str {
    match (of, gate) {
        (ChecklistOf::Incident, _) => "it is resolved",
        (ChecklistOf::Change, Gate::Submit | Gate::Approve) => "approval",
        (ChecklistOf::Change, Gate::Start) => "start",
        (ChecklistOf::Change, Gate::Validate) => "done",
        (ChecklistOf::Change, Gate::Close) => "the end",
    }
}
