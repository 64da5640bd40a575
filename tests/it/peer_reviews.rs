//! A peer review asks three questions; whoever wants changes holds the change up until they agree, or its text is another.

use crate::harness::{Bot, holds};

/// It needs a review, the yes of Mia, who owns the payments, and a change manager's.
const CERTIFICATE: &str = "/change new rotate the certificate svc:payments impact: none if it goes well why: it expires \
                           plan: put the old one back @ana fails: handshakes fail -> put it back abort: cards fail \
                           tested: yes data: 1 availability: 2 compliance: 1 complexity: 2 rollback: 2";
const YES: &str = "target: yes rollback: yes effects: yes";
const WANTED: &str = "/change review verdict: changes target: yes rollback: no effects: yes why: the old one has expired change: \
                      CHG-1";

async fn asked(bot: &Bot) {
    holds(&bot.person("ana").slack().says(CERTIFICATE).await, &["CHG-1", "It is a normal change"]);
    bot.run_until_idle().await;
}

/// Whoever is asked besides says yes.
async fn others_agree(bot: &Bot) -> String {
    bot.person("mia").slack().says("/change approve CHG-1").await;
    let last = bot.person("ines").slack().says("/change approve CHG-1").await;
    bot.run_until_idle().await;
    last
}

async fn status(bot: &Bot) -> String {
    bot.database.text("select status from change where number = 1").await
}

async fn is_whole(bot: &Bot) {
    bot.run_until_idle().await;
    holds(&bot.person("zoe").slack().says("/log verify").await, &["*The log is whole.*"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reviewer_is_asked_three_questions_on_both_platforms_and_one_no_is_no_ok() {
    let bot = Bot::start().await;
    asked(&bot).await;
    let raj = bot.person("raj").discord().at("@wardroom");
    let form = raj.presses("Peer review OK", "CHG-1").await;
    holds(&form, &["Right target", "Rollback usable", "Side effects acceptable"]);
    let no = "/change review verdict: ok target: yes rollback: no effects: yes change: CHG-1";
    holds(&bot.person("raj").discord().says(no).await, &["rollback not usable", "That is no OK", "Ask for changes"]);
    let lena = bot.person("lena").slack();
    holds(&lena.says(&format!("/change review CHG-1 ok {}", YES.replacen("yes", "no", 1))).await, &["wrong target"]);
    assert_eq!(lena.says("/change review ok").await, "(a form)", "the questions are asked");
    bot.dismiss("lena");
    let ok = lena.at("changes").reviews("CHG-1 ·").await;
    holds(&ok, &["approved CHG-1 as peer reviewer: right target, rollback usable, side effects acceptable"]);
    bot.run_until_idle().await;
    holds(
        &bot.person("ana").slack().at("changes").sees(),
        &["☑ peer reviewer · *Lena Fischer*: right target, rollback usable"],
    );
    let kept = "select convert_from(body, 'UTF8') from dlog.entry where kind = 'seat.granted'";
    holds(&bot.database.text(kept).await, &["\"effects\":true", "\"rollback\":true", "\"target\":true"]);
    holds(&others_agree(&bot).await, &["CHG-1 is approved"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_changes_holds_it_up_until_they_agree_and_another_reviewers_ok_does_not_approve_it() {
    let bot = Bot::start().await;
    asked(&bot).await;
    let raj = bot.person("raj").discord();
    let wanted = raj.says(WANTED).await;
    holds(&wanted, &["asks for changes to CHG-1 first: the old one has expired · rollback not usable"]);
    holds(&wanted, &["is not approved before that, or before `/change edit`"]);
    bot.run_until_idle().await;
    holds(&bot.person("ana").slack().private(), &["*Raj Patel* asks for changes to CHG-1 first"]);
    let other = bot.person("lena").slack().says(&format!("/change review CHG-1 ok {YES}")).await;
    holds(&other, &["approved CHG-1 as peer reviewer"]);
    let last = others_agree(&bot).await;
    holds(&last, &["approved CHG-1 as change manager", "Raj Patel wants changes first."]);
    let bot = bot.again().await;
    assert_eq!(status(&bot).await, "awaiting_approval", "every seat is filled, and still");
    let card = bot.person("ana").slack().at("changes").sees();
    holds(&card, &["*Changes wanted* by *Raj Patel*: the old one has expired · right target, rollback not usable"]);
    let agreed = bot.person("raj").discord().says(&format!("/change review verdict: ok {YES} change: CHG-1")).await;
    holds(&agreed, &["wanted changes to CHG-1, and agrees to it as it is", "CHG-1 is approved"]);
    assert_eq!(status(&bot).await, "approved");
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["review.changes_wanted by raj", "seat.granted by lena", "review.agreed by raj", "change.approved"]);
    bot.run_until_idle().await;
    assert!(!bot.person("ana").slack().at("changes").sees().contains("Changes wanted"), "it is settled");
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_revision_is_not_held_up_by_what_was_said_of_the_old_one() {
    let bot = Bot::start().await;
    asked(&bot).await;
    bot.person("raj").discord().says(WANTED).await;
    holds(&bot.person("ana").slack().says("/change edit CHG-1 plan: make a new one first @ana").await, &["revision 2"]);
    bot.run_until_idle().await;
    let lena = bot.person("lena").slack().says(&format!("/change review CHG-1 ok {YES}")).await;
    assert!(!lena.contains("wants changes"), "{lena}");
    holds(&others_agree(&bot).await, &["CHG-1 is approved"]);
    is_whole(&bot).await;
    bot.finish().await;
}
