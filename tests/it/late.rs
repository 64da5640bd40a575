//! Answers that take longer than the platforms wait: they come all the same, in place of what was shown meanwhile.

use wardroom::sandbox::slack::SlackFault;

use crate::harness::Bot;

const ROOM: &str = "inc-1-cards-fail";

/// Longer than the bot lets a platform wait without a sign, shorter than its patience with Postgres.
const HOLD_SECS: f32 = 2.9;

/// Keeps every command from being carried out for a while, as a Postgres under load would.
async fn holding_up<T>(bot: &Bot, then: &str, meanwhile: impl Future<Output = T>) -> T {
    let sql = format!("lock table incident in access exclusive mode; select pg_sleep({HOLD_SECS}); {then}");
    let ((), done) = tokio::join!(bot.as_superuser(&sql), async {
        bot.wait_until_locked().await;
        meanwhile.await
    });
    done
}

async fn declared() -> Bot {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_done().await;
    bot
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_after_three_seconds_comes_all_the_same() {
    let bot = declared().await;
    let (slack, discord) = (bot.person("ana").slack().at(ROOM), bot.person("tom").discord().at(ROOM));
    holding_up(&bot, "", async {
        let (on_slack, on_discord) = (slack.says("/inc note slow on Slack"), discord.says("/inc note slow on Discord"));
        tokio::join!(Box::pin(on_slack), Box::pin(on_discord))
    })
    .await;
    for (here, note) in [(&slack, "slow on Slack"), (&discord, "slow on Discord")] {
        let told = here.will_be_told(note).await;
        assert!(told.contains("L INC-1#"), "{told}");
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_whose_sending_failed_late_says_so_and_can_be_sent_again() {
    let bot = declared().await;
    let ana = bot.person("ana").discord().at(ROOM);
    let answers = [("to", "investigating")];
    assert!(ana.says("/inc status").await.contains("[Continue]"));
    let cut_off = "select pg_terminate_backend(pid) from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock'";
    holding_up(&bot, cut_off, ana.chooses_only(&answers)).await;
    let told = ana.will_be_told("could not do this just now").await;
    assert!(told.contains("Nothing was changed"), "{told}");
    ana.chooses_only(&answers).await;
    let log = bot.decision_log("INC-1").await;
    assert_eq!(log.matches("incident.status_set").count(), 1, "{log}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_whispered_in_a_channel_is_said_in_a_direct_message() {
    let bot = declared().await;
    let ana = bot.person("ana").slack().at(ROOM);
    ana.says("/inc status mitigated").await;
    assert_eq!(ana.presses("Resolve", "INC-1").await, "(a form)");
    let (method, error) = ("chat.postEphemeral".to_owned(), "user_not_in_channel".to_owned());
    bot.slack.fault(SlackFault::Fail { method, times: 1, error });
    let told = ana.fills(&[("summary", "a switch was flipped back")]).await;
    assert!(told.contains("resolved"), "{told}");
    assert_eq!(bot.slack.calls().iter().filter(|(call, _)| call == "conversations.open").count(), 1);
    bot.finish().await;
}
