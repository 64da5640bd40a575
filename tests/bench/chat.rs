//! People at work on both platforms: what they do, and how long until each sees the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::Value;

use super::figures::Figures;
use super::stage::{Stage, until};

/// The person who does it all: she leads incidents, and is on both platforms.
const PERSON: &str = "ana";
const OTHER: &str = "tom";
const ANA_ON_SLACK: &str = "U0ANA";
const ANA_ON_DISCORD: &str = "100000000000000001";
/// War rooms that the load spreads over: one incident's commands wait for each other.
const ROOMS: usize = 8;

/// One kind of load.
#[derive(Debug, Clone, Copy)]
pub enum Round {
    SlackNotes { count: usize, at_once: usize },
    SlackNotesPaced { per_second: u32, seconds: u32 },
    SlackSummaries { count: usize },
    SlackClicks { count: usize },
    DiscordNotes { count: usize, at_once: usize },
    DiscordClicks { count: usize },
}

pub const ROUNDS: [(&str, Round); 9] = [
    ("/inc note, Slack, one after the other", Round::SlackNotes { count: 500, at_once: 1 }),
    ("/inc note, Slack, 8 at once", Round::SlackNotes { count: 1_000, at_once: 8 }),
    ("/inc note, Slack, 100 a second", Round::SlackNotesPaced { per_second: 100, seconds: 4 }),
    ("/inc note, Slack, 300 a second", Round::SlackNotesPaced { per_second: 300, seconds: 4 }),
    ("/inc sum, Slack, one after the other", Round::SlackSummaries { count: 200 }),
    ("a click, Slack, one after the other", Round::SlackClicks { count: 100 }),
    ("/inc note, Discord, one after the other", Round::DiscordNotes { count: 500, at_once: 1 }),
    ("/inc note, Discord, 8 at once", Round::DiscordNotes { count: 500, at_once: 8 }),
    ("a click, Discord, one after the other", Round::DiscordClicks { count: 100 }),
];

impl Round {
    pub async fn run(self, stage: &Stage, place: &Place) -> Figures {
        let rooms = &place.rooms;
        match self {
            Round::SlackNotes { count, at_once } => notes_on_slack(stage, rooms, count, at_once).await,
            Round::SlackNotesPaced { per_second, seconds } => paced_on_slack(stage, rooms, per_second, seconds).await,
            Round::SlackSummaries { count } => summaries_on_slack(stage, &rooms[0], count).await,
            Round::SlackClicks { count } => clicks_on_slack(stage, place, count).await,
            Round::DiscordNotes { count, at_once } => notes_on_discord(stage, rooms, count, at_once).await,
            Round::DiscordClicks { count } => clicks_on_discord(stage, place, count).await,
        }
    }
}

/// Where people work: the rooms, and the card of the first with its button, on each platform.
pub struct Place {
    pub rooms: Vec<String>,
    slack: (String, String),
    discord: (String, String),
}

/// Declares incidents, and waits for their rooms on both platforms.
pub async fn open_rooms(stage: &Stage) -> Place {
    let mut rooms = Vec::new();
    for number in 1..=ROOMS {
        let declare = format!("/inc declare sev2 load {number} svc:payments");
        stage.slack.say(PERSON, "incidents", &declare).await.expect("an incident can be declared");
        let room = format!("inc-{number}-load-{number}");
        until("the rooms open", || stage.slack.channels().contains(&room) && stage.discord.channels().contains(&room))
            .await;
        rooms.push(room);
    }
    let on_slack = |room: &String| take_lead(&stage.slack.view(ANA_ON_SLACK), room);
    let on_discord = |room: &String| take_lead(&stage.discord.view(ANA_ON_DISCORD), room);
    until("the rooms have their cards", || {
        rooms.iter().all(|room| on_slack(room).is_some() && on_discord(room).is_some())
    })
    .await;
    let slack = on_slack(&rooms[0]).expect("it was there a moment ago");
    let discord = on_discord(&rooms[0]).expect("it was there a moment ago");
    Place { rooms, slack, discord }
}

pub async fn notes_on_slack(stage: &Stage, rooms: &[String], count: usize, at_once: usize) -> Figures {
    let figures = workers(rooms, count, at_once, async |room, number| {
        let note = format!("/inc note error rate falls, sample {number}");
        stage.slack.say(PERSON, room, &note).await.expect("a note can be said");
    })
    .await;
    let last = stage.slack.last_private(PERSON).unwrap_or_default();
    assert!(last.contains("error rate falls"), "Ana is told of her note, not: {last}");
    figures
}

