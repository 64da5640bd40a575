//! What the data pack says of trends, and what the board does once a quarter with what reviews found.

use wardroom::jobs::Jobs;

use crate::harness::{Bot, holds};

const DAY: i32 = 24 * 60;
const ROOM: &str = "inc-1-cards-fail";

/// An emergency, from the request to its review.
async fn emergency(bot: &Bot, number: i64, verdict: &str) {
    let change = format!("CHG-{number}");
    let ana = bot.person("ana").slack().at(ROOM);
    let ask = format!(
        "/change emergency fix {number} svc:payments impact: cards fail why: now plan: put it back @ana fails: it hangs -> put \
         it back abort: cards fail tested:yes data:1 availability:1 compliance:1 complexity:1 rollback:1"
    );
    holds(&ana.says(&ask).await, &[&change]);
    bot.run_until_idle().await;
    bot.person("raj").discord().at(ROOM).reviews(&change).await;
    for key in ["tom", "mia"] {
        bot.person(key).slack().at(ROOM).says(&format!("/change approve {change}")).await;
    }
    holds(&ana.says(&format!("/change start {change}")).await, &[&format!("started {change}")]);
    ana.says(&format!("/change done {change}")).await;
    bot.run_until_idle().await;
    bot.person("mia").slack().says(&format!("/change after validate {change} ok")).await;
    let found =
        format!("/change after pir {change} verdict:{verdict} effective:yes policy:yes evidence:yes rollback:yes");
    holds(&bot.person("ines").slack().says(&found).await, &[&format!("reviewed {change}")]);
    bot.run_until_idle().await;
    // What is done is watched for a while, and nothing else runs beside it.
    bot.pass(DAY).await;
}

/// One in February, two in March: on Tuesday 2 April the pack of the quarter is told.
async fn in_april() -> Bot {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    bot.sleep_through(34 * DAY).await;
    let bot = bot.again().await;
    bot.run_until_idle().await;
    emergency(&bot, 1, "compliant").await;
    bot.sleep_through(27 * DAY).await;
    let bot = bot.again().await;
    bot.run_until_idle().await;
    emergency(&bot, 2, "non-compliant").await;
    emergency(&bot, 3, "misclassified").await;
    bot.sleep_through(21 * DAY + 30).await;
    announced(bot).await
}

async fn announced(bot: Bot) -> Bot {
    let bot = bot.again().await;
    Jobs { app: bot.app.clone(), adapters: bot.adapters.clone() }.plan().await.expect("it is planned");
    bot.run_until_idle().await;
    bot
}

/// The key of the item of the pack that says this.
fn key(pack: &str, says: &str) -> String {
    let line = pack.lines().rev().find(|line| line.contains(says)).expect("the pack says so");
    let words = line.split(|c: char| !c.is_ascii_alphanumeric());
    words.into_iter().find(|word| word.starts_with('P')).expect("it has a key").to_owned()
}

async fn meet(bot: &Bot) {
    bot.person("ines").slack().at("changes").says("/cab open").await;
    bot.person("mia").slack().says("/cab present").await;
    for key in ["kim", "ana"] {
        bot.person(key).discord().says("/cab present").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn once_a_quarter_each_finding_wants_a_decision_and_a_rise_of_three_months_is_an_alarm() {
    let bot = Box::pin(in_april()).await;
    let pack = bot.person("raj").discord().at("changes").sees().replace('*', "");
    holds(
        &pack,
        &[
            "emergencies by month, with what only planning made urgent: 0, 0, 0, 0, 1, 2 (▁▁▁▁▅█), 1 more than the month before",
            "emergencies by cause: not on record 2 (1 the month before)",
            "emergencies by service: Card payments 2 (1 the month before)",
            "2030-Q1 against 2029-Q4: 3 changes ended (0 before)",
            "finding: the review of CHG-2 says non-compliant, and nobody has asked for another rule",
            "finding: the review of CHG-3 says misclassified",
        ],
    );
    assert!(!pack.contains("ALARM"), "two rises are none");
    let (first, second) = (key(&pack, "the review of CHG-2"), key(&pack, "the review of CHG-3"));
    meet(&bot).await;
    let ines = || bot.person("ines").slack().at("changes");
    let bare = ines().says(&format!("/cab decide a dry run first cites:{first}")).await;
    holds(&bare, &["is a finding: the board adopts, rejects or defers it", "Rule cab-meeting"]);
    let figure = ines().says("/cab decide a dry run first cites:P2 verdict:adopt").await;
    holds(&figure, &["Only a finding of the data pack is adopted"]);
    let early = ines().says("/cab close").await;
    holds(&early, &[&format!("Findings of the data pack wait for a decision: {first}, {second}."), "Rule cab-meeting"]);
    let adopted = ines().says(&format!("/cab decide a dry run first cites:{first} verdict:adopt")).await;
    holds(&adopted, &["a dry run first", "*AMD-1*, for finding CHG-2"]);
    holds(
        &ines().says(&format!("/cab decide something else cites:{first} verdict:reject")).await,
        &["It was decided at"],
    );
    let rejected = ines().says(&format!("/cab decide it was a slip cites:{second} verdict:reject")).await;
    holds(&rejected, &["it was a slip", "reject"]);
    holds(&ines().says("/cab close").await, &["/cab minutes"]);
    bot.run_until_idle().await;
    let minutes = bot.person("raj").discord().says("/cab minutes").await;
    holds(&minutes, &["adopt: a dry run first (goes by P", "reject: it was a slip (goes by P"]);
    holds(&bot.decision_log("POLICY").await, &["amendment.proposed by ines"]);

    // Three in April, after two in March and one in February: on Tuesday 30 April that is an alarm.
    bot.sleep_through(13 * DAY).await;
    let bot = bot.again().await;
    bot.run_until_idle().await;
    for number in 4..=6 {
        emergency(&bot, number, "compliant").await;
    }
    bot.sleep_through(12 * DAY).await;
    let bot = announced(bot).await;
    let changes = bot.person("raj").discord().at("changes").sees().replace('*', "");
    holds(
        &changes,
        &[
            "ALARM: emergencies rise for three months in a row; no cause is on record",
            "Emergencies rise for three months in a row: 3 last month after 2 · no cause is on record",
        ],
    );
    assert_eq!(changes.matches("2030-Q1 against").count(), 2, "in one pack, and on the card of its meeting");
    holds(&bot.person("ines").slack().says("/log verify").await, &["*The log is whole.*"]);
    bot.finish().await;
}
