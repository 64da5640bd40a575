//! `wardroom try`: a private Postgres, the sandbox with its page, and the real bot as a child process.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use futures::FutureExt;
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::clock::Clock;
use crate::cluster::{Cluster, ClusterOptions, SUPERUSER};
use crate::domain::policy::DEFAULT_TOML;
use crate::render::Renderer;
use crate::sandbox::discord::DiscordServer;
use crate::sandbox::slack::SlackWorkspace;
use crate::sandbox::{ClockControl, FirstPeople, Sandbox, SandboxOptions, cast};
use crate::store::migrate::{APP_ROLE, ensure_database, migrate};
use crate::store::{OrganisationFile, Store};
use crate::telemetry;

/// The sample organisation that the sandbox plays.
pub const ORGANISATION: &str = include_str!("../deploy/organisation.toml");

const DATABASE: &str = "wardroom";
/// The services that a check of their own watches here, so that changes of high risk can be tried too (rule 4.9).
const WATCHED: [&str; 2] = ["Card payments", "Ledger database"];

#[derive(Debug, Clone, Args)]
pub struct TrySettings {
    /// Folder that keeps everything between runs [default: ~/.local/share/wardroom/try]
    #[arg(long, env = "WARDROOM_DATA", value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// Begin anew: forget what earlier runs kept
    #[arg(long)]
    pub fresh: bool,
    /// Port of the page; the next free one is taken where it is busy
    #[arg(long, env = "PORT", default_value_t = 8080, value_name = "PORT")]
    pub port: u16,
    /// Let the platforms reach the bot by signed requests, in place of Socket Mode and the gateway
    #[arg(long)]
    pub http: bool,
    /// Let time pass before it starts, as if nobody had been here: +40m, +3h, +1d
    #[arg(long, value_name = "+TIME", value_parser = parse_ahead, allow_hyphen_values = true)]
    pub clock: Option<i32>,
}

/// `+40m`, `+3h`, `+1d` to seconds.
pub fn parse_ahead(text: &str) -> Result<i32, String> {
    let wrong = || format!("“{text}” is no time to let pass; write +40m, +3h or +1d");
    let text = text.strip_prefix('+').ok_or_else(wrong)?;
    let unit = match text.chars().last() {
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        _ => return Err(wrong()),
    };
    let count: i32 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    let seconds = count.checked_mul(unit).filter(|seconds| (0..=30 * 86_400).contains(seconds)).ok_or_else(wrong)?;
    Ok(seconds)
}

/// Runs until shutdown.
pub async fn run(settings: TrySettings, shutdown: CancellationToken) -> anyhow::Result<()> {
    let data = data_folder(&settings)?;
    say("Starting a private Postgres …");
    let cluster = Cluster::start(ClusterOptions::at(data.join("database")), &|line: &str| say(line)).await?;
    let port = free_port(settings.port)?;
    let app = prepare(&cluster, &settings, port).await?;
    let bot_port = free_port(0)?;
    let sandbox = start_sandbox(&data, &app, port, bot_port).await?;
    say("Starting the bot …");
    let keys = settings
        .http
        .then(|| Keys { slack: sandbox.slack().signing_secret(), discord: sandbox.discord().public_key() });
    let mut bot = Bot {
        cluster: &cluster,
        ledger: data.join("ledger"),
        archive: data.join("archive"),
        sandbox: &sandbox,
        port: bot_port,
        keys,
    };
    let ended = bot.keep(&shutdown, || welcome(&sandbox, &cluster, &data)).await;
    say("Stopping …");
    sandbox.stop().await?;
    cluster.stop().await?;
    ended
}

fn data_folder(settings: &TrySettings) -> anyhow::Result<PathBuf> {
    let data = match &settings.data {
        Some(data) => data.clone(),
        None => default_folder(),
    };
    if settings.fresh && data.exists() {
        // Only a folder that is ours is emptied: --data / --fresh must not be a disaster.
        if !data.join("database").exists() && std::fs::read_dir(&data)?.next().is_some() {
            bail!("{} is not a folder of `wardroom try`; it is left as it is", data.display());
        }
        std::fs::remove_dir_all(&data).with_context(|| format!("emptying {}", data.display()))?;
    }
    std::fs::create_dir_all(&data).with_context(|| format!("making {}", data.display()))?;
    Ok(data)
}

