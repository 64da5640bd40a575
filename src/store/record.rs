//! The one public writer: what was decided, its log entries and its deadlines, in one transaction.

use chrono::{DateTime, TimeDelta, Utc};

use super::armed::Armed;
use super::concern::ConcernSaid;
use super::error::Doing;
use super::organisation_file::OrganisationFile;
use super::proposal::NewProposal;
use super::{StoreError, Tx};
use crate::domain::delegation::organisation_promises;
use crate::domain::rules::CatalogueState;
use crate::domain::{
    Actor, Approval, Ballot, CatalogueMark, ChangeEvent, CheckpointDue, DeadlineKind, Event, IncidentEvent,
    Organisation, Place, ProposalEvent, State, Subject,
};
use crate::ledger::{Encoded, Head, Origin, encode};

/// Something decided, and what it writes beside its entries.
#[derive(Debug)]
pub struct Recorded<'a> {
    pub subject: Subject,
    pub events: &'a [Event],
    pub writes: Writes<'a>,
    pub by: &'a Actor,
    pub at: DateTime<Utc>,
    /// The delivery or job that asked.
    pub command: &'a str,
    pub place: Option<&'a Place>,
    /// Names deployment and tenant in each entry.
    pub log: &'a str,
    /// What the sandbox's clock is ahead of real time by, in which the job queue counts.
    pub clock_ahead: TimeDelta,
}

#[derive(Debug)]
pub enum Writes<'a> {
    /// The record's own row, and the moments that it promises now.
    State {
        state: &'a State,
        promises: &'a [(DeadlineKind, DateTime<Utc>)],
    },
    Organisation {
        file: &'a OrganisationFile,
        current: &'a Organisation,
    },
    Policy {
        hash: &'a str,
        source: &'a str,
    },
    /// A policy that has to be signed first, or waits for its day.
    Proposal {
        new: NewProposal<'a>,
        promises: &'a [(DeadlineKind, DateTime<Utc>)],
    },
    /// The log goes on under a new name.
    Epoch {
        epoch: i32,
        statement: &'a str,
    },
    /// The sandbox's clock: how far it is moved in all, and by how much just now, in seconds.
    ClockOffset {
        moved: i64,
        by: i32,
    },
}

/// Proof that an entry was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub subject: Subject,
    pub seq: i32,
    pub leaf_hash: [u8; 32],
}

impl Receipt {
    /// `L INC-42#7 4jlD/tdS`
    pub fn text(&self) -> String {
        crate::ledger::receipt(&self.subject.to_string(), self.seq, &self.leaf_hash)
    }
}

/// What a record builds on.
struct Standing {
    head: Head,
    armed: Vec<Armed>,
}

impl Tx {
    /// Writes what was decided. The caller holds the subject's lock. Deadlines are armed
    /// with it.
    pub async fn record(&mut self, recorded: &Recorded<'_>) -> Result<Vec<Receipt>, StoreError> {
        let standing = self.standing(recorded.subject).await?;
        let entries = encode_all(recorded, standing.head);
        self.insert_entries(recorded, &entries).await?;
        self.leaving.entries = true;
        self.leaving.urgent |= recorded.events.iter().any(|event| event.checkpoint_due() == CheckpointDue::AtOnce);
        for (event, entry) in recorded.events.iter().zip(&entries) {
            self.insert_children(recorded, event, entry.seq).await?;
        }
        let version = entries.last().map_or(0, |entry| entry.seq);
        self.write(recorded, &standing.armed, version).await?;
        let receipt = |e: &Encoded| Receipt { subject: recorded.subject, seq: e.seq, leaf_hash: e.leaf_hash };
        Ok(entries.iter().map(receipt).collect())
    }

    /// Holds the chain of a subject that has no row of its own to lock. The key is left alone: every insert of the tenant
    /// refers to it, and would wait.
    pub async fn lock_tenant(&mut self) -> Result<(), StoreError> {
        let tenant = self.tenant;
        sqlx::query!("select id from tenant where id = $1 for no key update", tenant)
            .fetch_one(self.conn())
            .await
            .doing("locking the tenant")?;
        Ok(())
    }

