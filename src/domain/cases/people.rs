//! Rules 4.15, 4.22 and 4.23.

use super::column::{Actual, one, several, texts, yes_no};
use super::priority::answer;
use super::{CaseProblem, Given, Table, Verdict};
use crate::domain::policy::Policy;
use crate::domain::rules::{
    Action, Candidate, Duty, HeldRole, Obstacle, Relation, Role, Scope, Source, Tie, authorize, duties_ok, resolve,
};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "duties",
        rule: "4.15",
        about: "may one person do this, being that already? without relations: who is barred",
        given: &[one::<Duty>("duty"), several::<Relation>("relations")],
        expected: &[yes_no("allowed"), several::<Relation>("barred")],
        ask: duties,
    },
    Table {
        name: "candidates",
        rule: "4.22",
        about: "whom do we ask, in which order? people by any name",
        given: &[
            texts("primary"),
            texts("secondary"),
            texts("delegate"),
            texts("team_lead"),
            texts("service_owner"),
            texts("duty_manager"),
            texts("inactive"),
            texts("absent"),
            texts("excluded_by_duties"),
            texts("without_grant"),
            texts("declined"),
            yes_no("emergency"),
        ],
        expected: &[texts("people"), yes_no("single_point")],
        ask: candidates,
    },
    Table {
        name: "permissions",
        rule: "4.23",
        about: "may somebody with these roles do this? without roles: which role may",
        given: &[one::<Action>("action"), one::<Scope>("scope"), several::<Tie>("ties"), several::<Role>("roles")],
        expected: &[yes_no("allowed"), several::<Role>("may")],
        ask: permissions,
    },
];

fn duties(_: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let duty: Duty = given.word("duty")?;
    let relations: Vec<Relation> = given.several("relations")?;
    let (sentence, allowed) = match duties_ok(duty, &relations) {
        Ok(()) => (format!("Nothing bars anybody from it: to {duty}."), true),
        Err(denial) => (format!("{} {}", denial.sentence, denial.who_can), false),
    };
    let barred = Relation::ALL.into_iter().filter(|relation| duties_ok(duty, &[*relation]).is_err());
    let said = vec![("allowed", Actual::yes(allowed)), ("barred", Actual::words(barred))];
    Ok(Verdict { rule: "4.15", sentence, said })
}

fn candidates(_: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let named = |person: &str| -> Vec<Obstacle> {
        Obstacle::ALL.into_iter().filter(|obstacle| given.texts(obstacle.as_str()).contains(&person)).collect()
    };
    // Asked in the order of the columns of a file, so that the rule has something to put in order.
    let all: Vec<Candidate<&str>> = Source::ALL
        .into_iter()
        .rev()
        .flat_map(|source| given.texts(source.as_str()).into_iter().map(move |person| (person, source)))
        .map(|(person, source)| Candidate { person, source, obstacles: named(person) })
        .collect();
    Ok(answer(resolve(&all, given.yes("emergency")?), |found| {
        let people = found.people.into_iter().map(str::to_owned).collect();
        vec![("people", Actual::List(people)), ("single_point", Actual::yes(found.single_point))]
    }))
}

fn permissions(_: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let action: Action = given.word("action")?;
    let scope = given.word_or("scope", Scope::Tenant)?;
    let (ties, roles): (Vec<Tie>, Vec<Role>) = (given.several("ties")?, given.several("roles")?);
    let held: Vec<HeldRole> = roles.into_iter().map(|role| HeldRole { role, scope }).collect();
    let (sentence, allowed) = match authorize(&held, action, &ties) {
        Ok(()) => (format!("You may {action}."), true),
        Err(denial) => (format!("{} {}", denial.sentence, denial.who_can), false),
    };
    let may = Role::ALL.into_iter().filter(|role| authorize(&[HeldRole { role: *role, scope }], action, &ties).is_ok());
    let said = vec![("allowed", Actual::yes(allowed)), ("may", Actual::words(may))];
    Ok(Verdict { rule: "4.23", sentence, said })
}
