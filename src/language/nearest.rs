//! The nearest known word to a mistyped one.

/// The candidates nearest to `word`, best first, at most `limit`; far ones are left out.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>, limit: usize) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let mut scored: Vec<(usize, &str)> = candidates
        .into_iter()
        .map(|candidate| {
            let lower = candidate.to_lowercase();
            // A prefix is what people type when they are in a hurry: nearer than any slip of the fingers.
            let distance = if lower.starts_with(&word) { 0 } else { distance(&word, &lower) };
            (distance, candidate)
        })
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 3)
        .collect();
    scored.sort_unstable();
    scored.into_iter().take(limit).map(|(_, candidate)| candidate).collect()
}

/// Levenshtein distance, counted in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_nonsense_finds_none() {
        let verbs = ["declare", "decide", "resolve", "status"];
        assert_eq!(nearest("delcare", verbs, 1), ["declare"]);
        assert_eq!(nearest("dec", verbs, 3), ["decide", "declare"]);
        assert_eq!(nearest("reslove", verbs, 1), ["resolve"]);
        assert!(nearest("banana", verbs, 3).is_empty());
    }
}
