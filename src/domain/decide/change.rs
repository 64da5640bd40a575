//! A change is asked for: of which type is it, how risky, whose yes does it need, and when may it run?

use chrono::{DateTime, TimeDelta, Utc};

use super::approval;
use super::asking;
use super::assessment::{Facts, assess, breakdown, clocks, requirements};
use super::barrier;
use super::conflict;
use super::contingency;
use super::exempt;
use super::freeze::moment;
use super::pir;
use super::rehearsed;
use super::settle;
use super::standing::{Record, permit, person};
use super::{change_decision, checklist, claim, custom_field, draft, standby};
use crate::domain::rules::{
    Action, Band, ChangeKind, ChangeRequest, ClassNote, Classified, EmergencyAsk, Evidence, LinkedIncident, Rejection,
    Required, RiskAssessment, Ruling, Tie, classify_change,
};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeForm, ChangeStatus, Checklist, CustomFields, Decision, Event, FieldsOf,
    Incident, OwedPir, PersonId, Refusal, Standard, State, Target, When, Window, World,
};

/// A window that is longer is a slip of the pen.
const WINDOW_MAX: TimeDelta = TimeDelta::days(7);

pub(super) fn request_emergency(world: &World<'_>, asked: Asked<'_>, form: ChangeForm) -> Result<Decision, Refusal> {
    let (number, near) = new_number(world)?;
    let me = person(asked, Action::RaiseEmergencyChange)?;
    draft::check_open(near, form.draft)?;
    let service = form.service_near(near);
    let services: Vec<String> = service.iter().cloned().collect();
    let record = Record { incident: near, services: &services, ties: &[] };
    permit(world, asked, Action::RaiseEmergencyChange, record)?;
    let rehearsal = rehearsed::for_risk(world, asked, service.as_deref(), form.rollback_plan.as_deref());
    let risk = assess(world, form.factors, form.tested, service.as_deref(), rehearsal);
    let owed = pir::owed_by_team_of(world, me, service.as_deref(), asked.at);
    let Class { kind, claims, cause } = classify(world, &form, service.as_deref(), near, &risk.verdict, owed)?;
    let evidence = form.exploit.clone().filter(|_| claims);
    let claim = evidence.map(|evidence| claim::of_exploit(world, me, evidence)).transpose()?;
    let Some(service) = service else {
        return Err(Refusal::slip("An emergency belongs to a service.", "Say which one with `svc:`."));
    };
    let (sources, completes) = (form.sources.clone(), form.draft);
    let new = NewChange { number, kind, form, service, incident: near, risk, standard: None, lasts: None };
    let mut decision = ask(world, asked, new)?;
    if let Some(Event::Change(ChangeEvent::Requested(requested))) = decision.events.first_mut() {
        requested.sources = sources.iter().map(|(field, source)| format!("{field} {source}")).collect();
        requested.draft = completes;
        requested.cause = cause;
    }
    decision.answer.also.extend(cause.map(|cause| format!("It is {kind}: {cause}.")));
    decision.answer.also.extend(draft::origins(&sources));
    if let Some((event, told)) = claim {
        decision.events.push(event);
        decision.answer.also.push(told);
    }
    decision.answer.also.extend(pir::passed_by(world, me, asked.at));
    if let State::Change(change) = &decision.state {
        let past = pir::exceptions_for(world, me, &change.service, asked.at);
        decision.with.extend(past.into_iter().map(|exception| exempt::used(asked, exception, change)));
    }
    let drafted = completes.zip(near).and_then(|(draft, incident)| draft::submitted(asked, incident, draft, number));
    decision.with.extend(drafted);
    Ok(decision)
}

