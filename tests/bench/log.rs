//! What the decision log costs: a change of state with its entry, beside what the database does by itself; the log as
//! it grows; its verification.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use sqlx::{Connection, PgConnection};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;
use wardroom::app::App;
use wardroom::cluster::SUPERUSER;
use wardroom::domain::{Account, Actor, Event, Incident, IncidentEvent, IncidentStatus, Platform, State, Subject};
use wardroom::jobs::Notary;
use wardroom::ledger::anchors::Anchors;
use wardroom::ledger::{Head, Origin, encode};
use wardroom::store::migrate::APP_ROLE;
use wardroom::store::{Recorded, Writes};

use super::direct::{Desk, TENANT};
use super::figures::{Figures, Table, milliseconds};
use super::stage::{DATABASE, Stage, fresh};
use super::{pgbench, process, statements};

const INCIDENTS: usize = 32;
const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(3);
/// How long the log is made.
const LENGTHS: [i64; 3] = [1_000, 100_000, 1_000_000];
/// Changes whose statements are counted.
const COUNTED: usize = 200;
/// Entries of one INSERT while it is made longer.
const FILLED_AT_ONCE: usize = 5_000;

pub async fn measure(stage: &Stage) {
    let folder = std::env::temp_dir().join(format!("wardroom-bench-{}", std::process::id()));
    let desk = Desk::open(stage, INCIDENTS).await;
    let writers = Writers::of(stage, &desk).await;
    let shutdown = CancellationToken::new();
    let notary = Notary::new(writers.app.clone(), Some(Anchors::at(&folder)));
    let notary = tokio::spawn(notary.run(shutdown.clone()));
    writers.beside_pgbench(stage).await;
    let acts = async {
        for _ in 0..COUNTED {
            writers.change_a_status().await;
        }
    };
    Box::pin(statements::print(stage, "A change of state and its entry", COUNTED, acts)).await;
    writers.as_the_log_grows(stage, &folder).await;
    shutdown.cancel();
    notary.await.expect("the notary does not panic").expect("the log continues what was signed");
    let _ = std::fs::remove_dir_all(&folder);
}

/// Many who change the status of incidents, through the store, with the sequencer beside them.
struct Writers {
    app: App,
    actor: Actor,
    log: String,
    incidents: Vec<i64>,
    next: AtomicU64,
}

impl Writers {
    async fn of(stage: &Stage, desk: &Desk<'_>) -> Arc<Writers> {
        let app = stage.app(40).await;
        let mut tx = app.store.begin(TENANT).await.expect("Postgres answers");
        let log = tx.tenant_row().await.expect("there is a tenant").log();
        let organisation = tx.organisation().await.expect("there is an organisation");
        let account = Account { platform: Platform::Slack, workspace: "T0HARBOUR".to_owned(), id: "U0ANA".to_owned() };
        let ana = organisation.person_of(&account).expect("Ana works here");
        let actor = Actor::Person { id: ana.id.clone(), name: ana.name.clone(), account };
        Arc::new(Writers { app, actor, log, incidents: desk.incidents().to_vec(), next: AtomicU64::new(0) })
    }

    async fn beside_pgbench(self: &Arc<Self>, stage: &Stage) {
        let titles = ["a change of state and its entry", "1 at once", "8 at once", "32 at once"];
        let title = format!("The log beside pgbench, one tenant, medians of {ROUNDS} rounds side by side");
        let mut table = Table::new(&title, &titles);
        let mut rows: [Vec<String>; 7] = Default::default();
        let cpu = || process::cpu_of_family(std::process::id()) + process::cpu_of_family(stage.postmaster());
        let each = |used: Duration, count: f64| format!("{:.0} µs", used.as_secs_f64() * 1e6 / count);
        for at_once in [1, 8, 32] {
            self.round(at_once, Duration::from_millis(500)).await;
            let mut rounds = Vec::new();
            for _ in 0..ROUNDS {
                let start = cpu();
                let by_hand = pgbench::per_second(stage, pgbench::STATE_AND_ENTRY, at_once).await;
                let by_hand = by_hand.unwrap_or(f64::NAN);
                let between = cpu();
                let ours = self.round(at_once, ROUND).await;
                let counts = [by_hand * pgbench::SECONDS, ours.per_second() * ours.took.as_secs_f64()];
                let used =
                    [each(between.saturating_sub(start), counts[0]), each(cpu().saturating_sub(between), counts[1])];
                rounds.push((by_hand, ours, used));
            }
            let share = |(by_hand, ours, _): &(f64, Figures, _)| ours.per_second() / by_hand;
            rounds.sort_by(|a, b| share(a).total_cmp(&share(b)));
            let median = &rounds[ROUNDS / 2];
            let (by_hand, ours, [cpu_by_hand, cpu_of_ours]) = median;
            let cells = [
                format!("{by_hand:.0}"),
                cpu_by_hand.clone(),
                format!("{:.0}", ours.per_second()),
                cpu_of_ours.clone(),
                format!("{:.2}", share(median)),
                milliseconds(ours.median),
                milliseconds(ours.p99),
            ];
            rows.iter_mut().zip(cells).for_each(|(row, cell)| row.push(cell));
        }
        let names =
            ["pgbench, a second", "  CPU each", "Wardroom, a second", "  CPU each", "  share", "  median", "  p99"];
        names.into_iter().zip(&rows).for_each(|(name, row)| table.row(name, row));
        table.print();
    }

