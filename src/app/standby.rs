//! The people on standby: asked in private with the buttons that answer it, and shown with what is missing.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::answer::Teller;
use super::batches::Around;
use super::cards::{button, headline, row};
use super::handle::{Caller, HandleError};
use super::lists::listed_by;
use super::questions::slip;
use super::{App, Tenant};
use crate::domain::contingency::ContingencyPlan;
use crate::domain::decide::{Readiness, RoleStands, lacking, unready};
use crate::domain::rules::{BookingState, ChangeKind, ExceptionSubject, StandbyRole};
use crate::domain::standby_pool::{POOL_TIME, Pooled, pool};
use crate::domain::{
    Change, Command, DeadlineKind, Decision, Engagement, Event, PersonId, Role, RulingCommand, StandbyBooking,
    StandbyEvent, StandbyState, State, Subject, Target, World,
};
use crate::language::presses::{Press, PressAction};
use crate::render::{Block, Button, ButtonStyle, Message};
use crate::store::{Job, Later, Tx};

/// People of the pool a page: somebody busy takes several lines, and a page fits one section of Slack.
const POOL_PAGE: usize = 6;
/// Turns, absences and bookings that are told of each of them, the first of each.
const POOL_TOLD: usize = 2;

/// Fills in what keeps people busy, where somebody is asked to stand by, or a start waits for them.
pub(super) async fn load_engagements(
    tx: &mut Tx,
    world: &mut World<'_>,
    command: &Command,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), HandleError> {
    let looks = match command {
        Command::Standby(_)
        | Command::Start { .. }
        | Command::EditChange(_)
        | Command::ScheduleChange { .. }
        | Command::Ruling(RulingCommand::Escalate { .. })
        | Command::RequestEmergency(_)
        | Command::RequestChange(_) => true,
        Command::Due { deadline, .. } => *deadline == DeadlineKind::Standby,
        _ => false,
    };
    let of = match &world.target {
        Target::Change { change, .. } => Some((change.number, change.incident)),
        Target::New { number, near } => Some((*number, near.as_ref().map(|incident| incident.number))),
        _ => None,
    };
    if let Some((number, incident)) = of.filter(|_| looks) {
        world.engagements = tx.engagements(number, incident, now).await?;
    }
    Ok(())
}

