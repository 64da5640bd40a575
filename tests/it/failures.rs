//! A change that goes wrong opens an incident: by itself on what matters most, or because somebody stops it with one.

use crate::harness::{Bot, holds};

/// A low-risk change on the payments, a service of tier 1, that Ana carries out and that runs.
async fn running() -> Bot {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    let asked = ana
        .says(
            "/change new move the queue svc:payments impact: none why: routine plan: move it back tested:yes data:1 \
             availability:1 compliance:1 complexity:1 rollback:1 from:+1h until:+1h",
        )
        .await;
    holds(&asked, &["CHG-1"]);
    bot.run_until_idle().await;
    bot.person("raj")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    bot.person("mia").discord().says("/change approve CHG-1").await;
    bot.person("ines").slack().says("/change approve CHG-1").await;
    bot.pass(61).await;
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    bot.run_until_idle().await;
    bot
}

const ROOM: &str = "inc-1-chg-1-went-wrong-move-the-queue";

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_on_a_service_of_tier_1_opens_one_incident_that_shows_the_change() {
    let bot = running().await;
    bot.person("ana").slack().says("/change done CHG-1").await;
    bot.run_until_idle().await;
    let failed =
        bot.person("mia").discord().says("/change after validate change: CHG-1 verdict: failed why: cards fail").await;
    holds(&failed, &["CHG-1 does not work"]);
    bot.run_until_idle().await;
    for here in [bot.person("ana").slack().at(ROOM).sees(), bot.person("raj").discord().at(ROOM).sees()] {
        holds(&here, &["INC-1 · P2 · CHG-1 went wrong: move the queue", "What changed before INC-1"]);
        holds(&here, &["Rollback plan: move it back", "[Roll back]"]);
    }
    holds(&bot.decision_log("INC-1").await, &["incident.declared by wardroom", "link.proposed by wardroom"]);
    // Tried again, and failed again, it finds its own incident.
    bot.app.declare_failure(1, 1, false).await.expect("it is looked for");
    bot.app.declare_failure(1, 1, true).await.expect("it is looked for");
    assert_eq!(bot.database.count("select count(*) from incident").await, 1);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_is_stopped_with_an_incident_on_both_platforms() {
    for on_slack in [true, false] {
        let bot = running().await;
        let ana = bot.person("ana");
        let ana = if on_slack { ana.slack() } else { ana.discord() }.at("changes");
        assert_eq!(ana.presses("Abort and declare incident", "CHG-1").await, "(a form)");
        let halted = ana.fills(&[("why", "every card fails")]).await;
        holds(&halted, &["halted CHG-1: every card fails · an incident is declared"]);
        bot.run_until_idle().await;
        let room = bot.person("ana").slack().at(ROOM).sees();
        holds(
            &room,
            &[
                "INC-1 · P2 · CHG-1 went wrong: move the queue",
                "May have caused",
                "halted",
                "What changed before INC-1",
            ],
        );
        bot.finish().await;
    }
}
