//! The Merkle tree of RFC 6962: appended to with one hash per bit of its size in memory, proven with as few.
//!
//! What a proof needs is named as perfect subtrees ([`Node`]), so that whoever keeps the hashes can look them up; only
//! the subtrees of every eighth level are kept (a tile of 256 has one), the rest is computed from the level below.

use sha2::{Digest, Sha256};

pub type Hash = [u8; 32];

/// A perfect subtree: the hash over the leaves from `index << level`, `1 << level` of them. Level 0 is a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    pub level: u32,
    pub index: u64,
}

impl Node {
    /// The two subtrees that it is made of; a leaf has none.
    pub fn children(self) -> Option<[Node; 2]> {
        let level = self.level.checked_sub(1)?;
        Some([0, 1].map(|side| Node { level, index: self.index * 2 + side }))
    }
}

/// The hash of an inner node: SHA-256 of a one byte and both children.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

/// The right edge of a tree: all that is needed to append to it and to know its root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    /// One hash per perfect subtree, the largest first: as many as `size` has ones.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// Reads what [`Frontier::to_bytes`] wrote; `None` where it doesn't fit the size.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Frontier> {
        let (peaks, rest) = bytes.as_chunks::<32>();
        let fits = rest.is_empty() && peaks.len() == size.count_ones() as usize;
        fits.then(|| Frontier { size, peaks: peaks.to_vec() })
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf. `completed` hears of every subtree above the leaves that is perfect from now on.
    pub fn push(&mut self, leaf: Hash, mut completed: impl FnMut(Node, &Hash)) {
        let mut hash = leaf;
        for level in 1..=self.size.trailing_ones() {
            let left = self.peaks.pop().expect("a peak for every one of the size");
            hash = node_hash(&left, &hash);
            completed(Node { level, index: self.size >> level }, &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The hash of the whole tree; of an empty one, the hash of nothing.
    pub fn root(&self) -> Hash {
        fold(&self.peaks).unwrap_or_else(|| Sha256::digest([]).into())
    }
}

/// The hash over neighbouring perfect subtrees, the larger ones on the left.
pub fn fold(hashes: &[Hash]) -> Option<Hash> {
    hashes.iter().rev().copied().reduce(|right, left| node_hash(&left, &right))
}

/// One hash of a proof: the [`fold`] of these subtrees.
pub type Part = Vec<Node>;

/// What proves that the leaf at `index` is in the tree of `size` leaves (RFC 6962 section 2.1.1), nearest first.
pub fn inclusion_parts(index: u64, size: u64) -> Vec<Part> {
    let mut parts = Vec::new();
    if index < size {
        descend(index, 0, size, &mut parts);
    }
    parts
}

fn descend(index: u64, start: u64, size: u64, parts: &mut Vec<Part>) {
    if size <= 1 {
        return;
    }
    let half = split(size);
    if index - start < half {
        descend(index, start, half, parts);
        parts.push(perfect(start + half, start + size));
    } else {
        descend(index, start + half, size - half, parts);
        parts.push(perfect(start, start + half));
    }
}

/// What proves that the tree of `old` leaves is the beginning of the tree of `new` leaves (section 2.1.2).
pub fn consistency_parts(old: u64, new: u64) -> Vec<Part> {
    let mut parts = Vec::new();
    if 0 < old && old < new {
        subproof(old, 0, new, true, &mut parts);
    }
    parts
}

fn subproof(old: u64, start: u64, size: u64, is_known: bool, parts: &mut Vec<Part>) {
    if old == size {
        if !is_known {
            parts.push(perfect(start, start + size));
        }
        return;
    }
    let half = split(size);
    if old <= half {
        subproof(old, start, half, is_known, parts);
        parts.push(perfect(start + half, start + size));
    } else {
        subproof(old - half, start + half, size - half, false, parts);
        parts.push(perfect(start, start + half));
    }
}

/// The largest power of two below `size`, which is at least 2.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The perfect subtrees that cover the leaves from `start` (a multiple of the largest) to `end`, largest first.
fn perfect(mut start: u64, end: u64) -> Part {
    let mut nodes = Vec::new();
    while start < end {
        let level = (end - start).ilog2();
        nodes.push(Node { level, index: start >> level });
        start += 1 << level;
    }
    nodes
}

/// Whether the proof leads from the leaf to the root (RFC 9162 section 2.1.3.2).
pub fn is_included(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            let up = node.trailing_zeros();
            (node, last) = (node >> up, last >> up);
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether the proof leads from the old root to the new one (RFC 9162 section 2.1.4.2). The empty tree is the beginning
/// of every tree.
pub fn is_consistent(old: (u64, &Hash), new: (u64, &Hash), proof: &[Hash]) -> bool {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    if old_size == 0 {
        return proof.is_empty() && *old_root == Frontier::default().root();
    }
    if old_size == new_size {
        return proof.is_empty() && old_root == new_root;
    }
    if old_size > new_size {
        return false;
    }
    // The old root itself is the first hash where the old tree is perfect.
    let known = old_size.is_power_of_two().then_some(old_root);
    let mut hashes = known.into_iter().chain(proof);
    let Some(first) = hashes.next() else { return false };
    let up = (old_size - 1).trailing_ones();
    let (mut node, mut last) = ((old_size - 1) >> up, (new_size - 1) >> up);
    let (mut old_hash, mut new_hash) = (*first, *first);
    for hash in hashes {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(hash, &old_hash);
            new_hash = node_hash(hash, &new_hash);
            let up = node.trailing_zeros();
            (node, last) = (node >> up, last >> up);
        } else {
            new_hash = node_hash(&new_hash, hash);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}

#[cfg(test)]
#[path = "merkle_tests.rs"]
mod tests;
