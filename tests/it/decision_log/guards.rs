//! What Postgres itself refuses.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use wardroom::domain::archive::{ArchiveBundle, ArchiveCommand, ArchiveKind};
use wardroom::domain::policy::DEFAULT_TOML;
use wardroom::domain::privacy::PrivacyCommand;
use wardroom::domain::{Command, Subject};
use wardroom::ledger::archive::Archive;
use wardroom::trial::ORGANISATION;

use super::declared;
use crate::harness::{Bot, without_hashes};

/// Tables of `public` that may change without an entry, and why.
const WITHOUT_LOG: [(&str, &str); 14] = [
    ("_sqlx_migrations", "which migrations ran; the bot's role cannot touch it"),
    ("tenant", "the next numbers, and which entries on ORG and POLICY are the newest"),
    ("setting", "the sandbox's clock: of the whole deployment, logged on WARDROOM"),
    ("delivery", "what was answered: a view, forgotten after two days"),
    ("say", "sentences to be sent: a view"),
    ("card", "where the state is shown: a view"),
    ("trouble", "what a platform refused, and who was told: about delivery, not about the state"),
    ("form", "calls that nobody has sent yet: nothing is decided"),
    ("form_use", "how long forms took, and which nobody sent: nothing is decided"),
    ("link_code", "codes that nobody has typed yet: the link that one makes is an entry"),
    ("link_miss", "wrong codes: each is a refusal, which is an entry"),
    ("lookup", "when an account was last looked up: the link that follows is an entry"),
    ("home", "where the state is shown: a view"),
    ("sink", "how far the log was sent on: a view"),
];

