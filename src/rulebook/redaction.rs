//! What is taken out of a text before others learn from it: names of people, addresses, secrets, what the policy says that
//! customers are known by, and what somebody marked.
//!
//! A text is looked at more than once: as it stands, without the marks of Slack and Discord, and without underscores, so
//! that `AKIA*IOSF*…` and `e_ri_ka` are found too. What is found in any of them goes.

use std::collections::BTreeMap;
use std::ops::Range;

use regex::{Regex, RegexBuilder};
use unicode_normalization::UnicodeNormalization;

/// Customers are known by a few kinds of numbers.
const PATTERNS_MAX: usize = 20;
const PATTERN_CHARS_MAX: usize = 200;
/// What a compiled pattern may take: one that counts to a million is refused.
const PATTERN_BYTES_MAX: usize = 1 << 20;
/// A token that is drawn at random has more than this; a word of a language, or a name of a host, has less.
const ENTROPY_BITS_MIN: f64 = 3.3;

/// Takes things out of texts, and remembers which person is which.
#[derive(Debug)]
pub struct Redactor {
    rules: Vec<Rule>,
    people: Vec<Regex>,
    /// The letters that people have been given, in the order in which they came.
    letters: BTreeMap<usize, String>,
}

#[derive(Debug)]
struct Rule {
    name: &'static str,
    regex: Regex,
    /// Whether what was found is meant.
    is_meant: fn(&str) -> bool,
}

/// A text without what was found in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    pub text: String,
    /// By which rules something went, once for each thing.
    pub rules: Vec<&'static str>,
}

/// Something found, and what it was.
struct Found {
    span: Range<usize>,
    /// The first of them decides what is said in its place.
    rank: usize,
}

/// A text as it is looked at: each of its bytes knows the bytes of the source that it comes from.
struct View {
    text: String,
    from: Vec<Range<usize>>,
}

/// The rule by which people get letters.
pub const PERSON: &str = "person";

/// Its name, its pattern, and whether what was found is meant.
type BuiltIn = (&'static str, &'static str, fn(&str) -> bool);

/// The built-in rules, the surest first.
const RULES: &[BuiltIn] = &[
    ("private key", r"(?s)-----BEGIN [A-Z ]{3,40}-----.*?(?:-----END [A-Z ]{3,40}-----|\z)", always),
    ("secret", r"\b(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[0-9A-Z]{16}", always),
    ("secret", r"\b(?:gh[pousr]|github_?pat)_?[0-9A-Za-z_]{20,255}", always),
    ("secret", r"\b(?:xox[abeoprs]|xapp)-?[0-9A-Za-z-]{8,255}", always),
    ("secret", r"\bbearer\s{1,3}[A-Za-z0-9._~+/=-]{8,}", always),
    ("secret", r"\b(?:password|passwd|passphrase|secret|token|api[ _-]?key)\s{0,3}(?:is|[:=])\s{0,3}\S{4,}", always),
    ("e-mail address", r"[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}.-]+\.\p{L}{2,}", always),
    ("address", r"\b(?:\d{1,3}\.){3}\d{1,3}\b", always),
    (
        "address",
        r"(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}|::(?:[0-9a-f]{1,4}:){0,5}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){1,7}:",
        always,
    ),
    ("number", r"\+?\d[\d\s()/.-]{5,40}\d", has_seven_digits),
    ("token", r"[A-Za-z0-9+/_=-]{20,}", is_random),
];

fn always(_: &str) -> bool {
    true
}

/// As telephones, cards and accounts have; a version or a port has fewer.
fn has_seven_digits(found: &str) -> bool {
    found.chars().filter(char::is_ascii_digit).count() >= 7
}

fn is_random(found: &str) -> bool {
    let mixed = found.chars().any(|c| c.is_ascii_digit()) && found.chars().any(char::is_alphabetic);
    mixed && entropy_bits(found) > ENTROPY_BITS_MIN
}

/// Bits of a character, by how often each comes (Shannon).
#[expect(clippy::cast_precision_loss, reason = "a token has a few hundred characters")]
fn entropy_bits(text: &str) -> f64 {
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    for c in text.chars() {
        *counts.entry(c).or_default() += 1;
    }
    let all = text.chars().count() as f64;
    counts.values().map(|count| *count as f64 / all).map(|share| -share * share.log2()).sum()
}

/// What is wrong with a pattern of a policy file; `None` where nothing is.
pub fn pattern_problem(pattern: &str) -> Option<String> {
    if pattern.chars().count() > PATTERN_CHARS_MAX {
        return Some(format!("a pattern has at most {PATTERN_CHARS_MAX} characters"));
    }
    match compile(pattern) {
        Ok(regex) if regex.is_match("") => Some("it matches nothing at all, and so everywhere".to_owned()),
        Ok(_) => None,
        Err(error) => Some(error.to_string().lines().last().unwrap_or_default().trim().to_owned()),
    }
}

