//! Real payloads of both platforms, as others recorded or documented them: each is read or ignored with a count, none
//! stops the bot, and none costs it a connection.
//!
//! The samples are not ours to keep: `WARDROOM_CORPUS` names the folder that holds them. Without it the checks are
//! skipped, and that is said.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use wardroom::clock::Clock;

use crate::harness::{Process, World};

/// Files in the folders below, so that a folder that is half there is noticed.
const SLACK_SAMPLES: usize = 261;
const DISCORD_SAMPLES: usize = 283;

const SLACK: &str = "slack-java-sdk-json-logs";
const DISCORD: [&str; 2] = ["discord-api-docs-examples", "discord-twilight-gateway-payloads"];

/// How many were sent, by what they are.
type Sent = BTreeMap<String, u64>;

#[tokio::test(flavor = "multi_thread")]
async fn every_real_sample_is_read_or_ignored_and_the_bot_goes_on() {
    let Some(corpus) = std::env::var_os("WARDROOM_CORPUS").map(PathBuf::from) else {
        let skipped = SLACK_SAMPLES + DISCORD_SAMPLES;
        // Past the capture of test output: nobody should think that they ran.
        let _ = writeln!(std::io::stderr(), "SKIPPED {skipped} real samples: WARDROOM_CORPUS names no folder of them");
        return;
    };
    let world = World::start(Clock::new(0)).await;
    let mut bot = world.run_bot().await;
    let mut sent = Sent::new();
    slack(&world, &samples(&corpus.join(SLACK)), &mut sent).await;
    let discord: Vec<(PathBuf, Value)> = DISCORD.iter().flat_map(|folder| samples(&corpus.join(folder))).collect();
    assert_eq!(discord.len(), DISCORD_SAMPLES);
    let answerable = events(&world, &discord, &mut sent).await;
    table(&bot, &sent).await;
    assert!(bot.runs(), "{}", bot.said());
    assert!(!bot.said().contains("panicked"), "{}", bot.said());
    assert_eq!((world.slack.connections(), world.discord.connections()), (2, 1), "no connection was lost");
    let answers = world.discord.calls().iter().filter(|(call, _)| call.ends_with("/callback")).count();
    assert_eq!(answers, answerable, "every interaction that can be answered was");

    // Frames that are no events end or renew a session, and that is all that they do.
    for (_, frame) in &discord {
        if frame["op"].as_u64().is_some_and(|op| op != 0) {
            world.discord.send_frame(&frame.to_string()).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    world.wait_until_connected(1).await;
    still_answers(&world).await;
    assert!(bot.runs() && !bot.said().contains("panicked"), "{}", bot.said());
    bot.stop().await;
    world.leave().await;
}

async fn still_answers(world: &World) {
    let (ana, tom) = (world.person("ana").slack(), world.person("tom").discord());
    for _ in 0..100 {
        let said = tom.says("/inc list").await;
        if !said.contains("did not respond") {
            break;
        }
    }
    let said = ana.says("/inc declare sev3 still here svc:shop").await;
    assert!(said.contains("L INC-1#"), "{said}");
    let said = tom.says("/inc declare still here too sev:sev3 svc:shop").await;
    assert!(said.contains("L INC-2#"), "{said}");
}

/// Every JSON file below a folder.
fn samples(folder: &Path) -> Vec<(PathBuf, Value)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                let text = std::fs::read_to_string(&path).expect("it can be read");
                let text = text.trim_start_matches('\u{feff}');
                found.push((path, serde_json::from_str(text).unwrap_or_else(|_| json!(text))));
            }
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    found
}

/// Sends each as Slack would, or as what it looks most like: nothing is too odd to be acknowledged.
async fn slack(world: &World, samples: &[(PathBuf, Value)], sent: &mut Sent) {
    assert_eq!(samples.len(), SLACK_SAMPLES);
    for (number, (path, sample)) in samples.iter().enumerate() {
        let folder = |name: &str| path.components().any(|part| part.as_os_str() == name);
        let (kind, name, payloads) = if folder("slash-commands") {
            ("slash_commands", "slash_commands", vec![sample.clone(), filled(sample, number)])
        } else if folder("app-backend") {
            let name = sample["type"].as_str().unwrap_or("interactive");
            ("interactive", name, vec![sample.clone(), filled(sample, number)])
        } else if folder("events") {
            ("events_api", "events_api", vec![sample.clone(), filled(sample, number)])
        } else if folder("rtm") {
            ("events_api", "events_api", vec![json!({"type": "event_callback", "event": sample})])
        } else {
            ("interactive", "answers of APIs", vec![sample.clone()])
        };
        for payload in payloads {
            *sent.entry(format!("slack {name}")).or_default() += 1;
            let acknowledged = world.slack.deliver_sample(kind, payload).await;
            assert_eq!(acknowledged, Ok(()), "{}", path.display());
        }
    }
}

