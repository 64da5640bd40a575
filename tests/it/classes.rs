//! Of which type a change is (rule 4.8), where the reason is a plan that was missed, or a deadline binds it.

use crate::harness::{Bot, holds};

const ROOM: &str = "inc-1-cards-fail";
const RISK: &str = "data:1 availability:2 compliance:1 complexity:2 rollback:2";
const ON_DISCORD: &str = "data: 1 availability: 2 compliance: 1 complexity: 2 rollback: 2";
const PLAN: &str = "plan: put the old one back @ana fails: handshakes fail -> put it back abort: cards fail";

#[tokio::test(flavor = "multi_thread")]
async fn a_missed_plan_is_no_emergency_even_where_a_p1_is_open() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").discord();
    tom.says("/inc declare cards fail sev: sev1 svc: payments").await;
    bot.run_until_idle().await;
    let ana = bot.person("ana").slack().at(ROOM);
    let words = "release 4.3 impact: the campaign starts late why: marketing announced it";
    let said = ana.says(&format!("/change emergency {words} {PLAN} tested:yes {RISK} planning:yes")).await;
    holds(&said, &["the normal change *CHG-1*", "It is a normal change: the cause is planning, not urgency."]);
    let ana = bot.person("ana").discord().at(ROOM);
    let said = ana.says(&format!("/change emergency {words} {PLAN} tested: yes {ON_DISCORD} planning: no")).await;
    holds(&said, &["the emergency change **CHG-2**"]);
    let kept = "select convert_from(body, 'UTF8') from dlog.entry where kind = 'change.requested' order by subject";
    let kept = bot.database.texts(kept).await;
    holds(&kept[0], &["\"cause\":\"planning\""]);
    assert!(!kept[1].contains("\"cause\""), "{}", kept[1]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_bound_to_be_done_before_the_board_meets_is_expedited() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    let ask =
        format!("/change new close the old port svc:payments impact: none why: the audit {PLAN} tested:yes {RISK}");
    // It is Monday 14:00; the board meets on Wednesday at 14:00.
    holds(&ana.says(&format!("{ask} due:+1d")).await, &["only where an incident or a regulation binds it", "Rule 4.8"]);
    let bound = ana.says(&format!("{ask} due:+1d regulation: PCI DSS 1.2")).await;
    holds(
        &bound,
        &[
            "the expedited change *CHG-1*",
            "before the board meets at 9 Jan 14:00 UTC: it is an expedited normal change.",
        ],
    );
    let later = ana.says(&format!("{ask} due:+5d regulation: PCI DSS 1.2")).await;
    holds(&later, &["the normal change *CHG-2*", "The board meets at 9 Jan 14:00 UTC, before it is bound to be done"]);
    let tom = bot.person("tom").discord();
    tom.says("/inc declare cards fail sev: sev3 svc: payments").await;
    bot.run_until_idle().await;
    let discord = bot.person("ana").discord().at(ROOM);
    let of = format!(
        "/change new close the old port svc: payments impact: none why: the incident {PLAN} tested: yes {ON_DISCORD}"
    );
    holds(&discord.says(&format!("{of} due: +1d")).await, &["the expedited change **CHG-3**"]);
    let facts = "select convert_from(body, 'UTF8') from dlog.entry where subject = 'CHG-1' and seq = 1";
    holds(&bot.database.texts(facts).await.concat(), &["\"due\":\"2030-01-08T14:00:00"]);
    assert!(!ana.says(&ask).await.contains("board meets"), "nothing binds it");
    bot.finish().await;
}
