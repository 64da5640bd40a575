//! Batches: many ordinary changes with one window, one vote and one card, run in order; what fails pauses the rest.

use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::harness::{Bot, Here, holds};

const SHARED: &str = "impact: none why: routine plan: put it back @ana fails: it hangs -> put it back abort: cards fail \
                      tested:yes risk: 1 2 1 2 2";
/// What makes three times four, of a service of tier 1: band high.
const SCORED: &str = "data:3 availability:3 compliance:1 complexity:4 rollback:2";
const RIVAL: &str = "/change new move the queue svc:checkout impact: none why: routine plan: move it back tested:yes \
                     data:1 availability:1 compliance:1 complexity:1 rollback:1 until:+20h";

/// Longer than any vote on 200 changes takes, in a program that is not optimised.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(50);

fn ana(bot: &Bot) -> Here<'_> {
    bot.person("ana").slack().at("changes")
}

fn told(bot: &Bot, key: &str) -> String {
    bot.person(key).slack().private() + &bot.person(key).discord().private()
}

/// What everybody sees where changes are watched, on both platforms.
fn seen(bot: &Bot) -> [String; 2] {
    [bot.person("mia").slack().at("changes").sees(), bot.person("raj").discord().at("changes").sees()]
}

/// The newest state of the card.
fn cards_hold(bot: &Bot, words: &[&str]) {
    for seen in seen(bot) {
        holds(&seen.replace("**", "*"), words);
    }
}

/// `payments step 1; payments step 2; …`, where the seventh is on the service that somebody else changes too.
fn items(many: usize) -> String {
    (1..=many).fold(String::new(), |mut items, n| {
        let service = if n == 7 { "checkout" } else { "payments" };
        write!(items, "{service} step {n}; ").expect("a string takes it");
        items
    })
}

async fn plan(bot: &Bot, items: &str) -> String {
    let told = ana(bot).says(&format!("/change bulk patch night until:+20h items: {items} {SHARED}")).await;
    bot.run_until_idle().await;
    told
}

/// Everybody whose yes it takes says it once, to all of them.
async fn approve(bot: &Bot) {
    let mia = bot.person("mia").slack().says("/change approve BAT-1").await;
    holds(&mia, &["*Mia Chen* says *approve* to BAT-1"]);
    let raj = bot
        .person("raj")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: BAT-1")
        .await;
    holds(&raj, &["says **review ok** to BAT-1"]);
    let ines = bot.person("ines").slack().says("/change approve BAT-1").await;
    holds(&ines, &["says *approve* to BAT-1"]);
    bot.run_until_idle().await;
}

/// The one that runs is done, and works; the next one has to wait for as long as the service is watched.
async fn finish(bot: &Bot, change: u32) {
    holds(&ana(bot).says(&format!("/change done CHG-{change}")).await, &["finished CHG-"]);
    bot.run_until_idle().await;
    let works = bot.person("mia").slack().says(&format!("/change after validate CHG-{change} ok")).await;
    assert!(!works.contains("nothing was changed"), "{works}");
    bot.run_until_idle().await;
    bot.pass(11).await;
}

async fn status(bot: &Bot, change: u32) -> String {
    bot.database.text(&format!("select status from change where number = {change}")).await
}

