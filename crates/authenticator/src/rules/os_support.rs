//! R14: the system must let apps provide passkeys.

use super::Refusal;

/// The oldest Android with an interface for passkey providers.
const ANDROID: u32 = 14;
/// From here on every maker has to leave the interface in.
const ANDROID_RECOMMENDED: u32 = 15;
/// The oldest iOS with credential provider extensions for passkeys.
const IOS: u32 = 17;

/// The system below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Os {
    /// Android.
    Android {
        /// Its number.
        version: u32,
        /// Whether the interface for providers is there.
        has_provider_interface: bool,
    },
    /// iOS.
    Ios {
        /// Its number.
        version: u32,
    },
    /// Linux, where the app is the provider itself.
    Linux,
}

/// Whether apps may provide passkeys here.
///
/// # Errors
/// [`Refusal::OsTooOld`], or [`Refusal::OsNotSupported`] on a device whose maker left the interface out.
pub const fn supported(os: Os) -> Result<(), Refusal> {
    match os {
        Os::Android { version, .. } if version < ANDROID => Err(Refusal::OsTooOld),
        Os::Android {
            has_provider_interface: false,
            ..
        } => Err(Refusal::OsNotSupported),
        Os::Ios { version } if version < IOS => Err(Refusal::OsTooOld),
        Os::Android { .. } | Os::Ios { .. } | Os::Linux => Ok(()),
    }
}

/// The version to recommend with a refusal.
#[must_use]
pub const fn recommended(os: Os) -> Option<u32> {
    match os {
        Os::Android { .. } => Some(ANDROID_RECOMMENDED),
        Os::Ios { .. } => Some(IOS),
        Os::Linux => None,
    }
}
