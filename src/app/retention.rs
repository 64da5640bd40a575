//! Rule 4.34 at night: what is due goes, record by record, each in a transaction of its own; and what two people agreed
//! to erase of a person goes the same way.

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::handle::HandleError;
use super::{App, Tenant};
use crate::domain::policy::{Policy, RetentionRule};
use crate::domain::privacy::{Because, Erasure, ErasureOf, PrivacyCommand, Scope};
use crate::domain::rules::{RecordClass, RetentionAction, retention_action, retention_rule};
use crate::domain::{Command, Subject};
use crate::store::Tx;

/// Records that a night sees to: the rest waits for the next, so that no night is long.
const RECORDS_A_NIGHT: usize = 500;

/// A record of which something is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Due {
    pub subject: Subject,
    pub class: RecordClass,
    pub scope: Scope,
    /// The rule that says so, for people.
    pub rule: String,
}

/// Names the rules of retention: changed rules are another profile. `None` where there are none.
pub(super) fn profile(policy: &Policy) -> Option<String> {
    let rules = policy.retention.describe().join("\n");
    (!rules.is_empty()).then(|| crate::ledger::hex(&Sha256::digest(rules.as_bytes())))
}

impl App {
    /// Erases what is due of a tenant, as far as it is allowed.
    pub async fn retain(&self, tenant: i64) -> Result<(), HandleError> {
        self.finish_people(tenant).await?;
        self.seal_due(tenant).await?;
        let mut tx = self.store.begin(tenant).await?;
        let loaded = self.tenant(&mut tx).await?;
        let Some(profile) = profile(&loaded.policy) else { return Ok(()) };
        let seen = tx.retention_profile(&profile).await?;
        let due = self.due(&mut tx, &loaded).await?;
        match seen {
            None => {
                tx.rollback().await?;
                let records = i32::try_from(due.len()).unwrap_or(i32::MAX);
                let preview = PrivacyCommand::PreviewRetention { records };
                let id = format!("retention:{profile}");
                self.perform(tenant, Subject::Policy, Command::Privacy(preview), &id).await
            }
            Some(false) => Ok(()),
            Some(true) => {
                if let Some(days) = loaded.policy.retention.shortest_days(RecordClass::Chat) {
                    tx.forget_says(self.clock.now() - TimeDelta::days(i64::from(days))).await?;
                }
                tx.commit().await?;
                if !self.archive_answers(tenant).await? {
                    return Ok(());
                }
                for due in due.into_iter().take(RECORDS_A_NIGHT) {
                    let because = Because::Age { class: due.class.as_str() };
                    let erase = PrivacyCommand::EraseDue { scope: due.scope, because };
                    let id = format!("retention:{}:{}", due.subject, self.clock.now().date_naive());
                    self.perform(tenant, due.subject, Command::Privacy(erase), &id).await?;
                }
                Ok(())
            }
        }
    }

    /// Everything that rule 4.34 would erase now.
    pub(super) async fn due(&self, tx: &mut Tx, tenant: &Tenant) -> Result<Vec<Due>, HandleError> {
        let now = self.clock.now();
        let policy = &tenant.policy.retention;
        let before = |class: RecordClass| policy.shortest_days(class).map(|days| now - TimeDelta::days(days.into()));
        let mut old = Vec::new();
        if let Some(before) = before(RecordClass::Incident) {
            old.extend(tx.old_incidents(before).await?.into_iter().map(|record| (RecordClass::Incident, record)));
        }
        if let Some(before) = before(RecordClass::Change) {
            let (changes, freezes) = (tx.old_changes(before).await?, tx.old_freezes(before).await?);
            old.extend(changes.into_iter().chain(freezes).map(|record| (RecordClass::Change, record)));
        }
        let mut due = Vec::new();
        for (class, record) in old {
            let services = record.services.iter().filter_map(|key| tenant.organisation.services.get(key));
            let regimes: Vec<String> = services.flat_map(|service| service.compliance.clone()).collect();
            let held = tx.hold_on(record.subject).await?.is_some();
            let action = retention_action(policy, class, &regimes, now - record.ended_at, held);
            if let RetentionAction::End(_) = action {
                let rule = retention_rule(policy, class, &regimes).map(RetentionRule::describe).unwrap_or_default();
                due.push(Due { subject: record.subject, class, scope: Scope::All, rule });
            }
        }
        if let (Some(before), Some(rule)) = (before(RecordClass::Log), retention_rule(policy, RecordClass::Log, &[])) {
            for subject in [Subject::Organisation, Subject::Policy, Subject::Deployment] {
                let scope = Scope::Before(before);
                if !tx.digests_of(subject, &scope).await?.is_empty() {
                    due.push(Due { subject, class: RecordClass::Log, scope, rule: rule.describe() });
                }
            }
        }
        Ok(due)
    }

    /// What two people agreed to erase of somebody: record by record, so that it can be taken up again after a crash,
    /// and goes on by itself once a hold is released.
    async fn finish_people(&self, tenant: i64) -> Result<(), HandleError> {
        let mut tx = self.store.begin(tenant).await?;
        let open = tx.open_erasures().await?;
        tx.rollback().await?;
        for request in open {
            let Erasure { of: ErasureOf::Person { person, whole }, approved_by: Some(approved_by), .. } = &request
            else {
                continue;
            };
            let mut tx = self.store.begin(tenant).await?;
            let names = self.names_of(&mut tx, person).await?;
            let subjects = tx.subjects_of_person(&names, *whole).await?;
            tx.rollback().await?;
            let id = format!("erasure:{}#{}", request.subject, request.asked);
            for subject in subjects {
                let erase = PrivacyCommand::EraseDue {
                    scope: Scope::Person { names: names.clone(), whole: *whole },
                    because: Because::Request {
                        asked_by: request.asked_by.clone(),
                        approved_by: approved_by.clone(),
                        basis: request.basis.clone(),
                    },
                };
                self.perform(tenant, subject, Command::Privacy(erase), &id).await?;
            }
            let finish = PrivacyCommand::FinishPerson { asked: request.asked };
            self.perform(tenant, Subject::Organisation, Command::Privacy(finish), &id).await?;
        }
        Ok(())
    }
}
