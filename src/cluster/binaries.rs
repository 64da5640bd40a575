//! Where Postgres's programs are.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::ClusterError;

/// Folders that packages use, newest version first; `*` stands for the rest of one name.
const PATTERNS: [&str; 7] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/lib/postgresql*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/usr/libexec/postgresql*",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
];

/// One installed Postgres.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    folder: PathBuf,
    /// The major version, such as `15`.
    pub major: String,
}

impl Binaries {
    /// Finds the programs for a data folder: those of the version that made it, else the first found.
    pub fn find(made_by: Option<&str>, data: &Path) -> Result<Self, ClusterError> {
        let mut found = BTreeSet::new();
        for folder in candidates() {
            let Some(major) = major_version(&folder) else { continue };
            if made_by.is_none_or(|made_by| made_by == major) {
                return Ok(Self { folder, major });
            }
            found.insert(major);
        }
        match made_by {
            Some(made_by) if !found.is_empty() => Err(ClusterError::OtherVersion {
                data: data.to_owned(),
                made_by: made_by.to_owned(),
                found: found.into_iter().collect::<Vec<_>>().join(" and "),
            }),
            _ => Err(ClusterError::NotInstalled),
        }
    }

    /// Returns the path of one program.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Lists folders that hold both the server and `initdb`: first those of PATH, then those that packages use.
fn candidates() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    let mut folders: Vec<PathBuf> = Vec::new();
    for folder in on_path.chain(PATTERNS.into_iter().flat_map(expand)) {
        // A link in /usr/local/bin is followed, because the server looks for its files beside itself.
        let Ok(server) = folder.join("postgres").canonicalize() else {
            continue;
        };
        let Some(folder) = server.parent().map(Path::to_owned) else {
            continue;
        };
        if folder.join("initdb").is_file() && !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    folders
}

/// Expands a pattern with at most one `*`, the highest number first.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![PathBuf::from(pattern)];
    };
    let (folder, prefix) = before.rsplit_once('/').unwrap_or(("/", before));
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let rest = name.strip_prefix(prefix)?;
            let number = rest.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
            Some((number, PathBuf::from(format!("{folder}/{name}{after}"))))
        })
        .collect();
    found.sort_by(|left, right| right.cmp(left));
    found.into_iter().map(|(_, path)| path).collect()
}

/// Asks the server for its version: `postgres (Postgres) 15.18 (Debian …)` is `15`.
fn major_version(folder: &Path) -> Option<String> {
    let output = Command::new(folder.join("postgres")).arg("-V").stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let version = text.split_whitespace().nth(2)?;
    let major: String = version.chars().take_while(char::is_ascii_digit).collect();
    (!major.is_empty()).then_some(major)
}
