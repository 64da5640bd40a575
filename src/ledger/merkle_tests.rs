use std::collections::HashMap;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use tlog_tiles::{Hash as TileHash, HashReader};

use super::*;
use crate::ledger::leaf_hash;

/// A tree with every subtree kept, by our own code.
#[derive(Default)]
struct Kept {
    frontier: Frontier,
    nodes: HashMap<Node, Hash>,
}

impl Kept {
    fn of(size: u64) -> Kept {
        let mut kept = Kept::default();
        for i in 0..size {
            let leaf = leaf_hash(&i.to_be_bytes());
            kept.nodes.insert(Node { level: 0, index: i }, leaf);
            kept.frontier.push(leaf, |node, hash| {
                kept.nodes.insert(node, *hash);
            });
        }
        kept
    }

    fn leaf(&self, index: u64) -> Hash {
        self.nodes[&Node { level: 0, index }]
    }

    fn proof(&self, parts: &[Part]) -> Vec<Hash> {
        let hashes = |part: &Part| part.iter().map(|node| self.nodes[node]).collect::<Vec<_>>();
        parts.iter().map(|part| fold(&hashes(part)).expect("no part is empty")).collect()
    }

    fn inclusion(&self, index: u64) -> Vec<Hash> {
        self.proof(&inclusion_parts(index, self.frontier.size()))
    }

    fn consistency(&self, old: u64) -> Vec<Hash> {
        self.proof(&consistency_parts(old, self.frontier.size()))
    }
}

/// The same leaves, kept by a port of Go's `sumdb/tlog`.
struct Oracle(Vec<TileHash>);

impl Oracle {
    fn of(size: u64) -> Oracle {
        let mut stored = Oracle(Vec::new());
        for i in 0..size {
            let hashes = tlog_tiles::stored_hashes(i, &i.to_be_bytes(), &stored).expect("hashes are there");
            stored.0.extend(hashes);
        }
        stored
    }
}

impl HashReader for Oracle {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<TileHash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|index| self.0[usize::try_from(*index).expect("a small tree")]).collect())
    }
}

fn plain(hashes: Vec<TileHash>) -> Vec<Hash> {
    hashes.into_iter().map(|hash| hash.0).collect()
}

#[test]
fn roots_and_proofs_are_those_of_gos_tlog_for_every_size_to_130() {
    let oracle = Oracle::of(130);
    let mut roots = vec![Frontier::default().root()];
    assert_eq!(roots[0], tlog_tiles::EMPTY_HASH.0);
    for size in 1..=130 {
        let kept = Kept::of(size);
        let root = kept.frontier.root();
        assert_eq!(root, tlog_tiles::tree_hash(size, &oracle).unwrap().0, "root of {size}");
        for index in 0..size {
            let proof = kept.inclusion(index);
            assert_eq!(proof, plain(tlog_tiles::prove_record(size, index, &oracle).unwrap()), "{index} in {size}");
            assert!(is_included(&kept.leaf(index), index, size, &proof, &root), "{index} in {size}");
        }
        for old in 1..size {
            let proof = kept.consistency(old);
            assert_eq!(proof, plain(tlog_tiles::prove_tree(size, old, &oracle).unwrap()), "{old} to {size}");
            let old_root = &roots[usize::try_from(old).unwrap()];
            assert!(is_consistent((old, old_root), (size, &root), &proof), "{old} to {size}");
        }
        roots.push(root);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_second_opinion_takes_our_proofs(size in 1_u64..700, index in any::<prop::sample::Index>()) {
        let kept = Kept::of(size);
        let mut other = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        for i in 0..size {
            other.push(i.to_be_bytes().to_vec());
        }
        let index = index.index(usize::try_from(size).unwrap());
        let root = other.root();
        prop_assert_eq!(root.as_bytes().as_slice(), kept.frontier.root());
        let index_wide = index as u64;
        let proof = other.prove_inclusion(index);
        prop_assert_eq!(proof.as_bytes(), kept.inclusion(index_wide).concat());
        if index > 0 {
            let additions = usize::try_from(size).unwrap() - index;
            let proof = other.prove_consistency(additions);
            prop_assert_eq!(proof.as_bytes(), kept.consistency(index_wide).concat());
        }
    }

    #[test]
    fn no_proof_holds_for_anything_else(
        size in 2_u64..700,
        index in any::<prop::sample::Index>(),
        spoil in 0_usize..5,
        at in any::<prop::sample::Index>(),
    ) {
        let kept = Kept::of(size);
        let index = index.index(usize::try_from(size).unwrap()) as u64;
        let (root, leaf, mut proof) = (kept.frontier.root(), kept.leaf(index), kept.inclusion(index));
        let spoilt_at = at.index(proof.len());
        let (mut claimed, mut claimed_leaf) = (index, leaf);
        match spoil {
            0 => proof[spoilt_at][7] ^= 1,
            1 => {
                proof.remove(spoilt_at);
            }
            2 => proof.insert(spoilt_at, leaf),
            3 => claimed = (index + 1) % size,
            _ => claimed_leaf[0] ^= 1,
        }
        prop_assert!(!is_included(&claimed_leaf, claimed, size, &proof, &root));
    }

    #[test]
    fn a_rewritten_beginning_is_no_beginning(
        old in 1_u64..300,
        more in 1_u64..300,
        spoil in 0_usize..4,
        at in any::<prop::sample::Index>(),
    ) {
        let (before, after) = (Kept::of(old), Kept::of(old + more));
        let (mut old_root, root, mut proof) = (before.frontier.root(), after.frontier.root(), after.consistency(old));
        prop_assert!(is_consistent((old, &old_root), (old + more, &root), &proof));
        let spoilt_at = at.index(proof.len());
        let mut claimed = old;
        match spoil {
            0 => proof[spoilt_at][31] ^= 1,
            1 => {
                proof.remove(spoilt_at);
            }
            2 => old_root[3] ^= 1,
            _ => claimed += 1,
        }
        prop_assert!(!is_consistent((claimed, &old_root), (old + more, &root), &proof));
    }

    #[test]
    fn proof_checks_take_anything(
        sizes in (any::<u64>(), any::<u64>()),
        index in any::<u64>(),
        proof in prop::collection::vec(any::<Hash>(), 0..70),
        root in any::<Hash>(),
    ) {
        prop_assert!(!is_included(&root, index, sizes.0, &proof, &root) || sizes.0 == 1);
        let _no_panic = is_consistent((sizes.0, &root), (sizes.1, &root), &proof);
    }
}

#[test]
fn a_frontier_goes_on_from_what_was_stored() {
    let (whole, mut half) = (Kept::of(100), Kept::of(37).frontier);
    half = Frontier::from_bytes(37, &half.to_bytes()).expect("it fits");
    for index in 37..100 {
        half.push(whole.leaf(index), |_, _| {});
    }
    assert_eq!(half, whole.frontier);
    assert_eq!(Frontier::from_bytes(38, &Kept::of(36).frontier.to_bytes()), None, "not as many peaks as ones");
    assert_eq!(Frontier::from_bytes(1, &[0; 31]), None);
}
