//! What is done is not right yet: the checks of the service say so, or a second person does (03, `validating`).

use chrono::{DateTime, TimeDelta, Utc};

use super::approval::{incident_of, relations};
use super::candidates::sources;
use super::standing::person;
use super::{change_decision, change_of, doubt, exempt, halt, pir, rating, retro, rollback, standard, stands};
use crate::domain::event::ValidationEvent;
use crate::domain::rules::{Action, ChangeEnd, Duty, ExceptionSubject, duties_ok};
use crate::domain::validation::{CheckResult, CheckStanding};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeStatus, Decision, Event, Incident, Organisation, Person, PersonId,
    ProcedureException, Refusal, Validation, ValidationCommand, World,
};

/// Whoever was asked is reminded, then the owner of the service; after that it stands on the lists.
const REMINDERS_MAX: u32 = 2;

/// A pipeline that has not ended is looked at this often: each look is an entry.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(2);

/// Begins to find out whether a change works that is done. What is of too little risk to bother a second person, and has
/// no checks, is over, unless it went past the regular way. Nor is what an exception lets go without it: that one.
pub(super) fn open<'a>(
    world: &'a World<'_>,
    asked: Asked<'_>,
    change: &mut Change,
    events: &mut Vec<Event>,
) -> Option<&'a ProcedureException> {
    let went_past = world.look_back.iter().any(|reason| reason.is_urgent());
    if keys(world, change).is_empty() && change.risk.band < world.policy.validation.attest_from && !went_past {
        return None;
    }
    open_always(world, asked, change, events)
}

/// The same, whatever its risk.
pub(super) fn open_always<'a>(
    world: &'a World<'_>,
    asked: Asked<'_>,
    change: &mut Change,
    events: &mut Vec<Event>,
) -> Option<&'a ProcedureException> {
    let (keys, policy) = (keys(world, change), &world.policy.validation);
    if let Some(exception) = exempt::by(world, ExceptionSubject::Validation, change, asked.at) {
        return Some(exception);
    }
    let first = attesters(world.organisation, change, incident_of(world), asked.at).into_iter().next();
    let asked_first = first.filter(|_| keys.is_empty());
    let wait = if keys.is_empty() { policy.remind_minutes } else { 0 };
    let watched_until = asked.at + TimeDelta::minutes(world.policy.throttle.soak_minutes.into());
    change.status = ChangeStatus::Validating;
    change.validation = Some(Validation {
        checks: keys.iter().map(|key| CheckStanding { key: key.clone(), passed: None }).collect(),
        asked: asked_first.clone(),
        next_at: Some(asked.at + TimeDelta::minutes(wait.into())),
        watched_until,
        failed_runs: 0,
        reminders: 0,
        failures: change.failures(),
        doubts: Vec::new(),
    });
    events.push(of(ValidationEvent::Opened { checks: keys, until: watched_until, asked: asked_first }));
    None
}

/// The checks that its service declares.
fn keys(world: &World<'_>, change: &Change) -> Vec<String> {
    world.organisation.checks_of(change).into_iter().map(|(key, _)| key).collect()
}

/// Who is asked whether it works, for whoever carried it out.
pub(super) fn asked_phrase(world: &World<'_>, change: &Change) -> Option<String> {
    let asked = change.open_validation()?.asked.as_ref()?;
    Some(format!("{} is asked in private whether it works.", world.organisation.name_of(asked)))
}

/// The people who may say whether it works, whoever should be asked first in front: who wanted it, who commands its
/// incident, then the service's own.
pub fn attesters(
    organisation: &Organisation,
    change: &Change,
    incident: Option<&Incident>,
    now: DateTime<Utc>,
) -> Vec<PersonId> {
    let commander = incident.and_then(|incident| incident.commander.clone());
    let near = sources(organisation, change, now).into_iter().map(|(person, _)| person);
    let mut people: Vec<PersonId> = Vec::new();
    for id in [change.requester.clone()].into_iter().chain(commander).chain(near) {
        let reachable = organisation.person(&id).is_some_and(Person::is_reachable);
        if reachable && id != change.implementer && !people.contains(&id) {
            people.push(id);
        }
    }
    people
}

pub(super) fn command(world: &World<'_>, asked: Asked<'_>, command: ValidationCommand) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    if !matches!(command, ValidationCommand::Incidents { .. }) {
        retro::check_goes_on(change)?;
    }
    match command {
        ValidationCommand::Works { why } => works(world, asked, change, why),
        ValidationCommand::DoesNotWork { why } => does_not_work(world, asked, change, why),
        ValidationCommand::Again => again(world, asked, change),
        ValidationCommand::Found { planned, results } => Ok(found(world, asked, change, planned, results)),
        ValidationCommand::Incidents { critical } => Ok(doubt::check(world, asked, change, critical)),
    }
}

