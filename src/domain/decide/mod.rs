//! The decision: what a command changes, or why it is refused. Pure, so it can be tried in a table.

mod acceptance;
mod adjust;
mod amendment;
mod appointment;
mod approval;
mod archive;
mod asking;
mod assessment;
mod ballot;
mod barrier;
mod batch;
mod board;
mod candidates;
mod catalogue;
mod certification;
mod change;
mod charter;
mod checklist;
mod claim;
mod class;
mod concern;
mod conflict;
mod contingency;
mod custom_field;
mod delegation;
mod doubt;
mod draft;
mod edit;
mod escalation;
mod exception;
mod exempt;
mod exposure;
mod extension;
mod feed;
mod finding;
mod freeze;
mod freeze_override;
mod freeze_plan;
mod halt;
mod hold;
mod identity;
mod incident;
mod inside;
mod link;
mod log;
mod major;
mod meeting;
mod missed;
mod notice;
mod notice_preview;
mod objection;
mod pir;
mod privacy;
mod proposal;
mod rating;
mod readiness;
mod redaction;
mod rehearsal;
mod rehearsed;
mod reminder;
mod reopen;
mod retro;
mod review;
mod rollback;
mod ruling;
mod run;
mod seats;
mod settle;
mod silence;
mod simulate;
mod slot;
mod standard;
mod standby;
mod standby_booking;
mod standing;
mod step;
mod tally;
mod update;
mod validation;

#[cfg(test)]
mod batch_tests;
#[cfg(test)]
mod claim_tests;
#[cfg(test)]
mod concern_tests;
#[cfg(test)]
mod doubt_tests;
#[cfg(test)]
mod exception_tests;
#[cfg(test)]
mod extension_tests;
#[cfg(test)]
mod freeze_tests;
#[cfg(test)]
mod halt_tests;
#[cfg(test)]
mod hold_tests;
#[cfg(test)]
mod link_tests;
#[cfg(test)]
mod missed_tests;
#[cfg(test)]
mod pir_tests;
#[cfg(test)]
mod rehearsal_tests;
#[cfg(test)]
mod settle_tests;
#[cfg(test)]
mod several_services_tests;
#[cfg(test)]
mod standby_tests;
#[cfg(test)]
pub(in crate::domain) mod test_world;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod touches_tests;
#[cfg(test)]
mod validation_tests;

use chrono::{DateTime, Utc};

pub use amendment::policy_keepers;
pub use barrier::{Met, held, met, waits_for_major};
pub use batch::batch_waits_to_be_settled;
pub use candidates::to_ask;
pub use charter::charter_reviewers;
pub use exception::exception_deciders;
pub use finding::hears_of_finding;
pub use freeze_override::{deciders, waits_for_word};
pub use halt::resumers;
pub use log::LogExport;
pub use meeting::quorum_sentence;
pub use notice::notices_ahead;
pub use pir::reviewers;
pub use proposal::policy_promises;
pub use readiness::{Readiness, RoleStands};
pub use redaction::marks;
pub use retro::hears_of_record;
pub use seats::SeatStands;
pub use simulate::{sight_of_change, sight_of_incident};
pub use standard::owner_of;
pub use standby::{lacking, unready};
pub use validation::attesters;

use super::policy::Policy;
use super::rules::ChangeKind;
use super::{
    Answer, Asked, Change, ChangeDraft, ChangeStatus, Command, DeadlineKind, Decision, Event, Incident, Refusal, State,
    Subject, Target, World,
};

