//! Samples of what is shown of batches of changes.

use serde_json::{Value, json};

use super::samples::{AT, LIST, TITLE, WHY, left};

pub fn all() -> [(String, Vec<Value>); 4] {
    [
        ("card/batch".to_owned(), vec![card(), sparse()]),
        ("answer/batches".to_owned(), list()),
        ("direct/batch".to_owned(), found()),
        ("direct/asked_batch".to_owned(), asked()),
    ]
}

fn asked() -> Vec<Value> {
    let seats = json!([{"seat": "service owner", "because": "owning the service"}]);
    let whole = json!({"subject": "BAT-3", "title": TITLE, "changes": "200", "requester": "p_ana", "seats": seats, "until": AT});
    let mut sparse = whole.clone();
    sparse["until"] = Value::Null;
    vec![whole, sparse]
}

fn card() -> Value {
    let item = json!({
        "place": "125", "subject": "CHG-88", "what": TITLE, "service": "Card payments", "state": "awaiting approval", "group": "12",
        "why": "in the way of CHG-77",
    });
    json!({
        "subject": "BAT-3", "title": TITLE, "status": "open", "count": "200", "counts": "198 awaiting approval · 2 excluded",
        "requester": "p_ana", "runner": "p_raj", "from": AT, "until": AT, "risk": "up to 15, band high",
        "needs": "a peer review and the vote of the E-CAB", "missing": "peer reviewer, service owner", "tally": WHY,
        "progress": "4 of 198", "held": WHY, "stop": "only its group stops, the others go on", "stopped": "1, 2", "items": vec![item; LIST], "left": left(),
    })
}

fn sparse() -> Value {
    let item = json!({
        "place": "1", "subject": null, "what": TITLE, "service": "payments", "state": "not asked for yet", "why": null, "group": null,
    });
    let mut sparse = card();
    for name in ["counts", "runner", "risk", "needs", "missing", "tally", "progress", "held", "left", "stopped"] {
        sparse[name] = Value::Null;
    }
    sparse["items"] = json!([item]);
    sparse
}

fn list() -> Vec<Value> {
    let line =
        json!({"subject": "BAT-3", "title": TITLE, "count": "200", "status": "running", "from": AT, "until": AT});
    vec![json!({ "batches": vec![line; LIST], "left": left() }), json!({ "batches": [], "left": null })]
}

fn found() -> Vec<Value> {
    let all = json!({
        "subject": "BAT-3", "title": TITLE, "count": "200", "conflicts": "3", "refused": "12", "left": "188",
        "found": vec![TITLE; 12], "more": "3",
    });
    let mut sparse = all.clone();
    for name in ["conflicts", "refused", "more"] {
        sparse[name] = Value::Null;
    }
    sparse["found"] = json!([]);
    vec![all, sparse]
}
