//! Policies that wait for signatures.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Row;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProposalEffect {
    Proposed,
    Signed,
    Objected,
}

impl ProposalEffect {
    pub(super) fn of(kind: &str) -> Option<ProposalEffect> {
        Some(match kind {
            "policy.proposed" => ProposalEffect::Proposed,
            "policy.signed" => ProposalEffect::Signed,
            "policy.objected" => ProposalEffect::Objected,
            _ => return None,
        })
    }
}

/// Each under the entry that proposes it.
#[derive(Debug, Clone, Default)]
pub(super) struct Proposals(BTreeMap<i32, Proposal>);

#[derive(Debug, Clone)]
struct Proposal {
    version: i32,
    hash: String,
    state: &'static str,
    signed: Vec<String>,
}

impl Proposals {
    pub(super) fn push(&mut self, seq: i32, effect: ProposalEffect, actor: &str, facts: &Value) {
        let number = |name: &str| facts[name].as_i64().and_then(|number| i32::try_from(number).ok());
        if effect == ProposalEffect::Proposed {
            let hash = facts["hash"].as_str().unwrap_or_default().to_owned();
            self.0.insert(seq, Proposal { version: seq, hash, state: "open", signed: Vec::new() });
            return;
        }
        let Some(proposal) = number("proposed").and_then(|proposed| self.0.get_mut(&proposed)) else { return };
        match effect {
            ProposalEffect::Signed => {
                proposal.signed.push(actor.to_owned());
                // The last signature and what puts the policy in force are written at once.
                let is_last = number("missing") == Some(0);
                proposal.state = if is_last { "effective" } else { "open" };
                proposal.version = if is_last { seq + 1 } else { seq };
            }
            ProposalEffect::Objected => (proposal.version, proposal.state) = (seq, "rejected"),
            ProposalEffect::Proposed => {}
        }
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub(super) fn rows(self) -> impl Iterator<Item = Row> {
        self.0.into_values().map(|one| {
            let signed: Vec<String> = one.signed.iter().map(|person| format!(", signed by {person}")).collect();
            Row { version: one.version, words: format!("{} {}{}", one.state, one.hash, signed.concat()) }
        })
    }
}