/// A change that takes the regular way.
pub(super) fn request(world: &World<'_>, asked: Asked<'_>, form: ChangeForm) -> Result<Decision, Refusal> {
    let (number, near) = new_number(world)?;
    let me = person(asked, Action::RaiseChange)?;
    let service = form.service_near(near);
    let services: Vec<String> = service.iter().cloned().collect();
    // Who keeps a service running knows how it is changed.
    let certified = service.as_ref().is_some_and(|key| world.organisation.keeps(me, key));
    let ties: &[Tie] = if certified { &[Tie::Certified] } else { &[] };
    permit(world, asked, Action::RaiseChange, Record { incident: near, services: &services, ties })?;
    let service = check_complete(&form, service)?;
    let rehearsal = rehearsed::for_risk(world, asked, Some(&service), form.rollback_plan.as_deref());
    let risk = assess(world, form.factors, form.tested, Some(&service), rehearsal);
    let (bound, regulation) = (bound_by(world, asked, &form, near)?, form.regulation.clone());
    let (kind, told) = class_of_bound(world, asked, bound, risk.verdict.band);
    let new = NewChange { number, kind, form, service, incident: near, risk, standard: None, lasts: None };
    let mut decision = ask(world, asked, new)?;
    if let Some(Event::Change(ChangeEvent::Requested(requested))) = decision.events.first_mut() {
        (requested.due, requested.regulation) = (bound, regulation);
    }
    decision.answer.also.extend(told);
    Ok(decision)
}

/// When it is bound to be done. A date alone binds nobody: an incident or a regulation does.
fn bound_by(
    world: &World<'_>,
    asked: Asked<'_>,
    form: &ChangeForm,
    near: Option<&Incident>,
) -> Result<Option<DateTime<Utc>>, Refusal> {
    let Some(due) = form.due else { return Ok(None) };
    if near.is_none() && form.regulation.is_none() {
        return Err(Refusal::by_rule(
            "4.8",
            "A deadline makes a change faster only where an incident or a regulation binds it.",
            "Say which: `incident:INC-7`, or `regulation:` and its name. Without that leave `due:` out.",
        ));
    }
    let due = due.ahead(asked.at, world.organisation.time_zone);
    if due <= asked.at {
        return Err(Refusal::slip("It was bound to be done before now.", "Say a moment to come, like due:+2d."));
    }
    Ok(Some(due))
}

/// Rule 4.8, row 11: what is bound to be done before the board meets does not wait for it.
fn class_of_bound(
    world: &World<'_>,
    asked: Asked<'_>,
    bound: Option<DateTime<Utc>>,
    band: Band,
) -> (ChangeKind, Option<String>) {
    let meeting = world.policy.meetings.next_after(asked.at, world.organisation.time_zone);
    let comes_first = bound.zip(meeting).is_some_and(|(bound, meeting)| bound < meeting);
    let request = ChangeRequest { band, template: None, emergency: None, bound_deadline_before_cab: comes_first };
    let kind = match classify_change(world.policy, &request).verdict {
        Classified::As { kind, .. } => kind,
        Classified::Rejected(_) => ChangeKind::Normal,
    };
    let told = bound.zip(meeting).map(|(bound, meeting)| {
        let (bound, meeting) = (moment(bound), moment(meeting));
        if comes_first {
            format!("It is bound to be done by {bound}, before the board meets at {meeting}: it is {kind}.")
        } else {
            format!("The board meets at {meeting}, before it is bound to be done: it is {kind}.")
        }
    });
    (kind, told)
}

pub(super) fn new_number<'a>(world: &'a World<'_>) -> Result<(i64, Option<&'a Incident>), Refusal> {
    match &world.target {
        Target::New { number, near } => Ok((*number, near.as_ref())),
        _ => Err(Refusal::slip("A new change has a new number.", "")),
    }
}

