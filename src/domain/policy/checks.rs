//! What a policy's types cannot say: tables that contradict themselves, bands with gaps, shares that can't be reached.
//!
//! That every cell is filled is said by the types: a policy with a missing row or column does not load.

use super::{
    ApprovalPolicy, Bands, FreezePolicy, Policy, Requirement, RiskPolicy, UpdatePolicy, VotePolicy, VoteWindow,
};
use crate::domain::rules::{
    Band, BusinessHours, ChangeKind, EmergencyCase, Impact, Priority, Seat, Span, TechnicalImpact, VotePolicyName,
};

/// A year: a longer clock is a slip of the pen.
const MINUTES_MAX: u32 = 366 * 24 * 60;

pub(super) fn problems(policy: &Policy) -> Vec<String> {
    let mut found = Found(Vec::new());
    matrices(policy, &mut found);
    bands(&policy.risk.bands, &mut found);
    risk(&policy.risk, &mut found);
    approvals(&policy.approvals, &mut found);
    for name in VotePolicyName::ALL {
        for band in [Band::High, Band::Critical] {
            vote(name, &policy.votes.of(name, band), &mut found);
        }
    }
    emergencies(policy, &mut found);
    updates(&policy.updates, &mut found);
    freezes(&policy.freezes, &mut found);
    calendar(&policy.calendar, &mut found);
    found.0.extend(policy.retention.problems());
    found.0.dedup();
    found.0
}

struct Found(Vec<String>);

impl Found {
    fn unless(&mut self, holds: bool, problem: impl FnOnce() -> String) {
        if !holds {
            self.0.push(problem());
        }
    }
}

/// A harder impact, a more critical tier or a higher urgency never gives a calmer answer.
fn matrices(policy: &Policy, found: &mut Found) {
    let mut above: Option<[Impact; 4]> = None;
    for technical in TechnicalImpact::ALL {
        let row = *policy.impact.matrix.of(technical);
        let rises = row.is_sorted() && above.is_none_or(|above| above.iter().zip(&row).all(|(a, b)| a <= b));
        found.unless(rises, || {
            format!(
                "impact.matrix: {} is felt harder on a less critical tier, or than the row above.",
                technical.as_str()
            )
        });
        above = Some(row);
    }
    let mut above: Option<[Priority; 4]> = None;
    for impact in Impact::ALL {
        let row = *policy.priority.matrix.of(impact);
        let rises = row.is_sorted() && above.is_none_or(|above| above.iter().zip(&row).all(|(a, b)| a <= b));
        found.unless(rises, || {
            format!("priority.matrix: {impact} is more urgent at a lower urgency, or than the row above.")
        });
        above = Some(row);
    }
    let (suspected, confirmed) =
        (policy.priority.exposure_suspected_at_least, policy.priority.exposure_confirmed_at_least);
    found.unless(confirmed <= suspected, || {
        "priority: a confirmed exposure is less urgent than a suspected one.".to_owned()
    });
}

fn bands(bands: &Bands, found: &mut Found) {
    let order = [("low", bands.low), ("medium", bands.medium), ("high", bands.high), ("critical", bands.critical)];
    for (name, (from, to)) in order {
        found.unless(from <= to, || format!("risk.bands: {name} ends before it begins."));
    }
    for pair in order.windows(2) {
        let [(name, (_, to)), (next, (from, _))] = pair else {
            continue;
        };
        found.unless(*from <= to + 1, || format!("risk.bands: there is a gap between {name} and {next}."));
        found.unless(*from > *to, || format!("risk.bands: {name} and {next} overlap."));
    }
}

fn risk(risk: &RiskPolicy, found: &mut Found) {
    let modifiers = &risk.modifiers;
    found.unless(modifiers.tier.is_sorted_by(|a, b| a >= b), || {
        "risk.modifiers.tier: a less critical tier adds more.".to_owned()
    });
    found.unless(modifiers.rollback.is_sorted(), || "risk.modifiers.rollback: a harder rollback adds less.".to_owned());
    found.unless(modifiers.downstream.few_up_to < modifiers.downstream.some_up_to, || {
        "risk.modifiers.downstream: few_up_to is not below some_up_to.".to_owned()
    });
    found.unless(modifiers.cause_points_max >= 0, || "risk.modifiers.cause_points_max is below zero.".to_owned());
    let history = &risk.history;
    found.unless(history.rate_below_percent.is_sorted_by(|a, b| a < b), || {
        "risk.history.rate_below_percent does not rise from step to step.".to_owned()
    });
    found.unless(history.points.is_sorted(), || "risk.history.points: a higher rate adds less.".to_owned());
    found.unless(history.default_rate.is_share(), || "risk.history.default_rate is not a share.".to_owned());
    found.unless(history.prior_changes > 0, || "risk.history.prior_changes must be at least 1.".to_owned());
    found.unless(history.cause_fades_months > 0, || "risk.history.cause_fades_months must be at least 1.".to_owned());
}

fn approvals(approvals: &ApprovalPolicy, found: &mut Found) {
    for kind in ChangeKind::ALL {
        for band in Band::ALL {
            let cell = approvals.of(kind, band);
            let place = format!("approvals.{}.{}", kind.as_str(), band.as_str());
            let votes = cell.iter().filter(|requirement| matches!(requirement, Requirement::Vote(_))).count();
            found.unless(!cell.is_empty(), || format!("{place} is empty; say what it needs, or owner_informed."));
            found.unless(votes <= 1, || format!("{place} asks for more than one vote."));
            found.unless(!cell.contains(&Requirement::NotAllowed) || cell.len() == 1, || {
                format!("{place} is not allowed and asks for something at once.")
            });
        }
    }
}

