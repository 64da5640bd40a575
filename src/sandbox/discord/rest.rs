//! The REST side: reads a request, lets faults have their way, and hands it to the part that knows its route.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::response::Response;
use serde_json::{Value, json};

use super::super::multipart::Part;
use super::DiscordServer;
use super::commands::Scope;
use super::error::{Answer, ApiError, Reply, respond};
use super::faults::{Effect, template};
use super::files;
use super::world::World;
use crate::domain::Platform;
use crate::sandbox::{Exchange, Token};

/// The largest body that is read, in bytes: Discord's own limit for a message with files.
const BODY_MOST: usize = 25 << 20;

/// One request, taken apart.
struct Call<'a> {
    method: &'a str,
    path: &'a [&'a str],
    query: &'a HashMap<String, String>,
    body: &'a Value,
}

/// Serves every route below `/api`.
pub(super) async fn handle(
    State(server): State<Arc<DiscordServer>>,
    // Decoded: some clients write the `@` of `@original` and `@me` as `%40`.
    Path(path): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let method = parts.method.as_str();
    let path = path.strip_prefix("v10").unwrap_or(&path);
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let route = template(method, &segments);
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let (authorization, content_type) = (header(header::AUTHORIZATION), header(header::CONTENT_TYPE));
    let content_type = content_type.unwrap_or_default();
    let query: HashMap<String, String> =
        url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let sent = read(content_type, body).await;
    let body = sent.as_ref().map_or(Value::Null, |(json, _)| json.clone());
    let (effects, now) = {
        let mut world = server.world();
        world.faults.record(route.clone(), body.clone());
        (world.faults.take(method, path), world.time())
    };
    let staged = effects.iter().any(|effect| !matches!(effect, Effect::Delay(_)));
    let (fate, exhausted) = suffer(effects).await;
    let reply = match fate {
        Fate::Refused(error) => Err(error),
        fate => {
            let reply = sent.and_then(|(mut body, uploads)| {
                let mut world = server.world();
                world.take_uploads(path, &mut body, uploads)?;
                world.serve(&Call { method, path: &segments, query: &query, body: &body }, authorization)
            });
            if matches!(fate, Fate::AnswerLost) { Err(ApiError::server_error()) } else { reply }
        }
    };
    if server.witness().listens() {
        let (status, answer) = told(&reply);
        server.witness().tell(Exchange {
            platform: Platform::Discord,
            method: method.to_owned(),
            path: path.to_owned(),
            route: route.clone(),
            query: query.into_iter().collect(),
            content_type: content_type.to_owned(),
            body,
            token: token(authorization),
            status,
            answer,
            staged,
        });
    }
    respond(&reply, &bucket(&route), now, exhausted)
}

async fn read(content_type: &str, body: Body) -> Result<(Value, Vec<Part>), ApiError> {
    match to_bytes(body, BODY_MOST).await {
        Ok(bytes) => files::read(content_type, &bytes),
        Err(_) => Err(ApiError::new(413, 40005, "Request entity too large")),
    }
}

/// Whether a query switches something on. Clients write it as `true`, `True` or `1`.
pub(super) fn flag(query: &HashMap<String, String>, name: &str) -> bool {
    query.get(name).is_some_and(|word| word == "1" || word.eq_ignore_ascii_case("true"))
}

/// What becomes of a request once its faults have struck.
enum Fate {
    Served,
    AnswerLost,
    Refused(ApiError),
}

