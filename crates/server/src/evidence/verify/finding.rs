//! What `log verify` can find. A closed list: each has a stable code and a sentence for the administrator.

use policy::model::{RecordId, TenantId, UserId};
use store::evidence::Log;

use crate::evidence::checkpoint::CheckpointRefusal;
use crate::evidence::keys::ChainRefusal;
use crate::evidence::tiles::Place;

/// One log of one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TreeName {
    /// The tenant.
    pub tenant: TenantId,
    /// The log.
    pub log: Log,
}

impl std::fmt::Display for TreeName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}", self.log.as_str(), self.tenant)
    }
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// SQLite finds its own file damaged.
    #[error("the database file is damaged: {0}")]
    DatabaseDamaged(String),
    /// A stored value has not even the form of one.
    #[error("the stored value of {what} cannot be read ({place})")]
    Unreadable {
        /// Where.
        place: String,
        /// What was to be read.
        what: String,
    },
    /// The chain of keys breaks.
    #[error("key {number} of {tenant}: {refusal}")]
    KeyChain {
        /// Whose.
        tenant: TenantId,
        /// Which key.
        number: i64,
        /// How.
        refusal: ChainRefusal,
    },
    /// The private half of the newest key is not its own, or an old key has one again.
    #[error("key {number} of {tenant}: its private half is not what the server keeps")]
    KeyPrivate {
        /// Whose.
        tenant: TenantId,
        /// Which key.
        number: i64,
    },
    /// There are records in the tree, and no head.
    #[error("{0}: the head of the tree is gone")]
    HeadMissing(TreeName),
    /// The head is not a checkpoint that the chain's key has signed.
    #[error("{tree}: the head of the tree: {refusal}")]
    HeadRefused {
        /// Which.
        tree: TreeName,
        /// Why.
        refusal: CheckpointRefusal,
    },
    /// The head says another tenant, log, size or drop than the row it stands in.
    #[error("{0}: the head of the tree and its row say different things")]
    HeadMismatch(TreeName),
    /// The root of the tiles is another one than the head says.
    #[error("{0}: the root is another one than was signed")]
    RootMismatch(TreeName),
    /// A tile is gone, or shorter than the tree.
    #[error("{tree}: tile {} of level {} is gone or cut", place.index, place.level)]
    TileMissing {
        /// Which.
        tree: TreeName,
        /// Where.
        place: Place,
    },
    /// A tile does not hash to what stands above it, or holds more than the tree.
    #[error("{tree}: tile {} of level {} was changed", place.index, place.level)]
    TileChanged {
        /// Which.
        tree: TreeName,
        /// Where.
        place: Place,
    },
    /// A record is not what it was when it was hashed.
    #[error("{tree}: record {record} was changed")]
    RecordChanged {
        /// Which.
        tree: TreeName,
        /// The record.
        record: RecordId,
    },
    /// A record that is in the tree is gone.
    #[error("{tree}: record {number} of shard {shard} is gone")]
    RecordMissing {
        /// Which.
        tree: TreeName,
        /// Its shard.
        shard: i64,
        /// Its number.
        number: i64,
    },
    /// There are records that no number was given for.
    #[error("{tree}: {count} records were added to shard {shard} past the log")]
    RecordAdded {
        /// Which.
        tree: TreeName,
        /// The shard.
        shard: i64,
        /// How many.
        count: i64,
    },
    /// A number was given and there is no record with it, in the tree or on its way there.
    #[error("{tree}: shard {shard} has a gap before number {number}")]
    ShardGap {
        /// Which.
        tree: TreeName,
        /// The shard.
        shard: i64,
        /// The first number after the gap.
        number: i64,
    },
    /// The list of which record stands where contradicts itself.
    #[error("{tree}: leaf {position} has no record, or two")]
    RangeWrong {
        /// Which.
        tree: TreeName,
        /// The leaf.
        position: u64,
    },
    /// Values of an erased part are still there, or there again.
    #[error("{tree}: record {record} is marked as erased and is not empty")]
    ErasureIncomplete {
        /// Which.
        tree: TreeName,
        /// The record.
        record: RecordId,
    },
    /// Personal data was taken out of a record, and no record says so.
    #[error("{tree}: the person in record {record} was erased, and no audit record says so")]
    ErasureUnexplained {
        /// Which.
        tree: TreeName,
        /// The record.
        record: RecordId,
        /// The person, if the record says.
        user: Option<UserId>,
    },
    /// A checkpoint cannot be read, or its signatures do not hold.
    #[error("{source_name}: {refusal}")]
    CheckpointRefused {
        /// Where it comes from.
        source_name: String,
        /// Why.
        refusal: CheckpointRefusal,
    },
    /// A stored checkpoint says another size or time than the row it stands in.
    #[error("{source_name}: the checkpoint and its row say different things")]
    CheckpointMismatch {
        /// Where it comes from.
        source_name: String,
    },
    /// A checkpoint is of a larger tree than the database holds.
    #[error(
        "{source_name}: the log of {tree} had {size} records and has {now}: its tail was cut, or an older copy of the database was put in its place"
    )]
    CheckpointAhead {
        /// Where it comes from.
        source_name: String,
        /// Which.
        tree: TreeName,
        /// What it had.
        size: u64,
        /// What it has.
        now: u64,
    },
    /// A checkpoint has another root for its size than the tree.
    #[error("{source_name}: the first {size} records of {tree} are other ones than were signed")]
    CheckpointContradicted {
        /// Where it comes from.
        source_name: String,
        /// Which.
        tree: TreeName,
        /// Of which size.
        size: u64,
    },
}

impl Finding {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::DatabaseDamaged(_) => "database_damaged",
            Self::Unreadable { .. } => "value_unreadable",
            Self::KeyChain { .. } => "key_chain",
            Self::KeyPrivate { .. } => "key_private",
            Self::HeadMissing(_) => "head_missing",
            Self::HeadRefused { .. } => "head_refused",
            Self::HeadMismatch(_) => "head_mismatch",
            Self::RootMismatch(_) => "root_mismatch",
            Self::TileMissing { .. } => "tile_missing",
            Self::TileChanged { .. } => "tile_changed",
            Self::RecordChanged { .. } => "record_changed",
            Self::RecordMissing { .. } => "record_missing",
            Self::RecordAdded { .. } => "record_added",
            Self::ShardGap { .. } => "shard_gap",
            Self::RangeWrong { .. } => "range_wrong",
            Self::ErasureIncomplete { .. } => "erasure_incomplete",
            Self::ErasureUnexplained { .. } => "erasure_unexplained",
            Self::CheckpointRefused { .. } => "checkpoint_refused",
            Self::CheckpointMismatch { .. } => "checkpoint_mismatch",
            Self::CheckpointAhead { .. } => "checkpoint_ahead",
            Self::CheckpointContradicted { .. } => "checkpoint_contradicted",
        }
    }
}

/// What was found, in the order it was found. Beyond the first hundred only the number counts: a log that was rewritten
/// from its middle on has as many findings as records.
#[derive(Debug, Default)]
pub struct Findings {
    kept: Vec<Finding>,
    total: u64,
}

impl Findings {
    const KEPT: usize = 100;

    /// Notes a finding.
    pub fn add(&mut self, finding: Finding) {
        self.total += 1;
        if self.kept.len() < Self::KEPT {
            self.kept.push(finding);
        }
    }

    /// Those that are kept.
    pub fn kept(&self) -> &[Finding] {
        &self.kept
    }

    /// How many there were.
    pub const fn total(&self) -> u64 {
        self.total
    }
}
