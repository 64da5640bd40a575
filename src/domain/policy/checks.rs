//! What a policy's types cannot say: tables that contradict themselves, bands with gaps, shares that can't be reached.
//!
//! That every cell is filled is said by the types: a policy with a missing row or column does not load.

mod control;
mod custom_fields;
mod entries;
mod notices;
mod retention;
mod words;

use std::collections::BTreeSet;

use super::{
    ApprovalPolicy, Bands, FreezePolicy, MeetingPolicy, Policy, Problem, RegistryPolicy, Requirement, RiskPolicy,
    UpdatePolicy, VotePolicy, VoteWindow,
};
use crate::domain::amendment::{WAITING_MAX, number_of};
use crate::domain::rules::{
    AcceptanceClock, Band, BusinessHours, ChangeKind, EmergencyCase, Impact, Priority, Ratio, RegularClock,
    RulingClock, Seat, Span, TechnicalImpact, VotePolicyName,
};

/// A year: a longer clock is a slip of the pen.
const MINUTES_MAX: u32 = DAYS_MAX * 24 * 60;
const DAYS_MAX: u32 = 366;

pub(super) fn problems(policy: &Policy) -> Vec<Problem> {
    let mut found = Found(Vec::new());
    answers(&policy.answers, &mut found);
    matrices(policy, &mut found);
    bands(&policy.risk.bands, &mut found);
    risk(&policy.risk, &mut found);
    approvals(&policy.approvals, &mut found);
    for name in VotePolicyName::ALL {
        vote(name, &policy.votes.of(name, Band::High), &mut found);
    }
    reminders(&policy.votes.remind_at, &mut found);
    emergencies(policy, &mut found);
    deadlines(policy, &mut found);
    updates(&policy.updates, &mut found);
    freezes(&policy.freezes, &mut found);
    meetings(&policy.meetings, &mut found);
    notices::check(policy, &mut found);
    calendar(&policy.calendar, &mut found);
    sensible(Span::Minutes(policy.incidents.reopen_within_minutes), "incidents.reopen_within_minutes", &mut found);
    registry(&policy.registry, &mut found);
    control::check(policy, &mut found);
    custom_fields::check(&policy.custom_fields, &policy.checklists, &mut found);
    entries::check(&policy.catalogue, &policy.checklists, &mut found);
    retention::check(&policy.retention, &mut found);
    words::check(policy, &mut found);
    let mut seen = BTreeSet::new();
    found.0.retain(|problem| seen.insert((problem.place.clone(), problem.sentence.clone())));
    found.0
}

struct Found(Vec<Problem>);

impl Found {
    /// `place` is the table or the number in question, as the document names it.
    fn unless(&mut self, holds: bool, place: impl Into<String>, sentence: impl FnOnce() -> String) {
        if !holds {
            self.0.push(Problem { place: place.into(), sentence: sentence() });
        }
    }

    fn needs(&mut self, holds: bool, place: impl Into<String>, sentence: &str) {
        self.unless(holds, place, || sentence.to_owned());
    }
}

/// What a policy answers has a number, and is named once.
fn answers(named: &[String], found: &mut Found) {
    let numbers: BTreeSet<i32> = named.iter().filter_map(|word| number_of(word)).collect();
    found.unless(numbers.len() == named.len(), "answers", || "name amendments, each once, like AMD-3.".to_owned());
    found.unless(named.len() <= WAITING_MAX, "answers", || format!("name at most {WAITING_MAX}."));
}

/// A harder impact, a more critical tier or a higher urgency never gives a calmer answer.
fn matrices(policy: &Policy, found: &mut Found) {
    let mut above: Option<[Impact; 4]> = None;
    for technical in TechnicalImpact::ALL {
        let row = *policy.impact.matrix.of(technical);
        let rises = row.is_sorted() && above.is_none_or(|above| above.iter().zip(&row).all(|(a, b)| a <= b));
        found.needs(
            rises,
            format!("impact.matrix.{}", technical.as_str()),
            "it is felt harder on a less critical tier, or than the row above.",
        );
        above = Some(row);
    }
    let mut above: Option<[Priority; 4]> = None;
    for impact in Impact::ALL {
        let row = *policy.priority.matrix.of(impact);
        let rises = row.is_sorted() && above.is_none_or(|above| above.iter().zip(&row).all(|(a, b)| a <= b));
        found.needs(
            rises,
            format!("priority.matrix.{impact}"),
            "it is more urgent at a lower urgency, or than the row above.",
        );
        above = Some(row);
    }
    let (suspected, confirmed) =
        (policy.priority.exposure_suspected_at_least, policy.priority.exposure_confirmed_at_least);
    found.needs(
        confirmed <= suspected,
        "priority.exposure_confirmed_at_least",
        "a confirmed exposure is less urgent than a suspected one.",
    );
}

