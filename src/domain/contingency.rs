//! What is done when a change makes things worse: the rollback plan of a request, read step by step. The text is what
//! people agree to and what is kept; this is how it is read.
//!
//! `deploy 4.1 @ana 10m; replay the queue @raj 5m fails: errors double -> stop; abort: errors over 2 %`, and of one step, where
//! there is more to say, `put 4.1 back @ana 10m when: errors stay shows: the footer says 4.1`.

use super::{Organisation, PersonId};

/// What a rollback plan says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContingencyPlan {
    /// In the order in which they are taken.
    pub steps: Vec<RollbackStep>,
    pub failure_modes: Vec<FailureMode>,
    /// When it is given up.
    pub abort: Vec<String>,
    /// How one sees that it works, beside the checks of its service.
    pub checks: Vec<String>,
    /// What users have to expect.
    pub downtime: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackStep {
    pub text: String,
    /// The key of a person: who does it.
    pub owner: Option<String>,
    pub minutes: Option<u32>,
    /// When it is taken.
    pub trigger: Option<String>,
    /// How one sees that it worked.
    pub verification: Option<String>,
}

/// What may go wrong: what one sees, and what is done then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureMode {
    pub signal: String,
    pub response: Option<String>,
}

/// A part of the plan's text. What stands before the first word of a part are the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Steps,
    FailureModes,
    Abort,
    Checks,
    Downtime,
}

impl Part {
    const ALL: [Part; 5] = [Part::Steps, Part::FailureModes, Part::Abort, Part::Checks, Part::Downtime];

    /// What is typed before it, with a colon.
    fn word(self) -> &'static str {
        match self {
            Part::Steps => "steps",
            Part::FailureModes => "fails",
            Part::Abort => "abort",
            Part::Checks => "verify",
            Part::Downtime => "downtime",
        }
    }

    /// The part that a word begins, and what is attached to it.
    fn begun_by(word: &str) -> Option<(Part, &str)> {
        let (name, attached) = word.split_once(':')?;
        let part = Part::ALL.into_iter().find(|part| part.word().eq_ignore_ascii_case(name))?;
        Some((part, attached))
    }
}

/// What is typed before the trigger and before the verification of one step.
pub(super) const STEP_WORDS: [&str; 2] = ["when:", "shows:"];

/// The words that begin a part of a plan, for whoever reads commands.
pub const PART_WORDS: [&str; 5] = ["steps", "fails", "abort", "verify", "downtime"];

impl ContingencyPlan {
    pub fn read(text: &str) -> ContingencyPlan {
        let mut plan = ContingencyPlan::default();
        for (part, text) in parts(text) {
            let found = items(&text);
            match part {
                Part::Steps => plan.steps.extend(found.map(RollbackStep::read)),
                Part::FailureModes => plan.failure_modes.extend(found.map(FailureMode::read)),
                Part::Abort => plan.abort.extend(found.map(str::to_owned)),
                Part::Checks => plan.checks.extend(found.map(str::to_owned)),
                Part::Downtime => plan.downtime.extend(found.map(str::to_owned)),
            }
        }
        plan
    }

    /// How long all of it takes, where every step says so.
    pub fn minutes(&self) -> Option<u32> {
        let minutes: Option<Vec<u32>> = self.steps.iter().map(|step| step.minutes).collect();
        minutes.filter(|minutes| !minutes.is_empty()).map(|minutes| minutes.into_iter().fold(0, u32::saturating_add))
    }
}

impl RollbackStep {
    /// Who does it and how long it takes may be said anywhere; at an end they are no part of the sentence.
    fn read(item: &str) -> RollbackStep {
        let words: Vec<&str> = item.split_whitespace().collect();
        let owner = words.iter().find_map(|word| owner(word));
        let minutes = words.iter().find_map(|word| minutes(word));
        let [text, trigger, verification] = said_of_step(&words).map(sentence);
        let said = |text: String| (!text.is_empty()).then_some(text);
        let (trigger, verification) = (said(trigger), said(verification));
        RollbackStep { text, owner: owner.map(str::to_owned), minutes, trigger, verification }
    }

    /// The person who does it, where it names one of here.
    pub fn person(&self, organisation: &Organisation) -> Option<PersonId> {
        let key = self.owner.as_ref()?;
        organisation
            .people
            .values()
            .find(|person| person.active && person.key.eq_ignore_ascii_case(key))
            .map(|p| p.id.clone())
    }
}

