//! Exceptions: asked for one revision of one change, and decided by the authority of rule 4.12.

use chrono::{DateTime, TimeDelta, Utc};

use super::barrier::{met_by, met_or_proposed};
use super::freeze::{deciding, freeze_decision};
use super::ruling::BY_RULING;
use super::standing::{on_change, permit, person};
use super::{change_of, stands};
use crate::domain::rules::{Action, Deciders, Duty, Relation, Role, duties_ok, override_authority};
use crate::domain::{
    Answer, Asked, Change, Decision, Freeze, FreezeEvent, FreezeOverride, Frozen, Organisation, OverrideState, Person,
    PersonId, Refusal, World,
};

/// Whose yes it takes to let a change through a freeze. `asks`: who asks for it.
pub fn deciders(
    organisation: &Organisation,
    frozen: &Frozen,
    change: &Change,
    asks: Option<&PersonId>,
) -> Deciders<PersonId> {
    let freeze = &frozen.freeze;
    let commander = frozen.incident.as_ref().and_then(|incident| incident.commander.clone());
    let own = change.services();
    let services = if freeze.services.is_empty() { &own } else { &freeze.services };
    let reachable = |id: &PersonId| organisation.person(id).is_some_and(Person::is_reachable);
    let holders = |role: Role| -> Vec<PersonId> {
        let mut people: Vec<PersonId> = match role {
            Role::Commander => commander.iter().cloned().collect(),
            Role::ServiceOwner => {
                services.iter().filter_map(|key| organisation.services.get(key)).map(|s| s.owner.clone()).collect()
            }
            // Those who are named for these services; where nobody is, whoever holds the role.
            Role::BusinessOwner if services.iter().any(|key| organisation.is_business_named(key)) => {
                let named = services.iter().filter(|key| organisation.is_business_named(key));
                named.filter_map(|key| organisation.speaks_for(key)).map(|voice| voice.person).collect()
            }
            other => organisation.holding(other),
        };
        people.retain(reachable);
        people.dedup();
        people
    };
    let mut barred = vec![change.requester.clone(), change.implementer.clone()];
    barred.extend(asks.cloned());
    override_authority(freeze.kind, freeze.hard, commander.is_some()).verdict.deciders(holders, &barred)
}

/// Whether an exception that is asked for a change waits for this person's word.
pub fn waits_for_word(organisation: &Organisation, frozen: &Frozen, change: &Change, me: &PersonId) -> bool {
    let waiting = frozen.freeze.open_override(change).filter(|of| of.state == OverrideState::Requested);
    waiting.is_some_and(|request| {
        let who = deciders(organisation, frozen, change, Some(&request.by));
        seat_of(&who, request, me).is_some()
    })
}

pub(super) fn request(world: &World<'_>, asked: Asked<'_>, why: &str) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RaiseEmergencyChange)?;
    permit(world, asked, Action::RaiseEmergencyChange, on_change(change, None))?;
    check_not_begun(change)?;
    let ahead = change.window.or(change.planned).filter(|window| window.closes > asked.at);
    let stretch = ahead.map_or((asked.at, asked.at), |window| (window.opens.max(asked.at), window.closes));
    let holding: Vec<_> = met_or_proposed(world, change, stretch).into_iter().filter(super::Met::holds).collect();
    if holding.is_empty() {
        return Ok(stands(asked, change.subject(), format!("No freeze holds {} up.", change.subject())));
    }
    let mut decisions = Vec::new();
    let mut standing = Vec::new();
    for met in holding {
        let freeze = &met.frozen.freeze;
        if let Some(open) = freeze.open_override(change) {
            standing.push(format!(
                "{}: an exception was asked for at {} and is {}.",
                freeze.subject(),
                open.asked_at.format("%H:%M UTC"),
                open.state.as_str()
            ));
            continue;
        }
        let who = deciding(world.organisation, &deciders(world.organisation, met.frozen, change, Some(me)));
        let answer = Answer::default().also(format!("{}: {who} decides.", freeze.subject()));
        let (next, events) = requested(asked, freeze, change, me, why);
        decisions.push(freeze_decision(world, asked, next, events, answer));
    }
    together(decisions).ok_or(()).or_else(|()| Ok(stands(asked, change.subject(), standing.join(" "))))
}

fn requested(
    asked: Asked<'_>,
    freeze: &Freeze,
    change: &Change,
    me: &PersonId,
    why: &str,
) -> (Freeze, Vec<FreezeEvent>) {
    let mut next = freeze.clone();
    let mut events = Vec::new();
    // What was asked for an earlier revision is not what is asked now.
    for old in next.overrides.iter_mut().filter(|of| of.change == change.number && of.state.is_open()) {
        old.state = OverrideState::Void;
        events.push(FreezeEvent::OverrideVoid { change: old.change, revision: old.revision });
    }
    next.overrides.push(FreezeOverride {
        change: change.number,
        revision: change.revision,
        state: OverrideState::Requested,
        by: me.clone(),
        why: why.to_owned(),
        asked_at: asked.at,
        authority: None,
        second: None,
        valid_until: None,
    });
    events.push(FreezeEvent::OverrideRequested {
        change: change.number,
        revision: change.revision,
        why: why.to_owned(),
    });
    (next, events)
}

