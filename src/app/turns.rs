//! Ballots come in crowds. Those on one change are cast one after the other whatever happens, because they are counted
//! together; here they wait for that in order, and without a connection to Postgres. Otherwise the crowd would hold all
//! connections, and whoever speaks of something else would find none.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::OwnedMutexGuard;

use super::inbound::Act;
use crate::domain::Subject;
use crate::language::presses::Press;
use crate::language::{VerbId, grammar};

type Queue = tokio::sync::Mutex<()>;

/// The queues in which somebody waits, or whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<(i64, Subject), Weak<Queue>>>);

/// Whoever holds it is next. The following one is next when it is dropped.
#[derive(Debug)]
pub(super) struct Turn(#[expect(dead_code, reason = "held for its end")] OwnedMutexGuard<()>);

impl Turns {
    /// Waits until everybody who came before has had their turn at the record of this tenant.
    pub async fn take(&self, tenant: i64, subject: Subject) -> Turn {
        Turn(self.queue(tenant, subject).lock_owned().await)
    }

    fn queue(&self, tenant: i64, subject: Subject) -> Arc<Queue> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(&(tenant, subject)).and_then(Weak::upgrade) {
            return queue;
        }
        queues.retain(|_, queue| queue.strong_count() > 0);
        let queue = Arc::new(Queue::default());
        queues.insert((tenant, subject), Arc::downgrade(&queue));
        queue
    }
}

/// The change on which an act casts a ballot, where it names one: a button does. Only a hint: what is not recognised
/// here waits for the row's lock instead.
pub(super) fn votes_on(act: &Act) -> Option<Subject> {
    let call = match act {
        Act::Presses { button } => Press::parse(button)?.call(),
        Act::Says { command, text } => grammar::parse(command, text).ok()?,
        Act::Chooses { command, verb, options } => grammar::from_options(command, verb, options).ok()?,
        Act::Selects { .. }
        | Act::Continues { .. }
        | Act::Submits { .. }
        | Act::Writes { .. }
        | Act::OpensHome
        | Act::WasDeactivated
        | Act::IsActive
        | Act::BotWasRemoved { .. }
        | Act::BotIsMember
        | Act::Types { .. } => return None,
    };
    match call.verb()?.id {
        VerbId::ChangeApprove | VerbId::ChangeReject | VerbId::ChangeAbstain | VerbId::CabRecuse => call.subject(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::presses::PressAction;

    fn says(text: &str) -> Act {
        Act::Says { command: "change".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn ballots_on_a_named_change_are_known_before_anything_is_looked_up() {
        let pressed = |action| {
            let press = Press::on(action, Subject::Change(7), Some(1));
            votes_on(&Act::Presses { button: press.id() })
        };
        assert_eq!(pressed(PressAction::Approve), Some(Subject::Change(7)));
        assert_eq!(pressed(PressAction::Recuse), Some(Subject::Change(7)));
        assert_eq!(pressed(PressAction::Details), None);
        assert_eq!(votes_on(&says("reject chg-7 no proof")), Some(Subject::Change(7)));
        assert_eq!(votes_on(&says("approve")), None);
        assert_eq!(votes_on(&says("show CHG-7")), None);
    }

    #[tokio::test]
    async fn turns_are_taken_in_order_and_only_where_they_meet() {
        let turns = Arc::new(Turns::default());
        let first = turns.take(1, Subject::Change(7)).await;
        let others = [(2, Subject::Change(7)), (1, Subject::Change(8))];
        for (tenant, subject) in others {
            drop(turns.take(tenant, subject).await);
        }
        let second = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { drop(turns.take(1, Subject::Change(7)).await) }
        });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        drop(first);
        second.await.expect("it has its turn");
        drop(turns.take(1, Subject::Change(9)).await);
        assert_eq!(turns.0.lock().expect("nobody panicked").len(), 1, "queues without anybody are forgotten");
    }
}
