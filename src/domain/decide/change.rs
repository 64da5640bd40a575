//! A change is asked for: is it an emergency, how risky is it, whose yes does it need?

use super::approval;
use super::barrier;
use super::change_decision;
use super::standing::{Record, permit, person};
use super::update::calendar;
use crate::domain::rules::{
    Action, ApprovalFacts, ChangeKind, ChangeRequest, Classified, Disposition, EmergencyAsk, EmergencyCase, Evidence,
    Flag, HistoryCount, LinkedIncident, Rehearsal, Rejection, Required, RiskAssessment, RiskInput, Ruling, Seat,
    VotePolicyName, classify_change, disposition, emergency_deadlines, history_points, required_approvals, risk_score,
    vote_closes,
};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChangeStatus, Decision, EmergencyRequest, Event, Incident, Member, PersonId,
    Refusal, Target, Vote, World,
};

pub(super) fn request_emergency(
    world: &World<'_>,
    asked: Asked<'_>,
    request: EmergencyRequest,
) -> Result<Decision, Refusal> {
    let Target::New { number, near } = &world.target else {
        return Err(Refusal::slip("A new change has a new number.", ""));
    };
    let me = person(asked, Action::RaiseEmergencyChange)?;
    let service = service_of(&request, near.as_ref());
    let services: Vec<String> = service.iter().cloned().collect();
    let record = Record { incident: near.as_ref(), services: &services, ties: &[] };
    permit(world, asked, Action::RaiseEmergencyChange, record)?;
    let risk = assess(world, &request, service.as_deref());
    check_emergency(world, &request, service.as_deref(), near.as_ref(), &risk.verdict)?;
    let (Some(service), Some(incident)) = (service, near.as_ref()) else {
        return Err(Refusal::slip("An emergency belongs to an incident and a service.", "Say it in the war room."));
    };
    let required = requirements(world, &request, &service, incident, &risk.verdict)?;
    let change = new_change(world, asked, *number, me, request, service, incident, risk.verdict, required);
    let ahead = barrier::look_ahead(world, asked, &change)?;
    let mut decision = opened(world, asked, change, &risk.sentence);
    decision.answer.also.extend(ahead);
    Ok(decision)
}

/// The one that was named, otherwise the incident's first.
fn service_of(request: &EmergencyRequest, near: Option<&Incident>) -> Option<String> {
    request.service.clone().or_else(|| near?.services.first().cloned())
}

/// Rule 4.7. What the bot knows is filled in: tier, what depends on it, history, what else is running.
fn assess(world: &World<'_>, request: &EmergencyRequest, service: Option<&str>) -> Ruling<RiskAssessment> {
    let organisation = world.organisation;
    let known = service.filter(|key| organisation.services.contains_key(*key));
    let history = HistoryCount { changes: world.history.changes, failures: world.history.failures };
    let services: Vec<String> = service.into_iter().map(str::to_owned).collect();
    risk_score(
        world.policy,
        &RiskInput {
            data: request.factors.data,
            availability: request.factors.availability,
            compliance: request.factors.compliance,
            complexity: request.factors.complexity,
            rollback: request.factors.rollback,
            tier: organisation.strictest_tier(&services),
            downstream: known.map(|key| organisation.downstream(key)),
            tested: request.tested,
            privileged: false,
            concurrent_change: world.concurrent_change,
            expired_fix: false,
            rehearsal: Rehearsal::NotDone,
            history_points: history_points(world.policy, &[history]).verdict,
            cause_points: 0,
        },
    )
}

