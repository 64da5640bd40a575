//! What one person may not do alone, and what an account may do that nobody knows.

use insta::assert_snapshot;

use crate::harness::{Bot, without_hashes};

#[tokio::test(flavor = "multi_thread")]
async fn a_mistaken_declaration_is_cancelled_by_two_people_and_everyone_who_was_told_hears_of_it() {
    let bot = Bot::start().await;
    let (ana, omar) = (bot.person("ana").slack(), bot.person("omar").discord());
    ana.says("/inc declare sev2 test alert svc:reports").await;
    bot.run_until_idle().await;
    let room = "inc-1-test-alert";
    let asked = ana.says("/inc cancel nothing was broken").await;
    assert_snapshot!(without_hashes(&asked), @"
    *Ana Ruiz* asks to cancel the incident: nothing was broken · a second person must confirm
    It waits for a second person: the incident commander or the duty manager or the service owner, other than you. They press Confirm on the card, or say `/inc confirm`.
      `L INC-1#5 ……`
    ");
    bot.run_until_idle().await;
    let alone = bot.person("ana").slack().at(room).presses("Confirm", "INC-1").await;
    assert_snapshot!(without_hashes(&alone), @"
    You asked for this, so somebody else confirms it.
    Another commander, the duty manager or the service owner can. `/inc decline` takes it back.
      Rule 4.15 · nothing was changed · `L INC-1#6 ……`
    ");
    let confirmed = omar.at(room).presses("Confirm", "INC-1").await;
    assert_snapshot!(without_hashes(&confirmed), @"
    @omar confirmed what @ana asked for: the incident is cancelled
      @omar cancelled **INC-1**: nothing was broken
      Stakeholders got an update
      -# `L INC-1#9 ……`
    ");
    bot.run_until_idle().await;
    assert!(bot.person("ben").slack().at("status-updates").sees().contains("cancelled"));
    assert_snapshot!(bot.decision_log("INC-1").await, @"
    INC-1#1 incident.declared by ana
    INC-1#2 update.sent by ana
    INC-1#3 room.opened by wardroom
    INC-1#4 room.opened by wardroom
    INC-1#5 incident.step_requested by ana
    INC-1#6 refused by ana
    INC-1#7 incident.step_confirmed by omar
    INC-1#8 incident.cancelled by omar
    INC-1#9 update.sent by omar
    ");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_nobody_knows_may_declare_and_note_and_nothing_else() {
    let bot = Bot::start().await;
    let pat = bot.person("pat");
    let declared = pat.slack().says("/inc declare sev3 login is slow svc:accounts").await;
    assert_snapshot!(without_hashes(&declared), @"
    *pat* declared *INC-1* as *P3* on accounts: login is slow
    A war room is being opened; the people on call are brought in.
      Declared by mistake? `/inc cancel INC-1` and why · `L INC-1#1 ……`
    ");
    bot.run_until_idle().await;
    let room = "inc-1-login-is-slow";
    pat.discord().at(room).says("/inc note I see it on my phone too").await;
    let refused = pat.slack().at(room).says("/inc lead me").await;
    assert_snapshot!(without_hashes(&refused), @"
    I don't know who you are yet, so you cannot take this role.
    `/admin link` shows how to link this account to you; then try again.
      Rule 4.23 · nothing was changed · `L INC-1#5 ……`
    ");
    assert_snapshot!(pat.slack().says("/admin whoami").await, @"
    Your account is not linked to a person here.
    You may declare an incident, add a note, and ask for help. For more, `/admin link` shows how to link this account to you.
    ");
    assert_snapshot!(bot.decision_log("INC-1").await, @"
    INC-1#1 incident.declared by slack:U0PAT
    INC-1#2 room.opened by wardroom
    INC-1#3 room.opened by wardroom
    INC-1#4 incident.noted by discord:100000000000000099
    INC-1#5 refused by slack:U0PAT
    ");
    bot.finish().await;
}
