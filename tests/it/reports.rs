//! Reports: what went past the regular way of changes, for those who answer for it.

use insta::assert_snapshot;

use crate::harness::{Bot, holds, without_hashes};
use crate::{freezes, pirs, windows};

const ROOM: &str = "inc-1-checkout-returns-502";
const RECORD: &str = "/change after retro restarted the gateway svc:payments at:-30h impact: a minute of errors why: the lead \
                      was asleep evidence: deploy 4711 works:yes risk:2 complexity:1 rollback:1";
const MOVE: &str = "/change new move the queue svc:payments impact: none why: routine plan: move it back tested:yes \
                    data:1 availability:1 compliance:1 complexity:1 rollback:1";
const REVIEWED: &str = "verdict:non-compliant effective:yes policy:no evidence:yes rollback:yes";

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_waits_for_its_review_is_overdue_and_is_closed() {
    let bot = Bot::start().await;
    pirs::done(&bot).await;
    let (ines, omar) = (bot.person("ines").slack(), bot.person("omar").discord());
    assert_snapshot!(ines.says("/report").await, @"
    What went past the regular way
    *1 in 90 days:* 1 review open · 1 emergency
    • *open* · *CHG-1* emergency · roll back 4.2 · Card payments · 7 Jan 14:00 UTC · *Ana Ruiz* · review due by 8 Jan 14:00 UTC
      A review that is owed is listed however old it is · `/log show CHG-88` has the rest
    ");
    holds(&omar.says("/report bypass").await, &["1 in 90 days:", "1 review open", "**open** · **CHG-1** emergency"]);

    bot.pass(24 * 60).await;
    let overdue = omar.says("/report bypass").await;
    holds(&overdue, &["1 review open, 1 overdue", "**overdue** · **CHG-1**", "review overdue since 14:00 UTC"]);
    bot.pass(2 * 24 * 60).await;
    let owed = ines.says("/report bypass days:1").await;
    holds(&owed, &["1 in 1 day:", "review overdue since 8 Jan 14:00 UTC"]);

    ines.says(&format!("/change after pir CHG-1 {REVIEWED}")).await;
    let closed = ines.says("/report bypass").await;
    holds(&closed, &["1 in 90 days:* no review open · 1 emergency", "reviewed: non-compliant, by *Inês Duarte*"]);
    assert!(!closed.contains("overdue") && !closed.contains("*open*"), "{closed}");
    holds(&ines.says("/report bypass days:1").await, &["Nothing went past the regular way in 1 day."]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_answers_for_changes_sees_it_owners_see_their_services_and_others_are_told_who_can() {
    let bot = Bot::start().await;
    let nothing = "Nothing went past the regular way in 90 days.";
    for here in [bot.person("ines").slack(), bot.person("zoe").slack(), bot.person("omar").discord()] {
        holds(&here.says("/report bypass").await, &[nothing]);
    }
    pirs::done(&bot).await;
    let mia = bot.person("mia").discord();
    holds(
        &mia.says("/report bypass").await,
        &["regular way · Checkout, Card payments", "1 in 90 days:", "**CHG-1** emergency"],
    );
    let sam = bot.person("sam").discord().says("/report bypass").await;
    holds(&sam, &["Nothing went past the regular way in 90 days on "]);
    let refused = without_hashes(&bot.person("ana").slack().says("/report bypass").await);
    assert_snapshot!(refused, @"
    You cannot see reports on changes and incidents.
    The service owner (of what is theirs), a change manager, a compliance officer, an auditor or a tenant administrator can.
      Rule 4.23 · nothing was changed · `L WARDROOM#2 ……`
    ");
    holds(
        &bot.person("raj").discord().says("/report bypass").await,
        &["Rule 4.23", "a change manager, ", "an auditor"],
    );
    let refusals = bot.database.count("select count(*) from dlog.entry where kind = 'refused'").await;
    assert_eq!(refusals, 2, "what was asked for in vain is in the log");
    let wrong = bot.person("ines").slack().says("/report bypass days:400").await;
    holds(&wrong, &["“400” is no number of days from 1 to 365."]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_after_the_fact_waits_for_attestation_and_review() {
    let bot = Bot::start().await;
    bot.person("ana").slack().says(RECORD).await;
    bot.run_until_idle().await;
    let (ines, omar) = (bot.person("ines").slack(), bot.person("omar").discord());
    assert_snapshot!(omar.says("/report bypass").await, @"
    ### What went past the regular way
      **1 in 90 days:** 1 review open · 1 record after the fact
      - **open** · **CHG-1** retroactive, late · restarted the gateway · Card payments · 14:00 UTC · @ana · to be attested · review due by 14:00 UTC
      -# A review that is owed is listed however old it is · `/log show CHG-88` has the rest
    ");
    ines.says("/change approve CHG-1").await;
    bot.person("raj").discord().says("/change approve change: CHG-1").await;
    let attested = ines.says("/report bypass").await;
    holds(
        &attested,
        &[
            "*CHG-1* retroactive, late",
            "*Ana Ruiz* · attested · whether it works is not said yet · review due by 8 Jan 14:00 UTC",
        ],
    );
    bot.person("mia").slack().says("/change after validate CHG-1 ok").await;
    bot.pass(24 * 60).await;
    holds(&omar.says("/report bypass").await, &["1 review open, 1 overdue · 1 record after the fact"]);
    ines.says(&format!("/change after pir CHG-1 {REVIEWED}")).await;
    holds(&omar.says("/report bypass").await, &["attested · reviewed: non-compliant, by **Inês Duarte**"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exception_from_a_freeze_is_listed_once_it_is_granted_with_those_who_granted_it() {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev3 reports are late svc:reports").await;
    freezes::approved_change(&bot).await;
    let (ines, omar) = (bot.person("ines").slack(), bot.person("omar").discord());
    ines.says("/freeze on svc:ledger hard:yes until:+4h why: payroll runs").await;
    let starter = freezes::starter(&bot);
    starter.says("/freeze except CHG-1 why: the queue fills the disk").await;
    bot.person("zoe").slack().says("/freeze allow CHG-1 why: payroll needs the disk too").await;
    holds(&ines.says("/report bypass").await, &["Nothing went past the regular way in 90 days."]);
    bot.person("tom").slack().says("/freeze allow CHG-1 why: I watch it").await;
    assert_snapshot!(ines.says("/report bypass").await, @"
    What went past the regular way
    *1 in 90 days:* no review open · 1 freeze exception
    • *open* · *CHG-1* freeze exception · restart the ledger · Ledger database · 7 Jan 14:00 UTC · *Ana Ruiz* · from FRZ-1 by *Zoe Laurent* · and *Tom Okafor* · not used yet, good until 7 Jan 16:00 UTC
      A review that is owed is listed however old it is · `/log show CHG-88` has the rest
    ");
    starter.says("/change start").await;
    let used = omar.says("/report bypass").await;
    holds(
        &used,
        &[
            "**open** · **CHG-1** freeze exception",
            "from FRZ-1 by **Zoe Laurent** · and @tom · used · its validation and its review come with its end",
        ],
    );
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_change_that_a_freeze_let_through_is_validated_and_reviewed_however_small_it_is() {
    let bot = Bot::start().await;
    let (ana, ines, omar) = (bot.person("ana").slack(), bot.person("ines").slack(), bot.person("omar").discord());
    ana.says(&format!("{MOVE} from:14:01 until:16:00")).await;
    bot.person("mia").slack().says("/change approve CHG-1").await;
    ines.says("/freeze on svc:payments hard:yes until:+6d why: the year is closed").await;
    bot.pass(2).await;
    ana.says("/freeze except CHG-1 why: the disk is full").await;
    bot.person("zoe").slack().says("/freeze allow CHG-1 why: it helps").await;
    bot.person("mia").discord().says("/freeze allow change: CHG-1 why: it helps").await;
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    let done = ana.says("/change done CHG-1").await;
    holds(
        &done,
        &["Does CHG-1 work?", "A review of CHG-1 is due by 8 Jan 14:02 UTC, because a freeze made an exception"],
    );
    holds(
        &ines.says("/report bypass").await,
        &["1 review open", "*open* · *CHG-1*", "whether it works is not said yet · review due by 8 Jan 14:02 UTC"],
    );
    bot.person("raj").discord().says("/change after validate change: CHG-1 verdict: ok").await;
    bot.pass(24 * 60 + 1).await;
    holds(
        &omar.says("/report bypass").await,
        &["1 review open, 1 overdue", "**overdue** · **CHG-1** freeze exception"],
    );
    // What let it through is longer ago than the report looks back; what is owed is told all the same.
    bot.pass(3 * 24 * 60).await;
    let later = ines.says("/report bypass days:1").await;
    holds(&later, &["*overdue* · *CHG-1* freeze exception", "review overdue since 8 Jan 14:02 UTC"]);
    ines.says(&format!("/change after pir CHG-1 {REVIEWED}")).await;
    let closed = omar.says("/report bypass").await;
    holds(&closed, &["no review open · 1 freeze exception", "used · reviewed: non-compliant, by **Inês Duarte**"]);
    assert!(!closed.contains("**open**"), "{closed}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_change_that_ran_over_its_window_is_validated_and_reviewed() {
    let bot = Bot::start().await;
    let (ana, ines) = (bot.person("ana").slack(), bot.person("ines").slack());
    ana.says(&format!("{MOVE} from:14:01 until:16:00")).await;
    bot.person("mia").slack().says("/change approve CHG-1").await;
    bot.pass(2).await;
    ana.says("/change start CHG-1").await;
    bot.pass(2 * 60).await;
    let back = ana.says("/change rollback CHG-1 it takes too long").await;
    holds(&back, &["A review of CHG-1 is due by 8 Jan 16:02 UTC, because its window closed before it was done"]);
    let listed = bot.person("omar").discord().says("/report bypass").await;
    holds(&listed, &["1 review open · 1 window overrun", "**open** · **CHG-1** window overrun"]);
    ines.says(&format!("/change after pir CHG-1 {REVIEWED}")).await;
    holds(&ines.says("/report bypass").await, &["no review open · 1 window overrun", "reviewed: non-compliant"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_was_set_aside_for_a_change_is_listed_with_its_exception() {
    let bot = Bot::start().await;
    let (ana, mia, ines) = (bot.person("ana").slack(), bot.person("mia").slack(), bot.person("ines").slack());
    ana.says(&format!("{MOVE} from:14:05 until:16:00")).await;
    bot.person("tom").slack().says("/change approve CHG-1").await;
    mia.says("/change approve CHG-1").await;
    mia.says(&format!("{MOVE} from:15:30 until:17:00")).await;
    bot.pass(6).await;
    ana.says("/cab exception ask CHG-1 rule:conflict_block until:+2h control: mia waits why: theirs can wait").await;
    ines.says("/cab exception approve").await;
    holds(&ines.says("/report bypass").await, &["Nothing went past the regular way"]);
    ana.says("/change start CHG-1").await;
    let listed = ["1 rule set aside", "CHG-1", "set aside by EXC-1, good until"];
    holds(&ines.says("/report bypass").await, &listed);
    holds(&bot.person("omar").discord().says("/report bypass").await, &listed);
    ana.says("/change done CHG-1").await;
    bot.pass(2 * 60).await;
    holds(
        &ines.says("/report bypass").await,
        &["*open* · *CHG-1* rule set aside", "which is over now · to be looked back on by 14 Jan 16:06 UTC"],
    );
    bot.pass(3 * 24 * 60).await;
    holds(&ines.says("/report bypass days:1").await, &["*CHG-1* rule set aside", "to be looked back on by 14 Jan"]);
    ines.says("/cab exception review EXC-1 kept:yes").await;
    let looked = ines.says("/report bypass").await;
    holds(&looked, &["*CHG-1* rule set aside", "looked back on by *Inês Duarte*"]);
    assert!(!looked.contains("*open*"), "{looked}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_was_made_longer_or_overrun_is_listed_and_work_that_is_stopped_is_open() {
    let bot = Bot::start().await;
    windows::running_change(&bot).await;
    bot.pass(8 * 60).await;
    let (ines, omar) = (bot.person("ines").slack(), bot.person("omar").discord());
    let overrun = ines.says("/report bypass").await;
    assert_snapshot!(overrun, @"
    What went past the regular way
    *1 in 90 days:* no review open · 1 window overrun
    • *open* · *CHG-1* window overrun · roll back 4.2 · Card payments · 7 Jan 22:00 UTC · *Ana Ruiz* · closed before the work was done · the work is stopped: more time or a rollback
      A review that is owed is listed however old it is · `/log show CHG-88` has the rest
    ");
    let ana = bot.person("ana").slack().at(ROOM);
    ana.says("/change extend half of the rows are moved").await;
    bot.run_until_idle().await;
    for voter in ["mia", "tom", "ines"] {
        bot.person(voter).slack().at(ROOM).presses("Approve", "CHG-1").await;
    }
    let longer = omar.says("/report bypass").await;
    holds(&longer, &["1 window overrun", "closed before the work was done · made longer once by vote"]);
    holds(&longer, &["**open** · **CHG-1** window overrun", "its validation and its review come with its end"]);
    ana.says("/change done").await;
    let done = omar.says("/report bypass").await;
    holds(
        &done,
        &["1 review open · 1 emergency · 1 window overrun", "window overrun · roll back 4.2", "review due by"],
    );
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_report_is_told_a_page_at_a_time() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    for _ in 0..16 {
        ana.says(RECORD).await;
    }
    let ines = bot.person("ines").slack();
    let first = ines.says("/report bypass days:30").await;
    holds(&first, &["16 in 30 days:", "*CHG-16*", "… and 1 more: `/report bypass days:30 page:2`"]);
    let second = ines.says("/report bypass days:30 page:2").await;
    holds(&second, &["16 in 30 days:", "*CHG-1*"]);
    assert!(!second.contains("*CHG-2*") && !second.contains("more:"), "{second}");
    bot.finish().await;
}
