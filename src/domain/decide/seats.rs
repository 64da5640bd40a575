//! The seats of a change that are filled outside the vote.

use crate::domain::rules::Seat;
use crate::domain::{BallotChoice, Change, Organisation, PersonId};

/// A seat outside the vote as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatStands {
    pub seat: Seat,
    /// Who fills it, and whom they stood in for.
    pub by: Option<PersonId>,
    pub on_behalf: Option<PersonId>,
    /// Where several owners have to agree: whose services it is for.
    pub owner: Option<PersonId>,
}

impl Change {
    /// Every seat to be filled outside the vote; one named twice needs two people.
    pub fn required_seats(&self) -> Vec<Seat> {
        let reviews = std::iter::repeat_n(Seat::PeerReviewer, self.required.peer_reviews.into());
        let executive = self.required.executive_acceptance.then_some(Seat::Executive);
        reviews.chain(self.required.seats_of_all_owners()).chain(executive).collect()
    }

    /// Those of them that nobody fills yet.
    pub fn open_seats(&self) -> Vec<Seat> {
        let mut open = self.required_seats();
        let in_the_vote = self.owners_in_vote().into_iter().map(|_| Seat::ServiceOwner);
        for filled in self.standing_approvals().map(|approval| approval.seat).chain(in_the_vote) {
            if let Some(at) = open.iter().position(|seat| *seat == filled) {
                open.remove(at);
            }
        }
        open
    }

    pub fn needs_review(&self) -> bool {
        self.open_seats().contains(&Seat::PeerReviewer)
    }

    pub fn needs_acceptance(&self) -> bool {
        self.open_seats().contains(&Seat::Executive)
    }

    /// Where several owners have to agree: those who did so by their ballot, since a member of a vote has no other yes.
    fn owners_in_vote(&self) -> Vec<&PersonId> {
        let Some(vote) = self.vote.as_ref().filter(|_| self.required.owners.is_some()) else { return Vec::new() };
        let ballots = self.newest_ballots();
        let agrees = |person: &PersonId| ballots.get(person).is_some_and(|one| one.choice == BallotChoice::Approve);
        let owners = vote.roster.iter().filter(|member| member.seats.contains(&Seat::ServiceOwner));
        owners.map(|member| &member.person).filter(|person| agrees(person)).collect()
    }

    /// Every seat outside the vote, with who fills it; of several owners, each with whose services it is for.
    pub fn seats_stand(&self, organisation: &Organisation) -> Vec<SeatStands> {
        let several = self.required.owners.is_some();
        let mut left: Vec<_> = self.standing_approvals().collect();
        let mut voted = self.owners_in_vote().into_iter();
        let agreed = self.owners_agreed();
        let mut silent = organisation.owners_of(&self.services()).into_iter().filter(|owner| !agreed.contains(owner));
        let stands = |seat: Seat| {
            let filled = left.iter().position(|approval| approval.seat == seat).map(|at| left.remove(at));
            let is_one_of_several = several && seat == Seat::ServiceOwner;
            let by = filled.map(|approval| &approval.person);
            let by = by.or_else(|| is_one_of_several.then(|| voted.next()).flatten()).cloned();
            let on_behalf = filled.and_then(|approval| approval.on_behalf.clone());
            let said = on_behalf.clone().or_else(|| by.clone());
            let owner = is_one_of_several.then(|| said.or_else(|| silent.next())).flatten();
            SeatStands { seat, by, on_behalf, owner }
        };
        self.required_seats().into_iter().map(stands).collect()
    }

    /// Whether several owners have to agree, and this is one of them who has not.
    pub fn is_wanted_as_owner(&self, organisation: &Organisation, person: &PersonId) -> bool {
        self.required.owners.is_some()
            && organisation.owners_of(&self.services()).contains(person)
            && !self.owners_agreed().contains(person)
    }

    /// The owners who said yes, themselves, by a delegate or in the vote.
    fn owners_agreed(&self) -> Vec<PersonId> {
        let seats = self.approvals.iter().filter(|approval| approval.seat == Seat::ServiceOwner);
        let seats = seats.map(|approval| approval.on_behalf.as_ref().unwrap_or(&approval.person));
        seats.chain(self.owners_in_vote()).cloned().collect()
    }
}
