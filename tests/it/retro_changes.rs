//! Changes that were made without one: recorded, attested by two others, reviewed, never authorised.

use insta::assert_snapshot;

use crate::harness::{Bot, holds, without_hashes};

const ORGANISATION: &str = include_str!("../../deploy/organisation.toml");

const RESTART: &str = "/change after retro restarted the gateway svc:payments at:-2h impact: a minute of errors why: the lead \
                       was asleep evidence: deploy 4711 works:yes risk:2 complexity:1 \
                       rollback:1 allowed:tom";
const REVIEWED: &str = "verdict:compliant effective:yes policy:no evidence:yes rollback:yes";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_recorded_attested_by_two_others_and_reviewed() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    assert_snapshot!(without_hashes(&ana.says(RESTART).await), @"
    *Ana Ruiz* records what was done without a change: *CHG-1* on payments: restarted the gateway · made 7 Jan 12:00 UTC by *Ana Ruiz*, allowed by *Tom Okafor* · risk 5, band *low* · not asked for because: the lead was asleep · to be attested by the change manager and the second person
    A review of CHG-1 is due by 8 Jan 14:00 UTC: somebody who neither asked for it nor carried it out says whether it was right
    Risk 5, low risk. +2 highest impact 2 times complexity 1 · +3 a tier 1 service · -1 rollback automatic and proven · +1 services that depend on it.
    It has to be attested by the change manager and the second person: the card shows who is asked.
      `L CHG-1#2 ……`
    ");
    bot.run_until_idle().await;
    let watched = bot.person("raj").discord().at("changes").sees();
    assert_snapshot!(watched, @"
    wardroom: CHG-1 · retroactive change · band low · awaiting attestation (pinned)
      **restarted the gateway**
      - ☐ change manager · ask **Inês Duarte**
      - ☐ second person · ask @raj or @mia
      Service: Card payments
      Requested by: @ana
      Risk: 5, band **low**
      Made: 12:00 UTC by @ana
      Allowed by: @tom, by word of mouth
      Impact: a minute of errors
      Not asked for because: the lead was asleep
      Evidence: deploy 4711
      Works as meant: yes
      Requested 7 Jan 14:00 UTC · /change plan risk CHG-1 explains the score
      [Attest] [Reject] [Details]
    wardroom: @ana records what was done without a change: **CHG-1** on payments: restarted the gateway · made 12:00 UTC by @ana, allowed by @tom · risk 5, band **low** · not asked for because: the lead was asleep · to be attested by the change manager and the second person
      For @mia
    wardroom: A review of CHG-1 is due by 14:00 UTC: somebody who neither asked for it nor carried it out says whether it was right
      For @raj, @mia
      [Compliant] [Not compliant] [Misclassified]
    ");
    let own = bot.person("ana").slack().at("changes").presses("Attest", "CHG-1").await;
    holds(&own, &["You cannot attest this change: you carried it out", "Rule 4.15"]);
    let early = bot.person("raj").discord().says(&format!("/change after pir CHG-1 {REVIEWED}")).await;
    holds(&early, &["CHG-1 is not attested yet", "change manager, second person", "Rule retroactive-record"]);
    bot.person("ines").slack().at("changes").presses("Attest", "CHG-1").await;
    let attested = bot.person("raj").discord().at("changes").presses("Attest", "CHG-1").await;
    holds(
        &attested,
        &[
            "approved CHG-1 as second person",
            "**CHG-1 is attested.** What was done stays where it works",
            "Does CHG-1 work?",
        ],
    );
    let unknown = bot.person("ines").slack().says(&format!("/change after pir CHG-1 {REVIEWED}")).await;
    holds(&unknown, &["Whether CHG-1 works is not known yet", "`/change after validate CHG-1 ok`"]);
    let own = bot.person("ana").discord().says("/change after validate change: CHG-1 verdict: ok").await;
    holds(&own, &["You cannot say whether this change works: you carry it out", "Rule 4.15"]);
    holds(&bot.person("mia").slack().says("/change after validate CHG-1 ok").await, &["*Mia Chen*: CHG-1 works"]);
    let late = bot.person("tom").discord().says("/change approve CHG-1").await;
    holds(&late, &["CHG-1 was attested at 14:00 UTC, with the voice of Raj Patel"]);
    let closed = bot.person("ines").slack().says(&format!("/change after pir CHG-1 {REVIEWED}")).await;
    holds(&closed, &["reviewed CHG-1: *compliant*"]);
    assert_snapshot!(bot.decision_log("CHG-1").await, @"
    CHG-1#1 change.recorded by ana
    CHG-1#2 pir.opened by ana
    CHG-1#3 refused by ana
    CHG-1#4 refused by raj
    CHG-1#5 seat.granted by ines
    CHG-1#6 seat.granted by raj
    CHG-1#7 change.attested by raj
    CHG-1#8 validation.opened by raj
    CHG-1#9 refused by ines
    CHG-1#10 refused by ana
    CHG-1#11 validation.passed by mia
    CHG-1#12 pir.closed by ines
    ");
    holds(&ana.says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_whose_checks_fail_after_it_was_attested_is_failed_and_taken_back() {
    let bot = Bot::start().await;
    // Nobody listens there.
    let checked = "key = \"payments\"\nchecks = [{ key = \"port\", tcp = \"127.0.0.1:1\" }]\n";
    let file = ORGANISATION.replacen("[[service]]\nkey = \"payments\"\n", &format!("[[service]]\n{checked}"), 1);
    assert_ne!(file, ORGANISATION);
    bot.app.apply_organisation(&file, false).await.expect("it is applied");
    let ana = bot.person("ana").slack();
    ana.says(RESTART).await;
    bot.person("ines").slack().says("/change approve CHG-1").await;
    bot.person("raj").discord().says("/change approve change: CHG-1").await;
    bot.pass(10).await;
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["change.attested by raj", "validation.opened by raj", "validation.failed by wardroom"]);
    bot.run_until_idle().await;
    let shown = bot.person("raj").discord().at("changes").sees();
    holds(&shown, &["failed", "[Roll back]"]);
    assert!(!shown.contains("Fix forward"), "a record stands as it was written: {shown}");
    let edited = ana.says("/change edit CHG-1 plan: again").await;
    holds(&edited, &["CHG-1 is the record of a change", "a change of its own mends it"]);
    holds(&ana.says("/change rollback CHG-1 the gateway is back as it was").await, &["rolled CHG-1 back"]);
    let closed = bot.person("raj").discord().says(&format!("/change after pir CHG-1 {REVIEWED}")).await;
    holds(&closed, &["reviewed CHG-1"]);
    holds(&ana.says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_upon_a_change_has_a_day_from_then_and_whoever_made_it_from_when_it_was_made() {
    let bot = Bot::start().await;
    let raj = bot.person("raj").discord();
    let found = "/change after retro title: restarted it svc: payments at: -30h found: -2h by: @ana why: nobody knew \
                 evidence: a log works: yes risk: 2 complexity: 1 rollback: 1";
    let in_time = raj.says(found).await;
    holds(&in_time, &["**CHG-1**", "found 12:00 UTC"]);
    assert!(!in_time.contains("late"), "{in_time}");
    let late = raj.says(&found.replace("-2h", "-25h")).await;
    holds(&late, &["**CHG-2**", "**recorded late**", "more than 24 hours after that was known"]);
    let own = bot.person("ana").slack().says(&RESTART.replace("at:-2h", "at:-30h found:-2h")).await;
    holds(&own, &["Whoever made it did not come upon it later."]);
    let before = raj.says(&found.replace("-2h", "-31h")).await;
    holds(&before, &["It was made at 6 Jan 08:00 UTC: it was found after that, and before now."]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_comes_after_a_day_is_late_and_compliance_hears_of_it() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    holds(&ana.says(&RESTART.replace("-2h", "-25h")).await, &["*recorded late*", "counts as late"]);
    bot.run_until_idle().await;
    let watched = bot.person("zoe").slack().at("changes").sees();
    holds(&watched, &["recorded late", "For @mia, @zoe"]);
    // Nobody attests it, nobody reviews it: it goes to the change managers.
    bot.pass(24 * 60 + 1).await;
    holds(&bot.person("ines").slack().at("changes").sees(), &["The review of CHG-1 is overdue"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_of_what_was_made_and_of_nothing_that_was_asked_for() {
    let bot = Bot::start().await;
    let ana = bot.person("ana");
    let ahead = ana.slack().says(&RESTART.replace("-2h", "+2h")).await;
    holds(&ahead, &["is yet to come", "`/change new`", "Rule retroactive-record"]);
    let backwards = ana.discord().says("/change after retro title: x at: -2h from: -1h svc: payments impact: x why: x evidence: x works: yes risk: 1 complexity: 1 rollback: 1").await;
    holds(&backwards, &["It would have begun at 7 Jan 13:00 UTC, after it was made at 7 Jan 12:00 UTC"]);
    let mia = bot.person("mia").slack();
    mia.says("/change std failover to:porto share:50 svc:payments").await;
    mia.says("/change start CHG-1").await;
    bot.pass(10).await;
    mia.says("/change done CHG-1").await;
    let known = ana.slack().says(&RESTART.replace("-2h", "-5m")).await;
    holds(&known, &["CHG-1 was asked for, and ran on payments at that time"]);
    holds(&ana.slack().says(RESTART).await, &["*CHG-2*"]);
    for verb in ["start", "done", "rollback why: x", "withdraw why: x", "edit title: x"] {
        let (verb, rest) = verb.split_once(' ').unwrap_or((verb, ""));
        let said = ana.slack().says(&format!("/change {verb} change:CHG-2 {rest}")).await;
        holds(&said, &["CHG-2 is the record of a change that was made at 7 Jan 12:10 UTC"]);
    }
    holds(&bot.person("ben").slack().says(RESTART).await, &["Rule 4.23"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_wrong_is_rejected_and_still_reviewed() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    bot.person("ines").slack().says("/freeze on svc:payments until:+4h why: payroll").await;
    bot.pass(30).await;
    holds(&ana.says(&RESTART.replace("-2h", "-10m")).await, &["It was made in a freeze: FRZ-1."]);
    let rejected = bot.person("ines").slack().says("/change reject CHG-1 that was another gateway").await;
    holds(&rejected, &["that was another gateway"]);
    holds(&ana.says("/change list").await, &["not attested"]);
    holds(&ana.says("/change show CHG-1").await, &["deploy 4711", "14:20 UTC by"]);
    let closed = bot.person("raj").discord().says(&format!("/change after pir CHG-1 {REVIEWED}")).await;
    holds(&closed, &["reviewed CHG-1"]);
    holds(&ana.says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_risky_one_is_ratified_by_the_board_and_does_not_lapse_where_nobody_votes() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    let asked = ana.says(&RESTART.replace("risk:2 complexity:1", "risk:5 complexity:4")).await;
    holds(&asked, &["band *critical*", "attested by the second person and the vote of the CAB for critical risk"]);
    ana.says(&RESTART.replace("risk:2 complexity:1", "risk:5 complexity:4").replace("-2h", "-3h")).await;
    for (who, platform) in [("mia", true), ("tom", true), ("ines", true), ("kim", false)] {
        let here = if platform { bot.person(who).slack() } else { bot.person(who).discord() };
        here.says("/change approve CHG-1").await;
    }
    bot.run_until_idle().await;
    bot.pass(9 * 24 * 60).await;
    // The board has ratified it; the second person is not bound to the time of the vote.
    let attested = bot.person("sam").discord().says("/change approve CHG-1").await;
    holds(&attested, &["approved CHG-1 as second person", "**CHG-1 is attested.**"]);
    let log = bot.decision_log("CHG-2").await;
    holds(&log, &["vote.closed by wardroom", "change.rejected by wardroom"]);
    assert!(!log.contains("approval_expired"), "what was done does not lapse: {log}");
    bot.finish().await;
}
