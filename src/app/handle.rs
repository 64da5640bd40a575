//! The one transaction: seen before? load under lock, decide, record, answer, commit.

use std::time::{Duration, Instant};

use super::answer::Teller;
use super::inbound::{Act, Inbound, Reply, changes_something, is_a_persons, is_between_people};
use super::intake::Intake;
use super::recent::Before;
use super::tenant::Whose;
use super::turns::votes_on;
use super::{App, Tenant};
use crate::domain::{
    Actor, Answer, Ask, Asked, BatchTarget, Command, Decision, Event, ExceptionTarget, FeedCommand, Place, Question,
    Refusal, Standing, State, Subject, Target, Utterance, World, decide,
};
use crate::render::{Message, RenderError};
use crate::store::{Receipt, Recorded, StoreError, StoredForm, Tx, Writes};

/// Without Postgres a person is told so within the three seconds that the platforms give.
const LOST_PATIENCE: Duration = Duration::from_millis(1_500);
/// Whether a commit took place is worth a longer wait: Postgres recovers within seconds.
const UNCLEAR_PATIENCE: Duration = Duration::from_secs(15);
const RETRY_PAUSE: Duration = Duration::from_millis(50);

#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("rendering an answer")]
    Render(#[from] RenderError),
    #[error("no policy is loaded; run `wardroom migrate`, or set WARDROOM_POLICY")]
    NoPolicy,
    #[error("another copy of this delivery was given up")]
    GivenUp,
    /// Rather nothing is redacted than something is left in.
    #[error("a pattern of the policy: {0}")]
    Pattern(String),
    #[error("the stored policy cannot be read by this version")]
    BadPolicy { source: Box<toml::de::Error> },
}

/// Who asks, from where, by which delivery or job.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller<'a> {
    pub actor: &'a Actor,
    pub place: Option<&'a Place>,
    pub command: &'a str,
}

impl App {
    /// Handles one delivery. The same delivery again changes nothing and gets the same answer.
    ///
    /// Where Postgres goes away meanwhile (a restart, a failover) it is handled again: what was committed is found by
    /// its delivery, and nobody is told that nothing was changed while that is not known. Once somebody was told so, it
    /// stays so: a copy that comes later is given up too.
    pub async fn handle(&self, inbound: Inbound) -> Result<Reply, HandleError> {
        if is_between_people(&inbound.act) {
            return Ok(Reply::Quiet);
        }
        let began = Instant::now();
        let mut is_unclear = match self.recent.hear(&inbound.delivery) {
            Before::Never => false,
            Before::Perhaps => true,
            Before::GivenUp => return Err(HandleError::GivenUp),
        };
        loop {
            let error = match Box::pin(self.handle_now(&inbound)).await {
                Ok(reply) => return Ok(reply),
                Err(HandleError::Store(error)) if error.is_connection_lost() => error,
                Err(error) => {
                    self.recent.give_up(&inbound.delivery);
                    return Err(error);
                }
            };
            is_unclear |= error.is_commit_unclear();
            let patience = if is_unclear { UNCLEAR_PATIENCE } else { LOST_PATIENCE };
            if began.elapsed() < patience {
                tokio::time::sleep(RETRY_PAUSE).await;
            } else if is_unclear {
                tracing::error!(delivery = inbound.delivery, error = %error, "whether this was done is not known");
                return Ok(Reply::Tell { message: super::answer::unclear() });
            } else {
                self.recent.give_up(&inbound.delivery);
                return Err(error.into());
            }
        }
    }

    async fn handle_now(&self, inbound: &Inbound) -> Result<Reply, HandleError> {
        match self.whose(inbound).await? {
            Whose::Of(unit) if unit.workspace == inbound.account.workspace => {
                self.handle_of(unit.tenant, inbound).await
            }
            Whose::Of(unit) => {
                // A direct message on Discord comes from no server: the speaker is known in their unit's.
                let mut known = inbound.clone();
                known.account.workspace = unit.workspace;
                self.handle_of(unit.tenant, &known).await
            }
            Whose::OfSeveral(units) if is_a_persons(&inbound.act) => {
                let message = super::answer::which_unit(&self.unit_names(&units).await?);
                Ok(Reply::Tell { message })
            }
            Whose::OfSeveral(units) => {
                // The app's home is one page, so it shows the unit that was there first.
                let told = if inbound.act == Act::OpensHome { 1 } else { units.len() };
                for unit in units.iter().take(told) {
                    self.hear(unit.tenant, inbound).await?;
                }
                Ok(Reply::Quiet)
            }
            Whose::OfNobody if is_a_persons(&inbound.act) => {
                let all = self.workspaces_of(inbound.place.platform).await?;
                let message = if all.iter().any(|(_, workspace)| *workspace == inbound.place.workspace) {
                    super::answer::nobodys_channel()
                } else {
                    super::answer::unknown_workspace(&inbound.place)
                };
                Ok(Reply::Tell { message })
            }
            Whose::OfNobody => Ok(Reply::Quiet),
        }
    }

