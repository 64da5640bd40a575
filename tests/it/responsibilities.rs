//! Who answers for what (RACI): written in the organisation file, asked for by whoever gives the lead, told to whoever is to be
//! consulted or informed.

use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, holds, without_hashes};

const CARDS: &str = "inc-1-cards-fail";

const TELL: &str =
    "\n[[raci]]\nactivity = \"communicate\"\naccountable = \"omar\"\nresponsible = \"ben\"\ninformed = \"zoe\"\n";

const LEAD: &str = "\n[[raci]]\nactivity = \"command\"\naccountable = \"omar\"\nresponsible = [\"ana\", \"tom\"]\n\
                    consulted = \"mia\"\ninformed = [\"zoe\", \"ana\"]\n";

const LEAD_LEDGER: &str =
    "\n[[raci]]\nactivity = \"command\"\nservice = \"ledger\"\naccountable = \"tom\"\nresponsible = \"lena\"\n";

const CHANGES: &str = "\n[[raci]]\nactivity = \"approve\"\naccountable = \"mia\"\nresponsible = \"tom\"\nconsulted = \"sam\"\n\
                       informed = \"zoe\"\n";

fn told(bot: &Bot, key: &str) -> String {
    bot.person(key).slack().private() + &bot.person(key).discord().private()
}

async fn apply(bot: &Bot, raci: &str) -> Vec<String> {
    let applied = bot.app.apply_organisation(&format!("{ORGANISATION}{raci}"), false).await.expect("it holds together");
    applied.changes.iter().map(ToString::to_string).collect()
}

