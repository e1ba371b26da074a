//! `packed` (L3 section 8.2).

use super::chain::Certificate;
use super::statement::{self, Statement};
use super::{AttestationType, Attested, Verdict};
use crate::{Algorithm, Refusal};

pub(super) fn verify(
    statement: Statement<'_>,
    attested: &Attested<'_>,
) -> Result<Verdict, Refusal> {
    if statement.has("ecdaaKeyId") {
        return Err(Refusal::AttstmtEcdaa);
    }
    statement.require(&[statement::ALG, statement::SIG])?;
    if statement.has("x5c") {
        return verify_certified(statement, attested);
    }
    verify_self(statement, attested)
}

/// With `x5c`: signed with the key of the leaf, under the algorithm that the statement names and that the key has.
fn verify_certified(statement: Statement<'_>, attested: &Attested<'_>) -> Result<Verdict, Refusal> {
    let algorithm = statement.algorithm(attested)?;
    let signature = statement.sig()?;
    let x5c = statement.x5c()?;
    let leaf = statement::leaf(&x5c)?;
    statement::verify_signature(&leaf, algorithm, attested, &attested.signed(), signature)?;
    verify_certificate(&leaf, attested)?;
    Ok(Verdict {
        kind: AttestationType::Certified,
        x5c,
    })
}

/// Section 8.2.1.
fn verify_certificate(leaf: &Certificate<'_>, attested: &Attested<'_>) -> Result<(), Refusal> {
    statement::verify_version(leaf)?;
    verify_subject(leaf)?;
    statement::verify_not_authority(leaf)?;
    statement::verify_aaguid(leaf, attested.credential.aaguid)
}

/// Country of two letters, organization, the fixed organizational unit, a common name.
fn verify_subject(leaf: &Certificate<'_>) -> Result<(), Refusal> {
    let country = leaf.country().is_some_and(|country| {
        country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    let organization = leaf.organization().is_some_and(|name| !name.is_empty());
    let unit = leaf.organizational_unit() == Some("Authenticator Attestation");
    let common_name = leaf.common_name().is_some_and(|name| !name.is_empty());
    if !(country && organization && unit && common_name) {
        return Err(Refusal::PackedCertSubject);
    }
    Ok(())
}

/// Without `x5c`: signed with the credential key, under its own algorithm.
fn verify_self(statement: Statement<'_>, attested: &Attested<'_>) -> Result<Verdict, Refusal> {
    let key = &attested.key.stored;
    let alg = statement.alg()?;
    let signature = statement.sig()?;
    if alg != key.algorithm().cose_id() {
        return Err(Refusal::AttstmtAlgMismatch);
    }
    if key.algorithm() == Algorithm::Rs1 && !attested.policy.accept_legacy {
        return Err(Refusal::InsecureKeyOrAlg);
    }
    if !key.verify(&attested.signed(), signature) {
        return Err(Refusal::BadAttestationSignature);
    }
    Ok(Verdict {
        kind: AttestationType::SelfAttestation,
        x5c: Vec::new(),
    })
}