/// The user's own data folder; root's home is out of reach of the user that Postgres runs as.
fn default_folder() -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from).filter(|home| home != Path::new("/root"));
    match (std::env::var_os("XDG_DATA_HOME"), home) {
        (Some(data), _) => PathBuf::from(data).join("wardroom/try"),
        (None, Some(home)) => home.join(".local/share/wardroom/try"),
        (None, None) => PathBuf::from("/var/lib/wardroom/try"),
    }
}

/// Database, schema, organisation, policy, clock.
async fn prepare(cluster: &Cluster, settings: &TrySettings, port: u16) -> anyhow::Result<App> {
    ensure_database(cluster.options(SUPERUSER, "postgres"), DATABASE).await?;
    migrate(cluster.options(SUPERUSER, DATABASE)).await?;
    let store = Store::connect(cluster.options(APP_ROLE, DATABASE), 4).await?;
    let clock = Clock::new(store.clock_offset().await?);
    let app = App::new(store, clock, Renderer::new(None)?, Vec::new());
    app.apply_organisation(&watched(port), false).await?;
    app.load_policy(DEFAULT_TOML).await?;
    if let Some(seconds) = settings.clock.filter(|seconds| *seconds > 0) {
        app.move_clock(seconds).await?;
        say(&format!("{} minutes have passed.", seconds / 60));
    }
    Ok(app)
}

/// The sample organisation; whether its most critical services work, the page of the sandbox says.
fn watched(port: u16) -> String {
    let check = format!("checks = [{{ key = \"page\", http = \"http://127.0.0.1:{port}/\", status = 200 }}]\n");
    WATCHED.iter().fold(ORGANISATION.to_owned(), |file, service| {
        let name = format!("name = \"{service}\"\n");
        file.replacen(&name, &format!("{name}{check}"), 1)
    })
}

async fn start_sandbox(data: &Path, app: &App, port: u16, bot_port: u16) -> anyhow::Result<Sandbox> {
    let file: OrganisationFile = toml::from_str(ORGANISATION).context("reading the sample organisation")?;
    let clock = app.clock.clone();
    let now = {
        let clock = clock.clone();
        Arc::new(move || clock.now())
    };
    // Steps stop at promised moments, so that the sum may be some seconds short of whole minutes.
    let offset = (clock.moved().num_seconds() + 30).div_euclid(60);
    let control = {
        let (now, clock) = (clock.clone(), clock);
        ClockControl::new(offset, move || now.now(), move |minutes| pass_time(clock.clone(), bot_port, minutes).boxed())
    };
    let sandbox = Sandbox::start(SandboxOptions {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        slack: SlackWorkspace::new(cast::slack(&file), now.clone()),
        discord: DiscordServer::new(cast::discord(&file), now),
        data: Some(data.to_path_buf()),
        clock: Arc::new(control),
        first: FirstPeople { slack: "ana".to_owned(), discord: "raj".to_owned() },
    })
    .await?;
    Ok(sandbox)
}

/// The bot moves the clock, since it keeps the promises on the way; the sandbox follows.
async fn pass_time(clock: Clock, bot_port: u16, minutes: i64) -> Result<chrono::DateTime<chrono::Utc>, String> {
    let client = reqwest::Client::builder().timeout(Duration::from_mins(2)).build().map_err(|e| e.to_string())?;
    let seconds = serde_json::json!({ "seconds": minutes * 60 });
    let answer = client
        .post(format!("http://127.0.0.1:{bot_port}/sandbox/clock"))
        .json(&seconds)
        .send()
        .await
        .map_err(|_| "The bot does not run just now, so the clock stands.".to_owned())?;
    if !answer.status().is_success() {
        return Err(answer.text().await.unwrap_or_default());
    }
    let moved: serde_json::Value = answer.json().await.map_err(|error| error.to_string())?;
    if let Some(seconds) = moved["moved_seconds"].as_i64() {
        clock.set_moved(seconds);
    }
    Ok(clock.now())
}

fn free_port(wanted: u16) -> anyhow::Result<u16> {
    let tries = if wanted == 0 { 1 } else { 100 };
    for port in (0..tries).map(|i| wanted.saturating_add(i)) {
        if let Ok(listener) = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return Ok(listener.local_addr()?.port());
        }
    }
    bail!("no free port from {wanted} to {}", wanted.saturating_add(tries - 1))
}

