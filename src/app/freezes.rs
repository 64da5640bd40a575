//! Freezes: which a command meets, and what becomes visible of them. A change may be held up by one that protects
//! another incident, so both rooms and the changes' channels hear of it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::answer::{Teller, plain};
use super::cards::{button, change_button};
use super::halts::ask_about_running;
use super::handle::{Caller, HandleError};
use super::holds::owners;
use super::lists::LISTED_MAX;
use super::rulings::escalate_button;
use super::target::no_such;
use super::{App, Tenant};
use crate::domain::command::ReviewVerdict;
use crate::domain::decide::{deciders, waits_for_major};
use crate::domain::event::Created;
use crate::domain::rules::{ChangeKind, FreezeKind};
use crate::domain::{
    Account, BallotChoice, Change, Command, Decision, Event, FindingCommand, Freeze, FreezeCommand, FreezeEvent,
    Frozen, Incident, MajorCommand, Organisation, PendingStep, PersonId, Place, Refusal, Subject, Target, Urgency,
    World,
};
use crate::language::presses::{Press, PressAction};
use crate::render::{Block, ButtonStyle, Inline, Message};
use crate::store::{Job, Later, Tx};

/// People that a sentence calls by name.
const CALLED_MAX: usize = 10;

/// Whether it says that something is to be changed, or when, or that it was.
fn plans(command: &Command, target: &Target) -> bool {
    match target {
        Target::New { .. } => matches!(
            command,
            Command::RequestEmergency(_)
                | Command::RequestChange(_)
                | Command::RequestStandard(_)
                | Command::Finding(FindingCommand::Record(_))
        ),
        Target::Change { .. } => matches!(
            command,
            Command::EditChange(_)
                | Command::ScheduleChange { .. }
                | Command::Extend { .. }
                | Command::Finding(FindingCommand::Claim(_))
        ),
        _ => false,
    }
}

