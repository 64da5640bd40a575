//! Decisions about a freeze: begun, made longer, lifted; by hand and by time.

use chrono::{DateTime, TimeDelta, Utc};

use super::freeze_plan::LONGEST;
use super::inside::{Inside, inside};
use super::standing::{Record, permit, person};
use super::stands;
use super::{freeze_override, freeze_plan};
use crate::domain::event::Created;
use crate::domain::rules::{Action, Deciders, FreezeKind};
use crate::domain::{
    Answer, Asked, DeadlineKind, Decision, Event, Freeze, FreezeCommand, FreezeEvent, FreezeStatus, Incident,
    NewFreeze, Organisation, OverrideState, PersonId, Refusal, State, Target, When, World,
};

/// A job starts within seconds; what is done two minutes after its moment was not done in time.
pub(super) const LATE_AFTER: TimeDelta = TimeDelta::minutes(2);

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: FreezeCommand) -> Result<Decision, Refusal> {
    match command {
        FreezeCommand::On(new) => begin(world, asked, new),
        FreezeCommand::Off { why } => lift(world, asked, why),
        FreezeCommand::Extend { until, why } => extend(world, asked, until, why),
        FreezeCommand::Agree => freeze_plan::agree(world, asked),
        FreezeCommand::Object { why } => freeze_plan::object(world, asked, why),
        FreezeCommand::Except { why } => freeze_override::request(world, asked, &why),
        FreezeCommand::Allow { why } => freeze_override::allow(world, asked, &why),
        FreezeCommand::Deny { why } => freeze_override::deny(world, asked, &why),
    }
}

fn begin(world: &World<'_>, asked: Asked<'_>, new: NewFreeze) -> Result<Decision, Refusal> {
    let Target::New { number, near } = &world.target else {
        return Err(Refusal::slip("A new freeze has a new number.", ""));
    };
    let near = near.as_ref().filter(|incident| incident.is_open());
    let me = person(asked, Action::Freeze)?;
    permit(world, asked, Action::Freeze, near.map(Record::of).unwrap_or_default())?;
    let (from, until) = freeze_plan::window(world, asked, &new)?;
    let planned = from > asked.at;
    let kind =
        if new.from.is_some() || new.every.is_some() || new.hard { FreezeKind::Business } else { FreezeKind::Manual };
    let mut freeze = Freeze {
        number: *number,
        version: 0,
        kind,
        hard: new.hard,
        wide: false,
        status: if planned { FreezeStatus::Scheduled } else { FreezeStatus::Active },
        services: new.services.unwrap_or_else(|| near.map(|near| near.services.clone()).unwrap_or_default()),
        blocks: new.blocks,
        why: new.why,
        incident: near.map(|near| near.number),
        by: Some(me.clone()),
        created_at: asked.at,
        from,
        until: None,
        every: new.every,
        agreed: Vec::new(),
        settling_from: None,
        warned: false,
        notices: freeze_plan::notices(world, asked, from),
        review_at: None,
        ended_at: None,
        overrides: Vec::new(),
    };
    freeze.ends_at(until, asked.at, world.policy);
    let mut answer = Answer::undo(format!("`/freeze off {} why: …` lifts it", freeze.subject()));
    if planned && !freeze.missing(world.organisation).is_empty() {
        freeze.status = FreezeStatus::Proposed;
        answer = answer.also(freeze_plan::waits_for(world, &freeze));
    }
    Ok(begun(world, asked, freeze, None, answer))
}

/// The decision that a freeze begins, or is planned.
/// `follows`: the one after which it comes again.
pub(super) fn begun(
    world: &World<'_>,
    asked: Asked<'_>,
    freeze: Freeze,
    follows: Option<i64>,
    answer: Answer,
) -> Decision {
    let planned = freeze.status != FreezeStatus::Active;
    let waits = freeze.status == FreezeStatus::Proposed;
    let Inside { running, held } = inside(world, asked, &freeze);
    let created = FreezeEvent::Created(Box::new(Created {
        kind: freeze.kind,
        hard: freeze.hard,
        wide: freeze.wide,
        services: freeze.services.clone(),
        blocks: freeze.blocks.clone(),
        reach: freeze.neighbours(world.organisation, world.policy),
        from: freeze.from,
        until: freeze.until,
        planned,
        asked: if waits { freeze.missing(world.organisation) } else { Vec::new() },
        every: freeze.every,
        follows,
        incident: freeze.incident,
        running,
        held,
        why: freeze.why.clone(),
    }));
    freeze_decision(world, asked, freeze, vec![created], answer)
}

