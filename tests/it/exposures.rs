//! Data may have left the house: the severity, who is called, and what has to be shown before it is over.

use crate::harness::{Bot, Here, holds};

const ROOM: &str = "inc-1-a-bucket-was-public";

fn raj(bot: &Bot) -> Here<'_> {
    bot.person("raj").discord().at(ROOM)
}

/// Whether somebody was brought into a room.
fn calls(bot: &Bot, account: &str) -> bool {
    let calls = bot.slack.calls();
    calls.iter().any(|(method, sent)| method == "conversations.invite" && sent.to_string().contains(account))
}

/// An incident that Ana declared and Omar commands.
async fn declared() -> Bot {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev3 a bucket was public svc:payments").await;
    bot.run_until_idle().await;
    bot.person("omar").discord().at(ROOM).says("/inc lead person: @omar").await;
    bot.run_until_idle().await;
    bot
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspicion_raises_it_and_brings_the_officer_and_the_list_and_a_confirmation_makes_it_a_p1() {
    let bot = declared().await;
    let kim = bot.person("kim").slack().at(ROOM);
    assert!(!calls(&bot, "U0KIM"), "nobody looks after data here yet");
    let said = raj(&bot).says("/inc plan exposure to: suspected why: it was public for an hour").await;
    holds(
        &said,
        &[
            "**Data exposure suspected** on INC-1, says @raj: it was public for an hour",
            "raised the priority from P3 to **P2**: suspected data exposure",
            "puts the checklist `breach` on INC-1",
            "Before it is resolved, the checklist asks for containment",
            "`/inc plan exposure confirmed` or `none`, and why, once it is known.",
        ],
    );
    bot.run_until_idle().await;
    assert!(calls(&bot, "U0KIM"));
    holds(&kim.sees(), &["Data exposure: *suspected*", "0 of 5 done", "*Data exposure suspected* on INC-1"]);
    holds(&kim.says("/inc sum INC-1").await, &["Data exposure: *suspected*"]);
    let confirmed = bot.person("ana").slack().at(ROOM).says("/inc exposure confirmed why: the names were copied").await;
    holds(
        &confirmed,
        &[
            "from P2 to *P1*: confirmed data exposure",
            "That is a ground for a major incident (rule 4.5): `/inc major` and why.",
        ],
    );
    // Whoever looks after data declares it then, without commanding anything.
    holds(&kim.says("/inc major customers have to be told").await, &["major incident"]);
    holds(&raj(&bot).says("/inc plan exposure to: confirmed why: again").await, &["is marked on INC-1 already."]);
    holds(&bot.person("tom").slack().says("/log verify INC-1").await, &["*The log of INC-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_after_data_or_commands_takes_it_back_and_the_priority_falls_by_an_officer_and_the_commander() {
    let bot = declared().await;
    bot.person("ana").slack().at(ROOM).says("/inc exposure suspected why: it was public for an hour").await;
    bot.run_until_idle().await;
    let refused = raj(&bot).says("/inc plan exposure to: none why: nobody read it").await;
    holds(&refused, &["You cannot say that INC-1 is less than a suspected data exposure.", "Rule 4.3"]);
    let omar = bot.person("omar").discord().at(ROOM);
    let lowered = omar.says("/inc sev sev: sev3 why: nobody read it").await;
    holds(&lowered, &["You cannot lower the priority from P2 to P3.", "The privacy officer or the security lead can."]);
    let kim = bot.person("kim").slack().at(ROOM);
    holds(&kim.says("/inc sev 3 why: nobody read it").await, &["It waits for a second person: the incident commander"]);
    bot.run_until_idle().await;
    let mia = bot.person("mia").slack().at(ROOM).says("/inc confirm").await;
    holds(&mia, &["You cannot be the second person for this.", "The incident commander can."]);
    holds(&omar.says("/inc confirm").await, &["lowered the priority from P2 to **P3**"]);
    let none = kim.says("/inc exposure none why: the access log is empty").await;
    holds(
        &none,
        &[
            "*No data exposure* on INC-1 after all, says *Kim Novak*: the access log is empty",
            "The priority and the checklist stay as they are",
        ],
    );
    bot.run_until_idle().await;
    let card = omar.sees();
    holds(&card, &["0 of 5 done"]);
    assert!(!card.contains("Data exposure: "), "{card}");
    holds(&bot.person("tom").slack().says("/log verify INC-1").await, &["*The log of INC-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_list_may_be_named_and_what_is_no_list_is_refused_before_anything_is_said() {
    let bot = declared().await;
    let ana = bot.person("ana").slack().at(ROOM);
    holds(&ana.says("/inc exposure suspected category:gdpr why: x").await, &["There is no category “gdpr”"]);
    let named = ana.says("/inc exposure suspected category:database_schema why: rows of another tenant").await;
    holds(&named, &["puts the checklist `database_schema` on INC-1"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_to_be_lowered_is_void_once_an_exposure_is_marked() {
    let bot = declared().await;
    let omar = bot.person("omar").discord().at(ROOM);
    omar.says("/inc sev sev: sev1 why: all regions").await;
    holds(&omar.says("/inc sev sev: sev2 why: one region").await, &["It waits for a second person"]);
    let marked = raj(&bot).says("/inc plan exposure to: suspected why: it was public for an hour").await;
    holds(&marked, &["The request to lower the priority is void: an officer asks for that now."]);
    let tom = bot.person("tom").slack().at(ROOM);
    holds(&tom.says("/inc confirm").await, &["Nothing on INC-1 waits for a second person.", "It is P1"]);
    bot.finish().await;
}
