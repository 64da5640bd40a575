//! An executive takes a risk upon them: typed, for the revision that they read, and kept in full.

use crate::harness::{Bot, Here, holds};

const ROOM: &str = "inc-1-cards-fail";

const UNTESTED: &str = "/change emergency roll back impact: cards fail why: every minute costs plan: redeploy 4.2 @ana \
                        fails: errors double -> stop abort: more errors tested:no data:1 availability:2 compliance:1 complexity:1 rollback:1";

/// What is wrong in the form that is open.
fn errors(person: &Here<'_>) -> String {
    person.modal().expect("the form stays open")["errors"].to_string()
}

/// Ana asks for an untested change of a P1; only the acceptance of its risk is missing.
async fn all_but_accepted() -> Bot {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev1 cards fail svc:payments").await;
    bot.run_until_idle().await;
    bot.person("ana").slack().at(ROOM).says(UNTESTED).await;
    bot.run_until_idle().await;
    bot.person("raj").discord().at(ROOM).reviews("CHG-1").await;
    bot.person("tom").discord().at(ROOM).presses("Approve", "CHG-1").await;
    bot.person("mia").slack().at(ROOM).presses("Approve", "CHG-1").await;
    bot.run_until_idle().await;
    bot
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executive_reads_the_risk_in_private_types_the_number_and_the_log_keeps_what_was_accepted() {
    let bot = all_but_accepted().await;
    let refused = bot.person("ana").slack().at(ROOM).says("/change start").await;
    holds(&refused, &["not approved yet"]);
    let zoe = bot.person("zoe").slack().at("@wardroom");
    let risk = [
        "The risk that you would take upon you",
        "It was not tested",
        "Rollback plan: redeploy 4.2",
        "Impact: cards fail",
    ];
    holds(&bot.person("zoe").slack().private(), &risk);

    assert_eq!(zoe.presses("Accept risk", "CHG-1").await, "(a form)");
    let said = [("why", "a day costs more"), ("alternatives", "wait for the vendor's fix"), ("until", "+7d")];
    zoe.fills(&[&[("change", "CHG-2")], &said[..]].concat()).await;
    holds(&errors(&zoe), &["This is about CHG-1: type that number"]);
    zoe.fills(&[&[("change", "CHG-1")], &said[..2], &[("until", "+91d")]].concat()).await;
    holds(&errors(&zoe), &["A risk is accepted for 90 days at most"]);
    let accepted = zoe.fills(&[&[("change", "chg-1")], &said[..]].concat()).await;
    holds(&accepted, &["accepted the risk of CHG-1", "a day costs more", "CHG-1 is approved"]);
    holds(&accepted, &["good until", "14 Jan", "besides: wait for the vendor's fix"]);
    let card = bot.person("raj").discord().says("/change show change: CHG-1").await;
    holds(&card, &["Zoe Laurent", "besides: wait for the vendor's fix"]);

    let kept = "select convert_from(disclosure, 'UTF8') from dlog.disclosure d join dlog.entry e on e.id = d.entry_id
                where e.kind = 'seat.granted'";
    let kept = bot.database.texts(kept).await;
    holds(&kept.concat(), &["CHG-1 revision 1", "It was not tested.", "Rollback plan: redeploy 4.2"]);
    holds(&kept.concat(), &["Alternatives considered: wait for the vendor's fix", "Accepted until"]);
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["acceptance.given by zoe"]);
    holds(&zoe.says("/log verify").await, &["*The log is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_edited_while_the_form_was_open_is_not_accepted() {
    let bot = all_but_accepted().await;
    let zoe = bot.person("zoe").slack().at("@wardroom");
    let ines = bot.person("ines").slack().at(ROOM);
    assert_eq!(zoe.presses("Accept risk", "CHG-1").await, "(a form)");
    assert_eq!(ines.presses("Reject", "CHG-1").await, "(a form)");
    bot.person("ana").slack().at(ROOM).says("/change edit CHG-1 plan: restore the backup").await;
    let stale = zoe.fills(&[("change", "CHG-1"), ("why", "a day costs more"), ("alternatives", "none")]).await;
    holds(&stale, &["revision 2"]);
    let ballot = ines.fills(&[("why", "no way back")]).await;
    holds(&ballot, &["revision 2"]);
    let log = bot.decision_log("CHG-1").await;
    assert!(!log.contains("seat.granted by zoe") && !log.contains("change.rejected"), "{log}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executive_declines_and_the_change_is_rejected() {
    let bot = all_but_accepted().await;
    let zoe = bot.person("zoe").slack().at("@wardroom");
    assert_eq!(zoe.presses("Reject", "CHG-1").await, "(a form)");
    holds(&zoe.fills(&[("why", "too much for one day")]).await, &["rejected", "too much for one day"]);
    holds(&bot.decision_log("CHG-1").await, &["change.rejected by zoe"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_executive_is_asked_after_a_quarter_of_an_hour_of_a_p1_and_a_business_day_of_a_planned_change() {
    let bot = Bot::start().await;
    let asked = "select (ask->>'seat') || ' ' || to_char((ask->>'until')::timestamptz - requested_at, 'DD HH24:MI')
                 from change, jsonb_array_elements(asks) ask where ask->>'seat' = 'executive' order by number";
    bot.person("ana").slack().says("/inc declare sev1 cards fail svc:payments").await;
    bot.run_until_idle().await;
    bot.person("ana").slack().at(ROOM).says(UNTESTED).await;
    bot.person("ana").slack().says(&UNTESTED.replace("emergency roll back", "new rotate the key svc:payments")).await;
    bot.run_until_idle().await;
    assert_eq!(bot.database.texts(asked).await, ["executive 00 00:15", "executive 01 00:00"]);
    bot.finish().await;
}

/// Medium, and no way back.
const FOR_GOOD: &str = "/change new drop the old table svc:payments impact: none why: it is empty plan: restore it from the \
                        backup @ana 30m fails: it is used -> restore it abort: cards fail tested:yes data:1 availability:1 \
                        compliance:1 complexity:1 rollback:5 until:+4h";

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_back_is_a_risk_that_an_executive_takes_and_the_data_owner_agrees_to() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    let asked = ana.says(FOR_GOOD).await;
    holds(
        &asked,
        &[
            "medium",
            "a peer review, the data owner, the vote of the CAB and an executive's acceptance of the risk",
            "Zoe Laurent",
        ],
    );
    bot.run_until_idle().await;
    holds(&bot.person("zoe").slack().private(), &["It cannot be taken back."]);
    bot.person("raj")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    for key in ["mia", "tom", "kim"] {
        bot.person(key).discord().says("/change approve change: CHG-1").await;
    }
    bot.person("ines").slack().says("/change approve CHG-1").await;
    let owner = bot.person("yuki").discord().says("/change approve change: CHG-1").await;
    holds(&owner, &["approved CHG-1 as data owner"]);
    bot.run_until_idle().await;
    let shown = ana.says("/change show CHG-1").await;
    holds(&shown, &["awaiting approval", "☑ data owner", "☐ executive risk acceptor · ask *Zoe Laurent*"]);
    let accepted = bot
        .person("zoe")
        .slack()
        .says("/change accept-risk CHG-1 the backup is two copies alternatives:keep it a year")
        .await;
    holds(&accepted, &["CHG-1 is approved"]);
    bot.run_until_idle().await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_taken_back_by_hand_asks_neither() {
    let bot = Bot::start().await;
    let asked = bot.person("ana").slack().says(&FOR_GOOD.replace("rollback:5", "rollback:4")).await;
    holds(&asked, &["medium", "It needs a peer review, the service owner and the change manager."]);
    bot.finish().await;
}

/// Not tested, and medium. It may run in two weeks.
const LATER: &str = "/change new move the queue svc:payments impact: none why: routine plan: move it back @ana fails: it \
                     hangs -> move it back abort: cards fail tested:no data:1 availability:1 compliance:1 complexity:1 \
                     rollback:1 from:2030-01-21T10:00Z until:2030-01-21T20:00Z";

#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_that_is_over_counts_no_more_also_over_a_restart_until_somebody_accepts_the_risk_anew() {
    let bot = Bot::start().await;
    holds(&bot.person("ana").slack().says(LATER).await, &["medium", "an executive's acceptance of the risk"]);
    bot.run_until_idle().await;
    bot.person("raj")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    bot.person("mia").discord().says("/change approve change: CHG-1").await;
    bot.person("ines").slack().says("/change approve CHG-1").await;
    let accept = "/change accept-risk CHG-1 it waits long enough alternatives:a copy of it until:+3d";
    let accepted = bot.person("zoe").slack().says(accept).await;
    holds(&accepted, &["CHG-1 is approved", "good until"]);
    bot.run_until_idle().await;
    bot.pass(3 * 24 * 60 - 1).await;
    assert!(!bot.person("ana").slack().private().contains("has not started"), "it is good for a minute yet");
    // The moment comes while nobody is there to keep the promise.
    bot.sleep_through(30).await;
    let bot = bot.again().await;
    bot.run_until_idle().await;
    let bot = bot.again().await;
    bot.run_until_idle().await;
    for key in ["ana", "zoe", "mia"] {
        let told = bot.person(key).slack().private();
        assert_eq!(told.matches("accepted the risk of CHG-1 until").count(), 1, "{key}: {told}");
    }
    holds(&bot.person("raj").discord().says("/change show change: CHG-1").await, &["acceptance ended"]);
    let log = bot.decision_log("CHG-1").await;
    assert_eq!(log.matches("acceptance.expired by wardroom").count(), 1, "{log}");
    // Its window opens, and it does not start.
    bot.pass(10 * 24 * 60 + 20 * 60).await;
    let ana = || bot.person("ana").slack();
    let refused = ana().says("/change start CHG-1").await;
    holds(
        &refused,
        &["Zoe Laurent accepted the risk of CHG-1 until", "that is over", "accept-risk CHG-1", "Rule 4.10"],
    );
    let own = ana().says("/change accept-risk CHG-1 fine alternatives:none").await;
    holds(&own, &["you asked for it"]);
    let anew =
        bot.person("zoe").slack().says("/change accept-risk CHG-1 still worth it alternatives:none is better").await;
    holds(&anew, &["accepted the risk of CHG-1 anew", "still worth it", "good until"]);
    holds(&ana().says("/change start CHG-1").await, &["started CHG-1"]);
    holds(&bot.person("zoe").slack().says("/log verify").await, &["*The log is whole.*"]);
    bot.finish().await;
}
