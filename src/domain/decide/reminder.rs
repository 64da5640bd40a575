//! Whoever has not voted is reminded, and the chair is asked where a tie waits for nobody else (rule 4.13).

use chrono::{DateTime, Utc};

use super::{change_decision, change_of, stands};
use crate::domain::policy::Policy;
use crate::domain::rules::{Ballot, vote_reminder};
use crate::domain::{Answer, Asked, BallotChoice, Change, ChangeEvent, Decision, Event, PersonId, Refusal, World};

pub(super) fn due(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let open = change.vote.as_ref().filter(|vote| vote.outcome.is_none());
    let Some(vote) = open.filter(|_| change.is_undecided()) else {
        return Ok(stands(asked, change.subject(), "It was decided in the meantime."));
    };
    let Some(share) = vote_reminder(&world.policy.votes.remind_at, vote.time(), asked.at).verdict.due else {
        return Ok(stands(asked, change.subject(), "It is too early to remind anybody."));
    };
    let event = Event::Change(ChangeEvent::VoteReminded {
        revision: change.revision,
        percent: share.percent(),
        closes: vote.closes_at,
        people: change.without_ballot(),
    });
    Ok(change_decision(world, asked, change.clone(), vec![event], Answer::default()))
}

/// Asks the chair, once, where everybody else has voted and it is a tie.
pub(super) fn chair_wanted(world: &World<'_>, change: &mut Change) -> Option<Event> {
    let vote = change.vote.as_ref().filter(|vote| vote.outcome.is_none() && !vote.chair_asked)?;
    let chair = vote.chair.clone();
    if !world.policy.votes.of(vote.policy, change.risk.band).chair_breaks_ties || !change.waits_for_chair(&chair) {
        return None;
    }
    change.vote.as_mut()?.chair_asked = true;
    Some(Event::Change(ChangeEvent::ChairAsked { revision: change.revision, chair }))
}

impl Change {
    /// When the vote reminds next.
    pub(super) fn vote_reminder(&self, policy: &Policy, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let vote = self.vote.as_ref().filter(|vote| vote.outcome.is_none())?;
        vote_reminder(&policy.votes.remind_at, vote.time(), now).verdict.next
    }

    /// Members whose vote is still out.
    pub fn without_ballot(&self) -> Vec<PersonId> {
        let roster = self.vote.iter().flat_map(|vote| &vote.roster).map(|member| &member.person);
        let is_free = |person: &&PersonId| **person != self.requester && **person != self.implementer;
        let ballots = self.newest_ballots();
        roster.filter(is_free).filter(|person| !ballots.contains_key(person)).cloned().collect()
    }

    /// Whether it is a tie in which only the chair's word is missing.
    fn waits_for_chair(&self, chair: &PersonId) -> bool {
        let chairs_word = self.ballot_of(chair).map(|ballot| ballot.choice);
        let is_free = matches!(chairs_word, None | Some(BallotChoice::Abstain));
        let members = self.vote_members();
        let count = |choice| members.iter().filter(|m| !m.recused && m.ballot == Some(choice)).count();
        let (approve, reject) = (count(Ballot::Approve), count(Ballot::Reject));
        let on_roster = self.vote.iter().flat_map(|vote| &vote.roster).any(|member| &member.person == chair);
        let tied = &self.requester == chair || &self.implementer == chair;
        let is_tie = approve > 0 && approve == reject;
        on_roster && !tied && is_free && is_tie && self.without_ballot().iter().all(|person| person == chair)
    }
}
