//! The databases that checks of changes may read, each under a name of its own: the organisation file says the name, and
//! only the process knows the address, which may hold a password.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;

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
        if name.is_empty() || !name.chars().all(fits) || PgConnectOptions::from_str(url).is_err() {
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

    pub fn get(&self, name: &str) -> Option<&PgConnectOptions> {
        self.0.get(name)
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
        assert_eq!(databases.get("ledger").and_then(PgConnectOptions::get_database), Some("ledger"));
        assert!(databases.get("orders").is_none());
        assert_eq!(format!("{databases:?}"), r#"{"ledger"}"#);
        assert!(!format!("{named:?}").contains("pa55"));
        for wrong in ["postgres://db.example/ledger", "led ger=postgres://db", "ledger=mysql://db/x", "=postgres://db"]
        {
            assert!(wrong.parse::<NamedDatabase>().is_err(), "{wrong}");
        }
    }
}
