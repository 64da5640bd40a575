//! What a rule says under this policy, in words: the numbers that hold, not the file that they stand in.

mod preparation;

use preparation::{checklists, contingency, custom_fields, standby, validation};

use super::{Policy, VotePolicy};
use crate::domain::rules::{
    ApprovalFacts, Band, ChangeKind, EmergencyCase, ExceptionClass, Impact, RecordClass, ReviewClock, Seat, Span,
    TechnicalImpact, Tier, VotePolicyName, required_approvals,
};

/// A rule, put into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// "4.10"
    pub rule: &'static str,
    pub title: &'static str,
    pub lines: Vec<String>,
}

/// A rule that can be looked up, by its number or by any of its names.
struct Topic {
    rule: &'static str,
    /// The first is the one that it is listed under.
    names: &'static [&'static str],
    title: &'static str,
    lines: fn(&Policy) -> Vec<String>,
}

const fn topic(
    rule: &'static str,
    names: &'static [&'static str],
    title: &'static str,
    lines: fn(&Policy) -> Vec<String>,
) -> Topic {
    Topic { rule, names, title, lines }
}

static TOPICS: &[Topic] = &[
    topic("4.1", &["impact"], "How hard an outage is felt", impact),
    topic("4.2", &["priority", "4.3"], "Impact and urgency make the priority", priority),
    topic("4.7", &["risk", "bands"], "How risky a change is", risk),
    topic("4.8", &["emergency", "types"], "What may be an emergency", emergency),
    topic("4.9", &["contingency", "rollback"], "What a rollback plan has to say", contingency),
    topic("4.10", &["approvals", "seats"], "Whose yes a change needs", approvals),
    topic("4.11", &["freeze", "freezes", "4.12"], "What a freeze holds up", freezes),
    topic("4.13", &["votes", "vote", "cab"], "How a vote passes", votes),
    topic("4.14", &["links", "causes"], "When a change is taken for a cause", links),
    topic("4.15", &["duties"], "Which duties may not meet in one person", duties),
    topic("4.16", &["deadlines", "clocks"], "By when a change is answered", deadlines),
    topic("4.17", &["windows", "window"], "When a change may run", windows),
    topic("4.18", &["queue", "throttle", "turns"], "How many changes run at once", throttle),
    topic("4.20", &["updates", "cadence"], "How often stakeholders hear", updates),
    topic("4.34", &["retention"], "How long texts are kept", retention),
    topic("4.35", &["exceptions", "exception"], "Which rules may be set aside", exceptions),
    topic("4.38", &["notices", "notice"], "Which notices of a change go out", notices),
    topic("4.39", &["checklists", "checklist"], "What has to be shown first", checklists),
    topic("4.41", &["catalogue", "standard"], "Which standard changes keep their trust", catalogue),
    topic("4.48", &["standby"], "Who stands ready to take it back", standby),
    topic("4.49", &["reviews", "pir"], "What is looked back on, and by when", reviews),
    topic("fields", &["form"], "What records have to say besides", custom_fields),
    topic("validation", &["validate"], "Whether what is done works", validation),
];

impl Policy {
    /// What the rule of this number or name says here; `None` where there is no such rule.
    pub fn explain(&self, word: &str) -> Option<Explanation> {
        let word = word.trim();
        let named = |topic: &&Topic| {
            topic.rule.eq_ignore_ascii_case(word) || topic.names.iter().any(|name| name.eq_ignore_ascii_case(word))
        };
        let topic = TOPICS.iter().find(named)?;
        Some(Explanation { rule: topic.rule, title: topic.title, lines: (topic.lines)(self) })
    }
}

/// Every rule that can be looked up: "risk (4.7)".
pub fn explained_rules() -> Vec<String> {
    let of = |topic: &Topic| {
        let has_number = topic.rule.starts_with(char::is_numeric);
        if has_number { format!("{} ({})", topic.names[0], topic.rule) } else { topic.rule.to_owned() }
    };
    TOPICS.iter().map(of).collect()
}

