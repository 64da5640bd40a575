//! What each template is given: once with everything, once with as little as there may be.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use wardroom::language::catalogue;
use wardroom::ledger::entry::fact_value;

use super::{
    batch_samples, exception_samples, freeze_samples, meeting_samples, notice_samples, planning_samples,
    policy_samples, rehearsal_samples, report_samples, ruling_samples, standard_samples, standby_samples, team_samples,
};
use crate::decision_log::events;

pub const AT: &str = "2030-01-07T14:00:00Z";
pub const TITLE: &str = "Checkout answers 502 to every third card payment in the north";
pub const WHY: &str = "errors began with the deploy of 4.2, and every minute costs sales";

/// As many as a list shows.
pub const LIST: usize = 15;

/// Template to its samples.
pub fn all() -> BTreeMap<String, Vec<Value>> {
    let mut all = BTreeMap::from(policy_samples::all());
    let mut add = |name: &str, samples: Vec<Value>| drop(all.insert(name.to_owned(), samples));
    add("answer/calendar", planning_samples::calendar());
    add(
        "answer/changes",
        vec![json!({"changes": list(&change()), "left": left()}), json!({"changes": [], "left": null})],
    );
    add("answer/decision", decision());
    add("answer/feed", vec![json!({"address": format!("https://bot.example/calendar/{}.ics", "x".repeat(43))})]);
    add("answer/freeze_check", freeze_samples::check());
    add("answer/freezes", freeze_samples::list());
    add("card/freeze", freeze_samples::card());
    add("card/meeting", meeting_samples::card());
    add("card/override", freeze_samples::exception());
    add("card/running", freeze_samples::running());
    add("answer/checklist", planning_samples::checklist());
    add("answer/conflicts", planning_samples::conflicts());
    add("answer/queue", planning_samples::queue());
    add("answer/standard", standard_samples::catalogue());
    add("answer/entry_draft", standard_samples::drafts());
    add("answer/turn", vec![json!({"subject": "CHG-88", "until": AT, "title": TITLE})]);
    add("answer/help", help());
    add(
        "answer/incidents",
        vec![json!({"incidents": list(&incident()), "left": left()}), json!({"incidents": [], "left": null})],
    );
    add(
        "answer/misunderstood",
        vec![json!({"sentence": "There is no `/inc foo`.", "examples": ["one", "two", "three"]})],
    );
    add("answer/link_code", vec![json!({"code": "7GK2MQ4X", "minutes": "10", "other": "Discord"})]);
    add("answer/linked", vec![json!({"name": "Ana Ruiz", "email": "ana@harbour.example"})]);
    add("answer/members", members());
    add("answer/panel", panel());
    add("answer/refusal", refusal());
    add("answer/risk", vec![risk()]);
    add("answer/summary", vec![summary(), sparse_summary()]);
    add("answer/suspects", planning_samples::suspects());
    add("answer/check", check());
    add("answer/raci", team_samples::responsibilities());
    add("answer/verify", verify());
    add("answer/vote", vec![vote_answer(true), vote_answer(false)]);
    add("answer/whoami", whoami());
    add("card/announcement", announcement());
    add("card/ballot", ballot_card());
    add("card/change", change_cards());
    add("card/incident", vec![incident_card(), sparse_incident_card()]);
    add("direct/asked", asked());
    add("update/checkpoint", vec![json!({"entries": "1234567", "log": "wardroom/harbour", "signed_at": AT})]);
    add("update/lost", vec![json!({"platform": "Slack"})]);
    add("update/managerial", update());
    add("update/regained", vec![json!({"platform": "Slack"})]);
    for event in events::samples() {
        let draft = event.draft();
        let facts = draft.facts.iter().map(|(name, fact)| ((*name).to_owned(), fact_value(fact)));
        let texts = draft.texts.iter().map(|(name, _)| ((*name).to_owned(), json!(WHY)));
        let mut data: Map<String, Value> = facts.chain(texts).collect();
        data.extend(
            [("subject", "INC-1"), ("by", "p_ana"), ("by_name", "Ana Ruiz")].map(|(k, v)| (k.to_owned(), json!(v))),
        );
        add(&format!("line/{}", draft.kind), vec![Value::Object(data)]);
    }
    all.extend(ruling_samples::direct());
    all.extend(exception_samples::all().into_iter().chain(batch_samples::all()).chain(standby_samples::all()));
    all.extend(rehearsal_samples::all());
    all.extend(team_samples::all());
    all.extend(planning_samples::notices().into_iter().chain(notice_samples::all()).chain(report_samples::all()));
    all
}

