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

    pub(super) fn impossible(what: impl Into<String>) -> StoreError {
        StoreError::Impossible { what: what.into() }
    }
}

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
