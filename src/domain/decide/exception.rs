//! Exceptions from a procedure (rule 4.35): asked for, approved by those whom its class names, over at its end, and looked
//! back on after that.

use super::exempt::{any_of, exception_decision};
use super::freeze::moment;
use super::standing::person;
use super::stands;
use super::update::calendar;
use crate::domain::exception::{
    EXCEPTION_MAX, ExceptionCommand, ExceptionScope, ExceptionStatus, ExceptionTarget, LookBack, LookedBack, NOTICES,
    NewException, ProcedureException,
};
use crate::domain::rules::{
    Action, Duty, ExceptionClass, ExceptionSubject, Relation, Role, duties_ok, exception_allowed,
};
use crate::domain::{
    Answer, Asked, Change, DeadlineKind, Decision, ExceptionEvent, Organisation, Person, PersonId, Refusal, Subject,
    Target, World,
};

const RULE: &str = "4.35";

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: ExceptionCommand) -> Result<Decision, Refusal> {
    match command {
        ExceptionCommand::Ask(new) => ask(world, asked, new),
        ExceptionCommand::Approve => approve(world, asked),
        ExceptionCommand::Deny { why } => deny(world, asked, why),
        ExceptionCommand::Revoke { why } => revoke(world, asked, why),
        ExceptionCommand::Review { kept, notes } => review(world, asked, kept, notes),
    }
}

/// Whose approval it takes: the roles of its class, and who has each of them within its scope. `change`: the one that it
/// is for, where it is for one.
pub fn exception_deciders(
    organisation: &Organisation,
    exception: &ProcedureException,
    change: Option<&Change>,
) -> Vec<(Role, Vec<PersonId>)> {
    let services = exception.scope.services(organisation, change.map(Change::services).unwrap_or_default());
    let with = |role: &Role| {
        let mut people: Vec<PersonId> = match role {
            Role::ServiceOwner => {
                let services = services.iter().filter_map(|key| organisation.services.get(key));
                services.map(|service| service.owner.clone()).collect()
            }
            Role::DecisionAuthority => services.iter().flat_map(|key| organisation.authorities(key)).collect(),
            other => organisation.holding(*other),
        };
        let mut seen = Vec::new();
        people.retain(|id| {
            let is_new = !seen.contains(id);
            seen.push(id.clone());
            is_new && *id != exception.requester && organisation.person(id).is_some_and(Person::is_reachable)
        });
        (*role, people)
    };
    exception.class.approvers().iter().map(with).collect()
}

/// Whether anything here asks for what it would set aside; an exception without effect would only comfort.
fn has_effect(rule: ExceptionSubject) -> bool {
    match rule {
        ExceptionSubject::ExecutiveAcceptance
        | ExceptionSubject::HardFreeze
        | ExceptionSubject::Validation
        | ExceptionSubject::EmergencyReview
        | ExceptionSubject::ChecklistItem
        | ExceptionSubject::Standby
        | ExceptionSubject::Rehearsal
        | ExceptionSubject::ConflictBlock
        | ExceptionSubject::OptionalFields => true,
        ExceptionSubject::LogWriting
        | ExceptionSubject::Duties
        | ExceptionSubject::HighRiskPeerReview
        | ExceptionSubject::BreachClocks
        | ExceptionSubject::Spokesperson
        | ExceptionSubject::TenantIsolation
        | ExceptionSubject::MajorReview
        | ExceptionSubject::TempfixExpiry
        | ExceptionSubject::CalmCadence
        | ExceptionSubject::TemplateUse => false,
    }
}

fn ask(world: &World<'_>, asked: Asked<'_>, new: NewException) -> Result<Decision, Refusal> {
    let Target::Exception(ExceptionTarget::New { number, change }) = &world.target else {
        return Err(Refusal::slip("A new exception has a new number.", ""));
    };
    let me = person(asked, Action::RunChange)?;
    let class = class_of(world, new.rule)?;
    let scope = scope_of(&new, change.as_deref(), class)?;
    let until = new.until.until(asked.at, world.organisation.time_zone, None);
    if until <= asked.at {
        return Err(Refusal::slip("It would be over before it begins.", "`until:` is a moment to come, like +7d."));
    }
    if until - asked.at > EXCEPTION_MAX {
        let next = "Name an earlier end. What is needed for longer belongs into the policy.";
        return Err(Refusal::by_rule(RULE, "An exception lasts for 90 days at most.", next));
    }
    let same = |one: &&ProcedureException| one.rule == new.rule && one.scope == scope && one.until > asked.at;
    if let Some(open) = world.exceptions.iter().find(same) {
        let sentence = format!("{} is for that already: it is {}.", open.subject(), open.status.as_str());
        return Ok(stands(asked, open.subject(), sentence));
    }
    let exception = ProcedureException {
        number: *number,
        version: 0,
        rule: new.rule,
        class,
        scope: scope.clone(),
        status: ExceptionStatus::Requested,
        why: new.why.clone(),
        control: new.control.clone(),
        requester: me.clone(),
        asked_at: asked.at,
        until,
        signed: Vec::new(),
        notices: Vec::new(),
        ended_at: None,
        look_back: None,
        uses: Vec::new(),
    };
    let deciders = exception_deciders(world.organisation, &exception, change.as_deref());
    check_can_be_approved(&deciders)?;
    let event = ExceptionEvent::Requested { of: new.rule, class, scope, until, control: new.control, why: new.why };
    let id = exception.subject();
    let answer = Answer::undo(format!("`/cab exception revoke {id}` and why takes it back"))
        .also(exception_allowed(world.policy, new.rule).sentence)
        .also(format!("Asked in private: {}.", waits_for(world, &exception, &deciders)));
    Ok(exception_decision(asked, exception, event, answer))
}

