//! `keyward mds update`: loads a FIDO metadata BLOB, verifies it, and keeps it if it is newer than the one at hand.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use ceremony::attestation::chain::{RevocationList, RevocationMode, Revocations};
use ceremony::metadata::{
    Blob, BlobRules, FIDO_SIGNER_HOST, Freshness, MAX_BLOB_BYTES, Signer, default_anchors,
    verify_blob,
};
use ceremony::{Anchor, UnixTime};
use clap::{Args, Subcommand};
use policy::model::{
    Actor, AuditRecord, AuditResult, AuditSalts, Category, CorrelationId, MetadataBlob, RecordId,
    Target, TenantId, Timestamp,
};
use serde::Serialize;
use store::metadata::Replaced;
use store::{Store, StoreError};
use url::Url;

use crate::clock::{Clock, Random};
use crate::config::Settings;
use crate::start;

const PUBLISHED: &str = "https://mds3.fidoalliance.org/";
const TIMEOUT: Duration = Duration::from_secs(60);

/// What `keyward mds` can do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Load the FIDO metadata, verify it and keep it if it is newer
    Update(Box<Arguments>),
}

/// Flags of `mds update`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// The BLOB (a compact JWS) [default: fetch it]
    file: Option<PathBuf>,
    /// Where to fetch it
    #[arg(long, env = "KEYWARD_MDS_URL", value_name = "URL", default_value = PUBLISHED)]
    url: Url,
    /// Root certificate (DER) to trust instead of the built-in ones; its signers may have any name
    #[arg(long, env = "KEYWARD_MDS_ANCHOR", value_name = "FILE")]
    anchor: Option<PathBuf>,
    /// Revocation lists (DER) for the signer's certificates
    #[arg(
        long,
        env = "KEYWARD_MDS_CRL",
        value_name = "FILE",
        value_delimiter = ','
    )]
    crl: Vec<PathBuf>,
    /// Print one JSON value instead of lines
    #[arg(long)]
    json: bool,
}

/// What became of a BLOB.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Updated {
    /// Its number.
    pub number: u64,
    /// False when the stored one has this number already.
    pub replaced: bool,
    /// Entries that were understood.
    pub entries: usize,
    /// Entries that were not.
    pub skipped: usize,
    /// When its publisher announces the next one.
    pub next_update: String,
    /// Days since then.
    pub days_overdue: u32,
}

/// Runs `keyward mds`.
pub async fn run(command: Command) -> anyhow::Result<()> {
    let Command::Update(arguments) = command;
    let json = arguments.json;
    let config = super::configuration(arguments.settings.clone())?;
    let (clock, random) = (Clock::System, Random::system());
    let store = start::open_store(&config, &random).await?;
    let text = match &arguments.file {
        Some(file) => read_text(file)?,
        None => fetch(&arguments.url).await?,
    };
    let trust = Trust::of(&arguments)?;
    let updated = update(&store, &clock, &random, text, &trust).await?;
    if json {
        println!("{}", serde_json::to_string(&updated)?);
    } else {
        println!("{}", updated.sentence());
    }
    Ok(())
}

impl Updated {
    fn sentence(&self) -> String {
        let verb = if self.replaced { "stored" } else { "kept" };
        let overdue = match self.days_overdue {
            0 => String::new(),
            days => format!(", overdue for {days} days"),
        };
        format!(
            "{verb} metadata no. {}: {} models, {} entries skipped, next update {}{overdue}",
            self.number, self.entries, self.skipped, self.next_update
        )
    }
}

/// Who may sign a BLOB here.
#[derive(Debug)]
pub struct Trust {
    anchors: Vec<Anchor>,
    signer: Signer<'static>,
    revocations: Revocations,
}

impl Trust {
    /// Whoever has a certificate under this one.
    #[must_use]
    pub fn under(anchor: Anchor) -> Self {
        Self {
            anchors: vec![anchor],
            signer: Signer::AnyUnderAnchors,
            revocations: Revocations::new(RevocationMode::RefuseKnown),
        }
    }

    fn of(arguments: &Arguments) -> anyhow::Result<Self> {
        let mut revocations = Revocations::new(RevocationMode::RefuseKnown);
        for file in &arguments.crl {
            let list = RevocationList::from_der(&read(file)?)
                .with_context(|| file.display().to_string())?;
            revocations = revocations.with_list(list);
        }
        let (anchors, signer) = match &arguments.anchor {
            None => (default_anchors(), Signer::Host(FIDO_SIGNER_HOST)),
            Some(file) => {
                let anchor =
                    Anchor::from_der(&read(file)?).with_context(|| file.display().to_string())?;
                (vec![anchor], Signer::AnyUnderAnchors)
            }
        };
        Ok(Self {
            anchors,
            signer,
            revocations,
        })
    }
}

