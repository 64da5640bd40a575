//! Samples of what happens to changes.

use wardroom::domain::event::{
    ApprovalEvent, ChangeEvent, EditedField, FindingEvent, Found, Recorded, Requested, ReviewEvent, Revised, RiskEvent,
    Suspended,
};
use wardroom::domain::rules::{AskedAs, Band, ChangeKind, ClassNote, RiskAssessment, Seat, Touch, Touches};
use wardroom::domain::{
    BallotChoice, Event, PersonId, ReviewAnswers, SeatAsk, Standard, StandsFor, Subject, VoteResult, Window,
};

use super::events::{at, somebody, text};
use super::{entry_samples, halt_samples, rollback_samples, slot_samples, validation_samples};

const NOT_BACK: ReviewAnswers = ReviewAnswers { target: true, rollback: false, effects: true };

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<ChangeEvent> {
    vec![
        ChangeEvent::Requested(Box::new(requested())),
        ChangeEvent::Revised(Box::new(Revised {
            kind: ChangeKind::Emergency,
            revision: 2,
            fields: vec![edited()],
            risk: requested().risk,
            requires: "a peer review and an E-CAB vote".to_owned(),
            policy: 1,
            skipped: vec!["window review policy_followed".to_owned()],
            voided: vec![text("voided people")],
            asks: vec![ask()],
            standard: Some(standard()),
            touches: requested().touches,
        })),
        ChangeEvent::Edited { fields: vec![edited()] },
        ChangeEvent::Scheduled { window: window() },
        ChangeEvent::Review(ReviewEvent::ChangesWanted { revision: 1, answers: NOT_BACK, why: text("why") }),
        ChangeEvent::Review(ReviewEvent::Agreed { revision: 1, answers: ReviewAnswers::YES }),
        ChangeEvent::SeatGranted {
            seat: Seat::ServiceOwner,
            revision: 1,
            on_behalf: Some(StandsFor { person: PersonId("p_1".into()), until: at(17) }),
            accepted: Some(text("accepted")),
            answers: Some(ReviewAnswers::YES),
            why: Some(text("why")),
            owns: vec!["payments".to_owned()],
        },
        ballot(),
        ChangeEvent::ConcernRaised { revision: 1, why: text("why") },
        ChangeEvent::ConcernResolved { revision: 1, raised: 1, of: somebody(), why: Some(text("why")) },
        ChangeEvent::VoteReminded { revision: 1, percent: 50, closes: at(17), people: vec![somebody()] },
        ChangeEvent::ChairAsked { revision: 1, chair: somebody() },
        ChangeEvent::VoteClosed { result: result() },
        ChangeEvent::Asked { ask: ask() },
        ChangeEvent::Approval(ApprovalEvent::Acknowledged { revision: 1, seats: vec![Seat::PeerReviewer] }),
        ChangeEvent::Unanswered { seat: Seat::ServiceOwner, nobody: true },
        ChangeEvent::Approval(accepted()),
        ChangeEvent::Approval(expired()),
        ChangeEvent::Approval(prolonged()),
        ChangeEvent::Approved { window: Some(window()), ahead: true, taken_by: Some(Subject::Change(3)) },
        ChangeEvent::Rejected { why: text("why") },
        ChangeEvent::ApprovalExpired { sentence: text("sentence") },
        ChangeEvent::Started,
        ChangeEvent::Done { summary: Some(text("summary")) },
        ChangeEvent::RolledBack { why: text("why") },
        ChangeEvent::Withdrawn { why: text("why") },
        ChangeEvent::Announced { window: window(), left: Some("5 business days".to_owned()) },
        ChangeEvent::WindowWarned { minutes_left: 10, closes: at(17) },
        ChangeEvent::WindowExpired { closed: at(17), late: true, extendable: true },
        ChangeEvent::WindowMissed { closed: at(17), over: true },
        ChangeEvent::ExtensionRequested { round: 1, why: text("why"), until: at(16), closes: Some(at(17)) },
        ChangeEvent::WindowExtended { window: Window { opens: at(16), closes: at(20) }, times: 1 },
        ChangeEvent::ExtensionDenied { sentence: text("sentence"), closes: Some(at(17)) },
        ChangeEvent::Recorded(Box::new(recorded())),
        ChangeEvent::Attested { works: true },
        ChangeEvent::Finding(FindingEvent::Found(Box::new(found()))),
        ChangeEvent::Finding(FindingEvent::Claimed(Box::new(recorded()))),
        ChangeEvent::Finding(FindingEvent::Unclaimed { found: at(14) }),
        ChangeEvent::EntrySuspended(suspended()),
    ]
    .into_iter()
    .chain(entry_samples::samples().map(ChangeEvent::Entry))
    .chain(judged().map(ChangeEvent::Risk))
    .collect()
}