fn impact(policy: &Policy) -> Vec<String> {
    let row = |technical: &TechnicalImpact| {
        let cells = policy.impact.matrix.of(*technical).iter().enumerate();
        let cells: Vec<String> = cells.map(|(at, impact)| format!("{} on tier {}", impact.as_str(), at + 1)).collect();
        format!("{}: {}", technical.as_str().replace('_', " "), cells.join(", "))
    };
    TechnicalImpact::ALL.iter().map(row).collect()
}

fn priority(policy: &Policy) -> Vec<String> {
    let numbers = &policy.priority;
    let row = |impact: &Impact| {
        let cells = numbers.matrix.of(*impact).iter().enumerate();
        let cells: Vec<String> = cells.map(|(at, priority)| format!("{priority} at U{}", at + 1)).collect();
        format!("Impact {}: {}", impact.as_str(), cells.join(", "))
    };
    let mut lines: Vec<String> = Impact::ALL.iter().map(row).collect();
    lines.push(format!("Inside a peak period it is raised by {}.", count(numbers.peak_raises_steps, "step")));
    lines.push(format!(
        "Data that may have left the house: at least {}; data that has: at least {}.",
        numbers.exposure_suspected_at_least, numbers.exposure_confirmed_at_least
    ));
    lines.extend(policy.words.severity.iter().map(|(word, priority)| format!("“{word}” is said for {priority}.")));
    lines.push(format!("A severity that nobody knows counts as {}.", policy.words.unknown_severity));
    lines
}

fn risk(policy: &Policy) -> Vec<String> {
    let (risk, more) = (&policy.risk, &policy.risk.modifiers);
    let tiers: Vec<String> =
        more.tier.iter().enumerate().map(|(at, points)| format!("tier {} {points:+}", at + 1)).collect();
    vec![
        format!("The score makes the band: {}.", risk.bands.describe()),
        format!("The most critical service adds {}.", tiers.join(", ")),
        format!(
            "Not tested {:+}, privileged access {:+}, another change that runs next to it {:+}, an expired temporary fix {:+}.",
            more.not_tested, more.privileged, more.concurrent_change, more.expired_fix
        ),
        format!(
            "How often changes like it failed in 12 months counts from {} on.",
            count(risk.history.changes_min, "change")
        ),
        "Each line of one change is shown by /change plan risk.".to_owned(),
    ]
}

fn emergency(policy: &Policy) -> Vec<String> {
    let numbers = &policy.emergency;
    vec![
        format!(
            "An emergency is for an open incident of {} or higher, at most {} of dependency away.",
            numbers.incident_priority_at_least,
            count(numbers.related_distance_max, "step")
        ),
        format!(
            "An overdue review of the same team holds the next one back after {}.",
            minutes(numbers.review_overdue_blocks_after_minutes)
        ),
        format!(
            "Expedited: for {} or higher, up to {}. Standard: up to {}.",
            numbers.expedited_priority_at_least, numbers.expedited_band_max, numbers.standard_band_max
        ),
    ]
}

/// On a service that is not critical, without flags: the least.
fn approvals(policy: &Policy) -> Vec<String> {
    let kinds = [ChangeKind::Standard, ChangeKind::Normal, ChangeKind::Emergency];
    let mut lines = Vec::new();
    for kind in kinds {
        let mut bands: Vec<(Vec<&str>, String)> = Vec::new();
        for band in Band::ALL {
            let facts = ApprovalFacts { kind, band, tier: Tier::LEAST_CRITICAL, owner_groups: 1, flags: &[] };
            let needs = match required_approvals(policy, &facts) {
                Ok(ruling) => ruling.verdict.describe(),
                Err(_) => "not allowed".to_owned(),
            };
            match bands.last_mut().filter(|(_, known)| *known == needs) {
                Some((same, _)) => same.push(band.as_str()),
                None => bands.push((vec![band.as_str()], needs)),
            }
        }
        let cells: Vec<String> = bands.iter().map(|(bands, needs)| format!("{}: {needs}", bands.join(", "))).collect();
        lines.push(format!("{} · {}", kind.as_str(), cells.join(" · ")));
    }
    lines.push(
        "More is asked of what is untested, irreversible, privileged, or touches security or compliance.".to_owned(),
    );
    lines
}

