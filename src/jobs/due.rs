//! Promised moments, and housekeeping.

use chrono::TimeDelta;

use super::{JobError, Jobs, schedule};
use crate::domain::charter::CharterCommand;
use crate::domain::proposal::PolicyCommand;
use crate::domain::rules::TIMER_EARLY;
use crate::domain::{CatalogueCommand, Command, DeadlineKind, Subject, Urgency};
use crate::store::{Job, Later, Tx};

/// How long an answer is kept for a delivery that is repeated: platforms repeat for minutes, a form is open for hours.
const FORGET_AFTER: TimeDelta = TimeDelta::days(2);

impl Jobs {
    /// Keeps a promise, once: what is not armed any more was kept, moved or cancelled in the meantime.
    pub(super) async fn due(&self, tenant: i64, subject: Subject, kind: DeadlineKind) -> Result<(), JobError> {
        let mut tx = self.app.store.begin(tenant).await?;
        let Some(at) = tx.armed_deadline(subject, kind).await? else { return Ok(()) };
        tx.rollback().await?;
        // A job may fire a moment early (clocks of two machines): nothing is decided before its moment.
        let early = at - self.app.clock.now();
        if early > TIMER_EARLY {
            return Ok(());
        }
        tokio::time::sleep(early.to_std().unwrap_or_default()).await;
        // What checks find is asked over the network, before anything is decided.
        if kind == DeadlineKind::Validation && self.run_checks(tenant, subject, at).await? {
            return Ok(());
        }
        let command = format!("due:{subject}:{}:{}", kind.as_str(), at.timestamp());
        self.app.perform(tenant, subject, Command::Due { deadline: kind, at }, &command).await?;
        Ok(())
    }

    /// Forgets what nobody needs any more, and sees to it that this happens again.
    pub(super) async fn forget(&self, tenant: i64) -> Result<(), JobError> {
        let mut tx = self.app.store.begin(tenant).await?;
        let forgotten = tx.forget_before(self.app.clock.now() - FORGET_AFTER).await?;
        tx.forget_link_codes(self.app.clock.now() - FORGET_AFTER).await?;
        self.schedule_forget(&mut tx).await?;
        tx.enqueue([Job::Retain { tenant }.now()]);
        self.recall(&mut tx).await?;
        let superseded = tx.forget_superseded_jobs().await?;
        tx.commit().await?;
        tracing::debug!(forgotten, superseded, "forgot old deliveries, forms and jobs");
        let look_after = Command::Policy(PolicyCommand::LookAfter);
        self.app.perform(tenant, Subject::Policy, look_after, "housekeeping:policy").await?;
        let charters = Command::Charter(CharterCommand::LookAfter);
        self.app.perform(tenant, Subject::Organisation, charters, "housekeeping:charters").await?;
        let look_after = Command::Catalogue(CatalogueCommand::LookAfter);
        Ok(self.app.perform(tenant, Subject::Policy, look_after, "housekeeping:catalogue").await?)
    }

    /// Plans the housekeeping of every tenant: at the start of a process, whatever earlier ones planned.
    pub async fn plan(&self) -> Result<(), JobError> {
        for tenant in self.app.store.tenants().await? {
            let mut tx = self.app.store.begin(tenant).await?;
            self.schedule_forget(&mut tx).await?;
            tx.enqueue([Job::Meet { tenant }.now()]);
            self.recall(&mut tx).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// What waits in a place whose job is gone, because it failed for days, is said after all.
    async fn recall(&self, tx: &mut Tx) -> Result<(), JobError> {
        let tenant = tx.tenant();
        for place in tx.places_waiting().await? {
            tx.enqueue([Job::Say { tenant, place, urgency: Urgency::Note }.now()]);
        }
        Ok(())
    }

    async fn schedule_forget(&self, tx: &mut Tx) -> Result<(), JobError> {
        let zone = self.app.tenant(tx).await?.organisation.time_zone;
        let next = schedule::next(schedule::FORGET, zone, self.app.clock.now());
        let job = Job::Forget { tenant: tx.tenant() };
        tx.enqueue([Later { job, run_at: next.map(|at| at - self.app.clock.ahead()) }]);
        Ok(())
    }
}
