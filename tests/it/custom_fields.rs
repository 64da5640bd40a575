//! Fields of an organisation's own: asked for where the policy says, and missed at the step that they hold up.

use insta::assert_snapshot;
use wardroom::domain::policy::DEFAULT_TOML;
use wardroom::store::Job;

use crate::harness::{Bot, Here, holds, without_hashes};

const FIELDS: &str = r#"
[custom_fields.change.ticket]
what = "the ticket of the service desk"
before = "submit"

[custom_fields.change.key_holder]
what = "who holds the key"
before = "start"
bands = ["high", "critical"]
regime = "sox"

[custom_fields.change.channel]
what = "how users are told"
before = "validate"
one_of = ["mail", "banner", "nobody"]

[custom_fields.incident.cause]
what = "the category of the cause"
before = "close"
one_of = ["config", "code", "capacity"]
priorities = ["P1", "P2"]
regime = "dora"
"#;
const LEDGER: &str = "inc-1-ledger-is-slow";
const FIX: &str = "/change emergency add an index impact: slow why: queues grow plan: drop it again tested:yes data:1 \
                   availability:1 compliance:1 complexity:1 rollback:1";

fn ana(bot: &Bot) -> Here<'_> {
    bot.person("ana").slack().at(LEDGER)
}

fn omar(bot: &Bot) -> Here<'_> {
    bot.person("omar").discord().at(LEDGER)
}

