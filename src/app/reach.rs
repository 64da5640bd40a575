//! How far something that happened is told: on cards, in the room, and how soon.

use crate::domain::event::ApprovalEvent;
use crate::domain::rules::{ClaimKind, LinkState};
use crate::domain::{
    AmendmentEvent, CatalogueEvent, ChangeEvent, ChecklistEvent, ClaimEvent, Event, IncidentEvent, NoticeEvent,
    PrivacyEvent, ProposalEvent, RehearsalEvent, StandbyEvent, Urgency, ValidationEvent,
};

/// Whether a card shows something of it. Notes and decisions have their line in the room, and change no card.
pub(super) fn seen_on_cards(event: &Event) -> bool {
    match event {
        Event::Incident(event) => match event {
            IncidentEvent::NoteAdded { .. }
            | IncidentEvent::DecisionRecorded { .. }
            | IncidentEvent::SuccessorPaged { .. }
            | IncidentEvent::CommanderHeard { .. } => false,
            IncidentEvent::Declared { .. }
            | IncidentEvent::WordUnmapped { .. }
            | IncidentEvent::PrioritySet { .. }
            | IncidentEvent::ExposureSet { .. }
            | IncidentEvent::StepRequested { .. }
            | IncidentEvent::StepConfirmed { .. }
            | IncidentEvent::StepDeclined { .. }
            | IncidentEvent::StatusSet { .. }
            | IncidentEvent::LeadSet { .. }
            | IncidentEvent::UpdateSent { .. }
            | IncidentEvent::MajorDeclared { .. }
            | IncidentEvent::MajorStoodDown { .. }
            | IncidentEvent::Resolved { .. }
            | IncidentEvent::Cancelled { .. }
            | IncidentEvent::Reopened { .. }
            | IncidentEvent::Draft(_)
            | IncidentEvent::RoomOpened { .. } => true,
        },
        Event::Change(_)
        | Event::Freeze(_)
        | Event::Meeting(_)
        | Event::Pir(_)
        | Event::Ruling(_)
        | Event::Conflict(_)
        | Event::Standby(_)
        | Event::Rehearsal(_)
        | Event::CustomField(_)
        | Event::Checklist(_)
        | Event::Claim(_)
        | Event::Link(_) => true,
        // Who has read a notice is asked for with `/change plan notices`.
        Event::Notice(event) => matches!(event, NoticeEvent::Objected { .. } | NoticeEvent::Settled { .. }),
        Event::Privacy(event) => matches!(event, PrivacyEvent::PayloadErased(_)),
        Event::Delegation(_)
        | Event::Absence(_)
        | Event::Rota(_)
        | Event::Catalogue(_)
        | Event::Exception(_)
        | Event::Batch(_)
        | Event::Identity(_)
        | Event::Feed(_)
        | Event::Charter(_)
        | Event::Log(_)
        | Event::Refused { .. }
        | Event::OrganisationApplied { .. }
        | Event::Proposal(_)
        | Event::Amendment(_)
        | Event::PolicyLoaded { .. }
        | Event::ClockMoved { .. }
        | Event::LogExported { .. } => false,
    }
}

/// How soon a line has to be in the room, where not all of them can be there at once.
pub(super) fn urgency(event: &Event) -> Urgency {
    match event {
        Event::Incident(event) => match event {
            IncidentEvent::Declared { .. }
            | IncidentEvent::Reopened { .. }
            | IncidentEvent::RoomOpened { .. }
            | IncidentEvent::SuccessorPaged { .. } => Urgency::Page,
            IncidentEvent::WordUnmapped { .. }
            | IncidentEvent::PrioritySet { .. }
            | IncidentEvent::ExposureSet { .. }
            | IncidentEvent::StepRequested { .. }
            | IncidentEvent::StepConfirmed { .. }
            | IncidentEvent::StepDeclined { .. }
            | IncidentEvent::StatusSet { .. }
            | IncidentEvent::LeadSet { .. }
            | IncidentEvent::MajorDeclared { .. }
            | IncidentEvent::MajorStoodDown { .. }
            | IncidentEvent::Resolved { .. }
            | IncidentEvent::Cancelled { .. } => Urgency::Decision,
            IncidentEvent::UpdateSent { .. } => Urgency::Update,
            IncidentEvent::NoteAdded { .. }
            | IncidentEvent::DecisionRecorded { .. }
            | IncidentEvent::CommanderHeard { .. }
            | IncidentEvent::Draft(_) => Urgency::Note,
        },
        Event::Change(_)
        | Event::Freeze(_)
        | Event::Exception(_)
        | Event::Batch(_)
        | Event::Meeting(_)
        | Event::Pir(_)
        | Event::Ruling(_)
        | Event::Conflict(_)
        | Event::Notice(_)
        | Event::Claim(_)
        | Event::Catalogue(_)
        | Event::Standby(_)
        | Event::Rehearsal(_)
        | Event::Checklist(_)
        | Event::Link(_)
        | Event::Proposal(_)
        | Event::Amendment(_)
        | Event::PolicyLoaded { .. } => Urgency::Decision,
        Event::Delegation(_)
        | Event::Absence(_)
        | Event::Rota(_)
        | Event::Identity(_)
        | Event::Feed(_)
        | Event::Charter(_)
        | Event::Log(_)
        | Event::Privacy(_)
        | Event::CustomField(_)
        | Event::Refused { .. }
        | Event::OrganisationApplied { .. }
        | Event::ClockMoved { .. }
        | Event::LogExported { .. } => Urgency::Note,
    }
}