/// Rule 4.35, of a rule that somebody asks to be excepted from.
fn class_of(world: &World<'_>, rule: ExceptionSubject) -> Result<ExceptionClass, Refusal> {
    let ruling = exception_allowed(world.policy, rule);
    if ruling.verdict == ExceptionClass::NotExemptable {
        return Err(Refusal::by_rule(ruling.rule, ruling.sentence, "What it asks for has to be done."));
    }
    if !has_effect(rule) {
        let sentence = format!("Nothing here asks for {rule} yet, so there is nothing to set aside.");
        return Err(Refusal::slip(sentence, "`/cab help` shows what can be."));
    }
    Ok(ruling.verdict)
}

fn scope_of(new: &NewException, change: Option<&Change>, class: ExceptionClass) -> Result<ExceptionScope, Refusal> {
    let scope = match (&new.scope, change) {
        (Some(scope), _) => scope.clone(),
        (None, Some(change)) => ExceptionScope::Change(change.number),
        (None, None) => {
            let next = "Name a change like CHG-88, `svc:` and a service, or `team:` and a team.";
            return Err(Refusal::slip("What is it for?", next));
        }
    };
    if scope == ExceptionScope::Everything && class != ExceptionClass::High {
        let sentence = format!("Only an exception of the high class is for everything; this would be {class}.");
        return Err(Refusal::by_rule(RULE, sentence, "Name a change, a service or a team."));
    }
    // A review may be owed long after its change was over.
    let over = change.filter(|change| !change.is_open() && new.scope.is_none());
    match over.filter(|_| new.rule != ExceptionSubject::EmergencyReview) {
        Some(change) => {
            let sentence = format!("{} is {}: nothing holds it up.", change.subject(), change.status.phrase());
            Err(Refusal::slip(sentence, "`/change list` shows the others."))
        }
        None => Ok(scope),
    }
}

/// Each approval is another person's.
fn check_can_be_approved(deciders: &[(Role, Vec<PersonId>)]) -> Result<(), Refusal> {
    let (missing, others): (Vec<_>, Vec<_>) = deciders.iter().partition(|(_, people)| people.is_empty());
    let is_one_person = match others.as_slice() {
        [(_, first), (_, second)] => first.len() == 1 && first == second,
        _ => false,
    };
    if missing.is_empty() && !is_one_person {
        return Ok(());
    }
    let roles: Vec<&str> = deciders.iter().map(|(role, _)| role.phrase()).collect();
    Err(Refusal::by_rule(
        RULE,
        format!("Nobody else here may approve that: it takes {}, who did not ask for it.", roles.join(" and ")),
        "An administrator names them in the organisation file; `/admin check` shows who is missing.",
    ))
}

fn approve(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let (exception, change) = exception_of(world)?;
    let me = person(asked, Action::RunChange)?;
    check_waits(world, asked, exception)?;
    check_no_requester(exception, me)?;
    if exception.signed.iter().any(|(_, signer)| signer == me) {
        return Ok(stands(asked, exception.subject(), "You approved it already; it takes another person too."));
    }
    let deciders = open_deciders(world, exception, change);
    // Whoever may approve as either does so as what fewer others are.
    let mine = deciders.iter().filter(|(_, people)| people.contains(me));
    let Some(role) = mine.min_by_key(|(_, people)| people.len()).map(|(role, _)| *role) else {
        return Err(not_yours(world, exception, &deciders));
    };
    let mut next = exception.clone();
    next.signed.push((role, me.clone()));
    if next.signed.len() < exception.class.approvers().len() {
        let left = open_deciders(world, &next, change);
        let answer = Answer::default().also(format!("It still takes {}.", waits_for(world, &next, &left)));
        return Ok(exception_decision(asked, next, ExceptionEvent::Signed { role }, answer));
    }
    next.status = ExceptionStatus::Active;
    next.notices = NOTICES.iter().map(|before| next.until - *before).filter(|at| *at > asked.at).collect();
    let until = next.until;
    let answer = Answer::undo(format!("`/cab exception revoke {}` and why ends it", next.subject()));
    Ok(exception_decision(asked, next, ExceptionEvent::Granted { role, until }, answer))
}

