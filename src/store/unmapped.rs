//! Words that people typed for a severity and that nobody knows, as the log has them.

use chrono::{DateTime, SecondsFormat, Utc};

use super::error::Doing;
use super::log::read_body;
use super::{StoreError, Tx};
use crate::domain::Subject;

/// A word that was typed; without it where it was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmappedWord {
    pub subject: String,
    pub typed: Option<String>,
    /// Somebody has said since what the severity is.
    pub settled: bool,
}

impl Tx {
    /// The words since a moment, of one record or of all, the newest first.
    pub async fn unmapped_words(
        &mut self,
        of: Option<Subject>,
        since: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<UnmappedWord>, StoreError> {
        let rows = sqlx::query!(
            r#"select entry.subject, entry.body,
                      array(select disclosure from dlog.disclosure d where d.entry_id = entry.id) as "disclosures!",
                      exists (select from dlog.entry later where later.tenant_id = entry.tenant_id
                              and later.subject = entry.subject and later.kind = 'incident.priority_set') as "settled!"
               from dlog.entry entry
               where tenant_id = $1 and kind = 'incident.word_unmapped' and at >= $3 and ($2::text is null or subject = $2)
               order by entry.id desc limit $4"#,
            self.tenant,
            of.map(|subject| subject.to_string()),
            since.to_rfc3339_opts(SecondsFormat::Micros, true),
            limit
        )
        .fetch_all(self.conn())
        .await
        .doing("reading words that nobody knows")?;
        let word = |subject, body: &[u8], disclosures: &[Vec<u8>], settled| {
            let (_, data) = read_body(&serde_json::from_slice(body).unwrap_or_default(), disclosures);
            UnmappedWord {
                subject,
                typed: data.get("typed").and_then(|typed| typed.as_str()).map(str::to_owned),
                settled,
            }
        };
        Ok(rows.into_iter().map(|row| word(row.subject, &row.body, &row.disclosures, row.settled)).collect())
    }
}