/// More patterns than this make no sense.
pub fn too_many(patterns: usize) -> Option<String> {
    (patterns > PATTERNS_MAX).then(|| format!("{patterns} patterns are too many: at most {PATTERNS_MAX}"))
}

fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).case_insensitive(true).size_limit(PATTERN_BYTES_MAX).build()
}

impl Redactor {
    /// `people`: for each everything that they are called by. `Err` names a pattern that cannot be read.
    pub fn new(people: &[Vec<String>], customer_ids: &[String], marks: &[String]) -> Result<Redactor, String> {
        let mut rules = Vec::new();
        let mut add = |name, pattern: &str, is_meant| -> Result<(), String> {
            let regex = compile(pattern).map_err(|_| format!("“{pattern}” is no pattern"))?;
            rules.push(Rule { name, regex, is_meant });
            Ok(())
        };
        for mark in marks {
            if let Some(pattern) = literal(mark) {
                add("mark", &pattern, always)?;
            }
        }
        for pattern in customer_ids {
            add("customer", pattern, always)?;
        }
        for (name, pattern, is_meant) in RULES {
            add(name, pattern, *is_meant)?;
        }
        let person = |names: &Vec<String>| {
            let mut names: Vec<&String> = names.iter().filter(|name| name.chars().count() >= 2).collect();
            names.sort_by_key(|name| std::cmp::Reverse(name.len()));
            let known: Vec<String> = names.into_iter().filter_map(|name| literal(name)).collect();
            if known.is_empty() { compile("$^") } else { compile(&known.join("|")) }
        };
        let people = people.iter().map(person).collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        Ok(Redactor { rules, people, letters: BTreeMap::new() })
    }

    /// The text without what the rules find in it.
    pub fn redact(&mut self, text: &str) -> Redacted {
        let source: String = text.nfc().collect();
        let mut found = Vec::new();
        for skipped in [invisible, markup, markup_and_underscore] {
            self.find(&View::of(&source, skipped), &mut found);
        }
        found.sort_by_key(|one| (one.span.start, one.rank));
        let (mut redacted, mut end, mut rules) = (String::with_capacity(source.len()), 0, Vec::new());
        for one in found {
            if one.span.start < end {
                end = end.max(one.span.end);
                continue;
            }
            redacted.push_str(&source[end..one.span.start]);
            let (name, instead) = self.instead(one.rank);
            redacted.push_str(&instead);
            rules.push(name);
            end = one.span.end;
        }
        redacted.push_str(&source[end..]);
        Redacted { text: redacted, rules }
    }

    fn find(&self, view: &View, found: &mut Vec<Found>) {
        for (rank, rule) in self.rules.iter().enumerate() {
            let meant = rule.regex.find_iter(&view.text).filter(|one| (rule.is_meant)(one.as_str()));
            found.extend(meant.filter_map(|one| view.source(one.range())).map(|span| Found { span, rank }));
        }
        for (person, regex) in self.people.iter().enumerate() {
            let rank = self.rules.len() + person;
            let all = regex.find_iter(&view.text);
            found.extend(all.filter_map(|one| view.source(one.range())).map(|span| Found { span, rank }));
        }
    }

    /// The rule, and what stands in the place of what it found.
    fn instead(&mut self, rank: usize) -> (&'static str, String) {
        if let Some(rule) = self.rules.get(rank) {
            return (rule.name, format!("[{}]", rule.name));
        }
        let next = letters(self.letters.len());
        let letter = self.letters.entry(rank).or_insert(next);
        (PERSON, format!("Person {letter}"))
    }
}

/// What a person should look at once more: it was not taken out, and looks as if it might have to be.
pub fn suspicious(text: &str) -> Vec<String> {
    let looks =
        r"\S{0,20}\d{5,}\S{0,20}|\S*@\S+|\b(?:password|passphrase|secret|token|iban|passport|birth\w*)\b.{0,20}";
    let Ok(regex) = compile(looks) else { return Vec::new() };
    regex.find_iter(text).map(|one| one.as_str().trim().to_owned()).collect()
}

/// A pattern for words as they are written, whatever stands between them.
fn literal(words: &str) -> Option<String> {
    let normal: String = words.nfkc().collect();
    let parts: Vec<String> = normal.split_whitespace().map(regex::escape).collect();
    let edge = |c: Option<char>| if c.is_some_and(char::is_alphanumeric) { r"\b" } else { "" };
    let (before, after) = (edge(normal.trim().chars().next()), edge(normal.trim().chars().next_back()));
    (!parts.is_empty()).then(|| format!("{before}{}{after}", parts.join(r"[\s._-]{1,3}")))
}

/// A, B, … Z, AA, …
fn letters(nth: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(nth % 26).unwrap_or_default());
    if nth < 26 { letter.to_string() } else { format!("{}{letter}", letters(nth / 26 - 1)) }
}