async fn is_whole(bot: &Bot) {
    bot.run_until_idle().await;
    holds(&bot.person("zoe").slack().says("/log verify").await, &["*The log is whole.*"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_25_with_one_conflict_24_pass_once_it_is_excluded_and_the_failure_of_the_fifth_pauses_the_rest() {
    let bot = Bot::start().await;
    holds(&ana(&bot).says(RIVAL).await, &["CHG-1"]);
    holds(&bot.person("mia").slack().says("/change approve CHG-1").await, &["CHG-1 is approved"]);
    let asked = plan(&bot, &items(25)).await;
    holds(&asked, &["*Ana Ruiz* plans *BAT-1*, a batch of 25: patch night", "You are told in private"]);
    holds(
        &told(&bot, "ana"),
        &["*BAT-1 waits for your word*", "7. checkout step 7: in the way of CHG-1", "[Continue]"],
    );
    assert_eq!(bot.database.count("select count(*) from change").await, 1, "nothing was asked for yet");
    let goes_on = bot.person("ana").slack().at("@wardroom").presses("Continue", "BAT-1 waits").await;
    holds(&goes_on, &["goes on with 25 items of BAT-1"]);
    bot.run_until_idle().await;
    cards_hold(
        &bot,
        &["BAT-1 · batch of 25 · open", "*CHG-8* step 7 · Checkout · awaiting approval: in the way of CHG-1"],
    );

    let early = bot.person("mia").slack().says("/change approve BAT-1").await;
    holds(&early, &["CHG-8 and CHG-1 are in each other's way", "Rule bulk-change"]);
    let out = bot.person("mia").slack().at("changes").presses("Exclude CHG-8", "BAT-1").await;
    holds(&out, &["*Mia Chen* takes *CHG-8* out of BAT-1", "goes on by itself"]);
    bot.run_until_idle().await;
    approve(&bot).await;
    cards_hold(&bot, &["24 approved · 1 excluded", "[Start batch]"]);
    assert_eq!(status(&bot, 8).await, "awaiting_approval");

    holds(&ana(&bot).presses("Start batch", "BAT-1").await, &["*Ana Ruiz* started *BAT-1*"]);
    bot.run_until_idle().await;
    cards_hold(&bot, &["BAT-1 · batch of 25 · running", "0 of 24", "*CHG-2* step 1 · Card payments · implementing"]);
    for change in 2..=5 {
        finish(&bot, change).await;
    }
    assert_eq!(status(&bot, 6).await, "implementing");
    ana(&bot).says("/change rollback CHG-6 the error rate doubled").await;
    bot.run_until_idle().await;
    bot.pass(30).await;
    cards_hold(&bot, &["*BAT-1* is paused at CHG-6: CHG-6 was rolled back.", "4 of 24", "[Resume]"]);
    assert_eq!(status(&bot, 7).await, "approved", "no other one was started");
    holds(&ana(&bot).presses("Resume", "BAT-1").await, &["resumed *BAT-1*"]);
    bot.run_until_idle().await;
    assert_eq!(status(&bot, 7).await, "implementing");
    let log = bot.decision_log("BAT-1").await;
    let log: Vec<&str> = log.lines().filter(|line| !line.contains("batch.filed")).collect();
    insta::assert_snapshot!(log.join("\n"), @"
    BAT-1#1 batch.planned by ana
    BAT-1#2 batch.checked by wardroom
    BAT-1#3 batch.confirmed by ana
    BAT-1#29 batch.opened by wardroom
    BAT-1#30 refused by mia
    BAT-1#31 batch.excluded by mia
    BAT-1#32 batch.said by mia
    BAT-1#33 batch.said by raj
    BAT-1#34 batch.said by ines
    BAT-1#35 batch.started by ana
    BAT-1#36 batch.advanced by wardroom
    BAT-1#37 batch.advanced by wardroom
    BAT-1#38 batch.advanced by wardroom
    BAT-1#39 batch.advanced by wardroom
    BAT-1#40 batch.advanced by wardroom
    BAT-1#41 batch.paused by wardroom
    BAT-1#42 batch.resumed by ana
    BAT-1#43 batch.advanced by wardroom
    ");
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_vote_at_once_and_a_batch_that_is_started_twice_starts_each_change_once() {
    let bot = Bot::start().await;
    plan(&bot, "payments one; payments two; payments three").await;
    let (mia, ines, raj) = (bot.person("mia").slack(), bot.person("ines").slack(), bot.person("raj").discord());
    let (first, second, third) = tokio::join!(
        mia.says("/change approve BAT-1"),
        ines.says("/change approve BAT-1"),
        raj.says("/change review verdict: ok target: yes rollback: yes effects: yes change: BAT-1")
    );
    for told in [first, second, third] {
        holds(&told, &["to BAT-1", "changes: 3"]);
    }
    bot.run_until_idle().await;
    for change in 1..=3 {
        assert_eq!(status(&bot, change).await, "approved");
    }
    let again = bot.person("mia").slack().says("/change approve BAT-1").await;
    holds(&again, &["No change of BAT-1 waits for a word"]);
    let (one, two) = (ana(&bot), bot.person("ana").discord());
    let (one, two) = tokio::join!(one.says("/change start BAT-1"), two.says("/change start change: BAT-1"));
    let both = format!("{one}\n{two}");
    holds(&both, &["BAT-1 runs already, started by Ana Ruiz."]);
    bot.run_until_idle().await;
    let started = "select count(*) from dlog.entry where kind in ('change.started', 'batch.started')";
    assert_eq!(bot.database.count(started).await, 2, "the batch, and its first change");
    finish(&bot, 1).await;
    finish(&bot, 2).await;
    finish(&bot, 3).await;
    cards_hold(&bot, &["*BAT-1* is completed", "BAT-1 · batch of 3 · completed"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_group_that_fails_the_rest_waits_while_the_other_groups_go_on() {
    let bot = Bot::start().await;
    let csv = "service,what,group\npayments,third,2\npayments,\"first, slowly\",1\nCard payments,second,1\npayments,fourth,2\n";
    let wrong = ana(&bot).says(&format!("/change bulk night until:+20h items: {csv}a,b {SHARED}")).await;
    holds(&wrong, &["Line 6: 2 cells, the header has 3"]);
    let wrong = ana(&bot).says(&format!("/change bulk night until:+20h items: {csv}a,b,none\nc,\"d {SHARED}")).await;
    holds(&wrong, &["Line 7: a quotation mark is opened here and never closed."]);
    assert_eq!(bot.database.count("select count(*) from change_batch").await, 0);
    holds(&plan(&bot, &format!("{csv}stop:group")).await, &["plans *BAT-1*, a batch of 4: patch night"]);
    cards_hold(&bot, &["only its group stops, the others go on", "*CHG-1* first, slowly · Card payments · group 1"]);
    approve(&bot).await;
    ana(&bot).says("/change start BAT-1").await;
    bot.run_until_idle().await;
    ana(&bot).says("/change rollback CHG-1 the error rate doubled").await;
    bot.run_until_idle().await;
    bot.pass(30).await;
    cards_hold(&bot, &["Group 1 of *BAT-1* stops at CHG-1: CHG-1 was rolled back. The other groups go on."]);
    cards_hold(&bot, &["Stopped groups", "*CHG-2* second · Card payments · group 1 · approved, its group stopped"]);
    assert_eq!(status(&bot, 3).await, "implementing");
    // Whoever pauses and resumes it for another reason does not start what stopped.
    ana(&bot).says("/change plan batch pause").await;
    finish(&bot, 3).await;
    assert_eq!(status(&bot, 4).await, "approved");
    holds(&ana(&bot).says("/change plan batch resume").await, &["resumed *BAT-1*"]);
    bot.run_until_idle().await;
    finish(&bot, 4).await;
    cards_hold(&bot, &["is paused at CHG-1: Group 1 stopped there, and the other groups are through. What was not"]);
    assert_eq!(status(&bot, 2).await, "approved");
    let resumed = ana(&bot).presses("Resume", "BAT-1").await;
    holds(&resumed, &["resumed *BAT-1*, with what stopped groups have left"]);
    bot.run_until_idle().await;
    finish(&bot, 2).await;
    cards_hold(&bot, &["*BAT-1* is completed"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_it_goes_on_where_it_was() {
    let bot = Bot::start().await;
    ana(&bot).says(&format!("/change bulk patch night until:+20h items: {} {SHARED}", items(6))).await;
    for _ in 0..4 {
        bot.app.move_batch(1, 1).await.expect("a step");
    }
    assert_eq!(bot.database.count("select count(*) from change").await, 3, "half way");
    let bot = bot.again().await;
    bot.run_until_idle().await;
    assert_eq!(bot.database.count("select count(*) from change").await, 6, "each once");
    approve(&bot).await;
    ana(&bot).says("/change start BAT-1").await;
    bot.run_until_idle().await;
    finish(&bot, 1).await;
    ana(&bot).says("/change done CHG-2").await;
    let bot = bot.again().await;
    bot.run_until_idle().await;
    bot.person("mia").slack().says("/change after validate CHG-2 ok").await;
    bot.run_until_idle().await;
    bot.pass(11).await;
    assert_eq!(status(&bot, 3).await, "implementing");
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_said_of_each_item_and_of_each_person() {
    let bot = Bot::start().await;
    plan(&bot, "nothing at all; ledger vacuum; payments; payments one; payments two").await;
    holds(
        &told(&bot, "ana"),
        &[
            "Of 5 items, 3 cannot be asked for",
            "1. nothing at all: there is no service “nothing”",
            "2. ledger vacuum: “You cannot ask for a change.”",
            "3. payments : it does not say what is done",
        ],
    );
    let foreign = bot.person("raj").discord().says("/change plan batch do: go batch: BAT-1").await;
    holds(&foreign, &["BAT-1 was asked for by Ana Ruiz.", "Rule 4.23"]);
    let early = bot.person("mia").slack().says("/change approve BAT-1").await;
    holds(&early, &["BAT-1 is waiting.", "It is voted on once its items are changes"]);
    ana(&bot).says("/change plan batch go").await;
    bot.run_until_idle().await;
    cards_hold(&bot, &["2 awaiting approval · 3 refused"]);
    holds(&ana(&bot).says("/change approve BAT-1").await, &["you asked for it", "Rule 4.15"]);
    holds(&ana(&bot).says("/change start BAT-1").await, &["CHG-1, CHG-2 wait for approval", "Rule bulk-change"]);
    let foreign = bot.person("ben").discord().says("/change plan batch do: exclude batch: BAT-1 change: CHG-1").await;
    holds(&foreign, &["CHG-1 is not yours to take out of BAT-1.", "Rule bulk-change"]);
    approve(&bot).await;
    let foreign = bot.person("raj").discord().says("/change start change: BAT-1").await;
    holds(&foreign, &["Rule 4.23"]);
    holds(&ana(&bot).says("/change done BAT-1").await, &["This is not about a batch as a whole."]);
    holds(&ana(&bot).says("/change show BAT-9").await, &["There is no BAT-9 here."]);
    let shown = bot.person("raj").discord().says("/change show change: BAT-1").await;
    holds(&shown, &["BAT-1 · batch of 5 · open", "refused: there is no service"]);

    bot.person("ines").slack().says("/freeze on svc:payments hard:yes until:+2h why: payroll").await;
    ana(&bot).says("/change start BAT-1").await;
    bot.run_until_idle().await;
    cards_hold(&bot, &["*BAT-1* is held at CHG-1", "*Held:*"]);
    let held = "select count(*) from dlog.entry where kind = 'batch.held'";
    bot.pass(30).await;
    assert_eq!(bot.database.count(held).await, 1, "the same reason is told once");
    bot.person("ines").slack().says("/freeze off FRZ-1 why: payroll is through").await;
    bot.run_until_idle().await;
    bot.pass(2).await;
    assert_eq!(status(&bot, 1).await, "implementing");
    holds(&ana(&bot).presses("Pause", "BAT-1").await, &["paused *BAT-1*"]);
    finish(&bot, 1).await;
    assert_eq!(status(&bot, 2).await, "approved");
    holds(&ana(&bot).says("/change withdraw BAT-1 the rest can wait").await, &["stopped *BAT-1*: the rest can wait"]);
    bot.run_until_idle().await;
    cards_hold(&bot, &["BAT-1 · batch of 5 · stopped", "CHG-2 · normal change"]);
    holds(&ana(&bot).says("/change plan batch resume BAT-1").await, &["BAT-1 is stopped."]);
    is_whole(&bot).await;
    bot.finish().await;
}

/// Platforms wait for three seconds; this program is not optimised, and shares its machine.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_are_answered_and_shown_a_page_at_a_time() {
    let bot = Bot::start().await;
    let list: Vec<String> = (1..=200).map(|n| format!("payments step {n}")).collect();
    let began = Instant::now();
    plan(&bot, &list.join(";")).await;
    let filed = began.elapsed();
    cards_hold(&bot, &["BAT-1 · batch of 200 · open", "200 awaiting approval", "… and 192 more"]);
    let last_page = ana(&bot).says("/change plan batch BAT-1 page:14").await;
    holds(&last_page, &["196. *CHG-196* step 196", "200. *CHG-200* step 200"]);
    let began = Instant::now();
    bot.person("mia").slack().says("/change approve BAT-1").await;
    let answered = began.elapsed();
    while bot.database.count("select count(*) from approval").await < 200 {
        assert!(began.elapsed() < PATIENCE, "still voting");
        tokio::time::sleep(PAUSE).await;
    }
    let voting = began.elapsed();
    bot.run_until_idle().await;
    eprintln!("200 changes filed in {filed:?}, voted on in {voting:?}, answered in {answered:?}");
    let one_more =
        ana(&bot).says(&format!("/change bulk too many until:+2h items: {};payments x {SHARED}", list.join(";"))).await;
    holds(&one_more, &["201 items; a batch has 1 to 200."]);
    bot.finish().await;
}

/// They run one after the other: whoever stands by for one may stand by for the next.
#[tokio::test(flavor = "multi_thread")]
async fn one_person_stands_by_for_all_of_a_batch() {
    let bot = Bot::watched().await;
    let way_back = "plan: put it back @ana 10m; restart it @raj 5m fails: it hangs -> put it back; it is slow -> restart it; \
                    keys are lost -> the old key abort: cards fail verify: a purchase goes through downtime: 5m";
    let risky = format!("impact: none why: routine {way_back} tested:yes risk: 3 3 1 4 2");
    let list = "payments rotate the key; payments rotate the other";
    ana(&bot).says(&format!("/change bulk two keys until:+40h items: {list} {risky}")).await;
    bot.run_until_idle().await;
    cards_hold(&bot, &["BAT-1 · batch of 2 · open"]);
    for change in ["CHG-1", "CHG-2"] {
        let booked = ana(&bot).says(&format!("/change plan standby {change} rollback_owner:@raj")).await;
        assert!(booked.contains("is booked to stand by") && !booked.contains("conflict"), "{booked}");
    }
    let stands = ana(&bot).says("/change plan standby CHG-1").await;
    assert!(stands.contains("Raj") && !stands.contains("stands by for CHG-2"), "{stands}");
    // Beside a change of its own window it would be one.
    let alone = "/change new move the queue svc:payments until:+40h impact: none why: routine";
    let asked = ana(&bot).says(&format!("{alone} {way_back} tested:yes {SCORED}")).await;
    holds(&asked, &["*CHG-3*", "band *high*"]);
    let other = ana(&bot).says("/change plan standby CHG-3 rollback_owner:@raj").await;
    holds(&other, &["stands by for CHG-1", "a conflict"]);
    bot.finish().await;
}

/// Two changes of high risk, which begin in thirty hours.
async fn risky(bot: &Bot) {
    let way_back = "plan: put it back @ana 10m; restart it @raj 5m fails: it hangs -> put it back; it is slow -> restart it; \
                    keys are lost -> the old key abort: cards fail verify: a purchase goes through downtime: 5m";
    let list = "payments rotate the key; payments rotate the other";
    let risky = format!("impact: none why: routine {way_back} tested:yes risk: 3 3 1 4 2");
    ana(bot).says(&format!("/change bulk two keys from:+30h until:+40h items: {list} {risky}")).await;
    bot.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stands_by_for_a_batch_is_asked_once_and_answers_once() {
    let bot = Bot::watched().await;
    risky(&bot).await;
    let asked = |times: usize| {
        let told = told(&bot, "raj").replace('*', "");
        assert_eq!(told.matches("Are you on standby for BAT-1?").count(), times, "{told}");
        assert!(!told.contains("standby for CHG"), "{told}");
    };
    let states = "select string_agg(state, ' ' order by subject) from standby_booking";
    let booked = ana(&bot).says("/change plan standby BAT-1 rollback_owner:@raj").await;
    holds(&booked, &["says *standby booked* to BAT-1 · changes: 2"]);
    bot.run_until_idle().await;
    let heard = told(&bot, "raj").replace('*', "");
    assert_eq!(heard.matches("You are booked to stand by").count(), 1, "{heard}");
    holds(&heard, &["CHG-1 rotate the key · Card payments", "CHG-2 rotate the other", "[Cannot] [Details]"]);
    asked(0);

    bot.pass(7 * 60).await;
    asked(1);
    let raj = bot.person("raj").discord().at("@wardroom");
    let word = raj.presses("I am on standby", "Are you on standby for BAT-1").await;
    holds(&word, &["says **on standby** to BAT-1 · changes: 2", "You are asked once more an hour before it starts."]);
    assert_eq!(bot.database.text(states).await, "confirmed confirmed");
    let other = bot.person("tom").slack().says("/change plan standby BAT-1 do:ready").await;
    holds(&other, &["You are not booked to stand by for CHG-1"]);

    bot.pass(22 * 60 + 10).await;
    asked(2);
    bot.person("raj").discord().says("/change plan standby change: BAT-1 do: ready").await;
    assert_eq!(bot.database.text(states).await, "confirmed_again confirmed_again");
    bot.person("raj").discord().says("/change plan standby change: BAT-1 do: cannot why: ill").await;
    bot.run_until_idle().await;
    let heard = told(&bot, "ana").replace('*', "");
    assert_eq!(heard.matches("cannot stand by for BAT-1: ill").count(), 1, "{heard}");
    assert_eq!(bot.database.text(states).await, "declined declined");
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_who_have_said_nothing_are_reminded_of_a_batch_once() {
    let bot = Bot::start().await;
    let list = "payments rotate the key; payments rotate the other; payments rotate the last";
    ana(&bot).says(&format!("/change bulk three keys until:+60h items: {list} {SHARED}")).await;
    bot.run_until_idle().await;
    approve(&bot).await;
    cards_hold(&bot, &["3 approved"]);
    bot.pass(25 * 60).await;
    let reminded = "Please acknowledge";
    assert_eq!(told(&bot, "yuki").matches(reminded).count(), 1, "{}", told(&bot, "yuki"));
    is_whole(&bot).await;
    bot.finish().await;
}
