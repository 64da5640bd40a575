//! The JSON API that the page drives, and scripts too: `GET /api` describes it (`page/api.md`).

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequest, Query, Request, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use futures::Stream;
use futures::stream::unfold;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::discord::{DiscordAct, DiscordServer};
use super::host::{ClockControl, FirstPeople};
use super::slack::{SlackAct, SlackWorkspace};
use super::trouble;

const GUIDE: &str = include_str!("page/api.md");

/// The address that the guide's examples name, replaced by the real one.
const GUIDE_URL: &str = "http://localhost:8080";

/// A silent stream is taken for a dead one by some proxies after 30 s.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// One step of the clock is at most a week: a slip of the finger must not fire a year of reminders.
const CLOCK_STEP_MINUTES_MAX: i64 = 7 * 24 * 60;

/// What the page's API works on.
pub(super) struct Api {
    pub slack: Arc<SlackWorkspace>,
    pub discord: Arc<DiscordServer>,
    pub clock: Arc<ClockControl>,
    pub first: FirstPeople,
    pub url: String,
    /// Ends the event streams, which would otherwise hold up a graceful stop.
    pub stop: CancellationToken,
}

pub(super) fn router(api: Arc<Api>) -> Router {
    Router::new()
        .route("/api", get(guide))
        .route("/api/view", get(view))
        .route("/api/events", get(events))
        .route("/api/clock", post(clock))
        .route("/api/slack/say", post(slack_say))
        .route("/api/slack/reply", post(slack_reply))
        .route("/api/slack/home", post(slack_home))
        .route("/api/slack/deactivate", post(slack_deactivate))
        .route("/api/slack/press", post(slack_press))
        .route("/api/slack/select", post(slack_select))
        .route("/api/slack/submit", post(slack_submit))
        .route("/api/slack/dismiss", post(slack_dismiss))
        .route("/api/slack/administer", post(slack_administer))
        .route("/api/slack/transcript", get(slack_transcript))
        .route("/api/discord/say", post(discord_say))
        .route("/api/discord/press", post(discord_press))
        .route("/api/discord/select", post(discord_select))
        .route("/api/discord/command", post(discord_command))
        .route("/api/discord/submit", post(discord_submit))
        .route("/api/discord/dismiss", post(discord_dismiss))
        .route("/api/discord/autocomplete", post(discord_autocomplete))
        .route("/api/discord/administer", post(discord_administer))
        .route("/api/discord/transcript", get(discord_transcript))
        .merge(trouble::router())
        .route("/api/{*rest}", any(unknown))
        .with_state(api)
}

#[derive(Deserialize)]
struct Who {
    slack: Option<String>,
    discord: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    user: String,
    channel: String,
    text: String,
}

#[derive(Deserialize)]
struct Replied {
    user: String,
    channel: String,
    thread: String,
    text: String,
}

#[derive(Deserialize)]
struct Opened {
    user: String,
}

#[derive(Deserialize)]
struct Deactivated {
    user: String,
    deactivated: bool,
}

#[derive(Deserialize)]
struct Pressed {
    user: String,
    channel: String,
    message: String,
    action: String,
}

#[derive(Deserialize)]
struct Selected {
    user: String,
    channel: String,
    message: String,
    action: String,
    value: String,
}

#[derive(Deserialize)]
struct Commanded {
    user: String,
    channel: String,
    path: Vec<String>,
    #[serde(default)]
    options: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Begun {
    user: String,
    channel: String,
    path: Vec<String>,
    #[serde(default)]
    options: BTreeMap<String, String>,
    /// The option that is being typed.
    focused: String,
}

#[derive(Deserialize)]
struct Submitted {
    user: String,
    modal: String,
    #[serde(default)]
    values: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Dismissed {
    user: String,
    modal: String,
}

#[derive(Deserialize)]
struct Moved {
    minutes: i64,
}

#[derive(Deserialize)]
struct Which {
    channel: String,
}

/// What a request was refused with: a 4xx and a sentence.
pub(super) struct Refused(StatusCode, String);

pub(super) type Answer = Result<Json<Value>, Refused>;

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

/// A JSON body whose faults are told as JSON too.
pub(super) struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(Refused(rejection.status(), rejection.body_text())),
        }
    }
}

pub(super) fn done(outcome: Result<(), String>) -> Answer {
    match outcome {
        Ok(()) => Ok(Json(json!({ "ok": true }))),
        Err(words) => Err(Refused(StatusCode::UNPROCESSABLE_ENTITY, sentence(&words))),
    }
}

async fn guide(State(api): State<Arc<Api>>) -> String {
    GUIDE.replace(GUIDE_URL, &api.url)
}

async fn unknown() -> Refused {
    Refused(StatusCode::NOT_FOUND, "There is no such call. GET /api lists them.".to_owned())
}

