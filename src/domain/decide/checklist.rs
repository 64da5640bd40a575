//! The checklist of a change: put on it, ticked with evidence, or said by two not to apply (rule 4.39).

use super::approval::{relations, settle};
use super::standing::{on_change, permit, person};
use super::{change_decision, change_of, custom_field, exempt, retro, stands};
use crate::domain::checklist::{Checklist, ItemState, ListedItem};
use crate::domain::event::ChecklistEvent;
use crate::domain::rules::{Action, Duty, ExceptionSubject, Gate, duties_ok};
use crate::domain::{
    Answer, Asked, Change, ChangeEvent, ChecklistCommand, Decision, Event, FieldsOf, PersonId, ProcedureException,
    Refusal, World,
};

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: ChecklistCommand) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::Note)?;
    permit(world, asked, Action::Note, on_change(change, None))?;
    retro::check_is_none(change)?;
    check_not_over(change)?;
    match command {
        ChecklistCommand::Add { category } => add(world, asked, change, category),
        ChecklistCommand::Tick { item, evidence } => tick(world, asked, (change, me), item.as_deref(), evidence),
        ChecklistCommand::Untick { item, why } => untick(world, asked, change, item, why),
        ChecklistCommand::Waive { item, why } => waive(world, asked, (change, me), item, why),
    }
}

/// Refuses a step that empty fields or open items hold up, unless exceptions set them aside: those.
pub(super) fn check<'a>(
    world: &'a World<'_>,
    asked: Asked<'_>,
    change: &Change,
    gate: Gate,
) -> Result<Vec<&'a ProcedureException>, Refusal> {
    let mut passed = Vec::new();
    if let Err(refusal) = custom_field::check(FieldsOf::Change, change.subject(), &change.fields, gate) {
        passed.push(exempt::by(world, ExceptionSubject::OptionalFields, change, asked.at).ok_or(refusal)?);
    }
    let ruling = change.checklist.holding(gate);
    let Some(first) = ruling.verdict.first() else { return Ok(passed) };
    if let Some(exception) = exempt::by(world, ExceptionSubject::ChecklistItem, change, asked.at) {
        passed.push(exception);
        return Ok(passed);
    }
    let call = format!("`/change plan tick {} {}` and its evidence", change.subject(), first.key);
    let next = match first.before {
        Gate::Approve => format!("Somebody who neither asked for it nor carries it out says {call}."),
        Gate::Submit | Gate::Start | Gate::Validate | Gate::Close => format!("{call}."),
    };
    Err(Refusal::by_rule("4.39", format!("{}: {}", change.subject(), ruling.sentence), next))
}

/// Puts the items of a category on a new change, where one was named.
pub(super) fn begin(world: &World<'_>, change: &mut Change, category: Option<String>) -> Option<Event> {
    let category = category?;
    let items = world.policy.checklists.get(&category)?.clone();
    change.checklist.add(&category, items.iter().cloned());
    Some(Event::Change(ChangeEvent::Checklist(ChecklistEvent::Added { category, items })))
}

fn add(world: &World<'_>, asked: Asked<'_>, change: &Change, category: String) -> Result<Decision, Refusal> {
    let subject = change.subject();
    let Some(of_category) = world.policy.checklists.get(&category) else {
        let known: Vec<&str> = world.policy.checklists.keys().map(String::as_str).collect();
        return Err(Refusal::slip(format!("There is no checklist “{category}”."), known.join(", ")));
    };
    let items: Vec<_> = of_category.iter().filter(|item| change.checklist.item(&item.key).is_none()).cloned().collect();
    if items.is_empty() {
        return Ok(stands(asked, subject, format!("The checklist {category} is on {subject} already.")));
    }
    let mut next = change.clone();
    next.checklist.add(&category, items.iter().cloned());
    let answer = Answer::default()
        .also(next.checklist.holding(Gate::Close).sentence)
        .also(format!("`/change plan checklist {subject}` shows it; what is on it stays on it."));
    Ok(noted(world, asked, next, ChecklistEvent::Added { category, items }, answer))
}

fn tick(
    world: &World<'_>,
    asked: Asked<'_>,
    (change, me): (&Change, &PersonId),
    item: Option<&str>,
    evidence: String,
) -> Result<Decision, Refusal> {
    let item = item_of(change, item)?;
    if item.state == ItemState::Ticked {
        let sentence = format!("{} is ticked already{}.", item.asked.key, by(world, item));
        return Ok(stands(asked, change.subject(), sentence));
    }
    check_other(change, me, item)?;
    if !item.asked.evidence.is_met_by(&evidence) {
        return Err(Refusal::by_rule(
            "4.39",
            format!("The evidence of “{}” is {}.", item.asked.what, item.asked.evidence),
            format!("`/change plan tick {} {}` and it.", change.subject(), item.asked.key),
        ));
    }
    let key = item.asked.key.clone();
    let next = marked(change, asked, &key, ItemState::Ticked, &evidence);
    let answer = Answer::undo(format!("`/change plan untick {} {key}` and why", change.subject()))
        .also(progress(&next.checklist));
    Ok(noted(world, asked, next, ChecklistEvent::Ticked { item: key, evidence }, answer))
}

