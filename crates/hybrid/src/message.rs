//! What goes through the encrypted channel: the greeting of the authenticator, then typed frames (CTAP 2.2, section 11.5.1,
//! second version of the protocol).

use crate::cbor::{CborError, Value};

/// The feature that this implementation speaks.
const CTAP: &str = "ctap";

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Shutdown,
    Ctap,
    Update,
    /// Digital credentials, which this implementation does not speak.
    Json,
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Self::Shutdown => 0,
            Self::Ctap => 1,
            Self::Update => 2,
            Self::Json => 3,
        }
    }
}

/// Why a plaintext is no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Nothing in it, not even a type.
    #[error("the frame is empty")]
    Empty,
    /// A type that no version of the protocol has.
    #[error("frame type {0} is not known")]
    UnknownType(u8),
    /// A shutdown frame carries nothing, a CTAP frame carries something.
    #[error("the frame's contents do not fit its type")]
    Contents,
}

/// A frame as a plaintext.
pub(crate) fn frame(kind: Kind, contents: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(1 + contents.len());
    plain.push(kind.byte());
    plain.extend_from_slice(contents);
    plain
}

/// Takes the type off a plaintext.
pub(crate) fn unframe(mut plain: Vec<u8>) -> Result<(Kind, Vec<u8>), FrameError> {
    let first = *plain.first().ok_or(FrameError::Empty)?;
    let kind = match first {
        0 => Kind::Shutdown,
        1 => Kind::Ctap,
        2 => Kind::Update,
        3 => Kind::Json,
        other => return Err(FrameError::UnknownType(other)),
    };
    plain.remove(0);
    // A shutdown with contents, or a command without any, is not what the sender meant: nobody guesses here.
    if plain.is_empty() != (kind == Kind::Shutdown) {
        return Err(FrameError::Contents);
    }
    Ok((kind, plain))
}

/// The authenticator's first message after the handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Greeting {
    /// The answer to authenticatorGetInfo, without its status byte. Clients do not ask again.
    pub(crate) get_info: Vec<u8>,
    /// A link, if the authenticator sends it already here (the first phones did).
    pub(crate) link: Option<Value>,
}

/// Why a plaintext is no greeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GreetingError {
    /// Not CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// Not a map.
    #[error("the greeting is not a map")]
    NotAMap,
    /// The list of features is no list.
    #[error("the list of features is not a list")]
    Features,
    /// The authenticator speaks something else than CTAP.
    #[error("the authenticator does not offer CTAP")]
    NoCtap,
    /// Without this no client knows what to ask for.
    #[error("the authenticator did not say what it can do")]
    NoGetInfo,
}

impl Greeting {
    pub(crate) fn write(get_info: &[u8]) -> Vec<u8> {
        let features = Value::Array(vec![Value::Text(CTAP.to_owned())]);
        let members = [
            (1, Some(Value::Bytes(get_info.to_vec()))),
            (3, Some(features)),
        ];
        Value::map(members).encode()
    }

    pub(crate) fn read(plain: &[u8]) -> Result<Self, GreetingError> {
        let value = Value::decode(plain)?;
        if !matches!(value, Value::Map(_)) {
            return Err(GreetingError::NotAMap);
        }
        // Who names no features is older than they are, and speaks CTAP.
        let offers_ctap = match value.member(3) {
            None => true,
            Some(Value::Array(features)) => {
                features.iter().any(|feature| feature.text() == Some(CTAP))
            }
            Some(_) => return Err(GreetingError::Features),
        };
        if !offers_ctap {
            return Err(GreetingError::NoCtap);
        }
        let get_info = value.member(1).and_then(Value::bytes);
        Ok(Self {
            get_info: get_info.ok_or(GreetingError::NoGetInfo)?.to_vec(),
            link: value.member(2).cloned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_have_the_numbers_of_the_specification() {
        assert_eq!(frame(Kind::Shutdown, &[]), [0]);
        assert_eq!(frame(Kind::Ctap, &[9]), [1, 9]);
        assert_eq!(frame(Kind::Update, &[9]), [2, 9]);
        assert_eq!(frame(Kind::Json, &[9]), [3, 9]);
        for kind in [Kind::Ctap, Kind::Update, Kind::Json] {
            assert_eq!(unframe(frame(kind, &[7, 8])), Ok((kind, vec![7, 8])));
        }
    }

    #[test]
    fn what_is_no_frame_is_named() {
        assert_eq!(unframe(vec![]), Err(FrameError::Empty));
        assert_eq!(unframe(vec![4, 1]), Err(FrameError::UnknownType(4)));
        assert_eq!(unframe(vec![0, 1]), Err(FrameError::Contents));
        assert_eq!(unframe(vec![1]), Err(FrameError::Contents));
    }

    #[test]
    fn a_greeting_says_what_the_authenticator_can_do() {
        let written = Greeting::write(&[0xa0]);
        // {1: h'a0', 3: ["ctap"]}
        assert_eq!(written, *b"\xa2\x01\x41\xa0\x03\x81\x64ctap");
        assert_eq!(
            Greeting::read(&written).map(|greeting| greeting.get_info),
            Ok(vec![0xa0])
        );
    }

    #[test]
    fn a_greeting_without_features_is_an_older_one() {
        let read = Greeting::read(b"\xa1\x01\x41\xa0").map(|greeting| greeting.get_info);
        assert_eq!(read, Ok(vec![0xa0]));
    }

    #[test]
    fn broken_greetings_are_named() {
        let read = |bytes: &[u8]| Greeting::read(bytes).map(drop);
        assert_eq!(read(b"\x01"), Err(GreetingError::NotAMap));
        assert_eq!(
            read(b"\xa1"),
            Err(GreetingError::Cbor(CborError::Truncated))
        );
        assert_eq!(read(b"\xa1\x03\x01"), Err(GreetingError::Features));
        assert_eq!(
            read(b"\xa2\x01\x41\xa0\x03\x81\x62dc"),
            Err(GreetingError::NoCtap)
        );
        assert_eq!(read(b"\xa1\x03\x81\x64ctap"), Err(GreetingError::NoGetInfo));
        assert_eq!(read(b"\xa1\x01\x01"), Err(GreetingError::NoGetInfo));
        assert_eq!(
            read(&[&[0x98, 65][..], &[0; 65]].concat()),
            Err(GreetingError::Cbor(CborError::TooMany))
        );
    }
}
