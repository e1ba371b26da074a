//! authenticatorGetInfo (CTAP 2.2, section 6.4).

use super::verification;
use crate::attestation;
use crate::cbor::{Map, Value};
use crate::env::{Capabilities, Env, Profile, UserVerification};
use crate::extensions;
use crate::pin::attempts::Attempts;
use crate::pin::protocol::Protocol;
use crate::pin::settings::{MAX_RP_IDS, Settings};
use crate::status::Status;

/// Longest request in bytes, command byte included: what CTAPHID can carry.
pub const MAX_MESSAGE: usize = 7609;
/// Most entries of an allow or exclude list.
pub(crate) const MAX_CREDENTIALS_IN_LIST: usize = 64;
/// Longest credential identifier that a list may hold.
const MAX_CREDENTIAL_ID: i64 = 1023;

/// Encodes the answer.
pub(crate) fn answer(env: &mut impl Env) -> Result<Value, Status> {
    let (profile, capabilities) = (env.profile(), env.capabilities());
    let settings = Settings::load(env)?;
    let algorithms = profile.algorithms.iter();
    let algorithms: Vec<Value> = algorithms.map(|alg| parameters(alg.cose())).collect();
    let mut map = Map::from([
        (0x01.into(), texts(versions(&capabilities))),
        (0x02.into(), texts(&extensions::names(&capabilities))),
        (0x03.into(), profile.aaguid.to_vec().into()),
        (0x04.into(), options(&profile, &capabilities, env)?),
        (0x05.into(), Value::count(MAX_MESSAGE)),
        (0x07.into(), Value::count(MAX_CREDENTIALS_IN_LIST)),
        (0x08.into(), MAX_CREDENTIAL_ID.into()),
        (0x09.into(), texts(&profile.transports)),
        (0x0a.into(), algorithms.into()),
        (
            0x16.into(),
            texts(attestation::formats(profile.attestation)),
        ),
    ]);
    if capabilities.issues_tokens() {
        let protocols = Protocol::ALL.map(|protocol| Value::from(protocol.number()));
        map.insert(0x06.into(), protocols.to_vec().into());
    }
    if capabilities.large_blobs > 0 {
        map.insert(0x0b.into(), Value::count(capabilities.large_blobs));
    }
    if capabilities.pin {
        map.insert(0x0c.into(), settings.force_pin_change.into());
        map.insert(0x0d.into(), Value::count(settings.min_pin_length));
        map.insert(0x10.into(), Value::count(MAX_RP_IDS));
    }
    if capabilities.credential_blob > 0 {
        map.insert(0x0f.into(), Value::count(capabilities.credential_blob));
    }
    if capabilities.management {
        map.insert(0x14.into(), Value::count(env.room()));
    }
    Ok(Value::Map(map))
}

/// FIDO_2_1 promises tokens, credential management, credProtect and hmac-secret: claimed only with all of them.
const fn versions(capabilities: &Capabilities) -> &'static [&'static str] {
    if capabilities.issues_tokens() && capabilities.management && capabilities.secrets {
        &["FIDO_2_0", "FIDO_2_1"]
    } else {
        &["FIDO_2_0"]
    }
}

fn options(
    profile: &Profile,
    capabilities: &Capabilities,
    env: &mut impl Env,
) -> Result<Value, Status> {
    let mut options = Map::from([
        ("plat".into(), profile.platform.into()),
        ("rk".into(), true.into()),
        ("up".into(), true.into()),
    ]);
    let mut set = |name: &'static str, value: bool| {
        options.insert(name.into(), value.into());
    };
    if profile.user_verification != UserVerification::None {
        set("uv", verification::built_in(env));
    }
    let always = verification::always_verifies(env)?;
    if always || capabilities.pin {
        set("alwaysUv", always);
    }
    if !always && (verification::built_in(env) || capabilities.pin) {
        set("makeCredUvNotRqd", true);
    }
    if capabilities.pin {
        set("clientPin", Attempts::load(env)?.is_some());
        set("authnrCfg", true);
        set("setMinPINLength", true);
    }
    if capabilities.issues_tokens() {
        set("pinUvAuthToken", true);
        set("credMgmt", capabilities.management);
    }
    if capabilities.large_blobs > 0 {
        set("largeBlobs", true);
    }
    if capabilities.enterprise.is_some() {
        set("ep", Settings::load(env)?.enterprise);
    }
    Ok(Value::Map(options))
}

fn parameters(alg: i64) -> Value {
    Value::map([("alg", Value::from(alg)), ("type", "public-key".into())])
}

fn texts(items: &[&str]) -> Value {
    Value::Array(items.iter().map(|item| Value::from(*item)).collect())
}
