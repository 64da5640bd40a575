//! Freezes from the calendar: planned ahead, agreed to by those who own what they stop, and coming again.

use crate::harness::{Bot, holds};

/// The ledger is Tom's, and the clock stands at Monday the 7th of January 2030, 14:00.
const CLOSING: &str = "/freeze on svc:ledger every:month-end from:18:00 until:+36h why: the month is being closed";

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_month_is_frozen_once_its_owner_agrees_and_again_the_month_after() {
    let bot = Bot::start().await;
    let said = bot.person("ines").slack().says(CLOSING).await;
    holds(
        &said,
        &[
            "*FRZ-1* is planned for every month-end: from 31 Jan 18:00 UTC on it freezes ledger",
            "until 2 Feb 06:00 UTC",
            "It waits for the agreement of Tom Okafor",
        ],
    );
    bot.run_until_idle().await;
    let tom = bot.person("tom").slack();
    holds(
        &tom.private(),
        &["*FRZ-1* is planned for every month-end", "it begins only if you agree", "[Agree]", "[Object]"],
    );
    let own = bot.person("ines").slack().says("/freeze agree FRZ-1").await;
    holds(&own, &["You planned FRZ-1: others agree to it", "It waits for Tom Okafor", "Rule 4.23"]);
    let stranger = bot.person("raj").discord().says("/freeze agree freeze: FRZ-1").await;
    holds(&stranger, &["You cannot agree to this freeze", "the business owner", "Rule 4.23"]);
    let agreed = bot.person("tom").slack().at("@wardroom").presses("Agree", "FRZ-1").await;
    holds(&agreed, &["agrees to *FRZ-1*: it is scheduled", "It begins 31 Jan 18:00 UTC"]);
    holds(&tom.says("/freeze agree FRZ-1").await, &["FRZ-1 is agreed to already"]);
    let planned = bot.person("ana").slack().says("/freeze list FRZ-1").await;
    holds(&planned, &["FRZ-1 · business calendar · scheduled", "from the last business day of every month"]);

    // It begins on the last business day of January, and the next is planned at that moment.
    bot.pass((24 * 24 + 5) * 60).await;
    holds(&bot.person("ana").slack().says("/freeze check svc: ledger").await, &["FRZ-1"]);
    let again = bot.person("raj").discord().at("changes").sees();
    holds(&again, &["**FRZ-1** begins", "**FRZ-2** is planned again, after FRZ-1: from 18:00 UTC"]);
    let next = bot.person("ana").slack().says("/freeze list FRZ-2").await;
    holds(&next, &["FRZ-2 · business calendar · scheduled", "28 Feb 18:00 UTC"]);
    // It is lifted by itself; taking the next one back ends the row of them.
    bot.pass(36 * 60).await;
    holds(&bot.person("ana").slack().says("/freeze list FRZ-1").await, &["lifted"]);
    holds(
        &bot.person("ines").slack().says("/freeze off FRZ-2 why: closed by machine now").await,
        &["took *FRZ-2* back"],
    );
    bot.pass(35 * 24 * 60).await;
    assert_eq!(bot.database.count("select count(*) from change_freeze").await, 2);
    holds(&bot.person("zoe").slack().says("/log verify").await, &["The log is whole."]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_ends_what_is_planned_and_silence_does_not_begin_it() {
    let bot = Bot::start().await;
    let ines = bot.person("ines").slack();
    ines.says("/freeze on svc:ledger from:2030-01-31T18:00 until:+12h why: the month is being closed").await;
    let short = bot.person("tom").discord().says("/freeze object freeze: FRZ-1").await;
    holds(&short, &["(a form)"]);
    let objected =
        bot.person("tom").discord().says("/freeze object freeze: FRZ-1 why: we deploy the tax rates that night").await;
    holds(&objected, &["objects to **FRZ-1**, so it is not to be: we deploy the tax rates that night"]);
    holds(&ines.says("/freeze agree FRZ-1").await, &["FRZ-1 is cancelled since"]);

    ines.says("/freeze on svc:ledger from:2030-01-31T18:00 until:+12h why: the month is being closed").await;
    // Nothing is held up by what is only proposed.
    holds(&bot.person("ana").slack().says("/freeze check svc: ledger").await, &["No freeze reaches it"]);
    bot.pass((24 * 24 + 5) * 60).await;
    let channel = bot.person("ana").slack().at("changes").sees();
    holds(
        &channel,
        &[
            "*FRZ-2* would begin 31 Jan 18:00 UTC, and waits for @tom: `/freeze agree FRZ-2`",
            "*FRZ-2* does not begin: *Tom Okafor* did not agree in time",
        ],
    );
    holds(&ines.says("/freeze list FRZ-2").await, &["cancelled"]);
    holds(&bot.person("zoe").slack().says("/log verify").await, &["The log is whole."]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_must_leave_time_between() {
    let bot = Bot::start().await;
    let ines = bot.person("ines").slack();
    let long = ines.says("/freeze on svc:ledger every:week from:18:00 until:+8d why: the audit").await;
    holds(&long, &["It would last until it begins again"]);
    let when = ines.says("/freeze on svc:ledger every:week until:+8h why: the audit").await;
    holds(&when, &["When does it begin for the first time?"]);
    holds(&ines.says("/freeze list").await, &["Nothing is frozen"]);
    bot.finish().await;
}

/// Whoever speaks for the business of any service agrees, on either platform.
pub async fn agreed_by_all(bot: &Bot, freeze: &str) {
    for key in ["mia", "tom"] {
        bot.person(key).slack().says(&format!("/freeze agree {freeze}")).await;
    }
    bot.person("sam").discord().says(&format!("/freeze agree freeze: {freeze}")).await;
    let last = bot.person("zoe").slack().says(&format!("/freeze agree {freeze}")).await;
    holds(&last, &["it is scheduled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_of_everything_takes_the_word_of_each_business_owner_and_nobody_gives_it_for_them() {
    let bot = Bot::start().await;
    let ines = bot.person("ines").slack();
    let all = ines.says("/freeze on svc:all every:quarter-end until:+24h why: the books are closed").await;
    holds(
        &all,
        &[
            "*FRZ-1* is planned for every quarter-end: from 29 Mar 00:00 UTC on it freezes everything",
            "It waits for the agreement of Tom Okafor, Mia Chen, Zoe Laurent, Sam Osei",
            "whoever speaks for the business of any service agrees, each of them",
            "No business owner is named for Accounts and 4 others: their owners stand in",
        ],
    );
    holds(&ines.says("/freeze list FRZ-1").await, &["proposed"]);
    bot.run_until_idle().await;
    holds(&bot.person("zoe").slack().private(), &["You are the business owner of Finance reports: it begins only if"]);
    holds(
        &bot.person("sam").discord().private(),
        &["You own Web shop, for which no business owner is named: it begins only if you agree", "[Agree]", "[Object]"],
    );
    // Who owns the reports technically is not asked where somebody speaks for their business, nor is a change manager.
    for here in [bot.person("yuki").discord(), bot.person("raj").discord()] {
        holds(&here.says("/freeze agree freeze: FRZ-1").await, &["Rule 4.23"]);
    }
    holds(&ines.says("/freeze agree FRZ-1").await, &["You planned FRZ-1: others agree to it", "Rule 4.23"]);
    for key in ["mia", "tom"] {
        bot.person(key).slack().says("/freeze agree FRZ-1").await;
    }
    let third = bot.person("sam").discord().at("@wardroom").presses("Agree", "FRZ-1").await;
    holds(&third, &["agrees to **FRZ-1**; it waits for", "It waits for the agreement of Zoe Laurent."]);
    let again = bot.person("sam").discord().says("/freeze agree freeze: FRZ-1").await;
    holds(&again, &["You agreed already; it waits for Zoe Laurent"]);
    let last = bot.person("zoe").slack().at("@wardroom").presses("Agree", "FRZ-1").await;
    holds(&last, &["agrees to *FRZ-1*: it is scheduled"]);
    holds(&bot.person("zoe").slack().says("/log verify").await, &["The log is whole."]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_business_owner_of_a_service_is_asked_and_their_objection_ends_it() {
    let bot = Bot::start().await;
    let said = bot.person("ines").slack().says("/freeze on svc:reports from:+24h until:+26h why: the audit").await;
    holds(&said, &["It waits for the agreement of Zoe Laurent."]);
    assert!(!said.contains("stand"), "nobody stands in: {said}");
    let owner = bot.person("yuki").discord().says("/freeze object freeze: FRZ-1 why: not then").await;
    holds(&owner, &["This is for the business owners of what it freezes", "Zoe Laurent can", "Rule 4.23"]);
    let ended = bot.person("zoe").slack().says("/freeze object FRZ-1 why: the reports are due that day").await;
    holds(&ended, &["objects to *FRZ-1*, so it is not to be: the reports are due that day"]);
    bot.finish().await;
}

const ASK: &str = "/change new move the queue svc:payments impact: none why: routine plan: move it back tested:yes \
                   data:1 availability:1 compliance:1 complexity:1 rollback:1";

/// Two changes of Ana are approved: CHG-1 runs tomorrow, CHG-2 in the night in which the month is closed.
async fn approved(bot: &Bot) {
    let ana = bot.person("ana").slack();
    for (change, window) in [
        ("CHG-1", "from:2030-01-08T10:00Z until:2030-01-08T12:00Z"),
        ("CHG-2", "from:2030-01-31T20:00Z until:2030-01-31T22:00Z"),
    ] {
        ana.says(&format!("{ASK} {window}")).await;
        bot.person("tom").slack().says(&format!("/change approve {change}")).await;
        holds(&bot.person("mia").slack().says(&format!("/change approve {change}")).await, &["is approved"]);
    }
    bot.run_until_idle().await;
}

const MONTH: &str =
    "/freeze on svc:payments from:2030-01-31T18:00Z until:2030-02-01T06:00Z why: the month is being closed";

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_freeze_names_only_what_has_its_window_inside_and_an_exception_is_good_for_that_night() {
    let bot = Bot::start().await;
    approved(&bot).await;
    let said = bot.person("ines").slack().says(MONTH).await;
    holds(&said, &["approved already, with its window inside: CHG-2; whoever asked for it moves it"]);
    assert!(!said.contains("CHG-1"), "it is over long before:\n{said}");
    bot.run_until_idle().await;
    let channel = bot.person("raj").discord().at("changes").sees();
    holds(&channel, &["approved already, with its window inside: CHG-2"]);
    let ana = bot.person("ana").slack();
    holds(&ana.private(), &["The window of your CHG-2 lies inside it", "[Move] [Exempt] [Details]"]);
    assert!(!ana.private().contains("your CHG-1 lies"), "{}", ana.private());

    // Nobody has agreed to the freeze yet, and the exception is asked for all the same.
    let ana = bot.person("ana").slack().at("@wardroom");
    assert_eq!(ana.presses("Exempt", "your CHG-2").await, "(a form)");
    let asked = ana.fills(&[("why", "the bank moves that night")]).await;
    holds(&asked, &["asks *FRZ-1* to let CHG-2 through", "Inês Duarte, with the second yes of Mia Chen"]);
    bot.person("ines").slack().says("/freeze allow CHG-2 why: the bank does not wait").await;
    let granted = bot.person("mia").discord().says("/freeze allow change: CHG-2 why: it is small").await;
    holds(&granted, &["lets CHG-2 through **FRZ-1** from 20:00 UTC until 22:00 UTC"]);
    bot.person("mia").discord().says("/freeze agree freeze: FRZ-1").await;
    bot.pass((24 * 24 + 6) * 60 + 1).await;
    let log = bot.decision_log("CHG-2").await;
    assert!(!log.contains("change.held"), "{log}");
    let started = bot.person("ana").slack().says("/change start CHG-2").await;
    holds(&started, &["started CHG-2", "CHG-2 used its exception from *FRZ-1*"]);
    holds(&bot.person("zoe").slack().says("/log verify").await, &["The log is whole."]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_a_change_inside_a_planned_freeze_moves_it_by_the_button() {
    let bot = Bot::start().await;
    approved(&bot).await;
    bot.person("ines").slack().says(MONTH).await;
    bot.person("mia").slack().says("/freeze agree FRZ-1").await;
    bot.run_until_idle().await;
    let free = ["FRZ-1 holds it up from 31 Jan 18:00 UTC until 1 Feb 06:00 UTC", "1 Feb 06:00 UTC to 1 Feb 08:00 UTC"];
    holds(&bot.person("ana").slack().says("/change plan conflicts CHG-2").await, &free);
    // On Discord each reader's own client adds the day.
    let there = bot.person("raj").discord().says("/change plan conflicts change: CHG-2").await;
    holds(&there, &[free[0], "06:00 UTC to 08:00 UTC"]);
    let ana = bot.person("ana").slack().at("@wardroom");
    assert_eq!(ana.presses("Move", "your CHG-2").await, "(a form)");
    let moved = ana.fills(&[("from", "2030-02-01T06:00Z"), ("until", "2030-02-01T08:00Z")]).await;
    holds(&moved, &["CHG-2", "2030-02-01 06:00 to 2030-02-01 08:00 UTC"]);
    bot.pass((24 * 24 + 5) * 60).await;
    let log = bot.decision_log("CHG-2").await;
    assert!(!log.contains("change.held"), "{log}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_of_some_types_holds_those_up_and_leaves_the_others_alone() {
    let bot = Bot::start().await;
    let (ana, ines, mia) = (bot.person("ana").slack(), bot.person("ines").slack(), bot.person("mia").slack());
    ana.says(&format!("{ASK} from:14:05 until:16:00")).await;
    bot.person("tom").slack().says("/change approve CHG-1").await;
    mia.says("/change approve CHG-1").await;
    bot.run_until_idle().await;
    let unknown = ines.says("/freeze on svc:payments until:+4h types:normal,urgent why: the books are closed").await;
    holds(&unknown, &["“urgent” is no type of changes: standard, normal, expedited or emergency"]);
    let said =
        ines.says("/freeze on svc:payments,checkout until:+4h types:expedited,normal why: the books are closed").await;
    holds(
        &said,
        &[
            "*FRZ-1* freezes payments, checkout",
            "only changes of these types: normal, expedited",
            "held up there: CHG-1",
        ],
    );
    bot.run_until_idle().await;
    for here in [bot.person("ana").slack(), bot.person("raj").discord()] {
        holds(&here.says("/freeze list").await, &["payments, checkout · only normal, expedited changes · active"]);
        holds(&here.says("/change cal").await, &["freeze of normal and expedited changes, active"]);
        let card = here.at("changes").sees();
        holds(&card, &["normal, expedited changes; other types go on"]);
    }
    let checked = bot.person("raj").discord().says("/freeze check svc: payments").await;
    holds(
        &checked,
        &["Any other change inside the scope of a freeze by hand needs an exception", "a type that it leaves alone"],
    );

    bot.pass(6).await;
    holds(&ana.says("/change start CHG-1").await, &["FRZ-1"]);
    holds(&mia.says("/change std failover share:10 to:lisbon svc:checkout").await, &["*CHG-2 is approved.*"]);
    holds(&mia.says("/change start CHG-2").await, &["started CHG-2"]);
    assert!(!bot.decision_log("CHG-1").await.contains("change.started"), "it waits");
    holds(&bot.person("zoe").slack().says("/log verify").await, &["The log is whole."]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_of_a_freeze_offers_its_types_on_both_platforms() {
    let bot = Bot::start().await;
    let ines = bot.person("ines").slack();
    assert_eq!(ines.says("/freeze on svc:shop").await, "(a form)");
    let begun = ines.fills(&[("until", "+4h"), ("why", "the sale"), ("types", "normal")]).await;
    holds(&begun, &["*FRZ-1* freezes shop", "only changes of these types: normal"]);
    let refused = bot.person("raj").discord().says("/freeze on svc: shop until: +4h types: standard why: please").await;
    holds(&refused, &["You cannot set or lift this freeze"]);
    bot.finish().await;
}
