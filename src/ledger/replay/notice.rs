//! What people say to the notices of a change.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Effect, Replay, Row};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoticeEffect {
    Acknowledged,
    Objected,
    Settled,
}

pub(super) fn effect_of(kind: &str) -> Option<Effect> {
    Some(match kind {
        "notice.acknowledged" => Effect::Notice(NoticeEffect::Acknowledged),
        "notice.objected" => Effect::Notice(NoticeEffect::Objected),
        "notice.settled" => Effect::Notice(NoticeEffect::Settled),
        "notice.reminded" | "notice.unsettled" | "notice.previewed" | "notice.sent" => Effect::Touched,
        _ => return None,
    })
}

/// Each under the entry that says it.
#[derive(Debug, Clone, Default)]
pub(super) struct Answers(BTreeMap<i32, Answer>);

#[derive(Debug, Clone)]
struct Answer {
    version: i32,
    person: String,
    said: String,
    revision: i64,
}

impl Replay {
    pub(super) fn push_of_notice(&mut self, seq: i32, effect: NoticeEffect, actor: &str, facts: &Value) {
        self.answers.push(seq, effect, actor, facts);
        // That somebody has read it is an insert beside the change's own row.
        if effect != NoticeEffect::Acknowledged {
            self.write(seq, |_| {});
        }
    }
}

impl Answers {
    fn push(&mut self, seq: i32, effect: NoticeEffect, actor: &str, facts: &Value) {
        let said = match effect {
            NoticeEffect::Acknowledged => "acknowledged",
            NoticeEffect::Objected => "objects",
            NoticeEffect::Settled => {
                let objected = facts["objected"].as_i64().and_then(|objected| i32::try_from(objected).ok());
                let Some(one) = objected.and_then(|objected| self.0.get_mut(&objected)) else { return };
                one.version = seq;
                facts["how"].as_str().unwrap_or_default().clone_into(&mut one.said);
                return;
            }
        };
        let revision = facts["revision"].as_i64().unwrap_or_default();
        let (person, said) = (actor.to_owned(), said.to_owned());
        self.0.insert(seq, Answer { version: seq, person, said, revision });
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub(super) fn rows(self) -> impl Iterator<Item = Row> {
        self.0.into_values().map(|one| {
            let words = format!("{} {} on revision {}", one.person, one.said, one.revision);
            Row { version: one.version, words }
        })
    }
}
