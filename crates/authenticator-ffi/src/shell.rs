//! What a shell brings: four traits that it implements, and the nouns they speak. They mirror `authenticator::device::platform`.
//!
//! A method that throws, or answers something of an impossible form, counts as the answer that opens nothing; each says which.

use uniffi::UnexpectedUniFFICallbackError;

/// Where a key is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum KeyLevel {
    /// Android: a chip of its own (`KeyProperties.SECURITY_LEVEL_STRONGBOX`).
    StrongBox,
    /// Android: the trusted execution environment (`KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT`).
    TrustedEnvironment,
    /// Apple's Secure Enclave (`kSecAttrTokenIDSecureEnclave`).
    SecureEnclave,
    /// The memory of a process, and everything that is not known to be more. Never enough.
    Software,
}

/// The algorithm of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum KeyAlgorithm {
    /// ECDSA on P-256 with SHA-256. Public keys: `04`, x, y (65 bytes). Signatures: ASN.1 DER.
    Es256,
    /// Ed25519. Public keys: 32 bytes. Signatures: 64 bytes.
    EdDsa,
    /// ML-DSA-44. Public keys: 1312 bytes.
    MlDsa44,
    /// ML-DSA-65. Public keys: 1952 bytes.
    MlDsa65,
    /// ML-DSA-87. Public keys: 2592 bytes.
    MlDsa87,
}

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct KeyOrder {
    /// Its algorithm, one of those that [`ShellKeyStore::algorithms`] listed.
    pub algorithm: KeyAlgorithm,
    /// The hardware it must be in.
    pub level: KeyLevel,
    /// The relying party it will sign for.
    pub rp_id: String,
    /// The account it is for: the user handle, 1 to 64 bytes.
    pub user_id: Vec<u8>,
    /// 32 bytes. Android attests a key while it makes it, with this as the attestation challenge.
    pub attestation_challenge: Vec<u8>,
}

/// A key that was made.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct MadeKey {
    /// Names it: 1 to 1024 bytes, never the key.
    pub handle: Vec<u8>,
    /// Its algorithm.
    pub algorithm: KeyAlgorithm,
    /// Its public half, in the form that [`KeyAlgorithm`] says.
    pub public_key: Vec<u8>,
    /// Where it is, as the key itself says once it is made (Android: `KeyInfo.getSecurityLevel`).
    pub level: KeyLevel,
}

/// Whether a key can still be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum KeyState {
    /// Yes.
    Valid,
    /// The hardware gave it up for ever.
    Invalidated,
    /// There is none of this name.
    Missing,
}

/// Where a new key comes from, in the form that the description promises ([`AttestationKind`]).
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum KeyEvidence {
    /// Nothing.
    None,
    /// An attestation key with a certificate signed: what an authority gives who has checked Apple's App Attest.
    Certified {
        /// Algorithm of the attestation key.
        algorithm: KeyAlgorithm,
        /// Its signature over the bytes that were asked about.
        signature: Vec<u8>,
        /// DER certificates, that of the attestation key first, the root left out.
        x5c: Vec<Vec<u8>>,
    },
    /// Android's key store attested the key when it was made.
    AndroidKey {
        /// DER certificates, the key's own first.
        x5c: Vec<Vec<u8>>,
    },
}

/// Why a key store did not do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum KeyFault {
    /// This hardware is not there after all; another may be.
    #[error("this hardware is not there")]
    Unavailable,
    /// Keys need a screen lock.
    #[error("keys need a screen lock")]
    SecureLockRequired,
    /// The key was given up for ever.
    #[error("the key was given up for ever")]
    PermanentlyInvalidated,
    /// The grant is missing, used, or not for this key.
    #[error("the key wants another verification")]
    VerificationRequired,
    /// No room.
    #[error("no room for another key")]
    Full,
    /// Anything else; the shell's log has the details.
    #[error("the key store failed")]
    Failed,
}

/// Something in the shell failed; its own log has the details.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum ShellFault {
    /// It did not work.
    #[error("the shell failed")]
    Failed,
}