fn check_not_begun(change: &Change) -> Result<(), Refusal> {
    if change.status.is_before_start() {
        return Ok(());
    }
    Err(Refusal::slip(
        format!("{} is {}; a freeze stops what has not begun.", change.subject(), change.status.phrase()),
        "",
    ))
}

/// What the caller may sign on a request, if anything.
enum Seat {
    First(Role),
    Second(Role),
}

pub(super) fn allow(world: &World<'_>, asked: Asked<'_>, why: &str) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::Freeze)?;
    let mut decisions = Vec::new();
    for (frozen, request) in waiting(world, change)? {
        check_duties(world, frozen, change, request, me)?;
        let who = deciders(world.organisation, frozen, change, Some(&request.by));
        if let Some(seat) = seat_of(&who, request, me) {
            decisions.push(signed(world, asked, frozen, change, me, &seat, &who, why));
        }
    }
    together(decisions).ok_or_else(|| not_entitled(world, change))
}

pub(super) fn deny(world: &World<'_>, asked: Asked<'_>, why: &str) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::Freeze)?;
    let mut decisions = Vec::new();
    for (frozen, request) in waiting(world, change)? {
        check_duties(world, frozen, change, request, me)?;
        let who = deciders(world.organisation, frozen, change, Some(&request.by));
        let second = who.second.as_ref().is_some_and(|(_, people)| people.contains(me));
        if who.first.1.contains(me) || second {
            let mut next = frozen.freeze.clone();
            if let Some(open) = open_mut(&mut next, change) {
                open.state = OverrideState::Denied;
                open.authority = Some(me.clone());
            }
            let (number, revision) = (change.number, change.revision);
            let event = FreezeEvent::OverrideDenied { change: number, revision, why: why.to_owned() };
            decisions.push(freeze_decision(world, asked, next, vec![event], Answer::default()));
        }
    }
    together(decisions).ok_or_else(|| not_entitled(world, change))
}

/// The requests that wait, with their freezes; otherwise what became of them.
fn waiting<'a>(world: &'a World<'_>, change: &Change) -> Result<Vec<(&'a Frozen, &'a FreezeOverride)>, Refusal> {
    let waits = |frozen: &'a Frozen| {
        let request = frozen.freeze.open_override(change)?;
        (request.state == OverrideState::Requested).then_some((frozen, request))
    };
    let waiting: Vec<_> = world.freezes.iter().filter_map(waits).collect();
    if !waiting.is_empty() {
        return Ok(waiting);
    }
    let last = world.freezes.iter().flat_map(|frozen| {
        let of = frozen.freeze.overrides.iter().filter(|of| of.change == change.number);
        of.map(move |of| (frozen.freeze.subject(), of))
    });
    let next = "Nothing was changed.";
    Err(match last.last() {
        Some((freeze, of)) => {
            let by = of.second.as_ref().or(of.authority.as_ref()).map(|id| world.organisation.name_of(id));
            let by = by.map(|name| format!(" by {name}")).unwrap_or_default();
            Refusal::slip(
                format!("The exception of {} from {freeze} is {}{by}.", change.subject(), of.state.as_str()),
                next,
            )
        }
        None => Refusal::slip(format!("Nobody asks for an exception for {}.", change.subject()), next),
    })
}

/// Rule 4.15: not whoever asked for it or carries it out.
fn check_duties(
    world: &World<'_>,
    frozen: &Frozen,
    change: &Change,
    request: &FreezeOverride,
    me: &PersonId,
) -> Result<(), Refusal> {
    let mut relations = Vec::new();
    if &request.by == me || &change.requester == me {
        relations.push(Relation::Requester);
    }
    if &change.implementer == me {
        relations.push(Relation::Implementer);
    }
    let who = deciders(world.organisation, frozen, change, Some(&request.by));
    duties_ok(Duty::GrantFreezeOverride, &relations).map_err(|denial| {
        let next = format!("{} decides.", deciding(world.organisation, &who));
        Refusal::by_rule(denial.rule, denial.sentence, next)
    })
}

/// Nobody signs twice.
fn seat_of(who: &Deciders<PersonId>, request: &FreezeOverride, me: &PersonId) -> Option<Seat> {
    let (first, people) = &who.first;
    if request.authority.is_none() && people.contains(me) {
        return Some(Seat::First(*first));
    }
    let (second, people) = who.second.as_ref()?;
    let free = request.second.is_none() && request.authority.as_ref() != Some(me);
    (free && people.contains(me)).then_some(Seat::Second(*second))
}

