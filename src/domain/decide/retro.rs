//! A change that was made without one: recorded, attested by others, reviewed; never authorised.

use super::approval::vote_result;
use super::assessment::{Facts, assess, breakdown, clocks, requirements};
use super::barrier::met_by;
use super::change::{NewChange, check_few, new_number, unasked};
use super::freeze::moment;
use super::standing::{Record, permit, person};
use super::{certification, change_decision, pir, validation};
use crate::domain::event::Recorded;
use crate::domain::retro::is_late;
use crate::domain::rules::{Action, ChangeEnd, ChangeKind, Duty, Rehearsal, Relation, Touches, duties_ok};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeForm, ChangeStatus, Decision, Event, Incident, PersonId, Refusal, Retro,
    RetroForm, World,
};

pub(super) fn record(world: &World<'_>, asked: Asked<'_>, form: &RetroForm) -> Result<Decision, Refusal> {
    let (number, incident) = new_number(world)?;
    let me = person(asked, Action::RaiseChange)?;
    let services = form.services_near(incident);
    let Some(service) = services.first() else {
        return Err(Refusal::slip("Which service was changed?", "Say it like svc:payments."));
    };
    check_few(&services)?;
    // Whoever may act in an emergency may say what was done in one.
    permit(world, asked, Action::RaiseEmergencyChange, Record { incident, services: &services, ..Record::default() })?;
    let times = check_times(world, asked, form, (service, "Otherwise say from: and at: more exactly."))?;
    let about = About { number, incident, services, title: &form.title };
    let (change, risk) = composed(world, asked, (me, form), about, times)?;
    Ok(recorded(world, asked, change, (form, risk), ChangeEvent::Recorded))
}

/// What a record is of.
pub(super) struct About<'a> {
    pub number: i64,
    pub incident: Option<&'a Incident>,
    /// The main one first.
    pub services: Vec<String>,
    pub title: &'a str,
}

/// The record, with what its risk is made of in words.
pub(super) fn composed(
    world: &World<'_>,
    asked: Asked<'_>,
    (me, form): (&PersonId, &RetroForm),
    about: About<'_>,
    (from, made): Times,
) -> Result<(Change, String), Refusal> {
    let About { number, incident, services, title } = about;
    let risk = assess(world, form.factors, Some(true), &services, Rehearsal::NotDone);
    let facts = Facts {
        kind: ChangeKind::Retroactive,
        tested: true,
        services: &services,
        incident,
        risk: &risk.verdict,
        touches: Touches::default(),
        exploit: false,
    };
    let (kind, required) = requirements(world, facts)?;
    let (vote, _) = clocks(world, facts, &required, asked.at);
    let maker = form.by.as_ref().unwrap_or(me);
    let found_at = check_found(world, asked, form, (maker == me, made))?;
    let late = is_late(found_at.unwrap_or(made), asked.at);
    let retro = Retro { works: form.works, allowed_by: form.allowed_by.clone(), late, found_at, unclaimed: None };
    let sentence = format!("{} {}.", risk.sentence, breakdown(&risk.verdict));
    let written = ChangeForm {
        title: Some(title.to_owned()),
        impact: form.impact.clone(),
        why_now: Some(form.why.clone()),
        rollback_plan: Some(String::new()),
        tested: Some(form.works),
        factors: form.factors,
        ..ChangeForm::default()
    }
    .on(&services);
    let service = services.first().cloned().unwrap_or_default();
    let new = NewChange { number, kind, form: written, service, incident, risk, standard: None, lasts: None };
    let mut change = unasked(world, me, asked.at, new, required);
    change.implementer = maker.clone();
    change.decide_by = vote.as_ref().map(|vote| vote.closes_at);
    change.vote = vote;
    change.started_at = Some(from);
    change.ended_at = Some(made);
    change.outcome = Some(form.evidence.clone());
    change.retro = Some(retro);
    Ok((change, sentence))
}

