//! What a batch does by itself: its items are checked, become changes, and are started one after the other, each by the
//! rules that hold for every change.

use super::batches::changes_of;
use super::handle::{Caller, HandleError};
use super::{App, Tenant};
use crate::domain::batch::{Batch, BatchItem, BatchStatus, BatchStep, Found, Next, service_of};
use crate::domain::{
    Actor, Asked, BatchCommand, BatchTarget, Change, Command, ConflictEvent, Decision, Event, PersonId, State, Subject,
    Target, decide,
};
use crate::store::Tx;

/// What a step of a batch came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchMoved {
    /// There may be another step.
    Further,
    /// Something holds it up, which may end by itself.
    Held,
    /// It waits for somebody, or is over.
    No,
}

/// What a change meets on its way to its start.
enum Start {
    Runs(Box<Decision>),
    Held(String),
}

impl App {
    /// Takes one step of a batch, in one transaction.
    pub async fn move_batch(&self, tenant: i64, number: i64) -> Result<BatchMoved, HandleError> {
        let mut tx = self.store.begin(tenant).await?;
        let tenant = self.tenant(&mut tx).await?;
        let Some(batch) = tx.batch(number).await? else { return Ok(BatchMoved::No) };
        match batch.status {
            BatchStatus::Checking => self.check_items(tx, &tenant, &batch).await,
            BatchStatus::Filing => self.file_item(tx, &tenant, number).await,
            BatchStatus::Running => self.run_next(tx, &tenant, number).await,
            BatchStatus::Open => self.look_over(tx, &tenant, number).await,
            BatchStatus::Waiting | BatchStatus::Paused | BatchStatus::Completed | BatchStatus::Stopped => {
                Ok(BatchMoved::No)
            }
        }
    }

    /// Looks at every item with nothing locked, then writes down what was found.
    async fn check_items(&self, mut tx: Tx, tenant: &Tenant, batch: &Batch) -> Result<BatchMoved, HandleError> {
        let mut found = Vec::new();
        for item in &batch.items {
            found.push(self.found(&mut tx, tenant, batch, item).await?);
        }
        let id = tx.tenant();
        tx.rollback().await?;
        let mut tx = self.store.begin(id).await?;
        let Some(batch) = tx.lock_batch(batch.number).await? else { return Ok(BatchMoved::No) };
        if batch.status == BatchStatus::Checking {
            self.step(&mut tx, tenant, batch, BatchStep::Checked(found)).await?;
            tx.commit().await?;
        }
        Ok(BatchMoved::Further)
    }

    /// What a request for an item would meet now.
    async fn found(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        batch: &Batch,
        item: &BatchItem,
    ) -> Result<Option<Found>, HandleError> {
        Ok(match self.request(tx, tenant, batch, item, 0).await? {
            Err(why) => Some(Found::Refused(why)),
            Ok((decision, _)) => {
                let rival = decision.events.iter().find_map(|event| match event {
                    Event::Conflict(ConflictEvent::Opened { other, until: Some(_) }) => Some(*other),
                    _ => None,
                });
                rival.map(|other| Found::Conflict(format!("in the way of {}", Subject::Change(other))))
            }
        })
    }

    /// The request for an item, decided as everybody's; or why it is refused.
    async fn request(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        batch: &Batch,
        item: &BatchItem,
        number: i64,
    ) -> Result<Result<(Decision, Target), String>, HandleError> {
        let unknown = item.services().find(|word| service_of(&tenant.organisation, word).is_none());
        if let Some(unknown) = unknown {
            return Ok(Err(format!("there is no service “{unknown}”")));
        }
        if item.what.is_empty() {
            return Ok(Err("it does not say what is done".to_owned()));
        }
        let Some(actor) = in_the_name_of(tenant, &batch.requester) else {
            return Ok(Err(format!("{} has no account here any more", tenant.organisation.name_of(&batch.requester))));
        };
        let command = Command::RequestChange(Box::new(batch.request(&tenant.organisation, item)));
        let asked = Asked { by: &actor, at: self.clock.now() };
        let target = Target::New { number, near: None };
        let mut world = self.world(tx, tenant, target, &command, asked.at).await?;
        // They run one after the other, so none of them is in the way of another.
        let own = batch.changes();
        world.bookings.windows.retain(|other| !own.contains(&other.number));
        Ok(match decide(&world, asked, command) {
            Ok(decision) => Ok((decision, world.target)),
            // Said to whoever asks for it, and read by others too.
            Err(refusal) => Err(format!("“{}”", refusal.sentence)),
        })
    }