fn ballot() -> ChangeEvent {
    ChangeEvent::BallotCast {
        choice: BallotChoice::Reject,
        revision: 1,
        round: 1,
        on_behalf: Some(StandsFor { person: PersonId("p_1".into()), until: at(17) }),
        why: Some(text("why")),
        replaces: true,
        owns: vec!["payments".to_owned()],
    }
}

fn suspended() -> Suspended {
    Suspended { entry: "log-rotation".to_owned(), version: 1, failures: 2, uses: 10, owner: Some(somebody()) }
}

fn judged() -> [RiskEvent; 2] {
    let (from, to, why) = (Band::High, Band::Medium, text("why"));
    [
        RiskEvent::Adjusted { from, to, asked_by: Some(somebody()), why: why.clone() },
        RiskEvent::LoweringAsked { from, to, why },
    ]
}

fn window() -> Window {
    Window { opens: at(15), closes: at(17) }
}

fn result() -> VoteResult {
    let (outcome, sentence) = ("passed(early)".to_owned(), text("sentence"));
    VoteResult { passed: true, outcome, sentence, at: at(15), by: Some(somebody()) }
}

/// Those that may hold less, with as little as they may hold.
pub fn sparse() -> Vec<ChangeEvent> {
    vec![
        ChangeEvent::Requested(Box::new(Requested {
            incident: None,
            also: Vec::new(),
            tested: false,
            touches: Touches::default(),
            asks: Vec::new(),
            standard: None,
            ..requested()
        })),
        ChangeEvent::Risk(RiskEvent::Adjusted { from: Band::Low, to: Band::High, asked_by: None, why: text("why") }),
        ChangeEvent::SeatGranted {
            seat: Seat::PeerReviewer,
            revision: 1,
            on_behalf: None,
            accepted: None,
            answers: None,
            why: None,
            owns: Vec::new(),
        },
        ChangeEvent::Approval(ApprovalEvent::RiskAccepted {
            revision: 1,
            until: at(17),
            again: false,
            accepted: None,
            alternatives: text("alternatives"),
            why: None,
        }),
        ChangeEvent::Unanswered { seat: Seat::PeerReviewer, nobody: false },
        ChangeEvent::BallotCast {
            choice: BallotChoice::Recuse,
            revision: 1,
            round: 0,
            on_behalf: None,
            why: None,
            replaces: false,
            owns: Vec::new(),
        },
        ChangeEvent::ConcernRaised { revision: 1, why: text("why") },
        ChangeEvent::ConcernResolved { revision: 1, raised: 0, of: somebody(), why: None },
        ChangeEvent::Done { summary: None },
        ChangeEvent::Announced { window: window(), left: None },
        ChangeEvent::WindowExpired { closed: at(16), late: false, extendable: false },
        ChangeEvent::WindowMissed { closed: at(16), over: false },
        ChangeEvent::ExtensionRequested { round: 1, why: text("why"), until: at(16), closes: None },
        ChangeEvent::ExtensionDenied { sentence: text("sentence"), closes: None },
        ChangeEvent::Recorded(Box::new(Recorded {
            incident: None,
            also: Vec::new(),
            impact: None,
            allowed_by: None,
            late: false,
            found: None,
            works: false,
            touches: Touches::default(),
            frozen: Vec::new(),
            ..recorded()
        })),
        ChangeEvent::Attested { works: false },
        sparsely_found(),
        ChangeEvent::EntrySuspended(Suspended {
            entry: "log-rotation".to_owned(),
            version: 1,
            failures: 2,
            uses: 3,
            owner: None,
        }),
    ]
}

