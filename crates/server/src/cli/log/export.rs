//! `keyward log export`: both logs for somebody who checks them with other means, or one person's records for that person.

use std::io::Write;
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use clap::Args;
use policy::model::{RecordId, TenantId, UserId};
use serde::Serialize;
use serde_json::{Value as Json, json};
use store::evidence::{self, Log, Range};
use store::{Store, StoreError, Tx};

use crate::config::Settings;
use crate::evidence::prove::{RecordJson, record_json};
use crate::evidence::tiles::{SEGMENT, SEGMENT_LEVELS, WIDTH};
use crate::logs::{audit_json, sign_in_json};
use crate::start;

/// Records and ranges read at once.
const PAGE: u32 = 512;

/// Flags of `log export`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Only what the logs say about this person: user principal name, or the id of an account that was deleted
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Domain or id of the tenant [default: the first one]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
}

/// One line of the export of a whole log.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum Line {
    /// The tree, before its records.
    #[serde(rename_all = "camelCase")]
    Tree {
        tenant: String,
        log: &'static str,
        size: u64,
        dropped: u64,
        checkpoint: String,
    },
    /// A hash that stands for 64 others which retention has dropped: an entry of level 2.
    Segment {
        log: &'static str,
        index: u64,
        hash: String,
    },
    /// A record at its leaf.
    Record {
        log: &'static str,
        index: u64,
        record: RecordJson,
    },
}

/// Prints one JSON value per line, or one value for a person.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = super::super::configuration(arguments.settings)?;
    let store = start::open_existing(&config).await?;
    let tenant = super::tenant(&store, arguments.tenant.as_deref()).await?;
    if let Some(name) = &arguments.user {
        let user = super::person(&store, tenant, name).await?;
        println!("{}", of_person(&store, tenant, user).await?);
    } else {
        of_tenant(&store, tenant, Box::new(std::io::stdout())).await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes both logs of a tenant, each with its tree first and then its records in the order of their leaves.
///
/// # Errors
/// If the store cannot be read or `out` not be written.
pub async fn of_tenant(
    store: &Store,
    tenant: TenantId,
    out: Box<dyn Write + Send>,
) -> anyhow::Result<()> {
    // Buffered, and one state of the database for all of it.
    let mut out = std::io::BufWriter::new(out);
    store
        .snapshot(move |tx| {
            Box::pin(async move {
                for log in Log::ALL {
                    write_log(tx, tenant, log, &mut out).await?;
                }
                out.flush()?;
                Ok(())
            })
        })
        .await
        .map_err(|fault: ExportFault| anyhow::Error::from(fault))
}

#[derive(Debug, thiserror::Error)]
enum ExportFault {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Write(#[from] std::io::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

async fn write_log(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    out: &mut (dyn Write + Send),
) -> Result<(), ExportFault> {
    let Some(tree) = evidence::tree(tx, tenant, log).await? else {
        return Ok(());
    };
    let name = log.as_str();
    let head = Line::Tree {
        tenant: tenant.to_string(),
        log: name,
        size: tree.size,
        dropped: tree.dropped,
        checkpoint: tree.head,
    };
    write_line(out, &head)?;
    for index in 0..tree.dropped / SEGMENT {
        let place = index / WIDTH as u64;
        let tile = evidence::tile(tx, tenant, log, SEGMENT_LEVELS, place).await?;
        let at = usize::try_from(index % WIDTH as u64).unwrap_or(usize::MAX);
        let hash = tile.and_then(|tile| tile.hashes.get(at).copied());
        let hash = hash.ok_or(StoreError::Damaged("segment"))?;
        let hash = BASE64.encode(hash);
        write_line(
            out,
            &Line::Segment {
                log: name,
                index,
                hash,
            },
        )?;
    }
    let mut at = tree.dropped;
    while at < tree.size {
        let ranges = evidence::ranges(tx, tenant, log, at, PAGE).await?;
        let before = at;
        for range in ranges.iter().filter(|range| range.end_position() > before) {
            at = write_range(tx, tenant, log, range, at, out).await?;
        }
        if at == before {
            return Err(StoreError::Damaged("ranges").into());
        }
    }
    Ok(())
}

/// Writes the records of a range from leaf `at` on; answers the leaf after the last.
async fn write_range(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    range: &Range,
    at: u64,
    out: &mut (dyn Write + Send),
) -> Result<u64, ExportFault> {
    let skipped = i64::try_from(at.saturating_sub(range.position)).unwrap_or(i64::MAX);
    let mut number = range.number.saturating_add(skipped);
    while number < range.end() {
        let page = number..range.end();
        let records = evidence::numbered(tx, tenant, log, range.shard, page, PAGE).await?;
        let Some(last) = records.last().and_then(|record| record.number) else {
            return Err(StoreError::Damaged("a record that is gone").into());
        };
        for record in &records {
            let of = record.number.map_or(range.number, |(_, number)| number);
            let line = Line::Record {
                log: log.as_str(),
                index: range.position + u64::try_from(of - range.number).unwrap_or(0),
                record: record_json(record),
            };
            write_line(out, &line)?;
        }
        number = last.1.saturating_add(1);
    }
    Ok(range.end_position())
}

fn write_line(out: &mut (dyn Write + Send), line: &Line) -> Result<(), ExportFault> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// What both logs say about a person, oldest first, in Entra's words.
///
/// # Errors
/// If the store cannot be read.
pub async fn of_person(store: &Store, tenant: TenantId, user: UserId) -> anyhow::Result<Json> {
    let (audit, sign_ins) = store
        .snapshot(move |tx| {
            Box::pin(async move {
                let mut audit = Vec::new();
                for id in ids(tx, tenant, Log::Audit, user).await? {
                    let record = store::audit::find(tx, tenant, id).await?;
                    audit.extend(record.as_ref().map(audit_json));
                }
                let mut sign_ins = Vec::new();
                for id in ids(tx, tenant, Log::SignIns, user).await? {
                    let record = store::sign_ins::find(tx, tenant, id).await?;
                    sign_ins.extend(record.as_ref().map(sign_in_json));
                }
                Ok((audit, sign_ins))
            })
        })
        .await
        .map_err(|error: StoreError| anyhow::Error::from(error))?;
    Ok(json!({"userId": user.to_string(), "directoryAudits": audit, "signIns": sign_ins}))
}

async fn ids(
    tx: &mut Tx,
    tenant: TenantId,
    log: Log,
    user: UserId,
) -> Result<Vec<RecordId>, StoreError> {
    let mut ids = Vec::new();
    let mut after = RecordId::from_bytes([0; 16]);
    loop {
        let page = evidence::records_of(tx, tenant, log, user, after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(ids);
        };
        after = *last;
        ids.extend(page);
    }
}
