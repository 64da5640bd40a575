//! What a policy would have made of the last months, before anybody signs it.

use insta::assert_snapshot;
use wardroom::domain::policy::DEFAULT_TOML;
use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, holds, without_file_hashes};

/// A change that is not tested.
const UNTESTED: &str = "/change new rotate the certificate svc:payments impact: none why: it expires plan: put the old one \
    back @ana fails: handshakes fail -> put it back abort: cards fail tested:no data:1 availability:2 compliance:1 complexity:2 rollback:2 from:+2h until:+3h";

/// The built-in policy, where nothing that is not tested is harmless, and less is urgent.
fn stricter() -> String {
    let stricter = DEFAULT_TOML.replace("\nnot_tested = 4\n", "\nnot_tested = 30\n");
    assert_ne!(stricter, DEFAULT_TOML);
    stricter
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_tried_on_the_past_before_it_is_signed() {
    let bot = Bot::start().await;
    let organisation =
        format!("{ORGANISATION}\n[[roster]]\nkey = \"signatories\"\nchair = \"zoe\"\nmembers = [\"zoe\"]\n");
    bot.app.apply_organisation(&organisation, false).await.expect("a sound organisation");
    let none = bot.person("ines").slack().says("/admin policy simulate").await;
    holds(&none, &["No policy waits", "`wardroom policy simulate FILE`"]);

    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev1 Checkout is down svc:payments").await;
    holds(&ana.says(UNTESTED).await, &["CHG-1"]);
    bot.run_until_idle().await;
    let entries = "select count(*) from dlog.entry";
    let before = bot.database.count(entries).await;
    let same = bot.app.simulate_policy(DEFAULT_TOML, 90).await.expect("a sound policy");
    assert_eq!(same[0].1.counted(), "0 of 1 changes and 0 of 1 incidents");
    let simulated = bot.app.simulate_policy(&stricter(), 90).await.expect("a sound policy");
    assert_eq!((simulated[0].0.as_str(), simulated[0].1.changes_differ), ("Harbour Pay", 1));
    assert_eq!(bot.database.count(entries).await, before, "it only reads");

    bot.app.load_policy(&stricter()).await.expect("a sound policy");
    bot.run_until_idle().await;
    let private = without_file_hashes(&bot.person("zoe").slack().private());
    let asked = private.split("wardroom: Policy").last().unwrap_or_default();
    assert_snapshot!(asked, @"
    In force: version 1 (`(hash)`), since 7 Jan 14:00 UTC
    *Proposed:* `(hash)`, 7 Jan 14:00 UTC · waits for *Zoe Laurent*
    • `risk.modifiers.not_tested`: 4 → 30
      `/admin policy sign (hash)` · `/admin policy object (hash)` and why
    The last months under (hash)
    In the last 90 days *1 of 1 changes and 0 of 1 incidents* would have come out otherwise: risk 1, approvals 1
    • CHG-1 · risk: medium risk → critical risk; approvals: a peer review, the service owner, the change manager and an executive's acceptance of the risk → a peer review, the vote of the CAB for critical risk and an executive's acceptance of the risk
      Asked again with what each record says, and the services of today; points for earlier failures as they were
    [Sign] [Object]
    ");
    assert_snapshot!(without_file_hashes(&bot.person("raj").discord().says("/admin policy do: simulate").await), @"
    ### The last months under `(hash)`
      In the last 90 days **1 of 1 changes and 0 of 1 incidents** would have come out otherwise: risk 1, approvals 1
      - CHG-1 · risk: medium risk → critical risk; approvals: a peer review, the service owner, the change manager and an executive's acceptance of the risk → a peer review, the vote of the CAB for critical risk and an executive's acceptance of the risk
      -# Asked again with what each record says, and the services of today; points for earlier failures as they were
    ");
    // What is older than the days that are looked at does not count.
    bot.sleep_through(1).await;
    let none = bot.app.simulate_policy(&stricter(), 0).await.expect("a sound policy");
    assert_eq!((none[0].1.changes, none[0].1.incidents), (0, 0));
    bot.finish().await;
}
