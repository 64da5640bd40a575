//! The log that is attacked: a short story, signed four times outside, with a backup from its middle and an end that was
//! not signed yet.

use std::path::{Path, PathBuf};

use wardroom::app::{Act, App, Inbound, Reply};
use wardroom::clock::Clock;
use wardroom::domain::{Account, Place, Platform, Standing};
use wardroom::jobs::Notary;
use wardroom::ledger::anchors::Anchors;
use wardroom::ledger::note::NoteKey;
use wardroom::ledger::{Finding, GivenReceipt, Layer, LogName};
use wardroom::render::Renderer;
use wardroom::store::{Against, Store};

use crate::harness::Database;

pub const LOG: &str = "wardroom/harbour";

fn log_name() -> LogName {
    LogName { base: LOG.to_owned(), epoch: 1 }
}

/// What every attack begins with.
pub struct Story {
    whole: Database,
    /// As it was after the first signature.
    backup: Database,
    folder: Folder,
    /// What the answers ended with, up to the last signature.
    pub receipts: Vec<GivenReceipt>,
    /// And that of the end, which was not signed yet.
    pub late_receipt: GivenReceipt,
    /// Entries in the tree at each signature.
    pub signed: Vec<u64>,
    /// The incident's status and version before the end.
    pub before_end: (String, String),
}

/// A copy of the story, and who is at work on it.
pub struct Scene<'a> {
    pub story: &'a Story,
    pub database: Database,
    pub app: App,
    /// Its own folder, of the key and of what it signs.
    pub folder: Folder,
    /// What others hold of what was signed.
    pub outside: Folder,
}

/// A folder of the test's own, gone with it.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Folder {
        let folder = std::env::temp_dir().join(format!("wardroom-tamper-{:016x}", rand::random::<u64>()));
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        Folder(folder)
    }

    pub fn copy(&self) -> Folder {
        let copy = Folder::new();
        for file in std::fs::read_dir(&self.0).expect("it can be read") {
            let path = file.expect("a file").path();
            std::fs::copy(&path, copy.0.join(path.file_name().expect("a name"))).expect("it can be copied");
        }
        copy
    }

    pub fn anchors(&self) -> Anchors {
        Anchors::at(&self.0)
    }

    pub fn file(&self, what: &str) -> PathBuf {
        self.0.join(format!("{}.{what}", LOG.replace('/', ".")))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Story {
    pub async fn tell() -> Story {
        let (whole, folder) = (Database::create().await, Folder::new());
        let app = open(&whole).await;
        let (mut receipts, mut signed) = (Vec::new(), Vec::new());
        let mut says = async |app: &App, who: &str, text: &str| receipts.push(said(app, who, text).await);
        says(&app, "ana", "inc declare sev2 checkout returns 502 svc:payments").await;
        says(&app, "ana", "inc lead incident: INC-1").await;
        says(&app, "ana", "inc note INC-1 errors began at the deploy").await;
        signed.push(sign(&app, &folder).await);
        app.store.pool().close().await;
        let backup = whole.copy().await;

        let app = open(&whole).await;
        let asks = "change emergency roll back 4.2 incident: INC-1 impact: cards fail why: sales plan: deploy again \
                    tested: yes data: 2 avail: 3 compliance: 1 complexity: 3 rollback: 3";
        says(&app, "ana", asks).await;
        says(&app, "raj", "change review CHG-1 ok target: yes rollback: yes effects: yes").await;
        says(&app, "mia", "change approve CHG-1 I read it").await;
        signed.push(sign(&app, &folder).await);
        says(&app, "ana", "change approve CHG-1").await;
        says(&app, "tom", "change approve CHG-1").await;
        says(&app, "ana", "inc note INC-1 the change is approved").await;
        signed.push(sign(&app, &folder).await);
        says(&app, "raj", "inc note INC-1 the pool is full again").await;
        says(&app, "raj", "inc note INC-1 it drains").await;
        signed.push(sign(&app, &folder).await);

        let before = "select status || ' ' || version from incident where subject = 'INC-1'";
        let before = whole.texts(before).await.remove(0);
        let (status, version) = before.split_once(' ').expect("both");
        let late_receipt = said(&app, "ana", "inc status INC-1 identified why: the pool of 4.2").await;
        app.store.sequence(1).await.expect("it is sequenced");
        app.store.pool().close().await;
        let before_end = (status.to_owned(), version.to_owned());
        Story { whole, backup, folder, receipts, late_receipt, signed, before_end }
    }

    pub async fn scene(&self) -> Scene<'_> {
        self.scene_over(&self.whole).await
    }

    /// On the backup, with the folder as it is now.
    pub async fn scene_of_backup(&self) -> Scene<'_> {
        self.scene_over(&self.backup).await
    }

    async fn scene_over(&self, database: &Database) -> Scene<'_> {
        let database = database.copy().await;
        let app = open(&database).await;
        Scene { story: self, database, app, folder: self.folder.copy(), outside: self.folder.copy() }
    }

    pub async fn end(self) {
        self.whole.remove().await;
        self.backup.remove().await;
    }
}

