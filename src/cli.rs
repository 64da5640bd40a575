//! The command line.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, Subcommand};
use secrecy::ExposeSecret;
use sqlx::postgres::PgConnectOptions;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::audit::LogCommand;
use crate::clock::Clock;
use crate::config::{DatabaseSettings, LedgerSettings, RunSettings};
use crate::jobs::Notary;
use crate::policies::PolicyCommand;
use crate::render::Renderer;
use crate::store::Store;
use crate::store::migrate::migrate;
use crate::{audit, doctor, policies, registration, service, telemetry};

/// Incident command and change control in Slack and Discord, with a decision log that can be proven.
#[derive(Debug, Parser)]
#[command(name = "wardroom", version, propagate_version = true)]
pub struct Cli {
    /// What to log, as a `tracing` filter
    #[arg(long, global = true, env = "RUST_LOG", value_name = "FILTER")]
    log: Option<String>,
    /// Log as JSON lines
    #[arg(long, global = true, env = "WARDROOM_LOG_JSON")]
    log_json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try everything on this machine: a sandbox Slack and Discord, sample people, a private Postgres
    #[cfg(feature = "sandbox")]
    Try(crate::trial::TrySettings),
    /// Run the bot on the platforms whose tokens are set
    Run(Box<RunSettings>),
    /// Bring the database to this version; connect as a role that may create roles and schemas
    Migrate(DatabaseSettings),
    /// Say in sentences what is wrong with this deployment
    Doctor(Box<RunSettings>),
    /// People, teams, services, rosters and audiences
    #[command(subcommand)]
    Org(OrgCommand),
    /// The rules and their numbers
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// The decision log
    #[command(subcommand)]
    Log(Box<LogCommand>),
    /// Print Slack's app manifest (deploy/slack-manifest.yaml)
    Manifest {
        /// Have Slack send signed requests to this public address, instead of Socket Mode
        #[arg(long, value_name = "URL", value_parser = public_address)]
        url: Option<String>,
    },
    /// Print the link that invites the bot to a Discord server, with exactly the permissions that it needs
    Invite {
        /// The application's id, from its General Information page
        #[arg(value_name = "APPLICATION_ID", value_parser = clap::value_parser!(u64).range(1..))]
        application: u64,
    },
    /// Print the table of commands, as the README shows it
    Commands,
    /// Print the version
    Version,
}

impl Command {
    /// A filter for commands whose own words matter more than the log's.
    fn quiet(&self) -> Option<&'static str> {
        match self {
            #[cfg(feature = "sandbox")]
            Command::Try(_) => Some(telemetry::QUIET),
            Command::Run(_) => None,
            Command::Migrate(_)
            | Command::Doctor(_)
            | Command::Org(_)
            | Command::Policy(_)
            | Command::Log(_)
            | Command::Manifest { .. }
            | Command::Invite { .. }
            | Command::Commands
            | Command::Version => Some(telemetry::QUIET),
        }
    }
}

#[derive(Debug, Subcommand)]
enum OrgCommand {
    /// Make the organisation what the file says; shows what changes, and changes nothing twice
    Apply {
        file: PathBuf,
        /// Show only
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        ledger: LedgerSettings,
        #[command(flatten)]
        database: DatabaseSettings,
    },
}

/// Runs what the arguments say.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    telemetry::start(cli.log.as_deref().or(cli.command.quiet()), cli.log_json);
    match cli.command {
        #[cfg(feature = "sandbox")]
        Command::Try(settings) => crate::trial::run(settings, until_signalled(false)).await,
        Command::Run(settings) => {
            let shutdown = until_signalled(settings.sandbox);
            service::run(*settings, shutdown).await
        }
        Command::Migrate(database) => {
            migrate(options(&database)?).await?;
            out("The database is at this version. The bot connects as wardroom_app.")
        }
        Command::Doctor(settings) => doctor::run(&settings).await,
        Command::Org(OrgCommand::Apply { file, dry_run, ledger, database }) => {
            let source = read(&file)?;
            let applied = connect_to_write(&database, &ledger).await?.apply_organisation(&source, dry_run).await?;
            let changes = applied.changes.iter().map(ToString::to_string);
            for line in changes.chain(applied.kept.iter().map(ToString::to_string)) {
                out(&line)?;
            }
            out(match (applied.changes.is_empty(), dry_run) {
                (true, _) => "Nothing to change.",
                (false, true) => "Nothing was changed: this was a dry run.",
                (false, false) => "Applied.",
            })
        }
        Command::Policy(command) => policies::run(command).await,
        Command::Log(command) => audit::run(*command).await,
        Command::Manifest { url } => out(registration::slack_manifest(url.as_deref()).trim_end()),
        Command::Invite { application } => out(registration::discord_invitation(&application.to_string()).trim_end()),
        Command::Commands => out(registration::command_table().trim_end()),
        Command::Version => out(concat!("wardroom ", env!("CARGO_PKG_VERSION"))),
    }
}

fn options(database: &DatabaseSettings) -> anyhow::Result<PgConnectOptions> {
    database.database_url.expose_secret().parse().context("DATABASE_URL is no address of Postgres")
}

/// The app for a command of an operator: it serves no platform.
pub(crate) async fn connect(database: &DatabaseSettings) -> anyhow::Result<App> {
    let store = Store::connect(options(database)?, 2).await.context("Postgres cannot be reached")?;
    let clock =
        Clock::new(store.clock_offset().await.context("the database has no schema yet; run `wardroom migrate`")?);
    Ok(App::new(store, clock, Renderer::new(None)?, Vec::new()))
}

/// The same for a command that writes entries: as when the bot starts, nothing is written into a log that is not the one
/// that was signed.
pub(crate) async fn connect_to_write(database: &DatabaseSettings, ledger: &LedgerSettings) -> anyhow::Result<App> {
    let app = connect(database).await?;
    Notary::new(app.clone(), ledger.anchors()).check().await?;
    Ok(app)
}

/// An address that Slack can reach: https, and nothing but a host and a path.
fn public_address(given: &str) -> Result<String, String> {
    let url = url::Url::parse(given).map_err(|_| "write an address like https://bot.example".to_owned())?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if url.scheme() != "https" || !plain {
        return Err("Slack calls https addresses only, like https://bot.example".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

pub(crate) fn read(path: &std::path::Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

/// A line for the person who runs the command.
pub(crate) fn out(line: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{line}").context("writing to standard output")
}

/// Cancelled by Ctrl-C and SIGTERM; for a child of `try` also when its standard input closes, so that a bot never
/// outlives the sandbox it talks to.
pub(crate) fn until_signalled(with_parent: bool) -> CancellationToken {
    let token = CancellationToken::new();
    let cancelled = token.clone();
    tokio::spawn(async move {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
            .expect("SIGTERM can be listened to");
        if with_parent {
            // Ctrl-C reaches the whole process group; the supervisor decides when the bot ends.
            tokio::select! {
                () = parent_gone() => {}
                _ = terminate.recv() => {}
            }
        } else {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        cancelled.cancel();
    });
    token
}

async fn parent_gone() {
    // Ctrl-C must not end the child by the default action.
    let _ignored = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt());
    let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
    // A thread of its own: a blocking read in the runtime's pool would hold up its end.
    std::thread::spawn(move || {
        let mut byte = [0_u8; 1];
        while matches!(std::io::Read::read(&mut std::io::stdin(), &mut byte), Ok(read) if read > 0) {}
        drop(sender);
    });
    let _ = receiver.await;
}
