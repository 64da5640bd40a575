//! What follows from a delegation or an absence: whom it is about is told in private, but for whoever said it, and cards
//! ask whoever is there.

use serde_json::{Value, json};

use chrono::{DateTime, Utc};

use super::App;
use super::Tenant;
use super::answer::Teller;
use super::handle::{Caller, HandleError};
use crate::domain::{AbsenceEvent, Decision, DelegationEvent, Event, PersonId, RotaEvent, Team};
use crate::render::{Block, Message};
use crate::store::{Job, Later, Tx};

impl App {
    /// The cards that say who is on call, anew.
    async fn show_on_call(&self, tx: &mut Tx) -> Result<Vec<Later>, HandleError> {
        let mut cards = tx.cards_of_open_incidents().await?;
        cards.retain(|(_, place)| self.platforms.contains(&place.platform));
        let tenant = tx.tenant();
        let show = |(subject, place)| Job::Show { tenant, subject, kind: "incident".to_owned(), place }.now();
        Ok(cards.into_iter().map(show).collect())
    }

    /// Who is on call in each team, who is away, and who stands in for whom.
    pub(super) fn on_call(&self, tenant: &Tenant) -> Result<Message, HandleError> {
        let (organisation, now) = (&tenant.organisation, self.clock.now());
        let team = |team: &Team| {
            let next = team.next_on_call(now, organisation.time_zone);
            let people: Vec<Value> = team
                .on_call_at(now, organisation.time_zone)
                .into_iter()
                .map(|person| json!({"person": person, "away": organisation.away_until(&person, now), "for": organisation.delegate_of(&person, now)}))
                .collect();
            json!({"name": team.name, "people": people, "next": next.map(|(person, at)| json!({"person": person, "at": at}))})
        };
        let spells = organisation
            .absences
            .iter()
            .map(|one| json!({"person": one.person, "starts": one.starts, "ends": one.ends}));
        let delegations = organisation.delegations.iter();
        let delegations =
            delegations.map(|one| json!({"person": one.from, "to": one.to, "starts": one.starts, "ends": one.ends}));
        let data = json!({
            "teams": organisation.teams.values().map(team).collect::<Vec<_>>(),
            "spells": spells.chain(delegations).collect::<Vec<_>>(),
        });
        Ok(self.renderer.message("answer/on_call", &data, organisation)?)
    }

    pub(super) async fn follow_delegations(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        decision: &Decision,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let teller = Teller { app: self, tenant, actor: caller.actor };
        if decision
            .events
            .iter()
            .any(|event| matches!(event, Event::Delegation(_) | Event::Absence(_) | Event::Rota(_)))
        {
            jobs.extend(self.show_undecided(tx, None).await?);
            jobs.extend(self.show_on_call(tx).await?);
        }
        let begun: Vec<_> = decision.events.iter().filter_map(|event| begins(event, decision.at)).collect();
        if !begun.is_empty() {
            jobs.extend(self.ask_delegates(tx, &begun).await?);
        }
        for (number, event) in decision.events.iter().enumerate() {
            let people = match event {
                Event::Delegation(what) => what.people().to_vec(),
                Event::Absence(what) => vec![what.person()],
                Event::Rota(what) => {
                    let lead = tenant.organisation.teams.get(what.team()).and_then(|team| team.lead.as_ref());
                    let lead = lead.filter(|_| matches!(what, RotaEvent::GapFound { .. }));
                    what.people().into_iter().chain(lead).collect()
                }
                _ => continue,
            };
            let line = Block::Paragraph { text: teller.line(decision.subject, event)? };
            let message = Message { blocks: vec![line], ..Message::default() };
            let key = format!("dlg-{}-{number}", decision.at.format("%y%m%d%H%M%S"));
            let others = people.into_iter().filter(|person| caller.actor.person() != Some(*person)).cloned();
            jobs.extend(Job::direct_each(tenant.organisation.tenant, others, &key, &message));
        }
        Ok(())
    }
}

/// Whose delegation begins with this.
fn begins(event: &Event, at: DateTime<Utc>) -> Option<&PersonId> {
    match event {
        Event::Delegation(DelegationEvent::Granted { from, starts, .. }) if *starts <= at => Some(from),
        Event::Delegation(DelegationEvent::Began { from, .. }) => Some(from),
        Event::Absence(AbsenceEvent::Noted { person, starts, .. }) if *starts <= at => Some(person),
        Event::Absence(AbsenceEvent::Began { person, .. }) => Some(person),
        _ => None,
    }
}
