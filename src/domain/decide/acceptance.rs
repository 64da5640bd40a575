//! An executive takes a risk upon them (rule 4.10): typed, never with one click, and the log keeps in full what they took.

use super::approval::{check_undecided, grant, may_fill, relations};
use super::assessment::breakdown;
use super::barrier;
use super::contingency::IRREVERSIBLE;
use super::standing::person;
use super::{change_of, stands};
use crate::domain::rules::{Action, Duty, Seat, duties_ok};
use crate::domain::{Asked, Change, Decision, Refusal, World};

pub(super) fn accept_risk(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RunChange)?;
    check_undecided(world, asked, change)?;
    duties_ok(Duty::AcceptRisk, &relations(change, me))?;
    may_fill(world, asked, change, me, Seat::Executive)?;
    if !change.needs_acceptance() {
        let sentence = format!("{} needs no acceptance of risk, or has it.", change.subject());
        return Ok(stands(asked, change.subject(), sentence));
    }
    barrier::check_risky(world, asked, change)?;
    Ok(grant(world, asked, change, me, Seat::Executive, (Some(why), None)))
}

impl Change {
    /// Everything that an executive has to know to accept the risk of this revision, a line each.
    pub fn risk_in_full(&self) -> String {
        let tested = if self.tested { "This very change was tested before." } else { "It was not tested." };
        let moved = self.risk.moved_phrase().map(|phrase| format!(" {phrase}")).unwrap_or_default();
        let back = if self.risk.rollback >= IRREVERSIBLE { " It cannot be taken back." } else { "" };
        [
            format!("{} revision {} on {}: {}", self.subject(), self.revision, self.services().join(", "), self.title),
            format!("Risk {}, {}. {}. {tested}{back}{moved}", self.risk.score, self.risk.band, breakdown(&self.risk)),
            format!("Impact: {}", self.impact),
            format!("Why: {}", self.why_now),
            format!("Rollback plan: {}", self.rollback_plan),
        ]
        .join("\n")
    }
}