impl App {
    /// Who stands ready for a change that was named or is open here, and what is missing; without one, who could.
    pub(super) async fn standby_answer(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Message, HandleError> {
        let change = match self.change_meant(tx, caller, named).await? {
            Ok(change) => change,
            Err(refusal) if named.is_some() => return Ok(slip(&refusal)),
            Err(_) => return self.standby_pool(tx, tenant, 0).await,
        };
        let mut data = self.standby_data(tx, tenant, &change).await?;
        let window = change.window.or(change.planned).filter(|_| change.kind != ChangeKind::Emergency);
        data["subject"] = json!(change.subject());
        data["title"] = json!(headline(&change.title));
        data["from"] = json!(window.map(|window| window.opens));
        data["until"] = json!(window.map(|window| window.closes));
        data["required_from"] = json!(tenant.policy.standby.required_from.phrase());
        let mut message = self.renderer.message("answer/standby", &data, &tenant.organisation)?;
        if change.is_before_start() && data["roles"].as_array().is_some_and(|roles| !roles.is_empty()) {
            message.blocks.push(row(vec![
                press(&change, PressAction::StandReady, ButtonStyle::Primary),
                press(&change, PressAction::CannotStandBy, ButtonStyle::Danger),
                press(&change, PressAction::BookOnCall, ButtonStyle::Plain),
            ]));
        }
        Ok(message)
    }

    /// Who could stand by in the coming days, who is booked for what, and who is away or on call.
    pub(super) async fn standby_pool(&self, tx: &mut Tx, tenant: &Tenant, page: u32) -> Result<Message, HandleError> {
        let (now, organisation) = (self.clock.now(), &tenant.organisation);
        let bookings = tx.standby_bookings(now, now + POOL_TIME).await?;
        // Of no change: whoever commands an incident is busy with it.
        let engagements = tx.engagements(0, None, now).await?;
        let all = pool(organisation, &tenant.policy, (&bookings, &engagements), now);
        let (shown, left) = listed_by(POOL_PAGE, &all, page, "/change plan standby do:pool");
        let people: Vec<Value> = shown.iter().map(pooled_data).collect();
        let data = json!({ "people": people, "left": left, "days": POOL_TIME.num_days().to_string() });
        Ok(self.renderer.message("answer/standby_pool", &data, organisation)?)
    }

    /// Who is booked, as the change itself knows it. What else keeps somebody from being there changes with other
    /// records and with the hour, so a card that stays cannot tell it: `/change plan standby` and the start do.
    pub(super) fn standby_on_card(&self, tenant: &Tenant, change: &Change) -> Value {
        let ready = readiness(tenant, change, &[], self.clock.now());
        if !ready.is_required() && change.standby.is_empty() {
            return json!([]);
        }
        json!(ready.stands().iter().map(|one| role_data(&ready, one)).collect::<Vec<_>>())
    }

    /// How standby stands, for whoever asks; with no roles where it needs nobody.
    pub(super) async fn standby_data(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        change: &Change,
    ) -> Result<Value, HandleError> {
        let now = self.clock.now();
        let mut ready = readiness(tenant, change, &[], now);
        if !ready.is_required() && change.standby.is_empty() {
            return Ok(json!({ "roles": [], "holds": Value::Null }));
        }
        let engaged = if change.is_before_start() {
            tx.engagements(change.number, change.incident, now).await?
        } else {
            Vec::new()
        };
        ready.engagements = &engaged;
        let holds = unready(&ready).filter(|_| change.is_before_start());
        let roles: Vec<Value> = ready.stands().iter().map(|one| role_data(&ready, one)).collect();
        Ok(json!({ "roles": roles, "holds": holds }))
    }

    /// What keeps a change from starting for want of people on standby; `None` where nothing does, or where an exception
    /// sets that aside.
    pub(super) async fn standby_holds(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        change: &Change,
    ) -> Result<Option<String>, HandleError> {
        let data = self.standby_data(tx, tenant, change).await?;
        let now = self.clock.now();
        let rule = ExceptionSubject::Standby;
        let Some(holds) = data["holds"].as_str() else { return Ok(None) };
        let open = tx.open_exceptions().await?;
        let is_past = open.iter().any(|one| one.sets_aside(&tenant.organisation, rule, change, now));
        Ok((!is_past).then(|| holds.to_owned()))
    }

    /// Enqueues what follows for those whom it concerns.
    pub(super) async fn follow_standby(
        &self,
        tx: &mut Tx,
        teller: &Teller<'_>,
        decision: &Decision,
        batch: Option<Around>,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let State::Change(change) = &decision.state else { return Ok(()) };
        for (place, event) in decision.events.iter().enumerate() {
            let Event::Standby(of) = event else { continue };
            if let Some(around) = batch
                && let Some(told) = self.standby_of_batch(tx, teller, (around.batch, decision.at), change, of).await?
            {
                jobs.extend(told);
                continue;
            }
            // Whoever is moved and asked anew hears it once.
            if let StandbyEvent::Moved { person, .. } = of
                && decision.events.iter().any(|event| asks(event, person))
            {
                continue;
            }
            let key = format!("standby-{}-{}-{place}", change.number, change.version);
            let people = told(teller, change, of);
            let people = people.into_iter().filter(|person| teller.actor.person() != Some(person));
            let message = self.standby_message(teller, decision, change, (event, of))?;
            jobs.extend(Job::direct_each(tx.tenant(), people, &key, &message));
        }
        Ok(())
    }

    fn standby_message(
        &self,
        teller: &Teller<'_>,
        decision: &Decision,
        change: &Change,
        (event, of): (&Event, &StandbyEvent),
    ) -> Result<Message, HandleError> {
        let (role, is_asked) = match of {
            StandbyEvent::Booked { role, asked, .. } => (*role, *asked),
            StandbyEvent::Asked { role, .. } => (*role, true),
            StandbyEvent::Moved { role, .. } => (*role, false),
            StandbyEvent::Taken { .. }
            | StandbyEvent::Confirmed { .. }
            | StandbyEvent::Declined { .. }
            | StandbyEvent::Missed { .. }
            | StandbyEvent::Exhausted { .. }
            | StandbyEvent::Alerted { .. }
            | StandbyEvent::Released { .. } => {
                let line = Block::Paragraph { text: teller.line(decision.subject, event)? };
                let buttons = follow_up(change, of);
                let blocks = [line].into_iter().chain((!buttons.is_empty()).then(|| row(buttons))).collect();
                return Ok(Message { blocks, ..Message::default() });
            }
        };
        let mut data = asked_data(teller.tenant, change, role, is_asked);
        data["moved"] = json!(matches!(of, StandbyEvent::Moved { .. }));
        let mut message = self.renderer.message("direct/standby", &data, &teller.tenant.organisation)?;
        let ready = is_asked.then(|| press(change, PressAction::StandReady, ButtonStyle::Primary));
        let cannot = press(change, PressAction::CannotStandBy, ButtonStyle::Danger);
        let details = press(change, PressAction::Details, ButtonStyle::Plain);
        message.blocks.push(row(ready.into_iter().chain([cannot, details]).collect()));
        Ok(message)
    }
}

fn readiness<'a>(
    tenant: &'a Tenant,
    change: &'a Change,
    engagements: &'a [Engagement],
    now: chrono::DateTime<chrono::Utc>,
) -> Readiness<'a> {
    Readiness { organisation: &tenant.organisation, policy: &tenant.policy, engagements, change, now }
}

