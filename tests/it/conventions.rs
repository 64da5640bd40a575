//! What every file of the crate keeps to, read from its own sources.

mod sources;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use wardroom::language::catalogue;
use wardroom::render::TEMPLATES;

use sources::{Source, has_word, named_in_braces, rust_sources, sources, words_after};

/// What a folder of `src` may name of the others, and why where the arrow is not the usual one. Everything may name
/// itself. Files at the top of `src` put the parts together: they may name anything, and only they may name each other.
const ARROWS: &[(&str, &[&str], &str)] = &[
    ("domain", &[], ""),
    ("language", &["domain", "render"], "a form is asked for in the shape that both platforms show: only those types"),
    ("ledger", &["address", "domain"], "a witness is asked over https"),
    ("render", &["domain"], ""),
    (
        "store",
        &["domain", "language", "ledger", "render"],
        "calls of open forms and sentences to say are stored as data",
    ),
    ("rulebook", &["domain"], ""),
    (
        "app",
        &["clock", "domain", "host_token", "language", "ledger", "render", "rulebook", "store"],
        "carries the tokens that checks of changes are asked with",
    ),
    (
        "platform",
        &["address", "app", "clock", "domain", "fuzz", "render", "telemetry"],
        "the age of a signed request counts in real time; its tests are fuzzed and read what is counted",
    ),
    (
        "jobs",
        &["app", "clock", "domain", "host_token", "ledger", "platform", "render", "store"],
        "jobs are what reaches the platforms after the commit; the notary signs in real time",
    ),
    (
        "web",
        &["app", "domain", "store", "telemetry"],
        "readiness names the platforms that are served and those that lost the bot; metrics are rendered where they are kept",
    ),
    (
        "audit",
        &["app", "cli", "clock", "config", "domain", "jobs", "ledger", "platform", "siem", "store"],
        "commands of operators and auditors: prints lines, signs and dates as the notary does, reads what chat keeps, and names what a log is compared with",
    ),
    ("siem", &["address", "ledger", "store"], "reads the log in the order of its tree, and keeps how far it got"),
    (
        "doctor",
        &["clock", "config", "domain", "platform", "registration", "render", "siem", "store"],
        "looks at everything that the bot would use",
    ),
    (
        "sandbox",
        &["clock", "domain", "language", "store"],
        "its people and commands are those of the organisation and catalogue; it signs requests in real time",
    ),
    ("cluster", &[], ""),
];

/// The types of `render` that the language may name.
const FORM_TYPES: [&str; 4] = ["Field", "FieldKind", "Form", "form"];

/// Who may name a library that has one place, and why.
const HOMES: &[(&str, &[(&str, &str)])] = &[
    (
        "serenity",
        &[
            ("src/platform/discord/", "the adapter"),
            ("src/sandbox/discord/tests/", "the real client keeps the sandbox honest"),
            ("src/telemetry.rs", "its warning at every orderly end is left out of the log"),
        ],
    ),
    (
        "slack_morphism",
        &[
            ("src/platform/slack/", "the adapter"),
            ("src/sandbox/slack/tests/", "its verifier keeps the sandbox's signatures honest"),
        ],
    ),
    (
        "sqlx",
        &[
            ("src/store/", "all SQL"),
            ("src/cluster/", "hands out the address of the Postgres that it started, and waits until it answers"),
            ("src/service.rs", "parses the address of the database"),
            ("src/cli.rs", "parses the address of the database"),
            ("src/doctor/database.rs", "parses the address of the database"),
            ("src/telemetry.rs", "how loud its log lines are"),
        ],
    ),
    (
        "graphile_worker",
        &[
            ("src/jobs/", "runs the queue"),
            ("src/store/job.rs", "puts jobs on the queue inside the one transaction"),
            ("src/store/migrate.rs", "the queue brings its own schema"),
            ("src/telemetry.rs", "how loud its log lines are"),
        ],
    ),
];

/// What the pure folders may use besides themselves.
const PURE_CRATES: [&str; 4] = ["std", "chrono", "chrono_tz", "serde"];
const PURE_FOLDERS: [&str; 2] = ["src/domain/", "src/language/"];
/// What touches the world, or asks it for the time or for chance.
const IMPURE: [&str; 12] = [
    "async",
    "await",
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "std::time",
    "Utc::now",
    "Local::now",
    "println",
];