fn bands(bands: &Bands, found: &mut Found) {
    let order = [("low", bands.low), ("medium", bands.medium), ("high", bands.high), ("critical", bands.critical)];
    for (name, (from, to)) in order {
        found.needs(from <= to, format!("risk.bands.{name}"), "it ends before it begins.");
    }
    for pair in order.windows(2) {
        let [(name, (_, to)), (next, (from, _))] = pair else {
            continue;
        };
        let place = format!("risk.bands.{next}");
        found.unless(i64::from(*from) <= i64::from(*to) + 1, place.as_str(), || {
            format!("there is a gap: {name} ends at {to}, {next} begins at {from}.")
        });
        found.unless(*from > *to, place, || {
            format!("{name} and {next} overlap: {name} ends at {to}, {next} begins at {from}.")
        });
    }
}

fn risk(risk: &RiskPolicy, found: &mut Found) {
    let modifiers = &risk.modifiers;
    found.needs(modifiers.tier.is_sorted_by(|a, b| a >= b), "risk.modifiers.tier", "a less critical tier adds more.");
    found.needs(modifiers.rollback.is_sorted(), "risk.modifiers.rollback", "a harder rollback adds less.");
    found.needs(
        modifiers.downstream.few_up_to < modifiers.downstream.some_up_to,
        "risk.modifiers.downstream.few_up_to",
        "it is not below some_up_to.",
    );
    found.needs(modifiers.cause_points_max >= 0, "risk.modifiers.cause_points_max", "it is below zero.");
    let history = &risk.history;
    let place = |name: &str| format!("risk.history.{name}");
    let rises = history.rate_below_percent.is_sorted_by(|a, b| a < b);
    found.needs(rises, place("rate_below_percent"), "it does not rise from step to step.");
    let reachable = history.rate_below_percent.iter().all(|limit| *limit <= 100);
    found.needs(reachable, place("rate_below_percent"), "a rate above 100 % can never be reached.");
    found.needs(history.points.is_sorted(), place("points"), "a higher rate adds less.");
    found.needs(history.default_rate.is_share(), place("default_rate"), "it is not a share.");
    found.needs(history.prior_changes > 0, place("prior_changes"), "it must be at least 1.");
    found.needs(history.cause_fades_months > 0, place("cause_fades_months"), "it must be at least 1.");
}

fn approvals(approvals: &ApprovalPolicy, found: &mut Found) {
    for kind in ChangeKind::ALL {
        for band in Band::ALL {
            let cell = approvals.of(kind, band);
            let section = if kind == ChangeKind::Expedited { ChangeKind::Normal } else { kind };
            let place = format!("approvals.{}.{}", section.as_str(), band.as_str());
            let votes = cell.iter().filter(|requirement| matches!(requirement, Requirement::Vote(_))).count();
            found.needs(!cell.is_empty(), place.as_str(), "it is empty; say what it needs, or owner_informed.");
            found.needs(votes <= 1, place.as_str(), "it asks for more than one vote.");
            let alone = !cell.contains(&Requirement::NotAllowed) || cell.len() == 1;
            found.needs(alone, place, "it is not allowed and asks for something at once.");
        }
    }
}

fn reminders(shares: &[Ratio], found: &mut Found) {
    let is_inside = |share: &Ratio| share.is_share() && share.parts < share.of;
    found.needs(shares.iter().all(is_inside), "votes.remind_at", "each is more than nothing and less than 100%.");
    let rises = |pair: &[Ratio]| match pair {
        [before, after] => {
            u64::from(before.parts) * u64::from(after.of) < u64::from(after.parts) * u64::from(before.of)
        }
        _ => true,
    };
    found.needs(shares.windows(2).all(rises), "votes.remind_at", "the shares do not rise.");
}

