//! What a camera saw: a code of hybrid transport, or something else that the person is told about in plain words. Nothing is sent
//! and nobody is asked anything before the whole code has been read.

use crate::qr::{Flow, Handshake, QrError};

/// Seconds by which the time in a code may differ from this device's clock. Clients make a code when they show it.
pub const TOLERANCE: u64 = 600;

/// A code that may be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// What is in it.
    pub handshake: Handshake,
}

/// What to show before the person agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// The other device wants a new passkey.
    Register,
    /// The other device wants to sign in.
    SignIn,
}

impl Hint {
    /// A stable name, for translations.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Register => "scanned_register",
            Self::SignIn => "scanned_sign_in",
        }
    }

    /// The question in English.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Register => "Make a passkey on this device for the other device?",
            Self::SignIn => "Sign in on the other device with a passkey of this device?",
        }
    }
}

/// Why a scanned text is not answered. Closed; [`NotACode::code`] is stable for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub enum NotACode {
    /// A code for one-time passwords (`otpauth:`, `otpauth-migration:`).
    OneTimePassword,
    /// The address of a page.
    WebAddress,
    /// Anything else that is no code for passkeys.
    SomethingElse,
    /// `FIDO:/`, and longer than any client makes it.
    TooLong,
    /// `FIDO:/`, and digits that are none or do not fit together.
    Digits,
    /// `FIDO:/`, and contents that are not those of a code for passkeys.
    Contents,
    /// The key in the code is not a point of the curve P-256.
    Key,
    /// Made at another time than this device's clock shows.
    ClocksDiffer,
}

impl NotACode {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::OneTimePassword,
        Self::WebAddress,
        Self::SomethingElse,
        Self::TooLong,
        Self::Digits,
        Self::Contents,
        Self::Key,
        Self::ClocksDiffer,
    ];

    /// A stable name for logs, translations and tests.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OneTimePassword => "code_one_time_password",
            Self::WebAddress => "code_web_address",
            Self::SomethingElse => "code_something_else",
            Self::TooLong => "code_too_long",
            Self::Digits => "code_digits",
            Self::Contents => "code_contents",
            Self::Key => "code_key",
            Self::ClocksDiffer => "clocks_differ",
        }
    }

    /// What the person reads, in English.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::OneTimePassword => {
                "This code sets up one-time passwords, not a passkey. Scan it in the app for one-time passwords."
            }
            Self::WebAddress => {
                "This code holds the address of a web page, not a passkey. It was not opened."
            }
            Self::SomethingElse => {
                "This is no code for passkeys. Choose a phone or tablet on the other device, then scan the code that it shows."
            }
            Self::TooLong => {
                "This code is longer than a code for passkeys can be. Show a new code on the other device and scan that."
            }
            Self::Digits => {
                "This code is damaged. Show a new code on the other device and scan that."
            }
            Self::Contents => {
                "This code does not say what a code for passkeys must say. Show a new code on the other device; if this message \
                 comes again, its browser is too old or broken."
            }
            Self::Key => {
                "This code holds a key that cannot be used. Do not use it: show a new code on the other device, in its browser."
            }
            Self::ClocksDiffer => {
                "The code was made at another time than the clock of this device shows. Show a new code and scan that. If this \
                 message comes again, let both devices set date and time by themselves."
            }
        }
    }
}

impl Scanned {
    /// Reads what a camera saw at `now`, in seconds since 1970.
    ///
    /// # Errors
    /// [`NotACode`]; nothing is to be sent then.
    pub fn read(text: &str, now: u64) -> Result<Self, NotACode> {
        let handshake = Handshake::from_url(text).map_err(|error| reason(text, error))?;
        // Somebody may have kept a picture of it, and show it to somebody else now.
        handshake
            .made_within(TOLERANCE, now)
            .map_err(|error| reason(text, error))?;
        Ok(Self { handshake })
    }

    /// What the other device wants.
    #[must_use]
    pub const fn hint(&self) -> Hint {
        match self.handshake.flow {
            Flow::MakeCredential => Hint::Register,
            Flow::GetAssertion => Hint::SignIn,
        }
    }
}

fn reason(text: &str, error: QrError) -> NotACode {
    match error {
        QrError::Scheme => other_scheme(text),
        // Too long for a code says nothing of what it is; the scheme does.
        QrError::TooLong if has_scheme(text, &["fido"]) => NotACode::TooLong,
        QrError::TooLong => other_scheme(text),
        QrError::NotDigits | QrError::DigitCount | QrError::Overflow => NotACode::Digits,
        QrError::Member(0) => NotACode::Key,
        QrError::Cbor(_) | QrError::NotAMap | QrError::Member(_) => NotACode::Contents,
        QrError::Outdated => NotACode::ClocksDiffer,
    }
}

fn other_scheme(text: &str) -> NotACode {
    if has_scheme(text, &["otpauth", "otpauth-migration"]) {
        NotACode::OneTimePassword
    } else if has_scheme(text, &["http", "https"]) {
        NotACode::WebAddress
    } else {
        NotACode::SomethingElse
    }
}

fn has_scheme(text: &str, schemes: &[&str]) -> bool {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    schemes
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
}