/// What a change of the regular way has to bring; all that is missing is named at once.
fn check_complete(form: &ChangeForm, service: Option<String>) -> Result<String, Refusal> {
    let needed = [
        (Evidence::Service.phrase(), service.is_some()),
        ("what it changes for users", form.impact.is_some()),
        ("why it is done", form.why_now.is_some()),
        (Evidence::RollbackPlan.phrase(), form.rollback_plan.is_some()),
        (Evidence::Tested.phrase(), form.tested.is_some()),
    ];
    let missing: Vec<&str> = needed.into_iter().filter(|(_, there)| !there).map(|(what, _)| what).collect();
    match service {
        Some(service) if missing.is_empty() => Ok(service),
        _ => Err(Refusal::by_rule(
            "4.9",
            format!("A change request needs more: {}.", missing.join("; ")),
            "`/change new` opens a form for all of it.",
        )),
    }
}

/// The stretch of time that was given; an hour is the next that the tenant's clocks show.
pub(super) fn planned_window(
    world: &World<'_>,
    now: DateTime<Utc>,
    from: Option<When>,
    until: Option<When>,
) -> Result<Option<Window>, Refusal> {
    let next = "Say it like from:22:00 until:23:30, or from:2030-01-31T22:00 until:2030-01-31T23:30.";
    let zone = world.organisation.time_zone;
    let Some(until) = until else {
        return match from {
            Some(_) => Err(Refusal::slip("Until when?", next)),
            None => Ok(None),
        };
    };
    let opens = from.map_or(now, |from| from.ahead(now, zone));
    let closes = until.ahead(opens.max(now), zone);
    if closes <= now || closes <= opens {
        return Err(Refusal::slip("The window would be over before it begins.", next));
    }
    if closes - opens > WINDOW_MAX {
        return Err(Refusal::slip("The window would last for more than seven days.", next));
    }
    Ok(Some(Window { opens, closes }))
}

/// What rule 4.8 makes of an emergency that is asked for.
struct Class {
    kind: ChangeKind,
    /// The security lead's word would make it an emergency: it is asked for.
    claims: bool,
    cause: Option<ClassNote>,
}

/// Rule 4.8: an emergency, or what it is instead; refused where something is missing.
fn classify(
    world: &World<'_>,
    request: &ChangeForm,
    service: Option<&str>,
    near: Option<&Incident>,
    risk: &RiskAssessment,
    owed: Option<(&OwedPir, u32)>,
) -> Result<Class, Refusal> {
    let incident = near.map(|incident| LinkedIncident {
        open: incident.is_open(),
        priority: incident.priority,
        service_distance: service.and_then(|service| world.organisation.distance(service, &incident.services)),
    });
    let given = [
        (Evidence::ImpactStatement, request.impact.is_some()),
        (Evidence::WhyNow, request.why_now.is_some()),
        (Evidence::RollbackPlan, request.rollback_plan.is_some()),
        (Evidence::Tested, request.tested.is_some()),
        (Evidence::Service, service.is_some()),
    ];
    let ask = EmergencyAsk {
        incident,
        security_confirmed: request.exploit.is_some(),
        given: given.into_iter().filter(|(_, there)| *there).map(|(evidence, _)| evidence).collect(),
        planning_reason: request.planning,
        review_overdue_minutes: owed.map(|(_, minutes)| minutes),
    };
    let unconfirmed = EmergencyAsk { security_confirmed: false, ..ask.clone() };
    let of =
        |ask| ChangeRequest { band: risk.band, template: None, emergency: Some(ask), bound_deadline_before_cab: false };
    let ruling = classify_change(world.policy, &of(ask));
    let (claimed, cause) = match ruling.verdict {
        Classified::As { kind, note } => (kind, note),
        Classified::Rejected(rejection) => {
            return Err(rejected(&rejection, ruling.rule, ruling.sentence, near, owed));
        }
    };
    // Until it is confirmed: what it is without that. Nothing but the incident can be missing then.
    let kind = match classify_change(world.policy, &of(unconfirmed)).verdict {
        Classified::As { kind, .. } => kind,
        Classified::Rejected(_) => ChangeKind::Normal,
    };
    Ok(Class { kind, claims: claimed == ChangeKind::Emergency && kind != claimed, cause })
}

