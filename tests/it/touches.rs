//! What a change touches (rules 4.7 and 4.10): security has a seat of its own, privileged accounts take two reviewers, a vendor
//! an internal sponsor; said by whoever asks, or known of the service.

use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, Here, holds, is_whole};

const ROOM: &str = "inc-1-cards-fail";
const PLAN: &str = "plan: put the old one back @me 5m; look at the graphs @me 5m fails: slow -> wait; wrong sums -> stop; disk \
                    full -> make room abort: cards fail verify: cards work";
/// Medium with touches of any kind.
const SMALL: &str = "tested:yes data:1 availability:1 compliance:1 complexity:1 rollback:3";
/// High: the E-CAB votes.
const LARGE: &str = "tested:yes data:2 availability:3 compliance:1 complexity:3 rollback:3";

async fn with_an_incident() -> Bot {
    let bot = Bot::start().await;
    bot.person("ana").discord().says("/inc declare cards fail sev: sev1 svc: payments").await;
    bot.run_until_idle().await;
    bot
}

/// Ana's emergency in the war room.
async fn opens_a_port(bot: &Bot, risk: &str, touches: &str) -> String {
    let ana = bot.person("ana").slack().at(ROOM);
    let said = format!(
        "/change emergency open port 8443 on the firewall impact: cards fail why: each minute costs {PLAN} {risk} {touches}"
    );
    let told = ana.says(&said).await;
    bot.run_until_idle().await;
    told
}

