//! People: each seat is one person on one platform, who does one thing at a time and waits for the answer.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rand::Rng;
use rand::rngs::StdRng;
use serde_json::Value;
use wardroom::sandbox::Posted;
use wardroom::store::OrganisationFile;
use wardroom::trial::ORGANISATION;

use super::{Room, Town};
use crate::harness::World;

/// Incidents that are being worked on at the same time.
const ROOMS: usize = 4;
/// An incident is resolved after so long, or after a third of the soak.
const ROOM_AGE: Duration = Duration::from_secs(150);
/// Longer than any answer that still comes.
const PATIENCE: Duration = Duration::from_secs(20);
/// A short pause between two things that a person does, and a long one.
const PAUSE_MILLIS: std::ops::Range<u64> = 1_200..6_000;

/// Something that a person did.
#[derive(Debug, Clone)]
pub struct Act {
    pub seat: Seat,
    pub what: What,
    /// The word in it that nobody else says.
    pub mark: String,
    /// The last thing that this person was told in private before.
    pub after: String,
    pub began: Instant,
    pub ended: Instant,
    /// Until the first word of an answer.
    pub took: Option<Duration>,
    /// No fault struck meanwhile.
    pub calm: bool,
    /// What the platform itself said, where it would not go on.
    pub platform_said: Option<String>,
}

/// What people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    Declare,
    Note,
    Update,
    Severity,
    Status,
    Lead,
    Resolve,
    RequestChange,
    Review,
    Vote,
    Run,
    Read,
}

impl What {
    /// Whether the entry that it makes holds the act's mark.
    pub fn is_marked(self) -> bool {
        match self {
            What::Declare | What::Note | What::Update | What::Severity | What::Resolve | What::RequestChange => true,
            What::Status | What::Lead | What::Review | What::Vote | What::Run | What::Read => false,
        }
    }
}

/// One person on one platform.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat {
    pub key: String,
    pub on_slack: bool,
}

/// Everybody lives until the soak is over; what they did comes back.
pub async fn live(world: &World, town: &Town) -> Vec<Act> {
    let everybody = seats().into_iter().zip(10..).map(|(seat, dice)| async move {
        let mut actor = Actor::new(world, town, seat, dice);
        actor.live().await;
        actor.acts
    });
    let coordinator = async {
        let seat = Seat { key: "omar".to_owned(), on_slack: true };
        let mut actor = Actor::new(world, town, seat, 1);
        actor.manage().await;
        actor.acts
    };
    let (mut acts, managed) = tokio::join!(futures::future::join_all(everybody), coordinator);
    acts.push(managed);
    acts.into_iter().flatten().collect()
}

/// Everybody of the sample organisation on every platform where they are, but the one who opens and closes incidents.
fn seats() -> Vec<Seat> {
    let file: OrganisationFile = toml::from_str(ORGANISATION).expect("the sample organisation can be read");
    let mut seats = Vec::new();
    for person in &file.person {
        if person.slack.is_some() && person.key != "omar" {
            seats.push(Seat { key: person.key.clone(), on_slack: true });
        }
        if person.discord.is_some() {
            seats.push(Seat { key: person.key.clone(), on_slack: false });
        }
    }
    seats
}

struct Actor<'a> {
    world: &'a World,
    town: &'a Town,
    dice: StdRng,
    seat: Seat,
    /// The last thing that this person was told in private.
    last_told: String,
    acts: Vec<Act>,
}

