//! The checklist of an incident or a change: put on it, ticked with evidence, or said by two not to apply (rule 4.39).

use chrono::{DateTime, Utc};

use super::approval::{relations, settle};
use super::freeze::moment;
use super::incident::check_open;
use super::standing::{Record, on_change, permit, person};
use super::{change_decision, change_of, custom_field, exempt, incident_decision, incident_of, retro, stands};
use crate::domain::checklist::{Checklist, ItemState, ListedItem};
use crate::domain::event::ChecklistEvent;
use crate::domain::policy::FieldRule;
use crate::domain::rules::{
    Action, ChecklistItem, Duty, EvidenceAge, ExceptionSubject, Gate, ItemEvidence, duties_ok, evidence_age, listed,
};
use crate::domain::{
    Answer, Asked, Change, ChecklistCommand, ChecklistOf, ChecklistStep, Decision, Event, FieldsOf, Incident, PersonId,
    ProcedureException, Refusal, Subject, When, World,
};

/// The record whose checklist it is.
#[derive(Clone, Copy)]
enum Of<'a> {
    Incident(&'a Incident),
    Change(&'a Change),
}

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: ChecklistCommand) -> Result<Decision, Refusal> {
    let of = match command.of {
        ChecklistOf::Incident => Of::Incident(incident_of(world)?),
        ChecklistOf::Change => Of::Change(change_of(world)?),
    };
    let me = person(asked, Action::Note)?;
    of.check(world, asked)?;
    match command.step {
        ChecklistStep::Add { category } => add(world, asked, of, category),
        ChecklistStep::Tick { item, evidence, person, done } => {
            tick(world, asked, (of, me), item.as_deref(), (evidence, person, done))
        }
        ChecklistStep::Untick { item, why } => untick(world, asked, of, &item, why),
        ChecklistStep::Waive { item, why } => waive(world, asked, (of, me), &item, why),
    }
}

impl<'a> Of<'a> {
    fn subject(self) -> Subject {
        match self {
            Of::Incident(incident) => incident.subject(),
            Of::Change(change) => change.subject(),
        }
    }

    fn checklist(self) -> &'a Checklist {
        match self {
            Of::Incident(incident) => &incident.checklist,
            Of::Change(change) => &change.checklist,
        }
    }

    /// Whether the caller may say something of it, now.
    fn check(self, world: &World<'_>, asked: Asked<'_>) -> Result<(), Refusal> {
        match self {
            Of::Incident(incident) => {
                permit(world, asked, Action::Note, Record::of(incident))?;
                check_open(incident)
            }
            Of::Change(change) => {
                permit(world, asked, Action::Note, on_change(change, None))?;
                retro::check_is_none(change)?;
                check_not_over(change)
            }
        }
    }

    /// `/inc plan tick INC-7 containment`
    fn call(self, word: &str, item: &str) -> String {
        let of = match self {
            Of::Incident(_) => ChecklistOf::Incident,
            Of::Change(_) => ChecklistOf::Change,
        };
        format!("{} {word} {} {item}", of.group(), self.subject())
    }

    /// When what shows an item has to count.
    fn as_of(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Of::Incident(incident) => incident.evidence_as_of(now),
            Of::Change(change) => change.evidence_as_of(now),
        }
    }

    /// What holds it up while items are open.
    fn awaits(self, checklist: &Checklist, now: DateTime<Utc>) -> String {
        match self {
            Of::Incident(_) => before_end(checklist, now),
            Of::Change(_) => checklist.holding(Gate::Close, now).sentence,
        }
    }

    /// How an item is ticked, with all that has to be said.
    fn tick(self, item: &ChecklistItem) -> String {
        let call = self.call("tick", &item.key);
        match item.counts_for() {
            Some(most) => {
                format!("`{call}`, its evidence, and `at:-2h` or the like: when it was done, {most} ago at most")
            }
            None => format!("`{call}` and its evidence"),
        }
    }

    /// The last item may be the last thing that an approval waited for; another category may ask for fields of its own.
    fn decision(
        self,
        world: &World<'_>,
        asked: Asked<'_>,
        checklist: Checklist,
        event: ChecklistEvent,
        mut answer: Answer,
    ) -> Decision {
        let is_added = matches!(event, ChecklistEvent::Added { .. });
        let by_category = |rule: &FieldRule| !rule.categories.is_empty();
        let mut events = vec![Event::Checklist(event)];
        match self {
            Of::Incident(incident) => {
                let mut next = Incident { checklist, ..incident.clone() };
                if is_added {
                    events.extend(custom_field::ask_incident_by(world, &mut next, by_category));
                    answer.also.extend(custom_field::ahead(FieldsOf::Incident, next.subject(), &next.fields));
                }
                incident_decision(asked, next, events, answer)
            }
            Of::Change(change) => {
                let mut next = Change { checklist, ..change.clone() };
                if is_added {
                    events.extend(custom_field::ask_change_by(world, &mut next, by_category));
                    answer.also.extend(custom_field::ahead(FieldsOf::Change, next.subject(), &next.fields));
                }
                let next = if next.is_undecided() { settle(world, asked, next, &mut events, false) } else { next };
                change_decision(world, asked, next, events, answer)
            }
        }
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
    let ruling = change.checklist.holding(gate, asked.at);
    let Some(first) = ruling.verdict.first() else { return Ok(passed) };
    if let Some(exception) = exempt::by(world, ExceptionSubject::ChecklistItem, change, asked.at) {
        passed.push(exception);
        return Ok(passed);
    }
    let call = Of::Change(change).tick(first);
    let next = match first.before {
        Gate::Approve => format!("Somebody who neither asked for it nor carries it out says {call}."),
        Gate::Submit | Gate::Start | Gate::Validate | Gate::Close => format!("{call}."),
    };
    Err(Refusal::by_rule("4.39", format!("{}: {}", change.subject(), ruling.sentence), next))
}