/// Decides one command. `Err` is a no for a person; it changes nothing.
pub fn decide(world: &World<'_>, asked: Asked<'_>, command: Command) -> Result<Decision, Refusal> {
    match command {
        Command::Declare(declare) => incident::declare(world, asked, declare),
        Command::SetPriority { to, why } => step::set_priority(world, asked, to, why),
        Command::MarkExposure(mark) => exposure::mark(world, asked, mark),
        Command::Confirm => step::confirm(world, asked),
        Command::Decline => step::decline(world, asked),
        Command::SetStatus { to, why } => incident::set_status(world, asked, to, why),
        Command::Lead { person, why } => incident::lead(world, asked, person, why),
        Command::Note { text } => incident::note(world, asked, text),
        Command::Decide { question, chose, why } => incident::record_decision(world, asked, question, chose, why),
        Command::SendUpdate { text } => update::send(world, asked, text),
        Command::Resolve { summary } => incident::resolve(world, asked, summary),
        Command::Reopen { why } => reopen::reopen(world, asked, why),
        Command::CancelIncident { why } => step::cancel(world, asked, why),
        Command::RequestEmergency(form) => change::request_emergency(world, asked, *form),
        Command::RequestChange(form) => change::request(world, asked, *form),
        Command::RequestStandard(form) => standard::request(world, asked, *form),
        Command::Finding(command) => finding::decide(world, asked, &command),
        Command::EditChange(form) => edit::edit(world, asked, *form),
        Command::ScheduleChange { from, until } => edit::schedule(world, asked, from, until),
        Command::Review { verdict, answers } => review::review(world, asked, verdict, answers),
        Command::Vote { choice, why } => approval::vote(world, asked, choice, why),
        Command::Checklist(command) => checklist::decide(world, asked, command),
        Command::Fill(command) => custom_field::fill(world, asked, command),
        Command::Concern(command) => concern::decide(world, asked, command),
        Command::AcceptRisk(given) => acceptance::accept_risk(world, asked, given),
        Command::AdjustRisk { to, why } => adjust::adjust(world, asked, to, why),
        Command::Start { why } => run::start(world, asked, why),
        Command::CheckHold => hold::check(world, asked),
        Command::Halt { ruling, why, declares } => halt::rule(world, asked, ruling, (why, declares)),
        Command::Done { summary } => run::done(world, asked, summary),
        Command::Rate(command) => rating::rate(world, asked, command),
        Command::Validation(command) => validation::command(world, asked, command),
        Command::RollBack { why } => run::roll_back(world, asked, why),
        Command::Rollback(command) => rollback::decide(world, asked, command),
        Command::Withdraw { why } => run::withdraw(world, asked, why),
        Command::Major(command) => major::decide(world, asked, command),
        Command::Link(command) => link::decide(world, asked, command),
        Command::Draft(command) => draft::decide(world, asked, command),
        Command::Ruling(command) => ruling::decide(world, asked, command),
        Command::Conflict(command) => settle::decide(world, asked, command),
        Command::Notice(command) => objection::decide(world, asked, command),
        Command::Claim(command) => claim::decide(world, asked, command),
        Command::Catalogue(command) => catalogue::decide(world, asked, command),
        Command::Standby(command) => standby::decide(world, asked, command),
        Command::Rehearsal(command) => rehearsal::decide(world, asked, command),
        Command::Exception(command) => exception::decide(world, asked, command),
        Command::Batch(command) => batch::decide(world, asked, command),
        Command::Extend { why } => extension::ask(world, asked, why),
        Command::ClosePir(answers) => pir::close(world, asked, answers),
        Command::Line(command) => slot::command(world, asked, command),
        Command::Feed(command) => feed::decide(world, asked, command),
        Command::Freeze(command) => freeze::decide(world, asked, command),
        Command::Delegation(command) => delegation::decide(world, asked, command),
        Command::Meeting(command) => meeting::decide(world, asked, command),
        Command::Due { deadline, at } => due(world, asked, deadline, at),
        Command::RoomOpened { place } => incident::room_opened(world, place),
        Command::LinkByCode { .. } => identity::link_by_code(world, asked),
        Command::LinkByEmail { account, profile } => identity::link_by_email(world, asked, account, &profile),
        Command::Unlink { on } => identity::unlink(world, asked, on),
        Command::Charter(command) => charter::decide(world, asked, &command),
        Command::ExportLog => log::export(world, asked),
        Command::SetAccountActive { account, active } => Ok(identity::set_active(world, asked, account, active)),
        Command::LoseWorkspace { platform: on, workspace, why } => Ok(identity::lose(world, asked, on, workspace, why)),
        Command::RegainWorkspace { platform, workspace } => Ok(identity::regain(world, asked, platform, workspace)),
        Command::Policy(command) => proposal::decide(world, asked, command),
        Command::Privacy(command) => privacy::privacy(world, asked, command),
    }
}

