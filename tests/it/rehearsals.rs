//! Rehearsals of a way back (rule 4.9): tried away from production, watched by somebody else, bound to the steps of the plan.

use crate::harness::{Bot, Here, holds, is_whole, without_hashes};

/// The review, as far as it says nothing of the rehearsal.
const CLOSE: &str = "/change after pir CHG-1 verdict:compliant effective:no policy:yes evidence:yes rollback:yes";

const ROOM: &str = "inc-1-cards-fail";
/// High risk, two days ahead: on 9 January from 10:00 to 12:00.
const MOVE: &str = "/change new move the queue svc:payments impact: none why: it is due plan: stop it @ana 5m; put the old \
                    one back @ana 10m fails: slow -> wait; wrong sums -> stop; disk full -> make room abort: wrong sums \
                    verify: the sums are right tested:yes data:3 availability:3 compliance:2 complexity:3 rollback:4 \
                    from:2030-01-09T10:00Z until:2030-01-09T12:00Z";
const FIX: &str = "/change emergency roll back 4.2 impact: cards fail why: each minute costs plan: stop it @ana 5m; deploy 4.2 \
                   again @ana 5m tested:yes data:2 availability:3 compliance:1 complexity:3 rollback:3";
const PLAN: &str = "/change plan rehearse CHG-1 env:staging observer:@raj minutes:15";
const DAY: i32 = 24 * 60;

fn told(bot: &Bot, key: &str) -> String {
    let (slack, discord) = (bot.person(key).slack().private(), bot.person(key).discord().private());
    (slack + &discord).replace('*', "")
}

async fn agree(bot: &Bot, number: u32, channel: &str) {
    let change = format!("CHG-{number}");
    bot.person("raj")
        .discord()
        .at(channel)
        .says(&format!("/change review verdict: ok target: yes rollback: yes effects: yes change: {change}"))
        .await;
    bot.person("mia").slack().says(&format!("/change approve {change}")).await;
    bot.person("tom").discord().says(&format!("/change approve change: {change}")).await;
    bot.person("ines").slack().says(&format!("/change approve {change}")).await;
    bot.run_until_idle().await;
}

/// Ana's change of high risk.
async fn asked(bot: &Bot) -> Here<'_> {
    let ana = bot.person("ana").slack();
    let asked = ana.says(MOVE).await;
    holds(&asked, &["Rule 4.9 also asks for a rehearsal of the rollback", "`/change plan rehearse CHG-1 env:staging"]);
    ana
}

