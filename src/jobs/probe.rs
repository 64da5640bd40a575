//! One look at a service from outside, as its check declares it: an address that takes connections, an answer over HTTP, a
//! value in a database, the run of a pipeline. An address is never repeated: it may hold a secret.

use chrono::{DateTime, Utc};
use reqwest::{Client, RequestBuilder, Response, redirect};
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;

use super::pipeline;
use crate::domain::validation::Probe;
use crate::host_token::HostTokens;
use crate::store::Databases;

/// An answer is searched this far for the text that it has to hold.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// What has a checksum is read whole, and no more than this.
const WHOLE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// A value of a database is told this far.
const VALUE_CHARS_MAX: usize = 60;

/// What a check may use beside the network, and since when what it looks at has to be so.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    pub databases: Databases,
    pub tokens: HostTokens,
    /// When the change began.
    pub since: DateTime<Utc>,
}

/// Why it did not pass, in words.
#[derive(Debug)]
pub(super) enum Miss {
    Failed(String),
    /// It may still pass: what it looks at has not ended.
    Waits(String),
}

impl From<String> for Miss {
    fn from(why: String) -> Miss {
        Miss::Failed(why)
    }
}

/// What it answers: `Ok` where that is as it should be.
pub(super) async fn ask(probe: &Probe, reach: &Reach) -> Result<String, Miss> {
    let databases = &reach.databases;
    Ok(match probe {
        Probe::Http { url, status, text, sha256 } => http(url, *status, text.as_deref(), sha256.as_deref()).await?,
        Probe::Tcp { address } => tcp(address).await?,
        Probe::Sql { query, database, expect } => value(&databases.value(database, query).await?, expect)?,
        Probe::Pipeline(of) => pipeline::ask(of, &reach.tokens, reach.since).await?,
    })
}

async fn tcp(address: &str) -> Result<String, String> {
    TcpStream::connect(address).await.map_err(|error| format!("takes no connection ({})", error.kind()))?;
    Ok("takes connections".to_owned())
}

async fn http(url: &str, status: u16, text: Option<&str>, sha256: Option<&str>) -> Result<String, String> {
    let response = sent(client()?.get(url)).await?;
    let answered = response.status().as_u16();
    if answered != status {
        return Err(format!("answered {answered}, not {status}"));
    }
    if let Some(due) = sha256 {
        return checksum(response, due).await;
    }
    match text {
        Some(text) if !beginning(response).await?.contains(text) => {
            Err(format!("answered {answered}, without “{text}”"))
        }
        _ => Ok(format!("answered {answered}")),
    }
}

fn value(found: &str, due: &str) -> Result<String, String> {
    let (is_due, found, due) = (found.trim() == due.trim(), shown(found), shown(due));
    if is_due { Ok(format!("found {found}")) } else { Err(format!("found {found}, not {due}")) }
}

/// No redirect is followed and no proxy is asked: what is looked at is what was declared.
pub(super) fn client() -> Result<Client, String> {
    let client = Client::builder().redirect(redirect::Policy::none()).no_proxy().build();
    client.map_err(|_| "cannot be asked: the HTTP client does not start".to_owned())
}

pub(super) async fn sent(request: RequestBuilder) -> Result<Response, String> {
    request.send().await.map_err(|error| {
        let why = if error.is_connect() { "takes no connection" } else { "broke off" };
        why.to_owned()
    })
}

async fn beginning(response: Response) -> Result<String, String> {
    let mut bytes = Vec::new();
    read(response, |chunk| {
        bytes.extend_from_slice(chunk);
        bytes.len() < ANSWER_BYTES_MAX
    })
    .await?;
    bytes.truncate(ANSWER_BYTES_MAX);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn checksum(response: Response, due: &str) -> Result<String, String> {
    let (mut hash, mut length) = (Sha256::new(), 0);
    let whole = read(response, |chunk| {
        hash.update(chunk);
        length += chunk.len();
        length <= WHOLE_BYTES_MAX
    });
    if !whole.await? {
        return Err(format!("answers more than {} MiB, too much for a checksum", WHOLE_BYTES_MAX / (1024 * 1024)));
    }
    let found = crate::ledger::hex(&hash.finalize());
    let told = format!("has the checksum {}…", &found[..12]);
    if found.eq_ignore_ascii_case(due) { Ok(told) } else { Err(format!("{told}, another one than declared")) }
}

/// Hands over an answer as it comes, until there is no more or enough of it; whether it was read to its end.
pub(super) async fn read(mut response: Response, mut take: impl FnMut(&[u8]) -> bool) -> Result<bool, String> {
    while let Some(chunk) = response.chunk().await.map_err(|_| "broke off".to_owned())? {
        if !take(&chunk) {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(super) fn shown(value: &str) -> String {
    crate::render::cut::first_chars(value.trim(), VALUE_CHARS_MAX).to_owned()
}
