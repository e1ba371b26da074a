//! A passkey that somebody else registered waits for its owner, where the passkey method says so.
//!
//! ```text
//!   registered on behalf ──▶ waiting (disabled) ──owner shows it, fresh from another method──▶ works
//! ```
//! Whoever made the key may still hold it. That its owner has it is known when they show it while they are signed in by other
//! means, as freshly as registering one of their own would take.

use crate::Denial;
use crate::model::{Passkey, Provenance, Timestamp};
use crate::profiles::{self, Key, Occasion};
use crate::register::{Situation, is_fresh, shown_once, usable};
use crate::sign_in::{PasskeyUse, judge_shown};
use crate::snapshot::Snapshot;
use ceremony::{AssertionFacts, CounterPolicy, SignedIn};

/// A passkey that its owner has shown and may use from now on. Only [`activate`] makes it.
///
/// ```compile_fail
/// # fn forge(used: policy::sign_in::PasskeyUse) -> policy::activation::Activated {
/// policy::activation::Activated { used, user_version: 1, policy_version: 1 }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activated {
    used: PasskeyUse,
    user_version: i64,
    policy_version: i64,
}

impl Activated {
    /// What showing it changes in it.
    #[must_use]
    pub const fn used(&self) -> &PasskeyUse {
        &self.used
    }

    /// The version of the user that the decision saw; the write depends on it.
    #[must_use]
    pub const fn user_version(&self) -> i64 {
        self.user_version
    }

    /// The version of the policies that decided; the write depends on it too.
    #[must_use]
    pub const fn policy_version(&self) -> i64 {
        self.policy_version
    }

    /// Without ceremony and decision, for tests of the store.
    #[cfg(feature = "made-up-proofs")]
    #[must_use]
    pub const fn made_up(used: PasskeyUse, user_version: i64, policy_version: i64) -> Self {
        Self {
            used,
            user_version,
            policy_version,
        }
    }
}

/// Whether the owner may activate this passkey now: everything that can be said before it is touched.
///
/// # Errors
/// [`Denial::UserDisabled`], [`Denial::ActivationNotNeeded`], those of freshness as for registering
/// ([`crate::register::may_begin`]), and those of [`profiles::judge`] for a new passkey.
pub fn may_activate(
    snapshot: &Snapshot,
    situation: Situation<'_>,
    passkey: &Passkey,
    now: Timestamp,
) -> Result<(), Denial> {
    if !situation.subject.user.enabled {
        return Err(Denial::UserDisabled);
    }
    if !passkey.waiting {
        return Err(Denial::ActivationNotNeeded);
    }
    is_fresh(situation.standing, shown_once(situation.existing), now)?;
    let existing = usable(situation.existing);
    // It takes its place among the others only now.
    let occasion = Occasion::Registration {
        by: Provenance::Provisioned,
        existing: &existing,
        across: false,
    };
    let key = Key::from(passkey);
    profiles::judge(snapshot, situation.subject, &key, occasion, now).map(drop)
}

/// Whether this assertion activates the passkey.
///
/// # Errors
/// Those of [`may_activate`], and those of a sign-in with it ([`crate::sign_in::judge_passkey`]).
pub fn activate(
    snapshot: &Snapshot,
    situation: Situation<'_>,
    passkey: &Passkey,
    shown: &SignedIn,
    now: Timestamp,
) -> Result<Activated, Denial> {
    judge(snapshot, situation, passkey, shown.facts(), now)
}

