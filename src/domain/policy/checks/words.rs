//! Words of the house that nobody could type, or that mean something already.

use super::Found;
use crate::domain::policy::Policy;
use crate::domain::rules::Priority;

/// Longest word, in characters.
const WORD_MAX: usize = 30;

pub(super) fn check(policy: &Policy, found: &mut Found) {
    let words = &policy.words.severity;
    for word in words.keys() {
        let place = format!("words.severity.{word}");
        let is_word = !word.is_empty() && word.chars().count() <= WORD_MAX;
        let is_word = is_word && !word.contains(|c: char| c.is_whitespace() || c == ':');
        found.needs(is_word, place.as_str(), "it is typed as one word of at most 30 characters, without a colon.");
        found.needs(
            Priority::parse(word).is_none(),
            place.as_str(),
            "this word is understood already, and means itself.",
        );
        let alike = words.keys().filter(|other| other.to_lowercase() == word.to_lowercase());
        found.needs(alike.count() == 1, place.as_str(), "the same word stands twice, in another case.");
    }
}
