//! Jobs: what happens after the commit. Enqueued in the same transaction, so that a rollback leaves none.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::error::Doing;
use super::{ExportPart, StoreError, Tx};
use crate::domain::{Account, DeadlineKind, PersonId, Place, Platform, Subject, Urgency};
use crate::render::Message;

/// Everything that can be done later. Each is idempotent, and carries only what it needs to find its work again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum Job {
    /// Says what is kept for a place and was not said yet, because something of this urgency is among it.
    Say { tenant: i64, place: Place, urgency: Urgency },
    /// Makes a card show the newest state.
    Show { tenant: i64, subject: Subject, kind: String, place: Place },
    /// Opens the war room of an incident in one workspace.
    OpenRoom { tenant: i64, incident: i64, platform: Platform, workspace: String },
    /// Tells a person, in private, of a trouble that they can mend.
    Tell { tenant: i64, trouble: i64, person: PersonId },
    /// Tells a voter, with the buttons, how the vote on a revision stands: at this share of its time, or, without one,
    /// because it is tied and the voter is in the chair.
    AskVoter { tenant: i64, change: i64, revision: i32, person: PersonId, percent: Option<i32> },
    /// Tells a person something in private.
    Direct { tenant: i64, person: PersonId, key: String, message: Box<Message> },
    /// Asks a person for a yes to a change, in private, and shows them its card.
    Ask { tenant: i64, change: i64, person: PersonId, key: String, message: Box<Message> },
    /// Tells somebody in private that it is their change's turn.
    Turn { tenant: i64, change: i64 },
    /// Looks whether freezes hold a change up, or let it go.
    CheckHold { tenant: i64, change: i64 },
    /// Looks whether the incidents around a change hold up whether it works, or halt it: that which became critical.
    CheckIncidents { tenant: i64, change: i64, critical: Option<i64> },
    /// Brings a batch of changes a step further, as far as it goes by itself.
    Batch { tenant: i64, batch: i64 },
    /// Looks whether the conflicts of a change are settled.
    CheckConflict { tenant: i64, change: i64 },
    /// Looks whether somebody stands in now for whoever was asked for a change.
    CheckAsks { tenant: i64, change: i64 },
    /// Declares an incident for a change that went wrong. `asked`: a person wants it.
    DeclareFailure { tenant: i64, change: i64, asked: bool },
    /// Hands a part of the log to an account, in private.
    Hand { tenant: i64, account: Account, place: Place, key: String, part: Box<ExportPart> },
    /// Brings people into a room.
    Invite { tenant: i64, incident: i64, place: Place },
    /// Keeps a promise whose moment has come.
    Due { tenant: i64, subject: Subject, kind: DeadlineKind },
    /// Asks a platform whose an account is, and tells the person in the place where they spoke.
    LookUp { tenant: i64, account: Account, place: Place },
    /// Finds the homes that do not show the newest state.
    Homes { tenant: i64 },
    /// Shows one account its home anew.
    Home { tenant: i64, account: Account },
    /// Posts the newest checkpoint where chat keeps them.
    PostCheckpoint { tenant: i64, urgent: bool },
    /// Forgets old deliveries, forms and codes.
    Forget { tenant: i64 },
    /// Erases what is due: by age, or because two people agreed.
    Retain { tenant: i64 },
    /// Seals an incident into the archive, where that is due.
    Seal { tenant: i64, incident: i64 },
    /// Announces the board's regular meeting when it is time, and plans to look again.
    Meet { tenant: i64 },
}

/// A job with its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later {
    pub job: Job,
    /// In real time, as the queue counts; `None` is now.
    pub run_at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
struct Spec<'a> {
    identifier: &'static str,
    payload: &'a Job,
    queue_name: Option<String>,
    run_at: Option<DateTime<Utc>>,
    max_attempts: i16,
    job_key: Option<String>,
    priority: i16,
    flags: Option<Vec<String>>,
}

/// The one task that the queue knows: [`Job`] says the rest.
pub const TASK: &str = "wardroom";

