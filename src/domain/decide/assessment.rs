//! What policy makes of a change: how risky, of which type, whose yes it needs, by when.

use chrono::{DateTime, Utc};

use super::contingency::IRREVERSIBLE;
use super::update::calendar;
use crate::domain::rules::{
    ApprovalFacts, Band, ChangeKind, DeadlineCase, Disposition, EmergencyCase, Flag, Priority, Rehearsal, Required,
    RiskAssessment, RiskInput, Ruling, Seat, Touch, Touches, VotePolicyName, approval_deadlines, disposition,
    move_into_vote, required_approvals, risk_score, vote_closes,
};
use crate::domain::{Incident, Member, PersonId, Refusal, RiskFactors, Role, Vote, World};

/// Rule 4.7. What the bot knows is filled in: tier, what depends on it, history, what else is running.
pub(super) fn assess(
    world: &World<'_>,
    factors: RiskFactors,
    tested: Option<bool>,
    services: &[String],
    rehearsal: Rehearsal,
) -> Ruling<RiskAssessment> {
    let organisation = world.organisation;
    let history = world.history.verdict(world.policy);
    let mut ruling = risk_score(
        world.policy,
        &RiskInput {
            data: factors.data,
            availability: factors.availability,
            compliance: factors.compliance,
            complexity: factors.complexity,
            rollback: factors.rollback,
            tier: organisation.strictest_tier(services),
            downstream: organisation.downstream_of(services),
            tested,
            privileged: touches(world, factors, services).has(Touch::Privileged),
            concurrent_change: world.concurrent_change,
            expired_fix: false,
            rehearsal,
            history_points: history.points,
            cause_points: 0,
        },
    );
    if let Some(sample) = history.phrase(|service| organisation.service_name(service)) {
        ruling.verdict.name_history(history.points, sample);
    }
    ruling
}

/// What a change touches: as was said, and as the organisation file says of its services.
fn touches(world: &World<'_>, factors: RiskFactors, services: &[String]) -> Touches {
    factors.touches.unwrap_or_default().with(world.organisation.touches_of(services))
}

/// What nobody said that a change touches, and the organisation file says of its services.
pub(super) fn known_to_touch(world: &World<'_>, said: Touches, services: &[String]) -> Option<String> {
    let organisation = world.organisation;
    let known = organisation.touches_of(services).without(said);
    let adds = |key: &&String| !organisation.touches_of(std::slice::from_ref(*key)).without(said).is_empty();
    let name = organisation.named(&services.iter().filter(adds).cloned().collect::<Vec<_>>());
    (!known.is_empty()).then(|| format!("It touches {}: the organisation file says so of {name}.", known.phrase()))
}

/// What decides whose yes is needed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub kind: ChangeKind,
    pub tested: bool,
    /// All that it touches, the main one first.
    pub services: &'a [String],
    pub incident: Option<&'a Incident>,
    pub risk: &'a RiskAssessment,
    /// As was said; what the organisation file says of its services is added.
    pub touches: Touches,
    /// The security lead confirmed that it meets an exploit.
    pub exploit: bool,
}