/// What is worth a line in the room. Ballots, seats and a passed vote show on the card; the result is a line of its own.
pub(super) fn told_in_room(event: &Event) -> bool {
    match event {
        Event::Incident(event) => {
            !matches!(event, IncidentEvent::RoomOpened { .. } | IncidentEvent::CommanderHeard { .. })
        }
        Event::Change(event) => change_told_in_room(event),
        // Who has read a notice, or a policy, is counted, not told.
        // A notice that waits for a look is the business of whoever looks.
        Event::Notice(event) => !matches!(
            event,
            NoticeEvent::Acknowledged { .. } | NoticeEvent::Reminded { .. } | NoticeEvent::Previewed { .. }
        ),
        Event::Proposal(event) => !matches!(event, ProposalEvent::Read { .. }),
        // Who is chased is chased in private; that it was in vain is for everybody.
        Event::Amendment(event) => !matches!(event, AmendmentEvent::Reminded { .. }),
        Event::Freeze(_)
        | Event::Exception(_)
        | Event::Batch(_)
        | Event::Meeting(_)
        | Event::Pir(_)
        | Event::Ruling(_)
        | Event::Conflict(_)
        | Event::PolicyLoaded { .. } => true,
        // What shows an exploit is for whoever confirms it.
        Event::Claim(event) => !matches!(event, ClaimEvent::Made { kind: ClaimKind::Exploit, .. }),
        // Whoever keeps an entry hears of its days in private; that it is in use or not is for everybody.
        Event::Catalogue(event) => {
            matches!(event, CatalogueEvent::Suspended { .. } | CatalogueEvent::Resumed { .. })
        }
        // Who is asked is asked in private; what holds a change up is for the room.
        Event::Standby(event) => standby_told_in_room(event),
        Event::Rehearsal(event) => rehearsal_told_in_room(event),
        // A tick is progress, and shows on the card.
        Event::Checklist(event) => !matches!(event, ChecklistEvent::Ticked { .. }),
        // What nobody said is true of what was only suggested is worth no line of its own.
        Event::Link(link) => !(link.unanswered && link.state == LinkState::Rejected),
        // What is filled in shows on the card. What is erased or held is for the log and for those who are asked.
        Event::CustomField(_)
        | Event::Delegation(_)
        | Event::Absence(_)
        | Event::Rota(_)
        | Event::Identity(_)
        | Event::Feed(_)
        | Event::Charter(_)
        | Event::Log(_)
        | Event::Privacy(_)
        | Event::Refused { .. }
        | Event::OrganisationApplied { .. }
        | Event::ClockMoved { .. }
        | Event::LogExported { .. } => false,
    }
}

fn change_told_in_room(event: &ChangeEvent) -> bool {
    match event {
        ChangeEvent::Requested(_)
        | ChangeEvent::Revised(_)
        | ChangeEvent::Risk(_)
        | ChangeEvent::Scheduled { .. }
        | ChangeEvent::Review(_)
        | ChangeEvent::ConcernRaised { .. }
        | ChangeEvent::ConcernResolved { .. }
        | ChangeEvent::Asked { .. }
        | ChangeEvent::Unanswered { .. }
        | ChangeEvent::Approved { .. }
        | ChangeEvent::Rejected { .. }
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
        | ChangeEvent::Recorded(_)
        | ChangeEvent::Finding(_)
        | ChangeEvent::Attested { .. }
        | ChangeEvent::Rollback(_)
        | ChangeEvent::Halt(_) => true,
        // A turn is told in `spread_slot`, where its change belongs; a hold in private, since the freeze was told.
        ChangeEvent::Edited { .. }
        | ChangeEvent::SeatGranted { .. }
        | ChangeEvent::BallotCast { .. }
        | ChangeEvent::VoteReminded { .. }
        | ChangeEvent::ChairAsked { .. }
        | ChangeEvent::VoteClosed { .. }
        | ChangeEvent::Slot(_)
        | ChangeEvent::Hold(_) => false,
        // Who looks at it shows on the card.
        ChangeEvent::Approval(event) => !matches!(event, ApprovalEvent::Acknowledged { .. }),
        // A rating is its author's; what it asks of an owner is a line.
        ChangeEvent::Entry(event) => event.owner().is_some(),
        // What a check found shows on the card; what follows from all of them is a line.
        ChangeEvent::Validation(event) => !matches!(event, ValidationEvent::Checked { .. }),
    }
}

/// What somebody waits for. Who was booked and asked shows on the card.
fn standby_told_in_room(event: &StandbyEvent) -> bool {
    match event {
        StandbyEvent::Declined { .. }
        | StandbyEvent::Missed { .. }
        | StandbyEvent::Exhausted { .. }
        | StandbyEvent::Alerted { last: true, .. } => true,
        StandbyEvent::Booked { .. }
        | StandbyEvent::Taken { .. }
        | StandbyEvent::Asked { .. }
        | StandbyEvent::Confirmed { .. }
        | StandbyEvent::Alerted { .. }
        | StandbyEvent::Moved { .. }
        | StandbyEvent::Released { .. } => false,
    }
}

/// What is asked for, and what came of it. That it is planned and has begun shows on the card.
fn rehearsal_told_in_room(event: &RehearsalEvent) -> bool {
    match event {
        RehearsalEvent::Asked { .. }
        | RehearsalEvent::Proven { .. }
        | RehearsalEvent::Failed { .. }
        | RehearsalEvent::Waived { .. }
        | RehearsalEvent::Reminded { overdue: true, .. }
        | RehearsalEvent::Voided { .. } => true,
        RehearsalEvent::Planned { .. }
        | RehearsalEvent::Begun { .. }
        | RehearsalEvent::Moved { .. }
        | RehearsalEvent::Reminded { .. } => false,
    }
}
