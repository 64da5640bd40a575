//! An executive takes a risk upon them (rule 4.10): typed, never with one click, for a time, and the log keeps in full what
//! they took and what else they had weighed.

use chrono::{DateTime, TimeDelta, Utc};

use super::approval::{check_undecided, grant, may_fill, relations, settle};
use super::assessment::breakdown;
use super::contingency::IRREVERSIBLE;
use super::freeze::moment;
use super::standing::person;
use super::{barrier, change_decision, change_of, exempt, stands};
use crate::domain::acceptance::{Acceptance, AcceptedRisk};
use crate::domain::event::ApprovalEvent;
use crate::domain::rules::{Action, Duty, Seat, TIMER_EARLY, duties_ok};
use crate::domain::{Answer, Asked, Change, ChangeEvent, ChangeStatus, Decision, Event, PersonId, Refusal, World};

pub(super) fn accept_risk(world: &World<'_>, asked: Asked<'_>, given: Acceptance) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RunChange)?;
    let again = change.lapsed_acceptance(asked.at).is_some();
    if !again || change.is_undecided() {
        check_undecided(world, asked, change)?;
    }
    // Whoever accepted it for a time that is over may do so again.
    let mut as_open = change.clone();
    as_open.approvals.retain(|approval| !again || approval.seat != Seat::Executive);
    duties_ok(Duty::AcceptRisk, &relations(&as_open, me))?;
    may_fill(world, asked, &as_open, me, Seat::Executive)?;
    if !again && !change.needs_acceptance() {
        let sentence = format!("{} needs no acceptance of risk, or has it.", change.subject());
        return Ok(stands(asked, change.subject(), sentence));
    }
    barrier::check_risky(world, asked, change)?;
    let until = good_until(world, asked, &given)?;
    let Acceptance { why, alternatives, .. } = given;
    let mut next = change.clone();
    let (by, at) = (me.clone(), asked.at);
    next.risk.accepted = Some(AcceptedRisk { by, at, until, alternatives: alternatives.clone(), expired: false });
    let accepted = (until, alternatives, why);
    Ok(if again { anew(world, asked, next, accepted) } else { first(world, asked, &next, me, accepted) })
}

/// Until when it is good, what else was weighed, and why.
type Said = (DateTime<Utc>, String, String);

fn first(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    me: &PersonId,
    (until, alternatives, why): Said,
) -> Decision {
    let (revision, again) = (change.revision, false);
    let mut decision = grant(world, asked, change, me, Seat::Executive, (Some(why), None));
    let given = ApprovalEvent::RiskAccepted { revision, until, again, accepted: None, alternatives, why: None };
    // Beside the seat that it fills, before what follows of that.
    decision.events.insert(1, Event::Change(ChangeEvent::Approval(given)));
    decision
}

fn anew(world: &World<'_>, asked: Asked<'_>, change: Change, (until, alternatives, why): Said) -> Decision {
    let (revision, again, accepted) = (change.revision, true, Some(change.risk_in_full()));
    let given = ApprovalEvent::RiskAccepted { revision, until, again, accepted, alternatives, why: Some(why) };
    let mut events = vec![Event::Change(ChangeEvent::Approval(given))];
    let settled = match change.status {
        ChangeStatus::AwaitingApproval => settle(world, asked, change, &mut events, false),
        _ => change,
    };
    change_decision(world, asked, settled, events, Answer::default())
}

/// Rule 4.10: an acceptance is good until a day, which is not further ahead than policy lets it be.
fn good_until(world: &World<'_>, asked: Asked<'_>, given: &Acceptance) -> Result<DateTime<Utc>, Refusal> {
    let clock = world.policy.deadlines.acceptance;
    let Some(until) = given.until else { return Ok(asked.at + TimeDelta::days(clock.valid_days.into())) };
    let until = until.until(asked.at, world.organisation.time_zone, None);
    if until <= asked.at {
        let next = "Say until when the risk is accepted, like `until:+7d`.";
        return Err(Refusal::slip(format!("{} is over.", moment(until)), next).in_field("until"));
    }
    if until > asked.at + TimeDelta::days(clock.valid_days_max.into()) {
        return Err(Refusal::by_rule(
            "4.10",
            format!(
                "A risk is accepted for {} days at most: what is accepted is the risk of today.",
                clock.valid_days_max
            ),
            format!("Without `until` it is accepted for {} days.", clock.valid_days),
        )
        .in_field("until"));
    }
    Ok(until)
}

/// The acceptance of a change that has not begun is over: it counts no more, and those whose change it is are told.
pub(super) fn expires(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let over = change.lapsed_acceptance(asked.at + TIMER_EARLY).filter(|accepted| !accepted.expired);
    let Some(accepted) = over else {
        return Ok(stands(asked, change.subject(), "It went on in the meantime."));
    };
    let mut people = vec![accepted.by.clone(), change.requester.clone(), change.implementer.clone()];
    people.extend(world.organisation.owners_of(&change.services()));
    people.sort();
    people.dedup();
    let (revision, person, until) = (change.revision, accepted.by.clone(), accepted.until);
    let mut next = change.clone();
    if let Some(accepted) = &mut next.risk.accepted {
        accepted.expired = true;
    }
    let event = ApprovalEvent::AcceptanceExpired { revision, person, until, people };
    Ok(change_decision(world, asked, next, vec![Event::Change(ChangeEvent::Approval(event))], Answer::default()))
}

/// What was accepted for a time does not start after it, unless an exception sets the acceptance aside.
pub(super) fn check_start(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<(), Refusal> {
    let Some(accepted) = change.lapsed_acceptance(asked.at) else { return Ok(()) };
    let mut as_over = change.clone();
    if let Some(accepted) = &mut as_over.risk.accepted {
        accepted.expired = true;
    }
    if !exempt::missing_seats(world, &as_over, asked.at).contains(&Seat::Executive) {
        return Ok(());
    }
    let (name, until) = (world.organisation.name_of(&accepted.by), moment(accepted.until));
    Err(Refusal::by_rule(
        "4.10",
        format!("{name} accepted the risk of {} until {until}, and that is over.", change.subject()),
        format!("An executive accepts it anew: `/change accept-risk {}`.", change.subject()),
    ))
}

impl Change {
    /// Everything that an executive has to know to accept the risk of this revision, a line each; and once they did, what else
    /// they had weighed and until when it is good.
    pub fn risk_in_full(&self) -> String {
        let tested = if self.tested { "This very change was tested before." } else { "It was not tested." };
        let moved = self.risk.moved_phrase().map(|phrase| format!(" {phrase}")).unwrap_or_default();
        let back = if self.risk.rollback >= IRREVERSIBLE { " It cannot be taken back." } else { "" };
        let mut lines = vec![
            format!("{} revision {} on {}: {}", self.subject(), self.revision, self.services().join(", "), self.title),
            format!("Risk {}, {}. {}. {tested}{back}{moved}", self.risk.score, self.risk.band, breakdown(&self.risk)),
            format!("Impact: {}", self.impact),
            format!("Why: {}", self.why_now),
            format!("Rollback plan: {}", self.rollback_plan),
        ];
        if let Some(accepted) = self.risk.accepted.as_ref().filter(|accepted| !accepted.expired) {
            lines.push(format!("Alternatives considered: {}", accepted.alternatives));
            lines.push(format!("Accepted until {}", moment(accepted.until)));
        }
        lines.join("\n")
    }
}
