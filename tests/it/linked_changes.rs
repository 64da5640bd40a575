//! Changes that are linked by hand to an incident: its freeze lets through what helps, and its commander does not approve it.

use crate::harness::{Bot, Here, holds};

const ROOM: &str = "inc-1-ledger-is-slow";

const CERTIFICATE: &str = "/change new rotate the certificate svc:payments impact: none if it goes well why: it expires \
                           plan: put the old one back @ana fails: handshakes fail -> put it back abort: cards fail \
                           tested: yes data: 1 availability: 2 compliance: 1 complexity: 2 rollback: 2";

/// Ana's change on the payments is agreed to, for the time from 15:00 to 16:00.
async fn planned(bot: &Bot) -> Here<'_> {
    let ana = bot.person("ana").slack();
    ana.says(CERTIFICATE).await;
    bot.run_until_idle().await;
    bot.person("mia").discord().says("/change approve CHG-1").await;
    bot.person("raj")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    bot.person("ines").slack().says("/change approve CHG-1").await;
    holds(&ana.says("/change sched CHG-1 from:+1h until:+1h").await, &["CHG-1"]);
    bot.run_until_idle().await;
    ana
}

/// Omar leads a major incident of the ledger, which the payments depend on.
async fn major(bot: &Bot) -> Here<'_> {
    let omar = led(bot).await;
    holds(&omar.says("/inc major why: no workaround").await, &["INC-1"]);
    bot.run_until_idle().await;
    omar
}

async fn led(bot: &Bot) -> Here<'_> {
    bot.person("mia").slack().says("/inc declare sev1 ledger is slow svc:ledger").await;
    bot.run_until_idle().await;
    let omar = bot.person("omar").discord().at(ROOM);
    omar.says("/inc lead person: @omar").await;
    omar
}

fn told(bot: &Bot) -> String {
    bot.person("ana").slack().private() + &bot.person("ana").discord().private()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_linked_as_the_way_out_of_a_major_is_let_go_and_without_the_link_it_is_held_again() {
    let bot = Bot::start().await;
    let ana = planned(&bot).await;
    major(&bot).await;
    holds(&ana.says("/change list").await, &["CHG-1", "on hold"]);
    // Whoever carries it out does not let it past by their own word, and what only has to do with it is held as well.
    let own = ana.says("/inc link CHG-1 resolves INC-1").await;
    holds(&own, &["as *resolves*", "It lets CHG-1 past a freeze once somebody else says the same."]);
    let raj = bot.person("raj").discord().at(ROOM);
    holds(&raj.says("/inc link change: CHG-1 as: related").await, &["as **related**"]);
    bot.run_until_idle().await;
    holds(&ana.says("/freeze check CHG-1").await, &["FRZ-1", "needs an exception"]);
    holds(&ana.says("/change list").await, &["CHG-1", "on hold"]);

    holds(&raj.says("/inc link change: CHG-1 as: resolves").await, &["as **resolves**"]);
    bot.run_until_idle().await;
    holds(&told(&bot), &["CHG-1 is not held up any more", "It may start inside its window"]);
    let tom = bot.person("tom").slack().at(ROOM);
    holds(&tom.says("/inc link CHG-1 none why: another certificate").await, &["has nothing to do with INC-1"]);
    bot.run_until_idle().await;
    holds(&ana.says("/change list").await, &["CHG-1", "on hold"]);
    holds(&tom.says("/inc link CHG-1 resolves").await, &["as *resolves*"]);
    bot.run_until_idle().await;
    bot.pass(61).await;
    let ana = bot.person("ana").slack();
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    let log = bot.decision_log("CHG-1").await;
    let held: Vec<&str> = log.lines().filter(|line| line.contains("held") || line.contains("released")).collect();
    assert_eq!(held.len(), 4, "held and let go, twice: {log}");
    holds(&ana.says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_things_settle_what_follows_from_the_incident_passes() {
    let bot = Bot::start().await;
    let ana = planned(&bot).await;
    let omar = major(&bot).await;
    omar.says("/inc status to: mitigated").await;
    holds(&omar.says("/inc resolve summary: the index is back").await, &["INC-1"]);
    bot.run_until_idle().await;
    holds(&ana.says("/freeze check CHG-1").await, &["FRZ-1", "needs an exception"]);
    let raj = bot.person("raj").discord().at(ROOM);
    holds(&raj.says("/inc link change: CHG-1 as: related").await, &["as **related**"]);
    bot.run_until_idle().await;
    holds(&told(&bot), &["CHG-1 is not held up any more"]);
    bot.pass(61).await;
    holds(&bot.person("ana").slack().says("/change start CHG-1").await, &["started CHG-1"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commander_does_not_approve_what_is_linked_as_the_way_out_nor_links_what_they_approved() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    ana.says(CERTIFICATE).await;
    ana.says(&CERTIFICATE.replace("rotate", "move")).await;
    bot.run_until_idle().await;
    led(&bot).await;
    let raj = bot.person("raj").discord().at(ROOM);
    // Mia owns the payments: hers is one of the seats.
    bot.person("mia").discord().says("/change approve CHG-2").await;
    let omar = bot.person("omar").discord().at(ROOM);
    holds(&omar.says("/inc lead person: @mia").await, &["leads as commander"]);
    holds(&raj.says("/inc link change: CHG-1 as: resolves").await, &["as **resolves**"]);
    let no = "You command INC-1, so the yes to a change that resolves it is for others.";
    holds(&bot.person("mia").slack().says("/change approve CHG-1").await, &[no, "Rule 4.15"]);
    holds(&bot.person("mia").discord().says("/change approve CHG-1").await, &[no, "Rule 4.15"]);
    let linked = raj.says("/inc link change: CHG-2 as: resolves").await;
    holds(&linked, &["Mia Chen commands INC-1 and said yes to CHG-2", "`/freeze except CHG-2 why: …`", "Rule 4.15"]);
    holds(&raj.says("/inc link change: CHG-2 as: related").await, &["as **related**"]);
    raj.says("/inc link change: CHG-1 as: none why: another certificate").await;
    holds(&bot.person("mia").slack().says("/change approve CHG-1").await, &["CHG-1"]);
    holds(&bot.decision_log("CHG-1").await, &["refused by mia", "seat.granted by mia"]);
    bot.finish().await;
}
