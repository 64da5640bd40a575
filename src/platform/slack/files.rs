//! Files: an address is asked for, the content goes there, and then the file is shared.

use serde_json::json;

use super::client::unclear;
use super::format::format;
use super::outbound::SlackOutbound;
use crate::domain::Account;
use crate::platform::{Attachment, Outbound, SendError, Sending};
use crate::render::Message;

/// How far back an earlier attempt is looked for.
const HISTORY_MAX: usize = 30;

/// Shares a file with one account in the direct message with it, or finds that an earlier attempt has.
pub(super) async fn hand(
    outbound: &SlackOutbound,
    to: &Account,
    file: &Attachment,
    message: &Message,
    sending: &Sending<'_>,
) -> Result<(), SendError> {
    let channel = outbound.direct(to).await?.channel;
    if sending.retry && is_there(outbound, &channel, &file.name).await? {
        return Ok(());
    }
    // A reading call: Slack takes no JSON here.
    let wanted = [("filename", file.name.clone()), ("length", file.content.len().to_string())];
    let upload = outbound.api.get("files.getUploadURLExternal", &wanted).await?;
    let (Some(url), Some(id)) = (upload["upload_url"].as_str(), upload["file_id"].as_str()) else {
        return Err(unclear("an upload without an address"));
    };
    outbound.api.upload(&url.to_owned().into(), &file.content).await?;
    let body = json!({
        "files": [{"id": id, "title": file.name}],
        "channel_id": channel,
        "initial_comment": format(message).text,
    });
    outbound.api.post_as(sending.urgency, "files.completeUploadExternal", &body).await.map(drop)
}

/// Whether a file of this name, which no other has, was shared there already.
async fn is_there(outbound: &SlackOutbound, channel: &str, name: &str) -> Result<bool, SendError> {
    let wanted = [("channel", channel.to_owned()), ("limit", HISTORY_MAX.to_string())];
    let history = outbound.api.get("conversations.history", &wanted).await?;
    let messages = history["messages"].as_array().into_iter().flatten();
    let mut files = messages.filter_map(|message| message["files"].as_array()).flatten();
    Ok(files.any(|file| file["name"] == name))
}