/// `kept`: the entry that says so.
pub(super) fn recorded(
    world: &World<'_>,
    asked: Asked<'_>,
    mut change: Change,
    (form, risk): (&RetroForm, String),
    kept: fn(Box<Recorded>) -> ChangeEvent,
) -> Decision {
    let (Some(from), Some(made)) = (change.started_at, change.ended_at) else { unreachable!("both were just set") };
    let frozen: Vec<_> = met_by(world, &change, (from, made)).into_iter().filter(super::barrier::Met::holds).collect();
    let frozen: Vec<String> = frozen.iter().map(|met| met.frozen.freeze.subject().to_string()).collect();
    let late = change.retro.as_ref().is_some_and(|retro| retro.late);
    let event = kept(Box::new(Recorded {
        title: change.title.clone(),
        incident: change.incident,
        service: change.service.clone(),
        also: change.also.clone(),
        impact: form.impact.clone(),
        why: change.why_now.clone(),
        evidence: form.evidence.clone(),
        works: form.works,
        touches: change.factors.touches.unwrap_or_default(),
        from,
        made,
        late,
        found: change.retro.as_ref().and_then(|retro| retro.found_at),
        made_by: change.implementer.clone(),
        allowed_by: form.allowed_by.clone(),
        frozen: frozen.clone(),
        risk: change.risk.clone(),
        requires: change.required.describe(),
        policy: change.policy,
    }));
    let mut answer = Answer::default()
        .also(risk)
        .also(format!("It has to be attested by {}: the card shows who is asked.", change.required.describe()));
    answer.also.extend(certification::told(world, &change.implementer, &change.services()));
    if late {
        answer = answer.also("It is recorded more than 24 hours after that was known, and counts as late.");
    }
    if !frozen.is_empty() {
        answer = answer.also(format!("It was made in a freeze: {}.", frozen.join(", ")));
    }
    let mut events = vec![Event::Change(event)];
    // It was carried out, whatever became of it: so somebody looks back on it.
    pir::open(world, asked, &mut change, ChangeEnd::Implemented, &mut events);
    let change = settle(world, asked, change, &mut events, false);
    change_decision(world, asked, change, events, answer)
}

/// When somebody else came upon it. Whoever made it knew of it all the time, so for them it counts from then.
fn check_found(
    world: &World<'_>,
    asked: Asked<'_>,
    form: &RetroForm,
    (is_own, made): (bool, chrono::DateTime<chrono::Utc>),
) -> Result<Option<chrono::DateTime<chrono::Utc>>, Refusal> {
    let Some(found) = form.found(asked.at, world.organisation.time_zone) else { return Ok(None) };
    if is_own {
        let next = "Leave found: out, or name with by: who made it.";
        return Err(Refusal::slip("Whoever made it did not come upon it later.", next));
    }
    if found > asked.at || found < made {
        let sentence = format!("It was made at {}: it was found after that, and before now.", moment(made));
        return Err(Refusal::slip(sentence, "Say it like at:-30h found:-2h."));
    }
    Ok(Some(found))
}

pub(super) type Times = (chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>);

/// `then`: what is to be done where it was another one.
pub(super) fn check_times(
    world: &World<'_>,
    asked: Asked<'_>,
    form: &RetroForm,
    (service, then): (&str, &str),
) -> Result<Times, Refusal> {
    let (from, made) = form.times(asked.at, world.organisation.time_zone);
    if made > asked.at {
        return Err(Refusal::by_rule(
            "retroactive-record",
            format!("{} is yet to come; what was not made yet is asked for.", moment(made)),
            "`/change new` asks for it, `/change emergency` where it cannot wait.",
        ));
    }
    if from > made {
        let sentence = format!("It would have begun at {}, after it was made at {}.", moment(from), moment(made));
        return Err(Refusal::slip(sentence, "Say it like from:13:40 at:14:10."));
    }
    check_nothing_ran(world, service, then)?;
    Ok((from, made))
}

/// What was asked for and ran at that time is the record of what was done.
pub(super) fn check_nothing_ran(world: &World<'_>, service: &str, then: &str) -> Result<(), Refusal> {
    match world.history.ran_then {
        Some(other) => Err(Refusal::by_rule(
            "retroactive-record",
            format!("CHG-{other} was asked for, and ran on {service} at that time."),
            format!("What was done belongs to it: `/change show CHG-{other}`. {then}"),
        )),
        None => Ok(()),
    }
}

