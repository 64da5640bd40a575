//! Questions: they only read, and are answered to the caller alone.

use serde_json::{Value, json};

use super::answer::{plain, told};
use super::cards::{beyond_headline, change_button, exposure_shown, headline, row, vote_data};
use super::checklists::Listing;
use super::handle::{Caller, HandleError};
use super::responsibilities::functions_data;
use super::target::no_such;
use super::{App, Tenant};
use crate::domain::{
    Actor, Change, ChangeStatus, ChecklistOf, Identity, Incident, PersonId, Platform, Question, Refusal, Subject,
};
use crate::language::catalogue;
use crate::language::presses::PressAction;
use crate::render::{Block, ButtonStyle, Inline, Message, TimeStyle, fit};
use crate::store::{LogEntry, Tx};

/// The newest entries that a timeline shows.
const TIMELINE_MAX: i64 = 30;
/// Decisions that a summary tells; the log has all.
const DECISIONS_MAX: usize = 20;
/// Entries that are read at once.
const LOG_CHUNK: i64 = 500;
/// Services that a card names, and services a line of the full list.
const SERVICES_SHOWN: usize = 10;

impl App {
    pub(super) async fn ask(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        named: Option<Subject>,
        question: Question,
    ) -> Result<Message, HandleError> {
        if let (Some(Subject::Batch(number)), true) = (named, is_about_a_change(&question)) {
            return self.batch_shown(tx, tenant, number, 0).await;
        }
        match question {
            Question::Panel => self.panel(tx, tenant, caller, named).await,
            Question::IncidentList { page } => self.incident_list(tx, tenant, page).await,
            Question::Summary => self.summary(tx, tenant, caller, named).await,
            Question::Timeline => self.timeline(tx, tenant, caller, named).await,
            Question::IncidentChanges => self.incident_changes(tx, tenant, caller, named).await,
            Question::ChangeShow
            | Question::Risk
            | Question::Checklist { of: ChecklistOf::Change }
            | Question::VoteStatus
            | Question::VoteMembers
            | Question::VoteQuorum => self.of_change(tx, tenant, caller, named, &question).await,
            Question::Checklist { of: ChecklistOf::Incident } => {
                self.incident_checklist(tx, tenant, caller, named).await
            }
            Question::ChangeList { page } => self.change_list(tx, tenant, page).await,
            Question::ChangeQueue => self.change_queue(tx, tenant).await,
            Question::OnCall => self.on_call(tenant),
            Question::ChangeCalendar { services, days, page } => {
                self.change_calendar(tx, tenant, services.as_deref(), days, page).await
            }
            Question::ChangeConflicts => self.change_conflicts(tx, tenant, caller, named).await,
            Question::ChangeNotices => self.change_notices(tx, tenant, caller, named).await,
            Question::Standby => self.standby_answer(tx, tenant, caller, named).await,
            Question::StandbyPool { page } => self.standby_pool(tx, tenant, page).await,
            Question::Rehearsals => self.rehearsals_answer(tx, tenant, caller, named).await,
            Question::StandardList { service } => self.standard_list(tx, tenant, service.as_deref()).await,
            Question::EntryDraft { entry } => self.entry_draft(tx, tenant, caller, named, entry.as_deref()).await,
            Question::FreezeList { page } => self.freeze_list(tx, tenant, named, page).await,
            Question::FreezeCheck { services } => self.freeze_check(tx, tenant, caller, named, services).await,
            Question::CabAgenda => self.cab_agenda(tx, tenant, named).await,
            Question::CabMinutes => self.cab_minutes(tx, named).await,
            Question::ExceptionList { page } => self.exception_list(tx, tenant, named, page).await,
            Question::Bypasses { days, page } => self.bypass_report(tx, tenant, caller, days, page).await,
            Question::EmptyFields { days, page } => self.field_report(tx, tenant, caller, days, page).await,
            Question::LogShow(query) => self.log_show(tx, tenant, caller, named, query).await,
            Question::Batches { page } => self.batches(tx, tenant, named, page).await,
            Question::LogVerify => self.log_verify(tenant, named).await,
            Question::Coordination { of } => Ok(super::tenant::assessment(tenant, of)),
            Question::Policy => self.policy_answer(tx, tenant).await,
            Question::PolicyRule { rule } => self.policy_rule(tenant, rule.as_deref()),
            Question::Amendment { number } => self.amendment_answer(tx, tenant, number).await,
            Question::PolicyHistory => self.policy_history(tx, tenant).await,
            Question::PolicySimulation => self.policy_simulation(tx, tenant).await,
            Question::Retention => self.retention_answer(tx, tenant, caller).await,
            Question::Archive => self.archive_answer(tx, tenant, caller, named).await,
            Question::Check => self.check_organisation(tx, tenant).await,
            Question::Responsibilities { service } => self.responsibilities(tenant, service.as_deref()),
            Question::Charters { team } => self.charters(tenant, caller, team.as_deref()),
            Question::Whoami => self.whoami(tenant, caller.actor),
            Question::LinkCode => self.link_code(tx, tenant, caller).await,
            Question::Help { command } => self.help(tenant, command),
        }
    }

