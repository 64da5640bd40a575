//! What an incident has to show before it is over: a list of the policy, ticked with evidence, or said by two not to apply.

use crate::harness::{Bot, Here, holds};

const LEDGER: &str = "inc-1-ledger-is-open";

fn ana(bot: &Bot) -> Here<'_> {
    bot.person("ana").slack().at(LEDGER)
}

fn omar(bot: &Bot) -> Here<'_> {
    bot.person("omar").discord().at(LEDGER)
}

/// An incident that Omar commands and that is as good as over, on which the list of a breach was put.
async fn breached(sev: &str) -> Bot {
    let bot = Bot::start().await;
    bot.person("ana").slack().says(&format!("/inc declare {sev} ledger is open svc:ledger")).await;
    bot.run_until_idle().await;
    omar(&bot).says("/inc lead person: @omar").await;
    let added = ana(&bot).says("/inc plan checklist breach").await;
    holds(
        &added,
        &[
            "puts the checklist `breach` on INC-1",
            "Before it is resolved, the checklist asks for containment, an assessment of the risk, the decision whom to",
            "`/inc plan checklist INC-1` shows it; what is on it stays on it.",
        ],
    );
    bot.run_until_idle().await;
    bot
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_not_resolved_before_its_list_is_done() {
    let bot = breached("sev2").await;
    holds(&ana(&bot).says("/inc checklist breach").await, &["The checklist breach is on INC-1 already."]);
    let room = omar(&bot).sees();
    holds(&room, &["@ana puts the checklist `breach` on INC-1", "0 of 5 done · open: containment;", "[Checklist]"]);
    omar(&bot).says("/inc status to: mitigated").await;
    let early = omar(&bot).says("/inc resolve summary: it is closed again").await;
    holds(
        &early,
        &[
            "INC-1: Before it is resolved, the checklist asks for containment, an assessment of the risk, the decision",
            "`/inc plan tick INC-1 containment` and its evidence; where it does not apply, two people say",
            "Rule 4.39 · nothing was changed",
        ],
    );

    let shown = omar(&bot).presses("Checklist", "INC-1").await;
    let item = "☐ containment (`containment`, before it is resolved) · evidence: a few words";
    holds(&shown, &["INC-1 · checklist", "0 of 5 done.", item, "[Tick] [Does not apply]"]);
    // The form asks about the next item by its name.
    assert_eq!(omar(&bot).presses("Tick", "INC-1 · checklist").await, "(a form)");
    let ticked = omar(&bot).fills(&[("evidence", "the bucket is private since 14:00")]).await;
    holds(&ticked, &["ticks `containment` on the checklist of INC-1: the bucket is private", "1 of 5 done"]);
    ana(&bot).says("/inc tick risk_assessment low, test data only").await;
    ana(&bot).says("/inc plan tick notification_decision nobody, says our lawyer").await;
    ana(&bot).says("/inc plan tick evidence https://vault.example/7").await;
    let first = omar(&bot).says("/inc plan waive item: lessons why: the review of INC-0 has them").await;
    holds(
        &first,
        &["says that `lessons` does not apply to INC-1", "somebody else says `/inc plan waive INC-1 lessons`"],
    );
    holds(&omar(&bot).says("/inc plan waive item: lessons why: so it is").await, &["You said so already"]);
    holds(
        &omar(&bot).says("/inc resolve summary: it is closed again").await,
        &["INC-1: Before it is resolved, the checklist asks for the lessons.", "Rule 4.39"],
    );
    bot.run_until_idle().await;
    holds(&ana(&bot).sees(), &["says that `lessons` does not apply to INC-1: the review of INC-0 has them"]);
    let second = ana(&bot).says("/inc plan waive lessons I agree").await;
    holds(&second, &["agrees with", "The checklist is complete."]);
    let opened = ana(&bot).says("/inc plan untick containment a copy was public").await;
    holds(&opened, &["opens `containment` again", "4 of 5 done; open: containment."]);
    holds(&omar(&bot).says("/inc resolve summary: it is closed").await, &["asks for containment"]);
    // The only one that is open need not be named.
    ana(&bot).says("/inc plan tick evidence: the copy is gone").await;
    holds(&omar(&bot).says("/inc resolve summary: it is closed").await, &["resolved **INC-1**"]);
    let late = ana(&bot).says("/inc plan untick INC-1 containment too late").await;
    holds(&late, &["INC-1 is resolved"]);
    bot.run_until_idle().await;
    holds(&ana(&bot).says("/log verify INC-1").await, &["*The log of INC-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_is_no_way_past_a_list() {
    let bot = breached("sev3").await;
    let cancelled = ana(&bot).says("/inc cancel it was a drill").await;
    holds(&cancelled, &["INC-1: Before it is cancelled, the checklist asks for containment", "Rule 4.39"]);
    // Nor is a list that comes while a cancellation waits for its second person.
    bot.person("ana").slack().says("/inc declare sev2 mail is open svc:ledger").await;
    bot.run_until_idle().await;
    let ana = bot.person("ana").slack().at("inc-2-mail-is-open");
    holds(&ana.says("/inc cancel INC-2 it was a drill").await, &["a second person must confirm"]);
    ana.says("/inc plan checklist INC-2 breach").await;
    let confirmed = bot.person("tom").slack().at("inc-2-mail-is-open").says("/inc confirm INC-2").await;
    holds(&confirmed, &["INC-2: Before it is cancelled", "Rule 4.39"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_asks_for_a_person_is_ticked_with_one_who_exists() {
    let bot = breached("sev3").await;
    ana(&bot).says("/inc plan checklist vendor").await;
    let nobody = ana(&bot).says("/inc plan tick internal_sponsor somebody in sales").await;
    let wanted = "The evidence of “an internal sponsor” is a person of the organisation (@name).";
    holds(&nobody, &[wanted, "Rule 4.39"]);
    holds(&ana(&bot).says("/inc plan tick internal_sponsor @nobody").await, &["is a person of the organisation"]);
    let named = omar(&bot).says("/inc plan tick item: internal_sponsor evidence: Mia Chen").await;
    holds(&named, &["ticks `internal_sponsor` on the checklist of INC-1: @mia"]);
    let shown = ana(&bot).says("/inc plan checklist").await;
    holds(&shown, &["☑ an internal sponsor (`internal_sponsor`, before it is resolved)", ": *Mia Chen*"]);

    let own = "/change emergency turn the key impact: none why: it leaked plan: turn it back tested:yes data:1 \
               availability:1 compliance:1 complexity:1 rollback:1 category:access";
    ana(&bot).says(own).await;
    let me = omar(&bot).says("/change plan tick change: CHG-1 item: second_reviewer evidence: @ana").await;
    holds(&me, &["“a second reviewer” is for somebody else than Ana Ruiz", "Rule 4.39"]);
    let tom = omar(&bot).says("/change plan tick change: CHG-1 item: second_reviewer evidence: @tom").await;
    holds(&tom, &["ticks `second_reviewer` on the checklist of CHG-1: @tom"]);
    bot.run_until_idle().await;
    for subject in ["INC-1", "CHG-1"] {
        holds(&ana(&bot).says(&format!("/log verify {subject}")).await, &["is whole.*"]);
    }
    bot.finish().await;
}

/// The buttons of a list, on an incident and on a change.
pub async fn press_all(bot: &Bot, on_slack: bool, room: &str) {
    let ana = bot.person("ana");
    let ana = if on_slack { ana.slack() } else { ana.discord() }.at(room);
    bot.person("ana").slack().at(room).says("/inc plan checklist INC-1 breach").await;
    bot.run_until_idle().await;
    let shown = ana.presses("Checklist", "INC-1").await;
    assert!(shown.contains("0 of 5 done"), "{shown}");
    for label in ["Tick", "Does not apply"] {
        assert_eq!(ana.presses(label, "INC-1 · checklist").await, "(a form)");
        bot.dismiss("ana");
    }
    bot.person("ana").slack().at(room).says("/change plan checklist CHG-1 network").await;
    bot.run_until_idle().await;
    let shown = ana.presses("Checklist", "CHG-1").await;
    assert!(shown.contains("0 of 3 done"), "{shown}");
    for label in ["Tick", "Does not apply"] {
        assert_eq!(ana.presses(label, "CHG-1 · checklist").await, "(a form)");
        bot.dismiss("ana");
    }
}
