//! CTAP2 canonical CBOR (CTAP 2.2, section 8): the only encoding an authenticator reads and writes.
//!
//! Strict in both directions: shortest integers, definite lengths, keys in canonical order, no duplicates, at most
//! four levels. Written apart from the relying party's decoder on purpose: two readers that share a mistake would
//! agree with each other and with nobody else.
//!
//! Narrower than general CBOR: map keys are integers or text, integers fit in 64 signed bits, and there are neither
//! tags nor floats nor `null`, because no CTAP2 message has a use for them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Levels of arrays and maps a message may have (CTAP 2.2, section 8).
pub const MAX_DEPTH: usize = 4;

/// A CBOR value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Major types 0 and 1.
    Integer(i64),
    /// Major type 2.
    Bytes(Vec<u8>),
    /// Major type 3.
    Text(String),
    /// Major type 4.
    Array(Vec<Value>),
    /// Major type 5.
    Map(Map),
    /// Simple values 20 and 21.
    Bool(bool),
}

/// A map in canonical order; the order is that of [`Key`].
pub type Map = BTreeMap<Key, Value>;

/// A map key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// CTAP parameters and COSE labels.
    Integer(i64),
    /// Members of WebAuthn dictionaries.
    Text(String),
}

/// Why bytes are not one canonical value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// The bytes end inside a value.
    #[error("the CBOR value is cut short")]
    Truncated,
    /// Bytes follow the value.
    #[error("bytes follow the CBOR value")]
    TrailingBytes,
    /// A number or length is written longer than needed.
    #[error("a CBOR number is not in its shortest form")]
    NotShortest,
    /// Indefinite length, tag, float, `null` or a reserved form.
    #[error("a CBOR form that CTAP2 does not use")]
    Unsupported,
    /// An integer outside 64 signed bits.
    #[error("a CBOR integer is out of range")]
    IntegerRange,
    /// A text string is not UTF-8.
    #[error("a CBOR text is not UTF-8")]
    InvalidText,
    /// A map key is neither integer nor text.
    #[error("a CBOR map key is neither integer nor text")]
    KeyType,
    /// Keys are out of order or appear twice.
    #[error("CBOR map keys are out of order or repeated")]
    KeyOrder,
    /// More than [`MAX_DEPTH`] levels.
    #[error("the CBOR value is nested too deeply")]
    TooDeep,
}

impl Value {
    /// Builds a map; a repeated key keeps its last value.
    pub fn map<K: Into<Key>>(entries: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Map(
            entries
                .into_iter()
                .map(|(key, value)| (key.into(), value))
                .collect(),
        )
    }

    /// A count or a length.
    #[must_use]
    pub fn count(number: usize) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// Reads exactly one canonical value.
    ///
    /// # Errors
    /// [`CborError`] names the first rule that the bytes break.
    pub fn decode(bytes: &[u8]) -> Result<Self, CborError> {
        let mut reader = Reader { rest: bytes };
        let value = reader.value(0)?;
        if reader.rest.is_empty() {
            Ok(value)
        } else {
            Err(CborError::TrailingBytes)
        }
    }

    /// Writes the canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode_into(&mut out);
        out
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        match self {
            Self::Integer(number) => write_integer(out, *number),
            Self::Bytes(bytes) => write_string(out, 2, bytes),
            Self::Text(text) => write_string(out, 3, text.as_bytes()),
            Self::Bool(value) => out.push(0xf4 | u8::from(*value)),
            Self::Array(items) => {
                write_head(out, 4, items.len() as u64);
                items.iter().for_each(|item| item.encode_into(out));
            }
            Self::Map(entries) => {
                write_head(out, 5, entries.len() as u64);
                for (key, value) in entries {
                    key.encode_into(out);
                    value.encode_into(out);
                }
            }
        }
    }
}

impl Key {
    fn encode_into(&self, out: &mut Vec<u8>) {
        match self {
            Self::Integer(number) => write_integer(out, *number),
            Self::Text(text) => write_string(out, 3, text.as_bytes()),
        }
    }
}

