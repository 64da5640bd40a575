//! Which entries are worth a checkpoint at once: before anybody hears of them, they are signed outside the database.

use super::{
    AmendmentEvent, ArchiveEvent, BatchEvent, CatalogueEvent, ChangeEvent, ClaimEvent, Event, ExceptionEvent,
    FreezeEvent, HaltEvent, IncidentEvent, LogEvent, MeetingEvent, PirEvent, PrivacyEvent, ProposalEvent, RiskEvent,
    RulingEvent,
};
use crate::domain::rules::{ClaimState, LinkKind, LinkState, Priority, Seat};

/// When an entry is to be among what was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckpointDue {
    /// Before its author is answered.
    AtOnce,
    /// With the next of those that are made by the clock.
    ByTheClock,
}

impl Event {
    /// At once for what overrides a rule or a matrix, what a board decided, whoever accepted a risk, and what happens to
    /// the log itself: whoever loses by it would gain most by its loss.
    pub fn checkpoint_due(&self) -> CheckpointDue {
        use CheckpointDue::{AtOnce, ByTheClock};
        match self {
            Event::Incident(event) => of_incident(event),
            Event::Change(event) => of_change(event),
            Event::Freeze(event) => of_freeze(event),
            Event::Exception(event) => of_exception(event),
            // Which changes a board does not decide with the others.
            Event::Batch(event) => when(matches!(event, BatchEvent::Excluded { .. })),
            // A verdict on others; what its clock does is promised before.
            Event::Pir(event) => when(matches!(event, PirEvent::Closed { .. })),
            // What goes past a rule, or does not.
            Event::Ruling(event) => when(matches!(event, RulingEvent::Given { .. } | RulingEvent::Unanswered { .. })),
            Event::Claim(event) => when(matches!(event, ClaimEvent::Decided { state: ClaimState::Confirmed, .. })),
            // What a change is blamed for, or freed from; what is proposed waits for that.
            Event::Link(event) => {
                when(event.kind == LinkKind::Caused && event.state != LinkState::Proposed && !event.unanswered)
            }
            // What the board decided, and by whose votes.
            Event::Meeting(event) => when(matches!(event, MeetingEvent::Closed { .. } | MeetingEvent::Decided { .. })),
            Event::Log(LogEvent::Recovered(_) | LogEvent::KeyRotated { .. }) => AtOnce,
            Event::Privacy(event) => match event {
                // Whoever asks for a bundle waits for the signature that covers it.
                PrivacyEvent::PayloadErased(_)
                | PrivacyEvent::PersonErased { .. }
                | PrivacyEvent::Archive(ArchiveEvent::Asked | ArchiveEvent::RedactionApproved { .. }) => AtOnce,
                PrivacyEvent::ErasureRequested { .. }
                | PrivacyEvent::ErasureDeclined { .. }
                | PrivacyEvent::ErasureApproved { .. }
                | PrivacyEvent::HoldPlaced { .. }
                | PrivacyEvent::HoldReleased { .. }
                | PrivacyEvent::RetentionPreviewed { .. }
                | PrivacyEvent::RetentionConfirmed { .. }
                | PrivacyEvent::Archive(
                    ArchiveEvent::Sealed { .. }
                    | ArchiveEvent::Removed { .. }
                    | ArchiveEvent::RedactionAsked { .. }
                    | ArchiveEvent::RedactionDeclined { .. }
                    | ArchiveEvent::RedactionVoid { .. },
                ) => ByTheClock,
            },
            // Who lets the rules change.
            Event::Proposal(event) => when(!matches!(
                event,
                ProposalEvent::Read { .. } | ProposalEvent::ReviewDue { .. } | ProposalEvent::ReviewLate { .. }
            )),
            // What was asked for and is not answered by a policy is somebody's word alone.
            Event::Amendment(event) => when(matches!(event, AmendmentEvent::Declined { .. })),
            // Who lets changes be made that nobody has to agree to.
            Event::Catalogue(event) => when(matches!(event, CatalogueEvent::Resumed { .. })),
            Event::Identity(_)
            | Event::Delegation(_)
            | Event::Absence(_)
            | Event::Rota(_)
            | Event::Conflict(_)
            | Event::Notice(_)
            | Event::Standby(_)
            | Event::Rehearsal(_)
            | Event::CustomField(_)
            | Event::Checklist(_)
            | Event::Refused { .. }
            | Event::Feed(_)
            | Event::Charter(_)
            | Event::LogExported { .. }
            | Event::OrganisationApplied { .. }
            | Event::PolicyLoaded { .. }
            | Event::ClockMoved { .. } => ByTheClock,
        }
    }
}

