//! What peer reviewers want first: shown on the card, and told to whoever has to do it.

use serde_json::{Value, json};

use super::App;
use super::answer::Teller;
use super::cards::{change_button, row};
use super::handle::HandleError;
use crate::domain::event::ReviewEvent;
use crate::domain::{Change, ChangeEvent, Decision, Event, State};
use crate::language::presses::PressAction;
use crate::render::{Block, ButtonStyle, Message};
use crate::store::{Job, Later, Tx};

/// Reviews that a card tells; the log has all.
const SHOWN: usize = 5;

/// Who keeps the change from being approved, and why: as the entry says, unless that is erased.
pub(super) async fn wanted(tx: &mut Tx, change: &Change) -> Result<Value, HandleError> {
    let mut wanted = Vec::new();
    if change.is_held_by_review() {
        for review in change.changes_wanted().take(SHOWN) {
            // A chain has no gaps: an entry's place in it is its number.
            let page = tx.log_page(&[change.subject()], i64::from(review.version) - 1, 1).await?;
            let why = page.entries.first().and_then(|entry| entry.data.get("why")).and_then(Value::as_str);
            wanted.push(json!({ "person": review.person, "why": why, "answers": review.answers.phrase() }));
        }
    }
    Ok(json!(wanted))
}

impl App {
    /// Whoever asked for the change, or carries it out, hears in private what must change first.
    pub(super) fn follow_reviews(
        tx: &Tx,
        teller: &Teller<'_>,
        decision: &Decision,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let State::Change(change) = &decision.state else { return Ok(()) };
        for event in &decision.events {
            let Event::Change(ChangeEvent::Review(ReviewEvent::ChangesWanted { .. })) = event else { continue };
            let line = Block::Paragraph { text: teller.line(decision.subject, event)? };
            let details = row(vec![change_button(change, PressAction::Details, ButtonStyle::Plain)]);
            let message = Message { blocks: vec![line, details], ..Message::default() };
            let key = format!("review-{}-{}", change.number, decision.at.format("%y%m%d%H%M%S"));
            let mut people = vec![change.requester.clone(), change.implementer.clone()];
            people.dedup();
            jobs.extend(Job::direct_each(tx.tenant(), people, &key, &message));
        }
        Ok(())
    }
}
