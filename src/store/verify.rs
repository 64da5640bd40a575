//! Verification in layers, each over the same moment of the database, a page at a time, so that it needs the same memory
//! for any log. It only reads: an auditor's role is enough.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde_json::Value;
use sqlx::AssertSqlSafe;

use super::error::Doing;
use super::{Store, StoreError, Tx, schema};
use crate::domain::Subject;
use crate::ledger::merkle::{is_consistent, is_included};
use crate::ledger::note::Checkpoint;
use crate::ledger::outside::Trust;
use crate::ledger::reconcile::reconcile;
use crate::ledger::replay::Replay;
use crate::ledger::times::Times;
use crate::ledger::{Chain, Findings, GivenReceipt, Layer, LogName, Report, Stored, Verdict};

/// Entries that are read at once: about two megabytes.
const PAGE: i64 = 2_000;
/// Rows of a table that are named.
const ROWS_MAX: usize = 100;

/// What a log is compared with besides itself.
#[derive(Debug, Clone, Default)]
pub struct Against {
    /// By what its signed notes are judged.
    pub trust: Trust,
    /// What was signed of it, as it is kept outside the database; `None` where nothing is.
    pub outside: Option<Vec<Checkpoint>>,
}

/// Entries in their order, a column at a time: a row for each costs more than what is in it. What belongs to one is at the
/// same place of each column.
struct EntryPage {
    subjects: Vec<String>,
    seqs: Vec<i32>,
    kinds: Vec<String>,
    recorded_at: Vec<DateTime<Utc>>,
    bodies: Vec<Vec<u8>>,
    leaf_hashes: Vec<Vec<u8>>,
    /// At which place, from 1, the entry is that a disclosure stands beside.
    places: Vec<i64>,
    disclosures: Vec<Vec<u8>>,
}

impl Store {
    /// Verifies a tenant's whole log. `progress` hears of the entries that were read so far.
    pub async fn verify(
        &self,
        tenant: i64,
        against: Against,
        mut progress: impl FnMut(u64) + Send,
    ) -> Result<Report, StoreError> {
        let times = self.times().await?;
        let offset = self.clock_offset().await?;
        let mut findings = Findings::default();
        if times.ahead().num_seconds() != offset {
            let logged = times.ahead().num_seconds();
            let what =
                format!("the log says that the sandbox moved the clock by {logged} s, the sandbox says {offset} s");
            findings.find(Layer::Time, &Subject::Deployment.to_string(), 0, what);
        }
        let mut tx = self.begin_snapshot(tenant).await?;
        let mut report = Report { clock_moves: times.moves(), ..Report::default() };
        let mut chain = Chain::with_times(times);
        report.left_out = tx.walk(&mut chain, None, &mut progress).await?;
        let verdict = chain.finish();
        (report.entries, report.subjects, report.findings) = (verdict.entries, verdict.subjects, verdict.findings);
        tx.find_unlogged(&mut findings).await?;
        tx.compare_tree(against, &mut report, &mut findings).await?;
        tx.find_schema(&mut findings).await?;
        report.findings.extend(findings.into_vec());
        report.compared = Layer::ALL.into_iter().filter(|layer| *layer != Layer::Receipt).collect();
        Ok(report)
    }

    /// Verifies one record: its chain, what is beside it, its state, and that its newest entry is in the tree.
    pub async fn verify_subject(&self, tenant: i64, subject: Subject, against: Against) -> Result<Report, StoreError> {
        let times = self.times().await?;
        let mut tx = self.begin_snapshot(tenant).await?;
        let mut report = Report { clock_moves: times.moves(), ..Report::default() };
        let mut chain = Chain::with_times(times);
        report.left_out = tx.walk(&mut chain, Some(subject), &mut |_| {}).await?;
        let verdict = chain.finish();
        (report.entries, report.subjects) = (verdict.entries, verdict.subjects);
        let mut findings = Findings::default();
        if verdict.entries == 0 {
            let name = subject.to_string();
            let rows = tx.state_rows(std::slice::from_ref(&name)).await?.remove(&name).unwrap_or_default();
            reconcile(&name, Replay::default(), rows, &mut findings).map_err(StoreError::impossible)?;
        }
        tx.include_newest(subject, &mut report, &mut findings).await?;
        tx.glance_at_tree(&against, &mut report, &mut findings).await?;
        report.findings = verdict.findings.into_iter().chain(findings.into_vec()).collect();
        let entries = [Layer::Chain, Layer::Leaf, Layer::Row, Layer::Disclosure, Layer::Time, Layer::State];
        report.compared = entries.into_iter().chain([Layer::Tree, Layer::Outside]).collect();
        Ok(report)
    }

