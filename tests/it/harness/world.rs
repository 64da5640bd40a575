//! Both platforms and a database, without a bot.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use sqlx::postgres::PgConnectOptions;
use wardroom::app::App;
use wardroom::clock::Clock;
use wardroom::render::Renderer;
use wardroom::sandbox::discord::DiscordServer;
use wardroom::sandbox::slack::SlackWorkspace;
use wardroom::sandbox::{ClockControl, FirstPeople, Sandbox, SandboxOptions, cast};
use wardroom::store::{OrganisationFile, Store};
use wardroom::trial::ORGANISATION;

use super::wire::Recorder;
use super::{Database, Person, database};

/// Everything around a bot: a database of the test's own, Slack, Discord.
pub struct World {
    /// Reads the database; it serves no platform.
    pub app: App,
    pub slack: Arc<SlackWorkspace>,
    pub discord: Arc<DiscordServer>,
    pub database: Database,
    /// Where bots that run as processes keep what they sign; nowhere otherwise.
    pub ledger: Option<PathBuf>,
    sandbox: Option<Sandbox>,
    recorder: Recorder,
}

/// A machine that is busy may take longer than the 2 s for which a command waits for a connection.
async fn connected(database: &Database) -> Store {
    for _ in 0..10 {
        if let Ok(store) = Store::connect(database.as_app(), 12).await {
            return store;
        }
    }
    Store::connect(database.as_app(), 12).await.expect("the database is there")
}

impl World {
    pub async fn start(clock: Clock) -> World {
        World::start_over(Database::create().await, clock).await
    }

    /// Over a database that is there.
    pub async fn start_over(database: Database, clock: Clock) -> World {
        let _ = rustls::crypto::ring::default_provider().install_default();
        wardroom::telemetry::start(std::env::var("RUST_LOG").ok().as_deref(), false);
        let (slack, discord) = platforms(&clock);
        let recorder = Recorder::attach(&slack, &discord);
        let sandbox = sandbox(&slack, &discord, &clock).await;
        let store = connected(&database).await;
        let renderer = Renderer::new(None).expect("the templates can be read");
        let app = App::new(store, clock, renderer, Vec::new());
        World { app, slack, discord, database, ledger: None, sandbox: Some(sandbox), recorder }
    }

