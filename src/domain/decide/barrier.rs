//! What stands in the way of a change: the freezes that it meets (rule 4.11).

use chrono::{DateTime, Utc};

use super::exempt;
use super::freeze::{deciding, freeze_decision, moment};
use super::freeze_override::deciders;
use crate::domain::policy::Policy;
use crate::domain::rules::{
    Band, ChangeKind, EmergencyCase, FreezeKind, FreezeVerdict, FrozenChange, Priority, Ruling, freeze_meets,
    freeze_verdict, window_length,
};
use crate::domain::{
    Answer, Asked, Change, Decision, Freeze, FreezeEvent, FreezeStatus, Frozen, Incident, Link, Organisation,
    OverrideState, Refusal, Target, WayOut, World,
};

/// A freeze that a change meets, and what the rule says of the two.
#[derive(Debug)]
pub struct Met<'a> {
    pub frozen: &'a Frozen,
    pub ruling: Ruling<FreezeVerdict>,
}

/// From when to when the freezes among them hold a change up; `None`: there is no end yet.
pub fn held(met: &[Met<'_>]) -> Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> {
    let holding = met.iter().filter(|met| met.holds()).map(|met| &met.frozen.freeze);
    holding.map(|freeze| (freeze.from, freeze.until)).collect()
}

/// The freezes that a change meets in a stretch of time, the strictest first. `incident`: the one that it resolves.
pub fn met<'a>(
    organisation: &Organisation,
    policy: &Policy,
    freezes: &'a [Frozen],
    change: &Change,
    incident: Option<&Incident>,
    planned: (DateTime<Utc>, DateTime<Utc>),
) -> Vec<Met<'a>> {
    met_where(organisation, policy, freezes, change, (incident, planned), FreezeStatus::binds)
}

fn met_where<'a>(
    organisation: &Organisation,
    policy: &Policy,
    freezes: &'a [Frozen],
    change: &Change,
    (incident, planned): (Option<&Incident>, (DateTime<Utc>, DateTime<Utc>)),
    counts: fn(FreezeStatus) -> bool,
) -> Vec<Met<'a>> {
    let open = freezes.iter().filter(|frozen| {
        let freeze = &frozen.freeze;
        counts(freeze.status) && freeze_meets(freeze.from, freeze.until, planned)
    });
    let mut met: Vec<Met<'a>> = open
        .map(|frozen| {
            let urgent_for = incident.filter(|incident| incident.is_open()).map(|incident| incident.priority);
            Met { frozen, ruling: ruling_on(organisation, policy, (&frozen.freeze, &frozen.links), change, urgent_for) }
        })
        .collect();
    met.sort_by_key(|met| std::cmp::Reverse(met.ruling.verdict));
    met
}

/// Rule 4.11, of one freeze, and what changes are to the incident that it protects. `urgent_for`: the priority of the open incident that the change is for.
pub(super) fn ruling_on(
    organisation: &Organisation,
    policy: &Policy,
    (freeze, links): (&Freeze, &[Link]),
    change: &Change,
    urgent_for: Option<Priority>,
) -> Ruling<FreezeVerdict> {
    let look = FrozenChange {
        kind: change.kind,
        band: change.risk.band,
        freeze_safe: change.standard.as_ref().is_some_and(|standard| standard.freeze_safe),
        spared: freeze.spares(change.kind),
        linked: freeze.is_for_its_incident(change, links),
        urgent_for,
        inside: freeze.reaches_change(organisation, policy, change),
    };
    freeze_verdict(freeze.facts(), look)
}

impl Met<'_> {
    /// Whether it holds the change up unless an exception was made.
    pub fn holds(&self) -> bool {
        holds(self.ruling.verdict)
    }
}

pub(super) fn holds(verdict: FreezeVerdict) -> bool {
    match verdict {
        FreezeVerdict::Override | FreezeVerdict::BlockHard => true,
        FreezeVerdict::Allow | FreezeVerdict::AllowNotify => false,
    }
}

