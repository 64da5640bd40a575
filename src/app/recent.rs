//! What became of deliveries of late: for a moment in which Postgres cannot be asked.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Minutes of a busy day; platforms repeat what they got no answer to within seconds, twice or three times.
const KEPT_MAX: usize = 4_096;

/// After a start, what comes may have been handled by the bot before: platforms repeat to the new one what the old one
/// did not confirm.
const INHERITED_FOR: Duration = Duration::from_mins(1);

/// The deliveries that this process has heard of lately.
#[derive(Debug)]
pub(super) struct Recent {
    started: Instant,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    fates: HashMap<String, Fate>,
    /// The oldest first.
    order: VecDeque<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is being handled, or was: it may be recorded.
    Heard,
    /// The person was told that nothing was changed, which stays true.
    GivenUp,
}

/// What may be said of a delivery that cannot be handled now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// Nobody has handled it: it is the first of its name.
    Never,
    /// Another copy of it was handled, or is just now.
    Perhaps,
    /// Another copy of it was given up, and so is this one.
    GivenUp,
}

impl Recent {
    pub fn new() -> Recent {
        Recent { started: Instant::now(), known: Mutex::default() }
    }

    /// Notes that a delivery has come, and says what is known of copies that came before it.
    pub fn hear(&self, delivery: &str) -> Before {
        let mut known = self.known();
        match known.fates.get(delivery) {
            Some(Fate::Heard) => return Before::Perhaps,
            Some(Fate::GivenUp) => return Before::GivenUp,
            None => {}
        }
        if known.order.len() == KEPT_MAX
            && let Some(oldest) = known.order.pop_front()
        {
            known.fates.remove(&oldest);
        }
        known.order.push_back(delivery.to_owned());
        known.fates.insert(delivery.to_owned(), Fate::Heard);
        if self.started.elapsed() < INHERITED_FOR { Before::Perhaps } else { Before::Never }
    }

    /// From now on no copy of it changes anything.
    pub fn give_up(&self, delivery: &str) {
        if let Some(fate) = self.known().fates.get_mut(delivery) {
            *fate = Fate::GivenUp;
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn old() -> Recent {
        let started = Instant::now().checked_sub(INHERITED_FOR).expect("the machine runs for a minute");
        Recent { started, known: Mutex::default() }
    }

    #[test]
    fn a_copy_is_known_from_the_first_of_its_name() {
        let recent = old();
        assert_eq!(recent.hear("a"), Before::Never);
        assert_eq!(recent.hear("b"), Before::Never);
        assert_eq!(recent.hear("a"), Before::Perhaps);
        recent.give_up("a");
        assert_eq!(recent.hear("a"), Before::GivenUp);
        assert_eq!(recent.hear("b"), Before::Perhaps);
    }

    #[test]
    fn a_bot_that_has_just_started_does_not_know_what_the_one_before_it_did() {
        assert_eq!(Recent::new().hear("a"), Before::Perhaps);
    }

    #[test]
    fn only_so_many_are_kept() {
        let recent = old();
        for number in 0..=KEPT_MAX {
            assert_eq!(recent.hear(&number.to_string()), Before::Never);
        }
        assert_eq!(recent.known().fates.len(), KEPT_MAX);
        assert_eq!(recent.hear("1"), Before::Perhaps);
        assert_eq!(recent.hear("0"), Before::Never, "the oldest was forgotten");
    }
}
