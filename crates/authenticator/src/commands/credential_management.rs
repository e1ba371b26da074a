//! authenticatorCredentialManagement (CTAP 2.2, section 6.8).
//!
//! Everything here needs a token with the permission for it, and a token that belongs to one relying party sees nothing of another.

use super::{Parameters, make_credential, verification};
use crate::cbor::{Map, Value};
use crate::env::{Credential, CredentialId, Env};
use crate::extensions;
use crate::pin::token::{PinAuth, permissions};
use crate::session::Session;
use crate::status::Status;
use aws_lc_rs::digest::{SHA256, digest};

const METADATA: u8 = 0x01;
const RPS_BEGIN: u8 = 0x02;
const RPS_NEXT: u8 = 0x03;
const CREDENTIALS_BEGIN: u8 = 0x04;
const CREDENTIALS_NEXT: u8 = 0x05;
const DELETE: u8 = 0x06;
const UPDATE: u8 = 0x07;

/// An enumeration under way.
#[derive(Clone, Debug)]
pub(crate) enum Series {
    /// One credential of each relying party that is still to come.
    RelyingParties(std::vec::IntoIter<Credential>),
    /// The credentials still to come.
    Credentials(std::vec::IntoIter<Credential>),
}

/// The parameters.
pub(crate) struct Request {
    subcommand: u8,
    parameters: Option<Parameters>,
    /// As they came: canonical, so encoding them again gives the bytes that were signed.
    signed: Vec<u8>,
    proof: Option<PinAuth>,
}

pub(crate) fn decode(mut map: Parameters) -> Result<Request, Status> {
    let subcommand: i64 = map.require(0x01)?;
    let parameters: Option<Parameters> = map.take(0x02)?;
    let signed = parameters.clone().map(Parameters::into_value);
    Ok(Request {
        subcommand: u8::try_from(subcommand).map_err(|_| Status::InvalidSubcommand)?,
        parameters,
        signed: signed.as_ref().map(Value::encode).unwrap_or_default(),
        proof: verification::proof(map.take(0x04)?, map.take(0x03)?)?,
    })
}

