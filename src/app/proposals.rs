//! Policies: which is in force, which waits for signatures, and what it would change.

use serde_json::{Value, json};

use super::cards::{button, others};
use super::handle::HandleError;
use super::{App, Tenant};
use crate::domain::proposal::{Proposal, ProposalState, short};
use crate::domain::{Organisation, Refusal, Subject, Target};
use crate::language::presses::{Press, PressAction};
use crate::render::{Block, ButtonStyle, Message};
use crate::rulebook::{Difference, differences};
use crate::store::{Job, LoadedPolicy, Tx};

/// Differences that a message names; the files have all.
const NAMED: usize = 15;
/// Policies that a history tells of, and what it names of each: they fit one message of Discord.
const HISTORY: i64 = 8;
const FEW: usize = 3;
/// Characters that are shown of what a place says.
const SAID_CHARS: usize = 80;
/// Of which are the same before and after, where it is a long one.
const SAME: usize = 15;

impl App {
    /// The policies that wait. A button is about the one that it was shown with.
    pub(super) async fn proposal_target(
        &self,
        tx: &mut Tx,
        shown: Option<i32>,
    ) -> Result<Result<Target, Refusal>, HandleError> {
        tx.lock_tenant().await?;
        Ok(Ok(Target::Proposal { waiting: tx.waiting_proposals().await?, read: shown }))
    }

    /// `/admin policy`
    pub(super) async fn policy_answer(&self, tx: &mut Tx, tenant: &Tenant) -> Result<Message, HandleError> {
        let in_force = tx.policy().await?;
        let waiting = tx.waiting_proposals().await?;
        self.policy_message(tenant, in_force.as_ref(), &waiting)
    }

    /// `/admin policy history`
    pub(super) async fn policy_history(&self, tx: &mut Tx, tenant: &Tenant) -> Result<Message, HandleError> {
        let policies = tx.policies(HISTORY + 1).await?;
        // The oldest is shown only where nothing came before it: of the others what they changed is said.
        let befores = policies.iter().skip(1).map(Some).chain([None]);
        let shown: Vec<Value> = policies
            .iter()
            .zip(befores)
            .take(usize::try_from(HISTORY).unwrap_or(usize::MAX))
            .map(|((policy, proposal), before)| {
                let before = before.map(|(before, _)| differences(&before.source, &policy.source));
                json!({
                    "version": policy.version.to_string(), "hash": short(&policy.hash), "since": policy.loaded_at,
                    "origin": proposal.as_ref().and_then(|of| of.origin.as_ref()).map(ToString::to_string),
                    "signed": proposal.as_ref().map(|of| of.signed.clone()).unwrap_or_default(),
                    "changes": before.as_ref().map(|changes| json!({
                        "count": changes.len().to_string(), "is_one": changes.len() == 1,
                        "first": changes.iter().take(FEW).map(change_data).collect::<Vec<_>>(),
                        "more": others(changes.len(), FEW),
                    })),
                })
            })
            .collect();
        Ok(self.renderer.message("answer/policy_history", &json!({ "policies": shown }), &tenant.organisation)?)
    }

    /// Who has to sign is asked in private, with what would change.
    pub(super) async fn ask_signatories(&self, tx: &mut Tx) -> Result<(), HandleError> {
        let tenant = self.tenant(tx).await?;
        let in_force = tx.policy().await?;
        let Some(proposal) = tx.proposal().await?.filter(Proposal::is_waiting) else { return Ok(()) };
        let mut message = self.policy_message(&tenant, in_force.as_ref(), std::slice::from_ref(&proposal))?;
        let of = |action, style| button(Press::on(action, Subject::Policy, Some(proposal.entry)), style);
        let buttons =
            vec![of(PressAction::SignPolicy, ButtonStyle::Primary), of(PressAction::ObjectPolicy, ButtonStyle::Danger)];
        message.blocks.push(Block::Actions { buttons });
        let ask = |person: &crate::domain::PersonId| {
            let (key, message) = (format!("policy-{}", proposal.entry), Box::new(message.clone()));
            Job::Direct { tenant: tx.tenant(), person: person.clone(), key, message }.now()
        };
        let jobs: Vec<_> = proposal.missing(&tenant.organisation).iter().map(ask).collect();
        tx.enqueue(jobs);
        Ok(())
    }

    /// `waiting`: the newest first, which is shown with what it changes.
    fn policy_message(
        &self,
        tenant: &Tenant,
        in_force: Option<&LoadedPolicy>,
        waiting: &[Proposal],
    ) -> Result<Message, HandleError> {
        let before = in_force.map(|policy| policy.source.as_str()).unwrap_or_default();
        let scheduled = |proposal: &Proposal| json!({ "hash": proposal.short(), "from": proposal.effective_at });
        let data = json!({
            "in_force": in_force.map(|policy| json!({
                "version": policy.version.to_string(), "hash": short(&policy.hash), "since": policy.loaded_at,
            })),
            "proposal": waiting.first().map(|proposal| proposal_data(&tenant.organisation, proposal, before)),
            "scheduled": waiting.iter().skip(1).map(scheduled).collect::<Vec<_>>(),
            "signatories": tenant.organisation.signatories().unwrap_or_default(),
        });
        Ok(self.renderer.message("answer/policy", &data, &tenant.organisation)?)
    }
}

fn proposal_data(organisation: &Organisation, proposal: &Proposal, before: &str) -> Value {
    let changes = differences(before, &proposal.source);
    json!({
        "hash": proposal.short(), "at": proposal.proposed_at, "signed": proposal.signed,
        "from": proposal.effective_at, "origin": proposal.origin.as_ref().map(ToString::to_string),
        "missing": if proposal.state == ProposalState::Open { proposal.missing(organisation) } else { Vec::new() },
        "is_open": proposal.state == ProposalState::Open,
        "can_object": organisation.signatories().is_some(),
        "changes": changes.iter().take(NAMED).map(change_data).collect::<Vec<_>>(),
        "more": others(changes.len(), NAMED),
    })
}

fn change_data(change: &Difference) -> Value {
    let (before, after) = (&change.before, &change.after);
    let same = before.chars().zip(after.chars()).take_while(|(one, other)| one == other).count();
    // What differs is to be seen: a long value is shown from a little before that.
    let skipped =
        if before.chars().count().max(after.chars().count()) > SAID_CHARS { same.saturating_sub(SAME) } else { 0 };
    let said = |words: &str| excerpt(words, skipped);
    json!({ "place": change.place, "before": said(before), "after": said(after) })
}

/// So many characters of a text from `skipped` on, with what is left out marked.
fn excerpt(words: &str, skipped: usize) -> String {
    let shown: String = words.chars().skip(skipped).take(SAID_CHARS).collect();
    let before = if skipped > 0 && !shown.is_empty() { "…" } else { "" };
    let after = if words.chars().count() > skipped + SAID_CHARS { "…" } else { "" };
    format!("{before}{shown}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_of_a_long_value_is_to_be_seen() {
        let long = |end: &str| format!("[{}{end}]", "1, ".repeat(60));
        let change = Difference { place: "a.b".to_owned(), before: long("2"), after: long("3") };
        let shown = change_data(&change);
        assert_eq!(shown["before"], "…1, 1, 1, 1, 1, 2]");
        assert_eq!(shown["after"], "…1, 1, 1, 1, 1, 3]");
        let short = Difference { place: "a.b".to_owned(), before: "2".to_owned(), after: String::new() };
        assert_eq!((&change_data(&short)["before"], &change_data(&short)["after"]), (&json!("2"), &json!("")));
    }
}
