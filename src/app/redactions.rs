//! The redacted copy of an incident, for whoever learns from it: what it would say, who has to agree, and what becomes of
//! it.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::answer::plain;
use super::archive::SealError;
use super::cards::button;
use super::handle::{Caller, HandleError};
use super::log::with_changes;
use super::privacy::officers;
use super::questions::heading;
use super::{App, Tenant};
use crate::domain::archive::{ArchiveCommand, ArchiveKind, Redaction, RedactionPreview, RedactionState};
use crate::domain::event::ArchiveEvent;
use crate::domain::privacy::PrivacyCommand;
use crate::domain::{Command, Incident, Organisation, Subject};
use crate::language::presses::{Press, PressAction};
use crate::ledger::archive::{Archive, Rack};
use crate::render::{Block, ButtonStyle, Inline, Message};
use crate::rulebook::{PERSON, Redactor, suspicious};
use crate::store::{Job, Later, LogEntry, Tx};

/// A trainee reads an hour of it at most; a longer record was flooded.
const ENTRIES_MAX: i64 = 5_000;
const CHUNK: i64 = 500;
/// Of what a preview shows.
const SHOWN_MAX: usize = 5;
const SHOWN_CHARS: usize = 200;
/// So many officers are asked to approve.
const ASKED_MAX: usize = 5;
/// What the log says of itself teaches nothing, and names who may not be named.
const LEFT_OUT: [&str; 9] =
    ["refused", "archive.", "redaction.", "erasure.", "payload.", "person.", "hold.", "log.", "room."];

const ABOUT: &str = "A redacted copy, for training: names of people, addresses, numbers, secrets and what was marked are\n\
    taken out by rule, and a second person has looked at it. Times count from the declaration.\n\n\
    timeline.md        what happened, what was decided, and why\n\
    MANIFEST.sha256    to check that nothing was changed: sha256sum -c MANIFEST.sha256\n";

/// A redacted copy as it would be now.
#[derive(Default)]
struct RedactedCopy {
    text: String,
    sha256: String,
    entries: i32,
    counts: BTreeMap<&'static str, usize>,
    /// The first lines that differ: before and after.
    changed: Vec<(String, String)>,
    left: Vec<String>,
}

impl App {
    /// For a decision: what the copy would be, where one is asked for or approved.
    pub(super) async fn redaction_preview(
        &self,
        tx: &mut Tx,
        incident: &Incident,
        marks: &[String],
    ) -> Result<RedactionPreview, HandleError> {
        let tenant = self.tenant(tx).await?;
        let copy = self.redacted_copy(tx, &tenant, incident, marks).await?;
        Ok(RedactionPreview { sha256: copy.sha256.clone(), lines: copy.sentences() })
    }

    async fn redacted_copy(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        incident: &Incident,
        marks: &[String],
    ) -> Result<RedactedCopy, HandleError> {
        let subject = incident.subject();
        let parts = with_changes(tx, subject).await?;
        let mut entries: Vec<LogEntry> = Vec::new();
        while i64::try_from(entries.len()).unwrap_or(i64::MAX) < ENTRIES_MAX {
            let page = tx.log_page(&parts, i64::try_from(entries.len()).unwrap_or(i64::MAX), CHUNK).await?;
            if page.entries.is_empty() {
                break;
            }
            entries.extend(page.entries);
        }
        let told = |entry: &&LogEntry| !LEFT_OUT.iter().any(|kind| entry.kind.starts_with(kind));
        let names = names_of(&tenant.organisation, &entries);
        let mut redactor =
            Redactor::new(&names, &tenant.policy.redaction.customer_ids, marks).map_err(HandleError::Pattern)?;
        let mut copy = RedactedCopy::default();
        copy.add("#", &format!("{subject} {}", incident.title), &mut redactor);
        let facts = format!("{}, services: {}", incident.priority, incident.services.join(", "));
        copy.add("", &facts, &mut redactor);
        copy.text.push('\n');
        for entry in entries.iter().filter(told) {
            let Ok(line) = self.line(tenant, &entry.kind, &entry.subject, entry.data.clone()) else { continue };
            let Some(at) = entry.at else { continue };
            let line = relative(&line, incident.declared_at);
            copy.add(&format!("- {} {}:", since(at, incident.declared_at), entry.subject), &line, &mut redactor);
            copy.entries += 1;
        }
        copy.sha256 = crate::ledger::hex(&Sha256::digest(copy.text.as_bytes()));
        copy.left = suspicious(&copy.text);
        Ok(copy)
    }

