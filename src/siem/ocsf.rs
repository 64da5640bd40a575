//! Kinds of entries as classes of OCSF, so that a SIEM files them without rules of its own.
//!
//! <https://schema.ocsf.io>: class, activity within it, and `type_uid = class_uid * 100 + activity_id`.

use serde_json::{Value, json};

const INCIDENT_FINDING: u32 = 2005;
const ACCOUNT_CHANGE: u32 = 3001;
const ENTITY_MANAGEMENT: u32 = 3004;
const APPLICATION_LIFECYCLE: u32 = 6002;
const API_ACTIVITY: u32 = 6003;

// Activities: the same numbers in Incident Finding (create, update, close), Entity Management and API Activity (create,
// read, update, delete) where they mean the same.
const CREATE: u32 = 1;
const READ: u32 = 2;
const UPDATE: u32 = 3;
const DELETE: u32 = 4;
const FINDING_UPDATE: u32 = 2;
const FINDING_CLOSE: u32 = 3;
const ACCOUNT_ENABLE: u32 = 2;
const ACCOUNT_DISABLE: u32 = 5;
const LIFECYCLE_ENABLE: u32 = 6;
const LIFECYCLE_DISABLE: u32 = 7;
const LIFECYCLE_UPDATE: u32 = 8;
const OTHER: u32 = 99;

const INFORMATIONAL: u32 = 1;
const LOW: u32 = 2;

const SUCCESS: u32 = 1;
const FAILURE: u32 = 2;

