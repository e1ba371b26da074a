//! The little CBOR that the transport itself speaks: maps with small integer keys. CTAP messages pass through unread.

/// Levels of arrays and maps.
const MAX_DEPTH: usize = 4;
/// Items of an array, entries of a map. Keys are compared with each other, so this bounds more than memory.
const MAX_ITEMS: u64 = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Unsigned(u64),
    Negative(u64),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Value>),
    Map(Vec<(Value, Value)>),
    Bool(bool),
}

/// Why bytes are not one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// The bytes end inside a value.
    #[error("the CBOR value is cut short")]
    Truncated,
    /// Bytes follow the value.
    #[error("bytes follow the CBOR value")]
    TrailingBytes,
    /// Indefinite length, tag, float, `null`, a reserved form or a number longer than needed.
    #[error("a CBOR form that the transport does not use")]
    Unsupported,
    /// A text string is not UTF-8.
    #[error("a CBOR text is not UTF-8")]
    InvalidText,
    /// A map has the same key twice.
    #[error("a CBOR map has a key twice")]
    RepeatedKey,
    /// Nested too deeply.
    #[error("the CBOR value is nested too deeply")]
    TooDeep,
    /// An array or a map of more items than the transport ever uses.
    #[error("the CBOR value has too many items")]
    TooMany,
}

impl Value {
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, CborError> {
        let mut rest = bytes;
        let value = value(&mut rest, 0)?;
        if rest.is_empty() {
            Ok(value)
        } else {
            Err(CborError::TrailingBytes)
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode_into(&mut out);
        out
    }

    /// The member of a map under a small number; nothing if this is no map.
    pub(crate) fn member(&self, key: u64) -> Option<&Self> {
        let Self::Map(entries) = self else {
            return None;
        };
        entries
            .iter()
            .find(|(known, _)| *known == Self::Unsigned(key))
            .map(|(_, value)| value)
    }

    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn fixed<const N: usize>(&self) -> Option<[u8; N]> {
        self.bytes().and_then(|bytes| bytes.try_into().ok())
    }

    /// A map of the members that are there, with small numbers as keys, which the caller gives in ascending order.
    pub(crate) fn map(members: impl IntoIterator<Item = (u64, Option<Self>)>) -> Self {
        let present = members
            .into_iter()
            .filter_map(|(key, value)| Some((Self::Unsigned(key), value?)));
        Self::Map(present.collect())
    }

    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) {
        match self {
            Self::Unsigned(number) => head(out, 0, *number),
            Self::Negative(number) => head(out, 1, *number),
            Self::Bytes(bytes) => {
                head(out, 2, bytes.len() as u64);
                out.extend_from_slice(bytes);
            }
            Self::Text(text) => {
                head(out, 3, text.len() as u64);
                out.extend_from_slice(text.as_bytes());
            }
            Self::Array(items) => {
                head(out, 4, items.len() as u64);
                items.iter().for_each(|item| item.encode_into(out));
            }
            Self::Map(entries) => {
                head(out, 5, entries.len() as u64);
                for (key, value) in entries {
                    key.encode_into(out);
                    value.encode_into(out);
                }
            }
            Self::Bool(value) => head(out, 7, 20 + u64::from(*value)),
        }
    }
}

fn value(rest: &mut &[u8], depth: usize) -> Result<Value, CborError> {
    let (major, argument) = read_head(rest)?;
    let deeper = || {
        if depth < MAX_DEPTH {
            Ok(depth + 1)
        } else {
            Err(CborError::TooDeep)
        }
    };
    match major {
        0 => Ok(Value::Unsigned(argument)),
        1 => Ok(Value::Negative(argument)),
        2 => take(rest, argument).map(|bytes| Value::Bytes(bytes.to_vec())),
        3 => text(take(rest, argument)?),
        4 | 5 if argument > MAX_ITEMS => Err(CborError::TooMany),
        4 => array(rest, argument, deeper()?),
        5 => map(rest, argument, deeper()?),
        7 if argument == 20 || argument == 21 => Ok(Value::Bool(argument == 21)),
        _ => Err(CborError::Unsupported),
    }
}

fn text(bytes: &[u8]) -> Result<Value, CborError> {
    let text = std::str::from_utf8(bytes).map_err(|_| CborError::InvalidText)?;
    Ok(Value::Text(text.to_owned()))
}

// Lengths are claims of the peer: nothing is reserved for them.
fn array(rest: &mut &[u8], length: u64, depth: usize) -> Result<Value, CborError> {
    let mut items = Vec::new();
    for _ in 0..length {
        items.push(value(rest, depth)?);
    }
    Ok(Value::Array(items))
}

fn map(rest: &mut &[u8], length: u64, depth: usize) -> Result<Value, CborError> {
    let mut entries: Vec<(Value, Value)> = Vec::new();
    for _ in 0..length {
        let key = value(rest, depth)?;
        if entries.iter().any(|(known, _)| *known == key) {
            return Err(CborError::RepeatedKey);
        }
        entries.push((key, value(rest, depth)?));
    }
    Ok(Value::Map(entries))
}

fn read_head(rest: &mut &[u8]) -> Result<(u8, u64), CborError> {
    let first = take(rest, 1)?.first().copied().unwrap_or_default();
    let (major, info) = (first >> 5, first & 0x1f);
    let (width, least) = match info {
        0..=23 => return Ok((major, u64::from(info))),
        24 if major != 7 => (1, 24),
        25 if major != 7 => (2, 1 << 8),
        26 if major != 7 => (4, 1 << 16),
        27 if major != 7 => (8, 1 << 32),
        _ => return Err(CborError::Unsupported),
    };
    let argument = take(rest, width)?
        .iter()
        .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    if argument < least {
        Err(CborError::Unsupported)
    } else {
        Ok((major, argument))
    }
}

fn take<'a>(rest: &mut &'a [u8], length: u64) -> Result<&'a [u8], CborError> {
    let length = usize::try_from(length).map_err(|_| CborError::Truncated)?;
    let (taken, after) = rest.split_at_checked(length).ok_or(CborError::Truncated)?;
    *rest = after;
    Ok(taken)
}

fn head(out: &mut Vec<u8>, major: u8, argument: u64) {
    let major = major << 5;
    let bytes = argument.to_be_bytes();
    let [.., low] = bytes;
    let (info, width) = match argument {
        0..=23 => (low, 0),
        24..=0xff => (24, 1),
        0x100..=0xffff => (25, 2),
        0x1_0000..=0xffff_ffff => (26, 4),
        _ => (27, 8),
    };
    out.push(major | info);
    out.extend(bytes.iter().skip(8 - width));
}
