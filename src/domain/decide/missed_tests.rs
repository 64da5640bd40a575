//! What follows where nobody decides in time: whom it goes to, what each of them may say, and what silence leads to.

use chrono::{DateTime, TimeDelta, Utc};

use super::decide;
use super::test_world::{actor, id, now, organisation};
use super::tests::{cell, change, changed, on};
use crate::domain::command::ReviewVerdict;
use crate::domain::peer_review::ReviewAnswers;
use crate::domain::policy::Policy;
use crate::domain::rules::{AskedAs, ChangeKind, Dispute, RulingVerdict, Seat};
use crate::domain::{
    Actor, Asked, BallotChoice, Change, ChangeForm, Command, DeadlineKind, Decision, Organisation, Refusal,
    RiskFactors, Roster, RulingCommand, Target, World,
};

/// Omar may rule, then Ben.
fn house() -> Organisation {
    let mut organisation = organisation();
    let members = vec![id("omar"), id("ben")];
    let authority = Roster { key: "authority".into(), chair: id("omar"), members };
    organisation.rosters.insert("authority".into(), authority);
    organisation
}

fn minute(minute: i64) -> DateTime<Utc> {
    now() + TimeDelta::minutes(minute)
}

fn attempt(at: DateTime<Utc>, target: Target, by: &str, command: Command) -> Result<Decision, Refusal> {
    attempt_in(&house(), at, target, by, command)
}

fn attempt_in(
    organisation: &Organisation,
    at: DateTime<Utc>,
    target: Target,
    by: &str,
    command: Command,
) -> Result<Decision, Refusal> {
    let policy = Policy::sample();
    let world = World::about(organisation, &policy, 1, target);
    let actor = if by == "wardroom" { Actor::Wardroom } else { actor(by) };
    decide(&world, Asked { by: &actor, at }, command)
}

fn due(deadline: DeadlineKind, at: DateTime<Utc>) -> Command {
    Command::Due { deadline, at }
}

fn rule(verdict: RulingVerdict) -> Command {
    Command::Ruling(RulingCommand::Rule { verdict, why: "it cannot wait".into(), conditions: None, appoint: None })
}

fn end(change: &Change, at: DateTime<Utc>) -> Result<Decision, Refusal> {
    attempt(at, on(change), "wardroom", due(DeadlineKind::VoteEnd, at))
}

/// The E-CAB was silent for its quarter of an hour, and Omar is asked.
fn missed(change: &Change) -> Change {
    let mut missed = changed(end(change, minute(15)));
    // The store numbers it by its entry.
    missed.escalations.iter_mut().for_each(|one| one.asked = 9);
    missed
}

fn reviewed(change: &Change) -> Change {
    changed(attempt(
        minute(1),
        on(change),
        "raj",
        Command::Review { verdict: ReviewVerdict::Ok, answers: ReviewAnswers::YES },
    ))
}

#[test]
fn an_emergency_that_nobody_decided_goes_to_the_decision_authority_whose_silence_is_a_no() {
    let asked = end(&change(), minute(15)).expect("it is due");
    let promised = asked.promises.clone();
    assert_eq!(cell(Ok(asked)), "vote.closed + ruling.asked => awaiting_approval");
    assert_eq!(promised.iter().filter(|(kind, _)| *kind == DeadlineKind::VoteEnd).count(), 0, "{promised:?}");
    assert!(promised.contains(&(DeadlineKind::Ruling, minute(30))), "{promised:?}");

    let omar = missed(&change());
    let put = omar.open_escalation().map(|open| (open.dispute, open.chain.clone()));
    assert_eq!(put, Some((Dispute::Decision, vec![id("omar")])));
    let early = attempt(minute(29), on(&omar), "wardroom", due(DeadlineKind::Ruling, minute(29)));
    assert_eq!(cell(early), "stands");
    let passed_on = attempt(minute(30), on(&omar), "wardroom", due(DeadlineKind::Ruling, minute(30)));
    let ben = changed(passed_on);
    assert_eq!(ben.open_escalation().and_then(|open| open.waits_for().cloned()), Some(id("ben")));
    let silent = attempt(minute(45), on(&ben), "wardroom", due(DeadlineKind::Ruling, minute(45)));
    assert_eq!(cell(silent), "ruling.unanswered + change.approval_expired => approval_expired");
}

#[test]
fn where_nobody_may_rule_it_is_over_and_says_so() {
    let target = on(&change());
    let over = attempt_in(&organisation(), minute(15), target, "wardroom", due(DeadlineKind::VoteEnd, minute(15)));
    let over = changed(over);
    let outcome = over.outcome.clone().unwrap_or_default();
    assert_eq!(over.status.as_str(), "approval_expired");
    assert!(
        outcome.contains("Nobody who is no party may rule on it") && outcome.contains("`/change emergency`"),
        "{outcome}"
    );
}

