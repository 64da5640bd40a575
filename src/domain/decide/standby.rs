//! The people on standby (rule 4.48): booked, asked twice before a planned start and once in an emergency, replaced by
//! whoever is on call; and the start waits for them.

use chrono::{DateTime, TimeDelta, Utc};

use super::freeze::moment;
use super::readiness::{Readiness, RoleStands};
use super::standby_booking::{
    asks, check_books, may_confirm, minutes, next_ask, not_booked, order, own, phrases, put, release, release_others,
    say_ready, says, set, silent_at, take,
};
use super::standing::person;
use super::{change_decision, change_of, exempt, stands};
use crate::domain::policy::{Policy, StandbyPolicy};
use crate::domain::rules::{Action, BookingState, ChangeKind, Dispute, ExceptionSubject, StandbyRole, StandbyVerdict};
use crate::domain::{
    Answer, Asked, Change, DeadlineKind, Decision, Event, PersonId, ProcedureException, Refusal, StandbyBooking,
    StandbyCommand, StandbyEvent, StandbyState, World,
};

const RULE: &str = "4.48";

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: StandbyCommand) -> Result<Decision, Refusal> {
    match command {
        StandbyCommand::Book(named) => book(world, asked, &named),
        StandbyCommand::OnCall => book_on_call(world, asked),
        StandbyCommand::Confirm => confirm(world, asked),
        StandbyCommand::Decline { why } => decline(world, asked, why.as_deref()),
    }
}

/// What a change that is asked for, or edited, is told; of an emergency, whoever is on call is booked and asked at once.
pub(super) fn begin(world: &World<'_>, asked: Asked<'_>, change: &mut Change) -> (Vec<Event>, Vec<String>) {
    let mut events = Vec::new();
    if !Readiness::of(world, change, asked.at).is_required() {
        // An edit may have made it so small that nobody is needed any more.
        return (StandbyRole::ALL.into_iter().flat_map(|role| release(change, role)).collect(), Vec::new());
    }
    if change.kind == ChangeKind::Emergency {
        for role in Readiness::of(world, change, asked.at).roles() {
            events.extend(book_next(world, asked, change, role));
        }
    }
    let ready = Readiness::of(world, change, asked.at);
    let missing: Vec<RoleStands> =
        ready.stands().into_iter().filter(|one| one.state == BookingState::Unbooked).collect();
    if missing.is_empty() {
        return (events, Vec::new());
    }
    let (id, roles) = (change.subject(), phrases(missing.iter().map(|one| one.role)));
    let typed: Vec<String> = missing.iter().map(|one| format!("{}:@…", one.role.as_str())).collect();
    let told = if change.kind == ChangeKind::Emergency {
        format!(
            "Nobody on call is free to stand by as {roles}. `/change plan standby {id} {}` names somebody.",
            typed.join(" ")
        )
    } else {
        format!(
            "It does not start without somebody on standby for {roles} (rule {RULE}), and nobody is booked yet: `/change plan \
             standby {id} {}` does.",
            typed.join(" ")
        )
    };
    (events, vec![told])
}

/// Who stands ready as it begins, what is said of that, and the exception by which it goes.
type Beginning<'a> = (Vec<StandbyBooking>, Vec<Event>, Option<&'a ProcedureException>);

