//! Sentences: each is said once, in order, in its place. What comes late says so, and what is refused for a day is given
//! up and reported.

use chrono::{DateTime, TimeDelta, Utc};

use super::late::{self, Held};
use super::trouble::{Reach, Trouble};
use super::{JobError, Jobs, PERSON_PAUSE};
use crate::domain::{Place, Urgency};
use crate::platform::{Adapter, Outbound, SendError, Sending};
use crate::store::{Job, SayRow};

/// A room where much is said must not keep others waiting: after so many it is their turn.
const SAYS_AT_A_TIME: usize = 5;

/// So many refusals in a row are enough for now: a platform counts them, and bans who has too many.
const REFUSED_AT_A_TIME: usize = 10;

/// A sentence that is still refused, or not answered, when it is this old is no news any more; what happened is on the
/// card and in the log. This is the only rule for giving up.
const GIVE_UP_AFTER: TimeDelta = TimeDelta::days(1);

/// What became of one sentence.
enum Outcome {
    Said,
    /// Refused; the next may be accepted.
    Refused,
    /// Refused, and so will be whatever else is to be said here.
    Closed,
}

impl Jobs {
    /// Says what waits in a place. A sentence that is refused does not hold up those after it.
    pub(super) async fn say(&self, tenant: i64, place: &Place, urgency: Urgency) -> Result<(), JobError> {
        let Some(adapter) = self.adapters.of(place.platform) else { return Ok(()) };
        let again = Job::Say { tenant, place: place.clone(), urgency };
        let (mut tried, mut said) = (Vec::new(), 0);
        while said < SAYS_AT_A_TIME {
            let Some(say) = self.next_say(tenant, place, urgency, &tried).await? else {
                return if tried.len() == said { Ok(()) } else { self.later(again, PERSON_PAUSE).await };
            };
            tried.push(say.id);
            match self.say_one(tenant, &adapter, place, &say).await? {
                Outcome::Said => said += 1,
                Outcome::Refused if tried.len() - said < REFUSED_AT_A_TIME => {}
                Outcome::Refused | Outcome::Closed => return self.later(again, PERSON_PAUSE).await,
            }
        }
        self.later(again, TimeDelta::zero()).await
    }

    async fn next_say(
        &self,
        tenant: i64,
        place: &Place,
        urgency: Urgency,
        tried: &[i64],
    ) -> Result<Option<SayRow>, JobError> {
        let late = self.app.clock.now() - late::PROMPT;
        let mut tx = self.app.store.begin(tenant).await?;
        let say = tx.try_say(place, urgency, tried, late).await?;
        tx.commit().await?;
        Ok(say)
    }

    async fn say_one(&self, tenant: i64, adapter: &Adapter, place: &Place, say: &SayRow) -> Result<Outcome, JobError> {
        let now = self.app.clock.now();
        let late = late::phrase(now - say.stored_at, say.held.as_deref().and_then(Held::parse), place.platform);
        let key = format!("say-{}", say.id);
        let sending = Sending { key: &key, retry: say.attempts > 1, urgency: say.urgency, late: late.as_deref() };
        match adapter.post(place, &say.message, &sending).await {
            Ok(sent) => {
                let mut tx = self.app.store.begin(tenant).await?;
                tx.said(say.id, &sent.id).await?;
                tx.commit().await?;
                late::record(now - say.stored_at, place.platform);
                Ok(Outcome::Said)
            }
            Err(error) => self.unsaid(tenant, place, say, error, now).await,
        }
    }

    /// A sentence that was not said stays until it is too old; why it waits is kept, to be said with it.
    async fn unsaid(
        &self,
        tenant: i64,
        place: &Place,
        say: &SayRow,
        error: SendError,
        now: DateTime<Utc>,
    ) -> Result<Outcome, JobError> {
        let waits = matches!(error, SendError::RateLimited { .. });
        let of_one = error.meaning().is_some_and(|meaning| meaning.cause.is_of_one());
        let mut tx = self.app.store.begin(tenant).await?;
        tx.hold_says(place, Held::by(&error).as_str()).await?;
        let only = of_one.then_some(say.id);
        let given_up = if waits { 0 } else { tx.give_up(place, only, now - GIVE_UP_AFTER, now).await? };
        tx.commit().await?;
        if given_up > 0 {
            self.gave_up(tenant, place, say, &error, given_up).await?;
        }
        if error.meaning().is_none() {
            return Err(error.into());
        }
        let is_gone = now - say.stored_at >= GIVE_UP_AFTER;
        if !is_gone {
            let reach = if of_one { Reach::Fixers } else { Reach::Rooms };
            let deed = format!("write about {}", say.subject);
            let trouble = Trouble { subject: say.subject, place, deed, kind: "", reach, again: true };
            self.meet(tenant, &trouble, &error).await?;
        }
        Ok(if of_one { Outcome::Refused } else { Outcome::Closed })
    }

    async fn gave_up(
        &self,
        tenant: i64,
        place: &Place,
        say: &SayRow,
        error: &SendError,
        number: u64,
    ) -> Result<(), JobError> {
        metrics::counter!("wardroom_say_given_up_total", "platform" => place.platform.as_str()).increment(number);
        let what = if number == 1 { "a message".to_owned() } else { format!("{number} messages") };
        let deed = format!("send {what} about {} for a day and gave up", say.subject);
        let trouble =
            Trouble { subject: say.subject, place, deed, kind: "given up: ", reach: Reach::Rooms, again: false };
        self.meet(tenant, &trouble, error).await
    }
}
