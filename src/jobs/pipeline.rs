//! What the newest run of a pipeline came to, as its own service says it in JSON: GitHub's workflow runs, GitLab's
//! pipelines, Jenkins' builds.

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::Value;
use url::Url;

use super::probe::{Miss, client, read, sent, shown};
use crate::domain::validation::Pipeline;
use crate::host_token::HostTokens;

/// A list of runs is longer than an answer that is searched for a word.
const LIST_BYTES_MAX: usize = 1024 * 1024;

/// What services say of a run that has not ended: `status` and `conclusion` of GitHub's workflow runs, `status` of
/// GitLab's pipelines and jobs. Jenkins leaves `result` empty.
const NOT_ENDED: [&str; 12] = [
    "",
    "created",
    "in_progress",
    "pending",
    "preparing",
    "queued",
    "requested",
    "running",
    "scheduled",
    "waiting",
    "waiting_for_callback",
    "waiting_for_resource",
];

/// `since`: when the change began; what ran before says nothing of it.
pub(super) async fn ask(pipeline: &Pipeline, tokens: &HostTokens, since: DateTime<Utc>) -> Result<String, Miss> {
    let answer = list(&pipeline.url, tokens).await?;
    let Some(began) = answer.pointer(&pipeline.began).filter(|began| !began.is_null()) else {
        return Err(Miss::Waits("no run is there".to_owned()));
    };
    let began = moment(began).ok_or_else(|| format!("says no moment at {}", pipeline.began))?;
    // Services count in seconds.
    if began < since.trunc_subsecs(0) {
        return Err(Miss::Waits("no run has begun since the change did".to_owned()));
    }
    let result = in_words(answer.pointer(&pipeline.result));
    if NOT_ENDED.contains(&result.as_str()) {
        return Err(Miss::Waits(format!("the run of {} UTC has not ended", began.format("%H:%M"))));
    }
    let told = format!("the run of {} UTC ended with {}", began.format("%H:%M"), shown(&result));
    if result == pipeline.expect { Ok(told) } else { Err(format!("{told}, not {}", shown(&pipeline.expect)).into()) }
}

async fn list(url: &str, tokens: &HostTokens) -> Result<Value, String> {
    let url: Url = url.parse().map_err(|_| "has no address".to_owned())?;
    // GitHub answers nobody who does not say who asks.
    let mut request = client()?.get(url.clone()).header("user-agent", "wardroom").header("accept", "application/json");
    if let Some(token) = tokens.of_address(&url) {
        request = request.bearer_auth(token);
    }
    let response = sent(request).await?;
    let answered = response.status();
    if !answered.is_success() {
        return Err(format!("answered {}, and no run", answered.as_u16()));
    }
    let mut bytes = Vec::new();
    let whole = read(response, |chunk| {
        bytes.extend_from_slice(chunk);
        bytes.len() <= LIST_BYTES_MAX
    });
    if !whole.await? {
        return Err("answers more than 1 MiB: ask for one run (`per_page=1`)".to_owned());
    }
    serde_json::from_slice(&bytes).map_err(|_| "answers no JSON".to_owned())
}

/// RFC 3339, or Unix time in milliseconds as Jenkins says it.
fn moment(value: &Value) -> Option<DateTime<Utc>> {
    match value {
        Value::String(text) => Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc()),
        Value::Number(number) => DateTime::from_timestamp_millis(number.as_i64()?),
        _ => None,
    }
}

/// A word as it stands; what has no words is empty.
fn in_words(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(value @ (Value::Bool(_) | Value::Number(_))) => value.to_string(),
        _ => String::new(),
    }
}
