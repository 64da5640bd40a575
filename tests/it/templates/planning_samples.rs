//! What the templates of the line of changes are given.

use serde_json::{Value, json};

use super::samples::{AT, LIST, TITLE};

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
        json!({"running": vec![one.clone(); 6], "waiting": vec![one; 6], "per_service": "1", "per_incident": "2", "more": "12"}),
        json!({"running": [sparse], "waiting": [], "per_service": "1", "per_incident": "2", "more": null}),
        json!({"running": [], "waiting": [], "per_service": "1", "per_incident": "2", "more": null}),
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
