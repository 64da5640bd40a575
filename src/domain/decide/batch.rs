//! Batches: planned, checked, voted on together, and run in order. What each change needs is decided where every other
//! change's is; here only what they have in common.

use super::approval::may_fill;
use super::change::planned_window;
use super::run;
use super::standing::person;
use super::stands;
use crate::domain::batch::{
    Batch, BatchItem, BatchStatus, BatchStep, BatchTarget, Found, ITEMS_MAX, ItemState, NewBatch, Next, SharedText,
};
use crate::domain::change::Member;
use crate::domain::rules::{Action, Role};
use crate::domain::{
    Answer, Asked, BatchCommand, BatchEvent, Change, ChangeStatus, Decision, Event, PersonId, Refusal, State, Subject,
    Target, World,
};

const RULE: &str = "bulk-change";
/// Changes that a sentence names.
const NAMED: usize = 3;

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: BatchCommand) -> Result<Decision, Refusal> {
    if let BatchCommand::Plan(new) = command {
        return plan(world, asked, *new);
    }
    let Target::Batch(BatchTarget::Known { batch, changes }) = &world.target else {
        return Err(Refusal::slip("This is about a batch.", "Name one, like BAT-1."));
    };
    if batch.status.is_over() {
        return Err(Refusal::slip(
            format!("{} is {}.", batch.subject(), batch.status.as_str()),
            "Its changes go on by themselves; `/change show` and their number shows each.",
        ));
    }
    match command {
        BatchCommand::Plan(_) => Err(Refusal::slip("A new batch has a new number.", "")),
        BatchCommand::Proceed => proceed(world, asked, batch),
        BatchCommand::Exclude { change, why } => exclude(world, asked, (batch, changes), change, why),
        BatchCommand::Start => start(world, asked, batch, changes),
        BatchCommand::Resume => resume(world, asked, batch, changes),
        BatchCommand::Pause => pause(world, asked, batch),
        BatchCommand::Stop { why } => stop(world, asked, batch, why),
        BatchCommand::Said(said) => {
            let event = BatchEvent::Said { choice: said.word, taken: said.taken, refused: said.refused };
            Ok(batch_decision(asked, (**batch).clone(), event, Answer::default()))
        }
        BatchCommand::Step(step) => Ok(take(asked, (**batch).clone(), step)),
    }
}

fn plan(world: &World<'_>, asked: Asked<'_>, new: NewBatch) -> Result<Decision, Refusal> {
    let Target::Batch(BatchTarget::New { number }) = &world.target else {
        return Err(Refusal::slip("A new batch has a new number.", ""));
    };
    let me = person(asked, Action::RaiseChange)?;
    if new.items.is_empty() || new.items.len() > ITEMS_MAX {
        let sentence = format!("A batch has 1 to {ITEMS_MAX} items; these are {}.", new.items.len());
        return Err(Refusal::slip(sentence, "One a line, or between semicolons: ledger rotate the key; payments …"));
    }
    let window = planned_window(world, asked.at, new.from, Some(new.until))?
        .ok_or_else(|| Refusal::slip("A batch has a window.", "Say it like from:22:00 until:23:30."))?;
    let items: Vec<BatchItem> = new.items.into_iter().map(BatchItem::new).collect();
    let stop = new.stop.unwrap_or(world.policy.batches.stop);
    let event = BatchEvent::Planned {
        items: count(items.len()),
        opens: window.opens,
        closes: window.closes,
        title: new.title.clone(),
        list: listed(&items),
        shared: new.shared.clone(),
        stop,
    };
    let batch = Batch {
        number: *number,
        version: 0,
        status: BatchStatus::Checking,
        title: new.title,
        requester: me.clone(),
        runner: None,
        window,
        shared: new.shared,
        items,
        stop,
        stopped: Vec::new(),
        held: None,
        asked_at: asked.at,
        ended_at: None,
    };
    let id = batch.subject();
    let answer = Answer::undo(format!("`/change plan batch {id} stop` and why ends it"))
        .also("Each item is checked as a request by itself would be. You are told in private what was found.");
    Ok(batch_decision(asked, batch, event, answer))
}

/// One a line; of several groups, each with its own.
fn listed(items: &[BatchItem]) -> String {
    let (mut lines, mut group) = (Vec::new(), 1);
    for item in items {
        if item.group != group {
            group = item.group;
            lines.push(format!("group {group}:"));
        }
        lines.push(item.line());
    }
    lines.join("\n")
}

