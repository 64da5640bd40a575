//! Who is asked to vote in private, who votes, and what a vote still takes.

use serde_json::{Value, json};

use super::answer::told;
use super::cards::{change_buttons, headline};
use super::handle::HandleError;
use super::plans::steps_phrase;
use super::{App, Tenant};
use crate::domain::event::ApprovalEvent;
use crate::domain::{Change, ChangeEvent, ContingencyPlan, PersonId, Subject, Vote};
use crate::render::Message;
use crate::store::{Job, Later, Tx};

/// The private messages that follow from an event.
pub(super) fn reminders(tenant: i64, subject: Subject, event: &ChangeEvent) -> Vec<Later> {
    let Subject::Change(change) = subject else { return Vec::new() };
    let ask = |revision: i32, person: &PersonId, percent: Option<i32>| {
        Job::AskVoter { tenant, change, revision, person: person.clone(), percent }.now()
    };
    match event {
        ChangeEvent::VoteReminded { revision, percent, people, .. } => {
            people.iter().map(|person| ask(*revision, person, Some(*percent))).collect()
        }
        // All of the time that it first had.
        ChangeEvent::Approval(ApprovalEvent::Prolonged { revision, voters, .. }) => {
            voters.iter().map(|person| ask(*revision, person, Some(100))).collect()
        }
        ChangeEvent::ChairAsked { revision, chair } => vec![ask(*revision, chair, None)],
        _ => Vec::new(),
    }
}

/// A ballot that somebody is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BallotWanted {
    pub change: i64,
    pub revision: i32,
    pub person: PersonId,
    /// The share of the vote's time that is over; `None`: the vote is tied, and the person is in the chair.
    pub percent: Option<i32>,
}

impl BallotWanted {
    /// Tells one occasion of asking a person from another: each vote asks anew.
    fn key(&self, vote: &Vote) -> String {
        let occasion = self.percent.map_or_else(|| "tie".to_owned(), |percent| percent.to_string());
        format!("vote-{}-{}-{occasion}", Subject::Change(self.change), vote.opened_at.timestamp())
    }
}

/// What a voter is told in private, as the vote stands now, and the key of the message; `None` where their ballot is not
/// missing any more.
pub async fn voter_message(
    app: &App,
    tx: &mut Tx,
    wanted: &BallotWanted,
) -> Result<Option<(Message, String)>, HandleError> {
    let tenant = app.tenant(tx).await?;
    let Some(change) = tx.change(wanted.change).await?.filter(|change| change.revision == wanted.revision) else {
        return Ok(None);
    };
    let Some(vote) = change.vote.as_ref().filter(|vote| vote.outcome.is_none() && change.is_open()) else {
        return Ok(None);
    };
    let is_tie = wanted.percent.is_none();
    if !is_tie && !change.without_ballot().contains(&wanted.person) {
        return Ok(None);
    }
    let data = json!({
        "subject": change.subject(), "title": headline(&change.title), "tie": is_tie, "closes_at": vote.closes_at,
        "requester": change.requester, "impact": change.impact, "rollback_plan": steps_phrase(&tenant.organisation, &ContingencyPlan::read(&change.rollback_plan)),
        "score": change.risk.score.to_string(), "band": change.risk.band.as_str(),
        "sentence": change.tally(&tenant.policy).sentence,
    });
    let mut message = app.renderer.message("card/ballot", &data, &tenant.organisation)?;
    message.blocks.extend(change_buttons(&change));
    Ok(Some((message, wanted.key(vote))))
}

/// What a vote still takes to pass, in a sentence.
pub(super) fn quorum(tenant: &Tenant, change: &Change) -> Message {
    let Some(vote) = &change.vote else {
        return told(&format!("{} needs no vote. It needs {}.", change.subject(), change.required.describe()));
    };
    if let Some(result) = &vote.outcome {
        return told(&format!("The vote on {} is over. {}", change.subject(), result.sentence));
    }
    let (tally, numbers) = (change.tally(&tenant.policy), tenant.policy.votes.of(vote.policy, change.risk.band));
    told(&format!(
        "{}: {} of {} have voted, {} make a quorum; it takes {} approvals, and {} of approve and reject. {}",
        change.subject(),
        tally.cast,
        tally.members,
        tally.quorum,
        numbers.min_approvals,
        numbers.threshold,
        tally.sentence
    ))
}

impl App {
    /// The roster as it was when the vote opened.
    pub(super) fn vote_members(&self, tenant: &Tenant, change: &Change) -> Result<Message, HandleError> {
        let Some(vote) = &change.vote else {
            return Ok(told(&format!("{} needs no vote. It needs {}.", change.subject(), change.required.describe())));
        };
        let ballots = change.newest_ballots();
        let members: Vec<Value> = vote
            .roster
            .iter()
            .map(|member| {
                let seats: Vec<&str> = member.seats.iter().map(|seat| seat.phrase()).collect();
                json!({
                    "person": member.person, "chair": member.person == vote.chair,
                    "seats": (!seats.is_empty()).then(|| seats.join(", ")),
                    "voted": ballots.contains_key(&member.person),
                    "tied": change.is_own(&member.person),
                })
            })
            .collect();
        let data = json!({"subject": change.subject(), "title": headline(&change.title), "members": members});
        let mut message = self.renderer.message("answer/members", &data, &tenant.organisation)?;
        message.rest = Some(format!("/cab status {}", change.subject()));
        Ok(message)
    }
}
