//! The message loop: one request in, one response out.

use crate::cbor::Value;
use crate::commands::get_info::MAX_MESSAGE;
use crate::commands::{
    Parameters, client_pin, config, credential_management, get_assertion, get_info, large_blobs,
    make_credential, reset, selection,
};
use crate::env::{Capabilities, Env};
use crate::session::Session;
use crate::status::Status;

const MAKE_CREDENTIAL: u8 = 0x01;
const GET_ASSERTION: u8 = 0x02;
const GET_INFO: u8 = 0x04;
const CLIENT_PIN: u8 = 0x06;
const RESET: u8 = 0x07;
pub(crate) const GET_NEXT_ASSERTION: u8 = 0x08;
pub(crate) const CREDENTIAL_MANAGEMENT: u8 = 0x0a;
const SELECTION: u8 = 0x0b;
pub(crate) const LARGE_BLOBS: u8 = 0x0c;
const CONFIG: u8 = 0x0d;

/// A CTAP2 authenticator over a world.
#[derive(Debug)]
pub struct Authenticator<E> {
    env: E,
    session: Session,
}

impl<E: Env> Authenticator<E> {
    /// An authenticator at power-up.
    pub fn new(env: E) -> Self {
        let session = Session::new(env.now());
        Self { env, session }
    }

    /// Starts over as after a power cycle: tokens and series end, three wrong PINs in a row are forgiven.
    ///
    /// A process that never loses power calls this when a person has deliberately opened its window again, never because a
    /// program asked.
    pub fn power_cycle(&mut self) {
        self.session = Session::new(self.env.now());
    }

    /// The world it lives in.
    pub const fn env(&self) -> &E {
        &self.env
    }

    /// The world it lives in, to change it.
    pub const fn env_mut(&mut self) -> &mut E {
        &mut self.env
    }

    /// Gives the world back.
    pub fn into_env(self) -> E {
        self.env
    }

    /// Answers one request: command byte and canonical CBOR in, status byte and canonical CBOR (or nothing) out.
    ///
    /// Total: every input has an answer, at least a status byte.
    pub fn handle(&mut self, request: &[u8]) -> Vec<u8> {
        match self.dispatch(request) {
            Ok(Some(value)) => [vec![Status::Ok.byte()], value.encode()].concat(),
            Ok(None) => vec![Status::Ok.byte()],
            Err(status) => vec![status.byte()],
        }
    }

    fn dispatch(&mut self, request: &[u8]) -> Result<Option<Value>, Status> {
        if request.len() > MAX_MESSAGE {
            return Err(Status::RequestTooLarge);
        }
        let (command, body) = request.split_first().ok_or(Status::InvalidLength)?;
        if !is_built_in(*command, &self.env.capabilities()) {
            return Err(Status::InvalidCommand);
        }
        self.session.interrupt(*command);
        let (session, env) = (&mut self.session, &mut self.env);
        match *command {
            MAKE_CREDENTIAL => {
                let request = make_credential::decode(parameters(body)?)?;
                let made = make_credential::decide(&request, session, env)?;
                Ok(Some(make_credential::encode(made)))
            }
            GET_ASSERTION => {
                let request = get_assertion::decode(parameters(body)?)?;
                let asserted = get_assertion::decide(&request, session, env)?;
                Ok(Some(get_assertion::encode(asserted)))
            }
            GET_INFO => {
                without_parameters(body)?;
                get_info::answer(env).map(Some)
            }
            CLIENT_PIN => client_pin::decide(client_pin::decode(parameters(body)?)?, session, env),
            GET_NEXT_ASSERTION => {
                without_parameters(body)?;
                let asserted = get_assertion::decide_next(session, env)?;
                Ok(Some(get_assertion::encode(asserted)))
            }
            RESET => {
                without_parameters(body)?;
                reset::decide(session, env).map(|()| None)
            }
            CREDENTIAL_MANAGEMENT => {
                let request = credential_management::decode(parameters(body)?)?;
                credential_management::decide(request, session, env)
            }
            SELECTION => {
                without_parameters(body)?;
                selection::decide(env).map(|()| None)
            }
            LARGE_BLOBS => {
                let request = large_blobs::decode(parameters(body)?)?;
                large_blobs::decide(request, session, env)
            }
            CONFIG => {
                let request = config::decode(parameters(body)?)?;
                config::decide(request, session, env).map(|()| None)
            }
            _ => Err(Status::InvalidCommand),
        }
    }
}

/// Whether the world offers what a command stands on.
fn is_built_in(command: u8, capabilities: &Capabilities) -> bool {
    match command {
        CLIENT_PIN => capabilities.issues_tokens(),
        RESET => capabilities.management,
        CREDENTIAL_MANAGEMENT => capabilities.management && capabilities.issues_tokens(),
        LARGE_BLOBS => capabilities.large_blobs > 0,
        CONFIG => capabilities.pin,
        _ => true,
    }
}

fn parameters(body: &[u8]) -> Result<Parameters, Status> {
    Parameters::of(Value::decode(body).map_err(|_| Status::InvalidCbor)?)
}

fn without_parameters(body: &[u8]) -> Result<(), Status> {
    if body.is_empty() {
        Ok(())
    } else {
        Err(Status::InvalidLength)
    }
}
