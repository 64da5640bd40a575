//! Settings: each a flag and an environment variable, under the names that users know from elsewhere.

use std::path::PathBuf;

use clap::Args;
use secrecy::SecretString;
use url::Url;

use crate::address::is_private;
use crate::domain::Platform;
use crate::host_token::HostToken;
use crate::ledger::anchors::Anchors;
use crate::ledger::archive::Archive;
use crate::ledger::witness::Witness;
use crate::platform::discord::DiscordSettings;
use crate::platform::slack::SlackSettings;
use crate::siem::{Format, SinkSettings};
use crate::store::NamedDatabase;

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

/// Who else remembers what was signed.
#[derive(Debug, Clone, Default, Args)]
pub struct WitnessSettings {
    /// Witnesses that cosign what was signed (C2SP tlog-witness): the key and the address of each, separated by a comma
    #[arg(
        long = "witness",
        env = "WARDROOM_WITNESS",
        value_delimiter = ',',
        value_parser = Witness::parse,
        value_name = "KEY ADDRESS"
    )]
    pub witnesses: Vec<Witness>,
}

/// Where what has ended is sealed. Without a folder nothing is.
#[derive(Debug, Clone, Args)]
pub struct ArchiveSettings {
    /// Folder outside the database into which incidents that have ended are sealed; made where it is missing, and shared
    /// by all bots of one database
    #[arg(long, env = "WARDROOM_ARCHIVE", value_name = "FOLDER")]
    pub archive: Option<PathBuf>,
}

impl ArchiveSettings {
    pub fn archive(&self) -> Option<Archive> {
        self.archive.clone().map(Archive::at)
    }
}

/// The Slack workspace to join. Without tokens Slack is not served. With an app token it is heard over Socket Mode, with a
/// signing secret over signed requests, with both over both.
#[derive(Debug, Clone, Args)]
pub struct SlackFlags {
    /// Bot token, `xoxb-…`
    #[arg(long, env = "SLACK_BOT_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub slack_bot_token: Option<SecretString>,
    /// App token for Socket Mode, `xapp-…`, with the scope `connections:write`
    #[arg(long, env = "SLACK_APP_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub slack_app_token: Option<SecretString>,
    /// Signing secret of the app: serves `/slack/commands`, `/slack/interactions` and `/slack/events` on the port
    #[arg(long, env = "SLACK_SIGNING_SECRET", hide_env_values = true, value_name = "SECRET")]
    pub slack_signing_secret: Option<SecretString>,
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
    /// Public key of the application: serves `/discord/interactions` on the port, in place of the gateway
    #[arg(long, env = "DISCORD_PUBLIC_KEY", value_name = "KEY")]
    pub discord_public_key: Option<String>,
    /// Where Discord is; plain http is accepted for this machine only
    #[arg(long, env = "DISCORD_API_URL", default_value = "https://discord.com", value_name = "URL")]
    pub discord_api_url: String,
}

impl SlackFlags {
    /// What the adapter needs; `None` where no token is set, a sentence where one is missing beside another.
    pub fn settings(&self) -> Result<Option<SlackSettings>, &'static str> {
        let hears = self.slack_app_token.is_some() || self.slack_signing_secret.is_some();
        match &self.slack_bot_token {
            Some(bot_token) if hears => Ok(Some(SlackSettings {
                bot_token: bot_token.clone(),
                app_token: self.slack_app_token.clone(),
                signing_secret: self.slack_signing_secret.clone(),
                api_url: self.slack_api_url.clone(),
            })),
            Some(_) => {
                Err("SLACK_APP_TOKEN (for Socket Mode) or SLACK_SIGNING_SECRET (for signed requests) is missing \
                            beside SLACK_BOT_TOKEN: without one of them nothing is heard")
            }
            None if hears => Err("SLACK_BOT_TOKEN is missing: the Web API needs it"),
            None => Ok(None),
        }
    }
}

