//! The bot as a process: connects, listens, works, and ends as a whole when any part of it ends.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use axum::Router;
use secrecy::ExposeSecret;
use sqlx::postgres::PgConnectOptions;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::{App, Inbound, PolicyLoad, Reply};
use crate::clock::Clock;
use crate::config::RunSettings;
use crate::domain::Platform;
use crate::host_token::HostTokens;
use crate::jobs::{Jobs, Notary, Slots, Worker};
use crate::platform::Adapters;
use crate::platform::discord::{self, DiscordAdapter, ListenError, Scope};
use crate::platform::slack::{self, SlackAdapter, SlackError};
use crate::policies;
use crate::registration;
use crate::render::Renderer;
use crate::siem::{Pace, Streamer};
use crate::store::{Databases, Store};
use crate::telemetry;
use crate::web::Web;

/// How long the parts may take to finish what they have begun, before the process ends all the same.
const DRAIN: Duration = Duration::from_secs(12);

/// Jobs at a time: deliveries wait for platforms, so a few more than there are cores.
const SLOTS: Slots = Slots { at_a_time: 6, poll: Duration::from_secs(1) };

/// Runs until shutdown, or until a part ends.
pub async fn run(settings: RunSettings, shutdown: CancellationToken) -> anyhow::Result<()> {
    telemetry::metrics();
    let address = SocketAddr::new(settings.listen, settings.port);
    let listener = TcpListener::bind(address).await.with_context(|| format!("listening on {address}"))?;
    let mut app = connect(&settings).await?;
    // Nothing is written where the log is not the one that was signed.
    Notary::new(app.clone(), settings.ledger.anchors()).check().await?;
    load_policy(&settings, &app).await?;
    let (slack, discord) = join(&settings, &app).await?;
    let adapters = Adapters {
        slack: slack.as_ref().map(|slack| slack.outbound().clone()),
        discord: discord.as_ref().map(DiscordAdapter::outbound),
    };
    // What a platform should hear while its token is dead is kept for the day when it is renewed.
    app.platforms = settings.platforms();
    app.anchors = settings.ledger.anchors();
    app.archive = settings.archive.archive();
    app.databases = Databases::of(&settings.check_databases);
    app.host_tokens = HostTokens::of(&settings.check_tokens);
    app.public_url = settings.public_url().map_err(anyhow::Error::msg)?;
    let ready = Arc::new(AtomicBool::new(false));
    let mut parts: JoinSet<anyhow::Result<&'static str>> = JoinSet::new();

    let work = TaskTracker::new();
    let routes = endpoints(&app, slack.as_ref(), discord.as_ref(), &work);
    let web = Web { app: app.clone(), ready: Arc::clone(&ready), clock_control: settings.sandbox, routes, work };
    parts.spawn({
        let shutdown = shutdown.clone();
        async move { web.serve(listener, shutdown).await.context("serving requests").map(|()| "requests") }
    });
    parts.spawn(tidy_metrics(app.clone(), shutdown.clone()));
    let notary = Notary::new(app.clone(), settings.ledger.anchors()).with_witnesses(settings.witness.witnesses.clone());
    notary.check_chat(&adapters).await?;
    notary.check_witnesses().await?;
    if settings.ledger.ledger.is_none() {
        tracing::warn!("nothing of the decision log is signed: WARDROOM_LEDGER names no folder outside the database");
    }
    parts.spawn({
        let shutdown = shutdown.clone();
        async move { notary.run(shutdown).await.context("keeping the decision log's tree").map(|()| "notary") }
    });
    if let Some(siem) = settings.siem.settings().map_err(|problem| anyhow::anyhow!(problem))? {
        let streamer = Streamer::new(app.store.clone(), siem, Pace::default())?;
        let shutdown = shutdown.clone();
        parts.spawn(async move {
            streamer.run(shutdown).await;
            Ok("SIEM")
        });
    }
    let jobs = Jobs { app: app.clone(), adapters };
    jobs.plan().await?;
    let worker = Worker::start(jobs, SLOTS, shutdown.clone()).await?;
    parts.spawn(async move { worker.run().await.context("running jobs").map(|()| "jobs") });
    let has_slack = slack.is_some();
    if let Some(slack) = slack {
        let (app, shutdown) = (app.clone(), shutdown.clone());
        app.regain(Platform::Slack, slack.workspace()).await?;
        parts.spawn(serve_slack(app, slack, shutdown, discord.is_some()));
    }
    if let Some(discord) = discord {
        register(&discord, &app).await?;
        let (app, shutdown) = (app.clone(), shutdown.clone());
        parts.spawn(serve_discord(app, discord, shutdown, has_slack));
    }
    ready.store(true, Ordering::SeqCst);
    tracing::info!(address = %address, platforms = ?app.platforms, "Wardroom runs");
    supervise(parts, shutdown).await
}

