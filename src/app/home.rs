//! What waits for one person: the app's home on Slack, and `/inc panel` outside a war room on both platforms.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::batch_views::batch_buttons;
use super::batches::OPEN_MAX;
use super::cards::{change_buttons, headline};
use super::freeze_views::override_buttons;
use super::freezes::frozen;
use super::handle::HandleError;
use super::inbound::{Inbound, Reply};
use super::lists::LISTED_MAX;
use super::pirs::pir_buttons;
use super::{App, Tenant};
use crate::domain::batch::BatchStatus;
use crate::domain::decide::{reviewers, to_ask, waits_for_word};
use crate::domain::rules::Role;
use crate::domain::{Account, Batch, Change, ChangeStatus, Frozen, Incident, PersonId, Platform, SlotState, Subject};
use crate::render::{Block, Message};
use crate::store::{Job, Tx};

/// Incidents that are listed.
const LED_MAX: usize = 15;
/// Rows of buttons that a message can have: Discord's limit, and about what fits Slack's.
const DISCORD_ROWS_MAX: usize = 5;
const SLACK_ROWS_MAX: usize = 20;

/// Everything that is open, read once for everybody who is to be shown what waits for them.
#[derive(Debug)]
pub struct Open {
    incidents: Vec<Incident>,
    /// Each with the incident that it resolves.
    changes: Vec<(Change, Option<Incident>)>,
    freezes: Vec<Frozen>,
    batches: Vec<Batch>,
    /// Those whose review is due.
    reviews: Vec<Change>,
}

/// The home of an account as things stand now.
pub async fn home_message(app: &App, tx: &mut Tx, account: &Account) -> Result<Message, HandleError> {
    let tenant = app.tenant(tx).await?;
    let open = app.open_records(tx).await?;
    app.home_of(&tenant, &open, account)
}

impl App {
    /// Somebody opened the app's home. It is shown by a job, and kept up to date from now on.
    pub(super) async fn open_home(&self, tenant: i64, inbound: &Inbound) -> Result<Reply, HandleError> {
        let mut tx = self.store.begin(tenant).await?;
        tx.open_home(&inbound.account).await?;
        tx.enqueue([Job::Home { tenant, account: inbound.account.clone() }.now()]);
        tx.commit().await?;
        Ok(Reply::Quiet)
    }

    pub async fn open_records(&self, tx: &mut Tx) -> Result<Open, HandleError> {
        let mut incidents = tx.incidents(LISTED_MAX).await?;
        incidents.retain(Incident::is_open);
        let mut changes = Vec::new();
        for change in tx.changes(LISTED_MAX).await?.iter().filter(|change| change.is_open()) {
            let Some(change) = tx.change(change.number).await? else { continue };
            let incident = incidents.iter().find(|incident| Some(incident.number) == change.incident).cloned();
            changes.push((change, incident));
        }
        let mut reviews = Vec::new();
        for owed in tx.owed_pirs().await? {
            reviews.extend(tx.change(owed.change).await?);
        }
        let (freezes, batches) = (frozen(tx, None, false).await?, tx.open_batches(OPEN_MAX).await?);
        Ok(Open { incidents, changes, freezes, batches, reviews })
    }

    /// What waits for the person behind an account; whoever is nobody yet is told how to be linked.
    pub fn home_of(&self, tenant: &Tenant, open: &Open, account: &Account) -> Result<Message, HandleError> {
        let me = tenant.organisation.person_of(account).map(|person| person.id.clone());
        self.waiting(tenant, open, me.as_ref(), account.platform)
    }

