//! What stands before several bots that are reached by requests: one address, whichever of them run.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Passes each request to one of its bots, in turn, and to the next where that one does not answer. To pass a request on
/// twice is safe: a delivery acts once.
pub struct Balancer {
    pub url: String,
    bots: Bots,
    server: JoinHandle<()>,
}

#[derive(Clone, Default)]
struct Bots {
    urls: Arc<Mutex<Vec<String>>>,
    next: Arc<AtomicUsize>,
    client: reqwest::Client,
}

impl Balancer {
    pub async fn start() -> Balancer {
        let bots = Bots::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let router = Router::new().fallback(pass).with_state(bots.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("requests are passed on") });
        Balancer { url, bots, server }
    }

    /// From now on this bot has its turn too.
    pub fn add(&self, bot: &str) {
        self.bots.urls.lock().expect("not poisoned").push(bot.to_owned());
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass(State(bots): State<Bots>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.expect("platforms send no more");
    let urls = bots.urls.lock().expect("not poisoned").clone();
    let first = bots.next.fetch_add(1, Ordering::SeqCst);
    for turn in 0..urls.len() {
        let url = format!("{}{}", urls[(first + turn) % urls.len()], parts.uri);
        let mut headers = parts.headers.clone();
        headers.remove(header::HOST);
        let passed = bots.client.request(parts.method.clone(), url).headers(headers).body(body.clone()).send();
        let Ok(answer) = passed.await else { continue };
        let (status, kind) = (answer.status(), answer.headers().get(header::CONTENT_TYPE).cloned());
        let Ok(answer) = answer.bytes().await else { continue };
        let mut response = (status, Body::from(answer)).into_response();
        if let Some(kind) = kind {
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        return response;
    }
    StatusCode::BAD_GATEWAY.into_response()
}
