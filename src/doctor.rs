//! `wardroom doctor`: what is wrong with a deployment, in sentences.

use std::io::Write;

use secrecy::ExposeSecret;
use sqlx::postgres::PgConnectOptions;

use crate::config::RunSettings;
use crate::platform::discord::{DiscordAdapter, DiscordSettings};
use crate::platform::slack::{SlackAdapter, SlackSettings};
use crate::render::Renderer;
use crate::store::Store;

/// Prints a line per check; fails where anything is wrong.
pub async fn run(settings: &RunSettings) -> anyhow::Result<()> {
    let mut wrong = 0;
    let findings =
        [database(settings).await, templates(settings), slack(settings).await, discord(settings).await, any(settings)];
    for finding in findings {
        let (mark, lines) = match finding {
            Ok(line) => ("ok  ", line),
            Err(line) => {
                wrong += 1;
                ("FAIL", line)
            }
        };
        writeln!(std::io::stdout(), "{mark}  {lines}")?;
    }
    if wrong > 0 {
        std::process::exit(1);
    }
    Ok(())
}

async fn database(settings: &RunSettings) -> Result<String, String> {
    let url = settings.database.database_url.expose_secret();
    let options: PgConnectOptions = url
        .parse()
        .map_err(|_| "DATABASE_URL is no address of Postgres, like postgres://wardroom_app@host/wardroom.")?;
    let store =
        Store::connect(options, 1).await.map_err(|error| format!("Postgres cannot be reached: {}.", cause(&error)))?;
    store.check().await.map_err(|error| format!("Postgres: {error}."))?;
    store
        .clock_offset()
        .await
        .map_err(|_| "The database has no schema of Wardroom; run `wardroom migrate` as a role that may create one.")?;
    let owns = store.role_owns_log().await.map_err(|error| cause(&error))?;
    if owns {
        return Err("The bot connects as a role that could rewrite the log; connect as wardroom_app.".to_owned());
    }
    if store.tenants().await.map_err(|error| cause(&error))?.is_empty() {
        return Err("No organisation is loaded; run `wardroom org apply FILE`.".to_owned());
    }
    Ok("Postgres answers, keeps what it acknowledges, and the bot's role cannot rewrite the log.".to_owned())
}

fn templates(settings: &RunSettings) -> Result<String, String> {
    match Renderer::new(settings.templates.as_deref()) {
        Ok(_) => Ok("Every template can be read.".to_owned()),
        Err(error) => Err(format!("Templates: {}.", cause(&error))),
    }
}

fn any(settings: &RunSettings) -> Result<String, String> {
    let slack = settings.slack.slack_bot_token.is_some() && settings.slack.slack_app_token.is_some();
    match (slack, settings.discord.discord_token.is_some()) {
        (false, false) => Err("There is nothing to serve: neither Slack nor Discord has its tokens.".to_owned()),
        (true, true) => Ok("Both platforms have their tokens.".to_owned()),
        (true, false) => Ok("Slack has its tokens.".to_owned()),
        (false, true) => Ok("Discord has its token.".to_owned()),
    }
}

async fn slack(settings: &RunSettings) -> Result<String, String> {
    let (Some(bot_token), Some(app_token)) = (&settings.slack.slack_bot_token, &settings.slack.slack_app_token) else {
        return Ok("Slack is not served: SLACK_BOT_TOKEN and SLACK_APP_TOKEN are not both set.".to_owned());
    };
    let settings = SlackSettings {
        bot_token: bot_token.clone(),
        app_token: app_token.clone(),
        api_url: settings.slack.slack_api_url.clone(),
    };
    match SlackAdapter::connect(settings).await {
        Ok(slack) => Ok(format!("Slack: the bot token is that of {} in {}.", slack.bot_user(), slack.workspace())),
        Err(error) => Err(format!("Slack: {}.", cause(&error))),
    }
}

async fn discord(settings: &RunSettings) -> Result<String, String> {
    let Some(token) = &settings.discord.discord_token else {
        return Ok("Discord is not served: DISCORD_TOKEN is not set.".to_owned());
    };
    let settings = DiscordSettings {
        token: token.clone(),
        api_url: settings.discord.discord_api_url.clone(),
        application_id: None,
    };
    match DiscordAdapter::connect(settings).await {
        Ok(discord) => Ok(format!("Discord: the token is that of {}.", discord.name())),
        Err(error) => Err(format!("Discord: {}.", cause(&error))),
    }
}

fn cause(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
