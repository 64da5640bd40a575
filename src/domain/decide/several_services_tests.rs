//! One change on services of two owners: both agree, and whatever touches the second counts as what touches the first.

use super::decide;
use super::test_world::{actor, id, now, organisation};
use super::tests::{change, incident};
use crate::domain::policy::Policy;
use crate::domain::rules::{Band, ChangeKind, FreezeVerdict, Seat};
use crate::domain::{
    Asked, Ballot, BallotChoice, Change, ChangeForm, Command, Decision, Freeze, Organisation, Platform, Refusal,
    Service, State, Target, World,
};

/// Cards depend on the ledger, which Tom owns; nothing depends on the mill, which Raj owns.
fn harbour() -> Organisation {
    let mut harbour = organisation();
    let cards = harbour.services["cards"].clone();
    for (key, owner) in [("ledger", "tom"), ("mill", "raj")] {
        harbour.services.insert(key.into(), Service { key: key.into(), owner: id(owner), ..cards.clone() });
    }
    harbour.services.insert("cards".into(), Service { depends_on: vec!["ledger".into()], ..cards });
    harbour
}

fn attempt(target: Target, by: &str, command: Command) -> Result<Decision, Refusal> {
    let (harbour, policy, actor) = (harbour(), Policy::sample(), actor(by));
    decide(&World::about(&harbour, &policy, 1, target), Asked { by: &actor, at: now() }, command)
}

fn changed(decision: Decision) -> Change {
    let State::Change(change) = decision.state else { panic!("a change comes of it") };
    *change
}

/// The emergency of these tests, on these services.
fn asked_for(services: &[&str]) -> Result<Decision, Refusal> {
    let like = change();
    let form = ChangeForm {
        title: Some(like.title),
        impact: Some(like.impact),
        why_now: Some(like.why_now),
        rollback_plan: Some(like.rollback_plan),
        tested: Some(true),
        factors: like.factors,
        ..ChangeForm::default()
    };
    let services: Vec<String> = services.iter().map(|key| (*key).to_owned()).collect();
    let command = Command::RequestEmergency(Box::new(form.on(&services)));
    attempt(Target::New { number: 1, near: Some(incident()) }, "ana", command)
}

fn owners_missing(change: &Change) -> usize {
    change.open_seats().into_iter().filter(|seat| *seat == Seat::ServiceOwner).count()
}

/// The change after the yes of one more member of its board.
fn with_yes_of(change: &Change, by: &str) -> Change {
    let target = Target::Change { change: Box::new(change.clone()), incident: Some(incident()) };
    let decision = attempt(target, by, Command::Vote { choice: BallotChoice::Approve, why: None });
    let decision = decision.expect("a member of the board votes");
    if let State::Change(change) = decision.state {
        return *change;
    }
    // What settles nothing is an insert; the row is read with it again.
    let mut next = change.clone();
    next.ballots.push(Ballot {
        person: id(by),
        on_behalf: None,
        choice: BallotChoice::Approve,
        why: None,
        platform: Platform::Slack,
        at: now(),
    });
    next
}

#[test]
fn each_owner_counts_once_and_a_member_of_the_vote_agrees_by_the_ballot() {
    let asked = changed(asked_for(&["cards", "ledger", "cards"]).expect("both are near the incident"));
    assert_eq!(asked.services(), ["cards", "ledger"]);
    assert_eq!((asked.risk.band, asked.required.owners), (Band::High, Some(2)));
    assert!(asked.required.describe().contains("both service owners"), "{}", asked.required.describe());
    assert_eq!(owners_missing(&asked), 2);
    let one = with_yes_of(&asked, "mia");
    assert_eq!(owners_missing(&one), 1, "the ledger's owner has not spoken");
    let stands = one.seats_stand(&harbour());
    let owners: Vec<_> = stands.iter().filter(|seat| seat.seat == Seat::ServiceOwner).collect();
    assert_eq!((owners[0].by.clone(), owners[0].owner.clone()), (Some(id("mia")), Some(id("mia"))));
    assert_eq!((owners[1].by.clone(), owners[1].owner.clone()), (None, Some(id("tom"))));
    assert_eq!(owners_missing(&with_yes_of(&one, "tom")), 0);
    // The one owner of two services says yes once.
    let alone = changed(asked_for(&["cards"]).expect("near the incident"));
    assert_eq!((alone.required.owners, owners_missing(&alone)), (None, 0));
}

#[test]
fn what_the_incident_is_not_near_to_does_not_ride_along_in_its_emergency() {
    let refused = asked_for(&["cards", "mill"]).expect_err("the mill has nothing to do with it");
    assert_eq!(refused.rule, "4.8");
    let named: Vec<String> = (0..11).map(|n| format!("s{n}")).collect();
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    assert!(asked_for(&named).expect_err("too many").sentence.contains("10 services at most"));
}

#[test]
fn an_edit_of_the_second_service_asks_everybody_again_and_is_told_whole() {
    let asked = changed(asked_for(&["cards", "ledger"]).expect("near the incident"));
    let form = ChangeForm::default().on(&["cards".to_owned()]);
    let target = Target::Change { change: Box::new(with_yes_of(&asked, "mia")), incident: Some(incident()) };
    let edited = attempt(target, "ana", Command::EditChange(Box::new(form))).expect("it is hers");
    let told = format!("{:?}", edited.events);
    assert!(told.contains(r#"before: "cards, ledger", after: "cards""#), "{told}");
    let edited = changed(edited);
    assert_eq!((edited.services(), edited.revision), (vec!["cards".to_owned()], 2));
    assert!(edited.ballots.is_empty() && edited.required.owners.is_none());
}

#[test]
fn a_freeze_of_the_second_service_is_met() {
    let asked = changed(asked_for(&["cards", "ledger"]).expect("near the incident"));
    let freeze = Freeze { services: vec!["mill".into()], ..super::freeze_tests::begin(None) };
    let asked = Change { kind: ChangeKind::Normal, ..asked };
    let (harbour, policy) = (harbour(), Policy::sample());
    let verdict = |change: &Change| super::barrier::ruling_on(&harbour, &policy, (&freeze, &[]), change, None).verdict;
    let outside = verdict(&asked);
    let inside = verdict(&Change { also: vec!["mill".into()], ..asked });
    assert!(inside > outside && inside >= FreezeVerdict::Override, "{outside:?} {inside:?}");
}