/// About a day of tries, at the queue's backoff (the exponential of the attempts, at most e^10 seconds).
const ATTEMPTS_MAX: i16 = 20;

impl Job {
    pub fn tenant(&self) -> i64 {
        match self {
            Job::Say { tenant, .. }
            | Job::Show { tenant, .. }
            | Job::OpenRoom { tenant, .. }
            | Job::Tell { tenant, .. }
            | Job::Direct { tenant, .. }
            | Job::Ask { tenant, .. }
            | Job::Turn { tenant, .. }
            | Job::CheckHold { tenant, .. }
            | Job::CheckConflict { tenant, .. }
            | Job::CheckAsks { tenant, .. }
            | Job::CheckIncidents { tenant, .. }
            | Job::Batch { tenant, .. }
            | Job::DeclareFailure { tenant, .. }
            | Job::Invite { tenant, .. }
            | Job::Due { tenant, .. }
            | Job::LookUp { tenant, .. }
            | Job::Homes { tenant }
            | Job::Home { tenant, .. }
            | Job::PostCheckpoint { tenant, .. }
            | Job::AskVoter { tenant, .. }
            | Job::Hand { tenant, .. }
            | Job::Forget { tenant }
            | Job::Retain { tenant }
            | Job::Seal { tenant, .. }
            | Job::Meet { tenant } => *tenant,
        }
    }

    /// The workspace that this job reaches; `None` where it reaches none.
    pub fn reaches(&self) -> Option<(Platform, &str)> {
        match self {
            Job::Say { place, .. } | Job::Show { place, .. } | Job::Invite { place, .. } => {
                Some((place.platform, &place.workspace))
            }
            Job::OpenRoom { platform, workspace, .. } => Some((*platform, workspace)),
            Job::LookUp { account, .. } | Job::Home { account, .. } | Job::Hand { account, .. } => {
                Some((account.platform, &account.workspace))
            }
            Job::Tell { .. }
            | Job::AskVoter { .. }
            | Job::Direct { .. }
            | Job::Ask { .. }
            | Job::Turn { .. }
            | Job::CheckHold { .. }
            | Job::CheckConflict { .. }
            | Job::CheckAsks { .. }
            | Job::CheckIncidents { .. }
            | Job::Batch { .. }
            | Job::DeclareFailure { .. }
            | Job::Due { .. }
            | Job::Forget { .. }
            | Job::Retain { .. }
            | Job::Seal { .. }
            | Job::Meet { .. }
            | Job::PostCheckpoint { .. }
            | Job::Homes { .. } => None,
        }
    }

    /// Tells several people the same, each in private. `key`: what it is about, once for each of them.
    pub fn direct_each(
        tenant: i64,
        people: impl IntoIterator<Item = PersonId>,
        key: &str,
        message: &Message,
    ) -> impl Iterator<Item = Later> {
        people.into_iter().map(move |person| {
            Job::Direct { tenant, person, key: key.to_owned(), message: Box::new(message.clone()) }.now()
        })
    }

    /// Brings the card of a record up to date in several places.
    pub fn show_each(
        tenant: i64,
        subject: Subject,
        kind: &str,
        places: impl IntoIterator<Item = Place>,
    ) -> impl Iterator<Item = Later> {
        places.into_iter().map(move |place| Job::Show { tenant, subject, kind: kind.to_owned(), place }.now())
    }

    pub fn now(self) -> Later {
        Later { job: self, run_at: None }
    }

