//! authenticatorGetAssertion and authenticatorGetNextAssertion (CTAP 2.2, sections 6.2 and 6.3).

use super::verification::{self, Demand};
use super::{Parameters, checked_rp_id, client_data_hash, credential_ids};
use crate::authenticator_data::for_assertion;
use crate::cbor::{Map, Value};
use crate::env::{Approval, Credential, Env, Intent, Milliseconds, Purpose};
use crate::extensions::{self, Asked, SignIn};
use crate::pin::token::{PinAuth, permissions};
use crate::session::Session;
use crate::status::Status;

/// How long getNextAssertion may follow, in milliseconds (section 6.3).
const NEXT_WITHIN: u64 = 30_000;

/// The parameters.
#[derive(Debug)]
pub(crate) struct Request {
    client_data_hash: [u8; 32],
    rp_id: String,
    allow: Vec<Vec<u8>>,
    present: bool,
    verify: bool,
    proof: Option<PinAuth>,
    extensions: SignIn,
}

/// One assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asserted {
    credential: Credential,
    auth_data: Vec<u8>,
    signature: Vec<u8>,
    shows_names: bool,
    /// How many credentials fit, when getNextAssertion can fetch the others.
    count: Option<usize>,
    user_selected: bool,
    large_blob_key: Option<[u8; 32]>,
}

/// What getNextAssertion needs from the getAssertion before it.
#[derive(Clone, Debug)]
pub(crate) struct Remaining {
    client_data_hash: [u8; 32],
    approval: Approval,
    asked: Asked,
    credentials: std::vec::IntoIter<Credential>,
    touched: Milliseconds,
}

pub(crate) fn decode(mut map: Parameters) -> Result<Request, Status> {
    let proof = verification::proof(map.take(0x06)?, map.take(0x07)?)?;
    let (present, verify) = options(map.take(0x05)?)?;
    let extensions = SignIn::decode(map.take(0x04)?)?;
    Ok(Request {
        rp_id: checked_rp_id(map.require(0x01)?)?,
        client_data_hash: client_data_hash(map.require(0x02)?)?,
        allow: credential_ids(map.take(0x03)?.unwrap_or_default())?,
        present,
        verify,
        proof,
        extensions,
    })
}

pub(crate) fn decide(
    request: &Request,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<Asserted, Status> {
    verification::refuse_empty_proof(request.proof.as_ref(), env)?;
    let rp_id = request.rp_id.as_str();
    env.admit(Intent::SignIn { rp_id })?;
    let standing = verification::settle(&demand(request), session, env)?;
    // Answered before anyone is asked: a platform tries authenticators in turn and must not bother people for nothing.
    let verified = standing.verified || standing.verify;
    let candidates = candidates(request, verified, env)?;
    let asked = request.extensions.open(request.present, session, env)?;
    let approval = if request.present || standing.verify {
        standing.ask(env, Purpose::SignIn(&candidates), rp_id)?
    } else {
        Approval {
            verified: standing.verified,
            ..Approval::NOBODY_ASKED
        }
    };
    let approval = Approval {
        present: approval.present && request.present,
        ..approval
    };
    if request.present {
        session.spend_token();
    }
    answer(request, candidates, approval, asked, session, env)
}

fn demand(request: &Request) -> Demand<'_> {
    Demand {
        rp_id: &request.rp_id,
        client_data_hash: &request.client_data_hash,
        proof: request.proof.as_ref(),
        verify: request.verify,
        present: request.present,
        permission: permissions::GET_ASSERTION,
        guarded: false,
    }
}

pub(crate) fn decide_next(session: &mut Session, env: &mut impl Env) -> Result<Asserted, Status> {
    let remaining = &mut session.remaining;
    let state = remaining.as_mut().ok_or(Status::NotAllowed)?;
    let now = env.now();
    if now.since(state.touched) > NEXT_WITHIN {
        *remaining = None;
        return Err(Status::NotAllowed);
    }
    let Some(credential) = state.credentials.next() else {
        *remaining = None;
        return Err(Status::NotAllowed);
    };
    state.touched = now;
    let (approval, hash) = (state.approval, state.client_data_hash);
    let (auth_data, signature) = sign(&credential, approval, &hash, &state.asked, env)?;
    let large_blob_key = state.asked.large_blob_key(&credential, env)?;
    Ok(Asserted {
        credential,
        auth_data,
        signature,
        shows_names: approval.verified,
        count: None,
        user_selected: false,
        large_blob_key,
    })
}