fn freezes(policy: &Policy) -> Vec<String> {
    let numbers = &policy.freezes;
    let days: Vec<String> = numbers.notice_business_days.iter().map(ToString::to_string).collect();
    vec![
        format!(
            "A freeze reaches {} of dependency from its services; a major on tier {} or above holds risky changes everywhere.",
            count(numbers.distance_max, "step"),
            numbers.tenant_wide_tier_max
        ),
        if numbers.halts_running {
            "What runs on the very service of a P1 or a major is halted at once, and goes on when two agree.".to_owned()
        } else {
            "What runs goes on, until somebody halts it.".to_owned()
        },
        format!("An exception is good for one start within {}.", minutes(numbers.override_valid_minutes)),
        format!(
            "After a major, things settle for {} (tier 1: {}), longer by {} at a time, {} at most.",
            minutes(numbers.stabilising.others_minutes),
            minutes(numbers.stabilising.tier_1_minutes),
            minutes(numbers.stabilising.step_minutes),
            minutes(numbers.stabilising.max_minutes)
        ),
        format!("What is planned is announced {} business days before.", days.join(" and ")),
        "Hard: only an emergency for a P1 passes, or an exception of the high class (4.35).".to_owned(),
    ]
}

fn votes(policy: &Policy) -> Vec<String> {
    let votes = &policy.votes;
    let remind: Vec<String> = votes.remind_at.iter().map(ToString::to_string).collect();
    let named = [
        (VotePolicyName::CabHigh, &votes.cab_high),
        (VotePolicyName::CabCritical, &votes.cab_critical),
        (VotePolicyName::Ecab, &votes.ecab),
        (VotePolicyName::EcabCritical, &votes.ecab_critical),
    ];
    let mut lines: Vec<String> =
        named.iter().map(|(name, vote)| format!("{} · {}", name.phrase(), vote_in_words(vote))).collect();
    lines.push(format!("Whoever has not voted is reminded at {} of its time.", remind.join(" and ")));
    lines
}

fn vote_in_words(vote: &VotePolicy) -> String {
    let seats = |seats: &[Seat]| seats.iter().map(|seat| seat.phrase()).collect::<Vec<_>>().join(", ");
    let more = |what: &str, of: &[Seat]| if of.is_empty() { String::new() } else { format!("; {what}: {}", seats(of)) };
    format!(
        "{} of the roster take part ({} at least), {}, {} of approve and reject; open for {}{}{}",
        vote.min_participation,
        vote.min_count,
        count(vote.min_approvals, "approval"),
        vote.threshold,
        vote.window.other,
        more("has to approve", &vote.required_seats),
        more("veto", &vote.veto_seats)
    )
}

fn links(policy: &Policy) -> Vec<String> {
    let numbers = &policy.links;
    vec![
        format!(
            "From {} of {} on, an incident is flagged as caused by the change.",
            numbers.auto_from, numbers.confidence_max
        ),
        format!("From {} on, somebody is asked.", numbers.suggest_from),
    ]
}

/// The same under every policy.
fn duties(_: &Policy) -> Vec<String> {
    use crate::domain::rules::Duty;
    let line = |duty: &Duty| {
        let barred: Vec<&str> = duty.barred().iter().map(|relation| relation.phrase()).collect();
        format!("You cannot {} if you {}.", duty.phrase(), barred.join(", or "))
    };
    let told = [Duty::ApproveSeat, Duty::PeerReview, Duty::AcceptRisk, Duty::EmergencyReview, Duty::ApproveException];
    let mut lines: Vec<String> = told.iter().map(line).collect();
    lines.push("People are compared across platforms; nobody is exempt, and no policy changes it.".to_owned());
    lines
}

