//! Who is told of commits that wrote entries, and who waits until what they wrote is signed outside the database.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};

use super::Store;

/// Shared by all who write and the one who signs.
#[derive(Debug, Default)]
pub(super) struct Written {
    told: Notify,
    /// Told of what is to be signed at once.
    hurried: Notify,
    urgent: Mutex<Urgent>,
}

/// What is to be signed at once.
#[derive(Debug, Default)]
struct Urgent {
    /// Whether anybody signs at all.
    is_served: bool,
    tenants: BTreeSet<i64>,
    waiting: Vec<(i64, oneshot::Sender<bool>)>,
}

/// Everything that is to be signed at once, taken together: one signature serves all who wait.
#[derive(Debug)]
pub struct UrgentWork {
    pub tenants: BTreeSet<i64>,
    waiting: Vec<(i64, oneshot::Sender<bool>)>,
}

/// Whether what was committed is signed outside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    Yes,
    /// Not in time; it is tried until it succeeds.
    Pending,
    /// Nobody signs here.
    Never,
}

impl Written {
    /// Tells of a commit.
    pub(super) fn tell(&self, tenant: i64, is_urgent: bool) {
        if is_urgent {
            self.urgent().tenants.insert(tenant);
            self.hurried.notify_one();
        } else {
            self.told.notify_one();
        }
    }

    fn urgent(&self) -> MutexGuard<'_, Urgent> {
        self.urgent.lock().expect("never poisoned")
    }
}

impl UrgentWork {
    /// Answers all who wait for this log.
    pub fn answer(&mut self, tenant: i64, is_signed: bool) {
        for (_, waiting) in self.waiting.extract_if(.., |(own, _)| *own == tenant) {
            // Whoever has gone needs no answer.
            let _ = waiting.send(is_signed);
        }
    }
}

impl Store {
    /// Returns when entries were committed by this process since the last time and `gather` has passed since, or at once
    /// when something is to be signed at once.
    pub async fn written(&self, gather: Duration) {
        let gathered = async {
            self.written.told.notified().await;
            tokio::time::sleep(gather).await;
        };
        tokio::select! {
            () = gathered => {}
            () = self.written.hurried.notified() => {}
        }
    }

    /// Says that from now on somebody signs, or does so no longer: whoever still waits is told that it is pending.
    pub fn serve_seals(&self, is_served: bool) {
        let mut urgent = self.written.urgent();
        urgent.is_served = is_served;
        if !is_served {
            urgent.waiting.clear();
        }
    }

    /// Takes over all that is to be signed at once.
    pub fn take_urgent(&self) -> UrgentWork {
        let mut urgent = self.written.urgent();
        let (tenants, waiting) = (std::mem::take(&mut urgent.tenants), std::mem::take(&mut urgent.waiting));
        let tenants = tenants.into_iter().chain(waiting.iter().map(|(tenant, _)| *tenant)).collect();
        UrgentWork { tenants, waiting }
    }

    /// Waits until all that was committed so far is signed outside the database, at most for so long.
    pub async fn sealed(&self, tenant: i64, patience: Duration) -> Sealed {
        let (sender, receiver) = oneshot::channel();
        {
            let mut urgent = self.written.urgent();
            if !urgent.is_served {
                return Sealed::Never;
            }
            urgent.waiting.push((tenant, sender));
        }
        self.written.hurried.notify_one();
        match tokio::time::timeout(patience, receiver).await {
            Ok(Ok(true)) => Sealed::Yes,
            Ok(Ok(false) | Err(_)) | Err(_) => Sealed::Pending,
        }
    }
}
