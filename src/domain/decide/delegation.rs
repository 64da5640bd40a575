//! Who stands in for whom. A delegation is a grant for a time: the delegate may fill the seats that the delegator may
//! fill, the delegator may too, and between them they fill one. Only a person's own duties are handed on, so there is no
//! second hop.

use chrono::{DateTime, Utc};

use super::approval::fills;
use super::standing::person;
use super::stands;
use crate::domain::absence::{ABSENCE_MAX, Absence};
use crate::domain::delegation::{DELEGATION_MAX, Delegation, DelegationCommand, organisation_promises};
use crate::domain::rules::{Action, Denial, Seat};
use crate::domain::{
    AbsenceEvent, Answer, Asked, Change, Decision, DelegationEvent, Event, Incident, Organisation, Person, PersonId,
    Refusal, StandsFor, State, Subject, When, World,
};

const RULE: &str = "4.22";

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: DelegationCommand) -> Result<Decision, Refusal> {
    let me = person(asked, Action::RunChange)?;
    match command {
        DelegationCommand::Grant { to, from, until, why } => grant(world, asked, me, to, (from, until), why),
        DelegationCommand::Away { from, until, why } => away(world, asked, me, (from, until), why),
        DelegationCommand::End => Ok(end(world, asked, me)),
    }
}

fn grant(
    world: &World<'_>,
    asked: Asked<'_>,
    me: &PersonId,
    to: PersonId,
    (from, until): (Option<When>, When),
    why: Option<String>,
) -> Result<Decision, Refusal> {
    let organisation = world.organisation;
    let now = asked.at;
    let (starts, ends) = spell(world, asked, from, until);
    let name = organisation.name_of(&to);
    if &to == me {
        return Err(Refusal::slip("You cannot stand in for yourself.", "Name somebody else."));
    }
    if !organisation.person(&to).is_some_and(Person::is_reachable) {
        return Err(Refusal::by_rule(RULE, format!("{name} is not active here."), "Name somebody who is."));
    }
    is_to_come(now, starts, ends)?;
    if ends - starts > DELEGATION_MAX {
        return Err(Refusal::by_rule(
            RULE,
            "Nobody stands in for somebody for more than 30 days.",
            "Name an earlier end; when it is over you can do it again.",
        ));
    }
    let open = &organisation.delegations;
    if let Some(own) = open.iter().find(|one| &one.from == me && one.overlaps(starts, ends)) {
        let other = organisation.name_of(&own.to);
        if own.to == to && own.ends == ends {
            return Ok(stands(asked, Subject::Organisation, format!("{other} stands in for you already.")));
        }
        return Err(Refusal::by_rule(
            RULE,
            format!("{other} stands in for you until {}.", own.ends.format("%Y-%m-%d %H:%M UTC")),
            "`/cab delegate end` ends that; then say it again.",
        ));
    }
    if open.iter().any(|one| one.from == to && one.overlaps(starts, ends)) {
        return Err(Refusal::by_rule(
            RULE,
            format!("{name} has handed their own duties on for some of that time."),
            "Name somebody who is there: duties go one hop, never on from there.",
        ));
    }
    let begun = starts <= now;
    let delegation = Delegation { granted: 0, from: me.clone(), to: to.clone(), starts, ends, begun };
    let next = (with(open, delegation), organisation.absences.clone());
    let answer = Answer::undo("`/cab delegate end` takes it back").also(format!(
        "{name} may fill your seats; so may you, until one of you does. {name} is told now, and both of you at its \
         start and end.",
    ));
    let event = DelegationEvent::Granted { from: me.clone(), to, starts, ends, why };
    Ok(decision(organisation, asked, vec![Event::Delegation(event)], &next, answer))
}

fn away(
    world: &World<'_>,
    asked: Asked<'_>,
    me: &PersonId,
    (from, until): (Option<When>, When),
    why: Option<String>,
) -> Result<Decision, Refusal> {
    let organisation = world.organisation;
    let (starts, ends) = spell(world, asked, from, until);
    is_to_come(asked.at, starts, ends)?;
    if ends - starts > ABSENCE_MAX {
        return Err(Refusal::by_rule(
            RULE,
            "An absence is kept for a year at most.",
            "For longer, an administrator takes you off the teams in the organisation file.",
        ));
    }
    let open = &organisation.absences;
    if let Some(own) = open.iter().find(|one| &one.person == me && one.overlaps(starts, ends)) {
        if (own.starts <= starts) && own.ends == ends {
            return Ok(stands(asked, Subject::Organisation, "You are away then already."));
        }
        return Err(Refusal::by_rule(
            RULE,
            format!("You are away until {} already.", own.ends.format("%Y-%m-%d %H:%M UTC")),
            "`/cab delegate end` ends that; then say it again.",
        ));
    }
    let mut answer = Answer::undo("`/cab delegate end` says that you are back").also(
        "You are not asked meanwhile: the next in line is. You may still act. `/cab delegate to:@…` names somebody who \
         may fill your seats.",
    );
    let absence = Absence { noted: 0, person: me.clone(), starts, ends, begun: starts <= asked.at };
    for (team, at) in organisation.turns_missed(&absence) {
        let at = at.format("%Y-%m-%d %H:%M UTC");
        answer =
            answer.also(format!("You are first on call for {team} from {at}: somebody else should take that turn."));
    }
    let event = AbsenceEvent::Noted { person: me.clone(), starts, ends, why };
    let next = (organisation.delegations.clone(), with(open, absence));
    Ok(decision(organisation, asked, vec![Event::Absence(event)], &next, answer))
}

