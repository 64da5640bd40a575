//! Fuzzing for tests: seeds are mutated until the time is over, and what breaks a target is made small and kept.
//!
//! Seeds of a target stand in `tests/corpus/<target>/`, what was found beside them as `found-…`: those come first, in
//! every run. Where `WARDROOM_CORPUS` names a folder of real samples, they are seeds too. `WARDROOM_FUZZ_SECONDS` is the
//! time of each target.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Enough to notice a careless change, where nobody asked for more.
const SECONDS: u64 = 2;
/// Steps by which a finding is made smaller.
const SMALLER_MAX: usize = 400;
/// Larger samples only cost time.
const SEED_BYTES_MAX: u64 = 64 * 1_024;

/// What people, libraries and attackers write where something else is expected. Not all of it is JSON.
const ODD: [&str; 26] = [
    "null",
    "true",
    "0",
    "-1",
    "-0",
    "1e308",
    "1e400",
    "0.1",
    "9223372036854775808",
    "18446744073709551616",
    "\"\"",
    "\" \"",
    "\"0\"",
    "\"\\u0000\"",
    "\"<@U0ANA>\"",
    "\"<!channel> @everyone\"",
    "\"\u{1f525}\u{202e}evil\"",
    "\"\\ud83d\"",
    "[]",
    "[null]",
    "{}",
    "{\"id\":null}",
    "[[[[[[]]]]]]",
    "\"18446744073709551615\"",
    "\"900000000000000001\"",
    "\"https://example.com/\"",
];

/// Pieces of what is typed.
const PIECES: [&str; 34] = [
    " ",
    "\n",
    "\t",
    "\0",
    "“",
    "”",
    "‘",
    "’",
    "–",
    "—",
    "…",
    ":",
    "svc:",
    "why:",
    "sev1",
    "INC-1",
    "CHG-99",
    "<@U0ANA>",
    "<@1>",
    "<#C1|x>",
    "<!channel>",
    "@everyone",
    "@here",
    "&lt;",
    "&amp;",
    "%00",
    "%",
    "+",
    "&",
    "=",
    "`",
    "**",
    "\\",
    "\u{200b}\u{ad}\u{feff}\u{202e}🔥",
];

/// Names that the platforms use.
const NAMES: [&str; 12] = [
    "type",
    "id",
    "user",
    "channel",
    "token",
    "payload",
    "actions",
    "envelope_id",
    "data",
    "custom_id",
    "values",
    "options",
];