/// Rule 4.10, and what urgency against risk adds to it (rule 4.7). An emergency may be demoted by it.
pub(super) fn requirements(world: &World<'_>, facts: Facts<'_>) -> Result<(ChangeKind, Required), Refusal> {
    match facts.kind {
        // What the catalogue approves was looked at as a whole: nothing about one use adds a seat.
        ChangeKind::Standard => {
            let tier = world.organisation.strictest_tier(facts.services);
            let facts = ApprovalFacts { kind: facts.kind, band: facts.risk.band, tier, owner_groups: 1, flags: &[] };
            return Ok((facts.kind, required_approvals(world.policy, &facts)?.verdict));
        }
        // How urgent it was matters no more once it is done.
        ChangeKind::Retroactive => return Ok((facts.kind, required(world, facts)?)),
        ChangeKind::Normal | ChangeKind::Expedited | ChangeKind::Emergency => {}
    }
    // What is exploited is as urgent as a P2, whatever incident it belongs to: the table has no column of its own for it.
    let exploited = facts.exploit.then_some(Priority::P2);
    let priority = facts.incident.map(|incident| incident.priority).into_iter().chain(exploited).min();
    let verdict = disposition(world.policy, facts.risk.band, priority, facts.risk.rollback).verdict;
    let kind = match (facts.kind, verdict) {
        (ChangeKind::Emergency, Disposition::Expedited) => ChangeKind::Expedited,
        (
            ChangeKind::Emergency,
            Disposition::Normal
            | Disposition::NormalCab
            | Disposition::NormalCabCritical
            | Disposition::RefusedAsEmergency,
        ) => ChangeKind::Normal,
        (kind, _) => kind,
    };
    let mut required = required(world, Facts { kind, ..facts })?;
    // Rule 4.9: what cannot be taken back is a risk that somebody takes.
    required.executive_acceptance |= facts.risk.rollback >= IRREVERSIBLE;
    // A vote that urgency adds fills the seats that it requires, as any other: nobody could fill them twice.
    let has_vote = required.vote.is_some();
    match verdict {
        Disposition::EcabStandby if kind == ChangeKind::Emergency => {
            required.vote.get_or_insert(VotePolicyName::Ecab);
        }
        Disposition::EcabExecutiveStandby | Disposition::DeferUnlessExecutive if kind == ChangeKind::Emergency => {
            required.vote.get_or_insert(VotePolicyName::EcabCritical);
            required.executive_acceptance = true;
        }
        Disposition::NormalCab if kind != ChangeKind::Emergency => {
            required.vote.get_or_insert(VotePolicyName::CabHigh);
        }
        Disposition::NormalCabCritical if kind != ChangeKind::Emergency => {
            required.vote.get_or_insert(VotePolicyName::CabCritical);
            required.executive_acceptance = true;
        }
        _ => {}
    }
    if !has_vote {
        move_into_vote(world.policy, facts.risk.band, &mut required);
    }
    Ok((kind, required))
}

fn required(world: &World<'_>, facts: Facts<'_>) -> Result<Required, Refusal> {
    let (organisation, services) = (world.organisation, facts.services);
    let mut known = services.iter().filter_map(|key| organisation.services.get(key));
    let compliance = known.any(|service| !service.compliance.is_empty());
    let touches = facts.touches.with(organisation.touches_of(facts.services));
    // An agreed business freeze asks for its owner's yes through the exception from it (rule 4.12).
    let flags: Vec<Flag> = [
        (Flag::IncidentLinked, facts.incident.is_some()),
        (Flag::Untested, !facts.tested),
        (Flag::Irreversible, facts.risk.rollback >= IRREVERSIBLE),
        (Flag::Compliance, compliance),
    ]
    .into_iter()
    .filter(|(_, applies)| *applies)
    .map(|(flag, _)| flag)
    .chain(touches.iter().map(Touch::flag))
    .collect();
    let facts = ApprovalFacts {
        kind: facts.kind,
        band: facts.risk.band,
        tier: organisation.strictest_tier(facts.services),
        owner_groups: organisation.owner_groups(facts.services),
        flags: &flags,
    };
    let required = required_approvals(world.policy, &facts)?.verdict;
    Ok(Required { owner_seats: organisation.owner_seats(services), ..required })
}

