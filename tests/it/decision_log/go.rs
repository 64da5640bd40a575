//! An export checked by Go's own libraries for signed notes and transparent logs (`golang.org/x/mod/sumdb`), which know
//! nothing of Wardroom. `deploy/test` installs them; where they are not there, this says so.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::tamper::story::{Folder, Story};

/// Where Debian's `golang-golang-x-mod-dev` puts the sources of its libraries.
const LIBRARIES: &str = "/usr/share/gocode";

#[tokio::test(flavor = "multi_thread")]
async fn go_reads_the_signatures_and_proves_each_entry_and_each_step() {
    let Some(check) = build() else { return };
    let story = Story::tell().await;
    let (scene, export) = (story.scene().await, Folder::new());
    let ran = Command::new(env!("CARGO_BIN_EXE_wardroom"))
        .args(["log", "export"])
        .arg(&export.0)
        .env("DATABASE_URL", scene.database.url())
        .env("WARDROOM_LEDGER", &scene.outside.0)
        .output()
        .expect("the binary can be started");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let folder = export.0.join("harbour");
    let entries = story.signed.last().expect("it was signed") + 1;
    let proven: u64 = story.signed.iter().sum();
    let expected = format!("OK {entries} entries, 4 signed checkpoints agree, {proven} inclusions proven");
    assert_eq!(run(&check, &folder), (true, expected));

    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("it was exported");
    let (bodies, notes) = (read("entries.ndjson"), read("checkpoints.txt"));
    let cut: String = bodies.split_inclusive('\n').take(3).collect();
    for (name, spoilt, words) in [
        ("entries.ndjson", bodies.replacen("incident.noted", "incident.notes", 1), "are not what was signed"),
        ("entries.ndjson", cut, "entries were signed, 3 are there"),
        ("checkpoints.txt", notes.replacen(&format!("\n{}\n", story.signed[0]), "\n3\n", 1), "invalid signature"),
    ] {
        let whole = read(name);
        std::fs::write(folder.join(name), spoilt).expect("it can be spoilt");
        let (whole_still, told) = run(&check, &folder);
        assert!(!whole_still && told.contains(words), "{name}: {told}");
        std::fs::write(folder.join(name), whole).expect("it can be restored");
    }
    scene.end().await;
    story.end().await;
}

/// The program; `None` where Go or its library is missing.
fn build() -> Option<PathBuf> {
    let has_go = Command::new("go").arg("version").output().is_ok_and(|ran| ran.status.success());
    if !has_go || !Path::new(LIBRARIES).join("src/golang.org/x/mod/sumdb/note").exists() {
        // Past the test's capture, which would swallow it in a test that passes.
        let _ = writeln!(
            std::io::stderr(),
            "NOT TESTED: tests/clients/go, because Go or golang.org/x/mod is not installed; deploy/test installs both."
        );
        return None;
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go");
    let check = target.join("check");
    let ran = Command::new("go")
        .args(["build", "-o"])
        .args([&check, &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/go/main.go")])
        .envs([("GO111MODULE", "off"), ("GOPATH", LIBRARIES), ("GOFLAGS", "")])
        .env("GOCACHE", target.join("cache"))
        .output()
        .expect("Go can be started");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    Some(check)
}

fn run(check: &Path, folder: &Path) -> (bool, String) {
    let ran = Command::new(check).arg(folder).output().expect("it can be started");
    (ran.status.success(), String::from_utf8_lossy(&ran.stdout).trim_end().to_owned())
}
