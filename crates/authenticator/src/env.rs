//! Everything the authenticator needs from outside is one trait: time, randomness, the person, the keys.

use crate::public_key::{Algorithm, PublicKey};

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
}

/// Milliseconds since an arbitrary start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Milliseconds(pub u64);

impl Milliseconds {
    /// Milliseconds from `earlier` to here; 0 if the clock went back.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// What an authenticator is and can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The model identifier.
    pub aaguid: [u8; 16],
    /// Supported algorithms; the relying party's order decides among them.
    pub algorithms: Vec<Algorithm>,
    /// Built-in user verification.
    pub user_verification: UserVerification,
    /// True for an authenticator that cannot leave its device.
    pub platform: bool,
    /// Transports as WebAuthn names them, such as `internal` or `hybrid`.
    pub transports: Vec<&'static str>,
    /// How new credentials are attested.
    pub attestation: AttestationStyle,
}

/// Built-in user verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserVerification {
    /// There is none.
    None,
    /// There is one, but the user has not set it up.
    NotConfigured,
    /// Done when the request asks for it.
    OnRequest,
    /// Done for every registration and every sign-in.
    Always,
}

/// How new credentials are attested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttestationStyle {
    /// Not at all.
    None,
    /// By the credential key itself (packed without `x5c`).
    SelfSigned,
    /// By an attestation key with a certificate chain (packed with `x5c`).
    Certified,
}

/// What the core wants to know from the person.
#[derive(Debug)]
pub struct Question<'a> {
    /// What will happen on a yes.
    pub purpose: Purpose<'a>,
    /// The relying party.
    pub rp_id: &'a str,
    /// Whether the person must be verified, not only present.
    pub verify: bool,
}

/// What will happen when the person agrees.
#[derive(Debug)]
pub enum Purpose<'a> {
    /// A new passkey for this account.
    Register(&'a User),
    /// Nothing: this authenticator holds a credential that the relying party excludes.
    AlreadyRegistered,
    /// A sign-in with one of these credentials. A display may let the person choose.
    SignIn(&'a [Credential]),
}

/// What the person answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Approved(Approval),
    /// No, or the wrong finger.
    Denied,
    /// Nothing, for too long.
    TimedOut,
    /// The platform called off the request.
    Cancelled,
    /// Verification is locked.
    Blocked,
}

/// A yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The person touched, clicked or looked.
    pub present: bool,
    /// The person was verified by PIN or biometrics.
    pub verified: bool,
    /// The index of the chosen credential, if there was a display to choose on.
    pub chosen: Option<usize>,
}

impl Approval {
    /// For a silent getAssertion (`up` false): nobody was asked.
    pub(crate) const NOBODY_ASKED: Self = Self {
        present: false,
        verified: false,
        chosen: None,
    };
}

/// Names a private key inside its store; never the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHandle(pub Vec<u8>);

/// A new key pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedKey {
    /// Names the private half.
    pub handle: KeyHandle,
    /// The public half.
    pub public: PublicKey,
    /// Whether the provider of the store copies its keys elsewhere.
    pub backup: Backup,
}

/// Whether a credential's key can exist elsewhere (WebAuthn flags BE and BS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backup {
    /// Never leaves this device: BE 0, BS 0.
    DeviceBound,
    /// May be copied, not yet copied: BE 1, BS 0.
    Eligible,
    /// Copied: BE 1, BS 1.
    BackedUp,
}

/// A signature of the attestation key with its certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertifiedSignature {
    /// Algorithm of the attestation key.
    pub algorithm: Algorithm,
    /// The signature.
    pub signature: Vec<u8>,
    /// DER certificates, attestation certificate first, root left out.
    pub x5c: Vec<Vec<u8>>,
}

/// The identifier a relying party knows a credential by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialId(pub Vec<u8>);

/// The account that a credential is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The user handle: 1 to 64 bytes.
    pub id: Vec<u8>,
    /// The account name, at most 64 bytes.
    pub name: Option<String>,
    /// The name for display, at most 64 bytes.
    pub display_name: Option<String>,
}

/// A credential without its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its identifier.
    pub id: CredentialId,
    /// The relying party it is bound to.
    pub rp_id: String,
    /// The account it is for.
    pub user: User,
    /// Whether it can be found without its identifier.
    pub discoverable: bool,
    /// Where its key can exist; a store may move it from eligible to backed up.
    pub backup: Backup,
    /// Names its private key.
    pub key: KeyHandle,
}

/// The world failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvError {
    /// No room for another key or credential.
    #[error("the key store is full")]
    Full,
    /// Anything else; the world keeps the details in its own log.
    #[error("the key store failed")]
    Failed,
}
