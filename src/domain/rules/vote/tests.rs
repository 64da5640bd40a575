use super::super::Band;
use super::VotePolicyName::{CabHigh, Ecab, EcabCritical, EcabReapproval};
use super::*;
use crate::domain::policy::Policy;

fn policy(name: VotePolicyName) -> VotePolicy {
    Policy::sample().votes.of(name, Band::High)
}

fn members(roster: usize, approve: usize, reject: usize, abstain: usize) -> Vec<VoteMember> {
    let ballots = [(Ballot::Approve, approve), (Ballot::Reject, reject), (Ballot::Abstain, abstain)];
    let mut cast = ballots.into_iter().flat_map(|(ballot, count)| std::iter::repeat_n(ballot, count));
    (0..roster).map(|_| VoteMember { ballot: cast.next(), ..VoteMember::default() }).collect()
}

fn input<'a>(policy: &'a VotePolicy, members: &'a [VoteMember], closed: bool) -> VoteInput<'a> {
    VoteInput {
        policy,
        members,
        chair: None,
        security_flagged: false,
        risk_accepted: false,
        concern_open: false,
        closed,
        seats_approve: Some(true),
    }
}

#[test]
fn one_person_never_fills_two_required_seats() {
    let policy = policy(Ecab);
    let both = vec![Seat::TechnicalAuthority, Seat::ServiceOwner];
    let mut members = members(3, 2, 0, 0);
    members[0].seats.clone_from(&both);
    let vote = |members: &[VoteMember]| {
        vote_outcome(&VoteInput { seats_approve: None, ..input(&policy, members, true) }).verdict
    };
    assert_eq!(vote(&members), VoteOutcome::Failed(FailReason::SeatMissing(vec![Seat::TechnicalAuthority])));
    members[1].seats.push(Seat::ServiceOwner);
    assert_eq!(vote(&members), VoteOutcome::Passed(Passed::AtClose), "the first moves over to the other seat");
}

#[test]
fn a_flag_gives_security_a_seat_and_a_veto() {
    let policy = policy(Ecab);
    let mut members = members(4, 2, 0, 0);
    members[0].seats.push(Seat::TechnicalAuthority);
    members[1].seats.push(Seat::ServiceOwner);
    members[2].seats.push(Seat::Security);
    let vote = |members: &[VoteMember], security_flagged| {
        vote_outcome(&VoteInput { security_flagged, seats_approve: None, ..input(&policy, members, false) })
    };
    assert_eq!(vote(&members, false).verdict.name(), "passed(early)");
    let flagged = vote(&members, true);
    assert_eq!(flagged.verdict, VoteOutcome::Open);
    assert_eq!(
        flagged.sentence,
        "Open: 2 for, 0 against, 0 abstained, of 4; it waits for the yes of the security authority."
    );
    members[2].ballot = Some(Ballot::Reject);
    assert_eq!(vote(&members, true).verdict, VoteOutcome::Failed(FailReason::Veto(Seat::Security)));
    assert_eq!(vote(&members, false).verdict.name(), "open", "without the flag it is one ballot of four");
}

#[test]
fn the_recused_count_neither_in_the_roster_nor_in_the_ballots() {
    let policy = policy(CabHigh);
    let mut members = members(4, 3, 0, 0);
    assert_eq!(vote_outcome(&input(&policy, &members, false)).verdict.name(), "passed(early)");
    members[0].recused = true;
    members[3].recused = true;
    let ruling = vote_outcome(&input(&policy, &members, false));
    assert_eq!(ruling.verdict, VoteOutcome::Invalid);
    assert_eq!(
        ruling.sentence,
        "The roster is too small: 2 can vote, 3 are needed; the decision authority appoints others."
    );
}

#[test]
fn a_typed_risk_acceptance_fills_the_executive_seat_of_a_critical_emergency_only() {
    let mut members = members(4, 3, 0, 0);
    members[0].seats.push(Seat::TechnicalAuthority);
    members[1].seats.push(Seat::ServiceOwner);
    let vote = |name, risk_accepted| {
        let policy = policy(name);
        vote_outcome(&VoteInput { risk_accepted, seats_approve: None, ..input(&policy, &members, true) }).verdict
    };
    let missing = |seats: &[Seat]| VoteOutcome::Failed(FailReason::SeatMissing(seats.to_vec()));
    assert_eq!(vote(EcabCritical, false), missing(&[Seat::Executive]));
    assert_eq!(vote(EcabCritical, true), VoteOutcome::Passed(Passed::AtClose));
    assert_eq!(vote(CabHigh, true), missing(&[Seat::ChangeManager]), "elsewhere an acceptance fills nothing");
}

#[test]
fn a_reapproval_needs_somebody_new_where_the_roster_has_one() {
    let policy = policy(EcabReapproval);
    let mut members = members(3, 2, 0, 0);
    members[0].approved_before = true;
    members[1].approved_before = true;
    assert_eq!(vote_outcome(&input(&policy, &members, false)).verdict, VoteOutcome::Open);
    assert_eq!(vote_outcome(&input(&policy, &members, true)).verdict, VoteOutcome::Failed(FailReason::NobodyFresh));
    members[2].approved_before = true;
    assert_eq!(vote_outcome(&input(&policy, &members, true)).verdict.name(), "passed", "there is nobody new to ask");
    members[2].approved_before = false;
    members[2].ballot = Some(Ballot::Approve);
    assert_eq!(vote_outcome(&input(&policy, &members, false)).verdict.name(), "passed(early)");
}

#[test]
fn a_reapproval_takes_the_numbers_of_its_band() {
    let votes = Policy::sample().votes;
    assert_eq!(votes.of(EcabReapproval, Band::Medium).min_count, 2);
    assert_eq!(votes.of(EcabReapproval, Band::Critical).min_count, 3);
    assert!(!votes.of(Ecab, Band::High).fresh_member && votes.of(EcabReapproval, Band::High).fresh_member);
}
