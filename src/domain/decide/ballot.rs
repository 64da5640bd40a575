//! A ballot is cast: by a member of the roster, or for one of them by whoever stands in for them (rule 4.22).

use super::approval::{incident_of, members_phrase, settle};
use super::reminder::chair_wanted;
use super::{change_decision, change_of, logged, stands};
use crate::domain::{
    Answer, Asked, Ballot, BallotChoice, Change, ChangeEvent, Decision, Event, PersonId, Refusal, StandsFor, Vote,
    World,
};

/// Whose ballot somebody casts.
pub(super) enum Voice {
    Own,
    /// That of a member whose duties they have for a time.
    Of(StandsFor),
}

/// The voice that somebody has in this vote, if any: one, whomever they stand in for.
pub(super) fn voice(world: &World<'_>, asked: Asked<'_>, vote: &Vote, me: &PersonId) -> Option<Voice> {
    let change = change_of(world).ok()?;
    let is_member = |person: &PersonId| vote.roster.iter().any(|member| &member.person == person);
    if is_member(me) {
        return Some(Voice::Own);
    }
    if change.approval_of(me).is_some() && !change.is_extending() {
        return None;
    }
    let commander = incident_of(world).and_then(|incident| incident.commander.as_ref());
    let voted_for = change.ballots.iter().find(|ballot| &ballot.person == me).map(Ballot::voice);
    let may = |stands: &StandsFor| {
        let is_barred = change.is_own(&stands.person) || commander == Some(&stands.person);
        is_member(&stands.person) && !is_barred && voted_for.is_none_or(|member| member == &stands.person)
    };
    world.organisation.delegators_of(me, asked.at).find(may).map(Voice::Of)
}

pub(super) fn cast(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    (me, voice): (&PersonId, Voice),
    choice: BallotChoice,
    why: Option<String>,
) -> Result<Decision, Refusal> {
    // A longer window is voted on by whoever is on the roster, also those who filled a seat before.
    if let Some(approval) = change.approval_of(me).filter(|_| !change.is_extending()) {
        return Err(Refusal::by_rule(
            "4.10",
            format!("You fill the seat of {} on {} already; nobody fills two.", approval.seat, change.subject()),
            members_phrase(world, change),
        ));
    }
    let absent = match voice {
        Voice::Own => None,
        Voice::Of(absent) => Some(absent),
    };
    let voice = absent.as_ref().map_or(me, |absent| &absent.person);
    if absent.is_some() && choice == BallotChoice::Recuse {
        return Err(Refusal::by_rule(
            "4.22",
            format!("Nobody but {} can recuse them.", world.organisation.name_of(voice)),
            "Leave the ballot to somebody else, or abstain.",
        ));
    }
    let earlier = change.ballot_of(voice);
    if let Some(ballot) = earlier.filter(|ballot| absent.is_some() && &ballot.person != me) {
        let (name, at) = (world.organisation.name_of(&ballot.person), ballot.at.format("%H:%M UTC"));
        return Err(Refusal::by_rule(
            "4.22",
            format!("{name} has voted on {} already: {} since {at}.", change.subject(), ballot.choice.as_str()),
            "Whoever stands in for a member votes until the member does; nothing was changed.",
        ));
    }
    if let Some(ballot) = earlier.filter(|ballot| ballot.choice == choice) {
        return Ok(stands(asked, change.subject(), stands_since(change, ballot)));
    }
    let Some(account) = asked.by.account() else { return Err(Refusal::slip("Only a person can vote.", "")) };
    let owns = owned_by_voice(world, change, voice);
    let event = Event::Change(ChangeEvent::BallotCast {
        choice,
        revision: change.revision,
        round: change.round,
        on_behalf: absent.clone(),
        why: why.clone(),
        replaces: earlier.is_some(),
        owns: owns.clone(),
    });
    let mut next = change.clone();
    let on_behalf = absent.map(|absent| absent.person);
    let (person, platform, at) = (me.clone(), account.platform, asked.at);
    next.ballots.push(Ballot { person, on_behalf, choice, why, platform, at, owns });
    let mut events = vec![event];
    let mut settled = settle(world, asked, next, &mut events, false);
    events.extend(chair_wanted(world, &mut settled));
    let answer = Answer::undo("A later ballot replaces this one while the vote is open")
        .also(settled.tally(world.policy).sentence);
    // A ballot that settles nothing is an insert: the change's own row stays as it is.
    if events.len() == 1 {
        return Ok(logged(asked, change.subject(), events, answer));
    }
    Ok(change_decision(world, asked, settled, events, Answer::default()))
}

fn stands_since(change: &Change, ballot: &Ballot) -> String {
    let (at, choice) = (ballot.at.format("%H:%M UTC"), ballot.choice.as_str());
    format!("Your ballot on {} stands: {choice} since {at}, from {}.", change.subject(), ballot.platform.name())
}

/// The services that a ballot is an owner's word on: each agrees to the change, and nobody anew to a longer window.
fn owned_by_voice(world: &World<'_>, change: &Change, voice: &PersonId) -> Vec<String> {
    let is_by_service = !change.required.owner_seats.is_empty() && !change.is_extending();
    if is_by_service { world.organisation.owned_by(voice, change) } else { Vec::new() }
}
