//! The tamper matrix: every attack that the log is made against, carried out, and what stops it or finds it.

pub mod attacks;
mod forger;
pub mod story;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use insta::assert_snapshot;
use wardroom::ledger::fork::Kept;
use wardroom::ledger::{Finding, Layer};

use crate::harness::Database;
use attacks::{ATTACKS, Attack, By, carry_out, receipts};
use story::{LOG, Story, layers, open, read};

/// The attacks that only this layer finds slip through without it; that is why it is there.
#[tokio::test(flavor = "multi_thread")]
async fn every_attack_is_stopped_or_found_and_no_layer_can_be_left_out() {
    let story = Story::tell().await;
    let clean = story.scene().await;
    assert_eq!(clean.findings(&receipts(&story, 14)).await, Vec::new(), "a log that nobody touched");
    clean.end().await;

    let (mut matrix, mut found) = (String::new(), BTreeMap::new());
    for attack in &ATTACKS {
        let (outcome, by) = Box::pin(stage(&story, attack)).await;
        let _ = writeln!(matrix, "{:>2} {} {}: {outcome}", attack.number, attack.by.as_str(), attack.what);
        found.insert(attack.number, by);
    }
    assert_snapshot!(matrix, @r#"
     1 the bot's role edits an entry: refused, permission denied for table entry
     2 the bot's role deletes the last entries: refused, permission denied for table entry
     3 the bot's role truncates the log: refused, permission denied for table entry
     4 the bot's role dates an entry back by its column: refused, permission denied for table entry
     5 the bot's role appends an entry that claims to be three days old: found by time
     6 the bot's role changes the state without an entry: refused, incident of INC-1 changed to version 10 without a log entry in the same transaction
     7 superuser changes the state, guards off and on again: found by state
     8 superuser edits an entry in the middle: found by chain, leaf, tree, signature, outside, receipt
     9 superuser edits an entry in the middle, and its leaf: found by chain, tree, signature, outside, receipt
    10 superuser edits an entry and makes every hash anew: found by signature, outside, receipt
    11 superuser with the key does the same, and signs anew: found by outside, receipt
    12 superuser with the key deletes the last signed entries, and signs anew: found by outside, receipt
    13 superuser deletes what is younger than the last signature, and rolls the state back: not found
    14 superuser does the same to an entry that had a receipt in chat: found by receipt
    15 superuser swaps two leaves: found by tree, signature, outside
    16 superuser with the key slips a vote into the middle, and signs anew: found by outside, receipt
    17 superuser swaps the name behind a vote: found by disclosure
    18 superuser erases the name behind a vote without an entry: found by disclosure
    19 nobody erases a name lawfully: not found
    20 superuser drops a trigger, and changes nothing: found by schema
    21 superuser truncates all tables of the log: found by state, outside, receipt
    22 superuser restores an old backup: found by outside, receipt
    23 superuser with the key goes on with an old backup: found by outside, receipt
    24 superuser with the key goes on with a copy of the database: found by outside
    25 root sets the clock back, has an entry written, sets it right: found by time
    26 superuser points a leaf to another entry: found by leaf, tree, pending, signature, outside
    27 superuser removes an entry before it comes into the tree: found by pending
    28 superuser moves an entry to another incident, by its columns: found by chain, row, receipt
    "#);

    let mut without = String::new();
    let kept_elsewhere = [Layer::Outside, Layer::Receipt];
    let signed = [Layer::Signature, Layer::Outside, Layer::Receipt];
    for layers in Layer::ALL.chunks(1).chain([&kept_elsewhere[..], &signed[..]]) {
        let slips = |by: &[Layer]| !by.is_empty() && by.iter().all(|layer| layers.contains(layer));
        let through: Vec<String> = found.iter().filter(|(_, by)| slips(by)).map(|(n, _)| n.to_string()).collect();
        let names: Vec<&str> = layers.iter().map(|layer| layer.as_str()).collect();
        let _ = writeln!(without, "without {}: {}", names.join(" and "), through.join(" "));
    }
    assert_snapshot!(without, @r#"
    without chain: 
    without leaf: 
    without row: 
    without disclosure: 17 18
    without time: 5 25
    without state: 7
    without tree: 
    without pending: 27
    without signature: 
    without outside: 24
    without schema: 20
    without receipt: 14
    without outside and receipt: 11 12 14 16 22 23 24
    without signature and outside and receipt: 10 11 12 14 16 22 23 24
    "#);
    story.end().await;
}

/// What an attack comes to, and the layers that find it.
async fn stage(story: &Story, attack: &Attack) -> (String, Vec<Layer>) {
    let (scene, outcome) = carry_out(story, attack.number).await;
    if matches!(attack.by, By::Bot) == outcome.is_ok() {
        assert_eq!(attack.number, 5, "{}: {outcome:?}", attack.what);
    }
    let findings = scene.findings(&receipts(story, attack.number)).await;
    let by = layers(&findings);
    let told = match outcome {
        Err(refusal) => {
            assert_eq!(findings, Vec::new(), "what is refused leaves no trace");
            let refusal = refusal.trim_start_matches("error returned from database: ");
            format!("refused, {}", refusal.split(" at line ").next().unwrap_or_default())
        }
        Ok(()) if by.is_empty() => "not found".to_owned(),
        Ok(()) => {
            let names: Vec<&str> = by.iter().map(|layer| layer.as_str()).collect();
            format!("found by {}", names.join(", "))
        }
    };
    scene.end().await;
    (told, by)
}

/// Whoever has two notes of one size can show them to anybody.
#[tokio::test(flavor = "multi_thread")]
async fn a_fork_is_proven_by_two_signed_roots_for_one_size() {
    let story = Story::tell().await;
    for number in [23, 24] {
        let (scene, _) = carry_out(&story, number).await;
        let key = scene.outside.anchors().verifiers(LOG).expect("the key is there").remove(0);
        let kept = |folder: &story::Folder| Kept::read(&read(&folder.file("checkpoints")), std::slice::from_ref(&key));
        let comparison = kept(&scene.folder).compare(&kept(&scene.outside));
        let fork = comparison.forks.first().unwrap_or_else(|| panic!("{number}: no fork in {comparison:?}"));
        assert_ne!(fork.notes[0], fork.notes[1]);
        let ran = std::process::Command::new(env!("CARGO_BIN_EXE_wardroom"))
            .args(["log", "compare", "--key"])
            .arg(scene.outside.file("vkey"))
            .args([scene.folder.file("checkpoints"), scene.outside.file("checkpoints")])
            .output()
            .expect("the binary can be started");
        let told = String::from_utf8_lossy(&ran.stdout);
        let expected = format!("FORK: two roots are signed for {} entries.", fork.size);
        assert!(!ran.status.success() && told.starts_with(&expected), "{told}");
        assert!(told.contains(fork.notes[0].trim_end()) && told.contains(fork.notes[1].trim_end()), "{told}");
        scene.end().await;
    }
    story.end().await;
}

/// Each word of a record's state that a decision turns on, and each row, by a superuser who leaves no other trace.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_state_behind_the_logs_back_is_named() {
    let story = Story::tell().await;
    let mut told = String::new();
    for sql in [
        "update incident set priority = 4",
        "update incident set status = 'resolved'",
        "update incident set commander = null",
        "update incident set version = 1",
        "delete from incident",
        "update change set status = 'rejected'",
        "update change set revision = 2",
        "update change set closes_at = '2031-01-01 00:00:00+00'",
        "update change set standard = '{\"entry\": \"x\", \"version\": 1}'",
        "update ballot set choice = 'reject' where version = 3",
        "update ballot set person = 'p_kim' where version = 3",
        "delete from ballot where version = 3",
        "insert into ballot select tenant_id, subject, 99, revision, person, choice, why, platform, cast_at from ballot limit 1",
        "update approval set seat = 'executive'",
        "delete from approval",
        "update room set version = 90; update deadline set version = 91 where subject = 'INC-1'",
        "update person set version = 92 where key = 'ana'",
    ] {
        let scene = story.scene().await;
        scene.as_intruder(sql).await;
        let findings = scene.findings(&[]).await;
        assert_eq!(layers(&findings), [Layer::State], "{sql}: {findings:?}");
        let _ = writeln!(told, "{sql}");
        for finding in &findings {
            let _ = writeln!(told, "  {}", without_names(finding));
        }
        scene.end().await;
    }
    assert_snapshot!(told, @r#"
    update incident set priority = 4
      INC-1#9: the state says “identified, P4, led by somebody”, the entries up to it “identified, P2, led by somebody”
    update incident set status = 'resolved'
      INC-1#9: the state says “resolved, P2, led by somebody”, the entries up to it “identified, P2, led by somebody”
    update incident set commander = null
      INC-1#9: the state says “identified, P2, led by nobody”, the entries up to it “identified, P2, led by somebody”
    update incident set version = 1
      INC-1#9: the newest entry that changed the state; the state names #1
    delete from incident
      INC-1#9: the incident that it made is gone from the state: identified, P2, led by somebody
    update change set status = 'rejected'
      CHG-1#7: the state says “rejected, revision 1, from (a moment) to (a moment) asked somebody peer_reviewer on_call, asked somebody peer_reviewer team, asked somebody service_owner owner, asked somebody technical_authority team, asked somebody technical_authority team”, the entries up to it “approved, revision 1, from (a moment) to (a moment) asked somebody peer_reviewer on_call, asked somebody peer_reviewer team, asked somebody service_owner owner, asked somebody technical_authority team, asked somebody technical_authority team”
    update change set revision = 2
      CHG-1#7: the state says “approved, revision 2, from (a moment) to (a moment) asked somebody peer_reviewer on_call, asked somebody peer_reviewer team, asked somebody service_owner owner, asked somebody technical_authority team, asked somebody technical_authority team”, the entries up to it “approved, revision 1, from (a moment) to (a moment) asked somebody peer_reviewer on_call, asked somebody peer_reviewer team, asked somebody service_owner owner, asked somebody technical_authority team, asked somebody technical_authority team”
    update change set closes_at = '2031-01-01 00:00:00+00'
      CHG-1#7: the state says “approved, revision 1, from (a moment) to (a moment) asked somebody peer_reviewer on_call, asked somebody peer_reviewer team, asked somebody service_owner owner, asked somebody technical_authority team, asked somebody technical_authority team”, the entries up to it “approved, revision 1, from (a moment) to (a moment) asked somebody peer_reviewer on_call, asked somebody peer_reviewer team, asked somebody service_owner owner, asked somebody technical_authority team, asked somebody technical_authority team”
    update change set standard = '{"entry": "x", "version": 1}'
      CHG-1#7: the state says “approved, revision 1, from (a moment) to (a moment) by x 1, asked somebody peer_reviewer on_call, asked somebody peer_reviewer team, asked somebody service_owner owner, asked somebody technical_authority team, asked somebody technical_authority team”, the entries up to it “approved, revision 1, from (a moment) to (a moment) asked somebody peer_reviewer on_call, asked somebody peer_reviewer team, asked somebody service_owner owner, asked somebody technical_authority team, asked somebody technical_authority team”
    update ballot set choice = 'reject' where version = 3
      CHG-1#3: the state says “somebody reject on revision 1”, the entries up to it “somebody approve on revision 1”
    update ballot set person = 'p_kim' where version = 3
      CHG-1#3: the state says “somebody approve on revision 1”, the entries up to it “somebody approve on revision 1”
    delete from ballot where version = 3
      CHG-1#3: the ballot that it made is gone from the state: somebody approve on revision 1
    insert into ballot select tenant_id, subject, 99, revision, person, choice, why, platform, cast_at from ballot limit 1
      CHG-1#99: no entry made this ballot of the state: somebody approve on revision 1
      CHG-1#99: a row of ballot names it, and it is not there
    update approval set seat = 'executive'
      CHG-1#2: the state says “somebody as executive on revision 1”, the entries up to it “somebody as peer_reviewer on revision 1”
    delete from approval
      CHG-1#2: the approval that it made is gone from the state: somebody as peer_reviewer on revision 1
    update room set version = 90; update deadline set version = 91 where subject = 'INC-1'
      INC-1#91: a row of deadline names it, and it is not there
    update person set version = 92 where key = 'ana'
      ORG#92: a row of person names it, and it is not there
    "#);
    story.end().await;
}

/// What Postgres' guards are, and that each that goes is named: triggers, rights, owners, row security, functions.
#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_is_off_is_named() {
    let story = Story::tell().await;
    let mut told = String::new();
    for sql in [
        "drop trigger no_change on dlog.entry",
        "alter table incident disable trigger must_log",
        "alter table dlog.tree enable replica trigger only_grow",
        "alter table dlog.disclosure disable trigger all; alter table dlog.disclosure enable always trigger no_change;
         alter table dlog.disclosure enable always trigger no_truncate",
        "grant update on dlog.entry to wardroom_app",
        "grant delete on dlog.leaf to public",
        "alter table ballot owner to wardroom_app",
        "alter table dlog.entry disable row level security",
        "drop policy tenant on incident; create policy tenant on incident to wardroom_app using (true)",
        "create or replace function dlog.deny() returns trigger language plpgsql as 'begin return new; end'",
        "create rule quiet as on insert to dlog.entry do instead nothing",
        "alter table dlog.entry alter leaf_hash drop expression",
        "alter table dlog.entry drop constraint entry_tenant_id_subject_seq_key",
        "grant create on schema dlog to wardroom_app",
    ] {
        let scene = story.scene().await;
        scene.database.as_superuser(sql).await.expect("the superuser may do everything");
        let findings = scene.findings(&[]).await;
        assert_eq!(layers(&findings), [Layer::Schema], "{sql}: {findings:?}");
        let _ = writeln!(told, "{}", sql.lines().next().unwrap_or_default());
        for finding in findings.iter().take(2) {
            let _ = writeln!(told, "  {finding}");
        }
        scene.end().await;
    }
    assert_snapshot!(told, @r#"
    drop trigger no_change on dlog.entry
      trigger dlog.entry no_change: missing; it should be “always, dlog.deny, type 27”
    alter table incident disable trigger must_log
      trigger public.incident must_log: “off, dlog.must_log, type 29, at commit”; it should be “always, dlog.must_log, type 29, at commit”
    alter table dlog.tree enable replica trigger only_grow
      trigger dlog.tree only_grow: “for replicas only, dlog.only_grow, type 27”; it should be “always, dlog.only_grow, type 27”
    alter table dlog.disclosure disable trigger all; alter table dlog.disclosure enable always trigger no_change;
      table dlog.disclosure: “owned by wardroom_owner, row security, keys not enforced”; it should be “owned by wardroom_owner, row security”
    grant update on dlog.entry to wardroom_app
      rights dlog.entry: “wardroom_app: insert (body kind seq subject tenant_id), select, update; wardroom_auditor: select; wardroom_sequencer: select”; it should be “wardroom_app: insert (body kind seq subject tenant_id), select; wardroom_auditor: select; wardroom_sequencer: select”
    grant delete on dlog.leaf to public
      rights dlog.leaf: “everybody: delete; wardroom_app: select; wardroom_auditor: select; wardroom_sequencer: insert, select”; it should be “wardroom_app: select; wardroom_auditor: select; wardroom_sequencer: insert, select”
    alter table ballot owner to wardroom_app
      policies public.ballot: missing; it should be “audit for r to wardroom_auditor using true, tenant for * to wardroom_app wardroom_sequencer using (tenant_id = current_tenant())”
      rights public.ballot: missing; it should be “wardroom_app: insert, select, update (why); wardroom_auditor: select”
    alter table dlog.entry disable row level security
      table dlog.entry: “owned by wardroom_owner, no row security”; it should be “owned by wardroom_owner, row security”
    drop policy tenant on incident; create policy tenant on incident to wardroom_app using (true)
      policies public.incident: “audit for r to wardroom_auditor using true, tenant for * to wardroom_app using true”; it should be “audit for r to wardroom_auditor using true, tenant for * to wardroom_app wardroom_sequencer using (tenant_id = current_tenant())”
    create or replace function dlog.deny() returns trigger language plpgsql as 'begin return new; end'
      function dlog.deny(): “owned by wardroom_owner, sha256 68b5c1690fe13ee6”; it should be “owned by wardroom_owner, sha256 6c729d78a86a2490”
    create rule quiet as on insert to dlog.entry do instead nothing
      rule dlog.entry quiet: “CREATE RULE quiet AS
        ON INSERT TO dlog.entry DO INSTEAD NOTHING;”; no migration made this
    alter table dlog.entry alter leaf_hash drop expression
      columns dlog.entry: “id bigint not null identity, tenant_id bigint not null, subject text not null, seq integer not null, kind text not null, recorded_at timestamp with time zone not null default clock_timestamp(), xid xid8 not null default pg_current_xact_id(), body bytea not null, leaf_hash bytea not null, actor text generated dlog.opening(body, 'actor'::text, 2), at text generated dlog.opening(body, 'at'::text, 10)”; it should be “id bigint not null identity, tenant_id bigint not null, subject text not null, seq integer not null, kind text not null, recorded_at timestamp with time zone not null default clock_timestamp(), xid xid8 not null default pg_current_xact_id(), body bytea not null, leaf_hash bytea not null generated sha256(('\x00'::bytea || body)), actor text generated dlog.opening(body, 'actor'::text, 2), at text generated dlog.opening(body, 'at'::text, 10)”
    alter table dlog.entry drop constraint entry_tenant_id_subject_seq_key
      constraint dlog.entry entry_tenant_id_subject_seq_key: missing; it should be “UNIQUE (tenant_id, subject, seq)”
    grant create on schema dlog to wardroom_app
      schema dlog: “made in by wardroom_app wardroom_owner”; it should be “made in by wardroom_owner”
    "#);
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guards_are_what_the_migrations_make() {
    let database = Database::create().await;
    let app = open(&database).await;
    let mut tx = app.store.begin(1).await.expect("Postgres answers");
    let made = wardroom::store::schema::to_text(&tx.schema_facts().await.expect("they can be read"));
    drop(tx);
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/schema.facts");
    if made != read(&file) {
        let new = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("schema.facts");
        std::fs::write(&new, &made).expect("it can be written");
        panic!(
            "a migration has changed the guards. If all is as it should be: cp {} {}",
            new.display(),
            file.display()
        );
    }
    app.store.pool().close().await;
    database.remove().await;
}

/// Without the pseudonyms, which differ from run to run.
fn without_names(finding: &Finding) -> String {
    let words: Vec<String> = finding.to_string().split(' ').map(without_name).collect();
    words.join(" ")
}

fn without_name(word: &str) -> String {
    match word.split_once("p_") {
        Some((before, after)) if before.chars().all(|c| !c.is_alphanumeric()) => {
            let rest: String = after.chars().skip_while(char::is_ascii_alphanumeric).collect();
            format!("{before}somebody{rest}")
        }
        Some(_) | None if ['-', 'T', 'Z'].into_iter().all(|c| word.contains(c)) => "(a moment)".to_owned(),
        Some(_) | None => word.to_owned(),
    }
}
