//! Samples of what may hold less than everything.

use wardroom::domain::event::{ChangeEvent, Event};

use super::{
    change_samples, conflict_samples, exception_samples, freeze_samples, halt_samples, incident_samples, link_samples,
    pir_samples, rehearsal_samples, rollback_samples, slot_samples, standby_samples, validation_samples,
};

/// Those that may hold less, with as little as they may hold.
pub fn sparse() -> Vec<Event> {
    let turns = slot_samples::sparse()
        .into_iter()
        .map(ChangeEvent::Slot)
        .chain(validation_samples::sparse())
        .chain(rollback_samples::sparse());
    let change = change_samples::sparse().into_iter().chain(turns).chain(halt_samples::sparse()).map(Event::Change);
    let exceptions = exception_samples::sparse().into_iter().map(Event::Exception);
    let pir = pir_samples::sparse().into_iter().map(Event::Pir).chain(exceptions);
    let freeze = freeze_samples::sparse().into_iter().map(Event::Freeze).chain(pir);
    let link = link_samples::sparse().into_iter().map(Event::Link).chain(rehearsal_samples::sparse());
    let link = link.chain(conflict_samples::sparse_of_disputes()).chain(standby_samples::sparse());
    let incident = incident_samples::sparse().into_iter().map(Event::Incident);
    incident.chain(link).chain(change).chain(freeze).collect()
}