fn of_incident(event: &IncidentEvent) -> CheckpointDue {
    use CheckpointDue::{AtOnce, ByTheClock};
    match event {
        IncidentEvent::Declared { priority, computed, .. } => when(computed.is_some_and(|matrix| matrix != *priority)),
        IncidentEvent::PrioritySet { from, to, .. } => when(is_lowered(*from, *to)),
        IncidentEvent::StepConfirmed { .. }
        | IncidentEvent::MajorDeclared { .. }
        | IncidentEvent::ExposureSet { .. } => AtOnce,
        IncidentEvent::WordUnmapped { .. }
        | IncidentEvent::StepRequested { .. }
        | IncidentEvent::StepDeclined { .. }
        | IncidentEvent::StatusSet { .. }
        | IncidentEvent::LeadSet { .. }
        | IncidentEvent::SuccessorPaged { .. }
        | IncidentEvent::CommanderHeard { .. }
        | IncidentEvent::NoteAdded { .. }
        | IncidentEvent::DecisionRecorded { .. }
        | IncidentEvent::UpdateSent { .. }
        | IncidentEvent::MajorStoodDown { .. }
        | IncidentEvent::Resolved { .. }
        | IncidentEvent::Cancelled { .. }
        | IncidentEvent::Reopened { .. }
        | IncidentEvent::Draft(_)
        | IncidentEvent::RoomOpened { .. } => ByTheClock,
    }
}

fn of_change(event: &ChangeEvent) -> CheckpointDue {
    use CheckpointDue::{AtOnce, ByTheClock};
    match event {
        // A chair who takes a voter's concern away may let the vote pass.
        ChangeEvent::VoteClosed { .. }
        | ChangeEvent::ConcernResolved { .. }
        | ChangeEvent::Approved { .. }
        | ChangeEvent::Rejected { .. }
        // A judgement that goes before what the rules say.
        | ChangeEvent::Risk(RiskEvent::Adjusted { .. })
        // What went past every rule.
        | ChangeEvent::Recorded(_)
        | ChangeEvent::Finding(_)
        | ChangeEvent::Attested { .. }
        // What a commander decided of what runs, and who let it go on.
        | ChangeEvent::Halt(HaltEvent::LetFinish { .. } | HaltEvent::Halted { .. } | HaltEvent::Resumed { .. }) => AtOnce,
        // The executive's seat is filled by accepting the risk in words.
        ChangeEvent::SeatGranted { seat, .. } => when(*seat == Seat::Executive),
        ChangeEvent::Requested(_)
        | ChangeEvent::Revised(_)
        | ChangeEvent::Risk(RiskEvent::LoweringAsked { .. })
        | ChangeEvent::Edited { .. }
        | ChangeEvent::Scheduled { .. }
        | ChangeEvent::Review(_)
        | ChangeEvent::BallotCast { .. }
        | ChangeEvent::ConcernRaised { .. }
        | ChangeEvent::VoteReminded { .. }
        | ChangeEvent::ChairAsked { .. }
        | ChangeEvent::Asked { .. }
        | ChangeEvent::Unanswered { .. }
        | ChangeEvent::Approval(_)
        | ChangeEvent::ApprovalExpired { .. }
        | ChangeEvent::Started
        | ChangeEvent::Done { .. }
        | ChangeEvent::RolledBack { .. }
        | ChangeEvent::Withdrawn { .. }
        | ChangeEvent::Announced { .. }
        | ChangeEvent::WindowWarned { .. }
        | ChangeEvent::WindowExpired { .. }
        | ChangeEvent::WindowMissed { .. }
        | ChangeEvent::ExtensionRequested { .. }
        | ChangeEvent::WindowExtended { .. }
        | ChangeEvent::ExtensionDenied { .. }
        | ChangeEvent::EntrySuspended(_)
        | ChangeEvent::Entry(_)
        | ChangeEvent::Validation(_)
        | ChangeEvent::Rollback(_)
        | ChangeEvent::Slot(_)
        | ChangeEvent::Halt(HaltEvent::ResumeAsked { .. })
        | ChangeEvent::Hold(_) => ByTheClock,
    }
}