/// Canonical order: major type, then length, then bytes. For integers of one sign that is their distance from zero.
impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Integer(one), Self::Integer(two)) => {
                (*one < 0, magnitude(*one)).cmp(&(*two < 0, magnitude(*two)))
            }
            (Self::Integer(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Integer(_)) => Ordering::Greater,
            (Self::Text(one), Self::Text(two)) => {
                (one.len(), one.as_bytes()).cmp(&(two.len(), two.as_bytes()))
            }
        }
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<i64> for Key {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::Array(items)
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value, CborError> {
        let (major, argument) = self.head()?;
        match major {
            0 | 1 => integer(major, argument).map(Value::Integer),
            2 => Ok(Value::Bytes(self.take(argument)?.to_vec())),
            3 => Ok(Value::Text(self.text(argument)?)),
            4 => self.array(argument, deeper(depth)?),
            5 => self.map(argument, deeper(depth)?),
            7 if argument == 20 || argument == 21 => Ok(Value::Bool(argument == 21)),
            _ => Err(CborError::Unsupported),
        }
    }

    // Nothing is reserved ahead by a length that the peer claims: every item costs at least one byte that was sent.
    fn array(&mut self, length: u64, depth: usize) -> Result<Value, CborError> {
        let mut items = Vec::new();
        for _ in 0..length {
            items.push(self.value(depth)?);
        }
        Ok(Value::Array(items))
    }

    fn map(&mut self, length: u64, depth: usize) -> Result<Value, CborError> {
        let mut entries = Map::new();
        for _ in 0..length {
            let key = self.key()?;
            if entries
                .last_key_value()
                .is_some_and(|(last, _)| *last >= key)
            {
                return Err(CborError::KeyOrder);
            }
            let value = self.value(depth)?;
            entries.insert(key, value);
        }
        Ok(Value::Map(entries))
    }

    fn key(&mut self) -> Result<Key, CborError> {
        let (major, argument) = self.head()?;
        match major {
            0 | 1 => integer(major, argument).map(Key::Integer),
            3 => Ok(Key::Text(self.text(argument)?)),
            _ => Err(CborError::KeyType),
        }
    }

    fn text(&mut self, length: u64) -> Result<String, CborError> {
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes)
            .map(str::to_owned)
            .map_err(|_| CborError::InvalidText)
    }

    fn head(&mut self) -> Result<(u8, u64), CborError> {
        let first = self.take(1)?.first().copied().unwrap_or_default();
        let (major, info) = (first >> 5, first & 0x1f);
        let width = match info {
            0..=23 => return Ok((major, u64::from(info))),
            // A simple value or float in more than the first byte has no place in CTAP2.
            _ if major == 7 => return Err(CborError::Unsupported),
            24..=27 => 1_u64 << (info - 24),
            _ => return Err(CborError::Unsupported),
        };
        let argument = self
            .take(width)?
            .iter()
            .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        if argument < smallest_of_width(width) {
            return Err(CborError::NotShortest);
        }
        Ok((major, argument))
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], CborError> {
        let length = usize::try_from(length).map_err(|_| CborError::Truncated)?;
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(CborError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }
}

fn smallest_of_width(width: u64) -> u64 {
    match width {
        1 => 24,
        2 => 1 << 8,
        4 => 1 << 16,
        _ => 1 << 32,
    }
}

fn deeper(depth: usize) -> Result<usize, CborError> {
    if depth < MAX_DEPTH {
        Ok(depth + 1)
    } else {
        Err(CborError::TooDeep)
    }
}

fn integer(major: u8, argument: u64) -> Result<i64, CborError> {
    let number = i64::try_from(argument).map_err(|_| CborError::IntegerRange)?;
    Ok(if major == 0 { number } else { -1 - number })
}

/// The argument that CBOR writes for an integer: the number itself, or the distance from -1.
fn magnitude(number: i64) -> u64 {
    let distance = if number < 0 { !number } else { number };
    distance.unsigned_abs()
}

fn write_integer(out: &mut Vec<u8>, number: i64) {
    write_head(out, u8::from(number < 0), magnitude(number));
}