fn proceed(world: &World<'_>, asked: Asked<'_>, batch: &Batch) -> Result<Decision, Refusal> {
    check_speaks_for(world, asked, batch)?;
    if batch.status != BatchStatus::Waiting {
        let sentence = format!("{} is {}; nothing waits for a word.", batch.subject(), batch.status.as_str());
        return Ok(stands(asked, batch.subject(), sentence));
    }
    let left = batch.items.len() - batch.count(ItemState::Refused);
    if left == 0 {
        let next = "`/change bulk` asks for others.";
        return Err(Refusal::slip(format!("No item of {} can be asked for.", batch.subject()), next));
    }
    let mut next = batch.clone();
    next.status = BatchStatus::Filing;
    Ok(batch_decision(asked, next, BatchEvent::Confirmed { items: count(left) }, Answer::default()))
}

/// Whoever may say yes or no to a change may say that it is not decided with the others.
fn exclude(
    world: &World<'_>,
    asked: Asked<'_>,
    (batch, changes): (&Batch, &[Change]),
    number: i64,
    why: Option<String>,
) -> Result<Decision, Refusal> {
    let me = person(asked, Action::RunChange)?;
    let id = Subject::Change(number);
    let Some(change) = changes.iter().find(|change| change.number == number && batch.item_of(number).is_some()) else {
        let sentence = format!("{id} is no part of {} now.", batch.subject());
        return Err(Refusal::slip(sentence, format!("`/change plan batch {}` lists what is.", batch.subject())));
    };
    if !has_a_say(world, asked, batch, change, me) {
        let requester = world.organisation.name_of(&batch.requester);
        return Err(Refusal::by_rule(
            RULE,
            format!("{id} is not yours to take out of {}.", batch.subject()),
            format!("{requester}, a change manager, or whoever has a say in {id} can."),
        ));
    }
    if change.status.is_running() {
        let sentence = format!("{id} runs; it ends where it began.");
        return Err(Refusal::slip(sentence, "`/change done` or `/change rollback` ends it."));
    }
    let mut next = batch.clone();
    if let Some(item) = next.item_of_mut(number) {
        item.state = ItemState::Out;
        item.why.clone_from(&why);
    }
    let answer = Answer::default().also(format!("{id} goes on by itself, with a card of its own."));
    Ok(batch_decision(asked, next, BatchEvent::Excluded { change: number, why }, answer))
}

fn has_a_say(world: &World<'_>, asked: Asked<'_>, batch: &Batch, change: &Change, me: &PersonId) -> bool {
    let is_member = |member: &Member| &member.person == me;
    let votes = change.vote.as_ref().is_some_and(|vote| vote.roster.iter().any(is_member));
    let seats = change.required_seats();
    let fills = || seats.iter().any(|seat| may_fill(world, asked, change, me, *seat).is_ok());
    speaks_for(world, batch, me) || change.is_own(me) || votes || fills()
}

fn start(world: &World<'_>, asked: Asked<'_>, batch: &Batch, changes: &[Change]) -> Result<Decision, Refusal> {
    let me = person(asked, Action::RunChange)?;
    let id = batch.subject();
    match batch.status {
        BatchStatus::Open => {}
        BatchStatus::Running => {
            let by = batch.runner.as_ref().map(|by| world.organisation.name_of(by)).unwrap_or_default();
            return Ok(stands(asked, id, format!("{id} runs already, started by {by}.")));
        }
        BatchStatus::Paused => return resume(world, asked, batch, changes),
        BatchStatus::Checking
        | BatchStatus::Waiting
        | BatchStatus::Filing
        | BatchStatus::Completed
        | BatchStatus::Stopped => {
            return Err(Refusal::slip(format!("{id} is {}; it is not voted on yet.", batch.status.as_str()), ""));
        }
    }
    let left = check_may_run(world, asked, batch, changes)?;
    let mut next = batch.clone();
    next.status = BatchStatus::Running;
    next.runner = Some(me.clone());
    next.held = None;
    let answer = Answer::undo(format!("`/change plan batch {id} pause` starts no further one"))
        .also("Each starts once the one before it is done, and works. Its card shows how far it is.");
    Ok(batch_decision(asked, next, BatchEvent::Started { items: count(left) }, answer))
}

