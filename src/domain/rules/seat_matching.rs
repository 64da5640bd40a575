//! Rule 4.13, the required seats: whether different people can fill all of them.
//!
//! Whoever may speak for several seats speaks for one. Taking the first that fits can go wrong where another choice
//! would have fitted all, so this is a bipartite matching by augmenting paths.

use super::Seat;

/// The seats that stay empty, however the people are placed. Each person lists the seats they may speak for.
pub fn unfilled(required: &[Seat], people: &[&[Seat]]) -> Vec<Seat> {
    let mut seat_of: Vec<Option<usize>> = vec![None; people.len()];
    let mut empty = Vec::new();
    for (place, seat) in required.iter().enumerate() {
        let mut asked = vec![false; people.len()];
        if !seated(place, required, people, &mut seat_of, &mut asked) {
            empty.push(*seat);
        }
    }
    empty
}

/// Seats somebody on `place`, moving others where that helps. `asked` keeps the search from going in circles; its
/// depth is at most the number of seats.
fn seated(
    place: usize,
    required: &[Seat],
    people: &[&[Seat]],
    seat_of: &mut Vec<Option<usize>>,
    asked: &mut Vec<bool>,
) -> bool {
    for person in 0..people.len() {
        if asked[person] || !people[person].contains(&required[place]) {
            continue;
        }
        asked[person] = true;
        let free = match seat_of[person] {
            None => true,
            Some(other) => seated(other, required, people, seat_of, asked),
        };
        if free {
            seat_of[person] = Some(place);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::Seat::{ChangeManager, Security, ServiceOwner};
    use super::*;

    #[test]
    fn nobody_fills_two_seats() {
        assert_eq!(unfilled(&[ServiceOwner, ChangeManager], &[&[ServiceOwner, ChangeManager]]), [ChangeManager]);
        assert_eq!(unfilled(&[ServiceOwner], &[]), [ServiceOwner]);
        assert_eq!(unfilled(&[], &[]), []);
    }

    #[test]
    fn somebody_moves_over_where_that_fits_all() {
        let both: &[Seat] = &[ServiceOwner, ChangeManager];
        assert_eq!(unfilled(&[ServiceOwner, ChangeManager], &[both, &[ServiceOwner]]), []);
        let three: &[&[Seat]] = &[&[ServiceOwner, ChangeManager], &[ServiceOwner, Security], &[ServiceOwner]];
        assert_eq!(unfilled(&[ServiceOwner, ChangeManager, Security], three), []);
        assert_eq!(unfilled(&[ServiceOwner, Security, Security], three), [Security]);
    }
}
