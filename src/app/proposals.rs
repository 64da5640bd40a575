//! Policies: which is in force, which waits for signatures, and what it would change.

use serde_json::{Value, json};

use super::answer::Teller;
use super::cards::{button, others};
use super::handle::{Caller, HandleError};
use super::questions::slip;
use super::simulations::FEW;
use super::{App, Tenant};
use crate::domain::amendment::AskedFor;
use crate::domain::decide::policy_keepers;
use crate::domain::pack::PackPeriod;
use crate::domain::policy::explained_rules;
use crate::domain::proposal::{Proposal, ProposalState, short};
use crate::domain::{Decision, Event, Organisation, PersonId, ProposalEvent, Refusal, Role, Subject, Target};
use crate::language::presses::{Press, PressAction};
use crate::render::cut::first_chars;
use crate::render::{Block, ButtonStyle, Message};
use crate::rulebook::{Difference, complete_policy, differences};
use crate::store::{Job, LoadedPolicy, Tx};

/// Differences that a message names; the files have all.
const NAMED: usize = 15;
/// Policies that a history tells of, and what it names of each: they fit one message of Discord.
const HISTORY: i64 = 8;
/// People whom `/admin policy` names who have yet to read it.
const UNREAD_NAMED: usize = 5;
/// Characters that are shown of a rule that there is not.
const RULE_SHOWN: usize = 40;
/// Characters that are shown of what a place says.
const SAID_CHARS: usize = 80;
/// Of which are the same before and after, where it is a long one.
const SAME: usize = 15;

impl App {
    /// The policies that wait. A button is about the one that it was shown with.
    pub(super) async fn proposal_target(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        shown: Option<i32>,
    ) -> Result<Result<Target, Refusal>, HandleError> {
        tx.lock_tenant().await?;
        let in_force = tx.policy_in_force(caller.actor.person()).await?;
        let waiting = tx.waiting_proposals().await?;
        let asked_for = AskedFor { amendments: tx.amendments().await?, next_number: tx.next_amendment_number().await? };
        Ok(Ok(Target::Proposal { waiting, read: shown, in_force, asked_for }))
    }

    /// `/admin policy`
    pub(super) async fn policy_answer(&self, tx: &mut Tx, tenant: &Tenant) -> Result<Message, HandleError> {
        let in_force = tx.policy().await?;
        let waiting = tx.waiting_proposals().await?;
        let asked = self.asked_to_read(tx, &tenant.organisation).await?;
        let readers = match (&in_force, asked.is_empty()) {
            (Some(policy), false) => Some(readers_data(&asked, &tx.policy_readers(policy.version).await?)),
            _ => None,
        };
        let asked_for = self.amendments_listed(tx).await?;
        self.policy_message(tenant, in_force.as_ref(), &waiting, (readers.as_ref(), &asked_for))
    }

    /// What a rule of the policy in force says, in words; the rules that there are, where it is none of them.
    pub(super) fn policy_rule(&self, tenant: &Tenant, rule: Option<&str>) -> Result<Message, HandleError> {
        let Some(explained) = rule.and_then(|rule| tenant.policy.explain(rule)) else {
            let known = explained_rules().join(", ");
            let sentence = match rule {
                Some(rule) => format!("There is no rule “{}” here.", first_chars(rule, RULE_SHOWN)),
                None => "Which rule?".to_owned(),
            };
            return Ok(slip(&Refusal::slip(sentence, format!("There is {known}."))));
        };
        let number = explained.rule.starts_with(char::is_numeric).then_some(explained.rule);
        let data = json!({
            "title": explained.title, "lines": explained.lines, "number": number, "policy": tenant.row.policy.to_string(),
        });
        Ok(self.renderer.message("answer/rule", &data, &tenant.organisation)?)
    }

    /// Whoever is to read the policy in force: nobody where it is the first, and not those who signed it.
    async fn asked_to_read(&self, tx: &mut Tx, organisation: &Organisation) -> Result<Vec<PersonId>, HandleError> {
        let newest = tx.policies(2).await?;
        let [(_, proposal), _] = newest.as_slice() else { return Ok(Vec::new()) };
        let signed = proposal.as_ref().map(|proposal| proposal.signed.as_slice()).unwrap_or_default();
        let mut readers = organisation.policy_readers();
        readers.retain(|reader| !signed.contains(reader));
        Ok(readers)
    }

