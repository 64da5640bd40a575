//! An amendment of the policy is asked for, answered by a policy file or declined, and chased until then
//! (`policy-registry`).

use chrono::{DateTime, TimeDelta, Utc};

use super::freeze::moment;
use super::proposal::{check_keeps, policy_promises, waiting};
use super::standing::{Record, permit, person};
use super::stands;
use crate::domain::amendment::{Amendment, AmendmentState, AskedFor, DUE_MAX, NewAmendment, WAITING_MAX, name};
use crate::domain::event::AmendmentEvent;
use crate::domain::proposal::{Origin, Proposal, ProposalState};
use crate::domain::rules::Action;
use crate::domain::{
    Answer, Asked, DeadlineKind, Decision, Event, Organisation, PersonId, Refusal, Role, State, Subject, Target, World,
};

/// Those who sign policies look after them; where nobody has to sign, the change managers do.
pub fn policy_keepers(organisation: &Organisation) -> Vec<PersonId> {
    organisation.signatories().unwrap_or_else(|| organisation.holding(Role::ChangeManager))
}

pub(super) fn propose(world: &World<'_>, asked: Asked<'_>, new: NewAmendment) -> Result<Decision, Refusal> {
    let me = person(asked, Action::ProposePolicy)?;
    permit(world, asked, Action::ProposePolicy, Record::default())?;
    let known = asked_for(world)?;
    if let Some(same) = known.amendments.iter().find(|one| one.is_waiting() && one.origin == new.origin) {
        let sentence = format!("{} asks for that already: {}, due {}.", same.name(), same.origin, moment(same.due_at));
        return Ok(stands(asked, Subject::Policy, sentence));
    }
    if known.amendments.iter().filter(|one| one.is_waiting()).count() >= WAITING_MAX {
        return Err(Refusal::slip(
            format!("{WAITING_MAX} amendments wait already."),
            "`/admin policy` lists what is due first: answer or decline some of them.",
        ));
    }
    let due = due_at(world, asked, &new)?;
    Ok(proposed(world, asked, (waiting(world), known), (me, due), new))
}

/// What the board adopts of the findings of its data pack: asked for in its name by whoever leads the meeting; nothing where
/// somebody has asked for it already.
pub(super) fn adopted(
    world: &World<'_>,
    asked: Asked<'_>,
    (waiting, known): (&[Proposal], &AskedFor),
    (me, change): (&PersonId, i64),
    (what, why): (&str, &str),
) -> Result<Option<Decision>, Refusal> {
    let origin = Origin::parse(&format!("finding {}", Subject::Change(change)));
    let Some(origin) = origin else { return Ok(None) };
    if known.amendments.iter().any(|one| one.is_waiting() && one.origin == origin) {
        return Ok(None);
    }
    let new = NewAmendment { origin, what: what.to_owned(), why: why.to_owned(), due: None };
    let due = due_at(world, asked, &new)?;
    Ok(Some(proposed(world, asked, (waiting, known), (me, due), new)))
}

fn proposed(
    world: &World<'_>,
    asked: Asked<'_>,
    (waiting, known): (&[Proposal], &AskedFor),
    (me, due): (&PersonId, DateTime<Utc>),
    new: NewAmendment,
) -> Decision {
    let number = known.next_number;
    let amendment = Amendment {
        entry: 0,
        number,
        origin: new.origin.clone(),
        by: me.clone(),
        proposed_at: asked.at,
        due_at: due,
        state: AmendmentState::Open,
        answered_by: None,
        reminded: false,
        overdue: false,
        settled_by: None,
        settled_at: None,
    };
    let event = AmendmentEvent::Proposed { number, origin: new.origin, due, what: new.what, why: new.why };
    let keepers: Vec<String> =
        policy_keepers(world.organisation).iter().map(|id| world.organisation.name_of(id)).collect();
    let told = if keepers.is_empty() { "Nobody looks after policies here.".to_owned() } else { told(&keepers) };
    let answer = Answer::default().also(told);
    let mut amendments = known.amendments.clone();
    amendments.push(amendment);
    let promises = policy_promises(waiting.iter(), None, &amendments, &world.policy.registry);
    decision(asked, vec![event], promises, answer)
}

fn told(keepers: &[String]) -> String {
    format!("{} {} told.", keepers.join(", "), if keepers.len() == 1 { "is" } else { "are" })
}

/// By when it is to be answered: as somebody says, else as long as what shows it can wait.
fn due_at(world: &World<'_>, asked: Asked<'_>, new: &NewAmendment) -> Result<DateTime<Utc>, Refusal> {
    let Some(due) = new.due else {
        return Ok(asked.at + TimeDelta::days(new.origin.due_days(&world.policy.registry).into()));
    };
    let due = due.until(asked.at, world.organisation.time_zone, None);
    if due <= asked.at || due - asked.at > DUE_MAX {
        let sentence = "It is due at a moment to come, within a year.";
        return Err(Refusal::slip(sentence, "`due:` takes a day or a span, like +30d.").in_field("due"));
    }
    Ok(due)
}

