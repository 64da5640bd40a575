//! What the templates of teams are given: who answers for what, charters, who is on call.

use serde_json::{Value, json};

use super::samples::{AT, TITLE, WHY};

/// What is missing from what people answer for.
pub fn gaps() -> Value {
    json!(["nobody is Accountable for “command” on Card payments"])
}

pub fn responsibilities() -> Vec<Value> {
    let row = json!({"what": "leading incidents", "word": "command", "function": "incident management",
        "accountable": "p_ana", "responsible": ["p_ana", "p_raj"], "consulted": ["p_raj"], "informed": ["p_raj"],
        "origin": "its own", "missing": false});
    let missing = json!({"what": "approving changes", "word": "approve", "function": "change management",
        "accountable": null, "responsible": [], "consulted": [], "informed": [], "origin": null, "missing": true});
    let full = json!({"service": "Card payments", "rows": [row, missing], "own": ["Ledger: command"], "written": true,
        "gaps": gaps()});
    vec![full, json!({"service": null, "rows": [], "own": [], "written": false, "gaps": []})]
}

fn on_call() -> Vec<Value> {
    let primary = json!({"person": "p_ana", "away": AT, "for": "p_raj"});
    let secondary = json!({"person": "p_raj", "away": null, "for": null});
    let team = json!({"name": "Payments", "people": [primary, secondary], "next": {"person": "p_raj", "at": AT}});
    let alone = json!({"name": "Web", "people": [], "next": null});
    let spells = [
        json!({"person": "p_ana", "starts": AT, "ends": AT}),
        json!({"person": "p_ana", "to": "p_raj", "starts": AT, "ends": AT}),
    ];
    vec![json!({"teams": [team, alone], "spells": spells}), json!({"teams": [], "spells": []})]
}

/// Template to its samples.
pub fn all() -> Vec<(String, Vec<Value>)> {
    let full = json!({"team": "Payments", "edition": "2", "since": AT, "responsibilities": WHY, "minutes": "15",
        "succession": ["p_ana", "p_raj"], "members": "4", "acknowledged": "2", "waits": ["p_ana", "p_raj"], "old": true});
    let mut sparse = full.clone();
    sparse["waits"] = json!([]);
    sparse["old"] = json!(false);
    let one = json!({"team": "Payments", "key": "payments", "edition": "2", "minutes": "15", "successors": "2",
        "waits": "2", "open": true});
    let list = json!({"charters": [one], "without": ["Web", "Data"]});
    let paged = json!({"subject": "INC-42", "priority": "P1", "title": TITLE, "commander": "p_ana", "minutes": "15",
        "last": false});
    let mut final_page = paged.clone();
    final_page["last"] = json!(true);
    let all = [
        ("answer/on_call", on_call()),
        ("answer/charter", vec![full.clone(), sparse.clone()]),
        ("direct/charter", vec![full, sparse]),
        ("answer/charters", vec![list, json!({"charters": [], "without": []})]),
        ("direct/successor", vec![paged, final_page]),
    ];
    all.into_iter().map(|(name, samples)| (name.to_owned(), samples)).collect()
}
