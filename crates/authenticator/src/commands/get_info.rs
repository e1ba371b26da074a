//! authenticatorGetInfo (CTAP 2.2, section 6.4).

use crate::attestation;
use crate::cbor::{Map, Value};
use crate::env::{Profile, UserVerification};

/// Longest request in bytes, command byte included: what CTAPHID can carry.
pub const MAX_MESSAGE: usize = 7609;
/// Most entries of an allow or exclude list.
pub(crate) const MAX_CREDENTIALS_IN_LIST: usize = 64;
/// Longest credential identifier that a list may hold.
const MAX_CREDENTIAL_ID: i64 = 1023;

/// Encodes the answer.
// FIDO_2_1 and later would promise PIN protocols, credential management and hmac-secret: not claimed before they are there.
pub(crate) fn answer(profile: &Profile) -> Value {
    let algorithms: Vec<Value> = profile
        .algorithms
        .iter()
        .map(|algorithm| parameters(algorithm.cose()))
        .collect();
    Value::map([
        (0x01_i64, texts(&["FIDO_2_0"])),
        (0x03, profile.aaguid.to_vec().into()),
        (0x04, options(profile)),
        (0x05, number(MAX_MESSAGE)),
        (0x07, number(MAX_CREDENTIALS_IN_LIST)),
        (0x08, MAX_CREDENTIAL_ID.into()),
        (0x09, texts(&profile.transports)),
        (0x0a, algorithms.into()),
        (0x16, texts(attestation::formats(profile.attestation))),
    ])
}

fn options(profile: &Profile) -> Value {
    let mut options = Map::from([
        ("plat".into(), profile.platform.into()),
        ("rk".into(), true.into()),
        ("up".into(), true.into()),
    ]);
    match profile.user_verification {
        UserVerification::None => {}
        UserVerification::NotConfigured => {
            options.insert("uv".into(), false.into());
        }
        UserVerification::OnRequest => {
            options.insert("uv".into(), true.into());
            options.insert("makeCredUvNotRqd".into(), true.into());
        }
        UserVerification::Always => {
            options.insert("uv".into(), true.into());
            options.insert("alwaysUv".into(), true.into());
        }
    }
    Value::Map(options)
}

fn parameters(alg: i64) -> Value {
    Value::map([("alg", Value::from(alg)), ("type", "public-key".into())])
}

fn texts(items: &[&str]) -> Value {
    Value::Array(items.iter().map(|item| Value::from(*item)).collect())
}

fn number(count: usize) -> Value {
    Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}
