//! A log that does not fit what was signed of it: what is told, and how it goes on under a new name.

use wardroom::domain::policy::DEFAULT_TOML;
use wardroom::trial::ORGANISATION;

use super::outside::{Folder, LOG, anchors, audit, back_up, check_export, checked, notary, operate, restore, signed};
use super::{NO_TRIGGERS, ROOM, TRIGGERS, short_story};
use crate::harness::{Bot, World};

const SECOND: &str = "wardroom/harbour/2";
const BACKUP: [&str; 5] = ["recover", "--backup", "the nightly one", "--reason", "the disk failed"];

/// A log that was signed, went on, was signed again, and was put back: how many entries each time.
async fn put_back(folder: &Folder) -> (World, u64, u64) {
    let bot = Bot::start().await;
    let notary = notary(&bot, folder);
    short_story(&bot).await;
    let first = notary.sign(1).await.expect("it can be signed").expect("the tree grew");
    back_up(&bot).await;
    let ana = bot.person("ana").slack().at(ROOM);
    ana.says("/inc note what will be lost").await;
    ana.says("/inc note and this as well").await;
    let second = notary.sign(1).await.expect("it can be signed").expect("the tree grew");
    let world = bot.stop().await;
    restore(&world).await;
    (world, first.size, second.size)
}

