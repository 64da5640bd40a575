//! Which planned changes stand in each other's way: in time, on a service or next to it, by one person, or where an
//! incident is open.

use chrono::{DateTime, TimeDelta, Utc};

use super::{ChangeKind, Priority};
use crate::domain::{Change, Organisation, PersonId, Subject, Window};

words! {
    /// What became of two changes in each other's way.
    ConflictState {
        Open = "open", "open";
        Yielded = "yielded", "one of them stepped back";
        Moved = "moved", "they were moved apart";
        Coexist = "coexist", "both may run";
        Ended = "ended", "one of them is over";
    }
}

words! {
    /// Who settles it.
    ConflictLevel {
        Owners = "owners", "the owners of both";
        Manager = "manager", "a change manager";
        Authority = "authority", "the decision authority";
    }
}

/// A change with its window, whatever kind it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub number: i64,
    pub services: Vec<String>,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub implementer: PersonId,
    /// The incident that it resolves.
    pub incident: Option<i64>,
    /// An emergency: its window is a licence to act at once, not a plan, so it is told of what is in its way and not
    /// held up; whose turn it is says rule 4.18.
    pub urgent: bool,
    /// It has its window, and did not only ask for it.
    pub fixed: bool,
}

/// An open incident, and what it is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub incident: i64,
    pub priority: Priority,
    pub services: Vec<String>,
}

/// What a planned change is held against: the windows of all, and the open incidents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bookings {
    pub windows: Vec<Planned>,
    pub troubles: Vec<Trouble>,
}

/// Something in the way. `block`: it has to be settled before the change begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    pub block: bool,
    pub with: Subject,
    pub sentence: String,
}

impl Planned {
    pub fn of(change: &Change, window: Window) -> Planned {
        Planned {
            number: change.number,
            services: change.services(),
            from: window.opens,
            until: window.closes,
            implementer: change.implementer.clone(),
            incident: change.incident,
            urgent: change.kind == ChangeKind::Emergency,
            fixed: change.window.is_some(),
        }
    }

    /// Whether both are on one of the same services.
    pub fn shares_a_service(&self, other: &Planned) -> bool {
        self.services.iter().any(|service| other.services.contains(service))
    }

    /// One that ends when the other begins is not in its way.
    pub fn meets(&self, other: &Planned) -> bool {
        self.from < other.until && other.from < self.until
    }
}

/// Everything in the way of a change, what blocks it first.
pub fn conflicts(organisation: &Organisation, own: &Planned, others: &[Planned], open: &[Trouble]) -> Vec<Conflict> {
    let distance =
        |services: &[String]| own.services.iter().filter_map(|service| organisation.distance(service, services)).min();
    let mut found = Vec::new();
    for other in others.iter().filter(|other| other.number != own.number && own.meets(other)) {
        let window = format!("from {} to {}", moment(other.from), moment(other.until));
        let (block, what) = match distance(&other.services) {
            Some(0) if !other.fixed => (false, "asks for a window on the same service"),
            Some(0) => (!own.urgent && !other.urgent, "is on the same service"),
            Some(1) => (false, "is on a service next to it"),
            _ if other.implementer == own.implementer => (false, "is carried out by the same person"),
            _ => continue,
        };
        let with = Subject::Change(other.number);
        found.push(Conflict { block, with, sentence: format!("{with} {what}, {window}.") });
    }
    for trouble in open.iter().filter(|trouble| Some(trouble.incident) != own.incident) {
        if distance(&trouble.services) == Some(0) {
            let with = Subject::Incident(trouble.incident);
            // While people fight for the service, only what helps them is done to it.
            let block = !own.urgent && matches!(trouble.priority, Priority::P1 | Priority::P2);
            let sentence = format!("{with}, {}, is open on the same service.", trouble.priority);
            found.push(Conflict { block, with, sentence });
        }
    }
    found.sort_by_key(|conflict| !conflict.block);
    found
}

/// Windows begin on a quarter of an hour.
const STEP: TimeDelta = TimeDelta::minutes(15);

/// The next windows of the same length in which nothing is in its way, one after another.
pub fn free_windows(
    organisation: &Organisation,
    own: &Planned,
    others: &[Planned],
    frozen: &[(DateTime<Utc>, Option<DateTime<Utc>>)],
    now: DateTime<Utc>,
    count: usize,
) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let length = own.until - own.from;
    let mut from = quarter(own.from.max(now));
    let mut free = Vec::new();
    // Each round passes one obstacle or finds one window, so it ends.
    while free.len() < count {
        let there = Planned { from, until: from + length, urgent: false, ..own.clone() };
        let meets = |other: &&Planned| !conflicts(organisation, &there, std::slice::from_ref(other), &[]).is_empty();
        let held = others.iter().filter(meets).map(|other| Some(other.until)).chain(
            frozen
                .iter()
                .filter(|(begins, ends)| *begins < there.until && ends.is_none_or(|ends| from < ends))
                .map(|(_, ends)| *ends),
        );
        match held.max_by_key(|until| until.unwrap_or(DateTime::<Utc>::MAX_UTC)) {
            // A freeze without an end: nothing is free after it begins.
            Some(None) => return free,
            Some(Some(until)) => from = quarter(until),
            None => {
                free.push((from, from + length));
                from = quarter(from + length);
            }
        }
    }
    free
}

