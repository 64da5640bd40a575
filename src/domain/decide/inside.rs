//! What a new freeze finds: the changes that run in its scope, and those that were agreed to and have their window inside.

use chrono::{DateTime, Utc};

use super::barrier::{holds, ruling_on};
use crate::domain::rules::{Priority, freeze_meets};
use crate::domain::{Asked, Change, ChangeStatus, Freeze, FreezeStatus, World};

/// By number, as they are listed.
pub(super) struct Inside {
    /// They run now; of a freeze that is planned, those whose window reaches into it.
    pub running: Vec<String>,
    /// They are agreed to, and it holds them up once it is in force.
    pub held: Vec<String>,
}

pub(super) fn inside(world: &World<'_>, asked: Asked<'_>, freeze: &Freeze) -> Inside {
    let meets = |change: &&Change| {
        stretch(freeze, change, asked.at).is_some_and(|planned| freeze_meets(freeze.from, freeze.until, planned))
    };
    let held_up = |change: &&Change| {
        let ruling = ruling_on(
            world.organisation,
            world.policy,
            (freeze, &world.links.links),
            change,
            urgent_for(world, change),
        );
        holds(ruling.verdict)
    };
    let found: Vec<&Change> = world.open_changes.iter().filter(meets).filter(held_up).collect();
    let named = |change: &&Change| change.subject().to_string();
    let reaches = |change: &&&Change| freeze.reaches_change(world.organisation, world.policy, change);
    let running = found.iter().filter(|change| change.status == ChangeStatus::Implementing).filter(reaches);
    let agreed = [ChangeStatus::Approved, ChangeStatus::Queued, ChangeStatus::OnHold];
    let held = found.iter().filter(|change| agreed.contains(&change.status));
    Inside { running: running.map(named).collect(), held: held.map(named).collect() }
}

/// From when to when a change would run, as far as that is still ahead. One without a time is held up by what is in force
/// now, and by nothing that is only planned.
fn stretch(freeze: &Freeze, change: &Change, now: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let ahead = change.window.or(change.planned).filter(|window| window.closes > now);
    let at_once = (freeze.status == FreezeStatus::Active).then_some((now, now));
    if change.status == ChangeStatus::Implementing {
        return at_once.or_else(|| ahead.map(|window| (now, window.closes)));
    }
    ahead.map(|window| (window.opens.max(now), window.closes)).or(at_once)
}

/// The priority of the open incident that a change is for.
fn urgent_for(world: &World<'_>, change: &Change) -> Option<Priority> {
    let own = world.incidents_near.iter().find(|incident| Some(incident.number) == change.incident)?;
    own.is_open().then_some(own.priority)
}
