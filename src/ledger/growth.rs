//! Verification of the tree: leaf by leaf, in constant memory, against its head and against every checkpoint.

use super::merkle::{Frontier, Hash};
use super::note::Checkpoint;
use super::verify::Finding;

/// What findings about the tree as a whole are filed under, with the size in place of a `seq`.
const TREE: &str = "TREE";

/// A leaf, beside the entry that it stands for.
#[derive(Debug, Clone, Copy)]
pub struct Leaf<'a> {
    pub index: u64,
    pub leaf_hash: &'a [u8],
    pub entry_hash: &'a [u8],
    pub subject: &'a str,
    pub seq: i32,
}

/// Grows a tree of its own from the leaves, in order.
#[derive(Debug)]
pub struct Growth {
    frontier: Frontier,
    /// The smallest last.
    signed: Vec<Checkpoint>,
    agreed: u64,
    findings: Vec<Finding>,
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grown {
    pub leaves: u64,
    pub root: Hash,
    /// Signed checkpoints that say the same.
    pub agreed: u64,
    pub findings: Vec<Finding>,
}

impl Growth {
    /// `signed` are the checkpoints that the tree must agree with, of this log, whoever keeps them.
    pub fn against(mut signed: Vec<Checkpoint>) -> Growth {
        signed.sort_by_key(|checkpoint| std::cmp::Reverse(checkpoint.size));
        Growth { frontier: Frontier::default(), signed, agreed: 0, findings: Vec::new() }
    }

    pub fn push(&mut self, leaf: Leaf<'_>) {
        self.compare();
        if leaf.index != self.frontier.size() {
            self.find(TREE, self.frontier.size(), format!("its next leaf is {}", leaf.index));
        }
        if leaf.leaf_hash != leaf.entry_hash {
            let seq = u64::try_from(leaf.seq).unwrap_or_default();
            self.find(leaf.subject, seq, "changed after it became a leaf of the tree".to_owned());
        }
        match leaf.leaf_hash.try_into() {
            Ok(hash) => self.frontier.push(hash, |_, _| {}),
            Err(_) => self.find(TREE, leaf.index, "a leaf that is no hash".to_owned()),
        }
    }

    /// An entry that should be in the tree, or on its way there, and is not.
    pub fn miss(&mut self, subject: &str, seq: i32) {
        let seq = u64::try_from(seq).unwrap_or_default();
        self.find(subject, seq, "neither in the tree nor on its way there".to_owned());
    }

    /// `head` is what the database takes for the tree: its size and its root.
    pub fn finish(mut self, head: (u64, Hash)) -> Grown {
        self.compare();
        while let Some(lost) = self.signed.pop() {
            self.find(
                TREE,
                lost.size,
                format!("{} entries were signed, {} are there", lost.size, self.frontier.size()),
            );
        }
        let (leaves, root) = (self.frontier.size(), self.frontier.root());
        if (leaves, root) != head {
            self.find(TREE, leaves, format!("its leaves are not those of its head, which has {}", head.0));
        }
        Grown { leaves, root, agreed: self.agreed, findings: self.findings }
    }

    fn compare(&mut self) {
        let size = self.frontier.size();
        while let Some(checkpoint) = self.signed.pop_if(|checkpoint| checkpoint.size <= size) {
            if checkpoint.size == size && checkpoint.root == self.frontier.root() {
                self.agreed += 1;
            } else {
                self.find(TREE, checkpoint.size, "not what was signed: entries before it are others now".to_owned());
            }
        }
    }

    fn find(&mut self, subject: &str, seq: u64, what: String) {
        if self.findings.len() < super::verify::FINDINGS_MAX {
            let seq = i32::try_from(seq).unwrap_or(i32::MAX);
            self.findings.push(Finding { subject: subject.to_owned(), seq, what });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::leaf_hash;

    fn hashes(count: u64) -> Vec<Hash> {
        (0..count).map(|i| leaf_hash(&i.to_be_bytes())).collect()
    }

    fn checkpoint(hashes: &[Hash]) -> Checkpoint {
        let mut frontier = Frontier::default();
        for hash in hashes {
            frontier.push(*hash, |_, _| {});
        }
        Checkpoint { origin: "wardroom/test".into(), size: frontier.size(), root: frontier.root() }
    }

    fn grow(hashes: &[Hash], entries: &[Hash], signed: Vec<Checkpoint>) -> Grown {
        let mut growth = Growth::against(signed);
        for (index, (leaf_hash, entry_hash)) in (0..).zip(hashes.iter().zip(entries)) {
            let seq = i32::try_from(index).unwrap() + 1;
            growth.push(Leaf { index, leaf_hash, entry_hash, subject: "INC-1", seq });
        }
        let head = (growth.frontier.size(), growth.frontier.root());
        growth.finish(head)
    }

    fn findings(grown: &Grown) -> Vec<String> {
        grown.findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_was_signed_agrees_whatever_the_order_in_which_it_is_given() {
        let all = hashes(9);
        let signed = vec![checkpoint(&all[..9]), checkpoint(&[]), checkpoint(&all[..4])];
        let grown = grow(&all, &all, signed);
        assert_eq!((grown.leaves, grown.agreed, findings(&grown)), (9, 3, Vec::new()));
        assert_eq!(grown.root, checkpoint(&all).root);
    }

    #[test]
    fn a_rewritten_a_cut_and_a_swapped_log_do_not_agree() {
        let all = hashes(9);
        let signed = || vec![checkpoint(&all[..4]), checkpoint(&all[..9])];
        let mut rewritten = all.clone();
        rewritten[5] = [0; 32];
        assert_eq!(
            findings(&grow(&rewritten, &rewritten, signed())),
            ["TREE#9: not what was signed: entries before it are others now"]
        );
        assert_eq!(
            findings(&grow(&all, &rewritten, signed())),
            ["INC-1#6: changed after it became a leaf of the tree"]
        );
        assert_eq!(findings(&grow(&all[..7], &all, signed())), ["TREE#9: 9 entries were signed, 7 are there"]);
        let mut swapped = all.clone();
        swapped.swap(1, 2);
        assert_eq!(findings(&grow(&swapped, &swapped, signed())).len(), 2);
    }
}
