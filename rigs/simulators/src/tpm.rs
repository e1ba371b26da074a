//! What a TPM 2.0 writes about a key (TPM 2.0 Library part 2, sections 10.12 and 12.2), for the simulated desktop.

use authenticator::{PublicKey, TpmEvidence};
use aws_lc_rs::digest::{SHA256, digest};

const ALG_ECC: u16 = 0x0023;
const ALG_SHA256: u16 = 0x000b;
const ALG_NULL: u16 = 0x0010;
const CURVE_P256: u16 = 0x0003;
/// fixedTPM, fixedParent, sensitiveDataOrigin, sign: bound to this chip, made in it, used by policy only.
const ATTRIBUTES: u32 = 0x0004_0032;
const MAGIC: u32 = 0xff54_4347;
const ATTEST_CERTIFY: u16 = 0x8017;

/// `TPMT_PUBLIC` of a P-256 key that only signs. It names no scheme: the scheme is chosen when it signs, and some verifiers
/// (python-fido2) read no public area that names one.
fn public_area(x: &[u8; 32], y: &[u8; 32]) -> Vec<u8> {
    let policy = [0x5a; 32];
    [
        ALG_ECC.to_be_bytes().as_slice(),
        &ALG_SHA256.to_be_bytes(),
        &ATTRIBUTES.to_be_bytes(),
        &sized(&policy),
        &ALG_NULL.to_be_bytes(),
        &ALG_NULL.to_be_bytes(),
        &CURVE_P256.to_be_bytes(),
        &ALG_NULL.to_be_bytes(),
        &sized(x),
        &sized(y),
    ]
    .concat()
}

/// `TPMS_ATTEST` over a public area, answering `attested`.
fn cert_info(public_area: &[u8], attested: &[u8]) -> Vec<u8> {
    let name = [
        ALG_SHA256.to_be_bytes().as_slice(),
        digest(&SHA256, public_area).as_ref(),
    ]
    .concat();
    let (clock, firmware) = ([0; 17], [0; 8]);
    [
        MAGIC.to_be_bytes().as_slice(),
        &ATTEST_CERTIFY.to_be_bytes(),
        &sized(&[0; 34]),
        &sized(digest(&SHA256, attested).as_ref()),
        &clock,
        &firmware,
        &sized(&name),
        &sized(&name),
    ]
    .concat()
}

/// `TPM2_Certify` with an attestation identity key that `certify` signs with.
pub fn certified(
    key: &PublicKey,
    attested: &[u8],
    certify: impl FnOnce(&[u8]) -> Option<authenticator::CertifiedSignature>,
) -> Option<TpmEvidence> {
    let PublicKey::Es256 { x, y } = key else {
        return None;
    };
    let pub_area = public_area(x, y);
    let cert_info = cert_info(&pub_area, attested);
    let certified = certify(&cert_info)?;
    Some(TpmEvidence {
        algorithm: certified.algorithm,
        x5c: certified.x5c,
        signature: certified.signature,
        cert_info,
        pub_area,
    })
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len() as u16;
    [length.to_be_bytes().as_slice(), bytes].concat()
}
