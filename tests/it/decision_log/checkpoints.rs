//! What was signed outside the database: it agrees with the log, or says that the log is another one now.

use super::outside::{Folder, audit, check_export, notary};
use super::{NO_TRIGGERS, ROOM, TRIGGERS, short_story};
use crate::harness::Bot;
use crate::units::two_units;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_signed_agrees_and_an_export_is_checked_without_our_code() {
    let (bot, folder) = (Bot::start().await, Folder::new("signed"));
    let notary = notary(&bot, &folder);
    short_story(&bot).await;
    let first = notary.sign(1).await.expect("it can be signed").expect("the tree grew");
    assert_eq!(notary.sign(1).await.expect("it can be looked at"), None, "nothing grew, nothing is signed");
    bot.person("ana").slack().at(ROOM).says("/inc note the third note").await;
    let second = notary.sign(1).await.expect("it can be signed").expect("the tree grew");
    assert!(second.size > first.size);

    let (whole, told) = audit(&bot, &folder, &["verify"]);
    assert!(whole && told.contains("OK") && told.contains("2 signed checkpoints agree"), "{told}");
    let (_, told) = audit(&bot, &folder, &["checkpoint"]);
    assert!(told.starts_with(&second.text()), "{told}");
    let (proven, told) = audit(&bot, &folder, &["prove", "INC-1#1"]);
    assert!(proven && told.starts_with("c2sp.org/tlog-proof@v1\nindex "), "{told}");
    assert!(!audit(&bot, &folder, &["prove", "INC-1#99"]).0, "what is not there can't be proven");

    let export = folder.at("export");
    let (exported, told) = audit(&bot, &folder, &["export", export.to_str().expect("a path")]);
    assert!(exported, "{told}");
    let export = export.join("harbour");
    let Some((whole, told)) = check_export(&export) else { return bot.finish().await };
    assert!(whole && told.starts_with(&format!("OK {} entries of", second.size)), "{told}");
    assert!(told.contains("2 signed checkpoints agree"), "{told}");
    let entries = std::fs::read_to_string(export.join("entries.ndjson")).expect("it was written");
    for (spoilt, words) in [
        (entries.replacen("incident.noted", "incident.notes", 1), "NOT WHOLE"),
        (entries.split_inclusive('\n').take(3).collect(), "entries were signed, 3 are there"),
    ] {
        std::fs::write(export.join("entries.ndjson"), spoilt).expect("it can be spoilt");
        let (whole, told) = check_export(&export).expect("Python is still there");
        assert!(!whole && told.contains(words), "{told}");
    }
    bot.finish().await;
}

/// Each attack by whoever owns the disk, and what the file outside says of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_superuser_who_rewrites_or_cuts_the_log_is_found_by_what_was_signed_outside() {
    let newest = "(select max(seq) from dlog.entry where subject = 'INC-1')";
    let rewritten = format!(
        "update dlog.entry set body = convert_to(replace(convert_from(body, 'UTF8'), '2030', '2029'), 'UTF8')
         where subject = 'INC-1' and seq = {newest};
         update dlog.leaf set leaf_hash = entry.leaf_hash from dlog.entry where entry.id = leaf.entry_id"
    );
    let cut = "delete from dlog.leaf where idx >= 3; delete from dlog.disclosure where entry_id > 3;
               delete from dlog.entry where id not in (select entry_id from dlog.leaf)";
    let emptied =
        "truncate dlog.leaf, dlog.tile, dlog.tree, dlog.checkpoint, dlog.disclosure, dlog.entry, dlog.pending";
    for (attack, finding) in [
        (rewritten.as_str(), "not what was signed: entries before it are others now"),
        (cut, "entries were signed, 3 are there"),
        (emptied, "entries were signed, 0 are there"),
    ] {
        let (bot, folder) = (Bot::start().await, Folder::new("attacked"));
        short_story(&bot).await;
        notary(&bot, &folder).sign(1).await.expect("it can be signed");
        let all = ["leaf", "tile", "tree", "checkpoint", "entry", "disclosure"];
        let off = all.map(|table| format!("alter table dlog.{table} disable trigger all; ")).concat();
        bot.as_superuser(&format!("{NO_TRIGGERS}; {off} {attack}; {TRIGGERS}")).await;
        let (whole, told) = audit(&bot, &folder, &["verify"]);
        assert!(!whole && told.contains(finding), "{attack}: {told}");
        bot.leave().await;
    }
}

/// A restored backup looks like this too: nobody writes on until somebody has looked.
#[tokio::test(flavor = "multi_thread")]
async fn a_bot_does_not_go_on_with_a_log_that_is_not_the_one_it_signed() {
    let (bot, folder) = (Bot::start().await, Folder::new("fork"));
    short_story(&bot).await;
    let signed = notary(&bot, &folder).sign(1).await.expect("it can be signed").expect("the tree grew");
    notary(&bot, &folder).check().await.expect("it continues what was signed");
    let off = "alter table dlog.tree disable trigger all; alter table dlog.leaf disable trigger all";
    bot.as_superuser(&format!("{off}; delete from dlog.leaf; delete from dlog.tree")).await;
    let refused = notary(&bot, &folder).check().await.expect_err("the log is shorter now").to_string();
    assert!(
        refused.contains(&format!("{} entries were signed outside the database, which has 0", signed.size)),
        "{refused}"
    );
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_erasure_everything_that_was_signed_still_agrees_and_so_does_an_export() {
    let (bot, folder) = (Bot::start().await, Folder::new("erased"));
    let notary = notary(&bot, &folder);
    let seq = short_story(&bot).await;
    notary.sign(1).await.expect("it can be signed").expect("the tree grew");
    bot.person("zoe").slack().says(&format!("/log erase INC-1#{seq} basis: GDPR Art. 17")).await;
    let approved = bot.person("kim").slack().says(&format!("/log approve INC-1#{seq}")).await;
    assert!(approved.contains("The log stays whole"), "{approved}");
    notary.sign(1).await.expect("it can be signed").expect("the tree grew");
    let (whole, told) = audit(&bot, &folder, &["verify"]);
    assert!(whole && told.contains("2 signed checkpoints agree"), "{told}");
    let export = folder.at("export");
    assert!(audit(&bot, &folder, &["export", export.to_str().expect("a path")]).0);
    let export = export.join("harbour");
    let disclosed = std::fs::read_to_string(export.join("disclosures.ndjson")).expect("it was written");
    assert!(disclosed.contains("the second note") && !disclosed.contains("the first note"), "{disclosed}");
    if let Some((whole, told)) = check_export(&export) {
        assert!(whole && told.starts_with("OK "), "{told}");
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_unit_is_signed_by_itself() {
    let (bot, folder) = (two_units().await, Folder::new("units"));
    let notary = notary(&bot, &folder);
    bot.person("tom").slack().says("/inc declare sev3 a harbour matter svc:payments").await;
    bot.person("pat").slack().at("general").says("/inc declare sev3 a bank matter svc:payments").await;
    let ours = notary.sign(1).await.expect("it can be signed").expect("the tree grew");
    let theirs = notary.sign(2).await.expect("it can be signed").expect("the tree grew");
    assert_ne!(ours.root, theirs.root);
    assert!(ours.text().starts_with("wardroom/harbour\n"), "{}", ours.text());
    assert!(theirs.text().starts_with("wardroom/bank\n"), "{}", theirs.text());
    let (whole, told) = audit(&bot, &folder, &["verify"]);
    assert!(whole && told.contains("wardroom/harbour: OK") && told.contains("wardroom/bank: OK"), "{told}");
    bot.finish().await;
}
