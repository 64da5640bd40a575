//! What a command is about: what was named, otherwise what the place implies. Loaded under lock, the incident first.

use super::App;
use super::batches::batch_target;
use super::conflicts::gives_window;
use super::exceptions::known_exception;
use super::handle::{Caller, HandleError};
use super::slots::takes_turn;
use crate::domain::FindingCommand::{Record, Report};
use crate::domain::{
    CatalogueCommand, Change, ChecklistOf, Command, FieldsOf, FillCommand, FindingCommand, FreezeCommand, Incident,
    Place, Refusal, Subject, Target,
};
use crate::language::Call;
use crate::store::Tx;

/// A command, what was named in it, and the revision that its button was shown with.
type Said<'a> = (&'a Command, Option<Subject>, Option<i32>);
type Found = Result<Result<Target, Refusal>, HandleError>;

/// The record that a call names, otherwise the one whose room it is said in.
pub(super) async fn subject_meant(tx: &mut Tx, call: &Call, place: &Place) -> Result<Option<Subject>, HandleError> {
    match call.subject() {
        Some(subject) => Ok(Some(subject)),
        None => Ok(tx.subject_of(place).await?),
    }
}

impl App {
    /// What a command is about. A calendar's address and an export are for people alone, whose it is or whose eyes it is
    /// measured with: `feed`, `export_target`.
    pub(super) async fn target(&self, tx: &mut Tx, caller: &Caller<'_>, asked: Said<'_>) -> Found {
        let (command, named, revision) = asked;
        match with_line_held(tx, command).await? {
            Command::Declare(_) => Ok(Ok(Target::New { number: tx.next_incident_number().await?, near: None })),
            Command::RequestEmergency(_)
            | Command::RequestChange(_)
            | Command::RequestStandard(_)
            | Command::Finding(Record(_) | Report(_)) => self.new_change(tx, caller, named).await,
            Command::SetPriority { .. }
            | Command::MarkExposure(_)
            | Command::Confirm
            | Command::Decline
            | Command::SetStatus { .. }
            | Command::Lead { .. }
            | Command::Note { .. }
            | Command::Decide { .. }
            | Command::SendUpdate { .. }
            | Command::Resolve { .. }
            | Command::CancelIncident { .. }
            | Command::Reopen { .. }
            | Command::Major(_)
            | Command::Link(_)
            | Command::Draft(_)
            | Command::RoomOpened { .. } => self.incident_target(tx, caller, named).await,
            Command::Review { .. }
            | Command::Vote { .. }
            | Command::Concern(_)
            | Command::AcceptRisk(_)
            | Command::AdjustRisk { .. }
            | Command::Start { .. }
            | Command::Halt { .. }
            | Command::Done { .. }
            | Command::Validation(_)
            | Command::Rate(_)
            | Command::RollBack { .. }
            | Command::Rollback(_)
            | Command::Withdraw { .. }
            | Command::Extend { .. }
            | Command::Ruling(_)
            | Command::Conflict(_)
            | Command::Notice(_)
            | Command::Claim(_)
            | Command::Standby(_)
            | Command::Rehearsal(_)
            | Command::ClosePir(_)
            | Command::Line(_)
            | Command::EditChange(_)
            | Command::Finding(FindingCommand::Claim(_))
            | Command::ScheduleChange { .. } => self.change_target(tx, caller, named, revision).await,
            Command::Checklist(command) => self.target_of_checklist(tx, caller, named, command.of, revision).await,
            Command::Fill(command) => self.target_of_fields(tx, caller, named, command, revision).await,
            Command::Freeze(command) => self.target_of_freeze(tx, caller, named, command, revision).await,
            Command::Exception(command) => self.exception_target(tx, caller, named, command).await,
            Command::Batch(command) => batch_target(tx, named, command).await,
            Command::Meeting(command) => self.meeting_target(tx, caller, named, Some(command)).await,
            Command::LinkByCode { code } => self.code_target(tx, caller, code).await,
            Command::Delegation(_)
            | Command::LinkByEmail { .. }
            | Command::Unlink { .. }
            | Command::SetAccountActive { .. }
            | Command::LoseWorkspace { .. }
            | Command::Charter(_)
            | Command::RegainWorkspace { .. } => self.organisation_target(tx, revision).await,
            Command::Policy(_) | Command::Catalogue(_) => self.policy_target(tx, caller, command, revision).await,
            Command::Privacy(command) => self.privacy_target(tx, caller, named, command, revision).await,
            Command::Feed(_) | Command::ExportLog => Ok(Err(Refusal::slip("Only a person can do this.", ""))),
            Command::Due { .. } | Command::CheckHold => self.due_target(tx, caller, named).await,
        }
    }

    /// An entry of the catalogue is a part of the policy; a change puts it to the board.
    async fn policy_target(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        command: &Command,
        revision: Option<i32>,
    ) -> Result<Result<Target, Refusal>, HandleError> {
        if matches!(command, Command::Catalogue(CatalogueCommand::Submit { .. })) {
            return Ok(Ok(Target::New { number: tx.next_change_number().await?, near: None }));
        }
        self.proposal_target(tx, caller, revision).await
    }

