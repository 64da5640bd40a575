//! What a change has to show before it goes on: items of a category, ticked with evidence, or said by two not to apply.

use insta::assert_snapshot;

use crate::harness::{Bot, Here, holds, without_hashes};

const LEDGER: &str = "inc-1-ledger-is-slow";
const FIX: &str = "/change emergency add an index impact: slow why: queues grow plan: drop it again tested:yes data:1 \
                   availability:1 compliance:1 complexity:1 rollback:1";

fn ana(bot: &Bot) -> Here<'_> {
    bot.person("ana").slack().at(LEDGER)
}

fn omar(bot: &Bot) -> Here<'_> {
    bot.person("omar").discord().at(LEDGER)
}

/// An incident on the ledger, and an emergency change for it that Ana asks for, with everything but what it has to show.
async fn granted(category: &str) -> Bot {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev2 ledger is slow svc:ledger").await;
    bot.run_until_idle().await;
    omar(&bot).says("/inc lead person: @omar").await;
    ana(&bot).says(&format!("{FIX} {category}")).await;
    bot.run_until_idle().await;
    bot.person("raj").discord().at(LEDGER).reviews("CHG-1").await;
    bot.person("lena").slack().at(LEDGER).presses("Approve", "CHG-1").await;
    bot.person("tom").discord().at(LEDGER).presses("Approve", "CHG-1").await;
    bot.run_until_idle().await;
    bot
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_without_its_evidence_holds_up_the_approval_then_the_start() {
    let bot = granted("category:database_schema").await;
    assert_snapshot!(omar(&bot).sees().lines().filter(|line| line.contains("hecklist")).collect::<Vec<_>>().join("\n"), @"
      **Checklist:** 0 of 3 done · open: a dry run of the migration; an estimate of the lock time; a backup of the last 24 hours whose restore was verified
      [Approve] [Reject] [Details] [Checklist]
    wardroom: @ana puts the checklist `database_schema` on CHG-1
    ");
    let seen = without_hashes(&bot.person("raj").discord().at(LEDGER).presses("Checklist", "CHG-1").await);
    assert_snapshot!(seen, @"
    ### CHG-1 · checklist
      **add an index**
      0 of 3 done.
      - ☐ a dry run of the migration (`migration_dry_run`, before approval) · evidence: a few words
      - ☐ an estimate of the lock time (`lock_time_estimate`, before approval) · evidence: a few words
      - ☐ a backup of the last 24 hours whose restore was verified (`backup_verified`, before start) · evidence: a link (https://…), of the last 24 hours
      -# `/change plan tick CHG-1 migration_dry_run` and its evidence · `/change plan waive CHG-1 migration_dry_run` and why, where it does not apply
      [Tick] [Does not apply]
    ");

    let first = ana(&bot).says("/change plan tick CHG-1 migration_dry_run ran on a copy, 40 s").await;
    assert_snapshot!(without_hashes(&first), @"
    *Ana Ruiz* ticks `migration_dry_run` on the checklist of CHG-1: ran on a copy, 40 s
    1 of 3 done; open: lock_time_estimate, backup_verified.
      `/change plan untick CHG-1 migration_dry_run` and why · `L CHG-1#6 ……`
    ");
    let last = omar(&bot).says("/change plan tick item: lock_time_estimate evidence: under a second").await;
    holds(&last, &["**CHG-1 is approved.**", "2 of 3 done; open: backup_verified"]);
    bot.run_until_idle().await;

    let early = without_hashes(&ana(&bot).says("/change start CHG-1").await);
    assert_snapshot!(early, @"
    CHG-1: Before it starts, the checklist asks for a backup of the last 24 hours whose restore was verified.
    `/change plan tick CHG-1 backup_verified`, its evidence, and `at:-2h` or the like: when it was done, 24 hours ago at most.
      Rule 4.39 · nothing was changed · `L CHG-1#9 ……`
    ");
    let words = ana(&bot).says("/change plan tick CHG-1 backup_verified we looked at it").await;
    holds(&words, &["is a link (https://…)", "Rule 4.39"]);
    // The only one that is open need not be named.
    let link = omar(&bot).says("/change plan tick evidence: https://backup.example/restores/88 at: -2h").await;
    holds(&link, &["ticks `backup_verified`", "The checklist is complete"]);
    let edited = ana(&bot).says("/change edit CHG-1 plan: drop it, and rebuild the other").await;
    holds(&edited, &["revision 2", "Its checklist begins anew"]);
    holds(&ana(&bot).says("/change plan checklist CHG-1").await, &["0 of 3 done"]);
    bot.run_until_idle().await;
    assert_snapshot!(bot.decision_log("CHG-1").await, @"
    CHG-1#1 change.requested by ana
    CHG-1#2 checklist.added by ana
    CHG-1#3 seat.granted by raj
    CHG-1#4 seat.granted by lena
    CHG-1#5 seat.granted by tom
    CHG-1#6 checklist.ticked by ana
    CHG-1#7 checklist.ticked by omar
    CHG-1#8 change.approved by omar
    CHG-1#9 refused by ana
    CHG-1#10 refused by ana
    CHG-1#11 checklist.ticked by omar
    CHG-1#12 change.revised by ana
    ");
    holds(&ana(&bot).says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_shows_an_item_may_grow_too_old_and_the_start_asks_for_it_again() {
    let bot = granted("category:database_schema").await;
    ana(&bot).says("/change plan tick CHG-1 migration_dry_run ran on a copy, 40 s").await;
    omar(&bot).says("/change plan tick item: lock_time_estimate evidence: under a second").await;
    bot.run_until_idle().await;

    let unsaid = ana(&bot).says("/change plan tick CHG-1 backup_verified https://backup.example/88").await;
    assert_snapshot!(without_hashes(&unsaid), @"
    The evidence of “a backup of the last 24 hours whose restore was verified” counts for 24 hours: when was it done?
    `/change plan tick CHG-1 backup_verified`, its evidence, and `at:-2h` or the like: when it was done, 24 hours ago at most.
      Rule 4.39 · nothing was changed · `L CHG-1#9 ……`
    ");
    let ahead = "/change plan tick CHG-1 backup_verified https://backup.example/88 at:+1h";
    holds(&ana(&bot).says(ahead).await, &["that moment is still to come", "`at:-2h` or the like", "Rule 4.39"]);
    let old = omar(&bot).says("/change plan tick item: backup_verified evidence: https://b.example/87 at: -25h").await;
    holds(&old, &["What was done 25 hours ago does not show", "it counts for 24 hours", "Rule 4.39"]);
    // The form asks for it, too.
    omar(&bot).presses("Checklist", "CHG-1").await;
    assert_eq!(omar(&bot).presses("Tick", "CHG-1 · checklist").await, "(a form)");
    let ticked = omar(&bot).fills(&[("evidence", "https://backup.example/88"), ("at", "-1410m")]).await;
    holds(&ticked, &["ticks `backup_verified`", "· done 14:30 UTC", "It counts until 7 Jan 14:30 UTC."]);
    bot.run_until_idle().await;
    holds(&omar(&bot).sees(), &["3 of 3 done · `backup_verified` 14:30 UTC to 14:30 UTC"]);
    let dated = "3 of 3 done · `backup_verified` 6 Jan 14:30 UTC to 7 Jan 14:30 UTC";
    holds(&ana(&bot).sees(), &[dated]);

    // Nobody had to be awake to notice, nor the bot.
    bot.sleep_through(40).await;
    let bot = bot.again().await;
    let held = ana(&bot).says("/change start CHG-1").await;
    assert_snapshot!(without_hashes(&held), @"
    CHG-1: Before it starts, the checklist asks for a backup of the last 24 hours whose restore was verified (what was shown is 24 hours and 10 minutes old, and counts for 24 hours).
    `/change plan tick CHG-1 backup_verified`, its evidence, and `at:-2h` or the like: when it was done, 24 hours ago at most.
      Rule 4.39 · nothing was changed · `L CHG-1#13 ……`
    ");
    let shown = ana(&bot).says("/change plan checklist CHG-1").await;
    holds(&shown, &["2 of 3 done", "☐ a backup of the last 24 hours", "too old: done 6 Jan 14:30 UTC"]);
    let anew = omar(&bot).says("/change plan tick evidence: https://backup.example/89 at: -10m").await;
    holds(&anew, &["ticks `backup_verified`", "The checklist is complete", "It counts until 8 Jan 14:30 UTC."]);
    holds(&ana(&bot).says("/change start CHG-1").await, &["started CHG-1"]);
    holds(&ana(&bot).says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_apply_is_said_by_two_and_the_second_does_not_carry_it_out() {
    let bot = granted("category:network").await;
    let own = ana(&bot).says("/change plan tick security_seat I asked them").await;
    holds(&own, &["is for somebody else to say", "Rule 4.39"]);
    holds(
        &ana(&bot).says("/change start").await,
        &[
            "Before it is approved, the checklist asks for the yes of the security authority",
            "Somebody who neither asked for it nor",
        ],
    );
    let first = omar(&bot).says("/change plan waive item: security_seat why: no rule is touched").await;
    holds(&first, &["says that `security_seat` does not apply", "until somebody else says"]);
    holds(&omar(&bot).says("/change plan waive item: security_seat why: none").await, &["You said so already"]);
    bot.run_until_idle().await;
    holds(&ana(&bot).sees(), &["says that `security_seat` does not apply to CHG-1: no rule is touched"]);
    holds(
        &ana(&bot).says("/change plan waive CHG-1 security_seat I agree").await,
        &["You cannot waive this checklist item: you carry it out", "Rule 4.15"],
    );
    let raj = bot.person("raj").discord();
    let second = raj.says("/change plan waive change: CHG-1 item: security_seat why: so it is").await;
    holds(&second, &["agrees with", "**CHG-1 is approved.**"]);
    bot.run_until_idle().await;

    ana(&bot).says("/change plan tick console_access via the jump host").await;
    let opened = omar(&bot).says("/change plan untick item: console_access why: the jump host is down").await;
    holds(&opened, &["opens `console_access` again", "1 of 3 done"]);
    holds(&ana(&bot).says("/change start").await, &["Before it starts, the checklist asks for access to the console"]);
    ana(&bot).says("/change plan tick console_access by cable").await;
    holds(&ana(&bot).says("/change start").await, &["started CHG-1"]);
    holds(
        &ana(&bot).says("/change done").await,
        &["Before it is validated, the checklist asks for a test of the path"],
    );
    ana(&bot).says("/change plan tick CHG-1 path_test 0 of 500 lost").await;
    holds(&ana(&bot).says("/change done").await, &["finished CHG-1"]);
    let shown = without_hashes(&bot.person("mia").slack().says("/change plan checklist CHG-1").await);
    assert_snapshot!(shown, @"
    CHG-1 · checklist
    *add an index*
    3 of 3 done.
    • ☑ the yes of the security authority (`security_seat`, before approval) · does not apply: so it is · two people say so, *Raj Patel* was the second
    • ☑ access to the console (`console_access`, before start) · *Ana Ruiz*, 14:00 UTC: by cable
    • ☑ a test of the path (`path_test`, before done) · *Ana Ruiz*, 14:00 UTC: 0 of 500 lost
    ");
    holds(&ana(&bot).says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checklist_is_put_on_a_change_later_and_what_is_on_it_stays() {
    let bot = granted("").await;
    let none = without_hashes(&ana(&bot).says("/change plan checklist").await);
    assert_snapshot!(none, @"
    CHG-1 · checklist
    CHG-1 has no checklist. Categories that have one: `access`, `application_release`, `breach`, `database_schema`, `failover`, `network`, `vendor`.
      `/change plan checklist CHG-1 access` puts one on it
    ");
    holds(&ana(&bot).says("/change plan tick CHG-1 anything done").await, &["CHG-1 has no checklist"]);
    holds(
        &omar(&bot).says("/change plan checklist category: databse_schema").await,
        &["Did you mean “database_schema”?"],
    );
    // It was approved without; what runs next is held up all the same.
    let added = omar(&bot).says("/change plan checklist category: database_schema").await;
    holds(&added, &["puts the checklist `database_schema` on CHG-1", "what is on it stays on it"]);
    holds(&omar(&bot).says("/change plan checklist category: database_schema").await, &["is on CHG-1 already"]);
    holds(&ana(&bot).says("/change start").await, &["the checklist asks for a dry run of the migration, an estimate"]);
    holds(
        &ana(&bot).says("/change plan tick evidence: done").await,
        &["Which item?", "There is migration_dry_run, lock_time_estimate, backup_verified"],
    );
    holds(&ana(&bot).says("/change plan tick CHG-1 banana done").await, &["“banana” is not on the checklist of CHG-1"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_that_waits_for_evidence_until_its_time_is_over_says_so() {
    let bot = granted("category:access").await;
    bot.pass(60).await;
    bot.run_until_idle().await;
    holds(&ana(&bot).sees(), &["Missing: a plan to revoke the old key"]);
    bot.finish().await;
}
