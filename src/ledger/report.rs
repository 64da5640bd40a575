//! What a verification found, and which of its layers found it.

use std::fmt;

use crate::domain::Subject;

/// One of the things that are compared with each other. Each finds what the others may miss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Each entry of a record with the one after it, which holds its hash.
    Chain,
    /// Each entry's bytes with its leaf of the tree.
    Leaf,
    /// The columns beside an entry with its signed body.
    Row,
    /// The names and texts beside an entry with the digests that it holds.
    Disclosure,
    /// When an entry says it was written with when Postgres wrote it, and with the entry before.
    Time,
    /// The state of each record with what its entries add up to.
    State,
    /// The tree that the entries make with the tree that the database keeps.
    Tree,
    /// Every entry is in the tree or on its way there.
    Pending,
    /// The tree with the signed checkpoints that the database keeps.
    Signature,
    /// The tree with the signed checkpoints that are kept outside the database.
    Outside,
    /// The guards that Postgres holds with those that the migrations made.
    Schema,
    /// What was given out in chat with the entries that it names.
    Receipt,
}

impl Layer {
    pub const ALL: [Layer; 12] = [
        Layer::Chain,
        Layer::Leaf,
        Layer::Row,
        Layer::Disclosure,
        Layer::Time,
        Layer::State,
        Layer::Tree,
        Layer::Pending,
        Layer::Signature,
        Layer::Outside,
        Layer::Schema,
        Layer::Receipt,
    ];

    /// The name in a report.
    pub fn as_str(self) -> &'static str {
        match self {
            Layer::Chain => "chain",
            Layer::Leaf => "leaf",
            Layer::Row => "row",
            Layer::Disclosure => "disclosure",
            Layer::Time => "time",
            Layer::State => "state",
            Layer::Tree => "tree",
            Layer::Pending => "pending",
            Layer::Signature => "signature",
            Layer::Outside => "outside",
            Layer::Schema => "schema",
            Layer::Receipt => "receipt",
        }
    }
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub layer: Layer,
    /// A record, or what else is not as it was: the tree, a table.
    pub subject: String,
    /// The entry; 0 where it is not about one.
    pub seq: i32,
    pub what: String,
}

impl Finding {
    /// `INC-7#3`, or the subject alone.
    pub fn place(&self) -> String {
        match self.seq {
            0 => self.subject.clone(),
            seq => format!("{}#{seq}", self.subject),
        }
    }

    fn is_of_an_entry(&self) -> bool {
        self.seq > 0 && Subject::parse(&self.subject).is_some()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place(), self.what)
    }
}

/// Enough of a layer to see what happened; a log that was rewritten whole would otherwise fill the memory.
const FINDINGS_MAX: usize = 100;

/// Findings, at most so many of a layer that none hides another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    pub fn find(&mut self, layer: Layer, subject: &str, seq: i32, what: impl Into<String>) {
        if self.0.iter().filter(|finding| finding.layer == layer).count() < FINDINGS_MAX {
            self.0.push(Finding { layer, subject: subject.to_owned(), seq, what: what.into() });
        }
    }

    pub fn append(&mut self, other: Findings) {
        for finding in other.0 {
            self.find(finding.layer, &finding.subject, finding.seq, finding.what);
        }
    }

    pub fn into_vec(self) -> Vec<Finding> {
        self.0
    }
}

/// What was compared, and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub entries: u64,
    pub subjects: u64,
    pub leaves: u64,
    /// Entries on their way into the tree.
    pub pending: u64,
    /// Signed checkpoints that agree: those that the database keeps, and those outside.
    pub stored: u64,
    pub outside: u64,
    /// Receipts that agree.
    pub receipts: u64,
    /// How often the sandbox moved the clock; times were compared with the moved one.
    pub clock_moves: u64,
    pub compared: Vec<Layer>,
    /// What could not be compared, and why, a clause each.
    pub left_out: Vec<String>,
    pub findings: Vec<Finding>,
}

impl Report {
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }

    /// The first finding that names an entry, otherwise the first.
    pub fn first(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.is_of_an_entry()).or(self.findings.first())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noisy_layer_hides_no_other() {
        let mut findings = Findings::default();
        for seq in 1..1_000 {
            findings.find(Layer::Leaf, "INC-1", seq, "changed");
        }
        findings.find(Layer::Schema, "table dlog.entry", 0, "missing");
        let mut all = Findings::default();
        all.append(findings);
        let all = all.into_vec();
        assert_eq!(all.len(), FINDINGS_MAX + 1);
        assert_eq!(all[FINDINGS_MAX].to_string(), "table dlog.entry: missing");
    }

    #[test]
    fn the_first_finding_names_an_entry_where_one_does() {
        let mut findings = Findings::default();
        findings.find(Layer::Tree, "TREE", 9, "other leaves");
        findings.find(Layer::Time, "CHG-2", 4, "too early");
        let report = Report { findings: findings.into_vec(), ..Report::default() };
        assert_eq!(report.first().map(Finding::place).as_deref(), Some("CHG-2#4"));
    }
}
