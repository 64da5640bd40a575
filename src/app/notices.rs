//! What the owners of what a change touches are told of it, in the changes' channels: that it was agreed to, is ahead,
//! begins and ends, is moved or taken back.

use serde_json::json;

use super::answer::Teller;
use super::cards::headline;
use super::freezes::calling;
use super::handle::HandleError;
use super::{App, Tenant};
use crate::domain::event::HaltEvent;
use crate::domain::rules::ChangeKind;
use crate::domain::{Change, ChangeEvent, ChangeStatus, Decision, Event, PersonId, Place, State, Target, Urgency};
use crate::render::{Block, Message};
use crate::store::Tx;

/// People whom one notice calls.
const CALLED_MAX: usize = 10;

impl App {
    /// Tells it, where it is a notice: to the owners in the changes' channels, and to the room without calling anybody.
    pub(super) fn tell_notice(
        &self,
        tx: &mut Tx,
        teller: &Teller<'_>,
        target: &Target,
        decision: &Decision,
        event: &Event,
        rooms: &[Place],
    ) -> Result<bool, HandleError> {
        let (Event::Change(of), State::Change(change)) = (event, &decision.state) else { return Ok(false) };
        if !is_notice(of, before(target, change)) {
            return Ok(false);
        }
        let line = teller.line(decision.subject, event)?;
        let plain = Message { blocks: vec![Block::Paragraph { text: line.clone() }], ..Message::default() };
        let mut notice = calling(&teller.tenant.organisation, line, &called(teller, change));
        notice.blocks.extend(self.about(teller.tenant, change, of)?);
        let channels = self.change_channels(teller.tenant);
        for room in rooms.iter().filter(|room| !channels.contains(room)) {
            self.say(tx, decision.subject, room, Urgency::Decision, &plain);
        }
        for channel in &channels {
            self.say(tx, decision.subject, channel, Urgency::Decision, &notice);
        }
        Ok(true)
    }

    /// What it is, for whoever has not followed it.
    fn about(&self, tenant: &Tenant, change: &Change, event: &ChangeEvent) -> Result<Vec<Block>, HandleError> {
        let is_given = matches!(event, ChangeEvent::Approved { .. }) && change.kind != ChangeKind::Emergency;
        let window = change.window.filter(|_| is_given);
        let is_ahead = change.is_open().then(|| headline(&change.impact));
        let data = json!({
            "title": headline(&change.title), "service": tenant.organisation.service_name(&change.service),
            "from": window.map(|window| window.opens), "until": window.map(|window| window.closes), "impact": is_ahead,
        });
        Ok(self.renderer.message("update/change_notice", &data, &tenant.organisation)?.blocks)
    }
}

/// The change as it was, where it is the one that something was said of.
pub(super) fn before<'a>(target: &'a Target, change: &Change) -> Option<&'a Change> {
    match target {
        Target::Change { change: before, .. } if before.number == change.number => Some(before),
        _ => None,
    }
}

/// What is moved or taken back concerns others only once they were told of it.
fn is_notice(event: &ChangeEvent, before: Option<&Change>) -> bool {
    let was_told = || before.is_some_and(|before| before.status != ChangeStatus::AwaitingApproval);
    match event {
        ChangeEvent::Approved { .. }
        | ChangeEvent::Scheduled { .. }
        | ChangeEvent::Announced { .. }
        | ChangeEvent::Started
        | ChangeEvent::Done { .. }
        | ChangeEvent::RolledBack { .. }
        | ChangeEvent::Halt(HaltEvent::Halted { .. } | HaltEvent::Resumed { .. }) => true,
        ChangeEvent::Revised(_) | ChangeEvent::Withdrawn { .. } => was_told(),
        ChangeEvent::Requested(_)
        | ChangeEvent::Edited { .. }
        | ChangeEvent::ChangesWanted { .. }
        | ChangeEvent::SeatGranted { .. }
        | ChangeEvent::BallotCast { .. }
        | ChangeEvent::ConcernRaised { .. }
        | ChangeEvent::ConcernResolved { .. }
        | ChangeEvent::VoteReminded { .. }
        | ChangeEvent::ChairAsked { .. }
        | ChangeEvent::VoteClosed { .. }
        | ChangeEvent::Asked { .. }
        | ChangeEvent::Unanswered { .. }
        | ChangeEvent::Rejected { .. }
        | ChangeEvent::ApprovalExpired { .. }
        | ChangeEvent::WindowWarned { .. }
        | ChangeEvent::WindowExpired { .. }
        | ChangeEvent::WindowMissed { .. }
        | ChangeEvent::ExtensionRequested { .. }
        | ChangeEvent::WindowExtended { .. }
        | ChangeEvent::ExtensionDenied { .. }
        | ChangeEvent::EntrySuspended(_)
        | ChangeEvent::Entry(_)
        | ChangeEvent::Recorded(_)
        | ChangeEvent::Attested { .. }
        | ChangeEvent::Checklist(_)
        | ChangeEvent::Validation(_)
        | ChangeEvent::Slot(_)
        | ChangeEvent::Hold(_)
        | ChangeEvent::Halt(HaltEvent::LetFinish { .. } | HaltEvent::ResumeAsked { .. }) => false,
    }
}

/// Who owns the service or one that depends on it; not whoever asked for the change, carries it out, or acts just now.
fn called(teller: &Teller<'_>, change: &Change) -> Vec<PersonId> {
    let organisation = &teller.tenant.organisation;
    let mut called: Vec<PersonId> = Vec::new();
    for key in organisation.touched(&change.service) {
        let Some(owner) = organisation.services.get(&key).map(|service| &service.owner) else { continue };
        let knows = change.is_own(owner) || teller.actor.person() == Some(owner);
        if !knows && !called.contains(owner) {
            called.push(owner.clone());
        }
    }
    called.truncate(CALLED_MAX);
    called
}
