//! A change manager judges a risk otherwise than its score (rule 4.7): up alone, down with a second one, on both platforms.

use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, Here, holds, is_whole};

/// Medium: of a service of tier 1.
const MOVE: &str = "/change new move the queue svc:payments impact: none why: it is due plan: put the old one back @ana 5m \
                    fails: slow -> wait abort: cards fail tested:yes data:1 availability:2 compliance:1 complexity:2 \
                    rollback:3 until:+20h";

/// Ines is a change manager, and so is Omar.
async fn with_two_managers() -> Bot {
    let bot = Bot::start().await;
    let role = "roles = [\"duty_manager\", \"commander\", \"tenant_admin\"]";
    assert!(ORGANISATION.contains(role));
    let both =
        ORGANISATION.replace(role, "roles = [\"duty_manager\", \"commander\", \"tenant_admin\", \"change_manager\"]");
    bot.watch(&both).await;
    bot
}

async fn shown(bot: &Bot) -> String {
    bot.person("ana").slack().says("/change show CHG-1").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raised_band_asks_for_more_and_asks_everybody_again() {
    let bot = with_two_managers().await;
    let ana = bot.person("ana").slack();
    holds(&ana.says(MOVE).await, &["band *medium*"]);
    bot.run_until_idle().await;
    bot.person("mia").discord().says("/change approve change: CHG-1").await;
    let other = bot.person("raj").discord().says("/cab risk change: CHG-1 band: high why: I do not like it").await;
    holds(&other, &["The risk of CHG-1 is a change manager's to move.", "Inês Duarte", "Rule 4.7"]);
    let raised = bot.person("ines").slack().says("/cab risk CHG-1 band:high the replica lags").await;
    holds(&raised, &["moves the risk of CHG-1 from *medium* to *high*: the replica lags", "revision 2", "Mia Chen"]);
    holds(&raised, &["the vote of the CAB", "For high risk the rollback plan lacks"]);
    bot.run_until_idle().await;
    let card = shown(&bot).await;
    holds(
        &card,
        &["band *high* · Change managers moved it from medium risk to high risk.", "CAB vote", "☐ peer reviewer"],
    );
    holds(&bot.person("ana").discord().at("changes").sees(), &["from **medium** to **high**: the replica lags"]);
    let same = bot.person("omar").discord().says("/cab risk change: CHG-1 band: high why: so do I").await;
    holds(&same, &["CHG-1 has high risk already."]);
    // Whoever asked for it cannot edit that away.
    let edited = ana
        .says(
            "/change edit CHG-1 complexity:1 plan: stop it @ana 5m; put the old one back @ana 5m fails: slow -> wait; wrong \
             sums -> stop; disk full -> make room abort: cards fail verify: cards work",
        )
        .await;
    holds(&edited, &["revision 3", "Change managers moved it from medium risk to high risk.", "the vote of the CAB"]);
    bot.run_until_idle().await;
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_band_is_lowered_only_by_two() {
    let bot = with_two_managers().await;
    let ana = bot.person("ana").slack();
    ana.says(MOVE).await;
    bot.run_until_idle().await;
    let first = bot.person("ines").slack().says("/cab risk CHG-1 band:low it is a switch").await;
    holds(&first, &["asks to lower the risk of CHG-1 from medium to *low*: it is a switch", "Omar Haddad can."]);
    bot.run_until_idle().await;
    holds(&shown(&bot).await, &["band *medium*"]);
    let again = bot.person("ines").slack().says("/cab risk CHG-1 band:low it is a switch").await;
    holds(&again, &["It waits for a second change manager, who says the same"]);
    let second = bot.person("omar").discord().says("/cab risk change: CHG-1 band: low why: I have seen it").await;
    holds(
        &second,
        &[
            "from **medium** to **low**: I have seen it",
            "Inês Duarte** asked for it first",
            "It needs the service owner",
        ],
    );
    bot.run_until_idle().await;
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["risk.lowering_asked by ines", "risk.adjusted by omar", "change.revised by omar"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_button_under_a_breakdown_asks_for_band_and_reason() {
    let bot = with_two_managers().await;
    bot.person("ana").slack().says(MOVE).await;
    bot.run_until_idle().await;
    let ines = bot.person("ines").slack();
    holds(&ines.says("/change plan risk CHG-1").await, &["CHG-1 · risk", "[Re-assess]"]);
    assert_eq!(ines.presses("Re-assess", "CHG-1 · risk").await, "(a form)");
    holds(&ines.fills(&[("band", "critical"), ("why", "payday")]).await, &["to *critical*: payday"]);
    let omar = bot.person("omar").discord().at("changes");
    omar.says("/change plan risk change: CHG-1").await;
    omar.presses("Re-assess", "CHG-1 · risk").await;
    holds(&omar.fills(&[("band", "high"), ("why", "not today")]).await, &["asks to lower the risk of CHG-1"]);
    bot.run_until_idle().await;
    bot.finish().await;
}

/// The button, for the contract of every button.
pub async fn press_all(bot: &Bot, on_slack: bool) {
    let ana = bot.person("ana");
    let ana: Here<'_> = if on_slack { ana.slack() } else { ana.discord() }.at("changes");
    ana.says(if on_slack { "/change plan risk CHG-1" } else { "/change plan risk change: CHG-1" }).await;
    let told = ana.presses("Re-assess", "CHG-1 · risk").await;
    assert!(!told.is_empty() && !told.contains("could not do this"), "{told}");
    bot.dismiss("ana");
}
