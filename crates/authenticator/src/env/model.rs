//! The nouns of the world: profile, questions and answers, keys, credentials.

use crate::public_key::{Algorithm, PublicKey};

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
    /// By a TPM 2.0.
    Tpm,
    /// By Android's key store.
    AndroidKey,
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
    /// This authenticator is the one to go on with (authenticatorSelection).
    Select,
    /// Everything on this authenticator is destroyed (authenticatorReset).
    Reset,
    /// A program wants a token with these [`permissions`](crate::permissions) (CTAP 2.2, section 6.5.5.7.3).
    IssueToken(u8),
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
    /// Its public key, for whoever manages the passkeys of this authenticator.
    pub public: PublicKey,
    /// The relying party's own name, at most 64 bytes.
    pub rp_name: Option<String>,
    /// When it may be found (extension credProtect).
    pub protection: Protection,
    /// Bytes that the relying party left with it (extension credBlob).
    pub blob: Option<Vec<u8>>,
    /// Whether its large blob key may be asked for (extension largeBlobKey).
    pub has_large_blob_key: bool,
    /// Whether it answers hmac-secret.
    pub has_hmac_secret: bool,
}

/// When a credential may be found (CTAP 2.2, section 12.1). The order is that of strictness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protection {
    /// Level 1: always.
    #[default]
    Optional,
    /// Level 2: without verification only by somebody who knows its identifier.
    OptionalWithList,
    /// Level 3: only by a verified person.
    Required,
}

impl Protection {
    /// The number on the wire.
    #[must_use]
    pub const fn level(self) -> i64 {
        match self {
            Self::Optional => 1,
            Self::OptionalWithList => 2,
            Self::Required => 3,
        }
    }

    /// The level with this number.
    #[must_use]
    pub const fn of_level(level: i64) -> Option<Self> {
        match level {
            1 => Some(Self::Optional),
            2 => Some(Self::OptionalWithList),
            3 => Some(Self::Required),
            _ => None,
        }
    }
}

/// The world failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvError {
    /// No room for another key or credential.
    #[error("the key store is full")]
    Full,
    /// A rule of the world forbids it; the world tells the person which.
    #[error("a rule of this authenticator forbids it")]
    Forbidden,
    /// There is no such credential any more.
    #[error("there is no such credential")]
    Gone,
    /// Anything else; the world keeps the details in its own log.
    #[error("the key store failed")]
    Failed,
}

/// What a world offers beyond keys. By default nothing: getInfo claims no more than this and the core's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// It keeps a PIN and small records: clientPin, authenticatorConfig, extension minPinLength.
    pub pin: bool,
    /// Programs may get tokens by built-in verification. Not for stores whose keys demand the verification of each signature
    /// itself: a token would promise what the key then refuses.
    pub tokens: bool,
    /// Its credentials can be listed, renamed, deleted and erased: credential management and reset.
    pub management: bool,
    /// It holds a symmetric secret beside each key: extensions hmac-secret, hmac-secret-mc and (with blobs) largeBlobKey.
    pub secrets: bool,
    /// Bytes of the large blob array it keeps; 0 for none, else at least 1024.
    pub large_blobs: usize,
    /// Longest credBlob in bytes; 0 for none, else at least 32.
    pub credential_blob: usize,
    /// Enterprise attestation, if its evidence can name the single device.
    pub enterprise: Option<Enterprise>,
}

impl Capabilities {
    /// Whether there is a way to a PIN/UV auth token.
    #[must_use]
    pub const fn issues_tokens(&self) -> bool {
        self.pin || self.tokens
    }
}

/// Who may get enterprise attestation (CTAP 2.2, section 7.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enterprise {
    /// Relying parties built in by the maker (vendor-facilitated).
    pub relying_parties: Vec<String>,
}

/// A small durable record whose bytes only the core understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Record {
    /// Attempts left and length of the PIN. Never the PIN.
    Pin,
    /// What authenticatorConfig sets.
    Settings,
    /// The large blob array.
    LargeBlobs,
}

