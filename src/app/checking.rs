//! `/admin check`: what of the organisation hangs on one person, and what is missing from who answers for what.

use serde_json::{Value, json};

use super::charters::charter_gaps;
use super::handle::HandleError;
use super::responsibilities::responsibility_gaps;
use super::{App, Tenant};
use crate::domain::PersonId;
use crate::domain::escalation::AUTHORITY;
use crate::domain::single_points::{SinglePoint, What, single_points};
use crate::render::Message;

impl App {
    pub(super) fn check_organisation(&self, tenant: &Tenant) -> Result<Message, HandleError> {
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
        let data = json!({"warnings": warnings, "gaps": gaps});
        Ok(self.renderer.message("answer/check", &data, &tenant.organisation)?)
    }
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
