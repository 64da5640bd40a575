//! Seats of a change, for its card.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::Tenant;
use crate::domain::decide::{SeatStands, to_ask};
use crate::domain::{Change, ChangeStatus, Incident};

/// Every seat that must be filled outside the vote, with who fills it, or who could.
pub(super) fn seats_data(
    tenant: &Tenant,
    change: &Change,
    incident: Option<&Incident>,
    now: DateTime<Utc>,
) -> Vec<Value> {
    let organisation = &tenant.organisation;
    let of_one = |stands: SeatStands| {
        let mut ask = Vec::new();
        if stands.by.is_none() && change.status == ChangeStatus::AwaitingApproval {
            ask = to_ask(organisation, change, incident, stands.seat, now);
        }
        let mut seat = stands.seat.phrase().to_owned();
        if let Some(owner) = &stands.owner {
            // Each owner, or whoever stands in for them, is asked for their own.
            ask.retain(|person| person == owner || organisation.delegate_of(owner, now) == Some(person));
            seat = format!("{seat} of {}", organisation.named(&stands.services));
        }
        json!({
            "seat": seat, "filled": stands.by.is_some(), "person": stands.by, "on_behalf": stands.on_behalf, "ask": ask,
        })
    };
    change.seats_stand(organisation).into_iter().map(of_one).collect()
}
