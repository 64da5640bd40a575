//! Claims of a change, and the words of those who decide on them: the security lead confirms an exploit (rule 4.8), the
//! commander lets it start beside an incident. Silence confirms nothing, and nobody decides on a claim of their own.

use super::assessment::{Facts, clocks, requirements};
use super::freeze::moment;
use super::standing::{on_change, permit, person};
use super::{appointment, approval, asking, change_decision, change_of, conflict, contingency, edit, standby, stands};
use crate::domain::event::{EditedField, Revised};
use crate::domain::rules::{Action, ChangeKind, ClaimKind, ClaimState};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeStatus, Claim, ClaimCommand, ClaimEvent, Decision, Event, Incident,
    PersonId, Refusal, World,
};

/// The rule that an unsettled incident holds a start up by.
const BESIDE: &str = "change-conflict";

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: ClaimCommand) -> Result<Decision, Refusal> {
    match command {
        ClaimCommand::ConfirmExploit => confirm_exploit(world, asked),
        ClaimCommand::DenyExploit { why } => deny_exploit(world, asked, why),
        ClaimCommand::AskClearance { why } => ask_clearance(world, asked, &why),
        ClaimCommand::Clear { why } => decide_clearance(world, asked, ClaimState::Confirmed, &why),
        ClaimCommand::RefuseClearance { why } => decide_clearance(world, asked, ClaimState::Denied, &why),
    }
}

/// The claim that a new change meets an exploit, and who is asked about it; refused where nobody could say so.
pub(super) fn of_exploit(world: &World<'_>, me: &PersonId, evidence: String) -> Result<(Event, String), Refusal> {
    let asked = names(world, &world.organisation.confirmers(me, me));
    if asked.is_empty() {
        return Err(Refusal::by_rule(
            "4.8",
            "Nobody else holds the role of the security lead, so nobody can confirm an exploit.",
            "`/inc declare sev2 …` opens an incident: a change for that is an emergency at once.",
        ));
    }
    let event = ClaimEvent::Made { kind: ClaimKind::Exploit, incident: None, revision: 1, why: evidence };
    let told = format!("{asked} is asked whether it is an exploit; until that is confirmed it is no emergency.");
    Ok((Event::Claim(event), told))
}

/// Confirmed once, an exploit stays one over later revisions.
pub(super) fn is_exploit(world: &World<'_>) -> bool {
    world.claims.iter().any(|claim| claim.kind == ClaimKind::Exploit && claim.state == ClaimState::Confirmed)
}

/// The open claim of an exploit, for whoever may decide on it; otherwise what became of it.
fn exploit_for<'a>(
    world: &'a World<'_>,
    asked: Asked<'_>,
    change: &Change,
) -> Result<Result<&'a Claim, Decision>, Refusal> {
    let me = person(asked, Action::RunChange)?;
    let id = change.subject();
    let Some(claim) = world.claims.iter().rev().find(|claim| claim.kind == ClaimKind::Exploit) else {
        return Err(Refusal::slip(format!("Nobody claims that {id} meets an exploit."), "Nothing was changed."));
    };
    let who = world.organisation.confirmers(&change.requester, &change.implementer);
    if !who.contains(me) {
        let names = names(world, &who);
        let next = if names.is_empty() { "Nobody else holds the role.".to_owned() } else { format!("{names} can.") };
        return Err(if change.is_own(me) {
            Refusal::by_rule("4.15", format!("{id} is your own, so others say whether it meets an exploit."), next)
        } else {
            Refusal::by_rule("4.8", format!("The security lead says whether {id} meets an exploit."), next)
        });
    }
    if !claim.is_open() {
        return Ok(Err(stands(asked, id, decided(world, claim, &format!("That {id} meets an exploit")))));
    }
    Ok(Ok(claim))
}

