//! One private Postgres a test run, one database a test, cloned from a migrated template.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, Once};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncMutexGuard, OnceCell};
use wardroom::app::App;
use wardroom::clock::Clock;
use wardroom::cluster::{Cluster, ClusterOptions, SUPERUSER};
use wardroom::domain::policy::DEFAULT_TOML;
use wardroom::render::Renderer;
use wardroom::store::Store;
use wardroom::store::migrate::{APP_ROLE, ensure_database, migrate};
use wardroom::trial::ORGANISATION;

const TEMPLATE: &str = "template_wardroom";

/// A private Postgres of this run.
pub struct Server {
    cluster: Mutex<Option<Cluster>>,
    ready: OnceCell<()>,
    /// Keeps its data through a crash, and makes a commit wait for the disk: for whoever pulls its plug.
    is_crashed: bool,
}

/// What every test shares.
static SHARED: Server = Server::new(false);
/// For the soak, which crashes it.
static CRASHED: Server = Server::new(true);
static NEXT: AtomicU32 = AtomicU32::new(1);

/// A test's own database.
pub struct Database {
    pub name: String,
    server: &'static Server,
    _alone: Option<AsyncMutexGuard<'static, ()>>,
}

impl Database {
    pub async fn create() -> Database {
        Self::create_on(&SHARED, None).await
    }

    /// On a Postgres that can be crashed, by one test at a time: see [`Database::crash_server`].
    pub async fn create_to_crash() -> Database {
        static ALONE: AsyncMutex<()> = AsyncMutex::const_new(());
        Self::create_on(&CRASHED, Some(ALONE.lock().await)).await
    }

    async fn create_on(server: &'static Server, alone: Option<AsyncMutexGuard<'static, ()>>) -> Database {
        server.ready.get_or_init(|| server.prepare()).await;
        let name = format!("t{}", NEXT.fetch_add(1, Ordering::SeqCst));
        // Copied by way of the log, the other strategy, a sequence falls back after a crash: Postgres 15 takes the values
        // that the template fetched ahead for logged ones.
        let strategy = if server.is_crashed { "strategy file_copy" } else { "" };
        let create = format!("create database {name} template {TEMPLATE} {strategy}");
        execute_owned(server.options(SUPERUSER, "postgres"), create).await.expect("a database can be cloned");
        Database { name, server, _alone: alone }
    }

    /// A copy of this one as it is now; nobody may be connected to it.
    pub async fn copy(&self) -> Database {
        let name = format!("t{}", NEXT.fetch_add(1, Ordering::SeqCst));
        let create = format!("create database {name} template {}", self.name);
        execute_owned(self.server.options(SUPERUSER, "postgres"), create).await.expect("a database can be copied");
        Database { name, server: self.server, _alone: None }
    }

    /// How the bot connects.
    pub fn as_app(&self) -> PgConnectOptions {
        self.server.options(APP_ROLE, &self.name)
    }

    /// How an auditor connects, who only reads, across units.
    pub fn as_auditor(&self) -> PgConnectOptions {
        self.server.options("wardroom_auditor", &self.name)
    }

    /// The same as an address for a child process.
    pub fn url(&self) -> String {
        self.server.cluster().as_ref().expect("the cluster runs").url(APP_ROLE, &self.name)
    }

    /// The address for Postgres' own programs, which make and put back backups.
    pub fn superuser_url(&self) -> String {
        self.server.cluster().as_ref().expect("the cluster runs").url(SUPERUSER, &self.name)
    }

    /// Nothing of it is left: a database of the same name, for a backup to be put into.
    pub async fn empty_out(&self) {
        self.remove().await;
        let create = format!("create database {} template template0", self.name);
        execute_owned(self.server.options(SUPERUSER, "postgres"), create).await.expect("a database can be made");
    }

    /// Ends Postgres at once, nothing written, and starts it again over what is on the disk.
    pub async fn crash_server(&self) {
        self.server.crash().await;
    }

    /// As the bot's own role, by its own login. `Err` is what Postgres refuses.
    pub async fn as_bot(&self, sql: &str) -> Result<(), String> {
        execute(self.as_app(), sql).await
    }

    /// As the superuser. `Err` is what Postgres refuses even then.
    pub async fn as_superuser(&self, sql: &str) -> Result<(), String> {
        execute(self.superuser(), sql).await
    }

    /// Counts as the superuser, who sees the rows of every tenant.
    pub async fn count(&self, sql: &str) -> i64 {
        let mut connection = PgConnection::connect_with(&self.superuser()).await.expect("Postgres answers");
        let counted = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await;
        counted.expect("it can be counted")
    }

    /// One text that the superuser reads.
    pub async fn text(&self, sql: &str) -> String {
        let mut connection = PgConnection::connect_with(&self.superuser()).await.expect("Postgres answers");
        let read: Option<String> =
            sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.expect("it can be read");
        read.unwrap_or_default()
    }

