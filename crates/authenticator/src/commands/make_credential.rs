//! authenticatorMakeCredential (CTAP 2.2, section 6.1).

use super::verification::{self, Demand, Standing};
use super::{Parameters, checked_rp_id, client_data_hash, credential_ids};
use crate::attestation::{self, Statement};
use crate::authenticator_data::{AttestedCredential, for_registration};
use crate::cbor::{Map, Value};
use crate::env::{
    Approval, CreatedKey, Credential, CredentialId, Env, EvidenceRequest, Intent, KeySpec, Profile,
    Purpose, User,
};
use crate::extensions::{self, Registration, Salts, Wanted};
use crate::pin::settings::Settings;
use crate::pin::token::{PinAuth, permissions};
use crate::public_key::Algorithm;
use crate::session::Session;
use crate::status::Status;

/// Bytes of a new credential identifier.
const CREDENTIAL_ID: usize = 32;
/// Names are kept up to this many bytes (CTAP 2.2, section 6.1.2: at least 64 must be kept).
const MAX_NAME: usize = 64;
/// Longest user handle (WebAuthn Level 3, section 5.4.3).
const MAX_USER_ID: usize = 64;

/// The parameters.
#[derive(Debug)]
pub(crate) struct Request {
    client_data_hash: [u8; 32],
    rp_id: String,
    rp_name: Option<String>,
    user: User,
    /// COSE identifiers in the relying party's order.
    offered: Vec<i64>,
    exclude: Vec<Vec<u8>>,
    discoverable: bool,
    verify: bool,
    formats: Vec<String>,
    proof: Option<PinAuth>,
    extensions: Registration,
    /// The kind of enterprise attestation asked for.
    enterprise: Option<i64>,
}

/// What a registration made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    auth_data: Vec<u8>,
    attestation: Statement,
    enterprise: bool,
    large_blob_key: Option<[u8; 32]>,
}

pub(crate) fn decode(mut map: Parameters) -> Result<Request, Status> {
    let proof = verification::proof(map.take(0x08)?, map.take(0x09)?)?;
    let offered = offered_algorithms(map.require(0x04)?)?;
    let (discoverable, verify) = options(map.take(0x07)?)?;
    let extensions = Registration::decode(map.take(0x06)?)?;
    let enterprise = map.take(0x0a)?;
    let client_data_hash = client_data_hash(map.require(0x01)?)?;
    let mut rp: Parameters = map.require(0x02)?;
    Ok(Request {
        client_data_hash,
        rp_id: checked_rp_id(rp.require("id")?)?,
        rp_name: rp.take("name")?.map(shortened),
        user: user(map.require(0x03)?)?,
        offered,
        exclude: credential_ids(map.take(0x05)?.unwrap_or_default())?,
        discoverable,
        verify,
        formats: formats(map.take(0x0b)?.unwrap_or_default())?,
        proof,
        extensions,
        enterprise,
    })
}

pub(crate) fn decide(
    request: &Request,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<Made, Status> {
    verification::refuse_empty_proof(request.proof.as_ref(), env)?;
    let profile = env.profile();
    let algorithm = chosen_algorithm(&request.offered, &profile)?;
    let rp_id = request.rp_id.as_str();
    env.admit(Intent::Register { rp_id })?;
    let wanted = request
        .extensions
        .checked(&env.capabilities(), request.discoverable)?;
    let enterprise = enterprise(request, env)?;
    let standing = verification::settle(&demand(request), session, env)?;
    let existing = env.credentials(rp_id)?;
    refuse_excluded(request, &existing, standing, env)?;
    let approval = standing.ask(env, Purpose::Register(&request.user), rp_id)?;
    session.spend_token();
    let salts = wanted.salts(session, env)?;

    let key = env.create_key_for(&KeySpec {
        algorithm,
        rp_id,
        user: &request.user,
        client_data_hash: &request.client_data_hash,
        with_secrets: wanted.needs_secrets(),
    })?;
    let draft = Draft {
        request,
        profile: &profile,
        approval,
        key: &key,
        wanted,
        salts,
        enterprise,
    };
    create(&draft, &existing, env).inspect_err(|_| env.discard_key(&key.handle))
}

fn demand(request: &Request) -> Demand<'_> {
    Demand {
        rp_id: &request.rp_id,
        client_data_hash: &request.client_data_hash,
        proof: request.proof.as_ref(),
        verify: request.verify,
        present: true,
        permission: permissions::MAKE_CREDENTIAL,
        guarded: request.discoverable,
    }
}

