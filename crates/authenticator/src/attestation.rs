//! Attestation statements that an authenticator makes from the evidence of its key store: `none`, `packed`, `tpm` and
//! `android-key` (WebAuthn Level 3, sections 8.2, 8.3, 8.4 and 8.7).

use crate::cbor::{Map, Value};
use crate::env::{
    AttestationStyle, CreatedKey, Env, EnvError, Evidence, EvidenceRequest, TpmEvidence,
};

/// A format identifier with its statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// `none`, `packed`, `tpm` or `android-key`.
    pub format: &'static str,
    /// The format's map.
    pub statement: Map,
}

/// The formats of `style`, best first, as getInfo lists them.
pub(crate) fn formats(style: AttestationStyle) -> &'static [&'static str] {
    match style {
        AttestationStyle::None => &["none"],
        AttestationStyle::SelfSigned | AttestationStyle::Certified => &["packed", "none"],
        AttestationStyle::Tpm => &["tpm", "none"],
        AttestationStyle::AndroidKey => &["android-key", "none"],
    }
}

/// Whether the platform's order of preference leaves room for more than `none` (CTAP 2.2, attestationFormatsPreference).
///
/// A list in which `none` stands before every other format that we have asks for none.
pub(crate) fn wanted_style(style: AttestationStyle, preference: &[String]) -> AttestationStyle {
    let first_known = preference
        .iter()
        .find(|format| formats(style).contains(&format.as_str()));
    match first_known {
        Some(format) if format == "none" => AttestationStyle::None,
        _ => style,
    }
}

/// A statement over `request.attested`, in the format that the store's evidence fits.
pub(crate) fn attest(
    env: &mut impl Env,
    style: AttestationStyle,
    request: &EvidenceRequest<'_>,
) -> Result<Statement, EnvError> {
    if style == AttestationStyle::None {
        return Ok(none());
    }
    let (key, approval) = (request.key, request.approval);
    match env.evidence(request)? {
        Evidence::None => Ok(none()),
        Evidence::SelfSigned => {
            let signature = env.sign(&key.handle, &approval, request.attested)?;
            Ok(packed(key.public.algorithm().cose(), signature, None))
        }
        Evidence::Certified(certified) => Ok(packed(
            certified.algorithm.cose(),
            certified.signature,
            Some(certified.x5c),
        )),
        Evidence::Tpm(evidence) => Ok(tpm(evidence)),
        Evidence::AndroidKey { x5c } => {
            let signature = env.sign(&key.handle, &approval, request.attested)?;
            Ok(android_key(key, signature, x5c))
        }
    }
}

fn none() -> Statement {
    Statement {
        format: "none",
        statement: Map::new(),
    }
}

fn packed(alg: i64, signature: Vec<u8>, x5c: Option<Vec<Vec<u8>>>) -> Statement {
    let mut statement = Map::from([("alg".into(), alg.into()), ("sig".into(), signature.into())]);
    if let Some(x5c) = x5c {
        statement.insert("x5c".into(), chain(x5c));
    }
    Statement {
        format: "packed",
        statement,
    }
}

fn tpm(evidence: TpmEvidence) -> Statement {
    Statement {
        format: "tpm",
        statement: Map::from([
            ("ver".into(), "2.0".into()),
            ("alg".into(), evidence.algorithm.cose().into()),
            ("x5c".into(), chain(evidence.x5c)),
            ("sig".into(), evidence.signature.into()),
            ("certInfo".into(), evidence.cert_info.into()),
            ("pubArea".into(), evidence.pub_area.into()),
        ]),
    }
}

fn android_key(key: &CreatedKey, signature: Vec<u8>, x5c: Vec<Vec<u8>>) -> Statement {
    Statement {
        format: "android-key",
        statement: Map::from([
            ("alg".into(), key.public.algorithm().cose().into()),
            ("sig".into(), signature.into()),
            ("x5c".into(), chain(x5c)),
        ]),
    }
}

fn chain(x5c: Vec<Vec<u8>>) -> Value {
    Value::Array(x5c.into_iter().map(Value::from).collect())
}
