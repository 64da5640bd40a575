//! The REST side: reads a request, lets faults have their way, and hands it to the part that knows its route.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::Response;
use serde_json::{Value, json};

use super::DiscordServer;
use super::commands::Scope;
use super::error::{Answer, ApiError, Reply, respond};
use super::faults::{Effect, template};
use super::world::World;

/// The largest body that is read, in bytes; more than any message without files needs.
const BODY_MOST: usize = 1 << 20;

/// One request, taken apart.
struct Call<'a> {
    method: &'a str,
    path: &'a [&'a str],
    query: &'a HashMap<String, String>,
    body: &'a Value,
}

/// Serves every route below `/api`.
pub(super) async fn handle(State(server): State<Arc<DiscordServer>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let method = parts.method.as_str();
    let path = parts.uri.path();
    let path = path.strip_prefix("/api").unwrap_or(path);
    let path = path.strip_prefix("/v10").unwrap_or(path);
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let route = template(method, &segments);
    let body = match to_bytes(body, BODY_MOST).await {
        Ok(bytes) if bytes.is_empty() => Ok(Value::Null),
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map_err(|_| ApiError::new(400, 50109, "The request body contains invalid JSON.")),
        Err(_) => Err(ApiError::new(413, 40005, "Request entity too large")),
    };
    let (effects, now) = {
        let mut world = server.world();
        world.faults.record(route.clone(), body.clone().unwrap_or(Value::Null));
        (world.faults.take(method, path), world.time())
    };
    let mut lose_answer = false;
    for effect in effects {
        match effect {
            Effect::Delay(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
            Effect::LoseAnswer => lose_answer = true,
            Effect::Refuse(error) => return respond(&Err(error), &bucket(&route), now),
        }
    }
    let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let query: HashMap<String, String> =
        url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let reply = body.and_then(|body| {
        let call = Call { method, path: &segments, query: &query, body: &body };
        server.world().serve(&call, authorization)
    });
    let reply = if lose_answer { Err(ApiError::server_error()) } else { reply };
    respond(&reply, &bucket(&route), now)
}

/// A name for the bucket of a route: stable, and without meaning to the reader, as Discord's are.
fn bucket(route: &str) -> String {
    let hash = route
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

impl World {
    fn serve(&mut self, call: &Call<'_>, authorization: Option<&str>) -> Reply {
        match (call.method, call.path) {
            ("POST", ["interactions", id, token, "callback"]) => {
                let with_response = call.query.get("with_response").is_some_and(|word| word == "true");
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
                "url": self.gateway_url(), "shards": 1,
                "session_start_limit": { "total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1 },
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
            "summary": "", "bot": self.user_json(&self.cast.bot_user_id), "bot_public": false,
            "bot_require_code_grant": false, "verify_key": "0".repeat(64), "flags": 0, "hook": true,
            "owner": self.user_json(self.owner()), "team": null, "redirect_uris": [], "rpc_origins": [],
            "interactions_endpoint_url": self.durable.rules.endpoint, "role_connections_verification_url": null,
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