    async fn target_of_fields(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        named: Option<Subject>,
        command: &FillCommand,
        revision: Option<i32>,
    ) -> Result<Result<Target, Refusal>, HandleError> {
        match command.of {
            FieldsOf::Incident => self.incident_target(tx, caller, named).await,
            FieldsOf::Change => self.change_target(tx, caller, named, revision).await,
        }
    }

    async fn target_of_checklist(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        named: Option<Subject>,
        of: ChecklistOf,
        revision: Option<i32>,
    ) -> Result<Result<Target, Refusal>, HandleError> {
        match of {
            ChecklistOf::Incident => self.incident_target(tx, caller, named).await,
            ChecklistOf::Change => self.change_target(tx, caller, named, revision).await,
        }
    }

    async fn target_of_freeze(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        named: Option<Subject>,
        command: &FreezeCommand,
        revision: Option<i32>,
    ) -> Result<Result<Target, Refusal>, HandleError> {
        match command {
            FreezeCommand::On(_) => Ok(Ok(self.new_freeze(tx, caller).await?)),
            FreezeCommand::Off { .. }
            | FreezeCommand::Extend { .. }
            | FreezeCommand::Agree
            | FreezeCommand::Object { .. } => self.freeze_target(tx, caller, named).await,
            FreezeCommand::Except { .. } | FreezeCommand::Allow { .. } | FreezeCommand::Deny { .. } => {
                self.change_target(tx, caller, named, revision).await
            }
        }
    }

    /// `charter`: the edition that a button was shown with.
    async fn organisation_target(
        &self,
        tx: &mut Tx,
        charter: Option<i32>,
    ) -> Result<Result<Target, Refusal>, HandleError> {
        tx.lock_tenant().await?;
        Ok(Ok(Target::Organisation { code: None, charter }))
    }

