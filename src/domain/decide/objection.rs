//! What is said to the notices of a change: read, or objected to by the owner of what it touches. An objection holds up the
//! start until its author takes it back or the decision authority rules; nothing slows an emergency.

use chrono::{DateTime, Utc};

use super::standing::{on_change, permit, person};
use super::update::calendar;
use super::{asking, change_decision, change_of, escalation, logged, notice_preview, stands};
use crate::domain::policy::NoticeMark;
use crate::domain::rules::{Action, AnswerState, ChangeKind};
use crate::domain::{
    Answer, Asked, Change, ChangeStatus, DeadlineKind, Decision, Event, NoticeAnswer, NoticeCommand, NoticeEvent,
    PersonId, Refusal, World,
};

const RULE: &str = "change-notices";

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: NoticeCommand) -> Result<Decision, Refusal> {
    match command {
        NoticeCommand::Acknowledge => acknowledge(world, asked),
        NoticeCommand::Object { why } => object(world, asked, why),
        NoticeCommand::TakeBack { why } => take_back(world, asked, why),
        NoticeCommand::Send { text } => notice_preview::send(world, asked, text),
    }
}

/// An insert, as a ballot is: the change's own row stays as it is.
fn acknowledge(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::SeeRecord)?;
    permit(world, asked, Action::SeeRecord, on_change(change, None))?;
    let id = change.subject();
    let waits = change.status == ChangeStatus::AwaitingApproval;
    if waits && change.asks.iter().any(|ask| &ask.person == me) {
        return Ok(asking::acknowledge(world, asked, change, me));
    }
    if !change.is_told() {
        return Ok(stands(asked, id, untold(change)));
    }
    if change.is_own(me) {
        return Ok(stands(asked, id, format!("{id} is your own: others are asked whether they have read of it.")));
    }
    if let Some(before) = change.acknowledged_by(me) {
        let at = super::freeze::moment(before.at);
        return Ok(stands(asked, id, format!("You acknowledged {id} at {at} already.")));
    }
    let event = Event::Notice(NoticeEvent::Acknowledged { revision: change.revision });
    let answer = Answer::default().also(format!("`/change plan notices {id}` shows who else has."));
    Ok(logged(asked, id, vec![event], answer))
}

fn object(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RunChange)?;
    check_owner(world, change, me)?;
    let id = change.subject();
    if let Some(open) = change.objection_of(me) {
        let at = super::freeze::moment(open.at);
        return Ok(stands(asked, id, format!("Your objection to {id} stands since {at}.")));
    }
    if !change.is_told() {
        return Err(Refusal::slip(untold(change), "Nothing was changed."));
    }
    let until = change.may_be_held().then(|| escalation::due(world, asked));
    let mut next = change.clone();
    next.answers.push(NoticeAnswer {
        answered: 0,
        revision: change.revision,
        person: me.clone(),
        state: AnswerState::Objects,
        at: asked.at,
        due_at: until,
    });
    let requester = world.organisation.name_of(&change.requester);
    let told = if until.is_some() {
        format!("{id} does not start before that is settled; {requester} hears of it now.")
    } else if change.kind == ChangeKind::Emergency {
        format!("It is an emergency, so nothing holds it up; {requester} hears of it now.")
    } else {
        format!("{id} has begun, so this does not stop it; {requester} hears of it now.")
    };
    let event = Event::Notice(NoticeEvent::Objected { revision: change.revision, until, why });
    let answer = Answer::undo(format!("`/change plan unobject {id}`")).also(told);
    Ok(change_decision(world, asked, next, vec![event], answer))
}

fn take_back(world: &World<'_>, asked: Asked<'_>, why: Option<String>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RunChange)?;
    let id = change.subject();
    let Some(own) = change.objection_of(me) else {
        let others: Vec<String> = change.open_objections().map(|one| world.organisation.name_of(&one.person)).collect();
        if others.is_empty() {
            return Ok(stands(asked, id, format!("Nobody objects to {id}.")));
        }
        return Err(Refusal::by_rule(
            RULE,
            format!("You do not object to {id}."),
            format!(
                "{} can take it back; `/cab escalate {id}` and why asks the decision authority.",
                others.join(" or ")
            ),
        ));
    };
    let (objected, of) = (own.answered, me.clone());
    let mut next = change.clone();
    next.settle_objection(objected, AnswerState::TakenBack);
    let event = Event::Notice(NoticeEvent::Settled { objected, of, how: AnswerState::TakenBack, why });
    let answer = match next.open_objections().count() {
        0 => Answer::default(),
        left => Answer::default().also(format!("{left} more objected.")),
    };
    Ok(change_decision(world, asked, next, vec![event], answer))
}

/// What keeps a change from starting: an objection that nobody has settled.
pub(super) fn check_start(world: &World<'_>, change: &Change) -> Result<(), Refusal> {
    if !change.is_held_by_objection() {
        return Ok(());
    }
    let id = change.subject();
    let names: Vec<String> = change.open_objections().map(|one| world.organisation.name_of(&one.person)).collect();
    let objects = if names.len() == 1 { "objects" } else { "object" };
    Err(Refusal::by_rule(
        RULE,
        format!("{} {objects} to {id}: it waits until that is settled.", names.join(" and ")),
        format!(
            "`/change plan notices {id}` shows why; `/change sched` or `/change edit` may meet it, and `/cab escalate {id}` and \
             why asks the decision authority."
        ),
    ))
}

