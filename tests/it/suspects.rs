//! What changed before an incident, told to whoever joins.

use wardroom::domain::policy::DEFAULT_TOML;

use crate::harness::{Bot, holds};

const STEP: &str = "/change new move the queue svc:payments impact: none why: routine plan: move it back tested:yes \
                    data:1 availability:1 compliance:1 complexity:1 rollback:1 from:14:01 until:16:00";

/// Ana moves the queue of the payments.
async fn running(bot: &Bot) {
    let ana = bot.person("ana").slack();
    ana.says(STEP).await;
    bot.person("mia").slack().says("/change approve CHG-1").await;
    holds(&ana.says("/change start CHG-1").await, &["its window has not opened yet", "`/change sched CHG-1`"]);
    bot.pass(2).await;
    holds(&bot.person("ana").slack().says("/change start CHG-1").await, &["started CHG-1"]);
    bot.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_room_hears_of_a_change_that_runs_and_whoever_carries_it_out_is_called_on_both_platforms() {
    let bot = Bot::start().await;
    running(&bot).await;
    bot.person("tom").discord().says("/inc declare cards fail sev: sev2 svc: payments").await;
    bot.run_until_idle().await;
    let slack = bot.person("tom").slack().at("inc-1-cards-fail");
    holds(&slack.sees(), &["What changed before INC-1", "*CHG-1* move the queue", "*runs now*", "@ana", "*95 of 100*"]);
    let discord = bot.person("tom").discord().at("inc-1-cards-fail");
    holds(&discord.sees(), &["What changed before INC-1", "**CHG-1** move the queue", "**runs now**", "**95 of 100**"]);
    let asked = slack.says("/inc changes").await;
    holds(&asked, &["What changed before INC-1", "`/change rollback CHG-1`", "way back: "]);
    assert!(!slack.sees().contains("way back: "), "what is said in a room stays there");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_long_ago_is_named_and_calls_nobody_and_what_is_unrelated_is_not_named() {
    let bot = Bot::start().await;
    running(&bot).await;
    bot.person("ana").slack().says("/change done CHG-1").await;
    bot.pass(30 * 60).await;
    bot.person("tom").discord().says("/inc declare cards fail sev: sev2 svc: payments").await;
    bot.person("tom").discord().says("/inc declare mail is slow sev: sev3 svc: accounts").await;
    bot.run_until_idle().await;
    let first = bot.person("tom").slack().at("inc-1-cards-fail").sees();
    holds(&first, &["*CHG-1* move the queue · Card payments · validating", "*Ana Ruiz* · 40 of 100"]);
    let second = bot.person("tom").slack().at("inc-2-mail-is-slow");
    assert!(!second.sees().contains("What changed"), "{}", second.sees());
    holds(&second.says("/inc changes").await, &["No change ran on", "in the 72 hours before INC-2"]);
    bot.finish().await;
}

/// A category of its own, and the words that it is known by.
fn with_queues() -> String {
    let checklist = "[checklists]\nqueue = [{ key = \"drained\", before = \"close\", what = \"a look at the queue\" }]";
    let symptoms = "[links.symptoms]\nqueue = [\"backlog\"]";
    DEFAULT_TOML.replacen("[checklists]", checklist, 1).replace("[links.symptoms]", symptoms)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_category_matches_the_words_of_the_incident_is_likelier_and_the_log_says_why() {
    let bot = Bot::start().await;
    assert!(bot.app.load_policy(&with_queues()).await.expect("a sound policy").in_force);
    let ana = bot.person("ana").slack();
    ana.says(&format!("{STEP} category:queue")).await;
    bot.person("mia").slack().says("/change approve CHG-1").await;
    bot.pass(2).await;
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    ana.says("/change plan tick drained it is empty CHG-1").await;
    ana.says("/change done CHG-1").await;
    // Three hours later it is 85 of 100 by its age alone.
    bot.pass(180).await;
    let declared = bot.person("tom").discord().says("/inc declare the Backlog grows sev: sev2 svc: payments").await;
    holds(&declared, &["**CHG-1** may have caused INC-1: **90 of 100**"]);
    bot.run_until_idle().await;
    let facts = "select convert_from(body, 'UTF8') from dlog.entry where kind = 'link.proposed'";
    holds(&bot.database.texts(facts).await.concat(), &["\"category\""]);
    bot.finish().await;
}