    /// One job of a kind on a thing at a time: a newer one takes its place.
    fn key(&self) -> String {
        match self {
            Job::Show { tenant, subject, kind, place } => {
                format!("show:{tenant}:{subject}:{kind}:{}:{}", place.platform.as_str(), place.channel)
            }
            Job::Due { tenant, subject, kind } => format!("due:{tenant}:{subject}:{}", kind.as_str()),
            Job::Forget { tenant } => format!("forget:{tenant}"),
            // Two keys: one that is planned for soon is not put off by one for later.
            Job::PostCheckpoint { tenant, urgent } => format!("checkpoint:{tenant}:{urgent}"),
            Job::Retain { tenant } => format!("retain:{tenant}"),
            Job::Seal { tenant, incident } => format!("seal:{tenant}:{incident}"),
            Job::Meet { tenant } => format!("meet:{tenant}"),
            Job::Homes { tenant } => format!("homes:{tenant}"),
            Job::Home { tenant, account } => {
                format!("home:{tenant}:{}:{}:{}", account.platform.as_str(), account.workspace, account.id)
            }
            Job::LookUp { tenant, account, .. } => {
                format!("lookup:{tenant}:{}:{}:{}", account.platform.as_str(), account.workspace, account.id)
            }
            Job::OpenRoom { tenant, incident, platform, workspace } => {
                format!("room:{tenant}:{incident}:{}:{workspace}", platform.as_str())
            }
            // One for a place and urgency, however much waits there: the queue looks through every job that it cannot
            // run yet.
            Job::Say { tenant, place, urgency } => {
                let (platform, urgency) = (place.platform.as_str(), urgency.as_str());
                format!("say:{tenant}:{platform}:{}:{}:{urgency}", place.workspace, place.channel)
            }
            Job::AskVoter { tenant, change, revision, person, percent } => {
                let occasion = percent.map_or_else(|| "tie".to_owned(), |percent| percent.to_string());
                format!("voter:{tenant}:{change}:{revision}:{occasion}:{}", person.as_str())
            }
            Job::Tell { tenant, trouble, person } => format!("tell:{tenant}:{trouble}:{}", person.as_str()),
            Job::Direct { tenant, person, key, .. } => format!("direct:{tenant}:{}:{key}", person.as_str()),
            Job::Ask { tenant, person, key, .. } => format!("ask:{tenant}:{}:{key}", person.as_str()),
            Job::Turn { tenant, change } => format!("turn:{tenant}:{change}"),
            Job::CheckHold { tenant, change } => format!("hold:{tenant}:{change}"),
            Job::CheckConflict { tenant, change } => format!("conflict:{tenant}:{change}"),
            Job::CheckAsks { tenant, change } => format!("asks:{tenant}:{change}"),
            // Two keys: what becomes critical is not lost by a look that comes after it.
            Job::CheckIncidents { tenant, change, critical } => {
                format!("incidents:{tenant}:{change}:{}", critical.unwrap_or_default())
            }
            Job::Batch { tenant, batch } => format!("batch:{tenant}:{batch}"),
            // Two keys: that a person asks for it is not lost by what comes by itself.
            Job::DeclareFailure { tenant, change, asked } => format!("failure:{tenant}:{change}:{asked}"),
            Job::Hand { tenant, account, key, .. } => format!("hand:{tenant}:{}:{key}", account.id),
            Job::Invite { tenant, incident, place } => {
                format!("invite:{tenant}:{incident}:{}:{}", place.platform.as_str(), place.channel)
            }
        }
    }

    /// What goes to one channel goes in order.
    fn queue(&self) -> Option<String> {
        match self {
            Job::Say { place, .. } | Job::Invite { place, .. } => {
                Some(format!("{}:{}", place.platform.as_str(), place.channel))
            }
            // One hand at a time in the folder.
            Job::Seal { tenant, .. } => Some(format!("archive:{tenant}")),
            // A card is edited while sentences wait for their turn: a vote shows at once.
            Job::Show { place, .. } => Some(format!("card:{}:{}", place.platform.as_str(), place.channel)),
            Job::OpenRoom { .. }
            | Job::Tell { .. }
            | Job::AskVoter { .. }
            | Job::Direct { .. }
            | Job::Ask { .. }
            | Job::Turn { .. }
            | Job::CheckHold { .. }
            | Job::CheckConflict { .. }
            | Job::CheckAsks { .. }
            | Job::CheckIncidents { .. }
            | Job::Batch { .. }
            | Job::DeclareFailure { .. }
            | Job::Due { .. }
            | Job::Forget { .. }
            | Job::PostCheckpoint { .. }
            | Job::Retain { .. }
            | Job::Meet { .. }
            | Job::LookUp { .. }
            | Job::Homes { .. }
            | Job::Home { .. }
            | Job::Hand { .. } => None,
        }
    }