    async fn round(self: &Arc<Self>, at_once: usize, how_long: Duration) -> Figures {
        let began = Instant::now();
        let writers = (0..at_once).map(|_| {
            let writers = Arc::clone(self);
            tokio::spawn(async move {
                let mut times = Vec::new();
                while began.elapsed() < how_long {
                    let started = Instant::now();
                    writers.change_a_status().await;
                    times.push(started.elapsed());
                }
                times
            })
        });
        let times = join_all(writers).await.into_iter().map(|times| times.expect("nobody panics"));
        Figures::of(times.collect::<Vec<_>>().concat(), began.elapsed())
    }

    /// The least that the log promises: the row under its lock, the entry on its chain, both or neither.
    async fn change_a_status(&self) {
        let number = self.incidents[rand::random_range(0..self.incidents.len())];
        let mut tx = self.app.store.begin(TENANT).await.expect("Postgres answers");
        let incident = tx.lock_incident(number).await.expect("Postgres answers").expect("it was declared");
        let to = match incident.status {
            IncidentStatus::Investigating => IncidentStatus::Identified,
            _ => IncidentStatus::Investigating,
        };
        let event = Event::Incident(IncidentEvent::StatusSet { from: incident.status, to, why: None });
        let promises = incident.promises();
        let state = State::Incident(Box::new(Incident { status: to, ..incident }));
        let recorded = Recorded {
            subject: Subject::Incident(number),
            events: &[event],
            writes: Writes::State { state: &state, promises: &promises },
            by: &self.actor,
            at: self.app.clock.now(),
            command: &format!("bench:{}", self.next.fetch_add(1, Ordering::Relaxed)),
            place: None,
            log: &self.log,
            clock_ahead: self.app.clock.ahead(),
        };
        tx.record(&recorded).await.expect("it can be recorded");
        tx.commit().await.expect("Postgres commits");
    }

    async fn as_the_log_grows(self: &Arc<Self>, stage: &Stage, folder: &Path) {
        let titles = ["entries", "median", "p99", "bytes an entry"];
        let mut table = Table::new("The same as the log grows, one after the other", &titles);
        let titles = ["entries", "took", "CPU: verify", "Postgres", "memory"];
        let mut verified = Table::new("`wardroom log verify`, whole", &titles);
        for length in LENGTHS {
            self.fill_to(stage, length).await;
            self.round(1, Duration::from_millis(500)).await;
            let figures = self.round(1, ROUND).await;
            let bytes = bytes_per_entry(stage).await;
            table.row(
                &length.to_string(),
                &[milliseconds(figures.median), milliseconds(figures.p99), bytes.to_string()],
            );
            verified.row(&length.to_string(), &verify(stage, folder).await);
        }
        table.print();
        verified.print();
    }

