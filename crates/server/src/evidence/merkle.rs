//! The Merkle tree of RFC 9162, section 2.1: hashes, proofs and their verification. Pure: no IO, no clock.
//!
//! A proof is first planned, as the list of subtrees whose hashes it consists of ([`inclusion`], [`consistency`]), so that
//! whoever keeps the tree can fetch just those; and it is verified by the iterative algorithms of the RFC, which share
//! nothing with the planning but the hash.

use aws_lc_rs::digest::{Context, SHA256};
pub use store::evidence::Hash;

const NODE: u8 = 0x01;

/// The hash of the tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// The hash of a node over two others.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[NODE], left, right])
}

/// The hash of a subtree over the hashes of its complete parts, from left to right, the largest first.
pub fn join(parts: &[Hash]) -> Option<Hash> {
    let (last, before) = parts.split_last()?;
    Some(
        before
            .iter()
            .rev()
            .fold(*last, |right, left| node(left, &right)),
    )
}

/// Leaves `start` up to, but not including, `end`: a subtree of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First leaf.
    pub start: u64,
    /// After the last leaf.
    pub end: u64,
}

impl Span {
    /// The whole tree of this size.
    pub const fn whole(size: u64) -> Self {
        Self {
            start: 0,
            end: size,
        }
    }

    /// How many leaves.
    pub const fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// True without leaves.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The complete subtrees it consists of, from left to right: the binary digits of its length.
    pub fn complete(self) -> impl Iterator<Item = Self> {
        let mut start = self.start;
        (0..u64::BITS)
            .rev()
            .map(|bit| 1_u64 << bit)
            .filter(move |size| self.len() & size != 0)
            .map(move |size| {
                let part = Self {
                    start,
                    end: start.saturating_add(size),
                };
                start = part.end;
                part
            })
    }

    /// Both halves as RFC 9162 cuts it: the left one is the largest power of two that is smaller than the whole.
    fn halves(self) -> Option<(Self, Self)> {
        let largest = self.len().checked_sub(1)?.checked_ilog2()?;
        let middle = self.start.checked_add(1_u64 << largest)?;
        let left = Self {
            end: middle,
            ..self
        };
        let right = Self {
            start: middle,
            ..self
        };
        Some((left, right))
    }
}

/// The subtrees whose hashes prove that leaf `index` is in the tree of `size` leaves (section 2.1.3.1), the lowest first.
/// `None` if there is no such leaf.
pub fn inclusion(index: u64, size: u64) -> Option<Vec<Span>> {
    if index >= size {
        return None;
    }
    let mut path = Vec::new();
    let mut around = Span::whole(size);
    while let Some((left, right)) = around.halves() {
        let sibling;
        (around, sibling) = if index < left.end {
            (left, right)
        } else {
            (right, left)
        };
        path.push(sibling);
    }
    path.reverse();
    Some(path)
}

/// The subtrees whose hashes prove that the tree of `second` leaves continues the one of `first` leaves (section 2.1.4.1),
/// the lowest first. `None` if `first` is zero or larger than `second`: nothing can be proved about that.
pub fn consistency(first: u64, second: u64) -> Option<Vec<Span>> {
    if first == 0 || first > second {
        return None;
    }
    let mut path = Vec::new();
    let mut around = Span::whole(second);
    let mut whole = true;
    while around.end != first {
        let (left, right) = around.halves()?;
        let sibling;
        (around, sibling) = if first <= left.end {
            (left, right)
        } else {
            whole = false;
            (right, left)
        };
        path.push(sibling);
    }
    if !whole {
        path.push(around);
    }
    path.reverse();
    Some(path)
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofRefusal {
    /// The leaf number or the sizes do not fit.
    #[error("there is no such leaf or tree")]
    OutOfRange,
    /// It has too few or too many hashes for these sizes.
    #[error("the proof has the wrong length")]
    WrongLength,
    /// It leads to another root.
    #[error("the proof leads to another root")]
    OtherRoot,
}

impl ProofRefusal {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OutOfRange => "proof_out_of_range",
            Self::WrongLength => "proof_wrong_length",
            Self::OtherRoot => "proof_other_root",
        }
    }
}

/// Section 2.1.3.2: `leaf` is number `index` of the tree of `size` leaves with this `root`.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofRefusal> {
    if index >= size {
        return Err(ProofRefusal::OutOfRange);
    }
    let mut way = Way::new(index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        hash = match way.step()? {
            Side::Left => node(sibling, &hash),
            Side::Right => node(&hash, sibling),
        };
    }
    way.arrived()?;
    same(&hash, root)
}

/// Section 2.1.4.2: the tree of `second` leaves continues the one of `first` leaves.
pub fn verify_consistency(
    first: u64,
    second: u64,
    first_root: &Hash,
    second_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofRefusal> {
    if first == 0 || first > second {
        return Err(ProofRefusal::OutOfRange);
    }
    if first == second {
        return match proof {
            [] => same(first_root, second_root),
            _ => Err(ProofRefusal::WrongLength),
        };
    }
    // A first tree that is complete is a subtree of the second, and its root is not repeated in the proof.
    let (start, rest) = if first.is_power_of_two() {
        (first_root, proof)
    } else {
        proof.split_first().ok_or(ProofRefusal::WrongLength)?
    };
    let mut way = Way::new(first - 1, second - 1);
    way.skip_full();
    let (mut of_first, mut of_second) = (*start, *start);
    for sibling in rest {
        match way.step()? {
            Side::Left => {
                of_first = node(sibling, &of_first);
                of_second = node(sibling, &of_second);
            }
            Side::Right => of_second = node(&of_second, sibling),
        }
    }
    way.arrived()?;
    same(&of_first, first_root)?;
    same(&of_second, second_root)
}

/// On which side the next hash of a proof stands.
enum Side {
    Left,
    Right,
}

/// `fn` and `sn` of the RFC: a node and the last node of its level, on their way up.
struct Way {
    at: u64,
    last: u64,
}

impl Way {
    const fn new(at: u64, last: u64) -> Self {
        Self { at, last }
    }

    const fn up(&mut self) {
        self.at >>= 1;
        self.last >>= 1;
    }

    /// While the node is a right child, its parent is as full as it.
    const fn skip_full(&mut self) {
        while self.at & 1 == 1 {
            self.up();
        }
    }

    const fn step(&mut self) -> Result<Side, ProofRefusal> {
        if self.last == 0 {
            return Err(ProofRefusal::WrongLength);
        }
        if self.at & 1 == 0 && self.at != self.last {
            self.up();
            return Ok(Side::Right);
        }
        while self.at & 1 == 0 && self.at != 0 {
            self.up();
        }
        self.up();
        Ok(Side::Left)
    }

    const fn arrived(&self) -> Result<(), ProofRefusal> {
        match self.last {
            0 => Ok(()),
            _ => Err(ProofRefusal::WrongLength),
        }
    }
}

fn same(one: &Hash, other: &Hash) -> Result<(), ProofRefusal> {
    if one == other {
        Ok(())
    } else {
        Err(ProofRefusal::OtherRoot)
    }
}

fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; 32];
    for (to, from) in hash.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    hash
}

#[cfg(test)]
pub mod tests;