fn rejected(
    rejection: &Rejection,
    rule: &str,
    sentence: String,
    near: Option<&Incident>,
    owed: Option<(&OwedPir, u32)>,
) -> Refusal {
    let next = match rejection {
        Rejection::Missing(missing) => {
            let names: Vec<&str> = missing.iter().map(|evidence| evidence.phrase()).collect();
            format!(
                "Missing: {}. Press Change on the incident's card, or type `/change emergency` again.",
                names.join("; ")
            )
        }
        Rejection::IncidentDoesNotMatch => match near {
            Some(incident) => {
                format!("{} is {} and on {}.", incident.subject(), incident.status.as_str(), incident.services_phrase())
            }
            None => "Name the incident that it resolves.".to_owned(),
        },
        Rejection::ReviewOverdue => {
            let change = owed.map(|(owed, _)| format!("CHG-{}", owed.change)).unwrap_or_default();
            format!(
                "The review of {change} is owed: somebody else closes it with `/change after pir {change}`; then ask again. \
                 `/cab escalate {change}` and why puts it to the decision authority."
            )
        }
    };
    Refusal::by_rule(rule, sentence, next)
}

/// A change that is about to be asked for.
pub(super) struct NewChange<'a> {
    pub number: i64,
    pub kind: ChangeKind,
    pub form: ChangeForm,
    pub service: String,
    pub incident: Option<&'a Incident>,
    pub risk: Ruling<RiskAssessment>,
    /// The entry of the catalogue by which it is standard.
    pub standard: Option<Standard>,
    /// How long its window is where no end was given, from then or from now on.
    pub lasts: Option<TimeDelta>,
}

pub(super) fn ask(world: &World<'_>, asked: Asked<'_>, new: NewChange<'_>) -> Result<Decision, Refusal> {
    let me = person(asked, Action::RaiseChange)?;
    let until = new.form.until.or_else(|| {
        let opens = new.form.from.map_or(asked.at, |from| from.ahead(asked.at, world.organisation.time_zone));
        Some(When::At(opens + new.lasts?))
    });
    let planned = planned_window(world, asked.at, new.form.from, until)?;
    let tested = new.form.tested.unwrap_or(false);
    let facts = Facts {
        kind: new.kind,
        tested,
        service: &new.service,
        incident: new.incident,
        risk: &new.risk.verdict,
        exploit: false,
    };
    let (kind, required) = requirements(world, facts)?;
    let (vote, decide_by) = clocks(world, Facts { kind, ..facts }, &required, asked.at);
    let risk = new.risk.sentence.clone();
    let category = new.form.category.clone();
    let mut change = unasked(world, me, asked.at, NewChange { kind, ..new }, required);
    change.vote = vote;
    change.decide_by = decide_by;
    change.planned = planned.filter(|_| kind != ChangeKind::Emergency);
    let plan = contingency::check(world, asked, &change)?;
    let mut ahead = barrier::look_ahead(world, asked, &change)?;
    ahead.extend(conflict::look_ahead(world, &change));
    let conflicts = settle::open_all(world, asked, &mut change);
    let warnings = asking::begin(world, asked, &mut change);
    let checklist = checklist::begin(world, &mut change, category);
    let fields = custom_field::ask_change(world, &mut change);
    ahead.extend(custom_field::ahead(FieldsOf::Change, change.subject(), &change.fields));
    let (standby, stands_by) = standby::begin(world, asked, &mut change);
    let mut decision = opened(world, asked, change, &risk);
    decision.events.extend(checklist.into_iter().chain(fields).chain(conflicts).chain(standby));
    decision.answer.also.extend(warnings.into_iter().chain(plan).chain(ahead).chain(stands_by));
    Ok(decision)
}