pub(crate) fn encode(made: Made) -> Value {
    let mut map = Map::from([
        (0x01.into(), Value::from(made.attestation.format)),
        (0x02.into(), made.auth_data.into()),
        (0x03.into(), Value::Map(made.attestation.statement)),
    ]);
    if made.enterprise {
        map.insert(0x04.into(), true.into());
    }
    if let Some(key) = made.large_blob_key {
        map.insert(0x05.into(), key.to_vec().into());
    }
    Value::Map(map)
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

/// Whether the evidence may name the single device (section 6.1.2, step 9): asked for, switched on, and for a relying party of
/// the maker's list if that is the kind.
fn enterprise(request: &Request, env: &mut impl Env) -> Result<bool, Status> {
    const BY_MAKER: i64 = 1;
    const BY_PLATFORM: i64 = 2;
    let Some(kind) = request.enterprise else {
        return Ok(false);
    };
    let offered = env.capabilities().enterprise;
    let offered = offered.ok_or(Status::InvalidParameter)?;
    if !Settings::load(env)?.enterprise {
        return Err(Status::InvalidParameter);
    }
    match kind {
        BY_MAKER => Ok(offered.relying_parties.contains(&request.rp_id)),
        BY_PLATFORM => Ok(true),
        _ => Err(Status::InvalidOption),
    }
}

pub(crate) fn user(mut map: Parameters) -> Result<User, Status> {
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

pub(crate) fn shortened(mut name: String) -> String {
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
    standing: Standing,
    env: &mut impl Env,
) -> Result<(), Status> {
    let verified = standing.verified || standing.verify;
    let excluded = existing.iter().any(|credential| {
        request.exclude.contains(&credential.id.0)
            && extensions::may_be_found(credential, verified, true)
    });
    if !excluded {
        return Ok(());
    }
    standing.ask(env, Purpose::AlreadyRegistered, &request.rp_id)?;
    Err(Status::CredentialExcluded)
}

/// All that a credential is made from.
struct Draft<'a> {
    request: &'a Request,
    profile: &'a Profile,
    approval: Approval,
    key: &'a CreatedKey,
    wanted: Wanted<'a>,
    salts: Option<Salts>,
    enterprise: bool,
}

fn create(draft: &Draft<'_>, existing: &[Credential], env: &mut impl Env) -> Result<Made, Status> {
    let (request, key) = (draft.request, draft.key);
    let mut id = vec![0; CREDENTIAL_ID];
    env.random(&mut id)?;
    let credential = draft.credential(CredentialId(id));
    let auth_data = draft.auth_data(&credential, env)?;
    let evidence = EvidenceRequest {
        key,
        approval: draft.approval,
        attested: &[auth_data.as_slice(), &request.client_data_hash].concat(),
        enterprise: draft.enterprise,
    };
    let style = attestation::wanted_style(draft.profile.attestation, &request.formats);
    let attestation = attestation::attest(env, style, &evidence)?;
    let large_blob_key = if draft.wanted.large_blob_key {
        Some(extensions::large_blob_key(&credential, env)?)
    } else {
        None
    };
    env.store(credential, replaced(request, existing))?;
    Ok(Made {
        auth_data,
        attestation,
        enterprise: draft.enterprise,
        large_blob_key,
    })
}

impl Draft<'_> {
    fn credential(&self, id: CredentialId) -> Credential {
        Credential {
            id,
            rp_id: self.request.rp_id.clone(),
            user: self.request.user.clone(),
            discoverable: self.request.discoverable,
            backup: self.key.backup,
            key: self.key.handle.clone(),
            public: self.key.public.clone(),
            rp_name: self.request.rp_name.clone(),
            protection: self.wanted.protection(),
            blob: self.wanted.stored_blob(),
            has_large_blob_key: self.wanted.large_blob_key,
            has_hmac_secret: self.wanted.hmac_secret,
        }
    }

    fn auth_data(&self, credential: &Credential, env: &mut impl Env) -> Result<Vec<u8>, Status> {
        let verified = self.approval.verified;
        let sealed = match &self.salts {
            Some(salts) => Some(salts.answer(&credential.key, verified, env)?),
            None => None,
        };
        let rp_id = self.request.rp_id.as_str();
        let outputs = self.wanted.outputs(rp_id, sealed, env)?;
        let attested = AttestedCredential {
            aaguid: self.profile.aaguid,
            id: &credential.id,
            public_key: &self.key.public,
        };
        // A credential that has signed nothing yet starts at zero.
        let (approval, backup) = (self.approval, self.key.backup);
        Ok(for_registration(
            rp_id, approval, backup, 0, &attested, outputs,
        ))
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
