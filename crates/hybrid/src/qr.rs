//! The QR code: `FIDO:/` and decimal digits, which carry a CBOR map.

use crate::cbor::{CborError, Value};
use crate::ec::PublicKey;
use crate::keys::QR_SECRET;

/// The scheme, compared without regard to case.
const PREFIX: &str = "FIDO:/";
/// Longest accepted URL in characters: several times what any client shows.
const MAX_URL: usize = 2048;
/// Digits for a chunk of so many bytes.
const DIGITS: [usize; 8] = [0, 3, 5, 8, 10, 13, 15, 17];
const WHOLE_CHUNK: usize = 7;

/// What a client shows in its QR code.
#[derive(Clone, PartialEq, Eq)]
pub struct Handshake {
    /// The client's P-256 key for this handshake, compressed.
    pub client_key: [u8; 33],
    /// The secret that only who saw the code knows.
    pub secret: [u8; QR_SECRET],
    /// How many assigned tunnel domains the client knows.
    pub known_domains: u64,
    /// When the code was made, in seconds since 1970, if the client says.
    pub made_at: Option<u64>,
    /// Whether the client can use links; who does not say it cannot.
    pub state_assisted: Option<bool>,
    /// What the client will ask for.
    pub flow: Flow,
    /// Whether the client also takes data over Bluetooth (CTAP 2.3).
    pub bluetooth_data: bool,
}

/// What the client will ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// A registration.
    MakeCredential,
    /// A sign-in, and whatever this version does not know.
    GetAssertion,
}

/// Why a text is not a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// Another scheme.
    #[error("not a FIDO QR code")]
    Scheme,
    /// Longer than any client makes.
    #[error("the QR code is too long")]
    TooLong,
    /// Something else than ASCII digits.
    #[error("the QR code has other characters than digits")]
    NotDigits,
    /// No chunk has so many digits.
    #[error("the QR code has an impossible number of digits")]
    DigitCount,
    /// The digits of a chunk say more than its bytes can hold.
    #[error("the digits of the QR code overflow")]
    Overflow,
    /// The bytes are not CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// The CBOR value is not a map.
    #[error("the handshake is not a map")]
    NotAMap,
    /// A member is absent or has another form; its key is named.
    #[error("the handshake has no usable member {0}")]
    Member(u64),
    /// Made too long ago, or in the future.
    #[error("the QR code was not made just now")]
    Outdated,
}

impl Flow {
    /// As it stands in codes and in what a linked client says.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::MakeCredential => "mc",
            Self::GetAssertion => "ga",
        }
    }

    pub(crate) fn read(value: &Value) -> Option<Self> {
        let name = value.text()?;
        Some(if name == Self::MakeCredential.name() {
            Self::MakeCredential
        } else {
            Self::GetAssertion
        })
    }
}

impl Handshake {
    /// Reads what a camera saw.
    ///
    /// # Errors
    /// [`QrError`] names the first rule that the text breaks.
    pub fn from_url(url: &str) -> Result<Self, QrError> {
        if url.len() > MAX_URL {
            return Err(QrError::TooLong);
        }
        let (prefix, digits) = url.split_at_checked(PREFIX.len()).ok_or(QrError::Scheme)?;
        if !prefix.eq_ignore_ascii_case(PREFIX) {
            return Err(QrError::Scheme);
        }
        Self::from_cbor(&decode_digits(digits)?)
    }

    /// Writes what a client shows.
    #[must_use]
    pub fn to_url(&self) -> String {
        format!("{PREFIX}{}", encode_digits(&self.to_cbor()))
    }

