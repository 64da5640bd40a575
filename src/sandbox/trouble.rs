//! Trouble to order, for scripts that want to see how a bot bears it; and what a bot has asked for.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{Answer, Api, Body, done};
use super::discord::DiscordFault;
use super::slack::SlackFault;

pub(super) fn router() -> Router<Arc<Api>> {
    Router::new()
        .route("/api/slack/calls", get(slack_calls))
        .route("/api/slack/fault", post(slack_fault))
        .route("/api/slack/connections", post(slack_connections))
        .route("/api/discord/calls", get(discord_calls))
        .route("/api/discord/fault", post(discord_fault))
        .route("/api/discord/connections", post(discord_connections))
}

/// What happens to the bot's Socket Mode connections.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum SlackConnections {
    /// Ends them as a network failure does.
    Drop,
    /// Announces their end, as Slack does before it closes one.
    Disconnect { reason: String },
}

/// What happens to the bot's gateway connections.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum DiscordConnections {
    /// Ends them as a network failure does.
    Drop,
    Close {
        code: u16,
    },
    /// Asks the bot to reconnect and resume.
    Reconnect,
    Invalidate {
        resumable: bool,
    },
}

async fn slack_calls(State(api): State<Arc<Api>>) -> Json<Value> {
    Json(json!(api.slack.calls()))
}

async fn slack_fault(State(api): State<Arc<Api>>, Body(fault): Body<SlackFault>) -> Answer {
    api.slack.fault(fault);
    done(Ok(()))
}

async fn slack_connections(State(api): State<Arc<Api>>, Body(what): Body<SlackConnections>) -> Answer {
    match what {
        SlackConnections::Drop => api.slack.drop_connections().await,
        SlackConnections::Disconnect { reason } => api.slack.send_disconnect(&reason),
    }
    done(Ok(()))
}

async fn discord_calls(State(api): State<Arc<Api>>) -> Json<Value> {
    Json(json!(api.discord.calls()))
}

async fn discord_fault(State(api): State<Arc<Api>>, Body(fault): Body<DiscordFault>) -> Answer {
    api.discord.fault(fault);
    done(Ok(()))
}

async fn discord_connections(State(api): State<Arc<Api>>, Body(what): Body<DiscordConnections>) -> Answer {
    match what {
        DiscordConnections::Drop => api.discord.drop_connections().await,
        DiscordConnections::Close { code } => api.discord.close_connections(code).await,
        DiscordConnections::Reconnect => api.discord.ask_to_reconnect().await,
        DiscordConnections::Invalidate { resumable } => api.discord.invalidate_sessions(resumable).await,
    }
    done(Ok(()))
}
