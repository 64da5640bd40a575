//! The data folder: where it is, who may pass through to it, and the lock that keeps a second start out.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, chown, fchown,
};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::account::{Account, Accounts};
use super::error::ClusterError;
use super::options::ClusterOptions;

/// The port is only a part of the socket's file name.
pub(super) const PORT: u16 = 5432;

/// A socket's path holds 103 bytes on macOS and 107 on Linux; `/.s.PGSQL.5432` takes 14 of them.
const SOCKET_FOLDER_BYTES_MAX: usize = 103 - 14;

/// Where data goes when the wanted folder is out of reach of Postgres's user.
const FALLBACK: &str = "/var/lib/wardroom";

const THROWAWAY_PREFIX: &str = "wardroom-throwaway-";
const LOCK: &str = "wardroom.lock";

/// A throwaway folder younger than this may be one that is just being made.
const SWEEP_AFTER: Duration = Duration::from_mins(1);

/// The data folder, held by this process.
#[derive(Debug)]
pub(super) struct DataFolder {
    pub root: PathBuf,
    /// A throwaway folder is removed at the end.
    pub throwaway: bool,
    /// The lock lasts as long as this file is open, and dies with the process.
    _lock: File,
}

impl DataFolder {
    /// Makes the folder if missing, moves elsewhere where Postgres's user cannot reach it, and locks it.
    pub fn open(
        options: &ClusterOptions,
        accounts: &Accounts,
        progress: &dyn Fn(String),
    ) -> Result<Self, ClusterError> {
        let root = match &options.data {
            Some(wanted) => reachable(wanted, options.explicit, accounts, progress)?,
            None => throwaway(accounts)?,
        };
        let lock = lock(&root)?;
        Ok(Self { root, throwaway: options.data.is_none(), _lock: lock })
    }

    /// Postgres's own data directory.
    pub fn pgdata(&self) -> PathBuf {
        self.root.join("postgres")
    }

    /// The server's log.
    pub fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    /// Makes the folder for the socket: beside the data, or in a short private folder where that path is too long.
    pub fn socket_folder(&self, server: &Account) -> Result<PathBuf, ClusterError> {
        let beside = self.root.join("socket");
        let folder =
            if beside.as_os_str().len() <= SOCKET_FOLDER_BYTES_MAX { beside } else { self.short_folder(server) };
        let doing = || format!("make the socket folder {}", folder.display());
        make_private(&folder, server).map_err(ClusterError::io(doing()))?;
        // In /tmp anybody could have made a folder of this name first, to sit between us and the server.
        let metadata = folder.symlink_metadata().map_err(ClusterError::io(doing()))?;
        if !metadata.is_dir() || metadata.uid() != server.uid || metadata.mode() & 0o077 != 0 {
            return Err(ClusterError::ForeignSocketFolder { folder, user: server.name.clone() });
        }
        Ok(folder)
    }

    /// Removes a throwaway folder and its socket folder; kept ones stay.
    pub fn finish(&self, socket: &Path) {
        if self.throwaway {
            // What stays is swept by the next throwaway start.
            let _ = fs::remove_dir_all(socket);
            let _ = fs::remove_dir_all(&self.root);
        }
    }

    fn short_folder(&self, server: &Account) -> PathBuf {
        let name = format!("wardroom-{}", short_hash(&self.root));
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        runtime
            .filter(|folder| folder.metadata().is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == server.uid))
            .map(|folder| folder.join(&name))
            .filter(|folder| folder.as_os_str().len() <= SOCKET_FOLDER_BYTES_MAX)
            .unwrap_or_else(|| Path::new("/tmp").join(&name))
    }
}

/// Makes a folder that only this user can enter; one that exists is left as it is.
pub(super) fn make_private(folder: &Path, owner: &Account) -> std::io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) if folder.metadata()?.uid() != owner.uid => chown(folder, Some(owner.uid), Some(owner.gid)),
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Replaces a file in one step, since a crash may come at any moment.
///
/// The folder may belong to Postgres' user while we are root, so nothing that lies there already is written through.
pub(super) fn replace(path: &Path, content: &str, owner: &Account) -> std::io::Result<()> {
    let new = path.with_extension("new");
    let _ = fs::remove_file(&new);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    file.write_all(content.as_bytes())?;
    fchown(&file, Some(owner.uid), Some(owner.gid))?;
    fs::rename(&new, path)
}

