//! `fido-u2f` (L3 section 8.6).

use super::chain::KeyKind;
use super::statement::{self, Statement};
use super::{AttestationType, Attested, Verdict};
use crate::cose::{CoseKey, Curve, KeyMaterial};
use crate::{Algorithm, Refusal};

/// The coordinates must be exactly 32 bytes long, since the signed data has no lengths in it: shorter ones would move the border
/// between x and y.
pub(super) fn check_coordinates(key: &CoseKey<'_>) -> Result<(), Refusal> {
    match (key.coordinate_length(-2), key.coordinate_length(-3)) {
        (Some(32), Some(32)) => Ok(()),
        _ => Err(Refusal::U2fCoordinateLength),
    }
}

pub(super) fn verify(
    statement: Statement<'_>,
    attested: &Attested<'_>,
) -> Result<Verdict, Refusal> {
    statement.require(&[statement::X5C, statement::SIG])?;
    if statement.x5c_len().is_some_and(|length| length != 1) {
        return Err(Refusal::U2fX5cNotSingle);
    }
    let x5c = statement.x5c()?;
    let signature = statement.sig()?;
    let leaf = statement::leaf(&x5c)?;
    if leaf.key_kind().ok() != Some(KeyKind::P256) {
        return Err(Refusal::U2fCertKeyNotP256);
    }
    if attested.policy.u2f_aaguid_must_be_zero && !attested.credential.aaguid.is_zero() {
        return Err(Refusal::U2fAaguidNotZero);
    }
    statement::verify_signature(
        &leaf,
        Algorithm::Es256,
        attested,
        &signed(attested)?,
        signature,
    )?;
    Ok(Verdict {
        kind: AttestationType::Certified,
        x5c,
    })
}

/// What a U2F authenticator signs: `00 ‖ rpIdHash ‖ clientDataHash ‖ credentialId ‖ 04 ‖ x ‖ y`.
fn signed(attested: &Attested<'_>) -> Result<Vec<u8>, Refusal> {
    let KeyMaterial::Ec {
        curve: Curve::P256,
        x,
        y,
    } = &attested.key.material
    else {
        return Err(Refusal::AttestationKeyMismatch);
    };
    Ok([
        &[0x00],
        attested.data.rp_id_hash.as_slice(),
        attested.client_data_hash,
        attested.credential.credential_id,
        &[0x04],
        x.as_slice(),
        y.as_slice(),
    ]
    .concat())
}
