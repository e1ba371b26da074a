//! Everything the authenticator needs from outside is one trait: time, randomness, the person, the keys.

mod model;

pub use model::{
    Answer, Approval, AttestationStyle, Backup, Capabilities, CertifiedSignature, CreatedKey,
    Credential, CredentialId, Enterprise, EnvError, Evidence, EvidenceRequest, Intent, KeyHandle,
    KeySpec, Milliseconds, PinDigest, Profile, Protection, Purpose, Question, Record, Secret,
    TpmEvidence, User, UserVerification,
};

use crate::public_key::Algorithm;

/// The world around the authenticator.
///
/// Private keys stay behind this trait: the core names a key by its [`KeyHandle`] and asks for signatures.
/// Failures of the world are [`EnvError`]; the core turns each into a CTAP2 status.
pub trait Env {
    /// What this authenticator is; must not change between commands.
    fn profile(&self) -> Profile;

    /// Milliseconds on a clock that never goes back (not the time of day).
    fn now(&self) -> Milliseconds;

    /// Fills `out` from a cryptographically strong source.
    ///
    /// # Errors
    /// [`EnvError::Failed`] if the source has none to give.
    fn random(&mut self, out: &mut [u8]) -> Result<(), EnvError>;

    /// Asks the person and waits for the answer.
    fn ask_user(&mut self, question: &Question<'_>) -> Answer;

    /// Makes a key pair that may only ever sign for `rp_id`.
    ///
    /// # Errors
    /// [`EnvError::Full`] if there is no room, [`EnvError::Failed`] otherwise.
    fn create_key(&mut self, algorithm: Algorithm, rp_id: &str) -> Result<CreatedKey, EnvError>;

    /// Forgets a key whose credential was never stored.
    fn discard_key(&mut self, key: &KeyHandle);

    /// Signs `message`; ECDSA signatures in ASN.1 DER. A store that binds user verification to its keys
    /// refuses when `approval` does not carry it.
    ///
    /// # Errors
    /// [`EnvError::Failed`] if the key is gone or may not be used.
    fn sign(
        &mut self,
        key: &KeyHandle,
        approval: &Approval,
        message: &[u8],
    ) -> Result<Vec<u8>, EnvError>;

    /// Signs `message` with the attestation key; asked only if the profile says [`AttestationStyle::Certified`].
    ///
    /// # Errors
    /// [`EnvError::Failed`] if there is no such key.
    fn attest(&mut self, message: &[u8]) -> Result<CertifiedSignature, EnvError>;

    /// Stores a credential durably, removing `replaces` in the same step.
    ///
    /// # Errors
    /// [`EnvError::Full`] if there is no room, [`EnvError::Failed`] otherwise.
    fn store(
        &mut self,
        credential: Credential,
        replaces: Option<&CredentialId>,
    ) -> Result<(), EnvError>;

    /// Every credential of a relying party, newest first.
    ///
    /// # Errors
    /// [`EnvError::Failed`] if the store cannot be read.
    fn credentials(&mut self, rp_id: &str) -> Result<Vec<Credential>, EnvError>;

    /// The signature counter for the next signature of a credential; 0 always, if it keeps none.
    ///
    /// # Errors
    /// [`EnvError::Failed`] if the counter cannot be advanced durably.
    fn next_counter(&mut self, credential: &CredentialId) -> Result<u32, EnvError>;

    // What follows may be left out. A world that leaves it out must not claim it in its capabilities.

    /// What this world offers beyond keys; must not change between commands.
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    /// Whether this may happen at all. Asked before the person is, so that a forbidden request shows nothing and tells nothing.
    ///
    /// # Errors
    /// [`EnvError::Forbidden`] if a rule says no.
    fn admit(&mut self, _intent: Intent<'_>) -> Result<(), EnvError> {
        Ok(())
    }

    /// Makes the key pair of a registration, after the person agreed.
    ///
    /// # Errors
    /// As [`Env::create_key`]; [`EnvError::Forbidden`] if a rule says no.
    fn create_key_for(&mut self, spec: &KeySpec<'_>) -> Result<CreatedKey, EnvError> {
        self.create_key(spec.algorithm, spec.rp_id)
    }

    /// Proves where a new key comes from.
    ///
    /// # Errors
    /// [`EnvError::Failed`] if the evidence that the profile promises cannot be had.
    fn evidence(&mut self, request: &EvidenceRequest<'_>) -> Result<Evidence, EnvError> {
        match self.profile().attestation {
            AttestationStyle::None => Ok(Evidence::None),
            AttestationStyle::SelfSigned => Ok(Evidence::SelfSigned),
            AttestationStyle::Certified => self.attest(request.attested).map(Evidence::Certified),
            AttestationStyle::Tpm | AttestationStyle::AndroidKey => Err(EnvError::Failed),
        }
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`EnvError::Failed`] if the store cannot be read.
    fn load(&mut self, _record: Record) -> Result<Option<Vec<u8>>, EnvError> {
        Ok(None)
    }

    /// Writes a record. When this returns, the record survives a power cut.
    ///
    /// # Errors
    /// [`EnvError::Failed`] if it cannot be written durably.
    fn save(&mut self, _record: Record, _bytes: &[u8]) -> Result<(), EnvError> {
        Err(EnvError::Failed)
    }

    /// Replaces the PIN and writes [`Record::Pin`], both or neither.
    ///
    /// # Errors
    /// [`EnvError::Failed`] if they cannot be written durably.
    fn set_pin(&mut self, _pin: &PinDigest, _record: &[u8]) -> Result<(), EnvError> {
        Err(EnvError::Failed)
    }

    /// Whether this is the PIN. The core has counted the attempt durably before it asks; hardware may count on its own as well.
    ///
    /// # Errors
    /// [`EnvError::Failed`] if it cannot be told.
    fn match_pin(&mut self, _pin: &PinDigest) -> Result<bool, EnvError> {
        Err(EnvError::Failed)
    }

    /// Attempts at built-in verification that are left, as the system below counts them.
    fn uv_retries(&mut self) -> u8 {
        3
    }

    /// HMAC-SHA-256 of `input` under a secret beside `key`. The secret never leaves the store.
    ///
    /// # Errors
    /// [`EnvError::Failed`] if the key has no secrets or may not be used.
    fn derive(
        &mut self,
        _key: &KeyHandle,
        _secret: Secret,
        _input: &[u8],
    ) -> Result<[u8; 32], EnvError> {
        Err(EnvError::Failed)
    }

    /// Every credential of every relying party, newest first.
    ///
    /// # Errors
    /// [`EnvError::Failed`] if the store cannot be read.
    fn every_credential(&mut self) -> Result<Vec<Credential>, EnvError> {
        Err(EnvError::Failed)
    }

    /// How many more discoverable credentials fit; an estimate is enough.
    fn room(&mut self) -> usize {
        0
    }

    /// Destroys a credential and its key.
    ///
    /// # Errors
    /// [`EnvError::Gone`] if there is none, [`EnvError::Failed`] otherwise.
    fn delete(&mut self, _credential: &CredentialId) -> Result<(), EnvError> {
        Err(EnvError::Failed)
    }

    /// Gives the account of a credential other names.
    ///
    /// # Errors
    /// [`EnvError::Gone`] if there is none, [`EnvError::Failed`] otherwise.
    fn update_user(&mut self, _credential: &CredentialId, _user: &User) -> Result<(), EnvError> {
        Err(EnvError::Failed)
    }

    /// Destroys every credential, key and record, and the PIN.
    ///
    /// # Errors
    /// [`EnvError::Failed`] if something may be left.
    fn erase(&mut self) -> Result<(), EnvError> {
        Err(EnvError::Failed)
    }
}
