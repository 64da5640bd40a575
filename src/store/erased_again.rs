//! Erasures for the list outside the database, and what a restored backup has again.

use super::error::Doing;
use super::privacy::digest_bytes;
use super::{StoreError, Tx};

impl Tx {
    /// The bodies of the erasing entries among these leaves of the tree.
    pub async fn erasing_entries(&mut self, from: u64, to: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let tenant = self.tenant;
        let (from, to) = (i64::try_from(from).unwrap_or(i64::MAX), i64::try_from(to).unwrap_or(i64::MAX));
        sqlx::query_scalar!(
            "select entry.body from dlog.leaf join dlog.entry entry on entry.id = leaf.entry_id
             where leaf.tenant_id = $1 and leaf.idx >= $2 and leaf.idx < $3
               and entry.kind in ('payload.erased', 'person.erased')
             order by leaf.idx",
            tenant,
            from,
            to
        )
        .fetch_all(self.conn())
        .await
        .doing("reading what was erased")
    }

    /// Those of a record's digests whose name or text is there.
    pub async fn digests_there(&mut self, subject: &str, digests: &[String]) -> Result<Vec<String>, StoreError> {
        let tenant = self.tenant;
        let digests = digests.iter().map(|digest| digest_bytes(digest)).collect::<Result<Vec<_>, _>>()?;
        sqlx::query_scalar!(
            r#"select encode(d.digest, 'base64') as "digest!"
               from dlog.entry entry join dlog.disclosure d on d.entry_id = entry.id
               where entry.tenant_id = $1 and entry.subject = $2 and d.digest = any ($3) order by entry.seq, d.digest"#,
            tenant,
            subject,
            &digests
        )
        .fetch_all(self.conn())
        .await
        .doing("looking for what was erased")
    }
}
