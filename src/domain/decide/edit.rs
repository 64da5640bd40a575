//! A change is edited or scheduled before it runs. What people agreed to must be what will be done, so a material edit
//! voids what they said.

use super::asking;
use super::assessment::{Facts, assess, breakdown, clocks, known_to_touch, requirements};
use super::barrier;
use super::change::planned_window;
use super::conflict;
use super::contingency;
use super::exempt;
use super::standing::person;
use super::{
    appointment, approval, certification, change_decision, change_of, claim, custom_field, rehearsed, retro, rollback,
    settle, slot, standard, standby, stands,
};
use crate::domain::contingency::amended;
use crate::domain::event::{EditedField, Revised};
use crate::domain::rules::{Action, ChangeKind, RiskAssessment};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeForm, ChangeStatus, Decision, Event, FieldsOf, PersonId, Refusal,
    RiskFactors, Role, When, Window, World,
};

pub(super) fn edit(world: &World<'_>, asked: Asked<'_>, form: ChangeForm) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    check_own(world, asked, change)?;
    super::catalogue::check_no_submission(change)?;
    // A record stands as it was written; a change of its own mends what it did.
    let forward = change.status == ChangeStatus::Failed && change.kind != ChangeKind::Retroactive;
    rollback::check_none(change)?;
    let said = form.factors.touches;
    let mut next = wanted(world, asked, change, form, forward)?;
    if next.services() != change.services() {
        certification::check(world, person(asked, Action::RaiseChange)?, &next.implementer, &next.services())?;
    }
    let known = said.and_then(|said| known_to_touch(world, said, &next.services()));
    let fields = fields(change, &next);
    if fields.is_empty() {
        let already = format!("{} says that already.", change.subject());
        let sentence = [already].into_iter().chain(known).collect::<Vec<_>>().join(" ");
        return Ok(stands(asked, change.subject(), sentence));
    }
    if !forward && !fields.iter().any(|field| is_material(field.name)) {
        let event = Event::Change(ChangeEvent::Edited { fields });
        let answer = Answer::default().also("Nobody has to agree again: what will be done is the same.");
        return Ok(change_decision(world, asked, next, vec![event], answer));
    }
    let rehearsal = rehearsed::for_risk(world, asked, &next.services(), Some(&next.rollback_plan));
    let risk = assess(world, next.factors, Some(next.tested), &next.services(), rehearsal);
    let was_standard = next.kind == ChangeKind::Standard;
    next.kind = standard::after_edit(world, asked, &next, &fields, &risk);
    if next.kind != ChangeKind::Standard {
        next.standard = None;
    }
    let revision = revise(world, asked, change, next, change.risk.still_raised(risk.verdict), fields)?;
    let mut answer = told(&revision.next, &risk.sentence, was_standard, revision.reopened);
    answer.also.extend(known.into_iter().chain(revision.told));
    let mut events = vec![Event::Change(ChangeEvent::Revised(Box::new(revision.revised)))];
    events.extend(revision.events);
    let mut next = approval::settle(world, asked, revision.next, &mut events, false);
    appointment::unfillable(world, asked, &mut next, &mut events);
    let with = if forward { slot::offers(world, asked, &next) } else { Vec::new() };
    let mut decision = change_decision(world, asked, next, events, answer);
    decision.with.extend(with);
    Ok(decision)
}

/// A revision on which everybody is asked anew.
pub(super) struct Revision {
    pub next: Change,
    pub revised: Revised,
    /// What follows the entry of the revision itself.
    pub events: Vec<Event>,
    pub told: Vec<String>,
    /// Whether its checklist begins anew.
    pub reopened: bool,
}

