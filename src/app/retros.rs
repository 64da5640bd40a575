//! Changes that are recorded after they were made: what they are held against.

use chrono::{DateTime, Utc};

use super::Tenant;
use super::handle::HandleError;
use crate::domain::{Command, FindingCommand, Target, World};
use crate::store::Tx;

/// Fills in a change that ran on the same service at the time that is told of.
pub(super) async fn load_what_ran(
    tx: &mut Tx,
    tenant: &Tenant,
    world: &mut World<'_>,
    command: &Command,
    now: DateTime<Utc>,
) -> Result<(), HandleError> {
    let zone = tenant.organisation.time_zone;
    let (services, (from, made)) = match (command, &world.target) {
        (Command::Finding(FindingCommand::Record(form)), Target::New { near, .. }) => {
            (form.services_near(near.as_ref()), form.times(now, zone))
        }
        (Command::Finding(FindingCommand::Claim(form)), Target::Change { change, .. }) => {
            (change.services(), form.times(now, zone))
        }
        (Command::Finding(FindingCommand::Report(form)), Target::New { near, .. }) => {
            let Some(made) = form.at.map(|at| at.since(now, zone)) else { return Ok(()) };
            (form.services_near(near.as_ref()), (made, made))
        }
        _ => return Ok(()),
    };
    world.history.ran_then = tx.change_that_ran(&services, from, made).await?;
    Ok(())
}
