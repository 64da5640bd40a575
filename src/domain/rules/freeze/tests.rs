use super::FreezeVerdict::{Allow, AllowNotify, BlockHard, Override};
use super::*;
use crate::domain::rules::calendar::tests::at;

const PLAIN: FrozenChange = FrozenChange {
    kind: ChangeKind::Normal,
    band: Band::Medium,
    freeze_safe: false,
    spared: false,
    linked: false,
    urgent_for: None,
    inside: true,
};

fn of(kind: ChangeKind) -> FrozenChange {
    FrozenChange { kind, ..PLAIN }
}

fn emergency(priority: Priority) -> FrozenChange {
    FrozenChange { urgent_for: Some(priority), ..of(ChangeKind::Emergency) }
}

fn verdicts(freeze: FreezeFacts, change: FrozenChange) -> (FreezeVerdict, FreezeVerdict) {
    let verdict = |inside| freeze_verdict(freeze, FrozenChange { inside, ..change }).verdict;
    (verdict(true), verdict(false))
}

fn freeze(kind: FreezeKind) -> FreezeFacts {
    FreezeFacts { kind, hard: false, tenant_wide: true }
}

#[test]
fn every_row_of_the_table_holds_inside_and_outside_the_scope() {
    let safe = FrozenChange { freeze_safe: true, ..of(ChangeKind::Standard) };
    let linked = FrozenChange { linked: true, band: Band::Critical, ..of(ChangeKind::Emergency) };
    let spared = FrozenChange { spared: true, band: Band::Critical, ..PLAIN };
    let high = FrozenChange { band: Band::High, ..PLAIN };
    let critical = FrozenChange { band: Band::Critical, ..of(ChangeKind::Expedited) };
    let (major, settling) = (freeze(FreezeKind::Major), freeze(FreezeKind::Stabilising));
    let (business, manual) = (freeze(FreezeKind::Business), freeze(FreezeKind::Manual));
    let hard = FreezeFacts { hard: true, ..business };
    #[rustfmt::skip]
    let rows = [
        ("major, resolves it", major, linked, Allow, Allow),
        ("major, another P1", major, emergency(Priority::P1), Override, AllowNotify),
        ("major, another P2", major, emergency(Priority::P2), Override, AllowNotify),
        ("major, a P3 is no row of its own", major, emergency(Priority::P3), Override, Allow),
        ("major, standard, safe", major, safe, Override, Allow),
        ("major, standard", major, of(ChangeKind::Standard), Override, Allow),
        ("major, normal medium", major, PLAIN, Override, Allow),
        ("major, normal high", major, high, Override, Override),
        ("major, expedited critical", major, critical, Override, Override),
        ("major, confirmed by security only", major, of(ChangeKind::Emergency), Override, Allow),
        ("settling, follows from it", settling, linked, Allow, Allow),
        ("settling, standard, safe", settling, safe, Allow, Allow),
        ("settling, another P2", settling, emergency(Priority::P2), Override, AllowNotify),
        ("settling, another P3", settling, emergency(Priority::P3), Override, Allow),
        ("settling, standard", settling, of(ChangeKind::Standard), Override, Allow),
        ("settling, normal high", settling, high, Override, Allow),
        ("business, P1", business, emergency(Priority::P1), AllowNotify, Allow),
        ("business, P2", business, emergency(Priority::P2), AllowNotify, Allow),
        ("business, P3", business, emergency(Priority::P3), Override, Allow),
        ("business, standard, safe", business, safe, Allow, Allow),
        ("business, standard", business, of(ChangeKind::Standard), Override, Allow),
        ("business, normal", business, PLAIN, Override, Allow),
        ("business, expedited", business, of(ChangeKind::Expedited), Override, Allow),
        ("manual, P2", manual, emergency(Priority::P2), AllowNotify, Allow),
        ("manual, standard, safe", manual, safe, Allow, Allow),
        ("manual, normal critical", manual, critical, Override, Allow),
        ("business, of a type left alone", business, spared, Allow, Allow),
        ("hard, of a type left alone", hard, spared, Allow, Allow),
        ("hard, P1", hard, emergency(Priority::P1), AllowNotify, Allow),
        ("hard, P2", hard, emergency(Priority::P2), BlockHard, Allow),
        ("hard, standard, safe", hard, safe, BlockHard, Allow),
        ("hard, normal", hard, PLAIN, BlockHard, Allow),
    ];
    for (name, freeze, change, inside, outside) in rows {
        assert_eq!(verdicts(freeze, change), (inside, outside), "{name}");
    }
}

#[test]
fn only_a_major_on_a_critical_service_reaches_risky_changes_everywhere() {
    let high = FrozenChange { band: Band::High, ..PLAIN };
    let narrow = FreezeFacts { tenant_wide: false, ..freeze(FreezeKind::Major) };
    assert_eq!(verdicts(narrow, high), (Override, Allow));
    let urgent = FrozenChange { band: Band::Critical, ..emergency(Priority::P1) };
    assert_eq!(verdicts(freeze(FreezeKind::Major), urgent), (Override, AllowNotify), "its own row comes first");
}

#[test]
fn verdicts_are_ordered_by_strictness() {
    assert!(BlockHard > Override && Override > AllowNotify && AllowNotify > Allow);
}

#[test]
fn a_freeze_meets_what_is_planned_into_it_and_is_over_at_its_end() {
    let (begins, ends) = (at("2030-01-10T18:00:00Z"), at("2030-01-11T06:00:00Z"));
    #[rustfmt::skip]
    let rows = [
        ("long before", "2030-01-10T10:00:00Z", "2030-01-10T12:00:00Z", false),
        ("up to its beginning", "2030-01-10T16:00:00Z", "2030-01-10T18:00:00Z", false),
        ("into it", "2030-01-10T16:00:00Z", "2030-01-10T18:01:00Z", true),
        ("at its beginning", "2030-01-10T18:00:00Z", "2030-01-10T18:00:00Z", true),
        ("inside", "2030-01-10T20:00:00Z", "2030-01-10T20:00:00Z", true),
        ("across all of it", "2030-01-10T10:00:00Z", "2030-01-12T10:00:00Z", true),
        ("the last moment", "2030-01-11T05:59:59Z", "2030-01-11T05:59:59Z", true),
        ("at its end", "2030-01-11T06:00:00Z", "2030-01-11T06:00:00Z", false),
    ];
    for (name, from, to, expected) in rows {
        assert_eq!(freeze_meets(begins, Some(ends), (at(from), at(to))), expected, "{name}");
    }
    assert!(freeze_meets(begins, None, (at("2031-01-01T00:00:00Z"), at("2031-01-01T00:00:00Z"))), "without an end");
}

#[test]
fn a_verdict_says_which_row_it_is() {
    let ruling = freeze_verdict(freeze(FreezeKind::Business), PLAIN);
    assert_eq!(ruling.rule, "4.11");
    assert_eq!(
        ruling.sentence,
        "Any other change inside the scope of a freeze of the business calendar needs an exception."
    );
}
