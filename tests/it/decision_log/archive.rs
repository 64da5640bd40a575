//! What has ended is sealed into a folder outside the database, checked by everybody's tools, and made anew where
//! something of it was erased.

use std::path::{Path, PathBuf};
use std::process::Command;

use wardroom::ledger::anchors::Anchors;
use wardroom::ledger::archive::Archive;

use super::outside::{Folder, audit, checked, notary};
use super::{ROOM, short_story};
use crate::harness::{Bot, holds};

const SECRET: &str = "the card of Erika Mustermann was charged twice";

/// A bot with an archive, and an incident with a change and a note, all of it over.
async fn ended(name: &str) -> (Bot, Folder) {
    let folder = Folder::new(name);
    let bot = Bot::start_with(|app| {
        app.archive = Some(Archive::at(folder.at("archive")));
        app.anchors = Some(Anchors::at(folder.at("ledger")));
    })
    .await;
    short_story(&bot).await;
    let ana = bot.person("ana").slack().at(ROOM);
    ana.says(&format!("/inc note {SECRET}")).await;
    ana.says("/change emergency back impact: a why: b plan: c tested:yes data:1 availability:1 compliance:1 complexity:1 rollback:1").await;
    ana.says("/inc lead me").await;
    ana.says("/inc status mitigated").await;
    let resolved = ana.says("/inc resolve the cards work again").await;
    assert!(resolved.contains("*Ana Ruiz* resolved"), "{resolved}");
    (bot, folder)
}

async fn withdrawn(bot: &Bot) {
    let told = bot.person("ana").discord().says("/change withdraw CHG-1 it is over").await;
    assert!(told.contains("CHG-1"), "{told}");
    bot.run_until_idle().await;
}

/// What was written is signed, and a minute passes: jobs that waited for it look again.
async fn signed(bot: &Bot, folder: &Folder) {
    notary(bot, folder).sign(1).await.expect("it can be signed");
    bot.pass(2).await;
}

/// The bundles that have a name.
fn bundles(folder: &Folder) -> Vec<PathBuf> {
    let shelf = folder.at("archive/harbour/INC-1");
    let names = std::fs::read_dir(shelf).into_iter().flatten().map(|entry| entry.expect("it can be listed").path());
    let mut bundles: Vec<PathBuf> = names.collect();
    bundles.sort();
    bundles
}

fn everything_in(folder: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("it can be listed").path();
        all += &if path.is_dir() { everything_in(&path) } else { std::fs::read_to_string(path).expect("text") };
    }
    all
}

/// `sha256sum -c`, as anybody has it.
fn sha256sum(bundle: &Path) -> (bool, String) {
    let ran = Command::new("sha256sum").args(["-c", "MANIFEST.sha256"]).current_dir(bundle).output();
    let ran = ran.expect("coreutils are there");
    (ran.status.success(), String::from_utf8_lossy(&ran.stdout).into_owned())
}

async fn kinds(bot: &Bot) -> Vec<String> {
    let log = bot.decision_log("INC-1").await;
    let kinds = log.lines().filter_map(|line| line.split(' ').nth(1)).filter(|kind| kind.starts_with("archive."));
    kinds.map(str::to_owned).collect()
}

