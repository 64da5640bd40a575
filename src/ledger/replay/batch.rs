//! Batches of changes.

use serde_json::Value;

use super::{Effect, Kind, Record, Replay};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BatchEffect {
    Planned,
    Checked,
    Filed,
    Excluded,
    /// In the name of whoever says so.
    Runs,
    GroupStopped,
}

/// What the entries of a batch add up to, besides its status.
#[derive(Debug, Clone, Default)]
pub(super) struct Batch {
    items: i64,
    /// Each of its changes, in the order of its items, and whether it went.
    changes: Vec<(i64, String, bool)>,
    runner: Option<String>,
    stops_by_group: bool,
    stopped: Vec<i64>,
}

/// What an entry about a batch does.
pub(super) fn effect_of(kind: &str) -> Option<Effect> {
    Some(match kind {
        "batch.planned" => Effect::Batch(BatchEffect::Planned),
        "batch.checked" => Effect::Batch(BatchEffect::Checked),
        "batch.filed" => Effect::Batch(BatchEffect::Filed),
        "batch.excluded" => Effect::Batch(BatchEffect::Excluded),
        "batch.started" | "batch.resumed" => Effect::Batch(BatchEffect::Runs),
        "batch.group_stopped" => Effect::Batch(BatchEffect::GroupStopped),
        "batch.confirmed" => Effect::Became("filing"),
        "batch.opened" => Effect::Became("open"),
        "batch.paused" => Effect::Became("paused"),
        "batch.stopped" => Effect::Became("stopped"),
        "batch.completed" => Effect::Became("completed"),
        "batch.item_refused" | "batch.said" | "batch.advanced" | "batch.held" => Effect::Touched,
        _ => return None,
    })
}

impl Replay {
    pub(super) fn push_of_batch(&mut self, seq: i32, effect: BatchEffect, actor: &str, facts: &Value) {
        let number = |name: &str| facts[name].as_i64().unwrap_or_default();
        let change = || facts["change"].as_str().unwrap_or_default().to_owned();
        if effect == BatchEffect::Planned {
            let stops_by_group = facts["stop"] == "group";
            let batch = Batch { items: number("items"), stops_by_group, ..Batch::default() };
            self.record = Some(Record::new(seq, "checking", Kind::Batch(batch)));
            return;
        }
        self.write(seq, |record| {
            let Kind::Batch(batch) = &mut record.of else { return };
            match effect {
                BatchEffect::Planned => {}
                BatchEffect::Checked => {
                    let waits = facts["waits"].as_bool().unwrap_or_default();
                    (if waits { "waiting" } else { "filing" }).clone_into(&mut record.status);
                }
                BatchEffect::Filed => {
                    batch.changes.push((number("item"), change(), false));
                    batch.changes.sort();
                }
                BatchEffect::Excluded => {
                    batch.changes.iter_mut().filter(|one| one.1 == change()).for_each(|one| one.2 = true);
                }
                BatchEffect::Runs => {
                    "running".clone_into(&mut record.status);
                    batch.runner = Some(actor.to_owned());
                    if facts["stopped"] == true {
                        batch.stopped.clear();
                    }
                }
                BatchEffect::GroupStopped => {
                    batch.stopped.push(number("group"));
                    batch.stopped.sort_unstable();
                    batch.stopped.dedup();
                }
            }
        });
    }
}

impl Batch {
    /// As the rows are put into words: see `state_rows` in the store.
    pub(super) fn words(&self, status: &str) -> String {
        let runner = self.runner.as_ref().map(|by| format!(", run by {by}")).unwrap_or_default();
        let one =
            |(_, change, is_out): &(i64, String, bool)| format!(", {change}{}", if *is_out { " out" } else { "" });
        let changes: Vec<String> = self.changes.iter().map(one).collect();
        let stop = if self.stops_by_group { ", stops by group" } else { "" };
        let stopped: Vec<String> = self.stopped.iter().map(|group| format!(", group {group} stopped")).collect();
        format!("{status}, {} items{runner}{}{stop}{}", self.items, changes.concat(), stopped.concat())
    }
}
