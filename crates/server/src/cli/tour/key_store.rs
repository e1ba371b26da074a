//! The world of a software authenticator: keys in memory, a person who always agrees.
//!
//! For the tour and for tests. Nothing that is shipped as an authenticator contains it: software keys can be copied.

use std::collections::BTreeMap;
use std::sync::Arc;

use authenticator::{
    Algorithm, Answer, Approval, AttestationStyle, Backup, CertifiedSignature, CreatedKey,
    Credential, CredentialId, Env, EnvError, KeyHandle, Milliseconds, Profile, PublicKey, Question,
    UserVerification,
};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, ML_DSA_44_SIGNING,
    ML_DSA_65_SIGNING, ML_DSA_87_SIGNING, PqdsaKeyPair, PqdsaSigningAlgorithm,
};

use super::attestation_authority::AttestationAuthority;

/// The model identifier of software authenticators.
pub const AAGUID: [u8; 16] = *b"keyward-tour-key";

/// What a software authenticator pretends to be.
#[derive(Clone, Debug)]
pub struct Kind {
    /// The model it says it is.
    pub aaguid: [u8; 16],
    /// The only algorithm it has.
    pub algorithm: Algorithm,
    /// The backup flags of its credentials.
    pub backup: Backup,
    /// How it attests.
    pub attestation: Attestation,
    /// Whether it verifies its user. Without, it also answers requests that require verification, as a broken client would.
    pub verifies_user: bool,
    /// Whether it counts signatures, or states zero for ever as synced providers do.
    pub counts: bool,
}

/// How a software authenticator attests.
#[derive(Clone, Debug)]
pub enum Attestation {
    /// Not at all.
    None,
    /// By the credential key.
    SelfSigned,
    /// By an attestation key with a chain of certificates.
    Certified(Arc<AttestationAuthority>),
}

impl Kind {
    /// A security key: ES256, device-bound, counting, without attestation.
    #[must_use]
    pub const fn device_bound() -> Self {
        Self {
            aaguid: AAGUID,
            algorithm: Algorithm::Es256,
            backup: Backup::DeviceBound,
            attestation: Attestation::None,
            verifies_user: true,
            counts: true,
        }
    }

    /// A provider that copies its passkeys: ES256, backed up, never counting, without attestation.
    #[must_use]
    pub fn synced() -> Self {
        Self {
            backup: Backup::BackedUp,
            counts: false,
            ..Self::device_bound()
        }
    }

    /// The same of another model.
    #[must_use]
    pub fn of_model(self, aaguid: [u8; 16]) -> Self {
        Self { aaguid, ..self }
    }

    /// The same with another algorithm.
    #[must_use]
    pub fn with_algorithm(self, algorithm: Algorithm) -> Self {
        Self { algorithm, ..self }
    }

    /// The same with another attestation.
    #[must_use]
    pub fn with_attestation(self, attestation: Attestation) -> Self {
        Self {
            attestation,
            ..self
        }
    }

    /// The same, but nobody is ever verified.
    #[must_use]
    pub fn without_user_verification(self) -> Self {
        Self {
            verifies_user: false,
            ..self
        }
    }
}

/// Keys and credentials in memory. A clone is a second authenticator with the same keys and its own counters.
#[derive(Clone, Debug)]
pub struct KeyStore {
    kind: Kind,
    keys: Vec<Option<Arc<PrivateKey>>>,
    credentials: Vec<Credential>,
    counters: BTreeMap<Vec<u8>, u32>,
    questions: u64,
}

impl KeyStore {
    /// An empty store.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            keys: Vec::new(),
            credentials: Vec::new(),
            counters: BTreeMap::new(),
            questions: 0,
        }
    }

    /// What this store pretends to be.
    #[must_use]
    pub const fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Every credential, newest first.
    #[must_use]
    pub fn all(&self) -> &[Credential] {
        &self.credentials
    }

    /// Sets every counter, so that the next signature states `last` + 1.
    pub fn set_counters(&mut self, last: u32) {
        self.counters
            .values_mut()
            .for_each(|counter| *counter = last);
    }

    /// States other backup flags from now on, also for the credentials that exist.
    pub fn set_backup(&mut self, backup: Backup) {
        self.kind.backup = backup;
        self.credentials
            .iter_mut()
            .for_each(|credential| credential.backup = backup);
    }

    /// Verifies its user from now on, or does not.
    pub const fn set_verifies_user(&mut self, verifies_user: bool) {
        self.kind.verifies_user = verifies_user;
    }

    /// Forgets a credential, as a person does who deletes it in the settings of the device.
    pub fn forget(&mut self, id: &[u8]) {
        self.credentials.retain(|credential| credential.id.0 != id);
    }

    fn key(&self, handle: &KeyHandle) -> Result<&PrivateKey, EnvError> {
        self.keys
            .get(index(handle)?)
            .and_then(Option::as_deref)
            .ok_or(EnvError::Failed)
    }
}

impl Env for KeyStore {
    fn profile(&self) -> Profile {
        let user_verification = if self.kind.verifies_user {
            UserVerification::OnRequest
        } else {
            UserVerification::None
        };
        let attestation = match self.kind.attestation {
            Attestation::None => AttestationStyle::None,
            Attestation::SelfSigned => AttestationStyle::SelfSigned,
            Attestation::Certified(_) => AttestationStyle::Certified,
        };
        Profile {
            aaguid: self.kind.aaguid,
            algorithms: vec![self.kind.algorithm],
            user_verification,
            platform: self.kind.backup != Backup::DeviceBound,
            transports: vec!["internal"],
            attestation,
        }
    }

    // Every question takes the person a second.
    fn now(&self) -> Milliseconds {
        Milliseconds(self.questions * 1000)
    }

