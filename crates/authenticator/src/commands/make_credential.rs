//! authenticatorMakeCredential (CTAP 2.2, section 6.1).

use super::{
    Parameters, approved, checked_rp_id, client_data_hash, credential_ids, must_verify,
    refuse_pin_auth,
};
use crate::attestation::{self, Statement};
use crate::authenticator_data::{AttestedCredential, for_registration};
use crate::cbor::Value;
use crate::env::{
    Answer, Approval, CreatedKey, Credential, CredentialId, Env, Profile, Purpose, Question, User,
};
use crate::public_key::Algorithm;
use crate::status::Status;

/// Bytes of a new credential identifier.
const CREDENTIAL_ID: usize = 32;
/// Names are kept up to this many bytes (CTAP 2.2, section 6.1.2: at least 64 must be kept).
const MAX_NAME: usize = 64;
/// Longest user handle (WebAuthn Level 3, section 5.4.3).
const MAX_USER_ID: usize = 64;

/// The parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    client_data_hash: [u8; 32],
    rp_id: String,
    user: User,
    /// COSE identifiers in the relying party's order.
    offered: Vec<i64>,
    exclude: Vec<Vec<u8>>,
    discoverable: bool,
    verify: bool,
    formats: Vec<String>,
}

/// What a registration made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    auth_data: Vec<u8>,
    attestation: Statement,
}

pub(crate) fn decode(mut map: Parameters) -> Result<Request, Status> {
    refuse_pin_auth(map.take(0x08)?.as_ref(), map.take(0x09)?)?;
    let offered = offered_algorithms(map.require(0x04)?)?;
    let (discoverable, verify) = options(map.take(0x07)?)?;
    refuse_enterprise(map.take(0x0a)?)?;
    map.take::<Parameters>(0x06)?;
    Ok(Request {
        client_data_hash: client_data_hash(map.require(0x01)?)?,
        rp_id: checked_rp_id(map.require::<Parameters>(0x02)?.require("id")?)?,
        user: user(map.require(0x03)?)?,
        offered,
        exclude: credential_ids(map.take(0x05)?.unwrap_or_default())?,
        discoverable,
        verify,
        formats: formats(map.take(0x0b)?.unwrap_or_default())?,
    })
}

pub(crate) fn decide(request: &Request, env: &mut impl Env) -> Result<Made, Status> {
    let profile = env.profile();
    let algorithm = chosen_algorithm(&request.offered, &profile)?;
    let verify = must_verify(&profile, request.verify)?;
    let existing = env.credentials(&request.rp_id)?;
    refuse_excluded(request, &existing, verify, env)?;
    let approval = ask(
        env,
        Purpose::Register(&request.user),
        &request.rp_id,
        verify,
    )?;

    let key = env.create_key(algorithm, &request.rp_id)?;
    create(request, &profile, &existing, approval, &key, env)
        .inspect_err(|_| env.discard_key(&key.handle))
}

pub(crate) fn encode(made: Made) -> Value {
    Value::map([
        (0x01_i64, Value::from(made.attestation.format)),
        (0x02, made.auth_data.into()),
        (0x03, Value::Map(made.attestation.statement)),
    ])
}

fn offered_algorithms(list: Vec<Value>) -> Result<Vec<i64>, Status> {
    let mut offered = Vec::new();
    for item in list {
        let mut parameters = Parameters::of(item)?;
        let alg = parameters.require("alg")?;
        if parameters.require::<String>("type")? == "public-key" {
            offered.push(alg);
        }
    }
    Ok(offered)
}

/// `rk` and `uv`. A registration without presence does not exist, so `up` may only be true.
fn options(options: Option<Parameters>) -> Result<(bool, bool), Status> {
    let Some(mut options) = options else {
        return Ok((false, false));
    };
    if options.take("up")? == Some(false) {
        return Err(Status::InvalidOption);
    }
    Ok((
        options.take("rk")?.unwrap_or(false),
        options.take("uv")?.unwrap_or(false),
    ))
}

fn refuse_enterprise(asked: Option<i64>) -> Result<(), Status> {
    match asked {
        None => Ok(()),
        Some(_) => Err(Status::InvalidParameter),
    }
}

fn user(mut map: Parameters) -> Result<User, Status> {
    let id: Vec<u8> = map.require("id")?;
    if id.is_empty() || id.len() > MAX_USER_ID {
        return Err(Status::InvalidLength);
    }
    Ok(User {
        id,
        name: map.take("name")?.map(shortened),
        display_name: map.take("displayName")?.map(shortened),
    })
}

fn shortened(mut name: String) -> String {
    name.truncate(name.floor_char_boundary(MAX_NAME));
    name
}

fn formats(list: Vec<Value>) -> Result<Vec<String>, Status> {
    list.into_iter().map(super::FromValue::from_value).collect()
}

fn chosen_algorithm(offered: &[i64], profile: &Profile) -> Result<Algorithm, Status> {
    let supported = |alg: &i64| {
        profile
            .algorithms
            .iter()
            .copied()
            .find(|algorithm| algorithm.cose() == *alg)
    };
    offered
        .iter()
        .find_map(supported)
        .ok_or(Status::UnsupportedAlgorithm)
}

// The person is asked before the answer: a page must not learn without them which passkeys live here.
fn refuse_excluded(
    request: &Request,
    existing: &[Credential],
    verify: bool,
    env: &mut impl Env,
) -> Result<(), Status> {
    if !existing
        .iter()
        .any(|credential| request.exclude.contains(&credential.id.0))
    {
        return Ok(());
    }
    ask(env, Purpose::AlreadyRegistered, &request.rp_id, verify)?;
    Err(Status::CredentialExcluded)
}

fn ask(
    env: &mut impl Env,
    purpose: Purpose<'_>,
    rp_id: &str,
    verify: bool,
) -> Result<Approval, Status> {
    let answer: Answer = env.ask_user(&Question {
        purpose,
        rp_id,
        verify,
    });
    approved(answer, verify)
}

fn create(
    request: &Request,
    profile: &Profile,
    existing: &[Credential],
    approval: Approval,
    key: &CreatedKey,
    env: &mut impl Env,
) -> Result<Made, Status> {
    let mut id = vec![0; CREDENTIAL_ID];
    env.random(&mut id)?;
    let id = CredentialId(id);
    let attested = AttestedCredential {
        aaguid: profile.aaguid,
        id: &id,
        public_key: &key.public,
    };
    // A credential that has signed nothing yet starts at zero.
    let auth_data = for_registration(&request.rp_id, approval, key.backup, 0, &attested);
    let signed = [auth_data.as_slice(), &request.client_data_hash].concat();
    let style = attestation::wanted_style(profile.attestation, &request.formats);
    let attestation = attestation::attest(env, style, key, approval, &signed)?;
    env.store(credential(request, id, key), replaced(request, existing))?;
    Ok(Made {
        auth_data,
        attestation,
    })
}

fn credential(request: &Request, id: CredentialId, key: &CreatedKey) -> Credential {
    Credential {
        id,
        rp_id: request.rp_id.clone(),
        user: request.user.clone(),
        discoverable: request.discoverable,
        backup: key.backup,
        key: key.handle.clone(),
    }
}

/// One discoverable credential per account: a new one takes the place of the old one (section 6.1.2, step 17).
fn replaced<'a>(request: &Request, existing: &'a [Credential]) -> Option<&'a CredentialId> {
    if !request.discoverable {
        return None;
    }
    existing
        .iter()
        .find(|credential| credential.discoverable && credential.user.id == request.user.id)
        .map(|credential| &credential.id)
}