    /// Officers are asked, each in private, with what they approve.
    pub(super) async fn follow_redaction(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        subject: Subject,
        event: &ArchiveEvent,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let Subject::Incident(number) = subject else { return Ok(()) };
        match event {
            ArchiveEvent::RedactionAsked { marks, .. } => {
                let Some(incident) = tx.incident(number).await? else { return Ok(()) };
                let Some(redaction) = tx.redaction(subject).await? else { return Ok(()) };
                let preview = self.redaction_preview(tx, &incident, marks).await?;
                let message = asks_to_approve(caller.actor.name(), subject, redaction.asked, &preview);
                let others = officers(&tenant.organisation);
                let others = others.into_iter().filter(|person| caller.actor.person() != Some(person)).take(ASKED_MAX);
                jobs.extend(Job::direct_each(tx.tenant(), others, &about(subject, redaction.asked), &message));
                Ok(())
            }
            ArchiveEvent::RedactionVoid { asked, asked_by } => {
                let sentence = format!(
                    "The redacted copy of {subject} is void: something of the record was erased or written since. \
                     `/log redact {subject}` asks anew."
                );
                let message = super::answer::told(&sentence);
                jobs.extend(Job::direct_each(tx.tenant(), [asked_by.clone()], &about(subject, *asked), &message));
                Ok(())
            }
            ArchiveEvent::RedactionApproved { .. } => self.seal_soon(tx, subject, jobs).await,
            ArchiveEvent::Asked
            | ArchiveEvent::Sealed { .. }
            | ArchiveEvent::Removed { .. }
            | ArchiveEvent::RedactionDeclined { .. } => Ok(()),
        }
    }

    /// Ends what an erasure has made void, and writes what was approved.
    pub(super) async fn see_to_redaction(
        &self,
        tenant: i64,
        archive: &Archive,
        rack: &Rack,
        subject: Subject,
    ) -> Result<(), SealError> {
        let Subject::Incident(number) = subject else { return Ok(()) };
        let mut tx = self.store.begin(tenant).await?;
        let parts = with_changes(&mut tx, subject).await?;
        let Some(redaction) = tx.redaction(subject).await? else { return Ok(()) };
        let is_erased = tx.is_erased_after(&parts, subject, redaction.asked).await?;
        let incident = tx.incident(number).await?;
        tx.rollback().await?;
        if is_erased && redaction.state.is_open() {
            return Ok(self.void(tenant, subject).await?);
        }
        let Some(incident) = incident.filter(|_| redaction.state == RedactionState::Approved) else {
            return Ok(());
        };
        self.keep_redacted(tenant, archive, rack, &incident, &redaction).await
    }

    async fn keep_redacted(
        &self,
        tenant: i64,
        archive: &Archive,
        rack: &Rack,
        incident: &Incident,
        redaction: &Redaction,
    ) -> Result<(), SealError> {
        let subject = incident.subject();
        self.store.sequence(tenant).await?;
        let mut tx = self.store.begin(tenant).await?;
        let loaded = self.tenant(&mut tx).await?;
        let covers = tx.tree_head().await?.size;
        let copy = self.redacted_copy(&mut tx, &loaded, incident, &redaction.marks).await?;
        tx.rollback().await?;
        if copy.sha256 != redaction.sha256 {
            return Ok(self.void(tenant, subject).await?);
        }
        let contents = vec![("README.txt", ABOUT.as_bytes().to_vec()), ("timeline.md", copy.text.into_bytes())];
        self.keep_bundle(tenant, archive, rack, subject, ArchiveKind::Redacted, (contents, copy.entries, covers))
            .await?;
        Ok(())
    }

    async fn void(&self, tenant: i64, subject: Subject) -> Result<(), HandleError> {
        let void = Command::Privacy(PrivacyCommand::Archive(ArchiveCommand::VoidRedaction));
        self.perform(tenant, subject, void, &format!("redaction:{subject}")).await
    }
}

