//! The databases that checks of changes may read, each under a name of its own: the organisation file says the name, and
//! only the process knows the address, which may hold a password.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};

/// One of them, as it is said on the command line: `ledger=postgres://reader@db.example/ledger`.
#[derive(Debug, Clone)]
pub struct NamedDatabase {
    name: String,
    url: SecretString,
}

/// All of them.
#[derive(Clone, Default)]
pub struct Databases(BTreeMap<String, PgConnectOptions>);

impl FromStr for NamedDatabase {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<NamedDatabase, &'static str> {
        let shape = "write name=postgres://user@host/database";
        let (name, url) = text.split_once('=').ok_or(shape)?;
        let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
        let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
        if name.is_empty() || !name.chars().all(fits) || !is_postgres || PgConnectOptions::from_str(url).is_err() {
            return Err(shape);
        }
        Ok(NamedDatabase { name: name.to_owned(), url: url.into() })
    }
}

impl Databases {
    pub fn of(named: &[NamedDatabase]) -> Databases {
        let read = |one: &NamedDatabase| Some((one.name.clone(), one.url.expose_secret().parse().ok()?));
        Databases(named.iter().filter_map(read).collect())
    }

    /// The first value that a query finds, as text; or why there is none, in words that repeat neither values nor the address.
    /// Read only, whatever the role could do: one statement, inside another one that is a SELECT, in a transaction that
    /// writes nothing and is given back.
    pub async fn value(&self, name: &str, query: &str) -> Result<String, String> {
        let Some(options) = self.0.get(name) else {
            return Err(format!("cannot run: this bot knows no database “{name}”"));
        };
        let mut connection =
            options.connect().await.map_err(|error| format!("takes no connection ({})", cause(&error)))?;
        let found = first(&mut connection, query).await.map_err(|error| format!("does not run ({})", cause(&error)));
        // It goes anyway.
        let _ = connection.close().await;
        found
    }
}

async fn first(connection: &mut PgConnection, query: &str) -> Result<String, sqlx::Error> {
    connection.execute("begin read only").await?;
    let query = format!("select found::text from (\n{query}\n) as checked(found) limit 1");
    let found: Option<Option<String>> =
        sqlx::query_scalar(AssertSqlSafe(query)).fetch_optional(&mut *connection).await?;
    connection.execute("rollback").await?;
    Ok(match found {
        Some(Some(value)) => value,
        Some(None) => "null".to_owned(),
        None => "no row".to_owned(),
    })
}

/// The code of an error, and not its words: those repeat values, and addresses.
fn cause(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => format!("SQLSTATE {}", error.code().unwrap_or_default()),
        sqlx::Error::Io(error) => error.kind().to_string(),
        _ => "no answer that can be read".to_owned(),
    }
}

/// The names alone: an address may hold a password.
impl fmt::Debug for Databases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_has_a_name_and_its_address_is_shown_to_nobody() {
        let named: NamedDatabase = "ledger=postgres://reader:pa55@db.example/ledger?sslmode=require".parse().unwrap();
        let databases = Databases::of(std::slice::from_ref(&named));
        assert_eq!(databases.0.get("ledger").and_then(PgConnectOptions::get_database), Some("ledger"));
        assert!(!databases.0.contains_key("orders"));
        assert_eq!(format!("{databases:?}"), r#"{"ledger"}"#);
        assert!(!format!("{named:?}").contains("pa55"));
        for wrong in ["postgres://db.example/ledger", "led ger=postgres://db", "ledger=mysql://db/x", "=postgres://db"]
        {
            assert!(wrong.parse::<NamedDatabase>().is_err(), "{wrong}");
        }
    }
}
