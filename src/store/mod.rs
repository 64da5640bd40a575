//! All SQL. A write takes a [`Tx`], which nothing outside can open by mistake on the pool; `record` is the only public
//! writer of the state that the decision log speaks of.

mod booking;
mod change;
mod checkpoint;
mod delivery;
mod erased_again;
mod erasure;
mod error;
mod form;
mod freeze;
mod home;
mod identity;
mod incident;
pub mod job;
mod log;
mod log_export;
mod log_search;
pub mod migrate;
mod organisation;
pub mod organisation_diff;
mod organisation_file;
mod organisation_write;
mod outbox;
mod policy;
mod privacy;
mod record;
mod room;
pub mod schema;
mod setting;
mod slot;
mod state_rows;
mod stream;
mod tree;
mod trouble;
mod tx;
mod units;
mod verify;
mod verify_tree;
mod written;

pub use checkpoint::KeptCheckpoint;
pub use delivery::Arrival;
pub use error::StoreError;
pub use form::StoredForm;
pub use home::HomeRow;
pub use identity::LostWorkspace;
pub use job::{Job, Later, Presence};
pub use log::{LogEntry, LogPage};
pub(crate) use log_export::unwritten;
pub use log_export::{ExportPart, ExportRow};
pub use log_search::{LogPart, LogSearch};
pub use organisation::TenantRow;
pub use organisation_file::OrganisationFile;
pub use outbox::{CardKey, CardRow, NewSay, SayRow};
pub use policy::LoadedPolicy;
pub use privacy::{ErasedNote, OldRecord};
pub use record::{Receipt, Recorded, Writes};
pub use stream::StreamRow;
pub use tree::{Inclusion, TreeHead};
pub use trouble::{NewTrouble, TroubleRow};
pub use tx::{Store, Tx};
pub use units::UnitAt;
pub use verify::Against;
pub use written::{Sealed, UrgentWork};

/// The migrations that the binary carries. They run as a role that may create roles and schemas, never as the bot's.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
