//! What kinds of entries are called by people who look for them.

/// A word under which entries are looked for.
#[derive(Debug, PartialEq, Eq)]
pub struct KindWord {
    pub word: &'static str,
    /// "a vote": what stands in place of an entry's line for whoever may not read its texts.
    pub phrase: &'static str,
    /// The kinds of the log that it stands for.
    pub kinds: &'static [&'static str],
}

const fn word(word: &'static str, phrase: &'static str, kinds: &'static [&'static str]) -> KindWord {
    KindWord { word, phrase, kinds }
}

/// Every word. A kind stands under one of them; a test holds that none is forgotten.
pub static KIND_WORDS: &[KindWord] = &[
    word("declared", "an incident declared", &["incident.declared"]),
    word("severity", "a priority set", &["incident.priority_set", "incident.word_unmapped"]),
    word("exposure", "a data exposure marked", &["incident.exposure_set"]),
    word("status", "a status set", &["incident.status_set"]),
    word("lead", "a commander", &["incident.lead_set", "successor.paged", "commander.heard"]),
    word("note", "a note", &["incident.noted"]),
    word("decided", "a decision", &["incident.decided"]),
    word("update", "an update to stakeholders", &["update.sent"]),
    word(
        "confirmation",
        "a step that needs a second person",
        &["incident.step_requested", "incident.step_confirmed", "incident.step_declined"],
    ),
    word("resolved", "an incident resolved", &["incident.resolved"]),
    word("reopened", "an incident that came back", &["incident.reopened"]),
    word("cancelled", "an incident cancelled", &["incident.cancelled"]),
    word("link", "what a change is to an incident", &["link.proposed", "link.confirmed", "link.rejected"]),
    word(
        "draft",
        "a step that looks like a change",
        &["draft.offered", "draft.reminded", "draft.submitted", "draft.joined", "draft.dismissed", "draft.left"],
    ),
    word("room", "a war room opened", &["room.opened"]),
    word("requested", "a change requested", &["change.requested"]),
    word("review", "a review", &["review.changes_wanted", "review.agreed"]),
    word("vote", "a vote", &["ballot.cast", "vote.reminded", "vote.chair_asked", "vote.closed"]),
    word("risk", "a risk judged otherwise than its score", &["risk.adjusted", "risk.lowering_asked"]),
    word("concern", "a voter's concern", &["concern.raised", "concern.resolved"]),
    word(
        "approval",
        "an approval",
        &[
            "seat.granted",
            "acceptance.given",
            "acceptance.expired",
            "change.approved",
            "approval.asked",
            "approval.acknowledged",
            "approval.unanswered",
            "approval.prolonged",
        ],
    ),
    word("rejected", "a change rejected", &["change.rejected"]),
    word("expired", "a deadline missed", &["change.approval_expired", "window.expired", "window.missed"]),
    word("edited", "a change edited or scheduled", &["change.edited", "change.revised", "change.scheduled"]),
    word("announced", "a change announced ahead", &["change.announced"]),
    word("held", "a change held up by a freeze, or let go", &["change.held", "change.released"]),
    word("started", "a change started", &["change.started"]),
    word("done", "a change done", &["change.done"]),
    word(
        "validation",
        "whether a change that is done works",
        &[
            "validation.opened",
            "validation.checked",
            "validation.reminded",
            "validation.again",
            "validation.passed",
            "validation.failed",
            "validation.doubted",
            "validation.cleared",
        ],
    ),
    word(
        "rollback",
        "a change rolled back, or a step of that",
        &["change.rolled_back", "rollback.begun", "rollback.step_done", "rollback.step_failed"],
    ),
    word("withdrawn", "a change withdrawn", &["change.withdrawn"]),
    word(
        "halted",
        "a running change halted, or let go on",
        &["change.halted", "change.let_finish", "change.resume_asked", "change.resumed"],
    ),
    word(
        "window",
        "a window about to close, or to be made longer",
        &["window.warned", "window.extension_requested", "window.extended", "window.extension_denied"],
    ),
    word(
        "slot",
        "a change's turn to run",
        &[
            "slot.queued",
            "slot.offered",
            "slot.missed",
            "slot.renewed",
            "slot.released",
            "slot.put_first",
            "slot.allowed_both",
        ],
    ),
    word(
        "checklist",
        "a checklist, or an item of one",
        &["checklist.added", "checklist.ticked", "checklist.unticked", "checklist.waiver_asked", "checklist.waived"],
    ),
    word(
        "field",
        "a field of your own, asked for, filled in or asked for no longer",
        &["field.asked", "field.dropped", "field.filled"],
    ),
    word(
        "retro",
        "a change found or recorded after it was made",
        &["change.recorded", "change.found", "change.claimed", "change.unclaimed", "change.attested"],
    ),
    word(
        "catalogue",
        "an entry of the catalogue suspended, resumed, expired, rated or suggested",
        &[
            "entry.suspended",
            "entry.rated",
            "entry.revision_due",
            "entry.suggested",
            "entry.submitted",
            "entry.approved",
            "catalogue.suspended",
            "catalogue.resumed",
            "catalogue.expiring",
            "catalogue.expired",
        ],
    ),
    word("major", "a major incident declared or stood down", &["major.declared", "major.stood_down"]),
    word(
        "freeze",
        "a change freeze",
        &[
            "freeze.created",
            "freeze.agreed",
            "freeze.objected",
            "freeze.awaited",
            "freeze.not_agreed",
            "freeze.announced",
            "freeze.begun",
            "freeze.stabilising",
            "freeze.restored",
            "freeze.extended",
            "freeze.ending",
            "freeze.review_due",
            "freeze.lifted",
            "freeze.cancelled",
            "freeze.passed",
        ],
    ),
    word(
        "batch",
        "a batch of changes",
        &[
            "batch.planned",
            "batch.checked",
            "batch.confirmed",
            "batch.filed",
            "batch.item_refused",
            "batch.opened",
            "batch.said",
            "batch.excluded",
            "batch.started",
            "batch.advanced",
            "batch.group_stopped",
            "batch.held",
            "batch.paused",
            "batch.resumed",
            "batch.stopped",
            "batch.completed",
        ],
    ),
    word(
        "exception",
        "an exception from a freeze, or from a procedure",
        &[
            "override.requested",
            "override.signed",
            "override.granted",
            "override.denied",
            "override.used",
            "override.expired",
            "override.void",
            "exception.requested",
            "exception.signed",
            "exception.granted",
            "exception.denied",
            "exception.used",
            "exception.ending",
            "exception.expired",
            "exception.revoked",
            "exception.overdue",
            "exception.reviewed",
        ],
    ),
    word(
        "ruling",
        "a ruling of the decision authority",
        &["ruling.asked", "ruling.passed_on", "ruling.given", "ruling.appointed", "ruling.unanswered", "ruling.lapsed"],
    ),
    word(
        "conflict",
        "changes in each other's way",
        &["conflict.opened", "conflict.coexist_asked", "conflict.escalated", "conflict.resolved", "conflict.yielded"],
    ),
    word(
        "notice",
        "the notice of a change read, objected to, or sent",
        &[
            "notice.acknowledged",
            "notice.reminded",
            "notice.objected",
            "notice.settled",
            "notice.unsettled",
            "notice.previewed",
            "notice.sent",
        ],
    ),
    word(
        "standby",
        "who stands ready to take a change back",
        &[
            "standby.booked",
            "standby.taken",
            "standby.asked",
            "standby.confirmed",
            "standby.declined",
            "standby.missed",
            "standby.exhausted",
            "standby.alerted",
            "standby.moved",
            "standby.released",
        ],
    ),
    word(
        "rehearsal",
        "rehearsals of a way back",
        &[
            "rehearsal.asked",
            "rehearsal.planned",
            "rehearsal.begun",
            "rehearsal.proven",
            "rehearsal.failed",
            "rehearsal.waived",
            "rehearsal.moved",
            "rehearsal.reminded",
            "rehearsal.voided",
        ],
    ),
    word(
        "claim",
        "what a change claims: an exploit, or to start beside an incident",
        &[
            "exploit.claimed",
            "exploit.confirmed",
            "exploit.denied",
            "clearance.asked",
            "clearance.given",
            "clearance.denied",
        ],
    ),
    word("pir", "the review of an emergency change", &["pir.opened", "pir.reminded", "pir.overdue", "pir.closed"]),
    word(
        "delegation",
        "somebody who stands in for another",
        &["delegation.granted", "delegation.began", "delegation.ended"],
    ),
    word("on_call", "who is on call", &["on_call.handed_over", "on_call.gap_found"]),
    word("absence", "somebody who is away", &["absence.noted", "absence.began", "absence.ended"]),
    word(
        "meeting",
        "a meeting of the board",
        &[
            "meeting.announced",
            "meeting.called",
            "meeting.missed",
            "meeting.opened",
            "meeting.attended",
            "meeting.item_begun",
            "meeting.item_time_over",
            "meeting.item_deferred",
            "meeting.reviews_listed",
            "meeting.pack_posted",
            "meeting.trend_rising",
            "meeting.decided",
            "meeting.closed",
        ],
    ),
    word("refused", "a refusal", &["refused"]),
    word(
        "account",
        "an account",
        &["identity.linked", "identity.unlinked", "identity.deactivated", "identity.reactivated"],
    ),
    word("calendar", "a calendar's address", &["feed.opened", "feed.closed"]),
    word("workspace", "a workspace lost or regained", &["workspace.lost", "workspace.regained"]),
    word("organisation", "the organisation loaded", &["organisation.applied"]),
    word(
        "charter",
        "the charter of a team",
        &["charter.published", "charter.acknowledged", "charter.review_due", "charter.review_late", "charter.reviewed"],
    ),
    word(
        "signature",
        "a policy proposed, signed or objected to",
        &["policy.proposed", "policy.signed", "policy.objected", "policy.overdue"],
    ),
    word(
        "amendment",
        "an amendment of the policy that somebody asks for",
        &[
            "amendment.proposed",
            "amendment.answered",
            "amendment.adopted",
            "amendment.reopened",
            "amendment.declined",
            "amendment.reminded",
            "amendment.overdue",
        ],
    ),
    word(
        "policy",
        "a policy",
        &["policy.loaded", "policy.read", "policy.review_due", "policy.review_late", "policy.reviewed"],
    ),
    word("clock", "the sandbox's clock moved", &["clock.moved"]),
    word("export", "an export of the log", &["log.exported"]),
    word("key", "another key that signs the log", &["log.key_rotated"]),
    word("recovered", "a log that goes on under a new name", &["log.recovered"]),
    word(
        "erased",
        "an erasure",
        &["erasure.requested", "erasure.declined", "erasure.approved", "payload.erased", "person.erased"],
    ),
    word("hold", "a hold", &["hold.placed", "hold.released"]),
    word("retention", "rules of retention", &["archive.previewed", "archive.confirmed"]),
    word("archive", "a bundle of the archive", &["archive.asked", "archive.sealed", "archive.removed"]),
    word(
        "redaction",
        "a redacted copy",
        &["redaction.asked", "redaction.approved", "redaction.declined", "redaction.void", "archive.redacted"],
    ),
];

