//! Samples of who stands ready to take a change back.

use serde_json::{Value, json};

use super::samples::{AT, TITLE, WHY, left};

pub fn all() -> [(String, Vec<Value>); 4] {
    [
        ("answer/standby".to_owned(), answer()),
        ("answer/standby_pool".to_owned(), pool()),
        ("direct/standby".to_owned(), asked()),
        ("direct/standby_batch".to_owned(), of_a_batch()),
    ]
}

/// On the card of a change: one who is there, one who cannot be, and nobody.
pub fn on_a_card() -> Value {
    json!([
        {"role": "the owner of the rollback", "person": "p_ana", "state": "confirmed twice", "lacks": null, "proposed": null, "off_shift": null},
        {"role": "the database", "person": "p_tom", "state": "nobody", "lacks": WHY, "proposed": "p_raj", "off_shift": WHY},
        {"role": "the service desk", "person": null, "state": "nobody", "lacks": WHY, "proposed": null, "off_shift": null},
    ])
}

fn answer() -> Vec<Value> {
    let full = json!({
        "subject": "CHG-88", "title": TITLE, "roles": on_a_card(), "from": AT, "until": AT, "holds": WHY,
        "required_from": "high risk",
    });
    let mut sparse = full.clone();
    (sparse["from"], sparse["until"], sparse["holds"]) = (Value::Null, Value::Null, Value::Null);
    let mut nobody = sparse.clone();
    nobody["roles"] = json!([]);
    vec![full, sparse, nobody]
}

/// Busy in every way, free, and nobody.
fn pool() -> Vec<Value> {
    let span = json!({"from": AT, "until": AT});
    let booked = |role: Option<&str>, from: Option<&str>| json!({"subject": "CHG-88", "role": role, "from": from, "until": from, "state": "has not confirmed yet"});
    let busy = json!({
        "role": "the owner of the rollback", "person": "p_ana", "teams": ["Payments", "Web"], "always": true, "free": false, "turns": [span, span],
        "away": [{"from": AT, "until": AT, "delegate": "p_raj"}, {"from": AT, "until": AT, "delegate": null}],
        "booked": [booked(Some("the database"), Some(AT)), booked(None, None)], "commands": ["INC-42"], "more": "12",
    });
    let free = json!({
        "role": "the database", "person": "p_tom", "teams": [], "always": false, "free": true, "turns": [], "away": [], "booked": [],
        "commands": [], "more": null,
    });
    let full = json!({"people": vec![busy; 6], "left": left(), "days": "7"});
    let few = json!({"people": [free], "left": null, "days": "7"});
    let none = json!({"people": [], "left": null, "days": "7"});
    vec![full, few, none]
}

/// Asked now for a time, or at once in an emergency; booked for later, or for no time yet.
fn asked() -> Vec<Value> {
    let full = json!({
        "subject": "CHG-88", "title": TITLE, "asked": true, "role": "the owner of the rollback", "service": "Payments",
        "rollback_plan": WHY, "from": AT, "until": AT, "is_emergency": false, "implementer": "p_ana", "silence": "5", "moved": false,
    });
    let mut urgent = full.clone();
    (urgent["from"], urgent["until"], urgent["is_emergency"]) = (Value::Null, Value::Null, json!(true));
    let mut later = full.clone();
    later["asked"] = json!(false);
    let mut unplanned = later.clone();
    (unplanned["from"], unplanned["until"]) = (Value::Null, Value::Null);
    let mut moved = later.clone();
    moved["moved"] = json!(true);
    vec![full, urgent, later, unplanned, moved]
}

/// Asked, booked, declined with a reason, and released.
fn of_a_batch() -> Vec<Value> {
    let change = json!({"subject": "CHG-88", "title": TITLE, "service": "Payments"});
    let heard = |word: &str| {
        let mut data = json!({
            "subject": "BAT-3", "title": TITLE, "role": "the owner of the rollback", "person": "p_raj", "why": null, "from": AT,
            "until": AT, "count": "200", "changes": vec![change.clone(); 8], "more": "192", "asked": false, "booked": false,
            "declined": false, "released": false,
        });
        data[word] = json!(true);
        data
    };
    let mut declined = heard("declined");
    (declined["why"], declined["more"], declined["changes"]) = (json!(WHY), Value::Null, json!([change]));
    vec![heard("asked"), heard("booked"), declined, heard("released")]
}
