//! Everything policy can say no with.

use thiserror::Error;

/// Why something that was asked for is not allowed. One variant per rule.
///
/// `Display` is the stable code; the two sentences are for people, and only the first one is for
/// the person who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[error("{}", self.code())]
pub enum Denial {
    /// The account is disabled.
    UserDisabled,
    /// Too many wrong answers from this source.
    LockedOut,
    /// Name or password is wrong; deliberately not said which.
    CredentialsWrong,
    /// The one-time code is wrong.
    TotpWrong,
    /// The one-time code was used before.
    TotpReplayed,
    /// The pass is wrong or there is none.
    PassWrong,
    /// The pass works later.
    PassNotYetValid,
    /// The pass is past its end.
    PassExpired,
    /// The one-time pass was used.
    PassUsed,
    /// The passkey is disabled.
    PasskeyDisabled,
    /// The passkey's counter stepped back and the rule is to refuse.
    PasskeySuspectedClone,
    /// The passkey was used without PIN or biometric.
    UserVerificationMissing,
    /// The passkey is not this user's.
    PasskeyOfAnotherUser,
    /// This kind of passkey (device-bound or synced) is not allowed.
    PasskeyTypeNotAllowed,
    /// This model of authenticator is not allowed.
    AaguidNotAllowed,
    /// The authenticator's maker does not vouch for it and has to.
    AttestationRequired,
    /// A second factor is enrolled and was not shown.
    SecondFactorRequired,
    /// A conditional access policy blocks this.
    AccessBlocked,
    /// A policy asks for a method that the user neither has nor may register now.
    StrengthUnreachable,
    /// The attempt took too long or was overtaken by a change of the account.
    AttemptOver,
    /// The session was ended.
    SessionEnded,
    /// The session is past its end or was idle too long.
    SessionExpired,
    /// Users may not register passkeys by themselves.
    SelfServiceOff,
    /// Registration needs a sign-in with two factors within the last five minutes.
    FreshMfaRequired,
    /// The ten minutes after a sign-in with a one-time pass are over.
    PassRegistrationWindowOver,
    /// The caller's roles do not permit this action.
    RoleMissing,
    /// The target holds a role that the caller may not touch.
    TargetProtected,
    /// Nobody does this to themselves.
    NotForOneself,
    /// External guests get no pass.
    PassForGuest,
    /// The pass would live for less than 10 minutes or more than 43,200.
    PassLifetimeOutOfRange,
}

