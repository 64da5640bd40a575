//! A change runs while something else is broken: whoever commands lets it finish, halts it, or has it taken back. What
//! is halted goes on only when whoever carries it out and a technical authority agree.

use chrono::{DateTime, Utc};

use super::candidates::ranked;
use super::delegation::authority;
use super::standing::{Record, on_change, permit, person};
use super::{change_decision, change_of, extension, retro, run, slot, stands};
use crate::domain::event::HaltEvent;
use crate::domain::rules::{Action, ChangeKind, LinkKind, LinkState, Priority, Role, Seat, Tie};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeStatus, DecidedBy, Decision, Event, Halt, HaltRuling, HaltTrigger,
    Incident, Organisation, PersonId, Refusal, Target, World,
};

const HALTED_BEFORE_VOTE: &str = "The change was halted before its vote on more time.";

pub(super) fn rule(
    world: &World<'_>,
    asked: Asked<'_>,
    ruling: HaltRuling,
    (why, declares): (Option<String>, bool),
) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::HaltChange)?;
    retro::check_is_none(change)?;
    let incident = decided_for(world, change, me);
    permitted(world, asked, change, ruling, incident)?;
    if let Some(halt) = change.halt.as_ref().filter(|halt| is_decided(change, halt, ruling, incident)) {
        return late(world, asked, change, halt, ruling);
    }
    if change.status != ChangeStatus::Halted {
        run::check_running(world, change)?;
    }
    let number = incident.map(|incident| incident.number);
    let mut next = change.clone();
    let mut events = Vec::new();
    next.halt = Some(ruled(ruling, DecidedBy::Person(me.clone()), asked, number));
    if ruling == HaltRuling::Finish {
        events.push(of(HaltEvent::LetFinish { incident: number }));
        let answer = Answer::undo(format!("`/change halt {} why: …` stops it all the same", change.subject()));
        return Ok(change_decision(world, asked, next, events, answer));
    }
    extension::drop_vote(asked, &mut next, HALTED_BEFORE_VOTE, &mut events);
    next.status = ChangeStatus::Halted;
    let back = ruling == HaltRuling::RollBack;
    events.push(of(HaltEvent::Halted { incident: number, back, declares, trigger: None, why }));
    let answer = Answer::undo(goes_on(world, asked, &next)).also(told(world, change, me));
    Ok(change_decision(world, asked, next, events, answer))
}

/// A change that runs on the very service of an incident that just became critical stops by itself, once for each
/// incident: whoever lets it go on again has seen it (rule 4.24).
pub(super) fn by_rule(
    world: &World<'_>,
    asked: Asked<'_>,
    critical: i64,
    change: &mut Change,
    events: &mut Vec<Event>,
) {
    let incident = world.incidents_near.iter().find(|incident| incident.number == critical);
    let Some(trigger) = incident.and_then(|incident| trigger(world, change, incident)) else { return };
    let (incident, trigger) = (Some(critical), Some(trigger));
    extension::drop_vote(asked, change, HALTED_BEFORE_VOTE, events);
    change.status = ChangeStatus::Halted;
    change.halt = Some(ruled(HaltRuling::Halt, DecidedBy::Rule, asked, incident));
    events.push(of(HaltEvent::Halted { incident, back: false, declares: false, trigger, why: None }));
}

fn trigger(world: &World<'_>, change: &Change, incident: &Incident) -> Option<HaltTrigger> {
    let mut links = world.change_links.iter().filter(|link| link.incident == incident.number);
    // What is to end it runs on, and what its commander said has nothing to do with it.
    let is_apart = links.any(|link| {
        link.state == LinkState::Rejected || (link.kind == LinkKind::Resolves && link.state == LinkState::Confirmed)
    });
    let is_own = change.incident == Some(incident.number);
    let was_decided = change.halt.as_ref().is_some_and(|halt| halt.incident == Some(incident.number));
    let is_hit = incident.is_open() && incident.services.iter().any(|service| change.touches(service));
    if !world.policy.freezes.halts_running || !is_hit || is_own || is_apart || was_decided {
        return None;
    }
    match incident.priority {
        _ if incident.is_major() => Some(HaltTrigger::Major),
        Priority::P1 => Some(HaltTrigger::P1),
        Priority::P2 | Priority::P3 | Priority::P4 => None,
    }
}