    async fn handle_of(&self, tenant: i64, inbound: &Inbound) -> Result<Reply, HandleError> {
        if let Some(reply) = self.hear(tenant, inbound).await? {
            return Ok(reply);
        }
        if inbound.standing != Standing::Member {
            return Ok(Reply::Tell { message: super::answer::only_members() });
        }
        match self.handle_once(tenant, inbound).await {
            // Another replica, or the platform's repetition, was a moment faster: its answer is the answer.
            Err(HandleError::Store(error)) if error.is_duplicate_delivery() => {
                let mut tx = self.store.begin(tenant).await?;
                let reply = tx.saved_reply(&inbound.delivery).await?.unwrap_or(Reply::Quiet);
                tx.rollback().await?;
                Ok(self.sealed(tenant, reply).await)
            }
            other => other,
        }
    }

    async fn handle_once(&self, tenant: i64, inbound: &Inbound) -> Result<Reply, HandleError> {
        let turn = match votes_on(&inbound.act) {
            Some(change) => Some(self.turns.take(tenant, change).await),
            None => None,
        };
        let mut tx = self.store.begin(tenant).await?;
        let arrival = tx.arrival(&inbound.delivery).await?;
        if let Some(reply) = arrival.reply {
            tx.rollback().await?;
            // Whoever handled it first may have died before it was signed.
            return Ok(self.sealed(tenant, reply).await);
        }
        let tenant_id = tenant;
        let tenant = self.tenant_at(&mut tx, arrival.tenant).await?;
        let organisation = &tenant.organisation;
        if organisation.shares(inbound.place.platform, &inbound.place.workspace)
            && self.was_whole(inbound.place.platform, &inbound.place.workspace)
        {
            // Another process has shared the workspace since its owner was looked up.
            self.forget_workspaces();
            tx.rollback().await?;
            // It is waited for again, on the way.
            drop(turn);
            return Box::pin(self.handle_now(inbound)).await;
        }
        if organisation.identity(&inbound.account).is_some_and(|identity| !identity.active) {
            return Ok(Reply::Tell { message: super::answer::deactivated() });
        }
        let actor = actor_of(&tenant, inbound);
        let (mut is_secret, mut is_shown_once) = (false, false);
        // A form is opened anew by each delivery, a code is made anew, and what only reads is not worth a row.
        let mut is_kept = changes_something(&inbound.act);
        let reply = match self.intake(&mut tx, &tenant, &actor, inbound).await? {
            Intake::Answered(reply) => {
                is_kept &= !matches!(reply, Reply::Ask { .. } | Reply::Faults { .. });
                reply
            }
            Intake::Understood { utterance, revision, place, said } => {
                is_secret = utterance.ask == Ask::Question(Question::LinkCode);
                is_shown_once = utterance.ask == Ask::Command(Command::Feed(FeedCommand::Open));
                let caller = Caller { actor: &actor, place: Some(&place), command: &inbound.delivery };
                self.answer(&mut tx, &tenant, &caller, utterance, (revision, *said)).await?
            }
        };
        self.look_up_later(&mut tx, &actor, &inbound.place, is_secret).await?;
        if is_kept && !is_secret {
            let kept = if is_shown_once { &super::feed::without_address(&reply) } else { &reply };
            tx.save_reply(&inbound.delivery, kept, self.clock.now()).await?;
        }
        let is_urgent = tx.wants_checkpoint();
        tx.commit().await?;
        drop(turn);
        Ok(if is_urgent { self.sealed(tenant_id, reply).await } else { reply })
    }

