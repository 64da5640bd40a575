//! What can go wrong between us and Postgres. For operators: it says what was being done, and keeps the cause.

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{doing}")]
    Database { doing: &'static str, source: sqlx::Error },
    /// A row that no code of ours can have written.
    #[error("impossible row: {what}")]
    Impossible { what: String },
    #[error("{doing}: {expected} rows expected, {actual} written")]
    RowCount { doing: &'static str, expected: u64, actual: u64 },
}

impl StoreError {
    /// True where the same delivery was answered by another transaction a moment ago.
    pub fn is_duplicate_delivery(&self) -> bool {
        match self {
            StoreError::Database { source: sqlx::Error::Database(error), .. } => {
                error.is_unique_violation() && error.constraint() == Some("delivery_pkey")
            }
            _ => false,
        }
    }

    /// True where Postgres went away, or the way to it: the same can be tried again.
    pub fn is_connection_lost(&self) -> bool {
        // What a server says that is shutting down, was crashed, or still recovers; class 08 is the connection itself.
        const GONE: [&str; 3] = ["57P01", "57P02", "57P03"];
        match self {
            StoreError::Database { source, .. } => match source {
                sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolTimedOut => true,
                sqlx::Error::Database(error) => {
                    error.code().is_some_and(|code| GONE.contains(&code.as_ref()) || code.starts_with("08"))
                }
                _ => false,
            },
            StoreError::Impossible { .. } | StoreError::RowCount { .. } => false,
        }
    }

    /// True where it is not known whether what was to be committed is.
    pub fn is_commit_unclear(&self) -> bool {
        matches!(self, StoreError::Database { doing: COMMITTING, .. }) && self.is_connection_lost()
    }

    pub(super) fn impossible(what: impl Into<String>) -> StoreError {
        StoreError::Impossible { what: what.into() }
    }
}

/// What is being done where a lost connection leaves the outcome open.
pub(super) const COMMITTING: &str = "committing";

/// Says what was being done when the database failed.
pub(super) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, StoreError>;
}

impl<T> Doing<T> for Result<T, sqlx::Error> {
    fn doing(self, doing: &'static str) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Database { doing, source })
    }
}

/// Silent zero-row updates are lost decisions.
pub(super) fn expect_rows(
    doing: &'static str,
    expected: u64,
    result: &sqlx::postgres::PgQueryResult,
) -> Result<(), StoreError> {
    let actual = result.rows_affected();
    if actual == expected { Ok(()) } else { Err(StoreError::RowCount { doing, expected, actual }) }
}
