//! What the workspace holds only while it runs: connections, envelopes under way, modals, one-time ids.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::super::files::Files;
use super::faults::Faults;
use super::modals::Modal;
use super::socket::{Connections, Envelope};
use super::world::World;

/// Slack's own limit, after which a click or command can no longer open a form.
pub const TRIGGER_LIFETIME: Duration = Duration::from_secs(3);
/// How long a `response_url` can be used.
pub const RESPONSE_LIFETIME: Duration = Duration::from_mins(30);
/// How often a `response_url` can be used.
pub const RESPONSE_USES: u8 = 5;
/// Enough for the longest test, small enough for a sandbox that runs for weeks.
const REMEMBERED: usize = 2_000;

/// All that can change, behind one lock.
#[derive(Default)]
pub struct State {
    pub world: World,
    pub live: Live,
    /// Set by whatever a person could see; the watchers are told once the lock is free.
    pub changed: bool,
}

#[derive(Default)]
pub struct Live {
    pub connections: Connections,
    /// The last slash command or interaction that was acknowledged.
    pub last_envelope: Option<Envelope>,
    pub triggers: Recent<Trigger>,
    pub responses: Recent<Response>,
    /// The modals that a person has open, the topmost last.
    pub modals: BTreeMap<String, Vec<Modal>>,
    /// The app's home tab, by person.
    pub homes: HashMap<String, Value>,
    /// Addresses that were given out for files, by the file's id.
    pub uploads: Recent<Upload>,
    pub files: Files,
    pub faults: Faults,
    pub calls: VecDeque<(String, Value)>,
}

/// What lets the bot open a form, once, within three seconds.
#[derive(Debug)]
pub struct Trigger {
    pub user: String,
    pub at: Instant,
    pub used: bool,
}

/// What a `response_url` stands for.
#[derive(Debug)]
pub struct Response {
    pub user: String,
    pub channel: String,
    /// The message that the click was on, or the first answer to the command.
    pub original: Option<String>,
    pub at: Instant,
    pub uses: u8,
}

/// A file that is on its way.
#[derive(Debug)]
pub struct Upload {
    pub name: String,
    /// In bytes, as it was announced.
    pub length: usize,
    pub arrived: bool,
}

/// The newest values by id; the oldest are forgotten.
#[derive(Debug)]
pub struct Recent<T>(VecDeque<(String, T)>);

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Recent(VecDeque::new())
    }
}

impl<T> Recent<T> {
    pub fn insert(&mut self, id: String, value: T) {
        self.0.push_back((id, value));
        while self.0.len() > REMEMBERED {
            self.0.pop_front();
        }
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.0.iter_mut().rev().find(|(known, _)| known == id).map(|(_, value)| value)
    }

    pub fn remove(&mut self, id: &str) -> Option<T> {
        let index = self.0.iter().position(|(known, _)| known == id)?;
        self.0.remove(index).map(|(_, value)| value)
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut().map(|(_, value)| value)
    }
}

impl Live {
    /// Remembers a call for the tests that ask what was sent.
    pub fn record_call(&mut self, method: &str, body: Value) {
        self.calls.push_back((method.to_owned(), body));
        while self.calls.len() > REMEMBERED {
            self.calls.pop_front();
        }
    }

    /// Hands out a trigger for something that a person just did.
    pub fn new_trigger(&mut self, user: &str) -> String {
        // Three numbers and a hash, as Slack's look; the bot must treat it as opaque anyway.
        let id = format!("{}.{}.{}", digits(), digits(), random_hex());
        self.triggers.insert(id.clone(), Trigger { user: user.to_owned(), at: Instant::now(), used: false });
        id
    }

    /// Hands out the id of a `response_url`.
    pub fn new_response(&mut self, user: &str, channel: &str, original: Option<&str>) -> String {
        let id = random_hex();
        let response = Response {
            user: user.to_owned(),
            channel: channel.to_owned(),
            original: original.map(ToOwned::to_owned),
            at: Instant::now(),
            uses: 0,
        };
        self.responses.insert(id.clone(), response);
        id
    }

    /// Spends a trigger and says whose it was.
    pub fn spend_trigger(&mut self, id: &str) -> Result<String, &'static str> {
        let trigger = self.triggers.get_mut(id).ok_or("invalid_trigger_id")?;
        if trigger.used {
            return Err("exchanged_trigger_id");
        }
        if trigger.at.elapsed() > TRIGGER_LIFETIME {
            return Err("expired_trigger_id");
        }
        trigger.used = true;
        Ok(trigger.user.clone())
    }
}

/// An id that no other run hands out: the bot remembers what it has seen for longer than we live.
pub fn random_hex() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// An id in the manner of Slack's: a letter, then capitals and digits.
pub fn random_id(letter: char) -> String {
    let hex = random_hex().to_uppercase();
    format!("{letter}0{}", &hex[..9])
}

fn digits() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().0 % 10_000_000_000
}