/// An incident that somebody declares after it, and the size of what is signed then.
async fn goes_on(world: World, folder: &Folder) -> (Bot, u64) {
    let bot = Bot::back(world).await;
    let notary = notary(&bot, folder);
    notary.check().await.expect("it fits again");
    let said = bot.person("raj").discord().says("/inc declare another one sev:sev4 svc:shop").await;
    assert!(said.contains("L INC-"), "{said}");
    let signed = notary.sign(1).await.expect("it can be signed").expect("the tree grew");
    (bot, signed.size)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_backup_is_explained_declared_and_gone_on_with_under_a_new_name() {
    let folder = Folder::new("restored");
    let (world, kept, lost) = put_back(&folder).await;
    let (settled, told) = audit(&world, &folder, &["recover"]);
    assert!(!settled, "{told}");
    for words in [
        "wardroom/harbour does not fit what was signed of it".to_owned(),
        format!("signed  {lost} entries"),
        format!("there   {kept} entries"),
        format!("{kept} of those signed are there unchanged; the other {}", lost - kept),
        "Nothing was changed".to_owned(),
        "wardroom log recover --backup".to_owned(),
    ] {
        assert!(told.contains(&words), "{words}:\n{told}");
    }
    assert!(!audit(&world, &folder, &["recover", "--accept-fork"]).0, "not without a reason");
    assert!(!anchors(&folder).folder().join("wardroom.harbour.2.key").exists(), "explaining changes nothing");

    let bot = Bot::back(world).await;
    let (recovered, told) = audit(&bot, &folder, &BACKUP);
    assert!(!recovered && told.contains("a bot of this database is running; stop it first"), "{told}");
    let world = bot.stop().await;
    let (recovered, told) = audit(&world, &folder, &BACKUP);
    assert!(recovered && told.contains("It goes on as wardroom/harbour/2"), "{told}");
    assert_eq!(world.database.texts(FIRST_OF_NEW).await, ["log.recovered"], "the first entry under the new name");

    let (bot, _) = goes_on(world, &folder).await;
    let (whole, told) = audit(&bot, &folder, &["verify"]);
    assert!(whole && told.contains("3 signed checkpoints agree"), "{told}");
    assert!(told.contains("A backup was restored (the nightly one)") && told.contains("the disk failed"), "{told}");
    assert_eq!((signed(&folder, LOG).len(), signed(&folder, SECOND).len()), (2, 2));
    let (settled, told) = audit(&bot, &folder, &["recover"]);
    assert!(settled && told.contains("there is nothing to recover"), "{told}");
    let shown = bot.person("ana").slack().says("/log verify").await;
    assert!(shown.contains("The log is whole"), "{shown}");

    // What still fits is still held against the log.
    bot.as_superuser(&format!(
        "{NO_TRIGGERS}; alter table dlog.leaf disable trigger all;
         update dlog.entry set body = convert_to(replace(convert_from(body, 'UTF8'), '2030', '2029'), 'UTF8')
         where subject = 'INC-1' and seq = 2;
         update dlog.leaf set leaf_hash = entry.leaf_hash from dlog.entry where entry.id = leaf.entry_id; {TRIGGERS}"
    ))
    .await;
    let (whole, told) = audit(&bot, &folder, &["verify"]);
    assert!(!whole && told.contains("not what was signed"), "{told}");
    bot.leave().await;
}

const FIRST_OF_NEW: &str = "select kind from dlog.entry join dlog.leaf on entry_id = id
    where convert_from(body, 'UTF8') like '%\"origin\":\"wardroom/harbour/2\"%' order by idx limit 1";

#[tokio::test(flavor = "multi_thread")]
async fn an_export_over_several_names_is_checked_without_our_code() {
    let folder = Folder::new("several");
    let (world, kept, _) = put_back(&folder).await;
    assert!(audit(&world, &folder, &BACKUP).0);
    let (bot, _) = goes_on(world, &folder).await;
    // The same backup once more, and nobody knows why.
    let world = bot.stop().await;
    restore(&world).await;
    let fork = ["recover", "--accept-fork", "--reason", "nobody knows", "--by", "Lena"];
    let (recovered, told) = audit(&world, &folder, &fork);
    assert!(recovered && told.contains("It goes on as wardroom/harbour/3"), "{told}");
    assert!(told.contains("A fork was accepted") && told.contains("declared by Lena"), "{told}");
    let (bot, size) = goes_on(world, &folder).await;
    let (whole, told) = audit(&bot, &folder, &["verify"]);
    assert!(whole && told.contains("3 signed checkpoints agree"), "the first one, and two of the newest name: {told}");

    let export = folder.at("export");
    let (exported, told) = audit(&bot, &folder, &["export", export.to_str().expect("a path")]);
    assert!(exported, "{told}");
    let export = export.join("harbour");
    let Some((whole, told)) = check_export(&export) else { return bot.leave().await };
    assert!(whole && told.starts_with(&format!("OK {size} entries of")), "{told}");
    assert!(told.contains("3 signed checkpoints agree, 3 were declared lost"), "{told}");
    let checkpoints = std::fs::read_to_string(export.join("checkpoints.txt")).expect("it was written");
    for (spoilt, words) in [
        (
            checkpoints.replacen(&format!("keeps wardroom/harbour {kept}"), "keeps wardroom/harbour 0", 1),
            "not signed by",
        ),
        (checkpoints.replacen("recovers wardroom/harbour\n", "recovers wardroom/other\n", 1), "not signed by"),
    ] {
        std::fs::write(export.join("checkpoints.txt"), spoilt).expect("it can be spoilt");
        let (whole, told) = check_export(&export).expect("Python is still there");
        assert!(!whole && told.contains(words), "{told}");
    }
    bot.leave().await;
}

/// Killed when the statement was on the disk and the database did not know of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_that_was_left_in_the_middle_is_ended_as_it_was_declared() {
    let folder = Folder::new("begun");
    let (world, ..) = put_back(&folder).await;
    assert!(audit(&world, &folder, &BACKUP).0);
    restore(&world).await;
    std::fs::remove_file(folder.at("ledger/wardroom.harbour.2.checkpoints")).expect("it was written");
    let statement = anchors(&folder).statement(SECOND).expect("it can be read");

    let (settled, told) = audit(&world, &folder, &["recover"]);
    assert!(!settled && told.contains("A recovery was begun and did not end"), "{told}");
    let other = ["recover", "--accept-fork", "--reason", "another one"];
    let (recovered, told) = audit(&world, &folder, &other);
    assert!(recovered && told.contains("It goes on as wardroom/harbour/2"), "{told}");
    assert!(told.contains("the disk failed") && !told.contains("another one"), "{told}");
    assert_eq!(anchors(&folder).statement(SECOND).expect("it can be read"), statement);
    let (bot, _) = goes_on(world, &folder).await;
    let (whole, told) = audit(&bot, &folder, &["verify"]);
    assert!(whole, "{told}");
    bot.leave().await;
}