    /// What was promised a moment.
    async fn due_target(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Result<Target, Refusal>, HandleError> {
        match named {
            Some(Subject::Change(_)) => self.change_target(tx, caller, named, None).await,
            Some(Subject::Freeze(_)) => {
                // It may come again: the tenant, which holds the next number, is locked before any freeze.
                tx.lock_tenant().await?;
                self.freeze_target(tx, caller, named).await
            }
            Some(Subject::Meeting(_)) => self.meeting_target(tx, caller, named, None).await,
            Some(Subject::Exception(number)) => known_exception(tx, number).await,
            Some(Subject::Organisation) => self.organisation_target(tx, None).await,
            Some(Subject::Policy) => self.proposal_target(tx, caller, None).await,
            _ => self.incident_target(tx, caller, named).await,
        }
    }

    /// A new change belongs to the incident that was named, or to the one whose room this is.
    async fn new_change(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Result<Target, Refusal>, HandleError> {
        let near = match self.incident_number(tx, caller, named).await? {
            Some(number) => match tx.lock_incident(number).await? {
                Some(incident) => Some(incident),
                None => return Ok(Err(no_such(Subject::Incident(number)))),
            },
            None => None,
        };
        let number = tx.next_change_number().await?;
        Ok(Ok(Target::New { number, near }))
    }

    async fn incident_target(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Result<Target, Refusal>, HandleError> {
        if let (None, Some(place)) = (named, caller.place)
            && let Some(incident) = tx.lock_incident_of_room(place).await?
        {
            return Ok(Ok(Target::Incident(incident)));
        }
        let number = match self.incident_number(tx, caller, named).await? {
            Some(number) => number,
            None => match only_open(&tx.incidents(20).await?) {
                Ok(number) => number,
                Err(refusal) => return Ok(Err(refusal)),
            },
        };
        Ok(match tx.lock_incident(number).await? {
            Some(incident) => Ok(Target::Incident(incident)),
            None => Err(no_such(Subject::Incident(number))),
        })
    }

    async fn change_target(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        named: Option<Subject>,
        revision: Option<i32>,
    ) -> Result<Result<Target, Refusal>, HandleError> {
        let number = match self.change_number(tx, caller, named).await? {
            Ok(number) => number,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some(incident) = tx.incident_of_change(number).await? else {
            return Ok(Err(no_such(Subject::Change(number))));
        };
        let incident = match incident {
            Some(incident) => tx.incident(incident).await?,
            None => None,
        };
        let Some(change) = tx.lock_change(number).await? else {
            return Ok(Err(no_such(Subject::Change(number))));
        };
        if revision.is_some_and(|revision| revision != change.revision) {
            return Ok(Err(Refusal::slip(
                format!(
                    "{} was revised after this card was shown; it is at revision {} now.",
                    change.subject(),
                    change.revision
                ),
                "Look at the newest card, then decide.",
            )));
        }
        Ok(Ok(Target::Change { change: Box::new(change), incident }))
    }

    /// The number of the incident that was named, or whose room this is.
    pub(super) async fn incident_number(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Option<i64>, HandleError> {
        match named {
            Some(Subject::Incident(number)) => Ok(Some(number)),
            Some(Subject::Change(number)) => Ok(tx.incident_of_change(number).await?.flatten()),
            Some(
                Subject::Freeze(_)
                | Subject::Meeting(_)
                | Subject::Exception(_)
                | Subject::Batch(_)
                | Subject::Organisation
                | Subject::Policy
                | Subject::Deployment,
            ) => Ok(None),
            None => match caller.place {
                Some(place) => match tx.subject_of(place).await? {
                    Some(Subject::Incident(number)) => Ok(Some(number)),
                    _ => Ok(None),
                },
                None => Ok(None),
            },
        }
    }

    /// The change that was named, or the one that is open where this is said.
    pub(super) async fn change_number(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Result<i64, Refusal>, HandleError> {
        match named {
            None => {}
            Some(Subject::Change(number)) => return Ok(Ok(number)),
            Some(other) => return Ok(Err(no_change(other))),
        }
        let changes = match self.incident_number(tx, caller, None).await? {
            Some(incident) => tx.changes_of_incident(incident).await?,
            None => tx.changes(20).await?,
        };
        // What is done, and only watched, is in nobody's way.
        let open: Vec<&Change> =
            changes.iter().filter(|change| change.is_open() && change.ended_at.is_none()).collect();
        let latest = || changes.iter().max_by_key(|change| (change.is_open(), change.number));
        Ok(match open.as_slice() {
            [only] => Ok(only.number),
            // Nothing is open: a late click or question means the latest, and is told what became of it.
            [] => latest()
                .map(|change| change.number)
                .ok_or_else(|| Refusal::slip("There is no change here yet.", "`/change emergency` asks for one.")),
            many => Err(Refusal::slip(
                format!("{} changes are open here: {}.", many.len(), listed(many)),
                format!("Name the one you mean, as in `/change show {}`.", many[0].subject()),
            )),
        })
    }
}

/// The command, once whoever gives or takes a turn or a window has the line to themselves.
async fn with_line_held<'a>(tx: &mut Tx, command: &'a Command) -> Result<&'a Command, HandleError> {
    if takes_turn(command) || gives_window(command) {
        tx.hold_line().await?;
    }
    Ok(command)
}

/// Of another record than a change: whoever named one does not mean the change that happens to be open here.
fn no_change(named: Subject) -> Refusal {
    let next = |what: &str| format!("Name a change, like CHG-88. {what}");
    let (sentence, next) = match named {
        // What can be said of all of its changes is not asked here.
        Subject::Batch(_) => {
            let next = next("`/change plan batch` lists those of a batch.");
            return Refusal::slip("This is not about a batch as a whole.", next);
        }
        Subject::Incident(_) => (format!("{named} is an incident, no change."), next("`/change list` shows them.")),
        Subject::Freeze(_) => {
            (format!("{named} is a freeze, no change."), next(&format!("`/freeze list {named}` shows the freeze.")))
        }
        Subject::Exception(_) => (
            format!("{named} is an exception, no change."),
            next(&format!("`/cab exception list {named}` shows the exception.")),
        ),
        Subject::Meeting(_) => {
            (format!("{named} is a meeting, no change."), next(&format!("`/cab agenda {named}` shows the meeting.")))
        }
        Subject::Change(_) | Subject::Organisation | Subject::Policy | Subject::Deployment => {
            (format!("{named} is no change."), next("`/change list` shows them."))
        }
    };
    Refusal::slip(sentence, next)
}

fn listed(changes: &[&Change]) -> String {
    changes.iter().map(|change| change.subject().to_string()).collect::<Vec<_>>().join(", ")
}

/// Outside a room, the one open incident is meant.
fn only_open(incidents: &[Incident]) -> Result<i64, Refusal> {
    let open: Vec<&Incident> = incidents.iter().filter(|incident| incident.is_open()).collect();
    match open.as_slice() {
        [only] => Ok(only.number),
        [] => Err(Refusal::slip("No incident is open.", "`/inc declare` opens one; `/inc list` shows the latest.")),
        many => {
            let names: Vec<String> = many.iter().map(|incident| incident.subject().to_string()).collect();
            Err(Refusal::slip(
                format!("{} incidents are open: {}.", many.len(), names.join(", ")),
                "Say it in the war room, or name the one you mean.",
            ))
        }
    }
}

pub(super) fn no_such(subject: Subject) -> Refusal {
    let list = match subject {
        Subject::Change(_) => "`/change list` shows them.",
        Subject::Freeze(_) => "`/freeze list` shows them.",
        Subject::Exception(_) => "`/cab exception list` shows them.",
        Subject::Batch(_) => "`/change plan batch` shows those that are open.",
        Subject::Meeting(_) => "`/cab agenda` shows the one that is open or announced.",
        Subject::Incident(_) | Subject::Organisation | Subject::Policy | Subject::Deployment => {
            "`/inc list` shows them."
        }
    };
    Refusal::slip(format!("There is no {subject} here."), list)
}
