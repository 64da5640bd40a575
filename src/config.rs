//! Settings: each a flag and an environment variable, under the names that users know from elsewhere.

use std::path::PathBuf;

use clap::Args;
use secrecy::SecretString;

use crate::ledger::anchors::Anchors;

/// Where the decisions are kept.
#[derive(Debug, Clone, Args)]
pub struct DatabaseSettings {
    /// Postgres, for example `postgres://wardroom_app@db.example/wardroom`
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: SecretString,
}

/// What is kept of the decision log outside the database.
#[derive(Debug, Clone, Args)]
pub struct LedgerSettings {
    /// Folder outside the database for the key that signs the log and for what it signed; made where it is missing
    #[arg(long, env = "WARDROOM_LEDGER", value_name = "FOLDER")]
    pub ledger: Option<PathBuf>,
}

impl LedgerSettings {
    pub fn anchors(&self) -> Option<Anchors> {
        self.ledger.clone().map(Anchors::at)
    }
}

/// The Slack workspace to join. Without tokens Slack is not served.
#[derive(Debug, Clone, Args)]
pub struct SlackFlags {
    /// Bot token, `xoxb-…`
    #[arg(long, env = "SLACK_BOT_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub slack_bot_token: Option<SecretString>,
    /// App token for Socket Mode, `xapp-…`, with the scope `connections:write`
    #[arg(long, env = "SLACK_APP_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub slack_app_token: Option<SecretString>,
    /// Where Slack's Web API is; plain http is accepted for this machine only
    #[arg(long, env = "SLACK_API_URL", default_value = "https://slack.com/api", value_name = "URL")]
    pub slack_api_url: String,
}

/// The Discord application to run. Without a token Discord is not served.
#[derive(Debug, Clone, Args)]
pub struct DiscordFlags {
    /// Bot token of the application
    #[arg(long, env = "DISCORD_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub discord_token: Option<SecretString>,
    /// Where Discord is; plain http is accepted for this machine only
    #[arg(long, env = "DISCORD_API_URL", default_value = "https://discord.com", value_name = "URL")]
    pub discord_api_url: String,
}

/// How the bot runs.
#[derive(Debug, Clone, Args)]
pub struct RunSettings {
    #[command(flatten)]
    pub database: DatabaseSettings,
    #[command(flatten)]
    pub ledger: LedgerSettings,
    #[command(flatten)]
    pub slack: SlackFlags,
    #[command(flatten)]
    pub discord: DiscordFlags,
    /// Port for `/healthz`, `/readyz` and `/metrics`
    #[arg(long, env = "PORT", default_value_t = 8080, value_name = "PORT")]
    pub port: u16,
    /// Address to listen on for the port
    #[arg(long, env = "WARDROOM_LISTEN", default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub listen: std::net::IpAddr,
    /// Policy file, loaded at start where it differs from the one in force
    #[arg(long, env = "WARDROOM_POLICY", value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Folder whose templates take precedence over the built-in ones
    #[arg(long, env = "WARDROOM_TEMPLATES", value_name = "FOLDER")]
    pub templates: Option<PathBuf>,
    /// Connections to Postgres, at most
    #[arg(long, env = "WARDROOM_CONNECTIONS", default_value_t = 16, value_name = "NUMBER")]
    pub connections: u32,
    /// Set by `wardroom try`: the page may move the clock, and the bot ends with its supervisor
    #[arg(long, env = "WARDROOM_SANDBOX", hide = true)]
    pub sandbox: bool,
}
