//! The decision authority rules on what blocks a change: asked one after the other in private, bound to a revision, and in
//! force at once.

use wardroom::domain::policy::DEFAULT_TOML;

use crate::harness::{Bot, Here, holds, is_whole};

const ROOM: &str = "inc-1-cards-fail";
const CERTIFICATE: &str = "/change new rotate the certificate svc:payments impact: none if it goes well why: it expires \
                           plan: put the old one back @ana fails: handshakes fail -> put it back abort: cards fail \
                           tested: yes data: 1 availability: 2 compliance: 1 complexity: 2 \
                           rollback: 2";
const HIGH: &str = "data:2 availability:3 compliance:1 complexity:3 rollback:3";
const CRITICAL: &str = "data:2 availability:3 compliance:1 complexity:5 rollback:4";

/// Ana's change on the payments is agreed to, may run today, and a freeze of four days holds it up.
async fn frozen(bot: &Bot) -> Here<'_> {
    let ana = bot.person("ana").slack();
    ana.says(CERTIFICATE).await;
    bot.person("mia").discord().says("/change approve CHG-1").await;
    bot.person("raj")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    bot.person("ines").slack().says("/change approve CHG-1").await;
    ana.says("/change sched CHG-1 until:+6h").await;
    bot.person("ines").slack().says("/freeze on svc:payments until:+96h why: the month is closed").await;
    bot.run_until_idle().await;
    ana
}

/// As `frozen`, and Inês has made no exception.
async fn denied(bot: &Bot) -> Here<'_> {
    let ana = frozen(bot).await;
    ana.says("/freeze except CHG-1 why: it expires tonight").await;
    holds(&bot.person("ines").slack().says("/freeze deny CHG-1 why: payroll runs").await, &["CHG-1"]);
    bot.run_until_idle().await;
    ana
}

/// An emergency of this risk waits for the vote alone.
async fn voted_on<'a>(bot: &'a Bot, factors: &str) -> Here<'a> {
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let ana = ana.at(ROOM);
    emergency(bot, &ana, 1, factors).await;
    ana
}

async fn emergency(bot: &Bot, ana: &Here<'_>, number: i32, factors: &str) {
    let told = ana
        .says(&format!(
            "/change emergency roll back 4.{number} impact: cards fail why: it costs sales plan: deploy it again tested:yes \
             {factors}"
        ))
        .await;
    holds(&told, &[&format!("CHG-{number}")]);
    bot.run_until_idle().await;
    bot.person("raj")
        .discord()
        .says(&format!("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-{number}"))
        .await;
    bot.run_until_idle().await;
}