async fn shown(bot: &Bot) -> String {
    bot.person("ana").slack().says("/change show CHG-1").await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_on_the_firewall_waits_for_the_security_seat() {
    let bot = with_an_incident().await;
    let asked = opens_a_port(&bot, SMALL, "touches:security").await;
    holds(
        &asked,
        &["needs a peer review, the technical authority, the service owner and the security authority", "Kim Novak"],
    );
    for (key, said) in [
        ("raj", "/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1"),
        ("tom", "/change approve change: CHG-1"),
        ("mia", "/change approve change: CHG-1"),
    ] {
        bot.person(key).discord().at(ROOM).says(said).await;
    }
    bot.run_until_idle().await;
    let waiting = shown(&bot).await;
    holds(&waiting, &["awaiting approval", "Touches: access, network boundary, secrets or data protection"]);
    holds(&waiting, &["☑ service owner", "☐ security authority · ask *Kim Novak*"]);
    let approved = bot.person("kim").discord().at(ROOM).presses("Approve", "CHG-1").await;
    holds(&approved, &["approved CHG-1 as security", "CHG-1 is approved"]);
    bot.run_until_idle().await;
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_majority_outvotes_the_security_seat() {
    let bot = with_an_incident().await;
    opens_a_port(&bot, LARGE, "touches:Security").await;
    bot.person("raj")
        .discord()
        .at(ROOM)
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    for key in ["mia", "tom"] {
        bot.person(key).discord().at(ROOM).presses("Approve", "CHG-1").await;
    }
    bot.person("ines").slack().says("/change approve CHG-1").await;
    bot.run_until_idle().await;
    holds(&shown(&bot).await, &["awaiting approval", "E-CAB vote", "3 of 4 voted"]);
    let vetoed = bot.person("kim").slack().says("/change reject CHG-1 the port is open to the world").await;
    holds(&vetoed, &["CHG-1 is rejected", "veto"]);
    bot.run_until_idle().await;
    bot.finish().await;
}

/// Without it the same three end it.
#[tokio::test(flavor = "multi_thread")]
async fn what_touches_nothing_asks_security_for_nothing() {
    let bot = with_an_incident().await;
    holds(&opens_a_port(&bot, LARGE, "").await, &["needs a peer review and the vote of the E-CAB"]);
    bot.person("raj")
        .discord()
        .at(ROOM)
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    for key in ["mia", "tom"] {
        bot.person(key).discord().at(ROOM).presses("Approve", "CHG-1").await;
    }
    bot.person("ines").slack().says("/change approve CHG-1").await;
    bot.run_until_idle().await;
    let shown = shown(&bot).await;
    holds(&shown, &["approved"]);
    assert!(!shown.contains("Touches"), "{shown}");
    bot.finish().await;
}

/// Lena's, on the ledger: Tom owns it, Omar is of her team and on both platforms.
async fn rotates_a_key(bot: &Bot) -> Here<'_> {
    let lena = bot.person("lena").slack();
    let asked = lena
        .says(
            "/change new rotate the signing key svc:ledger impact: none why: it is due plan: put the old one back @lena 5m \
             fails: clients refuse it -> put it back abort: sums are wrong tested:yes data:1 availability:1 compliance:1 \
             complexity:1 rollback:2 touches:privileged until:+4h",
        )
        .await;
    holds(&asked, &["+3 privileged accounts or keys", "2 peer reviews by different people", "the security authority"]);
    bot.run_until_idle().await;
    lena
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_rotated_only_after_two_people_reviewed_it_and_one_of_them_twice_is_one() {
    let bot = Bot::start().await;
    let lena = rotates_a_key(&bot).await;
    for (key, said) in [("tom", "/change approve change: CHG-1"), ("kim", "/change approve change: CHG-1")] {
        bot.person(key).discord().says(said).await;
    }
    bot.person("ines").slack().says("/change approve CHG-1").await;
    let own = lena.says("/change review CHG-1 ok target:yes rollback:yes effects:yes").await;
    holds(&own, &["Rule 4.15"]);
    holds(
        &bot.person("omar").slack().says("/change review CHG-1 ok target:yes rollback:yes effects:yes").await,
        &["CHG-1"],
    );
    let twice = bot
        .person("omar")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    holds(&twice, &["already"]);
    bot.run_until_idle().await;
    let early = lena.says("/change start CHG-1").await;
    holds(&early, &["It is not approved yet.", "Still missing: peer reviewer."]);
    let second = bot
        .person("raj")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    holds(&second, &["CHG-1 is approved"]);
    bot.run_until_idle().await;
    holds(&lena.says("/change start CHG-1").await, &["started CHG-1"]);
    bot.run_until_idle().await;
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn saying_later_what_it_touches_asks_everybody_anew() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    ana.says(&format!("/change new move the queue svc:payments impact: none why: it is due {PLAN} {SMALL} until:+4h"))
        .await;
    bot.run_until_idle().await;
    bot.person("mia").slack().says("/change approve CHG-1").await;
    let odd = ana.says("/change edit CHG-1 touches:keys").await;
    holds(&odd, &["“keys” is none of: security, privileged, migration, vendor"]);
    let edited = bot.person("ana").discord().says("/change edit change: CHG-1 touches: privileged,security").await;
    holds(
        &edited,
        &["revision 2", "touches: none → security,privileged", "Mia Chen", "2 peer reviews by different people"],
    );
    bot.run_until_idle().await;
    holds(
        &shown(&bot).await,
        &[
            "Touches: access, network boundary, secrets or data protection and privileged accounts or keys",
            "☐ service owner",
        ],
    );
    let less = ana.says("/change edit CHG-1 touches:none").await;
    holds(&less, &["revision 3", "touches: security,privileged → none"]);
    bot.run_until_idle().await;
    assert!(!shown(&bot).await.contains("Touches"));
    is_whole(&bot).await;
    bot.finish().await;
}

/// Every change of payments touches security, and Omar is accountable for what its vendor does.
async fn with_known_touches() -> Bot {
    let bot = with_an_incident().await;
    let payments = "key = \"payments\"\nname = \"Card payments\"\n";
    let known = format!("{payments}touches = [\"security\"]\nsponsor = \"omar\"\n");
    assert!(ORGANISATION.contains(payments));
    let applied =
        bot.app.apply_organisation(&ORGANISATION.replace(payments, &known), false).await.expect("it holds together");
    let changes: Vec<String> = applied.changes.iter().map(ToString::to_string).collect();
    assert_eq!(changes, ["~ service payments"]);
    bot
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_organisation_file_knows_is_filled_in_and_cannot_be_left_out() {
    let bot = with_known_touches().await;
    let ana = bot.person("ana").slack().at(ROOM);
    assert_eq!(ana.says("/change emergency roll back").await, "(a form)");
    let form = ana.modal().expect("a form").to_string();
    holds(&form, &["From the organisation file. security, privileged, migration, vendor", "security + privileged"]);
    let discord = bot.person("ana").discord().at(ROOM).says("/change emergency roll back").await;
    holds(&discord, &["What it touches: **security · access, network boundary", "from the organisation file"]);

    let told = opens_a_port(&bot, SMALL, "touches:none").await;
    let known = "It touches access, network boundary, secrets or data protection: the organisation file says so of Card payments.";
    holds(&told, &[known, "the security authority"]);
    let same = ana.says("/change edit CHG-1 touches:none").await;
    holds(&same, &["CHG-1 says that already.", known]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_vendor_does_has_somebody_inside_who_answers_for_it() {
    let bot = with_known_touches().await;
    holds(&opens_a_port(&bot, SMALL, "touches:vendor").await, &["the internal sponsor", "Omar Haddad"]);
    let other = bot.person("sam").discord().at(ROOM).says("/change approve change: CHG-1").await;
    holds(&other, &["Rule 4.10"]);
    holds(&shown(&bot).await, &["☐ internal sponsor · ask *Omar Haddad*"]);
    let sponsor = bot.person("omar").discord().at(ROOM).says("/change approve change: CHG-1").await;
    holds(&sponsor, &["as internal sponsor"]);
    bot.run_until_idle().await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_offers_what_it_may_touch_on_both_platforms() {
    let bot = with_an_incident().await;
    let answers = [
        ("impact", "cards fail"),
        ("why", "every minute costs sales"),
        ("plan", "deploy 4.2 again"),
        ("tested", "yes"),
        ("data", "1"),
        ("availability", "2"),
        ("compliance", "1"),
        ("complexity", "1"),
        ("rollback", "2"),
        ("touches", "privileged,vendor"),
    ];
    let asks = ["2 peer reviews by different people", "the security authority", "the internal sponsor"];
    let discord = bot.person("ana").discord().at(ROOM);
    discord.says("/change emergency roll back").await;
    holds(&discord.fills(&answers).await, &asks);
    let slack = bot.person("ana").slack().at(ROOM);
    slack.says("/change emergency roll back once more").await;
    holds(&slack.fills(&answers).await, &asks);
    bot.run_until_idle().await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_a_batch_touches_what_was_said_of_the_batch() {
    let bot = Bot::start().await;
    let planned = bot
        .person("ana")
        .slack()
        .at("changes")
        .says(
            "/change bulk rotate keys until:+20h items: payments rotate the key impact: none why: routine plan: put it back \
             @ana fails: it hangs -> put it back abort: cards fail tested:yes risk: 1 2 1 2 2 touches:privileged",
        )
        .await;
    holds(&planned, &["BAT-1"]);
    bot.run_until_idle().await;
    holds(&shown(&bot).await, &["Touches: privileged accounts or keys", "☐ security authority"]);
    bot.finish().await;
}