/// A concern is resolved by the entry that raised it, and once.
pub fn resolve_what_was_raised(events: &mut [Event], entries_before: i32) {
    let mut open = Vec::new();
    for (seq, event) in (entries_before + 1..).zip(events) {
        match event {
            Event::Change(ChangeEvent::ConcernRaised { .. }) => open.push(seq),
            Event::Change(ChangeEvent::ConcernResolved { raised, .. }) => *raised = open.pop().expect("one is open"),
            _ => {}
        }
    }
}

/// Said a second time, so that nobody adds a variant, or renames a kind, without coming by here.
pub fn kind_of(event: &ChangeEvent) -> &'static str {
    match event {
        ChangeEvent::Requested(_) => "change.requested",
        ChangeEvent::Revised(_) => "change.revised",
        ChangeEvent::Edited { .. } => "change.edited",
        ChangeEvent::Risk(RiskEvent::Adjusted { .. }) => "risk.adjusted",
        ChangeEvent::Risk(RiskEvent::LoweringAsked { .. }) => "risk.lowering_asked",
        ChangeEvent::Scheduled { .. } => "change.scheduled",
        ChangeEvent::Review(ReviewEvent::ChangesWanted { .. }) => "review.changes_wanted",
        ChangeEvent::Review(ReviewEvent::Agreed { .. }) => "review.agreed",
        ChangeEvent::SeatGranted { .. } => "seat.granted",
        ChangeEvent::BallotCast { .. } => "ballot.cast",
        ChangeEvent::ConcernRaised { .. } => "concern.raised",
        ChangeEvent::ConcernResolved { .. } => "concern.resolved",
        ChangeEvent::VoteReminded { .. } => "vote.reminded",
        ChangeEvent::ChairAsked { .. } => "vote.chair_asked",
        ChangeEvent::VoteClosed { .. } => "vote.closed",
        ChangeEvent::Asked { .. } => "approval.asked",
        ChangeEvent::Approval(ApprovalEvent::Acknowledged { .. }) => "approval.acknowledged",
        ChangeEvent::Unanswered { .. } => "approval.unanswered",
        ChangeEvent::Approval(ApprovalEvent::Prolonged { .. }) => "approval.prolonged",
        ChangeEvent::Approval(ApprovalEvent::RiskAccepted { .. }) => "acceptance.given",
        ChangeEvent::Approval(ApprovalEvent::AcceptanceExpired { .. }) => "acceptance.expired",
        ChangeEvent::Approved { .. } => "change.approved",
        ChangeEvent::Rejected { .. } => "change.rejected",
        ChangeEvent::ApprovalExpired { .. } => "change.approval_expired",
        ChangeEvent::Started => "change.started",
        ChangeEvent::Done { .. } => "change.done",
        ChangeEvent::RolledBack { .. } => "change.rolled_back",
        ChangeEvent::Withdrawn { .. } => "change.withdrawn",
        ChangeEvent::Announced { .. } => "change.announced",
        ChangeEvent::WindowWarned { .. } => "window.warned",
        ChangeEvent::WindowExpired { .. } => "window.expired",
        ChangeEvent::WindowMissed { .. } => "window.missed",
        ChangeEvent::ExtensionRequested { .. } => "window.extension_requested",
        ChangeEvent::WindowExtended { .. } => "window.extended",
        ChangeEvent::ExtensionDenied { .. } => "window.extension_denied",
        ChangeEvent::EntrySuspended(_) => "entry.suspended",
        ChangeEvent::Entry(event) => entry_samples::kind_of(event),
        ChangeEvent::Recorded(_) => "change.recorded",
        ChangeEvent::Attested { .. } => "change.attested",
        ChangeEvent::Finding(FindingEvent::Found(_)) => "change.found",
        ChangeEvent::Finding(FindingEvent::Claimed(_)) => "change.claimed",
        ChangeEvent::Finding(FindingEvent::Unclaimed { .. }) => "change.unclaimed",
        ChangeEvent::Slot(event) => slot_samples::kind_of(event),
        ChangeEvent::Halt(event) => halt_samples::kind_of(event),
        ChangeEvent::Hold(event) => halt_samples::kind_of_hold(event),
        ChangeEvent::Validation(event) => validation_samples::kind_of(event),
        ChangeEvent::Rollback(event) => rollback_samples::kind_of(event),
    }
}