fn confirm_exploit(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let claim = match exploit_for(world, asked, change)? {
        Ok(claim) => claim,
        Err(stands) => return Ok(stands),
    };
    let id = change.subject();
    if change.status != ChangeStatus::AwaitingApproval {
        return Err(Refusal::slip(
            format!("{id} is {} by now; it does not wait for approval.", change.state_phrase()),
            "Nothing was changed. `/change emergency` asks for another one.",
        ));
    }
    let confirmed = said(claim, ClaimState::Confirmed, None);
    let mut next = change.clone();
    next.kind = ChangeKind::Emergency;
    let services = change.services();
    let facts = Facts {
        kind: next.kind,
        tested: next.tested,
        services: &services,
        incident: approval::incident_of(world),
        risk: &change.risk,
        touches: change.factors.touches.unwrap_or_default(),
        exploit: true,
    };
    let (kind, required) = requirements(world, facts)?;
    let (vote, decide_by) = clocks(world, Facts { kind, ..facts }, &required, asked.at);
    edit::void(&mut next);
    (next.kind, next.required, next.vote, next.decide_by) = (kind, required, vote, decide_by);
    next.policy = world.policy_version;
    // The window of an emergency opens with its approval.
    next.planned = next.planned.filter(|_| kind != ChangeKind::Emergency);
    next.checklist.reopen();
    let plan = contingency::check(world, asked, &next)?;
    let warnings = asking::begin(world, asked, &mut next);
    let (standby, stands_by) = standby::begin(world, asked, &mut next);
    let answer = Answer::default().also(format!("It is {kind} now, and needs {}.", next.required.describe()));
    let answer =
        Answer { also: answer.also.into_iter().chain(warnings).chain(plan).chain(stands_by).collect(), ..answer };
    let mut events = vec![confirmed, revised(world, asked, change, &next)];
    events.extend(standby);
    let mut next = approval::settle(world, asked, next, &mut events, false);
    appointment::unfillable(world, asked, &mut next, &mut events);
    Ok(change_decision(world, asked, next, events, answer))
}

/// The same change, of another type: whoever agreed to it before is asked again.
fn revised(world: &World<'_>, asked: Asked<'_>, before: &Change, next: &Change) -> Event {
    let kind = |change: &Change| change.kind.as_str().to_owned();
    let mut voided: Vec<String> = edit::spoke(before).iter().map(|person| world.organisation.name_of(person)).collect();
    voided.sort();
    Event::Change(ChangeEvent::Revised(Box::new(Revised {
        kind: next.kind,
        revision: next.revision,
        fields: vec![EditedField { name: "type", before: kind(before), after: kind(next) }],
        risk: next.risk.clone(),
        requires: next.required.describe(),
        policy: next.policy,
        skipped: contingency::skipped(world, asked, next),
        voided,
        asks: next.asks.clone(),
        standard: None,
        touches: next.factors.touches.unwrap_or_default(),
    })))
}

fn deny_exploit(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let claim = match exploit_for(world, asked, change)? {
        Ok(claim) => claim,
        Err(stands) => return Ok(stands),
    };
    let event = said(claim, ClaimState::Denied, Some(why));
    let answer = Answer::default().also(format!("{} stays {}.", change.subject(), change.kind));
    Ok(change_decision(world, asked, change.clone(), vec![event], answer))
}

/// The incidents that hold the start of a change up.
fn incidents_beside<'a>(world: &'a World<'_>, asked: Asked<'_>, change: &Change) -> Vec<&'a Incident> {
    let numbers = conflict::incidents_beside(world, asked, change);
    world.incidents_near.iter().filter(|incident| numbers.contains(&incident.number)).collect()
}

fn ask_clearance(world: &World<'_>, asked: Asked<'_>, why: &str) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    person(asked, Action::RunChange)?;
    permit(world, asked, Action::RaiseEmergencyChange, on_change(change, None))?;
    let id = change.subject();
    if !change.is_agreed() {
        let next = "It is asked for once the change is approved.";
        return Err(Refusal::slip(format!("{id} is {}.", change.state_phrase()), next));
    }
    let beside = incidents_beside(world, asked, change);
    if beside.is_empty() {
        return Ok(stands(asked, id, format!("No open incident holds {id} up.")));
    }
    let (mut events, mut answer, mut standing) = (Vec::new(), Answer::default(), Vec::new());
    for incident in beside {
        let who = world.organisation.clearers(incident, change);
        let (names, of) = (names(world, &who), incident.subject());
        if let Some(open) = open_beside(world, change, incident.number) {
            let by = world.organisation.name_of(&open.by);
            standing.push(format!("{by} asked already; it waits for {names}."));
            continue;
        }
        if who.is_empty() {
            return Err(Refusal::by_rule(
                BESIDE,
                format!("Nobody is there who could let {id} start beside {of}."),
                format!("Whoever takes the command with `/inc lead {of}` can."),
            ));
        }
        answer = answer.also(format!("{of}: {names} decides."));
        let (kind, incident) = (ClaimKind::Clearance, Some(incident.number));
        let made = ClaimEvent::Made { kind, incident, revision: change.revision, why: why.to_owned() };
        events.push(Event::Claim(made));
    }
    if events.is_empty() {
        return Ok(stands(asked, id, standing.join(" ")));
    }
    Ok(change_decision(world, asked, change.clone(), events, answer))
}

