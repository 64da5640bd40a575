//! Exceptions from a procedure: which a command may go by, who is asked for one, and where it becomes visible.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::answer::Teller;
use super::cards::{button, headline, row};
use super::handle::{Caller, HandleError};
use super::lists::{LISTED_MAX, listed};
use super::questions::slip;
use super::target::no_such;
use super::{App, Tenant};
use crate::domain::decide::exception_deciders;
use crate::domain::exception::{ExceptionScope, ExceptionStatus};
use crate::domain::rules::{ChangeKind, ExceptionSubject, Gate, Role};
use crate::domain::{
    Change, ChangeStatus, Command, Decision, Event, ExceptionCommand, ExceptionEvent, ExceptionTarget, FindingCommand,
    PersonId, Place, ProcedureException, Refusal, Subject, Target, Urgency, World,
};
use crate::language::presses::{Press, PressAction};
use crate::render::{Block, ButtonStyle, Message};
use crate::store::{Job, Later, Tx};

/// People who are asked for one approval.
const ASKED_MAX: usize = 10;
/// Uses that are listed, the newest; the log has all.
const USES_SHOWN: usize = 10;

impl App {
    /// A new exception is for the change that was named, or for what the command says.
    pub(super) async fn exception_target(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        named: Option<Subject>,
        command: &ExceptionCommand,
    ) -> Result<Result<Target, Refusal>, HandleError> {
        if let ExceptionCommand::Ask(new) = command {
            let change = match (&new.scope, named) {
                (None, Some(Subject::Change(_))) => match self.change_meant(tx, caller, named).await? {
                    Ok(change) => Some(Box::new(change)),
                    Err(refusal) => return Ok(Err(refusal)),
                },
                _ => None,
            };
            let number = tx.next_exception_number().await?;
            return Ok(Ok(Target::Exception(ExceptionTarget::New { number, change })));
        }
        if let Some(Subject::Exception(number)) = named {
            return known_exception(tx, number).await;
        }
        let (open, (none, many_are)) = match command {
            ExceptionCommand::Review { .. } => {
                let none = "No exception is to be looked back on.";
                (tx.exceptions_to_review().await?, (none, "exceptions are to be looked back on"))
            }
            ExceptionCommand::Ask(_)
            | ExceptionCommand::Approve
            | ExceptionCommand::Deny { .. }
            | ExceptionCommand::Revoke { .. } => {
                let none = "No exception waits or is in force.";
                (tx.open_exceptions().await?, (none, "exceptions wait or are in force"))
            }
        };
        let subjects: Vec<String> = open.iter().map(|one| one.subject().to_string()).collect();
        match open.as_slice() {
            [only] => known_exception(tx, only.number).await,
            [] => Ok(Err(Refusal::slip(none, "`/cab exception list` shows all."))),
            many => {
                let sentence = format!("{} {many_are}: {}.", many.len(), subjects.join(", "));
                Ok(Err(Refusal::slip(sentence, "Name the one you mean.")))
            }
        }
    }

    /// Enqueues everything that follows from what happened to an exception.
    pub(super) async fn spread_exception(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        exception: &ProcedureException,
        decision: &Decision,
    ) -> Result<(), HandleError> {
        let teller = Teller { app: self, tenant, actor: caller.actor };
        for event in &decision.events {
            let Event::Exception(of) = event else { continue };
            let line = Block::Paragraph { text: teller.line(decision.subject, event)? };
            let message = Message { blocks: vec![line], ..Message::default() };
            for place in self.told_places(tx, tenant, exception, of).await? {
                self.say(tx, decision.subject, &place, Urgency::Decision, &message);
            }
            let mut jobs = self.ask_to_look_back(tx, tenant, exception, of, &message).await?;
            jobs.extend(self.tell_in_private(tx, tenant, caller, exception, of, message).await?);
            jobs.extend(self.look_again(tx, tenant, exception, of).await?);
            tx.enqueue(jobs);
        }
        Ok(())
    }

