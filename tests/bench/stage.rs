//! Where it is measured: a private Postgres, both platforms, and the bot as a process of its own.

use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::process::{Child, Command};
use wardroom::app::App;
use wardroom::clock::Clock;
use wardroom::cluster::{Cluster, ClusterOptions, SUPERUSER};
use wardroom::domain::Platform;
use wardroom::domain::policy::DEFAULT_TOML;
use wardroom::render::Renderer;
use wardroom::sandbox::discord::DiscordServer;
use wardroom::sandbox::slack::SlackWorkspace;
use wardroom::sandbox::{ClockControl, FirstPeople, Sandbox, SandboxOptions, cast};
use wardroom::store::migrate::{APP_ROLE, ensure_database, migrate};
use wardroom::store::{OrganisationFile, Store};
use wardroom::trial::ORGANISATION;

pub const DATABASE: &str = "wardroom";

pub struct Stage {
    pub cluster: Cluster,
    pub slack: Arc<SlackWorkspace>,
    pub discord: Arc<DiscordServer>,
    sandbox: Sandbox,
}

/// A bot that is ready.
pub struct Bot {
    child: Child,
    pub ready_after: Duration,
}

impl Stage {
    pub async fn start() -> Stage {
        let options = ClusterOptions::throwaway().connections_max(150);
        let cluster = Cluster::start(options, &|_: &str| {}).await.expect("a private Postgres starts");
        assert!(cluster.fsync_is_on(), "what is acknowledged is kept");
        ensure_database(cluster.options(SUPERUSER, "postgres"), DATABASE).await.expect("a database can be made");
        migrate(cluster.options(SUPERUSER, DATABASE)).await.expect("the migrations run");
        let file: OrganisationFile = toml::from_str(ORGANISATION).expect("the sample organisation can be read");
        let now = Arc::new(|| Clock::default().now());
        let slack = SlackWorkspace::new(cast::slack(&file), now.clone());
        let discord = DiscordServer::new(cast::discord(&file), now);
        let clock = ClockControl::new(0, || Clock::default().now(), |_| Box::pin(async { Ok(Clock::default().now()) }));
        let sandbox = Sandbox::start(SandboxOptions {
            listen: ([127, 0, 0, 1], 0).into(),
            slack: Arc::clone(&slack),
            discord: Arc::clone(&discord),
            data: None,
            clock: Arc::new(clock),
            first: FirstPeople { slack: "ana".to_owned(), discord: "raj".to_owned() },
        })
        .await
        .expect("the sandbox starts");
        let stage = Stage { cluster, slack, discord, sandbox };
        let app = stage.app(2).await;
        app.apply_organisation(ORGANISATION, false).await.expect("the sample organisation can be loaded");
        app.load_policy(DEFAULT_TOML).await.expect("the sample policy can be loaded");
        app.store.pool().close().await;
        stage
    }

    /// The rules in this process, with connections of their own, and no worker.
    pub async fn app(&self, connections: u32) -> App {
        let options = self.cluster.options(APP_ROLE, DATABASE);
        let store = Store::connect(options, connections).await.expect("Postgres answers");
        let renderer = Renderer::new(None).expect("the templates can be read");
        App::new(store, Clock::default(), renderer, Platform::ALL.to_vec())
    }

    pub async fn spawn_bot(&self) -> Bot {
        let port = free_port();
        let began = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_wardroom"))
            .arg("run")
            .env("DATABASE_URL", self.cluster.url(APP_ROLE, DATABASE))
            .env("PORT", port.to_string())
            .env("WARDROOM_SANDBOX", "true")
            .env("RUST_LOG", std::env::var("RUST_LOG").unwrap_or_else(|_| "error".to_owned()))
            .env("SLACK_API_URL", self.sandbox.slack_api_url())
            .env("SLACK_BOT_TOKEN", cast::SLACK_BOT_TOKEN)
            .env("SLACK_APP_TOKEN", cast::SLACK_APP_TOKEN)
            .env("DISCORD_API_URL", self.sandbox.discord_api_url())
            .env("DISCORD_TOKEN", cast::DISCORD_TOKEN)
            .stdin(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the bot can be started");
        let client = reqwest::Client::new();
        let url = format!("http://127.0.0.1:{port}/readyz");
        loop {
            assert!(began.elapsed() < Duration::from_secs(30), "the bot becomes ready");
            if client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return Bot { child, ready_after: began.elapsed() };
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// The server's first process: every session is a child of it.
    pub fn postmaster(&self) -> u32 {
        let file = self.cluster.data().join("postgres/postmaster.pid");
        let text = std::fs::read_to_string(file).expect("Postgres runs");
        text.lines().next().and_then(|line| line.trim().parse().ok()).expect("its number is in the first line")
    }

    pub async fn wait_until_connected(&self) {
        let slack = || self.slack.view("U0ANA")["connected"] == serde_json::json!(true);
        until("the bot listens to both platforms", || slack() && self.discord.connected()).await;
    }

    pub async fn as_superuser(&self, sql: &str) {
        let options = self.cluster.options(SUPERUSER, DATABASE);
        let mut connection = PgConnection::connect_with(&options).await.expect("Postgres answers");
        connection.execute(AssertSqlSafe(sql.to_owned())).await.expect("the superuser may do everything");
        connection.close().await.expect("Postgres answers");
    }

    /// Makes the log this long, and what is kept beside it: half of the entries on the first incident, half on others.
    pub async fn fill_log_to(&self, entries: i64) {
        self.as_superuser(&format!(
            "insert into dlog.entry (tenant_id, subject, seq, kind, body)
             select 1, 'INC-1', (select max(seq) from dlog.entry where tenant_id = 1 and subject = 'INC-1') + n,
                    'incident.note', convert_to(repeat('filling ', 55) || n, 'utf8')
             from generate_series(1, {entries} / 2 - (select count(*) from dlog.entry where subject = 'INC-1')) n;
             insert into dlog.entry (tenant_id, subject, seq, kind, body)
             select 1, 'INC-' || 1000 + n % 1000, {entries} + n, 'incident.note',
                    convert_to(repeat('filling ', 55) || n, 'utf8')
             from generate_series(1, {entries} - (select count(*) from dlog.entry)) n;
             insert into delivery (tenant_id, id, reply, answered_at)
             select 1, 'fill:' || {entries} || ':' || n, jsonb_build_object('reply', repeat('filling ', 40)), now()
             from generate_series(1, {entries} - (select count(*) from delivery)) n;
             analyze;"
        ))
        .await;
    }

    pub async fn stop(self) {
        self.sandbox.stop().await.expect("the sandbox stops");
        self.cluster.stop().await.expect("Postgres stops");
    }
}

impl Bot {
    pub fn id(&self) -> u32 {
        self.child.id().expect("the bot runs")
    }

    pub async fn stop(mut self) {
        drop(self.child.stdin.take());
        tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await.expect("it ends").expect("it ends");
    }
}

/// Looks every millisecond, for ten seconds at most.
pub async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(10), "{what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}

/// Different from call to call.
pub fn fresh() -> String {
    format!("bench:{:016x}", rand::random::<u64>())
}
