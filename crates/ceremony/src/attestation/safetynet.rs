//! `android-safetynet` (L3 section 8.5), deprecated: the service is gone, so no new passkey can honestly bring one.

use super::chain::{Certificate, Scheme};
use super::statement::{self, Statement};
use super::{AttestationType, Attested, Safetynet, TrustRequirement, Verdict};
use crate::identifiers::sha256;
use crate::{Refusal, base64url};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// The host of the attestation service.
const HOST: &str = "attest.android.com";
/// The response may be this much older than the ceremony, in milliseconds.
const MAX_AGE_MS: i64 = 24 * 60 * 60 * 1000;
/// Clocks may differ by this much, in milliseconds.
const MAX_AHEAD_MS: i64 = 60 * 1000;

pub(super) fn verify(
    statement: Statement<'_>,
    attested: &Attested<'_>,
) -> Result<Verdict, Refusal> {
    if attested.policy.safetynet == Safetynet::Refuse {
        return Err(Refusal::SafetynetNotAllowed);
    }
    if statement.text(statement::VER)?.is_empty() {
        return Err(Refusal::AttstmtMalformed);
    }
    let response = statement.bytes_or_text(statement::RESPONSE)?;
    let jws = Jws::read(response).ok_or(Refusal::SafetynetMalformed)?;
    if jws.payload.nonce != STANDARD.encode(sha256(&attested.signed())) {
        return Err(Refusal::SafetynetNonceMismatch);
    }
    let leaf = statement::leaf(&jws.x5c)?;
    if !leaf.is_for_host(HOST) {
        return Err(Refusal::SafetynetHostnameOrChain);
    }
    jws.verify_signature(&leaf, attested)?;
    // Level 3 leaves the meaning of the payload to the service. A device that failed its profile is no reason to disbelieve the
    // signature, but it is one not to trust the authenticator.
    if attested.policy.trust == TrustRequirement::Require && !jws.payload.cts_profile_match {
        return Err(Refusal::SafetynetCtsFalse);
    }
    verify_time(jws.payload.timestamp_ms, attested)?;
    Ok(Verdict {
        kind: AttestationType::Certified,
        x5c: jws.x5c,
    })
}

fn verify_time(timestamp_ms: i64, attested: &Attested<'_>) -> Result<(), Refusal> {
    let age = attested
        .now
        .seconds()
        .saturating_mul(1000)
        .saturating_sub(timestamp_ms);
    if !(-MAX_AHEAD_MS..=MAX_AGE_MS).contains(&age) {
        return Err(Refusal::SafetynetTimestamp);
    }
    Ok(())
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    x5c: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    nonce: String,
    #[serde(default)]
    cts_profile_match: bool,
    timestamp_ms: i64,
}

/// The compact JWS in `response`.
struct Jws<'a> {
    alg: String,
    x5c: Vec<Vec<u8>>,
    payload: Payload,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    fn read(response: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(response).ok()?;
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let header: Header = serde_json::from_slice(&base64url::decode(header)?).ok()?;
        let x5c: Option<Vec<_>> = header
            .x5c
            .iter()
            .map(|certificate| base64url::decode(certificate))
            .collect();
        Some(Self {
            alg: header.alg,
            x5c: x5c?,
            payload: serde_json::from_slice(&base64url::decode(payload)?).ok()?,
            signed,
            signature: base64url::decode(signature)?,
        })
    }

    /// The service signed with RS256. Nothing else, and never what the header wishes for.
    fn verify_signature(
        &self,
        leaf: &Certificate<'_>,
        attested: &Attested<'_>,
    ) -> Result<(), Refusal> {
        if self.alg != "RS256" {
            return Err(Refusal::AttstmtUnsupportedAlg);
        }
        leaf.verify(
            Scheme::RsaPkcs1Sha256,
            statement::legacy(attested),
            self.signed.as_bytes(),
            &self.signature,
        )
        .map_err(|_| Refusal::BadAttestationSignature)
    }
}
