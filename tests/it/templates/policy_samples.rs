//! What is given to the messages about policies.

use serde_json::{Value, json};

use super::samples::{AT, WHY};

/// Every template about policies, with its samples.
pub fn all() -> [(String, Vec<Value>); 6] {
    [
        ("direct/policy_review".to_owned(), review()),
        ("answer/amendment".to_owned(), amendment()),
        ("answer/policy".to_owned(), standing()),
        ("answer/policy_history".to_owned(), history()),
        ("answer/policy_news".to_owned(), news()),
        ("answer/policy_simulation".to_owned(), simulation()),
    ]
}

fn standing() -> Vec<Value> {
    let change = |before: &str, after: &str| json!({"place": "votes.ecab.quorum", "before": before, "after": after});
    let whole = json!({
        "in_force": {"version": "3", "hash": "0a1b2c3d4e5f", "since": AT}, "signatories": ["p_zoe", "p_ines"],
        "readers": {"asked": "9", "read": "2", "missing": ["p_zoe", "p_ines"], "more": "5"},
        "proposal": {
            "hash": "4fd3a1b29c07", "at": AT, "signed": ["p_zoe"], "missing": ["p_ines"], "more": "7",
            "from": AT, "origin": "audit finding 12", "answers": ["AMD-3", "AMD-4"], "is_open": true, "can_object": true,
            "changes": [change("1/2", "2/3"), change("", "2/3"), change("1/2", "")],
        },
        "scheduled": [{"hash": "7be0a1b29c07", "from": AT}],
        "amendments": {"listed": [asked_for("4fd3a1b29c07", true), asked_for("", false)], "more": "4"},
    });
    let mut ahead = whole.clone();
    ahead["proposal"]["is_open"] = json!(false);
    let mut unsigned = whole.clone();
    (unsigned["proposal"]["from"], unsigned["proposal"]["origin"]) = (Value::Null, Value::Null);
    unsigned["scheduled"] = json!([]);
    unsigned["proposal"]["answers"] = json!([]);
    unsigned["amendments"] = json!({"listed": [], "more": null});
    unsigned["readers"] = json!({"asked": "2", "read": "2", "missing": [], "more": null});
    (unsigned["proposal"]["signed"], unsigned["proposal"]["more"]) = (json!([]), Value::Null);
    let mut none = whole.clone();
    none["proposal"] = Value::Null;
    let mut nobody = none.clone();
    (nobody["in_force"], nobody["signatories"]) = (Value::Null, json!([]));
    nobody["readers"] = Value::Null;
    vec![whole, ahead, unsigned, none, nobody]
}

fn asked_for(hash: &str, overdue: bool) -> Value {
    json!({
        "name": "AMD-3", "origin": "audit finding 12", "due": AT, "overdue": overdue,
        "what": if overdue { json!("two people agree before a freeze is lifted") } else { Value::Null },
        "hash": if hash.is_empty() { Value::Null } else { json!(hash) },
    })
}

fn review() -> Vec<Value> {
    let due = json!({
        "version": "3", "hash": "0a1b2c3d4e5f", "since": AT, "from": AT, "waits_since": null, "exceptions": "9",
        "overrun": "2", "recorded": "4", "late": "3", "amendments": "1",
    });
    let mut late = due.clone();
    late["waits_since"] = json!(AT);
    vec![due, late]
}

fn amendment() -> Vec<Value> {
    let change = |before: &str, after: &str| json!({"place": "votes.ecab.quorum", "before": before, "after": after});
    let answered = json!({
        "name": "AMD-3", "origin": "audit finding 12", "state": "answered", "what": "two people agree", "why": WHY,
        "by": "p_ana", "at": AT, "due": AT, "overdue": true, "open": false, "settled_at": null, "settled_by": null,
        "hash": "4fd3a1b29c07", "changes": [change("1/2", "2/3"), change("", "2/3"), change("1/2", "")], "more": "7",
    });
    let mut open = answered.clone();
    (open["state"], open["open"], open["hash"], open["overdue"]) =
        (json!("open"), json!(true), Value::Null, json!(false));
    (open["changes"], open["more"]) = (json!([]), Value::Null);
    let mut declined = open.clone();
    (declined["state"], declined["open"], declined["settled_at"]) = (json!("declined"), json!(false), json!(AT));
    (declined["settled_by"], declined["what"], declined["why"]) = (json!("p_zoe"), Value::Null, Value::Null);
    let mut adopted = declined.clone();
    (adopted["state"], adopted["settled_by"]) = (json!("adopted"), Value::Null);
    vec![answered, open, declined, adopted]
}

fn news() -> Vec<Value> {
    let change = |before: &str, after: &str| json!({"place": "votes.ecab.quorum", "before": before, "after": after});
    let told = |origin: Value, changes: Vec<Value>, more: Value| {
        json!({
            "version": "3", "hash": "0a1b2c3d4e5f", "since": AT, "origin": origin, "changes": changes, "more": more,
            "answers": if origin.is_null() { json!([]) } else { json!(["AMD-3"]) },
        })
    };
    let changes = vec![change("1/2", "2/3"), change("", "2/3"), change("1/2", "")];
    vec![told(json!("audit finding 12"), changes, json!("7")), told(Value::Null, Vec::new(), Value::Null)]
}

fn simulation() -> Vec<Value> {
    let facet = |what: &str, before: &str, after: &str| json!({"facet": what, "before": before, "after": after});
    let facets = json!([
        facet("risk", "medium risk", "high risk"),
        facet(
            "approvals",
            "a peer review and the service owner",
            "the vote of the CAB and an executive's acceptance of the risk"
        ),
        facet("freezes", "", "FRZ-9: is held up"),
        facet("priority", "P2", ""),
    ]);
    let row = json!({"subject": "CHG-88", "facets": facets});
    let simulated = json!({
        "days": "90", "counted": "41 of 240 changes and 3 of 27 incidents", "by_facet": "approvals 41, risk 12",
        "rows": vec![row; 10], "more": "34", "cut": true,
    });
    let same = json!({
        "days": "90", "counted": "0 of 240 changes and 0 of 27 incidents", "by_facet": null, "rows": [], "more": null,
        "cut": false,
    });
    let of = |hash: Value, simulated: Value| json!({"hash": hash, "simulated": simulated});
    vec![
        of(json!("4fd3a1b29c07"), simulated),
        of(json!("4fd3a1b29c07"), same),
        of(json!("4fd3a1b29c07"), Value::Null),
        of(Value::Null, Value::Null),
    ]
}

fn history() -> Vec<Value> {
    let change = |before: &str, after: &str| json!({"place": "votes.ecab.quorum", "before": before, "after": after});
    let changes = json!({
        "count": "9", "is_one": false, "more": "6", "first": [change("1/2", "2/3"), change("", "2/3"), change("1/2", "")],
    });
    let policy = |origin: Value, signed: Value, changes: &Value| {
        json!({
            "version": "3", "hash": "0a1b2c3d4e5f", "since": AT, "origin": origin, "signed": signed, "changes": changes,
            "answers": if origin.is_null() { json!([]) } else { json!(["AMD-3", "AMD-4"]) },
        })
    };
    let first = policy(Value::Null, json!([]), &Value::Null);
    let later = policy(json!("audit finding 12"), json!(["p_zoe", "p_ines"]), &changes);
    vec![json!({"policies": [later, first]}), json!({"policies": []})]
}
