//! Whose turn it is: how many changes run at once, what waits, and what stands beside each other in the calendar.

use insta::assert_snapshot;

use crate::harness::{Bot, Here, holds, without_hashes};

const LEDGER: &str = "inc-1-ledger-is-slow";

/// Low risk: a peer review, the technical authority and the owner are enough.
fn fix(title: &str) -> String {
    format!(
        "/change emergency {title} impact: slow why: queues grow plan: start the old one tested:yes data:1 \
         availability:1 compliance:1 complexity:1 rollback:1"
    )
}

fn ana(bot: &Bot) -> Here<'_> {
    bot.person("ana").slack().at(LEDGER)
}

/// An incident on the ledger, led by Omar, and so many approved changes that Ana carries out.
async fn approved(changes: usize) -> Bot {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev2 ledger is slow svc:ledger").await;
    bot.run_until_idle().await;
    bot.person("omar").discord().at(LEDGER).says("/inc lead person: @omar").await;
    for number in 1..=changes {
        let change = format!("CHG-{number}");
        ana(&bot).says(&fix(&format!("fix {number}"))).await;
        bot.run_until_idle().await;
        bot.person("raj").discord().at(LEDGER).reviews(&change).await;
        bot.person("lena").slack().at(LEDGER).presses("Approve", &change).await;
        let said = bot.person("tom").discord().at(LEDGER).presses("Approve", &change).await;
        holds(&said, &[&format!("{change} is approved")]);
        bot.run_until_idle().await;
    }
    bot
}

