//! The whole bot, over its real wire protocols, in a world that stands still until a test moves it.
//!
//! Nothing runs unless the test runs it: jobs by [`Bot::run_until_idle`], time by [`Bot::pass`]. A [`World`] alone is
//! for bots that run as processes of their own ([`Process`]), in real time.

mod balancer;
mod database;
mod people;
mod process;
mod wire;
mod world;

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wardroom::app::App;
use wardroom::clock::{Clock, real};
use wardroom::jobs::{Jobs, Slots, Worker};
use wardroom::platform::Adapters;
use wardroom::platform::discord::{DiscordAdapter, DiscordSettings, Scope};
use wardroom::platform::slack::{Rate, SlackAdapter, SlackSettings};
use wardroom::sandbox::{Sandbox, cast};
use wardroom::trial::ORGANISATION;
use wardroom::web::Web;

pub use balancer::Balancer;
pub use database::Database;
pub use people::{Here, Person};
pub use process::Process;
pub use world::World;

/// How the platforms reach a bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Slack's Socket Mode and Discord's gateway.
    Sockets,
    /// Signed requests.
    Http,
}

impl Transport {
    /// Set to have tests that don't care run over signed requests.
    pub const VARIABLE: &str = "WARDROOM_TESTS_BY_REQUESTS";

    fn of_this_run() -> Transport {
        if std::env::var_os(Transport::VARIABLE).is_some() { Transport::Http } else { Transport::Sockets }
    }
}

/// Slack's pace for messages, a hundred times as fast, since the world stands still meanwhile: five at once, two of them
/// for what presses, then one in ten milliseconds.
const QUICK: Rate = Rate { every: Duration::from_millis(10), burst: 5, kept: 2 };

/// A world with the bot in it, as a part of the test's own process.
pub struct Bot {
    pub app: App,
    pub adapters: Adapters,
    pub worker: Worker,
    world: World,
    shutdown: CancellationToken,
    listeners: Vec<JoinHandle<()>>,
}

impl Deref for Bot {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Bot {
    pub async fn start() -> Bot {
        Bot::start_over(Transport::of_this_run()).await
    }

    /// One whose most critical services have a check that runs by itself, and passes: without, no change of high risk is let in
    /// that can wait.
    pub async fn watched() -> Bot {
        let bot = Bot::start().await;
        bot.watch(ORGANISATION).await;
        bot
    }

    /// Puts such a check into an organisation, and applies it.
    pub async fn watch(&self, organisation: &str) {
        let answers = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let address = answers.local_addr().expect("it has an address");
        tokio::spawn(async move { while answers.accept().await.is_ok() {} });
        let check = format!("checks = [{{ key = \"port\", tcp = \"{address}\" }}]\n");
        let services = ["Card payments", "Checkout", "Web shop", "Ledger database"];
        let file = services.iter().fold(organisation.to_owned(), |file, name| {
            let name = format!("name = \"{name}\"\n");
            file.replacen(&name, &format!("{name}{check}"), 1)
        });
        self.app.apply_organisation(&file, false).await.expect("the services can be watched");
    }

    pub async fn start_over(transport: Transport) -> Bot {
        Bot::join(on_a_monday().await, transport).await
    }

    /// A bot of which something is set.
    pub async fn start_with(set: impl FnOnce(&mut App)) -> Bot {
        let mut world = on_a_monday().await;
        set(&mut world.app);
        Bot::join(world, Transport::of_this_run()).await
    }

    /// Ends the bot and starts another in the same world.
    pub async fn again(self) -> Bot {
        Bot::join(self.stop().await, Transport::Sockets).await
    }

    /// Starts a bot in a world that is there.
    pub async fn back(world: World) -> Bot {
        Bot::join(world, Transport::Sockets).await
    }