fn check() -> Vec<Value> {
    let warning = json!({"what": "the role security", "only": "p_ana", "unit": false, "stands_in": "p_raj"});
    let nobody = json!({"what": "the role executive", "only": null, "unit": false, "stands_in": null});
    let word = json!({"typed": TITLE, "times": "12 times", "last": "INC-88"});
    vec![
        json!({"warnings": [warning, nobody], "gaps": team_samples::gaps(), "words": vec![word; 20], "unknown": "P2"}),
        json!({"warnings": [], "gaps": [], "words": [], "unknown": "P2"}),
    ]
}

pub fn left() -> Value {
    json!({"count": "185", "command": "/inc list page:2"})
}

fn list(item: &Value) -> Value {
    Value::Array(vec![item.clone(); LIST])
}

fn change() -> Value {
    json!({
        "subject": "CHG-88", "kind": "emergency", "title": TITLE, "status": "awaiting approval", "band": "critical",
        "requested_at": AT,
    })
}

fn incident() -> Value {
    json!({"subject": "INC-42", "priority": "P1", "title": TITLE, "status": "investigating", "declared_at": AT})
}

fn decision() -> Vec<Value> {
    let decision =
        |by: Value| json!({"subject": "CHG-88", "title": TITLE, "band": "high", "what": "your vote", "by": by});
    vec![decision(json!(AT)), decision(Value::Null)]
}

fn panel() -> Vec<Value> {
    let lead =
        |overdue: bool| json!({"subject": "INC-42", "priority": "P1", "title": TITLE, "next": AT, "overdue": overdue});
    let mut leads = vec![lead(false); LIST];
    leads.push(lead(true));
    vec![
        json!({"known": true, "waits": true, "leads": leads, "others": "5", "more": "7", "on_call": ["Payments", "Web"]}),
        json!({"known": true, "waits": false, "leads": [], "others": null, "more": null, "on_call": []}),
        json!({"known": false, "waits": false, "leads": [], "others": null, "more": null, "on_call": []}),
    ]
}

/// Help as it is: every command of the catalogue.
fn help() -> Vec<Value> {
    let help = |(command, summary): (&str, &str)| {
        let verbs = catalogue::verbs_of(command)
            .map(|verb| json!({"name": verb.name, "summary": verb.summary, "example": verb.help_example()}));
        json!({"command": command, "summary": summary, "verbs": verbs.collect::<Vec<_>>()})
    };
    catalogue::COMMANDS.into_iter().map(help).collect()
}

fn refusal() -> Vec<Value> {
    vec![
        json!({"sentence": WHY, "next": "The duty manager can.", "rule": "4.15", "receipt": "L INC-42#7 4jlD/tdS"}),
        json!({"sentence": WHY, "next": null, "rule": null, "receipt": null}),
    ]
}

fn risk() -> Value {
    let line = json!({"points": "+15", "what": "availability 3 times complexity 3", "assumed": true});
    json!({
        "subject": "CHG-88", "score": "24", "band": "critical", "sentence": "It needs a peer review and a vote.",
        "lines": vec![line; 12], "moved": "Change managers moved it from medium risk to high risk.", "bands": "low to 5, medium to 9, high to 15, critical above", "policy": "3",
    })
}

fn summary() -> Value {
    let decision = json!({
        "at": AT, "question": "Roll back 4.2?", "chose": "yes", "why": WHY, "by": "p_ana", "by_name": "Ana Ruiz",
    });
    let change = json!({
        "subject": "CHG-88", "title": TITLE, "status": "approved", "band": "high", "approvers": ["p_mia", "p_tom"],
    });
    json!({
        "subject": "INC-42", "priority": "P1", "title": TITLE, "sentence": "Payments is affected.",
        "status": "mitigated", "services": ["Payments", "Checkout"], "commander": "p_ana", "age": "1 h 10 min",
        "next_update": AT, "outcome": WHY, "decisions": vec![decision; 6], "changes": vec![change; 4], "now": AT,
        "entries": "47", "whole_title": TITLE, "service_rows": [["Payments", "Checkout"], ["Search"]],
        "older_decisions": true, "decisions_made": "26", "exposure": "suspected",
        "functions": {"held": [{"function": "incident management", "people": ["p_ana", "p_raj"], "others": "2"},
            {"function": "the service desk", "people": [], "others": null}],
            "alone": [{"person": "p_ana", "functions": "incident management and change management"}]},
    })
}