/// The folder goes with the database: another one is no place to go on in.
#[tokio::test(flavor = "multi_thread")]
async fn a_bot_refuses_a_folder_that_does_not_know_the_newest_name() {
    let folder = Folder::new("other");
    let (world, ..) = put_back(&folder).await;
    assert!(audit(&world, &folder, &BACKUP).0);
    let bot = Bot::back(world).await;
    let elsewhere = Folder::new("elsewhere");
    let refused = notary(&bot, &elsewhere).check().await.expect_err("its key is not there").to_string();
    assert!(refused.contains("is gone, the key that signs wardroom/harbour/2"), "{refused}");
    let begun = bot.as_app("begin; set local wardroom.tenant = '1'; update tenant set epoch = 9; commit").await;
    let refused = begun.expect_err("the bot's role begins no epoch by itself");
    assert!(refused.contains("only with its statement and its entry"), "{refused}");
    bot.finish().await;
}

/// Whoever writes beside the bot is refused as the bot is, in the same words.
#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_and_a_policy_are_not_written_into_a_log_that_is_not_the_one_that_was_signed() {
    let folder = Folder::new("operators");
    let (world, ..) = put_back(&folder).await;
    let organisation = folder.at("organisation.toml");
    let file = ORGANISATION.replacen("Ana Ruiz", "Ana Ruiz-Lund", 1);
    std::fs::write(&organisation, file).expect("it can be written");
    let policy = folder.at("policy.toml");
    std::fs::write(&policy, format!("# another one\n{DEFAULT_TOML}")).expect("it can be written");
    let apply = ["org", "apply", organisation.to_str().expect("a path")];
    let load = ["policy", "load", policy.to_str().expect("a path")];
    let entries = "select count(*) from dlog.entry";
    let before = world.database.count(entries).await;
    for command in [apply, load] {
        let (done, told) = operate(&world, &folder, &command);
        assert!(!done && told.contains("does not continue what was signed"), "{command:?}: {told}");
        assert!(told.contains("`wardroom log recover` says what does not fit and what can be done"), "{told}");
    }
    assert_eq!(world.database.count(entries).await, before, "nothing was written");

    assert!(audit(&world, &folder, &BACKUP).0);
    for (command, words) in [(apply, "Applied."), (load, "The policy is in force.")] {
        let (done, told) = operate(&world, &folder, &command);
        assert!(done && told.contains(words), "{command:?}: {told}");
    }
    world.leave().await;
}

const LOST_KEY: [&str; 4] = ["recover", "--lost-key", "--reason", "the disk with the folder burnt"];

/// A log that was signed, and a bot that stands still.
async fn signed_once(folder: &Folder) -> (World, u64) {
    let bot = Bot::start().await;
    let notary = notary(&bot, folder);
    short_story(&bot).await;
    // It keeps what it signed in the database too.
    let size = notary.sign(1).await.expect("it can be signed").expect("the tree grew").size;
    (bot.stop().await, size)
}

