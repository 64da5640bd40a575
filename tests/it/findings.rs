//! Changes that somebody came upon: claimed by whoever made them, or a matter of the owners of their services.

use insta::assert_snapshot;

use crate::harness::{Bot, holds, without_hashes};

const FOUND: &str = "/report found a firewall rule is open svc:payments evidence: the scan of tonight";
const CLAIM: &str = "/report claim CHG-1 at:-3h why: the pager did not stop evidence: deploy 4711 works:yes risk:2 \
                     complexity:1 rollback:1 allowed:@tom";

/// [Claim] on a card of its own, and on the message to the owner.
pub async fn press_all(bot: &Bot, on_slack: bool) {
    let found =
        bot.person("raj").discord().says(&FOUND.replace("svc:", "svc: ").replace("found a", "found title: a")).await;
    let number = found.split("CHG-").nth(1).and_then(|rest| rest.split('*').next()).expect("a number").to_owned();
    bot.run_until_idle().await;
    let ana = bot.person("ana");
    let here = if on_slack { ana.slack() } else { ana.discord() }.at("changes");
    let form = here.presses("Claim", &format!("CHG-{number}")).await;
    assert!(!form.is_empty() && !form.contains("could not do this"), "[Claim]: {form}");
    bot.dismiss("ana");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_found_is_claimed_by_whoever_made_it_and_attested_by_others() {
    let bot = Bot::start().await;
    let raj = bot.person("raj").discord();
    let found = raj
        .says("/report found title: a firewall rule is open svc: payments evidence: the scan of tonight at: -3h")
        .await;
    assert_snapshot!(without_hashes(&found), @"
    @raj found a change that nobody recorded: **CHG-1** on payments: a firewall rule is open · made 11:00 UTC · the scan of tonight · whoever made it claims it; a day after it was found the owner of the service is asked
      Whoever made it presses [Claim], or says `/report claim CHG-1`.
      -# Nothing was changed after all? `/change withdraw CHG-1` and why · `L CHG-1#1 ……`
    ");
    bot.run_until_idle().await;
    let card = bot.person("raj").discord().at("changes").sees();
    holds(
        &card,
        &[
            "CHG-1 · retroactive change · unclaimed",
            "Found by: @raj at 14:00 UTC",
            "Made: 11:00 UTC, as far as that can be seen",
            "Evidence: the scan of tonight",
            "Made by: nobody has said so yet; from 14:00 UTC on the owners of the service are asked",
            "[Claim] [Details]",
        ],
    );
    assert!(!card.contains("Works as meant") && !card.contains("Risk:"), "nobody knows that yet: {card}");
    let report = bot.person("ines").slack().says("/report bypass").await;
    holds(&report, &["*open* · *CHG-1* unclaimed", "found by", "nobody has claimed it; its owner is asked from 8 Jan"]);

    // Nobody attests, edits or takes back what nobody has claimed.
    let mia = bot.person("mia").slack();
    let nobody = ["CHG-1 was found, and nobody has said yet that they made it", "/report claim CHG-1"];
    for call in ["/change approve CHG-1", "/change rollback CHG-1 x"] {
        holds(&mia.says(call).await, &nobody);
    }
    holds(&raj.says("/change edit change: CHG-1 plan: x").await, &nobody);
    let ana = bot.person("ana").slack().at("changes");
    assert_eq!(ana.presses("Claim", "CHG-1").await, "(a form)");
    let said = [
        ("at", "-3h"),
        ("why", "the pager did not stop"),
        ("evidence", "deploy 4711"),
        ("works", "yes"),
        ("risk", "2"),
        ("complexity", "1"),
        ("rollback", "1"),
    ];
    let claimed = ana.fills(&said).await;
    holds(
        &claimed,
        &[
            "*Ana Ruiz* claims *CHG-1* on payments: a firewall rule is open · made 7 Jan 11:00 UTC by *Ana Ruiz*",
            "found 7 Jan 14:00",
        ],
    );
    bot.run_until_idle().await;
    let shown = bot.person("raj").discord().at("changes").sees();
    holds(&shown, &["awaiting attestation", "Made: 11:00 UTC by @ana", "Requested by: @raj", "[Attest]"]);
    let own = bot.person("ana").discord().at("changes").presses("Attest", "CHG-1").await;
    holds(&own, &["You cannot attest this change: you carried it out", "Rule 4.15"]);
    holds(&bot.person("mia").slack().says(CLAIM).await, &["CHG-1 is on record already, as made by Ana Ruiz."]);
    bot.person("ines").slack().says("/change approve CHG-1").await;
    holds(&bot.person("mia").discord().says("/change approve change: CHG-1").await, &["**CHG-1 is attested.**"]);
    let log = bot.decision_log("CHG-1").await;
    holds(&log, &["change.found by raj", "change.claimed by ana", "pir.opened by ana", "change.attested by mia"]);
    bot.pass(25 * 60).await;
    let log = bot.decision_log("CHG-1").await;
    assert!(!log.contains("change.unclaimed"), "{log}");
    holds(&ana.says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_claims_in_a_day_is_asked_of_the_owner_who_says_who_made_it() {
    let bot = Bot::start().await;
    bot.person("ana").slack().says(FOUND).await;
    bot.pass(24 * 60 - 1).await;
    let changes = bot.person("tom").discord().at("changes");
    assert!(!changes.sees().contains("Nobody has claimed"), "{}", changes.sees());
    bot.pass(2).await;
    holds(
        &changes.sees(),
        &["Nobody has claimed **CHG-1**", "For @mia", "[Claim]", "the owners of the service are asked"],
    );
    let report = bot.person("ines").slack().says("/report bypass").await;
    holds(&report, &["*overdue* · *CHG-1* unclaimed", "found by *Ana Ruiz*", "nobody has claimed it"]);
    bot.pass(3 * 24 * 60).await;
    let log = bot.decision_log("CHG-1").await;
    assert_eq!(log.matches("change.unclaimed by wardroom").count(), 1, "{log}");

    let named = "/report claim change: CHG-1 at: -97h by: @tom why: he forgot evidence: his shell works: yes risk: 2 \
                 complexity: 1 rollback: 1";
    let named = bot.person("mia").discord().says(named).await;
    holds(&named, &["@mia claims **CHG-1**", "made 13:01 UTC by @tom", "**late**", "counts as late"]);
    let own = bot.person("tom").slack().says("/change approve CHG-1").await;
    holds(&own, &["You cannot attest this change: you carried it out"]);
    let report = bot.person("ines").slack().says("/report bypass").await;
    holds(&report, &["*CHG-1* retroactive, late"]);
    holds(&bot.person("ana").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_a_change_that_was_asked_for_is_linked_and_not_claimed() {
    let bot = Bot::start().await;
    let mia = bot.person("mia").slack();
    mia.says("/change std failover to:porto share:50 svc:payments").await;
    mia.says("/change start CHG-1").await;
    bot.pass(10).await;
    mia.says("/change done CHG-1").await;
    bot.pass(20).await;
    let ana = bot.person("ana").slack();
    let known = ana.says(&format!("{FOUND} at:-25m")).await;
    holds(&known, &["CHG-1 was asked for, and ran on payments at that time", "`/change show CHG-1`"]);
    let ahead = ana.says(&format!("{FOUND} at:+1h")).await;
    holds(&ahead, &["is yet to come", "Rule retroactive-record"]);
    holds(&ana.says(&format!("{FOUND} at:-1h found:-2h")).await, &["before it was made at"]);
    holds(&ana.says(FOUND).await, &["*CHG-2*"]);

    let claim = CLAIM.replace("CHG-1", "CHG-2");
    let part = mia.says(&claim.replace("-3h", "-25m")).await;
    holds(
        &part,
        &[
            "CHG-1 was asked for, and ran on payments at that time",
            "Where it was part of that, Ana Ruiz or a change manager says `/change withdraw CHG-2` and why",
        ],
    );
    holds(&mia.says(&claim.replace("-3h", "+1h")).await, &["is yet to come"]);
    bot.pass(60).await;
    let after = mia.says(&claim.replace("-3h", "-5m")).await;
    holds(&after, &["CHG-2 was found at 7 Jan 14:30 UTC; it was made before that."]);
    let others = bot.person("raj").discord().says("/change withdraw change: CHG-2 why: it was CHG-1").await;
    holds(&others, &["CHG-2 was asked for by Ana Ruiz", "Ana Ruiz or a change manager can withdraw it"]);
    holds(&ana.says("/change withdraw CHG-2 it was part of CHG-1").await, &["withdrew CHG-2"]);
    holds(&mia.says(&claim).await, &["CHG-2 was withdrawn: there is nothing to claim."]);
    let report = bot.person("ines").slack().says("/report bypass").await;
    assert!(!report.contains("CHG-2"), "{report}");
    bot.pass(25 * 60).await;
    let log = bot.decision_log("CHG-2").await;
    assert!(!log.contains("change.unclaimed"), "{log}");
    holds(&mia.says(&claim.replace("CHG-2", "CHG-1")).await, &["CHG-1 was asked for, or recorded by whoever made it"]);
    holds(&bot.person("ben").slack().says(FOUND).await, &["Rule 4.23"]);
    holds(&ana.says("/log verify CHG-2").await, &["*The log of CHG-2 is whole.*"]);
    bot.finish().await;
}
