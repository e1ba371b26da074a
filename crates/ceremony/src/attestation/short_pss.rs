//! RSASSA-PSS with keys below 2048 bits (RFC 8017 section 8.1.2), which the signature library rightly does not offer.
//!
//! Only statements that are judged under `accept_legacy` get here; a signature check of public values, nothing secret.

use super::der;
use aws_lc_rs::digest::{self, Algorithm};
use num_bigint::BigUint;

/// Checks a signature with an `RSAPublicKey` of 1024 to 2047 bits; a salt of any length, MGF1 with the same
/// hash.
pub(super) fn verify(
    hash: &'static Algorithm,
    public_key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> bool {
    check(hash, public_key, message, signature).unwrap_or(false)
}

fn check(
    hash: &'static Algorithm,
    public_key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let numbers = der::elements(der::read_all(public_key, der::SEQUENCE)?)?;
    let [n, e] = numbers.as_slice() else {
        return None;
    };
    let (n, e) = (
        BigUint::from_bytes_be(n.content),
        BigUint::from_bytes_be(e.content),
    );
    let s = BigUint::from_bytes_be(signature);
    if !(1024..2048).contains(&n.bits()) || e.bits() > 64 || s >= n {
        return None;
    }
    let bits = usize::try_from(n.bits()).ok()? - 1;
    let encoded = s.modpow(&e, &n).to_bytes_be();
    let missing = bits.div_ceil(8).checked_sub(encoded.len())?;
    is_encoding(hash, &[vec![0; missing], encoded].concat(), bits, message)
}

/// EMSA-PSS-VERIFY (RFC 8017 section 9.1.2).
fn is_encoding(
    hash: &'static Algorithm,
    encoded: &[u8],
    bits: usize,
    message: &[u8],
) -> Option<bool> {
    let length = hash.output_len();
    let (rest, trailer) = encoded.split_at_checked(encoded.len().checked_sub(1)?)?;
    let (masked, h) = rest.split_at_checked(rest.len().checked_sub(length)?)?;
    let unused = 0xffu8
        .checked_shl(u32::try_from(8 - (encoded.len() * 8 - bits)).ok()?)
        .unwrap_or(0);
    if trailer != [0xbc] || masked.first()? & unused != 0 {
        return Some(false);
    }
    let mut block: Vec<u8> = masked
        .iter()
        .zip(mask(hash, h, masked.len()))
        .map(|(byte, mask)| byte ^ mask)
        .collect();
    *block.first_mut()? &= !unused;
    let zeros = block.iter().take_while(|byte| **byte == 0).count();
    let (one, salt) = block.get(zeros..)?.split_first()?;
    let inner = [&[0u8; 8], digest::digest(hash, message).as_ref(), salt].concat();
    Some(*one == 1 && digest::digest(hash, &inner).as_ref() == h)
}

/// MGF1 (RFC 8017 appendix B.2.1).
fn mask(hash: &'static Algorithm, seed: &[u8], length: usize) -> Vec<u8> {
    let blocks = (0u32..).flat_map(|counter| {
        let input = [seed, &counter.to_be_bytes()].concat();
        digest::digest(hash, &input).as_ref().to_vec()
    });
    blocks.take(length).collect()
}
