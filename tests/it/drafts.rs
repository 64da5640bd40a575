//! Steps of an incident that look like changes: the room is asked, and the form of the change is filled in.

use crate::harness::{Bot, Here, holds};

const ROOM: &str = "inc-1-cards-fail";
const STEP: &str = "/inc note set max_connections=500 on ledger";
/// The rest of the form.
const ANSWERS: [(&str, &str); 6] = [
    ("tested", "yes"),
    ("data", "1"),
    ("availability", "2"),
    ("compliance", "1"),
    ("complexity", "1"),
    ("rollback", "1"),
];

/// An incident on the payments, in whose room Ana sits.
async fn declared(bot: &Bot, on_slack: bool) -> Here<'_> {
    bot.person("tom").discord().says("/inc declare cards fail sev: sev1 svc: payments").await;
    bot.run_until_idle().await;
    let ana = bot.person("ana");
    if on_slack { ana.slack() } else { ana.discord() }.at(ROOM)
}

/// Notes it, as it is typed on either platform.
async fn notes(bot: &Bot, ana: &Here<'_>, on_slack: bool, text: &str) -> String {
    let typed = if on_slack { text.to_owned() } else { text.replacen("/inc note ", "/inc note text: ", 1) };
    let told = ana.says(&typed).await;
    bot.run_until_idle().await;
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_sets_something_brings_a_form_that_is_filled_in_on_either_platform() {
    for on_slack in [true, false] {
        let bot = Bot::start().await;
        let ana = declared(&bot, on_slack).await;
        let told = notes(&bot, &ana, on_slack, STEP).await;
        holds(&told, &["max_connections=500 on ledger", "step looks like a change to ledger (draft 1)"]);
        holds(&ana.sees(), &["[Complete and submit] [Not a change]", "with no change on record yet"]);
        let asked = ana.presses("Complete and submit", "(draft 1)").await;
        let form = if on_slack { ana.modal().expect("a form").to_string() } else { asked };
        for shown in [
            "set max_connections=500 on ledger",
            "cards fail, on Card payments. P1, since 14:00 UTC.",
            "INC-1 is P1, and declared.",
            "Put max_connections on ledger back to what it was",
            "From INC-1",
            "From step",
            "Likely asked for a yes, as owner or authority of Ledger database",
        ] {
            let shown = if on_slack { shown.to_owned() } else { shown.replacen("From ", "from ", 1) };
            assert!(form.contains(&shown), "{shown}: {form}");
        }
        let requested = ana.fills(&[&ANSWERS[..], &[("why", "the peak comes")]].concat()).await;
        holds(&requested, &["CHG-1", "on ledger: set max_connections=500 on ledger", "The step of draft 1 is"]);
        holds(&requested, &["Filled in for you: impact from INC-1; plan, svc, title from step."]);
        bot.run_until_idle().await;
        let log = bot.decision_log("INC-1").await;
        holds(&log, &["incident.noted by ana", "draft.offered by ana", "draft.submitted by ana"]);
        let late = ana.presses("Complete and submit", "(draft 1)").await;
        holds(&late, &["Draft 1 of INC-1 became CHG-1."]);
        holds(&bot.person("ana").slack().says("/log verify INC-1").await, &["*The log of INC-1 is whole.*"]);
        bot.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_service_is_not_known_the_form_asks_and_the_log_says_what_was_typed_over() {
    let bot = Bot::start().await;
    let ana = declared(&bot, true).await;
    notes(&bot, &ana, true, "/inc note set max_connections=500 on db-1").await;
    assert_eq!(ana.presses("Complete and submit", "(draft 1)").await, "(a form)");
    let form = ana.modal().expect("a form").to_string();
    holds(&form, &["db-1 is no service that is known: check which one it belongs to."]);
    ana.fills(&[&ANSWERS[..], &[("svc", "ledger")]].concat()).await;
    let sources = bot.database.text(
        "select convert_from(body, 'UTF8')::jsonb -> 'data' ->> 'sources' from dlog.entry where kind = 'change.requested'",
    );
    let sources = sources.await;
    holds(&sources, &["svc manual", "impact INC-1", "title step", "tested manual"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_change_for_the_service_is_offered_instead() {
    let bot = Bot::start().await;
    let ana = declared(&bot, true).await;
    ana.says("/change emergency roll back").await;
    ana.fills(&[&ANSWERS[..], &[("plan", "deploy 4.2 again")]].concat()).await;
    bot.run_until_idle().await;
    notes(&bot, &ana, true, "/inc note rolled back payments to 4.1").await;
    holds(&ana.sees(), &["*CHG-1* is open for that: is it part of it?", "[Part of CHG-1] [Complete and submit]"]);
    let tom = bot.person("tom").discord().at(ROOM);
    holds(&tom.presses("Part of CHG-1", "(draft 1)").await, &["the step of draft 1 is part of **CHG-1**"]);
    holds(&ana.presses("Not a change", "(draft 1)").await, &["Draft 1 of INC-1 is part of CHG-1."]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_ignores_it_is_reminded_once_and_what_is_left_is_named_at_the_end() {
    let bot = Bot::start().await;
    let ana = declared(&bot, true).await;
    notes(&bot, &ana, true, STEP).await;
    notes(&bot, &ana, true, "/inc note restarted payments").await;
    holds(&ana.says("/inc draft draft:2 none").await, &["the step of draft 2 is no change"]);
    bot.pass(29).await;
    assert!(!ana.sees().contains("still waits"));
    bot.pass(2).await;
    holds(&ana.sees(), &["Draft 1 of INC-1 still waits (a step on ledger)", "For @ana"]);
    bot.pass(120).await;
    assert_eq!(ana.sees().matches("still waits").count(), 1, "{}", ana.sees());
    ana.says("/inc status mitigated").await;
    let resolved = ana.says("/inc resolve it holds").await;
    holds(&resolved, &["Draft 1 (a step on ledger) was left", "`/change after retro` records it"]);
    bot.run_until_idle().await;
    let late = ana.presses("Complete and submit", "(draft 1)").await;
    holds(&late, &["Draft 1 of INC-1 was left when the incident was over.", "`/change after retro` records it"]);
    holds(&bot.person("ana").slack().says("/log verify INC-1").await, &["*The log of INC-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_seen_or_asked_brings_no_draft() {
    let bot = Bot::start().await;
    let ana = declared(&bot, true).await;
    for text in ["errors began at 14:02 with the deploy of payments", "should we restart payments?"] {
        let told = notes(&bot, &ana, true, &format!("/inc note {text}")).await;
        assert!(!told.contains("draft"), "{told}");
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_change_like_it_tells_its_way_back_and_its_risk() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    ana.says(
        "/change new set max_connections=300 on payments svc:payments impact: none why: routine plan: restore the old file \
         tested:yes data:2 availability:1 compliance:1 complexity:1 rollback:1 from:14:01 until:16:00",
    )
    .await;
    bot.person("mia").slack().says("/change approve CHG-1").await;
    bot.pass(2).await;
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    ana.says("/change done CHG-1").await;
    bot.run_until_idle().await;
    holds(&bot.person("mia").slack().says("/change after validate CHG-1 ok").await, &["CHG-1 works"]);
    let ana = declared(&bot, true).await;
    notes(&bot, &ana, true, "/inc note set max_connections=500 on payments").await;
    assert_eq!(ana.presses("Complete and submit", "(draft 1)").await, "(a form)");
    let form = ana.modal().expect("a form").to_string();
    holds(&form, &["CHG-1 was like it: set max_connections=300 on payments", "restore the old file", "From CHG-1."]);
    assert!(form.matches("From ").count() >= 8, "{form}");
    bot.finish().await;
}
