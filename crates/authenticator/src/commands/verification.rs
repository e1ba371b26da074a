//! Who has been verified, and how: by a token that came with the command, or by the authenticator when it asks
//! (CTAP 2.2, sections 6.1.2 and 6.2.2, first steps of both).

use super::approved;
use crate::env::{Approval, Env, Purpose, Question, UserVerification};
use crate::pin::attempts::Attempts;
use crate::pin::protocol::Protocol;
use crate::pin::settings::Settings;
use crate::pin::token::PinAuth;
use crate::session::Session;
use crate::status::Status;

/// What a command says about verification.
#[derive(Debug)]
pub(crate) struct Demand<'a> {
    pub rp_id: &'a str,
    pub client_data_hash: &'a [u8; 32],
    pub proof: Option<&'a PinAuth>,
    /// The `uv` option.
    pub verify: bool,
    /// The `up` option.
    pub present: bool,
    /// The permission a token needs.
    pub permission: u8,
    /// Whether a PIN, once set, is needed for this: it makes something discoverable.
    pub guarded: bool,
}

/// How the person stands before being asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Verified already, by the token.
    pub verified: bool,
    /// Present already, by the touch at the token's issue.
    pub present: bool,
    /// Has to be verified when asked.
    pub verify: bool,
}

impl Standing {
    /// Asks the person for what is still missing.
    pub(crate) fn ask(
        self,
        env: &mut impl Env,
        purpose: Purpose<'_>,
        rp_id: &str,
    ) -> Result<Approval, Status> {
        if self.present && self.verified {
            return Ok(Approval {
                present: true,
                verified: true,
                chosen: None,
            });
        }
        let approval = approved(
            env.ask_user(&Question {
                purpose,
                rp_id,
                verify: self.verify,
            }),
            self.verify,
        )?;
        Ok(Approval {
            verified: approval.verified || self.verified,
            ..approval
        })
    }
}

/// The two parameters of a proof. Each needs the other.
pub(crate) fn proof(
    tag: Option<Vec<u8>>,
    protocol: Option<i64>,
) -> Result<Option<PinAuth>, Status> {
    match (tag, protocol) {
        (None, _) => Ok(None),
        (Some(_), None) => Err(Status::MissingParameter),
        (Some(tag), Some(protocol)) => Ok(Some(PinAuth {
            protocol: Protocol::of_number(protocol)?,
            tag,
        })),
    }
}

/// An empty proof is how old platforms ask "is it you?" among several authenticators: a touch, and whether there is a PIN.
pub(crate) fn refuse_empty_proof(
    proof: Option<&PinAuth>,
    env: &mut impl Env,
) -> Result<(), Status> {
    if proof.is_none_or(|proof| !proof.tag.is_empty()) {
        return Ok(());
    }
    approved(
        env.ask_user(&Question {
            purpose: Purpose::Select,
            rp_id: "",
            verify: false,
        }),
        false,
    )?;
    Err(match Attempts::load(env)? {
        Some(_) => Status::PinInvalid,
        None => Status::PinNotSet,
    })
}

/// Whether every registration and sign-in is verified, by the profile or by the settings.
pub(crate) fn always_verifies(env: &mut impl Env) -> Result<bool, Status> {
    Ok(env.profile().user_verification == UserVerification::Always
        || (env.capabilities().pin && Settings::load(env)?.always_uv))
}

/// Whether built-in verification is set up.
pub(crate) fn built_in(env: &impl Env) -> bool {
    matches!(
        env.profile().user_verification,
        UserVerification::OnRequest | UserVerification::Always
    )
}

/// Whether somebody has protected this authenticator by a PIN or by built-in verification.
pub(crate) fn is_protected(env: &mut impl Env) -> Result<bool, Status> {
    Ok(built_in(env) || Attempts::load(env)?.is_some())
}

pub(crate) fn settle(
    demand: &Demand<'_>,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<Standing, Status> {
    if let Some(proof) = demand.proof {
        if !env.capabilities().issues_tokens() {
            return Err(Status::InvalidParameter);
        }
        return by_token(demand, proof, session, env);
    }
    // Who asks nobody to be present asks nobody to be verified either: platforms so find out whose passkey it is (section 6.2.2, step 5).
    let always = demand.present && always_verifies(env)?;
    if demand.verify && !built_in(env) {
        return Err(Status::InvalidOption);
    }
    let has_pin = env.capabilities().pin && Attempts::load(env)?.is_some();
    if always && !built_in(env) {
        return Err(if env.capabilities().pin {
            Status::PuatRequired
        } else {
            Status::OperationDenied
        });
    }
    let verify = demand.verify || always;
    if demand.guarded && has_pin && !verify {
        return Err(Status::PuatRequired);
    }
    Ok(Standing {
        verified: false,
        present: false,
        verify,
    })
}

// The token decides alone: `uv` beside it means nothing (step 5 of both sections).
fn by_token(
    demand: &Demand<'_>,
    proof: &PinAuth,
    session: &mut Session,
    env: &mut impl Env,
) -> Result<Standing, Status> {
    let now = env.now();
    let token = session.authenticate(proof, &[demand.client_data_hash], demand.permission, now)?;
    token.bind(demand.rp_id)?;
    Ok(Standing {
        verified: true,
        present: token.shows_presence(now),
        verify: false,
    })
}
