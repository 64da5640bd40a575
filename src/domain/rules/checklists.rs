//! Rule 4.39: what has to be ticked before a change or an incident goes on.

use serde::{Deserialize, Serialize};

use super::ruling::listed;
use super::{Ruling, Span};

/// Minutes of an hour: ages are counted in minutes, and limits said in hours.
const HOUR: u32 = 60;

words! {
    /// A step that open items hold up. In the order in which a record passes them.
    Gate {
        Submit = "submit", "it is submitted";
        Approve = "approve", "it is approved";
        Start = "start", "it starts";
        Validate = "validate", "it is validated";
        Close = "close", "it is closed";
    }
}

words! {
    /// What shows that an item is done.
    ItemEvidence {
        Text = "text", "a few words";
        Link = "link", "a link (https://…)";
        Hash = "hash", "a hash (32 to 128 hexadecimal digits)";
        Number = "number", "a number";
        Person = "person", "a person of the organisation (@name)";
    }
}

impl ItemEvidence {
    /// What is asked for where nothing else is.
    pub(in crate::domain) fn in_words() -> ItemEvidence {
        ItemEvidence::Text
    }

    /// Whether these words can be it. A person is looked up, not read from words.
    pub fn is_met_by(self, words: &str) -> bool {
        match self {
            ItemEvidence::Text => !words.is_empty(),
            ItemEvidence::Link => words
                .strip_prefix("https://")
                .is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace)),
            ItemEvidence::Hash => {
                let digits = words.rsplit_once(':').map_or(words, |(_, digits)| digits);
                (32..=128).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
            ItemEvidence::Number => words.parse::<f64>().is_ok_and(f64::is_finite),
            ItemEvidence::Person => false,
        }
    }
}

/// Something that has to be done, and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistItem {
    /// One word that stays when the text is put better.
    pub key: String,
    /// It holds up this step and every later one.
    pub before: Gate,
    pub what: String,
    #[serde(default = "ItemEvidence::in_words")]
    pub evidence: ItemEvidence,
    /// For so many hours what its evidence shows counts, from when that was done; always, where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_hours: Option<u32>,
}

impl ChecklistItem {
    /// For so long what its evidence shows counts; `None`: always.
    pub fn counts_for(&self) -> Option<Span> {
        self.max_age_hours.map(|hours| Span::Minutes(hours.saturating_mul(HOUR)))
    }

    /// Whether what was done so many minutes ago shows nothing any more.
    pub fn is_outgrown(&self, age_minutes: i64) -> bool {
        self.max_age_hours.is_some_and(|hours| age_minutes > i64::from(hours) * i64::from(HOUR))
    }

    /// Its step asks for young evidence, and of what was shown earlier the start asks again. What began in time is not
    /// held up by a clock that ran on.
    fn is_outgrown_before(&self, gate: Gate, age_minutes: i64) -> bool {
        gate <= self.before.max(Gate::Start) && self.is_outgrown(age_minutes)
    }
}

/// An item that is ticked, or waived by two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownItem<'a> {
    pub key: &'a str,
    /// Minutes since what its evidence shows was done, where that was said.
    pub age_minutes: Option<i64>,
}

/// Rule 4.39: those of the items that hold up this step: not shown, or shown by what is too old by now.
pub fn open_items<'a>(
    items: impl IntoIterator<Item = &'a ChecklistItem>,
    gate: Gate,
    shown: &[ShownItem<'_>],
) -> Ruling<Vec<&'a ChecklistItem>> {
    let of = |item: &ChecklistItem| shown.iter().find(|one| one.key == item.key);
    let outgrown = |item: &ChecklistItem| {
        let age = of(item).and_then(|shown| shown.age_minutes);
        age.filter(|age| item.is_outgrown_before(gate, *age))
    };
    let is_open = |item: &&ChecklistItem| item.before <= gate && (of(item).is_none() || outgrown(item).is_some());
    let open: Vec<&ChecklistItem> = items.into_iter().filter(is_open).collect();
    let sentence = if open.is_empty() {
        format!("Nothing on the checklist is open before {gate}.")
    } else {
        let names: Vec<String> = open.iter().map(|item| asked_for(item, outgrown(item))).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        format!("Before {gate}, the checklist asks for {}.", listed(&names, "and"))
    };
    Ruling::new("4.39", open, sentence)
}

/// An open item as a refusal names it: with its age, where it had been shown.
pub fn asked_for(item: &ChecklistItem, outgrown_minutes: Option<i64>) -> String {
    match (outgrown_minutes, item.counts_for()) {
        (Some(age), Some(most)) => {
            format!("{} (what was shown is {} old, and counts for {most})", item.what, age_in_words(age))
        }
        _ => item.what.clone(),
    }
}

words! {
    /// Whether what was done at a moment can show that an item is done.
    EvidenceAge {
        Counts = "counts", "it counts";
        Unsaid = "unsaid", "nobody said when it was done";
        Ahead = "ahead", "it is still to come";
        TooOld = "too_old", "it is too old";
    }
}

/// Rule 4.39: whether an item may be ticked with what was done so many minutes ago; negative is still to come, `None` was
/// not said.
pub fn evidence_age(item: &ChecklistItem, age_minutes: Option<i64>) -> Ruling<EvidenceAge> {
    let (verdict, sentence) = match (age_minutes, item.counts_for()) {
        (None, Some(most)) => {
            (EvidenceAge::Unsaid, format!("The evidence of “{}” counts for {most}: when was it done?", item.what))
        }
        (Some(age), _) if age < 0 => {
            (EvidenceAge::Ahead, format!("What shows “{}” has been done; that moment is still to come.", item.what))
        }
        (Some(age), Some(most)) if item.is_outgrown(age) => (
            EvidenceAge::TooOld,
            format!("What was done {} ago does not show “{}”: it counts for {most}.", age_in_words(age), item.what),
        ),
        (None | Some(_), _) => (EvidenceAge::Counts, format!("It shows “{}”.", item.what)),
    };
    Ruling::new("4.39", verdict, sentence)
}

