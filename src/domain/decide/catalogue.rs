//! An entry of the catalogue is taken out of use and let in again by those who answer for it; its owner hears in time that it
//! is about to expire (rule 4.41).

use chrono::TimeDelta;

use super::approval::{end, end_asks};
use super::asking;
use super::assessment::{Facts, assess, clocks};
use super::change::{NewChange, new_number, opened, unasked};
use super::standard::{owner_of, steps};
use super::standing::{Record, permit, person};
use super::{logged, stands};
use crate::domain::catalogue_mark::{CatalogueCommand, CatalogueStep};
use crate::domain::change_services::SERVICES_MAX;
use crate::domain::policy::CatalogueEntry;
use crate::domain::rules::{
    Action, Band, CatalogueApproval, CatalogueState, ChangeKind, Rehearsal, Required, Seat, Tie, Touches,
    VotePolicyName,
};
use crate::domain::standard::{EntryRecord, EntryStanding, entry_ends, entry_standing};
use crate::domain::{
    Answer, Asked, CatalogueEvent, Change, ChangeEvent, ChangeForm, ChangeStatus, Decision, EntryEvent, Event,
    PersonId, Refusal, Role, Subject, Submission, Vote, World,
};

const RULE: &str = "4.41";
/// Digits of a hash that name a content.
const HASH_SHOWN: usize = 12;

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: CatalogueCommand) -> Result<Decision, Refusal> {
    match command {
        CatalogueCommand::Suspend { entry, why } => suspend(world, asked, &entry, why),
        CatalogueCommand::Resume { entry, why } => resume(world, asked, &entry, why),
        CatalogueCommand::Submit { entry } => submit(world, asked, &entry),
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

/// A change about the entry, and nothing else: what the board votes on, with all that goes with a vote.
fn submit(world: &World<'_>, asked: Asked<'_>, key: &str) -> Result<Decision, Refusal> {
    let (number, _) = new_number(world)?;
    let me = person(asked, Action::RaiseChange)?;
    let entry = entry_of(world, key)?;
    // Whoever keeps it often has a seat in that vote, so that others, too, can ask.
    let record = Record { services: &entry.services, ties: &[Tie::Certified], ..Record::default() };
    permit(world, asked, Action::RaiseChange, record)?;
    if world.policy.catalogue.approval == CatalogueApproval::Policy {
        return Err(Refusal::slip(
            "The board does not vote on entries here: whoever signs the policy approves them.",
            "`approval = \"cab\"` under `[catalogue]` of the policy has it vote on each.",
        ));
    }
    if world.entry.is_approved(world.policy) {
        let sentence = format!("The board has approved {key} (version {}) already.", entry.version);
        return Ok(stands(asked, Subject::Policy, sentence));
    }
    if let Some(change) = world.entry.before_the_board() {
        let sentence = format!("CHG-{change} has put {key} to the board already.");
        return Ok(stands(asked, Subject::Change(change), sentence));
    }
    let services = services_of(world, me, entry)?;
    let service = services[0].clone();
    let submission = Submission { entry: key.to_owned(), version: entry.version, sha256: world.entry.sha256.clone() };
    let risk = assess(world, entry.risk.factors(), Some(true), &services, Rehearsal::NotDone);
    let required = Required {
        vote: Some(VotePolicyName::CatalogueEntry),
        // What is done without asking any more, each owner agrees to first (rule 4.10).
        owners: Some(world.organisation.owner_groups(&services)).filter(|owners| *owners > 1),
        owner_seats: world.organisation.owner_seats(&services),
        ..Required::default()
    };
    let kind = ChangeKind::Normal;
    let facts = Facts {
        kind,
        tested: true,
        services: &services,
        incident: None,
        risk: &risk.verdict,
        touches: Touches::default(),
        exploit: false,
    };
    let (vote, decide_by) = clocks(world, facts, &required, asked.at);
    check_others_fill_the_seats(world, me, key, vote.as_ref(), risk.verdict.band)?;
    if required.owners.is_some() && world.organisation.owns_any(me, &services) {
        return Err(owns_of_it(world, me, key, &services));
    }
    let form = ChangeForm { also: services[1..].to_vec(), ..described(entry, &submission) };
    let sentence = risk.sentence.clone();
    let new = NewChange { number, kind, form, service, incident: None, risk, standard: None, lasts: None };
    let mut change = unasked(world, me, asked.at, new, required);
    change.vote = vote;
    change.decide_by = decide_by;
    change.submits = Some(submission.clone());
    let warnings = asking::begin(world, asked, &mut change);
    let mut decision = opened(world, asked, change, &sentence);
    decision.events.push(Event::Change(ChangeEvent::Entry(EntryEvent::Submitted(submission))));
    decision.answer.also.extend(warnings);
    Ok(decision)
}

/// Each owner agrees to what is on services of several, and whoever asks has no say.
fn owns_of_it(world: &World<'_>, me: &PersonId, key: &str, services: &[String]) -> Refusal {
    let own: Vec<String> =
        services.iter().filter(|service| world.organisation.is_owner(me, service)).cloned().collect();
    Refusal::by_rule(
        "4.10",
        format!(
            "You own {}: each owner agrees to {key}, and whoever asks for it has no say.",
            world.organisation.named(&own)
        ),
        format!("Somebody else who may ask for changes puts it to the board: `/cab standard submit {key}`."),
    )
}

/// Whoever asks does not vote: what only they could fill would stay empty, and the vote could never pass.
fn check_others_fill_the_seats(
    world: &World<'_>,
    me: &PersonId,
    key: &str,
    vote: Option<&Vote>,
    band: Band,
) -> Result<(), Refusal> {
    let Some(vote) = vote else { return Ok(()) };
    let fills = |seat: Seat, mine: bool| {
        vote.roster.iter().any(|member| (member.person == *me) == mine && member.seats.contains(&seat))
    };
    let required = world.policy.votes.of(vote.policy, band).required_seats;
    match required.into_iter().find(|seat| !fills(*seat, false)) {
        Some(seat) if fills(seat, true) => Err(Refusal::by_rule(
            "4.13",
            format!("You are the only {seat} in that vote, and whoever asks for it does not vote."),
            format!("Somebody else who may ask for changes puts it to the board: `/cab standard submit {key}`."),
        )),
        Some(seat) => Err(Refusal::by_rule(
            "4.13",
            format!("Nobody on the board is the {seat} of a service of {key}, so a vote on it could not pass."),
            "The board is a roster of the organisation file; the vote's seats are in the policy.",
        )),
        None => Ok(()),
    }
}

/// One of each owner, and others as far as a change may be on them; the first is one whose owner is on the board, where there
/// is one: whoever asks does not vote, and the owner has to.
fn services_of(world: &World<'_>, me: &PersonId, entry: &CatalogueEntry) -> Result<Vec<String>, Refusal> {
    let organisation = world.organisation;
    let board = organisation.board();
    let votes = |owner: &PersonId| owner != me && board.is_some_and(|roster| roster.members.contains(owner));
    let known: Vec<String> =
        entry.services.iter().filter(|key| organisation.services.contains_key(*key)).cloned().collect();
    let firsts: Vec<String> =
        organisation.owner_seats(&known).into_iter().filter_map(|seat| seat.into_iter().next()).collect();
    let mut services = if firsts.is_empty() { known.clone() } else { firsts.clone() };
    services.sort_by_key(|key| !votes(&organisation.services[key].owner));
    services.extend(known.into_iter().filter(|key| !firsts.is_empty() && !firsts.contains(key)));
    services.truncate(SERVICES_MAX);
    if services.is_empty() {
        let next = "The organisation file names the services that there are.";
        return Err(Refusal::slip("None of its services is known here.", next));
    }
    Ok(services)
}

/// The content of an entry, for those who vote on it.
fn described(entry: &CatalogueEntry, submission: &Submission) -> ChangeForm {
    let Submission { entry: key, version, sha256 } = submission;
    let values: Vec<String> =
        entry.parameters.iter().map(|(name, parameter)| format!("{name} {}", parameter.range())).collect();
    let values = if values.is_empty() { String::new() } else { format!(" · Values: {}", values.join("; ")) };
    let freeze_safe = if entry.freeze_safe { " · Safe in a freeze" } else { "" };
    let why = format!(
        "To be done without asking again, on {}, in {} minutes{values}{freeze_safe} · {} · sha256 {}",
        entry.services.join(", "),
        entry.minutes,
        steps(entry),
        &sha256[..HASH_SHOWN.min(sha256.len())]
    );
    ChangeForm {
        title: Some(format!("Catalogue entry {key}, version {version}: {}", entry.title)),
        service: None,
        also: Vec::new(),
        impact: Some(entry.impact.clone()),
        why_now: Some(why),
        rollback_plan: Some(entry.rollback.clone()),
        tested: Some(true),
        factors: entry.risk.factors(),
        ..ChangeForm::default()
    }
}

/// The board agreed: the entry may be used, and the change that asked is over.
pub(super) fn approved(world: &World<'_>, asked: Asked<'_>, mut change: Change, events: &mut Vec<Event>) -> Change {
    let Some(of) = change.submits.clone() else { return change };
    let entry = world.policy.catalogue.entries.get(&of.entry);
    let owner = entry.and_then(|entry| owner_of(world.organisation, entry));
    end(&mut change, asked, ChangeStatus::Completed, format!("The board approved {}.", of.entry));
    change.approved_at = Some(asked.at);
    events.push(Event::Change(ChangeEvent::Entry(EntryEvent::Approved { of, owner })));
    end_asks(&mut change, world.policy);
    change
}

/// What the board votes on is the entry, as the policy has it.
pub(super) fn check_no_submission(change: &Change) -> Result<(), Refusal> {
    match &change.submits {
        Some(of) => Err(Refusal::slip(
            format!("{} puts {} to the board as the policy has it.", change.subject(), of.entry),
            format!("`/change withdraw {}` takes it back; a revised entry is put to the board anew.", change.subject()),
        )),
        None => Ok(()),
    }
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
