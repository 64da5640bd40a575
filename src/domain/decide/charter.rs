//! A member says that they have read the charter of their team and keep to it; once a year whoever leads the team looks at
//! it again.

use chrono::TimeDelta;

use super::standing::person;
use super::{logged, stands};
use crate::domain::charter::CharterCommand;
use crate::domain::event::CharterEvent;
use crate::domain::rules::Action;
use crate::domain::{
    Answer, Asked, Charter, Decision, Event, Organisation, PersonId, Refusal, Role, Subject, Target, World,
};

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: &CharterCommand) -> Result<Decision, Refusal> {
    match command {
        CharterCommand::Acknowledge { team } => acknowledge(world, asked, team.as_deref()),
        CharterCommand::Review { team } => review(world, asked, team.as_deref()),
        CharterCommand::LookAfter => Ok(look_after(world, asked)),
    }
}

/// Of the team that is named, or of the edition that a button was shown with; else of the only one that waits.
fn acknowledge(world: &World<'_>, asked: Asked<'_>, team: Option<&str>) -> Result<Decision, Refusal> {
    let me = person(asked, Action::Note)?;
    let organisation = world.organisation;
    let shown = match &world.target {
        Target::Organisation { charter, .. } => *charter,
        _ => None,
    };
    let mine = organisation.charters.iter().filter(|charter| organisation.members_of(&charter.team).contains(&me));
    let mine: Vec<_> = mine.collect();
    let waiting = organisation.charters_to_acknowledge(me);
    let meant = match (shown, team) {
        (Some(entry), _) => mine.iter().find(|charter| charter.entry == entry).copied(),
        (None, Some(team)) => mine.iter().find(|charter| charter.team == team).copied(),
        (None, None) => match waiting.as_slice() {
            [] if mine.is_empty() => None,
            [] => return Ok(stands(asked, Subject::Organisation, "You have acknowledged every charter of yours.")),
            [only] => Some(*only),
            [first, ..] => {
                return Err(Refusal::slip(
                    format!("{} charters wait for you. Which one?", waiting.len()),
                    format!("`/admin charter {} ack` names one.", first.team),
                ));
            }
        },
    };
    let Some(charter) = meant else {
        let next = "`/admin charter` shows those that hold, and who is in their teams.";
        return Err(match shown {
            Some(_) => Refusal::slip("A newer edition of this charter holds, or you are not in its team.", next),
            None => Refusal::slip("There is no such charter of a team of yours.", next),
        });
    };
    if charter.acknowledged.contains(me) {
        return Ok(stands(asked, Subject::Organisation, "You have acknowledged it already."));
    }
    let (team, edition) = (charter.team.clone(), charter.edition);
    let event = Event::Charter(CharterEvent::Acknowledged { charter: charter.entry, team, edition });
    Ok(logged(asked, Subject::Organisation, vec![event], Answer::default()))
}

/// Who looks at the charter of a team once a year: whoever leads it, else the administrators, else the compliance officers.
pub fn charter_reviewers(organisation: &Organisation, team: &str) -> Vec<PersonId> {
    let lead = organisation.teams.get(team).and_then(|team| team.lead.clone());
    let lead = lead.filter(|id| organisation.person(id).is_some_and(|person| person.active));
    let with = |role: Role| organisation.with_role(role).into_iter().cloned().collect::<Vec<PersonId>>();
    let others = || [Role::TenantAdmin, Role::Compliance].into_iter().map(with).find(|people| !people.is_empty());
    lead.map(|lead| vec![lead]).or_else(others).unwrap_or_default()
}

/// Whoever leads the team, or a compliance officer, says that the charter was looked at and stays.
fn review(world: &World<'_>, asked: Asked<'_>, team: Option<&str>) -> Result<Decision, Refusal> {
    let me = person(asked, Action::Note)?;
    let organisation = world.organisation;
    let shown = match &world.target {
        Target::Organisation { charter, .. } => *charter,
        _ => None,
    };
    let is_meant = |charter: &&Charter| match (shown, team) {
        (Some(entry), _) => charter.entry == entry,
        (None, team) => team == Some(charter.team.as_str()),
    };
    let Some(charter) = organisation.charters.iter().find(is_meant) else {
        let sentence = match (shown, team) {
            (Some(_), _) => "A newer edition of this charter holds; its year began with it.".to_owned(),
            (None, Some(team)) => format!("{team} has no charter."),
            (None, None) => "Which team's?".to_owned(),
        };
        return Err(Refusal::slip(sentence, "`/admin charter` shows those that hold."));
    };
    let reviewers = charter_reviewers(organisation, &charter.team);
    if !reviewers.contains(me) && !organisation.has_role(me, Role::Compliance) {
        let names: Vec<String> = reviewers.iter().map(|id| organisation.name_of(id)).collect();
        return Err(Refusal::by_rule(
            "charter-review",
            "The charter of a team is looked at by whoever leads it, or by a compliance officer.",
            format!("{} can.", names.join(", ")),
        ));
    }
    if charter.reviewed_at.is_some_and(|at| asked.at - at < TimeDelta::days(1)) {
        return Ok(stands(asked, Subject::Organisation, "It was looked at already."));
    }
    let event = CharterEvent::Reviewed { charter: charter.entry, team: charter.team.clone(), edition: charter.edition };
    Ok(logged(asked, Subject::Organisation, vec![Event::Charter(event)], Answer::default()))
}

/// Which charters are a year old, and which of them nobody has looked at. Asked by the housekeeping, once a day.
fn look_after(world: &World<'_>, asked: Asked<'_>) -> Decision {
    let late_after = world.policy.registry.review_late_after_days;
    let said = |charter: &Charter| {
        let (entry, team, edition) = (charter.entry, charter.team.clone(), charter.edition);
        if charter.is_review_due(asked.at) {
            Some(CharterEvent::ReviewDue { charter: entry, team, edition })
        } else if charter.is_review_late(asked.at, late_after) {
            Some(CharterEvent::ReviewLate { charter: entry, team, edition })
        } else {
            None
        }
    };
    let events: Vec<Event> = world.organisation.charters.iter().filter_map(said).map(Event::Charter).collect();
    logged(asked, Subject::Organisation, events, Answer::default())
}
