//! Rows of their own that stay as their entry made them: who said what.

use serde_json::Value;

use super::{Effect, Part, Replay};

/// What an entry says once and for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Seat,
    Ballot,
    /// Of a peer reviewer, without a seat.
    Review(&'static str),
    ConcernRaised,
    ConcernResolved,
    /// Somebody has read a policy.
    Reading,
    /// An entry of the catalogue is this from now on.
    Catalogue(&'static str),
    /// An edition of a team's charter.
    Charter,
    Acknowledgement,
    /// What is said of looking at a charter again.
    CharterReview(&'static str),
}

/// What happens to an entry of the catalogue, on whichever chain.
pub(super) fn of_catalogue(kind: &str) -> Option<Mark> {
    Some(Mark::Catalogue(match kind {
        "entry.suspended" | "catalogue.suspended" => "suspended",
        "entry.submitted" => "submitted",
        "entry.approved" => "approved",
        "catalogue.resumed" => "resumed",
        "catalogue.expiring" => "expiring",
        "catalogue.expired" => "expired",
        _ => return None,
    }))
}

/// What a peer reviewer says without filling a seat.
pub(super) fn of_review(kind: &str) -> Option<Mark> {
    match kind {
        "review.changes_wanted" => Some(Mark::Review("changes")),
        "review.agreed" => Some(Mark::Review("ok")),
        _ => None,
    }
}

/// What a charter, whoever has read a policy, a commander's silence, or a change manager's judgement does to the state: what
/// follows from the last says the revision after it.
pub(super) fn effect_of_charter(kind: &str) -> Option<Effect> {
    Some(match kind {
        "policy.read" => Effect::Marked(Mark::Reading),
        "policy.review_late" | "policy.reviewed" => Effect::Nothing,
        "charter.published" => Effect::Marked(Mark::Charter),
        "charter.review_due" => Effect::Marked(Mark::CharterReview("asked")),
        "charter.review_late" => Effect::Marked(Mark::CharterReview("late")),
        "charter.reviewed" => Effect::Marked(Mark::CharterReview("reviewed")),
        "charter.acknowledged" => Effect::Marked(Mark::Acknowledgement),
        "successor.paged" | "commander.heard" | "risk.adjusted" | "risk.lowering_asked" => Effect::Touched,
        _ => return None,
    })
}

impl Replay {
    /// As the rows are put into words: see `state_rows` in the store.
    pub(super) fn mark(&mut self, seq: i32, mark: Mark, actor: &str, facts: &Value) {
        let word = |name: &str| facts[name].as_str().unwrap_or_default();
        let number = |name: &str| facts[name].as_i64().unwrap_or_default();
        let revision = number("revision");
        let on_behalf = facts["on_behalf"].as_str().map(|of| format!(" for {of}")).unwrap_or_default();
        let owns: Vec<&str> = facts["owns"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let owning = if owns.is_empty() { String::new() } else { format!(", owning {}", owns.join(", ")) };
        let (part, words) = match mark {
            Mark::Seat => {
                (Part::Approval, format!("{actor} as {}{on_behalf} on revision {revision}{owning}", word("seat")))
            }
            Mark::Ballot => {
                let round = facts["round"].as_i64().map(|round| format!(", round {round}")).unwrap_or_default();
                (Part::Ballot, format!("{actor} {}{on_behalf} on revision {revision}{round}{owning}", word("choice")))
            }
            // Once it held nothing up, and was an entry alone.
            Mark::Review(_) if facts["revision"].is_null() => return,
            Mark::Review(verdict) => (Part::PeerReview, reviewed(actor, verdict, facts)),
            Mark::ConcernRaised => (Part::Concern, format!("{actor} raises on revision {revision}")),
            Mark::ConcernResolved => {
                (Part::Concern, format!("{actor} resolves {} on revision {revision}", number("raised")))
            }
            Mark::Catalogue(state) => {
                // What the failure of a change says has no word for it.
                let by_failures = facts["by_failures"].as_bool().unwrap_or(facts["failures"].is_number());
                let by_failures = if by_failures { " by failures" } else { "" };
                let sha256 = facts["sha256"].as_str().map(|sha256| format!(" {sha256}")).unwrap_or_default();
                let (entry, version) = (word("entry"), number("entry_version"));
                (Part::CatalogueMark, format!("{entry} {version} {state}{by_failures}{sha256}"))
            }
            Mark::Charter => {
                let people = facts["people"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let people = people.fold(String::new(), |before, person| before + ", then " + person);
                let (edition, minutes) = (number("edition"), number("minutes"));
                let words =
                    format!("{} edition {edition}, sha256 {}, {minutes} minutes{people}", word("team"), word("hash"));
                (Part::Charter, words)
            }
            Mark::Acknowledgement => (Part::Acknowledgement, format!("{actor} acknowledges {}", number("charter"))),
            Mark::CharterReview(said) => {
                let by = if said == "reviewed" { format!(" by {actor}") } else { String::new() };
                (Part::CharterReview, format!("{said} {}{by}", number("charter")))
            }
            Mark::Reading => (Part::Reading, format!("{actor} read {}", number("policy"))),
        };
        self.marks.insert((part, seq), words);
        if mark == Mark::Seat && facts["target"].is_boolean() {
            self.marks.insert((Part::PeerReview, seq), reviewed(actor, "ok", facts));
        }
        // A seat is counted in the record's own row; an entry may be suspended by a change that failed.
        if matches!(mark, Mark::Seat | Mark::Review(_) | Mark::Catalogue(_)) {
            self.write(seq, |record| {
                // What only puts an entry to the board is over once it agrees.
                if mark == Mark::Catalogue("approved") {
                    "completed".clone_into(&mut record.status);
                }
            });
        }
    }
}

/// What a reviewer said, with the questions that they answered with no.
fn reviewed(actor: &str, verdict: &str, facts: &Value) -> String {
    let questions = ["target", "rollback", "effects"].into_iter();
    let said: Vec<&str> =
        [verdict].into_iter().chain(questions.filter(|name| facts[name] == Value::Bool(false))).collect();
    format!("{actor} {} on revision {}", said.join(", not "), facts["revision"].as_i64().unwrap_or_default())
}