fn resume(world: &World<'_>, asked: Asked<'_>, batch: &Batch, changes: &[Change]) -> Result<Decision, Refusal> {
    let me = person(asked, Action::RunChange)?;
    let id = batch.subject();
    if batch.status != BatchStatus::Paused {
        return Ok(stands(asked, id, format!("{id} is {}; it is not paused.", batch.status.as_str())));
    }
    check_may_run(world, asked, batch, changes)?;
    let mut next = batch.clone();
    next.status = BatchStatus::Running;
    next.runner = Some(me.clone());
    next.held = None;
    // A group that stopped waits until nothing else is left, whatever it is that others resume.
    let stopped = matches!(batch.next(changes), Next::Through(..));
    if stopped {
        next.stopped.clear();
    }
    Ok(batch_decision(asked, next, BatchEvent::Resumed { stopped }, Answer::default()))
}

/// Only whoever may start each of its changes may start them all, and only once all are decided. How many are left.
fn check_may_run(world: &World<'_>, asked: Asked<'_>, batch: &Batch, changes: &[Change]) -> Result<usize, Refusal> {
    let left: Vec<&Change> =
        changes.iter().filter(|change| change.is_open() && batch.item_of(change.number).is_some()).collect();
    for change in &left {
        run::implementer(world, asked, change)?;
    }
    let undecided: Vec<&&Change> =
        left.iter().filter(|change| change.status == ChangeStatus::AwaitingApproval).collect();
    if !undecided.is_empty() {
        let named = named(undecided.iter().map(|change| change.number));
        let (waits, id) = (if undecided.len() == 1 { "waits" } else { "wait" }, batch.subject());
        return Err(Refusal::by_rule(
            RULE,
            format!("{named} {waits} for approval, and {id} runs as a whole."),
            format!("`/change plan batch {id} exclude` and its number takes one out; the card shows what is missing."),
        ));
    }
    if left.is_empty() {
        return Err(Refusal::slip(format!("No change of {} is left to run.", batch.subject()), ""));
    }
    Ok(left.len())
}

fn pause(world: &World<'_>, asked: Asked<'_>, batch: &Batch) -> Result<Decision, Refusal> {
    let me = person(asked, Action::RunChange)?;
    let id = batch.subject();
    if batch.runner.as_ref() != Some(me) {
        check_speaks_for(world, asked, batch)?;
    }
    if batch.status != BatchStatus::Running {
        return Ok(stands(asked, id, format!("{id} is {}; it does not run.", batch.status.as_str())));
    }
    let mut next = batch.clone();
    next.status = BatchStatus::Paused;
    next.held = None;
    let answer = Answer::undo(format!("`/change plan batch {id} resume` goes on"))
        .also("What runs now is finished or rolled back as any change; no further one starts.");
    Ok(batch_decision(asked, next, BatchEvent::Paused { change: None, why: None }, answer))
}

fn stop(world: &World<'_>, asked: Asked<'_>, batch: &Batch, why: String) -> Result<Decision, Refusal> {
    check_speaks_for(world, asked, batch)?;
    let mut next = batch.clone();
    end(&mut next, asked, BatchStatus::Stopped);
    let mut answer = Answer::default();
    if !batch.changes().is_empty() {
        answer = answer.also("Its changes go on by themselves; `/change withdraw` takes one back.");
    }
    Ok(batch_decision(asked, next, BatchEvent::Stopped { why }, answer))
}

/// What wardroom found out, or did.
fn take(asked: Asked<'_>, mut batch: Batch, step: BatchStep) -> Decision {
    let event = match step {
        BatchStep::Checked(found) => checked(&mut batch, found),
        BatchStep::Filed { item, change } => {
            if let Some(own) = batch.items.get_mut(item) {
                own.state = ItemState::Filed;
                own.change = Some(change);
                own.why = None;
                // From now on its change says what it is, and forgets it where that is erased.
                own.what = String::new();
            }
            BatchEvent::Filed { item: count(item + 1), change }
        }
        BatchStep::Refused { item, why } => {
            if let Some(own) = batch.items.get_mut(item) {
                own.state = ItemState::Refused;
                own.why = Some(why.clone());
            }
            BatchEvent::ItemRefused { item: count(item + 1), why }
        }
        BatchStep::Opened => {
            batch.status = BatchStatus::Open;
            batch.shared = SharedText::default();
            BatchEvent::Opened { items: count(batch.changes().len()) }
        }
        BatchStep::Advanced { change } => {
            batch.held = None;
            let place = batch.changes().iter().position(|own| *own == change).map_or(0, |place| place + 1);
            BatchEvent::Advanced { change, item: count(place), items: count(batch.changes().len()) }
        }
        BatchStep::Held { change, why } => {
            batch.held = Some(why.clone());
            BatchEvent::Held { change, why }
        }
        BatchStep::Failed { change, why } => {
            batch.status = BatchStatus::Paused;
            batch.held = Some(why.clone());
            if let Some(item) = batch.item_of_mut(change) {
                item.state = ItemState::Failed;
            }
            BatchEvent::Paused { change: Some(change), why: Some(why) }
        }
        BatchStep::GroupFailed { change, why } => {
            let group = batch.item_of(change).map_or(1, |item| item.group);
            if let Some(item) = batch.item_of_mut(change) {
                item.state = ItemState::Failed;
            }
            batch.held = None;
            batch.stopped.push(group);
            batch.stopped.sort_unstable();
            batch.stopped.dedup();
            BatchEvent::GroupStopped { change, group: group.into(), why }
        }
        BatchStep::Through { change, why } => {
            batch.status = BatchStatus::Paused;
            batch.held = Some(why.clone());
            BatchEvent::Paused { change: Some(change), why: Some(why) }
        }
        BatchStep::Completed => {
            let items = count(batch.changes().len());
            end(&mut batch, asked, BatchStatus::Completed);
            BatchEvent::Completed { items }
        }
    };
    batch_decision(asked, batch, event, Answer::default())
}

