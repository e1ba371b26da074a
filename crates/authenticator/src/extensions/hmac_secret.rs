//! hmac-secret and hmac-secret-mc (CTAP 2.2, sections 12.7 and 12.8): secrets for salts, through the agreed key.

use crate::commands::Parameters;
use crate::env::{Env, KeyHandle, Secret};
use crate::pin::protocol::{Protocol, SharedSecret};
use crate::session::Session;
use crate::status::Status;
use zeroize::Zeroizing;

const SALT: usize = 32;

/// One or two salts and the key their answers go back under.
#[derive(Clone)]
pub(crate) struct Salts {
    secret: SharedSecret,
    salts: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Salts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salts")
    }
}

impl Salts {
    pub(crate) fn open(
        mut input: Parameters,
        session: &mut Session,
        env: &mut impl Env,
    ) -> Result<Self, Status> {
        // Platforms of CTAP 2.0 name no protocol: they know only the first.
        let protocol = input
            .take(0x04)?
            .map_or(Ok(Protocol::One), Protocol::of_number)?;
        let peer: Parameters = input.require(0x01)?;
        let (sealed, tag): (Vec<u8>, Vec<u8>) = (input.require(0x02)?, input.require(0x03)?);
        let secret = session
            .agreement(protocol, env)?
            .shared_secret(protocol, peer)?;
        if !secret.verifies(&[&sealed], &tag) {
            return Err(Status::PinAuthInvalid);
        }
        let salts = secret.decrypt(&sealed)?;
        if salts.len() != SALT && salts.len() != 2 * SALT {
            return Err(Status::InvalidLength);
        }
        Ok(Self { secret, salts })
    }

    /// The sealed secrets. A verified person gets other ones than somebody who was only present.
    pub(crate) fn answer(
        &self,
        key: &KeyHandle,
        verified: bool,
        env: &mut impl Env,
    ) -> Result<Vec<u8>, Status> {
        let which = if verified {
            Secret::HmacVerified
        } else {
            Secret::HmacPresent
        };
        let mut outputs = Zeroizing::new(Vec::with_capacity(2 * SALT));
        for salt in self.salts.chunks(SALT) {
            let output = Zeroizing::new(env.derive(key, which, salt)?);
            outputs.extend_from_slice(output.as_slice());
        }
        self.secret.encrypt(&outputs, env)
    }
}