    async fn write(&mut self, recorded: &Recorded<'_>, armed: &[Armed], version: i32) -> Result<(), StoreError> {
        match &recorded.writes {
            Writes::State { state: State::Unchanged, .. } => Ok(()),
            Writes::State { state: State::Incident(incident), promises } => {
                self.save_incident(incident, version).await?;
                self.sync_deadlines(recorded, armed, promises, version).await
            }
            Writes::State { state: State::Change(change), promises } => {
                self.save_change(change, version).await?;
                self.sync_deadlines(recorded, armed, promises, version).await
            }
            Writes::State { state: State::Freeze(freeze), promises } => {
                self.save_freeze(freeze, version).await?;
                self.sync_deadlines(recorded, armed, promises, version).await
            }
            Writes::State { state: State::Meeting(meeting), promises } => {
                self.save_meeting(meeting, version).await?;
                self.sync_deadlines(recorded, armed, promises, version).await
            }
            Writes::State { state: State::Batch(batch), .. } => self.save_batch(batch, version).await,
            Writes::State { state: State::Exception(exception), promises } => {
                self.save_exception(exception, version).await?;
                self.sync_deadlines(recorded, armed, promises, version).await
            }
            Writes::State { state: State::Proposal(proposal), promises } => {
                self.save_proposal(proposal, version, recorded.at).await?;
                self.sync_deadlines(recorded, armed, promises, version).await
            }
            Writes::State { state: State::ByEvents, promises } => {
                self.sync_deadlines(recorded, armed, promises, version).await
            }
            Writes::Organisation { file, current } => {
                self.write_organisation(file, current, version).await?;
                let new = self.organisation().await?;
                let promises = organisation_promises(&new, (&new.delegations, &new.absences), recorded.at);
                self.sync_deadlines(recorded, armed, &promises, version).await
            }
            Writes::Policy { hash, source } => self.write_policy(hash, source, version, recorded.at).await,
            Writes::Proposal { new, promises } => {
                self.insert_proposal(new, version, recorded.at).await?;
                self.sync_deadlines(recorded, armed, promises, version).await
            }
            Writes::Epoch { epoch, statement } => self.begin_epoch(*epoch, statement).await,
            Writes::ClockOffset { moved, by } => {
                self.save_clock_offset(*moved).await?;
                self.move_jobs(*by).await
            }
        }
    }

    /// The newest entry of a chain, and the subject's armed deadlines. Read after the subject's lock is held, in a
    /// statement of its own: the one that waits for a lock sees what was there before it waited.
    async fn standing(&mut self, subject: Subject) -> Result<Standing, StoreError> {
        let row = sqlx::query!(
            r#"select head.seq as "seq?", head.leaf_hash as "leaf_hash?",
                      array(select kind from deadline where subject = $2 and state = 'armed' order by kind) as "kinds!",
                      array(select due_at from deadline where subject = $2 and state = 'armed' order by kind) as "due!"
               from (select) one left join lateral (
                 select seq, leaf_hash from dlog.entry where tenant_id = $1 and subject = $2 order by seq desc limit 1
               ) head on true"#,
            self.tenant,
            subject.to_string()
        )
        .fetch_one(self.conn())
        .await
        .doing("reading the head of a chain")?;
        let head = match (row.seq, row.leaf_hash) {
            (Some(seq), Some(leaf_hash)) => Head { seq, leaf_hash },
            _ => Head::default(),
        };
        let armed = row.kinds.into_iter().zip(row.due).map(|(kind, due_at)| {
            let known = DeadlineKind::parse(&kind);
            let kind = known.ok_or_else(|| StoreError::impossible(format!("a deadline of kind {kind}")))?;
            Ok(Armed { kind, due_at })
        });
        Ok(Standing { head, armed: armed.collect::<Result<_, StoreError>>()? })
    }

