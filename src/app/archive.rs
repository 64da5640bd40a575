//! The archive: what is sealed of a record, and when.
//!
//! A bundle is written to the disk with no transaction open, then named by its log entry under the record's lock, then
//! given its name. Killed anywhere in between, the next try ends what was begun or begins anew.

use std::fmt::Write;
use std::io;

use chrono::{DateTime, TimeDelta, Utc};

use super::App;
use super::answer::told;
use super::handle::HandleError;
use super::log::with_changes;
use crate::domain::archive::{ArchiveBundle, ArchiveCommand, ArchiveKind, ArchiveTarget, Archived, SealWaits};
use crate::domain::decide::marks;
use crate::domain::privacy::PrivacyCommand;
use crate::domain::{Command, Incident, PersonId, Place, Role, Subject};
use crate::ledger::archive::{Archive, Rack};
use crate::store::{ExportPart, Job, Later, NewTrouble, StoreError, Tx};

/// Incidents that a night has sealed: the rest waits for the next.
const SEALED_A_NIGHT: i64 = 500;
/// A bundle is made in memory. A record this long was flooded, and is exported to a folder by hand.
const ENTRIES_MAX: i64 = 100_000;
/// So many administrators are told that the folder fails.
const TOLD_MAX: usize = 3;

/// What became of a try to seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealOutcome {
    /// There is nothing to do, or all is done.
    Done,
    /// The newest entries are not signed yet, or more were written meanwhile: to be looked at again soon.
    Waits,
}

#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error(transparent)]
    Handle(#[from] HandleError),
    #[error("the archive in {folder}")]
    Folder { folder: String, source: io::Error },
    #[error("{subject} has more than {ENTRIES_MAX} entries: `wardroom log export FOLDER --subject {subject}`")]
    TooLarge { subject: Subject },
}

impl From<StoreError> for SealError {
    fn from(error: StoreError) -> SealError {
        SealError::Handle(error.into())
    }
}

/// An incident, as far as sealing it is concerned.
struct Look {
    subject: Subject,
    unit: String,
    /// The incident, its changes and its freezes.
    parts: Vec<Subject>,
    newest: Option<Archived>,
    is_wanted: bool,
    is_held: bool,
    entries: i64,
    /// The manifest of the redacted copy.
    redacted: Option<String>,
}