fn vote(name: VotePolicyName, vote: &VotePolicy, found: &mut Found) {
    let at = |field: &str| format!("votes.{}.{field}", name.as_str());
    let VoteWindow { p1, p2, other } = &vote.window;
    for span in [p1, p2].into_iter().flatten().chain([other]) {
        sensible(*span, &at("window"), found);
    }
    match name {
        VotePolicyName::CabHigh | VotePolicyName::CabCritical | VotePolicyName::Ecab | VotePolicyName::EcabCritical => {
        }
        // The other numbers are those of another vote.
        VotePolicyName::EcabReapproval | VotePolicyName::CatalogueEntry => return,
    }
    found.unless(vote.min_participation.is_share(), at("min_participation"), || {
        format!("{} is not a share.", vote.min_participation)
    });
    let threshold = vote.threshold;
    found.unless(threshold.ratio().is_share(), at("threshold"), || format!("{threshold} is not a share."));
    found.unless(threshold.is_met(1, 0), at("threshold"), || format!("{threshold} can never be reached."));
    found.needs(vote.min_approvals >= 1, at("min_approvals"), "it must be at least 1.");
    found.unless(vote.min_count >= vote.min_approvals, at("min_approvals"), || {
        format!("it can never be reached: {} may vote, yet {} have to approve.", vote.min_count, vote.min_approvals)
    });
    for (field, seats) in [("required_seats", vote.seats(true)), ("veto_seats", vote.vetoes(true))] {
        let given_elsewhere = seats.contains(&Seat::PeerReviewer);
        found.needs(!given_elsewhere, at(field), "a peer review is given outside the vote.");
        let twice = seats.iter().any(|seat| seats.iter().filter(|other| *other == seat).count() > 1);
        found.needs(!twice, at(field), "a seat stands twice; one person per seat votes.");
    }
    let filled = vote.acceptance_fills_seat.is_none_or(|seat| vote.seats(true).contains(&seat));
    found.needs(filled, at("acceptance_fills_seat"), "the vote does not require that seat.");
}

fn emergencies(policy: &Policy, found: &mut Found) {
    let numbers = &policy.emergency;
    found.needs(
        numbers.incident_priority_at_least < numbers.expedited_priority_at_least,
        "emergency.expedited_priority_at_least",
        "it is not below incident_priority_at_least.",
    );
    for case in EmergencyCase::ALL {
        let (clock, place) = (policy.deadlines.emergency.of(case), format!("deadlines.emergency.{}", case.as_str()));
        let ack = clock.peer_ack_minutes.max(clock.approval_ack_minutes);
        found.needs(ack <= clock.decision_minutes, place.as_str(), "the decision is due before the first answer.");
        found.needs(!clock.on_decision_miss.is_empty(), format!("{place}.on_decision_miss"), "it names nobody.");
        sensible(Span::Minutes(clock.peer_ack_minutes.min(clock.approval_ack_minutes)), &place, found);
        sensible(Span::Minutes(clock.decision_minutes), &format!("{place}.decision_minutes"), found);
        let window = *policy.windows.emergency_minutes.of(case);
        sensible(Span::Minutes(window), &format!("windows.emergency_minutes.{}", case.as_str()), found);
        let fits = policy.windows.warn_minutes_left.iter().all(|mark| (1..window).contains(mark));
        found.unless(fits, "windows.warn_minutes_left", || {
            format!("a warning falls outside the window of {}.", case.as_str())
        });
    }
}

fn announcements(policy: &Policy, found: &mut Found) {
    for (marks, place) in [
        (&policy.windows.announced_business_days, "windows.announced_business_days"),
        (&policy.windows.announced_minutes, "windows.announced_minutes"),
    ] {
        found.needs(marks.is_sorted_by(|a, b| a > b), place, "the later announcement comes first.");
        found.needs(marks.iter().all(|mark| *mark > 0), place, "the beginning itself is told anyway.");
    }
}

