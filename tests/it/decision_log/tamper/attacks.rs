//! The attacks, one by one, carried out on a real Postgres with the real roles.

use chrono::TimeDelta;
use serde_json::json;
use wardroom::domain::event::Draft;
use wardroom::domain::{Actor, Event, Fact, IncidentEvent, PersonId, State, Subject};
use wardroom::ledger::{GivenReceipt, Head, Origin, encode};
use wardroom::store::{Recorded, Writes};

use super::forger::Forger;
use super::story::{LOG, Scene, Story, said, sign};

/// An attack: its number, who does it, and what they do.
pub struct Attack {
    pub number: u32,
    pub by: By,
    pub what: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Bot,
    Superuser,
    WithKey,
    Root,
    Nobody,
}

impl By {
    pub fn as_str(self) -> &'static str {
        match self {
            By::Bot => "the bot's role",
            By::Superuser => "superuser",
            By::WithKey => "superuser with the key",
            By::Root => "root",
            By::Nobody => "nobody",
        }
    }
}

const fn attack(number: u32, by: By, what: &'static str) -> Attack {
    Attack { number, by, what }
}

pub const ATTACKS: [Attack; 28] = [
    attack(1, By::Bot, "edits an entry"),
    attack(2, By::Bot, "deletes the last entries"),
    attack(3, By::Bot, "truncates the log"),
    attack(4, By::Bot, "dates an entry back by its column"),
    attack(5, By::Bot, "appends an entry that claims to be three days old"),
    attack(6, By::Bot, "changes the state without an entry"),
    attack(7, By::Superuser, "changes the state, guards off and on again"),
    attack(8, By::Superuser, "edits an entry in the middle"),
    attack(9, By::Superuser, "edits an entry in the middle, and its leaf"),
    attack(10, By::Superuser, "edits an entry and makes every hash anew"),
    attack(11, By::WithKey, "does the same, and signs anew"),
    attack(12, By::WithKey, "deletes the last signed entries, and signs anew"),
    attack(13, By::Superuser, "deletes what is younger than the last signature, and rolls the state back"),
    attack(14, By::Superuser, "does the same to an entry that had a receipt in chat"),
    attack(15, By::Superuser, "swaps two leaves"),
    attack(16, By::WithKey, "slips a vote into the middle, and signs anew"),
    attack(17, By::Superuser, "swaps the name behind a vote"),
    attack(18, By::Superuser, "erases the name behind a vote without an entry"),
    attack(19, By::Nobody, "erases a name lawfully"),
    attack(20, By::Superuser, "drops a trigger, and changes nothing"),
    attack(21, By::Superuser, "truncates all tables of the log"),
    attack(22, By::Superuser, "restores an old backup"),
    attack(23, By::WithKey, "goes on with an old backup"),
    attack(24, By::WithKey, "goes on with a copy of the database"),
    attack(25, By::Root, "sets the clock back, has an entry written, sets it right"),
    attack(26, By::Superuser, "points a leaf to another entry"),
    attack(27, By::Superuser, "removes an entry before it comes into the tree"),
    attack(28, By::Superuser, "moves an entry to another incident, by its columns"),
];

/// The note in the middle: INC-1#5, which changed no state.
const NOTE: &str = "subject = 'INC-1' and seq = 5";
const EDIT: &str =
    "update dlog.entry set body = convert_to(replace(convert_from(body, 'UTF8'), '\"discord\"', '\"slack\"'), 'UTF8')";
/// The disclosure that names who cast the first ballot.
const VOTER: &str = "convert_from(disclosure, 'UTF8') like '%actor_name%' and entry_id = (select id from dlog.entry
    where kind = 'ballot.cast' order by id limit 1)";

