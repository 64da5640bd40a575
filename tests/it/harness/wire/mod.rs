//! Everything that a bot sends in any test, held against the platforms' specifications as it comes in.
//!
//! The sandbox tells of each exchange; a thread of its own checks it, so that no bot waits for that. A world asks at its
//! end what was found about it. What was counted goes to a file, from which `tests/wire.rs` says after the whole suite
//! which calls were made how often, and whether one was never made.

mod amendments;
mod openapi;
mod slack;
mod tally;
mod tests;
mod tidy;

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use tokio::sync::oneshot;
use wardroom::domain::Platform;
use wardroom::sandbox::Exchange;
use wardroom::sandbox::discord::DiscordServer;
use wardroom::sandbox::slack::SlackWorkspace;

pub use openapi::Document;

use tally::Tally;

/// Written down when nothing came in for so long.
const QUIET: Duration = Duration::from_millis(100);

static CHECKER: LazyLock<Sender<Job>> = LazyLock::new(|| {
    let (sender, jobs) = channel();
    std::thread::Builder::new().name("wire".to_owned()).spawn(move || run(&jobs)).expect("a thread can be started");
    sender
});

static WORLDS: AtomicU64 = AtomicU64::new(0);

enum Job {
    Check { world: u64, exchange: Box<Exchange> },
    Report { world: u64, to: oneshot::Sender<Vec<String>> },
}

/// Listens to both platforms of one world.
pub struct Recorder {
    world: u64,
}

impl Recorder {
    pub fn attach(slack: &SlackWorkspace, discord: &DiscordServer) -> Recorder {
        let world = WORLDS.fetch_add(1, Ordering::Relaxed);
        for witness in [slack.witness(), discord.witness()] {
            witness.listen(move |exchange| {
                let _ = CHECKER.send(Job::Check { world, exchange: Box::new(exchange) });
            });
        }
        Recorder { world }
    }

    /// What was wrong with anything that was sent so far: the route, the place in it, the rule.
    pub async fn findings(&self) -> Vec<String> {
        let (to, findings) = oneshot::channel();
        CHECKER.send(Job::Report { world: self.world, to }).expect("the checker runs");
        findings.await.expect("the checker has not panicked")
    }
}

fn run(jobs: &Receiver<Job>) {
    let mut document = Document::of_corpus();
    let mut tally = Tally::new(document.is_some());
    let mut worlds: HashMap<u64, Vec<String>> = HashMap::new();
    loop {
        match jobs.recv_timeout(QUIET) {
            Ok(Job::Check { world, exchange }) => {
                let found = check(&exchange, document.as_mut());
                tally.count(&exchange, document.is_some(), &found);
                worlds.entry(world).or_default().extend(found);
            }
            Ok(Job::Report { world, to }) => {
                tally.write();
                let _ = to.send(worlds.remove(&world).unwrap_or_default());
            }
            Err(RecvTimeoutError::Timeout) => tally.write(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// What is wrong with one exchange, a line a finding.
fn check(exchange: &Exchange, document: Option<&mut Document>) -> Vec<String> {
    let found = match exchange.platform {
        Platform::Slack => slack::check(exchange),
        Platform::Discord => {
            let mut found = document.map(|document| document.check(exchange)).unwrap_or_default();
            found.extend(refused_by_discord(exchange));
            found
        }
    };
    found.into_iter().map(|what| format!("{}: {what}", exchange.route)).collect()
}

/// Discord's own rules, which its document does not have, are held by the sandbox: a body that it refuses is at fault.
fn refused_by_discord(exchange: &Exchange) -> Option<String> {
    // Invalid form body, empty message, invalid JSON, too large; 0 is a route that there is not.
    const AT_FAULT: [u64; 5] = [50035, 50006, 50109, 40005, 0];
    let code = exchange.answer["code"].as_u64()?;
    let at_fault = !exchange.staged && exchange.status != 401 && exchange.status < 429 && AT_FAULT.contains(&code);
    at_fault.then(|| format!("refused with {}", exchange.answer))
}
