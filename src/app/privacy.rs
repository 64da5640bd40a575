//! Erasure and legal hold: what a command is about, who is told that they are asked, and what the log says in the place
//! of a text that is gone.

use super::answer::{plain, told};
use super::handle::{Caller, HandleError};
use super::target::no_such;
use super::{App, Tenant};
use crate::domain::event::{ArchiveEvent, PrivacyEvent};
use crate::domain::privacy::{Erasure, ErasureOf, PrivacyCommand, PrivacyTarget};
use crate::domain::rules::{Action, HeldRole, RecordClass, Scope as Reach, authorize};
use crate::domain::{Organisation, PersonId, Place, Refusal, Role, Subject, Target};
use crate::render::{Block, Inline, Message, Text, TimeStyle};
use crate::store::{ErasedNote, Job, Later, NewTrouble, Tx};

/// So many officers are told that one of them is asked.
const TOLD_MAX: usize = 5;

type Found<T> = Result<T, Refusal>;

impl App {
    /// Loads the record, under its lock, as far as erasure is concerned.
    pub(super) async fn privacy_target(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        named: Option<Subject>,
        command: &PrivacyCommand,
        shown: Option<i32>,
    ) -> Result<Found<Target>, HandleError> {
        let subject = match self.privacy_subject(tx, caller, named, command).await? {
            Ok(subject) => subject,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut target = match lock(tx, subject).await? {
            Ok(target) => target,
            Err(refusal) => return Ok(Err(refusal)),
        };
        target.hold = tx.hold_on(subject).await?;
        match command {
            PrivacyCommand::Erase { of, .. } => self.look(tx, &mut target, of).await?,
            PrivacyCommand::Approve { of } | PrivacyCommand::Decline { of } => {
                target.request = request(tx, Some(subject), of.as_ref()).await?;
                if let Some(of) = target.request.as_ref().map(|request| request.of.clone()) {
                    self.look(tx, &mut target, &of).await?;
                }
            }
            PrivacyCommand::Hold { .. } | PrivacyCommand::Release { .. } => {}
            PrivacyCommand::ConfirmRetention | PrivacyCommand::PreviewRetention { .. } => {
                let tenant = self.tenant(tx).await?;
                if let Some(profile) = super::retention::profile(&tenant.policy) {
                    let confirmed = tx.retention_profile(&profile).await? == Some(true);
                    target.profile = Some((profile, confirmed));
                }
            }
            PrivacyCommand::Archive(command) => {
                target.archive = self.archive_target(tx, target.incident.as_ref(), command, shown).await?;
            }
            PrivacyCommand::EraseDue { scope, .. } => target.digests = tx.digests_of(subject, scope).await?,
            PrivacyCommand::FinishPerson { asked } => {
                let open = tx.open_erasures().await?;
                target.request = open.into_iter().find(|open| open.subject == subject && open.asked == *asked);
                if let Some(ErasureOf::Person { person, whole }) = target.request.as_ref().map(|open| open.of.clone()) {
                    let known_as = self.names_of(tx, &person).await?;
                    let left = tx.subjects_of_person(&known_as, whole).await?;
                    target.digests.extend(left.iter().map(ToString::to_string));
                }
            }
        }
        Ok(Ok(Target::Privacy(Box::new(target))))
    }

    /// The chain that a command is about.
    async fn privacy_subject(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        named: Option<Subject>,
        command: &PrivacyCommand,
    ) -> Result<Found<Subject>, HandleError> {
        let entry_needed =
            || Refusal::slip("Which entry?", "Name one by its receipt, as in `/log erase INC-7#3 basis: …`.");
        Ok(match command {
            PrivacyCommand::ConfirmRetention | PrivacyCommand::PreviewRetention { .. } => Ok(Subject::Policy),
            PrivacyCommand::FinishPerson { .. } | PrivacyCommand::Erase { of: ErasureOf::Person { .. }, .. } => {
                Ok(Subject::Organisation)
            }
            PrivacyCommand::Erase { of: ErasureOf::Entry(_), .. } | PrivacyCommand::EraseDue { .. } => {
                named.ok_or_else(entry_needed)
            }
            PrivacyCommand::Approve { of } | PrivacyCommand::Decline { of } => match (named, of) {
                (Some(subject), _) => Ok(subject),
                (None, Some(_)) => Ok(Subject::Organisation),
                (None, None) => only_one(&waiting(tx).await?).map(|request| request.subject),
            },
            PrivacyCommand::Hold { .. } | PrivacyCommand::Release { .. } | PrivacyCommand::Archive(_) => match named {
                Some(subject) => Ok(subject),
                None => match self.incident_number(tx, caller, None).await? {
                    Some(number) => Ok(Subject::Incident(number)),
                    None => Err(Refusal::slip("Which record?", "Say it in the war room, or name one, like INC-7.")),
                },
            },
        })
    }

    /// What there is of an entry or a person, whether the same is asked for already, and what holds it.
    async fn look(&self, tx: &mut Tx, target: &mut PrivacyTarget, of: &ErasureOf) -> Result<(), HandleError> {
        target.request = request(tx, Some(target.subject), Some(of)).await?;
        match of {
            ErasureOf::Entry(seq) => target.entry = tx.entry_texts(target.subject, *seq).await?,
            ErasureOf::Person { person, whole } => {
                let names = self.names_of(tx, person).await?;
                for subject in tx.subjects_of_person(&names, *whole).await? {
                    target.digests.push(subject.to_string());
                    if target.hold.is_none() {
                        target.hold = tx.hold_on(subject).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Every name that the log has for a person: the pseudonym, and the accounts from before they were linked.
    pub(super) async fn names_of(&self, tx: &mut Tx, person: &PersonId) -> Result<Vec<String>, HandleError> {
        let tenant = self.tenant(tx).await?;
        let accounts = tenant.organisation.accounts.iter().filter(|(_, owner)| *owner == person);
        Ok(std::iter::once(person.0.clone()).chain(accounts.map(|(account, _)| account.pseudonym())).collect())
    }

    /// Whoever can approve is told that they are asked; a preview is told to whoever confirms it.
    pub(super) async fn follow_privacy(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        subject: Subject,
        event: &PrivacyEvent,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        match event {
            PrivacyEvent::ErasureRequested { of, basis } => {
                let (what, call) = match of {
                    ErasureOf::Entry(seq) => {
                        (format!("the texts of {subject}#{seq}"), format!("/log approve {subject}#{seq}"))
                    }
                    ErasureOf::Person { person, .. } => {
                        let name = tenant.organisation.name_of(person);
                        let key = tenant.organisation.person(person).map_or(String::new(), |person| person.key.clone());
                        (format!("what there is of {name}"), format!("/log approve person:{key}"))
                    }
                };
                let by = caller.actor.name();
                let sentence = format!(
                    "{by} asks to erase {what} under: {basis}. It waits for a second officer, and nothing goes before \
                     one approves it: `{call}`"
                );
                self.tell_officers(tx, tenant, caller, subject, &call, &sentence, jobs).await
            }
            PrivacyEvent::RetentionPreviewed { profile, records } => {
                let sentence = format!(
                    "The rules of retention are new or changed. Tonight they would have erased something of {records} \
                     records; nothing was. `/admin retention` shows what is due, `/admin retention confirm` puts them \
                     in force."
                );
                self.tell_officers(tx, tenant, caller, subject, profile, &sentence, jobs).await
            }
            PrivacyEvent::ErasureApproved { .. } => {
                jobs.push(Job::Retain { tenant: tx.tenant() }.now());
                Ok(())
            }
            PrivacyEvent::PayloadErased(_) | PrivacyEvent::Archive(ArchiveEvent::Asked) => {
                self.seal_soon(tx, subject, jobs).await
            }
            PrivacyEvent::ErasureDeclined { .. }
            | PrivacyEvent::PersonErased { .. }
            | PrivacyEvent::HoldPlaced { .. }
            | PrivacyEvent::HoldReleased { .. }
            | PrivacyEvent::RetentionConfirmed { .. } => Ok(()),
            PrivacyEvent::Archive(event) => self.follow_redaction(tx, tenant, caller, subject, event, jobs).await,
        }
    }

    /// In private, and once.
    #[expect(clippy::too_many_arguments, reason = "one sentence, with all that says where it comes from")]
    async fn tell_officers(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        subject: Subject,
        cause: &str,
        sentence: &str,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let Some(workspace) = tenant.organisation.workspaces.first() else { return Ok(()) };
        let place = Place { platform: workspace.platform, workspace: workspace.id.clone(), channel: String::new() };
        let message = told(sentence);
        let new = NewTrouble { subject, place: &place, cause, at: self.clock.now(), message: &message };
        let Some(id) = tx.meet_trouble(&new).await? else { return Ok(()) };
        let officers =
            officers(&tenant.organisation).into_iter().filter(|person| caller.actor.person() != Some(person));
        let told = officers.take(TOLD_MAX).map(|person| Job::Tell { tenant: tx.tenant(), trouble: id, person }.now());
        let before = jobs.len();
        jobs.extend(told);
        if jobs.len() == before {
            tracing::error!("nobody can approve this: give somebody the role compliance or privacy");
        }
        Ok(())
    }

    /// `/admin retention`: the rules, what is due, what is held, what waits for a second person.
    pub(super) async fn retention_answer(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
    ) -> Result<Message, HandleError> {
        let me = caller.actor.person().and_then(|me| tenant.organisation.person(me));
        let roles = me.into_iter().flat_map(|me| &me.roles);
        let held: Vec<HeldRole> = roles.map(|role| HeldRole { role: *role, scope: Reach::Tenant }).collect();
        let may =
            [Action::ReadLogMetadata, Action::EraseText].iter().any(|action| authorize(&held, *action, &[]).is_ok());
        if !may {
            let refusal = Refusal::by_rule(
                "4.23",
                "What is kept and held is not open to you.",
                "A compliance officer can show it.",
            );
            return Ok(super::answer::Teller::refused(&refusal, None));
        }
        let mut blocks = vec![Block::Heading { text: vec![Inline::Plain { text: "Retention".to_owned() }] }];
        let due = self.due(tx, tenant).await?;
        let state = match super::retention::profile(&tenant.policy) {
            None => "The policy has no [retention] section: nothing is erased by age.".to_owned(),
            Some(profile) => match tx.retention_profile(&profile).await? {
                Some(true) => "These rules are in force: what is due goes at night.".to_owned(),
                Some(false) | None => {
                    "These rules are not confirmed: nothing is erased by age. `/admin retention confirm` puts them in force."
                        .to_owned()
                }
            },
        };
        blocks.push(Block::Paragraph { text: plain(&state) });
        push_list(&mut blocks, "", tenant.policy.retention.describe());
        blocks.push(Block::Paragraph { text: plain(&self.archive_rule(tenant)) });
        let due_now = due.iter().map(|due| format!("{} · {} · {}", due.subject, due.class.as_str(), due.rule));
        push_list(&mut blocks, "Due now", due_now.collect());
        let name = |person: &PersonId| tenant.organisation.name_of(person);
        let holds = tx.holds().await?;
        let day = |at: chrono::DateTime<chrono::Utc>| at.format("%-d %B %Y").to_string();
        let held = holds
            .iter()
            .map(|hold| format!("{} since {}, by {}: {}", hold.subject, day(hold.at), name(&hold.by), hold.why));
        push_list(&mut blocks, "On legal hold", held.collect());
        let open = tx.open_erasures().await?;
        let asked = open.iter().map(|open| {
            let what = match &open.of {
                ErasureOf::Entry(seq) => format!("{}#{seq}", open.subject),
                ErasureOf::Person { person, .. } => name(person),
            };
            let state = if open.approved_by.is_some() { "approved, under way" } else { "waits for a second officer" };
            format!("{what}, asked for by {} under {}: {state}", name(&open.asked_by), open.basis)
        });
        push_list(&mut blocks, "Erasures", asked.collect());
        Ok(Message { blocks, ..Message::default() })
    }
}

/// Lines that a list of the answer shows; the log has the rest.
const LINES_MAX: usize = 12;

fn push_list(blocks: &mut Vec<Block>, title: &str, mut lines: Vec<String>) {
    if lines.is_empty() {
        return;
    }
    if !title.is_empty() {
        blocks.push(Block::Paragraph { text: vec![Inline::Plain { text: format!("{title}: {}", lines.len()) }] });
    }
    let more = lines.len().saturating_sub(LINES_MAX);
    lines.truncate(LINES_MAX);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    let items = lines.into_iter().map(|text| vec![Inline::Plain { text }]).collect();
    blocks.push(Block::List { items });
}

/// Compliance and privacy officers.
pub(super) fn officers(organisation: &Organisation) -> Vec<PersonId> {
    let mut officers: Vec<PersonId> =
        [Role::Compliance, Role::Privacy].into_iter().flat_map(|role| organisation.with_role(role)).cloned().collect();
    officers.sort();
    officers.dedup();
    officers
}

/// Holds the record's lock, in the order that every command keeps.
async fn lock(tx: &mut Tx, subject: Subject) -> Result<Found<PrivacyTarget>, HandleError> {
    let mut target = PrivacyTarget::of(subject);
    match subject {
        Subject::Incident(number) => match tx.lock_incident(number).await? {
            Some(incident) => target.incident = Some(incident),
            None => return Ok(Err(no_such(subject))),
        },
        // With its incident, on which a hold may be placed at this moment.
        Subject::Change(number) => {
            if let Some(incident) = tx.incident_of_change(number).await?.flatten() {
                target.incident = tx.lock_incident(incident).await?;
            }
            if tx.lock_change(number).await?.is_none() {
                return Ok(Err(no_such(subject)));
            }
        }
        Subject::Freeze(number) => {
            if let Some(incident) = tx.incident_of_freeze(number).await?.flatten() {
                target.incident = tx.lock_incident(incident).await?;
            }
            if tx.lock_freeze(number).await?.is_none() {
                return Ok(Err(no_such(subject)));
            }
        }
        Subject::Meeting(number) => {
            if tx.lock_meeting(number).await?.is_none() {
                return Ok(Err(no_such(subject)));
            }
        }
        Subject::Exception(number) => {
            if tx.lock_exception(number).await?.is_none() {
                return Ok(Err(no_such(subject)));
            }
        }
        Subject::Batch(number) => {
            if tx.lock_batch(number).await?.is_none() {
                return Ok(Err(no_such(subject)));
            }
        }
        Subject::Organisation | Subject::Policy | Subject::Deployment => tx.lock_tenant().await?,
    }
    Ok(Ok(target))
}

/// Requests that nobody has decided.
async fn waiting(tx: &mut Tx) -> Result<Vec<Erasure>, HandleError> {
    let mut open = tx.open_erasures().await?;
    open.retain(|open| open.approved_by.is_none());
    Ok(open)
}

/// The request that waits for this, or on this record.
async fn request(
    tx: &mut Tx,
    subject: Option<Subject>,
    of: Option<&ErasureOf>,
) -> Result<Option<Erasure>, HandleError> {
    let is_meant = |open: &Erasure| {
        subject.is_none_or(|subject| subject == open.subject)
            && match (of, &open.of) {
                (None, _) => true,
                (Some(ErasureOf::Entry(one)), ErasureOf::Entry(other)) => one == other,
                (Some(ErasureOf::Person { person: one, .. }), ErasureOf::Person { person: other, .. }) => one == other,
                (Some(_), _) => false,
            }
    };
    Ok(waiting(tx).await?.into_iter().find(is_meant))
}

fn only_one(waiting: &[Erasure]) -> Found<&Erasure> {
    match waiting {
        [only] => Ok(only),
        [] => Err(Refusal::slip(
            "No erasure waits for a second person.",
            "`/admin retention` shows what is held and due.",
        )),
        _ => Err(Refusal::slip(
            format!("{} erasures wait.", waiting.len()),
            "`/admin retention` shows them; name the one you mean, as in `/log approve INC-7#3`.",
        )),
    }
}

/// "erased on … by … under …": what the log says where a text was.
pub(super) fn erased_note(organisation: &Organisation, note: &ErasedNote) -> Text {
    let name = |id: &str| match id {
        "wardroom" => "Wardroom".to_owned(),
        id => organisation.name_of(&PersonId(id.to_owned())),
    };
    let mut words = format!(" by {}", name(&note.by));
    if let Some(asked_by) = &note.asked_by {
        words = format!("{words}, asked for by {}", name(asked_by));
    }
    if let Some(basis) = &note.basis {
        words = format!("{words}, under {basis}");
    }
    if let Some(class) = note.class.as_deref().and_then(RecordClass::parse) {
        words = format!("{words}, because of its age (rule 4.34, {})", class.as_str());
    }
    vec![
        Inline::Plain { text: " · erased on ".to_owned() },
        Inline::Time { at: note.at, style: TimeStyle::Date },
        Inline::Plain { text: words },
    ]
}