/// What an allowed dispute settles.
pub(super) fn overrule(change: &mut Change, why: &str, events: &mut Vec<Event>) {
    let open: Vec<(i32, PersonId)> = change.open_objections().map(|one| (one.answered, one.person.clone())).collect();
    for (objected, of) in open {
        change.settle_objection(objected, AnswerState::Overruled);
        let why = Some(why.to_owned());
        events.push(Event::Notice(NoticeEvent::Settled { objected, of, how: AnswerState::Overruled, why }));
    }
}

/// When the owners who have not acknowledged it are reminded, and when the decision authority is asked. Nothing is kept of
/// moments that have passed.
pub(super) fn promised(world: &World<'_>, change: &Change, now: DateTime<Utc>) -> Vec<(DeadlineKind, DateTime<Utc>)> {
    let reminder = reminder_at(world, change).filter(|_| !silent(world, change).is_empty());
    let reminder = reminder.map(|at| (DeadlineKind::Acknowledgement, at));
    let due = change.may_be_held().then(|| change.open_objections().filter_map(|one| one.due_at));
    let due = due.into_iter().flatten().filter(|at| *at > now).min().map(|at| (DeadlineKind::Objection, at));
    reminder.into_iter().filter(|(_, at)| *at > now).chain(due).collect()
}

fn reminder_at(world: &World<'_>, change: &Change) -> Option<DateTime<Utc>> {
    let notices = &world.policy.notices;
    let is_emergency = change.kind == ChangeKind::Emergency;
    let counts = match change.status {
        ChangeStatus::Approved | ChangeStatus::Queued | ChangeStatus::OnHold => true,
        ChangeStatus::Implementing | ChangeStatus::Halted => is_emergency,
        _ => false,
    };
    let asks = world.organisation.must_acknowledge(change) && notices.of(change.kind).contains(&NoticeMark::Approval);
    let span = if is_emergency { notices.reminder.emergency } else { notices.reminder.otherwise };
    let approved = change.approved_at.filter(|_| counts && asks)?;
    Some(calendar(world).after(approved, span, 1))
}

/// The owners of what it touches who have not said that they know of it.
fn silent(world: &World<'_>, change: &Change) -> Vec<PersonId> {
    let mut owners = world.organisation.owners_told(change);
    owners.retain(|owner| !change.is_known_to(owner));
    owners
}

/// The owners who have not acknowledged it are reminded, once.
pub(super) fn remind(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let owners = silent(world, change);
    if owners.is_empty() || reminder_at(world, change).is_none_or(|at| at > asked.at) {
        return Ok(stands(asked, change.subject(), "It was acknowledged in the meantime, or is over."));
    }
    let event = Event::Notice(NoticeEvent::Reminded { revision: change.revision, owners });
    Ok(change_decision(world, asked, change.clone(), vec![event], Answer::default()))
}

/// Nobody settled an objection in time: the decision authority is asked.
pub(super) fn overdue(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let is_due = |one: &&NoticeAnswer| one.due_at.is_some_and(|at| at <= asked.at);
    let Some(one) = change.open_objections().filter(|_| change.may_be_held()).find(is_due) else {
        return Ok(stands(asked, change.subject(), "It was settled in the meantime."));
    };
    let event = NoticeEvent::Unsettled { objected: one.answered, of: one.person.clone() };
    let mut next = change.clone();
    let mut events = vec![Event::Notice(event)];
    events.extend(escalation::of_objection(world, asked, &mut next));
    Ok(change_decision(world, asked, next, events, Answer::default()))
}

impl Change {
    fn settle_objection(&mut self, answered: i32, how: AnswerState) {
        self.answers.iter_mut().filter(|one| one.answered == answered).for_each(|one| one.state = how);
    }
}

/// Whoever owns what the change touches may object; whose change it is, withdraws it.
fn check_owner(world: &World<'_>, change: &Change, me: &PersonId) -> Result<(), Refusal> {
    let owners = world.organisation.owners_told(change);
    if owners.contains(me) {
        return Ok(());
    }
    let id = change.subject();
    if change.is_own(me) {
        let next = format!("`/change withdraw {id}` and why calls it off.");
        return Err(Refusal::by_rule(RULE, format!("{id} is your own change."), next));
    }
    let names: Vec<String> = owners.iter().map(|owner| world.organisation.name_of(owner)).collect();
    let next = match names.as_slice() {
        [] => "What it touches has no other owner.".to_owned(),
        names => format!("{} can object.", names.join(" or ")),
    };
    Err(Refusal::by_rule(RULE, format!("Only who owns what {id} touches can object to it."), next))
}

fn untold(change: &Change) -> String {
    let id = change.subject();
    if change.is_open() {
        format!("{id} waits for approval: nobody was told yet that it will come.")
    } else {
        format!("{id} is {} by now.", change.state_phrase())
    }
}
