//! The state of a record against what its entries add up to.

use std::collections::BTreeMap;

use super::replay::{Part, Replay, Row};
use super::report::{Findings, Layer};

/// A row of state as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRow {
    pub part: Part,
    pub row: Row,
}

/// Compares one record. `Err` names the kind of entry that keeps it from being compared.
pub fn reconcile(subject: &str, replay: Replay, state: Vec<StateRow>, findings: &mut Findings) -> Result<(), String> {
    if let Some(kind) = replay.unknown() {
        return Err(kind.to_owned());
    }
    let key = |row: &StateRow| (row.part, if row.part.is_one_for_an_entry() { row.row.version } else { 0 });
    let mut state: BTreeMap<(Part, i32), Row> = state.into_iter().map(|row| (key(&row), row.row)).collect();
    for ((part, seq), logged) in replay.rows() {
        let what = match state.remove(&(part, seq)) {
            None => format!("the {} that it made is gone from the state: {}", part.as_str(), logged.words),
            Some(row) if row.words != logged.words => {
                format!("the state says “{}”, the entries up to it “{}”", row.words, logged.words)
            }
            // A turn is written with the change, and not by each of its entries.
            Some(row) if row.version != logged.version && part != Part::Slot => {
                format!("the newest entry that changed the state; the state names #{}", row.version)
            }
            Some(_) => continue,
        };
        findings.find(Layer::State, subject, logged.version, what);
    }
    for ((part, _), row) in state {
        let what = format!("no entry made this {} of the state: {}", part.as_str(), row.words);
        findings.find(Layer::State, subject, row.version, what);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn findings(state: &[(Part, i32, &str)]) -> Vec<String> {
        let mut replay = Replay::default();
        replay.push(1, "change.requested", "p_ana", &json!({"revision": 1}));
        replay.push(2, "ballot.cast", "p_mia", &json!({"revision": 1, "choice": "reject"}));
        let row = |(part, version, words): &(Part, i32, &str)| StateRow {
            part: *part,
            row: Row { version: *version, words: (*words).to_owned() },
        };
        let mut findings = Findings::default();
        reconcile("CHG-1", replay, state.iter().map(row).collect(), &mut findings).expect("every kind is known");
        findings.into_vec().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn whatever_differs_between_state_and_log_is_named() {
        let change = (Part::Change, 1, "awaiting_approval, revision 1, no window");
        let ballot = (Part::Ballot, 2, "p_mia reject on revision 1");
        assert_eq!(findings(&[change, ballot]), Vec::<String>::new());
        assert_eq!(
            findings(&[change, (Part::Ballot, 2, "p_mia approve on revision 1")]),
            [
                "CHG-1#2: the state says “p_mia approve on revision 1”, the entries up to it “p_mia reject on revision 1”"
            ]
        );
        assert_eq!(
            findings(&[change]),
            ["CHG-1#2: the ballot that it made is gone from the state: p_mia reject on revision 1"]
        );
        assert_eq!(
            findings(&[change, ballot, (Part::Approval, 2, "p_kim as executive on revision 1")]),
            ["CHG-1#2: no entry made this approval of the state: p_kim as executive on revision 1"]
        );
        assert_eq!(
            findings(&[(Part::Change, 3, change.2), ballot]),
            ["CHG-1#1: the newest entry that changed the state; the state names #3"]
        );
        assert!(findings(&[ballot])[0].contains("the change that it made is gone"));
    }
}
