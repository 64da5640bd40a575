//! The workspace posts what people do to an app's request URLs, and bears with what comes back as Slack does.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use slack_morphism::SlackSigningSecret;
use slack_morphism::signature_verifier::SlackEventSignatureVerifier;

use super::{Local, card};
use crate::sandbox::slack::RequestUrls;

/// Longer than an answer takes on a busy machine, shorter than a late one.
const PATIENCE: Duration = Duration::from_secs(1);

/// An app that takes requests, and answers from a script.
struct App {
    url: String,
    got: Got,
}

#[derive(Clone, Default)]
struct Got {
    requests: Arc<Mutex<Vec<(String, HeaderMap, String)>>>,
    script: Arc<Mutex<VecDeque<Respond>>>,
}

enum Respond {
    With(u16, String),
    Late,
    NoRetry,
}

async fn take(State(got): State<Got>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let challenge = challenge(&body);
    got.requests.lock().unwrap().push((uri.path().to_owned(), headers, body));
    let respond = got.script.lock().unwrap().pop_front();
    match respond {
        Some(Respond::With(status, body)) => (StatusCode::from_u16(status).unwrap(), body).into_response(),
        Some(Respond::Late) => {
            tokio::time::sleep(Duration::from_secs(2)).await;
            StatusCode::OK.into_response()
        }
        Some(Respond::NoRetry) => (StatusCode::INTERNAL_SERVER_ERROR, [("x-slack-no-retry", "1")]).into_response(),
        None => challenge.unwrap_or_default().into_response(),
    }
}

fn challenge(body: &str) -> Option<String> {
    let asked: Value = serde_json::from_str(body).ok()?;
    (asked["type"] == "url_verification").then(|| asked["challenge"].as_str().unwrap().to_owned())
}