fn works(world: &World<'_>, asked: Asked<'_>, change: &Change, why: Option<String>) -> Result<Decision, Refusal> {
    let me = person(asked, Action::RunChange)?;
    if change.status == ChangeStatus::Completed {
        return Ok(stands(asked, change.subject(), format!("{} is completed already.", change.subject())));
    }
    let validation = validating(change)?;
    duties_ok(Duty::ValidateChange, &relations(change, me))?;
    if !validation.is_attested() {
        return Err(Refusal::slip(
            format!("Whether {} works is for its checks to say: {}.", change.subject(), validation.keys().join(", ")),
            format!("`/change after validate {} again` runs them anew.", change.subject()),
        ));
    }
    doubt::check_none(world, change)?;
    let mut next = change.clone();
    let mut events = vec![complete(&mut next, true, why)];
    events.extend(rating::suggested(world, &next));
    Ok(change_decision(world, asked, next, events, Answer::default()))
}

/// Beside the checks too: they see less than people do.
fn does_not_work(world: &World<'_>, asked: Asked<'_>, change: &Change, why: String) -> Result<Decision, Refusal> {
    let me = person(asked, Action::RunChange)?;
    if change.status == ChangeStatus::Failed {
        return Ok(stands(asked, change.subject(), format!("{} is failed already.", change.subject())));
    }
    validating(change)?;
    duties_ok(Duty::ValidateChange, &relations(change, me))?;
    let (mut next, mut events) = (change.clone(), Vec::new());
    fail(world, asked, &mut next, (true, why), &mut events);
    Ok(change_decision(world, asked, next, events, Answer::default()))
}

