//! Rules 4.14, 4.18 and 4.48: what happens around a change that runs.

use chrono::{DateTime, TimeDelta};

use super::column::{Actual, hours, number, of, one, several, yes_no};
use super::priority::answer;
use super::{CaseProblem, Given, Table, Verdict};
use crate::domain::policy::Policy;
use crate::domain::rules::{
    Band, Booking, BookingState, LinkFact, LinkRelation, LinkVerdict, Running, StandbyChange, StandbyRole,
    StandbyVerdict, ThrottleFact, ThrottleReason, link_confidence, standby_verdict, throttle_verdict,
};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "link",
        rule: "4.14",
        about: "did a change break it?",
        given: &[one::<LinkRelation>("relation"), hours("hours"), several::<LinkFact>("facts")],
        expected: &[number("confidence"), one::<LinkVerdict>("verdict")],
        ask: link,
    },
    Table {
        name: "throttle",
        rule: "4.18",
        about: "may a change start beside what runs already?",
        given: &[
            several::<ThrottleFact>("facts"),
            number("running_incident"),
            number("running_service"),
            number("running_tenant"),
        ],
        expected: &[of("verdict", throttles), one::<ThrottleReason>("reason"), number("lease_minutes")],
        ask: throttle,
    },
    Table {
        name: "standby",
        rule: "4.48",
        about: "do the people stand ready who would take it back? one column for each role that is needed",
        given: &[
            one::<Band>("band"),
            yes_no("tier_1_outage"),
            yes_no("emergency"),
            hours("hours_to_start"),
            one::<BookingState>("rollback_owner"),
            one::<BookingState>("database"),
            one::<BookingState>("network"),
            one::<BookingState>("service_desk"),
            number("asked_minutes_ago"),
        ],
        expected: &[one::<StandbyVerdict>("verdict"), several::<StandbyRole>("roles")],
        ask: standby,
    },
];

fn link(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let facts: Vec<LinkFact> = given.several("facts")?;
    let ruling = link_confidence(policy, given.word("relation")?, given.hours("hours")?, &facts);
    Ok(answer(ruling, |link| {
        vec![("confidence", Actual::number(link.confidence)), ("verdict", Actual::word(link.verdict))]
    }))
}

fn throttles() -> Vec<&'static str> {
    vec!["start", "queue"]
}

fn throttle(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let facts: Vec<ThrottleFact> = given.several("facts")?;
    let running = Running {
        incident: given.number_or("running_incident", 0)?,
        service: given.number_or("running_service", 0)?,
        tenant: given.number_or("running_tenant", 0)?,
    };
    Ok(answer(throttle_verdict(policy, running, &facts), |throttle| {
        let lease = throttle
            .lease
            .map_or_else(|| Actual::Word("none".to_owned()), |lease: TimeDelta| Actual::number(lease.num_minutes()));
        vec![
            ("verdict", Actual::Word(if throttle.start { "start" } else { "queue" }.to_owned())),
            ("reason", Actual::word(throttle.because)),
            ("lease_minutes", lease),
        ]
    }))
}

fn standby(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    // Only what lies between two moments counts, so any moment will do.
    let now = DateTime::UNIX_EPOCH;
    let asked: u32 = given.number_or("asked_minutes_ago", 0)?;
    let mut bookings = Vec::new();
    for role in StandbyRole::ALL {
        if let Some(state) = given.maybe_word::<BookingState>(role.as_str())? {
            bookings.push(Booking { role, state, asked_at: Some(now - TimeDelta::minutes(asked.into())) });
        }
    }
    let emergency = given.yes("emergency")?;
    let left = if given.has("hours_to_start") { given.hours("hours_to_start")? } else { TimeDelta::zero() };
    let change = StandbyChange {
        band: given.word("band")?,
        tier_1_outage: given.yes("tier_1_outage")?,
        emergency,
        starts_at: now + left,
    };
    Ok(answer(standby_verdict(policy, &change, &bookings, now), |standby| {
        vec![("verdict", Actual::word(standby.verdict)), ("roles", Actual::words(standby.roles))]
    }))
}