fn sparse_summary() -> Value {
    let mut data = summary();
    for name in ["commander", "next_update", "outcome", "whole_title", "functions", "exposure"] {
        data[name] = Value::Null;
    }
    data["service_rows"] = json!([]);
    data["older_decisions"] = json!(false);
    data["changes"] = json!([]);
    data["decisions"] = json!([]);
    data
}

fn verify() -> Vec<Value> {
    let whole = json!({
        "whole": true, "glance": false, "subject": null, "entries": "47 entries", "subjects": "3 records", "first": null,
        "what": null, "more": null, "compared": "each entry with the one after it and times", "left_out": null,
    });
    let with = |fields: &[(&str, Value)]| {
        let mut data = whole.clone();
        for (name, value) in fields {
            data[*name] = value.clone();
        }
        data
    };
    let left_out = json!("signatures (no key is at hand); 3 entries with the tree (they are on their way into it)");
    vec![
        whole.clone(),
        with(&[("subject", json!("INC-7")), ("left_out", left_out.clone())]),
        with(&[("glance", json!(true)), ("left_out", left_out)]),
        with(&[
            ("whole", json!(false)),
            ("first", json!("INC-1#5")),
            ("what", json!("changed after #6 was written")),
            ("more", json!("2")),
        ]),
    ]
}

fn ballots() -> Value {
    json!([
        {"person": "p_mia", "choice": "approve", "seats": "service owner, security authority", "why": WHY},
        {"person": "p_tom", "choice": "reject", "seats": null, "why": WHY},
        {"person": "p_kim", "choice": null, "seats": "executive risk acceptor", "why": null},
    ])
}

fn concerns() -> Value {
    let concern = json!({"person": "p_kim", "why": WHY});
    json!(vec![concern; 5])
}

fn members() -> Vec<Value> {
    let member = |chair: bool, seats: Option<&str>, voted: bool, tied: bool| json!({"person": "p_mia", "chair": chair, "seats": seats, "voted": voted, "tied": tied});
    let members = [
        member(true, Some("service owner, security authority"), true, false),
        member(false, None, false, false),
        member(false, None, false, true),
    ];
    vec![json!({"subject": "CHG-88", "title": TITLE, "members": members})]
}

fn ballot_card() -> Vec<Value> {
    let card = |tie: bool| {
        json!({
            "subject": "CHG-88", "title": TITLE, "tie": tie, "closes_at": AT, "requester": "p_ana", "impact": WHY,
            "rollback_plan": WHY, "score": "24", "band": "critical", "sentence": WHY,
        })
    };
    vec![card(true), card(false)]
}

fn groups() -> Value {
    json!([
        {"choice": "approve", "count": 2, "people": ["p_mia", "p_tom"], "others": null},
        {"choice": "not yet", "count": 90, "people": ["p_kim"], "others": "89"},
    ])
}

fn vote_answer(open: bool) -> Value {
    json!({
        "subject": "CHG-88", "title": TITLE, "sentence": "2 of 3 approve.", "ballots": ballots(), "concerns": concerns(), "cast": 2, "members": 3,
        "groups": groups(), "quorum": 2, "open": open, "closes_at": AT, "policy": "ecab",
    })
}

fn whoami() -> Vec<Value> {
    let account = |platform: &str, id: &str, active: bool| json!({"platform": platform, "id": id, "by": "the organisation file", "active": active});
    vec![
        json!({
            "person": true, "name": "Ana Ruiz", "team": "Payments", "roles": ["responder", "commander"],
            "accounts": [account("Slack", "U0ANA", true), account("Discord", "100000000000000001", false)], "owns": ["Payments"], "approves": ["Web"],
            "rosters": ["ecab"], "certified": ["sox", "pci"],
        }),
        json!({
            "person": true, "name": "Ana Ruiz", "team": null, "roles": [], "accounts": [], "owns": [],
            "approves": [], "rosters": [], "certified": [],
        }),
        json!({"person": false}),
    ]
}

