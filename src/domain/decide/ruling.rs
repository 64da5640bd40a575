//! The decision authority rules; what it allows takes effect in the same transaction.

use super::escalation::{check_may_rule, decided};
use super::{appointment, approval, change_decision, change_of, extension, freeze_override, missed, objection, slot};
use crate::domain::rules::{Dispute, RulingVerdict};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeStatus, Decision, Escalation, Event, PersonId, Refusal, RulingCommand,
    RulingEvent, World,
};

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: RulingCommand) -> Result<Decision, Refusal> {
    match command {
        RulingCommand::Escalate { why } => super::escalation::ask(world, asked, why),
        RulingCommand::Rule { verdict, why, conditions, appoint } => {
            rule(world, asked, (verdict, appoint), why, conditions)
        }
    }
}

fn rule(
    world: &World<'_>,
    asked: Asked<'_>,
    (verdict, appoint): (RulingVerdict, Option<PersonId>),
    why: String,
    conditions: Option<String>,
) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let open = waiting(world, change)?;
    check_may_rule(world, asked, change, open)?;
    if !change.awaits_ruling() {
        let sentence =
            format!("{} is {} by now: there is nothing to rule on.", change.subject(), change.state_phrase());
        return Err(Refusal::slip(sentence, "Nothing was changed."));
    }
    let (dispute, allows) = (open.dispute, verdict == RulingVerdict::Allow);
    let (mut next, mut events) = (change.clone(), Vec::new());
    if allows && dispute == Dispute::Roster {
        let left = appointment::appoint(world, asked, &mut next, (open, appoint), &mut events)?;
        if left > 0 {
            let answer = Answer::default().also(format!("It takes {left} more: appoint them in the same way."));
            return Ok(change_decision(world, asked, next, events, answer));
        }
    } else if appoint.is_some() {
        let sentence = format!("Enough may vote on {}: nobody is to be appointed.", change.subject());
        return Err(Refusal::slip(sentence, "Nothing was changed. Rule without `appoint:`."));
    }
    let reopens = allows && dispute == Dispute::Veto;
    if let Some(one) = next.escalations.iter_mut().find(|one| one.asked == open.asked) {
        one.state = verdict.state();
        one.ruled_by = asked.by.person().cloned();
        one.ruled_at = Some(asked.at);
        one.ruling = Some(why.clone());
        one.conditions.clone_from(&conditions);
    }
    let because = why.clone();
    let given = RulingEvent::Given { asked: open.asked, dispute, verdict, reopens, conditions, why };
    events.push(Event::Ruling(given));
    if !allows && dispute.decides() {
        if let Some(result) = approval::vote_result(world.policy, asked, &next, true) {
            missed::end_vote(&mut next, &mut events, result);
        }
        approval::end(&mut next, asked, ChangeStatus::Rejected, because.clone());
        events.push(Event::Change(ChangeEvent::Rejected { why: because }));
    }
    if !allows {
        return Ok(change_decision(world, asked, next, events, Answer::default()));
    }
    let (next, with, answer) = take_effect(world, asked, dispute, next, &mut events);
    let mut decision = change_decision(world, asked, next, events, answer);
    decision.with.extend(with);
    Ok(decision)
}

fn waiting<'a>(world: &World<'_>, change: &'a Change) -> Result<&'a Escalation, Refusal> {
    change.open_escalation().ok_or_else(|| match change.escalations.last() {
        Some(ruled) => Refusal::slip(decided(world, change, ruled), "Nothing was changed."),
        None => Refusal::slip(
            format!("Nobody asks for a ruling on {}.", change.subject()),
            format!("`/cab escalate {}` and why does.", change.subject()),
        ),
    })
}

