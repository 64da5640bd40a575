//! Batches of changes: which one is meant, one word on all of its changes, and what becomes visible of it.

use super::answer::Teller;
use super::batch_standby::{meant, paragraphs, standby_word};
use super::cards::{button, row};
use super::freezes::calling;
use super::handle::{Caller, HandleError};
use super::target::no_such;
use super::{App, Tenant};
use crate::domain::batch::{Batch, BatchCommand, BatchWord};
use crate::domain::command::ReviewVerdict;
use crate::domain::decide::batch_waits_to_be_settled;
use crate::domain::event::ApprovalEvent;
use crate::domain::{
    Asked, BallotChoice, BatchEvent, BatchTarget, Change, ChangeEvent, Command, Decision, Event, NoticeCommand,
    PersonId, Place, Refusal, State, Subject, Target, Urgency, decide,
};
use crate::language::presses::{Press, PressAction};
use crate::render::{ButtonStyle, Message};
use crate::store::{Job, Tx};

/// Open batches that are looked through where none was named.
pub(super) const OPEN_MAX: i64 = 100;
/// Refusals that an answer tells; each is in the log of its change.
const REFUSALS_TOLD: usize = 5;

/// A new batch, the one that was named or that a change belongs to, or the only one.
pub(super) async fn batch_target(
    tx: &mut Tx,
    named: Option<Subject>,
    command: &BatchCommand,
) -> Result<Result<Target, Refusal>, HandleError> {
    if let BatchCommand::Plan(_) = command {
        return Ok(Ok(Target::Batch(BatchTarget::New { number: tx.next_batch_number().await? })));
    }
    let number = match named {
        Some(Subject::Batch(number)) => number,
        Some(Subject::Change(change)) => {
            let Some(batch) = tx.batch_of(change).await? else {
                let sentence = format!("{} belongs to no batch.", Subject::Change(change));
                return Ok(Err(Refusal::slip(sentence, "Name one, like BAT-1.")));
            };
            batch.number
        }
        Some(other) => return Ok(Err(Refusal::slip(format!("{other} is no batch."), "Name one, like BAT-1."))),
        None => match tx.open_batches(OPEN_MAX).await?.as_slice() {
            [only] => only.number,
            [] => return Ok(Err(Refusal::slip("No batch is open.", "`/change bulk` asks for one."))),
            many => {
                let sentence = format!("{} batches are open.", many.len());
                return Ok(Err(Refusal::slip(sentence, "Name the one you mean, like BAT-1.")));
            }
        },
    };
    let Some(batch) = tx.lock_batch(number).await? else { return Ok(Err(no_such(Subject::Batch(number)))) };
    let changes = changes_of(tx, &batch).await?;
    Ok(Ok(Target::Batch(BatchTarget::Known { batch: Box::new(batch), changes })))
}

/// The changes that belong to it now, in the order in which they run.
pub(super) async fn changes_of(tx: &mut Tx, batch: &Batch) -> Result<Vec<Change>, HandleError> {
    let mut changes = Vec::new();
    for number in batch.changes() {
        changes.extend(tx.change(number).await?);
    }
    Ok(changes)
}

/// What a word on a change is where a batch is named.
pub(super) fn of_batch(command: Command) -> Command {
    match command {
        Command::Start { .. } => Command::Batch(BatchCommand::Start),
        Command::Withdraw { why } => Command::Batch(BatchCommand::Stop { why }),
        other => other,
    }
}

/// The word that is meant for each change of a batch.
pub(super) fn word_on_all(command: &Command) -> Option<&'static str> {
    match command {
        Command::Vote { choice, .. } => Some(choice.as_str()),
        Command::Review { verdict: ReviewVerdict::Ok, .. } => Some("review_ok"),
        Command::Review { verdict: ReviewVerdict::ChangesWanted { .. }, .. } => Some("changes_wanted"),
        Command::AcceptRisk(_) => Some("accept_risk"),
        Command::Notice(NoticeCommand::Acknowledge) => Some("acknowledge"),
        Command::Standby(command) => Some(standby_word(command)),
        _ => None,
    }
}