impl DiscordFlags {
    /// What the adapter needs; `None` where no token is set, a sentence where only the public key is.
    pub fn settings(&self) -> Result<Option<DiscordSettings>, &'static str> {
        match &self.discord_token {
            Some(token) => Ok(Some(DiscordSettings {
                token: token.clone(),
                api_url: self.discord_api_url.clone(),
                application_id: None,
                public_key: self.discord_public_key.clone(),
            })),
            None if self.discord_public_key.is_some() => {
                Err("DISCORD_TOKEN is missing: messages are sent with it, also where interactions come as requests")
            }
            None => Ok(None),
        }
    }
}

/// The platforms whose chat keeps checkpoints too, for commands that compare them.
#[derive(Debug, Clone, Args)]
pub struct ChatSettings {
    #[command(flatten)]
    pub slack: SlackFlags,
    #[command(flatten)]
    pub discord: DiscordFlags,
}

/// Where the decision log is sent on to. Without an address it is not.
#[derive(Debug, Clone, Default, Args)]
pub struct SiemFlags {
    /// A SIEM's receiver: `https://host/path` (JSON lines), `syslog+tls://host:6514`, `syslog+tcp://host:514` or
    /// `syslog+udp://host:514`
    #[arg(long, env = "WARDROOM_SIEM_URL", hide_env_values = true, value_name = "URL")]
    pub siem_url: Option<String>,
    /// Bearer token for https
    #[arg(long, env = "WARDROOM_SIEM_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub siem_token: Option<SecretString>,
    /// Certificate authorities that syslog+tls trusts, in PEM; without it those of the system
    #[arg(long, env = "WARDROOM_SIEM_CA", value_name = "FILE")]
    pub siem_ca: Option<PathBuf>,
    /// Of syslog's messages; without it RFC 5424 with structured data
    #[arg(long, env = "WARDROOM_SIEM_FORMAT", value_name = "FORMAT")]
    pub siem_format: Option<Format>,
    /// Under which the position is kept; another name begins anew
    #[arg(long, env = "WARDROOM_SIEM_NAME", value_name = "NAME", default_value = "siem")]
    pub siem_name: String,
    /// Send names and texts too, which nobody can take back from there
    #[arg(long = "with-texts", env = "WARDROOM_SIEM_WITH_TEXTS")]
    pub siem_with_texts: bool,
}

impl SiemFlags {
    /// What the stream needs; `None` where no address is set, a sentence where something makes no sense.
    pub fn settings(&self) -> Result<Option<SinkSettings>, String> {
        match &self.siem_url {
            Some(url) => {
                let (token, authorities) = (self.siem_token.clone(), self.siem_ca.as_deref());
                SinkSettings::read(&self.siem_name, url, token, authorities, self.siem_format, self.siem_with_texts)
                    .map(Some)
            }
            None if self.is_half_set() => {
                Err("WARDROOM_SIEM_URL is missing beside the other settings of the SIEM".to_owned())
            }
            None => Ok(None),
        }
    }

    fn is_half_set(&self) -> bool {
        self.siem_token.is_some() || self.siem_ca.is_some() || self.siem_format.is_some() || self.siem_with_texts
    }
}

/// How the bot runs.
#[derive(Debug, Clone, Args)]
pub struct RunSettings {
    #[command(flatten)]
    pub database: DatabaseSettings,
    #[command(flatten)]
    pub ledger: LedgerSettings,
    #[command(flatten)]
    pub witness: WitnessSettings,
    #[command(flatten)]
    pub archive: ArchiveSettings,
    /// A database that checks of changes may read, with a role that can read only: `ledger=postgres://reader@db.example/ledger`
    #[arg(
        long = "check-database",
        env = "WARDROOM_CHECK_DATABASES",
        hide_env_values = true,
        value_name = "NAME=URL",
        value_delimiter = ' '
    )]
    pub check_databases: Vec<NamedDatabase>,
    /// A token that checks of pipelines ask this host with, one that can read only: `api.github.com=github_pat_…`
    #[arg(
        long = "check-token",
        env = "WARDROOM_CHECK_TOKENS",
        hide_env_values = true,
        value_name = "HOST=TOKEN",
        value_delimiter = ' '
    )]
    pub check_tokens: Vec<HostToken>,
    #[command(flatten)]
    pub slack: SlackFlags,
    #[command(flatten)]
    pub discord: DiscordFlags,
    #[command(flatten)]
    pub siem: SiemFlags,
    /// Port for `/healthz`, `/readyz`, `/metrics`, `/calendar/…` and the platforms' signed requests
    #[arg(long, env = "PORT", default_value_t = 8080, value_name = "PORT")]
    pub port: u16,
    /// Address to listen on for the port
    #[arg(long, env = "WARDROOM_LISTEN", default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub listen: std::net::IpAddr,
    /// Where the port is reached from outside, like `https://bot.example`; calendar programs fetch `/calendar/…` there
    #[arg(long, env = "WARDROOM_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
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

