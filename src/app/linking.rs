//! Linking accounts to people: codes, what follows a link, and what an account without a person may ask.

use std::fmt::Write;

use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use rand::Rng;
use serde_json::json;
use sha2::Sha256;

use super::answer::told;
use super::handle::{Caller, HandleError};
use super::{App, Tenant};
use crate::domain::rules::{Action, authorize_unlinked};
use crate::domain::{
    Account, Actor, IdentityEvent, LinkSource, Place, Platform, Question, Refusal, Standing, Target, TypedCode,
};
use crate::render::Message;
use crate::store::{Job, Later, Tx};

/// How long a code is good for: time enough to change to the other platform, and no more.
const CODE_LIVES: TimeDelta = TimeDelta::minutes(10);
const CODE_CHARS: usize = 8;
/// Without 0 and O, 1 and I and L: a code is read on one screen and typed on another.
const ALPHABET: &[u8; 31] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";
/// Wrong codes that a person may type while a code lives.
const MISSES_MAX: i64 = 5;
/// Makes 31^8 codes too many to try, for as long as one lives, for whoever has read its hash. About 10 ms.
const HASH_ROUNDS: u32 = 20_000;
/// An account that could not be linked is looked up again after this.
const LOOK_UP_AGAIN: TimeDelta = TimeDelta::days(1);

/// What an account without a person may ask (rule 4.23): who it is, how to be linked, and for help.
pub(super) fn may_ask(actor: &Actor, question: &Question) -> Result<(), Refusal> {
    let action = match question {
        Question::Whoami => Action::Whoami,
        Question::LinkCode => Action::Link,
        Question::Help { .. } => Action::Help,
        Question::Panel
        | Question::IncidentList { .. }
        | Question::Summary
        | Question::Timeline
        | Question::IncidentChanges
        | Question::ChangeShow
        | Question::ChangeList { .. }
        | Question::Risk
        | Question::Checklist { .. }
        | Question::OnCall
        | Question::VoteStatus
        | Question::FreezeList { .. }
        | Question::FreezeCheck { .. }
        | Question::CabAgenda
        | Question::CabMinutes
        | Question::ExceptionList { .. }
        | Question::Batches { .. }
        | Question::Bypasses { .. }
        | Question::EmptyFields { .. }
        | Question::LogShow(_)
        | Question::LogVerify
        | Question::Retention
        | Question::Archive
        | Question::Policy
        | Question::PolicyHistory
        | Question::Amendment { .. }
        | Question::PolicyRule { .. }
        | Question::PolicySimulation
        | Question::VoteMembers
        | Question::VoteQuorum
        | Question::Coordination { .. }
        | Question::Check
        | Question::Responsibilities { .. }
        | Question::Charters { .. }
        | Question::ChangeQueue
        | Question::ChangeCalendar { .. }
        | Question::ChangeConflicts
        | Question::ChangeNotices
        | Question::Standby
        | Question::StandbyPool { .. }
        | Question::EntryDraft { .. }
        | Question::Rehearsals
        | Question::StandardList { .. } => Action::SeeRecord,
    };
    match actor {
        Actor::Unlinked { .. } => Ok(authorize_unlinked(Standing::Member, action)?),
        Actor::Person { .. } | Actor::Wardroom => Ok(()),
    }
}

/// What a person is told once their account was linked by e-mail address; `None` where it is not so linked.
pub async fn linked_message(app: &App, tx: &mut Tx, account: &Account) -> Result<Option<Message>, HandleError> {
    let tenant = app.tenant(tx).await?;
    let by_email = |source: LinkSource| source == LinkSource::Email;
    let linked = tenant.organisation.identity(account).is_some_and(|identity| by_email(identity.source));
    let Some(person) = tenant.organisation.person_of(account).filter(|_| linked) else { return Ok(None) };
    let data = json!({ "name": person.name, "email": person.email });
    Ok(Some(app.renderer.message("answer/linked", &data, &tenant.organisation)?))
}

impl App {
    /// A one-time code for an account that is nobody's yet. Only its hash is kept.
    pub(super) async fn link_code(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
    ) -> Result<Message, HandleError> {
        let Actor::Unlinked { account, .. } = caller.actor else {
            return Ok(told(
                "This account is yours already; `/admin whoami` shows all that are. `/admin link` on one that is not \
                 shows a code to type here.",
            ));
        };
        let code = new_code();
        tx.save_link_code(account, &hash(tx.tenant(), &code), self.clock.now()).await?;
        let other = match account.platform {
            Platform::Slack => Platform::Discord,
            Platform::Discord => Platform::Slack,
        };
        let data = json!({ "code": code, "minutes": CODE_LIVES.num_minutes().to_string(), "other": other.name() });
        Ok(self.renderer.message("answer/link_code", &data, &tenant.organisation)?)
    }

    /// What a typed code stands for; a wrong one is counted.
    pub(super) async fn code_target(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        code: &str,
    ) -> Result<Result<Target, Refusal>, HandleError> {
        let hash = hash(tx.tenant(), &as_typed(code));
        tx.lock_tenant().await?;
        let Some(person) = caller.actor.person() else {
            return Ok(Ok(Target::Organisation { code: None, charter: None }));
        };
        let now = self.clock.now();
        let since = now - CODE_LIVES;
        let code = if tx.link_misses(person, since).await? >= MISSES_MAX {
            TypedCode::Barred
        } else if let Some(account) = tx.account_of_code(&hash, since).await? {
            TypedCode::For(account)
        } else {
            tx.save_link_miss(person, now).await?;
            TypedCode::Unknown
        };
        Ok(Ok(Target::Organisation { code: Some(code), charter: None }))
    }

