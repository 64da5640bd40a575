//! Decisions about redacted copies: one person asks, another approves what was shown, and an erasure makes it void.

use super::archive::{archived, check_over};
use super::standing::{Record, permit, person};
use super::stands;
use crate::domain::archive::{Redaction, RedactionState};
use crate::domain::event::ArchiveEvent;
use crate::domain::privacy::PrivacyTarget;
use crate::domain::rules::{Action, Duty, Relation, duties_ok};
use crate::domain::{Answer, Asked, Decision, Refusal, World};

/// Whoever marks more than this rewrites the record.
const MARKS_MAX: usize = 50;
const MARK_CHARS_MAX: usize = 200;

pub(super) fn ask(
    world: &World<'_>,
    asked: Asked<'_>,
    target: &PrivacyTarget,
    mark: Option<&str>,
) -> Result<Decision, Refusal> {
    person(asked, Action::SettleRetention)?;
    permit(world, asked, Action::SettleRetention, Record::default())?;
    let (subject, archive) = (target.subject, &target.archive);
    check_over(subject, archive)?;
    let marks = marks(archive.redaction.as_ref(), mark);
    if marks.len() > MARKS_MAX || marks.iter().any(|mark| mark.chars().count() > MARK_CHARS_MAX) {
        return Err(Refusal::slip(
            format!("At most {MARKS_MAX} marks, of at most {MARK_CHARS_MAX} characters each."),
            "A text that should not be there at all is erased: `/log erase`.",
        ));
    }
    let Some(preview) = &archive.preview else {
        return Err(Refusal::slip("There is nothing to redact.", "Name an incident, like INC-7."));
    };
    let mut answer = Answer::undo(format!("`/log redact {subject} decline` takes it back"));
    for line in &preview.lines {
        answer = answer.also(line.replace('`', "'"));
    }
    let answer = answer.also(format!(
        "A second compliance or privacy officer approves it; until then nothing is written. \
         `/log redact {subject} mark: …` takes out more."
    ));
    let event = ArchiveEvent::RedactionAsked { sha256: preview.sha256.clone(), marks };
    Ok(archived(asked, subject, event, answer))
}

/// Those of the request that waits, and the new one.
pub fn marks(before: Option<&Redaction>, mark: Option<&str>) -> Vec<String> {
    let waiting = before.filter(|redaction| redaction.state == RedactionState::Waiting);
    let mut marks = waiting.map(|redaction| redaction.marks.clone()).unwrap_or_default();
    marks.extend(mark.map(str::trim).filter(|mark| !mark.is_empty()).map(str::to_owned));
    marks.dedup();
    marks
}

pub(super) fn approve(world: &World<'_>, asked: Asked<'_>, target: &PrivacyTarget) -> Result<Decision, Refusal> {
    let me = person(asked, Action::EraseText)?;
    permit(world, asked, Action::EraseText, Record::default())?;
    let redaction = waiting(target)?;
    if me == &redaction.asked_by {
        duties_ok(Duty::ClearText, &[Relation::OtherClearance]).map_err(|denial| {
            let next = "Another compliance or privacy officer can.";
            Refusal::by_rule(denial.rule, "You asked for this redacted copy, so somebody else approves it.", next)
        })?;
    }
    if target.archive.preview.as_ref().is_none_or(|preview| preview.sha256 != redaction.sha256) {
        return Err(Refusal::slip(
            format!("{} says something else by now than what was shown.", target.subject),
            format!("`/log redact {}` asks anew.", target.subject),
        ));
    }
    let event = ArchiveEvent::RedactionApproved { asked: redaction.asked, asked_by: redaction.asked_by.clone() };
    let sentence = format!("It is written within a minute; `/log archive {}` shows its hash.", target.subject);
    Ok(archived(asked, target.subject, event, Answer::default().also(sentence)))
}

pub(super) fn decline(world: &World<'_>, asked: Asked<'_>, target: &PrivacyTarget) -> Result<Decision, Refusal> {
    let me = person(asked, Action::EraseText)?;
    let redaction = waiting(target)?;
    if me != &redaction.asked_by {
        permit(world, asked, Action::EraseText, Record::default())?;
    }
    let event = ArchiveEvent::RedactionDeclined { asked: redaction.asked, asked_by: redaction.asked_by.clone() };
    Ok(archived(asked, target.subject, event, Answer::default().also("No copy is written.")))
}

pub(super) fn void(asked: Asked<'_>, target: &PrivacyTarget) -> Decision {
    match target.archive.redaction.as_ref().filter(|redaction| redaction.state.is_open()) {
        Some(redaction) => {
            let event = ArchiveEvent::RedactionVoid { asked: redaction.asked, asked_by: redaction.asked_by.clone() };
            archived(asked, target.subject, event, Answer::default())
        }
        None => stands(asked, target.subject, "It is void already."),
    }
}

/// The request that waits; not another than the one that was shown.
fn waiting(target: &PrivacyTarget) -> Result<&Redaction, Refusal> {
    let redaction = target.archive.redaction.as_ref();
    let Some(waiting) = redaction.filter(|redaction| redaction.state == RedactionState::Waiting) else {
        return Err(Refusal::slip(
            format!("No redacted copy of {} waits for a second person.", target.subject),
            format!("`/log archive {}` shows what there is.", target.subject),
        ));
    };
    match target.archive.shown {
        Some(shown) if shown != waiting.asked => Err(Refusal::slip(
            "Another redacted copy was asked for after this one was shown.",
            "Look at the newest, then decide.",
        )),
        _ => Ok(waiting),
    }
}
