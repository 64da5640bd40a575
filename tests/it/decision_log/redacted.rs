//! A redacted copy of what happened, for whoever learns from it: asked for by one, approved by another, without anything
//! that could hurt somebody.

use std::path::PathBuf;

use wardroom::domain::policy::DEFAULT_TOML;
use wardroom::ledger::anchors::Anchors;
use wardroom::ledger::archive::Archive;

use super::outside::{Folder, audit};
use super::{ROOM, declared};
use crate::harness::{Bot, holds};

/// What must not be in a copy, as it is searched for: without marks, in lower case.
const SECRETS: [&str; 9] = [
    "erika@mail.example",
    "10.20.30.40",
    "akiaiosfodnn7example",
    "xoxb-17653672481",
    "hunter22",
    "41111111",
    "kd-20417",
    "ana ruiz",
    "nightjar",
];

/// An incident that is over, full of what should not be read.
async fn leaky(name: &str) -> (Bot, Folder) {
    let folder = Folder::new(name);
    let bot = Bot::start_with(|app| {
        app.archive = Some(Archive::at(folder.at("archive")));
        app.anchors = Some(Anchors::at(folder.at("ledger")));
    })
    .await;
    declared(&bot).await;
    let ana = bot.person("ana").slack().at(ROOM);
    for note in [
        "customer KD-20417, ERIKA@Mail.Example, card 4111 1111 1111 1111",
        "host 10.20.30.40 leaks AKIA*IOSF*ODNN7EXAMPLE and xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy",
        "the password is hunter22; ask A_na_ Ruiz about project *Nightjar*",
    ] {
        ana.says(&format!("/inc note {note}")).await;
    }
    bot.person("tom")
        .discord()
        .at(ROOM)
        .says("/inc decide Roll back? chose:yes why: errors began with the deploy")
        .await;
    ana.says("/inc lead me").await;
    ana.says("/inc status mitigated").await;
    let resolved = ana.says("/inc resolve rolled back").await;
    assert!(resolved.contains("*Ana Ruiz* resolved"), "{resolved}");
    bot.run_until_idle().await;
    (bot, folder)
}

fn copies(folder: &Folder) -> Vec<PathBuf> {
    let shelf = std::fs::read_dir(folder.at("archive/harbour/INC-1")).into_iter().flatten();
    let names = shelf.map(|entry| entry.expect("it can be listed").path());
    names.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("redacted-"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_shown_approved_by_another_and_has_none_of_the_secrets() {
    let (bot, folder) = leaky("redacted").await;
    let (zoe, kim) = (bot.person("zoe").slack(), bot.person("kim").discord());
    let refused = bot.person("ana").slack().says("/log redact INC-1").await;
    assert!(refused.contains("A compliance officer can."), "{refused}");
    let shown = zoe.says("/log redact INC-1").await;
    holds(
        &shown,
        &["asks for a redacted copy of INC-1", "Taken out:", "e-mail address 1", "secret", "Before:", "After:"],
    );
    assert!(shown.contains("Nightjar"), "nobody has marked it yet: {shown}");
    zoe.says("/log redact INC-1 mark: project nightjar").await;
    bot.run_until_idle().await;
    assert_eq!(copies(&folder), Vec::<PathBuf>::new(), "nothing is written before somebody approves it");

    let alone = zoe.says("/log redact INC-1 approve").await;
    holds(&alone, &["You asked for this redacted copy, so somebody else approves it.", "Rule 4.15"]);
    let asked = bot.slack.private("kim") + &bot.discord.private("kim");
    holds(&asked, &["asks you to approve this redacted copy of INC-1", "Approve redaction"]);
    let approved = kim.says("/log redact INC-1 do:approve").await;
    assert!(approved.contains("approved the redacted copy of INC-1"), "{approved}");
    bot.run_until_idle().await;
    let [copy] = copies(&folder).try_into().expect("one copy");
    let timeline = std::fs::read_to_string(copy.join("timeline.md")).expect("it is there");
    holds(&timeline, &["T+00:0", "Person A", "Roll back?", "errors began with the deploy", "[customer]", "[mark]"]);
    let searched: String = timeline.to_lowercase().chars().filter(|c| !"*_`~ ".contains(*c)).collect();
    for secret in SECRETS {
        assert!(!searched.contains(&secret.replace(' ', "")), "{secret} is in:\n{timeline}");
    }
    let archive = folder.at("archive").display().to_string();
    let (whole, told) = audit(&bot, &folder, &["archive", "verify", "--archive", &archive]);
    assert!(whole && told.contains("1 bundles with 2 files"), "{told}");
    assert!(zoe.says("/log archive INC-1").await.contains("A redacted copy was written on"));
    let log = bot.decision_log("INC-1").await;
    holds(&log, &["redaction.asked by zoe", "redaction.approved by kim", "archive.redacted by wardroom"]);
    assert_eq!(bot.database.text("select marks::text from redaction").await, "[]", "what was marked is forgotten");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_makes_a_copy_void_and_it_is_asked_for_anew() {
    let (bot, folder) = leaky("void").await;
    let (zoe, kim) = (bot.person("zoe").slack(), bot.person("kim").slack());
    zoe.says("/log redact INC-1").await;
    bot.run_until_idle().await;
    let approved = bot.person("kim").slack().at("@wardroom").presses("Approve redaction", "INC-1").await;
    assert!(approved.contains("approved the redacted copy of INC-1"), "{approved}");
    bot.run_until_idle().await;
    assert_eq!(copies(&folder).len(), 1);
    let declared = "/log erase INC-1#1 basis: GDPR Art. 17";
    zoe.says(declared).await;
    kim.says("/log approve INC-1#1").await;
    bot.run_until_idle().await;
    assert_eq!(copies(&folder), Vec::<PathBuf>::new());
    assert!(zoe.private().contains("The redacted copy of INC-1 is void"), "{}", zoe.private());
    holds(&bot.decision_log("INC-1").await, &["redaction.void by wardroom", "archive.removed by wardroom"]);
    let late = kim.says("/log redact INC-1 approve").await;
    assert!(late.contains("No redacted copy of INC-1 waits for a second person."), "{late}");
    zoe.says("/log redact INC-1").await;
    let declined = kim.says("/log redact INC-1 decline").await;
    assert!(declined.contains("No copy is written."), "{declined}");
    bot.finish().await;
}

#[test]
fn a_pattern_that_cannot_be_read_is_refused_with_its_line() {
    let bad = DEFAULT_TOML.replace("customer_ids = ['", "customer_ids = [\n  'ok-\\d+',\n  '(',\n  '");
    let line = bad.lines().position(|line| line == "  '(',").expect("it is there") + 1;
    let problems = wardroom::rulebook::read_policy(&bad).expect_err("it is refused");
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(told.len() == 1 && told[0].starts_with(&format!("line {line}: redaction.customer_ids:")), "{told:?}");
}
