//! The bot as a process: connects, listens, works, and ends as a whole when any part of it ends.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use secrecy::ExposeSecret;
use sqlx::postgres::PgConnectOptions;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::{App, Inbound, Reply};
use crate::clock::Clock;
use crate::config::RunSettings;
use crate::jobs::{Jobs, Notary, Worker};
use crate::platform::Adapters;
use crate::platform::discord::{DiscordAdapter, DiscordSettings, Scope};
use crate::platform::slack::{SlackAdapter, SlackSettings};
use crate::registration;
use crate::render::Renderer;
use crate::store::Store;
use crate::telemetry;
use crate::web::Web;

/// How long the parts may take to finish what they have begun, before the process ends all the same.
const DRAIN: Duration = Duration::from_secs(12);

/// Jobs at a time: deliveries wait for platforms, so a few more than there are cores.
const JOBS_AT_A_TIME: usize = 6;

/// Runs until shutdown, or until a part ends.
pub async fn run(settings: RunSettings, shutdown: CancellationToken) -> anyhow::Result<()> {
    telemetry::metrics();
    let address = SocketAddr::new(settings.listen, settings.port);
    let listener = TcpListener::bind(address).await.with_context(|| format!("listening on {address}"))?;
    let mut app = connect(&settings).await?;
    let (slack, discord) = join(&settings).await?;
    let adapters = Adapters {
        slack: slack.as_ref().map(|slack| slack.outbound().clone()),
        discord: discord.as_ref().map(DiscordAdapter::outbound),
    };
    app.platforms = adapters.platforms();
    let ready = Arc::new(AtomicBool::new(false));
    let mut parts: JoinSet<anyhow::Result<&'static str>> = JoinSet::new();

    let web = Web { app: app.clone(), ready: Arc::clone(&ready), clock_control: settings.sandbox };
    parts.spawn({
        let shutdown = shutdown.clone();
        async move { web.serve(listener, shutdown).await.context("serving health").map(|()| "health") }
    });
    parts.spawn(tidy_metrics(shutdown.clone()));
    let notary = Notary::new(app.clone(), settings.ledger.anchors());
    notary.check().await?;
    if settings.ledger.ledger.is_none() {
        tracing::warn!("nothing of the decision log is signed: WARDROOM_LEDGER names no folder outside the database");
    }
    parts.spawn({
        let shutdown = shutdown.clone();
        async move { notary.run(shutdown).await.context("keeping the decision log's tree").map(|()| "notary") }
    });
    let jobs = Jobs { app: app.clone(), adapters };
    jobs.plan().await?;
    let worker = Worker::start(jobs, JOBS_AT_A_TIME, shutdown.clone()).await?;
    parts.spawn(async move { worker.run().await.context("running jobs").map(|()| "jobs") });
    if let Some(slack) = slack {
        let (app, shutdown) = (app.clone(), shutdown.clone());
        let handler = move |inbound| handle(app.clone(), inbound);
        parts.spawn(async move {
            Box::pin(slack.listen(handler, shutdown)).await.context("listening to Slack").map(|()| "Slack")
        });
    }
    if let Some(discord) = discord {
        register(&discord, &app).await?;
        let (app, shutdown) = (app.clone(), shutdown.clone());
        let handler = move |inbound| handle(app.clone(), inbound);
        parts.spawn(async move {
            discord.listen(handler, shutdown).await.context("listening to Discord").map(|()| "Discord")
        });
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
    let app = App::new(store, clock, renderer, Vec::new());
    if let Some(path) = &settings.policy {
        let source = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        if app.load_policy(&source).await.with_context(|| format!("loading {}", path.display()))? {
            tracing::info!(path = %path.display(), "a new policy is in force");
        }
    }
    if app.store.tenants().await?.is_empty() {
        bail!("no organisation is loaded; run `wardroom org apply FILE`");
    }
    Ok(app)
}

/// Joins the platforms that have tokens, and says clearly which have none.
async fn join(settings: &RunSettings) -> anyhow::Result<(Option<SlackAdapter>, Option<DiscordAdapter>)> {
    let slack = match (&settings.slack.slack_bot_token, &settings.slack.slack_app_token) {
        (Some(bot_token), Some(app_token)) => Some(
            SlackAdapter::connect(SlackSettings {
                bot_token: bot_token.clone(),
                app_token: app_token.clone(),
                api_url: settings.slack.slack_api_url.clone(),
            })
            .await
            .context("joining Slack")?,
        ),
        (None, None) => {
            tracing::warn!("Slack is not served: SLACK_BOT_TOKEN and SLACK_APP_TOKEN are not set");
            None
        }
        (Some(_), None) => bail!("SLACK_APP_TOKEN is missing: Socket Mode needs it beside SLACK_BOT_TOKEN"),
        (None, Some(_)) => bail!("SLACK_BOT_TOKEN is missing: the Web API needs it beside SLACK_APP_TOKEN"),
    };
    let discord = if let Some(token) = &settings.discord.discord_token {
        Some(
            DiscordAdapter::connect(DiscordSettings {
                token: token.clone(),
                api_url: settings.discord.discord_api_url.clone(),
                application_id: None,
            })
            .await
            .context("joining Discord")?,
        )
    } else {
        tracing::warn!("Discord is not served: DISCORD_TOKEN is not set");
        None
    };
    if slack.is_none() && discord.is_none() {
        bail!("nothing to serve: set SLACK_BOT_TOKEN and SLACK_APP_TOKEN, or DISCORD_TOKEN, or both");
    }
    Ok((slack, discord))
}

/// Offers the commands in every server of the organisation.
async fn register(discord: &DiscordAdapter, app: &App) -> anyhow::Result<()> {
    let specs = registration::discord_commands();
    for tenant in app.store.tenants().await? {
        let mut tx = app.store.begin(tenant).await?;
        let organisation = tx.organisation().await?;
        for workspace in organisation.workspaces.iter().filter(|w| w.platform == crate::domain::Platform::Discord) {
            discord
                .register(&Scope::Guild(workspace.id.clone()), &specs)
                .await
                .context("registering commands on Discord")?;
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

/// Sums up what was measured, which otherwise is kept sample by sample until somebody reads it.
async fn tidy_metrics(shutdown: CancellationToken) -> anyhow::Result<&'static str> {
    while shutdown.run_until_cancelled(tokio::time::sleep(Duration::from_secs(5))).await.is_some() {
        telemetry::metrics().run_upkeep();
    }
    Ok("metrics")
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
