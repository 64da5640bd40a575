//! A change is asked for: of which type is it, how risky, whose yes does it need, and when may it run?

use chrono::{DateTime, TimeDelta, Utc};

use super::approval;
use super::asking;
use super::assessment::{Facts, assess, breakdown, clocks, known_to_touch, requirements};
use super::barrier;
use super::class::{Class, bound_by, class_of_bound, classify};
use super::conflict;
use super::contingency;
use super::exempt;
use super::pir;
use super::rehearsed;
use super::settle;
use super::standing::{Record, permit, person};
use super::{appointment, certification, change_decision, checklist, claim, custom_field, draft, standby};
use crate::domain::change_draft::ORGANISATION;
use crate::domain::change_services::SERVICES_MAX;
use crate::domain::rules::{Action, ChangeKind, Evidence, Required, RiskAssessment, Ruling, Tie, listed};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeForm, ChangeStatus, Checklist, CustomFields, Decision, Event, FieldsOf,
    Incident, PersonId, Refusal, Standard, State, Target, When, Window, World,
};

/// A window that is longer is a slip of the pen.
const WINDOW_MAX: TimeDelta = TimeDelta::days(7);

pub(super) fn request_emergency(world: &World<'_>, asked: Asked<'_>, form: ChangeForm) -> Result<Decision, Refusal> {
    let (number, near) = new_number(world)?;
    let me = person(asked, Action::RaiseEmergencyChange)?;
    draft::check_open(near, form.draft)?;
    let services = form.services_near(near);
    let service = services.first().cloned();
    permit(
        world,
        asked,
        Action::RaiseEmergencyChange,
        Record { incident: near, services: &services, ..Record::default() },
    )?;
    check_few(&services)?;
    certification::check(world, me, me, &services)?;
    let taken_over = taken_over(&form, &services, (number, near));
    let form = form.on(&services);
    let rehearsal = rehearsed::for_risk(world, asked, &services, form.rollback_plan.as_deref());
    let risk = assess(world, form.factors, form.tested, &services, rehearsal);
    let owed = pir::owed_by_team_of(world, me, &services, asked.at);
    let Class { kind, claims, cause } = classify(world, &form, &services, near, &risk.verdict, owed)?;
    let evidence = form.exploit.clone().filter(|_| claims);
    let claim = evidence.map(|evidence| claim::of_exploit(world, me, evidence)).transpose()?;
    let Some(service) = service else {
        return Err(Refusal::slip("An emergency belongs to a service.", "Say which one with `svc:`."));
    };
    let (sources, completes) = (form.sources.clone(), form.draft);
    let new = NewChange { number, kind, form, service, incident: near, risk, standard: None, lasts: None };
    let mut decision = ask(world, asked, new)?;
    if let Some(Event::Change(ChangeEvent::Requested(requested))) = decision.events.first_mut() {
        let filled = sources.iter().map(|(field, source)| format!("{field} {source}"));
        requested.sources = filled.chain(std::mem::take(&mut requested.sources)).collect();
        requested.draft = completes;
        requested.cause = cause;
    }
    decision.answer.also.extend(taken_over);
    decision.answer.also.extend(cause.map(|cause| format!("It is {kind}: {cause}.")));
    decision.answer.also.extend(draft::origins(&sources));
    if let Some((event, told)) = claim {
        decision.events.push(event);
        decision.answer.also.push(told);
    }
    decision.answer.also.extend(pir::passed_by(world, me, asked.at));
    if let State::Change(change) = &decision.state {
        let past = pir::exceptions_for(world, me, &change.services(), asked.at);
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
    let services = form.services_near(near);
    check_entitled(world, asked, (near, me), &services)?;
    let service = check_complete(&form, services.first().cloned())?;
    check_few(&services)?;
    let taken_over = taken_over(&form, &services, (number, near));
    let form = form.on(&services);
    let rehearsal = rehearsed::for_risk(world, asked, &services, form.rollback_plan.as_deref());
    let risk = assess(world, form.factors, form.tested, &services, rehearsal);
    let (bound, regulation) = (bound_by(world, asked, &form, near)?, form.regulation.clone());
    let (kind, told) = class_of_bound(world, asked, bound, risk.verdict.band);
    let new = NewChange { number, kind, form, service, incident: near, risk, standard: None, lasts: None };
    let mut decision = ask(world, asked, new)?;
    if let Some(Event::Change(ChangeEvent::Requested(requested))) = decision.events.first_mut() {
        (requested.due, requested.regulation) = (bound, regulation);
    }
    decision.answer.also.extend(taken_over.into_iter().chain(told));
    Ok(decision)
}

/// Whether somebody may ask for a change of these services that can wait, and carry it out.
pub(super) fn check_entitled(
    world: &World<'_>,
    asked: Asked<'_>,
    (near, me): (Option<&Incident>, &PersonId),
    services: &[String],
) -> Result<(), Refusal> {
    // Who keeps a service running knows how it is changed: each of them, where there are several.
    let certified = world.organisation.keeps_all(me, services);
    let ties: &[Tie] = if certified { &[Tie::Certified] } else { &[] };
    permit(world, asked, Action::RaiseChange, Record { incident: near, services, ties, ..Record::default() })?;
    certification::check(world, me, me, services)
}

/// As many as a change may name; an incident may be on more.
pub(super) fn check_few(services: &[String]) -> Result<(), Refusal> {
    if services.len() <= SERVICES_MAX {
        return Ok(());
    }
    let sentence = format!("A change is on {SERVICES_MAX} services at most, and these are {}.", services.len());
    Err(Refusal::slip(sentence, "Name those that it touches, like `svc:payments,ledger`."))
}

/// What whoever named no service is told, where there were several to take over.
fn taken_over(form: &ChangeForm, services: &[String], (number, near): (i64, Option<&Incident>)) -> Option<String> {
    let incident = near.filter(|_| form.service.is_none() && services.len() > 1)?;
    Some(format!(
        "It is on {}, as {} is, and each of their owners is asked; `/change edit CHG-{number} svc:{}` narrows it.",
        listed(services, "and"),
        incident.subject(),
        services[0]
    ))
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

impl NewChange<'_> {
    /// Everything that it touches, the main service first.
    fn services(&self) -> Vec<String> {
        std::iter::once(&self.service).chain(&self.form.also).cloned().collect()
    }
}

pub(super) fn ask(world: &World<'_>, asked: Asked<'_>, new: NewChange<'_>) -> Result<Decision, Refusal> {
    let me = person(asked, Action::RaiseChange)?;
    let until = new.form.until.or_else(|| {
        let opens = new.form.from.map_or(asked.at, |from| from.ahead(asked.at, world.organisation.time_zone));
        Some(When::At(opens + new.lasts?))
    });
    let planned = planned_window(world, asked.at, new.form.from, until)?;
    let tested = new.form.tested.unwrap_or(false);
    let services = new.services();
    let touches = new.form.factors.touches.unwrap_or_default();
    let known = known_to_touch(world, touches, &services);
    let (incident, risk) = (new.incident, &new.risk.verdict);
    let facts = Facts { kind: new.kind, tested, services: &services, incident, risk, touches, exploit: false };
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
    if let Some(Event::Change(ChangeEvent::Requested(requested))) = decision.events.first_mut() {
        requested.sources.extend(known.as_ref().map(|_| format!("touches {ORGANISATION}")));
    }
    decision.answer.also.extend(known.into_iter().chain(warnings).chain(plan).chain(ahead).chain(stands_by));
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
    let factors = new.form.factors.touching(world.organisation.touches_of(&new.services()));
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
        also: form.also,
        requester: me.clone(),
        implementer: me.clone(),
        impact: form.impact.unwrap_or_default(),
        why_now: form.why_now.unwrap_or_default(),
        rollback_plan: form.rollback_plan.unwrap_or_default(),
        tested: form.tested.unwrap_or(false),
        factors,
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
        reviews: Vec::new(),
        preview: None,
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
        also: change.also.clone(),
        impact: change.impact.clone(),
        why_now: change.why_now.clone(),
        rollback_plan: change.rollback_plan.clone(),
        tested: change.tested,
        touches: change.factors.touches.unwrap_or_default(),
        planned: change.planned,
        standard: change.standard.clone(),
        risk: change.risk.clone(),
        requires: change.required.describe(),
        policy: change.policy,
        skipped: contingency::skipped(world, asked, &change),
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
    let mut change = approval::settle(world, asked, change, &mut events, false);
    appointment::unfillable(world, asked, &mut change, &mut events);
    change_decision(world, asked, change, events, answer)
}

/// What has to happen before it runs.
fn told_what_follows(world: &World<'_>, change: &Change, answer: Answer) -> Answer {
    let subject = change.subject();
    if let Some(standard) = &change.standard {
        let owners = world.organisation.owners_of(&change.services()).into_iter().filter(|owner| !change.is_own(owner));
        let owners: Vec<String> = owners.map(|owner| world.organisation.name_of(&owner)).collect();
        let told = match owners.as_slice() {
            [] => String::new(),
            [owner] => format!("; {owner} keeps the service, and hears of it"),
            several => format!("; {} keep the services, and hear of it", listed(several, "and")),
        };
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
