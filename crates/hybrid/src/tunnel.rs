//! Tunnel service domains: two assigned ones, and a name computed from every number from 256 up.

use crate::keys::TunnelId;
use aws_lc_rs::digest::{SHA256, digest};

pub(crate) const ASSIGNED: [&str; 2] = ["cable.ua5v.com", "cable.auth.com"];
const FIRST_COMPUTED: u16 = 256;
const TLDS: [&str; 4] = ["com", "org", "net", "info"];
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// A tunnel service that can be named: assigned (0 and 1) or computed (from 256).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TunnelDomain(u16);

/// No such tunnel service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    /// Below 256 and not assigned.
    #[error("tunnel domain {0} is not assigned")]
    Unassigned(u16),
}

impl TunnelDomain {
    /// Checks that a number names a tunnel service.
    ///
    /// # Errors
    /// [`DomainError::Unassigned`] for 2 to 255.
    pub fn new(id: u16) -> Result<Self, DomainError> {
        if usize::from(id) < ASSIGNED.len() || id >= FIRST_COMPUTED {
            Ok(Self(id))
        } else {
            Err(DomainError::Unassigned(id))
        }
    }

    /// The number that goes into the advert.
    #[must_use]
    pub const fn id(self) -> u16 {
        self.0
    }

    /// The host name.
    #[must_use]
    pub fn host(self) -> String {
        ASSIGNED
            .get(usize::from(self.0))
            .map_or_else(|| computed(self.0), |host| (*host).to_owned())
    }
}

/// The address at which the authenticator opens a tunnel.
#[must_use]
pub fn new_url(domain: TunnelDomain, tunnel: TunnelId) -> String {
    format!("wss://{}/cable/new/{}", domain.host(), tunnel.to_hex())
}

/// The address at which the client joins it; the routing id comes from the advert.
#[must_use]
pub fn connect_url(domain: TunnelDomain, routing_id: [u8; 3], tunnel: TunnelId) -> String {
    format!(
        "wss://{}/cable/connect/{}/{}",
        domain.host(),
        hex(&routing_id),
        tunnel.to_hex()
    )
}

/// The address at which a linked client calls; the contact id comes from the link.
#[must_use]
pub fn contact_url(domain: TunnelDomain, contact_id: &[u8]) -> String {
    format!(
        "wss://{}/cable/contact/{}",
        domain.host(),
        base64url(contact_id)
    )
}

/// Hexadecimal digits of either case, two for each byte, no more than a kilobyte of them.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    const MAX: usize = 1024;
    if text.len() > MAX {
        return None;
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| u8::try_from(digit(high)? << 4 | digit(low)?).ok();
    rest.is_empty()
        .then(|| pairs.iter().map(byte).collect())
        .flatten()
}

/// Base64 for addresses, without padding (RFC 4648, section 5).
pub(crate) fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let group = |chunk: &[u8]| {
        let number = chunk
            .iter()
            .chain(&[0; 2])
            .take(3)
            .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        let digits = (0..=chunk.len()).map(move |at| number >> (18 - 6 * at) & 63);
        digits.filter_map(|digit| pick(DIGITS, digit).map(|digit| char::from(*digit)))
    };
    bytes.chunks(3).flat_map(group).collect()
}

/// The reverse of [`base64url`], for identifiers: one text for each value, no more than a kilobyte of it.
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    const MAX: usize = 1400;
    if text.len() > MAX {
        return None;
    }
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    };
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes() {
        held = held << 6 | u32::from(digit(byte)?);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    (held == 0 && bits < 6).then_some(bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// The number's hash spelled in base32, lowest five bits first, under one of four top-level domains.
fn computed(id: u16) -> String {
    let input = [
        b"caBLEv2 tunnel server domain".as_slice(),
        &id.to_le_bytes(),
        &[0],
    ]
    .concat();
    let hash = digest(&SHA256, &input);
    let first_eight = hash.as_ref().iter().take(8);
    let mut value = first_eight
        .rev()
        .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    let tld = pick(&TLDS, value & 3).copied().unwrap_or_default();
    value >>= 2;
    let mut host = String::from("cable.");
    while value != 0 {
        host.extend(pick(BASE32, value & 31).map(|letter| char::from(*letter)));
        value >>= 5;
    }
    host.push('.');
    host.push_str(tld);
    host
}

fn pick<T>(from: &[T], index: u64) -> Option<&T> {
    usize::try_from(index)
        .ok()
        .and_then(|index| from.get(index))
}