    pub fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().expect("the sandbox is open until the end")
    }

    /// One of the sample organisation's people, or `pat`, whom nobody knows.
    pub fn person(&self, key: &str) -> Person<'_> {
        Person::new(self, key)
    }

    /// Makes jobs due at once that failed, or that a platform asked to wait with: their pauses are real time.
    pub async fn hurry(&self) {
        self.as_superuser(
            "update graphile_worker._private_jobs set run_at = now()
             where run_at > now() and locked_at is null and (last_error is not null or run_at < now() + interval '1 minute'
                 and payload->>'job' in ('say', 'show', 'open_room', 'invite', 'tell', 'ask_voter'))",
        )
        .await;
    }

    /// How many jobs were tried in vain, and are to be tried again soon. What waits for a person does not count.
    pub async fn paused(&self) -> i64 {
        // A job is planned for a minute at most where it is only a platform that has to be waited for.
        self.database
            .count(
                "select count(*) from graphile_worker._private_jobs
                 where locked_at is null and not (key is null and attempts >= max_attempts)
                   and (last_error is not null or run_at < now() + interval '1 minute'
                       and payload->>'job' in ('say', 'show', 'open_room', 'invite', 'tell', 'ask_voter'))",
            )
            .await
    }

    /// The decision log of a record, a line an entry, as an auditor reads it.
    pub async fn decision_log(&self, subject: &str) -> String {
        let mut tx = self.app.store.begin(1).await.expect("Postgres answers");
        let subject = wardroom::domain::Subject::parse(subject).expect("a subject");
        let page = tx.log_page(&[subject], 0, 500).await.expect("the log can be read");
        let organisation = tx.organisation().await.expect("the organisation can be read");
        let line = |entry: &wardroom::store::LogEntry| {
            let by = entry.data["by"].as_str().unwrap_or_default();
            let by =
                organisation.people.values().find(|person| person.id.as_str() == by).map_or(by, |p| p.key.as_str());
            format!("{}#{} {} by {by}", entry.subject, entry.seq, entry.kind)
        };
        page.entries.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Jobs that failed, or that are due and were not done; not those that newer ones took the place of.
    pub async fn unfinished(&self) -> Vec<String> {
        let sql = "select concat_ws(' ', payload, 'attempt', attempts, 'at', run_at, locked_by, last_error)
                   from graphile_worker._private_jobs
                   where (last_error is not null or run_at <= now()) and not (key is null and attempts >= max_attempts)";
        self.database.texts(sql).await
    }

    /// Sees to it that the world ended well, and ends it: nothing failed, the log whole.
    pub async fn finish(self) {
        assert_eq!(self.unfinished().await, Vec::<String>::new(), "every job is done");
        let mut tx = self.app.store.begin(1).await.expect("Postgres answers");
        let verdict = tx.verify_log(None).await.expect("the log can be read");
        assert!(verdict.is_whole(), "the log is whole: {:?}", verdict.findings);
        drop(tx);
        self.leave().await;
    }

    /// Ends the world without a look at what is left of it, but for what the bots sent: all of it keeps to the
    /// platforms' specifications.
    pub async fn leave(mut self) {
        assert_eq!(self.recorder.findings().await, Vec::<String>::new(), "everything that was sent is sound");
        if let Some(sandbox) = self.sandbox.take() {
            sandbox.stop().await.expect("the sandbox stops");
        }
        self.app.store.pool().close().await;
        self.database.remove().await;
    }

    /// Waits until so many bots are connected, each by two sockets to Slack and one to Discord.
    pub async fn wait_until_connected(&self, bots: usize) {
        for _ in 0..1_500 {
            if self.slack.connections() >= 2 * bots && self.discord.connections() >= bots {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{bots} bots did not connect to both platforms");
    }

    /// Waits until somebody keeps everybody else from the incidents.
    pub async fn wait_until_locked(&self) {
        let sql = "select count(*) from pg_locks where granted and mode = 'AccessExclusiveLock'
                   and relation = 'incident'::regclass";
        for _ in 0..500 {
            if self.database.count(sql).await > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the incidents were not locked");
    }

    /// As the superuser, past every guard: what an attacker with the disk can do.
    pub async fn as_superuser(&self, sql: &str) {
        self.database.as_superuser(sql).await.expect("the superuser may do everything");
    }

    /// As the bot's own role. `Err` is what Postgres refuses.
    pub async fn as_app(&self, sql: &str) -> Result<(), String> {
        let options: PgConnectOptions = self.database.as_app();
        database::execute(options, sql).await
    }

    /// A person's ids: Slack's and Discord's.
    pub fn accounts(&self, key: &str) -> (String, String) {
        let find = |view: Value| {
            let users = view["users"].as_array().cloned().unwrap_or_default();
            let user = users.into_iter().find(|user| user["handle"] == key);
            user.and_then(|user| user["id"].as_str().map(str::to_owned)).unwrap_or_default()
        };
        (find(self.slack.view("U0ANA")), find(self.discord.view("100000000000000001")))
    }
}

fn platforms(clock: &Clock) -> (Arc<SlackWorkspace>, Arc<DiscordServer>) {
    let file: OrganisationFile = toml::from_str(ORGANISATION).expect("the sample organisation can be read");
    let now = {
        let clock = clock.clone();
        Arc::new(move || clock.now())
    };
    (SlackWorkspace::new(cast::slack(&file), now.clone()), DiscordServer::new(cast::discord(&file), now))
}

async fn sandbox(slack: &Arc<SlackWorkspace>, discord: &Arc<DiscordServer>, clock: &Clock) -> Sandbox {
    let clock = clock.clone();
    Sandbox::start(SandboxOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        slack: Arc::clone(slack),
        discord: Arc::clone(discord),
        data: None,
        clock: Arc::new(ClockControl::new(
            0,
            move || clock.now(),
            |_| Box::pin(async { Err("tests move the clock".to_owned()) }),
        )),
        first: FirstPeople { slack: "ana".to_owned(), discord: "raj".to_owned() },
    })
    .await
    .expect("the sandbox starts")
}
