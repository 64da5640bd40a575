//! A change that was carried out before, for whoever asks for one like it.

use std::collections::BTreeSet;

use super::RiskFactors;

/// Letters of the shortest word that says what a change is about.
const WORD_MIN: usize = 4;
/// Words that two titles have in common where they are alike.
const COMMON_MIN: usize = 2;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierChange {
    pub number: i64,
    pub title: String,
    pub rollback_plan: String,
    pub factors: RiskFactors,
}

/// The one whose title is most like this one; the latest of those that are alike as much, which come first.
pub fn most_alike<'a>(title: &str, earlier: &'a [EarlierChange]) -> Option<&'a EarlierChange> {
    let wanted = words(title);
    let common = |change: &EarlierChange| words(&change.title).intersection(&wanted).count();
    let best = earlier.iter().map(common).max().filter(|common| *common >= COMMON_MIN)?;
    earlier.iter().find(|change| common(change) == best)
}

fn words(title: &str) -> BTreeSet<String> {
    let words = title.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| word.chars().count() >= WORD_MIN);
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_that_shares_two_words_is_alike_and_one_word_is_chance() {
        let change = |number: i64, title: &str| EarlierChange {
            number,
            title: title.into(),
            rollback_plan: "back".into(),
            factors: RiskFactors::default(),
        };
        let earlier = [
            change(9, "rotate the certificate"),
            change(8, "Set max_connections on the ledger"),
            change(7, "set max_connections=300 on ledger"),
            change(6, "raise max_connections"),
        ];
        let alike = |title: &str| most_alike(title, &earlier).map(|change| change.number);
        assert_eq!(alike("set max_connections=500 on ledger"), Some(8));
        assert_eq!(alike("raise the pool of the ledger"), None);
        assert_eq!(alike("Raise MAX_CONNECTIONS again"), Some(6));
        assert_eq!(alike(""), None);
    }
}
