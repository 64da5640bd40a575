//! `/admin check`: what of the organisation hangs on one person, what is missing from who answers for what, and words
//! that wait for a meaning.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::charters::charter_gaps;
use super::handle::HandleError;
use super::responsibilities::responsibility_gaps;
use super::{App, Tenant};
use crate::domain::escalation::AUTHORITY;
use crate::domain::proposal::InForce;
use crate::domain::single_points::{SinglePoint, What, single_points};
use crate::domain::{Incident, Organisation, Person, PersonId, Service};
use crate::render::Message;
use crate::store::{Tx, UnmappedWord};

/// Words that were typed longer ago are nobody's habit.
const UNMAPPED_DAYS: i64 = 90;
const UNMAPPED_MAX: i64 = 500;
const WORDS_SHOWN: usize = 20;

impl App {
    pub(super) async fn check_organisation(&self, tx: &mut Tx, tenant: &Tenant) -> Result<Message, HandleError> {
        let now = self.clock.now();
        let name = |id: &PersonId| tenant.organisation.name_of(id);
        let warnings: Vec<Value> = single_points(&tenant.organisation)
            .iter()
            .map(|point| {
                let stands_in = point.only.as_ref().and_then(|only| tenant.organisation.delegate_of(only, now));
                json!({"what": what(tenant, point), "unit": asks_unit(tenant, point), "only": point.only.as_ref().map(name), "stands_in": stands_in.map(name)})
            })
            .collect();
        let mut gaps = responsibility_gaps(&tenant.organisation);
        gaps.extend(charter_gaps(&tenant.organisation, now));
        gaps.extend(tx.policy_in_force(None).await?.and_then(|policy| policy_gap(&policy)));
        gaps.extend(certificate_gaps(&tenant.organisation));
        let since = now - TimeDelta::days(UNMAPPED_DAYS);
        let typed = tx.unmapped_words(None, since, UNMAPPED_MAX).await?;
        let unknown = tenant.policy.words.unknown_severity.to_string();
        let data = json!({"warnings": warnings, "gaps": gaps, "words": words(tenant, &typed), "unknown": unknown});
        Ok(self.renderer.message("answer/check", &data, &tenant.organisation)?)
    }

    /// The word that an incident was declared with, where nobody knows it and nobody has said since what is meant.
    pub(super) async fn unmapped_of(&self, tx: &mut Tx, incident: &Incident) -> Result<Option<String>, HandleError> {
        let since = incident.declared_at - TimeDelta::seconds(1);
        let typed = tx.unmapped_words(Some(incident.subject()), since, 1).await?;
        Ok(typed.into_iter().find(|word| !word.settled).and_then(|word| word.typed))
    }
}

/// The policy in force, where somebody was asked to look at it again and has not.
fn policy_gap(policy: &InForce) -> Option<String> {
    let since = policy.review_asked_at?;
    let asked = since.format("%-d %b %Y");
    Some(format!("the policy in force (version {}) is to be looked at again, asked for {asked}", policy.version))
}

/// Services under a regime that nobody is certified for: nobody may change them.
fn certificate_gaps(organisation: &Organisation) -> Vec<String> {
    let may = |service: &Service| {
        let certified =
            |person: &Person| person.active && organisation.lacks_certificates(&person.id, service).is_empty();
        organisation.people.values().any(certified)
    };
    let gap =
        |service: &Service| format!("nobody is certified for {}, which {} is under", service.regimes(), service.name);
    organisation.services.values().filter(|service| !may(service)).map(gap).collect()
}

/// What the policy gives no meaning to yet, the newest first: each word once, in the case in which it was typed last.
fn words(tenant: &Tenant, typed: &[UnmappedWord]) -> Vec<Value> {
    let mut found: Vec<(&str, &str, usize)> = Vec::new();
    for word in typed {
        let Some(said) = word.typed.as_deref() else { continue };
        if tenant.policy.words.severity(said).is_some() {
            continue;
        }
        match found.iter_mut().find(|(own, ..)| own.to_lowercase() == said.to_lowercase()) {
            Some((.., times)) => *times += 1,
            None => found.push((said, &word.subject, 1)),
        }
    }
    let times = |times| if times == 1 { "once".to_owned() } else { format!("{times} times") };
    let shown = found.into_iter().take(WORDS_SHOWN);
    shown.map(|(word, last, many)| json!({"typed": word, "times": times(many), "last": last})).collect()
}

/// Whether the chain of the unit rules, and has more than one person.
fn asks_unit(tenant: &Tenant, point: &SinglePoint) -> bool {
    matches!(point.what, What::Rulings(_))
        && tenant.organisation.rosters.contains_key(AUTHORITY)
        && point.only.is_none()
}

fn what(tenant: &Tenant, point: &SinglePoint) -> String {
    let name = |key: &String| tenant.organisation.service_name(key);
    match &point.what {
        What::Role(role) => format!("the role {}", role.as_str()),
        What::Authority(service) => format!("technical authority over {}", name(service)),
        What::Rulings(services) => format!(
            "rulings on disputes about {}, which have no chain of their own",
            services.iter().map(name).collect::<Vec<_>>().join(", ")
        ),
        What::Ownership(services) => {
            format!("the owner's yes for {}", services.iter().map(name).collect::<Vec<_>>().join(", "))
        }
    }
}