/// Everything that a start meets: a refusal where something holds it up, otherwise what is written on the freezes.
pub(super) fn check_start(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<Vec<Decision>, Refusal> {
    let mut written = Vec::new();
    let mut past = None;
    for met in met_by(world, change, (asked.at, asked.at)) {
        let freeze = &met.frozen.freeze;
        match met.ruling.verdict {
            FreezeVerdict::Allow => {}
            FreezeVerdict::AllowNotify => {
                let passed = FreezeEvent::Passed { change: change.number, why: met.ruling.sentence.clone() };
                written.push(freeze_decision(world, asked, freeze.clone(), vec![passed], Answer::default()));
            }
            FreezeVerdict::Override | FreezeVerdict::BlockHard => {
                if !freeze.lets_through(change, asked.at) {
                    let Some(exception) = exempt::from_freeze(world, freeze, change, asked.at) else {
                        return Err(held_up(world, change, &met));
                    };
                    let why = format!("{} · {}", met.ruling.sentence, exempt::passed(exception));
                    let passed = FreezeEvent::Passed { change: change.number, why };
                    written.push(freeze_decision(world, asked, freeze.clone(), vec![passed], Answer::default()));
                    past = Some(exception);
                    continue;
                }
                let mut next = freeze.clone();
                for granted in next.overrides.iter_mut().filter(|of| of.state == OverrideState::Granted) {
                    if granted.change == change.number {
                        granted.state = OverrideState::Used;
                    }
                }
                let used = FreezeEvent::OverrideUsed { change: change.number, revision: change.revision };
                written.push(freeze_decision(world, asked, next, vec![used], Answer::default()));
            }
        }
    }
    written.extend(past.map(|exception| exempt::used(asked, exception, change)));
    Ok(written)
}

/// Rule 4.11 of scheduling and approving: while a major incident is open, a change of high or critical risk is neither, unless
/// its commander lets this one through. Of an emergency for another P1 or P2 the rule holds up the start alone.
pub(super) fn check_risky(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<(), Refusal> {
    let is_urgent = incident_of(world).is_some_and(|incident| incident.is_open() && incident.priority <= Priority::P2);
    if !waits_for_major(change) || (change.kind == ChangeKind::Emergency && is_urgent) {
        return Ok(());
    }
    for met in met_by(world, change, (asked.at, asked.at)) {
        let freeze = &met.frozen.freeze;
        let is_excepted =
            freeze.lets_through(change, asked.at) || exempt::from_freeze(world, freeze, change, asked.at).is_some();
        if freeze.kind == FreezeKind::Major && met.holds() && !is_excepted {
            let ways = Box::new([WayOut::AskException { change: change.number, revision: change.revision }]);
            return Err(Refusal { ways, ..held_up(world, change, &met) });
        }
    }
    Ok(())
}

/// Whether a change is risky enough that a major incident elsewhere keeps it from being agreed to.
pub fn waits_for_major(change: &Change) -> bool {
    let is_asked_for = !change.is_extending() && !matches!(change.kind, ChangeKind::Standard | ChangeKind::Retroactive);
    change.risk.band >= Band::High && is_asked_for
}

/// What a change that is asked for will meet. A freeze that nothing passes refuses it at once; of the others it is told.
pub(super) fn look_ahead(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<Vec<String>, Refusal> {
    let incident = incident_of(world);
    let window = window_length(world.policy, EmergencyCase::of(incident.map(|incident| incident.priority)));
    let stretch = change.planned.map_or((asked.at, asked.at + window), |planned| (planned.opens, planned.closes));
    let mut told = Vec::new();
    for met in met_by(world, change, stretch) {
        let freeze = &met.frozen.freeze;
        if let Some(exception) = exempt::from_freeze(world, freeze, change, asked.at).filter(|_| met.holds()) {
            told.push(format!("{}: {}.", freeze.subject(), exempt::passed(exception)));
            continue;
        }
        match met.ruling.verdict {
            FreezeVerdict::BlockHard => {
                let refusal = held_up(world, change, &met);
                let next = format!("It is over {}; until then `/freeze check` shows what passes.", ends(&met));
                return Err(Refusal { next, ..refusal });
            }
            FreezeVerdict::Override => told.push(format!(
                "{} stands in its way: {}. To start, it needs an exception: `/freeze except {} why: …` asks {}.",
                freeze.subject(),
                freeze.why,
                change.subject(),
                deciding(world.organisation, &deciders(world.organisation, met.frozen, change, None)),
            )),
            FreezeVerdict::AllowNotify => told.push(format!(
                "{} lets it through; whoever keeps the freeze is told when it starts.",
                freeze.subject()
            )),
            FreezeVerdict::Allow => {}
        }
    }
    Ok(told)
}

/// What a window that is to be longer meets. A freeze that nothing passes refuses it; of the others it is told.
pub(super) fn check_longer(
    world: &World<'_>,
    change: &Change,
    stretch: (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<String>, Refusal> {
    let mut told = Vec::new();
    for met in met_by(world, change, stretch) {
        let freeze = &met.frozen.freeze;
        if let Some(exception) = exempt::from_freeze(world, freeze, change, stretch.0).filter(|_| met.holds()) {
            told.push(format!("{}: {}.", freeze.subject(), exempt::passed(exception)));
            continue;
        }
        match met.ruling.verdict {
            FreezeVerdict::BlockHard => {
                let next = format!("`/change rollback {}` makes it safe until that is over.", change.subject());
                return Err(Refusal { next, ..held_up(world, change, &met) });
            }
            FreezeVerdict::Override | FreezeVerdict::AllowNotify => {
                told.push(format!("{} holds then: {}. Those who vote should know.", freeze.subject(), freeze.why));
            }
            FreezeVerdict::Allow => {}
        }
    }
    Ok(told)
}

pub(super) fn met_by<'a>(
    world: &'a World<'_>,
    change: &Change,
    planned: (DateTime<Utc>, DateTime<Utc>),
) -> Vec<Met<'a>> {
    met(world.organisation, world.policy, &world.freezes, change, incident_of(world), planned)
}

/// Those that are only proposed too: an exception is asked for as soon as a freeze is planned.
pub(super) fn met_or_proposed<'a>(
    world: &'a World<'_>,
    change: &Change,
    planned: (DateTime<Utc>, DateTime<Utc>),
) -> Vec<Met<'a>> {
    let when = (incident_of(world), planned);
    met_where(world.organisation, world.policy, &world.freezes, change, when, FreezeStatus::is_open)
}

/// The incident that the change resolves.
fn incident_of<'a>(world: &'a World<'_>) -> Option<&'a Incident> {
    match &world.target {
        Target::Change { incident, .. } | Target::New { near: incident, .. } => incident.as_ref(),
        Target::Incident(_)
        | Target::Freeze { .. }
        | Target::Meeting(_)
        | Target::Exception(_)
        | Target::Batch(_)
        | Target::Organisation { .. }
        | Target::Proposal { .. }
        | Target::Feed(_)
        | Target::Privacy(_)
        | Target::Log(_) => None,
    }
}

fn held_up(world: &World<'_>, change: &Change, met: &Met<'_>) -> Refusal {
    let freeze = &met.frozen.freeze;
    let sentence = format!(
        "{} is in force {}: {}. {}",
        freeze.subject(),
        ends(met),
        freeze.why.trim_end_matches('.'),
        met.ruling.sentence
    );
    let who = deciding(world.organisation, &deciders(world.organisation, met.frozen, change, None));
    let next = match freeze.open_override(change) {
        Some(asked) if asked.state == OverrideState::Requested => {
            format!("An exception was asked for at {}; it waits for {who}.", asked.asked_at.format("%H:%M UTC"))
        }
        _ => format!("`/freeze except {} why: …` asks for an exception; {who} decides.", change.subject()),
    };
    Refusal::by_rule(met.ruling.rule, sentence, next)
}

fn ends(met: &Met<'_>) -> String {
    match (met.frozen.freeze.until, met.frozen.freeze.incident) {
        (Some(until), _) => format!("until {}", moment(until)),
        (None, Some(incident)) => format!("until INC-{incident} is over"),
        (None, None) => "until it is lifted".to_owned(),
    }
}