/// Stages an attack. `Err` is what Postgres refuses it with.
pub async fn carry_out(story: &Story, number: u32) -> (Scene<'_>, Result<(), String>) {
    let mut scene = if matches!(number, 22 | 23) { story.scene_of_backup().await } else { story.scene().await };
    if matches!(number, 1..=4 | 6) {
        let outcome = scene.database.as_bot(&as_bot(number)).await;
        return (scene, outcome);
    }
    match number {
        5 => append(&scene, TimeDelta::days(-3)).await,
        10 | 11 | 16 => forge(&scene, number).await,
        12..=14 => cut(&scene, number).await,
        19 => erase_lawfully(&scene).await,
        20 => {
            let sql = "drop trigger no_change on dlog.entry";
            scene.database.as_superuser(sql).await.expect("the superuser may do everything");
        }
        22 => {} // nobody does anything else
        23 | 24 => go_on(&mut scene, number).await,
        25 => {
            append(&scene, TimeDelta::hours(-1)).await;
            let back = "update dlog.entry set recorded_at = recorded_at - interval '1 hour'
                        where id = (select max(id) from dlog.entry)";
            scene.as_intruder(back).await;
        }
        27 => {
            said(&scene.app, "raj", "inc note INC-1 the last word").await;
            scene.as_intruder("delete from dlog.pending").await;
        }
        _ => scene.as_intruder(&as_superuser(number)).await,
    }
    (scene, Ok(()))
}

/// What people hold: only who was given the last receipt can miss its entry.
pub fn receipts(story: &Story, number: u32) -> Vec<GivenReceipt> {
    let late = (number == 14).then(|| story.late_receipt.clone());
    story.receipts.iter().cloned().chain(late).collect()
}

fn as_bot(number: u32) -> String {
    let sql = match number {
        1 => "update dlog.entry set body = body",
        2 => "delete from dlog.entry where id = (select max(id) from dlog.entry)",
        3 => "truncate dlog.entry cascade",
        4 => {
            "insert into dlog.entry (tenant_id, subject, seq, kind, body, recorded_at)
             values (1, 'INC-1', 99, 'incident.noted', '', now() - interval '3 days')"
        }
        6 => "update incident set priority = 4, version = version + 1",
        _ => unreachable!("not by the bot's role"),
    };
    format!("begin; set local wardroom.tenant = '1'; {sql}; commit")
}

fn as_superuser(number: u32) -> String {
    match number {
        7 => "update incident set priority = 4".to_owned(),
        8 => format!("{EDIT} where {NOTE}"),
        9 => format!(
            "{EDIT} where {NOTE};
             update dlog.leaf set leaf_hash = entry.leaf_hash from dlog.entry where entry.id = entry_id"
        ),
        15 => "update dlog.leaf set idx = 1000 where idx = 5; update dlog.leaf set idx = 5 where idx = 6;
               update dlog.leaf set idx = 6 where idx = 1000"
            .to_owned(),
        17 => {
            let other = r#"["AAAAAAAAAAAAAAAAAAAAAA==","actor_name","Kim Larsen"]"#;
            format!("update dlog.disclosure set disclosure = '{other}', digest = sha256('{other}') where {VOTER}")
        }
        18 => format!("delete from dlog.disclosure where {VOTER}"),
        21 => "truncate dlog.leaf, dlog.tile, dlog.tree, dlog.checkpoint, dlog.disclosure, dlog.entry, dlog.pending"
            .to_owned(),
        26 => "create temp table last as select entry_id from dlog.leaf order by idx desc limit 1;
               delete from dlog.leaf where entry_id = (select entry_id from last);
               update dlog.leaf set entry_id = (select entry_id from last) where idx = 5"
            .to_owned(),
        28 => format!("update dlog.entry set subject = 'INC-2' where {NOTE}"),
        _ => unreachable!("staged elsewhere"),
    }
}

/// A note as the bot's own role can write it, through its own login.
async fn append(scene: &Scene<'_>, ahead: TimeDelta) {
    let mut tx = scene.app.store.begin(1).await.expect("Postgres answers");
    let event = Event::Incident(IncidentEvent::NoteAdded { text: "it was so all along".to_owned() });
    let recorded = Recorded {
        subject: Subject::Incident(1),
        events: &[event],
        writes: Writes::State { state: &State::Unchanged, promises: &[] },
        by: &Actor::Wardroom,
        at: scene.app.clock.now() + ahead,
        command: "forged",
        place: None,
        log: LOG,
        clock_ahead: TimeDelta::zero(),
    };
    tx.record(&recorded).await.expect("the bot may append");
    tx.commit().await.expect("the bot may append");
}