/// A change of which only is known what was said of it.
pub(super) fn unasked(
    world: &World<'_>,
    me: &PersonId,
    now: DateTime<Utc>,
    new: NewChange<'_>,
    required: Required,
) -> Change {
    let NewChange { number, kind, form, service, incident, risk, standard, .. } = new;
    Change {
        number,
        version: 0,
        revision: 1,
        kind,
        status: ChangeStatus::AwaitingApproval,
        title: form.title.unwrap_or_default(),
        incident: incident.map(|incident| incident.number),
        service,
        requester: me.clone(),
        implementer: me.clone(),
        impact: form.impact.unwrap_or_default(),
        why_now: form.why_now.unwrap_or_default(),
        rollback_plan: form.rollback_plan.unwrap_or_default(),
        tested: form.tested.unwrap_or(false),
        factors: form.factors,
        risk: risk.verdict,
        required,
        policy: world.policy_version,
        approvals: Vec::new(),
        asks: Vec::new(),
        vote: None,
        ballots: Vec::new(),
        round: 0,
        concerns: Vec::new(),
        escalations: Vec::new(),
        conflicts: Vec::new(),
        answers: Vec::new(),
        standby: Vec::new(),
        rehearsals: Vec::new(),
        decide_by: None,
        standard,
        submits: None,
        retro: None,
        planned: None,
        hold: None,
        halt: None,
        slot: None,
        window: None,
        reapprovals: 0,
        requested_at: now,
        approved_at: None,
        started_at: None,
        ended_at: None,
        validation: None,
        walk: None,
        outcome: None,
        checklist: Checklist::default(),
        fields: CustomFields::default(),
        pir: None,
    }
}

pub(super) fn opened(world: &World<'_>, asked: Asked<'_>, change: Change, risk: &str) -> Decision {
    let requested = Event::Change(ChangeEvent::Requested(Box::new(crate::domain::event::Requested {
        title: change.title.clone(),
        kind: change.kind,
        revision: change.revision,
        incident: change.incident,
        service: change.service.clone(),
        impact: change.impact.clone(),
        why_now: change.why_now.clone(),
        rollback_plan: change.rollback_plan.clone(),
        tested: change.tested,
        planned: change.planned,
        standard: change.standard.clone(),
        risk: change.risk.clone(),
        requires: change.required.describe(),
        policy: change.policy,
        asks: change.asks.clone(),
        sources: Vec::new(),
        draft: None,
        cause: None,
        due: None,
        regulation: None,
    })));
    let answer = Answer::undo(format!("`/change withdraw {}` and why takes it back", change.subject()))
        .also(format!("{risk} {}.", breakdown(&change.risk)));
    let answer = told_what_follows(world, &change, answer);
    let mut events = vec![requested];
    let change = approval::settle(world, asked, change, &mut events, false);
    change_decision(world, asked, change, events, answer)
}

/// What has to happen before it runs.
fn told_what_follows(world: &World<'_>, change: &Change, answer: Answer) -> Answer {
    let subject = change.subject();
    if let Some(standard) = &change.standard {
        let owner = world.organisation.services.get(&change.service).map(|service| &service.owner);
        let owner = owner.filter(|owner| !change.is_own(owner)).map(|owner| world.organisation.name_of(owner));
        let told = owner.map(|owner| format!("; {owner} keeps the service, and hears of it")).unwrap_or_default();
        return answer.also(format!(
            "{} (version {}) approves it beforehand: nobody has to agree{told}.",
            standard.entry, standard.version
        ));
    }
    if change.submits.is_some() {
        return answer.also(format!("It needs {}. The card shows who has said what.", change.required.describe()));
    }
    let place = if change.incident.is_some() { "in the war room " } else { "" };
    let answer =
        answer.also(format!("It needs {}. The card {place}shows who has said what.", change.required.describe()));
    match (change.kind, change.planned) {
        (ChangeKind::Emergency, _) => answer,
        (kind, Some(_)) => answer.also(format!("It is {kind}, for the window that you gave.")),
        (kind, None) => answer.also(format!("It is {kind}. `/change sched {subject}` says when it may run.")),
    }
}
