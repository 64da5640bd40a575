//! Whom to ask for an open seat (rule 4.22).

use super::approval::fills;
use crate::domain::rules::{Candidate, Candidates, Obstacle, Role, Seat, Source, resolve};
use crate::domain::{Change, Incident, Organisation, Person, PersonId};

/// The people who can fill a seat of this change, first one first; with a warning where it is only one.
pub fn candidates(
    organisation: &Organisation,
    change: &Change,
    incident: Option<&Incident>,
    seat: Seat,
) -> Candidates<PersonId> {
    let commander = incident.and_then(|incident| incident.commander.as_ref());
    let asked = sources(organisation, change).into_iter().map(|(person, source)| {
        let barred = commander == Some(&person) && seat != Seat::PeerReviewer;
        let obstacles = [
            (Obstacle::Inactive, !organisation.person(&person).is_some_and(Person::is_reachable)),
            (Obstacle::ExcludedByDuties, barred),
            (Obstacle::WithoutGrant, fills(organisation, change, incident, &person, seat).is_err()),
        ];
        let obstacles = obstacles.into_iter().filter(|(_, applies)| *applies).map(|(obstacle, _)| obstacle).collect();
        Candidate { person, source, obstacles }
    });
    resolve(&asked.collect::<Vec<_>>(), true).verdict
}

/// Everybody who could be asked, by why: the service's own people first, then whoever holds the role anywhere.
pub(super) fn sources(organisation: &Organisation, change: &Change) -> Vec<(PersonId, Source)> {
    let mut sources = Vec::new();
    if let Some(team) = organisation.team_of(&change.service) {
        let shifts = [Source::Primary, Source::Secondary].into_iter().chain(std::iter::repeat(Source::Secondary));
        sources.extend(team.on_call.iter().cloned().zip(shifts));
        sources.extend(team.lead.iter().map(|lead| (lead.clone(), Source::TeamLead)));
        sources.extend(team.approvers.iter().map(|approver| (approver.clone(), Source::TeamLead)));
    }
    if let Some(service) = organisation.services.get(&change.service) {
        sources.push((service.owner.clone(), Source::ServiceOwner));
    }
    let elsewhere = |role: Role| organisation.with_role(role).into_iter().cloned().map(|id| (id, Source::DutyManager));
    for role in [Role::Reviewer, Role::ChangeManager, Role::Security, Role::Executive, Role::DutyManager] {
        sources.extend(elsewhere(role));
    }
    sources
}
