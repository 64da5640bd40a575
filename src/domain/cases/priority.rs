//! Rules 4.1 to 4.3.

use super::column::{Actual, of, one, several, yes_no};
use super::{CaseProblem, Given, Table, Verdict};
use crate::domain::policy::Policy;
use crate::domain::rules::{
    Exposure, Impact, Modifiers, OverrideRequest, OverrideVerdict, Priority, Role, Ruling, TechnicalImpact, Tier,
    Urgency, effective_priority, impact_level, may_override, priority,
};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "impact",
        rule: "4.1",
        about: "how hard is it felt?",
        given: &[one::<TechnicalImpact>("technical"), one::<Tier>("tier")],
        expected: &[one::<Impact>("impact")],
        ask: impact,
    },
    Table {
        name: "priority",
        rule: "4.2, 4.3",
        about: "how urgent is it? give the impact, or what users notice and the tier",
        given: &[
            one::<TechnicalImpact>("technical"),
            one::<Tier>("tier"),
            one::<Impact>("impact"),
            one::<Urgency>("urgency"),
            one::<Exposure>("exposure"),
            yes_no("peak"),
            one::<Priority>("parent"),
        ],
        expected: &[one::<Impact>("felt"), one::<Priority>("priority"), one::<Priority>("own")],
        ask: ask_priority,
    },
    Table {
        name: "override",
        rule: "4.3",
        about: "may somebody set another priority?",
        given: &[
            one::<Priority>("from"),
            one::<Priority>("to"),
            one::<Exposure>("exposure"),
            several::<Role>("roles"),
            several::<Role>("second"),
            yes_no("reason"),
        ],
        expected: &[of("verdict", override_words), several::<Role>("needs")],
        ask: ask_override,
    },
];

pub(super) fn answer<T>(ruling: Ruling<T>, say: impl FnOnce(T) -> Vec<(&'static str, Actual)>) -> Verdict {
    Verdict { rule: ruling.rule, sentence: ruling.sentence, said: say(ruling.verdict) }
}

fn impact(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let ruling = impact_level(policy, given.word("technical")?, given.word("tier")?);
    Ok(answer(ruling, |impact| vec![("impact", Actual::word(impact))]))
}

fn ask_priority(policy: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let felt = if given.has("impact") {
        given.word("impact")?
    } else {
        impact_level(policy, given.word("technical")?, given.word("tier")?).verdict
    };
    let base = priority(policy, felt, given.word("urgency")?);
    let modifiers = Modifiers {
        peak: given.yes("peak")?,
        exposure: given.word_or("exposure", Exposure::None)?,
        parent: given.maybe_word("parent")?,
    };
    let plain = Modifiers { peak: false, exposure: Exposure::None, parent: None };
    let effective = effective_priority(policy, base.verdict, modifiers);
    let (rule, sentence) =
        if modifiers == plain { (base.rule, base.sentence) } else { (effective.rule, effective.sentence) };
    let said = vec![
        ("felt", Actual::word(felt)),
        ("priority", Actual::word(effective.verdict.shown)),
        ("own", Actual::word(effective.verdict.own)),
    ];
    Ok(Verdict { rule, sentence, said })
}

fn override_words() -> Vec<&'static str> {
    vec!["stands", "allowed", "needs_reason", "needs_second", "refused"]
}

fn ask_override(_: &Policy, given: &Given) -> Result<Verdict, CaseProblem> {
    let roles: Vec<Role> = given.several("roles")?;
    let second: Vec<Role> = given.several("second")?;
    let request = OverrideRequest {
        from: given.word("from")?,
        to: given.word("to")?,
        exposure: given.word_or("exposure", Exposure::None)?,
        roles: &roles,
        second: given.has("second").then_some(second.as_slice()),
        has_reason: given.yes_or("reason", true)?,
    };
    let (word, needs, sentence): (_, &[Role], String) = match may_override(&request) {
        Ok(OverrideVerdict::Stands) => ("stands", &[], "It is that already.".to_owned()),
        Ok(OverrideVerdict::Allowed) => ("allowed", &[], "It may be set.".to_owned()),
        Ok(OverrideVerdict::NeedsReason) => ("needs_reason", &[], "It takes a reason.".to_owned()),
        Ok(OverrideVerdict::NeedsSecond { roles }) => {
            ("needs_second", roles, "A second person has to agree.".to_owned())
        }
        Err(denial) => ("refused", &[], format!("{} {}", denial.sentence, denial.who_can)),
    };
    let said = vec![("verdict", Actual::Word(word.to_owned())), ("needs", Actual::words(needs.iter().copied()))];
    Ok(Verdict { rule: "4.3", sentence, said })
}
