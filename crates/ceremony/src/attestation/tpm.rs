//! `tpm` (L3 section 8.3; TPM 2.0 Library part 2).

mod certificate;
mod structures;

use super::statement::{self, Statement};
use super::{AttestationType, Attested, Verdict};
use crate::cose::KeyMaterial;
use crate::{Algorithm, Refusal};
use aws_lc_rs::digest;
use structures::{CertInfo, PublicArea, PublicKey};

pub(super) fn verify(
    statement: Statement<'_>,
    attested: &Attested<'_>,
) -> Result<Verdict, Refusal> {
    if statement.has("ecdaaKeyId") {
        return Err(Refusal::AttstmtEcdaa);
    }
    verify_complete(statement)?;
    let algorithm = statement.algorithm(attested)?;
    let signature = statement.sig()?;
    let x5c = statement.x5c()?;
    let cert_info = statement.bytes(statement::CERT_INFO)?;
    let public_area = statement.bytes(statement::PUB_AREA)?;

    let public = PublicArea::read(public_area).ok_or(Refusal::TpmPubareaParams)?;
    verify_key(&public, &attested.key.material)?;
    let leaf = statement::leaf(&x5c)?;
    verify_cert_info(cert_info, public_area, &public, algorithm, attested)?;
    statement::verify_signature(&leaf, algorithm, attested, cert_info, signature)?;
    certificate::verify(&leaf, attested)?;
    Ok(Verdict {
        kind: AttestationType::Certified,
        x5c,
    })
}

/// All members are there and the version is 2.0. Windows once left `ver` out of otherwise complete statements; the structures of
/// TPM 2.0 cannot be mistaken for older ones, so nothing is lost by reading such a statement as what it is.
fn verify_complete(statement: Statement<'_>) -> Result<(), Refusal> {
    use statement::{ALG, CERT_INFO, PUB_AREA, SIG, VER, X5C};
    let rest = statement.require(&[ALG, X5C, SIG, CERT_INFO, PUB_AREA]);
    match statement.has("ver") {
        true if statement.text(VER)? != "2.0" => Err(Refusal::TpmVersion),
        false if rest.is_err() => Err(Refusal::AttstmtMissingVer),
        _ => rest,
    }
}

/// The public area is the credential key. Numbers are compared as numbers: the TPM may leave out or add leading zeros, and writes the
/// usual exponent as zero.
fn verify_key(public: &PublicArea<'_>, key: &KeyMaterial) -> Result<(), Refusal> {
    let same = match (&public.key, key) {
        (PublicKey::Rsa { modulus, exponent }, KeyMaterial::Rsa { n, e }) => {
            modulus == n && exponent.as_slice() == e.as_slice()
        }
        (
            PublicKey::Ecc { curve, x, y },
            KeyMaterial::Ec {
                curve: expected,
                x: key_x,
                y: key_y,
            },
        ) => curve == expected && is_same_number(x, key_x) && is_same_number(y, key_y),
        _ => false,
    };
    if same {
        Ok(())
    } else {
        Err(Refusal::TpmPubareaKeyMismatch)
    }
}

fn is_same_number(a: &[u8], b: &[u8]) -> bool {
    crate::cose::without_leading_zeros(a) == crate::cose::without_leading_zeros(b)
}

/// `certInfo` was made by a TPM, certifies this public area, and answers this ceremony.
fn verify_cert_info(
    cert_info: &[u8],
    public_area: &[u8],
    public: &PublicArea<'_>,
    algorithm: Algorithm,
    attested: &Attested<'_>,
) -> Result<(), Refusal> {
    let info = CertInfo::read(cert_info)?;
    let hash = statement_hash(algorithm).ok_or(Refusal::AttstmtUnsupportedAlg)?;
    if info.extra_data != digest::digest(hash, &attested.signed()).as_ref() {
        return Err(Refusal::TpmExtradataMismatch);
    }
    // The name's hash is the one that the public area names, which need not be the one of the signature.
    let name_hash = structures::hash(public.name_algorithm).ok_or(Refusal::TpmPubareaParams)?;
    let name = [
        &public.name_algorithm.to_be_bytes(),
        digest::digest(name_hash, public_area).as_ref(),
    ]
    .concat();
    if info.name != name {
        return Err(Refusal::TpmCertinfoName);
    }
    Ok(())
}

