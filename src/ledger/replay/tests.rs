use super::*;
use serde_json::json;

fn rows(entries: &[(&str, &str, Value)]) -> Vec<String> {
    let mut replay = Replay::default();
    for (seq, (kind, actor, facts)) in (1..).zip(entries) {
        replay.push(seq, kind, actor, facts);
    }
    let row = |((part, _), row): ((Part, i32), Row)| format!("{} #{}: {}", part.as_str(), row.version, row.words);
    replay.rows().into_iter().map(row).collect()
}

#[test]
fn an_incident_is_what_was_said_of_it_last() {
    let story = [
        ("incident.declared", "p_ana", json!({"priority": "P2"})),
        ("update.sent", "p_ana", json!({})),
        ("incident.noted", "p_ana", json!({})),
        ("incident.lead_set", "p_ana", json!({"to": "p_ana"})),
        ("incident.status_set", "p_ana", json!({"from": "declared", "to": "investigating"})),
        ("incident.priority_set", "p_raj", json!({"from": "P2", "to": "P1"})),
        ("refused", "p_kim", json!({"asked": "x"})),
        ("incident.resolved", "p_ana", json!({})),
        ("incident.exposure_set", "p_ana", json!({"from": "none", "to": "suspected"})),
    ];
    assert_eq!(rows(&story[..1]), ["incident #1: declared, P2, led by nobody"]);
    assert_eq!(rows(&story[..3]), ["incident #2: declared, P2, led by nobody"]);
    assert_eq!(rows(&story[..7]), ["incident #6: investigating, P1, led by p_ana"]);
    assert_eq!(rows(&story[..8]), ["incident #8: resolved, P1, led by p_ana"]);
    assert_eq!(rows(&story), ["incident #9: resolved, P1, led by p_ana, data exposure suspected"]);
}

#[test]
fn a_change_has_its_ballots_and_approvals_beside_it() {
    let story = [
        ("change.requested", "p_ana", json!({"revision": 1})),
        ("seat.granted", "p_raj", json!({"revision": 1, "seat": "peer_reviewer", "on_behalf": "p_tom"})),
        ("ballot.cast", "p_mia", json!({"revision": 1, "choice": "approve", "owns": ["cards", "shop"]})),
        ("vote.closed", "p_mia", json!({"passed": true})),
        ("change.approved", "p_mia", json!({"opens": "A", "closes": "B"})),
    ];
    let marks = [
        "ballot #3: p_mia approve on revision 1, owning cards, shop",
        "approval #2: p_raj as peer_reviewer for p_tom on revision 1",
    ];
    assert_eq!(rows(&story[..3]), ["change #2: awaiting_approval, revision 1, no window", marks[0], marks[1]]);
    assert_eq!(rows(&story), ["change #5: approved, revision 1, from A to B", marks[0], marks[1]]);
    let expired = [&story[..], &[("window.expired", "wardroom", json!({}))]].concat();
    assert_eq!(rows(&expired)[0], "change #6: approval_expired, revision 1, from A to B");
    let started = ("change.started", "p_ana", json!({}));
    let expired = [&story[..], &[started, ("window.expired", "wardroom", json!({}))]].concat();
    assert_eq!(rows(&expired)[0], "change #7: window_expired, revision 1, from A to B");
}

/// A log from before anybody asked whether a change works ends with `change.done`, and reads as it did.
#[test]
fn what_is_done_is_completed_unless_it_is_asked_whether_it_works() {
    let story = [
        ("change.requested", "p_ana", json!({"revision": 1})),
        ("change.started", "p_ana", json!({})),
        ("change.done", "p_ana", json!({})),
        ("validation.opened", "p_ana", json!({"checks": ["health"]})),
        ("validation.checked", "wardroom", json!({"check": "health", "passed": false})),
        ("validation.failed", "wardroom", json!({"failures": 1})),
        ("validation.again", "p_ana", json!({})),
        ("validation.passed", "wardroom", json!({})),
    ];
    let words = |length: usize| rows(&story[..length]).remove(0);
    assert_eq!(words(3), "change #3: completed, revision 1, no window");
    assert_eq!(words(5), "change #5: validating, revision 1, no window");
    assert_eq!(words(6), "change #6: failed, revision 1, no window");
    assert_eq!(words(7), "change #7: validating, revision 1, no window");
    assert_eq!(words(8), "change #8: completed, revision 1, no window");
}

