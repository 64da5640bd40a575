//! Two changes in each other's way: on record, told to both sides in private, and settled before either starts.

use crate::harness::{Bot, Here, holds, is_whole};

const ASK: &str = "/change new move the queue svc:payments impact: none why: routine plan: move it back tested:yes \
                   data:1 availability:1 compliance:1 complexity:1 rollback:1";

/// Ana's CHG-1 has the window from 14:05 to 16:00, and Mia's CHG-2 asks for one that begins within it.
async fn opened(bot: &Bot) -> (Here<'_>, Here<'_>) {
    let (ana, mia) = (bot.person("ana").slack(), bot.person("mia").slack());
    ana.says(&format!("{ASK} from:14:05 until:16:00")).await;
    bot.person("tom").slack().says("/change approve CHG-1").await;
    mia.says("/change approve CHG-1").await;
    bot.run_until_idle().await;
    let asked = mia.says(&format!("{ASK} from:15:30 until:17:00")).await;
    holds(&asked, &["CHG-2", "*CHG-2* and *CHG-1* are in each other's way: neither starts before that is settled"]);
    bot.run_until_idle().await;
    (ana, mia)
}

fn told(bot: &Bot, key: &str) -> String {
    bot.person(key).slack().private() + &bot.person(key).discord().private()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_owners_are_asked_and_held_until_one_steps_back() {
    let bot = Bot::start().await;
    let (ana, mia) = opened(&bot).await;
    holds(&told(&bot, "ana"), &["Your CHG-1", "and CHG-2 of *Mia Chen*", "[Yield] [Move] [Escalate]"]);
    holds(&told(&bot, "mia"), &["Your CHG-2", "and CHG-1 of *Ana Ruiz*"]);
    bot.pass(6).await;
    let held = ana.says("/change start CHG-1").await;
    holds(
        &held,
        &["CHG-1 and CHG-2 are in each other's way", "`/change plan yield CHG-1` and why", "Rule change-conflict"],
    );
    holds(&ana.says("/change show CHG-1").await, &["Conflict", "CHG-2"]);

    let both = mia.says("/change plan coexist CHG-2 they touch different tables").await;
    holds(&both, &["are both on Card payments: they cannot run side by side."]);
    let other = bot.person("lena").slack().says("/change plan yield CHG-2 why: mine is greater").await;
    holds(&other, &["Mia Chen or a change manager can say that."]);
    let mine = bot.person("mia").slack().at("@wardroom");
    holds(&mine.presses("Move", "Your CHG-2").await, &["CHG-1", "16:00"]);
    assert_eq!(mine.presses("Yield", "Your CHG-2").await, "(a form)");
    holds(&mine.fills(&[("why", "theirs was first")]).await, &["has *CHG-2* step back for CHG-1: theirs was first"]);
    bot.run_until_idle().await;
    holds(&told(&bot, "ana"), &["are not in each other's way any more (yielded)"]);
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    holds(
        &bot.decision_log("CHG-2").await,
        &["conflict.opened by mia", "conflict.yielded by mia", "conflict.resolved by wardroom"],
    );
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_closes_by_itself_when_one_is_moved_or_withdrawn() {
    let bot = Bot::start().await;
    let (ana, mia) = opened(&bot).await;
    mia.says("/change edit CHG-2 from:16:00 until:17:00").await;
    bot.run_until_idle().await;
    holds(&told(&bot, "ana"), &["not in each other's way any more (moved)"]);
    mia.says("/change edit CHG-2 from:15:00 until:17:00").await;
    bot.run_until_idle().await;
    ana.says("/change withdraw CHG-1 not needed").await;
    bot.run_until_idle().await;
    holds(&told(&bot, "mia"), &["not in each other's way any more (ended)"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_business_day_a_change_manager_is_asked_then_the_authority_whose_ruling_releases_one() {
    let bot = Bot::start().await;
    let (tom, ana) = (bot.person("tom").slack(), bot.person("ana").slack());
    tom.says(&format!("{ASK} from:2030-01-10T10:00Z until:2030-01-10T12:00Z")).await;
    bot.person("mia").slack().says("/change approve CHG-1").await;
    ana.says(&format!("{ASK} from:2030-01-10T11:00Z until:2030-01-10T13:00Z")).await;
    holds(&bot.person("mia").slack().says("/change approve CHG-2").await, &["CHG-1 has the window that it asked for"]);
    bot.run_until_idle().await;
    let bot = bot.again().await;
    bot.pass(24 * 60).await;
    holds(
        &told(&bot, "ines"),
        &["Nobody settled the conflict of *CHG-2* and *CHG-1* in time: now a change manager is asked"],
    );
    bot.pass(24 * 60 + 5).await;
    holds(&bot.decision_log("CHG-2").await, &["conflict.escalated by wardroom", "ruling.asked by wardroom"]);
    holds(
        &told(&bot, "omar"),
        &["You are asked to rule on CHG-2", "another change in its way", "CHG-1 wants Card payments"],
    );
    let ruled = bot.person("omar").slack().says("/cab rule CHG-2 deny why: the first comes first").await;
    holds(&ruled, &["ruled on *CHG-2* (conflict): *deny*"]);
    bot.run_until_idle().await;
    bot.pass(20 * 60).await;
    let (tom, ana) = (bot.person("tom").slack(), bot.person("ana").slack());
    holds(&tom.says("/change start CHG-1").await, &["started CHG-1"]);
    holds(&ana.says("/change show CHG-2").await, &["Conflict", "Ruling"]);
    is_whole(&bot).await;
    bot.finish().await;
}

/// Of payments Ana has the window from 14:05 to 16:00, and Tom asks for one on the ledger, which payments depend on.
async fn next_to_each_other(bot: &Bot) -> (Here<'_>, Here<'_>) {
    let (ana, tom) = (bot.person("ana").slack(), bot.person("tom").slack());
    ana.says(&format!("{ASK} from:14:05 until:16:00")).await;
    tom.says("/change approve CHG-1").await;
    bot.person("mia").slack().says("/change approve CHG-1").await;
    bot.run_until_idle().await;
    let asked = tom.says(&format!("{} from:15:30 until:17:00", ASK.replace("payments", "ledger"))).await;
    holds(
        &asked,
        &[
            "CHG-1 is on a service next to it",
            "*CHG-2* and *CHG-1* run at the same time, next to each other or by the same person: nothing is held up",
        ],
    );
    bot.run_until_idle().await;
    (ana, tom)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_changes_next_to_each_other_are_told_to_both_sides_hold_nothing_up_and_may_coexist() {
    let bot = Bot::start().await;
    let (ana, tom) = next_to_each_other(&bot).await;
    let other = told(&bot, "ana");
    holds(
        &other,
        &["Your CHG-1", "and CHG-2 of *Tom Okafor*", "which are next to each other. Nothing is held up by it"],
    );
    holds(&other, &["[Yield] [Move] [Coexist]"]);
    assert!(!other.contains("[Escalate]"), "there is nothing to rule on: {other}");
    holds(&told(&bot, "tom"), &["Your CHG-2", "and CHG-1 of *Ana Ruiz*", "[Yield] [Move] [Coexist]"]);
    for shown in
        [ana.says("/change show CHG-2").await, bot.person("ana").discord().says("/change show change: CHG-2").await]
    {
        holds(&shown, &["At the same time", "next to it or by the same person: CHG-1"]);
        assert!(!shown.contains("neither starts"), "{shown}");
    }
    bot.pass(6).await;
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);

    let mine = bot.person("tom").slack().at("@wardroom");
    assert_eq!(mine.presses("Coexist", "Your CHG-2").await, "(a form)");
    let one = mine.fills(&[("why", "I only read")]).await;
    holds(&one, &["asks for CHG-2 that both CHG-2 and CHG-1 may run: I only read", "the other side has to agree"]);
    holds(&tom.says("/change plan coexist CHG-2 once more").await, &["CHG-2 waits for the word of CHG-1 already"]);
    let both =
        bot.person("ana").discord().says("/change plan coexist change: CHG-1 why: I do not touch the ledger").await;
    holds(&both, &["not in each other's way any more (coexist): I do not touch the ledger"]);
    bot.run_until_idle().await;
    holds(&told(&bot, "tom"), &["not in each other's way any more (coexist)"]);
    holds(
        &bot.decision_log("CHG-2").await,
        &["conflict.opened by tom", "conflict.coexist_asked by tom", "conflict.resolved by ana"],
    );
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_holds_nothing_up_is_asked_of_nobody_else_and_ends_without_a_word() {
    let bot = Bot::start().await;
    let (_, tom) = next_to_each_other(&bot).await;
    tom.says("/change edit CHG-2 from:2030-01-15T10:00Z until:2030-01-15T11:00Z").await;
    bot.run_until_idle().await;
    holds(&bot.decision_log("CHG-2").await, &["conflict.resolved by wardroom"]);
    assert!(!told(&bot, "ana").contains("(moved)"), "{}", told(&bot, "ana"));

    // One person on both: Ines plans two changes far from each other for the same hour, and is told once.
    let ines = bot.person("ines").slack();
    let at = "from:2030-01-20T10:00Z until:2030-01-20T11:00Z";
    for service in ["shop", "ledger"] {
        ines.says(&format!("{} {at}", ASK.replace("payments", service))).await;
    }
    bot.run_until_idle().await;
    let private = told(&bot, "ines");
    assert_eq!(private.matches("are carried out by Inês Duarte at the same time").count(), 1, "{private}");
    bot.pass(3 * 24 * 60).await;
    let log = bot.decision_log("CHG-4").await;
    holds(&log, &["conflict.opened by ines"]);
    assert!(!log.contains("conflict.escalated"), "nobody waits for it: {log}");
    is_whole(&bot).await;
    bot.finish().await;
}
