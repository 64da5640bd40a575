//! The kind of each event.

use wardroom::domain::event::{Event, IncidentEvent, LogEvent, PrivacyEvent};

use super::{
    archive_samples, batch_samples, catalogue_samples, change_samples, charter_samples, checklist_samples,
    claim_samples, conflict_samples, custom_field_samples, delegation_samples, exception_samples, freeze_samples,
    identity_samples, incident_samples, link_samples, meeting_samples, notice_samples, pir_samples, policy_samples,
    rehearsal_samples, ruling_samples, standby_samples,
};

/// Said a second time, so that nobody adds a variant, or renames a kind, without coming by here.
pub fn kind_of(event: &Event) -> &'static str {
    match event {
        Event::Incident(event) => match event {
            IncidentEvent::Declared { .. } => "incident.declared",
            IncidentEvent::WordUnmapped { .. } => "incident.word_unmapped",
            IncidentEvent::PrioritySet { .. } => "incident.priority_set",
            IncidentEvent::StepRequested { .. } => "incident.step_requested",
            IncidentEvent::StepConfirmed { .. } => "incident.step_confirmed",
            IncidentEvent::StepDeclined { .. } => "incident.step_declined",
            IncidentEvent::StatusSet { .. } => "incident.status_set",
            IncidentEvent::LeadSet { .. } => "incident.lead_set",
            IncidentEvent::SuccessorPaged { .. } => "successor.paged",
            IncidentEvent::CommanderHeard { .. } => "commander.heard",
            IncidentEvent::NoteAdded { .. } => "incident.noted",
            IncidentEvent::DecisionRecorded { .. } => "incident.decided",
            IncidentEvent::UpdateSent { .. } => "update.sent",
            IncidentEvent::MajorDeclared { .. } => "major.declared",
            IncidentEvent::MajorStoodDown { .. } => "major.stood_down",
            IncidentEvent::Resolved { .. } => "incident.resolved",
            IncidentEvent::Cancelled { .. } => "incident.cancelled",
            IncidentEvent::RoomOpened { .. } => "room.opened",
            IncidentEvent::Draft(event) => incident_samples::kind_of(event),
        },
        Event::Change(event) => change_samples::kind_of(event),
        Event::Pir(event) => pir_samples::kind_of(event),
        Event::Ruling(event) => ruling_samples::kind_of(event),
        Event::Conflict(event) => conflict_samples::kind_of(event),
        Event::Notice(event) => notice_samples::kind_of(event),
        Event::Claim(event) => claim_samples::kind_of(event),
        Event::Catalogue(event) => catalogue_samples::kind_of(event),
        Event::Standby(event) => standby_samples::kind_of(event),
        Event::Rehearsal(event) => rehearsal_samples::kind_of(event),
        Event::Checklist(event) => checklist_samples::kind_of(event),
        Event::CustomField(event) => custom_field_samples::kind_of(event),
        Event::Link(event) => link_samples::kind_of(event),
        Event::Freeze(event) => freeze_samples::kind_of(event),
        Event::Delegation(event) => delegation_samples::kind_of(event),
        Event::Exception(event) => exception_samples::kind_of(event),
        Event::Batch(event) => batch_samples::kind_of(event),
        Event::Meeting(event) => meeting_samples::kind_of(event),
        Event::Identity(event) => identity_samples::kind_of(event),
        Event::Charter(event) => charter_samples::kind_of(event),
        Event::Feed(event) => identity_samples::kind_of_feed(event),
        Event::Log(event) => match event {
            LogEvent::Recovered(_) => "log.recovered",
            LogEvent::KeyRotated { .. } => "log.key_rotated",
        },
        Event::Privacy(event) => match event {
            PrivacyEvent::ErasureRequested { .. } => "erasure.requested",
            PrivacyEvent::ErasureDeclined { .. } => "erasure.declined",
            PrivacyEvent::ErasureApproved { .. } => "erasure.approved",
            PrivacyEvent::PayloadErased(_) => "payload.erased",
            PrivacyEvent::PersonErased { .. } => "person.erased",
            PrivacyEvent::HoldPlaced { .. } => "hold.placed",
            PrivacyEvent::HoldReleased { .. } => "hold.released",
            PrivacyEvent::RetentionPreviewed { .. } => "archive.previewed",
            PrivacyEvent::RetentionConfirmed { .. } => "archive.confirmed",
            PrivacyEvent::Archive(event) => archive_samples::kind_of(event),
        },
        Event::Refused { .. } => "refused",
        Event::OrganisationApplied { .. } => "organisation.applied",
        Event::PolicyLoaded { .. } => "policy.loaded",
        Event::Proposal(event) => policy_samples::kind_of(event),
        Event::ClockMoved { .. } => "clock.moved",
        Event::LogExported { .. } => "log.exported",
    }
}
