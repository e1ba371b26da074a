//! Keyward's verifier, from the JSON of the browser to the decision.

use ceremony::attestation::AttestationPolicy;
use ceremony::*;

pub struct Ours {
    relying_party: RelyingParty,
    challenge: Challenge,
    user_handle: UserHandle,
    algorithms: Vec<Algorithm>,
    framing: Framing,
    attestation: AttestationPolicy,
    anchors: FixedAnchors,
    now: UnixTime,
}

impl Ours {
    pub fn new(
        origin: &str,
        rp_id: &str,
        user_handle: &[u8],
        root: &[u8],
        attestation: AttestationPolicy,
    ) -> Self {
        Self {
            relying_party: RelyingParty::new(RpId::new(rp_id), "Example", Origin::new(origin)),
            challenge: Challenge::issue(&[7; 33]).unwrap(),
            user_handle: UserHandle::new(user_handle).unwrap(),
            algorithms: vec![Algorithm::Es256, Algorithm::EdDsa, Algorithm::MlDsa44],
            framing: Framing::Forbidden,
            attestation,
            anchors: FixedAnchors(vec![Anchor::from_der(root).unwrap()]),
            now: UnixTime::from_seconds(1_795_000_000),
        }
    }

    pub fn challenge(&self) -> &str {
        self.challenge.as_str()
    }

    pub fn register(&self, json: &[u8]) -> Registered {
        let response = RegistrationResponse::from_json(json).unwrap();
        let expectations = RegistrationExpectations {
            relying_party: &self.relying_party,
            challenge: &self.challenge,
            algorithms: &self.algorithms,
            user_verification_required: true,
            user_presence: UserPresence::Required,
            framing: &self.framing,
            attestation: &self.attestation,
        };
        verify_registration(&response, &expectations, &self.anchors, self.now).unwrap()
    }

    pub fn sign_in(&self, json: &[u8], key: &StoredKey, id: &CredentialId) -> SignedIn {
        let response = AuthenticationResponse::from_json(json).unwrap();
        let stored = StoredPasskey {
            credential_id: id,
            user_handle: &self.user_handle,
            key,
            sign_count: 0,
            backup_eligible: Some(false),
        };
        let expectations = AssertionExpectations {
            relying_party: &self.relying_party,
            challenge: &self.challenge,
            allow_credentials: &[],
            user: ExpectedUser::Discoverable,
            user_verification_required: true,
            user_presence: UserPresence::Required,
            framing: &self.framing,
            appid: None,
            counter: CounterPolicy::Refuse,
        };
        verify_assertion(&response, &stored, &expectations).unwrap()
    }
}
