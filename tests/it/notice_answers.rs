//! What people say to the notices of a change: read, or objected to; and which notices there are, as the policy has it.

use wardroom::domain::policy::DEFAULT_TOML;

use crate::harness::{Bot, holds};
use crate::notices::{agreed, announced, times, watched};

const TOLD: &str = "CHG-1 is approved";

fn told(bot: &Bot, key: &str) -> String {
    let person = bot.person(key);
    match key {
        "yuki" | "raj" => person.discord().private(),
        _ => person.slack().private() + &person.discord().private(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_counts_once_across_both_platforms_and_whoever_says_nothing_is_reminded_once() {
    let bot = Bot::start().await;
    agreed(&bot, "from:2030-01-15T10:00Z until:+1h").await;
    let [slack, discord] = watched(&bot);
    holds(&slack.presses("Acknowledge", TOLD).await, &["has read of CHG-1", "`/change plan notices CHG-1`"]);
    let again = bot.person("tom").discord().at("changes").presses("Acknowledge", TOLD).await;
    holds(&again, &["You acknowledged CHG-1 at 7 Jan", "already"]);
    holds(&discord.presses("Acknowledge", TOLD).await, &["has read of"]);
    holds(&bot.person("ana").slack().says("/change plan ack CHG-1").await, &["is your own"]);
    let shown = bot.person("ana").slack().says("/change plan notices CHG-1").await;
    holds(
        &shown,
        &[
            "it is approved",
            "5 business days before (8 Jan 10:00 UTC), 1 business day before (14 Jan 10:00 UTC), 1 hour before",
            "its start, its end",
            "*Told:* Mia Chen, Yuki Tanaka",
            "Tom Okafor: acknowledged it",
            "Mia Chen: agreed to it",
            "Yuki Tanaka: has said nothing yet",
            "tier 1",
        ],
    );
    assert_eq!(times(&shown, "Tom Okafor"), 1, "{shown}");
    // Mia agreed to it, so Yuki alone is asked, a business day later, also over a restart.
    bot.pass(20 * 60).await;
    let bot = bot.again().await;
    assert_eq!(times(&told(&bot, "yuki"), "Please acknowledge CHG-1"), 0);
    bot.pass(4 * 60 + 5).await;
    bot.pass(3 * 24 * 60).await;
    let private = told(&bot, "yuki");
    assert_eq!(times(&private, "Please acknowledge CHG-1"), 1, "{private}");
    assert!(!told(&bot, "mia").contains("Please acknowledge"), "she agreed to it");
    let yuki = bot.person("yuki").discord().at("@wardroom");
    holds(&yuki.presses("Acknowledge", "Please acknowledge CHG-1").await, &["has read of"]);
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["notice.reminded by wardroom", "notice.acknowledged by yuki"]);
    assert_eq!(times(&log, "notice.acknowledged"), 3, "{log}");
    holds(&bot.person("zoe").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_holds_the_start_until_it_is_taken_back_and_whoever_asked_hears_why_at_once() {
    let bot = Bot::start().await;
    agreed(&bot, "from:+30m until:+3h").await;
    let yuki = bot.person("yuki").discord();
    holds(
        &bot.person("kim").slack().says("/change plan object CHG-1 why: I would rather not").await,
        &["Only who owns what CHG-1 touches can object to it.", "Mia Chen or", "Rule change-notices"],
    );
    let changes = bot.person("yuki").discord().at("changes");
    assert_eq!(changes.presses("Object", TOLD).await, "(a form)");
    let objected = changes.fills(&[("why", "we close the books today")]).await;
    holds(&objected, &["objects to **CHG-1**: we close the books today", "does not start before that is settled"]);
    bot.run_until_idle().await;
    holds(&told(&bot, "ana"), &["objects to *CHG-1*: we close the books today", "[Escalate] [Details]"]);
    for here in watched(&bot) {
        assert_eq!(times(&here.sees(), ": we close the books today"), 1, "{}", here.sees());
    }
    let ana = bot.person("ana").slack();
    holds(&ana.says("/change show CHG-1").await, &["*Objection* of", "it waits until that is settled"]);
    bot.pass(31).await;
    let held = ana.says("/change start CHG-1").await;
    holds(
        &held,
        &[
            "objects to CHG-1: it waits until that is settled",
            "`/change plan notices CHG-1` shows why",
            "Rule change-notices",
        ],
    );
    holds(&ana.says("/change plan notices CHG-1").await, &[": objects, 7 Jan", ": we close the books today"]);
    holds(&bot.person("mia").slack().says("/change plan unobject CHG-1").await, &["You do not object to CHG-1."]);
    yuki.says("/change plan notices change: CHG-1").await;
    holds(&yuki.presses("Take back", "CHG-1 · notices").await, &["took the objection to **CHG-1** back"]);
    bot.run_until_idle().await;
    holds(&told(&bot, "ana"), &["took the objection to *CHG-1* back"]);
    holds(&yuki.says("/change plan unobject change: CHG-1").await, &["Nobody objects to CHG-1."]);
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    holds(&bot.person("zoe").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_that_nobody_settles_is_put_to_the_decision_authority_whose_ruling_lets_the_change_start() {
    let bot = Bot::start().await;
    agreed(&bot, "from:2030-01-15T10:00Z until:+3h").await;
    let yuki = bot.person("yuki").discord();
    yuki.says("/change plan object change: CHG-1 why: we close the books that day").await;
    bot.pass(23 * 60).await;
    assert!(!told(&bot, "omar").contains("asked to rule"));
    bot.sleep_through(2 * 60).await;
    bot.run_until_idle().await;
    holds(
        &told(&bot, "omar"),
        &["You are asked to rule on CHG-1", "an objection of an owner", ": we close the books that day"],
    );
    holds(&told(&bot, "yuki"), &["Nobody settled the objection of"]);
    let omar = bot.person("omar").slack().at("@wardroom");
    assert_eq!(omar.presses("Allow", "You are asked to rule on CHG-1").await, "(a form)");
    let ruled = omar.fills(&[("why", "the books can wait an hour")]).await;
    holds(&ruled, &["*CHG-1*", "No objection holds CHG-1 up any more."]);
    bot.run_until_idle().await;
    holds(&told(&bot, "yuki"), &["is overruled"]);
    bot.pass(7 * 24 * 60 - 4 * 60).await;
    let started = bot.person("ana").slack().says("/change start CHG-1").await;
    holds(&started, &["started CHG-1"]);
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["notice.unsettled by wardroom", "ruling.given by omar", "notice.settled by omar"]);
    holds(&bot.person("zoe").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_slows_an_emergency_and_an_owner_who_says_nothing_is_reminded_after_a_quarter_of_an_hour() {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let room = "inc-1-cards-fail";
    let ask = "/change emergency roll back 4.2 impact: cards fail why: every minute costs sales plan: deploy it again \
               tested:yes data:1 availability:1 compliance:1 complexity:1 rollback:1";
    bot.person("ana").slack().at(room).says(ask).await;
    bot.run_until_idle().await;
    bot.person("raj").discord().at(room).reviews("CHG-1").await;
    bot.person("tom").slack().at(room).presses("Approve", "CHG-1").await;
    bot.person("mia").slack().at(room).presses("Approve", "CHG-1").await;
    bot.pass(16).await;
    assert_eq!(times(&told(&bot, "yuki"), "Please acknowledge CHG-1"), 1, "{}", told(&bot, "yuki"));
    let yuki = bot.person("yuki").discord();
    let objected = yuki.says("/change plan object change: CHG-1 why: we close the books today").await;
    holds(&objected, &["objects to **CHG-1**", "It is an emergency, so nothing holds it up"]);
    assert!(!objected.contains("does not start"), "{objected}");
    bot.run_until_idle().await;
    holds(&told(&bot, "ana"), &["objects to *CHG-1*: we close the books today"]);
    let ana = bot.person("ana").slack();
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    holds(&ana.says("/change show CHG-1").await, &["*Objection* of"]);
    bot.pass(60).await;
    assert!(!told(&bot, "omar").contains("asked to rule"), "nobody rules on what holds nothing up");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_says_which_notices_go_out_for_each_kind_of_change() {
    let bot = Bot::start().await;
    let all = "normal    = [\"approval\", \"ahead\", \"start\", \"end\", \"moved\", \"cancelled\"]";
    let few = DEFAULT_TOML.replacen(all, "normal = [\"approval\", \"2h\", \"end\"]", 1);
    let wrong = DEFAULT_TOML.replacen(all, "normal = [\"approval\", \"lunch\"]", 1);
    let refused = bot.app.load_policy(&wrong).await.expect_err("nobody knows that word").to_string();
    holds(&refused, &["\"lunch\" is none of: approval, ahead"]);
    assert!(bot.app.load_policy(&few).await.expect("a sound policy").in_force);
    let ana = bot.person("ana").slack();
    holds(
        &ana.says("/admin policy show notices").await,
        &[
            "normal: when it is approved, 2 hours before, when it ends",
            "standard: when it is approved, 5 business days before, 1 business day before, 1 hour before, when it begins",
            "15 minutes after the approval of an emergency, 1 business day after",
        ],
    );
    agreed(&bot, "from:2030-01-15T10:00Z until:+1h").await;
    holds(
        &ana.says("/change plan notices CHG-1").await,
        &["Still to come: 2 hours before (15 Jan 08:00 UTC), its end"],
    );
    bot.pass(8 * 24 * 60 - 4 * 60 + 5).await;
    assert_eq!(announced(&bot).await, ["Tue 15 08:00 2 hours"]);
    ana.says("/change start CHG-1").await;
    ana.says("/change done CHG-1").await;
    bot.run_until_idle().await;
    for here in watched(&bot) {
        let told = here.sees();
        // Its start is told where changes are watched, and calls nobody.
        assert_eq!(times(&told, " started CHG-1"), 1, "{told}");
        assert_eq!(times(&told, "rotate the certificate · Card payments"), 3, "{told}");
        assert_eq!(times(&told, "For @mia"), 3, "{told}");
    }
    bot.finish().await;
}
