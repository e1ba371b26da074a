//! `apple` (L3 section 8.8).

use super::chain::Certificate;
use super::statement::{self, Statement};
use super::{AttestationType, Attested, Verdict, der};
use crate::Refusal;
use crate::identifiers::sha256;
use x509_parser::der_parser::asn1_rs::{Oid, oid};

/// The extension that carries the nonce.
const APPLE_NONCE: Oid<'static> = oid!(1.2.840.113635.100.8.2);

/// The statement has no signature: the certificate is made for this one passkey and carries the hash itself.
pub(super) fn verify(
    statement: Statement<'_>,
    attested: &Attested<'_>,
) -> Result<Verdict, Refusal> {
    let x5c = statement.x5c()?;
    let leaf = statement::leaf(&x5c)?;
    if nonce(&leaf) != Some(&sha256(&attested.signed())) {
        return Err(Refusal::AppleNonceMismatch);
    }
    statement::verify_same_key(&leaf, attested)?;
    Ok(Verdict {
        kind: AttestationType::AnonymizationCa,
        x5c,
    })
}

/// `SEQUENCE { [1] EXPLICIT OCTET STRING }`. Some test authorities write a SEQUENCE in place of the tag; what counts is the nonce.
fn nonce<'a>(leaf: &Certificate<'a>) -> Option<&'a [u8]> {
    let extension = leaf.extension(&APPLE_NONCE)?;
    let sequence = der::read_all(extension.value, der::SEQUENCE)?;
    let inner = der::read_all(sequence, der::context(1))
        .or_else(|| der::read_all(sequence, der::SEQUENCE))?;
    der::read_all(inner, der::OCTET_STRING)
}