/// Where a kind belongs. A test holds that every kind has its row.
const CLASSES: &[(&str, u32, u32)] = &[
    ("incident.declared", INCIDENT_FINDING, CREATE),
    ("incident.word_unmapped", INCIDENT_FINDING, FINDING_UPDATE),
    ("incident.exposure_set", INCIDENT_FINDING, FINDING_UPDATE),
    ("incident.priority_set", INCIDENT_FINDING, FINDING_UPDATE),
    ("incident.step_requested", INCIDENT_FINDING, FINDING_UPDATE),
    ("incident.step_confirmed", INCIDENT_FINDING, FINDING_UPDATE),
    ("incident.step_declined", INCIDENT_FINDING, FINDING_UPDATE),
    ("incident.status_set", INCIDENT_FINDING, FINDING_UPDATE),
    ("incident.lead_set", INCIDENT_FINDING, FINDING_UPDATE),
    ("successor.paged", INCIDENT_FINDING, FINDING_UPDATE),
    ("commander.heard", INCIDENT_FINDING, FINDING_UPDATE),
    ("incident.noted", INCIDENT_FINDING, FINDING_UPDATE),
    ("incident.decided", INCIDENT_FINDING, FINDING_UPDATE),
    ("update.sent", INCIDENT_FINDING, FINDING_UPDATE),
    ("link.proposed", INCIDENT_FINDING, FINDING_UPDATE),
    ("link.confirmed", INCIDENT_FINDING, FINDING_UPDATE),
    ("link.rejected", INCIDENT_FINDING, FINDING_UPDATE),
    ("draft.offered", INCIDENT_FINDING, FINDING_UPDATE),
    ("draft.reminded", INCIDENT_FINDING, FINDING_UPDATE),
    ("draft.submitted", INCIDENT_FINDING, FINDING_UPDATE),
    ("draft.joined", INCIDENT_FINDING, FINDING_UPDATE),
    ("draft.dismissed", INCIDENT_FINDING, FINDING_UPDATE),
    ("draft.left", INCIDENT_FINDING, FINDING_UPDATE),
    ("room.opened", INCIDENT_FINDING, FINDING_UPDATE),
    ("major.declared", INCIDENT_FINDING, FINDING_UPDATE),
    ("major.stood_down", INCIDENT_FINDING, FINDING_UPDATE),
    ("incident.resolved", INCIDENT_FINDING, FINDING_CLOSE),
    ("incident.cancelled", INCIDENT_FINDING, FINDING_CLOSE),
    ("incident.reopened", INCIDENT_FINDING, FINDING_UPDATE),
    ("change.requested", ENTITY_MANAGEMENT, CREATE),
    ("review.changes_wanted", ENTITY_MANAGEMENT, UPDATE),
    ("review.agreed", ENTITY_MANAGEMENT, UPDATE),
    ("acceptance.expired", ENTITY_MANAGEMENT, UPDATE),
    ("acceptance.given", ENTITY_MANAGEMENT, UPDATE),
    ("approval.asked", ENTITY_MANAGEMENT, UPDATE),
    ("approval.acknowledged", ENTITY_MANAGEMENT, UPDATE),
    ("approval.unanswered", ENTITY_MANAGEMENT, UPDATE),
    ("approval.prolonged", ENTITY_MANAGEMENT, UPDATE),
    ("seat.granted", ENTITY_MANAGEMENT, UPDATE),
    ("ballot.cast", ENTITY_MANAGEMENT, UPDATE),
    ("checklist.added", ENTITY_MANAGEMENT, UPDATE),
    ("checklist.ticked", ENTITY_MANAGEMENT, UPDATE),
    ("checklist.unticked", ENTITY_MANAGEMENT, UPDATE),
    ("checklist.waived", ENTITY_MANAGEMENT, UPDATE),
    ("checklist.waiver_asked", ENTITY_MANAGEMENT, UPDATE),
    ("concern.raised", ENTITY_MANAGEMENT, UPDATE),
    ("concern.resolved", ENTITY_MANAGEMENT, UPDATE),
    ("vote.reminded", ENTITY_MANAGEMENT, UPDATE),
    ("vote.chair_asked", ENTITY_MANAGEMENT, UPDATE),
    ("vote.closed", ENTITY_MANAGEMENT, UPDATE),
    ("change.edited", ENTITY_MANAGEMENT, UPDATE),
    ("change.revised", ENTITY_MANAGEMENT, UPDATE),
    ("risk.adjusted", ENTITY_MANAGEMENT, UPDATE),
    ("risk.lowering_asked", ENTITY_MANAGEMENT, UPDATE),
    ("change.scheduled", ENTITY_MANAGEMENT, UPDATE),
    ("change.approved", ENTITY_MANAGEMENT, UPDATE),
    ("change.rejected", ENTITY_MANAGEMENT, UPDATE),
    ("change.approval_expired", ENTITY_MANAGEMENT, UPDATE),
    ("change.announced", ENTITY_MANAGEMENT, UPDATE),
    ("change.started", ENTITY_MANAGEMENT, UPDATE),
    ("change.done", ENTITY_MANAGEMENT, UPDATE),
    ("change.rolled_back", ENTITY_MANAGEMENT, UPDATE),
    ("change.held", ENTITY_MANAGEMENT, UPDATE),
    ("change.released", ENTITY_MANAGEMENT, UPDATE),
    ("change.halted", ENTITY_MANAGEMENT, UPDATE),
    ("change.let_finish", ENTITY_MANAGEMENT, UPDATE),
    ("change.resume_asked", ENTITY_MANAGEMENT, UPDATE),
    ("change.resumed", ENTITY_MANAGEMENT, UPDATE),
    ("change.recorded", ENTITY_MANAGEMENT, CREATE),
    ("change.found", ENTITY_MANAGEMENT, CREATE),
    ("change.claimed", ENTITY_MANAGEMENT, UPDATE),
    ("change.unclaimed", ENTITY_MANAGEMENT, UPDATE),
    ("change.attested", ENTITY_MANAGEMENT, UPDATE),
    ("entry.suspended", ENTITY_MANAGEMENT, UPDATE),
    ("entry.rated", ENTITY_MANAGEMENT, UPDATE),
    ("entry.revision_due", ENTITY_MANAGEMENT, UPDATE),
    ("entry.suggested", ENTITY_MANAGEMENT, UPDATE),
    ("entry.submitted", ENTITY_MANAGEMENT, UPDATE),
    ("entry.approved", ENTITY_MANAGEMENT, UPDATE),
    ("change.withdrawn", ENTITY_MANAGEMENT, UPDATE),
    ("window.warned", ENTITY_MANAGEMENT, UPDATE),
    ("window.expired", ENTITY_MANAGEMENT, UPDATE),
    ("window.missed", ENTITY_MANAGEMENT, UPDATE),
    ("window.extension_requested", ENTITY_MANAGEMENT, UPDATE),
    ("window.extended", ENTITY_MANAGEMENT, UPDATE),
    ("window.extension_denied", ENTITY_MANAGEMENT, UPDATE),
    ("rollback.begun", ENTITY_MANAGEMENT, UPDATE),
    ("rollback.step_done", ENTITY_MANAGEMENT, UPDATE),
    ("rollback.step_failed", ENTITY_MANAGEMENT, UPDATE),
    ("validation.opened", ENTITY_MANAGEMENT, UPDATE),
    ("validation.checked", ENTITY_MANAGEMENT, UPDATE),
    ("validation.reminded", ENTITY_MANAGEMENT, UPDATE),
    ("validation.again", ENTITY_MANAGEMENT, UPDATE),
    ("validation.passed", ENTITY_MANAGEMENT, UPDATE),
    ("validation.failed", ENTITY_MANAGEMENT, UPDATE),
    ("validation.doubted", ENTITY_MANAGEMENT, UPDATE),
    ("validation.cleared", ENTITY_MANAGEMENT, UPDATE),
    ("pir.opened", ENTITY_MANAGEMENT, CREATE),
    ("pir.reminded", ENTITY_MANAGEMENT, UPDATE),
    ("pir.overdue", ENTITY_MANAGEMENT, UPDATE),
    ("pir.closed", ENTITY_MANAGEMENT, UPDATE),
    ("conflict.opened", ENTITY_MANAGEMENT, UPDATE),
    ("conflict.coexist_asked", ENTITY_MANAGEMENT, UPDATE),
    ("conflict.escalated", ENTITY_MANAGEMENT, UPDATE),
    ("conflict.resolved", ENTITY_MANAGEMENT, UPDATE),
    ("conflict.yielded", ENTITY_MANAGEMENT, UPDATE),
    ("catalogue.suspended", ENTITY_MANAGEMENT, UPDATE),
    ("catalogue.resumed", ENTITY_MANAGEMENT, UPDATE),
    ("catalogue.expiring", ENTITY_MANAGEMENT, UPDATE),
    ("catalogue.expired", ENTITY_MANAGEMENT, UPDATE),
    ("notice.acknowledged", ENTITY_MANAGEMENT, UPDATE),
    ("notice.reminded", ENTITY_MANAGEMENT, UPDATE),
    ("notice.objected", ENTITY_MANAGEMENT, UPDATE),
    ("notice.settled", ENTITY_MANAGEMENT, UPDATE),
    ("notice.unsettled", ENTITY_MANAGEMENT, UPDATE),
    ("notice.previewed", ENTITY_MANAGEMENT, UPDATE),
    ("notice.sent", ENTITY_MANAGEMENT, UPDATE),
    ("exploit.claimed", ENTITY_MANAGEMENT, UPDATE),
    ("exploit.confirmed", ENTITY_MANAGEMENT, UPDATE),
    ("exploit.denied", ENTITY_MANAGEMENT, UPDATE),
    ("clearance.asked", ENTITY_MANAGEMENT, UPDATE),
    ("clearance.given", ENTITY_MANAGEMENT, UPDATE),
    ("clearance.denied", ENTITY_MANAGEMENT, UPDATE),
    ("standby.booked", ENTITY_MANAGEMENT, UPDATE),
    ("standby.taken", ENTITY_MANAGEMENT, UPDATE),
    ("standby.asked", ENTITY_MANAGEMENT, UPDATE),
    ("standby.confirmed", ENTITY_MANAGEMENT, UPDATE),
    ("standby.declined", ENTITY_MANAGEMENT, UPDATE),
    ("standby.missed", ENTITY_MANAGEMENT, UPDATE),
    ("standby.exhausted", ENTITY_MANAGEMENT, UPDATE),
    ("standby.alerted", ENTITY_MANAGEMENT, UPDATE),
    ("standby.moved", ENTITY_MANAGEMENT, UPDATE),
    ("standby.released", ENTITY_MANAGEMENT, UPDATE),
    ("rehearsal.asked", ENTITY_MANAGEMENT, UPDATE),
    ("rehearsal.planned", ENTITY_MANAGEMENT, UPDATE),
    ("rehearsal.begun", ENTITY_MANAGEMENT, UPDATE),
    ("rehearsal.proven", ENTITY_MANAGEMENT, UPDATE),
    ("rehearsal.failed", ENTITY_MANAGEMENT, UPDATE),
    ("rehearsal.waived", ENTITY_MANAGEMENT, UPDATE),
    ("rehearsal.moved", ENTITY_MANAGEMENT, UPDATE),
    ("rehearsal.reminded", ENTITY_MANAGEMENT, UPDATE),
    ("rehearsal.voided", ENTITY_MANAGEMENT, UPDATE),
    ("ruling.asked", ENTITY_MANAGEMENT, UPDATE),
    ("ruling.passed_on", ENTITY_MANAGEMENT, UPDATE),
    ("ruling.given", ENTITY_MANAGEMENT, UPDATE),
    ("ruling.appointed", ENTITY_MANAGEMENT, UPDATE),
    ("ruling.unanswered", ENTITY_MANAGEMENT, UPDATE),
    ("ruling.lapsed", ENTITY_MANAGEMENT, UPDATE),
    ("slot.queued", ENTITY_MANAGEMENT, UPDATE),
    ("slot.offered", ENTITY_MANAGEMENT, UPDATE),
    ("slot.missed", ENTITY_MANAGEMENT, UPDATE),
    ("slot.renewed", ENTITY_MANAGEMENT, UPDATE),
    ("slot.released", ENTITY_MANAGEMENT, UPDATE),
    ("slot.put_first", ENTITY_MANAGEMENT, UPDATE),
    ("slot.allowed_both", ENTITY_MANAGEMENT, UPDATE),
    ("field.asked", ENTITY_MANAGEMENT, UPDATE),
    ("field.dropped", ENTITY_MANAGEMENT, UPDATE),
    ("field.filled", ENTITY_MANAGEMENT, UPDATE),
    ("freeze.created", ENTITY_MANAGEMENT, CREATE),
    ("freeze.agreed", ENTITY_MANAGEMENT, UPDATE),
    ("freeze.objected", ENTITY_MANAGEMENT, UPDATE),
    ("freeze.awaited", ENTITY_MANAGEMENT, UPDATE),
    ("freeze.not_agreed", ENTITY_MANAGEMENT, UPDATE),
    ("freeze.announced", ENTITY_MANAGEMENT, UPDATE),
    ("freeze.begun", ENTITY_MANAGEMENT, UPDATE),
    ("freeze.stabilising", ENTITY_MANAGEMENT, UPDATE),
    ("freeze.restored", ENTITY_MANAGEMENT, UPDATE),
    ("freeze.extended", ENTITY_MANAGEMENT, UPDATE),
    ("freeze.ending", ENTITY_MANAGEMENT, UPDATE),
    ("freeze.review_due", ENTITY_MANAGEMENT, UPDATE),
    ("freeze.lifted", ENTITY_MANAGEMENT, UPDATE),
    ("freeze.cancelled", ENTITY_MANAGEMENT, UPDATE),
    ("freeze.passed", ENTITY_MANAGEMENT, UPDATE),
    ("override.requested", ENTITY_MANAGEMENT, UPDATE),
    ("override.signed", ENTITY_MANAGEMENT, UPDATE),
    ("override.granted", ENTITY_MANAGEMENT, UPDATE),
    ("override.denied", ENTITY_MANAGEMENT, UPDATE),
    ("override.used", ENTITY_MANAGEMENT, UPDATE),
    ("override.expired", ENTITY_MANAGEMENT, UPDATE),
    ("override.void", ENTITY_MANAGEMENT, UPDATE),
    ("exception.requested", ENTITY_MANAGEMENT, CREATE),
    ("exception.signed", ENTITY_MANAGEMENT, UPDATE),
    ("exception.granted", ENTITY_MANAGEMENT, UPDATE),
    ("exception.denied", ENTITY_MANAGEMENT, UPDATE),
    ("exception.used", ENTITY_MANAGEMENT, UPDATE),
    ("exception.ending", ENTITY_MANAGEMENT, UPDATE),
    ("exception.expired", ENTITY_MANAGEMENT, UPDATE),
    ("exception.revoked", ENTITY_MANAGEMENT, UPDATE),
    ("exception.overdue", ENTITY_MANAGEMENT, UPDATE),
    ("exception.reviewed", ENTITY_MANAGEMENT, UPDATE),
    ("batch.planned", ENTITY_MANAGEMENT, CREATE),
    ("batch.checked", ENTITY_MANAGEMENT, UPDATE),
    ("batch.confirmed", ENTITY_MANAGEMENT, UPDATE),
    ("batch.filed", ENTITY_MANAGEMENT, UPDATE),
    ("batch.item_refused", ENTITY_MANAGEMENT, UPDATE),
    ("batch.opened", ENTITY_MANAGEMENT, UPDATE),
    ("batch.said", ENTITY_MANAGEMENT, UPDATE),
    ("batch.excluded", ENTITY_MANAGEMENT, UPDATE),
    ("batch.started", ENTITY_MANAGEMENT, UPDATE),
    ("batch.advanced", ENTITY_MANAGEMENT, UPDATE),
    ("batch.held", ENTITY_MANAGEMENT, UPDATE),
    ("batch.paused", ENTITY_MANAGEMENT, UPDATE),
    ("batch.group_stopped", ENTITY_MANAGEMENT, UPDATE),
    ("batch.resumed", ENTITY_MANAGEMENT, UPDATE),
    ("batch.stopped", ENTITY_MANAGEMENT, UPDATE),
    ("batch.completed", ENTITY_MANAGEMENT, UPDATE),
    ("on_call.handed_over", ENTITY_MANAGEMENT, UPDATE),
    ("on_call.gap_found", ENTITY_MANAGEMENT, UPDATE),
    ("absence.noted", ENTITY_MANAGEMENT, CREATE),
    ("absence.began", ENTITY_MANAGEMENT, UPDATE),
    ("absence.ended", ENTITY_MANAGEMENT, UPDATE),
    ("delegation.granted", ENTITY_MANAGEMENT, CREATE),
    ("delegation.began", ENTITY_MANAGEMENT, UPDATE),
    ("delegation.ended", ENTITY_MANAGEMENT, UPDATE),
    ("meeting.announced", ENTITY_MANAGEMENT, CREATE),
    ("meeting.attended", ENTITY_MANAGEMENT, UPDATE),
    ("meeting.called", ENTITY_MANAGEMENT, UPDATE),
    ("meeting.closed", ENTITY_MANAGEMENT, UPDATE),
    ("meeting.decided", ENTITY_MANAGEMENT, UPDATE),
    ("meeting.item_begun", ENTITY_MANAGEMENT, UPDATE),
    ("meeting.item_deferred", ENTITY_MANAGEMENT, UPDATE),
    ("meeting.item_time_over", ENTITY_MANAGEMENT, UPDATE),
    ("meeting.missed", ENTITY_MANAGEMENT, UPDATE),
    ("meeting.opened", ENTITY_MANAGEMENT, UPDATE),
    ("meeting.pack_posted", ENTITY_MANAGEMENT, UPDATE),
    ("meeting.trend_rising", ENTITY_MANAGEMENT, UPDATE),
    ("meeting.reviews_listed", ENTITY_MANAGEMENT, UPDATE),
    ("organisation.applied", ENTITY_MANAGEMENT, UPDATE),
    ("policy.proposed", ENTITY_MANAGEMENT, UPDATE),
    ("policy.signed", ENTITY_MANAGEMENT, UPDATE),
    ("policy.objected", ENTITY_MANAGEMENT, UPDATE),
    ("policy.loaded", ENTITY_MANAGEMENT, UPDATE),
    ("amendment.proposed", ENTITY_MANAGEMENT, CREATE),
    ("amendment.answered", ENTITY_MANAGEMENT, UPDATE),
    ("amendment.adopted", ENTITY_MANAGEMENT, UPDATE),
    ("amendment.reopened", ENTITY_MANAGEMENT, UPDATE),
    ("amendment.declined", ENTITY_MANAGEMENT, UPDATE),
    ("amendment.reminded", ENTITY_MANAGEMENT, UPDATE),
    ("amendment.overdue", ENTITY_MANAGEMENT, UPDATE),
    ("charter.published", ENTITY_MANAGEMENT, CREATE),
    ("charter.acknowledged", ENTITY_MANAGEMENT, READ),
    ("policy.read", ENTITY_MANAGEMENT, READ),
    ("policy.review_due", ENTITY_MANAGEMENT, UPDATE),
    ("policy.review_late", ENTITY_MANAGEMENT, UPDATE),
    ("policy.reviewed", ENTITY_MANAGEMENT, UPDATE),
    ("charter.review_due", ENTITY_MANAGEMENT, UPDATE),
    ("charter.review_late", ENTITY_MANAGEMENT, UPDATE),
    ("charter.reviewed", ENTITY_MANAGEMENT, UPDATE),
    ("policy.overdue", ENTITY_MANAGEMENT, UPDATE),
    ("identity.linked", ACCOUNT_CHANGE, ACCOUNT_ENABLE),
    ("identity.reactivated", ACCOUNT_CHANGE, ACCOUNT_ENABLE),
    ("identity.unlinked", ACCOUNT_CHANGE, ACCOUNT_DISABLE),
    ("identity.deactivated", ACCOUNT_CHANGE, ACCOUNT_DISABLE),
    ("feed.opened", ACCOUNT_CHANGE, OTHER),
    ("feed.closed", ACCOUNT_CHANGE, OTHER),
    ("workspace.lost", APPLICATION_LIFECYCLE, LIFECYCLE_DISABLE),
    ("workspace.regained", APPLICATION_LIFECYCLE, LIFECYCLE_ENABLE),
    ("clock.moved", APPLICATION_LIFECYCLE, LIFECYCLE_UPDATE),
    ("log.key_rotated", APPLICATION_LIFECYCLE, LIFECYCLE_UPDATE),
    ("log.recovered", APPLICATION_LIFECYCLE, LIFECYCLE_UPDATE),
    ("erasure.requested", ENTITY_MANAGEMENT, UPDATE),
    ("erasure.declined", ENTITY_MANAGEMENT, UPDATE),
    ("erasure.approved", ENTITY_MANAGEMENT, UPDATE),
    ("payload.erased", ENTITY_MANAGEMENT, DELETE),
    ("person.erased", ENTITY_MANAGEMENT, DELETE),
    ("hold.placed", ENTITY_MANAGEMENT, UPDATE),
    ("hold.released", ENTITY_MANAGEMENT, UPDATE),
    ("archive.previewed", ENTITY_MANAGEMENT, UPDATE),
    ("archive.confirmed", ENTITY_MANAGEMENT, UPDATE),
    ("archive.asked", ENTITY_MANAGEMENT, UPDATE),
    ("archive.sealed", ENTITY_MANAGEMENT, UPDATE),
    ("archive.removed", ENTITY_MANAGEMENT, DELETE),
    ("archive.redacted", ENTITY_MANAGEMENT, UPDATE),
    ("redaction.asked", ENTITY_MANAGEMENT, UPDATE),
    ("redaction.approved", ENTITY_MANAGEMENT, UPDATE),
    ("redaction.declined", ENTITY_MANAGEMENT, UPDATE),
    ("redaction.void", ENTITY_MANAGEMENT, UPDATE),
    ("refused", API_ACTIVITY, OTHER),
    ("log.exported", API_ACTIVITY, READ),
];

