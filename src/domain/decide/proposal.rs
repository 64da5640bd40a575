//! A policy is signed, or objected to, by those who have to sign it (`policy-registry`).

use chrono::{DateTime, TimeDelta, Utc};

use super::standing::{Record, permit, person};
use super::{amendment, logged, stands};
use crate::domain::amendment::{Amendment, amendment_promise};
use crate::domain::event::ProposalEvent;
use crate::domain::policy::RegistryPolicy;
use crate::domain::proposal::{Origin, PolicyCommand, Proposal, ProposalState};
use crate::domain::rules::{Action, Tie};
use crate::domain::{Answer, Asked, DeadlineKind, Decision, Event, PersonId, Refusal, State, Subject, Target, World};

/// Digits of a hash that name a file: fewer could be a slip.
const HASH_MIN: usize = 8;

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: PolicyCommand) -> Result<Decision, Refusal> {
    match command {
        PolicyCommand::Read => have_read(world, asked),
        PolicyCommand::Reviewed { note } => reviewed(world, asked, note),
        PolicyCommand::LookAfter => Ok(look_after(world, asked)),
        PolicyCommand::Propose(new) => amendment::propose(world, asked, *new),
        PolicyCommand::Decline { amendment, why } => amendment::decline(world, asked, amendment, why),
        PolicyCommand::Sign { hash } => {
            let (me, proposal) = signatory(world, asked, hash.as_deref())?;
            Ok(sign(world, asked, me, proposal))
        }
        PolicyCommand::Object { why, hash } => {
            let (_, proposal) = signatory(world, asked, hash.as_deref())?;
            let (proposed, hash) = (proposal.entry, proposal.hash.clone());
            let objected = Event::Proposal(ProposalEvent::Objected { proposed, hash, why });
            let next = Proposal { state: ProposalState::Rejected, ..proposal.clone() };
            let answer = Answer::default();
            let answer = answer.also("The policy in force stays; a file that is mended is proposed anew.");
            Ok(proposal_decision(world, asked, next, vec![objected], answer))
        }
    }
}

fn signatory<'a>(
    world: &'a World<'_>,
    asked: Asked<'a>,
    hash: Option<&str>,
) -> Result<(&'a PersonId, &'a Proposal), Refusal> {
    let me = person(asked, Action::SignPolicy)?;
    let proposal = named(world, hash)?;
    check_listed(world, asked, me)?;
    Ok((me, proposal))
}

/// Says once that a person has read the policy in force.
fn have_read(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    person(asked, Action::Note)?;
    let Target::Proposal { in_force: Some(policy), read, .. } = &world.target else {
        return Err(Refusal::slip("The built-in policy is in force.", "`/admin policy` tells of the next."));
    };
    if read.is_some_and(|shown| shown != policy.version) {
        return Err(Refusal::slip(
            format!("A newer policy is in force: version {}.", policy.version),
            "`/admin policy history` shows what it changed.",
        ));
    }
    if policy.has_read {
        return Ok(stands(asked, Subject::Policy, "You have said so already."));
    }
    let event = ProposalEvent::Read { policy: policy.version, hash: policy.hash.clone() };
    Ok(logged(asked, Subject::Policy, vec![Event::Proposal(event)], Answer::default()))
}

/// Those who sign policies, change managers and compliance officers look after the one in force.
pub(super) fn check_keeps(world: &World<'_>, asked: Asked<'_>) -> Result<(), Refusal> {
    let me = person(asked, Action::SignPolicy)?;
    let is_listed = world.organisation.signatories().unwrap_or_default().contains(me);
    let ties: &[Tie] = if is_listed { &[Tie::Signatory] } else { &[] };
    permit(world, asked, Action::SignPolicy, Record { ties, ..Record::default() })
}

