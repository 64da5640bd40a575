//! Rule 4.13: how a vote stands. Ballots are counted as they stand at this moment; shares are exact fractions.

use chrono::{DateTime, Utc};

use super::ruling::listed;
use super::seat_matching::unfilled;
use super::{Calendar, EmergencyCase, Ruling, Seat};
use crate::domain::policy::VotePolicy;

words! {
    /// The votes that policy knows.
    VotePolicyName {
        CabHigh = "cab_high", "vote of the CAB";
        CabCritical = "cab_critical", "vote of the CAB for critical risk";
        Ecab = "ecab", "vote of the E-CAB";
        EcabCritical = "ecab_critical", "vote of the E-CAB for critical risk";
        EcabReapproval = "ecab_reapproval", "new vote of the E-CAB";
        CatalogueEntry = "catalogue_entry", "vote on the catalogue entry";
    }
}

words! {
    /// One member's say.
    Ballot {
        Approve = "approve", "approve";
        Reject = "reject", "reject";
        /// Counts for the quorum only.
        Abstain = "abstain", "abstain";
    }
}

/// A member of the roster as it was when the vote opened, and how they voted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VoteMember {
    /// What this member may speak for; they fill one of them at most.
    pub seats: Vec<Seat>,
    pub ballot: Option<Ballot>,
    /// Recused, or the requester or implementer of the change: counts neither in the roster nor in the ballots.
    pub recused: bool,
    /// Was among the first approvers; matters for a re-approval only.
    pub approved_before: bool,
}

/// A vote as it stands.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of the rule's table")]
pub struct VoteInput<'a> {
    pub policy: &'a VotePolicy,
    pub members: &'a [VoteMember],
    pub chair: Option<Ballot>,
    /// The change was flagged for security: security has a seat and a veto where the policy says so.
    pub security_flagged: bool,
    /// An executive accepted the risk in writing; fills the executive seat where the policy says so.
    pub risk_accepted: bool,
    /// A member's blocking concern is open: the vote cannot pass, early or at its end, until it is resolved.
    pub concern_open: bool,
    pub closed: bool,
    /// Overrides whether all required seats approve. `None`: they are matched with the members.
    pub seats_approve: Option<bool>,
}

/// How a vote passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    AtClose,
    /// Before its end, because nothing can change it any more, or nobody objected to an emergency.
    Early,
    /// By the chair's casting ballot.
    Casting,
}

/// Why a vote failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailReason {
    Veto(Seat),
    Votes,
    Casting,
    SeatMissing(Vec<Seat>),
    /// A re-approval by nobody but the first approvers.
    NobodyFresh,
    /// It would have passed, but for a blocking concern that nobody resolved in time.
    Concern,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VoteOutcome {
    Open,
    Passed(Passed),
    Failed(FailReason),
    /// Closed without a quorum.
    Expired,
    /// The roster is too small to vote at all: the decision authority is asked to appoint.
    Invalid,
}

impl VoteOutcome {
    /// The outcome's name in the log: `passed(early)`, `failed(veto)`.
    pub fn name(&self) -> &'static str {
        match self {
            VoteOutcome::Open => "open",
            VoteOutcome::Passed(Passed::AtClose) => "passed",
            VoteOutcome::Passed(Passed::Early) => "passed(early)",
            VoteOutcome::Passed(Passed::Casting) => "passed(casting)",
            VoteOutcome::Failed(FailReason::Veto(_)) => "failed(veto)",
            VoteOutcome::Failed(FailReason::Votes) => "failed(votes)",
            VoteOutcome::Failed(FailReason::Casting) => "failed(casting)",
            VoteOutcome::Failed(FailReason::SeatMissing(_)) => "failed(seat missing)",
            VoteOutcome::Failed(FailReason::NobodyFresh) => "failed(nobody fresh)",
            VoteOutcome::Failed(FailReason::Concern) => "failed(open concern)",
            VoteOutcome::Expired => "expired(no quorum)",
            VoteOutcome::Invalid => "invalid(roster too small)",
        }
    }

    pub fn is_open(&self) -> bool {
        self == &VoteOutcome::Open
    }

    pub fn passed(&self) -> bool {
        matches!(self, VoteOutcome::Passed(_))
    }
}

