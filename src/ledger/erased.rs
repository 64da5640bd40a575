//! What was erased, as a list outside the database: a restored backup has the names and texts again, and has lost the
//! entries that say they went.
//!
//! `<log>.erased`, for all names of a log: the exact bytes of each erasing entry, one a line. It is on the disk before a
//! checkpoint covers the entry, and holds digests only, from which nobody can tell what was erased.

use std::fs::OpenOptions;
use std::io::Write;

use serde::Deserialize;

use super::LogName;
use super::anchors::{AnchorError, Anchors};
use super::files;

/// Something that was erased, as its entry says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Erased {
    /// The record, and the number of the entry that erased.
    #[serde(rename = "agg")]
    pub subject: String,
    pub seq: i32,
    pub kind: String,
    pub at: String,
    pub data: ErasedFacts,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct ErasedFacts {
    /// Base64, as entries name them.
    #[serde(default)]
    pub digests: Vec<String>,
    /// Whose row it was, where a person was erased.
    pub person: Option<String>,
}

impl Erased {
    /// `INC-7#9`
    pub fn entry(&self) -> String {
        format!("{}#{}", self.subject, self.seq)
    }
}

impl Anchors {
    /// Whether the list was begun.
    pub fn lists_erased(&self, log: &LogName) -> bool {
        self.path(&log.base, "erased").exists()
    }

    /// Adds the bodies of erasing entries; on the disk when this returns. What is listed twice counts once.
    pub fn list_erased(&self, log: &LogName, bodies: &[Vec<u8>]) -> Result<(), AnchorError> {
        let path = self.path(&log.base, "erased");
        if bodies.is_empty() && path.exists() {
            return Ok(());
        }
        let written = std::fs::create_dir_all(self.folder()).and_then(|()| {
            let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
            let is_new = file.metadata()?.len() == 0;
            // A line of its own, whatever a crash has left before it.
            let lines = bodies.iter().flat_map(|body| [&b"\n"[..], body, &b"\n"[..]]);
            file.write_all(&lines.collect::<Vec<_>>().concat())?;
            file.sync_all()?;
            if is_new { files::sync_folder(&path) } else { Ok(()) }
        });
        written.map_err(|source| AnchorError::Io { doing: "writing", path, source })
    }

    /// All that was erased of a log. A line that a crash cut short was never covered by a checkpoint, and is left out.
    pub fn erased(&self, log: &LogName) -> Result<Vec<Erased>, AnchorError> {
        let path = self.path(&log.base, "erased");
        let text = files::read(&path).map_err(|source| AnchorError::Io { doing: "reading", path, source })?;
        let mut erased: Vec<Erased> = Vec::new();
        for line in text.unwrap_or_default().lines().filter(|line| !line.is_empty()) {
            if let Ok(one) = serde_json::from_str(line)
                && !erased.contains(&one)
            {
                erased.push(one);
            }
        }
        Ok(erased)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_erased_is_listed_once_whatever_a_crash_has_left() {
        let folder = std::env::temp_dir().join(format!("wardroom-erased-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let (anchors, log) = (Anchors::at(&folder), LogName { base: "wardroom/harbour".into(), epoch: 2 });
        assert!(!anchors.lists_erased(&log) && anchors.erased(&log).unwrap().is_empty());
        anchors.list_erased(&log, &[]).unwrap();
        assert!(anchors.lists_erased(&log));
        let body = br#"{"v":1,"agg":"INC-7","seq":9,"kind":"payload.erased","at":"2030-01-07T14:00:00Z","data":{"digests":["AA=="]}}"#;
        let person =
            br#"{"agg":"ORG","seq":4,"kind":"person.erased","at":"2030-01-07T14:00:00Z","data":{"person":"p_mia"}}"#;
        let path = anchors.path(&log.base, "erased");
        std::fs::write(&path, &body[..30]).unwrap();
        for _ in 0..2 {
            anchors.list_erased(&log, &[body.to_vec(), person.to_vec()]).unwrap();
        }
        let erased = anchors.erased(&LogName { epoch: 1, ..log }).unwrap();
        assert_eq!(erased.iter().map(Erased::entry).collect::<Vec<_>>(), ["INC-7#9", "ORG#4"]);
        assert_eq!(
            (&erased[0].data.digests[..], erased[1].data.person.as_deref()),
            (&["AA==".to_owned()][..], Some("p_mia"))
        );
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
