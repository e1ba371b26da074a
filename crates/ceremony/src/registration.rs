//! Registering a new passkey (L3 section 7.1).

use crate::attestation::{AttestationFacts, AttestationPolicy};
use crate::extensions::{AuthenticatorOutputs, ClientOutputs};
use crate::response::{Attachment, Transport};
use crate::{
    Aaguid, Algorithm, Challenge, CredentialId, Framing, Origin, Refusal, RegistrationResponse,
    RelyingParty, StoredKey, TrustAnchors, UnixTime, UserPresence,
};

/// What the relying party expects of a registration: made when the options are made, or opened from the sealed challenge.
#[derive(Clone, Debug)]
pub struct RegistrationExpectations<'a> {
    /// RP ID and origins.
    pub relying_party: &'a RelyingParty,
    /// The challenge that was issued.
    pub challenge: &'a Challenge,
    /// The algorithms that were offered.
    pub algorithms: &'a [Algorithm],
    /// True if the user must be verified.
    pub user_verification_required: bool,
    /// [`UserPresence::Optional`] only if the request was conditional (`mediation: "conditional"`).
    pub user_presence: UserPresence,
    /// Whether the page may be framed by others.
    pub framing: &'a Framing,
    /// What is decided about attestation.
    pub attestation: &'a AttestationPolicy,
}

/// Everything a registration told: plain facts, for policy to decide on and for the store to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationFacts {
    /// The id of the new passkey.
    pub credential_id: CredentialId,
    /// Its key, validated.
    pub key: StoredKey,
    /// The key as the authenticator wrote it (COSE_Key), for export.
    pub cose_key: Vec<u8>,
    /// The authenticator model.
    pub aaguid: Aaguid,
    /// The signature counter at registration.
    pub sign_count: u32,
    /// The user touched the authenticator or the like (false only in conditional creation).
    pub user_present: bool,
    /// The user was verified.
    pub user_verified: bool,
    /// The passkey may be synced; fixed for life.
    pub backup_eligible: bool,
    /// The passkey is synced now.
    pub backed_up: bool,
    /// How the client reached the authenticator.
    pub transports: Vec<Transport>,
    /// Where the client says the authenticator sits.
    pub attachment: Option<Attachment>,
    /// The origin the ceremony ran at.
    pub origin: Origin,
    /// The page that framed it, if another.
    pub top_origin: Option<Origin>,
    /// What the attestation told.
    pub attestation: AttestationFacts,
    /// Signed extension outputs.
    pub authenticator_outputs: AuthenticatorOutputs,
    /// Unsigned extension outputs.
    pub client_outputs: ClientOutputs,
    /// The attestation object as received, to judge trust again when metadata changes.
    pub attestation_object: Vec<u8>,
    /// The client data as received, for the same purpose.
    pub client_data_json: Vec<u8>,
}

/// Proof that a registration was verified. Only [`verify_registration`] makes it.
#[derive(Clone, Debug)]
pub struct Registered {
    facts: RegistrationFacts,
}

impl Registered {
    /// What was verified.
    #[must_use]
    pub const fn facts(&self) -> &RegistrationFacts {
        &self.facts
    }

    /// Gives the facts away, and with them the proof.
    #[must_use]
    pub fn into_facts(self) -> RegistrationFacts {
        self.facts
    }
}

/// Verifies a registration (L3 section 7.1 steps 3-24). That the credential id is new to the deployment (step 25) is for the store,
/// in the write itself.
///
/// # Errors
/// The [`Refusal`] of the first rule that is broken, in the order of the specification where order matters.
pub fn verify_registration(
    response: &RegistrationResponse,
    expectations: &RegistrationExpectations<'_>,
    anchors: &dyn TrustAnchors,
    now: UnixTime,
) -> Result<Registered, Refusal> {
    let _ = (response, expectations, anchors, now);
    Err(Refusal::UnknownAttestationFormat)
}