async fn connect(settings: &RunSettings) -> anyhow::Result<App> {
    let options: PgConnectOptions = settings
        .database
        .database_url
        .expose_secret()
        .parse()
        .context("DATABASE_URL is no address of Postgres, like postgres://wardroom_app@host/wardroom")?;
    let options = options.application_name("wardroom").options([("statement_timeout", "10s")]);
    let store = Store::connect(options, settings.connections).await.context("Postgres cannot be reached")?;
    store.check().await?;
    let offset = store.clock_offset().await.context("the database has no schema yet; run `wardroom migrate`")?;
    let clock = Clock::new(if settings.sandbox { offset } else { 0 });
    let renderer = Renderer::new(settings.templates.as_deref())?;
    let app = App::new(store, clock, renderer, Vec::new()).after_another();
    if app.store.tenants().await?.is_empty() {
        bail!("no organisation is loaded; run `wardroom org apply FILE`");
    }
    Ok(app)
}

async fn load_policy(settings: &RunSettings, app: &App) -> anyhow::Result<()> {
    let Some(path) = &settings.policy else { return Ok(()) };
    let source = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let load = app.load_policy(&source).await.with_context(|| format!("loading {}", path.display()))?;
    if load != PolicyLoad::default() {
        tracing::info!(path = %path.display(), "{}", policies::outcome(&load));
    }
    Ok(())
}

/// Listens to Slack. Where its token dies and another platform is served, the bot stays for that one: nobody calls Slack
/// again until somebody has renewed the token and started the bot anew.
async fn serve_slack(
    app: App,
    slack: SlackAdapter,
    shutdown: CancellationToken,
    is_not_alone: bool,
) -> anyhow::Result<&'static str> {
    let handler = {
        let app = app.clone();
        move |inbound| handle(app.clone(), inbound)
    };
    match Box::pin(slack.listen(handler, shutdown.clone())).await {
        Err(SlackError::AppToken { code }) if is_not_alone => {
            app.lose(Platform::Slack, Some(slack.workspace()), &code).await?;
            shutdown.cancelled().await;
            Ok("Slack")
        }
        ended => ended.context("listening to Slack").map(|()| "Slack"),
    }
}

/// Listens to Discord, as [`serve_slack`] does to Slack.
async fn serve_discord(
    app: App,
    discord: DiscordAdapter,
    shutdown: CancellationToken,
    is_not_alone: bool,
) -> anyhow::Result<&'static str> {
    let handler = {
        let app = app.clone();
        move |inbound| handle(app.clone(), inbound)
    };
    match discord.listen(handler, shutdown.clone()).await {
        Err(ListenError::Token) if is_not_alone => {
            app.lose(Platform::Discord, None, "401").await?;
            shutdown.cancelled().await;
            Ok("Discord")
        }
        ended => ended.context("listening to Discord").map(|()| "Discord"),
    }
}

/// Goes on without a platform whose token is dead, where another is served: that it is gone is told there.
async fn joined<T, E: std::error::Error + Send + Sync + 'static>(
    app: &App,
    platform: Platform,
    is_not_alone: bool,
    joined: Result<T, E>,
    dead_token: impl Fn(&E) -> Option<String>,
) -> anyhow::Result<Option<T>> {
    match joined {
        Ok(adapter) => Ok(Some(adapter)),
        Err(error) => match dead_token(&error).filter(|_| is_not_alone) {
            Some(code) => {
                app.lose(platform, None, &code).await?;
                Ok(None)
            }
            None => Err(error).with_context(|| format!("joining {}", platform.name())),
        },
    }
}

/// Joins the platforms that have tokens, and says clearly which have none.
async fn join(settings: &RunSettings, app: &App) -> anyhow::Result<(Option<SlackAdapter>, Option<DiscordAdapter>)> {
    let discord = settings.discord.settings().map_err(anyhow::Error::msg)?;
    let slack = if let Some(slack) = settings.slack.settings().map_err(anyhow::Error::msg)? {
        let connected = SlackAdapter::connect(slack).await;
        let dead_token = |error: &SlackError| error.dead_token().map(str::to_owned);
        joined(app, Platform::Slack, discord.is_some(), connected, dead_token).await?
    } else {
        tracing::warn!("Slack is not served: SLACK_BOT_TOKEN is not set");
        None
    };
    let discord = if let Some(discord) = discord {
        let connected = DiscordAdapter::connect(discord).await;
        let dead_token = |error: &discord::ConnectError| error.dead_token().map(str::to_owned);
        let discord = joined(app, Platform::Discord, slack.is_some(), connected, dead_token).await?;
        // The sandbox learns the address when the bot is up.
        if let Some(obstacle) = discord.as_ref().and_then(DiscordAdapter::obstacle).filter(|_| !settings.sandbox) {
            tracing::warn!("{obstacle}");
        }
        discord
    } else {
        tracing::warn!("Discord is not served: DISCORD_TOKEN is not set");
        None
    };
    if slack.is_none() && discord.is_none() && settings.platforms().is_empty() {
        bail!(
            "nothing to serve: set SLACK_BOT_TOKEN with SLACK_APP_TOKEN or SLACK_SIGNING_SECRET, or DISCORD_TOKEN, or both"
        );
    }
    Ok((slack, discord))
}

