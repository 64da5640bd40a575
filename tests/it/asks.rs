//! Who is asked for a yes, in private, and what their silence leads to.

use crate::harness::{Bot, holds};

const ROOM: &str = "inc-1-ledger-is-slow";

/// Low risk: a peer review, the technical authority and the owner are enough.
const FIX: &str = "/change emergency restart the ledger impact: slow why: queues grow plan: start the old one \
                   tested:yes data:1 availability:1 compliance:1 complexity:1 rollback:1";

/// Ana asks for a change on the ledger: Tom owns it, Tom and Lena speak for it with authority. The answer comes back.
async fn requested(bot: &Bot) -> String {
    bot.person("ana").slack().says("/inc declare sev2 ledger is slow svc:ledger").await;
    bot.run_until_idle().await;
    let answer = bot.person("ana").slack().at(ROOM).says(FIX).await;
    bot.run_until_idle().await;
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_are_asked_in_private_for_every_seat_with_the_evidence_and_can_answer_there() {
    let bot = Bot::start().await;
    let answer = requested(&bot).await;
    holds(&answer, &["Only Tom Okafor can be asked as service owner: a single point."]);
    let lena = bot.person("lena").slack();
    let evidence = ["Rollback plan", "start the old one", "queues grow", "Approve"];
    holds(&lena.private(), &["You are asked for CHG-1", "technical authority", "on call", "Silence is never a yes"]);
    holds(&lena.private(), &evidence);
    let tom = bot.person("tom");
    let told = format!("{}{}", tom.slack().private(), tom.discord().private());
    holds(&told, &["You are asked for CHG-1", "service owner", "owning the service"]);
    holds(&told, &evidence);
    assert!(!bot.person("ana").slack().private().contains("You are asked"), "nobody is asked for their own change");

    bot.person("raj").discord().at(ROOM).reviews("CHG-1").await;
    let yes = lena.at("@wardroom").presses("Approve", "CHG-1").await;
    holds(&yes, &["approved CHG-1 as technical authority"]);
    bot.run_until_idle().await;
    holds(&bot.person("lena").slack().private(), &["☑ technical authority"]);
    holds(&bot.person("ana").slack().at(ROOM).sees(), &["☑ technical authority"]);

    let who =
        bot.database.texts("select convert_from(body, 'UTF8') from dlog.entry where kind = 'change.requested'").await;
    holds(&who.concat(), &["\"asks\":[", " technical_authority on_call", " service_owner owner"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_asks_the_next_in_line_over_a_restart_and_never_approves() {
    let bot = Bot::start().await;
    requested(&bot).await;
    bot.pass(9).await;
    assert!(!bot.decision_log("CHG-1").await.contains("approval.asked"), "the time to answer is not over");
    let bot = bot.again().await;
    bot.pass(2).await;
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["approval.asked by wardroom", "approval.unanswered by wardroom"]);
    let room = bot.person("ana").slack().at(ROOM).sees();
    holds(&room, &["is asked for CHG-1 too, as peer reviewer", "Nobody else can be asked for CHG-1 as service owner"]);
    let asked =
        "select ask->>'person' from change, jsonb_array_elements(asks) ask where ask->>'seat' = 'peer_reviewer'";
    assert_eq!(bot.database.texts(asked).await.len(), 3, "two at once, one after their silence");

    // Nobody decided: the next authority, then the decision authority, one after the other; and silence is a no.
    bot.pass(30).await;
    let missed = bot.decision_log("CHG-1").await;
    holds(&missed, &["ruling.asked by wardroom"]);
    assert!(!missed.contains("approval_expired"), "it waits for a ruling:\n{missed}");
    bot.pass(30).await;
    let ended = bot.decision_log("CHG-1").await;
    holds(&ended, &["ruling.passed_on by wardroom", "ruling.unanswered by wardroom"]);
    holds(&ended, &["change.approval_expired by wardroom"]);
    for yes in ["seat.granted", "ballot.cast", "change.approved"] {
        assert!(!ended.contains(yes), "silence is no {yes}:\n{ended}");
    }
    holds(&bot.person("lena").slack().private(), &["approval expired"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_e_cab_vote_asks_members_for_its_seats_and_then_the_next_member() {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev1 checkout is down svc:payments").await;
    bot.run_until_idle().await;
    let risky = "/change emergency roll back impact: cards fail why: every minute costs plan: redeploy tested:yes \
                 data:3 availability:5 compliance:2 complexity:3 rollback:2";
    bot.person("ana").slack().at("inc-1-checkout-is-down").says(risky).await;
    bot.run_until_idle().await;
    let asked =
        "select ask->>'seat' || ' ' || p.key from change, jsonb_array_elements(asks) with ordinality as a (ask, n)
                 join person p on p.id = ask->>'person' order by n";
    let first = bot.database.texts(asked).await;
    assert!(first.iter().any(|ask| ask == "service_owner mia"), "{first:?}");
    assert!(first.iter().any(|ask| ask == "technical_authority tom"), "{first:?}");
    bot.pass(6).await;
    let then = bot.database.texts(asked).await;
    assert!(then.len() > first.len() || bot.decision_log("CHG-1").await.contains("approval.unanswered"), "{then:?}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_card_asks_to_is_another_once_they_command_the_incident() {
    let bot = Bot::start().await;
    requested(&bot).await;
    let room = bot.person("ana").slack().at(ROOM);
    holds(&room.sees(), &["service owner · ask *Tom Okafor*"]);
    bot.person("tom").discord().at(ROOM).says("/inc lead").await;
    bot.run_until_idle().await;
    for (place, card) in [("the room", room.sees()), ("who is asked", bot.person("lena").slack().private())] {
        assert!(
            !card.contains("service owner · ask *"),
            "the commander signs no change of theirs, in {place}:\n{card}"
        );
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hangs_on_one_person_is_a_warning() {
    let bot = Bot::start().await;
    let check = bot.person("omar").slack().says("/admin check").await;
    holds(&check, &["What hangs on one person", "the role security: only *Kim Novak*", "the role executive: only"]);
    holds(&check, &["the owner's yes for"]);
    assert!(!check.contains("the role reviewer"), "several hold it:\n{check}");
    assert!(!check.contains("technical authority"), "every team has two approvers:\n{check}");
    let discord = bot.person("omar").discord().says("/admin check").await;
    holds(&discord, &["the role change_manager: only"]);
    bot.person("tom").slack().says("/cab delegate to:@sam until:+2h").await;
    holds(&bot.person("omar").slack().says("/admin check").await, &["stands in for now"]);
    bot.finish().await;
}

/// A change that can wait, on what Mia owns: it needs a review, her yes and a change manager's.
const CERTIFICATE: &str = "/change new rotate the certificate svc:payments impact: none if it goes well why: it expires \
                           plan: put the old one back @ana fails: handshakes fail -> put it back abort: cards fail \
                           tested: yes data: 1 availability: 2 compliance: 1 complexity: 2 rollback: 2";

async fn regular(bot: &Bot) {
    let asked = bot.person("ana").slack().says(CERTIFICATE).await;
    holds(&asked, &["CHG-1", "It is a normal change"]);
    assert!(!asked.contains("a single point"), "that is for emergencies: {asked}");
    bot.run_until_idle().await;
}

fn told(bot: &Bot, key: &str) -> String {
    bot.person(key).slack().private() + &bot.person(key).discord().private()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regular_change_asks_in_private_and_one_business_day_of_silence_adds_the_deputy() {
    let bot = Bot::start().await;
    regular(&bot).await;
    for (key, seat) in [("mia", "service owner"), ("ines", "change manager"), ("raj", "peer reviewer")] {
        holds(
            &told(&bot, key),
            &["You are asked for CHG-1", seat, "[Acknowledge] [Delegate]", "Approve", "old one back"],
        );
    }
    holds(&told(&bot, "ines"), &["Please answer by 8 Jan 14:00 UTC"]);
    assert!(!told(&bot, "omar").contains("You are asked for CHG-1"), "the owner has a day");
    bot.pass(24 * 60 - 1).await;
    let bot = bot.again().await;
    assert!(!bot.decision_log("CHG-1").await.contains("approval.asked"), "there is a minute left");
    bot.pass(1).await;
    holds(
        &told(&bot, "omar"),
        &["You are asked for CHG-1", "service owner", "standing above whoever owns the service"],
    );
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["approval.asked by wardroom", "approval.unanswered by wardroom"]);
    assert!(!log.contains("approval.prolonged"), "it has a second day:\n{log}");
    // Whoever was asked first, and whoever was asked then, may sign.
    let deputy = bot.person("omar").discord().says("/change approve change: CHG-1").await;
    holds(&deputy, &["approved CHG-1 as service owner"]);
    bot.pass(23 * 60).await;
    assert_eq!(bot.decision_log("CHG-1").await.matches("approval.unanswered").count(), 1, "it fires once");
    holds(&bot.person("zoe").slack().says("/log verify").await, &["*The log is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledging_stops_the_clock_of_the_first_answer_and_not_that_of_the_decision() {
    let bot = Bot::start().await;
    regular(&bot).await;
    let mia = bot.person("mia").slack().at("@wardroom").presses("Acknowledge", "CHG-1").await;
    holds(&mia, &["looks at *CHG-1*", "It is no yes: decide by 9 Jan 14:00 UTC."]);
    bot.run_until_idle().await;
    let card = bot.person("ana").slack().at("changes").sees();
    holds(&card, &["service owner · ask *Mia Chen*", "looked at by *Mia Chen*"]);
    let again = bot.person("mia").discord().says("/change plan ack change: CHG-1").await;
    holds(&again, &["You said at", "your yes or no is still missing"]);
    let raj = bot.person("raj").discord().at("@wardroom").presses("Acknowledge", "CHG-1").await;
    holds(&raj, &["looks at **CHG-1**"]);
    let ines = bot.person("ines").slack().at("@wardroom").presses("Acknowledge", "CHG-1").await;
    holds(&ines, &["looks at *CHG-1*"]);
    let other = bot.person("lena").slack().says("/change plan ack CHG-1").await;
    assert!(!other.contains("looks at"), "nobody asked her: {other}");
    let bot = bot.again().await;
    bot.pass(24 * 60).await;
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["approval.acknowledged by mia", "approval.acknowledged by raj"]);
    assert!(!log.contains("approval.asked"), "they look at it:\n{log}");
    assert!(!log.contains("approval.unanswered"), "their clock has stopped:\n{log}");
    assert!(!told(&bot, "omar").contains("You are asked for CHG-1"), "she looks at it");
    bot.pass(24 * 60).await;
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["approval.prolonged by wardroom"]);
    holds(&told(&bot, "mia"), &["Nobody decided in time"]);
    holds(&bot.person("zoe").slack().says("/log verify").await, &["*The log is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_asked_hands_it_on_with_a_button_and_their_delegate_is_asked_in_their_place() {
    let bot = Bot::start().await;
    regular(&bot).await;
    let mia = bot.person("mia").slack().at("@wardroom");
    assert_eq!(mia.presses("Delegate", "You are asked for CHG-1").await, "(a form)");
    holds(
        &mia.fills(&[("to", "@tom"), ("until", "+3d"), ("why", "a flight")]).await,
        &["Tom Okafor", "may fill your seats"],
    );
    bot.run_until_idle().await;
    holds(&told(&bot, "tom"), &["You are asked for CHG-1", "service owner", "standing in for somebody"]);
    assert_eq!(bot.decision_log("CHG-1").await.matches("approval.asked by wardroom").count(), 1, "once");
    bot.person("tom").slack().says("/change plan ack CHG-1").await;
    bot.pass(25 * 60).await;
    assert!(!told(&bot, "omar").contains("You are asked for CHG-1"), "Tom looks at it");
    let signed = bot.person("tom").slack().says("/change approve CHG-1").await;
    holds(&signed, &["approved CHG-1 as service owner for *Mia Chen*"]);
    holds(&bot.person("zoe").slack().says("/log verify").await, &["*The log is whole.*"]);
    bot.finish().await;
}

/// The buttons of a private question, on the platform of whoever is asked.
pub async fn press_all(bot: &Bot) {
    for here in [bot.person("mia").slack(), bot.person("raj").discord()] {
        let here = here.at("@wardroom");
        holds(&here.presses("Acknowledge", "You are asked for CHG-1").await, &["It is no yes"]);
        assert_eq!(here.presses("Delegate", "You are asked for CHG-1").await, "(a form)");
    }
    for key in ["mia", "raj"] {
        bot.dismiss(key);
    }
}
