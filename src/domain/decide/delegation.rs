//! Who stands in for whom. A delegation is a grant for a time: the delegate may fill the seats that the delegator may
//! fill, the delegator may too, and between them they fill one. Only a person's own duties are handed on, so there is no
//! second hop.

use chrono::{DateTime, Utc};

use super::approval::fills;
use super::standing::person;
use super::stands;
use crate::domain::delegation::{DELEGATION_MAX, Delegation, DelegationCommand, delegation_promises};
use crate::domain::rules::{Action, Denial, Seat};
use crate::domain::{
    Answer, Asked, Change, Decision, DelegationEvent, Event, Incident, Organisation, Person, PersonId, Refusal,
    StandsFor, State, Subject, When, World,
};

const RULE: &str = "4.22";

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: DelegationCommand) -> Result<Decision, Refusal> {
    let me = person(asked, Action::RunChange)?;
    match command {
        DelegationCommand::Grant { to, from, until, why } => grant(world, asked, me, to, (from, until), why),
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
    let (now, zone) = (asked.at, organisation.time_zone);
    let starts = from.map_or(now, |from| from.ahead(now, zone));
    let ends = until.until(now, zone, Some(starts));
    let name = organisation.name_of(&to);
    if &to == me {
        return Err(Refusal::slip("You cannot stand in for yourself.", "Name somebody else."));
    }
    if !organisation.person(&to).is_some_and(Person::is_reachable) {
        return Err(Refusal::by_rule(RULE, format!("{name} is not active here."), "Name somebody who is."));
    }
    if starts < now || ends <= starts {
        return Err(Refusal::slip(
            "It would be over before it begins.",
            "`until:` is a moment to come, like +2d or 2030-01-07; `from:` may be left out.",
        ));
    }
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
    let mut next = open.clone();
    next.push(Delegation { granted: 0, from: me.clone(), to: to.clone(), starts, ends, begun });
    let answer = Answer::undo("`/cab delegate end` takes it back").also(format!(
        "{name} may fill your seats; so may you, until one of you does. {name} is told now, and both of you at its \
         start and end.",
    ));
    let event = DelegationEvent::Granted { from: me.clone(), to, starts, ends, why };
    Ok(decision(asked, vec![event], &next, answer))
}

fn end(world: &World<'_>, asked: Asked<'_>, me: &PersonId) -> Decision {
    let (own, others): (Vec<_>, Vec<_>) =
        world.organisation.delegations.iter().cloned().partition(|one| &one.from == me);
    if own.is_empty() {
        return stands(asked, Subject::Organisation, "Nobody stands in for you.");
    }
    let events = own.into_iter().map(|one| ended(one, true)).collect();
    decision(asked, events, &others, Answer::default())
}

/// A start or an end has come; perhaps several, where the bot was away.
pub(super) fn due(world: &World<'_>, asked: Asked<'_>) -> Decision {
    let mut events = Vec::new();
    let mut next = Vec::new();
    for mut one in world.organisation.delegations.iter().cloned() {
        if one.ends <= asked.at {
            events.push(ended(one, false));
            continue;
        }
        if !one.begun && one.starts <= asked.at {
            one.begun = true;
            let (granted, from, to, ends) = (one.granted, one.from.clone(), one.to.clone(), one.ends);
            events.push(DelegationEvent::Began { granted, from, to, ends });
        }
        next.push(one);
    }
    decision(asked, events, &next, Answer::default())
}

fn ended(one: Delegation, by_hand: bool) -> DelegationEvent {
    DelegationEvent::Ended { granted: one.granted, from: one.from, to: one.to, by_hand }
}

fn decision(asked: Asked<'_>, events: Vec<DelegationEvent>, open: &[Delegation], answer: Answer) -> Decision {
    Decision {
        subject: Subject::Organisation,
        events: events.into_iter().map(Event::Delegation).collect(),
        state: State::Organisation,
        promises: delegation_promises(open),
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
