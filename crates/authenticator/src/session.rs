//! What the authenticator knows only until the power goes: agreement keys, the token, series that are under way.

use crate::commands::credential_management::Series;
use crate::commands::get_assertion;
use crate::commands::large_blobs::Upload;
use crate::env::{Env, Milliseconds};
use crate::pin::protocol::{AgreementKey, Protocol};
use crate::pin::token::{PinAuth, Token};
use crate::status::Status;

/// Everything volatile.
#[derive(Debug)]
pub(crate) struct Session {
    powered_up: Milliseconds,
    agreement: [Option<AgreementKey>; 2],
    token: Option<Token>,
    /// Wrong PINs since power-up.
    pub wrong_pins: u8,
    pub remaining: Option<get_assertion::Remaining>,
    pub series: Option<Series>,
    pub upload: Option<Upload>,
}

impl Session {
    pub(crate) const fn new(powered_up: Milliseconds) -> Self {
        Self {
            powered_up,
            agreement: [None, None],
            token: None,
            wrong_pins: 0,
            remaining: None,
            series: None,
            upload: None,
        }
    }

    /// Milliseconds since power-up.
    pub(crate) fn uptime(&self, env: &impl Env) -> u64 {
        env.now().since(self.powered_up)
    }

    /// Forgets the series that another command has interrupted (CTAP 2.2, sections 6.3, 6.8 and 6.10).
    pub(crate) fn interrupt(&mut self, command: u8) {
        if command != crate::authenticator::GET_NEXT_ASSERTION {
            self.remaining = None;
        }
        if command != crate::authenticator::CREDENTIAL_MANAGEMENT {
            self.series = None;
        }
        if command != crate::authenticator::LARGE_BLOBS {
            self.upload = None;
        }
    }

    /// The agreement key of a protocol, made at its first use.
    pub(crate) fn agreement(
        &mut self,
        protocol: Protocol,
        env: &mut impl Env,
    ) -> Result<&AgreementKey, Status> {
        let slot = self.slot(protocol);
        if slot.is_none() {
            *slot = Some(AgreementKey::new(env)?);
        }
        slot.as_ref().ok_or(Status::Other)
    }

    /// After a wrong PIN the next attempt needs a fresh agreement: nobody collects answers under one secret.
    pub(crate) fn forget_agreement(&mut self, protocol: Protocol) {
        *self.slot(protocol) = None;
    }

    fn slot(&mut self, protocol: Protocol) -> &mut Option<AgreementKey> {
        let [one, two] = &mut self.agreement;
        match protocol {
            Protocol::One => one,
            Protocol::Two => two,
        }
    }

    /// Puts a new token in the place of every older one.
    pub(crate) fn set_token(&mut self, token: Token) {
        self.token = Some(token);
    }

    /// Ends every token.
    pub(crate) fn revoke_token(&mut self) {
        self.token = None;
    }

    /// Checks a proof over `message` for one permission and returns the living token.
    pub(crate) fn authenticate(
        &mut self,
        proof: &PinAuth,
        message: &[&[u8]],
        permission: u8,
        now: Milliseconds,
    ) -> Result<&mut Token, Status> {
        if self.token.as_ref().is_some_and(|token| !token.lives(now)) {
            self.token = None;
        }
        let token = self.token.as_mut().ok_or(Status::PinAuthInvalid)?;
        token.check(proof, message, permission)?;
        Ok(token)
    }

    /// After a registration or sign-in by token.
    pub(crate) fn spend_token(&mut self) {
        if let Some(token) = &mut self.token {
            token.spend();
        }
    }
}