pub(crate) fn encode(asserted: Asserted) -> Value {
    let mut map = Map::from([
        (0x01.into(), super::descriptor(&asserted.credential.id)),
        (0x02.into(), asserted.auth_data.into()),
        (0x03.into(), asserted.signature.into()),
    ]);
    if asserted.credential.discoverable {
        map.insert(
            0x04.into(),
            user(&asserted.credential, asserted.shows_names),
        );
    }
    if let Some(count) = asserted.count {
        map.insert(
            0x05.into(),
            Value::Integer(i64::try_from(count).unwrap_or(i64::MAX)),
        );
    }
    if asserted.user_selected {
        map.insert(0x06.into(), true.into());
    }
    if let Some(key) = asserted.large_blob_key {
        map.insert(0x07.into(), key.to_vec().into());
    }
    Value::Map(map)
}

/// `up` and `uv`. `rk` means nothing here and is an error.
fn options(options: Option<Parameters>) -> Result<(bool, bool), Status> {
    let Some(mut options) = options else {
        return Ok((true, false));
    };
    if options.take::<bool>("rk")?.is_some() {
        return Err(Status::UnsupportedOption);
    }
    Ok((
        options.take("up")?.unwrap_or(true),
        options.take("uv")?.unwrap_or(false),
    ))
}

fn candidates(
    request: &Request,
    verified: bool,
    env: &mut impl Env,
) -> Result<Vec<Credential>, Status> {
    let mut candidates = env.credentials(&request.rp_id)?;
    let by_identifier = !request.allow.is_empty();
    candidates.retain(|credential| extensions::may_be_found(credential, verified, by_identifier));
    candidates.retain(|credential| match request.allow.as_slice() {
        [] => credential.discoverable,
        allow => allow.contains(&credential.id.0),
    });
    if candidates.is_empty() {
        return Err(Status::NoCredentials);
    }
    Ok(candidates)
}

fn answer(
    request: &Request,
    mut candidates: Vec<Credential>,
    approval: Approval,
    asked: Asked,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<Asserted, Status> {
    let count = candidates.len();
    let chosen = approval.chosen.filter(|_| request.allow.is_empty());
    let index = chosen.unwrap_or(0);
    if index >= count {
        return Err(Status::Other);
    }
    let credential = candidates.remove(index);
    let hash = &request.client_data_hash;
    let (auth_data, signature) = sign(&credential, approval, hash, &asked, env)?;
    let large_blob_key = asked.large_blob_key(&credential, env)?;
    let several = count > 1 && chosen.is_none() && request.allow.is_empty();
    let asserted = Asserted {
        credential,
        auth_data,
        signature,
        // Names tell who has an account; they are for the chooser of a verified person only (section 6.2.2).
        shows_names: approval.verified && several,
        count: several.then_some(count),
        user_selected: chosen.is_some() && count > 1,
        large_blob_key,
    };
    session.remaining = several.then(|| Remaining {
        client_data_hash: request.client_data_hash,
        approval,
        asked,
        credentials: candidates.into_iter(),
        touched: env.now(),
    });
    Ok(asserted)
}

fn sign(
    credential: &Credential,
    approval: Approval,
    client_data_hash: &[u8; 32],
    asked: &Asked,
    env: &mut impl Env,
) -> Result<(Vec<u8>, Vec<u8>), Status> {
    let outputs = asked.outputs(credential, approval, env)?;
    let counter = env.next_counter(&credential.id)?;
    let backup = credential.backup;
    let auth_data = for_assertion(&credential.rp_id, approval, backup, counter, outputs);
    let signed = [auth_data.as_slice(), client_data_hash].concat();
    let signature = env.sign(&credential.key, &approval, &signed)?;
    Ok((auth_data, signature))
}

pub(crate) fn user(credential: &Credential, shows_names: bool) -> Value {
    let mut map = Map::from([("id".into(), credential.user.id.clone().into())]);
    if shows_names {
        let names = [
            ("name", &credential.user.name),
            ("displayName", &credential.user.display_name),
        ];
        for (member, name) in names {
            if let Some(name) = name {
                map.insert(member.into(), name.as_str().into());
            }
        }
    }
    Value::Map(map)
}