    /// Lower is sooner: a promise, a room and whoever is called come first, then what people decide on, then what they
    /// were promised, then what they read.
    fn priority(&self) -> i16 {
        match self {
            // Before the room, which tells of it as it opens.
            Job::CheckIncidents { .. } => -11,
            Job::Due { .. }
            | Job::CheckHold { .. }
            | Job::CheckConflict { .. }
            | Job::CheckAsks { .. }
            | Job::Batch { .. }
            | Job::DeclareFailure { .. }
            | Job::Meet { .. }
            | Job::OpenRoom { .. } => -10,
            Job::Invite { .. } | Job::Ask { .. } | Job::Say { urgency: Urgency::Page, .. } => -8,
            Job::Tell { .. } | Job::AskVoter { .. } | Job::Direct { .. } | Job::Turn { .. } | Job::LookUp { .. } => -5,
            // The card first: it holds what the line is about, and the buttons.
            Job::Show { .. } => -4,
            Job::Say { urgency: Urgency::Decision, .. } => -3,
            Job::Say { urgency: Urgency::Update, .. } => -1,
            Job::Say { urgency: Urgency::Note, .. } => 0,
            Job::Homes { .. } | Job::Home { .. } | Job::PostCheckpoint { .. } | Job::Hand { .. } => 5,
            Job::Forget { .. } | Job::Retain { .. } | Job::Seal { .. } => 20,
        }
    }

    fn spec(&self, run_at: Option<DateTime<Utc>>) -> Spec<'_> {
        Spec {
            identifier: TASK,
            payload: self,
            queue_name: self.queue(),
            run_at,
            max_attempts: ATTEMPTS_MAX,
            job_key: Some(self.key()),
            priority: self.priority(),
            flags: None,
        }
    }
}

/// The last of each key, as when one is enqueued after the other: decisions that are made together show the same card,
/// and one statement takes a key once.
fn once_each(jobs: Vec<Later>) -> Vec<Later> {
    let mut keys = BTreeSet::new();
    let mut last: Vec<Later> = jobs.into_iter().rev().filter(|later| keys.insert(later.job.key())).collect();
    last.reverse();
    last
}

impl Tx {
    /// Enqueues jobs with the commit.
    pub fn enqueue(&mut self, jobs: impl IntoIterator<Item = Later>) {
        self.leaving.jobs.extend(jobs);
    }

    /// Removes waiting jobs, with the commit, that nobody needs any more.
    pub(super) fn unqueue(&mut self, jobs: impl IntoIterator<Item = Job>) {
        self.leaving.dropped.extend(jobs);
    }

