//! The check of the log as people ask for it: in chat, and on a terminal.

use std::process::Command;

use insta::assert_snapshot;
use sqlx::ConnectOptions;

use super::tamper::attacks::carry_out;
use super::tamper::story::{Scene, Story, told};

/// `wardroom log verify`, as an auditor runs it: whether the log is whole, and what is printed.
fn verify(scene: &Scene<'_>, arguments: &[&str]) -> (bool, String) {
    // By the role that can only read.
    let url = scene.database.as_auditor().to_url_lossy();
    let ran = Command::new(env!("CARGO_BIN_EXE_wardroom"))
        .args(["log", "verify"])
        .args(arguments)
        .env("DATABASE_URL", url.as_str())
        .env("WARDROOM_LEDGER", &scene.outside.0)
        .output()
        .expect("the binary can be started");
    let told = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (ran.status.success(), told)
}

#[tokio::test(flavor = "multi_thread")]
async fn in_chat_it_says_what_was_compared_and_what_was_not() {
    let story = Story::tell().await;
    let mut scene = story.scene().await;
    assert_snapshot!(told(&scene.app, "ana", "log verify").await, @"
    The log is whole. 18 entries of 4 records, none changed, removed or slipped in.
    Compared: each entry with the one after it, with its names and texts, times, the state with the log, the tree over all entries and Postgres' guards · Not compared: signatures (no key is at hand); what is signed outside the database (none is at hand)
    ");
    scene.app.anchors = Some(scene.outside.anchors());
    assert_snapshot!(told(&scene.app, "ana", "log verify").await, @"
    The log is whole. 18 entries of 4 records, none changed, removed or slipped in.
    Compared: each entry with the one after it, with its names and texts, times, the state with the log, the tree over all entries, 4 signatures in the database, 4 signed checkpoints outside and Postgres' guards · Not compared: the newest entry with what was signed outside (younger than that)
    ");
    assert_snapshot!(told(&scene.app, "ana", "log verify CHG-1").await, @"
    The log of CHG-1 is whole. 7 entries, none changed, removed or slipped in.
    Compared: each entry with the one after it, with its names and texts, times, the state with the log, its newest entry with the tree and 1 signed checkpoint outside
    ");
    let unknown = told(&scene.app, "ana", "log verify INC-99").await;
    assert_eq!(unknown, "The log has no entry of INC-99. /log verify alone checks all of it.");
    told(&scene.app, "raj", "inc note INC-1 one more").await;
    assert_snapshot!(told(&scene.app, "ana", "log verify INC-1").await, @"
    The log of INC-1 is whole. 10 entries, none changed, removed or slipped in.
    Compared: each entry with the one after it, with its names and texts, times, the state with the log, its newest entry with the tree and 1 signed checkpoint outside · Not compared: #10 with the tree (it is on its way into it)
    ");
    scene.end().await;
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_chat_the_first_bad_entry_is_named_and_so_is_a_history_that_was_signed_otherwise() {
    let story = Story::tell().await;
    for (number, whole, incident, change) in [
        (8, "The first bad entry is INC-1#5: changed after #6 was written", "INC-1#5", "CHG-1 is whole"),
        (7, "The first bad entry is INC-1#9: the state says", "INC-1#9", "CHG-1 is whole"),
        (11, "TREE#", "TREE#", "TREE#"),
        (17, "The first bad entry is CHG-1#3", "INC-1 is whole", "CHG-1#3"),
        (20, "trigger dlog.entry no_change: missing", "INC-1 is whole", "CHG-1 is whole"),
    ] {
        let (mut scene, _) = carry_out(&story, number).await;
        scene.app.anchors = Some(scene.outside.anchors());
        for (asked, words) in [("log verify", whole), ("log verify INC-1", incident), ("log verify CHG-1", change)] {
            let told = told(&scene.app, "ana", asked).await;
            assert!(told.contains(words), "{number}: {asked}: {told}");
        }
        scene.end().await;
    }
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_whose_entries_are_all_gone_is_missed_by_its_state() {
    let story = Story::tell().await;
    let scene = story.scene().await;
    let of = "(select id from dlog.entry where subject = 'CHG-1')";
    let gone = format!(
        "delete from dlog.leaf where entry_id in {of}; delete from dlog.disclosure where entry_id in {of};
         delete from dlog.entry where subject = 'CHG-1'"
    );
    scene.as_intruder(&gone).await;
    let told = told(&scene.app, "ana", "log verify CHG-1").await;
    assert!(told.contains("The first bad entry is CHG-1#7: no entry made this change of the state"), "{told}");
    scene.end().await;
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_too_long_for_chat_is_glanced_at() {
    let story = Story::tell().await;
    let mut scene = story.scene().await;
    scene.app.anchors = Some(scene.outside.anchors());
    let many = "insert into dlog.entry (tenant_id, subject, seq, kind, body)
        select 1, 'INC-900', n, 'incident.noted', 'x' from generate_series(1, 50001) n";
    scene.database.as_superuser(many).await.expect("it can be made long");
    assert_snapshot!(told(&scene.app, "ana", "log verify").await, @"
    What was signed of the log is in it. It is too long to be read through here; wardroom log verify on a terminal reads every entry.
    Compared: 1 signed checkpoint outside and Postgres' guards
    ");
    assert!(told(&scene.app, "ana", "log verify CHG-1").await.contains("The log of CHG-1 is whole"));
    assert!(told(&scene.app, "ana", "log verify INC-900").await.contains("too long to be read through here"));
    scene.as_intruder("delete from dlog.leaf where idx > 3; update dlog.tree set size = 4").await;
    let told = told(&scene.app, "ana", "log verify").await;
    assert!(told.contains("entries were signed; the tree, of 4, does not continue them"), "{told}");
    scene.end().await;
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_receipts_are_held_against_the_log() {
    let story = Story::tell().await;
    let scene = story.scene().await;
    let (whole, told) = verify(&scene, &[]);
    assert!(whole, "{told}");
    assert!(told.contains("4 signed checkpoints agree, and 4 that the database keeps"), "{told}");
    assert!(told.contains("Not compared: the newest entry with what was signed outside"), "{told}");

    let file = std::env::temp_dir().join(format!("wardroom-receipts-{}", std::process::id()));
    let lines: Vec<String> = story.receipts.iter().map(|given| format!("Ana · {}", given.text())).collect();
    std::fs::write(&file, format!("{}\n\nhello there\n", lines.join("\n"))).expect("it can be written");
    let file = file.to_str().expect("a path");
    let late = story.late_receipt.text();
    let (whole, told) = verify(&scene, &["--receipt", &late, "--receipts-from", file]);
    let all = story.receipts.len() + 1;
    assert!(whole && told.contains(&format!("receipts: {all} of {all} hold")), "{told}");
    assert!(told.contains("Not compared: “hello there” is no receipt."), "{told}");
    scene.end().await;

    let (scene, _) = carry_out(&story, 14).await;
    let (whole, told) = verify(&scene, &["--receipts-from", file]);
    assert!(whole, "without the last receipt nothing is missed: {told}");
    let (whole, told) = verify(&scene, &["--receipt", &late]);
    let expected = format!("  receipt: INC-1#9: is gone, though this receipt was given for it: {late}");
    assert!(!whole && told.contains(&expected), "{told}");
    scene.end().await;

    let (scene, _) = carry_out(&story, 11).await;
    let (whole, told) = verify(&scene, &["--receipt", &story.receipts[2].text()]);
    assert!(!whole && told.contains("is another entry than the one that this receipt was given for"), "{told}");
    scene.end().await;
    story.end().await;
}