/// Books whoever carries a change out, whose word is that they start it; or what keeps it from starting, unless an exception
/// or a ruling sets that aside.
pub(super) fn check_start<'a>(
    world: &'a World<'_>,
    asked: Asked<'_>,
    change: &Change,
) -> Result<Beginning<'a>, Refusal> {
    let mut next = change.clone();
    let mut events = Vec::new();
    let role = StandbyRole::RollbackOwner;
    let me = &change.implementer;
    let ready = Readiness::of(world, change, asked.at);
    // Whoever was booked and starts it is there.
    let asked_me =
        |one: &&StandbyBooking| one.role == role && &one.person == me && one.state == StandbyState::Requested;
    let is_asked = change.kind == ChangeKind::Emergency && ready.is_required();
    if let Some(one) = change.standby.iter().find(asked_me).filter(|_| is_asked) {
        events.push(say_ready(&mut next, one.booked, StandbyState::Confirmed));
    } else if ready.stands_ready_by_starting(role) {
        events.push(take(asked, &mut next, (role, me.clone()), false));
    }
    let ruling = Readiness::of(world, &next, asked.at).start();
    if matches!(ruling.verdict.verdict, StandbyVerdict::Ready | StandbyVerdict::NotRequired) {
        return Ok((next.standby, events, None));
    }
    if change.ruled_past(Dispute::Standby).is_some() {
        return Ok((change.standby.clone(), Vec::new(), None));
    }
    if let Some(exception) = exempt::by(world, ExceptionSubject::Standby, change, asked.at) {
        return Ok((change.standby.clone(), Vec::new(), Some(exception)));
    }
    Err(Refusal::by_rule(RULE, unready(&ready).unwrap_or(ruling.sentence), way_out(world, &ready)))
}

/// Whether standby alone keeps it from starting.
pub(super) fn holds(world: &World<'_>, asked: Asked<'_>, change: &Change) -> bool {
    let ready = Readiness::of(world, change, asked.at);
    unready(&ready).is_some() && exempt::by(world, ExceptionSubject::Standby, change, asked.at).is_none()
}

/// What keeps a change from starting now, in a sentence; `None`: nothing.
pub fn unready(ready: &Readiness<'_>) -> Option<String> {
    let ruling = ready.start();
    if matches!(ruling.verdict.verdict, StandbyVerdict::Ready | StandbyVerdict::NotRequired) {
        return None;
    }
    let roles = ready.stands().into_iter().filter(|one| ruling.verdict.roles.contains(&one.role));
    let said: Vec<String> = roles.map(|one| lacking(ready, &one)).collect();
    Some(format!("{} cannot start without the people on standby: {}.", ready.change.subject(), said.join("; ")))
}

/// What one role lacks.
pub fn lacking(ready: &Readiness<'_>, one: &RoleStands) -> String {
    let name = one.person.as_ref().map(|person| ready.organisation.name_of(person)).unwrap_or_default();
    let what = match (one.state, &one.conflict) {
        (_, Some(conflict)) => conflict.clone(),
        (BookingState::Booked, None) => format!("{name} has not confirmed"),
        (BookingState::Confirmed, None) if ready.change.kind != ChangeKind::Emergency => {
            let before = minutes(ready.policy.standby.last_confirmation_minutes);
            format!("{name} has not confirmed again, {before} before the start")
        }
        (BookingState::Confirmed | BookingState::ConfirmedTwice, None) => format!("{name} is there"),
        (BookingState::Unbooked | BookingState::Conflict, None) => "nobody is booked".to_owned(),
    };
    format!("{}: {what}", one.role.phrase())
}

fn way_out(world: &World<'_>, ready: &Readiness<'_>) -> String {
    let id = ready.change.subject();
    let verdict = ready.start().verdict;
    let missing: Vec<RoleStands> = ready.stands().into_iter().filter(|one| verdict.roles.contains(&one.role)).collect();
    let booked: Vec<String> = missing
        .iter()
        .filter(|one| one.state != BookingState::Unbooked && one.conflict.is_none())
        .filter_map(|one| one.person.as_ref().map(|person| world.organisation.name_of(person)))
        .collect();
    let typed: Vec<String> = missing.iter().map(|one| format!("{}:me", one.role.as_str())).collect();
    let take = format!("`/change plan standby {id} {}` takes it upon you", typed.join(" "));
    if !booked.is_empty() {
        return format!("{} can press I am on standby; or {take}.", booked.join(" and "));
    }
    if missing.iter().any(|one| one.proposed.is_some()) {
        return format!("`/change plan standby {id} do:oncall` books whoever is on call; or {take}.");
    }
    format!("Nobody on call is free. {take}; `/cab escalate {id}` and why asks the decision authority.")
}