/// Verifies `text` against the stored BLOB and stores it with an audit record for every tenant.
///
/// # Errors
/// If the BLOB is refused, or the store is not there.
pub async fn update(
    store: &Store,
    clock: &Clock,
    random: &Random,
    text: String,
    trust: &Trust,
) -> anyhow::Result<Updated> {
    let stored = store.read(|tx| Box::pin(store::metadata::find(tx))).await?;
    let cached_no = stored.and_then(|blob| u64::try_from(blob.number).ok());
    let rules = BlobRules {
        at: clock.unix(),
        signer: trust.signer,
        cached_no,
        revocations: Some(&trust.revocations),
    };
    let blob = verify_blob(&text, &trust.anchors, &rules)?;
    for entry in blob.skipped() {
        tracing::warn!(index = entry.index, reason = %entry.reason, "a metadata entry was skipped");
    }
    let now = clock.now();
    let replaced = write(store, &blob, now, random, text).await?;
    Ok(Updated {
        number: blob.no(),
        replaced,
        entries: blob.catalogue().entries().len(),
        skipped: blob.skipped().len(),
        next_update: blob.next_update().to_string(),
        days_overdue: overdue(&blob, clock.unix()),
    })
}

fn overdue(blob: &Blob, at: UnixTime) -> u32 {
    match blob.freshness(at) {
        Freshness::Fresh => 0,
        Freshness::Stale { days } => days,
    }
}

/// True if the BLOB was written; false if the stored one is as new.
async fn write(
    store: &Store,
    blob: &Blob,
    now: Timestamp,
    random: &Random,
    text: String,
) -> anyhow::Result<bool> {
    let row = MetadataBlob {
        number: i64::try_from(blob.no()).context("the BLOB's number is too large")?,
        next_update: Timestamp::from_seconds(blob.next_update().start().seconds()),
        fetched: now,
        jwt: text.into_bytes(),
    };
    let tenants = store.read(|tx| Box::pin(store::tenants::list(tx))).await?;
    let correlation = CorrelationId::new(now, random.bytes());
    let records: Vec<AuditRecord> = tenants
        .iter()
        .map(|tenant| record(tenant.id, blob, now, random, correlation))
        .collect();
    let replaced = store.write(move |tx| {
        Box::pin(async move {
            let replaced = store::metadata::replace(tx, &row).await?;
            if replaced == Replaced::Done {
                for record in &records {
                    store::audit::record(tx, record).await?;
                }
            }
            Ok(replaced)
        })
    });
    let replaced = replaced
        .await
        .map_err(|error: StoreError| anyhow::Error::from(error))?;
    Ok(replaced == Replaced::Done)
}

fn record(
    tenant: TenantId,
    blob: &Blob,
    now: Timestamp,
    random: &Random,
    correlation: CorrelationId,
) -> AuditRecord {
    AuditRecord {
        tenant,
        id: RecordId::new(now, random.bytes()),
        at: now,
        activity: "Update FIDO metadata".to_owned(),
        category: Category::Policy,
        service: "Authentication Methods".to_owned(),
        result: AuditResult::Success,
        reason: String::new(),
        initiated_by: Actor::Service {
            name: "mds update".to_owned(),
        },
        targets: vec![Target {
            id: blob.no().to_string(),
            kind: "FidoMetadata".to_owned(),
            display_name: Some(format!("FIDO metadata no. {}", blob.no())),
            user_principal_name: None,
            modified_properties: Vec::new(),
        }],
        details: vec![
            (
                "entries".to_owned(),
                blob.catalogue().entries().len().to_string(),
            ),
            ("skipped".to_owned(), blob.skipped().len().to_string()),
            ("nextUpdate".to_owned(), blob.next_update().to_string()),
        ],
        user: None,
        credential_id: None,
        aaguid: None,
        passkey_type: None,
        correlation,
        salts: Some(AuditSalts::new(random.bytes(), random.bytes())),
    }
}

fn read_text(file: &Path) -> anyhow::Result<String> {
    let size = std::fs::metadata(file)
        .with_context(|| file.display().to_string())?
        .len();
    if size > MAX_BLOB_BYTES as u64 {
        bail!("{} is too large for a metadata BLOB", file.display());
    }
    String::from_utf8(read(file)?).with_context(|| file.display().to_string())
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| file.display().to_string())
}

