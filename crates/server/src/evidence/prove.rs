//! Proofs about single records, and records as somebody else can hash them: what leaves the house as JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use policy::model::{RecordId, TenantId};
use serde::Serialize;
use serde_json::Value as Json;
use store::evidence::{self, Column, Hidden, Log, Part, StoredRecord, Value};
use store::{Store, StoreError, Tx};

use super::checkpoint;
use super::merkle::{self, Hash};
use super::tiles::{self, Tiles};

/// A record, every value that is hashed, and how.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordJson {
    /// Its id.
    pub id: String,
    /// In front of the open columns.
    pub label: &'static str,
    /// Columns that are hashed as they are.
    pub open: Vec<(&'static str, Json)>,
    /// Parts that are hashed as commitments.
    pub parts: Vec<PartJson>,
    /// The leaf hash, base64.
    pub leaf: String,
}

/// A part of a record that can be erased.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PartJson {
    /// In front of its columns.
    pub label: &'static str,
    /// The salt of the commitment, base64, while the values are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
    /// The commitment itself, base64, after an erasure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commitment: Option<String>,
    /// Its columns.
    pub columns: Vec<(&'static str, Json)>,
}

/// That a record is in the tree of a checkpoint.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    /// Whose.
    pub tenant: String,
    /// Which log.
    pub log: &'static str,
    /// The record.
    pub record: RecordJson,
    /// Which leaf it is.
    pub index: u64,
    /// How many leaves the tree has.
    pub size: u64,
    /// The hashes of RFC 9162 section 2.1.3, base64, the lowest first.
    pub inclusion: Vec<String>,
    /// The signed head of the tree.
    pub checkpoint: String,
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProveRefusal {
    /// No log has such a record.
    #[error("there is no record with this id")]
    NoSuchRecord,
    /// It was written in the last second, or nobody reads records in.
    #[error("the record is not in the tree yet; start the server, or wait a second")]
    NotInTree,
    /// What the proof needs is not there.
    #[error("the tree is damaged; keyward log verify says where")]
    Damaged,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ProveRefusal {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSuchRecord => "record_unknown",
            Self::NotInTree => "record_not_in_tree",
            Self::Damaged => "tree_damaged",
            Self::Store(error) => error.code(),
        }
    }
}

/// Proves that a record of any log is in its tree.
///
/// # Errors
/// Why not.
pub async fn prove(store: &Store, id: RecordId) -> Result<Proof, ProveRefusal> {
    store
        .snapshot(move |tx| {
            Box::pin(async move {
                for tenant in evidence::tenants(tx).await? {
                    for log in Log::ALL {
                        if let Some(record) = evidence::find(tx, tenant, log, id).await? {
                            return of_record(tx, tenant, &record).await;
                        }
                    }
                }
                Err(ProveRefusal::NoSuchRecord)
            })
        })
        .await
}

/// Proves that a record of this log of this tenant is in its tree.
///
/// # Errors
/// Why not.
pub async fn prove_in(
    store: &Store,
    tenant: TenantId,
    log: Log,
    id: RecordId,
) -> Result<Proof, ProveRefusal> {
    store
        .snapshot(move |tx| {
            Box::pin(async move {
                let record = evidence::find(tx, tenant, log, id).await?;
                let record = record.ok_or(ProveRefusal::NoSuchRecord)?;
                of_record(tx, tenant, &record).await
            })
        })
        .await
}

async fn of_record(
    tx: &mut Tx,
    tenant: TenantId,
    record: &StoredRecord,
) -> Result<Proof, ProveRefusal> {
    let log = record.log;
    let (shard, number) = record.number.ok_or(ProveRefusal::NotInTree)?;
    let range = evidence::range_of(tx, tenant, log, shard, number).await?;
    let range = range.ok_or(ProveRefusal::NotInTree)?;
    let index = range.position + u64::try_from(number - range.number).unwrap_or(0);
    let tree = evidence::tree(tx, tenant, log).await?;
    let tree = tree.ok_or(ProveRefusal::Damaged)?;
    let spans = merkle::inclusion(index, tree.size).ok_or(ProveRefusal::Damaged)?;
    let mut found = Tiles::new();
    for place in spans.iter().copied().flat_map(tiles::places) {
        let tile = evidence::tile(tx, tenant, log, place.level, place.index).await?;
        found.extend(tile.map(|tile| (place, tile.hashes)));
    }
    let inclusion = spans
        .into_iter()
        .map(|span| tiles::hash(&found, span).map_err(|_| ProveRefusal::Damaged))
        .collect::<Result<Vec<Hash>, _>>()?;
    let (head, _) = checkpoint::read(&tree.head).map_err(|_| ProveRefusal::Damaged)?;
    // Nothing leaves the house that does not hold.
    let leaf = record.computed_leaf();
    merkle::verify_inclusion(&leaf, index, tree.size, &inclusion, &head.root)
        .map_err(|_| ProveRefusal::Damaged)?;
    Ok(Proof {
        tenant: tenant.to_string(),
        log: log.as_str(),
        record: record_json(record),
        index,
        size: tree.size,
        inclusion: inclusion.iter().map(|hash| BASE64.encode(hash)).collect(),
        checkpoint: tree.head,
    })
}

/// A record with everything that is hashed.
pub fn record_json(record: &StoredRecord) -> RecordJson {
    RecordJson {
        id: record.id.to_string(),
        label: record.label(),
        open: columns(&record.open),
        parts: record.parts.iter().map(part_json).collect(),
        leaf: BASE64.encode(record.computed_leaf()),
    }
}

fn part_json(part: &Part) -> PartJson {
    let (salt, commitment) = match part.hidden {
        Hidden::Salted(salt) => (Some(BASE64.encode(salt.as_bytes())), None),
        Hidden::Erased(commitment) => (None, Some(BASE64.encode(commitment))),
        Hidden::Damaged => (None, None),
    };
    PartJson {
        label: part.label(),
        salt,
        commitment,
        columns: columns(&part.columns),
    }
}

/// Numbers as numbers, texts as texts, bytes as `{"base64": …}`, nothing as null.
fn columns(columns: &[Column]) -> Vec<(&'static str, Json)> {
    columns
        .iter()
        .map(|column| {
            let value = match &column.value {
                Value::Null => Json::Null,
                Value::Int(number) => Json::from(*number),
                Value::Text(text) => Json::from(text.as_str()),
                Value::Blob(bytes) => serde_json::json!({"base64": BASE64.encode(bytes)}),
            };
            (column.name, value)
        })
        .collect()
}
