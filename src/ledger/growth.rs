//! Verification of the tree: leaf by leaf, in constant memory, against its head and against every checkpoint.
//!
//! It is grown from what the entries hash to, not from what the leaves say: an entry that was written over makes another
//! tree, also where its leaf was left alone.

use std::collections::VecDeque;

use sha2::{Digest, Sha256};

use super::merkle::{Frontier, Hash, Node};
use super::note::Checkpoint;
use super::report::{Findings, Layer};

/// What findings about the tree as a whole are filed under, with the size in place of a `seq`.
const TREE: &str = "TREE";

/// Subtrees of every eighth level are kept.
const TILE_LEVELS: u32 = 8;

/// A leaf, beside the entry that it stands for, if that is there.
#[derive(Debug, Clone, Copy)]
pub struct Leaf<'a> {
    pub index: u64,
    pub leaf_hash: &'a [u8],
    pub entry: Option<LeafEntry<'a>>,
}

#[derive(Debug, Clone, Copy)]
pub struct LeafEntry<'a> {
    pub hash: &'a [u8],
    pub subject: &'a str,
    pub seq: i32,
}

/// What the database takes for the tree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    pub size: u64,
    pub root: Vec<u8>,
    pub frontier: Vec<u8>,
}

/// Checkpoints of one keeper, the smallest first.
#[derive(Debug)]
struct Signed {
    layer: Layer,
    waiting: VecDeque<Checkpoint>,
    agreed: u64,
}

/// Grows a tree of its own from the leaves, in order.
#[derive(Debug)]
pub struct Growth {
    frontier: Frontier,
    outside: Signed,
    stored: Signed,
    tiles: Tiles,
    findings: Findings,
}

/// A hash over every kept subtree, in the order in which they became whole.
#[derive(Debug, Clone, Default)]
pub struct Tiles(Sha256);

impl Tiles {
    pub fn push(&mut self, node: Node, hash: &[u8]) {
        self.0.update(node.level.to_be_bytes());
        self.0.update(node.index.to_be_bytes());
        self.0.update(hash);
    }
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grown {
    pub leaves: u64,
    pub root: Hash,
    /// Signed checkpoints that say the same: outside, and in the database.
    pub outside: u64,
    pub stored: u64,
    pub findings: Findings,
}

impl Growth {
    /// `outside` are the checkpoints that are kept outside the database.
    pub fn against(mut outside: Vec<Checkpoint>) -> Growth {
        outside.sort_by_key(|checkpoint| checkpoint.size);
        let signed = |layer, waiting| Signed { layer, waiting, agreed: 0 };
        Growth {
            frontier: Frontier::default(),
            outside: signed(Layer::Outside, outside.into()),
            stored: signed(Layer::Signature, VecDeque::new()),
            tiles: Tiles::default(),
            findings: Findings::default(),
        }
    }

    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The next checkpoint that the database keeps, of a size that was not passed yet.
    pub fn expect_stored(&mut self, checkpoint: Checkpoint) {
        self.stored.waiting.push_back(checkpoint);
    }

    /// A note that the database keeps, and that says nothing that can be trusted.
    pub fn doubt_stored(&mut self, size: u64, what: &str) {
        self.find(Layer::Signature, size, format!("its signed checkpoint cannot be trusted: {what}"));
    }

    pub fn push(&mut self, leaf: Leaf<'_>) {
        self.compare();
        if leaf.index != self.frontier.size() {
            self.find(Layer::Tree, self.frontier.size(), format!("its next leaf is {}", leaf.index));
        }
        let Some(entry) = leaf.entry else {
            self.find(Layer::Tree, leaf.index, "the entry of this leaf is gone".to_owned());
            return self.grow(leaf.index, leaf.leaf_hash);
        };
        if leaf.leaf_hash != entry.hash {
            let what = "changed after it became a leaf of the tree";
            self.findings.find(Layer::Leaf, entry.subject, entry.seq, what);
        }
        self.grow(leaf.index, entry.hash);
    }

    fn grow(&mut self, index: u64, hash: &[u8]) {
        let Ok(hash) = hash.try_into() else {
            return self.find(Layer::Tree, index, "a leaf that is no hash".to_owned());
        };
        let tiles = &mut self.tiles;
        self.frontier.push(hash, |node, hash| {
            if node.level.is_multiple_of(TILE_LEVELS) {
                tiles.push(node, hash);
            }
        });
    }

    /// An entry that should be in the tree, or on its way there, and is not.
    pub fn miss(&mut self, subject: &str, seq: i32) {
        self.findings.find(Layer::Pending, subject, seq, "neither in the tree nor on its way there");
    }

    /// `tiles` are the kept subtrees as the database has them.
    pub fn finish(mut self, head: &Head, tiles: &Tiles) -> Grown {
        self.compare();
        let there = self.frontier.size();
        for signed in [&mut self.outside, &mut self.stored] {
            for lost in signed.waiting.drain(..) {
                let what = format!("{} entries were signed, {there} are there", lost.size);
                self.findings.find(signed.layer, TREE, size(lost.size), what);
            }
        }
        let root = self.frontier.root();
        if there != head.size || root.as_slice() != head.root || self.frontier.to_bytes() != head.frontier {
            let what = format!("its entries do not make the tree that is kept, which has {}", head.size);
            self.find(Layer::Tree, there, what);
        } else if self.tiles.0.clone().finalize() != tiles.0.clone().finalize() {
            self.find(Layer::Tree, there, "the hashes that are kept for proofs are not those of its leaves".to_owned());
        }
        let (outside, stored) = (self.outside.agreed, self.stored.agreed);
        Grown { leaves: there, root, outside, stored, findings: self.findings }
    }

