//! One change on services of two owners: both agree, and whatever touches the second counts as what touches the first.

use super::decide;
use super::readiness::Readiness;
use super::test_world::{actor, id, now, organisation};
use super::tests::{cell, change, incident, on};
use crate::domain::policy::Policy;
use crate::domain::rules::{Band, ChangeKind, FreezeVerdict, Required, Seat, StandbyRole};
use crate::domain::{
    Actor, Asked, Ballot, BallotChoice, Change, ChangeEvent, ChangeForm, ChangeStatus, Command, Decision, Event,
    Freeze, Incident, Organisation, Platform, Refusal, Roster, Service, State, Target, Team, ValidationCommand, Window,
    World,
};

/// Cards depend on the ledger, which Tom owns; nothing depends on the mill, which Raj owns.
fn harbour() -> Organisation {
    let mut harbour = organisation();
    let cards = harbour.services["cards"].clone();
    for (key, owner) in [("ledger", "tom"), ("mill", "raj")] {
        let (name, team) = (key.to_uppercase(), "data".to_owned());
        harbour.services.insert(key.into(), Service { key: key.into(), name, team, owner: id(owner), ..cards.clone() });
    }
    let data = Team {
        key: "data".into(),
        name: "Data".into(),
        lead: Some(id("omar")),
        approvers: Vec::new(),
        on_call: vec![id("tom"), id("raj")],
        rota: None,
    };
    harbour.teams.insert("data".into(), data);
    harbour.services.insert("cards".into(), Service { depends_on: vec!["ledger".into()], ..cards });
    harbour
}

fn attempt(target: Target, by: &str, command: Command) -> Result<Decision, Refusal> {
    attempt_in(&harbour(), target, by, command)
}

fn attempt_in(harbour: &Organisation, target: Target, by: &str, command: Command) -> Result<Decision, Refusal> {
    let (policy, actor) = (Policy::sample(), actor(by));
    decide(&World::about(harbour, &policy, 1, target), Asked { by: &actor, at: now() }, command)
}

/// A service belongs to somebody else from now on.
fn handed_over(service: &str, to: &str) -> Organisation {
    let mut harbour = harbour();
    harbour.services.get_mut(service).expect("it is known").owner = id(to);
    harbour
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

fn yes(harbour: &Organisation, change: &Change, by: &str) -> Result<Decision, Refusal> {
    let target = Target::Change { change: Box::new(change.clone()), incident: Some(incident()) };
    attempt_in(harbour, target, by, Command::Vote { choice: BallotChoice::Approve, why: None })
}

/// The change after the yes of one more member of its board.
fn with_yes_of(change: &Change, by: &str) -> Change {
    with_yes_in(&harbour(), change, by)
}

fn with_yes_in(harbour: &Organisation, change: &Change, by: &str) -> Change {
    let decision = yes(harbour, change, by).expect("a member of the board votes");
    let owns = decision.events.iter().find_map(|event| match event {
        Event::Change(ChangeEvent::BallotCast { owns, .. }) => Some(owns.clone()),
        _ => None,
    });
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
        owns: owns.expect("a ballot"),
    });
    next
}

#[test]
fn a_service_that_changes_hands_takes_its_yes_along() {
    let asked = changed(asked_for(&["cards", "ledger"]).expect("both are near the incident"));
    let one = with_yes_of(&asked, "mia");
    let after = handed_over("cards", "raj");
    assert_eq!(owners_missing(&one), 1);
    let refused = yes(&after, &one, "raj").expect_err("what is his now has a yes, and the ledger is not his");
    assert_eq!(refused.rule, "4.10");
    assert_eq!(refused.sentence, "Cards has an owner's yes already; what is missing is that for LEDGER.");
    assert_eq!(refused.next, "It is for tom.");
    assert!(!one.is_wanted_as_owner(&after, &id("raj")) && one.is_wanted_as_owner(&after, &id("tom")));
    let stands = one.seats_stand(&after);
    let owners: Vec<_> = stands.iter().filter(|seat| seat.seat == Seat::ServiceOwner).collect();
    assert_eq!((owners[0].by.clone(), owners[0].services.clone()), (Some(id("mia")), vec!["cards".to_owned()]));
    assert_eq!((owners[1].owner.clone(), owners[1].services.clone()), (Some(id("tom")), vec!["ledger".to_owned()]));
    // Handed over before the word of its owner, it waits for that of the new one.
    let late = with_yes_in(&after, &asked, "mia");
    assert_eq!((owners_missing(&asked), owners_missing(&late)), (2, 2));
    let new = changed(yes(&after, &late, "raj").expect("it is his"));
    assert_eq!((owners_missing(&new), new.approvals[0].owns.clone()), (1, vec!["cards".to_owned()]));
    // Who owns both by now says yes once.
    let both = with_yes_in(&handed_over("ledger", "mia"), &asked, "mia");
    assert_eq!(owners_missing(&both), 0);
}

