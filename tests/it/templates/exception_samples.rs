//! Samples of what is shown of exceptions from a procedure.

use serde_json::{Value, json};

use super::samples::{AT, LIST, TITLE, WHY, left};

/// As it is asked for in private, and as it is shown with its uses.
pub fn all() -> [(String, Vec<Value>); 5] {
    let mut shown = one();
    shown["uses"] = json!({ "count": "12", "listed": vec![json!({"change": "CHG-88", "at": AT}); 10], "older": "2" });
    let mut due = shown.clone();
    (due["look_back"]["by"], due["look_back"]["at"]) = (Value::Null, Value::Null);
    let mut sparse = one();
    for name in ["title", "ended_at", "why", "control", "look_back"] {
        sparse[name] = Value::Null;
    }
    (sparse["signed"], sparse["waits"]) = (json!([]), json!(false));
    sparse["uses"] = json!({ "count": "0", "listed": [], "older": null });
    [
        ("direct/exception".to_owned(), vec![one(), sparse.clone()]),
        ("answer/exception".to_owned(), vec![shown, due, sparse]),
        ("answer/exceptions".to_owned(), list()),
        ("answer/rule".to_owned(), rule()),
        ("answer/skipped".to_owned(), skipped()),
    ]
}

fn one() -> Value {
    json!({
        "subject": "EXC-3", "what": "an item of a checklist", "scope": "everything that Payments keeps", "title": TITLE,
        "why": WHY, "control": WHY, "until": AT, "requester": "p_ana", "status": "active", "class": "high",
        "takes": "a compliance officer and the decision authority", "waits": true,
        "signed": vec![json!({"person": "p_raj", "role": "a compliance officer"}); 2], "ended_at": AT,
        "look_back": {"due": AT, "overdue": true, "by": "p_raj", "at": AT, "kept": false},
    })
}

fn list() -> Vec<Value> {
    let line = json!({
        "subject": "EXC-3", "what": "an item of a checklist", "scope": "everything that Payments keeps",
        "status": "requested", "until": AT, "uses": "12", "why": TITLE, "review": AT,
    });
    let mut plain = line.clone();
    plain["review"] = Value::Null;
    let few = json!({ "exceptions": [plain], "left": null });
    vec![json!({ "exceptions": vec![line; LIST], "left": left() }), few, json!({ "exceptions": [], "left": null })]
}

/// A rule in words, with a number and without.
fn rule() -> Vec<Value> {
    let rule = json!({"title": "How risky a change is", "lines": vec![WHY; 20], "number": "4.7", "policy": "3"});
    let by_name = json!({"title": "Whether what is done works", "lines": [WHY], "number": null, "policy": "3"});
    vec![rule, by_name]
}

/// What an emergency left out: reviewed, to be reviewed, and not over yet.
fn skipped() -> Vec<Value> {
    let step = json!({"step": WHY, "instead": WHY, "review": "Policy followed"});
    let reviewed = json!({"steps": vec![step; 3], "within": "24 hours", "due": AT, "verdict": "compliant"});
    let (mut due, mut before) = (reviewed.clone(), reviewed.clone());
    due["verdict"] = Value::Null;
    (before["verdict"], before["due"]) = (Value::Null, Value::Null);
    vec![reviewed, due, before]
}

/// What a change went past, and what it may go past, on its card.
pub fn on_a_card() -> Value {
    let used = json!({"subject": "EXC-3", "what": "an item of a checklist", "until": AT, "control": WHY, "used": true});
    let mut unused = used.clone();
    (unused["used"], unused["control"]) = (json!(false), Value::Null);
    json!([used, unused])
}
