//! After the suite in `it`: which calls the bots made in it, how often, and that none of those that they can make was
//! left out or went unchecked. `cargo test` runs this last, and `it` leaves it a recording.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// What `it` wrote down.
fn recording() -> Option<Value> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wire.json");
    let text = std::fs::read_to_string(file).ok()?;
    Some(serde_json::from_str(&text).expect("the recording is JSON"))
}

/// Past what is kept of a test's output: these figures are to be seen.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[test]
fn everything_that_was_sent_is_sound_and_every_call_that_can_be_made_was_made() {
    let Some(recording) = recording() else {
        return say("wire: nothing was recorded; `cargo test --test it` does");
    };
    let counts: BTreeMap<String, [u64; 2]> =
        serde_json::from_value(recording["counts"].clone()).expect("the recording has counts");
    for (route, [valid, unchecked]) in &counts {
        let unchecked = if *unchecked > 0 { format!(", {unchecked} UNCHECKED") } else { String::new() };
        say(&format!("wire: {route} {valid} valid{unchecked}"));
    }
    let (valid, unchecked) = counts.values().fold((0, 0), |sum, [valid, none]| (sum.0 + valid, sum.1 + none));
    say(&format!("wire: {valid} requests valid on {} routes, {unchecked} unchecked", counts.len()));
    assert_eq!(recording["findings"], json!({}), "everything that was sent is sound");
    if recording["has_document"] != true {
        say(&format!("wire: SKIPPED {unchecked} checks against Discord's document: WARDROOM_CORPUS was not set"));
    }
    if recording["whole_suite"] != true {
        return say("wire: `it` ran in part, so what it left out is not looked at");
    }
    let made = |route: &&String| !counts.contains_key(*route);
    let expected = expected();
    let missing: Vec<&String> = expected.iter().filter(made).collect();
    assert_eq!(missing, Vec::<&String>::new(), "every call that the bot can make is made by some test");
}

/// Every route that the sources of the bot can call.
fn expected() -> BTreeSet<String> {
    let slack = slack_calls().into_iter().map(|call| format!("slack {call}"));
    let by_people = |call: &String| NOT_BY_PEOPLE.iter().all(|(name, _)| name != call);
    let discord = discord_calls().into_iter().filter(by_people).map(|call| {
        let route = DISCORD.iter().find(|(name, _)| *name == call);
        let (_, route) = route.unwrap_or_else(|| panic!("say in DISCORD which route “{call}” calls"));
        format!("discord {route}")
    });
    slack.chain(discord).collect()
}

/// What the bot's calls to Discord are by name, and on the wire.
const DISCORD: &[(&str, &str)] = &[
    ("answer interaction", "POST /interactions/{id}/{token}/callback"),
    ("create channel", "POST /guilds/{id}/channels"),
    ("create message", "POST /channels/{id}/messages"),
    ("delete answer", "DELETE /webhooks/{id}/{token}/messages/@original"),
    ("edit answer", "PATCH /webhooks/{id}/{token}/messages/@original"),
    ("edit message", "PATCH /channels/{id}/messages/{id}"),
    ("follow up", "POST /webhooks/{id}/{token}"),
    ("get application", "GET /applications/@me"),
    ("get bot", "GET /users/@me"),
    ("get gateway", "GET /gateway/bot"),
    ("get member", "GET /guilds/{id}/members/{id}"),
    ("get server", "GET /guilds/{id}"),
    ("list channels", "GET /guilds/{id}/channels"),
    ("list commands", "GET /applications/{id}/guilds/{id}/commands"),
    ("list messages", "GET /channels/{id}/messages"),
    ("open direct messages", "POST /users/@me/channels"),
    ("pin message", "PUT /channels/{id}/pins/{id}"),
    ("replace commands", "PUT /applications/{id}/guilds/{id}/commands"),
    ("set topic", "PATCH /channels/{id}"),
];

/// Calls that nothing brings about through people, and why. Their requests are tested in `src/platform/discord`.
const NOT_BY_PEOPLE: &[(&str, &str)] = &[
    ("delete answer", "a slow click that is answered with nothing: only the loser of a race between two replicas"),
    ("set topic", "the topic of a room is given where it is made; nothing changes it afterwards yet"),
];

/// Where a call is named by a variable, and how the names get there: each such place must be known here.
const NAMED_ELSEWHERE: &[(&str, &str)] = &[("checkup.rs", "self.get("), ("outbound.rs", "messages(")];

#[test]
fn the_calls_to_discord_are_those_in_its_sources() {
    let known: BTreeSet<String> = DISCORD.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(discord_calls(), known, "the table of calls is the one in the sources");
}

/// The names that the sources give to calls: the first argument of `Call::new`.
fn discord_calls() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (file, text) in sources("discord") {
        for after in text.split("Call::new(").skip(1) {
            match quoted(after.trim_start()) {
                Some(name) => drop(names.insert(name.to_owned())),
                // Its own definition, and the places that hand a name on.
                None if file == "rest.rs" => {}
                None => {
                    let known = NAMED_ELSEWHERE.iter().find(|(home, _)| *home == file);
                    let (_, marker) = known.unwrap_or_else(|| panic!("{file}: name the call where it is made"));
                    for (_, named) in text.lines().filter_map(|line| line.split_once(marker)) {
                        let of_choice = || named.split('"').skip(1).step_by(2).collect::<Vec<_>>();
                        names.extend(
                            quoted(named).map_or_else(of_choice, |name| vec![name]).into_iter().map(str::to_owned),
                        );
                    }
                }
            }
        }
    }
    names
}

/// The methods that the sources name, however they come to be called, and the response address.
fn slack_calls() -> BTreeSet<String> {
    const FAMILIES: [&str; 15] = [
        "api",
        "apps",
        "auth",
        "bookmarks",
        "bots",
        "chat",
        "conversations",
        "files",
        "pins",
        "reactions",
        "reminders",
        "team",
        "usergroups",
        "users",
        "views",
    ];
    let mut calls = BTreeSet::new();
    for (_, text) in sources("slack") {
        let openings = FAMILIES.iter().map(|family| format!("\"{family}.")).chain(["\"response_url\"".to_owned()]);
        for opening in openings {
            let named = text.match_indices(&opening).filter(|(at, _)| !is_pattern(&text, *at));
            calls.extend(named.filter_map(|(at, _)| quoted(&text[at..])).map(str::to_owned));
        }
    }
    calls
}

/// Whether the word that is quoted at a place is one that something is compared with: that names a method, and calls none.
fn is_pattern(text: &str, at: usize) -> bool {
    let after = text[at + 1..].split_once('"').map_or("", |(_, after)| after).trim_start();
    text[..at].trim_end().ends_with('|') || after.starts_with("=>") || after.starts_with("| ")
}

fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.split('"').next()
}

/// The adapter's own sources, without its tests.
fn sources(platform: &str) -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/platform").join(platform);
    let files = std::fs::read_dir(folder).expect("the adapter has a folder");
    let files = files.map(|file| file.expect("it can be listed").path()).filter(|file| file.is_file());
    files
        .map(|file| {
            let name = file.file_name().expect("a file has a name").to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&file).expect("it can be read");
            let code: Vec<&str> = text.split("#[cfg(test)]").next().unwrap_or_default().lines().collect();
            let code: Vec<&str> = code.into_iter().filter(|line| !line.trim_start().starts_with("//")).collect();
            (name, code.join("\n"))
        })
        .filter(|(name, _)| !name.ends_with("tests.rs"))
        .collect()
}
