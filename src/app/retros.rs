//! Changes that are recorded after they were made: what they are held against, and who hears of them.

use chrono::{DateTime, Utc};

use super::Tenant;
use super::handle::HandleError;
use crate::domain::{Command, Target, World};
use crate::store::Tx;

/// Fills in a change that ran on the same service at the time that is told of.
pub(super) async fn load_what_ran(
    tx: &mut Tx,
    tenant: &Tenant,
    world: &mut World<'_>,
    command: &Command,
    now: DateTime<Utc>,
) -> Result<(), HandleError> {
    let (Command::RecordChange(form), Target::New { near, .. }) = (command, &world.target) else { return Ok(()) };
    let (from, made) = form.times(now, tenant.organisation.time_zone);
    world.history.ran_then = tx.change_that_ran(&form.services_near(near.as_ref()), from, made).await?;
    Ok(())
}
