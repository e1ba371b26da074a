//! Temporary Access Passes: what may be issued, and what may be used.

use crate::Denial;
use crate::lifetimes::{PASS_MAX, PASS_MIN};
use crate::model::{PassPolicy, PassUse, Span, TemporaryAccessPass, Timestamp};
use crate::snapshot::{Snapshot, Subject};

/// What somebody who issues a pass asks for; what is left open is as the policy says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// How long it lives.
    pub lifetime: Option<Span>,
    /// Once or often.
    pub usable: Option<PassUse>,
}

/// What a pass will be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// How long it lives.
    pub lifetime: Span,
    /// Once or often.
    pub usable: PassUse,
    /// Characters of its code.
    pub length: usize,
}

/// Whether a pass can be used, and if not why (`methodUsabilityReason`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usability {
    /// It can.
    EnabledByPolicy,
    /// Its owner may not use passes.
    DisabledByPolicy,
    /// It is past its end.
    Expired,
    /// It begins later.
    NotYetValid,
    /// It works once and was used.
    OneTimeUsed,
}

/// Completes a wish by the policy, or says which of its bounds is crossed.
///
/// # Errors
/// [`Denial::PassLifetimeOutOfRange`], [`Denial::PassOnceOnly`].
pub fn shape(policy: &PassPolicy, wish: Wish) -> Result<Shape, Denial> {
    let minutes = |minutes: u32| Span::minutes(i64::from(minutes));
    let lifetime = wish.lifetime.unwrap_or(minutes(policy.default_minutes));
    // The absolute bounds hold whatever a policy says.
    let shortest = minutes(policy.minimum_minutes).max(PASS_MIN);
    let longest = minutes(policy.maximum_minutes).min(PASS_MAX);
    if lifetime < shortest || lifetime > longest {
        return Err(Denial::PassLifetimeOutOfRange);
    }
    let usable = match (policy.once_only, wish.usable) {
        (true, Some(PassUse::Many)) => return Err(Denial::PassOnceOnly),
        (true, _) => PassUse::Once,
        (false, wish) => wish.unwrap_or(PassUse::Many),
    };
    Ok(Shape {
        lifetime,
        usable,
        length: usize::try_from(policy.length).unwrap_or(usize::MAX),
    })
}

/// Whether the policy lets this person sign in with this pass. A pass that the operator made at the command line works
/// whatever the policy says: it is the way back in.
///
/// # Errors
/// [`Denial::PassNotAllowed`].
pub fn may_use(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    pass: &TemporaryAccessPass,
) -> Result<(), Denial> {
    if pass.ends_with_registration || snapshot.passes_allowed(subject) {
        Ok(())
    } else {
        Err(Denial::PassNotAllowed)
    }
}