/// The hash that belongs to the statement's algorithm; SHA-1 for RS1.
fn statement_hash(algorithm: Algorithm) -> Option<&'static digest::Algorithm> {
    match algorithm {
        Algorithm::Rs1 => Some(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 | Algorithm::Esp256 => {
            Some(&digest::SHA256)
        }
        Algorithm::Rs384 | Algorithm::Ps384 | Algorithm::Es384 | Algorithm::Esp384 => {
            Some(&digest::SHA384)
        }
        Algorithm::Rs512 | Algorithm::Ps512 | Algorithm::Es512 | Algorithm::Esp512 => {
            Some(&digest::SHA512)
        }
        Algorithm::Es256k
        | Algorithm::Ed448
        | Algorithm::EdDsa
        | Algorithm::Ed25519
        | Algorithm::MlDsa44
        | Algorithm::MlDsa65
        | Algorithm::MlDsa87 => None,
    }
}

#[cfg(test)]
mod tests {
    use super::verify_key;
    use crate::Refusal;
    use crate::attestation::tpm::structures::{PublicArea, PublicKey};
    use crate::cose::{Curve, KeyMaterial};

    const MODULUS: [u8; 256] = [0xc1; 256];

    fn rsa_area(bits: u16, exponent: u32) -> Vec<u8> {
        let head = [
            [0, 1],
            [0, 0x0b],
            [0, 0],
            [0, 0],
            [0, 0],
            [0, 0x10],
            [0, 0x10],
        ]
        .concat();
        [
            head,
            bits.to_be_bytes().to_vec(),
            exponent.to_be_bytes().to_vec(),
            vec![1, 0],
            MODULUS.to_vec(),
        ]
        .concat()
    }

    fn rsa_key(e: &[u8]) -> KeyMaterial {
        KeyMaterial::Rsa {
            n: MODULUS.to_vec(),
            e: e.to_vec(),
        }
    }

    fn judge(area: &[u8], key: &KeyMaterial) -> Option<Result<(), Refusal>> {
        PublicArea::read(area).map(|public| verify_key(&public, key))
    }

    #[test]
    fn exponents_are_compared_and_zero_is_the_usual_one() {
        assert_eq!(
            judge(&rsa_area(2048, 0), &rsa_key(&[1, 0, 1])),
            Some(Ok(()))
        );
        assert_eq!(
            judge(&rsa_area(2048, 65_537), &rsa_key(&[1, 0, 1])),
            Some(Ok(()))
        );
        let mismatch = Some(Err(Refusal::TpmPubareaKeyMismatch));
        assert_eq!(judge(&rsa_area(2048, 0), &rsa_key(&[3])), mismatch);
        assert_eq!(judge(&rsa_area(2048, 3), &rsa_key(&[1, 0, 1])), mismatch);
    }

    #[test]
    fn the_modulus_is_as_long_as_it_says() {
        assert_eq!(judge(&rsa_area(1024, 0), &rsa_key(&[1, 0, 1])), None);
    }

    #[test]
    fn keys_of_different_kinds_are_never_the_same() {
        let ecc = PublicArea {
            name_algorithm: 0x0b,
            key: PublicKey::Ecc {
                curve: Curve::P256,
                x: &[1],
                y: &[2],
            },
        };
        assert_eq!(
            verify_key(&ecc, &rsa_key(&[3])),
            Err(Refusal::TpmPubareaKeyMismatch)
        );
        let other_curve = KeyMaterial::Ec {
            curve: Curve::P384,
            x: vec![1],
            y: vec![2],
        };
        assert_eq!(
            verify_key(&ecc, &other_curve),
            Err(Refusal::TpmPubareaKeyMismatch)
        );
    }
}