/// Rule 4.8: an emergency, or what it is instead, or what is missing.
fn check_emergency(
    world: &World<'_>,
    request: &EmergencyRequest,
    service: Option<&str>,
    near: Option<&Incident>,
    risk: &RiskAssessment,
) -> Result<(), Refusal> {
    let incident = near.map(|incident| LinkedIncident {
        open: incident.is_open(),
        priority: incident.priority,
        service_distance: service.and_then(|service| world.organisation.distance(service, &incident.services)),
    });
    let given = [
        (Evidence::ImpactStatement, request.impact.is_some()),
        (Evidence::WhyNow, request.why_now.is_some()),
        (Evidence::RollbackPlan, request.rollback_plan.is_some()),
        (Evidence::Tested, request.tested.is_some()),
        (Evidence::Service, service.is_some()),
    ];
    let ask = EmergencyAsk {
        incident,
        security_confirmed: false,
        given: given.into_iter().filter(|(_, there)| *there).map(|(evidence, _)| evidence).collect(),
        planning_reason: false,
        review_overdue_minutes: None,
    };
    let request =
        ChangeRequest { band: risk.band, template: None, emergency: Some(ask), bound_deadline_before_cab: false };
    let ruling = classify_change(world.policy, &request);
    match ruling.verdict {
        Classified::As { kind: ChangeKind::Emergency, .. } => Ok(()),
        Classified::As { .. } => Err(Refusal::by_rule(
            ruling.rule,
            ruling.sentence,
            "If the incident is worse than its priority says, raise it with `/inc sev`; otherwise take the regular way.",
        )),
        Classified::Rejected(rejection) => Err(rejected(&rejection, ruling.rule, ruling.sentence, near)),
    }
}

fn rejected(rejection: &Rejection, rule: &str, sentence: String, near: Option<&Incident>) -> Refusal {
    let next = match rejection {
        Rejection::Missing(missing) => {
            let names: Vec<&str> = missing.iter().map(|evidence| evidence.phrase()).collect();
            format!(
                "Missing: {}. Press Change on the incident's card, or type `/change emergency` again.",
                names.join("; ")
            )
        }
        Rejection::IncidentDoesNotMatch => match near {
            Some(incident) => {
                format!("{} is {} and on {}.", incident.subject(), incident.status.as_str(), incident.services_phrase())
            }
            None => "Name the incident that it resolves.".to_owned(),
        },
        Rejection::ReviewOverdue => "Finish the overdue review, or ask the decision authority.".to_owned(),
    };
    Refusal::by_rule(rule, sentence, next)
}

/// Rule 4.10, and what urgency against risk adds to it (rule 4.7).
fn requirements(
    world: &World<'_>,
    request: &EmergencyRequest,
    service: &str,
    incident: &Incident,
    risk: &RiskAssessment,
) -> Result<Required, Refusal> {
    let compliance = world.organisation.services.get(service).is_some_and(|s| !s.compliance.is_empty());
    let flags: Vec<Flag> = [
        (Flag::IncidentLinked, true),
        (Flag::Untested, request.tested != Some(true)),
        (Flag::Irreversible, risk.rollback >= 5),
        (Flag::Compliance, compliance),
    ]
    .into_iter()
    .filter(|(_, applies)| *applies)
    .map(|(flag, _)| flag)
    .collect();
    let facts = ApprovalFacts {
        kind: ChangeKind::Emergency,
        band: risk.band,
        tier: world.organisation.strictest_tier(&[service.to_owned()]),
        owner_groups: 1,
        flags: &flags,
    };
    let mut required = required_approvals(world.policy, &facts)?.verdict;
    let ruling = disposition(world.policy, risk.band, Some(incident.priority), risk.rollback);
    match ruling.verdict {
        Disposition::Go => {}
        Disposition::EcabStandby => {
            required.vote.get_or_insert(VotePolicyName::Ecab);
        }
        Disposition::EcabExecutiveStandby | Disposition::DeferUnlessExecutive => {
            required.vote.get_or_insert(VotePolicyName::EcabCritical);
            required.executive_acceptance = true;
        }
        Disposition::Expedited
        | Disposition::Normal
        | Disposition::NormalCab
        | Disposition::NormalCabCritical
        | Disposition::RefusedAsEmergency => {
            return Err(Refusal::by_rule(ruling.rule, ruling.sentence, "Take the regular way."));
        }
    }
    Ok(required)
}

