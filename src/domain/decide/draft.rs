//! Drafts of changes: offered where a step of an incident looks like one, settled by whoever responds.

use std::collections::BTreeMap;

use super::standing::{Record, permit};
use super::{incident_decision, incident_of, stands};
use crate::domain::change_draft::{DRAFTS_MAX, MANUAL};
use crate::domain::configuration_step::configuration_step;
use crate::domain::rules::Action;
use crate::domain::{
    Answer, Asked, Change, ChangeDraft, Decision, DraftAnswer, DraftCommand, DraftEvent, DraftFate, DraftState, Event,
    Incident, IncidentEvent, Refusal, World,
};

/// The draft for a step that somebody just noted; nothing where it is none, or where nobody known wrote it.
pub(super) fn offered(
    world: &World<'_>,
    asked: Asked<'_>,
    incident: &Incident,
    text: &str,
) -> Option<(Incident, Event, Answer)> {
    let author = asked.by.person()?;
    let step = configuration_step(text, &world.organisation.services)?;
    if !incident.is_open() || incident.drafts.len() >= DRAFTS_MAX {
        return None;
    }
    let draft = ChangeDraft {
        number: i32::try_from(incident.drafts.len()).ok()? + 1,
        by: author.clone(),
        at: asked.at,
        change: covering(world, step.service.as_deref()).map(|change| change.number),
        service: step.service,
        state: DraftState::Offered,
        reminded: false,
    };
    let event = told(&draft, DraftFate::Offered { covered_by: draft.change });
    let mut next = incident.clone();
    next.drafts.push(draft);
    let answer = Answer::undo("It changes nothing? Press Not a change in the room");
    Some((next, event, answer))
}

/// The change of this incident that is open for the service, where there is one.
fn covering<'a>(world: &'a World<'_>, service: Option<&str>) -> Option<&'a Change> {
    let service = service?;
    let open = world.linked_changes.iter().filter(|change| change.is_open() && change.ended_at.is_none());
    open.filter(|change| change.touches(service)).max_by_key(|change| change.number)
}

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: DraftCommand) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    permit(world, asked, Action::Note, Record::of(incident))?;
    let draft = find(incident, command.draft)?;
    let fate = match (command.answer, draft.change) {
        (DraftAnswer::NoChange, _) => DraftFate::Dismissed,
        (DraftAnswer::Part, Some(change)) => DraftFate::Joined { change },
        (DraftAnswer::Part, None) => {
            return Err(Refusal::slip(
                format!("No change was open for the step of draft {}.", draft.number),
                "Press Complete and submit, or say that it is no change.",
            ));
        }
    };
    // What was left when the incident was over may be set right.
    if !matches!(draft.state, DraftState::Offered | DraftState::Left) {
        return Ok(stands(asked, incident.subject(), late(incident, draft)));
    }
    let (next, event) = settled(incident, draft, fate);
    Ok(incident_decision(asked, next, vec![event], Answer::default()))
}

/// What a new change means for the draft that it completes.
pub(super) fn submitted(asked: Asked<'_>, incident: &Incident, number: i32, change: i64) -> Option<Decision> {
    let draft = incident.draft(number)?;
    let (next, event) = settled(incident, draft, DraftFate::Submitted { change });
    Some(incident_decision(asked, next, vec![event], Answer::default()))
}

/// Two do not ask for the change of one step.
pub(super) fn check_open(incident: Option<&Incident>, number: Option<i32>) -> Result<(), Refusal> {
    let (Some(incident), Some(number)) = (incident, number) else { return Ok(()) };
    let draft = find(incident, number)?;
    if draft.is_open() {
        return Ok(());
    }
    Err(Refusal::slip(late(incident, draft), "Nothing was changed. `/change emergency` asks for another change."))
}

/// Whoever wrote a step and did not answer is reminded, once for each.
pub(super) fn remind(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    let mut next = incident.clone();
    let mut events = Vec::new();
    for draft in &mut next.drafts {
        if draft.reminder().is_some_and(|at| at <= asked.at) {
            draft.reminded = true;
            events.push(told(draft, DraftFate::Reminded));
        }
    }
    if events.is_empty() {
        return Ok(stands(asked, incident.subject(), "Every draft was answered in the meantime."));
    }
    Ok(incident_decision(asked, next, events, Answer::default()))
}

/// The incident is over: what nobody answered is named, and stays open no longer.
pub(super) fn left(incident: &mut Incident) -> Vec<Event> {
    let open = incident.drafts.iter_mut().filter(|draft| draft.is_open());
    open.map(|draft| {
        draft.state = DraftState::Left;
        told(draft, DraftFate::Left)
    })
    .collect()
}

fn find(incident: &Incident, number: i32) -> Result<&ChangeDraft, Refusal> {
    incident.draft(number).ok_or_else(|| {
        Refusal::slip(format!("{} has no draft {number}.", incident.subject()), "`/inc panel` shows those that wait.")
    })
}