#[test]
fn a_freeze_has_its_exceptions_beside_it() {
    let of = json!({"change": "CHG-7", "revision": 1});
    let created = json!({"freeze_kind": "major", "hard": false, "wide": true, "planned": false, "from": "A"});
    let story = [
        ("freeze.created", "p_ana", created),
        ("freeze.review_due", "wardroom", json!({"since": "A"})),
        ("override.requested", "p_raj", of.clone()),
        ("override.granted", "p_mia", json!({"change": "CHG-7", "revision": 1, "until": "B"})),
        ("override.used", "p_raj", of),
        ("freeze.stabilising", "p_ana", json!({"until": "C"})),
        ("freeze.restored", "p_raj", json!({"incident": "INC-1", "wide": true})),
        ("freeze.stabilising", "p_ana", json!({"until": "C"})),
        ("freeze.lifted", "wardroom", json!({"late": false})),
    ];
    assert_eq!(rows(&story[..2]), ["change_freeze #2: major, active, wide, from A"]);
    let exception = |seq: i32, state: &str| format!("freeze_override #{seq}: CHG-7 revision 1 asked by p_raj, {state}");
    let frozen = |seq: i32| format!("change_freeze #{seq}: major, active, wide, from A");
    assert_eq!(rows(&story[..3]), [frozen(3), exception(3, "requested")]);
    assert_eq!(rows(&story[..4]), [frozen(4), exception(4, "granted, until B")]);
    let settling = "change_freeze #6: stabilising, active, from A to C".to_owned();
    assert_eq!(rows(&story[..6]), [settling, exception(5, "used, until B")]);
    assert_eq!(rows(&story[..7])[0], frozen(7), "the incident came back");
    assert_eq!(rows(&story)[0], "change_freeze #9: stabilising, lifted, from A to C");
}

#[test]
fn a_delegation_goes_on_until_it_is_over() {
    let of = json!({"from": "p_tom", "to": "p_sam", "starts": "A", "ends": "B"});
    let of_first = json!({"granted": 1, "from": "p_tom", "to": "p_sam"});
    let story = [
        ("delegation.granted", "p_tom", of),
        ("delegation.began", "wardroom", of_first.clone()),
        ("delegation.granted", "p_mia", json!({"from": "p_mia", "to": "p_sam", "starts": "C", "ends": "D"})),
        ("delegation.ended", "p_tom", of_first),
    ];
    let second = "delegation #3: p_mia to p_sam from C to D";
    assert_eq!(rows(&story[..1]), ["delegation #1: p_tom to p_sam from A to B"]);
    assert_eq!(rows(&story[..3]), ["delegation #2: p_tom to p_sam from A to B", second]);
    assert_eq!(rows(&story), [second, "delegation #4: p_tom to p_sam from A to B, over"]);
}

#[test]
fn a_review_stands_beside_its_change_is_closed_once_and_opened_anew_for_another_reason() {
    let story = [
        ("change.requested", "p_ana", json!({"revision": 1})),
        ("change.done", "p_ana", json!({})),
        ("pir.opened", "p_ana", json!({"due": "D"})),
        ("pir.reminded", "wardroom", json!({"due": "D"})),
        ("pir.overdue", "wardroom", json!({"due": "D"})),
        ("pir.closed", "p_raj", json!({"verdict": "compliant"})),
        ("pir.opened", "p_mia", json!({"due": "E", "reason": "cause"})),
    ];
    let change = |seq: i32| format!("change #{seq}: completed, revision 1, no window");
    assert_eq!(rows(&story[..2]), [change(2)]);
    assert_eq!(rows(&story[..4]), [change(4), "emergency_review #4: emergency: due, by D".to_owned()]);
    assert_eq!(rows(&story[..5]), [change(5), "emergency_review #5: emergency: due, overdue, by D".to_owned()]);
    let closed = "emergency_review #6: emergency: closed, compliant, by p_raj, overdue, by D".to_owned();
    assert_eq!(rows(&story[..6]), [change(6), closed]);
    assert_eq!(rows(&story), [change(7), "emergency_review #7: cause: due, by E".to_owned()], "found to be a cause");
}