/// At once for whoever decided that a freeze does not hold, or not any more; what its clock does is promised before.
fn of_freeze(event: &FreezeEvent) -> CheckpointDue {
    use CheckpointDue::{AtOnce, ByTheClock};
    match event {
        FreezeEvent::OverrideGranted { .. }
        | FreezeEvent::OverrideDenied { .. }
        | FreezeEvent::OverrideUsed { .. }
        | FreezeEvent::Objected { .. }
        | FreezeEvent::Cancelled { .. } => AtOnce,
        FreezeEvent::Lifted { why, .. } => when(why.is_some()),
        FreezeEvent::Created(_)
        | FreezeEvent::Agreed { .. }
        | FreezeEvent::Awaited { .. }
        | FreezeEvent::NotAgreed { .. }
        | FreezeEvent::Announced { .. }
        | FreezeEvent::Begun { .. }
        | FreezeEvent::Stabilising { .. }
        | FreezeEvent::Restored { .. }
        | FreezeEvent::Extended { .. }
        | FreezeEvent::Ending { .. }
        | FreezeEvent::ReviewDue { .. }
        | FreezeEvent::Passed { .. }
        | FreezeEvent::OverrideRequested { .. }
        | FreezeEvent::OverrideSigned { .. }
        | FreezeEvent::OverrideExpired { .. }
        | FreezeEvent::OverrideVoid { .. } => ByTheClock,
    }
}

/// At once for whoever decided that a rule does not hold, and for whatever went past it; its end was promised before.
fn of_exception(event: &ExceptionEvent) -> CheckpointDue {
    use CheckpointDue::{AtOnce, ByTheClock};
    match event {
        ExceptionEvent::Granted { .. }
        | ExceptionEvent::Denied { .. }
        | ExceptionEvent::Used { .. }
        | ExceptionEvent::Revoked { .. }
        | ExceptionEvent::Reviewed { .. } => AtOnce,
        ExceptionEvent::Requested { .. }
        | ExceptionEvent::Signed { .. }
        | ExceptionEvent::Ending { .. }
        | ExceptionEvent::Expired { .. }
        | ExceptionEvent::Overdue { .. } => ByTheClock,
    }
}

/// P1 is the greatest, and the least in order.
fn is_lowered(from: Priority, to: Priority) -> bool {
    to > from
}

fn when(is_at_once: bool) -> CheckpointDue {
    if is_at_once { CheckpointDue::AtOnce } else { CheckpointDue::ByTheClock }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{PendingStep, PersonId};

    fn declared(computed: Option<Priority>) -> Event {
        let (title, priority) = ("checkout".to_owned(), Priority::P2);
        let declared =
            IncidentEvent::Declared { title, priority, computed, services: Vec::new(), impact: None, urgency: None };
        Event::Incident(declared)
    }

    fn set(from: Priority, to: Priority) -> Event {
        Event::Incident(IncidentEvent::PrioritySet { from, to, why: "all regions".to_owned() })
    }

    fn granted(seat: Seat) -> Event {
        Event::Change(ChangeEvent::SeatGranted {
            seat,
            revision: 1,
            on_behalf: None,
            accepted: None,
            answers: None,
            why: None,
            owns: Vec::new(),
        })
    }

    #[test]
    fn what_hurts_is_signed_at_once_and_what_is_ordinary_by_the_clock() {
        let confirmed = IncidentEvent::StepConfirmed { step: PendingStep::Cancel, asked_by: PersonId("p_1".into()) };
        let rejected = ChangeEvent::Rejected { why: "no proof".to_owned() };
        let major = IncidentEvent::MajorDeclared { why: "all regions".to_owned() };
        let used = FreezeEvent::OverrideUsed { change: 1, revision: 1 };
        let expired = FreezeEvent::OverrideExpired { change: 1, revision: 1 };
        let lifted =
            |why: Option<&str>| Event::Freeze(FreezeEvent::Lifted { why: why.map(str::to_owned), late: false });
        let rotated = LogEvent::KeyRotated { vkey: "a".to_owned(), replaces: "b".to_owned() };
        for (event, is_at_once) in [
            (declared(None), false),
            (declared(Some(Priority::P2)), false),
            (declared(Some(Priority::P1)), true),
            (set(Priority::P2, Priority::P1), false),
            (set(Priority::P1, Priority::P2), true),
            (Event::Incident(confirmed), true),
            (Event::Incident(IncidentEvent::NoteAdded { text: "a note".to_owned() }), false),
            (granted(Seat::PeerReviewer), false),
            (granted(Seat::Executive), true),
            (Event::Change(rejected), true),
            (Event::Change(ChangeEvent::Started), false),
            (Event::Incident(major), true),
            (Event::Freeze(used), true),
            (Event::Freeze(expired), false),
            (lifted(Some("payroll ran early")), true),
            (lifted(None), false),
            (Event::Log(rotated), true),
            (Event::ClockMoved { seconds: 1 }, false),
        ] {
            assert_eq!(event.checkpoint_due(), when(is_at_once), "{event:?}");
        }
    }
}
