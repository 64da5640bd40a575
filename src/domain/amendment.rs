//! An amendment: a change of the policy that somebody asks for, with what shows that it is needed, before anybody has
//! written it (`policy-registry`). A policy file answers it; it is closed once that file is in force.

use chrono::{DateTime, TimeDelta, Utc};

use super::policy::RegistryPolicy;
use super::proposal::Origin;
use super::{DeadlineKind, PersonId, When};

/// Amendments that wait at once: more are not looked at by anybody.
pub const WAITING_MAX: usize = 50;
/// Of those that are over, so many are known to a late click.
pub const SETTLED_MAX: i64 = 50;
/// Whoever waits longer for an answer waits for none.
pub const DUE_MAX: TimeDelta = TimeDelta::days(366);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// The entry on POLICY that asks for it, beside which its texts are.
    pub entry: i32,
    /// From 1, of its unit.
    pub number: i32,
    pub origin: Origin,
    pub by: PersonId,
    pub proposed_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub state: AmendmentState,
    /// The entry that proposes the file that answers it, where one had to be signed.
    pub answered_by: Option<i32>,
    /// Those who sign were told that it is due soon.
    pub reminded: bool,
    /// The compliance officers were told that it is late.
    pub overdue: bool,
    /// Whoever declined it.
    pub settled_by: Option<PersonId>,
    pub settled_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmendmentState {
    /// Nobody has written the policy that it asks for.
    Open,
    /// A policy that answers it waits for signatures or for its day.
    Answered,
    /// That policy is in force.
    Adopted,
    Declined,
}

/// What is asked of the policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AskedFor {
    /// Those that wait, and of the others the newest.
    pub amendments: Vec<Amendment>,
    /// The number of the next one.
    pub next_number: i32,
}

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAmendment {
    pub origin: Origin,
    /// What is to be different, and why.
    pub what: String,
    pub why: String,
    pub due: Option<When>,
}

impl AmendmentState {
    pub const ALL: [AmendmentState; 4] =
        [AmendmentState::Open, AmendmentState::Answered, AmendmentState::Adopted, AmendmentState::Declined];

    pub fn as_str(self) -> &'static str {
        match self {
            AmendmentState::Open => "open",
            AmendmentState::Answered => "answered",
            AmendmentState::Adopted => "adopted",
            AmendmentState::Declined => "declined",
        }
    }

    pub fn parse(word: &str) -> Option<AmendmentState> {
        AmendmentState::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl Amendment {
    /// What people call it by: `AMD-3`.
    pub fn name(&self) -> String {
        name(self.number)
    }

    pub fn is_waiting(&self) -> bool {
        matches!(self.state, AmendmentState::Open | AmendmentState::Answered)
    }

    /// When those who sign are told that it is due soon; `None` where it was asked for within that time.
    pub fn remind_at(&self, numbers: &RegistryPolicy) -> Option<DateTime<Utc>> {
        let at = self.due_at - TimeDelta::days(numbers.remind_before_days.into());
        (at > self.proposed_at).then_some(at)
    }

    /// When somebody is told of it again.
    pub fn next_at(&self, numbers: &RegistryPolicy) -> Option<DateTime<Utc>> {
        let reminder = self.remind_at(numbers).filter(|_| !self.reminded);
        let late = Some(self.due_at).filter(|_| !self.overdue);
        reminder.or(late).filter(|_| self.is_waiting())
    }
}

impl Origin {
    /// Days within which what it shows is answered.
    pub fn due_days(&self, numbers: &RegistryPolicy) -> u32 {
        if self.is_audit() { numbers.audit_due_days } else { numbers.amendment_due_days }
    }
}

/// `AMD-3`
pub fn name(number: i32) -> String {
    format!("AMD-{number}")
}

/// Reads `AMD-3` or `amd-3`; `None` for anything else.
pub fn number_of(word: &str) -> Option<i32> {
    let (kind, number) = word.trim().split_once('-')?;
    let is_canonical = !number.is_empty() && !number.starts_with('0') && number.bytes().all(|b| b.is_ascii_digit());
    (kind.eq_ignore_ascii_case("amd") && is_canonical).then(|| number.parse().ok()).flatten()
}

/// The moment at which somebody is told of one of them again.
pub fn amendment_promise(amendments: &[Amendment], numbers: &RegistryPolicy) -> Option<(DeadlineKind, DateTime<Utc>)> {
    let next = amendments.iter().filter_map(|amendment| amendment.next_at(numbers)).min();
    next.map(|at| (DeadlineKind::Amendment, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u32) -> DateTime<Utc> {
        format!("2030-01-{day:02}T12:00:00Z").parse().expect("a moment")
    }

    fn amendment() -> Amendment {
        Amendment {
            entry: 4,
            number: 3,
            origin: Origin::parse("audit F-12").expect("an origin"),
            by: PersonId("p_zoe".to_owned()),
            proposed_at: at(1),
            due_at: at(31),
            state: AmendmentState::Open,
            answered_by: None,
            reminded: false,
            overdue: false,
            settled_by: None,
            settled_at: None,
        }
    }

    #[test]
    fn it_is_chased_before_its_day_and_on_it_and_then_no_more() {
        let numbers = RegistryPolicy::default();
        let open = amendment();
        assert_eq!(open.next_at(&numbers), Some(at(24)));
        let reminded = Amendment { reminded: true, ..open.clone() };
        assert_eq!(reminded.next_at(&numbers), Some(at(31)));
        let late = Amendment { overdue: true, ..reminded.clone() };
        assert_eq!(late.next_at(&numbers), None);
        let soon = Amendment { due_at: at(5), ..open.clone() };
        assert_eq!(soon.next_at(&numbers), Some(at(5)), "it was asked for within the week");
        let answered = Amendment { state: AmendmentState::Answered, ..open.clone() };
        assert_eq!(answered.next_at(&numbers), Some(at(24)), "a file that nobody signs closes nothing");
        for state in [AmendmentState::Adopted, AmendmentState::Declined] {
            assert_eq!(Amendment { state, ..open.clone() }.next_at(&numbers), None);
        }
        assert_eq!(amendment_promise(&[reminded, late], &numbers), Some((DeadlineKind::Amendment, at(31))));
    }

    #[test]
    fn an_auditor_waits_for_less_long() {
        let numbers = RegistryPolicy::default();
        let days = |words: &str| Origin::parse(words).expect("an origin").due_days(&numbers);
        assert_eq!((days("audit F-12"), days("finding CHG-3"), days("quarter 2030-Q1")), (30, 90, 90));
    }

    #[test]
    fn a_name_reads_what_it_writes() {
        assert_eq!(number_of(&name(3)), Some(3));
        assert_eq!(number_of(" amd-12 "), Some(12));
        for word in ["AMD-", "AMD-0", "AMD-03", "AMD3", "CHG-3", "4fd3a1b29c07", "AMD-99999999999"] {
            assert_eq!(number_of(word), None, "{word}");
        }
        for state in AmendmentState::ALL {
            assert_eq!(AmendmentState::parse(state.as_str()), Some(state));
        }
    }
}