fn accepted() -> ApprovalEvent {
    let (accepted, why, alternatives) = (Some(text("accepted")), Some(text("why")), text("alternatives"));
    ApprovalEvent::RiskAccepted { revision: 1, until: at(17), again: true, accepted, alternatives, why }
}

fn expired() -> ApprovalEvent {
    let (person, people) = (PersonId("p_1".into()), vec![PersonId("p_2".into())]);
    ApprovalEvent::AcceptanceExpired { revision: 1, person, until: at(17), people }
}

fn prolonged() -> ApprovalEvent {
    let (people, voters, sentence) = (vec![somebody()], vec![somebody()], text("sentence"));
    ApprovalEvent::Prolonged { revision: 1, until: at(17), people, voters, sentence }
}

fn ask() -> SeatAsk {
    let person = PersonId("p_1".to_owned());
    SeatAsk { seat: Seat::ServiceOwner, person, because: AskedAs::Owner, until: Some(at(16)), acknowledged: None }
}

fn edited() -> EditedField {
    EditedField { name: "plan", before: text("before"), after: text("after") }
}

fn recorded() -> Recorded {
    Recorded {
        title: text("title"),
        incident: Some(1),
        service: "payments".to_owned(),
        also: vec!["ledger".to_owned()],
        impact: Some(text("impact")),
        why: text("why"),
        evidence: text("evidence"),
        works: true,
        touches: requested().touches,
        from: at(13),
        made: at(14),
        late: true,
        found: Some(at(14)),
        made_by: somebody(),
        allowed_by: Some(somebody()),
        frozen: vec!["FRZ-1".to_owned()],
        risk: requested().risk,
        requires: "the change manager and the second person".to_owned(),
        policy: 1,
    }
}

fn sparsely_found() -> ChangeEvent {
    let (incident, also, touches, made) = (None, Vec::new(), Touches::default(), None);
    ChangeEvent::Finding(FindingEvent::Found(Box::new(Found { incident, also, touches, made, ..found() })))
}

fn found() -> Found {
    Found {
        title: text("title"),
        incident: Some(1),
        service: "payments".to_owned(),
        also: vec!["ledger".to_owned()],
        evidence: text("evidence"),
        touches: requested().touches,
        made: Some(at(13)),
        found: at(14),
        due: at(18),
        policy: 1,
    }
}

fn standard() -> Standard {
    let parameters = [("keep_days".to_owned(), "14".to_owned())].into();
    Standard { entry: "log-rotation".to_owned(), version: 1, parameters, freeze_safe: true, rating: None }
}

fn requested() -> Requested {
    let risk = RiskAssessment {
        score: 15,
        band: Band::High,
        base: 15,
        breakdown: Vec::new(),
        rollback: 3,
        moved: None,
        lowering: None,
        accepted: None,
    };
    Requested {
        title: text("title"),
        kind: ChangeKind::Emergency,
        revision: 1,
        incident: Some(1),
        service: "payments".to_owned(),
        also: vec!["ledger".to_owned()],
        impact: text("impact"),
        why_now: text("why now"),
        rollback_plan: text("rollback plan"),
        tested: true,
        touches: vec![Touch::Security, Touch::Vendor].into(),
        planned: Some(Window { opens: at(15), closes: at(17) }),
        standard: Some(standard()),
        risk,
        requires: "a peer review and an E-CAB vote".to_owned(),
        policy: 1,
        skipped: vec!["window review policy_followed".to_owned()],
        asks: vec![ask()],
        sources: vec!["impact INC-1".to_owned(), "plan manual".to_owned()],
        draft: Some(1),
        cause: Some(ClassNote::CausePlanning),
        due: Some(at(18)),
        regulation: Some(text("regulation")),
    }
}