/// The left half of the SHA-256 of a PIN: as good as the PIN, so it prints nothing and is wiped.
pub struct PinDigest(zeroize::Zeroizing<[u8; 16]>);

impl PinDigest {
    pub(crate) fn new(bytes: [u8; 16]) -> Self {
        Self(zeroize::Zeroizing::new(bytes))
    }

    /// For a store that feeds it to its hardware or stretches it.
    #[must_use]
    pub fn expose(&self) -> &[u8; 16] {
        &self.0
    }

    /// Compares in constant time.
    #[must_use]
    pub fn equals(&self, other: &[u8; 16]) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(self.0.as_slice(), other).is_ok()
    }
}

impl std::fmt::Debug for PinDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PinDigest")
    }
}

/// The symmetric secrets that a store holds beside a private key, each apart from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Secret {
    /// `CredRandomWithUV` of hmac-secret.
    HmacVerified,
    /// `CredRandomWithoutUV` of hmac-secret.
    HmacPresent,
    /// What the large blob key is made from.
    LargeBlob,
}

/// What is about to happen, before anybody is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent<'a> {
    /// A registration.
    Register {
        /// The relying party.
        rp_id: &'a str,
    },
    /// A sign-in.
    SignIn {
        /// The relying party.
        rp_id: &'a str,
    },
}

impl Intent<'_> {
    /// The relying party.
    #[must_use]
    pub const fn rp_id(&self) -> &str {
        match self {
            Self::Register { rp_id } | Self::SignIn { rp_id } => rp_id,
        }
    }
}

/// What a new key is for.
#[derive(Clone, Copy, Debug)]
pub struct KeySpec<'a> {
    /// Its algorithm, one of the profile's.
    pub algorithm: Algorithm,
    /// The relying party it may sign for.
    pub rp_id: &'a str,
    /// The account it is for.
    pub user: &'a User,
    /// Android attests a key while making it, with the challenge it is given: this hash.
    pub client_data_hash: &'a [u8; 32],
    /// Whether the store must keep symmetric secrets beside it.
    pub with_secrets: bool,
}

/// What evidence is asked about.
#[derive(Clone, Copy, Debug)]
pub struct EvidenceRequest<'a> {
    /// The new key.
    pub key: &'a CreatedKey,
    /// Who agreed.
    pub approval: Approval,
    /// Authenticator data followed by the hash of the client data.
    pub attested: &'a [u8],
    /// Whether evidence that names the single device was asked for and is allowed.
    pub enterprise: bool,
}

/// Where a key comes from, as far as its store can prove it. The core makes the statement of the format from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Nothing.
    None,
    /// The credential key speaks for itself (packed without `x5c`).
    SelfSigned,
    /// A certified attestation key signed (packed with `x5c`). What Apple's App Attest proves comes in this form too: it has
    /// no format of its own for third parties, so an attestation authority checks it and certifies a key.
    Certified(CertifiedSignature),
    /// A TPM 2.0 certified the key (WebAuthn Level 3, section 8.3).
    Tpm(TpmEvidence),
    /// Android's key store attested the key when it was made (section 8.4): certificates, the key's own first.
    AndroidKey {
        /// DER certificates, root last if the key store gives it.
        x5c: Vec<Vec<u8>>,
    },
}

/// What `TPM2_Certify` made over a key, with `SHA-256(attested)` (or the attestation key's hash) as qualifying data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TpmEvidence {
    /// Algorithm of the attestation identity key.
    pub algorithm: Algorithm,
    /// DER certificates, that of the attestation identity key first.
    pub x5c: Vec<Vec<u8>>,
    /// The signature over `cert_info`.
    pub signature: Vec<u8>,
    /// `TPMS_ATTEST`.
    pub cert_info: Vec<u8>,
    /// `TPMT_PUBLIC` of the credential key.
    pub pub_area: Vec<u8>,
}
