//! Whether a change knows its way back: what its plan says, and what is made of one that says too little.

use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, holds};

const LEDGER: &str = "inc-1-ledger-is-slow";

/// Medium risk: it takes an owner of each step, a failure mode and abort criteria.
fn certificate(plan: &str) -> String {
    format!(
        "/change new rotate the certificate svc:payments impact: none why: it expires plan: {plan} tested:yes data:1 \
         availability:2 compliance:1 complexity:2 rollback:2"
    )
}

/// High risk: two steps with their minutes, three failure modes and a check besides.
fn core(plan: &str) -> String {
    format!(
        "/change new move the ledger svc:ledger impact: none why: it is due plan: {plan} tested:yes data:3 availability:3 \
         compliance:2 complexity:3 rollback:4"
    )
}

const PLAN: &str =
    "put the old one back @me 10m; replay the queue @raj 5m fails: handshakes fail -> put it back abort: cards fail";

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_can_wait_waits_for_its_plan_and_what_was_typed_is_kept() {
    let bot = Bot::start().await;
    for (number, ana, again) in [
        (1, bot.person("ana").slack(), "Open the form"),
        (2, bot.person("ana").discord().at("changes"), "Fill in again"),
    ] {
        let refused = ana.says(&certificate("put the old one back")).await;
        holds(&refused, &["lacks an owner of each rollback step; failure modes (1 needed, 0 given); abort criteria"]);
        holds(&refused, &["fails: what one sees", "abort: when it is given up", "Rule 4.9"]);
        let before = bot.database.count("select count(*) from change").await;
        assert_eq!(before, number - 1, "nothing is asked for yet");
        ana.presses(again, "Rollback plan").await;
        let kept = ana.modal().expect("the form is open").to_string();
        holds(&kept, &["put the old one back", "rotate the certificate", "it expires"]);
        let asked = ana.fills(&[("plan", PLAN)]).await;
        holds(&asked, &[&format!("CHG-{number}"), "band"]);
        bot.run_until_idle().await;
        let shown = ana.says(&format!("/change show CHG-{number}")).await;
        holds(&shown, &["1. put the old one back (Ana Ruiz, 10 min) · 2. replay the queue (Raj Patel, 5 min)"]);
        holds(&shown, &["handshakes fail → put it back", "cards fail"]);
    }
    let refusals = "select count(*) from dlog.entry where kind = 'refused' and convert_from(body, 'utf8') like '%4.9%'";
    assert_eq!(bot.database.count(refusals).await, 2, "an attempt against a rule is an entry");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_says_too_little_stays_open() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    let said = certificate("x").replace("plan: x ", "");
    assert_eq!(ana.says(&said).await, "(a form)");
    ana.fills(&[("plan", "put the old one back @nobody")]).await;
    let errors = ana.modal().expect("it stays open")["errors"].to_string();
    holds(&errors, &["an owner of each rollback step", "abort"]);
    let asked = ana.fills(&[("plan", PLAN)]).await;
    holds(&asked, &["CHG-1"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_failure_modes_are_too_few_for_high_risk_and_what_failed_before_is_suggested() {
    let bot = Bot::watched().await;
    let tom = bot.person("tom").slack();
    for (change, why) in [("CHG-1", "the queue grew"), ("CHG-2", "the disk was full")] {
        holds(&tom.says("/change std log-rotation keep_days:14 svc:ledger").await, &[change]);
        bot.run_until_idle().await;
        tom.says(&format!("/change start {change}")).await;
        holds(&tom.says(&format!("/change rollback {why} change: {change}")).await, &["rolled"]);
        bot.run_until_idle().await;
    }
    let steps = "stop it @ana 5m; put the old one back @ana 10m";
    let two = format!("{steps} fails: slow -> wait; wrong sums -> stop abort: wrong sums verify: the sums are right");
    let refused = tom.says(&core(&two)).await;
    holds(&refused, &["For high risk the rollback plan lacks failure modes (3 needed, 2 given). "]);
    holds(&refused, &["What failed there before: CHG-2: the disk was full; CHG-1: the queue grew."]);
    // A mode without what is done then is none.
    let mute = two.replace("abort:", "; the disk is full abort:");
    holds(&tom.says(&core(&mute)).await, &["(3 needed, 2 given)"]);
    let three = two.replace("abort:", "; the disk is full -> make room abort:");
    let asked = tom.says(&core(&three)).await;
    holds(
        &asked,
        &[
            "CHG-3",
            "Rule 4.9 also asks for a rehearsal of the rollback",
            "It does not start without somebody on standby for the owner of the rollback",
        ],
    );
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sentence_is_no_check_that_runs_by_itself_and_a_step_says_when_it_is_taken() {
    let bot = Bot::start().await;
    let (tom, raj) = (bot.person("tom").slack(), bot.person("raj").discord());
    let plan = "stop it @ana 5m; put the old one back @ana 10m when: errors stay shows: the sums are right fails: slow -> \
                wait; wrong sums -> stop; the disk is full -> make room abort: wrong sums verify: a purchase goes through";
    let refused = tom.says(&core(plan)).await;
    holds(&refused, &["For high risk the rollback plan lacks a check that runs by itself.", "Rule 4.9"]);
    holds(&refused, &["An administrator gives Ledger database", "in the organisation file: http, tcp, sha256 or sql."]);
    assert!(!refused.contains("Add to the rollback plan"), "{refused}");
    bot.watch(ORGANISATION).await;
    holds(&tom.says(&core(plan)).await, &["CHG-1", "band *high*"]);
    bot.run_until_idle().await;
    let steps = "2. put the old one back (Ana Ruiz, 10 min), when errors stay, until the sums are right";
    for shown in [tom.says("/change show CHG-1").await, raj.says("/change show change: CHG-1").await] {
        holds(&shown, &[steps, "a purchase goes through"]);
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_is_never_refused_for_its_plan_and_its_review_says_what_was_missing() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 ledger is slow svc:ledger").await;
    bot.run_until_idle().await;
    let ana = ana.at(LEDGER);
    let asked = ana
        .says(
            "/change emergency restart the ledger impact: slow why: queues grow plan: start the old one tested:yes data:2 \
             availability:2 compliance:1 complexity:3 rollback:2",
        )
        .await;
    holds(&asked, &["CHG-1", "Nothing waits for the rest of its plan; its review will ask for it: ", "abort criteria"]);
    bot.run_until_idle().await;
    bot.person("raj").discord().at(LEDGER).reviews("CHG-1").await;
    bot.person("lena").slack().at(LEDGER).presses("Approve", "CHG-1").await;
    bot.person("tom").discord().at(LEDGER).presses("Approve", "CHG-1").await;
    bot.run_until_idle().await;
    ana.says("/change start CHG-1").await;
    holds(&ana.says("/change rollback it got worse").await, &["rolled CHG-1 back"]);
    bot.run_until_idle().await;
    for room in [ana.sees(), bot.person("raj").discord().at(LEDGER).sees()] {
        holds(
            &room,
            &["A review of CHG-1 is due by", "its contingency plan lacked step owners, failure modes, abort criteria"],
        );
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_the_plan_is_said_anew_and_the_rest_stays() {
    let bot = Bot::start().await;
    let (ana, raj) = (bot.person("ana").slack(), bot.person("raj").discord());
    ana.says(&certificate(PLAN)).await;
    bot.run_until_idle().await;
    let edited = ana.says("/change edit CHG-1 abort: one card in a hundred fails").await;
    holds(&edited, &["*CHG-1* is at revision 2: plan: "]);
    bot.run_until_idle().await;
    let shown = raj.says("/change show CHG-1").await;
    holds(&shown, &["1. put the old one back (Ana Ruiz, 10 min)", "handshakes fail → put it back"]);
    holds(&shown, &["one card in a hundred fails"]);
    assert!(!shown.contains("cards fail"), "{shown}");
    let refused = ana.says("/change edit CHG-1 plan: call the vendor").await;
    holds(&refused, &["lacks an owner of each rollback step. "]);
    // Another time asks nobody for another plan.
    holds(&ana.says("/change sched CHG-1 from:+1h until:+2h").await, &["revision 3"]);
    bot.finish().await;
}
