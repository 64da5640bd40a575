//! Rule 4.16: by when a change has to be answered. Speed changes the clocks, never the seats.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::{Band, Calendar, ChangeKind, Priority, Ruling, Span};
use crate::domain::policy::Policy;

words! {
    /// Which clock an emergency runs on.
    EmergencyCase {
        P1 = "p1", "an emergency for a P1";
        P2 = "p2", "an emergency for a P2";
        /// Confirmed by the security lead, without a P1 or P2.
        Exploit = "exploit", "an emergency confirmed by the security lead";
    }
}

impl EmergencyCase {
    /// An emergency without a P1 or P2 stands on the security lead's confirmation.
    pub fn of(priority: Option<Priority>) -> EmergencyCase {
        match priority {
            Some(Priority::P1) => EmergencyCase::P1,
            Some(Priority::P2) => EmergencyCase::P2,
            Some(Priority::P3 | Priority::P4) | None => EmergencyCase::Exploit,
        }
    }
}

words! {
    /// Who is asked next when nobody answers.
    NextHop {
        Deputy = "deputy", "the deputy";
        NextAuthority = "next_authority", "the next authority";
        /// Of whoever did not decide.
        Manager = "manager", "the manager";
        ChangeManager = "change_manager", "the change manager";
        Executive = "executive", "an executive";
        /// Of the next CAB meeting.
        Agenda = "agenda", "the agenda of the next CAB meeting";
        DecisionAuthority = "decision_authority", "the decision authority";
    }
}

/// The three clocks of an emergency, in minutes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyClock {
    pub peer_ack_minutes: u32,
    pub approval_ack_minutes: u32,
    pub decision_minutes: u32,
    pub on_ack_miss: NextHop,
    /// Asked one after the other.
    pub on_decision_miss: Vec<NextHop>,
}

/// The three clocks of a change that is no emergency.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegularClock {
    pub peer_ack: Span,
    pub approval_ack: Span,
    pub decision: Span,
    /// The next CAB meeting decides, where it comes before `decision`.
    #[serde(default)]
    pub next_cab: bool,
    /// A meeting sooner than this comes too soon.
    #[serde(default)]
    pub next_cab_not_before: Option<Span>,
    pub on_ack_miss: NextHop,
    /// Asked one after the other.
    pub on_decision_miss: Vec<NextHop>,
}

/// How long an executive who is asked to accept a risk is left to read before the next one is asked too (timer
/// `risk_accept`), and how long what they accept is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptanceClock {
    pub p1: Span,
    pub p2: Span,
    pub otherwise: Span,
    /// An acceptance is good for so many days, where whoever gives it says nothing else,
    #[serde(default = "valid_days")]
    pub valid_days: u32,
    /// and for so many at most.
    #[serde(default = "valid_days_max")]
    pub valid_days_max: u32,
}

/// A month: what is accepted for longer is looked at again.
fn valid_days() -> u32 {
    30
}

/// A quarter: the risk that is accepted is that of today.
fn valid_days_max() -> u32 {
    90
}

impl Default for AcceptanceClock {
    fn default() -> AcceptanceClock {
        AcceptanceClock {
            p1: Span::Minutes(15),
            p2: Span::Minutes(30),
            otherwise: Span::BusinessDays(1),
            valid_days: valid_days(),
            valid_days_max: valid_days_max(),
        }
    }
}

impl AcceptanceClock {
    pub fn of(self, priority: Option<Priority>) -> Span {
        match priority {
            Some(Priority::P1) => self.p1,
            Some(Priority::P2) => self.p2,
            Some(Priority::P3 | Priority::P4) | None => self.otherwise,
        }
    }
}

/// How much longer a change that is no emergency has, once, when nobody decided in time: a business day, as a vote
/// that expires has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtensionClock {
    pub regular: Span,
}

impl Default for ExtensionClock {
    fn default() -> ExtensionClock {
        ExtensionClock { regular: Span::BusinessDays(1) }
    }
}

/// By when, and whom after that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalDeadlines {
    pub peer_ack: DateTime<Utc>,
    pub approval_ack: DateTime<Utc>,
    pub decision: DateTime<Utc>,
    /// Whether it is the next CAB meeting that ends the time to decide.
    pub at_cab: bool,
    pub on_ack_miss: NextHop,
    pub on_decision_miss: Vec<NextHop>,
}