/// Rule 4.13: when a vote opened now closes. E-CAB windows follow the incident's clock.
pub fn vote_closes(
    policy: &VotePolicy,
    calendar: &Calendar,
    case: EmergencyCase,
    opened: DateTime<Utc>,
) -> DateTime<Utc> {
    let span = match case {
        EmergencyCase::P1 => policy.window.p1.unwrap_or(policy.window.other),
        EmergencyCase::P2 => policy.window.p2.unwrap_or(policy.window.other),
        EmergencyCase::Exploit => policy.window.other,
    };
    calendar.after(opened, span, 1)
}

/// What the ballots add up to, without the recused.
struct Tally<'a> {
    policy: &'a VotePolicy,
    roster: u32,
    approve: u32,
    reject: u32,
    abstain: u32,
    quorum: u32,
    /// Required seats that no approving member fills.
    empty_seats: Vec<Seat>,
    nobody_fresh: bool,
    concern_open: bool,
}

/// Rule 4.13: how the vote stands. The steps are taken in the order of the rule.
pub fn vote_outcome(input: &VoteInput) -> Ruling<VoteOutcome> {
    let members: Vec<&VoteMember> = input.members.iter().filter(|member| !member.recused).collect();
    let tally = Tally::of(input, &members);
    let outcome = if tally.roster < tally.policy.min_count {
        VoteOutcome::Invalid
    } else if let Some(seat) = vetoed(input, &members) {
        VoteOutcome::Failed(FailReason::Veto(seat))
    } else if input.closed {
        tally.at_close(input.chair)
    } else if tally.passes(tally.reject) && tally.is_settled() {
        VoteOutcome::Passed(Passed::Early)
    } else if tally.is_lost() {
        VoteOutcome::Failed(FailReason::Votes)
    } else {
        VoteOutcome::Open
    };
    let sentence = tally.sentence(&outcome);
    Ruling::new("4.13", outcome, sentence)
}

fn vetoed(input: &VoteInput, members: &[&VoteMember]) -> Option<Seat> {
    let vetoes = input.policy.vetoes(input.security_flagged);
    let rejecting = members.iter().filter(|member| member.ballot == Some(Ballot::Reject));
    rejecting.flat_map(|member| &member.seats).find(|seat| vetoes.contains(seat)).copied()
}

