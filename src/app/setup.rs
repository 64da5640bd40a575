//! What operators do: load the organisation, load a policy, move the sandbox's clock. Each is an entry of the log.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::App;
use super::amendments::answered_by;
use super::handle::{Caller, HandleError};
use crate::domain::decide::policy_promises;
use crate::domain::policy::{DEFAULT_TOML, Policy};
use crate::domain::proposal::{Proposal, ProposalState, Terms};
use crate::domain::{Actor, Amendment, Command, Event, PersonId, ProposalEvent, Subject, Target};
use crate::rulebook::{FileProblem, complete_policy, read_policy, unknown_services};
use crate::store::organisation_diff::{self, LinkMade, OrganisationChange};
use crate::store::{Job, LoadedPolicy, NewProposal, OrganisationFile, Tx, Writes};

/// Who signs a policy today does not know what is right in two years.
const AHEAD_MAX: TimeDelta = TimeDelta::days(366);

#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error(transparent)]
    Handle(#[from] HandleError),
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    #[error("this organisation file cannot be read: {0}")]
    BadFile(Box<toml::de::Error>),
    #[error("this policy is refused, and the one before stays in force:\n{}", items(.0))]
    BadPolicy(Vec<FileProblem>),
    #[error("this does not hold together:\n{}", items(.0))]
    Problems(Vec<String>),
}

fn items(problems: &[impl ToString]) -> String {
    problems.iter().map(|problem| format!("  - {}", problem.to_string())).collect::<Vec<_>>().join("\n")
}

/// What became of a policy that was loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyLoad {
    /// It is new, and in force.
    pub in_force: bool,
    /// The names of those whose signatures it waits for.
    pub waits_for: Vec<String>,
    /// When it comes into force, where that is not at once.
    pub effective_at: Option<DateTime<Utc>>,
    /// Somebody who has to sign it has objected to it.
    pub rejected: bool,
    /// The amendments that it answers, of those that wait; and those that nobody has asked for.
    pub answers: Vec<String>,
    pub unknown: Vec<String>,
}

/// What a file changes, and what it leaves as people made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    pub changes: Vec<OrganisationChange>,
    pub kept: Vec<LinkMade>,
}

impl App {
    /// Applies an organisation file. Returns what it changes; with `dry`, changes nothing.
    pub async fn apply_organisation(&self, source: &str, dry: bool) -> Result<Applied, SetupError> {
        let file: OrganisationFile = toml::from_str(source).map_err(|error| SetupError::BadFile(Box::new(error)))?;
        let problems = file.problems(source);
        if !problems.is_empty() {
            return Err(SetupError::Problems(problems));
        }
        let tenant = self.store.tenant_named(&file.tenant.key).await?;
        let mut tx = self.store.begin(tenant).await?;
        tx.ensure_tenant(&file.tenant).await?;
        tx.lock_tenant().await?;
        let current = tx.organisation().await?;
        let mut contradictions = organisation_diff::contradictions(&file, &current);
        contradictions.extend(tx.taken_from_others(&file).await?);
        if !contradictions.is_empty() {
            return Err(SetupError::Problems(contradictions));
        }
        let changes = organisation_diff::changes(&file, &current);
        let applied = Applied { changes, kept: organisation_diff::links_made(&current).collect() };
        if dry || applied.changes.is_empty() {
            tx.rollback().await?;
            return Ok(applied);
        }
        let event = organisation_diff::event(&file, &applied.changes);
        let writes = Writes::Organisation { file: &file, current: &current };
        self.record_setup(&mut tx, Subject::Organisation, event, writes).await?;
        let setup = Caller { actor: &Actor::Wardroom, place: None, command: "setup" };
        self.publish_charters(&mut tx, &file, &setup).await?;
        if tx.policy().await?.is_none() {
            self.record_policy(&mut tx, DEFAULT_TOML).await?;
        }
        tx.enqueue([Job::Homes { tenant }.now()]);
        let cards = self.show_undecided(&mut tx, None).await?;
        tx.enqueue(cards);
        tx.commit().await?;
        self.forget_workspaces();
        Ok(applied)
    }

    /// Loads a policy that is to hold at once.
    pub async fn load_policy(&self, source: &str) -> Result<PolicyLoad, SetupError> {
        self.load_policy_under(source, &Terms::default()).await
    }