async fn refused(bot: &Bot, raci: &str) -> String {
    bot.app
        .apply_organisation(&format!("{ORGANISATION}{raci}"), false)
        .await
        .expect_err("it does not hold together")
        .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_given_the_lead_where_nobody_is_accountable_for_it_but_an_emergency_does_not_wait() {
    let bot = Bot::start().await;
    assert_eq!(apply(&bot, TELL).await, ["+ raci communicate"]);
    bot.person("ana").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let ana = bot.person("ana").slack().at(CARDS);
    let refusal = ana.says("/inc lead me").await;
    insta::assert_snapshot!(without_hashes(&refusal), @"
    Nobody is Accountable for `command` on Card payments, so nobody can be given the lead.
    It need not wait for that: `/inc lead me why: …`, or a name, takes it at once, on the record. An administrator adds a `[[raci]]` entry for `command` to the organisation file; `/admin raci` shows what is missing.
      Rule 4.23 · nothing was changed · `L INC-1#5 ……`
    ");
    let raj = bot.person("raj").discord().at(CARDS);
    holds(&raj.presses("Take lead", "INC-1").await, &["Nobody is Accountable for `command` on Card payments"]);
    let lead = ana.says("/inc lead @ana why: nobody leads and every minute costs sales").await;
    insta::assert_snapshot!(without_hashes(&lead), @"
    *Ana Ruiz* leads as commander: nobody leads and every minute costs sales · nobody is Accountable for the command of payments
    *Ana Ruiz* set the status to *investigating*
    It stands on your reason. `/admin raci` shows what is missing, for an administrator to add.
      Hand it over with `/inc lead` and a name · `L INC-1#8 ……`
    ");
    bot.run_until_idle().await;
    holds(&raj.sees(), &["nobody is Accountable for the command of payments"]);

    bot.person("ana").slack().says("/inc declare sev3 totals are late svc:reports").await;
    bot.run_until_idle().await;
    let slow = bot.person("tom").discord().says("/inc lead why: I have time incident: INC-2").await;
    holds(&slow, &["Nobody is Accountable for `command` on Finance reports", "A P1 or P2 need not wait", "Rule 4.23"]);

    for check in
        [bot.person("omar").slack().says("/admin check").await, bot.person("omar").discord().says("/admin check").await]
    {
        holds(&check, &["nobody is Accountable for “command” on any service", "without a reason"]);
    }
    assert_eq!(apply(&bot, "").await, ["- raci communicate"]);
    holds(&bot.person("tom").discord().says("/inc lead incident: INC-2").await, &["leads as commander"]);
    holds(&bot.person("zoe").slack().says("/log verify").await, &["*The log is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_to_be_consulted_or_informed_is_told_of_the_step_and_a_service_may_say_otherwise() {
    let bot = Bot::start().await;
    let raci = [TELL, LEAD, LEAD_LEDGER, CHANGES].concat();
    assert_eq!(
        apply(&bot, &raci).await,
        ["+ raci approve", "+ raci command", "+ raci command of ledger", "+ raci communicate"]
    );
    assert!(apply(&bot, &raci).await.is_empty(), "nothing twice");
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let ana = ana.at(CARDS);
    ana.says("/inc lead me").await;
    bot.run_until_idle().await;
    holds(
        &told(&bot, "zoe"),
        &["*Ana Ruiz* leads as commander", "INC-1 · cards fail · You are to be informed of `command`"],
    );
    holds(&told(&bot, "mia"), &["You are to be consulted on `command` here"]);
    assert!(!told(&bot, "ana").contains("to be informed"), "of what she does herself she knows");
    ana.says("/inc update we roll back").await;
    ana.says(
        "/change emergency roll back impact: cards fail why: now plan: redeploy tested:yes data:1 availability:1 \
         compliance:1 complexity:1 rollback:1",
    )
    .await;
    bot.run_until_idle().await;
    holds(&told(&bot, "zoe"), &["we roll back", "You are to be informed of `communicate`"]);
    holds(&told(&bot, "sam"), &["You are to be consulted on `approve` here"]);
    assert!(!told(&bot, "zoe").contains("of `approve`"), "what is only asked for is not done yet");
    bot.person("raj").discord().at(CARDS).reviews("CHG-1").await;
    bot.person("tom").slack().at(CARDS).presses("Approve", "CHG-1").await;
    bot.person("mia").slack().at(CARDS).presses("Approve", "CHG-1").await;
    bot.run_until_idle().await;
    holds(&told(&bot, "zoe"), &["You are to be informed of `approve` here"]);
    let ledger = bot.person("tom").slack().says("/admin raci svc:ledger").await;
    holds(
        &ledger,
        &["Who answers for what · Ledger database", "accountable *Tom Okafor* · responsible *Lena Fischer* · its own"],
    );
    holds(&ledger, &["(`approve`, change management) · accountable *Mia Chen*", "consulted *Sam Osei*", "of the unit"]);
    holds(&ledger, &["⚠ *carrying out changes* (`implement`, change management) · nobody is named"]);
    let all = bot.person("tom").discord().says("/admin raci").await;
    holds(&all, &["Services with an entry of their own: Ledger database: command", "What is missing"]);
    holds(&all, &["nobody is Accountable for “review” on any service"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accountable_and_people_who_are_not_there_are_refused_with_the_line() {
    let bot = Bot::start().await;
    let line = ORGANISATION.lines().count() + 4;
    let two = LEAD.replace("\"omar\"", "[\"omar\", \"tom\"]");
    holds(&refused(&bot, &two).await, &[&format!("line {line}: command has 2 Accountable (omar, tom); exactly one")]);
    holds(
        &refused(&bot, &[LEAD, LEAD].concat()).await,
        &["a second entry for command", "exactly one person is Accountable"],
    );
    holds(
        &refused(&bot, &LEAD.replace("\"mia\"", "\"bob\"")).await,
        &["names the person “bob”, who is not in the file"],
    );
    let built_in = bot.person("tom").slack().says("/admin raci svc:payments").await;
    insta::assert_snapshot!(built_in, @"
    Who answers for what · Card payments
    • *leading incidents* (`command`, incident management) · accountable *Mia Chen* · responsible *Ana Ruiz*, *Raj Patel* · built in
    • *telling stakeholders* (`communicate`, the service desk) · accountable *Mia Chen* · responsible *Ben Adler* · built in
    • *approving changes* (`approve`, change management) · accountable *Mia Chen* · responsible *Tom Okafor*, *Mia Chen* · built in
    • *carrying out changes* (`implement`, change management) · accountable *Mia Chen* · responsible *Ana Ruiz*, *Raj Patel* · built in
    • *looking back on emergencies* (`review`, problem management) · accountable *Mia Chen* · responsible *Mia Chen* · built in
      Changed with `[[raci]]` in the organisation file and `wardroom org apply`
    ");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_summary_says_who_fills_which_function_and_a_missing_liaison_is_a_gap() {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let raj = bot.person("raj").discord().at(CARDS);
    let summary = raj.says("/inc sum").await;
    holds(&summary, &["incident management: ⚠ **nobody**", "the service desk: ", "problem management: "]);
    assert!(!raj.sees().contains("Service desk"), "a card shows the gap only");

    let without = ORGANISATION.replace("roles = [\"viewer\", \"communication_lead\"]", "roles = [\"viewer\"]");
    bot.app.apply_organisation(&without, false).await.expect("it holds together");
    bot.person("ana").slack().at(CARDS).says("/inc lead me").await;
    bot.run_until_idle().await;
    let summary = bot.person("ana").slack().at(CARDS).says("/inc sum").await;
    holds(&summary, &["incident management: ", "the service desk: ⚠ *nobody*"]);
    holds(&raj.sees(), &["Service desk: ⚠ nobody speaks with it"]);
    holds(&raj.says("/admin check").await, &["nobody speaks with the service desk", "communication_lead"]);

    // Whoever commands does not say yes to what resolves it, and the other way round.
    let request = "/change emergency roll back impact: cards fail why: now plan: redeploy tested:yes data:2 \
                   availability:3 compliance:1 complexity:3 rollback:3";
    bot.person("ana").slack().at(CARDS).says(request).await;
    bot.run_until_idle().await;
    bot.person("mia").slack().at(CARDS).presses("Approve", "CHG-1").await;
    let both = bot.person("mia").discord().at(CARDS).says("/inc lead person: @mia").await;
    holds(&both, &["You cannot command this incident", "Rule 4.15"]);
    bot.person("tom").slack().at(CARDS).says("/inc lead me").await;
    let both = bot.person("tom").discord().at(CARDS).says("/change approve change: CHG-1").await;
    holds(&both, &["You command INC-1", "is for others", "Rule 4.15"]);
    bot.finish().await;
}
