//! What the audiences of an unplanned change are told of it: whoever speaks with them looks at it first, and sends it as it is
//! or in other words. Silence sends it too, with the next update of the incident. The change itself waits for nothing.

use chrono::{DateTime, Utc};

use super::approval::incident_of;
use super::standing::{on_change, permit, person};
use super::update::calendar;
use super::{change_decision, change_of, stands};
use crate::domain::policy::NoticeMark;
use crate::domain::rules::{Action, Activity, ChangeKind};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeStatus, DeadlineKind, Decision, Event, NoticeEvent, Person, PersonId,
    Refusal, World,
};

/// So many are asked to look; the first word counts.
const ASKED_MAX: usize = 10;

/// What every decision on a change brings along: an approval of an emergency has its notice looked at, and what is over, or
/// asked for anew, is told as that.
pub(super) fn follow(world: &World<'_>, asked: Asked<'_>, change: &mut Change, events: &mut Vec<Event>) {
    let is_ahead = matches!(
        change.status,
        ChangeStatus::Approved | ChangeStatus::Queued | ChangeStatus::OnHold | ChangeStatus::Implementing
    );
    if !is_ahead {
        change.preview = None;
        return;
    }
    let is_approved = |event: &Event| matches!(event, Event::Change(ChangeEvent::Approved { .. }));
    if !events.iter().any(is_approved) || !is_told(world, change) {
        return;
    }
    let people = speakers(world, change);
    // Nobody is there to look: it goes out at once.
    if people.is_empty() {
        return;
    }
    let until = until(world, asked);
    change.preview = Some(until);
    events.push(Event::Notice(NoticeEvent::Previewed { revision: change.revision, until, people }));
}

/// Whether audiences hear of it when it is approved, without having known that it comes.
fn is_told(world: &World<'_>, change: &Change) -> bool {
    change.kind == ChangeKind::Emergency
        && world.policy.notices.of(change.kind).contains(&NoticeMark::Approval)
        && world.organisation.audiences_of_change(change).next().is_some()
}

/// Whoever is responsible for telling others, on any of its services; else the commander of its incident.
fn speakers(world: &World<'_>, change: &Change) -> Vec<PersonId> {
    let organisation = world.organisation;
    let is_there = |person: &PersonId| organisation.person(person).is_some_and(Person::is_reachable);
    let mut people: Vec<PersonId> = Vec::new();
    for service in change.services() {
        for person in organisation.holders(Activity::Communicate, &service).responsible {
            if is_there(&person) && !people.contains(&person) {
                people.push(person);
            }
        }
    }
    if people.is_empty() {
        let commander = incident_of(world).and_then(|incident| incident.commander.clone());
        people.extend(commander.filter(is_there));
    }
    people.truncate(ASKED_MAX);
    people
}

/// The next promised update of its incident; where none is, after the time that the policy gives.
fn until(world: &World<'_>, asked: Asked<'_>) -> DateTime<Utc> {
    let next = incident_of(world).and_then(|incident| incident.updates.next).filter(|next| *next > asked.at);
    next.unwrap_or_else(|| calendar(world).after(asked.at, world.policy.notices.preview, 1))
}

pub(super) fn promised(change: &Change) -> Option<(DeadlineKind, DateTime<Utc>)> {
    change.preview.map(|until| (DeadlineKind::NoticePreview, until))
}

/// It goes out, in the words of whoever looked at it where they say others.
pub(super) fn send(world: &World<'_>, asked: Asked<'_>, text: Option<String>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::SendChangeNotice)?;
    if !speakers(world, change).contains(me) {
        permit(world, asked, Action::SendChangeNotice, on_change(change, incident_of(world)))?;
    }
    if change.preview.is_none() {
        let id = change.subject();
        let sentence = format!("No notice of {id} waits to be sent; `/change plan notices {id}` shows what went out.");
        return Ok(stands(asked, id, sentence));
    }
    Ok(sent(world, asked, change, text))
}

/// Nobody sent it in time.
pub(super) fn due(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    if change.preview.is_none_or(|until| until > asked.at) {
        return Ok(stands(asked, change.subject(), "It was sent in the meantime, or is over."));
    }
    Ok(sent(world, asked, change, None))
}

