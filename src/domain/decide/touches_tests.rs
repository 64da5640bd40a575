//! What a change touches, said or known, in a table: what it adds to the risk and to the seats.

use std::fmt::Write;

use insta::assert_snapshot;

use super::decide;
use super::test_world::{actor, now, organisation};
use super::tests::incident;
use crate::domain::event::Fact;
use crate::domain::policy::Policy;
use crate::domain::rules::{Touch, Touches};
use crate::domain::{Asked, Change, ChangeForm, Command, Event, RiskFactors, State, Target, World};

fn form(touches: Option<Touches>) -> ChangeForm {
    let factors = RiskFactors {
        data: Some(1),
        availability: Some(1),
        compliance: Some(1),
        complexity: Some(1),
        rollback: Some(2),
        touches,
    };
    ChangeForm {
        title: Some("rotate".into()),
        impact: Some("none".into()),
        why_now: Some("it is due".into()),
        rollback_plan: Some("put it back @ana 5m fails: it hangs -> wait abort: cards fail".into()),
        tested: Some(true),
        factors,
        ..ChangeForm::default()
    }
}

/// Ana's emergency on a service that is known to touch this; and where its facts came from.
fn asked(said: Option<Touches>, known: Touches) -> (Change, Vec<String>) {
    let (mut organisation, policy) = (organisation(), Policy::sample());
    organisation.services.get_mut("cards").expect("it is there").touches = known;
    let world = World::about(&organisation, &policy, 1, Target::New { number: 1, near: Some(incident()) });
    let command = Command::RequestEmergency(Box::new(form(said)));
    let decision = decide(&world, Asked { by: &actor("ana"), at: now() }, command).expect("ana may ask");
    let sources = decision.events.iter().find_map(|event| match event {
        Event::Change(crate::domain::ChangeEvent::Requested(requested)) => Some(requested.sources.clone()),
        _ => None,
    });
    let State::Change(change) = decision.state else { panic!("a change is written") };
    (*change, sources.expect("it is asked for"))
}

#[test]
fn each_touch_adds_its_own_seats_and_privileged_accounts_risk_too() {
    let mut table = String::new();
    for said in [None, Some(Touch::Security), Some(Touch::Privileged), Some(Touch::Migration), Some(Touch::Vendor)] {
        let (change, _) = asked(said.map(|touch| vec![touch].into()), Touches::default());
        let said = said.map_or("nothing", Touch::as_str);
        writeln!(table, "{said:10} {:2} {}", change.risk.score, change.required.describe()).expect("a string takes it");
    }
    assert_snapshot!(table, @"
    nothing     4 a peer review, the technical authority and the service owner
    security    4 a peer review, the technical authority, the service owner and the security authority
    privileged  7 2 peer reviews by different people, the technical authority, the service owner and the security authority
    migration   4 a peer review, the technical authority, the service owner and the data owner
    vendor      4 a peer review, the technical authority, the service owner and the internal sponsor
    ");
}

#[test]
fn the_log_says_what_an_emergency_leaves_out_and_what_its_review_says_of_each() {
    let (organisation, policy) = (organisation(), Policy::sample());
    let world = World::about(&organisation, &policy, 1, Target::New { number: 1, near: Some(incident()) });
    let skipped = |command: Command| {
        let decision = decide(&world, Asked { by: &actor("ana"), at: now() }, command).expect("ana may ask");
        let facts = decision.events.first().map(|event| event.draft().facts).unwrap_or_default();
        facts.into_iter().find(|(name, _)| *name == "skipped").map(|(_, fact)| fact)
    };
    let risky = RiskFactors { data: Some(3), availability: Some(3), complexity: Some(3), ..form(None).factors };
    let risky = ChangeForm { factors: risky, ..form(None) };
    let words = |words: &[&str]| Some(Fact::Words(words.iter().map(|word| (*word).to_owned()).collect()));
    let each =
        ["approvals review policy_followed", "announcement review policy_followed", "window review policy_followed"];
    assert_eq!(skipped(Command::RequestEmergency(Box::new(form(None)))), words(&each[1..]));
    assert_eq!(skipped(Command::RequestEmergency(Box::new(risky))), words(&each));
}

#[test]
fn what_is_known_of_a_service_is_added_to_what_is_said_and_named() {
    let security: Touches = vec![Touch::Security].into();
    let (change, sources) = asked(Some(Touches::default()), security);
    assert_eq!(change.factors.touches, Some(security));
    assert!(change.required.describe().contains("the security authority"));
    assert_eq!(sources, ["touches the organisation file"]);
    let (change, sources) = asked(Some(security), security);
    assert_eq!((change.factors.touches, sources), (Some(security), Vec::new()));
    let (change, sources) = asked(None, Touches::default());
    assert_eq!((change.factors.touches, sources), (None, Vec::new()), "nothing is kept of what is not touched");
}