fn ruled(ruling: HaltRuling, by: DecidedBy, asked: Asked<'_>, incident: Option<i64>) -> Halt {
    Halt { ruling, by, at: asked.at, incident, resume_by: None }
}

/// What stands once two have let a change go on. Where a rule halted it, that is their word on that incident.
fn let_go(halt: Option<&Halt>, me: &PersonId, asked: Asked<'_>) -> Option<Halt> {
    let halt = halt.filter(|halt| halt.by == DecidedBy::Rule)?;
    Some(ruled(HaltRuling::Finish, DecidedBy::Person(me.clone()), asked, halt.incident))
}

/// What is halted goes on when both have said so: whoever carries it out, and a technical authority or the commander of
/// the major incident for whose sake it was halted. Either may say it first, and why.
pub(super) fn go_on(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    why: Option<String>,
) -> Result<Decision, Refusal> {
    let me = person(asked, Action::RunChange)?;
    let carries_out = &change.implementer == me;
    if !carries_out && !may_agree(world, asked, change, me) {
        return Err(Refusal::by_rule("4.23", stopped_by(world, change), goes_on(world, asked, change)));
    }
    run::check_window(world, asked, change)?;
    let mut next = change.clone();
    let first = change.halt.as_ref().and_then(|halt| halt.resume_by.clone());
    let Some(first) = first else {
        let Some(why) = why else {
            let next = format!("Say why it may: `/change start {} why: …`. It takes two.", change.subject());
            return Err(Refusal::slip(stopped_by(world, change), next));
        };
        if let Some(halt) = &mut next.halt {
            halt.resume_by = Some(me.clone());
        }
        let answer = Answer::default().also(waits_for(world, asked, change, carries_out));
        return Ok(change_decision(world, asked, next, vec![of(HaltEvent::ResumeAsked { why })], answer));
    };
    if (first == change.implementer) == carries_out {
        let sentence = format!("{} asked for it already.", world.organisation.name_of(&first));
        let waits = waits_for(world, asked, change, carries_out);
        return Ok(stands(asked, change.subject(), format!("{sentence} {waits}")));
    }
    next.halt = let_go(change.halt.as_ref(), me, asked);
    next.status = ChangeStatus::Implementing;
    next.slot = Some(slot::resumed(world, asked, change)?);
    let answer = Answer::undo(format!("`/change halt {} why: …` stops it again", change.subject()));
    Ok(change_decision(world, asked, next, vec![of(HaltEvent::Resumed { why })], answer))
}

/// Why nothing more is done to a change that is halted.
pub(super) fn stopped(world: &World<'_>, change: &Change) -> Refusal {
    let id = change.subject();
    let next = format!("`/change start {id} why: …` asks to go on, `/change rollback` takes it back.");
    Refusal::by_rule("4.24", stopped_by(world, change), next)
}

/// How a change that has begun ends, or goes on.
pub(super) fn way_out(change: &Change) -> String {
    let id = change.subject();
    match change.status {
        ChangeStatus::Halted => format!("`/change rollback`, or `/change start {id} why: …` to go on."),
        ChangeStatus::Validating => {
            format!("`/change after validate {id} ok` says that it works; `/change rollback` takes it back.")
        }
        // A record stands as it was written.
        ChangeStatus::Failed if change.kind == ChangeKind::Retroactive => {
            "`/change rollback` takes it back; a change of its own mends it.".to_owned()
        }
        ChangeStatus::Failed => {
            format!("`/change rollback` takes it back; `/change edit {id} plan: …` asks for a way forward.")
        }
        _ => "`/change done` or `/change rollback`.".to_owned(),
    }
}