fn write_string(out: &mut Vec<u8>, major: u8, bytes: &[u8]) {
    write_head(out, major, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn write_head(out: &mut Vec<u8>, major: u8, argument: u64) {
    let major = major << 5;
    let [.., b3, b2, b1, b0] = argument.to_be_bytes();
    if argument < 24 {
        out.push(major | b0);
    } else if argument <= 0xff {
        out.extend_from_slice(&[major | 24, b0]);
    } else if argument <= 0xffff {
        out.extend_from_slice(&[major | 25, b1, b0]);
    } else if argument <= 0xffff_ffff {
        out.extend_from_slice(&[major | 26, b3, b2, b1, b0]);
    } else {
        out.push(major | 27);
        out.extend_from_slice(&argument.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

    use super::{CborError, Key, Map, Value};
    use proptest::prelude::*;

    fn any_key() -> impl Strategy<Value = Key> {
        prop_oneof![
            any::<i64>().prop_map(Key::Integer),
            ".{0,12}".prop_map(Key::Text)
        ]
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::Integer),
            prop::collection::vec(any::<u8>(), 0..300).prop_map(Value::Bytes),
            ".{0,40}".prop_map(Value::Text),
            any::<bool>().prop_map(Value::Bool),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
                prop::collection::btree_map(any_key(), inner, 0..6).prop_map(Value::Map),
            ]
        })
    }

    fn key_in_oracle(key: &Key) -> ciborium::Value {
        match key {
            Key::Integer(number) => ciborium::Value::from(*number),
            Key::Text(text) => ciborium::Value::from(text.as_str()),
        }
    }

    // Keys handed over in our order: ciborium keeps an order, so equal bytes prove the heads and lengths.
    fn in_oracle(value: &Value) -> ciborium::Value {
        match value {
            Value::Integer(number) => ciborium::Value::from(*number),
            Value::Bytes(bytes) => ciborium::Value::Bytes(bytes.clone()),
            Value::Text(text) => ciborium::Value::from(text.as_str()),
            Value::Bool(value) => ciborium::Value::Bool(*value),
            Value::Array(items) => ciborium::Value::Array(items.iter().map(in_oracle).collect()),
            Value::Map(map) => ciborium::Value::Map(
                map.iter()
                    .map(|(key, value)| (key_in_oracle(key), in_oracle(value)))
                    .collect(),
            ),
        }
    }

    fn encoded_key(key: &Key) -> Vec<u8> {
        let mut bytes = Vec::new();
        key.encode_into(&mut bytes);
        bytes
    }

    proptest! {
        #[test]
        fn encoding_agrees_with_an_independent_encoder(value in any_value()) {
            let mut expected = Vec::new();
            ciborium::into_writer(&in_oracle(&value), &mut expected).unwrap();
            prop_assert_eq!(value.encode(), expected);
        }

        #[test]
        fn decoding_returns_what_was_encoded(value in any_value()) {
            prop_assert_eq!(Value::decode(&value.encode()), Ok(value));
        }

        #[test]
        fn what_decodes_is_canonical(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(value) = Value::decode(&bytes) {
                prop_assert_eq!(value.encode(), bytes);
            }
        }

        #[test]
        fn key_order_is_major_type_then_length_then_bytes(one in any_key(), two in any_key()) {
            let (a, b) = (encoded_key(&one), encoded_key(&two));
            let rank = |bytes: &[u8]| (bytes.first().unwrap() >> 5, bytes.len(), bytes.to_vec());
            prop_assert_eq!(one.cmp(&two), rank(&a).cmp(&rank(&b)));
        }
    }

    #[test]
    fn each_broken_rule_has_its_name() {
        let cases: [(&[u8], CborError); 18] = [
            (&[], CborError::Truncated),
            (&[0x42, 0x00], CborError::Truncated),
            (
                &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
                CborError::Truncated,
            ),
            (&[0x00, 0x00], CborError::TrailingBytes),
            (&[0x18, 0x17], CborError::NotShortest),
            (&[0x59, 0x00, 0x01, 0x00], CborError::NotShortest),
            (
                &[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
                CborError::NotShortest,
            ),
            (&[0x5f, 0xff], CborError::Unsupported),
            (&[0x9f, 0xff], CborError::Unsupported),
            (&[0xc0, 0x00], CborError::Unsupported),
            (&[0xf6], CborError::Unsupported),
            (&[0xf9, 0x00, 0x00], CborError::Unsupported),
            (&[0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0], CborError::IntegerRange),
            (&[0x61, 0xff], CborError::InvalidText),
            (&[0xa1, 0x40, 0x00], CborError::KeyType),
            (&[0xa2, 0x01, 0x00, 0x01, 0x00], CborError::KeyOrder),
            (&[0xa2, 0x20, 0x00, 0x01, 0x00], CborError::KeyOrder),
            (&[0x81, 0x81, 0x81, 0x81, 0x80], CborError::TooDeep),
        ];
        for (bytes, expected) in cases {
            assert_eq!(Value::decode(bytes), Err(expected), "{bytes:02x?}");
        }
    }

    #[test]
    fn four_levels_are_read() {
        let bytes = [0x81, 0x81, 0x81, 0x80];
        assert_eq!(Value::decode(&bytes).unwrap().encode(), bytes);
    }

    #[test]
    fn a_cose_key_keeps_the_order_of_the_specification() {
        let key = Value::map([
            (-2_i64, 5_i64.into()),
            (-1, 4_i64.into()),
            (3, 3_i64.into()),
            (1, 2_i64.into()),
        ]);
        assert_eq!(
            key.encode(),
            [0xa4, 0x01, 0x02, 0x03, 0x03, 0x20, 0x04, 0x21, 0x05]
        );
        assert_eq!(Value::Map(Map::new()).encode(), [0xa0]);
    }
}
