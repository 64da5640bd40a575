//! Policies that wait for signatures.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Row;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProposalEffect {
    Proposed,
    Signed,
    Objected,
    /// A policy is in force; of the proposal that is named, its day came.
    Loaded,
}

impl ProposalEffect {
    pub(super) fn of(kind: &str) -> Option<ProposalEffect> {
        Some(match kind {
            "policy.proposed" => ProposalEffect::Proposed,
            "policy.signed" => ProposalEffect::Signed,
            "policy.objected" => ProposalEffect::Objected,
            "policy.loaded" => ProposalEffect::Loaded,
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
    effective_at: Option<String>,
    signed: Vec<String>,
}

impl Proposals {
    pub(super) fn push(&mut self, seq: i32, effect: ProposalEffect, actor: &str, facts: &Value) {
        let number = |name: &str| facts[name].as_i64().and_then(|number| i32::try_from(number).ok());
        if effect == ProposalEffect::Proposed {
            let word = |name: &str| facts[name].as_str().map(str::to_owned);
            let is_signed = facts["people"].as_array().is_some_and(Vec::is_empty);
            let proposal = Proposal {
                version: seq,
                hash: word("hash").unwrap_or_default(),
                state: if is_signed { "signed" } else { "open" },
                effective_at: word("effective_at"),
                signed: Vec::new(),
            };
            self.0.insert(seq, proposal);
            return;
        }
        let Some(proposal) = number("proposed").and_then(|proposed| self.0.get_mut(&proposed)) else { return };
        match effect {
            ProposalEffect::Signed => {
                proposal.signed.push(actor.to_owned());
                proposal.version = seq;
                if number("missing") == Some(0) {
                    let at_once = facts["from"].is_null();
                    // The last signature and what puts the policy in force are written at once.
                    proposal.state = if at_once { "effective" } else { "signed" };
                    proposal.version = if at_once { seq + 1 } else { seq };
                }
            }
            ProposalEffect::Objected => (proposal.version, proposal.state) = (seq, "rejected"),
            ProposalEffect::Loaded => (proposal.version, proposal.state) = (seq, "effective"),
            ProposalEffect::Proposed => {}
        }
    }

    /// As the rows are put into words: see `state_rows` in the store.
    pub(super) fn rows(self) -> impl Iterator<Item = Row> {
        self.0.into_values().map(|one| {
            let signed: Vec<String> = one.signed.iter().map(|person| format!(", signed by {person}")).collect();
            let from = one.effective_at.map(|at| format!(", from {at}")).unwrap_or_default();
            Row { version: one.version, words: format!("{} {}{from}{}", one.state, one.hash, signed.concat()) }
        })
    }
}