/// What becomes of it, and for how many milliseconds its budget is announced as spent.
async fn suffer(effects: Vec<Effect>) -> (Fate, Option<u64>) {
    let (mut fate, mut spent) = (Fate::Served, None);
    for effect in effects {
        match effect {
            Effect::Delay(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
            Effect::LoseAnswer => fate = Fate::AnswerLost,
            Effect::Spend(millis) => spent = Some(millis),
            Effect::Refuse(error) => return (Fate::Refused(error), None),
        }
    }
    (fate, spent)
}

fn told(reply: &Reply) -> (u16, Value) {
    match reply {
        Ok(Answer::Json(body)) => (200, body.clone()),
        Ok(Answer::Created(body)) => (201, body.clone()),
        Ok(Answer::Empty) => (204, Value::Null),
        Err(error) => (error.status, error.body()),
    }
}

fn token(authorization: Option<&str>) -> Token {
    match authorization {
        None => Token::None,
        Some(word) if word.starts_with("Bot ") => Token::Bot,
        Some(_) => Token::Other,
    }
}

/// A name for the bucket of a route: stable, and without meaning to the reader, as Discord's are.
fn bucket(route: &str) -> String {
    let hash = route
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

impl World {
    /// Keeps the files of a message, which then names them.
    fn take_uploads(&mut self, path: &str, body: &mut Value, uploads: Vec<Part>) -> Result<(), ApiError> {
        if uploads.is_empty() {
            return Ok(());
        }
        let message = if path.ends_with("/callback") { body.get_mut("data") } else { Some(body) };
        let message = message.and_then(Value::as_object_mut);
        self.keep_files(message.ok_or_else(ApiError::empty_message)?, uploads)
    }

    fn serve(&mut self, call: &Call<'_>, authorization: Option<&str>) -> Reply {
        match (call.method, call.path) {
            ("POST", ["interactions", id, token, "callback"]) => {
                let with_response = flag(call.query, "with_response");
                return self.callback(id, token, call.body, with_response);
            }
            (_, ["webhooks", application, token, rest @ ..]) => {
                return self.serve_webhook(call, application, token, rest);
            }
            ("GET", ["gateway"]) => return Ok(Answer::Json(json!({ "url": self.gateway_url() }))),
            _ => {}
        }
        if authorization.is_none_or(|word| !word.starts_with("Bot ") || !self.is_token(word)) {
            return Err(ApiError::unauthorized());
        }
        match call.path {
            ["channels", channel, rest @ ..] => self.serve_channel(call, channel, rest),
            ["guilds", guild, rest @ ..] => {
                self.require_guild(guild)?;
                self.serve_guild(call, rest)
            }
            ["applications", application, "commands", rest @ ..] => {
                self.require_application(application)?;
                self.serve_commands(call, Scope::Global, rest)
            }
            ["applications", application, "guilds", guild, "commands", rest @ ..] => {
                self.require_application(application)?;
                self.require_guild(guild)?;
                self.serve_commands(call, Scope::Guild, rest)
            }
            _ => self.serve_own(call),
        }
    }

    /// What the bot asks about itself.
    fn serve_own(&mut self, call: &Call<'_>) -> Reply {
        match (call.method, call.path) {
            ("GET", ["gateway", "bot"]) => Ok(Answer::Json(json!({
                "url": self.gateway_url(), "shards": 1, "session_start_limit": self.starts.json(),
            }))),
            ("GET", ["users", "@me"]) => Ok(Answer::Json(self.current_user_json())),
            ("GET", ["users", "@me", "guilds"]) => Ok(Answer::Json(json!([{
                "id": self.cast.guild_id, "name": self.cast.guild_name, "icon": null, "banner": null, "owner": false,
                "permissions": self.guild_permissions(&self.cast.bot_user_id).to_string(), "features": [],
            }]))),
            ("POST", ["users", "@me", "channels"]) => self.open_direct(call.body),
            ("GET", ["users", id]) if self.is_account(id) => Ok(Answer::Json(self.user_json(id))),
            ("GET", ["users", _]) => Err(ApiError::new(404, 10013, "Unknown User")),
            ("GET", ["applications", "@me"] | ["oauth2", "applications", "@me"]) => {
                Ok(Answer::Json(self.application()))
            }
            _ => Err(ApiError::not_found()),
        }
    }

    fn application(&self) -> Value {
        json!({
            "id": self.cast.application_id, "name": super::BOT_NAME, "icon": null, "description": "", "type": null,
            "bot": self.user_json(&self.cast.bot_user_id), "bot_public": false,
            "bot_require_code_grant": false, "verify_key": self.endpoint.public_key(), "flags": 0, "flags_new": "0",
            "approximate_user_authorization_count": 0, "explicit_content_filter": 0, "eligible_oauth2_scopes": [],
            "owner": self.user_json(self.owner()), "team": null, "redirect_uris": [], "rpc_origins": [],
            "interactions_endpoint_url": self.endpoint.url.as_ref().or(self.durable.rules.endpoint.as_ref()), "role_connections_verification_url": null,
            "approximate_guild_count": 1, "approximate_user_install_count": 0, "integration_types_config": { "0": {} },
        })
    }

    fn serve_channel(&mut self, call: &Call<'_>, channel: &str, rest: &[&str]) -> Reply {
        match (call.method, rest) {
            ("GET", []) => self.get_channel(channel),
            ("PATCH", []) => self.edit_channel(channel, call.body),
            ("DELETE", []) => self.delete_channel(channel),
            ("POST", ["messages"]) => self.create_message(channel, call.body),
            ("GET", ["messages"]) => self.list_messages(channel, call.query),
            ("GET", ["pins"]) => self.list_pins(channel, false),
            ("GET", ["messages", "pins"]) => self.list_pins(channel, true),
            ("PUT", ["pins", id] | ["messages", "pins", id]) => self.pin(channel, id, true),
            ("DELETE", ["pins", id] | ["messages", "pins", id]) => self.pin(channel, id, false),
            ("GET", ["messages", id]) => self.get_message(channel, id),
            ("PATCH", ["messages", id]) => self.edit_message(channel, id, call.body),
            ("DELETE", ["messages", id]) => self.delete_message(channel, id),
            ("PUT", ["messages", id, "reactions", emoji, "@me"]) => self.react(channel, id, emoji, true),
            ("DELETE", ["messages", id, "reactions", emoji, "@me"]) => self.react(channel, id, emoji, false),
            ("GET", ["messages", id, "reactions", emoji]) => self.list_reactions(channel, id, emoji),
            ("PUT", ["permissions", target]) => self.put_overwrite(channel, target, call.body),
            ("DELETE", ["permissions", target]) => self.delete_overwrite(channel, target),
            ("POST", ["typing"]) => self.bot_channel(channel).map(|_| Answer::Empty),
            (_, [] | ["messages"] | ["messages", _]) => Err(ApiError::method_not_allowed()),
            _ => Err(ApiError::not_found()),
        }
    }

    fn serve_guild(&mut self, call: &Call<'_>, rest: &[&str]) -> Reply {
        match (call.method, rest) {
            ("GET", []) => Ok(Answer::Json(self.get_guild(call.query))),
            ("GET", ["channels"]) => Ok(Answer::Json(json!(self.list_channels()))),
            ("POST", ["channels"]) => self.create_channel(call.body),
            ("GET", ["members"]) => self.list_members(call.query),
            ("GET", ["members", user]) => self.get_member(user),
            ("GET", ["roles"]) => Ok(Answer::Json(json!(self.roles()))),
            (_, [] | ["channels" | "members" | "roles"]) => Err(ApiError::method_not_allowed()),
            _ => Err(ApiError::not_found()),
        }
    }

    fn serve_commands(&mut self, call: &Call<'_>, scope: Scope, rest: &[&str]) -> Reply {
        match (call.method, rest) {
            ("GET", []) => Ok(Answer::Json(json!(self.commands(scope)))),
            ("PUT", []) => self.overwrite_commands(scope, call.body),
            ("POST", []) => self.create_command(scope, call.body),
            ("GET", [id]) => self.get_command(scope, id),
            ("DELETE", [id]) => self.delete_command(scope, id),
            (_, [] | [_]) => Err(ApiError::method_not_allowed()),
            _ => Err(ApiError::not_found()),
        }
    }

    fn serve_webhook(&mut self, call: &Call<'_>, application: &str, token: &str, rest: &[&str]) -> Reply {
        match (call.method, rest) {
            ("POST", []) => self.follow_up(application, token, call.body),
            ("GET", ["messages", id]) => self.webhook_get(application, token, id),
            ("PATCH", ["messages", id]) => self.webhook_edit(application, token, id, call.body),
            ("DELETE", ["messages", id]) => self.webhook_delete(application, token, id),
            (_, [] | ["messages", _]) => Err(ApiError::method_not_allowed()),
            _ => Err(ApiError::not_found()),
        }
    }
}
