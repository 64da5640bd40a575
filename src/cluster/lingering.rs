//! What a killed run may have left: a postmaster that still shuts down, or files that name one.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::account::Account;
use super::error::ClusterError;
use super::folder::replace;
use super::os;

/// How often we look whether a process is gone.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A fast shutdown writes one checkpoint, which takes long on a slow disk only.
const SHUT_DOWN_WAIT: Duration = Duration::from_secs(30);

/// An immediate shutdown writes nothing.
const QUIT_WAIT: Duration = Duration::from_secs(5);

/// Ends a postmaster of a former run on this data directory, and clears what would mislead the next one.
///
/// The caller holds the lock of the data folder, so nobody else starts a postmaster meanwhile.
pub(super) fn clear(
    pgdata: &Path,
    socket: &Path,
    server: &Account,
    progress: &dyn Fn(String),
) -> Result<(), ClusterError> {
    if let Some(pid) = serving(pgdata) {
        progress(format!("waiting for PostgreSQL of the former run (pid {pid}) to end"));
        end(pgdata, pid)?;
    }
    let pid_file = pgdata.join("postmaster.pid");
    if let Ok(text) = fs::read_to_string(&pid_file) {
        // A dead postmaster may linger in the process table, or its number may belong to another process now; PostgreSQL
        // would take either for a living one. Our own number, its parent's, it takes for stale by rule. The file itself
        // must stay: by it PostgreSQL sees that no session of the former run still uses the shared memory.
        let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
        replace(&pid_file, &format!("{}\n{rest}", std::process::id()), server)
            .map_err(ClusterError::io(format!("rewrite {}", pid_file.display())))?;
    }
    // The same goes for the socket and its lock, which lie in a folder of ours.
    for entry in fs::read_dir(socket).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(".s.PGSQL.") {
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// Returns the process that serves this data directory, if one lives.
pub(super) fn serving(pgdata: &Path) -> Option<u32> {
    let text = fs::read_to_string(pgdata.join("postmaster.pid")).ok()?;
    let pid = text.lines().next()?.trim().parse().ok()?;
    is_postmaster_of(pgdata, &command_line(pid)?).then_some(pid)
}

fn end(pgdata: &Path, pid: u32) -> Result<(), ClusterError> {
    for (signal, wait) in [(os::SHUT_DOWN, SHUT_DOWN_WAIT), (os::QUIT, QUIT_WAIT), (os::KILL, QUIT_WAIT)] {
        os::signal(pid, signal);
        let began = Instant::now();
        while began.elapsed() < wait {
            if !command_line(pid).is_some_and(|line| is_postmaster_of(pgdata, &line)) {
                return Ok(());
            }
            thread::sleep(LOOK_EVERY);
        }
    }
    Err(ClusterError::Lingering { pid })
}

/// Returns the arguments of a living process; a dead one that nobody has collected yet has none.
#[cfg(target_os = "linux")]
fn command_line(pid: u32) -> Option<Vec<String>> {
    let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let words = line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
    (!line.is_empty()).then(|| words.collect())
}

#[cfg(not(target_os = "linux"))]
fn command_line(pid: u32) -> Option<Vec<String>> {
    let output = std::process::Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output().ok()?;
    let line = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let (program, arguments) = line.split_once(" -D ")?;
    Some(vec![program.to_owned(), "-D".to_owned(), arguments.to_owned()])
}

/// Sessions show what they do instead of their arguments, so only the postmaster itself shows `-D` and a folder.
fn is_postmaster_of(pgdata: &Path, command_line: &[String]) -> bool {
    let program = command_line.first().map(PathBuf::from);
    let is_server =
        program.as_deref().and_then(Path::file_name).is_some_and(|name| name == "postgres" || name == "postmaster");
    let folder = command_line.iter().skip_while(|word| *word != "-D").nth(1);
    is_server && folder.is_some_and(|folder| Path::new(folder) == pgdata)
}