impl Denial {
    /// Every denial, for tables and tests.
    pub const ALL: &'static [Self] = &[
        Self::UserDisabled,
        Self::LockedOut,
        Self::CredentialsWrong,
        Self::TotpWrong,
        Self::TotpReplayed,
        Self::PassWrong,
        Self::PassNotYetValid,
        Self::PassExpired,
        Self::PassUsed,
        Self::PasskeyDisabled,
        Self::PasskeySuspectedClone,
        Self::UserVerificationMissing,
        Self::PasskeyOfAnotherUser,
        Self::PasskeyTypeNotAllowed,
        Self::AaguidNotAllowed,
        Self::AttestationRequired,
        Self::SecondFactorRequired,
        Self::AccessBlocked,
        Self::StrengthUnreachable,
        Self::AttemptOver,
        Self::SessionEnded,
        Self::SessionExpired,
        Self::SelfServiceOff,
        Self::FreshMfaRequired,
        Self::PassRegistrationWindowOver,
        Self::RoleMissing,
        Self::TargetProtected,
        Self::NotForOneself,
        Self::PassForGuest,
        Self::PassLifetimeOutOfRange,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.texts().0
    }

    /// The number the sign-in log and token errors carry, as Entra publishes them.
    #[must_use]
    pub const fn error_code(self) -> i64 {
        match self {
            Self::UserDisabled => 50057,
            Self::LockedOut => 50053,
            Self::CredentialsWrong
            | Self::TotpWrong
            | Self::TotpReplayed
            | Self::PassWrong
            | Self::PassNotYetValid
            | Self::PassExpired
            | Self::PassUsed => 50126,
            Self::PasskeyDisabled | Self::PasskeyOfAnotherUser => 135_010,
            Self::PasskeySuspectedClone | Self::UserVerificationMissing => 130_005,
            Self::PasskeyTypeNotAllowed
            | Self::AaguidNotAllowed
            | Self::AttestationRequired
            | Self::AccessBlocked
            | Self::StrengthUnreachable => 53003,
            Self::SecondFactorRequired => 50074,
            Self::AttemptOver => 50078,
            Self::SessionEnded => 50133,
            Self::SessionExpired => 50132,
            Self::FreshMfaRequired | Self::PassRegistrationWindowOver => 50078,
            Self::SelfServiceOff => 53010,
            Self::RoleMissing
            | Self::TargetProtected
            | Self::NotForOneself
            | Self::PassForGuest
            | Self::PassLifetimeOutOfRange => 0,
        }
    }

    /// What the person who asked is told.
    #[must_use]
    pub const fn user_sentence(self) -> &'static str {
        self.texts().1
    }

    /// What the log and the administrator are told.
    #[must_use]
    pub const fn admin_sentence(self) -> &'static str {
        self.texts().2
    }

    /// Code, sentence for the user, sentence for the administrator.
    const fn texts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::UserDisabled => (
                "user_disabled",
                "This account is disabled. Ask your administrator.",
                "The account is disabled (accountEnabled is false).",
            ),
            Self::LockedOut => (
                "locked_out",
                "Too many wrong answers. Wait a while, or use your passkey.",
                "Wrong answers from this source reached the limit; other sources and passkeys still work.",
            ),
            Self::CredentialsWrong => (
                "credentials_wrong",
                "The user name or the password is not right.",
                "No such user, no password, or a wrong password.",
            ),
            Self::TotpWrong => (
                "totp_wrong",
                "This code is not right. Wait for the next one and try again.",
                "The one-time code matches no accepted time step.",
            ),
            Self::TotpReplayed => (
                "totp_replayed",
                "This code was used before. Wait for the next one.",
                "The one-time code's time step was used before.",
            ),
            Self::PassWrong => (
                "pass_wrong",
                "This pass is not right.",
                "The user has no Temporary Access Pass, or the code is not its.",
            ),
            Self::PassNotYetValid => (
                "pass_not_yet_valid",
                "This pass cannot be used yet.",
                "The Temporary Access Pass begins later (NotYetValid).",
            ),
            Self::PassExpired => (
                "pass_expired",
                "This pass has expired. Ask for a new one.",
                "The Temporary Access Pass is past its end (Expired).",
            ),
            Self::PassUsed => (
                "pass_used",
                "This pass works once and was used. Ask for a new one.",
                "The one-time Temporary Access Pass was used (OneTimeUsed).",
            ),
            Self::PasskeyDisabled => (
                "passkey_disabled",
                "This passkey is disabled. Use another one or ask your administrator.",
                "The passkey exists but is disabled.",
            ),
            Self::PasskeySuspectedClone => (
                "passkey_suspected_clone",
                "This passkey is blocked because a copy of it may exist. Ask your administrator.",
                "The signature counter stepped back and the rule is to refuse.",
            ),
            Self::UserVerificationMissing => (
                "user_verification_missing",
                "Unlock your passkey with its PIN, your face or your fingerprint.",
                "The assertion was made without user verification.",
            ),
            Self::PasskeyOfAnotherUser => (
                "passkey_of_another_user",
                "This passkey belongs to another account.",
                "The passkey is registered to another user than the one signing in.",
            ),
            Self::PasskeyTypeNotAllowed => (
                "passkey_type_not_allowed",
                "This kind of passkey is not allowed here.",
                "The passkey's type (device-bound or synced) is not in the allowed types.",
            ),
            Self::AaguidNotAllowed => (
                "aaguid_not_allowed",
                "This model of authenticator is not allowed here.",
                "The AAGUID is blocked or not in the allowed list.",
            ),
            Self::AttestationRequired => (
                "attestation_required",
                "This authenticator cannot prove which model it is, and here it has to.",
                "Attestation is enforced and the statement leads to no trusted anchor.",
            ),
            Self::SecondFactorRequired => (
                "second_factor_required",
                "A second step is needed to sign in.",
                "The user has a second factor and it was not shown.",
            ),
            Self::AccessBlocked => (
                "access_blocked",
                "Your organisation does not allow this from here. If you need it, give your administrator the number on this page.",
                "A conditional access policy blocks this request; the record names it.",
            ),
            Self::StrengthUnreachable => (
                "strength_unreachable",
                "This needs a stronger way to sign in than you have, and you cannot set one up from here. Ask your administrator for a Temporary Access Pass.",
                "A policy asks for an authentication strength that no method of the user satisfies, and registering one is not permitted now; the record names it.",
            ),
            Self::AttemptOver => (
                "attempt_over",
                "This took too long or your account was changed meanwhile. Start again.",
                "The attempt expired, or the user's version changed since it began.",
            ),
            Self::SessionEnded => (
                "session_ended",
                "You were signed out. Sign in again.",
                "The session was ended, or its user's sessions were revoked.",
            ),
            Self::SessionExpired => (
                "session_expired",
                "Your session is over. Sign in again.",
                "The session is past its expiry or its idle limit.",
            ),
            Self::SelfServiceOff => (
                "self_service_off",
                "You cannot register passkeys yourself. Ask your administrator.",
                "Self-service registration is off for this user.",
            ),
            Self::FreshMfaRequired => (
                "fresh_mfa_required",
                "Confirm that it is you: sign in again, then register the passkey within five minutes.",
                "Registration needs two factors within the last five minutes.",
            ),
            Self::PassRegistrationWindowOver => (
                "pass_registration_window_over",
                "After a one-time pass you have ten minutes to register. Ask for a new pass.",
                "More than ten minutes since the sign-in with a one-time Temporary Access Pass.",
            ),
            Self::RoleMissing => (
                "role_missing",
                "You do not have the role that is needed for this.",
                "None of the caller's roles permits the action.",
            ),
            Self::TargetProtected => (
                "target_protected",
                "This user holds a role that you may not change.",
                "The target holds a protected role or is in a role-assignable group.",
            ),
            Self::NotForOneself => (
                "not_for_oneself",
                "You cannot do this for yourself.",
                "The action is never permitted on the caller's own account.",
            ),
            Self::PassForGuest => (
                "pass_for_guest",
                "A Temporary Access Pass cannot be added to an external guest user.",
                "The target is a guest.",
            ),
            Self::PassLifetimeOutOfRange => (
                "pass_lifetime_out_of_range",
                "A pass lives from 10 minutes to 30 days.",
                "The lifetime is outside 10 to 43,200 minutes.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_snake_case() {
        let codes: BTreeSet<_> = Denial::ALL.iter().map(|denial| denial.code()).collect();
        assert_eq!(codes.len(), Denial::ALL.len());
        for code in codes {
            assert!(
                code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
                "{code}"
            );
        }
    }
}