#[expect(clippy::too_many_arguments, reason = "every part of a new change, once")]
fn new_change(
    world: &World<'_>,
    asked: Asked<'_>,
    number: i64,
    me: &PersonId,
    request: EmergencyRequest,
    service: String,
    incident: &Incident,
    risk: RiskAssessment,
    required: Required,
) -> Change {
    let case = EmergencyCase::of(Some(incident.priority));
    let vote = required.vote.map(|name| open_vote(world, asked, name, &service, &risk, case));
    let decide_by = match &vote {
        Some(vote) => vote.closes_at,
        None => emergency_deadlines(world.policy, case, asked.at).verdict.decision,
    };
    Change {
        number,
        version: 0,
        revision: 1,
        kind: ChangeKind::Emergency,
        status: ChangeStatus::AwaitingApproval,
        title: request.title,
        incident: Some(incident.number),
        service,
        requester: me.clone(),
        implementer: me.clone(),
        impact: request.impact.unwrap_or_default(),
        why_now: request.why_now.unwrap_or_default(),
        rollback_plan: request.rollback_plan.unwrap_or_default(),
        tested: request.tested.unwrap_or(false),
        factors: request.factors,
        risk,
        required,
        policy: world.policy_version,
        approvals: Vec::new(),
        vote,
        ballots: Vec::new(),
        decide_by: Some(decide_by),
        window: None,
        requested_at: asked.at,
        approved_at: None,
        started_at: None,
        ended_at: None,
        outcome: None,
    }
}

/// The roster as it is now; who speaks for which seat is settled when the vote opens.
fn open_vote(
    world: &World<'_>,
    asked: Asked<'_>,
    policy: VotePolicyName,
    service: &str,
    risk: &RiskAssessment,
    case: EmergencyCase,
) -> Vote {
    let numbers = world.policy.votes.of(policy, risk.band);
    let roster = world.organisation.rosters.get("ecab");
    let member = |person: &PersonId| Member { person: person.clone(), seats: seats_of(world, person, service) };
    Vote {
        policy,
        roster: roster.map(|roster| roster.members.iter().map(member).collect()).unwrap_or_default(),
        chair: roster.map_or_else(|| PersonId(String::new()), |roster| roster.chair.clone()),
        opened_at: asked.at,
        closes_at: vote_closes(&numbers, &calendar(world), case, asked.at),
        outcome: None,
    }
}

fn seats_of(world: &World<'_>, person: &PersonId, service: &str) -> Vec<Seat> {
    let organisation = world.organisation;
    let services = [service.to_owned()];
    let has = |role| organisation.has_role(person, role);
    [
        (Seat::TechnicalAuthority, organisation.approves_for(person, service)),
        (Seat::ServiceOwner, organisation.owns_any(person, &services)),
        (Seat::ChangeManager, has(crate::domain::Role::ChangeManager)),
        (Seat::Security, has(crate::domain::Role::Security)),
        (Seat::Executive, has(crate::domain::Role::Executive)),
    ]
    .into_iter()
    .filter(|(_, holds)| *holds)
    .map(|(seat, _)| seat)
    .collect()
}

/// `+9 highest impact 3 times complexity 3 · +3 a service of tier 1`
fn breakdown(risk: &RiskAssessment) -> String {
    let lines: Vec<String> = risk.breakdown.iter().map(|line| format!("{:+} {}", line.points, line.what)).collect();
    lines.join(" · ")
}

fn opened(world: &World<'_>, asked: Asked<'_>, change: Change, risk: &str) -> Decision {
    let requested = Event::Change(ChangeEvent::Requested(Box::new(crate::domain::event::Requested {
        title: change.title.clone(),
        kind: change.kind,
        revision: change.revision,
        incident: change.incident,
        service: change.service.clone(),
        impact: change.impact.clone(),
        why_now: change.why_now.clone(),
        rollback_plan: change.rollback_plan.clone(),
        tested: change.tested,
        risk: change.risk.clone(),
        requires: change.required.describe(),
        policy: change.policy,
    })));
    let answer = Answer::undo(format!("`/change withdraw {}` and why takes it back", change.subject()))
        .also(format!("{risk} {}.", breakdown(&change.risk)))
        .also(format!("It needs {}. The card in the war room shows who has said what.", change.required.describe()));
    let mut events = vec![requested];
    let change = approval::settle(world, asked, change, &mut events, false);
    change_decision(world, asked, change, events, answer)
}
