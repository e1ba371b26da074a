//! authenticatorClientPIN (CTAP 2.2, section 6.5.5).

use super::{Parameters, approved};
use crate::cbor::{Map, Value};
use crate::env::{Answer, Capabilities, Env, PinDigest, Purpose, Question, UserVerification};
use crate::pin::attempts::{self, Attempts};
use crate::pin::protocol::{Protocol, SharedSecret};
use crate::pin::settings::{LONGEST, Settings};
use crate::pin::token::{Token, permissions};
use crate::session::Session;
use crate::status::Status;
use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

/// A new PIN comes padded to this many bytes, so that its ciphertext does not tell its length.
const PADDED: usize = 64;

/// The parameters.
pub(crate) struct Request {
    protocol: Option<Protocol>,
    subcommand: i64,
    agreement: Option<Parameters>,
    tag: Option<Vec<u8>>,
    new_pin: Option<Vec<u8>>,
    pin_hash: Option<Vec<u8>>,
    permissions: Option<i64>,
    rp_id: Option<String>,
}

pub(crate) fn decode(mut map: Parameters) -> Result<Request, Status> {
    Ok(Request {
        protocol: map.take(0x01)?.map(Protocol::of_number).transpose()?,
        subcommand: map.require(0x02)?,
        agreement: map.take(0x03)?,
        tag: map.take(0x04)?,
        new_pin: map.take(0x05)?,
        pin_hash: map.take(0x06)?,
        permissions: map.take(0x09)?,
        rp_id: map.take(0x0a)?.map(super::checked_rp_id).transpose()?,
    })
}