impl<'a> Actor<'a> {
    fn new(world: &'a World, town: &'a Town, seat: Seat, dice: u64) -> Actor<'a> {
        Actor { world, town, dice: town.dice(dice), seat, last_told: "0".to_owned(), acts: Vec::new() }
    }

    async fn live(&mut self) {
        // Not all at the same moment.
        self.rest(0..2_000).await;
        while self.town.goes_on() {
            let rooms = self.town.rooms();
            if rooms.is_empty() {
                self.rest(100..300).await;
                continue;
            }
            let room = rooms[self.dice.random_range(0..rooms.len())].clone();
            self.do_something(&room).await;
            self.rest(PAUSE_MILLIS).await;
        }
    }

    async fn do_something(&mut self, room: &Room) {
        let (at, mark) = (room.channel.as_str(), self.town.mark());
        match self.dice.random_range(0..100) {
            0..40 => self.says(What::Note, at, &mark, &format!("/inc note {mark} seen on {}", self.seat.key)).await,
            40..46 => self.says(What::Update, at, &mark, &format!("/inc update {mark} we are on it")).await,
            46..51 => self.fills(What::Update, room, "Update", &mark, &[("text", &mark)]).await,
            51..55 => {
                let sev = ["sev1", "sev2", "sev3"][self.dice.random_range(0..3)];
                if self.seat.on_slack {
                    let answers = [("sev", sev), ("why", mark.as_str())];
                    self.fills(What::Severity, room, "Severity", &mark, &answers).await;
                } else {
                    self.says(What::Severity, at, &mark, &format!("/inc sev {sev} why:{mark}")).await;
                }
            }
            55..59 => {
                let status = ["investigating", "identified", "mitigated"][self.dice.random_range(0..3)];
                self.says(What::Status, at, &mark, &format!("/inc status {status}")).await;
            }
            59..61 => self.says(What::Lead, at, &mark, "/inc lead me").await,
            61..69 => {
                let asks = ["/inc list", "/inc help", "/log show", "/change show"];
                let asks = asks[self.dice.random_range(0..asks.len())];
                self.says(What::Read, at, &mark, asks).await;
            }
            _ => self.works_on_a_change(room, &mark).await,
        }
    }

    /// Asks for a change where there is none, otherwise reviews it, votes on it or carries it out.
    async fn works_on_a_change(&mut self, room: &Room, mark: &str) {
        let at = room.channel.as_str();
        let Some(change) = &room.change else {
            if self.seat.on_slack && ["ana", "mia", "tom"].contains(&self.seat.key.as_str()) {
                let asks = format!(
                    "/change emergency {mark} roll back impact: cards fail why: sales plan: deploy again tested: yes \
                     data: 2 avail: 3 compliance: 1 complexity: 3 rollback: 3"
                );
                self.says(What::RequestChange, at, mark, &asks).await;
            }
            return;
        };
        let (what, label) = match self.dice.random_range(0..10) {
            0..2 => {
                let asks =
                    format!("/change review verdict: ok target: yes rollback: yes effects: yes change: {change}");
                return self.says(What::Review, at, mark, &asks).await;
            }
            2..6 => (What::Vote, "Approve"),
            6 => (What::Vote, "Abstain"),
            7 => (What::Run, "Start"),
            8 => (What::Run, "Done"),
            _ => (What::Read, "Details"),
        };
        self.presses(what, at, label, change, mark).await;
    }

    /// Opens incidents, and closes those that are old.
    async fn manage(&mut self) {
        while self.town.goes_on() {
            let age = ROOM_AGE.min(self.town.length / 3);
            let rooms = self.town.rooms();
            if let Some(room) = rooms.iter().find(|room| room.since.elapsed() > age) {
                self.closes(room).await;
            } else if rooms.len() < ROOMS && self.town.began.elapsed() < self.town.length * 4 / 5 {
                self.opens().await;
            }
            self.notices_changes();
            self.rest(200..600).await;
        }
    }

    async fn opens(&mut self) {
        let mark = self.town.mark();
        let declares = format!("/inc declare sev2 {mark} checkout is slow svc:payments");
        self.says(What::Declare, "incidents", &mark, &declares).await;
        // Also where no answer came: the bot may have been killed right after the commit.
        let channel = self.until_some(|world| {
            let both = [world.slack.channels(), world.discord.channels()];
            let named = both[0].iter().find(|name| name.contains(&mark)).cloned()?;
            both[1].contains(&named).then_some(named)
        });
        let Some(channel) = channel.await else { return };
        let incident = channel.split('-').nth(1).and_then(|number| number.parse().ok()).unwrap_or_default();
        let room = Room { incident, channel: channel.clone(), since: Instant::now(), change: None };
        let carded = self.until_some(|world| {
            let words = format!("INC-{incident} ·");
            world.slack.newest(&channel, &words).and(world.discord.newest(&channel, &words))
        });
        if carded.await.is_some() {
            self.town.rooms.lock().expect("not poisoned").push(room);
        }
    }

    async fn closes(&mut self, room: &Room) {
        self.town.rooms.lock().expect("not poisoned").retain(|other| other.incident != room.incident);
        for status in ["investigating", "identified", "mitigated"] {
            let mark = self.town.mark();
            self.says(What::Status, &room.channel, &mark, &format!("/inc status {status}")).await;
        }
        let mark = self.town.mark();
        self.says(What::Resolve, &room.channel, &mark, &format!("/inc resolve {mark} it works again")).await;
    }

    /// Whoever is in a room sees the card of a change there.
    fn notices_changes(&self) {
        for room in self.town.rooms() {
            let Some(card) = self.world.slack.newest(&room.channel, "· emergency change ·") else { continue };
            let Some(change) = card.text.split_whitespace().find(|word| word.starts_with("CHG-")) else { continue };
            let is_over = ["completed", "failed", "withdrawn", "rejected"].iter().any(|word| card.text.contains(word));
            let mut rooms = self.town.rooms.lock().expect("not poisoned");
            if let Some(open) = rooms.iter_mut().find(|other| other.incident == room.incident) {
                open.change = (!is_over).then(|| change.to_owned());
            }
        }
    }

    async fn until_some<T>(&self, look: impl Fn(&World) -> Option<T>) -> Option<T> {
        let began = Instant::now();
        while self.town.goes_on() && began.elapsed() < PATIENCE {
            if let Some(found) = look(self.world) {
                return Some(found);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        None
    }

    async fn says(&mut self, what: What, at: &str, mark: &str, text: &str) {
        let began = self.begins();
        let key = self.seat.key.clone();
        let said = if self.seat.on_slack {
            self.world.slack.say(&key, at, text).await
        } else {
            self.world.discord.say(&key, at, text).await
        };
        self.hears(began, what, mark, said).await;
    }

    async fn presses(&mut self, what: What, at: &str, label: &str, about: &str, mark: &str) -> bool {
        let Some((message, action)) = self.button(at, label, about) else { return false };
        let began = self.begins();
        let key = self.seat.key.clone();
        let pressed = if self.seat.on_slack {
            self.world.slack.press(&key, at, &message, &action).await
        } else {
            self.world.discord.press(&key, at, &message, &action).await
        };
        self.hears(began, what, mark, pressed).await;
        true
    }

    /// Opens a form by a button of the incident's card, fills it in and sends it.
    async fn fills(&mut self, what: What, room: &Room, label: &str, mark: &str, answers: &[(&str, &str)]) {
        self.dismisses();
        let about = format!("INC-{} ·", room.incident);
        if !self.presses(What::Read, &room.channel, label, &about, mark).await {
            return;
        }
        let Some(modal) = self.modal() else { return };
        let id = modal["id"].as_str().unwrap_or_default().to_owned();
        let values: BTreeMap<String, String> =
            answers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let began = self.begins();
        let key = self.seat.key.clone();
        let sent = if self.seat.on_slack {
            self.world.slack.submit(&key, &id, values).await
        } else {
            self.world.discord.submit(&key, &id, values).await
        };
        self.hears(began, what, mark, sent).await;
        self.dismisses();
    }

    fn dismisses(&self) {
        let Some(modal) = self.modal() else { return };
        let (key, id) = (&self.seat.key, modal["id"].as_str().unwrap_or_default());
        if self.seat.on_slack { self.world.slack.dismiss(key, id) } else { self.world.discord.dismiss(key, id) }
    }

    fn modal(&self) -> Option<Value> {
        let key = &self.seat.key;
        if self.seat.on_slack { self.world.slack.modal(key) } else { self.world.discord.modal(key) }
    }

    /// What was last told before an act, and whether it is calm.
    fn begins(&mut self) -> (String, Instant, bool) {
        if let Some((newest, _)) = told(self.world, &self.seat, &self.last_told).pop() {
            self.last_told = newest;
        }
        (self.last_told.clone(), Instant::now(), !self.town.stormy.load(Ordering::SeqCst))
    }

    /// Waits for the answer: words for this person alone, or a form.
    async fn hears(&mut self, start: (String, Instant, bool), what: What, mark: &str, done: Result<(), String>) {
        let (after, began, was_calm) = start;
        let mut took = None;
        while took.is_none() && began.elapsed() < PATIENCE && done.is_ok() {
            let news = told(self.world, &self.seat, &after);
            let is_answered = news.iter().any(|(_, text)| !is_waiting(text));
            if is_answered || (what == What::Read && self.modal().is_some()) {
                took = Some(began.elapsed());
            } else {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        self.acts.push(Act {
            seat: self.seat.clone(),
            what,
            mark: mark.to_owned(),
            after,
            began,
            ended: Instant::now(),
            took,
            calm: was_calm && !self.town.stormy.load(Ordering::SeqCst),
            platform_said: done.err(),
        });
    }

    fn button(&self, at: &str, label: &str, about: &str) -> Option<(String, String)> {
        let (slack, discord) = (&self.world.slack, &self.world.discord);
        let Posted { id, raw, .. } =
            if self.seat.on_slack { slack.newest(at, about) } else { discord.newest(at, about) }?;
        Some((id, labelled(&raw, label)?))
    }

    async fn rest(&mut self, millis: std::ops::Range<u64>) {
        let millis = self.dice.random_range(millis);
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}

/// What a person was told in private since a message, oldest first.
pub fn told(world: &World, seat: &Seat, after: &str) -> Vec<(String, String)> {
    if seat.on_slack {
        world.slack.private_since(&seat.key, after)
    } else {
        world.discord.private_since(&seat.key, after)
    }
}

/// Whether it says that the answer is still to come: as Discord shows it, or in Wardroom's words.
pub fn is_waiting(text: &str) -> bool {
    text.contains("(thinking…)") || text.contains("Still at it")
}

/// The id of the button with this label, wherever in a message it is.
fn labelled(raw: &Value, label: &str) -> Option<String> {
    match raw {
        Value::Object(fields) => {
            let is_it = raw["label"] == label || raw["text"]["text"] == label;
            let id = raw["custom_id"].as_str().or_else(|| raw["action_id"].as_str());
            match id.filter(|_| is_it) {
                Some(id) => Some(id.to_owned()),
                None => fields.values().find_map(|inner| labelled(inner, label)),
            }
        }
        Value::Array(items) => items.iter().find_map(|inner| labelled(inner, label)),
        _ => None,
    }
}
