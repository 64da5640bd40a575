//! `files.*`: the three steps of an upload. An address is asked for, the content is sent there, and the upload is
//! completed, which shares the file.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::files::{self, File};
use super::super::multipart;
use super::SlackWorkspace;
use super::api::{ApiError, ApiResult};
use super::api_chat::checked_blocks;
use super::args::Args;
use super::state::{State, Upload, random_id};
use super::world::Content;

/// Channels that one upload can be shared to.
const CHANNELS_MAX: usize = 100;
/// The largest file that is taken, in bytes. Slack takes a gigabyte, which no bot of ours sends.
pub const FILE_BYTES_MAX: usize = 20 << 20;

/// A file that was shared, as the world remembers it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SharedFile {
    pub id: String,
    pub name: String,
    pub title: String,
    pub size: usize,
    pub created_secs: i64,
    pub channels: Vec<String>,
}

impl SlackWorkspace {
    pub(super) fn files_get_upload_url_external(&self, state: &mut State, args: &Args) -> ApiResult {
        let missing =
            |name: &str| ApiError::with_messages("invalid_arguments", vec![format!("missing required field: {name}")]);
        let name = args.filled("filename").ok_or_else(|| missing("filename"))?;
        let length = args.number("length").filter(|length| *length > 0).ok_or_else(|| missing("length"))?;
        if length > FILE_BYTES_MAX {
            return Err("file_upload_size_restricted".into());
        }
        let id = random_id('F');
        state.live.uploads.insert(id.clone(), Upload { name, length, arrived: false });
        Ok(json!({"upload_url": format!("{}/upload/{id}", self.base_url()), "file_id": id}))
    }

    pub(super) fn files_complete_upload_external(&self, state: &mut State, args: &Args) -> ApiResult {
        let wanted = args.json("files").and_then(|files| files.as_array().cloned()).unwrap_or_default();
        if wanted.is_empty() {
            return Err(ApiError::with_messages("invalid_arguments", vec!["missing required field: files".to_owned()]));
        }
        let named = if let Some(channel) = args.filled("channel_id") { vec![channel] } else { args.list("channels") };
        if named.len() > CHANNELS_MAX {
            return Err("channels_limit_exceeded".into());
        }
        let channels: Vec<String> =
            named.iter().map(|channel| self.postable(state, channel)).collect::<Result<_, _>>()?;
        // A comment wins over blocks.
        let comment = args.filled("initial_comment").unwrap_or_default();
        let blocks = if comment.is_empty() { checked_blocks(args.json("blocks"))? } else { Vec::new() };
        let shared = self.taken(state, &wanted, &channels)?;
        for channel in &channels {
            let content = Content {
                text: comment.clone(),
                blocks: blocks.clone(),
                thread_ts: args.filled("thread_ts"),
                files: shared.clone(),
                ..Content::default()
            };
            state.world.post(channel, &self.cast.bot_user_id, content, None, self.now());
        }
        state.changed = true;
        Ok(json!({"files": shared.iter().map(|file| self.file_json(file)).collect::<Vec<Value>>()}))
    }

    /// The uploads that are named, which can be completed only once and only after their content has arrived.
    fn taken(&self, state: &mut State, wanted: &[Value], channels: &[String]) -> Result<Vec<SharedFile>, ApiError> {
        let id = |file: &Value| file["id"].as_str().unwrap_or_default().to_owned();
        if !wanted.iter().all(|file| state.live.uploads.get_mut(&id(file)).is_some_and(|upload| upload.arrived)) {
            return Err("file_not_found".into());
        }
        let share = |file: &Value| {
            let upload = state.live.uploads.remove(&id(file))?;
            Some(SharedFile {
                id: id(file),
                title: file["title"].as_str().unwrap_or(&upload.name).to_owned(),
                name: upload.name,
                size: upload.length,
                created_secs: self.now().timestamp(),
                channels: channels.to_vec(),
            })
        };
        Ok(wanted.iter().filter_map(share).collect())
    }

    pub(super) fn files_info(&self, state: &State, args: &Args) -> ApiResult {
        let id = args.filled("file").ok_or("file_not_found")?;
        let mut shared = state.world.channels.iter().flat_map(|channel| &channel.posts).flat_map(|post| &post.files);
        let file = shared.find(|file| file.id == id).ok_or("file_not_found")?;
        Ok(json!({"file": self.file_json(file), "comments": [], "response_metadata": {"next_cursor": ""}}))
    }

    /// A file object.
    pub(super) fn file_json(&self, file: &SharedFile) -> Value {
        let address = format!("{}/files/{}/{}", self.base_url(), file.id, files::safe_name(&file.name));
        let ending = file.name.rsplit_once('.').map_or("binary", |(_, ending)| ending);
        json!({
            "id": file.id, "created": file.created_secs, "timestamp": file.created_secs,
            "name": file.name, "title": file.title, "mimetype": files::content_type(&file.name),
            "filetype": ending, "pretty_type": ending.to_uppercase(), "size": file.size,
            "user": self.cast.bot_user_id, "user_team": self.cast.team_id, "username": "", "editable": false,
            "mode": "hosted", "is_external": false, "external_type": "", "is_public": !file.channels.is_empty(),
            "public_url_shared": false, "display_as_bot": false, "file_access": "visible", "has_rich_preview": false,
            "url_private": address, "url_private_download": address,
            "permalink": format!("{}files/{}/{}/{}", self.cast.team_url(), self.cast.bot_user_id, file.id, file.name),
            "channels": file.channels, "groups": [], "ims": [], "comments_count": 0, "is_starred": false,
        })
    }

    fn arrive(&self, id: &str, content: Bytes) -> Result<usize, StatusCode> {
        self.with(|state| {
            let upload = state.live.uploads.get_mut(id).ok_or(StatusCode::NOT_FOUND)?;
            if content.len() != upload.length {
                return Err(StatusCode::BAD_REQUEST);
            }
            upload.arrived = true;
            let content_type = files::content_type(&upload.name).to_owned();
            let length = content.len();
            state.live.files.insert(id.to_owned(), File { content_type, content });
            Ok(length)
        })
    }
}

/// Answers `POST /upload/<id>`: the content as it is, or as the only file of a form.
pub async fn upload(
    Shared(workspace): Shared<Arc<SlackWorkspace>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content = match multipart::boundary(kind) {
        Some(boundary) => multipart::parts(&body, boundary).and_then(|parts| Some(parts.into_iter().next()?.content)),
        None => Some(body),
    };
    match content.ok_or(StatusCode::BAD_REQUEST).and_then(|content| workspace.arrive(&id, content)) {
        Ok(length) => format!("OK - {length}").into_response(),
        Err(status) => status.into_response(),
    }
}

/// Answers `GET /files/<id>/<name>`.
pub async fn download(
    Shared(workspace): Shared<Arc<SlackWorkspace>>,
    Path((id, _)): Path<(String, String)>,
) -> Response {
    let file = workspace.with(|state| state.live.files.get(&id).cloned());
    file.map_or_else(|| StatusCode::NOT_FOUND.into_response(), IntoResponse::into_response)
}