pub(crate) fn decide(
    request: Request,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<Option<Value>, Status> {
    let capabilities = env.capabilities();
    let pin = capabilities.pin;
    match request.subcommand {
        0x01 if pin => pin_retries(session, env).map(Some),
        0x02 => {
            let protocol = request.protocol.ok_or(Status::MissingParameter)?;
            let key = session.agreement(protocol, env)?.public()?;
            Ok(Some(Value::map([(0x01, key)])))
        }
        0x03 if pin => set_pin(request, session, env).map(|()| None),
        0x04 if pin => change_pin(request, session, env).map(|()| None),
        0x05 if pin => legacy_token(request, session, env).map(Some),
        0x06 if verifies(&capabilities, env) => {
            token_by_verification(request, session, env).map(Some)
        }
        0x07 if verifies(&capabilities, env) => {
            let retries = i64::from(env.uv_retries());
            Ok(Some(Value::map([(0x05, retries.into())])))
        }
        0x09 if pin => token_by_pin(request, session, env).map(Some),
        _ => Err(Status::InvalidSubcommand),
    }
}

/// Whether built-in verification exists, set up or not, and gives tokens.
fn verifies(capabilities: &Capabilities, env: &impl Env) -> bool {
    capabilities.tokens && env.profile().user_verification != UserVerification::None
}

fn pin_retries(session: &Session, env: &mut impl Env) -> Result<Value, Status> {
    let left = Attempts::load(env)?.map_or(attempts::MAX, |attempts| attempts.left);
    let mut map = Map::from([(0x03.into(), i64::from(left).into())]);
    if session.wrong_pins >= attempts::MAX_IN_A_ROW {
        map.insert(0x04.into(), true.into());
    }
    Ok(Value::Map(map))
}

fn set_pin(request: Request, session: &mut Session, env: &mut impl Env) -> Result<(), Status> {
    let (_, secret, fields) = agreed(request, session, env)?;
    let (new_pin, tag) = (required(fields.new_pin)?, required(fields.tag)?);
    // Setting is for the first PIN only; else whoever holds the device for a moment would replace it.
    if Attempts::load(env)?.is_some() {
        return Err(Status::PinAuthInvalid);
    }
    if !secret.verifies(&[&new_pin], &tag) {
        return Err(Status::PinAuthInvalid);
    }
    let settings = Settings::load(env)?;
    let new_pin = unpadded(&secret.decrypt(&new_pin)?, settings.min_pin_length)?;
    store(&new_pin, env)
}

fn change_pin(request: Request, session: &mut Session, env: &mut impl Env) -> Result<(), Status> {
    let (protocol, secret, fields) = agreed(request, session, env)?;
    let (new_pin, old_hash, tag) = (
        required(fields.new_pin)?,
        required(fields.pin_hash)?,
        required(fields.tag)?,
    );
    Attempts::load(env)?.ok_or(Status::PinNotSet)?;
    if !secret.verifies(&[&new_pin, &old_hash], &tag) {
        return Err(Status::PinAuthInvalid);
    }
    let old = attempt(protocol, &secret, &old_hash, session, env)?;
    let mut settings = Settings::load(env)?;
    let new_pin = unpadded(&secret.decrypt(&new_pin)?, settings.min_pin_length)?;
    if settings.force_pin_change && old.equals(pin_digest(&new_pin).expose()) {
        return Err(Status::PinPolicyViolation);
    }
    store(&new_pin, env)?;
    if settings.force_pin_change {
        settings.force_pin_change = false;
        settings.save(env)?;
    }
    session.revoke_token();
    Ok(())
}

/// Section 6.5.5.7.1. The token may register and sign in, and belongs to the first relying party it is used for.
fn legacy_token(
    request: Request,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<Value, Status> {
    if request.permissions.is_some() || request.rp_id.is_some() {
        return Err(Status::InvalidParameter);
    }
    let granted = permissions::MAKE_CREDENTIAL | permissions::GET_ASSERTION;
    by_pin(request, granted, session, env)
}

/// Section 6.5.5.7.2.
fn token_by_pin(
    request: Request,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<Value, Status> {
    let wanted = wanted_permissions(&request, env)?;
    by_pin(request, wanted, session, env)
}

fn by_pin(
    request: Request,
    granted: u8,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<Value, Status> {
    let rp_id = request.rp_id.clone();
    let (protocol, secret, fields) = agreed(request, session, env)?;
    let pin_hash = required(fields.pin_hash)?;
    attempt(protocol, &secret, &pin_hash, session, env)?;
    if Settings::load(env)?.force_pin_change {
        return Err(Status::PinPolicyViolation);
    }
    let token = Token::issue(env, protocol, granted, rp_id, false)?;
    hand_over(token, &secret, session, env)
}

/// Section 6.5.5.7.3.
fn token_by_verification(
    request: Request,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<Value, Status> {
    let wanted = wanted_permissions(&request, env)?;
    if env.profile().user_verification == UserVerification::NotConfigured {
        return Err(Status::NotAllowed);
    }
    let rp_id = request.rp_id.clone();
    let (protocol, secret, _) = agreed(request, session, env)?;
    if env.uv_retries() == 0 {
        return Err(Status::UvBlocked);
    }
    let answer = env.ask_user(&Question {
        purpose: Purpose::IssueToken(wanted),
        rp_id: rp_id.as_deref().unwrap_or_default(),
        verify: true,
    });
    let approval = match answer {
        Answer::Denied => return Err(Status::UvInvalid),
        answer => approved(answer, true)?,
    };
    let token = Token::issue(env, protocol, wanted, rp_id, approval.present)?;
    hand_over(token, &secret, session, env)
}

fn hand_over(
    token: Token,
    secret: &SharedSecret,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<Value, Status> {
    let sealed = secret.encrypt(token.value(), env)?;
    session.set_token(token);
    Ok(Value::map([(0x02, sealed.into())]))
}

/// The permissions of a request, refused where they make no sense here or lack their relying party.
fn wanted_permissions(request: &Request, env: &impl Env) -> Result<u8, Status> {
    let wanted = request.permissions.ok_or(Status::MissingParameter)?;
    let wanted = u8::try_from(wanted).map_err(|_| Status::UnauthorizedPermission)?;
    if wanted == 0 {
        return Err(Status::InvalidParameter);
    }
    let capabilities = env.capabilities();
    let mut grantable = permissions::MAKE_CREDENTIAL | permissions::GET_ASSERTION;
    if capabilities.management {
        grantable |= permissions::CREDENTIAL_MANAGEMENT;
    }
    if capabilities.large_blobs > 0 {
        grantable |= permissions::LARGE_BLOB_WRITE;
    }
    if capabilities.pin {
        grantable |= permissions::AUTHENTICATOR_CONFIGURATION;
    }
    if wanted & !grantable != 0 {
        return Err(Status::UnauthorizedPermission);
    }
    let bound = permissions::MAKE_CREDENTIAL | permissions::GET_ASSERTION;
    if wanted & bound != 0 && request.rp_id.is_none() {
        return Err(Status::MissingParameter);
    }
    Ok(wanted)
}

/// What is left of a request once the keys are agreed.
struct Fields {
    tag: Option<Vec<u8>>,
    new_pin: Option<Vec<u8>>,
    pin_hash: Option<Vec<u8>>,
}

fn agreed(
    request: Request,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<(Protocol, SharedSecret, Fields), Status> {
    let protocol = request.protocol.ok_or(Status::MissingParameter)?;
    let peer = request.agreement.ok_or(Status::MissingParameter)?;
    let secret = session
        .agreement(protocol, env)?
        .shared_secret(protocol, peer)?;
    let fields = Fields {
        tag: request.tag,
        new_pin: request.new_pin,
        pin_hash: request.pin_hash,
    };
    Ok((protocol, secret, fields))
}

fn required<T>(field: Option<T>) -> Result<T, Status> {
    field.ok_or(Status::MissingParameter)
}

/// One attempt with an encrypted PIN hash. What does not decrypt to 16 bytes is a wrong attempt like any other.
fn attempt(
    protocol: Protocol,
    secret: &SharedSecret,
    sealed: &[u8],
    session: &mut Session,
    env: &mut impl Env,
) -> Result<PinDigest, Status> {
    let opened = secret.decrypt(sealed).ok();
    let digest = opened.and_then(|bytes| bytes.as_slice().try_into().ok().map(PinDigest::new));
    let outcome = Attempts::attempt(env, &mut session.wrong_pins, digest.as_ref());
    if outcome.is_err() {
        session.forget_agreement(protocol);
    }
    outcome?;
    digest.ok_or(Status::PinInvalid)
}

/// A padded PIN without its padding. Length is counted in code points, as people count; the limit of 63 is one of bytes.
fn unpadded(padded: &[u8], shortest: usize) -> Result<Zeroizing<String>, Status> {
    if padded.len() != PADDED {
        return Err(Status::InvalidParameter);
    }
    let end = padded
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |at| at + 1);
    let pin = padded.get(..end).unwrap_or_default();
    let text = std::str::from_utf8(pin).map_err(|_| Status::PinPolicyViolation)?;
    if pin.len() > LONGEST || text.chars().count() < shortest {
        return Err(Status::PinPolicyViolation);
    }
    Ok(Zeroizing::new(text.to_owned()))
}

fn pin_digest(pin: &str) -> PinDigest {
    let mut left = [0; 16];
    let whole = digest(&SHA256, pin.as_bytes());
    left.iter_mut()
        .zip(whole.as_ref())
        .for_each(|(to, from)| *to = *from);
    PinDigest::new(left)
}

fn store(pin: &str, env: &mut impl Env) -> Result<(), Status> {
    let record = Attempts {
        left: attempts::MAX,
        length: pin.chars().count(),
    };
    Ok(env.set_pin(&pin_digest(pin), &record.encode())?)
}
