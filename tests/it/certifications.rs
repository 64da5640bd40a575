//! A service under a compliance regime is changed by people who are certified for it (rule 4.10).

use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, holds};

const ROOM: &str = "inc-1-cards-fail";
const PLAN: &str = "plan: put the old one back @ana 5m fails: slow -> wait abort: cards fail";
const RISK: &str = "tested:yes data:1 availability:1 compliance:1 complexity:1 rollback:2";
const BULK: &str = "tested:yes risk: 1 1 1 1 2";

/// Payments is under sox; who has these keys is certified for it.
async fn certify(bot: &Bot, certified: &[&str]) {
    let payments = "key = \"payments\"\nname = \"Card payments\"\n";
    let mut file = ORGANISATION.replace(payments, &format!("{payments}compliance = [\"sox\"]\n"));
    for key in certified {
        let person = format!("[[person]]\nkey = \"{key}\"\n");
        assert!(file.contains(&person), "{key} is in the file");
        file = file.replace(&person, &format!("{person}certified = [\"SOX\"]\n"));
    }
    bot.app.apply_organisation(&file, false).await.expect("it holds together");
}

async fn with_an_incident(certified: &[&str]) -> Bot {
    let bot = Bot::start().await;
    certify(&bot, certified).await;
    bot.person("ana").discord().says("/inc declare cards fail sev: sev1 svc: payments").await;
    bot.run_until_idle().await;
    bot
}

fn regular() -> String {
    format!("/change new move the queue svc:payments impact: none why: it is due {PLAN} {RISK} until:+4h")
}

fn urgent() -> String {
    format!("/change emergency roll back impact: cards fail why: each minute costs {PLAN} {RISK}")
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_certified_is_refused_with_who_is_and_who_grants_it() {
    let bot = with_an_incident(&["raj"]).await;
    let refusal = [
        "Card payments is under sox, and you are not certified for sox.",
        "Raj Patel is certified, and can ask for it.",
        "Omar Haddad grants it: `certified = [\"sox\"]` in the organisation file.",
        "Rule 4.10",
    ];
    let ana = bot.person("ana").slack().at(ROOM);
    holds(&ana.says(&regular()).await, &refusal);
    holds(&ana.says(&urgent()).await, &refusal);
    holds(&bot.person("ana").discord().at(ROOM).says(&urgent()).await, &["you are not certified for sox"]);
    let elsewhere = ana.says(&regular().replace("svc:payments", "svc:checkout")).await;
    holds(&elsewhere, &["asks for the normal change *CHG-1*"]);
    let moved = ana.says("/change edit CHG-1 svc:payments").await;
    holds(&moved, &["you are not certified for sox", "nothing was changed"]);
    let asked = bot.person("raj").discord().at(ROOM).says(&urgent()).await;
    holds(&asked, &["asks for the emergency change **CHG-2**"]);
    bot.run_until_idle().await;
    let refused = bot.decision_log("INC-1").await;
    assert!(refused.contains("refused by ana"), "both are on the record:\n{refused}");
    holds(&bot.decision_log("CHG-2").await, &["change.requested by raj"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_gone_holds_up_the_start() {
    let bot = with_an_incident(&["ana"]).await;
    let ana = bot.person("ana").slack().at(ROOM);
    ana.says(&urgent()).await;
    bot.run_until_idle().await;
    bot.person("raj").discord().at(ROOM).reviews("CHG-1").await;
    for key in ["tom", "mia"] {
        bot.person(key).discord().at(ROOM).presses("Approve", "CHG-1").await;
    }
    bot.run_until_idle().await;
    certify(&bot, &[]).await;
    let refused = ana.says("/change start CHG-1").await;
    holds(&refused, &["you are not certified for sox", "Nobody is certified for it yet.", "Rule 4.10"]);
    let check = bot.person("omar").discord().says("/admin check").await;
    holds(&check, &["nobody is certified for sox, which Card payments is under"]);
    certify(&bot, &["ana"]).await;
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    holds(&bot.person("ana").slack().says("/admin whoami").await, &["Certified for: SOX"]);
    bot.run_until_idle().await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standard_change_and_an_item_of_a_batch_ask_for_it_too() {
    let bot = Bot::start().await;
    certify(&bot, &[]).await;
    let ledger = ORGANISATION.replace(
        "key = \"ledger\"\nname = \"Ledger database\"\n",
        "key = \"ledger\"\nname = \"Ledger database\"\ncompliance = [\"sox\", \"pci\"]\n",
    );
    assert_ne!(ledger, ORGANISATION);
    bot.app.apply_organisation(&ledger, false).await.expect("it holds together");
    let lena = bot.person("lena").slack();
    let refused = lena.says("/change std log-rotation keep_days:14 svc:ledger").await;
    holds(&refused, &["Ledger database is under sox and pci, and you are not certified for sox and pci."]);
    certify(&bot, &[]).await;
    let bulk =
        format!("/change bulk move queues until:+20h items: payments move it impact: none why: routine {PLAN} {BULK}");
    bot.person("ana").slack().at("changes").says(&bulk).await;
    bot.run_until_idle().await;
    let items = bot.person("ana").slack().says("/change plan batch BAT-1 show").await;
    holds(&items, &["you are not certified for sox"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_without_one_is_recorded_and_says_so() {
    let bot = Bot::start().await;
    certify(&bot, &["raj"]).await;
    let recorded = bot
        .person("ana")
        .slack()
        .says(
            "/change after retro turned the queue off svc:payments at:-30m why: it was on fire evidence: the graph works:yes \
             risk:1 complexity:1 rollback:1",
        )
        .await;
    holds(&recorded, &["Card payments is under sox, and Ana Ruiz is not certified for sox."]);
    bot.run_until_idle().await;
    bot.finish().await;
}