    fn compare(&mut self) {
        let (now, frontier) = (self.frontier.size(), &self.frontier);
        for signed in [&mut self.outside, &mut self.stored] {
            while signed.waiting.front().is_some_and(|checkpoint| checkpoint.size <= now) {
                let Some(checkpoint) = signed.waiting.pop_front() else { break };
                if checkpoint.size == now && checkpoint.root == frontier.root() {
                    signed.agreed += 1;
                } else {
                    let what = "not what was signed: entries before it are others now";
                    self.findings.find(signed.layer, TREE, size(checkpoint.size), what);
                }
            }
        }
    }

    fn find(&mut self, layer: Layer, at: u64, what: String) {
        self.findings.find(layer, TREE, size(at), what);
    }
}

fn size(size: u64) -> i32 {
    i32::try_from(size).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::leaf_hash;

    fn hashes(count: u64) -> Vec<Hash> {
        (0..count).map(|i| leaf_hash(&i.to_be_bytes())).collect()
    }

    fn frontier(hashes: &[Hash]) -> Frontier {
        let mut frontier = Frontier::default();
        for hash in hashes {
            frontier.push(*hash, |_, _| {});
        }
        frontier
    }

    fn checkpoint(hashes: &[Hash]) -> Checkpoint {
        let frontier = frontier(hashes);
        Checkpoint { origin: "wardroom/test".into(), size: frontier.size(), root: frontier.root() }
    }

    fn grow(leaves: &[Hash], entries: &[Hash], outside: Vec<Checkpoint>) -> Grown {
        let mut growth = Growth::against(outside);
        for (index, (leaf_hash, hash)) in (0..).zip(leaves.iter().zip(entries)) {
            let seq = i32::try_from(index).unwrap() + 1;
            growth.push(Leaf { index, leaf_hash, entry: Some(LeafEntry { hash, subject: "INC-1", seq }) });
        }
        let kept = frontier(leaves);
        let head = Head { size: kept.size(), root: kept.root().to_vec(), frontier: kept.to_bytes() };
        growth.finish(&head, &Tiles::default())
    }

    fn findings(grown: Grown) -> Vec<String> {
        let layered = |finding: super::super::Finding| format!("{}: {finding}", finding.layer.as_str());
        grown.findings.into_vec().into_iter().map(layered).collect()
    }

    #[test]
    fn what_was_signed_agrees_whatever_the_order_in_which_it_is_given() {
        let all = hashes(9);
        let outside = vec![checkpoint(&all[..9]), checkpoint(&[]), checkpoint(&all[..4])];
        let grown = grow(&all, &all, outside);
        assert_eq!((grown.leaves, grown.outside, grown.root), (9, 3, checkpoint(&all).root));
        assert_eq!(findings(grown), Vec::<String>::new());
    }

    #[test]
    fn a_rewritten_a_cut_and_a_swapped_log_do_not_agree() {
        let all = hashes(9);
        let outside = || vec![checkpoint(&all[..4]), checkpoint(&all[..9])];
        let mut rewritten = all.clone();
        rewritten[5] = [0; 32];
        let others = "outside: TREE#9: not what was signed: entries before it are others now";
        assert_eq!(findings(grow(&rewritten, &rewritten, outside())), [others]);
        assert_eq!(
            findings(grow(&all, &rewritten, outside())),
            [
                "leaf: INC-1#6: changed after it became a leaf of the tree",
                others,
                "tree: TREE#9: its entries do not make the tree that is kept, which has 9",
            ]
        );
        assert_eq!(findings(grow(&all[..7], &all, outside())), ["outside: TREE#9: 9 entries were signed, 7 are there"]);
        let mut swapped = all.clone();
        swapped.swap(1, 2);
        assert_eq!(findings(grow(&swapped, &swapped, outside())).len(), 2);
    }

    #[test]
    fn what_the_database_has_signed_is_compared_like_what_is_outside() {
        let all = hashes(5);
        let mut growth = Growth::against(Vec::new());
        growth.expect_stored(checkpoint(&all[..2]));
        growth.expect_stored(Checkpoint { root: [0; 32], ..checkpoint(&all[..3]) });
        growth.expect_stored(checkpoint(&hashes(6)));
        for (index, hash) in (0..).zip(&all) {
            growth.push(Leaf { index, leaf_hash: hash, entry: None });
        }
        let grown = growth.finish(&Head::default(), &Tiles::default());
        assert_eq!(grown.stored, 1);
        let of = |layer| findings(grown.clone()).iter().filter(|finding| finding.starts_with(layer)).count();
        assert_eq!((of("signature"), of("tree")), (2, 6));
    }
}
