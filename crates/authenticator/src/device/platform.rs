//! What a shell (Android, iOS, Linux, a simulator) brings: keys, verification, surroundings, a shelf for records.
//!
//! Each trait speaks bytes and closed enums only, so that it can cross a language boundary; no private key ever does.

use crate::env::{
    CreatedKey, Evidence, KeyHandle, KeySpec, Milliseconds, Profile, Question, Secret,
};
use crate::public_key::{Algorithm, PublicKey};
use crate::rules::binding::DeviceId;
use crate::rules::cross_device::Radio;
use crate::rules::invalidation::Enrolment;
use crate::rules::key_store::Level;
use crate::rules::os_support::Os;
use crate::rules::verification::Method;

/// A key that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeKey {
    /// Names it.
    pub handle: KeyHandle,
    /// Its public half.
    pub public: PublicKey,
    /// Where it is, as the store says once it is made.
    pub level: Level,
}

/// Whether a key can still be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStatus {
    /// Yes.
    Valid,
    /// The hardware gave it up for ever.
    Invalidated,
    /// There is none of this name.
    Missing,
}

/// Why a key store did not do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStoreError {
    /// This hardware is not there after all; another may be.
    Unavailable,
    /// Keys need a screen lock.
    SecureLockRequired,
    /// The key was given up for ever.
    PermanentlyInvalidated,
    /// The grant is missing, used or not for this key.
    VerificationRequired,
    /// No room.
    Full,
    /// Anything else; the shell's log has the details.
    Failed,
}

/// What verification leaves behind for the key store: a policy session of a TPM, a `CryptoObject`, an `LAContext`.
#[derive(Clone, PartialEq, Eq)]
pub struct Grant(pub Vec<u8>);

impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Grant")
    }
}

/// Private keys in hardware.
pub trait KeyStore {
    /// The hardware that is there, in any order.
    fn hardware(&self) -> Vec<Level>;

    /// Algorithms of that hardware, preferred first.
    fn algorithms(&self) -> Vec<Algorithm>;

    /// Which device this is; another after a restore elsewhere.
    fn device_id(&self) -> DeviceId;

    /// Makes a key in this hardware that signs only with a grant.
    ///
    /// # Errors
    /// [`KeyStoreError`]; nothing is left behind then.
    fn create(&mut self, spec: &KeySpec<'_>, level: Level) -> Result<MadeKey, KeyStoreError>;

    /// Signs with a key.
    ///
    /// # Errors
    /// [`KeyStoreError`].
    fn sign(
        &mut self,
        key: &KeyHandle,
        grant: Option<&Grant>,
        message: &[u8],
    ) -> Result<Vec<u8>, KeyStoreError>;

    /// Whether a key can still be used.
    fn status(&mut self, key: &KeyHandle) -> KeyStatus;

    /// Destroys a key; no key of that name is fine too.
    fn destroy(&mut self, key: &KeyHandle);

    /// Where a new key comes from.
    ///
    /// # Errors
    /// [`KeyStoreError`] if the evidence that the profile promises cannot be had.
    fn evidence(
        &mut self,
        key: &CreatedKey,
        grant: Option<&Grant>,
        attested: &[u8],
    ) -> Result<Evidence, KeyStoreError>;

    /// HMAC-SHA-256 under a secret beside a key, for stores that keep one.
    ///
    /// # Errors
    /// [`KeyStoreError`].
    fn derive(
        &mut self,
        _key: &KeyHandle,
        _secret: Secret,
        _input: &[u8],
    ) -> Result<[u8; 32], KeyStoreError> {
        Err(KeyStoreError::Failed)
    }
}

/// How a verification ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// It is the person.
    Granted(Grant),
    /// It is not, or cannot be told.
    Failed,
    /// Too many failures: this method is closed for now.
    LockedOut,
    /// The person closed the prompt.
    Cancelled,
    /// Nobody did anything.
    TimedOut,
}

/// The person and their screen lock.
pub trait Verifier {
    /// How the person can be verified.
    fn enrolment(&mut self) -> Enrolment;

    /// Shows what will happen and verifies by one method.
    fn verify(&mut self, method: Method, question: &Question<'_>) -> Verified;

    /// Shows something that needs a yes and no verification.
    fn confirm(&mut self, question: &Question<'_>) -> bool;

    /// The index of the passkey that the person picked, if several were shown.
    fn picked(&mut self) -> Option<usize> {
        None
    }
}

/// The device around.
pub trait Surroundings {
    /// Model, transports, attestation. Its algorithms and its verification are filled in here.
    fn profile(&self) -> Profile;

    /// A clock that never goes back.
    fn now(&self) -> Milliseconds;

    /// Fills `out` with randomness; false if there is none.
    fn random(&mut self, out: &mut [u8]) -> bool;

    /// The system.
    fn os(&self) -> Os;

    /// Whether the internet can be reached.
    fn online(&self) -> bool;

    /// The radio.
    fn radio(&self) -> Radio;
}

/// Records of passkeys and one of the app's own state. What returns true survives a power cut.
pub trait Shelf {
    /// Every entry: its name and its bytes.
    fn entries(&mut self) -> Option<Vec<(Vec<u8>, Vec<u8>)>>;

    /// Writes an entry and removes others, all or nothing.
    fn write(&mut self, name: &[u8], bytes: &[u8], remove: &[Vec<u8>]) -> bool;

    /// Removes an entry.
    fn remove(&mut self, name: &[u8]) -> bool;
}

/// A whole platform.
pub trait Platform: KeyStore + Verifier + Surroundings + Shelf {}

impl<T: KeyStore + Verifier + Surroundings + Shelf> Platform for T {}