fn lift(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let (freeze, incident) = freeze_of(world)?;
    may_end(world, asked, freeze, incident)?;
    check_open(freeze)?;
    let mut next = freeze.clone();
    let event = match freeze.status {
        FreezeStatus::Proposed | FreezeStatus::Scheduled => {
            next.status = FreezeStatus::Cancelled;
            FreezeEvent::Cancelled { why }
        }
        FreezeStatus::Active | FreezeStatus::Lifted | FreezeStatus::Cancelled => {
            next.status = FreezeStatus::Lifted;
            FreezeEvent::Lifted { why: Some(why), late: false }
        }
    };
    let events = ended(asked, &mut next, event);
    Ok(freeze_decision(world, asked, next, events, Answer::default()))
}

/// Who makes a freeze longer or lifts it: its commander, or a change manager (rule 4.23). While things settle and the
/// commander is gone, whoever owns what it freezes acts beside the change managers (`stabilisation-freeze`).
fn may_end(world: &World<'_>, asked: Asked<'_>, freeze: &Freeze, incident: Option<&Incident>) -> Result<(), Refusal> {
    let me = person(asked, Action::Freeze)?;
    let denied = match permit(world, asked, Action::Freeze, incident.map(Record::of).unwrap_or_default()) {
        Ok(()) => return Ok(()),
        Err(denied) => denied,
    };
    let active = |id: &PersonId| world.organisation.person(id).is_some_and(|person| person.active);
    let commander = incident.and_then(|incident| incident.commander.as_ref()).filter(|id| active(id));
    if freeze.kind != FreezeKind::Stabilising || commander.is_some() {
        return Err(denied);
    }
    if world.organisation.owns_any(me, &freeze.services) {
        return Ok(());
    }
    let owners: Vec<String> =
        freeze.owners(world.organisation).iter().map(|id| world.organisation.name_of(id)).collect();
    let next = format!("Nobody commands its incident any more: a change manager can, or {}.", owners.join(" or "));
    Err(Refusal { next, ..denied })
}

/// Ends a freeze; what was asked of it is void.
pub(super) fn ended(asked: Asked<'_>, freeze: &mut Freeze, event: FreezeEvent) -> Vec<FreezeEvent> {
    freeze.ended_at = Some(asked.at);
    freeze.review_at = None;
    let mut events = vec![event];
    for open in freeze.overrides.iter_mut().filter(|of| of.state.is_open()) {
        open.state = OverrideState::Void;
        events.push(FreezeEvent::OverrideVoid { change: open.change, revision: open.revision });
    }
    events
}

fn extend(world: &World<'_>, asked: Asked<'_>, until: Option<When>, why: String) -> Result<Decision, Refusal> {
    let (freeze, incident) = freeze_of(world)?;
    may_end(world, asked, freeze, incident)?;
    check_open(freeze)?;
    let Some(ends) = freeze.until else {
        let sentence = format!("{} has no end yet: it lasts as long as its incident.", freeze.subject());
        return Ok(stands(asked, freeze.subject(), sentence));
    };
    let later = match (freeze.settling_from, until) {
        (Some(since), _) => {
            let settling = &world.policy.freezes.stabilising;
            let later = ends + TimeDelta::minutes(settling.step_minutes.into());
            if later > since + TimeDelta::minutes(settling.max_minutes.into()) {
                return Err(Refusal::by_rule(
                    "4.11",
                    format!("{} would settle for more than {} hours.", freeze.subject(), settling.max_minutes / 60),
                    "A change manager can put a new freeze in its place: `/freeze on`.",
                ));
            }
            later
        }
        (None, Some(until)) => until.ahead(asked.at, world.organisation.time_zone),
        (None, None) => {
            return Err(Refusal::slip(
                "Until when?",
                format!("`/freeze extend {} until:18:00 why: …`", freeze.subject()),
            ));
        }
    };
    if later <= ends {
        return Err(Refusal::slip(
            format!("{} lasts until {} already.", freeze.subject(), moment(ends)),
            "`/freeze off` lifts it earlier.",
        ));
    }
    if later - asked.at > LONGEST {
        return Err(Refusal::slip("It would last for more than a year.", ""));
    }
    let mut next = freeze.clone();
    next.ends_at(later, asked.at, world.policy);
    let event = FreezeEvent::Extended { until: later, why };
    Ok(freeze_decision(world, asked, next, vec![event], Answer::default()))
}

