//! Who is asked for a yes is asked in private, with the change's own card and its buttons; that card is kept up to date
//! there too. Of a batch they are asked once a day, not for each of its changes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::answer::Teller;
use super::batches::Around;
use super::cards::{button, change_button, row};
use super::handle::HandleError;
use super::{App, Tenant};
use crate::domain::event::ApprovalEvent;
use crate::domain::rules::Seat;
use crate::domain::{Actor, Change, ChangeEvent, Decision, Event, PersonId, SeatAsk, State, Subject};
use crate::language::presses::{Press, PressAction};
use crate::render::{Block, ButtonStyle, Message};
use crate::store::{Job, Later, Tx};

impl App {
    pub(super) async fn follow_asks(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        decision: &Decision,
        batch: Option<Around>,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let Subject::Change(number) = decision.subject else {
            return Ok(());
        };
        if let Some(around) = batch {
            return self.ask_for_batch(tx, tenant, decision, around, jobs).await;
        }
        let places = self.served(tx.card_places(decision.subject, "ask").await?);
        jobs.extend(Job::show_each(tx.tenant(), decision.subject, "ask", places));
        let State::Change(change) = &decision.state else {
            return Ok(());
        };
        for (until, people, sentence) in prolonged_now(decision) {
            let data = json!({
                "subject": change.subject(), "title": change.title, "until": until, "sentence": sentence,
                "service": tenant.organisation.services_of(change),
            });
            let message = self.renderer.message("direct/prolonged", &data, &tenant.organisation)?;
            let key = format!("more-{number}-{}", change.revision);
            jobs.extend(people.iter().map(|person| {
                let (tenant, person, message) = (tx.tenant(), person.clone(), Box::new(message.clone()));
                Job::Ask { tenant, change: number, person, key: key.clone(), message }.now()
            }));
        }
        self.tell_of_expiry(tx, tenant, change, decision, jobs)?;
        for (person, asks) in asked_now(decision) {
            let message = self.asking(tenant, change, &asks)?;
            let key = format!("ask-{number}-{}", decision.at.format("%y%m%d%H%M%S"));
            let (person, message) = (person.clone(), Box::new(message));
            jobs.push(Job::Ask { tenant: tx.tenant(), change: number, person, key, message }.now());
        }
        Ok(())
    }

    /// Whoever is asked for a change of a batch is asked for the batch, with the word that is said to all of it.
    async fn ask_for_batch(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        decision: &Decision,
        around: Around,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let asked = asked_now(decision);
        if asked.is_empty() || !around.speaks_for_its_service {
            return Ok(());
        }
        let Some(batch) = tx.batch(around.batch).await? else { return Ok(()) };
        let key = format!("ask-{}-{}", batch.subject(), decision.at.format("%y%m%d"));
        for (person, asks) in asked {
            let data = json!({
                "subject": batch.subject(), "title": batch.title, "requester": batch.requester,
                "changes": batch.items.len().to_string(), "seats": seats(&asks),
                "until": asks.iter().filter_map(|ask| ask.until).min(),
            });
            let mut message = self.renderer.message("direct/asked_batch", &data, &tenant.organisation)?;
            let press = Press::on(PressAction::Acknowledge, batch.subject(), None);
            message.blocks.push(row(vec![button(press, ButtonStyle::Plain)]));
            jobs.extend(Job::direct_each(tx.tenant(), [person.clone()], &key, &message));
        }
        Ok(())
    }

    /// Whoever somebody has to stand in for them from now on is asked for the changes that they were asked for.
    pub(super) async fn ask_delegates(&self, tx: &mut Tx, from: &[&PersonId]) -> Result<Vec<Later>, HandleError> {
        let people: Vec<String> = from.iter().map(|person| person.as_str().to_owned()).collect();
        let changes = tx.changes_asking(&people).await?;
        let tenant = tx.tenant();
        Ok(changes.into_iter().map(|change| Job::CheckAsks { tenant, change }.now()).collect())
    }

