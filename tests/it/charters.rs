//! Charters of teams: written below a team, acknowledged by its members, and who is paged where a commander is silent.

use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, holds, is_whole};

const CARDS: &str = "inc-1-cards-fail";
const MINUTES: &str = "availability_minutes = 15";

const CHARTER: &str = "[team.charter]\nresponsibilities = \"Card payments, day and night.\"\navailability_minutes = 15\n\
                       succession = [\"raj\", \"ben\", \"tom\"]\n";

/// The sample organisation, with this charter for its team of payments.
fn with(charter: &str) -> String {
    let team = "on_call = [\"ana\", \"raj\"]\n";
    assert!(ORGANISATION.contains(team));
    ORGANISATION.replacen(team, &format!("{team}\n{charter}"), 1)
}

async fn apply(bot: &Bot, charter: &str) -> Vec<String> {
    let applied = bot.app.apply_organisation(&with(charter), false).await.expect("it holds together");
    bot.run_until_idle().await;
    applied.changes.iter().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_edition_is_told_to_its_members_and_whoever_has_not_acknowledged_it_is_listed() {
    let bot = Bot::start().await;
    assert_eq!(apply(&bot, CHARTER).await, ["~ team payments"]);
    assert!(apply(&bot, CHARTER).await.is_empty(), "nothing twice");
    let ana = bot.person("ana").slack().private();
    holds(
        &ana,
        &["*The charter of Payments has a new edition, 1.*", "day and night", "Raj Patel", "[Acknowledge charter]"],
    );
    assert!(!bot.person("sam").discord().private().contains("charter"), "it is not the charter of the web team");
    let raj = bot.person("raj").discord().at("@wardroom");
    holds(
        &raj.presses("Acknowledge charter", "Payments").await,
        &["acknowledges edition 1 of the charter of payments"],
    );
    holds(&raj.presses("Acknowledge charter", "Payments").await, &["You have acknowledged it already."]);
    let ana = bot.person("ana").slack().at("@wardroom");
    holds(&ana.presses("Acknowledge charter", "Payments").await, &["acknowledges edition 1"]);
    holds(&bot.person("mia").slack().says("/admin charter ack").await, &["acknowledges edition 1"]);
    holds(
        &bot.person("sam").discord().says("/admin charter do: ack").await,
        &["There is no such charter of a team of yours."],
    );
    let shown = bot.person("tom").slack().says("/admin charter payments").await;
    holds(&shown, &["Charter · Payments", "Acknowledged: 3 of 4", "Not yet: ", "Tom Okafor", "[Acknowledge charter]"]);
    let check = bot.person("omar").discord().says("/admin check").await;
    holds(&check, &["the charter of Payments is not acknowledged by Tom Okafor"]);

    assert_eq!(apply(&bot, &CHARTER.replace(MINUTES, "availability_minutes = 10")).await, ["~ team payments"]);
    let late = raj.presses("Acknowledge charter", "new edition, 1").await;
    holds(&late, &["A newer edition of this charter holds"]);
    let all = bot.person("ana").slack().says("/admin charter").await;
    holds(&all, &["*Payments* (`payments`) · edition 2 · reachable within 10 min", "not acknowledged by 4"]);
    assert_eq!(apply(&bot, "").await, ["~ team payments"]);
    holds(&bot.person("ana").slack().says("/admin charter payments").await, &["Payments has no charter."]);
    assert_eq!(apply(&bot, CHARTER).await, ["~ team payments"]);
    holds(&bot.person("ana").slack().says("/admin charter payments").await, &["Edition 3"]);
    holds(&bot.decision_log("ORG").await, &["charter.published by wardroom", "charter.acknowledged by raj"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commander_who_is_silent_has_the_next_of_the_succession_paged_over_a_restart() {
    let bot = Bot::start().await;
    apply(&bot, CHARTER).await;
    bot.person("ana").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let ana = bot.person("ana").slack().at(CARDS);
    ana.says("/inc lead me").await;
    bot.pass(10).await;
    ana.says("/inc note the queue grows").await;
    bot.pass(14).await;
    assert!(!bot.person("raj").discord().private().contains("has not been heard"), "she was heard ten minutes in");
    let bot = bot.again().await;
    bot.pass(2).await;
    let page = bot.person("raj").discord().private();
    holds(
        &page,
        &[
            "**INC-1 · P2** cards fail",
            "@ana, who leads it, has not been heard for **15 min**",
            "next of the succession",
            "[Take lead]",
        ],
    );
    let room = bot.person("raj").discord().at(CARDS).sees();
    holds(&room, &["has not been heard for 15 min", "is paged to take over"]);
    bot.pass(16).await;
    assert!(!bot.person("ben").discord().private().contains("has not been heard"), "a viewer may not lead");
    holds(&bot.person("tom").slack().private(), &["next of the succession", "[Take lead]"]);
    let lead = bot.person("tom").slack().at("@wardroom").presses("Take lead", "INC-1").await;
    holds(&lead, &["*Tom Okafor* leads as commander"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_last_the_duty_managers_are_paged_and_once_the_impact_has_stopped_nobody_is() {
    let bot = Bot::start().await;
    apply(&bot, &CHARTER.replace("\"raj\", \"ben\", \"tom\"", "\"raj\"")).await;
    bot.person("ana").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let ana = bot.person("ana").slack().at(CARDS);
    ana.says("/inc lead me").await;
    bot.pass(16).await;
    holds(&bot.person("raj").discord().private(), &["next of the succession"]);
    bot.pass(16).await;
    holds(&bot.person("omar").slack().private(), &["Nobody of the succession is left"]);
    let waits = "select count(*) from deadline where kind = 'succession' and state = 'armed'";
    assert_eq!(bot.database.count(waits).await, 0, "nobody is paged for ever");
    ana.says("/inc lead @tom").await;
    assert_eq!(bot.database.count(waits).await, 1, "his own team has no charter; that of the service's has");
    ana.says("/inc status mitigated").await;
    bot.pass(60).await;
    assert_eq!(bot.database.count(waits).await, 0);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_left_takes_over_nothing() {
    let bot = Bot::start().await;
    for (charter, told) in [
        (CHARTER.replace("\"raj\"", "\"bob\""), "has “bob” in its succession, who is not in the file"),
        (CHARTER.replace("\"raj\"", "\"tom\""), "has tom in its succession twice"),
        (CHARTER.replace("[\"raj\", \"ben\", \"tom\"]", "[]"), "names 0 successors"),
        (CHARTER.replace(MINUTES, "availability_minutes = 0"), "says 0 minutes"),
    ] {
        let refused = bot.app.apply_organisation(&with(&charter), false).await.expect_err("it does not hold together");
        holds(&refused.to_string(), &["the charter of team payments", told]);
    }
    bot.finish().await;
}

/// The button, for the contract of every button: of what the members of a team keep to.
pub async fn press_all(bot: &Bot, on_slack: bool) {
    let team = "on_call = [\"ana\", \"raj\"]\n";
    let charter = "[team.charter]\nresponsibilities = \"cards\"\navailability_minutes = 600\nsuccession = [\"raj\"]\n";
    let organisation = ORGANISATION.replacen(team, &format!("{team}\n{charter}"), 1);
    bot.app.apply_organisation(&organisation, false).await.expect("it holds together");
    bot.run_until_idle().await;
    let member = if on_slack { bot.person("ana").slack() } else { bot.person("raj").discord() };
    let told = member.at("@wardroom").presses("Acknowledge charter", "Payments").await;
    assert!(told.contains("acknowledges edition 1 of the charter of payments"), "{told}");
}