/// Bookings outlive an edit: the button holds for whatever the change is by then.
fn press(change: &Change, action: PressAction, style: ButtonStyle) -> Button {
    button(Press::on(action, change.subject(), None), style)
}

fn asks(event: &Event, person: &PersonId) -> bool {
    matches!(event, Event::Standby(StandbyEvent::Asked { person: asked, .. }) if asked == person)
}

/// What whoever hears of it can do at once.
fn follow_up(change: &Change, event: &StandbyEvent) -> Vec<Button> {
    let proposes = match event {
        StandbyEvent::Declined { proposed, .. } | StandbyEvent::Alerted { proposed, .. } => proposed.is_some(),
        _ => false,
    };
    // In an emergency they are booked already.
    let book = proposes && change.kind != ChangeKind::Emergency && change.is_before_start();
    let book = book.then(|| press(change, PressAction::BookOnCall, ButtonStyle::Primary));
    let details = press(change, PressAction::Details, ButtonStyle::Plain);
    match event {
        StandbyEvent::Taken { .. } | StandbyEvent::Confirmed { .. } => Vec::new(),
        _ => book.into_iter().chain([details]).collect(),
    }
}

/// Who hears of it in private.
fn told(teller: &Teller<'_>, change: &Change, event: &StandbyEvent) -> BTreeSet<PersonId> {
    let owners = || [change.requester.clone(), change.implementer.clone()];
    let managers = || teller.tenant.organisation.holding(Role::ChangeManager);
    match event {
        StandbyEvent::Booked { person, .. }
        | StandbyEvent::Asked { person, .. }
        | StandbyEvent::Moved { person, .. }
        | StandbyEvent::Released { person, .. } => BTreeSet::from([person.clone()]),
        StandbyEvent::Declined { .. } | StandbyEvent::Exhausted { .. } | StandbyEvent::Alerted { last: false, .. } => {
            BTreeSet::from(owners())
        }
        StandbyEvent::Alerted { last: true, .. } => owners().into_iter().chain(managers()).collect(),
        // Whoever starts an emergency waits for the word.
        StandbyEvent::Confirmed { .. } if change.kind == ChangeKind::Emergency => BTreeSet::from(owners()),
        StandbyEvent::Confirmed { .. } | StandbyEvent::Taken { .. } | StandbyEvent::Missed { .. } => BTreeSet::new(),
    }
}

