//! The checks of what is done: asked over the network, with no transaction open, and decided on after that.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::probe::{Miss, Reach, ask};
use super::{JobError, Jobs};
use crate::domain::validation::{CheckResult, Probe};
use crate::domain::{Command, Subject, ValidationCommand};

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
        let declared = unit.organisation.checks_of(&change);
        let probe_of =
            |key: &String| declared.iter().find(|(declared, _)| declared == key).map(|(_, check)| check.probe.clone());
        let checks: Vec<(String, Option<Probe>)> =
            open.keys().into_iter().map(|key| (key.clone(), probe_of(&key))).collect();
        let patience = Duration::from_secs(unit.policy.validation.answer_within_seconds.into());
        // A retroactive record was made before it was begun here.
        let since = change.started_at.unwrap_or(planned);
        let reach = Reach { databases: self.app.databases.clone(), tokens: self.app.host_tokens.clone(), since };
        let results = run(checks, &reach, patience).await;
        let command = Command::Validation(ValidationCommand::Found { planned, results });
        let id = format!("checks:{subject}:{}", planned.timestamp_micros());
        self.app.perform(tenant, subject, command, &id).await?;
        Ok(true)
    }
}

/// All at once, in the order in which they are declared.
async fn run(checks: Vec<(String, Option<Probe>)>, reach: &Reach, patience: Duration) -> Vec<CheckResult> {
    let mut running = JoinSet::new();
    for (place, (key, probe)) in checks.into_iter().enumerate() {
        let reach = reach.clone();
        running.spawn(async move { (place, result(key, probe, &reach, patience).await) });
    }
    let mut results = running.join_all().await;
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

async fn result(key: String, probe: Option<Probe>, reach: &Reach, patience: Duration) -> CheckResult {
    let Some(probe) = probe else {
        let found = "is not in the organisation file any more".to_owned();
        return CheckResult { key, kind: None, passed: Some(false), found };
    };
    let asked = timeout(patience, ask(&probe, reach)).await;
    let found = asked.unwrap_or_else(|_| Err(format!("did not answer within {} seconds", patience.as_secs()).into()));
    let (passed, found) = match found {
        Ok(found) => (Some(true), found),
        Err(Miss::Failed(found)) => (Some(false), found),
        Err(Miss::Waits(found)) => (None, found),
    };
    CheckResult { key, kind: Some(probe.as_str()), passed, found }
}
