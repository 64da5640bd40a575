//! A change manager moves the band of a change's risk (rule 4.7): up alone, down with a second one, never without a reason. What
//! people agreed to is asked again.

use super::appointment;
use super::approval;
use super::edit::{check_editable, revise};
use super::standing::person;
use super::{change_decision, change_of, rollback, stands};
use crate::domain::event::{EditedField, RiskEvent};
use crate::domain::rules::{Action, Band, ChangeKind, Lowering, MovedBand, Role, listed, may_move_band};
use crate::domain::{Answer, Asked, Change, ChangeEvent, Decision, Event, PersonId, Refusal, World};

const RULE: &str = "4.7";
/// So many are named who could be the second.
const NAMED_MAX: usize = 3;

pub(super) fn adjust(world: &World<'_>, asked: Asked<'_>, to: Band, why: String) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RunChange)?;
    check(world, me, change)?;
    let from = change.risk.band;
    if to == from {
        return Ok(stands(asked, change.subject(), format!("{} has {from} already.", change.subject())));
    }
    if to < from && change.is_own(me) {
        return Err(Refusal::by_rule(
            "4.15",
            format!("You asked for {} or carry it out, so its risk is for others to lower.", change.subject()),
            second(world, &[me]),
        ));
    }
    let first = change.risk.lowering.clone().filter(|first| first.to == to && &first.by != me).map(|first| first.by);
    let managers = if first.is_some() { 2 } else { 1 };
    if may_move_band(from, to, managers, !why.trim().is_empty()).is_err() {
        return Ok(lowering_asked(world, asked, change, (me, to), why));
    }
    moved(world, asked, change, to, (why, first))
}

/// Only a change manager, and only before it begins: what runs, runs as it was judged.
fn check(world: &World<'_>, me: &PersonId, change: &Change) -> Result<(), Refusal> {
    if !world.organisation.has_role(me, Role::ChangeManager) {
        let sentence = format!("The risk of {} is a change manager's to move.", change.subject());
        return Err(Refusal::by_rule(RULE, sentence, second(world, &[])));
    }
    super::catalogue::check_no_submission(change)?;
    rollback::check_none(change)?;
    check_editable(change)?;
    if change.kind == ChangeKind::Standard {
        let sentence = format!("How risky {} is says the catalogue, which approves it beforehand.", change.subject());
        return Err(Refusal::by_rule(RULE, sentence, "`/cab standard suspend` takes its entry out of use."));
    }
    Ok(())
}

/// It stays as it is until a second change manager says the same.
fn lowering_asked(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    (me, to): (&PersonId, Band),
    why: String,
) -> Decision {
    let subject = change.subject();
    let others = second(world, &[me, &change.requester, &change.implementer]);
    let typed = format!("`/cab risk {subject} band:{}` and why. {others}", to.as_str());
    let asks = Lowering { to, by: me.clone() };
    if change.risk.lowering.as_ref() == Some(&asks) {
        return stands(asked, subject, format!("It waits for a second change manager, who says the same: {typed}"));
    }
    let mut next = change.clone();
    next.risk.lowering = Some(asks);
    let event = Event::Change(ChangeEvent::Risk(RiskEvent::LoweringAsked { from: change.risk.band, to, why }));
    let answer = Answer::default().also(format!("A second change manager has to say the same: {typed}"));
    change_decision(world, asked, next, vec![event], answer)
}

fn moved(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    to: Band,
    (why, asked_by): (String, Option<PersonId>),
) -> Result<Decision, Refusal> {
    let from = change.risk.band;
    let computed = change.risk.moved.map_or(from, |moved| moved.from);
    let mut risk = change.risk.clone();
    risk.band = to;
    risk.moved = (to != computed).then_some(MovedBand { from: computed, to });
    risk.lowering = None;
    let (before, after) = (from.as_str().to_owned(), to.as_str().to_owned());
    let fields = vec![EditedField { name: "band", before, after }];
    let revision = revise(world, asked, change, change.clone(), risk, fields)?;
    let mut answer =
        Answer::default().also(format!("It needs {}, on this revision.", revision.next.required.describe()));
    answer.also.extend(revision.told);
    let adjusted = RiskEvent::Adjusted { from, to, asked_by, why };
    let mut events = vec![
        Event::Change(ChangeEvent::Risk(adjusted)),
        Event::Change(ChangeEvent::Revised(Box::new(revision.revised))),
    ];
    events.extend(revision.events);
    let mut next = approval::settle(world, asked, revision.next, &mut events, false);
    appointment::unfillable(world, asked, &mut next, &mut events);
    Ok(change_decision(world, asked, next, events, answer))
}

/// The change managers but for these.
fn second(world: &World<'_>, but: &[&PersonId]) -> String {
    let managers = world.organisation.with_role(Role::ChangeManager).into_iter().filter(|one| !but.contains(one));
    let names: Vec<String> = managers.map(|one| world.organisation.name_of(one)).take(NAMED_MAX).collect();
    match names.as_slice() {
        [] => "Nobody else is a change manager here; the organisation file gives the role.".to_owned(),
        names => format!("{} can.", listed(names, "or")),
    }
}
