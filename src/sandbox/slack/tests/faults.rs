use serde_json::{Value, json};

use super::{BOT_TOKEN, Local};
use crate::sandbox::slack::SlackFault;

#[tokio::test]
async fn faults_strike_as_often_as_they_were_asked_to() {
    let local = Local::start().await;
    let method = || "chat.postMessage".to_owned();
    let body = json!({"channel": "CGEN", "text": "once"});
    let post = async || local.response("chat.postMessage", BOT_TOKEN, &body).await;
    local.workspace.fault(SlackFault::RateLimit { method: method(), times: 1, retry_after_secs: 7 });
    local.workspace.fault(SlackFault::ServerError { method: method(), times: 1 });
    local.workspace.fault(SlackFault::Fail { method: method(), times: 1, error: "fatal_error".to_owned() });
    local.workspace.fault(SlackFault::LoseAnswer { method: method(), times: 1 });
    let limited = post().await;
    assert_eq!((limited.status().as_u16(), &limited.headers()["retry-after"]), (429, &"7".parse().unwrap()));
    assert_eq!(post().await.status(), 500);
    assert_eq!(post().await.json::<Value>().await.unwrap()["error"], "fatal_error");
    assert_eq!(local.workspace.transcript("general"), "");
    assert_eq!(post().await.status(), 500);
    assert_eq!(local.workspace.transcript("general"), "wardroom: once\n");
    assert_eq!(post().await.json::<Value>().await.unwrap()["ok"], true);
    let calls = local.workspace.calls();
    assert_eq!(calls.len(), 5);
    assert_eq!(calls[0], (method(), body.clone()));
}

#[tokio::test]
async fn a_slow_method_takes_its_time_and_still_works() {
    let local = Local::start().await;
    local.workspace.fault(SlackFault::Slow { method: "*".to_owned(), times: 1, millis: 40 });
    let begun = std::time::Instant::now();
    assert_eq!(local.call("auth.test", json!({})).await["ok"], true);
    assert!(begun.elapsed().as_millis() >= 40);
}