    /// What can be told of a log at once, however long it is: that it continues what was signed, and is guarded.
    pub async fn glance(&self, tenant: i64, against: Against) -> Result<Report, StoreError> {
        let mut tx = self.begin_snapshot(tenant).await?;
        let (mut report, mut findings) = (Report::default(), Findings::default());
        tx.glance_at_tree(&against, &mut report, &mut findings).await?;
        tx.find_schema(&mut findings).await?;
        report.findings = findings.into_vec();
        report.compared = vec![Layer::Outside, Layer::Schema];
        Ok(report)
    }

    /// The name of a tenant's log, `wardroom/harbour`.
    pub async fn log_name(&self, tenant: i64) -> Result<LogName, StoreError> {
        Ok(self.begin_snapshot(tenant).await?.tenant_row().await?.log_name())
    }

    /// Looks for the entries that receipts were given for. A receipt does not say of which tenant it is, so it holds
    /// where any has its entry. How many hold, and what the others say.
    pub async fn verify_receipts(&self, receipts: &[GivenReceipt]) -> Result<(u64, Findings), StoreError> {
        let mut there: BTreeMap<&GivenReceipt, bool> = BTreeMap::new();
        for tenant in self.tenants().await? {
            let mut tx = self.begin_snapshot(tenant).await?;
            for receipt in receipts {
                if let Some(body) = tx.body_of(&receipt.subject, receipt.seq).await? {
                    let fits = receipt.fits(&crate::ledger::leaf_hash(&body));
                    *there.entry(receipt).or_default() |= fits;
                }
            }
        }
        let (mut held, mut findings) = (0, Findings::default());
        for receipt in receipts {
            let what = match there.get(receipt) {
                Some(true) => {
                    held += 1;
                    continue;
                }
                Some(false) => "is another entry than the one that this receipt was given for",
                None => "is gone, though this receipt was given for it",
            };
            findings.find(Layer::Receipt, &receipt.subject, receipt.seq, format!("{what}: {}", receipt.text()));
        }
        Ok((held, findings))
    }

    /// The clock that entries were dated by. Its moves are logged on the first tenant, and hold for all.
    async fn times(&self) -> Result<Times, StoreError> {
        let mut moves = Vec::new();
        for tenant in self.tenants().await? {
            moves.extend(self.begin_snapshot(tenant).await?.clock_moves().await?);
        }
        Ok(Times::moved(moves))
    }
}

impl Tx {
    /// Walks every entry of the tenant, or of one subject, and compares the state with it.
    pub async fn verify_log(&mut self, subject: Option<Subject>) -> Result<Verdict, StoreError> {
        let mut chain = Chain::default();
        self.walk(&mut chain, subject, &mut |_| {}).await?;
        Ok(chain.finish())
    }

