//! Known answers of the reference implementation of RFC 6962, and properties against the RFC's own recursive definition.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed setup is a failed test"
)]

use super::*;
use proptest::prelude::*;

/// Leaves and roots of the reference trees (`merkle_tree_test` of Certificate Transparency).
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const LEFT_FOUR: &str = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7";

/// What the RFC hashes for a leaf.
fn leaf(data: &[u8]) -> Hash {
    sha256(&[&[0], data])
}

/// MTH of section 2.1.1, word for word.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let k = 1 << (leaves.len() - 1).ilog2();
            node(&root(&leaves[..k]), &root(&leaves[k..]))
        }
    }
}

/// Leaves that are all different.
pub fn made_up(count: u64) -> Vec<Hash> {
    (0..count)
        .map(|number| leaf(&number.to_be_bytes()))
        .collect()
}

fn hashes(leaves: &[Hash], spans: &[Span]) -> Vec<Hash> {
    let part = |span: &Span| {
        root(&leaves[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()])
    };
    spans.iter().map(part).collect()
}

fn hash(hex: &str) -> Hash {
    bytes(hex).try_into().unwrap()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2)
        .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
        .collect()
}

fn reference() -> Vec<Hash> {
    LEAVES.iter().map(|data| leaf(&bytes(data))).collect()
}

#[test]
fn roots_are_those_of_the_reference() {
    assert_eq!(
        empty_root(),
        hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    );
    let leaves = reference();
    for (size, expected) in (1..).zip(ROOTS) {
        assert_eq!(root(&leaves[..size]), hash(expected), "{size}");
        let parts: Vec<Span> = Span::whole(size as u64).complete().collect();
        assert_eq!(join(&hashes(&leaves, &parts)), Some(hash(expected)));
    }
}

#[test]
fn proofs_are_those_of_the_reference() {
    let leaves = reference();
    let sixth = [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        LEFT_FOUR,
    ];
    assert_eq!(hashes(&leaves, &inclusion(5, 8).unwrap()), sixth.map(hash));
    let six_to_eight = [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        LEFT_FOUR,
    ];
    assert_eq!(
        hashes(&leaves, &consistency(6, 8).unwrap()),
        six_to_eight.map(hash)
    );
}

#[test]
fn what_does_not_exist_has_no_proof() {
    assert_eq!(inclusion(3, 3), None);
    assert_eq!(inclusion(0, 0), None);
    assert_eq!(consistency(0, 3), None);
    assert_eq!(consistency(4, 3), None);
    let root = empty_root();
    assert_eq!(
        verify_inclusion(&root, 0, 0, &[], &root),
        Err(ProofRefusal::OutOfRange)
    );
    assert_eq!(
        verify_consistency(0, 1, &root, &root, &[]),
        Err(ProofRefusal::OutOfRange)
    );
}

#[test]
fn a_leaf_never_passes_for_a_node() {
    let leaves = made_up(2);
    let inner = [leaves[0], leaves[1]].concat();
    assert_ne!(leaf(&inner), node(&leaves[0], &leaves[1]));
}

/// One hash too few, one too many, one changed, two exchanged.
fn mutilated(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let mut out = vec![[proof, &[[7; 32]]].concat()];
    if let Some((_, rest)) = proof.split_last() {
        out.push(rest.to_vec());
    }
    for at in 0..proof.len() {
        let mut changed = proof.to_vec();
        changed[at][13] ^= 1;
        out.push(changed);
    }
    if proof.len() > 1 {
        let mut exchanged = proof.to_vec();
        exchanged.swap(0, 1);
        out.push(exchanged);
    }
    out
}

proptest! {
    #[test]
    fn every_leaf_proves_itself_and_nothing_else(size in 1_u64..200, pick in 0_u64..200, other in 0_u64..200) {
        let (leaves, index, other) = (made_up(size), pick % size, other % size);
        let (root, own) = (root(&leaves), leaves[usize::try_from(index).unwrap()]);
        let proof = hashes(&leaves, &inclusion(index, size).unwrap());
        prop_assert_eq!(verify_inclusion(&own, index, size, &proof, &root), Ok(()));
        prop_assert_eq!(verify_inclusion(&own, other, size, &proof, &root).is_ok(), other == index);
        prop_assert!(verify_inclusion(&[1; 32], index, size, &proof, &root).is_err());
        for bad in mutilated(&proof) {
            let refused = verify_inclusion(&own, index, size, &bad, &root).unwrap_err();
            let length = bad.len() != proof.len();
            prop_assert_eq!(refused == ProofRefusal::WrongLength, length);
        }
    }

    #[test]
    fn every_prefix_proves_itself_and_nothing_else(second in 1_u64..200, pick in 0_u64..200) {
        let (leaves, first) = (made_up(second), 1 + pick % second);
        let (whole, part) = (root(&leaves), root(&leaves[..usize::try_from(first).unwrap()]));
        let proof = hashes(&leaves, &consistency(first, second).unwrap());
        prop_assert_eq!(verify_consistency(first, second, &part, &whole, &proof), Ok(()));
        prop_assert!(verify_consistency(first, second, &[1; 32], &whole, &proof).is_err());
        prop_assert!(verify_consistency(first, second, &part, &[1; 32], &proof).is_err());
        for bad in mutilated(&proof) {
            prop_assert!(verify_consistency(first, second, &part, &whole, &bad).is_err());
        }
    }

    /// A log that rewrote one record has no proof that it continues the old one.
    #[test]
    fn a_rewritten_past_is_no_continuation(second in 2_u64..100, pick in 0_u64..100, changed in 0_u64..100) {
        let (leaves, first) = (made_up(second), 1 + pick % (second - 1));
        let part = root(&leaves[..usize::try_from(first).unwrap()]);
        let mut rewritten = leaves;
        rewritten[usize::try_from(changed % first).unwrap()] = [3; 32];
        let proof = hashes(&rewritten, &consistency(first, second).unwrap());
        prop_assert!(verify_consistency(first, second, &part, &root(&rewritten), &proof).is_err());
    }

    /// However large the tree, a proof has no more hashes than the tree has levels, and the sizes never overflow.
    #[test]
    fn proofs_are_short(size in 1_u64..=u64::MAX, pick in any::<u64>()) {
        let levels = usize::try_from(u64::BITS - size.leading_zeros()).unwrap();
        prop_assert!(inclusion(pick % size, size).unwrap().len() <= levels);
        prop_assert!(consistency(1 + pick % size, size).unwrap().len() <= levels + 1);
    }
}
