//! Seats of a change, for its card.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::Tenant;
use super::cards::headline;
use crate::domain::decide::{SeatStands, to_ask};
use crate::domain::rules::Seat;
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
        let reviewer = stands.by.as_ref().filter(|_| stands.seat == Seat::PeerReviewer);
        let answers = reviewer.and_then(|person| change.review_of(person)).map(|review| review.answers.phrase());
        let looks: Vec<_> = ask.iter().filter(|person| change.looks_at(stands.seat, person)).collect();
        let accepted = change.risk.accepted.as_ref().filter(|_| stands.seat == Seat::Executive);
        // Who accepts a risk anew need not be who did so first.
        let by = accepted.filter(|of| !of.expired).map(|of| of.by.clone()).or(stands.by);
        json!({
            "seat": seat, "filled": by.is_some(), "person": by, "on_behalf": stands.on_behalf, "ask": ask,
            "looks": looks, "answers": answers,
            "until": accepted.map(|accepted| accepted.until), "over": accepted.is_some_and(|of| of.expired),
            "alternatives": accepted.map(|accepted| headline(&accepted.alternatives)),
        })
    };
    change.seats_stand(organisation).into_iter().map(of_one).collect()
}
