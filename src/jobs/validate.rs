//! The checks of what is done: asked over the network, with no transaction open, and decided on after that.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{Client, Response, redirect};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{JobError, Jobs};
use crate::domain::validation::{CheckResult, Probe};
use crate::domain::{Command, Subject, ValidationCommand};

/// An answer is searched this far for the text that it has to hold.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

impl Jobs {
    /// Runs the checks of a change that were planned for this moment; false where a person is to say whether it works.
    pub(super) async fn run_checks(
        &self,
        tenant: i64,
        subject: Subject,
        planned: DateTime<Utc>,
    ) -> Result<bool, JobError> {
        let Subject::Change(number) = subject else { return Ok(false) };
        let mut tx = self.app.store.begin(tenant).await?;
        let change = tx.change(number).await?;
        let unit = self.app.tenant(&mut tx).await?;
        tx.rollback().await?;
        let Some(change) = change else { return Ok(false) };
        let Some(open) = change.open_validation().filter(|open| !open.is_attested()) else { return Ok(false) };
        let declared = unit.organisation.services.get(&change.service).map(|service| service.checks.as_slice());
        let probe_of = |key: &String| declared?.iter().find(|check| &check.key == key).map(|check| check.probe.clone());
        let checks: Vec<(String, Option<Probe>)> =
            open.keys().into_iter().map(|key| (key.clone(), probe_of(&key))).collect();
        let patience = Duration::from_secs(unit.policy.validation.answer_within_seconds.into());
        let results = run(checks, patience).await;
        let command = Command::Validation(ValidationCommand::Found { planned, results });
        let id = format!("checks:{subject}:{}", planned.timestamp_micros());
        self.app.perform(tenant, subject, command, &id).await?;
        Ok(true)
    }
}

/// All at once, in the order in which they are declared.
async fn run(checks: Vec<(String, Option<Probe>)>, patience: Duration) -> Vec<CheckResult> {
    let mut running = JoinSet::new();
    for (place, (key, probe)) in checks.into_iter().enumerate() {
        running.spawn(async move { (place, result(key, probe, patience).await) });
    }
    let mut results = running.join_all().await;
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

async fn result(key: String, probe: Option<Probe>, patience: Duration) -> CheckResult {
    let Some(probe) = probe else {
        let found = "is not in the organisation file any more".to_owned();
        return CheckResult { key, kind: None, passed: false, found };
    };
    let asked = timeout(patience, ask(&probe)).await;
    let found = asked.unwrap_or_else(|_| Err(format!("did not answer within {} seconds", patience.as_secs())));
    let (passed, found) = match found {
        Ok(found) => (true, found),
        Err(found) => (false, found),
    };
    CheckResult { key, kind: Some(probe.as_str()), passed, found }
}

/// What it answers: `Ok` where that is as it should be. An address is never repeated: it may hold a secret.
async fn ask(probe: &Probe) -> Result<String, String> {
    match probe {
        Probe::Tcp { address } => {
            TcpStream::connect(address).await.map_err(|error| format!("takes no connection ({})", error.kind()))?;
            Ok("takes connections".to_owned())
        }
        Probe::Http { url, status, text } => {
            let response = get(url).await?;
            let answered = response.status().as_u16();
            if answered != *status {
                return Err(format!("answered {answered}, not {status}"));
            }
            match text {
                Some(text) if !beginning(response).await?.contains(text.as_str()) => {
                    Err(format!("answered {answered}, without “{text}”"))
                }
                _ => Ok(format!("answered {answered}")),
            }
        }
    }
}

/// No redirect is followed and no proxy is asked: what is looked at is what was declared.
async fn get(url: &str) -> Result<Response, String> {
    let client = Client::builder().redirect(redirect::Policy::none()).no_proxy().build();
    let client = client.map_err(|_| "cannot be asked: the HTTP client does not start".to_owned())?;
    client.get(url).send().await.map_err(|error| {
        let why = if error.is_connect() { "takes no connection" } else { "broke off" };
        why.to_owned()
    })
}

async fn beginning(mut response: Response) -> Result<String, String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| "broke off".to_owned())? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() >= ANSWER_BYTES_MAX {
            break;
        }
    }
    bytes.truncate(ANSWER_BYTES_MAX);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
