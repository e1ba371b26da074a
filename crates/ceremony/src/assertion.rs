//! Verifying an assertion (L3 section 7.2).

use crate::extensions::{AuthenticatorOutputs, ClientOutputs};
use crate::response::Attachment;
use crate::{
    AuthenticationResponse, Challenge, CredentialId, Framing, Origin, Refusal, RelyingParty,
    StoredKey, UserHandle, UserPresence,
};

/// What the store knows of the passkey that answered.
#[derive(Clone, Copy, Debug)]
pub struct StoredPasskey<'a> {
    /// Its id.
    pub credential_id: &'a CredentialId,
    /// The user handle of the account that owns it.
    pub user_handle: &'a UserHandle,
    /// Its key.
    pub key: &'a StoredKey,
    /// The last signature counter.
    pub sign_count: u32,
    /// The backup eligibility recorded at registration. `None` only for records brought from elsewhere that never noted it.
    pub backup_eligible: Option<bool>,
}

/// What to do about a signature counter that does not grow (L3 section 7.2 step 25).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum CounterPolicy {
    /// Refuse with [`Refusal::CounterRegress`].
    #[default]
    Refuse,
    /// Accept and report [`CounterOutcome::Regressed`].
    Report,
}

/// What the signature counter told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CounterOutcome {
    /// Both counters are zero: the authenticator does not count.
    NotCounted,
    /// It grew.
    Advanced,
    /// It did not grow although one is not zero: perhaps a clone.
    Regressed,
}

/// Who is expected to sign in (L3 section 7.2 step 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedUser<'a> {
    /// The account was identified before; a user handle in the response must be its own.
    Known(&'a UserHandle),
    /// The passkey says who it is: a user handle must be present and must be that of the passkey's account.
    Discoverable,
}

/// What the relying party expects of an assertion.
#[derive(Clone, Debug)]
pub struct AssertionExpectations<'a> {
    /// RP ID and origins.
    pub relying_party: &'a RelyingParty,
    /// The challenge that was issued.
    pub challenge: &'a Challenge,
    /// The ids that were listed in `allowCredentials`; empty if none were.
    pub allow_credentials: &'a [CredentialId],
    /// Who is expected.
    pub user: ExpectedUser<'a>,
    /// True if the user must be verified.
    pub user_verification_required: bool,
    /// [`UserPresence::Required`] for every sign-in; an assertion has no conditional exception.
    pub user_presence: UserPresence,
    /// Whether the page may be framed by others.
    pub framing: &'a Framing,
    /// The AppID of the `appid` extension, if it was asked for.
    pub appid: Option<&'a str>,
    /// What to do about a counter that does not grow.
    pub counter: CounterPolicy,
}

/// Everything an assertion told: plain facts, for policy to decide on and for the store to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssertionFacts {
    /// The passkey that answered.
    pub credential_id: CredentialId,
    /// The user handle of the account that owns it.
    pub user_handle: UserHandle,
    /// The user touched the authenticator or the like.
    pub user_present: bool,
    /// The user was verified.
    pub user_verified: bool,
    /// The passkey may be synced (as recorded: it never changes).
    pub backup_eligible: bool,
    /// The passkey is synced now; store it.
    pub backed_up: bool,
    /// The new signature counter; store it.
    pub sign_count: u32,
    /// What the counter told.
    pub counter: CounterOutcome,
    /// Where the client says the authenticator sits.
    pub attachment: Option<Attachment>,
    /// The origin the ceremony ran at.
    pub origin: Origin,
    /// The page that framed it, if another.
    pub top_origin: Option<Origin>,
    /// True if the assertion was made for the AppID instead of the RP ID.
    pub for_appid: bool,
    /// Signed extension outputs.
    pub authenticator_outputs: AuthenticatorOutputs,
    /// Unsigned extension outputs.
    pub client_outputs: ClientOutputs,
}

/// Proof that an assertion was verified. Only [`verify_assertion`] makes it.
#[derive(Clone, Debug)]
pub struct SignedIn {
    facts: AssertionFacts,
}

impl SignedIn {
    /// What was verified.
    #[must_use]
    pub const fn facts(&self) -> &AssertionFacts {
        &self.facts
    }

    /// Gives the facts away, and with them the proof.
    #[must_use]
    pub fn into_facts(self) -> AssertionFacts {
        self.facts
    }
}

/// Verifies an assertion (L3 section 7.2 steps 5-25).
///
/// # Errors
/// The [`Refusal`] of the first rule that is broken.
pub fn verify_assertion(
    response: &AuthenticationResponse,
    stored: &StoredPasskey<'_>,
    expectations: &AssertionExpectations<'_>,
) -> Result<SignedIn, Refusal> {
    let _ = (response, stored, expectations);
    Err(Refusal::BadSignature)
}
