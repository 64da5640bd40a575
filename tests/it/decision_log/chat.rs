//! Chat keeps checkpoints too: few messages, each with a note that anybody can check, and read back against the log.

use wardroom::sandbox::slack::SlackFault;

use super::outside::{AtWork, Folder, audit_with_chat, back_up, notary, restore};
use super::{ROOM, short_story};
use crate::harness::Bot;

const CHANNEL: &str = "decision-log";

/// Lets the pause between two messages pass.
async fn pause(bot: &Bot) {
    bot.as_superuser(
        "update graphile_worker._private_jobs set run_at = now() where payload->>'job' = 'post_checkpoint';
         update dlog.checkpoint_post set posted_at = posted_at - interval '2 minutes'",
    )
    .await;
    bot.run_until_idle().await;
}

fn posted(bot: &Bot) -> [usize; 2] {
    let count = |text: String| text.matches("The decision log has").count();
    [count(bot.slack.transcript(CHANNEL)), count(bot.discord.transcript(CHANNEL))]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_checkpoint_is_in_chat_with_the_next_message_and_messages_are_few() {
    let (bot, folder) = (Bot::start().await, Folder::new("chat"));
    let notary = notary(&bot, &folder);
    short_story(&bot).await;
    let first = notary.sign(1).await.expect("it can be signed").expect("the tree grew");
    bot.run_until_idle().await;
    assert_eq!(posted(&bot), [1, 1]);
    for text in [bot.slack.transcript(CHANNEL), bot.discord.transcript(CHANNEL)] {
        assert!(text.contains(&format!("The decision log has {} entries.", first.size)), "{text}");
        assert!(text.contains("— wardroom/harbour "), "the signed note is there:\n{text}");
    }
    let ana = bot.person("ana").slack().at(ROOM);
    let mut newest = first;
    for number in 0..3 {
        ana.says(&format!("/inc note number {number}")).await;
        newest = notary.sign(1).await.expect("it can be signed").expect("the tree grew");
        bot.run_until_idle().await;
    }
    assert_eq!(posted(&bot), [1, 1], "one a minute");
    pause(&bot).await;
    assert_eq!(posted(&bot), [2, 2], "the newest says it for those before it");
    assert!(bot.slack.transcript(CHANNEL).contains(&format!("has {} entries", newest.size)));
    pause(&bot).await;
    assert_eq!(posted(&bot), [2, 2], "each once");

    let kept = notary.read_chat(1, &bot.adapters).await.expect("chat can be read");
    assert_eq!(kept.kept.iter().map(|kept| kept.notes.len()).collect::<Vec<_>>(), [2, 2], "{kept:?}");
    notary.check_chat(&bot.adapters).await.expect("it fits");
    let (whole, told) = audit_with_chat(&bot, &folder, &["verify"]);
    assert!(whole && told.contains("4 signed checkpoints agree"), "{told}");
    for platform in ["Slack", "Discord"] {
        let compared = format!("2 checkpoints in the log channel on {platform} were compared");
        assert!(told.contains(&compared), "{told}");
    }
    bot.finish().await;
}

/// Killed when the checkpoint was in the file and nobody else knew of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_file_knew_is_in_the_database_and_in_chat_after_the_next_start() {
    let (bot, folder) = (Bot::start().await, Folder::new("untold"));
    short_story(&bot).await;
    notary(&bot, &folder).sign(1).await.expect("it can be signed").expect("the tree grew");
    bot.as_superuser(
        "alter table dlog.checkpoint disable trigger all; delete from dlog.checkpoint;
         alter table dlog.checkpoint enable trigger all;
         delete from graphile_worker._private_jobs where payload->>'job' = 'post_checkpoint'",
    )
    .await;
    bot.run_until_idle().await;
    assert_eq!(posted(&bot), [0, 0]);
    AtWork::start(&bot, &folder).stop().await.expect("it ends well");
    assert_eq!(bot.database.count("select count(*) from dlog.checkpoint").await, 1);
    bot.run_until_idle().await;
    assert_eq!(posted(&bot), [1, 1]);
    bot.finish().await;
}

/// Database and folder were both put back: only chat knows better.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_only_chat_contradicts_is_not_gone_on_with() {
    let (bot, folder) = (Bot::start().await, Folder::new("only-chat"));
    let notary = notary(&bot, &folder);
    short_story(&bot).await;
    notary.sign(1).await.expect("it can be signed");
    let file = folder.at("ledger/wardroom.harbour.checkpoints");
    let old = std::fs::read(&file).expect("it was written");
    back_up(&bot).await;
    bot.person("ana").slack().at(ROOM).says("/inc note what nobody should know").await;
    let newest = notary.sign(1).await.expect("it can be signed").expect("the tree grew");
    bot.run_until_idle().await;
    restore(&bot).await;
    std::fs::write(&file, old).expect("the folder can be put back");
    notary.check().await.expect("the folder says nothing against it");
    let refused = notary.check_chat(&bot.adapters).await.expect_err("chat does").to_string();
    assert!(refused.contains(&format!("{} entries were signed outside", newest.size)), "{refused}");
    assert!(refused.contains("found in the log channel on Slack"), "{refused}");
    let (whole, told) = audit_with_chat(&bot, &folder, &["verify"]);
    assert!(!whole && told.contains(&format!("{} entries were signed", newest.size)), "{told}");
    let (settled, told) = audit_with_chat(&bot, &folder, &["recover"]);
    assert!(!settled && told.contains("as the log channel on Slack has it"), "{told}");

    // A place that cannot be reached keeps nobody from starting; another one counts all the same.
    let fault = || SlackFault::ServerError { method: "conversations.history".to_owned(), times: 9 };
    bot.slack.fault(fault());
    let refused = notary.check_chat(&bot.adapters).await.expect_err("Discord does").to_string();
    assert!(refused.contains("found in the log channel on Discord"), "{refused}");
    let only_slack = wardroom::platform::Adapters { discord: None, ..bot.adapters.clone() };
    bot.slack.fault(fault());
    notary.check_chat(&only_slack).await.expect("what can't be reached is skipped");
    bot.slack.mend();
    bot.leave().await;
}
