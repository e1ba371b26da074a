//! authenticatorConfig (CTAP 2.2, section 6.11).

use super::{FromValue as _, Parameters, checked_rp_id, verification};
use crate::cbor::Value;
use crate::env::{Env, UserVerification};
use crate::pin::attempts::Attempts;
use crate::pin::settings::{LONGEST, MAX_RP_IDS, Settings};
use crate::pin::token::{PinAuth, permissions};
use crate::session::Session;
use crate::status::Status;

/// The command byte, as the signed message has it.
const COMMAND: u8 = 0x0d;
const ENABLE_ENTERPRISE: u8 = 0x01;
const TOGGLE_ALWAYS_UV: u8 = 0x02;
const SET_MIN_PIN_LENGTH: u8 = 0x03;

/// The parameters.
pub(crate) struct Request {
    subcommand: u8,
    parameters: Option<Value>,
    proof: Option<PinAuth>,
}

pub(crate) fn decode(mut map: Parameters) -> Result<Request, Status> {
    let subcommand: i64 = map.require(0x01)?;
    Ok(Request {
        subcommand: u8::try_from(subcommand).map_err(|_| Status::InvalidSubcommand)?,
        parameters: map.take::<Parameters>(0x02)?.map(Parameters::into_value),
        proof: verification::proof(map.take(0x04)?, map.take(0x03)?)?,
    })
}

pub(crate) fn decide(
    request: Request,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<(), Status> {
    let capabilities = env.capabilities();
    match request.subcommand {
        ENABLE_ENTERPRISE if capabilities.enterprise.is_some() => {}
        TOGGLE_ALWAYS_UV | SET_MIN_PIN_LENGTH => {}
        _ => return Err(Status::InvalidSubcommand),
    }
    authorize(&request, session, env)?;
    let mut settings = Settings::load(env)?;
    match request.subcommand {
        ENABLE_ENTERPRISE => settings.enterprise = true,
        TOGGLE_ALWAYS_UV => toggle_always_uv(&mut settings, env)?,
        _ => {
            let parameters = request.parameters.ok_or(Status::MissingParameter)?;
            set_min_pin_length(Parameters::of(parameters)?, &mut settings, env)?;
        }
    }
    settings.save(env)?;
    if settings.force_pin_change {
        session.revoke_token();
    }
    Ok(())
}

/// Whoever has protected the authenticator decides; an unprotected one can be set up by anybody, like its first PIN.
fn authorize(request: &Request, session: &mut Session, env: &mut impl Env) -> Result<(), Status> {
    let Some(proof) = &request.proof else {
        let needed = verification::is_protected(env)? || verification::always_verifies(env)?;
        return if needed {
            Err(Status::PuatRequired)
        } else {
            Ok(())
        };
    };
    let parameters = request.parameters.as_ref().map(Value::encode);
    let message = [
        [0xff; 32].as_slice(),
        &[COMMAND, request.subcommand],
        &parameters.unwrap_or_default(),
    ];
    let now = env.now();
    session
        .authenticate(
            proof,
            &message,
            permissions::AUTHENTICATOR_CONFIGURATION,
            now,
        )
        .map(drop)
}

fn toggle_always_uv(settings: &mut Settings, env: &impl Env) -> Result<(), Status> {
    // An authenticator that always verifies by its nature has nothing to switch off.
    if env.profile().user_verification == UserVerification::Always {
        return Err(Status::OperationDenied);
    }
    settings.always_uv = !settings.always_uv;
    Ok(())
}

fn set_min_pin_length(
    mut parameters: Parameters,
    settings: &mut Settings,
    env: &mut impl Env,
) -> Result<(), Status> {
    let current = settings.min_pin_length;
    let wanted = match parameters.take::<i64>(0x01)? {
        Some(wanted) => usize::try_from(wanted).map_err(|_| Status::InvalidParameter)?,
        None => current,
    };
    // Never down again: only a reset makes short PINs possible.
    if wanted < current || wanted > LONGEST {
        return Err(Status::PinPolicyViolation);
    }
    let pin = Attempts::load(env)?;
    let forced = parameters.take(0x03)?.unwrap_or(false);
    if forced && pin.is_none() {
        return Err(Status::PinNotSet);
    }
    if let Some(list) = parameters.take::<Vec<Value>>(0x02)? {
        if list.len() > MAX_RP_IDS {
            return Err(Status::KeyStoreFull);
        }
        let rp_ids = list
            .into_iter()
            .map(|item| String::from_value(item).and_then(checked_rp_id));
        settings.min_pin_length_rp_ids = rp_ids.collect::<Result<_, _>>()?;
    }
    settings.min_pin_length = wanted;
    settings.force_pin_change |= forced || pin.is_some_and(|pin| pin.length < wanted);
    Ok(())
}