/// Who could agree with whoever carries a halted change out that it goes on, first one first. `own` is the incident that
/// it resolves, `halted_for` that for whose sake it was halted.
pub fn resumers(
    organisation: &Organisation,
    change: &Change,
    (own, halted_for): (Option<&Incident>, Option<&Incident>),
    now: DateTime<Utc>,
) -> Vec<PersonId> {
    if !change.is_to_go_back() {
        let able = ranked(organisation, &without_votes(change), own, Seat::TechnicalAuthority, now);
        return able.into_iter().map(|(person, _)| person).collect();
    }
    let commander = halted_for.filter(|incident| incident.is_open()).and_then(|incident| incident.commander.as_ref());
    let managers = organisation.with_role(Role::ChangeManager).into_iter().filter(|id| Some(*id) != commander);
    commander.into_iter().chain(managers).filter(|id| !change.is_own(id)).cloned().collect()
}

/// The incident for whose sake somebody decides: one that they command, or the major one that freezes; that which is both
/// before another. What else is broken near the change is none of its business.
fn decided_for<'a>(world: &'a World<'_>, change: &Change, me: &PersonId) -> Option<&'a Incident> {
    let others = world.incidents_near.iter().filter(|incident| Some(incident.number) != change.incident);
    let near = others.chain(own(world));
    let rank = |incident: &Incident| {
        let (commands, freezes) = (incident.commander.as_ref() == Some(me), freezes(incident, change));
        (commands && freezes, freezes, commands)
    };
    near.filter(|incident| rank(incident) > (false, false, false)).max_by_key(|incident| rank(incident))
}

/// Whether the freeze of a major incident holds the change up: not that of its own.
fn freezes(incident: &Incident, change: &Change) -> bool {
    incident.is_major() && Some(incident.number) != change.incident
}

/// The open incident for whose sake the change was halted.
fn halted_for<'a>(world: &'a World<'_>, change: &Change) -> Option<&'a Incident> {
    let number = change.halt.as_ref().and_then(|halt| halt.incident)?;
    let mut near = world.incidents_near.iter().chain(own(world));
    near.find(|incident| incident.number == number && incident.is_open())
}

/// The incident that the change resolves, while it is open.
fn own<'a>(world: &'a World<'_>) -> Option<&'a Incident> {
    match &world.target {
        Target::Change { incident, .. } => incident.as_ref().filter(|incident| incident.is_open()),
        Target::New { .. }
        | Target::Incident(_)
        | Target::Freeze { .. }
        | Target::Meeting(_)
        | Target::Exception(_)
        | Target::Batch(_)
        | Target::Organisation { .. }
        | Target::Proposal { .. }
        | Target::Feed(_)
        | Target::Privacy(_)
        | Target::Log(_) => None,
    }
}

/// Rule 4.23: many may stop a change, since that is safe. That it goes on in a major incident, or goes back, is for whoever
/// decides on its freeze.
fn permitted(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    ruling: HaltRuling,
    incident: Option<&Incident>,
) -> Result<(), Refusal> {
    if ruling == HaltRuling::Halt {
        let carries_out = asked.by.person() == Some(&change.implementer);
        let ties: &[Tie] = if carries_out { &[Tie::Implementer] } else { &[] };
        return permit(world, asked, Action::HaltChange, Record { ties, ..on_change(change, incident) });
    }
    let Some(incident) = incident.filter(|incident| freezes(incident, change)) else {
        let sentence = format!("No major incident freezes what {} is on.", change.subject());
        return Err(Refusal::slip(sentence, "`/change halt` stops it, `/change rollback` takes it back."));
    };
    permit(world, asked, Action::Freeze, Record::of(incident)).map_err(|refusal| {
        let sentence = format!("You do not decide what becomes of {} in {}.", change.subject(), incident.subject());
        let commander = incident.commander.as_ref().map(|id| world.organisation.name_of(id));
        let who = commander.map(|name| format!("{name}, who commands it, or a change manager can."));
        Refusal { sentence, next: who.unwrap_or(refusal.next), ..refusal }
    })
}