impl RedactedCopy {
    fn add(&mut self, before: &str, line: &str, redactor: &mut Redactor) {
        let line = line.replace('\n', " ");
        let redacted = redactor.redact(&line);
        for rule in &redacted.rules {
            *self.counts.entry(rule).or_default() += 1;
        }
        // That people are called by letters is seen in the first line.
        if redacted.rules.iter().any(|rule| *rule != PERSON) && self.changed.len() < SHOWN_MAX {
            self.changed.push((short(&line), short(&redacted.text)));
        }
        let _ = writeln!(self.text, "{}", format!("{before} {}", redacted.text).trim());
    }

    /// What a person looks at before they approve it.
    fn sentences(&self) -> Vec<String> {
        let counts: Vec<String> = self.counts.iter().map(|(rule, count)| format!("{rule} {count}")).collect();
        let mut lines = vec![if counts.is_empty() {
            format!("{} entries; nothing was found to take out.", self.entries)
        } else {
            format!("{} entries. Taken out: {}.", self.entries, counts.join(", "))
        }];
        for (before, after) in &self.changed {
            lines.push(format!("Before: {before}"));
            lines.push(format!("After: {after}"));
        }
        if !self.left.is_empty() {
            let left: Vec<String> = self.left.iter().take(SHOWN_MAX).map(|left| short(left)).collect();
            lines.push(format!(
                "Still there, and looks as if it might have to go ({}): {}",
                self.left.len(),
                left.join(" · ")
            ));
        }
        lines
    }
}

/// What a message in private is about: one request for a copy.
fn about(subject: Subject, asked: i32) -> String {
    format!("redaction-{subject}-{asked}")
}

fn asks_to_approve(by: &str, subject: Subject, asked: i32, preview: &RedactionPreview) -> Message {
    let sentence =
        format!("{by} asks you to approve this redacted copy of {subject}, for training. It is written once you do.");
    let mut blocks = vec![heading(format!("{subject} · redacted copy")), Block::Paragraph { text: plain(&sentence) }];
    let said = |line: &String| Block::Paragraph { text: vec![Inline::Plain { text: line.clone() }] };
    blocks.extend(preview.lines.iter().map(said));
    let of = |action, style| button(Press::on(action, subject, Some(asked)), style);
    let buttons = vec![
        of(PressAction::ApproveRedaction, ButtonStyle::Primary),
        of(PressAction::DeclineRedaction, ButtonStyle::Danger),
    ];
    blocks.push(Block::Actions { buttons });
    Message { blocks, ..Message::default() }
}

/// Everything that each person of the organisation is called by, and whoever else acted.
fn names_of(organisation: &Organisation, entries: &[LogEntry]) -> Vec<Vec<String>> {
    let mut people: Vec<Vec<String>> = organisation
        .people
        .values()
        .map(|person| {
            let words = person.name.split_whitespace().filter(|word| word.chars().count() > 2).map(str::to_owned);
            let accounts = person.accounts().map(|account| account.id.clone());
            let own = [person.name.clone(), person.key.clone(), person.id.0.clone()];
            own.into_iter().chain(words).chain(accounts).chain(person.email.clone()).collect()
        })
        .collect();
    let strangers: std::collections::BTreeSet<&str> =
        entries.iter().filter_map(|entry| entry.data.get("by_name").and_then(Value::as_str)).collect();
    let is_known = |name: &str| organisation.people.values().any(|person| person.name == name) || name == "Wardroom";
    people.extend(strangers.into_iter().filter(|name| !is_known(name)).map(|name| vec![name.to_owned()]));
    people
}

/// A line in plain words, its moments counted from the start.
fn relative(line: &[Inline], start: DateTime<Utc>) -> String {
    line.iter().fold(String::new(), |text, inline| match inline {
        Inline::Time { at, .. } => text + &since(*at, start),
        other => text + &Block::Paragraph { text: vec![other.clone()] }.plain().unwrap_or_default(),
    })
}

/// `T+01:12`, or `T-00:05`.
fn since(at: DateTime<Utc>, start: DateTime<Utc>) -> String {
    let minutes = (at - start).num_minutes();
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("T{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

fn short(text: &str) -> String {
    let cut: String = text.chars().take(SHOWN_CHARS).collect();
    if cut.len() < text.len() { format!("{cut}…") } else { cut }
}
