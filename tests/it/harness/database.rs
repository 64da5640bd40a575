//! One private Postgres a test run, one database a test, cloned from a migrated template.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::sync::OnceCell;
use wardroom::app::App;
use wardroom::clock::Clock;
use wardroom::cluster::{Cluster, ClusterOptions, SUPERUSER};
use wardroom::domain::policy::DEFAULT_TOML;
use wardroom::render::Renderer;
use wardroom::store::Store;
use wardroom::store::migrate::{APP_ROLE, ensure_database, migrate};
use wardroom::trial::ORGANISATION;

const TEMPLATE: &str = "template_wardroom";

static CLUSTER: Mutex<Option<Cluster>> = Mutex::new(None);
static READY: OnceCell<()> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(1);

/// A test's own database.
pub struct Database {
    pub name: String,
}

impl Database {
    pub async fn create() -> Database {
        READY.get_or_init(prepare).await;
        let name = format!("t{}", NEXT.fetch_add(1, Ordering::SeqCst));
        let create = format!("create database {name} template {TEMPLATE}");
        execute_owned(options(SUPERUSER, "postgres"), create).await.expect("a database can be cloned");
        Database { name }
    }

    /// How the bot connects.
    pub fn as_app(&self) -> PgConnectOptions {
        options(APP_ROLE, &self.name)
    }

    /// The same as an address for a child process.
    pub fn url(&self) -> String {
        CLUSTER.lock().expect("not poisoned").as_ref().expect("the cluster runs").url(APP_ROLE, &self.name)
    }

    /// As the superuser. `Err` is what Postgres refuses even then.
    pub async fn as_superuser(&self, sql: &str) -> Result<(), String> {
        execute(options(SUPERUSER, &self.name), sql).await
    }

    /// Counts as the superuser, who sees the rows of every tenant.
    pub async fn count(&self, sql: &'static str) -> i64 {
        let mut connection =
            PgConnection::connect_with(&options(SUPERUSER, &self.name)).await.expect("Postgres answers");
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("it can be counted")
    }

    /// Reads a column of text as the superuser.
    pub async fn texts(&self, sql: &'static str) -> Vec<String> {
        let mut connection =
            PgConnection::connect_with(&options(SUPERUSER, &self.name)).await.expect("Postgres answers");
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("it can be read")
    }

    /// Takes locks as the superuser, until they are released.
    pub async fn hold(&self, sql: &'static str) -> Held {
        let mut connection =
            PgConnection::connect_with(&options(SUPERUSER, &self.name)).await.expect("Postgres answers");
        connection.execute("begin").await.expect("a transaction can begin");
        connection.execute(sql).await.expect("it can be locked");
        Held(connection)
    }

    pub async fn remove(&self) {
        let drop = format!("drop database {} with (force)", self.name);
        execute_owned(options(SUPERUSER, "postgres"), drop).await.expect("a database can be dropped");
    }
}

/// Locks that are held.
pub struct Held(PgConnection);

impl Held {
    pub async fn release(mut self) {
        self.0.execute("rollback").await.expect("the transaction can end");
    }
}

pub async fn execute(options: PgConnectOptions, sql: &str) -> Result<(), String> {
    execute_owned(options, sql.to_owned()).await
}

async fn execute_owned(options: PgConnectOptions, sql: String) -> Result<(), String> {
    let mut connection = PgConnection::connect_with(&options).await.map_err(|error| error.to_string())?;
    connection.execute(AssertSqlSafe(sql)).await.map_err(|error| error.to_string())?;
    connection.close().await.map_err(|error| error.to_string())
}

fn options(role: &str, database: &str) -> PgConnectOptions {
    CLUSTER.lock().expect("not poisoned").as_ref().expect("the cluster runs").options(role, database)
}

async fn prepare() {
    // With fsync, as `wardroom run` demands it (some tests start it as a process of its own), but nobody waits for it.
    let started = ClusterOptions::throwaway().connections_max(300);
    let cluster = Cluster::start(started, &|_: &str| {}).await.expect("a private Postgres starts");
    *CLUSTER.lock().expect("not poisoned") = Some(cluster);
    stop_at_exit();
    ensure_database(options(SUPERUSER, "postgres"), TEMPLATE).await.expect("the template can be made");
    migrate(options(SUPERUSER, TEMPLATE)).await.expect("the migrations run");
    let hurry = format!("alter role {APP_ROLE} set synchronous_commit = off");
    execute_owned(options(SUPERUSER, TEMPLATE), hurry).await.expect("the role can be altered");
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .connect_with(options(APP_ROLE, TEMPLATE))
        .await
        .expect("the bot's role may connect");
    let renderer = Renderer::new(None).expect("the templates can be read");
    let app = App::new(Store::from_pool(pool.clone()), Clock::default(), renderer, Vec::new());
    app.apply_organisation(ORGANISATION, false).await.expect("the sample organisation can be loaded");
    app.load_policy(DEFAULT_TOML).await.expect("the sample policy can be loaded");
    pool.close().await; // a database with open connections cannot be cloned
}

/// Tests end with the process, not with a function: the cluster is stopped, and its folder removed, on the way out.
fn stop_at_exit() {
    extern "C" fn stop() {
        drop(CLUSTER.lock().ok().and_then(|mut cluster| cluster.take()));
    }
    #[expect(unsafe_code, reason = "registers a function without arguments that only drops a value")]
    unsafe {
        libc::atexit(stop);
    }
}