    /// Writes all that leaves. All jobs go in one statement: each enqueue notifies, and that costs.
    pub(super) async fn flush(&mut self) -> Result<(), StoreError> {
        let leaving = std::mem::take(&mut self.leaving);
        let mut jobs = leaving.jobs;
        self.insert_says(&leaving.says).await?;
        let places: BTreeSet<(Urgency, &Place)> = leaving.says.iter().map(|say| (say.urgency, &say.place)).collect();
        let tenant = self.tenant;
        let say = |(urgency, place): (Urgency, &Place)| Job::Say { tenant, place: place.clone(), urgency }.now();
        jobs.extend(places.into_iter().map(say));
        let jobs = once_each(jobs);
        for key in leaving.dropped.iter().map(Job::key) {
            sqlx::query("select graphile_worker.remove_job($1)")
                .bind(key)
                .execute(self.conn())
                .await
                .doing("removing a job")?;
        }
        if jobs.is_empty() {
            return Ok(());
        }
        let specs: Vec<Spec<'_>> = jobs.iter().map(|later| later.job.spec(later.run_at)).collect();
        sqlx::query(
            "select count(*) from graphile_worker.add_jobs(
                array(select json_populate_recordset(null::graphile_worker.job_spec, $1::json)), false)",
        )
        .bind(sqlx::types::Json(&specs))
        .execute(self.conn())
        .await
        .doing("enqueueing jobs")?;
        Ok(())
    }

    /// Forgets jobs that failed after newer ones took their place.
    pub async fn forget_superseded_jobs(&mut self) -> Result<u64, StoreError> {
        let delete = format!("delete from graphile_worker._private_jobs where locked_at is null and {SUPERSEDED}");
        let result =
            sqlx::query(sqlx::AssertSqlSafe(delete)).execute(self.conn()).await.doing("forgetting old jobs")?;
        Ok(result.rows_affected())
    }

    /// Makes everything due that has waited for the bot to come back to a platform.
    pub async fn resume_jobs(&mut self, platform: Platform) -> Result<u64, StoreError> {
        let result = sqlx::query(
            "update graphile_worker._private_jobs set run_at = now()
             where locked_at is null and run_at > now() + interval '1 year'
               and $1 in (payload->>'platform', payload->'place'->>'platform', payload->'account'->>'platform')",
        )
        .bind(platform.as_str())
        .execute(self.conn())
        .await
        .doing("resuming jobs")?;
        Ok(result.rows_affected())
    }

    /// Moves every waiting job, when the sandbox moves the clock: the queue counts in real time.
    pub(super) async fn move_jobs(&mut self, seconds: i32) -> Result<(), StoreError> {
        sqlx::query(
            "update graphile_worker._private_jobs set run_at = run_at - make_interval(secs => $1)
             where locked_at is null and run_at > now()",
        )
        .bind(f64::from(seconds))
        .execute(self.conn())
        .await
        .doing("moving waiting jobs")?;
        Ok(())
    }
}

/// A job that a newer one took the place of while it ran, and that failed then: the queue keeps it, nobody needs it.
const SUPERSEDED: &str = "key is null and attempts >= max_attempts";

/// Frees every job and every queue that some worker holds, and forgets the workers.
pub(super) async fn free_all(connection: &mut PgConnection) -> Result<i32, StoreError> {
    let freed = sqlx::query_scalar(
        "select graphile_worker.recover_dead_worker_jobs(array(
             select locked_by from graphile_worker._private_jobs where locked_by is not null
             union select locked_by from graphile_worker._private_job_queues where locked_by is not null))",
    )
    .fetch_one(&mut *connection)
    .await
    .doing("freeing the jobs of a bot that died")?;
    let forget = "delete from graphile_worker._private_workers";
    sqlx::query(forget).execute(connection).await.doing("forgetting bots that died")?;
    Ok(freed)
}

impl super::Store {
    /// Frees the jobs that a worker of this process held when it ended, and counts them.
    pub async fn free_jobs_of(&self, ended_worker: &str) -> Result<i32, StoreError> {
        sqlx::query_scalar("select graphile_worker.recover_dead_worker_jobs(array[$1])")
            .bind(ended_worker)
            .fetch_one(&self.pool)
            .await
            .doing("freeing the jobs of a worker that ended")
    }

    /// Jobs that could run now.
    pub async fn jobs_due(&self) -> Result<i64, StoreError> {
        self.count_jobs("run_at <= now() and attempts < max_attempts").await
    }

    /// Wakes the queue's workers, where a job waits that could run.
    pub async fn wake_for_waiting_jobs(&self) -> Result<(), StoreError> {
        let wake = r#"select pg_notify('jobs:insert', '{"count":1}')
                      where exists (select from graphile_worker._private_jobs where is_available and run_at <= now())"#;
        sqlx::query(wake).execute(&self.pool).await.doing("waking the workers")?;
        Ok(())
    }

    /// Jobs that failed at least once and are still to be done, or that nobody tries any more.
    pub async fn jobs_failed(&self) -> Result<i64, StoreError> {
        self.count_jobs(&format!("last_error is not null and not ({SUPERSEDED})")).await
    }

    async fn count_jobs(&self, condition: &str) -> Result<i64, StoreError> {
        let query = format!("select count(*) from graphile_worker._private_jobs where {condition}");
        sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(&self.pool).await.doing("counting jobs")
    }
}
