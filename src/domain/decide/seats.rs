//! The seats of a change that are filled outside the vote.

use std::collections::BTreeSet;

use crate::domain::rules::{Seat, unspoken};
use crate::domain::{Ballot, BallotChoice, Change, Organisation, PersonId};

/// A seat outside the vote as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatStands {
    pub seat: Seat,
    /// Who fills it, and whom they stood in for.
    pub by: Option<PersonId>,
    pub on_behalf: Option<PersonId>,
    /// Where several owners have to agree: whose it is, and for which services; of one that is open, those without a yes.
    pub owner: Option<PersonId>,
    pub services: Vec<String>,
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
        let by_service = self.owners_missing();
        let is_counted = |seat: &Seat| by_service.is_none() || *seat != Seat::ServiceOwner;
        let filled = self.standing_approvals().map(|approval| approval.seat).filter(is_counted);
        let owners = match &by_service {
            Some(missing) => missing.iter().filter(|services| services.is_empty()).count(),
            None => self.owners_in_vote().len(),
        };
        for filled in filled.chain(std::iter::repeat_n(Seat::ServiceOwner, owners)) {
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

    /// Rule 4.10, of a change on several services: for each owner's seat the services without a yes. `None`: its owners are
    /// counted, because it is on one service or was asked for before their services were kept.
    pub(super) fn owners_missing(&self) -> Option<Vec<Vec<&str>>> {
        let seats = &self.required.owner_seats;
        let asked_for = self.required.seats_of_all_owners().into_iter().filter(|seat| *seat == Seat::ServiceOwner);
        let is_by_service = !seats.is_empty() && asked_for.count() == seats.len();
        is_by_service.then(|| unspoken(seats, &self.said_by_owners()))
    }

    /// The services that have the yes of an owner: in their seat, or by their ballot, since a member of a vote has no other.
    fn said_by_owners(&self) -> BTreeSet<&str> {
        let seats = self.approvals.iter().filter(|approval| approval.seat == Seat::ServiceOwner);
        let seats = seats.flat_map(|approval| &approval.owns);
        let ballots = self.owners_ballots().into_iter().flat_map(|ballot| &ballot.owns);
        seats.chain(ballots).map(String::as_str).collect()
    }

    /// The ballots of owners that say yes.
    fn owners_ballots(&self) -> Vec<&Ballot> {
        let is_yes = |ballot: &&Ballot| ballot.choice == BallotChoice::Approve && !ballot.owns.is_empty();
        self.newest_ballots().into_values().filter(is_yes).collect()
    }

    /// The services that somebody's yes as an owner is for: theirs; of whoever stands in for a silent owner, those of the
    /// first seat that is open. In another seat it is for none.
    pub(super) fn owns_for(&self, organisation: &Organisation, seat: Seat, voice: &PersonId) -> Vec<String> {
        if seat != Seat::ServiceOwner || self.required.owner_seats.is_empty() {
            return Vec::new();
        }
        let own = organisation.owned_by(voice, self);
        if !own.is_empty() {
            return own;
        }
        let missing = self.owners_missing().unwrap_or_default();
        let first = missing.into_iter().find(|services| !services.is_empty()).unwrap_or_default();
        first.into_iter().map(str::to_owned).collect()
    }

    /// Where several owners are counted: those who agreed by their ballot.
    fn owners_in_vote(&self) -> Vec<&PersonId> {
        let Some(vote) = self.vote.as_ref().filter(|_| self.required.owners.is_some()) else { return Vec::new() };
        let ballots = self.newest_ballots();
        let agrees = |person: &PersonId| ballots.get(person).is_some_and(|one| one.choice == BallotChoice::Approve);
        let owners = vote.roster.iter().filter(|member| member.seats.contains(&Seat::ServiceOwner));
        owners.map(|member| &member.person).filter(|person| agrees(person)).collect()
    }

    /// Every seat outside the vote, with who fills it; of several owners, each with whose services it is for.
    pub fn seats_stand(&self, organisation: &Organisation) -> Vec<SeatStands> {
        let mut left: Vec<_> = self.standing_approvals().collect();
        let mut owners = self.owner_seats_stand(organisation).into_iter();
        let mut voted = self.owners_in_vote().into_iter();
        let stands = |seat: Seat| {
            let is_owner = seat == Seat::ServiceOwner;
            if is_owner && let Some(own) = owners.next() {
                return own;
            }
            let filled = left.iter().position(|approval| approval.seat == seat).map(|at| left.remove(at));
            let by =
                filled.map(|approval| &approval.person).or_else(|| is_owner.then(|| voted.next()).flatten()).cloned();
            let on_behalf = filled.and_then(|approval| approval.on_behalf.clone());
            SeatStands { seat, by, on_behalf, owner: None, services: Vec::new() }
        };
        self.required_seats().into_iter().map(stands).collect()
    }

    /// The seats of owners, where each is for services.
    fn owner_seats_stand(&self, organisation: &Organisation) -> Vec<SeatStands> {
        let missing = self.owners_missing().unwrap_or_default();
        let stands = |(services, missing): (&Vec<String>, Vec<&str>)| {
            let (by, on_behalf) = self.owner_who_said(services).filter(|_| missing.is_empty()).unzip();
            let on_behalf = on_behalf.flatten();
            let open = missing.first().and_then(|key| organisation.services.get(*key)).map(|service| &service.owner);
            let owner = on_behalf.as_ref().or(by.as_ref()).or(open).cloned();
            let services = match missing.as_slice() {
                [] => services.clone(),
                missing => missing.iter().map(|service| (*service).to_owned()).collect(),
            };
            let seat = Seat::ServiceOwner;
            // One owner of all that it touches needs no telling apart.
            if self.required.owners.is_none() {
                return SeatStands { seat, by, on_behalf, owner: None, services: Vec::new() };
            }
            SeatStands { seat, by, on_behalf, owner, services }
        };
        self.required.owner_seats.iter().zip(missing).map(stands).collect()
    }

    /// Whose yes one of these services has, and for whom they gave it.
    fn owner_who_said(&self, services: &[String]) -> Option<(PersonId, Option<PersonId>)> {
        let is_for = |owns: &[String]| owns.iter().any(|service| services.contains(service));
        let mut seats = self.approvals.iter().filter(|approval| approval.seat == Seat::ServiceOwner);
        if let Some(approval) = seats.find(|approval| is_for(&approval.owns)) {
            return Some((approval.person.clone(), approval.on_behalf.clone()));
        }
        let ballot = self.owners_ballots().into_iter().find(|ballot| is_for(&ballot.owns));
        ballot.map(|ballot| (ballot.voice().clone(), None))
    }

    /// Whether an owner's seat that is open may be this person's: it is for a service that they own. Where owners are counted,
    /// any of them may fill any.
    pub(super) fn has_open_owner_seat(&self, organisation: &Organisation, person: &PersonId) -> bool {
        let Some(missing) = self.owners_missing() else { return true };
        missing.concat().into_iter().any(|service| organisation.is_owner(person, service))
    }

    /// Whether several owners have to agree, and this is one of them who has not.
    pub fn is_wanted_as_owner(&self, organisation: &Organisation, person: &PersonId) -> bool {
        if self.owners_missing().is_some() {
            return self.required.owners.is_some() && self.has_open_owner_seat(organisation, person);
        }
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
