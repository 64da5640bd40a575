//! Conflicts on record: both sides are asked in private to settle them, then a change manager.

use std::collections::BTreeSet;

use serde_json::json;

use super::answer::Teller;
use super::cards::{change_button, headline, row};
use super::handle::HandleError;
use super::{App, Tenant};
use crate::domain::rules::{ConflictLevel, ConflictState, Role};
use crate::domain::{
    Change, Command, ConflictEvent, DeadlineKind, Decision, Event, Organisation, PersonId, RulingCommand, State,
    Target, World,
};
use crate::language::presses::PressAction;
use crate::render::{Block, ButtonStyle, Message};
use crate::store::{Job, Later, Tx};

/// Fills in the changes on the other side, each locked, where a conflict on record is looked at or settled. The line is
/// held already.
pub(super) async fn load_rivals(tx: &mut Tx, world: &mut World<'_>, command: &Command) -> Result<(), HandleError> {
    let Target::Change { change, .. } = &world.target else { return Ok(()) };
    let looks = match command {
        Command::Conflict(_) | Command::Ruling(RulingCommand::Escalate { .. }) => true,
        Command::Due { deadline, .. } => *deadline == DeadlineKind::Conflict,
        _ => false,
    };
    if looks {
        for one in &change.conflicts {
            world.rivals.extend(tx.lock_change(one.rival_of(change.number)).await?);
        }
    }
    Ok(())
}

impl App {
    /// Enqueues what follows from a conflict for both sides; and a look at those that a step of one of them may settle.
    pub(super) async fn follow_conflicts(
        &self,
        tx: &mut Tx,
        teller: &Teller<'_>,
        decision: &Decision,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let State::Change(change) = &decision.state else { return Ok(()) };
        for event in &decision.events {
            if let Event::Conflict(of) = event {
                self.tell_conflict(tx, teller, (change, decision), (event, of), jobs).await?;
            }
        }
        let is_settled =
            |event: &Event| matches!(event, Event::Conflict(of) if !matches!(of, ConflictEvent::Yielded { .. }));
        if !decision.events.iter().all(is_settled) {
            let check = |holder| Job::CheckConflict { tenant: tx.tenant(), change: holder }.now();
            jobs.extend(change.conflicts.iter().map(|one| check(one.holder)));
        }
        Ok(())
    }

    async fn tell_conflict(
        &self,
        tx: &mut Tx,
        teller: &Teller<'_>,
        (change, decision): (&Change, &Decision),
        (event, of): (&Event, &ConflictEvent),
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let other = match of {
            ConflictEvent::Opened { other, .. }
            | ConflictEvent::CoexistAsked { other, .. }
            | ConflictEvent::Escalated { other, .. }
            | ConflictEvent::Resolved { other, .. } => *other,
            ConflictEvent::Yielded { .. } => return Ok(()),
        };
        let Some(other) = tx.change(other).await? else { return Ok(()) };
        let line = Block::Paragraph { text: teller.line(decision.subject, event)? };
        let key = format!("conflict-{}-{}", change.number, change.version);
        let managers: Vec<PersonId> = match of {
            ConflictEvent::Escalated { level: ConflictLevel::Manager, .. } => {
                teller.tenant.organisation.holding(Role::ChangeManager)
            }
            _ => Vec::new(),
        };
        let is_over = matches!(of, ConflictEvent::Resolved { .. });
        // What held nothing up ends without a word, unless both agreed to it.
        if matches!(of, ConflictEvent::Resolved { near: true, state, .. } if *state != ConflictState::Coexist) {
            return Ok(());
        }
        let near = change.shared_with(&other).is_none();
        let mut told: BTreeSet<PersonId> = BTreeSet::new();
        for (own, rival) in [(change, &other), (&other, change)] {
            let mut blocks = vec![line.clone()];
            if is_over {
                blocks.push(row(vec![change_button(own, PressAction::Details, ButtonStyle::Plain)]));
            } else {
                blocks.extend(self.both_sides(teller.tenant, own, rival)?);
            }
            let message = Message { blocks, ..Message::default() };
            let mut people = vec![own.requester.clone(), own.implementer.clone()];
            people.extend(managers.iter().cloned());
            people.sort();
            people.dedup();
            // Whoever is on both sides of what holds nothing up is told once.
            people.retain(|person| told.insert(person.clone()) || !near);
            jobs.extend(Job::direct_each(tx.tenant(), people, &format!("{key}-{}", own.number), &message));
        }
        Ok(())
    }

    /// What one side is told, with what it can do.
    fn both_sides(&self, tenant: &Tenant, own: &Change, rival: &Change) -> Result<Vec<Block>, HandleError> {
        let window = |change: &Change| change.window.or(change.planned);
        let side = |change: &Change| {
            json!({
                "subject": change.subject(), "title": headline(&change.title), "requester": change.requester,
                "from": window(change).map(|window| window.opens), "until": window(change).map(|window| window.closes),
            })
        };
        let near = own.shared_with(rival).is_none();
        let data = json!({
            "own": side(own), "rival": side(rival), "how": how(&tenant.organisation, own, rival), "near": near,
        });
        let mut blocks = self.renderer.message("direct/conflict", &data, &tenant.organisation)?.blocks;
        let button = |action, style| change_button(own, action, style);
        // Two on one service never run side by side, and of what holds nothing up there is nothing to rule on.
        let last = if near {
            button(PressAction::Coexist, ButtonStyle::Primary)
        } else {
            button(PressAction::Escalate, ButtonStyle::Danger)
        };
        let first = if near { ButtonStyle::Plain } else { ButtonStyle::Primary };
        blocks.push(row(vec![button(PressAction::Yield, first), button(PressAction::Move, ButtonStyle::Plain), last]));
        Ok(blocks)
    }
}

/// What two changes have to do with each other.
fn how(organisation: &Organisation, own: &Change, rival: &Change) -> String {
    if let Some(shared) = own.shared_with(rival) {
        return format!("want {} at the same time", organisation.service_name(&shared));
    }
    match organisation.nearest(&own.services(), &rival.services()) {
        Some(1) => {
            let (here, there) = (organisation.services_of(own), organisation.services_of(rival));
            format!("are planned for the same time on {here} and {there}, which are next to each other")
        }
        _ => format!("are carried out by {} at the same time", organisation.name_of(&own.implementer)),
    }
}
