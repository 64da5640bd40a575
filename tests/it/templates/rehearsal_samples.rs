//! Samples of rehearsals of a way back.

use serde_json::{Value, json};

use super::samples::{AT, TITLE, WHY};

pub fn all() -> [(String, Vec<Value>); 2] {
    [("answer/rehearsals".to_owned(), answer()), ("direct/rehearsal".to_owned(), asked())]
}

/// On the card of a change, with all that may be known of one.
pub fn on_a_card() -> Value {
    json!({
        "state": "proven", "environment": "staging", "observer": "p_ana", "took": "12", "minutes": "15", "due": AT, "at": AT,
        "void": true,
    })
}

fn answer() -> Vec<Value> {
    let asked_for = json!({
        "state": "asked for by its review", "environment": null, "observer": null, "took": null, "minutes": null, "due": AT,
        "at": null, "void": false,
    });
    let earlier = |proven: bool| json!({"proven": proven, "at": AT, "subject": "CHG-7"});
    let full = json!({
        "subject": "CHG-88", "title": TITLE, "steps": WHY, "need": "a rehearsal, or a change manager's waiver",
        "rehearsals": [on_a_card(), asked_for], "earlier": [earlier(true), earlier(false)],
    });
    let mut never = full.clone();
    (never["rehearsals"], never["earlier"]) = (json!([]), json!([]));
    vec![full, never]
}

/// To whoever tries it, to whoever watches, and once it has begun.
fn asked() -> Vec<Value> {
    let planned = json!({
        "subject": "CHG-88", "title": TITLE, "running": false, "began": null, "watches": false, "environment": "staging",
        "due": AT, "service": "Payments", "minutes": "15", "steps": WHY, "implementer": "p_ana", "observer": "p_raj",
    });
    let mut watches = planned.clone();
    watches["watches"] = json!(true);
    let mut running = watches.clone();
    (running["running"], running["began"]) = (json!(true), json!(AT));
    vec![planned, watches, running]
}
