//! How many changes run at once: for an incident, beside their neighbours, and in a surge of incidents (rules 4.4, 4.18).

use wardroom::domain::policy::DEFAULT_TOML;

use crate::harness::{Bot, Here, holds};

/// A small change for the incident of this room, on one of its services.
async fn approved(bot: &Bot, room: &str, number: usize, service: &str, yes: [&str; 2]) {
    let asked = format!(
        "/change emergency fix {service} svc:{service} impact: slow why: queues grow plan: start the old one tested:yes data:1 \
         availability:1 compliance:1 complexity:1 rollback:1"
    );
    bot.person("ana").slack().at(room).says(&asked).await;
    bot.run_until_idle().await;
    let change = format!("CHG-{number}");
    bot.person("raj")
        .discord()
        .at(room)
        .says(&format!("/change review verdict: ok target: yes rollback: yes effects: yes change: {change}"))
        .await;
    for key in yes {
        if key == "sam" {
            bot.person(key).discord().says(&format!("/change approve change: {change}")).await;
        } else {
            bot.person(key).slack().says(&format!("/change approve {change}")).await;
        }
    }
    let shown = bot.person("ana").slack().says(&format!("/change show {change}")).await;
    holds(&shown, &["approved"]);
    bot.run_until_idle().await;
}

async fn running(bot: &Bot) -> i64 {
    bot.database.count("select count(*) from change where status = 'implementing'").await
}

const ROOM: &str = "inc-1-much-is-slow";

fn ana(bot: &Bot) -> Here<'_> {
    bot.person("ana").slack().at(ROOM)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_runs_two_changes_at_once_and_its_commander_lets_one_run_beside_its_neighbour() {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev2 much is slow svc:ledger,shop,checkout").await;
    bot.run_until_idle().await;
    bot.person("omar").discord().at(ROOM).says("/inc lead person: @omar").await;
    approved(&bot, ROOM, 1, "ledger", ["lena", "tom"]).await;
    approved(&bot, ROOM, 2, "shop", ["mia", "sam"]).await;
    approved(&bot, ROOM, 3, "checkout", ["tom", "mia"]).await;
    holds(&ana(&bot).says("/change start CHG-1").await, &["started CHG-1"]);
    holds(&ana(&bot).says("/change start CHG-2").await, &["started CHG-2"]);
    // The shop depends on the checkout.
    holds(
        &ana(&bot).says("/change start CHG-3").await,
        &["wants to start *CHG-3*; it waits in place 1, behind CHG-1, CHG-2"],
    );
    holds(
        &ana(&bot).says("/change start CHG-3").await,
        &["another change runs next to it; the commander can allow both"],
    );
    let stranger =
        bot.person("raj").discord().at(ROOM).says("/change queue move: beside change: CHG-3 why: I looked").await;
    holds(&stranger, &["You do not order the line", "Omar Haddad, who commands its incident", "Rule 4.18"]);
    let beside =
        bot.person("omar").discord().at(ROOM).says("/change queue move: beside change: CHG-3 why: other tables").await;
    holds(
        &beside,
        &["lets **CHG-3** run beside the change next to it: other tables", "as many changes running as may be"],
    );
    assert_eq!(running(&bot).await, 2, "two for one incident");

    ana(&bot).says("/change rollback worse change: CHG-1").await;
    bot.run_until_idle().await;
    for here in [ana(&bot), bot.person("raj").discord().at(ROOM)] {
        holds(&here.sees(), &["It is the turn of", "CHG-3", "[Start now]"]);
    }
    holds(&ana(&bot).presses("Start now", "CHG-3").await, &["started CHG-3"]);
    assert_eq!(running(&bot).await, 2, "beside its neighbour");
    holds(&bot.decision_log("CHG-3").await, &["slot.queued by ana", "slot.allowed_both by omar"]);
    holds(&bot.person("zoe").slack().says("/log verify").await, &["The log is whole."]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_surge_fewer_changes_run_at_once_until_half_an_hour_after_it() {
    let bot = Bot::start().await;
    let one = DEFAULT_TOML.replace("running_in_surge_max = 6", "running_in_surge_max = 1");
    assert_ne!(one, DEFAULT_TOML);
    bot.app.load_policy(&one).await.expect("a sound policy");
    let ana = bot.person("ana").slack();
    for (what, service) in [("ledger is slow", "ledger"), ("shop is slow", "shop"), ("reports are late", "reports")] {
        ana.says(&format!("/inc declare sev2 {what} svc:{service}")).await;
    }
    bot.run_until_idle().await;
    approved(&bot, "inc-1-ledger-is-slow", 1, "ledger", ["lena", "tom"]).await;
    approved(&bot, "inc-2-shop-is-slow", 2, "shop", ["mia", "sam"]).await;
    bot.person("ana").slack().says("/inc declare sev2 logins fail svc:accounts").await;
    bot.run_until_idle().await;

    // Four of P2 are open now.
    let ana = bot.person("ana").slack();
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    holds(&ana.says("/change start CHG-2").await, &["it waits in place 1, behind CHG-1"]);
    holds(&ana.says("/change start CHG-2").await, &["in a surge, no more changes run at once"]);
    for line in [ana.says("/change queue").await, bot.person("raj").discord().says("/change queue").await] {
        holds(&line, &["CHG-2", "and 1 in all while there is a surge"]);
    }
    // The clock stands still until it is moved: a surge of no length is none.
    bot.pass(1).await;
    let omar = bot.person("omar").slack().at("inc-3-reports-are-late");
    omar.says("/inc lead me").await;
    omar.says("/inc status mitigated").await;
    holds(&omar.says("/inc resolve the job was started again").await, &["INC-3"]);
    bot.run_until_idle().await;
    bot.pass(29).await;
    holds(&ana.says("/change start CHG-2").await, &["waits already", "in a surge"]);
    bot.pass(1).await;
    holds(&ana.says("/change start CHG-2").await, &["started CHG-2"]);
    assert_eq!(running(&bot).await, 2);
    bot.finish().await;
}
