//! The change calendar for calendar programs: its address, which is everybody's own, and what is fetched there.
//!
//! A program cannot log in, so the address is the key: unguessable, kept as a hash, shown once, ended by its owner at any
//! time and by itself with its owner's accounts. It shows what everybody of the tenant may read in chat.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use rand::Rng;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::answer::told;
use super::handle::{Caller, HandleError};
use super::inbound::Reply;
use super::lists::LISTED_MAX;
use super::{App, Tenant};
use crate::domain::{
    ChangeStatus, Command, FeedCommand, FeedTarget, Freeze, FreezeStatus, PersonId, Scheduled, Subject, Target,
};
use crate::render::{Block, ICalendar, ICalendarEvent, ICalendarStatus, Inline, Message};
use crate::store::{Stretch, Tx};

/// As much as a key of AES-256 has: nobody finds one by trying.
const SECRET_BYTES: usize = 32;
/// What is over stays for a month, so that a withdrawn change is seen to be withdrawn.
const BEHIND: TimeDelta = TimeDelta::days(30);
const AHEAD: TimeDelta = TimeDelta::days(366);
/// Where the addresses begin, below that of the bot.
const PATH: &str = "/calendar/";

/// The part of an address that nobody can guess.
struct Secret([u8; SECRET_BYTES]);

impl Secret {
    fn new() -> Secret {
        let mut bytes = [0; SECRET_BYTES];
        rand::rng().fill(&mut bytes);
        Secret(bytes)
    }

    fn parse(text: &str) -> Option<Secret> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Secret)
    }

    fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

impl App {
    /// Makes or ends the address of the caller's own calendar. A new one is shown here, once.
    pub(super) async fn feed(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        command: FeedCommand,
    ) -> Result<Message, HandleError> {
        if command == FeedCommand::Open && self.public_url.is_none() {
            return Ok(told(
                "Wardroom does not know under which address calendar programs reach it. An operator can set \
                 `WARDROOM_PUBLIC_URL` and start it anew. Until then `/change cal` shows the same here.",
            ));
        }
        let secret = Secret::new();
        let hash = hex::encode(secret.hash());
        tx.lock_tenant().await?;
        let is_open = match caller.actor.person() {
            Some(person) => tx.feed_hash(person).await?.is_some(),
            None => false,
        };
        let target = Target::Feed(FeedTarget { is_open, hash: hash.clone() });
        let mut message = self.act(tx, tenant, caller, Command::Feed(command), target).await?;
        // Nothing is shown that would not be answered.
        if let (Some(home), Some(person)) = (&self.public_url, caller.actor.person())
            && tx.feed_hash(person).await? == Some(hash)
        {
            let address = format!("{home}{PATH}{}.ics", secret.text());
            let shown = self.renderer.message("answer/feed", &json!({ "address": address }), &tenant.organisation)?;
            message.blocks.splice(1..1, shown.blocks);
        }
        Ok(message)
    }

    /// What is fetched at an address; `None` where nobody has it.
    pub async fn calendar(&self, secret: &str) -> Result<Option<String>, HandleError> {
        let Some(secret) = Secret::parse(secret) else { return Ok(None) };
        let Some(owner) = self.store.feed_owner(&secret.hash()).await? else { return Ok(None) };
        let mut tx = self.store.begin(owner.tenant).await?;
        let tenant = self.tenant(&mut tx).await?;
        let text = if may_read(&tenant, &owner.person) { Some(self.icalendar(&mut tx, &tenant).await?) } else { None };
        tx.rollback().await?;
        Ok(text)
    }

    async fn icalendar(&self, tx: &mut Tx, tenant: &Tenant) -> Result<String, HandleError> {
        let now = self.clock.now();
        let (since, until) = (now - BEHIND, now + AHEAD);
        let changes = tx.scheduled(Stretch { since, until, only_open: false }).await?;
        let mut freezes = tx.freezes(LISTED_MAX).await?;
        freezes.retain(|freeze| freeze.from < until && freeze.ended_at.is_none_or(|ended| since < ended));
        let today_ends = end_of_day(now, tenant.organisation.time_zone);
        let mut events: Vec<ICalendarEvent> = changes.iter().map(|change| change_event(tenant, change)).collect();
        events.extend(freezes.iter().map(|freeze| freeze_event(tenant, freeze, today_ends)));
        let records: Vec<(Subject, i32)> = changes
            .iter()
            .map(|change| (change.subject(), change.version))
            .chain(freezes.iter().map(|freeze| (freeze.subject(), freeze.version)))
            .collect();
        for (event, revised) in events.iter_mut().zip(tx.revised_at(&records).await?) {
            event.revised_at = revised;
        }
        Ok(ICalendar { name: format!("Changes · {}", tenant.organisation.name), events }.text())
    }
}

