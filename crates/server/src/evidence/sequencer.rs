//! The sequencer: reads numbered records into the trees and signs the heads.
//!
//! Every node runs one; a lease says whose turn it is, and it is taken in the transaction that writes, so that the work of a
//! node that fell asleep is lost and not mixed in. A tree is extended only from a head that this deployment signed and that
//! fits the tiles: whoever changes the tree in the database stops the log, loudly, and gets nothing signed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use policy::lifetimes::{CHECKPOINT, EVIDENCE_KEY};
use policy::model::{AuditSalts, NodeId, Salt, Span, TenantId, Timestamp};
use store::evidence::{self, Log, Portion, Progress, Shard, Tree};
use store::{Store, StoreError, leases};
use tokio_util::sync::CancellationToken;

use super::checkpoint::{self, Checkpoint};
use super::keys::{self, KeyFault, KnownKey, SigningKey};
use super::note::Note;
use super::portion::Found;
use super::streams::Streams;
use super::tiles::Missing;
use crate::app::AppState;
use crate::clock::{Clock, Random};

/// The name of the lease.
pub const LEASE: &str = "evidence";
/// How long after a crash of the elected node another one waits.
pub(super) const LEASE_LENGTH: Span = Span::seconds(5);
/// Two looks fit into the second that docs/evidence.md promises.
const EVERY: Duration = Duration::from_millis(500);
/// Checkpoints and records of older programs are looked for every so many rounds.
const RARE: u64 = 20;
/// Rounds of a minute and of an hour.
const A_MINUTE: u64 = 120;
const AN_HOUR: u64 = 60 * A_MINUTE;
/// Older records numbered in one transaction.
const ADOPTED: u32 = 128;

/// Why a tree was not extended.
#[derive(Debug, thiserror::Error)]
pub enum SequencerFault {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key could not be used.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// The private half of the newest key is not there or belongs to another public one.
    #[error("the newest evidence key has no private half of its own")]
    NoPrivateKey,
    /// The head in the database was not signed by this deployment.
    #[error("the head of the tree is not signed by this deployment: {0}")]
    ForeignHead(#[from] checkpoint::CheckpointRefusal),
    /// The head says another size or root than the tiles.
    #[error("the head of the tree and its tiles do not fit")]
    HeadMismatch,
    /// The tree in the database is an older one than this process has signed.
    #[error("the tree is shorter than it was: the database was rolled back")]
    RolledBack,
    /// A tile is not there.
    #[error(transparent)]
    Tile(#[from] Missing),
    /// Records of a segment are missing: it is not dropped, because that is what somebody may wait for.
    #[error("segment {0} has records missing and is not dropped")]
    SegmentDamaged(u64),
    /// The file of checkpoints cannot be written.
    #[error("checkpoints cannot be written: {0}")]
    Stream(#[from] std::io::Error),
}

impl SequencerFault {
    /// Stable code for logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Key(_) => "evidence_key",
            Self::NoPrivateKey => "evidence_key_private",
            Self::ForeignHead(_) => "evidence_head_foreign",
            Self::HeadMismatch => "evidence_head_mismatch",
            Self::RolledBack => "evidence_rolled_back",
            Self::Tile(_) => "evidence_tile_missing",
            Self::SegmentDamaged(_) => "evidence_segment_damaged",
            Self::Stream(_) => "evidence_stream",
        }
    }
}

/// The sequencer of this node.
#[derive(Debug)]
pub struct Sequencer {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) node: NodeId,
    keys: BTreeMap<TenantId, Arc<SigningKey>>,
    signed: BTreeMap<(TenantId, Log), u64>,
    streams: Streams,
    round: u64,
    /// What was wrong the last time: said once a minute, not twice a second.
    fault: Option<&'static str>,
}

/// Runs until `stop`; then reads in what is left, gives out the last heads and returns.
pub async fn run(app: AppState, stop: CancellationToken) {
    let mut sequencer = Sequencer::of(&app);
    while stop
        .run_until_cancelled(tokio::time::sleep(EVERY))
        .await
        .is_some()
    {
        sequencer.round().await;
    }
    sequencer.finish().await;
}

