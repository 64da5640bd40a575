//! What is watched after it was done does not count as working while an incident is open that may come from it. That is
//! said of their link, where the incident is commanded, and is only looked up here: always anew, so that a look that
//! comes twice, or late, changes nothing.

use chrono::TimeDelta;

use super::freeze::moment;
use super::{change_decision, halt, stands, validation};
use crate::domain::doubt::{Said, Suspicion};
use crate::domain::event::ValidationEvent;
use crate::domain::rules::{LinkKind, LinkState};
use crate::domain::suspect::{Ran, Suspect, Symptom, suspects};
use crate::domain::{
    Answer, Asked, Change, ChangeStatus, Decision, DoubtState, Event, Incident, Link, Refusal, Subject, World,
};

/// Brings a change that runs or is watched in line with the incidents around it, of which one may just have become
/// critical.
pub(super) fn check(world: &World<'_>, asked: Asked<'_>, change: &Change, critical: Option<i64>) -> Decision {
    let (mut next, mut events) = (change.clone(), Vec::new());
    // What is taken back is neither halted nor asked about.
    if change.open_walk().is_none() {
        match (change.status, critical) {
            (ChangeStatus::Validating, _) => look(world, asked, &mut next, &mut events),
            (ChangeStatus::Implementing, Some(incident)) => {
                halt::by_rule(world, asked, incident, &mut next, &mut events);
            }
            _ => {}
        }
    }
    if events.is_empty() {
        return stands(asked, change.subject(), "The incidents around it change nothing for it.");
    }
    change_decision(world, asked, next, events, Answer::default())
}

/// Writes down what incidents say of a change since it was looked at last. One that comes from it fails it.
pub(super) fn look(world: &World<'_>, asked: Asked<'_>, change: &mut Change, events: &mut Vec<Event>) {
    let said = said(world, change);
    let Some(open) = &mut change.validation else { return };
    let was_doubted = open.is_doubted();
    let mut cause = None;
    for one in said {
        let state = match (open.doubt_of(one.incident), one.is) {
            (None, Suspicion::Asked) => {
                let (incident, confidence) = (one.incident, one.confidence);
                events.push(validation::of(ValidationEvent::Doubted { incident, confidence }));
                DoubtState::Open
            }
            (Some(DoubtState::Open), Suspicion::Unrelated) => {
                events.push(validation::of(ValidationEvent::Cleared { incident: one.incident, person: one.by }));
                DoubtState::Cleared
            }
            (None | Some(DoubtState::Open | DoubtState::Cleared), Suspicion::Cause) => {
                cause = cause.or(Some(one.incident));
                DoubtState::Counted
            }
            (Some(state), _) => state,
            (None, Suspicion::Unrelated) => continue,
        };
        open.set_doubt(one.incident, state, asked.at);
    }
    if let Some(incident) = cause {
        let why = format!("{} came from it", Subject::Incident(incident));
        return validation::fail(world, asked, change, (false, why), events);
    }
    if open.is_doubted() {
        // Nobody is reminded of what they may not say.
        open.next_at = open.next_at.filter(|_| !open.is_attested());
    } else if was_doubted {
        let wait = TimeDelta::minutes(world.policy.validation.remind_minutes.into());
        let again = if open.is_attested() { asked.at + wait } else { asked.at.max(open.watched_until) };
        open.next_at = open.next_at.or(Some(again));
    }
}

/// A change that is watched anew is not held up by what was known by then.
pub(super) fn count_known(world: &World<'_>, asked: Asked<'_>, change: &mut Change) {
    let known = said(world, change);
    let Some(open) = &mut change.validation else { return };
    for one in known {
        open.set_doubt(one.incident, DoubtState::Counted, asked.at);
    }
}