/// A change that waits for its approvals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadlineCase {
    pub kind: ChangeKind,
    pub band: Band,
    /// Of the incident that an emergency belongs to.
    pub priority: Option<Priority>,
    /// When the board has met next.
    pub next_cab: Option<DateTime<Utc>>,
}

/// Rule 4.16: by when reviewers and approvers have to answer. `None` for a standard change: nobody has to.
///
/// What is recorded after the fact is attested on the clock of a normal change.
pub fn approval_deadlines(
    policy: &Policy,
    calendar: &Calendar,
    case: DeadlineCase,
    now: DateTime<Utc>,
) -> Option<Ruling<ApprovalDeadlines>> {
    let clock = match case.kind {
        ChangeKind::Standard => return None,
        ChangeKind::Emergency => return Some(emergency_deadlines(policy, EmergencyCase::of(case.priority), now)),
        ChangeKind::Expedited => &policy.deadlines.expedited,
        ChangeKind::Normal | ChangeKind::Retroactive => policy.deadlines.normal.of(case.band),
    };
    let after = |span: Span| calendar.after(now, span, 1);
    let latest = after(clock.decision);
    let meeting = case.next_cab.filter(|_| clock.next_cab).map(|meeting| match clock.next_cab_not_before {
        Some(span) => meeting.max(after(span)),
        None => meeting,
    });
    let deadlines = ApprovalDeadlines {
        peer_ack: after(clock.peer_ack),
        approval_ack: after(clock.approval_ack),
        decision: meeting.map_or(latest, |meeting| meeting.min(latest)),
        at_cab: meeting.is_some_and(|meeting| meeting <= latest),
        on_ack_miss: clock.on_ack_miss,
        on_decision_miss: clock.on_decision_miss.clone(),
    };
    let cab = if clock.next_cab { ", or at the next CAB meeting where that comes first" } else { "" };
    let sentence = format!(
        "For {} with {}: a first answer within {}, a decision within {}{cab}.",
        case.kind, case.band, clock.approval_ack, clock.decision
    );
    Some(Ruling::new("4.16", deadlines, sentence))
}

/// Rule 4.16, emergency rows: by when reviewers and approvers have to answer, and who is asked if they do not.
pub fn emergency_deadlines(policy: &Policy, case: EmergencyCase, now: DateTime<Utc>) -> Ruling<ApprovalDeadlines> {
    let clock = policy.deadlines.emergency.of(case);
    let after = |minutes: u32| now + TimeDelta::minutes(minutes.into());
    let deadlines = ApprovalDeadlines {
        peer_ack: after(clock.peer_ack_minutes),
        approval_ack: after(clock.approval_ack_minutes),
        decision: after(clock.decision_minutes),
        at_cab: false,
        on_ack_miss: clock.on_ack_miss,
        on_decision_miss: clock.on_decision_miss.clone(),
    };
    let sentence = format!(
        "For {case}: a first answer within {} minutes, a decision within {}.",
        clock.approval_ack_minutes, clock.decision_minutes
    );
    Ruling::new("4.16", deadlines, sentence)
}

#[cfg(test)]
mod tests {
    use super::super::calendar::tests::at;
    use super::*;

    #[test]
    fn a_regular_change_says_by_when_in_business_time() {
        let policy = Policy::sample();
        let calendar = Calendar { hours: &policy.calendar, zone: chrono_tz::Europe::London };
        let case = DeadlineCase { kind: ChangeKind::Normal, band: Band::High, priority: None, next_cab: None };
        let ruling = approval_deadlines(&policy, &calendar, case, at("2026-11-24T10:00:00Z")).expect("it has a clock");
        assert_eq!(
            ruling.sentence,
            "For a normal change with high risk: a first answer within 1 business day, a decision within 3 business \
             days, or at the next CAB meeting where that comes first."
        );
        let standard = DeadlineCase { kind: ChangeKind::Standard, ..case };
        assert_eq!(approval_deadlines(&policy, &calendar, standard, at("2026-11-24T10:00:00Z")), None);
    }

    #[test]
    fn an_emergency_without_a_p1_or_p2_runs_on_the_exploit_clock() {
        assert_eq!(EmergencyCase::of(Some(Priority::P1)), EmergencyCase::P1);
        assert_eq!(EmergencyCase::of(Some(Priority::P2)), EmergencyCase::P2);
        assert_eq!(EmergencyCase::of(Some(Priority::P3)), EmergencyCase::Exploit);
        assert_eq!(EmergencyCase::of(None), EmergencyCase::Exploit);
    }
}