/// A promised moment of a freeze has come.
pub(super) fn due(
    world: &World<'_>,
    asked: Asked<'_>,
    deadline: DeadlineKind,
    at: DateTime<Utc>,
) -> Result<Decision, Refusal> {
    let (freeze, _) = freeze_of(world)?;
    let mut next = freeze.clone();
    let late = asked.at - at > LATE_AFTER;
    let active = freeze.status == FreezeStatus::Active;
    let events = match deadline {
        DeadlineKind::FreezeNotice => freeze_plan::announced(world, asked, &mut next, at),
        DeadlineKind::FreezeStart => freeze_plan::comes(world, asked, &mut next, late),
        DeadlineKind::FreezeWarning if active => {
            next.warned = true;
            let ends = freeze.until.filter(|until| *until > asked.at);
            ends.map(|until| FreezeEvent::Ending { until }).into_iter().collect()
        }
        DeadlineKind::FreezeEnd if active && freeze.until == Some(at) => {
            next.status = FreezeStatus::Lifted;
            ended(asked, &mut next, FreezeEvent::Lifted { why: None, late })
        }
        DeadlineKind::FreezeReview if active && freeze.review_at.is_some() => {
            next.review_at = Some(asked.at + TimeDelta::minutes(world.policy.freezes.review_minutes.into()));
            vec![FreezeEvent::ReviewDue { since: freeze.from }]
        }
        DeadlineKind::OverrideEnd => freeze_override::expire(asked, &mut next),
        _ => Vec::new(),
    };
    if events.is_empty() {
        return Ok(stands(asked, freeze.subject(), "It was lifted or moved in the meantime."));
    }
    let begins = events.iter().any(|event| matches!(event, FreezeEvent::Begun { .. }));
    let following = if begins { freeze_plan::following(world, asked, freeze) } else { None };
    let mut decision = freeze_decision(world, asked, next, events, Answer::default());
    decision.with.extend(following);
    Ok(decision)
}

/// The freeze that the command is about, and the incident that it protects.
pub(super) fn freeze_of<'a>(world: &'a World<'_>) -> Result<(&'a Freeze, Option<&'a Incident>), Refusal> {
    match &world.target {
        Target::Freeze { freeze, incident } => Ok((freeze, incident.as_ref())),
        Target::New { .. }
        | Target::Incident(_)
        | Target::Change { .. }
        | Target::Meeting(_)
        | Target::Exception(_)
        | Target::Batch(_)
        | Target::Organisation { .. }
        | Target::Proposal { .. }
        | Target::Feed(_)
        | Target::Privacy(_)
        | Target::Log(_) => {
            Err(Refusal::slip("This is about a freeze.", "Name one, like FRZ-9; `/freeze list` shows them."))
        }
    }
}

/// A late step is told what stands, since when.
pub(super) fn check_open(freeze: &Freeze) -> Result<(), Refusal> {
    if freeze.is_open() {
        return Ok(());
    }
    let since = freeze.ended_at.map(|at| format!(" since {}", moment(at))).unwrap_or_default();
    Err(Refusal::slip(
        format!("{} is {}{since}.", freeze.subject(), freeze.status.as_str()),
        "Nothing was changed. `/freeze list` shows what is in force.",
    ))
}

pub(super) fn freeze_decision(
    world: &World<'_>,
    asked: Asked<'_>,
    freeze: Freeze,
    events: Vec<FreezeEvent>,
    answer: Answer,
) -> Decision {
    Decision {
        subject: freeze.subject(),
        promises: freeze.promises(world.policy),
        events: events.into_iter().map(Event::Freeze).collect(),
        state: State::Freeze(Box::new(freeze)),
        answer,
        at: asked.at,
        with: Vec::new(),
    }
}

pub(super) fn moment(at: DateTime<Utc>) -> String {
    at.format("%-d %b %H:%M UTC").to_string()
}

/// "Inês Duarte, and the second yes of Omar Haddad", at most three names each.
pub(super) fn deciding(organisation: &Organisation, deciders: &Deciders<PersonId>) -> String {
    let names = |people: &[PersonId]| -> String {
        let names: Vec<String> = people.iter().take(3).map(|id| organisation.name_of(id)).collect();
        if names.is_empty() { "nobody who is on duty".to_owned() } else { names.join(" or ") }
    };
    let first = names(&deciders.first.1);
    match &deciders.second {
        Some((_, people)) => format!("{first}, with the second yes of {}", names(people)),
        None => first,
    }
}
