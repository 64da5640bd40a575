//! The archive: bundles of records in a folder outside the database, each with a manifest in the format of coreutils.
//!
//! ```text
//! <folder>/<business unit>/INC-7/sealed-9f2c31d0a4b5e6f7/MANIFEST.sha256, entries.ndjson, …
//! ```
//!
//! A bundle is written under another name, named by its log entry, and gets its own name after that: what has one is
//! whole, on the disk and in the log.

use std::collections::BTreeSet;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::files::{self, SECRET};
use super::hex;
use crate::domain::archive::ArchiveKind;

/// `sha256sum -c MANIFEST.sha256`, in a bundle's folder, checks it.
pub const MANIFEST: &str = "MANIFEST.sha256";

/// Names and texts are in it: nobody but the bot's own user looks in.
const SECRET_FOLDER: u32 = 0o700;

/// Characters of the manifest's hash that name a bundle's folder.
const NAME_CHARS: usize = 16;

/// A line of a manifest is short, and a bundle has a dozen files.
const MANIFEST_BYTES_MAX: u64 = 64 * 1024;

const PARTIAL: &str = ".partial";

/// The folder of all bundles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    folder: PathBuf,
}

/// Where the bundles of one record are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rack {
    folder: PathBuf,
}

/// A bundle on the disk that has no name yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// SHA-256 of the manifest, in hexadecimal.
    pub manifest: String,
    pub bytes: u64,
}

/// The first thing of a bundle that is not as it was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoilt {
    pub path: PathBuf,
    pub what: String,
}

impl Archive {
    pub fn at(folder: impl Into<PathBuf>) -> Archive {
        Archive { folder: folder.into() }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The bundles of one record of a business unit.
    pub fn rack(&self, unit: &str, record: &str) -> Rack {
        Rack { folder: self.folder.join(unit).join(record) }
    }

    /// Whether something can be written now: an error says why not.
    pub fn probe(&self) -> io::Result<()> {
        make_folder(&self.folder)?;
        let probe = self.folder.join(format!(".probe-{}", std::process::id()));
        write(&probe, b"")?;
        std::fs::remove_file(probe)
    }
}

impl Rack {
    /// Writes a bundle's files and their manifest to the disk, under a name that says that it does not count yet.
    pub fn prepare(&self, kind: ArchiveKind, contents: &[(&str, Vec<u8>)]) -> io::Result<Prepared> {
        let list = manifest_of(contents);
        let prepared = Prepared {
            manifest: hex(&Sha256::digest(list.as_bytes())),
            bytes: contents.iter().map(|(_, content)| content.len() as u64).sum::<u64>() + list.len() as u64,
        };
        let folder = self.partial(kind, &prepared.manifest);
        remove_folder(&folder)?;
        make_folder(&folder)?;
        for (name, content) in contents {
            write(&folder.join(name), content)?;
        }
        write(&folder.join(MANIFEST), list.as_bytes())?;
        File::open(&folder)?.sync_all()?;
        files::sync_folder(&folder)?;
        Ok(prepared)
    }

    /// Gives a prepared bundle its name, and forgets those that never got one. Repeated, it changes nothing.
    pub fn settle(&self, kind: ArchiveKind, manifest: Option<&str>) -> io::Result<()> {
        if let Some(manifest) = manifest {
            let (partial, folder) = (self.partial(kind, manifest), self.bundle(kind, manifest));
            if partial.exists() && !folder.exists() {
                files::rename(&partial, &folder)?;
            }
        }
        for name in self.names()?.into_iter().filter(|name| name.ends_with(PARTIAL)) {
            if name.starts_with(&format!(".{}-", kind.as_str())) {
                remove_folder(&self.folder.join(name))?;
            }
        }
        Ok(())
    }

    /// Removes a bundle, whole or with no name yet; one that is gone already is gone.
    pub fn remove(&self, kind: ArchiveKind, manifest: &str) -> io::Result<()> {
        for folder in [self.bundle(kind, manifest), self.partial(kind, manifest)] {
            remove_folder(&folder)?;
        }
        if self.folder.exists() { File::open(&self.folder)?.sync_all() } else { Ok(()) }
    }

    /// Whether a bundle has its name.
    pub fn has(&self, kind: ArchiveKind, manifest: &str) -> bool {
        self.bundle(kind, manifest).exists()
    }

    /// Compares a bundle with the hash of its manifest, and how many files were compared; the first that differs otherwise.
    pub fn check(&self, kind: ArchiveKind, manifest: &str) -> Result<usize, Spoilt> {
        let folder = self.bundle(kind, manifest);
        let spoilt = |name: &str, what: String| Spoilt { path: folder.join(name), what };
        let list = read_short(&folder.join(MANIFEST)).map_err(|error| spoilt(MANIFEST, error.to_string()))?;
        if hex(&Sha256::digest(list.as_bytes())) != manifest {
            return Err(spoilt(MANIFEST, "it is not the manifest whose hash the log keeps".to_owned()));
        }
        let mut listed = BTreeSet::from([MANIFEST.to_owned()]);
        for line in list.lines() {
            let Some((hash, name)) = line.split_once("  ").filter(|(_, name)| !name.contains('/')) else {
                return Err(spoilt(MANIFEST, format!("“{line}” names no file")));
            };
            let there = hash_of(&folder.join(name)).map_err(|error| spoilt(name, error.to_string()))?;
            if there != hash {
                return Err(spoilt(name, "its hash is not the one in the manifest".to_owned()));
            }
            listed.insert(name.to_owned());
        }
        let there = names_in(&folder).map_err(|error| spoilt("", error.to_string()))?;
        match there.into_iter().find(|name| !listed.contains(name)) {
            Some(stranger) => Err(spoilt(&stranger, "the manifest does not name it".to_owned())),
            None => Ok(listed.len() - 1),
        }
    }

