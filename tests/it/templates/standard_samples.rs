//! What the catalogue of standard changes is given.

use serde_json::{Value, json};

pub fn catalogue() -> Vec<Value> {
    let parameter = json!({"name": "keep_days", "range": "7 to 90"});
    let entry = json!({
        "key": "log-rotation", "title": "Rotate the logs", "version": "1", "services": "Ledger database, Accounts",
        "owner": "p_ana", "record": "2 of its last 10 uses failed", "rated": "2.3 of 5 by 3", "parameters": vec![parameter; 2],
        "example": "/change std log-rotation keep_days:7", "closed": null, "until": "21 Jan 2031", "ends": "7 Jan 2031", "freeze_safe": true,
    });
    let mut closed = entry.clone();
    closed["closed"] = json!("The catalogue entry: it is suspended, because it failed too often lately.");
    closed["owner"] = Value::Null;
    closed["freeze_safe"] = json!(false);
    closed["parameters"] = json!([]);
    let mut fine = entry.clone();
    fine["until"] = Value::Null;
    let mut all = vec![entry; 8];
    all.extend([closed, fine]);
    vec![
        json!({"entries": all, "service": null, "more": "5", "policy": "3"}),
        json!({"entries": [], "service": "Ledger database", "more": null, "policy": "3"}),
    ]
}

pub fn drafts() -> Vec<Value> {
    vec![json!({"of": "CHG-88", "is_new": true}), json!({"of": "log-rotation", "is_new": false})]
}
