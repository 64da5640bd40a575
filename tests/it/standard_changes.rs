//! Standard changes: approved beforehand by an entry of the catalogue, within its ranges, on both platforms.

use insta::assert_snapshot;
use wardroom::domain::policy::DEFAULT_TOML;

use crate::harness::{Bot, holds, without_hashes};

const LOGS: &str = "/change std log-rotation keep_days:14 svc:ledger";

#[tokio::test(flavor = "multi_thread")]
async fn what_the_catalogue_approves_runs_without_a_vote_and_its_owner_is_told() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").slack();
    assert_snapshot!(tom.says("/change std").await, @"
    Standard changes
    Approved beforehand within these ranges: nobody has to agree again.
    • *failover* · Fail over to the other site · Card payments, Checkout · `/change std failover share:10 to:lisbon svc:payments` · share 10 to 100 · to lisbon or porto · not used yet · kept by *Mia Chen* · good until 7 Jan 2031
    • *log-rotation* · Rotate the logs · Accounts, Ledger database, Finance reports · `/change std log-rotation keep_days:7 svc:accounts` · keep_days 7 to 90 · safe in a freeze · not used yet · kept by *Tom Okafor* · good until 7 Jan 2031
      From version 1 of the policy · what does not fit takes the regular way: `/change new`
    ");
    let asked = tom.says(LOGS).await;
    assert_snapshot!(without_hashes(&asked), @"
    *Tom Okafor* asks for the standard change *CHG-1* on ledger: Rotate the logs (keep_days=14) · risk 4, band *low* · needs nobody's approval
    *CHG-1 is approved.* It may run until 14:30 UTC
    Steps: 1. Set how many days are kept 2. Start the rotation job 3. Wait for its end · Then check: The disk has more room than before; New lines come in
    Risk 4, low risk. +1 highest impact 1 times complexity 1 · +3 a tier 1 service · -1 rollback automatic and proven · +1 services that depend on it.
    log-rotation (version 1) approves it beforehand: nobody has to agree.
      `/change withdraw CHG-1` and why takes it back · `L CHG-1#2 ……`
    ");
    bot.run_until_idle().await;
    let watched = bot.person("raj").discord().at("changes").sees();
    holds(
        &watched,
        &["CHG-1 · standard change", "Approved beforehand: log-rotation (version 1)", "**CHG-1 is approved.**"],
    );
    assert!(!watched.contains("For @tom"), "who asks knows it: {watched}");
    holds(&tom.says("/change start CHG-1").await, &["started CHG-1"]);
    holds(&tom.says("/change done CHG-1").await, &["CHG-1"]);
    holds(&tom.says("/change std svc:ledger").await, &["its last use went well"]);
    assert_snapshot!(bot.decision_log("CHG-1").await, @"
    CHG-1#1 change.requested by tom
    CHG-1#2 change.approved by tom
    CHG-1#3 change.started by tom
    CHG-1#4 change.done by tom
    CHG-1#5 validation.opened by tom
    ");
    let facts = facts(&bot, "CHG-1").await;
    holds(&facts, &["\"entry\":\"log-rotation\"", "\"entry_version\":1", "\"parameters\":[\"keep_days=14\"]"]);
    holds(&tom.says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_asked_for_in_a_form_on_both_platforms() {
    let bot = Bot::start().await;
    let mia = bot.person("mia");
    assert_eq!(mia.slack().says("/change std failover to:porto svc:payments").await, "(a form)");
    holds(&mia.slack().fills(&[("with_to", "porto"), ("with_share", "50")]).await, &["*CHG-1*", "share=50, to=porto"]);
    let asked = mia.discord().says("/change std entry: failover svc: payments").await;
    holds(&asked, &["<to>", "[Continue]"]);
    let done = mia.discord().fills(&[("with_to", "lisbon"), ("with_share", "30")]).await;
    holds(&done, &["**CHG-2**", "share=30, to=lisbon"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_of_its_ranges_an_entry_approves_nothing_and_the_regular_way_is_offered() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").slack();
    let far = tom.says("/change std log-rotation keep_days:120 svc:ledger").await;
    assert_snapshot!(without_hashes(&far), @"
    log-rotation is not approved for that: keep_days is 120; it takes 7 to 90.
    The regular way is open: `/change new Rotate the logs (keep_days=120) svc:ledger`.
      Rule 4.8 · nothing was changed · `L WARDROOM#2 ……`
    ");
    holds(
        &tom.says("/change std log-rotation keep_days:many svc:ledger").await,
        &["keep_days is many; it takes a number, 7 to 90"],
    );
    let elsewhere =
        bot.person("mia").discord().says("/change std entry: log-rotation with: keep_days:14 svc: shop").await;
    holds(&elsewhere, &["not approved for shop; it is for accounts, ledger, reports", "svc:shop"]);
    holds(&tom.says("/change std log-rotation keep_days:14").await, &["Which service?", "`svc:accounts`"]);
    holds(&tom.says("/change std log-rotation weeks:3").await, &["“weeks” is not understood", "keep_days: 7 to 90"]);
    holds(&tom.says("/change std log-rotatoin keep_days:7").await, &["Nearest: log-rotation"]);
    holds(&bot.person("ben").slack().says(LOGS).await, &["Rule 4.23"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standard_change_that_missed_its_window_is_planned_again_without_asking_anybody() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").slack();
    holds(
        &tom.says(&format!("{LOGS} from:+1h")).await,
        &["*CHG-1 is approved.* It may run from 7 Jan 15:00 UTC until 15:30 UTC"],
    );
    holds(&tom.says("/change start CHG-1").await, &["its window has not opened yet"]);
    bot.pass(91).await;
    holds(&tom.says("/change start CHG-1").await, &["has no window in which it may run"]);
    holds(
        &tom.says("/change sched CHG-1 from:+1h until:+2h").await,
        &["*CHG-1* is at revision 2", "*CHG-1 is approved.*"],
    );
    let past = tom.says(&format!("{LOGS} from:2029-01-01T10:00Z")).await;
    holds(&past, &["would be over before it begins"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_beyond_the_entry_makes_it_a_normal_change_that_nobody_has_agreed_to() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").slack();
    tom.says(LOGS).await;
    let within = tom.says("/change edit CHG-1 svc:accounts").await;
    holds(&within, &["*CHG-1 is approved.*", "nobody's approval"]);
    let beyond = tom.says("/change edit CHG-1 svc:shop").await;
    assert_snapshot!(without_hashes(&beyond), @"
    *CHG-1* is at revision 3: svc: accounts → shop · risk 1, band *low* · needs the service owner · asked: *Sam Osei*
    Risk 1, low risk. +1 highest impact 1 times complexity 1 · +1 a tier 2 service · -1 rollback automatic and proven.
    It needs the service owner, on this revision.
    It is a normal change now: the catalogue does not approve it like this.
      `L CHG-1#5 ……`
    ");
    holds(&tom.says("/change start CHG-1").await, &["not approved yet"]);
    holds(&tom.says("/change edit CHG-1 svc:accounts").await, &["It needs the service owner, on this revision"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_still_holds_unless_the_entry_is_safe_in_it() {
    let bot = Bot::start().await;
    bot.person("ines").slack().says("/freeze on svc:payments,ledger until:+4h why: payroll").await;
    let tom = bot.person("tom").slack();
    tom.says(LOGS).await;
    holds(&tom.says("/change start CHG-1").await, &["started CHG-1"]);
    let mia = bot.person("mia").slack();
    let asked = mia.says("/change std failover to:porto share:50 svc:payments").await;
    holds(&asked, &["*CHG-2 is approved.*", "FRZ-1 stands in its way"]);
    holds(&mia.says("/change start CHG-2").await, &["FRZ-1 is in force", "`/freeze except CHG-2"]);
    // One on a service at a time, and one window is one change's.
    let second = tom.says(LOGS).await;
    holds(&second, &["CHG-1 has the window that it asked for"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_fails_twice_is_suspended_and_a_revised_one_begins_anew() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").slack();
    fail(&bot, "CHG-1").await;
    holds(&tom.says("/change std svc:ledger").await, &["its last use failed"]);
    let back = fail(&bot, "CHG-2").await;
    holds(&back, &["rolled CHG-2 back"]);
    bot.run_until_idle().await;
    let watched = bot.person("raj").discord().at("changes").sees();
    holds(&watched, &["**log-rotation (version 1) is suspended**", "2 of its last 2 uses failed", "For @tom"]);
    let refused = tom.says(LOGS).await;
    assert_snapshot!(without_hashes(&refused), @"
    log-rotation is not in use. The catalogue entry: it is suspended, because it failed too often lately.
    The regular way is open: `/change new Rotate the logs (keep_days=14) svc:ledger`. Tom Okafor can revise it.
      Rule 4.41 · nothing was changed · `L WARDROOM#2 ……`
    ");
    holds(&tom.says("/change std").await, &["*log-rotation*", "*not in use.*"]);
    let revised = DEFAULT_TOML.replacen("version = 1\nowner = \"tom\"", "version = 2\nowner = \"tom\"", 1);
    assert!(bot.app.load_policy(&revised).await.expect("a sound policy").in_force);
    holds(&tom.says(LOGS).await, &["*CHG-3 is approved.*", "log-rotation (version 2)"]);
    assert_eq!(bot.decision_log("CHG-2").await.matches("entry.suspended").count(), 1);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_nobody_looked_at_for_a_year_is_used_for_two_weeks_more() {
    let bot = Bot::start().await;
    bot.app.move_clock(366 * 24 * 3600).await.expect("the clock moves");
    let tom = bot.person("tom").slack();
    holds(
        &tom.says(LOGS).await,
        &["*CHG-1 is approved.*", "log-rotation is to be revised; it may be used until 21 Jan 2031"],
    );
    holds(&tom.says("/change std").await, &["*to be revised*, in use until"]);
    bot.app.move_clock(14 * 24 * 3600).await.expect("the clock moves");
    holds(&tom.says(LOGS).await, &["log-rotation is not in use", "it has expired", "Rule 4.41"]);
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_with_a_category_brings_its_checklist_and_waits_for_what_it_asks() {
    let bot = Bot::start().await;
    let head = "[catalogue.entries.failover]\n";
    let policy = DEFAULT_TOML.replacen(head, &format!("{head}category = \"failover\"\n"), 1);
    let unknown = policy.replace("category = \"failover\"", "category = \"moon\"");
    let refused = bot.app.load_policy(&unknown).await.expect_err("there is no such checklist");
    holds(&refused.to_string(), &["catalogue.entries.failover.category", "there is no checklist \"moon\""]);
    bot.app.load_policy(&policy).await.expect("a sound policy");
    bot.run_until_idle().await;
    let tom = bot.person("tom").slack();
    let asked = tom.says("/change std failover to:porto share:10 svc:payments").await;
    holds(&asked, &["CHG-1"]);
    assert!(!asked.contains("*CHG-1 is approved.*"), "{asked}");
    let ticked = tom.says("/change plan tick CHG-1 fail_back_plan https://wiki.example/back").await;
    holds(&ticked, &["CHG-1"]);
    holds(&tom.says("/change show CHG-1").await, &["approved"]);
    holds(&tom.says("/change start CHG-1").await, &["Rule 4.39", "replication"]);
    tom.says("/change plan tick CHG-1 replication_go https://monitor.example/lag").await;
    holds(&tom.says("/change start CHG-1").await, &["started"]);
    holds(&bot.person("zoe").slack().says("/log verify CHG-1").await, &["The log"]);
    bot.leave().await;
}

/// A use that starts and is taken back.
async fn fail(bot: &Bot, change: &str) -> String {
    let tom = bot.person("tom").slack();
    tom.says(LOGS).await;
    holds(&tom.says(&format!("/change start {change}")).await, &["started"]);
    tom.says(&format!("/change rollback the disk is full change:{change}")).await
}

/// What the first entry of a record says, without names and texts.
async fn facts(bot: &Bot, subject: &str) -> String {
    let mut tx = bot.app.store.begin(1).await.expect("Postgres answers");
    let subject = wardroom::domain::Subject::parse(subject).expect("a subject");
    let page = tx.log_page(&[subject], 0, 1).await.expect("the log can be read");
    page.entries.iter().map(|entry| serde_json::to_string(&entry.data).expect("plain data")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_twenty_clean_uses_speak_for_is_a_little_less_suspect() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").slack();
    let mia = bot.person("mia").slack();
    for number in 1..=20 {
        tom.says(LOGS).await;
        tom.says(&format!("/change start CHG-{number}")).await;
        holds(&tom.says(&format!("/change done CHG-{number}")).await, &[&format!("CHG-{number}")]);
        bot.pass(11).await;
    }
    tom.says(LOGS).await;
    holds(&tom.says("/change start CHG-21").await, &["started CHG-21"]);
    mia.says("/change std failover share:10 to:lisbon svc:checkout").await;
    holds(&mia.says("/change start CHG-22").await, &["started CHG-22"]);
    bot.person("ana").slack().says("/inc declare sev3 all is slow svc:ledger,checkout").await;
    bot.run_until_idle().await;
    let room = "inc-1-all-is-slow";
    for told in [
        bot.person("tom").slack().at(room).says("/inc changes").await,
        bot.person("raj").discord().at(room).says("/inc changes").await,
    ] {
        let of = |change: &str| told.lines().find(|line| line.contains(change)).unwrap_or_default().to_owned();
        holds(&of("CHG-21"), &["85 of 100"]);
        holds(&of("CHG-22"), &["95 of 100"]);
    }
    let proposed = "select convert_from(body, 'UTF8') from dlog.entry where kind = 'link.proposed'";
    let proposed = bot.database.texts(proposed).await;
    let of_21 = proposed.iter().find(|body| body.contains("CHG-21")).expect("it is proposed");
    holds(of_21, &["\"clean_template\""]);
    bot.finish().await;
}
