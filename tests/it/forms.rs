//! Forms: what is missing is asked for, and what was given is not asked again.

use insta::assert_snapshot;

use crate::harness::{Bot, without_hashes};

const ROOM: &str = "inc-1-cards-fail";

const ANSWERS: [(&str, &str); 9] = [
    ("impact", "cards fail"),
    ("why", "every minute costs sales"),
    ("plan", "deploy 4.2 again"),
    ("tested", "no"),
    ("data", "1"),
    ("availability", "2"),
    ("compliance", "1"),
    ("complexity", "1"),
    ("rollback", "2"),
];

async fn with_an_incident() -> Bot {
    let bot = Bot::start().await;
    bot.person("ana").discord().says("/inc declare cards fail sev: sev1 svc: payments").await;
    bot.run_until_idle().await;
    bot
}

#[tokio::test(flavor = "multi_thread")]
async fn discord_asks_for_the_choices_first_and_then_for_the_texts() {
    let bot = with_an_incident().await;
    let ana = bot.person("ana").discord().at(ROOM);
    let asked = ana.says("/change emergency roll back complexity: 1").await;
    assert_snapshot!(asked, @"
    **/change emergency**
      Likely asked for a yes, as owner or authority of Card payments: Mia Chen, Tom Okafor.
      - Impact now: cards fail, on Card payments. P1, since 14:00 UTC. · from INC-1
      - Why it can't wait: INC-1 is P1, and declared. · from INC-1
      - Complexity: **1 · one automated step**
      - Service: **payments · Card payments** · from INC-1
      <Tested>
      <Risk to data>
      <Risk to availability>
      <Risk to compliance>
      [Continue]
    ");
    let requested = ana.fills(&ANSWERS).await;
    assert_snapshot!(without_hashes(&requested), @"
    @ana asks for the emergency change **CHG-1** on payments: roll back · risk 10, band **medium** · needs a peer review, the technical authority, the service owner and an executive's acceptance of the risk · asked: @raj, @mia, @tom, **Zoe Laurent** (edited)
      Risk 10, medium risk. +2 highest impact 2 times complexity 1 · +3 a tier 1 service · +1 services that depend on it · +4 not tested.
      It needs a peer review, the technical authority, the service owner and an executive's acceptance of the risk. The card in the war room shows who has said what.
      Only Mia Chen can be asked as service owner: a single point.
      Only Zoe Laurent can be asked as executive risk acceptor: a single point.
      Nothing waits for the rest of its plan; its review will ask for it: step owners, failure modes, abort criteria.
      Filled in for you: svc from INC-1.
      -# `/change withdraw CHG-1` and why takes it back · `L CHG-1#1 ……`
    ");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untested_change_needs_an_executive_who_types_that_the_risk_is_accepted() {
    let bot = with_an_incident().await;
    let ana = bot.person("ana").slack().at(ROOM);
    ana.says("/change emergency roll back").await;
    ana.fills(&ANSWERS).await;
    bot.run_until_idle().await;
    bot.person("raj").discord().at(ROOM).reviews("CHG-1").await;
    bot.person("tom").discord().at(ROOM).presses("Approve", "CHG-1").await;
    bot.person("mia").slack().at(ROOM).presses("Approve", "CHG-1").await;
    let refused = bot.person("kim").slack().says("/change accept-risk CHG-1 fine with me alternatives:none").await;
    assert_snapshot!(without_hashes(&refused), @"
    The seat of executive risk acceptor is not yours for this change.
    Asked are the duty executive, then the next on the list.
      Rule 4.10 · nothing was changed · `L CHG-1#5 ……`
    ");
    let zoe = bot.person("zoe").slack();
    assert_eq!(zoe.says("/change accept-risk CHG-1").await, "(a form)");
    let said = [("why", "a day without cards costs more"), ("alternatives", "nothing is as quick")];
    let accepted = zoe.fills(&said).await;
    assert_snapshot!(without_hashes(&accepted), @"
    *Zoe Laurent* accepted the risk of CHG-1 as executive: a day without cards costs more
    The acceptance of the risk of CHG-1 is good until 6 Feb 14:00 UTC · besides: nothing is as quick
    *CHG-1 is approved.* It may run until 18:00 UTC
      `L CHG-1#8 ……`
    ");
    assert_snapshot!(bot.decision_log("CHG-1").await, @"
    CHG-1#1 change.requested by ana
    CHG-1#2 seat.granted by raj
    CHG-1#3 seat.granted by tom
    CHG-1#4 seat.granted by mia
    CHG-1#5 refused by kim
    CHG-1#6 seat.granted by zoe
    CHG-1#7 acceptance.given by zoe
    CHG-1#8 change.approved by zoe
    ");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_belongs_to_whoever_opened_it_and_to_the_place_where_it_was_opened() {
    let bot = with_an_incident().await;
    let ana = bot.person("ana").slack().at(ROOM);
    assert_eq!(ana.presses("Resolve", "INC-1").await, "(a form)");
    ana.says("/inc status mitigated").await;
    let resolved = ana.fills(&[("summary", "a switch was flipped back")]).await;
    assert_snapshot!(without_hashes(&resolved), @"
    *Ana Ruiz* resolved *INC-1*: a switch was flipped back
    Stakeholders got an update
      `L INC-1#7 ……`
    ");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_is_enough_where_nothing_else_is_missing() {
    let bot = with_an_incident().await;
    let ana = bot.person("ana").discord().at(ROOM);
    let asked = ana.says("/inc status").await;
    assert_snapshot!(asked, @"
    **/inc status**
      <Status>
      [Continue]
    ");
    let told = ana.chooses_only(&[("to", "investigating")]).await;
    assert_snapshot!(without_hashes(&told), @"
    @ana set the status to **investigating** (edited)
      -# `L INC-1#5 ……`
    ");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_not_there_is_answered_with_the_nearest_names() {
    let bot = Bot::start().await;
    let told = bot.person("ana").slack().says("/inc declare sev2 cards fail svc:paymnets").await;
    assert_snapshot!(told, @"
    There is no service “paymnets”. Nearest: payments.
    • /inc declare sev2 checkout returns 502 svc:payments
    ");
    let told = bot.person("ana").slack().says("/inc delcare sev2").await;
    assert_snapshot!(told, @"
    /inc has no “delcare”. Did you mean “declare”?
    • /inc declare sev2 checkout returns 502 svc:payments
    • /inc panel
    • /inc lead me
    ");
    bot.finish().await;
}