fn verified(bot: &Bot, folder: &Folder) -> (bool, String) {
    let archive = folder.at("archive").display().to_string();
    audit(bot, folder, &["archive", "verify", "--archive", &archive])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_is_sealed_once_it_is_signed_and_checked_by_everybodys_tools() {
    let (bot, folder) = ended("sealed").await;
    let ana = bot.person("ana").slack();
    let open = ana.says("/log archive INC-1").await;
    assert!(open.contains("CHG-1 of INC-1 did not end yet"), "{open}");
    bot.sleep_through(8 * 24 * 60).await;
    bot.app.retain(1).await.expect("a night passes");
    bot.run_until_idle().await;
    assert_eq!(bundles(&folder), Vec::<PathBuf>::new(), "a change is open");
    withdrawn(&bot).await;
    let due = bot.person("raj").discord().says("/log archive INC-1").await;
    assert!(due.contains("It is sealed in the night after 22 January 2030, 7 days after its end."), "{due}");

    bot.sleep_through(7 * 24 * 60).await;
    bot.app.retain(1).await.expect("a night passes");
    bot.run_until_idle().await;
    assert_eq!(bundles(&folder), Vec::<PathBuf>::new(), "nothing is sealed that nobody has signed");
    signed(&bot, &folder).await;
    let [bundle] = bundles(&folder).try_into().expect("one bundle");
    let (whole, told) = sha256sum(&bundle);
    assert!(whole, "{told}");
    holds(&told, &["entries.ndjson: OK", "messages.ndjson: OK", "README.txt: OK", "verify_record.py: OK"]);
    holds(&everything_in(&bundle), &[SECRET, "\"agg\":\"CHG-1\"", "sha256sum -c MANIFEST.sha256"]);
    let messages = std::fs::read_to_string(bundle.join("messages.ndjson")).expect("it is there");
    holds(&messages, &["\"platform\":\"slack\"", "\"platform\":\"discord\"", "Ana Ruiz"]);
    if let Some((whole, told)) = checked("deploy/verify_record.py", &bundle) {
        assert!(whole && told.contains("of 2 records"), "{told}");
    }
    assert_eq!(kinds(&bot).await, ["archive.sealed"]);

    for _ in 0..2 {
        bot.app.retain(1).await.expect("another night passes");
        bot.run_until_idle().await;
    }
    assert_eq!(kinds(&bot).await, ["archive.sealed"], "once");
    let (whole, told) = verified(&bot, &folder);
    assert!(whole && told.contains("harbour: OK, 1 bundles"), "{told}");
    let shown = ana.says("/log archive INC-1").await;
    let manifest = bot.database.text("select manifest from archive").await;
    holds(&shown, &["Sealed on 22 January 2030", "entries", &manifest]);
    std::fs::write(bundle.join("entries.ndjson"), "{}\n").expect("it can be spoilt");
    let (whole, told) = verified(&bot, &folder);
    assert!(!whole && told.contains("entries.ndjson: its hash is not the one in the manifest (INC-1#"), "{told}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_goes_from_the_archive_too_unless_a_hold_keeps_the_older_bundle() {
    let (bot, folder) = ended("anew").await;
    withdrawn(&bot).await;
    let (zoe, kim) = (bot.person("zoe").slack(), bot.person("kim").discord());
    let refused = bot.person("ana").slack().says("/log archive INC-1 seal").await;
    assert!(refused.contains("A compliance officer can."), "{refused}");
    let asked = zoe.says("/log archive INC-1 seal").await;
    assert!(asked.contains("*Zoe Laurent* asked to seal INC-1"), "{asked}");
    bot.run_until_idle().await;
    let waits = zoe.says("/log archive INC-1").await;
    assert!(waits.contains("waits for a signed checkpoint"), "{waits}");
    signed(&bot, &folder).await;
    assert_eq!(kinds(&bot).await, ["archive.asked", "archive.sealed"]);
    assert!(everything_in(&folder.at("archive")).contains(SECRET));

    let note = bot.database.text("select min(seq)::text from dlog.entry where subject = 'INC-1' and kind = 'incident.noted' and id in (select entry_id from dlog.disclosure where convert_from(disclosure, 'UTF8') like '%Mustermann%')").await;
    zoe.says(&format!("/log erase INC-1#{note} basis: GDPR Art. 17")).await;
    kim.says(&format!("/log approve INC-1#{note}")).await;
    zoe.says("/log hold INC-1 why: the regulator has asked").await;
    bot.run_until_idle().await;
    signed(&bot, &folder).await;
    assert_eq!(bundles(&folder).len(), 2, "under a hold nothing is removed");
    let (whole, told) = verified(&bot, &folder);
    assert!(whole, "{told}");
    let shown = zoe.says("/log archive INC-1").await;
    assert!(shown.contains("while a legal hold stands, nothing is"), "{shown}");

    zoe.says("/log release INC-1 why: the case is closed").await;
    bot.app.retain(1).await.expect("a night passes");
    bot.run_until_idle().await;
    assert_eq!(bundles(&folder).len(), 1);
    assert!(!everything_in(&folder.at("archive")).contains("Mustermann"), "not in any file");
    assert_eq!(kinds(&bot).await, ["archive.asked", "archive.sealed", "archive.sealed", "archive.removed"]);
    let (whole, told) = verified(&bot, &folder);
    assert!(whole && sha256sum(&bundles(&folder)[0]).0, "{told}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_folder_fails_nothing_is_erased_by_age_and_whoever_runs_it_is_told() {
    let (bot, folder) = ended("fails").await;
    withdrawn(&bot).await;
    let (zoe, archive) = (bot.person("zoe").slack(), folder.at("archive"));
    bot.app.retain(1).await.expect("the first night looks");
    zoe.says("/admin retention confirm").await;
    std::fs::write(&archive, "in the way").expect("a file can be there");
    bot.sleep_through(1_200 * 24 * 60).await;
    signed(&bot, &folder).await;
    bot.app.retain(1).await.expect("a night passes");
    bot.run_until_idle().await;
    let texts =
        "select count(*) from dlog.disclosure d join dlog.entry e on e.id = d.entry_id where e.subject = 'INC-1'";
    assert!(bot.database.count(texts).await > 0, "nothing goes meanwhile");
    let told = bot.person("omar").slack().private();
    assert!(told.contains("Wardroom could not write to the archive in"), "{told}");

    std::fs::remove_file(&archive).expect("it can go");
    bot.run_until_done().await;
    signed(&bot, &folder).await;
    assert_eq!(kinds(&bot).await, ["archive.sealed"]);
    bot.app.retain(1).await.expect("a night passes");
    bot.run_until_idle().await;
    signed(&bot, &folder).await;
    assert_eq!(bot.database.count(&format!("{texts} and e.kind <> 'payload.erased'")).await, 0);
    assert!(!everything_in(&archive).contains("Mustermann"), "nor is it in the archive");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_was_killed_while_it_sealed_ends_what_it_began() {
    let (bot, folder) = ended("killed").await;
    withdrawn(&bot).await;
    let shelf = folder.at("archive/harbour/INC-1");
    std::fs::create_dir_all(shelf.join(".sealed-0123456789abcdef.partial")).expect("a folder can be made");
    bot.person("zoe").slack().says("/log archive INC-1 seal").await;
    signed(&bot, &folder).await;
    let [bundle] = bundles(&folder).try_into().expect("what never got a name is gone");
    // Killed after the log named it, and before it got its name.
    let name = bundle.file_name().expect("a name").to_string_lossy().into_owned();
    std::fs::rename(&bundle, shelf.join(format!(".{name}.partial"))).expect("it can be renamed");
    assert!(!verified(&bot, &folder).0, "it is missing");
    bot.app.seal(1, 1).await.expect("it is looked at again");
    assert_eq!(bundles(&folder), [bundle]);
    assert_eq!(kinds(&bot).await, ["archive.asked", "archive.sealed"]);
    assert!(verified(&bot, &folder).0);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_folder_nothing_is_sealed_and_that_is_said() {
    let bot = Bot::start().await;
    short_story(&bot).await;
    let zoe = bot.person("zoe").slack();
    let refused = zoe.says("/log archive INC-1 seal").await;
    holds(&refused, &["this deployment has no archive", "/log export INC-1"]);
    let shown = zoe.says("/log archive INC-1").await;
    assert!(shown.contains("so nothing is sealed"), "{shown}");
    let rules = zoe.says("/admin retention").await;
    assert!(rules.contains("This deployment has no archive (WARDROOM_ARCHIVE)"), "{rules}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_row_of_the_archive_is_found() {
    let (bot, folder) = ended("tampered").await;
    withdrawn(&bot).await;
    bot.person("zoe").slack().says("/log archive INC-1 seal").await;
    signed(&bot, &folder).await;
    bot.as_superuser(
        "begin; alter table archive disable trigger all; update archive set manifest = 'ffff'; \
         alter table archive enable trigger all; alter table archive enable always trigger must_log; commit",
    )
    .await;
    let told = bot.person("zoe").slack().says("/log verify INC-1").await;
    assert!(told.contains("sealed ffff"), "{told}");
    bot.leave().await;
}