impl KindWord {
    /// Reads a word, or the name of a kind as the log has it.
    pub fn parse(typed: &str) -> Option<&'static KindWord> {
        let typed = typed.to_lowercase();
        KIND_WORDS.iter().find(|known| known.word == typed).or_else(|| KindWord::of(&typed))
    }

    /// The word that a kind stands under.
    pub fn of(kind: &str) -> Option<&'static KindWord> {
        KIND_WORDS.iter().find(|known| known.kinds.contains(&kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_stands_under_one_word() {
        let mut kinds: Vec<&str> = KIND_WORDS.iter().flat_map(|word| word.kinds).copied().collect();
        let mut words: Vec<&str> = KIND_WORDS.iter().map(|word| word.word).collect();
        let (all_kinds, all_words) = (kinds.len(), words.len());
        kinds.sort_unstable();
        kinds.dedup();
        words.sort_unstable();
        words.dedup();
        assert_eq!((kinds.len(), words.len()), (all_kinds, all_words));
        assert_eq!(
            KindWord::parse("VOTE").map(|word| word.kinds),
            Some(&["ballot.cast", "vote.reminded", "vote.chair_asked", "vote.closed"][..])
        );
        assert_eq!(KindWord::parse("seat.granted").map(|word| word.word), Some("approval"));
        assert_eq!(KindWord::parse("votes"), None);
    }
}
