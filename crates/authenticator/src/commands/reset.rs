//! authenticatorReset (CTAP 2.2, section 6.6).

use super::approved;
use crate::env::{Env, Purpose, Question};
use crate::session::Session;
use crate::status::Status;

/// Only so soon after power-up, in milliseconds: a program that waits for the right moment gets none.
const WITHIN: u64 = 10_000;

pub(crate) fn decide(session: &mut Session, env: &mut impl Env) -> Result<(), Status> {
    if session.uptime(env) > WITHIN {
        return Err(Status::NotAllowed);
    }
    let question = Question {
        purpose: Purpose::Reset,
        rp_id: "",
        verify: false,
    };
    approved(env.ask_user(&question), false)?;
    // Tokens first: one that outlived the passkeys would speak for a person who is gone.
    *session = Session::new(env.now());
    Ok(env.erase()?)
}
