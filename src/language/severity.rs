//! Words of the house for a severity: read as the product's own, wherever one is typed.

use super::call::Call;
use super::catalogue::{ArgKind, VerbId};
use crate::domain::policy::Policy;
use crate::domain::rules::Priority;

/// A call with the severity that its words name: `/inc declare critical checkout is down` names one as `sev1` does, and
/// `sev9` is meant as one, though nobody knows it.
pub fn settled(mut call: Call, policy: &Policy) -> Call {
    let Some(verb) = call.verb() else { return call };
    let Some(arg) = verb.args.iter().find(|arg| arg.kind == ArgKind::Severity) else { return call };
    let is_declared = verb.id == VerbId::IncDeclare;
    if is_declared && call.get(arg.name).is_none() {
        let title = call.get("title").unwrap_or_default().to_owned();
        let (word, rest) = title.split_once(char::is_whitespace).unwrap_or((title.as_str(), ""));
        // A digit alone counts something: "3 servers are down".
        let is_own = Priority::parse(word).is_none() && policy.words.severity(word).is_some();
        if is_own || is_meant_as_one(word) {
            call.given.remove("title");
            call.give(arg.name, word);
            call.give("title", rest);
        }
    }
    if let Some(priority) = call.get(arg.name).and_then(|word| policy.words.severity(word)) {
        call.give(arg.name, priority.sev());
    }
    call
}

/// `sev9`, `SEV-1`, `P0`
fn is_meant_as_one(word: &str) -> bool {
    let word = word.to_lowercase();
    let is_number = |number: &str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    match word.strip_prefix("sev") {
        Some(number) => is_number(number.trim_start_matches('-')),
        // "p99 is high" is what is wrong.
        None => word.strip_prefix('p').is_some_and(|number| number.len() == 1 && is_number(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::grammar::parse;

    #[test]
    fn a_word_of_the_house_is_a_severity_and_what_looks_like_one_is_meant_as_one() {
        let mut policy = Policy::sample();
        policy.words.severity = [("Critical".to_owned(), Priority::P1)].into();
        let said = |text: &str| {
            let call = settled(parse("inc", text).expect(text), &policy);
            format!("{} | {}", call.get("sev").unwrap_or("-"), call.get("title").unwrap_or("-"))
        };
        for (text, expected) in [
            ("declare critical checkout is down", "sev1 | checkout is down"),
            ("declare checkout is down sev:CRITICAL", "sev1 | checkout is down"),
            ("declare sev2 checkout is down", "sev2 | checkout is down"),
            ("declare Sev9 checkout is down", "Sev9 | checkout is down"),
            ("declare sev-0 checkout is down", "sev-0 | checkout is down"),
            ("declare P0 checkout is down", "P0 | checkout is down"),
            ("declare sev:urgent checkout is down", "urgent | checkout is down"),
            ("declare checkout is in a critical state", "- | checkout is in a critical state"),
            ("declare p99 is high", "- | p99 is high"),
            ("declare several shops are down", "- | several shops are down"),
            ("declare 3 shops are down", "- | 3 shops are down"),
            ("declare critical", "sev1 | -"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
        let raised = |text: &str| settled(parse("inc", text).expect(text), &policy).get("sev").map(str::to_owned);
        assert_eq!(raised("sev INC-2 critical why: it spreads").as_deref(), Some("sev1"));
        assert_eq!(raised("sev sev:critical why: it spreads").as_deref(), Some("sev1"));
        assert_eq!(raised("sev sev9").as_deref(), Some("sev9"), "which is refused: nobody waits for it");
    }
}
