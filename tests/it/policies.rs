//! A policy is checked, tried and loaded from the command line; a bad one changes nothing.

use std::path::PathBuf;
use std::process::Command;

use insta::assert_snapshot;
use wardroom::domain::policy::DEFAULT_TOML;

use crate::harness::{Bot, holds};

const LOADED: &str = "select version || ' ' || hash from policy order by version";

/// A file of the test's own, gone with it.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> File {
        let path = std::env::temp_dir().join(format!("wardroom-{}-{name}", std::process::id()));
        std::fs::write(&path, text).expect("a file can be written");
        File(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// `wardroom policy …`, as an operator runs it: its exit status, and what it printed.
fn policy(bot: Option<&Bot>, arguments: &[&str], files: &[&File]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardroom"));
    command.arg("policy").args(arguments).args(files.iter().map(|file| &file.0));
    match bot {
        Some(bot) => command.env("DATABASE_URL", bot.database.url()),
        None => command.env_remove("DATABASE_URL"),
    };
    let ran = command.output().expect("the binary can be started");
    let told = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    let folder = format!("{}/wardroom-{}-", std::env::temp_dir().display(), std::process::id());
    (ran.status.code().expect("it ended by itself"), told.replace(&folder, ""))
}

fn shipped(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name);
    std::fs::read_to_string(path).expect("it is shipped")
}

#[test]
fn the_shipped_policies_pass_their_check_and_the_shipped_cases_hold() {
    for name in ["policy.toml", "policy-small-team.toml", "policy-regulated.toml"] {
        let file = File::new(name, &shipped(name));
        assert_eq!(policy(None, &["check"], &[&file]), (0, format!("{name}: nothing is wrong with this policy.\n")));
    }
    let cases = File::new("cases.toml", &shipped("policy-cases.toml"));
    let (status, told) = policy(None, &["test"], &[&cases]);
    assert_eq!(status, 0, "{told}");
    assert!(told.starts_with("The built-in policy\n"), "{told}");
    let count = told.lines().filter(|line| line.starts_with("ok ")).count();
    assert!(count > 400 && told.ends_with(&format!("\nAll {count} cases hold.\n")), "{told}");
}