fn book(world: &World<'_>, asked: Asked<'_>, named: &[(StandbyRole, PersonId)]) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    check_books(world, asked, change)?;
    let me = asked.by.person();
    let mut next = change.clone();
    let (mut events, mut told) = (Vec::new(), Vec::new());
    for (role, who) in named {
        // Somebody who names themselves says that they are there, once it is time to say so.
        let due = says(&world.policy.standby, change, asked.at).filter(|_| me == Some(who));
        if due.is_none() && change.on_standby().any(|one| one.role == *role && &one.person == who) {
            continue;
        }
        if let Some((one, state)) = own(change, who, *role).zip(due) {
            if order(one.state) < order(state) {
                events.push(say_ready(&mut next, one.booked, state));
            }
            continue;
        }
        events.extend(release(&mut next, *role));
        events.push(match due {
            Some(state) => take(asked, &mut next, (*role, who.clone()), state == StandbyState::ConfirmedAgain),
            None => put(world, asked, &mut next, (*role, who.clone()), false),
        });
        let ready = Readiness::of(world, change, asked.at);
        told.extend(ready.off_shift(*role, who).map(|off| format!("{off}.")));
        if let Some(conflict) = ready.conflict_of(who) {
            let other = ready.candidates(*role).into_iter().find(|other| other != who);
            let free = other.map(|other| format!(" {}, on call, is free.", world.organisation.name_of(&other)));
            told.push(format!(
                "{conflict}: a conflict, and it does not start as long as that is so.{}",
                free.unwrap_or_default()
            ));
        }
    }
    if events.is_empty() {
        return Ok(stands(asked, change.subject(), "They are booked already."));
    }
    let answer = Answer { also: told, ..Answer::default() };
    Ok(change_decision(world, asked, next, events, answer))
}

fn book_on_call(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    check_books(world, asked, change)?;
    let mut next = change.clone();
    let mut events = Vec::new();
    let lacks = |one: &RoleStands| matches!(one.state, BookingState::Unbooked | BookingState::Conflict);
    let missing: Vec<RoleStands> = Readiness::of(world, change, asked.at).stands().into_iter().filter(lacks).collect();
    if missing.is_empty() {
        return Ok(stands(asked, change.subject(), "Every role is booked."));
    }
    for one in missing {
        if let Some(who) = one.proposed {
            events.extend(release(&mut next, one.role));
            events.push(put(world, asked, &mut next, (one.role, who), true));
        }
    }
    if events.is_empty() {
        let sentence = format!("Nobody on call is free to stand by for {}.", change.subject());
        let ready = Readiness::of(world, change, asked.at);
        return Err(Refusal::by_rule(RULE, sentence, way_out(world, &ready)));
    }
    Ok(change_decision(world, asked, next, events, Answer::default()))
}

fn confirm(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RunChange)?;
    let mine: Vec<&StandbyBooking> =
        change.standby.iter().filter(|one| &one.person == me && may_confirm(one.state)).collect();
    if mine.is_empty() {
        return Err(not_booked(change));
    }
    if !change.is_before_start() {
        return Ok(stands(asked, change.subject(), format!("{} is {}.", change.subject(), change.state_phrase())));
    }
    let Some(state) = says(&world.policy.standby, change, asked.at) else {
        let sentence = match change.planned_start() {
            Some(starts) => {
                let asks = starts - TimeDelta::minutes(world.policy.standby.first_confirmation_minutes.into());
                format!("You are asked on {}; a word given now would be an old one by then.", moment(asks))
            }
            None => format!("{} has no time yet: you are asked once it has.", change.subject()),
        };
        return Ok(stands(asked, change.subject(), sentence));
    };
    let mut next = change.clone();
    let mut events = Vec::new();
    for one in mine.into_iter().filter(|one| order(one.state) < order(state)) {
        events.push(say_ready(&mut next, one.booked, state));
        events.extend(release_others(&mut next, one));
    }
    if events.is_empty() {
        return Ok(stands(asked, change.subject(), format!("You said so already for {}.", change.subject())));
    }
    let mut answer =
        Answer::undo(format!("`/change plan standby {} do:cannot`, should something come up", change.subject()));
    if state == StandbyState::Confirmed && change.kind != ChangeKind::Emergency {
        answer = answer.also(format!(
            "You are asked once more {} before it starts.",
            minutes(world.policy.standby.last_confirmation_minutes)
        ));
    }
    Ok(change_decision(world, asked, next, events, answer))
}