/// Whether a pass can be used now, by a person who may use passes or may not.
#[must_use]
pub fn usability(pass: &TemporaryAccessPass, allowed: bool, now: Timestamp) -> Usability {
    if !allowed && !pass.ends_with_registration {
        return Usability::DisabledByPolicy;
    }
    match crate::sign_in::check_pass(pass, now) {
        Err(Denial::PassNotYetValid) => Usability::NotYetValid,
        Err(Denial::PassUsed) => Usability::OneTimeUsed,
        Err(_) => Usability::Expired,
        Ok(()) => Usability::EnabledByPolicy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Assignment, GroupId, Policies, Scope};
    use crate::samples::{NOW, ago, pass, user};
    use std::sync::Arc;

    fn wish(minutes: Option<i64>, usable: Option<PassUse>) -> Wish {
        Wish {
            lifetime: minutes.map(Span::minutes),
            usable,
        }
    }

    fn shaped(policy: &PassPolicy, wish: Wish) -> Result<(i64, PassUse), Denial> {
        shape(policy, wish).map(|shape| (shape.lifetime.as_seconds() / 60, shape.usable))
    }

    /// Reference 6.5: the settings and their defaults (60 to 480 minutes, 60 unless said otherwise, not once only).
    #[test]
    fn a_pass_is_what_the_policy_allows() {
        let policy = PassPolicy::default();
        let out = Err(Denial::PassLifetimeOutOfRange);
        let (once, many) = (Some(PassUse::Once), Some(PassUse::Many));
        let table = [
            (wish(None, None), Ok((60, PassUse::Many))),
            (wish(Some(60), once), Ok((60, PassUse::Once))),
            (wish(Some(480), many), Ok((480, PassUse::Many))),
            (wish(Some(59), None), out),
            (wish(Some(481), None), out),
        ];
        for (wish, expected) in table {
            assert_eq!(shaped(&policy, wish), expected, "{wish:?}");
        }
    }

    /// Reference 6.5: `minimumLifetimeInMinutes` and `maximumLifetimeInMinutes` are 10 to 43,200 at the widest.
    #[test]
    fn no_policy_widens_the_absolute_bounds() {
        let policy = PassPolicy {
            minimum_minutes: 1,
            maximum_minutes: 100_000,
            ..PassPolicy::default()
        };
        for minutes in [9, 43_201] {
            let denied = shaped(&policy, wish(Some(minutes), None));
            assert_eq!(denied, Err(Denial::PassLifetimeOutOfRange));
        }
        for minutes in [10, 43_200] {
            assert!(shaped(&policy, wish(Some(minutes), None)).is_ok());
        }
    }

    /// Reference 6.5: `isUsableOnce` true makes all passes one-time.
    #[test]
    fn a_policy_can_make_every_pass_work_once() {
        let policy = PassPolicy {
            once_only: true,
            ..PassPolicy::default()
        };
        assert_eq!(shaped(&policy, wish(None, None)), Ok((60, PassUse::Once)));
        let denied = shaped(&policy, wish(None, Some(PassUse::Many)));
        assert_eq!(denied, Err(Denial::PassOnceOnly));
    }

    /// Reference 6.5: creatable for any user, usable by users in the policy's scope.
    #[test]
    fn only_people_in_scope_use_a_pass() {
        let staff = GroupId::from_bytes([7; 16]);
        let may = |policy: PassPolicy, groups: &[GroupId], pass: &TemporaryAccessPass| {
            let policies = Policies {
                passes: policy,
                ..Policies::of_new_tenant()
            };
            let snapshot = Snapshot::compile(1, policies, Arc::default());
            let user = user();
            let subject = snapshot.subject(&user, &[], groups);
            may_use(&snapshot, &subject, pass)
        };
        let scoped = |exclude| PassPolicy {
            who: Assignment {
                include: Scope::group(staff),
                exclude,
            },
            ..PassPolicy::default()
        };
        let plain = pass(PassUse::Many);
        let denied = Err(Denial::PassNotAllowed);
        assert_eq!(may(PassPolicy::default(), &[], &plain), Ok(()));
        assert_eq!(may(scoped(Scope::default()), &[staff], &plain), Ok(()));
        assert_eq!(may(scoped(Scope::default()), &[], &plain), denied);
        assert_eq!(may(scoped(Scope::everyone()), &[staff], &plain), denied);
        let off = PassPolicy {
            enabled: false,
            ..PassPolicy::default()
        };
        assert_eq!(may(off.clone(), &[], &plain), denied);
        let operators = TemporaryAccessPass {
            ends_with_registration: true,
            ..plain
        };
        assert_eq!(may(off, &[], &operators), Ok(()));
    }

    /// Reference 6.5: `methodUsabilityReason`.
    #[test]
    fn a_pass_says_why_it_cannot_be_used() {
        let plain = pass(PassUse::Once);
        let used = TemporaryAccessPass {
            used: Some(NOW),
            ..plain.clone()
        };
        let table = [
            (&plain, true, NOW, Usability::EnabledByPolicy),
            (&plain, false, NOW, Usability::DisabledByPolicy),
            (&plain, true, ago(Span::minutes(1)), Usability::NotYetValid),
            (&plain, true, plain.ends(), Usability::Expired),
            (&used, true, NOW, Usability::OneTimeUsed),
        ];
        for (pass, allowed, now, expected) in table {
            assert_eq!(usability(pass, allowed, now), expected);
        }
    }
}
