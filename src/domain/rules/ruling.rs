//! What a rule gives back: the verdict, which rule it is, and one sentence for a person.

use serde::Serialize;

/// A verdict with the rule that gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ruling<T> {
    pub verdict: T,
    /// For example `4.13`.
    pub rule: &'static str,
    pub sentence: String,
}

impl<T> Ruling<T> {
    pub(super) fn new(rule: &'static str, verdict: T, sentence: impl Into<String>) -> Ruling<T> {
        Ruling { verdict, rule, sentence: sentence.into() }
    }
}

/// A no: which rule says so, what stands in the way, and who can instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Denial {
    pub rule: &'static str,
    pub sentence: String,
    pub who_can: String,
}

impl Denial {
    pub(super) fn new(rule: &'static str, sentence: impl Into<String>, who_can: impl Into<String>) -> Denial {
        Denial { rule, sentence: sentence.into(), who_can: who_can.into() }
    }
}

/// Writes a list as people say it: "a, b and c".
pub(in crate::domain) fn listed<T: AsRef<str>>(items: &[T], last: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., end] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} {last} {}", first.join(", "), end.as_ref())
        }
    }
}

/// A sentence begins with a capital letter, whatever it was put together from.
pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::{capitalised, listed};

    #[test]
    fn lists_read_as_people_say_them() {
        assert_eq!(listed::<&str>(&[], "and"), "");
        assert_eq!(listed(&["a"], "and"), "a");
        assert_eq!(listed(&["a", "b"], "or"), "a or b");
        assert_eq!(listed(&["a", "b", "c"], "and"), "a, b and c");
        assert_eq!(capitalised("the owner"), "The owner");
        assert_eq!(capitalised(""), "");
    }
}