    async fn join(world: World, transport: Transport) -> Bot {
        let shutdown = CancellationToken::new();
        let slack_adapter = join_slack(world.sandbox(), transport).await.at_pace(QUICK);
        let discord_adapter = join_discord(world.sandbox(), transport).await;
        let adapters =
            Adapters { slack: Some(slack_adapter.outbound().clone()), discord: Some(discord_adapter.outbound()) };
        let mut app = world.app.clone();
        app.platforms = adapters.platforms();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        app.public_url = Some(format!("http://{}", listener.local_addr().expect("it has an address")));
        let jobs = Jobs { app: app.clone(), adapters: adapters.clone() };
        let worker = Worker::start(jobs, Slots { at_a_time: 1, poll: Duration::from_secs(1) }, shutdown.clone())
            .await
            .expect("the queue is there");
        let specs = wardroom::registration::discord_commands();
        let guild = Scope::Guild("900000000000000001".to_owned());
        discord_adapter.register(&guild, &specs).await.expect("Discord takes the commands");
        let listeners = match transport {
            Transport::Sockets => {
                let served = serve(&app, listener, axum::Router::new(), TaskTracker::new(), &shutdown);
                let [slack, discord] = listen(&app, slack_adapter, discord_adapter, &shutdown);
                vec![served, slack, discord]
            }
            Transport::Http => {
                vec![serve_platforms(&app, listener, &world, &slack_adapter, &discord_adapter, &shutdown).await]
            }
        };
        if transport == Transport::Sockets {
            world.wait_until_connected(1).await;
        }
        Bot { app, adapters, worker, world, shutdown, listeners }
    }

    /// The page on which people type and click.
    pub fn page_url(&self) -> String {
        self.sandbox().url()
    }

    /// Runs every job that is due, and those that they make.
    pub async fn run_until_idle(&self) {
        self.worker.run_until_idle().await.expect("the queue answers");
    }

    /// Runs every job until it succeeds: one that failed is tried again at once, not after its pause. The pace towards a
    /// platform is kept in real time, so one that has to wait for its turn is given a moment.
    pub async fn run_until_done(&self) {
        let mut failures = 0;
        for _ in 0..200 {
            self.run_until_idle().await;
            if failures == 20 || self.paused().await == 0 {
                return;
            }
            if self.app.store.jobs_failed().await.expect("Postgres answers") > 0 {
                failures += 1;
            } else {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            self.hurry().await;
        }
    }

    /// Lets time pass, stopping at every promised moment on the way.
    pub async fn pass(&self, minutes: i32) {
        let until = self.app.clock.now() + TimeDelta::minutes(minutes.into());
        self.run_until_idle().await;
        while let Some(due) =
            self.app.store.next_deadline().await.expect("Postgres answers").filter(|due| *due <= until)
        {
            self.jump_to(due).await;
            self.run_until_idle().await;
        }
        self.jump_to(until).await;
        self.run_until_idle().await;
    }

    /// Lets time pass while nobody is there to keep promises, as a bot that was switched off.
    pub async fn sleep_through(&self, minutes: i32) {
        self.app.move_clock(minutes * 60).await.expect("the clock moves");
    }

    async fn jump_to(&self, moment: DateTime<Utc>) {
        let seconds = (moment - self.app.clock.now()).num_seconds();
        if seconds > 0 {
            self.app.move_clock(i32::try_from(seconds).expect("a test's time")).await.expect("the clock moves");
        }
    }

    /// Ends the world, and sees to it that it ended well: nothing left to do, nothing failed, the log whole.
    pub async fn finish(self) {
        self.run_until_done().await;
        let world = self.stop().await;
        world.finish().await;
    }

    /// Ends a world whose log was tampered with: what is left of it is not looked at.
    pub async fn leave(self) {
        let world = self.stop().await;
        world.leave().await;
    }

    /// Ends the bot; the world stays.
    pub async fn stop(mut self) -> World {
        self.shutdown.cancel();
        for listener in self.listeners.drain(..) {
            tokio::time::timeout(Duration::from_secs(15), listener)
                .await
                .expect("listeners end when told")
                .expect("no listener panicked");
        }
        self.world
    }
}

/// A world whose clock the sandbox has moved to a Monday, where it stands; the log says so, as it does of every move.
async fn on_a_monday() -> World {
    let ahead = (a_monday() - real()).num_seconds();
    let world = World::start(Clock::standing(a_monday() - TimeDelta::seconds(ahead))).await;
    world.app.move_clock(i32::try_from(ahead).expect("not far")).await.expect("the clock moves");
    world
}

/// A Monday at two in the afternoon, in the middle of business hours.
fn a_monday() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2030, 1, 7, 14, 0, 0).single().expect("a moment")
}