fn announcement() -> Vec<Value> {
    let room = json!({"platform": "slack", "workspace": "T0HARBOUR", "channel": "C0ROOM"});
    let mut whole = sparse_incident_card();
    whole["commander"] = json!("p_ana");
    whole["outcome"] = json!(WHY);
    whole["room"] = room;
    whole["room_name"] = json!("inc-42-checkout");
    let mut sparse = sparse_incident_card();
    sparse["room"] = Value::Null;
    vec![whole, sparse]
}

fn asked() -> Vec<Value> {
    let whole = json!({
        "subject": "CHG-88", "title": WHY, "service": "Payments", "incident": "INC-42", "requester": "p_ana",
        "seats": [{"seat": "service owner", "because": "owning the service"}], "until": AT, "missed": {"by": AT},
    });
    let mut sparse = whole.clone();
    sparse["incident"] = Value::Null;
    sparse["until"] = Value::Null;
    sparse["missed"] = Value::Null;
    vec![whole, sparse]
}

fn change_card() -> Value {
    json!({
        "subject": "CHG-88", "kind": "emergency", "band": "high", "status": "awaiting approval", "title": TITLE,
        "service": "Payments", "incident": "INC-42", "requester": "p_ana", "score": "15", "impact": WHY, "why_now": WHY,
        "rollback_plan": WHY, "tested": "yes", "touches": "privileged accounts or keys and a vendor's work",
        "moved": "Change managers moved it from high risk to critical risk.",
        "walk": {"since": AT, "next": "2", "of": "3", "step": "replay the queue (Raj Patel, 5 min)", "took": null},
        "plan": {
            "fails": "errors double → stop; the queue grows → replay it", "abort": "errors over 2 %",
            "checks": "a purchase goes through", "downtime": "5 min",
        },
        "seats": [
            {"seat": "peer reviewer", "filled": true, "person": "p_raj", "answers": "right target"},
            {"seat": "service owner", "filled": false, "person": null, "ask": ["p_mia"], "looks": ["p_mia"]},
            {"seat": "executive", "filled": true, "person": "p_raj", "on_behalf": "p_ana", "until": AT, "over": false, "alternatives": TITLE},
        ],
        "vote": {
            "cast": 2, "members": 3, "quorum": 2, "open": false, "outcome": "passed(early)", "closes_at": AT,
            "again": true, "ballots": ballots(), "concerns": concerns(), "groups": groups(),
        },
        "catalogue": "log-rotation (version 1)", "wanted": [], "decided": WHY, "window": {"opens": AT, "closes": AT},
        "hold": {"since": AT, "freezes": ["FRZ-3", "FRZ-4"]}, "escalation": ruling_samples::escalated(), "rivals": ["CHG-90", "CHG-91"], "near": ["CHG-92", "CHG-93"],
        "objections": {"people": ["p_tom", "p_kim"], "hold": true},
        "halt": {"state": "Halted", "back": true, "by": "p_ana", "at": AT, "incident": "INC-42", "resume_by": "p_raj"},
        "validation": validation_of(Some("p_raj"), None), "retro": null,
        "checklist": planning_samples::progress(), "fields": fields(), "requested_at": AT, "revised": true, "revision": 2,
        "links": links("INC-42"), "exceptions": exception_samples::on_a_card(), "standby": standby_samples::on_a_card(), "rehearsal": rehearsal_samples::on_a_card(),
    })
}

/// By as many checks as a service may have.
fn validation_of(asked: Option<&str>, failed: Option<&str>) -> Value {
    let checks = vec![json!({"key": "x".repeat(30), "state": "did not pass"}); 10];
    let doubts = vec!["INC-42"; 4];
    json!({"checks": checks, "asked": asked, "implementer": "p_ana", "until": AT, "failed": failed, "doubts": doubts})
}

/// As many as a card names.
fn links(other: &str) -> Value {
    let caused = json!({
        "subject": other, "caused": true, "kind": "caused", "proposed": true, "unanswered": false, "confidence": 95,
    });
    let (mut by_hand, mut unanswered, mut related) = (caused.clone(), caused.clone(), caused.clone());
    by_hand["confidence"] = Value::Null;
    (unanswered["proposed"], unanswered["unanswered"]) = (json!(false), json!(true));
    (related["caused"], related["kind"]) = (json!(false), json!("is related to"));
    json!([caused, by_hand, unanswered, related, related])
}

fn change_cards() -> Vec<Value> {
    let mut withdrawn = unclaimed_card(true);
    withdrawn["retro"]["unclaimed"]["open"] = json!(false);
    let retros = [retro_card(), unclaimed_card(false), unclaimed_card(true), withdrawn];
    [change_card(), escalated_change_card(), sparse_change_card()].into_iter().chain(retros).collect()
}

