//! An entry of the catalogue is taken out of use and let in again by those who answer for it; its owner hears in time that it
//! is about to expire (rule 4.41).

use chrono::TimeDelta;

use super::standard::owner_of;
use super::standing::person;
use super::{logged, stands};
use crate::domain::catalogue_mark::{CatalogueCommand, CatalogueStep};
use crate::domain::policy::CatalogueEntry;
use crate::domain::rules::{Action, CatalogueState};
use crate::domain::standard::{EntryRecord, EntryStanding, entry_ends, entry_standing};
use crate::domain::{Answer, Asked, CatalogueEvent, Decision, Event, PersonId, Refusal, Role, Subject, World};

const RULE: &str = "4.41";

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: CatalogueCommand) -> Result<Decision, Refusal> {
    match command {
        CatalogueCommand::Suspend { entry, why } => suspend(world, asked, &entry, why),
        CatalogueCommand::Resume { entry, why } => resume(world, asked, &entry, why),
        CatalogueCommand::LookAfter => Ok(look_after(world, asked)),
    }
}

fn suspend(world: &World<'_>, asked: Asked<'_>, key: &str, why: String) -> Result<Decision, Refusal> {
    let me = person(asked, Action::RunChange)?;
    let entry = entry_of(world, key)?;
    let owner = owner_of(world.organisation, entry);
    if owner.as_ref() != Some(me) && !is_manager(world, me) {
        return Err(kept(world, key, owner.as_ref(), "suspend it"));
    }
    if let Some(mark) = world.entry.suspended() {
        let at = super::freeze::moment(mark.at);
        return Ok(stands(asked, Subject::Policy, format!("{key} is suspended since {at} already.")));
    }
    let of = step(world, key, entry);
    let event = CatalogueEvent::Suspended { of, by_failures: false, why: Some(why) };
    let answer = Answer::undo(format!("`/cab standard resume {key}` lets it in again"))
        .also("Changes that it approved already stay approved; it approves no new ones.");
    Ok(logged(asked, Subject::Policy, vec![Event::Catalogue(event)], answer))
}

/// What somebody suspended, its owner lets in again too; what failed too often, somebody else does.
fn resume(world: &World<'_>, asked: Asked<'_>, key: &str, why: String) -> Result<Decision, Refusal> {
    let me = person(asked, Action::RunChange)?;
    let entry = entry_of(world, key)?;
    let owner = owner_of(world.organisation, entry);
    let is_owner = owner.as_ref() == Some(me);
    if !is_owner && !is_manager(world, me) {
        return Err(kept(world, key, owner.as_ref(), "let it in again"));
    }
    let by_failures = world.entry.has_failed(world.policy);
    if world.entry.suspended().is_none() && !by_failures {
        return in_use(world, asked, key, entry);
    }
    if by_failures && (is_owner || !is_manager(world, me)) {
        return Err(Refusal::by_rule(
            RULE,
            format!("Uses of {key} failed too often, so its owner does not let it in again."),
            "A change manager who does not keep it can, with a reason. A revised version in the policy begins anew.",
        ));
    }
    let event = CatalogueEvent::Resumed { of: step(world, key, entry), by_failures, why };
    let answer = Answer::undo(format!("`/cab standard suspend {key}` takes it out of use"));
    let answer = if by_failures { answer.also("What failed before counts no more.") } else { answer };
    Ok(logged(asked, Subject::Policy, vec![Event::Catalogue(event)], answer))
}

/// What is not suspended is in use, or closed by something else, which nobody's word opens.
fn in_use(world: &World<'_>, asked: Asked<'_>, key: &str, entry: &CatalogueEntry) -> Result<Decision, Refusal> {
    match entry_standing(world.policy, world.organisation, entry, &world.entry, asked.at) {
        EntryStanding::Closed(ruling) => Err(Refusal::by_rule(
            RULE,
            format!("{key} is not suspended. {}", ruling.sentence),
            format!("A policy with a revised version brings it back: `/cab standard draft {key}` shows its section."),
        )),
        EntryStanding::InUse | EntryStanding::ToRevise { .. } => {
            Ok(stands(asked, Subject::Policy, format!("{key} is in use.")))
        }
    }
}

/// Whoever keeps an entry hears before it has to be looked at again, and when that moment has come: once each. What failed too
/// often without a word of it in the log, because somebody blamed a change later, gets its word.
fn look_after(world: &World<'_>, asked: Asked<'_>) -> Decision {
    let mut events = Vec::new();
    for (key, entry) in &world.policy.catalogue.entries {
        let Some(record) = world.entries.get(key) else { continue };
        let of = step(world, key, entry);
        if record.suspended().is_none() && record.has_failed(world.policy) {
            events.push(CatalogueEvent::Suspended { of: of.clone(), by_failures: true, why: None });
        }
        events.extend(by_time(world, asked, entry, record, of));
    }
    logged(asked, Subject::Policy, events.into_iter().map(Event::Catalogue).collect(), Answer::default())
}

fn by_time(
    world: &World<'_>,
    asked: Asked<'_>,
    entry: &CatalogueEntry,
    record: &EntryRecord,
    of: CatalogueStep,
) -> Option<CatalogueEvent> {
    let numbers = &world.policy.catalogue;
    let ends = entry_ends(world.policy, entry, record.since);
    let warns = ends - TimeDelta::days(numbers.warn_days.into());
    let was_told =
        |state: CatalogueState, since| record.marks.iter().any(|mark| mark.state == state && mark.at >= since);
    if asked.at >= ends {
        let until = ends + TimeDelta::days(numbers.revise_within_days.into());
        return (!was_told(CatalogueState::Expired, ends)).then_some(CatalogueEvent::Expired { of, until });
    }
    (asked.at >= warns && !was_told(CatalogueState::Expiring, warns)).then_some(CatalogueEvent::Expiring { of, ends })
}

fn step(world: &World<'_>, key: &str, entry: &CatalogueEntry) -> CatalogueStep {
    CatalogueStep { entry: key.to_owned(), version: entry.version, owner: owner_of(world.organisation, entry) }
}

fn entry_of<'a>(world: &'a World<'_>, key: &str) -> Result<&'a CatalogueEntry, Refusal> {
    world.policy.catalogue.entries.get(key).ok_or_else(|| {
        Refusal::slip(format!("There is no “{key}” in the catalogue."), "`/change std` shows what there is.")
    })
}

fn is_manager(world: &World<'_>, me: &PersonId) -> bool {
    world.organisation.has_role(me, Role::ChangeManager)
}

fn kept(world: &World<'_>, key: &str, owner: Option<&PersonId>, what: &str) -> Refusal {
    let owner = owner.map_or_else(|| "nobody who is here".to_owned(), |owner| world.organisation.name_of(owner));
    Refusal::by_rule("4.23", format!("{key} is kept by {owner}."), format!("Its owner or a change manager can {what}."))
}