/// The folder is gone, twice. What it held can't be compared any more, and that is said; the log goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_whose_folder_is_lost_goes_on_with_another_key_and_says_so() {
    let folder = Folder::new("burnt");
    let (world, size) = signed_once(&folder).await;
    let (settled, told) = audit(&world, &folder, &LOST_KEY);
    assert!(settled && told.contains("there is nothing to recover"), "the key is there: {told}");
    std::fs::remove_dir_all(anchors(&folder).folder()).expect("it was written");

    let bot = Bot::back(world).await;
    let refused = notary(&bot, &folder).check().await.expect_err("no other key is made in its place").to_string();
    assert!(
        refused.contains("is gone, the key that signs wardroom/harbour.") && refused.contains("recover"),
        "{refused}"
    );
    assert!(!anchors(&folder).has_key(LOG), "looking makes no key");
    let world = bot.stop().await;
    let (settled, told) = audit(&world, &folder, &["recover"]);
    assert!(!settled && told.contains("The key that signs wardroom/harbour is gone"), "{told}");
    assert!(told.contains(&format!("signed  {size} entries, as the database has it")), "{told}");
    assert!(told.contains("--lost-key --reason"), "{told}");
    let (recovered, told) = audit(&world, &folder, &BACKUP);
    assert!(!recovered && told.contains("is gone: put the folder back, or say --lost-key"), "{told}");

    let (recovered, told) = audit(&world, &folder, &LOST_KEY);
    assert!(recovered && told.contains("It goes on as wardroom/harbour/2. The key was lost"), "{told}");
    let (bot, _) = goes_on(world, &folder).await;
    let (whole, told) = audit(&bot, &folder, &["verify"]);
    assert!(whole && told.contains("The key was lost, and the new one declares it alone"), "{told}");
    assert!(told.contains("1 checkpoints that the database keeps (the key that signed them is lost)"), "{told}");

    let world = bot.stop().await;
    std::fs::remove_dir_all(anchors(&folder).folder()).expect("it was written");
    let (recovered, told) = audit(&world, &folder, &LOST_KEY);
    assert!(recovered && told.contains("It goes on as wardroom/harbour/3"), "{told}");
    let (bot, size) = goes_on(world, &folder).await;
    let (whole, told) = audit(&bot, &folder, &["verify"]);
    assert!(whole && told.contains("(the key that signed them is lost)"), "{told}");
    let shown = bot.person("ana").slack().says("/log verify").await;
    assert!(shown.contains("The log is whole"), "{shown}");
    let export = folder.at("export");
    assert!(audit(&bot, &folder, &["export", export.to_str().expect("a path")]).0);
    if let Some((whole, told)) = check_export(&export.join("harbour")) {
        assert!(whole && told.starts_with(&format!("OK {size} entries of")), "{told}");
        assert!(told.contains("1 keys were lost, each declared by the next one alone"), "{told}");
    }
    assert!(audit(&bot, &folder, &["export", export.to_str().expect("a path"), "--subject", "INC-1"]).0);
    if let Some((whole, told)) = checked("deploy/verify_record.py", &export.join("harbour-INC-1")) {
        assert!(
            whole && told.contains("are among the"),
            "entries of a name before are among what is signed now: {told}"
        );
    }
    bot.leave().await;
}

/// The key alone is gone: what it signed is held against the log as before.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_lost_key_has_signed_still_counts_where_its_public_half_is_kept() {
    let folder = Folder::new("keyless");
    let (world, _) = signed_once(&folder).await;
    std::fs::remove_file(folder.at("ledger/wardroom.harbour.key")).expect("it was written");
    let (settled, told) = audit(&world, &folder, &["recover"]);
    assert!(!settled && told.contains("as the folder of signed checkpoints has it"), "{told}");
    let (recovered, told) = audit(&world, &folder, &LOST_KEY);
    assert!(recovered && told.contains("It goes on as wardroom/harbour/2"), "{told}");
    let (bot, size) = goes_on(world, &folder).await;
    let (whole, told) = audit(&bot, &folder, &["verify"]);
    assert!(whole && told.contains("3 signed checkpoints agree") && !told.contains("is lost)"), "{told}");

    let export = folder.at("export");
    assert!(audit(&bot, &folder, &["export", export.to_str().expect("a path")]).0);
    let export = export.join("harbour");
    let Some((whole, told)) = check_export(&export) else { return bot.leave().await };
    assert!(whole && told.starts_with(&format!("OK {size} entries of")), "{told}");
    assert!(told.contains("3 signed checkpoints agree, 0 were declared lost; 1 keys were lost"), "{told}");
    let checkpoints = std::fs::read_to_string(export.join("checkpoints.txt")).expect("it was written");
    let spoilt = checkpoints.replacen("burnt", "drowned", 1);
    std::fs::write(export.join("checkpoints.txt"), spoilt).expect("it can be spoilt");
    let (whole, told) = check_export(&export).expect("Python is still there");
    assert!(!whole && told.contains("its signature is wrong"), "{told}");

    bot.as_superuser(&format!(
        "{NO_TRIGGERS}; alter table dlog.leaf disable trigger all;
         update dlog.entry set body = convert_to(replace(convert_from(body, 'UTF8'), '2030', '2029'), 'UTF8')
         where subject = 'INC-1' and seq = 2;
         update dlog.leaf set leaf_hash = entry.leaf_hash from dlog.entry where entry.id = leaf.entry_id; {TRIGGERS}"
    ))
    .await;
    let (whole, told) = audit(&bot, &folder, &["verify"]);
    assert!(!whole && told.contains("not what was signed"), "{told}");
    bot.leave().await;
}
