//! A member says that they have read the charter of their team and keep to it.

use super::standing::person;
use super::{logged, stands};
use crate::domain::event::CharterEvent;
use crate::domain::rules::Action;
use crate::domain::{Answer, Asked, Decision, Event, Refusal, Subject, Target, World};

/// Of the team that is named, or of the edition that a button was shown with; else of the only one that waits.
pub(super) fn acknowledge(world: &World<'_>, asked: Asked<'_>, team: Option<&str>) -> Result<Decision, Refusal> {
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
