//! The three steps of an upload.

use serde_json::{Value, json};

use super::Local;

/// Asks for an address and sends the content there.
async fn send(local: &Local, name: &str, content: &str) -> (String, reqwest::StatusCode) {
    let asked = local.call("files.getUploadURLExternal", json!({"filename": name, "length": 4})).await;
    let address = asked["upload_url"].as_str().unwrap();
    let sent = local.http.post(address).body(content.to_owned()).send().await.unwrap();
    (asked["file_id"].as_str().unwrap().to_owned(), sent.status())
}

#[tokio::test]
async fn a_file_is_shared_once_its_content_has_arrived_and_only_once() {
    let local = Local::start().await;
    let complete = async |body: Value| local.call("files.completeUploadExternal", body).await;
    let early = local.call("files.getUploadURLExternal", json!({"filename": "a.log", "length": 4})).await;
    let files = json!([{"id": early["file_id"]}]);
    assert_eq!(complete(json!({"files": files, "channel_id": "COPS"})).await["error"], "file_not_found");

    let (id, status) = send(&local, "late.log", "late").await;
    assert_eq!(status, 200);
    let share = json!({"files": [{"id": id, "title": "Log"}], "channels": "COPS,CGEN", "initial_comment": "See"});
    let shared = complete(share.clone()).await;
    assert_eq!(shared["files"][0]["channels"], json!(["COPS", "CGEN"]), "{shared}");
    assert_eq!(local.workspace.transcript("ops"), "wardroom: See\n(file: Log)\n");
    assert_eq!(local.workspace.transcript("general"), "wardroom: See\n(file: Log)\n");
    let kept = local.http.get(shared["files"][0]["url_private"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(kept.text().await.unwrap(), "late");
    assert_eq!(complete(share).await["error"], "file_not_found");
}

#[tokio::test]
async fn an_upload_that_is_not_as_announced_is_refused() {
    let local = Local::start().await;
    assert_eq!(send(&local, "a.log", "too long").await.1, 400);
    let unknown = local.http.post(format!("{}/upload/F0NONE", local.base)).body("x").send().await.unwrap();
    assert_eq!(unknown.status(), 404);
    let nameless = local.call("files.getUploadURLExternal", json!({"length": 4})).await;
    assert_eq!(nameless["error"], "invalid_arguments");
    let huge = local.call("files.getUploadURLExternal", json!({"filename": "a", "length": 1 << 30})).await;
    assert_eq!(huge["error"], "file_upload_size_restricted");
    let (id, _) = send(&local, "a.log", "late").await;
    let nowhere = json!({"files": [{"id": id}], "channel_id": "C0NONE"});
    assert_eq!(local.call("files.completeUploadExternal", nowhere).await["error"], "channel_not_found");
}
