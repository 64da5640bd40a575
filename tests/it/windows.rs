//! Time runs out: windows close, votes end.

use insta::assert_snapshot;

use crate::harness::{Bot, holds, without_hashes};
use crate::story::ANSWERS;

const ROOM: &str = "inc-1-checkout-returns-502";

#[tokio::test(flavor = "multi_thread")]
async fn a_window_warns_twice_and_then_stops_the_change() {
    let bot = Bot::start().await;
    approved_change(&bot).await;
    let ana = bot.person("ana").slack().at(ROOM);
    ana.says("/change start").await;
    bot.pass(8 * 60).await;
    let room = ana.sees();
    assert!(room.contains("30 minutes are left") && room.contains("10 minutes are left"), "{room}");
    let refused = ana.says("/change done").await;
    assert_snapshot!(without_hashes(&refused), @"
    The window of CHG-1 has closed.
    `/change extend CHG-1` and why asks for more time; `/change rollback` makes it safe.
      Rule 4.17 · nothing was changed · `L CHG-1#29 ……`
    ");
    let back = ana.says("/change rollback took too long").await;
    assert_snapshot!(without_hashes(&back), @"
    *Ana Ruiz* rolled CHG-1 back: took too long
    A review of CHG-1 is due by 8 Jan 22:00 UTC: somebody who neither asked for it nor carried it out says whether it was right · its contingency plan lacked rollback steps, step owners, step minutes, failure modes, abort criteria, verification, rehearsal
    CHG-1 was rolled back: its review asks for a rehearsal of that, due 21 Jan 22:00 UTC · `/change plan rehearse CHG-1 env:staging observer:@… minutes:15` plans it
      `L CHG-1#32 ……`
    ");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_time_takes_fresh_ballots_and_somebody_new_on_both_platforms() {
    let bot = Bot::start().await;
    running_change(&bot).await;
    bot.pass(7 * 60 + 31).await;
    let (ana, tom) = (bot.person("ana").slack().at(ROOM), bot.person("tom").discord().at(ROOM));
    for here in [ana.sees(), tom.sees()] {
        holds(&here, &["30 minutes are left", "[More time] [Roll back]"]);
    }
    assert_eq!(ana.presses("More time", "CHG-1").await, "(a form)");
    let asked = ana.fills(&[("why", "the replay takes an hour longer")]).await;
    assert_snapshot!(without_hashes(&asked), @"
    *Ana Ruiz* asks for more time for *CHG-1*: the replay takes an hour longer · the E-CAB votes until 21:46 UTC; the window stays open until 22:00 UTC
    Nothing stops before that; without a yes by then, the window ends as it is.
      `L CHG-1#26 ……`
    ");
    bot.run_until_idle().await;
    for here in [ana.sees(), tom.sees()] {
        holds(
            &here,
            &["asks for more time for", "the window stays open until", "[Approve] [Reject] [Abstain] [Recuse]"],
        );
        holds(&here, &["E-CAB vote on more time:", "0 of 4 voted"]);
    }
    holds(&bot.person("ines").slack().says("/inc panel").await, &["*CHG-1*", "your vote on more time"]);
    holds(
        &bot.person("lena").slack().says("/change extend CHG-1 me too").await,
        &["More time is for whoever", "Rule 4.17"],
    );
    // Those who approved the change vote again, and are not enough.
    tom.presses("Approve", "CHG-1").await;
    let second = bot.person("mia").slack().at(ROOM).presses("Approve", "CHG-1").await;
    holds(&second, &["voted *approve*", "the yes of somebody new"]);
    let third = bot.person("ines").slack().at(ROOM).presses("Approve", "CHG-1").await;
    assert_snapshot!(without_hashes(&third), @"
    *Inês Duarte* voted *approve* on CHG-1
    The vote on CHG-1 is over: *passed (early)*. Passed before its end: 3 for, 0 against, 0 abstained, of 4.
    *CHG-1 may go on.* Its window is open until 05:31 UTC now
      `L CHG-1#32 ……`
    ");
    bot.pass(60).await;
    let late = bot.person("kim").slack().at(ROOM).says("/change reject CHG-1 too late").await;
    holds(&late, &["The vote on more time for CHG-1 ended at 21:31 UTC"]);
    holds(&bot.person("zoe").slack().says("/log verify CHG-1").await, &["The log of CHG-1 is whole"]);
    holds(&ana.says("/change done").await, &["finished CHG-1"]);
    let log = bot.decision_log("CHG-1").await;
    assert!(log.contains("window.extended by ines") && !log.contains("window.expired"), "{log}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_window_stops_the_work_until_the_vote_says_otherwise() {
    let bot = Bot::start().await;
    running_change(&bot).await;
    bot.pass(7 * 60 + 55).await;
    let ana = bot.person("ana").discord().at(ROOM);
    ana.says("/change extend why: the replay takes an hour longer").await;
    bot.sleep_through(6).await;
    let bot = bot.again().await;
    bot.run_until_idle().await;
    let told = ["The window of CHG-1 ended", "stop here", "/change extend CHG-1", "/change rollback CHG-1"];
    holds(&bot.person("ana").slack().at(ROOM).sees(), &told);
    let ana = bot.person("ana").discord().at(ROOM);
    holds(&ana.sees(), &told[..2]);
    let stopped = ana.says("/change done change: CHG-1").await;
    holds(&stopped, &["The window of CHG-1 has closed.", "The E-CAB votes on more time", "Rule 4.17"]);
    bot.pass(10).await;
    holds(&ana.sees(), &["CHG-1 gets no more time", "0 of 4 took part", "Its window is over"]);
    // Asked again, and given: the work goes on.
    let again = ana.says("/change extend change: CHG-1 why: half of the rows are moved").await;
    holds(&again, &["The work stays stopped until they agree."]);
    bot.run_until_idle().await;
    for (voter, on_slack) in [("mia", true), ("tom", false), ("ines", true)] {
        let voter = bot.person(voter);
        let voter = if on_slack { voter.slack() } else { voter.discord() };
        voter.at(ROOM).presses("Approve", "CHG-1").await;
    }
    bot.run_until_idle().await;
    holds(&bot.person("raj").discord().at(ROOM).sees(), &["CHG-1 may go on", "Its window is open until"]);
    holds(&ana.says("/change done change: CHG-1").await, &["finished CHG-1"]);
    holds(&bot.person("zoe").slack().says("/log verify CHG-1").await, &["The log of CHG-1 is whole"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_that_is_not_started_in_its_window_is_over() {
    let bot = Bot::start().await;
    approved_change(&bot).await;
    bot.pass(8 * 60 + 1).await;
    let ana = bot.person("ana").slack().at(ROOM);
    holds(&ana.sees(), &["CHG-1 was not started in its window", "`/change emergency` asks again"]);
    holds(&ana.says("/change extend CHG-1 more").await, &["CHG-1 does not run; it is approval expired."]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_without_a_quorum_expires_and_says_so() {
    let bot = Bot::start().await;
    requested_change(&bot).await;
    bot.person("mia").slack().at(ROOM).presses("Approve", "CHG-1").await;
    bot.pass(31).await;
    assert_snapshot!(bot.person("ana").slack().at(ROOM).says("/cab status").await, @"
    CHG-1 · roll back 4.2
    Expired: 1 of 4 took part, 2 were needed.
    • *Mia Chen* · *approve* · technical authority, service owner
    • *Tom Okafor* · not yet · technical authority
    • *Inês Duarte* · not yet · change manager
    • *Kim Novak* · not yet · security authority
      1 of 4 voted, 2 needed for a quorum · policy ecab
    ");
    let late = bot.person("tom").discord().at(ROOM).says("/change approve change: CHG-1").await;
    assert_snapshot!(late, @"
    The vote on CHG-1 ended at 14:30 UTC. Expired: 1 of 4 took part, 2 were needed.
      Nothing was changed. The decision authority is asked to rule on it.
    ");
    bot.finish().await;
}

async fn requested_change(bot: &Bot) {
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 checkout returns 502 svc:payments").await;
    bot.run_until_idle().await;
    let ana = ana.at(ROOM);
    ana.says("/change emergency roll back 4.2 impact: all card payments fail").await;
    ana.fills(&ANSWERS).await;
    bot.run_until_idle().await;
}

pub async fn running_change(bot: &Bot) {
    approved_change(bot).await;
    bot.person("ana").slack().at(ROOM).says("/change start").await;
    bot.run_until_idle().await;
}

async fn approved_change(bot: &Bot) {
    requested_change(bot).await;
    bot.person("raj").discord().at(ROOM).reviews("CHG-1").await;
    bot.person("mia").slack().at(ROOM).presses("Approve", "CHG-1").await;
    bot.person("tom").slack().at(ROOM).presses("Approve", "CHG-1").await;
    bot.run_until_idle().await;
}