fn judge(
    snapshot: &Snapshot,
    situation: Situation<'_>,
    passkey: &Passkey,
    facts: &AssertionFacts,
    now: Timestamp,
) -> Result<Activated, Denial> {
    may_activate(snapshot, situation, passkey, now)?;
    let user = situation.subject.user;
    // As it will be; everything else that a sign-in looks at counts here too.
    let awake = Passkey {
        enabled: true,
        waiting: false,
        ..passkey.clone()
    };
    let used = judge_shown(user, facts, &awake, CounterPolicy::Refuse)?;
    Ok(Activated {
        used,
        user_version: user.version,
        policy_version: snapshot.version(),
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;
    use crate::model::{
        AttestationRule, Compromise, CompromiseReason, Measure, PasskeyProfile, PasskeyType, Span,
        UserId,
    };
    use crate::register::Standing;
    use crate::samples::*;

    fn waiting() -> Passkey {
        Passkey {
            enabled: false,
            waiting: true,
            provenance: Provenance::Provisioned,
            ..passkey()
        }
    }

    fn ask(
        profile: PasskeyProfile,
        standing: Standing,
        existing: &[Passkey],
        passkey: &Passkey,
        facts: &AssertionFacts,
    ) -> Result<Activated, Denial> {
        let (snapshot, user) = (compiled(profile), user());
        let subject = snapshot.subject(&user, &[], &[]);
        let situation = Situation {
            subject: &subject,
            existing,
            standing,
            provenance: Provenance::Provisioned,
        };
        judge(&snapshot, situation, passkey, facts, NOW)
    }

    fn with(passkey: &Passkey) -> Result<Activated, Denial> {
        let existing = [passkey.clone()];
        ask(
            profile(),
            Standing::Mfa(NOW),
            &existing,
            passkey,
            &assertion(),
        )
    }

    #[test]
    fn a_waiting_passkey_is_activated_by_showing_it() {
        let activated = with(&waiting()).unwrap();
        assert_eq!(activated.used().passkey, waiting().id);
        assert_eq!(activated.user_version(), user().version);
    }

    #[test]
    fn what_does_not_wait_is_not_activated() {
        let disabled = Passkey {
            waiting: false,
            ..waiting()
        };
        assert_eq!(with(&disabled), Err(Denial::ActivationNotNeeded));
    }

    #[test]
    fn activating_takes_what_registering_takes() {
        let asked = |standing, existing: &[Passkey]| {
            ask(profile(), standing, existing, &waiting(), &assertion()).map(drop)
        };
        let stale = Standing::Mfa(NOW.minus(Span::seconds(301)));
        assert_eq!(asked(stale, &[waiting()]), Err(Denial::FreshMfaRequired));
        // A password alone is enough only for those who have nothing else; the one that waits is not theirs yet.
        let password = Standing::OnlyFactor(NOW);
        assert_eq!(asked(password, &[waiting()]), Ok(()));
        let both = [waiting(), passkey()];
        assert_eq!(asked(password, &both), Err(Denial::FreshMfaRequired));
    }

    #[test]
    fn profiles_judge_it_as_they_would_a_new_one() {
        let asked = |profile| {
            ask(
                profile,
                Standing::Mfa(NOW),
                &[waiting(), passkey()],
                &waiting(),
                &assertion(),
            )
            .map(drop)
        };
        let mut synced = profile();
        synced.types = vec![PasskeyType::Synced];
        assert_eq!(asked(synced), Err(Denial::PasskeyTypeNotAllowed));
        let mut few = profile();
        few.maximum_per_user = Some(1);
        assert_eq!(asked(few), Err(Denial::TooManyPasskeys));
        // Whether people register by themselves is another question.
        let mut provisioned = profile();
        provisioned.self_service = Some(false);
        provisioned.attestation = AttestationRule::Disabled;
        assert_eq!(asked(provisioned), Ok(()));
    }

    #[test]
    fn everything_that_a_sign_in_looks_at_counts() {
        let quarantined = Passkey {
            compromise: Some(Compromise {
                since: NOW,
                reason: CompromiseReason::ModelRevoked,
                measure: Measure::Quarantine,
            }),
            ..waiting()
        };
        assert_eq!(with(&quarantined), Err(Denial::PasskeyQuarantined));
        let of_another = Passkey {
            user: UserId::from_bytes([9; 16]),
            ..waiting()
        };
        assert_eq!(with(&of_another), Err(Denial::PasskeyOfAnotherUser));
        let mut unverified = assertion();
        unverified.user_verified = false;
        let asked = ask(
            profile(),
            Standing::Mfa(NOW),
            &[waiting()],
            &waiting(),
            &unverified,
        );
        assert_eq!(asked, Err(Denial::UserVerificationMissing));
    }
}