fn asked_data(tenant: &Tenant, change: &Change, role: StandbyRole, is_asked: bool) -> Value {
    let window = change.window.or(change.planned).filter(|_| change.kind != ChangeKind::Emergency);
    let steps = super::plans::steps_phrase(&tenant.organisation, &ContingencyPlan::read(&change.rollback_plan));
    json!({
        "subject": change.subject(), "title": headline(&change.title), "asked": is_asked, "role": role.phrase(),
        "service": tenant.organisation.services_of(change), "rollback_plan": steps,
        "from": window.map(|window| window.opens), "until": window.map(|window| window.closes),
        "is_emergency": change.kind == ChangeKind::Emergency, "implementer": change.implementer,
        "silence": tenant.policy.standby.emergency_silence_minutes.to_string(),
    })
}

fn role_data(ready: &Readiness<'_>, one: &RoleStands) -> Value {
    let booked = ready.booked_for(one.role);
    json!({
        "role": one.role.phrase(), "person": one.person, "state": state_phrase(ready.change, one, booked),
        "lacks": (one.conflict.is_some() || one.person.is_none()).then(|| lacking(ready, one)),
        "proposed": one.proposed, "off_shift": one.person.as_ref().and_then(|person| ready.off_shift(one.role, person)),
    })
}

fn pooled_data(one: &Pooled) -> Value {
    let turns = one.turns.iter().take(POOL_TOLD).map(|(from, until)| json!({ "from": from, "until": until }));
    let away = one
        .away
        .iter()
        .take(POOL_TOLD)
        .map(|away| json!({ "from": away.from, "until": away.until, "delegate": away.delegate }));
    let more = [one.turns.len(), one.away.len(), one.booked.len()]
        .map(|of| of.saturating_sub(POOL_TOLD))
        .iter()
        .sum::<usize>();
    let booked = one.booked.iter().take(POOL_TOLD).map(|booked| {
        json!({
            "subject": Subject::Change(booked.change), "from": booked.from, "until": booked.until,
            "role": (booked.role != one.role).then(|| booked.role.phrase()),
            "state": match booked.state {
                StandbyState::Confirmed => "confirmed once",
                StandbyState::ConfirmedAgain => "confirmed twice",
                StandbyState::Requested | StandbyState::Declined | StandbyState::Missed | StandbyState::Released => {
                    "has not confirmed yet"
                }
            },
        })
    });
    json!({
        "role": one.role.phrase(), "person": one.person, "teams": one.teams, "always": one.always, "free": one.is_free(),
        "turns": turns.collect::<Vec<_>>(), "away": away.collect::<Vec<_>>(), "booked": booked.collect::<Vec<_>>(),
        "commands": one.commands, "more": (more > 0).then(|| more.to_string()),
    })
}

/// How far it is, in words; of what is over, how it went.
fn state_phrase(change: &Change, one: &RoleStands, booked: Option<&StandbyBooking>) -> &'static str {
    let is_confirmed = booked.is_some_and(|one| one.state != StandbyState::Requested);
    match (change.started_at.is_some(), one.state) {
        (true, _) if is_confirmed && !change.is_open() => "served",
        (true, _) if is_confirmed => "stands by",
        (true, _) if booked.is_some() => "did not confirm",
        (_, BookingState::Booked) => "has not confirmed yet",
        (_, BookingState::Confirmed) if one.by_starting => "on call, confirms by starting it",
        (_, BookingState::Confirmed) if change.kind == ChangeKind::Emergency => "is there",
        (_, BookingState::Confirmed) => "confirmed once",
        (_, BookingState::ConfirmedTwice) => "confirmed twice",
        (_, BookingState::Unbooked | BookingState::Conflict) => "nobody",
    }
}
