//! An entry of the catalogue is suspended, let in again, told of before it expires, revised, and made of a change.

use wardroom::domain::policy::DEFAULT_TOML;
use wardroom::domain::{CatalogueCommand, Command, Subject};

use crate::harness::{Bot, holds, is_whole};

const LOGS: &str = "/change std log-rotation keep_days:14 svc:ledger";

fn private(bot: &Bot, key: &str) -> String {
    bot.person(key).slack().private()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_taken_out_of_use_by_whoever_answers_for_it_and_let_in_again() {
    let bot = Bot::start().await;
    let suspend = "/cab standard suspend log-rotation why: the path in step 2 is gone";
    let raj = bot.person("raj").discord();
    let refused = raj.says("/cab standard suspend entry: log-rotation why: I think so").await;
    holds(&refused, &["log-rotation is kept by Tom Okafor.", "Its owner or a change manager can suspend it."]);
    holds(&refused, &["Rule 4.23"]);
    let ines = bot.person("ines").slack();
    let told = ines.says(suspend).await;
    holds(&told, &["suspended *log-rotation (version 1)*", "the path in step 2 is gone"]);
    holds(&told, &["`/cab standard resume log-rotation`"]);
    holds(&ines.says(suspend).await, &["log-rotation is suspended since"]);
    bot.run_until_idle().await;
    let told = private(&bot, "tom");
    holds(&told, &["suspended *log-rotation (version 1)*: it approves no new changes", "[Revise]", "[Resume]"]);
    holds(&bot.person("raj").discord().at("changes").sees(), &["suspended **log-rotation (version 1)**"]);
    let tom = bot.person("tom").slack();
    let refused = tom.says(LOGS).await;
    holds(&refused, &["log-rotation is not in use", "those who answer for it took it out of use", "Rule 4.41"]);
    holds(&refused, &["`/change new Rotate the logs (keep_days=14) svc:ledger`"]);
    holds(&tom.says("/change std").await, &["*not in use.*"]);
    let refused = raj.says("/cab standard resume entry: log-rotation why: I miss it").await;
    holds(&refused, &["Its owner or a change manager can let it in again.", "Rule 4.23"]);
    let bot = bot.again().await;
    let here = bot.person("tom").slack().at("@wardroom");
    assert_eq!(here.presses("Resume", "suspended *log-rotation").await, "(a form)");
    let resumed = here.fills(&[("why", "the path is back")]).await;
    holds(&resumed, &["let *log-rotation (version 1)* be used again: the path is back"]);
    let tom = bot.person("tom").slack();
    holds(&tom.says(LOGS).await, &["*CHG-1 is approved.*"]);
    holds(&tom.says("/cab standard resume log-rotation why: again").await, &["log-rotation is in use."]);
    let unknown = tom.says("/cab standard suspend nothing why: x").await;
    holds(&unknown, &["There is no “nothing” in the catalogue."]);
    holds(&bot.decision_log("POLICY").await, &["catalogue.suspended by ines", "catalogue.resumed by tom"]);
    is_whole(&bot).await;
    bot.finish().await;
}

/// What the housekeeping does once a day.
async fn look_after(bot: &Bot) {
    let tenant = *bot.app.store.tenants().await.expect("Postgres answers").first().expect("a unit");
    let command = Command::Catalogue(CatalogueCommand::LookAfter);
    bot.app.perform(tenant, Subject::Policy, command, "housekeeping:catalogue").await.expect("it can be looked after");
    bot.run_until_idle().await;
}

/// A use that starts and is taken back.
async fn fail(bot: &Bot, change: &str) {
    let tom = bot.person("tom").slack();
    tom.says(LOGS).await;
    holds(&tom.says(&format!("/change start {change}")).await, &["started"]);
    tom.says(&format!("/change rollback the disk is full change:{change}")).await;
    bot.run_until_idle().await;
}

async fn suspends(bot: &Bot, change: &str) -> bool {
    bot.decision_log(change).await.contains("entry.suspended")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_too_often_is_let_in_again_by_a_change_manager_only_and_counts_anew() {
    let bot = Bot::start().await;
    fail(&bot, "CHG-1").await;
    let tom = bot.person("tom").slack();
    // Whoever keeps it does not make a failure forgotten.
    tom.says("/cab standard suspend log-rotation why: I look at it").await;
    tom.says("/cab standard resume log-rotation why: I have looked").await;
    fail(&bot, "CHG-2").await;
    assert!(suspends(&bot, "CHG-2").await, "two in all");
    let own = tom.says("/cab standard resume log-rotation why: it is fixed").await;
    holds(&own, &["failed too often, so its owner does not let it in again", "Rule 4.41"]);
    bot.pass(1).await;
    let raj = bot.person("raj").discord().at("changes");
    let section = raj.presses("Revise", "log-rotation (version 1) is suspended").await;
    holds(&section, &["[catalogue.entries.log-rotation]", "version = 2"]);
    let ines = bot.person("ines").slack();
    let resumed = ines.says("/cab standard resume log-rotation why: the disk was grown").await;
    holds(&resumed, &["be used again: the disk was grown", "What failed before counts no more."]);
    bot.pass(1).await;
    fail(&bot, "CHG-3").await;
    assert!(!suspends(&bot, "CHG-3").await, "one failure since");
    fail(&bot, "CHG-4").await;
    assert!(suspends(&bot, "CHG-4").await, "two");
    holds(&tom.says(LOGS).await, &["log-rotation is not in use", "it failed too often lately"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_use_that_caused_a_p1_suspends_an_entry_and_its_owner_is_told_by_the_next_day() {
    let bot = Bot::start().await;
    let (tom, mia) = (bot.person("tom").slack(), bot.person("mia").slack());
    holds(&tom.says(LOGS).await, &["*CHG-1 is approved.*"]);
    tom.says("/change start CHG-1").await;
    tom.says("/change done CHG-1").await;
    mia.says("/change after validate CHG-1 ok").await;
    bot.person("ana").slack().says("/inc declare sev1 the ledger is full svc:ledger").await;
    bot.run_until_idle().await;
    holds(&tom.says(LOGS).await, &["*CHG-2 is approved.*"]);
    let ana = bot.person("ana").slack();
    holds(&ana.says("/inc link INC-1 CHG-1 caused why: it kept too much").await, &["CHG-1"]);
    let refused = tom.says(LOGS).await;
    holds(&refused, &["log-rotation is not in use", "a use of it caused a P1 or a major incident"]);
    look_after(&bot).await;
    let told = private(&bot, "tom");
    assert_eq!(told.matches("*log-rotation (version 1)* is suspended from the catalogue").count(), 1, "{told}");
    look_after(&bot).await;
    assert_eq!(bot.decision_log("POLICY").await.matches("catalogue.suspended by wardroom").count(), 1);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_keeps_an_entry_hears_once_a_month_before_it_expires_and_once_when_it_has() {
    let soon = DEFAULT_TOML.replacen("valid_days = 365", "valid_days = 32", 1);
    let bot = Bot::start().await;
    assert!(bot.app.load_policy(&soon).await.expect("a sound policy").in_force);
    let times = |bot: &Bot, words: &str| private(bot, "tom").matches(words).count();
    let warned = "*log-rotation (version 1)* of the catalogue has to be looked at again by";
    bot.pass(25 * 60).await;
    look_after(&bot).await;
    assert_eq!(times(&bot, warned), 0, "{}", private(&bot, "tom"));
    bot.pass(25 * 60).await;
    look_after(&bot).await;
    let bot = bot.again().await;
    look_after(&bot).await;
    assert_eq!(times(&bot, warned), 1, "{}", private(&bot, "tom"));
    bot.sleep_through(30 * 24 * 60).await;
    look_after(&bot).await;
    look_after(&bot).await;
    let expired = "*log-rotation (version 1)* of the catalogue has expired";
    assert_eq!(times(&bot, expired), 1, "{}", private(&bot, "tom"));
    assert_eq!(times(&bot, warned), 1);
    let revises = bot.person("tom").slack().at("@wardroom").presses("Revise", expired).await;
    holds(&revises, &["[catalogue.entries.log-rotation]", "version = 2", "`wardroom policy load`"]);
    is_whole(&bot).await;
    bot.finish().await;
}

/// Discord takes a name of 25 characters for a message, and the key of an entry alone may be longer.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_keeps_an_entry_and_is_on_discord_alone_hears_of_it_too() {
    let kept_by_sam = DEFAULT_TOML.replacen("owner = \"tom\"", "owner = \"sam\"", 1);
    let bot = Bot::start().await;
    assert!(bot.app.load_policy(&kept_by_sam).await.expect("a sound policy").in_force);
    bot.person("ines").slack().says("/cab standard suspend log-rotation why: the disk is full").await;
    bot.run_until_idle().await;
    holds(&bot.person("sam").discord().private(), &["suspended **log-rotation (version 1)**", "the disk is full"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_went_well_often_enough_is_promoted_to_a_section_that_the_policy_takes() {
    let bot = Bot::start().await;
    let often = DEFAULT_TOML.replacen("promote_from_uses = 20", "promote_from_uses = 1", 1);
    assert!(bot.app.load_policy(&often).await.expect("a sound policy").in_force);
    let (ana, mia) = (bot.person("ana").slack(), bot.person("mia").slack());
    let ask = "/change new Empty the queue svc:payments impact: none why: routine plan: fill ```it``` again tested:yes \
               data:1 availability:1 compliance:1 complexity:1 rollback:1 from:+1m until:+30m";
    ana.says(ask).await;
    mia.says("/change approve CHG-1").await;
    bot.pass(2).await;
    holds(&ana.says("/change start CHG-1").await, &["started"]);
    ana.says("/change done CHG-1").await;
    mia.says("/change after validate CHG-1 ok").await;
    bot.run_until_idle().await;
    let section = bot.person("mia").discord().at("changes").presses("Promote", "CHG-1 is number 1 of its kind").await;
    holds(&section, &["[catalogue.entries.empty-the-queue]", "title = \"Empty the queue\"", "owner = \"mia\""]);
    holds(&section, &["minutes = 30", "'''it'''", "checks = []"]);
    let body = section.split("```").nth(1).expect("lines of fixed width").trim();
    let gap = bot.app.load_policy(&format!("{often}\n{body}\n")).await.expect_err("nothing is made up");
    holds(&gap.to_string(), &["catalogue.entries.empty-the-queue.checks"]);
    let filled = body.replacen("checks = []", "checks = [\"The queue is empty\"]", 1);
    assert!(bot.app.load_policy(&format!("{often}\n{filled}\n")).await.expect("a sound policy").in_force);
    holds(&ana.says("/change std empty-the-queue").await, &["CHG-2"]);
    holds(&ana.says("/cab standard draft CHG-2").await, &["CHG-2 came from empty-the-queue of the catalogue."]);
    bot.finish().await;
}

/// The board votes, and then the owner of the reports agrees, who is not on it.
async fn approve(bot: &Bot, change: &str) -> String {
    let voted = vote(bot, change).await;
    assert!(!voted.contains("entry.approved"), "{voted}");
    holds(
        &bot.person("tom").slack().says(&format!("/change show {change}")).await,
        &["service owner of Finance reports"],
    );
    bot.person("yuki").discord().says(&format!("/change approve change: {change}")).await;
    bot.run_until_idle().await;
    bot.decision_log(change).await
}

async fn vote(bot: &Bot, change: &str) -> String {
    bot.person("tom").slack().says(&format!("/change approve {change}")).await;
    bot.person("mia").slack().says(&format!("/change approve {change}")).await;
    bot.person("kim").discord().says(&format!("/change approve change: {change}")).await;
    bot.person("ines").slack().says(&format!("/change approve {change}")).await;
    bot.run_until_idle().await;
    bot.decision_log(change).await
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_board_approves_entries_a_version_is_used_once_its_vote_has_passed() {
    let bot = Bot::start().await;
    let policy = DEFAULT_TOML.replacen("approval = \"policy\"", "approval = \"cab\"", 1);
    let tom = bot.person("tom").slack();
    holds(&tom.says("/cab standard submit log-rotation").await, &["whoever signs the policy approves them"]);
    assert!(bot.app.load_policy(&policy).await.expect("a sound policy").in_force);
    let refused = tom.says(LOGS).await;
    holds(&refused, &["The board has not approved log-rotation (version 1) yet.", "Rule 4.41"]);
    holds(
        &refused,
        &["`/cab standard submit log-rotation`", "`/change new Rotate the logs (keep_days=14) svc:ledger`"],
    );
    holds(&tom.says("/change std svc:ledger").await, &["The board has not approved this version."]);
    let alone = tom.says("/cab standard submit log-rotation").await;
    holds(
        &alone,
        &["You are the only service owner in that vote", "Somebody else who may ask for changes", "Rule 4.13"],
    );
    let ben = bot.person("ben").slack().says("/cab standard submit log-rotation").await;
    holds(&ben, &["You cannot ask for a change.", "Rule 4.23"]);
    let yuki = bot.person("yuki").discord().says("/cab standard submit entry: log-rotation").await;
    holds(&yuki, &["You own Finance reports: each owner agrees to log-rotation", "Rule 4.10"]);
    let asked = bot.person("raj").discord().says("/cab standard submit entry: log-rotation").await;
    holds(&asked, &["CHG-1", "both service owners", "puts **log-rotation (version 1)** of the catalogue to the board"]);
    bot.run_until_idle().await;
    holds(&tom.says("/cab standard submit log-rotation").await, &["CHG-1 has put log-rotation to the board already."]);
    holds(&tom.says(LOGS).await, &["CHG-1 puts it to the board: `/cab status CHG-1`"]);
    holds(
        &tom.says("/change show CHG-1").await,
        &["Catalogue entry log-rotation, version 1", "keep_days 7 to 90", "1. Set"],
    );
    let raj = bot.person("raj").discord();
    holds(
        &raj.says("/change edit change: CHG-1 plan: nothing").await,
        &["as the policy has it", "`/change withdraw CHG-1`"],
    );
    let bot = bot.again().await;
    holds(&approve(&bot, "CHG-1").await, &["vote.closed", "entry.approved"]);
    let tom = bot.person("tom").slack();
    holds(&tom.says(LOGS).await, &["*CHG-2 is approved.*"]);
    holds(&tom.says("/cab standard submit log-rotation").await, &["approved log-rotation (version 1) already"]);
    holds(
        &bot.person("raj").discord().at("changes").sees(),
        &["The board approved log-rotation (version 1)", "For @tom"],
    );
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_board_refused_or_has_not_seen_is_not_used_whatever_its_version_says() {
    let bot = Bot::start().await;
    let policy = DEFAULT_TOML.replacen("approval = \"policy\"", "approval = \"cab\"", 1);
    bot.app.load_policy(&policy).await.expect("a sound policy");
    let tom = bot.person("tom").slack();
    let submit = "/cab standard submit entry: log-rotation";
    bot.person("raj").discord().says(submit).await;
    let mia = bot.person("mia").slack();
    for member in [&mia, &tom, &bot.person("ines").slack()] {
        member.says("/change reject CHG-1 step 2 is not enough").await;
    }
    holds(&bot.decision_log("CHG-1").await, &["change.rejected"]);
    holds(&tom.says(LOGS).await, &["`/cab standard submit log-rotation`"]);
    holds(&bot.person("raj").discord().says(submit).await, &["CHG-2"]);
    bot.run_until_idle().await;
    holds(&approve(&bot, "CHG-2").await, &["vote.closed", "entry.approved"]);
    // The same version with another text is not what they agreed to; the old text is.
    let other = policy.replacen("title = \"Rotate the logs\"", "title = \"Rotate all logs\"", 1);
    bot.app.load_policy(&other).await.expect("a sound policy");
    holds(&tom.says(LOGS).await, &["The board has not approved log-rotation (version 1) yet."]);
    bot.app.load_policy(&policy).await.expect("a sound policy");
    holds(&tom.says(LOGS).await, &["*CHG-3 is approved.*"]);
    let revised = policy.replacen("version = 1\nowner = \"tom\"", "version = 2\nowner = \"tom\"", 1);
    bot.app.load_policy(&revised).await.expect("a sound policy");
    holds(&tom.says(LOGS).await, &["The board has not approved log-rotation (version 2) yet."]);
    is_whole(&bot).await;
    bot.finish().await;
}
