//! Exceptions from a procedure (rule 4.35): asked for, approved in private by those whom their class names, used where the
//! rule would hold a change up, and over at their end.

use crate::harness::{Bot, Here, holds, is_whole, without_hashes};

const LEDGER: &str = "inc-1-ledger-is-slow";
const FIX: &str = "/change emergency add an index impact: slow why: queues grow plan: drop it again tested:yes data:1 \
                   availability:1 compliance:1 complexity:1 rollback:1 category:database_schema";
const MOVE: &str = "/change new move the queue svc:payments impact: none why: routine plan: move it back tested:yes \
                    data:1 availability:1 compliance:1 complexity:1 rollback:1";
const DAY: i32 = 24 * 60;

fn told(bot: &Bot, key: &str) -> String {
    bot.person(key).slack().private() + &bot.person(key).discord().private()
}

/// Asks for what both of the high class have to approve, and has it approved on both platforms.
async fn high(bot: &Bot, ask: &str, number: i64) {
    let asked =
        bot.person("ana").slack().says(&format!("/cab exception ask {ask} control: tom watches why: no way")).await;
    holds(&asked, &[&format!("*EXC-{number}*"), "a compliance officer (Zoe Laurent) and the decision authority"]);
    bot.run_until_idle().await;
    let id = format!("approve EXC-{number}");
    let first = bot.person("zoe").slack().at("@wardroom").presses("Approve", &id).await;
    holds(&first, &["approves", "another approval is needed", "It still takes the decision authority (Omar Haddad"]);
    holds(&told(bot, "omar"), &[&format!("You are asked to {id}"), "[Approve] [Deny]"]);
    let second = bot.person("omar").discord().says(&format!("/cab exception approve exception: EXC-{number}")).await;
    holds(&second, &["approves", "it holds until"]);
    bot.run_until_idle().await;
}

