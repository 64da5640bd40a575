//! Freezes: begun by hand, by a major incident and by the calendar; what they hold up, and who lets it through.

use crate::harness::{Bot, Here, holds, without_hashes};

/// The war rooms of the two incidents.
const PAYMENTS: &str = "inc-1-cards-fail";
const LEDGER: &str = "inc-2-ledger-is-slow";

/// Low risk: a peer review, the technical authority and the owner are enough.
const FIX: &str = "/change emergency restart the ledger impact: slow why: queues grow plan: start the old one \
                   tested:yes data:1 availability:1 compliance:1 complexity:1 rollback:1";

/// Omar commands INC-1 on payments, a major incident from now on.
pub async fn major(bot: &Bot) -> String {
    bot.person("ana").slack().says("/inc declare sev1 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let omar = bot.person("omar").discord().at(PAYMENTS);
    omar.says("/inc lead person: @omar").await;
    let board = || bot.person("kim").slack().at(PAYMENTS);
    assert!(!board().is_member(), "the board is called once it is a major incident");
    let said = omar.says("/inc major why: all cards fail, no workaround").await;
    bot.run_until_idle().await;
    assert!(board().is_member(), "the board votes where the incident is");
    without_hashes(&said)
}

/// Ana asks for a change on the ledger, one step from payments, for an incident of its own; it is approved.
pub async fn approved_change(bot: &Bot) -> String {
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 ledger is slow svc:ledger").await;
    bot.run_until_idle().await;
    let asked = bot.person("ana").slack().at(LEDGER).says(FIX).await;
    bot.run_until_idle().await;
    bot.person("raj").discord().at(LEDGER).reviews("CHG-1").await;
    bot.person("lena").slack().at(LEDGER).presses("Approve", "CHG-1").await;
    let approved = bot.person("tom").discord().at(LEDGER).presses("Approve", "CHG-1").await;
    holds(&approved, &["CHG-1 is approved"]);
    bot.run_until_idle().await;
    without_hashes(&asked)
}

pub fn starter(bot: &Bot) -> Here<'_> {
    bot.person("ana").slack().at(LEDGER)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_major_incident_freezes_what_it_touches_and_its_commander_lets_one_change_through_once() {
    let bot = Bot::start().await;
    let said = major(&bot).await;
    holds(&said, &["a major incident", "FRZ-1", "payments", "checkout, ledger, reports", "everywhere", "L INC-1#"]);
    one_transaction(&bot).await;
    for (here, owner) in
        [(bot.person("ana").slack().at("changes"), "*Mia Chen*"), (bot.person("raj").discord().at("changes"), "@mia")]
    {
        let owners = format!("Owners: {owner}");
        holds(&here.sees(), &["FRZ-1 · major incident · active", "INC-1 is a major incident", &owners, "For "]);
    }
    holds(&bot.person("ana").slack().at(PAYMENTS).sees(), &["Major: *since* 14:00 UTC", "*FRZ-1* freezes payments"]);

    let asked = approved_change(&bot).await;
    holds(&asked, &["FRZ-1 stands in its way", "`/freeze except CHG-1 why: …` asks Omar Haddad"]);
    let refused = without_hashes(&starter(&bot).says("/change start").await);
    holds(
        &refused,
        &["FRZ-1 is in force until INC-1 is over", "Omar Haddad decides", "Rule 4.11", "nothing was changed"],
    );
    let check = starter(&bot).says("/freeze check").await;
    holds(&check, &["It may not start: FRZ-1 holds it up", "An emergency for another P1 or P2 inside the scope"]);

    let asked = without_hashes(&starter(&bot).says("/freeze except CHG-1 why: the queue fills the disk").await);
    holds(&asked, &["asks *FRZ-1* to let CHG-1 through", "Omar Haddad decides"]);
    bot.run_until_idle().await;
    let waiting = bot.person("omar").slack().says("/inc panel").await;
    holds(&waiting, &["*CHG-1*", "your word on an exception from FRZ-1", "[Allow] [Deny]"]);
    let own = starter(&bot).says("/freeze allow CHG-1 why: I am sure").await;
    holds(&own, &["You cannot grant this freeze override", "Omar Haddad decides", "Rule 4.15"]);
    let other = bot.person("tom").slack().at(LEDGER).says("/freeze allow CHG-1 why: fine by me").await;
    holds(&other, &["You do not decide on an exception for CHG-1", "Rule 4.12"]);
    granted(&bot).await;

    let started = without_hashes(&starter(&bot).says("/change start").await);
    holds(&started, &["started CHG-1", "CHG-1 used its exception from *FRZ-1*"]);
    holds(&starter(&bot).says("/change start").await, &["runs already"]);
    bot.run_until_idle().await;
    second_start_is_refused(&bot).await;
    holds(&bot.person("ana").slack().at(PAYMENTS).says("/inc timeline").await, &["asks *FRZ-1* to let CHG-1 through"]);
    let log = bot.decision_log("FRZ-1").await;
    let kinds: Vec<&str> = log.lines().filter_map(|line| line.split_once(' ')).map(|(_, kind)| kind).collect();
    assert_eq!(
        kinds,
        [
            "freeze.created by omar",
            "override.requested by ana",
            "override.granted by omar",
            "override.used by ana",
            "override.requested by ana",
            "override.denied by omar",
        ]
    );
    bot.finish().await;
}

/// The declaration and the freeze are one: either both are there, or none.
async fn one_transaction(bot: &Bot) {
    let sql = "select count(distinct xid::text) from dlog.entry
               where subject = 'INC-1' and kind = 'major.declared' or subject = 'FRZ-1' and kind = 'freeze.created'";
    assert_eq!(bot.database.count(sql).await, 1);
    assert_eq!(bot.database.count("select count(*) from change_freeze where incident = 1").await, 1);
}

async fn granted(bot: &Bot) {
    let omar = bot.person("omar").discord().at(PAYMENTS);
    assert_eq!(omar.presses("Allow", "CHG-1").await, "(a form)");
    let granted = omar.fills(&[("why", "a full disk is worse")]).await;
    holds(&granted, &["lets CHG-1 through **FRZ-1** until 16:00 UTC: a full disk is worse"]);
    bot.run_until_idle().await;
    for here in [bot.person("ana").slack().at(LEDGER), bot.person("ana").slack().at("changes")] {
        let room = here.sees();
        holds(&room, &["CHG-1 asks for an exception", "*granted* until 16:00 UTC", "a full disk is worse"]);
        assert!(!room.contains("[Allow]"), "{room}");
    }
    let late = bot.person("omar").slack().at(PAYMENTS).says("/freeze deny CHG-1 why: on second thoughts").await;
    holds(&late, &["The exception of CHG-1 from FRZ-1 is granted by Omar Haddad", "Nothing was changed"]);
}

/// What was granted for one change is no licence for the next.
async fn second_start_is_refused(bot: &Bot) {
    starter(bot).says("/change rollback made it worse").await;
    starter(bot).says(FIX).await;
    bot.run_until_idle().await;
    bot.person("raj").discord().at(LEDGER).reviews("CHG-2").await;
    bot.person("lena").slack().at(LEDGER).presses("Approve", "CHG-2").await;
    bot.person("tom").discord().at(LEDGER).presses("Approve", "CHG-2").await;
    let refused = starter(bot).says("/change start CHG-2").await;
    holds(&refused, &["FRZ-1 is in force", "`/freeze except CHG-2 why: …` asks for an exception"]);
    starter(bot).says("/freeze except CHG-2 why: once more").await;
    let omar = bot.person("omar").slack().at(PAYMENTS);
    let denied = omar.says("/freeze deny CHG-2 why: find the cause first").await;
    holds(&denied, &["does not let CHG-2 through *FRZ-1*: find the cause first"]);
    holds(&starter(bot).says("/change start CHG-2").await, &["FRZ-1 is in force"]);
    bot.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exception_that_is_not_used_within_two_hours_is_over() {
    let bot = Bot::start().await;
    major(&bot).await;
    approved_change(&bot).await;
    starter(&bot).says("/freeze except CHG-1 why: the queue fills the disk").await;
    bot.person("omar").slack().at(PAYMENTS).says("/freeze allow CHG-1 why: do it soon").await;
    bot.pass(121).await;
    holds(&starter(&bot).sees(), &["The exception of CHG-1 from *FRZ-1* was not used and is over"]);
    holds(&starter(&bot).says("/change start").await, &["FRZ-1 is in force", "Rule 4.11"]);
    bot.pass(3 * 60).await;
    let room = bot.person("omar").slack().at(PAYMENTS).sees();
    assert_eq!(room.matches("Is it still needed?").count(), 1, "after four hours the commander is asked:\n{room}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_major_things_settle_for_a_day_and_the_freeze_ends_once_also_over_a_restart() {
    let bot = Bot::start().await;
    major(&bot).await;
    let omar = bot.person("omar").slack().at(PAYMENTS);
    omar.says("/inc status mitigated").await;
    let resolved = omar.says("/inc resolve a new key was rolled out").await;
    holds(&resolved, &["INC-1 is no major incident any more", "*FRZ-1* stays until 8 Jan 14:00 UTC"]);
    bot.run_until_idle().await;
    holds(&omar.at("changes").sees(), &["FRZ-1 · settling · active"]);
    for _ in 0..4 {
        let extended = bot.person("omar").slack().at(PAYMENTS).says("/freeze extend why: error rates still move").await;
        holds(&extended, &["extended *FRZ-1*"]);
    }
    let longest = bot.person("omar").slack().at(PAYMENTS).says("/freeze extend why: once more").await;
    holds(&longest, &["would settle for more than 72 hours"]);
    bot.pass(71 * 60 + 30).await;
    let warned = bot.person("ana").slack().at("changes").sees();
    assert_eq!(warned.matches("*FRZ-1* ends at 14:00 UTC").count(), 1, "{warned}");
    bot.sleep_through(60).await;
    let bot = bot.again().await;
    bot.run_until_idle().await;
    let bot = bot.again().await;
    bot.run_until_idle().await;
    let log = bot.decision_log("FRZ-1").await;
    assert_eq!(log.matches("freeze.lifted by wardroom").count(), 1, "{log}");
    assert_eq!(log.matches("freeze.ending").count(), 1, "{log}");
    for here in [bot.person("ana").slack().at("changes"), bot.person("raj").discord().at("changes")] {
        let channel = here.sees();
        assert_eq!(channel.matches("changes may go on").count(), 1, "{channel}");
        holds(&channel, &["FRZ-1 · settling · lifted", "(noticed late)"]);
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_responder_proposes_a_major_and_the_owner_of_the_service_declares_it() {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let raj = bot.person("raj").discord().at(PAYMENTS);
    let proposed = raj.says("/inc major why: it spreads").await;
    holds(&proposed, &["asks to declare a major incident: it spreads", "It waits for a second person"]);
    assert!(!bot.decision_log("INC-1").await.contains("major.declared"));
    let alone = raj.says("/inc confirm").await;
    holds(&alone, &["You asked for this, so somebody else confirms it", "Rule 4.15"]);
    bot.run_until_idle().await;
    let declared = bot.person("mia").slack().at(PAYMENTS).presses("Confirm", "INC-1").await;
    holds(&declared, &["it is a major incident", "*FRZ-1* freezes payments"]);
    let down = bot.person("mia").slack().at(PAYMENTS).says("/inc stand-down calm again").await;
    holds(&down, &["You cannot stand this major incident down", "Rule 4.5"]);
    let down = bot.person("omar").slack().at(PAYMENTS).says("/inc stand-down calm again").await;
    holds(&down, &["no major incident any more, says *Omar Haddad*: calm again", "*FRZ-1* stays until"]);
    let log = bot.decision_log("INC-1").await;
    holds(&log, &["incident.step_requested by raj", "major.declared by mia", "major.stood_down by omar"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_by_hand_holds_what_is_no_emergency_and_only_its_keepers_lift_it() {
    let bot = Bot::start().await;
    let refused = bot.person("raj").discord().says("/freeze on svc: ledger until: +4h why: please").await;
    holds(&refused, &["You cannot set or lift this freeze", "a change manager can", "Rule 4.23"]);
    let ines = bot.person("ines").slack();
    let said = without_hashes(&ines.says("/freeze on svc:ledger until:+4h why: the ledger is being moved").await);
    holds(
        &said,
        &["*FRZ-1* freezes ledger", "until 7 Jan 18:00 UTC", "`/freeze off FRZ-1 why: …` lifts it", "L FRZ-1#1"],
    );
    bot.run_until_idle().await;
    let checked = bot.person("raj").discord().says("/freeze check svc: ledger").await;
    holds(&checked, &["Any other change inside the scope of a freeze by hand needs an exception", "Rule 4.11"]);
    holds(&ines.says("/freeze check svc:shop").await, &["No freeze reaches it"]);

    // An emergency for a P2 passes, and the owner is told.
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 other svc:reports").await;
    bot.run_until_idle().await;
    let asked = approved_change(&bot).await;
    holds(&asked, &["FRZ-1 lets it through; whoever keeps the freeze is told when it starts"]);
    let started = starter(&bot).says("/change start").await;
    holds(&started, &["started CHG-1", "CHG-1 starts in spite of *FRZ-1*"]);
    bot.run_until_idle().await;
    holds(&ana.at("changes").sees(), &["CHG-1 starts in spite of *FRZ-1*", "Tom Okafor"]);

    let not_mine = bot.person("raj").discord().says("/freeze off freeze: FRZ-1 why: I want to").await;
    holds(&not_mine, &["You cannot set or lift this freeze"]);
    let off = ines.says("/freeze off FRZ-1 the move is through").await;
    holds(&off, &["lifted *FRZ-1*: the move is through"]);
    holds(&ines.says("/freeze off FRZ-1 again").await, &["FRZ-1 is lifted since"]);
    holds(&ines.says("/freeze list").await, &["FRZ-1", "by hand", "lifted"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_freeze_is_announced_begins_and_ends_by_itself_and_a_hard_one_stops_all_but_a_p1() {
    let bot = Bot::start().await;
    let ines = bot.person("ines").slack();
    let said = ines
        .says("/freeze on all from:2030-01-31T18:00 until:2030-02-01T06:00 hard:yes why: the month is being closed")
        .await;
    holds(&said, &["is planned: from 31 Jan 18:00 UTC on it freezes everything", "only an emergency for a P1 passes"]);
    crate::freeze_calendar::agreed_by_all(&bot, "FRZ-1").await;
    let over = ines.says("/freeze on all until:2029-01-01 why: too late").await;
    holds(&over, &["It would be over before it begins"]);
    // Thursday the 31st: ten business days before is Thursday the 17th, two before is Tuesday the 29th.
    bot.pass(24 * 24 * 60 + 4 * 60 + 30).await;
    let channel = ines.at("changes").sees();
    holds(&channel, &["*FRZ-1* begins 31 Jan 18:00 UTC, in 14 days", "in 2 days", "*FRZ-1* begins\n"]);
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev1 cards fail svc:payments").await;
    ana.says("/inc declare sev2 ledger is slow svc:ledger").await;
    bot.run_until_idle().await;
    let refused = bot.person("ana").slack().at(LEDGER).says(FIX).await;
    holds(&refused, &["FRZ-1 is in force until 1 Feb 06:00 UTC", "Anything but an emergency for a P1", "Rule 4.11"]);
    let passes = bot.person("ana").slack().at(PAYMENTS).says(FIX).await;
    holds(&passes, &["CHG-1", "FRZ-1 lets it through"]);
    bot.pass(13 * 60).await;
    let channel = bot.person("raj").discord().at("changes").sees();
    holds(&channel, &["**FRZ-1** ends at 06:00 UTC", "**FRZ-1** is over: changes may go on"]);
    let log = bot.decision_log("FRZ-1").await;
    for (kind, times) in [("freeze.announced", 2), ("freeze.begun", 1), ("freeze.ending", 1), ("freeze.lifted", 1)] {
        assert_eq!(log.matches(kind).count(), times, "{kind} in\n{log}");
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hard_freeze_catches_passes_by_an_executive_and_the_owner_together() {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev3 reports are late svc:reports").await;
    approved_change(&bot).await;
    let ines = bot.person("ines").slack();
    let said = ines.says("/freeze on svc:ledger hard:yes until:+4h why: payroll runs").await;
    holds(&said, &["*FRZ-1* freezes ledger", "held up there: CHG-1"]);
    bot.run_until_idle().await;
    let refused = starter(&bot).says("/change start").await;
    holds(
        &refused,
        &["FRZ-1 is in force until 7 Jan 18:00 UTC: payroll runs", "Zoe Laurent, with the second yes of Tom Okafor"],
    );
    starter(&bot).says("/freeze except CHG-1 why: the queue fills the disk").await;
    bot.run_until_idle().await;
    let first = bot.person("zoe").slack().at(LEDGER).says("/freeze allow CHG-1 why: payroll needs the disk too").await;
    holds(&first, &["would let CHG-1 through *FRZ-1*", "a second yes is needed"]);
    let again = bot.person("zoe").slack().at(LEDGER).says("/freeze allow CHG-1 why: and twice").await;
    holds(&again, &["You do not decide on an exception for CHG-1", "Rule 4.12"]);
    holds(&starter(&bot).says("/change start").await, &["An exception was asked for at 14:00 UTC", "Tom Okafor"]);
    let tom = bot.person("tom").discord().at(LEDGER);
    tom.presses("Allow", "CHG-1").await;
    holds(&tom.fills(&[("why", "I watch it")]).await, &["lets CHG-1 through **FRZ-1** until 16:00 UTC: I watch it"]);
    holds(&starter(&bot).says("/change start").await, &["started CHG-1"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_is_made_longer_and_lifted_by_the_buttons_of_its_card() {
    let bot = Bot::start().await;
    let ines = bot.person("ines").slack().at("changes");
    ines.says("/freeze on svc:payments until:+4h why: payroll").await;
    bot.run_until_idle().await;
    assert_eq!(ines.presses("Extend", "FRZ-1").await, "(a form)");
    holds(&ines.fills(&[("until", "+6h"), ("why", "payroll is late")]).await, &["FRZ-1", "payroll is late"]);
    bot.run_until_idle().await;
    assert_eq!(ines.presses("Lift", "FRZ-1").await, "(a form)");
    holds(&ines.fills(&[("why", "payroll is through")]).await, &["lifted *FRZ-1*", "payroll is through"]);
    bot.run_until_idle().await;
    let card = ines.sees();
    holds(&card, &["FRZ-1 · by hand · lifted"]);
    assert!(!card.contains("[Lift]"), "{card}");
    bot.finish().await;
}
