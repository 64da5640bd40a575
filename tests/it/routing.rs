//! Whom a change is for: people who stand in for others, for a time.

use crate::harness::{Bot, holds, without_hashes};

const ROOM: &str = "inc-1-ledger-is-slow";

/// Low risk: a peer review, the technical authority and the owner are enough.
const FIX: &str = "/change emergency restart the ledger impact: slow why: queues grow plan: start the old one \
                   tested:yes data:1 availability:1 compliance:1 complexity:1 rollback:1";

/// Ana asks for a change on the ledger, which Tom owns and Raj reviews.
async fn requested(bot: &Bot) {
    bot.person("ana").slack().says("/inc declare sev2 ledger is slow svc:ledger").await;
    bot.run_until_idle().await;
    bot.person("ana").slack().at(ROOM).says(FIX).await;
    bot.run_until_idle().await;
    bot.person("raj").discord().at(ROOM).reviews("CHG-1").await;
    bot.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegate_on_discord_fills_the_seat_of_a_delegator_on_slack_and_the_log_says_for_whom() {
    let bot = Bot::start().await;
    let granted =
        without_hashes(&bot.person("tom").slack().says("/cab delegate to:@sam until:+2h why: a flight").await);
    holds(&granted, &["hands their duties to *Sam Osei*", "until", "a flight", "`/cab delegate end`", "L ORG#"]);
    let again = bot.person("tom").slack().says("/cab delegate to:@mia until:+1h").await;
    holds(&again, &["Sam Osei stands in for you until", "Rule 4.22"]);
    bot.run_until_idle().await;
    holds(&bot.person("sam").discord().private(), &["hands their duties to", "a flight"]);

    requested(&bot).await;
    holds(&bot.person("ana").slack().at(ROOM).sees(), &["ask *Sam Osei*"]);
    bot.person("lena").slack().at(ROOM).presses("Approve", "CHG-1").await;
    let filled = bot.person("sam").discord().at(ROOM).presses("Approve", "CHG-1").await;
    holds(&filled, &["approved CHG-1 as service owner for @tom, until", "CHG-1 is approved"]);
    bot.run_until_idle().await;
    holds(&bot.person("ana").slack().at(ROOM).sees(), &["*Sam Osei* for *Tom Okafor*"]);
    let read = bot.person("ana").slack().at(ROOM).says("/log show CHG-1").await;
    holds(&read, &["approved CHG-1 as service owner for *Tom Okafor*, until"]);
    let kept = "select count(*) from approval a join delegation d on d.to_person = a.person
                where a.on_behalf = d.from_person";
    assert_eq!(bot.database.count(kept).await, 1);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_authority_fills_one_seat_whoever_uses_it_and_a_requester_never_stands_in() {
    let bot = Bot::start().await;
    bot.person("tom").discord().says("/cab delegate to: @sam until: +2h").await;
    requested(&bot).await;
    bot.person("sam").discord().at(ROOM).presses("Approve", "CHG-1").await;
    bot.run_until_idle().await;
    let second = bot.person("tom").slack().at(ROOM).presses("Approve", "CHG-1").await;
    holds(&second, &["You already fill the seat of service owner", "Rule 4.10"]);
    let twice = bot.person("sam").discord().at(ROOM).presses("Approve", "CHG-1").await;
    holds(&twice, &["You approved CHG-1"]);

    bot.person("tom").discord().says("/cab delegate do: end").await;
    let requester = bot.person("tom").discord().says("/cab delegate to: @ana until: +2h").await;
    holds(&requester, &["hands their duties to @ana"]);
    let own = bot.person("ana").slack().at(ROOM).presses("Approve", "CHG-1").await;
    holds(&own, &["You cannot approve this change: you asked for it"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_that_wait_for_a_decision_ask_the_delegate_as_soon_as_there_is_one() {
    let bot = Bot::start().await;
    let asked = bot
        .person("ines")
        .slack()
        .says(
            "/change new rotate the certificate svc:ledger impact: none if it goes well why: it expires \
             plan: put the old one back @lena fails: handshakes fail -> put it back abort: reads fail \
             tested: yes data: 1 availability: 2 compliance: 1 complexity: 2 rollback: 2",
        )
        .await;
    holds(&asked, &["CHG-1"]);
    bot.run_until_idle().await;
    let changes = bot.person("ana").slack().at("changes");
    holds(&changes.sees(), &["service owner · ask *Tom Okafor*"]);
    bot.person("tom").discord().says("/cab delegate to: @sam until: +2h").await;
    bot.run_until_idle().await;
    holds(&changes.sees(), &["service owner · ask *Sam Osei*"]);
    bot.person("tom").discord().says("/cab delegate do: end").await;
    bot.run_until_idle().await;
    holds(&changes.sees(), &["service owner · ask *Tom Okafor*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegation_begins_and_ends_by_time_over_a_restart_and_both_are_told() {
    let bot = Bot::start().await;
    requested(&bot).await;
    let planned = bot.person("tom").discord().says("/cab delegate to: @sam from: +1h until: +3h").await;
    holds(&planned, &["hands their duties to @sam"]);
    let early = bot.person("sam").discord().at(ROOM).presses("Approve", "CHG-1").await;
    holds(&early, &["not yours for this change", "Rule 4.10"]);

    let bot = bot.again().await;
    bot.pass(61).await;
    holds(&bot.person("sam").discord().private(), &["stands in for @tom from now on"]);
    holds(&bot.person("tom").slack().private(), &["*Sam Osei* stands in for"]);

    let bot = bot.again().await;
    bot.pass(120).await;
    holds(&bot.person("sam").discord().private(), &["does not stand in for @tom any more"]);
    let log = bot.decision_log("ORG").await;
    let own: Vec<&str> = log.lines().filter_map(|line| line.split_once(' ')).map(|(_, what)| what).collect();
    let own: Vec<&&str> = own.iter().filter(|what| what.starts_with("delegation")).collect();
    assert_eq!(own, [&"delegation.granted by tom", &"delegation.began by wardroom", &"delegation.ended by wardroom"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn duties_go_one_hop_to_somebody_else_and_for_thirty_days_at_most() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").slack();
    holds(&tom.says("/cab delegate to:@tom until:+2h").await, &["You cannot stand in for yourself"]);
    holds(&tom.says("/cab delegate to:@sam until:+31d").await, &["more than 30 days", "Rule 4.22"]);
    holds(&tom.says("/cab delegate to:@sam").await, &["Say until when"]);
    holds(&tom.says("/cab delegate end").await, &["Nobody stands in for you"]);
    bot.person("sam").discord().says("/cab delegate to: @mia until: +2h").await;
    let chain = tom.says("/cab delegate to:@sam until:+1h").await;
    holds(&chain, &["Sam Osei has handed their own duties on", "Rule 4.22"]);
    let ended = bot.person("sam").discord().says("/cab delegate do: end").await;
    holds(&ended, &["does not stand in for @sam any more"]);
    holds(&tom.says("/cab delegate to:@sam until:+1h").await, &["hands their duties to *Sam Osei*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegate_votes_for_a_member_of_the_board_once_and_the_member_may_still_change_it() {
    let bot = Bot::start().await;
    let room = "inc-1-cards-fail";
    bot.person("ana").slack().says("/inc declare sev1 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let risky = "/change emergency roll back impact: cards fail why: every minute costs plan: redeploy tested:yes \
                 data:3 availability:5 compliance:2 complexity:3 rollback:2";
    bot.person("tom").discord().says("/cab delegate to: @sam until: +2h").await;
    bot.person("ana").slack().at(room).says(risky).await;
    bot.run_until_idle().await;
    let sam = bot.person("sam").discord().at(room);
    holds(&bot.person("sam").discord().private(), &["You are asked for CHG-1", "technical authority"]);

    holds(
        &sam.says("/cab recuse change: CHG-1 why: I know nothing of it").await,
        &["Nobody but Tom Okafor", "Rule 4.22"],
    );
    let cast = sam.presses("Approve", "CHG-1").await;
    holds(&cast, &["voted **approve** on CHG-1 for @tom, until", "1 for, 0 against"]);
    bot.run_until_idle().await;
    holds(&bot.person("ana").slack().at(room).sees(), &["*Tom Okafor* · *approve*, cast by *Sam Osei*"]);

    let own = bot.person("tom").slack().at(room).presses("Abstain", "CHG-1").await;
    holds(&own, &["voted *abstain* on CHG-1, in place of an earlier ballot"]);
    let late = sam.presses("Approve", "CHG-1").await;
    holds(&late, &["Tom Okafor has voted on CHG-1 already: abstain", "Rule 4.22"]);
    let counted =
        "select string_agg(p.key || ' ' || choice || coalesce(' for ' || on_behalf, ''), ', ' order by b.version)
                   from ballot b join person p on p.id = b.person";
    let tom = bot.database.texts("select id from person where key = 'tom'").await.concat();
    assert_eq!(bot.database.texts(counted).await, [format!("sam approve for {tom}, tom abstain")]);
    let verified = bot.person("omar").discord().says("/log verify").await;
    holds(&verified, &["The log is whole"]);
    bot.finish().await;
}
