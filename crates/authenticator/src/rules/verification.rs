//! R16, R17, R18: biometrics first, the PIN when they fail, and biometrics again from time to time.

use crate::env::Milliseconds;

/// A way to be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Finger or face.
    Biometric,
    /// The PIN of the screen lock.
    Pin,
}

/// When biometrics are tried again after the PIN had to help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// After so many verifications by PIN.
    pub verifications: u32,
    /// Or after so many milliseconds.
    pub after: u64,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            verifications: 5,
            after: 24 * 60 * 60 * 1000,
        }
    }
}

/// What the person is used to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Habit {
    /// Biometrics work.
    #[default]
    Biometric,
    /// They failed: the PIN is asked for.
    Pin {
        /// Since when.
        since: Milliseconds,
        /// How often the PIN has been right since.
        verifications: u32,
    },
}

impl Habit {
    /// The methods of the next verification, in order. With biometrics the PIN follows in the same request if they fail.
    #[must_use]
    pub const fn plan(
        self,
        has_biometrics: bool,
        retry: Retry,
        now: Milliseconds,
    ) -> &'static [Method] {
        const BOTH: &[Method] = &[Method::Biometric, Method::Pin];
        const PIN: &[Method] = &[Method::Pin];
        match self {
            _ if !has_biometrics => PIN,
            Self::Biometric => BOTH,
            Self::Pin {
                since,
                verifications,
            } if verifications >= retry.verifications || now.since(since) >= retry.after => BOTH,
            Self::Pin { .. } => PIN,
        }
    }

    /// After biometrics worked.
    #[must_use]
    pub const fn biometric_worked(self) -> Self {
        Self::Biometric
    }

    /// After biometrics failed: another period of PIN begins.
    #[must_use]
    pub const fn biometric_failed(self, now: Milliseconds) -> Self {
        Self::Pin {
            since: now,
            verifications: 0,
        }
    }

    /// After the PIN was right.
    #[must_use]
    pub const fn pin_worked(self) -> Self {
        match self {
            Self::Biometric => Self::Biometric,
            Self::Pin {
                since,
                verifications,
            } => Self::Pin {
                since,
                verifications: verifications.saturating_add(1),
            },
        }
    }
}
