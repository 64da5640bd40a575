//! A rolling upgrade: the schema is brought up to date first, and replicas of the version before go on working on it until
//! each is replaced.
//!
//! `tests/upgrade/` holds every statement that an earlier version sends, as they stood in its `.sqlx/`
//! (`jq -s 'map(.query) | unique' .sqlx/*.json`), named after the newest migration that it knew. Each is planned against
//! the schema of today as the bot's own role. That proves that its tables, columns, types, functions and conflict targets
//! are there and that the role may use them, and that no new column is needed that the older version does not fill. It does
//! not prove that an older version understands what a newer one has written, such as a new kind of entry; those are read
//! as a line that cannot be told.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::harness::Bot;

const OLDER: [(&str, &str); 1] = [("0007", include_str!("../upgrade/0007.json"))];

fn statements(json: &str) -> Vec<String> {
    serde_json::from_str(json).expect("a list of statements")
}

/// How many parameters a statement has.
fn parameters(statement: &str) -> usize {
    let numbers = statement.split('$').skip(1).filter_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().ok()
    });
    numbers.max().unwrap_or(0)
}

/// Plans a statement as a role, with nothing for each parameter: Postgres resolves every name, and asks for every right.
async fn plan(connection: &mut PgConnection, role: &str, statement: &str) -> Result<(), String> {
    let nothing = vec!["null"; parameters(statement)].join(", ");
    let call = if nothing.is_empty() { "execute older".to_owned() } else { format!("execute older({nothing})") };
    let sql = format!("begin; set local wardroom.tenant = '1'; {role} prepare older as {statement}; explain {call}");
    let planned = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await;
    sqlx::raw_sql("rollback; deallocate all").execute(connection).await.expect("nothing is left of it");
    planned.map(drop).map_err(|error| error.to_string())
}

async fn refusal(connection: &mut PgConnection, statement: &str) -> Option<String> {
    let refused = plan(connection, "", statement).await.err()?;
    // The tree is grown with the rights of the sequencer, which the bot takes on for that.
    plan(connection, "set local role wardroom_sequencer;", statement).await.err().map(|_| refused)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_of_the_version_before_still_works_on_the_schema_of_today() {
    let bot = Bot::start().await;
    let mut connection = PgConnection::connect_with(&bot.database.as_app()).await.expect("the bot's role may connect");
    for (version, json) in OLDER {
        let statements = statements(json);
        assert!(statements.len() > 100, "{} statements of {version}", statements.len());
        for statement in statements {
            assert_eq!(refusal(&mut connection, &statement).await, None, "{version}: {statement}");
        }
    }
    for broken in [
        "select nobody_has_this from tenant",
        "insert into workspace (tenant_id, platform) values ($1, $2) on conflict (tenant_id) do nothing",
        "update dlog.entry set kind = $1",
    ] {
        assert!(refusal(&mut connection, broken).await.is_some(), "{broken} is noticed");
    }
    connection.close().await.expect("the connection closes");
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_column_has_become_necessary_that_the_version_before_does_not_fill() {
    let bot = Bot::start().await;
    for (version, json) in OLDER {
        let mut checked = BTreeSet::new();
        for statement in statements(json) {
            for (table, columns) in inserts(&statement) {
                let needed = format!(
                    "select string_agg(attname, ' ' order by attname) from pg_attribute
                     where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped
                       and attnotnull and not atthasdef and attidentity = ''"
                );
                let needed = bot.database.text(&needed).await;
                for column in needed.split_whitespace() {
                    assert!(columns.contains(column), "{version}: {table}.{column} is needed by now:\n{statement}");
                }
                checked.insert(table);
            }
        }
        assert!(checked.len() >= 20, "{version}: {checked:?}");
    }
    bot.leave().await;
}

/// `insert into table (columns)`, wherever it stands in a statement.
fn inserts(statement: &str) -> Vec<(String, BTreeSet<String>)> {
    let after = statement.split("insert into ").skip(1);
    let parsed = after.filter_map(|rest| {
        let (table, rest) = rest.split_once('(')?;
        let (columns, _) = rest.split_once(')')?;
        let columns = columns.split(',').map(|column| column.trim().to_owned()).collect();
        Some((table.trim().to_owned(), columns))
    });
    parsed.collect()
}
