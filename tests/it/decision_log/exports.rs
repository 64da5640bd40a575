//! Parts of the log on their way out of the house: to whom, how much, and checked without our code.

use std::path::{Path, PathBuf};
use std::process::Command;

use insta::assert_snapshot;
use wardroom::sandbox::discord::DiscordFault;
use wardroom::sandbox::slack::{SlackAct, SlackFault};
use wardroom::trial::ORGANISATION;

use super::outside::{Folder, audit, checked, notary};
use super::{ROOM, short_story};
use crate::harness::{Bot, without_hashes};

const SCRIPT: &str = "deploy/verify_record.py";

/// The newest archive that a person was handed, unpacked; its folder comes back.
async fn unpacked(bot: &Bot, key: &str, on_slack: bool, folder: &Folder) -> PathBuf {
    let accounts = bot.accounts(key);
    let view = if on_slack { bot.slack.view(&accounts.0) } else { bot.discord.view(&accounts.1) }.to_string();
    let mut addresses = view.split('"').filter(|text| text.starts_with("http") && text.contains(".tar"));
    let address = addresses.next_back().unwrap_or_else(|| panic!("{key} was handed a file: {view}"));
    let content = reqwest::get(address).await.expect("it is there").bytes().await.expect("it can be read");
    let archive = folder.at("handed.tar");
    std::fs::write(&archive, content).expect("it can be kept");
    let into = folder.at(if on_slack { "slack" } else { "discord" });
    std::fs::create_dir_all(&into).expect("a folder can be made");
    let unpacked = Command::new("tar").arg("xf").arg(&archive).arg("-C").arg(&into).status().expect("tar runs");
    assert!(unpacked.success(), "it is an archive");
    into
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_handed_to_whoever_asked_and_checked_without_our_code() {
    let (bot, folder) = (Bot::start().await, Folder::new("handed"));
    short_story(&bot).await;
    bot.person("ana").slack().at(ROOM).says("/change emergency back impact: a why: b plan: c tested:yes data:1 availability:1 compliance:1 complexity:1 rollback:1").await;
    bot.run_until_idle().await;
    notary(&bot, &folder).sign(1).await.expect("it can be signed");
    for on_slack in [true, false] {
        let ana = bot.person("ana");
        let ana = if on_slack { ana.slack() } else { ana.discord() }.at(ROOM);
        let told = ana.says("/log export").await;
        assert!(told.contains("exported the log of INC-1") && told.contains("by direct message"), "{told}");
        bot.run_until_done().await;
        let handed = ana.private();
        assert!(
            handed.contains("The log of INC-1, 8 entries") && handed.contains("(file: wardroom-INC-1-"),
            "{handed}"
        );
        let export = unpacked(&bot, "ana", on_slack, &folder).await.join("wardroom-INC-1");
        assert!(read(&export, "disclosures.ndjson").contains("the first note"));
        assert!(read(&export, "README.txt").contains("python3 verify_record.py ."));
        assert_eq!(read(&export, "entries.ndjson").matches("\"agg\":\"CHG-1\"").count(), 1, "with its change");
        std::fs::copy(folder.at("ledger/wardroom.harbour.vkey"), export.join("key.vkey")).expect("the key is known");
        let Some((whole, told)) = checked(SCRIPT, &export) else { return bot.finish().await };
        assert!(whole && told.starts_with("OK 8 entries of 2 records"), "{told}");
        spoilt(&export);
        bot.sleep_through(1).await;
    }
    let zoe = bot.decision_log("WARDROOM").await;
    assert_eq!(zoe.matches("log.exported by ana").count(), 2, "{zoe}");
    bot.finish().await;
}

/// Whatever is changed in an export is found.
fn spoilt(export: &Path) {
    let entries = read(export, "entries.ndjson");
    let proofs = read(export, "proofs.ndjson");
    let disclosures = read(export, "disclosures.ndjson");
    let last_line = entries.lines().last().expect("there are entries");
    for (file, spoilt) in [
        ("entries.ndjson", entries.replacen("incident.noted", "incident.notes", 1)),
        ("entries.ndjson", entries.replace(last_line, &last_line.replacen("requested", "request__", 1))),
        (
            "entries.ndjson",
            entries.split_inclusive('\n').enumerate().filter(|(n, _)| *n != 3).map(|(_, line)| line).collect(),
        ),
        ("proofs.ndjson", proofs.replacen("\"index\":2,", "\"index\":3,", 1)),
        ("disclosures.ndjson", disclosures.replace("the first note", "the false note")),
    ] {
        let before = read(export, file);
        std::fs::write(export.join(file), spoilt).expect("it can be spoilt");
        let (whole, told) = checked(SCRIPT, export).expect("Python is still there");
        assert!(!whole && told.contains("NOT WHOLE"), "{file}: {told}");
        std::fs::write(export.join(file), before).expect("it can be mended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_takes_the_whole_log_and_an_administrator_takes_it_without_texts() {
    let (bot, folder) = (Bot::start().await, Folder::new("whole"));
    let file = ORGANISATION
        .replace(r#"roles = ["executive"]"#, r#"roles = ["auditor"]"#)
        .replace(r#"roles = ["duty_manager", "commander", "tenant_admin"]"#, r#"roles = ["tenant_admin"]"#);
    bot.app.apply_organisation(&file, false).await.expect("the organisation can be loaded");
    short_story(&bot).await;
    notary(&bot, &folder).sign(1).await.expect("it can be signed");
    for (key, sees) in [("zoe", true), ("omar", false)] {
        let told = bot.person(key).slack().says("/log export").await;
        assert!(told.contains("exported the whole log") && told.contains("without names and texts") != sees, "{told}");
        bot.run_until_done().await;
        let export = unpacked(&bot, key, true, &folder).await.join("wardroom-harbour");
        assert_eq!(read(&export, "disclosures.ndjson").contains("the first note"), sees, "{key}");
        assert!(sees || read(&export, "README.txt").contains("Names and texts are not open to whoever asked"));
        std::fs::copy(folder.at("ledger/wardroom.harbour.vkey"), export.join("key.vkey")).expect("the key is known");
        if let Some((whole, told)) = checked("deploy/verify_log.py", &export) {
            assert!(whole && told.contains("1 signed checkpoints agree"), "{told}");
        }
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_refused_to_those_who_may_not_read_and_what_is_too_large_names_the_command_line() {
    let bot = Bot::start().await;
    short_story(&bot).await;
    let told = bot.person("ben").slack().says("/log export INC-1").await;
    assert!(told.contains("You cannot read or export this log.") && told.contains("Rule 4.23"), "{told}");
    let told = bot.person("ana").slack().says("/log export").await;
    assert!(told.contains("Rule 4.23"), "the whole log is not open to responders: {told}");
    assert_snapshot!(bot.person("ana").slack().says("/log export INC-77").await, @"
    There is no INC-77 here.
    `/inc list` shows them.
    ");
    let many = "insert into dlog.entry (tenant_id, subject, seq, kind, body)
                select 1, 'INC-1', n, 'incident.noted', '{}' from generate_series(100, 10100) n";
    bot.as_superuser(many).await;
    assert_snapshot!(without_hashes(&bot.person("ana").slack().says("/log export INC-1").await), @"
    This is too much for chat: the log of INC-1 has 10008 entries, and chat takes 10000.
    Whoever runs Wardroom can write it to a folder: `wardroom log export FOLDER --subject INC-1`.
    ");
    bot.leave().await;
}

/// Whether it arrived is not known, so it is looked for before it is sent again.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_whose_answer_was_lost_is_handed_over_once() {
    let bot = Bot::start().await;
    short_story(&bot).await;
    bot.run_until_idle().await;
    bot.slack.fault(SlackFault::LoseAnswer { method: "files.completeUploadExternal".to_owned(), times: 1 });
    bot.discord.fault(DiscordFault::LoseAnswer { route: "POST /channels/{id}/messages".to_owned(), times: 2 });
    for ana in [bot.person("ana").slack().at(ROOM), bot.person("ana").discord().at(ROOM)] {
        ana.says("/log export").await;
        bot.run_until_done().await;
        let handed = ana.private();
        assert_eq!(handed.matches("(file: wardroom-INC-1-").count(), 1, "{handed}");
    }
    bot.finish().await;
}

/// Where direct messages are closed, or the scope is missing, the person is told so and nothing is tried for a day.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_cannot_be_handed_over_says_so() {
    let bot = Bot::start().await;
    short_story(&bot).await;
    let act = SlackAct::TakeScope { scope: "files:write".to_owned() };
    bot.slack.administer(&act).expect("an administrator may do this");
    let ana = bot.person("ana").slack().at(ROOM);
    ana.says("/log export").await;
    bot.run_until_done().await;
    let told = ana.private();
    assert!(told.contains("The export could not be sent to you:"), "{told}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_exports_a_record_or_what_is_younger_and_replaces_the_export_before() {
    let (bot, folder) = (Bot::start().await, Folder::new("parts"));
    short_story(&bot).await;
    notary(&bot, &folder).sign(1).await.expect("it can be signed");
    let into = folder.at("export");
    let export = |more: &[&str]| audit(&bot, &folder, &[&["export", into.to_str().expect("a path")], more].concat());
    let (exported, told) = export(&["--subject", "INC-1"]);
    assert!(exported && told.contains("7 entries in") && told.contains("harbour-INC-1"), "{told}");
    if let Some((whole, told)) = checked(SCRIPT, &into.join("harbour-INC-1")) {
        assert!(whole && told.starts_with("OK 7 entries of 1 records"), "{told}");
        assert!(told.contains("0 are younger; 0 records begin later"), "{told}");
    }
    let (exported, told) = export(&["--since", "2030-01-07T15:00Z"]);
    assert!(exported && told.contains("0 entries in"), "{told}");
    for _ in 0..2 {
        let (exported, told) = export(&[]);
        assert!(exported && told.contains("entries in"), "{told}");
    }
    let mut left: Vec<String> = std::fs::read_dir(&into)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    left.sort_unstable();
    assert_eq!(left, ["harbour", "harbour-INC-1", "harbour-part"], "nothing half written is left");
    let (exported, told) = export(&["--subject", "INC-9"]);
    assert!(!exported && told.contains("there is no INC-9 in any log"), "{told}");
    assert!(!export(&["--subject", "nine"]).0, "what is no record is refused");
    bot.finish().await;
}
