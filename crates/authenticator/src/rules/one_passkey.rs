//! R9: one passkey per account, whatever CTAP would allow.

use crate::env::{Credential, CredentialId};

/// The credentials that a new one takes the place of. Their keys are destroyed only after the new one is stored.
#[must_use]
pub fn replaced(
    new: &Credential,
    existing: &[Credential],
    one_per_account: bool,
) -> Vec<CredentialId> {
    if !one_per_account {
        return Vec::new();
    }
    existing
        .iter()
        .filter(|old| old.rp_id == new.rp_id && old.user.id == new.user.id && old.id != new.id)
        .map(|old| old.id.clone())
        .collect()
}