fn quarter(at: DateTime<Utc>) -> DateTime<Utc> {
    let over = at.timestamp().rem_euclid(STEP.num_seconds());
    let whole = at - TimeDelta::nanoseconds(i64::from(at.timestamp_subsec_nanos())) - TimeDelta::seconds(over);
    if whole == at { at } else { whole + STEP }
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%-d %b %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::super::calendar::tests::at;
    use super::*;
    use crate::domain::Service;
    use crate::domain::decide::test_world::organisation;

    fn booking(number: i64, service: &str, from: &str, until: &str) -> Planned {
        let time = |clock: &str| at(&format!("2030-01-07T{clock}:00Z"));
        Planned {
            number,
            services: vec![service.to_owned()],
            from: time(from),
            until: time(until),
            implementer: PersonId(format!("p_{number}")),
            incident: None,
            urgent: false,
            fixed: true,
        }
    }

    /// Payments depend on the ledger; the shop and the reports stand alone.
    fn harbour() -> Organisation {
        let mut organisation = organisation();
        let known = organisation.services.values().next().expect("a service").clone();
        for (key, depends_on) in [("payments", &["ledger"][..]), ("ledger", &[]), ("shop", &[]), ("reports", &[])] {
            let depends_on = depends_on.iter().map(|key| (*key).to_owned()).collect();
            let service = Service { key: key.to_owned(), depends_on, ..known.clone() };
            organisation.services.insert(key.to_owned(), service);
        }
        organisation
    }

    fn said(own: &Planned, others: &[Planned], open: &[Trouble]) -> Vec<String> {
        let word =
            |conflict: Conflict| format!("{} {}", if conflict.block { "block" } else { "warn" }, conflict.sentence);
        conflicts(&harbour(), own, others, open).into_iter().map(word).collect()
    }

    #[test]
    fn what_is_in_the_way_is_named_and_blocks_where_it_is_on_the_same_service() {
        let own = booking(1, "payments", "10:00", "11:00");
        let same = booking(2, "payments", "10:59", "12:00");
        let after = booking(3, "payments", "11:00", "12:00");
        let next_to = booking(4, "ledger", "09:00", "10:01");
        let mut by_the_same = booking(5, "shop", "10:00", "11:00");
        assert_eq!(
            said(&own, &[next_to.clone(), same.clone(), after, by_the_same.clone()], &[]),
            [
                "block CHG-2 is on the same service, from 7 Jan 10:59 UTC to 7 Jan 12:00 UTC.",
                "warn CHG-4 is on a service next to it, from 7 Jan 09:00 UTC to 7 Jan 10:01 UTC.",
            ]
        );
        by_the_same.implementer = own.implementer.clone();
        by_the_same.services = vec!["reports".to_owned()];
        let urgent = Planned { urgent: true, incident: Some(7), ..own.clone() };
        assert_eq!(said(&urgent, &[same], &[])[0].split(' ').next(), Some("warn"));
        let trouble = |incident, priority| Trouble { incident, priority, services: vec!["payments".to_owned()] };
        let open = [trouble(7, Priority::P1), trouble(8, Priority::P2), trouble(9, Priority::P3)];
        let third = "warn INC-9, P3, is open on the same service.";
        assert_eq!(said(&urgent, &[], &open), ["warn INC-8, P2, is open on the same service.", third]);
        assert_eq!(said(&own, &[], &open[1..]), ["block INC-8, P2, is open on the same service.", third]);
        let asks = Planned { fixed: false, ..booking(6, "payments", "10:00", "11:00") };
        assert!(said(&own, &[asks], &[])[0].starts_with("warn CHG-6 asks for a window on the same service"));
    }

    #[test]
    fn three_free_windows_go_around_what_is_booked_and_frozen() {
        let own = booking(1, "payments", "10:00", "11:00");
        let others = [booking(2, "payments", "10:30", "11:10"), booking(3, "ledger", "13:00", "13:30")];
        let time = |clock: &str| at(&format!("2030-01-07T{clock}:00Z"));
        let frozen = [(time("15:00"), Some(time("16:00")))];
        let starts = |frozen: &[(DateTime<Utc>, Option<DateTime<Utc>>)]| -> Vec<String> {
            free_windows(&harbour(), &own, &others, frozen, time("08:00"), 3)
                .into_iter()
                .map(|(from, _)| from.format("%H:%M").to_string())
                .collect()
        };
        assert_eq!(starts(&frozen), ["11:15", "13:30", "16:00"]);
        assert_eq!(starts(&[(time("12:00"), None)]), Vec::<String>::new());
    }
}