pub(crate) fn decide(
    request: Request,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<Option<Value>, Status> {
    match request.subcommand {
        METADATA => metadata(&request, session, env).map(Some),
        RPS_BEGIN => relying_parties(&request, session, env).map(Some),
        RPS_NEXT => next_relying_party(session).map(Some),
        CREDENTIALS_BEGIN => credentials(request, session, env).map(Some),
        CREDENTIALS_NEXT => next_credential(session, env).map(Some),
        DELETE => delete(request, session, env).map(|()| None),
        UPDATE => update(request, session, env).map(|()| None),
        _ => Err(Status::InvalidSubcommand),
    }
}

fn metadata(request: &Request, session: &mut Session, env: &mut impl Env) -> Result<Value, Status> {
    for_all(request, session, env)?;
    let existing = discoverable(env)?.len();
    let room = env.room();
    Ok(Value::map([
        (0x01, Value::count(existing)),
        (0x02, Value::count(room)),
    ]))
}

fn relying_parties(
    request: &Request,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<Value, Status> {
    for_all(request, session, env)?;
    let mut one_each: Vec<Credential> = Vec::new();
    for credential in discoverable(env)? {
        if one_each.iter().all(|seen| seen.rp_id != credential.rp_id) {
            one_each.push(credential);
        }
    }
    let total = one_each.len();
    let mut series = one_each.into_iter();
    let first = series.next().ok_or(Status::NoCredentials)?;
    session.series = Some(Series::RelyingParties(series));
    let mut answer = relying_party(&first);
    answer.insert(0x05.into(), Value::count(total));
    Ok(Value::Map(answer))
}

fn next_relying_party(session: &mut Session) -> Result<Value, Status> {
    let Some(Series::RelyingParties(series)) = &mut session.series else {
        return Err(Status::NotAllowed);
    };
    let next = series.next().ok_or(Status::NotAllowed)?;
    Ok(Value::Map(relying_party(&next)))
}

fn relying_party(credential: &Credential) -> Map {
    let mut rp = Map::from([("id".into(), credential.rp_id.as_str().into())]);
    if let Some(name) = &credential.rp_name {
        rp.insert("name".into(), name.as_str().into());
    }
    Map::from([
        (0x03.into(), Value::Map(rp)),
        (0x04.into(), hash(&credential.rp_id).into()),
    ])
}

fn credentials(
    request: Request,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<Value, Status> {
    let bound = authorized(&request, session, env)?;
    let mut parameters = request.parameters.ok_or(Status::MissingParameter)?;
    let wanted: Vec<u8> = parameters.require(0x01)?;
    if bound.is_some_and(|rp_id| hash(&rp_id) != wanted) {
        return Err(Status::PinAuthInvalid);
    }
    let mut found = discoverable(env)?;
    found.retain(|credential| hash(&credential.rp_id) == wanted);
    let total = found.len();
    let mut series = found.into_iter();
    let first = series.next().ok_or(Status::NoCredentials)?;
    let mut answer = described(&first, env)?;
    answer.insert(0x09.into(), Value::count(total));
    session.series = Some(Series::Credentials(series));
    Ok(Value::Map(answer))
}

fn next_credential(session: &mut Session, env: &mut impl Env) -> Result<Value, Status> {
    let Some(Series::Credentials(series)) = &mut session.series else {
        return Err(Status::NotAllowed);
    };
    let next = series.next().ok_or(Status::NotAllowed)?;
    described(&next, env).map(Value::Map)
}

fn described(credential: &Credential, env: &mut impl Env) -> Result<Map, Status> {
    let mut map = Map::from([
        (0x06.into(), super::get_assertion::user(credential, true)),
        (0x07.into(), super::descriptor(&credential.id)),
        (0x08.into(), credential.public.to_value()),
        (0x0a.into(), credential.protection.level().into()),
    ]);
    if credential.has_large_blob_key {
        let key = extensions::large_blob_key(credential, env)?;
        map.insert(0x0b.into(), key.to_vec().into());
    }
    Ok(map)
}

fn delete(request: Request, session: &mut Session, env: &mut impl Env) -> Result<(), Status> {
    let bound = authorized(&request, session, env)?;
    let mut parameters = request.parameters.ok_or(Status::MissingParameter)?;
    let credential = named(&mut parameters, bound.as_deref(), env)?;
    session.series = None;
    Ok(env.delete(&credential.id)?)
}

fn update(request: Request, session: &mut Session, env: &mut impl Env) -> Result<(), Status> {
    let bound = authorized(&request, session, env)?;
    let mut parameters = request.parameters.ok_or(Status::MissingParameter)?;
    let user = make_credential::user(parameters.require(0x03)?)?;
    let credential = named(&mut parameters, bound.as_deref(), env)?;
    // Names may change, the account may not: else a program could move a passkey to somebody else's account.
    if credential.user.id != user.id {
        return Err(Status::InvalidParameter);
    }
    session.series = None;
    Ok(env.update_user(&credential.id, &user)?)
}

/// The credential that the parameters name.
fn named(
    parameters: &mut Parameters,
    bound: Option<&str>,
    env: &mut impl Env,
) -> Result<Credential, Status> {
    let id: Vec<u8> = parameters
        .require::<Parameters>(0x02)?
        .require::<Vec<u8>>("id")?;
    let id = CredentialId(id);
    let mut all = env.every_credential()?.into_iter();
    let found = all
        .find(|credential| credential.id == id)
        .ok_or(Status::NoCredentials)?;
    if bound.is_some_and(|rp_id| rp_id != found.rp_id) {
        return Err(Status::PinAuthInvalid);
    }
    Ok(found)
}

/// Checks the token, and returns the relying party it belongs to, if it belongs to one.
fn authorized(
    request: &Request,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<Option<String>, Status> {
    let proof = request.proof.as_ref().ok_or(Status::PuatRequired)?;
    let subcommand = [request.subcommand];
    let message = [subcommand.as_slice(), &request.signed];
    let now = env.now();
    let token = session.authenticate(proof, &message, permissions::CREDENTIAL_MANAGEMENT, now)?;
    Ok(token.rp_id().map(str::to_owned))
}

/// For what spans all relying parties a token of one is not enough.
fn for_all(request: &Request, session: &mut Session, env: &mut impl Env) -> Result<(), Status> {
    match authorized(request, session, env)? {
        None => Ok(()),
        Some(_) => Err(Status::PinAuthInvalid),
    }
}

fn discoverable(env: &mut impl Env) -> Result<Vec<Credential>, Status> {
    let mut all = env.every_credential()?;
    all.retain(|credential| credential.discoverable);
    Ok(all)
}

fn hash(rp_id: &str) -> Vec<u8> {
    digest(&SHA256, rp_id.as_bytes()).as_ref().to_vec()
}
