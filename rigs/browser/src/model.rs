//! Authenticator models with makers of this run's own, and the metadata that would tell of them.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use keyward::cli::tour::{Attestation, AttestationAuthority, Kind, SoftwareAuthenticator};
use serde_json::{Value, json};
use tokio::process::Command;
use uuid::Uuid;

use crate::folder::built;

/// A model of device-bound authenticators whose maker vouches for them with a certificate chain.
#[derive(Debug, Clone)]
pub struct Model {
    aaguid: Uuid,
    name: String,
    authority: Arc<AttestationAuthority>,
}

impl Model {
    /// A model with a fresh chain above it.
    ///
    /// # Errors
    /// When its certificates cannot be made.
    pub fn new(name: &str, aaguid: Uuid) -> Result<Self> {
        Ok(Self {
            aaguid,
            name: name.to_owned(),
            authority: AttestationAuthority::new(aaguid.into_bytes())?,
        })
    }

    /// Its AAGUID.
    #[must_use]
    pub const fn aaguid(&self) -> Uuid {
        self.aaguid
    }

    /// A new authenticator of this model.
    #[must_use]
    pub fn authenticator(&self) -> SoftwareAuthenticator {
        let certified = Attestation::Certified(Arc::clone(&self.authority));
        let kind = Kind::device_bound().of_model(self.aaguid.into_bytes());
        SoftwareAuthenticator::new(kind.with_attestation(certified))
    }

    fn entry(&self) -> Value {
        json!({
            "aaguid": self.aaguid.to_string(),
            "statusReports": [{"status": "FIDO_CERTIFIED_L1", "effectiveDate": "2020-01-01"}],
            "metadataStatement": {
                "description": self.name,
                "attestationTypes": ["basic_full"],
                "attestationRootCertificates": [STANDARD.encode(self.authority.root())],
            },
        })
    }
}

/// Keeps metadata about these models in a data folder that holds nothing yet.
///
/// `keyward mds update` accepts only what FIDO has signed, so this is the one place where a test writes what a command would have
/// written. Everything after the acceptance is real: reading, catalogue, anchors, certificate paths.
pub(crate) async fn publish(data: &Path, models: &[&Model]) -> Result<()> {
    // Makes an empty store on its way to the refusal.
    Command::new(built("keyward")?)
        .args(["mds", "update", "/dev/null", "--data"])
        .arg(data)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .await
        .context("cannot run keyward mds update")?;
    let entries: Vec<Value> = models.iter().map(|model| model.entry()).collect();
    let payload = json!({"no": 1, "nextUpdate": "2099-01-01", "entries": entries}).to_string();
    let kept = format!("e30.{}.e30", URL_SAFE_NO_PAD.encode(payload));
    let database = rusqlite::Connection::open(data.join("keyward.db"))?;
    // 2099-01-01 and 2020-01-01, in microseconds.
    database.execute(
        "INSERT INTO metadata_blob (only_row, number, next_update, fetched, jwt)
         VALUES (1, 1, 4070908800000000, 1577836800000000, ?1)",
        [kept.into_bytes()],
    )?;
    Ok(())
}
