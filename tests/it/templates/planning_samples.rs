//! What the templates of the line of changes are given.

use serde_json::{Value, json};

use super::samples::{AT, LIST, TITLE};

/// What is told of a change: to the owners, and to an audience.
pub fn notices() -> [(String, Vec<Value>); 2] {
    [("update/change_notice".to_owned(), change_notice()), ("update/change_audience".to_owned(), change_audience())]
}

pub fn queue() -> Vec<Value> {
    let one = json!({
        "subject": "CHG-88", "title": TITLE, "state": "past its window, keeps its slot", "service": "Card payments",
        "incident": "INC-42", "priority": "P1", "implementer": "p_ana", "until": AT, "since": AT, "ahead": true,
    });
    let mut sparse = one.clone();
    for name in ["incident", "priority", "until", "since"] {
        sparse[name] = Value::Null;
    }
    sparse["ahead"] = json!(false);
    vec![
        json!({"running": vec![one.clone(); 6], "waiting": vec![one; 6], "per_service": "1", "per_incident": "2", "more": "12", "in_surge": "6"}),
        json!({"running": [sparse], "waiting": [], "per_service": "1", "per_incident": "2", "more": null, "in_surge": null}),
        json!({"running": [], "waiting": [], "per_service": "1", "per_incident": "2", "more": null, "in_surge": null}),
    ]
}

pub fn progress() -> Value {
    json!({"done": "1", "all": "7", "open": vec!["a backup whose restore was verified"; 4], "others": "1",
           "dated": {"key": "backup_verified", "at": AT, "until": AT}})
}

pub fn checklist() -> Vec<Value> {
    let item = |done: bool, state: &str| {
        json!({
            "done": done, "key": "backup_verified", "what": "a backup whose restore was verified", "before": "start",
            "evidence": "a link that begins with https://", "by": "p_ana", "at": AT, "said": TITLE, "person": if state == "ticked" { json!("p_ana") } else { Value::Null },
            "outgrown": state == "outgrown", "counts_for": "24 hours", "counts_until": AT,
            "evidence_at": if ["ticked", "outgrown"].contains(&state) { json!(AT) } else { Value::Null },
            "waived": state == "waived", "waiver_asked": state == "asked", "reopened": state == "reopened",
        })
    };
    let items = [
        item(true, "ticked"),
        item(true, "waived"),
        item(false, "asked"),
        item(false, "reopened"),
        item(false, "open"),
        item(false, "outgrown"),
    ];
    let whole = json!({
        "subject": "CHG-88", "title": TITLE, "progress": progress(), "items": items, "next": "backup_verified", "dated": true, "call": "/change plan",
        "categories": ["access", "network"], "category": "access",
    });
    let mut complete = whole.clone();
    complete["next"] = Value::Null;
    let mut none = whole.clone();
    none["progress"] = Value::Null;
    let mut unknown = none.clone();
    (unknown["categories"], unknown["category"]) = (json!([]), Value::Null);
    vec![whole, complete, none, unknown]
}

pub fn suspects() -> Vec<Value> {
    let one = json!({
        "subject": "CHG-88", "title": TITLE, "service": "Card payments", "implementer": "p_ana", "runs": false,
        "ended": AT, "status": "rolled back", "confidence": "95", "likely": true, "decided": "not related", "back": TITLE,
        "waits": false,
    });
    let mut running = one.clone();
    (running["runs"], running["ended"], running["likely"]) = (json!(true), Value::Null, json!(false));
    (running["decided"], running["back"], running["waits"]) = (Value::Null, Value::Null, json!(true));
    let mut halted = running.clone();
    (halted["runs"], halted["status"]) = (json!(false), json!("halted"));
    vec![
        json!({"subject": "INC-42", "services": "Card payments", "hours": "72", "first": "CHG-88", "running": null,
               "changes": vec![one; 10], "more": "12", "asked": true}),
        json!({"subject": "INC-42", "services": "Card payments", "hours": "72", "first": "CHG-88", "running": "CHG-88",
               "changes": [running, halted], "more": null, "asked": false}),
        json!({"subject": "INC-42", "services": "Card payments", "hours": "72", "first": null, "running": null, "changes": [],
               "more": null, "asked": false}),
    ]
}

pub fn conflicts() -> Vec<Value> {
    let one = json!({"block": true, "sentence": "CHG-89 is on the same service."});
    let free = json!({"from": AT, "until": AT});
    vec![
        json!({"subject": "CHG-88", "title": TITLE, "service": "Card payments", "from": AT, "until": AT, "planned": true,
               "conflicts": vec![one; LIST], "free": vec![free; 3]}),
        json!({"subject": "CHG-88", "title": TITLE, "service": "Card payments", "from": AT, "until": AT,
               "planned": false, "conflicts": [], "free": []}),
    ]
}

pub fn calendar() -> Vec<Value> {
    let change = json!({
        "subject": "CHG-88", "title": TITLE, "what": "emergency", "on": "Card payments", "state": "awaiting approval",
        "from": AT, "until": AT, "ends_that_day": false, "incident": null,
    });
    let mut freeze = change.clone();
    for (name, value) in [("subject", json!("FRZ-9")), ("until", Value::Null), ("incident", json!("INC-42"))] {
        freeze[name] = value;
    }
    let mut short = change.clone();
    short["ends_that_day"] = json!(true);
    let day = |name: &str, entries: Vec<Value>| json!({"day": name, "entries": entries});
    let full =
        vec![day("Now", vec![freeze]), day("Today, Mon 7 Jan", vec![short; 7]), day("Tue 8 Jan", vec![change; 7])];
    let calendar = |groups: Vec<Value>, services: Value, left: Value, unscheduled: Value| {
        json!({"days": "14", "one_day": false, "services": services, "zone": "Europe/Lisbon", "groups": groups,
               "left": left, "unscheduled": unscheduled})
    };
    let mut empty = calendar(Vec::new(), Value::Null, Value::Null, json!([]));
    empty["one_day"] = json!(true);
    vec![calendar(full, json!("payments, ledger"), super::samples::left(), json!(["CHG-5", "CHG-6"])), empty]
}

fn change_notice() -> Vec<Value> {
    let full = json!({"title": TITLE, "service": "Card payments", "from": AT, "until": AT, "impact": TITLE});
    let mut sparse = full.clone();
    for name in ["from", "until", "impact"] {
        sparse[name] = Value::Null;
    }
    vec![full, sparse]
}

/// What an audience is told of a change: all of it, and as little as there may be.
fn change_audience() -> Vec<Value> {
    let full = json!({
        "what": "Planned change in 5 business days", "subject": "CHG-88", "audience": "Stakeholders",
        "service": "Card payments", "title": TITLE, "from": AT, "until": AT, "impact": TITLE, "incident": "INC-42",
        "why": TITLE, "rollback": TITLE, "text": TITLE,
    });
    let mut sparse = full.clone();
    for name in ["title", "from", "until", "impact", "incident", "why", "rollback", "text"] {
        sparse[name] = Value::Null;
    }
    vec![full, sparse]
}
