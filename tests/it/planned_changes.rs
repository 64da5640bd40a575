//! Changes that can wait: asked for, agreed to, edited, planned and carried out, on both platforms.

use insta::assert_snapshot;

use crate::harness::{Bot, without_hashes};

const CERTIFICATE: &str = "/change new rotate the certificate svc:payments impact: none if it goes well why: it expires \
                           plan: put the old one back @ana fails: handshakes fail -> put it back abort: cards fail \
                           tested: yes data: 1 availability: 2 compliance: 1 complexity: 2 \
                           rollback: 2";

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_can_wait_is_agreed_to_planned_and_carried_out() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    let asked = ana.says(CERTIFICATE).await;
    assert!(asked.contains("It is a normal change. `/change sched CHG-1` says when it may run."), "{asked}");
    bot.run_until_idle().await;
    agree(&bot).await;
    let early = ana.says("/change start CHG-1").await;
    assert_snapshot!(without_hashes(&early), @"
    CHG-1 is approved, and has no window in which it may run.
    `/change sched CHG-1 from:22:00 until:23:30` does.
      Rule 4.17 · nothing was changed · `L CHG-1#6 ……`
    ");
    ana.says("/change sched CHG-1 from:+1h until:+2h").await;
    let early = ana.says("/change start CHG-1").await;
    assert!(early.contains("its window has not opened yet"), "{early}");
    bot.pass(61).await;
    ana.says("/change start CHG-1").await;
    ana.says("/change done CHG-1").await;
    bot.run_until_idle().await;
    let watched = bot.person("ana").discord().at("changes").sees();
    assert!(watched.contains("CHG-1 is approved") && watched.contains("may run from"), "{watched}");
    assert_snapshot!(bot.decision_log("CHG-1").await, @"
    CHG-1#1 change.requested by ana
    CHG-1#2 seat.granted by mia
    CHG-1#3 seat.granted by raj
    CHG-1#4 seat.granted by ines
    CHG-1#5 change.approved by ines
    CHG-1#6 refused by ana
    CHG-1#7 change.scheduled by ana
    CHG-1#8 refused by ana
    CHG-1#9 change.started by ana
    CHG-1#10 change.done by ana
    CHG-1#11 validation.opened by ana
    ");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_agreed_to_is_asked_again_when_it_changes() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    ana.says(CERTIFICATE).await;
    bot.run_until_idle().await;
    bot.person("mia").discord().says("/change approve CHG-1").await;
    bot.person("raj")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    // A better title changes nothing that anybody agreed to.
    let title = ana.says("/change edit CHG-1 title: rotate the TLS certificate").await;
    assert!(title.contains("Nobody has to agree again"), "{title}");
    let foreign = bot.person("raj").discord().says("/change edit CHG-1 plan: mine is better").await;
    assert!(foreign.contains("Ana Ruiz or a change manager can edit it."), "{foreign}");
    let plan = ana.says("/change edit CHG-1 plan: call the vendor @ana").await;
    assert_snapshot!(without_hashes(&plan), @"
    *CHG-1* is at revision 2: plan: put the old one back @ana fails: handshakes fail -> put it back abort: cards fail → call the vendor @ana
    fails: handshakes fail -> put it back
    abort: cards fail · risk 8, band *medium* · needs a peer review, the service owner and the change manager · asked again, because what they agreed to has changed: Mia Chen, Raj Patel · asked: *Raj Patel*, *Mia Chen*, *Inês Duarte*
    Risk 8, medium risk. +4 highest impact 2 times complexity 2 · +3 a tier 1 service · +1 services that depend on it.
    It needs a peer review, the service owner and the change manager, on this revision.
      `L CHG-1#6 ……`
    ");
    let same = ana.says("/change edit CHG-1 plan: call the vendor @ana").await;
    assert!(same.contains("CHG-1 says that already."), "{same}");
    bot.run_until_idle().await;
    let card = bot.person("tom").discord().at("changes").sees();
    assert!(card.contains("☐ service owner") && card.contains("revision 2"), "{card}");
    // The change manager's yes alone approves nothing: the others said theirs to another plan.
    bot.person("ines").slack().says("/change approve CHG-1").await;
    let early = ana.says("/change start CHG-1").await;
    assert!(early.contains("not approved yet"), "{early}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named_at_once_and_a_slip_of_the_pen_is_noticed() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    let backwards = ana.says(&format!("{CERTIFICATE} from:+3h until:-1h")).await;
    assert!(backwards.contains("over before it begins"), "{backwards}");
    let long = ana.says(&format!("{CERTIFICATE} from:+3h until:+300h")).await;
    assert!(long.contains("more than seven days"), "{long}");
    // Ben only watches.
    let refused = bot.person("ben").slack().says(CERTIFICATE).await;
    assert!(refused.contains("Rule 4.23"), "{refused}");
    bot.finish().await;
}

/// Mia owns the service, Raj reviews, Inês manages changes.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_started_in_its_window_is_planned_again_and_agreed_to_again() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    ana.says(&format!("{CERTIFICATE} from:+1h until:+2h")).await;
    bot.run_until_idle().await;
    agree(&bot).await;
    bot.pass(181).await;
    for here in [bot.person("ana").slack().at("changes").sees(), bot.person("raj").discord().at("changes").sees()] {
        assert!(here.contains("CHG-1 was not started in its window"), "{here}");
        assert!(here.contains("`/change sched CHG-1`") || here.contains("/change sched CHG-1"), "{here}");
    }
    let late = ana.says("/change start CHG-1").await;
    assert!(late.contains("CHG-1 is approved, and has no window"), "{late}");
    let again = ana.says("/change sched CHG-1 from:+1h until:+2h").await;
    assert!(again.contains("CHG-1* is at revision 2: window:"), "{again}");
    bot.run_until_idle().await;
    agree(&bot).await;
    bot.pass(61).await;
    let started = ana.says("/change start CHG-1").await;
    assert!(started.contains("started CHG-1"), "{started}");
    assert!(bot.decision_log("CHG-1").await.contains("window.missed by wardroom"));
    bot.finish().await;
}

async fn agree(bot: &Bot) {
    bot.person("mia").discord().says("/change approve CHG-1").await;
    bot.person("raj")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    bot.person("ines").slack().says("/change approve CHG-1").await;
    bot.run_until_idle().await;
}