// What a shell throws without having declared it arrives here, so that it cannot become a panic.
impl From<UnexpectedUniFFICallbackError> for KeyFault {
    fn from(_: UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

impl From<UnexpectedUniFFICallbackError> for ShellFault {
    fn from(_: UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// Private keys in hardware.
#[uniffi::export(with_foreign)]
pub trait ShellKeyStore: Send + Sync {
    /// The secure hardware that is there, in any order.
    ///
    /// # Errors
    /// Counts as none.
    fn hardware(&self) -> Result<Vec<KeyLevel>, ShellFault>;

    /// Algorithms of that hardware, preferred first.
    ///
    /// # Errors
    /// Counts as none.
    fn algorithms(&self) -> Result<Vec<KeyAlgorithm>, ShellFault>;

    /// Makes a key in this hardware that signs only with a grant. It is called anew for each level, strongest first, until one takes it.
    ///
    /// # Errors
    /// [`KeyFault`]; nothing is left behind then.
    fn create(&self, order: KeyOrder) -> Result<MadeKey, KeyFault>;

    /// Signs `message` (not its hash) with a key.
    ///
    /// # Errors
    /// [`KeyFault`].
    fn sign(
        &self,
        handle: Vec<u8>,
        grant: Option<Vec<u8>>,
        message: Vec<u8>,
    ) -> Result<Vec<u8>, KeyFault>;

    /// Whether a key can still be used.
    ///
    /// # Errors
    /// Counts as valid: a passkey ends because its key is gone, not because nobody could look. Without its key it signs nothing.
    fn state(&self, handle: Vec<u8>) -> Result<KeyState, ShellFault>;

    /// Destroys a key; no key of that name is fine too.
    ///
    /// # Errors
    /// The key is waste from now on: nothing refers to it.
    fn destroy(&self, handle: Vec<u8>) -> Result<(), ShellFault>;

    /// Where a new key comes from. `attested` is the authenticator data followed by the hash of the client data.
    ///
    /// # Errors
    /// [`KeyFault`]; the registration fails.
    fn evidence(
        &self,
        handle: Vec<u8>,
        grant: Option<Vec<u8>>,
        attested: Vec<u8>,
    ) -> Result<KeyEvidence, KeyFault>;
}

/// How the person can prove to be the one whose device it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ScreenLock {
    /// The screen lock, or none: a number that is another after every change, also after removal and return.
    pub lock: Option<u64>,
    /// Whether a finger is enrolled; how many is not asked.
    pub finger: bool,
    /// Whether a face is enrolled.
    pub face: bool,
}

/// A way to be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum VerificationMethod {
    /// Finger or face.
    Biometric,
    /// The PIN of the screen lock.
    Pin,
}

/// How a verification ended.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Verification {
    /// It is the person.
    Granted {
        /// Names what the key store needs to sign (a `CryptoObject`, an `LAContext`): at most 1024 bytes, never a PIN.
        grant: Vec<u8>,
        /// The index of the account that the person picked, if several were shown.
        picked: Option<u32>,
    },
    /// It is not, or cannot be told.
    Failed,
    /// Too many failures: this method is closed for now.
    LockedOut,
    /// The person closed the prompt.
    Cancelled,
    /// Nobody did anything.
    TimedOut,
}

/// What happens on a yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum PromptPurpose {
    /// A new passkey for the one account.
    Register,
    /// Nothing: this device holds a passkey that the relying party excludes.
    AlreadyRegistered,
    /// A sign-in with one of the accounts.
    SignIn,
    /// This device is the one to go on with.
    Select,
    /// Something that this app does not offer; say no.
    Other,
}

/// An account as a prompt shows it.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct PromptAccount {
    /// Its name.
    pub name: Option<String>,
    /// Its name for display.
    pub display_name: Option<String>,
}

/// What to show when the person is asked.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Prompt {
    /// What happens on a yes.
    pub purpose: PromptPurpose,
    /// The relying party. Shown as it is, never as the name that the relying party gives itself.
    pub rp_id: String,
    /// The accounts in question.
    pub accounts: Vec<PromptAccount>,
}