    /// Reads a column of text as the superuser.
    pub async fn texts(&self, sql: &'static str) -> Vec<String> {
        let mut connection = PgConnection::connect_with(&self.superuser()).await.expect("Postgres answers");
        let read = sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("it can be read");
        connection.close().await.expect("the connection closes");
        read
    }

    /// Takes locks as the superuser, until they are released.
    pub async fn hold(&self, sql: &'static str) -> Held {
        let mut connection = PgConnection::connect_with(&self.superuser()).await.expect("Postgres answers");
        connection.execute("begin").await.expect("a transaction can begin");
        connection.execute(sql).await.expect("it can be locked");
        Held(connection)
    }

    pub async fn remove(&self) {
        let drop = format!("drop database {} with (force)", self.name);
        execute_owned(self.server.options(SUPERUSER, "postgres"), drop).await.expect("a database can be dropped");
    }

    fn superuser(&self) -> PgConnectOptions {
        self.server.options(SUPERUSER, &self.name)
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

/// The policy was loaded when the bots' clock begins.
const LOADED_NOW: &str = "alter table policy disable trigger must_log;
    update policy set loaded_at = '2030-01-07T14:00Z';
    alter table policy enable always trigger must_log";

impl Server {
    const fn new(is_crashed: bool) -> Server {
        Server { cluster: Mutex::new(None), ready: OnceCell::const_new(), is_crashed }
    }

    fn cluster(&self) -> MutexGuard<'_, Option<Cluster>> {
        self.cluster.lock().expect("not poisoned")
    }

    fn options(&self, role: &str, database: &str) -> PgConnectOptions {
        self.cluster().as_ref().expect("the cluster runs").options(role, database)
    }

    async fn start(&self, options: ClusterOptions) {
        // With fsync, as `wardroom run` demands it (some tests start it as a process of its own).
        let started = options.connections_max(300);
        let cluster = Cluster::start(started, &|_: &str| {}).await.expect("a private Postgres starts");
        *self.cluster() = Some(cluster);
    }

    async fn prepare(&self) {
        self.start(if self.is_crashed { ClusterOptions::at(kept_data()) } else { ClusterOptions::throwaway() }).await;
        stop_at_exit();
        ensure_database(self.options(SUPERUSER, "postgres"), TEMPLATE).await.expect("the template can be made");
        migrate(self.options(SUPERUSER, TEMPLATE)).await.expect("the migrations run");
        if !self.is_crashed {
            // Nobody waits for the disk.
            let hurry = format!("alter role {APP_ROLE} set synchronous_commit = off");
            execute_owned(self.options(SUPERUSER, TEMPLATE), hurry).await.expect("the role can be altered");
        }
        let pool = PgPoolOptions::new()
            .max_connections(2)
            .connect_with(self.options(APP_ROLE, TEMPLATE))
            .await
            .expect("the bot's role may connect");
        let renderer = Renderer::new(None).expect("the templates can be read");
        let app = App::new(Store::from_pool(pool.clone()), Clock::default(), renderer, Vec::new());
        app.apply_organisation(ORGANISATION, false).await.expect("the sample organisation can be loaded");
        app.load_policy(DEFAULT_TOML).await.expect("the sample policy can be loaded");
        // In the bots' time: what the catalogue approves is good for a year from then on.
        execute_owned(self.options(SUPERUSER, TEMPLATE), LOADED_NOW.to_owned()).await.expect("the policy can be dated");
        pool.close().await; // a database with open connections cannot be cloned
    }

    async fn crash(&self) {
        let cluster = self.cluster().take().expect("the cluster runs");
        let pid = std::fs::read_to_string(cluster.data().join("postgres/postmaster.pid")).expect("it says its pid");
        let pid: libc::pid_t = pid.lines().next().and_then(|line| line.parse().ok()).expect("a pid");
        #[expect(unsafe_code, reason = "sends a signal to a process that this one started")]
        let sent = unsafe { libc::kill(pid, libc::SIGQUIT) };
        assert_eq!(sent, 0, "Postgres can be told to end at once");
        cluster.ended().await;
        // Dropping waits for a thread.
        tokio::task::spawn_blocking(move || drop(cluster)).await.expect("it ended");
        self.start(ClusterOptions::at(kept_data())).await;
    }
}

fn kept_data() -> PathBuf {
    std::env::temp_dir().join(format!("wardroom-soak-{}", std::process::id()))
}

/// Tests end with the process, not with a function: the clusters are stopped, and their folders removed, on the way
/// out.
fn stop_at_exit() {
    static REGISTERED: Once = Once::new();
    extern "C" fn stop() {
        for server in [&SHARED, &CRASHED] {
            drop(server.cluster.lock().ok().and_then(|mut cluster| cluster.take()));
        }
        let _ = std::fs::remove_dir_all(kept_data());
    }
    #[expect(unsafe_code, reason = "registers a function without arguments that only drops a value")]
    REGISTERED.call_once(|| unsafe {
        libc::atexit(stop);
    });
}
