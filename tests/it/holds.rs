//! Freezes put planned changes on hold, tell those who asked for them, and let them go again.

use insta::assert_snapshot;

use crate::harness::{Bot, Here, holds};

/// The war room of the major incident.
const ROOM: &str = "inc-1-ledger-is-slow";

const CERTIFICATE: &str = "/change new rotate the certificate svc:payments impact: none if it goes well why: it expires \
                           plan: put the old one back @ana fails: handshakes fail -> put it back abort: cards fail \
                           tested: yes data: 1 availability: 2 compliance: 1 complexity: 2 \
                           rollback: 2";

/// Ana's change on payments is agreed to.
async fn agreed(bot: &Bot) {
    agreed_as(bot, 1).await;
}

/// It gets this number.
async fn agreed_as(bot: &Bot, number: i64) {
    let ana = bot.person("ana").slack();
    ana.says(CERTIFICATE).await;
    bot.run_until_idle().await;
    bot.person("mia").discord().says(&format!("/change approve CHG-{number}")).await;
    bot.person("raj")
        .discord()
        .says(&format!("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-{number}"))
        .await;
    bot.person("ines").slack().says(&format!("/change approve CHG-{number}")).await;
    bot.run_until_idle().await;
}

/// It may run from 15:00 to 16:00.
async fn planned(bot: &Bot) {
    agreed(bot).await;
    let ana = bot.person("ana").slack();
    holds(&ana.says("/change sched CHG-1 from:+1h until:+1h").await, &["CHG-1"]);
    bot.run_until_idle().await;
}

fn told(bot: &Bot) -> String {
    bot.person("ana").slack().private() + &bot.person("ana").discord().private()
}