fn sent(world: &World<'_>, asked: Asked<'_>, change: &Change, text: Option<String>) -> Decision {
    let next = Change { preview: None, ..change.clone() };
    let event = Event::Notice(NoticeEvent::Sent { revision: change.revision, text });
    change_decision(world, asked, next, vec![event], Answer::default())
}

#[cfg(test)]
mod tests {
    use super::super::decide;
    use super::super::test_world::{actor, id, now, organisation};
    use super::super::tests::{cell, change, incident};
    use super::*;
    use crate::domain::policy::Policy;
    use crate::domain::rules::Role;
    use crate::domain::{Command, Incident, NoticeCommand, Organisation, Target};

    fn subscribed() -> Organisation {
        let mut organisation = organisation();
        organisation.audiences[0].changes = true;
        organisation
    }

    fn until_of(organisation: &Organisation, change: Change, incident: Option<Incident>) -> Option<DateTime<Utc>> {
        let policy = Policy::sample();
        let target = Target::Change { change: Box::new(change.clone()), incident };
        let (world, by) = (World::about(organisation, &policy, 1, target), actor("tom"));
        let mut next = Change { status: ChangeStatus::Approved, ..change };
        let approved = ChangeEvent::Approved { window: None, ahead: false, taken_by: None };
        let mut events = vec![Event::Change(approved)];
        follow(&world, Asked { by: &by, at: now() }, &mut next, &mut events);
        assert_eq!(next.preview.is_some(), events.len() == 2);
        next.preview
    }

    #[test]
    fn it_waits_for_the_next_update_of_its_incident_and_only_where_somebody_looks() {
        let later = now() + chrono::TimeDelta::minutes(25);
        let mut led = Incident { commander: Some(id("ana")), ..incident() };
        led.updates.next = Some(later);
        assert_eq!(until_of(&subscribed(), change(), Some(led.clone())), Some(later));
        led.updates.next = None;
        let quarter = now() + chrono::TimeDelta::minutes(15);
        assert_eq!(until_of(&subscribed(), change(), Some(led.clone())), Some(quarter));
        // Nobody speaks with audiences, and nobody commands: nothing waits.
        let alone = Incident { commander: None, ..led.clone() };
        assert_eq!(until_of(&subscribed(), change(), Some(alone.clone())), None);
        let mut spoken = subscribed();
        spoken.people.get_mut(&id("ben")).expect("he is there").roles.push(Role::CommunicationLead);
        assert_eq!(until_of(&spoken, change(), Some(alone)), Some(quarter));
        // Nobody subscribes, or it was planned.
        assert_eq!(until_of(&organisation(), change(), Some(led.clone())), None);
        let planned = Change { kind: ChangeKind::Normal, ..change() };
        assert_eq!(until_of(&subscribed(), planned, Some(led)), None);
    }

    #[test]
    fn who_speaks_with_audiences_sends_it_once_and_its_time_does_where_nobody_did() {
        let (organisation, policy) = (subscribed(), Policy::sample());
        let led = Incident { commander: Some(id("raj")), ..incident() };
        let waits = Change { status: ChangeStatus::Implementing, preview: Some(now()), ..change() };
        let said = |change: &Change, by: &str, command: Command| {
            let target = Target::Change { change: Box::new(change.clone()), incident: Some(led.clone()) };
            let world = World::about(&organisation, &policy, 1, target);
            cell(decide(&world, Asked { by: &actor(by), at: now() }, command))
        };
        let send = || Command::Notice(NoticeCommand::Send { text: None });
        for (by, outcome) in [
            ("raj", "notice.sent => implementing"),
            ("ines", "notice.sent => implementing"),
            ("ben", "no, rule 4.23"),
            ("tom", "no, rule 4.23"),
        ] {
            assert_eq!(said(&waits, by, send()), outcome, "{by}");
        }
        let over = Change { preview: None, ..waits.clone() };
        assert!(!said(&over, "raj", send()).contains("notice.sent"));
        let due = || Command::Due { deadline: DeadlineKind::NoticePreview, at: now() };
        assert_eq!(said(&waits, "raj", due()), "notice.sent => implementing");
        assert!(!said(&over, "raj", due()).contains("notice.sent"));
    }
}