    /// Reads the map inside the code. Members that this version does not know are skipped.
    ///
    /// # Errors
    /// [`QrError`] names the first rule that the bytes break.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, QrError> {
        let value = Value::decode(bytes)?;
        if !matches!(value, Value::Map(_)) {
            return Err(QrError::NotAMap);
        }
        let member = |key| value.member(key);
        Ok(Self {
            client_key: member(0)
                .and_then(compressed_key)
                .ok_or(QrError::Member(0))?,
            secret: member(1).and_then(Value::fixed).ok_or(QrError::Member(1))?,
            known_domains: member(2).and_then(unsigned).ok_or(QrError::Member(2))?,
            made_at: optional(member(3), unsigned, 3)?,
            state_assisted: optional(member(4), boolean, 4)?,
            flow: optional(member(5), Flow::read, 5)?.unwrap_or(Flow::GetAssertion),
            bluetooth_data: optional(member(6), bluetooth_data, 6)?.unwrap_or(false),
        })
    }

    /// Whether the code was made at most `tolerance` seconds before or after `now`. Codes that do not say when pass.
    ///
    /// # Errors
    /// [`QrError::Outdated`]: somebody kept the code, or one of the two clocks is wrong.
    pub fn made_within(&self, tolerance: u64, now: u64) -> Result<(), QrError> {
        match self.made_at {
            Some(made_at) if made_at.abs_diff(now) > tolerance => Err(QrError::Outdated),
            _ => Ok(()),
        }
    }

    fn to_cbor(&self) -> Vec<u8> {
        let members = [
            (0, Some(Value::Bytes(self.client_key.to_vec()))),
            (1, Some(Value::Bytes(self.secret.to_vec()))),
            (2, Some(Value::Unsigned(self.known_domains))),
            (3, self.made_at.map(Value::Unsigned)),
            (4, self.state_assisted.map(Value::Bool)),
            (5, Some(Value::Text(self.flow.name().to_owned()))),
            (
                6,
                self.bluetooth_data
                    .then(|| Value::Array(vec![Value::Unsigned(0), Value::Unsigned(1)])),
            ),
        ];
        Value::map(members).encode()
    }
}

impl std::fmt::Debug for Handshake {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Handshake")
            .field("secret", &"secret")
            .field("known_domains", &self.known_domains)
            .field("made_at", &self.made_at)
            .field("flow", &self.flow)
            .finish_non_exhaustive()
    }
}

/// Seven bytes at a time, little-endian, as seventeen digits; the tail takes fewer.
#[must_use]
pub fn encode_digits(bytes: &[u8]) -> String {
    let digits = |chunk: &[u8]| {
        let number = chunk
            .iter()
            .rev()
            .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        let width = DIGITS.get(chunk.len()).copied().unwrap_or_default();
        format!("{number:0width$}")
    };
    bytes.chunks(WHOLE_CHUNK).map(digits).collect()
}

/// The reverse of [`encode_digits`].
///
/// # Errors
/// [`QrError::NotDigits`], [`QrError::DigitCount`] or [`QrError::Overflow`].
pub fn decode_digits(digits: &str) -> Result<Vec<u8>, QrError> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(QrError::NotDigits);
    }
    let mut bytes = Vec::new();
    for chunk in digits
        .as_bytes()
        .chunks(DIGITS.last().copied().unwrap_or(1))
    {
        let length = DIGITS
            .iter()
            .position(|count| *count == chunk.len())
            .ok_or(QrError::DigitCount)?;
        let number = chunk
            .iter()
            .fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
        if number >> (8 * length) != 0 {
            return Err(QrError::Overflow);
        }
        bytes.extend(number.to_le_bytes().iter().take(length));
    }
    Ok(bytes)
}

fn optional<T>(
    value: Option<&Value>,
    read: impl Fn(&Value) -> Option<T>,
    key: u64,
) -> Result<Option<T>, QrError> {
    value
        .map(|value| read(value).ok_or(QrError::Member(key)))
        .transpose()
}

// Whoever shows a code with another point cannot finish the handshake: said now, before anything is sent.
fn compressed_key(value: &Value) -> Option<[u8; 33]> {
    value
        .fixed()
        .filter(|bytes| PublicKey::from_compressed(bytes).is_ok())
}

fn unsigned(value: &Value) -> Option<u64> {
    match value {
        Value::Unsigned(number) => Some(*number),
        _ => None,
    }
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        _ => None,
    }
}

/// Once a promise about non-discoverable credentials (a boolean), since CTAP 2.3 a list of data channels.
fn bluetooth_data(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(_) => Some(false),
        Value::Array(channels) => Some(channels.contains(&Value::Unsigned(1))),
        _ => None,
    }
}
