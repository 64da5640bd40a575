//! The numbers of records, counted by each tenant for itself.

use super::error::Doing;
use super::{StoreError, Tx};

/// For each kind of record: the next number, held by the tenant's lock and used up only when the record is written.
macro_rules! numbers {
    ($($next:ident, $use_up:ident, $select:literal, $update:literal, $what:literal;)*) => {
        impl Tx {
            $(
                #[doc = concat!("Takes ", $what, ", the next one.")]
                pub async fn $next(&mut self) -> Result<i64, StoreError> {
                    let tenant = self.tenant;
                    sqlx::query_scalar!($select, tenant).fetch_one(self.conn()).await.doing(concat!("taking ", $what))
                }

                pub(super) async fn $use_up(&mut self, number: i64) -> Result<(), StoreError> {
                    let tenant = self.tenant;
                    let used = sqlx::query!($update, tenant, number + 1).execute(self.conn()).await;
                    used.doing(concat!("using up ", $what)).map(drop)
                }
            )*
        }
    };
}

numbers! {
    next_incident_number, use_up_incident_number, "select next_incident from tenant where id = $1 for no key update",
        "update tenant set next_incident = $2 where id = $1", "the number of an incident";
    next_change_number, use_up_change_number, "select next_change from tenant where id = $1 for no key update",
        "update tenant set next_change = $2 where id = $1", "the number of a change";
    next_freeze_number, use_up_freeze_number, "select next_freeze from tenant where id = $1 for no key update",
        "update tenant set next_freeze = $2 where id = $1", "the number of a freeze";
    next_meeting_number, use_up_meeting_number, "select next_meeting from tenant where id = $1 for no key update",
        "update tenant set next_meeting = $2 where id = $1", "the number of a meeting";
    next_exception_number, use_up_exception_number, "select next_exception from tenant where id = $1 for no key update",
        "update tenant set next_exception = $2 where id = $1", "the number of an exception";
    next_batch_number, use_up_batch_number, "select next_batch from tenant where id = $1 for no key update",
        "update tenant set next_batch = $2 where id = $1", "the number of a batch";
}
