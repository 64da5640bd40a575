//! Peer review: three questions, and then a yes, or what must change first. Whoever wants changes holds the change up: the
//! yes of another reviewer fills the seat, but does not approve the text that was objected to.

use super::approval::{check_undecided, end_asks, grant, may_fill, relations, settle};
use super::standing::person;
use super::{barrier, change_decision, change_of, stands};
use crate::domain::command::ReviewVerdict;
use crate::domain::event::ReviewEvent;
use crate::domain::peer_review::{PeerReview, ReviewAnswers, ReviewWord};
use crate::domain::rules::{Action, Duty, Seat, duties_ok};
use crate::domain::{Answer, Asked, Change, ChangeEvent, Decision, Event, PersonId, Refusal, World};

const RULE: &str = "peer-review";

pub(super) fn review(
    world: &World<'_>,
    asked: Asked<'_>,
    verdict: ReviewVerdict,
    answers: ReviewAnswers,
) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RunChange)?;
    check_undecided(world, asked, change)?;
    let may = may_review(world, asked, change, me);
    // Whoever wanted changes can always agree, also once they speak for another seat.
    let holds = change.changes_wanted().any(|review| &review.person == me);
    match verdict {
        ReviewVerdict::ChangesWanted { why } => {
            may?;
            Ok(want_changes(world, asked, change, me, answers, why))
        }
        ReviewVerdict::Ok if holds && (may.is_err() || !change.needs_review()) => {
            check_answers(change, answers)?;
            barrier::check_risky(world, asked, change)?;
            Ok(agree(world, asked, change, me, answers))
        }
        ReviewVerdict::Ok => {
            may?;
            if !change.needs_review() {
                return Ok(stands(
                    asked,
                    change.subject(),
                    format!("{} has its peer review already.", change.subject()),
                ));
            }
            check_not_owner(world, change, me)?;
            check_answers(change, answers)?;
            barrier::check_risky(world, asked, change)?;
            Ok(grant(world, asked, change, me, Seat::PeerReviewer, (None, Some(answers))))
        }
    }
}

fn may_review(world: &World<'_>, asked: Asked<'_>, change: &Change, me: &PersonId) -> Result<(), Refusal> {
    duties_ok(Duty::PeerReview, &relations(change, me))?;
    may_fill(world, asked, change, me, Seat::PeerReviewer)
}

fn check_not_owner(world: &World<'_>, change: &Change, me: &PersonId) -> Result<(), Refusal> {
    if !change.is_wanted_as_owner(world.organisation, me) {
        return Ok(());
    }
    let owned = world.organisation.named(&world.organisation.owned_by(me, change));
    Err(Refusal::by_rule(
        "4.10",
        format!("You own {owned}: your yes as its owner is needed, and nobody fills two seats."),
        format!("Somebody else reviews it; yours is `/change approve {}`.", change.subject()),
    ))
}

/// A no to one of the questions is no yes to the whole.
fn check_answers(change: &Change, answers: ReviewAnswers) -> Result<(), Refusal> {
    let Some((question, _)) = answers.all().into_iter().find(|(_, answer)| !answer) else { return Ok(()) };
    let id = change.subject();
    Err(Refusal::by_rule(
        RULE,
        format!("You say of {id}: {}. That is no OK.", answers.phrase()),
        format!("**Ask for changes**, or `/change review {id} changes`, says what must change first."),
    )
    .in_field(question))
}

fn want_changes(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    me: &PersonId,
    answers: ReviewAnswers,
    why: String,
) -> Decision {
    let id = change.subject();
    let mut next = said(asked, change, me, ReviewWord::Changes, answers);
    // They have answered: nobody is asked in their place.
    let is_mine = |ask: &&mut crate::domain::SeatAsk| ask.seat == Seat::PeerReviewer && &ask.person == me;
    for ask in next.asks.iter_mut().filter(is_mine) {
        (ask.until, ask.acknowledged) = (None, ask.acknowledged.or(Some(asked.at)));
    }
    end_asks(&mut next, world.policy);
    let answer = if next.is_held_by_review() {
        Answer::undo(format!("`/change review {id} ok` agrees to it as it is"))
            .also(format!("{id} is not approved before that, or before `/change edit` makes another revision of it."))
    } else {
        Answer::default().also(format!("{id} waits for no peer review, so this holds nothing up."))
    };
    let event = ReviewEvent::ChangesWanted { revision: change.revision, answers, why };
    change_decision(world, asked, next, vec![Event::Change(ChangeEvent::Review(event))], answer)
}

fn agree(world: &World<'_>, asked: Asked<'_>, change: &Change, me: &PersonId, answers: ReviewAnswers) -> Decision {
    let event = ReviewEvent::Agreed { revision: change.revision, answers };
    let mut events = vec![Event::Change(ChangeEvent::Review(event))];
    let next = said(asked, change, me, ReviewWord::Ok, answers);
    let settled = settle(world, asked, next, &mut events, false);
    change_decision(world, asked, settled, events, Answer::default())
}

/// The change with one more word of a reviewer.
pub(super) fn said(
    asked: Asked<'_>,
    change: &Change,
    me: &PersonId,
    verdict: ReviewWord,
    answers: ReviewAnswers,
) -> Change {
    let mut next = change.clone();
    next.reviews.push(PeerReview { version: 0, person: me.clone(), verdict, answers, said_at: asked.at });
    next
}

/// What is missing while a reviewer wants changes: "Raj Patel wants changes first."
pub(super) fn held_phrase(world: &World<'_>, change: &Change) -> Option<String> {
    if !change.is_held_by_review() {
        return None;
    }
    let names: Vec<String> = change.changes_wanted().map(|one| world.organisation.name_of(&one.person)).collect();
    let wants = if names.len() == 1 { "wants" } else { "want" };
    Some(format!("{} {wants} changes first.", names.join(" and ")))
}
