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
    /// Somebody else registered the passkey, and its owner has not activated it.
    PasskeyNotActivated,
    /// The passkey is in quarantine.
    PasskeyQuarantined,
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
    /// Another certificate than the wanted ones vouches for it.
    AttestationRootNotAllowed,
    /// What is known of this model is not what is wanted.
    ModelNotAllowed,
    /// Only algorithms that withstand a quantum computer are allowed.
    PostQuantumRequired,
    /// The passkey is on another device, and the profile does not take that.
    CrossDeviceNotAllowed,
    /// The passkey was registered too long ago.
    PasskeyTooOld,
    /// The passkey was not used for too long.
    PasskeyIdle,
    /// The person has as many passkeys as they may have.
    TooManyPasskeys,
    /// The passkey method is off.
    PasskeysOff,
    /// There are no passkeys in this tenant's cloud.
    PasskeysUnavailable,
    /// The person is excluded from the passkey method.
    PasskeysBarred,
    /// No target of the passkey method covers the person.
    NoPasskeyProfile,
    /// Guests may not use passkeys.
    PasskeysNotForGuests,
    /// A passkey is made silently only where there is none of its kind yet.
    UpgradeNotNeeded,
    /// The passkey does not wait for its owner.
    ActivationNotNeeded,
    /// A second factor is enrolled and was not shown.
    SecondFactorRequired,
    /// A conditional access policy blocks this.
    AccessBlocked,
    /// A policy binds the first factor, and the sign-in began with another method.
    FirstFactorNotAllowed,
    /// A policy asks for a method that the user neither has nor may register now.
    StrengthUnreachable,
    /// A policy asks for more than the session has shown.
    StepUpRequired,
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
    /// The token's scopes do not permit this operation.
    ScopeMissing,
    /// The target holds a role that the caller may not touch.
    TargetProtected,
    /// Nobody does this to themselves.
    NotForOneself,
    /// External guests get no pass.
    PassForGuest,
    /// The pass would live for less or more than the policy allows.
    PassLifetimeOutOfRange,
    /// Passes work once only here.
    PassOnceOnly,
    /// The policy does not let this user sign in with a pass.
    PassNotAllowed,
    /// The application asks for what only an administrator may agree to.
    ConsentOfAdministrator,
    /// The person did not agree to what the application asks for.
    ConsentDeclined,
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
        Self::PasskeyNotActivated,
        Self::PasskeyQuarantined,
        Self::PasskeySuspectedClone,
        Self::UserVerificationMissing,
        Self::PasskeyOfAnotherUser,
        Self::PasskeyTypeNotAllowed,
        Self::AaguidNotAllowed,
        Self::AttestationRequired,
        Self::AttestationRootNotAllowed,
        Self::ModelNotAllowed,
        Self::PostQuantumRequired,
        Self::CrossDeviceNotAllowed,
        Self::PasskeyTooOld,
        Self::PasskeyIdle,
        Self::TooManyPasskeys,
        Self::PasskeysOff,
        Self::PasskeysUnavailable,
        Self::PasskeysBarred,
        Self::NoPasskeyProfile,
        Self::PasskeysNotForGuests,
        Self::UpgradeNotNeeded,
        Self::ActivationNotNeeded,
        Self::SecondFactorRequired,
        Self::AccessBlocked,
        Self::FirstFactorNotAllowed,
        Self::StrengthUnreachable,
        Self::StepUpRequired,
        Self::AttemptOver,
        Self::SessionEnded,
        Self::SessionExpired,
        Self::SelfServiceOff,
        Self::FreshMfaRequired,
        Self::PassRegistrationWindowOver,
        Self::RoleMissing,
        Self::ScopeMissing,
        Self::TargetProtected,
        Self::NotForOneself,
        Self::PassForGuest,
        Self::PassLifetimeOutOfRange,
        Self::PassOnceOnly,
        Self::PassNotAllowed,
        Self::ConsentOfAdministrator,
        Self::ConsentDeclined,
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
            Self::PasskeyDisabled
            | Self::PasskeyNotActivated
            | Self::PasskeyQuarantined
            | Self::PasskeyOfAnotherUser => 135_010,
            Self::PasskeySuspectedClone | Self::UserVerificationMissing => 130_005,
            // Entra publishes no number for what profiles refuse; this one says that a policy did.
            Self::PasskeyTypeNotAllowed
            | Self::AaguidNotAllowed
            | Self::AttestationRequired
            | Self::AttestationRootNotAllowed
            | Self::ModelNotAllowed
            | Self::PostQuantumRequired
            | Self::CrossDeviceNotAllowed
            | Self::PasskeyTooOld
            | Self::PasskeyIdle
            | Self::TooManyPasskeys
            | Self::PasskeysOff
            | Self::PasskeysUnavailable
            | Self::PasskeysBarred
            | Self::NoPasskeyProfile
            | Self::PasskeysNotForGuests
            | Self::AccessBlocked
            | Self::FirstFactorNotAllowed
            | Self::StrengthUnreachable => 53003,
            Self::StepUpRequired => 50076,
            Self::SecondFactorRequired => 50074,
            Self::AttemptOver => 50078,
            Self::SessionEnded => 50133,
            Self::SessionExpired => 50132,
            Self::FreshMfaRequired | Self::PassRegistrationWindowOver => 50078,
            Self::SelfServiceOff => 53010,
            Self::UpgradeNotNeeded
            | Self::ActivationNotNeeded
            | Self::RoleMissing
            | Self::ScopeMissing
            | Self::TargetProtected
            | Self::NotForOneself
            | Self::PassForGuest
            | Self::PassLifetimeOutOfRange
            | Self::PassOnceOnly => 0,
            Self::PassNotAllowed => 53003,
            Self::ConsentOfAdministrator => 90094,
            Self::ConsentDeclined => 65004,
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
            Self::PasskeyNotActivated => (
                "passkey_not_activated",
                "This passkey was made for you and is not activated yet. Sign in another way, and activate it in your security info.",
                "Somebody else registered the passkey and its owner has not activated it; the passkey method asks for that. Without another way to sign in, a Temporary Access Pass leads there.",
            ),
            Self::PasskeyQuarantined => (
                "passkey_quarantined",
                "This passkey is blocked, because its kind of device was found to be unsafe. Use another passkey, or ask your administrator for a Temporary Access Pass.",
                "The passkey is in quarantine: the metadata calls its model revoked or compromised, and its profile's rule is to quarantine. Issue a pass so that the person can register another model, or release the passkey on the person's page.",
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
                "This kind of passkey is not allowed for you. If a password manager or a cloud account keeps it, use a security key instead; if a security key does, use a password manager.",
                "The passkey's type (device-bound or synced) is in no passkey profile of this person that it otherwise comes near. Allow the type in a profile, or have another passkey registered.",
            ),
            Self::AaguidNotAllowed => (
                "aaguid_not_allowed",
                "This model of security key or password manager is not allowed here. Use another one, or ask your administrator which ones are.",
                "The AAGUID is blocked or not listed in the key restrictions of the person's passkey profiles. Change the list, or have another model registered.",
            ),
            Self::AttestationRequired => (
                "attestation_required",
                "This device or password manager cannot prove its model, and here it has to. Use a security key that your organisation gave out, and allow the browser to show its make and model.",
                "The profile enforces attestation and the statement leads to no trusted anchor. Check that the FIDO metadata is loaded and knows the model, or use a profile without attestation.",
            ),
            Self::AttestationRootNotAllowed => (
                "attestation_root_not_allowed",
                "This security key does not come from the source that your organisation asks for. Use one that it gave out.",
                "The attestation is trusted, but its root certificate is not among those of the profile. Add the root's SHA-256 to the profile, or hand out keys under a root that is listed.",
            ),
            Self::ModelNotAllowed => (
                "model_not_allowed",
                "What is known of this model of security key or password manager is not enough here. Use another one, or ask your administrator which ones are allowed.",
                "The catalogue does not say of this model all that the profile's model query asks (maker, certification, status, transport, user verification, protections); what is unknown does not count. Load newer FIDO metadata, widen the query, or use another model.",
            ),
            Self::PostQuantumRequired => (
                "post_quantum_required",
                "Your organisation asks for passkeys that withstand a quantum computer, and this one does not. Use a security key or password manager that offers ML-DSA.",
                "The profile takes ML-DSA keys only and this one has another algorithm. Have an authenticator used that makes ML-DSA keys, or use a profile without this rule.",
            ),
            Self::CrossDeviceNotAllowed => (
                "cross_device_not_allowed",
                "Here a passkey has to be on the device that you are using, or on a security key. Use one of those, or go on with the phone or computer that holds this passkey.",
                "The passkey is on another device than the one that asked (hybrid transport), and crossDevice of the person's profiles refuses that for a registration or a sign-in, always or where attestation is enforced. Change crossDevice, or have a passkey made on this device.",
            ),
            Self::PasskeyTooOld => (
                "passkey_too_old",
                "This passkey has reached its greatest age. Use another passkey, or ask your administrator for a Temporary Access Pass and register a new one.",
                "The passkey is older than the profile's maximum age. Issue a Temporary Access Pass so that the person can replace it, or raise the age.",
            ),
            Self::PasskeyIdle => (
                "passkey_idle",
                "This passkey was not used for a long time and is no longer accepted. Use another passkey, or ask your administrator for a Temporary Access Pass and register a new one.",
                "The passkey was not used for longer than the profile's idle limit. Issue a Temporary Access Pass so that the person can replace it, or raise the limit.",
            ),
            Self::TooManyPasskeys => (
                "too_many_passkeys",
                "You have as many passkeys as you may have. Delete one that you no longer use, then add the new one.",
                "The person has as many passkeys as the profile allows. Delete one of them, or raise the profile's number.",
            ),
            Self::PasskeysOff => (
                "passkeys_off",
                "Passkeys are switched off here. Sign in another way, or ask your administrator.",
                "The passkey method is disabled. Enable it in the authentication method policy.",
            ),
            Self::PasskeysUnavailable => (
                "passkeys_unavailable",
                "Passkeys are not available in this organisation. Sign in another way.",
                "The tenant's passkeyAvailability says that its cloud has no passkeys, with the reason. It counts before every other policy.",
            ),
            Self::PasskeysBarred => (
                "passkeys_barred",
                "Passkeys are switched off for your account. Sign in another way, or ask your administrator.",
                "The person is excluded from the passkey method, by name, group or role, and exclusion wins over every target. Remove the exclusion if that is not meant.",
            ),
            Self::NoPasskeyProfile => (
                "no_passkey_profile",
                "Passkeys are not set up for your account. Sign in another way, or ask your administrator.",
                "No target of the passkey method covers this person, or its profiles do not exist. Add the person to a target's group.",
            ),
            Self::PasskeysNotForGuests => (
                "passkeys_not_for_guests",
                "Guests cannot use passkeys here. Sign in another way, or ask the organisation that invited you.",
                "The person is a guest and none of their passkey profiles is open to guests. Open a profile to guests.",
            ),
            Self::UpgradeNotNeeded => (
                "upgrade_not_needed",
                "You have a passkey of this kind already.",
                "Conditional create is offered only to users without a synced passkey.",
            ),
            Self::ActivationNotNeeded => (
                "activation_not_needed",
                "This passkey does not have to be activated.",
                "The passkey is not one that waits for its owner.",
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
            Self::FirstFactorNotAllowed => (
                "first_factor_not_allowed",
                "Your organisation does not let you begin this sign-in that way. Start again, and use your passkey or another way that is offered there.",
                "The authentication strength of a conditional access policy binds the first factor, and this method cannot be the first step towards it; the record names the policy.",
            ),
            Self::StrengthUnreachable => (
                "strength_unreachable",
                "This needs a stronger way to sign in than you have, and you cannot set one up from here. Ask your administrator for a Temporary Access Pass.",
                "A policy asks for an authentication strength that no method of the user satisfies, and registering one is not permitted now; the record names it.",
            ),
            Self::StepUpRequired => (
                "step_up_required",
                "Your organisation asks for one more step before this. Sign in again with your strongest method, then come back.",
                "A conditional access policy asks for more than the session has shown.",
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
                "Self-service registration is off for this user, in the method or in their profiles. Register the passkey on their behalf, or allow self-service in a profile.",
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
            Self::ScopeMissing => (
                "scope_missing",
                "The application has not been given the permission that is needed for this.",
                "None of the token's scopes permits the operation.",
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
                "A pass cannot live for so short or so long here. Choose another lifetime.",
                "The lifetime is outside what the Temporary Access Pass policy allows (10 to 43,200 minutes at the widest).",
            ),
            Self::PassOnceOnly => (
                "pass_once_only",
                "Here every pass works once only.",
                "The Temporary Access Pass policy makes all passes one-time.",
            ),
            Self::PassNotAllowed => (
                "pass_not_allowed",
                "Your organisation does not let you sign in with a pass. Ask your administrator.",
                "The sign-in was blocked due to User Credential Policy: the Temporary Access Pass policy is off or does not include the user.",
            ),
            Self::ConsentOfAdministrator => (
                "consent_of_administrator",
                "This application asks for more than you may give it. Ask your administrator to agree to it, and sign in again.",
                "The application asks for scopes that people may not agree to for themselves; an administrator has to consent (oauth2PermissionGrants).",
            ),
            Self::ConsentDeclined => (
                "consent_declined",
                "You did not agree to what the application asks for.",
                "The person was asked for consent and declined.",
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
