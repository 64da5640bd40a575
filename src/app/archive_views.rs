//! What `/log archive` and `/admin retention` say of the archive.

use chrono::TimeDelta;

use super::answer::plain;
use super::archive::ended;
use super::handle::{Caller, HandleError};
use super::log::{Reader, with_changes};
use super::questions::{heading, slip};
use super::target::no_such;
use super::{App, Tenant};
use crate::domain::archive::{ArchiveKind, Archived, RedactionState};
use crate::domain::{Incident, Refusal, Subject};
use crate::ledger::archive::MANIFEST;
use crate::render::{Block, Message};
use crate::store::Tx;

impl App {
    /// `/log archive`: what is sealed of an incident, or what that waits for.
    pub(super) async fn archive_answer(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Message, HandleError> {
        let incident = match self.incident_meant(tx, caller, named).await? {
            Ok(incident) => incident,
            Err(refusal) => return Ok(slip(&refusal)),
        };
        let subject = incident.subject();
        let Some(person) = caller.actor.person() else { return Ok(slip(&no_such(subject))) };
        if let Err(denial) = Reader::of(tenant, person).readings(tx, &[subject]).await?.swap_remove(0) {
            return Ok(slip(&Refusal::from(denial)));
        }
        let mut blocks = vec![heading(format!("{subject} · archive"))];
        for sentence in self.archive_sentences(tx, tenant, &incident).await? {
            blocks.push(Block::Paragraph { text: plain(&sentence) });
        }
        Ok(Message { blocks, ..Message::default() })
    }

    async fn archive_sentences(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        incident: &Incident,
    ) -> Result<Vec<String>, HandleError> {
        let subject = incident.subject();
        let parts = with_changes(tx, subject).await?;
        let mut sentences = Vec::new();
        let newest = tx.archived(subject, ArchiveKind::Sealed).await?;
        let asked = tx.asked_to_seal(subject).await?;
        if let Some(newest) = &newest {
            sentences.push(sealed_sentence(&tenant.row.key, newest));
            if !newest.older.is_empty() {
                let sentence = "An older bundle is to be removed: while a legal hold stands, nothing is.";
                sentences.push(sentence.to_owned());
            }
            if tx.is_erased_since(&parts, newest.bundle.covers).await? {
                sentences.push("Something of it was erased since: it is sealed anew without that.".to_owned());
            } else if tx.is_beyond(&parts, newest.bundle.covers).await? {
                sentences.push(format!(
                    "Entries were written since that are not in it. `/log archive {subject} seal` seals it anew."
                ));
            }
        }
        if let Some(copy) = tx.archived(subject, ArchiveKind::Redacted).await? {
            sentences.push(sealed_sentence(&tenant.row.key, &copy));
        }
        if tx.redaction(subject).await?.is_some_and(|redaction| redaction.state == RedactionState::Waiting) {
            sentences.push("A redacted copy waits for a second compliance or privacy officer.".to_owned());
        }
        if self.archive.is_none() {
            sentences.push(nothing_sealed(subject));
        } else if asked.is_some_and(|asked| newest.as_ref().is_none_or(|newest| asked > newest.version)) {
            sentences.push(
                "It is asked for, and waits for a signed checkpoint that covers every entry: a minute, as a rule."
                    .to_owned(),
            );
        } else if newest.is_none() {
            let days = tenant.policy.retention.seal_after_days;
            sentences.push(match ended(tx, incident, &parts).await? {
                Err(waits) => waits.sentence(subject),
                Ok(at) => {
                    let due = (at + TimeDelta::days(days.into())).with_timezone(&tenant.organisation.time_zone);
                    format!(
                        "It is sealed in the night after {}, {days} days after its end. A compliance officer seals it at \
                         once: `/log archive {subject} seal`.",
                        due.format("%-d %B %Y")
                    )
                }
            });
        }
        Ok(sentences)
    }

    /// For `/admin retention`: whether anything is sealed, and when.
    pub(super) fn archive_rule(&self, tenant: &Tenant) -> String {
        match self.archive {
            Some(_) => format!(
                "Incidents are sealed into the archive {} days after the end of all that belongs to them: `/log archive INC-7`.",
                tenant.policy.retention.seal_after_days
            ),
            None => "This deployment has no archive (WARDROOM_ARCHIVE): nothing is sealed, and `/log export INC-7` is \
                     the way by hand."
                .to_owned(),
        }
    }
}

fn nothing_sealed(subject: Subject) -> String {
    format!("This deployment has no archive, so nothing is sealed. `/log export {subject}` hands you the same by hand.")
}

fn sealed_sentence(unit: &str, newest: &Archived) -> String {
    let bundle = &newest.bundle;
    let folder = crate::ledger::archive::named(bundle.kind, &bundle.manifest);
    let what = match bundle.kind {
        ArchiveKind::Sealed => "Sealed",
        ArchiveKind::Redacted => "A redacted copy was written",
    };
    format!(
        "{what} on {}: {} entries, {} kB, in {unit}/{}/{folder}. SHA-256 of its {MANIFEST}: `{}`",
        newest.at.format("%-d %B %Y %H:%M UTC"),
        bundle.entries,
        bundle.bytes.div_ceil(1_000),
        newest.subject,
        bundle.manifest
    )
}
