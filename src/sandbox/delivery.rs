//! What can go wrong with something that a person did, on its way to the bot; and what the bot said, read back.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;

/// One kind of trouble; each strikes one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryFault {
    /// Arrives twice at the same moment.
    Twice,
    /// Arrives once more after it was answered, as where the acknowledgement was lost.
    Again,
    /// Arrives late, after what came later.
    Late { millis: u64 },
}

impl DeliveryFault {
    pub(super) fn delay(self) -> Option<Duration> {
        match self {
            DeliveryFault::Late { millis } => Some(Duration::from_millis(millis)),
            DeliveryFault::Twice | DeliveryFault::Again => None,
        }
    }
}

/// The trouble that is still to come, oldest first.
#[derive(Debug, Default)]
pub(super) struct DeliveryFaults(VecDeque<DeliveryFault>);

impl DeliveryFaults {
    pub(super) fn add(&mut self, fault: DeliveryFault) {
        self.0.push_back(fault);
    }

    pub(super) fn next(&mut self) -> Option<DeliveryFault> {
        self.0.pop_front()
    }

    pub(super) fn mend(&mut self) {
        self.0.clear();
    }
}

/// A message of the bot that everybody in its channel sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Posted {
    pub channel: String,
    pub id: String,
    /// As people read it.
    pub text: String,
    /// As the platform keeps it.
    pub raw: Value,
}
