//! Once a year somebody looks at the policy, and at the charter of each team, again.

use wardroom::domain::charter::CharterCommand;
use wardroom::domain::proposal::PolicyCommand;
use wardroom::domain::{Command, Subject};
use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, holds, is_whole};

const DAY: i32 = 24 * 60;
const YEAR: i32 = 366 * DAY;

/// The sample organisation, where Mia signs policies and the team of payments has a charter.
fn organisation() -> String {
    let team = "on_call = [\"ana\", \"raj\"]\n";
    let charter =
        "[team.charter]\nresponsibilities = \"Card payments\"\navailability_minutes = 15\nsuccession = [\"raj\"]\n";
    let roster = "[[roster]]\nkey = \"signatories\"\nchair = \"mia\"\nmembers = [\"mia\"]\n";
    format!("{}\n{roster}", ORGANISATION.replacen(team, &format!("{team}\n{charter}"), 1))
}

async fn start() -> Bot {
    let bot = Bot::start().await;
    bot.app.apply_organisation(&organisation(), false).await.expect("a sound organisation");
    bot.run_until_idle().await;
    bot
}

/// What the housekeeping does once a day.
async fn look_after(bot: &Bot) {
    let policy = (Subject::Policy, Command::Policy(PolicyCommand::LookAfter));
    for (subject, command) in [policy, (Subject::Organisation, Command::Charter(CharterCommand::LookAfter))] {
        bot.app.perform(1, subject, command, "housekeeping").await.expect("it can be looked after");
    }
    bot.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_looks_at_the_policy_once_a_year_is_chased_and_says_that_it_stays() {
    let bot = start().await;
    look_after(&bot).await;
    assert!(!bot.person("mia").slack().private().contains("looked at once a year"), "its year has just begun");
    bot.sleep_through(YEAR).await;
    let bot = bot.again().await;
    look_after(&bot).await;
    look_after(&bot).await;
    let asked = bot.person("mia").slack().private();
    assert_eq!(asked.matches("The policy is looked at once a year.").count(), 1, "{asked}");
    holds(&asked, &["holds since", "exceptions from freezes and procedures were used", "[Reviewed]"]);
    let check = bot.person("omar").discord().says("/admin check").await;
    holds(&check, &["the policy in force (version 1) is to be looked at again, asked for"]);

    bot.sleep_through(15 * DAY).await;
    look_after(&bot).await;
    look_after(&bot).await;
    let late = bot.person("zoe").slack().private();
    assert_eq!(late.matches("Nobody has looked at the policy since that was asked for").count(), 1, "{late}");
    let other = bot.person("ana").slack().says("/admin policy reviewed").await;
    holds(&other, &["You cannot sign this policy", "Rule 4.23"]);
    let mia = bot.person("mia").slack().at("@wardroom");
    let done = mia.presses("Reviewed", "looked at once a year").await;
    holds(&done, &["looked at the policy in force (version 1) again, and it stays", "It is looked at again"]);
    holds(&mia.presses("Reviewed", "looked at once a year").await, &["It was looked at already"]);
    assert!(!bot.person("omar").discord().says("/admin check").await.contains("the policy in force"));

    bot.sleep_through(YEAR - 2 * DAY).await;
    look_after(&bot).await;
    assert_eq!(bot.person("mia").slack().private().matches("looked at once a year").count(), 1, "not yet");
    bot.sleep_through(3 * DAY).await;
    look_after(&bot).await;
    assert_eq!(bot.person("mia").slack().private().matches("looked at once a year").count(), 2, "and again");
    let again = bot.person("mia").discord().says("/admin policy do: reviewed why: two numbers were looked at").await;
    holds(&again, &["again, and it stays: two numbers were looked at"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leads_a_team_looks_at_its_charter_once_a_year_and_the_compliance_officer_hears_where_nobody_does() {
    let bot = start().await;
    look_after(&bot).await;
    bot.sleep_through(YEAR).await;
    look_after(&bot).await;
    let bot = bot.again().await;
    look_after(&bot).await;
    let told = bot.person("mia").slack().private();
    assert_eq!(told.matches("is to be looked at again: a year is over").count(), 1, "{told}");
    holds(&told, &["Charter · Payments", "Card payments", "[Reviewed]"]);
    let check = bot.person("omar").discord().says("/admin check").await;
    holds(&check, &["the charter of Payments is older than a year: look at it again, asked for"]);
    bot.sleep_through(15 * DAY).await;
    look_after(&bot).await;
    look_after(&bot).await;
    let late = bot.person("zoe").slack().private();
    assert_eq!(late.matches("Nobody has looked at the charter of payments (edition 1) again").count(), 1, "{late}");
    let other = bot.person("raj").discord().says("/admin charter do: reviewed team: payments").await;
    holds(
        &other,
        &["is looked at by whoever leads it, or by a compliance officer", "Mia Chen can.", "Rule charter-review"],
    );
    let done = bot.person("mia").discord().says("/admin charter do: reviewed team: payments").await;
    holds(&done, &["looked at the charter of payments (edition 1) again, and it stays"]);
    let late = bot.person("zoe").slack().at("@wardroom").presses("Reviewed", "Nobody has looked at the charter").await;
    holds(&late, &["It was looked at already"]);
    let check = bot.person("omar").discord().says("/admin check").await;
    assert!(!check.contains("older than a year"), "{check}");
    bot.sleep_through(YEAR).await;
    look_after(&bot).await;
    assert_eq!(bot.person("mia").slack().private().matches("a year is over").count(), 2);
    is_whole(&bot).await;
    bot.finish().await;
}
