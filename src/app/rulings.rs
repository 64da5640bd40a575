//! Disputes that the decision authority rules on: whoever is asked is told both positions in private, and whoever is a
//! party what was ruled.

use serde_json::{Value, json};

use super::answer::Teller;
use super::cards::{change_button, headline, row};
use super::freezes::frozen;
use super::handle::HandleError;
use super::notice_answers::objection_reasons;
use super::plans::steps_phrase;
use super::{App, Tenant};
use crate::domain::rules::Dispute;
use crate::domain::{
    Change, ContingencyPlan, Decision, Escalation, Event, OverrideState, PersonId, RulingEvent, State, Subject,
};
use crate::language::presses::PressAction;
use crate::render::{Block, ButtonStyle, Message};
use crate::store::{Job, Later, Tx};

impl App {
    /// Enqueues what follows from an escalation for those whom it concerns.
    pub(super) async fn follow_rulings(
        &self,
        tx: &mut Tx,
        teller: &Teller<'_>,
        decision: &Decision,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let State::Change(change) = &decision.state else { return Ok(()) };
        for event in &decision.events {
            let Event::Ruling(of) = event else { continue };
            let Some(escalation) = escalation_of(change, of) else { continue };
            let what = if matches!(of, RulingEvent::Lapsed { .. }) { "lapsed" } else { "ruling" };
            let key = format!("{what}-{}-{}", change.number, change.version);
            let (people, message) = match of {
                RulingEvent::Asked { of: asked, .. } | RulingEvent::PassedOn { to: asked, .. } => {
                    let stands_in = teller.tenant.organisation.delegate_of(asked, decision.at);
                    let is_free = |id: &&PersonId| !escalation.is_party(id) && !change.is_own(id);
                    let stands_in = stands_in.filter(is_free).cloned();
                    let message = self.asked_to_rule(tx, teller.tenant, change, escalation).await?;
                    ([asked.clone()].into_iter().chain(stands_in).collect(), message)
                }
                // Who is appointed is asked for their ballot.
                RulingEvent::Appointed { .. } => continue,
                RulingEvent::Given { .. } | RulingEvent::Unanswered { .. } | RulingEvent::Lapsed { .. } => {
                    let line = Block::Paragraph { text: teller.line(decision.subject, event)? };
                    let details = change_button(change, PressAction::Details, ButtonStyle::Plain);
                    let is_void = matches!(of, RulingEvent::Lapsed { .. });
                    (
                        if is_void { escalation.chain.clone() } else { parties(change, escalation) },
                        Message { blocks: vec![line, row(vec![details])], ..Message::default() },
                    )
                }
            };
            let others = people.into_iter().filter(|person| teller.actor.person() != Some(person));
            jobs.extend(Job::direct_each(tx.tenant(), others, &key, &message));
        }
        Ok(())
    }

    /// Both positions, for whoever rules.
    async fn asked_to_rule(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        change: &Change,
        escalation: &Escalation,
    ) -> Result<Message, HandleError> {
        let data = json!({
            "subject": change.subject(), "title": headline(&change.title),
            "service": tenant.organisation.services_of(change),
            "incident": change.incident.map(Subject::Incident), "band": change.risk.band.as_str(),
            "impact": change.impact, "raised_by": escalation.raised_by, "why": escalation.why,
            "dispute": escalation.dispute.phrase(), "against": against(self, tx, tenant, change, escalation).await?,
            "until": escalation.due_at, "allows": allows(escalation.dispute),
            "decides": escalation.dispute.decides().then(|| evidence(tenant, change)),
        });
        let mut message = self.renderer.message("direct/ruling", &data, &tenant.organisation)?;
        let button = |action, style| change_button(change, action, style);
        let mut buttons = vec![
            button(PressAction::RuleAllow, ButtonStyle::Primary),
            button(PressAction::RuleDeny, ButtonStyle::Danger),
            button(PressAction::Details, ButtonStyle::Plain),
        ];
        // Whom to appoint is said with the command.
        if escalation.dispute == Dispute::Roster {
            buttons.remove(0);
        }
        message.blocks.push(row(buttons));
        Ok(message)
    }
}

/// What the newest escalation of a change is, for its card.
pub(super) fn escalation_data(change: &Change) -> Value {
    change.escalations.last().map_or(Value::Null, |one| {
        json!({
            "dispute": one.dispute.phrase(), "waits_for": one.waits_for().filter(|_| change.awaits_ruling()),
            "until": one.due_at, "state": one.state.phrase(), "open": one.is_open(), "by": one.ruled_by, "at": one.ruled_at,
            "why": one.ruling, "conditions": one.conditions,
        })
    })
}

/// What helps whoever is blocked for good, unless the authority says otherwise.
pub(super) fn escalate_button(change: &Change) -> Block {
    row(vec![
        change_button(change, PressAction::Escalate, ButtonStyle::Plain),
        change_button(change, PressAction::Details, ButtonStyle::Plain),
    ])
}

