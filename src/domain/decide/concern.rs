//! Blocking concerns of voters: raised by a voter, resolved by whoever raised it or by the chair.

use super::approval::{check_not_commander, check_undecided, members_phrase, no_open_vote, relations, settle};
use super::standing::person;
use super::{change_decision, change_of, logged, stands};
use crate::domain::rules::{Action, Duty, duties_ok};
use crate::domain::{
    Answer, Asked, BallotChoice, Change, ChangeEvent, Concern, ConcernCommand, Decision, Event, PersonId, Refusal,
    Vote, World,
};

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: ConcernCommand) -> Result<Decision, Refusal> {
    match command {
        ConcernCommand::Raise { why } => raise(world, asked, why),
        ConcernCommand::Resolve { why } => resolve(world, asked, why.as_deref()),
    }
}

/// An insert, as a ballot is: the change's own row stays as it is.
fn raise(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RunChange)?;
    check_undecided(world, asked, change)?;
    duties_ok(Duty::ApproveSeat, &relations(change, me))?;
    check_not_commander(world, me)?;
    let vote = open_vote(change)?;
    let is_recused = change.ballot_of(me).is_some_and(|ballot| ballot.choice == BallotChoice::Recuse);
    if is_recused || !vote.roster.iter().any(|member| &member.person == me) {
        return Err(Refusal::by_rule(
            "4.13",
            format!("Only who votes on {} can block it with a concern.", change.subject()),
            members_phrase(world, change),
        ));
    }
    if let Some(own) = change.open_concerns().find(|concern| &concern.person == me) {
        let sentence = format!("Your concern about {} is open since {}.", change.subject(), own.at.format("%H:%M UTC"));
        return Ok(stands(asked, change.subject(), sentence));
    }
    let event = Event::Change(ChangeEvent::ConcernRaised { revision: change.revision, why });
    let chair = world.organisation.name_of(&vote.chair);
    let answer =
        Answer::undo(format!("`/cab resolved {}` by you or {chair}, in the chair, takes it away", change.subject()))
            .also("The vote cannot pass while it is open.");
    Ok(logged(asked, change.subject(), vec![event], answer))
}

fn resolve(world: &World<'_>, asked: Asked<'_>, why: Option<&str>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RunChange)?;
    check_undecided(world, asked, change)?;
    let vote = open_vote(change)?;
    let open: Vec<&Concern> = change.open_concerns().collect();
    if open.is_empty() {
        return Ok(stands(asked, change.subject(), format!("No concern about {} is open.", change.subject())));
    }
    let own: Vec<&Concern> = open.iter().copied().filter(|concern| &concern.person == me).collect();
    let settled = if own.is_empty() { of_others(world, change, vote, me, open)? } else { own };
    let mut events = Vec::new();
    let mut next = change.clone();
    for concern in settled {
        let (revision, raised) = (change.revision, concern.entry);
        let (of, why) = (concern.person.clone(), why.map(str::to_owned));
        events.push(Event::Change(ChangeEvent::ConcernResolved { revision, raised, of, why }));
        next.concerns.iter_mut().filter(|one| one.entry == raised).for_each(|one| one.is_open = false);
    }
    let resolved = events.len();
    let next = settle(world, asked, next, &mut events, false);
    if events.len() == resolved {
        let answer = Answer::default().also(next.tally(world.policy).sentence);
        return Ok(logged(asked, change.subject(), events, answer));
    }
    Ok(change_decision(world, asked, next, events, Answer::default()))
}

/// The chair may take a voter's concern away, unless the change is the chair's own.
fn of_others<'a>(
    world: &World<'_>,
    change: &Change,
    vote: &Vote,
    me: &PersonId,
    open: Vec<&'a Concern>,
) -> Result<Vec<&'a Concern>, Refusal> {
    if &vote.chair != me {
        let mut names: Vec<String> = open.iter().map(|one| world.organisation.name_of(&one.person)).collect();
        names.push(format!("{}, in the chair,", world.organisation.name_of(&vote.chair)));
        return Err(Refusal::by_rule(
            "4.13",
            format!("You did not raise the concern about {}.", change.subject()),
            format!("{} can say that it is resolved.", names.join(" or ")),
        ));
    }
    duties_ok(Duty::ApproveSeat, &relations(change, me))?;
    check_not_commander(world, me)?;
    Ok(open)
}

fn open_vote(change: &Change) -> Result<&Vote, Refusal> {
    match &change.vote {
        Some(vote) if vote.outcome.is_none() => Ok(vote),
        Some(_) | None => Err(no_open_vote(change)),
    }
}