    /// Asks for the next item that is no change yet. The batch names the change first, so that it is told of as one of
    /// many from its beginning.
    async fn file_item(&self, mut tx: Tx, tenant: &Tenant, number: i64) -> Result<BatchMoved, HandleError> {
        tx.hold_line().await?;
        let Some(batch) = tx.lock_batch(number).await? else { return Ok(BatchMoved::No) };
        if batch.status != BatchStatus::Filing {
            return Ok(BatchMoved::Further);
        }
        let Some(place) = batch.unfiled() else {
            let step = if batch.changes().is_empty() { BatchStep::Completed } else { BatchStep::Opened };
            self.step(&mut tx, tenant, batch, step).await?;
            tx.commit().await?;
            return Ok(BatchMoved::No);
        };
        let change = tx.next_change_number().await?;
        let item = batch.items[place].clone();
        match self.request(&mut tx, tenant, &batch, &item, change).await? {
            Err(why) => self.step(&mut tx, tenant, batch, BatchStep::Refused { item: place, why }).await?,
            Ok((decision, target)) => {
                let name = format!("batch:BAT-{number}:item:{}", place + 1);
                let requester = in_the_name_of(tenant, &batch.requester);
                self.step(&mut tx, tenant, batch, BatchStep::Filed { item: place, change }).await?;
                let actor = requester.unwrap_or(Actor::Wardroom);
                let caller = Caller { actor: &actor, place: None, command: &name };
                self.write_down(&mut tx, tenant, &caller, &target, &decision).await?;
            }
        }
        tx.commit().await?;
        Ok(BatchMoved::Further)
    }

    /// Where all of its changes were rejected, withdrawn or taken out, there is nothing to start.
    async fn look_over(&self, mut tx: Tx, tenant: &Tenant, number: i64) -> Result<BatchMoved, HandleError> {
        let Some(batch) = tx.lock_batch(number).await? else { return Ok(BatchMoved::No) };
        if batch.status != BatchStatus::Open || tx.may_any_run(&batch.changes()).await? {
            return Ok(BatchMoved::No);
        }
        self.last_step(tx, tenant, batch, BatchStep::Completed).await
    }

    async fn run_next(&self, mut tx: Tx, tenant: &Tenant, number: i64) -> Result<BatchMoved, HandleError> {
        tx.hold_line().await?;
        let Some(batch) = tx.lock_batch(number).await? else { return Ok(BatchMoved::No) };
        if batch.status != BatchStatus::Running {
            return Ok(BatchMoved::Further);
        }
        let changes = changes_of(&mut tx, &batch).await?;
        match batch.next(&changes) {
            // Somebody started it by hand meanwhile: nothing is held any more.
            Next::Wait(change, None) if batch.held.is_some() && runs(&changes, change) => {
                self.last_step(tx, tenant, batch, BatchStep::Advanced { change }).await
            }
            Next::Wait(_, None) => Ok(BatchMoved::No),
            Next::Wait(change, Some(why)) => self.hold(tx, tenant, batch, change, why).await,
            Next::Complete => self.last_step(tx, tenant, batch, BatchStep::Completed).await,
            Next::Pause(change, why) => self.last_step(tx, tenant, batch, BatchStep::Failed { change, why }).await,
            Next::StopGroup(change, why) => {
                self.last_step(tx, tenant, batch, BatchStep::GroupFailed { change, why }).await?;
                Ok(BatchMoved::Further)
            }
            Next::Through(change, why) => self.last_step(tx, tenant, batch, BatchStep::Through { change, why }).await,
            Next::Start(change) => match self.start_one(&mut tx, tenant, &batch, change).await? {
                Start::Held(why) => self.hold(tx, tenant, batch, change, why).await,
                Start::Runs(decision) => {
                    // Otherwise it waits for its turn, and is started once it is offered one.
                    if matches!(&decision.state, State::Change(change) if change.status.is_running()) {
                        self.step(&mut tx, tenant, batch, BatchStep::Advanced { change }).await?;
                    }
                    tx.commit().await?;
                    Ok(BatchMoved::No)
                }
            },
        }
    }

