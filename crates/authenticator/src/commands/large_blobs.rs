//! authenticatorLargeBlobs (CTAP 2.2, section 6.10): one array of encrypted blobs, read and written in fragments.

use super::{Parameters, get_info::MAX_MESSAGE, verification};
use crate::cbor::Value;
use crate::env::{Env, Record};
use crate::pin::token::{PinAuth, permissions};
use crate::session::Session;
use crate::status::Status;
use aws_lc_rs::digest::{SHA256, digest};

/// Longest fragment: what a message carries beside its other parameters.
const MAX_FRAGMENT: usize = MAX_MESSAGE - 64;
/// Bytes of the checksum at the end.
const CHECKSUM: usize = 16;
/// An empty array and its checksum.
const EMPTY: [u8; 17] = [
    0x80, 0x76, 0xbe, 0x8b, 0x52, 0x8d, 0x00, 0x75, 0xf7, 0xaa, 0xe9, 0x8d, 0x6f, 0xa5, 0x7a, 0x6d,
    0x3c,
];

/// A write under way.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    length: usize,
    received: Vec<u8>,
}

/// The parameters.
pub(crate) struct Request {
    get: Option<i64>,
    set: Option<Vec<u8>>,
    offset: Option<i64>,
    length: Option<i64>,
    proof: Option<PinAuth>,
}

pub(crate) fn decode(mut map: Parameters) -> Result<Request, Status> {
    Ok(Request {
        get: map.take(0x01)?,
        set: map.take(0x02)?,
        offset: map.take(0x03)?,
        length: map.take(0x04)?,
        proof: verification::proof(map.take(0x05)?, map.take(0x06)?)?,
    })
}

pub(crate) fn decide(
    request: Request,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<Option<Value>, Status> {
    let offset = request.offset.ok_or(Status::InvalidParameter)?;
    let offset = usize::try_from(offset).map_err(|_| Status::InvalidParameter)?;
    match (&request.get, &request.set) {
        (Some(count), None) => get(*count, offset, &request, env).map(Some),
        (None, Some(fragment)) => set(fragment, offset, &request, session, env).map(|()| None),
        _ => Err(Status::InvalidParameter),
    }
}

fn get(count: i64, offset: usize, request: &Request, env: &mut impl Env) -> Result<Value, Status> {
    if request.length.is_some() || request.proof.is_some() {
        return Err(Status::InvalidParameter);
    }
    let count = usize::try_from(count).map_err(|_| Status::InvalidParameter)?;
    if count > MAX_FRAGMENT {
        return Err(Status::InvalidLength);
    }
    let stored = stored(env)?;
    let rest = stored.get(offset..).ok_or(Status::InvalidParameter)?;
    let fragment = rest.get(..count).unwrap_or(rest).to_vec();
    Ok(Value::map([(0x01, fragment.into())]))
}

fn stored(env: &mut impl Env) -> Result<Vec<u8>, Status> {
    let stored = env.load(Record::LargeBlobs)?;
    // An array that a power cut or a bad sector has damaged counts as empty (section 6.10.2).
    Ok(stored
        .filter(|bytes| is_whole(bytes))
        .unwrap_or_else(|| EMPTY.to_vec()))
}

fn set(
    fragment: &[u8],
    offset: usize,
    request: &Request,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<(), Status> {
    if fragment.len() > MAX_FRAGMENT {
        return Err(Status::InvalidLength);
    }
    let started = match (offset, request.length) {
        (0, Some(length)) => Some(new_upload(length, env)?),
        (0, None) | (_, Some(_)) => return Err(Status::InvalidParameter),
        (_, None) => None,
    };
    let continued = started.as_ref().or(session.upload.as_ref());
    if continued.is_none_or(|upload| upload.received.len() != offset) {
        return Err(Status::InvalidSequence);
    }
    authorize(fragment, offset, request, session, env)?;
    if started.is_some() {
        session.upload = started;
    }
    receive(fragment, session, env)
}

fn new_upload(length: i64, env: &impl Env) -> Result<Upload, Status> {
    let length = usize::try_from(length).map_err(|_| Status::InvalidParameter)?;
    if length > env.capabilities().large_blobs {
        return Err(Status::LargeBlobStorageFull);
    }
    if length <= CHECKSUM {
        return Err(Status::InvalidParameter);
    }
    Ok(Upload {
        length,
        received: Vec::new(),
    })
}

/// Every fragment has its own proof, which covers its place: fragments of two writes cannot be mixed.
fn authorize(
    fragment: &[u8],
    offset: usize,
    request: &Request,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<(), Status> {
    let Some(proof) = &request.proof else {
        let needed = verification::is_protected(env)? || verification::always_verifies(env)?;
        return if needed {
            Err(Status::PuatRequired)
        } else {
            Ok(())
        };
    };
    let place = u32::try_from(offset).map_err(|_| Status::InvalidParameter)?;
    let message = [
        [0xff; 32].as_slice(),
        &[0x0c, 0x00],
        &place.to_le_bytes(),
        digest(&SHA256, fragment).as_ref(),
    ]
    .concat();
    let now = env.now();
    session
        .authenticate(proof, &[&message], permissions::LARGE_BLOB_WRITE, now)
        .map(drop)
}

fn receive(fragment: &[u8], session: &mut Session, env: &mut impl Env) -> Result<(), Status> {
    let upload = session.upload.as_mut().ok_or(Status::InvalidSequence)?;
    if upload.received.len() + fragment.len() > upload.length {
        session.upload = None;
        return Err(Status::InvalidParameter);
    }
    upload.received.extend_from_slice(fragment);
    if upload.received.len() < upload.length {
        return Ok(());
    }
    let whole = session.upload.take().ok_or(Status::InvalidSequence)?;
    if !is_whole(&whole.received) {
        return Err(Status::IntegrityFailure);
    }
    Ok(env.save(Record::LargeBlobs, &whole.received)?)
}

fn is_whole(bytes: &[u8]) -> bool {
    bytes
        .split_last_chunk::<CHECKSUM>()
        .is_some_and(|(array, checksum)| {
            !array.is_empty() && digest(&SHA256, array).as_ref().starts_with(checksum)
        })
}