    /// How many entries the tenant has, or one subject, counted up to `most`.
    pub async fn count_entries(&mut self, subject: Option<Subject>, most: i64) -> Result<u64, StoreError> {
        let tenant = self.tenant;
        let subject = subject.map(|subject| subject.to_string());
        let count = sqlx::query_scalar!(
            r#"select count(*) as "count!" from (
                 select from dlog.entry where tenant_id = $1 and ($2::text is null or subject = $2) limit $3
               ) counted"#,
            tenant,
            subject,
            most
        )
        .fetch_one(self.conn())
        .await
        .doing("counting entries")?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// A page of entries after another, each record against its state when it is done. What could not be compared comes
    /// back.
    async fn walk(
        &mut self,
        chain: &mut Chain,
        only: Option<Subject>,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Vec<String>, StoreError> {
        let only = only.map(|subject| subject.to_string());
        let mut unknown = BTreeSet::new();
        let (mut subject, mut seq) = (only.clone().unwrap_or_default(), 0);
        loop {
            let page = self.entries_after((&subject, seq), only.as_deref()).await?;
            let is_last = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
            for entry in &page {
                chain.push(entry);
            }
            if let Some(last) = page.into_iter().next_back() {
                (subject, seq) = (last.subject, last.seq);
            }
            if is_last {
                chain.end();
            }
            self.settle_missing(chain).await?;
            self.settle_state(chain, &mut unknown).await?;
            progress(chain.entries());
            if is_last {
                break;
            }
        }
        let clause =
            |kind: String| format!("the state of records with an entry {kind}, which this version does not know");
        Ok(unknown.into_iter().map(clause).collect())
    }

    /// A page after an entry, to the end of the log, or of `only` this record.
    async fn entries_after(
        &mut self,
        (subject, seq): (&str, i32),
        only: Option<&str>,
    ) -> Result<Vec<Stored>, StoreError> {
        let tenant = self.tenant;
        let page = sqlx::query_file_as!(
            EntryPage,
            "src/store/entries_after.sql",
            tenant,
            subject,
            seq,
            PAGE,
            only as Option<&str>
        )
        .fetch_one(self.conn())
        .await
        .doing("reading the log")?;
        Ok(page.entries())
    }

    async fn body_of(&mut self, subject: &str, seq: i32) -> Result<Option<Vec<u8>>, StoreError> {
        let tenant = self.tenant;
        sqlx::query_scalar!(
            "select body from dlog.entry where tenant_id = $1 and subject = $2 and seq = $3",
            tenant,
            subject,
            seq
        )
        .fetch_optional(self.conn())
        .await
        .doing("reading an entry")
    }

    /// A missing name or text is lawful where an erasure names it.
    async fn settle_missing(&mut self, chain: &mut Chain) -> Result<(), StoreError> {
        let missing = chain.missing();
        if missing.is_empty() {
            return Ok(());
        }
        let tenant = self.tenant;
        let digests: Vec<String> = missing.iter().map(|missing| missing.digest.clone()).collect();
        let mut erased: BTreeSet<String> = BTreeSet::new();
        let mut erasures = sqlx::query_scalar!(
            "select body from dlog.entry where tenant_id = $1 and kind = 'payload.erased' and exists (
               select from unnest($2::text[]) as missing (digest)
               where position(convert_to(missing.digest, 'UTF8') in body) > 0)",
            tenant,
            &digests
        )
        .fetch(self.conn());
        while let Some(body) = erasures.try_next().await.doing("looking for erasures")? {
            erased.extend(erased_by(&body));
        }
        drop(erasures);
        for missing in missing.iter().filter(|missing| !erased.contains(&missing.digest)) {
            chain.miss(missing);
        }
        Ok(())
    }

    /// Compares the records that are done with their rows.
    async fn settle_state(&mut self, chain: &mut Chain, unknown: &mut BTreeSet<String>) -> Result<(), StoreError> {
        let replayed = chain.replayed();
        let subjects: Vec<String> = replayed.iter().map(|(subject, _)| subject.clone()).collect();
        let mut rows = self.state_rows(&subjects).await?;
        for (subject, replay) in replayed {
            let state = rows.remove(&subject).unwrap_or_default();
            if let Err(kind) = reconcile(&subject, replay, state, chain.findings()) {
                unknown.insert(kind);
            }
        }
        Ok(())
    }

