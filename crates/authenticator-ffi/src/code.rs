//! The text that a camera found in a QR code (R11).

use hybrid::{Flow, Handshake, QrError};
use std::sync::Arc;

/// How far the clocks of the two devices may be apart, and how long somebody may look for their phone, in seconds.
const TOLERANCE: u64 = 10 * 60;

/// Why a text is no QR code of WebAuthn that is shown just now. Nothing is sent for any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum CodeFault {
    /// A QR code for something else.
    #[error("not a QR code of WebAuthn")]
    OtherScheme,
    /// Longer than any client makes.
    #[error("the QR code is too long")]
    TooLong,
    /// The digits are none, are too few, or say more than bytes can hold.
    #[error("the digits of the QR code are broken")]
    Digits,
    /// What the digits say is not the message that it has to be.
    #[error("the contents of the QR code are broken")]
    Contents,
    /// Made too long ago or in the future: somebody kept it, or one of the two clocks is wrong.
    #[error("the QR code was not made just now, or a clock is wrong")]
    Outdated,
}

impl From<QrError> for CodeFault {
    fn from(error: QrError) -> Self {
        match error {
            QrError::Scheme => Self::OtherScheme,
            QrError::TooLong => Self::TooLong,
            QrError::NotDigits | QrError::DigitCount | QrError::Overflow => Self::Digits,
            QrError::Outdated => Self::Outdated,
            _ => Self::Contents,
        }
    }
}

/// What the other device will ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum CodePurpose {
    /// A registration.
    Register,
    /// A sign-in.
    SignIn,
}

/// A QR code that was read. Its secret stays inside.
#[derive(uniffi::Object)]
pub struct ScannedCode(Handshake);

impl std::fmt::Debug for ScannedCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ScannedCode")
    }
}

#[uniffi::export]
impl ScannedCode {
    /// Reads what a camera saw. `now` is the time of day, in seconds since 1970.
    ///
    /// # Errors
    /// [`CodeFault`] names the first rule that the text breaks.
    #[uniffi::constructor]
    pub fn read(text: &str, now: u64) -> Result<Arc<Self>, CodeFault> {
        let handshake = Handshake::from_url(text)?;
        handshake.made_within(TOLERANCE, now)?;
        Ok(Arc::new(Self(handshake)))
    }

    /// What the other device will ask for, as the code says. For a hint only: the request decides.
    pub fn purpose(&self) -> CodePurpose {
        match self.0.flow {
            Flow::MakeCredential => CodePurpose::Register,
            Flow::GetAssertion => CodePurpose::SignIn,
        }
    }
}

impl ScannedCode {
    pub(crate) const fn handshake(&self) -> &Handshake {
        &self.0
    }
}