    /// Makes the log at least this long, with notes as people write them, on the incidents that are there.
    async fn fill_to(&self, stage: &Stage, length: i64) {
        let options = stage.cluster.options(SUPERUSER, DATABASE);
        let mut connection = PgConnection::connect_with(&options).await.expect("Postgres answers");
        let count = "select count(*) from dlog.entry";
        let there: i64 = sqlx::query_scalar(count).fetch_one(&mut connection).await.expect("it can be counted");
        let each = usize::try_from(length - there).unwrap_or(0).div_ceil(self.incidents.len());
        for number in &self.incidents {
            let subject = Subject::Incident(*number);
            let head = "select seq, leaf_hash from dlog.entry where subject = $1 order by seq desc limit 1";
            let head: (i32, Vec<u8>) =
                sqlx::query_as(head).bind(subject.to_string()).fetch_one(&mut connection).await.expect("a chain");
            let mut head = Head { seq: head.0, leaf_hash: head.1 };
            let mut left = each;
            while left > 0 {
                let batch = left.min(FILLED_AT_ONCE);
                head = self.fill(&mut connection, subject, head, batch).await;
                left -= batch;
            }
        }
        self.app.store.sequence(TENANT).await.expect("the tree grows");
        sqlx::query("vacuum analyze").execute(&mut connection).await.expect("the superuser may");
    }

    async fn fill(&self, connection: &mut PgConnection, subject: Subject, mut head: Head, count: usize) -> Head {
        let (mut seqs, mut bodies) = (Vec::new(), Vec::new());
        let (mut of, mut digests, mut disclosures) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..count {
            let text = format!("error rate falls, sample {}", head.seq);
            let draft = Event::Incident(IncidentEvent::NoteAdded { text }).draft();
            let command = fresh();
            let (log, actor, at) = (self.log.as_str(), &self.actor, self.app.clock.now());
            let origin = Origin { log, subject, actor, at, command: &command, place: None };
            let entry = encode(&origin, &head, &draft);
            head = Head { seq: entry.seq, leaf_hash: entry.leaf_hash.to_vec() };
            for disclosure in entry.disclosures {
                of.push(entry.seq);
                digests.push(disclosure.digest.to_vec());
                disclosures.push(disclosure.bytes);
            }
            seqs.push(entry.seq);
            bodies.push(entry.body);
        }
        let insert = "with entry as (
               insert into dlog.entry (tenant_id, subject, seq, kind, body)
               select $1, $2, seq, 'incident.noted', body from unnest($3::int[], $4::bytea[]) as new (seq, body)
               returning id, seq
             )
             insert into dlog.disclosure (tenant_id, entry_id, digest, disclosure)
             select $1, entry.id, digest, disclosure
             from unnest($5::int[], $6::bytea[], $7::bytea[]) as new (seq, digest, disclosure) join entry using (seq)";
        let query = sqlx::query(insert).bind(TENANT).bind(subject.to_string()).bind(&seqs).bind(&bodies);
        let query = query.bind(&of).bind(&digests).bind(&disclosures);
        query.execute(connection).await.expect("the superuser may write entries");
        head
    }
}

/// On the disk, with indexes, the tree and the texts beside the chain.
async fn bytes_per_entry(stage: &Stage) -> i64 {
    let options = stage.cluster.options(SUPERUSER, DATABASE);
    let mut connection = PgConnection::connect_with(&options).await.expect("Postgres answers");
    sqlx::query_scalar(
        "select (sum(pg_total_relation_size(c.oid)) / (select count(*) from dlog.entry))::bigint
         from pg_class c where c.relnamespace = 'dlog'::regnamespace and c.relkind = 'r'",
    )
    .fetch_one(&mut connection)
    .await
    .expect("it can be counted")
}

/// The command of an auditor: how long, whose processor time, and the most memory.
async fn verify(stage: &Stage, folder: &Path) -> Vec<String> {
    let postgres = process::cpu_of_family(stage.postmaster());
    let began = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_wardroom"))
        .args(["log", "verify", "--ledger"])
        .arg(folder)
        .env("DATABASE_URL", stage.cluster.url(APP_ROLE, DATABASE))
        .stdout(Stdio::null())
        .spawn()
        .expect("the command can be started");
    let id = child.id().expect("it runs");
    let (mut cpu, mut memory) = (Duration::ZERO, 0);
    let ended = loop {
        cpu = cpu.max(process::cpu(id));
        memory = memory.max(process::memory_most(id));
        let wait = tokio::time::timeout(Duration::from_millis(20), child.wait());
        if let Ok(ended) = wait.await {
            break ended.expect("it ends");
        }
    };
    assert!(ended.success(), "the log is whole");
    let postgres = process::cpu_of_family(stage.postmaster()).saturating_sub(postgres);
    let seconds = |time: Duration| format!("{:.2} s", time.as_secs_f64());
    vec![seconds(began.elapsed()), seconds(cpu), seconds(postgres), format!("{} MB", memory / 1024)]
}