fn deny(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let (exception, change) = exception_of(world)?;
    let me = person(asked, Action::RunChange)?;
    check_waits(world, asked, exception)?;
    check_no_requester(exception, me)?;
    let deciders = exception_deciders(world.organisation, exception, change);
    if !deciders.iter().any(|(_, people)| people.contains(me)) {
        return Err(not_yours(world, exception, &deciders));
    }
    let next = ended(world, asked, exception, ExceptionStatus::Denied);
    Ok(exception_decision(asked, next, ExceptionEvent::Denied { why }, Answer::default()))
}

/// By whoever asked for it, and by those who may approve it; also while it waits.
fn revoke(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let (exception, change) = exception_of(world)?;
    let me = person(asked, Action::RunChange)?;
    let is_open = matches!(exception.status, ExceptionStatus::Requested | ExceptionStatus::Active);
    if !is_open || exception.until <= asked.at {
        return Ok(stands(asked, exception.subject(), over(exception)));
    }
    let deciders = exception_deciders(world.organisation, exception, change);
    if &exception.requester != me && !deciders.iter().any(|(_, people)| people.contains(me)) {
        return Err(not_yours(world, exception, &deciders));
    }
    let next = ended(world, asked, exception, ExceptionStatus::Revoked);
    let review = next.look_back.as_ref().map(|one| one.due_at);
    Ok(exception_decision(asked, next, ExceptionEvent::Revoked { why, review }, Answer::default()))
}

/// By those who may approve it, once it is over: whether what was promised instead was done.
fn review(world: &World<'_>, asked: Asked<'_>, kept: bool, notes: Option<String>) -> Result<Decision, Refusal> {
    let (exception, change) = exception_of(world)?;
    let me = person(asked, Action::RunChange)?;
    let id = exception.subject();
    let Some(look_back) = &exception.look_back else {
        return Err(match exception.status {
            ExceptionStatus::Requested | ExceptionStatus::Active => Refusal::slip(
                format!("{id} is not over yet; it is looked back on after its end."),
                format!("`/cab exception revoke {id}` and why ends it."),
            ),
            _ => Refusal::slip(
                format!("There is nothing to look back on: {}", over(exception)),
                "`/cab exception list` shows the others.",
            ),
        });
    };
    if let Some(done) = &look_back.done {
        let by = world.organisation.name_of(&done.by);
        let sentence = format!("{by} looked back on {id} at {}.", moment(done.at));
        return Ok(stands(asked, id, sentence));
    }
    check_no_requester(exception, me)?;
    let deciders = exception_deciders(world.organisation, exception, change);
    if !deciders.iter().any(|(_, people)| people.contains(me)) {
        return Err(not_yours(world, exception, &deciders));
    }
    let done = LookedBack { by: me.clone(), at: asked.at, kept };
    let look_back = Some(LookBack { done: Some(done), ..look_back.clone() });
    let event = ExceptionEvent::Reviewed { kept, uses: uses_of(exception), notes };
    Ok(exception_decision(asked, ProcedureException { look_back, ..exception.clone() }, event, Answer::default()))
}

/// Its end is near, or there.
pub(super) fn due(world: &World<'_>, asked: Asked<'_>, deadline: DeadlineKind) -> Result<Decision, Refusal> {
    let (exception, _) = exception_of(world)?;
    let uses = uses_of(exception);
    let is_open = matches!(exception.status, ExceptionStatus::Requested | ExceptionStatus::Active);
    if is_open && exception.until <= asked.at {
        let waited = exception.status == ExceptionStatus::Requested;
        let next = ended(world, asked, exception, ExceptionStatus::Expired);
        let review = next.look_back.as_ref().map(|one| one.due_at);
        let event = ExceptionEvent::Expired { waited, uses, review };
        return Ok(exception_decision(asked, next, event, Answer::default()));
    }
    if let Some(late) = exception.due_look_back().filter(|one| !one.overdue && one.due_at <= asked.at) {
        let (due, look_back) = (late.due_at, Some(LookBack { overdue: true, ..late.clone() }));
        let next = ProcedureException { look_back, ..exception.clone() };
        return Ok(exception_decision(asked, next, ExceptionEvent::Overdue { due }, Answer::default()));
    }
    let is_near = exception.notices.first().is_some_and(|at| *at <= asked.at);
    if deadline == DeadlineKind::ExceptionNotice && exception.is_in_force(asked.at) && is_near {
        let mut next = exception.clone();
        // What was missed while the bot was away is said once.
        next.notices.retain(|at| *at > asked.at);
        let event = ExceptionEvent::Ending { until: exception.until, uses };
        return Ok(exception_decision(asked, next, event, Answer::default()));
    }
    Ok(stands(asked, exception.subject(), "It was decided in the meantime."))
}