fn again(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<Decision, Refusal> {
    person(asked, Action::RunChange)?;
    rollback::check_none(change)?;
    let Some(validation) = change.validation.as_ref().filter(|_| is_in_question(change)) else {
        return Err(not_in_question(change));
    };
    if !validation.is_attested() && validation.next_at.is_some_and(|at| at <= asked.at) {
        return Ok(stands(asked, change.subject(), "The checks run already."));
    }
    let mut next = change.clone();
    match change.status {
        ChangeStatus::Failed => doubt::count_known(world, asked, &mut next),
        _ if validation.is_attested() => doubt::check_none(world, change)?,
        _ => {}
    }
    if let Some(validation) = &mut next.validation {
        let wait = if validation.is_attested() { world.policy.validation.remind_minutes } else { 0 };
        validation.next_at = Some(asked.at + TimeDelta::minutes(wait.into()));
        let watched = asked.at + TimeDelta::minutes(world.policy.throttle.soak_minutes.into());
        // What failed is watched anew; what runs again meanwhile is not watched for longer.
        if change.status == ChangeStatus::Failed {
            validation.watched_until = watched;
        }
        (validation.failed_runs, validation.reminders) = (0, 0);
        validation.checks.iter_mut().for_each(|check| check.passed = None);
    }
    next.status = ChangeStatus::Validating;
    Ok(change_decision(world, asked, next, vec![of(ValidationEvent::Again)], Answer::default()))
}

/// What a run found. What was planned otherwise in the meantime is not this run's to decide.
fn found(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    planned: DateTime<Utc>,
    results: Vec<CheckResult>,
) -> Decision {
    let is_this = change.open_validation().is_some_and(|open| !open.is_attested() && open.next_at == Some(planned));
    let mut next = change.clone();
    let Some(validation) = next.validation.as_mut().filter(|_| is_this) else {
        return stands(asked, change.subject(), "The checks were planned anew in the meantime.");
    };
    let policy = &world.policy.validation;
    let attempt = validation.failed_runs + 1;
    let waits_until = validation.watched_until + TimeDelta::minutes(policy.pipeline_minutes.into());
    let results = if asked.at < waits_until { results } else { given_up(results) };
    let before = std::mem::take(&mut validation.checks);
    validation.checks =
        before.iter().map(|check| CheckStanding { passed: found_of(check, &results), ..check.clone() }).collect();
    let stands = |passed| validation.checks.iter().any(|check| check.passed == passed);
    let (failed, waits) = (stands(Some(false)), stands(None));
    let is_last = if failed { attempt >= policy.runs } else { !waits && asked.at >= validation.watched_until };
    validation.failed_runs = if failed { attempt } else { 0 };
    validation.next_at = Some(match (failed, waits) {
        (true, _) => asked.at + TimeDelta::seconds(policy.retry_seconds.into()),
        (false, true) => asked.at + LOOK_AGAIN,
        (false, false) => validation.watched_until,
    });
    let why = in_words(&results);
    // While something is waited for, what stands as it stood is not told anew each time.
    let is_news = |result: &CheckResult| {
        let stood = before.iter().find(|check| check.key == result.key).and_then(|check| check.passed);
        result.passed.is_none() || result.passed != stood
    };
    let told = results.into_iter().filter(|result| failed || !waits || is_news(result));
    let mut events: Vec<Event> = told.map(|result| of(ValidationEvent::Checked { result, attempt })).collect();
    match (is_last, failed) {
        (false, _) => {}
        (true, true) => fail(world, asked, &mut next, (false, why), &mut events),
        (true, false) => pass(world, asked, &mut next, &mut events),
    }
    change_decision(world, asked, next, events, Answer::default())
}

/// Its checks passed to the end; what an incident says of it has to be said first. Then they run once more.
fn pass(world: &World<'_>, asked: Asked<'_>, change: &mut Change, events: &mut Vec<Event>) {
    if let Some(open) = &mut change.validation {
        open.next_at = None;
    }
    doubt::look(world, asked, change, events);
    let is_open = change.open_validation().is_some_and(|open| !open.is_doubted() && open.next_at.is_none());
    if is_open {
        events.push(complete(change, false, None));
        events.extend(rating::suggested(world, change));
    }
}

/// Nobody has said yet whether it works.
pub(super) fn remind(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let is_due = |open: &&Validation| open.is_attested() && open.next_at.is_some_and(|at| at <= asked.at);
    let Some(validation) = change.open_validation().filter(is_due) else {
        return Ok(stands(asked, change.subject(), "It was said in the meantime."));
    };
    let reminders = validation.reminders + 1;
    let later = asked.at + TimeDelta::minutes(world.policy.validation.remind_minutes.into());
    let mut owners = world.organisation.owners_of(&change.services());
    owners.retain(|owner| reminders > 1 && owner != &change.implementer);
    let people =
        if owners.is_empty() { vec![validation.asked.clone()] } else { owners.into_iter().map(Some).collect() };
    let mut next = change.clone();
    next.validation =
        Some(Validation { reminders, next_at: (reminders < REMINDERS_MAX).then_some(later), ..validation.clone() });
    let events = people.into_iter().map(|person| of(ValidationEvent::Reminded { person })).collect();
    Ok(change_decision(world, asked, next, events, Answer::default()))
}

/// Why nothing is said any more of whether it works, or not yet.
fn not_in_question(change: &Change) -> Refusal {
    let id = change.subject();
    if change.status.is_running() {
        return Refusal::slip(format!("{id} is not done yet."), halt::way_out(change));
    }
    let sentence = format!("{id} is {}; whether it works is not in question.", change.status.phrase());
    Refusal::slip(sentence, "`/change list` shows the others.")
}

fn is_in_question(change: &Change) -> bool {
    matches!(change.status, ChangeStatus::Validating | ChangeStatus::Failed)
}

fn validating(change: &Change) -> Result<&Validation, Refusal> {
    rollback::check_none(change)?;
    if change.status == ChangeStatus::Failed {
        let id = change.subject();
        return Err(Refusal::slip(
            format!("{id} was found not to work."),
            format!("`/change after validate {id} again` asks anew; {}", halt::way_out(change)),
        ));
    }
    change.open_validation().ok_or_else(|| not_in_question(change))
}

pub(super) fn complete(change: &mut Change, attested: bool, why: Option<String>) -> Event {
    change.status = ChangeStatus::Completed;
    if let Some(validation) = &mut change.validation {
        validation.next_at = None;
    }
    of(ValidationEvent::Passed { attested, why })
}

pub(super) fn fail(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &mut Change,
    (attested, why): (bool, String),
    events: &mut Vec<Event>,
) {
    change.status = ChangeStatus::Failed;
    change.outcome = Some(why.clone());
    let failures = change.failures() + 1;
    if let Some(validation) = &mut change.validation {
        validation.next_at = None;
        validation.failures = failures;
    }
    events.push(of(ValidationEvent::Failed { attested, failures, why }));
    standard::after_failure(world, change, events);
    pir::open(world, asked, change, ChangeEnd::Failed, events);
}

/// What a run found of one check. What is not declared any more has not passed.
fn found_of(check: &CheckStanding, results: &[CheckResult]) -> Option<bool> {
    results.iter().find(|result| result.key == check.key).map_or(Some(false), |result| result.passed)
}

/// What has not ended by now has not passed.
fn given_up(results: Vec<CheckResult>) -> Vec<CheckResult> {
    let give_up = |result: CheckResult| CheckResult { passed: result.passed.or(Some(false)), ..result };
    results.into_iter().map(give_up).collect()
}

/// What did not pass.
fn in_words(results: &[CheckResult]) -> String {
    let failed = results.iter().filter(|result| result.passed == Some(false));
    failed.map(|result| format!("{}: {}", result.key, result.found)).collect::<Vec<_>>().join("; ")
}

pub(super) fn of(event: ValidationEvent) -> Event {
    Event::Change(ChangeEvent::Validation(event))
}
