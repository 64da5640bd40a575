//! Files that come with messages: attachments.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::super::files::{self, File};
use super::super::multipart::{self, Part};
use super::DiscordServer;
use super::error::{ApiError, FormErrors};
use super::shapes::{ATTACHMENT_LIMIT, snowflake};
use super::world::World;

/// Files that one message can carry.
const ATTACHMENTS_MOST: usize = 10;

/// Takes a request's body apart: its JSON, and the files that came with it.
pub(super) fn read(content_type: &str, body: &axum::body::Bytes) -> Result<(Value, Vec<Part>), ApiError> {
    let invalid = || ApiError::new(400, 50109, "The request body contains invalid JSON.");
    if let Some(boundary) = multipart::boundary(content_type) {
        let parts = multipart::parts(body, boundary).ok_or_else(invalid)?;
        let (files, fields): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| part.filename.is_some());
        let payload = fields.iter().find(|field| field.name == "payload_json");
        let json = payload.map(|field| serde_json::from_slice(&field.content)).transpose().map_err(|_| invalid())?;
        return Ok((json.unwrap_or_else(|| json!({})), files));
    }
    if body.is_empty() {
        return Ok((Value::Null, Vec::new()));
    }
    serde_json::from_slice(body).map(|json| (json, Vec::new())).map_err(|_| invalid())
}

impl World {
    /// Keeps the files of a message and writes their new ids into its `attachments`, where the bot has named each by
    /// its number, or into a list of all of them where it has not.
    pub(super) fn keep_files(&mut self, message: &mut Map<String, Value>, uploads: Vec<Part>) -> Result<(), ApiError> {
        if uploads.iter().any(|part| part.content.len() > usize::try_from(ATTACHMENT_LIMIT).unwrap_or(usize::MAX)) {
            return Err(ApiError::new(413, 40005, "Request entity too large"));
        }
        let mut listed = message.get("attachments").and_then(Value::as_array).cloned().unwrap_or_default();
        for (index, part) in uploads.into_iter().enumerate() {
            let number = part.name.strip_prefix("files[").and_then(|rest| rest.strip_suffix(']'));
            let number = number.map_or_else(|| index.to_string(), str::to_owned);
            let place = listed.iter().position(|attachment| id_of(attachment) == number);
            let place = place.unwrap_or_else(|| {
                listed.push(json!({}));
                listed.len() - 1
            });
            listed[place] = self.keep_file(&listed[place], part);
        }
        message.insert("attachments".to_owned(), json!(listed));
        Ok(())
    }

    fn keep_file(&mut self, named: &Value, part: Part) -> Value {
        let id = self.next_id();
        let given = named["filename"].as_str().or(part.filename.as_deref()).unwrap_or("unknown");
        let filename = files::safe_name(given);
        let content_type = files::content_type(&filename);
        let mut attachment = json!({
            "id": id, "filename": filename, "size": part.content.len(), "content_type": content_type,
        });
        for key in ["title", "description"] {
            if let Some(text) = named.get(key).filter(|text| text.is_string()) {
                attachment[key] = text.clone();
            }
        }
        self.files.insert(id, File { content_type: content_type.to_owned(), content: part.content });
        attachment
    }

    /// The attachments that a message has after a body: new ones, and those it had that the body still names. `None`
    /// where the body does not speak of them.
    pub(super) fn attachments(&self, had: &[Value], body: &Value) -> Result<Option<Vec<Value>>, ApiError> {
        if body.get("attachments").is_none_or(Value::is_null) {
            return Ok(None);
        }
        let mut errors = FormErrors::default();
        let mut attachments = Vec::new();
        for (index, named) in errors.list(body, "", "attachments", ATTACHMENTS_MOST).iter().enumerate() {
            let id = id_of(named);
            if let Some(kept) = had.iter().find(|attachment| attachment["id"] == id.as_str()) {
                attachments.push(kept.clone());
            } else if self.files.get(&id).is_some() {
                attachments.push(named.clone());
            } else {
                let message = format!("Attachment data for id {id} not found");
                errors.add(&format!("attachments.{index}"), "ATTACHMENT_NOT_FOUND", message);
            }
        }
        errors.finish()?;
        Ok(Some(attachments))
    }

    /// An attachment as the API gives it.
    pub(super) fn attachment_json(&self, channel: &str, attachment: &Value) -> Value {
        let base = self.base_url.trim_end_matches('/');
        let (id, name) = (id_of(attachment), attachment["filename"].as_str().unwrap_or_default());
        let address = format!("{base}/attachments/{channel}/{id}/{name}");
        let mut json = attachment.clone();
        json["url"] = json!(address);
        json["proxy_url"] = json!(address);
        json
    }
}

fn id_of(attachment: &Value) -> String {
    snowflake(&attachment["id"]).unwrap_or_default()
}

/// Answers `GET /attachments/{channel}/{id}/{name}`.
pub(super) async fn download(
    State(server): State<Arc<DiscordServer>>,
    Path((_, id, _)): Path<(String, String, String)>,
) -> Response {
    let file = server.world().files.get(&id).cloned();
    let gone = || (StatusCode::NOT_FOUND, "This content is no longer available.").into_response();
    file.map_or_else(gone, IntoResponse::into_response)
}