    /// Where changes are watched, and the rooms of the change that it is for, or that went by it.
    async fn told_places(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        exception: &ProcedureException,
        event: &ExceptionEvent,
    ) -> Result<BTreeSet<Place>, HandleError> {
        let change = match (event, &exception.scope) {
            (ExceptionEvent::Used { change, .. }, _) | (_, ExceptionScope::Change(change)) => {
                tx.change(*change).await?
            }
            _ => None,
        };
        let rooms = self.rooms_of(tx, change.and_then(|change| change.incident)).await?;
        let is_for_room = matches!(event, ExceptionEvent::Used { .. }) && !rooms.is_empty();
        let channels = if is_for_room { Vec::new() } else { self.change_channels(tenant) };
        Ok(rooms.into_iter().chain(channels).collect())
    }

    async fn tell_in_private(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        exception: &ProcedureException,
        event: &ExceptionEvent,
        mut message: Message,
    ) -> Result<Vec<Later>, HandleError> {
        let id = exception.subject();
        let press = |action, style| button(Press::on(action, id, None), style);
        let people = match event {
            ExceptionEvent::Requested { .. } => {
                message = self.asking_for(tx, tenant, exception).await?;
                message.blocks.push(row(vec![
                    press(PressAction::ApproveException, ButtonStyle::Primary),
                    press(PressAction::DenyException, ButtonStyle::Danger),
                ]));
                deciders_of(tx, tenant, exception).await?.into_iter().flat_map(|(_, people)| people).collect()
            }
            ExceptionEvent::Granted { .. } | ExceptionEvent::Ending { .. } => {
                message.blocks.push(row(vec![press(PressAction::RevokeException, ButtonStyle::Danger)]));
                exception.people()
            }
            ExceptionEvent::Denied { .. } | ExceptionEvent::Expired { .. } | ExceptionEvent::Revoked { .. } => {
                // Whoever looks back on it is asked to.
                let asked = look_back_askers(tx, tenant, exception).await?;
                exception.people().into_iter().filter(|id| !asked.contains(id)).collect()
            }
            ExceptionEvent::Signed { .. }
            | ExceptionEvent::Used { .. }
            | ExceptionEvent::Overdue { .. }
            | ExceptionEvent::Reviewed { .. } => Vec::new(),
        };
        let people: BTreeSet<PersonId> = people.into_iter().filter(|id| caller.actor.person() != Some(id)).collect();
        let key = format!("exception-{}-{}", exception.number, self.clock.now().format("%y%m%d%H%M%S"));
        Ok(Job::direct_each(tx.tenant(), people.into_iter().take(ASKED_MAX), &key, &message).collect())
    }

    /// Those who may look back on it, with the button that does, once it is over and when that is late.
    async fn ask_to_look_back(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        exception: &ProcedureException,
        event: &ExceptionEvent,
        message: &Message,
    ) -> Result<Vec<Later>, HandleError> {
        let asks = matches!(
            event,
            ExceptionEvent::Expired { .. } | ExceptionEvent::Revoked { .. } | ExceptionEvent::Overdue { .. }
        );
        if !asks || exception.due_look_back().is_none() {
            return Ok(Vec::new());
        }
        let mut message = message.clone();
        let press = Press::on(PressAction::ReviewException, exception.subject(), None);
        message.blocks.push(row(vec![button(press, ButtonStyle::Primary)]));
        let people = look_back_askers(tx, tenant, exception).await?;
        let key = format!("look-back-{}-{}", exception.number, self.clock.now().format("%y%m%d%H%M%S"));
        Ok(Job::direct_each(tx.tenant(), people.into_iter().take(ASKED_MAX), &key, &message).collect())
    }

    async fn asking_for(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        exception: &ProcedureException,
    ) -> Result<Message, HandleError> {
        let data = exception_data(tx, tenant, exception).await?;
        Ok(self.renderer.message("direct/exception", &data, &tenant.organisation)?)
    }

    /// Changes within its scope go on by it, or do not any more.
    async fn look_again(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        exception: &ProcedureException,
        event: &ExceptionEvent,
    ) -> Result<Vec<Later>, HandleError> {
        let matters = match event {
            ExceptionEvent::Granted { .. } | ExceptionEvent::Revoked { .. } => true,
            ExceptionEvent::Expired { waited, .. } => !waited,
            ExceptionEvent::Requested { .. }
            | ExceptionEvent::Signed { .. }
            | ExceptionEvent::Denied { .. }
            | ExceptionEvent::Used { .. }
            | ExceptionEvent::Ending { .. }
            | ExceptionEvent::Overdue { .. }
            | ExceptionEvent::Reviewed { .. } => false,
        };
        if !matters {
            return Ok(Vec::new());
        }
        let id = tx.tenant();
        let within = |change: &&Change| {
            let waits = matches!(
                change.status,
                ChangeStatus::AwaitingApproval
                    | ChangeStatus::Approved
                    | ChangeStatus::Queued
                    | ChangeStatus::OnHold
                    | ChangeStatus::Validating
            );
            waits && exception.scope.reaches_all(&tenant.organisation, change.number, &change.services())
        };
        let changes = tx.changes(LISTED_MAX).await?;
        let look = |change: &Change| Job::CheckHold { tenant: id, change: change.number }.now();
        Ok(changes.iter().filter(within).map(look).collect())
    }