    /// Starts a change in the name of whoever started its batch: what they may not do is not done.
    async fn start_one(&self, tx: &mut Tx, tenant: &Tenant, batch: &Batch, number: i64) -> Result<Start, HandleError> {
        let Some(actor) = batch.runner.as_ref().and_then(|runner| in_the_name_of(tenant, runner)) else {
            return Ok(Start::Held(
                "Whoever started it has no account here any more; somebody else resumes it.".into(),
            ));
        };
        let Some(change) = tx.lock_change(number).await? else {
            return Ok(Start::Held(format!("{} is gone.", Subject::Change(number))));
        };
        let incident = match change.incident {
            Some(incident) => tx.incident(incident).await?,
            None => None,
        };
        let name = format!("batch:{}:{}", batch.subject(), change.subject());
        let caller = Caller { actor: &actor, place: None, command: &name };
        let asked = Asked { by: &actor, at: self.clock.now() };
        let command = Command::Start { why: None };
        let target = Target::Change { change: Box::new(change), incident };
        let world = self.world(tx, tenant, target, &command, asked.at).await?;
        match decide(&world, asked, command) {
            Err(refusal) => Ok(Start::Held(refusal.sentence)),
            Ok(decision) if decision.events.is_empty() => {
                Ok(Start::Held(decision.answer.stands.unwrap_or_else(|| "It waits.".to_owned())))
            }
            Ok(decision) => {
                self.write_down(tx, tenant, &caller, &world.target, &decision).await?;
                Ok(Start::Runs(Box::new(decision)))
            }
        }
    }

    /// The same reason is written down once, however often it is met.
    async fn hold(
        &self,
        mut tx: Tx,
        tenant: &Tenant,
        batch: Batch,
        change: i64,
        why: String,
    ) -> Result<BatchMoved, HandleError> {
        if batch.held.as_ref() == Some(&why) {
            tx.rollback().await?;
        } else {
            self.step(&mut tx, tenant, batch, BatchStep::Held { change, why }).await?;
            tx.commit().await?;
        }
        Ok(BatchMoved::Held)
    }

    async fn last_step(
        &self,
        mut tx: Tx,
        tenant: &Tenant,
        batch: Batch,
        step: BatchStep,
    ) -> Result<BatchMoved, HandleError> {
        self.step(&mut tx, tenant, batch, step).await?;
        tx.commit().await?;
        Ok(BatchMoved::No)
    }

    async fn step(&self, tx: &mut Tx, tenant: &Tenant, batch: Batch, step: BatchStep) -> Result<(), HandleError> {
        let name = format!("batch:{}", batch.subject());
        let caller = Caller { actor: &Actor::Wardroom, place: None, command: &name };
        let target = Target::Batch(BatchTarget::Known { batch: Box::new(batch), changes: Vec::new() });
        self.act(tx, tenant, &caller, Command::Batch(BatchCommand::Step(step)), target).await?;
        Ok(())
    }
}

fn runs(changes: &[Change], number: i64) -> bool {
    changes.iter().any(|change| change.number == number && change.status.is_running())
}

/// A person as they speak through their first account; nobody who has none, or is not active.
fn in_the_name_of(tenant: &Tenant, id: &PersonId) -> Option<Actor> {
    let person = tenant.organisation.person(id).filter(|person| person.active)?;
    let account = person.accounts().next()?.clone();
    Some(Actor::Person { id: person.id.clone(), name: person.name.clone(), account })
}
