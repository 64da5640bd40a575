//! Every exchange with a bot, told as it was on the wire: tests hold each one against the platforms' specifications.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use crate::domain::Platform;

/// One request of a bot, and what it was answered.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub platform: Platform,
    /// The HTTP method; empty for what came over a socket.
    pub method: String,
    /// Without the address of the API and its version, ids and tokens included: `/channels/12/messages`,
    /// `chat.postMessage`.
    pub path: String,
    /// The path with its ids and tokens left out, by which exchanges are counted.
    pub route: String,
    pub query: Vec<(String, String)>,
    pub content_type: String,
    /// The arguments as they were sent; `null` where there were none.
    pub body: Value,
    pub token: Token,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The answer; `null` where it was empty.
    pub answer: Value,
    /// Whether the answer is trouble that somebody asked for, and so says nothing of the request.
    pub staged: bool,
}

/// By what a request showed who it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    None,
    Bot,
    /// Slack's app-level token.
    App,
    Other,
}

type Listener = dyn Fn(Exchange) + Send + Sync;

/// Whoever wants to be told, if anybody does.
#[derive(Clone, Default)]
pub struct Witness(Arc<OnceLock<Box<Listener>>>);

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witness").field("listens", &self.listens()).finish()
    }
}

impl Witness {
    /// Tells `listener` of every exchange from now on. The first listener stays; it must not wait for anything.
    pub fn listen(&self, listener: impl Fn(Exchange) + Send + Sync + 'static) {
        let _ = self.0.set(Box::new(listener));
    }

    /// Whether it is worth the trouble to describe an exchange.
    pub(super) fn listens(&self) -> bool {
        self.0.get().is_some()
    }

    pub(super) fn tell(&self, exchange: Exchange) {
        if let Some(listener) = self.0.get() {
            listener(exchange);
        }
    }
}
