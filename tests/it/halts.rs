//! A change runs as a major incident begins: its commander lets it finish, halts it, or has it taken back.

use insta::assert_snapshot;

use crate::harness::{Bot, holds, without_hashes};

/// The war room of the major incident.
const ROOM: &str = "inc-1-cards-fail";

/// Tom rotates the logs of the ledger, one step from payments, as INC-1 becomes a major incident, which Omar commands.
async fn runs_into_a_major(bot: &Bot) {
    let tom = bot.person("tom").slack();
    tom.says("/change std log-rotation keep_days:14 svc:ledger").await;
    holds(&tom.says("/change start CHG-1").await, &["started CHG-1"]);
    bot.person("ana").slack().says("/inc declare sev1 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let omar = bot.person("omar").discord().at(ROOM);
    omar.says("/inc lead person: @omar").await;
    omar.says("/inc major why: all cards fail, no workaround").await;
    bot.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commander_halts_what_runs_and_it_goes_on_when_two_agree() {
    let bot = Bot::start().await;
    runs_into_a_major(&bot).await;
    let asked =
        ["CHG-1 · INC-1 · implementing", "Rotate the logs", "what becomes of it?", "[Let finish] [Halt] [Roll back]"];
    holds(&bot.person("omar").discord().at(ROOM).sees(), &asked);
    holds(&bot.person("ana").slack().at(ROOM).sees(), &asked);
    let tom = bot.person("tom").slack();
    let other = tom.at(ROOM).presses("Let finish", "CHG-1 · INC-1").await;
    holds(&other, &["You do not decide what becomes of CHG-1 in INC-1", "Omar Haddad, who commands it", "Rule 4.23"]);

    let omar = bot.person("omar").discord().at(ROOM);
    assert_eq!(omar.presses("Halt", "CHG-1 · INC-1").await, "(a form)");
    assert_snapshot!(without_hashes(&omar.fills(&[("why", "the ledger must not move now")]).await), @"
    @omar halted CHG-1 for INC-1: the ledger must not move now
      Tom Okafor, who carries it out, is told at once in private.
      -# It goes on when Tom Okafor and Lena Fischer both say `/change start CHG-1 why: …` · `L CHG-1#5 ……`
    ");
    bot.run_until_idle().await;
    let private = bot.person("tom").slack().private() + &bot.person("tom").discord().private();
    holds(
        &private,
        &["halted CHG-1 for INC-1: the ledger must not move now", "make no further step", "[Roll back] [Details]"],
    );
    for here in [bot.person("ana").slack().at(ROOM), bot.person("omar").discord().at(ROOM)] {
        let room = here.sees();
        holds(&room, &["halted it at 14:00 UTC", "halted CHG-1 for INC-1: the ledger must not move now"]);
        assert!(!room.contains("[Let finish]"), "{room}");
    }
    holds(
        &bot.person("ana").slack().at("changes").sees(),
        &["CHG-1 · standard change", "halted", "*Halted* since 14:00 UTC"],
    );

    let tom = bot.person("tom").slack();
    let done = tom.says("/change done CHG-1").await;
    holds(
        &done,
        &["CHG-1 is halted since 14:00 UTC: Omar Haddad halted it", "`/change start CHG-1 why: …` asks to go on"],
    );
    let late = bot.person("omar").slack().says("/change halt CHG-1 verdict:finish").await;
    holds(&late, &["Omar Haddad halted it already, at 14:00 UTC", "It goes on when Tom Okafor and Lena"]);
    holds(&tom.says("/change start CHG-1").await, &["Say why it may"]);
    holds(&tom.says("/change start CHG-1 why: it only reads").await, &["asks that CHG-1 goes on: it only reads"]);
    holds(&tom.says("/change start CHG-1 why: it only reads").await, &["Tom Okafor asked for it already"]);
    bot.run_until_idle().await;
    let raj = bot.person("raj").discord().says("/change start change: CHG-1 why: fine by me").await;
    holds(&raj, &["CHG-1 is halted", "Rule 4.23"]);
    holds(&bot.person("lena").slack().private(), &["asks that CHG-1 goes on: it only reads", "[Continue] [Details]"]);
    let agreed = bot.person("lena").slack().at("@wardroom").presses("Continue", "CHG-1").await;
    holds(&agreed, &["agrees: CHG-1 goes on"]);
    bot.run_until_idle().await;
    let told = bot.person("tom").slack().private() + &bot.person("tom").discord().private();
    holds(&told, &["agrees: CHG-1 goes on", "go on where you stopped"]);
    holds(&bot.person("tom").slack().says("/change done CHG-1").await, &["CHG-1"]);
    assert_snapshot!(bot.decision_log("CHG-1").await, @"
    CHG-1#1 change.requested by tom
    CHG-1#2 change.approved by tom
    CHG-1#3 change.started by tom
    CHG-1#4 refused by tom
    CHG-1#5 change.halted by omar
    CHG-1#6 refused by tom
    CHG-1#7 change.resume_asked by tom
    CHG-1#8 refused by raj
    CHG-1#9 change.resumed by lena
    CHG-1#10 change.done by tom
    CHG-1#11 validation.opened by tom
    ");
    holds(&bot.person("tom").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commander_lets_what_runs_finish_with_one_click_and_a_second_one_says_who_did() {
    let bot = Bot::start().await;
    runs_into_a_major(&bot).await;
    let omar = bot.person("omar").slack().at(ROOM);
    assert_snapshot!(without_hashes(&omar.presses("Let finish", "CHG-1 · INC-1").await), @"
    *Omar Haddad* lets CHG-1 finish in spite of INC-1
      `/change halt CHG-1 why: …` stops it all the same · `L CHG-1#4 ……`
    ");
    let late = omar.says("/change halt CHG-1 verdict:finish").await;
    holds(&late, &["CHG-1: Omar Haddad let it finish already, at 14:00 UTC"]);
    bot.run_until_idle().await;
    for here in [bot.person("ana").slack().at(ROOM), bot.person("omar").discord().at(ROOM)] {
        let room = here.sees();
        holds(&room, &["let it finish at 14:00 UTC"]);
        assert!(!room.contains("[Halt]"), "{room}");
    }
    holds(&bot.person("tom").slack().says("/change done CHG-1").await, &["CHG-1"]);
    bot.run_until_idle().await;
    let over = bot.person("omar").slack().says("/change halt CHG-1 why: too late").await;
    holds(&over, &["CHG-1 is done, and validating."]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_taken_back_stops_and_whoever_carries_it_out_is_asked_in_private() {
    let bot = Bot::start().await;
    runs_into_a_major(&bot).await;
    let asked = bot.person("omar").discord().at(ROOM).presses("Roll back", "CHG-1 · INC-1").await;
    holds(&asked, &["halted CHG-1 for INC-1", "it is to be taken back now"]);
    bot.run_until_idle().await;
    holds(&bot.person("tom").slack().says("/change done CHG-1").await, &["Omar Haddad asked to take it back"]);
    let ask = bot.person("tom").slack().says("/change start CHG-1 why: it is nearly done").await;
    holds(&ask, &["It goes on when Omar Haddad or Inês Duarte agrees"]);
    let lena = bot.person("lena").slack().says("/change start CHG-1 why: fine by me").await;
    holds(&lena, &["Omar Haddad asked to take it back", "Rule 4.23"]);
    bot.run_until_idle().await;
    let commander = bot.person("omar").slack().private() + &bot.person("omar").discord().private();
    holds(&commander, &["asks that CHG-1 goes on: it is nearly done", "[Continue] [Details]"]);
    let tom = bot.person("tom").slack().at("@wardroom");
    holds(&tom.private(), &["take CHG-1 back now"]);
    assert_eq!(tom.presses("Roll back", "CHG-1").await, "(a form)");
    holds(&tom.fills(&[("why", "the commander asked")]).await, &["rolled CHG-1 back: the commander asked"]);
    bot.run_until_idle().await;
    holds(&bot.person("omar").discord().at(ROOM).sees(), &["CHG-1 · INC-1 · rolled back"]);
    holds(&bot.person("tom").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_opens_after_the_major_was_declared_asks_about_what_runs_too() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").slack();
    tom.says("/change std log-rotation keep_days:14 svc:ledger").await;
    tom.says("/change start CHG-1").await;
    bot.person("mia").slack().says("/inc declare sev1 cards fail svc:payments").await;
    holds(&bot.person("mia").slack().says("/inc major INC-1 why: all cards fail").await, &["a major incident"]);
    bot.run_until_idle().await;
    for here in [bot.person("mia").slack().at(ROOM), bot.person("raj").discord().at(ROOM)] {
        let room = here.sees();
        assert_eq!(room.matches("[Let finish]").count(), 1, "{room}");
        holds(&room, &["Whoever leads INC-1, what becomes of it?"]);
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_halted_without_a_major_incident_too_and_never_without_a_reason() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").slack();
    tom.says("/change std log-rotation keep_days:14 svc:ledger").await;
    tom.says("/change start CHG-1").await;
    let ines = bot.person("ines").slack();
    assert_eq!(ines.says("/change halt CHG-1").await, "(a form)");
    assert_eq!(ines.fills(&[("why", "")]).await, "(a form)");
    let errors = ines.modal().map(|form| form["errors"].to_string()).unwrap_or_default();
    holds(&errors, &["Why is needed"]);
    holds(&ines.fills(&[("why", "the disk fills")]).await, &["halted CHG-1: the disk fills"]);
    let nobody = bot.person("ines").slack().says("/change halt CHG-1 verdict:rollback").await;
    holds(&nobody, &["No major incident freezes what CHG-1 is on"]);
    bot.run_until_idle().await;
    bot.finish().await;
}

/// Ana moves the queue of the payments.
async fn moves_the_queue(bot: &Bot) {
    let ana = bot.person("ana").slack();
    ana.says(
        "/change new move the queue svc:payments impact: none why: routine plan: move it back tested:yes data:1 \
         availability:1 compliance:1 complexity:1 rollback:1 from:14:01 until:16:00",
    )
    .await;
    bot.person("mia").slack().says("/change approve CHG-1").await;
    bot.pass(2).await;
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    bot.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_critical_incident_halts_what_runs_on_its_very_service_and_two_let_it_go_on() {
    let bot = Bot::start().await;
    moves_the_queue(&bot).await;
    bot.person("omar").discord().says("/inc declare cards fail sev: sev1 svc: payments").await;
    bot.run_until_idle().await;
    let private = bot.person("ana").slack().private() + &bot.person("ana").discord().private();
    holds(
        &private,
        &["CHG-1 is halted", "INC-1 on its service is P1 (rule 4.24)", "make no further step", "[Roll back]"],
    );
    // Its room hears of it as it opens, or in a sentence where it is open already.
    for here in [bot.person("ana").slack().at(ROOM), bot.person("omar").discord().at(ROOM)] {
        holds(&here.sees().to_lowercase(), &["what changed before inc-1", "chg-1", "halted", "rule 4.24"]);
    }
    let changes = bot.person("raj").discord().at("changes");
    holds(&changes.sees(), &["CHG-1 is halted**: INC-1 on its service is P1", "by rule 4.24 for INC-1"]);

    let ana = bot.person("ana").slack();
    holds(&ana.says("/change done CHG-1").await, &["CHG-1 is halted since 14:02 UTC: rule 4.24 halted it."]);
    holds(&ana.says("/change start CHG-1 why: the queue is apart").await, &["asks that CHG-1 goes on"]);
    bot.run_until_idle().await;
    let asked = ["mia", "tom", "lena", "raj"].into_iter().find(|key| {
        let on_slack = bot.person(key).slack().private();
        on_slack.contains("asks that CHG-1 goes on: the queue is apart")
    });
    let agrees = bot.person(asked.expect("somebody on Slack is asked")).slack().at("@wardroom");
    holds(&agrees.presses("Continue", "CHG-1").await, &["agrees: CHG-1 goes on"]);
    bot.run_until_idle().await;

    // Those two have seen INC-1: that it becomes a major one halts nothing again.
    let omar = bot.person("omar").discord().at(ROOM);
    omar.says("/inc lead").await;
    omar.says("/inc major why: all cards fail, no workaround").await;
    bot.run_until_idle().await;
    holds(&bot.person("ana").slack().says("/change done CHG-1").await, &["finished CHG-1"]);
    bot.run_until_idle().await;
    let log = bot.decision_log("CHG-1").await;
    assert_eq!(log.matches("change.halted by wardroom").count(), 1, "{log}");
    holds(&bot.person("tom").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_critical_halts_it_too_and_what_resolves_it_runs_on() {
    let bot = Bot::start().await;
    moves_the_queue(&bot).await;
    let omar = bot.person("omar").discord();
    omar.says("/inc declare cards are slow sev: sev3 svc: payments").await;
    bot.run_until_idle().await;
    let room = "inc-1-cards-are-slow";
    holds(&bot.person("ana").slack().at(room).sees(), &["*runs now*"]);
    let omar = omar.at(room);
    omar.says("/inc lead").await;
    holds(&omar.says("/inc link change: CHG-1 as: resolves").await, &["as **resolves**"]);
    holds(&omar.says("/inc sev sev: sev1 why: they fail now").await, &["P1"]);
    bot.run_until_idle().await;
    let log = bot.decision_log("CHG-1").await;
    assert!(!log.contains("change.halted"), "{log}");

    bot.person("mia").slack().says("/inc declare sev2 the terminals are dead svc:payments").await;
    bot.run_until_idle().await;
    let room = "inc-2-the-terminals-are-dead";
    bot.person("mia").slack().at(room).says("/inc major why: nobody can pay").await;
    bot.run_until_idle().await;
    for here in [bot.person("mia").slack().at(room), bot.person("raj").discord().at(room)] {
        holds(&here.sees(), &["INC-2 on its service is major (rule 4.24)", "Rule 4.24 halted it at 14:02 UTC"]);
        assert!(!here.sees().contains("[Let finish]"), "{}", here.sees());
    }
    bot.finish().await;
}