    fn random(&mut self, out: &mut [u8]) -> Result<(), EnvError> {
        randomness().fill(out).map_err(|_| EnvError::Failed)
    }

    fn ask_user(&mut self, question: &Question<'_>) -> Answer {
        self.questions += 1;
        Answer::Approved(Approval {
            present: true,
            verified: question.verify,
            chosen: None,
        })
    }

    fn create_key(&mut self, algorithm: Algorithm, _rp_id: &str) -> Result<CreatedKey, EnvError> {
        let key = PrivateKey::generate(algorithm)?;
        let public = key.public()?;
        let handle = KeyHandle((self.keys.len() as u64).to_be_bytes().to_vec());
        self.keys.push(Some(Arc::new(key)));
        Ok(CreatedKey {
            handle,
            public,
            backup: self.kind.backup,
        })
    }

    fn discard_key(&mut self, key: &KeyHandle) {
        if let Some(slot) = index(key).ok().and_then(|index| self.keys.get_mut(index)) {
            *slot = None;
        }
    }

    fn sign(
        &mut self,
        key: &KeyHandle,
        _approval: &Approval,
        message: &[u8],
    ) -> Result<Vec<u8>, EnvError> {
        self.key(key)?.sign(message)
    }

    fn attest(&mut self, message: &[u8]) -> Result<CertifiedSignature, EnvError> {
        match &self.kind.attestation {
            Attestation::Certified(authority) => authority.certify(message),
            Attestation::None | Attestation::SelfSigned => Err(EnvError::Failed),
        }
    }

    fn store(
        &mut self,
        credential: Credential,
        replaces: Option<&CredentialId>,
    ) -> Result<(), EnvError> {
        self.credentials
            .retain(|existing| Some(&existing.id) != replaces);
        self.counters.insert(credential.id.0.clone(), 0);
        self.credentials.insert(0, credential);
        Ok(())
    }

    fn credentials(&mut self, rp_id: &str) -> Result<Vec<Credential>, EnvError> {
        Ok(self
            .credentials
            .iter()
            .filter(|credential| credential.rp_id == rp_id)
            .cloned()
            .collect())
    }

    fn next_counter(&mut self, credential: &CredentialId) -> Result<u32, EnvError> {
        if !self.kind.counts {
            return Ok(0);
        }
        let counter = self
            .counters
            .get_mut(&credential.0)
            .ok_or(EnvError::Failed)?;
        *counter = counter.checked_add(1).ok_or(EnvError::Failed)?;
        Ok(*counter)
    }
}

#[derive(Debug)]
enum PrivateKey {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    MlDsa(Algorithm, PqdsaKeyPair),
}

impl PrivateKey {
    fn generate(algorithm: Algorithm) -> Result<Self, EnvError> {
        let key = match algorithm {
            Algorithm::Es256 => {
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map(Self::Es256)
            }
            Algorithm::EdDsa => Ed25519KeyPair::generate().map(Self::EdDsa),
            Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => {
                PqdsaKeyPair::generate(ml_dsa(algorithm)).map(|pair| Self::MlDsa(algorithm, pair))
            }
        };
        key.map_err(|_| EnvError::Failed)
    }

    fn public(&self) -> Result<PublicKey, EnvError> {
        match self {
            Self::Es256(pair) => es256(pair.public_key().as_ref()),
            Self::EdDsa(pair) => pair
                .public_key()
                .as_ref()
                .try_into()
                .map(PublicKey::EdDsa)
                .map_err(|_| EnvError::Failed),
            Self::MlDsa(algorithm, pair) => {
                let bytes = pair.public_key().as_ref().to_vec();
                Ok(match algorithm {
                    Algorithm::MlDsa44 => PublicKey::MlDsa44(bytes),
                    Algorithm::MlDsa65 => PublicKey::MlDsa65(bytes),
                    _ => PublicKey::MlDsa87(bytes),
                })
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, EnvError> {
        let signature = match self {
            Self::Es256(pair) => pair
                .sign(&randomness(), message)
                .map(|signature| signature.as_ref().to_vec()),
            Self::EdDsa(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Self::MlDsa(_, pair) => {
                let mut signature = vec![0; pair.algorithm().signature_len()];
                pair.sign(message, &mut signature).map(|length| {
                    signature.truncate(length);
                    signature
                })
            }
        };
        signature.map_err(|_| EnvError::Failed)
    }
}

/// Splits an uncompressed point.
fn es256(point: &[u8]) -> Result<PublicKey, EnvError> {
    let (x, y) = point
        .strip_prefix(&[0x04])
        .and_then(|point| point.split_at_checked(32))
        .ok_or(EnvError::Failed)?;
    match (x.try_into(), y.try_into()) {
        (Ok(x), Ok(y)) => Ok(PublicKey::Es256 { x, y }),
        _ => Err(EnvError::Failed),
    }
}

fn ml_dsa(algorithm: Algorithm) -> &'static PqdsaSigningAlgorithm {
    match algorithm {
        Algorithm::MlDsa44 => &ML_DSA_44_SIGNING,
        Algorithm::MlDsa65 => &ML_DSA_65_SIGNING,
        _ => &ML_DSA_87_SIGNING,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "an authenticator has its own randomness, apart from the server's"
)]
fn randomness() -> SystemRandom {
    SystemRandom::new()
}

fn index(handle: &KeyHandle) -> Result<usize, EnvError> {
    let bytes = handle
        .0
        .as_slice()
        .try_into()
        .map_err(|_| EnvError::Failed)?;
    usize::try_from(u64::from_be_bytes(bytes)).map_err(|_| EnvError::Failed)
}