/// The person and their screen lock.
#[uniffi::export(with_foreign)]
pub trait ShellVerifier: Send + Sync {
    /// How the person can be verified.
    ///
    /// # Errors
    /// The request is refused, as if there were no lock. No passkey ends by it: that the lock cannot be read does not mean that it is gone.
    fn screen_lock(&self) -> Result<ScreenLock, ShellFault>;

    /// Shows what will happen and verifies by one method, and by no other.
    ///
    /// # Errors
    /// Counts as [`Verification::Failed`].
    fn verify(
        &self,
        method: VerificationMethod,
        prompt: Prompt,
    ) -> Result<Verification, ShellFault>;

    /// Shows something that needs a yes and no verification.
    ///
    /// # Errors
    /// Counts as no.
    fn confirm(&self, prompt: Prompt) -> Result<bool, ShellFault>;
}

/// The radio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RadioState {
    /// On, and the app may use it.
    On,
    /// Off.
    Off,
    /// On, but the app may not use it.
    Denied,
}

/// The device around.
#[uniffi::export(with_foreign)]
pub trait ShellSurroundings: Send + Sync {
    /// Milliseconds on a clock that goes on while the device sleeps, and that nobody can set (`SystemClock.elapsedRealtime`,
    /// `CLOCK_MONOTONIC_RAW`); not the time of day. It may begin anew when the device is switched on: the hours of R18 are longer then, its
    /// number of sign-ins is not.
    ///
    /// # Errors
    /// The clock stands still. One that goes back does as well.
    fn now_ms(&self) -> Result<u64, ShellFault>;

    /// Whether the internet can be reached.
    ///
    /// # Errors
    /// Counts as no.
    fn online(&self) -> Result<bool, ShellFault>;

    /// The radio.
    ///
    /// # Errors
    /// Counts as [`RadioState::Denied`].
    fn radio(&self) -> Result<RadioState, ShellFault>;
}

/// A record of the app's.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ShelfEntry {
    /// Its name: at most 1024 bytes.
    pub name: Vec<u8>,
    /// Its bytes, which only the core understands: at most 65536. They hold no private key.
    pub bytes: Vec<u8>,
}

/// Records of passkeys and one of the app's own state. A write that returns survives a power cut.
#[uniffi::export(with_foreign)]
pub trait ShellShelf: Send + Sync {
    /// Every entry.
    ///
    /// # Errors
    /// The request is refused as failed. An empty shelf is no error, and is never answered in the place of one.
    fn entries(&self) -> Result<Vec<ShelfEntry>, ShellFault>;

    /// Writes an entry and removes others, all or nothing.
    ///
    /// # Errors
    /// Nothing was written.
    fn write(&self, entry: ShelfEntry, remove: Vec<Vec<u8>>) -> Result<(), ShellFault>;

    /// Removes an entry; false if there was none.
    ///
    /// # Errors
    /// Counts as false.
    fn remove(&self, name: Vec<u8>) -> Result<bool, ShellFault>;
}

/// The system below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum SystemBelow {
    /// Android.
    Android {
        /// Its number, such as 15.
        version: u32,
        /// Whether the interface for passkey providers is there (`PackageManager.FEATURE_CREDENTIALS`).
        has_provider_interface: bool,
    },
    /// iOS.
    Ios {
        /// Its number, such as 18.
        version: u32,
    },
}

/// How new passkeys are attested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum AttestationKind {
    /// Not at all.
    None,
    /// By an attestation key with certificates (`packed`).
    Certified,
    /// By Android's key store (`android-key`).
    AndroidKey,
}

/// What does not change while the process of the app lives.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct DeviceDescription {
    /// Which installation this is: 16 random bytes, kept where a backup does not reach, so that they are others after a restore elsewhere.
    pub device_id: Vec<u8>,
    /// The model identifier of the app: 16 bytes.
    pub aaguid: Vec<u8>,
    /// The system below.
    pub system: SystemBelow,
    /// How new passkeys are attested.
    pub attestation: AttestationKind,
}

/// The way a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RequestFront {
    /// From a program on this device.
    Local,
    /// From another device. Requests through a [`HybridSession`](crate::HybridSession) come this way by themselves.
    CrossDevice,
}