fn deadlines(policy: &Policy, found: &mut Found) {
    announcements(policy, found);
    let RulingClock { incident, otherwise } = policy.deadlines.ruling;
    sensible(incident, "deadlines.ruling.incident", found);
    sensible(otherwise, "deadlines.ruling.otherwise", found);
    sensible(policy.deadlines.extension.regular, "deadlines.extension.regular", found);
    let AcceptanceClock { p1, p2, otherwise, valid_days, valid_days_max } = policy.deadlines.acceptance;
    let is_some = valid_days > 0 && valid_days <= valid_days_max;
    found.needs(is_some, "deadlines.acceptance.valid_days", "it is between 1 and valid_days_max.");
    found.needs(valid_days_max <= 366, "deadlines.acceptance.valid_days_max", "it is longer than a year.");
    for (name, span) in [("p1", p1), ("p2", p2), ("otherwise", otherwise)] {
        sensible(span, &format!("deadlines.acceptance.{name}"), found);
    }
    let normal =
        Band::ALL.map(|band| (format!("deadlines.normal.{}", band.as_str()), policy.deadlines.normal.of(band)));
    for (place, clock) in normal.into_iter().chain([("deadlines.expedited".to_owned(), &policy.deadlines.expedited)]) {
        let RegularClock { peer_ack, approval_ack, decision, next_cab, next_cab_not_before, on_decision_miss, .. } =
            clock;
        for (name, span) in [("peer_ack", peer_ack), ("approval_ack", approval_ack), ("decision", decision)] {
            sensible(*span, &format!("{place}.{name}"), found);
        }
        let too_early = [peer_ack, approval_ack].into_iter().any(|ack| ack.is_longer_of_its_kind(*decision));
        found.needs(!too_early, format!("{place}.decision"), "the decision is due before the first answer.");
        found.needs(!on_decision_miss.is_empty(), format!("{place}.on_decision_miss"), "it names nobody.");
        found.needs(
            *next_cab || next_cab_not_before.is_none(),
            format!("{place}.next_cab_not_before"),
            "it has no effect where next_cab is not true.",
        );
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
            found.unless(
                updates.satisfies_slot_within_minutes < minutes,
                "updates.satisfies_slot_within_minutes",
                || format!("it is not below the cadence of {name}."),
            );
        }
        if let Some(initial) = initial {
            sensible(initial, &format!("updates.initial_notice.{name}"), found);
        }
    }
}

fn meetings(meetings: &MeetingPolicy, found: &mut Found) {
    for band in Band::ALL {
        let minutes = *meetings.minutes.of(band);
        let place = format!("meetings.minutes.{}", band.as_str());
        found.needs(minutes > 0, place.as_str(), "it is zero.");
        found.needs(minutes <= 480, place.as_str(), "it is longer than a working day.");
    }
    found.needs(meetings.lasts_minutes <= 480, "meetings.lasts_minutes", "it is longer than a working day.");
    let is_told_once = (1..=168).contains(&meetings.agenda_hours_before);
    found.needs(is_told_once, "meetings.agenda_hours_before", "it is between 1 hour and a week.");
    found.needs(meetings.pattern_changes > 0, "meetings.pattern_changes", "it is zero.");
    found.needs((1..=366).contains(&meetings.pattern_days), "meetings.pattern_days", "it is between 1 day and a year.");
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
    let longest = settling.tier_1_minutes.max(settling.others_minutes);
    found.needs(longest <= settling.max_minutes, "freezes.stabilising", "it begins longer than max_minutes allows.");
    let is_sorted = freezes.notice_business_days.is_sorted_by(|a, b| a > b);
    found.needs(is_sorted, "freezes.notice_business_days", "the later notice comes first.");
}

fn calendar(hours: &BusinessHours, found: &mut Found) {
    found.needs(!hours.days.is_empty(), "calendar.days", "it names no day.");
    found.needs(hours.opens < hours.closes, "calendar.closes", "it closes before it opens.");
}

fn registry(numbers: &RegistryPolicy, found: &mut Found) {
    for (name, days) in [
        ("review_after_days", numbers.review_after_days),
        ("audit_due_days", numbers.audit_due_days),
        ("amendment_due_days", numbers.amendment_due_days),
        ("remind_before_days", numbers.remind_before_days),
        ("review_late_after_days", numbers.review_late_after_days),
    ] {
        let is_sensible = (1..=DAYS_MAX).contains(&days);
        found.unless(is_sensible, format!("registry.{name}"), || format!("it is not between 1 and {DAYS_MAX} days."));
    }
}

fn sensible(span: Span, place: &str, found: &mut Found) {
    let minutes = match span {
        Span::Minutes(count) | Span::BusinessMinutes(count) => count,
        Span::BusinessDays(count) => count.saturating_mul(24 * 60),
    };
    found.needs(!span.is_zero(), place, "it is zero.");
    found.unless(minutes <= MINUTES_MAX, place, || format!("{span} is longer than a year."));
}

#[cfg(test)]
mod tests;
