//! What is in the way of a change: read from the windows of the others, the open incidents and the freezes.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::cards::headline;
use super::freezes::frozen;
use super::handle::{Caller, HandleError};
use super::questions::slip;
use super::{App, Tenant};
use crate::domain::decide::{held, met};
use crate::domain::rules::{
    ChangeKind, Conflict, EmergencyCase, Planned, conflicts, free_windows, freeze_meets, window_length,
};
use crate::domain::{ChecklistCommand, ChecklistOf, Command, DeadlineKind, Freeze, Subject, Target, Window, World};
use crate::render::Message;
use crate::store::Tx;

/// Free windows that are offered.
const FREE_OFFERED: usize = 3;

impl App {
    /// What stands in the way of a change that was named or is open here, and when nothing does.
    pub(super) async fn change_conflicts(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Message, HandleError> {
        let change = match self.change_meant(tx, caller, named).await? {
            Ok(change) => change,
            Err(refusal) => return Ok(slip(&refusal)),
        };
        let now = self.clock.now();
        let incident = match change.incident {
            Some(number) => tx.incident(number).await?,
            None => None,
        };
        // Without a window yet: the one that it would have if it were approved now.
        let length = window_length(&tenant.policy, EmergencyCase::of(incident.as_ref().map(|i| i.priority)));
        let planned = change.window.or(change.planned);
        let window = planned.unwrap_or(Window { opens: now, closes: now + length });
        let own = Planned::of(&change, window);
        let others = tx.booked(now).await?;
        let found = conflicts(&tenant.organisation, &own, &others, &tx.troubles(change.number).await?);
        let freezes = frozen(tx, None, false).await?;
        let far = (now, DateTime::<Utc>::MAX_UTC);
        let met = met(&tenant.organisation, &tenant.policy, &freezes, &change, incident.as_ref(), far);
        let in_the_way: Vec<Value> = met
            .iter()
            .filter(|met| met.holds() && !met.frozen.freeze.lets_through(&change, now))
            .map(|met| &met.frozen.freeze)
            .filter(|freeze| freeze_meets(freeze.from, freeze.until, (own.from, own.until)))
            .map(|freeze| json!({ "block": false, "sentence": frozen_then(freeze) }))
            .collect();
        let free = if found.is_empty() && in_the_way.is_empty() {
            Vec::new()
        } else {
            free_windows(&tenant.organisation, &own, &others, &held(&met), now, FREE_OFFERED)
        };
        let free: Vec<Value> = free.iter().map(|(from, until)| json!({ "from": from, "until": until })).collect();
        let data = json!({
            "subject": change.subject(), "title": headline(&change.title),
            "service": tenant.organisation.services_of(&change), "from": own.from, "until": own.until,
            "planned": planned.is_some(), "free": free,
            "conflicts": found.iter().map(conflict_data).chain(in_the_way).collect::<Vec<_>>(),
        });
        Ok(self.renderer.message("answer/conflicts", &data, &tenant.organisation)?)
    }
}

/// Fills in what a planned change is held against, where it asks for its window, gets it, or starts.
pub(super) async fn load_bookings(
    tx: &mut Tx,
    world: &mut World<'_>,
    command: &Command,
    now: DateTime<Utc>,
) -> Result<(), HandleError> {
    let planned = match &world.target {
        Target::Change { change, .. } => change.kind != ChangeKind::Emergency,
        Target::New { .. } => matches!(command, Command::RequestChange(_) | Command::RequestStandard(_)),
        _ => false,
    };
    if !planned {
        return Ok(());
    }
    if gives_window(command) {
        world.bookings.windows = tx.booked(now).await?;
        without_its_batch(tx, world).await?;
    }
    if let (Target::Change { change, .. }, Command::Start { .. }) = (&world.target, command) {
        world.bookings.troubles = tx.troubles(change.number).await?;
        if !change.conflicts.is_empty() {
            world.bookings.windows = tx.booked(now).await?;
        }
    }
    Ok(())
}

/// The changes of a batch run one after the other: none of them takes the window of another.
async fn without_its_batch(tx: &mut Tx, world: &mut World<'_>) -> Result<(), HandleError> {
    let Target::Change { change, .. } = &world.target else { return Ok(()) };
    if let Some((_, own)) = tx.one_of(change.number).await? {
        world.bookings.windows.retain(|other| !own.contains(&other.number));
    }
    Ok(())
}

/// Whether a change may get its window by it, so that nobody else is to get one at the same moment: whatever may be the
/// last that an approval waits for, and what may need none.
pub(super) fn gives_window(command: &Command) -> bool {
    match command {
        Command::RequestChange(_)
        | Command::RequestStandard(_)
        | Command::EditChange(_)
        | Command::ScheduleChange { .. }
        | Command::Review { .. }
        | Command::Vote { .. }
        | Command::Checklist(ChecklistCommand { of: ChecklistOf::Change, .. })
        | Command::Fill(_)
        | Command::Concern(_)
        | Command::Ruling(_)
        // An exception may be the last that an approval waits for.
        | Command::CheckHold
        | Command::AdjustRisk { .. }
        | Command::AcceptRisk(_) => true,
        Command::Due { deadline, .. } => matches!(deadline, DeadlineKind::VoteEnd),
        _ => false,
    }
}

fn frozen_then(freeze: &Freeze) -> String {
    let moment = |at: DateTime<Utc>| at.format("%-d %b %H:%M UTC").to_string();
    let until = freeze.until.map_or_else(|| "it is lifted".to_owned(), moment);
    format!("{} holds it up from {} until {until}.", freeze.subject(), moment(freeze.from))
}

fn conflict_data(conflict: &Conflict) -> Value {
    json!({ "block": conflict.block, "sentence": conflict.sentence })
}
