//! One change on services of several owners: each of them agrees, and what stands in the way of the second service stands
//! in the way of the change.

use crate::harness::{Bot, Here, holds, is_whole};

const WORDS: &str = "impact: none why: routine plan: move it back tested:yes data:1 availability:1 compliance:1 \
                     complexity:1 rollback:1";

/// Lena's change on the ledger, which is Tom's, and on the shop, which is Sam's, has its window from 14:05 to 16:00. What it
/// needs besides the owners depends on its risk, so everybody who could be asked says yes.
async fn approved(bot: &Bot) -> Here<'_> {
    let lena = bot.person("lena").slack();
    let asked = lena.says(&format!("/change new move the tables svc:ledger,shop {WORDS} from:14:05 until:16:00")).await;
    holds(&asked, &["CHG-1", "both service owners"]);
    bot.run_until_idle().await;
    bot.person("raj").discord().says("/change review CHG-1 ok target:yes rollback:yes effects:yes").await;
    bot.person("ines").slack().says("/change approve CHG-1").await;
    holds(&bot.person("tom").slack().says("/change approve CHG-1").await, &["CHG-1", "service owner"]);
    holds(&bot.person("sam").discord().says("/change approve CHG-1").await, &["CHG-1 is approved"]);
    bot.run_until_idle().await;
    lena
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_on_services_of_two_owners_needs_both_on_whichever_platform_they_are() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").slack();
    let asked = tom.says(&format!("/change new tidy up svc:payments,reports {WORDS} from:14:05 until:16:00")).await;
    holds(&asked, &["*CHG-1* on payments, reports: tidy up", "both service owners"]);
    bot.run_until_idle().await;
    for card in [tom.says("/change show CHG-1").await, bot.person("raj").discord().says("/change show CHG-1").await] {
        holds(&card, &["Card payments and Finance reports", "service owner of Card payments · ask"]);
        holds(&card, &["service owner of Finance reports · ask"]);
    }
    bot.person("raj").discord().says("/change review CHG-1 ok target:yes rollback:yes effects:yes").await;
    bot.person("ines").slack().says("/change approve CHG-1").await;
    holds(&bot.person("mia").slack().says("/change approve CHG-1").await, &["CHG-1", "service owner"]);
    let again = bot.person("mia").discord().says("/change approve CHG-1").await;
    holds(&again, &["You approved CHG-1 as service owner already"]);
    let third = bot.person("lena").slack().says("/change approve CHG-1").await;
    holds(&third, &["The seat of service owner is not yours for this change.", "nothing was changed"]);
    bot.pass(6).await;
    holds(&tom.says("/change start CHG-1").await, &["Still missing: service owner."]);
    holds(&bot.person("yuki").discord().says("/change approve CHG-1").await, &["CHG-1 is approved"]);
    holds(&tom.says("/change start CHG-1").await, &["started CHG-1"]);
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["seat.granted by mia", "refused by lena", "refused by tom", "seat.granted by yuki"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_of_the_second_service_holds_it_up() {
    let bot = Bot::start().await;
    let lena = approved(&bot).await;
    bot.person("ines").slack().says("/freeze on svc:shop until:+4h why: the sale").await;
    bot.run_until_idle().await;
    bot.pass(6).await;
    holds(&lena.says("/change start CHG-1").await, &["FRZ-1 is in force", "the sale", "Rule 4.11"]);
    holds(&bot.person("sam").discord().says("/freeze check CHG-1").await, &["FRZ-1"]);
    bot.person("ines").slack().says("/freeze off FRZ-1 why: over").await;
    bot.run_until_idle().await;
    holds(&lena.says("/change start CHG-1").await, &["started CHG-1"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_changes_meet_on_the_second_service_and_an_incident_there_holds_the_start_up() {
    let bot = Bot::start().await;
    let lena = approved(&bot).await;
    let mia = bot.person("mia").slack();
    let asked = mia.says(&format!("/change new a new banner svc:shop {WORDS} from:15:30 until:17:00")).await;
    holds(&asked, &["*CHG-2* and *CHG-1* are in each other's way", "CHG-1 is on the same service"]);
    bot.run_until_idle().await;
    holds(&bot.person("sam").discord().says("/change plan conflicts CHG-2").await, &["CHG-1"]);
    let both = mia.says("/change plan coexist CHG-2 they touch different pages").await;
    holds(&both, &["are both on Web shop: they cannot run side by side."]);
    bot.pass(6).await;
    holds(&lena.says("/change start CHG-1").await, &["CHG-1 and CHG-2 are in each other's way"]);
    mia.says("/change edit CHG-2 from:16:00 until:17:00").await;
    bot.run_until_idle().await;
    bot.person("ana").slack().says("/inc declare sev2 the shop is slow svc:shop").await;
    bot.run_until_idle().await;
    holds(&lena.says("/change start CHG-1").await, &["INC-1, P2, is open on the same service"]);
    // The narrower change is another one, and everybody is asked anew.
    let narrowed = lena.says("/change edit CHG-1 svc:ledger").await;
    holds(&narrowed, &["svc: ledger, shop → ledger"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_is_on_all_services_of_its_incident_and_takes_the_slot_of_each() {
    const ROOM: &str = "inc-1-both-are-slow";
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev2 both are slow svc:payments,ledger").await;
    bot.run_until_idle().await;
    let ana = bot.person("ana").slack().at(ROOM);
    let asked = ana.says(&format!("/change emergency restart both {WORDS}")).await;
    holds(&asked, &["*CHG-1* on payments, ledger: restart both", "It is on payments and ledger, as INC-1 is"]);
    holds(&asked, &["the technical authority and both service owners"]);
    holds(&ana.says(&format!("/change emergency restart it svc:ledger {WORDS}")).await, &["*CHG-2* on ledger"]);
    bot.run_until_idle().await;
    // What only he can say as the ledger's owner is not lost by a review.
    let review = bot.person("tom").discord().at(ROOM).reviews("CHG-1").await;
    holds(&review, &["You own Ledger database: your yes as its owner is needed", "Somebody else reviews it"]);
    for change in ["CHG-1", "CHG-2"] {
        bot.person("raj").discord().at(ROOM).reviews(change).await;
        bot.person("lena").slack().at(ROOM).says(&format!("/change approve {change}")).await;
        bot.person("tom").discord().at(ROOM).presses("Approve", change).await;
    }
    holds(&bot.person("mia").slack().at(ROOM).presses("Approve", "CHG-1").await, &["CHG-1 is approved"]);
    bot.run_until_idle().await;
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    let waits = ana.says("/change start CHG-2").await;
    holds(&waits, &["CHG-2", "CHG-1"]);
    assert!(!waits.contains("started CHG-2"), "{waits}");
    holds(&ana.says("/change queue").await, &["Card payments and Ledger database"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_second_service_is_named_as_an_unknown_first_is() {
    let bot = Bot::start().await;
    for here in [bot.person("tom").slack(), bot.person("tom").discord()] {
        let said = here.says(&format!("/change new tidy up svc:payments,reprots {WORDS}")).await;
        holds(&said, &["There is no service “reprots”. Nearest: reports"]);
        // Who keeps only one of them does not ask for both.
        let ana = bot.person("ana").slack().says(&format!("/change new tidy up svc:payments,shop {WORDS}")).await;
        holds(&ana, &["Rule 4.23"]);
    }
    // Where one types everything in a line, what follows the space would be a part of the title.
    let spaced = bot.person("tom").slack().says(&format!("/change new tidy up svc:payments, reports {WORDS}")).await;
    holds(&spaced, &["Write them without a space between: svc:payments,ledger."]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_changes_hands_after_its_yes_opens_nobody_elses_seat() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").slack();
    tom.says(&format!("/change new tidy up svc:payments,reports {WORDS} from:14:05 until:16:00")).await;
    bot.run_until_idle().await;
    bot.person("raj").discord().says("/change review CHG-1 ok").await;
    bot.person("ines").slack().says("/change approve CHG-1").await;
    holds(&bot.person("mia").slack().says("/change approve CHG-1").await, &["CHG-1", "service owner"]);
    let payments = "name = \"Card payments\"\ntier = 1\nowner = \"mia\"";
    assert!(wardroom::trial::ORGANISATION.contains(payments));
    let handed_over = wardroom::trial::ORGANISATION.replace(payments, &payments.replace("mia", "sam"));
    bot.app.apply_organisation(&handed_over, false).await.expect("it can be applied");
    let sam = bot.person("sam").discord().says("/change approve CHG-1").await;
    holds(&sam, &["Card payments has an owner's yes already; what is missing is that for Finance reports."]);
    holds(&sam, &["Rule 4.10"]);
    let card = tom.says("/change show CHG-1").await;
    holds(&card, &["service owner of Card payments", "Mia Chen", "service owner of Finance reports · ask"]);
    holds(&bot.person("yuki").discord().says("/change approve CHG-1").await, &["CHG-1 is approved"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_of_a_batch_may_be_on_several_services() {
    let bot = Bot::start().await;
    // Ana may ask for changes on the payments alone.
    let ines = bot.person("ines").slack().at("changes");
    let shared = "impact: none why: routine plan: put it back tested:yes risk: 1 1 1 1 1";
    let list = "payments,reports move the tables; payments rotate the key; payments,reprots move on";
    ines.says(&format!("/change bulk patch night until:+20h items: {list} {shared}")).await;
    bot.run_until_idle().await;
    let told = bot.person("ines").slack().private();
    holds(&told, &["payments,reprots move on: there is no service “reprots”"]);
    assert!(!told.contains("move the tables"), "{told}");
    ines.says("/change plan batch BAT-1 go").await;
    bot.run_until_idle().await;
    let page = ines.says("/change plan batch BAT-1").await;
    holds(&page, &["Card payments and Finance reports"]);
    let card = bot.person("raj").discord().says("/change show CHG-1").await;
    holds(&card, &["service owner of Card payments", "service owner of Finance reports"]);
    is_whole(&bot).await;
    bot.finish().await;
}