/// The words of what is done, of its trigger and of its verification.
fn said_of_step<'a>(words: &[&'a str]) -> [Vec<&'a str>; 3] {
    let mut said = [Vec::new(), Vec::new(), Vec::new()];
    let mut part = 0;
    for &word in words {
        let begins = |begun: &str| word.get(..begun.len()).is_some_and(|start| start.eq_ignore_ascii_case(begun));
        let rest = match STEP_WORDS.iter().position(|begun| begins(begun)) {
            Some(place) => {
                part = place + 1;
                &word[STEP_WORDS[place].len()..]
            }
            None => word,
        };
        said[part].extend((!rest.is_empty()).then_some(rest));
    }
    // A step says at least what is done.
    if said[0].is_empty() { [words.to_vec(), Vec::new(), Vec::new()] } else { said }
}

/// Without who does it and how long it takes at its ends.
fn sentence(mut words: Vec<&str>) -> String {
    let is_said = |word: &&str| owner(word).is_some() || minutes(word).is_some();
    while words.len() > 1 && words.last().is_some_and(is_said) {
        words.pop();
    }
    while words.len() > 1 && words.first().is_some_and(is_said) {
        words.remove(0);
    }
    words.join(" ")
}

impl FailureMode {
    fn read(item: &str) -> FailureMode {
        let arrow = ["->", "→", "=>"].into_iter().find_map(|arrow| item.split_once(arrow));
        let (signal, response) = arrow.unwrap_or((item, ""));
        let response = Some(response.trim()).filter(|response| !response.is_empty());
        FailureMode { signal: signal.trim().to_owned(), response: response.map(str::to_owned) }
    }
}

/// A plan that says one part anew: what it does not say stays as it was.
pub fn amended(before: &str, said: &str) -> String {
    let (before, said) = (parts(before), parts(said));
    let text_of = |part: Part| {
        let of = |all: &[(Part, String)]| {
            let found: Vec<String> = all.iter().filter(|(of, _)| *of == part).map(|(_, text)| text.clone()).collect();
            (!found.is_empty()).then(|| found.join("\n"))
        };
        let text = of(&said).or_else(|| of(&before))?;
        Some(if part == Part::Steps { text } else { format!("{}: {text}", part.word()) })
    };
    Part::ALL.into_iter().filter_map(text_of).collect::<Vec<_>>().join("\n")
}

/// The parts of a text that say something, in their order.
fn parts(text: &str) -> Vec<(Part, String)> {
    let mut found = Vec::new();
    let mut open = (Part::Steps, String::new());
    for word in text.split_inclusive(|c: char| c.is_whitespace() || c == ';') {
        match Part::begun_by(word) {
            Some((part, attached)) => found.push(std::mem::replace(&mut open, (part, attached.to_owned()))),
            None => open.1.push_str(word),
        }
    }
    found.push(open);
    let trimmed = found.into_iter().map(|(part, text)| (part, text.trim().trim_end_matches(';').trim_end().to_owned()));
    trimmed.filter(|(_, text)| !text.is_empty()).collect()
}

/// What a part lists, one by one.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', ';']).map(unnumbered).filter(|item| !item.is_empty())
}

/// Without the number or the dash that people set before an item.
fn unnumbered(item: &str) -> &str {
    let item = item.trim();
    let rest = item.trim_start_matches(|c: char| c.is_ascii_digit());
    let after = match rest.strip_prefix(['.', ')']) {
        Some(after) if rest.len() < item.len() => after,
        _ => item.strip_prefix(['-', '*', '•']).unwrap_or(item),
    };
    if after.starts_with(char::is_whitespace) { after.trim_start() } else { item }
}

/// The key after an `@`.
fn owner(word: &str) -> Option<&str> {
    let key = bare(word).strip_prefix('@')?;
    (!key.is_empty()).then_some(key)
}

/// `10m`, `10min` or `2h`.
fn minutes(word: &str) -> Option<u32> {
    let word = bare(word);
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = word.split_at(digits);
    let number: u32 = number.parse().ok()?;
    match unit.to_ascii_lowercase().as_str() {
        "m" | "min" | "minutes" => Some(number),
        "h" => number.checked_mul(60),
        _ => None,
    }
}