impl Sequencer {
    /// The sequencer of a server.
    pub fn of(app: &AppState) -> Self {
        let (clock, random) = (app.clock.clone(), app.random.clone());
        Self::new(app.store.clone(), clock, random, &app.config.data)
    }

    /// A sequencer of its own, with this data folder.
    pub fn new(store: Store, clock: Clock, random: Random, data: &Path) -> Self {
        let node = NodeId::new(clock.now(), random.bytes());
        Self {
            store,
            clock,
            random,
            node,
            keys: BTreeMap::new(),
            signed: BTreeMap::new(),
            streams: Streams::new(data),
            round: 0,
            fault: None,
        }
    }

    /// One look: what was written is read in, if it is this node's turn. What fails is logged and tried again.
    pub async fn round(&mut self) {
        let rare = self.round.is_multiple_of(RARE);
        self.round += 1;
        if rare {
            report(self.adopt().await, "older records were not numbered");
        }
        let folded = self.fold().await;
        let fault = folded.as_ref().err().map(SequencerFault::code);
        if fault != self.fault || self.round.is_multiple_of(A_MINUTE) {
            report(folded, "the evidence log was not extended");
        }
        self.fault = fault;
        if rare {
            report(self.publish(false).await, "no checkpoint was given out");
        }
        if self.round % AN_HOUR == A_MINUTE {
            report(self.retain().await, "old log segments were not dropped");
        }
    }

    /// The last look: everything is read in and given out, and the lease goes to whoever wants it.
    pub async fn finish(&mut self) {
        report(self.fold().await, "the evidence log was not extended");
        report(self.publish(true).await, "no checkpoint was given out");
        report(self.leave().await, "the lease stays until it expires");
    }

