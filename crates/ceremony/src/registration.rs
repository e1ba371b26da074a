//! Registering a new passkey (L3 section 7.1).

use crate::attestation::{self, AttestationFacts, AttestationObject, AttestationPolicy, Attested};
use crate::authenticator_data::{AttestedCredential, AuthenticatorData};
use crate::client_data::{CeremonyType, ClientData};
use crate::extensions::{AuthenticatorOutputs, ClientOutputs};
use crate::identifiers::sha256;
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

/// Verifies a registration (L3 section 7.1). That the credential id is new to the deployment (step 26) is for the store, in the write
/// itself.
///
/// # Errors
/// The [`Refusal`] of the first rule that is broken, in the order of the specification.
pub fn verify_registration(
    response: &RegistrationResponse,
    expectations: &RegistrationExpectations<'_>,
    anchors: &dyn TrustAnchors,
    now: UnixTime,
) -> Result<Registered, Refusal> {
    // Steps 5 to 11.
    let client_data = ClientData::parse(&response.client_data_json)?;
    client_data.verify(
        CeremonyType::Create,
        expectations.challenge,
        expectations.relying_party,
        expectations.framing,
    )?;
    // Steps 12 and 13.
    let client_data_hash = sha256(&response.client_data_json);
    let object = AttestationObject::parse(&response.attestation_object)?;
    let data = AuthenticatorData::parse_attested(object.authenticator_data)?;
    let credential = data.attested.as_ref().ok_or(Refusal::AtFlagMissing)?;
    // Steps 14 to 17. Steps 18 and 19 are the business of policy, which gets the flags as facts.
    data.verify_rp_id(&expectations.relying_party.rp_id)?;
    data.flags.verify_user(
        expectations.user_presence,
        expectations.user_verification_required,
    )?;
    data.flags.verify_backup()?;
    // Step 20; the key itself is validated with step 21, since one format has its own rule for coordinates.
    let algorithm = verify_algorithm(credential, expectations)?;
    let format = object.format()?;
    attestation::check_coordinates(credential, format)?;
    let key = credential.key.validate(algorithm)?;
    // Step 25, before the statement: an id that may not be stored is not worth a signature check.
    let credential_id = verify_credential_id(credential, response)?;
    // Steps 22 to 24.
    let attested = Attested {
        data: &data,
        credential,
        key: &key,
        client_data_hash: &client_data_hash,
        policy: expectations.attestation,
        now,
    };
    let attestation = attestation::verify_statement(format, &object.statement, &attested, anchors)?;
    // Steps 27 to 29: what the caller stores. Extension outputs that nobody asked for are facts like the others.
    Ok(Registered {
        facts: RegistrationFacts {
            credential_id,
            cose_key: credential.key.raw().to_vec(),
            key: key.stored,
            aaguid: credential.aaguid,
            sign_count: data.sign_count,
            user_present: data.flags.user_present(),
            user_verified: data.flags.user_verified(),
            backup_eligible: data.flags.backup_eligible(),
            backed_up: data.flags.backed_up(),
            transports: response.transports.clone(),
            attachment: response.attachment,
            origin: Origin::new(client_data.origin),
            top_origin: client_data.top_origin.map(Origin::new),
            attestation,
            authenticator_outputs: data.outputs(),
            client_outputs: response.client_outputs.clone(),
            attestation_object: response.attestation_object.clone(),
            client_data_json: response.client_data_json.clone(),
        },
    })
}

/// Step 20: the algorithm is one that was offered.
fn verify_algorithm(
    credential: &AttestedCredential<'_>,
    expectations: &RegistrationExpectations<'_>,
) -> Result<Algorithm, Refusal> {
    let algorithm = credential.key.algorithm()?;
    if !expectations.algorithms.contains(&algorithm) {
        return Err(Refusal::AlgNotAllowed);
    }
    Ok(algorithm)
}

/// Step 25, and that the id of the response is the attested one: statements of format `none` do not sign it, and a record under
/// another id could never be found again.
fn verify_credential_id(
    credential: &AttestedCredential<'_>,
    response: &RegistrationResponse,
) -> Result<CredentialId, Refusal> {
    let id = credential.id()?;
    if id != response.credential_id {
        return Err(Refusal::CredentialIdMismatch);
    }
    Ok(id)
}
