//! The story of the README, as the people in it live it.

use insta::assert_snapshot;

use crate::harness::{Bot, without_hashes};

pub const ROOM: &str = "inc-1-checkout-returns-502";

/// What the requester answers about the change; the factors make it high risk.
pub const ANSWERS: [(&str, &str); 8] = [
    ("why", "every minute costs sales"),
    ("plan", "deploy 4.2 again from the registry"),
    ("tested", "yes"),
    ("data", "2"),
    ("availability", "3"),
    ("compliance", "1"),
    ("complexity", "3"),
    ("rollback", "3"),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_declared_on_slack_is_decided_on_both_platforms() {
    let bot = Bot::start().await;
    declared(&bot).await;
    led(&bot).await;
    change_asked_for(&bot).await;
    voted(&bot).await;
    done(&bot).await;
    told(&bot).await;
    bot.finish().await;
}

async fn declared(bot: &Bot) {
    let ana = bot.person("ana");
    let said = ana.slack().says("/inc declare sev2 checkout returns 502 svc:payments").await;
    assert_snapshot!(without_hashes(&said), @"
    *Ana Ruiz* declared *INC-1* as *P2* on payments: checkout returns 502
    Stakeholders got an update
    A war room is being opened; the people on call are brought in.
      Declared by mistake? `/inc cancel INC-1` and why · `L INC-1#2 ……`
    ");
    bot.run_until_idle().await;
    assert_snapshot!(ana.slack().at("incidents").sees(), @"
    wardroom: INC-1 · P2 · checkout returns 502
    Status: *declared*
    Services: Card payments
    Commander: nobody yet
    War room: #inc-1-checkout-returns-502
      Declared 7 Jan 14:00 UTC by *Ana Ruiz*
    ");
    assert_snapshot!(ana.slack().at(ROOM).sees(), @"
    wardroom: INC-1 · P2 · checkout returns 502 (pinned)
    Status: *declared*
    Commander: nobody yet
    Services: Card payments
    Next update: 15:00 UTC
    On call: *Ana Ruiz*, *Raj Patel*
      Declared 7 Jan 14:00 UTC by *Ana Ruiz* · `/inc help` lists what you can do here
    [Take lead] [Update] [Severity] [Change] [Resolve]
    ");
    assert_snapshot!(ana.discord().at(ROOM).sees(), @"
    wardroom: INC-1 · P2 · checkout returns 502 (pinned)
      Status: **declared**
      Commander: nobody yet
      Services: Card payments
      Next update: 15:00 UTC
      On call: @ana, @raj
      Declared 7 Jan 14:00 UTC by Ana Ruiz · /inc help lists what you can do here
      [Take lead] [Update] [Severity] [Change] [Resolve]
    ");
    assert_snapshot!(ana.slack().at("status-updates").sees(), @"
    wardroom: INC-1 · checkout returns 502
    Status: *declared*
    Priority: P2
    Affected: Card payments
    Since: 7 Jan 14:00 UTC
    Next update: 15:00 UTC
      For Stakeholders
    ");
}

async fn led(bot: &Bot) {
    let ana = bot.person("ana").slack().at(ROOM);
    ana.says("/inc lead me").await;
    ana.says("/inc note errors began at the 4.2 deploy").await;
    ana.says("/inc decide Roll back 4.2? chose:yes why: errors began with deploy").await;
    let raised = ana.says("/inc sev 1 why: all regions").await;
    assert_snapshot!(without_hashes(&raised), @"
    *Ana Ruiz* raised the priority from P2 to *P1*: all regions
      `/inc sev 2 why: …` asks to set it back; a second person confirms · `L INC-1#9 ……`
    ");
    let again = ana.says("/inc sev 1 why: all regions").await;
    assert_snapshot!(again, @"INC-1 is P1 already.");
    bot.run_until_idle().await;
    assert_snapshot!(bot.person("sam").discord().at(ROOM).sees(), @"
    wardroom: INC-1 · P1 · checkout returns 502 (edited) (pinned)
      Status: **investigating**
      Commander: @ana
      Services: Card payments
      Next update: 14:30 UTC
      On call: @ana, @raj
      Declared 7 Jan 14:00 UTC by Ana Ruiz · /inc help lists what you can do here
      [Take lead] [Update] [Severity] [Change] [Resolve]
    wardroom: @ana leads as commander
    wardroom: @ana set the status to **investigating**
    wardroom: @ana notes: errors began at the 4.2 deploy
    wardroom: @ana decided: Roll back 4.2? **yes**, because errors began with deploy
    wardroom: @ana raised the priority from P2 to **P1**: all regions
    ");
}

async fn change_asked_for(bot: &Bot) {
    let ana = bot.person("ana").slack().at(ROOM);
    assert_eq!(ana.says("/change emergency roll back 4.2 impact: all card payments fail").await, "(a form)");
    let mut without_plan = ANSWERS;
    without_plan[1].1 = "   ";
    ana.fills(&without_plan).await;
    let form = ana.modal().expect("the form stays open");
    assert_snapshot!(form["errors"], @r#"{"plan":"Rollback plan is needed. Steps back: step @who 10m; … fails: sign -> response; … abort: when."}"#);
    let asked = ana.fills(&ANSWERS).await;
    assert_snapshot!(without_hashes(&asked), @"
    *Ana Ruiz* asks for the emergency change *CHG-1* on payments: roll back 4.2 · risk 15, band *high* · needs a peer review and the vote of the E-CAB · asked: *Raj Patel*, *Mia Chen*, *Tom Okafor*
    Risk 15, high risk. +9 highest impact 3 times complexity 3 · +3 a tier 1 service · +2 rollback manual, under 30 minutes · +1 services that depend on it.
    It needs a peer review and the vote of the E-CAB. The card in the war room shows who has said what.
    Only Mia Chen can be asked as service owner: a single point.
    Nothing waits for the rest of its plan; its review will ask for it: rollback steps, step owners, step minutes, failure modes, abort criteria, verification.
    Filled in for you: svc from INC-1.
      `/change withdraw CHG-1` and why takes it back · `L CHG-1#1 ……`
    ");
    bot.run_until_idle().await;
    let risk = ana.says("/change plan risk").await;
    assert_snapshot!(risk, @"
    CHG-1 · risk 15, band high
    It needs a peer review and the vote of the E-CAB.
    • +9 highest impact 3 times complexity 3
    • +3 a tier 1 service
    • +2 rollback manual, under 30 minutes
    • +1 services that depend on it
      Bands: low 1-7, medium 8-14, high 15-21, critical 22-40 · rule 4.7, policy version 1
    [Re-assess]
    ");
}

async fn voted(bot: &Bot) {
    let (ana, mia, tom, raj) = (bot.person("ana"), bot.person("mia"), bot.person("tom"), bot.person("raj"));
    let refused = ana.slack().at(ROOM).presses("Approve", "CHG-1").await;
    assert_snapshot!(without_hashes(&refused), @"
    You cannot approve this change: you asked for it and carry it out.
    Somebody else who is entitled to it can.
      Rule 4.15 · nothing was changed · `L CHG-1#2 ……`
    ");
    let reviewed = raj.discord().at(ROOM).reviews("CHG-1").await;
    assert_snapshot!(without_hashes(&reviewed), @"
    @raj approved CHG-1 as peer reviewer: right target, rollback usable, side effects acceptable
      -# `L CHG-1#3 ……`
    ");
    let first = mia.slack().at(ROOM).presses("Approve", "CHG-1").await;
    assert_snapshot!(without_hashes(&first), @"
    *Mia Chen* voted *approve* on CHG-1
    Open: 1 for, 0 against, 0 abstained, of 4; it waits for 1 more to take part, 1 more to approve and the yes of the technical authority.
      A later ballot replaces this one while the vote is open · `L CHG-1#4 ……`
    ");
    let again = mia.discord().at(ROOM).presses("Approve", "CHG-1").await;
    assert_snapshot!(without_hashes(&again), @"Your ballot on CHG-1 stands: approve since 14:00 UTC, from Slack.");
    let deciding = tom.discord().at(ROOM).presses("Approve", "CHG-1").await;
    assert_snapshot!(without_hashes(&deciding), @"
    @tom voted **approve** on CHG-1
      The vote on CHG-1 is over: **passed (early)**. Passed before its end: 2 for, 0 against, 0 abstained, of 4.
      **CHG-1 is approved.** It may run until 18:00 UTC
      -# `L CHG-1#7 ……`
    ");
    let late = bot.person("kim").slack().at(ROOM).presses("Approve", "CHG-1").await;
    assert_snapshot!(without_hashes(&late), @"
    CHG-1 was approved at 14:00 UTC, with the voice of Tom Okafor.
    Nothing was changed.
    ");
    bot.run_until_idle().await;
    for card in [ana.slack().at("changes").sees(), ana.discord().at("changes").sees()] {
        assert!(card.contains("approved") && card.contains("passed (early)") && !card.contains("[Approve]"), "{card}");
    }
    assert_snapshot!(ana.slack().at("changes").sees(), @"
    wardroom: CHG-1 · emergency change · band high · approved (edited) (pinned)
    *roll back 4.2*
    Service: Card payments
    Resolves: INC-1
    Requested by: *Ana Ruiz*
    Risk: 15, band *high*
    Impact now: all card payments fail
    Why it can't wait: every minute costs sales
    Rollback plan: deploy 4.2 again from the registry
    Tested: yes
    • ☑ peer reviewer · *Raj Patel*: right target, rollback usable, side effects acceptable
    *E-CAB vote:* 2 of 4 voted, 2 needed · *passed (early)*
    • *Mia Chen* · *approve* · technical authority, service owner
    • *Tom Okafor* · *approve* · technical authority
    • *Inês Duarte* · not yet · change manager
    • *Kim Novak* · not yet · security authority
    Passed before its end: 2 for, 0 against, 0 abstained, of 4.
    *On standby:* the owner of the rollback: *Ana Ruiz*, on call, confirms by starting it
    Window: 14:00 UTC to 18:00 UTC
      Requested 7 Jan 14:00 UTC · `/change plan risk CHG-1` explains the score
    [Start] [Details]
    wardroom: *CHG-1 is approved.* It may run until 18:00 UTC
    For @mia, *Yuki Tanaka*
      roll back 4.2 · Card payments · all card payments fail
    [Acknowledge] [Object]
    ");
}

async fn done(bot: &Bot) {
    let ana = bot.person("ana").slack().at(ROOM);
    let started = ana.says("/change start").await;
    assert_snapshot!(without_hashes(&started), @"
    *Ana Ruiz* stands ready for CHG-1 as rollback owner
    *Ana Ruiz* started CHG-1
    Finish before 18:00 UTC; you are warned 30 and 10 minutes before.
      `/change rollback` and why, if it makes things worse · `L CHG-1#9 ……`
    ");
    let too_early = ana.says("/inc resolve rolled back").await;
    assert_snapshot!(without_hashes(&too_early), @"
    INC-1 is investigating; it cannot become resolved from there.
    Next can be: identified, mitigated.
    ");
    bot.pass(35).await;
    assert_snapshot!(bot.person("ben").slack().at("status-updates").sees(), @"
    wardroom: INC-1 · checkout returns 502
    Status: *declared*
    Priority: P2
    Affected: Card payments
    Since: 7 Jan 14:00 UTC
    Next update: 15:00 UTC
      For Stakeholders
    wardroom: INC-1 · checkout returns 502
    Status: *investigating*
    Priority: P1
    Affected: Card payments
    Since: 7 Jan 14:00 UTC
    Changes: one emergency change is under way, high risk
    Next update: 15:00 UTC
      For Stakeholders
    ");
    ana.says("/change done").await;
    ana.says("/inc status mitigated").await;
    let resolved = ana.says("/inc resolve rolled back to 4.1, no errors for ten minutes").await;
    assert_snapshot!(without_hashes(&resolved), @"
    *Ana Ruiz* resolved *INC-1*: rolled back to 4.1, no errors for ten minutes
    Stakeholders got an update
      `L INC-1#13 ……`
    ");
    bot.run_until_idle().await;
    let stakeholders = bot.person("ben").slack().at("status-updates").sees();
    assert!(stakeholders.contains("Changes: one emergency change was decided, high risk"), "{stakeholders}");
    assert_snapshot!(ana.sees(), @"
    wardroom: INC-1 · P1 · checkout returns 502 (edited) (pinned)
    Status: *resolved*
    Commander: *Ana Ruiz*
    Services: Card payments
    Outcome: rolled back to 4.1, no errors for ten minutes
    On call: *Ana Ruiz*, *Raj Patel*
    • *CHG-1* roll back 4.2 · validating
      Declared 7 Jan 14:00 UTC by *Ana Ruiz* · `/inc help` lists what you can do here
    [Reopen]
    wardroom: *Ana Ruiz* leads as commander
    wardroom: *Ana Ruiz* set the status to *investigating*
    wardroom: *Ana Ruiz* notes: errors began at the 4.2 deploy
    wardroom: *Ana Ruiz* decided: Roll back 4.2? *yes*, because errors began with deploy
    wardroom: *Ana Ruiz* raised the priority from P2 to *P1*: all regions
    wardroom: CHG-1 · emergency change · band high · validating (edited) (pinned)
    *roll back 4.2*
    Service: Card payments
    Resolves: INC-1
    Requested by: *Ana Ruiz*
    Risk: 15, band *high*
    Impact now: all card payments fail
    Why it can't wait: every minute costs sales
    Rollback plan: deploy 4.2 again from the registry
    Tested: yes
    • ☑ peer reviewer · *Raj Patel*: right target, rollback usable, side effects acceptable
    *E-CAB vote:* 2 of 4 voted, 2 needed · *passed (early)*
    • *Mia Chen* · *approve* · technical authority, service owner
    • *Tom Okafor* · *approve* · technical authority
    • *Inês Duarte* · not yet · change manager
    • *Kim Novak* · not yet · security authority
    Passed before its end: 2 for, 0 against, 0 abstained, of 4.
    *On standby:* the owner of the rollback: *Ana Ruiz*, stands by
    *Does it work?* *Raj Patel* is asked; anybody but *Ana Ruiz* can say so
    Window: 14:00 UTC to 18:00 UTC
      Requested 7 Jan 14:00 UTC · `/change plan risk CHG-1` explains the score
    [Works] [Does not work] [Details]
    wardroom: *Ana Ruiz* asks for the emergency change *CHG-1* on payments: roll back 4.2 · risk 15, band *high* · needs a peer review and the vote of the E-CAB · asked: *Raj Patel*, *Mia Chen*, *Tom Okafor*
    wardroom: *CHG-1 is approved.* It may run until 18:00 UTC
    wardroom: *Ana Ruiz* started CHG-1
    wardroom: Stakeholders got the update of 14:30 UTC
    wardroom: *Ana Ruiz* finished CHG-1
    wardroom: Does CHG-1 work? Somebody who did not carry it out says so
    For *Raj Patel*
    [Works] [Does not work]
    wardroom: A review of CHG-1 is due by 8 Jan 14:35 UTC: somebody who neither asked for it nor carried it out says whether it was right · its contingency plan lacked rollback steps, step owners, step minutes, failure modes, abort criteria, verification, rehearsal
    For *Raj Patel*, @mia
      Skipped: the vote of the CAB; the announcement 5 and 1 business days before; a planned window, held against those of other changes · `/change show CHG-1` says what made up for it
    [Compliant] [Not compliant] [Misclassified]
    wardroom: *Ana Ruiz* set the status to *mitigated*
    wardroom: *Ana Ruiz* resolved *INC-1*: rolled back to 4.1, no errors for ten minutes
    wardroom: Stakeholders got an update
    ");
}

async fn told(bot: &Bot) {
    let ben = bot.person("ben").discord().at(ROOM);
    let tom = bot.person("tom").discord().at(ROOM);
    assert_snapshot!(ben.says("/inc sum").await, @"
    INC-1 · P1 · checkout returns 502
      The incident on Card payments is over: resolved. One change was asked for.
      **Decisions**
      - 14:00 UTC Roll back 4.2? **yes**, because errors began with deploy (@ana)
      **Changes**
      - **CHG-1** roll back 4.2 · validating · band high · approved by @raj, @mia, @tom
      Status: **resolved**
      Affected: Card payments
      Commander: @ana
      Running for: 35 min
      Outcome: rolled back to 4.1, no errors for ten minutes
      As of 14:35 UTC, from the record of 27 entries
    ");
    assert_snapshot!(ben.says("/inc timeline").await, @"
    INC-1 · checkout returns 502 · timeline
      - 14:00 UTC @ana declared **INC-1** as **P2** on payments: checkout returns 502
      - 14:00 UTC Stakeholders got an update
      - 14:00 UTC The war room on Slack is open
      - 14:00 UTC The war room on Discord is open
      - 14:00 UTC @ana leads as commander
      - 14:00 UTC @ana set the status to **investigating**
      - 14:00 UTC @ana notes: errors began at the 4.2 deploy
      - 14:00 UTC @ana decided: Roll back 4.2? **yes**, because errors began with deploy
      - 14:00 UTC @ana raised the priority from P2 to **P1**: all regions
      - 14:00 UTC @ana asks for the emergency change **CHG-1** on payments: roll back 4.2 · risk 15, band **high** · needs a peer review and the vote of the E-CAB · asked: @raj, @mia, @tom
      - 14:00 UTC @raj approved CHG-1 as peer reviewer: right target, rollback usable, side effects acceptable
      - 14:00 UTC @mia voted **approve** on CHG-1
      - 14:00 UTC @tom voted **approve** on CHG-1
      - 14:00 UTC The vote on CHG-1 is over: **passed (early)**. Passed before its end: 2 for, 0 against, 0 abstained, of 4.
      - 14:00 UTC **CHG-1 is approved.** It may run until 18:00 UTC
      - 14:00 UTC @ana stands ready for CHG-1 as rollback owner
      - 14:00 UTC @ana started CHG-1
      - 14:15 UTC @yuki did not acknowledge **CHG-1** yet: a reminder goes out
      - 14:30 UTC Stakeholders got the update of 14:30 UTC
      - 14:30 UTC **CHG-1** still runs and keeps its slot until 15:00 UTC
      - 14:35 UTC @ana finished CHG-1
      - 14:35 UTC Does CHG-1 work? Somebody who did not carry it out says so
      - 14:35 UTC A review of CHG-1 is due by 14:35 UTC: somebody who neither asked for it nor carried it out says whether it was right · its contingency plan lacked rollback steps, step owners, step minutes, failure modes, abort criteria, verification, rehearsal
      - 14:35 UTC @ana set the status to **mitigated**
      - 14:35 UTC @ana resolved **INC-1**: rolled back to 4.1, no errors for ten minutes
      - 14:35 UTC Stakeholders got an update
    ");
    assert_snapshot!(without_hashes(&tom.says("/log show").await), @"
    INC-1 · decision log
      - 14:00 UTC @ana decided: Roll back 4.2? **yes**, because errors began with deploy · on Slack `L INC-1#8 ……`
      - 14:00 UTC @ana raised the priority from P2 to **P1**: all regions · on Slack `L INC-1#9 ……`
      - 14:00 UTC @ana asks for the emergency change **CHG-1** on payments: roll back 4.2 · risk 15, band **high** · needs a peer review and the vote of the E-CAB · asked: @raj, @mia, @tom · on Slack `L CHG-1#1 ……`
      - 14:00 UTC @ana was refused `change approve`: You cannot approve this change: you asked for it and carry it out. (rule 4.15) · on Slack `L CHG-1#2 ……`
      - 14:00 UTC @raj approved CHG-1 as peer reviewer: right target, rollback usable, side effects acceptable · on Discord `L CHG-1#3 ……`
      - 14:00 UTC @mia voted **approve** on CHG-1 · on Slack `L CHG-1#4 ……`
      - 14:00 UTC @tom voted **approve** on CHG-1 · on Discord `L CHG-1#5 ……`
      - 14:00 UTC The vote on CHG-1 is over: **passed (early)**. Passed before its end: 2 for, 0 against, 0 abstained, of 4. · rule 4.13 · on Discord `L CHG-1#6 ……`
      - 14:00 UTC **CHG-1 is approved.** It may run until 18:00 UTC · on Discord `L CHG-1#7 ……`
      - 14:00 UTC @ana stands ready for CHG-1 as rollback owner · on Slack `L CHG-1#8 ……`
      - 14:00 UTC @ana started CHG-1 · on Slack `L CHG-1#9 ……`
      - 14:15 UTC @yuki did not acknowledge **CHG-1** yet: a reminder goes out `L CHG-1#10 ……`
      - 14:30 UTC Stakeholders got the update of 14:30 UTC `L INC-1#10 ……`
      - 14:30 UTC **CHG-1** still runs and keeps its slot until 15:00 UTC `L CHG-1#11 ……`
      - 14:35 UTC @ana finished CHG-1 · on Slack `L CHG-1#12 ……`
      - 14:35 UTC Does CHG-1 work? Somebody who did not carry it out says so · on Slack `L CHG-1#13 ……`
      - 14:35 UTC A review of CHG-1 is due by 14:35 UTC: somebody who neither asked for it nor carried it out says whether it was right · its contingency plan lacked rollback steps, step owners, step minutes, failure modes, abort criteria, verification, rehearsal · rule 4.49 · on Slack `L CHG-1#14 ……`
      - 14:35 UTC @ana set the status to **mitigated** · on Slack `L INC-1#11 ……`
      - 14:35 UTC @ana resolved **INC-1**: rolled back to 4.1, no errors for ten minutes · on Slack `L INC-1#12 ……`
      - 14:35 UTC Stakeholders got an update · on Slack `L INC-1#13 ……`
      The newest 20 of 27 entries · older: /log show INC-1 page:2 · /log verify INC-1
    ");
    assert_snapshot!(ben.says("/log verify").await, @"
    **The log is whole.** 33 entries of 5 records, none changed, removed or slipped in.
      -# Compared: each entry with the one after it, with its names and texts, times, the state with the log, the tree over all entries and Postgres' guards · Not compared: signatures (no key is at hand); what is signed outside the database (none is at hand); 33 entries with the tree (they are on their way into it)
    ");
    assert_snapshot!(bot.decision_log("CHG-1").await, @"
    CHG-1#1 change.requested by ana
    CHG-1#2 refused by ana
    CHG-1#3 seat.granted by raj
    CHG-1#4 ballot.cast by mia
    CHG-1#5 ballot.cast by tom
    CHG-1#6 vote.closed by tom
    CHG-1#7 change.approved by tom
    CHG-1#8 standby.taken by ana
    CHG-1#9 change.started by ana
    CHG-1#10 notice.reminded by wardroom
    CHG-1#11 slot.renewed by wardroom
    CHG-1#12 change.done by ana
    CHG-1#13 validation.opened by ana
    CHG-1#14 pir.opened by ana
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_that_fell_due_while_nobody_was_there_is_kept_once_and_marked_late() {
    let bot = Bot::start().await;
    let ana = bot.person("ana");
    ana.slack().says("/inc declare sev1 cards fail svc:payments").await;
    bot.run_until_idle().await;
    bot.sleep_through(95).await;
    bot.run_until_idle().await;
    for on in [ana.slack().at("status-updates").sees(), ana.discord().at("status-updates").sees()] {
        assert_eq!(on.matches("INC-1 · cards fail").count(), 2, "the first word, and one late update: {on}");
        assert!(on.contains("this update was due at 14:30 UTC and comes late"), "{on}");
    }
    bot.finish().await;
}
