//! Exceptions from a procedure, and their uses.

use serde_json::Value;

use super::{Effect, Kind, Part, Record, Replay};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExceptionEffect {
    Requested,
    /// Somebody approves it; `last`: nobody else is to.
    Signed {
        last: bool,
    },
    Used,
    /// It is over, or revoked: the state in which it is then.
    Ended(&'static str),
    Overdue,
    Reviewed,
}

/// What an entry about an exception does.
pub(super) fn effect_of(kind: &str) -> Option<Effect> {
    Some(match kind {
        "exception.requested" => Effect::Exception(ExceptionEffect::Requested),
        "exception.signed" => Effect::Exception(ExceptionEffect::Signed { last: false }),
        "exception.granted" => Effect::Exception(ExceptionEffect::Signed { last: true }),
        "exception.used" => Effect::Exception(ExceptionEffect::Used),
        "exception.denied" => Effect::Became("denied"),
        "exception.expired" => Effect::Exception(ExceptionEffect::Ended("expired")),
        "exception.revoked" => Effect::Exception(ExceptionEffect::Ended("revoked")),
        "exception.overdue" => Effect::Exception(ExceptionEffect::Overdue),
        "exception.reviewed" => Effect::Exception(ExceptionEffect::Reviewed),
        "exception.ending" => Effect::Touched,
        _ => return None,
    })
}

impl Replay {
    pub(super) fn push_of_exception(&mut self, seq: i32, effect: ExceptionEffect, actor: &str, facts: &Value) {
        let word = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
        match effect {
            ExceptionEffect::Requested => {
                let what = format!("{} {} for {}", word("class"), word("sets_aside"), word("scope"));
                let of = Kind::Exception { what, until: word("until"), signed: Vec::new(), review: Vec::new() };
                self.record = Some(Record::new(seq, "requested", of));
            }
            ExceptionEffect::Signed { last } => self.write(seq, |record| {
                if let Kind::Exception { signed, .. } = &mut record.of {
                    signed.push(format!("{actor} as {}", word("role")));
                }
                if last {
                    "active".clone_into(&mut record.status);
                }
            }),
            ExceptionEffect::Used => {
                let revision = facts["revision"].as_i64().unwrap_or_default();
                self.marks.insert((Part::ExceptionUse, seq), format!("{} revision {revision}", word("change")));
                self.write(seq, |_| {});
            }
            ExceptionEffect::Ended(status) => self.write(seq, |record| {
                status.clone_into(&mut record.status);
                let due = facts["review"].as_str().map(|due| format!(", to be reviewed by {due}"));
                record.reviewed(due);
            }),
            ExceptionEffect::Overdue => self.write(seq, |record| record.reviewed(Some(", overdue".to_owned()))),
            ExceptionEffect::Reviewed => {
                let kept = if facts["kept"].as_bool().unwrap_or_default() { "kept" } else { "not kept" };
                self.write(seq, |record| record.reviewed(Some(format!(", {kept}, says {actor}"))));
            }
        }
    }
}

impl Record {
    fn reviewed(&mut self, part: Option<String>) {
        if let Kind::Exception { review, .. } = &mut self.of {
            review.extend(part);
        }
    }
}

/// As the rows are put into words: see `state_rows` in the store.
pub(super) fn words(status: &str, (what, until): (&str, &str), signed: &[String], review: &[String]) -> String {
    let signed: Vec<String> = signed.iter().map(|by| format!(", approved by {by}")).collect();
    format!("{status}, {what}, until {until}{}{}", signed.concat(), review.concat())
}