/// What an allowed dispute lets happen now.
fn take_effect(
    world: &World<'_>,
    asked: Asked<'_>,
    dispute: Dispute,
    mut next: Change,
    events: &mut Vec<Event>,
) -> (Change, Vec<Decision>, Answer) {
    let id = next.subject();
    match dispute {
        Dispute::Freeze => {
            let with = freeze_override::by_ruling(world, asked, &next);
            (next, with, Answer::default().also("It is good for one start of this revision."))
        }
        Dispute::Turn => {
            let offered = slot::by_ruling(asked, &next, events);
            (offered, Vec::new(), Answer::default().also(format!("{id} may start now, whoever runs beside it.")))
        }
        Dispute::Window => {
            let open = extension::by_ruling(world, asked, next, events);
            (open, Vec::new(), Answer::default())
        }
        Dispute::Concern => {
            end_concerns(&mut next, events);
            (approval::settle(world, asked, next, events, false), Vec::new(), Answer::default())
        }
        Dispute::Veto => {
            reopen(asked, &mut next);
            let settled = approval::settle(world, asked, next, events, false);
            let answer = match settled.status {
                ChangeStatus::AwaitingApproval => Answer::default().also("The vote goes on, without the veto."),
                _ => Answer::default(),
            };
            (settled, Vec::new(), answer)
        }
        Dispute::Conflict => {
            let rivals: Vec<String> = next.rivals().iter().map(ToString::to_string).collect();
            let told = format!("{id} goes first; {} waits until it has another window.", rivals.join(", "));
            (next, Vec::new(), Answer::default().also(told))
        }
        Dispute::Objection => {
            objection::overrule(&mut next, BY_RULING, events);
            (next, Vec::new(), Answer::default().also(format!("No objection holds {id} up any more.")))
        }
        Dispute::Decision => {
            let (settled, answer) = missed::allowed(world, asked, approval::settle(world, asked, next, events, false));
            (settled, Vec::new(), answer)
        }
        Dispute::Roster => {
            reopen(asked, &mut next);
            let answer = Answer::default().also("The vote begins now, with those who were appointed.");
            (approval::settle(world, asked, next, events, false), Vec::new(), answer)
        }
        Dispute::Seat => (appointment::fill(world, asked, next, events), Vec::new(), Answer::default()),
        Dispute::Standby => {
            (next, Vec::new(), Answer::default().also(format!("{id} may start without the people on standby.")))
        }
        Dispute::Review => (
            next,
            Vec::new(),
            Answer::default().also(format!(
                "For a day, that the review of {id} is overdue holds up no emergency. The review stays due."
            )),
        ),
    }
}

fn end_concerns(next: &mut Change, events: &mut Vec<Event>) {
    for concern in next.concerns.iter_mut().filter(|concern| concern.is_open) {
        concern.is_open = false;
        events.push(Event::Change(ChangeEvent::ConcernResolved {
            revision: next.revision,
            raised: concern.entry,
            of: concern.person.clone(),
            why: Some(BY_RULING.to_owned()),
        }));
    }
}

/// What stands in the log of the record that a ruling lets it past; why is in the ruling itself.
pub(super) const BY_RULING: &str = "by a ruling of the decision authority";

/// The vote goes on for as long as it was to last from the start.
fn reopen(asked: Asked<'_>, change: &mut Change) {
    change.status = ChangeStatus::AwaitingApproval;
    change.ended_at = None;
    change.outcome = None;
    let closes = change.vote.as_mut().map(|vote| {
        let lasts = vote.closes_at - vote.opened_at;
        vote.outcome = None;
        vote.opened_at = asked.at;
        vote.closes_at = asked.at + lasts;
        vote.closes_at
    });
    change.decide_by = closes;
}

/// How it may start past what a ruling allowed, as whoever starts it is told.
pub(super) fn passed_by(world: &World<'_>, change: &Change) -> Vec<String> {
    let started = change.escalations.iter().filter(|one| one.state == RulingVerdict::Allow.state());
    started.map(|one| passed(world, one)).collect()
}

fn passed(world: &World<'_>, one: &Escalation) -> String {
    let name = |id: &PersonId| world.organisation.name_of(id);
    let by = one.ruled_by.as_ref().map(name).unwrap_or_default();
    let conditions = one.conditions.as_ref().map(|said| format!(" Condition: {said}")).unwrap_or_default();
    format!("{}: passed by ruling of {by}.{conditions}", capital(one.dispute.phrase()))
}

fn capital(phrase: &str) -> String {
    let mut letters = phrase.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}
