use crate::Denial;
use crate::lifetimes::{FAILURE_WINDOW, FAILURES_ALLOWED};
use crate::model::{Failures, Method, PassUse, Proof, TemporaryAccessPass, Timestamp};

/// Whether this source may try again. Passkeys are never counted: guessing one is hopeless, and a
/// stranger's guesses must not lock the owner out.
///
/// # Errors
/// [`Denial::LockedOut`].
pub fn check_lockout(failures: &Failures, now: Timestamp) -> Result<(), Denial> {
    let running = failures
        .since
        .is_some_and(|since| now.since(since) <= FAILURE_WINDOW);
    if running && failures.count >= FAILURES_ALLOWED {
        return Err(Denial::LockedOut);
    }
    Ok(())
}

/// Whether these proofs are two factors together: a passkey, a pass, or two of password, one-time code and a passkey that is
/// in doubt.
#[must_use]
pub fn is_multi_factor<'p>(proofs: impl Iterator<Item = &'p Proof>) -> bool {
    multi_factor_since(proofs).is_some()
}

/// The newest moment at which two factors had been shown together; proofs of an earlier session may be much older than
/// the request that goes on with them.
#[must_use]
pub fn multi_factor_since<'p>(proofs: impl Iterator<Item = &'p Proof>) -> Option<Timestamp> {
    let mut both = None;
    // Password, one-time code, passkey in doubt: each is one factor.
    let mut single: [Option<Timestamp>; 3] = [None; 3];
    let [password, code, in_doubt] = &mut single;
    for proof in proofs {
        let newest = match Method::of_mode(proof.mode) {
            Some(Method::Passkey) if is_in_doubt(proof) => &mut *in_doubt,
            Some(Method::Passkey | Method::TemporaryAccessPass) => &mut both,
            Some(Method::Password) => &mut *password,
            Some(Method::Totp) => &mut *code,
            None => continue,
        };
        *newest = (*newest).max(Some(proof.at));
    }
    single.sort_unstable();
    // Two of them were there when the older of the two newest was.
    let [_, pair, _] = single;
    both.max(pair)
}

fn is_in_doubt(proof: &Proof) -> bool {
    proof.passkey.is_some_and(|passkey| passkey.doubt.is_some())
}

/// Whether a pass can be used now.
///
/// # Errors
/// [`Denial::PassNotYetValid`], [`Denial::PassExpired`] or [`Denial::PassUsed`].
pub fn check_pass(pass: &TemporaryAccessPass, now: Timestamp) -> Result<(), Denial> {
    if now < pass.starts {
        return Err(Denial::PassNotYetValid);
    }
    if pass.ends() <= now {
        return Err(Denial::PassExpired);
    }
    if pass.usable == PassUse::Once && pass.used.is_some() {
        return Err(Denial::PassUsed);
    }
    Ok(())
}
