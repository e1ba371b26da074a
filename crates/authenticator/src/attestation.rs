//! Attestation statements that an authenticator makes: `none` and `packed` (WebAuthn Level 3, sections 8.2 and 8.7).

use crate::cbor::{Map, Value};
use crate::env::{Approval, AttestationStyle, CreatedKey, Env, EnvError};

/// A format identifier with its statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// `none` or `packed`.
    pub format: &'static str,
    /// The format's map.
    pub statement: Map,
}

/// The formats of `style`, best first, as getInfo lists them.
pub(crate) fn formats(style: AttestationStyle) -> &'static [&'static str] {
    match style {
        AttestationStyle::None => &["none"],
        AttestationStyle::SelfSigned | AttestationStyle::Certified => &["packed", "none"],
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

/// Attests `auth_data` ‖ `client_data_hash`.
pub(crate) fn attest(
    env: &mut impl Env,
    style: AttestationStyle,
    key: &CreatedKey,
    approval: Approval,
    signed: &[u8],
) -> Result<Statement, EnvError> {
    match style {
        AttestationStyle::None => Ok(Statement {
            format: "none",
            statement: Map::new(),
        }),
        AttestationStyle::SelfSigned => {
            let signature = env.sign(&key.handle, &approval, signed)?;
            Ok(packed(key.public.algorithm().cose(), signature, None))
        }
        AttestationStyle::Certified => {
            let certified = env.attest(signed)?;
            Ok(packed(
                certified.algorithm.cose(),
                certified.signature,
                Some(certified.x5c),
            ))
        }
    }
}

fn packed(alg: i64, signature: Vec<u8>, x5c: Option<Vec<Vec<u8>>>) -> Statement {
    let mut statement = Map::from([("alg".into(), alg.into()), ("sig".into(), signature.into())]);
    if let Some(chain) = x5c {
        let chain: Vec<Value> = chain.into_iter().map(Value::from).collect();
        statement.insert("x5c".into(), chain.into());
    }
    Statement {
        format: "packed",
        statement,
    }
}