/// Whose yes the change needs as it is now, with nothing left of what was said of it before.
pub(super) fn revise(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    mut next: Change,
    risk: RiskAssessment,
    fields: Vec<EditedField>,
) -> Result<Revision, Refusal> {
    let (services, tested, touches) = (next.services(), next.tested, next.factors.touches.unwrap_or_default());
    let incident = approval::incident_of(world);
    let facts = Facts {
        kind: next.kind,
        tested,
        services: &services,
        incident,
        risk: &risk,
        touches,
        exploit: claim::is_exploit(world),
    };
    let (kind, required) = requirements(world, facts)?;
    let (vote, decide_by) = clocks(world, Facts { kind, ..facts }, &required, asked.at);
    let mut voided: Vec<String> = spoke(change).iter().map(|person| world.organisation.name_of(person)).collect();
    voided.sort();
    next.kind = kind;
    next.required = required;
    next.vote = vote;
    next.decide_by = decide_by;
    next.risk = risk;
    next.policy = world.policy_version;
    void(&mut next);
    let plan = contingency::check_edit(world, asked, &next, &fields)?;
    let reopened = next.checklist.reopen() > 0;
    let asked_for = custom_field::ask_change(world, &mut next);
    let mut ahead = barrier::look_ahead(world, asked, &next)?;
    ahead.extend(conflict::look_ahead(world, &next));
    let conflicts = settle::open_all(world, asked, &mut next);
    let warnings = asking::begin(world, asked, &mut next);
    if !asked_for.is_empty() {
        ahead.extend(custom_field::ahead(FieldsOf::Change, next.subject(), &next.fields));
    }
    let (standby, stands_by) = standby::begin(world, asked, &mut next);
    let told = warnings.into_iter().chain(plan).chain(ahead).chain(stands_by).collect();
    let events = asked_for.into_iter().chain(conflicts).chain(standby).collect();
    let revised = Revised {
        kind: next.kind,
        revision: next.revision,
        fields,
        risk: next.risk.clone(),
        requires: next.required.describe(),
        policy: next.policy,
        skipped: contingency::skipped(world, asked, &next),
        voided,
        asks: next.asks.clone(),
        standard: next.standard.clone(),
        touches,
    };
    Ok(Revision { next, revised, events, told, reopened })
}

/// What the new revision means for whoever made it.
fn told(next: &Change, risk: &str, was_standard: bool, reopened: bool) -> Answer {
    let mut answer = Answer::default()
        .also(format!("{risk} {}.", breakdown(&next.risk)))
        .also(format!("It needs {}, on this revision.", next.required.describe()));
    answer.also.extend(next.risk.moved_phrase());
    if was_standard && next.standard.is_none() {
        answer = answer.also(format!("It is {} now: the catalogue does not approve it like this.", next.kind));
    }
    if reopened {
        answer = answer.also("Its checklist begins anew: what was shown was of the plan before.");
    }
    answer
}

/// As the form wants it. `forward`: what failed is mended.
fn wanted(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    form: ChangeForm,
    forward: bool,
) -> Result<Change, Refusal> {
    if !forward {
        check_editable(change)?;
    }
    let planned = planned_window(world, asked.at, form.from, form.until)?.filter(|_| is_planned(change));
    let mut next = merged(change, form, planned);
    next.factors = next.factors.touching(world.organisation.touches_of(&next.services()));
    if forward {
        begin_again(&mut next, planned);
    }
    Ok(next)
}

/// What was done and does not work is done anew, in another way: as if it had not begun, but for its failures.
fn begin_again(change: &mut Change, planned: Option<Window>) {
    change.slot = slot::freed(change);
    (change.planned, change.halt, change.outcome, change.walk) = (planned, None, None, None);
    (change.started_at, change.ended_at) = (None, None);
    (change.round, change.reapprovals) = (0, 0);
}

/// Nothing holds any more that was said of the revision before.
pub(super) fn void(change: &mut Change) {
    change.revision += 1;
    change.status = ChangeStatus::AwaitingApproval;
    (change.window, change.hold, change.approved_at) = (None, None, None);
    change.approvals.clear();
    // What was accepted is another revision.
    change.risk.accepted = None;
    change.ballots.clear();
    change.concerns.clear();
    change.reviews.clear();
    change.escalations.clear();
}

/// Says when an approved change may run. A window that others agreed to is moved by an edit.
pub(super) fn schedule(
    world: &World<'_>,
    asked: Asked<'_>,
    from: Option<When>,
    until: When,
) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    check_own(world, asked, change)?;
    super::catalogue::check_no_submission(change)?;
    check_editable(change)?;
    if !is_planned(change) {
        return Err(Refusal::by_rule(
            "4.17",
            format!("{} is an emergency: its window opens when it is approved.", change.subject()),
            "`/change start` begins it, once it is approved.",
        ));
    }
    let Some(window) = planned_window(world, asked.at, from, Some(until))? else {
        return Err(Refusal::slip("When?", "Say it like from:22:00 until:23:30."));
    };
    barrier::check_risky(world, asked, change)?;
    let (near, past) = conflict::check_window(world, asked, change, window)?;
    let is_approved = matches!(change.status, ChangeStatus::Approved | ChangeStatus::OnHold);
    if change.planned.is_some() || !is_approved {
        return edit(world, asked, ChangeForm { from, until: Some(until), ..ChangeForm::default() });
    }
    let mut next = change.clone();
    next.planned = Some(window);
    next.window = Some(window);
    let mut ahead = barrier::look_ahead(world, asked, &next)?;
    ahead.extend(near);
    let mut answer = Answer::undo(format!("`/change edit {}` moves it, and asks again", change.subject()));
    answer.also.extend(ahead);
    let event = Event::Change(ChangeEvent::Scheduled { window });
    let with = past.map(|exception| exempt::used(asked, exception, &next)).into_iter().collect();
    Ok(Decision { with, ..change_decision(world, asked, next, vec![event], answer) })
}