fn vote(name: VotePolicyName, vote: &VotePolicy, found: &mut Found) {
    let place = format!("votes.{}", name.as_str());
    found.unless(vote.min_participation.is_share(), || {
        format!("{place}.min_participation of {} is not a share.", vote.min_participation)
    });
    found.unless(vote.threshold.ratio().is_share(), || {
        format!("{place}.threshold of {} is not a share.", vote.threshold)
    });
    let reachable = vote.threshold.is_met(1, 0);
    found.unless(reachable, || format!("{place}.threshold of {} can never be reached.", vote.threshold));
    found.unless(vote.min_approvals >= 1, || format!("{place}.min_approvals must be at least 1."));
    found.unless(vote.min_count >= vote.min_approvals, || {
        format!("{place}: {} may vote, yet {} have to approve.", vote.min_count, vote.min_approvals)
    });
    let seats = vote.seats(true);
    found.unless(!seats.contains(&Seat::PeerReviewer), || format!("{place}: a peer review is given outside the vote."));
    let VoteWindow { p1, p2, other } = &vote.window;
    for span in [p1, p2].into_iter().flatten().chain([other]) {
        sensible(*span, &format!("{place}.window"), found);
    }
}

fn emergencies(policy: &Policy, found: &mut Found) {
    let numbers = &policy.emergency;
    found.unless(numbers.incident_priority_at_least < numbers.expedited_priority_at_least, || {
        "emergency: expedited_priority_at_least is not below incident_priority_at_least.".to_owned()
    });
    for case in EmergencyCase::ALL {
        let (clock, place) = (policy.deadlines.emergency.of(case), format!("deadlines.emergency.{}", case.as_str()));
        let ack = clock.peer_ack_minutes.max(clock.approval_ack_minutes);
        found
            .unless(ack <= clock.decision_minutes, || format!("{place}: the decision is due before the first answer."));
        found.unless(!clock.on_decision_miss.is_empty(), || format!("{place}.on_decision_miss names nobody."));
        sensible(Span::Minutes(clock.peer_ack_minutes.min(clock.approval_ack_minutes)), &place, found);
        sensible(Span::Minutes(clock.decision_minutes), &place, found);
        let window = *policy.windows.emergency_minutes.of(case);
        let place = format!("windows.emergency_minutes.{}", case.as_str());
        sensible(Span::Minutes(window), &place, found);
        let fits = policy.windows.warn_minutes_left.iter().all(|mark| (1..window).contains(mark));
        found.unless(fits, || format!("{place}: a warning falls outside the window."));
    }
}

fn updates(updates: &UpdatePolicy, found: &mut Found) {
    let (cadence, initial) = (&updates.cadence, &updates.initial_notice);
    let all = [
        ("p1", cadence.p1, initial.p1),
        ("p2", cadence.p2, initial.p2),
        ("p3", cadence.p3, initial.p3),
        ("p4", cadence.p4, initial.p4),
        ("major", cadence.major, initial.major),
        ("crisis_executives", cadence.crisis_executives, None),
    ];
    for (name, cadence, initial) in all {
        sensible(cadence, &format!("updates.cadence.{name}"), found);
        if let Span::Minutes(minutes) = cadence {
            found.unless(updates.satisfies_slot_within_minutes < minutes, || {
                format!("updates.satisfies_slot_within_minutes is not below the cadence of {name}.")
            });
        }
        if let Some(initial) = initial {
            sensible(initial, &format!("updates.initial_notice.{name}"), found);
        }
    }
}

fn freezes(freezes: &FreezePolicy, found: &mut Found) {
    let settling = &freezes.stabilising;
    for (minutes, place) in [
        (freezes.override_valid_minutes, "freezes.override_valid_minutes"),
        (freezes.review_minutes, "freezes.review_minutes"),
        (freezes.ending_notice_minutes, "freezes.ending_notice_minutes"),
        (settling.tier_1_minutes, "freezes.stabilising.tier_1_minutes"),
        (settling.others_minutes, "freezes.stabilising.others_minutes"),
        (settling.step_minutes, "freezes.stabilising.step_minutes"),
        (settling.max_minutes, "freezes.stabilising.max_minutes"),
    ] {
        sensible(Span::Minutes(minutes), place, found);
    }
    found.unless(settling.tier_1_minutes.max(settling.others_minutes) <= settling.max_minutes, || {
        "freezes.stabilising: it begins longer than max_minutes allows.".to_owned()
    });
    found.unless(freezes.notice_business_days.is_sorted_by(|a, b| a > b), || {
        "freezes.notice_business_days: the later notice comes first.".to_owned()
    });
}

fn calendar(hours: &BusinessHours, found: &mut Found) {
    found.unless(!hours.days.is_empty(), || "calendar.days names no day.".to_owned());
    found.unless(hours.opens < hours.closes, || "calendar: it closes before it opens.".to_owned());
}

fn sensible(span: Span, place: &str, found: &mut Found) {
    let minutes = match span {
        Span::Minutes(count) | Span::BusinessMinutes(count) => count,
        Span::BusinessDays(count) => count.saturating_mul(24 * 60),
    };
    found.unless(!span.is_zero(), || format!("{place} is zero."));
    found.unless(minutes <= MINUTES_MAX, || format!("{place} of {span} is longer than a year."));
}

#[cfg(test)]
mod tests;