/// Tables of `public` that every tenant sees, and why.
const WITHOUT_ISOLATION: [(&str, &str); 2] = [
    ("_sqlx_migrations", "which migrations ran; the bot's role cannot touch it"),
    ("setting", "the sandbox's clock: of the whole deployment"),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_bots_own_role_can_only_add_to_the_log() {
    let bot = Bot::start().await;
    declared(&bot).await;
    let entry = "permission denied for table entry";
    let disclosure = "permission denied for table disclosure";
    let refused = [
        ("update dlog.entry set kind = 'x'", entry),
        ("update dlog.entry set body = body", entry),
        ("delete from dlog.entry", entry),
        ("truncate dlog.entry cascade", entry),
        (
            "insert into dlog.entry (tenant_id, subject, seq, kind, body, recorded_at) values (1, 'INC-1', 99, 'x', '', now())",
            entry,
        ),
        (
            "insert into dlog.entry (tenant_id, subject, seq, kind, body, xid) values (1, 'INC-1', 99, 'x', '', '5')",
            entry,
        ),
        (
            "insert into dlog.entry (tenant_id, subject, seq, kind, body) values (1, 'INC-1', 1, 'x', '')
             on conflict (tenant_id, subject, seq) do update set body = excluded.body",
            entry,
        ),
        ("update dlog.disclosure set person = null", disclosure),
        (
            "delete from dlog.disclosure",
            "DELETE on dlog.disclosure is refused without its payload.erased entry in the same transaction",
        ),
        ("truncate dlog.disclosure", disclosure),
        ("truncate incident", "permission denied for table incident"),
        ("drop trigger no_change on dlog.entry", "must be owner of relation entry"),
        ("drop trigger must_log on incident", "must be owner of relation incident"),
        ("alter table dlog.entry disable trigger all", "must be owner of table entry"),
        ("alter table incident disable row level security", "must be owner of table incident"),
        ("drop table dlog.entry cascade", "must be owner of table entry"),
        (
            "create or replace function dlog.deny() returns trigger language plpgsql as 'begin return null; end'",
            "permission denied for schema dlog",
        ),
        ("alter function dlog.must_log() owner to wardroom_app", "must be owner of function must_log"),
        ("set role wardroom_owner", "permission denied to set role \"wardroom_owner\""),
        ("set session_replication_role = replica", "permission denied to set parameter \"session_replication_role\""),
        ("create table mine (id int)", "permission denied for schema public"),
    ];
    for (sql, words) in refused {
        assert_refused(sql, bot.as_app(&format!("set wardroom.tenant = '1'; {sql}")).await, words);
    }
    assert!(!bot.app.store.role_owns_log().await.expect("Postgres answers"));
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn even_the_superuser_must_take_the_triggers_away_first() {
    let bot = Bot::start().await;
    declared(&bot).await;
    for replica in ["", "set session_replication_role = replica; "] {
        for table in ["entry", "disclosure"] {
            for (what, sql) in [
                ("UPDATE", format!("update dlog.{table} set tenant_id = tenant_id")),
                ("DELETE", format!("delete from dlog.{table}")),
                ("TRUNCATE", format!("truncate dlog.{table} cascade")),
            ] {
                let refusal = bot.database.as_superuser(&format!("{replica}{sql}")).await;
                // A truncated entry takes its disclosures along, and either may be the first to refuse.
                let words = format!("the decision log is append-only: {what} on dlog.");
                assert_refused(&format!("{replica}{sql}"), refusal, &words);
            }
        }
        let sql = format!("{replica}update incident set version = version + 1000");
        assert_refused(&sql, bot.database.as_superuser(&sql).await, "without a log entry in the same transaction");
    }
    let sql = "update dlog.entry set leaf_hash = ''";
    assert_refused(sql, bot.database.as_superuser(sql).await, "column \"leaf_hash\" can only be updated to DEFAULT");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_table_of_state_changes_without_an_entry() {
    let bot = with_an_archive().await;
    full_story(&bot).await;
    let tables = guarded(&bot).await;
    assert!(tables.len() >= 15, "{tables:?}");
    let (mut updated, mut deleted) = (0, 0);
    for table in &tables {
        let unlogged = "without a log entry in the same transaction";
        let update = format!("update {table} set version = version + 1000");
        assert_refused(&update, bot.database.as_superuser(&update).await, unlogged);
        let standing = format!("update {table} set version = version");
        assert_refused(&standing, bot.database.as_superuser(&standing).await, "version must grow");
        let insert = insert_of(&bot, table).await;
        assert_refused(&insert, as_app_of_tenant(&bot, &insert).await, unlogged);
        let may = |what: &str| format!("select has_table_privilege('wardroom_app', '{table}', '{what}')::text");
        if column(&bot, &may("update")).await == ["true"] {
            assert_refused(&update, as_app_of_tenant(&bot, &update).await, unlogged);
            updated += 1;
        }
        let delete = format!("delete from {table}");
        let words = if column(&bot, &may("delete")).await == ["true"] {
            deleted += 1;
            "was deleted without a log entry in the same transaction"
        } else {
            "permission denied for table"
        };
        assert_refused(&delete, as_app_of_tenant(&bot, &delete).await, words);
    }
    assert!(updated >= 8 && deleted >= 5, "{updated} may be updated, {deleted} deleted from");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_of_an_earlier_transaction_is_no_licence_for_a_change() {
    let bot = Bot::start().await;
    let ana = declared(&bot).await;
    ana.says("/inc note nothing changes by a note").await;
    let newest = "(select max(seq) from dlog.entry where subject = 'INC-1')";
    let borrowed = format!("update incident set priority = 4, version = {newest} where version < {newest}");
    assert_refused(&borrowed, as_app_of_tenant(&bot, &borrowed).await, "without a log entry in the same transaction");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_is_guarded_and_isolated_or_in_a_list_with_a_reason() {
    let bot = Bot::start().await;
    let all =
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')";
    let tables: BTreeSet<String> = column(&bot, all).await.into_iter().collect();
    let names = |list: &[(&str, &str)]| list.iter().map(|(name, _)| (*name).to_owned()).collect::<BTreeSet<String>>();

    let guarded: BTreeSet<String> = guarded(&bot).await.into_iter().collect();
    assert_eq!(&tables - &guarded, names(&WITHOUT_LOG));

    let isolated: BTreeSet<String> = column(&bot, &format!("{all} and relrowsecurity")).await.into_iter().collect();
    assert_eq!(&tables - &isolated, names(&WITHOUT_ISOLATION));

    let open = "select relname::text from pg_class where relnamespace in ('public'::regnamespace, 'dlog'::regnamespace)
         and relkind in ('v', 'm') and not coalesce('security_invoker=true' = any (reloptions), false)";
    assert_eq!(column(&bot, open).await, Vec::<String>::new(), "a view shows what its reader may see");

    let touched =
        "select has_table_privilege('wardroom_app', '_sqlx_migrations', 'select, insert, update, delete')::text";
    assert_eq!(column(&bot, touched).await, ["false"]);
    let owned =
        "select tablename::text from pg_tables where schemaname in ('public', 'dlog') and tableowner = 'wardroom_app'";
    assert_eq!(column(&bot, owned).await, Vec::<String>::new());
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_sees_nothing_and_writes_nothing_here() {
    let bot = with_an_archive().await;
    full_story(&bot).await;
    let isolated = "select relnamespace::regnamespace || '.' || relname from pg_class
         where relnamespace in ('public'::regnamespace, 'dlog'::regnamespace) and relkind in ('r', 'p') and relrowsecurity";
    let mut filled = 0;
    let tables = column(&bot, isolated).await;
    for table in &tables {
        assert_eq!(count(&bot, table, "2").await, 0, "{table} as another tenant");
        assert_eq!(count(&bot, table, "").await, 0, "{table} as no tenant");
        filled += i32::from(count(&bot, table, "1").await > 0);
    }
    assert!(filled >= 18, "{filled} of {} tables hold something", tables.len());

    let other = "set wardroom.tenant = '2'; ";
    for sql in [
        "insert into setting values ('x', 'y')",
        "insert into delivery (tenant_id, id, reply, answered_at) values (1, 'x', '{}', now())",
        "insert into dlog.entry (tenant_id, subject, seq, kind, body) values (1, 'INC-1', 99, 'x', '')",
    ] {
        let refusal = bot.as_app(&format!("{other}{sql}")).await;
        if sql.contains("setting") {
            assert_eq!(refusal, Ok(()), "what every tenant sees can be written");
        } else {
            assert_refused(sql, refusal, "new row violates row-level security policy");
        }
    }
    bot.finish().await;
}

fn assert_refused(sql: &str, outcome: Result<(), String>, words: &str) {
    match outcome {
        Ok(()) => panic!("Postgres lets it happen: {sql}"),
        Err(refusal) => assert!(refusal.contains(words), "{sql}\nis refused by\n{refusal}\nnot by\n{words}"),
    }
}

/// A folder that nothing is written to: what is sealed here is only said to be.
async fn with_an_archive() -> Bot {
    Bot::start_with(|app| app.archive = Some(Archive::at(std::env::temp_dir().join("wardroom-guards")))).await
}

/// A row in every table: an incident with its rooms and updates, a change with a seat and a ballot.
async fn full_story(bot: &Bot) {
    let ana = declared(bot).await;
    ana.says("/change emergency roll back 4.2 impact: all card payments fail").await;
    let answers = [
        ("why", "every minute costs sales"),
        ("plan", "deploy 4.2 again from the registry"),
        ("tested", "yes"),
        ("data", "2"),
        ("availability", "3"),
        ("compliance", "1"),
        ("complexity", "3"),
        ("rollback", "3"),
    ];
    let asked = without_hashes(&ana.fills(&answers).await);
    assert!(asked.contains("CHG-1"), "{asked}");
    bot.run_until_idle().await;
    bot.person("raj").discord().at(super::ROOM).reviews("CHG-1").await;
    bot.person("mia").slack().at(super::ROOM).presses("Approve", "CHG-1").await;
    bot.person("mia").slack().at(super::ROOM).says("/cab concern CHG-1 nobody tried it").await;
    ana.says("/change plan rehearse CHG-1 env:staging observer:@raj minutes:9").await;
    finish_another(bot, &answers).await;
    conflict(bot).await;
    claim(bot).await;
    let linked = ana.says("/inc link CHG-2 related").await;
    assert!(linked.contains("CHG-2"), "{linked}");
    bot.person("ines").slack().says("/freeze on svc:payments hard:yes until:+4h why: payroll").await;
    let excepted = ana.says("/freeze except CHG-1 why: cards fail").await;
    assert!(excepted.contains("FRZ-1"), "{excepted}");
    let escalated = ana.says("/cab escalate CHG-1 everything was tried").await;
    assert!(escalated.contains("Omar"), "{escalated}");
    bot.person("tom").slack().says("/cab delegate to:@sam until:+2h why: a flight").await;
    bot.person("kim").slack().says("/cab delegate away until:+2d why: leave").await;
    bot.person("ana")
        .slack()
        .says("/change bulk patch until:+4h items: nothing at all impact: none why: now plan: none tested:yes")
        .await;
    bot.person("ines").slack().says("/cab open").await;
    ana.says("/change cal feed:new").await;
    seal_another(bot).await;
    let zoe = bot.person("zoe").slack();
    zoe.says("/log erase INC-1#1 basis: GDPR Art. 17(1)(b)").await;
    zoe.says("/log hold INC-1 why: the regulator has asked for it").await;
    zoe.says("/admin retention confirm").await;
    bot.run_until_idle().await;
    // Slack as a whole, and some channels on Discord.
    let whole = "id = \"900000000000000001\"";
    let channels = ["2", "3", "4"].map(|n| format!("\"20000000000000000{n}\"")).join(", ");
    let mut shared = ORGANISATION.replacen(whole, &format!("{whole}\nchannels = [{channels}]"), 1);
    shared.push_str("[[roster]]\nkey = \"signatories\"\nchair = \"zoe\"\nmembers = [\"zoe\"]\n");
    shared.push_str("[[raci]]\nactivity = \"communicate\"\naccountable = \"zoe\"\nresponsible = \"ben\"\n");
    let team = "on_call = [\"ana\", \"raj\"]\n";
    let charter = "[team.charter]\nresponsibilities = \"cards\"\navailability_minutes = 15\nsuccession = [\"raj\"]\n";
    let shared = shared.replacen(team, &format!("{team}\n{charter}"), 1);
    bot.app.apply_organisation(&shared, false).await.expect("a server can be shared");
    let acknowledged = ana.says("/admin charter ack").await;
    assert!(acknowledged.contains("acknowledges edition 1"), "{acknowledged}");
    zoe.says("/admin charter payments reviewed").await;
    bot.app.load_policy(&format!("{DEFAULT_TOML}# signed\n")).await.expect("a sound policy");
    zoe.says("/admin policy read").await;
    zoe.says("/admin propose audit two sign ref:F-12 why: one did").await;
    bot.person("tom").slack().says("/cab standard suspend log-rotation why: the path is gone").await;
}

/// A change that meets an exploit, as its requester says.
async fn claim(bot: &Bot) {
    let ask = "/change emergency patch the gateway svc:checkout impact: receipts are read why: now exploit: CVE-2030-7 plan: put \
               it back @ana fails: it hangs -> put it back abort: cards fail tested:yes data:1 availability:1 compliance:1 \
               complexity:1 rollback:1";
    let asked = bot.person("ana").slack().says(ask).await;
    assert!(asked.contains("Kim Novak is asked"), "{asked}");
}

/// Two changes that want the payments at the same time.
async fn conflict(bot: &Bot) {
    let ask = "/change new move the queue svc:payments impact: none why: routine plan: move it back tested:yes data:1 \
               availability:1 compliance:1 complexity:1 rollback:1 from:2030-01-10T10:00Z until:2030-01-10T12:00Z";
    bot.person("ana").slack().says(ask).await;
    bot.person("mia").slack().says("/change approve CHG-3").await;
    bot.person("yuki").discord().says("/change plan ack change: CHG-3").await;
    let asked = bot.person("mia").slack().says(ask).await;
    assert!(asked.contains("in each other's way"), "{asked}");
}

/// A second change, from the request to its end: its review is due.
async fn finish_another(bot: &Bot, answers: &[(&str, &str)]) {
    let ana = bot.person("ana").slack().at(super::ROOM);
    ana.says("/change emergency restart the gateway impact: all card payments fail").await;
    ana.fills(answers).await;
    bot.run_until_idle().await;
    bot.person("raj").discord().at(super::ROOM).reviews("CHG-2").await;
    bot.person("mia").slack().at(super::ROOM).presses("Approve", "CHG-2").await;
    bot.person("tom").slack().at(super::ROOM).presses("Approve", "CHG-2").await;
    ana.says("/change start CHG-2").await;
    ana.says("/cab exception ask CHG-2 rule:validation until:+7d control: raj watches why: nobody is there").await;
    bot.person("zoe").slack().says("/cab exception approve EXC-1").await;
    bot.person("omar").slack().says("/cab exception approve EXC-1").await;
    let done = ana.says("/change done CHG-2").await;
    assert!(done.contains("A review of CHG-2 is due"), "{done}");
    bot.run_until_idle().await;
}

/// A second incident, which is over, and is said to be sealed.
async fn seal_another(bot: &Bot) {
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev3 reports are late svc:reports").await;
    bot.run_until_idle().await;
    ana.says("/inc lead INC-2 me").await;
    ana.says("/inc cancel INC-2 nothing was broken").await;
    bot.app.store.sequence(1).await.expect("Postgres answers");
    let manifest = "0a1b2c".to_owned();
    let bundle = ArchiveBundle {
        kind: ArchiveKind::Sealed,
        manifest,
        entries: 9,
        bytes: 4_096,
        covers: i64::MAX.unsigned_abs(),
    };
    let keep = Command::Privacy(PrivacyCommand::Archive(ArchiveCommand::Keep(bundle)));
    bot.app.perform(1, Subject::Incident(2), keep, "archive").await.expect("it is recorded");
    let redacted = bot.person("zoe").slack().says("/log redact INC-2").await;
    assert!(redacted.contains("a second officer must approve it"), "{redacted}");
}

/// The tables whose guard is whole: deferred, on at any time, and for every way in which a row can change.
async fn guarded(bot: &Bot) -> Vec<String> {
    let sql = "select tgrelid::regclass::text from pg_trigger
         where tgname = 'must_log' and tgfoid = 'dlog.must_log'::regproc and tgenabled = 'A'
           and tgdeferrable and tginitdeferred and tgtype & 1 = 1 and tgtype & 28 = 28
         order by 1";
    column(bot, sql).await
}

/// A statement that copies a row under another key and another version: as an insert that no decision made.
async fn insert_of(bot: &Bot, table: &str) -> String {
    let columns = format!(
        "select format('%I|%s', attname, case
             when attname in ('tenant_id', 'platform') then quote_ident(attname)
             when attname = 'version' then 'version + 1000'
             when not unique_too then quote_ident(attname)
             when atttypid in ('bigint'::regtype, 'integer'::regtype) then format('%I + 1000', attname)
             when atttypid = 'timestamptz'::regtype then format('%I + interval ''1 year''', attname)
             else format('%I || ''x''', attname) end)
         from pg_attribute, lateral (select exists (
             select from pg_index where indrelid = attrelid and indisunique and attnum = any (indkey))) as key (unique_too)
         where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''"
    );
    let columns = column(bot, &columns).await;
    let (names, values): (Vec<&str>, Vec<&str>) = columns.iter().filter_map(|pair| pair.split_once('|')).unzip();
    format!("insert into {table} ({}) select {} from {table} limit 1", names.join(", "), values.join(", "))
}

async fn as_app_of_tenant(bot: &Bot, sql: &str) -> Result<(), String> {
    bot.as_app(&format!("begin; set local wardroom.tenant = '1'; {sql}; commit")).await
}

async fn column(bot: &Bot, sql: &str) -> Vec<String> {
    let rows = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(bot.app.store.pool()).await;
    rows.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// How many rows of a table the bot's role sees as one tenant.
async fn count(bot: &Bot, table: &str, tenant: &str) -> i64 {
    let mut connection = PgConnection::connect_with(&bot.database.as_app()).await.expect("the bot's role may connect");
    let set = AssertSqlSafe(format!("set wardroom.tenant = '{tenant}'"));
    sqlx::query(set).execute(&mut connection).await.expect("the tenant can be set");
    let rows = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table}")));
    let rows = rows.fetch_one(&mut connection).await.expect("rows can be counted");
    connection.close().await.expect("the connection closes");
    rows
}
