//! The server's log: its last lines for error messages, and a bound on its size.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Two of these are kept at most, which holds weeks of an ordinary server's complaints.
const BYTES_MAX: u64 = 4 * 1024 * 1024;

/// A failed start explains itself within this many lines.
const TAIL_LINES: usize = 12;

/// Enough for those lines, and little to read.
const TAIL_BYTES: u64 = 8 * 1024;

/// Opens the log for appending, so that it may be cut while the server holds it open.
pub(super) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// Moves the content aside when it has grown too long, replacing what was set aside before.
pub(super) fn bound(path: &Path) {
    if path.metadata().is_ok_and(|metadata| metadata.len() > BYTES_MAX) {
        // The server keeps writing to the same file, so it is copied and cut, not renamed.
        let cut = fs::copy(path, older(path)).and_then(|_| OpenOptions::new().write(true).open(path)?.set_len(0));
        if let Err(error) = cut {
            tracing::warn!(error = %error, "could not cut the log of PostgreSQL at {}", path.display());
        }
    }
}

/// Returns how long the log is now, so that [`tail`] can leave out what came before.
pub(super) fn length(path: &Path) -> u64 {
    path.metadata().map_or(0, |metadata| metadata.len())
}

/// Returns the last lines written after a position.
pub(super) fn tail(path: &Path, since: u64) -> String {
    read_end(path, since).unwrap_or_else(|error| format!("({} cannot be read: {error})", path.display()))
}

fn read_end(path: &Path, since: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    // The log may have been cut since that position was taken.
    let since = if since > length { 0 } else { since };
    file.seek(SeekFrom::Start(since.max(length.saturating_sub(TAIL_BYTES))))?;
    let mut end = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut end)?;
    let end = String::from_utf8_lossy(&end);
    let lines: Vec<&str> = end.lines().collect();
    Ok(lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n"))
}

fn older(path: &Path) -> PathBuf {
    path.with_extension("log.1")
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{BYTES_MAX, bound, length, older, open, tail};

    #[test]
    fn the_log_is_cut_when_long_and_its_writer_goes_on_at_the_start() {
        let folder = std::env::temp_dir().join(format!("wardroom-log-test-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("postgres.log");
        let mut writer = open(&path).unwrap();
        writer.write_all(b"first\n").unwrap();
        bound(&path);
        let since = length(&path);
        writer.write_all(b"second\nthird\n").unwrap();
        assert_eq!(tail(&path, since), "second\nthird");
        writer.write_all(&vec![b'.'; usize::try_from(BYTES_MAX).unwrap()]).unwrap();
        let since = length(&path);
        bound(&path);
        writer.write_all(b"after\n").unwrap();
        assert_eq!(tail(&path, since), "after");
        assert!(length(&older(&path)) > BYTES_MAX);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