    async fn answer(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        utterance: Utterance,
        (revision, said): (Option<i32>, StoredForm),
    ) -> Result<Reply, HandleError> {
        match utterance.ask {
            Ask::Question(question) => {
                if let Err(refusal) = super::linking::may_ask(caller.actor, &question) {
                    return Ok(Reply::Tell { message: Teller::refused(&refusal, None) });
                }
                let message = self.ask(tx, tenant, caller, utterance.subject, question).await?;
                Ok(Reply::Tell { message })
            }
            Ask::Command(Command::Feed(command)) => {
                Ok(Reply::Tell { message: self.feed(tx, tenant, caller, command).await? })
            }
            Ask::Command(command) => {
                let (command, batch) = match utterance.subject {
                    Some(Subject::Batch(number)) => (super::batches::of_batch(command), Some(number)),
                    _ => (command, None),
                };
                if let (Some(number), Some(word)) = (batch, super::batches::word_on_all(&command)) {
                    let message = self.say_to_all(tx, tenant, caller, (number, word), command).await?;
                    return Ok(Reply::Tell { message });
                }
                let target = match command {
                    Command::ExportLog => self.export_target(tx, tenant, caller, utterance.subject).await?,
                    _ => self.target(tx, caller, (&command, utterance.subject, revision)).await?,
                };
                // Who is who is decided by what is so under the organisation's lock, not by what was read before it.
                let newest = if command.changes_organisation() { Some(self.tenant(tx).await?) } else { None };
                let tenant = newest.as_deref().unwrap_or(tenant);
                let name = command.name();
                let outcome = match target {
                    Ok(target) => self.attempt(tx, tenant, caller, command, target).await?,
                    Err(refusal) => Err((None, refusal)),
                };
                let (subject, refusal) = match outcome {
                    Ok(message) => return Ok(Reply::Tell { message }),
                    Err(refused) => refused,
                };
                let back = self.send_back(tx, tenant, said, &refusal).await?;
                let message = self.refuse(tx, tenant, caller, subject, refusal, name).await?;
                Ok(back.unwrap_or(Reply::Tell { message }))
            }
        }
    }

    /// Decides and records; the sentence for the caller comes back.
    pub(super) async fn act(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        command: Command,
        target: Target,
    ) -> Result<Message, HandleError> {
        let name = command.name();
        match self.attempt(tx, tenant, caller, command, target).await? {
            Ok(message) => Ok(message),
            Err((subject, refusal)) => self.refuse(tx, tenant, caller, subject, refusal, name).await,
        }
    }

    /// Decides and records; a refusal comes back with the chain that it belongs to.
    async fn attempt(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        command: Command,
        target: Target,
    ) -> Result<Result<Message, (Option<Subject>, Refusal)>, HandleError> {
        let subject = subject_of(&target);
        let asked = Asked { by: caller.actor, at: self.clock.now() };
        let world = self.world(tx, tenant, target, &command, asked.at).await?;
        match decide(&world, asked, command) {
            Ok(decision) => Ok(Ok(self.carry_out(tx, tenant, caller, &world.target, &decision).await?)),
            Err(refusal) => Ok(Err((subject, refusal))),
        }
    }

    async fn carry_out(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        target: &Target,
        decision: &Decision,
    ) -> Result<Message, HandleError> {
        let teller = Teller { app: self, tenant, actor: caller.actor };
        if decision.events.is_empty() {
            return Ok(Teller::stands(&decision.answer));
        }
        let receipts = self.write_down(tx, tenant, caller, target, decision).await?;
        teller.done(decision, &receipts)
    }

    /// Records what was decided, and makes it visible; nobody is answered.
    pub(super) async fn write_down(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        target: &Target,
        decision: &Decision,
    ) -> Result<Vec<Receipt>, HandleError> {
        let writes = Writes::State { state: &decision.state, promises: &decision.promises };
        let receipts = self.record(tx, &tenant.row.log(), caller, decision.subject, &decision.events, writes).await?;
        self.spread(tx, tenant, caller, target, decision).await?;
        for other in &decision.with {
            let writes = Writes::State { state: &other.state, promises: &other.promises };
            self.record(tx, &tenant.row.log(), caller, other.subject, &other.events, writes).await?;
            self.spread(tx, tenant, caller, target, other).await?;
        }
        Ok(receipts)
    }

    /// Answers a refusal; an attempt against a rule is an entry on the subject's chain.
    pub(super) async fn refuse(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        subject: Option<Subject>,
        refusal: Refusal,
        asked: &str,
    ) -> Result<Message, HandleError> {
        if !refusal.logged {
            return Ok(Teller::refused(&refusal, None));
        }
        let subject = if let Some(subject) = subject {
            subject
        } else {
            tx.lock_tenant().await?;
            Subject::Deployment
        };
        let event =
            Event::Refused { asked: asked.to_owned(), rule: refusal.rule.clone(), sentence: refusal.sentence.clone() };
        let unchanged = Writes::State { state: &State::Unchanged, promises: &[] };
        let receipts = self.record(tx, &tenant.row.log(), caller, subject, &[event], unchanged).await?;
        Ok(Teller::refused(&refusal, receipts.first()))
    }

