//! Changes that run while something else is broken: who decides what becomes of them, and who is told.

use serde_json::{Value, json};

use super::answer::{Teller, plain};
use super::cards::{change_button, headline, row};
use super::handle::HandleError;
use super::lists::LISTED_MAX;
use super::notices::before;
use super::rollbacks::back_action;
use super::{App, Tenant};
use crate::domain::decide::resumers;
use crate::domain::event::HaltEvent;
use crate::domain::policy::Policy;
use crate::domain::rules::Priority;
use crate::domain::{
    Change, ChangeEvent, ChangeStatus, Command, Decision, Event, Halt, HaltRuling, Incident, Organisation, PersonId,
    Place, State, Subject, Target, Urgency, World,
};
use crate::language::presses::PressAction;
use crate::render::{Block, Button, ButtonStyle, Message};
use crate::store::{Job, Later, Tx};

/// Running changes that a commander is asked about one by one; `/change list` shows the others.
const ASKED_MAX: usize = 5;
/// Open incidents that are looked through for one near a change.
pub(super) const READ_MAX: i64 = 100;
/// So many are asked to agree that a change goes on.
const RESUMERS_ASKED: usize = 2;

/// Fills in the incidents whose commander may have a say in a change that runs.
pub(super) async fn load_incidents_near(
    tx: &mut Tx,
    world: &mut World<'_>,
    command: &Command,
) -> Result<(), HandleError> {
    let Target::Change { change, .. } = &world.target else { return Ok(()) };
    let resumes = matches!(command, Command::Start { .. }) && change.status == ChangeStatus::Halted;
    if resumes || matches!(command, Command::Halt { .. }) {
        let mut near = tx.incidents(READ_MAX).await?;
        near.retain(|incident| incident.is_open() && is_near(world.organisation, world.policy, incident, change));
        world.incidents_near = near;
    }
    Ok(())
}

/// Whether a freeze for this incident reaches the change.
fn is_near(organisation: &Organisation, policy: &Policy, incident: &Incident, change: &Change) -> bool {
    let distance = organisation.nearest(&change.services(), &incident.services);
    distance.is_some_and(|steps| steps <= policy.freezes.distance_max)
}

/// Asks in the rooms of a major incident about each change that ran as its freeze began.
pub(super) fn ask_about_running(tx: &mut Tx, running: &[String], rooms: &[Place]) {
    let subjects: Vec<Subject> = running.iter().filter_map(|word| Subject::parse(word)).take(ASKED_MAX).collect();
    let tenant = tx.tenant();
    let show = |subject: Subject| Job::show_each(tenant, subject, "running", rooms.iter().cloned());
    tx.enqueue(subjects.into_iter().flat_map(show).collect::<Vec<_>>());
}

impl App {
    /// Asks about what runs in a room that was not open yet, and shows what its incident halted.
    pub(super) async fn show_running_in_room(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        incident: &Incident,
        room: &Place,
    ) -> Result<(), HandleError> {
        if !incident.is_major() && incident.priority != Priority::P1 {
            return Ok(());
        }
        let is_halted = |change: &Change| {
            let halt = change.halt.as_ref().filter(|_| change.status == ChangeStatus::Halted);
            halt.is_some_and(|halt| halt.incident == Some(incident.number))
        };
        let mut running = tx.changes(LISTED_MAX).await?;
        running.retain(|change| {
            let is_asked = incident.is_major()
                && change.status == ChangeStatus::Implementing
                && change.incident != Some(incident.number)
                && is_near(&tenant.organisation, &tenant.policy, incident, change);
            is_asked || is_halted(change)
        });
        let running: Vec<String> = running.iter().map(|change| change.subject().to_string()).collect();
        ask_about_running(tx, &running, std::slice::from_ref(room));
        Ok(())
    }

    /// A running change as the commander of a major incident is asked about it; later what was decided.
    pub(super) async fn running_card(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        number: i64,
        place: &Place,
    ) -> Result<Option<Message>, HandleError> {
        let Some(change) = tx.change(number).await? else { return Ok(None) };
        let Some(Subject::Incident(of)) = tx.subject_of(place).await? else { return Ok(None) };
        let Some(incident) = tx.incident(of).await? else { return Ok(None) };
        let decided = change.halt.as_ref().filter(|halt| halt.incident == Some(of));
        let is_open = change.status == ChangeStatus::Implementing && incident.is_major() && decided.is_none();
        let data = json!({
            "subject": change.subject(), "title": headline(&change.title), "status": change.status.phrase(),
            "service": tenant.organisation.services_of(&change), "implementer": change.implementer,
            "incident": incident.subject(), "until": change.window.map(|window| window.closes), "open": is_open,
            "commander": incident.commander,
            "by": decided.and_then(|halt| halt.by.person()), "ruling": decided.map(|halt| halt.ruling.phrase()),
            "at": decided.map(|halt| halt.at),
        });
        let mut message = self.renderer.message("card/running", &data, &tenant.organisation)?;
        if is_open {
            message.blocks.push(row(vec![
                change_button(&change, PressAction::LetFinish, ButtonStyle::Plain),
                change_button(&change, PressAction::Halt, ButtonStyle::Danger),
                change_button(&change, PressAction::HaveBack, ButtonStyle::Danger),
            ]));
            let commander = incident.commander.as_ref().and_then(|id| tenant.organisation.person(id));
            message.pings = commander.map(|person| person.accounts().cloned().collect()).unwrap_or_default();
        }
        Ok(Some(message))
    }

