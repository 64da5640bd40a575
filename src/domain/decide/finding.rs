//! A change that somebody came upon: reported with what shows it, claimed by whoever made it, and after a day a matter of
//! the owners of its services.

use super::approval::incident_of;
use super::assessment::assess;
use super::change::{NewChange, check_few, new_number, unasked};
use super::freeze::moment;
use super::retro::{self, About, check_nothing_ran};
use super::standing::{Record, permit, person};
use super::{change_decision, change_of, stands};
use crate::domain::event::{FindingEvent, Found};
use crate::domain::retro::{IN_TIME, is_late};
use crate::domain::rules::{Action, ChangeKind, Rehearsal, Required, TIMER_EARLY};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeForm, Decision, Event, FindingCommand, FindingForm, Organisation,
    PersonId, Refusal, Retro, RetroForm, RiskFactors, Role, Unclaimed, World,
};

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: &FindingCommand) -> Result<Decision, Refusal> {
    match command {
        FindingCommand::Record(form) => retro::record(world, asked, form),
        FindingCommand::Report(form) => report(world, asked, form),
        FindingCommand::Claim(form) => claim(world, asked, form),
    }
}

fn report(world: &World<'_>, asked: Asked<'_>, form: &FindingForm) -> Result<Decision, Refusal> {
    let (number, near) = new_number(world)?;
    let me = person(asked, Action::RaiseEmergencyChange)?;
    let services = form.services_near(near);
    let Some(service) = services.first().cloned() else {
        return Err(Refusal::slip("Which service was changed?", "Say it like svc:payments."));
    };
    check_few(&services)?;
    let record = Record { incident: near, services: &services, ..Record::default() };
    permit(world, asked, Action::RaiseEmergencyChange, record)?;
    let (found, made) = check_times(world, asked, form)?;
    if made.is_some() {
        check_nothing_ran(world, &service, "Otherwise say at: more exactly, or leave it out.")?;
    }
    let risk = assess(world, RiskFactors::default(), None, &services, Rehearsal::NotDone);
    let form_of = ChangeForm { title: Some(form.title.clone()), ..ChangeForm::default() }.on(&services);
    let kind = ChangeKind::Retroactive;
    let new = NewChange { number, kind, form: form_of, service, incident: near, risk, standard: None, lasts: None };
    let mut change = unasked(world, me, asked.at, new, Required::default());
    let due_at = found + IN_TIME;
    change.ended_at = made;
    change.outcome = Some(form.evidence.clone());
    change.retro = Some(Retro {
        works: true,
        allowed_by: None,
        late: false,
        found_at: Some(found),
        unclaimed: Some(Unclaimed { due_at, escalated: false }),
    });
    let event = FindingEvent::Found(Box::new(Found {
        title: change.title.clone(),
        incident: change.incident,
        service: change.service.clone(),
        also: change.also.clone(),
        evidence: form.evidence.clone(),
        touches: change.factors.touches.unwrap_or_default(),
        made,
        found,
        due: due_at,
        policy: change.policy,
    }));
    let subject = change.subject();
    let answer = Answer::undo(format!("Nothing was changed after all? `/change withdraw {subject}` and why"))
        .also(format!("Whoever made it presses [Claim], or says `/report claim {subject}`."));
    Ok(change_decision(world, asked, change, vec![Event::Change(ChangeEvent::Finding(event))], answer))
}

type Moment = chrono::DateTime<chrono::Utc>;

/// When it was found, and made, as far as that can be seen.
fn check_times(world: &World<'_>, asked: Asked<'_>, form: &FindingForm) -> Result<(Moment, Option<Moment>), Refusal> {
    let zone = world.organisation.time_zone;
    let found = form.found.map_or(asked.at, |found| found.since(asked.at, zone));
    let made = form.at.map(|at| at.since(asked.at, zone));
    let late = [Some(found), made].into_iter().flatten().max().filter(|at| *at > asked.at);
    if let Some(late) = late {
        return Err(Refusal::by_rule(
            "retroactive-record",
            format!("{} is yet to come; what is found was made before.", moment(late)),
            "Leave at: and found: out, or say them like at:-30h found:-2h.",
        ));
    }
    if let Some(made) = made.filter(|made| *made > found) {
        let sentence =
            format!("It would have been found at {}, before it was made at {}.", moment(found), moment(made));
        return Err(Refusal::slip(sentence, "Say it like at:-30h found:-2h."));
    }
    Ok((found, made))
}

