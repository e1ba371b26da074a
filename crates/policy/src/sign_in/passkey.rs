use crate::Denial;
use crate::lifecycle::Grace;
use crate::model::{GroupId, Measure, Passkey, Role, Timestamp, User};
use crate::profiles::{self, Key, Occasion};
use crate::snapshot::{Snapshot, Subject};
use ceremony::{AssertionFacts, CounterOutcome, CounterPolicy};

use super::PasskeyUse;

/// Under which rules an assertion is judged.
#[derive(Debug, Clone, Copy)]
pub struct PasskeyRules<'a> {
    /// The tenant's policies.
    pub snapshot: &'a Snapshot,
    /// Roles of the user.
    pub roles: &'a [Role],
    /// Groups of the user.
    pub groups: &'a [GroupId],
    /// What a counter that does not grow means.
    pub counter: CounterPolicy,
    /// Permission to go on with a passkey past its end.
    pub grace: Option<&'a Grace>,
    /// Another device holds the passkey than the one that signs in.
    pub across: bool,
}

impl<'a> PasskeyRules<'a> {
    fn subject(&self, user: &'a User) -> Subject<'a> {
        self.snapshot.subject(user, self.roles, self.groups)
    }
}

/// Whether an assertion of these facts lets this user in. What the profiles say about the passkey is
/// asked again, because they may have changed since.
///
/// # Errors
/// [`Denial::PasskeyOfAnotherUser`], [`Denial::PasskeyNotActivated`], [`Denial::PasskeyDisabled`],
/// [`Denial::UserVerificationMissing`], [`Denial::PasskeySuspectedClone`] or those of
/// [`profiles::judge`].
pub fn judge_passkey(
    user: &User,
    facts: &AssertionFacts,
    passkey: &Passkey,
    rules: PasskeyRules<'_>,
    now: Timestamp,
) -> Result<PasskeyUse, Denial> {
    let used = judge_shown(user, facts, passkey, rules.counter)?;
    let (key, subject) = (Key::from(passkey), rules.subject(user));
    let occasion = Occasion::sign_in(rules.across);
    // Past its end, but let in so that it can be replaced.
    let graced = rules.grace.is_some_and(|grace| grace.is_for(passkey));
    match profiles::judge(rules.snapshot, &subject, &key, occasion, now) {
        // Grace is about age, and about nothing else.
        Err(denial) if !graced || denial == Denial::CrossDeviceNotAllowed => Err(denial),
        _ => Ok(used),
    }
}

/// Everything of it but what the profiles say.
pub(crate) fn judge_shown(
    user: &User,
    facts: &AssertionFacts,
    passkey: &Passkey,
    counter: CounterPolicy,
) -> Result<PasskeyUse, Denial> {
    if passkey.user != user.id
        || facts.credential_id.as_bytes() != passkey.credential_id
        || facts.user_handle.as_bytes() != user.handle.as_bytes()
    {
        return Err(Denial::PasskeyOfAnotherUser);
    }
    if passkey.waiting {
        return Err(Denial::PasskeyNotActivated);
    }
    if !passkey.enabled {
        return Err(Denial::PasskeyDisabled);
    }
    if passkey.measure() == Some(Measure::Quarantine) {
        return Err(Denial::PasskeyQuarantined);
    }
    if !facts.user_verified {
        return Err(Denial::UserVerificationMissing);
    }
    let stepped_back = facts.counter == CounterOutcome::Regressed;
    let suspected = stepped_back || passkey.suspected_clone.is_some();
    if suspected && counter == CounterPolicy::Refuse {
        return Err(Denial::PasskeySuspectedClone);
    }
    Ok(PasskeyUse {
        passkey: passkey.id,
        count_before: passkey.sign_count,
        count: facts.sign_count,
        backed_up: facts.backed_up,
        user_verified: facts.user_verified,
        suspected_clone: stepped_back,
    })
}