fn open_beside<'a>(world: &'a World<'_>, change: &Change, incident: i64) -> Option<&'a Claim> {
    let mut open = clearances(world, change).filter(|claim| claim.is_open());
    open.find(|claim| claim.incident == Some(incident))
}

/// Those of this revision: another one is another change.
fn clearances<'a>(world: &'a World<'_>, change: &Change) -> impl DoubleEndedIterator<Item = &'a Claim> {
    let revision = change.revision;
    world.claims.iter().filter(move |claim| claim.kind == ClaimKind::Clearance && claim.revision == revision)
}

fn decide_clearance(world: &World<'_>, asked: Asked<'_>, state: ClaimState, why: &str) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RunChange)?;
    let id = change.subject();
    let open: Vec<&Claim> = clearances(world, change).filter(|claim| claim.is_open()).collect();
    if open.is_empty() {
        return match clearances(world, change).next_back() {
            Some(claim) => Ok(stands(asked, id, decided(world, claim, &format!("The clearance of {id}")))),
            None => Err(Refusal::slip(
                format!("Nobody asks for a clearance of {id}."),
                format!("`/cab clear {id} ask why: …` does."),
            )),
        };
    }
    let mut events = Vec::new();
    let mut others = Vec::new();
    for claim in open {
        let incident = world.incidents_near.iter().find(|incident| Some(incident.number) == claim.incident);
        // Of one that is over there is nothing left to say.
        let Some(incident) = incident else { continue };
        let who = world.organisation.clearers(incident, change);
        if who.contains(me) {
            events.push(said(claim, state, Some(why.to_owned())));
        } else {
            others.push(format!("{}: {} decides.", incident.subject(), names(world, &who)));
        }
    }
    if events.is_empty() {
        if others.is_empty() {
            let sentence = format!("The incident beside {id} is over.");
            return Err(Refusal::slip(sentence, "Nothing holds it up any more."));
        }
        let (rule, sentence) = if change.is_own(me) {
            ("4.15", format!("{id} is your own change, so others clear it."))
        } else {
            (BESIDE, format!("Whether {id} may start beside an incident decides whoever leads that."))
        };
        return Err(Refusal::by_rule(rule, sentence, others.join(" ")));
    }
    let mut answer = Answer { also: others, ..Answer::default() };
    if state == ClaimState::Confirmed {
        answer =
            answer.also(format!("It is good for revision {} of {id}, as long as the incident lasts.", change.revision));
    }
    Ok(change_decision(world, asked, change.clone(), events, answer))
}

fn said(claim: &Claim, state: ClaimState, why: Option<String>) -> Event {
    let Claim { kind, claimed, incident, .. } = *claim;
    Event::Claim(ClaimEvent::Decided { kind, claimed, incident, state, why })
}

/// A late click: what was decided, by whom and when.
fn decided(world: &World<'_>, claim: &Claim, what: &str) -> String {
    let by = claim.decided_by.as_ref().map(|by| world.organisation.name_of(by)).unwrap_or_default();
    let at = claim.decided_at.map(moment).unwrap_or_default();
    format!("{what} was {} by {by}, {at}.", claim.state)
}

fn names(world: &World<'_>, people: &[PersonId]) -> String {
    let names: Vec<String> = people.iter().map(|person| world.organisation.name_of(person)).collect();
    names.join(" or ")
}