async fn forge(scene: &Scene<'_>, number: u32) {
    let mut forger = Forger::over(scene).await;
    let mut state = "";
    if number == 16 {
        // The first ballot is CHG-1#3; everything after it moves on, and the state with it.
        forger.slip_in("CHG-1", 3, "p_kim");
        state = "update change set version = version + 1; update ballot set version = version + 1 where version > 3;
                 update approval set version = version + 1 where version > 3;
                 update deadline set version = version + 1 where subject = 'CHG-1' and version > 3;
                 insert into ballot (tenant_id, subject, version, revision, person, choice, platform, cast_at)
                   select 1, 'CHG-1', 4, 1, 'p_kim', choice, platform, cast_at from ballot where version = 3";
    } else {
        forger.edit("INC-1", 5, |body| body["src"]["platform"] = json!("slack"));
    }
    let key = scene.key();
    forger.write(scene, (number != 10).then_some(&key), state).await;
}

async fn cut(scene: &Scene<'_>, number: u32) {
    let newest = *scene.story.signed.last().expect("it was signed");
    let mut forger = Forger::over(scene).await;
    // The last two that were signed are notes, which changed no state.
    forger.cut(if number == 12 { newest - 2 } else { newest });
    let (status, version) = &scene.story.before_end;
    let state = format!("update incident set status = '{status}', version = {version}");
    let key = scene.key();
    forger.write(scene, (number == 12).then_some(&key), &state).await;
}

/// An entry that names what is erased, and the erasure itself, in one transaction.
async fn erase_lawfully(scene: &Scene<'_>) {
    let digests = "select encode(digest, 'base64') from dlog.disclosure
        where convert_from(disclosure, 'UTF8') like '%actor_name%' and entry_id = (
          select id from dlog.entry where kind = 'ballot.cast' order by id limit 1)";
    let digests = scene.database.texts(digests).await;
    let head =
        "select seq || ' ' || encode(leaf_hash, 'hex') from dlog.entry where subject = 'ORG' order by seq desc limit 1";
    let head = scene.database.texts(head).await.remove(0);
    let (seq, leaf) = head.split_once(' ').expect("both");
    let head = Head { seq: seq.parse().expect("a number"), leaf_hash: hex::decode(leaf).expect("hexadecimal") };
    let by = Actor::Wardroom;
    let origin = Origin {
        log: LOG,
        subject: Subject::Organisation,
        actor: &by,
        at: scene.app.clock.now(),
        command: "erasure",
        place: None,
    };
    let facts = vec![("digests", Fact::Words(digests)), ("person", Fact::Person(PersonId("p_mia".to_owned())))];
    let entry = encode(&origin, &head, &Draft { kind: "payload.erased", facts, texts: Vec::new() });
    let (seq, body) = (entry.seq, hex::encode(&entry.body));
    scene
        .as_intruder(&format!(
            "insert into dlog.entry (tenant_id, subject, seq, kind, body)
             values (1, 'ORG', {seq}, 'payload.erased', decode('{body}', 'hex'));
             insert into dlog.pending (entry_id, tenant_id) select max(id), 1 from dlog.entry;
             delete from dlog.disclosure where {VOTER}"
        ))
        .await;
    scene.app.store.sequence(1).await.expect("it is sequenced");
}

/// The copy lives on with the key, and so does the true one: each signs what happened to it, for the same sizes.
async fn go_on(scene: &mut Scene<'_>, number: u32) {
    if number == 23 {
        // The restored one forgets what was signed, in the folder and in the database, or it would refuse to write.
        std::fs::remove_file(scene.folder.file("checkpoints")).expect("there is a file");
        scene.as_intruder("delete from dlog.checkpoint").await;
        let newest = scene.story.signed.last().expect("it was signed");
        while sign(&scene.app, &scene.folder).await < *newest {
            said(&scene.app, "raj", "inc note INC-1 another story").await;
        }
    } else {
        let twin = scene.story.scene().await;
        said(&twin.app, "raj", "inc note INC-1 the pool is mended").await;
        sign(&twin.app, &twin.folder).await;
        scene.outside = twin.folder.copy();
        twin.end().await;
        said(&scene.app, "raj", "inc note INC-1 the pool was never broken").await;
        sign(&scene.app, &scene.folder).await;
    }
}
