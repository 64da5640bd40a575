//! What the templates of freezes are given.

use serde_json::{Value, json};

use super::samples::{AT, LIST, TITLE, WHY, left};

pub fn list() -> Vec<Value> {
    let freeze = json!({
        "subject": "FRZ-9", "kind": "business calendar", "status": "scheduled", "scope": "payments, ledger", "why": TITLE,
        "types": ["normal", "expedited"],
        "from": AT, "until": AT,
    });
    vec![json!({"freezes": vec![freeze; LIST], "left": left()}), json!({"freezes": [], "left": null})]
}

pub fn check() -> Vec<Value> {
    let line = json!({"freeze": "FRZ-9", "why": TITLE, "from": AT, "until": AT, "sentence": WHY});
    let bare = json!({"freeze": "FRZ-9", "why": TITLE, "from": null, "until": null, "sentence": WHY});
    vec![
        json!({"about": TITLE, "sentence": WHY, "lines": [line, bare], "standby": WHY}),
        json!({"about": "payments", "sentence": "No freeze reaches it.", "lines": [], "standby": null}),
    ]
}

fn asked(state: &str, until: &Value, signed: &Value) -> Value {
    json!({
        "change": "CHG-88", "state": state, "by": "p_ana", "why": WHY, "until": until, "ahead": until.is_string(), "signed": signed, "freeze": "FRZ-9",
        "reason": TITLE, "ask": ["p_omar", "p_tom"], "ask_second": ["p_ines"],
    })
}

pub fn card() -> Vec<Value> {
    let whole = json!({
        "subject": "FRZ-9", "kind": "major incident", "status": "active", "why": TITLE, "services": ["Card payments"],
        "reach": ["Checkout", "Ledger database"], "wide": true, "hard": true, "incident": "INC-42", "from": AT,
        "types": ["normal", "expedited"],
        "until": AT, "ended_at": null, "every": "from the last business day of every quarter",
        "missing": ["p_mia", "p_tom"], "owners": ["p_mia", "p_tom"], "by": "p_ana",
        "overrides": vec![asked("granted", &json!(AT), &json!(["p_omar", "p_ines"])); 8],
    });
    let mut endless = whole.clone();
    endless["until"] = Value::Null;
    let mut sparse = whole.clone();
    for name in ["until", "incident", "every"] {
        sparse[name] = Value::Null;
    }
    for name in ["services", "types", "reach", "owners", "missing", "overrides"] {
        sparse[name] = json!([]);
    }
    sparse["wide"] = json!(false);
    sparse["hard"] = json!(false);
    sparse["ended_at"] = json!(AT);
    vec![whole, endless, sparse]
}

pub fn exception() -> Vec<Value> {
    let mut denied = asked("denied", &Value::Null, &json!([]));
    denied["ask"] = json!([]);
    denied["ask_second"] = json!([]);
    let whole = json!({
        "subject": "CHG-88", "title": TITLE, "status": "approved", "band": "high", "service": "Card payments",
        "incident": "INC-42", "implementer": "p_ana",
        "asks": [asked("requested", &Value::Null, &json!(["p_omar"])), asked("granted", &json!(AT), &json!([])), denied],
    });
    let mut sparse = whole.clone();
    sparse["incident"] = Value::Null;
    vec![whole, sparse]
}

/// A running change that a commander is asked about, what was decided, and one that ended meanwhile.
pub fn running() -> Vec<Value> {
    let asked = json!({
        "subject": "CHG-88", "title": TITLE, "status": "implementing", "service": "Payments", "implementer": "p_ana",
        "incident": "INC-42", "until": AT, "open": true, "commander": "p_raj", "by": null, "ruling": null, "at": null,
    });
    let mut nobody = asked.clone();
    nobody["commander"] = Value::Null;
    let mut decided = asked.clone();
    (decided["by"], decided["ruling"], decided["at"]) = (json!("p_raj"), json!("let it finish"), json!(AT));
    let mut by_rule = decided.clone();
    (by_rule["by"], by_rule["ruling"]) = (Value::Null, json!("halted it"));
    let mut over = asked.clone();
    (over["open"], over["until"]) = (json!(false), Value::Null);
    vec![asked, nobody, decided, by_rule, over]
}