/// What goes into a bundle, how many entries, and how many of the log were signed.
type Contents = (Vec<(&'static str, Vec<u8>)>, i32, u64);

/// When the last of an incident and its changes ended; `Err` says what has not.
pub(super) type Ended = Result<DateTime<Utc>, SealWaits>;

impl App {
    /// What a command about the archive looks at.
    pub(super) async fn archive_target(
        &self,
        tx: &mut Tx,
        incident: Option<&Incident>,
        command: &ArchiveCommand,
        shown: Option<i32>,
    ) -> Result<ArchiveTarget, HandleError> {
        let Some(incident) = incident else { return Ok(ArchiveTarget::default()) };
        let subject = incident.subject();
        let parts = with_changes(tx, subject).await?;
        let redaction = tx.redaction(subject).await?;
        let marks = match command {
            ArchiveCommand::Redact { mark } => Some(marks(redaction.as_ref(), mark.as_deref())),
            ArchiveCommand::ApproveRedaction => redaction.as_ref().map(|redaction| redaction.marks.clone()),
            _ => None,
        };
        let preview = match marks {
            Some(marks) => Some(self.redaction_preview(tx, incident, &marks).await?),
            None => None,
        };
        let (kind, is_behind) = match command {
            ArchiveCommand::Keep(bundle) if bundle.kind == ArchiveKind::Sealed => {
                (bundle.kind, tx.is_beyond(&parts, bundle.covers).await?)
            }
            ArchiveCommand::Keep(bundle) => (bundle.kind, tx.is_erased_since(&parts, bundle.covers).await?),
            ArchiveCommand::Drop { kind, .. } => (*kind, false),
            _ => (ArchiveKind::Sealed, false),
        };
        Ok(ArchiveTarget {
            has_folder: self.archive.is_some(),
            waits: ended(tx, incident, &parts).await?.err(),
            newest: tx.archived(subject, kind).await?,
            is_behind,
            redaction,
            preview,
            shown,
        })
    }

    /// Looks at once at the bundle of an incident: somebody wants it, or something of it, of a change or a freeze of it
    /// was erased.
    pub(super) async fn seal_soon(
        &self,
        tx: &mut Tx,
        subject: Subject,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let incident = match subject {
            Subject::Incident(number) => Some(number),
            Subject::Change(number) => tx.incident_of_change(number).await?.flatten(),
            Subject::Freeze(number) => tx.incident_of_freeze(number).await?.flatten(),
            Subject::Meeting(_)
            | Subject::Exception(_)
            | Subject::Batch(_)
            | Subject::Organisation
            | Subject::Policy
            | Subject::Deployment => None,
        };
        let tenant = tx.tenant();
        jobs.extend(incident.filter(|_| self.archive.is_some()).map(|incident| Job::Seal { tenant, incident }.now()));
        Ok(())
    }

    /// Has everything sealed that is due, in jobs of their own.
    pub(super) async fn seal_due(&self, tenant: i64) -> Result<(), HandleError> {
        if self.archive.is_none() {
            return Ok(());
        }
        let mut tx = self.store.begin(tenant).await?;
        let days = self.tenant(&mut tx).await?.policy.retention.seal_after_days;
        let before = self.clock.now() - TimeDelta::days(days.into());
        let due = tx.to_seal(before, SEALED_A_NIGHT).await?;
        tx.enqueue(due.into_iter().map(|incident| Job::Seal { tenant, incident }.now()));
        Ok(tx.commit().await?)
    }

    /// Whether the folder takes something now. Where it does not, nothing is erased by age meanwhile.
    pub(super) async fn archive_answers(&self, tenant: i64) -> Result<bool, HandleError> {
        let Some(archive) = self.archive.clone() else { return Ok(true) };
        let folder = archive.folder().display().to_string();
        match on_disk(move || archive.probe()).await {
            Ok(()) => Ok(true),
            Err(source) => {
                self.tell_of_archive(tenant, Subject::Policy, &SealError::Folder { folder, source }).await?;
                Ok(false)
            }
        }
    }

    /// Seals an incident, where that is due, was asked for, or is to be done anew because something was erased; and
    /// removes what it replaced.
    pub async fn seal(&self, tenant: i64, incident: i64) -> Result<SealOutcome, SealError> {
        let Some(archive) = self.archive.clone() else { return Ok(SealOutcome::Done) };
        let Some(look) = self.look_to_seal(tenant, incident).await? else { return Ok(SealOutcome::Done) };
        let rack = archive.rack(&look.unit, &look.subject.to_string());
        self.settle(
            &archive,
            &rack,
            ArchiveKind::Sealed,
            look.newest.as_ref().map(|newest| newest.bundle.manifest.clone()),
        )
        .await?;
        if look.is_wanted && !self.seal_anew(tenant, &archive, &rack, &look).await? {
            return Ok(SealOutcome::Waits);
        }
        self.settle(&archive, &rack, ArchiveKind::Redacted, look.redacted.clone()).await?;
        self.see_to_redaction(tenant, &archive, &rack, look.subject).await?;
        if !look.is_held {
            for kind in [ArchiveKind::Sealed, ArchiveKind::Redacted] {
                self.remove_older(tenant, &archive, &rack, look.subject, kind).await?;
            }
        }
        Ok(SealOutcome::Done)
    }

    async fn look_to_seal(&self, tenant: i64, incident: i64) -> Result<Option<Look>, SealError> {
        let mut tx = self.store.begin(tenant).await?;
        let loaded = self.tenant(&mut tx).await?;
        let subject = Subject::Incident(incident);
        let Some(incident) = tx.incident(incident).await? else { return Ok(None) };
        let parts = with_changes(&mut tx, subject).await?;
        let newest = tx.archived(subject, ArchiveKind::Sealed).await?;
        let asked = tx.asked_to_seal(subject).await?;
        let days = TimeDelta::days(loaded.policy.retention.seal_after_days.into());
        let ended = ended(&mut tx, &incident, &parts).await?;
        let is_wanted = match &newest {
            None => ended.is_ok_and(|at| asked.is_some() || at + days <= self.clock.now()),
            Some(newest) if tx.is_erased_since(&parts, newest.bundle.covers).await? => true,
            Some(newest) => ended.is_ok() && asked.is_some_and(|asked| asked > newest.version),
        };
        let mut is_held = false;
        for part in &parts {
            is_held |= tx.hold_on(*part).await?.is_some();
        }
        let names: Vec<String> = parts.iter().map(ToString::to_string).collect();
        let (_, entries) = tx.export_size(Some(&names)).await?;
        let unit = tx.tenant_row().await?.key;
        let redacted = tx.archived(subject, ArchiveKind::Redacted).await?.map(|copy| copy.bundle.manifest);
        tx.rollback().await?;
        Ok(Some(Look { subject, unit, parts, newest, is_wanted, is_held, entries, redacted }))
    }

    /// Writes a bundle, has the log name it, and gives it its name. False where it has to wait.
    async fn seal_anew(&self, tenant: i64, archive: &Archive, rack: &Rack, look: &Look) -> Result<bool, SealError> {
        if look.entries > ENTRIES_MAX {
            return Err(SealError::TooLarge { subject: look.subject });
        }
        let Some((contents, entries, covers)) = self.contents(tenant, look).await? else { return Ok(false) };
        self.keep_bundle(tenant, archive, rack, look.subject, ArchiveKind::Sealed, (contents, entries, covers)).await
    }

    /// Writes files, has the log name them, and gives them their name. False where the log named other ones.
    pub(super) async fn keep_bundle(
        &self,
        tenant: i64,
        archive: &Archive,
        rack: &Rack,
        subject: Subject,
        kind: ArchiveKind,
        (contents, entries, covers): Contents,
    ) -> Result<bool, SealError> {
        let prepared = {
            let rack = rack.clone();
            on_disk(move || rack.prepare(kind, &contents)).await.map_err(|source| failed(archive, source))?
        };
        let (manifest, bytes) = (prepared.manifest, prepared.bytes);
        let bundle = ArchiveBundle { kind, manifest: manifest.clone(), entries, bytes, covers };
        let command = Command::Privacy(PrivacyCommand::Archive(ArchiveCommand::Keep(bundle)));
        self.perform(tenant, subject, command, &format!("archive:{subject}:{manifest}")).await?;
        let mut tx = self.store.begin(tenant).await?;
        let newest = tx.archived(subject, kind).await?.map(|newest| newest.bundle.manifest);
        tx.rollback().await?;
        let is_kept = newest.as_ref() == Some(&manifest);
        self.settle(archive, rack, kind, newest).await?;
        Ok(is_kept)
    }

    /// What goes into a sealed bundle. `None` where the newest checkpoint
    /// does not cover all of it, or nobody could check its signature.
    async fn contents(&self, tenant: i64, look: &Look) -> Result<Option<Contents>, SealError> {
        let parts = look.parts.iter().map(|part| (*part, true)).collect();
        let part = ExportPart { of: Some(look.subject), parts, texts: true, newest: None, since: None };
        let mut bundle = self.bundle(tenant, &part).await?;
        let is_signed =
            bundle.covers > 0 && bundle.unsigned == 0 && bundle.files.iter().any(|(name, _)| *name == "key.vkey");
        if !is_signed {
            return Ok(None);
        }
        let mut tx = self.store.begin(tenant).await?;
        let said = tx.said_about(&look.parts).await?;
        tx.rollback().await?;
        let lines = said.iter().fold(String::new(), |mut lines, line| {
            let _ = writeln!(lines, "{line}");
            lines
        });
        bundle.files.push(("messages.ndjson", lines.into_bytes()));
        if let Some((_, readme)) = bundle.files.iter_mut().find(|(name, _)| *name == super::export::README) {
            readme.extend_from_slice(ABOUT_SEALED.as_bytes());
        }
        Ok(Some((bundle.files, i32::try_from(bundle.entries).unwrap_or(i32::MAX), bundle.covers)))
    }

    /// What has an entry gets its name, and what has none is forgotten.
    pub(super) async fn settle(
        &self,
        archive: &Archive,
        rack: &Rack,
        kind: ArchiveKind,
        manifest: Option<String>,
    ) -> Result<(), SealError> {
        let rack = rack.clone();
        on_disk(move || rack.settle(kind, manifest.as_deref())).await.map_err(|source| failed(archive, source))
    }

    /// A bundle that was replaced holds what was erased since: it goes, and the log says that it is gone.
    async fn remove_older(
        &self,
        tenant: i64,
        archive: &Archive,
        rack: &Rack,
        subject: Subject,
        kind: ArchiveKind,
    ) -> Result<(), SealError> {
        let mut tx = self.store.begin(tenant).await?;
        let parts = with_changes(&mut tx, subject).await?;
        let newest = tx.archived(subject, kind).await?;
        let Some(newest) = newest.filter(|newest| rack.has(kind, &newest.bundle.manifest)) else { return Ok(()) };
        let mut gone = newest.older;
        // A redacted copy is not made anew by itself: it goes without another in its place.
        if kind == ArchiveKind::Redacted && tx.is_erased_since(&parts, newest.bundle.covers).await? {
            gone.push(newest.bundle.manifest);
        }
        tx.rollback().await?;
        for manifest in gone {
            let (rack, older) = (rack.clone(), manifest.clone());
            on_disk(move || rack.remove(kind, &older)).await.map_err(|source| failed(archive, source))?;
            let id = format!("archive:{subject}:-{manifest}");
            let command = Command::Privacy(PrivacyCommand::Archive(ArchiveCommand::Drop { kind, manifest }));
            self.perform(tenant, subject, command, &id).await?;
        }
        Ok(())
    }

    /// Tells those who run this, once a day, that something could not be sealed.
    pub async fn tell_of_archive(&self, tenant: i64, subject: Subject, error: &SealError) -> Result<(), HandleError> {
        tracing::error!(%subject, error = error as &dyn std::error::Error, "the archive could not be written");
        let mut tx = self.store.begin(tenant).await?;
        let loaded = self.tenant(&mut tx).await?;
        let Some(workspace) = loaded.organisation.workspaces.first() else { return Ok(()) };
        let place = Place { platform: workspace.platform, workspace: workspace.id.clone(), channel: String::new() };
        let message = told(&sentence_of(error));
        let new = NewTrouble { subject, place: &place, cause: "archive", at: self.clock.now(), message: &message };
        let Some(trouble) = tx.meet_trouble(&new).await? else { return Ok(()) };
        let admins = loaded.organisation.with_role(Role::TenantAdmin).into_iter().take(TOLD_MAX);
        let tell = |person: &PersonId| Job::Tell { tenant, trouble, person: person.clone() }.now();
        tx.enqueue(admins.map(tell));
        Ok(tx.commit().await?)
    }
}

/// What a sealed bundle has beyond an export.
const ABOUT_SEALED: &str = "\n\
    messages.ndjson     what Wardroom said of it in chat, as far as that is kept; what people said is not kept\n\
    MANIFEST.sha256     the SHA-256 of every other file; that of this one stands in the log, in an entry archive.sealed\n\n\
    To check that nothing was changed since it was sealed: sha256sum -c MANIFEST.sha256\n";

fn sentence_of(error: &SealError) -> String {
    match error {
        SealError::Folder { folder, source } => format!(
            "Wardroom could not write to the archive in {folder}: {source}. It tries again by itself; until then nothing \
             is sealed, and nothing is erased by age."
        ),
        SealError::TooLarge { .. } | SealError::Handle(_) => format!("Wardroom could not seal a record: {error}."),
    }
}

fn failed(archive: &Archive, source: io::Error) -> SealError {
    SealError::Folder { folder: archive.folder().display().to_string(), source }
}

/// When the last of an incident and what belongs to it ended.
pub(super) async fn ended(tx: &mut Tx, incident: &Incident, parts: &[Subject]) -> Result<Ended, HandleError> {
    let Some(mut at) = incident.ended_at.filter(|_| !incident.is_open()) else { return Ok(Err(SealWaits::Open)) };
    let (mut open, mut reviews) = (Vec::new(), Vec::new());
    for part in parts {
        let end = match part {
            Subject::Change(number) => {
                let change = tx.change(*number).await?;
                if change.as_ref().is_some_and(|change| change.due_pir().is_some()) {
                    reviews.push(*part);
                }
                change.and_then(|change| change.ended_at.filter(|_| !change.is_open()))
            }
            Subject::Freeze(number) => tx.freeze(*number).await?.and_then(|freeze| freeze.ended_at),
            Subject::Incident(_)
            | Subject::Meeting(_)
            | Subject::Exception(_)
            | Subject::Batch(_)
            | Subject::Organisation
            | Subject::Policy
            | Subject::Deployment => continue,
        };
        match end {
            Some(end) => at = at.max(end),
            None => open.push(*part),
        }
    }
    Ok(match (open.is_empty(), reviews.is_empty()) {
        (false, _) => Err(SealWaits::For(open)),
        (true, false) => Err(SealWaits::Reviews(reviews)),
        (true, true) => Ok(at),
    })
}

async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.expect("files are written without panics")
}