/// What is to be shown before the approval is the yes of somebody else: no evidence of one's own stands in for it.
fn check_other(change: &Change, me: &PersonId, item: &ListedItem) -> Result<(), Refusal> {
    if item.asked.before != Gate::Approve || !change.is_own(me) {
        return Ok(());
    }
    Err(Refusal::by_rule(
        "4.39",
        format!("“{}” is for somebody else to say: you asked for this change, or carry it out.", item.asked.what),
        format!("They say `/change plan tick {} {}` and what they looked at.", change.subject(), item.asked.key),
    ))
}

fn untick(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    item: String,
    why: String,
) -> Result<Decision, Refusal> {
    let found = item_of(change, Some(&item))?;
    if found.state == ItemState::Open {
        return Ok(stands(asked, change.subject(), format!("{item} is open already.")));
    }
    let next = marked(change, asked, &item, ItemState::Open, &why);
    let answer = Answer::default().also(progress(&next.checklist));
    Ok(noted(world, asked, next, ChecklistEvent::Unticked { item, why }, answer))
}

/// The first says that an item does not apply, the second says so too. Whoever carries the change out is not the second.
fn waive(
    world: &World<'_>,
    asked: Asked<'_>,
    (change, me): (&Change, &PersonId),
    item: String,
    why: String,
) -> Result<Decision, Refusal> {
    let found = item_of(change, Some(&item))?;
    let subject = change.subject();
    if found.state.is_done() {
        let state = if found.state == ItemState::Ticked { "ticked" } else { "waived" };
        return Ok(stands(asked, subject, format!("{item} is {state} already{}.", by(world, found))));
    }
    let Some(first) = found.by.clone().filter(|_| found.state == ItemState::WaiverAsked) else {
        let next = marked(change, asked, &item, ItemState::WaiverAsked, &why);
        let answer = Answer::undo(format!("`/change plan untick {subject} {item}` and why"))
            .also(format!("It stays open until somebody else says `/change plan waive {subject} {item}` too."));
        return Ok(noted(world, asked, next, ChecklistEvent::WaiverAsked { item, why }, answer));
    };
    if &first == me {
        return Ok(stands(asked, subject, "You said so already; somebody else has to say it too."));
    }
    duties_ok(Duty::WaiveChecklistItem, &relations(change, me))?;
    let next = marked(change, asked, &item, ItemState::Waived, &why);
    let answer = Answer::default().also(progress(&next.checklist));
    Ok(noted(world, asked, next, ChecklistEvent::Waived { item, asked_by: first, why }, answer))
}

/// The item that was named, otherwise the only open one.
fn item_of<'a>(change: &'a Change, key: Option<&str>) -> Result<&'a ListedItem, Refusal> {
    let subject = change.subject();
    if change.checklist.is_empty() {
        return Err(Refusal::slip(
            format!("{subject} has no checklist."),
            format!("`/change plan checklist {subject} database_schema` puts one on it."),
        ));
    }
    let mut open = change.checklist.open();
    let found = match key {
        Some(key) => change.checklist.item(key),
        None => open.next().filter(|_| open.next().is_none()),
    };
    found.ok_or_else(|| {
        let listed = change.checklist.items.iter().filter(|item| key.is_some() || !item.state.is_done());
        let keys: Vec<&str> = listed.map(|item| item.asked.key.as_str()).collect();
        let sentence = match key {
            Some(key) => format!("“{key}” is not on the checklist of {subject}."),
            None => "Which item?".to_owned(),
        };
        Refusal::slip(sentence, format!("There is {}.", keys.join(", ")))
    })
}

fn marked(change: &Change, asked: Asked<'_>, key: &str, state: ItemState, said: &str) -> Change {
    let mut next = change.clone();
    for item in next.checklist.items.iter_mut().filter(|item| item.asked.key == key) {
        item.state = state;
        item.by = asked.by.person().cloned();
        item.at = Some(asked.at);
        item.said = Some(said.to_owned());
    }
    next
}

/// The last item may be the last thing that an approval waited for.
fn noted(world: &World<'_>, asked: Asked<'_>, next: Change, event: ChecklistEvent, answer: Answer) -> Decision {
    let mut events = vec![Event::Change(ChangeEvent::Checklist(event))];
    let next = if next.is_undecided() { settle(world, asked, next, &mut events, false) } else { next };
    change_decision(world, asked, next, events, answer)
}

fn progress(checklist: &Checklist) -> String {
    let open: Vec<&str> = checklist.open().map(|item| item.asked.key.as_str()).collect();
    match open.as_slice() {
        [] => "The checklist is complete.".to_owned(),
        open => format!(
            "{} of {} done; open: {}.",
            checklist.items.len() - open.len(),
            checklist.items.len(),
            open.join(", ")
        ),
    }
}

fn by(world: &World<'_>, item: &ListedItem) -> String {
    match (&item.by, item.at) {
        (Some(by), Some(at)) => format!(", by {} at {}", world.organisation.name_of(by), at.format("%H:%M UTC")),
        _ => String::new(),
    }
}

fn check_not_over(change: &Change) -> Result<(), Refusal> {
    if change.ended_at.is_none() || change.due_pir().is_some() {
        return Ok(());
    }
    Err(Refusal::slip(
        format!("{} is {}; its checklist stays as it is.", change.subject(), change.status.phrase()),
        format!("`/change plan checklist {}` shows it.", change.subject()),
    ))
}