async fn with_fields() -> Bot {
    let bot = Bot::start().await;
    bot.app.load_policy(&format!("{DEFAULT_TOML}\n{FIELDS}")).await.expect("a sound policy");
    bot.person("ana").slack().says("/inc declare sev2 ledger is slow svc:ledger").await;
    bot.run_until_idle().await;
    omar(&bot).says("/inc lead person: @omar").await;
    bot
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_field_of_a_change_holds_up_the_approval_and_then_the_end() {
    let bot = with_fields().await;
    let asked = ana(&bot).says(FIX).await;
    holds(&asked, &["Still to be filled in: how users are told and the ticket of the service desk", "ticket:…"]);
    assert!(!asked.contains("who holds the key"), "it is asked of high risk alone: {asked}");
    bot.run_until_idle().await;
    holds(
        &omar(&bot).sees(),
        &["**To be filled in:** how users are told; the ticket of the service desk", "[Fill in]"],
    );
    bot.person("raj").discord().at(LEDGER).reviews("CHG-1").await;
    bot.person("lena").slack().at(LEDGER).presses("Approve", "CHG-1").await;
    bot.person("tom").discord().at(LEDGER).presses("Approve", "CHG-1").await;
    bot.run_until_idle().await;
    assert_snapshot!(without_hashes(&ana(&bot).says("/change start CHG-1").await), @"
    CHG-1: before it is approved, the ticket of the service desk has to be filled in.
    `/change plan fill CHG-1 ticket:…` does it; without values a form opens.
      Rule 4.39 · nothing was changed · `L CHG-1#6 ……`
    ");

    // What is wrong is named, and nothing of it is kept.
    holds(
        &omar(&bot).says("/change plan fill CHG-1 with: channel:fax colour:red").await,
        &["channel is mail, banner or nobody.", "CHG-1 has no field “colour”."],
    );
    let filled = omar(&bot).says("/change plan fill CHG-1 with: ticket:OPS 7").await;
    holds(&filled, &["fills in `ticket` of CHG-1: OPS 7", "CHG-1 is approved", "how users are told"]);
    holds(&ana(&bot).says("/change start CHG-1").await, &["started CHG-1"]);
    holds(&ana(&bot).says("/change done").await, &["before it is validated, how users are told has to be filled in"]);
    let form = bot.person("ana").slack().at(LEDGER).presses("Fill in", "CHG-1").await;
    assert_snapshot!(form, @"(a form)");
    let sent = ana(&bot).fills(&[("with_channel", "banner")]).await;
    holds(&sent, &["Everything is filled in"]);
    holds(&ana(&bot).says("/change done").await, &["finished CHG-1"]);
    bot.run_until_idle().await;
    holds(&omar(&bot).sees(), &["the ticket of the service desk: **OPS 7**", "how users are told: **banner**"]);
    holds(&ana(&bot).says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_great_incident_is_not_resolved_without_its_cause_and_a_lesser_one_is() {
    let bot = with_fields().await;
    ana(&bot).says("/inc status mitigated").await;
    assert_snapshot!(without_hashes(&ana(&bot).says("/inc resolve the index is back").await), @"
    INC-1: before it is resolved, the category of the cause (dora) has to be filled in.
    `/inc fill INC-1 cause:config` does it; without values a form opens.
      Rule 4.39 · nothing was changed · `L INC-1#9 ……`
    ");
    let sees = omar(&bot).sees();
    holds(&sees, &["**To be filled in:** the category of the cause", "[Fill in]"]);
    omar(&bot).presses("Fill in", "INC-1").await;
    holds(&omar(&bot).chooses_only(&[("with_cause", "capacity")]).await, &["fills in `cause` of INC-1: capacity"]);
    holds(&ana(&bot).says("/inc resolve the index is back").await, &["resolved *INC-1*"]);
    holds(&ana(&bot).says("/log verify INC-1").await, &["*The log of INC-1 is whole.*"]);

    bot.person("ana").slack().says("/inc declare sev4 a pump rattles svc:shop").await;
    bot.run_until_idle().await;
    let room = ana(&bot).at("inc-2-a-pump-rattles");
    room.says("/inc status mitigated").await;
    holds(&room.says("/inc resolve it is quiet again").await, &["resolved *INC-2*"]);
    bot.finish().await;
}

/// Rule 4.35: what cannot be said now is set aside by the owner of the service, for a while.
#[tokio::test(flavor = "multi_thread")]
async fn an_exception_lets_a_change_go_on_without_its_fields() {
    let bot = with_fields().await;
    ana(&bot).says(FIX).await;
    bot.run_until_idle().await;
    bot.person("raj").discord().at(LEDGER).reviews("CHG-1").await;
    bot.person("lena").slack().at(LEDGER).presses("Approve", "CHG-1").await;
    bot.person("tom").discord().at(LEDGER).presses("Approve", "CHG-1").await;
    bot.run_until_idle().await;
    let why = "until:+1d control: told by mail why: the service desk is down";
    let asked = ana(&bot).says(&format!("/cab exception ask CHG-1 rule:optional_fields {why}")).await;
    holds(&asked, &["*EXC-1*, an exception of the low class", "the service owner (Tom Okafor)"]);
    bot.run_until_idle().await;
    bot.person("tom").slack().says("/cab exception approve EXC-1").await;
    bot.run_until_idle().await;
    holds(&ana(&bot).says("/change start CHG-1").await, &["started CHG-1"]);
    holds(&bot.person("tom").slack().says("/cab exception list EXC-1").await, &["CHG-1"]);
    holds(&ana(&bot).says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

/// Whoever is asked for an eleventh thing every time fills in anything.
#[tokio::test(flavor = "multi_thread")]
async fn an_eleventh_field_that_is_always_asked_for_is_refused() {
    let bot = Bot::start().await;
    let field = |number: usize, more: &str| {
        format!("[custom_fields.change.f{number}]\nwhat = \"field {number}\"\nbefore = \"start\"\n{more}\n")
    };
    let ten: String = (0..10).map(|number| field(number, "")).collect();
    let eleven = format!("{DEFAULT_TOML}\n{ten}{}", field(10, ""));
    let refused = bot.app.load_policy(&eleven).await.expect_err("they are too many").to_string();
    holds(&refused, &["custom_fields.change", "11 fields are asked of every change; at most 10 are"]);
    let conditional = format!("{DEFAULT_TOML}\n{ten}{}", field(10, "kinds = [\"emergency\"]"));
    bot.app.load_policy(&conditional).await.expect("the eleventh has a condition");
    bot.finish().await;
}

/// The check of S1.M6.3: what is incomplete is listed until it is filled in; and of S2.M6.1: how long that takes.
#[tokio::test(flavor = "multi_thread")]
async fn records_with_empty_fields_are_reported_until_they_are_filled_in() {
    let bot = Bot::start().await;
    let ines = bot.person("ines").slack();
    holds(&ines.says("/report fields").await, &["No record of 90 days was asked for fields of your own."]);
    bot.finish().await;

    let bot = with_fields().await;
    let ines = bot.person("ines").slack();
    ana(&bot).says(FIX).await;
    bot.pass(12).await;
    assert_snapshot!(ines.says("/report fields").await, @"
    Fields that are still empty
    *2 records of 2 in 90 days:*
    • *CHG-1* add an index · Ledger database · 7 Jan 14:00 UTC · `channel`, `ticket`
    • *INC-1* ledger is slow · Ledger database · 7 Jan 14:00 UTC · `cause`
    *Filled in after (median):* `cause` 0 of 1 · `channel` 0 of 1 · `ticket` 0 of 1
    ");
    omar(&bot).says("/change plan fill CHG-1 with: ticket:OPS-7 channel:mail").await;
    omar(&bot).says("/inc fill with: cause:config").await;
    assert_snapshot!(bot.person("omar").discord().says("/report fields days:30").await, @"
    No field is empty · 2 records in 30 days with fields of your own.
      **Filled in after (median):** `cause` 12 min, 1 of 1 · `channel` 12 min, 1 of 1 · `ticket` 12 min, 1 of 1
    ");

    // A form that was sent, and one that nobody sends.
    let kim = bot.person("kim").slack().at("changes");
    assert_eq!(kim.says("/change new rotate the certificate svc:shop").await, "(a form)");
    bot.pass(3 * 24 * 60).await;
    let mut tx = bot.app.store.begin(1).await.expect("Postgres answers");
    tx.enqueue([Job::Forget { tenant: 1 }.now()]);
    tx.commit().await.expect("it is planned");
    bot.run_until_idle().await;
    holds(&ines.says("/report fields").await, &["*Forms:*", "`/change new` 1 opened, 1 not sent"]);
    let owner = bot.person("tom").slack().says("/report fields").await;
    assert!(owner.contains("on Accounts, Ledger database") && !owner.contains("Forms"), "{owner}");
    holds(&ana(&bot).says("/report fields").await, &["You cannot see reports on changes and incidents."]);
    bot.finish().await;
}

const CONDITIONS: &str = r#"
[custom_fields.change.console]
what = "who has the console"
before = "start"
categories = ["network"]

[custom_fields.change.books]
what = "how the books are reconciled"
before = "validate"
services = ["ledger"]

[custom_fields.incident.cause]
what = "the category of the cause"
before = "close"
one_of = ["code", "vendor"]

[custom_fields.incident.case]
what = "the number of the vendor's case"
before = "close"
when = { cause = ["vendor"] }

[custom_fields.incident.exposed]
what = "whose data it was"
before = "close"
categories = ["breach"]
"#;

async fn with_conditions() -> Bot {
    let bot = Bot::start().await;
    bot.app.load_policy(&format!("{DEFAULT_TOML}\n{CONDITIONS}")).await.expect("a sound policy");
    bot.person("ana").slack().says("/inc declare sev2 ledger is slow svc:ledger").await;
    bot.run_until_idle().await;
    omar(&bot).says("/inc lead person: @omar").await;
    bot
}

/// The check of S2.M6.1: a conditional field appears only for its condition.
#[tokio::test(flavor = "multi_thread")]
async fn a_field_of_a_service_or_a_category_is_asked_for_there_alone_and_no_longer_once_that_has_changed() {
    let bot = with_conditions().await;
    let ines = bot.person("ines").slack();
    ana(&bot).says(FIX).await;
    let card = |bot: &Bot| omar(bot).sees();
    bot.run_until_idle().await;
    holds(&card(&bot), &["**To be filled in:** how the books are reconciled"]);
    let added = omar(&bot).says("/change plan checklist change: CHG-1 category: network").await;
    holds(&added, &["Still to be filled in: how the books are reconciled and who has the console"]);
    bot.run_until_idle().await;
    holds(&card(&bot), &["**To be filled in:** how the books are reconciled; who has the console"]);
    holds(&ines.says("/report fields").await, &["`books`, `console`"]);

    // Another service, another field; what nobody has filled in of the service before is asked for no longer.
    let moved = ana(&bot).says("/change edit CHG-1 svc:shop").await;
    holds(&moved, &["CHG-1 no longer has to say: `books`"]);
    bot.run_until_idle().await;
    holds(&card(&bot), &["**To be filled in:** who has the console"]);
    holds(&ines.says("/report fields").await, &["· `console`"]);
    let refused = omar(&bot).says("/change plan fill CHG-1 with: books:by hand").await;
    holds(&refused, &["CHG-1 has no field “books”."]);
    omar(&bot).presses("Fill in", "CHG-1").await;
    holds(&omar(&bot).fills(&[("with_console", "Tom")]).await, &["Everything is filled in."]);
    holds(&ana(&bot).says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_of_a_cause_is_asked_for_once_that_is_the_cause_and_no_longer_once_it_is_not() {
    let bot = with_conditions().await;
    let room = ana(&bot);
    room.says("/inc status mitigated").await;
    let vendor = room.says("/inc fill cause:vendor").await;
    holds(&vendor, &["Still to be filled in: the number of the vendor's case", "case:…"]);
    bot.run_until_idle().await;
    holds(&omar(&bot).sees(), &["**To be filled in:** the number of the vendor's case", "[Fill in]"]);
    let held = omar(&bot).says("/inc resolve text: the index is back").await;
    holds(&held, &["before it is resolved, the number of the vendor's case has to be filled in"]);
    let corrected = room.says("/inc fill cause:code").await;
    holds(&corrected, &["INC-1 no longer has to say: `case`", "Everything is filled in."]);
    let breach = omar(&bot).says("/inc plan checklist category: breach").await;
    holds(&breach, &["Still to be filled in: whose data it was"]);
    holds(&room.says("/inc fill exposed:nobody's").await, &["Everything is filled in."]);
    holds(&room.says("/log verify INC-1").await, &["*The log of INC-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_that_could_never_hold_is_refused_with_its_line() {
    let bot = Bot::start().await;
    let first = DEFAULT_TOML.lines().count() + 2;
    let refused = async |condition: &str| {
        let field = "[custom_fields.incident.cause]\nwhat = \"the cause\"\nbefore = \"close\"\none_of = [\"code\"]\n";
        let field =
            format!("{field}[custom_fields.incident.case]\nwhat = \"the case\"\nbefore = \"close\"\n{condition}");
        let loaded = bot.app.load_policy(&format!("{DEFAULT_TOML}\n{field}\n")).await;
        loaded.expect_err("it could never hold").to_string()
    };
    let line = format!("line {}: custom_fields.incident.case", first + 7);
    for (condition, sentence) in [
        ("services = [\"ledgr\"]", ".services: there is no service \"ledgr\"."),
        ("categories = [\"tea\"]", ".categories: there is no checklist \"tea\"; there are access,"),
        ("when = { colour = [\"red\"] }", ".when: there is no field \"colour\" beside it."),
        ("when = { cause = [\"vendor\"] }", ".when: \"vendor\" is no word of cause."),
        ("when = { cause = [] }", ".when: it names no word of cause."),
        ("when = { case = [\"x\"] }", ".when: case waits for another field itself."),
    ] {
        let said = refused(condition).await;
        assert!(said.contains(&format!("{line}{sentence}")), "{condition}: {said}");
    }
    bot.finish().await;
}