fn changes(bot: &Bot) -> [Here<'_>; 2] {
    [bot.person("ana").slack().at("changes"), bot.person("raj").discord().at("changes")]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_major_incident_puts_a_planned_change_on_hold_and_an_exception_lets_it_go() {
    let bot = Bot::start().await;
    planned(&bot).await;
    bot.person("mia").slack().says("/inc declare sev1 ledger is slow svc:ledger").await;
    bot.run_until_idle().await;
    let omar = bot.person("omar").discord().at(ROOM);
    omar.says("/inc lead person: @omar").await;
    holds(&omar.says("/inc major why: no workaround").await, &["held up there: CHG-1"]);
    bot.run_until_idle().await;
    let private = told(&bot);
    holds(&private, &["CHG-1 is on hold because of FRZ-1", "[Request override] [Reschedule] [Details]"]);
    holds(&private, &["Another time asks for all approvals again"]);
    for here in changes(&bot) {
        holds(&here.sees(), &["CHG-1 · normal change · band medium · on hold", "14:00 UTC because of FRZ-1"]);
    }
    let ana = bot.person("ana").slack();
    holds(&ana.says("/change list").await, &["CHG-1", "on hold"]);
    holds(&ana.says("/change show CHG-1").await, &["on hold", "because of FRZ-1"]);
    bot.pass(61).await;
    let ana = bot.person("ana").slack();
    holds(&ana.says("/change start CHG-1").await, &["FRZ-1 is in force until INC-1 is over", "Rule 4.11"]);

    let here = bot.person("ana").slack().at("@wardroom");
    assert_eq!(here.presses("Request override", "CHG-1 is on hold").await, "(a form)");
    holds(
        &here.fills(&[("why", "it expires tonight")]).await,
        &["asks *FRZ-1* to let CHG-1 through", "Omar Haddad decides"],
    );
    bot.person("omar").discord().at(ROOM).says("/freeze allow change: CHG-1 why: it is unrelated").await;
    bot.run_until_idle().await;
    holds(&told(&bot), &["CHG-1 is not held up any more, after 61 min", "It may start inside its window", "[Start]"]);
    holds(&bot.person("ana").slack().says("/change start CHG-1").await, &["started CHG-1"]);
    bot.run_until_idle().await;
    assert_snapshot!(bot.decision_log("CHG-1").await, @"
    CHG-1#1 change.requested by ana
    CHG-1#2 seat.granted by mia
    CHG-1#3 seat.granted by raj
    CHG-1#4 seat.granted by ines
    CHG-1#5 change.approved by ines
    CHG-1#6 change.scheduled by ana
    CHG-1#7 change.held by wardroom
    CHG-1#8 refused by ana
    CHG-1#9 change.released by wardroom
    CHG-1#10 change.started by ana
    ");
    holds(&bot.person("ana").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_that_outlasts_the_window_leaves_a_change_that_needs_another_over_a_restart() {
    let bot = Bot::start().await;
    planned(&bot).await;
    bot.person("ines").slack().says("/freeze on svc:ledger until:+3h why: the ledger is being moved").await;
    bot.person("ines").slack().says("/freeze on svc:payments until:+2h why: payroll").await;
    let bot = bot.again().await;
    bot.run_until_idle().await;
    holds(&told(&bot), &["CHG-1 is on hold because of FRZ-1, FRZ-2"]);
    bot.pass(121).await;
    assert!(!bot.decision_log("CHG-1").await.contains("change.released"), "the other freeze still holds it");
    bot.pass(60).await;
    holds(&told(&bot), &["not held up any more, after 180 min", "its window has passed, so it needs another"]);
    holds(&told(&bot), &["says when it may run, and asks for all approvals again"]);
    for here in changes(&bot) {
        holds(&here.sees(), &["CHG-1 · normal change · band medium · approved"]);
    }
    let facts = "select convert_from(body, 'UTF8') from dlog.entry where kind in ('change.held', 'change.released')";
    holds(
        &bot.database.texts(facts).await.concat(),
        &["\"freezes\":[\"FRZ-1\",\"FRZ-2\"]", "\"held_minutes\":180", "\"passed\":true"],
    );
    holds(&bot.person("ana").slack().says("/change start CHG-1").await, &["has no window in which it may run"]);
    holds(&bot.person("ana").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_freeze_holds_as_it_begins_and_as_it_is_lifted_the_change_may_start() {
    let bot = Bot::start().await;
    planned(&bot).await;
    bot.person("ines").slack().says("/freeze on svc:payments from:+30m until:+90m why: the month is closed").await;
    bot.person("mia").slack().says("/freeze agree FRZ-1").await;
    bot.run_until_idle().await;
    assert!(!told(&bot).contains("on hold"), "it has not begun");
    bot.pass(31).await;
    holds(&told(&bot), &["CHG-1 is on hold because of FRZ-1"]);
    let card = bot.person("ana").discord().at("changes");
    assert_eq!(card.presses("Reschedule", "CHG-1").await, "(a form)");
    bot.dismiss("ana");
    bot.person("ines").slack().says("/freeze off FRZ-1 why: closed early").await;
    bot.run_until_idle().await;
    holds(&told(&bot), &["CHG-1 is not held up any more, after 1 min", "It may start inside its window"]);
    bot.pass(30).await;
    holds(&bot.person("ana").slack().says("/change start CHG-1").await, &["started CHG-1"]);
    bot.run_until_idle().await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_agreed_to_or_moved_while_a_freeze_is_in_force_is_held_or_let_go_too() {
    let bot = Bot::start().await;
    bot.person("ines").slack().says("/freeze on svc:payments until:+3h why: payroll").await;
    agreed(&bot).await;
    holds(&told(&bot), &["CHG-1 is on hold because of FRZ-1"]);
    assert!(!told(&bot).contains("asks for all approvals again"), "nobody has agreed to a time yet");
    // After the freeze it may run.
    bot.person("ana").slack().says("/change sched CHG-1 from:+4h until:+1h").await;
    bot.run_until_idle().await;
    assert_snapshot!(bot.decision_log("CHG-1").await, @"
    CHG-1#1 change.requested by ana
    CHG-1#2 seat.granted by mia
    CHG-1#3 seat.granted by raj
    CHG-1#4 seat.granted by ines
    CHG-1#5 change.approved by ines
    CHG-1#6 change.held by wardroom
    CHG-1#7 change.scheduled by ana
    CHG-1#8 change.released by wardroom
    ");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_that_gets_its_window_is_looked_at_even_where_no_freeze_is_seen_yet() {
    let bot = Bot::start().await;
    let looks = "select count(*) from graphile_worker._private_jobs where payload->>'job' = 'check_hold'";
    bot.person("tom").slack().says("/change std log-rotation keep_days:14 svc:ledger").await;
    assert_eq!(bot.database.count(looks).await, 1);
    agreed_as(&bot, 2).await;
    assert_eq!(bot.database.count(looks).await, 0);
    bot.person("ana").slack().says("/change sched CHG-2 from:+1h until:+1h").await;
    assert_eq!(bot.database.count(looks).await, 1);
    bot.run_until_idle().await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_let_go_into_the_line_is_told_its_place_and_not_to_start() {
    let bot = Bot::start().await;
    planned(&bot).await;
    bot.pass(55).await;
    let tom = bot.person("tom").slack();
    tom.says("/change std log-rotation keep_days:14 svc:ledger").await;
    holds(&tom.says("/change start CHG-2").await, &["started CHG-2"]);
    bot.person("ines").slack().says("/freeze on svc:payments until:+3h why: payroll").await;
    bot.run_until_idle().await;
    holds(&told(&bot), &["CHG-1 is on hold because of FRZ-1"]);
    bot.pass(6).await;
    bot.person("ines").slack().says("/freeze off FRZ-1 why: closed early").await;
    // Before its state has followed.
    bot.person("ana").slack().says("/change start CHG-1").await;
    bot.run_until_idle().await;
    for here in changes(&bot) {
        holds(&here.sees(), &["it waits in place 1, behind CHG-2"]);
    }
    assert!(!told(&bot).contains("It may start inside its window"), "it waits for its turn");
    let log = bot.decision_log("CHG-1").await;
    assert!(log.ends_with("change.released by ana\nCHG-1#9 slot.queued by ana"), "{log}");
    holds(&bot.person("ana").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

/// More newer changes than any list shows, which wait for approval.
const MANY: &str = "alter table change disable trigger must_log;
    do $$ declare columns text; begin
      select string_agg(quote_ident(attname), ', ') into columns from pg_attribute
      where attrelid = 'change'::regclass and attnum > 0 and not attisdropped and attgenerated = ''
        and attname not in ('number', 'status');
      execute format('insert into change (number, status, %1$s)
                      select n, ''awaiting_approval'', %1$s from change, generate_series(1001, 2001) n
                      where number = 1', columns);
    end $$;
    alter table change enable always trigger must_log";

const NO_MORE: &str = "alter table change disable trigger must_log;
    delete from change where number > 1000;
    alter table change enable always trigger must_log";

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_older_than_a_thousand_others_is_held_and_let_go_too() {
    let bot = Bot::start().await;
    planned(&bot).await;
    bot.as_superuser(MANY).await;
    bot.person("ines").slack().says("/freeze on svc:payments until:+3h why: payroll").await;
    bot.run_until_idle().await;
    holds(&told(&bot), &["CHG-1 is on hold because of FRZ-1"]);
    bot.person("ines").slack().says("/freeze off FRZ-1 why: closed early").await;
    bot.run_until_idle().await;
    holds(&told(&bot), &["CHG-1 is not held up any more"]);
    bot.as_superuser(NO_MORE).await;
    bot.finish().await;
}