/// Refuses to end an incident with open items. Cancelling is no way past them: that nothing was broken does not say that
/// nobody saw the data.
pub(super) fn check_end(incident: &Incident, step: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
    let Some(first) = incident.checklist.open(now).next() else { return Ok(()) };
    let of = Of::Incident(incident);
    let sentence = format!("{}: {}", incident.subject(), before(&incident.checklist, step, now));
    let next = format!(
        "{}; where it does not apply, two people say `{}` and why.",
        of.tick(&first.asked),
        of.call("waive", &first.asked.key)
    );
    Err(Refusal::by_rule("4.39", sentence, next))
}

/// An incident has one step that items hold up: its end.
fn before(checklist: &Checklist, step: &str, now: DateTime<Utc>) -> String {
    let open: Vec<String> = checklist.open(now).map(|item| item.asked_for(now)).collect();
    let open: Vec<&str> = open.iter().map(String::as_str).collect();
    format!("Before {step}, the checklist asks for {}.", listed(&open, "and"))
}

/// Puts the items of a category on a new change, where one was named.
pub(super) fn begin(world: &World<'_>, change: &mut Change, category: Option<String>) -> Option<Event> {
    let category = category?;
    let items = world.policy.checklists.get(&category)?.clone();
    change.checklist.add(&category, items.iter().cloned());
    Some(Event::Checklist(ChecklistEvent::Added { category, items }))
}

/// Puts what a list of the policy has, and is not on it yet, on the checklist of an incident.
pub(super) fn put_on(world: &World<'_>, incident: &mut Incident, category: &str) -> Vec<Event> {
    let of_category = world.policy.checklists.get(category).map(Vec::as_slice).unwrap_or_default();
    let items = lacking(&incident.checklist, of_category);
    if items.is_empty() {
        return Vec::new();
    }
    incident.checklist.add(category, items.iter().cloned());
    let added = Event::Checklist(ChecklistEvent::Added { category: category.to_owned(), items });
    let fields = custom_field::ask_incident_by(world, incident, |rule| !rule.categories.is_empty());
    [added].into_iter().chain(fields).collect()
}

/// What the end of an incident waits for.
pub(super) fn before_end(checklist: &Checklist, now: DateTime<Utc>) -> String {
    before(checklist, "it is resolved", now)
}

/// The items of a list that are not on it yet.
fn lacking(checklist: &Checklist, list: &[ChecklistItem]) -> Vec<ChecklistItem> {
    list.iter().filter(|item| checklist.item(&item.key).is_none()).cloned().collect()
}

