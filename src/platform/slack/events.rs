//! The Events API: what Slack tells without being asked, and commands as message text.
//!
//! Shapes: docs.slack.dev/reference/events. Only what is acted on is read; the rest is ignored, and counted.

use serde_json::Value;

use super::command_text::neutral;
use super::inbound::{Parsed, Via, acts, place};
use crate::app::inbound::{Act, Inbound};
use crate::domain::{Account, Platform, Standing};
use crate::platform::pulse;

/// Subtypes with which a person's own message arrives; all others are edits, joins, and what programs say.
const OWN_SUBTYPES: [&str; 3] = ["thread_broadcast", "file_share", "me_message"];

/// What Slack sends instead of events once it has sent too many:
/// <https://docs.slack.dev/reference/events/app_rate_limited>.
const RATE_LIMITED: &str = "app_rate_limited";

/// Reads the payload of an `events_api` envelope, or the body of a signed request. `home` is the workspace of the bot's
/// token.
pub(super) fn parse(payload: &Value, home: &str) -> Parsed {
    if payload["type"] == RATE_LIMITED {
        // Commands and clicks come another way: what is missed meanwhile is `!` commands and visits to the home.
        tracing::error!("Slack leaves out events: it sent this app more than 30,000 in an hour");
        pulse::limited(Platform::Slack, "events");
        return Parsed::Ignored(RATE_LIMITED.to_owned());
    }
    let event = &payload["event"];
    let kind = event["type"].as_str().unwrap_or_default();
    let told = match kind {
        "message" | "app_mention" => return message(payload, home),
        "app_home_opened" if event["tab"].as_str().is_none_or(|tab| tab == "home") => {
            event["user"].as_str().map(|user| (user, Act::OpensHome))
        }
        "user_change" | "team_join" => of_user(&event["user"]),
        "app_uninstalled" => Some(("", Act::BotWasRemoved { why: kind.to_owned() })),
        // People's own tokens may be revoked too; Wardroom has none.
        "tokens_revoked" if event["tokens"]["bot"].as_array().is_some_and(|bots| !bots.is_empty()) => {
            Some(("", Act::BotWasRemoved { why: kind.to_owned() }))
        }
        _ => None,
    };
    let Some((user, act)) = told else { return Parsed::Ignored(counted(kind)) };
    if user.is_empty() && !matches!(act, Act::BotWasRemoved { .. }) {
        return malformed("an event of a person without the person");
    }
    let Some(id) = payload["event_id"].as_str().filter(|id| !id.is_empty()) else {
        return malformed("nothing names this event");
    };
    let workspace = workspace_of(payload, home);
    let inbound = Inbound {
        delivery: format!("slack:{id}"),
        place: place(workspace, ""),
        account: account(workspace, user),
        account_name: user.to_owned(),
        standing: Standing::Member,
        message: None,
        act,
    };
    acts(inbound, Via::Event, None, None)
}

/// Whether an account is active; of programs there is nothing to remember.
fn of_user(user: &Value) -> Option<(&str, Act)> {
    let id = user["id"].as_str()?;
    let act = if user["deleted"] == true { Act::WasDeactivated } else { Act::IsActive };
    (user["is_bot"] != true).then_some((id, act))
}

/// A person's own message that begins as a command does, or with the bot's name. Which commands there are is not ours to
/// know.
fn message(payload: &Value, home: &str) -> Parsed {
    let event = &payload["event"];
    let text = |name: &str| event[name].as_str().filter(|text| !text.is_empty());
    let is_own = text("bot_id").is_none() && event["bot_profile"].is_null() && event["app_id"].is_null();
    let is_new = text("subtype").is_none_or(|subtype| OWN_SUBTYPES.contains(&subtype));
    let said = text("text").unwrap_or_default();
    let act = match event["type"].as_str() {
        Some("app_mention") => mention(said),
        _ => said.trim_start().starts_with('!').then(|| Act::Writes { text: neutral(said) }),
    };
    let Some(act) = act.filter(|_| is_own && is_new && event["hidden"] != true) else {
        return Parsed::Ignored(counted(event["type"].as_str().unwrap_or_default()));
    };
    let (Some(user), Some(channel), Some(ts)) = (text("user"), text("channel"), text("ts")) else {
        return malformed("a message without person, channel or time");
    };
    let workspace = workspace_of(payload, home);
    // Slack may tell of one message twice, under two event ids; the message itself has one.
    let delivery = match text("client_msg_id") {
        Some(id) => format!("slack:{channel}:{id}"),
        None => format!("slack:{channel}:{ts}"),
    };
    let inbound = Inbound {
        delivery,
        place: place(workspace, channel),
        account: account(workspace, user),
        account_name: user.to_owned(),
        standing: standing(payload, workspace),
        message: None,
        act,
    };
    acts(inbound, Via::Message { thread: text("thread_ts").map(str::to_owned) }, None, None)
}

/// `@wardroom inc note …`: what follows the name is a command, with or without its mark; the name alone asks for help.
/// Slack tells of a mention wherever it stands; in the middle of a sentence it is meant for other people.
fn mention(said: &str) -> Option<Act> {
    let (_, rest) = said.trim_start().strip_prefix("<@")?.split_once('>')?;
    let rest = neutral(rest.trim());
    let rest = rest.trim_start_matches(['!', '/']);
    let (command, text) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let (command, text) = if command.is_empty() { ("inc", "help") } else { (command, text) };
    Some(Act::Says { command: command.to_lowercase(), text: text.trim().to_owned() })
}

/// Guests, and people of another workspace in a shared channel.
fn standing(payload: &Value, workspace: &str) -> Standing {
    let event = &payload["event"];
    let profile = &event["user_profile"];
    let said = ["is_stranger", "is_restricted", "is_ultra_restricted"].iter().any(|is| profile[is] == true);
    // In an Enterprise organisation a colleague's home may be another workspace.
    let in_enterprise =
        payload["authorizations"][0]["enterprise_id"].is_string() || payload["enterprise_id"].is_string();
    let homes = [&event["user_team"], &event["source_team"], &profile["team"]];
    let of_elsewhere = homes.into_iter().filter_map(Value::as_str).any(|home| home != workspace);
    if said || (of_elsewhere && !in_enterprise) { Standing::Guest } else { Standing::Member }
}

fn workspace_of<'a>(payload: &'a Value, home: &'a str) -> &'a str {
    payload["team_id"].as_str().filter(|id| !id.is_empty()).unwrap_or(home)
}

fn account(workspace: &str, user: &str) -> Account {
    Account { platform: Platform::Slack, workspace: workspace.to_owned(), id: user.to_owned() }
}

fn malformed(why: &str) -> Parsed {
    Parsed::Malformed { kind: "events_api", why: why.to_owned() }
}

/// An event's name, as a label of a metric.
fn counted(kind: &str) -> String {
    let is_name =
        !kind.is_empty() && kind.len() <= 40 && kind.bytes().all(|b| b.is_ascii_lowercase() || b"_.".contains(&b));
    if is_name { kind.to_owned() } else { "event".to_owned() }
}
