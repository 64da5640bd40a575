//! The risk says which earlier changes it learns from: those of the service, or of the whole house where it has too few.

use crate::harness::{Bot, holds};

/// Low risk, by ana; mia owns the payments.
const STEP: &str = "impact: none why: routine plan: move it back @ana fails: it hangs -> move it back abort: cards fail tested:yes data:1 availability:1 compliance:1 \
                    complexity:1 rollback:1";

/// Five changes of the payments, of which the last two were taken back.
async fn five_changes(bot: &Bot) {
    for number in 1..=5 {
        let (ana, change) = (bot.person("ana").slack(), format!("CHG-{number}"));
        let asked = ana.says(&format!("/change new move the queue svc:payments {STEP} from:+1m until:+60m")).await;
        holds(&asked, &[&change]);
        assert!(!asked.contains("history:"), "there are too few: {asked}");
        bot.person("mia").slack().says(&format!("/change approve {change}")).await;
        bot.pass(2).await;
        holds(&ana.says(&format!("/change start {change}")).await, &["started"]);
        if number > 3 {
            holds(&ana.says(&format!("/change rollback it got worse change:{change}")).await, &["rolled"]);
        } else {
            ana.says(&format!("/change done {change}")).await;
        }
        bot.pass(15).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reasons_name_the_changes_that_were_counted_and_widen_where_a_service_has_too_few() {
    let bot = Bot::start().await;
    five_changes(&bot).await;
    let own = format!("/change new move the queue svc:payments {STEP}");
    let asked = bot.person("ana").slack().says(&own).await;
    holds(&asked, &["+4 history: 2 of 5 normal changes on Card payments failed"]);
    bot.run_until_idle().await;
    let reasons = bot.person("raj").discord().says("/change plan risk change: CHG-6").await;
    holds(&reasons, &["history: 2 of 5 normal changes on Card payments failed"]);
    let other = format!("/change new empty the queue svc:accounts {STEP}");
    let asked = bot.person("ines").slack().says(&other).await;
    let widened = "+4 history: 2 of 5 normal changes failed, on all services, for there were only 0 on Accounts";
    holds(&asked, &[widened]);
    let kept = "select count(*) from change where number = 7 and risk::text like '%for there were only 0 on Accounts%'";
    assert_eq!(bot.database.count(kept).await, 1, "the assessment keeps its sample");
    bot.finish().await;
}