fn due(world: &World<'_>, asked: Asked<'_>, deadline: DeadlineKind, at: DateTime<Utc>) -> Result<Decision, Refusal> {
    match deadline {
        DeadlineKind::Update => update::due(world, asked, at),
        DeadlineKind::VoteEnd => approval::vote_ends(world, asked),
        DeadlineKind::VoteReminder => reminder::due(world, asked),
        DeadlineKind::Silence => asking::due(world, asked),
        DeadlineKind::AcceptanceEnd => acceptance::expires(world, asked),
        DeadlineKind::WindowWarning => run::window_warning(world, asked),
        DeadlineKind::WindowEnd => run::window_ends(world, asked, at),
        DeadlineKind::ChangeNotice => notice::due(world, asked),
        DeadlineKind::PirReminder => pir::remind(world, asked),
        DeadlineKind::PirEnd => pir::overdue(world, asked),
        DeadlineKind::Validation => validation::remind(world, asked),
        DeadlineKind::Slot => slot::due(world, asked),
        DeadlineKind::Ruling => escalation::pass_on(world, asked),
        DeadlineKind::Conflict => settle::overdue(world, asked),
        DeadlineKind::Standby => standby::due(world, asked, at),
        DeadlineKind::Rehearsal => rehearsal::due(world, asked),
        DeadlineKind::Draft => draft::remind(world, asked),
        DeadlineKind::Succession => silence::due(world, asked),
        DeadlineKind::Acknowledgement => objection::remind(world, asked),
        DeadlineKind::Objection => objection::overdue(world, asked),
        DeadlineKind::NoticePreview => notice_preview::due(world, asked),
        DeadlineKind::Finding => finding::overdue(world, asked),
        DeadlineKind::FreezeNotice
        | DeadlineKind::FreezeStart
        | DeadlineKind::FreezeWarning
        | DeadlineKind::FreezeEnd
        | DeadlineKind::FreezeReview
        | DeadlineKind::OverrideEnd => freeze::due(world, asked, deadline, at),
        DeadlineKind::DelegationStart | DeadlineKind::DelegationEnd => Ok(delegation::due(world, asked)),
        DeadlineKind::Rota => Ok(delegation::turn(world, asked, at)),
        DeadlineKind::MeetingStart | DeadlineKind::MeetingItem => meeting::due(world, asked, deadline, at),
        DeadlineKind::PolicyStart => Ok(proposal::due(world, asked)),
        DeadlineKind::Amendment => amendment::due(world, asked),
        DeadlineKind::ExceptionNotice | DeadlineKind::ExceptionEnd => exception::due(world, asked, deadline),
    }
}

/// The incident that the command is about.
fn incident_of<'a>(world: &'a World<'_>) -> Result<&'a Incident, Refusal> {
    match &world.target {
        Target::Incident(incident) => Ok(incident),
        Target::New { .. }
        | Target::Change { .. }
        | Target::Freeze { .. }
        | Target::Meeting(_)
        | Target::Exception(_)
        | Target::Batch(_)
        | Target::Organisation { .. }
        | Target::Proposal { .. }
        | Target::Feed(_)
        | Target::Privacy(_)
        | Target::Log(_) => Err(Refusal::slip("This is about an incident.", "Name one, like INC-7.")),
    }
}

/// The change that the command is about.
fn change_of<'a>(world: &'a World<'_>) -> Result<&'a Change, Refusal> {
    match &world.target {
        Target::Change { change, .. } => Ok(change),
        Target::New { .. }
        | Target::Incident(_)
        | Target::Freeze { .. }
        | Target::Meeting(_)
        | Target::Exception(_)
        | Target::Batch(_)
        | Target::Organisation { .. }
        | Target::Proposal { .. }
        | Target::Feed(_)
        | Target::Privacy(_)
        | Target::Log(_) => Err(Refusal::slip("This is about a change.", "Name one, like CHG-88.")),
    }
}

fn incident_decision(asked: Asked<'_>, mut incident: Incident, events: Vec<Event>, answer: Answer) -> Decision {
    silence::heard(asked, &mut incident);
    Decision {
        subject: incident.subject(),
        promises: incident.promises(),
        events,
        state: State::Incident(Box::new(incident)),
        answer,
        at: asked.at,
        with: Vec::new(),
    }
}