/// The vote, where one is required, and the end of the time to decide.
pub(super) fn clocks(
    world: &World<'_>,
    facts: Facts<'_>,
    required: &Required,
    now: DateTime<Utc>,
) -> (Option<Vote>, Option<DateTime<Utc>>) {
    let priority = facts.incident.map(|incident| incident.priority);
    let mut vote = required.vote.map(|name| open_vote(world, name, facts, priority, now));
    let case = deadline_case(world, (facts.kind, facts.risk.band), required.vote, priority, now);
    let ruled = approval_deadlines(world.policy, &calendar(world), case, now).map(|ruling| ruling.verdict);
    // What goes to the board is decided in its next meeting, where that is over before the vote would be.
    if let (Some(vote), Some(ruled)) = (&mut vote, ruled.as_ref().filter(|ruled| ruled.at_cab)) {
        vote.closes_at = vote.closes_at.min(ruled.decision);
    }
    let by = vote.as_ref().map(|vote| vote.closes_at).or(ruled.map(|ruled| ruled.decision));
    (vote, by)
}

/// What rule 4.16 is asked about: what the board votes on runs on the clock of the risk that it votes about.
pub(super) fn deadline_case(
    world: &World<'_>,
    (kind, band): (ChangeKind, Band),
    vote: Option<VotePolicyName>,
    priority: Option<Priority>,
    now: DateTime<Utc>,
) -> DeadlineCase {
    let band = match vote {
        Some(VotePolicyName::CabHigh) => band.max(Band::High),
        Some(VotePolicyName::CabCritical) => Band::Critical,
        Some(
            VotePolicyName::Ecab
            | VotePolicyName::EcabCritical
            | VotePolicyName::EcabReapproval
            | VotePolicyName::CatalogueEntry,
        )
        | None => band,
    };
    DeadlineCase { kind, band, priority, next_cab: next_cab(world, now) }
}

/// When the board has met next; `None` where there is no board.
pub(super) fn next_cab(world: &World<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let organisation = world.organisation;
    organisation.board()?;
    world.policy.meetings.next_decides_by(now, organisation.time_zone)
}

/// The roster as it is now; who speaks for which seat is settled when the vote opens.
pub(super) fn open_vote(
    world: &World<'_>,
    policy: VotePolicyName,
    facts: Facts<'_>,
    priority: Option<Priority>,
    now: DateTime<Utc>,
) -> Vote {
    let numbers = world.policy.votes.of(policy, facts.risk.band);
    let roster = match policy {
        VotePolicyName::Ecab | VotePolicyName::EcabCritical | VotePolicyName::EcabReapproval => {
            world.organisation.emergency_board()
        }
        VotePolicyName::CabHigh | VotePolicyName::CabCritical | VotePolicyName::CatalogueEntry => {
            world.organisation.board()
        }
    };
    let member = |person: &PersonId| Member { person: person.clone(), seats: seats_of(world, person, facts.services) };
    Vote {
        policy,
        roster: roster.map(|roster| roster.members.iter().map(member).collect()).unwrap_or_default(),
        chair: roster.map_or_else(|| PersonId(String::new()), |roster| roster.chair.clone()),
        approved_before: Vec::new(),
        opened_at: now,
        closes_at: vote_closes(&numbers, &calendar(world), EmergencyCase::of(priority), now),
        outcome: None,
        chair_asked: false,
        prolonged: false,
    }
}

pub(super) fn seats_of(world: &World<'_>, person: &PersonId, services: &[String]) -> Vec<Seat> {
    let organisation = world.organisation;
    let has = |role| organisation.has_role(person, role);
    [
        (Seat::TechnicalAuthority, services.iter().any(|service| organisation.approves_for(person, service))),
        (Seat::ServiceOwner, organisation.owns_any(person, services)),
        (Seat::ChangeManager, has(Role::ChangeManager)),
        (Seat::Security, has(Role::Security)),
        (Seat::Executive, has(Role::Executive)),
    ]
    .into_iter()
    .filter(|(_, holds)| *holds)
    .map(|(seat, _)| seat)
    .collect()
}

/// `+9 highest impact 3 times complexity 3 · +3 a service of tier 1`
pub(super) fn breakdown(risk: &RiskAssessment) -> String {
    let lines: Vec<String> = risk.breakdown.iter().map(|line| format!("{:+} {}", line.points, line.what)).collect();
    lines.join(" · ")
}