fn deadlines(policy: &Policy) -> Vec<String> {
    let clocks = &policy.deadlines;
    let mut lines: Vec<String> = EmergencyCase::ALL
        .iter()
        .map(|case| {
            let clock = clocks.emergency.of(*case);
            format!(
                "Emergency, {}: peer review within {}, approvals within {}, decided within {}",
                case.as_str(),
                minutes(clock.peer_ack_minutes),
                minutes(clock.approval_ack_minutes),
                minutes(clock.decision_minutes)
            )
        })
        .collect();
    lines.extend(Band::ALL.iter().map(|band| {
        let clock = clocks.normal.of(*band);
        let cab = if clock.next_cab { ", or at the next meeting of the board" } else { "" };
        format!(
            "Normal, {}: answered within {}, decided within {}{cab}",
            band.as_str(),
            clock.approval_ack,
            clock.decision
        )
    }));
    lines.push("An emergency that nobody decided in time goes to the decision authority, who rules on it".to_owned());
    lines.push(format!("Any other change has {} more then, once, and is over after it", clocks.extension.regular));
    lines.push("Speed changes the clocks, never the seats. Silence never approves.".to_owned());
    lines
}

fn windows(policy: &Policy) -> Vec<String> {
    let numbers = &policy.windows;
    let lengths: Vec<String> = EmergencyCase::ALL
        .iter()
        .map(|case| format!("{} for {}", minutes(*numbers.emergency_minutes.of(*case)), case.as_str()))
        .collect();
    let list = |numbers: &[u32]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
    vec![
        format!("The window of an emergency opens with its approval: {}.", lengths.join(", ")),
        format!("Whoever carries it out is warned {} minutes before its end.", list(&numbers.warn_minutes_left)),
        format!("It gets more time {} at most, by a vote of the E-CAB.", count(numbers.reapprovals_max, "time")),
        format!(
            "What is planned is announced {} business days and {} minutes before it begins.",
            list(&numbers.announced_business_days),
            list(&numbers.announced_minutes)
        ),
    ]
}

fn notices(policy: &Policy) -> Vec<String> {
    let reminder = &policy.notices.reminder;
    let mut lines = policy.notices.describe(&policy.windows);
    lines.push(format!(
        "Whoever owns what a change touches is told. On tier 1 they acknowledge it, and are reminded once: {} after the \
         approval of an emergency, {} after that of any other.",
        reminder.emergency, reminder.otherwise
    ));
    lines
}

fn throttle(policy: &Policy) -> Vec<String> {
    let numbers = &policy.throttle;
    vec![
        format!(
            "{} at once on a service, {} for an incident, {} in all during a surge.",
            count(numbers.running_per_service_max, "change"),
            numbers.running_per_incident_max,
            numbers.running_in_surge_max
        ),
        format!(
            "A surge is {} open incidents of P1, or {} of P1 and P2, and {} more.",
            numbers.surge.from_p1,
            numbers.surge.from_p1_and_p2,
            minutes(numbers.surge.ends_after_minutes)
        ),
        format!(
            "A turn is held for {}; what is done is watched for {} before the next one.",
            minutes(numbers.lease_minutes),
            minutes(numbers.soak_minutes)
        ),
    ]
}

fn updates(policy: &Policy) -> Vec<String> {
    let (often, first) = (&policy.updates.cadence, &policy.updates.initial_notice);
    let line = |name: &str, often: Span, first: Option<Span>| match first {
        Some(first) => format!("{name}: first within {first}, then every {often}"),
        None => format!("{name}: every {often}"),
    };
    vec![
        line("Major", often.major, first.major),
        line("P1", often.p1, first.p1),
        line("P2", often.p2, first.p2),
        line("P3", often.p3, first.p3),
        line("P4", often.p4, first.p4),
    ]
}

fn retention(policy: &Policy) -> Vec<String> {
    let rules = policy.retention.describe();
    if rules.is_empty() {
        return vec!["Nothing is erased by age: this policy has no [retention] section.".to_owned()];
    }
    // `RecordClass` names them; a line each would be as long as the list of classes.
    rules.into_iter().take(RecordClass::ALL.len()).collect()
}

