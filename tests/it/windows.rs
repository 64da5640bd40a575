//! Time runs out: windows close, votes end.

use insta::assert_snapshot;

use crate::harness::{Bot, without_hashes};

const ROOM: &str = "inc-1-checkout-returns-502";

/// What the requester answers about the change; the factors make it high risk.
const ANSWERS: [(&str, &str); 8] = [
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
    `/change rollback` makes it safe; a new `/change emergency` asks again.
      Rule 4.17 · nothing was changed · `L CHG-1#27 ……`
    ");
    let back = ana.says("/change rollback took too long").await;
    assert_snapshot!(without_hashes(&back), @"
    *Ana Ruiz* rolled CHG-1 back: took too long
      `L CHG-1#28 ……`
    ");
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
    CHG-1 was not decided in time; that was at 14:30 UTC.
      Nothing was changed.
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

async fn approved_change(bot: &Bot) {
    requested_change(bot).await;
    bot.person("raj").discord().at(ROOM).presses("Peer review OK", "CHG-1").await;
    bot.person("mia").slack().at(ROOM).presses("Approve", "CHG-1").await;
    bot.person("tom").slack().at(ROOM).presses("Approve", "CHG-1").await;
    bot.run_until_idle().await;
}