impl View {
    fn of(source: &str, is_skipped: fn(char) -> bool) -> View {
        let mut view = View { text: String::with_capacity(source.len()), from: Vec::with_capacity(source.len()) };
        for (start, c) in source.char_indices().filter(|(_, c)| !is_skipped(*c)) {
            let span = start..start + c.len_utf8();
            for plain in std::iter::once(c).nfkc() {
                view.text.push(plain);
                view.from.extend(std::iter::repeat_n(span.clone(), plain.len_utf8()));
            }
        }
        view
    }

    /// Where a stretch of it is in the source; `None` for an empty one.
    fn source(&self, of: Range<usize>) -> Option<Range<usize>> {
        (!of.is_empty()).then(|| self.from[of.start].start..self.from[of.end - 1].end)
    }
}

/// What nobody sees, and what keeps words from being found.
fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

fn markup(c: char) -> bool {
    invisible(c) || matches!(c, '*' | '~' | '`' | '|' | '<' | '>' | '\\')
}

fn markup_and_underscore(c: char) -> bool {
    markup(c) || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        let ana = ["Ana Ruiz", "Ana", "Ruiz", "ana@harbour.example", "U0ANA"].map(str::to_owned).to_vec();
        let tom = ["Tom Weber", "Tom", "Weber"].map(str::to_owned).to_vec();
        let marks = ["project nightjar".to_owned()];
        Redactor::new(&[ana, tom], &[r"KD-\d{4,}".to_owned()], &marks).expect("sound patterns")
    }

    fn redacted(text: &str) -> String {
        redactor().redact(text).text
    }

    #[test]
    fn whatever_could_hurt_somebody_goes_in_any_casing_and_split_by_marks() {
        for (text, expected) in [
            ("write to erika@mail.example now", "write to [e-mail address] now"),
            ("ERIKA.M@Mail.Example", "[e-mail address]"),
            ("<mailto:erika@mail.example|erika@mail.example>", "<mailto:[e-mail address]>"),
            ("eri*ka*@mail.example", "[e-mail address]"),
            ("host 10.1.2.3:8080 and fe80::1ff:fe23:4567:890a", "host [address]:8080 and [address]"),
            ("call +49 (30) 1234-567", "call [number]"),
            ("card 4111 1111 1111 1111", "card [number]"),
            ("ｃａｒｄ ４１１１１１１１１１", "ｃａｒｄ [number]"),
            ("key AKIAIOSFODNN7EXAMPLE", "key [secret]"),
            ("key akiaiosfodnn7example", "key [secret]"),
            ("key AKIA*IOSF*ODNN7EX`AMPLE`", "key [secret]`"),
            ("key AKIA\u{200b}IOSFODNN7EXAMPLE", "key [secret]"),
            ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "[secret]"),
            ("xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy", "[secret]"),
            ("Authorization: Bearer eyJhbGciOi.J9", "Authorization: [secret]"),
            ("the PASSWORD is hunter22", "the [secret]"),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- then", "[private key] then"),
            ("s3 9f8Kq2LmXz7Rt4Wv1Bn6Yc3P ok", "s3 [token] ok"),
            ("customers kd-1234 and KD-99887", "customers [customer] and [customer]"),
            ("Project *Nightjar* and project_nightjar", "[mark]* and [mark]"),
        ] {
            assert_eq!(redacted(text), expected, "{text}");
        }
    }

    #[test]
    fn a_person_keeps_a_letter_and_what_is_harmless_stays() {
        let mut redactor = redactor();
        let first = redactor.redact("Tom Weber asks ANA, and ana asks tom; *R*uiz agrees");
        assert_eq!(first.text, "Person A asks Person B, and Person B asks Person A; *Person B agrees");
        assert_eq!(redactor.redact("Ana again").text, "Person B again");
        for harmless in
            ["T+00:12 rolled back to 4.2.1 at 14:02", "CHG-12 on payments, 502 for 12% of calls", "Anatomy of a tomb"]
        {
            assert_eq!(redacted(harmless), harmless);
        }
        assert_eq!([0, 25, 26, 52].map(letters), ["A", "Z", "AA", "BA"]);
    }

    #[test]
    fn what_may_have_to_go_is_shown_and_a_bad_pattern_is_named() {
        assert_eq!(suspicious("order 123456 by @someone"), ["order 123456"[6..].to_owned(), "@someone".to_owned()]);
        assert_eq!(suspicious("all is well"), Vec::<String>::new());
        assert_eq!(pattern_problem(r"KD-\d+"), None);
        for (pattern, words) in
            [("(", "unclosed group"), (".*", "matches nothing"), (r"(?:\d{9999}){9999}", "size limit")]
        {
            let problem = pattern_problem(pattern).expect(pattern);
            assert!(problem.contains(words), "{pattern}: {problem}");
        }
        assert!(pattern_problem(&"x".repeat(201)).is_some());
    }
}