    pub(super) fn waiting(
        &self,
        tenant: &Tenant,
        open: &Open,
        me: Option<&PersonId>,
        platform: Platform,
    ) -> Result<Message, HandleError> {
        let Some(me) = me else {
            let unknown =
                json!({"known": false, "waits": false, "leads": [], "others": null, "more": null, "on_call": []});
            return Ok(self.renderer.message("answer/panel", &unknown, &tenant.organisation)?);
        };
        let (mut blocks, more) = self.decisions(tenant, open, me, platform)?;
        let led = open.incidents.iter().filter(|incident| incident.commander.as_ref() == Some(me));
        let others = led.clone().count().saturating_sub(LED_MAX);
        let leads: Vec<Value> = led.take(LED_MAX).map(|incident| lead(incident, self.clock.now())).collect();
        let teams = tenant.organisation.teams.values().filter(|team| team.on_call.contains(me));
        let data = json!({
            "known": true,
            "waits": !leads.is_empty() || !blocks.is_empty(),
            "leads": leads,
            "others": (others > 0).then(|| others.to_string()),
            "more": (more > 0).then(|| more.to_string()),
            "on_call": teams.map(|team| team.name.clone()).collect::<Vec<_>>(),
        });
        let mut message = self.renderer.message("answer/panel", &data, &tenant.organisation)?;
        // The small print stays at the end.
        let end = message.blocks.iter().position(|block| matches!(block, Block::Context { .. }));
        let small = message.blocks.split_off(end.unwrap_or(message.blocks.len()));
        message.blocks.append(&mut blocks);
        message.blocks.extend(small);
        Ok(message)
    }

    /// The changes that wait for this person, each with the buttons of its card, and how many more there are.
    fn decisions(
        &self,
        tenant: &Tenant,
        open: &Open,
        me: &PersonId,
        platform: Platform,
    ) -> Result<(Vec<Block>, usize), HandleError> {
        let mut rows_left = match platform {
            Platform::Slack => SLACK_ROWS_MAX,
            Platform::Discord => DISCORD_ROWS_MAX,
        };
        let (mut blocks, mut more) = (Vec::new(), 0);
        let now = self.clock.now();
        let mut told = BTreeSet::new();
        for (change, incident) in &open.changes {
            let what = waits_for(tenant, change, incident.as_ref(), me, now);
            let (subject, title) = shown_as(open, change);
            let decision = match open.batch_of(change) {
                Some(_) if told.contains(&subject) => None,
                Some(batch) => {
                    what.and_then(|what| of_batch(open, batch, change, what)).filter(|_| told.insert(subject))
                }
                None => what.map(|what| (what, change_buttons(change))),
            };
            let exception = exception_for(tenant, open, change, me).map(|what| (what, vec![override_buttons(change)]));
            for (what, buttons) in decision.into_iter().chain(exception) {
                if buttons.len() > rows_left {
                    more += 1;
                    continue;
                }
                rows_left -= buttons.len();
                let data = json!({
                    "subject": subject, "title": headline(title), "band": change.risk.band.as_str(), "what": what,
                    "by": change.decide_by.filter(|_| change.is_undecided()),
                });
                let text = self.renderer.line("answer/decision", &data, &tenant.organisation)?;
                blocks.push(Block::Paragraph { text });
                blocks.extend(buttons);
            }
        }
        let asks_me = |change: &&Change| reviewers(&tenant.organisation, change, self.clock.now()).contains(me);
        for change in open.reviews.iter().filter(asks_me) {
            let Some(pir) = change.due_pir().filter(|_| rows_left > 0) else {
                more += 1;
                continue;
            };
            rows_left -= 1;
            let what = if pir.overdue { "its review, which is overdue" } else { "its review" };
            let data = json!({
                "subject": change.subject(), "title": headline(&change.title), "band": change.risk.band.as_str(),
                "what": what, "by": pir.due_at,
            });
            let text = self.renderer.line("answer/decision", &data, &tenant.organisation)?;
            blocks.push(Block::Paragraph { text });
            blocks.push(pir_buttons(change));
        }
        Ok((blocks, more))
    }
}

impl Open {
    /// The batch that a change is decided and started with; none once it runs, when it waits for what every change does.
    fn batch_of(&self, change: &Change) -> Option<&Batch> {
        let is_one_of_many = matches!(
            change.status,
            ChangeStatus::AwaitingApproval | ChangeStatus::Approved | ChangeStatus::OnHold | ChangeStatus::Queued
        );
        self.batches.iter().find(|batch| is_one_of_many && batch.item_of(change.number).is_some())
    }
}

fn shown_as<'a>(open: &'a Open, change: &'a Change) -> (Subject, &'a str) {
    let batch = open.batch_of(change);
    batch.map_or((change.subject(), change.title.as_str()), |batch| (batch.subject(), batch.title.as_str()))
}