fn decline(world: &World<'_>, asked: Asked<'_>, why: Option<&str>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RunChange)?;
    let mine: Vec<StandbyBooking> = change.on_standby().filter(|one| &one.person == me).cloned().collect();
    if mine.is_empty() {
        return Err(not_booked(change));
    }
    if !change.is_open() {
        return Ok(stands(asked, change.subject(), format!("{} is {}.", change.subject(), change.state_phrase())));
    }
    let mut next = change.clone();
    let mut events = Vec::new();
    for one in mine {
        set(&mut next, one.booked, StandbyState::Declined);
        let proposed = Readiness::of(world, &next, asked.at).candidates(one.role).into_iter().next();
        let (booked, role, why) = (one.booked, one.role, why.map(str::to_owned));
        events.push(Event::Standby(StandbyEvent::Declined { booked, role, why, proposed }));
        // There is no time to ask who is to be asked.
        if change.kind == ChangeKind::Emergency && change.is_before_start() {
            events.extend(book_next(world, asked, &mut next, role));
        }
    }
    Ok(change_decision(world, asked, next, events, Answer::default()))
}

/// Books the next of those on call for a role that lacks somebody; whoever carries it out and is on call is not asked.
fn book_next(world: &World<'_>, asked: Asked<'_>, change: &mut Change, role: StandbyRole) -> Option<Event> {
    let ready = Readiness::of(world, change, asked.at);
    if ready.state_of(role) != BookingState::Unbooked {
        return None;
    }
    let who = ready.candidates(role).into_iter().next()?;
    Some(put(world, asked, change, (role, who), true))
}

/// People are to be asked, were silent, or have not confirmed. `at`: the promised moment.
pub(super) fn due(world: &World<'_>, asked: Asked<'_>, at: DateTime<Utc>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let mut next = change.clone();
    let mut events = Vec::new();
    if change.kind == ChangeKind::Emergency {
        silence(world, asked, &mut next, &mut events);
    } else if let Some(starts) = change.planned_start().filter(|_| waits(change, asked.at)) {
        ask_again(&world.policy.standby, asked.at, &mut next, &mut events);
        let passed = |tick: &DateTime<Utc>| (at..=asked.at).contains(tick);
        if let Some(last) = ticks(&world.policy.standby, starts).iter().rposition(passed) {
            events.extend(alerts(&Readiness::of(world, &next, asked.at), last > 0));
        }
    }
    if events.is_empty() {
        return Ok(stands(asked, change.subject(), "They were all there in the meantime."));
    }
    Ok(change_decision(world, asked, next, events, Answer::default()))
}

/// Rule 4.48 of an emergency: after five minutes of silence the next person is asked.
fn silence(world: &World<'_>, asked: Asked<'_>, next: &mut Change, events: &mut Vec<Event>) {
    if !next.is_before_start() {
        return;
    }
    let policy = &world.policy.standby;
    let is_silent = |one: &&StandbyBooking| silent_at(policy, one).is_some_and(|at| at <= asked.at);
    let silent: Vec<StandbyBooking> = next.on_standby().filter(is_silent).cloned().collect();
    for one in silent {
        set(next, one.booked, StandbyState::Missed);
        let (booked, role, person) = (one.booked, one.role, one.person);
        events.push(Event::Standby(StandbyEvent::Missed { booked, role, person }));
        let another = book_next(world, asked, next, role);
        let ready = Readiness::of(world, next, asked.at);
        let nobody = another.is_none() && ready.state_of(role) == BookingState::Unbooked;
        events.extend(another);
        events.extend(nobody.then_some(Event::Standby(StandbyEvent::Exhausted { role })));
    }
}