const FILE_LINES_MAX: usize = 500;
/// Written by tools, read by tools.
const GENERATED: [&str; 1] = ["tests/clients/node/package-lock.json"];
const FUNCTION_LINES_MAX: usize = 70;

/// Split, so that this file does not find itself.
const UNFINISHED: [&str; 5] = [
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
    concat!("FIX", "ME"),
    concat!("TO", "DO"),
    concat!("XX", "X:"),
];
const UNFINISHED_IN_TEXTS: [&str; 6] =
    ["tbd", "coming soon", "not implemented", "lorem ipsum", "placeholder", "something went wrong"];

#[test]
fn arrows_between_folders_point_one_way() {
    let mut found = Findings::default();
    let mut used = BTreeSet::new();
    for source in rust_sources("src").iter().filter(|source| source.name.matches('/').count() > 1) {
        let home = source.folder();
        let Some((_, allowed, _)) = ARROWS.iter().find(|(folder, ..)| *folder == home) else {
            found.add(source, 1, &format!("{home} is not in the table of arrows"));
            continue;
        };
        for (line, code) in source.code() {
            for to in words_after(&code, "crate::").filter(|to| *to != home) {
                used.insert((home.to_owned(), to.to_owned()));
                if !allowed.contains(&to) {
                    found.add(source, line, &format!("{home} must not name {to}"));
                }
            }
            if code.contains("crate::{") || source.escapes(&code) {
                found.add(source, line, "hides what it names; name each part from `crate::`");
            }
            for name in named_in_braces(&code, "crate::render::").iter().filter(|_| home == "language") {
                if !FORM_TYPES.contains(name) {
                    found.add(source, line, &format!("the language must not name render::{name}"));
                }
            }
        }
    }
    found.none();
    for (home, allowed, _) in ARROWS {
        for to in *allowed {
            assert!(used.contains(&((*home).to_owned(), (*to).to_owned())), "{home} does not name {to} any more");
        }
    }
}

#[test]
fn domain_and_language_are_pure() {
    let foreign: Vec<String> =
        dependencies().into_iter().filter(|name| !PURE_CRATES.contains(&name.as_str())).collect();
    let mut found = Findings::default();
    for source in rust_sources("src").iter().filter(|source| source.is_in(&PURE_FOLDERS)) {
        for (line, code) in source.code_without_tests() {
            for name in &foreign {
                if has_word(&code, name) && code.contains(&format!("{name}::")) {
                    found.add(source, line, &format!("names {name}"));
                }
            }
            for word in IMPURE.iter().filter(|word| has_word(&code, word)) {
                found.add(source, line, &format!("is not pure: {word}"));
            }
        }
    }
    found.none();
}

#[test]
fn libraries_stay_in_their_one_place() {
    let mut found = Findings::default();
    for (library, homes) in HOMES {
        let mut lived_in = BTreeSet::new();
        for source in rust_sources("src") {
            for (line, code) in source.code() {
                if !has_word(&code, library) {
                    continue;
                }
                match homes.iter().find(|(home, _)| source.name.starts_with(home)) {
                    Some((home, _)) => drop(lived_in.insert(*home)),
                    None => found.add(&source, line, &format!("names {library}")),
                }
            }
        }
        for (home, why) in *homes {
            assert!(lived_in.contains(home), "{home} does not name {library} any more ({why})");
        }
    }
    found.none();
}

#[test]
fn only_the_clock_asks_what_time_it_is() {
    let mut found = Findings::default();
    let mut asked = 0;
    for source in rust_sources("src").iter().chain(&rust_sources("tests")) {
        for (line, code) in source.code() {
            let asks = ["Utc", "Local", "SystemTime"].iter().any(|of| code.contains(&format!("{of}::now")));
            match source.name.as_str() {
                "src/clock.rs" => asked += usize::from(asks),
                "tests/it/conventions.rs" => {}
                _ if asks => found.add(source, line, "asks what time it is"),
                _ => {}
            }
        }
    }
    found.none();
    assert_eq!(asked, 1, "the clock asks in one place");
}

#[test]
fn no_file_is_longer_than_500_lines() {
    let mut found = Findings::default();
    for source in sources("src").iter().chain(&sources("tests")) {
        let lines = source.text.lines().count();
        if lines > FILE_LINES_MAX && !GENERATED.contains(&source.name.as_str()) {
            found.add(source, FILE_LINES_MAX + 1, &format!("has {lines} lines"));
        }
    }
    found.none();
}

