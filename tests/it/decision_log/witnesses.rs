//! Witnesses over the real wire: what they cosign, what they dispute, and that one that is away holds nobody up.
//!
//! The witness is one of the test's own, made of other implementations of C2SP's notes and trees.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{Hash, check_tree};
use tokio_util::sync::CancellationToken;
use wardroom::app::App;
use wardroom::jobs::{Notary, NotaryError};
use wardroom::ledger::hex;
use wardroom::ledger::witness::{Cosigned, Witness};

use super::tamper::story::{Folder, LOG, open, said, sign};
use crate::harness::Database;

const NAME: &str = "witness.example/w1";

/// Somebody who remembers what they saw.
struct Elsewhere {
    witness: Witness,
    setting: String,
    memory: Arc<Mutex<Memory>>,
}

struct Memory {
    key: SigningKey,
    logs: BTreeMap<String, String>,
    seen: BTreeMap<String, (u64, Hash)>,
    /// How it answered, oldest first.
    answers: Vec<u16>,
    /// It signs with a key that nobody knows.
    is_forged: bool,
    /// It answers another root for the size that it has with 409, as the protocol had it at first; every other time.
    is_of_old: bool,
}

impl Elsewhere {
    async fn listen() -> Elsewhere {
        let key = SigningKey::from_bytes(&rand::random());
        let typed: Vec<u8> = std::iter::once(4).chain(key.verifying_key().to_bytes()).collect();
        let vkey = format!("{NAME}+{}+{}", hex(&key_id(&key)), STANDARD.encode(typed));
        let memory = Memory {
            key,
            logs: BTreeMap::new(),
            seen: BTreeMap::new(),
            answers: Vec::new(),
            is_forged: false,
            is_of_old: false,
        };
        let memory = Arc::new(Mutex::new(memory));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it has one");
        let routes = Router::new().route("/w1/add-checkpoint", post(add_checkpoint)).with_state(Arc::clone(&memory));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let setting = format!("{vkey} http://{address}/w1/");
        Elsewhere { witness: Witness::parse(&setting).expect("a witness"), setting, memory }
    }

    fn knows(&self, folder: &Folder) {
        let vkey = std::fs::read_to_string(folder.file("vkey")).expect("it was signed");
        self.with(|memory| memory.logs.insert(LOG.to_owned(), vkey.trim().to_owned()));
    }

    fn with<T>(&self, act: impl FnOnce(&mut Memory) -> T) -> T {
        act(&mut self.memory.lock().expect("not poisoned"))
    }

    fn answers(&self) -> Vec<u16> {
        self.with(|memory| std::mem::take(&mut memory.answers))
    }

    fn cosigned(&self, folder: &Folder) -> Option<Cosigned> {
        folder.anchors().cosigned(LOG, &self.witness).expect("it can be read")
    }

    fn notary(&self, app: &App, folder: &Folder) -> Notary {
        Notary::new(app.clone(), Some(folder.anchors())).with_witnesses(vec![self.witness.clone()])
    }
}

fn key_id(key: &SigningKey) -> [u8; 4] {
    let hashed = Sha256::new().chain_update(NAME).chain_update([b'\n', 4]).chain_update(key.verifying_key().as_bytes());
    let [a, b, c, d, ..]: [u8; 32] = hashed.finalize().into();
    [a, b, c, d]
}

/// As c2sp.org/tlog-witness wants it.
async fn add_checkpoint(State(memory): State<Arc<Mutex<Memory>>>, body: String) -> Response {
    let mut memory = memory.lock().expect("not poisoned");
    let response = memory.judge(&body);
    memory.answers.push(response.status().as_u16());
    response
}