pub async fn notes_on_discord(stage: &Stage, rooms: &[String], count: usize, at_once: usize) -> Figures {
    let figures = workers(rooms, count, at_once, async |room, number| {
        let note = [("text".to_owned(), format!("error rate falls, sample {number}"))].into();
        stage.discord.command(PERSON, room, &["inc", "note"], note).await.expect("a note can be made");
    })
    .await;
    let last = stage.discord.last_private(PERSON).unwrap_or_default();
    assert!(last.contains("error rate falls"), "Ana is told of her note, not: {last}");
    figures
}

/// So many people, each of whom waits for the answer and goes on.
async fn workers(rooms: &[String], count: usize, at_once: usize, act: impl AsyncFn(&str, usize)) -> Figures {
    let next = AtomicUsize::new(0);
    let began = Instant::now();
    let worker = async || {
        let mut times = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return times;
            }
            let started = Instant::now();
            act(&rooms[number % rooms.len()], number).await;
            times.push(started.elapsed());
        }
    };
    let times = join_all((0..at_once).map(|_| worker())).await;
    Figures::of(times.concat(), began.elapsed())
}

/// At a steady pace, whether the bot follows or not: a slow answer holds up nobody else's question.
async fn paced_on_slack(stage: &Stage, rooms: &[String], per_second: u32, seconds: u32) -> Figures {
    let began = Instant::now();
    let mut pace = tokio::time::interval(Duration::from_secs(1) / per_second);
    let mut people = Vec::new();
    for number in 0..(per_second * seconds) as usize {
        pace.tick().await;
        let (slack, room) = (Arc::clone(&stage.slack), rooms[number % rooms.len()].clone());
        people.push(tokio::spawn(async move {
            let started = Instant::now();
            slack.say(PERSON, &room, &format!("/inc note paced sample {number}")).await.expect("a note can be said");
            started.elapsed()
        }));
    }
    let times = join_all(people).await.into_iter().map(|time| time.expect("nobody panics")).collect();
    Figures::of(times, began.elapsed())
}

async fn summaries_on_slack(stage: &Stage, room: &str, count: usize) -> Figures {
    let rooms = [room.to_owned()];
    workers(&rooms, count, 1, async |room, _| {
        stage.slack.say(PERSON, room, "/inc sum").await.expect("a summary can be asked for");
    })
    .await
}

/// Two people take the lead from each other; Slack shows the answer to a click apart from its acknowledgement.
async fn clicks_on_slack(stage: &Stage, place: &Place, count: usize) -> Figures {
    let (room, (card, button)) = (&place.rooms[0], &place.slack);
    let mut times = Vec::new();
    let began = Instant::now();
    for number in 0..count {
        let person = [PERSON, OTHER][number % 2];
        let mut changes = stage.slack.watch();
        let before = stage.slack.last_private(person);
        let started = Instant::now();
        stage.slack.press(person, room, card, button).await.expect("the card has the button");
        while stage.slack.last_private(person) == before {
            changes.changed().await.expect("Slack is there");
        }
        times.push(started.elapsed());
    }
    Figures::of(times, began.elapsed())
}

async fn clicks_on_discord(stage: &Stage, place: &Place, count: usize) -> Figures {
    let (room, (card, button)) = (&place.rooms[0], &place.discord);
    let mut times = Vec::new();
    let began = Instant::now();
    for number in 0..count {
        let person = [PERSON, OTHER][number % 2];
        let started = Instant::now();
        stage.discord.press(person, room, card, button).await.expect("the card has the button");
        times.push(started.elapsed());
    }
    Figures::of(times, began.elapsed())
}

/// The card of a room and its button, as either platform shows them.
fn take_lead(view: &Value, room: &str) -> Option<(String, String)> {
    let channel = view["channels"].as_array()?.iter().find(|channel| channel["name"] == room)?;
    channel["messages"].as_array()?.iter().find_map(|message| {
        let rows = ["blocks", "components"].into_iter().filter_map(|rows| message["raw"][rows].as_array()).flatten();
        let parts = rows.flat_map(|row| [&row["elements"], &row["components"]]).filter_map(Value::as_array);
        let button = parts.flatten().find(|b| b["label"] == "Take lead" || b["text"]["text"] == "Take lead")?;
        let id = button["action_id"].as_str().or_else(|| button["custom_id"].as_str())?;
        Some((message["id"].as_str()?.to_owned(), id.to_owned()))
    })
}