    /// Entries and their disclosures in one statement.
    async fn insert_entries(&mut self, recorded: &Recorded<'_>, entries: &[Encoded]) -> Result<(), StoreError> {
        let seqs: Vec<i32> = entries.iter().map(|entry| entry.seq).collect();
        let kinds: Vec<String> = entries.iter().map(|entry| entry.kind.to_owned()).collect();
        let bodies: Vec<Vec<u8>> = entries.iter().map(|entry| entry.body.clone()).collect();
        let person = recorded.by.pseudonym();
        let (mut of, mut digests, mut disclosures) = (Vec::new(), Vec::new(), Vec::new());
        for entry in entries {
            for disclosure in &entry.disclosures {
                of.push(entry.seq);
                digests.push(disclosure.digest.to_vec());
                disclosures.push(disclosure.bytes.clone());
            }
        }
        let tenant = self.tenant;
        let written = sqlx::query_scalar!(
            r#"with entry as (
                 insert into dlog.entry (tenant_id, subject, seq, kind, body)
                 select $1, $2, seq, kind, body
                 from unnest($3::int[], $4::text[], $5::bytea[]) as new (seq, kind, body) order by seq
                 returning id, seq
               ), disclosed as (
                 insert into dlog.disclosure (tenant_id, entry_id, digest, person, disclosure)
                 select $1, entry.id, new.digest, $6, new.disclosure
                 from unnest($7::int[], $8::bytea[], $9::bytea[]) as new (seq, digest, disclosure)
                 join entry on entry.seq = new.seq
                 returning 1
               )
               select count(*) as "written!" from entry"#,
            tenant,
            recorded.subject.to_string(),
            &seqs,
            &kinds,
            &bodies,
            person,
            &of,
            &digests,
            &disclosures
        )
        .fetch_one(self.conn())
        .await
        .doing("writing log entries")?;
        match usize::try_from(written) {
            Ok(written) if written == entries.len() => Ok(()),
            _ => Err(StoreError::impossible(format!("{written} of {} entries were written", entries.len()))),
        }
    }

    /// The rows that an event makes beside its record's own. Adding an event without deciding this does not compile.
    async fn insert_children(&mut self, recorded: &Recorded<'_>, event: &Event, seq: i32) -> Result<(), StoreError> {
        match event {
            Event::Incident(event) => self.insert_incident_children(recorded, event, seq).await,
            Event::Change(ChangeEvent::EntrySuspended(of)) => {
                let mark = CatalogueMark { state: CatalogueState::Suspended, by_failures: true, at: recorded.at };
                self.insert_catalogue_mark(recorded, (&of.entry, of.version), mark, seq).await
            }
            Event::Change(ChangeEvent::Entry(event)) => self.write_board_word(recorded, event, seq).await,
            Event::Change(event) => self.insert_change_children(recorded, event, seq).await,
            Event::Catalogue(event) => {
                let of = event.step();
                self.insert_catalogue_mark(recorded, (&of.entry, of.version), event.mark(recorded.at), seq).await
            }
            Event::Freeze(event) => match &recorded.writes {
                Writes::State { state: State::Freeze(freeze), .. } => self.write_override(freeze, event, seq).await,
                Writes::State { .. }
                | Writes::Organisation { .. }
                | Writes::Policy { .. }
                | Writes::Proposal { .. }
                | Writes::Epoch { .. }
                | Writes::ClockOffset { .. } => Ok(()),
            },
            Event::Delegation(event) => self.write_delegation(recorded, event, seq).await,
            Event::Absence(event) => self.write_absence(recorded, event, seq).await,
            Event::Exception(event) => self.write_exception(recorded, event, seq).await,
            Event::Pir(event) => match &recorded.writes {
                Writes::State { state: State::Change(change), .. } => self.write_pir(change, event, seq).await,
                Writes::State { .. }
                | Writes::Organisation { .. }
                | Writes::Policy { .. }
                | Writes::Proposal { .. }
                | Writes::Epoch { .. }
                | Writes::ClockOffset { .. } => Ok(()),
            },
            Event::Ruling(event) => self.write_escalation(recorded, event, seq).await,
            Event::Conflict(event) => self.write_conflict(recorded, event, seq).await,
            Event::Notice(event) => self.write_notice_answer(recorded, event, seq).await,
            Event::Claim(event) => self.write_claim(recorded, event, seq).await,
            Event::Standby(event) => self.write_standby(recorded, event, seq).await,
            Event::Rehearsal(event) => self.write_rehearsal(recorded, event, seq).await,
            Event::Link(event) => self.write_link(recorded, event, seq).await,
            Event::Identity(event) => self.write_identity(recorded, event, seq).await,
            Event::Feed(event) => self.write_feed(event, seq).await,
            Event::Charter(event) => self.write_charter(recorded, event, seq).await,
            Event::Privacy(event) => self.write_privacy(recorded, event, seq).await,
            Event::Amendment(event) => self.write_amendment(recorded, event, seq).await,
            Event::Proposal(ProposalEvent::Read { policy, .. }) => self.insert_reading(recorded, *policy, seq).await,
            Event::Log(_)
            | Event::Rota(_)
            | Event::Batch(_)
            | Event::CustomField(_)
            | Event::Checklist(_)
            | Event::Meeting(_)
            | Event::Proposal(_)
            | Event::Refused { .. }
            | Event::OrganisationApplied { .. }
            | Event::PolicyLoaded { .. }
            | Event::ClockMoved { .. }
            | Event::LogExported { .. } => Ok(()),
        }
    }

    async fn insert_incident_children(
        &mut self,
        recorded: &Recorded<'_>,
        event: &IncidentEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        match event {
            IncidentEvent::RoomOpened { place } => self.insert_room(recorded.subject, seq, place).await,
            IncidentEvent::UpdateSent { slot, late, .. } => self.insert_update(recorded, *slot, *late, seq).await,
            IncidentEvent::Declared { .. }
            | IncidentEvent::WordUnmapped { .. }
            | IncidentEvent::PrioritySet { .. }
            | IncidentEvent::ExposureSet { .. }
            | IncidentEvent::StepRequested { .. }
            | IncidentEvent::StepConfirmed { .. }
            | IncidentEvent::StepDeclined { .. }
            | IncidentEvent::StatusSet { .. }
            | IncidentEvent::LeadSet { .. }
            | IncidentEvent::SuccessorPaged { .. }
            | IncidentEvent::CommanderHeard { .. }
            | IncidentEvent::NoteAdded { .. }
            | IncidentEvent::DecisionRecorded { .. }
            | IncidentEvent::MajorDeclared { .. }
            | IncidentEvent::MajorStoodDown { .. }
            | IncidentEvent::Draft(_)
            | IncidentEvent::Resolved { .. }
            | IncidentEvent::Reopened { .. }
            | IncidentEvent::Cancelled { .. } => Ok(()),
        }
    }

    async fn insert_change_children(
        &mut self,
        recorded: &Recorded<'_>,
        event: &ChangeEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        let Actor::Person { id, account, .. } = recorded.by else { return Ok(()) };
        match event {
            ChangeEvent::SeatGranted { seat, revision, on_behalf, why, owns, .. } => {
                let (person, on_behalf) = (id.clone(), on_behalf.as_ref().map(|stands| stands.person.clone()));
                let (platform, at, owns) = (account.platform, recorded.at, owns.clone());
                let approval = Approval { seat: *seat, person, on_behalf, platform, at, owns };
                self.insert_approval(recorded.subject, seq, *revision, &approval, why.as_deref()).await?;
                self.insert_review(recorded, (event, id), seq).await
            }
            ChangeEvent::Review(_) => self.insert_review(recorded, (event, id), seq).await,
            ChangeEvent::BallotCast { choice, revision, round, on_behalf, why, owns, .. } => {
                let (person, platform, at) = (id.clone(), account.platform, recorded.at);
                let on_behalf = on_behalf.as_ref().map(|stands| stands.person.clone());
                let (choice, why, owns) = (*choice, why.clone(), owns.clone());
                let ballot = Ballot { person, on_behalf, choice, why, platform, at, owns };
                self.insert_ballot(recorded.subject, seq, (*revision, *round), &ballot).await
            }
            ChangeEvent::ConcernRaised { revision, why } => {
                let said = ConcernSaid { person: id, settles: None, why: Some(why), platform: account.platform };
                self.insert_concern(recorded, seq, *revision, said).await
            }
            ChangeEvent::ConcernResolved { revision, raised, why, .. } => {
                let (settles, platform) = (Some(*raised), account.platform);
                let said = ConcernSaid { person: id, settles, why: why.as_deref(), platform };
                self.insert_concern(recorded, seq, *revision, said).await
            }
            ChangeEvent::Requested(_)
            | ChangeEvent::Revised(_)
            | ChangeEvent::Edited { .. }
            | ChangeEvent::Scheduled { .. }
            | ChangeEvent::VoteReminded { .. }
            | ChangeEvent::ChairAsked { .. }
            | ChangeEvent::VoteClosed { .. }
            | ChangeEvent::Asked { .. }
            | ChangeEvent::Unanswered { .. }
            | ChangeEvent::Approval(_)
            | ChangeEvent::Approved { .. }
            | ChangeEvent::Rejected { .. }
            | ChangeEvent::ApprovalExpired { .. }
            | ChangeEvent::Started
            | ChangeEvent::Done { .. }
            | ChangeEvent::RolledBack { .. }
            | ChangeEvent::Withdrawn { .. }
            | ChangeEvent::Announced { .. }
            | ChangeEvent::WindowWarned { .. }
            | ChangeEvent::WindowExpired { .. }
            | ChangeEvent::WindowMissed { .. }
            | ChangeEvent::ExtensionRequested { .. }
            | ChangeEvent::WindowExtended { .. }
            | ChangeEvent::ExtensionDenied { .. }
            | ChangeEvent::EntrySuspended(_)
            | ChangeEvent::Entry(_)
            | ChangeEvent::Recorded(_)
            | ChangeEvent::Finding(_)
            | ChangeEvent::Attested { .. }
            | ChangeEvent::Validation(_)
            | ChangeEvent::Rollback(_)
            | ChangeEvent::Risk(_)
            | ChangeEvent::Slot(_)
            | ChangeEvent::Halt(_)
            | ChangeEvent::Hold(_) => Ok(()),
        }
    }
}

fn encode_all(recorded: &Recorded<'_>, mut head: Head) -> Vec<Encoded> {
    let origin = Origin {
        log: recorded.log,
        subject: recorded.subject,
        actor: recorded.by,
        at: recorded.at,
        command: recorded.command,
        place: recorded.place,
    };
    recorded
        .events
        .iter()
        .map(|event| {
            let encoded = encode(&origin, &head, &event.draft());
            head = Head { seq: encoded.seq, leaf_hash: encoded.leaf_hash.to_vec() };
            encoded
        })
        .collect()
}
