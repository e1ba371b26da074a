//! What makes the two logs provable: how a record is hashed and numbered, and where the tree over them is kept.
//!
//! This room hashes single records, because it alone knows their columns. The tree, its proofs and its signatures are the
//! server's (`evidence` there); here they are rows.

mod adopt;
mod check;
mod erase;
pub(crate) mod forms;
mod keys;
mod numbers;
mod record;
mod retention;
mod sealing;
mod tree;

pub use adopt::{adopt_audit, adopt_sign_in, unnumbered};
pub use check::{
    Numbers, count_below, count_of_no_log, count_unnumbered, integrity, numbers, shards_of, tenants,
};
pub use erase::{erase, records_of};
pub use keys::{StoredKey, add_key, keys, newest_key, private_key};
pub(crate) use numbers::number;
pub use numbers::{Shard, shards};
pub use record::{Column, Hidden, Part, StoredRecord, Value, find, numbered};
pub use retention::{newest_of, remove_dropped, remove_tiles, thin_checkpoints};
pub(crate) use sealing::{commitment, leaf};
pub use tree::{
    NumberedLeaf, Portion, Progress, Range, StoredCheckpoint, Tile, Tree, append, checkpoints,
    folded, leaves, newest_checkpoint, progress, publish, range_of, ranges, ranges_of_shard,
    set_head, tile, tiles, tree,
};

/// One of the two logs. Each has a tree of its own in every tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Log {
    /// What was changed, and by whom.
    Audit,
    /// Who signed in, and how.
    SignIns,
}

/// A hash of the tree: SHA-256.
pub type Hash = [u8; 32];

impl Log {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Audit, Self::SignIns];

    /// The stored form, which is also the last part of a checkpoint's origin.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::SignIns => "sign-ins",
        }
    }

    /// The log with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|log| log.as_str() == name)
    }
}