fn told(bot: &Bot, key: &str) -> String {
    bot.person(key).slack().private() + &bot.person(key).discord().private()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_exception_is_ruled_on_with_conditions_and_the_change_starts_past_the_freeze() {
    let bot = Bot::start().await;
    let ana = frozen(&bot).await;
    holds(
        &ana.says("/cab escalate CHG-1 it expires tonight").await,
        &["FRZ-1 holds it up", "asks for an exception first"],
    );
    ana.says("/freeze except CHG-1 why: it expires tonight").await;
    bot.person("ines").slack().says("/freeze deny CHG-1 why: payroll runs").await;
    bot.run_until_idle().await;
    let other = bot.person("lena").slack().says("/cab escalate CHG-1 me too").await;
    holds(&other, &["This is not your dispute: Ana Ruiz asked for CHG-1.", "Rule decision-authority"]);
    let channel = bot.person("ana").slack().at("changes");
    assert_eq!(channel.presses("Escalate", "CHG-1").await, "(a form)");
    let asked = channel.fills(&[("why", "the certificate expires tonight")]).await;
    holds(
        &asked,
        &["puts CHG-1 to the decision authority", "the certificate expires tonight", "*Omar Haddad* is asked until"],
    );
    bot.run_until_idle().await;
    let private = told(&bot, "omar");
    holds(
        &private,
        &["You are asked to rule on CHG-1", "a freeze that made no exception", "the certificate expires tonight"],
    );
    holds(&private, &["FRZ-1: the month is closed. Inês Duarte made no exception.", "[Allow] [Deny] [Details]"]);
    holds(&ana.says("/change show CHG-1").await, &["Escalated", "*Omar Haddad* is asked to rule until"]);
    holds(&ana.says("/cab escalate CHG-1 again").await, &["waits for the ruling of Omar Haddad already"]);

    for (who, sentence) in [("ines", "You are a party of this dispute"), ("zoe", "You are not asked to rule on CHG-1.")]
    {
        let refused = bot.person(who).slack().says("/cab rule CHG-1 allow why: so be it").await;
        holds(&refused, &[sentence, "Omar Haddad is asked to rule on it."]);
    }
    let omar = bot.person("omar").slack().at("@wardroom");
    assert_eq!(omar.presses("Allow", "rule on CHG-1").await, "(a form)");
    let ruled = omar.fills(&[("why", "an outage costs more than payroll"), ("conditions", "tom watches it")]).await;
    holds(
        &ruled,
        &["ruled on *CHG-1* (freeze): *allow* · an outage costs more than payroll", "on condition: tom watches it"],
    );
    holds(&ruled, &["lets CHG-1 through *FRZ-1*", "by a ruling of the decision authority"]);
    bot.run_until_idle().await;
    holds(&told(&bot, "ana"), &["ruled on", "CHG-1 is not held up any more"]);
    holds(&told(&bot, "ines"), &["ruled on"]);
    let started = ana.says("/change start CHG-1").await;
    holds(
        &started,
        &["started CHG-1", "made no exception: passed by ruling of Omar Haddad. Condition: tom watches it"],
    );
    holds(&omar.presses("Deny", "rule on CHG-1").await, &["(a form)"]);
    let late = omar.fills(&[("why", "too late")]).await;
    holds(&late, &["was ruled on by Omar Haddad", "allowed", "Nothing was changed."]);
    holds(
        &bot.person("raj").discord().says("/change show change: CHG-1").await,
        &["**Ruling**", "**allowed** by @omar"],
    );
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_passes_it_on_and_at_the_end_of_the_chain_it_is_a_no_over_a_restart() {
    let bot = Bot::start().await;
    let ana = denied(&bot).await;
    holds(&ana.says("/cab escalate CHG-1 it expires").await, &["*Omar Haddad* is asked until 8 Jan"]);
    bot.run_until_idle().await;
    let bot = bot.again().await;
    bot.pass(24 * 60).await;
    holds(&told(&bot, "zoe"), &["You are asked to rule on CHG-1"]);
    holds(
        &bot.person("ana").slack().at("changes").sees(),
        &["Nobody ruled on CHG-1 in time · *Zoe Laurent* is asked now"],
    );
    bot.pass(24 * 60).await;
    holds(&told(&bot, "ana"), &["Nobody of the decision authority ruled on *CHG-1* (freeze), which is a no"]);
    let ana = bot.person("ana").slack();
    holds(&ana.says("/cab escalate CHG-1 once more").await, &["unanswered, which is a no", "A ruling binds"]);
    let late = bot.person("omar").discord().says("/cab rule verdict: allow change: CHG-1 why: I was away").await;
    holds(&late, &["was ruled on", "Nothing was changed."]);
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["ruling.asked by ana", "ruling.passed_on by wardroom", "ruling.unanswered by wardroom"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_an_incident_a_concern_is_passed_on_after_a_quarter_of_an_hour_and_a_ruling_ends_it() {
    let bot = Bot::start().await;
    let ana = voted_on(&bot, HIGH).await;
    bot.person("kim").discord().at(ROOM).says("/cab concern change: CHG-1 why: nobody tried it").await;
    for voter in ["mia", "tom"] {
        bot.person(voter).slack().at(ROOM).says("/change approve CHG-1").await;
    }
    holds(
        &ana.says("/cab escalate CHG-1 it was tried in spring").await,
        &["*Omar Haddad* is asked until 7 Jan 14:15 UTC"],
    );
    bot.pass(15).await;
    holds(&told(&bot, "zoe"), &["a voter's concern", "it was tried in spring", "Kim Novak: nobody tried it"]);
    let own = bot.person("kim").discord().says("/cab rule verdict: deny change: CHG-1 why: it is mine").await;
    holds(&own, &["You are a party of this dispute about CHG-1", "Zoe Laurent is asked"]);
    let ruled = bot.person("zoe").slack().says("/cab rule CHG-1 allow why: spring counts").await;
    holds(&ruled, &["ruled on *CHG-1*", "*allow* · spring counts", "CHG-1 is approved"]);
    bot.run_until_idle().await;
    holds(&bot.person("tom").discord().at(ROOM).sees(), &["ruled on **CHG-1** (concern): **allow**"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn security_is_not_outvoted_but_its_veto_is_ruled_on_and_the_vote_goes_on() {
    let bot = Bot::start().await;
    let ana = voted_on(&bot, CRITICAL).await;
    bot.person("zoe").slack().says("/change accept-risk CHG-1 waiting costs more alternatives:none").await;
    for voter in ["mia", "tom"] {
        bot.person(voter).slack().at(ROOM).says("/change approve CHG-1").await;
    }
    bot.person("kim").slack().at(ROOM).says("/change reject CHG-1 it opens a port").await;
    bot.run_until_idle().await;
    holds(&ana.sees(), &["rejected", "[Escalate] [Details]"]);
    assert_eq!(ana.presses("Escalate", "CHG-1").await, "(a form)");
    holds(&ana.fills(&[("why", "the port is closed again in an hour")]).await, &["(*veto*)", "*Omar Haddad* is asked"]);
    bot.run_until_idle().await;
    holds(&told(&bot, "omar"), &["security's veto", "Kim Novak: it opens a port"]);
    let omar = bot.person("omar").discord().at(ROOM);
    let ruled = omar.says("/cab rule verdict: allow change: CHG-1 why: an hour is short").await;
    holds(&ruled, &["ruled on **CHG-1** (veto): **allow**", "The vote goes on, without the veto."]);
    bot.run_until_idle().await;
    let last = bot.person("ines").slack().at(ROOM).says("/change approve CHG-1").await;
    holds(&last, &["voted *approve* on CHG-1"]);
    bot.pass(60).await;
    holds(&ana.says("/change show CHG-1").await, &["approved", "Ruling"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_got_all_its_time_gets_more_by_a_ruling_alone() {
    let bot = Bot::start().await;
    let none = DEFAULT_TOML.replace("reapprovals_max = 2", "reapprovals_max = 0");
    bot.app.load_policy(&none).await.expect("a sound policy");
    let ana = voted_on(&bot, HIGH).await;
    for voter in ["mia", "tom"] {
        bot.person(voter).slack().at(ROOM).says("/change approve CHG-1").await;
    }
    holds(&ana.says("/change start").await, &["started CHG-1"]);
    holds(&ana.says("/change extend why: the replay is slow").await, &["policy allows no more", "/cab escalate CHG-1"]);
    bot.pass(8 * 60).await;
    holds(&ana.sees(), &["[Escalate] [Roll back]"]);
    assert_eq!(ana.presses("Escalate", "The window of CHG-1 ended").await, "(a form)");
    holds(&ana.fills(&[("why", "two tables are left")]).await, &["(*window*)"]);
    let ruled = bot.person("omar").slack().at(ROOM).says("/cab rule CHG-1 other why: roll it back and plan it").await;
    holds(&ruled, &["(window): *other* · roll it back and plan it"]);
    holds(&ana.says("/change done").await, &["The window of CHG-1 has closed."]);
    ana.says("/change edit CHG-1 plan: deploy it again from the mirror").await;
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_time_that_is_ruled_lets_the_work_go_on_in_the_same_moment() {
    let bot = Bot::start().await;
    let none = DEFAULT_TOML.replace("reapprovals_max = 2", "reapprovals_max = 0");
    bot.app.load_policy(&none).await.expect("a sound policy");
    let ana = voted_on(&bot, HIGH).await;
    for voter in ["mia", "tom"] {
        bot.person(voter).slack().at(ROOM).says("/change approve CHG-1").await;
    }
    ana.says("/change start").await;
    bot.pass(8 * 60).await;
    ana.says("/cab escalate CHG-1 two tables are left").await;
    let ruled = bot.person("omar").slack().at(ROOM).says("/cab rule CHG-1 allow why: finish it").await;
    holds(&ruled, &["*CHG-1 may go on.* Its window is open until"]);
    holds(&ana.says("/change done").await, &["finished CHG-1"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ruling_lets_a_change_run_beside_the_one_that_has_the_slot() {
    let bot = Bot::start().await;
    let ana = voted_on(&bot, HIGH).await;
    emergency(&bot, &ana, 2, HIGH).await;
    for voter in ["mia", "tom"] {
        for change in ["CHG-1", "CHG-2"] {
            bot.person(voter).slack().at(ROOM).says(&format!("/change approve {change}")).await;
        }
    }
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    // Ana takes back what runs: somebody else stands by for the other.
    ana.says("/change plan standby CHG-2 do:oncall").await;
    let ready = bot.person("raj").discord().says("/change plan standby change: CHG-2 do: ready").await;
    holds(&ready, &["is on standby for CHG-2"]);
    holds(&ana.says("/change start CHG-2").await, &["it waits in place 1, behind CHG-1"]);
    ana.says("/cab escalate CHG-2 they touch different tables").await;
    bot.run_until_idle().await;
    holds(&told(&bot, "omar"), &["its turn in the line", "they touch different tables"]);
    holds(&bot.person("omar").slack().says("/cab rule CHG-2 allow why: both are small").await, &["may start now"]);
    bot.run_until_idle().await;
    holds(&ana.says("/change start CHG-2").await, &["started CHG-2", "passed by ruling of Omar Haddad"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_may_set_aside_is_refused_with_that_reason() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let ana = ana.at(ROOM);
    let ask = "/change emergency roll back 4.2 impact: cards fail why: it costs sales plan: deploy it again tested:yes";
    holds(&ana.says(&format!("{ask} {HIGH}")).await, &["CHG-1"]);
    let review = ana.says("/cab escalate CHG-1 no reviewer is awake").await;
    holds(&review, &["Nobody can set aside the peer review of high risk.", "Rule 4.35"]);
    bot.person("raj")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    let votes = ana.says("/cab escalate CHG-1 nobody votes").await;
    holds(&votes, &["waits for the yes of others: the vote", "Nobody can set aside the duties", "Rule 4.35"]);
    holds(
        &bot.person("omar").slack().says("/cab rule CHG-1 allow why: go").await,
        &["Nobody asks for a ruling on CHG-1."],
    );
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_review_blocks_no_emergency_for_a_day_once_that_is_ruled() {
    let bot = Bot::start().await;
    super::pirs::done(&bot).await;
    bot.pass(73 * 60).await;
    let ana = bot.person("ana").slack().at("inc-1-checkout-returns-502");
    let ask = "/change emergency roll back 4.3 impact: cards fail why: it costs sales plan: deploy it again tested:yes";
    let blocked = ana.says(&format!("{ask} {HIGH}")).await;
    holds(&blocked, &["`/cab escalate CHG-1` and why puts it to the decision authority", "Rule 4.8"]);
    holds(&ana.says("/cab escalate CHG-1 cards fail again").await, &["(*review*)", "*Omar Haddad* is asked"]);
    bot.person("omar").slack().says("/cab rule CHG-1 allow why: first the cards").await;
    let asked = ana.says(&format!("{ask} {HIGH}")).await;
    holds(&asked, &["CHG-2", "The overdue review of CHG-1: passed by ruling of Omar Haddad."]);
    ana.says("/change withdraw CHG-2 fixed otherwise").await;
    bot.pass(24 * 60).await;
    holds(&ana.says(&format!("{ask} {HIGH}")).await, &["The review of CHG-1 is owed"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_a_chain_is_a_warning_and_without_any_nobody_rules() {
    let bot = Bot::start().await;
    let check = bot.person("omar").slack().says("/admin check").await;
    holds(&check, &["rulings on disputes about", "which have no chain of their own: that of the unit is asked"]);
    let own = format!(
        "{}\n[[roster]]\nkey = \"authority-payments\"\nchair = \"zoe\"\nmembers = [\"zoe\", \"omar\"]\n",
        wardroom::trial::ORGANISATION
    );
    bot.app.apply_organisation(&own, false).await.expect("it can be applied");
    let ana = denied(&bot).await;
    holds(&ana.says("/cab escalate CHG-1 it expires").await, &["*Zoe Laurent* is asked until"]);
    bot.finish().await;

    let bot = Bot::start().await;
    let chain = "key = \"authority\"\nchair = \"omar\"\nmembers = [\"omar\", \"zoe\"]";
    let none =
        wardroom::trial::ORGANISATION.replace(chain, "key = \"authority\"\nchair = \"ines\"\nmembers = [\"ines\"]");
    bot.app.apply_organisation(&none, false).await.expect("it can be applied");
    let ana = denied(&bot).await;
    holds(&ana.says("/cab escalate CHG-1 it expires").await, &["Nobody who is no party may rule on CHG-1"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hard_freeze_is_not_for_the_authority_alone() {
    let bot = Bot::start().await;
    let ana = frozen(&bot).await;
    let ines = bot.person("ines").slack();
    ines.says("/freeze off FRZ-1 why: it is to be a hard one").await;
    ines.says("/freeze on svc:payments hard:yes until:+96h why: the month is closed").await;
    bot.run_until_idle().await;
    ana.says("/freeze except CHG-1 why: it expires tonight").await;
    holds(&bot.person("zoe").slack().says("/freeze deny CHG-1 why: payroll runs").await, &["CHG-1"]);
    let refused = ana.says("/cab escalate CHG-1 it expires tonight").await;
    holds(&refused, &["FRZ-2 is a hard freeze", "and the decision authority", "Rule 4.35"]);
    bot.finish().await;
}