async fn view(State(api): State<Arc<Api>>, Query(who): Query<Who>) -> Answer {
    let (on_slack, on_discord) =
        (who.slack.as_ref().unwrap_or(&api.first.slack), who.discord.as_ref().unwrap_or(&api.first.discord));
    let slack = seen_by(on_slack, api.slack.view(on_slack))?;
    let discord = seen_by(on_discord, api.discord.view(on_discord))?;
    let people = people(&slack, &discord);
    Ok(Json(json!({
        "people": people,
        "now": api.clock.now().timestamp_millis(),
        "clock_offset_minutes": api.clock.offset_minutes(),
        "slack": slack,
        "discord": discord,
    })))
}

async fn events(State(api): State<Arc<Api>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (slack, discord) = (api.slack.watch(), api.discord.watch());
    let changes =
        unfold((slack, discord, api.stop.clone(), true), |(mut slack, mut discord, stop, first)| async move {
            // The first line comes at once: a page that reconnects learns what it missed.
            if !first {
                tokio::select! {
                    changed = slack.changed() => changed.ok()?,
                    changed = discord.changed() => changed.ok()?,
                    () = stop.cancelled() => return None,
                }
            }
            let line = json!({ "slack": seen(&mut slack), "discord": seen(&mut discord) });
            Some((Ok(Event::default().data(line.to_string())), (slack, discord, stop, false)))
        });
    Sse::new(changes).keep_alive(KeepAlive::new().interval(HEARTBEAT))
}

fn seen(revision: &mut watch::Receiver<u64>) -> u64 {
    *revision.borrow_and_update()
}

async fn clock(State(api): State<Arc<Api>>, Body(moved): Body<Moved>) -> Answer {
    if !(1..=CLOCK_STEP_MINUTES_MAX).contains(&moved.minutes) {
        let sentence = format!("The clock moves forward by 1 to {CLOCK_STEP_MINUTES_MAX} minutes.");
        return Err(Refused(StatusCode::BAD_REQUEST, sentence));
    }
    match api.clock.advance(moved.minutes).await {
        Ok(now) => {
            Ok(Json(json!({ "now": now.timestamp_millis(), "clock_offset_minutes": api.clock.offset_minutes() })))
        }
        Err(words) => Err(Refused(StatusCode::CONFLICT, sentence(&words))),
    }
}

async fn slack_say(State(api): State<Arc<Api>>, Body(said): Body<Said>) -> Answer {
    done(api.slack.say(&said.user, &said.channel, &said.text).await)
}

async fn slack_reply(State(api): State<Arc<Api>>, Body(said): Body<Replied>) -> Answer {
    done(api.slack.reply(&said.user, &said.channel, &said.thread, &said.text).await)
}

async fn slack_home(State(api): State<Arc<Api>>, Body(opened): Body<Opened>) -> Answer {
    done(api.slack.open_home(&opened.user).await)
}

async fn slack_deactivate(State(api): State<Arc<Api>>, Body(changed): Body<Deactivated>) -> Answer {
    done(api.slack.set_deactivated(&changed.user, changed.deactivated).await)
}

async fn slack_press(State(api): State<Arc<Api>>, Body(pressed): Body<Pressed>) -> Answer {
    done(api.slack.press(&pressed.user, &pressed.channel, &pressed.message, &pressed.action).await)
}

async fn slack_select(State(api): State<Arc<Api>>, Body(chosen): Body<Selected>) -> Answer {
    done(api.slack.choose(&chosen.user, &chosen.channel, &chosen.message, &chosen.action, &chosen.value).await)
}

async fn slack_submit(State(api): State<Arc<Api>>, Body(sent): Body<Submitted>) -> Answer {
    done(api.slack.submit(&sent.user, &sent.modal, sent.values).await)
}

async fn slack_dismiss(State(api): State<Arc<Api>>, Body(closed): Body<Dismissed>) -> Answer {
    api.slack.dismiss(&closed.user, &closed.modal);
    done(Ok(()))
}

async fn slack_administer(State(api): State<Arc<Api>>, Body(act): Body<SlackAct>) -> Answer {
    done(api.slack.administer(&act))
}

async fn slack_transcript(State(api): State<Arc<Api>>, Query(which): Query<Which>) -> String {
    api.slack.transcript(&which.channel)
}

async fn discord_say(State(api): State<Arc<Api>>, Body(said): Body<Said>) -> Answer {
    done(api.discord.say(&said.user, &said.channel, &said.text).await)
}

async fn discord_press(State(api): State<Arc<Api>>, Body(pressed): Body<Pressed>) -> Answer {
    done(api.discord.press(&pressed.user, &pressed.channel, &pressed.message, &pressed.action).await)
}

