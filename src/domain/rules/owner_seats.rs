//! Rule 4.10, several owners: a yes that is given for a service counts for that service, and for no other.
//!
//! Each owner has one seat, for the services that were theirs when the change was asked for. It is filled once each of
//! these has the yes of whoever owned it at that moment: a service that changes hands takes its yes along, and its new owner
//! fills nobody else's seat.

use std::collections::BTreeSet;

/// What each seat still waits for, by seat: the services without a yes. A seat with none is filled.
pub fn unspoken<'a>(seats: &'a [Vec<String>], said: &BTreeSet<&str>) -> Vec<Vec<&'a str>> {
    let waits = |seat: &'a Vec<String>| seat.iter().map(String::as_str).filter(|one| !said.contains(one)).collect();
    seats.iter().map(waits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_fills_the_seat_of_its_services_and_no_other() {
        let seats = [vec!["cards".to_owned(), "shop".to_owned()], vec!["ledger".to_owned()]];
        let open = |said: &[&str]| unspoken(&seats, &said.iter().copied().collect());
        assert_eq!(open(&[]), [vec!["cards", "shop"], vec!["ledger"]]);
        assert_eq!(open(&["cards", "shop"]), [vec![], vec!["ledger"]]);
        assert_eq!(open(&["cards"]), [vec!["shop"], vec!["ledger"]], "one of two was given to somebody else");
        assert_eq!(open(&["mill"]), open(&[]), "what it does not touch says nothing of it");
        assert_eq!(open(&["ledger", "shop", "cards"]), [Vec::<&str>::new(), vec![]]);
    }
}
