//! What a record's entries add up to: the state that its rows must show.
//!
//! A pure fold over the facts of entries, which knows every kind that can be written.

mod amendment;
mod archive;
mod batch;
mod checklist;
mod claim;
mod conflict;
mod custom_field;
mod draft;
mod exception;
mod feed;
mod freeze;
mod link;
mod mark;
mod meeting;
mod notice;
mod part;
mod pir;
mod proposal;
mod record;
mod rehearsal;
mod rows;
mod ruling;
mod slot;
mod spell;
mod standby;
mod window;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

use amendment::{AmendmentEffect, Amendments};
use archive::{ArchiveEffect, Archives};
use batch::BatchEffect;
use checklist::{ChecklistEffect, Listed};
use claim::ClaimEffect;
use conflict::ConflictEffect;
use custom_field::{FieldEffect, Fields};
use draft::DraftEffect;
use exception::ExceptionEffect;
use feed::FeedEffect;
use freeze::{FreezeEffect, Override};
use mark::Mark;
use meeting::MeetingEffect;
use notice::NoticeEffect;
pub use part::Part;
use pir::{Pir, PirEffect};
use proposal::{ProposalEffect, Proposals};
use record::{asked, entry_of, one_asked, touches};
use rehearsal::RehearsalEffect;
use ruling::RulingEffect;
use spell::SpellEffect;
use standby::StandbyEffect;
use window::WindowEffect;

/// A row of state in words, and the newest entry that changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub version: i32,
    /// `mitigated, P2, led by p_x`
    pub words: String,
}

/// Folds the entries of one record.
#[derive(Debug, Clone, Default)]
pub struct Replay {
    record: Option<Record>,
    /// Ballots, approvals and the like, under the entry that made each.
    marks: BTreeMap<(Part, i32), String>,
    overrides: Vec<Override>,
    spells: spell::Spells,
    proposals: Proposals,
    amendments: Amendments,
    links: link::Links,
    archives: Archives,
    turn: slot::Turn,
    rulings: ruling::Rulings,
    conflicts: conflict::Conflicts,
    answers: notice::Answers,
    claims: claim::Claims,
    standby: standby::Standby,
    rehearsals: rehearsal::Rehearsals,
    pir: Option<Pir>,
    /// A kind that this version does not know.
    unknown: Option<String>,
}

/// The words that matter of the record's own row.
#[derive(Debug, Clone)]
struct Record {
    version: i32,
    status: String,
    /// The items that a change has to show, in the order in which they were put on it.
    listed: Listed,
    fields: Fields,
    /// Whom a change asks for a yes: `p_x security on_call`.
    asked: Vec<String>,
    /// What a change touches: `security`.
    touches: Vec<String>,
    of: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Incident {
        priority: String,
        commander: String,
        /// Where a data exposure is marked.
        exposure: Option<String>,
        drafts: draft::Drafts,
    },
    Change {
        revision: i64,
        window: Option<(String, String)>,
        extended: i64,
        entry: Option<String>,
        /// Until when its risk is accepted, and whether that is over.
        accepted: Option<(String, bool)>,
    },
    Freeze {
        kind: String,
        hard: bool,
        wide: bool,
        from: String,
        until: Option<String>,
        rest: String,
    },
    Meeting(meeting::Meeting),
    /// `review`: what became of the look back on it.
    Exception {
        what: String,
        until: String,
        signed: Vec<String>,
        review: Vec<String>,
    },
    Batch(batch::Batch),
}