/// One change to a seed.
#[derive(Debug, Clone)]
enum Mutation {
    Drop(Index),
    Replace(Index, Index),
    Wrap(Index),
    Copy(Index, Index),
    Deep(Index, u16),
    Huge(Index, u16),
    AddKey(Index, Index, Index),
    Insert(Index, Index),
    Cut(Index, u8),
    Flip(Index, u8),
    Truncate(Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    proptest::prop_oneof![
        4 => at().prop_map(Mutation::Drop),
        6 => (at(), at()).prop_map(|(at, odd)| Mutation::Replace(at, odd)),
        2 => at().prop_map(Mutation::Wrap),
        2 => (at(), at()).prop_map(|(from, to)| Mutation::Copy(from, to)),
        1 => (at(), 1u16..300).prop_map(|(at, depth)| Mutation::Deep(at, depth)),
        1 => (at(), any::<u16>()).prop_map(|(at, length)| Mutation::Huge(at, length)),
        3 => (at(), at(), at()).prop_map(|(at, name, odd)| Mutation::AddKey(at, name, odd)),
        4 => (at(), at()).prop_map(|(at, piece)| Mutation::Insert(at, piece)),
        2 => (at(), any::<u8>()).prop_map(|(at, length)| Mutation::Cut(at, length)),
        2 => (at(), any::<u8>()).prop_map(|(at, bits)| Mutation::Flip(at, bits)),
        1 => at().prop_map(Mutation::Truncate),
    ]
}

/// Runs a target until its time is over. `samples` are folders of real samples that suit it.
pub(crate) fn fuzz(target: &str, samples: &[&str], check: impl Fn(&[u8])) {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(target);
    let mut seeds = Vec::new();
    for path in files(&home) {
        let seed = std::fs::read(&path).expect("a seed can be read");
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("found-")) {
            // What was found once must not come back.
            check(&seed);
        }
        seeds.push(seed);
    }
    assert!(!seeds.is_empty(), "{} has no seeds", home.display());
    let (ours, elsewhere) = (seeds.len(), std::env::temp_dir());
    if let Some(corpus) = std::env::var_os("WARDROOM_CORPUS") {
        for path in samples.iter().flat_map(|folder| files(&Path::new(&corpus).join(folder))) {
            if path.metadata().is_ok_and(|metadata| metadata.len() <= SEED_BYTES_MAX) {
                seeds.extend(std::fs::read(&path));
            }
        }
    }
    let seconds = std::env::var("WARDROOM_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let (time, began) = (Duration::from_secs(seconds.unwrap_or(SECONDS)), Instant::now());
    let mut runner = TestRunner::default();
    let strategy = (any::<Index>(), vec(mutation(), 0..7));
    let mut cases = 0u64;
    while began.elapsed() < time {
        let mut tree = strategy.new_tree(&mut runner).expect("the strategy yields");
        let input = |(seed, mutations): (Index, Vec<Mutation>)| mutated(&seeds[seed.index(seeds.len())], &mutations);
        if let Err(panic) = run(&check, &input(tree.current())) {
            let smallest = smaller(&mut tree, |case| run(&check, &input(case)).is_err());
            // A real sample is not ours to keep: what came of one has to be written anew by hand.
            let is_ours = smallest.0.index(seeds.len()) < ours;
            let kept = keep(if is_ours { &home } else { &elsewhere }, &input(smallest));
            eprintln!("fuzz {target}: broken, kept as {}", kept.display());
            resume_unwind(panic);
        }
        cases += 1;
    }
    let rate = cases / began.elapsed().as_secs().max(1);
    eprintln!("fuzz {target}: {cases} cases from {} seeds, {rate}/s, nothing found", seeds.len());
}

fn run(check: &impl Fn(&[u8]), input: &[u8]) -> Result<(), Box<dyn std::any::Any + Send>> {
    catch_unwind(AssertUnwindSafe(|| check(input)))
}

fn smaller<T: ValueTree>(tree: &mut T, fails: impl Fn(T::Value) -> bool) -> T::Value {
    for _ in 0..SMALLER_MAX {
        if !tree.simplify() {
            break;
        }
        while !fails(tree.current()) && tree.complicate() {}
    }
    tree.current()
}

fn keep(home: &Path, input: &[u8]) -> PathBuf {
    let name = crate::ledger::hex(&Sha256::digest(input)[..4]);
    let path = home.join(format!("found-{name}"));
    std::fs::write(&path, input).expect("a finding can be kept");
    path
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn mutated(seed: &[u8], mutations: &[Mutation]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for mutation in mutations {
        bytes = match serde_json::from_slice::<Value>(&bytes) {
            Ok(mut value) if value.is_object() || value.is_array() => {
                if in_json(&mut value, mutation) {
                    value.to_string().into_bytes()
                } else {
                    in_text(bytes, mutation)
                }
            }
            _ => in_text(bytes, mutation),
        };
    }
    bytes
}

/// Changes a part of a document; false where the change is one of text.
fn in_json(value: &mut Value, mutation: &Mutation) -> bool {
    let parts = count(value);
    match mutation {
        Mutation::Drop(at) => drop_part(value, &mut at.index(parts)),
        Mutation::Replace(at, odd) => {
            let Ok(odd) = serde_json::from_str(pick(*odd, &ODD)) else { return false };
            *part(value, &mut at.index(parts)).expect("it is counted") = odd;
        }
        Mutation::Wrap(at) => {
            let part = part(value, &mut at.index(parts)).expect("it is counted");
            *part = match part.take() {
                Value::String(text) => Value::Array(vec![Value::String(text)]),
                Value::Array(items) => items.into_iter().next().unwrap_or_default(),
                other => Value::String(other.to_string()),
            };
        }
        Mutation::Copy(from, to) => {
            let copied = part(value, &mut from.index(parts)).expect("it is counted").clone();
            *part(value, &mut to.index(parts)).expect("it is counted") = copied;
        }
        Mutation::Deep(at, depth) => {
            let part = part(value, &mut at.index(parts)).expect("it is counted");
            // Deeper than serde_json reads: then what is tested is that it says so.
            *part = (0..*depth).fold(part.take(), |inner, _| Value::Array(vec![inner]));
        }
        Mutation::Huge(at, length) => {
            *part(value, &mut at.index(parts)).expect("it is counted") = Value::String("ä".repeat((*length).into()));
        }
        Mutation::AddKey(..)
        | Mutation::Insert(..)
        | Mutation::Cut(..)
        | Mutation::Flip(..)
        | Mutation::Truncate(_) => return false,
    }
    true
}

fn in_text(mut bytes: Vec<u8>, mutation: &Mutation) -> Vec<u8> {
    let place = |index: &Index| index.index(bytes.len() + 1);
    match mutation {
        Mutation::AddKey(at, name, odd) => {
            let objects: Vec<usize> = (0..bytes.len()).filter(|i| bytes[*i] == b'{').collect();
            if !objects.is_empty() {
                // The same key twice, where it is there already.
                let key = format!("\"{}\":{},", pick(*name, &NAMES), pick(*odd, &ODD));
                let at = objects[at.index(objects.len())] + 1;
                bytes.splice(at..at, key.into_bytes());
            }
        }
        Mutation::Replace(at, piece) | Mutation::Insert(at, piece) | Mutation::Copy(at, piece) => {
            let at = place(at);
            bytes.splice(at..at, pick(*piece, &PIECES).bytes());
        }
        Mutation::Huge(at, length) => {
            let at = place(at);
            bytes.splice(at..at, "x ".repeat(usize::from(*length) / 4).into_bytes());
        }
        Mutation::Deep(at, depth) => {
            let at = place(at);
            bytes.splice(at..at, "[".repeat((*depth).into()).into_bytes());
        }
        Mutation::Cut(at, length) => {
            let at = place(at);
            let end = (at + usize::from(*length)).min(bytes.len());
            bytes.drain(at..end);
        }
        Mutation::Flip(at, bits) if !bytes.is_empty() => {
            let at = at.index(bytes.len());
            bytes[at] ^= bits;
        }
        Mutation::Truncate(at) | Mutation::Drop(at) => {
            let at = place(at);
            bytes.truncate(at);
        }
        Mutation::Wrap(_) | Mutation::Flip(..) => {}
    }
    bytes
}

fn pick(index: Index, from: &[&'static str]) -> &'static str {
    from[index.index(from.len())]
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// The part that `left` others come before.
fn part<'v>(value: &'v mut Value, left: &mut usize) -> Option<&'v mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| part(item, left)),
        Value::Object(fields) => fields.values_mut().find_map(|field| part(field, left)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Removes the part that `left` others come before, with its name.
fn drop_part(value: &mut Value, left: &mut usize) {
    let mut goes = |value: &mut Value| {
        if *left == 1 {
            *left = 0;
            return false;
        }
        if *left > 1 {
            *left -= 1;
            drop_part(value, left);
        }
        true
    };
    match value {
        Value::Array(items) => items.retain_mut(goes),
        Value::Object(fields) => fields.retain(|_, field| goes(field)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
