//! Decisions about the addresses under which calendar programs fetch the change calendar: everybody's own.

use super::standing::person;
use super::{logged, stands};
use crate::domain::event::FeedEvent;
use crate::domain::rules::Action;
use crate::domain::{Answer, Asked, Decision, Event, FeedCommand, FeedTarget, Refusal, Subject, Target, World};

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: FeedCommand) -> Result<Decision, Refusal> {
    let me = person(asked, Action::SeeRecord)?.clone();
    let Target::Feed(FeedTarget { is_open, hash }) = &world.target else {
        return Err(Refusal::slip("This is about your own calendar.", "`/change cal feed:new` makes its address."));
    };
    let (event, undo) = match command {
        FeedCommand::Close if !is_open => {
            return Ok(stands(
                asked,
                Subject::Organisation,
                "Your calendar has no address, so there is nothing to end.",
            ));
        }
        FeedCommand::Close => (FeedEvent::Closed { person: me }, "`/change cal feed:new` makes another"),
        FeedCommand::Open => {
            (FeedEvent::Opened { person: me, hash: hash.clone(), renewed: *is_open }, "`/change cal feed:off` ends it")
        }
    };
    Ok(logged(asked, Subject::Organisation, vec![Event::Feed(event)], Answer::undo(undo)))
}