/// What an entry does to the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Only the log grows.
    Nothing,
    /// The row is written, and says nothing else in the words that matter.
    Touched,
    Declared,
    PrioritySet,
    ExposureSet,
    StatusSet,
    LeadSet,
    Requested,
    Revised,
    Scheduled,
    Marked(Mark),
    Approved,
    /// Of a record: it works, or it was taken back.
    Attested,
    Window(WindowEffect),
    Freeze(FreezeEffect),
    Exception(ExceptionEffect),
    Batch(BatchEffect),
    Pir(PirEffect),
    Spell(SpellEffect),
    Meeting(MeetingEffect),
    Feed(FeedEffect),
    Checklist(ChecklistEffect),
    Field(FieldEffect),
    Proposal(ProposalEffect),
    Amendment(AmendmentEffect),
    Ruling(RulingEffect),
    Conflict(ConflictEffect),
    Notice(NoticeEffect),
    Claim(ClaimEffect),
    Standby(StandbyEffect),
    Rehearsal(RehearsalEffect),
    Draft(DraftEffect),
    /// A link is this from now on.
    Linked(&'static str),
    Archive(ArchiveEffect),
    /// One more is asked for a yes.
    Asked,
    /// Its risk is accepted for a time, which may be over.
    Accepted {
        over: bool,
    },
    /// The entry of the catalogue by which it is standard is rated.
    Rated,
    /// The row has this status from now on.
    Became(&'static str),
}

impl Effect {
    /// `None`: a kind that this version does not write.
    fn of(kind: &str) -> Option<Effect> {
        Some(match kind {
            "incident.declared" => Effect::Declared,
            "incident.priority_set" => Effect::PrioritySet,
            "incident.exposure_set" => Effect::ExposureSet,
            "incident.status_set" => Effect::StatusSet,
            "incident.lead_set" => Effect::LeadSet,
            "incident.resolved" => Effect::Became("resolved"),
            "incident.reopened" => Effect::Became("investigating"),
            "incident.cancelled" | "change.withdrawn" => Effect::Became("cancelled"),
            "change.requested" | "change.recorded" | "change.found" => Effect::Requested,
            "change.revised" => Effect::Revised,
            "change.scheduled" => Effect::Scheduled,
            "seat.granted" => Effect::Marked(Mark::Seat),
            "ballot.cast" => Effect::Marked(Mark::Ballot),
            "concern.raised" => Effect::Marked(Mark::ConcernRaised),
            "concern.resolved" => Effect::Marked(Mark::ConcernResolved),
            "change.approved" => Effect::Approved,
            "change.rejected" => Effect::Became("rejected"),
            "change.approval_expired" => Effect::Became("approval_expired"),
            "change.started" => Effect::Became("implementing"),
            "change.done" => Effect::Became("completed"),
            "change.rolled_back" => Effect::Became("rolled_back"),
            "incident.step_requested"
            | "incident.step_confirmed"
            | "incident.step_declined"
            | "update.sent"
            | "change.edited"
            | "change.announced"
            | "rollback.begun"
            | "rollback.step_done"
            | "rollback.step_failed"
            | "vote.closed"
            | "vote.reminded"
            | "vote.chair_asked"
            | "major.declared"
            | "major.stood_down"
            | "payload.erased" => Effect::Touched,
            "incident.word_unmapped"
            | "incident.noted"
            | "incident.decided"
            | "room.opened"
            | "identity.linked"
            | "identity.unlinked"
            | "identity.deactivated"
            | "identity.reactivated"
            | "workspace.lost"
            | "workspace.regained"
            | "refused"
            | "organisation.applied"
            | "policy.review_due"
            | "policy.overdue"
            | "clock.moved"
            | "log.exported"
            | "log.recovered"
            | "log.key_rotated"
            | "erasure.requested"
            | "erasure.declined"
            | "erasure.approved"
            | "person.erased"
            | "hold.placed"
            | "hold.released"
            | "archive.previewed"
            | "archive.confirmed"
            | "archive.asked"
            | "on_call.handed_over"
            | "on_call.gap_found" => Effect::Nothing,
            _ => return Effect::of_part(kind),
        })
    }

    /// What a part of a record, or a record of another kind, says of itself.
    fn of_part(kind: &str) -> Option<Effect> {
        let window = WindowEffect::of(kind).map(Effect::Window);
        let pir = PirEffect::of(kind).map(Effect::Pir);
        let feed = FeedEffect::of(kind).map(Effect::Feed);
        let checklist = ChecklistEffect::of(kind).map(Effect::Checklist);
        let proposal = ProposalEffect::of(kind).map(Effect::Proposal);
        let link = link::state_of(kind).map(Effect::Linked);
        let archive = ArchiveEffect::of(kind).map(Effect::Archive);
        let ruling = RulingEffect::of(kind).map(Effect::Ruling);
        let others = window.or(pir).or(feed).or(checklist).or(proposal).or(link).or(archive).or(ruling);
        others
            .or_else(|| meeting::effect(kind))
            .or_else(|| ConflictEffect::of(kind).map(Effect::Conflict))
            .or_else(|| notice::effect_of(kind))
            .or_else(|| ClaimEffect::of(kind).map(Effect::Claim))
            .or_else(|| StandbyEffect::of(kind).map(Effect::Standby))
            .or_else(|| RehearsalEffect::of(kind).map(Effect::Rehearsal))
            .or_else(|| FieldEffect::of(kind).map(Effect::Field))
            .or_else(|| DraftEffect::of(kind).map(Effect::Draft))
            .or_else(|| mark::of_catalogue(kind).or(mark::of_review(kind)).map(Effect::Marked))
            .or_else(|| mark::effect_of_charter(kind))
            .or_else(|| spell::effect(kind))
            .or_else(|| freeze::effect_of(kind))
            .or_else(|| exception::effect_of(kind))
            .or_else(|| batch::effect_of(kind))
            .or_else(|| amendment::effect_of(kind))
            .or_else(|| Effect::of_turn(kind))
    }
}

impl Replay {
    /// Whether entries of this kind can be folded.
    pub fn knows(kind: &str) -> bool {
        Effect::of(kind).is_some()
    }

    /// Whether an entry of this kind needs its facts to be read.
    pub fn reads(kind: &str) -> bool {
        !matches!(
            Effect::of(kind),
            Some(Effect::Nothing | Effect::Touched | Effect::Meeting(MeetingEffect::Attended) | Effect::Became(_))
                | None
        )
    }

    /// Folds the next entry. `actor` is whom it names.
    pub fn push(&mut self, seq: i32, kind: &str, actor: &str, facts: &Value) {
        let Some(effect) = Effect::of(kind) else {
            self.unknown.get_or_insert_with(|| kind.to_owned());
            return;
        };
        self.push_of_turn(kind);
        let word = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
        let revision = facts["revision"].as_i64().unwrap_or_default();
        match effect {
            Effect::Nothing => {}
            Effect::Touched => self.write(seq, |_| {}),
            Effect::Declared | Effect::Requested => self.record = Some(Record::first(seq, effect, facts)),
            Effect::Revised => self.write(seq, |record| {
                "awaiting_approval".clone_into(&mut record.status);
                record.listed.reopen();
                record.asked = asked(facts);
                record.touches = touches(facts);
                record.of =
                    Kind::Change { revision, window: None, extended: 0, entry: entry_of(facts), accepted: None };
            }),
            Effect::Scheduled => self.write(seq, |record| record.schedule(word("opens"), word("closes"))),
            Effect::PrioritySet | Effect::ExposureSet | Effect::LeadSet => {
                self.write(seq, |record| record.set_of_incident(effect, word("to")));
            }
            Effect::StatusSet => self.write(seq, |record| record.status = word("to")),
            Effect::Became(status) => self.write(seq, |record| status.clone_into(&mut record.status)),
            Effect::Approved => self.write(seq, |record| record.approve(word("opens"), word("closes"))),
            Effect::Attested => self.write(seq, |record| {
                let works = facts["works"].as_bool().unwrap_or_default();
                (if works { "completed" } else { "rolled_back" }).clone_into(&mut record.status);
            }),
            Effect::Window(effect) => self.push_of_window(seq, effect, facts),
            Effect::Marked(mark) => self.mark(seq, mark, actor, facts),
            Effect::Freeze(effect) => self.push_of_freeze(seq, effect, actor, facts),
            Effect::Exception(effect) => self.push_of_exception(seq, effect, actor, facts),
            Effect::Batch(effect) => self.push_of_batch(seq, effect, actor, facts),
            Effect::Pir(effect) => self.push_of_pir(seq, effect, actor, facts),
            Effect::Spell(effect) => self.spells.push(seq, effect, facts),
            Effect::Meeting(effect) => self.push_of_meeting(seq, effect, facts),
            Effect::Feed(effect) => self.push_of_feed(seq, effect, facts),
            Effect::Proposal(effect) => self.proposals.push(seq, effect, actor, facts),
            Effect::Amendment(effect) => self.amendments.push(seq, effect, facts),
            Effect::Checklist(effect) => self.write(seq, |record| record.listed.push(effect, facts)),
            Effect::Field(effect) => self.write(seq, |record| record.fields.push(effect, facts)),
            Effect::Linked(state) => self.push_of_link(seq, state, actor, facts),
            Effect::Rated => self.write(seq, |record| record.rate(facts)),
            Effect::Asked => self.write(seq, |record| record.asked.push(one_asked(facts))),
            Effect::Accepted { over } => self.write(seq, |record| record.accept(word("until"), over)),
            Effect::Archive(effect) => self.archives.push(seq, effect, actor, facts),
            Effect::Ruling(effect) => self.push_of_ruling(seq, effect, actor, facts),
            Effect::Conflict(effect) => self.push_of_conflict(seq, effect, facts),
            Effect::Notice(effect) => self.push_of_notice(seq, effect, actor, facts),
            Effect::Claim(effect) => self.push_of_claim(seq, effect, actor, facts),
            Effect::Standby(effect) => self.push_of_standby(seq, effect, facts),
            Effect::Rehearsal(effect) => self.push_of_rehearsal(seq, effect, facts),
            Effect::Draft(effect) => self.write(seq, |record| {
                if let Kind::Incident { drafts, .. } = &mut record.of {
                    drafts.push(effect, facts);
                }
            }),
        }
    }

    fn write(&mut self, seq: i32, with: impl FnOnce(&mut Record)) {
        if let Some(record) = &mut self.record {
            record.version = seq;
            with(record);
        }
    }

    /// The kind of an entry that this version does not know: what the others add up to is not the state.
    pub fn unknown(&self) -> Option<&str> {
        self.unknown.as_deref()
    }
}
