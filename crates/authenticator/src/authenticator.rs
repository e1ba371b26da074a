//! The message loop: one request in, one response out.

use crate::cbor::Value;
use crate::commands::get_info::MAX_MESSAGE;
use crate::commands::{Parameters, get_assertion, get_info, make_credential};
use crate::env::Env;
use crate::status::Status;

const MAKE_CREDENTIAL: u8 = 0x01;
const GET_ASSERTION: u8 = 0x02;
const GET_INFO: u8 = 0x04;
const GET_NEXT_ASSERTION: u8 = 0x08;

/// A CTAP2 authenticator over a world.
#[derive(Debug)]
pub struct Authenticator<E> {
    env: E,
    remaining: Option<get_assertion::Remaining>,
}

impl<E: Env> Authenticator<E> {
    /// An authenticator at power-up.
    pub const fn new(env: E) -> Self {
        Self {
            env,
            remaining: None,
        }
    }

    /// The world it lives in.
    pub const fn env(&self) -> &E {
        &self.env
    }

    /// The world it lives in, to change it.
    pub const fn env_mut(&mut self) -> &mut E {
        &mut self.env
    }

    /// Answers one request: command byte and canonical CBOR in, status byte and canonical CBOR out.
    ///
    /// Total: every input has an answer, at least a status byte.
    pub fn handle(&mut self, request: &[u8]) -> Vec<u8> {
        match self.dispatch(request) {
            Ok(value) => [vec![Status::Ok.byte()], value.encode()].concat(),
            Err(status) => vec![status.byte()],
        }
    }

    fn dispatch(&mut self, request: &[u8]) -> Result<Value, Status> {
        if request.len() > MAX_MESSAGE {
            return Err(Status::RequestTooLarge);
        }
        let (command, body) = request.split_first().ok_or(Status::InvalidLength)?;
        if *command != GET_NEXT_ASSERTION {
            // Any other command ends the series of assertions (CTAP 2.2, section 6.3).
            self.remaining = None;
        }
        match *command {
            MAKE_CREDENTIAL => self.make_credential(body),
            GET_ASSERTION => self.get_assertion(body),
            GET_INFO => without_parameters(body).map(|()| get_info::answer(&self.env.profile())),
            GET_NEXT_ASSERTION => without_parameters(body).and_then(|()| self.get_next_assertion()),
            _ => Err(Status::InvalidCommand),
        }
    }

    fn make_credential(&mut self, body: &[u8]) -> Result<Value, Status> {
        let request = make_credential::decode(parameters(body)?)?;
        make_credential::decide(&request, &mut self.env).map(make_credential::encode)
    }

    fn get_assertion(&mut self, body: &[u8]) -> Result<Value, Status> {
        let request = get_assertion::decode(parameters(body)?)?;
        let (asserted, remaining) = get_assertion::decide(&request, &mut self.env)?;
        self.remaining = remaining;
        Ok(get_assertion::encode(asserted))
    }

    fn get_next_assertion(&mut self) -> Result<Value, Status> {
        get_assertion::decide_next(&mut self.remaining, &mut self.env).map(get_assertion::encode)
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
