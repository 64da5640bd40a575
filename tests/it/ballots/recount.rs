//! What was decided, counted again from the log alone by the words of rule 4.13, with nothing that the product counts
//! with. Naive on purpose: each rule is a sentence of its own.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use wardroom::store::LogEntry;

/// How long a vote on a change for an incident of P2 lasts.
const WINDOW: TimeDelta = TimeDelta::minutes(30);

/// What the test knows by itself.
pub struct Known {
    /// Keys of people, by what the log calls them.
    pub keys: BTreeMap<String, String>,
    /// From which entry on which rosters could be in force: one, or both where it changed at that moment.
    pub rosters: Vec<(i32, Vec<Vec<String>>)>,
    /// The vote is that of critical risk.
    pub is_critical: bool,
}

/// One revision, as its entries tell it.
#[derive(Debug, Default)]
struct Revision {
    number: i64,
    opened: DateTime<Utc>,
    rosters: Vec<Vec<String>>,
    /// Each person's newest ballot.
    ballots: BTreeMap<String, String>,
    reviewers: BTreeSet<String>,
    accepted_by: Option<String>,
    /// Open ones, by their entry.
    concerns: BTreeMap<i64, String>,
    /// `passed(early)`
    vote: Option<String>,
    is_approved: bool,
}

/// Goes through the log of a change; panics where something was decided that the rules do not decide.
pub fn check(log: &[LogEntry], known: &Known) {
    let mut revision = Revision::default();
    let mut end: Option<&str> = None;
    for entry in log {
        let by = text(entry, "by");
        let by = known.keys.get(&by).cloned().unwrap_or(by);
        let at = entry.at.expect("an entry has its time");
        assert!(end.is_none() || entry.kind == "refused", "{} after {end:?}", name(entry));
        match entry.kind.as_str() {
            "change.requested" | "change.revised" => {
                let rosters = known.rosters.iter().rev().find(|(from, _)| *from < entry.seq).expect("one is in force");
                revision = Revision {
                    number: number(entry, "revision"),
                    opened: at,
                    rosters: rosters.1.clone(),
                    ..Revision::default()
                };
            }
            "ballot.cast" => revision.cast(entry, by, text(entry, "choice")),
            "seat.granted" => revision.grant(entry, by),
            "concern.raised" => {
                revision.holds(entry);
                revision.concerns.insert(entry.seq.into(), by);
            }
            "concern.resolved" => {
                revision.holds(entry);
                let raised = revision.concerns.remove(&number(entry, "raised")).expect("an open one is resolved");
                assert!(by == raised || by == "ines", "{}: by its author or the chair", name(entry));
            }
            "vote.closed" => revision.close(entry, at, known.is_critical),
            "change.approved" => revision.approve(entry, known.is_critical),
            "change.rejected" | "change.approval_expired" | "change.withdrawn" => end = Some(&entry.kind),
            _ => {}
        }
    }
}

impl Revision {
    /// What is said holds for the revision that is asked about, and while it is.
    fn holds(&self, entry: &LogEntry) {
        assert_eq!(number(entry, "revision"), self.number, "{} is of another revision", name(entry));
        assert!(!self.is_approved, "{} after the approval", name(entry));
    }

    fn cast(&mut self, entry: &LogEntry, by: String, choice: String) {
        self.holds(entry);
        assert!(self.vote.is_none(), "{} after the end of the vote", name(entry));
        assert!(by != "ana" && self.rosters.iter().any(|members| members.contains(&by)), "{by} has no vote");
        self.ballots.insert(by, choice);
    }

    fn grant(&mut self, entry: &LogEntry, by: String) {
        self.holds(entry);
        assert_ne!(by, "ana", "{}: nobody agrees to their own change", name(entry));
        match text(entry, "seat").as_str() {
            "peer_reviewer" => drop(self.reviewers.insert(by)),
            "executive" => self.accepted_by = Some(by),
            seat => panic!("{}: {seat} is filled in the vote", name(entry)),
        }
    }

    fn close(&mut self, entry: &LogEntry, at: DateTime<Utc>, is_critical: bool) {
        assert_eq!(self.vote, None, "{}: a second outcome", name(entry));
        let outcome = text(entry, "outcome");
        let is_over = at + TimeDelta::seconds(1) >= self.opened + WINDOW;
        let is_early = outcome == "passed(early)" || outcome == "failed(veto)" || outcome.starts_with("invalid");
        assert!(is_early || is_over || outcome == "failed(votes)", "{}: {outcome} before its time", name(entry));
        if outcome.starts_with("passed") {
            let wrong: Vec<String> =
                self.rosters.iter().filter_map(|members| self.passes(members, &outcome, is_critical).err()).collect();
            assert!(wrong.len() < self.rosters.len(), "{}: {outcome}, but {wrong:?}: {self:?}", name(entry));
        }
        self.vote = Some(outcome);
    }

    fn approve(&mut self, entry: &LogEntry, is_critical: bool) {
        assert!(!self.is_approved, "{}: a second approval", name(entry));
        let vote = self.vote.as_deref().unwrap_or("none");
        assert!(vote.starts_with("passed"), "{}: with the vote {vote}", name(entry));
        assert!(!self.reviewers.is_empty(), "{}: without a review", name(entry));
        assert!(!is_critical || self.accepted_by.is_some(), "{}: nobody accepted the risk", name(entry));
        self.is_approved = true;
    }

    /// Whether these members' ballots make this outcome; otherwise, why not.
    fn passes(&self, members: &[String], outcome: &str, is_critical: bool) -> Result<(), String> {
        let choice = |key: &str| self.ballots.get(key).map_or("", String::as_str);
        let voters: Vec<&String> = members.iter().filter(|key| *key != "ana" && choice(key) != "recuse").collect();
        let count = |what: &str| voters.iter().filter(|key| choice(key) == what).count();
        let (yes, no, abstain) = (count("approve"), count("reject"), count("abstain"));
        let (least, quorum) =
            if is_critical { (3, (voters.len() * 6).div_ceil(10)) } else { (2, voters.len().div_ceil(2)) };
        let has = |met: bool, what: &str| if met { Ok(()) } else { Err(format!("{what}; {yes}:{no}:{abstain}")) };
        has(yes + no + abstain >= quorum.max(least), "no quorum")?;
        has(yes >= least, "too few approve")?;
        let share = |no: usize| if is_critical { yes * 3 >= (yes + no) * 2 } else { yes > no };
        let is_casting = outcome == "passed(casting)" && yes == no && choice("ines") == "approve" && !is_critical;
        has(share(no) || is_casting, "too many reject")?;
        // Only mia owns the service, so that the other authority is tom's.
        has(choice("mia") == "approve" && choice("tom") == "approve", "a seat is empty")?;
        has(!is_critical || self.accepted_by.is_some() || choice("zoe") == "approve", "no executive")?;
        has(!is_critical || choice("kim") != "reject", "security has a veto")?;
        has(self.concerns.is_empty(), "a concern is open")?;
        let left = voters.len() - yes - no - abstain;
        has(outcome != "passed(early)" || no == 0 || left == 0 || share(no + left), "it could still change")
    }
}

fn text(entry: &LogEntry, fact: &str) -> String {
    entry.data.get(fact).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
}

/// Numbers are kept as numbers.
fn number(entry: &LogEntry, fact: &str) -> i64 {
    entry.data.get(fact).and_then(serde_json::Value::as_i64).unwrap_or_else(|| panic!("{}: {fact}", name(entry)))
}

fn name(entry: &LogEntry) -> String {
    format!("{}#{} {}", entry.subject, entry.seq, entry.kind)
}
