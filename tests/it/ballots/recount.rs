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
    pub delegations: Vec<Delegation>,
    /// The vote is that of critical risk.
    pub is_critical: bool,
}

/// Who stands in for whom.
#[derive(Debug)]
pub struct Delegation {
    granted: i64,
    from: String,
    to: String,
    starts: DateTime<Utc>,
    ends: DateTime<Utc>,
}

/// As the log of the organisation tells them.
pub fn delegations(log: &[LogEntry], keys: &BTreeMap<String, String>) -> Vec<Delegation> {
    let mut found: Vec<Delegation> = Vec::new();
    for entry in log {
        let moment = |fact: &str| text(entry, fact).parse().unwrap_or_else(|_| panic!("{}: {fact}", name(entry)));
        match entry.kind.as_str() {
            "delegation.granted" => found.push(Delegation {
                granted: entry.seq.into(),
                from: keys[&text(entry, "from")].clone(),
                to: keys[&text(entry, "to")].clone(),
                starts: moment("starts"),
                ends: moment("ends"),
            }),
            "delegation.ended" => {
                let granted = number(entry, "granted");
                let one = found.iter_mut().find(|one| one.granted == granted).expect("it was granted");
                one.ends = one.ends.min(entry.at.expect("an entry has its time"));
            }
            _ => {}
        }
    }
    found
}

impl Known {
    fn key(&self, person: String) -> String {
        self.keys.get(&person).cloned().unwrap_or(person)
    }

    fn stands_in(&self, to: &str, from: &str, at: DateTime<Utc>) -> bool {
        self.delegations.iter().any(|one| one.to == to && one.from == from && one.starts <= at && at <= one.ends)
    }
}

/// One revision, as its entries tell it.
#[derive(Debug, Default)]
struct Revision {
    number: i64,
    opened: DateTime<Utc>,
    rosters: Vec<Vec<String>>,
    /// Each member's newest ballot.
    ballots: BTreeMap<String, String>,
    /// Whoever voted, and for whom.
    voices: BTreeMap<String, String>,
    /// Who cast each member's newest ballot.
    cast_by: BTreeMap<String, String>,
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
        let by = known.key(text(entry, "by"));
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
            "ballot.cast" => revision.cast(entry, by, known),
            "seat.granted" => revision.grant(entry, by, known),
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

    fn cast(&mut self, entry: &LogEntry, by: String, known: &Known) {
        self.holds(entry);
        assert!(self.vote.is_none(), "{} after the end of the vote", name(entry));
        assert_ne!(by, "ana", "{}: nobody votes on their own change", name(entry));
        assert!(!self.reviewers.contains(&by), "{}: {by} has reviewed it", name(entry));
        let member = Some(text(entry, "on_behalf")).filter(|of| !of.is_empty()).map_or(by.clone(), |of| known.key(of));
        let has_vote = |members: &Vec<String>| members.contains(&member) && (member == by || !members.contains(&by));
        assert!(member != "ana" && self.rosters.iter().any(has_vote), "{}: {by} for {member}", name(entry));
        let choice = text(entry, "choice");
        if member != by {
            let at = entry.at.expect("an entry has its time");
            assert!(known.stands_in(&by, &member, at), "{}: {by} has no right of {member}", name(entry));
            assert_ne!(choice, "recuse", "{}: nobody recuses another", name(entry));
            let before = self.cast_by.get(&member);
            assert!(before.is_none_or(|before| *before == by), "{}: {member} has voted", name(entry));
        }
        let voice = self.voices.insert(by.clone(), member.clone());
        assert!(voice.is_none_or(|voice| voice == member), "{}: {by} has two voices", name(entry));
        self.cast_by.insert(member.clone(), by);
        self.ballots.insert(member, choice);
    }

    fn grant(&mut self, entry: &LogEntry, by: String, known: &Known) {
        self.holds(entry);
        assert_ne!(by, "ana", "{}: nobody agrees to their own change", name(entry));
        let of = text(entry, "on_behalf");
        let of = if of.is_empty() { by.clone() } else { known.key(of) };
        let is_lent = known.stands_in(&by, &of, entry.at.expect("an entry has its time"));
        assert!(of == by || is_lent, "{}: {by} has no right of {of}", name(entry));
        match text(entry, "seat").as_str() {
            "peer_reviewer" => {
                assert!(of == by && !self.voices.contains_key(&by), "{}: {by} for {of}", name(entry));
                self.reviewers.insert(by);
            }
            "executive" => {
                assert_eq!(of, "zoe", "{}: an executive accepts", name(entry));
                self.accepted_by = Some(by);
            }
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