    /// Writes entries and state, and arms what they promise.
    pub(super) async fn record(
        &self,
        tx: &mut Tx,
        log: &str,
        caller: &Caller<'_>,
        subject: Subject,
        events: &[Event],
        writes: Writes<'_>,
    ) -> Result<Vec<Receipt>, HandleError> {
        let recorded = Recorded {
            subject,
            events,
            writes,
            by: caller.actor,
            at: self.clock.now(),
            command: caller.command,
            place: caller.place,
            log,
            clock_ahead: self.clock.ahead(),
        };
        Ok(tx.record(&recorded).await?)
    }

    pub(super) async fn world<'a>(
        &self,
        tx: &mut Tx,
        tenant: &'a Tenant,
        target: Target,
        command: &Command,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Result<World<'a>, HandleError> {
        let mut world = World::about(&tenant.organisation, &tenant.policy, tenant.row.policy, target);
        self.load_line(tx, &mut world, command, now).await?;
        self.load_freezes(tx, &mut world, command).await?;
        super::exceptions::load_exceptions(tx, &mut world, command).await?;
        super::halts::load_incidents_near(tx, &mut world, command).await?;
        super::doubts::load_incidents_around(tx, &mut world, command).await?;
        super::standards::load_entry(tx, tenant, &mut world, command).await?;
        super::conflicts::load_bookings(tx, &mut world, command, now).await?;
        super::claims::load_claims(tx, &mut world, command).await?;
        super::settling::load_rivals(tx, &mut world, command).await?;
        super::standby::load_engagements(tx, &mut world, command, now).await?;
        let assessed = super::history::assessed(&tenant.policy, command, &world.target);
        super::rehearsals::load(tx, &mut world, command, assessed.as_ref().map(|one| one.services.as_slice())).await?;
        if let (Target::Incident(incident), Command::Lead { .. } | Command::Resolve { .. }) = (&world.target, command) {
            for number in super::links::changes_for(tx, incident.number).await? {
                world.linked_changes.extend(tx.change(number).await?);
            }
        }
        if let (Command::RequestEmergency(_), Target::New { .. }) = (command, &world.target) {
            world.owed_pirs = tx.owed_pirs().await?;
        }
        if let Some(assessed) = assessed {
            super::history::load_history(tx, tenant, &mut world, &assessed, now).await?;
        }
        super::pirs::load_look_back(tx, &mut world, command).await?;
        super::charters::load_heard(tx, &mut world, command).await?;
        super::drafts::load_covering(tx, tenant, &mut world, command).await?;
        super::links::load_links(tx, tenant, &mut world, command, now).await?;
        super::retros::load_what_ran(tx, tenant, &mut world, command, now).await?;
        Ok(world)
    }
}

fn actor_of(tenant: &Tenant, inbound: &Inbound) -> Actor {
    match tenant.organisation.person_of(&inbound.account) {
        Some(person) => {
            Actor::Person { id: person.id.clone(), name: person.name.clone(), account: inbound.account.clone() }
        }
        None => Actor::Unlinked { account: inbound.account.clone(), name: inbound.account_name.clone() },
    }
}

/// The chain that an attempt on this target belongs to; `None` where the tenant's own row is the lock.
fn subject_of(target: &Target) -> Option<Subject> {
    match target {
        Target::New { near, .. } => near.as_ref().map(crate::domain::Incident::subject),
        Target::Incident(incident) => Some(incident.subject()),
        Target::Change { change, .. } => Some(change.subject()),
        Target::Freeze { freeze, .. } => Some(freeze.subject()),
        Target::Meeting(target) => target.subject(),
        Target::Exception(ExceptionTarget::Known { exception, .. }) => Some(exception.subject()),
        Target::Exception(ExceptionTarget::New { .. }) | Target::Batch(BatchTarget::New { .. }) => None,
        Target::Batch(BatchTarget::Known { batch, .. }) => Some(batch.subject()),
        Target::Organisation { .. } | Target::Feed(_) => Some(Subject::Organisation),
        Target::Proposal { .. } => Some(Subject::Policy),
        Target::Privacy(target) => Some(target.subject),
        Target::Log(_) => Some(Subject::Deployment),
    }
}

impl Answer {
    /// Whether there is something to say beyond what happened.
    pub fn is_plain(&self) -> bool {
        self.stands.is_none() && self.also.is_empty() && self.undo.is_none()
    }
}