    /// The lease goes to whoever wants it.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub async fn leave(&self) -> Result<(), SequencerFault> {
        let node = self.node;
        self.store
            .write(move |tx| Box::pin(async move { leases::give_back(tx, LEASE, node).await }))
            .await?;
        Ok(())
    }

    /// Reads every numbered record into its tree. A tree that cannot be extended does not keep the others waiting.
    ///
    /// # Errors
    /// The first fault, after all trees were tried.
    pub async fn fold(&mut self) -> Result<(), SequencerFault> {
        let now = self.clock.now();
        let (progress, lease) = self
            .store
            .read(|tx| {
                Box::pin(async move {
                    Ok::<_, StoreError>((
                        evidence::progress(tx).await?,
                        leases::find(tx, LEASE).await?,
                    ))
                })
            })
            .await?;
        if lease.is_some_and(|lease| !lease.is_open_to(self.node, now)) {
            return Ok(());
        }
        let waiting = progress.iter().map(|one| one.shard.last - one.folded);
        #[expect(clippy::cast_precision_loss, reason = "a gauge is approximate")]
        metrics::gauge!("keyward_evidence_unsequenced_records").set(waiting.sum::<i64>() as f64);
        let mut result = Ok(());
        for (tree, shards) in pending(progress) {
            let folded = self.fold_tree(tree, shards).await;
            result = result.and(folded);
        }
        result
    }

    async fn fold_tree(
        &mut self,
        (tenant, log): (TenantId, Log),
        mut shards: Vec<Shard>,
    ) -> Result<(), SequencerFault> {
        while !shards.is_empty() {
            let key = self.key(tenant).await?;
            let wanted = shards.clone();
            let found = self
                .store
                .snapshot(move |tx| {
                    Box::pin(async move { Found::read(tx, tenant, log, &wanted).await })
                })
                .await?;
            let head = found.head()?;
            self.check_head(&found, head.as_ref()).await?;
            let portion = found.portion(head.as_ref(), &key, self.clock.now())?;
            if portion.folded.is_empty() {
                return Ok(());
            }
            let (size, folded) = (portion.tree.size, portion.folded.clone());
            if !self.write(portion).await? {
                return Ok(());
            }
            self.signed.insert((tenant, log), size);
            shards.retain(|one| !folded.contains(&(one.shard, one.last)));
        }
        Ok(())
    }

    /// Nothing is signed on top of a head that is not ours, or of one that we know to be old.
    pub(super) async fn check_head(
        &self,
        found: &Found,
        head: Option<&(Checkpoint, Note)>,
    ) -> Result<(), SequencerFault> {
        let tenant = found.tenant;
        let signed = self.signed.get(&(tenant, found.log)).copied();
        let size = head.map_or(0, |(checkpoint, _)| checkpoint.size);
        if signed.is_some_and(|signed| size < signed) {
            return Err(SequencerFault::RolledBack);
        }
        let Some((checkpoint, note)) = head else {
            return Ok(());
        };
        let keys = self
            .store
            .read(move |tx| Box::pin(async move { evidence::keys(tx, tenant).await }))
            .await?;
        let chain = keys::chain(&keys).map_err(|_| checkpoint::CheckpointRefusal::UnknownKey)?;
        checkpoint.verify(note, &chain)?;
        Ok(())
    }

    async fn write(&self, portion: Portion) -> Result<bool, SequencerFault> {
        let (node, now) = (self.node, self.clock.now());
        let until = now.plus(LEASE_LENGTH);
        let written = self.store.write(move |tx| {
            Box::pin(async move {
                if leases::take(tx, LEASE, node, now, until).await?.is_none() {
                    return Ok(false);
                }
                evidence::append(tx, &portion).await
            })
        });
        Ok(written.await?)
    }

    /// The key that signs now: the newest one, or its successor if it is too old.
    pub(super) async fn key(
        &mut self,
        tenant: TenantId,
    ) -> Result<Arc<SigningKey>, SequencerFault> {
        let newest = self.newest_key(tenant).await?;
        let now = self.clock.now();
        if let Some(key) = &newest
            && now < key.created.plus(EVIDENCE_KEY)
        {
            return Ok(Arc::clone(key));
        }
        let made = keys::generate(tenant, newest.as_deref(), now, self.seeds())?;
        let (key, stored, private) = made;
        let added = self.store.write(move |tx| {
            Box::pin(async move { evidence::add_key(tx, &stored, &private).await })
        });
        if added.await? {
            tracing::info!(%tenant, number = key.number, "made an evidence key");
            let key = Arc::new(key);
            self.keys.insert(tenant, Arc::clone(&key));
            return Ok(key);
        }
        let theirs = self.newest_key(tenant).await?;
        theirs.ok_or(SequencerFault::NoPrivateKey)
    }

    fn seeds(&self) -> [u8; keys::SEEDS] {
        self.random.bytes()
    }

    async fn newest_key(
        &mut self,
        tenant: TenantId,
    ) -> Result<Option<Arc<SigningKey>>, SequencerFault> {
        let held = self.keys.get(&tenant).map(|key| key.number);
        let found = self.store.read(move |tx| {
            Box::pin(async move {
                let Some(newest) = evidence::newest_key(tx, tenant).await? else {
                    return Ok::<_, StoreError>(None);
                };
                let private = match held == Some(newest.number) {
                    true => None,
                    false => evidence::private_key(tx, tenant, newest.number).await?,
                };
                Ok(Some((newest, private)))
            })
        });
        let Some((stored, private)) = found.await? else {
            return Ok(None);
        };
        if let Some(private) = private {
            let key = SigningKey::from_seeds(stored.number, stored.created, private.expose())?;
            self.keys.insert(tenant, Arc::new(key));
        }
        let key = self.keys.get(&tenant).cloned();
        let fits = |key: &Arc<SigningKey>| {
            key.number == stored.number && key.public == KnownKey::public_of(&stored)
        };
        let key = key.filter(fits).ok_or(SequencerFault::NoPrivateKey)?;
        Ok(Some(key))
    }

    /// Gives out heads: of trees that have grown and were not given out for five minutes, or (`all`) of all that have grown.
    ///
    /// # Errors
    /// If the store or the file cannot be written.
    pub async fn publish(&mut self, all: bool) -> Result<(), SequencerFault> {
        let tenants = self.tenants().await?;
        for (tenant, log) in tenants.into_iter().flat_map(both_logs) {
            self.publish_tree(tenant, log, all).await?;
        }
        Ok(())
    }

    async fn publish_tree(
        &mut self,
        tenant: TenantId,
        log: Log,
        all: bool,
    ) -> Result<(), SequencerFault> {
        let (node, now) = (self.node, self.clock.now());
        let newest = self.store.read(move |tx| {
            Box::pin(async move {
                let tree = evidence::tree(tx, tenant, log).await?;
                let newest = evidence::newest_checkpoint(tx, tenant, log).await?;
                let lease = leases::find(tx, LEASE).await?;
                let ours = lease.is_none_or(|lease| lease.is_open_to(node, now));
                Ok::<_, StoreError>((tree.filter(|_| ours), newest))
            })
        });
        let (tree, newest) = newest.await?;
        let given = newest.as_ref().map(|newest| (newest.size, newest.made));
        if let Some(tree) = tree.filter(|tree| is_due(tree, given, now, all)) {
            let (at, head) = (checkpoint::read(&tree.head)?.0, tree.head.clone());
            let made = at.at;
            self.store
                .write(move |tx| Box::pin(async move { evidence::publish(tx, &tree, made).await }))
                .await?;
            self.streams.give(at, head).await?;
        } else if let Some(newest) = newest {
            // Another node gave it out; this node's file is a witness of its own.
            let (at, _) = checkpoint::read(&newest.note)?;
            self.streams.give(at, newest.note).await?;
        }
        Ok(())
    }

    /// Hashes and numbers records of programs that knew no evidence.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub async fn adopt(&mut self) -> Result<(), SequencerFault> {
        let tenants = self.tenants().await?;
        for (tenant, log) in tenants.into_iter().flat_map(both_logs) {
            while self.adopt_portion(tenant, log).await? {}
        }
        Ok(())
    }

    /// True while there may be more.
    async fn adopt_portion(&self, tenant: TenantId, log: Log) -> Result<bool, SequencerFault> {
        let found = self.store.read(move |tx| {
            Box::pin(async move { evidence::unnumbered(tx, tenant, log, ADOPTED).await })
        });
        let found: Vec<_> = found.await?;
        if found.is_empty() {
            return Ok(false);
        }
        let more = found.len() == ADOPTED as usize;
        let salted: Vec<_> = found
            .into_iter()
            .map(|id| {
                (
                    id,
                    AuditSalts::new(self.random.bytes(), self.random.bytes()),
                )
            })
            .collect();
        let (node, now) = (self.node, self.clock.now());
        let until = now.plus(LEASE_LENGTH);
        let adopted = self.store.write(move |tx| {
            Box::pin(async move {
                if leases::take(tx, LEASE, node, now, until).await?.is_none() {
                    return Ok::<_, StoreError>(false);
                }
                for (id, salts) in salted {
                    match log {
                        Log::Audit => evidence::adopt_audit(tx, tenant, id, salts).await?,
                        Log::SignIns => {
                            let salt: Salt = salts.actor;
                            evidence::adopt_sign_in(tx, tenant, id, salt).await?;
                        }
                    }
                }
                Ok(true)
            })
        });
        Ok(adopted.await? && more)
    }

    pub(super) async fn tenants(&self) -> Result<Vec<TenantId>, StoreError> {
        let tenants = self
            .store
            .read(|tx| Box::pin(store::tenants::list(tx)))
            .await?;
        Ok(tenants.into_iter().map(|tenant| tenant.id).collect())
    }
}

fn pending(progress: Vec<Progress>) -> BTreeMap<(TenantId, Log), Vec<Shard>> {
    let mut trees: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for one in progress {
        if one.folded < one.shard.last {
            let tree = (one.shard.tenant, one.shard.log);
            trees.entry(tree).or_default().push(one.shard);
        }
    }
    trees
}

fn is_due(tree: &Tree, given: Option<(u64, Timestamp)>, now: Timestamp, all: bool) -> bool {
    let Some((size, made)) = given else {
        return tree.size > 0;
    };
    tree.size > size && (all || now >= made.plus(CHECKPOINT))
}

fn both_logs(tenant: TenantId) -> impl Iterator<Item = (TenantId, Log)> {
    Log::ALL.into_iter().map(move |log| (tenant, log))
}

fn report(result: Result<(), SequencerFault>, what: &str) {
    if let Err(fault) = result {
        tracing::error!(code = fault.code(), error = %fault, "{what}");
    }
}
