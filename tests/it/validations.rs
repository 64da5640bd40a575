//! Whether what is done works: by the checks of its service, or in the words of a second person.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use insta::assert_snapshot;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use sqlx::ConnectOptions;
use wardroom::cluster::SUPERUSER;
use wardroom::host_token::HostTokens;
use wardroom::store::Databases;

use crate::harness::{Bot, holds, without_hashes};

const ORGANISATION: &str = include_str!("../../deploy/organisation.toml");

/// Tom rotates the logs of the ledger, and says that it is done.
async fn done(bot: &Bot) -> String {
    let tom = bot.person("tom").slack();
    tom.says("/change std log-rotation keep_days:14 svc:ledger").await;
    holds(&tom.says("/change start CHG-1").await, &["started CHG-1"]);
    let done = tom.says("/change done CHG-1").await;
    bot.run_until_idle().await;
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_person_says_with_one_click_that_it_works() {
    let bot = Bot::start().await;
    assert_snapshot!(without_hashes(&done(&bot).await), @"
    *Tom Okafor* finished CHG-1
    Does CHG-1 work? Somebody who did not carry it out says so
    Lena Fischer is asked in private whether it works.
      `L CHG-1#5 ……`
    ");
    let own = bot.person("tom").slack().says("/change after validate CHG-1 ok").await;
    holds(&own, &["You cannot say whether this change works: you carry it out", "Rule 4.15"]);
    let seen = bot.person("raj").discord().at("changes").sees();
    holds(&seen, &["CHG-1 · standard change · band low · validating", "Does it work?", "[Works] [Does not work]"]);
    holds(&bot.person("lena").slack().private(), &["Does CHG-1 work?", "[Works] [Does not work]"]);
    let said = bot.person("lena").slack().at("@wardroom").presses("Works", "CHG-1").await;
    assert_snapshot!(without_hashes(&said), @"
    *Lena Fischer*: CHG-1 works
      `L CHG-1#7 ……`
    ");
    bot.run_until_idle().await;
    holds(&bot.person("raj").discord().at("changes").sees(), &["CHG-1 · standard change · band low · completed"]);
    let late = bot.person("raj").discord().says("/change after validate change: CHG-1 verdict: ok").await;
    holds(&late, &["CHG-1 is completed already."]);
    bot.pass(3 * 60).await;
    assert_snapshot!(bot.decision_log("CHG-1").await, @"
    CHG-1#1 change.requested by tom
    CHG-1#2 change.approved by tom
    CHG-1#3 change.started by tom
    CHG-1#4 change.done by tom
    CHG-1#5 validation.opened by tom
    CHG-1#6 refused by tom
    CHG-1#7 validation.passed by lena
    CHG-1#8 slot.released by wardroom
    ");
    holds(&bot.person("tom").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_silent_is_reminded_then_the_owner_and_what_does_not_work_is_mended_forward() {
    let bot = Bot::start().await;
    done(&bot).await;
    let reminded = |text: &str| text.matches("Nobody has said yet whether CHG-1 works").count();
    let lena = bot.person("lena").slack();
    bot.pass(61).await;
    assert_eq!(reminded(&lena.private()), 1, "{}", lena.private());
    bot.pass(24 * 60).await;
    // The owner of the ledger is Tom, who carried it out: Lena is asked again, and after that left alone.
    assert_eq!(reminded(&lena.private()), 2, "{}", lena.private());
    holds(&lena.says("/inc panel").await, &["*CHG-1*", "your word on whether it works", "[Works] [Does not work]"]);

    let lena = lena.at("changes");
    assert_eq!(lena.presses("Does not work", "CHG-1").await, "(a form)");
    let failed = lena.fills(&[("why", "the disk is full again")]).await;
    holds(&failed, &["*CHG-1 does not work*, says *Lena Fischer*: the disk is full again"]);
    bot.run_until_idle().await;
    let tom = bot.person("tom").slack();
    holds(
        &(tom.private() + &bot.person("tom").discord().private()),
        &["CHG-1 does not work", "[Roll back] [Fix forward]"],
    );
    holds(&bot.person("raj").discord().at("changes").sees(), &["band low · failed", "the disk is full again"]);
    holds(&tom.says("/change done CHG-1").await, &["CHG-1 is done already"]);
    let closed = lena.presses("Works", "CHG-1").await;
    holds(&closed, &["CHG-1 was found not to work.", "`/change after validate CHG-1 again` asks anew"]);

    let forward = bot.person("tom").slack().at("changes");
    assert_eq!(forward.presses("Fix forward", "CHG-1").await, "(a form)");
    let forward = forward.fills(&[("plan", "mount the larger disk, then rotate")]).await;
    assert_snapshot!(without_hashes(&forward), @"
    *CHG-1* is at revision 2: plan: Restore the old rotation from the configuration repository → mount the larger disk, then rotate
    window: 2030-01-07 14:00 to 2030-01-07 14:30 UTC → not planned · risk 4, band *low* · needs the service owner
    *Nobody may be asked for CHG-1 as service owner.* Whoever is away names who stands in, or an administrator names somebody in the organisation file; `/admin check` shows what is missing
    *Tom Okafor* puts CHG-1 to the decision authority (*seat*): Nobody may fill the seat of service owner. · *Omar Haddad* is asked until 9 Jan 15:01 UTC
    Risk 4, low risk. +1 highest impact 1 times complexity 1 · +3 a tier 1 service · -1 rollback automatic and proven · +1 services that depend on it.
    It needs the service owner, on this revision.
    It is a normal change now: the catalogue does not approve it like this.
      `L CHG-1#13 ……`
    ");
    bot.run_until_idle().await;
    holds(&bot.person("raj").discord().at("changes").sees(), &["awaiting approval", "revision 2"]);
    holds(&tom.says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

/// A service on this machine that answers with this status to whoever asks.
async fn service(status: Arc<AtomicU16>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = format!(
                "HTTP/1.1 {} x\r\ncontent-length: 7\r\nconnection: close\r\n\r\nall ok\n",
                status.load(Ordering::SeqCst)
            );
            let mut asked = [0; 1024];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    port
}

/// The ledger with these checks.
async fn with_checks(bot: &Bot, checks: &str) {
    let file = ORGANISATION.replacen("key = \"ledger\"\n", &format!("key = \"ledger\"\nchecks = [{checks}]\n"), 1);
    let applied = bot.app.apply_organisation(&file, false).await.expect("it is applied");
    assert_eq!(applied.changes.len(), 1, "{:?}", applied.changes);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checks_of_a_service_run_at_once_and_again_when_the_watch_is_over() {
    let bot = Bot::start().await;
    let port = service(Arc::new(AtomicU16::new(200))).await;
    let health = format!("{{ key = \"health\", http = \"http://127.0.0.1:{port}/health\", text = \"all ok\" }}");
    with_checks(&bot, &format!("{health}, {{ key = \"port\", tcp = \"127.0.0.1:{port}\" }}")).await;
    holds(&done(&bot).await, &["The checks of CHG-1 run: health, port", "watched until"]);
    let changes = bot.person("raj").discord().at("changes");
    holds(&changes.sees(), &["health passed, port passed", "validating"]);
    let ok = bot.person("lena").slack().says("/change after validate CHG-1 ok").await;
    holds(&ok, &["Whether CHG-1 works is for its checks to say: health, port."]);
    bot.pass(11).await;
    holds(&changes.sees(), &["band low · completed", "CHG-1 works: its checks passed"]);
    assert_snapshot!(bot.decision_log("CHG-1").await, @"
    CHG-1#1 change.requested by tom
    CHG-1#2 change.approved by tom
    CHG-1#3 change.started by tom
    CHG-1#4 change.done by tom
    CHG-1#5 validation.opened by tom
    CHG-1#6 validation.checked by wardroom
    CHG-1#7 validation.checked by wardroom
    CHG-1#8 slot.released by wardroom
    CHG-1#9 validation.checked by wardroom
    CHG-1#10 validation.checked by wardroom
    CHG-1#11 validation.passed by wardroom
    ");
    let log = bot.person("ines").slack().says("/log show CHG-1").await;
    holds(&log, &["The check `health` of CHG-1 passed: answered 200"]);
    holds(&bot.person("tom").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_fails_three_times_fails_the_change_and_runs_anew_once_it_is_mended() {
    let bot = Bot::start().await;
    let status = Arc::new(AtomicU16::new(503));
    let port = service(status.clone()).await;
    let health = format!("{{ key = \"health\", http = \"http://127.0.0.1:{port}/\", status = 200 }}");
    // Nobody listens there: what can't be reached has not passed.
    with_checks(&bot, &format!("{health}, {{ key = \"port\", tcp = \"127.0.0.1:1\" }}")).await;
    done(&bot).await;
    let changes = bot.person("raj").discord().at("changes");
    holds(&changes.sees(), &["health did not pass, port did not pass", "validating"]);
    bot.pass(2).await;
    holds(&changes.sees(), &["band low · failed", "health: answered 503, not 200; port: takes no connection"]);
    holds(&bot.person("tom").slack().private(), &["CHG-1 does not work", "[Roll back] [Fix forward] [Re-run]"]);
    status.store(200, Ordering::SeqCst);
    let tcp = format!("{{ key = \"port\", tcp = \"127.0.0.1:{port}\" }}");
    let file =
        ORGANISATION.replacen("key = \"ledger\"\n", &format!("key = \"ledger\"\nchecks = [{health}, {tcp}]\n"), 1);
    bot.app.apply_organisation(&file, false).await.expect("it is applied");
    holds(
        &bot.person("tom").slack().at("changes").presses("Re-run", "CHG-1").await,
        &["asks anew whether CHG-1 works"],
    );
    bot.pass(11).await;
    holds(&changes.sees(), &["band low · completed"]);
    let log = bot.decision_log("CHG-1").await;
    assert_eq!(log.matches("validation.checked").count(), 2 * 5, "{log}");
    holds(&bot.person("tom").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_check_is_refused_by_name() {
    let bot = Bot::start().await;
    for (checks, words) in [
        ("{ key = \"a b\", tcp = \"db:5432\" }", "its key is one word"),
        ("{ key = \"db\", tcp = \"db\" }", "write http = "),
        ("{ key = \"db\", http = \"file:///etc/passwd\" }", "write http = "),
        ("{ key = \"db\", tcp = \"db:5432\", text = \"ok\" }", "write http = "),
        ("{ key = \"db\", http = \"https://db/\", sha256 = \"4f\" }", "write http = "),
        ("{ key = \"db\", sql = \"select 1\", database = \"ledger\" }", "sql = \"select …\" with database and expect"),
        ("{ key = \"db\", sql = \"select 1\", database = \"a b\", expect = \"1\" }", "write http = "),
        (
            "{ key = \"ci\", pipeline = \"https://ci/\", result = \"/0/status\", expect = \"success\" }",
            "with result and began",
        ),
        (
            "{ key = \"ci\", pipeline = \"https://ci/\", result = \"0\", began = \"/0/at\", expect = \"ok\" }",
            "write http = ",
        ),
    ] {
        let file = ORGANISATION.replacen("key = \"ledger\"\n", &format!("key = \"ledger\"\nchecks = [{checks}]\n"), 1);
        let refused = bot.app.apply_organisation(&file, false).await.expect_err("no check").to_string();
        holds(&refused, &[words]);
    }
    bot.finish().await;
}

/// A bot whose checks may read its own database, as somebody who could do anything there.
async fn reading_itself() -> Bot {
    Bot::start_with(|app| {
        let url = (*app.store.pool().connect_options()).clone().username(SUPERUSER).to_url_lossy();
        app.databases = Databases::of(&[format!("own={url}").parse().expect("a name and an address")]);
    })
    .await
}

/// Runs the checks of a change once, and gives the log of what they found.
async fn found_by(bot: &Bot, checks: &str) -> String {
    with_checks(bot, checks).await;
    done(bot).await;
    bot.person("ines").slack().says("/log show CHG-1").await
}

/// What `printf 'all ok\n' | sha256sum` says.
const ALL_OK: &str = "240a6677973fdb83ae77f4739bad8489dc77606f0460394c8b9850abc7223d92";

#[tokio::test(flavor = "multi_thread")]
async fn a_check_compares_a_checksum_and_a_value_of_a_database() {
    let bot = reading_itself().await;
    let port = service(Arc::new(AtomicU16::new(200))).await;
    let url = format!("http://127.0.0.1:{port}/config");
    let log = found_by(
        &bot,
        &format!(
            r#"{{ key = "config", http = "{url}", sha256 = "{ALL_OK}" }},
               {{ key = "changed", http = "{url}", sha256 = "{}" }},
               {{ key = "units", sql = "select count(*) from pg_database where datname = current_database()", database = "own", expect = "1" }},
               {{ key = "other", sql = "select 'two words', 7", database = "own", expect = "one" }},
               {{ key = "nothing", sql = "select 1 where false", database = "own", expect = "no row" }},
               {{ key = "long", sql = "select repeat('x', 70) || 'a'", database = "own", expect = "{}b" }}"#,
            "0".repeat(64),
            "x".repeat(70),
        ),
    )
    .await;
    holds(
        &log,
        &[
            "The check `config` of CHG-1 passed: has the checksum",
            "The check `changed` of CHG-1 did not pass: has the checksum",
            "another one than declared",
            "The check `units` of CHG-1 passed: found 1",
            "The check `other` of CHG-1 did not pass: found two words, not one",
            "The check `nothing` of CHG-1 passed: found no row",
            // What is told is cut, what is compared is not.
            "The check `long` of CHG-1 did not pass: found xxx",
        ],
    );
    bot.finish().await;
}

/// Whatever its query says, a check writes nothing, runs one statement, ends in time and tells nothing of the address.
#[tokio::test(flavor = "multi_thread")]
async fn a_query_of_a_check_can_only_read() {
    let bot = reading_itself().await;
    let check =
        |key: &str, query: &str| format!(r#"{{ key = "{key}", sql = "{query}", database = "own", expect = "1" }}"#);
    let checks = [
        check(
            "writes",
            "with made as (insert into tenant (key, name) values ('x', 'x') returning 1) select 1 from made",
        ),
        check("two", "select 1) as checked(found); create table stolen (n int); select (1"),
        check("fresh", "select nextval('dlog.entry_id_seq')"),
        check("slow", "select pg_sleep(60)"),
        r#"{ key = "unknown", sql = "select 1", database = "elsewhere", expect = "1" }"#.to_owned(),
    ];
    let log = found_by(&bot, &checks.join(", ")).await;
    holds(
        &log,
        &[
            "The check `writes` of CHG-1 did not pass: does not run (SQLSTATE",
            "The check `two` of CHG-1 did not pass: does not run (SQLSTATE 42601)",
            "The check `fresh` of CHG-1 did not pass: does not run (SQLSTATE 25006)",
            "The check `slow` of CHG-1 did not pass: did not answer within",
            "The check `unknown` of CHG-1 did not pass: cannot run: this bot knows no database “elsewhere”",
        ],
    );
    assert!(!log.contains("postgres://") && !log.contains("socket"), "{log}");
    assert_eq!(bot.database.texts("select key from tenant").await, ["harbour"]);
    bot.finish().await;
}

/// A service that runs pipelines, and tells whoever brings the token of its newest run.
async fn pipelines(run: Arc<Mutex<String>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 2048];
            let length = stream.read(&mut asked).await.unwrap_or(0);
            let asked = String::from_utf8_lossy(&asked[..length]).to_lowercase();
            let is_known = asked.contains("authorization: bearer s3cret") && asked.contains("user-agent");
            let (status, body) =
                if is_known { (200, run.lock().expect("nobody panics").clone()) } else { (401, "{}".to_owned()) };
            let length = body.len();
            let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    port
}

/// As GitHub lists the newest run of a workflow.
fn run(minute: u32, status: &str, conclusion: &str) -> String {
    format!(
        r#"{{"workflow_runs":[{{"status":"{status}","conclusion":{conclusion},"run_started_at":"2030-01-07T14:{minute:02}:00Z"}}]}}"#
    )
}

fn smoke(port: u16) -> String {
    format!(
        r#"{{ key = "smoke", pipeline = "http://127.0.0.1:{port}/runs", result = "/workflow_runs/0/conclusion",
             began = "/workflow_runs/0/run_started_at", expect = "success" }}"#
    )
    .replace('\n', " ")
}

async fn with_token() -> Bot {
    Bot::start_with(|app| app.host_tokens = HostTokens::of(&["127.0.0.1=s3cret".parse().expect("a host and a token")]))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_that_began_after_the_change_is_waited_for_and_says_whether_it_works() {
    let bot = with_token().await;
    // What ran yesterday says nothing of it.
    let newest = Arc::new(Mutex::new(run(0, "completed", r#""success""#).replace("01-07", "01-06")));
    let port = pipelines(Arc::clone(&newest)).await;
    with_checks(&bot, &smoke(port)).await;
    done(&bot).await;
    let changes = bot.person("raj").discord().at("changes");
    holds(&changes.sees(), &["smoke runs", "validating"]);
    let ines = bot.person("ines").slack();
    holds(&ines.says("/log show CHG-1").await, &["The check `smoke` of CHG-1 waits: no run has begun since"]);
    *newest.lock().expect("nobody panics") = run(1, "in_progress", "null");
    bot.pass(12).await;
    // The watch is over, the run is not.
    holds(&changes.sees(), &["smoke runs", "validating"]);
    holds(&ines.says("/log show CHG-1").await, &["waits: the run of 14:01 UTC has not ended"]);
    *newest.lock().expect("nobody panics") = run(1, "completed", r#""success""#);
    bot.pass(2).await;
    holds(&changes.sees(), &["band low · completed", "CHG-1 works: its checks passed"]);
    let log = ines.says("/log show CHG-1").await;
    holds(&log, &["The check `smoke` of CHG-1 passed: the run of 14:01 UTC ended with success"]);
    assert!(!log.contains("s3cret") && !log.contains("127.0.0.1"), "{log}");
    holds(&bot.person("tom").slack().says("/log verify CHG-1").await, &["*The log of CHG-1 is whole.*"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_that_ends_badly_or_never_fails_the_change() {
    let bot = with_token().await;
    let newest = Arc::new(Mutex::new(run(0, "completed", r#""failure""#)));
    let port = pipelines(Arc::clone(&newest)).await;
    with_checks(&bot, &smoke(port)).await;
    done(&bot).await;
    bot.pass(2).await;
    let changes = bot.person("raj").discord().at("changes");
    holds(&changes.sees(), &["band low · failed", "smoke: the run of 14:00 UTC ended with failure, not success"]);
    *newest.lock().expect("nobody panics") = run(3, "queued", "null");
    bot.person("tom").slack().at("changes").presses("Re-run", "CHG-1").await;
    bot.pass(60).await;
    holds(&changes.sees(), &["smoke runs", "validating"]);
    bot.pass(20).await;
    holds(&changes.sees(), &["band low · failed", "smoke: the run of 14:03 UTC has not ended"]);
    bot.finish().await;
}