/// From when until when, in the organisation's zone.
fn spell(world: &World<'_>, asked: Asked<'_>, from: Option<When>, until: When) -> (DateTime<Utc>, DateTime<Utc>) {
    let (now, zone) = (asked.at, world.organisation.time_zone);
    let starts = from.map_or(now, |from| from.ahead(now, zone));
    (starts, until.until(now, zone, Some(starts)))
}

fn is_to_come(now: DateTime<Utc>, starts: DateTime<Utc>, ends: DateTime<Utc>) -> Result<(), Refusal> {
    if starts < now || ends <= starts {
        return Err(Refusal::slip(
            "It would be over before it begins.",
            "`until:` is a moment to come, like +2d or 2030-01-07; `from:` may be left out.",
        ));
    }
    Ok(())
}

fn with<T: Clone>(open: &[T], one: T) -> Vec<T> {
    open.iter().cloned().chain(std::iter::once(one)).collect()
}

fn end(world: &World<'_>, asked: Asked<'_>, me: &PersonId) -> Decision {
    let organisation = world.organisation;
    let (own, others): (Vec<_>, Vec<_>) = organisation.delegations.iter().cloned().partition(|one| &one.from == me);
    let (away, absences): (Vec<_>, Vec<_>) = organisation.absences.iter().cloned().partition(|one| &one.person == me);
    let events: Vec<Event> =
        own.into_iter().map(|one| ended(one, true)).chain(away.into_iter().map(|one| back(one, true))).collect();
    if events.is_empty() {
        return stands(asked, Subject::Organisation, "Nobody stands in for you, and you are not away.");
    }
    decision(organisation, asked, events, &(others, absences), Answer::default())
}

/// Somebody takes over on call, or whoever is to do so is away then.
pub(super) fn turn(world: &World<'_>, asked: Asked<'_>, due: DateTime<Utc>) -> Decision {
    let organisation = world.organisation;
    let events = organisation.rota_steps(due, asked.at).into_iter().map(Event::Rota).collect();
    let open = (organisation.delegations.clone(), organisation.absences.clone());
    decision(organisation, asked, events, &open, Answer::default())
}

/// A start or an end has come; perhaps several, where the bot was away.
pub(super) fn due(world: &World<'_>, asked: Asked<'_>) -> Decision {
    let mut events = Vec::new();
    let (mut delegations, mut absences) = (Vec::new(), Vec::new());
    for mut one in world.organisation.delegations.iter().cloned() {
        if one.ends <= asked.at {
            events.push(ended(one, false));
            continue;
        }
        if !one.begun && one.starts <= asked.at {
            one.begun = true;
            let (granted, from, to, ends) = (one.granted, one.from.clone(), one.to.clone(), one.ends);
            events.push(Event::Delegation(DelegationEvent::Began { granted, from, to, ends }));
        }
        delegations.push(one);
    }
    for mut one in world.organisation.absences.iter().cloned() {
        if one.ends <= asked.at {
            events.push(back(one, false));
            continue;
        }
        if !one.begun && one.starts <= asked.at {
            one.begun = true;
            let (noted, person, ends) = (one.noted, one.person.clone(), one.ends);
            events.push(Event::Absence(AbsenceEvent::Began { noted, person, ends }));
        }
        absences.push(one);
    }
    decision(world.organisation, asked, events, &(delegations, absences), Answer::default())
}

fn ended(one: Delegation, by_hand: bool) -> Event {
    let (granted, from, to) = (one.granted, one.from, one.to);
    Event::Delegation(DelegationEvent::Ended { granted, from, to, by_hand })
}

fn back(one: Absence, by_hand: bool) -> Event {
    Event::Absence(AbsenceEvent::Ended { noted: one.noted, person: one.person, by_hand })
}

fn decision(
    organisation: &Organisation,
    asked: Asked<'_>,
    events: Vec<Event>,
    (delegations, absences): &(Vec<Delegation>, Vec<Absence>),
    answer: Answer,
) -> Decision {
    Decision {
        subject: Subject::Organisation,
        events,
        state: State::ByEvents,
        promises: organisation_promises(organisation, (delegations, absences), asked.at),
        answer,
        at: asked.at,
        with: Vec::new(),
    }
}

/// Rule 4.10, with rule 4.22: whether somebody may fill this seat; `Some` is the person whom they stand in for.
///
/// A delegate who is the requester or the implementer, or has a part in the change already, is ignored for it. So is a
/// delegator who could not fill the seat themselves. A review is a matter of what one knows, so it is not handed on.
pub(super) fn authority(
    organisation: &Organisation,
    change: &Change,
    incident: Option<&Incident>,
    (me, seat): (&PersonId, Seat),
    now: DateTime<Utc>,
) -> Result<Option<StandsFor>, Denial> {
    let Err(denial) = fills(organisation, change, incident, me, seat) else { return Ok(None) };
    let is_tied = &change.requester == me || &change.implementer == me;
    if is_tied || change.has_part(me) || seat == Seat::PeerReviewer {
        return Err(denial);
    }
    let commander = incident.and_then(|incident| incident.commander.as_ref());
    let may = |from: &StandsFor| {
        commander != Some(&from.person) && fills(organisation, change, incident, &from.person, seat).is_ok()
    };
    organisation.delegators_of(me, now).find(may).map(Some).ok_or(denial)
}

impl Change {
    /// Whether somebody's word counts already: given by them, or for them by a delegate.
    pub fn has_part(&self, person: &PersonId) -> bool {
        self.approval_of(person).is_some() || self.approval_for(person).is_some() || self.has_voted(person)
    }
}
