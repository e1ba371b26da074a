//! Recomputes everything: what `keyward log verify` does.
//!
//! Keys first (their chain, and that the newest is really ours), then each tree: its head, its tiles from the leaves to the
//! root, every record against its leaf, every number, every erasure; then every checkpoint, stored and saved. Nothing is
//! written. It may run beside a server: what is added meanwhile counts as not yet in the tree.

mod checkpoints;
mod finding;
mod records;
mod tree;

pub use checkpoints::{NothingSaved, Said, Saved, read_saved};
pub use finding::{Finding, Findings, TreeName};

use std::collections::BTreeSet;

use policy::model::{RecordId, TenantId, UserId};
use store::evidence::{self, Log, StoredKey};
use store::{Store, StoreError, Tx};

use super::checkpoint::Checkpoint;
use super::keys::{self, KnownKey, SigningKey};

/// What was looked at, and what was found.
#[derive(Debug, Default)]
pub struct Report {
    /// What is wrong.
    pub findings: Findings,
    /// Each log that was verified.
    pub logs: Vec<LogReport>,
    /// How many checkpoints from outside the database were compared.
    pub saved: u64,
}

/// What was looked at in one log.
#[derive(Clone, Debug)]
pub struct LogReport {
    /// Which.
    pub tree: TreeName,
    /// Its head, if there is one that can be read.
    pub head: Option<Checkpoint>,
    /// Records that were compared with their leaves.
    pub records: u64,
    /// Of these, how many have an erased part.
    pub erased: u64,
    /// Records that are numbered and not in the tree yet.
    pub unsequenced: u64,
    /// Records that a program without evidence wrote and nobody has numbered yet.
    pub unnumbered: u64,
    /// Records of dropped segments that housekeeping has not removed yet.
    pub leftover: u64,
    /// Stored checkpoints that were compared.
    pub checkpoints: u64,
    /// Checkpoints of a size that retention has dropped the leaves of: their signatures hold, their roots cannot be
    /// recomputed.
    pub unprovable: u64,
}

impl LogReport {
    const fn new(tree: TreeName) -> Self {
        Self {
            tree,
            head: None,
            records: 0,
            erased: 0,
            unsequenced: 0,
            unnumbered: 0,
            leftover: 0,
            checkpoints: 0,
            unprovable: 0,
        }
    }
}

/// Verifies the whole evidence of a database, and compares it with checkpoints that were kept elsewhere.
///
/// # Errors
/// If the database cannot be reached. Damage is a finding, not an error.
pub async fn verify(store: &Store, saved: Vec<Saved>) -> Result<Report, StoreError> {
    // One state for everything: a server may go on writing meanwhile.
    store
        .snapshot(move |tx| Box::pin(async move { Audit::new(tx).all(&saved).await }))
        .await
}

/// The work, and what it has found so far.
struct Audit<'t> {
    tx: &'t mut Tx,
    findings: Findings,
    erasures: Erasures,
}

/// Who was erased where, and whose erasure the audit log knows of.
#[derive(Default)]
struct Erasures {
    found: Vec<(TreeName, RecordId, Option<UserId>)>,
    audited: BTreeSet<UserId>,
    /// False when the beginning of the audit log was dropped: the record of an erasure may have gone with it.
    complete: bool,
}

impl<'t> Audit<'t> {
    fn new(tx: &'t mut Tx) -> Self {
        Self {
            tx,
            findings: Findings::default(),
            erasures: Erasures::default(),
        }
    }

    async fn all(mut self, saved: &[Saved]) -> Result<Report, StoreError> {
        for problem in evidence::integrity(self.tx).await? {
            self.findings.add(Finding::DatabaseDamaged(problem));
        }
        if evidence::count_of_no_log(self.tx).await? > 0 {
            let what = "the name of a log".to_owned();
            let place = "evidence".to_owned();
            self.findings.add(Finding::Unreadable { place, what });
        }
        let mut trees = Vec::new();
        for tenant in evidence::tenants(self.tx).await? {
            let keys = self.keys(tenant).await?;
            for log in Log::ALL {
                let report = self.tree(TreeName { tenant, log }, &keys).await?;
                trees.push((report, keys.clone()));
            }
            self.explain_erasures();
        }
        let mut known = 0;
        for saved in saved {
            known += u64::from(self.saved(saved, &mut trees).await?);
        }
        Ok(Report {
            findings: self.findings,
            logs: trees.into_iter().map(|(report, _)| report).collect(),
            saved: known,
        })
    }

    /// What was read; damage is a finding, and then there is nothing.
    fn found<T>(
        &mut self,
        result: Result<T, StoreError>,
        place: impl FnOnce() -> String,
    ) -> Result<Option<T>, StoreError> {
        match result {
            Ok(found) => Ok(Some(found)),
            Err(StoreError::Damaged(what)) => {
                let (place, what) = (place(), what.to_owned());
                self.findings.add(Finding::Unreadable { place, what });
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The keys that the chain leads to, as far as it holds.
    async fn keys(&mut self, tenant: TenantId) -> Result<Vec<KnownKey>, StoreError> {
        let stored = evidence::keys(self.tx, tenant).await;
        let stored = self.found(stored, || format!("keys of {tenant}"))?;
        let stored = stored.unwrap_or_default();
        let known = match keys::chain(&stored) {
            Ok(known) => known,
            Err((number, refusal)) => {
                self.findings.add(Finding::KeyChain {
                    tenant,
                    number,
                    refusal,
                });
                let sound = usize::try_from(number - 1).unwrap_or(0);
                keys::chain(stored.get(..sound).unwrap_or_default()).unwrap_or_default()
            }
        };
        for (at, key) in stored.iter().enumerate() {
            let newest = at + 1 == stored.len();
            if !self.private_half_is_right(key, newest).await? {
                self.findings.add(Finding::KeyPrivate {
                    tenant,
                    number: key.number,
                });
            }
        }
        Ok(known)
    }

    /// Only who has the key file can wrap a private key, so nobody else can put a key of their own at the end of the chain.
    async fn private_half_is_right(
        &mut self,
        key: &StoredKey,
        newest: bool,
    ) -> Result<bool, StoreError> {
        let private = evidence::private_key(self.tx, key.tenant, key.number).await;
        Ok(match private {
            Ok(Some(private)) if newest => {
                SigningKey::from_seeds(key.number, key.created, private.expose())
                    .is_ok_and(|own| own.public == KnownKey::public_of(key))
            }
            Ok(private) => private.is_none() && !newest,
            Err(StoreError::Damaged(_)) => false,
            Err(error) => return Err(error),
        })
    }

    /// Every erasure of the tenant has its audit record.
    fn explain_erasures(&mut self) {
        let erasures = std::mem::take(&mut self.erasures);
        if !erasures.complete {
            return;
        }
        for (tree, record, user) in erasures.found {
            if user.is_none_or(|user| !erasures.audited.contains(&user)) {
                self.findings
                    .add(Finding::ErasureUnexplained { tree, record, user });
            }
        }
    }
}
