//! Freezes that are planned ahead: when they begin, who has to agree, how they come again (`freeze-calendar`).

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::freeze::{begun, check_open, ended, freeze_decision, freeze_of, moment};
use super::standing::{Record, permit, person};
use super::stands;
use super::update::calendar;
use crate::domain::rules::{Action, Every};
use crate::domain::{
    Answer, Asked, Decision, Freeze, FreezeEvent, FreezeStatus, NewFreeze, PersonId, Refusal, When, World,
};

/// A freeze that lasts longer is a slip of the pen.
pub(super) const LONGEST: TimeDelta = TimeDelta::days(366);

const NEXT: &str = "`/freeze on svc:payments from:2030-01-31T18:00 until:2030-02-01T06:00 why: …`";
const EVERY_NEXT: &str = "`/freeze on svc:payments every:month-end from:18:00 until:+36h why: …`";

/// From when until when a new freeze lasts; one that comes again, the first time.
pub(super) fn window(
    world: &World<'_>,
    asked: Asked<'_>,
    new: &NewFreeze,
) -> Result<(DateTime<Utc>, DateTime<Utc>), Refusal> {
    let zone = world.organisation.time_zone;
    let from = match (new.every, new.from) {
        (Some(Every::Week), None) => {
            return Err(Refusal::slip("When does it begin for the first time?", EVERY_NEXT));
        }
        (None | Some(Every::Week), from) => from.map_or(asked.at, |from| from.ahead(asked.at, zone)),
        (Some(every), from) => first(world, asked, every, from),
    };
    let is_ahead = new.every.is_some() || !matches!(new.from, None | Some(When::In(_)));
    let until = match new.until {
        // "From 18:00 until +36h" is 36 hours long; "from +1h until +2h" counts from now twice.
        When::In(long) if is_ahead => from.checked_add_signed(long).unwrap_or(from),
        until @ When::Hour(_) => until.until(asked.at, zone, Some(from)),
        until => until.ahead(asked.at, zone),
    };
    if until <= asked.at || until <= from {
        return Err(Refusal::slip("It would be over before it begins.", NEXT));
    }
    if until - from.max(asked.at) > LONGEST {
        return Err(Refusal::slip("It would last for more than a year.", NEXT));
    }
    if let Some(every) = new.every
        && until >= again(world, every, from)
    {
        return Err(Refusal::slip("It would last until it begins again.", EVERY_NEXT));
    }
    Ok((from, until))
}

/// The first end of a month, a quarter, a year that is still ahead, from this hour on.
fn first(world: &World<'_>, asked: Asked<'_>, every: Every, from: Option<When>) -> DateTime<Utc> {
    let zone = world.organisation.time_zone;
    let (time, after) = match from {
        None => (NaiveTime::MIN, asked.at),
        Some(When::Hour(hour)) => (hour, asked.at),
        Some(from) => {
            let from = from.ahead(asked.at, zone);
            (from.with_timezone(&zone).time(), from - TimeDelta::seconds(1))
        }
    };
    every.next(&calendar(world), time, after)
}

/// When it begins the next time.
fn again(world: &World<'_>, every: Every, from: DateTime<Utc>) -> DateTime<Utc> {
    let time = from.with_timezone(&world.organisation.time_zone).time();
    every.next(&calendar(world), time, from)
}

/// When the beginning is announced, as far as that is still ahead.
pub(super) fn notices(world: &World<'_>, asked: Asked<'_>, from: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let days = world.policy.freezes.notice_business_days.iter();
    days.map(|days| calendar(world).days_before(from, *days)).filter(|at| *at > asked.at).collect()
}

/// The beginning is a few days ahead.
pub(super) fn announced(world: &World<'_>, asked: Asked<'_>, next: &mut Freeze, at: DateTime<Utc>) -> Vec<FreezeEvent> {
    let from = next.from;
    let event = match next.status {
        FreezeStatus::Scheduled => {
            let days = (from - asked.at).num_hours().max(0) / 24;
            FreezeEvent::Announced { days_left: i32::try_from(days).unwrap_or(i32::MAX), from }
        }
        FreezeStatus::Proposed => FreezeEvent::Awaited { missing: next.missing(world.organisation), from },
        FreezeStatus::Active | FreezeStatus::Lifted | FreezeStatus::Cancelled => return Vec::new(),
    };
    let ahead = next.notices.len();
    next.notices.retain(|notice| *notice > at);
    if next.notices.len() < ahead { vec![event] } else { Vec::new() }
}

/// Its moment has come: it begins, or nobody has agreed to it.
pub(super) fn comes(world: &World<'_>, asked: Asked<'_>, next: &mut Freeze, late: bool) -> Vec<FreezeEvent> {
    match next.status {
        FreezeStatus::Proposed => {
            next.status = FreezeStatus::Cancelled;
            let missing = next.missing(world.organisation);
            ended(asked, next, FreezeEvent::NotAgreed { missing })
        }
        FreezeStatus::Scheduled => {
            next.status = FreezeStatus::Active;
            next.notices.clear();
            vec![FreezeEvent::Begun { late }]
        }
        FreezeStatus::Active | FreezeStatus::Lifted | FreezeStatus::Cancelled => Vec::new(),
    }
}