fn is_yes(command: &Command) -> bool {
    match command {
        Command::Vote { choice, .. } => *choice == BallotChoice::Approve,
        Command::Review { verdict, .. } => *verdict == ReviewVerdict::Ok,
        Command::Standby(_) | Command::Notice(_) => false,
        _ => true,
    }
}

/// What became of a word on all changes of a batch.
#[derive(Default)]
struct Spoken {
    taken: i32,
    /// Of those that it changed nothing about.
    refusals: Vec<(Subject, Refusal)>,
    stands: Vec<String>,
    /// What those on standby are told besides.
    also: Vec<String>,
}

impl App {
    /// A word on a batch is the same word on each of its changes, decided by each one's own rules and written to each
    /// one's own log, in one transaction.
    pub(super) async fn say_to_all(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        (number, word): (i64, &'static str),
        command: Command,
    ) -> Result<Message, HandleError> {
        let name = command.name();
        // In the order in which everybody takes them: the line, the batch, its changes by number.
        tx.hold_line().await?;
        let Some(batch) = tx.lock_batch(number).await? else {
            return Ok(Teller::refused(&no_such(Subject::Batch(number)), None));
        };
        let mut numbers = batch.changes();
        numbers.sort_unstable();
        let mut changes = Vec::new();
        for number in numbers {
            changes.extend(tx.lock_change(number).await?);
        }
        let blocked = if is_yes(&command) { batch_waits_to_be_settled(&batch, &changes) } else { None };
        if let Some(refusal) = refused_as_a_whole(&batch).or(blocked) {
            return self.refuse(tx, tenant, caller, Some(batch.subject()), refusal, name).await;
        }
        let spoken = self.speak(tx, tenant, caller, changes, &command).await?;
        if spoken.taken == 0 {
            return match spoken.refusals.into_iter().next() {
                Some((_, refusal)) => self.refuse(tx, tenant, caller, Some(batch.subject()), refusal, name).await,
                None => Ok(super::answer::told(&nothing_new(&batch, &spoken.stands))),
            };
        }
        let refused = i32::try_from(spoken.refusals.len()).unwrap_or(i32::MAX);
        let said = BatchWord { word, taken: spoken.taken, refused };
        let target = Target::Batch(BatchTarget::Known { batch: Box::new(batch), changes: Vec::new() });
        let mut message = self.act(tx, tenant, caller, Command::Batch(BatchCommand::Said(said)), target).await?;
        let told = spoken.refusals.iter().take(REFUSALS_TOLD);
        let lines = told.map(|(of, refusal)| format!("{of}: {} Rule {}.", refusal.sentence, refusal.rule));
        let lines: Vec<String> = lines.chain(spoken.also.iter().take(REFUSALS_TOLD).cloned()).collect();
        let at = message.blocks.len().saturating_sub(1);
        message.blocks.splice(at..at, paragraphs(&lines));
        Ok(message)
    }

    async fn speak(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        changes: Vec<Change>,
        command: &Command,
    ) -> Result<Spoken, HandleError> {
        let mut spoken = Spoken::default();
        // It is said to all of them at one moment.
        let asked = Asked { by: caller.actor, at: self.clock.now() };
        for change in meant(changes, command, caller.actor.person()) {
            let subject = change.subject();
            let target = Target::Change { change: Box::new(change), incident: None };
            let world = self.world(tx, tenant, target, command, asked.at).await?;
            match decide(&world, asked, command.clone()) {
                Ok(decision) if decision.events.is_empty() => spoken.stands.extend(decision.answer.stands),
                Ok(decision) => {
                    self.write_down(tx, tenant, caller, &world.target, &decision).await?;
                    spoken.taken += 1;
                    let tells = matches!(command, Command::Standby(_));
                    for said in decision.answer.also.into_iter().filter(|_| tells) {
                        if !spoken.also.contains(&said) {
                            spoken.also.push(said);
                        }
                    }
                }
                Err(refusal) => spoken.refusals.push((subject, refusal)),
            }
        }
        Ok(spoken)
    }

    /// Enqueues everything that follows from what happened to a batch.
    pub(super) async fn spread_batch(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        batch: &Batch,
        decision: &Decision,
    ) -> Result<(), HandleError> {
        let teller = Teller { app: self, tenant, actor: caller.actor };
        let channels = self.change_channels(tenant);
        for event in &decision.events {
            let Event::Batch(of) = event else { continue };
            let people = called(batch, of);
            if is_told(of) {
                let line = calling(&tenant.organisation, teller.line(decision.subject, event)?, &people);
                for place in &channels {
                    self.say(tx, decision.subject, place, Urgency::Decision, &line);
                }
            }
            if let BatchEvent::Checked { waits: true, found, .. } = of {
                let message = self.found_message(tenant, batch, found.as_deref())?;
                let key = format!("batch-{}-checked", batch.number);
                let people = [batch.requester.clone()];
                let jobs: Vec<_> = Job::direct_each(tx.tenant(), people, &key, &message).collect();
                tx.enqueue(jobs);
            }
            self.show_freed(tx, batch, of, &channels).await?;
        }
        App::show_batch(tx, batch.number, &channels);
        if tenant.row.homes {
            tx.enqueue([Job::Homes { tenant: tx.tenant() }.now()]);
        }
        tx.enqueue([Job::Batch { tenant: tx.tenant(), batch: batch.number }.now()]);
        Ok(())
    }

    /// Brings the card of a batch up to date; ten quick steps become one edit.
    pub(super) fn show_batch(tx: &mut Tx, number: i64, channels: &[Place]) {
        let (tenant, subject) = (tx.tenant(), Subject::Batch(number));
        tx.enqueue(Job::show_each(tenant, subject, "batch", channels.to_vec()));
    }

    /// Changes that go on by themselves have cards of their own from now on.
    async fn show_freed(
        &self,
        tx: &mut Tx,
        batch: &Batch,
        event: &BatchEvent,
        channels: &[Place],
    ) -> Result<(), HandleError> {
        let freed = match event {
            BatchEvent::Excluded { change, .. } => tx.change(*change).await?.into_iter().collect(),
            BatchEvent::Stopped { .. } => changes_of(tx, batch).await?,
            _ => Vec::new(),
        };
        let tenant = tx.tenant();
        for change in freed.iter().filter(|change| change.is_open()) {
            tx.enqueue(Job::show_each(tenant, change.subject(), "change", channels.to_vec()));
        }
        Ok(())
    }

    /// What whoever asked for a batch is told in private where not all of it can be asked for.
    fn found_message(&self, tenant: &Tenant, batch: &Batch, found: Option<&str>) -> Result<Message, HandleError> {
        let data = super::batch_views::found_data(batch, found);
        let mut message = self.renderer.message("direct/batch", &data, &tenant.organisation)?;
        message.rest = Some(format!("/change plan batch {}", batch.subject()));
        let press = |action, style| button(Press::on(action, batch.subject(), None), style);
        message.blocks.push(row(vec![
            press(PressAction::BatchGo, ButtonStyle::Primary),
            press(PressAction::BatchStop, ButtonStyle::Danger),
        ]));
        Ok(message)
    }

    /// What follows for a batch from a step of one of its changes.
    pub(super) fn follow_batch(&self, tx: &mut Tx, tenant: &Tenant, batch: i64) {
        App::show_batch(tx, batch, &self.change_channels(tenant));
        tx.enqueue([Job::Batch { tenant: tx.tenant(), batch }.now()]);
    }

    /// Whoever has not voted on a batch is reminded once, with its card, not once for each of its changes.
    pub(super) async fn remind_of_batch(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        around: Around,
        event: &ChangeEvent,
    ) -> Result<(), HandleError> {
        let (people, occasion) = match event {
            ChangeEvent::VoteReminded { people, percent, .. } => (people.clone(), percent.to_string()),
            ChangeEvent::Approval(ApprovalEvent::Prolonged { voters, .. }) => (voters.clone(), "100".to_owned()),
            ChangeEvent::ChairAsked { chair, .. } => (vec![chair.clone()], "tie".to_owned()),
            _ => return Ok(()),
        };
        if !around.speaks_for_all {
            return Ok(());
        }
        if let Some(message) = self.batch_card(tx, tenant, around.batch).await? {
            let key = format!("batch-{}-{occasion}", around.batch);
            let jobs: Vec<_> = Job::direct_each(tx.tenant(), people, &key, &message).collect();
            tx.enqueue(jobs);
        }
        Ok(())
    }

    /// The batch, as long as that is not over, that a decision is about a change of.
    pub(super) async fn batch_around(&self, tx: &mut Tx, decision: &Decision) -> Result<Option<Around>, HandleError> {
        let Subject::Change(number) = decision.subject else { return Ok(None) };
        let Some((batch, changes)) = tx.one_of(number).await? else { return Ok(None) };
        let speaks_for_its_service = match &decision.state {
            State::Change(change) => tx.is_first_on(&changes, change).await?,
            _ => false,
        };
        Ok(Some(Around { batch, speaks_for_all: changes.first() == Some(&number), speaks_for_its_service }))
    }
}

/// The batch around a change. Nobody is asked, reminded or called two hundred times: one change speaks for the others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    pub batch: i64,
    pub speaks_for_all: bool,
    /// The owners and the audiences of a service hear of a batch once.
    pub speaks_for_its_service: bool,
}