impl Memory {
    fn judge(&mut self, body: &str) -> Response {
        let (head, note) = body.split_once("\n\n").expect("an empty line before the checkpoint");
        let mut lines = head.lines();
        let old: u64 =
            lines.next().and_then(|line| line.strip_prefix("old ")).expect("a size").parse().expect("a number");
        let proof: Vec<Hash> = lines.map(hash).collect();
        let mut said = note.lines();
        let origin = said.next().expect("an origin").to_owned();
        let size: u64 = said.next().expect("a size").parse().expect("a number");
        let root = hash(said.next().expect("a root"));
        let Some(vkey) = self.logs.get(&origin) else { return StatusCode::NOT_FOUND.into_response() };
        let keys = VerifierList::new(vec![Box::new(StandardVerifier::new(vkey).expect("a key"))]);
        if Note::from_bytes(note.as_bytes()).expect("a note").verify(&keys).is_err() {
            return StatusCode::FORBIDDEN.into_response();
        }
        if old > size {
            return StatusCode::BAD_REQUEST.into_response();
        }
        let (has, known) = self.seen.get(&origin).copied().unwrap_or((0, Hash([0; 32])));
        if old != has {
            let kind = [(header::CONTENT_TYPE, "text/x.tlog.size")];
            return (StatusCode::CONFLICT, kind, format!("{has}\n")).into_response();
        }
        let continues = match old {
            0 => proof.is_empty(),
            _ if old == size => proof.is_empty() && root == known,
            _ => check_tree(&proof, size, root, old, known).is_ok(),
        };
        if !continues {
            self.is_of_old = !self.is_of_old;
            let is_of_old = self.is_of_old && old == size;
            let status = if is_of_old { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
            return status.into_response();
        }
        self.seen.insert(origin, (size, root));
        self.cosign(note).into_response()
    }

    /// A line of somebody else's comes first.
    fn cosign(&self, note: &str) -> String {
        let now = u64::try_from(wardroom::clock::real().timestamp()).expect("after 1970");
        let text = &note[..=note.rfind("\n\n").expect("signatures")];
        let key = if self.is_forged { SigningKey::from_bytes(&[3; 32]) } else { self.key.clone() };
        let signature = key.sign(format!("cosignature/v1\ntime {now}\n{text}").as_bytes());
        let bytes = [&key_id(&self.key)[..], &now.to_be_bytes(), &signature.to_bytes()].concat();
        format!("— another.example/w2 {}\n— {NAME} {}\n", STANDARD.encode([9; 76]), STANDARD.encode(bytes))
    }
}

fn hash(line: &str) -> Hash {
    Hash(STANDARD.decode(line).expect("base64").try_into().expect("32 bytes"))
}

/// `wardroom log verify`, as an auditor runs it.
fn verify(database: &Database, folder: &Folder, witness: Option<&str>) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardroom"));
    command.args(["log", "verify"]).env("DATABASE_URL", database.url()).env("WARDROOM_LEDGER", &folder.0);
    for variable in ["SLACK_BOT_TOKEN", "DISCORD_TOKEN"] {
        command.env_remove(variable);
    }
    if let Some(witness) = witness {
        command.env("WARDROOM_WITNESS", witness);
    }
    let ran = command.output().expect("the binary can be started");
    let told = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (ran.status.success(), told)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_cosigns_what_continues_what_it_saw() {
    let (database, folder, elsewhere) = (Database::create().await, Folder::new(), Elsewhere::listen().await);
    let app = open(&database).await;
    let notary = elsewhere.notary(&app, &folder);
    let checked = || async { notary.check_witnesses().await.expect("nothing is disputed") };
    said(&app, "ana", "inc declare sev2 checkout returns 502 svc:payments").await;
    let first = sign(&app, &folder).await;
    // It does not know the log yet, which holds nobody up.
    checked().await;
    assert_eq!((elsewhere.answers(), elsewhere.cosigned(&folder)), (vec![404], None));

    elsewhere.knows(&folder);
    checked().await;
    let cosigned = elsewhere.cosigned(&folder).expect("it is kept");
    assert_eq!((cosigned.checkpoint.size, elsewhere.answers()), (first, vec![200]));
    let ours = folder.anchors().verifiers(LOG).expect("the key").remove(0);
    assert!(ours.open(&cosigned.note).is_ok(), "our signature is beside theirs: {}", cosigned.note);
    assert!(!cosigned.note.contains("another.example"), "a key that nobody knows: {}", cosigned.note);

    // Each size has its proof from the one before.
    for text in ["errors began at the deploy", "the pool is full", "it drains"] {
        said(&app, "ana", &format!("inc note INC-1 {text}")).await;
        let size = sign(&app, &folder).await;
        checked().await;
        assert_eq!(elsewhere.cosigned(&folder).expect("it is kept").checkpoint.size, size);
    }
    assert_eq!(elsewhere.answers(), [200, 200, 200]);
    // Asked once more it says that it still holds to it.
    checked().await;
    // What was kept is gone, or not what they signed: the witness says what it has.
    let kept = std::fs::read_dir(&folder.0).expect("a folder").map(|file| file.expect("a file").path());
    let kept = kept.into_iter().find(|path| path.to_string_lossy().contains(".cosigned-")).expect("it is there");
    std::fs::remove_file(&kept).expect("it can go");
    checked().await;
    std::fs::write(&kept, "no note").expect("it can be written over");
    checked().await;
    assert_eq!(elsewhere.answers(), [200, 409, 200, 409, 200]);
    let (whole, told) = verify(&database, &folder, Some(&elsewhere.setting));
    assert!(whole && told.contains(&format!("{NAME} cosigns ")), "{told}");

    let before = elsewhere.cosigned(&folder);
    elsewhere.with(|memory| memory.is_forged = true);
    said(&app, "ana", "inc note INC-1 it is over").await;
    sign(&app, &folder).await;
    checked().await;
    assert_eq!(elsewhere.cosigned(&folder), before, "what they have not signed does not count");
    app.store.pool().close().await;
    database.remove().await;
}

/// The database, the key, the folder, and what chat keeps: all of it is theirs, but not what a witness remembers.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_everything_of_ours_is_found_by_a_witness() {
    let (database, folder, elsewhere) = (Database::create().await, Folder::new(), Elsewhere::listen().await);
    let app = open(&database).await;
    said(&app, "ana", "inc declare sev2 checkout returns 502 svc:payments").await;
    sign(&app, &folder).await;
    elsewhere.knows(&folder);
    elsewhere.notary(&app, &folder).check_witnesses().await.expect("nothing is disputed");
    app.store.pool().close().await;
    let (backup, old_folder) = (database.copy().await, folder.copy());

