//! Who hears of what nobody has claimed, and that nothing comes of it before that.

use chrono::TimeDelta;

use super::hears_of_finding;
use crate::domain::decide::decide;
use crate::domain::decide::test_world::{actor, id, now, organisation};
use crate::domain::decide::tests::{changed, on};
use crate::domain::policy::Policy;
use crate::domain::{
    Actor, Asked, Change, Command, DeadlineKind, Decision, FindingCommand, FindingForm, Refusal, Target, World,
};

fn attempt(target: Target, by: &Actor, minutes: i64, command: Command) -> Result<Decision, Refusal> {
    let (organisation, policy) = (organisation(), Policy::sample());
    let world = World::about(&organisation, &policy, 1, target);
    decide(&world, Asked { by, at: now() + TimeDelta::minutes(minutes) }, command)
}

fn found_by(key: &str) -> Decision {
    let form = FindingForm {
        title: "a rule is open".to_owned(),
        service: Some("cards".to_owned()),
        also: Vec::new(),
        evidence: "the scan".to_owned(),
        at: None,
        found: None,
    };
    let command = Command::Finding(FindingCommand::Report(Box::new(form)));
    attempt(Target::New { number: 1, near: None }, &actor(key), 0, command).expect("it is found")
}

fn due(change: &Change, minutes: i64) -> Decision {
    let at = now() + TimeDelta::minutes(minutes);
    let command = Command::Due { deadline: DeadlineKind::Finding, at };
    attempt(on(change), &Actor::Wardroom, minutes, command).expect("time passes")
}

#[test]
fn it_is_promised_for_a_day_after_it_was_found_and_told_once() {
    let found = found_by("ana");
    let expected = (DeadlineKind::Finding, now() + TimeDelta::hours(24));
    assert!(found.promises.contains(&expected), "{:?}", found.promises);
    let change = Change { version: 1, ..changed(Ok(found)) };
    assert_eq!(due(&change, 60).events, [], "too early");
    let told = due(&change, 24 * 60);
    assert_eq!(told.events.len(), 1);
    assert!(told.promises.iter().all(|(kind, _)| *kind != DeadlineKind::Finding), "it is told once");
    let change = changed(Ok(told));
    assert_eq!(due(&change, 25 * 60).events, []);
}

#[test]
fn the_owner_hears_of_it_and_where_they_found_it_themselves_the_change_managers() {
    let organisation = organisation();
    let owner = organisation.owners_of(&["cards".to_owned()]);
    let [owner] = owner.as_slice() else { panic!("one owner: {owner:?}") };
    let by = |key: &str| hears_of_finding(&organisation, &changed(Ok(found_by(key))));
    let other = if owner == &id("mia") { "ana" } else { "mia" };
    assert_eq!(by(other), std::slice::from_ref(owner));
    let own = owner.as_str().trim_start_matches("p_").to_owned();
    assert_eq!(by(&own), [id("ines")]);
}