#[expect(clippy::too_many_arguments, reason = "one signature, with all that it stands on")]
fn signed(
    world: &World<'_>,
    asked: Asked<'_>,
    frozen: &Frozen,
    change: &Change,
    me: &PersonId,
    seat: &Seat,
    who: &Deciders<PersonId>,
    why: &str,
) -> Decision {
    let mut next = frozen.freeze.clone();
    let from = counts_from(&next, change, asked.at);
    let valid_until = from + TimeDelta::minutes(world.policy.freezes.override_valid_minutes.into());
    let from = Some(from).filter(|from| *from > asked.at);
    let (role, mut whole) = match seat {
        Seat::First(role) | Seat::Second(role) => (*role, false),
    };
    if let Some(open) = open_mut(&mut next, change) {
        match seat {
            Seat::First(_) => open.authority = Some(me.clone()),
            Seat::Second(_) => open.second = Some(me.clone()),
        }
        whole = open.authority.is_some() && (who.second.is_none() || open.second.is_some());
        if whole {
            open.state = OverrideState::Granted;
            open.valid_until = Some(valid_until);
        }
    }
    let (number, revision, why) = (change.number, change.revision, why.to_owned());
    let (event, answer) = if whole {
        let answer = Answer::default().also("It is good for one start of this revision.");
        (FreezeEvent::OverrideGranted { change: number, revision, role, from, until: valid_until, why }, answer)
    } else {
        let answer = Answer::default().also(format!("It takes both: {}.", deciding(world.organisation, who)));
        (FreezeEvent::OverrideSigned { change: number, revision, role, why }, answer)
    };
    freeze_decision(world, asked, next, vec![event], answer)
}

/// From when an exception is good for its two hours: from its grant. One from a freeze that is still ahead would be over
/// before there is anything to pass: its time begins with the first moment at which the change meets the freeze.
fn counts_from(freeze: &Freeze, change: &Change, now: DateTime<Utc>) -> DateTime<Utc> {
    let opens = change.window.or(change.planned).map(|window| window.opens);
    if freeze.from <= now { now } else { opens.map_or(freeze.from, |opens| opens.max(freeze.from)) }
}

/// The decision authority lets a change through every freeze that holds it up.
pub(super) fn by_ruling(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Vec<Decision> {
    let until = change.window.map_or(asked.at, |window| window.closes.max(asked.at));
    let met = met_by(world, change, (asked.at, until));
    let stopping = met.iter().filter(|met| met.stops(change, asked.at));
    let let_through = stopping.map(|met| {
        let valid_until = asked.at + TimeDelta::minutes(world.policy.freezes.override_valid_minutes.into());
        let mut next = met.frozen.freeze.clone();
        let denied = next.overrides.iter_mut().rev().find(|of| of.change == change.number);
        if let Some(denied) = denied.filter(|of| of.revision == change.revision) {
            denied.state = OverrideState::Granted;
            denied.authority = asked.by.person().cloned();
            denied.valid_until = Some(valid_until);
        }
        let granted = FreezeEvent::OverrideGranted {
            change: change.number,
            revision: change.revision,
            role: Role::DecisionAuthority,
            from: None,
            until: valid_until,
            why: BY_RULING.to_owned(),
        };
        freeze_decision(world, asked, next, vec![granted], Answer::default())
    });
    let_through.collect()
}

/// Overrides whose time is over.
pub(super) fn expire(asked: Asked<'_>, freeze: &mut Freeze) -> Vec<FreezeEvent> {
    let over = |of: &&mut FreezeOverride| {
        of.state == OverrideState::Granted && of.valid_until.is_some_and(|until| until <= asked.at)
    };
    let mut events = Vec::new();
    for old in freeze.overrides.iter_mut().filter(over) {
        old.state = OverrideState::Expired;
        events.push(FreezeEvent::OverrideExpired { change: old.change, revision: old.revision });
    }
    events
}

fn not_entitled(world: &World<'_>, change: &Change) -> Refusal {
    let who = world.freezes.iter().filter_map(|frozen| {
        let request = frozen.freeze.open_override(change)?;
        let who = deciders(world.organisation, frozen, change, Some(&request.by));
        Some(format!("{}: {} decides.", frozen.freeze.subject(), deciding(world.organisation, &who)))
    });
    let sentence = format!("You do not decide on an exception for {}.", change.subject());
    Refusal::by_rule("4.12", sentence, who.collect::<Vec<_>>().join(" "))
}

fn open_mut<'a>(freeze: &'a mut Freeze, change: &Change) -> Option<&'a mut FreezeOverride> {
    let mut open = freeze.overrides.iter_mut();
    open.find(|of| of.state.is_open() && of.change == change.number && of.revision == change.revision)
}

/// The first, with the others beside it.
fn together(decisions: Vec<Decision>) -> Option<Decision> {
    let mut decisions = decisions.into_iter();
    let mut first = decisions.next()?;
    for other in decisions {
        first.answer.also.extend(other.answer.also.iter().cloned());
        first.with.push(other);
    }
    Some(first)
}