fn exceptions(policy: &Policy) -> Vec<String> {
    let lists = &policy.exceptions;
    let classes = [
        (ExceptionClass::High, &lists.high),
        (ExceptionClass::Medium, &lists.medium),
        (ExceptionClass::Low, &lists.low),
    ];
    let line = |(class, subjects): &(ExceptionClass, &Vec<crate::domain::rules::ExceptionSubject>)| {
        let subjects: Vec<&str> = subjects.iter().map(|subject| subject.phrase()).collect();
        let approvers: Vec<&str> = class.approvers().iter().map(|role| role.phrase()).collect();
        format!("{} ({}): {}", class.as_str(), approvers.join(" and "), subjects.join(", "))
    };
    let mut lines: Vec<String> = classes.iter().map(line).collect();
    lines.push("Everything else is set aside by nobody. An exception lasts for 90 days at most.".to_owned());
    lines
}

fn catalogue(policy: &Policy) -> Vec<String> {
    let numbers = &policy.catalogue;
    vec![
        format!("{} standard changes are in the catalogue; /change std lists them.", numbers.entries.len()),
        format!(
            "An entry is suspended after {} among its last {}.",
            count(numbers.suspend_from_failures, "failure"),
            count(numbers.failures_among_last_uses, "use")
        ),
        format!(
            "It is looked at again after {}; its owner is told {} before.",
            count(numbers.valid_days, "day"),
            count(numbers.warn_days, "day")
        ),
        format!("It is approved by {}.", numbers.approval.phrase()),
    ]
}

fn reviews(policy: &Policy) -> Vec<String> {
    let of = &policy.reviews;
    let clock = |clock: &ReviewClock| {
        let held = clock.hold.map(|span| format!("held within {span}"));
        let out = clock.publish.map(|span| format!("written within {span}"));
        let words: Vec<String> = held.into_iter().chain(out).collect();
        if words.is_empty() { "no date".to_owned() } else { words.join(", ") }
    };
    let due = |clock: &ReviewClock| {
        clock.hold.or(clock.publish).map_or_else(|| "no review".to_owned(), |span| format!("reviewed within {span}"))
    };
    vec![
        format!("Emergency change, or one that was recorded after the fact: {}", due(&of.emergency_change)),
        format!("Other change that failed or was taken back: {}", due(&of.failed_change)),
        format!("Change that caused an incident: {}, from when that is confirmed", due(&of.change_related)),
        format!("Exception from a procedure that is over: {}", due(&of.exception)),
        "The reviews of incidents are not asked for here; your own process keeps these dates:".to_owned(),
        format!("Major incident, or P1: {}", clock(&of.major)),
        format!("P2 that came back, or missed its service level: {}", clock(&of.recurrence)),
        format!("Breach: {}", clock(&of.breach)),
        format!("Drill: {}", clock(&of.drill)),
    ]
}

fn minutes(minutes: u32) -> String {
    Span::Minutes(minutes).to_string()
}

fn count(count: u32, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_found_by_its_number_and_by_its_names_and_says_something_short() {
        let policy = Policy::sample();
        for topic in TOPICS {
            let by_number = policy.explain(topic.rule).expect(topic.rule);
            assert!((1..=20).contains(&by_number.lines.len()), "{}: {:?}", topic.rule, by_number.lines);
            assert!(by_number.lines.iter().all(|line| line.chars().count() <= 420), "{:?}", by_number.lines);
            for name in topic.names {
                assert_eq!(policy.explain(&name.to_uppercase()), Some(by_number.clone()), "{name}");
            }
        }
        assert_eq!(policy.explain("4.999"), None);
        assert_eq!(policy.explain(""), None);
    }

    #[test]
    fn no_two_rules_have_the_same_name() {
        let mut names: Vec<&str> = TOPICS.iter().flat_map(|topic| topic.names).copied().collect();
        names.extend(TOPICS.iter().map(|topic| topic.rule));
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn what_it_says_follows_the_policy() {
        let mut policy = Policy::sample();
        policy.throttle.running_per_service_max = 7;
        assert!(policy.explain("4.18").expect("a rule").lines[0].starts_with("7 changes at once on a service"));
    }
}