/// They say that they have looked at it.
fn reviewed(world: &World<'_>, asked: Asked<'_>, note: Option<String>) -> Result<Decision, Refusal> {
    check_keeps(world, asked)?;
    let Target::Proposal { in_force: Some(policy), read, .. } = &world.target else {
        return Err(Refusal::slip("The built-in policy is in force.", "`/admin policy` tells of the next."));
    };
    if read.is_some_and(|shown| shown != policy.version) {
        return Err(Refusal::slip(
            format!("A newer policy is in force: version {}.", policy.version),
            "Its year began with it: nothing is due.",
        ));
    }
    if let Some(at) = policy.reviewed_at.filter(|at| asked.at - *at < TimeDelta::days(1)) {
        return Ok(stands(asked, Subject::Policy, format!("It was looked at already, {}.", day(at))));
    }
    let event = ProposalEvent::Reviewed { policy: policy.version, hash: policy.hash.clone(), note };
    let next = asked.at + TimeDelta::days(world.policy.registry.review_after_days.into());
    let answer = Answer::default().also(format!("It is looked at again {}.", day(next)));
    Ok(logged(asked, Subject::Policy, vec![Event::Proposal(event)], answer))
}

/// What is due: those who sign look at a policy each year, and what an auditor waits for is signed in time.
fn look_after(world: &World<'_>, asked: Asked<'_>) -> Decision {
    let numbers = &world.policy.registry;
    let Target::Proposal { in_force: Some(policy), waiting, .. } = &world.target else {
        return stands(asked, Subject::Policy, "No policy was loaded.");
    };
    let days = |days: u32| TimeDelta::days(days.into());
    let (version, since) = (policy.version, policy.since);
    let review = (asked.at >= policy.next_review(numbers.review_after_days))
        .then_some(ProposalEvent::ReviewDue { policy: version, since });
    let is_late = |at: &DateTime<Utc>| asked.at >= *at + days(numbers.review_late_after_days);
    let late = policy.review_asked_at.filter(is_late).filter(|_| !policy.review_late_told);
    let late = late.map(|since| ProposalEvent::ReviewLate { policy: version, since });
    let is_overdue = |proposal: &&Proposal| {
        proposal.state == ProposalState::Open
            && proposal.origin.as_ref().is_some_and(Origin::is_audit)
            && asked.at >= proposal.proposed_at + days(numbers.audit_due_days)
    };
    let overdue = waiting.first().filter(is_overdue).filter(|_| !policy.overdue_told);
    let overdue = overdue.map(|late| ProposalEvent::Overdue { proposed: late.entry, hash: late.hash.clone() });
    let events: Vec<Event> = review.into_iter().chain(late).chain(overdue).map(Event::Proposal).collect();
    logged(asked, Subject::Policy, events, Answer::default())
}

/// The day of a policy has come that nobody has to sign any more.
pub(super) fn due(world: &World<'_>, asked: Asked<'_>) -> Decision {
    let has_come = |proposal: &&Proposal| proposal.starts_at().is_some_and(|at| at <= asked.at);
    let first = waiting(world).iter().filter(has_come).min_by_key(|proposal| proposal.starts_at());
    let Some(proposal) = first else { return stands(asked, Subject::Policy, "No policy's day has come.") };
    let loaded = Event::PolicyLoaded { hash: proposal.hash.clone(), proposed: Some(proposal.entry) };
    let next = Proposal { state: ProposalState::Effective, ..proposal.clone() };
    proposal_decision(world, asked, next, vec![loaded], Answer::default())
}

/// When the next of the policies that are signed comes into force by itself; `own`: the day of one that is written now.
/// What is asked of the policy is chased beside.
pub fn policy_promises<'a>(
    waiting: impl Iterator<Item = &'a Proposal>,
    own: Option<DateTime<Utc>>,
    amendments: &[Amendment],
    numbers: &RegistryPolicy,
) -> Vec<(DeadlineKind, DateTime<Utc>)> {
    let next = waiting.filter_map(Proposal::starts_at).chain(own).min();
    let start = next.map(|at| (DeadlineKind::PolicyStart, at));
    start.into_iter().chain(amendment_promise(amendments, numbers)).collect()
}

