//! R1, R2, R3: a key lives in the strongest secure hardware there is, or does not live.

use super::Refusal;
use crate::device::platform::{KeyStore, KeyStoreError, MadeKey};
use crate::env::KeySpec;

/// Where a key is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Android: a chip of its own.
    StrongBox,
    /// Android: the trusted execution environment of the processor.
    TrustedEnvironment,
    /// Apple's Secure Enclave.
    SecureEnclave,
    /// A TPM 2.0.
    Tpm,
    /// The memory of a process. Never enough.
    Software,
}

/// Strongest first. A platform has one of the lines of this list, Android two.
const ORDER: [Level; 4] = [
    Level::StrongBox,
    Level::TrustedEnvironment,
    Level::SecureEnclave,
    Level::Tpm,
];

/// The secure hardware among what a store says it has, strongest first.
///
/// # Errors
/// [`Refusal::NoSecureHardware`] if there is none, whatever the relying party thinks of attestation.
pub fn secure(offered: &[Level]) -> Result<Vec<Level>, Refusal> {
    let found: Vec<Level> = ORDER
        .into_iter()
        .filter(|level| offered.contains(level))
        .collect();
    if found.is_empty() {
        return Err(Refusal::NoSecureHardware);
    }
    Ok(found)
}

/// Why no key was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMade {
    /// A rule.
    Refused(Refusal),
    /// The store.
    Failed(KeyStoreError),
}

/// Makes the key in the strongest hardware that takes it. Hardware may be promised and missing when it comes to it, so what counts
/// is where the key says it is once it is made; one in software is destroyed again.
///
/// # Errors
/// [`NotMade`].
pub fn make(store: &mut impl KeyStore, spec: &KeySpec<'_>) -> Result<MadeKey, NotMade> {
    for level in secure(&store.hardware()).map_err(NotMade::Refused)? {
        match store.create(spec, level) {
            Ok(key) if key.level != Level::Software => return Ok(key),
            Ok(key) => store.destroy(&key.handle),
            Err(KeyStoreError::Unavailable) => {}
            Err(KeyStoreError::SecureLockRequired) => {
                return Err(NotMade::Refused(Refusal::ScreenLockRequired));
            }
            Err(error) => return Err(NotMade::Failed(error)),
        }
    }
    Err(NotMade::Refused(Refusal::NoSecureHardware))
}