/// What was in force is looked back on.
fn ended(
    world: &World<'_>,
    asked: Asked<'_>,
    exception: &ProcedureException,
    status: ExceptionStatus,
) -> ProcedureException {
    let clock = world.policy.reviews.exception;
    let span = clock.hold.or(clock.publish).filter(|_| exception.status == ExceptionStatus::Active);
    let look_back = span.map(|span| {
        let due_at = calendar(world).after(asked.at, span, 1);
        LookBack { due_at, overdue: false, done: None }
    });
    ProcedureException { status, look_back, notices: Vec::new(), ended_at: Some(asked.at), ..exception.clone() }
}

fn uses_of(exception: &ProcedureException) -> i32 {
    i32::try_from(exception.uses.len()).unwrap_or(i32::MAX)
}

fn exception_of<'a>(world: &'a World<'_>) -> Result<(&'a ProcedureException, Option<&'a Change>), Refusal> {
    match &world.target {
        Target::Exception(ExceptionTarget::Known { exception, change }) => Ok((exception, change.as_deref())),
        _ => Err(Refusal::slip("This is about an exception.", "Name one, like EXC-3.")),
    }
}

/// Those whose approval it still takes.
fn open_deciders(
    world: &World<'_>,
    exception: &ProcedureException,
    change: Option<&Change>,
) -> Vec<(Role, Vec<PersonId>)> {
    let signed = |role: &Role| exception.signed.iter().any(|(by, _)| by == role);
    let mut deciders = exception_deciders(world.organisation, exception, change);
    deciders.retain(|(role, _)| !signed(role));
    deciders
}

fn check_waits(world: &World<'_>, asked: Asked<'_>, exception: &ProcedureException) -> Result<(), Refusal> {
    if exception.status == ExceptionStatus::Requested && asked.at < exception.until {
        return Ok(());
    }
    let by: Vec<String> = exception.signed.iter().map(|(_, id)| world.organisation.name_of(id)).collect();
    let by = if by.is_empty() { String::new() } else { format!(" It was approved by {}.", by.join(" and ")) };
    Err(Refusal::slip(format!("{}{by}", over(exception)), "Nothing was changed."))
}

/// What became of it.
fn over(exception: &ProcedureException) -> String {
    let at = exception.ended_at.map(|at| format!(" since {}", moment(at))).unwrap_or_default();
    let status = match exception.status {
        ExceptionStatus::Active => format!("active until {}", moment(exception.until)),
        // Its moment has come, and is noted in a moment.
        ExceptionStatus::Requested => "over".to_owned(),
        ExceptionStatus::Denied | ExceptionStatus::Expired | ExceptionStatus::Revoked => {
            exception.status.as_str().to_owned()
        }
    };
    format!("{} is {status}{at}.", exception.subject())
}

fn check_no_requester(exception: &ProcedureException, me: &PersonId) -> Result<(), Refusal> {
    let relations: &[Relation] = if &exception.requester == me { &[Relation::Requester] } else { &[] };
    Ok(duties_ok(Duty::ApproveException, relations)?)
}

fn not_yours(world: &World<'_>, exception: &ProcedureException, deciders: &[(Role, Vec<PersonId>)]) -> Refusal {
    let id: Subject = exception.subject();
    Refusal::by_rule(
        RULE,
        format!("{id} is not yours to decide: it is {}.", exception.class),
        format!("It takes {}.", waits_for(world, exception, deciders)),
    )
}

/// "a compliance officer (Zoë Lang or Kim Novak) and the decision authority (Omar Haddad)"
fn waits_for(world: &World<'_>, exception: &ProcedureException, deciders: &[(Role, Vec<PersonId>)]) -> String {
    let free = |people: &[PersonId]| -> Vec<PersonId> {
        // Whoever signed it may look back on it all the same.
        let is_open = exception.status == ExceptionStatus::Requested;
        let signed = |id: &PersonId| is_open && exception.signed.iter().any(|(_, signer)| signer == id);
        people.iter().filter(|id| !signed(id)).cloned().collect()
    };
    let of = |(role, people): &(Role, Vec<PersonId>)| format!("{} ({})", role.phrase(), any_of(world, &free(people)));
    deciders.iter().map(of).collect::<Vec<_>>().join(" and ")
}