/// As the answer is kept for when its delivery comes again: the address is in nobody's hands but its owner's.
pub(super) fn without_address(reply: &Reply) -> Reply {
    let mut kept = reply.clone();
    if let Reply::Tell { message } = &mut kept {
        let texts = message.blocks.iter_mut().filter_map(|block| match block {
            Block::Paragraph { text } => Some(text),
            _ => None,
        });
        for inline in texts.flatten() {
            if let Inline::Code { text } = inline
                && text.contains(PATH)
            {
                "shown once, to whoever asked first".clone_into(text);
            }
        }
    }
    kept
}

/// Whoever could not ask in chat any more reads nothing here either.
fn may_read(tenant: &Tenant, person: &PersonId) -> bool {
    tenant.organisation.person(person).is_some_and(|person| person.active && person.accounts().next().is_some())
}

fn change_event(tenant: &Tenant, change: &Scheduled) -> ICalendarEvent {
    let service = tenant.organisation.named(&change.services());
    ICalendarEvent {
        uid: uid(tenant, change.subject()),
        sequence: change.version,
        revised_at: change.from,
        starts_at: change.from,
        ends_at: change.until,
        status: status_of_change(change.status),
        summary: format!("{} {} ({service})", change.subject(), change.title),
        description: format!(
            "{} change on {service}, {}, band {}",
            change.kind.as_str(),
            change.status.phrase(),
            change.band.as_str()
        ),
        category: "CHANGE",
    }
}

/// A freeze without an end holds until its incident is over: for all that is known, for the rest of the day.
fn freeze_event(tenant: &Tenant, freeze: &Freeze, today_ends: DateTime<Utc>) -> ICalendarEvent {
    let names: Vec<String> = freeze.services.iter().map(|key| tenant.organisation.service_name(key)).collect();
    let scope = if names.is_empty() { "everything".to_owned() } else { names.join(", ") };
    let kind = freeze.noun();
    let until_incident = freeze.incident.filter(|_| freeze.is_open() && freeze.until.is_none());
    let until = until_incident.map(|incident| format!(", until INC-{incident} is over")).unwrap_or_default();
    ICalendarEvent {
        uid: uid(tenant, freeze.subject()),
        sequence: freeze.version,
        revised_at: freeze.from,
        starts_at: freeze.from,
        ends_at: freeze.ended_at.or(freeze.until).unwrap_or(today_ends),
        status: match freeze.status {
            FreezeStatus::Proposed => ICalendarStatus::Tentative,
            FreezeStatus::Scheduled | FreezeStatus::Active | FreezeStatus::Lifted => ICalendarStatus::Confirmed,
            FreezeStatus::Cancelled => ICalendarStatus::Cancelled,
        },
        summary: format!("{} {kind}: {scope}", freeze.subject()),
        description: format!("{}\n{kind}, {}{until}", freeze.why, freeze.status.as_str()),
        category: "FREEZE",
    }
}

fn status_of_change(status: ChangeStatus) -> ICalendarStatus {
    match status {
        ChangeStatus::AwaitingApproval => ICalendarStatus::Tentative,
        ChangeStatus::Approved
        | ChangeStatus::Queued
        | ChangeStatus::OnHold
        | ChangeStatus::Implementing
        | ChangeStatus::Halted
        | ChangeStatus::WindowExpired
        | ChangeStatus::Validating
        | ChangeStatus::Failed
        | ChangeStatus::Completed
        | ChangeStatus::RolledBack => ICalendarStatus::Confirmed,
        ChangeStatus::Rejected | ChangeStatus::ApprovalExpired | ChangeStatus::Cancelled => ICalendarStatus::Cancelled,
    }
}

/// `CHG-7.harbour@wardroom`
fn uid(tenant: &Tenant, subject: Subject) -> String {
    format!("{subject}.{}@wardroom", tenant.row.key)
}

fn end_of_day(now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let day = now.with_timezone(&zone).date_naive();
    let midnight = day.checked_add_days(Days::new(1)).unwrap_or(day).and_time(NaiveTime::MIN);
    let there = zone.from_local_datetime(&midnight).earliest();
    there.map_or(now + TimeDelta::days(1), |moment| moment.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_back_from_its_text_and_nothing_else_is_one() {
        let secret = Secret::new();
        let text = secret.text();
        assert_eq!(text.len(), 43);
        assert_eq!(Secret::parse(&text).map(|read| read.hash()), Some(secret.hash()));
        assert_ne!(Secret::new().text(), text);
        for other in ["", "x", &text[1..], &format!("{text}A"), &format!("{text}="), "../../metrics"] {
            assert!(Secret::parse(other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_day_ends_at_midnight_where_the_tenant_is() {
        let now = Utc.with_ymd_and_hms(2030, 7, 7, 23, 30, 0).single().expect("a moment");
        let ends = |zone| end_of_day(now, zone).to_rfc3339();
        assert_eq!(ends(chrono_tz::Europe::Lisbon), "2030-07-08T23:00:00+00:00");
        assert_eq!(ends(chrono_tz::America::New_York), "2030-07-08T04:00:00+00:00");
    }
}