fn claim(world: &World<'_>, asked: Asked<'_>, form: &RetroForm) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RaiseEmergencyChange)?;
    let Some(found) = check_unclaimed(change)? else {
        let by = world.organisation.name_of(&change.implementer);
        let sentence = format!("{} is on record already, as made by {by}.", change.subject());
        return Ok(stands(asked, change.subject(), sentence));
    };
    let services = change.services();
    let incident = incident_of(world);
    permit(world, asked, Action::RaiseEmergencyChange, Record { incident, services: &services, ..Record::default() })?;
    let subject = change.subject();
    let finder = world.organisation.name_of(&change.requester);
    let then = format!(
        "Where it was part of that, {finder} or a change manager says `/change withdraw {subject}` and why; otherwise say \
         from: and at: more exactly."
    );
    let times = retro::check_times(world, asked, form, (&change.service, &then))?;
    if times.1 > found {
        let sentence = format!("{subject} was found at {}; it was made before that.", moment(found));
        return Err(Refusal::slip(sentence, "Say it like at:-3h."));
    }
    let about = About { number: change.number, incident, services, title: &change.title };
    let (claimed, risk) = retro::composed(world, asked, (me, form), about, times)?;
    let maker = claimed.implementer.clone();
    // Whoever made it knew of it all the time.
    let late = is_late(if &maker == me { times.1 } else { found }, asked.at);
    let retro = claimed.retro.map(|retro| Retro { late, found_at: Some(found), unclaimed: None, ..retro });
    let claimed = Change {
        version: change.version,
        requester: change.requester.clone(),
        requested_at: change.requested_at,
        answers: change.answers.clone(),
        concerns: change.concerns.clone(),
        retro,
        ..claimed
    };
    Ok(retro::recorded(world, asked, claimed, (form, risk), |of| ChangeEvent::Finding(FindingEvent::Claimed(of))))
}

/// When it was found; `None` where somebody has claimed it.
fn check_unclaimed(change: &Change) -> Result<Option<Moment>, Refusal> {
    let found = change.retro.as_ref().and_then(|retro| retro.found_at);
    match (found, change.unclaimed()) {
        (Some(found), Some(_)) => Ok(Some(found)),
        _ if change.retro.as_ref().is_some_and(|retro| retro.unclaimed.is_some()) => Err(Refusal::slip(
            format!("{} was withdrawn: there is nothing to claim.", change.subject()),
            format!("`/log show {}` says why.", change.subject()),
        )),
        (Some(_), None) => Ok(None),
        (None, _) => Err(Refusal::slip(
            format!("{} was asked for, or recorded by whoever made it: there is nothing to claim.", change.subject()),
            "`/change after retro` records what was done without a change.",
        )),
    }
}

/// Nobody has claimed it in time.
pub(super) fn overdue(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let due = change.claim_due().filter(|due| *due <= asked.at + TIMER_EARLY);
    let (Some(due_at), Some(retro)) = (due, change.retro.clone()) else {
        return Ok(stands(asked, change.subject(), "It was claimed in the meantime."));
    };
    let found = retro.found_at.unwrap_or(change.requested_at);
    let unclaimed = Some(Unclaimed { due_at, escalated: true });
    let next = Change { retro: Some(Retro { unclaimed, ..retro }), ..change.clone() };
    let event = Event::Change(ChangeEvent::Finding(FindingEvent::Unclaimed { found }));
    Ok(change_decision(world, asked, next, vec![event], Answer::default()))
}

/// Whose matter a change is that nobody has claimed: the owners of its services, but for whoever found it; without any,
/// the change managers.
pub fn hears_of_finding(organisation: &Organisation, change: &Change) -> Vec<PersonId> {
    let owners = organisation.owners_of(&change.services());
    let others = |people: Vec<PersonId>| -> Vec<PersonId> {
        people.into_iter().filter(|one| one != &change.requester).collect()
    };
    let owners = others(owners);
    if owners.is_empty() { others(organisation.holding(Role::ChangeManager)) } else { owners }
}

#[cfg(test)]
#[path = "finding_tests.rs"]
mod tests;