impl Scene<'_> {
    pub fn key(&self) -> NoteKey {
        self.folder.anchors().hold(&log_name()).expect("the key is there").key
    }

    /// What every layer finds. What was signed outside, and the receipts, are those of the people who were there.
    pub async fn findings(&self, receipts: &[GivenReceipt]) -> Vec<Finding> {
        let anchors = self.outside.anchors();
        let signed = anchors.outside(&log_name()).expect("it can be read");
        let against = Against { trust: signed.trust, outside: Some(signed.holds) };
        let report = self.app.store.verify(1, against, |_| {}).await.expect("it can be verified");
        assert!(report.left_out.len() <= 3, "{:?}", report.left_out);
        let (_, found) = self.app.store.verify_receipts(receipts).await.expect("it can be verified");
        report.findings.into_iter().chain(found.into_vec()).collect()
    }

    /// As a superuser who switches every guard off, and on again as it was.
    pub async fn as_intruder(&self, sql: &str) {
        self.database
            .as_superuser(&format!("{OFF}; {sql}; {ON}"))
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    pub async fn end(self) {
        self.app.store.pool().close().await;
        self.database.remove().await;
    }
}

const OFF: &str = "create temp table kept as select tgrelid::regclass as relation, tgname, tgenabled from pg_trigger
      join pg_class on pg_class.oid = tgrelid
      where not tgisinternal and relnamespace in ('dlog'::regnamespace, 'public'::regnamespace);
    create temp table tables as select oid::regclass as relation from pg_class
      where relkind = 'r' and relnamespace in ('dlog'::regnamespace, 'public'::regnamespace);
    do $$ declare kept record; begin
      for kept in select * from tables loop execute format('alter table %s disable trigger all', kept.relation); end loop;
    end $$";
const ON: &str = "do $$ declare guard record; begin
      for guard in select * from tables loop execute format('alter table %s enable trigger all', guard.relation); end loop;
      for guard in select * from kept where tgenabled = 'A' loop
        execute format('alter table %s enable always trigger %I', guard.relation, guard.tgname);
      end loop;
    end $$";

pub async fn open(database: &Database) -> App {
    let store = Store::connect(database.as_app(), 4).await.expect("the database is there");
    let renderer = Renderer::new(None).expect("the templates can be read");
    App::new(store, Clock::default(), renderer, Platform::ALL.to_vec())
}

/// Somebody types a command in the incidents channel; the receipt of the answer comes back.
pub async fn said(app: &App, who: &str, text: &str) -> GivenReceipt {
    let told = Box::pin(told(app, who, text)).await;
    GivenReceipt::find(&told).unwrap_or_else(|| panic!("“{text}” is answered without a receipt: {told}"))
}

/// The same; all of the answer.
pub async fn told(app: &App, who: &str, text: &str) -> String {
    let mut tx = app.store.begin(1).await.expect("Postgres answers");
    let organisation = tx.organisation().await.expect("the organisation");
    drop(tx);
    let person = organisation.people.values().find(|person| person.key == who).expect("somebody whom we know");
    let on_discord = |account: &&Account| account.platform == Platform::Discord;
    let account = person.accounts().find(on_discord).expect("an account").clone();
    let workspace = organisation.workspaces.iter().find(|w| w.platform == account.platform).expect("a workspace");
    let channel = workspace.incidents_channel.clone().expect("a channel");
    let (command, text) = text.split_once(' ').expect("a command and words");
    let inbound = Inbound {
        delivery: format!("test:{:016x}", rand::random::<u64>()),
        place: Place { platform: account.platform, workspace: account.workspace.clone(), channel },
        account,
        account_name: who.to_owned(),
        standing: Standing::Member,
        message: None,
        act: Act::Says { command: command.to_owned(), text: text.to_owned() },
    };
    match Box::pin(app.handle(inbound)).await.expect("it is answered") {
        Reply::Tell { message } => message.plain(),
        other => panic!("“{text}” is answered with {other:?}"),
    }
}

/// Signs now, into the folder; the size of the tree.
pub async fn sign(app: &App, folder: &Folder) -> u64 {
    let notary = Notary::new(app.clone(), Some(folder.anchors()));
    notary.sign(1).await.expect("it can be signed").expect("the tree grew").size
}

pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("it can be read")
}

/// `chain leaf`, in the order of the layers.
pub fn layers(findings: &[Finding]) -> Vec<Layer> {
    Layer::ALL.into_iter().filter(|layer| findings.iter().any(|finding| finding.layer == *layer)).collect()
}
