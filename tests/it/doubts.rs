//! An incident begins where a change is still watched: the change does not count as working before it is said whether
//! the incident comes from it.

use insta::assert_snapshot;
use tokio::net::TcpListener;

use crate::harness::{Bot, holds};

const ORGANISATION: &str = include_str!("../../deploy/organisation.toml");

/// The war room of the incident.
const ROOM: &str = "inc-1-bookings-hang";

/// Tom rotates the logs of the ledger, and says that it is done.
async fn done(bot: &Bot) {
    let tom = bot.person("tom").slack();
    tom.says("/change std log-rotation keep_days:14 svc:ledger").await;
    holds(&tom.says("/change start CHG-1").await, &["started CHG-1"]);
    holds(&tom.says("/change done CHG-1").await, &["finished CHG-1"]);
    bot.run_until_idle().await;
}

/// Omar declares an incident there, and leads it.
async fn begins(bot: &Bot, sev: u8) {
    let omar = bot.person("omar").discord();
    omar.says(&format!("/inc declare bookings hang sev: sev{sev} svc: ledger")).await;
    bot.run_until_idle().await;
    omar.at(ROOM).says("/inc lead").await;
    bot.run_until_idle().await;
}

fn told(bot: &Bot) -> String {
    bot.person("tom").slack().private() + &bot.person("tom").discord().private()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_does_not_count_as_working_before_the_commander_says_that_the_incident_does_not_come_from_it() {
    let bot = Bot::start().await;
    done(&bot).await;
    begins(&bot, 3).await;
    let buttons = "[INC-1: Confirm cause] [INC-1: Not related] [Roll back] [Does not work]";
    for here in [bot.person("ana").slack().at("changes"), bot.person("raj").discord().at("changes")] {
        holds(
            &here.sees(),
            &["validating", "and not known to work yet", "Waits", "for whoever commands INC-1", buttons],
        );
        assert!(!here.sees().contains("[Works] [Does not work] [Details]"), "{}", here.sees());
    }
    holds(&told(&bot), &["INC-1", "may come from CHG-1, which is still watched", "95 of 100", buttons]);
    for here in [bot.person("ana").slack().at(ROOM), bot.person("omar").discord().at(ROOM)] {
        holds(&here.sees(), &["waits for the answer", "[CHG-1: Confirm cause] [CHG-1: Not related]"]);
    }

    let lena = bot.person("lena").slack();
    let early = lena.says("/change after validate CHG-1 ok").await;
    holds(&early, &["INC-1, declared 7 Jan 14:00 UTC, may come from CHG-1, so nobody says yet that it works."]);
    holds(&early, &["Omar Haddad, who leads INC-1, says whether it does", "Rule 4.14"]);
    let panel = lena.says("/inc panel").await;
    assert!(!panel.contains("your word on whether it works"), "{panel}");
    let raj = bot.person("raj").discord().at("changes");
    assert_eq!(raj.presses("INC-1: Not related", "CHG-1 · standard").await, "(a form)");
    let other = raj.fills(&[("why", "it cannot be that")]).await;
    holds(&other, &["You cannot decide what caused this incident.", "Omar Haddad, who leads INC-1, can."]);
    bot.pass(3 * 60).await;
    assert!(!lena.private().contains("Nobody has said yet"), "nobody is reminded of what they may not say");

    let omar = bot.person("omar").discord().at(ROOM);
    assert_eq!(omar.presses("CHG-1: Not related", "What changed before").await, "(a form)");
    holds(&omar.fills(&[("why", "a certificate ran out")]).await, &["has nothing to do with INC-1"]);
    bot.run_until_idle().await;
    let cleared = "does not come from CHG-1: it does not hold CHG-1 up any more";
    for here in [bot.person("ana").slack().at(ROOM), bot.person("raj").discord().at("changes")] {
        holds(&here.sees(), &["says that", cleared]);
    }
    holds(&lena.private(), &[cleared, "[Works] [Does not work]"]);
    bot.person("lena").slack().at("changes").presses("Works", "CHG-1").await;
    bot.run_until_idle().await;
    holds(&bot.person("raj").discord().at("changes").sees(), &["CHG-1 · standard change · band low · completed"]);
    assert_snapshot!(bot.decision_log("CHG-1").await, @"
    CHG-1#1 change.requested by tom
    CHG-1#2 change.approved by tom
    CHG-1#3 change.started by tom
    CHG-1#4 change.done by tom
    CHG-1#5 validation.opened by tom
    CHG-1#6 validation.doubted by wardroom
    CHG-1#7 refused by lena
    CHG-1#8 slot.released by wardroom
    CHG-1#9 validation.cleared by wardroom
    CHG-1#10 validation.passed by lena
    ");
    holds(&bot.person("tom").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_from_it_fails_it_and_is_answered_on_the_card_of_the_change_too() {
    let bot = Bot::start().await;
    done(&bot).await;
    begins(&bot, 3).await;
    let omar = bot.person("omar").discord().at("changes");
    holds(
        &omar.presses("INC-1: Confirm cause", "CHG-1 · standard").await,
        &["linked **CHG-1** to INC-1 as **caused**"],
    );
    bot.run_until_idle().await;
    holds(&omar.sees(), &["band low · failed", "CHG-1 does not work", "INC-1 came from it"]);
    holds(&told(&bot), &["CHG-1 does not work", "INC-1 came from it", "[Roll back] [Fix forward]"]);

    // Put right, it is asked anew, and INC-1 counts once.
    holds(&bot.person("tom").slack().says("/change after validate CHG-1 again").await, &["asks anew whether CHG-1"]);
    bot.run_until_idle().await;
    holds(&omar.sees(), &["band low · validating"]);
    holds(&bot.person("lena").slack().says("/change after validate CHG-1 ok").await, &["CHG-1 works"]);
    bot.run_until_idle().await;
    let log = bot.decision_log("CHG-1").await;
    assert_eq!((log.matches("validation.doubted").count(), log.matches("validation.failed").count()), (1, 1), "{log}");
    // INC-1 is the incident of this failure: none was declared beside it.
    holds(&bot.person("tom").slack().says("/inc list").await, &["INC-1"]);
    assert!(!bot.person("tom").slack().says("/inc list").await.contains("INC-2"), "one incident is enough");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_that_passed_wait_for_the_incident_over_a_restart_and_run_once_more_when_it_is_over() {
    let bot = Bot::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let checks = format!("checks = [{{ key = \"port\", tcp = \"127.0.0.1:{port}\" }}]");
    let file = ORGANISATION.replacen("key = \"ledger\"\n", &format!("key = \"ledger\"\n{checks}\n"), 1);
    bot.app.apply_organisation(&file, false).await.expect("it is applied");
    done(&bot).await;
    begins(&bot, 3).await;
    bot.pass(40).await;
    let bot = bot.again().await;
    holds(
        &bot.person("raj").discord().at("changes").sees(),
        &["port passed", "validating", "for whoever commands INC-1"],
    );
    let log = bot.decision_log("CHG-1").await;
    assert_eq!(log.matches("validation.checked").count(), 2, "{log}");

    // Declared by mistake: there is nothing that could come from it.
    bot.person("omar").discord().at(ROOM).says("/inc cancel why: a test went wrong, nothing is broken").await;
    bot.run_until_idle().await;
    let changes = bot.person("ana").slack().at("changes");
    holds(&changes.sees(), &["*INC-1* is over, and nobody said that it came from CHG-1", "band low · completed"]);
    let log = bot.decision_log("CHG-1").await;
    assert_eq!(log.matches("validation.checked").count(), 3, "{log}");
    assert_eq!((log.matches("validation.doubted").count(), log.matches("validation.cleared").count()), (1, 1), "{log}");
    holds(&bot.person("tom").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}
