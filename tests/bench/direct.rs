//! `App::handle` called in this process: what a command costs without a chat platform around it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use wardroom::app::{Act, App, Inbound, Reply};
use wardroom::domain::{Account, Command, Place, Platform, Standing, Subject};

use super::figures::Figures;
use super::stage::{Stage, fresh};
use super::statements;

/// How long each combination is driven.
pub const ROUND: Duration = Duration::from_secs(3);

/// Commands whose statements are counted.
const COUNTED: usize = 20;

pub const TENANT: i64 = 1;

/// Somebody who sends commands straight to the rules.
pub struct Desk<'a> {
    stage: &'a Stage,
    app: App,
    incidents: Vec<i64>,
}

impl<'a> Desk<'a> {
    /// With so many incidents to speak of, each with a room on both platforms.
    pub async fn open(stage: &'a Stage, incidents: usize) -> Desk<'a> {
        let app = stage.app(40).await;
        let mut numbers = Vec::new();
        for _ in 0..incidents {
            let declared = says("C0INCIDENTS", "declare sev2 load svc:payments".to_owned());
            let reply = Box::pin(app.handle(declared)).await;
            let told = serde_json::to_string(&reply.expect("Postgres answers")).expect("plain data");
            let number = told.split("L INC-").nth(1).and_then(|rest| rest.split('#').next());
            let number: i64 = number.and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("a receipt: {told}"));
            for (platform, workspace) in [(Platform::Slack, "T0HARBOUR"), (Platform::Discord, "900000000000000001")] {
                let place = Place { platform, workspace: workspace.to_owned(), channel: room(number) };
                let opened = Command::RoomOpened { place };
                let kept = Box::pin(app.perform(TENANT, Subject::Incident(number), opened, &fresh())).await;
                kept.expect("a room can be kept");
            }
            numbers.push(number);
        }
        Desk { stage, app, incidents: numbers }
    }

    /// Notes on the first so many incidents, by so many people at once, for so long.
    pub async fn notes(&self, at_once: usize, incidents: usize, how_long: Duration) -> Figures {
        // Nobody delivers what these commands enqueue: each round begins with an empty queue.
        self.stage.as_superuser("delete from graphile_worker._private_jobs").await;
        self.stage.as_superuser("vacuum analyze graphile_worker._private_jobs").await;
        let began = Instant::now();
        let next = Arc::new(AtomicI64::new(0));
        let people = (0..at_once).map(|_| {
            let (app, next) = (self.app.clone(), Arc::clone(&next));
            let incidents = self.incidents[..incidents.min(self.incidents.len())].to_vec();
            tokio::spawn(async move {
                let mut times = Vec::new();
                while began.elapsed() < how_long {
                    let number = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).expect("it counts up");
                    let channel = room(incidents[number % incidents.len()]);
                    let started = Instant::now();
                    let reply = app.handle(says(&channel, format!("note error rate falls, sample {number}"))).await;
                    times.push(started.elapsed());
                    assert!(matches!(reply, Ok(Reply::Tell { .. })), "a note is answered: {reply:?}");
                }
                times
            })
        });
        let times: Vec<Vec<Duration>> =
            join_all(people).await.into_iter().map(|times| times.expect("nobody panics")).collect();
        Figures::of(times.concat(), began.elapsed())
    }
}

impl Desk<'_> {
    pub fn incidents(&self) -> &[i64] {
        &self.incidents
    }

    /// What one note asks of the database, in order.
    pub async fn print_statements(&self) {
        self.notes(1, 1, Duration::from_millis(200)).await;
        let act = async {
            for _ in 0..COUNTED {
                let note = says(&room(self.incidents[0]), "note counted".to_owned());
                let told = Box::pin(self.app.handle(note)).await;
                assert!(matches!(told, Ok(Reply::Tell { .. })), "a note is answered: {told:?}");
            }
        };
        Box::pin(statements::print(self.stage, "One /inc note", COUNTED, act)).await;
    }
}

fn room(incident: i64) -> String {
    format!("C{incident:09}")
}

fn says(channel: &str, text: String) -> Inbound {
    let workspace = "T0HARBOUR".to_owned();
    Inbound {
        delivery: fresh(),
        place: Place { platform: Platform::Slack, workspace: workspace.clone(), channel: channel.to_owned() },
        account: Account { platform: Platform::Slack, workspace, id: "U0ANA".to_owned() },
        account_name: "Ana".to_owned(),
        standing: Standing::Member,
        message: None,
        act: Act::Says { command: "inc".to_owned(), text },
    }
}