    /// The list, or the one that was named, with its uses.
    pub(super) async fn exception_list(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        named: Option<Subject>,
        page: u32,
    ) -> Result<Message, HandleError> {
        if let Some(Subject::Exception(number)) = named {
            let Some(exception) = tx.exception(number).await? else {
                return Ok(slip(&no_such(Subject::Exception(number))));
            };
            let mut data = exception_data(tx, tenant, &exception).await?;
            data["uses"] = uses_data(&exception);
            let mut message = self.renderer.message("answer/exception", &data, &tenant.organisation)?;
            message.rest = Some(format!("/log show {}", exception.subject()));
            return Ok(message);
        }
        let all = tx.exceptions(LISTED_MAX).await?;
        let (exceptions, left) = listed(&all, page, "/cab exception list");
        let line = |one: &ProcedureException| {
            json!({
                "subject": one.subject(), "what": one.rule.phrase(), "scope": one.scope.phrase(&tenant.organisation),
                "status": one.state(), "until": one.until, "review": one.due_look_back().map(|due| due.due_at), "uses": one.uses.len().to_string(),
                "why": headline(&one.why),
            })
        };
        let data = json!({ "exceptions": exceptions.iter().map(line).collect::<Vec<_>>(), "left": left });
        Ok(self.renderer.message("answer/exceptions", &data, &tenant.organisation)?)
    }

    /// What a change went past by exceptions, and what it may go past, for its card.
    pub(super) async fn exceptions_of(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        change: &Change,
    ) -> Result<Value, HandleError> {
        let mut exceptions = tx.exceptions_used_by(change.number).await?;
        let now = self.clock.now();
        if change.is_open() {
            let in_force = tx.open_exceptions().await?.into_iter().filter(|one| {
                one.sets_aside(&tenant.organisation, one.rule, change, now) && !one.was_used_by(change.number)
            });
            exceptions.extend(in_force.collect::<Vec<_>>());
        }
        exceptions.sort_by_key(|one| one.number);
        let line = |one: &ProcedureException| {
            json!({
                "subject": one.subject(), "what": one.rule.phrase(), "until": one.until, "control": headline(&one.control),
                "used": one.was_used_by(change.number),
            })
        };
        Ok(json!(exceptions.iter().map(line).collect::<Vec<_>>()))
    }
}

/// The exception that lets a change through hard freezes now.
pub(super) async fn exception_from_freezes(
    tx: &mut Tx,
    tenant: &Tenant,
    change: &Change,
    now: DateTime<Utc>,
) -> Result<Option<ProcedureException>, HandleError> {
    let rule = ExceptionSubject::HardFreeze;
    let open = tx.open_exceptions().await?;
    Ok(open.into_iter().find(|one| one.sets_aside(&tenant.organisation, rule, change, now)))
}

/// The exception, and the change that it is for.
pub(super) async fn known_exception(tx: &mut Tx, number: i64) -> Result<Result<Target, Refusal>, HandleError> {
    let Some(exception) = tx.lock_exception(number).await? else {
        return Ok(Err(no_such(Subject::Exception(number))));
    };
    let change = change_of(tx, &exception).await?.map(Box::new);
    Ok(Ok(Target::Exception(ExceptionTarget::Known { exception: Box::new(exception), change })))
}

/// Fills in the exceptions that a command may go by, under lock: each use is counted.
pub(super) async fn load_exceptions(tx: &mut Tx, world: &mut World<'_>, command: &Command) -> Result<(), HandleError> {
    if let Command::Exception(ExceptionCommand::Ask(_)) = command {
        world.exceptions = tx.open_exceptions().await?;
    } else if may_go_by_one(command, &world.target) {
        world.exceptions = tx.lock_open_exceptions().await?;
    }
    Ok(())
}

