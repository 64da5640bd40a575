//! What the card of a meeting is given.

use serde_json::{Value, json};

use super::samples::{AT, TITLE, WHY};

pub fn card() -> Vec<Value> {
    let item = json!({
        "change": "CHG-88", "title": TITLE, "band": "high", "minutes": "10", "decide_by": AT, "done": false,
        "outcome": null, "until": null, "why": null,
    });
    let mut current = item.clone();
    current["until"] = json!(AT);
    let mut deferred = item.clone();
    deferred["done"] = json!(true);
    deferred["outcome"] = json!("deferred");
    deferred["why"] = json!(WHY);
    let mut gone = item.clone();
    gone["title"] = Value::Null;
    gone["decide_by"] = Value::Null;
    let whole = json!({
        "subject": "CAB-3", "status": "open", "chair": "p_ines", "starts_at": null, "opened_at": AT, "ended_at": AT,
        "quorum": "Quorate: 3 of 4 members are here.", "present": ["p_mia", "p_tom"], "guests": ["p_ana", "p_raj"], "absent": ["p_kim"],
        "items": [current, deferred, item, gone], "patterns": [{"service": "Card payments", "changes": "3"}],
        "minutes": "40",
        "reviews": [{"change": "CHG-3", "due_at": AT, "closed": true}, {"change": "CHG-4", "due_at": AT, "closed": false}],
        "pack": [{"key": "P1", "says": "12 changes ended"}], "month": "December 2029",
        "decisions": [{"what": WHY, "cites": "P1", "verdict": "adopt"}, {"what": WHY, "cites": null, "verdict": null}],
        "earlier_subject": "CAB-1", "earlier": [{"what": WHY}],
    });
    let bare = json!({
        "subject": "CAB-3", "status": "announced", "chair": null, "starts_at": AT, "opened_at": null, "ended_at": null,
        "quorum": null, "present": [], "guests": [], "absent": [], "items": [], "patterns": [], "minutes": "0",
        "reviews": [], "pack": null, "month": null, "decisions": [], "earlier_subject": null, "earlier": [],
    });
    vec![whole, bare]
}