async fn discord_select(State(api): State<Arc<Api>>, Body(chosen): Body<Selected>) -> Answer {
    done(api.discord.select(&chosen.user, &chosen.channel, &chosen.message, &chosen.action, &chosen.value).await)
}

async fn discord_command(State(api): State<Arc<Api>>, Body(given): Body<Commanded>) -> Answer {
    let path: Vec<&str> = given.path.iter().map(String::as_str).collect();
    done(api.discord.command(&given.user, &given.channel, &path, given.options).await)
}

async fn discord_autocomplete(State(api): State<Arc<Api>>, Body(begun): Body<Begun>) -> Answer {
    let path: Vec<&str> = begun.path.iter().map(String::as_str).collect();
    let offered = api.discord.autocomplete(&begun.user, &begun.channel, &path, begun.options, &begun.focused).await;
    match offered {
        Ok(choices) => Ok(Json(json!({ "choices": choices }))),
        Err(words) => Err(Refused(StatusCode::UNPROCESSABLE_ENTITY, sentence(&words))),
    }
}

async fn discord_submit(State(api): State<Arc<Api>>, Body(sent): Body<Submitted>) -> Answer {
    done(api.discord.submit(&sent.user, &sent.modal, sent.values).await)
}

async fn discord_dismiss(State(api): State<Arc<Api>>, Body(closed): Body<Dismissed>) -> Answer {
    api.discord.dismiss(&closed.user, &closed.modal);
    done(Ok(()))
}

async fn discord_administer(State(api): State<Arc<Api>>, Body(act): Body<DiscordAct>) -> Answer {
    done(api.discord.administer(&act))
}

async fn discord_transcript(State(api): State<Arc<Api>>, Query(which): Query<Which>) -> String {
    api.discord.transcript(&which.channel)
}

fn people_of(view: &Value) -> impl Iterator<Item = &Value> {
    view["users"].as_array().into_iter().flatten().filter(|user| user["bot"] != true)
}

/// What a platform shows a person; an unknown person is shown nothing.
fn seen_by(person: &str, view: Value) -> Result<Value, Refused> {
    if view["me"].is_object() {
        return Ok(view);
    }
    Err(Refused(StatusCode::NOT_FOUND, format!("There is no person \"{person}\".")))
}

/// The platforms word a refusal as the end of a sentence; here it stands alone.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    let end = if words.ends_with(['.', '!', '?']) { "" } else { "." };
    first.chain(letters).chain(end.chars()).collect()
}

/// Brings the accounts of both platforms together, by the name that is shown.
fn people(slack: &Value, discord: &Value) -> Vec<Value> {
    let mut people: BTreeMap<&str, (Option<&str>, Option<&str>)> = BTreeMap::new();
    for user in people_of(slack) {
        people.entry(user["name"].as_str().unwrap_or_default()).or_default().0 = user["id"].as_str();
    }
    for user in people_of(discord) {
        people.entry(user["name"].as_str().unwrap_or_default()).or_default().1 = user["id"].as_str();
    }
    people
        .into_iter()
        .map(|(name, (slack, discord))| json!({ "name": name, "slack": slack, "discord": discord }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn town() -> Value {
        json!({
            "users": [
                { "id": "B1", "name": "Wardroom", "handle": "wardroom", "bot": true },
                { "id": "U1", "name": "Ana Costa", "handle": "ana", "bot": false },
                { "id": "U2", "name": "Raj Patel", "handle": "raj", "bot": false },
            ],
        })
    }

    #[test]
    fn a_stranger_is_shown_nothing() {
        assert!(seen_by("ana", json!({ "me": { "id": "U1" } })).is_ok());
        let Err(Refused(status, sentence)) = seen_by("eve", Value::Null) else { panic!("a stranger was let in") };
        assert_eq!((status, sentence.as_str()), (StatusCode::NOT_FOUND, "There is no person \"eve\"."));
    }

    #[test]
    fn a_refusal_is_a_sentence() {
        assert_eq!(sentence("there is no channel x"), "There is no channel x.");
        assert_eq!(sentence("Really?"), "Really?");
    }

    #[test]
    fn the_same_name_on_both_platforms_is_one_person() {
        let discord = json!({ "users": [
            { "id": "7", "name": "Raj Patel", "handle": "raj", "bot": false },
            { "id": "8", "name": "Tom Berg", "handle": "tom", "bot": false },
        ]});
        assert_eq!(
            json!(people(&town(), &discord)),
            json!([
                { "name": "Ana Costa", "slack": "U1", "discord": null },
                { "name": "Raj Patel", "slack": "U2", "discord": "7" },
                { "name": "Tom Berg", "slack": null, "discord": "8" },
            ])
        );
    }
}
