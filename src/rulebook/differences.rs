//! What one policy says otherwise than another, place by place.

use std::collections::BTreeMap;

/// A place that differs, with what is said there before and after; empty: nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `votes.ecab.quorum`
    pub place: String,
    pub before: String,
    pub after: String,
}

/// What differs, in the order of the places; comments and order do not count. A file that cannot be read says nothing.
pub fn differences(before: &str, after: &str) -> Vec<Difference> {
    let (before, after) = (places(before), places(after));
    let mut all: Vec<&String> = before.keys().chain(after.keys()).collect();
    all.sort_unstable();
    all.dedup();
    let said = |places: &BTreeMap<String, String>, place: &String| places.get(place).cloned().unwrap_or_default();
    all.into_iter()
        .map(|place| Difference { place: place.clone(), before: said(&before, place), after: said(&after, place) })
        .filter(|difference| difference.before != difference.after)
        .collect()
}

fn places(source: &str) -> BTreeMap<String, String> {
    let mut places = BTreeMap::new();
    if let Ok(table) = source.parse::<toml::Table>() {
        flatten("", &toml::Value::Table(table), &mut places);
    }
    places
}

fn flatten(place: &str, value: &toml::Value, places: &mut BTreeMap<String, String>) {
    let below = |key: &str| if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") };
    match value {
        toml::Value::Table(table) => table.iter().for_each(|(key, value)| flatten(&below(key), value, places)),
        toml::Value::Array(items) if items.iter().any(toml::Value::is_table) => {
            items.iter().zip(1..).for_each(|(value, number)| flatten(&below(&number.to_string()), value, places));
        }
        other => {
            places.insert(place.to_owned(), other.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named_by_its_place_and_comments_do_not_count() {
        let before = "# a\n[votes.ecab]\nquorum = \"1/2\"\nchair = true\n[[step]]\nhours = 1\n";
        let after = "[[step]]\nhours = 2\n[[step]]\nhours = 9\n[votes.ecab]\nquorum = \"1/2\" # b\n";
        let told: Vec<String> = differences(before, after)
            .into_iter()
            .map(|one| format!("{}: {} → {}", one.place, one.before, one.after))
            .collect();
        assert_eq!(told, ["step.1.hours: 1 → 2", "step.2.hours:  → 9", "votes.ecab.chair: true → "]);
        assert_eq!(differences(before, before), []);
    }
}
