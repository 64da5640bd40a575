//! What the templates of answers to notices are given.

use serde_json::{Value, json};

use super::samples::{AT, TITLE, WHY};

pub fn all() -> [(String, Vec<Value>); 3] {
    [
        ("answer/notices".to_owned(), answers()),
        ("direct/notice_reminder".to_owned(), reminder()),
        ("direct/notice_preview".to_owned(), preview()),
    ]
}

fn preview() -> Vec<Value> {
    vec![json!({"subject": "CHG-88", "audiences": ["Stakeholders", "Customers"], "until": AT})]
}

/// As much as there may be, and as little.
fn answers() -> Vec<Value> {
    let sent = json!({"at": AT, "what": "owners who have said nothing are reminded"});
    let answer = json!({"who": "Tom Okafor", "what": "took the objection back", "at": AT, "why": WHY});
    let silent = json!({"who": "Kim Novak", "what": "has said nothing yet", "at": null, "why": null});
    vec![
        json!({
            "subject": "CHG-88", "title": TITLE, "service": "Card payments", "owners": ["Tom Okafor", "Kim Novak"],
            "audiences": ["Stakeholders", "Customers"], "sent": vec![sent; 15],
            "ahead": [{"what": "5 business days before", "at": AT}, {"what": "its start", "at": null}],
            "answers": [answer, silent], "must": true, "waits": false,
        }),
        json!({
            "subject": "CHG-88", "title": TITLE, "service": "Card payments", "owners": [], "audiences": [], "sent": [],
            "ahead": [], "answers": [], "must": false, "waits": true,
        }),
    ]
}

fn reminder() -> Vec<Value> {
    let of = |at: Option<&str>| json!({"subject": "CHG-88", "title": TITLE, "impact": WHY, "service": "Card payments", "from": at, "until": at});
    vec![of(Some(AT)), of(None)]
}