/// Refuses to say that it works while an incident is open that may come from it (rule 4.14).
pub(super) fn check_none(world: &World<'_>, change: &Change) -> Result<(), Refusal> {
    let counted = |one: &Said| {
        let known = change.validation.as_ref().and_then(|open| open.doubt_of(one.incident));
        matches!(known, Some(DoubtState::Cleared | DoubtState::Counted))
    };
    let said = said(world, change);
    let Some(one) = said.iter().find(|one| one.is != Suspicion::Unrelated && !counted(one)) else { return Ok(()) };
    let (id, subject) = (change.subject(), Subject::Incident(one.incident));
    let incident = world.incidents_near.iter().find(|incident| incident.number == one.incident);
    let commander = incident.and_then(|incident| incident.commander.as_ref());
    let who = match commander {
        Some(commander) => format!("{}, who leads {subject},", world.organisation.name_of(commander)),
        None => format!("Whoever takes the lead of {subject} (`/inc lead me {subject}`)"),
    };
    let began = incident.map(|incident| format!(", declared {},", moment(incident.declared_at))).unwrap_or_default();
    Err(Refusal::by_rule(
        "4.14",
        format!("{subject}{began} may come from {id}, so nobody says yet that it works."),
        format!(
            "{who} says whether it does: `/inc link {id} none why: … {subject}` if not. It ends with {subject} too."
        ),
    ))
}

/// What the incidents that began while it ran or was watched say of it, and those that it was held up by before.
fn said(world: &World<'_>, change: &Change) -> Vec<Said> {
    let since = |incident: &&Incident| change.started_at.is_some_and(|started| started <= incident.declared_at);
    let near =
        world.incidents_near.iter().filter(|incident| incident.is_open() && Some(incident.number) != change.incident);
    let open: Vec<&Incident> = near.filter(since).collect();
    let is_open = |number: i64| open.iter().any(|incident| incident.number == number);
    let known = change.validation.iter().flat_map(|validation| &validation.doubts);
    let over = known.map(|doubt| doubt.incident).filter(|number| !is_open(*number));
    let over: Vec<Said> = over.map(|number| of_one_that_is_over(number, link_of(world, number))).collect();
    open.iter().filter_map(|incident| of_open(world, change, incident)).chain(over).collect()
}

fn link_of<'a>(world: &'a World<'_>, incident: i64) -> Option<&'a Link> {
    world.change_links.iter().find(|link| link.incident == incident)
}

fn of_open(world: &World<'_>, change: &Change, incident: &Incident) -> Option<Said> {
    let link = link_of(world, incident.number);
    // Whoever carries it out does not clear their own change by calling it the cure, or a relative.
    let counts = |link: &&Link| {
        link.kind == LinkKind::Caused || (!link.is_undecided() && link.decided_by.as_ref() != Some(&change.implementer))
    };
    if let Some(link) = link.filter(counts) {
        return Some(of_link(link));
    }
    let suspect = suspect(world, change, incident)?;
    let confidence = Some(suspect.likely.confidence);
    Some(Said { incident: incident.number, is: Suspicion::Asked, confidence, by: None })
}

fn of_link(link: &Link) -> Said {
    let is = match (link.kind, link.state) {
        (LinkKind::Caused, LinkState::Proposed) => Suspicion::Asked,
        (LinkKind::Caused, LinkState::Confirmed) => Suspicion::Cause,
        (LinkKind::Caused, LinkState::Rejected) | (LinkKind::Resolves | LinkKind::Related, _) => Suspicion::Unrelated,
    };
    Said { incident: link.incident, is, confidence: link.confidence, by: link.decided_by.clone() }
}

fn of_one_that_is_over(incident: i64, link: Option<&Link>) -> Said {
    match link.map(of_link) {
        Some(said) if said.is != Suspicion::Asked => said,
        _ => Said { incident, is: Suspicion::Unrelated, confidence: None, by: None },
    }
}

/// What rule 4.14 says of it, where it would ask.
fn suspect(world: &World<'_>, change: &Change, incident: &Incident) -> Option<Suspect> {
    let elsewhere = world.change_links.iter().any(|link| {
        link.incident != incident.number && link.kind != LinkKind::Resolves && link.state != LinkState::Rejected
    });
    let ran = vec![Ran::of(change, elsewhere)?];
    let (services, began, title) = (&incident.services, incident.declared_at, incident.title.as_str());
    suspects(world.policy, world.organisation, Symptom { services, began, title }, ran).into_iter().next()
}