/// Asks everybody whose time it is.
fn ask_again(policy: &StandbyPolicy, now: DateTime<Utc>, next: &mut Change, events: &mut Vec<Event>) {
    for one in &mut next.standby {
        let Some(again) = asks(policy, one, now) else { continue };
        one.asked_at = Some(now);
        let (booked, role, person) = (one.booked, one.role, one.person.clone());
        events.push(Event::Standby(StandbyEvent::Asked { booked, role, person, again }));
    }
}

fn alerts(ready: &Readiness<'_>, last: bool) -> Vec<Event> {
    let is_missing = |state| match state {
        BookingState::Unbooked | BookingState::Booked | BookingState::Conflict => true,
        BookingState::Confirmed => last,
        BookingState::ConfirmedTwice => false,
    };
    let missing = ready.roles().into_iter().filter(|role| is_missing(ready.state_of(*role)));
    let alert = |role| {
        let person = ready.booked_for(role).map(|one| one.person.clone());
        let proposed = ready.candidates(role).into_iter().next();
        Event::Standby(StandbyEvent::Alerted { role, person, last, proposed })
    };
    missing.map(alert).collect()
}

/// The planned start has moved: what was confirmed was said of another time. Those whose time it is are asked at once.
pub(super) fn follow_window(world: &World<'_>, asked: Asked<'_>, change: &mut Change, events: &mut Vec<Event>) {
    if !change.is_before_start() {
        return;
    }
    let starts = change.planned_start();
    let mut has_moved = false;
    for one in change.standby.iter_mut().filter(|one| one.state.is_live() && one.starts_at != starts) {
        (one.state, one.starts_at, one.asked_at) = (StandbyState::Requested, starts, None);
        let (booked, role, person) = (one.booked, one.role, one.person.clone());
        events.push(Event::Standby(StandbyEvent::Moved { booked, role, person, starts }));
        has_moved = true;
    }
    if has_moved && change.kind != ChangeKind::Emergency {
        ask_again(&world.policy.standby, asked.at, change, events);
    }
}

/// When people are asked next, are silent for too long, or a missing confirmation is told.
pub(super) fn promised(
    world: &World<'_>,
    change: &Change,
    now: DateTime<Utc>,
) -> Option<(DeadlineKind, DateTime<Utc>)> {
    let policy: &Policy = world.policy;
    if !waits(change, now) {
        return None;
    }
    let next = if change.kind == ChangeKind::Emergency {
        change.on_standby().filter_map(|one| silent_at(&policy.standby, one)).min()
    } else {
        let starts = change.planned_start()?;
        let ready = Readiness::of(world, change, now);
        let last = |state| matches!(state, BookingState::ConfirmedTwice);
        let is_missing = ready.roles().into_iter().any(|role| !last(ready.state_of(role)));
        let first = ready
            .roles()
            .into_iter()
            .any(|role| !last(ready.state_of(role)) && ready.state_of(role) != BookingState::Confirmed);
        let told = ticks(&policy.standby, starts).into_iter().enumerate();
        let told = told.filter(|(place, at)| *at > now && if *place == 0 { first } else { is_missing });
        let asks = change.on_standby().filter_map(|one| next_ask(&policy.standby, one));
        asks.chain(told.map(|(_, at)| at)).min()
    };
    next.map(|at| (DeadlineKind::Standby, at))
}

/// Whether anybody is still waited for: before it starts, and while it may.
fn waits(change: &Change, now: DateTime<Utc>) -> bool {
    let window = change.window.or(change.planned).filter(|_| change.kind != ChangeKind::Emergency);
    change.is_before_start() && window.is_none_or(|window| now < window.closes)
}

/// When others hear that a confirmation is missing: of the first, of the last, and once more when it was to start.
fn ticks(policy: &StandbyPolicy, starts: DateTime<Utc>) -> [DateTime<Utc>; 3] {
    let before = |asked: u32, answer: u32| {
        let asked = starts - TimeDelta::minutes(asked.into());
        (asked + TimeDelta::minutes(answer.into())).min(starts)
    };
    [
        before(policy.first_confirmation_minutes, policy.first_answer_minutes),
        before(policy.last_confirmation_minutes, policy.last_answer_minutes),
        starts,
    ]
}