/// Those who sign policies, change managers and compliance officers say no. What a file answers waits for its signatures.
pub(super) fn decline(
    world: &World<'_>,
    asked: Asked<'_>,
    named: Option<i32>,
    why: String,
) -> Result<Decision, Refusal> {
    person(asked, Action::SignPolicy)?;
    let amendment = meant(world, named)?;
    check_keeps(world, asked)?;
    match amendment.state {
        AmendmentState::Open => {}
        AmendmentState::Answered => {
            return Err(Refusal::slip(
                format!("{} is answered by a policy that waits.", amendment.name()),
                "Whoever has to sign that objects to it: `/admin policy` shows it.",
            ));
        }
        AmendmentState::Adopted | AmendmentState::Declined => {
            return Ok(stands(asked, Subject::Policy, over(world, amendment)));
        }
    }
    let event = AmendmentEvent::Declined { asked: amendment.entry, number: amendment.number, why };
    let left: Vec<Amendment> =
        asked_for(world)?.amendments.iter().filter(|one| one.number != amendment.number).cloned().collect();
    Ok(decision(asked, vec![event], promised(world, &left), Answer::default()))
}

/// "AMD-3 was declined at 7 Jan 14:40 UTC by Zoe Laurent."
fn over(world: &World<'_>, amendment: &Amendment) -> String {
    let at = amendment.settled_at.map(|at| format!(" at {}", moment(at))).unwrap_or_default();
    let by = amendment.settled_by.as_ref().map(|by| format!(" by {}", world.organisation.name_of(by)));
    format!("{} was {}{at}{}.", amendment.name(), amendment.state.as_str(), by.unwrap_or_default())
}

/// Somebody is told of those that are due soon, or late.
pub(super) fn due(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let known = asked_for(world)?;
    let numbers = &world.policy.registry;
    let mut amendments = known.amendments.clone();
    let mut events = Vec::new();
    for one in amendments.iter_mut().filter(|one| one.next_at(numbers).is_some_and(|at| at <= asked.at)) {
        let (entry, number, origin, due) = (one.entry, one.number, one.origin.clone(), one.due_at);
        if one.due_at <= asked.at {
            (one.reminded, one.overdue) = (true, true);
            events.push(AmendmentEvent::Overdue { asked: entry, number, origin, due });
        } else {
            one.reminded = true;
            events.push(AmendmentEvent::Reminded { asked: entry, number, origin, due });
        }
    }
    if events.is_empty() {
        return Ok(stands(asked, Subject::Policy, "No amendment is due."));
    }
    Ok(decision(asked, events, promised(world, &amendments), Answer::default()))
}

/// What becomes of the amendments that a policy answers, once something has become of that policy; and which wait then.
pub(super) fn follow(world: &World<'_>, policy: &Proposal) -> (Vec<AmendmentEvent>, Vec<Amendment>) {
    let Ok(known) = asked_for(world) else { return (Vec::new(), Vec::new()) };
    let mut amendments = known.amendments.clone();
    let mut events = Vec::new();
    let is_of_it = |one: &&mut Amendment| one.is_waiting() && one.answered_by == Some(policy.entry);
    for one in amendments.iter_mut().filter(is_of_it) {
        let (asked, number) = (one.entry, one.number);
        match policy.state {
            ProposalState::Open | ProposalState::Signed => {}
            ProposalState::Effective => {
                one.state = AmendmentState::Adopted;
                events.push(AmendmentEvent::Adopted { asked, number, hash: policy.hash.clone() });
            }
            ProposalState::Rejected => {
                (one.state, one.answered_by) = (AmendmentState::Open, None);
                events.push(AmendmentEvent::Reopened { asked, number });
            }
        }
    }
    (events, amendments)
}

pub(super) fn asked_for<'a>(world: &'a World<'_>) -> Result<&'a AskedFor, Refusal> {
    match &world.target {
        Target::Proposal { asked_for, .. } => Ok(asked_for),
        _ => Err(Refusal::slip("This is about the policy.", "`/admin policy` shows it.")),
    }
}

/// The one that is named, or below which a button was pressed.
fn meant<'a>(world: &'a World<'_>, named: Option<i32>) -> Result<&'a Amendment, Refusal> {
    let known = asked_for(world)?;
    let shown = match &world.target {
        Target::Proposal { read, .. } => *read,
        _ => None,
    };
    let found = match (named, shown) {
        (Some(number), _) => known.amendments.iter().find(|one| one.number == number),
        (None, Some(entry)) => known.amendments.iter().find(|one| one.entry == entry),
        (None, None) => None,
    };
    found.ok_or_else(|| {
        let sentence = named.map_or_else(|| "Which one?".to_owned(), |number| format!("There is no {}.", name(number)));
        Refusal::slip(sentence, "`/admin policy` lists those that wait, like AMD-3.").in_field("hash")
    })
}

type Promises = Vec<(DeadlineKind, DateTime<Utc>)>;

/// What is promised once these are the amendments, beside the policies that wait.
fn promised(world: &World<'_>, amendments: &[Amendment]) -> Promises {
    policy_promises(waiting(world).iter(), None, amendments, &world.policy.registry)
}

pub(super) fn decision(asked: Asked<'_>, events: Vec<AmendmentEvent>, promises: Promises, answer: Answer) -> Decision {
    Decision {
        subject: Subject::Policy,
        promises,
        events: events.into_iter().map(Event::Amendment).collect(),
        state: State::ByEvents,
        answer,
        at: asked.at,
        with: Vec::new(),
    }
}
