use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection};

use super::{Cluster, ClusterError, ClusterOptions, SUPERUSER, os};

/// Names the data folder to the copy of this test program that is going to be killed.
const KILLED_DATA: &str = "WARDROOM_TEST_KILLED_DATA";

/// A folder that other users can reach, removed at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from("/tmp").join(format!("wardroom-cluster-test-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn start(data: &Path) -> Cluster {
    Cluster::start(ClusterOptions::at(data), &|_| {}).await.unwrap()
}

async fn connect(cluster: &Cluster) -> PgConnection {
    PgConnection::connect_with(&cluster.options(SUPERUSER, "postgres")).await.unwrap()
}

async fn execute(connection: &mut PgConnection, sql: &'static str) {
    sqlx::query(sql).execute(connection).await.unwrap();
}

async fn number(connection: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn a_restart_is_fast_and_keeps_the_data() {
    let folder = Folder::new("restart");
    let first = start(&folder.0).await;
    assert!(first.fsync_is_on());
    execute(&mut connect(&first).await, "create table kept as select 42::bigint as answer").await;
    first.stop().await.unwrap();
    let began = Instant::now();
    let second = start(&folder.0).await;
    let took = began.elapsed();
    eprintln!("the second start took {took:?}");
    assert_eq!(number(&mut connect(&second).await, "select answer from kept").await, 42);
    drop(second);
    assert!(!folder.0.join("postgres/postmaster.pid").exists(), "dropping waits for the end");
    // A clean start reads no log and asks nobody; seconds here would mean that something waits for its time-out.
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[tokio::test]
async fn only_our_own_user_gets_in_as_the_roles_named_and_only_over_the_socket() {
    let folder = Folder::new("peer");
    let cluster = Cluster::start(ClusterOptions::at(&folder.0).roles(["wardroom_app"]), &|_| {}).await.unwrap();
    let mut connection = connect(&cluster).await;
    execute(&mut connection, "create role wardroom_app login").await;
    execute(&mut connection, "create role stranger login").await;
    assert_eq!(
        number(&mut connection, "select count(*) from pg_settings where name = 'listen_addresses' and setting = ''")
            .await,
        1
    );
    let checksums = "select count(*) from pg_settings where name = 'data_checksums' and setting = 'on'";
    assert_eq!(number(&mut connection, checksums).await, 1);
    let as_role = async |role| PgConnection::connect_with(&cluster.options(role, "postgres")).await;
    assert!(as_role("wardroom_app").await.is_ok());
    assert!(as_role("stranger").await.unwrap_err().to_string().contains("eer authentication failed"));
    assert!(PgConnection::connect(&cluster.url("wardroom_app", "postgres")).await.is_ok());
    let hint = cluster.psql_hint("postgres");
    let asked = Command::new("sh").arg("-c").arg(format!("{hint} -Atc 'select current_user'")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&asked.stdout), "postgres\n", "{hint}");
    let data = folder.0.join("postgres").metadata().unwrap();
    assert_eq!(data.mode() & 0o777, 0o700);
    assert_ne!(data.uid(), 0, "PostgreSQL never runs as root");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_start_on_the_same_folder_is_refused_and_names_the_first() {
    let folder = Folder::new("second");
    let first = start(&folder.0).await;
    let refused = Cluster::start(ClusterOptions::at(&folder.0), &|_| {}).await.unwrap_err();
    let expected = format!("already running, pid {}: the data folder {}", std::process::id(), folder.0.display());
    assert!(refused.to_string().starts_with(&expected), "{refused}");
    assert_eq!(number(&mut connect(&first).await, "select 1::bigint").await, 1, "the first goes on");
    first.stop().await.unwrap();
}

#[tokio::test]
async fn a_throwaway_cluster_leaves_nothing_and_only_it_may_run_without_fsync() {
    let cluster = Cluster::start(ClusterOptions::throwaway().durable(false), &|_| {}).await.unwrap();
    let data = cluster.data().to_owned();
    assert!(data.exists());
    assert!(!cluster.fsync_is_on());
    cluster.stop().await.unwrap();
    assert!(!data.exists());
    assert!(ClusterOptions::at("/any").durable(false).is_durable());
    assert!(ClusterOptions::throwaway().is_durable());
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_and_odd_to_a_shell_works() {
    let folder = Folder::new("long");
    let data = folder.0.join(format!("it's a {} folder", "long ".repeat(20)));
    let cluster = start(&data).await;
    assert!(!cluster.place.socket.starts_with(&data));
    assert_eq!(number(&mut connect(&cluster).await, "select 1::bigint").await, 1);
    let socket = cluster.place.socket.clone();
    cluster.stop().await.unwrap();
    std::fs::remove_dir_all(socket).unwrap();
}

#[tokio::test]
async fn half_made_folders_and_stale_process_ids_do_not_stop_a_start() {
    let folder = Folder::new("stale");
    std::fs::create_dir(folder.0.join("unfinished-1")).unwrap();
    let first = start(&folder.0).await;
    assert!(!folder.0.join("unfinished-1").exists());
    first.stop().await.unwrap();
    // The number of the killed postmaster now belongs to a living process of the same user, or to a dead one that nobody
    // has collected.
    let accounts = super::account::Accounts::find().unwrap();
    let mut stranger = accounts.command("sleep").arg("60").spawn().unwrap();
    let mut dead = accounts.command("true").spawn().unwrap();
    let data = folder.0.join("postgres");
    for pid in [stranger.id(), dead.id()] {
        let stale = format!("{pid}\n{}\n1700000000\n5432\n{}\n", data.display(), folder.0.display());
        std::fs::write(data.join("postmaster.pid"), stale).unwrap();
        start(&folder.0).await.stop().await.unwrap();
    }
    assert!(stranger.try_wait().unwrap().is_none(), "the stranger was left alone");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    dead.wait().unwrap();
}

#[tokio::test]
async fn a_failed_start_shows_the_end_of_the_log() {
    let folder = Folder::new("broken");
    start(&folder.0).await.stop().await.unwrap();
    std::fs::remove_file(folder.0.join("postgres/global/pg_control")).unwrap();
    let error = Cluster::start(ClusterOptions::at(&folder.0), &|_| {}).await.unwrap_err();
    assert!(matches!(&error, ClusterError::Ended { log, .. } if log.contains("pg_control")), "{error}");
    std::fs::write(folder.0.join("postgres/PG_VERSION"), "7\n").unwrap();
    let error = Cluster::start(ClusterOptions::at(&folder.0), &|_| {}).await.unwrap_err();
    assert!(error.to_string().contains("was made by PostgreSQL 7, but this machine has PostgreSQL "), "{error}");
}

#[tokio::test]
async fn a_server_that_is_killed_is_reported_and_starts_again() {
    let folder = Folder::new("ended");
    let cluster = start(&folder.0).await;
    os::signal(super::lingering::serving(&folder.0.join("postgres")).unwrap(), os::KILL);
    let error = cluster.ended().await;
    assert!(matches!(error, ClusterError::Ended { .. }), "{error}");
    drop(cluster);
    start(&folder.0).await.stop().await.unwrap();
}

#[tokio::test]
async fn a_folder_under_a_private_folder_of_root_is_refused_or_replaced() {
    if os::effective_uid() != 0 {
        eprintln!("SKIPPED: only root runs PostgreSQL as another user");
        return;
    }
    let folder = Folder::new("private");
    std::fs::set_permissions(&folder.0, PermissionsExt::from_mode(0o700)).unwrap();
    let data = folder.0.join(format!("data-{}", std::process::id()));
    let explicit = Cluster::start(ClusterOptions::at(&data).explicit(), &|_| {}).await.unwrap_err();
    assert!(matches!(&explicit, ClusterError::OutOfReach { blocked, .. } if *blocked == folder.0), "{explicit}");
    let said = std::sync::Mutex::new(Vec::new());
    let cluster = Cluster::start(ClusterOptions::at(&data), &|line| {
        said.lock().unwrap().push(line.to_owned());
    })
    .await
    .unwrap();
    assert!(cluster.data().starts_with("/var/lib/wardroom"));
    assert!(said.into_inner().unwrap()[0].contains("keeping the data in /var/lib/wardroom/data-"));
    let instead = cluster.data().to_owned();
    cluster.stop().await.unwrap();
    std::fs::remove_dir_all(instead).unwrap();
}

/// Runs in a copy of this test program only: writes rows and names each that was acknowledged, until it is killed.
#[tokio::test]
async fn helper_that_commits_until_it_is_killed() {
    let Some(data) = std::env::var_os(KILLED_DATA) else {
        return;
    };
    let cluster = start(Path::new(&data)).await;
    let mut connection = connect(&cluster).await;
    execute(&mut connection, "create table if not exists acknowledged (id bigint generated always as identity)").await;
    for _ in 0..1_000_000 {
        let id = number(&mut connection, "insert into acknowledged default values returning id").await;
        eprintln!("acknowledged {id}");
    }
}

fn this_program_that_will_be_killed(data: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "cluster::tests::helper_that_commits_until_it_is_killed"])
        .env(KILLED_DATA, data)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn what_was_acknowledged_before_kill_9_is_there_afterwards() {
    let folder = Folder::new("killed");
    let mut acknowledged: Vec<i64> = Vec::new();
    for round in 1..=3 {
        let mut program = this_program_that_will_be_killed(&folder.0);
        let lines = BufReader::new(program.stderr.take().unwrap()).lines();
        let mut ids =
            lines.filter_map(|line| line.unwrap().strip_prefix("acknowledged ").map(|id| id.parse::<i64>().unwrap()));
        let before = acknowledged.len();
        acknowledged.extend(ids.by_ref().take(50));
        assert_eq!(acknowledged.len(), before + 50, "the program ended before it was killed");
        let postmaster = super::lingering::serving(&folder.0.join("postgres")).expect("it serves");
        program.kill().unwrap();
        if round == 2 {
            // The harder case: nobody is left to shut down in order.
            os::signal(postmaster, os::KILL);
        }
        program.wait().unwrap();
        acknowledged.extend(ids);
        let cluster = start(&folder.0).await;
        let kept: i64 = sqlx::query_scalar("select count(*) from acknowledged where id = any($1)")
            .bind(&acknowledged)
            .fetch_one(&mut connect(&cluster).await)
            .await
            .unwrap();
        assert_eq!(usize::try_from(kept).unwrap(), acknowledged.len(), "round {round}");
        cluster.stop().await.unwrap();
    }
}

#[tokio::test]
async fn the_server_ends_by_itself_when_we_are_killed() {
    let folder = Folder::new("orphan");
    let mut program = this_program_that_will_be_killed(&folder.0);
    let mut lines = BufReader::new(program.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("acknowledged ")));
    program.kill().unwrap();
    program.wait().unwrap();
    let began = Instant::now();
    while super::lingering::serving(&folder.0.join("postgres")).is_some() {
        assert!(began.elapsed() < Duration::from_secs(30), "PostgreSQL outlived the process that started it");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[test]
fn an_ordinary_user_starts_it_too() {
    if os::effective_uid() != 0 {
        eprintln!("SKIPPED: this whole test run is by an ordinary user already");
        return;
    }
    // A copy, because the folder of this program may be out of the other user's reach.
    let folder = Folder::new("ordinary");
    let program = folder.0.join("tests");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let run = Command::new("setpriv")
        .args(["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"])
        .arg(&program)
        .args(["--exact", "cluster::tests::a_restart_is_fast_and_keeps_the_data"])
        .current_dir("/")
        .output();
    match run {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success() && said.contains("1 passed"), "{said}");
        }
        Err(error) => eprintln!("SKIPPED: setpriv cannot run here: {error}"),
    }
}