#[test]
fn what_the_authority_says_decides_but_for_the_review_of_high_risk() {
    let (waits, reviewed) = (missed(&change()), missed(&reviewed(&change())));
    let says = |change: &Change, who: &str, verdict| cell(attempt(minute(20), on(change), who, rule(verdict)));
    assert_eq!(says(&reviewed, "omar", RulingVerdict::Allow), "ruling.given + change.approved => approved");
    assert_eq!(says(&reviewed, "omar", RulingVerdict::Deny), "ruling.given + change.rejected => rejected");
    assert_eq!(says(&reviewed, "omar", RulingVerdict::Other), "ruling.given + change.rejected => rejected");
    // Ben was not asked, Ana asked for it, Raj's word counts already.
    for who in ["ben", "ana", "raj"] {
        assert_eq!(says(&reviewed, who, RulingVerdict::Allow), "no, rule decision-authority", "{who}");
    }
    // Rule 4.35: nobody sets the peer review aside, which has as long again, once.
    let ruled = changed(attempt(minute(20), on(&waits), "omar", rule(RulingVerdict::Allow)));
    assert_eq!((ruled.status.as_str(), ruled.decide_by), ("awaiting_approval", Some(minute(35))));
    let review = attempt(
        minute(25),
        on(&ruled),
        "raj",
        Command::Review { verdict: ReviewVerdict::Ok, answers: ReviewAnswers::YES },
    );
    assert_eq!(cell(review), "seat.granted + change.approved => approved");
    let mut late = ruled;
    late.asks.iter_mut().for_each(|ask| ask.because = AskedAs::NextAuthority);
    assert_eq!(cell(end(&late, minute(35))), "change.approval_expired => approval_expired");
}

#[test]
fn whoever_commands_the_incident_does_not_rule_on_its_change() {
    let (mut incident, change) = (super::tests::incident(), reviewed(&change()));
    incident.commander = Some(id("omar"));
    let target =
        |change: &Change| Target::Change { change: Box::new(change.clone()), incident: Some(incident.clone()) };
    let asked = changed(attempt(minute(15), target(&change), "wardroom", due(DeadlineKind::VoteEnd, minute(15))));
    assert_eq!(asked.open_escalation().map(|open| open.chain.clone()), Some(vec![id("ben")]));
    // He took the command after he was asked.
    let before = missed(&change);
    let ruled = attempt(minute(20), target(&before), "omar", rule(RulingVerdict::Allow));
    assert_eq!(cell(ruled), "no, rule 4.15");
}

/// A change of low risk, which needs no vote.
fn small(kind: ChangeKind) -> Change {
    let low = Some(1);
    let factors =
        RiskFactors { data: low, availability: low, compliance: low, complexity: low, rollback: low, touches: None };
    let form = Box::new(ChangeForm {
        title: Some("restart".into()),
        service: Some("cards".into()),
        impact: Some("slow".into()),
        why_now: Some("queues".into()),
        rollback_plan: Some("start the old one".into()),
        tested: Some(true),
        factors,
        ..ChangeForm::default()
    });
    let (near, command) = match kind {
        ChangeKind::Emergency => (Some(super::tests::incident()), Command::RequestEmergency(form)),
        _ => (None, Command::RequestChange(form)),
    };
    changed(attempt(now(), Target::New { number: 1, near }, "ana", command))
}

fn alone(change: &Change) -> Target {
    Target::Change { change: Box::new(change.clone()), incident: None }
}

#[test]
fn seats_go_to_the_next_authority_first_and_whoever_was_asked_before_can_still_decide() {
    let waits = small(ChangeKind::Emergency);
    assert!(waits.vote.is_none() && waits.open_seats().contains(&Seat::PeerReviewer), "{:?}", waits.open_seats());
    let next = changed(end(&waits, minute(15)));
    let added: Vec<AskedAs> = next.asks[waits.asks.len()..].iter().map(|ask| ask.because).collect();
    assert!(!added.is_empty() && added.iter().all(|because| *because == AskedAs::NextAuthority), "{added:?}");
    assert_eq!(next.decide_by, Some(minute(20)), "as long as a first answer may take");
    assert!(next.open_escalation().is_none());
    let mut omar = changed(end(&next, minute(20)));
    omar.escalations.iter_mut().for_each(|one| one.asked = 9);
    assert_eq!(omar.open_escalation().map(|open| open.due_at), Some(minute(35)));
    // Everybody wakes up before he rules: nothing is left to rule on.
    let yes = |who: &str, change: &Change| {
        attempt(minute(22), on(change), who, Command::Vote { choice: BallotChoice::Approve, why: None })
    };
    let review = attempt(
        minute(21),
        on(&omar),
        "raj",
        Command::Review { verdict: ReviewVerdict::Ok, answers: ReviewAnswers::YES },
    );
    let owner = changed(yes("mia", &changed(review)));
    assert_eq!(cell(yes("tom", &owner)), "seat.granted + change.approved + ruling.lapsed => approved");
    // Nobody's silence is a yes: of low risk he may set all of it aside.
    let ruled = attempt(minute(22), on(&omar), "omar", rule(RulingVerdict::Allow));
    assert_eq!(cell(ruled), "ruling.given + change.approved => approved");
}

