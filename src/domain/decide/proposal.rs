//! A policy is signed, or objected to, by those who have to sign it (`policy-registry`).

use super::standing::{Record, permit, person};
use super::stands;
use crate::domain::event::ProposalEvent;
use crate::domain::proposal::{PolicyCommand, Proposal, ProposalState};
use crate::domain::rules::{Action, Tie};
use crate::domain::{Answer, Asked, Decision, Event, PersonId, Refusal, State, Subject, Target, World};

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: PolicyCommand) -> Result<Decision, Refusal> {
    let me = person(asked, Action::SignPolicy)?;
    let (proposal, read) = open_proposal(world)?;
    if !read {
        check_named(proposal, command.hash())?;
    }
    check_listed(world, asked, me)?;
    let mut next = proposal.clone();
    let (proposed, hash) = (proposal.entry, proposal.hash.clone());
    let (events, answer) = match command {
        PolicyCommand::Sign { .. } => {
            if proposal.signed.contains(me) {
                let sentence =
                    format!("You signed {} already; it waits for {}.", proposal.short(), names(world, proposal));
                return Ok(stands(asked, Subject::Policy, sentence));
            }
            next.signed.push(me.clone());
            let missing = next.missing(world.organisation).len();
            let signed = ProposalEvent::Signed { proposed, hash, missing: i32::try_from(missing).unwrap_or(i32::MAX) };
            let mut events = vec![Event::Proposal(signed)];
            if missing == 0 {
                next.state = ProposalState::Effective;
                events.push(Event::PolicyLoaded { hash: next.hash.clone() });
                (events, Answer::default().also("It is in force from now on; what was decided before stays as it was."))
            } else {
                (events, Answer::default().also(format!("It waits for {}.", names(world, &next))))
            }
        }
        PolicyCommand::Object { why, .. } => {
            next.state = ProposalState::Rejected;
            let event = Event::Proposal(ProposalEvent::Objected { proposed, hash, why });
            (vec![event], Answer::default().also("The policy in force stays; a file that is mended is proposed anew."))
        }
    };
    Ok(Decision {
        subject: Subject::Policy,
        promises: Vec::new(),
        events,
        state: State::Proposal(Box::new(next)),
        answer,
        at: asked.at,
        with: Vec::new(),
    })
}

/// The policy that waits, and whether a button below what it changes was pressed.
fn open_proposal<'a>(world: &'a World<'_>) -> Result<(&'a Proposal, bool), Refusal> {
    let Target::Proposal { newest, read } = &world.target else {
        return Err(Refusal::slip("This is about a policy.", "`/admin policy` shows it."));
    };
    newest
        .as_deref()
        .filter(|proposal| proposal.state == ProposalState::Open)
        .map(|proposal| (proposal, *read))
        .ok_or_else(|| Refusal::slip("No policy waits for signatures.", "`/admin policy` shows which is in force."))
}

/// Nobody signs another file than the one that they looked at.
fn check_named(proposal: &Proposal, hash: Option<&str>) -> Result<(), Refusal> {
    match hash {
        Some(hash) if hash.len() >= 8 && proposal.hash.starts_with(&hash.to_ascii_lowercase()) => Ok(()),
        Some(hash) => Err(Refusal::slip(
            format!("“{hash}” is not the policy that waits: that is {}.", proposal.short()),
            "`/admin policy` shows what it changes.",
        )),
        None => Err(Refusal::slip(
            "Which policy?",
            format!("`/admin policy` shows what {} changes; then name it.", proposal.short()),
        )),
    }
}

fn check_listed(world: &World<'_>, asked: Asked<'_>, me: &PersonId) -> Result<(), Refusal> {
    let listed =
        |people: &[PersonId]| people.iter().map(|id| world.organisation.name_of(id)).collect::<Vec<_>>().join(", ");
    let signatories = world.organisation.signatories().unwrap_or_default();
    if !signatories.contains(me) {
        return Err(Refusal::by_rule(
            "4.23",
            "You are not among those who sign this policy.",
            format!("{} are.", listed(&signatories)),
        ));
    }
    permit(world, asked, Action::SignPolicy, Record { ties: &[Tie::Signatory], ..Record::default() })
}

fn names(world: &World<'_>, proposal: &Proposal) -> String {
    proposal.missing(world.organisation).iter().map(|id| world.organisation.name_of(id)).collect::<Vec<_>>().join(", ")
}