    /// Rows of state, of any table that is guarded, that no entry stands for.
    async fn find_unlogged(&mut self, findings: &mut Findings) -> Result<(), StoreError> {
        let tenant = self.tenant;
        for table in schema::guarded() {
            // The name is one of this binary's own list.
            let sql = format!(
                "select subject, version from {table} state where tenant_id = $1 and not exists (
                   select from dlog.entry e where e.tenant_id = $1 and e.subject = state.subject and e.seq = state.version
                 ) order by subject, version limit {ROWS_MAX}"
            );
            let rows: Vec<(String, i32)> = sqlx::query_as(AssertSqlSafe(sql))
                .bind(tenant)
                .fetch_all(self.conn())
                .await
                .doing("looking for state without an entry")?;
            let name = table.trim_start_matches("public.");
            for (subject, version) in rows {
                findings.find(
                    Layer::State,
                    &subject,
                    version,
                    format!("a row of {name} names it, and it is not there"),
                );
            }
        }
        Ok(())
    }

    async fn find_schema(&mut self, findings: &mut Findings) -> Result<(), StoreError> {
        let facts = self.schema_facts().await?;
        for (what, sentence) in schema::differences(&facts) {
            findings.find(Layer::Schema, &what, 0, sentence);
        }
        Ok(())
    }

    /// When the sandbox moved the clock, and by how many seconds.
    async fn clock_moves(&mut self) -> Result<Vec<(DateTime<Utc>, i64)>, StoreError> {
        let tenant = self.tenant;
        let rows = sqlx::query!(
            "select recorded_at, body from dlog.entry
             where tenant_id = $1 and subject = $2 and kind = 'clock.moved' order by seq",
            tenant,
            Subject::Deployment.to_string()
        )
        .fetch_all(self.conn())
        .await
        .doing("reading when the clock was moved")?;
        let seconds = |body: &[u8]| {
            let body: Value = serde_json::from_slice(body).unwrap_or_default();
            body["data"]["seconds"].as_i64().unwrap_or_default()
        };
        Ok(rows.into_iter().map(|row| (row.recorded_at, seconds(&row.body))).collect())
    }

    /// Proves that the newest entry of a record is in the tree.
    async fn include_newest(
        &mut self,
        subject: Subject,
        report: &mut Report,
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        let (tenant, name) = (self.tenant, subject.to_string());
        let newest = sqlx::query!(
            r#"select seq, body, exists (select from dlog.pending where entry_id = entry.id) as "pending!"
               from dlog.entry entry where tenant_id = $1 and subject = $2 order by seq desc limit 1"#,
            tenant,
            name
        )
        .fetch_optional(self.conn())
        .await
        .doing("reading the newest entry of a record")?;
        let Some(newest) = newest else { return Ok(()) };
        if newest.pending {
            report.pending = 1;
            report.left_out.push(format!("#{} with the tree (it is on its way into it)", newest.seq));
            return Ok(());
        }
        let Some(head) = whole(self.tree_head().await, findings)? else { return Ok(()) };
        let Some(found) = whole(self.prove_inclusion(&name, newest.seq, head.size).await, findings)? else {
            return Ok(());
        };
        let leaf = crate::ledger::leaf_hash(&newest.body);
        match found {
            None => findings.find(Layer::Pending, &name, newest.seq, "neither in the tree nor on its way there"),
            Some(found) if is_included(&leaf, found.index, head.size, &found.proof, &head.root) => {}
            Some(_) => findings.find(Layer::Tree, &name, newest.seq, "not what is in the tree"),
        }
        Ok(())
    }

    /// Proves that the tree continues what was signed last outside.
    async fn glance_at_tree(
        &mut self,
        against: &Against,
        report: &mut Report,
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        let newest = against.outside.iter().flatten().max_by_key(|checkpoint| checkpoint.size);
        let Some(newest) = newest.filter(|newest| newest.size > 0) else {
            report.left_out.push("what is signed outside the database (none is at hand)".to_owned());
            return Ok(());
        };
        let Some(head) = whole(self.tree_head().await, findings)? else { return Ok(()) };
        let known = newest.size.min(head.size);
        let Some(proof) = whole(self.prove_consistency(known, head.size).await, findings)? else { return Ok(()) };
        report.leaves = head.size;
        if newest.size <= head.size && is_consistent((known, &newest.root), (head.size, &head.root), &proof) {
            report.outside = 1;
        } else {
            let at = i32::try_from(newest.size).unwrap_or(i32::MAX);
            let what =
                format!("{} entries were signed; the tree, of {}, does not continue them", newest.size, head.size);
            findings.find(Layer::Outside, "TREE", at, what);
        }
        Ok(())
    }
}

impl EntryPage {
    fn entries(self) -> Vec<Stored> {
        let columns = self.subjects.into_iter().zip(self.seqs).zip(self.kinds).zip(self.recorded_at);
        let columns = columns.zip(self.bodies.into_iter().zip(self.leaf_hashes));
        let mut entries: Vec<Stored> = columns
            .map(|((((subject, seq), kind), recorded_at), (body, leaf_hash))| Stored {
                subject,
                seq,
                kind,
                recorded_at,
                body,
                leaf_hash,
                disclosures: Vec::new(),
            })
            .collect();
        for (place, disclosure) in self.places.into_iter().zip(self.disclosures) {
            if let Some(entry) = usize::try_from(place - 1).ok().and_then(|at| entries.get_mut(at)) {
                entry.disclosures.push(disclosure);
            }
        }
        entries
    }
}

/// The digests that an erasure names.
fn erased_by(body: &[u8]) -> Vec<String> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let digests = body["data"]["digests"].as_array().into_iter().flatten();
    digests.filter_map(|digest| digest.as_str().map(str::to_owned)).collect()
}

/// A tree that can't be read is a finding, not an error.
fn whole<T>(read: Result<T, StoreError>, findings: &mut Findings) -> Result<Option<T>, StoreError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(StoreError::Impossible { what }) => {
            findings.find(Layer::Tree, "TREE", 0, what);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
