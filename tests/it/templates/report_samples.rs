//! What the templates of reports are given.

use serde_json::{Value, json};

use super::samples::{AT, LIST, TITLE, left};

pub fn all() -> [(String, Vec<Value>); 2] {
    [("answer/bypasses".to_owned(), bypasses()), ("answer/fields".to_owned(), fields())]
}

fn bypasses() -> Vec<Value> {
    let facts = [
        json!({"text": "to be attested by", "who": null, "until": AT}),
        json!({"text": "review overdue since", "who": null, "until": AT}),
    ];
    let one = json!({
        "what": "retroactive, late", "subject": "CHG-88", "title": TITLE, "service": "Card payments", "at": AT,
        "by": "p_ana", "facts": facts, "overdue": false, "open": true, "found": false,
    });
    let mut overdue = one.clone();
    (overdue["overdue"], overdue["open"]) = (json!(true), json!(false));
    let all = json!({
        "bypasses": vec![one; LIST], "left": left(), "days": "90 days", "all": "412", "services": "Card payments, Ledger",
        "counts": "31 reviews open, 12 overdue · 90 emergencies · 12 records after the fact · 1 freeze exception · 2 windows overrun",
        "most": "1000", "failures": true,
    });
    let mut few = all.clone();
    overdue["facts"][1] = json!({"text": "reviewed: non-compliant, by", "who": "p_ana", "until": null});
    overdue["found"] = json!(true);
    few["bypasses"] = json!([overdue]);
    few["failures"] = json!(false);
    for name in ["left", "services", "most"] {
        few[name] = Value::Null;
    }
    let mut none = few.clone();
    none["bypasses"] = json!([]);
    let mut none_of_theirs = none.clone();
    none_of_theirs["services"] = json!("Card payments");
    vec![all, few, none, none_of_theirs]
}

fn fields() -> Vec<Value> {
    let one = json!({
        "subject": "CHG-88", "title": TITLE, "service": "Card payments", "since": AT, "over": true,
        "keys": ["ticket", "key_holder", "channel"],
    });
    let fill = json!({"key": "key_holder", "filled": "31", "asked": "412", "median": "47 h"});
    let form = json!({"verb": "/change emergency", "opened": "90", "unsent": "12", "median": "119 min"});
    let all = json!({
        "records": vec![one; LIST], "left": left(), "days": "90 days", "empty": "412 records", "asked": "2000", "filled": "2000 records",
        "fills": vec![fill; 10], "forms": vec![form; 10], "services": "Card payments, Ledger", "most": "1000",
    });
    let mut filled = all.clone();
    (filled["records"], filled["forms"]) = (json!([]), json!([]));
    (filled["left"], filled["most"], filled["services"]) = (Value::Null, Value::Null, Value::Null);
    filled["fills"] = json!([{"key": "ticket", "filled": "0", "asked": "1", "median": null}]);
    let mut none = filled.clone();
    (none["filled"], none["fills"]) = (Value::Null, json!([]));
    none["forms"] = json!([{"verb": "/change new", "opened": "1", "unsent": null, "median": null}]);
    vec![all, filled, none]
}
