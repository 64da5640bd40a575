//! An amendment of the policy: asked for in chat, answered by a policy file or declined, and chased until then.

use insta::assert_snapshot;
use wardroom::domain::policy::DEFAULT_TOML;
use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, holds, is_whole, without_file_hashes};

const DAY: i32 = 24 * 60;
const ASKS: &str = "/admin propose audit two failures are one too many ref:F-12 why: it failed twice in May";

/// The sample organisation, where these sign policies.
fn signed_by(members: &str) -> String {
    format!("{ORGANISATION}\n[[roster]]\nkey = \"signatories\"\nchair = \"mia\"\nmembers = [{members}]\n")
}

/// The built-in policy but for one number, which answers an amendment.
fn answering(failures: u32, named: &str) -> String {
    let policy = DEFAULT_TOML.replace("suspend_from_failures = 2", &format!("suspend_from_failures = {failures}"));
    format!("answers = [{named}]\n{policy}")
}

async fn start() -> Bot {
    let bot = Bot::start().await;
    bot.app.apply_organisation(&signed_by("\"mia\""), false).await.expect("a sound organisation");
    bot
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_auditor_found_is_due_in_thirty_days_chased_and_escalated_over_a_restart() {
    let bot = start().await;
    let asked = bot.person("ana").slack().says(ASKS).await;
    holds(&asked, &["asks for an amendment of the policy, *AMD-1*, for audit F-12, due 6 Feb", "Mia Chen is told."]);
    holds(&bot.person("ana").slack().says(ASKS).await, &["AMD-1 asks for that already: audit F-12, due 6 Feb"]);
    bot.run_until_idle().await;
    holds(
        &bot.person("raj").discord().at("changes").sees(),
        &["**AMD-1**, for audit F-12", "two failures are one too many"],
    );
    let told = bot.person("mia").slack().private();
    holds(&told, &["AMD-1 · audit F-12 · open", "it failed twice in May", "`answers = [\"AMD-1\"]`", "[Decline]"]);
    assert_snapshot!(without_file_hashes(&bot.person("raj").discord().says("/admin policy").await), @"
    ### Policy
      In force: version 1 (`(hash)`), since 14:00 UTC
      -# A new policy waits until @mia have signed it
      **Asked for** · what is due first
      - **AMD-1** audit F-12: two failures are one too many · due 14:00 UTC
      -# `/admin policy show AMD-…` says more · `/admin propose` asks for another
    ");

    bot.sleep_through(22 * DAY).await;
    let bot = bot.again().await;
    bot.pass(2 * DAY).await;
    let chased = "is due 6 Feb 14:00 UTC: no policy in force answers it yet";
    assert_eq!(bot.person("mia").slack().private().matches(chased).count(), 1);
    assert!(!bot.person("zoe").slack().private().contains("AMD-1"), "it is not late yet");
    bot.pass(7 * DAY).await;
    let late = bot.person("zoe").slack().private();
    holds(&late, &["*AMD-1* (audit F-12) was due 6 Feb 14:00 UTC, and no policy in force answers it", "*overdue*"]);
    let bot = bot.again().await;
    bot.pass(30 * DAY).await;
    assert_eq!(bot.person("zoe").slack().private().matches("was due 6 Feb").count(), 1, "once");
    holds(
        &bot.person("ines").slack().says("/admin policy").await,
        &["*AMD-1* audit F-12: two failures", "*overdue* since"],
    );
    let log = bot.decision_log("POLICY").await;
    holds(&log, &["amendment.proposed by ana", "amendment.reminded by wardroom", "amendment.overdue by wardroom"]);

    let declined = bot.person("zoe").slack().at("@wardroom").presses("Decline", "was due 6 Feb").await;
    assert_eq!(declined, "(a form)");
    let declined = bot.person("zoe").slack().at("@wardroom").fills(&[("why", "the entry is gone")]).await;
    holds(&declined, &["declines *AMD-1*: the entry is gone"]);
    bot.run_until_idle().await;
    holds(&bot.person("ana").slack().private(), &["declines *AMD-1*: the entry is gone"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_file_that_names_it_answers_it_and_the_last_signature_closes_it() {
    let bot = start().await;
    bot.person("ana").slack().says(ASKS).await;
    let load = bot.app.load_policy(&answering(1, "\"AMD-1\", \"AMD-7\"")).await.expect("a sound policy");
    assert_eq!((load.answers, load.unknown), (vec!["AMD-1".to_owned()], vec!["AMD-7".to_owned()]));
    bot.run_until_idle().await;
    let mia = bot.person("mia").slack().at("@wardroom");
    holds(&bot.person("mia").slack().private(), &["answers AMD-1", "`catalogue.suspend_from_failures`: 2 → 1"]);
    let shown = bot.person("raj").discord().says("/admin policy do: show rule: AMD-1").await;
    holds(&shown, &["AMD-1 · audit F-12 · answered", "**Answered by**", "2 → 1", "In the last 90 days"]);
    let early = bot.person("mia").slack().says("/admin policy decline AMD-1 why: never").await;
    holds(&early, &["AMD-1 is answered by a policy that waits"]);
    assert_eq!(mia.presses("Object", "answers AMD-1").await, "(a form)");
    holds(&mia.fills(&[("why", "one may be chance")]).await, &["objects to the policy", "AMD-1* is open again"]);

    bot.app.load_policy(&answering(3, "\"AMD-1\"")).await.expect("a sound policy");
    bot.app.load_policy(&answering(4, "")).await.expect("a sound policy");
    bot.run_until_idle().await;
    holds(
        &bot.person("raj").discord().says("/admin policy do: show rule: amd-1").await,
        &["AMD-1 · audit F-12 · open"],
    );
    let mended = format!("# mended\n{}", answering(1, "\"AMD-1\""));
    bot.app.load_policy(&mended).await.expect("a sound policy");
    bot.run_until_idle().await;
    let signed = mia.presses("Sign", "2 → 1").await;
    holds(&signed, &["It is in force from now on", "*AMD-1* is adopted"]);
    bot.run_until_idle().await;
    holds(&bot.person("ana").slack().private(), &["*AMD-1* is adopted: the policy"]);
    holds(&bot.person("ines").slack().says("/admin policy history").await, &["answers AMD-1", "2 → 1"]);
    holds(&bot.person("mia").slack().says("/admin policy decline AMD-1 why: no").await, &["AMD-1 was adopted at"]);
    assert!(!bot.person("ines").slack().says("/admin policy").await.contains("Asked for"), "nothing waits");
    let waits = "select count(*) from deadline where kind = 'amendment' and state = 'armed'";
    assert_eq!(bot.database.count(waits).await, 0);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_of_a_review_is_asked_for_with_one_button_on_both_platforms() {
    for on_slack in [true, false] {
        let bot = Bot::start().await;
        crate::pirs::done(&bot).await;
        let found = "/change after pir CHG-1 verdict:non-compliant effective:yes policy:yes evidence:yes rollback:no";
        holds(&bot.person("ines").slack().says(found).await, &["reviewed CHG-1: *non-compliant*"]);
        bot.run_until_idle().await;
        let who = if on_slack { bot.person("tom").slack() } else { bot.person("tom").discord() };
        let who = who.at(crate::story::ROOM);
        who.presses("Propose policy change", "reviewed CHG-1").await;
        let asked = who.fills(&[("what", "a dry run first"), ("why", "nobody proved the way back")]).await;
        holds(&asked, &["AMD-1", "for finding CHG-1, due", "a dry run first"]);
        bot.run_until_idle().await;
        let ines = bot.person("ines").slack().private();
        holds(&ines, &["AMD-1 · finding CHG-1 · open", "nobody proved the way back"]);
        // Where nobody has to sign, the file that is loaded is the answer.
        let load = bot.app.load_policy(&answering(1, "\"AMD-1\"")).await.expect("a sound policy");
        assert!(load.in_force);
        bot.run_until_idle().await;
        let log = bot.decision_log("POLICY").await;
        holds(&log, &["amendment.proposed by tom", "policy.loaded by wardroom", "amendment.adopted by wardroom"]);
        is_whole(&bot).await;
        bot.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_is_refused_and_what_cannot_be_is_said() {
    let bot = start().await;
    bot.person("ana").slack().says(ASKS).await;
    let other = bot.person("ana").slack().says("/admin policy decline AMD-1 why: no").await;
    holds(&other, &["You cannot sign this policy", "Rule 4.23"]);
    holds(&bot.person("mia").slack().says("/admin policy decline AMD-9 why: no").await, &["There is no AMD-9"]);
    holds(&bot.person("mia").discord().says("/admin policy do: show rule: AMD-9").await, &["There is no AMD-9"]);
    let past = bot.person("ana").slack().says("/admin propose audit x ref:F-13 why: y due:2029-01-01").await;
    holds(&past, &["It is due at a moment to come"]);
    let prose = bot.person("ana").slack().says("/admin propose audit x ref:Kim why: y").await;
    holds(&prose, &["“Kim” is no number like F-12"]);
    let twice = bot.app.load_policy(&answering(1, "\"AMD-1\", \"amd-1\"")).await.expect_err("it is named twice");
    holds(&twice.to_string(), &["line 1: answers: name amendments, each once"]);
    bot.finish().await;
}

/// The button, for the contract of every button: of what is asked of the policy.
pub async fn press_all(bot: &Bot, on_slack: bool) {
    bot.app.apply_organisation(&signed_by("\"mia\""), false).await.expect("it holds together");
    bot.person("ana").slack().says(ASKS).await;
    bot.run_until_idle().await;
    let mia = if on_slack { bot.person("mia").slack() } else { bot.person("mia").discord() };
    mia.says(if on_slack { "/admin policy show AMD-1" } else { "/admin policy do: show rule: AMD-1" }).await;
    let told = mia.presses("Decline", "AMD-1").await;
    assert_eq!(told, "(a form)");
    let told = mia.fills(&[("why", "it is rare")]).await;
    assert!(told.contains("AMD-1"), "{told}");
}