impl<'a> Tally<'a> {
    fn of(input: &VoteInput<'a>, members: &[&VoteMember]) -> Tally<'a> {
        let policy = input.policy;
        let count = |ballot: Ballot| number(members.iter().filter(|member| member.ballot == Some(ballot)).count());
        let roster = number(members.len());
        let approving = || members.iter().filter(|member| member.ballot == Some(Ballot::Approve));
        let seats: Vec<Seat> = policy
            .seats(input.security_flagged)
            .into_iter()
            .filter(|seat| !(input.risk_accepted && policy.acceptance_fills_seat == Some(*seat)))
            .collect();
        let empty_seats = match input.seats_approve {
            Some(true) => Vec::new(),
            Some(false) => seats,
            None => unfilled(&seats, &approving().map(|member| member.seats.as_slice()).collect::<Vec<_>>()),
        };
        // Where the roster has no fresh member, the first approvers have to do.
        let nobody_fresh = policy.fresh_member
            && members.iter().any(|member| !member.approved_before)
            && approving().all(|member| member.approved_before);
        Tally {
            policy,
            roster,
            approve: count(Ballot::Approve),
            reject: count(Ballot::Reject),
            abstain: count(Ballot::Abstain),
            quorum: policy.min_count.max(policy.min_participation.of_rounded_up(roster)),
            empty_seats,
            nobody_fresh,
            concern_open: input.concern_open,
        }
    }

    fn cast(&self) -> u32 {
        self.approve + self.reject + self.abstain
    }

    fn left(&self) -> u32 {
        self.roster.saturating_sub(self.cast())
    }

    fn seats_hold(&self) -> bool {
        self.empty_seats.is_empty() && !self.nobody_fresh && !self.concern_open
    }

    /// Would it pass with this many rejections?
    fn passes(&self, reject: u32) -> bool {
        self.cast() >= self.quorum
            && self.approve >= self.policy.min_approvals
            && self.policy.threshold.is_met(self.approve, reject)
            && self.seats_hold()
    }

    /// Nothing that is still out can change it; an emergency need not wait where nobody objects.
    fn is_settled(&self) -> bool {
        self.left() == 0
            || self.passes(self.reject + self.left())
            || (self.policy.early_pass_without_reject && self.reject == 0)
    }

    /// It cannot pass even if everyone left approves. A tie that the chair can still decide is not lost.
    fn is_lost(&self) -> bool {
        let best = self.approve + self.left();
        let chair_may_decide = self.policy.chair_breaks_ties && best >= self.reject;
        best < self.policy.min_approvals || !(self.policy.threshold.is_met(best, self.reject) || chair_may_decide)
    }

    fn at_close(&self, chair: Option<Ballot>) -> VoteOutcome {
        let tie = self.policy.chair_breaks_ties && self.approve == self.reject;
        if self.cast() < self.quorum {
            return VoteOutcome::Expired;
        }
        if self.approve < self.policy.min_approvals {
            return VoteOutcome::Failed(FailReason::Votes);
        }
        let how = match (tie, chair) {
            (true, Some(Ballot::Approve)) => Passed::Casting,
            (true, Some(Ballot::Reject)) => return VoteOutcome::Failed(FailReason::Casting),
            (false, _) if self.policy.threshold.is_met(self.approve, self.reject) => Passed::AtClose,
            (true, Some(Ballot::Abstain) | None) | (false, _) => return VoteOutcome::Failed(FailReason::Votes),
        };
        if !self.empty_seats.is_empty() {
            return VoteOutcome::Failed(FailReason::SeatMissing(self.empty_seats.clone()));
        }
        if self.nobody_fresh {
            return VoteOutcome::Failed(FailReason::NobodyFresh);
        }
        if self.concern_open { VoteOutcome::Failed(FailReason::Concern) } else { VoteOutcome::Passed(how) }
    }

    fn sentence(&self, outcome: &VoteOutcome) -> String {
        let stand =
            format!("{} for, {} against, {} abstained, of {}", self.approve, self.reject, self.abstain, self.roster);
        match outcome {
            VoteOutcome::Open => self.waits_for(&stand),
            VoteOutcome::Passed(Passed::AtClose) => format!("Passed: {stand}."),
            VoteOutcome::Passed(Passed::Early) => format!("Passed before its end: {stand}."),
            VoteOutcome::Passed(Passed::Casting) => format!("Passed by the chair's casting ballot: {stand}."),
            VoteOutcome::Failed(FailReason::Veto(seat)) => {
                format!("Rejected by the {seat}, who has a veto: {stand}. The decision authority can be asked.")
            }
            VoteOutcome::Failed(FailReason::Votes) => {
                let (least, share) = (self.policy.min_approvals, self.policy.threshold);
                format!("Not passed: {stand}; it takes {least} approvals, and {share} of approve and reject.")
            }
            VoteOutcome::Failed(FailReason::Casting) => format!("Rejected by the chair's casting ballot: {stand}."),
            VoteOutcome::Failed(FailReason::SeatMissing(seats)) => {
                format!("Not passed: no yes of {}; {stand}.", seat_names(seats))
            }
            VoteOutcome::Failed(FailReason::NobodyFresh) => {
                format!("Not passed: nobody new was among those who approved again; {stand}.")
            }
            VoteOutcome::Failed(FailReason::Concern) => {
                format!("Not passed: a blocking concern was still open at the end; {stand}.")
            }
            VoteOutcome::Expired => {
                format!("Expired: {} of {} took part, {} were needed.", self.cast(), self.roster, self.quorum)
            }
            VoteOutcome::Invalid => format!(
                "The roster is too small: {} can vote, {} are needed; the decision authority appoints others.",
                self.roster, self.policy.min_count
            ),
        }
    }

    /// An open vote says what it waits for.
    fn waits_for(&self, stand: &str) -> String {
        let mut missing = Vec::new();
        if self.cast() < self.quorum {
            missing.push(format!("{} more to take part", self.quorum - self.cast()));
        }
        if self.approve < self.policy.min_approvals {
            missing.push(format!("{} more to approve", self.policy.min_approvals - self.approve));
        }
        if !self.empty_seats.is_empty() {
            missing.push(format!("the yes of {}", seat_names(&self.empty_seats)));
        }
        if self.nobody_fresh {
            missing.push("the yes of somebody new".to_owned());
        }
        if self.concern_open {
            missing.push("the blocking concern to be resolved".to_owned());
        }
        if missing.is_empty() {
            format!("Open: {stand}; the other ballots can still change it.")
        } else {
            format!("Open: {stand}; it waits for {}.", listed(&missing, "and"))
        }
    }
}

fn seat_names(seats: &[Seat]) -> String {
    let names: Vec<String> = seats.iter().map(|seat| format!("the {seat}")).collect();
    listed(&names, "and")
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