#[test]
fn a_link_is_what_was_said_of_its_change_last() {
    let of = |change: &str, more: Value| {
        let mut facts = json!({"change": change, "link": "caused", "origin": "auto", "unanswered": false});
        facts.as_object_mut().expect("facts").extend(more.as_object().expect("facts").clone());
        facts
    };
    let guess = json!({"relation": "same_ci", "confidence": 95});
    let story = [
        ("incident.declared", "p_ana", json!({"priority": "P2"})),
        ("link.proposed", "p_ana", of("CHG-7", guess.clone())),
        ("link.confirmed", "p_raj", of("CHG-8", json!({"link": "resolves", "origin": "manual"}))),
        ("link.rejected", "p_tom", of("CHG-7", guess)),
        ("link.confirmed", "p_ana", of("CHG-8", json!({"unanswered": true}))),
    ];
    let incident = |seq: i32| format!("incident #{seq}: declared, P2, led by nobody");
    let link = |words: &str| format!("incident_change_link {words}");
    let proposed = link("#2: CHG-7 caused, auto, same_ci 95, proposed");
    assert_eq!(rows(&story[..2]), [incident(2), proposed.clone()]);
    let by_hand = link("#3: CHG-8 resolves, manual, confirmed by p_raj");
    assert_eq!(rows(&story[..3]), [incident(3), proposed, by_hand.clone()]);
    let rejected = link("#4: CHG-7 caused, auto, same_ci 95, rejected by p_tom");
    assert_eq!(rows(&story[..4]), [incident(4), by_hand, rejected.clone()]);
    let unanswered = link("#5: CHG-8 caused, auto, confirmed by nobody");
    assert_eq!(rows(&story), [incident(5), rejected, unanswered]);
}

#[test]
fn an_incident_s_row_tells_what_became_of_each_draft() {
    let story = [
        ("incident.declared", "p_ana", json!({"priority": "P2"})),
        ("draft.offered", "p_ana", json!({"draft": 1, "service": "payments"})),
        ("draft.offered", "p_ana", json!({"draft": 2, "change": "CHG-3"})),
        ("draft.reminded", "wardroom", json!({"draft": 2})),
        ("draft.submitted", "p_ana", json!({"draft": 1, "change": "CHG-4"})),
        ("draft.left", "p_ana", json!({"draft": 2})),
    ];
    let incident = |seq: i32, drafts: &str| [format!("incident #{seq}: declared, P2, led by nobody{drafts}")];
    assert_eq!(rows(&story[..3]), incident(3, ", draft 1 payments offered, draft 2 offered CHG-3"));
    let settled = ", draft 1 payments submitted CHG-4, draft 2 left CHG-3, reminded";
    assert_eq!(rows(&story), incident(6, settled));
}

#[test]
fn a_kind_of_a_later_version_is_said_and_not_guessed_at() {
    let mut replay = Replay::default();
    replay.push(1, "incident.teleported", "p_ana", &json!({}));
    assert_eq!(replay.unknown(), Some("incident.teleported"));
}

#[test]
fn what_a_change_touches_is_as_its_newest_revision_says() {
    let story = [
        ("change.requested", "p_ana", json!({"revision": 1, "touches": ["security", "vendor"]})),
        ("change.revised", "p_ana", json!({"revision": 2})),
    ];
    assert_eq!(rows(&story[..1]), ["change #1: awaiting_approval, revision 1, no window, touches security vendor"]);
    assert_eq!(rows(&story), ["change #2: awaiting_approval, revision 2, no window"]);
}