/// Reads at most [`MAX_BLOB_BYTES`], whatever length the answer announces.
async fn fetch(url: &Url) -> anyhow::Result<String> {
    let client = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::limited(3))
        .build()?;
    let mut response = client.get(url.clone()).send().await?.error_for_status()?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_BLOB_BYTES {
            bail!("the answer of {url} is too large for a metadata BLOB");
        }
        body.extend_from_slice(&chunk);
    }
    String::from_utf8(body).with_context(|| format!("the answer of {url} is no text"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

    use std::path::PathBuf;

    use ceremony::Anchor;
    use ceremony::attestation::chain::{RevocationMode, Revocations};
    use ceremony::metadata::{BlobRefusal, FIDO_SIGNER_HOST, Signer, default_anchors};
    use policy::model::Timestamp;
    use store::{DatabaseUrl, Kek, Store};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::{MAX_BLOB_BYTES, Trust, fetch, read_text, update};
    use crate::clock::{Clock, Random};

    /// 2021-04-20, within the validity of the specification's own example.
    const THEN: i64 = 1_618_876_800;

    fn vector(name: &str) -> PathBuf {
        let folder =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../ceremony/tests/vectors/mds");
        folder.join(name)
    }

    fn example_trust() -> Trust {
        let root = std::fs::read(vector("mds3-spec-example-root.der")).unwrap();
        Trust::under(Anchor::from_der(&root).unwrap())
    }

    /// A store in a folder that goes away with it.
    struct Throwaway {
        store: Store,
        folder: PathBuf,
    }

    impl Throwaway {
        async fn open(name: &str) -> Self {
            let folder =
                std::env::temp_dir().join(format!("keyward-mds-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            let url: DatabaseUrl = format!("sqlite:{}", folder.join("test.db").display())
                .parse()
                .unwrap();
            let store = Store::open(&url, Kek::from_bytes([7; 32]).unwrap())
                .await
                .unwrap();
            Self { store, folder }
        }
    }

    impl Drop for Throwaway {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }

    #[tokio::test]
    async fn a_verified_blob_is_stored_once_and_read_back() {
        let (held, random) = (Throwaway::open("once").await, Random::system());
        let store = &held.store;
        let (clock, _) = Clock::fake(Timestamp::from_seconds(THEN).as_micros());
        let text = read_text(&vector("mds3-spec-example-no15.jwt")).unwrap();
        let first = update(store, &clock, &random, text.clone(), &example_trust())
            .await
            .unwrap();
        assert_eq!((first.number, first.replaced, first.entries), (15, true, 2));
        assert!(first.days_overdue > 300);
        assert!(
            first
                .sentence()
                .starts_with("stored metadata no. 15: 2 models, 0 entries skipped")
        );
        let again = update(store, &clock, &random, text.clone(), &example_trust())
            .await
            .unwrap();
        assert!(!again.replaced);
        let stored = store
            .read(|tx| Box::pin(store::metadata::find(tx)))
            .await
            .unwrap()
            .unwrap();
        assert_eq!((stored.number, stored.jwt), (15, text.into_bytes()));
    }

    #[tokio::test]
    async fn an_older_blob_is_refused_and_the_newer_one_stays() {
        let (held, random) = (Throwaway::open("older").await, Random::system());
        let store = &held.store;
        let (clock, _) = Clock::fake(Timestamp::from_seconds(1_695_686_400).as_micros());
        let trust = Trust {
            anchors: default_anchors(),
            signer: Signer::Host(FIDO_SIGNER_HOST),
            revocations: Revocations::new(RevocationMode::RefuseKnown),
        };
        let newer = read_text(&vector("fido-mds3-no31-2023-09.jwt")).unwrap();
        update(store, &clock, &random, newer, &trust).await.unwrap();
        let older = read_text(&vector("mds3-spec-example-no15.jwt")).unwrap();
        let refusal = update(store, &clock, &random, older, &example_trust())
            .await
            .unwrap_err();
        assert_eq!(
            refusal.downcast_ref::<BlobRefusal>(),
            Some(&BlobRefusal::Rollback)
        );
        let stored = store
            .read(|tx| Box::pin(store::metadata::find(tx)))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(stored.number, 31);
    }

    #[tokio::test]
    async fn an_endless_answer_is_cut_off() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap())
            .parse()
            .unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
                .await
                .unwrap();
            let block = vec![b'A'; 1 << 20];
            let mut sent = 0;
            while stream.write_all(&block).await.is_ok() {
                sent += block.len();
            }
            sent
        });
        let refused = fetch(&url).await.unwrap_err();
        assert!(refused.to_string().contains("too large"), "{refused}");
        assert!(server.await.unwrap() < 4 * MAX_BLOB_BYTES);
    }
}