/// An emergency on the ledger that has everything but what its checklist asks for.
async fn unshown(bot: &Bot) -> Here<'_> {
    bot.person("ana").slack().says("/inc declare sev2 ledger is slow svc:ledger").await;
    bot.run_until_idle().await;
    bot.person("omar").discord().at(LEDGER).says("/inc lead person: @omar").await;
    let ana = bot.person("ana").slack().at(LEDGER);
    ana.says(FIX).await;
    bot.run_until_idle().await;
    bot.person("raj").discord().at(LEDGER).reviews("CHG-1").await;
    bot.person("lena").slack().at(LEDGER).presses("Approve", "CHG-1").await;
    bot.person("tom").discord().at(LEDGER).presses("Approve", "CHG-1").await;
    bot.run_until_idle().await;
    ana
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checklist_is_set_aside_for_one_change_and_every_use_is_counted() {
    let bot = Bot::start().await;
    let ana = unshown(&bot).await;
    holds(&ana.says("/change start CHG-1").await, &["Before it is approved, the checklist asks for", "Rule 4.39"]);
    let asked = ana
        .says("/cab exception ask CHG-1 rule:checklist_item until:+7d control: tom restores by hand why: the tool is down")
        .await;
    insta::assert_snapshot!(without_hashes(&asked), @"
    *Ana Ruiz* asks for *EXC-1*, an exception of the medium class for CHG-1 until 14 Jan 14:00 UTC: *checklist item* set aside, because the tool is down · instead: tom restores by hand
    To set aside an item of a checklist is an exception of the medium class: approved by a change manager.
    Asked in private: a change manager (Inês Duarte).
      `/cab exception revoke EXC-1` and why takes it back · `L EXC-1#1 ……`
    ");
    bot.run_until_idle().await;
    holds(
        &told(&bot, "ines"),
        &["You are asked to approve EXC-1", "the tool is down", "Instead: tom restores by hand", "[Approve] [Deny]"],
    );
    holds(&bot.person("raj").discord().at(LEDGER).sees(), &["asks for **EXC-1**"]);

    let own = ana.says("/cab exception approve EXC-1").await;
    holds(&own, &["You cannot approve this exception: you asked for it", "Rule 4.15"]);
    let other = bot.person("raj").discord().says("/cab exception approve exception: EXC-1").await;
    holds(&other, &["EXC-1 is not yours to decide", "Inês Duarte", "Rule 4.35"]);
    holds(&ana.says("/change start CHG-1").await, &["Rule 4.39"]);
    let approved = bot.person("ines").slack().at("@wardroom").presses("Approve", "approve EXC-1").await;
    holds(&approved, &["*Inês Duarte* approves *EXC-1* as change manager: it holds until 14 Jan"]);
    bot.run_until_idle().await;
    holds(&told(&bot, "ana"), &["approves *EXC-1*", "[Revoke]"]);
    let card = bot.person("raj").discord().at(LEDGER).sees();
    holds(&card, &["CHG-1 is approved", "CHG-1 goes past **checklist item**: passed by **EXC-1**"]);
    holds(&card, &["an item of a checklist: **passed by EXC-1**, until 14:00 UTC", "instead: tom restores by hand"]);
    let started = ana.says("/change start CHG-1").await;
    holds(&started, &["started CHG-1", "passed by *EXC-1*"]);
    bot.run_until_idle().await;
    let shown = bot.person("raj").discord().says("/cab exception list exception: EXC-1").await;
    holds(&shown, &["EXC-1 · active", "**Uses:** 2", "CHG-1"]);
    holds(&ana.says("/cab exception list").await, &["*EXC-1* an item of a checklist · CHG-1 · active", "uses: 2"]);

    let late = bot.person("ines").slack().at("@wardroom").presses("Deny", "approve EXC-1").await;
    assert_eq!(late, "(a form)");
    let late = bot.person("ines").slack().at("@wardroom").fills(&[("why", "too late")]).await;
    holds(&late, &["EXC-1 is active until", "It was approved by Inês Duarte", "Nothing was changed."]);
    let ended = ana.says("/cab exception revoke EXC-1 why: the tool works again").await;
    holds(&ended, &["revokes *EXC-1*: the tool works again"]);
    holds(&ana.says("/change done CHG-1").await, &["the checklist asks for", "Rule 4.39"]);
    bot.run_until_idle().await;
    insta::assert_snapshot!(bot.decision_log("EXC-1").await, @"
    EXC-1#1 exception.requested by ana
    EXC-1#2 refused by ana
    EXC-1#3 refused by raj
    EXC-1#4 exception.granted by ines
    EXC-1#5 exception.used by wardroom
    EXC-1#6 exception.used by ana
    EXC-1#7 exception.revoked by ana
    ");
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_in_force_is_looked_back_on_by_who_may_approve_it_on_either_platform() {
    let bot = Bot::start().await;
    let (ana, ines) = (bot.person("ana").slack(), bot.person("ines").slack());
    let ask = "rule:checklist_item until:+1d control: tom restores by hand why: the tool is down";
    for (number, scope) in [(1, "svc:ledger"), (2, "svc:payments")] {
        ana.says(&format!("/cab exception ask {scope} {ask}")).await;
        ines.says(&format!("/cab exception approve EXC-{number}")).await;
    }
    let early = ines.says("/cab exception review EXC-1 kept:yes").await;
    holds(&early, &["EXC-1 is not over yet; it is looked back on after its end."]);
    bot.pass(DAY + 1).await;
    // A Tuesday; five days of the office later it is the next.
    let asked = told(&bot, "ines");
    holds(&asked, &["*EXC-1* is over", "to be looked back on by 15 Jan 14:00 UTC", "[Look back]"]);
    let hears = told(&bot, "ana");
    assert!(hears.contains("to be looked back on by 15 Jan") && !hears.contains("[Look back]"), "{hears}");
    let listed = bot.person("raj").discord().says("/cab exception list").await;
    holds(&listed, &["**EXC-1** an item of a checklist", "· expired ·", "**to be looked back on by** 14:00 UTC"]);

    let own = ana.says("/cab exception review EXC-1 kept:yes").await;
    holds(&own, &["you asked for it", "Rule 4.15"]);
    let other = bot.person("raj").discord().says("/cab exception review exception: EXC-1 kept: yes").await;
    holds(&other, &["EXC-1 is not yours to decide", "Inês Duarte", "Rule 4.35"]);
    let private = bot.person("ines").slack().at("@wardroom");
    assert_eq!(private.presses("Look back", "EXC-1").await, "(a form)");
    let reviewed = private.fills(&[("kept", "no"), ("notes", "the backup was a day old")]).await;
    holds(&reviewed, &["looked back on *EXC-1*: what was promised instead was *not done*", "the backup was a day old"]);
    holds(&ines.says("/cab exception review EXC-1 kept:yes").await, &["Inês Duarte looked back on EXC-1 at 8 Jan"]);
    let shown = bot.person("raj").discord().says("/cab exception list exception: EXC-1").await;
    holds(&shown, &["EXC-1 · reviewed", "what was promised instead was **not done**"]);

    bot.pass(7 * DAY).await;
    let late = bot.person("raj").discord().at("changes").sees();
    holds(&late, &["Nobody has looked back on **EXC-2**: that was due 14:00 UTC"]);
    assert!(!late.contains("Nobody has looked back on **EXC-1**"), "{late}");
    holds(&told(&bot, "ines"), &["Nobody has looked back on *EXC-2*"]);
    // The only one that is due need not be named.
    let last = ines.says("/cab exception review kept:yes it is mended").await;
    holds(&last, &["looked back on *EXC-2*: what was promised instead was done", "it is mended"]);
    holds(&ines.says("/cab exception review kept:yes").await, &["No exception is to be looked back on."]);
    let log = bot.decision_log("EXC-2").await;
    holds(&log, &["exception.expired by wardroom", "exception.overdue by wardroom", "exception.reviewed by ines"]);
    assert_eq!(log.matches("exception.overdue").count(), 1, "{log}");
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_may_set_aside_and_what_is_too_wide_or_too_long_is_refused_by_the_rule() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    for (ask, words) in [
        (
            "svc:payments rule:log_writing until:+7d",
            vec!["Nobody can set aside writing the decision log.", "Rule 4.35"],
        ),
        ("svc:payments rule:duties until:+7d", vec!["Nobody can set aside the duties", "Rule 4.35"]),
        ("svc:payments rule:tempfix_expiry until:+7d", vec!["Nothing here asks for "]),
        ("svc:all rule:checklist_item until:+7d", vec!["Only an exception of the high class is for everything"]),
        ("svc:payments rule:checklist_item until:+91d", vec!["An exception lasts for 90 days at most.", "Rule 4.35"]),
        ("rule:checklist_item until:+7d", vec!["What is it for?"]),
        ("team:nobody rule:checklist_item until:+7d", vec!["There is no team “nobody”"]),
        ("team:payments svc:ledger rule:checklist_item until:+7d", vec!["not several of them"]),
        ("CHG-9 rule:checklist_item until:+7d", vec!["There is no CHG-9 here."]),
    ] {
        let told = ana.says(&format!("/cab exception ask {ask} control: tom watches why: no way")).await;
        holds(&told, &words);
    }
    holds(&ana.says("/cab exception list").await, &["No rule is set aside."]);
    holds(
        &bot.person("raj").discord().says("/cab exception revoke exception: EXC-9 why: no").await,
        &["There is no EXC-9"],
    );
    bot.finish().await;
}

/// Ana's change on the payments is agreed to and may run for weeks; a hard freeze of as long begins.
async fn frozen(bot: &Bot) -> Here<'_> {
    let ana = bot.person("ana").slack();
    ana.says(MOVE).await;
    bot.person("tom").slack().says("/change approve CHG-1").await;
    bot.person("mia").slack().says("/change approve CHG-1").await;
    ana.says("/change sched CHG-1 until:+6d").await;
    bot.person("ines").slack().says("/freeze on svc:payments hard:yes until:+6d why: the year is closed").await;
    bot.run_until_idle().await;
    ana
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hard_freeze_is_set_aside_by_two_until_the_end_of_the_exception_and_not_a_moment_longer() {
    let bot = Bot::start().await;
    let ana = frozen(&bot).await;
    holds(&ana.says("/change show CHG-1").await, &["on hold"]);
    high(&bot, "team:payments rule:hard_freeze until:+4d", 1).await;
    holds(&told(&bot, "ana"), &["CHG-1 is not held up any more"]);
    holds(&ana.says("/freeze check CHG-1").await, &["No freeze holds it up.", "passed by EXC-1"]);
    // Three days before the end whoever asked and whoever approved hear of it.
    bot.pass(DAY + 5).await;
    for who in ["ana", "zoe", "omar"] {
        holds(&told(&bot, who), &["EXC-1", "ends 11 Jan", "uses: 0"]);
    }
    bot.pass(3 * DAY).await;
    holds(&bot.decision_log("EXC-1").await, &["exception.ending by wardroom", "exception.expired by wardroom"]);
    let ana = bot.person("ana").slack();
    holds(&ana.says("/change show CHG-1").await, &["on hold"]);
    holds(&ana.says("/change start CHG-1").await, &["FRZ-1 is in force", "Rule 4.11"]);

    high(&bot, "CHG-1 rule:hard_freeze until:+1d", 2).await;
    let started = ana.says("/change start CHG-1").await;
    holds(&started, &["started CHG-1", "starts in spite of *FRZ-1*", "passed by EXC-2", "passed by *EXC-2*"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_on_record_does_not_hold_up_what_an_exception_lets_go_first() {
    let bot = Bot::start().await;
    let (ana, mia) = (bot.person("ana").slack(), bot.person("mia").slack());
    ana.says(&format!("{MOVE} from:14:05 until:16:00")).await;
    bot.person("tom").slack().says("/change approve CHG-1").await;
    mia.says("/change approve CHG-1").await;
    mia.says(&format!("{MOVE} from:15:30 until:17:00")).await;
    bot.pass(6).await;
    holds(&ana.says("/change start CHG-1").await, &["in each other's way", "Rule change-conflict"]);
    ana.says("/cab exception ask CHG-1 rule:conflict_block until:+2h control: mia waits why: theirs can wait").await;
    holds(&bot.person("ines").slack().says("/cab exception approve").await, &["approves *EXC-1* as change manager"]);
    let started = ana.says("/change start CHG-1").await;
    holds(&started, &["started CHG-1", "goes past *conflict block*: passed by *EXC-1*"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_to_say_whether_it_works_where_that_is_set_aside() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").slack();
    high(&bot, "svc:ledger rule:validation until:+30d", 1).await;
    tom.says("/change std log-rotation keep_days:14 svc:ledger").await;
    tom.says("/change start CHG-1").await;
    let done = tom.says("/change done CHG-1").await;
    holds(&done, &["finished CHG-1", "goes past *validation*: passed by *EXC-1*"]);
    bot.run_until_idle().await;
    holds(&tom.says("/change show CHG-1").await, &["completed", "passed by EXC-1"]);
    tom.says("/cab exception revoke EXC-1 why: never mind").await;
    bot.person("zoe").slack().says("/cab exception revoke EXC-1 why: never mind").await;
    bot.pass(60).await;

    // What is done already is let go by an exception that comes later.
    tom.says("/change std log-rotation keep_days:14 svc:ledger").await;
    tom.says("/change start CHG-2").await;
    holds(&tom.says("/change done CHG-2").await, &["Does CHG-2 work?"]);
    bot.run_until_idle().await;
    high(&bot, "CHG-2 rule:validation until:+1d", 2).await;
    holds(&tom.says("/change show CHG-2").await, &["completed", "passed by EXC-2"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_review_does_not_hold_back_the_next_emergency_while_that_is_set_aside() {
    let bot = Bot::start().await;
    super::pirs::done(&bot).await;
    bot.pass(73 * 60).await;
    let ana = bot.person("ana").slack().at("inc-1-checkout-returns-502");
    let ask = "/change emergency roll back 4.3 impact: cards fail why: it costs sales plan: deploy it again tested:yes \
               data:2 availability:3 compliance:1 complexity:3 rollback:3";
    holds(&ana.says(ask).await, &["The review of CHG-1 is owed", "Rule 4.8"]);
    high(&bot, "CHG-1 rule:emergency_review until:+1d", 1).await;
    let asked = ana.says(ask).await;
    holds(&asked, &["CHG-2", "CHG-2 goes past *emergency review*: passed by *EXC-1*"]);
    ana.says("/change withdraw CHG-2 fixed otherwise").await;
    bot.pass(DAY).await;
    holds(&ana.says(ask).await, &["The review of CHG-1 is owed", "Rule 4.8"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_approved_without_the_executive_where_that_is_set_aside() {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev1 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let room = "inc-1-cards-fail";
    let untested = "/change emergency roll back impact: cards fail why: every minute costs plan: redeploy 4.2 tested:no \
                    data:1 availability:2 compliance:1 complexity:1 rollback:1";
    bot.person("ana").slack().at(room).says(untested).await;
    bot.run_until_idle().await;
    bot.person("raj").discord().at(room).reviews("CHG-1").await;
    bot.person("tom").discord().at(room).presses("Approve", "CHG-1").await;
    bot.person("mia").slack().at(room).presses("Approve", "CHG-1").await;
    bot.run_until_idle().await;
    high(&bot, "CHG-1 rule:executive_acceptance until:+1d", 1).await;
    let card = bot.person("ana").slack().at(room).sees();
    holds(&card, &["CHG-1 is approved", "CHG-1 goes past *executive acceptance*: passed by *EXC-1*"]);
    holds(&bot.decision_log("CHG-1").await, &["change.approved by wardroom"]);
    is_whole(&bot).await;
    bot.finish().await;
}

/// The button of whoever looks back on an exception that is over: it opens a form.
pub async fn press_all(bot: &Bot) {
    bot.person("ana").slack().says("/cab exception revoke EXC-1 why: the tool works again").await;
    bot.run_until_idle().await;
    let ines = bot.person("ines").slack().at("@wardroom");
    let answer = ines.presses("Look back", "EXC-1").await;
    assert!(answer.contains("form"), "{answer}");
    bot.dismiss("ines");
}