#[test]
fn of_two_services_of_one_owner_the_one_that_was_given_away_waits_for_its_new_owner() {
    let mine = handed_over("ledger", "mia");
    let services = ["cards".to_owned(), "ledger".to_owned()];
    assert_eq!(mine.owner_seats(&services), [services.to_vec()]);
    assert!(mine.owner_seats(&services[..1]).is_empty());
    let seats = vec![Seat::ServiceOwner];
    let required = Required { seats, owner_seats: mine.owner_seats(&services), ..Required::default() };
    let (also, vote) = (vec!["ledger".to_owned()], None);
    let asked = Change { also, required, vote, ..changed(asked_for(&["cards"]).expect("near the incident")) };
    assert_eq!(asked.open_seats(), [Seat::ServiceOwner]);
    let one = changed(yes(&harbour(), &asked, "mia").expect("cards are hers"));
    assert_eq!((one.open_seats(), one.approvals[0].owns.clone()), (vec![Seat::ServiceOwner], vec!["cards".to_owned()]));
    assert!(changed(yes(&harbour(), &one, "tom").expect("the ledger is his")).open_seats().is_empty());
    assert!(changed(yes(&mine, &asked, "mia").expect("both are hers")).open_seats().is_empty());
}

#[test]
fn whoever_is_on_call_for_any_service_may_stand_by_for_all() {
    let (harbour, policy) = (harbour(), Policy::sample());
    let asked = changed(asked_for(&["cards", "ledger"]).expect("near the incident"));
    let target = Target::Change { change: Box::new(asked.clone()), incident: Some(incident()) };
    let world = World::about(&harbour, &policy, 1, target);
    let role = StandbyRole::RollbackOwner;
    let change = Change { standby: Vec::new(), ..asked };
    let on = |change: &Change| Readiness::of(&world, change, now()).candidates(role);
    assert_eq!(on(&change), [id("ana"), id("tom"), id("raj")], "the first on call of each team, then the second");
    assert_eq!(on(&Change { also: Vec::new(), ..change }), [id("ana"), id("raj")]);
}

#[test]
fn who_rules_for_all_services_is_asked_before_who_rules_for_one() {
    let mut harbour = harbour();
    let chain = |key: &str, people: &[&str]| {
        let members = people.iter().map(|person| id(person)).collect();
        (key.to_owned(), Roster { key: key.to_owned(), chair: id(people[0]), members })
    };
    harbour.rosters.extend([chain("authority-cards", &["omar", "ines"]), chain("authority", &["ben", "ines"])]);
    let asked = changed(asked_for(&["cards", "ledger"]).expect("near the incident"));
    assert_eq!(harbour.authorities_over(&asked), [id("ines"), id("omar"), id("ben")]);
    assert_eq!(harbour.authorities_over(&Change { also: Vec::new(), ..asked }), [id("omar"), id("ines")]);
}

#[test]
fn what_was_rehearsed_on_one_service_shows_nothing_of_two() {
    let asked = changed(asked_for(&["cards", "ledger"]).expect("near the incident"));
    let key = |change: &Change| change.rehearsal_key(str::to_owned).expect("it has steps");
    let turned = Change { service: "ledger".into(), also: vec!["cards".into()], ..asked.clone() };
    assert_eq!(key(&asked), key(&turned), "in whichever order they are named");
    let alone = Change { also: Vec::new(), ..asked.clone() };
    assert_ne!(key(&asked), key(&alone));
    assert!(key(&alone).starts_with("cards\n"), "the key of one service is what it always was");
}

#[test]
fn a_major_incident_on_the_second_service_halts_what_runs() {
    let asked = changed(asked_for(&["cards", "ledger"]).expect("near the incident"));
    let closes = now() + chrono::TimeDelta::hours(1);
    let window = Some(Window { opens: now(), closes });
    let runs = Change { status: ChangeStatus::Implementing, window, started_at: Some(now()), ..asked };
    let services = vec!["ledger".to_owned()];
    let major = Incident { number: 2, commander: Some(id("raj")), major_at: Some(now()), services, ..incident() };
    let (harbour, policy) = (harbour(), Policy::sample());
    let looked = |change: &Change| {
        let about = World::about(&harbour, &policy, 1, on(change));
        let world = World { incidents_near: vec![major.clone()], ..about };
        let command = Command::Validation(ValidationCommand::Incidents { critical: Some(2) });
        cell(decide(&world, Asked { by: &Actor::Wardroom, at: now() }, command))
    };
    assert!(looked(&runs).contains("=> halted"), "{}", looked(&runs));
    assert!(!looked(&Change { also: Vec::new(), ..runs }).contains("halted"));
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