fn escalation_of<'a>(change: &'a Change, event: &RulingEvent) -> Option<&'a Escalation> {
    let asked = match event {
        RulingEvent::Asked { .. } => 0,
        RulingEvent::PassedOn { asked, .. }
        | RulingEvent::Given { asked, .. }
        | RulingEvent::Appointed { asked, .. }
        | RulingEvent::Unanswered { asked, .. }
        | RulingEvent::Lapsed { asked, .. } => *asked,
    };
    change.escalations.iter().find(|one| one.asked == asked)
}

fn parties(change: &Change, escalation: &Escalation) -> Vec<PersonId> {
    let own = [&change.requester, &change.implementer, &escalation.raised_by];
    let mut people: Vec<PersonId> = own.into_iter().chain(&escalation.opposed).cloned().collect();
    people.sort();
    people.dedup();
    people
}

/// What a yes of the authority does, where it is the decision on the change.
fn allows(dispute: Dispute) -> Option<&'static str> {
    match dispute {
        Dispute::Decision => Some("yes"),
        Dispute::Roster => Some("appoints"),
        Dispute::Seat => Some("fills"),
        _ => None,
    }
}

/// What somebody has to know who decides in the place of others.
fn evidence(tenant: &Tenant, change: &Change) -> Value {
    let plan = ContingencyPlan::read(&change.rollback_plan);
    json!({
        "why_now": change.why_now, "rollback_plan": steps_phrase(&tenant.organisation, &plan), "tested": change.tested,
        "score": change.risk.score.to_string(),
    })
}

/// Who has not decided, and who has.
fn missing(tenant: &Tenant, change: &Change) -> Vec<String> {
    let name = |id: &PersonId| tenant.organisation.name_of(id);
    let result = change.vote.as_ref().and_then(|vote| vote.outcome.as_ref());
    let mut lines: Vec<String> = result.map(|result| format!("The vote: {}", result.sentence)).into_iter().collect();
    let mut seats = change.open_seats();
    seats.dedup();
    for seat in seats {
        let asked: Vec<String> = change.asked_for(seat).map(name).collect();
        lines.push(match asked.len() {
            0 => format!("{}: nobody could be asked", seat.phrase()),
            _ => format!("{}: no answer of {}", seat.phrase(), asked.join(", ")),
        });
    }
    lines.extend(
        change.approvals.iter().map(|one| format!("{}: {} has said yes", one.seat.phrase(), name(&one.person))),
    );
    lines
}

/// What stands against it, as it is now.
async fn against(
    app: &App,
    tx: &mut Tx,
    tenant: &Tenant,
    change: &Change,
    escalation: &Escalation,
) -> Result<Vec<String>, HandleError> {
    let name = |id: &PersonId| tenant.organisation.name_of(id);
    let said = |who: &PersonId, why: &Option<String>| match why {
        Some(why) => format!("{}: {why}", name(who)),
        None => name(who),
    };
    Ok(match escalation.dispute {
        Dispute::Freeze => {
            let mut lines = Vec::new();
            for frozen in frozen(tx, None, false).await? {
                let freeze = &frozen.freeze;
                let denied = |of: &&crate::domain::FreezeOverride| {
                    of.change == change.number && of.state == OverrideState::Denied
                };
                let by = freeze.overrides.iter().rev().find(denied).and_then(|of| of.authority.as_ref());
                if let Some(by) = by {
                    lines.push(format!("{}: {}. {} made no exception.", freeze.subject(), freeze.why, name(by)));
                }
            }
            lines
        }
        Dispute::Turn => vec![format!(
            "It waits for its turn behind what runs (rule 4.18): {}. `/change queue` shows the line.",
            escalation.opposed.iter().map(name).collect::<Vec<_>>().join(", ")
        )],
        Dispute::Window => vec![format!(
            "Its window got more time {} times, which is all that policy allows (rule 4.17).",
            change.reapprovals
        )],
        Dispute::Concern => change.open_concerns().map(|one| said(&one.person, &one.why)).collect(),
        Dispute::Veto => {
            let why = |person: &PersonId| change.ballot_of(person).and_then(|ballot| ballot.why.clone());
            change.vetoes().into_iter().map(|person| said(person, &why(person))).collect()
        }
        Dispute::Conflict => {
            let service = tenant.organisation.services_of(change);
            let with =
                |rival: &Subject| format!("{rival} wants {service} at the same time; neither starts before you rule.");
            change.rivals().iter().map(with).collect()
        }
        Dispute::Objection => objection_reasons(tx, tenant, change).await?,
        Dispute::Standby => {
            let data = app.standby_data(tx, tenant, change).await?;
            data["holds"].as_str().map(str::to_owned).into_iter().collect()
        }
        Dispute::Decision | Dispute::Seat => missing(tenant, change),
        Dispute::Roster => vec![change.tally(&tenant.policy).sentence],
        Dispute::Review => vec![format!("The review of {} is overdue (rule 4.8).", change.subject())],
    })
}