fn late(incident: &Incident, draft: &ChangeDraft) -> String {
    format!("Draft {} of {} {}.", draft.number, incident.subject(), draft.fate())
}

fn settled(incident: &Incident, draft: &ChangeDraft, fate: DraftFate) -> (Incident, Event) {
    let mut next = incident.clone();
    for one in next.drafts.iter_mut().filter(|one| one.number == draft.number) {
        (one.state, one.change) = match fate {
            DraftFate::Submitted { change } => (DraftState::Submitted, Some(change)),
            DraftFate::Joined { change } => (DraftState::Joined, Some(change)),
            DraftFate::Dismissed => (DraftState::Dismissed, None),
            DraftFate::Left => (DraftState::Left, one.change),
            DraftFate::Offered { .. } | DraftFate::Reminded => (one.state, one.change),
        };
    }
    (next, told(draft, fate))
}

fn told(draft: &ChangeDraft, fate: DraftFate) -> Event {
    let (service, author) = (draft.service.clone(), draft.by.clone());
    Event::Incident(IncidentEvent::Draft(DraftEvent { draft: draft.number, service, author, fate }))
}

/// What was kept of what the form was filled in with, for whoever sent it; the log has the source of every field.
pub(super) fn origins(sources: &[(String, String)]) -> Option<String> {
    let mut by_source: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (field, source) in sources.iter().filter(|(_, source)| source != MANUAL) {
        by_source.entry(source).or_default().push(field);
    }
    let parts: Vec<String> =
        by_source.into_iter().map(|(source, fields)| format!("{} from {source}", fields.join(", "))).collect();
    (!parts.is_empty()).then(|| format!("Filled in for you: {}.", parts.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{attempt, change, incident};
    use super::*;
    use crate::domain::{Command, State, Target};

    fn noted(incident: Incident, linked: &[Change], text: &str) -> (Incident, Vec<&'static str>) {
        let note = Command::Note { text: text.into() };
        let decision = attempt(Target::Incident(incident.clone()), linked, "ana", note).expect("ana may note");
        let kinds = decision.events.iter().map(|event| event.draft().kind).collect();
        match decision.state {
            State::Incident(next) => (*next, kinds),
            _ => (incident, kinds),
        }
    }

    fn answered(incident: &Incident, draft: i32, answer: DraftAnswer) -> Result<Decision, Refusal> {
        let command = Command::Draft(DraftCommand { draft, answer });
        attempt(Target::Incident(incident.clone()), &[], "ana", command)
    }

    #[test]
    fn a_step_brings_one_draft_and_a_note_none() {
        let (next, kinds) = noted(incident(), &[], "errors are growing");
        assert_eq!((next.drafts.len(), kinds), (0, vec!["incident.noted"]));
        let (next, kinds) = noted(incident(), &[], "set pool_size=40 on db-1");
        assert_eq!(kinds, ["incident.noted", "draft.offered"]);
        let draft = &next.drafts[0];
        assert_eq!((draft.number, draft.service.as_deref(), draft.change), (1, None, None));
        let reminder = next.promises().into_iter().find(|(kind, _)| *kind == crate::domain::DeadlineKind::Draft);
        assert_eq!(reminder.map(|(_, at)| at - draft.at), Some(chrono::TimeDelta::minutes(30)));
    }

    #[test]
    fn where_a_change_of_the_incident_is_open_for_the_service_its_link_is_offered() {
        let (next, _) = noted(incident(), &[change()], "restarted cards");
        assert_eq!(next.drafts[0].change, Some(1));
        let joined = answered(&next, 1, DraftAnswer::Part).expect("it is part of it");
        assert_eq!(joined.events[0].draft().kind, "draft.joined");
        let (apart, _) = noted(incident(), &[change()], "set pool_size=40 on db-1");
        assert!(answered(&apart, 1, DraftAnswer::Part).is_err(), "nothing covers it");
    }

    #[test]
    fn what_is_settled_stays_so_and_what_is_left_is_named_once() {
        let (mut next, _) = noted(incident(), &[], "set pool_size=40 on db-1");
        assert_eq!(left(&mut next).len(), 1);
        assert!(left(&mut next).is_empty());
        let dismissed = answered(&next, 1, DraftAnswer::NoChange).expect("it may be set right");
        let State::Incident(next) = dismissed.state else { panic!("the incident changes") };
        let again = answered(&next, 1, DraftAnswer::NoChange).expect("a late click is harmless");
        assert_eq!(again.answer.stands.as_deref(), Some("Draft 1 of INC-1 is no change."));
        assert!(check_open(Some(&next), Some(1)).is_err());
        assert!(check_open(Some(&next), None).is_ok());
    }
}