fn reachable(
    wanted: &Path,
    explicit: bool,
    accounts: &Accounts,
    progress: &dyn Fn(String),
) -> Result<PathBuf, ClusterError> {
    let absolute = std::path::absolute(wanted).map_err(ClusterError::io("find the current folder"))?;
    if let Some(blocked) = blocked(&absolute, accounts) {
        if explicit {
            return Err(ClusterError::OutOfReach { data: absolute, blocked, user: accounts.server.name.clone() });
        }
        let name = absolute.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let instead = Path::new(FALLBACK).join(format!("{name}-{}", short_hash(&absolute)));
        progress(format!(
            "PostgreSQL runs as the user {}, who cannot pass through {}; keeping the data in {} instead",
            accounts.server.name,
            blocked.display(),
            instead.display()
        ));
        return make_root(&instead, accounts);
    }
    make_root(&absolute, accounts)
}

/// Finds the first existing folder above the data folder that Postgres's user cannot pass through.
fn blocked(data: &Path, accounts: &Accounts) -> Option<PathBuf> {
    if !accounts.differ() {
        return None;
    }
    let existing = data.parent()?.ancestors().find_map(|folder| folder.canonicalize().ok())?;
    let mut way: Vec<&Path> = existing.ancestors().collect();
    way.reverse();
    way.into_iter().find(|folder| !passable(folder, &accounts.server)).map(Path::to_owned)
}

fn passable(folder: &Path, user: &Account) -> bool {
    let Ok(metadata) = folder.metadata() else { return false };
    let bit = if metadata.uid() == user.uid {
        0o100
    } else if metadata.gid() == user.gid {
        0o010
    } else {
        0o001
    };
    metadata.mode() & bit != 0
}

fn make_root(root: &Path, accounts: &Accounts) -> Result<PathBuf, ClusterError> {
    let doing = || format!("make the data folder {}", root.display());
    // Others may pass through to what Postgres owns inside, but not look around.
    let mode = if accounts.differ() { 0o711 } else { 0o700 };
    let missing: Vec<&Path> = root.ancestors().skip(1).take_while(|folder| !folder.exists()).collect();
    DirBuilder::new().recursive(true).mode(mode).create(root).map_err(ClusterError::io(doing()))?;
    // A strict umask takes away what the mode grants. The data folder itself is ours also where it existed before.
    for folder in missing.into_iter().chain([root]) {
        if accounts.differ() && !passable(folder, &accounts.server) {
            let mode = folder.metadata().map_err(ClusterError::io(doing()))?.mode();
            let opened = Permissions::from_mode(mode & 0o7777 | 0o011);
            fs::set_permissions(folder, opened).map_err(ClusterError::io(doing()))?;
        }
    }
    root.canonicalize().map_err(ClusterError::io(doing()))
}

/// Makes a new folder in the system's folder for temporary files.
fn throwaway(accounts: &Accounts) -> Result<PathBuf, ClusterError> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let wanted = std::env::temp_dir();
    let parent = if blocked(&wanted.join("any"), accounts).is_some() { PathBuf::from("/tmp") } else { wanted };
    sweep(&parent);
    // A process id comes back one day, so a name may be taken by what a killed run left; a hundred is never reached.
    for _ in 0..100 {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let root = parent.join(format!("{THROWAWAY_PREFIX}{}-{number}", std::process::id()));
        if !root.exists() {
            return make_root(&root, accounts);
        }
    }
    Err(ClusterError::Io {
        doing: format!("find a free name in {}", parent.display()),
        source: std::io::ErrorKind::AlreadyExists.into(),
    })
}

/// Removes what killed throwaway runs left behind: old folders of ours whose lock nobody holds.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(THROWAWAY_PREFIX) {
            continue;
        }
        let folder = entry.path();
        let Ok(lock) = OpenOptions::new().write(true).open(folder.join(LOCK)) else {
            continue;
        };
        let age = lock.metadata().and_then(|metadata| metadata.modified()).ok().and_then(|at| at.elapsed().ok());
        if age.is_some_and(|age| age > SWEEP_AFTER)
            && lock.try_lock().is_ok()
            && super::lingering::serving(&folder.join("postgres")).is_none()
        {
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

fn lock(root: &Path) -> Result<File, ClusterError> {
    let path = root.join(LOCK);
    let doing = || format!("lock {}", path.display());
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(ClusterError::io(doing()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            return Err(ClusterError::AlreadyRunning { data: root.to_owned(), pid: holder.trim().parse().ok() });
        }
        Err(TryLockError::Error(source)) => return Err(ClusterError::Io { doing: doing(), source }),
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(ClusterError::io(doing()))?;
    Ok(file)
}

fn short_hash(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    digest.iter().take(8).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
