//! How a vote stands (rule 4.13): its ballots as they count, and the seats without a yes.

use crate::domain::change::Tally;
use crate::domain::policy::{Policy, VotePolicy};
use crate::domain::rules::{Ballot, Dispute, Ruling, Seat, VoteInput, VoteMember, VoteOutcome, unfilled, vote_outcome};
use crate::domain::{BallotChoice, Change, Vote};

impl Change {
    /// The vote by rule 4.13; `None` where there is none.
    pub(super) fn count(&self, policy: &Policy, closed: bool) -> Option<Ruling<VoteOutcome>> {
        let vote = self.vote.as_ref()?;
        let numbers = self.vote_numbers(policy, vote);
        let members = self.vote_members();
        let chair = self.ballot_of(&vote.chair).and_then(|ballot| counted(ballot.choice));
        Some(vote_outcome(&VoteInput {
            policy: &numbers,
            members: &members,
            chair,
            security_flagged: self.required.security_flagged,
            risk_accepted: self.approvals_in(Seat::Executive) > 0,
            concern_open: self.open_concerns().next().is_some(),
            closed,
            seats_approve: None,
        }))
    }

    /// Of its vote. Where the decision authority has ruled on a veto of security, that seat neither has to approve nor ends
    /// the vote any more; its ballot counts as any other.
    fn vote_numbers(&self, policy: &Policy, vote: &Vote) -> VotePolicy {
        let numbers = policy.votes.of(vote.policy, self.risk.band);
        if self.ruled_past(Dispute::Veto).is_some() { numbers.without(Seat::Security) } else { numbers }
    }

    pub(super) fn vote_members(&self) -> Vec<VoteMember> {
        let members = self.vote.iter().flat_map(|vote| vote.roster.iter().map(move |member| (vote, member)));
        let ballots = self.newest_ballots();
        members
            .map(|(vote, member)| {
                let ballot = ballots.get(&member.person).map(|ballot| ballot.choice);
                VoteMember {
                    seats: member.seats.clone(),
                    ballot: ballot.and_then(counted),
                    recused: self.is_own(&member.person) || ballot == Some(BallotChoice::Recuse),
                    approved_before: vote.approved_before.contains(&member.person),
                }
            })
            .collect()
    }

    /// The seats of an open vote without a yes; `None` where no vote is open.
    pub(super) fn unfilled_in_vote(&self, policy: &Policy) -> Option<Vec<Seat>> {
        let vote = self.vote.as_ref().filter(|vote| vote.outcome.is_none())?;
        let numbers = self.vote_numbers(policy, vote);
        let accepted = numbers.acceptance_fills_seat.filter(|_| self.approvals_in(Seat::Executive) > 0);
        let mut seats = numbers.seats(self.required.security_flagged);
        seats.retain(|seat| Some(*seat) != accepted);
        let ballots = self.newest_ballots();
        let approved = |person| ballots.get(person).is_some_and(|ballot| ballot.choice == BallotChoice::Approve);
        let approving = vote.roster.iter().filter(|member| approved(&member.person));
        let held: Vec<&[Seat]> = approving.map(|member| member.seats.as_slice()).collect();
        Some(unfilled(&seats, &held))
    }

    /// How the vote stands, in numbers and in a sentence.
    pub fn tally(&self, policy: &Policy) -> Tally {
        let members = self.vote_members();
        let counting = members.iter().filter(|member| !member.recused);
        let (cast, size) = (counting.clone().filter(|member| member.ballot.is_some()).count(), counting.count());
        let numbers = self.vote.as_ref().map(|vote| self.vote_numbers(policy, vote));
        let roster = u32::try_from(size).unwrap_or(u32::MAX);
        let quorum = numbers.map_or(0, |n| n.min_count.max(n.min_participation.of_rounded_up(roster)));
        let sentence = self.count(policy, false).map(|ruling| ruling.sentence).unwrap_or_default();
        Tally { cast, members: size, quorum, sentence }
    }
}

pub(super) fn counted(choice: BallotChoice) -> Option<Ballot> {
    match choice {
        BallotChoice::Approve => Some(Ballot::Approve),
        BallotChoice::Reject => Some(Ballot::Reject),
        BallotChoice::Abstain => Some(Ballot::Abstain),
        BallotChoice::Recuse => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_world::{id, now};
    use super::super::tests::change;
    use super::*;
    use crate::domain::acceptance::AcceptedRisk;
    use crate::domain::{Approval, Platform};

    #[test]
    fn an_acceptance_whose_time_is_over_fills_no_seat_of_a_vote() {
        let mut change = change();
        change.approvals.push(Approval {
            seat: Seat::Executive,
            person: id("zoe"),
            on_behalf: None,
            platform: Platform::Slack,
            at: now(),
            owns: Vec::new(),
        });
        assert_eq!(change.approvals_in(Seat::Executive), 1);
        let accepted =
            AcceptedRisk { by: id("zoe"), at: now(), until: now(), alternatives: "none".to_owned(), expired: true };
        change.risk.accepted = Some(accepted);
        assert_eq!(change.approvals_in(Seat::Executive), 0);
    }
}