/// The samples are blanked: with ids that exist here they reach further.
fn filled(sample: &Value, number: usize) -> Value {
    let mut filled = sample.clone();
    fill(&mut filled, number);
    filled
}

fn fill(value: &mut Value, number: usize) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                let blank = value.as_str() == Some("");
                let known = match name.as_str() {
                    "user" | "user_id" | "bot_user_id" | "id" => json!("U0ANA"),
                    "team" | "team_id" => json!("T0HARBOUR"),
                    "channel" | "channel_id" => json!("C0INCIDENTS"),
                    "command" => json!("/inc"),
                    "text" => json!("help"),
                    "trigger_id" | "event_id" => json!(format!("{number}.2.3")),
                    "action_id" => json!("b1.details.CHG-1"),
                    "callback_id" => json!("f0000000000000000"),
                    "private_metadata" => json!(r#"{"channel":"C0INCIDENTS"}"#),
                    _ => json!("x"),
                };
                if blank {
                    *value = known;
                } else {
                    fill(value, number);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, number)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Sends every event, every interaction (completed where only a part is documented), and everything else as the data of
/// both. Returns how many interactions can be answered.
async fn events(world: &World, samples: &[(PathBuf, Value)], sent: &mut Sent) -> usize {
    let mut answerable = 0;
    for (number, (path, sample)) in samples.iter().enumerate() {
        let is_interaction = path.components().any(|part| part.as_os_str() == "interaction");
        if is_interaction {
            for interaction in [sample.clone(), completed(sample, number)] {
                answerable +=
                    usize::from(interaction["token"].is_string() && interaction["application_id"].is_string());
                world.discord.dispatch_sample("INTERACTION_CREATE", &interaction);
                *sent.entry("discord INTERACTION_CREATE".to_owned()).or_default() += 1;
            }
        } else if sample["op"] == 0 || sample["t"].is_string() {
            world.discord.dispatch_sample(sample["t"].as_str().unwrap_or_default(), &sample["d"]);
            *sent.entry("discord events".to_owned()).or_default() += 1;
        } else if sample["op"].is_null() {
            for event in ["INTERACTION_CREATE", "MESSAGE_CREATE", "GUILD_UPDATE", "NEVER_HEARD_OF"] {
                world.discord.dispatch_sample(event, sample);
                *sent.entry(format!("discord objects as {event}")).or_default() += 1;
            }
        }
        // A client that does not read is cut off, and a burst must not look like that.
        tokio::time::sleep(Duration::from_millis(4)).await;
    }
    for _ in 0..200 {
        let answers = world.discord.calls().iter().filter(|(call, _)| call.ends_with("/callback")).count();
        if answers >= answerable {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    answerable
}

fn completed(sample: &Value, number: usize) -> Value {
    let mut whole = json!({
        "id": (700_000_000_000_000_000 + number).to_string(), "application_id": "800000000000000001",
        "type": 2, "token": format!("sample{number}"), "version": 1, "locale": "en-US", "entitlements": [],
        "attachment_size_limit": 10_485_760, "guild_id": "900000000000000001", "channel_id": "200000000000000002",
        "app_permissions": "0", "authorizing_integration_owners": {}, "context": 0,
        "member": {
            "user": { "id": "100000000000000001", "username": "ana", "discriminator": "0", "avatar": null },
            "roles": [], "joined_at": "2024-01-01T00:00:00Z", "deaf": false, "mute": false, "flags": 0,
            "permissions": "0",
        },
    });
    if let (Some(whole), Some(sample)) = (whole.as_object_mut(), sample.as_object()) {
        for (name, value) in sample.iter().filter(|(name, _)| *name != "_partial" && *name != "token") {
            whole.insert(name.clone(), value.clone());
        }
    }
    whole
}

/// What was sent, and what of it the bot's own counters say was ignored.
async fn table(bot: &Process, sent: &Sent) {
    eprintln!("real samples, sent:");
    for (name, count) in sent {
        eprintln!("  {count:5}  {name}");
    }
    let ignored = bot.series("wardroom_ignored_total").await;
    eprintln!("ignored by the bot:");
    for (series, count) in &ignored {
        eprintln!("  {count:5}  {series}");
    }
    let total: u64 = ignored.iter().map(|(_, count)| count).sum();
    let all: u64 = sent.values().sum();
    eprintln!("  {total:5}  of {all}; the others were acted on or answered");
    assert!(total > 0, "what is ignored is counted");
    assert!(ignored.len() < 40, "labels are bounded: {ignored:?}");
}