    /// The folder of a bundle.
    pub fn bundle(&self, kind: ArchiveKind, manifest: &str) -> PathBuf {
        self.folder.join(named(kind, manifest))
    }

    fn partial(&self, kind: ArchiveKind, manifest: &str) -> PathBuf {
        self.folder.join(format!(".{}{PARTIAL}", named(kind, manifest)))
    }

    fn names(&self) -> io::Result<Vec<String>> {
        if self.folder.exists() { names_in(&self.folder) } else { Ok(Vec::new()) }
    }
}

/// The name of a bundle's folder.
pub fn named(kind: ArchiveKind, manifest: &str) -> String {
    let short: String = manifest.chars().take(NAME_CHARS).collect();
    format!("{}-{short}", kind.as_str())
}

/// A line a file: its hash, two spaces, its name.
fn manifest_of(contents: &[(&str, Vec<u8>)]) -> String {
    let mut lines: Vec<String> =
        contents.iter().map(|(name, content)| format!("{}  {name}\n", hex(&Sha256::digest(content)))).collect();
    lines.sort_by(|one, other| one.get(64..).cmp(&other.get(64..)));
    lines.concat()
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(SECRET).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(SECRET_FOLDER).create(folder)
}

fn remove_folder(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    let names = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names: Vec<String> = names.collect::<io::Result<_>>()?;
    names.sort();
    Ok(names)
}

fn read_short(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MANIFEST_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text)
}

/// Read piece by piece: a bundle may be larger than the memory.
fn hash_of(path: &Path) -> io::Result<String> {
    let (mut file, mut hash, mut piece) = (File::open(path)?, Sha256::new(), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(&piece[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: ArchiveKind = ArchiveKind::Sealed;

    /// A rack in a folder of the test's own, gone with it.
    struct Case(Archive, Rack);

    impl Case {
        fn new(name: &str) -> Case {
            let folder = std::env::temp_dir().join(format!("wardroom-archive-{name}-{}", std::process::id()));
            let _ = std::fs::remove_dir_all(&folder);
            let archive = Archive::at(folder);
            let rack = archive.rack("harbour", "INC-7");
            Case(archive, rack)
        }
    }

    impl Drop for Case {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(self.0.folder());
        }
    }

    fn contents() -> Vec<(&'static str, Vec<u8>)> {
        vec![("entries.ndjson", b"{}\n".to_vec()), ("README.txt", b"read me\n".to_vec())]
    }

    #[test]
    fn a_bundle_counts_once_it_has_its_name_and_a_partial_one_is_forgotten() {
        let Case(archive, rack) = &Case::new("named");
        archive.probe().expect("it can be written");
        let lost = rack.prepare(KIND, &[("a", b"a".to_vec())]).expect("it is written");
        let kept = rack.prepare(KIND, &contents()).expect("it is written");
        assert!(!rack.has(KIND, &kept.manifest));
        for _ in 0..2 {
            rack.settle(KIND, Some(&kept.manifest)).expect("it is named");
            assert_eq!(rack.check(KIND, &kept.manifest), Ok(2));
            assert_eq!(rack.names().expect("it can be listed"), [named(KIND, &kept.manifest)]);
        }
        assert_ne!(lost.manifest, kept.manifest);
        for _ in 0..2 {
            rack.remove(KIND, &kept.manifest).expect("it can go");
            assert!(!rack.has(KIND, &kept.manifest));
        }
    }

    #[test]
    fn whatever_differs_from_the_manifest_is_named() {
        let Case(_archive, rack) = &Case::new("spoilt");
        let kept = rack.prepare(KIND, &contents()).expect("it is written");
        rack.settle(KIND, Some(&kept.manifest)).expect("it is named");
        let folder = rack.bundle(KIND, &kept.manifest);
        let first = || rack.check(KIND, &kept.manifest).expect_err("it is spoilt");
        let name = |spoilt: &Spoilt| spoilt.path.file_name().map(|name| name.to_string_lossy().into_owned());

        write(&folder.join("stranger"), b"x").expect("it can be written");
        assert_eq!(name(&first()).as_deref(), Some("stranger"));
        std::fs::remove_file(folder.join("stranger")).expect("it can go");
        write(&folder.join("entries.ndjson"), b"{ }\n").expect("it can be written");
        assert_eq!(name(&first()).as_deref(), Some("entries.ndjson"));
        let list = manifest_of(&[("entries.ndjson", b"{ }\n".to_vec()), ("README.txt", b"read me\n".to_vec())]);
        write(&folder.join(MANIFEST), list.as_bytes()).expect("it can be written");
        assert_eq!(first().what, "it is not the manifest whose hash the log keeps");
        std::fs::remove_dir_all(&folder).expect("it can go");
        assert_eq!(name(&first()).as_deref(), Some(MANIFEST));
    }
}
