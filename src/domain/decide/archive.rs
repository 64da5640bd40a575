//! Decisions about the archive: when a record is sealed, and what becomes of the bundle before.

use super::redaction;
use super::standing::{Record, permit, person};
use super::{logged, stands};
use crate::domain::archive::{ArchiveBundle, ArchiveCommand, ArchiveKind, ArchiveTarget, RedactionState};
use crate::domain::event::{ArchiveEvent, PrivacyEvent};
use crate::domain::privacy::PrivacyTarget;
use crate::domain::rules::Action;
use crate::domain::{Answer, Asked, Decision, Event, Refusal, Subject, World};

pub(super) fn decide(
    world: &World<'_>,
    asked: Asked<'_>,
    target: &PrivacyTarget,
    command: ArchiveCommand,
) -> Result<Decision, Refusal> {
    let archive = &target.archive;
    match command {
        ArchiveCommand::Seal => seal(world, asked, target.subject, archive),
        ArchiveCommand::Keep(bundle) => Ok(keep(asked, target.subject, archive, bundle)),
        ArchiveCommand::Redact { mark } => redaction::ask(world, asked, target, mark.as_deref()),
        ArchiveCommand::ApproveRedaction => redaction::approve(world, asked, target),
        ArchiveCommand::DeclineRedaction => redaction::decline(world, asked, target),
        ArchiveCommand::VoidRedaction => Ok(redaction::void(asked, target)),
        ArchiveCommand::Drop { kind, manifest } => Ok(drop_older(asked, target, kind, manifest)),
    }
}

fn seal(world: &World<'_>, asked: Asked<'_>, subject: Subject, archive: &ArchiveTarget) -> Result<Decision, Refusal> {
    person(asked, Action::SettleRetention)?;
    permit(world, asked, Action::SettleRetention, Record::default())?;
    check_over(subject, archive)?;
    let answer = Answer::default()
        .also(format!("It is sealed within a minute; `/log archive {subject}` then shows the hash of its manifest."));
    Ok(archived(asked, subject, ArchiveEvent::Asked, answer))
}

/// What is on the disk counts from this entry on, unless something was written meanwhile that it does not hold.
fn keep(asked: Asked<'_>, subject: Subject, archive: &ArchiveTarget, bundle: ArchiveBundle) -> Decision {
    let replaces = archive.newest.as_ref().map(|newest| newest.bundle.manifest.clone());
    let is_meant = match bundle.kind {
        ArchiveKind::Sealed => archive.waits.is_none() || archive.newest.is_some(),
        ArchiveKind::Redacted => {
            archive.redaction.as_ref().is_some_and(|redaction| redaction.state == RedactionState::Approved)
        }
    };
    if archive.is_behind || !is_meant || replaces.as_ref() == Some(&bundle.manifest) {
        return stands(asked, subject, "Another bundle is to be made.");
    }
    archived(asked, subject, ArchiveEvent::Sealed { bundle, replaces }, Answer::default())
}

fn drop_older(asked: Asked<'_>, target: &PrivacyTarget, kind: ArchiveKind, manifest: String) -> Decision {
    let newest = target.archive.newest.as_ref();
    let is_there = newest.is_some_and(|newest| newest.older.contains(&manifest) || newest.bundle.manifest == manifest);
    if !is_there {
        return stands(asked, target.subject, "That was removed already.");
    }
    archived(asked, target.subject, ArchiveEvent::Removed { kind, manifest }, Answer::default())
}

pub(super) fn archived(asked: Asked<'_>, subject: Subject, event: ArchiveEvent, answer: Answer) -> Decision {
    logged(asked, subject, vec![Event::Privacy(PrivacyEvent::Archive(event))], answer)
}

/// An incident that is over, in a deployment that has an archive.
pub(super) fn check_over(subject: Subject, archive: &ArchiveTarget) -> Result<(), Refusal> {
    let Subject::Incident(_) = subject else {
        return Err(Refusal::slip(
            "Incidents are sealed, each with its changes and freezes.",
            format!("`/log export {subject}` hands you the log of this record alone."),
        ));
    };
    if !archive.has_folder {
        return Err(Refusal::slip(
            "Nothing is sealed here: this deployment has no archive.",
            format!("Whoever runs Wardroom sets WARDROOM_ARCHIVE; `/log export {subject}` hands you the same by hand."),
        ));
    }
    if let Some(waits) = &archive.waits {
        return Err(Refusal::slip(
            waits.sentence(subject),
            format!("`/log archive {subject}` says what it waits for."),
        ));
    }
    Ok(())
}
