//! The text that a camera found in a QR code (R11).

use crate::diagnosis::{Sentence, sentence};
use hybrid::scan::{NotACode, Scanned};
use hybrid::{Flow, Handshake};
use std::sync::Arc;

/// Why a text is not answered. Nothing is sent for it, and nobody is asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum CodeFault {
    /// It is something else, or no code of hybrid transport that is shown just now.
    #[error("{text}")]
    NotACode {
        /// The stable name of what it is instead: see [`sentences`](crate::sentences).
        code: String,
        /// What the person reads, in English.
        text: String,
    },
}

impl From<NotACode> for CodeFault {
    fn from(reason: NotACode) -> Self {
        Self::NotACode {
            code: reason.code().to_owned(),
            text: reason.text().to_owned(),
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
pub struct ScannedCode(Scanned);

impl std::fmt::Debug for ScannedCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ScannedCode")
    }
}

#[uniffi::export]
impl ScannedCode {
    /// Reads what a camera saw. `now` is the time of day, in seconds since 1970; the code was made within ten minutes of it.
    ///
    /// # Errors
    /// [`CodeFault`] names the first rule that the text breaks.
    #[uniffi::constructor]
    pub fn read(text: &str, now: u64) -> Result<Arc<Self>, CodeFault> {
        Ok(Arc::new(Self(Scanned::read(text, now)?)))
    }

    /// What the other device will ask for, as the code says. For a hint only: the request decides.
    pub fn purpose(&self) -> CodePurpose {
        match self.0.handshake.flow {
            Flow::MakeCredential => CodePurpose::Register,
            Flow::GetAssertion => CodePurpose::SignIn,
        }
    }

    /// What to ask the person before the code is answered.
    pub fn question(&self) -> Sentence {
        let hint = self.0.hint();
        sentence(hint.code(), hint.text())
    }
}

/// When a code says that it was made, in seconds since 1970, also if that is not now: for
/// [`ConnectionFacts`](crate::ConnectionFacts). Nothing if it does not say, or is no code.
#[must_use]
#[uniffi::export]
pub fn code_made_at(text: &str) -> Option<u64> {
    Handshake::from_url(text).ok()?.made_at
}

impl ScannedCode {
    pub(crate) const fn handshake(&self) -> &Handshake {
        &self.0.handshake
    }
}