#[test]
fn what_is_no_emergency_has_a_business_day_more_once_and_then_the_manager_of_the_owner_may_sign() {
    let waits = small(ChangeKind::Normal);
    assert_eq!(waits.open_seats(), [Seat::ServiceOwner]);
    let by = waits.decide_by.expect("it has a clock");
    let prolonged = attempt(by, alone(&waits), "wardroom", due(DeadlineKind::VoteEnd, by));
    assert_eq!(cell(prolonged.clone()), "approval.prolonged + approval.asked => awaiting_approval");
    let more = changed(prolonged);
    let until = more.decide_by.expect("it has more time");
    assert_eq!(until - by, TimeDelta::days(1), "from one business day to the next");
    // Mia owns the service and leads her team: the duty manager is above her.
    let asked = more.asks.last().map(|ask| (ask.seat, ask.person.clone(), ask.because));
    assert_eq!(asked, Some((Seat::ServiceOwner, id("omar"), AskedAs::Manager)));
    let yes = |who: &str, change: &Change| {
        let approve = Command::Vote { choice: BallotChoice::Approve, why: None };
        cell(attempt(until - TimeDelta::hours(1), alone(change), who, approve))
    };
    assert_eq!(yes("omar", &more), "seat.granted + change.approved => approved");
    assert_eq!(yes("mia", &more), "seat.granted + change.approved => approved");
    assert_eq!(yes("tom", &more), "no, rule 4.10");
    assert_eq!(yes("omar", &Change { decide_by: Some(until), ..waits }), "no, rule 4.10", "nobody asked him");
    let over = attempt(until, alone(&more), "wardroom", due(DeadlineKind::VoteEnd, until));
    assert_eq!(cell(over), "change.approval_expired => approval_expired");
}

#[test]
fn where_too_few_may_vote_the_authority_names_who_does_and_the_vote_has_its_whole_time() {
    let mut few = house();
    few.rosters.get_mut("ecab").expect("there is one").members = vec![id("tom")];
    let says = |at, change: &Change, who: &str, command| attempt_in(&few, at, on(change), who, command);
    let appoint = |who: Option<&str>| {
        let (verdict, why, appoint) = (RulingVerdict::Allow, "they know it".to_owned(), who.map(id));
        Command::Ruling(RulingCommand::Rule { verdict, why, conditions: None, appoint })
    };
    // As it is asked for: one is too few, and nobody's silence counts until others are named.
    let mut waits = change();
    waits.vote.as_mut().expect("it is voted on").roster.retain(|member| member.person == id("tom"));
    let review =
        says(minute(1), &waits, "raj", Command::Review { verdict: ReviewVerdict::Ok, answers: ReviewAnswers::YES });
    assert_eq!(cell(review.clone()), "seat.granted + ruling.asked => awaiting_approval");
    let mut asked = changed(review);
    asked.escalations.iter_mut().for_each(|one| one.asked = 9);
    assert_eq!(asked.decide_by, None);
    assert_eq!(cell(says(minute(5), &asked, "omar", appoint(None))), "no");
    for who in ["ana", "raj", "tom", "omar"] {
        assert_eq!(cell(says(minute(5), &asked, "omar", appoint(Some(who)))), "no, rule 4.13", "{who}");
    }
    let ruled = says(minute(5), &asked, "omar", appoint(Some("mia")));
    assert_eq!(cell(ruled.clone()), "ruling.appointed + approval.asked + ruling.given => awaiting_approval");
    let votes = changed(ruled);
    assert_eq!(votes.vote.as_ref().map(|vote| vote.roster.len()), Some(2));
    assert_eq!(votes.decide_by, Some(minute(20)), "a quarter of an hour from now on");
    let silent = says(minute(16), &asked, "wardroom", due(DeadlineKind::Ruling, minute(16)));
    assert_eq!(cell(silent), "ruling.passed_on => awaiting_approval");
}
