//! The vote: concerns that block it, the chair's word, reminders, and clicks at the same moment.

use insta::assert_snapshot;
use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, without_hashes};

const ROOM: &str = "inc-1-checkout-returns-502";

/// An emergency change of high risk, its review given: the vote alone is missing.
async fn asked(organisation: &str) -> Bot {
    let bot = Bot::start().await;
    bot.app.apply_organisation(organisation, false).await.expect("the organisation can be applied");
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 checkout returns 502 svc:payments").await;
    bot.run_until_idle().await;
    let request = "/change emergency roll back 4.2 impact: all card payments fail why: every minute costs sales \
                   plan: deploy 4.2 again tested:yes data:2 availability:3 compliance:1 complexity:3 rollback:3";
    let told = ana.at(ROOM).says(request).await;
    assert!(told.contains("CHG-1"), "{told}");
    bot.run_until_idle().await;
    let told = bot.person("raj").discord().at(ROOM).reviews("CHG-1").await;
    assert!(told.contains("CHG-1"), "{told}");
    bot.run_until_idle().await;
    bot
}

/// Six voters, so that there can be a tie in which the chair has no part, and one in which she has.
fn six() -> String {
    let members = "members = [\"mia\", \"tom\", \"ines\", \"kim\"]";
    assert!(ORGANISATION.contains(members));
    ORGANISATION.replace(members, "members = [\"mia\", \"tom\", \"ines\", \"kim\", \"zoe\", \"omar\"]")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_concern_blocks_a_vote_until_its_author_or_the_chair_says_that_it_is_resolved() {
    let bot = asked(ORGANISATION).await;
    let (mia, tom) = (bot.person("mia").slack().at(ROOM), bot.person("tom").discord().at(ROOM));
    let kim = bot.person("kim").discord().at(ROOM);
    assert_eq!(bot.person("kim").slack().at(ROOM).presses("Concern", "CHG-1").await, "(a form)");
    bot.dismiss("kim");
    let raised = kim.says("/cab concern change: CHG-1 why: nobody tried 4.1 with the new rows").await;
    assert_snapshot!(without_hashes(&raised), @"
    @kim blocks CHG-1 with a concern: nobody tried 4.1 with the new rows
      The vote cannot pass while it is open.
      -# `/cab resolved CHG-1` by you or Inês Duarte, in the chair, takes it away · `L CHG-1#3 ……`
    ");
    bot.run_until_idle().await;
    let not_theirs =
        bot.person("raj").discord().at(ROOM).says("/cab concern change: CHG-1 why: I do not like it").await;
    assert!(not_theirs.contains("Only who votes on CHG-1 can block it"), "{not_theirs}");
    mia.presses("Approve", "CHG-1").await;
    tom.presses("Approve", "CHG-1").await;
    assert_snapshot!(mia.says("/cab status CHG-1").await, @"
    CHG-1 · roll back 4.2
    Open: 2 for, 0 against, 0 abstained, of 4; it waits for the blocking concern to be resolved.
    • *Concern* of *Kim Novak*: nobody tried 4.1 with the new rows
    • *Mia Chen* · *approve* · technical authority, service owner
    • *Tom Okafor* · *approve* · technical authority
    • *Inês Duarte* · not yet · change manager
    • *Kim Novak* · not yet · security authority
      2 of 4 voted, 2 needed for a quorum · closes 14:30 UTC · policy ecab
    ");
    assert_snapshot!(mia.says("/cab quorum CHG-1").await, @"CHG-1: 2 of 4 have voted, 2 make a quorum; it takes 2 approvals, and more than 1/2 of approve and reject. Open: 2 for, 0 against, 0 abstained, of 4; it waits for the blocking concern to be resolved.");
    assert_snapshot!(mia.says("/cab members CHG-1").await, @"
    CHG-1 · roll back 4.2 · who votes
    • *Mia Chen* · technical authority, service owner · has voted
    • *Tom Okafor* · technical authority · has voted
    • *Inês Duarte* · in the chair · change manager · *not yet*
    • *Kim Novak* · security authority · *not yet*
      As the roster was when the vote opened
    ");
    let not_hers = mia.says("/cab resolved CHG-1 it is fine").await;
    assert_snapshot!(without_hashes(&not_hers), @"
    You did not raise the concern about CHG-1.
    Kim Novak or Inês Duarte, in the chair, can say that it is resolved.
      Rule 4.13 · nothing was changed · `L CHG-1#7 ……`
    ");
    bot.run_until_idle().await;
    assert!(mia.sees().contains("nobody tried 4.1 with the new rows"), "{}", mia.sees());
    let resolved = bot.person("ines").slack().at(ROOM).says("/cab resolved CHG-1 tried on the replica").await;
    assert_snapshot!(without_hashes(&resolved), @"
    *Inês Duarte* says that the concern of *Kim Novak* about CHG-1 is resolved: tried on the replica
    The vote on CHG-1 is over: *passed (early)*. Passed before its end: 2 for, 0 against, 0 abstained, of 4.
    *CHG-1 is approved.* It may run until 22:00 UTC
      `L CHG-1#10 ……`
    ");
    assert_snapshot!(bot.decision_log("CHG-1").await, @"
    CHG-1#1 change.requested by ana
    CHG-1#2 seat.granted by raj
    CHG-1#3 concern.raised by kim
    CHG-1#4 refused by raj
    CHG-1#5 ballot.cast by mia
    CHG-1#6 ballot.cast by tom
    CHG-1#7 refused by mia
    CHG-1#8 concern.resolved by ines
    CHG-1#9 vote.closed by ines
    CHG-1#10 change.approved by ines
    ");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_whose_concern_nobody_resolved_does_not_pass_at_its_end() {
    let bot = asked(ORGANISATION).await;
    bot.person("kim").slack().at(ROOM).says("/cab concern CHG-1 nobody tried it").await;
    bot.person("mia").slack().at(ROOM).presses("Approve", "CHG-1").await;
    bot.person("tom").slack().at(ROOM).presses("Approve", "CHG-1").await;
    bot.pass(31).await;
    let status = bot.person("ana").slack().at(ROOM).says("/cab status CHG-1").await;
    assert!(status.contains("a blocking concern was still open at the end"), "{status}");
    let late = bot.person("kim").slack().at(ROOM).says("/cab resolved CHG-1").await;
    assert!(late.contains("CHG-1 was rejected at 14:30 UTC"), "{late}");
    assert_eq!(bot.database.count("select count(*) from change where status = 'rejected'").await, 1);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tie_is_the_chairs_to_decide_and_she_is_told() {
    let bot = asked(&six()).await;
    for (key, choice) in [("mia", "approve"), ("tom", "approve"), ("zoe", "reject"), ("omar", "reject")] {
        let told = bot.person(key).slack().at(ROOM).says(&format!("/change {choice} CHG-1 as I see it")).await;
        assert!(told.contains(&format!("voted *{choice}*")), "{told}");
    }
    bot.person("kim").slack().at(ROOM).says("/change abstain CHG-1").await;
    bot.run_until_idle().await;
    let ines = bot.person("ines").slack();
    let told = bot.slack.view("U0ANA").to_string();
    assert!(!told.contains("the vote is tied"), "it is told to the chair alone");
    assert!(bot.slack.view(&bot.accounts("ines").0).to_string().contains("the vote is tied"));
    ines.at(ROOM).presses("Approve", "CHG-1").await;
    assert_eq!(bot.database.count("select count(*) from change where status = 'approved'").await, 1);
    let log = bot.decision_log("CHG-1").await;
    assert_eq!(log.matches("vote.chair_asked").count(), 1, "{log}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tie_in_which_the_chair_voted_is_decided_by_her_ballot_at_the_end() {
    for (hers, others, outcome) in [("approve", "reject", "passed(casting)"), ("reject", "approve", "failed(casting)")]
    {
        let bot = asked(&six()).await;
        // Against first: without anybody against, it would pass early.
        let votes = [
            ("omar", "reject"),
            ("kim", "reject"),
            ("mia", "approve"),
            ("tom", "approve"),
            ("ines", hers),
            ("zoe", others),
        ];
        for (key, choice) in votes {
            bot.person(key).slack().at(ROOM).says(&format!("/change {choice} CHG-1 as I see it")).await;
        }
        assert_eq!(bot.database.count("select count(*) from change where status = 'awaiting_approval'").await, 1);
        bot.pass(31).await;
        let outcomes = bot.database.texts("select vote->'outcome'->>'outcome' from change").await;
        assert_eq!(outcomes, [outcome]);
        bot.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_not_voted_is_reminded_twice_and_nobody_else() {
    let bot = asked(ORGANISATION).await;
    bot.person("mia").slack().at(ROOM).presses("Approve", "CHG-1").await;
    let reminded = |key: &str| {
        let slack = bot.slack.view(&bot.accounts(key).0).to_string();
        slack.matches("your vote is missing").count()
    };
    bot.pass(16).await;
    assert!(reminded("mia") == 0 && reminded("tom") > 0 && reminded("kim") > 0);
    let once = reminded("kim");
    bot.person("kim").slack().at(ROOM).presses("Abstain", "CHG-1").await;
    bot.pass(10).await;
    assert_eq!(reminded("kim"), once, "who has voted is left alone");
    assert!(reminded("tom") > once);
    let log = bot.decision_log("CHG-1").await;
    assert_eq!(log.matches("vote.reminded by wardroom").count(), 2, "{log}");
    bot.finish().await;
}

/// One person on both platforms, and two people, at once: the newest ballot of a person counts, and each has its entry.
#[tokio::test(flavor = "multi_thread")]
async fn clicks_on_two_platforms_at_one_moment_give_one_counted_ballot_and_an_entry_each() {
    let bot = asked(ORGANISATION).await;
    let (slack, discord) = (bot.person("kim").slack().at(ROOM), bot.person("kim").discord().at(ROOM));
    for _ in 0..4 {
        tokio::join!(slack.says("/change reject CHG-1 not yet"), discord.says("/change abstain change: CHG-1"));
    }
    let entries = bot.decision_log("CHG-1").await.matches("ballot.cast by kim").count();
    let rows = bot.database.count("select count(*) from ballot").await;
    assert!(entries >= 2 && i64::try_from(entries) == Ok(rows), "{entries} entries, {rows} ballots");
    let newest = bot.database.texts("select choice from ballot order by version desc limit 1").await;
    let status = slack.says("/cab status CHG-1").await;
    assert!(status.contains("1 of 4 voted"), "{status}");
    assert!(status.contains(&format!("*{}*", newest[0])), "{status}");
    bot.finish().await;
}

async fn outcome(bot: &Bot) -> String {
    let sql = "select concat_ws(', ', status, vote->'outcome'->>'outcome') from change";
    bot.database.texts(sql).await.join("; ")
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_never_approves() {
    let bot = asked(ORGANISATION).await;
    // One yes, in a required seat, is no quorum either.
    bot.person("mia").slack().at(ROOM).presses("Approve", "CHG-1").await;
    bot.pass(29).await;
    assert_eq!(outcome(&bot).await, "awaiting_approval");
    bot.pass(2).await;
    assert_eq!(outcome(&bot).await, "awaiting_approval, expired(no quorum)");
    // Nor does the silence of the decision authority, of whom one after the other is asked.
    bot.pass(30).await;
    assert_eq!(outcome(&bot).await, "approval_expired, expired(no quorum)");
    let status = bot.person("ana").slack().at(ROOM).says("/cab status CHG-1").await;
    assert!(status.contains("Expired: 1 of 4 took part, 2 were needed."), "{status}");
    let started = bot.person("ana").slack().at(ROOM).says("/change start CHG-1").await;
    assert!(started.contains("CHG-1 is approval expired since 15:00 UTC."), "{started}");
    bot.finish().await;
}

/// After a time without a bot: the vote ended when it was to end, not when the timer came to it.
#[tokio::test(flavor = "multi_thread")]
async fn a_ballot_after_the_end_is_none_though_the_timer_is_late() {
    let bot = asked(ORGANISATION).await;
    bot.person("mia").slack().at(ROOM).presses("Approve", "CHG-1").await;
    bot.sleep_through(31).await;
    let late = bot.person("tom").discord().at(ROOM).says("/change approve change: CHG-1").await;
    assert!(late.contains("The time to decide on CHG-1 was over at 14:30 UTC."), "{late}");
    bot.run_until_idle().await;
    assert_eq!(outcome(&bot).await, "awaiting_approval, expired(no quorum)");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_ends_as_soon_as_nothing_can_change_it() {
    let passed = asked(&six()).await;
    for (key, choice) in [("zoe", "reject"), ("mia", "approve"), ("tom", "approve"), ("ines", "approve")] {
        passed.person(key).slack().at(ROOM).says(&format!("/change {choice} CHG-1 as I see it")).await;
    }
    assert_eq!(outcome(&passed).await, "awaiting_approval", "two can still turn it");
    passed.person("kim").slack().at(ROOM).says("/change approve CHG-1").await;
    assert_eq!(outcome(&passed).await, "approved, passed(early)");
    passed.finish().await;

    let failed = asked(&six()).await;
    for key in ["zoe", "omar", "kim"] {
        failed.person(key).slack().at(ROOM).says("/change reject CHG-1 no proof").await;
    }
    assert_eq!(outcome(&failed).await, "awaiting_approval", "a tie is possible, and the chair may decide it");
    failed.person("tom").slack().at(ROOM).says("/change reject CHG-1 no proof").await;
    assert_eq!(outcome(&failed).await, "rejected, failed(votes)");
    let late = failed.person("mia").slack().at(ROOM).presses("Approve", "CHG-1").await;
    assert!(late.contains("CHG-1 was rejected at 14:00 UTC, with the voice of Tom Okafor."), "{late}");
    failed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revised_change_is_voted_on_anew_without_old_ballots_and_concerns_and_reminds_again() {
    let bot = asked(ORGANISATION).await;
    let (mia, kim) = (bot.person("mia").slack().at(ROOM), bot.person("kim").slack().at(ROOM));
    mia.presses("Approve", "CHG-1").await;
    kim.says("/cab concern CHG-1 the plan is missing a step").await;
    bot.pass(16).await;
    let reminded = || bot.slack.view(&bot.accounts("tom").0).to_string().matches("your vote is missing").count();
    let once = reminded();
    assert!(once > 0);
    let edited = bot.person("ana").slack().at(ROOM).says("/change edit CHG-1 plan: deploy 4.2, then the rows").await;
    assert!(edited.contains("asked again, because what they agreed to has changed: Kim Novak, Mia Chen"), "{edited}");
    let status = mia.says("/cab status CHG-1").await;
    assert!(status.contains("0 of 4 voted") && !status.contains("Concern"), "{status}");
    bot.pass(16).await;
    assert!(reminded() > once, "the new vote reminds too");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vote_on_more_time_reminds_those_too_who_were_reminded_of_the_first() {
    let bot = asked(ORGANISATION).await;
    bot.pass(16).await;
    let reminded = || bot.slack.view(&bot.accounts("kim").0).to_string().matches("your vote is missing").count();
    let once = reminded();
    assert!(once > 0);
    bot.person("mia").slack().at(ROOM).presses("Approve", "CHG-1").await;
    bot.person("tom").slack().at(ROOM).presses("Approve", "CHG-1").await;
    let ana = bot.person("ana").slack().at(ROOM);
    let started = ana.says("/change start").await;
    assert!(started.contains("started CHG-1"), "{started}");
    let extended = ana.says("/change extend the replay takes an hour longer").await;
    assert!(extended.contains("asks for more time"), "{extended}");
    bot.pass(8).await;
    assert!(reminded() > once, "the second vote reminds too");
    bot.finish().await;
}