fn may_go_by_one(command: &Command, target: &Target) -> bool {
    match (command, target) {
        (
            Command::RequestEmergency(_)
            | Command::RequestChange(_)
            | Command::RequestStandard(_)
            | Command::Finding(FindingCommand::Record(_)),
            Target::New { .. },
        )
        | (
            Command::EditChange(_)
            | Command::AdjustRisk { .. }
            | Command::ScheduleChange { .. }
            | Command::Finding(FindingCommand::Claim(_))
            | Command::Start { .. }
            | Command::CheckHold
            | Command::Done { .. }
            | Command::ClosePir(_)
            | Command::Extend { .. }
            | Command::Ruling(_),
            Target::Change { .. },
        ) => true,
        // What a yes may be the last for; most wait for nothing that an exception sets aside.
        (
            Command::Review { .. }
            | Command::Vote { .. }
            | Command::AcceptRisk(_)
            | Command::Checklist(_)
            | Command::Fill(_)
            | Command::Concern(_)
            | Command::Due { .. },
            Target::Change { change, .. },
        ) => {
            // The last attestation of a record asks whether it works.
            change.planned.is_some()
                || change.kind == ChangeKind::Retroactive
                || change.checklist.may_hold(Gate::Approve)
                || change.waits_for_fields()
                || change.needs_acceptance()
        }
        _ => false,
    }
}

async fn change_of(tx: &mut Tx, exception: &ProcedureException) -> Result<Option<Change>, HandleError> {
    Ok(match exception.scope {
        ExceptionScope::Change(number) => tx.change(number).await?,
        ExceptionScope::Everything | ExceptionScope::Team(_) | ExceptionScope::Service(_) => None,
    })
}

async fn deciders_of(
    tx: &mut Tx,
    tenant: &Tenant,
    exception: &ProcedureException,
) -> Result<Vec<(Role, Vec<PersonId>)>, HandleError> {
    let change = change_of(tx, exception).await?;
    Ok(exception_deciders(&tenant.organisation, exception, change.as_ref()))
}

/// Who is asked to look back on it: nobody while it is not over, or where it never was in force.
async fn look_back_askers(
    tx: &mut Tx,
    tenant: &Tenant,
    exception: &ProcedureException,
) -> Result<BTreeSet<PersonId>, HandleError> {
    if exception.due_look_back().is_none() {
        return Ok(BTreeSet::new());
    }
    Ok(deciders_of(tx, tenant, exception).await?.into_iter().flat_map(|(_, people)| people).collect())
}

async fn exception_data(tx: &mut Tx, tenant: &Tenant, exception: &ProcedureException) -> Result<Value, HandleError> {
    let change = change_of(tx, exception).await?;
    let takes: Vec<&str> = exception.class.approvers().iter().map(|role| role.phrase()).collect();
    let signed: Vec<Value> =
        exception.signed.iter().map(|(role, person)| json!({ "person": person, "role": role.phrase() })).collect();
    Ok(json!({
        "subject": exception.subject(), "what": exception.rule.phrase(),
        "scope": exception.scope.phrase(&tenant.organisation), "title": change.map(|change| headline(&change.title)),
        "why": exception.why, "control": exception.control, "until": exception.until, "requester": exception.requester,
        "status": exception.state(), "class": exception.class.as_str(), "takes": takes.join(" and "),
        "waits": exception.status == ExceptionStatus::Requested, "signed": signed, "ended_at": exception.ended_at,
        "look_back": exception.look_back.as_ref().map(|one| json!({
            "due": one.due_at, "overdue": one.overdue, "by": one.done.as_ref().map(|done| &done.by),
            "at": one.done.as_ref().map(|done| done.at), "kept": one.done.as_ref().is_some_and(|done| done.kept),
        })),
    }))
}

fn uses_data(exception: &ProcedureException) -> Value {
    let older = exception.uses.len().saturating_sub(USES_SHOWN);
    let line = |used: &crate::domain::exception::ExceptionUse| json!({ "change": Subject::Change(used.change), "at": used.at });
    json!({
        "count": exception.uses.len().to_string(), "listed": exception.uses.iter().skip(older).map(line).collect::<Vec<_>>(),
        "older": (older > 0).then(|| older.to_string()),
    })
}