    /// Those whose change it is, and whoever accepted its risk, hear in private that this is over.
    fn tell_of_expiry(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        change: &Change,
        decision: &Decision,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        for event in &decision.events {
            let Event::Change(ChangeEvent::Approval(ApprovalEvent::AcceptanceExpired { until, people, .. })) = event
            else {
                continue;
            };
            let teller = Teller { app: self, tenant, actor: &Actor::Wardroom };
            let details = change_button(change, PressAction::Details, ButtonStyle::Plain);
            let accept = change_button(change, PressAction::AcceptRisk, ButtonStyle::Danger);
            let text = teller.line(decision.subject, event)?;
            let message =
                Message { blocks: vec![Block::Paragraph { text }, row(vec![accept, details])], ..Message::default() };
            let key = format!("accepted-{}-{}", change.number, until.timestamp());
            jobs.extend(Job::direct_each(tx.tenant(), people.clone(), &key, &message));
        }
        Ok(())
    }

    /// Whom to ask has changed, and with it what the cards say of changes that wait for a decision: whoever commands an
    /// incident cannot sign its changes, a delegate signs for somebody.
    pub(super) async fn show_undecided(&self, tx: &mut Tx, incident: Option<i64>) -> Result<Vec<Later>, HandleError> {
        let mut cards = tx.cards_undecided(incident).await?;
        cards.retain(|(_, _, place)| self.platforms.contains(&place.platform));
        let tenant = tx.tenant();
        Ok(cards.into_iter().map(|(subject, kind, place)| Job::Show { tenant, subject, kind, place }.now()).collect())
    }

    /// What somebody is told who is asked, above the card.
    fn asking(&self, tenant: &Tenant, change: &Change, asks: &[&SeatAsk]) -> Result<Message, HandleError> {
        let takes_risk = asks.iter().any(|ask| ask.seat == Seat::Executive);
        let data = json!({
            "subject": change.subject(),
            "title": change.title,
            "revision": (change.revision > 1).then_some(change.revision),
            "service": tenant.organisation.services_of(change),
            "incident": change.incident.map(Subject::Incident),
            "requester": change.requester,
            "seats": seats(asks),
            "risk": takes_risk.then(|| change.risk_in_full().lines().map(str::to_owned).collect::<Vec<_>>()),
            "until": asks.iter().filter_map(|ask| ask.until).min(),
            "missed": asks.iter().any(|ask| ask.because.is_after_miss()).then(|| json!({ "by": change.decide_by })),
        });
        let mut message = self.renderer.message("direct/asked", &data, &tenant.organisation)?;
        let buttons = [PressAction::Acknowledge, PressAction::Delegate];
        let buttons = buttons.map(|action| change_button(change, action, ButtonStyle::Plain));
        message.blocks.push(row(buttons.into()));
        Ok(message)
    }
}

fn seats(asks: &[&SeatAsk]) -> Vec<Value> {
    asks.iter().map(|ask| json!({"seat": ask.seat.phrase(), "because": ask.because.phrase()})).collect()
}

/// Who is told that there is more time, until when, and what is missing.
fn prolonged_now(decision: &Decision) -> impl Iterator<Item = (&DateTime<Utc>, &Vec<PersonId>, &String)> {
    decision.events.iter().filter_map(|event| match event {
        Event::Change(ChangeEvent::Approval(ApprovalEvent::Prolonged { until, people, sentence, .. })) => {
            Some((until, people, sentence))
        }
        _ => None,
    })
}

/// Whom a decision asks, each once, with every seat that they are asked for.
fn asked_now(decision: &Decision) -> BTreeMap<&PersonId, Vec<&SeatAsk>> {
    let mut people: BTreeMap<&PersonId, Vec<&SeatAsk>> = BTreeMap::new();
    for event in &decision.events {
        let Event::Change(event) = event else {
            continue;
        };
        for ask in event.asks() {
            people.entry(&ask.person).or_default().push(ask);
        }
    }
    people
}