    /// Loads a policy: of the unit that it names, otherwise of every unit without one of its own. A bad one is refused, and
    /// the one before stays in force. Where signatories are named, one that they have not signed is proposed; one whose
    /// day is still to come waits for it.
    pub async fn load_policy_under(&self, source: &str, terms: &Terms) -> Result<PolicyLoad, SetupError> {
        let policy = read_policy(source).map_err(SetupError::BadPolicy)?;
        self.check_day(terms.effective_at)?;
        self.check_answers(&policy).await?;
        self.check_services(source, &policy).await?;
        let mut load = PolicyLoad::default();
        for tenant in self.store.tenants().await? {
            let mut tx = self.store.begin(tenant).await?;
            tx.lock_tenant().await?;
            let key = tx.tenant_row().await?.key;
            let before = tx.policy().await?;
            let names = before.as_ref().and_then(|loaded| complete_policy(&loaded.source)?.0.unit);
            let is_meant = policy.unit.as_ref().map_or(names.as_ref() != Some(&key), |unit| *unit == key);
            if !is_meant || before.is_some_and(|loaded| loaded.hash == hash_of(source)) {
                continue;
            }
            let organisation = tx.organisation().await?;
            let signatories = organisation.signatories();
            if signatories.as_ref().is_some_and(Vec::is_empty) {
                let problem = format!("{key}: the roster signatories names nobody who is here, so nobody can sign");
                return Err(SetupError::Problems(vec![problem]));
            }
            let signatories = signatories.unwrap_or_default();
            let answered = answered_by(&mut tx, &policy).await?;
            load.answers.extend(answered.waiting.iter().map(Amendment::name));
            load.unknown.extend(answered.unknown);
            let answered = answered.waiting.as_slice();
            if let Some(proposal) = self.propose(&mut tx, source, (&signatories, answered), terms).await? {
                let missing = proposal.missing(&organisation);
                load.waits_for.extend(missing.iter().map(|person| organisation.name_of(person)));
                load.rejected |= proposal.state == ProposalState::Rejected;
                load.effective_at = load.effective_at.or(proposal.effective_at);
            } else {
                self.record_policy(&mut tx, source).await?;
                self.announce_policy(&mut tx, &organisation).await?;
                self.adopt_amendments(&mut tx, answered, &hash_of(source)).await?;
                load.in_force = true;
            }
            tx.commit().await?;
        }
        Ok(load)
    }

    /// A field that is asked of services names those that a unit has for which the policy is meant. One that is loaded
    /// already is not looked at again: services come and go.
    async fn check_services(&self, source: &str, policy: &Policy) -> Result<(), SetupError> {
        let (mut known, mut is_new) = (BTreeSet::new(), false);
        for tenant in self.store.tenants().await? {
            let mut tx = self.store.begin(tenant).await?;
            let key = tx.tenant_row().await?.key;
            if policy.unit.as_ref().is_none_or(|unit| *unit == key) {
                is_new |= tx.policy().await?.is_none_or(|loaded| loaded.hash != hash_of(source));
                known.extend(tx.organisation().await?.services.into_keys());
            }
            tx.rollback().await?;
        }
        let unknown = if is_new { unknown_services(source, policy, &known) } else { Vec::new() };
        if unknown.is_empty() { Ok(()) } else { Err(SetupError::BadPolicy(unknown)) }
    }

    /// Nothing comes into force in the past, and nothing is agreed to for years ahead.
    fn check_day(&self, day: Option<DateTime<Utc>>) -> Result<(), SetupError> {
        let now = self.clock.now();
        let problem = match day {
            Some(at) if at <= now => format!("{} is past: a policy comes into force from now on", at.to_rfc3339()),
            Some(at) if at > now + AHEAD_MAX => format!("{} is more than a year ahead", at.to_rfc3339()),
            Some(_) | None => return Ok(()),
        };
        Err(SetupError::Problems(vec![problem]))
    }

    /// Amendments are numbered by unit: a policy for several of them cannot say whose it answers.
    async fn check_answers(&self, policy: &Policy) -> Result<(), SetupError> {
        let tenants = self.store.tenants().await?;
        if policy.answers.is_empty() || policy.unit.is_some() || tenants.len() <= 1 {
            return Ok(());
        }
        let problem = "answers: each unit has amendments of its own; say whose policy this is with `unit = \"…\"`";
        Err(SetupError::Problems(vec![problem.to_owned()]))
    }

    /// What waits already is not proposed again, neither what was objected to. `None`: nobody has to sign it, and it is to
    /// hold at once.
    async fn propose(
        &self,
        tx: &mut Tx,
        source: &str,
        (signatories, answered): (&[PersonId], &[Amendment]),
        terms: &Terms,
    ) -> Result<Option<Proposal>, SetupError> {
        let hash = hash_of(source);
        let waiting = tx.waiting_proposals().await?;
        let newest = tx.proposal().await?.filter(|newest| newest.state == ProposalState::Rejected);
        // A bot that starts anew with the file says nothing of its day: that is the day that was said before.
        let is_known = |known: &&Proposal| {
            known.hash == hash && known.signatories == signatories && (*terms == Terms::default() || terms.is_of(known))
        };
        if let Some(known) = waiting.iter().chain(&newest).find(is_known) {
            return Ok(Some(known.clone()));
        }
        if signatories.is_empty() && terms.effective_at.is_none() {
            return Ok(None);
        }
        let event = Event::Proposal(ProposalEvent::Proposed {
            hash: hash.clone(),
            signatories: signatories.to_vec(),
            effective_at: terms.effective_at,
            origin: terms.origin.clone(),
        });
        let own = terms.effective_at.filter(|_| signatories.is_empty());
        let numbers = &self.tenant(tx).await?.policy.registry;
        let promises = policy_promises(waiting.iter(), own, &tx.amendments().await?, numbers);
        let writes =
            Writes::Proposal { new: NewProposal { hash: &hash, source, signatories, terms }, promises: &promises };
        self.record_setup(tx, Subject::Policy, event, writes).await?;
        self.answer_amendments(tx, answered).await?;
        self.ask_signatories(tx).await?;
        Ok(tx.proposal().await?)
    }