async fn kinds(bot: &Bot, subject: &str) -> Vec<String> {
    let log = bot.decision_log(subject).await;
    let kinds = log.lines().filter_map(|line| line.split_once(' ')).map(|(_, kind)| kind.to_owned());
    kinds.skip_while(|kind| !kind.starts_with("change.approved")).skip(1).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_waits_until_the_first_is_in_and_has_been_watched_for_ten_minutes() {
    let bot = approved(2).await;
    holds(&ana(&bot).says("/change start CHG-1").await, &["started CHG-1"]);
    let waits = without_hashes(&ana(&bot).says("/change start CHG-2").await);
    holds(&waits, &["wants to start *CHG-2*; it waits in place 1, behind CHG-1", "You are told here and in private"]);
    holds(&ana(&bot).says("/change start CHG-2").await, &["waits already, in place 1", "as many changes running"]);
    bot.run_until_idle().await;
    for here in [ana(&bot), bot.person("raj").discord().at(LEDGER)] {
        holds(&here.sees(), &["CHG-2", "queued", "it waits in place 1"]);
    }
    let line = bot.person("raj").discord().at(LEDGER).says("/change queue").await;
    holds(&line, &["Running", "CHG-1", "keeps its slot until 14:30", "Waiting, the next first", "CHG-2", "@ana"]);

    ana(&bot).says("/change done change: CHG-1").await;
    bot.pass(9).await;
    assert!(!ana(&bot).sees().contains("It is the turn"), "{}", ana(&bot).sees());
    bot.pass(1).await;
    for here in [ana(&bot), bot.person("raj").discord().at(LEDGER)] {
        holds(&here.sees(), &["It is the turn of", "it may start until 14:15", "[Start now]"]);
    }
    holds(&bot.person("ana").slack().private(), &["It is the turn of *CHG-2*, fix 2"]);
    holds(&ana(&bot).presses("Start now", "CHG-2").await, &["started CHG-2"]);
    bot.run_until_idle().await;
    assert_eq!(
        kinds(&bot, "CHG-1").await,
        [
            "change.started by ana",
            "change.done by ana",
            "validation.opened by ana",
            "pir.opened by ana",
            "slot.released by wardroom"
        ]
    );
    let second = ["slot.queued by ana", "slot.offered by wardroom", "change.started by ana"];
    assert_eq!(kinds(&bot, "CHG-2").await, second);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_is_not_taken_goes_to_the_next_also_over_a_restart() {
    let bot = approved(3).await;
    ana(&bot).says("/change start CHG-1").await;
    ana(&bot).says("/change start CHG-2").await;
    holds(&ana(&bot).says("/change start CHG-3").await, &["it waits in place 2, behind CHG-1"]);
    // What it repaired is still broken: nobody waits for a soak.
    holds(
        &ana(&bot).says("/change rollback worse change: CHG-1").await,
        &["rolled CHG-1 back", "It is the turn of *CHG-2*"],
    );
    bot.run_until_idle().await;
    holds(&ana(&bot).sees(), &["It is the turn of *CHG-2*"]);
    bot.sleep_through(6).await;
    let bot = bot.again().await;
    bot.run_until_idle().await;
    let bot = bot.again().await;
    bot.run_until_idle().await;
    let room = ana(&bot).sees();
    for once in ["*CHG-2* was not started when its turn came", "It is the turn of *CHG-3*"] {
        assert_eq!(room.matches(once).count(), 1, "{once} in\n{room}");
    }
    holds(&ana(&bot).says("/change start CHG-2").await, &["waits already, in place 1"]);
    holds(&ana(&bot).says("/change withdraw not needed change: CHG-3").await, &["CHG-3"]);
    bot.run_until_idle().await;
    assert_eq!(
        kinds(&bot, "CHG-2").await,
        ["slot.queued by ana", "slot.offered by ana", "slot.missed by wardroom", "slot.offered by ana"]
    );
    holds(&ana(&bot).presses("Start now", "CHG-2").await, &["started CHG-2"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_starts_at_the_same_moment_do_not_both_take_the_last_slot() {
    let bot = approved(2).await;
    let (slack, discord) = (ana(&bot), bot.person("ana").discord().at(LEDGER));
    let (one, two) = tokio::join!(slack.says("/change start CHG-1"), discord.says("/change start change: CHG-2"));
    bot.run_until_idle().await;
    let running = "select count(*) from change where status = 'implementing'";
    let queued = "select count(*) from change where status = 'queued'";
    assert_eq!((bot.database.count(running).await, bot.database.count(queued).await), (1, 1), "{one}\n{two}");
    let leased = "select count(*) from change_slot where state = 'leased'";
    assert_eq!(bot.database.count(leased).await, 1);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_renewed_inside_the_window_and_the_commander_orders_the_line() {
    let bot = approved(3).await;
    for number in 1..=3 {
        ana(&bot).says(&format!("/change start CHG-{number}")).await;
    }
    let refused =
        bot.person("raj").discord().at(LEDGER).says("/change queue move: first change: CHG-3 why: mine").await;
    holds(&refused, &["You do not order the line", "Omar Haddad, who commands its incident", "Rule 4.18"]);
    let omar = bot.person("omar").slack().at(LEDGER);
    holds(&omar.says("/change queue first CHG-3").await, &["Say why"]);
    let first = omar.says("/change queue first CHG-3 why: it is the smaller one").await;
    holds(&first, &["put *CHG-3* first in line: it is the smaller one"]);
    bot.pass(30).await;
    let room = ana(&bot).sees();
    assert_eq!(
        room.matches("*CHG-1* still runs and keeps its slot until 15:00 UTC; 2 wait for it").count(),
        1,
        "{room}"
    );
    let released = omar.says("/change queue release CHG-1 why: Ana is not answering").await;
    holds(&released, &["took the slot of *CHG-1* back: Ana is not answering", "It is not stopped by this"]);
    bot.run_until_idle().await;
    holds(&ana(&bot).sees(), &["It is the turn of *CHG-3*"]);
    let reminded = "notice.reminded by wardroom";
    let third = ["slot.queued by ana", "refused by raj", "slot.put_first by omar", reminded, "slot.offered by omar"];
    assert_eq!(kinds(&bot, "CHG-3").await, third);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_halted_keeps_its_slot_and_nothing_begins_beside_it() {
    let bot = approved(2).await;
    for number in 1..=2 {
        ana(&bot).says(&format!("/change start CHG-{number}")).await;
    }
    holds(&ana(&bot).says("/change halt CHG-1 why: queues grow faster").await, &["halted CHG-1"]);
    bot.pass(31).await;
    holds(&ana(&bot).says("/change queue").await, &["*CHG-1*", "is halted, keeps its slot", "*CHG-2*"]);
    holds(&ana(&bot).sees(), &["one waits for it. Is it at work? `/change rollback` ends it"]);
    assert_eq!(
        kinds(&bot, "CHG-1").await,
        ["change.started by ana", "change.halted by ana", "notice.reminded by wardroom", "slot.renewed by wardroom"]
    );
    assert_eq!(kinds(&bot, "CHG-2").await, ["slot.queued by ana", "notice.reminded by wardroom"]);
    holds(&ana(&bot).says("/change rollback CHG-1 why: no better").await, &["rolled CHG-1 back"]);
    bot.run_until_idle().await;
    holds(&ana(&bot).sees(), &["It is the turn of *CHG-2*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_way_of_a_change_is_named_with_the_next_free_windows() {
    let bot = approved(2).await;
    bot.person("ana").slack().says("/inc declare sev3 ledger lags svc:ledger").await;
    for answer in [
        ana(&bot).says("/change plan conflicts CHG-2").await,
        bot.person("raj").discord().at(LEDGER).says("/change plan conflicts change: CHG-2").await,
    ] {
        holds(&answer, &["CHG-2 · fix 2", "CHG-1 is on the same service, from 7 Jan 14:00 UTC to 7 Jan 22:00 UTC"]);
        holds(&answer, &["INC-2, P3, is open on the same service", "The next free windows", "22:00", "06:00"]);
        assert!(!answer.contains("settled first"), "an emergency is told and not held up: {answer}");
    }
    ana(&bot).says("/change withdraw not needed change: CHG-1").await;
    bot.finish().await;
}

/// A change that can wait, on the payments.
fn planned(title: &str) -> String {
    format!(
        "/change new {title} svc:payments impact: none why: it is due plan: put the old one back tested:yes data:1 \
         availability:1 compliance:1 complexity:1 rollback:1 from:+1h until:+1h"
    )
}

async fn agreed(bot: &Bot, change: &str) {
    bot.person("raj")
        .discord()
        .says(&format!("/change review verdict: ok target: yes rollback: yes effects: yes change: {change}"))
        .await;
    bot.person("mia").discord().says(&format!("/change approve {change}")).await;
    bot.person("ines").slack().says(&format!("/change approve {change}")).await;
    bot.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_changes_on_one_service_never_have_the_same_window() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    ana.says(&planned("new disks")).await;
    let second = ana.says(&planned("new cables")).await;
    holds(&second, &["CHG-1 asks for a window on the same service, from 7 Jan 15:00 UTC to 7 Jan 16:00 UTC."]);
    bot.run_until_idle().await;
    agreed(&bot, "CHG-1").await;
    agreed(&bot, "CHG-2").await;
    for here in [bot.person("ana").slack().at("changes"), bot.person("raj").discord().at("changes")] {
        holds(&here.sees(), &["CHG-2 is approved.", "CHG-1 has the window that it asked for; `/change sched CHG-2`"]);
    }
    let taken = without_hashes(&ana.says("/change sched CHG-2 from:+1h until:+1h").await);
    assert_snapshot!(taken, @"
    CHG-1 is on the same service, from 7 Jan 15:00 UTC to 7 Jan 16:00 UTC.
    Free is 7 Jan 16:00 UTC to 7 Jan 17:00 UTC: `/change sched CHG-2 from:2030-01-07T16:00Z until:2030-01-07T17:00Z`.
      Rule change-conflict · nothing was changed · `L CHG-2#4 ……`
    ");
    // What they agreed to was another time, so they are asked again.
    let again = ana.says("/change sched CHG-2 from:2030-01-07T16:00Z until:2030-01-07T17:00Z").await;
    holds(&again, &["revision 2"]);
    bot.run_until_idle().await;
    agreed(&bot, "CHG-2").await;
    let given = "select count(*) from change where opens_at is not null";
    assert_eq!(bot.database.count(given).await, 2);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_is_taken_is_not_given_by_resolving_a_concern_either() {
    let bot = Bot::watched().await;
    let (ana, ines) = (bot.person("ana").slack(), bot.person("ines").slack());
    let (mia, tom) = (bot.person("mia").slack(), bot.person("tom").slack());
    ana.says(&planned("new disks")).await;
    bot.run_until_idle().await;
    agreed(&bot, "CHG-1").await;
    let risky = planned("new core").replace("data:1", "data:3").replace("complexity:1", "complexity:3");
    let risky = risky.replace("rollback:1", "rollback:3");
    let plan = "plan: drain it @ana 5m; put the old one back @ana 10m fails: no traffic -> put it back; errors -> put it \
                back; slow -> wait abort: ten minutes without traffic verify: a purchase goes through";
    holds(&ana.says(&risky.replace("plan: put the old one back", plan)).await, &["the vote of the CAB"]);
    bot.run_until_idle().await;
    bot.person("raj")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-2")
        .await;
    bot.person("zoe").slack().says("/change accept-risk CHG-2 why: it pays off alternatives: none").await;
    mia.says("/cab concern CHG-2 nobody tried it").await;
    for voter in [&mia, &tom, &ines] {
        voter.says("/change approve CHG-2").await;
    }
    mia.says("/cab resolved CHG-2 tried at noon").await;
    bot.run_until_idle().await;
    let changes = bot.person("ana").slack().at("changes");
    holds(&changes.sees(), &["CHG-2 is approved.", "CHG-1 has the window that it asked for"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_wait_waits_while_people_fight_for_the_service() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    ana.says(&planned("new disks")).await;
    bot.run_until_idle().await;
    agreed(&bot, "CHG-1").await;
    bot.person("mia").slack().says("/inc declare sev1 cards fail svc:payments").await;
    bot.run_until_idle().await;
    bot.pass(61).await;
    let held = without_hashes(&ana.says("/change start CHG-1").await);
    assert_snapshot!(held, @"
    INC-1, P1, is open on the same service.
    It can start once INC-1 is over. If it helps to end it, somebody else than Ana Ruiz says so first: `/inc link CHG-1 resolves INC-1`. If it harms nobody there, its commander can let it start: `/cab clear CHG-1 ask why: …`.
    [Link to incident] [Ask commander]
      Rule change-conflict · nothing was changed · `L CHG-1#4 ……`
    ");
    bot.person("mia").slack().says("/inc cancel INC-1 why: false alarm").await;
    bot.person("tom").slack().says("/inc confirm INC-1").await;
    bot.run_until_idle().await;
    let started = ana.says("/change start CHG-1").await;
    holds(&started, &["started CHG-1"]);
    bot.finish().await;
}