/// The child process, and what it needs to be started again.
struct Bot<'a> {
    cluster: &'a Cluster,
    ledger: PathBuf,
    archive: PathBuf,
    sandbox: &'a Sandbox,
    port: u16,
    /// Where it is reached by signed requests.
    keys: Option<Keys>,
}

/// What tells signed requests from others.
struct Keys {
    slack: String,
    discord: String,
}

impl Bot<'_> {
    /// Keeps the bot running until shutdown: one that is killed is started again, as a service manager would.
    async fn keep(&mut self, shutdown: &CancellationToken, welcome: impl Fn()) -> anyhow::Result<()> {
        let mut welcomed = false;
        while !shutdown.is_cancelled() {
            let mut child = self.spawn()?;
            // Held here, because waiting for a child closes its input: the bot takes that for our end.
            let input = child.stdin.take();
            tokio::select! {
                ready = self.wait_until_ready(&mut child) => {
                    ready?;
                    if !welcomed {
                        if self.keys.is_some() {
                            self.sandbox.deliver_to(&format!("http://127.0.0.1:{}", self.port)).await?;
                        }
                        welcome();
                        welcomed = true;
                    }
                }
                () = shutdown.cancelled() => {}
            }
            tokio::select! {
                ended = child.wait() => {
                    let ended = ended.context("waiting for the bot")?;
                    say(&format!("The bot ended ({ended}); it is started again."));
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
                failed = self.cluster.ended() => return Err(failed.into()),
                () = shutdown.cancelled() => {
                    drop(input);
                    let _ = tokio::time::timeout(Duration::from_secs(15), child.wait()).await;
                }
            }
        }
        Ok(())
    }

    fn spawn(&self) -> anyhow::Result<Child> {
        let mut command = Command::new(std::env::current_exe()?);
        // What the environment holds is for another Slack and another Discord.
        command.env_remove("SLACK_APP_TOKEN").env_remove("SLACK_SIGNING_SECRET").env_remove("DISCORD_PUBLIC_KEY");
        match &self.keys {
            None => command.env("SLACK_APP_TOKEN", cast::SLACK_APP_TOKEN),
            Some(keys) => command.env("SLACK_SIGNING_SECRET", &keys.slack).env("DISCORD_PUBLIC_KEY", &keys.discord),
        };
        command
            .arg("run")
            .env("DATABASE_URL", self.cluster.url(APP_ROLE, DATABASE))
            .env("PORT", self.port.to_string())
            .env("WARDROOM_PUBLIC_URL", format!("http://127.0.0.1:{}", self.port))
            .env("WARDROOM_SANDBOX", "true")
            .env("WARDROOM_LEDGER", &self.ledger)
            .env("WARDROOM_ARCHIVE", &self.archive)
            .env("SLACK_API_URL", self.sandbox.slack_api_url())
            .env("SLACK_BOT_TOKEN", cast::SLACK_BOT_TOKEN)
            .env("DISCORD_API_URL", self.sandbox.discord_api_url())
            .env("DISCORD_TOKEN", cast::DISCORD_TOKEN)
            .env("RUST_LOG", std::env::var("RUST_LOG").unwrap_or_else(|_| telemetry::QUIET.to_owned()))
            .env_remove("WARDROOM_POLICY")
            .env_remove("WARDROOM_LISTEN")
            .stdin(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("starting the bot")
    }

    async fn wait_until_ready(&self, child: &mut Child) -> anyhow::Result<()> {
        let url = format!("http://127.0.0.1:{}/readyz", self.port);
        for _ in 0..200 {
            if let Ok(answer) = reqwest::get(&url).await
                && answer.status().is_success()
            {
                return Ok(());
            }
            if let Some(ended) = child.try_wait()? {
                bail!("the bot ended while it was starting ({ended}); its lines above say why");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the bot did not become ready within ten seconds; its lines above say why")
    }
}

fn welcome(sandbox: &Sandbox, cluster: &Cluster, data: &Path) {
    say(&format!(
        "\nWardroom is ready. Open\n\n    {}\n\nand begin in #incidents, as Ana on Slack:\n\n    \
         /inc declare sev2 checkout returns 502 svc:payments\n\nThe database, as superuser:  {}\n\
         Its address for the bot's own role:  {}\nEverything is kept in {}. Ctrl-C stops it.",
        sandbox.url(),
        cluster.psql_hint(DATABASE),
        cluster.url(APP_ROLE, DATABASE),
        data.display()
    ));
}

/// A line for the person who started it.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
