//! The seats of a change that are filled outside the vote.

use crate::domain::Change;
use crate::domain::rules::Seat;

impl Change {
    /// Every seat to be filled outside the vote; one named twice needs two people.
    pub fn required_seats(&self) -> Vec<Seat> {
        let reviews = std::iter::repeat_n(Seat::PeerReviewer, self.required.peer_reviews.into());
        let executive = self.required.executive_acceptance.then_some(Seat::Executive);
        reviews.chain(self.required.seats.iter().copied()).chain(executive).collect()
    }

    /// Those of them that nobody fills yet.
    pub fn open_seats(&self) -> Vec<Seat> {
        let mut open = self.required_seats();
        for approval in &self.approvals {
            if let Some(at) = open.iter().position(|seat| *seat == approval.seat) {
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
}