    async fn record_policy(&self, tx: &mut Tx, source: &str) -> Result<(), SetupError> {
        let hash = hash_of(source);
        let event = Event::PolicyLoaded { hash: hash.clone(), proposed: None };
        self.record_setup(tx, Subject::Policy, event, Writes::Policy { hash: &hash, source }).await
    }

    /// Moves the clock at once, and every waiting job with it. For the sandbox and for tests.
    pub async fn move_clock(&self, seconds: i32) -> Result<(), SetupError> {
        let moved = self.clock.moved().num_seconds() + i64::from(seconds);
        if let Some(tenant) = self.store.tenants().await?.first() {
            let mut tx = self.store.begin(*tenant).await?;
            tx.lock_tenant().await?;
            let event = Event::ClockMoved { seconds };
            let writes = Writes::ClockOffset { moved, by: seconds };
            self.record_setup(&mut tx, Subject::Deployment, event, writes).await?;
            tx.commit().await?;
        }
        self.clock.set_moved(moved);
        Ok(())
    }

    /// Lets time pass quickly: stops at every promised moment on the way until it was kept, as real time would.
    pub async fn pass_time(&self, seconds: i32) -> Result<(), SetupError> {
        let until = self.clock.now() + TimeDelta::seconds(seconds.into());
        while let Some(due) = self.store.next_deadline().await?.filter(|due| *due < until) {
            let step = (due - self.clock.now()).num_milliseconds().div_euclid(1_000) + 1;
            if step > 0 {
                self.move_clock(i32::try_from(step).unwrap_or(0)).await?;
            }
            if !self.was_kept(due).await? {
                break;
            }
        }
        let rest = (until - self.clock.now()).num_seconds();
        if rest > 0 {
            self.move_clock(i32::try_from(rest).unwrap_or(0)).await?;
        }
        Ok(())
    }

    /// Waits until the moment is kept; gives up after five seconds, so that a worker that stands still is not waited for.
    async fn was_kept(&self, due: DateTime<Utc>) -> Result<bool, SetupError> {
        for _ in 0..100 {
            if self.store.next_deadline().await?.is_none_or(|next| next > due) {
                return Ok(true);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(false)
    }

    /// The policies in force, each once: tenants that were there when a policy was loaded share it.
    pub async fn policies_in_force(&self) -> Result<Vec<LoadedPolicy>, SetupError> {
        let mut policies: Vec<LoadedPolicy> = Vec::new();
        for tenant in self.store.tenants().await? {
            let mut tx = self.store.begin(tenant).await?;
            let policy = tx.policy().await?;
            policies.extend(policy.filter(|policy| policies.iter().all(|known| known.hash != policy.hash)));
            tx.rollback().await?;
        }
        Ok(policies)
    }

    /// Wardroom's own commands, from timers and jobs: the same rules, the same log.
    pub async fn perform(
        &self,
        tenant: i64,
        subject: Subject,
        command: Command,
        command_id: &str,
    ) -> Result<(), HandleError> {
        let mut tx = self.store.begin(tenant).await?;
        let caller = Caller { actor: &Actor::Wardroom, place: None, command: command_id };
        match self.target(&mut tx, &caller, (&command, Some(subject), None)).await? {
            Ok(target) => {
                let tenant = self.tenant(&mut tx).await?;
                if !self.is_done(&mut tx, &target, &command).await? {
                    self.act(&mut tx, &tenant, &caller, command, target).await?;
                }
                tx.commit().await?;
            }
            Err(refusal) => tracing::warn!(%subject, sentence = refusal.sentence, "nothing to do"),
        }
        Ok(())
    }

    /// A room that an earlier try has recorded is not recorded again.
    async fn is_done(&self, tx: &mut Tx, target: &Target, command: &Command) -> Result<bool, HandleError> {
        match (target, command) {
            (Target::Incident(incident), Command::RoomOpened { place }) => {
                Ok(tx.rooms(incident.number).await?.contains(place))
            }
            _ => Ok(false),
        }
    }

    pub(super) async fn record_setup(
        &self,
        tx: &mut Tx,
        subject: Subject,
        event: Event,
        writes: Writes<'_>,
    ) -> Result<(), SetupError> {
        // Recording needs the log's name only; before the first policy there is no whole tenant yet.
        let log = tx.tenant_row().await?.log();
        self.record_as(tx, &log, subject, event, writes).await
    }

    /// The same under a name of the log that is given.
    pub(super) async fn record_as(
        &self,
        tx: &mut Tx,
        log: &str,
        subject: Subject,
        event: Event,
        writes: Writes<'_>,
    ) -> Result<(), SetupError> {
        let caller = Caller { actor: &Actor::Wardroom, place: None, command: "setup" };
        self.record(tx, log, &caller, subject, &[event], writes).await?;
        Ok(())
    }
}

fn hash_of(source: &str) -> String {
    crate::ledger::hex(&Sha256::digest(source.as_bytes()))
}
