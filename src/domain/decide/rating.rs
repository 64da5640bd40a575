//! What a use of an entry of the catalogue, or a change that might become one, says of the catalogue (rule 4.41).

use chrono::TimeDelta;

use super::standard::{entry_in_force, owner_of};
use super::standing::person;
use super::{change_decision, change_of, stands};
use crate::domain::rules::{Action, CatalogueVerdict, ChangeKind, PatternUse, promotion_verdict};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeStatus, Decision, EntryEvent, EntryRating, Event, RateCommand, Refusal,
    Standard, World,
};

/// Whoever carried it out says whether the entry was of help.
pub(super) fn rate(world: &World<'_>, asked: Asked<'_>, command: RateCommand) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RunChange)?;
    let subject = change.subject();
    let Some(standard) = &change.standard else {
        return Err(Refusal::slip(
            format!("{subject} came from no entry of the catalogue."),
            "`/change std` shows them.",
        ));
    };
    if me != &change.implementer {
        let who = world.organisation.name_of(&change.implementer);
        return Err(Refusal::slip(format!("{who} carried {subject} out."), format!("{who} can rate its entry.")));
    }
    if !matches!(change.status, ChangeStatus::Completed | ChangeStatus::RolledBack) {
        let sentence = format!("{subject} is {}.", change.status.phrase());
        return Err(Refusal::slip(sentence, "Its entry can be rated once it is over."));
    }
    if let Some(rating) = standard.rating {
        let sentence = format!("You rated {} {} of 5 already, after {subject}.", standard.entry, rating.helpful);
        return Ok(stands(asked, subject, sentence));
    }
    let RateCommand { helpful, wrong, why } = command;
    let rated = Standard { rating: Some(EntryRating { helpful, wrong, at: asked.at }), ..standard.clone() };
    let (entry, version) = (standard.entry.clone(), standard.version);
    let mut events = vec![of(EntryEvent::Rated { entry, version, helpful, wrong, why })];
    events.extend(to_revise(world, asked, standard, helpful));
    let next = Change { standard: Some(rated), ..change.clone() };
    Ok(change_decision(world, asked, next, events, Answer::default()))
}

/// Its owner is told once: by the rating that makes it too low.
fn to_revise(world: &World<'_>, asked: Asked<'_>, standard: &Standard, helpful: u8) -> Option<Event> {
    let entry = entry_in_force(world, standard)?;
    if world.entry.rated_low_since(world.policy).is_some() {
        return None;
    }
    let mut record = world.entry.clone();
    record.ratings.push((asked.at, helpful));
    let since = record.rated_low_since(world.policy)?;
    Some(of(EntryEvent::ToRevise {
        entry: standard.entry.clone(),
        version: standard.version,
        ratings: u32::try_from(record.ratings.len()).unwrap_or(u32::MAX),
        owner: owner_of(world.organisation, entry),
        until: since + TimeDelta::days(world.policy.catalogue.revise_within_days.into()),
    }))
}

/// A change works: the one that makes the count of those like it full is told to the owner of its service, once.
pub(super) fn suggested(world: &World<'_>, change: &Change) -> Option<Event> {
    let earlier = world.alike.filter(|_| change.kind == ChangeKind::Normal)?;
    let pattern = PatternUse { uses: earlier.uses + 1, band: earlier.band.max(change.risk.band), ..earlier };
    let is_first = pattern.uses == world.policy.catalogue.promote_from_uses;
    let earned = promotion_verdict(world.policy, pattern).verdict == CatalogueVerdict::SuggestPromotion;
    let owner = world.organisation.services.get(&change.service).map(|service| service.owner.clone());
    let service = change.service.clone();
    (is_first && earned).then(|| of(EntryEvent::Suggested { uses: pattern.uses, service, owner }))
}

fn of(event: EntryEvent) -> Event {
    Event::Change(ChangeEvent::Entry(event))
}
