//! Two business units in one Slack workspace and one Discord server: each has its own people, numbers, policy and log, and
//! neither sees or touches anything of the other.

use wardroom::app::{App, SetupError};
use wardroom::domain::policy::DEFAULT_TOML;
use wardroom::domain::{Account, Place, Platform};
use wardroom::language::catalogue::{self, ArgKind, KeyOf};
use wardroom::render::Renderer;
use wardroom::store::{Against, UnitAt};
use wardroom::trial::ORGANISATION;

use crate::harness::Bot;

/// The sample organisation, with its own channels only.
fn harbour() -> String {
    let slack = "id = \"T0HARBOUR\"\nchannels = [\"C0INCIDENTS\", \"C0STATUS\", \"C0CHANGES\"]";
    let discord = "id = \"900000000000000001\"\nchannels = [\"200000000000000002\", \"200000000000000003\", \"200000000000000004\"]";
    ORGANISATION.replacen("id = \"T0HARBOUR\"", slack, 1).replacen("id = \"900000000000000001\"", discord, 1)
}

/// Another unit, in the channel that is left. Pat may do everything there; Ana works in both.
fn bank() -> String {
    r#"
[tenant]
key = "bank"
name = "Harbour Bank"
time_zone = "Europe/Lisbon"

[[workspace]]
platform = "slack"
id = "T0HARBOUR"
channels = ["C0GENERAL"]
incidents_channel = "C0GENERAL"

[[workspace]]
platform = "discord"
id = "900000000000000001"
channels = ["200000000000000001"]
incidents_channel = "200000000000000001"

[[person]]
key = "pat"
name = "Pat New"
roles = ["responder", "commander", "change_manager", "duty_manager", "executive", "compliance", "privacy", "auditor", "tenant_admin"]
slack = "U0PAT"
discord = "100000000000000099"

[[person]]
key = "ana"
name = "Ana Ruiz"
roles = ["responder", "commander"]
slack = "U0ANA"
discord = "100000000000000001"

[[team]]
key = "core"
name = "Core"
approvers = ["pat"]
on_call = ["pat"]

[[service]]
key = "payments"
name = "Accounts payable"
tier = 1
owner = "pat"
team = "core"

[[roster]]
key = "ecab"
chair = "pat"
members = ["pat"]
"#
    .to_owned()
}

/// A bot in both.
pub async fn two_units() -> Bot {
    let bot = Bot::start().await;
    bot.app.apply_organisation(&harbour(), false).await.expect("Harbour names its channels");
    bot.app.apply_organisation(&bank(), false).await.expect("the bank takes the one that is left");
    bot
}