/// A word without what stands around it.
fn bare(word: &str) -> &str {
    word.trim_start_matches('(').trim_end_matches([',', '.', ')'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(text: &str, owner: Option<&str>, minutes: Option<u32>) -> RollbackStep {
        let (trigger, verification) = (None, None);
        RollbackStep { text: text.into(), owner: owner.map(str::to_owned), minutes, trigger, verification }
    }

    #[test]
    fn a_step_may_say_when_it_is_taken_and_how_one_sees_that_it_worked() {
        let read = |text: &str| ContingencyPlan::read(text).steps;
        let told = |trigger: Option<&str>, verification: Option<&str>| RollbackStep {
            trigger: trigger.map(str::to_owned),
            verification: verification.map(str::to_owned),
            ..step("put 4.1 back", Some("ana"), Some(10))
        };
        let both = told(Some("errors stay over 2 %"), Some("the footer says 4.1"));
        for text in [
            "put 4.1 back @ana 10m when: errors stay over 2 % shows: the footer says 4.1",
            "put 4.1 back SHOWS:the footer says 4.1 @ana when: errors stay over 2 % 10m",
        ] {
            assert_eq!(
                read(&format!("{text}; replay it fails: slow -> wait")),
                [both.clone(), step("replay it", None, None)]
            );
        }
        assert_eq!(read("put 4.1 back @ana 10m shows: 4.1"), [told(None, Some("4.1"))]);
        assert_eq!(read("when: errors stay"), [step("when: errors stay", None, None)], "what is done is not said");
        assert_eq!(read("put it back when: "), [step("put it back", None, None)]);
    }

    #[test]
    fn a_plan_is_read_step_by_step() {
        let plan = ContingencyPlan::read(
            "deploy 4.1 @ana 10m; ask @raj to replay the queue, 5min. fails: errors double -> stop at once; queue grows \
             => replay it; rows are lost abort: errors over 2 %;verify: a purchase goes through; downtime:5m",
        );
        assert_eq!(
            plan.steps,
            [step("deploy 4.1", Some("ana"), Some(10)), step("ask @raj to replay the queue,", Some("raj"), Some(5)),]
        );
        let modes: Vec<(&str, Option<&str>)> =
            plan.failure_modes.iter().map(|mode| (mode.signal.as_str(), mode.response.as_deref())).collect();
        assert_eq!(
            modes,
            [("errors double", Some("stop at once")), ("queue grows", Some("replay it")), ("rows are lost", None)]
        );
        assert_eq!(plan.abort, ["errors over 2 %"]);
        assert_eq!(plan.checks, ["a purchase goes through"]);
        assert_eq!(plan.downtime, ["5m"]);
        assert_eq!(plan.minutes(), Some(15));
    }

    #[test]
    fn lines_numbers_and_dashes_are_what_people_type() {
        let plan = ContingencyPlan::read("1. stop the job\n2) @mia put 4.1 back\n- 4.2 is not rebuilt\n\n4.1 stays");
        assert_eq!(
            plan.steps,
            [
                step("stop the job", None, None),
                step("put 4.1 back", Some("mia"), None),
                step("4.2 is not rebuilt", None, None),
                step("4.1 stays", None, None),
            ]
        );
        assert_eq!(plan.minutes(), None);
    }

    #[test]
    fn a_plain_sentence_is_one_step_and_nothing_is_none() {
        assert_eq!(ContingencyPlan::read("put the old one back").steps, [step("put the old one back", None, None)]);
        assert_eq!(ContingencyPlan::read(" ;\n ; fails: ; abort:"), ContingencyPlan::default());
        assert_eq!(ContingencyPlan::read("@ana 5m").steps, [step("@ana", Some("ana"), Some(5))]);
    }

    #[test]
    fn what_is_not_said_anew_stays() {
        let before = "deploy 4.1 @ana fails: a -> b abort: c";
        assert_eq!(amended(before, "call the vendor @ana"), "call the vendor @ana\nfails: a -> b\nabort: c");
        assert_eq!(amended(before, "fails: d -> e; f -> g"), "deploy 4.1 @ana\nfails: d -> e; f -> g\nabort: c");
        assert_eq!(amended("put it back", "put 4.1 back"), "put 4.1 back");
        assert_eq!(amended(before, ""), "deploy 4.1 @ana\nfails: a -> b\nabort: c");
    }

    #[test]
    fn commands_know_the_words_of_the_parts() {
        assert_eq!(Part::ALL.map(Part::word), PART_WORDS);
    }
}