#[test]
fn no_function_is_longer_than_70_lines() {
    let mut found = Findings::default();
    let mut functions = 0;
    for source in rust_sources("src").iter().chain(&rust_sources("tests")) {
        for (line, name, lines) in source.functions() {
            functions += 1;
            if lines > FUNCTION_LINES_MAX {
                found.add(source, line, &format!("{name} has {lines} lines"));
            }
        }
    }
    found.none();
    assert!(functions > 500, "functions are found: {functions}");
}

#[test]
fn every_folder_of_the_source_says_what_it_is_for() {
    let mut found = Findings::default();
    let mut folders = BTreeSet::new();
    for source in rust_sources("src") {
        folders.extend(source.path.parent().map(Path::to_owned));
    }
    folders.remove(&root().join("src"));
    for folder in folders {
        let own = folder.join("mod.rs");
        let opening = if own.exists() { own } else { folder.with_extension("rs") };
        let source = Source::read(&opening);
        if !source.text.starts_with("//! ") {
            found.add(&source, 1, "does not say what the folder is for");
        }
    }
    found.none();
}

#[test]
fn nothing_is_left_unfinished() {
    let mut found = Findings::default();
    for folder in ["src", "tests", "migrations", "templates", "deploy"] {
        for source in sources(folder) {
            for (i, line) in source.text.lines().enumerate() {
                for word in UNFINISHED.iter().filter(|word| line.contains(*word)) {
                    found.add(&source, i + 1, &format!("is unfinished: {word}"));
                }
            }
        }
    }
    found.none();
}

#[test]
fn no_text_for_people_speaks_of_what_is_not_there() {
    let mut texts: Vec<(String, String)> =
        TEMPLATES.iter().map(|(name, source)| ((*name).to_owned(), (*source).to_owned())).collect();
    for verb in catalogue::verbs() {
        let name = format!("/{} {}", verb.command, verb.name);
        texts.push((name.clone(), format!("{} {}", verb.summary, verb.example)));
        texts.extend(verb.args.iter().map(|arg| (name.clone(), format!("{} {}", arg.label, arg.hint))));
    }
    for (name, text) in texts {
        let text = text.to_lowercase();
        for word in UNFINISHED_IN_TEXTS {
            assert!(!has_word(&text, word), "{name} says “{word}”: {text}");
        }
    }
}

#[test]
fn the_top_of_the_repository_holds_what_it_should() {
    let ignored = std::fs::read_to_string(root().join(".gitignore")).expect("a .gitignore");
    let ignored: Vec<&str> = ignored.lines().map(|line| line.trim_matches('/')).collect();
    let entries = std::fs::read_dir(root()).expect("the repository can be read");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| !name.starts_with('.') && !ignored.contains(&name.as_str()) && !name.starts_with("LICENSE"));
    names.sort_unstable();
    assert_eq!(
        names,
        ["Cargo.lock", "Cargo.toml", "README.md", "deploy", "migrations", "src", "templates", "tests"],
        "the top level is fixed"
    );
}

#[test]
fn the_binary_carries_every_template_and_no_other() {
    let files: BTreeSet<String> = sources("templates")
        .iter()
        .map(|file| file.name.trim_start_matches("templates/").trim_end_matches(".hbs").to_owned())
        .collect();
    let carried: BTreeSet<String> = TEMPLATES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(files, carried);
    assert!(TEMPLATES.is_sorted(), "the list is sorted, so that two branches that add a template merge");
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The dependencies of the manifest, as code names them.
fn dependencies() -> Vec<String> {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    let section =
        manifest.split("[dependencies]").nth(1).expect("dependencies").split("\n[").next().expect("a section");
    let names = section.lines().filter_map(|line| line.split_once(" =")).map(|(name, _)| name.replace('-', "_"));
    let names: Vec<String> = names.collect();
    assert!(names.len() > 20, "{names:?}");
    names
}

/// What breaks a convention, with file and line.
#[derive(Default)]
struct Findings(String);

impl Findings {
    fn add(&mut self, source: &Source, line: usize, what: &str) {
        let _ = writeln!(self.0, "{}:{line}: {what}", source.name);
    }

    fn none(self) {
        assert!(self.0.is_empty(), "\n{}", self.0);
    }
}