/// What Postgres holds of a unit's log.
async fn log_of(bot: &Bot, tenant: i64) -> String {
    let sql = format!(
        "select string_agg(subject || '#' || seq || ' ' || encode(leaf_hash, 'hex'), ',' order by id)
         from dlog.entry where tenant_id = {tenant}"
    );
    bot.database.text(&sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_bound_to_one_unit() {
    let bot = Bot::start().await;
    let problem = |outcome: Result<wardroom::app::Applied, SetupError>| outcome.expect_err("it is refused").to_string();
    let early = problem(bot.app.apply_organisation(&bank(), false).await);
    assert!(early.contains("the Slack workspace T0HARBOUR belongs to Harbour Pay as a whole"), "{early}");
    bot.app.apply_organisation(&harbour(), false).await.expect("Harbour names its channels");
    let whole = bank().replace("channels = [\"C0GENERAL\"]\n", "").replace("channels = [\"200000000000000001\"]\n", "");
    let whole = problem(bot.app.apply_organisation(&whole, false).await);
    assert!(whole.contains("the Slack channel C0CHANGES of T0HARBOUR is bound to Harbour Pay already"), "{whole}");
    let both = problem(
        bot.app.apply_organisation(&bank().replace("\"C0GENERAL\"]", "\"C0GENERAL\", \"C0STATUS\"]"), false).await,
    );
    assert!(both.contains("the Slack channel C0STATUS of T0HARBOUR is bound to Harbour Pay already"), "{both}");
    let abroad = bank().replace("incidents_channel = \"C0GENERAL\"", "incidents_channel = \"C0STATUS\"");
    let abroad = problem(bot.app.apply_organisation(&abroad, false).await);
    assert!(abroad.contains("C0STATUS is not among the channels of bank in T0HARBOUR"), "{abroad}");
    let forced = "insert into workspace_channel (tenant_id, platform, workspace, channel, version)
         select 1, 'slack', 'T0HARBOUR', channel, 1 from workspace_channel where channel = 'C0STATUS'";
    let refused = bot.database.as_superuser(forced).await.expect_err("Postgres refuses it too");
    assert!(refused.contains("workspace_channel_pkey"), "{refused}");

    bot.app.apply_organisation(&bank(), false).await.expect("the bank takes the one that is left");
    let again = bot.app.apply_organisation(&bank(), false).await.expect("twice is once");
    assert_eq!(again.changes, []);
    let freed = harbour().replace(", \"C0STATUS\", \"C0CHANGES\"]", ", \"C0CHANGES\"]");
    let freed = freed.replace("    { platform = \"slack\", channel = \"C0STATUS\", name = \"status-updates\" },\n", "");
    bot.app.apply_organisation(&freed, false).await.expect("a channel is let go");
    bot.app
        .apply_organisation(&bank().replace("\"C0GENERAL\"]", "\"C0GENERAL\", \"C0STATUS\"]"), false)
        .await
        .expect("and can be taken");
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_unit_counts_opens_rooms_and_keeps_its_log_by_itself() {
    let bot = two_units().await;
    let (tom, pat) = (bot.person("tom").slack(), bot.person("pat"));
    let ours = tom.says("/inc declare sev2 the zebra is loose svc:payments").await;
    assert!(ours.contains("*INC-1*"), "{ours}");
    let theirs = pat.slack().at("general").says("/inc declare sev2 the zebra is loose svc:payments").await;
    assert!(theirs.contains("*INC-1*"), "{theirs}");
    bot.run_until_idle().await;
    let rooms = bot.database.texts("select tenant_id || ' ' || platform || ' ' || subject from room order by 1").await;
    assert_eq!(rooms, ["1 discord INC-1", "1 slack INC-1", "2 discord INC-1", "2 slack INC-1"]);
    assert!(bot.slack.channels().contains(&"bank-inc-1-the-zebra-is-loose".to_owned()), "{:?}", bot.slack.channels());
    let distinct = "select count(distinct channel) from room where platform = 'slack'";
    assert_eq!(bot.database.count(distinct).await, 2, "the same name and number, and two rooms all the same");

    let pat_here = pat.slack().at("bank-inc-1-the-zebra-is-loose");
    pat_here.says("/inc note in the bank's room").await;
    let origins = "select string_agg(distinct convert_from(body, 'UTF8')::jsonb ->> 'origin', ',') from dlog.entry where tenant_id = ";
    assert_eq!(bot.database.text(&format!("{origins}1")).await, "wardroom/harbour");
    assert_eq!(bot.database.text(&format!("{origins}2")).await, "wardroom/bank");
    for tenant in [1, 2] {
        bot.app.store.sequence(tenant).await.expect("the tree grows");
        let report = bot.app.store.verify(tenant, Against::default(), |_| {}).await.expect("the log can be read");
        assert!(report.is_whole() && report.leaves > 0, "{report:?}");
    }
    let trees = bot.database.texts("select encode(root, 'hex') from dlog.tree order by tenant_id").await;
    assert!(trees.len() == 2 && trees[0] != trees[1], "a tree each: {trees:?}");

    let auditor = bot.database.as_auditor();
    let mut auditor =
        <sqlx::PgConnection as sqlx::Connection>::connect_with(&auditor).await.expect("an auditor may connect");
    let across: i64 = sqlx::query_scalar("select count(distinct tenant_id) from dlog.entry")
        .fetch_one(&mut auditor)
        .await
        .expect("reads");
    assert_eq!(across, 2, "an auditor reads across");
    let write = sqlx::query("delete from dlog.disclosure").execute(&mut auditor).await;
    assert!(write.is_err_and(|error| error.to_string().contains("permission denied")), "and only reads");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_verb_reaches_the_other_units_records() {
    let bot = two_units().await;
    let tom = bot.person("tom").slack();
    for title in ["the zebra is loose", "it is loose again, the zebra", "the zebra is seen", "the zebra is gone"] {
        tom.says(&format!("/inc declare sev2 {title} svc:payments")).await;
    }
    tom.says("/change emergency INC-4 catch the zebra impact: stripes everywhere svc:payments").await;
    let answers = [
        ("why", "a zebra bites"),
        ("plan", "let the zebra go"),
        ("tested", "yes"),
        ("data", "2"),
        ("availability", "3"),
        ("compliance", "1"),
        ("complexity", "3"),
        ("rollback", "3"),
    ];
    let asked = tom.fills(&answers).await;
    assert!(asked.contains("CHG-1"), "{asked}");
    bot.run_until_idle().await;
    // One more than the bank will have, so that its name is Harbour's alone.
    for _ in 0..4 {
        bot.person("ines").slack().says("/freeze on svc:payments until:+4h why: the zebra sleeps").await;
    }
    bot.run_until_idle().await;
    let before = log_of(&bot, 1).await;
    assert!(before.contains("CHG-1#1") && before.contains("INC-4#") && before.contains("FRZ-4#1"), "{before}");

    let pat = bot.person("pat").slack().at("general");
    let mut tried = 0;
    for verb in catalogue::verbs() {
        for (record, entry) in [("INC-4", "INC-4#1"), ("CHG-1", "CHG-1#1"), ("FRZ-4", "FRZ-4#1")] {
            let text = call(verb, record, entry);
            let told = pat.says(&text).await;
            assert!(!told.is_empty(), "{text} is answered");
            assert!(!told.contains("zebra") && !told.contains("stripes"), "{text}\n{told}");
            bot.dismiss("pat");
            tried += 1;
        }
    }
    assert!(tried >= 80, "{tried} calls");
    bot.run_until_idle().await;
    assert_eq!(log_of(&bot, 1).await, before, "nothing of Harbour's log was added or changed");
    assert!(!pat.sees().contains("zebra"), "nothing of it is shown in the bank's channel");
    let shown = pat.says("/log show INC-4").await;
    assert!(shown.contains("There is no INC-4 here."), "{shown}");
    let shown = pat.says("/log show CHG-1").await;
    assert!(shown.contains("There is no CHG-1 here."), "{shown}");
    pat.opens_home().await;
    bot.run_until_idle().await;
    assert!(!pat.home().contains("zebra"), "{}", pat.home());
    let told = pat.says("/change cal feed:new").await;
    let address = told.split('`').find(|part| part.contains("/calendar/")).expect("an address");
    let calendar = reqwest::get(address).await.expect("an answer").text().await.expect("a text");
    assert!(calendar.contains("NAME:Changes · Harbour Bank") && !calendar.contains("zebra"), "{calendar}");

    // A person of Harbour is nobody in the bank's channel.
    let stranger = bot.person("tom").slack().at("general").says("/inc list").await;
    assert!(stranger.contains("I don't know who you are yet"), "{stranger}");
    bot.leave().await;
}

/// The verb with everything that it takes, about a record.
fn call(verb: &catalogue::Verb, record: &str, entry: &str) -> String {
    let mut text = format!("/{} {}", verb.command, verb.name);
    for arg in verb.args {
        let value = match arg.kind {
            ArgKind::Subject => record.to_owned(),
            ArgKind::Change => "CHG-1".to_owned(),
            ArgKind::Entry => entry.to_owned(),
            ArgKind::Text | ArgKind::Words | ArgKind::Plan => "some words".to_owned(),
            ArgKind::Severity => "sev2".to_owned(),
            ArgKind::Services | ArgKind::Key(KeyOf::Team) => "payments".to_owned(),
            ArgKind::Person => "me".to_owned(),
            ArgKind::YesNo => "no".to_owned(),
            ArgKind::Scale(_) | ArgKind::Number => "3".to_owned(),
            ArgKind::Touches => "security".to_owned(),
            ArgKind::Choice(choices) => choices[0].0.to_owned(),
            ArgKind::Kind => "note".to_owned(),
            ArgKind::Key(KeyOf::Entry) => "log-rotation".to_owned(),
            ArgKind::Key(KeyOf::Policy) => "0a1b2c3d".to_owned(),
            ArgKind::Key(KeyOf::Category) => "network".to_owned(),
            ArgKind::Key(KeyOf::Item) => "path_test".to_owned(),
            // What is yet to come cannot be recorded, so the bank has no CHG-1 of its own.
            ArgKind::When if verb.command == "freeze" || ["after retro", "found"].contains(&verb.name) => {
                "+2h".to_owned()
            }
            ArgKind::When => "-2d".to_owned(),
        };
        text.extend([" ", arg.name, ":", &value]);
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_message_is_the_persons_units_and_whoever_is_in_two_is_asked_which() {
    let bot = two_units().await;
    let (ana, pat) = (bot.person("ana").slack(), bot.person("pat").slack());
    bot.person("tom").slack().says("/inc declare sev3 a harbour matter svc:payments").await;
    pat.at("general").says("/inc declare sev3 a bank matter svc:payments").await;
    bot.run_until_idle().await;
    let pat = bot.person("pat").slack().at("@wardroom");
    let listed = pat.says("/inc list").await;
    assert!(listed.contains("a bank matter") && !listed.contains("a harbour matter"), "{listed}");
    let listed = bot.person("tom").slack().at("@wardroom").says("/inc list").await;
    assert!(listed.contains("a harbour matter") && !listed.contains("a bank matter"), "{listed}");

    // A direct message on Discord comes from no server.
    let (_, id) = bot.accounts("pat");
    let place = Place { platform: Platform::Discord, workspace: String::new(), channel: "1".to_owned() };
    let account = Account { platform: Platform::Discord, workspace: String::new(), id };
    let units = bot.app.store.units_at(&place, &account, None).await.expect("Postgres answers");
    assert_eq!(units, [UnitAt { tenant: 2, workspace: "900000000000000001".to_owned() }]);

    let asked = bot.person("ana").slack().at("@wardroom").says("/inc list").await;
    assert!(asked.contains("You belong to Harbour Pay and to Harbour Bank"), "{asked}");
    let here = ana.says("/inc list").await;
    assert!(here.contains("a harbour matter"), "{here}");
    let there = bot.person("ana").discord().at("general").says("/inc list").await;
    assert!(there.contains("a bank matter") && !there.contains("a harbour matter"), "{there}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_has_a_policy_of_its_own_and_keeps_it() {
    let bot = two_units().await;
    let in_force = async |tenant: i64| {
        let mut tx = bot.app.store.begin(tenant).await.expect("Postgres answers");
        bot.app.tenant(&mut tx).await.expect("it has a policy").policy.updates.satisfies_slot_within_minutes
    };
    assert_eq!((in_force(1).await, in_force(2).await), (10, 10), "a new unit begins with the built-in policy");
    let line = "satisfies_slot_within_minutes = 10";
    let own = format!("unit = \"bank\"\n{}", DEFAULT_TOML.replace(line, "satisfies_slot_within_minutes = 5"));
    assert!(bot.app.load_policy(&own).await.expect("the bank's own").in_force);
    assert_eq!((in_force(1).await, in_force(2).await), (10, 5));
    assert!(!bot.app.load_policy(&own).await.expect("twice is once").in_force);
    let common = DEFAULT_TOML.replace(line, "satisfies_slot_within_minutes = 7");
    assert!(bot.app.load_policy(&common).await.expect("everybody else's").in_force);
    assert_eq!((in_force(1).await, in_force(2).await), (7, 5));
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_is_told_how_to_coordinate_its_incidents() {
    let bot = Bot::start().await;
    let told = bot.person("omar").slack().says("/admin tenant assess regions:2 desk:yes tooling:3").await;
    insta::assert_snapshot!(told, @"This is Harbour Pay (`harbour`). With 6 teams, 2 regions, a desk around the clock and tooling at level 3, the score is 2.7, which says hybrid: a central desk for P1 and P2, the teams for the rest. Rule 4.33: below 2 federated, 2 to 4 hybrid, above 4 central.");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_another_process_shares_is_shared_from_the_next_word_on() {
    let bot = Bot::start().await;
    let listed = bot.person("tom").slack().says("/inc list").await;
    assert!(!listed.is_empty(), "the bot has looked up whose the workspace is");
    let renderer = Renderer::new(None).expect("the templates can be read");
    let operator = App::new(bot.app.store.clone(), bot.app.clock.clone(), renderer, Vec::new());
    operator.apply_organisation(&harbour(), false).await.expect("Harbour names its channels");
    operator.apply_organisation(&bank(), false).await.expect("the bank takes the one that is left");
    let declared = bot.person("pat").slack().at("general").says("/inc declare sev3 a bank matter svc:payments").await;
    assert!(declared.contains("*Pat New* declared"), "Pat is known in the bank: {declared}");
    assert_eq!(bot.database.texts("select tenant_id::text from incident").await, ["2"]);
    bot.leave().await;
}
