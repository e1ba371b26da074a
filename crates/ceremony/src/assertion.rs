//! Verifying an assertion (L3 section 7.2).

use crate::authenticator_data::{AuthenticatorData, Flags};
use crate::client_data::{CeremonyType, ClientData};
use crate::extensions::{AuthenticatorOutputs, ClientOutputs};
use crate::identifiers::sha256;
use crate::response::Attachment;
use crate::{
    AuthenticationResponse, Challenge, CredentialId, Framing, Origin, Refusal, RelyingParty, RpId,
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

/// What to do about a signature counter that does not grow (L3 section 7.2 step 22).
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

/// Verifies an assertion (L3 section 7.2).
///
/// The caller has looked up `stored` by the id in the response, so a failed lookup never reaches this place.
///
/// # Errors
/// The [`Refusal`] of the first rule that is broken.
pub fn verify_assertion(
    response: &AuthenticationResponse,
    stored: &StoredPasskey<'_>,
    expectations: &AssertionExpectations<'_>,
) -> Result<SignedIn, Refusal> {
    // Steps 5 and 6.
    verify_credential(response, stored, expectations.allow_credentials)?;
    verify_user(response, stored, expectations.user)?;
    // Steps 7 to 14.
    let client_data = ClientData::parse(&response.client_data_json)?;
    client_data.verify(
        CeremonyType::Get,
        expectations.challenge,
        expectations.relying_party,
        expectations.framing,
    )?;
    // Steps 15 to 19.
    let data = AuthenticatorData::parse(&response.authenticator_data)?;
    let for_appid = verify_rp_id_hash(&data, response, expectations)?;
    data.flags.verify_user(
        expectations.user_presence,
        expectations.user_verification_required,
    )?;
    verify_backup(data.flags, stored)?;
    // Steps 20 and 21: one hash and one signature check, with the key as it was validated at registration.
    verify_signature(response, stored.key)?;
    // Step 22 comes after the signature: before it, anybody could claim any counter.
    let counter = judge_counter(data.sign_count, stored.sign_count);
    if counter == CounterOutcome::Regressed && expectations.counter == CounterPolicy::Refuse {
        return Err(Refusal::CounterRegress);
    }
    // Step 23 ignores what was not asked for; steps 24 and 25 are the caller's, in one conditional write.
    Ok(SignedIn {
        facts: AssertionFacts {
            credential_id: stored.credential_id.clone(),
            user_handle: stored.user_handle.clone(),
            user_present: data.flags.user_present(),
            user_verified: data.flags.user_verified(),
            backup_eligible: data.flags.backup_eligible(),
            backed_up: data.flags.backed_up(),
            sign_count: data.sign_count,
            counter,
            attachment: response.attachment,
            origin: Origin::new(client_data.origin),
            top_origin: client_data.top_origin.map(Origin::new),
            for_appid,
            authenticator_outputs: data.outputs(),
            client_outputs: response.client_outputs.clone(),
        },
    })
}

/// Step 5, and the lookup of step 6: the passkey is one that was asked for, and the record is the one of this id.
fn verify_credential(
    response: &AuthenticationResponse,
    stored: &StoredPasskey<'_>,
    allowed: &[CredentialId],
) -> Result<(), Refusal> {
    let listed = allowed.is_empty() || allowed.contains(&response.credential_id);
    if !listed || response.credential_id != *stored.credential_id {
        return Err(Refusal::CredentialIdMismatch);
    }
    Ok(())
}

/// Step 6. A user handle that is there must always be right; without a known user it must be there.
fn verify_user(
    response: &AuthenticationResponse,
    stored: &StoredPasskey<'_>,
    expected: ExpectedUser<'_>,
) -> Result<(), Refusal> {
    if let ExpectedUser::Known(user) = expected
        && user != stored.user_handle
    {
        return Err(Refusal::UserHandleMismatch);
    }
    match &response.user_handle {
        Some(handle) if handle != stored.user_handle => Err(Refusal::UserHandleMismatch),
        None if expected == ExpectedUser::Discoverable => Err(Refusal::UserHandleMissing),
        _ => Ok(()),
    }
}

/// Step 15. Returns true if the assertion was made for the AppID: only if that was asked for and the client says it did so, and then
/// the RP ID itself does not count (L3 section 10.1.1).
fn verify_rp_id_hash(
    data: &AuthenticatorData<'_>,
    response: &AuthenticationResponse,
    expectations: &AssertionExpectations<'_>,
) -> Result<bool, Refusal> {
    match expectations.appid {
        Some(appid) if response.client_outputs.appid == Some(true) => {
            data.verify_rp_id(&RpId::new(appid))?;
            Ok(true)
        }
        _ => {
            data.verify_rp_id(&expectations.relying_party.rp_id)?;
            Ok(false)
        }
    }
}

/// Steps 18 and 19. Backup eligibility is fixed for life, in both directions: a change means that the key lives elsewhere now.
/// A record that never noted it is older than the two flags, whose bits were reserved then and say nothing.
fn verify_backup(flags: Flags, stored: &StoredPasskey<'_>) -> Result<(), Refusal> {
    let Some(recorded) = stored.backup_eligible else {
        return Ok(());
    };
    flags.verify_backup()?;
    if recorded != flags.backup_eligible() {
        return Err(Refusal::BeChanged);
    }
    Ok(())
}

/// Step 21: the signature covers the authenticator data and the hash of the client data, both as received.
fn verify_signature(response: &AuthenticationResponse, key: &StoredKey) -> Result<(), Refusal> {
    let mut message = Vec::with_capacity(response.authenticator_data.len() + 32);
    message.extend_from_slice(&response.authenticator_data);
    message.extend_from_slice(&sha256(&response.client_data_json));
    if !key.verify(&message, &response.signature) {
        return Err(Refusal::BadSignature);
    }
    Ok(())
}

/// Step 22.
const fn judge_counter(received: u32, stored: u32) -> CounterOutcome {
    if received == 0 && stored == 0 {
        CounterOutcome::NotCounted
    } else if received > stored {
        CounterOutcome::Advanced
    } else {
        CounterOutcome::Regressed
    }
}