/// `26 hours and 5 minutes`, `3 days and 2 hours`: to the minute within two days.
fn age_in_words(minutes: i64) -> String {
    let two = |(many, unit): (i64, &str), (few, part): (i64, &str)| match (many, few) {
        (0, few) => counted(few, part),
        (many, 0) => counted(many, unit),
        (many, few) => format!("{} and {}", counted(many, unit), counted(few, part)),
    };
    let (hour, day) = (i64::from(HOUR), 24 * i64::from(HOUR));
    if minutes < 2 * day {
        two((minutes / hour, "hour"), (minutes % hour, "minute"))
    } else {
        two((minutes / day, "day"), (minutes % day / hour, "hour"))
    }
}

fn counted(count: i64, unit: &str) -> String {
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::Policy;

    fn shown(key: &str, age_minutes: Option<i64>) -> ShownItem<'_> {
        ShownItem { key, age_minutes }
    }

    #[test]
    fn an_open_item_is_named_until_it_is_ticked() {
        let policy = Policy::sample();
        let network = &policy.checklists["network"];
        let open = open_items(network, Gate::Start, &[shown("security_seat", None)]);
        assert_eq!(open.sentence, "Before it starts, the checklist asks for access to the console.");
        let both = [shown("security_seat", None), shown("console_access", None)];
        let ticked = open_items(network, Gate::Start, &both);
        assert_eq!(ticked.sentence, "Nothing on the checklist is open before it starts.");
    }

    fn dated(before: Gate, max_age_hours: Option<u32>) -> ChecklistItem {
        let (key, what) = ("backup".to_owned(), "a backup".to_owned());
        ChecklistItem { key, before, what, evidence: ItemEvidence::Link, max_age_hours }
    }

    #[test]
    fn what_is_shown_is_young_enough_or_asked_for_anew() {
        for (max_age_hours, age, verdict) in [
            (None, None, EvidenceAge::Counts),
            (None, Some(999_999), EvidenceAge::Counts),
            (None, Some(-1), EvidenceAge::Ahead),
            (Some(24), None, EvidenceAge::Unsaid),
            (Some(24), Some(-1), EvidenceAge::Ahead),
            (Some(24), Some(0), EvidenceAge::Counts),
            (Some(24), Some(24 * 60), EvidenceAge::Counts),
            (Some(24), Some(24 * 60 + 1), EvidenceAge::TooOld),
        ] {
            assert_eq!(
                evidence_age(&dated(Gate::Start, max_age_hours), age).verdict,
                verdict,
                "{max_age_hours:?} {age:?}"
            );
        }
        let said = evidence_age(&dated(Gate::Start, Some(24)), Some(26 * 60 + 5)).sentence;
        assert_eq!(said, "What was done 26 hours and 5 minutes ago does not show “a backup”: it counts for 24 hours.");
    }

    #[test]
    fn age_holds_up_the_start_and_an_items_own_step_and_nothing_later() {
        for (before, gate, holds) in [
            (Gate::Submit, Gate::Approve, true),
            (Gate::Submit, Gate::Start, true),
            (Gate::Start, Gate::Start, true),
            (Gate::Start, Gate::Validate, false),
            (Gate::Start, Gate::Close, false),
            (Gate::Validate, Gate::Start, false),
            (Gate::Validate, Gate::Validate, true),
            (Gate::Validate, Gate::Close, false),
            (Gate::Close, Gate::Close, true),
        ] {
            let item = dated(before, Some(24));
            let at = |minutes| !open_items([&item], gate, &[shown("backup", Some(minutes))]).verdict.is_empty();
            assert_eq!((at(24 * 60), at(24 * 60 + 1)), (false, holds), "{before} {gate}");
        }
        let item = dated(Gate::Start, Some(24));
        assert_eq!(
            open_items([&item], Gate::Start, &[shown("backup", Some(3 * 24 * 60 + 61))]).sentence,
            "Before it starts, the checklist asks for a backup (what was shown is 3 days and 1 hour old, and counts for \
             24 hours)."
        );
    }

    #[test]
    fn evidence_is_of_its_kind() {
        let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        for (evidence, words, met) in [
            (ItemEvidence::Text, "done by hand", true),
            (ItemEvidence::Text, "", false),
            (ItemEvidence::Link, "https://ci.example/1", true),
            (ItemEvidence::Link, "http://ci.example/1", false),
            (ItemEvidence::Link, "https://", false),
            (ItemEvidence::Link, "https://ci.example/1 and more", false),
            (ItemEvidence::Hash, hash, true),
            (ItemEvidence::Hash, "sha256:9f86d081884c7d659a2feaa0c55ad015", true),
            (ItemEvidence::Hash, &hash[..31], false),
            (ItemEvidence::Hash, "not a hash at all, by any measure of it", false),
            (ItemEvidence::Number, "-4.5", true),
            (ItemEvidence::Number, "inf", false),
            (ItemEvidence::Number, "four", false),
            (ItemEvidence::Person, "Ana Ruiz", false),
        ] {
            assert_eq!(evidence.is_met_by(words), met, "{evidence}: {words}");
        }
    }
}