    /// A policy has come into force: whoever lives by it is told what it changes, and says that they have read it.
    pub(super) async fn announce_policy(&self, tx: &mut Tx, organisation: &Organisation) -> Result<(), HandleError> {
        let newest = tx.policies(2).await?;
        let [(policy, proposal), (before, _)] = newest.as_slice() else { return Ok(()) };
        let changes = differences(&before.source, &policy.source);
        let data = json!({
            "version": policy.version.to_string(), "hash": short(&policy.hash), "since": policy.loaded_at,
            "origin": proposal.as_ref().and_then(|of| of.origin.as_ref()).map(ToString::to_string),
            "answers": answers(&policy.source),
            "changes": changes.iter().take(NAMED).map(change_data).collect::<Vec<_>>(),
            "more": others(changes.len(), NAMED),
        });
        let mut message = self.renderer.message("answer/policy_news", &data, organisation)?;
        let read =
            button(Press::on(PressAction::ReadPolicy, Subject::Policy, Some(policy.version)), ButtonStyle::Primary);
        message.blocks.push(Block::Actions { buttons: vec![read] });
        let key = format!("policy-read-{}", policy.version);
        let readers = self.asked_to_read(tx, organisation).await?;
        tx.enqueue(Job::direct_each(tx.tenant(), readers, &key, &message));
        Ok(())
    }

    /// What follows from what happened to policies.
    pub(super) async fn follow_policies(
        &self,
        tx: &mut Tx,
        teller: &Teller<'_>,
        decision: &Decision,
    ) -> Result<(), HandleError> {
        let organisation = &teller.tenant.organisation;
        for event in &decision.events {
            let (people, key) = match event {
                Event::PolicyLoaded { .. } => {
                    self.announce_policy(tx, organisation).await?;
                    continue;
                }
                Event::Proposal(ProposalEvent::ReviewDue { policy, .. }) => {
                    let key = format!("policy-review-{policy}-{}", decision.at.timestamp());
                    self.ask_to_review(tx, teller, policy_keepers(organisation), &key).await?;
                    continue;
                }
                Event::Proposal(ProposalEvent::ReviewLate { policy, .. }) => {
                    let key = format!("policy-late-{policy}-{}", decision.at.timestamp());
                    let officers: Vec<PersonId> = organisation.holding(Role::Compliance);
                    self.ask_to_review(tx, teller, officers, &key).await?;
                    continue;
                }
                Event::Proposal(ProposalEvent::Overdue { proposed, .. }) => {
                    let officers: Vec<PersonId> = organisation.holding(Role::Compliance);
                    (officers, format!("policy-overdue-{proposed}"))
                }
                _ => continue,
            };
            let line = Block::Paragraph { text: teller.line(decision.subject, event)? };
            let message = Message { blocks: vec![line], ..Message::default() };
            tx.enqueue(Job::direct_each(tx.tenant(), people, &key, &message));
        }
        self.follow_charters(tx, teller, decision)?;
        self.follow_amendments(tx, teller, &decision.events).await
    }