/// Ana tries it, Raj watches: it takes twelve minutes.
async fn proven(bot: &Bot, ana: &Here<'_>) {
    ana.says(PLAN).await;
    ana.says("/change plan rehearse CHG-1 do:begin").await;
    bot.run_until_idle().await;
    bot.pass(12).await;
    let proven = bot.person("raj").discord().at("@wardroom").presses("Proven", "how does it go").await;
    holds(&proven, &["The way back of CHG-1 is **proven** in 12 of 15 minutes", "for 180 days"]);
    bot.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_carries_it_out_tries_the_way_back_and_whoever_watches_says_how_it_went() {
    let bot = Bot::watched().await;
    let ana = asked(&bot).await;
    for (said, words) in [
        ("env:prod observer:@raj minutes:15", "prod is production: a way back is rehearsed elsewhere."),
        ("env:staging observer:@ana minutes:15", "Ana Ruiz carries CHG-1 out: somebody else watches its rehearsal."),
        ("env:staging minutes:15", "needs an environment, somebody who watches, and how long it should take"),
        ("env: on my laptop observer:@raj", "is no environment"),
        ("env:staging minutes:0", "is no number of minutes from 1 to 1440"),
        ("do:begin", "No rehearsal of CHG-1 is planned."),
    ] {
        holds(&ana.says(&format!("/change plan rehearse CHG-1 {said}")).await, &[words]);
    }
    let other = bot.person("lena").slack().says(PLAN).await;
    holds(&other, &["CHG-1 was asked for by Ana Ruiz.", "Ana Ruiz or a change manager can plan its rehearsal."]);
    let planned = ana.says(PLAN).await;
    holds(&planned, &["plans a rehearsal of CHG-1 in *staging*: 15 minutes, watched by *Raj Patel*, due 21 Jan"]);
    holds(&ana.says(PLAN).await, &["It is planned like that already."]);
    bot.run_until_idle().await;
    holds(&told(&bot, "raj"), &["You watch a rehearsal of CHG-1.", "Where: staging", "[Details]"]);
    holds(
        &ana.says("/change show CHG-1").await,
        &["*Rehearsal:* planned in staging, watched by *Raj Patel*, due 21 Jan"],
    );

    let early = bot.person("raj").discord().says("/change plan rehearse change: CHG-1 do: proven").await;
    holds(&early, &["How long did it take?"]);
    let begun = ana.says("/change plan rehearse CHG-1 do:begin").await;
    holds(&begun, &["tries the way back of CHG-1", "Raj Patel says how it went."]);
    bot.run_until_idle().await;
    holds(&told(&bot, "raj"), &["The rehearsal of CHG-1 has begun: how does it go?", "[Proven] [Failed] [Details]"]);
    let own = ana.says("/change plan rehearse CHG-1 do:proven").await;
    holds(&own, &["Raj Patel watches the rehearsal of CHG-1, and says how it went.", "Rule 4.9"]);
    bot.pass(12).await;
    let raj = bot.person("raj").discord().at("@wardroom");
    let proven = raj.presses("Proven", "how does it go").await;
    holds(&proven, &["The way back of CHG-1 is **proven** in 12 of 15 minutes", "who watched", "for 180 days"]);
    holds(&raj.presses("Failed", "how does it go").await, &["No rehearsal of CHG-1 is planned."]);
    bot.run_until_idle().await;
    holds(&told(&bot, "ana"), &["The way back of CHG-1 is proven in 12 of 15 minutes"]);
    holds(
        &ana.says("/change plan rehearse CHG-1").await,
        &[
            "a change manager's waiver",
            "*proven* 7 Jan",
            "in staging · watched by *Raj Patel* · 12 min · 15 min expected",
        ],
    );
    let log = bot.decision_log("CHG-1").await;
    let said: Vec<&str> = log.lines().filter(|line| line.contains("rehearsal.")).collect();
    insta::assert_snapshot!(said.join("\n"), @"
    CHG-1#5 rehearsal.planned by ana
    CHG-1#6 rehearsal.begun by ana
    CHG-1#8 rehearsal.proven by raj
    ");
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_proven_counts_for_the_same_steps_and_what_failed_against_them() {
    let bot = Bot::watched().await;
    let ana = asked(&bot).await;
    proven(&bot, &ana).await;
    // The same steps, by somebody else and in another time: rollback complexity 4 counts as 3.
    let later = MOVE.replace("2030-01-09", "2030-01-16").replace("@ana 10m", "@raj 12m");
    let second = ana.says(&later).await;
    holds(&second, &["This way back was proven on 7 Jan with CHG-1", "rollback manual, under 30 minutes"]);
    assert!(!second.contains("also asks for a rehearsal"), "{second}");
    holds(&ana.says("/change plan rehearse CHG-2").await, &["It was not rehearsed.", "*proven* 7 Jan", "with CHG-1"]);
    // Other steps, or the same on another service, are another way back.
    let others = [later.replace("put the old one back", "restore it"), later.replace("svc:payments", "svc:checkout")];
    for (who, other) in ["ana", "tom"].into_iter().zip(others) {
        let asked = bot.person(who).slack().says(&other.replace("2030-01-16", "2030-01-20")).await;
        holds(&asked, &["also asks for a rehearsal of the rollback"]);
        assert!(!asked.contains("was proven on"), "{asked}");
    }

    ana.says("/change plan rehearse CHG-2 env:staging observer:@raj minutes:15").await;
    let raj = bot.person("raj").discord();
    let failed = raj.says("/change plan rehearse change: CHG-2 do: failed why: the old image is gone").await;
    holds(&failed, &["The rehearsal of CHG-2 **failed**", "the old image is gone", "riskier"]);
    bot.run_until_idle().await;
    let third = ana.says(&later.replace("2030-01-16", "2030-01-23")).await;
    holds(&third, &["This way back failed its rehearsal on 7 Jan with CHG-2", "irreversible, or no rollback"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_high_risk_starts_once_its_way_back_is_proven_and_other_steps_void_that() {
    let bot = Bot::watched().await;
    let ana = asked(&bot).await;
    proven(&bot, &ana).await;
    let edited = ana.says("/change edit CHG-1 stop it @ana 5m; restore it @ana 10m").await;
    assert!(!edited.contains("have changed"), "a title is no step: {edited}");
    let edited = ana.says("/change edit CHG-1 plan: stop it @ana 5m; restore it @ana 10m").await;
    holds(&edited, &["The rollback steps of CHG-1 have changed"]);
    agree(&bot, 1, "changes").await;
    holds(
        &ana.says("/change show CHG-1").await,
        &["approved", "*Rehearsal:* proven", "*the steps have changed since*"],
    );
    ana.says("/change plan standby CHG-1 rollback_owner:@sam").await;
    bot.pass(2 * DAY - 4 * 60 + 15).await;
    bot.person("sam").discord().says("/change plan standby change: CHG-1 do: ready").await;
    let refused = ana.says("/change start CHG-1").await;
    insta::assert_snapshot!(without_hashes(&refused), @"
    CHG-1 cannot start before its way back was rehearsed: what was shown was of other steps: the plan has changed.
    `/change plan rehearse CHG-1 env:staging observer:@… minutes:15` plans it. A change manager can do without: `/change plan rehearse CHG-1 do:waive` and why.
      Rule 4.9 · nothing was changed · `L CHG-1#24 ……`
    ");
    let own = ana.says("/change plan rehearse CHG-1 do:waive why: no time").await;
    holds(&own, &["You cannot let CHG-1 do without a rehearsal.", "A change manager who has no part in it can."]);
    let ines = bot.person("ines").slack();
    holds(&ines.says("/change plan rehearse CHG-1 do:waive").await, &["Why is it done without?"]);
    let waived = ines.says("/change plan rehearse CHG-1 do:waive why: the steps are two lines").await;
    holds(&waived, &["lets CHG-1 do without a rehearsal: the steps are two lines"]);
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    bot.run_until_idle().await;
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exception_of_a_change_manager_lets_it_start_without_a_rehearsal() {
    let bot = Bot::watched().await;
    let (ana, ines) = (asked(&bot).await, bot.person("ines").slack());
    agree(&bot, 1, "changes").await;
    ana.says("/change plan standby CHG-1 rollback_owner:@sam").await;
    bot.pass(2 * DAY - 4 * 60 + 15).await;
    bot.person("sam").discord().says("/change plan standby change: CHG-1 do: ready").await;
    holds(&ana.says("/change start CHG-1").await, &["cannot start before its way back was rehearsed", "Rule 4.9"]);
    let except = ana
        .says("/cab exception ask CHG-1 rule:rehearsal until:+1d control: tom watches each step why: the lab is down")
        .await;
    holds(&except, &["an exception of the medium class", "a change manager (Inês Duarte)"]);
    holds(&ines.says("/cab exception approve EXC-1").await, &["approves *EXC-1* as change manager"]);
    let started = bot.person("ana").discord().says("/change start change: CHG-1").await;
    holds(&started, &["started CHG-1", "CHG-1 goes past **rehearsal**: passed by **EXC-1**"]);

    bot.run_until_idle().await;
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exception_lets_the_review_of_an_emergency_close_without_the_result_of_a_rehearsal() {
    let bot = Bot::watched().await;
    bot.person("mia").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let (ana, ines) = (bot.person("ana").slack().at(ROOM), bot.person("ines").slack());
    ana.says(FIX).await;
    bot.run_until_idle().await;
    agree(&bot, 1, ROOM).await;
    ana.says("/change start CHG-1").await;
    ana.says("/change rollback it got worse").await;
    holds(&ines.says(CLOSE).await, &["its review closes with the result of a rehearsal", "Rule 4.9"]);
    ana.says("/cab exception ask svc:payments rule:rehearsal until:+1d control: tom watches why: the lab is down")
        .await;
    ines.says("/cab exception approve EXC-1").await;
    let closed = ines.says(CLOSE).await;
    holds(&closed, &["reviewed CHG-1: *compliant*", "CHG-1 goes past *rehearsal*: passed by *EXC-1*"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_is_reminded_of_and_its_day_moves_once() {
    let bot = Bot::watched().await;
    let ana = bot.person("ana").slack();
    ana.says(&MOVE.replace("2030-01-09", "2030-02-20")).await;
    agree(&bot, 1, "changes").await;
    ana.says(PLAN).await;
    bot.run_until_idle().await;
    bot.pass(11 * DAY + 1).await;
    holds(&told(&bot, "ana"), &["The rehearsal of CHG-1 is due 21 Jan", "[Begin rehearsal] [Details]"]);
    let raj = bot.person("raj").discord();
    let moved = raj.says("/change plan rehearse change: CHG-1 do: later why: staging is rebuilt").await;
    holds(&moved, &["The rehearsal of CHG-1 moves to", "its environment is not there", "staging is rebuilt"]);
    let again = ana.says("/change plan rehearse CHG-1 do:later").await;
    holds(&again, &["The rehearsal of CHG-1 has moved once, to 4 Feb", "Rule 4.9"]);
    bot.pass(14 * DAY).await;
    bot.pass(3 * DAY).await;
    holds(&told(&bot, "ines"), &["The rehearsal of CHG-1 is overdue since"]);
    let log = bot.decision_log("CHG-1").await;
    assert_eq!(log.matches("rehearsal.reminded by wardroom").count(), 3, "{log}");
    let begun = bot.person("ana").slack().at("@wardroom").presses("Begin rehearsal", "overdue").await;
    holds(&begun, &["tries the way back of CHG-1"]);
    bot.run_until_idle().await;
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_never_waits_and_its_review_closes_with_a_result_once_it_was_rolled_back() {
    let bot = Bot::watched().await;
    bot.person("mia").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let ana = bot.person("ana").slack().at(ROOM);
    ana.says(FIX).await;
    bot.run_until_idle().await;
    agree(&bot, 1, ROOM).await;
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    let back = ana.says("/change rollback it got worse").await;
    holds(&back, &["rolled CHG-1 back", "its review asks for a rehearsal of that, due 21 Jan"]);
    bot.run_until_idle().await;
    holds(&bot.person("raj").discord().at(ROOM).sees(), &["its review asks for a rehearsal of that"]);
    let ines = bot.person("ines").slack();
    let refused = ines.says(CLOSE).await;
    holds(
        &refused,
        &[
            "CHG-1 was rolled back: its review closes with the result of a rehearsal, and nobody has planned it yet.",
            "A change manager can do without",
            "Rule 4.9",
        ],
    );
    ana.says(PLAN).await;
    holds(
        &ines.says(CLOSE).await,
        &["it is planned until 21 Jan", "`/change plan rehearse CHG-1 do:begin` begins it."],
    );
    // That it failed is a result too.
    let failed = bot.person("raj").discord().says("/change plan rehearse change: CHG-1 do: failed minutes: 20").await;
    holds(&failed, &["The rehearsal of CHG-1 **failed** after 20 minutes"]);
    holds(&ines.says(CLOSE).await, &["reviewed CHG-1: *compliant*"]);
    bot.run_until_idle().await;
    is_whole(&bot).await;
    bot.finish().await;
}

/// The buttons of whoever tries a way back, and of whoever watches.
pub async fn press_all(bot: &Bot, on_slack: bool) {
    let here = |key: &str| -> Here<'_> {
        let person = bot.person(key);
        if on_slack { person.slack() } else { person.discord() }.at(ROOM)
    };
    let shown = if on_slack { "/change plan rehearse CHG-1" } else { "/change plan rehearse change: CHG-1" };
    for (label, words) in [("Failed", "failed"), ("Proven", "proven")] {
        bot.person("ana")
            .slack()
            .at(ROOM)
            .says("/change plan rehearse CHG-1 env:staging observer:@lena minutes:9")
            .await;
        here("ana").says(shown).await;
        let begun = here("ana").presses("Begin rehearsal", "Way back").await;
        assert!(begun.contains("has begun"), "{begun}");
        bot.run_until_idle().await;
        let told = bot.person("lena").slack().at("@wardroom").presses(label, "how does it go").await;
        assert!(told.contains(words), "{told}");
    }
}