fn add(world: &World<'_>, asked: Asked<'_>, of: Of<'_>, category: String) -> Result<Decision, Refusal> {
    let subject = of.subject();
    let Some(of_category) = world.policy.checklists.get(&category) else {
        let known: Vec<&str> = world.policy.checklists.keys().map(String::as_str).collect();
        return Err(Refusal::slip(format!("There is no checklist “{category}”."), known.join(", ")));
    };
    let items = lacking(of.checklist(), of_category);
    if items.is_empty() {
        return Ok(stands(asked, subject, format!("The checklist {category} is on {subject} already.")));
    }
    let mut next = of.checklist().clone();
    next.add(&category, items.iter().cloned());
    let answer = Answer::default()
        .also(of.awaits(&next, asked.at))
        .also(format!("`{}` shows it; what is on it stays on it.", of.call("checklist", "").trim_end()));
    Ok(of.decision(world, asked, next, ChecklistEvent::Added { category, items }, answer))
}

fn tick(
    world: &World<'_>,
    asked: Asked<'_>,
    (of, me): (Of<'_>, &PersonId),
    item: Option<&str>,
    (evidence, named, done): (String, Option<PersonId>, Option<When>),
) -> Result<Decision, Refusal> {
    let as_of = of.as_of(asked.at);
    let item = item_of(of, item, as_of)?;
    let evidence_at = done.map(|done| done.since(asked.at, world.organisation.time_zone));
    // What shows it for longer takes the place of what does.
    let is_later = item.asked.max_age_hours.is_some() && evidence_at > item.evidence_at;
    if item.state == ItemState::Ticked && !item.is_open(as_of) && !is_later {
        let sentence = format!("{} is ticked already{}.", item.asked.key, by(world, item));
        return Ok(stands(asked, of.subject(), sentence));
    }
    check_other(of, me, item, || "to say: you asked for this change, or carry it out.".to_owned())?;
    let (evidence, named) = shown(of, item, evidence, named)?;
    check_age(of, item, evidence_at, asked.at)?;
    if let Some(named) = &named {
        let name = world.organisation.name_of(named);
        check_other(of, named, item, || format!("than {name}, who asked for this change or carries it out."))?;
    }
    let key = item.asked.key.clone();
    let mut next = marked(of, asked, &key, ItemState::Ticked, evidence.as_deref());
    for item in next.items.iter_mut().filter(|item| item.asked.key == key) {
        item.person.clone_from(&named);
        item.evidence_at = evidence_at;
    }
    let counts = next.item(&key).and_then(ListedItem::counts_until);
    let mut answer = Answer::undo(format!("`{}` and why", of.call("untick", &key))).also(progress(&next, as_of));
    answer.also.extend(counts.map(|until| format!("It counts until {}.", moment(until))));
    let event = ChecklistEvent::Ticked { item: key, evidence, person: named, evidence_at };
    Ok(of.decision(world, asked, next, event, answer))
}

/// Refuses what was done too long ago, is still to come, or of which nobody says when it was done. Once a change runs,
/// what was young enough when it began is.
fn check_age(
    of: Of<'_>,
    item: &ListedItem,
    evidence_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let age = evidence_at.map(|at| if at > now { -1 } else { (of.as_of(now) - at).num_minutes().max(0) });
    let ruling = evidence_age(&item.asked, age);
    if ruling.verdict == EvidenceAge::Counts {
        return Ok(());
    }
    Err(Refusal::by_rule(ruling.rule, ruling.sentence, format!("{}.", of.tick(&item.asked))))
}

/// What shows that the item is done: the words, or of an item that asks for a person, that person.
fn shown(
    of: Of<'_>,
    item: &ListedItem,
    evidence: String,
    named: Option<PersonId>,
) -> Result<(Option<String>, Option<PersonId>), Refusal> {
    match (item.asked.evidence, named) {
        (ItemEvidence::Person, Some(named)) => Ok((None, Some(named))),
        (kind, _) if kind.is_met_by(&evidence) => Ok((Some(evidence), None)),
        (kind, _) => Err(Refusal::by_rule(
            "4.39",
            format!("The evidence of “{}” is {kind}.", item.asked.what),
            format!("{}.", of.tick(&item.asked)),
        )),
    }
}

/// What is to be shown before the approval is the yes of somebody else: no evidence of one's own stands in for it, and
/// nobody names themselves.
fn check_other(of: Of<'_>, who: &PersonId, item: &ListedItem, why_not: impl FnOnce() -> String) -> Result<(), Refusal> {
    let Of::Change(change) = of else { return Ok(()) };
    if item.asked.before != Gate::Approve || !change.is_own(who) {
        return Ok(());
    }
    Err(Refusal::by_rule(
        "4.39",
        format!("“{}” is for somebody else {}", item.asked.what, why_not()),
        format!("They say `{}` and what they looked at.", of.call("tick", &item.asked.key)),
    ))
}

fn untick(world: &World<'_>, asked: Asked<'_>, of: Of<'_>, item: &str, why: String) -> Result<Decision, Refusal> {
    let as_of = of.as_of(asked.at);
    let found = item_of(of, Some(item), as_of)?;
    let item = found.asked.key.clone();
    if found.state == ItemState::Open {
        return Ok(stands(asked, of.subject(), format!("{item} is open already.")));
    }
    let next = marked(of, asked, &item, ItemState::Open, Some(&why));
    let answer = Answer::default().also(progress(&next, as_of));
    Ok(of.decision(world, asked, next, ChecklistEvent::Unticked { item, why }, answer))
}

/// The first says that an item does not apply, the second says so too. Whoever carries a change out is not the second.
fn waive(
    world: &World<'_>,
    asked: Asked<'_>,
    (of, me): (Of<'_>, &PersonId),
    item: &str,
    why: String,
) -> Result<Decision, Refusal> {
    let as_of = of.as_of(asked.at);
    let found = item_of(of, Some(item), as_of)?;
    let (subject, item) = (of.subject(), found.asked.key.clone());
    if !found.is_open(as_of) {
        let state = if found.state == ItemState::Ticked { "ticked" } else { "waived" };
        return Ok(stands(asked, subject, format!("{item} is {state} already{}.", by(world, found))));
    }
    let Some(first) = found.by.clone().filter(|_| found.state == ItemState::WaiverAsked) else {
        let next = marked(of, asked, &item, ItemState::WaiverAsked, Some(&why));
        let answer = Answer::undo(format!("`{}` and why", of.call("untick", &item)))
            .also(format!("It stays open until somebody else says `{}` too.", of.call("waive", &item)));
        return Ok(of.decision(world, asked, next, ChecklistEvent::WaiverAsked { item, why }, answer));
    };
    if &first == me {
        return Ok(stands(asked, subject, "You said so already; somebody else has to say it too."));
    }
    if let Of::Change(change) = of {
        duties_ok(Duty::WaiveChecklistItem, &relations(change, me))?;
    }
    let next = marked(of, asked, &item, ItemState::Waived, Some(&why));
    let answer = Answer::default().also(progress(&next, as_of));
    Ok(of.decision(world, asked, next, ChecklistEvent::Waived { item, asked_by: first, why }, answer))
}

/// The item that was named, otherwise the only open one.
fn item_of<'a>(of: Of<'a>, key: Option<&str>, as_of: DateTime<Utc>) -> Result<&'a ListedItem, Refusal> {
    let (subject, checklist) = (of.subject(), of.checklist());
    if checklist.is_empty() {
        let example = match of {
            Of::Incident(_) => "breach",
            Of::Change(_) => "database_schema",
        };
        return Err(Refusal::slip(
            format!("{subject} has no checklist."),
            format!("`{}` puts one on it.", of.call("checklist", example)),
        ));
    }
    let mut open = checklist.open(as_of);
    let found = match key {
        Some(key) => checklist.item(key),
        None => open.next().filter(|_| open.next().is_none()),
    };
    found.ok_or_else(|| {
        let listed = checklist.items.iter().filter(|item| key.is_some() || item.is_open(as_of));
        let keys: Vec<&str> = listed.map(|item| item.asked.key.as_str()).collect();
        let sentence = match key {
            Some(key) => format!("“{key}” is not on the checklist of {subject}."),
            None => "Which item?".to_owned(),
        };
        Refusal::slip(sentence, format!("There is {}.", keys.join(", ")))
    })
}

fn marked(of: Of<'_>, asked: Asked<'_>, key: &str, state: ItemState, said: Option<&str>) -> Checklist {
    let mut next = of.checklist().clone();
    for item in next.items.iter_mut().filter(|item| item.asked.key == key) {
        item.state = state;
        item.by = asked.by.person().cloned();
        item.at = Some(asked.at);
        item.said = said.map(str::to_owned);
        (item.person, item.evidence_at) = (None, None);
    }
    next
}

fn progress(checklist: &Checklist, as_of: DateTime<Utc>) -> String {
    let open: Vec<&str> = checklist.open(as_of).map(|item| item.asked.key.as_str()).collect();
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