fn refused_as_a_whole(batch: &Batch) -> Option<Refusal> {
    if batch.status.is_filed() {
        return None;
    }
    let sentence = format!("{} is {}.", batch.subject(), batch.status.as_str());
    let next = if batch.status.is_over() {
        "Its changes go on by themselves; the word is said to each, by its number."
    } else {
        "It is voted on once its items are changes; its card shows when."
    };
    Some(Refusal::slip(sentence, next))
}

fn nothing_new(batch: &Batch, stands: &[String]) -> String {
    match stands {
        [] => format!("No change of {} waits for a word. Nothing was changed.", batch.subject()),
        [first, others @ ..] if !others.is_empty() => {
            format!("{first} So it is on {} others of {}.", others.len(), batch.subject())
        }
        [first, ..] => first.clone(),
    }
}

/// What is worth a line where changes are watched; all else shows on the card.
fn is_told(event: &BatchEvent) -> bool {
    match event {
        BatchEvent::Opened { .. }
        | BatchEvent::Excluded { .. }
        | BatchEvent::Started { .. }
        | BatchEvent::Held { .. }
        | BatchEvent::Paused { .. }
        | BatchEvent::GroupStopped { .. }
        | BatchEvent::Resumed { .. }
        | BatchEvent::Stopped { .. }
        | BatchEvent::Completed { .. } => true,
        BatchEvent::Planned { .. }
        | BatchEvent::Checked { .. }
        | BatchEvent::Confirmed { .. }
        | BatchEvent::Filed { .. }
        | BatchEvent::ItemRefused { .. }
        | BatchEvent::Said { .. }
        | BatchEvent::Advanced { .. } => false,
    }
}

/// Who is to do something now.
fn called(batch: &Batch, event: &BatchEvent) -> Vec<PersonId> {
    match event {
        BatchEvent::Held { .. } | BatchEvent::GroupStopped { .. } | BatchEvent::Paused { change: Some(_), .. } => {
            batch.runner.iter().cloned().collect()
        }
        _ => Vec::new(),
    }
}