/// Where the platforms post what people do; those that do not say so.
fn endpoints(app: &App, slack: Option<&SlackAdapter>, discord: Option<&DiscordAdapter>, work: &TaskTracker) -> Router {
    let app = app.clone();
    let handler = move |inbound| handle(app.clone(), inbound);
    let slack = slack.map_or_else(slack::not_served, |slack| slack.routes(handler.clone(), work.clone()));
    let discord = discord.map_or_else(discord::not_served, |discord| discord.routes(handler, work.clone()));
    slack.merge(discord)
}

/// Offers the commands in every server of the organisation.
async fn register(discord: &DiscordAdapter, app: &App) -> anyhow::Result<()> {
    let specs = registration::discord_commands();
    for tenant in app.store.tenants().await? {
        let mut tx = app.store.begin(tenant).await?;
        let organisation = tx.organisation().await?;
        for workspace in organisation.workspaces.iter().filter(|w| w.platform == Platform::Discord) {
            match discord.register(&Scope::Guild(workspace.id.clone()), &specs).await {
                // Invited again it is offered them, and until then it is no reason not to serve the others.
                Err(error) if workspace.lost.is_some() => {
                    tracing::warn!(discord.guild = workspace.id, %error, "no commands in a server that lost the bot");
                }
                registered => drop(registered.context("registering commands on Discord")?),
            }
        }
    }
    Ok(())
}

/// One delivery, from either platform. An error is logged here, once; the person gets a reference to it.
pub async fn handle(app: App, inbound: Inbound) -> Result<Reply, String> {
    let delivery = inbound.delivery.clone();
    let started = std::time::Instant::now();
    let platform = inbound.place.platform.as_str();
    let reply = app.handle(inbound).await;
    let duration = started.elapsed();
    metrics::histogram!("wardroom_answer_seconds", "platform" => platform).record(duration);
    let duration_ms = duration.as_secs_f64() * 1_000.0;
    match reply {
        Ok(reply) => {
            tracing::debug!(delivery, duration_ms, "answered");
            Ok(reply)
        }
        Err(error) => {
            let reference = format!("E-{:06x}", rand::random::<u32>() >> 8);
            tracing::error!(delivery, reference, error = &error as &dyn std::error::Error, "a delivery failed");
            Err(reference)
        }
    }
}

/// Sums up what was measured, which otherwise is kept sample by sample until somebody reads it, and counts what waits.
async fn tidy_metrics(app: App, shutdown: CancellationToken) -> anyhow::Result<&'static str> {
    while shutdown.run_until_cancelled(tokio::time::sleep(Duration::from_secs(5))).await.is_some() {
        telemetry::metrics().run_upkeep();
        // While Postgres does not answer, the numbers of a moment ago stand; its silence is told of elsewhere.
        if let (Ok(waiting), Ok(failed)) = (app.store.says_waiting().await, app.store.jobs_failed().await) {
            metrics::gauge!("wardroom_deliveries_waiting").set(count(waiting));
            metrics::gauge!("wardroom_jobs_failed").set(count(failed));
        }
    }
    Ok("metrics")
}

fn count(number: i64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Any part's end is the end of all: a bot that hears but cannot answer helps nobody.
async fn supervise(
    mut parts: JoinSet<anyhow::Result<&'static str>>,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let first = tokio::select! {
        // First, because a part that ends on demand may be as quick as the demand.
        biased;
        () = shutdown.cancelled() => None,
        ended = parts.join_next() => ended,
    };
    // Parts that hear of the shutdown sooner than we do have not ended by themselves.
    let asked = shutdown.is_cancelled();
    shutdown.cancel();
    let mut outcome = match first {
        Some(Ok(Ok(part))) if !asked => Err(anyhow::anyhow!("{part} ended by itself")),
        Some(Ok(Err(error))) => Err(error),
        Some(Err(error)) => Err(error).context("a part ended badly"),
        Some(Ok(Ok(_))) | None => Ok(()),
    };
    let drained = tokio::time::timeout(DRAIN, async {
        while let Some(ended) = parts.join_next().await {
            if let (Ok(()), Ok(Err(error))) = (&outcome, ended) {
                outcome = Err(error);
            }
        }
    });
    if drained.await.is_err() {
        tracing::warn!("some parts did not finish in time; ending all the same");
    }
    outcome
}