async fn join_slack(sandbox: &Sandbox, transport: Transport) -> SlackAdapter {
    let by_http = transport == Transport::Http;
    SlackAdapter::connect(SlackSettings {
        bot_token: SecretString::from(cast::SLACK_BOT_TOKEN),
        app_token: (!by_http).then(|| SecretString::from(cast::SLACK_APP_TOKEN)),
        signing_secret: by_http.then(|| SecretString::from(sandbox.slack().signing_secret())),
        api_url: sandbox.slack_api_url(),
    })
    .await
    .expect("Slack takes the tokens")
}

async fn join_discord(sandbox: &Sandbox, transport: Transport) -> DiscordAdapter {
    DiscordAdapter::connect(DiscordSettings {
        public_key: (transport == Transport::Http).then(|| sandbox.discord().public_key()),
        token: SecretString::from(cast::DISCORD_TOKEN),
        api_url: sandbox.discord_api_url(),
        application_id: None,
    })
    .await
    .expect("Discord takes the token")
}

fn listen(
    app: &App,
    slack: SlackAdapter,
    discord: DiscordAdapter,
    shutdown: &CancellationToken,
) -> [JoinHandle<()>; 2] {
    let (slack_app, slack_shutdown) = (app.clone(), shutdown.clone());
    let slack = tokio::spawn(async move {
        let handler = move |inbound| wardroom::service::handle(slack_app.clone(), inbound);
        Box::pin(slack.listen(handler, slack_shutdown)).await.expect("Slack is listened to");
    });
    let (discord_app, discord_shutdown) = (app.clone(), shutdown.clone());
    let discord = tokio::spawn(async move {
        let handler = move |inbound| wardroom::service::handle(discord_app.clone(), inbound);
        discord.listen(handler, discord_shutdown).await.expect("Discord is listened to");
    });
    [slack, discord]
}

/// Serves the endpoints, and enters their address at both platforms.
async fn serve_platforms(
    app: &App,
    listener: TcpListener,
    world: &World,
    slack: &SlackAdapter,
    discord: &DiscordAdapter,
    shutdown: &CancellationToken,
) -> JoinHandle<()> {
    let (work, served) = (TaskTracker::new(), app.clone());
    let handler = move |inbound| wardroom::service::handle(served.clone(), inbound);
    let routes = slack.routes(handler.clone(), work.clone()).merge(discord.routes(handler, work.clone()));
    let address = listener.local_addr().expect("it has an address");
    let serving = serve(app, listener, routes, work, shutdown);
    world.sandbox().deliver_to(&format!("http://{address}")).await.expect("both platforms take the endpoints");
    serving
}

fn serve(
    app: &App,
    listener: TcpListener,
    routes: axum::Router,
    work: TaskTracker,
    shutdown: &CancellationToken,
) -> JoinHandle<()> {
    let (ready, shutdown) = (Arc::new(AtomicBool::new(true)), shutdown.clone());
    let web = Web { app: app.clone(), ready, clock_control: false, routes, work };
    tokio::spawn(async move { web.serve(listener, shutdown).await.expect("requests are served") })
}

/// Every one of these words is in what was told.
#[track_caller]
pub fn holds(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "“{word}” is missing in:\n{text}");
    }
}

/// Nobody finds anything wrong with the log.
pub async fn is_whole(bot: &Bot) {
    holds(&bot.person("zoe").slack().says("/log verify").await, &["*The log is whole.*"]);
}

/// A text without the hashes of its receipts: they are salted, and differ from run to run.
pub fn without_hashes(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(without_hash).collect();
    lines.join("\n")
}

/// A text without the beginnings of policy files' hashes: the built-in file is edited often, and its hash says nothing here.
pub fn without_file_hashes(text: &str) -> String {
    let is_hash = |word: &str| word.len() == 12 && word.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
    let mut said = without_hashes(text);
    let words: Vec<String> =
        said.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| is_hash(w)).map(str::to_owned).collect();
    for word in words {
        said = said.replace(&word, "(hash)");
    }
    said
}

fn without_hash(line: &str) -> String {
    let starts = ["L INC-", "L CHG-", "L FRZ-", "L EXC-", "L WARDROOM#", "L ORG#", "L POLICY#"];
    match starts.iter().find_map(|start| line.rfind(start)) {
        Some(at) => {
            let receipt: Vec<&str> = line[at..].splitn(3, ' ').collect();
            let after = receipt.get(2).map_or("", |hash| hash.get(8..).unwrap_or(""));
            format!("{}L {} ……{after}", &line[..at], receipt.get(1).unwrap_or(&""))
        }
        None => line.to_owned(),
    }
}