fn change_decision(
    world: &World<'_>,
    asked: Asked<'_>,
    mut change: Change,
    mut events: Vec<Event>,
    answer: Answer,
) -> Decision {
    standby::follow_window(world, asked, &mut change, &mut events);
    rehearsal::follow(world, asked, &mut change, &mut events);
    notice_preview::follow(world, asked, &mut change, &mut events);
    let mut promises = change.promises(world.policy, asked.at);
    promises.extend(notice::promised(world, &change, asked.at));
    promises.extend(objection::promised(world, &change, asked.at));
    promises.extend(standby::promised(world, &change, asked.at));
    promises.extend(rehearsal::promised(world, &change, asked.at));
    promises.extend(notice_preview::promised(&change));
    let with = exempt::of_approval(world, asked, &change, &events);
    Decision {
        subject: change.subject(),
        promises,
        events,
        state: State::Change(Box::new(change)),
        answer,
        at: asked.at,
        with,
    }
}

/// Only the log grows.
fn logged(asked: Asked<'_>, subject: Subject, events: Vec<Event>, answer: Answer) -> Decision {
    Decision { subject, promises: Vec::new(), events, state: State::Unchanged, answer, at: asked.at, with: Vec::new() }
}

/// Nothing happens, because it is so already.
fn stands(asked: Asked<'_>, subject: Subject, sentence: impl Into<String>) -> Decision {
    logged(asked, subject, Vec::new(), Answer::stands(sentence))
}

impl Incident {
    /// What the record promises now.
    pub fn promises(&self) -> Vec<(DeadlineKind, DateTime<Utc>)> {
        let reminder = self.drafts.iter().filter_map(ChangeDraft::reminder).min();
        let reminder = reminder.map(|at| (DeadlineKind::Draft, at));
        let silence = self.silence_due().map(|at| (DeadlineKind::Succession, at));
        self.updates.next.map(|next| (DeadlineKind::Update, next)).into_iter().chain(reminder).chain(silence).collect()
    }
}

impl Change {
    /// Whether the end of its window changes something: not while it is on hold, but for an emergency, whose moment passes.
    fn ends_with_window(&self) -> bool {
        match self.status {
            ChangeStatus::Approved | ChangeStatus::Queued | ChangeStatus::Implementing | ChangeStatus::Halted => true,
            ChangeStatus::OnHold => self.kind == ChangeKind::Emergency,
            ChangeStatus::AwaitingApproval
            | ChangeStatus::WindowExpired
            | ChangeStatus::Validating
            | ChangeStatus::Failed
            | ChangeStatus::Completed
            | ChangeStatus::RolledBack
            | ChangeStatus::Rejected
            | ChangeStatus::ApprovalExpired
            | ChangeStatus::Cancelled => false,
        }
    }

    /// What the record promises now.
    pub fn promises(&self, policy: &Policy, now: DateTime<Utc>) -> Vec<(DeadlineKind, DateTime<Utc>)> {
        let mut promises = Vec::new();
        if self.is_undecided() {
            promises.extend(self.decide_by.map(|by| (DeadlineKind::VoteEnd, by)));
            promises.extend(self.next_ask().map(|at| (DeadlineKind::Silence, at)));
            promises.extend(self.vote_reminder(policy, now).map(|at| (DeadlineKind::VoteReminder, at)));
        }
        promises.extend(self.acceptance_ends().map(|at| (DeadlineKind::AcceptanceEnd, at)));
        if let Some(window) = self.window.filter(|_| self.ends_with_window()) {
            promises.push((DeadlineKind::WindowEnd, window.closes));
            let marks = policy.windows.warn_minutes_left.iter();
            let warnings = marks.map(|minutes| window.closes - chrono::TimeDelta::minutes(i64::from(*minutes)));
            promises.extend(warnings.filter(|at| *at > now).min().map(|at| (DeadlineKind::WindowWarning, at)));
        }
        if let Some(pir) = self.due_pir() {
            promises.extend(pir.next_reminder(now).map(|at| (DeadlineKind::PirReminder, at)));
            promises.extend((!pir.overdue).then_some((DeadlineKind::PirEnd, pir.due_at)));
        }
        let open = self.open_escalation().filter(|_| self.awaits_ruling());
        promises.extend(open.map(|open| (DeadlineKind::Ruling, open.due_at)));
        let validation = self.open_validation().and_then(|validation| validation.next_at);
        promises.extend(validation.map(|at| (DeadlineKind::Validation, at)));
        promises.extend(self.next_asked_to_settle().map(|at| (DeadlineKind::Conflict, at)));
        promises.extend(self.claim_due().map(|at| (DeadlineKind::Finding, at)));
        promises.extend(self.slot.and_then(|slot| slot.until).map(|until| (DeadlineKind::Slot, until)));
        promises
    }
}