    async fn panel(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Message, HandleError> {
        if let Some(number) = self.incident_number(tx, caller, named).await? {
            return match self.incident_card(tx, tenant, number).await? {
                Some(card) => Ok(card),
                None => Ok(slip(&no_such(Subject::Incident(number)))),
            };
        }
        let open = self.open_records(tx).await?;
        let platform = caller.place.map_or(Platform::Slack, |place| place.platform);
        self.waiting(tenant, &open, caller.actor.person(), platform)
    }

    /// The incident that is meant: named, of this room, or the latest.
    pub(super) async fn incident_meant(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Result<Incident, Refusal>, HandleError> {
        let number = match self.incident_number(tx, caller, named).await? {
            Some(number) => number,
            None => match tx.incidents(1).await?.first() {
                Some(latest) => latest.number,
                None => {
                    return Ok(Err(Refusal::slip("There is no incident yet.", "`/inc declare` opens one.")));
                }
            },
        };
        Ok(tx.incident(number).await?.ok_or_else(|| no_such(Subject::Incident(number))))
    }

    async fn summary(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Message, HandleError> {
        let incident = match self.incident_meant(tx, caller, named).await? {
            Ok(incident) => incident,
            Err(refusal) => return Ok(slip(&refusal)),
        };
        let mut subjects = vec![incident.subject()];
        let mut linked = Vec::new();
        for change in tx.changes_of_incident(incident.number).await? {
            subjects.push(change.subject());
            linked.extend(tx.change(change.number).await?);
        }
        let changes: Vec<Value> = linked.iter().map(change_summary).collect();
        let (entries, decisions) = decisions_of(tx, &subjects).await?;
        let older = decisions.len() > DECISIONS_MAX;
        let newest = &decisions[decisions.len().saturating_sub(DECISIONS_MAX)..];
        let now = self.clock.now();
        let services: Vec<String> = incident.services.iter().map(|key| tenant.organisation.service_name(key)).collect();
        let rows: Vec<&[String]> =
            if services.len() > SERVICES_SHOWN { services.chunks(SERVICES_SHOWN).collect() } else { Vec::new() };
        let data = json!({
            "subject": incident.subject(), "priority": incident.priority.to_string(),
            "title": headline(&incident.title), "whole_title": beyond_headline(&incident.title),
            "sentence": summary_sentence(&incident, &services, changes.len()), "service_rows": rows,
            "status": incident.status.as_str(), "services": services, "commander": incident.commander,
            "exposure": exposure_shown(&incident),
            "age": age(incident.ended_at.unwrap_or(now) - incident.declared_at),
            "next_update": incident.updates.next, "outcome": incident.outcome,
            "decisions": newest, "older_decisions": older, "decisions_made": decisions.len().to_string(),
            "changes": changes, "now": now, "entries": entries, "functions": functions_data(tenant, &incident, &linked),
        });
        let mut message = self.renderer.message("answer/summary", &data, &tenant.organisation)?;
        message.rest = Some(format!("/log show {} page:1", incident.subject()));
        Ok(message)
    }

    async fn timeline(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Message, HandleError> {
        let incident = match self.incident_meant(tx, caller, named).await? {
            Ok(incident) => incident,
            Err(refusal) => return Ok(slip(&refusal)),
        };
        let mut subjects = vec![incident.subject()];
        subjects.extend(tx.changes_of_incident(incident.number).await?.iter().map(Change::subject));
        subjects.extend(tx.freezes_of_incident(incident.number).await?);
        let total = tx.log_page(&subjects, 0, 0).await?.total;
        let skipped = (total - TIMELINE_MAX).max(0);
        let page = tx.log_page(&subjects, skipped, TIMELINE_MAX).await?;
        let mut blocks = vec![heading(format!("{} · {} · timeline", incident.subject(), headline(&incident.title)))];
        let mut items = Vec::new();
        for entry in page.entries.iter().filter(|entry| entry.kind != "refused") {
            items.push(self.entry_line(tenant, entry, TimeStyle::Clock));
        }
        blocks.push(Block::List { items: fit(items) });
        let older = match skipped {
            0 => String::new(),
            n => format!("{n} older entries: `/log show {}`", incident.subject()),
        };
        if !older.is_empty() {
            blocks.push(Block::Context { text: plain(&older) });
        }
        Ok(Message { blocks, ..Message::default() })
    }

    /// The change that was named or is open here.
    pub(super) async fn change_meant(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        named: Option<Subject>,
    ) -> Result<Result<Change, Refusal>, HandleError> {
        let number = match self.change_number(tx, caller, named).await? {
            Ok(number) => number,
            Err(refusal) => return Ok(Err(refusal)),
        };
        Ok(tx.change(number).await?.ok_or_else(|| no_such(Subject::Change(number))))
    }

    async fn of_change(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        named: Option<Subject>,
        question: &Question,
    ) -> Result<Message, HandleError> {
        let change = match self.change_meant(tx, caller, named).await? {
            Ok(change) => change,
            Err(refusal) => return Ok(slip(&refusal)),
        };
        if *question == Question::ChangeShow {
            // A private copy is not kept up to date, so nobody decides on it: the buttons are on the card.
            return match self.change_card(tx, tenant, change.number).await? {
                Some(mut card) => {
                    card.blocks.retain(|block| !matches!(block, Block::Actions { .. }));
                    card.blocks.extend(self.skipped_steps(tx, tenant, &change).await?);
                    Ok(card)
                }
                None => Ok(slip(&no_such(change.subject()))),
            };
        }
        match question {
            Question::Risk => self.risk(tenant, &change),
            Question::Checklist { .. } => self.checklist(tenant, Listing::Change(&change)),
            Question::VoteMembers => self.vote_members(tenant, &change),
            Question::VoteQuorum => Ok(super::reminders::quorum(tenant, &change)),
            _ => self.vote_status(tenant, &change),
        }
    }

    fn risk(&self, tenant: &Tenant, change: &Change) -> Result<Message, HandleError> {
        let lines: Vec<Value> = change
            .risk
            .breakdown
            .iter()
            .map(|line| json!({"points": format!("{:+}", line.points), "what": line.what, "assumed": line.assumed}))
            .collect();
        let data = json!({
            "subject": change.subject(), "score": change.risk.score.to_string(), "band": change.risk.band.as_str(),
            "sentence": format!("It needs {}.", change.required.describe()), "moved": change.risk.moved_phrase(),
            "lines": lines, "policy": change.policy.to_string(), "bands": tenant.policy.risk.bands.describe(),
        });
        let mut message = self.renderer.message("answer/risk", &data, &tenant.organisation)?;
        if change.status == ChangeStatus::AwaitingApproval {
            message.blocks.push(row(vec![change_button(change, PressAction::Reassess, ButtonStyle::Plain)]));
        }
        Ok(message)
    }

    fn vote_status(&self, tenant: &Tenant, change: &Change) -> Result<Message, HandleError> {
        let Some(vote) = &change.vote else {
            let sentence = format!("{} needs no vote. It needs {}.", change.subject(), change.required.describe());
            return Ok(told(&sentence));
        };
        let mut data = vote_data(tenant, change, vote);
        data["subject"] = json!(change.subject());
        data["title"] = json!(headline(&change.title));
        data["policy"] = json!(vote.policy.as_str());
        data["sentence"] = json!(match &vote.outcome {
            Some(result) => result.sentence.clone(),
            None => change.tally(&tenant.policy).sentence,
        });
        Ok(self.renderer.message("answer/vote", &data, &tenant.organisation)?)
    }

    fn whoami(&self, tenant: &Tenant, actor: &Actor) -> Result<Message, HandleError> {
        let organisation = &tenant.organisation;
        let person = actor.person().and_then(|id| organisation.person(id));
        let data = match person {
            None => json!({ "person": false }),
            Some(person) => {
                let owns = organisation.services.values().filter(|service| service.owner == person.id);
                let approves = organisation.teams.values().filter(|team| team.approvers.contains(&person.id));
                let rosters = organisation.rosters.values().filter(|roster| roster.members.contains(&person.id));
                json!({
                    "person": true, "name": person.name, "team": person.team,
                    "roles": person.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>(),
                    "certified": person.certified,
                    "accounts": person.identities.iter().map(account_data).collect::<Vec<_>>(),
                    "owns": owns.map(|service| service.name.clone()).collect::<Vec<_>>(),
                    "approves": approves.map(|team| team.name.clone()).collect::<Vec<_>>(),
                    "rosters": rosters.map(|roster| roster.key.clone()).collect::<Vec<_>>(),
                })
            }
        };
        Ok(self.renderer.message("answer/whoami", &data, organisation)?)
    }

    fn help(&self, tenant: &Tenant, command: &str) -> Result<Message, HandleError> {
        let summary = catalogue::COMMANDS.iter().find(|(name, _)| *name == command).map_or("", |(_, summary)| summary);
        let verbs: Vec<Value> = catalogue::verbs_of(command)
            .map(|verb| json!({"name": verb.name, "summary": verb.summary, "example": verb.help_example()}))
            .collect();
        let data = json!({ "command": command, "summary": summary, "verbs": verbs });
        Ok(self.renderer.message("answer/help", &data, &tenant.organisation)?)
    }
}

fn account_data(identity: &Identity) -> Value {
    json!({
        "platform": identity.account.platform.name(), "id": identity.account.id, "by": identity.source.phrase(),
        "active": identity.active,
    })
}

pub(super) fn slip(refusal: &Refusal) -> Message {
    let mut blocks = vec![Block::Paragraph { text: plain(&refusal.sentence) }];
    if !refusal.next.is_empty() {
        blocks.push(Block::Paragraph { text: plain(&refusal.next) });
    }
    Message { blocks, ..Message::default() }
}

pub(super) fn heading(text: String) -> Block {
    Block::Heading { text: vec![Inline::Plain { text }] }
}

/// How many entries these records have, and the decisions among them, oldest first.
async fn decisions_of(tx: &mut Tx, subjects: &[Subject]) -> Result<(i64, Vec<Value>), HandleError> {
    let mut decisions = Vec::new();
    let mut read = 0;
    loop {
        let page = tx.log_page(subjects, read, LOG_CHUNK).await?;
        let decided = page.entries.iter().filter(|entry| entry.kind == "incident.decided");
        decisions.extend(decided.map(decision));
        read += LOG_CHUNK;
        if read >= page.total {
            return Ok((page.total, decisions));
        }
    }
}

fn decision(entry: &LogEntry) -> Value {
    let field = |name: &str| entry.data.get(name).cloned().unwrap_or(Value::Null);
    json!({
        "at": entry.at, "question": field("question"), "chose": field("chose"), "why": field("why"),
        "by": field("by"), "by_name": field("by_name"),
    })
}

fn change_summary(change: &Change) -> Value {
    let voters = change.vote.iter().flat_map(|vote| &vote.roster).map(|member| &member.person).filter(|person| {
        change.ballot_of(person).is_some_and(|ballot| ballot.choice == crate::domain::BallotChoice::Approve)
    });
    let mut approvers: Vec<&PersonId> =
        change.approvals.iter().map(|approval| &approval.person).chain(voters).collect();
    approvers.dedup();
    json!({
        "subject": change.subject(), "title": change.title, "status": change.status.phrase(),
        "band": change.risk.band.as_str(), "approvers": approvers,
    })
}

fn summary_sentence(incident: &Incident, services: &[String], changes: usize) -> String {
    let on = match services.len() {
        0..=3 => services.join(" and "),
        n => format!("{}, {} and {} more services", services[0], services[1], n - 2),
    };
    let status = incident.status.as_str();
    let what = if incident.is_open() {
        format!("{on} is affected; the incident is {status}.")
    } else {
        format!("The incident on {on} is over: {status}.")
    };
    let changes = match changes {
        0 => "No change was asked for".to_owned(),
        1 => "One change was asked for".to_owned(),
        n => format!("{n} changes were asked for"),
    };
    format!("{what} {changes}.")
}

fn age(age: chrono::TimeDelta) -> String {
    match (age.num_hours(), age.num_minutes() % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// Whether it asks what one change is, so that of a batch the batch is shown.
fn is_about_a_change(question: &Question) -> bool {
    matches!(
        question,
        Question::ChangeShow
            | Question::Risk
            | Question::Checklist { of: ChecklistOf::Change }
            | Question::VoteStatus
            | Question::VoteMembers
            | Question::VoteQuorum
            | Question::ChangeConflicts
    )
}