fn sign(world: &World<'_>, asked: Asked<'_>, me: &PersonId, proposal: &Proposal) -> Decision {
    if proposal.state == ProposalState::Signed {
        return stands(asked, Subject::Policy, format!("{} is signed by everybody already.", proposal.short()));
    }
    if proposal.signed.contains(me) {
        let sentence = format!("You signed {} already; it waits for {}.", proposal.short(), names(world, proposal));
        return stands(asked, Subject::Policy, sentence);
    }
    let mut next = proposal.clone();
    next.signed.push(me.clone());
    let missing = next.missing(world.organisation).len();
    let from = next.effective_at.filter(|_| missing == 0 && next.is_ahead(asked.at));
    let mut events = vec![Event::Proposal(ProposalEvent::Signed {
        proposed: proposal.entry,
        hash: proposal.hash.clone(),
        missing: i32::try_from(missing).unwrap_or(i32::MAX),
        from,
    })];
    let answer = if missing > 0 {
        format!("It waits for {}.", names(world, &next))
    } else if let Some(from) = from {
        next.state = ProposalState::Signed;
        format!("It comes into force {}; until then the one before holds.", day(from))
    } else {
        next.state = ProposalState::Effective;
        events.push(Event::PolicyLoaded { hash: next.hash.clone(), proposed: None });
        "It is in force from now on; what was decided before stays as it was.".to_owned()
    };
    proposal_decision(world, asked, next, events, Answer::default().also(answer))
}

/// Far enough away to need its year.
fn day(at: DateTime<Utc>) -> String {
    at.format("%-d %b %Y %H:%M UTC").to_string()
}

fn proposal_decision(
    world: &World<'_>,
    asked: Asked<'_>,
    next: Proposal,
    events: Vec<Event>,
    answer: Answer,
) -> Decision {
    let others = waiting(world).iter().filter(|other| other.entry != next.entry);
    let (followed, amendments) = amendment::follow(world, &next);
    let promises = policy_promises(others, next.starts_at(), &amendments, &world.policy.registry);
    let followed =
        (!followed.is_empty()).then(|| amendment::decision(asked, followed, promises.clone(), Answer::default()));
    Decision {
        subject: Subject::Policy,
        promises,
        events,
        state: State::Proposal(Box::new(next)),
        answer,
        at: asked.at,
        with: followed.into_iter().collect(),
    }
}

pub(super) fn waiting<'a>(world: &'a World<'_>) -> &'a [Proposal] {
    match &world.target {
        Target::Proposal { waiting, .. } => waiting,
        _ => &[],
    }
}

/// The policy that is meant. Nobody signs another file than the one that they looked at: they press the button below
/// what it changes, or name it.
fn named<'a>(world: &'a World<'_>, hash: Option<&str>) -> Result<&'a Proposal, Refusal> {
    let Target::Proposal { waiting, read, .. } = &world.target else {
        return Err(Refusal::slip("This is about a policy.", "`/admin policy` shows it."));
    };
    let Some(newest) = waiting.first() else {
        return Err(Refusal::slip("No policy waits for signatures.", "`/admin policy` shows which is in force."));
    };
    let shown = "`/admin policy` shows what it changes.";
    match (read, hash) {
        (Some(entry), _) => waiting
            .iter()
            .find(|proposal| proposal.entry == *entry)
            .ok_or_else(|| Refusal::slip(format!("That policy waits no more; {} does.", newest.short()), shown)),
        (None, Some(hash)) => {
            let begins = |proposal: &&Proposal| proposal.hash.starts_with(&hash.to_ascii_lowercase());
            waiting.iter().find(begins).filter(|_| hash.len() >= HASH_MIN).ok_or_else(|| {
                Refusal::slip(format!("“{hash}” is not the policy that waits: that is {}.", newest.short()), shown)
            })
        }
        (None, None) => Err(Refusal::slip(
            "Which policy?",
            format!("`/admin policy` shows what {} changes; then name it.", newest.short()),
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