/// Whether it was decided already: what is halted stays so, and a commander lets a change finish once.
fn is_decided(change: &Change, halt: &Halt, ruling: HaltRuling, incident: Option<&Incident>) -> bool {
    let same = halt.incident == incident.map(|incident| incident.number);
    let stands = change.status == ChangeStatus::Halted || (change.status == ChangeStatus::Implementing && same);
    stands && ruling <= halt.ruling
}

fn late(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    halt: &Halt,
    ruling: HaltRuling,
) -> Result<Decision, Refusal> {
    let (who, at) = (decided_by(world, halt), halt.at.format("%H:%M UTC"));
    let sentence = format!("{}: {who} {} already, at {at}.", change.subject(), halt.ruling.phrase());
    if halt.ruling == ruling {
        return Ok(stands(asked, change.subject(), sentence));
    }
    Err(Refusal::slip(sentence, goes_on(world, asked, change)))
}

/// Whether somebody's word lets it go on. Where it is to be taken back, that is the word of whoever may decide so.
fn may_agree(world: &World<'_>, asked: Asked<'_>, change: &Change, me: &PersonId) -> bool {
    let incident = halted_for(world, change);
    let commands = incident.is_some_and(|incident| incident.commander.as_ref() == Some(me));
    if change.is_to_go_back() {
        return !change.is_own(me) && (commands || world.organisation.has_role(me, Role::ChangeManager));
    }
    let is_major = incident.is_some_and(Incident::is_major);
    let bare = without_votes(change);
    let seat = (me, Seat::TechnicalAuthority);
    (commands && is_major && !change.is_own(me))
        || authority(world.organisation, &bare, own(world), seat, asked.at).is_ok()
}

/// Whoever approved it in this seat may say that it goes on; their seat is no second one.
fn without_votes(change: &Change) -> Change {
    Change { approvals: Vec::new(), ballots: Vec::new(), ..change.clone() }
}

pub(super) fn stopped_by(world: &World<'_>, change: &Change) -> String {
    match &change.halt {
        Some(halt) => {
            let (who, at) = (decided_by(world, halt), halt.at.format("%H:%M UTC"));
            format!("{} is halted since {at}: {who} {}.", change.subject(), halt.ruling.phrase())
        }
        None => format!("{} is halted.", change.subject()),
    }
}

fn decided_by(world: &World<'_>, halt: &Halt) -> String {
    halt.by.person().map_or_else(|| "rule 4.24".to_owned(), |person| world.organisation.name_of(person))
}

/// The two whom it takes to go on, and how they say it.
fn goes_on(world: &World<'_>, asked: Asked<'_>, change: &Change) -> String {
    let implementer = world.organisation.name_of(&change.implementer);
    let agrees = seconds(world, asked, change);
    format!("It goes on when {implementer} and {agrees} both say `/change start {} why: …`", change.subject())
}

fn waits_for(world: &World<'_>, asked: Asked<'_>, change: &Change, carries_out: bool) -> String {
    if carries_out {
        return format!("It goes on when {} agrees.", seconds(world, asked, change));
    }
    format!("It goes on when {}, who carries it out, agrees.", world.organisation.name_of(&change.implementer))
}

/// People that a sentence names.
const NAMED: usize = 2;

fn seconds(world: &World<'_>, asked: Asked<'_>, change: &Change) -> String {
    let people = resumers(world.organisation, change, (own(world), halted_for(world, change)), asked.at);
    let names: Vec<String> = people.iter().take(NAMED).map(|id| world.organisation.name_of(id)).collect();
    match (names.is_empty(), change.is_to_go_back()) {
        (false, _) => names.join(" or "),
        (true, true) => "a change manager".to_owned(),
        (true, false) => "a technical authority".to_owned(),
    }
}

fn told(world: &World<'_>, change: &Change, me: &PersonId) -> String {
    if &change.implementer == me {
        return "Leave it as it is; `/change rollback` takes it back.".to_owned();
    }
    let implementer = world.organisation.name_of(&change.implementer);
    format!("{implementer}, who carries it out, is told at once in private.")
}

fn of(event: HaltEvent) -> Event {
    Event::Change(ChangeEvent::Halt(event))
}
