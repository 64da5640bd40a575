//! What hurts is signed outside the database before anybody hears of it.

use std::time::{Duration, Instant};

use futures::future::join_all;
use wardroom::store::Sealed;

use super::outside::{AtWork, Folder, LOG, first_name, signed};
use super::{ROOM, declared};
use crate::harness::Bot;

/// Longer than any retry; what takes longer never comes.
const PATIENCE: Duration = Duration::from_secs(30);

/// The greatest size that is signed.
fn newest(folder: &Folder) -> i64 {
    signed(folder, LOG).last().map_or(0, |signed| i64::try_from(signed.checkpoint.size).expect("a small log"))
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < PATIENCE, "{what}: not within {} s", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// How many entries the log has up to the newest of the incident.
async fn leaves_to_incident(bot: &Bot) -> i64 {
    let sql = "select max(idx) + 1 from dlog.leaf join dlog.entry on id = entry_id where subject = 'INC-1'";
    bot.database.count(sql).await
}

/// Lowers what is worst, which takes a second person; the second person's answer comes back.
async fn lower(bot: &Bot) -> String {
    let ana = bot.person("ana").slack().at(ROOM);
    ana.says("/inc sev 1 why: all regions").await;
    ana.says("/inc sev 2 why: one region only").await;
    bot.person("tom").discord().at(ROOM).says("/inc confirm").await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_is_in_the_file_before_its_author_is_answered_and_a_note_waits_for_the_clock() {
    let (bot, folder) = (Bot::start().await, Folder::new("at-once"));
    let at_work = AtWork::start(&bot, &folder);
    let ana = declared(&bot).await;
    until("what was there at the start is signed", async || newest(&folder) > 0).await;
    let before = newest(&folder);
    ana.says("/inc note the first note").await;
    assert_eq!(newest(&folder), before, "a note waits for the clock");

    let said = lower(&bot).await;
    assert!(said.contains("L INC-1#") && !said.contains("pending"), "{said}");
    assert_eq!(newest(&folder), leaves_to_incident(&bot).await, "the override, and all before it");
    let entry = bot.decision_log("INC-1").await;
    assert!(entry.contains("incident.step_confirmed by tom"), "{entry}");
    at_work.stop().await.expect("it ends well");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_signature_serves_all_who_wait() {
    let (bot, folder) = (Bot::start().await, Folder::new("coalesced"));
    declared(&bot).await;
    let store = &bot.app.store;
    assert_eq!(store.sealed(1, PATIENCE).await, Sealed::Never, "where nobody signs, nobody waits");
    store.serve_seals(true);
    let waiting = join_all((0..20).map(|_| store.sealed(1, PATIENCE)));
    // They are there before anybody works on it.
    let (answers, at_work) = tokio::join!(biased; waiting, async { AtWork::start(&bot, &folder) });
    assert_eq!(answers, [Sealed::Yes; 20]);
    assert_eq!(signed(&folder, LOG).len(), 1);
    at_work.stop().await.expect("it ends well");
    assert_eq!(store.sealed(1, PATIENCE).await, Sealed::Never);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_file_cannot_be_written_the_answer_is_not_kept_back_and_says_so() {
    let (bot, folder) = (Bot::start().await, Folder::new("pending"));
    declared(&bot).await;
    drop(super::outside::anchors(&folder).hold(&first_name()).expect("the folder can be made"));
    let file = folder.at("ledger/wardroom.harbour.checkpoints");
    std::fs::create_dir(&file).expect("what should be a file is a folder");
    let at_work = AtWork::start(&bot, &folder);
    // It has found the trouble once: from here on people wait for it.
    until("somebody signs", async || bot.app.store.sealed(1, PATIENCE).await == Sealed::Pending).await;
    let began = Instant::now();
    let said = lower(&bot).await;
    let took = began.elapsed();
    assert!(said.contains("L INC-1#"), "it is done: {said}");
    assert!(said.contains("Its checkpoint outside the database is pending"), "{said}");
    assert!(took < Duration::from_secs(3), "all answers within {took:?}");

    std::fs::remove_dir(&file).expect("it is empty");
    until("it is signed once the disk is well", async || newest(&folder) == leaves_to_incident(&bot).await).await;
    at_work.stop().await.expect("it ends well");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_sign_into_one_file_make_one_history() {
    let (bot, folder) = (Bot::start().await, Folder::new("two"));
    let both = [AtWork::start(&bot, &folder), AtWork::start(&bot, &folder)];
    let ana = declared(&bot).await;
    for number in 0..6 {
        ana.says(&format!("/inc note number {number}")).await;
        join_all((0..4).map(|_| bot.app.store.sealed(1, PATIENCE))).await;
    }
    for at_work in both {
        at_work.stop().await.expect("it ends well");
    }
    let text = std::fs::read_to_string(folder.at("ledger/wardroom.harbour.checkpoints")).expect("it was written");
    let steps: Vec<Vec<u64>> = text
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| line.split(' ').filter_map(|word| word.parse().ok()).collect())
        .collect();
    assert!(steps.len() >= 6, "{text}");
    for (before, after) in steps.iter().zip(&steps[1..]) {
        assert_eq!(before[1], after[0], "each continues the one before:\n{text}");
    }
    bot.finish().await;
}

/// The database is put back while the bot runs.
#[tokio::test(flavor = "multi_thread")]
async fn a_bot_whose_log_goes_back_under_it_stops_and_signs_nothing_more() {
    let (bot, folder) = (Bot::start().await, Folder::new("under-it"));
    let ana = declared(&bot).await;
    super::outside::back_up(&bot).await;
    for number in 0..3 {
        ana.says(&format!("/inc note number {number}")).await;
    }
    super::outside::notary(&bot, &folder).sign(1).await.expect("it can be signed");
    let at_work = AtWork::start(&bot, &folder);
    until("it is at work", async || bot.app.store.sealed(1, PATIENCE).await == Sealed::Yes).await;
    let before = signed(&folder, LOG);
    super::outside::restore(&bot).await;
    bot.person("raj").discord().says("/inc declare another one sev:sev4 svc:shop").await;
    assert_ne!(bot.app.store.sealed(1, PATIENCE).await, Sealed::Yes);
    let refused = at_work.ended().await.expect_err("the log is another one").to_string();
    assert!(refused.contains("does not continue what was signed"), "{refused}");
    assert_eq!(signed(&folder, LOG), before);
    bot.leave().await;
}