    /// Whoever looks at the policy in force is told what happened under it.
    async fn ask_to_review(
        &self,
        tx: &mut Tx,
        teller: &Teller<'_>,
        people: Vec<PersonId>,
        key: &str,
    ) -> Result<(), HandleError> {
        let Some(policy) = tx.policy_in_force(None).await? else { return Ok(()) };
        let from = policy.reviewed_at.unwrap_or(policy.since);
        let now = self.clock.now();
        let figures = tx.pack_figures(&PackPeriod { from, until: now, name: String::new() }).await?;
        let waits = tx.amendments().await?.iter().filter(|amendment| amendment.is_waiting()).count();
        let data = json!({
            "version": policy.version.to_string(), "hash": short(&policy.hash), "since": policy.since, "from": from,
            "waits_since": policy.review_asked_at.filter(|at| *at < now),
            "exceptions": figures.exceptions.to_string(), "overrun": figures.overrun.to_string(),
            "recorded": figures.recorded.to_string(), "late": figures.reviews_late.to_string(),
            "amendments": waits.to_string(),
        });
        let mut message = self.renderer.message("direct/policy_review", &data, &teller.tenant.organisation)?;
        let press = Press::on(PressAction::ReviewedPolicy, Subject::Policy, Some(policy.version));
        message.blocks.push(Block::Actions { buttons: vec![button(press, ButtonStyle::Primary)] });
        tx.enqueue(Job::direct_each(tx.tenant(), people, key, &message));
        Ok(())
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
                    "answers": answers(&policy.source),
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
        let waiting = std::slice::from_ref(&proposal);
        let nothing = json!({ "listed": [], "more": null });
        let mut message = self.policy_message(&tenant, in_force.as_ref(), waiting, (None, &nothing))?;
        let simulated = self.simulated(tx, &tenant, &proposal.source, FEW).await?;
        let data = json!({ "hash": proposal.short(), "simulated": simulated });
        message.blocks.extend(self.renderer.message("answer/policy_simulation", &data, &tenant.organisation)?.blocks);
        let of = |action, style| button(Press::on(action, Subject::Policy, Some(proposal.entry)), style);
        let buttons =
            vec![of(PressAction::SignPolicy, ButtonStyle::Primary), of(PressAction::ObjectPolicy, ButtonStyle::Danger)];
        message.blocks.push(Block::Actions { buttons });
        let missing = proposal.missing(&tenant.organisation);
        let key = format!("policy-{}", proposal.entry);
        tx.enqueue(Job::direct_each(tx.tenant(), missing, &key, &message));
        Ok(())
    }

    /// `waiting`: the newest first, which is shown with what it changes.
    fn policy_message(
        &self,
        tenant: &Tenant,
        in_force: Option<&LoadedPolicy>,
        waiting: &[Proposal],
        (readers, asked_for): (Option<&Value>, &Value),
    ) -> Result<Message, HandleError> {
        let before = in_force.map(|policy| policy.source.as_str()).unwrap_or_default();
        let scheduled = |proposal: &Proposal| json!({ "hash": proposal.short(), "from": proposal.effective_at });
        let data = json!({
            "in_force": in_force.map(|policy| json!({
                "version": policy.version.to_string(), "hash": short(&policy.hash), "since": policy.loaded_at,
            })),
            "proposal": waiting.first().map(|proposal| proposal_data(&tenant.organisation, proposal, before)),
            "readers": readers, "amendments": asked_for,
            "scheduled": waiting.iter().skip(1).map(scheduled).collect::<Vec<_>>(),
            "signatories": tenant.organisation.signatories().unwrap_or_default(),
        });
        Ok(self.renderer.message("answer/policy", &data, &tenant.organisation)?)
    }
}

/// The amendments that a policy says it answers.
fn answers(source: &str) -> Vec<String> {
    complete_policy(source).map(|(policy, _)| policy.answers).unwrap_or_default()
}

fn readers_data(asked: &[PersonId], read: &[PersonId]) -> Value {
    let missing: Vec<&PersonId> = asked.iter().filter(|person| !read.contains(person)).collect();
    json!({
        "asked": asked.len().to_string(), "read": (asked.len() - missing.len()).to_string(),
        "missing": missing.iter().take(UNREAD_NAMED).collect::<Vec<_>>(), "more": others(missing.len(), UNREAD_NAMED),
    })
}

fn proposal_data(organisation: &Organisation, proposal: &Proposal, before: &str) -> Value {
    let changes = differences(before, &proposal.source);
    json!({
        "hash": proposal.short(), "at": proposal.proposed_at, "signed": proposal.signed,
        "from": proposal.effective_at, "origin": proposal.origin.as_ref().map(ToString::to_string),
        "answers": answers(&proposal.source),
        "missing": if proposal.state == ProposalState::Open { proposal.missing(organisation) } else { Vec::new() },
        "is_open": proposal.state == ProposalState::Open,
        "can_object": organisation.signatories().is_some(),
        "changes": changes.iter().take(NAMED).map(change_data).collect::<Vec<_>>(),
        "more": others(changes.len(), NAMED),
    })
}

pub(super) fn change_data(change: &Difference) -> Value {
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