/// What attestations and a vote add up to. What was done is done: a no does not undo it, and is looked back on.
pub(super) fn settle(
    world: &World<'_>,
    asked: Asked<'_>,
    mut change: Change,
    events: &mut Vec<Event>,
    closed: bool,
) -> Change {
    // Nobody has said yet what there is to attest.
    if change.unclaimed().is_some() {
        return change;
    }
    if let Some(result) = vote_result(world.policy, asked, &change, closed) {
        let (passed, sentence) = (result.passed, result.sentence.clone());
        events.push(Event::Change(ChangeEvent::VoteClosed { result: result.clone() }));
        if let Some(vote) = &mut change.vote {
            vote.outcome = Some(result);
        }
        // Whoever still has to attest it has no end of time: what was done does not lapse.
        change.decide_by = None;
        if !passed {
            change.status = ChangeStatus::Rejected;
            events.push(Event::Change(ChangeEvent::Rejected { why: sentence }));
            return change;
        }
    }
    let ratified = change.vote.as_ref().is_none_or(|vote| vote.outcome.as_ref().is_some_and(|result| result.passed));
    if ratified && change.open_seats().is_empty() {
        let works = change.retro.as_ref().is_some_and(|retro| retro.works);
        change.status = if works { ChangeStatus::Completed } else { ChangeStatus::RolledBack };
        events.push(Event::Change(ChangeEvent::Attested { works }));
        if works {
            // That it works is the word of whoever recorded it: its checks say it too, or somebody else does.
            validation::open_always(world, asked, &mut change, events);
        }
    }
    change
}

/// Rule 4.15: whoever made it does not attest it. What nobody has claimed says nothing yet that could be attested.
pub(super) fn check_may_attest(change: &Change, me: &PersonId) -> Result<(), Refusal> {
    check_claimed(change)?;
    let made: &[Relation] = if &change.implementer == me { &[Relation::Actor] } else { &[] };
    if change.kind == ChangeKind::Retroactive {
        duties_ok(Duty::AttestRetroactive, made)?;
    }
    Ok(())
}

/// What was found not to work is taken back all the same, and is looked at anew.
pub(super) fn check_goes_on(change: &Change) -> Result<(), Refusal> {
    match change.status {
        ChangeStatus::Validating | ChangeStatus::Failed => Ok(()),
        _ => check_is_none(change),
    }
}

fn check_claimed(change: &Change) -> Result<(), Refusal> {
    if change.unclaimed().is_none() {
        return Ok(());
    }
    let subject = change.subject();
    Err(Refusal::by_rule(
        "retroactive-record",
        format!("{subject} was found, and nobody has said yet that they made it."),
        format!("Whoever made it says `/report claim {subject}`; then others attest it."),
    ))
}

/// A record is not planned, started or taken back: all of that is over.
pub(super) fn check_is_none(change: &Change) -> Result<(), Refusal> {
    if change.kind != ChangeKind::Retroactive {
        return Ok(());
    }
    check_claimed(change)?;
    let at = change.ended_at.map(|at| format!(" at {}", moment(at))).unwrap_or_default();
    let next = match change.status {
        ChangeStatus::Validating | ChangeStatus::Failed => {
            "`/change rollback` takes it back where it does not work; a change of its own mends it."
        }
        _ => "Whoever is asked to attest it can reject it where it is wrong; then it is recorded anew.",
    };
    Err(Refusal::slip(
        format!("{} is the record of a change that was made{at}; it stands as it was written.", change.subject()),
        next,
    ))
}

/// Who hears of a record: the owners of its services; compliance too where it comes late.
pub fn hears_of_record(world: &crate::domain::Organisation, change: &Change) -> Vec<PersonId> {
    let owners = world.owners_of(&change.services());
    let late = change.retro.as_ref().is_some_and(|retro| retro.late);
    let compliance = world.with_role(crate::domain::Role::Compliance).into_iter().filter(|_| late).cloned();
    let mut people: Vec<PersonId> = owners.into_iter().chain(compliance).filter(|one| !change.is_own(one)).collect();
    let mut seen = std::collections::BTreeSet::new();
    people.retain(|one| seen.insert(one.clone()));
    people
}