    let app = open(&database).await;
    said(&app, "ana", "inc note INC-1 tom says to leave it as it is").await;
    let seen = sign(&app, &folder).await;
    elsewhere.notary(&app, &folder).check_witnesses().await.expect("nothing is disputed");
    app.store.pool().close().await;
    database.remove().await;

    let app = open(&backup).await;
    let alone = Notary::new(app.clone(), Some(old_folder.anchors()));
    alone.check().await.expect("nothing that is left contradicts it");
    let (whole, told) = verify(&backup, &old_folder, None);
    assert!(whole, "nothing that is left contradicts it: {told}");
    // Shorter than what was seen, of the same length, and longer.
    for text in ["nobody said anything", "at all", "ever"] {
        let fork = elsewhere.notary(&app, &old_folder).check_witnesses().await.expect_err("it is disputed");
        assert!(matches!(fork, NotaryError::Fork { .. }) && fork.to_string().contains(NAME), "{fork}");
        let (whole, told) = verify(&backup, &old_folder, Some(&elsewhere.setting));
        let expected = format!("outside: TREE#{seen}: {NAME} has cosigned a tree of {seen} entries");
        assert!(!whole && told.contains(&expected), "{told}");
        said(&app, "ana", &format!("inc note INC-1 {text}")).await;
        sign(&app, &old_folder).await;
    }
    app.store.pool().close().await;
    backup.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_runs_has_each_checkpoint_cosigned_and_waits_for_no_witness() {
    let (database, folder, elsewhere) = (Database::create().await, Folder::new(), Elsewhere::listen().await);
    let app = open(&database).await;
    said(&app, "ana", "inc declare sev2 checkout returns 502 svc:payments").await;
    let signed = sign(&app, &folder).await;
    elsewhere.knows(&folder);
    let key = elsewhere.setting.split(' ').next().expect("a key");
    // Nobody listens there.
    let away = Witness::parse(&format!("{key} http://127.0.0.1:9")).expect("a witness");
    Notary::new(app.clone(), Some(folder.anchors()))
        .with_witnesses(vec![away])
        .check_witnesses()
        .await
        .expect("one that is away holds nobody up");

    said(&app, "ana", "inc note INC-1 the pool is full").await;
    let (shutdown, notary) = (CancellationToken::new(), elsewhere.notary(&app, &folder));
    let runs = tokio::spawn(notary.run(shutdown.clone()));
    let began = Instant::now();
    while elsewhere.cosigned(&folder).is_none_or(|kept| kept.checkpoint.size <= signed) {
        assert!(began.elapsed() < Duration::from_secs(90), "nothing was cosigned");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    shutdown.cancel();
    runs.await.expect("it does not panic").expect("it ends well");
    app.store.pool().close().await;
    database.remove().await;
}