fn is_planned(change: &Change) -> bool {
    change.kind != ChangeKind::Emergency
}

/// Everybody whose word is void after an edit.
pub(super) fn spoke(change: &Change) -> Vec<PersonId> {
    let said = change.approvals.iter().map(|approval| &approval.person);
    let voted = change.ballots.iter().map(|ballot| &ballot.person);
    let concerned = change.concerns.iter().map(|concern| &concern.person);
    let mut people: Vec<PersonId> = said.chain(voted).chain(concerned).cloned().collect();
    people.sort();
    people.dedup();
    people
}

fn check_own(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<(), Refusal> {
    let me = person(asked, Action::RaiseChange)?;
    let own = &change.requester == me || &change.implementer == me;
    if own || world.organisation.has_role(me, Role::ChangeManager) {
        return Ok(());
    }
    let requester = world.organisation.name_of(&change.requester);
    Err(Refusal::by_rule(
        "4.23",
        format!("{} was asked for by {requester}.", change.subject()),
        format!("{requester} or a change manager can edit it."),
    ))
}

pub(super) fn check_editable(change: &Change) -> Result<(), Refusal> {
    retro::check_is_none(change)?;
    if matches!(change.status, ChangeStatus::AwaitingApproval | ChangeStatus::Approved | ChangeStatus::OnHold) {
        return Ok(());
    }
    Err(Refusal::slip(
        format!("{} is {}; what was agreed to is not changed any more.", change.subject(), change.status.phrase()),
        "`/change new` or `/change emergency` asks for another one.",
    ))
}

fn merged(change: &Change, form: ChangeForm, planned: Option<Window>) -> Change {
    let factors = RiskFactors {
        data: form.factors.data.or(change.factors.data),
        availability: form.factors.availability.or(change.factors.availability),
        compliance: form.factors.compliance.or(change.factors.compliance),
        complexity: form.factors.complexity.or(change.factors.complexity),
        rollback: form.factors.rollback.or(change.factors.rollback),
        touches: form.factors.touches.or(change.factors.touches),
    };
    let mut next = change.clone();
    next.title = form.title.unwrap_or(next.title);
    // What is named replaces all that it was on.
    if let Some(service) = form.service {
        (next.service, next.also) = (service, form.also);
    }
    next.impact = form.impact.unwrap_or(next.impact);
    next.why_now = form.why_now.unwrap_or(next.why_now);
    next.rollback_plan = match form.rollback_plan {
        Some(said) => amended(&next.rollback_plan, &said),
        None => next.rollback_plan,
    };
    next.tested = form.tested.unwrap_or(next.tested);
    next.factors = factors;
    next.planned = planned.or(next.planned);
    next
}

/// What service, plan, test, risk and time say is what people agree to; the rest explains it.
pub(super) fn is_material(field: &str) -> bool {
    !matches!(field, "title" | "impact" | "why")
}

fn fields(before: &Change, after: &Change) -> Vec<EditedField> {
    let scale = |value: Option<u8>| value.map_or_else(|| "not given".to_owned(), |value| value.to_string());
    let yes = |tested: bool| if tested { "yes" } else { "no" }.to_owned();
    let touches = |change: &Change| change.factors.touches.unwrap_or_default().typed();
    let window = |window: Option<Window>| match window {
        Some(window) => {
            format!("{} to {}", window.opens.format("%Y-%m-%d %H:%M"), window.closes.format("%Y-%m-%d %H:%M UTC"))
        }
        None => "not planned".to_owned(),
    };
    let all = [
        ("title", before.title.clone(), after.title.clone()),
        ("svc", before.services().join(", "), after.services().join(", ")),
        ("impact", before.impact.clone(), after.impact.clone()),
        ("why", before.why_now.clone(), after.why_now.clone()),
        ("plan", before.rollback_plan.clone(), after.rollback_plan.clone()),
        ("tested", yes(before.tested), yes(after.tested)),
        ("data", scale(before.factors.data), scale(after.factors.data)),
        ("availability", scale(before.factors.availability), scale(after.factors.availability)),
        ("compliance", scale(before.factors.compliance), scale(after.factors.compliance)),
        ("complexity", scale(before.factors.complexity), scale(after.factors.complexity)),
        ("rollback", scale(before.factors.rollback), scale(after.factors.rollback)),
        ("touches", touches(before), touches(after)),
        ("window", window(before.planned), window(after.planned)),
    ];
    let changed = all.into_iter().filter(|(_, before, after)| before != after);
    changed.map(|(name, before, after)| EditedField { name, before, after }).collect()
}