impl RunSettings {
    /// Where this process is reached from outside, without a slash at its end; a sentence where that cannot be an address.
    pub fn public_url(&self) -> Result<Option<String>, String> {
        self.public_url.as_deref().map(public_url).transpose()
    }

    /// The platforms whose tokens are set.
    pub fn platforms(&self) -> Vec<Platform> {
        let slack = self.slack.slack_bot_token.is_some();
        let discord = self.discord.discord_token.is_some();
        let set = [(Platform::Slack, slack), (Platform::Discord, discord)];
        set.into_iter().filter(|(_, set)| *set).map(|(platform, _)| platform).collect()
    }
}

fn public_url(given: &str) -> Result<String, String> {
    match Url::parse(given) {
        Ok(url) if is_private(&url) && url.query().is_none() && url.fragment().is_none() => {
            Ok(given.trim_end_matches('/').to_owned())
        }
        _ => Err(format!(
            "WARDROOM_PUBLIC_URL is no address like https://bot.example (http:// only on this machine): {given}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_from_outside_is_one_that_nobody_can_listen_in_on() {
        for (given, expected) in [
            ("https://bot.example", Some("https://bot.example")),
            ("https://bot.example/wardroom/", Some("https://bot.example/wardroom")),
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("http://bot.example", None),
            ("https://bot.example/?a=b", None),
            ("bot.example", None),
            ("file:///etc", None),
        ] {
            assert_eq!(public_url(given).ok().as_deref(), expected, "{given}");
        }
        assert!(public_url("bot").is_err_and(|told| told.contains("WARDROOM_PUBLIC_URL")));
    }

    fn slack(bot: bool, app: bool, secret: bool) -> SlackFlags {
        let set = |is_set: bool| is_set.then(|| SecretString::from("x"));
        SlackFlags {
            slack_bot_token: set(bot),
            slack_app_token: set(app),
            slack_signing_secret: set(secret),
            slack_api_url: "https://slack.com/api".to_owned(),
        }
    }

    #[test]
    fn slack_is_heard_by_a_token_or_a_secret_or_both() {
        for (app, secret) in [(true, false), (false, true), (true, true)] {
            let settings = slack(true, app, secret).settings().expect("enough is set").expect("it is served");
            assert_eq!((settings.app_token.is_some(), settings.signing_secret.is_some()), (app, secret));
            assert!(
                slack(false, app, secret).settings().is_err_and(|told| told.contains("SLACK_BOT_TOKEN is missing"))
            );
        }
        assert!(slack(true, false, false).settings().is_err_and(|told| told.contains("SLACK_SIGNING_SECRET")));
        assert!(slack(false, false, false).settings().is_ok_and(|settings| settings.is_none()));
    }

    #[test]
    fn discord_needs_its_token_either_way() {
        let discord = |token: bool, key: bool| DiscordFlags {
            discord_token: token.then(|| SecretString::from("x")),
            discord_public_key: key.then(|| "k".to_owned()),
            discord_api_url: "https://discord.com".to_owned(),
        };
        for key in [true, false] {
            let settings = discord(true, key).settings().expect("enough is set").expect("it is served");
            assert_eq!(settings.public_key.is_some(), key);
        }
        assert!(discord(false, true).settings().is_err_and(|told| told.contains("DISCORD_TOKEN is missing")));
        assert!(discord(false, false).settings().is_ok_and(|settings| settings.is_none()));
    }
}
