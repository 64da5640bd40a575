//! Samples of what the decision authority is told, and of what it ruled.

use serde_json::{Value, json};

use super::samples::{AT, TITLE, WHY};

/// What is told in private of a dispute.
pub fn direct() -> [(String, Vec<Value>); 3] {
    let prolonged = json!({"subject": "CHG-88", "title": TITLE, "service": "Payments", "until": AT, "sentence": WHY});
    [
        ("direct/ruling".to_owned(), asked()),
        ("direct/conflict".to_owned(), conflict()),
        ("direct/prolonged".to_owned(), vec![prolonged]),
    ]
}

/// What whoever rules is told, with both positions and with as little as there may be.
fn asked() -> Vec<Value> {
    let full = json!({
        "subject": "CHG-88", "title": TITLE, "service": "Payments", "incident": "INC-42", "band": "high", "impact": WHY,
        "raised_by": "p_ana", "why": WHY, "dispute": "a voter's concern", "against": [WHY, WHY, WHY],
        "until": AT, "allows": "appoints", "decides": {"why_now": WHY, "rollback_plan": WHY, "score": "15", "tested": true},
    });
    let mut sparse = full.clone();
    (sparse["incident"], sparse["why"], sparse["against"]) = (Value::Null, Value::Null, json!([]));
    sparse["decides"] = Value::Null;
    sparse["allows"] = Value::Null;
    vec![full, sparse]
}

/// A dispute on the card of its change, as it was ruled on.
pub fn escalated() -> Value {
    json!({
        "dispute": "a voter's concern", "waits_for": null, "until": AT, "state": "allowed", "open": false, "by": "p_raj",
        "at": AT, "why": WHY, "conditions": WHY,
    })
}

/// As long as it waits.
pub fn waiting() -> Value {
    json!({
        "dispute": "security's veto", "waits_for": "p_raj", "until": AT, "state": "open", "open": true, "by": null, "at": null,
        "why": null, "conditions": null,
    })
}

/// What one side of a conflict is told, of changes with windows and without.
fn conflict() -> Vec<Value> {
    let side = |subject: &str, at: Option<&str>| json!({ "subject": subject, "title": TITLE, "requester": "p_ana", "from": at, "until": at });
    let two =
        |at, near: bool| json!({ "own": side("CHG-88", at), "rival": side("CHG-87", at), "how": TITLE, "near": near });
    vec![two(Some(AT), false), two(None, false), two(Some(AT), true)]
}