    /// Enqueues what follows from a decision about a change that runs: the room of the incident for whose sake it was
    /// made hears of it, whoever has to act is told in private, and the cards that asked show what became of it.
    pub(super) async fn follow_halts(
        &self,
        tx: &mut Tx,
        teller: &Teller<'_>,
        target: &Target,
        decision: &Decision,
        lines: &[Place],
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let State::Change(change) = &decision.state else { return Ok(()) };
        // Only what ran was asked about: votes are not to pay for it.
        if change.status.is_running() || before(target, change).is_some_and(|before| before.status.is_running()) {
            let places = self.served(tx.card_places(decision.subject, "running").await?);
            jobs.extend(Job::show_each(tx.tenant(), decision.subject, "running", places));
        }
        for event in &decision.events {
            let Event::Change(ChangeEvent::Halt(of)) = event else { continue };
            let line = Block::Paragraph { text: teller.line(decision.subject, event)? };
            let told = Message { blocks: vec![line.clone()], ..Message::default() };
            for room in self.rooms_of(tx, halted_for(target, change)).await?.iter().filter(|room| !lines.contains(room))
            {
                self.say(tx, decision.subject, room, Urgency::Decision, &told);
            }
            let (hint, buttons) = what_to_do(change, of);
            let message = Message { blocks: vec![line, hint, row(buttons)], ..Message::default() };
            let key = format!("halt-{}-{}", change.number, change.version);
            let number = change.halt.as_ref().and_then(|halt| halt.incident);
            let for_whom = match number.filter(|_| change.is_to_go_back()) {
                Some(number) => tx.incident(number).await?,
                None => None,
            };
            let people = told_in_private(teller, (target, for_whom.as_ref()), change, of, decision);
            jobs.extend(Job::direct_each(tx.tenant(), people, &key, &message));
        }
        Ok(())
    }
}

/// What was decided about a change that runs, for its card.
pub(super) fn halt_data(change: &Change) -> Value {
    let is_running = match change.status {
        ChangeStatus::Halted | ChangeStatus::Implementing => true,
        ChangeStatus::WindowExpired => change.is_to_go_back(),
        _ => false,
    };
    let of = |halt: &Halt| {
        json!({
            "state": if halt.ruling == HaltRuling::Finish { "May finish" } else { "Halted" },
            "back": halt.ruling == HaltRuling::RollBack, "by": halt.by.person(), "at": halt.at,
            "incident": halt.incident.map(Subject::Incident), "resume_by": halt.resume_by,
        })
    };
    change.halt.as_ref().filter(|_| is_running).map_or(Value::Null, of)
}

/// The incident for whose sake it was halted, as the change was or is now.
fn halted_for(target: &Target, change: &Change) -> Option<i64> {
    let before = before(target, change).and_then(|before| before.halt.as_ref());
    change.halt.as_ref().or(before).and_then(|halt| halt.incident)
}

/// Whoever carries it out, but for what they did themselves; of what they ask, those who can agree.
fn told_in_private(
    teller: &Teller<'_>,
    (target, halted_for): (&Target, Option<&Incident>),
    change: &Change,
    event: &HaltEvent,
    decision: &Decision,
) -> Vec<PersonId> {
    let carries_out = teller.actor.person() == Some(&change.implementer);
    match event {
        HaltEvent::LetFinish { .. } => Vec::new(),
        HaltEvent::ResumeAsked { .. } if carries_out => {
            let incident = match target {
                Target::Change { incident, .. } => incident.as_ref(),
                _ => None,
            };
            let able = resumers(&teller.tenant.organisation, change, (incident, halted_for), decision.at);
            able.into_iter().take(RESUMERS_ASKED).collect()
        }
        HaltEvent::Halted { .. } | HaltEvent::ResumeAsked { .. } | HaltEvent::Resumed { .. } if carries_out => {
            Vec::new()
        }
        HaltEvent::Halted { .. } | HaltEvent::ResumeAsked { .. } | HaltEvent::Resumed { .. } => {
            vec![change.implementer.clone()]
        }
    }
}

/// What whoever is told in private does next.
fn what_to_do(change: &Change, event: &HaltEvent) -> (Block, Vec<Button>) {
    let id = change.subject();
    let back = back_action(change);
    let (hint, first) = match event {
        HaltEvent::Halted { back: true, .. } => {
            (format!("You carry it out: take {id} back now, and say how it went."), back)
        }
        HaltEvent::Halted { .. } => (
            format!("You carry it out: make no further step. `/change start {id} why: …` asks to go on; it takes two."),
            back,
        ),
        HaltEvent::ResumeAsked { .. } => {
            ("Do you agree? Without your yes it stays halted.".to_owned(), PressAction::Continue)
        }
        HaltEvent::Resumed { .. } | HaltEvent::LetFinish { .. } => {
            ("You carry it out: go on where you stopped.".to_owned(), PressAction::Done)
        }
    };
    let buttons = vec![
        change_button(change, first, ButtonStyle::Primary),
        change_button(change, PressAction::Details, ButtonStyle::Plain),
    ];
    (Block::Paragraph { text: plain(&hint) }, buttons)
}