/// The next of a freeze that comes again. What was agreed to once is agreed to.
pub(super) fn following(world: &World<'_>, asked: Asked<'_>, freeze: &Freeze) -> Option<Decision> {
    let (every, until) = (freeze.every?, freeze.until?);
    let mut from = again(world, every, freeze.from);
    while from <= asked.at {
        from = again(world, every, from);
    }
    let mut next = Freeze {
        number: world.next_freeze,
        version: 0,
        status: FreezeStatus::Scheduled,
        created_at: asked.at,
        from,
        notices: notices(world, asked, from),
        overrides: Vec::new(),
        ..freeze.clone()
    };
    next.ends_at(from + (until - freeze.from), asked.at, world.policy);
    Some(begun(world, asked, next, Some(freeze.number), Answer::default()))
}

/// The business owner of something that it freezes agrees; nobody does in their place.
pub(super) fn agree(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let (freeze, me) = asked_of(world, asked)?;
    if freeze.status != FreezeStatus::Proposed {
        return Ok(stands(asked, freeze.subject(), format!("{} is agreed to already.", freeze.subject())));
    }
    let mut next = freeze.clone();
    let missing = freeze.missing(world.organisation);
    if !missing.contains(me) {
        let sentence = format!("You agreed already; it waits for {}.", names(world, &missing));
        return Ok(stands(asked, freeze.subject(), sentence));
    }
    next.agreed.push(me.clone());
    let missing = next.missing(world.organisation);
    let answer = if missing.is_empty() {
        next.status = FreezeStatus::Scheduled;
        Answer::default().also(format!("It begins {}.", moment(next.from)))
    } else {
        Answer::default().also(format!("It waits for the agreement of {}.", names(world, &missing)))
    };
    Ok(freeze_decision(world, asked, next, vec![FreezeEvent::Agreed { missing }], answer))
}

/// One objection is enough, as long as it has not begun.
pub(super) fn object(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let (freeze, _) = asked_of(world, asked)?;
    if freeze.status == FreezeStatus::Active {
        return Err(Refusal::slip(
            format!("{} has begun.", freeze.subject()),
            format!("A change manager lifts it: `/freeze off {} why: …`.", freeze.subject()),
        ));
    }
    let mut next = freeze.clone();
    next.status = FreezeStatus::Cancelled;
    let events = ended(asked, &mut next, FreezeEvent::Objected { why });
    let answer = Answer::default().also("Nothing is frozen by it. Whoever planned it is told.");
    Ok(freeze_decision(world, asked, next, events, answer))
}

fn asked_of<'a>(world: &'a World<'_>, asked: Asked<'a>) -> Result<(&'a Freeze, &'a PersonId), Refusal> {
    let (freeze, _) = freeze_of(world)?;
    let me = person(asked, Action::AgreeToFreeze)?;
    let agreers = freeze.agreers(world.organisation);
    if freeze.by.as_ref() == Some(me) && !agreers.contains(me) {
        check_open(freeze)?;
        return Err(Refusal::by_rule(
            "4.23",
            format!("You planned {}: others agree to it.", freeze.subject()),
            format!("It waits for {}.", names(world, &freeze.missing(world.organisation))),
        ));
    }
    let services = freeze.agreed_for(world.organisation);
    permit(world, asked, Action::AgreeToFreeze, Record { services: &services, ..Record::default() })?;
    if !agreers.contains(me) {
        return Err(Refusal::by_rule(
            "4.23",
            "This is for the business owners of what it freezes, each for their own.",
            format!(
                "{} can. A change manager takes it back: `/freeze off {}`.",
                names(world, &agreers),
                freeze.subject()
            ),
        ));
    }
    check_open(freeze)?;
    Ok((freeze, me))
}

/// Who has to agree, and why they: the business owner of each service, and where nobody is named its owner.
pub(super) fn waits_for(world: &World<'_>, freeze: &Freeze) -> String {
    let missing = freeze.missing(world.organisation);
    let mut told = format!("It waits for the agreement of {}.", names(world, &missing));
    if freeze.services.is_empty() {
        told += " It freezes everything, so whoever speaks for the business of any service agrees, each of them.";
    }
    let stands_in = |key: &String| {
        let voice =
            world.organisation.speaks_for(key).filter(|voice| voice.stands_in && missing.contains(&voice.person));
        voice.map(|_| world.organisation.service_name(key))
    };
    let unnamed: Vec<String> = freeze.agreed_for(world.organisation).iter().filter_map(stands_in).collect();
    told + &match unnamed.as_slice() {
        [] => String::new(),
        [one] => format!(" No business owner is named for {one}: its owner stands in."),
        [one, two] => format!(" No business owner is named for {one} and {two}: their owners stand in."),
        [one, rest @ ..] => {
            format!(" No business owner is named for {one} and {} others: their owners stand in.", rest.len())
        }
    }
}

fn names(world: &World<'_>, people: &[PersonId]) -> String {
    people.iter().map(|id| world.organisation.name_of(id)).collect::<Vec<_>>().join(", ")
}