/// Where nothing was found it goes on by itself.
fn checked(batch: &mut Batch, found: Vec<Option<Found>>) -> BatchEvent {
    let mut told = Vec::new();
    for (place, (item, found)) in batch.items.iter_mut().zip(found).enumerate() {
        let (state, why) = match found {
            None => continue,
            Some(Found::Refused(why)) => (ItemState::Refused, why),
            Some(Found::Conflict(why)) => (ItemState::Conflict, why),
        };
        told.push(format!("{}. {}: {why}", place + 1, item.line()));
        item.state = state;
        item.why = Some(why);
    }
    let (conflicts, refused) = (batch.count(ItemState::Conflict), batch.count(ItemState::Refused));
    let waits = conflicts + refused > 0;
    batch.status = if waits { BatchStatus::Waiting } else { BatchStatus::Filing };
    let found = (!told.is_empty()).then(|| told.join("\n"));
    BatchEvent::Checked { conflicts: count(conflicts), refused: count(refused), waits, found }
}

fn end(batch: &mut Batch, asked: Asked<'_>, status: BatchStatus) {
    batch.status = status;
    batch.held = None;
    batch.ended_at = Some(asked.at);
}

fn speaks_for(world: &World<'_>, batch: &Batch, me: &PersonId) -> bool {
    &batch.requester == me || world.organisation.has_role(me, Role::ChangeManager)
}

fn check_speaks_for(world: &World<'_>, asked: Asked<'_>, batch: &Batch) -> Result<(), Refusal> {
    let me = person(asked, Action::RunChange)?;
    if speaks_for(world, batch, me) {
        return Ok(());
    }
    let requester = world.organisation.name_of(&batch.requester);
    Err(Refusal::by_rule(
        "4.23",
        format!("{} was asked for by {requester}.", batch.subject()),
        format!("{requester} or a change manager can."),
    ))
}

/// Why a yes to all of its changes is not taken yet: one of them is in the way of another change.
pub fn batch_waits_to_be_settled(batch: &Batch, changes: &[Change]) -> Option<Refusal> {
    let change = changes.iter().find(|change| change.is_undecided() && change.blockers().next().is_some())?;
    let (id, number) = (batch.subject(), change.subject());
    let rival = change.rivals().first().copied();
    let rival = rival.map(|rival| rival.to_string()).unwrap_or_default();
    Some(Refusal::by_rule(
        RULE,
        format!("{number} and {rival} are in each other's way, so {id} is not approved as it is."),
        format!(
            "Exclude it on the card, or `/change plan batch {id} exclude change:{number}`; the others can be approved then."
        ),
    ))
}

fn named(numbers: impl Iterator<Item = i64>) -> String {
    let all: Vec<String> = numbers.map(|number| Subject::Change(number).to_string()).collect();
    match all.len().checked_sub(NAMED) {
        Some(more) if more > 0 => format!("{} and {more} more", all[..NAMED].join(", ")),
        _ => all.join(", "),
    }
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn batch_decision(asked: Asked<'_>, batch: Batch, event: BatchEvent, answer: Answer) -> Decision {
    Decision {
        subject: batch.subject(),
        promises: Vec::new(),
        events: vec![Event::Batch(event)],
        state: State::Batch(Box::new(batch)),
        answer,
        at: asked.at,
        with: Vec::new(),
    }
}
