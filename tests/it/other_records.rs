//! Verbs that are about a change, told of another kind of record: it is named, and no change is touched.

use crate::harness::{Bot, holds};

/// The one change that is open here, which nobody means.
const OPEN: &str = "/change new move the queue svc:payments impact: none why: routine plan: move it back tested:yes \
                    data:1 availability:1 compliance:1 complexity:1 rollback:1 until:+20h";

/// What each verb needs to be said at all.
const WORDS: &[&str] = &[
    "/change show {}",
    "/change done {}",
    "/change start {}",
    "/change approve {}",
    "/change reject {} too risky",
    "/change abstain {}",
    "/change review {} ok target:yes rollback:yes effects:yes",
    "/change withdraw {} not needed",
    "/change rollback {} it hangs",
    "/change extend {} +30m why: slow",
    "/change checklist {}",
    "/change accept-risk {} it has to be alternatives:none",
    "/change plan risk {}",
    "/change plan standby {}",
    "/change plan conflicts {}",
    "/change plan notices {}",
    "/change after validate {} ok",
    "/cab recuse {} mine",
    "/cab concern {} who tested it",
    "/cab risk {} band:high who knows",
    "/cab status {}",
    "/freeze check {}",
    "/freeze except {} why: payroll",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_verb_about_a_change_refuses_another_record_and_touches_none() {
    let bot = Bot::start().await;
    holds(&bot.person("ana").slack().says(OPEN).await, &["CHG-1"]);
    holds(&bot.person("tom").slack().says("/inc declare sev3 ledger is slow svc:ledger").await, &["INC-1"]);
    holds(&bot.person("ines").slack().says("/freeze on svc:ledger until:+2h why: payroll").await, &["FRZ-1"]);
    bot.run_until_idle().await;
    let before = bot.database.text("select concat(version, status, revision) from change").await;
    for words in WORDS {
        for (subject, said) in
            [("INC-1", "INC-1 is an incident, no change."), ("FRZ-1", "FRZ-1 is a freeze, no change.")]
        {
            let told = bot.person("ana").slack().says(&words.replace("{}", subject)).await;
            assert!(told.contains(said), "{words} with {subject}: {told}");
        }
    }
    let raj = bot.person("raj").discord();
    holds(
        &raj.says("/change show change: INC-1").await,
        &["INC-1 is an incident, no change.", "Name a change, like CHG-88."],
    );
    holds(&raj.says("/change done change: EXC-1").await, &["EXC-1 is an exception, no change."]);
    holds(&raj.says("/change start change: CAB-1").await, &["CAB-1 is a meeting, no change."]);
    bot.run_until_idle().await;
    let after = bot.database.text("select concat(version, status, revision) from change").await;
    assert_eq!(before, after);
    bot.finish().await;
}