#[test]
fn every_problem_of_a_policy_is_told_at_once() {
    let source = DEFAULT_TOML
        .replacen("medium   = [8, 14]", "medium   = [7, 13]", 1)
        .replacen("threshold = \"more than 1/2\"", "threshold = \"more than 1/1\"", 1)
        .replacen("\"vote:ecab\"", "\"vote:ekab\"", 1);
    let file = File::new("slips.toml", &source);
    let (status, told) = policy(None, &["check"], &[&file]);
    assert_eq!(status, 1);
    assert_snapshot!(told, @r#"
    slips.toml: line 43: risk.bands.medium: low and medium overlap: low ends at 7, medium begins at 7.
    slips.toml: line 44: risk.bands.high: there is a gap: medium ends at 13, high begins at 15.
    slips.toml: line 143: approvals.emergency.high: "vote:ekab" is neither a seat, a condition nor a vote (vote:ecab).
    slips.toml: line 181: votes.cab_high.threshold: more than 1/1 can never be reached.
    4 problems. This policy would be refused.
    "#);
}

#[test]
fn cases_of_ones_own_say_where_a_policy_differs() {
    let cases = File::new(
        "own.csv",
        "risk,data,availability,compliance,complexity,rollback,tier,downstream,tested,score,band\n\
         a switch of a flag,1,2,1,1,1,2,1,yes,2,low\n\
         a new index,3,3,1,2,2,1,2,no,13,high\n\
         \n\
         approvals,type,band,flags,seats,vote\n\
         the cards,normal,low,untested,service_owner,none\n",
    );
    let (status, told) = policy(None, &["test"], &[&cases]);
    assert_eq!(status, 1);
    assert_snapshot!(told, @"
    The built-in policy

             rule  table      case                expected                            actual
    ok       4.7   risk       a switch of a flag  score = 2, band = low               score = 2, band = low
    DIFFERS  4.7   risk       a new index         score = 13, band = high             score = 13, band = medium
             line 3: Risk 13, medium risk.
    ok       4.10  approvals  the cards           seats = service_owner, vote = none  seats = service_owner, vote = none

    1 of 3 cases differs.
    ");
    let regulated = File::new("regulated.toml", &shipped("policy-regulated.toml"));
    let path = regulated.0.to_str().expect("a path");
    let (status, told) = policy(None, &["test", "--policy", path], &[&cases]);
    assert_eq!(status, 1);
    assert!(told.contains("score = 13, band = high  ") && told.contains("score = 15, band = high\n"), "{told}");
}

#[test]
fn cases_that_cannot_be_read_are_another_matter() {
    let cases = File::new("slips-cases.toml", "[[risk]]\ntier = 7\nscore = 1\n\n[[votes]]\n");
    let (status, told) = policy(None, &["test"], &[&cases]);
    assert_eq!(status, 2);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "slips-cases.toml: line 2: tier: \"7\" is none of 1, 2, 3, 4");
    assert!(lines[1].starts_with("slips-cases.toml: line 5: there is no table \"votes\"; there are impact"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_policy_is_refused_and_the_one_before_stays_in_force() {
    let bot = Bot::start().await;
    let before = bot.database.texts(LOADED).await;
    let bad = File::new("bad.toml", &DEFAULT_TOML.replacen("medium   = [8, 14]", "medium   = [9, 14]", 1));
    let (status, told) = policy(Some(&bot), &["load"], &[&bad]);
    assert_eq!(status, 1, "{told}");
    assert!(told.contains("this policy is refused, and the one before stays in force:\n  - line "), "{told}");
    assert_eq!(bot.database.texts(LOADED).await, before, "nothing was stored");
    assert_eq!(bot.decision_log("POLICY").await, "POLICY#1 policy.loaded by wardroom");

    let good = File::new("good.toml", &DEFAULT_TOML.replacen("not_tested = 4", "not_tested = 5", 1));
    assert_eq!(policy(Some(&bot), &["load"], &[&good]), (0, "The policy is in force.\n".to_owned()));
    assert_eq!(policy(Some(&bot), &["load"], &[&good]), (0, "This policy is in force already.\n".to_owned()));
    let after = bot.database.texts(LOADED).await;
    assert_eq!((after.len(), &after[0]), (2, &before[0]), "every version stays");
    let logged = bot
        .database
        .texts(
            "select convert_from(body, 'utf8')::jsonb->'data'->>'hash' from dlog.entry where subject = 'POLICY' order by seq",
        )
        .await;
    let stored: Vec<&str> = after.iter().filter_map(|row| row.split(' ').nth(1)).collect();
    assert_eq!(logged, stored, "each version is an entry with its hash");

    // Asked is what is in force, where there is a database.
    let cases = File::new(
        "force.toml",
        "[[risk]]\ndata = 1\navailability = 1\ncompliance = 1\ncomplexity = 1\nrollback = 2\ntier = 3\ndownstream = 0\n\
         tested = false\nscore = 6\n",
    );
    let (status, told) = policy(Some(&bot), &["test"], &[&cases]);
    assert_eq!(status, 0, "{told}");
    assert!(told.starts_with("The policy in force, version 2, sha256 "), "{told}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_of_the_policy_in_force_is_explained_by_its_number_or_its_name() {
    let bot = Bot::start().await;
    let raj = bot.person("raj").discord();
    for asked in ["/admin policy do: show rule: 4.18", "/admin policy do: show rule: Queue"] {
        holds(
            &raj.says(asked).await,
            &["How many changes run at once", "1 change at once on a service", "Rule 4.18 · policy 1"],
        );
    }
    let ana = bot.person("ana").slack();
    assert_snapshot!(ana.says("/admin policy show approvals").await, @"
    Whose yes a change needs
    • standard · low, medium: nobody's approval · high, critical: not allowed
    • normal · low: the service owner · medium: the service owner and the change manager · high: a peer review and the vote of the CAB · critical: a peer review, the vote of the CAB for critical risk and an executive's acceptance of the risk
    • emergency · low, medium: a peer review, the technical authority and the service owner · high: a peer review and the vote of the E-CAB · critical: a peer review, the vote of the E-CAB for critical risk and an executive's acceptance of the risk
    • More is asked of what is untested, irreversible, privileged, or touches security or compliance.
      Rule 4.10 · policy 1 · `/admin policy show` lists the rules
    ");
    holds(
        &ana.says("/admin policy show 4.999").await,
        &["There is no rule “4.999” here.", "There is impact (4.1), priority (4.2)"],
    );
    holds(&ana.says("/admin policy show").await, &["Which rule?", "risk (4.7)"]);
    // What is said follows the policy in force.
    let other = DEFAULT_TOML.replacen("running_per_service_max = 1", "running_per_service_max = 2", 1);
    assert_ne!(other, DEFAULT_TOML);
    bot.app.load_policy(&other).await.expect("a sound policy");
    holds(&ana.says("/admin policy show 4.18").await, &["2 changes at once on a service", "policy 2"]);
    bot.finish().await;
}