/// What waits for somebody of all changes of a batch at once: a yes, or its start once nobody's yes is missing.
fn of_batch(open: &Open, batch: &Batch, change: &Change, what: String) -> Option<(String, Vec<Block>)> {
    let numbers = batch.changes();
    let own = || open.changes.iter().map(|(change, _)| change).filter(|change| numbers.contains(&change.number));
    let is_undecided = own().any(Change::is_undecided);
    let waits = batch.status == BatchStatus::Open && is_undecided == (change.status == ChangeStatus::AwaitingApproval);
    waits.then(|| (what, batch_buttons(batch, &own().cloned().collect::<Vec<_>>())))
}

fn lead(incident: &Incident, now: DateTime<Utc>) -> Value {
    let next = incident.updates.next;
    json!({
        "subject": incident.subject(), "priority": incident.priority.to_string(), "title": headline(&incident.title),
        "next": next, "overdue": next.is_some_and(|next| next < now),
    })
}

/// The freezes from which a change asks for an exception of this person.
fn exception_for(tenant: &Tenant, open: &Open, change: &Change, me: &PersonId) -> Option<String> {
    let asks = open.freezes.iter().filter(|frozen| waits_for_word(&tenant.organisation, frozen, change, me));
    let names: Vec<String> = asks.map(|frozen| frozen.freeze.subject().to_string()).collect();
    (!names.is_empty()).then(|| format!("your word on an exception from {}", names.join(" and ")))
}

/// What only this person, or one of a few, can do about a change now.
fn waits_for(
    tenant: &Tenant,
    change: &Change,
    incident: Option<&Incident>,
    me: &PersonId,
    now: DateTime<Utc>,
) -> Option<String> {
    let waits_for_ballot = change.is_extending() && !change.is_own(me) && change.ballot_of(me).is_none();
    if waits_for_ballot && change.vote.iter().flat_map(|vote| &vote.roster).any(|member| &member.person == me) {
        return Some("your vote on more time".to_owned());
    }
    match change.status {
        ChangeStatus::AwaitingApproval => {
            let vote = change.vote.as_ref().filter(|vote| vote.outcome.is_none());
            let stands_in = vote.is_some_and(|vote| {
                let mut members = vote.roster.iter().map(|member| &member.person);
                members.any(|member| {
                    tenant.organisation.delegate_of(member, now) == Some(me) && change.ballot_of(member).is_none()
                })
            });
            let member = vote.is_some_and(|vote| vote.roster.iter().any(|member| &member.person == me));
            if (member || stands_in) && !change.has_voted(me) {
                return Some("your vote".to_owned());
            }
            let reviewer = tenant.organisation.has_role(me, Role::Reviewer) && &change.requester != me;
            if reviewer && change.needs_review() {
                return Some("a peer review".to_owned());
            }
            let open = change.open_seats();
            let asks_me = |seat: &&_| to_ask(&tenant.organisation, change, incident, **seat, now).contains(me);
            open.iter().find(asks_me).map(|seat| format!("your yes as {}", seat.phrase()))
        }
        ChangeStatus::Approved => (&change.implementer == me).then(|| "start it".to_owned()),
        ChangeStatus::OnHold => {
            (&change.implementer == me).then(|| "a freeze holds it: ask for an exception, or plan it anew".to_owned())
        }
        ChangeStatus::Queued => {
            let offered = change.slot.is_some_and(|slot| slot.state == SlotState::Offered);
            (&change.implementer == me && offered).then(|| "start it: it is its turn".to_owned())
        }
        ChangeStatus::Implementing => (&change.implementer == me).then(|| "say when it is done".to_owned()),
        ChangeStatus::Halted => {
            (&change.implementer == me).then(|| "it is halted: roll it back, or ask to go on".to_owned())
        }
        ChangeStatus::WindowExpired => {
            let todo = if change.is_to_go_back() { "roll it back" } else { "ask for more time, or roll it back" };
            (&change.implementer == me).then(|| todo.to_owned())
        }
        ChangeStatus::Validating => {
            let open = change.open_validation().filter(|open| open.is_attested() && !open.is_doubted());
            let asked = open.is_some_and(|open| open.asked.as_ref() == Some(me));
            asked.then(|| "your word on whether it works".to_owned())
        }
        ChangeStatus::Failed => {
            (&change.implementer == me).then(|| "it does not work: roll it back, or mend it forward".to_owned())
        }
        ChangeStatus::Completed
        | ChangeStatus::RolledBack
        | ChangeStatus::Rejected
        | ChangeStatus::ApprovalExpired
        | ChangeStatus::Cancelled => None,
    }
}
