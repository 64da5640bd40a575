//! `wardroom doctor`: what is wrong with a deployment, in sentences.

use std::io::Write;

use secrecy::ExposeSecret;
use sqlx::postgres::PgConnectOptions;

use crate::config::RunSettings;
use crate::platform::discord::DiscordAdapter;
use crate::platform::slack::SlackAdapter;
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
    let slack = matches!(settings.slack.settings(), Ok(Some(_)));
    match (slack, matches!(settings.discord.settings(), Ok(Some(_)))) {
        (false, false) => Err("There is nothing to serve: neither Slack nor Discord has its tokens.".to_owned()),
        (true, true) => Ok("Both platforms have their tokens.".to_owned()),
        (true, false) => Ok("Slack has its tokens.".to_owned()),
        (false, true) => Ok("Discord has its token.".to_owned()),
    }
}

async fn slack(settings: &RunSettings) -> Result<String, String> {
    let Some(settings) = settings.slack.settings().map_err(|sentence| format!("Slack: {sentence}."))? else {
        return Ok("Slack is not served: SLACK_BOT_TOKEN is not set.".to_owned());
    };
    let heard = match (&settings.app_token, &settings.signing_secret) {
        (Some(_), Some(_)) => "over Socket Mode and signed requests",
        (None, Some(_)) => "over signed requests",
        (Some(_) | None, None) => "over Socket Mode",
    };
    match SlackAdapter::connect(settings).await {
        Ok(slack) => {
            let (bot, workspace) = (slack.bot_user(), slack.workspace());
            Ok(format!("Slack: the bot token is that of {bot} in {workspace}; people are heard {heard}."))
        }
        Err(error) => Err(format!("Slack: {}.", cause(&error))),
    }
}

async fn discord(settings: &RunSettings) -> Result<String, String> {
    let Some(settings) = settings.discord.settings().map_err(|sentence| format!("Discord: {sentence}."))? else {
        return Ok("Discord is not served: DISCORD_TOKEN is not set.".to_owned());
    };
    let heard = if settings.public_key.is_some() { "as signed requests" } else { "over the gateway" };
    match DiscordAdapter::connect(settings).await {
        Ok(discord) => match discord.obstacle() {
            Some(obstacle) => Err(format!("Discord: {obstacle}.")),
            None => Ok(format!("Discord: the token is that of {}; people are heard {heard}.", discord.name())),
        },
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
