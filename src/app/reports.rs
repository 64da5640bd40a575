//! `/report bypass`: what went past the regular way of changes, or wrong on it, with what is still missing, for those who
//! answer for it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::cards::headline;
use super::handle::{Caller, HandleError};
use super::lists::listed;
use super::log::Reader;
use super::questions::slip;
use super::{App, Tenant};
use crate::domain::bypass::{Standing, put_in_order};
use crate::domain::rules::{Action, Denial, HeldRole, Role, Scope, authorize};
use crate::domain::{Bypass, BypassCounts, ChangeStatus, PersonId, Pir, PirReason, Refusal, Subject, Way};
use crate::render::Message;
use crate::render::cut::first_chars;
use crate::store::{BYPASSES_MAX, Tx};

/// Characters of a title: a page of fifteen has to fit a message.
const TITLE_MAX: usize = 60;

impl App {
    pub(super) async fn bypass_report(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        days: u32,
        page: u32,
    ) -> Result<Message, HandleError> {
        let services = match self.reported_on(tx, tenant, caller, "report bypass").await? {
            Ok(services) => services,
            Err(refused) => return Ok(refused),
        };
        let now = self.clock.now();
        let mut all = tx.bypasses(now - TimeDelta::days(days.into())).await?;
        all.retain(|bypass| {
            services.as_ref().is_none_or(|services| bypass.services().iter().any(|of| services.contains(of)))
        });
        put_in_order(&mut all, now);
        let (shown, left) = listed(&all, page, &format!("/report bypass days:{days}"));
        let bypasses: Vec<Value> = shown.iter().map(|bypass| line(tenant, bypass, now)).collect();
        let counts_of = BypassCounts::of(&all, now);
        let data = json!({
            "failures": counts_of.failures > 0, "bypasses": bypasses, "left": left, "days": counted(days as usize, "day", "days"),
            "all": all.len().to_string(), "counts": counts(counts_of),
            "services": services.map(|services| names(tenant, &services)),
            "most": (all.len() >= usize::from(BYPASSES_MAX)).then(|| BYPASSES_MAX.to_string()),
        });
        Ok(self.renderer.message("answer/bypasses", &data, &tenant.organisation)?)
    }

    /// The services of which whoever asks sees this report, `None` for all; or what they are told instead.
    pub(super) async fn reported_on(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        report: &'static str,
    ) -> Result<Result<Option<Vec<String>>, Message>, HandleError> {
        let Some(person) = caller.actor.person() else {
            return Ok(Err(slip(&Refusal::slip("Only a person can read reports.", ""))));
        };
        match services_seen(&Reader::of(tenant, person)) {
            Ok(services) => Ok(Ok(services)),
            Err(denial) => Ok(Err(self.refuse(tx, tenant, caller, None, denial.into(), report).await?)),
        }
    }
}

/// Rule 4.23: the services of which somebody sees reports; `None` for all.
fn services_seen(reader: &Reader<'_>) -> Result<Option<Vec<String>>, Denial> {
    let held =
        |scope: Scope| -> Vec<HeldRole> { reader.roles.iter().map(|role| HeldRole { role: *role, scope }).collect() };
    let Err(denial) = authorize(&held(Scope::Tenant), Action::SeeBypasses, &[]) else { return Ok(None) };
    let owns = reader.roles.contains(&Role::ServiceOwner) && !reader.services.is_empty();
    if !owns {
        return Err(denial);
    }
    authorize(&held(Scope::Own), Action::SeeBypasses, &[]).map(|()| Some(reader.services.clone()))
}

pub(super) fn names(tenant: &Tenant, services: &[String]) -> String {
    let names: Vec<String> = services.iter().map(|key| tenant.organisation.service_name(key)).collect();
    headline(&names.join(", "))
}

/// "3 reviews open, 1 overdue · 2 records after the fact": only what there is.
fn counts(counts: BypassCounts) -> String {
    let reviews = match (counts.reviews_open, counts.reviews_overdue) {
        (0, _) => "no review open".to_owned(),
        (open, 0) => format!("{} open", counted(open, "review", "reviews")),
        (open, overdue) => format!("{} open, {overdue} overdue", counted(open, "review", "reviews")),
    };
    let others = [
        (counts.emergencies, "emergency", "emergencies"),
        (counts.failures, "change that failed", "changes that failed"),
        (counts.records, "record after the fact", "records after the fact"),
        (counts.exceptions, "freeze exception", "freeze exceptions"),
        (counts.procedures, "rule set aside", "rules set aside"),
        (counts.overrun, "window overrun", "windows overrun"),
        (counts.longer, "longer window", "longer windows"),
    ];
    let others =
        others.into_iter().filter(|(count, ..)| *count > 0).map(|(count, one, many)| counted(count, one, many));
    std::iter::once(reviews).chain(others).collect::<Vec<_>>().join(" · ")
}

pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn line(tenant: &Tenant, bypass: &Bypass, now: DateTime<Utc>) -> Value {
    let facts = match &bypass.way {
        Way::Emergency { review } | Way::Failure { review } => vec![reviewed(review, now)],
        Way::Record { unclaimed: Some(due), .. } if now < *due => {
            vec![fact("nobody has claimed it; its owner is asked from", None, Some(*due))]
        }
        Way::Record { unclaimed: Some(due), .. } => {
            vec![fact("nobody has claimed it; its owner is asked since", None, Some(*due))]
        }
        Way::Record { decide_by, review, .. } => {
            let mut facts = vec![attested(bypass.status, *decide_by)];
            let is_attested = bypass.status != ChangeStatus::AwaitingApproval;
            facts.extend(follows(bypass, is_attested, review.as_ref(), now));
            facts
        }
        Way::Exception { freeze, authority, second, open_until, review } => {
            let mut facts = vec![fact(&format!("from {} by", Subject::Freeze(*freeze)), authority.as_ref(), None)];
            facts.extend(second.as_ref().map(|second| fact("and", Some(second), None)));
            facts.push(match open_until {
                Some(until) if now < *until => fact("not used yet, good until", None, Some(*until)),
                Some(_) => said("not used"),
                None => said("used"),
            });
            facts.extend(follows(bypass, open_until.is_none(), review.as_ref(), now));
            facts
        }
        Way::Window { overran, longer, stopped, review } => {
            let mut facts = Vec::new();
            facts.extend(overran.then(|| said("closed before the work was done")));
            facts.extend((*longer > 0).then(|| said(&format!("made longer {} by vote", times(*longer)))));
            facts.extend(stopped.then(|| said("the work is stopped: more time or a rollback")));
            facts.extend(follows(bypass, *overran && !*stopped, review.as_ref(), now));
            facts
        }
        Way::Procedure { exception, rule, until, look_back } => {
            let by = format!("{} set aside by {}", rule.phrase(), Subject::Exception(*exception));
            let over = || said(&format!("{by}, which is over now"));
            let mut facts =
                vec![until.map_or_else(over, |until| fact(&format!("{by}, good until"), None, Some(until)))];
            facts.extend(look_back.as_ref().map(|one| match &one.done {
                Some(done) if done.kept => fact("looked back on by", Some(&done.by), None),
                Some(done) => fact("what was promised instead was not done, says", Some(&done.by), None),
                None => fact("to be looked back on by", None, Some(one.due_at)),
            }));
            facts
        }
    };
    json!({
        "what": what(&bypass.way), "found": matches!(bypass.way, Way::Record { unclaimed: Some(_), .. }), "subject": Subject::Change(bypass.change), "title": short(&bypass.title),
        "service": tenant.organisation.named(&bypass.services()), "at": bypass.at, "by": bypass.by, "facts": facts,
        "overdue": bypass.standing(now) == Standing::Overdue, "open": bypass.standing(now) == Standing::Open,
    })
}

pub(super) fn short(title: &str) -> String {
    let short = first_chars(title, TITLE_MAX);
    if short.len() == title.len() { title.to_owned() } else { format!("{}…", short.trim_end()) }
}

fn what(way: &Way) -> &'static str {
    match way {
        Way::Emergency { .. } => "emergency",
        Way::Failure { review } => failure(review.reason),
        Way::Record { unclaimed: Some(_), .. } => "unclaimed",
        Way::Record { late: false, .. } => "retroactive",
        Way::Record { late: true, .. } => "retroactive, late",
        Way::Exception { .. } => "freeze exception",
        Way::Procedure { .. } => "rule set aside",
        Way::Window { overran: true, .. } => "window overrun",
        Way::Window { overran: false, .. } => "longer window",
    }
}

/// What follows once it was let through: whether it works, and its review.
fn follows(bypass: &Bypass, was_let_through: bool, review: Option<&Pir>, now: DateTime<Utc>) -> Vec<Value> {
    let next = match bypass.status {
        _ if !was_let_through => None,
        ChangeStatus::Validating => Some("whether it works is not said yet"),
        ChangeStatus::Failed => Some("it does not work"),
        status if status.is_open() => Some("its validation and its review come with its end"),
        _ => None,
    };
    next.map(said).into_iter().chain(review.map(|review| reviewed(review, now))).collect()
}

fn failure(reason: PirReason) -> &'static str {
    match reason {
        PirReason::RolledBack => "taken back",
        PirReason::Cause => "cause of an incident",
        PirReason::Override => "freeze exception",
        PirReason::Overrun => "window overrun",
        PirReason::Failed | PirReason::Emergency | PirReason::Record => "failed",
    }
}

fn reviewed(review: &Pir, now: DateTime<Utc>) -> Value {
    match review.verdict {
        None if review.is_late(now) => fact("review overdue since", None, Some(review.due_at)),
        None => fact("review due by", None, Some(review.due_at)),
        Some(verdict) => fact(&format!("reviewed: {}, by", verdict.as_str()), review.reviewer.as_ref(), None),
    }
}

fn attested(status: ChangeStatus, decide_by: Option<DateTime<Utc>>) -> Value {
    match (status, decide_by) {
        (ChangeStatus::AwaitingApproval, Some(until)) => fact("to be attested by", None, Some(until)),
        (ChangeStatus::AwaitingApproval, None) => said("to be attested"),
        (ChangeStatus::Completed | ChangeStatus::RolledBack | ChangeStatus::Validating | ChangeStatus::Failed, _) => {
            said("attested")
        }
        (_, _) => said("not attested"),
    }
}

fn times(count: u32) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    }
}

fn said(text: &str) -> Value {
    fact(text, None, None)
}

/// Words, and whom or which moment they lead to.
fn fact(text: &str, who: Option<&PersonId>, until: Option<DateTime<Utc>>) -> Value {
    json!({ "text": text, "who": who, "until": until })
}