    /// Slack vouches for e-mail addresses; Discord tells a bot none. No platform is called while a transaction is open,
    /// so an account that is nobody's is looked up by a job.
    pub(super) async fn look_up_later(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        place: &Place,
        wish: bool,
    ) -> Result<(), HandleError> {
        let Actor::Unlinked { account, .. } = actor else { return Ok(()) };
        let now = self.clock.now();
        if account.platform == Platform::Slack && tx.want_lookup(account, wish, now, now - LOOK_UP_AGAIN).await? {
            let job = Job::LookUp { tenant: tx.tenant(), account: account.clone(), place: place.clone() };
            tx.enqueue([job.now()]);
        }
        Ok(())
    }

    /// What follows where somebody was linked, or the bot was lost or came back.
    pub(super) async fn follow_identity(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        event: &IdentityEvent,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        match event {
            IdentityEvent::Linked { .. }
            | IdentityEvent::Unlinked { .. }
            | IdentityEvent::Deactivated { .. }
            | IdentityEvent::Reactivated { .. } => {
                if tenant.row.homes {
                    jobs.push(Job::Homes { tenant: tx.tenant() }.now());
                }
            }
            IdentityEvent::WorkspaceLost { platform, workspace, .. } => {
                tracing::error!(platform = platform.as_str(), workspace, "the bot was removed, or its token is dead");
                let data = json!({ "platform": platform.name() });
                let message = self.renderer.message("update/lost", &data, &tenant.organisation)?;
                self.tell_other_platforms(tx, tenant, *platform, &message);
            }
            IdentityEvent::WorkspaceRegained { platform, workspace } => {
                let resumed = tx.resume_jobs(*platform).await?;
                tracing::info!(platform = platform.as_str(), workspace, resumed, "the bot is back");
                let data = json!({ "platform": platform.name() });
                let message = self.renderer.message("update/regained", &data, &tenant.organisation)?;
                self.tell_other_platforms(tx, tenant, *platform, &message);
            }
        }
        Ok(())
    }

    /// Told where incidents are announced, on the platforms that still hear us.
    fn tell_other_platforms(&self, tx: &mut Tx, tenant: &Tenant, gone: Platform, message: &Message) {
        let others = tenant.organisation.workspaces.iter().filter(|workspace| workspace.platform != gone);
        let places = others.filter_map(|workspace| {
            let channel = workspace.incidents_channel.clone()?;
            Some(Place { platform: workspace.platform, workspace: workspace.id.clone(), channel })
        });
        for place in self.served(places.collect()) {
            self.say(tx, crate::domain::Subject::Organisation, &place, crate::domain::Urgency::Decision, message);
        }
    }
}

fn new_code() -> String {
    let mut rng = rand::rng();
    (0..CODE_CHARS).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect()
}

/// As it was shown, however it was typed.
fn as_typed(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).take(CODE_CHARS + 1).collect::<String>().to_ascii_uppercase()
}

/// PBKDF2-HMAC-SHA-256 (RFC 8018), one block, salted by the tenant so that a code can be looked up by its hash.
fn hash(tenant: i64, code: &str) -> Vec<u8> {
    let keyed = Hmac::<Sha256>::new_from_slice(code.as_bytes()).expect("HMAC takes a key of any length");
    let mut salt = String::from("wardroom link code ");
    let _ = write!(salt, "{tenant}");
    let first = keyed.clone().chain_update(salt.as_bytes()).chain_update(1_u32.to_be_bytes());
    let mut round = first.finalize().into_bytes();
    let mut sum = round;
    for _ in 1..HASH_ROUNDS {
        round = keyed.clone().chain_update(round).finalize().into_bytes();
        sum.iter_mut().zip(round).for_each(|(sum, byte)| *sum ^= byte);
    }
    sum.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_eight_characters_that_cannot_be_confused_and_is_read_however_it_is_typed() {
        for _ in 0..200 {
            let code = new_code();
            assert_eq!(code.len(), CODE_CHARS);
            assert!(!code.contains(['0', 'O', '1', 'I', 'L']), "{code}");
            assert_eq!(as_typed(&format!(" {}-{} ", &code[..4].to_lowercase(), &code[4..])), code);
        }
        assert_eq!(as_typed("ABCDEFGHJK"), "ABCDEFGHJ", "too long stays wrong");
    }

    #[test]
    fn a_hash_is_the_same_for_the_same_code_of_the_same_tenant_only() {
        assert_eq!(hash(1, "7GK2MQ4X"), hash(1, "7GK2MQ4X"));
        assert_ne!(hash(1, "7GK2MQ4X"), hash(2, "7GK2MQ4X"));
        assert_ne!(hash(1, "7GK2MQ4X"), hash(1, "7GK2MQ4Y"));
        assert_eq!(hash(1, "7GK2MQ4X").len(), 32);
    }
}