/// Of what was recorded after it was made.
fn retro_card() -> Value {
    let mut data = change_card();
    data["validation"] = validation_of(None, Some(WHY));
    data["retro"] = json!({
        "from": AT, "made": AT, "by": "p_ana", "allowed_by": "p_tom", "late": true, "works": "no, it was taken back",
        "evidence": WHY, "unclaimed": null, "found": null,
    });
    data
}

/// Of what was found, and nobody has claimed.
fn unclaimed_card(escalated: bool) -> Value {
    let mut data = retro_card();
    data["retro"]["unclaimed"] = json!({ "due_at": AT, "escalated": escalated, "open": true });
    data["retro"]["found"] = json!(AT);
    data["retro"]["made"] = if escalated { json!(AT) } else { Value::Null };
    data
}

fn escalated_change_card() -> Value {
    let mut data = change_card();
    data["escalation"] = ruling_samples::waiting();
    data["halt"]["by"] = Value::Null;
    (data["validation"]["checks"], data["validation"]["doubts"]) = (json!([]), json!([]));
    data
}

fn sparse_change_card() -> Value {
    let mut data = change_card();
    for name in [
        "incident",
        "touches",
        "moved",
        "vote",
        "decided",
        "window",
        "checklist",
        "fields",
        "halt",
        "hold",
        "validation",
        "escalation",
        "objections",
        "rehearsal",
        "plan",
    ] {
        data[name] = Value::Null;
    }
    data["seats"] = json!([]);
    data["wanted"] = json!([{"person": "p_raj", "why": WHY, "answers": WHY}]);
    data["rivals"] = json!([]);
    data["near"] = json!([]);
    data["exceptions"] = json!([]);
    data["standby"] = json!([]);
    data["links"] = json!([]);
    data["revised"] = json!(false);
    data
}

fn incident_card() -> Value {
    json!({
        "subject": "INC-42", "title": TITLE, "status": "investigating", "priority": "P2", "computed": "P1", "unmapped": "Sev9",
        "services": ["Payments", "Checkout"], "commander": "p_ana", "without_liaison": true, "declared_at": AT, "by": "p_pat",
        "by_name": "somebody", "next_update": AT, "outcome": WHY, "on_call": ["p_mia", "p_tom"], "on_call_others": "7",
        "whole_title": TITLE,
        "pending": {"by": "p_ana", "to": "P3", "major": false, "why": WHY}, "major_at": AT, "stood_down_at": AT,
        "exposure": "suspected",
        "changes": vec![json!({"subject": "CHG-88", "title": TITLE, "status": "approved"}); 5],
        "links": links("CHG-88"), "fields": fields(), "checklist": planning_samples::progress(),
        "drafts": [{"number": "1", "person": "p_ana", "service": "Payments"}, {"number": "2", "person": "p_ana", "service": null}],
    })
}

fn fields() -> Value {
    json!({ "filled": [{"what": TITLE, "value": WHY}, {"what": TITLE, "value": null}], "empty": [TITLE, TITLE] })
}

fn sparse_incident_card() -> Value {
    let mut data = incident_card();
    for name in [
        "computed",
        "unmapped",
        "commander",
        "without_liaison",
        "next_update",
        "outcome",
        "pending",
        "whole_title",
        "on_call_others",
        "exposure",
        "major_at",
        "stood_down_at",
        "fields",
        "checklist",
    ] {
        data[name] = Value::Null;
    }
    data["on_call"] = json!([]);
    data["changes"] = json!([]);
    data["links"] = json!([]);
    data["drafts"] = json!([]);
    data
}

fn update() -> Vec<Value> {
    let whole = json!({
        "subject": "INC-42", "title": TITLE, "text": WHY, "status": "mitigated", "priority": "P1",
        "services": ["Payments", "Checkout"], "declared_at": AT, "changes": "1 of 3 under way", "outcome": WHY,
        "next_update": AT, "audience": "Stakeholders", "late": true, "slot": AT, "whole_title": TITLE,
    });
    let mut sparse = whole.clone();
    for name in ["text", "changes", "outcome", "next_update", "slot", "whole_title"] {
        sparse[name] = Value::Null;
    }
    sparse["late"] = json!(false);
    vec![whole, sparse]
}