impl App {
    /// Fills in the freezes that a command may meet, under lock where it may change them. The order of locks: an incident
    /// or a change, then the tenant, which holds the next number, then freezes.
    pub(super) async fn load_freezes(
        &self,
        tx: &mut Tx,
        world: &mut World<'_>,
        command: &Command,
    ) -> Result<(), HandleError> {
        match (command, &world.target) {
            // A look waits for the freeze that begins at this moment: whoever commits last sees the other.
            (Command::Start { .. } | Command::CheckHold, Target::Change { .. }) => {
                tx.hold_new_freezes().await?;
                world.freezes = frozen(tx, None, true).await?;
            }
            (
                Command::Ruling(_)
                | Command::Freeze(
                    FreezeCommand::Except { .. } | FreezeCommand::Allow { .. } | FreezeCommand::Deny { .. },
                ),
                Target::Change { .. },
            ) => world.freezes = frozen(tx, None, true).await?,
            (command, target) if plans(command, target) => world.freezes = frozen(tx, None, false).await?,
            // Most votes are not to pay for what holds up few of them.
            (
                Command::Vote { choice: BallotChoice::Approve, .. }
                | Command::Review { verdict: ReviewVerdict::Ok, .. }
                | Command::AcceptRisk(_),
                Target::Change { change, .. },
            ) if waits_for_major(change) => world.freezes = frozen(tx, None, false).await?,
            (Command::Freeze(FreezeCommand::On(_)), Target::New { .. }) => load_open_changes(tx, world).await?,
            (Command::Due { .. }, Target::Freeze { freeze, .. }) if freeze.every.is_some() => {
                world.next_freeze = tx.next_freeze_number().await?;
                load_open_changes(tx, world).await?;
            }
            (
                Command::Major(_)
                | Command::Resolve { .. }
                | Command::CancelIncident { .. }
                | Command::Reopen { .. }
                | Command::Confirm,
                Target::Incident(incident),
            ) => {
                // What was a major incident may be one again.
                let was_major = matches!(command, Command::Reopen { .. }) && incident.major_at.is_some();
                let protected = (incident.is_major() || was_major).then_some(incident.number);
                // The number first: it waits for whatever starts at this moment.
                if may_become_major(command, incident) {
                    world.next_freeze = tx.next_freeze_number().await?;
                    load_open_changes(tx, world).await?;
                }
                if protected.is_some() {
                    world.freezes = frozen(tx, protected, true).await?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A new freeze protects the incident whose room this is, if any.
    pub(super) async fn new_freeze(&self, tx: &mut Tx, caller: &Caller<'_>) -> Result<Target, HandleError> {
        let near = match self.incident_number(tx, caller, None).await? {
            Some(number) => tx.lock_incident(number).await?,
            None => None,
        };
        Ok(Target::New { number: tx.next_freeze_number().await?, near })
    }

    /// The freeze that was named, that of this room's incident, or the only one.
    pub(super) async fn freeze_target(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Result<Target, Refusal>, HandleError> {
        let number = match named {
            Some(Subject::Freeze(number)) => number,
            _ => match self.freeze_meant(tx, caller, named).await? {
                Ok(number) => number,
                Err(refusal) => return Ok(Err(refusal)),
            },
        };
        let Some(freeze) = tx.lock_freeze(number).await? else { return Ok(Err(no_such(Subject::Freeze(number)))) };
        let incident = match freeze.incident {
            Some(incident) => tx.incident(incident).await?,
            None => None,
        };
        Ok(Ok(Target::Freeze { freeze: Box::new(freeze), incident }))
    }

    async fn freeze_meant(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Result<i64, Refusal>, HandleError> {
        let here = self.incident_number(tx, caller, named).await?;
        let mut open = tx.open_freezes().await?;
        if open.iter().any(|freeze| here.is_some() && freeze.incident == here) {
            open.retain(|freeze| freeze.incident == here);
        }
        Ok(match open.as_slice() {
            [only] => Ok(only.number),
            [] => Err(Refusal::slip("Nothing is frozen.", "`/freeze list` shows the latest.")),
            many => {
                let listed: Vec<String> = many.iter().map(|freeze| freeze.subject().to_string()).collect();
                let sentence = format!("{} freezes are in force or planned: {}.", many.len(), listed.join(", "));
                Err(Refusal::slip(sentence, "Name the one you mean."))
            }
        })
    }

    /// Enqueues everything that follows from what happened to a freeze.
    pub(super) async fn spread_freeze(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        freeze: &Freeze,
        decision: &Decision,
    ) -> Result<(), HandleError> {
        let teller = Teller { app: self, tenant, actor: caller.actor };
        let (rooms, channels) = (self.rooms_of(tx, freeze.incident).await?, self.change_channels(tenant));
        let incident = match freeze.incident {
            Some(number) => tx.incident(number).await?,
            None => None,
        };
        let frozen = Frozen { freeze: freeze.clone(), incident, links: Vec::new() };
        let mut cards: BTreeSet<(Subject, &str, Place)> = BTreeSet::new();
        let of_freeze = |place: &Place| (freeze.subject(), "freeze", place.clone());
        cards.extend(rooms.iter().chain(&channels).map(of_freeze));
        for event in &decision.events {
            let Event::Freeze(event) = event else { continue };
            let mut places: BTreeSet<Place> = rooms.iter().cloned().collect();
            let mut change = None;
            if let Some(number) = event.change() {
                change = tx.change(number).await?;
                places.extend(self.rooms_of(tx, change.as_ref().and_then(|change| change.incident)).await?);
            }
            if heard_in_channels(event) {
                places.extend(channels.iter().cloned());
            }
            if let Some(number) = event.change() {
                cards.extend(places.iter().map(|place| (Subject::Change(number), "override", place.clone())));
            }
            if let FreezeEvent::Created(created) = event
                && created.kind == FreezeKind::Major
            {
                ask_about_running(tx, &created.running, &rooms);
            }
            if let FreezeEvent::Restored { running, .. } = event {
                ask_about_running(tx, running, &rooms);
            }
            if let FreezeEvent::Created(created) = event {
                ask_owners(tx, &teller, freeze, created)?;
                if created.planned {
                    ask_whose_window_is_inside(tx, &teller, freeze, created).await?;
                }
            }
            if is_told(event) {
                let line = teller.line(decision.subject, &Event::Freeze(event.clone()))?;
                let people = called(&tenant.organisation, &frozen, event, change.as_ref());
                let mut message = calling(&tenant.organisation, line, &people);
                let denied = matches!(event, FreezeEvent::OverrideDenied { .. });
                message.blocks.extend(change.as_ref().filter(|_| denied).map(escalate_button));
                for place in &places {
                    self.say(tx, decision.subject, place, Urgency::Decision, &message);
                }
            }
        }
        self.check_holds(tx, freeze, decision).await?;
        let (tenant, homes) = (tx.tenant(), tenant.row.homes);
        let show = |(subject, kind, place): (Subject, &str, Place)| -> Later {
            Job::Show { tenant, subject, kind: kind.to_owned(), place }.now()
        };
        tx.enqueue(cards.into_iter().map(show).collect::<Vec<_>>());
        if homes {
            tx.enqueue([Job::Homes { tenant }.now()]);
        }
        Ok(())
    }

    /// Brings the cards of everything that was asked of a freeze up to date, wherever they stand.
    pub(super) async fn show_exceptions(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        number: i64,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let Some(freeze) = tx.freeze(number).await? else { return Ok(()) };
        let mut cards: BTreeSet<(i64, Place)> = BTreeSet::new();
        for asked in &freeze.overrides {
            let incident = tx.change(asked.change).await?.and_then(|change| change.incident);
            let mut places = self.rooms_of(tx, incident).await?;
            places.extend(self.rooms_of(tx, freeze.incident).await?);
            places.extend(self.change_channels(tenant));
            cards.extend(places.into_iter().map(|place| (asked.change, place)));
        }
        let tenant = tx.tenant();
        jobs.extend(cards.into_iter().map(|(change, place)| {
            Job::Show { tenant, subject: Subject::Change(change), kind: "override".to_owned(), place }.now()
        }));
        Ok(())
    }

    pub(super) async fn rooms_of(&self, tx: &mut Tx, incident: Option<i64>) -> Result<Vec<Place>, HandleError> {
        Ok(match incident {
            Some(incident) => self.served(tx.rooms(incident).await?),
            None => Vec::new(),
        })
    }

    pub(super) fn change_channels(&self, tenant: &Tenant) -> Vec<Place> {
        let places = tenant.organisation.workspaces.iter().filter_map(|workspace| {
            let channel = workspace.changes_channel.clone()?;
            Some(Place { platform: workspace.platform, workspace: workspace.id.clone(), channel })
        });
        self.served(places.collect())
    }
}

/// The open freezes with their incidents, and what changes are to those; of one incident where it is named.
pub(super) async fn frozen(tx: &mut Tx, of: Option<i64>, lock: bool) -> Result<Vec<Frozen>, HandleError> {
    let mut open = if lock { tx.lock_open_freezes().await? } else { tx.open_freezes().await? };
    open.retain(|freeze| of.is_none() || freeze.incident == of);
    let mut frozen = Vec::new();
    for freeze in open {
        let (incident, links) = match freeze.incident {
            Some(number) => (tx.incident(number).await?, tx.links_of_incident(number).await?),
            None => (None, Vec::new()),
        };
        frozen.push(Frozen { freeze, incident, links });
    }
    Ok(frozen)
}

/// What a new freeze finds: the changes that are not over, and the open incidents that they are for.
async fn load_open_changes(tx: &mut Tx, world: &mut World<'_>) -> Result<(), HandleError> {
    let mut changes = tx.changes(LISTED_MAX).await?;
    changes.retain(Change::is_open);
    let incidents: BTreeSet<i64> = changes.iter().filter_map(|change| change.incident).collect();
    for number in incidents {
        world.incidents_near.extend(tx.incident(number).await?.filter(Incident::is_open));
    }
    world.open_changes = changes;
    Ok(())
}

fn may_become_major(command: &Command, incident: &Incident) -> bool {
    let proposed = incident.pending.as_ref().is_some_and(|pending| pending.step == PendingStep::Major);
    match command {
        Command::Major(MajorCommand::Declare { .. }) => true,
        Command::Confirm => proposed,
        Command::Reopen { .. } => incident.major_at.is_some(),
        _ => false,
    }
}

/// Whom a sentence is for: the owners of what is frozen, those who decide, or whoever leads.
fn called(organisation: &Organisation, frozen: &Frozen, event: &FreezeEvent, change: Option<&Change>) -> Vec<PersonId> {
    let mut people = match event {
        FreezeEvent::Created(_)
        | FreezeEvent::Announced { .. }
        | FreezeEvent::Begun { .. }
        | FreezeEvent::Stabilising { .. }
        | FreezeEvent::Restored { .. }
        | FreezeEvent::Lifted { .. }
        | FreezeEvent::Passed { .. } => frozen.freeze.owners(organisation),
        FreezeEvent::Agreed { .. } | FreezeEvent::Objected { .. } | FreezeEvent::NotAgreed { .. } => {
            frozen.freeze.by.iter().cloned().collect()
        }
        FreezeEvent::Awaited { missing, .. } => missing.clone(),
        FreezeEvent::OverrideRequested { .. } | FreezeEvent::OverrideSigned { .. } => {
            let of = change.and_then(|change| Some((change, frozen.freeze.open_override(change)?)));
            of.map(|(change, request)| {
                let who = deciders(organisation, frozen, change, Some(&request.by));
                let second = who.second.map(|(_, people)| people).unwrap_or_default();
                let first = if request.authority.is_none() { who.first.1 } else { Vec::new() };
                first.into_iter().chain(second).collect()
            })
            .unwrap_or_default()
        }
        FreezeEvent::OverrideGranted { .. } | FreezeEvent::OverrideDenied { .. } => {
            change.map(|change| change.implementer.clone()).into_iter().collect()
        }
        FreezeEvent::ReviewDue { .. } | FreezeEvent::Ending { .. } => {
            frozen.incident.as_ref().and_then(|incident| incident.commander.clone()).into_iter().collect()
        }
        FreezeEvent::Extended { .. }
        | FreezeEvent::Cancelled { .. }
        | FreezeEvent::OverrideUsed { .. }
        | FreezeEvent::OverrideExpired { .. }
        | FreezeEvent::OverrideVoid { .. } => Vec::new(),
    };
    let mut seen = BTreeSet::new();
    people.retain(|person| seen.insert(person.clone()));
    people.truncate(CALLED_MAX);
    people
}

/// Whoever speaks for the business of what a planned freeze stops is asked in private.
fn ask_owners(tx: &mut Tx, teller: &Teller<'_>, freeze: &Freeze, created: &Created) -> Result<(), HandleError> {
    if created.asked.is_empty() {
        return Ok(());
    }
    let line = teller.line(freeze.subject(), &Event::Freeze(FreezeEvent::Created(Box::new(created.clone()))))?;
    let press = |action, style| button(Press::on(action, freeze.subject(), None), style);
    let buttons = vec![
        press(PressAction::AgreeFreeze, ButtonStyle::Primary),
        press(PressAction::ObjectFreeze, ButtonStyle::Danger),
    ];
    let key = format!("freeze-{}", freeze.number);
    let mut jobs: Vec<Later> = Vec::new();
    for person in &created.asked {
        let hint = Block::Paragraph { text: plain(&why_asked(&teller.tenant.organisation, freeze, person)) };
        let line = Block::Paragraph { text: line.clone() };
        let message =
            Message { blocks: vec![line, hint, Block::Actions { buttons: buttons.clone() }], ..Message::default() };
        jobs.extend(Job::direct_each(tx.tenant(), [person.clone()], &key, &message));
    }
    tx.enqueue(jobs);
    Ok(())
}

/// What somebody speaks for, and whether that is because nobody else is named.
fn why_asked(organisation: &Organisation, freeze: &Freeze, person: &PersonId) -> String {
    let voice = |key: &String| organisation.speaks_for(key).filter(|voice| &voice.person == person);
    let own: Vec<(String, bool)> = freeze
        .agreed_for(organisation)
        .iter()
        .filter_map(|key| Some((organisation.service_name(key), voice(key)?.stands_in)))
        .collect();
    let listed = |which: bool| -> Vec<&str> {
        own.iter().filter(|(_, stands_in)| *stands_in == which).map(|(name, _)| name.as_str()).collect()
    };
    let shown = |names: &[&str]| {
        if names.len() > CALLED_MAX { format!("{} services", names.len()) } else { names.join(", ") }
    };
    let (named, unnamed) = (listed(false), listed(true));
    let why = match (named.as_slice(), unnamed.as_slice()) {
        (named, []) => format!("You are the business owner of {}", shown(named)),
        ([], unnamed) => format!("You own {}, for which no business owner is named", shown(unnamed)),
        (named, unnamed) => format!(
            "You are the business owner of {}, and own {}, for which none is named",
            shown(named),
            shown(unnamed)
        ),
    };
    format!("{why}: it begins only if you agree.")
}

/// Whoever asked for a change or carries it out whose window lies inside a planned freeze hears of it while there is time
/// to do something about it.
async fn ask_whose_window_is_inside(
    tx: &mut Tx,
    teller: &Teller<'_>,
    freeze: &Freeze,
    created: &Created,
) -> Result<(), HandleError> {
    let line = teller.line(freeze.subject(), &Event::Freeze(FreezeEvent::Created(Box::new(created.clone()))))?;
    let mut jobs: Vec<Later> = Vec::new();
    for subject in created.held.iter().filter_map(|word| Subject::parse(word)) {
        let Subject::Change(number) = subject else { continue };
        let Some(change) = tx.change(number).await? else { continue };
        let hint = format!(
            "The window of your {subject} lies inside it. Another time asks for all approvals again: `/change plan \
             conflicts {subject}` finds one. An exception lets it start once, within two hours of its time."
        );
        let mut buttons = vec![
            change_button(&change, PressAction::Exempt, ButtonStyle::Plain),
            change_button(&change, PressAction::Details, ButtonStyle::Plain),
        ];
        // The window of an emergency opens with its approval, and is not planned.
        if change.kind != ChangeKind::Emergency {
            buttons.insert(0, change_button(&change, PressAction::MoveOut, ButtonStyle::Primary));
        }
        let blocks = vec![
            Block::Paragraph { text: line.clone() },
            Block::Paragraph { text: plain(&hint) },
            Block::Actions { buttons },
        ];
        let message = Message { blocks, ..Message::default() };
        let key = format!("freeze-{}-{subject}", freeze.number);
        jobs.extend(Job::direct_each(tx.tenant(), owners(&change), &key, &message));
    }
    tx.enqueue(jobs);
    Ok(())
}

/// A line, and below it the people whom it is for.
pub(super) fn calling(organisation: &Organisation, line: Vec<Inline>, people: &[PersonId]) -> Message {
    let mut text = line;
    if !people.is_empty() {
        text.extend([Inline::Break, Inline::Plain { text: "For ".to_owned() }]);
    }
    let mut pings: Vec<Account> = Vec::new();
    for (number, person) in people.iter().filter_map(|id| organisation.person(id)).enumerate() {
        if number > 0 {
            text.push(Inline::Plain { text: ", ".to_owned() });
        }
        let accounts: Vec<Account> = person.accounts().cloned().collect();
        pings.extend(accounts.iter().cloned());
        text.push(Inline::Mention { accounts, name: person.name.clone() });
    }
    Message { blocks: vec![Block::Paragraph { text }], pings, ..Message::default() }
}

/// Whoever leads an incident that comes back, and where nobody does, who is on call.
pub(super) fn awaited(tenant: &Tenant, incident: &Incident, now: DateTime<Utc>) -> Vec<PersonId> {
    let on_call = || tenant.organisation.on_call_of(&incident.services, now);
    incident.commander.clone().map_or_else(on_call, |commander| vec![commander])
}

/// What everybody hears who changes something; the rest is for those whom it concerns.
fn heard_in_channels(event: &FreezeEvent) -> bool {
    !matches!(event, FreezeEvent::ReviewDue { .. })
}

/// What is worth a sentence: the start of a change is told of the change, and what lapses with a freeze goes with it.
fn is_told(event: &FreezeEvent) -> bool {
    match event {
        FreezeEvent::OverrideUsed { .. } | FreezeEvent::OverrideVoid { .. } => false,
        FreezeEvent::Created(_)
        | FreezeEvent::Agreed { .. }
        | FreezeEvent::Objected { .. }
        | FreezeEvent::Awaited { .. }
        | FreezeEvent::NotAgreed { .. }
        | FreezeEvent::Announced { .. }
        | FreezeEvent::Begun { .. }
        | FreezeEvent::Stabilising { .. }
        | FreezeEvent::Restored { .. }
        | FreezeEvent::Extended { .. }
        | FreezeEvent::Ending { .. }
        | FreezeEvent::ReviewDue { .. }
        | FreezeEvent::Lifted { .. }
        | FreezeEvent::Cancelled { .. }
        | FreezeEvent::Passed { .. }
        | FreezeEvent::OverrideRequested { .. }
        | FreezeEvent::OverrideSigned { .. }
        | FreezeEvent::OverrideGranted { .. }
        | FreezeEvent::OverrideDenied { .. }
        | FreezeEvent::OverrideExpired { .. } => true,
    }
}