/// A class of OCSF, and what happened within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    pub class_uid: u32,
    pub activity_id: u32,
    pub severity_id: u32,
    pub status_id: u32,
}

/// Where a kind belongs; one that is newer than this table is an activity of another kind.
pub fn class_of(kind: &str) -> Class {
    let row = CLASSES.iter().find(|(known, ..)| *known == kind);
    let (class_uid, activity_id) = row.map_or((API_ACTIVITY, OTHER), |(_, class, activity)| (*class, *activity));
    let is_refused = kind == "refused";
    Class {
        class_uid,
        activity_id,
        severity_id: if is_refused { LOW } else { INFORMATIONAL },
        status_id: if is_refused { FAILURE } else { SUCCESS },
    }
}

/// Whether a kind has its row.
pub fn is_mapped(kind: &str) -> bool {
    CLASSES.iter().any(|(known, ..)| *known == kind)
}

impl Class {
    pub fn type_uid(&self) -> u32 {
        self.class_uid * 100 + self.activity_id
    }

    pub fn json(&self) -> Value {
        json!({
            "category_uid": self.class_uid / 1_000, "class_uid": self.class_uid, "activity_id": self.activity_id,
            "type_uid": self.type_uid(), "severity_id": self.severity_id, "status_id": self.status_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_one_class_and_a_type_of_it() {
        let mut kinds: Vec<&str> = CLASSES.iter().map(|(kind, ..)| *kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), CLASSES.len());
        assert_eq!(class_of("incident.declared").type_uid(), 200_501);
        assert_eq!(class_of("refused").status_id, FAILURE);
        assert_eq!(class_of("of.the.future").json()["type_uid"], 600_399);
    }
}