impl App {
    async fn start() -> App {
        let got = Got::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(take).with_state(got.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        App { url, got }
    }

    /// Enters the addresses into the app's settings.
    async fn settle(&self, local: &Local) {
        local.workspace.set_ack_within(PATIENCE);
        local.workspace.set_request_urls(RequestUrls::of_wardroom(&self.url)).await.unwrap();
        self.got.requests.lock().unwrap().clear();
    }

    fn then(&self, respond: Respond) {
        self.got.script.lock().unwrap().push_back(respond);
    }

    fn requests(&self) -> Vec<(String, HeaderMap, String)> {
        self.got.requests.lock().unwrap().clone()
    }

    async fn request(&self, number: usize) -> (String, HeaderMap, String) {
        for _ in 0..500 {
            if let Some(request) = self.requests().get(number - 1) {
                return request.clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("there were {} requests", self.requests().len());
    }
}

#[tokio::test]
async fn addresses_that_do_not_send_the_challenge_back_are_not_taken() {
    let local = Local::start().await;
    let app = App::start().await;
    local.workspace.set_ack_within(PATIENCE);
    let enter = async || local.workspace.set_request_urls(RequestUrls::of_wardroom(&app.url)).await;
    app.then(Respond::Late);
    assert!(enter().await.unwrap_err().contains("didn't respond to the challenge (http_timeout)"));
    app.then(Respond::With(200, "another challenge".to_owned()));
    assert!(enter().await.unwrap_err().contains("didn't send the challenge back"));
    local.workspace.say("ana", "general", "/inc list").await.unwrap();
    assert!(local.workspace.last_private("ana").unwrap().contains("not connected"), "nothing was entered");
    enter().await.unwrap();
    assert!(app.requests().iter().all(|(path, ..)| path == "/slack/events"), "{:?}", app.requests());
}

#[tokio::test]
async fn a_command_is_posted_as_a_signed_form_and_answered_in_the_response() {
    let local = Local::start().await;
    let app = App::start().await;
    app.settle(&local).await;
    app.then(Respond::With(200, json!({"text": "Done, <@UANA>", "response_type": "ephemeral"}).to_string()));
    local.workspace.say("ana", "#general", "/inc declare a & b").await.unwrap();
    assert_eq!(local.workspace.last_private("ana").unwrap(), "wardroom: Done, @ana");
    let (path, headers, body) = app.requests().remove(0);
    assert_eq!(path, "/slack/commands");
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    let fields: std::collections::BTreeMap<String, String> =
        url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    assert_eq!((fields["command"].as_str(), fields["text"].as_str()), ("/inc", "declare a &amp; b"));
    assert_eq!(fields["is_enterprise_install"], "false");
    let verifier = SlackEventSignatureVerifier::new(&SlackSigningSecret(local.workspace.signing_secret()));
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    verifier.verify(&text("x-slack-signature"), &body, &text("x-slack-request-timestamp")).unwrap();
    app.then(Respond::With(200, "plain words".to_owned()));
    local.workspace.say("ana", "#general", "/inc").await.unwrap();
    assert_eq!(local.workspace.last_private("ana").unwrap(), "wardroom: plain words");
}

#[tokio::test]
async fn people_are_told_when_the_app_is_late_refuses_or_is_away() {
    let local = Local::start().await;
    let app = App::start().await;
    app.settle(&local).await;
    let told = || local.workspace.last_private("ana").unwrap();
    app.then(Respond::Late);
    local.workspace.say("ana", "general", "/inc list").await.unwrap();
    assert_eq!(told(), "slackbot: /inc failed with the error \"operation_timeout\"");
    app.then(Respond::With(401, "no".to_owned()));
    local.workspace.say("ana", "general", "/inc list").await.unwrap();
    assert_eq!(told(), "slackbot: /inc failed with the error \"dispatch_failed\"");
    local.workspace.settings().requests.urls = Some(RequestUrls::of_wardroom("http://127.0.0.1:1"));
    let ts = local.post("CGEN", json!({"text": "card", "blocks": card("Which?", "Go")})).await;
    local.workspace.press("ana", "general", &ts, "go").await.unwrap();
    assert_eq!(told(), "slackbot: The click failed: the app did not take it (dispatch_failed)");
    assert_eq!(app.requests().len(), 2, "commands and clicks are not repeated");
}

#[tokio::test]
async fn an_event_that_is_not_taken_is_repeated_three_times() {
    let local = Local::start().await;
    let app = App::start().await;
    app.settle(&local).await;
    local.workspace.set_events_enabled(true);
    local.workspace.set_retry_pauses([Duration::ZERO, Duration::from_millis(20), Duration::from_millis(40)]);
    app.then(Respond::With(500, String::new()));
    app.then(Respond::Late);
    app.then(Respond::With(503, String::new()));
    app.then(Respond::With(500, String::new()));
    local.workspace.say("ana", "general", "hello").await.unwrap();
    let (_, _, first) = app.request(1).await;
    app.request(4).await;
    let retries: Vec<(String, String)> = app.requests()[1..]
        .iter()
        .map(|(path, headers, body)| {
            assert_eq!((path.as_str(), body), ("/slack/events", &first), "the same event");
            let text = |name: &str| headers[name].to_str().unwrap().to_owned();
            (text("x-slack-retry-num"), text("x-slack-retry-reason"))
        })
        .collect();
    let expected = [("1", "http_error"), ("2", "http_timeout"), ("3", "http_error")];
    assert_eq!(retries, expected.map(|(number, reason)| (number.to_owned(), reason.to_owned())));
    app.then(Respond::NoRetry);
    local.workspace.say("ana", "general", "again").await.unwrap();
    local.workspace.say("ana", "general", "and again").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(app.requests().len(), 6, "an app may ask not to be sent it again");
}

#[tokio::test]
async fn with_request_urls_nothing_comes_over_the_socket() {
    let local = Local::start().await;
    let mut bot = local.connect().await;
    let app = App::start().await;
    app.settle(&local).await;
    local.workspace.say("ana", "general", "/inc list").await.unwrap();
    assert_eq!(app.requests().len(), 1);
    let silent = tokio::time::timeout(Duration::from_millis(100), bot.next()).await;
    assert!(silent.is_err(), "{silent:?}");
}
